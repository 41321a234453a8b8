//! What an expression may do: be a promise, throw, or nothing at all. Every answer errs on the side of caution.

use std::{collections::HashMap, ops::Range};

use tree_sitter::Node;

use crate::{
    context::Context,
    semantic::{BindingId, BindingKind},
    syntax::node::{
        ancestors, call_parts, has_token, is_async, is_function, member_parts, named_children, unparenthesized, walk,
    },
};

/// What is known of an expression being a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// It is one.
    Yes,
    /// It is none.
    No,
    /// It can't be told.
    Unknown,
}

/// How many functions are followed to learn what a call returns.
const CALL_DEPTH: usize = 12;

/// Whether an expression is a promise. A call is followed into the function of this file that it calls.
pub fn promise(cx: &Context<'_>, expression: Node<'_>) -> Promise {
    promise_within(cx, expression, CALL_DEPTH)
}

fn promise_within(cx: &Context<'_>, expression: Node<'_>, depth: usize) -> Promise {
    let expression = strip(expression);
    match expression.kind() {
        "call_expression" => call_promise(cx, expression, depth),
        "await_expression" => Promise::No,
        "new_expression" => {
            let constructor = expression.child_by_field_name("constructor").map(|c| cx.text(c));
            match constructor {
                Some("Promise") => Promise::Yes,
                Some(name) if PLAIN_CLASSES.contains(&name) => Promise::No,
                _ => Promise::Unknown,
            }
        }
        "ternary_expression" => {
            let sides = ["consequence", "alternative"].map(|f| expression.child_by_field_name(f));
            let mut both = sides.into_iter().flatten().map(|s| promise_within(cx, s, depth));
            let first = both.next().unwrap_or(Promise::Unknown);
            if both.all(|p| p == first) { first } else { Promise::Unknown }
        }
        "assignment_expression" => {
            expression.child_by_field_name("right").map_or(Promise::Unknown, |r| promise_within(cx, r, depth))
        }
        "identifier" => identifier_promise(cx, expression, depth),
        _ if is_plain(cx, expression) => Promise::No,
        _ => Promise::Unknown,
    }
}

