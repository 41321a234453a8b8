//! Functions that are relied on to call back before they return. A converted function never does: whoever uses what the
//! callback has done by then, or what happens meanwhile, would find it undone.

use tree_sitter::Node;

use super::{
    given::may_be_callback,
    names::called_names,
    site::{handed_function, last_function, own_callback, takes_error_first},
    spied::is_spied_behind,
    split::returned_at_once,
    unnamed::may_be_unnamed,
};
use crate::{
    apis::Sync,
    context::Context,
    flow::{
        chain::parameters,
        classify::initializer,
        known::{Evidence, is_registration, known},
        promisify::has_error_parameter,
    },
    project::{CallbackFunctions, UNNAMED},
    semantic::BindingId,
    syntax::node::{
        ancestors, block_items, call_parts, enclosing_function, has_token, is_async, is_comment, is_function,
        member_parts, unparenthesized, walk, walk_own_code, with_parentheses,
    },
};

/// The methods that begin to listen to what an object has to say.
const LISTENING: &[&str] =
    &["addEventListener", "addListener", "on", "once", "prependListener", "prependOnceListener", "subscribe"];

/// Functions that call the function they are given once, later.
const TIMERS: &[&str] = &["nextTick", "queueMicrotask", "setImmediate", "setTimeout"];

/// How many functions that are handed to calls are followed outwards.
const MAX_LEVELS: usize = 8;

/// The methods that put something into a list, a map or a set.
const FILLING: &[&str] = &["add", "push", "set", "unshift"];

/// Whether a function never calls back before it returns, for certain: each use of its callback only looks at it, or is in
/// a function that something calls later, or the callback itself is handed to such a thing.
pub(super) fn is_never_at_once(cx: &Context<'_>, function: Node<'_>, callback: BindingId) -> bool {
    cx.names.binding(callback).references.iter().all(|reference| {
        let range = &cx.names.reference(*reference).range;
        let Some(used) = cx.file.root().descendant_for_byte_range(range.start, range.end) else { return false };
        let inner = ancestors(used).take_while(|a| *a != function).filter(|a| is_function(*a));
        only_looks_at(cx, used, callback)
            || std::iter::once(used).chain(inner).any(|handed| is_called_later(cx, handed))
    })
}

/// Whether a use of a callback asks for it, or gives it a value: `callback == null`, `callback && …`,
/// `callback = callback || noop`.
pub(super) fn only_looks_at(cx: &Context<'_>, used: Node<'_>, callback: BindingId) -> bool {
    let Some(parent) = used.parent() else { return false };
    let is = |node: Node<'_>, field| node.child_by_field_name(field) == Some(used);
    match parent.kind() {
        "unary_expression" => true,
        "parenthesized_expression" => parent.parent().is_some_and(|p| p.kind() == "if_statement"),
        "ternary_expression" => is(parent, "condition"),
        "assignment_expression" => is(parent, "left"),
        "binary_expression" if has_token(parent, "||") || has_token(parent, "??") => {
            let own = parent.parent().and_then(|p| p.child_by_field_name("left"));
            let own = own.and_then(|left| cx.names.reference_at(left.start_byte())).and_then(|r| r.binding);
            own == Some(callback)
        }
        "binary_expression" => !has_token(parent, "&&") || is(parent, "left"),
        _ => false,
    }
}

/// Whether a function, or the name of one, is an argument of a call that calls it later.
fn is_called_later(cx: &Context<'_>, handed: Node<'_>) -> bool {
    let call = handed.parent().filter(|list| list.kind() == "arguments").and_then(|list| list.parent());
    let Some((callee, arguments)) = call.and_then(call_parts) else { return false };
    let name = member_parts(callee).map_or(callee, |(_, property)| property);
    if arguments.first() == Some(&handed) && TIMERS.contains(&cx.text(name)) {
        return true;
    }
    let is_last = arguments.last() == Some(&handed);
    is_last && known(cx, callee).is_some_and(|k| k.by != Evidence::Name && k.api.sync == Sync::Never)
}

