//! Results with a `then` of their own: a query that runs once somebody waits for it, a task that reports to many. A promise that
//! is resolved with such an object takes it for another promise, and brings what that one brings.

use tree_sitter::Node;

use crate::{
    context::Context,
    flow::{
        classify::{
            Promise, called_function, initializer, package_of, promise, required_package, values_of, values_put_in,
        },
        imports::imported,
        known::binding_of,
    },
    syntax::node::{ancestors, call_parts, is_function, member_parts, named_children, unparenthesized, walk},
};

/// Packages whose calls give requests or queries, which have a `then`.
const OF_REQUESTS: [&str; 12] = [
    "axios",
    "got",
    "knex",
    "needle",
    "node-fetch",
    "popsicle",
    "request-promise",
    "request-promise-native",
    "rethinkdb",
    "rethinkdbdash",
    "superagent",
    "supertest",
];

/// Packages of models whose methods give queries.
const OF_MODELS: [&str; 8] =
    ["bookshelf", "knex", "mongoose", "objection", "sails", "sequelize", "typeorm", "waterline"];

/// What only queries are asked for.
const QUERY_METHODS: [&str; 8] = ["andWhere", "exec", "innerJoin", "lean", "orderBy", "populate", "where", "whereIn"];

/// What models are asked for, and lists or other objects as well.
const MODEL_METHODS: [&str; 12] = [
    "count", "create", "find", "findAll", "findById", "findByPk", "findOne", "limit", "scope", "select", "sort",
    "update",
];

/// Whether a result is an object that may have a `then`: one that the code writes down, one of the file's own where the
/// file gives some object such a method, a query, or a property that was given a promise.
pub(super) fn may_have_then(cx: &Context<'_>, result: Node<'_>) -> bool {
    let binding = binding_of(cx, result).filter(|_| result.kind() == "identifier");
    let values = match binding {
        Some(binding) => values_of(cx, binding),
        None if member_parts(result).is_some() => {
            let around = ancestors(result).filter(|a| is_function(*a)).last().unwrap_or(result);
            let mut values = values_put_in(cx, result, around).into_iter();
            return values.any(|v| promise(cx, v) == Promise::Yes || is_query(cx, v));
        }
        None => vec![result],
    };
    values.into_iter().map(unparenthesized).any(|value| match value.kind() {
        "object" => named_children(value).iter().any(|member| is_then(cx, *member)),
        "this" | "new_expression" => gives_then(cx),
        // It may be one that a function of the file has made.
        "call_expression" if call_parts(value).is_some_and(|(callee, _)| called_function(cx, callee).is_some()) => {
            gives_then(cx) || is_query(cx, value)
        }
        _ => is_query(cx, value),
    })
}

/// Whether an expression is a query or a request of a well-known library, which is carried out once somebody waits for it.
fn is_query(cx: &Context<'_>, expression: Node<'_>) -> bool {
    let mut node = unparenthesized(expression);
    let mut methods = Vec::new();
    let mut asked = None;
    loop {
        if let Some((callee, arguments)) = call_parts(node) {
            let method = member_parts(callee).map(|(_, property)| cx.text(property));
            // Lists are searched with functions.
            methods.extend(method.filter(|_| !arguments.first().is_some_and(|a| is_function(*a))));
            asked = Some(member_parts(callee).map_or(callee, |(object, _)| object));
            node = unparenthesized(callee);
        } else if let Some((object, _)) = member_parts(node) {
            node = unparenthesized(object);
        } else {
            break;
        }
    }
    let Some(asked) = asked else { return false };
    let asks = |names: &[&str]| methods.iter().any(|method| names.contains(method));
    if made_by_package(cx, node).is_some_and(|package| OF_REQUESTS.contains(&package)) {
        return true;
    }
    let has_models = cx.package.is_some_and(|(package, _)| OF_MODELS.iter().any(|m| package.dependency(m).is_some()));
    has_models && (asks(&QUERY_METHODS) || asks(&MODEL_METHODS) && is_model(cx, asked))
}

/// Whether something goes by the name of a model, or of a class of the code's own: `Post`, `db.Post`, `this.postModel`.
fn is_model(cx: &Context<'_>, object: Node<'_>) -> bool {
    let is_own = object.kind() != "identifier" || binding_of(cx, object).is_some();
    let name = cx.text(member_parts(object).map_or(object, |(_, property)| property));
    is_own && (name.starts_with(|c: char| c.is_ascii_uppercase()) || name.ends_with("model") || name.ends_with("Model"))
}

/// The package that a name stands for, or that has made what it stands for: `require('knex')(options)`.
fn made_by_package<'a>(cx: &Context<'a>, name: Node<'_>) -> Option<&'a str> {
    let binding = binding_of(cx, name)?;
    let made_by = || required_package(cx, call_parts(unparenthesized(initializer(cx, binding)?))?.0);
    package_of(cx, binding).or_else(|| imported(cx, binding).map(|i| i.module)).or_else(made_by)
}

/// Whether the file gives an object a method of that name.
fn gives_then(cx: &Context<'_>) -> bool {
    let mut found = false;
    walk(cx.file.root(), |node| {
        found |= is_then(cx, node);
        !found
    });
    found
}

/// A member of a class or an object literal that is called `then`, or an assignment to one.
fn is_then(cx: &Context<'_>, node: Node<'_>) -> bool {
    let name = match node.kind() {
        "method_definition" => node.child_by_field_name("name"),
        "pair" => node.child_by_field_name("key"),
        "public_field_definition" | "field_definition" => {
            node.child_by_field_name("name").or_else(|| node.child_by_field_name("property"))
        }
        "shorthand_property_identifier" => Some(node),
        "assignment_expression" => node.child_by_field_name("left").and_then(member_parts).map(|(_, name)| name),
        _ => None,
    };
    name.is_some_and(|name| cx.text(name).trim_matches(['\'', '"']) == "then")
}
