//! Functions that begin their next round by calling themselves.

use tree_sitter::Node;

use super::{
    callback::names,
    chain::parameters,
    classify::{called_function, initializer},
};
use crate::{
    context::Context,
    semantic::BindingId,
    syntax::node::{
        ancestors, call_parts, enclosing_function, has_token, is_function, member_parts, unparenthesized, walk,
    },
};

/// What has to hold of a function that [`may_go_on_for_ever`].
pub(super) const ENDS: &str =
    "What calls itself for its next round ends before long: each round's promise is kept until the last one.";

/// Whether a function calls itself, or hands itself on to be called, and nothing in sight says that this ends: no argument
/// differs from what it was called with, it asks for no counter that it changes, and takes nothing off a list. One that puts
/// something into a list in each round keeps as much as there is today.
///
/// A call behind an `await` is no tail call. Each round's promise is kept until the last round has ended, and where that never
/// comes, as in the rounds of a worker, the heap grows until the process dies.
pub(super) fn may_go_on_for_ever(cx: &Context<'_>, function: Node<'_>) -> bool {
    let names = names(cx, function);
    let assigned = function.parent().and_then(|p| p.child_by_field_name("left")).map(|left| cx.text(left));
    let is_itself = |n: Node<'_>| match member_parts(n) {
        Some((object, property)) => {
            let is_named = is_this(cx, object) && names.iter().any(|name| name == cx.text(property));
            is_named || assigned == Some(cx.text(n))
        }
        None => n.kind() == "identifier" && called_function(cx, n) == Some(function),
    };
    let begins_round = |n: Node<'_>| match n.parent().and_then(|p| call_parts(p).filter(|(callee, _)| *callee == n)) {
        // What is called in the function's own code has the same round begin anew.
        Some((_, arguments)) => {
            enclosing_function(n) != Some(function) && arguments.iter().all(|a| is_same(cx, function, *a))
        }
        None => handed_beside(cx, n).is_some_and(|all| !all.iter().any(|a| is_made_of_parameter(cx, function, *a))),
    };
    has(function, &|n| is_itself(n) && begins_round(n))
        && !has(function, &|n| changes_list(cx, n) || counts(cx, function, n))
}

/// Whether some node of a function is of a kind.
fn has<'t>(function: Node<'t>, is_one: &dyn Fn(Node<'t>) -> bool) -> bool {
    let mut found = false;
    walk(function, |n| {
        found = found || is_one(n);
        !found
    });
    found
}

/// `this`, or `self` where that is declared with it.
fn is_this(cx: &Context<'_>, object: Node<'_>) -> bool {
    let binding = cx.names.reference_at(object.start_byte()).and_then(|r| r.binding);
    let value = binding.filter(|_| object.kind() == "identifier").and_then(|b| initializer(cx, b));
    object.kind() == "this" || value.is_some_and(|v| v.kind() == "this")
}

/// The arguments of the call that is handed a function, perhaps bound to something.
fn handed_beside<'t>(cx: &Context<'_>, name: Node<'t>) -> Option<Vec<Node<'t>>> {
    let bind = name.parent().filter(|p| member_parts(*p).is_some_and(|(_, property)| cx.text(property) == "bind"));
    let handed = bind.map_or(Some(name), |bind| bind.parent())?;
    let (_, arguments) = call_parts(handed.parent().filter(|list| list.kind() == "arguments")?.parent()?)?;
    Some(arguments.into_iter().filter(|a| *a != handed).collect())
}

/// Whether an argument is made of what a function is called with: `load(item.parent, step)` in `step(err, item)`.
fn is_made_of_parameter(cx: &Context<'_>, function: Node<'_>, argument: Node<'_>) -> bool {
    let parameters = parameters(function);
    let mut declared = cx.names.references_in(&argument.byte_range()).iter().filter_map(|r| r.binding);
    declared.any(|b| is_parameter(cx, &parameters, b))
}

fn is_parameter(cx: &Context<'_>, parameters: &[Node<'_>], id: BindingId) -> bool {
    let declared = cx.names.binding(id).declarations.first();
    declared.is_some_and(|d| parameters.iter().any(|p| p.byte_range().contains(&d.start)))
}

/// Whether an argument is one that a function is called with itself, or a function.
fn is_same(cx: &Context<'_>, function: Node<'_>, argument: Node<'_>) -> bool {
    let argument = unparenthesized(argument);
    let parameters = parameters(function);
    let binding = cx.names.reference_at(argument.start_byte()).and_then(|r| r.binding);
    is_function(argument)
        || argument.kind() == "identifier"
            && binding.is_some_and(|b| is_parameter(cx, &parameters, b) && !cx.names.is_reassigned(b))
        || matches!(argument.kind(), "this" | "null" | "undefined" | "string" | "number" | "true" | "false")
}

/// `list.shift()`, `list.pop()`; and `list.push(item)`, where the code has made the list and it is no queue of somebody else's.
fn changes_list(cx: &Context<'_>, node: Node<'_>) -> bool {
    let Some((callee, arguments)) = call_parts(node) else { return false };
    let Some((list, method)) = member_parts(callee) else { return false };
    let is_own = || {
        let binding = cx.names.reference_at(list.start_byte()).and_then(|r| r.binding);
        let value = binding.filter(|_| list.kind() == "identifier").and_then(|b| initializer(cx, b));
        value.is_some_and(|value| value.kind() == "array")
    };
    match cx.text(method) {
        "shift" | "pop" => arguments.is_empty(),
        "push" => is_own(),
        _ => false,
    }
}

/// Whether a function changes a number at a place, and asks for it somewhere: `if (--left)`, `i++` and `files[i]`.
fn counts(cx: &Context<'_>, function: Node<'_>, node: Node<'_>) -> bool {
    let changed = match node.kind() {
        "update_expression" => node.child_by_field_name("argument"),
        "augmented_assignment_expression" => node.child_by_field_name("left"),
        _ => None,
    };
    let Some(changed) = changed else { return false };
    let is_same = |n: Node<'_>| n.kind() == changed.kind() && cx.text(n) == cx.text(changed);
    has(function, &|n| is_same(n) && is_asked_for(n, function))
}

/// Whether a place is part of a condition or a comparison, or tells which item of a list is meant. A remainder comes again and
/// again: `if (count % 100 === 0) report(count)`.
fn is_asked_for(node: Node<'_>, function: Node<'_>) -> bool {
    let mut child = node;
    let is_remainder = |n: Node<'_>| n.kind() == "binary_expression" && has_token(n, "%");
    let goes_on = |n: &Node<'_>| *n != function && !is_plain_statement(*n) && !is_remainder(*n);
    ancestors(node).take_while(goes_on).any(|parent| {
        let is = |field| parent.child_by_field_name(field) == Some(child);
        let asks = is("condition") || is("index") || parent.kind() == "binary_expression" && !has_token(parent, "+");
        child = parent;
        asks
    })
}

fn is_plain_statement(node: Node<'_>) -> bool {
    matches!(node.kind(), "expression_statement" | "lexical_declaration" | "variable_declaration")
}