/// Whether a function always calls back before it returns, and does so with success: each use of its callback calls it in
/// the function's own code, or only looks at it.
pub(super) fn is_always_at_once(cx: &Context<'_>, function: Node<'_>, callback: BindingId) -> bool {
    let mut succeeds = false;
    let is_at_once = cx.names.binding(callback).references.iter().all(|reference| {
        let range = &cx.names.reference(*reference).range;
        let Some(used) = cx.file.root().descendant_for_byte_range(range.start, range.end) else { return false };
        let call = used.parent().and_then(call_parts).filter(|(callee, _)| *callee == used);
        let Some((_, arguments)) = call else { return only_looks_at(cx, used, callback) };
        let error = arguments.first().map(|a| unparenthesized(*a));
        succeeds |= error.is_none_or(|e| matches!(e.kind(), "null" | "undefined"));
        enclosing_function(used) == Some(function)
    });
    is_at_once && succeeds
}

/// Whether a callback tells those who listen to something from outside of what has happened (`self.emit('written')`), and
/// functions of the callee's name call back before they return: today that is heard before the caller goes on.
pub fn is_heard_at_once(cx: &Context<'_>, callee: Node<'_>, callback: Node<'_>) -> bool {
    let is_prompt = || called_names(cx, callee).iter().any(|name| cx.callbacks.is_prompt(name));
    let mut tells = false;
    walk_own_code(callback, |n| {
        let method = call_parts(n).and_then(|(callee, _)| member_parts(callee));
        tells |= method.is_some_and(|(object, property)| {
            cx.text(property) == "emit" && (object.kind() == "this" || is_from_outside(cx, object, callback))
        });
        !tells
    });
    tells && is_prompt()
}

/// The names of the functions that have to call back at once where a function does so: those that it hands a callback to,
/// be it in the callback of another one. None where it calls back later in any case.
pub(super) fn calls(cx: &Context<'_>, function: Node<'_>, callback: BindingId) -> Vec<String> {
    if is_never_at_once(cx, function, callback) {
        return Vec::new();
    }
    let mut callees = Vec::new();
    walk(function, |n| {
        if let Some((callee, arguments)) = call_parts(n)
            && (takes_error_first(cx, n) || arguments.iter().any(|a| is_made_of_callback(cx, function, callback, *a)))
        {
            callees.extend(reached_by(cx, callee));
        }
        true
    });
    callees
}

/// Whether an argument is what a call makes of the callback of a function, or of a function within that: `wrap(done, { log })`.
fn is_made_of_callback(cx: &Context<'_>, function: Node<'_>, callback: BindingId, argument: Node<'_>) -> bool {
    let made_of = call_parts(unparenthesized(argument)).map(|(_, made_of)| made_of).unwrap_or_default();
    made_of.into_iter().any(|part| {
        let binding = cx.names.reference_at(part.start_byte()).and_then(|r| r.binding);
        let is_within = |f: Node<'_>| function.byte_range().contains(&f.start_byte()) && has_error_parameter(cx, f);
        binding.is_some_and(|b| b == callback) || handed_function(cx, part).is_some_and(is_within)
    })
}

/// The names of the functions that a callee may reach, where it may call back before it returns.
fn reached_by(cx: &Context<'_>, callee: Node<'_>) -> Vec<String> {
    if known(cx, callee).is_some_and(|k| k.by != Evidence::Name && k.api.sync == Sync::Never) {
        return Vec::new();
    }
    let unnamed = may_be_unnamed(cx, callee).then(|| UNNAMED.to_owned());
    called_names(cx, callee).into_iter().chain(unnamed).collect()
}

/// Notes that what goes by one name is reached by another one as well: `this.get = this.load.bind(this)`.
pub(super) fn note_other_name(cx: &Context<'_>, node: Node<'_>, functions: &mut CallbackFunctions) {
    let part = |field| node.child_by_field_name(field);
    let (name, value) = match node.kind() {
        "assignment_expression" => (part("left").and_then(member_parts).map(|(_, property)| property), part("right")),
        "pair" => (part("key"), part("value")),
        _ => return,
    };
    let (Some(name), Some(mut value)) =
        (name.filter(|n| n.kind() == "property_identifier"), value.map(unparenthesized))
    else {
        return;
    };
    if let Some((object, property)) = call_parts(value).and_then(|(callee, _)| member_parts(callee))
        && cx.text(property) == "bind"
    {
        value = unparenthesized(object);
    }
    if matches!(value.kind(), "identifier" | "member_expression") {
        called_names(cx, value).iter().for_each(|other| functions.call(cx.text(name), other));
    }
}

