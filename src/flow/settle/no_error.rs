//! Whether code can tell the two ways apart in which a callback is told that there is no error: `null` and `undefined`.
//!
//! Node's own functions say `null`, others may leave it out, and a promise that is fulfilled says neither. So the
//! variable that stands for the error in an async function starts as `null`, and a callback in which it matters that it
//! may have been `undefined` has to stay as it is.

use tree_sitter::Node;

use super::{Settle, lower::Lowerer};
use crate::{
    flow::{
        callback::{
            is_called_with_both, leaves_with_first, may_hand_result_beside_error, names_error, site_of_callback,
            sites_of_callback,
        },
        chain::parameters,
        classify::declaration_node,
        promisify::is_error_name,
    },
    semantic::BindingId,
    syntax::node::{ancestors, call_parts, has_token, is_function, unparenthesized},
};

impl<'a> Lowerer<'a, '_> {
    /// Whether what a callback is told of success by may be something else than `null` or `undefined`: `0`, `''`, `false`. What
    /// is named like an error is one, or nothing.
    pub(super) fn may_be_other_than_nothing(&self, error: Node<'a>) -> bool {
        let mut pending = vec![error];
        while let Some(node) = pending.pop().map(unparenthesized) {
            let part = |field| node.child_by_field_name(field);
            let operator = part("operator").map_or("", |o| o.kind());
            let name = match (node.kind(), operator) {
                ("ternary_expression", _) => {
                    pending.extend(["consequence", "alternative"].into_iter().filter_map(part));
                    continue;
                }
                ("binary_expression", "||" | "??") | ("assignment_expression", _) => {
                    pending.extend(part("right"));
                    continue;
                }
                ("binary_expression", "&&") => {
                    pending.extend(["left", "right"].into_iter().filter_map(part));
                    continue;
                }
                ("call_expression", _) => part("function").map(|f| f.child_by_field_name("property").unwrap_or(f)),
                ("member_expression", _) => part("property"),
                ("identifier", _) => Some(node),
                _ => None,
            };
            let is_certain = self.truth(node) == Some(true) || self.is_no_result(node) || operator == "void";
            if !is_certain && !name.is_some_and(|n| self.is_of_an_error(n)) {
                return true;
            }
        }
        false
    }

    /// Whether a name is that of an error, or of the first parameter of a callback.
    fn is_of_an_error(&self, name: Node<'a>) -> bool {
        if is_error_name(self.cx.text(name)) || names_error(self.cx.text(name)) {
            return true;
        }
        let Some(binding) = self.cx.names.reference_at(name.start_byte()).and_then(|r| r.binding) else { return false };
        let Some(declared) = declaration_node(self.cx, binding) else { return false };
        let function = ancestors(declared).find(|a| is_function(*a));
        let first = function.and_then(|f| parameters(f).first().copied());
        first.is_some_and(|first| first.byte_range().contains(&declared.start_byte()))
            && function.is_some_and(|f| site_of_callback(self.cx, f).is_some() || leaves_with_first(self.cx, f))
    }

    /// The first use of an error in a callback that tells `null` from `undefined`.
    pub(super) fn told_apart(&self, error: BindingId, callback: Node<'a>) -> Option<Node<'a>> {
        let references = self.cx.names.binding(error).references.iter().map(|r| self.cx.names.reference(*r));
        let uses = references.filter(|r| !r.writes).map(|r| r.range.clone());
        let mut uses = uses.filter_map(|range| self.cx.file.root().descendant_for_byte_range(range.start, range.end));
        let is_reassigned = self.cx.names.is_reassigned(error);
        uses.find(|name| self.tells_apart(*name) && (is_reassigned || !self.is_where_it_failed(*name, error, callback)))
    }

    fn tells_apart(&self, name: Node<'a>) -> bool {
        let mut child = name;
        for parent in ancestors(name) {
            let is = |field| parent.child_by_field_name(field) == Some(child);
            match parent.kind() {
                "parenthesized_expression" => {}
                "unary_expression" => return !has_token(parent, "!"),
                "if_statement" | "while_statement" | "do_statement" | "for_statement" => return !is("condition"),
                "ternary_expression" if is("condition") => return false,
                "ternary_expression" => {}
                "binary_expression" => match parent.child_by_field_name("operator").map(|o| o.kind()) {
                    Some("||" | "??") if is("left") => return false,
                    Some("||" | "??" | "&&") => {}
                    Some("==" | "!=" | "instanceof") => return false,
                    Some("===" | "!==") => return self.is_compared_with_nothing(parent, child),
                    _ => return true,
                },
                "member_expression" | "subscript_expression" => return !is("object"),
                "arguments" => return !self.is_first_of_callback(parent, child),
                // `if (err) …;` as `err && …;`
                "expression_statement" => return false,
                _ => return true,
            }
            child = parent;
        }
        true
    }

    /// `err === null`; a comparison with anything else comes out the same for both.
    fn is_compared_with_nothing(&self, comparison: Node<'a>, side: Node<'a>) -> bool {
        let sides = ["left", "right"].map(|field| comparison.child_by_field_name(field));
        let other = sides.into_iter().flatten().find(|n| *n != side);
        !other.is_some_and(|n| matches!(n.kind(), "string" | "number" | "true" | "false"))
    }

    /// `callback(err)`, where both come to the same.
    fn is_first_of_callback(&self, arguments: Node<'a>, argument: Node<'a>) -> bool {
        let settled = arguments.parent().and_then(|call| self.settling_call(call));
        settled.is_some_and(|(settle, handed)| settle == Settle::Callback && handed.first() == Some(&argument))
    }

    /// Whether a use stands in the branch of an `if` that is taken for an error.
    fn is_where_it_failed(&self, name: Node<'a>, error: BindingId, callback: Node<'a>) -> bool {
        let mut child = name;
        for parent in ancestors(name).take_while(|p| *p != callback) {
            let part = |field| parent.child_by_field_name(field);
            let outcome = match parent.kind() {
                "if_statement" | "ternary_expression" if part("consequence") == Some(child) => Some(true),
                "if_statement" | "ternary_expression" if part("alternative") == Some(child) => Some(false),
                "binary_expression" if part("right") == Some(child) => match part("operator").map(|o| o.kind()) {
                    Some("&&") => Some(true),
                    Some("||") => Some(false),
                    _ => None,
                },
                _ => None,
            };
            let condition = part("condition").or_else(|| part("left"));
            if let (Some(outcome), Some(condition)) = (outcome, condition)
                && self.truths(condition, outcome).iter().any(|k| k.name == error && k.is_truthy)
            {
                return true;
            }
            child = parent;
        }
        false
    }

    /// Notes that a result which is handed over along with an error gets lost, unless there is none in that case.
    pub(super) fn assume_results_lost(&mut self, error: Node<'a>, results: &[Node<'a>]) {
        if self.loses_results(error, results) {
            self.assume("Nobody looks at a result that is handed over along with an error.");
        }
    }

    /// Whether there is something else than nothing among what is handed over along with an error.
    pub(super) fn loses_results(&self, error: Node<'a>, results: &[Node<'a>]) -> bool {
        !results.iter().all(|result| self.is_nothing_beside(error, *result))
    }

    /// Whether a value is `null` or `undefined` if a callee has handed over an error, and no result therefore.
    fn is_nothing_beside(&self, error: Node<'a>, value: Node<'a>) -> bool {
        let mut value = unparenthesized(value);
        // `result && result.rows`: what decides is on the left.
        while value.kind() == "binary_expression" && has_token(value, "&&") {
            let Some(left) = value.child_by_field_name("left") else { return false };
            value = unparenthesized(left);
        }
        let binding = |node: Node<'a>| {
            let name = unparenthesized(node);
            self.cx.names.reference_at(name.start_byte()).filter(|_| name.kind() == "identifier")?.binding
        };
        let is_result = |node| match (binding(error), binding(node)) {
            (Some(error), Some(result)) => {
                error != result && !self.cx.names.is_reassigned(result) && self.are_of_one_callback(error, result)
            }
            _ => false,
        };
        if value.kind() == "ternary_expression" {
            let part = |field| value.child_by_field_name(field);
            let (Some(condition), Some(yes), Some(no)) = (part("condition"), part("consequence"), part("alternative"))
            else {
                return false;
            };
            let fails =
                binding(error).is_some_and(|e| self.truths(condition, true).iter().any(|k| k.name == e && k.is_truthy));
            return self.is_no_result(if fails { yes } else { no }) && (fails || is_result(condition));
        }
        self.is_no_result(value) || is_result(value)
    }

    /// Whether two names are parameters of the same function, which is not known to be handed both at a time.
    fn are_of_one_callback(&self, error: BindingId, result: BindingId) -> bool {
        let parameters = |binding: BindingId| {
            let declared = self.cx.names.binding(binding).declarations.first()?.start;
            let name = self.cx.file.root().descendant_for_byte_range(declared, declared)?;
            ancestors(name).find(|a| a.kind() == "formal_parameters")
        };
        let callback = parameters(error).filter(|of_error| parameters(result) == Some(*of_error));
        callback.is_some_and(|list| {
            if list.parent().is_some_and(|function| is_called_with_both(self.cx, function)) {
                return false;
            }
            let sites = list.parent().map(|function| sites_of_callback(self.cx, function)).unwrap_or_default();
            let mut callees = sites.into_iter().filter_map(call_parts).map(|(callee, _)| callee);
            !callees.any(|callee| may_hand_result_beside_error(self.cx, callee))
        })
    }
}
