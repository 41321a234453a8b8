//! Calls that are handed an error-first callback in a way that is not followed, and callbacks that are reached in such a
//! way. Nothing becomes of them, and that has a reason which is told.

use tree_sitter::Node;

use super::{
    adapter::is_adapted,
    site::{is_call_back_name, is_callback_of, is_in_executor, is_promise, takes_error_first},
};
use crate::{
    context::Context,
    edit::RefusalCode,
    flow::{
        body::returned,
        chain::link_name,
        classify::{called_function, initializer},
        promisify::{callback_literal, has_error_parameter, is_error_name},
    },
    semantic::BindingKind,
    syntax::node::{
        ancestors, call_parts, enclosing_function, has_optional_chain, is_function, member_parts, named_children,
        unparenthesized, walk, walk_own_code,
    },
};

/// Why nothing is made of a call, or a construction, that is handed an error-first callback; `None` where it is handed none,
/// or in a way that is followed.
pub fn unfollowed(cx: &Context<'_>, call: Node<'_>) -> Option<RefusalCode> {
    let arguments = call.child_by_field_name("arguments").filter(|a| a.kind() == "arguments").map(named_children)?;
    let callee = call.child_by_field_name("function").or_else(|| call.child_by_field_name("constructor"))?;
    let last = unparenthesized(*arguments.last()?);
    let is_callback = |n: &Node<'_>| is_error_first(cx, call, *n);
    // An adapter asks for its callback first, and is where conversion ends: `cb && (err => cb(err))`.
    let asked = last.child_by_field_name("condition").or_else(|| last.child_by_field_name("left"));
    if is_adapted(cx, callee) && asked.is_some_and(|asked| is_callback(&asked)) {
        return None;
    }
    let code = if call.kind() == "new_expression" {
        // What is handed on by its name may be anything that the object is made of.
        let is_written = callback_literal(last).is_some() && is_callback(&last);
        (is_written && !is_promise(cx, call)).then_some(RefusalCode::CallResultUsed)
    } else if has_optional_chain(call) {
        is_callback(&last).then_some(RefusalCode::ComplexCallee)
    } else if is_applied(cx, callee) && last.kind() == "array" {
        named_children(last).last().is_some_and(is_callback).then_some(RefusalCode::ComplexCallee)
    } else {
        let is_made = made_of_function(cx, last).is_some_and(|function| is_callback(&function));
        let is_elsewhere = is_made || choices(last).iter().any(is_callback) || is_returned_callback(cx, last);
        is_elsewhere.then_some(RefusalCode::CallbackNotInPlace).or_else(|| hands_all_on(cx, call, last))
    };
    let count = arguments.len();
    code.filter(|_| !registers(cx, callee, count) && link_name(cx, call).is_none() && !is_in_executor(cx, call))
}

/// A function that is written in place and takes an error first, or the callback of a function around it.
fn is_error_first(cx: &Context<'_>, call: Node<'_>, argument: Node<'_>) -> bool {
    let argument = unparenthesized(argument);
    match callback_literal(argument) {
        Some((function, _)) => has_error_parameter(cx, function),
        None => {
            argument.kind() == "identifier"
                && is_call_back_name(cx.text(argument))
                && is_callback_of(cx, call, argument)
        }
    }
}

/// `load.apply`
fn is_applied(cx: &Context<'_>, callee: Node<'_>) -> bool {
    member_parts(callee).is_some_and(|(_, property)| cx.text(property) == "apply")
}

/// The function that an argument is made of, where that is written in place, or in what a variable is declared with:
/// `once(function (err) {…})`.
fn made_of_function<'a>(cx: &Context<'a>, argument: Node<'a>) -> Option<Node<'a>> {
    let binding = cx.names.reference_at(argument.start_byte()).filter(|_| argument.kind() == "identifier");
    let made = match binding {
        Some(reference) => unparenthesized(initializer(cx, reference.binding?)?),
        None => argument,
    };
    let (_, arguments) = call_parts(made).filter(|_| !takes_error_first(cx, made))?;
    arguments.into_iter().find(|a| callback_literal(*a).is_some())
}

/// Whether a function of the file makes an argument, by returning a function that takes an error first: `done('a')`.
fn is_returned_callback(cx: &Context<'_>, argument: Node<'_>) -> bool {
    let maker = call_parts(argument).and_then(|(callee, _)| called_function(cx, callee));
    let values = maker.map(|maker| returned(maker).values).unwrap_or_default();
    let mut made = values.iter().filter_map(|value| callback_literal(value.expression?));
    made.any(|(function, _)| has_error_parameter(cx, function))
}

