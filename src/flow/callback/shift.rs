//! What stands in front of the call in an adapter, where it only looks for the callback among the arguments:
//!
//! ```js
//! if (typeof options === 'function') { callback = options; options = {} }
//! callback = callback || noop
//! ```
//!
//! With a callback where it belongs, and no function in the place of another argument, none of that does anything.

use tree_sitter::Node;

use crate::{
    context::Context,
    flow::{
        chain::{block_body, parameters},
        classify::{declaration_node, initializer},
        known::binding_of,
        settle::runs_code,
        wrapper::is_wrapper,
    },
    semantic::BindingId,
    syntax::node::{
        ancestors, call_parts, has_token, is_comment, is_function, named_children, unparenthesized, walk_own_code,
    },
};

/// The indices of the arguments that must be no functions, so that statements in front do nothing when they are given
/// along with a callback. `None` where they may do something all the same.
pub(super) fn shifted(cx: &Context<'_>, parameters: &[Node<'_>], statements: &[Node<'_>]) -> Option<Vec<usize>> {
    let names: Vec<&str> = parameters.iter().map(|p| cx.text(p.child_by_field_name("pattern").unwrap_or(*p))).collect();
    let (callback, others) = names.split_last()?;
    let mut shifted = Vec::new();
    for statement in statements.iter().filter(|s| !is_comment(**s)) {
        match asked(cx, *statement, callback)? {
            Asked::Callback => {}
            Asked::Argument(name) => shifted.push(others.iter().position(|other| *other == name)?),
        }
    }
    Some(shifted)
}

