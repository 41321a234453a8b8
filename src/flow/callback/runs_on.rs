//! Functions that go on after they have called back, or catch what the callback throws.
//!
//! What such a function does then is done behind the code of the callback today, and would be done in front of the code
//! behind an `await`. And a throw in that code would reach somebody, where it ends in the `catch` today.

use std::ops::Range;

use tree_sitter::Node;

use super::{
    events::{Event, listened_for},
    names::called_names,
    site::{is_call_back_name, is_site, own_callback},
};
use crate::{
    context::Context,
    flow::{
        chain::{link_name, parameters},
        classify::{called_function, possible_functions, values_of, values_put_in},
        known::{Evidence, binding_of, export_of, is_registration, known},
        promisify::Call,
        settle::{LOOPS, runs_code},
    },
    project::CallbackFunctions,
    semantic::BindingId,
    syntax::node::{
        ancestors, call_parts, enclosing_function, is_comment, is_function, member_parts, named_children,
        unparenthesized, walk, with_parentheses,
    },
};

/// How many names a callback may go by in a function.
const MAX_NAMES: usize = 32;

/// How a function may come to go on after it has called back.
#[derive(Debug, Default)]
pub(super) struct RunsOn<'t> {
    /// The first code that runs behind a call of the callback.
    pub(super) code: Option<Node<'t>>,
    /// The names of the functions that call back in its stead, and may go on themselves.
    pub(super) callers: Vec<String>,
    /// Whether a `try` with a `catch` is around a call of the callback.
    pub(super) is_caught: bool,
    /// The event that the callback is called for, where something has to tell of one.
    pub(super) event: Option<Event>,
}

/// Where a callee goes on after it has called back, or the callee, if it does so in another file.
pub fn runs_on_after_calling_back<'t>(cx: &Context<'t>, call: &Call<'t>) -> Option<Node<'t>> {
    if let Some(code) = call.arguments.iter().find_map(|argument| task_runs_on(cx, *argument)) {
        return Some(code);
    }
    if adds_to_queue(cx, call.callee) {
        return Some(call.callee);
    }
    let is_missed = || called_names(cx, call.callee).iter().any(|name| cx.callbacks.is_event_missed_behind(name));
    if !is_from_outside(cx, call.callee) && is_missed() {
        // It goes on with the next event.
        return Some(call.callee);
    }
    let functions = possible_functions(cx, call.callee);
    for function in &functions {
        let parameter = parameters(*function).get(call.arguments.len()).copied();
        let name = parameter.map(|p| p.child_by_field_name("pattern").unwrap_or(p));
        let positional = name.and_then(|n| cx.names.declared_at(n.start_byte()));
        let own = own_callback(cx, *function);
        for binding in [positional, own.filter(|own| Some(*own) != positional)].into_iter().flatten() {
            let found = runs_on(cx, *function, binding);
            let elsewhere = || found.callers.iter().any(|name| cx.callbacks.runs_on(name)).then_some(call.callee);
            if let Some(code) = found.code.or_else(elsewhere) {
                return Some(code);
            }
        }
    }
    if called_function(cx, call.callee).is_some() || is_from_outside(cx, call.callee) {
        return None;
    }
    called_names(cx, call.callee).iter().any(|name| cx.callbacks.runs_on(name)).then_some(call.callee)
}

/// Where a task goes on after it has called back that a call is handed beside its callback, alone or in a list: the last
/// task to call back may have the callback called, and then goes on behind that.
fn task_runs_on<'t>(cx: &Context<'t>, argument: Node<'t>) -> Option<Node<'t>> {
    let argument = unparenthesized(argument);
    let tasks = match argument.kind() {
        "array" => named_children(argument),
        "object" => named_children(argument).into_iter().filter_map(|p| p.child_by_field_name("value")).collect(),
        _ => vec![argument],
    };
    let mut tasks = tasks.into_iter().map(unparenthesized).filter(|task| is_function(*task));
    tasks.find_map(|task| {
        let found = runs_on(cx, task, own_callback(cx, task)?);
        let by_others = || found.callers.iter().any(|name| cx.callbacks.runs_on(name)).then_some(task);
        found.code.or_else(by_others)
    })
}

