//! The paths on which a condition holds, and on which it does not. The callback is taken to be given, so that
//! `if (callback)` always holds.

use std::collections::HashMap;

use tree_sitter::Node;

use crate::{
    context::Context,
    flow::{classify::declaration_node, wrapper::called_name},
    semantic::BindingId,
    syntax::node::{
        ancestors, call_parts, enclosing_function, is_function, member_parts, named_children, unparenthesized, walk,
    },
};

use super::{
    CallbackUse, Times, Timing,
    handles::{Handles, is_captured},
    interpreter::Interpreter,
    paths::Paths,
    properties::is_returned,
    values::{Callable, is_equality, type_test},
};

impl<'a> Interpreter<'_, 'a> {
    /// Evaluates a condition: the paths on which it holds, and those on which it does not.
    pub(super) fn condition(&mut self, node: Node<'a>, paths: Paths) -> (Paths, Paths) {
        if paths.is_empty() || self.is_spent(node) {
            return (Paths::default(), Paths::default());
        }
        self.deeper(|s| s.condition_within(unparenthesized(node), paths))
    }

    fn condition_within(&mut self, node: Node<'a>, paths: Paths) -> (Paths, Paths) {
        let child = |field| node.child_by_field_name(field);
        let operator = child("operator").map_or("", |o| o.kind());
        match (node.kind(), operator) {
            ("true", _) => (paths, Paths::default()),
            ("false" | "null" | "undefined", _) => (Paths::default(), paths),
            ("identifier", _) => self.truth(node, paths),
            ("unary_expression", "!") => {
                let Some(argument) = child("argument") else { return (paths.clone(), paths) };
                let (yes, no) = self.condition(argument, paths);
                (no, yes)
            }
            ("binary_expression", "&&" | "||" | "??") => {
                let (Some(left), Some(right)) = (child("left"), child("right")) else { return (paths.clone(), paths) };
                let (yes, no) = self.condition(left, paths);
                if operator == "&&" {
                    let (both, second) = self.condition(right, yes);
                    (both, no.and(second))
                } else {
                    let (second, neither) = self.condition(right, no);
                    (yes.and(second), neither)
                }
            }
            ("binary_expression", "===" | "==" | "!==" | "!=" | "instanceof") => self.comparison(node, operator, paths),
            ("call_expression", _) if self.asks_for_a_function(node) => (paths, Paths::default()),
            ("call_expression", _) if self.handles.are_in(node) => self.guard(node, paths),
            ("member_expression", _) if !self.handles.are_in(node) => {
                self.property(node, &paths).unwrap_or_else(|| self.unknown_condition(node, paths))
            }
            _ => self.unknown_condition(node, paths),
        }
    }

    /// A condition of which nothing is known.
    fn unknown_condition(&mut self, node: Node<'a>, paths: Paths) -> (Paths, Paths) {
        let mut paths = self.evaluate(node, paths);
        if self.asks_for_a_count(node) {
            self.counter.get_or_insert(node.byte_range());
            paths = paths.map(|path, _| path.counted = true);
        }
        (paths.clone(), paths)
    }

    /// A call that is handed the callback, and whose value is asked for. Where it calls back may be where it says so.
    fn guard(&mut self, node: Node<'a>, paths: Paths) -> (Paths, Paths) {
        let arguments = node.child_by_field_name("arguments").map(named_children).unwrap_or_default();
        let given = arguments.iter().position(|a| self.callable(*a) == Some(Callable::Callback));
        let Some(index) = given else { return self.unknown_condition(node, paths) };
        if self.calls_a_callable(node) {
            return self.unknown_condition(node, paths);
        }
        match self.oracle.of_call(self.cx, node, index) {
            Some(CallbackUse { times: Times::When(truth), timing, .. }) => {
                self.throw(&paths);
                let called = self.hit(node, timing, paths.clone());
                if truth { (called, paths) } else { (paths, called) }
            }
            Some(known) if known.times != Times::Once => self.unknown_condition(node, paths),
            _ => {
                self.lose(node, &paths);
                (paths.clone(), paths)
            }
        }
    }

    /// A variable's truth.
    fn truth(&mut self, name: Node<'a>, paths: Paths) -> (Paths, Paths) {
        let Some(binding) = Handles::binding_of(self.cx, name) else { return self.unknown_condition(name, paths) };
        if let Some(call) = self.handles.delegations.get(&binding).copied() {
            let called = self.hit(call, Timing::Unknown, paths.clone());
            self.presumed.insert((call.start_byte(), call.end_byte()));
            return (called, paths);
        }
        if self.is_name(name) {
            return paths.split(|path| Some(path.facts.get(&binding).copied().unwrap_or(true)));
        }
        if !self.handles.tracked.contains(&binding) {
            return self.unknown_condition(name, paths);
        }
        let (yes, no) = paths.split(|path| path.facts.get(&binding).copied());
        (set(yes, binding, true), set(no, binding, false))
    }

    /// `typeof callback === 'function'`, `callback === undefined`, `error == null`, `error instanceof Error`.
    fn comparison(&mut self, node: Node<'a>, operator: &str, paths: Paths) -> (Paths, Paths) {
        let sides = [node.child_by_field_name("left"), node.child_by_field_name("right")];
        let [Some(left), Some(right)] = sides.map(|s| s.map(unparenthesized)) else { return (paths.clone(), paths) };
        let is_equal = is_equality(node);
        if let Some((name, kind)) = type_test(self.cx, node).filter(|(name, _)| self.is_name(*name)) {
            let (yes, no) = self.truth(name, paths);
            return if (kind == "function") == (is_equal == Some(true)) { (yes, no) } else { (no, yes) };
        }
        let is_empty = |n: Node<'_>| matches!(n.kind(), "null" | "undefined");
        let is_count = |n: Node<'_>| self.cx.text(n) == "arguments.length";
        if is_equal.is_some()
            && [left, right].iter().any(|n| is_count(*n))
            && [left, right].iter().any(|n| self.cx.text(*n) == "0")
        {
            // There is at least the callback.
            return if is_equal == Some(true) { (Paths::default(), paths) } else { (paths, Paths::default()) };
        }
        let name = [left, right].into_iter().find(|n| n.kind() == "identifier");
        let Some(name) = name else { return self.unknown_condition(node, paths) };
        if is_equal.is_some() && (is_empty(left) || is_empty(right)) {
            let (truthy, falsy) = self.truth(name, paths.clone());
            // What is neither `null` nor `undefined` may still be falsy, unless it is the callback.
            let rest = if self.is_name(name) { truthy } else { paths };
            return if is_equal == Some(true) { (falsy, rest) } else { (rest, falsy) };
        }
        if operator == "instanceof" {
            let (truthy, _) = self.truth(left, paths.clone());
            let rest = if self.is_name(left) { Paths::default() } else { paths };
            return (truthy, rest);
        }
        self.unknown_condition(node, paths)
    }

    /// `isFunction(callback)`.
    fn asks_for_a_function(&self, node: Node<'a>) -> bool {
        let Some((callee, arguments)) = call_parts(node) else { return false };
        let [argument] = arguments.as_slice() else { return false };
        called_name(self.cx, callee) == "isFunction" && self.is_name(*argument)
    }

    /// Whether a condition asks for something that callbacks count: a variable that one of them counts up or down, or
    /// the length of a list that they fill.
    fn asks_for_a_count(&self, node: Node<'a>) -> bool {
        let mut found = false;
        walk(node, |n| {
            if let Some(binding) = Handles::binding_of(self.cx, n) {
                found |= self.handles.counters.contains(&binding);
            }
            !found && !is_function(n)
        });
        found
    }

    /// A variable is given a value: what is known of it from now on.
    pub(super) fn note_value(&mut self, node: Node<'a>, paths: Paths) -> Paths {
        let child = |field| node.child_by_field_name(field);
        let Some(target) = child("left").or_else(|| child("name")) else { return paths };
        let value = child("right").or_else(|| child("value"));
        let start = target.start_byte();
        let binding = self.cx.names.declared_at(start).or_else(|| Handles::binding_of(self.cx, target));
        let is_known = |b: &BindingId| self.handles.tracked.contains(b) || self.handles.callbacks.contains(b);
        let Some(binding) = binding.filter(is_known) else { return paths };
        match value.map(unparenthesized).and_then(|v| self.literal_truth(v)) {
            Some(truth) => set(paths, binding, truth),
            None if value.is_none() && node.parent().is_some_and(|p| p.kind() != "for_in_statement") => {
                set(paths, binding, false)
            }
            None => paths.map(|path, _| {
                path.facts.remove(&binding);
            }),
        }
    }

    /// Whether a literal is truthy. A function that does nothing for the callback is as good as none.
    pub(super) fn literal_truth(&self, value: Node<'a>) -> Option<bool> {
        match value.kind() {
            "true" | "object" | "array" | "new_expression" => Some(true),
            "false" | "null" | "undefined" => Some(false),
            "number" => Some(self.cx.text(value) != "0"),
            "identifier" if self.cx.text(value).to_ascii_lowercase().contains("noop") => Some(false),
            _ if is_function(value) => Some(self.handles.are_in(value)),
            _ => None,
        }
    }
}

