//! Functions that make errors: what they return is certainly truthy.
//!
//! A name says what somebody meant, and not what the code does: `getError(response)` returns nothing where all went well.
//! So a function of this file is judged by its body, one of another file by its name and the bodies of all that have it,
//! and one of a package by the package. And callbacks that ask which nothing they are handed where there is no error.

use tree_sitter::Node;

use super::names::called_names;
use crate::{
    context::Context,
    flow::{
        body::returned,
        chain::parameters,
        classify::{called_function, initializer, is_global},
        known::export_of,
        promisify::is_error_name,
    },
    semantic::BindingId,
    syntax::node::{call_parts, has_token, is_async, member_parts, unparenthesized, with_parentheses},
};

/// How many functions and names are followed from one to the next.
const MAX_DEPTH: usize = 8;

/// Packages whose functions return an error, whatever they are called with.
const PACKAGES: &[&str] = &["http-errors", "boom", "@hapi/boom", "restify-errors", "verror"];

/// The language's own errors, which come without a `new` as well: `callback(Error('no file'))`.
const ERRORS: &[&str] =
    &["AggregateError", "Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError"];

/// Whether a call certainly returns something truthy, as far as this file and the names of others tell.
pub fn makes_error(cx: &Context<'_>, call: Node<'_>) -> bool {
    is_made(cx, call, MAX_DEPTH)
}

/// Whether a callback is one that hears of errors first, as far as the code that calls it shows: not if all that does hands it
/// something else in their place.
pub(super) fn hears_of_errors(cx: &Context<'_>, callback: BindingId) -> bool {
    let references = cx.names.binding(callback).references.iter().map(|r| &cx.names.reference(*r).range);
    let names = references.filter_map(|r| cx.file.root().descendant_for_byte_range(r.start, r.end));
    let mut told: Vec<bool> = Vec::new();
    for name in names {
        let Some(parent) = name.parent() else { continue };
        match call_parts(parent).filter(|(callee, _)| *callee == name) {
            Some((_, arguments)) => match arguments.as_slice() {
                [] => {}
                // Alone it may be no error as well as nothing found.
                [only] if is_nothing(cx, *only) => {}
                [first, ..] => told.push(may_be_error(cx, *first)),
            },
            // Whoever it is handed to calls it like any callback.
            None if parent.kind() == "arguments" => return true,
            None => {}
        }
    }
    told.is_empty() || told.contains(&true)
}

fn is_nothing(cx: &Context<'_>, value: Node<'_>) -> bool {
    let node = unparenthesized(value);
    matches!(node.kind(), "null" | "undefined") || cx.text(node) == "undefined"
}

/// Whether a value is one that stands for an error, or for none, by what it is or how it is named.
fn may_be_error(cx: &Context<'_>, value: Node<'_>) -> bool {
    let node = unparenthesized(value);
    match node.kind() {
        "null" | "undefined" | "false" | "new_expression" | "spread_element" => true,
        "call_expression" => makes_error(cx, node) || cx.text(node).to_ascii_lowercase().contains("err"),
        "identifier" => cx.text(node) == "undefined" || is_error_name(cx.text(node)),
        "member_expression" => member_parts(node).is_some_and(|(_, property)| is_error_name(cx.text(property))),
        "binary_expression" | "ternary_expression" => ["left", "right", "consequence", "alternative"]
            .into_iter()
            .filter_map(|field| node.child_by_field_name(field))
            .any(|part| may_be_error(cx, part)),
        _ => false,
    }
}

/// Whether a function returns something truthy on each of its paths.
pub(super) fn always_makes(cx: &Context<'_>, function: Node<'_>) -> bool {
    always_returns(cx, function, MAX_DEPTH)
}