/// The same for a function that takes a value, where it is the argument at an index.
pub fn runs_on_behind_value<'t>(cx: &Context<'t>, callee: Node<'t>, at: usize) -> Option<Node<'t>> {
    for function in possible_functions(cx, callee) {
        let parameter = parameters(function).get(at).copied();
        if let Some(code) = parameter.and_then(|p| code_behind_parameter(cx, function, p)) {
            return Some(code);
        }
    }
    if called_function(cx, callee).is_some() || is_from_outside(cx, callee) {
        return None;
    }
    // What it calls may look like an error-first callback in its own file.
    let runs_on = |name: &String| cx.callbacks.runs_on_behind_value(name) || cx.callbacks.runs_on(name);
    called_names(cx, callee).iter().any(runs_on).then_some(callee)
}

/// Whether a function goes on after it has called one of its parameters that is no error-first callback.
pub(super) fn goes_on_behind_value(cx: &Context<'_>, function: Node<'_>) -> bool {
    let own = own_callback(cx, function);
    let is_other = |p: &Node<'_>| {
        let name = p.child_by_field_name("pattern").unwrap_or(*p);
        own.is_none() || cx.names.declared_at(name.start_byte()) != own
    };
    parameters(function).into_iter().filter(is_other).any(|p| code_behind_parameter(cx, function, p).is_some())
}

/// The code that a function runs behind a call of a parameter.
fn code_behind_parameter<'t>(cx: &Context<'t>, function: Node<'t>, parameter: Node<'t>) -> Option<Node<'t>> {
    let name = parameter.child_by_field_name("pattern").unwrap_or(parameter);
    let binding = cx.names.declared_at(name.start_byte()).filter(|_| name.kind() == "identifier")?;
    runs_on(cx, function, binding).code
}

/// Whether a callee is certainly no function of the project.
fn is_from_outside(cx: &Context<'_>, callee: Node<'_>) -> bool {
    known(cx, callee).is_some_and(|known| matches!(known.by, Evidence::Module | Evidence::Instance))
}

/// How a function may go on after it has called one of its callbacks.
pub(super) fn runs_on<'t>(cx: &Context<'t>, function: Node<'t>, callback: BindingId) -> RunsOn<'t> {
    let mut found = RunsOn::default();
    // The callback, and the functions inside that call it.
    let mut names = vec![callback];
    let mut next = 0;
    while let Some(name) = names.get(next).copied().filter(|_| next < MAX_NAMES) {
        next += 1;
        for reference in &cx.names.binding(name).references {
            let range = &cx.names.reference(*reference).range;
            let Some(used) = cx.file.root().descendant_for_byte_range(range.start, range.end) else { continue };
            found.code = found.code.or_else(|| called_again(cx, function, used, name));
            if let Some(local) = note(cx, function, used, &mut found)
                && !names.contains(&local)
            {
                names.push(local);
            }
        }
    }
    found.callers.sort_unstable();
    found.callers.dedup();
    found
}