fn set(paths: Paths, binding: BindingId, truth: bool) -> Paths {
    paths.map(|path, _| {
        path.facts.insert(binding, truth);
    })
}

/// Finds the variables that conditions are followed by: those that are asked for more than once and never change,
/// flags that are only ever raised, and those of which callbacks count something.
pub(super) fn find_tracked<'a>(cx: &Context<'a>, handles: &mut Handles<'a>) {
    let mut asked: HashMap<BindingId, usize> = HashMap::new();
    for reference in cx.names.references_in(&handles.function.byte_range()) {
        let Some(binding) = reference.binding.filter(|_| !reference.in_type) else { continue };
        let node = cx.file.root().descendant_for_byte_range(reference.range.start, reference.range.end);
        let Some(node) = node else { continue };
        if reference.reads && (is_asked(node) || is_returned(node)) {
            *asked.entry(binding).or_default() += 1;
        }
        if is_counted(cx, node) && is_counter(cx, binding) {
            handles.counters.insert(binding);
        }
    }
    for (binding, times) in asked {
        let is_constant = times > 1 && !cx.names.is_reassigned(binding);
        if is_constant || is_followed(cx, handles, binding) {
            handles.tracked.insert(binding);
        }
    }
}

/// Whether an identifier stands in a condition.
pub(super) fn is_asked(node: Node<'_>) -> bool {
    let mut child = node;
    for parent in ancestors(node).take(12) {
        match parent.kind() {
            "parenthesized_expression" | "unary_expression" | "binary_expression" => child = parent,
            _ => {
                return parent.child_by_field_name("condition") == Some(child)
                    || child.kind() == "binary_expression" && parent.kind() == "expression_statement";
            }
        }
    }
    false
}

