//! What TypeScript takes a variable for where code of another function moves into the one that declares it.
//!
//! In a function of its own, a variable of the code around has the type that it was declared with, and counts as assigned. In
//! the function that declares it, what was assigned to it last counts, and nobody follows what other functions have assigned
//! since: `let user: User` is "used before being assigned", and `let done = false` can't be `true`.

use tree_sitter::Node;

use super::{
    classify::{declaration_node, initializer},
    scope::Destination,
};
use crate::{
    context::Context,
    semantic::{BindingId, Reference},
    syntax::node::{enclosing_function, has_token, member_parts, unparenthesized, walk},
};

/// What has to hold of the type checker where functions move into another one.
pub fn seen_otherwise(cx: &Context<'_>, to: &Destination<'_>, moved: &[Node<'_>]) -> Option<String> {
    if !cx.file.source.language().has_types() || moved.is_empty() {
        return None;
    }
    let into = cx.file.root().descendant_for_byte_range(to.function.start, to.function.end)?;
    let moves = |node: Node<'_>| enclosing_function(node).is_some_and(|f| moved.contains(&f));
    let name = variable(cx, into, moved, &moves).or_else(|| property(cx, into, moved, &moves))?;
    Some(format!("TypeScript does not mind that `{name}` is changed elsewhere before it is read."))
}

/// A variable that moved code reads and that code assigns which does not move.
fn variable<'a>(
    cx: &Context<'a>,
    into: Node<'_>,
    moved: &[Node<'_>],
    moves: &dyn Fn(Node<'_>) -> bool,
) -> Option<&'a str> {
    let node = |r: &Reference| cx.file.root().descendant_for_byte_range(r.range.start, r.range.end);
    let read = moved.iter().flat_map(|f| cx.names.references_in(&f.byte_range())).filter(|r| !r.writes);
    let mut read = read.filter_map(|r| Some((node(r).filter(|n| moves(*n))?, r.binding?)));
    let found = read.find(|(_, binding)| {
        let references = cx.names.binding(*binding).references.iter().map(|r| cx.names.reference(*r));
        let written = references.filter(|r| r.writes).filter_map(node);
        is_narrowed(cx, *binding, into)
            && written.into_iter().any(|w| !moves(w) && enclosing_function(w).is_some_and(|f| f != into))
    });
    found.map(|(name, _)| cx.text(name))
}

/// Whether a variable of a function has, by its declaration, a narrower type there than elsewhere, or none yet.
fn is_narrowed(cx: &Context<'_>, binding: BindingId, function: Node<'_>) -> bool {
    let Some(name) = declaration_node(cx, binding).filter(|n| enclosing_function(*n) == Some(function)) else {
        return false;
    };
    let Some(declarator) = name.parent().filter(|p| p.kind() == "variable_declarator") else { return false };
    match initializer(cx, binding) {
        None => !has_token(declarator, "!"),
        Some(value) => is_literal(value) || cx.text(declarator).contains('|'),
    }
}

/// A property that is assigned a literal in one function and read in another that moves to it.
fn property<'a>(
    cx: &Context<'a>,
    into: Node<'_>,
    moved: &[Node<'_>],
    moves: &dyn Fn(Node<'_>) -> bool,
) -> Option<&'a str> {
    let mut assigned = Vec::new();
    walk(into, |n| {
        let left =
            n.child_by_field_name("left").filter(|l| n.kind() == "assignment_expression" && member_parts(*l).is_some());
        let is_literal = n.child_by_field_name("right").is_some_and(is_literal);
        if let Some(left) = left.filter(|_| is_literal && (moves(n) || enclosing_function(n) == Some(into))) {
            assigned.push((cx.text(left), enclosing_function(n)));
        }
        true
    });
    let mut found = None;
    for function in moved.iter().filter(|_| !assigned.is_empty()) {
        walk(*function, |n| {
            let is_target = || {
                let around = n.parent().filter(|p| p.kind() == "assignment_expression");
                around.is_some_and(|p| p.child_by_field_name("left") == Some(n))
            };
            let text = (n.kind() == "member_expression" && !is_target()).then(|| cx.text(n));
            let is_one = |(other, place): &&(&str, Option<Node<'_>>)| Some(*other) == text && *place != Some(*function);
            found = found.or(assigned.iter().find(is_one).map(|(text, _)| *text));
            found.is_none()
        });
    }
    found
}

/// Whether a value narrows the type of what it is assigned to, if that is a union.
fn is_literal(value: Node<'_>) -> bool {
    matches!(unparenthesized(value).kind(), "null" | "undefined" | "true" | "false" | "string" | "number")
}