/// Notes which functions a function relies on to call back before it goes on: besides calling back itself it returns a value
/// at once that they may change, or it uses what a callback has put into a variable, or it catches what they throw at once.
/// Likewise those whose callbacks begin to listen to something that may speak before they are called.
pub(super) fn note_relied_on(cx: &Context<'_>, function: Node<'_>, functions: &mut CallbackFunctions) {
    let returned = returned_at_once(cx, function);
    let calls_back = own_callback(cx, function).is_some();
    walk_own_code(function, |n| {
        let Some((callee, _)) = call_parts(n) else { return true };
        let is_returned = || returned.is_some_and(|value| may_change(cx, n, value));
        if is_caught(cx, function, n) && (takes_error_first(cx, n) || hands_callback_on(cx, n)) {
            called_names(cx, callee).iter().for_each(|name| functions.catch_at_once(name));
        }
        let takes_callback = || takes_error_first(cx, n) || takes_bare_function(cx, n);
        let is_used = || (takes_callback() || emits_with_callback(cx, n)) && is_result_used_behind(cx, function, n);
        if is_used() || is_spied_behind(cx, function, n) {
            reached_by(cx, callee).iter().for_each(|name| functions.use_at_once(name));
        } else if takes_callback() && calls_back && is_returned() {
            called_names(cx, callee).iter().for_each(|name| functions.rely(name));
        } else if takes_callback() && (begins_to_listen(cx, n) || is_returned()) {
            called_names(cx, callee).iter().for_each(|name| functions.listen_behind(name));
        }
        true
    });
}

/// Notes the functions that code begins to call which is written into strings piece by piece: `emit('env.load(')`. It runs
/// as part of something that nobody sees, which may rely on all that a function does today.
pub(super) fn note_called_by_text(cx: &Context<'_>, node: Node<'_>, functions: &mut CallbackFunctions) {
    let is_text = |n: Node<'_>| {
        matches!(n.kind(), "string" | "template_string" | "template_substitution")
            || n.kind() == "binary_expression" && has_token(n, "+")
    };
    if !is_text(node) || node.parent().is_some_and(is_text) {
        return;
    }
    let mut text = String::new();
    walk_own_code(node, |n| {
        if n.kind() == "string_fragment" {
            text.push_str(cx.text(n));
        }
        true
    });
    calls_begun_in(&text).into_iter().for_each(|name| functions.rely(name));
}

/// The names behind which a text opens a parenthesis that it does not close.
fn calls_begun_in(text: &str) -> Vec<&str> {
    let is_of_name = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let mut open = Vec::new();
    for (at, parenthesis) in text.match_indices(['(', ')']) {
        if parenthesis == ")" {
            open.pop();
        } else {
            let before = &text[..at];
            open.push(&before[before.trim_end_matches(is_of_name).len()..]);
        }
    }
    open.into_iter().filter(|name| !name.is_empty()).collect()
}

/// Whether a call is handed a function that has no use for an error or a result: `close(client, () => { … })`.
fn takes_bare_function(cx: &Context<'_>, call: Node<'_>) -> bool {
    let registers = call_parts(call).is_some_and(|(callee, arguments)| is_registration(cx, callee, arguments.len()));
    !registers && last_function(cx, call).is_some_and(|f| parameters(f).is_empty())
}

/// `events.emit('load', id, (err, user) => { … })`: those who listen call back before `emit` returns, or may.
fn emits_with_callback(cx: &Context<'_>, call: Node<'_>) -> bool {
    let method = call_parts(call).and_then(|(callee, _)| member_parts(callee)).map(|(_, property)| property);
    method.is_some_and(|name| cx.text(name) == "emit")
        && last_function(cx, call).is_some_and(|f| has_error_parameter(cx, f))
}

/// Whether a call is handed what is named like a callback, of whichever function that is.
fn hands_callback_on(cx: &Context<'_>, call: Node<'_>) -> bool {
    let last = call_parts(call).and_then(|(_, arguments)| arguments.last().copied());
    last.is_some_and(|last| !is_function(unparenthesized(last)) && may_be_callback(cx, last))
}

/// Whether a `catch` of the same function sees what a call throws, and what its callback throws if it is called at once, and does
/// something else with it than to hand it to the callback that the call is handed.
fn is_caught(cx: &Context<'_>, function: Node<'_>, call: Node<'_>) -> bool {
    let mut child = call;
    ancestors(call).take_while(|a| *a != function).any(|parent| {
        let is_body = parent.kind() == "try_statement" && parent.child_by_field_name("body") == Some(child);
        child = parent;
        let handler = parent.child_by_field_name("handler").filter(|_| is_body);
        handler.is_some_and(|clause| !calls_back_with_caught(cx, clause, call))
    })
}

