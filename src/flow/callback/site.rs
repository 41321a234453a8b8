//! Which calls are handed an error-first callback, and which function such a call belongs to.

use tree_sitter::Node;

use super::{adapter::is_adapted, errors::names_error};
use crate::{
    context::Context,
    flow::{
        asynclib::call_of_task,
        asyncness::own_bindings,
        chain::{link_name, parameters},
        classify::{called_function, declaration_node},
        known::{builtin, is_registration},
        promisify::{callback_literal, has_error_parameter, is_error_name},
    },
    semantic::{BindingId, BindingKind},
    syntax::node::{
        ancestors, call_parts, enclosing_function, is_comment, is_function, member_parts, named_children,
        unparenthesized, walk_own_code, with_parentheses,
    },
};

/// The function that a site belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Root<'t> {
    /// The function; `None` at the top level of the file.
    pub function: Option<Node<'t>>,
    /// The callback that it hands its result to: a parameter, or a variable that stands for one.
    pub callback: Option<BindingId>,
}

/// Whether a call is handed an error-first callback: one that is written in place, a function of the file by its name,
/// or the callback of the function around it.
pub fn is_site(cx: &Context<'_>, call: Node<'_>) -> bool {
    takes_error_first(cx, call) && !is_question(call)
}

/// Whether a call hands the function's own callback on to one that is asked for what it returns: `if (isMissing(id, callback))
/// return`. That one calls back at once or not at all, and says which; so there is nothing to wait for.
fn is_question(call: Node<'_>) -> bool {
    let hands_name = call_parts(call).is_some_and(|(_, a)| a.last().is_some_and(|last| last.kind() == "identifier"));
    let mut child = call;
    for parent in ancestors(call).take_while(|_| hands_name) {
        let is = |field: &str| parent.child_by_field_name(field) == Some(child);
        match parent.kind() {
            "parenthesized_expression" | "unary_expression" => {}
            // `ready && load(path, callback)` is one to wait for.
            "binary_expression" if is("right") => {}
            "binary_expression" => return true,
            "if_statement" | "while_statement" | "do_statement" | "ternary_expression" => return is("condition"),
            _ => return false,
        }
        child = parent;
    }
    false
}

/// Whether a call is handed an error-first callback, whatever becomes of what it returns.
pub(super) fn takes_error_first(cx: &Context<'_>, call: Node<'_>) -> bool {
    let Some((callee, arguments)) = call_parts(call) else { return false };
    let Some(last) = arguments.last().copied() else { return false };
    let (called, count) =
        called_with_receiver(cx, callee).map_or((callee, arguments.len()), |f| (f, arguments.len() - 1));
    let is_registered = is_registration(cx, called, count);
    if link_name(cx, call).is_some() || is_registered || takes_arguments_elsewhere(cx, callee) {
        return false;
    }
    if is_in_executor(cx, call) {
        return false;
    }
    if let Some(callback) = made_of(cx, last) {
        return is_callback_of(cx, call, callback);
    }
    if let Some((function, to)) = bound(cx, last).filter(|_| callback_literal(last).is_none()) {
        let takes_error = is_function(function) && to.len() == 1 && has_error_parameter(cx, function);
        return takes_error || builtin(cx, callee).is_some();
    }
    if let Some((function, _)) = callback_literal(last) {
        return has_error_parameter(cx, function) || builtin(cx, callee).is_some();
    }
    // One in front of other arguments is a site that can't be taken apart.
    let mut literals = arguments.iter().filter_map(|a| callback_literal(*a));
    if literals.any(|(function, _)| has_error_parameter(cx, function)) {
        return true;
    }
    let name = unparenthesized(last);
    if name.kind() != "identifier" {
        return false;
    }
    if let Some(function) = called_function(cx, name) {
        return has_error_parameter(cx, function) && parameters(function).len() <= 3 || builtin(cx, callee).is_some();
    }
    is_callback_of(cx, call, name)
        && (builtin(cx, callee).is_some() || called_function(cx, callee).is_some() || is_call_back_name(cx.text(name)))
}

/// The function of the file that an argument is: one written in place, or one that it names.
pub(super) fn handed_function<'a>(cx: &Context<'a>, argument: Node<'a>) -> Option<Node<'a>> {
    callback_literal(argument).map(|(function, _)| function).or_else(|| called_function(cx, argument))
}

