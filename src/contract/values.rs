//! Expressions whose value is the callback, or a function that has to do with it.

use tree_sitter::Node;

use crate::{
    context::Context,
    flow::{
        classify::{declaration_node, initializer},
        wrapper::{called_name, is_wrapper},
    },
    semantic::BindingId,
    syntax::node::{ancestors, call_parts, is_function, member_parts, named_children, unparenthesized, walk},
};

use super::{handles::Handles, oracle::is_keeper, parameter::has_callback_name};

/// How deep expressions are looked into for their value.
const MAX_DEPTH: usize = 8;

/// What can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Callable<'a> {
    /// The callback.
    Callback,
    /// A function that has to do with it.
    Function(Node<'a>),
}

/// The target and the value of an assignment, or of a declaration.
pub(super) fn assigned(node: Node<'_>) -> Option<(Node<'_>, Node<'_>)> {
    match node.kind() {
        "variable_declarator" => Some((node.child_by_field_name("name")?, node.child_by_field_name("value")?)),
        "assignment_expression" | "augmented_assignment_expression" => {
            Some((node.child_by_field_name("left")?, node.child_by_field_name("right")?))
        }
        _ => None,
    }
}

/// The function in `function () {}.bind(this)`; any other expression as it is.
pub(super) fn unbound<'a>(cx: &Context<'a>, expression: Node<'a>) -> Node<'a> {
    let bound = call_parts(expression).and_then(|(callee, _)| member_parts(callee));
    match bound.filter(|(_, property)| cx.text(*property) == "bind") {
        Some((object, _)) if is_function(unparenthesized(object)) => unparenthesized(object),
        _ => expression,
    }
}

/// What an expression's value is, if it can be called and has to do with the callback.
pub(super) fn callable<'a>(cx: &Context<'a>, handles: &Handles<'a>, expression: Node<'a>) -> Option<Callable<'a>> {
    callable_within(cx, handles, expression, MAX_DEPTH)
}

fn callable_within<'a>(
    cx: &Context<'a>,
    handles: &Handles<'a>,
    expression: Node<'a>,
    depth: usize,
) -> Option<Callable<'a>> {
    let node = unparenthesized(expression);
    let inner = |n: Node<'a>| callable_within(cx, handles, n, depth.checked_sub(1)?);
    match node.kind() {
        _ if is_function(node) => handles.are_in(node).then_some(Callable::Function(node)),
        "identifier" => {
            if let Some(function) = handles.replacement(cx, node) {
                return Some(Callable::Function(function));
            }
            if handles.is_callback(cx, node) {
                return Some(Callable::Callback);
            }
            handles.function_of(cx, node).map(Callable::Function)
        }
        "as_expression" | "satisfies_expression" | "non_null_expression" => inner(node.named_child(0)?),
        "binary_expression" if matches!(node.child_by_field_name("operator")?.kind(), "||" | "??") => {
            inner(node.child_by_field_name("left")?)
        }
        "binary_expression" if node.child_by_field_name("operator")?.kind() == "&&" => {
            inner(node.child_by_field_name("right")?)
        }
        "ternary_expression" => {
            if !asks_for_a_callback(cx, handles, node) {
                return None;
            }
            let sides = ["consequence", "alternative"].map(|f| node.child_by_field_name(f).and_then(inner));
            sides.into_iter().flatten().find(|c| *c == Callable::Callback)
        }
        "call_expression" => {
            let (callee, arguments) = call_parts(node)?;
            if let Some((object, property)) = member_parts(callee)
                && cx.text(property) == "bind"
                && let Some(found) = inner(object)
            {
                return Some(found);
            }
            is_wrapper(cx, callee, &arguments).then(|| arguments.iter().find_map(|a| inner(*a)))?
        }
        _ => None,
    }
}

/// Whether the condition of `a ? b : c` asks which of them is a callback.
pub(super) fn asks_for_a_callback(cx: &Context<'_>, handles: &Handles<'_>, ternary: Node<'_>) -> bool {
    ternary.child_by_field_name("condition").is_some_and(|c| {
        handles.are_in(c) || tested_function(cx, c).is_some() || cx.text(c).contains("arguments.length")
    })
}

/// Whether a variable that is given a value by this becomes a name for the callback.
pub(super) fn is_alias<'a>(cx: &Context<'a>, handles: &Handles<'a>, target: Node<'a>, value: Node<'a>) -> bool {
    if callable(cx, handles, value) == Some(Callable::Callback) {
        return true;
    }
    // A function of the project's own that wraps the callback, where the variable is named like a callback.
    let Some((_, arguments)) = call_parts(unparenthesized(value)) else { return false };
    let takes_it = arguments.iter().any(|a| callable(cx, handles, *a) == Some(Callable::Callback));
    takes_it && has_callback_name(cx.text(target))
}

/// Whether the value that a variable for the callback is given leaves it one: another name for it, another parameter
/// in whose place it was given, something taken from `arguments`, a wrapper around it.
pub(super) fn keeps_a_callback<'a>(cx: &Context<'a>, handles: &Handles<'a>, value: Node<'a>) -> bool {
    let mut found = false;
    walk(value, |n| {
        if matches!(n.kind(), "identifier" | "shorthand_property_identifier") {
            let binding = Handles::binding_of(cx, n);
            found |= handles.is_callback(cx, n)
                || binding.is_some_and(|b| handles.others.contains(&b))
                || cx.text(n) == "arguments"
                || binding.and_then(|b| initializer(cx, b)).is_some_and(|i| is_other(cx, handles, i))
                || is_tested_around(cx, n);
        }
        !found && !is_function(n)
    });
    found || is_from_arguments(cx, value)
}

