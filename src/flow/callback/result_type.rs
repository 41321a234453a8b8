//! What TypeScript is told of the result of a new async function.
//!
//! What a callback is handed has a type to fit into, the one that the callback's parameter is declared with. TypeScript takes a
//! literal for what that asks for: `{ kind: 'none' }` for a `Shape`, `[id, row]` for a pair, `x => x + 1` for a function of a
//! number (TypeScript Handbook, "Type Inference", contextual typing). What a function without an annotation returns has none,
//! so that it is taken for a `{ kind: string }`, a list, and a function of anything. Where that may be so, the annotation is
//! written.

use tree_sitter::Node;

use super::declared::{Declared, Told, declared, names_in, type_declarations};
use crate::{
    context::Context,
    flow::{body::returned, settle::Lowered},
    semantic::BindingId,
    syntax::node::{call_parts, has_token, is_function, member_parts, named_children, unparenthesized},
};

/// How deep a literal is looked into, which is done with the stack.
const MAX_DEPTH: usize = 32;

/// Methods that make a list of what a function returns.
const MAPPING: &[&str] = &["map", "flatMap", "from"];

/// Functions whose result is of the type of what they are handed.
const KEEPING: &[&str] = &["Object.assign", "Object.freeze", "Object.seal", "Object.fromEntries", "Promise.resolve"];

/// Types that say nothing of a literal which it does not say itself.
const PLAIN: &[&str] = &[
    "any",
    "bigint",
    "boolean",
    "never",
    "null",
    "number",
    "object",
    "string",
    "symbol",
    "undefined",
    "unknown",
    "void",
    "{}",
];

/// What the new async function is said to return.
#[derive(Clone, Debug, Default)]
pub(super) struct Promised {
    /// What its promise is fulfilled with, if it has to be said.
    result: Option<String>,
    /// What has to hold for that.
    pub(super) assumption: Option<String>,
}

impl Promised {
    /// What stands behind the parameters.
    pub(super) fn annotation(&self) -> String {
        self.result.as_ref().map_or(String::new(), |result| format!(": Promise<{result}>"))
    }
}

/// What has to be said of the result of a function that was lowered.
pub(super) fn promised<'a>(cx: &Context<'a>, function: Node<'a>, callback: BindingId, lowered: &Lowered) -> Promised {
    let nothing = Promised::default();
    if !cx.file.source.language().has_types() {
        return nothing;
    }
    let results: Vec<_> = lowered
        .handed
        .iter()
        .filter_map(|h| Some((cx.file.root().descendant_for_byte_range(h.value.start, h.value.end)?, h.is_own)))
        .collect();
    let values: Vec<_> = results.iter().map(|(value, _)| *value).collect();
    let shaped: Vec<_> = results.iter().filter(|(value, _)| is_shaped(cx, *value, false, MAX_DEPTH)).collect();
    let is_one_literal = lowered.successes.with_value && is_one_literal(cx, &values);
    if shaped.is_empty() && !is_one_literal {
        return nothing;
    }
    let is_whole = is_given_on_all_paths(cx, callback, &values, lowered);
    match declared(cx, function, callback) {
        Declared::Anything | Declared::AnyFunction => nothing,
        Declared::Signature(signature) => match signature.told(cx, 1) {
            Some(told) if is_wide_enough(cx, &told.text, &values) => nothing,
            Some(told) => {
                let is_own = results.iter().all(|(value, is_own)| *is_own || !is_shaped(cx, *value, false, MAX_DEPTH));
                let is_known = is_own && is_known_around(cx, function, &told);
                let result = if told.is_optional && !is_whole { or_undefined(&told.text) } else { told.text };
                if is_known { said(result) } else { unsaid(cx, callback) }
            }
            None => unsaid(cx, callback),
        },
        Declared::Elsewhere(written) => {
            let only = written.and_then(|w| w.child_by_field_name("type_arguments")).map(named_children);
            match only.as_deref() {
                Some([argument]) if is_wide_enough(cx, cx.text(*argument), &values) => nothing,
                Some([argument]) if results.iter().all(|(_, is_own)| *is_own) => {
                    let text = cx.text(*argument);
                    let name = written.map_or("", |w| cx.text(w));
                    let is_bare = lowered.successes.bare || lowered.successes.alone;
                    let result = if is_bare { or_undefined(text) } else { text.to_owned() };
                    let assumption = format!("A `{}` is handed a result of type `{}`.", one_line(name), one_line(text));
                    Promised { assumption: Some(assumption), ..said(result) }
                }
                // Of a plain literal it is as likely as not that its type is all that is asked for.
                _ if shaped.is_empty() => nothing,
                _ => unsaid(cx, callback),
            }
        }
    }
}