/// The function of the file that a call is handed last, where its callback stands.
pub(super) fn last_function<'a>(cx: &Context<'a>, call: Node<'a>) -> Option<Node<'a>> {
    let (_, arguments) = call_parts(call)?;
    handed_function(cx, *arguments.last()?)
}

/// Whether a call stands in the code of the executor of a promise, or in a callback in there, whose callback is not of its
/// own: that is a pattern of its own, which speaks for all of it.
pub(super) fn is_in_executor(cx: &Context<'_>, call: Node<'_>) -> bool {
    // Many calls stand in the same functions, and the way out of them is long.
    let mut passed = Vec::new();
    let mut around = enclosing_function(call);
    let is_in = loop {
        let Some(function) = around else { break false };
        if let Some(known) = cx.in_executors.borrow().get(&function.id()) {
            break *known;
        }
        passed.push(function.id());
        let arguments = with_parentheses(function).parent().filter(|p| p.kind() == "arguments");
        let Some(outer) = arguments.and_then(|a| a.parent()) else { break false };
        if outer.kind() == "new_expression" {
            break is_promise(cx, outer);
        }
        if own_callback(cx, function).is_some() {
            break false;
        }
        around = enclosing_function(outer);
    };
    cx.in_executors.borrow_mut().extend(passed.into_iter().map(|function| (function, is_in)));
    is_in
}

/// `new Promise(…)` or `new bluebird.Promise(…)`: the constructions that the pattern of promise wrappers looks at.
pub(super) fn is_promise(cx: &Context<'_>, construction: Node<'_>) -> bool {
    let class = construction.child_by_field_name("constructor");
    let name = class.map(|c| member_parts(c).map_or(c, |(_, property)| property));
    name.is_some_and(|n| cx.text(n) == "Promise")
}

/// `f.bind(…)`, `f.apply(…)`: what is called takes its arguments elsewhere; or an adapter's call of
/// `util.callbackify(f)(…)`, which is where conversion ends.
fn takes_arguments_elsewhere(cx: &Context<'_>, callee: Node<'_>) -> bool {
    is_adapted(cx, callee)
        || member_parts(callee).is_some_and(|(_, property)| matches!(cx.text(property), "apply" | "bind"))
}

/// `f.call(receiver, …)`: the `f`.
fn called_with_receiver<'t>(cx: &Context<'_>, callee: Node<'t>) -> Option<Node<'t>> {
    let (object, property) = member_parts(callee)?;
    (cx.text(property) == "call").then_some(object)
}

/// `callback.bind(null, …)`, which gets more than its callee hands over, or `callback || noop`: the `callback`.
pub fn made_of<'t>(cx: &Context<'_>, argument: Node<'t>) -> Option<Node<'t>> {
    let node = unparenthesized(argument);
    if node.kind() == "binary_expression" {
        let is_default = node.child_by_field_name("operator").is_some_and(|o| matches!(o.kind(), "||" | "??"));
        return node.child_by_field_name("left").filter(|left| is_default && left.kind() == "identifier");
    }
    let (object, arguments) = bound(cx, node)?;
    (object.kind() == "identifier" && arguments.len() > 1).then_some(object)
}

/// `f.bind(…)`: the `f` and what it is bound to.
pub fn bound<'t>(cx: &Context<'_>, argument: Node<'t>) -> Option<(Node<'t>, Vec<Node<'t>>)> {
    let (bind, arguments) = call_parts(unparenthesized(argument))?;
    let (object, property) = member_parts(bind)?;
    (cx.text(property) == "bind").then(|| (unparenthesized(object), arguments))
}

/// Whether a name is the callback of a function around a place.
pub(super) fn is_callback_of(cx: &Context<'_>, place: Node<'_>, name: Node<'_>) -> bool {
    let binding = cx.names.reference_at(name.start_byte()).and_then(|r| r.binding);
    binding.is_some_and(|b| owner_of_callback(cx, place, b).is_some())
}