/// `catch (err) { callback(err); }` around `read(path, callback)`: a failure of the call goes the same way.
fn calls_back_with_caught(cx: &Context<'_>, clause: Node<'_>, call: Node<'_>) -> bool {
    let handed_on = call_parts(call).and_then(|(_, arguments)| arguments.last().copied());
    let binding = |name: Node<'_>| cx.names.reference_at(name.start_byte()).and_then(|r| r.binding);
    let Some(handed_on) = handed_on.filter(|last| last.kind() == "identifier").and_then(binding) else { return false };
    let (Some(parameter), Some(body)) = (clause.child_by_field_name("parameter"), clause.child_by_field_name("body"))
    else {
        return false;
    };
    let caught = cx.names.declared_at(parameter.start_byte()).filter(|_| parameter.kind() == "identifier");
    let code: Vec<_> = block_items(body).into_iter().filter(|n| !is_comment(*n)).collect();
    let [statement] = code[..] else { return false };
    let settled = statement.named_child(0).and_then(call_parts);
    settled.is_some_and(|(callee, arguments)| {
        let is_all = arguments.len() == 1 && caught.is_some() && binding(arguments[0]) == caught;
        is_all
            && arguments[0].kind() == "identifier"
            && callee.kind() == "identifier"
            && binding(callee) == Some(handed_on)
    })
}