fn is_made<'a>(cx: &Context<'a>, call: Node<'a>, depth: usize) -> bool {
    let Some((callee, _)) = call_parts(call) else { return false };
    let name = unparenthesized(callee);
    if let Some(function) = called_function(cx, callee) {
        // A class that is derived may have a method of its own in the place of this one.
        let may_be_another = member_parts(name).is_some_and(|(object, property)| {
            object.kind() == "this"
                && property.kind() == "property_identifier"
                && function.kind() == "method_definition"
        });
        return !may_be_another && depth > 0 && always_returns(cx, function, depth - 1);
    }
    if name.kind() == "identifier" && ERRORS.contains(&cx.text(name)) {
        return is_global(cx, name);
    }
    if let Some((object, property)) = member_parts(name)
        && cx.text(object) == "Object"
        && is_global(cx, object)
    {
        return matches!(cx.text(property), "assign" | "create" | "keys" | "values" | "entries");
    }
    if let Some((module, export)) = export_of(cx, callee) {
        let is_predicate = export.starts_with("is");
        if PACKAGES.contains(&module) {
            return !is_predicate;
        }
    }
    called_names(cx, callee).iter().any(|name| names_error(name) && cx.callbacks.makes_error(name))
}

/// Whether a name speaks of an error.
pub fn names_error(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.contains("err") || lower.contains("exception")
}

fn always_returns<'a>(cx: &Context<'a>, function: Node<'a>, depth: usize) -> bool {
    if is_async(function) || has_token(function, "*") {
        return false;
    }
    let returned = returned(function);
    !returned.falls_through
        && !returned.values.is_empty()
        && returned.values.iter().all(|v| v.expression.is_some_and(|e| is_truthy(cx, e, depth)))
}

fn is_truthy<'a>(cx: &Context<'a>, expression: Node<'a>, depth: usize) -> bool {
    if depth == 0 {
        return false;
    }
    let node = unparenthesized(expression);
    let part = |field| node.child_by_field_name(field);
    let is = |field| part(field).is_some_and(|side| is_truthy(cx, side, depth - 1));
    match node.kind() {
        "new_expression" | "object" | "array" | "function_expression" | "arrow_function" | "true" => true,
        "assignment_expression" => is("right"),
        "ternary_expression" => {
            let condition = part("condition").map(unparenthesized);
            // `error instanceof Error ? error : new Error(error)`
            let asked = condition.filter(|c| has_token(*c, "instanceof")).and_then(|c| c.child_by_field_name("left"));
            let is_asked = asked.is_some_and(|a| part("consequence").is_some_and(|c| cx.text(c) == cx.text(a)));
            (is_asked || is("consequence")) && is("alternative")
        }
        "binary_expression" => match part("operator").map(|o| o.kind()) {
            Some("||") => is("left") || is("right"),
            Some("&&") => is("left") && is("right"),
            _ => false,
        },
        "identifier" => {
            let binding = cx.names.reference_at(node.start_byte()).and_then(|r| r.binding);
            let fixed = binding.filter(|b| !cx.names.is_reassigned(*b));
            fixed.and_then(|b| initializer(cx, b)).is_some_and(|value| is_truthy(cx, value, depth - 1))
        }
        "call_expression" => is_made(cx, node, depth - 1),
        _ => false,
    }
}

/// Whether a callback asks which of `undefined` and `null` its error is where there is none.
pub fn tells_undefined_from_null(cx: &Context<'_>, function: Node<'_>) -> bool {
    let error = parameters(function).first().and_then(|p| cx.names.declared_at(p.start_byte()));
    error.is_some_and(|error| {
        cx.names.binding(error).references.iter().any(|reference| {
            let range = &cx.names.reference(*reference).range;
            let used = cx.file.root().descendant_for_byte_range(range.start, range.end);
            let parent = used.and_then(|used| with_parentheses(used).parent());
            let operator = parent.filter(|p| p.kind() == "binary_expression");
            let operator = operator.and_then(|p| p.child_by_field_name("operator"));
            operator.is_some_and(|o| matches!(o.kind(), "===" | "!=="))
        })
    })
}
