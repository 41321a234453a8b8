//! How the functions of a file call back, as far as other files have to know.

use tree_sitter::Node;

use super::{
    adapter::is_adapted,
    beside::{answering_for, hands_result_beside_error, looks_at_result_beside_error},
    checks::error_at,
    errors::{always_makes, names_error},
    events::{Event, note_followed},
    given::note_lacking,
    names::{called_names, names},
    relied::{calls, is_always_at_once, note_called_by_text, note_other_name, note_relied_on},
    replaced::note_replaced,
    runs_on::{calls_inside_try, goes_on_behind_value, note_called_where_kept, note_kept, runs_on},
    site::own_callback,
    thenable::may_have_then,
    unnamed::{is_unnamed, note_counted},
};
use crate::{
    context::Context,
    flow::{
        body::returned,
        chain::parameters,
        classify::{Promise, called_function, initializer, package_of, promise},
        known::{Evidence, known},
        promisify::{callback_literal, hands_nothing, has_error_parameter},
    },
    project::{CallbackFunctions, Results, UNNAMED},
    semantic::BindingId,
    syntax::node::{
        ancestors, call_parts, enclosing_function, has_token, is_async, is_function, member_parts, named_children,
        unparenthesized, walk,
    },
};

/// What the functions of a file hand over, by the functions' names.
pub fn of_file(cx: &Context<'_>) -> CallbackFunctions {
    let mut functions = CallbackFunctions::default();
    walk(cx.file.root(), |n| {
        if cx.file.too_deep(&n.byte_range()).is_some() {
            return false;
        }
        note_called_where_kept(cx, n, &mut functions);
        if is_function(n) {
            let names = names(cx, n);
            if names.iter().any(|name| names_error(name)) {
                let always = always_makes(cx, n);
                names.iter().for_each(|name| functions.make_error(name, always));
            }
            note_function(cx, n, &names, &mut functions);
        }
        if let Some((names, results)) = taken_by(cx, n) {
            names.iter().for_each(|name| functions.take(name, results));
        }
        if looks_at_result_beside_error(cx, n)
            && let Some((callee, _)) = call_parts(n)
        {
            called_names(cx, callee).iter().for_each(|name| functions.look_beside_error(name));
        }
        note_lacking(cx, n, &mut functions);
        note_counted(cx, n, &mut functions);
        note_replaced(cx, n, &mut functions);
        note_called_by_text(cx, n, &mut functions);
        note_other_name(cx, n, &mut functions);
        note_followed(cx, n, &mut functions);
        true
    });
    functions
}

fn note_function<'a>(cx: &Context<'a>, function: Node<'a>, names: &[String], functions: &mut CallbackFunctions) {
    // Each of its uses of a callback may lie at the bottom of it, and every question about one there takes its time. To
    // go on behind a callback is what its callers are told of a function that nobody has looked into.
    if cx.file.deep_part(&function.byte_range()).is_some() {
        for name in names {
            functions.run_on(name);
            functions.run_on_behind_value(name);
            functions.return_promise(name, false);
        }
        return;
    }
    note_kept(cx, function, names, functions);
    let always = !names.is_empty() && returns_promise(cx, function);
    names.iter().for_each(|name| functions.return_promise(name, always));
    // It may have nobody to call back, and rely on being called back at once all the same.
    note_relied_on(cx, function, functions);
    if goes_on_behind_value(cx, function) {
        names.iter().for_each(|name| functions.run_on_behind_value(name));
    }
    let Some(callback) = own_callback(cx, function) else { return };
    let (results, going) = (of_function(cx, function), runs_on(cx, function, callback));
    let catches = going.is_caught || calls_inside_try(cx, function);
    let callees = calls(cx, function, callback);
    let promises = returns_promise(cx, function);
    let has_both = hands_result_beside_error(cx, function);
    let answering = answering_for(cx, callback);
    // What is handed to a function, and handed a callback by that, speaks for it.
    let handed_to = function.parent().filter(|list| list.kind() == "arguments").and_then(|list| list.parent());
    let handed_to = handed_to.and_then(call_parts).map(|(callee, _)| called_names(cx, callee)).unwrap_or_default();
    for name in names.iter().chain(&handed_to) {
        answering.iter().for_each(|other| functions.answer_by(name, other));
    }
    if is_unnamed(cx, function) {
        callees.iter().for_each(|callee| functions.call(UNNAMED, callee));
    }
    let is_prompt = is_always_at_once(cx, function, callback);
    for name in names {
        if promises {
            functions.promise(name);
        }
        if is_prompt {
            functions.call_back_at_once(name);
        }
        if has_both {
            functions.hand_result_beside_error(name);
        }
        if let Some(results) = &results {
            functions.add(name, results.clone());
        }
        if going.code.is_some() {
            functions.run_on(name);
        }
        if catches {
            functions.catch(name);
        }
        if let Some(event) = going.event {
            functions.listen(name, event == Event::OneOfMany);
        }
        going.callers.iter().for_each(|caller| functions.call_back_by(name, caller));
        callees.iter().for_each(|callee| functions.call(name, callee));
    }
}

