//! Which parameter of a function is the callback that its result goes to.

use std::ops::Range;

use tree_sitter::Node;

use crate::{
    context::Context,
    flow::{body::returned, chain::parameters, promisify::is_error_name},
    semantic::BindingId,
    syntax::node::{ancestors, call_parts, is_function, unparenthesized, walk_own_code},
};

use super::{
    Callback, CallbackUse, Calls, Evidence, Oracle, Sync, Times, Timing,
    calls::member,
    handles::Handles,
    interpreter::Interpreter,
    named_parameters,
    shape::{self, Uses},
    values::{self, Callable},
};

/// A function's callback, with what goes with it.
pub(super) struct Found {
    pub(super) callback: Callback,
    pub(super) sync: Sync,
    pub(super) evidence: Evidence,
    /// Whether a promise is handed over beside the callback: `promise.asCallback(callback)`, `callback.promise`.
    pub(super) settles_a_promise: bool,
}

/// The callback that a function's result goes to, if it has one.
pub(super) fn completion<'a>(cx: &Context<'a>, function: Node<'a>, oracle: &dyn Oracle) -> Option<Found> {
    if is_executor(cx, function) {
        return None;
    }
    let mut best: Option<(u32, usize, Handles<'a>, Uses)> = None;
    for (index, binding) in candidates(cx, function) {
        let name = &cx.names.binding(binding).name;
        let is_settler = matches!(name.as_str(), "resolve" | "reject" | "fulfill");
        if is_settler || cx.names.binding(binding).references.is_empty() && !has_callback_name(name) {
            continue;
        }
        let handles = Handles::new(cx, function, &[binding]);
        let mut uses = shape::uses(cx, &handles, oracle);
        uses.has_name = has_callback_name(name);
        let Some(score) = shape::score(&uses) else { continue };
        if best.as_ref().is_none_or(|(b, ..)| score >= *b) {
            best = Some((score, index, handles, uses));
        }
    }
    let (_, index, handles, mut uses) = best?;
    if returns_a_promise_without(cx, &handles, oracle) {
        uses.settles_a_promise = true;
        uses.is_tested |= uses.calls.is_empty();
    }
    let outcome = Interpreter::new(cx, oracle, &handles).run();
    let presumed = outcome.presumed.iter().find(|call| may_answer(cx, function, call));
    let calls = match (outcome.calls, presumed) {
        (Calls::Once, Some(presumed)) => Calls::Unknown(presumed.clone()),
        (calls, _) => calls,
    };
    let callback = Callback {
        index,
        error_first: shape::error_first(&uses),
        results: shape::results(&uses),
        optional: uses.is_tested,
        shifted: !handles.shifted.is_empty() || uses.is_shifted,
        calls,
    };
    let evidence = Evidence { presumed: outcome.presumed, returns_when_called: outcome.returns_when_called };
    Some(Found { callback, sync: outcome.sync, evidence, settles_a_promise: uses.settles_a_promise })
}

/// Whether a function returns what a callee returns which it hands its callback on to, and that is a promise where there is
/// no callback.
fn returns_a_promise_without<'a>(cx: &Context<'a>, handles: &Handles<'a>, oracle: &dyn Oracle) -> bool {
    returned(handles.function).values.iter().filter_map(|v| v.expression).any(|value| {
        let value = cx.own(unparenthesized(value));
        let arguments = call_parts(value).map(|(_, arguments)| arguments).unwrap_or_default();
        let is_callback = |a: &Node<'a>| values::callable(cx, handles, *a) == Some(Callable::Callback);
        arguments.iter().position(is_callback).is_some_and(|index| oracle.promises(cx, value, index))
    })
}

