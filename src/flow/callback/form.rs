//! Whether a function becomes an async function with an adapter, and in which form.
//!
//! In the *named* form the body moves to an async function of its own, `loadAsync` beside `load`, and `load` becomes
//! the adapter. Where the function has no name of its own to derive one from, or where code has to stay in front that
//! the body needs, the *closure* form puts the body into an async arrow function in place.

use std::ops::Range;

use tree_sitter::Node;

use super::{
    bare,
    errors::hears_of_errors,
    given::is_always_given,
    handler, locals,
    names::names,
    naming::named,
    relied::is_never_at_once,
    shift,
    site::Root,
    split::{self, Returned},
    unfollowed::why_detached,
    unnamed::{is_counting_task, is_unnamed},
    writing::{Converted, Writing, sites_and_chains},
};
use crate::{
    context::Context,
    edit::{Refusal, RefusalCode, Safety},
    flow::{
        Stmt,
        chain::parameters,
        scope::Destination,
        settle::{Body, InFull, OwnForm, Settle, Settlers, Successes, lower},
        stringified::stringified_around,
    },
    project::UNNAMED,
    semantic::BindingId,
    syntax::node::{ancestors, call_parts, has_token, is_async, is_function, walk},
};

/// Converts the function of a site.
///
/// # Errors
/// The reason why it has to stay.
pub fn convert(cx: &Context<'_>, root: Root<'_>, site: Node<'_>) -> Result<Converted, Refusal> {
    let (Some(function), Some(callback)) = (root.function, root.callback) else {
        let function = root.function.map(|f| cx.own(f));
        return handler::convert(cx, function, cx.own(site)).map_err(|refusal| told_of_detached(cx, site, refusal));
    };
    check(cx, function)?;
    let function = cx.own(function);
    let mut around = std::iter::once(function).chain(ancestors(function).filter(|a| is_function(*a)));
    let is_unnamed_relied_on = cx.callbacks.is_relied_on(UNNAMED);
    let is_relied_on = around.any(|f| {
        names(cx, f).iter().any(|name| cx.callbacks.is_relied_on(name)) || is_unnamed_relied_on && is_unnamed(cx, f)
    });
    // What is thrown by a function inside goes the way that the errors of this one go. It is thrown at once however late the
    // callback is called.
    let is_caught = names(cx, function).iter().any(|name| cx.callbacks.is_caught_at_once(name));
    let is_missed = names(cx, function).iter().any(|name| cx.callbacks.is_event_missed_behind(name));
    if is_caught || is_missed || is_relied_on && !is_never_at_once(cx, function, callback) {
        return Err(Refusal::new(RefusalCode::ReliedOnAtOnce, function.start_byte()..function.start_byte() + 1));
    }
    let first = convert_either(cx, function, callback, Returned::Moves);
    let is_about_returned = match &first {
        Ok(converted) => converted.drops_returned && converted.safety != Safety::Safe,
        Err(refusal) => refusal.code == RefusalCode::ReturnsValue,
    };
    if !is_about_returned {
        return first;
    }
    // An early `return` of what another function returns may stay in front.
    let second = convert_either(cx, function, callback, Returned::Stays);
    second.ok().filter(|c| c.safety == Safety::Safe).map_or(first, Ok)
}

/// Converts a function with a callback: to one that is fulfilled with the result, or else to one that calls the callback
/// itself, with all that it is handed.
fn convert_either<'a>(
    cx: &Context<'a>,
    function: Node<'a>,
    callback: BindingId,
    returned: Returned,
) -> Result<Converted, Refusal> {
    let way = Way { returned, in_full: None, trusts_callees: false };
    let strict = convert_function(cx, function, callback, way);
    let plain = match strict {
        Err(refusal) if refusal.code == RefusalCode::ErrorWithResult => {
            convert_function(cx, function, callback, Way { trusts_callees: true, ..way }).map_err(|_| refusal)
        }
        strict => strict,
    };
    // To call the callback in full for the sake of a type would be to do without a promise form that there can be.
    let is_about_results = match &plain {
        Ok(converted) => converted.safety != Safety::Safe && !converted.rests_on_type,
        Err(refusal) => hands_too_much_over(refusal.code),
    };
    // Called in full, the callback is handed every failure first.
    if !is_about_results || !hears_of_errors(cx, callback) || bare::gets_nothing(cx, function) {
        return plain;
    }
    let is_always_given = is_always_given(cx, function, callback);
    let in_full = Some(InFull { callback, is_always_given });
    let whole = convert_function(cx, function, callback, Way { in_full, ..way });
    match (plain, whole) {
        (Err(_), Ok(whole)) => Ok(whole),
        (Ok(_), Ok(whole)) if whole.safety == Safety::Safe => Ok(whole),
        (plain, _) => plain,
    }
}

