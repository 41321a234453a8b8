//! The paths through statements and functions.

use tree_sitter::Node;

use crate::{
    flow::body::is_labelled_block,
    semantic::BindingId,
    syntax::node::{is_function, named_children},
};

use super::{
    interpreter::Interpreter,
    paths::{Flow, Jump, Paths},
};

/// How often a function may be in the midst of calling itself.
const MAX_ROUNDS: usize = 2;

impl<'a> Interpreter<'_, 'a> {
    /// Runs a function's body; gives the paths on which it returns.
    pub(super) fn run_function(&mut self, function: Node<'a>, paths: Paths) -> Paths {
        let Some(body) = function.child_by_field_name("body") else { return paths };
        let rounds = self.stack.iter().filter(|f| **f == function).count();
        if paths.is_empty() || rounds > MAX_ROUNDS || self.is_spent(function) {
            return Paths::default();
        }
        let own = self.cx.names.declared_in(&function.byte_range());
        let paths = forget(paths, &own);
        self.stack.push(function);
        let is_awaited = std::mem::take(&mut self.waiting);
        self.awaited.push(is_awaited);
        let ended = self.deeper(|s| s.body(function, body, paths));
        self.awaited.pop();
        self.stack.pop();
        self.bound(ended)
    }

    /// The code of a function's body, from its start to every way in which it returns.
    fn body(&mut self, function: Node<'a>, body: Node<'a>, paths: Paths) -> Paths {
        if is_labelled_block(function) {
            return self.lost_in(body, paths);
        }
        if body.kind() != "statement_block" {
            return self.returned_value(Some(body), paths);
        }
        let flow = self.block(body, paths);
        let end = body.end_byte();
        let end = end.saturating_sub(1)..end;
        let is_own = self.stack.as_slice() == [self.handles.function];
        let fallen = flow.next.map(|path, witness| {
            if is_own {
                path.returned = Some(false);
            }
            if path.count == 0 && path.pending.is_empty() {
                witness.end.get_or_insert(end.clone());
            }
        });
        flow.returned.and(fallen)
    }

    /// Gives up on a piece of code that is not understood, if the callback is in it.
    pub(super) fn lost_in(&mut self, node: Node<'a>, paths: Paths) -> Paths {
        if self.handles.are_in(node) {
            self.lose(node, &paths);
        }
        paths
    }

    pub(super) fn block(&mut self, block: Node<'a>, paths: Paths) -> Flow<'a> {
        self.list(&named_children(block), paths)
    }

    fn list(&mut self, statements: &[Node<'a>], paths: Paths) -> Flow<'a> {
        let mut flow = Flow::next(paths);
        for statement in statements {
            if flow.next.is_empty() {
                break;
            }
            let next = std::mem::take(&mut flow.next);
            let next = self.bound(next);
            flow.add(self.statement(*statement, next));
        }
        flow
    }

    pub(super) fn statement(&mut self, node: Node<'a>, paths: Paths) -> Flow<'a> {
        if self.is_spent(node) {
            return Flow::default();
        }
        self.deeper(|s| s.statement_within(node, paths))
    }

    fn statement_within(&mut self, node: Node<'a>, paths: Paths) -> Flow<'a> {
        let child = |field| node.child_by_field_name(field);
        match node.kind() {
            "statement_block" => self.block(node, paths),
            "else_clause" => self.list(&named_children(node), paths),
            "if_statement" => self.branch(node, paths),
            "for_statement" | "for_in_statement" | "while_statement" | "do_statement" => {
                self.loop_statement(node, None, paths)
            }
            "return_statement" => {
                let value = named_children(node).first().copied();
                let paths = self.returned_value(value, paths);
                let end = node.byte_range();
                let is_own = self.stack.as_slice() == [self.handles.function];
                let returned = paths.map(|path, witness| {
                    if is_own {
                        path.returned = value.map_or(Some(false), |v| self.truth_on(path, v));
                    }
                    if path.count == 0 && path.pending.is_empty() {
                        witness.end = Some(end.clone());
                    }
                });
                Flow { returned, ..Flow::default() }
            }
            "throw_statement" => {
                let paths = self.children(node, paths);
                self.throw(&paths);
                Flow::default()
            }
            "break_statement" | "continue_statement" => {
                let label = child("label").map(|l| self.cx.text(l));
                let jump = if node.kind() == "break_statement" { Jump::Break(label) } else { Jump::Continue(label) };
                Flow { jumps: vec![(jump, paths)], ..Flow::default() }
            }
            "try_statement" => self.attempt(node, paths),
            "switch_statement" => self.switch(node, paths),
            "labeled_statement" => self.labelled(node, paths),
            "variable_declaration" | "lexical_declaration" | "using_declaration" => {
                let mut paths = paths;
                for declarator in named_children(node) {
                    paths = self.evaluate(declarator, paths);
                }
                Flow::next(paths)
            }
            "expression_statement" => Flow::next(self.children(node, paths)),
            "empty_statement" | "comment" | "debugger_statement" => Flow::next(paths),
            _ if is_function(node) => {
                // A declaration whose calls can't be followed.
                if !self.handles.functions.values().any(|f| *f == node) {
                    self.lost_in(node, paths.clone());
                }
                Flow::next(paths)
            }
            _ => Flow::next(self.lost_in(node, paths)),
        }
    }

    fn branch(&mut self, node: Node<'a>, paths: Paths) -> Flow<'a> {
        let child = |field| node.child_by_field_name(field);
        let Some((condition, consequence)) = child("condition").zip(child("consequence")) else {
            return Flow::next(self.lost_in(node, paths));
        };
        let (yes, no) = self.condition(condition, paths);
        let mut flow = self.statement_if_any(consequence, yes);
        match child("alternative") {
            Some(alternative) => flow.add(self.statement_if_any(alternative, no)),
            None => flow.next.add(no),
        }
        flow
    }

    fn statement_if_any(&mut self, node: Node<'a>, paths: Paths) -> Flow<'a> {
        if paths.is_empty() { Flow::default() } else { self.statement(node, paths) }
    }

    /// `try`: what is thrown inside goes to the handler, all ways out pass through the finalizer.
    fn attempt(&mut self, node: Node<'a>, paths: Paths) -> Flow<'a> {
        let part = |field| node.child_by_field_name(field);
        let body = |clause: Node<'a>| clause.child_by_field_name("body");
        let Some(block) = part("body") else { return Flow::next(self.lost_in(node, paths)) };
        let entry = paths.clone();
        let uses_before = self.calls_seen;
        self.thrown.push(Paths::default());
        let mut flow = self.block(block, paths);
        let mut thrown = self.thrown.pop().unwrap_or_default();
        if thrown.is_empty() && self.calls_seen == uses_before {
            // Nothing in it is known to throw, but somebody thought it would.
            thrown = entry;
        }
        if let Some(handler) = part("handler").and_then(body) {
            let own = self.cx.names.declared_in(&handler.byte_range());
            self.thrown.push(Paths::default());
            let handled = self.block(handler, forget(std::mem::take(&mut thrown), &own));
            thrown = self.thrown.pop().unwrap_or_default();
            flow.add(handled);
        }
        match part("finalizer").and_then(body) {
            Some(finalizer) => self.finalize(finalizer, flow, thrown),
            None => {
                self.throw(&thrown);
                flow
            }
        }
    }

    fn finalize(&mut self, finalizer: Node<'a>, flow: Flow<'a>, thrown: Paths) -> Flow<'a> {
        let mut out = self.block(finalizer, flow.next);
        let mut after = |paths: Paths, out: &mut Flow<'a>| {
            let Flow { next, returned, jumps } = self.block(finalizer, paths);
            out.returned.add(returned);
            out.jumps.extend(jumps);
            next
        };
        let returned = after(flow.returned, &mut out);
        let thrown = after(thrown, &mut out);
        for (jump, paths) in flow.jumps {
            let paths = after(paths, &mut out);
            out.jumps.push((jump, paths));
        }
        out.returned.add(returned);
        self.throw(&thrown);
        out
    }

    fn switch(&mut self, node: Node<'a>, paths: Paths) -> Flow<'a> {
        let child = |field| node.child_by_field_name(field);
        let Some((value, body)) = child("value").zip(child("body")) else {
            return Flow::next(self.lost_in(node, paths));
        };
        let entry = self.evaluate(value, paths);
        let mut flow = Flow::default();
        let mut has_default = false;
        let mut fallen = Paths::default();
        for clause in named_children(body) {
            has_default |= clause.kind() == "switch_default";
            let mut cursor = clause.walk();
            let statements: Vec<_> =
                clause.children_by_field_name("body", &mut cursor).filter(|s| s.is_named()).collect();
            let mut through = self.list(&statements, std::mem::take(&mut fallen).and(entry.clone()));
            fallen = std::mem::take(&mut through.next);
            flow.add(through);
        }
        flow.next.add(fallen);
        if !has_default {
            flow.next.add(entry);
        }
        let left = flow.take(|jump| jump == Jump::Break(None));
        flow.next.add(left);
        flow
    }

    fn labelled(&mut self, node: Node<'a>, paths: Paths) -> Flow<'a> {
        let child = |field| node.child_by_field_name(field);
        let Some((label, body)) = child("label").zip(child("body")) else {
            return Flow::next(self.lost_in(node, paths));
        };
        let label = self.cx.text(label);
        let is_loop = matches!(body.kind(), "for_statement" | "for_in_statement" | "while_statement" | "do_statement");
        let mut flow =
            if is_loop { self.loop_statement(body, Some(label), paths) } else { self.statement(body, paths) };
        let left = flow.take(|jump| jump == Jump::Break(Some(label)));
        flow.next.add(left);
        flow
    }
}

/// Forgets what is known of variables that are about to be new ones.
pub(super) fn forget(paths: Paths, bindings: &[BindingId]) -> Paths {
    paths.map(|path, _| path.facts.retain(|known, _| !bindings.contains(known)))
}