/// The function that a site belongs to.
pub fn root_of<'t>(cx: &Context<'_>, call: Node<'t>) -> Root<'t> {
    let mut around = enclosing_function(call);
    while let Some(function) = around {
        if let Some(site) = site_of_callback(cx, function) {
            around = enclosing_function(site);
            continue;
        }
        if let Some(callback) = own_callback(cx, function) {
            return Root { function: Some(function), callback: Some(callback) };
        }
        let outer = enclosing_function(function).filter(|o| uses_callback_of(cx, function, *o));
        let is_movable = function.kind() == "function_declaration" || is_handed_over(function) || is_declared(function);
        if outer.is_none() || !is_movable {
            return Root { function: Some(function), callback: None };
        }
        around = outer;
    }
    Root { function: None, callback: None }
}

/// The site that a function is the callback of, or a task of, where it is written in place.
pub fn site_of_callback<'t>(cx: &Context<'_>, function: Node<'t>) -> Option<Node<'t>> {
    if let Some(call) = call_of_task(cx, function) {
        return Some(call.node);
    }
    let mut argument = with_parentheses(function);
    // `function () {…}.bind(this)`
    if let Some(bind) = argument.parent().filter(|p| p.kind() == "member_expression").and_then(|m| m.parent()) {
        argument = callback_literal(bind).map_or(argument, |_| bind);
    }
    let call = argument.parent().filter(|p| p.kind() == "arguments")?.parent()?;
    let (_, arguments) = call_parts(call)?;
    (arguments.last() == Some(&argument) && is_site(cx, call)).then_some(call)
}

/// The calls that a function is the callback of: one that it is written in, or all that are handed it by its name.
pub fn sites_of_callback<'t>(cx: &Context<'t>, function: Node<'t>) -> Vec<Node<'t>> {
    if let Some(site) = site_of_callback(cx, function) {
        return vec![site];
    }
    let references = own_bindings(cx, function).into_iter().flat_map(|b| &cx.names.binding(b).references);
    let names = references.filter_map(|r| {
        let range = &cx.names.reference(*r).range;
        cx.file.root().descendant_for_byte_range(range.start, range.end)
    });
    names
        .filter_map(|name| {
            let call = name.parent().filter(|p| p.kind() == "arguments")?.parent()?;
            let (_, arguments) = call_parts(call)?;
            (arguments.last() == Some(&name) && is_site(cx, call)).then_some(call)
        })
        .collect()
}

/// `setImmediate(function () {…})`: code of the function around it that runs a little later.
fn is_handed_over(function: Node<'_>) -> bool {
    with_parentheses(function).parent().is_some_and(|p| p.kind() == "arguments")
}

fn is_declared(function: Node<'_>) -> bool {
    with_parentheses(function).parent().is_some_and(|p| p.kind() == "variable_declarator")
}

/// Whether a function uses the callback of one of the functions around it.
fn uses_callback_of(cx: &Context<'_>, function: Node<'_>, outer: Node<'_>) -> bool {
    let outside = |b: BindingId| {
        let declared = cx.names.binding(b).declarations[0].start;
        !(function.start_byte() <= declared && declared < function.end_byte())
    };
    let references = cx.names.references_in(&function.byte_range());
    let mut used: Vec<_> = references.iter().filter_map(|r| r.binding).filter(|b| outside(*b)).collect();
    used.sort_unstable();
    used.dedup();
    let owners = std::iter::once(outer).chain(ancestors(outer).filter(|a| is_function(*a)));
    let callbacks: Vec<_> = owners.filter_map(|o| own_callback(cx, o)).collect();
    // A function that reaches the callback by way of another one counts as well.
    used.iter().any(|b| callbacks.contains(b) || reaches(cx, *b, &callbacks))
}

/// Whether a name stands for a function that uses one of the callbacks.
fn reaches(cx: &Context<'_>, binding: BindingId, callbacks: &[BindingId]) -> bool {
    let Some(function) = super::locals::function_of(cx, binding) else { return false };
    cx.names.references_in(&function.byte_range()).iter().any(|r| r.binding.is_some_and(|b| callbacks.contains(&b)))
}

/// The function around a place whose callback a name is.
fn owner_of_callback<'t>(cx: &Context<'_>, place: Node<'t>, binding: BindingId) -> Option<Node<'t>> {
    let declared = cx.names.binding(binding).declarations.first()?.start;
    let owner =
        ancestors(place).filter(|a| is_function(*a)).find(|f| f.start_byte() <= declared && declared < f.end_byte());
    owner.filter(|f| own_callback(cx, *f) == Some(binding))
}

