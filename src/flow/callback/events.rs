//! Functions that call back as something tells of an event: `rl.once('line', (line) => cb(null, line))`.
//!
//! What tells of one event may tell of the next in the same turn: another line of a chunk, another message of a packet. Who
//! begins to listen in the callback hears it. Behind an `await` it would be too late: nobody calls back any more.

use tree_sitter::Node;

use super::{
    names::called_names,
    site::{bound, last_function},
};
use crate::{
    context::Context,
    flow::{
        classify::{called_function, initializer},
        known::export_of,
    },
    project::CallbackFunctions,
    semantic::BindingKind,
    syntax::node::{ancestors, call_parts, is_function, member_parts, unparenthesized, walk, with_parentheses},
};

/// The methods that have a function called for an event, and the one that asks for a line (Node, "readline").
const LISTENING: &[&str] =
    &["addEventListener", "addListener", "on", "once", "prependListener", "prependOnceListener", "question"];

/// Events behind which nothing else follows in the same turn.
const SINGLE: &[&str] = &[
    "abort",
    "close",
    "connect",
    "disconnect",
    "drain",
    "end",
    "error",
    "exit",
    "finish",
    "listening",
    "load",
    "open",
    "ready",
    "secureConnect",
    "spawn",
    "timeout",
];

/// What a call listens for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// What comes once, or last.
    Single,
    /// One of many.
    OneOfMany,
}

/// What a call listens for, of something that a function has not made itself.
pub(super) fn listened_for(cx: &Context<'_>, call: Node<'_>, function: Node<'_>) -> Option<Event> {
    let (callee, arguments) = call_parts(call)?;
    let (object, method) = member_parts(callee)?;
    let [event, _, ..] = arguments[..] else { return None };
    let is_single = SINGLE.contains(&cx.text(event).trim_matches(['\'', '"', '`']));
    let event = if is_single { Event::Single } else { Event::OneOfMany };
    Some(event).filter(|_| LISTENING.contains(&cx.text(method)) && !is_made_in(cx, object, function))
}

/// Whether an object is a variable of a function that holds what a call has made there.
fn is_made_in(cx: &Context<'_>, object: Node<'_>, function: Node<'_>) -> bool {
    let mut object = unparenthesized(object);
    // `rl.on('line', …).on('close', …)`
    while let Some((inner, _)) = member_parts(object).or_else(|| member_parts(call_parts(object)?.0)) {
        object = unparenthesized(inner);
    }
    let binding = cx.names.reference_at(object.start_byte()).and_then(|r| r.binding);
    binding.filter(|_| object.kind() == "identifier").is_some_and(|binding| {
        let declared = cx.names.binding(binding);
        let is_inside = declared.declarations.iter().any(|d| function.byte_range().contains(&d.start));
        let value = || initializer(cx, binding).map(unparenthesized);
        let is_made = || value().is_some_and(|v| matches!(v.kind(), "call_expression" | "new_expression"));
        declared.kind != BindingKind::Parameter && is_inside && is_made()
    })
}

/// Whether a callback listens for the next event, or calls a function that does.
pub fn listens_next(cx: &Context<'_>, call: Node<'_>, callback: Node<'_>) -> bool {
    let next = next_of(cx, call, callback);
    next.listens || next.calls.iter().any(|name| cx.callbacks.listens(name))
}

/// Whether a call asks for one of many events itself: `rl.question('name?', cb)`.
pub fn asks_for_event(cx: &Context<'_>, call: Node<'_>) -> bool {
    let around = ancestors(call).find(|a| is_function(*a)).unwrap_or(call);
    listened_for(cx, call, around) == Some(Event::OneOfMany)
}

/// What a callback does that an event may be meant for.
#[derive(Debug, Default)]
struct Next {
    /// Whether it listens itself, or begins anew with the code around.
    listens: bool,
    /// The names of the functions that it calls with a callback.
    calls: Vec<String>,
}

fn next_of(cx: &Context<'_>, call: Node<'_>, callback: Node<'_>) -> Next {
    let mut next = Next::default();
    walk(callback, |n| {
        if let Some((callee, arguments)) = call_parts(n) {
            let repeats = || called_function(cx, callee).is_some_and(|f| f.byte_range().contains(&call.start_byte()));
            next.listens |= listened_for(cx, n, callback).is_some() || repeats();
            let last = arguments.last().map(|a| unparenthesized(*a));
            if last.is_some_and(|last| is_function(last) || last.kind() == "identifier") {
                next.calls.extend(called_names(cx, callee));
            }
        }
        true
    });
    next
}

/// Notes what a callback does that a call is handed, where it may be called as something tells of an event.
pub(super) fn note_followed(cx: &Context<'_>, call: Node<'_>, functions: &mut CallbackFunctions) {
    let Some((callee, arguments)) = call_parts(call) else { return };
    let Some(callback) = last_function(cx, call) else {
        // `this.next`, `this.next.bind(this)`: what that does is not known, nor whether it listens.
        let last = arguments.last().map(|a| unparenthesized(*a));
        if last.is_some_and(|last| last.kind() == "member_expression" || bound(cx, last).is_some()) {
            called_names(cx, callee).iter().for_each(|name| functions.listen_next(name));
        }
        return;
    };
    let next = next_of(cx, call, callback);
    let listens = next.listens || is_in_tasks(cx, call);
    for name in called_names(cx, callee) {
        if listens {
            functions.listen_next(&name);
        }
        next.calls.iter().for_each(|other| functions.follow(&name, other));
    }
}

/// Whether a call stands in a task of the `async` library, behind which the next one begins at once.
fn is_in_tasks(cx: &Context<'_>, call: Node<'_>) -> bool {
    let tasks = ancestors(call).filter(|a| is_function(*a)).filter_map(|task| {
        let list = with_parentheses(task).parent()?;
        let arguments = if list.kind() == "array" { list.parent()? } else { list };
        arguments.parent().filter(|_| arguments.kind() == "arguments").and_then(call_parts)
    });
    let mut callees = tasks.map(|(callee, _)| callee);
    cx.file.source.text().contains("async") && callees.any(|callee| is_made_of_library(cx, callee))
}

/// `async.mapSeries`, `util.promisify(async.mapSeries.bind(async))`
fn is_made_of_library(cx: &Context<'_>, callee: Node<'_>) -> bool {
    let mut found = false;
    walk(callee, |n| {
        found |= export_of(cx, n).is_some_and(|(module, _)| module == "async");
        !found && !is_function(n)
    });
    found
}
