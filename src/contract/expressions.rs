//! The paths through expressions.

use tree_sitter::Node;

use crate::syntax::node::{
    ancestors, has_optional_chain, has_token, is_function, named_children, unparenthesized, walk_own_code,
};

use super::{Timing, handles::Handles, interpreter::Interpreter, paths::Paths, values};

impl<'a> Interpreter<'_, 'a> {
    /// Evaluates an expression. A name for the callback that comes up as a value, where nothing here knows what
    /// becomes of it, is lost.
    pub(super) fn evaluate(&mut self, node: Node<'a>, paths: Paths) -> Paths {
        if paths.is_empty() || self.is_spent(node) {
            return Paths::default();
        }
        if !self.handles.are_in(node) {
            return self.unrelated(node, paths);
        }
        let paths = self.deeper(|s| s.evaluate_within(node, paths));
        self.bound(paths)
    }

    fn evaluate_within(&mut self, node: Node<'a>, paths: Paths) -> Paths {
        match node.kind() {
            "identifier" if self.cx.text(node) == "arguments" => {
                // Asked for its length or an item, or copied. Where it is handed on as a whole, see `call`.
                if self.is_handed_on_whole(node) {
                    self.lose(node, &paths);
                }
                paths
            }
            "identifier" if self.argument_list(node).is_some() => self.list_value(node, paths),
            "identifier" | "shorthand_property_identifier" => {
                self.lose(node, &paths);
                paths
            }
            "call_expression" => {
                let passed = if self.may_be_skipped(node) { paths.clone() } else { Paths::default() };
                let called = self.call(node, paths);
                self.forget_behind_call(node, called).and(passed)
            }
            "new_expression" => {
                let made = self.construction(node, paths);
                self.forget_properties(made)
            }
            "binary_expression" => self.binary(node, paths),
            "ternary_expression" => {
                let child = |field| node.child_by_field_name(field);
                let Some(condition) = child("condition") else { return self.lost_in(node, paths) };
                let (yes, no) = self.condition(condition, paths);
                let yes = child("consequence").map_or(Paths::default(), |c| self.evaluate(c, yes));
                let no = child("alternative").map_or(Paths::default(), |c| self.evaluate(c, no));
                yes.and(no)
            }
            "unary_expression" => match node.child_by_field_name("argument") {
                // `typeof callback`, `!callback`: a question, from which nothing follows.
                Some(argument) if self.is_name(argument) => paths,
                _ => self.children(node, paths),
            },
            "assignment_expression" | "augmented_assignment_expression" | "variable_declarator" => {
                let assigned = self.assignment(node, paths);
                self.forget_properties(assigned)
            }
            "member_expression" | "subscript_expression" => {
                let object = node.child_by_field_name("object");
                match object {
                    // `callback.length`, `callback.promise`.
                    Some(object) if self.is_name(object) => paths,
                    _ => self.children(node, paths),
                }
            }
            "await_expression" | "yield_expression" => {
                let paths = self.children(node, paths);
                self.throw(&paths);
                self.waits();
                self.forget_properties(paths)
            }
            "class_declaration" | "class" => self.lost_in(node, paths),
            _ if is_function(node) => self.lost_in(node, paths),
            _ => self.children(node, paths),
        }
    }

    /// `store?.load(callback)`: where there is no store, nothing is called.
    fn may_be_skipped(&self, call: Node<'a>) -> bool {
        let callee = call.child_by_field_name("function");
        let is_optional = has_optional_chain(call) || callee.is_some_and(has_optional_chain);
        is_optional && !self.calls_a_callable(call)
    }

    /// Whether `arguments` is an argument of a call that does more than to copy it.
    fn is_handed_on_whole(&self, arguments: Node<'a>) -> bool {
        let call = arguments.parent().filter(|p| p.kind() == "arguments").and_then(|p| p.parent());
        let Some(callee) = call.and_then(|c| c.child_by_field_name("function")) else { return false };
        let is_delegation = self.handles.delegations.values().any(|d| Some(*d) == call);
        let text = self.cx.text(callee);
        let copies = text.ends_with("slice.call") || text.ends_with("slice.apply") || text.ends_with("Array.from");
        let logs = text.starts_with("console.") || text.starts_with("debug") || text.contains("log");
        !is_delegation && !copies && !logs
    }

    /// Evaluates what is in a node, in order.
    pub(super) fn children(&mut self, node: Node<'a>, mut paths: Paths) -> Paths {
        for child in named_children(node) {
            paths = self.evaluate(child, paths);
        }
        paths
    }

    /// An expression that has nothing to do with the callback: it may throw, and it may set flags.
    fn unrelated(&mut self, node: Node<'a>, paths: Paths) -> Paths {
        let (mut may_throw, mut awaits) = (false, false);
        let mut sets = Vec::new();
        walk_own_code(node, |n| {
            may_throw |= matches!(n.kind(), "call_expression" | "new_expression" | "await_expression");
            awaits |= n.kind() == "await_expression";
            if matches!(n.kind(), "assignment_expression" | "variable_declarator") {
                sets.push(n);
            }
            !is_function(n)
        });
        if may_throw {
            self.calls_seen += 1;
            self.throw(&paths);
        }
        if awaits {
            self.waits();
        }
        let mut paths = self.forget_behind(node, paths);
        for set in sets {
            let after = self.note_value(set, paths.clone());
            paths = if may_be_passed_over(set, node) { after.and(paths) } else { after };
        }
        paths
    }

    /// What follows an `await` runs later. Other paths may come past it, so it can't be told of what comes after.
    fn waits(&mut self) {
        if self.now == Timing::Sync {
            self.now = Timing::Unknown;
        }
    }

    /// Whether an expression is nothing but a name for the callback, or for a function around it.
    pub(super) fn is_name(&self, node: Node<'a>) -> bool {
        let node = unparenthesized(node);
        self.handles.is_callback(self.cx, node) || self.handles.function_of(self.cx, node).is_some()
    }

    fn binary(&mut self, node: Node<'a>, paths: Paths) -> Paths {
        let child = |field| node.child_by_field_name(field);
        let (Some(left), Some(right), Some(operator)) = (child("left"), child("right"), child("operator")) else {
            return self.lost_in(node, paths);
        };
        match operator.kind() {
            "&&" => {
                let (yes, no) = self.condition(left, paths);
                self.evaluate(right, yes).and(no)
            }
            "||" | "??" => {
                let (yes, no) = self.condition(left, paths);
                yes.and(self.evaluate(right, no))
            }
            _ => {
                let mut paths = paths;
                for side in [left, right] {
                    if !self.is_name(side) {
                        paths = self.evaluate(side, paths);
                    }
                }
                paths
            }
        }
    }

    fn assignment(&mut self, node: Node<'a>, paths: Paths) -> Paths {
        let child = |field| node.child_by_field_name(field);
        let target = child("left").or_else(|| child("name"));
        let value = child("right").or_else(|| child("value"));
        let (Some(target), Some(value)) = (target, value) else { return paths };
        let start = target.start_byte();
        let binding = self.cx.names.declared_at(start).or_else(|| Handles::binding_of(self.cx, target));
        let is_callback = binding.is_some_and(|b| self.handles.callbacks.contains(&b));
        if is_callback {
            return self.replace_callback(node, value, paths);
        }
        let is_function = binding.is_some_and(|b| self.handles.functions.contains_key(&b));
        if is_function && values::callable(self.cx, self.handles, value).is_some() {
            return paths;
        }
        let mut paths = paths;
        if target.kind() != "identifier" {
            paths = self.target(target, paths);
        }
        let paths = self.evaluate(value, paths);
        self.note_value(node, paths)
    }

    /// The object and key of a property that is written to.
    fn target(&mut self, target: Node<'a>, paths: Paths) -> Paths {
        let is_property = matches!(target.kind(), "member_expression" | "subscript_expression");
        if is_property { self.children_but_names(target, paths) } else { self.evaluate(target, paths) }
    }

    fn children_but_names(&mut self, node: Node<'a>, mut paths: Paths) -> Paths {
        for child in named_children(node) {
            if !self.is_name(child) {
                paths = self.evaluate(child, paths);
            }
        }
        paths
    }

    /// A variable for the callback is given another value.
    fn replace_callback(&mut self, node: Node<'a>, value: Node<'a>, paths: Paths) -> Paths {
        let plain = unparenthesized(value);
        if node.kind() == "augmented_assignment_expression" {
            // `callback ||= noop`: it is given.
            return paths;
        }
        let is_choice = plain.kind() == "ternary_expression";
        if is_choice && !values::asks_for_a_callback(self.cx, self.handles, plain) {
            self.lose(node, &paths);
            return paths;
        }
        if values::keeps_a_callback(self.cx, self.handles, value) {
            return paths;
        }
        let is_nothing = matches!(plain.kind(), "null" | "undefined" | "false") || is_function(plain);
        let is_noop = is_nothing || self.cx.text(plain).to_ascii_lowercase().contains("noop");
        if is_noop {
            return self.note_value(node, paths);
        }
        self.lose(node, &paths);
        paths
    }
}

/// Whether a part of an expression is evaluated on some condition only: `a && (b = c)`.
fn may_be_passed_over(part: Node<'_>, expression: Node<'_>) -> bool {
    let mut child = part;
    for parent in ancestors(part) {
        if child == expression {
            break;
        }
        let is_condition = parent.child_by_field_name("condition") == Some(child);
        let is_short = has_token(parent, "&&") || has_token(parent, "||") || has_token(parent, "??");
        let is_left = parent.child_by_field_name("left") == Some(child);
        if parent.kind() == "ternary_expression" && !is_condition || is_short && !is_left {
            return true;
        }
        child = parent;
    }
    false
}