/// The reasons that come from a promise's having one value.
fn hands_too_much_over(code: RefusalCode) -> bool {
    matches!(
        code,
        RefusalCode::ManyResults
            | RefusalCode::CountedResults
            | RefusalCode::ErrorWithResult
            | RefusalCode::PromiseAsResult
            | RefusalCode::CallbackEscapes
            | RefusalCode::ComplexCallee
            | RefusalCode::UnusualErrorCheck
    )
}

/// The bytes of the last argument of a call, if that is the callback itself.
fn handed_on(cx: &Context<'_>, site: &Range<usize>, callback: BindingId) -> Option<Range<usize>> {
    let node = cx.file.root().descendant_for_byte_range(site.start, site.end)?;
    let (_, arguments) = call_parts(node)?;
    let last = arguments.last().filter(|a| a.kind() == "identifier")?;
    let binding = cx.names.reference_at(last.start_byte())?.binding?;
    (binding == callback).then(|| last.byte_range())
}

fn too_much(function: Node<'_>) -> Refusal {
    Refusal::new(RefusalCode::ManyResults, function.start_byte()..function.start_byte() + 1)
}

/// How a function is to be converted.
#[derive(Clone, Copy)]
struct Way {
    /// What becomes of a `return` of what a call returns that is handed the callback.
    returned: Returned,
    /// The callback, where the async code goes on calling it itself.
    in_full: Option<InFull>,
    /// See [`Body::trusts_callees`].
    trusts_callees: bool,
}

fn convert_function<'a>(
    cx: &Context<'a>,
    function: Node<'a>,
    callback: BindingId,
    way: Way,
) -> Result<Converted, Refusal> {
    let Way { returned, in_full, trusts_callees } = way;
    let mut settlers = Settlers::new([(callback, Settle::Callback)]);
    let locals = locals::find(cx, function, &mut settlers);
    let split = split::split(cx, function, &settlers, returned)?;
    let has_promise_form = in_full.is_none() && !split.calls_back_in_loop(cx, &settlers);
    let named = if has_promise_form { named(cx, function, callback, &split) } else { None };
    let mut body = Body {
        function,
        items: Some(split.body.clone()),
        settlers,
        locals,
        hangs: false,
        is_open: false,
        next: None,
        returned: split.returned.clone(),
        promise_form: named.as_ref().and_then(|n| {
            let no_functions = shift::shifted(cx, &parameters(function), &split.prologue)?;
            Some(OwnForm { binding: n.binding?, name: n.name.clone(), no_functions })
        }),
        in_full,
        trusts_callees,
    };
    let mut prologue = split.prologue.clone();
    if named.is_none() {
        let kept = split::longest_prologue(cx, &split, &body);
        prologue.extend(split.body[..kept].iter().copied());
        let items = split.body[kept..].to_vec();
        if let Some(clash) = items.iter().find(|s| split.uses_in_front(cx, &[**s])) {
            return Err(Refusal::new(RefusalCode::NameClash, clash.start_byte()..clash.start_byte() + 1));
        }
        body.items = Some(items);
    }
    let to = Destination {
        place: function.child_by_field_name("body").map_or(function.start_byte(), |b| b.start_byte() + 1),
        function: function.byte_range(),
        in_loop: false,
        reserved: named.as_ref().map(|n| n.name.as_str()),
        assigned: Vec::new(),
    };
    let lowered = lower(cx, &body, &to).map_err(told_of_callbacks)?;
    let Successes { bare, alone, with_value, by_others, is_guess, .. } = lowered.successes;
    let differs = [bare, alone, with_value].into_iter().filter(|is_there| *is_there).count() > 1;
    // Who counts wants to know it for certain; who only may count puts up with a guess.
    let is_counted =
        || names(cx, function).iter().any(|name| cx.callbacks.is_counted(name)) || is_counting_task(cx, function);
    let is_other_count = differs && is_unnamed(cx, function) || (differs || by_others || is_guess) && is_counted();
    if in_full.is_none() && is_other_count {
        // `util.callbackify` calls back with as many on each path.
        return Err(Refusal::new(RefusalCode::CountedResults, function.start_byte()..function.start_byte() + 1));
    }
    let (sites, _) = sites_and_chains(cx, lowered.consumed.clone());
    let only_handed_on: Option<Vec<_>> = sites.iter().map(|site| handed_on(cx, site, callback)).collect();
    if let Some([handed, others @ ..]) = only_handed_on.as_deref() {
        // A call of a promise form is what functions that go on with the result have to reach.
        let reaches_promise = lowered.listed.is_none() && !lowered.additions.uses_util("promisify");
        let is_all = matches!(lowered.statements.as_slice(), [Stmt::Return(Some(_))]) && !reaches_promise;
        let is_in_vain = if named.is_none() { others.is_empty() || in_full.is_some() } else { is_all };
        // An adapter that has to count what it is handed is more to read than the calls that it stands for.
        let counts = lowered.successes.by_others && !lowered.successes.with_value;
        if is_in_vain || counts {
            // There is nothing to gain: an async function would be made to be unmade again.
            return Err(Refusal::new(RefusalCode::HandedOn, handed.clone()));
        }
    }
    if let ([site], [Stmt::Return(Some(_))], None) = (sites.as_slice(), lowered.statements.as_slice(), &named) {
        // So it is where the callback in place does nothing but hand error and result on.
        return Err(Refusal::new(RefusalCode::HandedOn, site.clone()));
    }
    if let Some(reason) = lowered.listed.clone().or(in_full.map(|_| too_much(function))).filter(|_| sites.len() < 2) {
        // A promise that is made by hand, or an async function within this one, is worth it where it takes steps out of
        // each other. A single call reads better as it is.
        return Err(reason);
    }
    if let Some(sent) = stringified_around(cx, function.child_by_field_name("body").unwrap_or(function)) {
        return Err(Refusal::new(RefusalCode::Stringified, sent.byte_range()));
    }
    let moved = body.items.unwrap_or_default();
    Writing { cx, function, callback, moved, in_full: in_full.is_some() }.write(named, lowered)
}

