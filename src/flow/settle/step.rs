//! A call that is handed an error-first callback, in code that has one itself.
//!
//! There are four ways to write the callback's body behind an `await`, tried from the plainest on: the error goes on
//! as it came; it is handled in a `catch`; it is ignored; or error and result are put into variables first, and the
//! body stays as it is.

use tree_sitter::Node;

use super::{
    Settle,
    callback::runs_code,
    error_first::{Callback, Step, check_failure, handled_step, result_asked_for, shadowing_apart},
    in_full::MAX_RETRIES,
    list::{List, is_expression},
    local::comments_above,
    lower::{After, Lowerer, Place, code, items, refusal},
    outcome::Outcome,
    quiet::{is_quiet, is_task_quiet, throws_at_once},
    variables::rejoining_step,
};
use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    flow::{
        Catch, Keyword, Stmt, Text,
        asynclib::calls_tasks,
        body::{completes, returned},
        callback::{
            bound, catches_what_is_thrown, is_heard_at_once, results, runs_on_after_calling_back, takes_it_elsewhere,
        },
        chain::{block_body, own_this, parameters},
        classify::called_function,
        elsewhere::elsewhere,
        known::{builtin, keeps, known},
        promisify::{Call, Promised, callback_literal, calls_request_handler, has_error_parameter, is_contradicted},
    },
    semantic::BindingId,
    syntax::node::{is_function, member_parts, named_children, unparenthesized},
};

