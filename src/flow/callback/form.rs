//! The async function and its adapter, as edits.
//!
//! In the *named* form the body moves to an async function of its own, `loadAsync` beside `load`, and `load` becomes
//! the adapter. Where the function has no name of its own to derive one from, or where code has to stay in front that
//! the body needs, the *closure* form puts the body into an async arrow function in place.

use std::ops::Range;

use tree_sitter::Node;

use super::{
    bare,
    errors::hears_of_errors,
    exports,
    gaps::{blank_lines_around, has_space_before_parameters},
    given::{self, is_always_given},
    handler, locals, lossy,
    names::names,
    naming::named,
    placed::{Head, Named},
    relied::is_never_at_once,
    shift,
    site::{Root, is_site},
    split::{self, Returned},
    unfollowed::why_detached,
    unnamed::{is_counting_task, is_unnamed},
};
use crate::{
    context::Context,
    edit::{Edit, Refusal, RefusalCode, Safety},
    flow::{
        Stmt, Text,
        chain::{own_this, parameters},
        print::print_block,
        recursion::{ENDS, may_go_on_for_ever},
        scope::{Destination, check_declared_once},
        settle::{Body, InFull, Lowered, OwnForm, Settle, Settlers, Successes, lower},
        stringified::stringified_around,
    },
    project::UNNAMED,
    semantic::BindingId,
    syntax::node::{ancestors, call_parts, has_token, is_async, is_function, member_parts, walk},
};

