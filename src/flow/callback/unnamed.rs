//! Functions that a call may reach without naming them, and calls that may reach such functions: `plugins.push(load)`, and
//! `plugins[0](path, callback)`.

use tree_sitter::Node;

use super::{
    names::called_names,
    site::{own_callback, site_of_callback},
};
use crate::{
    context::Context,
    flow::{
        asynclib::counting_tasks,
        classify::{called_function, initializer},
        imports::imported,
    },
    project::CallbackFunctions,
    syntax::node::{ancestors, call_parts, is_function, member_parts, unparenthesized, with_parentheses},
};

/// Whether a function with a callback is somewhere a value like others: handed to a call, kept in a list or by a key, or returned.
pub(super) fn is_unnamed(cx: &Context<'_>, function: Node<'_>) -> bool {
    if own_callback(cx, function).is_none() {
        return false;
    }
    let around = with_parentheses(function).parent();
    let own = function.child_by_field_name("name").filter(|_| function.kind() != "method_definition");
    let variable = around.filter(|p| p.kind() == "variable_declarator").and_then(|p| p.child_by_field_name("name"));
    let binding = own.or(variable).and_then(|name| cx.names.declared_at(name.start_byte()));
    let mut uses = binding.iter().flat_map(|b| &cx.names.binding(*b).references).filter_map(|reference| {
        let range = &cx.names.reference(*reference).range;
        cx.file.root().descendant_for_byte_range(range.start, range.end)
    });
    is_kept(with_parentheses(function)) && site_of_callback(cx, function).is_none() || uses.any(is_kept)
}

/// Whether a value goes where calls reach it by no name.
fn is_kept(value: Node<'_>) -> bool {
    let Some(parent) = value.parent() else { return false };
    let is = |field: &str| parent.child_by_field_name(field) == Some(value);
    match parent.kind() {
        "arguments" | "array" | "return_statement" => true,
        "arrow_function" => is("body"),
        "pair" => is("value") && parent.child_by_field_name("key").is_some_and(|k| k.kind() != "property_identifier"),
        "assignment_expression" => {
            is("right") && parent.child_by_field_name("left").is_some_and(|left| left.kind() == "subscript_expression")
        }
        _ => false,
    }
}

/// Whether a callee may be such a function: a member by a key, a parameter or a variable that holds what comes from somewhere, or
/// what a call returns.
pub(super) fn may_be_unnamed(cx: &Context<'_>, callee: Node<'_>) -> bool {
    let callee = unparenthesized(callee);
    match callee.kind() {
        "subscript_expression" | "call_expression" => true,
        "identifier" => {
            let Some(binding) = cx.names.reference_at(callee.start_byte()).and_then(|r| r.binding) else {
                return false;
            };
            let value = initializer(cx, binding).map(unparenthesized);
            let is_named = value.is_some_and(|v| member_parts(v).is_some() || is_function(v) || is_bound(cx, v));
            !is_named && imported(cx, binding).is_none() && called_function(cx, callee).is_none()
        }
        _ => false,
    }
}

/// `store.read.bind(store)`
fn is_bound(cx: &Context<'_>, value: Node<'_>) -> bool {
    let property = call_parts(value).and_then(|(callee, _)| member_parts(callee)).map(|(_, property)| property);
    property.is_some_and(|property| cx.text(property) == "bind")
}

/// Whether a function is one of those that hand their results from one to the next, and are called with a callback behind them.
pub(super) fn is_counting_task(cx: &Context<'_>, function: Node<'_>) -> bool {
    let around = ancestors(function).take(2).filter(|a| matches!(a.kind(), "array" | "arguments"));
    let call = around.last().and_then(|list| match list.kind() {
        "array" => list.parent()?.parent(),
        _ => list.parent(),
    });
    call.is_some_and(|call| counting_tasks(cx, call).contains(&function))
}

/// Notes which functions are handed a callback that counts what it gets: those that are tasks of such a call, and those that
/// a task hands its callback on to.
pub(super) fn note_counted(cx: &Context<'_>, call: Node<'_>, functions: &mut CallbackFunctions) {
    for task in counting_tasks(cx, call) {
        let Some(callback) = own_callback(cx, task).filter(|_| is_function(task)) else {
            // `store.clean.bind(store)`
            let bound = call_parts(task).and_then(|(callee, _)| member_parts(callee)).map(|(object, _)| object);
            called_names(cx, bound.unwrap_or(task)).iter().for_each(|name| functions.count(name));
            continue;
        };
        for reference in &cx.names.binding(callback).references {
            let range = &cx.names.reference(*reference).range;
            let list = cx.file.root().descendant_for_byte_range(range.start, range.end).and_then(|name| name.parent());
            let call = list.filter(|list| list.kind() == "arguments").and_then(|list| list.parent());
            if let Some((callee, _)) = call.and_then(call_parts) {
                called_names(cx, callee).iter().for_each(|name| functions.count(name));
            }
        }
    }
}