/// Whether a function hands its result to an error-first callback.
pub fn takes_callback(cx: &Context<'_>, function: Node<'_>) -> bool {
    own_callback(cx, function).is_some()
}

/// The callback that a function hands its result to: a parameter that it calls like one, or a variable of its own that
/// stands for such a parameter.
pub(super) fn own_callback(cx: &Context<'_>, function: Node<'_>) -> Option<BindingId> {
    if let Some(known) = cx.own_callbacks.borrow().get(&function.id()) {
        return *known;
    }
    let callback = find_own_callback(cx, function);
    cx.own_callbacks.borrow_mut().insert(function.id(), callback);
    callback
}

fn find_own_callback(cx: &Context<'_>, function: Node<'_>) -> Option<BindingId> {
    let parameters: Vec<_> = parameters(function)
        .into_iter()
        .map(|p| p.child_by_field_name("pattern").unwrap_or(p))
        .map(|p| if p.kind() == "assignment_pattern" { p.child_by_field_name("left").unwrap_or(p) } else { p })
        .collect();
    let names: Vec<_> = parameters.iter().map(|p| cx.text(*p)).collect();
    // `resolve(null)` is no call with no error.
    if is_route(&names) || is_executor(cx, function) {
        return None;
    }
    for name in parameters.iter().rev().filter(|p| p.kind() == "identifier") {
        let Some(binding) = cx.names.declared_at(name.start_byte()) else { continue };
        if let Some(alias) = alias_of(cx, function, binding) {
            return Some(alias);
        }
        if is_used_as_callback(cx, binding) {
            return (!is_for_failures(cx.text(*name))).then_some(binding);
        }
    }
    None
}

/// Whether a parameter is by its name a function that is told of failures alone: `(id, onSuccess, onFail)`. Who waits for that
/// waits for ever where all goes well.
fn is_for_failures(name: &str) -> bool {
    let name = name.trim_matches('_').to_ascii_lowercase();
    let told = name.strip_prefix("on").or_else(|| name.strip_suffix("callback")).or_else(|| name.strip_suffix("cb"));
    let told = told.map_or(&*name, |told| told.trim_matches('_'));
    matches!(told, "fail" | "failed" | "failure" | "reject" | "rejected")
        || told != name && matches!(told, "err" | "error" | "errors")
}

/// Whether a function is the executor of a promise.
fn is_executor(cx: &Context<'_>, function: Node<'_>) -> bool {
    let list = with_parentheses(function).parent().filter(|p| p.kind() == "arguments");
    list.and_then(|list| list.parent()).is_some_and(|made| made.kind() == "new_expression" && is_promise(cx, made))
}

/// `(req, res, next)` and the like.
fn is_route(names: &[&str]) -> bool {
    let plain: Vec<_> = names.iter().map(|n| n.trim_start_matches('_')).collect();
    matches!(plain.as_slice(), ["req" | "request", "res" | "response" | "reply", ..])
        || matches!(plain.as_slice(), ["err" | "error", "req" | "request", ..])
}

/// Whether a function of this file that is called with a callback takes its callback at another place: the one that it is
/// handed is something else to it.
pub fn takes_it_elsewhere<'a>(cx: &Context<'a>, callee: Node<'a>, arguments: &[Node<'_>]) -> bool {
    let Some(function) = called_function(cx, callee) else { return false };
    let name = |p: &Node<'a>| p.child_by_field_name("pattern").unwrap_or(*p);
    let declared: Vec<_> = parameters(function).iter().map(|p| cx.names.declared_at(name(p).start_byte())).collect();
    let at = own_callback(cx, function).and_then(|own| declared.iter().position(|d| *d == Some(own)));
    // Arguments that are put in order may stand anywhere.
    let is_shifted = declared.iter().flatten().any(|b| cx.names.is_reassigned(*b))
        || cx.names.references_in(&function.byte_range()).iter().any(|r| r.name == "arguments");
    let is_spread = arguments.iter().any(|a| a.kind() == "spread_element");
    let is_at = |at: usize| at == arguments.len();
    let is_taken =
        at.is_none_or(is_at) || declared.get(arguments.len()).is_some_and(|b| hands_to_itself(cx, function, *b));
    !is_taken && !is_shifted && !is_spread
}