/// A function that was converted.
#[derive(Debug)]
pub struct Converted {
    /// Sorted, disjoint edits.
    pub edits: Vec<Edit>,
    /// The level of the change.
    pub safety: Safety,
    /// What has to hold that the file does not show.
    pub assumption: Option<String>,
    /// The code in which new names were chosen to be free.
    pub scope: Range<usize>,
    /// The sites that were carried out.
    pub sites: Vec<Range<usize>>,
    /// Promise chains that were carried out along with them.
    pub chains: Vec<Range<usize>>,
    /// The name of the promise form, if it has one.
    pub name: Option<String>,
    /// The functions of this file that it calls and that may have a promise form themselves one day.
    pub callees: Vec<Range<usize>>,
    /// Whether the function returns today what a call returns that is handed its callback.
    pub drops_returned: bool,
}

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
    if is_caught || is_relied_on && !is_never_at_once(cx, function, callback) {
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
    let is_about_results = match &plain {
        Ok(converted) => converted.safety != Safety::Safe,
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

struct Writing<'a, 'c> {
    cx: &'c Context<'a>,
    function: Node<'a>,
    callback: BindingId,
    /// The statements and comments that become the async function's.
    moved: Vec<Node<'a>>,
    /// Whether the code calls the callback itself.
    in_full: bool,
}

impl<'a> Writing<'a, '_> {
    fn write(&self, named: Option<Named<'_>>, mut lowered: Lowered) -> Result<Converted, Refusal> {
        let name_clash = || Refusal::new(RefusalCode::NameClash, self.function.byte_range());
        let callbackify = match self.in_full {
            true => String::new(),
            false => {
                lowered.additions.util(self.cx, "callbackify", self.function.start_byte()).ok_or_else(name_clash)?
            }
        };
        let replaced = self.replaced();
        lost_comment(self.cx, &replaced, &lowered)?;
        if named.is_none() {
            check_declared_once(self.cx, &replaced)?;
        }
        Stmt::drop_last_return(&mut lowered.statements);
        if self.in_full && (lowered.optional || is_shadowed(self.cx, "process", self.function)) {
            return Err(name_clash());
        }
        let name = named.as_ref().map(|n| n.name.clone());
        let mut edits = match named {
            None if self.in_full => vec![self.called_in_full(&mut lowered, replaced)],
            Some(named) => self.named(&named, &callbackify, &lowered, replaced),
            None => vec![self.closure(&callbackify, &lowered, replaced)],
        };
        let additions = lowered.additions.edits(self.cx, &edits);
        edits.extend(additions);
        edits.sort_by_key(|e| (e.range.start, e.range.end));
        let is_given = !lowered.optional && given::is_given_wherever_seen(self.cx, self.function, self.callback);
        let may_be_lost = self.may_be_missing(&lowered) && !is_given;
        if may_be_lost || lossy::may_lose_errors(self.cx, self.function) {
            let assumption = "Whoever passes no callback does not rely on an error that is thrown at once.";
            lowered.assumptions.push(assumption.to_owned());
        }
        if lowered.optional && lowered.hands_on && self.may_be_missing(&lowered) {
            let assumption = "Those that the callback is handed on to do nothing else where there is none.";
            lowered.assumptions.push(assumption.to_owned());
        }
        if self.gets_nothing() && bare::may_call_back_at_once(self.cx, self.function) {
            lowered.assumptions.push("No caller relies on being called back before the function returns.".to_owned());
        }
        if may_go_on_for_ever(self.cx, self.function) {
            lowered.assumptions.push(ENDS.to_owned());
        }
        if self.receivers() == (true, true) {
            lowered
                .assumptions
                .push("Nobody minds what `this` is where the callback is called without any.".to_owned());
        }
        let assumption = (!lowered.assumptions.is_empty()).then(|| lowered.assumptions.join(" "));
        let safety = if assumption.is_some() { Safety::Review } else { Safety::Safe };
        let (sites, chains) = sites_and_chains(self.cx, lowered.consumed);
        Ok(Converted {
            edits,
            safety,
            assumption,
            scope: self.function.byte_range(),
            sites,
            chains,
            name,
            callees: lowered.callees,
            drops_returned: lowered.drops_returned,
        })
    }

    /// The code that the adapter's call takes the place of.
    fn replaced(&self) -> Range<usize> {
        let (first, last) = (self.moved.first(), self.moved.last());
        match (first, last) {
            (Some(first), Some(last)) => first.start_byte()..last.end_byte(),
            _ => self.function.byte_range(),
        }
    }

    /// Whether the function may be called without a callback: it looks after that itself, or hands what it was given on to
    /// a function that may.
    fn may_be_missing(&self, lowered: &Lowered) -> bool {
        if lowered.optional {
            return !given::has_default_of_its_own(self.cx, self.function, self.callback);
        }
        lowered.hands_on && !is_always_given(self.cx, self.function, self.callback)
    }

    /// The callback's name where the adapter hands it over.
    fn callback_name(&self, lowered: &Lowered) -> String {
        let name = &self.cx.names.binding(self.callback).name;
        let may_be_missing = self.may_be_missing(lowered);
        let Successes { bare, alone, with_value, by_others, says_undefined, says_null, .. } = lowered.successes;
        let with_this = self.receivers().0;
        let called = |arguments: &str| match (with_this, arguments) {
            (false, _) => format!("{name}({arguments})"),
            (true, "") => format!("{name}.call(this)"),
            (true, _) => format!("{name}.call(this, {arguments})"),
        };
        if self.gets_nothing() {
            let end = if self.cx.style.semicolons { ";" } else { "" };
            let thrown = format!("err => {{ if (err) throw err; {}{end} }}", called(""));
            return if may_be_missing { format!("{name} ? {thrown} : () => {{}}") } else { self.wrapped(&thrown) };
        }
        if by_others && !with_value {
            let counted = format!("(err, value) => value === undefined ? {} : {}", called("err"), called("err, value"));
            return if may_be_missing { format!("{name} ? {counted} : () => {{}}") } else { self.wrapped(&counted) };
        }
        let exact = match (with_value, alone, bare) {
            // `util.callbackify` says `null`, and some ask whether it is `undefined`.
            (true, ..) if says_undefined && !says_null => {
                Some(format!("(err, value) => err ? {} : {}", called("err"), called("undefined, value")))
            }
            (false, ..) if says_undefined && !says_null => {
                Some(format!("err => err ? {} : {}", called("err"), called("undefined")))
            }
            // `util.callbackify` calls back with two arguments, and a callback may count them.
            (false, true, _) => Some(format!("err => {}", called("err"))),
            (false, false, true) => Some(format!("err => err ? {} : {}", called("err"), called(""))),
            _ => None,
        };
        match exact {
            Some(exact) if may_be_missing && exact.contains(" ? ") => format!("{name} ? ({exact}) : () => {{}}"),
            Some(exact) if may_be_missing => format!("{name} ? {exact} : () => {{}}"),
            Some(exact) => self.wrapped(&exact),
            None if may_be_missing => format!("{name} || (() => {{}})"),
            None => name.clone(),
        }
    }

    /// What an adapter's function is called with. `util.callbackify` calls both the function and the callback with the `this`
    /// that it is called with itself.
    fn handed(&self, arguments: &str) -> String {
        if self.receivers().0 { format!(".call(this, {arguments})") } else { format!("({arguments})") }
    }

    /// Whether the code that moves calls the callback with its own `this`, and whether it calls it, or has it called, without.
    fn receivers(&self) -> (bool, bool) {
        let cx = self.cx;
        let (mut with, mut without) = (false, false);
        let moved = |range: &Range<usize>| self.moved.iter().any(|n| n.byte_range().contains(&range.start));
        let references = cx.names.binding(self.callback).references.iter().map(|r| &cx.names.reference(*r).range);
        for range in references.filter(|range| moved(range)) {
            let name = cx.file.root().descendant_for_byte_range(range.start, range.end);
            let Some((name, parent)) = name.and_then(|name| Some((name, name.parent()?))) else { continue };
            let method = member_parts(parent).filter(|(object, _)| *object == name).and_then(|_| parent.parent());
            match method.and_then(call_parts) {
                Some((_, arguments)) if arguments.first().is_some_and(|a| a.kind() == "this") => with = true,
                Some(_) => without = true,
                None => without |= matches!(parent.kind(), "call_expression" | "arguments"),
            }
        }
        (with, without)
    }

    /// Whether the callback never gets anything, so that an error would be lost on it.
    fn gets_nothing(&self) -> bool {
        bare::gets_nothing(self.cx, self.function)
    }

    /// A function around the callback, where there is one: `util.callbackify` complains at once where there is none.
    fn wrapped(&self, function: &str) -> String {
        let name = &self.cx.names.binding(self.callback).name;
        let is_given = is_always_given(self.cx, self.function, self.callback);
        if is_given { function.to_owned() } else { format!("{name} && ({function})") }
    }

    fn is_expression_body(&self) -> bool {
        self.function.child_by_field_name("body").is_some_and(|b| b.kind() != "statement_block")
    }

    /// One statement in the place of the code that moves.
    fn statement_in_place(&self, text: &Text, replaced: Range<usize>) -> Edit {
        let indent = self.cx.file.source.indent_at(replaced.start);
        if !self.is_expression_body() {
            let end = if self.cx.style.semicolons { ";" } else { "" };
            return Edit::new(replaced, format!("{}{end}", text.indented(indent).as_str()));
        }
        let block = print_block(&[Stmt::Expression(text.clone())], indent, self.cx.style);
        Edit::new(replaced, block.as_str())
    }

    /// An async function that calls the callback itself, with all that it is handed; an error that leaves the function is
    /// handed over behind it.
    fn called_in_full(&self, lowered: &mut Lowered, replaced: Range<usize>) -> Edit {
        // What an async function of the code fails with is to be caught as well, so its call stays in the `return`.
        if let Some(Stmt::Return(Some(call))) = lowered.statements.last().cloned()
            && call.as_str().starts_with("process.nextTick(")
        {
            lowered.statements.pop();
            lowered.statements.push(Stmt::Expression(call));
        }
        let callback = &self.cx.names.binding(self.callback).name;
        let error = if callback == "err" { "error" } else { "err" };
        let mut text = Text::from("(async () => ");
        text.push(&print_block(&lowered.statements, "", self.cx.style));
        text.push_str(&format!(")().catch({error} => process.nextTick({callback}, {error}))"));
        self.statement_in_place(&text, replaced)
    }

    fn closure(&self, callbackify: &str, lowered: &Lowered, replaced: Range<usize>) -> Edit {
        let mut text = Text::from(format!("{callbackify}(async () => "));
        text.push(&print_block(&lowered.statements, "", self.cx.style));
        text.push_str(&format!("){}", self.handed(&self.callback_name(lowered))));
        self.statement_in_place(&text, replaced)
    }

    fn named(&self, named: &Named<'_>, callbackify: &str, lowered: &Lowered, replaced: Range<usize>) -> Vec<Edit> {
        let (cx, style) = (self.cx, self.cx.style);
        let uses_this = self.moved.iter().any(|n| own_this(cx, *n, false).is_some());
        let bind = if uses_this && !self.receivers().0 { ".bind(this)" } else { "" };
        let callback = &cx.names.binding(self.callback).name;
        let mut arguments = Vec::new();
        let mut kept = Vec::new();
        for parameter in parameters(self.function) {
            let name = cx.text(parameter.child_by_field_name("pattern").unwrap_or(parameter));
            if name == callback {
                continue;
            }
            arguments.push(name.to_owned());
            kept.push(cx.text(parameter));
        }
        arguments.push(self.callback_name(lowered));
        let call = format!("{callbackify}({}{bind}){}", named.target, self.handed(&arguments.join(", ")));
        let mut edits = vec![self.statement_in_place(&call.into(), replaced)];
        edits.extend(blank_lines_around(cx, self.function, edits[0].range.clone()));
        let indent = cx.file.source.indent_at(named.beside.start_byte());
        let space = if self.has_space_before_parameters(named) { " " } else { "" };
        let value = match lowered.statements.as_slice() {
            [Stmt::Return(Some(value))] if named.head == Head::Arrow && self.is_expression_body() => Some(value),
            _ => None,
        };
        let value = value.filter(|value| !value.as_str().starts_with('{'));
        let body = value.map_or_else(|| print_block(&lowered.statements, indent, style), |v| v.indented(indent));
        // TypeScript can't work out what a function returns that returns what itself does.
        let calls_itself = body.as_str().contains(&format!("{}(", named.name));
        let returned = if calls_itself && cx.file.source.language().has_types() { ": Promise<any>" } else { "" };
        let in_front = self.function.child_by_field_name("body").map_or("", |b| cx.slice(0..b.start_byte()));
        let gap = match named.head {
            Head::Arrow if in_front.ends_with('>') => "=>",
            Head::Arrow => " => ",
            _ if in_front.ends_with(')') => "",
            _ => " ",
        };
        let parameters = format!("{space}({}){returned}{gap}", kept.join(", "));
        edits.push(Edit::insert(named.place, named.written(&parameters, &body).as_str()));
        edits.extend(named.binding.iter().flat_map(|b| exports::beside(cx, *b, &named.name)));
        edits
    }

    /// Whether the parameters of a new function are set off from what stands in front: as they are in the function beside it,
    /// or, where one of the two has a name and the other has none, in most functions of the file.
    fn has_space_before_parameters(&self, named: &Named<'_>) -> bool {
        let part = |field| self.function.child_by_field_name(field);
        if named.head == Head::Arrow {
            return false;
        }
        let is_anonymous = named.head == Head::Expression;
        let is_like = self.function.kind() == "method_definition"
            || self.function.kind() != "arrow_function" && part("name").is_none() == is_anonymous;
        match part("parameters").filter(|_| is_like) {
            Some(list) => self.cx.slice(0..list.start_byte()).ends_with(' '),
            None => has_space_before_parameters(self.cx, is_anonymous),
        }
    }
}

/// Whether the name of a global means something else in a function.
fn is_shadowed(cx: &Context<'_>, name: &str, function: Node<'_>) -> bool {
    let inside = cx.names.declared_in(&function.byte_range());
    let around = cx.names.resolve(name, cx.names.scope_at(function.start_byte()));
    around.is_some() || inside.iter().any(|b| cx.names.binding(*b).name == name)
}

/// Tells the sites among the calls that were carried out from the promise chains.
pub(super) fn sites_and_chains(
    cx: &Context<'_>,
    consumed: Vec<Range<usize>>,
) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
    consumed.into_iter().partition(|range| {
        let node = cx.file.root().descendant_for_byte_range(range.start, range.end);
        node.is_some_and(|n| is_site(cx, n))
    })
}

/// Refuses where a comment of the code that is replaced is in none of the new statements.
pub(super) fn lost_comment(cx: &Context<'_>, replaced: &Range<usize>, lowered: &Lowered) -> Result<(), Refusal> {
    let comments = cx.file.comments_in(replaced);
    let lost = comments.iter().find(|c| !lowered.kept.iter().any(|k| k.start <= c.start && c.end <= k.end));
    match lost {
        Some(lost) => Err(Refusal::new(RefusalCode::CommentWouldBeLost, lost.clone())),
        None => Ok(()),
    }
}
