//! Code that certainly does not throw.
//!
//! An executor or a handler whose throw is lost today (it leaves the promise pending for ever) would reject after
//! the rewrite. Where nothing in it can throw there is no such difference.

use tree_sitter::Node;

use super::list::is_caught_within;
use crate::{
    context::Context,
    flow::{
        callback::error_at,
        classify::{called_function, initializer, is_global},
    },
    semantic::{BindingId, BindingKind, ScopeKind},
    syntax::node::{
        ancestors, call_parts, enclosing_function, is_function, member_parts, named_children, unparenthesized,
        walk_own_code,
    },
};

/// Objects whose methods do not throw whatever they are given.
const QUIET_OBJECTS: &[&str] = &["console"];

/// Classes that can be constructed from anything.
const QUIET_CLASSES: &[&str] = &["Error", "TypeError", "RangeError", "Map", "Set", "Date"];

/// Functions that take anything.
const QUIET_FUNCTIONS: &[&str] =
    &["Boolean", "clearTimeout", "clearInterval", "clearImmediate", "isNaN", "setTimeout", "setInterval"];

/// Whether running a piece of code can't throw. Errs towards no.
pub(super) fn is_quiet(cx: &Context<'_>, code: Node<'_>) -> bool {
    let mut quiet = true;
    walk_own_code(code, |n| {
        quiet &= match n.kind() {
            "call_expression" => is_quiet_call(cx, n),
            "new_expression" => n
                .child_by_field_name("constructor")
                .is_some_and(|c| QUIET_CLASSES.contains(&cx.text(c)) && is_global(cx, c)),
            "member_expression" => is_quiet_member(cx, n),
            "await_expression"
            | "yield_expression"
            | "throw_statement"
            | "subscript_expression"
            | "for_in_statement"
            | "spread_element"
            | "object_pattern"
            | "array_pattern"
            | "class_declaration"
            | "class"
            | "import" => false,
            _ => true,
        };
        quiet
    });
    quiet
}

/// Whether what a task library is handed, a list or its tasks, throws nothing before the first call of a task has begun: what a
/// callee does, and what callbacks do later, is another matter.
pub(super) fn is_task_quiet(cx: &Context<'_>, argument: Node<'_>) -> bool {
    let argument = unparenthesized(argument);
    match argument.kind() {
        "array" => return named_children(argument).into_iter().all(|task| is_task_quiet(cx, task)),
        "object" => {
            let mut values = named_children(argument).into_iter().filter_map(|pair| pair.child_by_field_name("value"));
            return values.all(|task| is_task_quiet(cx, task));
        }
        _ if !is_function(argument) => return is_quiet(cx, argument),
        _ => {}
    }
    let is_quiet_part = |part: Node<'_>| is_function(unparenthesized(part)) || is_quiet(cx, part);
    let is_quiet_statement = |statement: Node<'_>| {
        let value = match statement.kind() {
            "expression_statement" | "return_statement" => named_children(statement).first().copied(),
            _ => None,
        };
        match value.and_then(call_parts) {
            Some((callee, all)) => {
                let is_path_quiet = member_parts(callee).is_none_or(|(object, _)| is_quiet(cx, object));
                is_path_quiet && all.into_iter().all(is_quiet_part)
            }
            None => is_quiet(cx, statement),
        }
    };
    let body = argument.child_by_field_name("body");
    body.is_some_and(|body| match body.kind() {
        "statement_block" => named_children(body).into_iter().all(is_quiet_statement),
        _ => call_parts(body).is_some_and(|(_, all)| all.into_iter().all(is_quiet_part)),
    })
}

fn is_quiet_call(cx: &Context<'_>, call: Node<'_>) -> bool {
    let Some((callee, _)) = call_parts(call) else { return false };
    if let Some((object, _)) = member_parts(callee) {
        return QUIET_OBJECTS.contains(&cx.text(object)) && is_global(cx, object);
    }
    QUIET_FUNCTIONS.contains(&cx.text(callee)) && is_global(cx, callee)
}

/// A property of something that is certainly there: `this`, a global object, an import, an error that was asked for.
fn is_quiet_member(cx: &Context<'_>, member: Node<'_>) -> bool {
    let Some((object, _)) = member_parts(member) else { return false };
    match object.kind() {
        "this" => true,
        "identifier" if is_global(cx, object) => {
            matches!(cx.text(object), "console" | "process" | "module" | "exports")
        }
        "identifier" => {
            let binding = cx.names.reference_at(object.start_byte()).and_then(|r| r.binding);
            let name = cx.text(object);
            let is_import = binding.is_some_and(|b| crate::flow::imports::imported(cx, b).is_some());
            let is_error = crate::flow::promisify::is_error_name(name) && is_asked_for(cx, object, binding);
            is_import || is_error || binding.is_some_and(|b| is_always_object(cx, b, object))
        }
        _ => false,
    }
}

/// Whether a name stands where a check has found it to hold something, or is what a `catch` clause has caught: without a check,
/// there may be no error.
fn is_asked_for(cx: &Context<'_>, name: Node<'_>, binding: Option<BindingId>) -> bool {
    binding.is_some_and(|binding| {
        cx.names.scope(cx.names.binding(binding).scope).kind == ScopeKind::Catch
            || enclosing_function(name).is_some_and(|f| error_at(cx, name, binding, f) == Some(true))
    })
}

/// Whether a variable is declared with an object, or with `this`, and never given anything else. A `var` may be asked for
/// where its declaration has not been run: in front of it, or if that stands in a block.
fn is_always_object(cx: &Context<'_>, binding: BindingId, used: Node<'_>) -> bool {
    let value = initializer(cx, binding).filter(|_| !cx.names.is_reassigned(binding)).map(unparenthesized);
    let is_run = |value: Node<'_>| {
        let around = ancestors(value).find(|a| matches!(a.kind(), "statement_block" | "program" | "switch_body"));
        let is_whole = around.is_some_and(|block| block.parent().is_none_or(is_function));
        cx.names.binding(binding).kind != BindingKind::Var || is_whole && value.end_byte() <= used.start_byte()
    };
    value.is_some_and(|v| matches!(v.kind(), "this" | "object" | "array" | "new_expression") && is_run(v))
}

/// A `throw` that a function of this file may come to before it returns, and that nothing in it catches.
pub(super) fn throws_at_once<'t>(cx: &Context<'t>, callee: Node<'t>) -> Option<Node<'t>> {
    let function = called_function(cx, callee)?;
    let mut found = None;
    walk_own_code(function, |n| {
        if n.kind() == "throw_statement" && !is_caught_within(n, function) {
            found.get_or_insert(n);
        }
        found.is_none()
    });
    found
}