/// An expression without the parentheses and type assertions around it.
fn strip(mut node: Node<'_>) -> Node<'_> {
    loop {
        node = unparenthesized(node);
        if !matches!(node.kind(), "as_expression" | "satisfies_expression" | "non_null_expression") {
            return node;
        }
        match node.named_child(0) {
            Some(inner) => node = inner,
            None => return node,
        }
    }
}

/// Whether an expression yields an object literal, a function or a primitive: never a promise.
fn is_plain(cx: &Context<'_>, expression: Node<'_>) -> bool {
    matches!(
        expression.kind(),
        "string"
            | "template_string"
            | "number"
            | "true"
            | "false"
            | "null"
            | "undefined"
            | "regex"
            | "array"
            | "arrow_function"
            | "function_expression"
            | "class"
            | "unary_expression"
            | "update_expression"
            | "jsx_element"
            | "jsx_self_closing_element"
    ) || is_arithmetic(expression)
        || is_plain_object(cx, expression)
}

/// An object literal without a `then` that would make `await` call it.
fn is_plain_object(cx: &Context<'_>, expression: Node<'_>) -> bool {
    expression.kind() == "object"
        && named_children(expression).iter().all(|member| match member.kind() {
            "pair" | "method_definition" => {
                let key = member.child_by_field_name("key").or_else(|| member.child_by_field_name("name"));
                key.is_some_and(|k| k.kind() != "computed_property_name" && !cx.text(k).contains("then"))
            }
            "shorthand_property_identifier" => cx.text(*member) != "then",
            _ => false,
        })
}

/// A binary expression other than `&&`, `||` and `??`, which hand on an operand.
fn is_arithmetic(expression: Node<'_>) -> bool {
    expression.kind() == "binary_expression"
        && expression.child_by_field_name("operator").is_some_and(|o| !matches!(o.kind(), "&&" | "||" | "??"))
}

fn call_promise(cx: &Context<'_>, call: Node<'_>, depth: usize) -> Promise {
    let Some((callee, arguments)) = call_parts(call) else { return Promise::Unknown };
    let callee = unparenthesized(callee);
    if callee.kind() == "import" {
        return Promise::Yes;
    }
    if let Some((object, property)) = member_parts(callee) {
        let name = cx.text(property);
        let statics = ["resolve", "reject", "all", "race", "allSettled", "any"];
        if cx.text(object) == "Promise" && statics.contains(&name) {
            return Promise::Yes;
        }
        // A call of `then` with a function is a promise if anything is: the chain around it is judged apart.
        let takes_handler = !arguments.is_empty() || name == "then";
        if matches!(name, "then" | "catch" | "finally") && takes_handler {
            return Promise::Yes;
        }
    }
    if callee.kind() == "identifier" && cx.text(callee) == "fetch" && is_global(cx, callee) {
        return Promise::Yes;
    }
    if is_plain_builtin(cx, callee) {
        return Promise::No;
    }
    let Some(function) = called_function(cx, callee).filter(|_| depth > 0) else { return Promise::Unknown };
    match function_promise(cx, function, depth - 1) {
        // A subclass may have a method of its own by that name, and that one may be asynchronous.
        Promise::No if callee.kind() == "member_expression" => Promise::Unknown,
        known => known,
    }
}

/// Classes of the language and of Node whose objects are no promises.
const PLAIN_CLASSES: &[&str] = &[
    "Error",
    "TypeError",
    "RangeError",
    "SyntaxError",
    "Map",
    "Set",
    "WeakMap",
    "WeakSet",
    "Date",
    "RegExp",
    "Array",
    "Uint8Array",
    "ArrayBuffer",
    "URL",
    "URLSearchParams",
];

/// Whether a callee is a function of the language that never hands over a promise.
pub fn is_plain_builtin(cx: &Context<'_>, callee: Node<'_>) -> bool {
    if callee.kind() == "identifier" {
        let plain = ["String", "Number", "Boolean", "parseInt", "parseFloat", "isNaN", "encodeURIComponent"];
        return plain.contains(&cx.text(callee)) && is_global(cx, callee);
    }
    let Some((object, property)) = member_parts(callee) else { return false };
    if !is_global(cx, object) {
        let binding = cx.names.reference_at(object.start_byte()).and_then(|r| r.binding);
        let package = binding.filter(|_| object.kind() == "identifier").and_then(|b| package_of(cx, b));
        return matches!(package, Some("path" | "node:path"));
    }
    match cx.text(object) {
        "JSON" | "Math" | "Number" | "console" => true,
        "Object" => matches!(cx.text(property), "keys" | "values" | "entries"),
        "Array" => matches!(cx.text(property), "from" | "of" | "isArray"),
        "Buffer" => matches!(cx.text(property), "from" | "alloc" | "concat" | "byteLength" | "isBuffer"),
        _ => false,
    }
}

/// Methods of arrays that return an array.
const ARRAY_METHODS: &[&str] = &["concat", "filter", "flat", "map", "reverse", "slice", "sort", "splice"];

/// Whether an expression is certainly an array: a literal, `Object.keys(…)`, `text.split(',')`, a variable that is given
/// one and nothing else, or what such a method of one returns.
pub fn is_array(cx: &Context<'_>, expression: Node<'_>) -> bool {
    let mut node = unparenthesized(expression);
    for _ in 0..32 {
        let origin = match node.kind() {
            "array" => return true,
            "identifier" => only_value(cx, node),
            _ => match call_parts(node).and_then(|(callee, arguments)| Some((member_parts(callee)?, arguments))) {
                Some(((object, property), arguments)) => match (cx.text(object), cx.text(property)) {
                    ("Object", "keys" | "values" | "entries") | ("Array", "from" | "of") => {
                        return is_global(cx, object);
                    }
                    (_, "split") => {
                        return arguments.first().is_some_and(|a| matches!(a.kind(), "string" | "regex"));
                    }
                    (_, method) => Some(object).filter(|_| ARRAY_METHODS.contains(&method)),
                },
                None => None,
            },
        };
        match origin {
            Some(origin) => node = unparenthesized(origin),
            None => return false,
        }
    }
    false
}

/// The value of a variable that is given one where it is declared, and no other.
fn only_value<'a>(cx: &Context<'a>, name: Node<'_>) -> Option<Node<'a>> {
    let binding = cx.names.reference_at(name.start_byte()).and_then(|r| r.binding)?;
    let is_fixed = !cx.names.is_reassigned(binding) && cx.names.binding(binding).declarations.len() == 1;
    initializer(cx, binding).filter(|_| is_fixed)
}

/// Whether a name is declared nowhere in the file.
pub fn is_global(cx: &Context<'_>, identifier: Node<'_>) -> bool {
    cx.names.reference_at(identifier.start_byte()).is_none_or(|r| r.binding.is_none())
}

/// What a function of this file returns on every path.
fn function_promise(cx: &Context<'_>, function: Node<'_>, depth: usize) -> Promise {
    if has_token(function, "*") {
        return Promise::No;
    }
    if is_async(function) {
        return Promise::Yes;
    }
    let returned = super::body::returned(function);
    let end = returned.falls_through.then_some(Promise::No);
    let mut all = end.into_iter().chain(returned.values.iter().map(|v| match v.expression {
        // A function that calls itself returns what its other paths return.
        Some(e) if calls_itself(cx, e, function) => Promise::Yes,
        Some(e) => promise_within(cx, e, depth),
        None => Promise::No,
    }));
    let Some(first) = all.next() else { return Promise::Unknown };
    if all.all(|p| p == first) { first } else { Promise::Unknown }
}

/// Whether an expression is the result of a function of this file that on some path returns no promise, so that a
/// `.then` on it throws there.
pub fn is_sometimes_no_promise(cx: &Context<'_>, expression: Node<'_>) -> bool {
    let expression = strip(expression);
    let value = cx.names.reference_at(expression.start_byte()).filter(|_| expression.kind() == "identifier");
    let value = value.and_then(|r| r.binding).filter(|b| !cx.names.is_reassigned(*b)).and_then(|b| initializer(cx, b));
    let Some((callee, _)) = call_parts(strip(value.unwrap_or(expression))) else { return false };
    let Some(function) = called_function(cx, callee).filter(|f| !is_async(*f)) else { return false };
    let returned = super::body::returned(function);
    let is_none = |e: Option<Node<'_>>| e.is_none_or(|e| promise(cx, e) == Promise::No);
    returned.falls_through || returned.values.iter().any(|v| is_none(v.expression))
}

fn calls_itself(cx: &Context<'_>, expression: Node<'_>, function: Node<'_>) -> bool {
    call_parts(unparenthesized(expression)).is_some_and(|(callee, _)| called_function(cx, callee) == Some(function))
}

fn identifier_promise(cx: &Context<'_>, identifier: Node<'_>, depth: usize) -> Promise {
    let binding = cx.names.reference_at(identifier.start_byte()).and_then(|r| r.binding);
    let Some(binding) = binding else { return Promise::Unknown };
    if depth == 0 || cx.names.is_reassigned(binding) {
        return Promise::Unknown;
    }
    if is_settled_value(cx, binding) {
        return Promise::No;
    }
    match initializer(cx, binding) {
        Some(value) => promise_within(cx, value, depth - 1),
        None => Promise::Unknown,
    }
}

/// Whether a name is the first parameter of a `then` handler: what a promise is fulfilled with is no promise.
fn is_settled_value(cx: &Context<'_>, binding: BindingId) -> bool {
    let Some(name) = declaration_node(cx, binding).filter(|_| cx.names.binding(binding).declarations.len() == 1) else {
        return false;
    };
    let parameter = name.parent().filter(|p| p.kind() == "required_parameter").unwrap_or(name);
    let Some(function) = ancestors(parameter).find(|a| is_function(*a)) else { return false };
    let Some(call) = function.parent().filter(|p| p.kind() == "arguments").and_then(|a| a.parent()) else {
        return false;
    };
    let is_first = super::chain::parameters(function).first() == Some(&parameter);
    let is_handler = call_parts(call).is_some_and(|(_, arguments)| arguments.first() == Some(&function));
    is_first && is_handler && super::chain::link_name(cx, call) == Some("then")
}

/// The expression that a name is declared with: `const name = expression`. The name is the whole pattern.
pub fn initializer<'a>(cx: &Context<'a>, binding: BindingId) -> Option<Node<'a>> {
    let declaration = declaration_node(cx, binding).filter(|_| cx.names.binding(binding).declarations.len() == 1)?;
    let declarator = declaration.parent().filter(|p| p.kind() == "variable_declarator")?;
    declarator.child_by_field_name("value")
}