impl<'a> Lowerer<'a, '_> {
    /// Lowers a call whose callback settles.
    pub(super) fn callback_step(
        &mut self,
        node: Node<'a>,
        callee: Node<'a>,
        arguments: &[Node<'a>],
        returned: bool,
    ) -> Result<Vec<Stmt>, Refusal> {
        let Some((last, rest)) = arguments.split_last() else { return refusal(RefusalCode::ComplexCallee, node) };
        if keeps(self.cx, callee, arguments.len()) {
            return refusal(RefusalCode::CallbackEscapes, node);
        }
        let is_literal = |a: &Node<'a>| callback_literal(*a).is_some_and(|(f, _)| has_error_parameter(self.cx, f));
        if rest.iter().any(is_literal) && !self.is_mentioned_in(*last) && callback_literal(*last).is_none() {
            return refusal(RefusalCode::CallbackNotLast, *last);
        }
        let early = rest.iter().find(|a| self.is_mentioned_in(**a));
        if let Some(early) = early.copied().or(Some(callee).filter(|c| self.is_mentioned_in(*c))) {
            return refusal(RefusalCode::RealPromiseConstructor, early);
        }
        let call = Call { node, callee, arguments: rest.to_vec() };
        let is_told_more = is_contradicted(self.cx, &call) || calls_request_handler(self.cx, &call);
        if is_told_more || takes_it_elsewhere(self.cx, callee, rest) {
            return refusal(RefusalCode::NotErrorFirst, callee);
        }
        if let Some(runs_on) = runs_on_after_calling_back(self.cx, &call) {
            return refusal(RefusalCode::CalleeRunsOn, runs_on);
        }
        if catches_what_is_thrown(self.cx, &call) {
            let name = super::lower::short(self.cx.text(callee));
            self.assume(format!("Nothing throws in the callback of `{name}`, which would catch it."));
        }
        if returned && self.is_return_relied_on(callee) {
            return refusal(RefusalCode::ReturnsValue, node);
        }
        if returned && !returns_nothing(self.cx, callee) {
            self.assume_result_unused(callee);
            self.drops_returned = true;
        }
        if let Some(function) = self.inlined_function(*last) {
            self.placed_locals.push(function.id());
            return self.literal_step(&call, function, false);
        }
        match self.settlers.named(self.cx, *last) {
            Some(Settle::Callback) => return self.handed_on(&call),
            Some(_) => return self.handed_to_local(&call, *last),
            None => {}
        }
        let Some((function, is_bound)) = callback_literal(*last) else {
            let other_this = bound(self.cx, *last).filter(|(function, _)| is_function(*function));
            let code = if other_this.is_some() { RefusalCode::UsesThis } else { RefusalCode::CallbackNotInPlace };
            return refusal(code, *last);
        };
        self.literal_step(&call, function, is_bound)
    }

    /// Notes that what a call returns is lost, where it is what the function returns today.
    pub(super) fn assume_result_unused(&mut self, callee: Node<'a>) {
        if self.callbacks == 0 && !self.returns_nothing_elsewhere() {
            let name = super::lower::short(self.cx.text(callee));
            self.assume(format!("Nobody uses what `{name}` returns."));
        }
    }

    /// Whether what a callee returns is certainly meant for the callers of the function that returns it: a promise, or what
    /// a method is to return that takes the place of another one, and passes the call on to a method of its name.
    fn is_return_relied_on(&self, callee: Node<'a>) -> bool {
        if results::hands_promise_back(self.cx, callee) {
            return true;
        }
        let method = self.function.filter(|f| f.kind() == "method_definition" && self.callbacks == 0);
        let name = method.and_then(|m| m.child_by_field_name("name")).map(|n| self.cx.text(n));
        let is_derived = method
            .and_then(|m| m.parent()?.parent())
            .is_some_and(|class| named_children(class).iter().any(|part| part.kind() == "class_heritage"));
        let passed_on = member_parts(callee).map(|(_, property)| self.cx.text(property));
        is_derived && name.is_some() && name == passed_on && !self.returns_nothing_elsewhere()
    }

    /// Whether the function returns nothing of use on another path, so that nobody can rely on what it returns.
    fn returns_nothing_elsewhere(&self) -> bool {
        let Some(function) = self.function else { return true };
        let returned = returned(function);
        returned.falls_through || returned.values.iter().any(|v| v.expression.is_none())
    }

    fn inlined_function(&self, argument: Node<'a>) -> Option<Node<'a>> {
        let name = unparenthesized(argument);
        let binding = self.cx.names.reference_at(name.start_byte()).filter(|_| name.kind() == "identifier")?.binding?;
        self.locals.iter().find(|l| l.binding == binding && l.is_inlined).map(|l| l.function)
    }

    /// Starts a call whose failure is caught in front of the `try`, where working out its arguments may throw: that is no
    /// failure of the call, and used to reach the caller.
    pub(super) fn started(
        &self,
        name: Option<Text>,
        promised: Promised,
        catch: &Catch,
        out: &mut Vec<Stmt>,
    ) -> Promised {
        out.extend(promised.setup.clone());
        let goes_on = matches!(catch.body.as_slice(), [Stmt::Throw(error)] if *error == catch.parameter);
        let Some(name) = name.filter(|_| !goes_on) else { return promised };
        out.push(Stmt::Bind { keyword: Keyword::Const, target: name.clone(), value: promised.text });
        Promised { setup: None, text: name, ..promised }
    }

    /// The name of a call that is [`started`](Self::started) in front, chosen before the names of what comes behind it.
    ///
    /// # Errors
    /// Where the failure would take in what the call's arguments throw, wherever it is started.
    pub(super) fn pending(&mut self, call: &Call<'a>, promised: &Promised) -> Result<Option<Text>, Refusal> {
        let is_path_quiet = call.callee.kind() == "identifier" || is_quiet(self.cx, call.callee);
        let is_call_quiet = is_path_quiet && call.arguments.iter().all(|a| is_quiet(self.cx, *a));
        // Whatever is thrown in a handler without `next` is for a person to look at.
        let is_handler = self.is_open && self.next.is_none();
        if promised.in_place.is_some() || calls_tasks(self.cx, call.callee) {
            // What the code of tasks throws before the first of them waits can't be told from what they fail with.
            return match call.arguments.iter().find(|a| !is_handler && !is_task_quiet(self.cx, **a)) {
                Some(loud) => refusal(RefusalCode::CalleeThrows, *loud),
                None => Ok(None),
            };
        }
        let is_apart = !is_call_quiet && !is_handler;
        if is_apart && promised.in_executor {
            return refusal(RefusalCode::CalleeThrows, call.node);
        }
        Ok(is_apart.then(|| Text::from(self.renames.fresh("pending"))))
    }

    fn literal_step(&mut self, call: &Call<'a>, function: Node<'a>, bound: bool) -> Result<Vec<Stmt>, Refusal> {
        if let Some(reason) = self.failed.get(&function.id()) {
            return Err(reason.clone());
        }
        self.callbacks += 1;
        let statements = self.literal_body(call, function, bound);
        self.callbacks -= 1;
        if let Err(reason) = &statements {
            self.failed.insert(function.id(), reason.clone());
        }
        statements
    }

    fn literal_body(&mut self, call: &Call<'a>, function: Node<'a>, bound: bool) -> Result<Vec<Stmt>, Refusal> {
        let items = self.enter_callback(function, bound)?;
        self.assume_throws_are_failures(function);
        if is_heard_at_once(self.cx, call.callee, function) {
            let name = super::lower::short(self.cx.text(call.callee));
            self.assume(format!("Nobody has to hear of what follows `{name}` before the function returns."));
        }
        let mut results = parameters(function).into_iter();
        let place = Place { hangs: false, guarded: false, flows: false, after: After::Nothing };
        let error = match results.next() {
            Some(first) => self.error_of(first)?,
            None => None,
        };
        let before = self.snapshot();
        let Some(error) = error else {
            return self.ignored(call, function, &items, place).or_else(|reason| {
                self.restore(before);
                self.taken_whole(call, function, &items, place, reason)
            });
        };
        let results: Vec<_> = results.collect();
        let promised = self.promised_results(call, &results)?;
        self.keep_apart(function, &[error], &results);
        let callback = Callback { function, error, results };
        let untouched = before;
        if let Err(reason) = self.check_results_beside(call, &callback) {
            self.restore(untouched);
            return self.taken_whole(call, function, &items, place, reason);
        }
        let before = self.snapshot();
        let is_known = builtin(self.cx, unparenthesized(call.callee)).is_some();
        let plain = self.checked(call, &callback, &items, promised.clone(), is_known, place);
        let Err(reason) = plain else { return plain };
        if reason.code == RefusalCode::CalleeThrows {
            self.restore(untouched);
            return self.taken_whole(call, function, &items, place, reason);
        }
        if self.called_in_full().is_some() {
            self.restore(untouched);
            return self.taken_whole(call, function, &items, place, reason);
        }
        self.restore(before);
        if let Some(told) = self.told_apart(callback.error, function).filter(|_| !is_known) {
            // The plain reason may be one that says more.
            let reason = if reason.code == RefusalCode::UnusualErrorCheck {
                Refusal::new(reason.code, told.byte_range())
            } else {
                reason
            };
            self.restore(untouched);
            return self.taken_whole(call, function, &items, place, reason);
        }
        self.retries += 1;
        if self.retries > MAX_RETRIES {
            return Err(reason);
        }
        match self.put_in_variables(call, &callback, &items, promised, place) {
            Ok(statements) => Ok(statements),
            Err(refusal) => {
                self.restore(untouched);
                let reason = if reason.code == RefusalCode::UnusualErrorCheck { refusal } else { reason };
                self.taken_whole(call, function, &items, place, reason)
            }
        }
    }

    /// Like [`enter`](Self::enter), for a declared function as well, whose name is its only use.
    fn enter_callback(&mut self, function: Node<'a>, bound: bool) -> Result<Vec<Node<'a>>, Refusal> {
        if function.kind() != "function_declaration" {
            return self.enter(function, bound);
        }
        if let Some(own) = own_this(self.cx, function, false) {
            return refusal(RefusalCode::UsesThis, own);
        }
        self.moves(function, Vec::new());
        let mut all = comments_above(self.cx, function);
        all.extend(block_body(function).map(items).unwrap_or_default());
        Ok(all)
    }

    /// The error's name; `None` where nobody looks at it.
    fn error_of(&self, parameter: Node<'a>) -> Result<Option<BindingId>, Refusal> {
        let name = parameter.child_by_field_name("pattern").unwrap_or(parameter);
        let Some(binding) = self.cx.names.declared_at(name.start_byte()).filter(|_| name.kind() == "identifier") else {
            return refusal(RefusalCode::UnusualErrorCheck, parameter);
        };
        Ok((!self.cx.names.binding(binding).references.is_empty()).then_some(binding))
    }

    /// The error becomes the parameter of a `catch`, and what nobody uses is gone.
    pub(super) fn keep_apart(&mut self, function: Node<'a>, error: &[BindingId], results: &[Node<'a>]) {
        let mut apart = error.to_vec();
        let first = parameters(function).into_iter().next();
        for parameter in results.iter().copied().chain(first) {
            let pattern = parameter.child_by_field_name("pattern").unwrap_or(parameter);
            let declared = self.cx.names.declared_in(&pattern.byte_range());
            apart.extend(declared.into_iter().filter(|b| self.cx.names.binding(*b).references.is_empty()));
        }
        if let Some(moved) = self.moved.iter_mut().rev().find(|m| m.function == function) {
            moved.apart = apart;
        }
    }

    /// A callback that checks its error first, or hands it on untouched.
    fn checked(
        &mut self,
        call: &Call<'a>,
        callback: &Callback<'a>,
        items: &[Node<'a>],
        promised: Promised,
        is_known: bool,
        place: Place,
    ) -> Result<Vec<Stmt>, Refusal> {
        if !self.cx.names.is_reassigned(callback.error) {
            if let Some(handed) = self.hands_error_on(items, callback.error) {
                return self.untouched(call, callback, items, &handed, promised, place);
            }
            if let Some(on_failure) = self.tells_whether_it_failed(items, callback.error) {
                return self.probed(call, callback, items, on_failure, promised);
            }
        }
        let outcome = self.split(items, callback, is_known)?;
        let made = self.errors_made_anew(callback, &outcome)?;
        self.renames.declared().extend(made);
        let is_plain = self.is_plain_rejection(&outcome.failure, callback.error);
        if is_plain {
            self.check_left(&outcome)?;
        }
        if self.called_in_full().is_some() && !is_plain {
            self.check_results_apart(&outcome.failure, &callback.results)?;
        }
        if let Some(throw) = throws_at_once(self.cx, call.callee).filter(|_| !is_plain) {
            return refusal(RefusalCode::CalleeThrows, throw);
        }
        let pending = if is_plain { None } else { self.pending(call, &promised)? };
        let end = self.end_for_both(&outcome, callback.error);
        let failure = if is_plain { None } else { Some(self.failure(callback, &outcome, end, place)?) };
        // Where the code goes on after a failure as after success, it knows nothing of the error.
        let rejoins = failure.as_ref().is_some_and(|list| !list.ends);
        self.check_success(callback, &outcome, rejoins)?;
        let after_success = Place { after: outcome.after_success, ..place };
        let succeeded = [callback.error_known(false)];
        let known: &[_] = if rejoins { &[] } else { &succeeded };
        let success = self.knowing(known, |l| l.settling(&outcome.success, callback.function, after_success))?;
        let mut out = Vec::new();
        for comment in outcome.comments_kept(is_plain) {
            self.comment(comment, None, &mut out);
        }
        let target = self.target(&callback.results, &promised, call.node)?;
        let Some(failure) = failure else {
            out.extend(promised.setup.clone());
            self.plain_step(Step { target, promised, blank: outcome.blank, needed: false }, success, &mut out);
            return Ok(out);
        };
        check_failure(self.cx, &target, callback, &outcome)?;
        let catch = self.catch(callback, &outcome, failure.statements);
        let promised = self.started(pending, promised, &catch, &mut out);
        let needed = result_asked_for(self.cx, callback, &outcome.failure).is_some();
        let step = Step { target, promised, blank: outcome.blank, needed };
        if rejoins {
            rejoining_step(step, success, catch, &mut out)
                .map_err(|()| Refusal::new(RefusalCode::UnusualErrorCheck, callback.function.byte_range()))?;
        } else {
            handled_step(step, success, catch, &mut self.renames, &mut out);
        }
        Ok(out)
    }

    /// A callback that hands its error on untouched, together with what it makes of the results.
    fn untouched(
        &mut self,
        call: &Call<'a>,
        callback: &Callback<'a>,
        items: &[Node<'a>],
        handed: &[Node<'a>],
        promised: Promised,
        place: Place,
    ) -> Result<Vec<Stmt>, Refusal> {
        if self.called_in_full().is_some() && self.loses_results(handed[0], &handed[1..]) {
            return refusal(RefusalCode::UnusualErrorCheck, handed[0]);
        }
        self.assume_results_lost(handed[0], &handed[1..]);
        let success = self.knowing(&[callback.error_known(false)], |l| l.settling(items, callback.function, place))?;
        let mut out: Vec<Stmt> = promised.setup.clone().into_iter().collect();
        let target = self.target(&callback.results, &promised, call.node)?;
        self.plain_step(Step { target, promised, blank: false, needed: false }, success, &mut out);
        Ok(out)
    }

    /// The handler of a step, whose call is in the block as well and so may not speak of this error.
    fn catch(&self, callback: &Callback<'a>, outcome: &Outcome<'a>, failure: Vec<Stmt>) -> Catch {
        let body = if self.ends_with_the_error(callback, outcome) {
            failure
        } else {
            shadowing_apart(&self.renames.name_of(self.cx, callback.error), failure)
        };
        Catch { parameter: self.caught(callback.error, &outcome.failure), body }
    }

    /// Whether the last statement for a failure speaks of the error, so that a step in it can't hide that.
    fn ends_with_the_error(&self, callback: &Callback<'a>, outcome: &Outcome<'a>) -> bool {
        let last = code(&outcome.failure).last().map_or(0..0, |n| n.byte_range());
        self.cx.names.references_in(&last).iter().any(|r| r.binding == Some(callback.error))
    }

    /// What is done with the error. It need not settle where the code goes on behind it.
    fn failure(
        &mut self,
        callback: &Callback<'a>,
        outcome: &Outcome<'a>,
        end: Option<Node<'a>>,
        place: Place,
    ) -> Result<List, Refusal> {
        let failed = [callback.error_known(true)];
        let after_failure = Place { after: outcome.after_failure, ..place };
        let after_success = Place { after: outcome.after_success, ..place };
        let before = self.moved.len();
        let list = self.knowing(&failed, |l| {
            let mut list = l.list(&outcome.failure, after_failure)?;
            if let Some(end) = end {
                let last = l.list(&[end], after_success)?;
                list.statements.extend(last.statements);
                list.ends = last.ends;
            }
            Ok(list)
        })?;
        if self.ends_with_the_error(callback, outcome) {
            self.moved[before..].iter_mut().for_each(|m| m.caught.push(callback.error));
        }
        let goes_on = outcome.is_open && !code(&outcome.success).is_empty();
        if self.is_open && !goes_on && Stmt::list_completes(&list.statements) {
            // A call at the end ends such code as well, and leaves nothing. What follows here is for success.
            let mut list = list;
            list.statements.push(Stmt::Return(None));
            list.ends = true;
            return Ok(list);
        }
        if !list.ends && !goes_on {
            return refusal(RefusalCode::NeverSettles, outcome.failure.last().copied().unwrap_or(callback.function));
        }
        Ok(list)
    }

    /// `if (err) log(err); callback(err, value)`: the call, where it is all that there is to do in the end on either way.
    fn end_for_both(&self, outcome: &Outcome<'a>, error: BindingId) -> Option<Node<'a>> {
        let [only] = outcome.success[..] else { return None };
        let settles = outcome.failure.iter().any(|s| self.is_mentioned_in(*s) || !is_expression(*s) && !completes(*s));
        if !outcome.is_open || settles || self.is_open || self.called_in_full().is_some() {
            return None;
        }
        self.hands_error_on(&outcome.success, error).map(|_| only)
    }

    /// `(err, value) => callback(err, value)`: what is handed on.
    fn hands_error_on(&self, items: &[Node<'a>], error: BindingId) -> Option<Vec<Node<'a>>> {
        let [only] = code(items)[..] else { return None };
        let inner = match only.kind() {
            "expression_statement" | "return_statement" => named_children(only).first().copied(),
            _ => Some(only),
        };
        let call = inner.and_then(|e| self.settling_call(e));
        let Some((Settle::Callback, arguments)) = call else { return None };
        let first = arguments.first().map(|a| unparenthesized(*a)).filter(|a| a.kind() == "identifier");
        let is_error = first.and_then(|a| self.cx.names.reference_at(a.start_byte())).and_then(|r| r.binding);
        let others = arguments.get(1..).unwrap_or_default();
        let looks_again = others.iter().any(|a| {
            let (mut condition, argument) = (0..0, unparenthesized(*a));
            if argument.kind() == "ternary_expression" {
                condition = argument.child_by_field_name("condition").map_or(0..0, |c| c.byte_range());
            }
            let references = self.cx.names.references_in(&a.byte_range());
            let is_asked = |r: &crate::semantic::Reference| condition.contains(&r.range.start);
            runs_code(*a) || references.iter().any(|r| r.binding == Some(error) && !is_asked(r))
        });
        (is_error == Some(error) && !looks_again).then_some(arguments)
    }

    /// On success there is no error: it may be handed to the callback, which comes to `null`, and nothing else.
    fn check_success(&self, callback: &Callback<'a>, outcome: &Outcome<'a>, rejoins: bool) -> Result<(), Refusal> {
        for item in &outcome.success {
            for used in self.cx.names.references_in(&item.byte_range()) {
                let is_told = || {
                    let is_anew = self.renames.declared_at(callback.error, used.range.start).is_some();
                    is_anew || !rejoins && self.is_handed_to_callback(&used.range)
                };
                if used.binding == Some(callback.error) && !is_told() {
                    return Err(Refusal::new(RefusalCode::UnusualErrorCheck, used.range.clone()));
                }
            }
        }
        Ok(())
    }

    fn is_handed_to_callback(&self, range: &std::ops::Range<usize>) -> bool {
        let node = self.cx.file.root().descendant_for_byte_range(range.start, range.end);
        let call = node.and_then(|n| n.parent()).filter(|p| p.kind() == "arguments").and_then(|a| a.parent());
        let called = call.and_then(|c| self.settlers.called(self.cx, c));
        called.is_some_and(|(settle, arguments)| settle == Settle::Callback && arguments.first().copied() == node)
    }

    /// `if (err) callback(err);` without a `return`: what follows calls back again, be there an `else` or not.
    fn check_left(&self, outcome: &Outcome<'a>) -> Result<(), Refusal> {
        let leaves = outcome.failure.iter().any(|s| is_expression(*s) || !completes(*s));
        let goes_on = outcome.is_open || outcome.after_failure != After::Nothing;
        match code(&outcome.success).last().filter(|_| goes_on && !leaves) {
            Some(again) => refusal(RefusalCode::SettlesTwice, *again),
            None => Ok(()),
        }
    }
}

/// Whether what a callee returns is of no use: a built-in, a function of this file that returns nothing but what it
/// passes on, or the callback form of an async function, which returns nothing.
fn returns_nothing(cx: &Context<'_>, callee: Node<'_>) -> bool {
    known(cx, callee).is_some_and(|k| !k.api.returns_value)
        || called_function(cx, callee).is_some_and(|function| !results::returns_value_of_its_own(cx, function))
        || elsewhere(cx, callee).is_some()
}