/// The reasons that speak of promises, in words for callbacks.
fn told_of_callbacks(refusal: Refusal) -> Refusal {
    let code = match refusal.code {
        RefusalCode::RealPromiseConstructor => RefusalCode::CallbackEscapes,
        RefusalCode::NeverSettles => RefusalCode::PathNeverCallsBack,
        RefusalCode::SettlesTwice => RefusalCode::CallsBackTwice,
        RefusalCode::RunsAfterSettling => RefusalCode::RunsAfterCallback,
        RefusalCode::InsideTry | RefusalCode::ThrowInsideTry => RefusalCode::CallbackInsideTry,
        code => code,
    };
    Refusal { code, ..refusal }
}

/// A call that nobody seems to wait for may be one whose outcome goes to a callback in a way that is not followed.
fn told_of_detached(cx: &Context<'_>, site: Node<'_>, refusal: Refusal) -> Refusal {
    let is_detached = refusal.code == RefusalCode::DetachedCallback;
    match why_detached(cx, site).filter(|_| is_detached) {
        Some(code) => Refusal { code, ..refusal },
        None => told_of_callbacks(refusal),
    }
}

pub(super) fn check(cx: &Context<'_>, function: Node<'_>) -> Result<(), Refusal> {
    let refuse = |code| Err(Refusal::new(code, function.start_byte()..function.start_byte() + 1));
    if is_async(function) || has_token(function, "*") {
        return refuse(RefusalCode::Generator);
    }
    if crate::flow::asyncness::is_test_with_done(cx, function) {
        return refuse(RefusalCode::TestDone);
    }
    check_await_is_free(cx, function)
}

/// Code that becomes that of an async function has no use for the name `await`.
pub(super) fn check_await_is_free(cx: &Context<'_>, code: Node<'_>) -> Result<(), Refusal> {
    if let Some(name) = cx.names.references_in(&code.byte_range()).iter().find(|r| r.name == "await") {
        return Err(Refusal::new(RefusalCode::AwaitIsAName, name.range.clone()));
    }
    // Outside of async functions `await (x)` is a call, whatever the tree makes of it.
    let mut called = None;
    walk(code, |n| {
        if n.kind() == "await_expression" {
            called.get_or_insert(n.byte_range());
        }
        called.is_none() && !(is_function(n) && is_async(n))
    });
    if let Some(range) = called {
        return Err(Refusal::new(RefusalCode::AwaitIsAName, range));
    }
    Ok(())
}