/// What a function does with some of its parameters, if that is to call exactly one of them, exactly once. Nothing is
/// presumed of one that is named like anything but a callback.
pub(super) fn called_once<'a>(
    cx: &Context<'a>,
    function: Node<'a>,
    indices: &[usize],
    oracle: &dyn Oracle,
) -> Option<CallbackUse> {
    let names = named_parameters(function);
    let declared = |index: &usize| cx.names.declared_at(names.get(*index).copied().flatten()?.start_byte());
    let bindings: Option<Vec<_>> = indices.iter().map(declared).collect();
    let handles = Handles::new(cx, function, &bindings?);
    let outcome = Interpreter::new(cx, oracle, &handles).run();
    let timing = match outcome.sync {
        Sync::Always => Timing::Sync,
        Sync::Never => Timing::Later,
        Sync::Sometimes | Sync::Unknown => Timing::Unknown,
    };
    let is_presumed = !outcome.presumed.is_empty();
    let has_name = |index: &usize| names[*index].is_some_and(|name| has_callback_name(cx.text(name)));
    let is_certain = !is_presumed || indices.iter().any(has_name);
    let times = if is_certain { Times::Once } else { Times::Unknown };
    (outcome.calls == Calls::Once).then(|| CallbackUse { is_presumed, ..CallbackUse::new(times, timing) })
}

/// What a function does with a parameter, if that is not to call it, nor to keep it but in functions that it returns.
pub(super) fn not_called<'a>(
    cx: &Context<'a>,
    function: Node<'a>,
    indices: &[usize],
    oracle: &dyn Oracle,
) -> Option<CallbackUse> {
    let [index] = indices else { return None };
    let name = named_parameters(function).get(*index).copied().flatten()?;
    let handles = Handles::new(cx, function, &[cx.names.declared_at(name.start_byte())?]);
    let is_put_by = shape::is_put_by(&shape::uses(cx, &handles, oracle));
    is_put_by.then(|| CallbackUse::new(Times::Never, Timing::Unknown))
}

/// Whether a call in a handler of requests, `(req, res, next)` or `(err, req, res, next)`, hands on what the request is answered with: whoever gets
/// that need not call back.
fn may_answer(cx: &Context<'_>, function: Node<'_>, call: &Range<usize>) -> bool {
    let all = named_parameters(function);
    let plain = |n: &Option<Node<'_>>| n.map_or("", |n| cx.text(n).trim_start_matches('_'));
    let is_pair = |two: &[Option<Node<'_>>]| {
        matches!(plain(&two[0]), "req" | "request") && matches!(plain(&two[1]), "res" | "response" | "reply")
    };
    let behind_error = usize::from(all.first().is_some_and(|n| is_error(plain(n))));
    let response = all.get(behind_error..behind_error + 2).filter(|two| is_pair(two)).and_then(|two| two[1]);
    let Some(response) = response.and_then(|n| cx.names.declared_at(n.start_byte())) else { return false };
    let call = cx.file.root().descendant_for_byte_range(call.start, call.end);
    let Some(arguments) = call.and_then(|c| c.child_by_field_name("arguments")) else { return true };
    let mut is_handed = false;
    walk_own_code(arguments, |n| {
        is_handed |= n.kind() != "member_expression" && Handles::binding_of(cx, n) == Some(response);
        is_handed |= cx.text(n) == "arguments";
        !is_handed
    });
    is_handed
}

/// The function of `new Promise(function)`.
fn is_executor(cx: &Context<'_>, function: Node<'_>) -> bool {
    let construction = function.parent().and_then(|p| p.parent()).filter(|p| p.kind() == "new_expression");
    construction.and_then(|c| c.child_by_field_name("constructor")).is_some_and(|c| cx.text(c).ends_with("Promise"))
}

/// The variables that may hold a callback, with the parameter that each is: the parameters, and variables that are
/// taken from `arguments` or from a rest parameter.
fn candidates<'a>(cx: &Context<'a>, function: Node<'a>) -> Vec<(usize, BindingId)> {
    let named = named_parameters(function).into_iter().enumerate();
    let declared = |name: Node<'_>| cx.names.declared_at(name.start_byte());
    let mut found: Vec<_> = named.filter_map(|(index, name)| Some((index, declared(name?)?))).collect();
    let all = parameters(function);
    let rest = all.last().filter(|p| p.kind() == "rest_pattern" || p.child(0).is_some_and(|c| c.kind() == "..."));
    let behind = if rest.is_some() { all.len() - 1 } else { all.len() };
    walk_own_code(function, |node| {
        if let Some((target, value)) = values::assigned(node)
            && has_callback_name(cx.text(target))
            && values::is_from_arguments(cx, value)
            && let Some(binding) = declared(target).or_else(|| Handles::binding_of(cx, target))
            && !found.iter().any(|(_, b)| *b == binding)
        {
            found.push((behind, binding));
        }
        true
    });
    found
}