/// Whether a function certainly returns a promise, on each of its paths.
fn returns_promise(cx: &Context<'_>, function: Node<'_>) -> bool {
    let returned = returned(function);
    let is_promise = |e: Node<'_>| promise(cx, e) == Promise::Yes;
    let all = returned.values.iter().all(|v| v.expression.is_some_and(is_promise));
    is_async(function) || all && !returned.values.is_empty() && !returned.falls_through
}

/// Whether a callee is a function of this file that can't do without a callback: wherever it calls back, it calls what it
/// was given and asks for nothing, or hands it on to itself.
pub fn needs_callback(cx: &Context<'_>, callee: Node<'_>) -> bool {
    let Some(function) = called_function(cx, callee) else { return false };
    let Some(callback) = own_callback(cx, function) else { return false };
    let mut calls = false;
    let is_needed = cx.names.binding(callback).references.iter().all(|reference| {
        let range = &cx.names.reference(*reference).range;
        let Some(used) = cx.file.root().descendant_for_byte_range(range.start, range.end) else { return false };
        let Some(parent) = used.parent() else { return false };
        if call_parts(parent).is_some_and(|(called, _)| called == used) {
            let asks = parent.parent().is_none_or(|p| matches!(p.kind(), "binary_expression" | "ternary_expression"));
            calls = true;
            return !asks;
        }
        // `util.callbackify` complains where there is no callback: `callbackify(f)(x, cb)`, `callbackify(f)(x, cb && …)`.
        let argument = if parent.kind() == "binary_expression" && has_token(parent, "&&") { parent } else { used };
        let list = argument.parent().filter(|list| list.kind() == "arguments");
        let Some((other, _)) = list.and_then(|list| list.parent()).and_then(call_parts) else { return false };
        let is_adapter = is_adapted(cx, other);
        calls |= is_adapter;
        is_adapter || argument == used && called_function(cx, other) == Some(function)
    });
    is_needed && calls
}

/// Whether a callee hands back a promise besides taking a callback, here or in another file: whoever returns what it
/// returns, returns that promise.
pub fn hands_promise_back<'t>(cx: &Context<'t>, callee: Node<'t>) -> bool {
    match called_function(cx, callee) {
        Some(function) => returns_promise(cx, function),
        None => called_names(cx, callee).iter().any(|name| cx.callbacks.promises(name)),
    }
}

/// Whether an expression is a promise, as far as can be seen: of the language, of Node, or of a function of the project, all of
/// whose namesakes return one; or an object that passes for one.
pub fn is_promise(cx: &Context<'_>, expression: Node<'_>) -> bool {
    let node = unparenthesized(expression);
    let binding =
        cx.names.reference_at(node.start_byte()).filter(|_| node.kind() == "identifier").and_then(|r| r.binding);
    let value = binding.filter(|b| !cx.names.is_reassigned(*b)).and_then(|b| initializer(cx, b)).unwrap_or(node);
    if promise(cx, node) == Promise::Yes || may_have_then(cx, node) {
        return true;
    }
    let Some((callee, _)) = call_parts(unparenthesized(value)) else { return false };
    let object = member_parts(callee).map(|(object, _)| object);
    let made_by = call_parts(unparenthesized(callee)).map(|(made_by, _)| cx.text(made_by));
    object.is_some_and(|object| is_module_of_promises(cx, object))
        || made_by.is_some_and(|name| name.ends_with("promisify"))
        || called_names(cx, callee).first().is_some_and(|name| cx.callbacks.returns_promise(name))
}

/// `fs.promises`, or what `fs/promises` is required as.
fn is_module_of_promises(cx: &Context<'_>, object: Node<'_>) -> bool {
    let binding = cx.names.reference_at(object.start_byte()).filter(|_| object.kind() == "identifier");
    let module = binding.and_then(|r| r.binding).and_then(|b| package_of(cx, b));
    cx.text(object) == "fs.promises" || module.is_some_and(|m| m.ends_with("fs/promises"))
}

