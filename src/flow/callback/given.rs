//! Whether a function is called with a callback: by what it does itself, by all who can call it, and by the calls of its
//! name in all files.

use std::ops::Range;

use tree_sitter::Node;

use super::{
    names::{called_names, names},
    site::{bound, is_call_back_name, own_callback},
};
use crate::{
    context::Context,
    flow::{
        asynclib::place_of_callback,
        asyncness::own_bindings,
        chain::parameters,
        classify::{called_function, initializer, required_package},
        imports::imported,
        promisify::callback_literal,
    },
    project::CallbackFunctions,
    semantic::{BindingId, BindingKind},
    syntax::node::{ancestors, call_parts, has_token, is_function, member_parts, unparenthesized},
};

/// How many functions are followed from one to the one that calls it.
const MAX_FUNCTIONS: usize = 32;

/// How many calls may be around a callback that is handed on: `once(dezalgo(callback))`.
const MAX_CALLS: usize = 3;

/// Whether everybody who could call a function is in sight and passes a callback, or it looks after one itself.
pub(super) fn is_always_given(cx: &Context<'_>, function: Node<'_>, callback: BindingId) -> bool {
    is_given_within(cx, function, callback, &mut Vec::new())
}

fn is_given_within<'a>(cx: &Context<'a>, function: Node<'a>, callback: BindingId, seen: &mut Vec<BindingId>) -> bool {
    if has_default(cx, function, callback) || seen.contains(&callback) {
        return true;
    }
    if seen.len() == MAX_FUNCTIONS {
        return false;
    }
    seen.push(callback);
    let Some(at) = parameters(function).iter().position(|p| declared(cx, *p) == Some(callback)) else { return false };
    let own = own_bindings(cx, function);
    !own.is_empty() && own.iter().all(|name| is_called_with(cx, *name, at, seen))
}

/// Whether all that becomes of a function by one of its names is that it is called, with a callback for certain at a place
/// among the arguments; be it by a function of the file that it is handed to.
fn is_called_with<'a>(cx: &Context<'a>, name: BindingId, at: usize, seen: &mut Vec<BindingId>) -> bool {
    uses_of(cx, name).all(|used| {
        let Some(parent) = used.parent() else { return false };
        if let Some((_, arguments)) = call_parts(parent).filter(|(callee, _)| *callee == used) {
            return argument_at(&arguments, at).is_some_and(|argument| is_certain(cx, argument, seen));
        }
        if is_called_by_library(cx, used, at, seen) {
            return true;
        }
        let Some(parameter) = parameter_for(cx, used) else { return false };
        let is_new = !seen.contains(&parameter) && seen.len() < MAX_FUNCTIONS;
        if is_new {
            seen.push(parameter);
        }
        seen.contains(&parameter) && (!is_new || is_called_with(cx, parameter, at, seen))
    })
}

/// The parameter by which a function of the file gets an argument.
fn parameter_for(cx: &Context<'_>, argument: Node<'_>) -> Option<BindingId> {
    let (callee, arguments) = argument.parent()?.parent().and_then(call_parts)?;
    let index = arguments.iter().position(|other| *other == argument)?;
    declared(cx, *parameters(called_function(cx, callee)?).get(index)?)
}

/// Whether a function goes to the `async` library, which always passes a callback: by itself, in a list, or added to one.
fn is_called_by_library(cx: &Context<'_>, used: Node<'_>, at: usize, seen: &mut Vec<BindingId>) -> bool {
    let place = |argument: Node<'_>| place_of_callback(cx, argument.parent()?.parent()?, argument);
    let Some(parent) = used.parent() else { return false };
    if parent.kind() == "array" {
        return place(parent) == Some(0) && at == 0;
    }
    let added_to = parent.parent().and_then(call_parts).and_then(|(callee, _)| member_parts(callee));
    let list = added_to.filter(|(_, property)| cx.text(*property) == "push").map(|(list, _)| list);
    match list.and_then(|list| cx.names.reference_at(list.start_byte())).and_then(|r| r.binding) {
        Some(list) => at == 0 && is_list_of_tasks(cx, list, seen),
        // A list of tasks is no function, so what stands in its place is nothing that is known.
        None => place(used) == Some(at) && at > 0,
    }
}

