//! Functions that may hand a result over beside an error: a promise has either, so what they are handed on to loses it.

use tree_sitter::Node;

use super::{
    adapter::adapter,
    checks::error_at,
    errors::names_error,
    names::called_names,
    site::{last_function, own_callback, sites_of_callback},
};
use crate::{
    apis::Form,
    context::Context,
    flow::{
        asynclib::hands_over_partial_results,
        asyncness::own_bindings,
        chain::parameters,
        classify::{called_function, member_name},
        elsewhere::elsewhere,
        known::{Evidence, known},
        promisify::has_error_parameter,
    },
    semantic::BindingId,
    syntax::node::{ancestors, call_parts, is_async, is_function, member_parts, named_children, unparenthesized},
};

/// How many functions a callback is followed through.
const MAX_FUNCTIONS: usize = 32;

/// How many functions an error is followed back through by which it was handed on.
const MAX_CALLS: usize = 4;

/// Whether a callee may call back with a result beside an error: a function of this file, those that it hands its callback
/// on to, or one of another file by its name.
pub fn may_hand_result_beside_error(cx: &Context<'_>, callee: Node<'_>) -> bool {
    match called_function(cx, callee) {
        Some(function) => hands_result_beside_error(cx, function),
        None => {
            tells_how_far_it_came(cx, callee)
                || called_names(cx, callee).iter().any(|name| cx.callbacks.hands_result_beside_error(name))
        }
    }
}

/// Functions with several results tell how far they have come by the time they fail: `exec` its output, `fs.read` its buffer,
/// `async.map` the results that there are; and a request has an answer.
fn tells_how_far_it_came(cx: &Context<'_>, callee: Node<'_>) -> bool {
    let known = known(cx, callee).filter(|k| k.by != Evidence::Name);
    known.is_some_and(|k| k.api.both || matches!(k.api.form, Form::Object(_))) || hands_over_partial_results(cx, callee)
}

/// The same of a function of this file.
pub(super) fn hands_result_beside_error(cx: &Context<'_>, function: Node<'_>) -> bool {
    let mut reached = vec![function];
    let mut next = 0;
    while let Some(function) = reached.get(next).copied() {
        if next == MAX_FUNCTIONS {
            return true;
        }
        next += 1;
        let Some(callback) = own_callback(cx, function) else { continue };
        for reference in &cx.names.binding(callback).references {
            let range = &cx.names.reference(*reference).range;
            match cx.file.root().descendant_for_byte_range(range.start, range.end).map(|name| use_of(cx, name)) {
                Some(Use::Called(arguments)) if is_result_beside_error(cx, &arguments, 0) => return true,
                Some(Use::Unknown) => return true,
                Some(Use::HandedOn(callee)) => match called_function(cx, callee) {
                    Some(other) if !reached.contains(&other) => reached.push(other),
                    Some(_) => {}
                    None if may_hand_result_beside_error(cx, callee) => return true,
                    None => {}
                },
                Some(Use::Called(_) | Use::Applied | Use::Other) | None => {}
            }
        }
    }
    false
}

/// Whether somebody looks at a result of a callee where there is an error, be it by way of others, and the callee may hand
/// over both.
pub fn is_expected_to_hand_both(cx: &Context<'_>, callee: Node<'_>) -> bool {
    let is_expected = called_names(cx, callee).iter().any(|name| cx.callbacks.is_expected_to_hand_both(name));
    is_expected && !hands_one_or_the_other(cx, callee)
}

/// Whether a callee certainly hands over a result or an error, and never both: one that the table of known APIs has, one
/// with a promise form, or a function of this file which shows that.
pub fn hands_one_or_the_other<'a>(cx: &Context<'a>, callee: Node<'a>) -> bool {
    let (mut pending, mut reached) = (vec![callee], Vec::new());
    while let Some(callee) = pending.pop() {
        if tells_how_far_it_came(cx, callee) {
            return false;
        }
        let is_known = known(cx, callee).is_some_and(|k| k.by != Evidence::Name && k.api.is_awaitable());
        if is_known || elsewhere(cx, callee).is_some() {
            continue;
        }
        let Some(function) = called_function(cx, callee) else { return false };
        if reached.contains(&function) || is_async(function) || adapter(cx, function).is_some() {
            continue;
        }
        reached.push(function);
        let callback = own_callback(cx, function).filter(|_| reached.len() < MAX_FUNCTIONS);
        let Some(others) = callback.and_then(|callback| callees_that_tell(cx, callback)) else { return false };
        pending.extend(others);
    }
    true
}

