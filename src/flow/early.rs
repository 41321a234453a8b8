//! What a function does not get to before it fails: failures that reach the caller at once today, and by way of the promise
//! once the function is async.

use std::ops::Range;

use tree_sitter::Node;

use crate::{
    context::Context,
    flow::classify::called_function,
    semantic::{BindingId, BindingKind, Reference},
    syntax::node::{ancestors, call_parts, has_optional_chain, has_token, is_async, member_parts, walk_own_code},
};

/// What the functions are called that do nothing but throw where something is wrong.
const VALIDATING: &[&str] =
    &["assert", "check", "enforce", "ensure", "invariant", "must", "throwIf", "validate", "verify"];

/// What has to hold where the function throws at once by a statement of its own, or by one that calls a function for
/// nothing else. That an error of some callee reaches the caller as a rejection is an accepted difference (A2); a `throw`
/// that somebody wrote may be a part of the function's contract, which tests then hold it to.
pub(super) fn early_throw(cx: &Context<'_>, function: Node<'_>) -> Option<String> {
    let mut found = None;
    walk_own_code(function, |n| {
        if found.is_none() && (n.kind() == "throw_statement" || validates(cx, n)) && !is_caught(n, function) {
            found = Some(n);
        }
        found.is_none()
    });
    found.map(|n| {
        let line = n.start_position().row + 1;
        if n.kind() == "throw_statement" {
            return format!(
                "No caller relies on the `throw` in line {line} being thrown at once: it becomes a rejection."
            );
        }
        let callee = n.named_child(0).and_then(call_parts).map_or("", |(callee, _)| cx.text(callee));
        format!(
            "No caller relies on what `{callee}` throws in line {line} being thrown at once: it becomes a rejection."
        )
    })
}

/// `validate(options);`, where nobody uses what comes of it: by its name, or because its code in this file throws.
fn validates(cx: &Context<'_>, statement: Node<'_>) -> bool {
    let call = statement.named_child(0).filter(|_| statement.kind() == "expression_statement");
    let Some((callee, _)) = call.and_then(call_parts) else { return false };
    let name = cx.text(member_parts(callee).map_or(callee, |(_, property)| property));
    let is_named_so = |text: &str| {
        VALIDATING.iter().any(|verb| text.strip_prefix(verb).is_some_and(|rest| !rest.starts_with(char::is_lowercase)))
    };
    if let Some(function) = called_function(cx, callee) {
        let mut throws = false;
        walk_own_code(function, |n| {
            throws |= n.kind() == "throw_statement" && !is_caught(n, function);
            !throws
        });
        return throws && !is_async(function);
    }
    is_named_so(name) || is_named_so(cx.text(callee))
}

/// What has to hold where the function asks what one of its parameters is, and uses it as something with properties where
/// nobody has asked: handed neither, it throws at once. As a rejection, that is seen by nobody where a caller drops the
/// promise. That an argument may be missing where nothing of the kind is asked is the accepted difference (A2).
pub(super) fn wrong_argument(cx: &Context<'_>, function: Node<'_>) -> Option<String> {
    let body = function.child_by_field_name("body")?;
    let head = function.start_byte()..body.start_byte();
    let mut found: Option<Node<'_>> = None;
    walk_own_code(function, |n| {
        let is_member = matches!(n.kind(), "member_expression" | "subscript_expression");
        let object = n.child_by_field_name("object").filter(|o| o.kind() == "identifier");
        if let Some(object) = object.filter(|_| is_member && found.is_none() && !has_optional_chain(n))
            && let Some(binding) = parameter(cx, &head, object)
            && is_asked_of(cx, &body.byte_range(), binding)
            && !is_under_condition(cx, n, function, binding)
            && !is_caught(n, function)
        {
            found = Some(n);
        }
        found.is_none()
    });
    found.map(|n| {
        let line = n.start_position().row + 1;
        format!("No caller counts on `{}` in line {line} failing at once: it becomes a rejection.", cx.text(n))
    })
}

/// The parameter that a name stands for, if it is one of the function whose head is given, and keeps its value.
fn parameter(cx: &Context<'_>, head: &Range<usize>, name: Node<'_>) -> Option<BindingId> {
    let binding = cx.names.reference_at(name.start_byte())?.binding?;
    let declared = cx.names.binding(binding);
    let is_own = declared.kind == BindingKind::Parameter && head.contains(&declared.declarations[0].start);
    (is_own && !cx.names.is_reassigned(binding)).then_some(binding)
}

/// Whether code asks if a variable holds something of some kind: `typeof x === 'string'`, `x instanceof C`,
/// `Array.isArray(x)`. Where the answer is no, it may be anything else. Asked the other way round, it is what it has to be.
fn is_asked_of(cx: &Context<'_>, code: &Range<usize>, binding: BindingId) -> bool {
    let uses = cx.names.references_in(code).iter().filter(|r| r.binding == Some(binding));
    let asks = |r: &Reference| {
        let name = cx.file.root().descendant_for_byte_range(r.range.start, r.range.end)?;
        let parent = name.parent()?;
        let question = match parent.kind() {
            "unary_expression" if has_token(parent, "typeof") => {
                let comparison = parent.parent().filter(|c| has_token(*c, "===") || has_token(*c, "=="))?;
                return Some(!cx.text(comparison).contains("undefined"));
            }
            "binary_expression" if has_token(parent, "instanceof") => parent,
            "arguments" => {
                let call = parent.parent()?;
                let (callee, _) = call_parts(call)?;
                matches!(cx.text(callee), "Array.isArray" | "Buffer.isBuffer").then_some(call)?
            }
            _ => return None,
        };
        let around = ancestors(question).find(|n| n.kind() != "parenthesized_expression")?;
        Some(!(around.kind() == "unary_expression" && has_token(around, "!")))
    };
    uses.into_iter().any(|r| asks(r) == Some(true))
}

/// Whether a node is only reached where something has been asked of a variable.
fn is_under_condition(cx: &Context<'_>, node: Node<'_>, function: Node<'_>, binding: BindingId) -> bool {
    let asks = |part: Node<'_>| cx.names.references_in(&part.byte_range()).iter().any(|r| r.binding == Some(binding));
    let mut inner = node;
    for outer in ancestors(node).take_while(|n| *n != function) {
        let field = |name| outer.child_by_field_name(name);
        let condition = match outer.kind() {
            "binary_expression" if field("right") == Some(inner) => field("left"),
            "switch_statement" => field("value"),
            _ => field("condition").filter(|c| *c != inner),
        };
        if condition.is_some_and(asks) {
            return true;
        }
        inner = outer;
    }
    false
}

/// Whether what is thrown at a node is caught by the function itself.
fn is_caught(node: Node<'_>, function: Node<'_>) -> bool {
    let mut child = node;
    for parent in ancestors(node).take_while(|a| *a != function) {
        let is_body = parent.child_by_field_name("body") == Some(child);
        if parent.kind() == "try_statement" && is_body && parent.child_by_field_name("handler").is_some() {
            return true;
        }
        child = parent;
    }
    false
}
