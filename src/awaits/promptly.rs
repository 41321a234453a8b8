//! Whether starting a call may throw at once.
//!
//! `Promise.all([f(), g()])` whose `g()` throws leaves the promise of `f()` to nobody: if that is rejected as well, the
//! rejection is unhandled, which ends the process. A function that hands over a promise hands its failures over in that,
//! and where that is not known of `g`, a finding says that it is taken for granted. What else may throw, an argument that
//! has to be worked out or a property of what may be `undefined`, is put into an async function, which turns what is thrown
//! into a rejection.

use std::collections::HashSet;

use tree_sitter::Node;

use super::{
    harmless::{is_object, weigh_with},
    run::is_in_list,
};
use crate::{
    apis::plain,
    context::Context,
    effects,
    flow::{classify::is_global, known::export_of},
    syntax::node::{call_parts, has_optional_chain, is_function, member_parts, unparenthesized, walk},
};

/// Expressions that were asked for a property on the way to a place, and so are neither `undefined` nor `null` there.
#[derive(Clone, Debug, Default)]
pub(super) struct Dereferenced<'s>(HashSet<&'s str>);

impl<'s> Dereferenced<'s> {
    /// What is known where a statement starts: what the statements in front of it have asked, up to the function around.
    pub(super) fn before(cx: &Context<'s>, statement: Node<'_>) -> Self {
        let mut known = Self::default();
        let mut current = Some(statement);
        while let Some(node) = current.filter(|n| !is_function(*n)) {
            let mut previous = node.prev_named_sibling();
            while let Some(sibling) = previous.filter(|_| is_in_list(node)) {
                known.add(cx, sibling);
                previous = sibling.prev_named_sibling();
            }
            current = node.parent();
        }
        known
    }

    /// Adds what a statement asks for a property whenever it is run to its end.
    pub(super) fn add(&mut self, cx: &Context<'s>, statement: Node<'_>) {
        if !matches!(statement.kind(), "expression_statement" | "lexical_declaration" | "variable_declaration") {
            return;
        }
        self.add_expression(cx, statement);
    }

    /// Adds what an expression asks for a property whenever it is evaluated to its end.
    pub(super) fn add_expression(&mut self, cx: &Context<'s>, expression: Node<'_>) {
        walk(expression, |n| {
            if let Some((object, _)) = member_parts(n).filter(|(object, _)| is_fixed(cx, *object)) {
                self.0.insert(cx.text(object));
            }
            if n.kind() == "variable_declarator"
                && let (Some(pattern), Some(value)) = (n.child_by_field_name("name"), n.child_by_field_name("value"))
                && pattern.kind() == "object_pattern"
                && is_fixed(cx, value)
            {
                self.0.insert(cx.text(value));
            }
            !is_function(n) && !is_conditional(n)
        });
    }

    fn holds(&self, cx: &Context<'_>, node: Node<'_>) -> bool {
        self.0.contains(cx.text(unparenthesized(node)))
    }
}

/// Whether a part of an expression may be left out when it is evaluated. What stands in front of that part is lost too.
fn is_conditional(node: Node<'_>) -> bool {
    let operator = || node.child_by_field_name("operator").map(|o| o.kind());
    match node.kind() {
        "ternary_expression" => true,
        "binary_expression" => matches!(operator(), Some("&&" | "||" | "??")),
        "call_expression" | "member_expression" | "subscript_expression" => has_optional_chain(node),
        "assignment_pattern" | "object_assignment_pattern" | "class" => true,
        _ => false,
    }
}

/// Whether an expression is a name that is never assigned, `this`, or a property of a property of such a thing.
fn is_fixed(cx: &Context<'_>, node: Node<'_>) -> bool {
    let mut node = node;
    while let Some((object, _)) = member_parts(node) {
        node = object;
    }
    match node.kind() {
        "this" => true,
        "identifier" => {
            let binding = cx.names.reference_at(node.start_byte()).and_then(|r| r.binding);
            binding.is_none_or(|b| !cx.names.is_reassigned(b))
        }
        _ => false,
    }
}

/// Where what fails turns up when an awaited expression is evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failing<'t> {
    /// In the promise, as far as these callees go by what functions do that hand over promises.
    InPromise(Vec<Node<'t>>),
    /// It may be thrown before there is a promise: by an argument, or by what stands around a call.
    AtOnce,
}