/// Notes one use of a callback, and gives the name of the function around it that calls it.
fn note<'t>(cx: &Context<'t>, root: Node<'t>, used: Node<'t>, found: &mut RunsOn<'t>) -> Option<BindingId> {
    let parent = used.parent()?;
    let called = call_parts(parent).is_some_and(|(callee, _)| callee == used);
    // `callback.call(null, …)`
    let by_method = || {
        let (object, property) = member_parts(parent)?;
        // A method of another name belongs to what only looks like a function.
        let (object, _) = matches!(cx.text(property), "call" | "apply" | "bind").then_some((object, property))?;
        parent.parent().filter(|call| object == used && call_parts(*call).is_some_and(|(callee, _)| callee == parent))
    };
    let mut call = if called { Some(parent) } else { by_method() };
    found.callers.extend(kept_as(cx, used));
    if let Some(call) = call {
        found.code = found.code.or_else(|| code_behind(call));
        found.is_caught |= is_caught(call);
    } else if parent.kind() == "arguments" {
        let handed = parent.parent()?;
        let (callee, arguments) = call_parts(handed)?;
        found.event = found.event.max(listened_for(cx, handed, root));
        let mut tasks = arguments.iter().filter(|other| **other != used);
        found.code = found.code.or_else(|| tasks.find_map(|task| task_runs_on(cx, *task)));
        // A listener is called by whoever has an event to tell of.
        if is_from_outside(cx, callee) || is_registration(cx, callee, arguments.len()) {
            return None;
        }
        found.callers.extend(called_names(cx, callee));
        call = Some(handed);
    }
    around(cx, root, call?, found)
}

/// What a function that is kept in an object is called there, where others may call it: `jobs.push({ url, cb })`.
fn kept_as(cx: &Context<'_>, value: Node<'_>) -> Option<String> {
    let parent = value.parent()?;
    let is = |field| parent.child_by_field_name(field) == Some(value);
    let key = match parent.kind() {
        "pair" if is("value") => parent.child_by_field_name("key")?,
        "assignment_expression" if is("right") => member_parts(parent.child_by_field_name("left")?)?.1,
        "object" if value.kind() == "shorthand_property_identifier" => value,
        _ => return None,
    };
    Some(kept_name(cx.text(key)))
}

/// The name for all functions that are kept in objects by a key, as opposed to a function of that name.
fn kept_name(key: &str) -> String {
    format!(".{key}")
}

/// Notes what goes on after it has called a callback that is kept in an object: `job.cb(err); this.next()`.
pub(super) fn note_called_where_kept(cx: &Context<'_>, call: Node<'_>, functions: &mut CallbackFunctions) {
    let Some((object, property)) = call_parts(call).and_then(|(callee, _)| member_parts(callee)) else { return };
    let by_method = matches!(cx.text(property), "call" | "apply");
    let key = if by_method { member_parts(object).map(|(_, key)| key) } else { Some(property) };
    let key = key.map(|key| cx.text(key)).filter(|key| is_call_back_name(key));
    if let Some(key) = key.filter(|_| code_behind(call).is_some()) {
        functions.run_on(&kept_name(key));
    }
}

/// Notes by what keys a function keeps a callback in objects.
pub(super) fn note_kept(cx: &Context<'_>, function: Node<'_>, names: &[String], functions: &mut CallbackFunctions) {
    if names.is_empty() {
        return;
    }
    for parameter in parameters(function) {
        let name = parameter.child_by_field_name("pattern").unwrap_or(parameter);
        let Some(binding) = cx.names.declared_at(name.start_byte()) else { continue };
        for caller in runs_on(cx, function, binding).callers.iter().filter(|caller| caller.starts_with('.')) {
            names.iter().for_each(|name| functions.call_back_by(name, caller));
        }
    }
}

/// Whether a callee adds a task to a queue of the `async` library, which looks for more once it has called the task's callback.
fn adds_to_queue(cx: &Context<'_>, callee: Node<'_>) -> bool {
    let queue =
        member_parts(unparenthesized(callee)).filter(|(_, method)| matches!(cx.text(*method), "push" | "unshift"));
    let Some((queue, _)) = queue.filter(|_| cx.file.source.text().contains("async")) else { return false };
    let values = match binding_of(cx, queue).filter(|_| queue.kind() == "identifier") {
        Some(binding) => values_of(cx, binding),
        None => values_put_in(cx, queue, cx.file.root()),
    };
    let mut made_by = values.into_iter().filter_map(call_parts).filter_map(|(maker, _)| export_of(cx, maker));
    made_by.any(|(module, export)| {
        module == "async" && matches!(export.as_ref(), "cargo" | "cargoQueue" | "priorityQueue" | "queue")
    })
}

