//! Results with a `then` of their own: a query that runs once somebody waits for it, a task that reports to many. A promise that
//! is resolved with such an object takes it for another promise, and brings what that one brings.

use tree_sitter::Node;

use crate::{
    context::Context,
    flow::{classify::initializer, known::binding_of},
    syntax::node::{member_parts, named_children, unparenthesized, walk},
};

/// Whether a result is an object that may have a `then`: one that the code writes down, or one of the file's own where the
/// file gives some object such a method.
pub(super) fn may_have_then(cx: &Context<'_>, result: Node<'_>) -> bool {
    let value = match result.kind() {
        "identifier" => binding_of(cx, result).and_then(|b| initializer(cx, b)).map_or(result, unparenthesized),
        _ => result,
    };
    match value.kind() {
        "object" => named_children(value).iter().any(|member| is_then(cx, *member)),
        "this" | "new_expression" => gives_then(cx),
        _ => false,
    }
}

/// Whether the file gives an object a method of that name.
fn gives_then(cx: &Context<'_>) -> bool {
    let mut found = false;
    walk(cx.file.root(), |node| {
        found |= is_then(cx, node);
        !found
    });
    found
}

/// A member of a class or an object literal that is called `then`, or an assignment to one.
fn is_then(cx: &Context<'_>, node: Node<'_>) -> bool {
    let name = match node.kind() {
        "method_definition" => node.child_by_field_name("name"),
        "pair" => node.child_by_field_name("key"),
        "public_field_definition" | "field_definition" => {
            node.child_by_field_name("name").or_else(|| node.child_by_field_name("property"))
        }
        "shorthand_property_identifier" => Some(node),
        "assignment_expression" => node.child_by_field_name("left").and_then(member_parts).map(|(_, name)| name),
        _ => None,
    };
    name.is_some_and(|name| cx.text(name).trim_matches(['\'', '"']) == "then")
}
