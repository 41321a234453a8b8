//! Results that may have something to say as soon as they are handed over: a process that can't be started, a stream that has
//! begun to read. Who listens in the callback hears it today, and what the promise brings comes a little later: behind what was
//! to happen on the next tick, for one.

use tree_sitter::Node;

use crate::{
    apis::plain,
    context::Context,
    flow::{
        body::returned,
        chain::parameters,
        classify::{called_function, initializer},
        known::{binding_of, export_of},
    },
    semantic::{BindingId, BindingKind},
    syntax::node::{ancestors, call_parts, is_function, member_parts, unparenthesized},
};

/// How one listens to an emitter, or has a stream say what it has to.
const LISTENING: &[&str] = &["addListener", "on", "once", "pipe", "prependListener"];

/// Functions that are handed streams to listen to, and those of packages that make them.
const PIPING: &[&str] = &["duplexify", "eos", "finished", "pipe", "pipeline", "pump", "pumpify", "through", "through2"];

/// Functions of Node that return an emitter which may tell of an error in the same turn.
const SPEAKING: &[(&str, &[&str])] = &[
    ("child_process", &["exec", "execFile", "fork", "spawn"]),
    ("http", &["get", "request"]),
    ("https", &["get", "request"]),
    ("net", &["connect", "createConnection"]),
    ("tls", &["connect"]),
];

/// How the classes end whose objects speak, and what is called like them.
const ENDINGS: &[&str] = &["Duplex", "Emitter", "PassThrough", "Readable", "Socket", "Stream", "Transform", "Writable"];

/// How many functions of the file are gone into to see what they return.
const MAX_DEPTH: usize = 4;

/// Whether a result is an emitter that the code has made itself.
pub fn may_speak_at_once(cx: &Context<'_>, result: Node<'_>) -> bool {
    speaks(cx, result, 0)
}

fn speaks(cx: &Context<'_>, result: Node<'_>, depth: usize) -> bool {
    let result = unparenthesized(result);
    let binding = binding_of(cx, result);
    if let Some(binding) = binding.filter(|b| cx.names.binding(*b).kind != BindingKind::Parameter)
        && (sounds_like_one(cx.text(result)) || is_listened_to(cx, binding))
    {
        return true;
    }
    let value = match result.kind() {
        "identifier" => binding.and_then(|binding| initializer(cx, binding)).map(unparenthesized),
        _ => Some(result),
    };
    let Some(value) = value else { return false };
    if value.kind() == "new_expression" {
        let class = value.child_by_field_name("constructor").map_or("", |class| cx.text(class));
        return ENDINGS.iter().any(|ending| class.ends_with(ending));
    }
    let Some((callee, _)) = call_parts(value) else { return false };
    if let Some(function) = called_function(cx, callee).filter(|_| depth < MAX_DEPTH) {
        return returned(function).values.iter().filter_map(|v| v.expression).any(|v| speaks(cx, v, depth + 1));
    }
    let is_known = export_of(cx, callee).is_some_and(|(module, function)| {
        SPEAKING.iter().any(|(of, functions)| *of == plain(module) && functions.contains(&&*function))
    });
    is_known || cx.text(callee).rsplit('.').any(|word| LISTENING.contains(&word) || is_of_streams(word))
}

/// Whether a function is one that is handed streams, or makes one, by its name.
fn is_of_streams(function: &str) -> bool {
    PIPING.contains(&function) || sounds_like_one(function)
}

/// `stream`, `readStream`, `createReadStream`, `socket`.
fn sounds_like_one(name: &str) -> bool {
    ENDINGS.iter().any(|ending| name.ends_with(ending) || name == ending.to_ascii_lowercase())
}

/// A result that a callback listens to by itself, not in a function that is called later; or has another one listen to, that it
/// hands it to.
pub fn listened_to<'a>(cx: &Context<'a>, callback: Node<'a>) -> Option<&'a str> {
    let results = parameters(callback).into_iter().skip(1).map(|p| p.child_by_field_name("pattern").unwrap_or(p));
    let names = results.filter_map(|name| Some((cx.text(name), cx.names.declared_at(name.start_byte())?)));
    names.into_iter().find_map(|(name, binding)| {
        let mut uses = uses(cx, binding).filter(|n| ancestors(*n).find(|a| is_function(*a)) == Some(callback));
        uses.any(|n| listens(cx, n) || is_handed_to_stream(cx, n, name)).then_some(name)
    })
}

/// Whether anything in the file listens to what a name stands for.
fn is_listened_to(cx: &Context<'_>, binding: BindingId) -> bool {
    uses(cx, binding).any(|name| listens(cx, name))
}

fn uses<'a>(cx: &Context<'a>, binding: BindingId) -> impl Iterator<Item = Node<'a>> {
    let ranges = cx.names.binding(binding).references.iter().map(|r| cx.names.reference(*r).range.clone());
    let root = cx.file.root();
    ranges.filter_map(move |r| root.descendant_for_byte_range(r.start, r.end))
}

/// `name.on('data', …)`
fn listens(cx: &Context<'_>, name: Node<'_>) -> bool {
    let member = name.parent().filter(|p| member_parts(*p).is_some_and(|(of, _)| of == name));
    let called = member.and_then(|m| m.parent()).and_then(call_parts).filter(|(callee, _)| Some(*callee) == member);
    let method = called.and_then(|(callee, _)| member_parts(callee)).map(|(_, method)| cx.text(method));
    method.is_some_and(|method| LISTENING.contains(&method))
}

/// `pump(name, file)`; a function of the file that listens to what it is handed; of what sounds like a stream, any call.
fn is_handed_to_stream(cx: &Context<'_>, node: Node<'_>, name: &str) -> bool {
    let call = node.parent().filter(|p| p.kind() == "arguments").and_then(|p| p.parent());
    let Some((callee, arguments)) = call.and_then(call_parts) else { return false };
    let parameter = called_function(cx, callee).and_then(|function| {
        let index = arguments.iter().position(|argument| *argument == node)?;
        let parameter = *parameters(function).get(index)?;
        let name = parameter.child_by_field_name("pattern").unwrap_or(parameter);
        cx.names.declared_at(name.start_byte())
    });
    let is_piping = || cx.text(callee).rsplit('.').any(|word| LISTENING.contains(&word) || is_of_streams(word));
    sounds_like_one(name) || is_piping() || parameter.is_some_and(|parameter| is_listened_to(cx, parameter))
}