/// Whether a call, or its callback, may change what a name stands for: the call is handed it, or the callback uses it.
fn may_change(cx: &Context<'_>, call: Node<'_>, name: Node<'_>) -> bool {
    let Some(binding) = cx.names.reference_at(name.start_byte()).and_then(|r| r.binding) else { return true };
    let Some((_, arguments)) = call_parts(call) else { return true };
    arguments.iter().any(|argument| {
        if let Some(function) = handed_function(cx, *argument) {
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

/// Whether the code behind a call, functions in it left out, uses what the call's callback has put somewhere; or that behind a
/// call which is handed the function around it, as `forEach` is.
fn is_result_used_behind<'a>(cx: &Context<'a>, function: Node<'a>, call: Node<'a>) -> bool {
    // A function that hands itself on is called again by what it has called, and that may be later.
    let last = last_function(cx, call).filter(|f| !f.byte_range().contains(&call.start_byte()));
    let Some(callback) = last else { return false };
    let changed = Changed::by(cx, callback);
    if changed.is_empty() {
        return false;
    }
    let (mut function, mut place) = (function, call);
    for _ in 0..MAX_LEVELS {
        let mut used = false;
        walk_own_code(function, |n| {
            let is_behind = n.start_byte() >= place.end_byte() && !is_other_branch(place, n);
            used |= is_behind && changed.is_read(cx, n);
            !used
        });
        if used {
            return true;
        }
        let list = with_parentheses(function).parent().filter(|list| list.kind() == "arguments");
        let outer = list.and_then(|list| list.parent()).filter(|call| call.kind() == "call_expression");
        // A function that says when it is done is waited for, or may be.
        let tells = is_async(function) || own_callback(cx, function).is_some() || is_called_later(cx, function);
        let Some(outer) = outer.filter(|call| !tells && call.parent().is_none_or(|p| p.kind() != "await_expression"))
        else {
            return false;
        };
        let Some(around) = enclosing_function(outer) else { return false };
        (function, place) = (around, outer);
    }
    false
}

/// What a callback has put somewhere by the time that it is done.
struct Changed {
    /// The variables that it assigns.
    variables: Vec<BindingId>,
    /// The lists and objects, made by the functions around it, that it puts something into.
    containers: Vec<BindingId>,
    /// The members that it assigns, as they are written.
    members: Vec<String>,
}

impl Changed {
    fn by(cx: &Context<'_>, callback: Node<'_>) -> Self {
        let inside = callback.byte_range();
        let outside = |b: &BindingId| !inside.contains(&cx.names.binding(*b).declarations[0].start);
        let written = cx.names.references_in(&inside).iter().filter(|r| r.writes).filter_map(|r| r.binding);
        let mut changed =
            Self { variables: written.filter(outside).collect(), containers: Vec::new(), members: Vec::new() };
        walk_own_code(callback, |n| {
            let assigned = match n.kind() {
                "assignment_expression" | "augmented_assignment_expression" => n.child_by_field_name("left"),
                "update_expression" => n.child_by_field_name("argument"),
                _ => None,
            };
            let method = call_parts(n).and_then(|(callee, _)| member_parts(callee));
            let filled = method.filter(|(_, method)| FILLING.contains(&cx.text(*method))).map(|(object, _)| object);
            let member = assigned.and_then(|left| Some((left, left.child_by_field_name("object")?)));
            if let Some((left, object)) = member {
                let is_callbacks_own = object.kind() == "this" && callback.kind() != "arrow_function";
                changed.members.extend((!is_callbacks_own).then(|| cx.text(left).to_owned()));
            }
            let container = filled.or(member.map(|(_, object)| object)).filter(|o| o.kind() == "identifier");
            let binding = container.and_then(|o| cx.names.reference_at(o.start_byte())).and_then(|r| r.binding);
            changed.containers.extend(binding.filter(|b| outside(b) && is_made_by_function(cx, *b)));
            true
        });
        changed
    }

    fn is_empty(&self) -> bool {
        self.variables.is_empty() && self.containers.is_empty() && self.members.is_empty()
    }

    /// Whether a node reads some of it.
    fn is_read(&self, cx: &Context<'_>, node: Node<'_>) -> bool {
        let is_assigned = || node.parent().and_then(|p| p.child_by_field_name("left")) == Some(node);
        match node.kind() {
            "identifier" => {
                let reads = cx.names.reference_at(node.start_byte()).filter(|r| r.reads).and_then(|r| r.binding);
                let is_filled = || {
                    let method = node.parent().and_then(member_parts).filter(|(object, _)| *object == node);
                    method.is_some_and(|(_, method)| FILLING.contains(&cx.text(method)))
                };
                reads.is_some_and(|b| self.variables.contains(&b) || self.containers.contains(&b) && !is_filled())
            }
            "member_expression" | "subscript_expression" => {
                self.members.iter().any(|member| member == cx.text(node)) && !is_assigned()
            }
            _ => false,
        }
    }
}

/// Whether a variable of a function is declared with a list or an object that is made there.
fn is_made_by_function(cx: &Context<'_>, binding: BindingId) -> bool {
    let declared = cx.names.binding(binding).declarations.first();
    let node = declared.and_then(|range| cx.file.root().descendant_for_byte_range(range.start, range.end));
    let value = initializer(cx, binding).map(unparenthesized);
    node.and_then(enclosing_function).is_some()
        && value.is_some_and(|v| match v.kind() {
            "array" | "object" => true,
            "new_expression" => {
                v.child_by_field_name("constructor").is_some_and(|c| matches!(cx.text(c), "Array" | "Map" | "Set"))
            }
            _ => false,
        })
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

/// Whether the callback of a call begins to listen to something that was there before: `stream.on('end', …)`.
fn begins_to_listen(cx: &Context<'_>, call: Node<'_>) -> bool {
    let Some(callback) = last_function(cx, call) else { return false };
    let mut listens = false;
    walk_own_code(callback, |n| {
        let method = call_parts(n).and_then(|(callee, _)| member_parts(callee));
        listens |= method.is_some_and(|(object, property)| {
            LISTENING.contains(&cx.text(property)) && is_from_outside(cx, object, callback)
        });
        !listens
    });
    listens
}

/// Whether an object was there before a function was called: a variable from outside that the function does not assign, or
/// a member of one. What a call hands back may have been made just now.
fn is_from_outside(cx: &Context<'_>, object: Node<'_>, function: Node<'_>) -> bool {
    let mut object = unparenthesized(object);
    loop {
        // `stream.on('end', …).on('error', …)`
        let listening = call_parts(object).and_then(|(callee, _)| member_parts(callee));
        let listening = listening.filter(|(_, property)| LISTENING.contains(&cx.text(*property)));
        let Some((inner, _)) = member_parts(object).or(listening) else { break };
        object = unparenthesized(inner);
    }
    let inside = function.byte_range();
    match object.kind() {
        "this" => function.kind() == "arrow_function",
        "identifier" => {
            let binding = cx.names.reference_at(object.start_byte()).and_then(|r| r.binding);
            binding.is_some_and(|b| {
                let binding = cx.names.binding(b);
                let assigned = binding.references.iter().map(|r| cx.names.reference(*r)).filter(|r| r.writes);
                let is_declared_here = binding.declarations.iter().any(|d| inside.contains(&d.start));
                !is_declared_here && !assigned.into_iter().any(|r| inside.contains(&r.range.start))
            })
        }
        _ => false,
    }
}