/// Whether all that becomes of a list is that functions are added to it, and that the library calls them.
fn is_list_of_tasks(cx: &Context<'_>, list: BindingId, seen: &mut Vec<BindingId>) -> bool {
    let is_own = cx.names.binding(list).kind == BindingKind::Parameter
        || initializer(cx, list).is_some_and(|value| value.kind() == "array");
    if seen.contains(&list) || seen.len() == MAX_FUNCTIONS || !is_own || cx.names.is_reassigned(list) {
        return seen.contains(&list);
    }
    seen.push(list);
    uses_of(cx, list).all(|used| {
        let Some(parent) = used.parent() else { return false };
        if let Some((_, property)) = member_parts(parent).filter(|(object, _)| *object == used) {
            return matches!(cx.text(property), "length" | "push");
        }
        let call = parent.parent().filter(|_| parent.kind() == "arguments");
        call.is_some_and(|call| place_of_callback(cx, call, used) == Some(0))
            || parameter_for(cx, used).is_some_and(|parameter| is_list_of_tasks(cx, parameter, seen))
    })
}

/// The variable that a parameter declares, if it is a plain one.
fn declared(cx: &Context<'_>, parameter: Node<'_>) -> Option<BindingId> {
    cx.names.declared_at(parameter.child_by_field_name("pattern").unwrap_or(parameter).start_byte())
}

/// Whether what is passed is a function for certain: one that stands there, one of the file, or the callback of a function
/// that is always given one.
fn is_certain<'a>(cx: &Context<'a>, argument: Node<'a>, seen: &mut Vec<BindingId>) -> bool {
    if callback_literal(argument).is_some() || bound(cx, argument).is_some() || called_function(cx, argument).is_some()
    {
        return true;
    }
    let binding = cx.names.reference_at(unparenthesized(argument).start_byte()).and_then(|r| r.binding);
    let Some(binding) = binding.filter(|_| unparenthesized(argument).kind() == "identifier") else { return false };
    ancestors(argument)
        .filter(|n| is_function(*n))
        .find(|function| own_callback(cx, *function) == Some(binding))
        .is_some_and(|function| is_given_within(cx, function, binding, seen))
}

/// Whether a function gives its callback a value where it has none, whatever else it does: `cb = cb || noop`, or `if (!cb)
/// cb = noop`, as a statement of its own.
pub(super) fn has_default(cx: &Context<'_>, function: Node<'_>, callback: BindingId) -> bool {
    is_given_default(cx, function, callback, |_| true)
}

/// The same where the code behind still asks if there is a callback: what a function brings that was asked for one
/// (`cb = pickCallback(options, cb)`) may be none then.
pub(super) fn has_default_of_its_own(cx: &Context<'_>, function: Node<'_>, callback: BindingId) -> bool {
    is_given_default(cx, function, callback, |value| value.kind() != "call_expression")
}

fn is_given_default(
    cx: &Context<'_>,
    function: Node<'_>,
    callback: BindingId,
    counts: impl Fn(Node<'_>) -> bool,
) -> bool {
    let body = function.child_by_field_name("body");
    let ranges = cx.names.binding(callback).references.iter().map(|r| &cx.names.reference(*r).range);
    ranges.filter(|range| default_given(cx, range).is_some_and(&counts)).any(|range| {
        let Some(name) = cx.file.root().descendant_for_byte_range(range.start, range.end) else { return false };
        let mut around = ancestors(name).filter(|a| !matches!(a.kind(), "expression_statement" | "statement_block"));
        let Some(outer) = around.find(|a| !matches!(a.kind(), "assignment_expression" | "parenthesized_expression"))
        else {
            return false;
        };
        // `callback = callback || noop` is all that there is; what is around it is the function.
        let asks = match outer.kind() {
            "if_statement" => outer.child_by_field_name("condition").is_some_and(|condition| {
                let inside = cx.names.references_in(&condition.byte_range());
                let is_own = inside.iter().any(|r| r.binding == Some(callback));
                is_own && is_asked_for_lack(cx.text(condition), &cx.names.binding(callback).name)
            }),
            _ => outer == function,
        };
        let statement = if outer == function { name } else { outer };
        asks && ancestors(statement).find(|a| a.kind() == "statement_block") == body
    })
}

/// Whether a condition holds wherever there is no callback: `(!cb)`, `(typeof cb !== 'function')`, `(cb === undefined)`.
fn is_asked_for_lack(condition: &str, callback: &str) -> bool {
    let text: String =
        condition.chars().filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '\'' | '"')).collect();
    let known = ["!{}", "typeof{}!==function", "typeof{}!=function", "{}===undefined", "{}==null", "{}==undefined"];
    known.iter().any(|form| text == form.replace("{}", callback))
}