/// Where what fails turns up when an awaited expression is evaluated.
pub(super) fn failing<'t>(cx: &Context<'_>, operand: Node<'t>, known: &Dereferenced<'_>) -> Failing<'t> {
    let quiet = |node| weigh_with(cx, node, None, &|n| known.holds(cx, n)).is_some_and(|weight| !weight.throws);
    let mut trusted = Vec::new();
    let mut pending = vec![operand];
    while let Some(node) = pending.pop() {
        let node = unparenthesized(node);
        let part = |field| node.child_by_field_name(field);
        match node.kind() {
            // In a choice the awaits are those that are chosen from.
            "await_expression" => pending.extend(node.named_child(0)),
            _ if quiet(node) => {}
            "ternary_expression" => {
                pending.extend(["condition", "alternative", "consequence"].into_iter().filter_map(part))
            }
            "binary_expression" if is_conditional(node) => {
                pending.extend(["right", "left"].into_iter().filter_map(part))
            }
            _ => match call_parts(node) {
                Some((callee, arguments)) if arguments.iter().all(|a| a.kind() != "spread_element") => {
                    // The grammar takes the word for a part of the callee in `await f<T>()`.
                    let is_awaited = callee.kind() == "await_expression";
                    let callee = callee.named_child(0).filter(|_| is_awaited).unwrap_or(unparenthesized(callee));
                    if let Some(promise) = handled(cx, callee) {
                        pending.push(promise);
                    } else if !is_prompt(cx, callee) {
                        match callee.kind() == "identifier" || is_fixed_method(cx, callee) {
                            true => trusted.push(callee),
                            false => return Failing::AtOnce,
                        }
                    }
                    let others = arguments.into_iter().filter(|a| !quiet(*a));
                    for argument in others {
                        match mapped(cx, argument) {
                            Some(map) => trusted.push(map),
                            None => return Failing::AtOnce,
                        }
                    }
                }
                _ => return Failing::AtOnce,
            },
        }
    }
    Failing::InPromise(trusted)
}

/// The call whose promise a callee adds a handler to: `load(id)` for `load(id).catch`.
fn handled<'t>(cx: &Context<'_>, callee: Node<'t>) -> Option<Node<'t>> {
    let (object, method) = member_parts(callee)?;
    let object = unparenthesized(object);
    let is_step = matches!(cx.text(method), "catch" | "finally" | "then") && !has_optional_chain(callee);
    call_parts(object).filter(|_| is_step).map(|_| object)
}

/// Whether a callee is a method of what has a name that is never assigned, or of `this`, or of a part of it.
fn is_fixed_method(cx: &Context<'_>, callee: Node<'_>) -> bool {
    member_parts(callee).is_some_and(|(object, _)| is_object(cx, object) || is_fixed(cx, object))
}

/// The `list.map` of an argument like `list.map((item) => load(item))`, whose promises are handed on.
fn mapped<'t>(cx: &Context<'_>, argument: Node<'t>) -> Option<Node<'t>> {
    let (callee, arguments) = call_parts(unparenthesized(argument))?;
    let (_, method) = member_parts(callee)?;
    let is_map = cx.text(method) == "map" && arguments.iter().all(|a| is_function(*a));
    (is_map && is_fixed_method(cx, callee)).then_some(callee)
}

/// Whether a callee is known to hand over its failures in a promise, whatever it is called with.
fn is_prompt(cx: &Context<'_>, callee: Node<'_>) -> bool {
    if callee.kind() == "import" {
        return true;
    }
    if callee.kind() == "identifier" && cx.text(callee) == "fetch" && is_global(cx, callee) {
        return true;
    }
    if effects::is_async_callee(cx, callee) {
        return true;
    }
    if export_of(cx, callee).is_some_and(|(module, name)| is_promise_api(module, &name)) {
        return true;
    }
    member_parts(callee).is_some_and(|(object, property)| {
        let statics = ["resolve", "reject", "all", "allSettled", "race", "any"];
        cx.text(object) == "Promise" && is_global(cx, object) && statics.contains(&cx.text(property))
    })
}

/// Whether an export of a module is one of Node's functions that are async functions: those of `fs.promises` and of the
/// timers.
fn is_promise_api(module: &str, name: &str) -> bool {
    let module = plain(module);
    matches!(module, "fs/promises" | "timers/promises" | "dns/promises" | "stream/promises" | "readline/promises")
        || matches!(module, "fs" | "dns") && name.starts_with("promises.")
}
