//! Whether a function may be called with `new`: an async function can't be.
//!
//! What constructs it may stand in another file, which calls it by any path. So it is told by its names, and a name is
//! compared by its text.

use std::collections::HashSet;

use tree_sitter::Node;

use super::asyncness::own_bindings;
use crate::{
    context::Context,
    syntax::node::{call_parts, is_async, member_parts, named_children, untyped, walk, with_parentheses},
};

/// How many assignments in a row are followed: `a = b = c = function…`.
const MAX_DEPTH: usize = 16;

/// Functions that frameworks call by the verb of a request: `export function GET(request)`.
const VERBS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Whether a function may be a constructor: one of its names starts with a capital, or the file uses such a name as that of
/// a class. Arrow functions, methods and async functions construct nothing.
pub fn may_construct(cx: &Context<'_>, function: Node<'_>) -> bool {
    if matches!(function.kind(), "arrow_function" | "method_definition") || is_async(function) {
        return false;
    }
    let used = cx.constructed.get_or_init(|| used_as_classes(cx));
    names(cx, function).into_iter().any(|name| is_capitalized(name) || used.contains(name))
}

fn is_capitalized(name: &str) -> bool {
    name.trim_start_matches('_').starts_with(char::is_uppercase) && !VERBS.contains(&name)
}

/// All that a function is called: its own name, what it is assigned to, and what its name is assigned to.
fn names<'a>(cx: &Context<'a>, function: Node<'_>) -> Vec<&'a str> {
    let mut names: Vec<_> = function.child_by_field_name("name").map(|n| cx.text(n)).into_iter().collect();
    given_names(cx, function, &mut names);
    for binding in own_bindings(cx, function) {
        for reference in &cx.names.binding(binding).references {
            let range = &cx.names.reference(*reference).range;
            if let Some(node) = cx.file.root().descendant_for_byte_range(range.start, range.end) {
                given_names(cx, node, &mut names);
            }
        }
    }
    names
}

/// The names that an expression is given where it stands. What is all that a file exports has the name of the file.
fn given_names<'a>(cx: &Context<'a>, expression: Node<'_>, names: &mut Vec<&'a str>) {
    let mut node = with_parentheses(expression);
    for _ in 0..MAX_DEPTH {
        let Some(parent) = node.parent() else { return };
        let field = |field| parent.child_by_field_name(field).filter(|n| *n != node);
        let target = match parent.kind() {
            "assignment_expression" => field("left"),
            "variable_declarator" => field("name"),
            "field_definition" | "public_field_definition" => field("property").or_else(|| field("name")),
            "pair" => field("key"),
            "export_specifier" => field("alias"),
            _ => None,
        };
        let is_default = parent.kind() == "export_statement";
        names.extend(target.and_then(|t| last_name(cx, t)));
        if is_default || target.is_some_and(|t| cx.text(t) == "module.exports") {
            names.extend(file_name(cx));
        }
        if parent.kind() != "assignment_expression" || target.is_none() {
            return;
        }
        node = with_parentheses(parent);
    }
}

fn file_name<'a>(cx: &Context<'a>) -> Option<&'a str> {
    cx.file.source.path().file_stem().and_then(|name| name.to_str())
}

/// The names, of variables and members alike, that stand where the file speaks of a class.
fn used_as_classes(cx: &Context<'_>) -> HashSet<String> {
    let mut used = HashSet::new();
    let mut add = |node: Option<Node<'_>>| used.extend(node.and_then(|n| last_name(cx, n)).map(str::to_owned));
    walk(cx.file.root(), |n| {
        match n.kind() {
            "new_expression" => add(n.child_by_field_name("constructor")),
            "class_heritage" | "extends_clause" => add(named_children(n).first().copied()),
            "binary_expression" if n.child_by_field_name("operator").is_some_and(|o| o.kind() == "instanceof") => {
                add(n.child_by_field_name("right"));
            }
            "member_expression" => add(member_parts(n).filter(|(_, p)| cx.text(*p) == "prototype").map(|(o, _)| o)),
            "call_expression" => {
                let inherits = call_parts(n).filter(|(callee, _)| last_name(cx, *callee) == Some("inherits"));
                inherits.into_iter().flat_map(|(_, arguments)| arguments).for_each(|argument| add(Some(argument)));
            }
            _ => {}
        }
        true
    });
    used
}

/// What a name, a member or a key is called: `Conn` of `lib.Conn` and of `lib['Conn']`.
fn last_name<'a>(cx: &Context<'a>, node: Node<'_>) -> Option<&'a str> {
    let node = untyped(node);
    let named = match node.kind() {
        "member_expression" => node.child_by_field_name("property")?,
        "subscript_expression" => node.child_by_field_name("index")?,
        _ => node,
    };
    match named.kind() {
        "identifier" | "property_identifier" | "private_property_identifier" => {
            Some(cx.text(named).trim_start_matches('#'))
        }
        "string" => Some(cx.text(named).trim_matches(['\'', '"'])),
        _ => None,
    }
}
