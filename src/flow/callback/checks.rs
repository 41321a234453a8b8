//! What the checks around a place say of an error: whether there is one by the time the code there runs.

use std::collections::HashMap;

use tree_sitter::Node;

use crate::{
    context::Context,
    flow::body::completes,
    semantic::BindingId,
    syntax::node::{ancestors, block_items, has_token, is_function, unparenthesized},
};

/// What is known of names once a condition has come out true, or false. `is_falsy` tells of an expression whether it is
/// certainly falsy.
pub fn truths<'t>(
    cx: &Context<'_>,
    condition: Node<'t>,
    outcome: bool,
    is_falsy: impl Fn(Node<'t>) -> bool,
) -> Vec<(BindingId, bool)> {
    let mut found = Vec::new();
    let mut pending = vec![(condition, outcome)];
    while let Some((node, outcome)) = pending.pop() {
        let node = unparenthesized(node);
        let part = |field| node.child_by_field_name(field);
        match node.kind() {
            "identifier" => {
                let binding = cx.names.reference_at(node.start_byte()).and_then(|r| r.binding);
                found.extend(binding.map(|b| (b, outcome)));
            }
            "unary_expression" if has_token(node, "!") => {
                pending.extend(part("argument").map(|a| (a, !outcome)));
            }
            "binary_expression" => {
                let operator = part("operator").map(|o| o.kind());
                match (operator, part("left"), part("right")) {
                    (Some("&&"), Some(l), Some(r)) if outcome => pending.extend([(l, true), (r, true)]),
                    (Some("||"), Some(l), Some(r)) if !outcome => pending.extend([(l, false), (r, false)]),
                    (Some("==" | "==="), Some(l), Some(r)) if outcome && is_falsy(r) => pending.push((l, false)),
                    (Some("!=" | "!=="), Some(l), Some(r)) if !outcome && is_falsy(r) => pending.push((l, false)),
                    (Some("instanceof"), Some(l), Some(_)) if outcome => pending.push((l, true)),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether a callback was handed an error, at a place in it, as far as the checks around the place and in front of it tell.
/// `None` where they do not. Once the name of the error has been given another, it tells nothing of the first.
pub fn error_at(cx: &Context<'_>, place: Node<'_>, error: BindingId, callback: Node<'_>) -> Option<bool> {
    error_known(cx, place, error, callback, &mut HashMap::new())
}

/// The same, with what the functions say that have been asked for already: nothing, where two call each other.
fn error_known(
    cx: &Context<'_>,
    place: Node<'_>,
    error: BindingId,
    callback: Node<'_>,
    asked: &mut HashMap<usize, Option<bool>>,
) -> Option<bool> {
    let references = cx.names.binding(error).references.iter().map(|r| cx.names.reference(*r));
    let written = references.filter(|r| r.writes).map(|r| r.range.start).min();
    let is_first = |check: Node<'_>| {
        written.is_none_or(|at| check.end_byte() <= at) && (written.is_none() || !is_in_loop(check, callback))
    };
    let mut child = place;
    for parent in ancestors(place).take_while(|p| *p != callback) {
        if let Some(known) = told_by(cx, parent, child, error, &is_first) {
            return Some(known);
        }
        if child.kind() == "function_declaration" {
            return error_where_it_is_used(cx, child, error, callback, asked);
        }
        child = parent;
    }
    None
}

/// What is known of the error wherever the name of a function declaration is used: it may be called in front of where it
/// stands, but by its name alone.
fn error_where_it_is_used(
    cx: &Context<'_>,
    function: Node<'_>,
    error: BindingId,
    callback: Node<'_>,
    asked: &mut HashMap<usize, Option<bool>>,
) -> Option<bool> {
    if let Some(known) = asked.get(&function.id()) {
        return *known;
    }
    asked.insert(function.id(), None);
    let name = function.child_by_field_name("name").and_then(|name| cx.names.declared_at(name.start_byte()))?;
    let references = cx.names.binding(name).references.iter().map(|r| cx.names.reference(*r).range.clone());
    let mut outside = references.filter(|range| !function.byte_range().contains(&range.start)).map(|range| {
        let used = cx.file.root().descendant_for_byte_range(range.start, range.end)?;
        error_known(cx, used, error, callback, asked)
    });
    let first = outside.next()??;
    let known = outside.all(|other| other == Some(first)).then_some(first);
    asked.insert(function.id(), known);
    known
}

fn is_in_loop(node: Node<'_>, callback: Node<'_>) -> bool {
    let is_loop = |n: &Node<'_>| n.kind().starts_with("for_") || matches!(n.kind(), "while_statement" | "do_statement");
    ancestors(node).take_while(|p| *p != callback).any(|n| is_loop(&n) || is_function(n))
}

/// What a node says of an error to one of its children.
fn told_by(
    cx: &Context<'_>,
    parent: Node<'_>,
    child: Node<'_>,
    error: BindingId,
    is_first: &impl Fn(Node<'_>) -> bool,
) -> Option<bool> {
    let part = |field| parent.child_by_field_name(field);
    let outcome = match parent.kind() {
        "if_statement" | "ternary_expression" if part("consequence") == Some(child) => true,
        "if_statement" | "ternary_expression" if part("alternative") == Some(child) => false,
        "binary_expression" if part("right") == Some(child) => match part("operator").map(|o| o.kind()) {
            Some("&&") => true,
            Some("||") => false,
            _ => return None,
        },
        // A function declaration may be called in front of where it stands.
        "statement_block" if child.kind() != "function_declaration" => {
            let mut in_front =
                block_items(parent).into_iter().take_while(|item| item.start_byte() < child.start_byte());
            return in_front.find_map(|item| told_behind(cx, item, error, is_first));
        }
        _ => return None,
    };
    let condition = part("condition").or_else(|| part("left")).filter(|condition| is_first(*condition))?;
    told(cx, condition, outcome, error)
}

/// What an `if` with a branch that leaves says of an error to the code behind it.
fn told_behind(
    cx: &Context<'_>,
    statement: Node<'_>,
    error: BindingId,
    is_first: &impl Fn(Node<'_>) -> bool,
) -> Option<bool> {
    let part = |field| statement.child_by_field_name(field).filter(|_| statement.kind() == "if_statement");
    let condition = part("condition").filter(|condition| is_first(*condition))?;
    if !completes(part("consequence")?) {
        return told(cx, condition, false, error);
    }
    let otherwise = part("alternative").and_then(|e| e.named_child(0));
    otherwise.filter(|branch| !completes(*branch)).and_then(|_| told(cx, condition, true, error))
}

fn told(cx: &Context<'_>, condition: Node<'_>, outcome: bool, error: BindingId) -> Option<bool> {
    let is_nothing = |n: Node<'_>| matches!(n.kind(), "null" | "undefined") || cx.text(n) == "undefined";
    truths(cx, condition, outcome, is_nothing).into_iter().find(|(b, _)| *b == error).map(|(_, truth)| truth)
}