/// Whether a function with a callback returns something that it has not from another call: `return stream`. What is made for
/// callers without a callback, `callback.promise`, does not count.
pub fn returns_value_of_its_own(cx: &Context<'_>, function: Node<'_>) -> bool {
    let callback = own_callback(cx, function);
    let is_of_callback = |node: Node<'_>| {
        let owner = member_parts(node).and_then(|(object, _)| cx.names.reference_at(object.start_byte()));
        owner.is_some_and(|r| r.binding.is_some() && r.binding == callback)
    };
    let values = returned(function).values.into_iter().filter_map(|v| v.expression).map(unparenthesized);
    values.filter(|value| cx.text(*value) != "undefined" && !is_of_callback(*value)).any(|value| {
        let is_for_lack = || callback.is_some_and(|callback| is_returned_for_lack_of(cx, value, callback));
        value.kind() == "call_expression" && is_for_lack()
            || matches!(
                value.kind(),
                "identifier"
                    | "this"
                    | "new_expression"
                    | "member_expression"
                    | "object"
                    | "array"
                    | "true"
                    | "false"
                    | "number"
                    | "string"
            )
    })
}

/// `if (!callback) return agent(options)`: what a function returns to callers that pass no callback.
fn is_returned_for_lack_of(cx: &Context<'_>, value: Node<'_>, callback: BindingId) -> bool {
    let mentions = |node: Node<'_>| {
        cx.names.references_in(&node.byte_range()).iter().any(|reference| reference.binding == Some(callback))
    };
    let mut asks = ancestors(value).take_while(|a| !is_function(*a)).filter(|a| a.kind() == "if_statement");
    !mentions(value) && asks.any(|check| check.child_by_field_name("condition").is_some_and(mentions))
}

/// How many results a callback that is written in place takes, and the names of the function that is handed it. Where a
/// promise is made of what the function hands over, nobody can tell any more how much of it there is.
fn taken_by(cx: &Context<'_>, call: Node<'_>) -> Option<(Vec<String>, usize)> {
    let (callee, arguments) = call_parts(call)?;
    if let [made] = arguments[..]
        && cx.text(callee).rsplit('.').next() == Some("promisify")
    {
        // `promisify(db.get.bind(db))`
        let bound = call_parts(unparenthesized(made)).and_then(|(callee, _)| member_parts(callee));
        let function = bound.filter(|(_, property)| cx.text(*property) == "bind").map_or(made, |(object, _)| object);
        return Some((called_names(cx, function), usize::MAX));
    }
    let (function, _) = callback_literal(*arguments.last()?)?;
    let taken = parameters(function);
    let takes_all = taken.last().is_some_and(|p| takes_rest(*p)) || is_whole_executor(call);
    let results = if takes_all { usize::MAX } else { taken.len().saturating_sub(1) };
    (results == usize::MAX || has_error_parameter(cx, function)).then(|| (called_names(cx, callee), results))
}

/// `new Promise(resolve => load(…))`: how a call is written whose error is ignored, with no more of its results than is
/// used, or all of whose results are taken.
fn is_whole_executor(call: Node<'_>) -> bool {
    let executor = call.parent().filter(|f| f.kind() == "arrow_function" && parameters(*f).len() == 1);
    let list = executor.and_then(|f| f.parent()).filter(|list| list.kind() == "arguments");
    list.and_then(|list| list.parent()).is_some_and(|made| made.kind() == "new_expression")
}

/// `...results`
fn takes_rest(parameter: Node<'_>) -> bool {
    parameter.child_by_field_name("pattern").unwrap_or(parameter).kind() == "rest_pattern"
}

/// The call in `...await new Promise(resolve => load((...results) => resolve(results)))`, or in a constant that is spread:
/// all that it calls back with.
fn whole_results_of<'a>(cx: &Context<'a>, spread: Node<'a>) -> Option<Node<'a>> {
    let all = named_children(spread).first().copied().filter(|_| spread.kind() == "spread_element")?;
    let name = cx.names.reference_at(all.start_byte()).filter(|_| all.kind() == "identifier");
    let value = name.and_then(|r| r.binding).and_then(|b| initializer(cx, b)).unwrap_or(all);
    let waiting = Some(value).filter(|n| n.kind() == "await_expression")?;
    let made = named_children(waiting).first().copied()?;
    let executor = named_children(made.child_by_field_name("arguments")?).first().copied()?;
    let call = executor.child_by_field_name("body").filter(|body| is_whole_executor(*body))?;
    let callback = call_parts(call).and_then(|(_, arguments)| arguments.last().copied())?;
    parameters(callback).first().is_some_and(|p| takes_rest(*p)).then_some(call)
}

/// What a function hands over; `None` where it takes no callback, or lets it out of sight.
pub fn of_function(cx: &Context<'_>, function: Node<'_>) -> Option<Results> {
    let callback = own_callback(cx, function)?;
    let mut results = Results::default();
    for reference in &cx.names.binding(callback).references {
        let range = &cx.names.reference(*reference).range;
        let name = cx.file.root().descendant_for_byte_range(range.start, range.end)?;
        note(cx, name, callback, &mut results)?;
    }
    Some(results)
}

