//! Results that have something to say as soon as they are made: a process that can't be started, a connection that is refused. Who
//! listens in the callback hears it today, and what the promise brings comes a little later.

use tree_sitter::Node;

use crate::{
    apis::plain,
    context::Context,
    flow::{
        classify::initializer,
        known::{binding_of, export_of},
    },
    syntax::node::{call_parts, unparenthesized},
};

/// Functions of Node that return an emitter which may tell of an error in the same turn.
const SPEAKING: &[(&str, &[&str])] = &[
    ("child_process", &["exec", "execFile", "fork", "spawn"]),
    ("http", &["get", "request"]),
    ("https", &["get", "request"]),
    ("net", &["connect", "createConnection"]),
    ("tls", &["connect"]),
];

/// How the classes end whose objects speak.
const ENDINGS: &[&str] = &["Duplex", "Emitter", "PassThrough", "Readable", "Socket", "Stream", "Transform", "Writable"];

/// Whether a result is an emitter that the code has made itself.
pub fn may_speak_at_once(cx: &Context<'_>, result: Node<'_>) -> bool {
    let result = unparenthesized(result);
    let value = match result.kind() {
        "identifier" => binding_of(cx, result).and_then(|binding| initializer(cx, binding)).map(unparenthesized),
        _ => Some(result),
    };
    let Some(value) = value else { return false };
    if value.kind() == "new_expression" {
        let class = value.child_by_field_name("constructor").map_or("", |class| cx.text(class));
        return ENDINGS.iter().any(|ending| class.ends_with(ending));
    }
    let made_by = call_parts(value).and_then(|(callee, _)| export_of(cx, callee));
    made_by.is_some_and(|(module, function)| {
        SPEAKING.iter().any(|(of, functions)| *of == plain(module) && functions.contains(&&*function))
    })
}