/// What a use of a callback gives it where it has none: `cb = cb || noop`, and not `cb = options`.
fn default_given<'a>(cx: &Context<'a>, range: &Range<usize>) -> Option<Node<'a>> {
    let name = cx.file.root().descendant_for_byte_range(range.start, range.end);
    let assignment = name.and_then(|n| n.parent()).filter(|p| p.kind() == "assignment_expression");
    let is_target = assignment.is_some_and(|a| a.child_by_field_name("left") == name);
    let value = assignment.filter(|_| is_target).and_then(|a| a.child_by_field_name("right")).map(unparenthesized);
    value.filter(|v| {
        let binding = cx.names.reference_at(v.start_byte()).and_then(|r| r.binding);
        let is_parameter = binding.is_some_and(|b| cx.names.binding(b).kind == BindingKind::Parameter);
        v.kind() != "ternary_expression" && !(v.kind() == "identifier" && is_parameter)
    })
}

/// Whether a function can't do without a callback, and no call that can be seen lacks one. Whoever passes none all the same
/// gets what the functions make of it that it is handed on to.
pub(super) fn is_given_wherever_seen(cx: &Context<'_>, function: Node<'_>, callback: BindingId) -> bool {
    let lacks = |name: &String| cx.callbacks.may_lack_callback(name);
    let is_given = is_given_in_file(cx, function, callback).unwrap_or_else(|| !names(cx, function).iter().any(lacks));
    is_given && is_needed(cx, function, callback) && !asks_before_calling(cx, callback)
}

/// Whether a function asks on some path if there is a callback to call: `callback && callback(err)`. That another path does
/// not ask is no sign then that it is always given one.
fn asks_before_calling(cx: &Context<'_>, callback: BindingId) -> bool {
    uses_of(cx, callback).any(|used| match used.parent() {
        Some(parent) if parent.kind() == "binary_expression" => {
            has_token(parent, "&&") && parent.child_by_field_name("left") == Some(used)
        }
        Some(parent) => {
            parent.kind() == "parenthesized_expression" && parent.parent().is_some_and(|p| p.kind() == "if_statement")
        }
        None => false,
    })
}

/// Whether each call of a function passes something that may be a callback. `None` where others than this file may call it.
fn is_given_in_file(cx: &Context<'_>, function: Node<'_>, callback: BindingId) -> Option<bool> {
    let at = parameters(function).iter().position(|p| declared(cx, *p) == Some(callback))?;
    let own = own_bindings(cx, function);
    let mut is_given = !own.is_empty();
    for used in own.iter().flat_map(|name| uses_of(cx, *name)) {
        let parent = used.parent()?;
        if let Some((_, arguments)) = call_parts(parent).filter(|(callee, _)| *callee == used) {
            is_given &= argument_at(&arguments, at).is_some_and(|argument| may_be_callback(cx, argument));
            continue;
        }
        let (callee, _) = parent.parent().and_then(call_parts)?;
        called_function(cx, callee)?;
        is_given &= parameter_for(cx, used).is_some_and(|parameter| is_only_called_with_callback(cx, parameter));
    }
    (!own.is_empty()).then_some(is_given)
}

/// Whether all that becomes of a function that a parameter stands for is that it is called, and each time with something
/// behind all other arguments that may be a callback.
fn is_only_called_with_callback(cx: &Context<'_>, parameter: BindingId) -> bool {
    uses_of(cx, parameter).all(|used| {
        let call = used.parent().and_then(call_parts).filter(|(callee, _)| *callee == used);
        call.is_some_and(|(_, arguments)| {
            let last = arguments.len().checked_sub(1).and_then(|last| argument_at(&arguments, last));
            last.is_some_and(|last| may_be_callback(cx, last))
        })
    })
}

/// The places where a variable is used.
pub(super) fn uses_of<'a>(cx: &Context<'a>, name: BindingId) -> impl Iterator<Item = Node<'a>> {
    let references = cx.names.binding(name).references.iter().map(|r| &cx.names.reference(*r).range);
    references.filter_map(|r| cx.file.root().descendant_for_byte_range(r.start, r.end))
}

/// The argument that a parameter gets. What is spread in front of it may be any number of them.
fn argument_at<'t>(arguments: &[Node<'t>], at: usize) -> Option<Node<'t>> {
    let is_single = |argument: &Node<'_>| argument.kind() != "spread_element";
    arguments.get(at).copied().filter(|_| arguments[..at].iter().all(is_single))
}