/// Whether a function calls itself with one of its parameters in the place of its callback, which puts arguments in order
/// as well as assigning them does: `if (typeof options === 'function') return this.put(name, null, options)`.
fn hands_to_itself(cx: &Context<'_>, function: Node<'_>, parameter: Option<BindingId>) -> bool {
    let Some(parameter) = parameter else { return false };
    let (names, count) = (super::names::names(cx, function), parameters(function).len());
    let mut hands = false;
    walk_own_code(function, |n| {
        if let Some((callee, arguments)) = call_parts(n).filter(|(_, arguments)| arguments.len() == count) {
            let last = arguments.last().filter(|a| a.kind() == "identifier");
            let is_parameter = last.and_then(|a| cx.names.reference_at(a.start_byte())?.binding) == Some(parameter);
            hands |= is_parameter && super::names::called_names(cx, callee).iter().any(|name| names.contains(name));
        }
        !hands
    });
    hands
}

/// A variable of the function that takes over from the parameter: `var cb = callback;`, `var done = once(callback);`.
fn alias_of(cx: &Context<'_>, function: Node<'_>, binding: BindingId) -> Option<BindingId> {
    let [only] = cx.names.binding(binding).references.as_slice() else { return None };
    let range = &cx.names.reference(*only).range;
    let node = cx.file.root().descendant_for_byte_range(range.start, range.end)?;
    let value = once_of(cx, node).unwrap_or(node);
    let declarator = value.parent().filter(|p| p.kind() == "variable_declarator")?;
    let name = declarator.child_by_field_name("name").filter(|n| n.kind() == "identifier")?;
    let own = enclosing_function(declarator) == Some(function);
    let alias = cx.names.declared_at(name.start_byte()).filter(|_| own)?;
    is_used_as_callback(cx, alias).then_some(alias)
}

/// `once(callback)`, `_.once(callback)`: what stands around the callback.
fn once_of<'t>(cx: &Context<'_>, callback: Node<'t>) -> Option<Node<'t>> {
    let call = callback.parent().filter(|p| p.kind() == "arguments")?.parent()?;
    let (callee, arguments) = call_parts(call)?;
    let name = member_parts(callee).map_or(callee, |(_, property)| property);
    (arguments.len() == 1 && cx.text(name) == "once").then_some(call)
}

/// Whether a name is called, or handed on, as error-first callbacks are.
fn is_used_as_callback(cx: &Context<'_>, binding: BindingId) -> bool {
    let is_named = is_call_back_name(&cx.names.binding(binding).name);
    let own = cx
        .names
        .binding(binding)
        .declarations
        .first()
        .and_then(|d| enclosing_function(cx.file.root().descendant_for_byte_range(d.start, d.end)?));
    let (mut uses, mut certain, mut handed, mut doubtful, mut unlikely) = (0, 0, 0, 0, 0);
    for reference in &cx.names.binding(binding).references {
        let range = &cx.names.reference(*reference).range;
        let Some(node) = cx.file.root().descendant_for_byte_range(range.start, range.end) else { continue };
        let Some(parent) = node.parent() else { continue };
        match use_of(cx, node, parent) {
            Use::ErrorFirst => certain += 1,
            Use::HandedOn if is_named && !is_call_of(cx, parent, own) => handed += 1,
            Use::Perhaps | Use::HandedOn if is_named => uses += 1,
            Use::NotErrorFirst => return false,
            Use::Doubtful => doubtful += 1,
            Use::Unlikely => unlikely += 1,
            Use::Perhaps | Use::HandedOn | Use::Other => {}
        }
    }
    certain > 0 || doubtful == 0 && (handed > 0 || uses > 0 && unlikely == 0)
}

/// Whether a list of arguments is that of a call of a function.
fn is_call_of(cx: &Context<'_>, arguments: Node<'_>, function: Option<Node<'_>>) -> bool {
    let callee = arguments.parent().and_then(call_parts).map(|(callee, _)| callee);
    let called = callee.and_then(|callee| cx.names.reference_at(callee.start_byte())?.binding);
    function.zip(called).is_some_and(|(function, called)| own_bindings(cx, function).contains(&called))
}