/// Whether statements in front do nothing but look for the callback, or put it right: `callback = once(callback)`. A function that
/// takes none can do without them.
pub(super) fn only_find_callback(
    cx: &Context<'_>,
    function: Node<'_>,
    callback: BindingId,
    front: &[Node<'_>],
) -> bool {
    let parameters = parameters(function);
    front.iter().all(|s| shifted(cx, &parameters, &[*s]).is_some() || concerns_only(cx, *s, callback))
}

/// Whether a statement does nothing but give a name a value. Code for that value may call what gives one (`cb = makeCallback()`).
fn concerns_only(cx: &Context<'_>, statement: Node<'_>, binding: BindingId) -> bool {
    let is_it = |n: Node<'_>| n.kind() == "identifier" && binding_of(cx, n) == Some(binding);
    let gives = |n: Node<'_>| n.kind() == "assignment_expression" && n.child_by_field_name("left").is_some_and(is_it);
    let is_for_value = |n: Node<'_>| ancestors(n).take_while(|a| *a != statement).any(gives);
    let mut does_more = false;
    walk_own_code(statement, |n| {
        does_more |= match n.kind() {
            "assignment_expression" | "augmented_assignment_expression" => !gives(n),
            "call_expression" => {
                let parts = call_parts(n).filter(|_| is_for_value(n));
                !parts.is_some_and(|(callee, all)| all.is_empty() || is_wrapper(cx, callee, &all))
            }
            "unary_expression" => has_token(n, "delete"),
            "new_expression" | "update_expression" | "super" | "yield_expression" | "await_expression" => true,
            _ => false,
        };
        !does_more
    });
    !does_more
}

/// What a statement depends on that does something only if a function stands in the place of another argument, or there
/// is no callback.
enum Asked<'a> {
    /// Whether there is a callback.
    Callback,
    /// Whether an argument is a function.
    Argument(&'a str),
}

fn asked<'a>(cx: &Context<'a>, statement: Node<'a>, callback: &str) -> Option<Asked<'a>> {
    if statement.kind() == "if_statement" {
        let has_else = statement.child_by_field_name("alternative").is_some();
        let condition = unparenthesized(statement.child_by_field_name("condition")?);
        return asked_by(cx, condition, callback).filter(|_| !has_else);
    }
    let assignment = statement.named_child(0).filter(|n| n.kind() == "assignment_expression")?;
    let (left, right) = (assignment.child_by_field_name("left")?, assignment.child_by_field_name("right")?);
    if cx.text(left) != callback {
        return None;
    }
    let right = unparenthesized(right);
    let (given, otherwise) = match right.kind() {
        "ternary_expression" => {
            let (condition, other) =
                (right.child_by_field_name("condition")?, right.child_by_field_name("alternative")?);
            (asked_by(cx, unparenthesized(condition), callback)?, other)
        }
        "binary_expression" if operator(cx, right) == "||" => (Asked::Callback, right.child_by_field_name("left")?),
        _ => return None,
    };
    (cx.text(unparenthesized(otherwise)) == callback).then_some(given)
}

/// What a condition asks that is false where the callback is there and the argument no function.
fn asked_by<'a>(cx: &Context<'a>, condition: Node<'a>, callback: &str) -> Option<Asked<'a>> {
    match condition.kind() {
        "unary_expression" => {
            let argument = condition.child_by_field_name("argument")?;
            (operator(cx, condition) == "!" && cx.text(argument) == callback).then_some(Asked::Callback)
        }
        "binary_expression" if operator(cx, condition) == "&&" => {
            let side = |field| asked_by(cx, unparenthesized(condition.child_by_field_name(field)?), callback);
            let left = side("left")?;
            // Either side will do.
            Some(side("right").filter(|right| matches!(right, Asked::Callback)).unwrap_or(left))
        }
        "binary_expression" => tested(cx, condition).map(Asked::Argument),
        _ => None,
    }
}

/// The name that `typeof name === 'function'` asks of.
fn tested<'a>(cx: &Context<'a>, test: Node<'a>) -> Option<&'a str> {
    if test.kind() != "binary_expression" || !matches!(operator(cx, test), "===" | "==") {
        return None;
    }
    let sides = [test.child_by_field_name("left")?, test.child_by_field_name("right")?].map(unparenthesized);
    let kind = sides.iter().find(|s| s.kind() == "string")?;
    let asked = sides.iter().find(|s| s.kind() == "unary_expression" && operator(cx, **s) == "typeof")?;
    let name = unparenthesized(asked.child_by_field_name("argument")?);
    let is_function = cx.text(*kind).trim_matches(['\'', '"']) == "function";
    (is_function && name.kind() == "identifier").then(|| cx.text(name))
}

fn operator<'a>(cx: &Context<'a>, node: Node<'_>) -> &'a str {
    node.child_by_field_name("operator").map_or("", |o| cx.text(o))
}

/// Whether an expression is certainly no function where it is evaluated.
pub(in crate::flow) fn is_no_function(cx: &Context<'_>, expression: Node<'_>) -> bool {
    let node = unparenthesized(expression);
    if is_value(cx, node) {
        return true;
    }
    let Some(binding) = binding_of(cx, node) else { return false };
    if let Some(value) = initializer(cx, binding).filter(|_| !cx.names.is_reassigned(binding)) {
        return is_value(cx, unparenthesized(value));
    }
    is_parameter_put_right(cx, binding, node)
}

/// A literal that is no function, or an operation that gives none.
fn is_value(cx: &Context<'_>, node: Node<'_>) -> bool {
    match node.kind() {
        "string" | "template_string" | "number" | "true" | "false" | "null" | "undefined" | "regex" | "object"
        | "array" | "unary_expression" => true,
        "binary_expression" => !matches!(operator(cx, node), "||" | "&&" | "??"),
        _ => false,
    }
}

/// Whether a parameter is given something else at the top of its function where it is a function: `if (typeof options ===
/// 'function') { callback = options; options = {} }`. Nothing else may write to it.
fn is_parameter_put_right(cx: &Context<'_>, binding: BindingId, used: Node<'_>) -> bool {
    let Some(declared) = declaration_node(cx, binding) else { return false };
    let Some(function) = ancestors(declared).find(|a| is_function(*a)) else { return false };
    let is_parameter = parameters(function).iter().any(|p| p.child_by_field_name("pattern").unwrap_or(*p) == declared);
    let Some(body) = block_body(function).filter(|_| is_parameter) else { return false };
    let statements = named_children(body);
    let mut writes = cx.names.binding(binding).references.iter().map(|r| cx.names.reference(*r)).filter(|r| r.writes);
    let (Some(write), None) = (writes.next(), writes.next()) else { return false };
    let guard = statements.iter().find(|s| s.start_byte() <= write.range.start && write.range.end <= s.end_byte());
    let Some(guard) = guard.filter(|g| g.end_byte() <= used.start_byte()) else { return false };
    // What is called before may use it already.
    if statements.iter().take_while(|s| *s != guard).any(|s| runs_code(*s)) {
        return false;
    }
    let written = cx.file.root().descendant_for_byte_range(write.range.start, write.range.end);
    let assignment = written.and_then(|w| w.parent()).filter(|p| p.kind() == "assignment_expression");
    let Some(value) = assignment.and_then(|a| a.child_by_field_name("right")).map(unparenthesized) else {
        return false;
    };
    let name = cx.text(declared);
    match guard.kind() {
        "if_statement" => {
            let condition = guard.child_by_field_name("condition").map(unparenthesized);
            let then = guard.child_by_field_name("consequence");
            let is_own = assignment.and_then(|a| a.parent()).and_then(|s| s.parent()) == then
                || assignment.and_then(|a| a.parent()) == then;
            is_own && condition.and_then(|c| tested(cx, c)) == Some(name) && is_value(cx, value)
        }
        "expression_statement" if value.kind() == "ternary_expression" => {
            let part = |field| value.child_by_field_name(field).map(unparenthesized);
            let is_whole = assignment.and_then(|a| a.parent()) == Some(*guard);
            is_whole
                && part("condition").and_then(|c| tested(cx, c)) == Some(name)
                && part("consequence").is_some_and(|c| is_value(cx, c))
                && part("alternative").is_some_and(|a| cx.text(a) == name || is_value(cx, a))
        }
        _ => false,
    }
}
