//! Functions around a callback that do nothing but see to how it is called: `once(callback)`.

use tree_sitter::Node;

use crate::{context::Context, syntax::node::member_parts};

/// Functions that return a function which calls the one they are given.
const WRAPPERS: &[&str] = &[
    "after",
    "bindEnvironment",
    "dezalgo",
    "ensureAsync",
    "guard",
    "maybe",
    "maybeCallback",
    "makeCallback",
    "onceStrict",
    "once",
    "onlyOnce",
    "rebindCallback",
    "strict",
    "thenify",
    "toCallback",
    "wrapCallback",
];

/// The name of what a call calls: `b` of `a.b()`.
pub fn called_name<'a>(cx: &Context<'a>, callee: Node<'_>) -> &'a str {
    cx.text(callee.child_by_field_name("property").unwrap_or(callee))
}

/// Whether the callee of a call returns a function that calls the one it is given.
pub fn is_wrapper(cx: &Context<'_>, callee: Node<'_>, arguments: &[Node<'_>]) -> bool {
    let name = called_name(cx, callee);
    let is_domain_bind = name == "bind" && member_parts(callee).is_some_and(|(o, _)| cx.text(o).ends_with("domain"));
    // `emitter.once('event', listener)` is something else.
    is_domain_bind || WRAPPERS.contains(&name) && (arguments.len() == 1 || !name.starts_with("once"))
}