/// The identifier of the first declaration of a binding.
pub fn declaration_node<'a>(cx: &Context<'a>, binding: BindingId) -> Option<Node<'a>> {
    let range = cx.names.binding(binding).declarations.first()?;
    cx.file.root().descendant_for_byte_range(range.start, range.end)
}

/// The function of this file that a callee stands for, where nothing can have replaced it: a function declaration,
/// `const f = function…`, or `this.method` inside the class that defines `method`.
pub fn called_function<'a>(cx: &Context<'a>, callee: Node<'a>) -> Option<Node<'a>> {
    let callee = unparenthesized(callee);
    if is_function(callee) {
        return Some(callee);
    }
    if callee.kind() == "identifier" {
        let binding = cx.names.reference_at(callee.start_byte())?.binding?;
        if cx.names.is_reassigned(binding) || cx.names.binding(binding).declarations.len() != 1 {
            return None;
        }
        let declaration = declaration_node(cx, binding)?;
        let parent = declaration.parent()?;
        if parent.kind() == "function_declaration" {
            return Some(parent);
        }
        return initializer(cx, binding).map(unparenthesized).filter(|v| is_function(*v));
    }
    let (object, property) = member_parts(callee)?;
    // The way up to a class is long, and most receivers are none.
    let may_be_class = match object.kind() {
        "this" => true,
        "identifier" => {
            cx.names.binding(cx.names.reference_at(object.start_byte())?.binding?).kind == BindingKind::Class
        }
        _ => false,
    };
    let class = may_be_class.then(|| ancestors(callee).find(|n| n.kind() == "class_body"))??;
    let wanted_static = match object.kind() {
        "this" => this_is_static(callee)?,
        "identifier" => {
            let name = class.parent()?.child_by_field_name("name")?;
            (cx.text(name) == cx.text(object)).then_some(true)?
        }
        _ => return None,
    };
    let is_it = |m: &Node<'_>| {
        m.kind() == "method_definition"
            && has_token(*m, "static") == wanted_static
            && m.child_by_field_name("name").is_some_and(|n| cx.text(n) == cx.text(property))
    };
    let mut methods = named_children(class).into_iter().filter(is_it);
    let method = methods.next()?;
    methods.next().is_none().then_some(method)
}