enum Use {
    /// Called with an error, or with `null` in its place.
    ErrorFirst,
    /// Called without arguments, or with what may be an error as well as a result.
    Perhaps,
    /// Handed on as the last argument.
    HandedOn,
    /// Called with something that is no error.
    NotErrorFirst,
    /// Called with what is an error only where there are results elsewhere: `callback({ code: 404 })`.
    Doubtful,
    /// Called with something that nothing speaks of as an error: `callback(client)`.
    Unlikely,
    Other,
}

fn use_of(cx: &Context<'_>, node: Node<'_>, parent: Node<'_>) -> Use {
    if let Some((callee, arguments)) = call_parts(parent)
        && callee == node
    {
        return called_with(cx, node, arguments.first().copied(), arguments.len());
    }
    if let Some((object, property)) = member_parts(parent)
        && object == node
        && cx.text(property) == "call"
    {
        let call = parent.parent().and_then(call_parts);
        return call.map_or(Use::Other, |(_, a)| called_with(cx, node, a.get(1).copied(), a.len().saturating_sub(1)));
    }
    if parent.kind() == "arguments" {
        let arguments = named_children(parent);
        let is_timer = parent
            .parent()
            .and_then(call_parts)
            .is_some_and(|(callee, _)| matches!(cx.text(callee), "process.nextTick" | "setImmediate" | "setTimeout"));
        if is_timer && arguments.first() == Some(&node) {
            return called_with(cx, node, arguments.get(1).copied(), arguments.len() - 1);
        }
        if arguments.last() == Some(&node) {
            return Use::HandedOn;
        }
    }
    // `read(path, callback || noop)`
    let around = parent.parent().filter(|a| a.kind() == "arguments").map(named_children).unwrap_or_default();
    if around.last() == Some(&parent) && made_of(cx, parent) == Some(node) {
        return Use::HandedOn;
    }
    Use::Other
}

fn called_with(cx: &Context<'_>, callback: Node<'_>, first: Option<Node<'_>>, count: usize) -> Use {
    let Some(first) = first.map(unparenthesized) else { return Use::Perhaps };
    match first.kind() {
        // Where it is the only one, it may be a result that is not there.
        "null" | "undefined" if count == 1 => Use::Perhaps,
        "identifier" if cx.text(first) == "undefined" && count == 1 => Use::Perhaps,
        "null" | "undefined" => Use::ErrorFirst,
        "identifier" if cx.text(first) == "undefined" => Use::ErrorFirst,
        "new_expression" if count > 1 || names_error(cx.text(first)) => Use::ErrorFirst,
        "identifier" if is_error_name(cx.text(first)) || is_catch(cx, first) => Use::ErrorFirst,
        "false" if count > 1 => Use::ErrorFirst,
        "object" | "template_string" if count == 1 => Use::Doubtful,
        "new_expression" => Use::Unlikely,
        "identifier" if count == 1 && !may_be_error(cx, first, callback) => Use::Unlikely,
        "true" | "false" | "array" | "number" if count == 1 => Use::NotErrorFirst,
        // `callback(!err)`
        "unary_expression" if count == 1 && crate::syntax::node::has_token(first, "!") => Use::NotErrorFirst,
        _ => Use::Perhaps,
    }
}

/// Whether a name may stand for an error by what it is called, or as the first parameter of a function within the one that the
/// callback is handed to.
fn may_be_error(cx: &Context<'_>, name: Node<'_>, callback: Node<'_>) -> bool {
    let declared = |name: Node<'_>| {
        let binding = cx.names.reference_at(name.start_byte()).and_then(|r| r.binding);
        binding.and_then(|b| declaration_node(cx, b))
    };
    let (declaration, own) = (declared(name), declared(callback).and_then(enclosing_function));
    let function = declaration.and_then(enclosing_function).filter(|f| Some(*f) != own);
    let first = function.and_then(|f| parameters(f).first().copied());
    names_error(cx.text(name))
        || first.zip(declaration).is_some_and(|(first, declared)| first.byte_range().contains(&declared.start_byte()))
}