fn said(result: String) -> Promised {
    Promised { result: Some(result), assumption: None }
}

fn unsaid(cx: &Context<'_>, callback: BindingId) -> Promised {
    let name = &cx.names.binding(callback).name;
    let assumption =
        format!("TypeScript takes the result for what `{name}` is declared to get, without being told so.");
    Promised { result: None, assumption: Some(assumption) }
}

fn or_undefined(declared: &str) -> String {
    let is_said = declared.split('|').any(|part| matches!(part.trim(), "undefined" | "any" | "unknown" | "void"));
    match declared {
        _ if is_said => declared.to_owned(),
        _ if declared.contains("=>") => format!("({declared}) | undefined"),
        _ => format!("{declared} | undefined"),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether each path that goes well hands over something that is not `undefined`, by what is written there.
fn is_given_on_all_paths(cx: &Context<'_>, callback: BindingId, values: &[Node<'_>], lowered: &Lowered) -> bool {
    let is_handed_on = cx.names.binding(callback).references.iter().any(|r| {
        let range = &cx.names.reference(*r).range;
        let name = cx.file.root().descendant_for_byte_range(range.start, range.end);
        name.and_then(|n| n.parent()).is_some_and(|p| p.kind() == "arguments")
    });
    let is_bare = lowered.successes.bare || lowered.successes.alone || lowered.successes.by_others;
    !is_bare && !is_handed_on && values.iter().all(|value| is_something(cx, *value))
}

fn is_something(cx: &Context<'_>, value: Node<'_>) -> bool {
    let value = unparenthesized(value);
    let part = |field| value.child_by_field_name(field).is_some_and(|part| is_something(cx, part));
    match value.kind() {
        "object"
        | "array"
        | "arrow_function"
        | "function_expression"
        | "new_expression"
        | "string"
        | "number"
        | "true"
        | "false"
        | "template_string" => true,
        "ternary_expression" => part("consequence") && part("alternative"),
        "binary_expression" => (has_token(value, "||") || has_token(value, "??")) && part("right"),
        "call_expression" => call_parts(value)
            .and_then(|(callee, _)| member_parts(callee))
            .is_some_and(|(_, property)| MAPPING.contains(&cx.text(property))),
        _ => false,
    }
}

/// Whether a type takes a result for nothing more than it is without an annotation: a list of values of any kind, a plain
/// type, or a plain one among others.
fn is_wide_enough(cx: &Context<'_>, declared: &str, values: &[Node<'_>]) -> bool {
    let parts: Vec<_> = declared.split('|').map(str::trim).collect();
    if parts.iter().all(|part| PLAIN.contains(part)) {
        return true;
    }
    let is_list =
        |part: &&str| part.ends_with("[]") || part.starts_with("Array<") || part.starts_with("ReadonlyArray<");
    let is_of_others = |value: Node<'_>| {
        let value = unparenthesized(value);
        let items = named_children(value);
        value.kind() == "array" && !items.iter().any(|item| is_shaped(cx, *item, true, MAX_DEPTH))
            || value.kind() != "array" && !is_shaped(cx, value, false, MAX_DEPTH)
    };
    parts.iter().all(|part| is_list(part) || PLAIN.contains(part)) && values.iter().all(|value| is_of_others(*value))
}

/// Whether a type means beside a function, or in it, what it means among the function's parameters.
fn is_known_around(cx: &Context<'_>, function: Node<'_>, told: &Told<'_>) -> bool {
    let scope = cx.names.scope_at(function.start_byte());
    let is_global = cx.names.resolve("Promise", scope).is_none();
    let inside = function.byte_range();
    let is_declared_inside =
        |name: &str| type_declarations(cx, name).iter().any(|declaration| inside.contains(&declaration.start_byte()));
    // In a method, `this` is of the type of whoever calls it, which the function that is bound to it does not know.
    let is_of_caller = names_caller(&told.text);
    is_global && !is_of_caller && !told.node.is_some_and(|node| names_in(cx, node).any(is_declared_inside))
}