/// The functions of this file that a callee may stand for: the one that it certainly does, or, for a method, all those
/// that are members of anything by that name.
pub fn possible_functions<'a>(cx: &Context<'a>, callee: Node<'a>) -> Vec<Node<'a>> {
    if let Some(function) = called_function(cx, callee) {
        return vec![function];
    }
    let Some((_, property)) = member_parts(unparenthesized(callee)) else { return Vec::new() };
    let members = cx.members.get_or_init(|| {
        let mut members: HashMap<String, Vec<Range<usize>>> = HashMap::new();
        walk(cx.file.root(), |n| {
            if is_function(n)
                && let Some(name) = member_name(cx, n)
            {
                members.entry(name.to_owned()).or_default().push(n.byte_range());
            }
            true
        });
        members
    });
    let ranges = members.get(cx.text(property)).into_iter().flatten();
    ranges.filter_map(|r| function_at(cx, r)).collect()
}

fn function_at<'a>(cx: &Context<'a>, range: &Range<usize>) -> Option<Node<'a>> {
    let node = cx.file.root().descendant_for_byte_range(range.start, range.end)?;
    std::iter::once(node).chain(ancestors(node)).find(|n| is_function(*n) && n.byte_range() == *range)
}

/// The name by which a function is a member: of a class, an object, a prototype, `exports`.
pub fn member_name<'a>(cx: &Context<'a>, function: Node<'a>) -> Option<&'a str> {
    if function.kind() == "method_definition" {
        return function.child_by_field_name("name").map(|n| cx.text(n));
    }
    let parent = crate::syntax::node::with_parentheses(function).parent()?;
    match parent.kind() {
        "pair" => parent.child_by_field_name("key").map(|k| cx.text(k)),
        "assignment_expression" => {
            // `exports.a = exports.b = function…` is known by either name; the nearer one will do.
            member_parts(parent.child_by_field_name("left")?).map(|(_, property)| cx.text(property))
        }
        "field_definition" | "public_field_definition" => {
            parent.child_by_field_name("property").or_else(|| parent.child_by_field_name("name")).map(|n| cx.text(n))
        }
        _ => None,
    }
}