fn is_catch(cx: &Context<'_>, name: Node<'_>) -> bool {
    let binding = cx.names.reference_at(name.start_byte()).and_then(|r| r.binding);
    binding.is_some_and(|b| cx.names.binding(b).kind == BindingKind::Catch)
}

/// Whether a function starts by asking for its first parameter and handing it on as an error, whatever it is called: `if
/// (problem) return callback(problem);`, where that callback is told of success elsewhere, or `if (problem) throw problem;`.
pub fn leaves_with_first(cx: &Context<'_>, function: Node<'_>) -> bool {
    let Some(first) = parameters(function).first().map(|p| p.child_by_field_name("pattern").unwrap_or(*p)) else {
        return false;
    };
    let Some(error) = cx.names.declared_at(first.start_byte()).filter(|_| first.kind() == "identifier") else {
        return false;
    };
    let is_error = |node: Node<'_>| {
        let name = unparenthesized(node);
        name.kind() == "identifier" && cx.names.reference_at(name.start_byte()).and_then(|r| r.binding) == Some(error)
    };
    let Some(check) = first_check(function) else { return false };
    let condition = check.child_by_field_name("condition").map(unparenthesized);
    let asked = condition.and_then(|c| c.child_by_field_name("argument").or_else(|| c.child_by_field_name("left")));
    if !condition.is_some_and(|c| is_error(c) || asked.is_some_and(is_error)) {
        return false;
    }
    let mut leaves = false;
    walk_own_code(check, |n| {
        leaves |= match n.kind() {
            "throw_statement" => named_children(n).first().copied().is_some_and(is_error),
            "call_expression" => call_parts(n).is_some_and(|(callee, arguments)| {
                arguments.first().copied().is_some_and(is_error) && is_told_of_success(cx, function, callee)
            }),
            _ => false,
        };
        !leaves
    });
    leaves
}

/// What a function starts with: an `if` or a `? :`, where it begins by asking something.
fn first_check(function: Node<'_>) -> Option<Node<'_>> {
    let body = function.child_by_field_name("body")?;
    let first = match body.kind() {
        "statement_block" => named_children(body).into_iter().find(|s| !is_comment(*s))?,
        _ => unparenthesized(body),
    };
    match first.kind() {
        "expression_statement" | "return_statement" => named_children(first).first().copied().map(unparenthesized),
        _ => Some(first),
    }
}

/// Whether a name is the callback of a function around a place, which calls it with `null`, or with an error made on the
/// spot; or the `next` of a web framework's handler.
fn is_told_of_success(cx: &Context<'_>, place: Node<'_>, callback: Node<'_>) -> bool {
    let binding = cx.names.reference_at(callback.start_byte()).filter(|_| callback.kind() == "identifier");
    let Some(binding) = binding.and_then(|r| r.binding) else { return false };
    if owner_of_callback(cx, place, binding).is_some() {
        return cx.names.binding(binding).references.iter().any(|reference| {
            let range = &cx.names.reference(*reference).range;
            let name = cx.file.root().descendant_for_byte_range(range.start, range.end);
            let uses = name.and_then(|name| Some(use_of(cx, name, name.parent()?)));
            matches!(uses, Some(Use::ErrorFirst))
        });
    }
    ancestors(place).filter(|a| is_function(*a)).any(|function| {
        let names: Vec<_> =
            parameters(function).into_iter().map(|p| p.child_by_field_name("pattern").unwrap_or(p)).collect();
        let texts: Vec<_> = names.iter().map(|n| cx.text(*n)).collect();
        let next = cx.apis.handler(&texts).and_then(|handler| handler.next).and_then(|at| names.get(at));
        next.and_then(|n| cx.names.declared_at(n.start_byte())) == Some(binding)
    })
}

/// Whether a name is one of those that callbacks are given.
pub fn is_call_back_name(name: &str) -> bool {
    let name = name.trim_start_matches('_').trim_end_matches('_');
    let lower = name.to_ascii_lowercase();
    matches!(lower.as_str(), "cb" | "callback" | "done" | "next" | "fn" | "clb" | "cback")
        || lower.ends_with("callback")
        || lower.starts_with("callback")
        || name.ends_with("Cb")
        || name.ends_with("CB")
}