/// Why a callback is not followed that hands on all that it gets, whatever that is.
fn hands_all_on(cx: &Context<'_>, call: Node<'_>, argument: Node<'_>) -> Option<RefusalCode> {
    let (function, _) = callback_literal(argument).filter(|(f, _)| !has_error_parameter(cx, *f))?;
    // One that is called in no other way is known by its name alone.
    let is_handed = |n: Node<'_>| {
        let binding = cx.names.reference_at(n.start_byte()).and_then(|r| r.binding).map(|b| cx.names.binding(b));
        let declared = binding.filter(|b| b.kind == BindingKind::Parameter).and_then(|b| b.declarations.first());
        is_call_back_name(cx.text(n)) && declared.is_some_and(|d| !function.byte_range().contains(&d.start))
    };
    let is_callback = |n: Node<'_>| n.kind() == "identifier" && (is_callback_of(cx, call, n) || is_handed(n));
    let mut found = None;
    walk_own_code(function, |n| {
        if let Some((callee, arguments)) = call_parts(n).filter(|_| found.is_none()) {
            let applied = member_parts(callee).filter(|(object, p)| cx.text(*p) == "apply" && is_callback(*object));
            let hands_arguments = arguments.last().is_some_and(|a| cx.text(*a) == "arguments");
            let hands_list = arguments.last().is_some_and(|a| a.kind() == "spread_element");
            found = match (applied.is_some(), is_callback(callee)) {
                (true, _) if hands_arguments => Some(RefusalCode::UsesThis),
                (_, true) if hands_list => Some(RefusalCode::ManyResults),
                _ => None,
            };
        }
        found.is_none()
    });
    found
}

/// What an argument may be, where that is decided on the spot: `quiet ? ignore : report`, `quiet && ignore`.
fn choices(argument: Node<'_>) -> Vec<Node<'_>> {
    let part = |field| argument.child_by_field_name(field);
    match argument.kind() {
        "ternary_expression" => ["consequence", "alternative"].into_iter().filter_map(part).collect(),
        "binary_expression" => part("right").into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Whether a callee keeps what it is handed, as `on` does; be it by way of `?.`, or of `apply`.
fn registers(cx: &Context<'_>, callee: Node<'_>, arguments: usize) -> bool {
    let called = if is_applied(cx, callee) { callee.child_by_field_name("object").unwrap_or(callee) } else { callee };
    let name = called.child_by_field_name("property").unwrap_or(called);
    let receiver = called.child_by_field_name("object").map(|object| cx.text(object));
    cx.apis.is_registration_on(receiver, cx.text(name), arguments)
}

/// What is wrong with a call that seems to be waited for by nobody, if its callback calls something that is named like a
/// callback all the same.
pub(super) fn why_detached(cx: &Context<'_>, site: Node<'_>) -> Option<RefusalCode> {
    let (_, arguments) = call_parts(site)?;
    let (function, _) = callback_literal(*arguments.last()?)?;
    let mut found = None;
    walk(function, |n| {
        found = found.or_else(|| called_back(cx, n, function));
        found.is_none()
    });
    found
}

/// What is in the way where a node calls back in a way that is not followed.
fn called_back(cx: &Context<'_>, call: Node<'_>, callback: Node<'_>) -> Option<RefusalCode> {
    let callee = call.child_by_field_name("function").filter(|_| call.kind() == "call_expression")?;
    let arguments = call.child_by_field_name("arguments").map(named_children)?;
    let name = callee.child_by_field_name("property").unwrap_or(callee);
    let is_told = arguments.first().is_some_and(|first| {
        let first = unparenthesized(*first);
        matches!(first.kind(), "null" | "undefined" | "new_expression") || is_error_name(cx.text(first))
    });
    if !is_told || !is_call_back_name(cx.text(name)) || called_function(cx, callee).is_some() {
        return None;
    }
    if callee.kind() != "identifier" || has_optional_chain(call) {
        return Some(RefusalCode::IndirectCallback);
    }
    let binding = cx.names.reference_at(callee.start_byte())?.binding?;
    let declared = cx.names.binding(binding).declarations.first()?;
    if callback.byte_range().contains(&declared.start) {
        return None;
    }
    let node = cx.file.root().descendant_for_byte_range(declared.start, declared.end)?;
    let is_plain = node.parent().is_some_and(|p| matches!(p.kind(), "formal_parameters" | "required_parameter"));
    if cx.names.binding(binding).kind == BindingKind::Parameter && is_plain {
        // One of the function itself would have been found: it is that of a function further out.
        let owner = ancestors(node).find(|a| is_function(*a));
        return (owner != enclosing_function(callback)).then_some(RefusalCode::CallbackEscapes);
    }
    Some(RefusalCode::IndirectCallback)
}