/// Whether `this` at a node is the class itself. `None` where it is not the `this` of a method.
fn this_is_static(node: Node<'_>) -> Option<bool> {
    let function = ancestors(node).find(|n| is_function(*n) && n.kind() != "arrow_function")?;
    (function.kind() == "method_definition").then(|| has_token(function, "static"))
}

/// The package that a name stands for: `const name = require('package')`, `import name from 'package'`,
/// `import * as name from 'package'`.
pub fn package_of<'a>(cx: &Context<'a>, binding: BindingId) -> Option<&'a str> {
    if cx.names.is_reassigned(binding) {
        return None;
    }
    let declaration = declaration_node(cx, binding)?;
    if cx.names.binding(binding).kind == BindingKind::Import {
        let is_whole = declaration.parent().is_some_and(|p| matches!(p.kind(), "import_clause" | "namespace_import"));
        let statement = ancestors(declaration).find(|n| n.kind() == "import_statement").filter(|_| is_whole)?;
        return statement.child_by_field_name("source").map(|s| cx.text(s).trim_matches(['\'', '"']));
    }
    required_package(cx, initializer(cx, binding)?)
}

/// All that a variable is given: where it is declared, and later.
pub fn values_of<'a>(cx: &Context<'a>, binding: BindingId) -> Vec<Node<'a>> {
    let writes = cx.names.binding(binding).references.iter().map(|r| cx.names.reference(*r)).filter(|r| r.writes);
    let written = writes.filter_map(|r| cx.file.root().descendant_for_byte_range(r.range.start, r.range.end));
    let assigned = written.filter_map(|name| name.parent()?.child_by_field_name("right"));
    initializer(cx, binding).into_iter().chain(assigned).collect()
}

/// All that a property is given in some code, by the text of both: `user.ready = load(user)`.
pub fn values_put_in<'a>(cx: &Context<'a>, property: Node<'_>, code: Node<'a>) -> Vec<Node<'a>> {
    let mut values = Vec::new();
    walk(code, |n| {
        let part = |field| n.child_by_field_name(field).filter(|_| n.kind() == "assignment_expression");
        if let Some((left, right)) = part("left").zip(part("right"))
            && cx.text(left) == cx.text(property)
        {
            values.push(right);
        }
        true
    });
    values
}