/// The functions on which it depends what a callback gets: those that it is handed to, and those whose callback hands over
/// what it gets. `None` where it gets a result beside an error, or what can't be told.
fn callees_that_tell<'a>(cx: &Context<'a>, callback: BindingId) -> Option<Vec<Node<'a>>> {
    let mut callees = Vec::new();
    for reference in &cx.names.binding(callback).references {
        let range = &cx.names.reference(*reference).range;
        let name = cx.file.root().descendant_for_byte_range(range.start, range.end)?;
        match use_of(cx, name) {
            Use::Called(arguments) if is_result_beside_error(cx, &arguments, 0) => return None,
            Use::Called(arguments) => {
                let [error, _, ..] = arguments.as_slice() else { continue };
                let Some((binding, handler)) = handed_error(cx, unparenthesized(*error)) else { continue };
                if error_at(cx, *error, binding, handler).is_none() {
                    let sites = sites_of_callback(cx, handler);
                    callees.extend(sites.iter().filter_map(|site| Some(call_parts(*site)?.0)));
                    if sites.is_empty() {
                        return None;
                    }
                }
            }
            Use::HandedOn(callee) => callees.push(callee),
            Use::Unknown | Use::Applied => return None,
            Use::Other => {}
        }
    }
    Some(callees)
}

/// The names of the functions whose error and result come to the callback of a function together: those that it is handed
/// to, and those whose callback hands on both.
pub(super) fn answering_for(cx: &Context<'_>, callback: BindingId) -> Vec<String> {
    let mut names = Vec::new();
    for reference in &cx.names.binding(callback).references {
        let range = &cx.names.reference(*reference).range;
        let Some(name) = cx.file.root().descendant_for_byte_range(range.start, range.end) else { continue };
        let callees = match use_of(cx, name) {
            Use::HandedOn(callee) => vec![callee],
            Use::Called(arguments) => asked_for_both(cx, &arguments),
            Use::Unknown | Use::Applied | Use::Other => Vec::new(),
        };
        names.extend(callees.into_iter().flat_map(|callee| called_names(cx, callee)));
    }
    names
}