fn is_other(cx: &Context<'_>, handles: &Handles<'_>, value: Node<'_>) -> bool {
    Handles::binding_of(cx, value).is_some_and(|b| handles.others.contains(&b))
}

/// Whether a name is used where it has been found to be a function: `if (typeof opts === 'function') callback = opts;`,
/// `isFunction(last) ? last : undefined`.
pub(super) fn is_tested_around(cx: &Context<'_>, name: Node<'_>) -> bool {
    let binding = Handles::binding_of(cx, name);
    let mut conditions = ancestors(name).take(6).filter_map(|a| a.child_by_field_name("condition"));
    binding.is_some() && conditions.any(|c| tested_function(cx, c) == binding)
}

/// `arguments[arguments.length - 1]`, `args.pop()`, `args[args.length - 1]`.
pub(super) fn is_from_arguments(cx: &Context<'_>, value: Node<'_>) -> bool {
    let value = unparenthesized(value);
    match value.kind() {
        "subscript_expression" => value.child_by_field_name("object").is_some_and(|o| is_argument_list(cx, o)),
        "call_expression" => call_parts(value)
            .and_then(|(callee, _)| member_parts(callee))
            .is_some_and(|(object, property)| is_argument_list(cx, object) && matches!(cx.text(property), "pop")),
        _ => false,
    }
}

/// Whether an expression is the list of what a function is called with: `arguments`, a rest parameter, or a variable
/// that the arguments are copied to.
fn is_argument_list(cx: &Context<'_>, list: Node<'_>) -> bool {
    let list = unparenthesized(list);
    if cx.text(list) == "arguments" {
        return true;
    }
    let Some(binding) = Handles::binding_of(cx, list) else { return false };
    let declaration = declaration_node(cx, binding).and_then(|d| d.parent());
    let is_rest = declaration.is_some_and(|d| d.kind() == "rest_pattern");
    let mentions = |n: Node<'_>| cx.text(n).contains("arguments");
    // `const args = new Array(arguments.length)`, `args.push(arguments[i])`
    is_rest
        || initializer(cx, binding).is_some_and(mentions)
        || declaration.is_some_and(|d| d.kind() == "variable_declarator")
            && cx.names.binding(binding).references.iter().any(|r| {
                let range = &cx.names.reference(*r).range;
                let used = cx.file.root().descendant_for_byte_range(range.start, range.end);
                used.is_some_and(|u| ancestors(u).take(4).any(|a| a.kind() == "expression_statement" && mentions(a)))
            })
}

/// The parameter `x` of a condition `typeof x === 'function'`, or of one with other conditions beside it.
pub(super) fn tested_function(cx: &Context<'_>, condition: Node<'_>) -> Option<BindingId> {
    let mut pending = vec![condition];
    while let Some(node) = pending.pop() {
        let node = unparenthesized(node);
        if let Some((callee, arguments)) = call_parts(node)
            && let [argument] = arguments.as_slice()
            && called_name(cx, callee) == "isFunction"
        {
            return Handles::binding_of(cx, *argument);
        }
        if node.kind() == "binary_expression" {
            let sides = [node.child_by_field_name("left")?, node.child_by_field_name("right")?];
            if matches!(node.child_by_field_name("operator")?.kind(), "&&" | "||") {
                pending.extend(sides);
            } else if let Some((name, "function")) = type_test(cx, node).filter(|_| is_equality(node) == Some(true)) {
                return Handles::binding_of(cx, name);
            }
        }
    }
    None
}

/// The name and the type of a comparison `typeof name === 'type'`, either way round.
pub(super) fn type_test<'a>(cx: &Context<'a>, comparison: Node<'a>) -> Option<(Node<'a>, &'a str)> {
    let sides = [comparison.child_by_field_name("left")?, comparison.child_by_field_name("right")?];
    let name = sides.iter().find_map(|s| {
        let s = unparenthesized(*s);
        let is_typeof = s.kind() == "unary_expression" && s.child_by_field_name("operator")?.kind() == "typeof";
        is_typeof.then(|| s.child_by_field_name("argument")).flatten().map(unparenthesized)
    })?;
    let text = sides.iter().find(|s| s.kind() == "string").map(|s| cx.text(*s).trim_matches(['\'', '"']))?;
    Some((name, text))
}

/// Whether a comparison asks for equality (`true`) or its opposite (`false`).
pub(super) fn is_equality(comparison: Node<'_>) -> Option<bool> {
    match comparison.child_by_field_name("operator")?.kind() {
        "===" | "==" => Some(true),
        "!==" | "!=" => Some(false),
        _ => None,
    }
}

/// Whether all that code does with a variable is to hand it on as the last argument of a call.
pub(super) fn is_handed_on_only(cx: &Context<'_>, binding: BindingId, body: Node<'_>) -> bool {
    let range = body.byte_range();
    let mut uses = cx.names.references_in(&range).iter().filter(|r| r.binding == Some(binding)).peekable();
    uses.peek().is_some()
        && uses.all(|r| {
            let node = cx.file.root().descendant_for_byte_range(r.range.start, r.range.end);
            let list = node.and_then(|n| n.parent()).filter(|p| p.kind() == "arguments");
            let callee = list.and_then(|l| l.parent()).and_then(|call| call.child_by_field_name("function"));
            let is_kept = callee.is_some_and(|c| is_keeper(called_name(cx, c)));
            r.reads && !is_kept && list.is_some_and(|l| named_children(l).last().copied() == node)
        })
}
