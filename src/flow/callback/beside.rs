//! Functions that may hand a result over beside an error: a promise has either, so what they are handed on to loses it.

use tree_sitter::Node;

use super::{names::called_names, site::own_callback};
use crate::{
    context::Context,
    flow::{chain::parameters, classify::called_function},
    semantic::BindingId,
    syntax::node::{
        ancestors, block_items, call_parts, enclosing_function, is_comment, is_function, member_parts, named_children,
        unparenthesized,
    },
};

/// How many functions a callback is followed through.
const MAX_FUNCTIONS: usize = 32;

/// Whether a callee may call back with a result beside an error: a function of this file, those that it hands its callback
/// on to, or one of another file by its name.
pub fn may_hand_result_beside_error(cx: &Context<'_>, callee: Node<'_>) -> bool {
    match called_function(cx, callee) {
        Some(function) => hands_result_beside_error(cx, function),
        None => called_names(cx, callee).iter().any(|name| cx.callbacks.hands_result_beside_error(name)),
    }
}

/// The same of a function of this file.
pub(super) fn hands_result_beside_error(cx: &Context<'_>, function: Node<'_>) -> bool {
    let mut reached = vec![function];
    let mut next = 0;
    while let Some(function) = reached.get(next).copied() {
        if next == MAX_FUNCTIONS {
            return true;
        }
        next += 1;
        let Some(callback) = own_callback(cx, function) else { continue };
        for reference in &cx.names.binding(callback).references {
            let range = &cx.names.reference(*reference).range;
            match cx.file.root().descendant_for_byte_range(range.start, range.end).map(|name| use_of(cx, name)) {
                Some(Use::Called(arguments)) if is_result_beside_error(cx, &arguments) => return true,
                Some(Use::Unknown) => return true,
                Some(Use::HandedOn(callee)) => match called_function(cx, callee) {
                    Some(other) if !reached.contains(&other) => reached.push(other),
                    Some(_) => {}
                    None if may_hand_result_beside_error(cx, callee) => return true,
                    None => {}
                },
                Some(Use::Called(_) | Use::Other) | None => {}
            }
        }
    }
    false
}

/// What becomes of a callback where its name stands.
enum Use<'t> {
    /// It is called with these, now or later.
    Called(Vec<Node<'t>>),
    /// It is called with what can't be told.
    Unknown,
    /// It is handed to this function.
    HandedOn(Node<'t>),
    /// It is not called there.
    Other,
}

fn use_of<'t>(cx: &Context<'_>, name: Node<'t>) -> Use<'t> {
    let Some(parent) = name.parent() else { return Use::Other };
    if let Some((_, arguments)) = call_parts(parent).filter(|(callee, _)| *callee == name) {
        return Use::Called(arguments);
    }
    if let Some((_, property)) = member_parts(parent).filter(|(object, _)| *object == name) {
        let arguments = parent.parent().and_then(call_parts).map(|(_, arguments)| arguments).unwrap_or_default();
        return match (cx.text(property), arguments.get(1..).unwrap_or_default()) {
            // What is bound comes in front of what the callee hands over.
            ("call", rest) | ("bind", rest @ ([] | [_])) => Use::Called(rest.to_vec()),
            ("apply", [list]) if list.kind() == "array" => Use::Called(named_children(*list)),
            // What this function was called back with is one or the other.
            ("apply", [list]) if cx.text(*list) == "arguments" => Use::Other,
            ("apply" | "bind", _) => Use::Unknown,
            _ => Use::Other,
        };
    }
    let call = parent.parent().filter(|_| parent.kind() == "arguments").and_then(call_parts);
    match call {
        Some((callee, arguments)) if arguments.first() == Some(&name) && arguments.len() > 1 => match cx.text(callee) {
            "process.nextTick" | "setImmediate" => Use::Called(arguments[1..].to_vec()),
            "setTimeout" => Use::Called(arguments[2..].to_vec()),
            _ => Use::HandedOn(callee),
        },
        Some((callee, _)) => Use::HandedOn(callee),
        None => Use::Other,
    }
}

/// Whether there may be both among what a callback is called with.
fn is_result_beside_error(cx: &Context<'_>, arguments: &[Node<'_>]) -> bool {
    let [error, results @ ..] = arguments else { return false };
    let error = unparenthesized(*error);
    let results: Vec<_> = results.iter().map(|r| unparenthesized(*r)).filter(|r| !is_nothing(cx, *r)).collect();
    if is_nothing(cx, error) || results.is_empty() {
        return false;
    }
    let Some((binding, handler)) = handed_error(cx, error) else { return true };
    // What a callee hands over is one or the other; nothing is, once the error has been looked at.
    let is_of_handler = |r: &Node<'_>| parameter(cx, *r).is_some_and(|(_, other)| other == handler);
    !(results.iter().all(is_of_handler) || is_checked_first(cx, binding, handler))
}

fn is_nothing(cx: &Context<'_>, node: Node<'_>) -> bool {
    matches!(node.kind(), "null" | "undefined" | "false") || cx.text(node) == "undefined"
}

/// The callback whose first parameter is an error that is handed over, and that parameter.
fn handed_error<'t>(cx: &Context<'t>, error: Node<'t>) -> Option<(BindingId, Node<'t>)> {
    let (binding, handler) = parameter(cx, error)?;
    let first = parameters(handler).first().and_then(|p| cx.names.declared_at(p.start_byte()));
    (first == Some(binding) && !cx.names.is_reassigned(binding)).then_some((binding, handler))
}

/// The function that a name is a parameter of.
fn parameter<'t>(cx: &Context<'t>, name: Node<'t>) -> Option<(BindingId, Node<'t>)> {
    let binding = cx.names.reference_at(name.start_byte()).filter(|_| name.kind() == "identifier")?.binding?;
    let declared = cx.names.binding(binding).declarations.first()?;
    let node = cx.file.root().descendant_for_byte_range(declared.start, declared.end)?;
    let function = ancestors(node).find(|n| is_function(*n))?;
    let is_parameter =
        parameters(function).iter().any(|p| p.start_byte() <= declared.start && declared.end <= p.end_byte());
    is_parameter.then_some((binding, function))
}

/// Whether a callback starts with `if (err) return …` or the like: behind it there is no error.
fn is_checked_first(cx: &Context<'_>, error: BindingId, handler: Node<'_>) -> bool {
    let body = handler.child_by_field_name("body").filter(|b| b.kind() == "statement_block");
    let first = body.and_then(|b| block_items(b).into_iter().find(|n| !is_comment(*n)));
    let Some(check) = first.filter(|f| f.kind() == "if_statement") else { return false };
    let condition = check.child_by_field_name("condition").map(unparenthesized);
    let asks = condition.is_some_and(|c| {
        c.kind() == "identifier" && cx.names.reference_at(c.start_byte()).and_then(|r| r.binding) == Some(error)
    });
    asks && check.child_by_field_name("consequence").is_some_and(|then| leaves(then, handler))
}

/// Whether a branch ends in a `return` or `throw` of the function.
fn leaves(branch: Node<'_>, function: Node<'_>) -> bool {
    let last = if branch.kind() == "statement_block" {
        block_items(branch).into_iter().rev().find(|n| !is_comment(*n))
    } else {
        Some(branch)
    };
    last.is_some_and(|s| {
        matches!(s.kind(), "return_statement" | "throw_statement") && enclosing_function(s) == Some(function)
    })
}