/// `n++`, `n += 1`, `list.push(…)`, `list.shift()`.
fn is_counted(cx: &Context<'_>, node: Node<'_>) -> bool {
    let Some(parent) = node.parent() else { return false };
    let is_changed = match parent.kind() {
        "update_expression" => true,
        "augmented_assignment_expression" => parent.child_by_field_name("left") == Some(node),
        _ => member_parts(parent).is_some_and(|(object, property)| {
            let changes = ["push", "pop", "shift", "unshift", "splice", "add", "delete"];
            object == node && changes.contains(&cx.text(property))
        }),
    };
    let is_changed =
        is_changed || parent.kind() == "assignment_expression" && parent.child_by_field_name("left") == Some(node);
    // A loop's own counter is counted where the loop runs, not by callbacks.
    is_changed && !ancestors(node).take(3).any(|a| a.kind() == "for_statement")
}

/// Whether a variable is counted in another function than the one that declares it.
fn is_counter(cx: &Context<'_>, binding: BindingId) -> bool {
    let references = &cx.names.binding(binding).references;
    references.iter().any(|r| {
        let range = &cx.names.reference(*r).range;
        let node = cx.file.root().descendant_for_byte_range(range.start, range.end);
        node.is_some_and(|n| is_counted(cx, n) && is_captured(cx, binding, n))
    })
}

/// Whether a variable of the function starts out with nothing in it and is changed by plain assignments only, in code
/// whose order is known: the function's own. Elsewhere it may only be set to `true`, once and for all: in which order
/// callbacks run can't be told.
fn is_followed(cx: &Context<'_>, handles: &Handles<'_>, id: BindingId) -> bool {
    let binding = cx.names.binding(id);
    let Some(declarator) = declaration_node(cx, id).and_then(|d| d.parent()) else { return false };
    let starts_false = declarator.kind() == "variable_declarator"
        && enclosing_function(declarator).is_some_and(|home| home == handles.function || handles.are_in(home))
        && handles.function.byte_range().contains(&declarator.start_byte())
        && declarator.child_by_field_name("value").is_none_or(|v| matches!(v.kind(), "false" | "null" | "undefined"));
    let mut writes = binding.references.iter().map(|r| cx.names.reference(*r)).filter(|r| r.writes).peekable();
    starts_false
        && writes.peek().is_some()
        && writes.all(|r| {
            let node = cx.file.root().descendant_for_byte_range(r.range.start, r.range.end);
            let assignment = node.and_then(|n| n.parent()).filter(|p| p.kind() == "assignment_expression");
            let value = assignment.and_then(|a| a.child_by_field_name("right"));
            let home = node.and_then(enclosing_function);
            value.is_some_and(|v| v.kind() == "true" || home == Some(handles.function))
                && home.is_some_and(|h| h == handles.function || handles.are_in(h))
        })
}