/// What calls a callback a second time that is handed to a call, by itself or in a function that calls it: code behind that
/// call which uses it as well.
fn called_again<'t>(cx: &Context<'t>, root: Node<'t>, used: Node<'t>, callback: BindingId) -> Option<Node<'t>> {
    let is_argument = |node: &Node<'_>| node.parent().is_some_and(|p| p.kind() == "arguments");
    let inside = || enclosing_function(used).filter(|function| *function != root);
    let used = Some(used).filter(is_argument).or_else(|| inside().map(with_parentheses).filter(is_argument))?;
    let call = used.parent()?.parent()?;
    let (callee, arguments) = call_parts(call)?;
    // What a call returns may keep it from calling back, as a timer does.
    let statement = call.parent().filter(|p| p.kind() == "expression_statement")?;
    let is_timer = matches!(cx.text(callee), "process.nextTick" | "setImmediate" | "setTimeout");
    let is_for_result = arguments.last() == Some(&used) && is_site(cx, call);
    if !is_timer && !is_for_result {
        return None;
    }
    let (mut child, mut is_left) = (statement, false);
    for parent in ancestors(statement).take_while(|a| !is_function(*a)) {
        if matches!(parent.kind(), "statement_block" | "program" | "switch_case" | "switch_default") {
            for next in named_children(parent).into_iter().filter(|s| s.start_byte() >= child.end_byte()) {
                let uses = cx.names.binding(callback).references.iter().map(|r| &cx.names.reference(*r).range);
                let mut uses = uses.filter(|r| next.start_byte() <= r.start && r.end <= next.end_byte());
                if next.kind() != "function_declaration" && uses.any(|r| may_be_called(cx, r)) {
                    return Some(next);
                }
                match next.kind() {
                    "return_statement" | "throw_statement" => return None,
                    "break_statement" => is_left = true,
                    _ => {}
                }
            }
        }
        if LOOPS.contains(&parent.kind()) && !std::mem::take(&mut is_left) {
            return Some(parent);
        }
        if parent.kind() == "switch_statement" {
            // That is all that the `break` in one of its cases leaves.
            is_left = false;
        }
        child = parent;
    }
    None
}

/// Whether a use of a callback may come to a call of it: `return callback.promise` and `if (callback)` do not.
fn may_be_called(cx: &Context<'_>, range: &Range<usize>) -> bool {
    let name = cx.file.root().descendant_for_byte_range(range.start, range.end);
    let Some((name, parent)) = name.and_then(|name| Some((name, name.parent()?))) else { return true };
    match parent.kind() {
        "member_expression" => member_parts(parent)
            .is_none_or(|(object, property)| object != name || matches!(cx.text(property), "call" | "apply" | "bind")),
        "if_statement" | "unary_expression" => false,
        "parenthesized_expression" => parent.parent().is_none_or(|p| p.kind() != "if_statement"),
        "binary_expression" => parent.child_by_field_name("left") != Some(name),
        _ => true,
    }
}

/// Follows a call of the callback out of the functions that are handed to others, whose code comes behind it.
fn around<'t>(cx: &Context<'t>, root: Node<'t>, call: Node<'t>, found: &mut RunsOn<'t>) -> Option<BindingId> {
    let mut inner = enclosing_function(call)?;
    while inner != root {
        let argument = with_parentheses(inner);
        let parent = argument.parent()?;
        found.callers.extend(kept_as(cx, argument));
        if parent.kind() != "arguments" {
            let name = inner.child_by_field_name("name").filter(|_| inner.kind() == "function_declaration");
            let variable = || parent.child_by_field_name("name").filter(|_| parent.kind() == "variable_declarator");
            return cx.names.declared_at(name.or_else(variable)?.start_byte());
        }
        let call = parent.parent()?;
        let (callee, arguments) = call_parts(call)?;
        // A task that goes on behind its callback goes on behind the last one as well, which that may have called.
        let mut tasks = arguments.iter().filter(|other| **other != argument);
        found.code = found.code.or_else(|| tasks.find_map(|task| task_runs_on(cx, *task)));
        found.is_caught |= is_followed_by_handler(cx, call);
        found.event = found.event.max(listened_for(cx, call, root));
        if is_from_outside(cx, callee) {
            return None;
        }
        if is_site(cx, call) {
            found.callers.extend(called_names(cx, callee));
        }
        inner = enclosing_function(call)?;
    }
    None
}