/// Whether a callback is certainly called with an error: one that is made there, or that was asked for.
fn is_failure(cx: &Context<'_>, arguments: &[Node<'_>]) -> bool {
    let Some(error) = arguments.first().map(|a| unparenthesized(*a)) else { return false };
    let binding = cx.names.reference_at(error.start_byte()).filter(|_| error.kind() == "identifier");
    let asked = binding.and_then(|r| r.binding).zip(enclosing_function(error));
    error.kind() == "new_expression" || asked.is_some_and(|(b, around)| error_at(cx, error, b, around) == Some(true))
}

/// Notes that what a callee hands over is handed over.
fn note_handed_to(cx: &Context<'_>, callee: Node<'_>, results: &mut Results) -> Option<()> {
    match known(cx, callee) {
        Some(known) => {
            let hands_nothing = arguments_of(callee).is_some_and(|given| hands_nothing(cx, known.api, &given));
            results.most = results.most.max(if hands_nothing { 0 } else { known.api.results? });
            results.succeeds = true;
            let is_guess = known.by == Evidence::Name;
            results.guessed.extend(called_names(cx, callee).into_iter().filter(|_| is_guess));
        }
        None => results.handed_to.push(called_names(cx, callee).into_iter().next()?),
    }
    Some(())
}

/// `callback || noop` where it is an argument: what is called is the callback, if there is one.
fn with_default(name: Node<'_>) -> Node<'_> {
    let choice = name.parent().filter(|p| {
        let part = |field| p.child_by_field_name(field) == Some(name);
        match p.kind() {
            "binary_expression" => part("left") && (has_token(*p, "||") || has_token(*p, "??")),
            "ternary_expression" => part("consequence"),
            _ => false,
        }
    });
    let is_argument = |choice: &Node<'_>| choice.parent().is_some_and(|p| p.kind() == "arguments");
    choice.filter(is_argument).unwrap_or(name)
}

/// What a callee is handed in front of its callback.
fn arguments_of(callee: Node<'_>) -> Option<Vec<Node<'_>>> {
    let (_, mut arguments) = call_parts(callee.parent()?)?;
    arguments.pop();
    Some(arguments)
}

/// Notes one use of a callback. `None` where it is one that tells nothing: it is kept, or handed to somebody unknown.
fn note(cx: &Context<'_>, name: Node<'_>, callback: BindingId, results: &mut Results) -> Option<()> {
    let name = with_default(name);
    let parent = name.parent()?;
    let count = |arguments: usize| arguments.saturating_sub(1);
    if let Some((callee, arguments)) = call_parts(parent)
        && callee == name
    {
        let spread = arguments.iter().any(|a| a.kind() == "spread_element");
        results.most = results.most.max(count(arguments.len()));
        results.succeeds |= !is_failure(cx, &arguments);
        return (!spread).then_some(());
    }
    if let Some((_, property)) = member_parts(parent) {
        let arguments = parent.parent().and_then(call_parts).map_or(0, |(_, a)| a.len());
        return match cx.text(property) {
            "call" => {
                results.succeeds = true;
                results.most = results.most.max(count(arguments.saturating_sub(1)));
                Some(())
            }
            "apply" | "bind" => None,
            // `callback.promise`
            _ => Some(()),
        };
    }
    if parent.kind() == "arguments" {
        let call = parent.parent()?;
        let (callee, arguments) = call_parts(call)?;
        if matches!(cx.text(callee), "process.nextTick" | "setImmediate") && arguments.first() == Some(&name) {
            if let [_, all] = arguments[..]
                && let Some(call) = whole_results_of(cx, all)
            {
                let (callee, _) = call_parts(call)?;
                return note_handed_to(cx, callee, results);
            }
            results.most = results.most.max(arguments.len().saturating_sub(2));
            results.succeeds |= !is_failure(cx, &arguments[1..]);
            return (!arguments.iter().any(|a| a.kind() == "spread_element")).then_some(());
        }
        if is_adapted(cx, callee) {
            // A promise has one result.
            results.most = results.most.max(1);
            results.succeeds = true;
            return Some(());
        }
        let is_last = arguments.last() == Some(&name) || known(cx, callee).is_some();
        note_handed_to(cx, callee, results)?;
        return is_last.then_some(());
    }
    // Asked for, or replaced by another one: `cb = cb || noop`.
    let is_kept = matches!(parent.kind(), "pair" | "array" | "shorthand_property_identifier")
        || parent.kind() == "assignment_expression"
            && parent.child_by_field_name("right") == Some(name)
            && cx.names.reference_at(parent.start_byte()).is_none_or(|r| r.binding != Some(callback));
    (!is_kept).then_some(())
}
