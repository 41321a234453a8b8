//! Functions that run somewhere else: their text is sent to a browser page or another process, where nothing of the file
//! around them exists.

use tree_sitter::Node;

use super::asyncness::own_bindings;
use crate::{
    context::Context,
    syntax::node::{ancestors, call_parts, is_function, member_parts, with_parentheses},
};

/// Methods of browser drivers that take a function by its text.
const TAKE_TEXT: &[&str] = &[
    "evaluate",
    "evaluateAsync",
    "evaluateHandle",
    "evaluateOnNewDocument",
    "executeScript",
    "executeAsyncScript",
    "addInitScript",
    "$eval",
    "$$eval",
    "waitForFunction",
];

/// The function around a node whose text is used somewhere, if there is one.
pub fn stringified_around<'t>(cx: &Context<'_>, node: Node<'t>) -> Option<Node<'t>> {
    ancestors(node).filter(|a| is_function(*a)).find(|function| is_stringified(cx, *function))
}

fn is_stringified(cx: &Context<'_>, function: Node<'_>) -> bool {
    is_turned_to_text(cx, with_parentheses(function))
        || own_bindings(cx, function).into_iter().flat_map(|b| &cx.names.binding(b).references).any(|r| {
            let range = &cx.names.reference(*r).range;
            let node = cx.file.root().descendant_for_byte_range(range.start, range.end);
            node.is_some_and(|n| is_turned_to_text(cx, n))
        })
}

/// Whether an expression is made text of where it stands: `f.toString()`, `` `${f}` ``, `page.evaluate(f)`.
fn is_turned_to_text(cx: &Context<'_>, node: Node<'_>) -> bool {
    let Some(parent) = node.parent() else { return false };
    if let Some((object, property)) = member_parts(parent) {
        return object == node && cx.text(property) == "toString";
    }
    if parent.kind() == "pair" {
        return is_injected(cx, parent);
    }
    let call = parent.parent().filter(|_| parent.kind() == "arguments");
    let callee = call.and_then(call_parts).map(|(callee, _)| callee);
    parent.kind() == "template_substitution"
        || callee.is_some_and(|c| cx.text(c) == "String")
        || callee.is_some_and(|callee| names_taker(cx, callee))
}

/// `chrome.scripting.executeScript({ target, func: readTitle })`
fn is_injected(cx: &Context<'_>, pair: Node<'_>) -> bool {
    let key = pair.child_by_field_name("key").map(|key| cx.text(key));
    let list = pair.parent().and_then(|object| object.parent()).filter(|p| p.kind() == "arguments");
    let callee = list.and_then(|list| list.parent()).and_then(call_parts).map(|(callee, _)| callee);
    matches!(key, Some("func" | "function")) && callee.is_some_and(|callee| names_taker(cx, callee))
}

/// Whether a callee is one of those methods, by itself or in its promise form: `promisify(page.evaluate.bind(page))`.
fn names_taker(cx: &Context<'_>, callee: Node<'_>) -> bool {
    let last = |node: Node<'_>| cx.text(member_parts(node).map_or(node, |(_, property)| property));
    let made_of = call_parts(callee).filter(|(made_by, _)| last(*made_by) == "promisify");
    let method = made_of.and_then(|(_, arguments)| arguments.first().copied()).unwrap_or(callee);
    let bound =
        call_parts(method).and_then(|(bind, _)| member_parts(bind)).filter(|(_, name)| cx.text(*name) == "bind");
    let method = bound.map_or(method, |(method, _)| method);
    member_parts(method).is_some_and(|(_, name)| TAKE_TEXT.contains(&cx.text(name)))
}