/// Whether a function calls its callback without asking if there is one, or hands it on to a function of the file that
/// does.
fn is_needed(cx: &Context<'_>, function: Node<'_>, callback: BindingId) -> bool {
    let mut reached = vec![callback];
    let mut next = 0;
    while let Some(callback) = reached.get(next).copied().filter(|_| next < MAX_FUNCTIONS) {
        next += 1;
        for reference in &cx.names.binding(callback).references {
            let range = &cx.names.reference(*reference).range;
            let used = cx.file.root().descendant_for_byte_range(range.start, range.end);
            let Some((name, parent)) = used.and_then(|name| Some((name, name.parent()?))) else { continue };
            if call_parts(parent).is_some_and(|(callee, _)| callee == name) {
                let asks =
                    parent.parent().is_some_and(|p| matches!(p.kind(), "binary_expression" | "ternary_expression"));
                if !asks {
                    return true;
                }
            }
            let handed = parent.parent().filter(|_| parent.kind() == "arguments").and_then(call_parts);
            let other = handed.and_then(|(callee, _)| called_function(cx, callee)).filter(|other| *other != function);
            reached.extend(other.and_then(|other| own_callback(cx, other)).filter(|own| !reached.contains(own)));
        }
    }
    false
}

/// Notes which functions a call calls without a callback, and which it hands to somebody else.
pub(super) fn note_lacking(cx: &Context<'_>, call: Node<'_>, functions: &mut CallbackFunctions) {
    let Some((callee, arguments)) = call_parts(call) else { return };
    if !arguments.last().is_some_and(|last| may_be_callback(cx, *last)) {
        // `read.apply(store, list)`
        let applied = member_parts(callee).filter(|(_, property)| cx.text(*property) == "apply");
        let called = applied.map_or(callee, |(object, _)| object);
        called_names(cx, called).iter().for_each(|name| functions.lack_callback(name));
    }
    // A function of this file that is handed one calls it by the name of its parameter.
    let handed = if called_function(cx, callee).is_some() { Vec::new() } else { arguments };
    for handed in handed.iter().map(|a| unparenthesized(*a)) {
        let is_function = match handed.kind() {
            "member_expression" => true,
            "call_expression" => required_package(cx, handed).is_some(),
            "identifier" => {
                let binding = cx.names.reference_at(handed.start_byte()).and_then(|r| r.binding);
                called_function(cx, handed).is_some() || binding.is_some_and(|b| imported(cx, b).is_some())
            }
            _ => false,
        };
        if is_function {
            called_names(cx, handed).iter().for_each(|name| functions.lack_callback(name));
        }
    }
}

/// Whether an argument may be a callback: a function, something that is named like one, or the last of a list.
pub(super) fn may_be_callback(cx: &Context<'_>, argument: Node<'_>) -> bool {
    is_callback_within(cx, argument, MAX_CALLS)
}

fn is_callback_within(cx: &Context<'_>, argument: Node<'_>, calls: usize) -> bool {
    let argument = unparenthesized(argument);
    match argument.kind() {
        "identifier" => {
            is_call_back_name(cx.text(argument))
                || called_function(cx, argument).is_some()
                || is_found_to_be_function(cx, argument)
        }
        // `once(callback)`, `finish.bind(null, x)`
        "call_expression" if calls > 0 => call_parts(argument).is_some_and(|(callee, arguments)| {
            let is_bound = member_parts(callee).is_some_and(|(_, property)| cx.text(property) == "bind");
            is_bound || arguments.iter().any(|a| is_callback_within(cx, *a, calls - 1))
        }),
        "member_expression" => member_parts(argument).is_some_and(|(_, p)| is_call_back_name(cx.text(p))),
        _ => is_function(argument),
    }
}

/// Whether a name stands where a condition has found it to be a function: `if (typeof options === 'function')`.
fn is_found_to_be_function(cx: &Context<'_>, name: Node<'_>) -> bool {
    let asked = ["'function'", "\"function\""].map(|kind| format!("typeof {} === {kind}", cx.text(name)));
    ancestors(name).take_while(|a| !is_function(*a)).filter(|a| a.kind() == "if_statement").any(|branch| {
        let is_then = branch
            .child_by_field_name("consequence")
            .is_some_and(|then| then.byte_range().contains(&name.start_byte()));
        let condition = branch.child_by_field_name("condition").map_or("", |c| cx.text(c));
        is_then && asked.iter().any(|asked| condition.contains(asked.as_str()))
    })
}