/// Whether a type is made of that of `this`.
fn names_caller(declared: &str) -> bool {
    declared.split(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '$')).any(|word| word == "this")
}

/// Whether all results are the same literal, which TypeScript takes for any text, number or truth value then.
fn is_one_literal(cx: &Context<'_>, values: &[Node<'_>]) -> bool {
    let Some((first, rest)) = values.split_first() else { return false };
    let is_literal = |value: &Node<'_>| matches!(value.kind(), "string" | "number" | "true" | "false");
    is_literal(first) && rest.iter().all(|value| is_literal(value) && cx.text(*value) == cx.text(*first))
}

/// Whether TypeScript takes a value for something else where nothing says what it has to be: what is inside a literal counts,
/// the parts of which are `nested`.
fn is_shaped(cx: &Context<'_>, value: Node<'_>, nested: bool, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return true };
    let value = unparenthesized(value);
    let part = |field| value.child_by_field_name(field);
    let is = |inner: Option<Node<'_>>, nested: bool| inner.is_some_and(|i| is_shaped(cx, i, nested, depth));
    let first = named_children(value).first().copied();
    match value.kind() {
        "string" | "number" | "true" | "false" => nested,
        "unary_expression" => is(part("argument").filter(|a| a.kind() == "number"), nested),
        "template_string" => nested && !named_children(value).iter().any(|n| n.kind() == "template_substitution"),
        "object" => named_children(value).into_iter().any(|member| match member.kind() {
            "pair" => is(member.child_by_field_name("value"), true),
            "spread_element" => is(named_children(member).first().copied(), true),
            "method_definition" => true,
            _ => false,
        }),
        "array" => first.is_some(),
        "arrow_function" | "function_expression" => true,
        "ternary_expression" => is(part("consequence"), nested) || is(part("alternative"), nested),
        "binary_expression" => match part("operator").map(|o| o.kind()) {
            Some("||" | "??") => is(part("left"), nested) || is(part("right"), nested),
            Some("&&") => is(part("right"), nested),
            _ => false,
        },
        "await_expression" | "non_null_expression" => is(first, nested),
        "new_expression" => {
            let is_set = part("constructor").is_some_and(|c| matches!(cx.text(c), "Set" | "WeakSet"));
            let arguments = part("arguments").map(named_children).unwrap_or_default();
            let is_of_items = arguments.iter().any(|argument| match argument.kind() {
                "array" => named_children(*argument).into_iter().any(|item| is(Some(item), true)),
                _ => is(Some(*argument), true),
            });
            is_set && part("type_arguments").is_none() && (arguments.is_empty() || is_of_items)
        }
        "call_expression" => is_made_of_shaped(cx, value, nested, depth),
        _ => false,
    }
}

/// Whether a call gives what a function that it is handed returns, or what it is handed itself, and that depends on what it has
/// to be.
fn is_made_of_shaped(cx: &Context<'_>, call: Node<'_>, nested: bool, depth: usize) -> bool {
    let Some((callee, arguments)) = call_parts(call) else { return false };
    if call.child_by_field_name("type_arguments").is_some() {
        return false;
    }
    let method = member_parts(callee).map_or("", |(_, property)| cx.text(property));
    let is = |value: Node<'_>, nested: bool| is_shaped(cx, value, nested, depth);
    if KEEPING.contains(&cx.text(callee)) {
        return arguments.into_iter().any(|argument| is(argument, nested));
    }
    if method == "reduce" {
        return arguments.get(1).is_some_and(|first| matches!(first.kind(), "object" | "array"));
    }
    let functions = arguments.into_iter().filter(|a| is_function(*a) && a.child_by_field_name("return_type").is_none());
    MAPPING.contains(&method)
        && functions.flat_map(|f| returned(f).values).filter_map(|site| site.expression).any(|value| is(value, true))
}
