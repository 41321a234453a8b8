//! What a file runs while it is loaded: whether what is imported or declared at its top is there when a function needs it.

use tree_sitter::Node;

use super::{
    classify::{called_function, declaration_node, initializer},
    imports::imported,
};
use crate::{
    context::Context,
    syntax::node::{
        ancestors, call_parts, is_function, member_parts, named_children, unparenthesized, walk, with_parentheses,
    },
};

/// How far a callee is followed to what it begins with.
const MAX_DEPTH: usize = 64;

/// Whether an import is carried out before the file, wherever it stands.
pub(super) fn is_hoisted(import: Node<'_>) -> bool {
    import.kind() == "import_statement"
}

/// Whether an import is carried out before any function of the file is called.
pub(super) fn is_in_time(cx: &Context<'_>, import: Node<'_>) -> bool {
    let before = |s: &Node<'_>| s.start_byte() < import.start_byte();
    is_hoisted(import) || !named_children(cx.file.root()).into_iter().take_while(before).any(|s| runs_own_code(cx, s))
}

/// Whether a top-level statement may call functions of the file as it is carried out, or hand them to somebody who may.
pub(super) fn runs_own_code(cx: &Context<'_>, statement: Node<'_>) -> bool {
    let mut found = false;
    walk(statement, |n| {
        let is_called = || {
            let parent = with_parentheses(n).parent();
            parent.is_some_and(|p| p.kind() == "arguments" || call_parts(p).is_some())
        };
        let is_name = matches!(n.kind(), "identifier" | "shorthand_property_identifier");
        if is_function(n) && !is_called() || is_name && called_function_by_name(cx, n) {
            // In an object that is handed over, it may be called before what follows: `require('./server')({ load(cb) { … } })`.
            found |= is_handed_over(n, statement);
            return false;
        }
        let is_own = |value: Node<'_>| !is_function(unparenthesized(value)) && called_function(cx, value).is_some();
        found |= match call_parts(n) {
            Some((callee, arguments)) => is_of_file(cx, callee) || arguments.into_iter().any(is_own),
            None => n.child_by_field_name("constructor").is_some_and(|class| is_of_file(cx, class)),
        };
        !found
    });
    found
}

/// Whether a name stands for a function of the file.
fn called_function_by_name(cx: &Context<'_>, name: Node<'_>) -> bool {
    let binding = cx.names.reference_at(name.start_byte()).and_then(|r| r.binding);
    binding.and_then(|b| declaration_node(cx, b)).is_some_and(|declared| {
        let is_declared = declared.parent().is_some_and(|p| p.kind() == "function_declaration");
        is_declared || binding.and_then(|b| initializer(cx, b)).is_some_and(|v| is_function(unparenthesized(v)))
    })
}

/// Whether something stands in an object or a list among the arguments of a call in a statement.
fn is_handed_over(node: Node<'_>, statement: Node<'_>) -> bool {
    let mut around = ancestors(node)
        .take_while(|a| *a != statement && !is_function(*a))
        .skip_while(|a| !matches!(a.kind(), "object" | "array"));
    around.any(|a| a.kind() == "arguments")
}

/// Whether what is called may be of the file: it does not begin with an import, a global, or what one of these has handed
/// back. A function that is written in place is looked into where it stands.
fn is_of_file(cx: &Context<'_>, callee: Node<'_>) -> bool {
    let mut node = unparenthesized(callee);
    for _ in 0..MAX_DEPTH {
        let inner = call_parts(node).map(|(callee, _)| callee);
        let inner = inner.or_else(|| member_parts(node).map(|(object, _)| object));
        if let Some(inner) = inner.or_else(|| node.child_by_field_name("constructor")) {
            node = unparenthesized(inner);
            continue;
        }
        let binding = cx.names.reference_at(node.start_byte()).and_then(|r| r.binding);
        match (node.kind(), binding) {
            ("this" | "super", _) => return true,
            ("identifier", None) => return matches!(cx.text(node), "exports" | "module"),
            ("identifier", Some(binding)) if imported(cx, binding).is_some() => return false,
            ("identifier", Some(binding)) => match initializer(cx, binding) {
                Some(value) => node = unparenthesized(value),
                None => return true,
            },
            ("object" | "class" | "ternary_expression" | "binary_expression", _) => return true,
            _ => return is_function(node) && node != unparenthesized(callee),
        }
    }
    true
}
