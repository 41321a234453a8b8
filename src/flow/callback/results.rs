//! How many results the functions of a file hand to their callbacks.

use tree_sitter::Node;

use super::{
    site::{is_site, own_callback},
    split::returned_at_once,
};
use crate::{
    context::Context,
    flow::{
        chain::parameters,
        classify::{called_function, member_name},
        known::known,
        promisify::{callback_literal, has_error_parameter},
    },
    project::{CallbackFunctions, Results},
    semantic::BindingId,
    syntax::node::{
        ancestors, call_parts, is_function, member_parts, named_children, walk, walk_own_code, with_parentheses,
    },
};

/// What the functions of a file hand over, by the functions' names.
pub fn of_file(cx: &Context<'_>) -> CallbackFunctions {
    let mut functions = CallbackFunctions::default();
    walk(cx.file.root(), |n| {
        if is_function(n)
            && let Some(results) = of_function(cx, n)
        {
            for name in names(cx, n) {
                functions.add(name, results.clone());
            }
        }
        if is_function(n) {
            for (name, callee) in calls(cx, n) {
                functions.call(name, callee);
            }
            for name in relied_on(cx, n) {
                functions.rely(name);
            }
        }
        if let Some((name, results)) = taken_by(cx, n) {
            functions.take(name, results);
        }
        true
    });
    functions
}

/// The names of a function, each with the names of those that it hands a callback to before it returns.
fn calls<'a>(cx: &Context<'a>, function: Node<'a>) -> Vec<(&'a str, &'a str)> {
    if own_callback(cx, function).is_none() {
        return Vec::new();
    }
    // What a callback calls is called at once only if the callback is, which few rely on.
    let mut callees = Vec::new();
    walk_own_code(function, |n| {
        if is_site(cx, n)
            && let Some((callee, _)) = call_parts(n)
        {
            callees.push(cx.text(member_parts(callee).map_or(callee, |(_, property)| property)));
        }
        true
    });
    let names = names(cx, function);
    names.iter().flat_map(|name| callees.iter().map(|callee| (*name, *callee))).collect()
}

/// The names of the functions that a function relies on to call back before it goes on: besides calling back itself it
/// returns a value at once that they may change, or it uses what a callback has put into a variable.
fn relied_on<'a>(cx: &Context<'a>, function: Node<'a>) -> Vec<&'a str> {
    let mut names = Vec::new();
    let returned = returned_at_once(cx, function).filter(|_| own_callback(cx, function).is_some());
    walk_own_code(function, |n| {
        let may_change = || returned.is_some_and(|value| may_change(cx, n, value));
        let is_relied_on = || may_change() || is_result_used_behind(cx, function, n);
        if is_site(cx, n)
            && is_relied_on()
            && let Some((callee, _)) = call_parts(n)
        {
            names.push(cx.text(member_parts(callee).map_or(callee, |(_, property)| property)));
        }
        true
    });
    names
}

/// Whether a call, or its callback, may change what a name stands for: the call is handed it, or the callback uses it.
fn may_change(cx: &Context<'_>, call: Node<'_>, name: Node<'_>) -> bool {
    let Some(binding) = cx.names.reference_at(name.start_byte()).and_then(|r| r.binding) else { return true };
    let Some((_, arguments)) = call_parts(call) else { return true };
    arguments.iter().any(|argument| {
        let function = callback_literal(*argument).map(|(f, _)| f).or_else(|| called_function(cx, *argument));
        if let Some(function) = function {
            return cx.names.references_in(&function.byte_range()).iter().any(|r| r.binding == Some(binding));
        }
        let mut is_handed = false;
        walk_own_code(*argument, |n| {
            let is_name = cx.names.reference_at(n.start_byte()).is_some_and(|r| r.binding == Some(binding));
            let is_looked_into = n.parent().is_some_and(|p| member_parts(p).is_some_and(|(object, _)| object == n));
            is_handed |= n.kind() == "identifier" && is_name && !is_looked_into;
            is_handed |= n.kind() == "shorthand_property_identifier" && is_name;
            !is_handed
        });
        is_handed
    })
}

/// Whether the code behind a call, functions in it left out, uses a variable that the call's callback assigns.
fn is_result_used_behind(cx: &Context<'_>, function: Node<'_>, call: Node<'_>) -> bool {
    let last = call_parts(call).and_then(|(_, arguments)| arguments.last().copied());
    let Some((callback, _)) = last.and_then(callback_literal) else { return false };
    let inside = callback.byte_range();
    let written = cx.names.references_in(&inside).iter().filter(|r| r.writes).filter_map(|r| r.binding);
    let outside = |b: &BindingId| !inside.contains(&cx.names.binding(*b).declarations[0].start);
    let written: Vec<_> = written.filter(outside).collect();
    let mut used = false;
    if !written.is_empty() {
        walk_own_code(function, |n| {
            let is_behind = n.kind() == "identifier" && n.start_byte() >= call.end_byte();
            let is_behind = is_behind && !is_other_branch(call, n);
            let reference = cx.names.reference_at(n.start_byte()).filter(|_| is_behind);
            used |= reference.is_some_and(|r| r.reads && r.binding.is_some_and(|b| written.contains(&b)));
            !used
        });
    }
    used
}