/// Whether a variable is named like a callback that a result goes to.
pub(super) fn has_callback_name(name: &str) -> bool {
    let plain = name.trim_matches(['_', '$']);
    let lower = plain.to_ascii_lowercase();
    let whole = [
        "callback",
        "cb",
        "cback",
        "clb",
        "complete",
        "completed",
        "done",
        "finish",
        "finished",
        "next",
        "ondone",
        "oncomplete",
        "onfinish",
        "onfinished",
        "resume",
    ];
    whole.contains(&lower.as_str())
        || ["Cb", "CB", "Callback", "Done", "_cb", "_callback", "callback"].iter().any(|end| plain.ends_with(end))
        || lower.starts_with("callback")
}

/// Whether the value of a call is used for something else than being returned.
pub(super) fn is_value_used(call: Node<'_>) -> bool {
    let mut child = call;
    for parent in ancestors(call) {
        match parent.kind() {
            "parenthesized_expression" | "await_expression" | "sequence_expression" => {}
            "binary_expression" => {
                let operator = parent.child_by_field_name("operator").map_or("", |o| o.kind());
                let is_right = parent.child_by_field_name("right") == Some(child);
                if !is_right || !matches!(operator, "&&" | "||" | "??") {
                    return true;
                }
            }
            "ternary_expression" if parent.child_by_field_name("condition") != Some(child) => {}
            "unary_expression" => {
                return parent.child_by_field_name("operator").is_none_or(|o| o.kind() != "void");
            }
            "expression_statement" | "return_statement" => return false,
            _ if is_function(parent) => return false,
            _ => return true,
        }
        child = parent;
    }
    false
}

/// Whether code is run any number of times for one run of a function: in a loop, or in the callback of an iterator.
pub(super) fn is_repeated<'a>(cx: &Context<'a>, node: Node<'a>, function: Node<'a>, oracle: &dyn Oracle) -> bool {
    let mut child = node;
    for parent in ancestors(node) {
        if child == function {
            break;
        }
        if matches!(parent.kind(), "for_statement" | "for_in_statement" | "while_statement" | "do_statement") {
            return true;
        }
        if parent.kind() == "arguments"
            && is_function(unparenthesized(child))
            && let Some(call) = parent.parent().filter(|c| c.kind() == "call_expression")
        {
            let index = crate::syntax::node::named_children(parent).iter().position(|a| *a == child);
            let known = index.and_then(|i| oracle.of_call(cx, call, i));
            if known.is_some_and(|k| k.times == super::Times::Many) {
                return true;
            }
        }
        child = parent;
    }
    false
}

/// Whether a call stands in a function that another callee was handed as its last argument, and not in one that the
/// function returns.
pub(super) fn is_in_callback(node: Node<'_>, function: Node<'_>) -> bool {
    ancestors(node)
        .take_while(|a| *a != function)
        .any(|a| is_function(a) && a.parent().is_some_and(|p| p.kind() == "arguments"))
}

/// Whether a node stands in a function that is the value of a `return`.
pub(super) fn is_in_returned_function(node: Node<'_>, function: Node<'_>) -> bool {
    ancestors(node).take_while(|a| *a != function).any(|a| {
        is_function(a)
            && a.parent()
                .is_some_and(|p| p.kind() == "return_statement" || p == function && p.kind() == "arrow_function")
    })
}

/// The object and name of `callback.call`, `callback.apply`.
pub(super) fn is_call_or_apply(cx: &Context<'_>, node: Node<'_>) -> bool {
    member(node).is_some_and(|(_, property)| matches!(cx.text(property), "call" | "apply"))
}

/// Whether a name is that of an error: also `err2`, `er3`, `rmerr`.
pub(super) fn is_error(name: &str) -> bool {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    is_error_name(stem) || stem.ends_with("err")
}
