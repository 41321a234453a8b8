//! Callbacks that are replaced by a function which does nothing with an error where none is given: what is thrown at once
//! reaches the caller today, and would go to that function, and so be lost, once it is a rejection.

use std::{collections::HashSet, ops::Range};

use tree_sitter::Node;

use super::site::{is_call_back_name, own_callback};
use crate::{
    context::Context,
    flow::{chain::parameters, classify::called_function},
    semantic::{BindingId, BindingKind},
    syntax::node::{call_parts, is_function, member_parts, unparenthesized, walk, walk_own_code},
};

/// How many functions of a file are followed from one to the next.
const MAX_FUNCTIONS: usize = 200;

/// Whether a function, or one that calls it, replaces a missing callback by one that does nothing. Of too many functions
/// it can't be told, so the answer is yes.
pub(super) fn may_lose_errors(cx: &Context<'_>, function: Node<'_>) -> bool {
    cx.losing_errors.get_or_init(|| losing_errors(cx)).as_ref().is_none_or(|some| some.contains(&function.id()))
}

/// The functions of the file whose errors may be lost so.
fn losing_errors(cx: &Context<'_>) -> Option<HashSet<usize>> {
    let mut reached: Vec<Node<'_>> = Vec::new();
    walk(cx.file.root(), |n| {
        if is_function(n) && own_callback(cx, n).is_some_and(|callback| defaults_to_nothing(cx, callback)) {
            reached.push(n);
        }
        true
    });
    let mut seen: HashSet<usize> = reached.iter().map(Node::id).collect();
    while let Some(current) = reached.pop() {
        if seen.len() > MAX_FUNCTIONS {
            return None;
        }
        // What a callback throws reaches nobody today, so only code that runs at once counts.
        walk_own_code(current, |n| {
            let called = call_parts(n).and_then(|(callee, _)| called_function(cx, callee));
            reached.extend(called.filter(|one| seen.insert(one.id())));
            true
        });
    }
    Some(seen)
}

/// Whether what a callback is replaced by where there is none may drop an error: in the list of parameters, where a variable
/// takes over from one, or by an assignment.
fn defaults_to_nothing(cx: &Context<'_>, callback: BindingId) -> bool {
    let node = |range: &Range<usize>| cx.file.root().descendant_for_byte_range(range.start, range.end);
    let binding = cx.names.binding(callback);
    let declared = binding.declarations.iter().filter_map(node).filter_map(given_value);
    let references = binding.references.iter().map(|r| cx.names.reference(*r)).filter(|r| r.writes);
    let assigned = references.filter_map(|r| node(&r.range)).filter_map(given_value);
    declared.chain(assigned).any(|value| may_drop_error(cx, value, callback))
}

/// What a name is given where it stands: by a parameter's default, a declaration, or an assignment.
fn given_value(name: Node<'_>) -> Option<Node<'_>> {
    let parent = name.parent()?;
    let is = |field| parent.child_by_field_name(field) == Some(name);
    match parent.kind() {
        "assignment_pattern" | "assignment_expression" | "augmented_assignment_expression" if is("left") => {
            parent.child_by_field_name("right")
        }
        "variable_declarator" if is("name") => parent.child_by_field_name("value"),
        // A parameter with types.
        "required_parameter" | "optional_parameter" => parent.child_by_field_name("value"),
        _ => None,
    }
}

/// Whether one of the functions that a value may be does nothing with an error. What is no function complains at once, and
/// what comes from a caller is a callback.
fn may_drop_error<'a>(cx: &Context<'a>, value: Node<'a>, callback: BindingId) -> bool {
    let mut pending = vec![value];
    while let Some(value) = pending.pop().map(unparenthesized) {
        let part = |field| value.child_by_field_name(field);
        let drops = match value.kind() {
            "binary_expression" | "assignment_expression" => {
                pending.extend(part("right"));
                false
            }
            "ternary_expression" => {
                pending.extend(["consequence", "alternative"].into_iter().filter_map(part));
                false
            }
            "call_expression" => match call_parts(value) {
                Some((callee, arguments))
                    if arguments.iter().any(|a| mentions(cx, *a, callback) || is_handed(cx, *a)) =>
                {
                    // `once(callback || noop)`; `once(callback)` gives nothing.
                    pending.extend(arguments);
                    is_function(callee)
                }
                Some((callee, _)) => !makes_promise(cx, callee) && !takes_from_list(cx, callee),
                None => true,
            },
            "identifier" if is_parameter(cx, value) => false,
            "member_expression" => !member_parts(value).is_some_and(|(_, p)| is_call_back_name(cx.text(p))),
            "null" | "undefined" | "true" | "false" | "number" | "string" | "object" | "array" => false,
            // `arguments[arguments.length - 1]`
            "subscript_expression" => false,
            _ => !called_function(cx, value).is_some_and(|function| throws_first(cx, function)),
        };
        if drops {
            return true;
        }
    }
    false
}

fn mentions(cx: &Context<'_>, node: Node<'_>, callback: BindingId) -> bool {
    cx.names.references_in(&node.byte_range()).iter().any(|r| r.binding == Some(callback))
}

/// Whether an argument is a callback that the function was handed: `var done = once(callback)`.
fn is_handed(cx: &Context<'_>, argument: Node<'_>) -> bool {
    let name = unparenthesized(argument);
    name.kind() == "identifier" && is_call_back_name(cx.text(name)) && is_parameter(cx, name)
}

/// Whether a name is one that a caller hands something over by.
fn is_parameter(cx: &Context<'_>, name: Node<'_>) -> bool {
    let binding = cx.names.reference_at(name.start_byte()).and_then(|r| r.binding);
    binding.is_some_and(|b| cx.names.binding(b).kind == BindingKind::Parameter)
}

/// Whether a function makes a promise along with the callback that it returns, so that the error is handed on: by its code, or
/// by its name where that is elsewhere.
fn makes_promise(cx: &Context<'_>, callee: Node<'_>) -> bool {
    let text = called_function(cx, callee).unwrap_or(callee);
    let text = cx.text(text).to_ascii_lowercase();
    text.contains("promise") || text.contains("defer")
}

/// `args.pop()`, which is what a caller passes.
fn takes_from_list(cx: &Context<'_>, callee: Node<'_>) -> bool {
    member_parts(callee).is_some_and(|(_, property)| matches!(cx.text(property), "pop" | "shift" | "find" | "at"))
}

/// Whether a function throws its first parameter: nobody is without news then.
fn throws_first(cx: &Context<'_>, function: Node<'_>) -> bool {
    let Some(first) = parameters(function).first().copied() else { return false };
    let error = cx.names.declared_at(first.child_by_field_name("pattern").unwrap_or(first).start_byte());
    let mut throws = false;
    walk_own_code(function, |n| {
        let thrown = n.named_child(0).filter(|_| n.kind() == "throw_statement");
        throws |= thrown.is_some_and(|t| cx.names.reference_at(t.start_byte()).is_some_and(|r| r.binding == error));
        !throws
    });
    throws
}