/// Whether a place is in the `else` of an `if` that a call is in the other branch of.
fn is_other_branch(call: Node<'_>, place: Node<'_>) -> bool {
    let mut branches = ancestors(call).filter(|a| a.kind() == "if_statement");
    branches.any(|branch| {
        let covers = |field: &str, node: Node<'_>| {
            let part = branch.child_by_field_name(field).map(|p| p.byte_range());
            part.is_some_and(|range| range.contains(&node.start_byte()))
        };
        // In a loop the other branch may be taken in the next round.
        let in_loop = ancestors(branch)
            .take_while(|a| !is_function(*a))
            .any(|a| a.kind().contains("for_") || a.kind().contains("while"));
        !in_loop && covers("consequence", call) && covers("alternative", place)
    })
}

/// How many results a callback that is written in place takes, and the name of the function that is handed it.
fn taken_by<'a>(cx: &Context<'a>, call: Node<'a>) -> Option<(&'a str, usize)> {
    let (callee, arguments) = call_parts(call)?;
    let (function, _) = callback_literal(*arguments.last()?)?;
    let name = member_parts(callee).map_or(callee, |(_, property)| property);
    let is_name = matches!(name.kind(), "identifier" | "property_identifier" | "private_property_identifier");
    let results = parameters(function).len().saturating_sub(1);
    (is_name && has_error_parameter(cx, function)).then(|| (cx.text(name), results))
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

/// Notes one use of a callback. `None` where it is one that tells nothing: it is kept, or handed to somebody unknown.
fn note(cx: &Context<'_>, name: Node<'_>, callback: BindingId, results: &mut Results) -> Option<()> {
    let parent = name.parent()?;
    let count = |arguments: usize| arguments.saturating_sub(1);
    if let Some((callee, arguments)) = call_parts(parent)
        && callee == name
    {
        let spread = arguments.iter().any(|a| a.kind() == "spread_element");
        results.most = results.most.max(count(arguments.len()));
        return (!spread).then_some(());
    }
    if let Some((_, property)) = member_parts(parent) {
        let arguments = parent.parent().and_then(call_parts).map_or(0, |(_, a)| a.len());
        return match cx.text(property) {
            "call" => {
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
            results.most = results.most.max(arguments.len().saturating_sub(2));
            return (!arguments.iter().any(|a| a.kind() == "spread_element")).then_some(());
        }
        if let Some(known) = known(cx, callee) {
            results.most = results.most.max(known.api.results?);
            return Some(());
        }
        let is_last = arguments.last() == Some(&name);
        let called = member_parts(callee).map_or(callee, |(_, property)| property);
        let is_name = matches!(called.kind(), "identifier" | "property_identifier" | "private_property_identifier");
        results.handed_to.push(cx.text(called).to_owned());
        return (is_last && is_name).then_some(());
    }
    // Asked for, or replaced by another one: `cb = cb || noop`.
    let is_kept = matches!(parent.kind(), "pair" | "array" | "shorthand_property_identifier")
        || parent.kind() == "assignment_expression"
            && parent.child_by_field_name("right") == Some(name)
            && cx.names.reference_at(parent.start_byte()).is_none_or(|r| r.binding != Some(callback));
    (!is_kept).then_some(())
}

/// The names that a function is called by.
pub fn names<'a>(cx: &Context<'a>, function: Node<'a>) -> Vec<&'a str> {
    let mut names: Vec<&str> = member_name(cx, function).into_iter().collect();
    let own = function.child_by_field_name("name").filter(|_| function.kind() != "method_definition");
    let mut around = with_parentheses(function).parent();
    let variable = around.filter(|p| p.kind() == "variable_declarator").and_then(|p| p.child_by_field_name("name"));
    names.extend([own, variable].into_iter().flatten().map(|n| cx.text(n)));
    // `exports.a = exports.b = function…`
    while let Some(assignment) = around.filter(|p| p.kind() == "assignment_expression") {
        let left = assignment.child_by_field_name("left").and_then(member_parts);
        names.extend(left.map(|(_, property)| cx.text(property)));
        around = assignment.parent();
    }
    // `function load(…) {…}  exports.read = load;`
    let binding = own.or(variable).and_then(|n| cx.names.declared_at(n.start_byte()));
    for reference in binding.iter().flat_map(|b| &cx.names.binding(*b).references) {
        let range = &cx.names.reference(*reference).range;
        let Some(used) = cx.file.root().descendant_for_byte_range(range.start, range.end) else { continue };
        let Some(parent) = used.parent() else { continue };
        match parent.kind() {
            "pair" => names.extend(named_children(parent).first().map(|key| cx.text(*key))),
            "assignment_expression" => {
                let left = parent.child_by_field_name("left").and_then(member_parts);
                names.extend(left.map(|(_, property)| cx.text(property)));
            }
            _ => {}
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}