/// The callees whose callback hands on what it was handed, if that may be an error.
fn asked_for_both<'a>(cx: &Context<'a>, arguments: &[Node<'a>]) -> Vec<Node<'a>> {
    let [error, results @ ..] = arguments else { return Vec::new() };
    let Some((binding, handler)) = handed_error(cx, unparenthesized(*error)) else { return Vec::new() };
    let is_lost = results.iter().all(|r| is_nothing(cx, unparenthesized(*r)));
    if is_lost || error_at(cx, *error, binding, handler) == Some(false) {
        return Vec::new();
    }
    let sites = sites_of_callback(cx, handler);
    sites.into_iter().filter_map(call_parts).map(|(callee, _)| callee).collect()
}

/// Whether the callback of a call looks at a result where it certainly has an error, so that it counts on getting both.
/// What it hands on to another callback behind the error is nothing that it looks at itself.
pub(super) fn looks_at_result_beside_error(cx: &Context<'_>, call: Node<'_>) -> bool {
    let callback = last_function(cx, call).filter(|f| has_error_parameter(cx, *f));
    let Some(callback) = callback else { return false };
    let parameters = parameters(callback);
    let [first, results @ ..] = parameters.as_slice() else { return false };
    let Some(error) = cx.names.declared_in(&first.byte_range()).first().copied() else { return false };
    let results = results.iter().flat_map(|r| cx.names.declared_in(&r.byte_range()));
    let references = results.flat_map(|b| &cx.names.binding(b).references).map(|r| cx.names.reference(*r));
    let mut read = references.filter(|r| r.reads);
    read.any(|r| {
        let used = cx.file.root().descendant_for_byte_range(r.range.start, r.range.end);
        used.is_some_and(|used| error_at(cx, used, error, callback) == Some(true) && !is_handed_on(cx, used))
    })
}

/// Whether a name stands among what a callback is handed behind an error.
fn is_handed_on(cx: &Context<'_>, used: Node<'_>) -> bool {
    let mut child = used;
    for parent in ancestors(used).take_while(|a| !is_function(*a)) {
        let call = parent.parent().filter(|_| parent.kind() == "arguments").and_then(call_parts);
        if let Some((callee, [first, ..])) = call.as_ref().map(|(callee, all)| (*callee, all.as_slice())) {
            return *first != child && parameter(cx, unparenthesized(callee)).is_some();
        }
        child = parent;
    }
    false
}

/// What becomes of a callback where its name stands.
enum Use<'t> {
    /// It is called with these, now or later.
    Called(Vec<Node<'t>>),
    /// It is called with what can't be told.
    Unknown,
    /// It is called with what the function around the place was called with.
    Applied,
    /// It is handed to this function.
    HandedOn(Node<'t>),
    /// It is not called there.
    Other,
}

fn use_of<'t>(cx: &Context<'_>, name: Node<'t>) -> Use<'t> {
    let Some(parent) = name.parent() else { return Use::Other };
    if let Some((_, arguments)) = call_parts(parent).filter(|(callee, _)| *callee == name) {
        return Use::Called(arguments);
    }
    if let Some((_, property)) = member_parts(parent).filter(|(object, _)| *object == name) {
        let arguments = parent.parent().and_then(call_parts).map(|(_, arguments)| arguments).unwrap_or_default();
        return match (cx.text(property), arguments.get(1..).unwrap_or_default()) {
            // What is bound comes in front of what the callee hands over.
            ("call", rest) | ("bind", rest @ ([] | [_])) => Use::Called(rest.to_vec()),
            ("apply", [list]) if list.kind() == "array" => Use::Called(named_children(*list)),
            // What this function was called back with is one or the other.
            ("apply", [list]) if cx.text(*list) == "arguments" => Use::Applied,
            ("apply" | "bind", _) => Use::Unknown,
            _ => Use::Other,
        };
    }
    let call = parent.parent().filter(|_| parent.kind() == "arguments").and_then(call_parts);
    match call {
        Some((callee, arguments)) if arguments.first() == Some(&name) && arguments.len() > 1 => match cx.text(callee) {
            "process.nextTick" | "setImmediate" => Use::Called(arguments[1..].to_vec()),
            "setTimeout" => Use::Called(arguments[2..].to_vec()),
            _ => Use::HandedOn(callee),
        },
        Some((callee, _)) => Use::HandedOn(callee),
        None => Use::Other,
    }
}

/// Whether there may be both among what a callback is called with.
fn is_result_beside_error(cx: &Context<'_>, arguments: &[Node<'_>], depth: usize) -> bool {
    let [error, results @ ..] = arguments else { return false };
    let error = unparenthesized(*error);
    let results: Vec<_> = results.iter().map(|r| unparenthesized(*r)).filter(|r| !is_nothing(cx, *r)).collect();
    if is_nothing(cx, error) || results.is_empty() {
        return false;
    }
    let Some((binding, handler)) = handed_error(cx, error) else { return true };
    let is_of_handler = |r: &Node<'_>| parameter(cx, *r).is_some_and(|(_, other)| other == handler);
    match error_at(cx, error, binding, handler) {
        Some(has_error) => has_error,
        // What a callee hands over is one or the other, as long as nobody says that he means both.
        None => !results.iter().all(is_of_handler) || is_called_with_both_within(cx, handler, depth),
    }
}

/// Whether a function is called by its name, and not as somebody's callback, with a result beside what may be an error:
/// `function done(err, value) { cb(err, value); }  done(err, 'none');`
pub fn is_called_with_both(cx: &Context<'_>, function: Node<'_>) -> bool {
    is_called_with_both_within(cx, function, 0)
}

fn is_called_with_both_within(cx: &Context<'_>, function: Node<'_>, depth: usize) -> bool {
    if depth == MAX_CALLS {
        return true;
    }
    let bindings = own_bindings(cx, function);
    let references = bindings.iter().flat_map(|b| &cx.names.binding(*b).references);
    let mut places: Vec<usize> = references.map(|r| cx.names.reference(*r).range.start).collect();
    if let Some(method) = member_name(cx, function) {
        let text = cx.text(cx.file.root());
        places.extend(text.match_indices(&format!(".{method}(")).map(|(dot, _)| dot + 1));
    }
    places.into_iter().any(|at| {
        let name = cx.file.root().descendant_for_byte_range(at, at);
        let callee = name.and_then(|n| n.parent().filter(|p| member_parts(*p).is_some_and(|(_, m)| m == n)).or(name));
        let call = callee.and_then(|callee| Some((callee, call_parts(callee.parent()?)?)));
        call.is_some_and(|(callee, (called, arguments))| {
            called == callee && is_result_beside_error(cx, &arguments, depth + 1)
        })
    })
}

/// Whether a call hands both on to a function that is not in sight: `finish(err, value, cb)`.
pub fn hands_both_on(cx: &Context<'_>, callee: Node<'_>, arguments: &[Node<'_>]) -> bool {
    let is_error = arguments.first().is_some_and(|error| names_error(cx.text(*error)));
    is_error && called_function(cx, callee).is_none() && is_result_beside_error(cx, arguments, 0)
}

fn is_nothing(cx: &Context<'_>, node: Node<'_>) -> bool {
    matches!(node.kind(), "null" | "undefined" | "false") || cx.text(node) == "undefined"
}

/// The callback whose first parameter is an error that is handed over, and that parameter.
fn handed_error<'t>(cx: &Context<'t>, error: Node<'t>) -> Option<(BindingId, Node<'t>)> {
    let (binding, handler) = parameter(cx, error)?;
    let first = parameters(handler).first().and_then(|p| cx.names.declared_at(p.start_byte()));
    (first == Some(binding) && !cx.names.is_reassigned(binding)).then_some((binding, handler))
}

/// The function that a name is a parameter of.
fn parameter<'t>(cx: &Context<'t>, name: Node<'t>) -> Option<(BindingId, Node<'t>)> {
    let binding = cx.names.reference_at(name.start_byte()).filter(|_| name.kind() == "identifier")?.binding?;
    let declared = cx.names.binding(binding).declarations.first()?;
    let node = cx.file.root().descendant_for_byte_range(declared.start, declared.end)?;
    let function = ancestors(node).find(|n| is_function(*n))?;
    let is_parameter =
        parameters(function).iter().any(|p| p.start_byte() <= declared.start && declared.end <= p.end_byte());
    is_parameter.then_some((binding, function))
}
