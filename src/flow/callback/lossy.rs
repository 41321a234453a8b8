//! Callbacks that are replaced by a function which does nothing where none is given: what is thrown at once reaches the
//! caller today, and would go to that function, and so be lost, once it is a rejection.

use std::ops::Range;

use tree_sitter::Node;

use super::site::own_callback;
use crate::{
    context::Context,
    flow::classify::called_function,
    semantic::{BindingId, BindingKind},
    syntax::node::{call_parts, is_function, unparenthesized, walk, walk_own_code},
};

/// How many functions of a file are followed from one to the next.
const MAX_FUNCTIONS: usize = 200;

/// Whether a function, or one that calls it, replaces a missing callback by one that does nothing.
pub(super) fn may_lose_errors(cx: &Context<'_>, function: Node<'_>) -> bool {
    let mut reached: Vec<Node<'_>> = Vec::new();
    walk(cx.file.root(), |n| {
        if is_function(n) && own_callback(cx, n).is_some_and(|callback| defaults_to_nothing(cx, callback)) {
            reached.push(n);
        }
        true
    });
    let mut next = 0;
    while let Some(current) = reached.get(next).copied() {
        if current == function {
            return true;
        }
        if reached.len() > MAX_FUNCTIONS {
            // Too many to tell.
            return true;
        }
        // What a callback throws reaches nobody today, so only code that runs at once counts.
        let mut called = Vec::new();
        walk_own_code(current, |n| {
            called.extend(call_parts(n).and_then(|(callee, _)| called_function(cx, callee)));
            true
        });
        for one in called {
            if !reached.contains(&one) {
                reached.push(one);
            }
        }
        next += 1;
    }
    false
}

fn defaults_to_nothing(cx: &Context<'_>, callback: BindingId) -> bool {
    let references = cx.names.binding(callback).references.iter();
    let mut ranges = references.map(|r| &cx.names.reference(*r).range).filter(|r| gives_default(cx, r));
    ranges.any(|range| {
        let name = cx.file.root().descendant_for_byte_range(range.start, range.end);
        let text = name.and_then(|n| n.parent()).map_or("", |assignment| cx.text(assignment));
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        text.ends_with("function(){}") || text.ends_with("=>{}") || text.to_ascii_lowercase().ends_with("noop")
    })
}

/// Whether a use of a callback gives it a value where it has none: `cb = cb || noop`, and not `cb = options`.
pub(super) fn gives_default(cx: &Context<'_>, range: &Range<usize>) -> bool {
    let name = cx.file.root().descendant_for_byte_range(range.start, range.end);
    let assignment = name.and_then(|n| n.parent()).filter(|p| p.kind() == "assignment_expression");
    let is_target = assignment.is_some_and(|a| a.child_by_field_name("left") == name);
    let value = assignment.filter(|_| is_target).and_then(|a| a.child_by_field_name("right")).map(unparenthesized);
    value.is_some_and(|v| {
        let binding = cx.names.reference_at(v.start_byte()).and_then(|r| r.binding);
        let is_parameter = binding.is_some_and(|b| cx.names.binding(b).kind == BindingKind::Parameter);
        v.kind() != "ternary_expression" && !(v.kind() == "identifier" && is_parameter)
    })
}
