//! Callbacks that are only told that something is done. No error ever reaches them, so what is thrown ends the process
//! today, and has to end it afterwards: whoever gets nothing looks at nothing, and would go on as if all were well.

use tree_sitter::Node;

use super::{given::uses_of, relied::only_looks_at, site::own_callback};
use crate::{
    context::Context,
    flow::{chain::parameters, classify::called_function},
    syntax::node::{ancestors, call_parts, enclosing_function, is_function, with_parentheses},
};

/// How many functions a callback is followed through.
const MAX_FUNCTIONS: usize = 32;

/// Functions that call the function they are given, with what stands behind so many arguments.
const CALLING: &[(&str, usize)] =
    &[("process.nextTick", 1), ("queueMicrotask", 1), ("setImmediate", 1), ("setTimeout", 2)];

/// Whether the callback of a function never gets anything: all code that calls it calls it with nothing, and it is handed on
/// to timers and to functions of the file that do the same.
pub fn gets_nothing(cx: &Context<'_>, function: Node<'_>) -> bool {
    let (mut reached, mut next, mut is_called) = (vec![function], 0, false);
    while let Some(function) = reached.get(next).copied() {
        let Some(callback) = own_callback(cx, function).filter(|_| next < MAX_FUNCTIONS) else { return false };
        next += 1;
        if cx.names.is_reassigned(callback) {
            return false;
        }
        for used in uses_of(cx, callback) {
            let Some(parent) = used.parent() else { return false };
            let called = call_parts(parent).filter(|(callee, _)| *callee == used);
            let handed_to = parent.parent().filter(|_| parent.kind() == "arguments").and_then(call_parts);
            match (called, handed_to) {
                (Some((_, arguments)), _) if arguments.is_empty() => is_called = true,
                (Some(_), _) => return false,
                (None, Some((callee, arguments))) if calls_with_nothing(cx, callee, arguments.len()) => {
                    is_called = true
                }
                (None, Some((callee, _))) => match taken_by(cx, callee, used) {
                    Some(other) if reached.contains(&other) => {}
                    Some(other) => reached.push(other),
                    None => return false,
                },
                (None, None) if only_looks_at(cx, used, callback) => {}
                (None, None) => return false,
            }
        }
    }
    is_called
}

/// Whether a function calls its callback before it returns, on some path that can be seen: in its own code, or in what it
/// hands to a function of the file that does so.
pub(super) fn may_call_back_at_once(cx: &Context<'_>, function: Node<'_>) -> bool {
    let (mut reached, mut next) = (vec![function], 0);
    while let Some(function) = reached.get(next).copied() {
        let Some(callback) = own_callback(cx, function).filter(|_| next < MAX_FUNCTIONS) else { return true };
        next += 1;
        for used in uses_of(cx, callback) {
            let is_called = used.parent().and_then(call_parts).is_some_and(|(callee, _)| callee == used);
            if is_called && enclosing_function(used) == Some(function) {
                return true;
            }
            // The callback itself, or the function in this one's code that calls it.
            let inner = ancestors(used).take_while(|a| *a != function).filter(|a| is_function(*a)).last();
            let handed = with_parentheses(inner.unwrap_or(used));
            let call = handed.parent().filter(|list| list.kind() == "arguments").and_then(|list| list.parent());
            let taker = call.and_then(call_parts).and_then(|(callee, _)| taken_by(cx, callee, handed));
            reached.extend(taker.filter(|other| !reached.contains(other)));
        }
    }
    false
}

/// Whether a callee calls the function it is given with nothing, where it has so many arguments.
fn calls_with_nothing(cx: &Context<'_>, callee: Node<'_>, arguments: usize) -> bool {
    CALLING.iter().any(|(name, own)| *name == cx.text(callee) && arguments <= *own)
}

/// The function of the file that takes an argument of its call as its callback.
fn taken_by<'a>(cx: &Context<'a>, callee: Node<'a>, argument: Node<'_>) -> Option<Node<'a>> {
    let function = called_function(cx, callee)?;
    let (_, arguments) = callee.parent().and_then(call_parts)?;
    let index = arguments.iter().position(|a| *a == argument)?;
    let parameter = parameters(function).get(index).copied()?;
    let name = parameter.child_by_field_name("pattern").unwrap_or(parameter);
    let declared = cx.names.declared_at(name.start_byte())?;
    (own_callback(cx, function) == Some(declared)).then_some(function)
}