/// The package of a `require('package')` expression.
pub fn required_package<'a>(cx: &Context<'a>, expression: Node<'_>) -> Option<&'a str> {
    let (callee, arguments) = call_parts(unparenthesized(expression))?;
    let [package] = arguments.as_slice() else { return None };
    let is_require = cx.text(callee) == "require" && package.kind() == "string";
    is_require.then(|| cx.text(*package).trim_matches(['\'', '"']))
}

/// Whether evaluating an expression can't throw and runs no code that is not in sight: a name that is certainly
/// initialised, a literal, a function, `Promise.resolve(name)`, a call of an async function of this file.
pub fn cannot_throw(cx: &Context<'_>, expression: Node<'_>) -> bool {
    let mut pending = vec![expression];
    while let Some(node) = pending.pop() {
        let node = strip(node);
        match node.kind() {
            "identifier" => {
                // A `let` or `const` may still be uninitialised, but then the code never worked.
                if is_global(cx, node) && cx.text(node) != "undefined" {
                    return false;
                }
            }
            "this" | "string" | "number" | "true" | "false" | "null" | "undefined" | "regex" => {}
            "arrow_function" | "function_expression" => {}
            "array" | "object" => pending.extend(named_children(node)),
            "pair" => match node.child_by_field_name("key") {
                Some(key) if key.kind() != "computed_property_name" => {
                    pending.extend(node.child_by_field_name("value"));
                }
                _ => return false,
            },
            "shorthand_property_identifier" | "method_definition" => {}
            "call_expression" if call_cannot_throw(cx, node) => {
                pending.extend(call_parts(node).map(|(_, a)| a).unwrap_or_default());
            }
            "new_expression" if is_promise_constructor(cx, node) => {}
            _ => return false,
        }
    }
    true
}

fn is_promise_constructor(cx: &Context<'_>, node: Node<'_>) -> bool {
    let constructor = node.child_by_field_name("constructor").is_some_and(|c| cx.text(c) == "Promise");
    let arguments = node.child_by_field_name("arguments").map(named_children).unwrap_or_default();
    constructor && matches!(arguments.as_slice(), [executor] if is_function(*executor))
}

/// Whether a call never throws by itself, its arguments apart.
fn call_cannot_throw(cx: &Context<'_>, call: Node<'_>) -> bool {
    let Some((callee, arguments)) = call_parts(call) else { return false };
    if let Some((object, property)) = member_parts(callee) {
        let name = cx.text(property);
        if cx.text(object) == "Promise" && is_global(cx, object) {
            return matches!(name, "resolve" | "reject" | "all" | "race" | "allSettled" | "any");
        }
    }
    let spread = arguments.iter().any(|a| a.kind() == "spread_element");
    // A method may be replaced in a subclass, so only functions called by name count.
    let by_name = unparenthesized(callee).kind() == "identifier";
    !spread && by_name && called_function(cx, callee).is_some_and(|f| is_async(f) && !has_token(f, "*"))
}

/// Whether reading an expression has no effect at all, so that it may be left out.
pub fn is_pure(expression: Node<'_>) -> bool {
    let node = strip(expression);
    matches!(
        node.kind(),
        "identifier"
            | "this"
            | "string"
            | "number"
            | "true"
            | "false"
            | "null"
            | "undefined"
            | "regex"
            | "arrow_function"
            | "function_expression"
    )
}

/// Whether an expression binds looser than a unary operator, so that `await` needs parentheses around it.
pub fn is_loose(expression: Node<'_>) -> bool {
    matches!(
        expression.kind(),
        "binary_expression"
            | "ternary_expression"
            | "assignment_expression"
            | "augmented_assignment_expression"
            | "arrow_function"
            | "yield_expression"
            | "sequence_expression"
            | "as_expression"
            | "satisfies_expression"
            | "function_expression"
            | "class"
            | "object"
    )
}