/// Whether a callee catches what its callback throws, here or in another file.
pub fn catches_what_is_thrown<'t>(cx: &Context<'t>, call: &Call<'t>) -> bool {
    if is_from_outside(cx, call.callee) {
        return false;
    }
    if let Some(function) = called_function(cx, call.callee) {
        let found = own_callback(cx, function).map(|own| runs_on(cx, function, own)).unwrap_or_default();
        return found.is_caught
            || calls_inside_try(cx, function)
            || found.callers.iter().any(|name| cx.callbacks.catches(name));
    }
    called_names(cx, call.callee).iter().any(|name| cx.callbacks.catches(name))
}

/// Whether a function calls something that is named like a callback inside a `try` with a `catch`: its own callback may
/// have waited in a list.
pub(super) fn calls_inside_try(cx: &Context<'_>, function: Node<'_>) -> bool {
    let mut found = false;
    walk(function, |n| {
        found |= call_parts(n).is_some_and(|(callee, _)| is_call_back_name(cx.text(callee))) && is_caught(n);
        !found
    });
    found
}

/// Whether a `try` with a `catch` is around a call in the same function.
fn is_caught(call: Node<'_>) -> bool {
    let mut child = call;
    for parent in ancestors(call).take_while(|a| !is_function(*a)) {
        if parent.kind() == "try_statement"
            && parent.child_by_field_name("body") == Some(child)
            && parent.child_by_field_name("handler").is_some()
        {
            return true;
        }
        child = parent;
    }
    false
}

/// `promise.then(…).catch(…)`: what a handler throws goes to the one behind it.
fn is_followed_by_handler(cx: &Context<'_>, link: Node<'_>) -> bool {
    let next = link.parent().filter(|p| p.kind() == "member_expression").and_then(|member| member.parent());
    let handlers = next.filter(|n| link_name(cx, *n).is_some()).and_then(call_parts).map_or(0, |(_, a)| a.len());
    link_name(cx, link).is_some()
        && match next.and_then(|n| link_name(cx, n)) {
            Some("catch") => handlers > 0,
            Some("then") => handlers > 1,
            _ => false,
        }
}

/// The first statement that runs behind a call in the same function.
fn code_behind(call: Node<'_>) -> Option<Node<'_>> {
    let mut child = call;
    for parent in ancestors(call) {
        if is_function(parent) {
            return None;
        }
        // A call in a `finally` counts as well: what the `try` has thrown goes on behind it.
        if parent.kind() == "try_statement"
            && let Some(finalizer) = parent.child_by_field_name("finalizer")
        {
            return Some(finalizer);
        }
        if parent.kind() == "return_statement" {
            // Nothing but the `finally` of a `try` around it runs any more.
            let around = ancestors(parent).take_while(|a| !is_function(*a));
            return around.filter(|a| a.kind() == "try_statement").find_map(|t| t.child_by_field_name("finalizer"));
        }
        if matches!(parent.kind(), "statement_block" | "program") {
            let next = named_children(parent).into_iter().find(|s| s.start_byte() >= child.end_byte() && runs(*s));
            if next.is_some_and(|n| n.kind() == "return_statement" && !runs_code(n)) {
                return None;
            }
            if next.is_some() {
                return next;
            }
        }
        if LOOPS.contains(&parent.kind()) {
            return Some(parent);
        }
        child = parent;
    }
    None
}

fn runs(statement: Node<'_>) -> bool {
    !is_comment(statement) && !matches!(statement.kind(), "empty_statement" | "function_declaration")
}
