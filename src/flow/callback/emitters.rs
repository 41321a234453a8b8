//! Results that may have something to say as soon as they are handed over: a process that can't be started, a stream that has
//! begun to read. Who listens in the callback hears it today, and what the promise brings comes a little later: behind what was
//! to happen on the next tick, for one.

use tree_sitter::Node;

use crate::{
    apis::plain,
    context::Context,
    flow::{
        chain::parameters,
        classify::initializer,
        known::{binding_of, export_of},
    },
    syntax::node::{ancestors, call_parts, is_function, member_parts, unparenthesized},
};

/// How one listens to an emitter, or has a stream say what it has to.
const LISTENING: &[&str] = &["addListener", "on", "once", "pipe", "prependListener"];

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

/// The result that a callback listens to by itself, not in a function that is called later.
pub fn listened_to<'a>(cx: &Context<'a>, callback: Node<'a>) -> Option<&'a str> {
    let results = parameters(callback).into_iter().skip(1).map(|p| p.child_by_field_name("pattern").unwrap_or(p));
    let names = results.filter_map(|name| Some((cx.text(name), cx.names.declared_at(name.start_byte())?)));
    let is_listening = |name: Node<'a>| {
        let member = name.parent().filter(|p| member_parts(*p).is_some_and(|(of, _)| of == name));
        let called = member.and_then(|m| m.parent()).and_then(call_parts).filter(|(callee, _)| Some(*callee) == member);
        called
            .and_then(|(callee, _)| member_parts(callee))
            .is_some_and(|(_, method)| LISTENING.contains(&cx.text(method)))
            && ancestors(name).find(|n| is_function(*n)) == Some(callback)
    };
    names.into_iter().find_map(|(name, binding)| {
        let references = cx.names.binding(binding).references.iter().map(|r| &cx.names.reference(*r).range);
        let mut nodes = references.filter_map(|r| cx.file.root().descendant_for_byte_range(r.start, r.end));
        nodes.any(is_listening).then_some(name)
    })
}
