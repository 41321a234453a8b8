//! A call with an error-first callback as a step: `await` of its promise form, and the callback's body behind it.

use std::ops::Range;

use tree_sitter::Node;

use super::{
    InPlace,
    callback::Known,
    list::is_expression,
    lower::{After, Direct, Lowerer, Place, branch_items, refusal, short},
    outcome::Outcome,
    probe::probe,
    target::Target,
};
use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    flow::{
        Catch, Keyword, Stmt, Text,
        asynclib::hands_over_partial_results,
        body::completes,
        callback::{adapter, is_expected_to_hand_both, listened_to, runs_on_after_calling_back, uses},
        chain::parameters,
        classify::called_function,
        known::builtin,
        parameter::error_type,
        promisify::{Call, Promised, Promisifier, callback_literal, is_contradicted, is_replaced},
        scope::Renames,
    },
    semantic::BindingId,
    syntax::node::{call_parts, has_token, is_async, is_comment, named_children, unparenthesized, walk},
};

/// A callback, taken apart.
pub(super) struct Callback<'t> {
    pub(super) function: Node<'t>,
    pub(super) error: BindingId,
    pub(super) results: Vec<Node<'t>>,
}

impl Callback<'_> {
    /// What is known of the error from the start of the callback on, where it is called with one, or without.
    pub(super) fn error_known(&self, is_truthy: bool) -> Known {
        Known { name: self.error, is_truthy, since: self.function.start_byte() }
    }
}

impl<'a> Lowerer<'a, '_> {
    /// Whether a callback runs code that a callee which goes on, or calls back again, would have run in front of its own, or
    /// twice. Settled at once, a promise is no different from one that is awaited.
    fn does_more_than_settle(&self, function: Node<'a>) -> bool {
        let mut found = false;
        walk(function, |n| {
            found |= match n.kind() {
                "call_expression" => {
                    call_parts(n).is_none_or(|(callee, _)| self.settlers.named(self.cx, callee).is_none())
                }
                "assignment_expression" | "augmented_assignment_expression" | "update_expression" => true,
                _ => false,
            };
            !found
        });
        found
    }

    /// Lowers a call with an error-first callback that settles the promise.
    pub(super) fn error_first(
        &mut self,
        node: Node<'a>,
        callee: Node<'a>,
        arguments: &[Node<'a>],
    ) -> Result<Vec<Stmt>, Refusal> {
        let (function, bound) = self.callback_of(node, arguments)?;
        let call = Call { node, callee, arguments: arguments[..arguments.len() - 1].to_vec() };
        if is_contradicted(self.cx, &call) {
            return refusal(RefusalCode::NotErrorFirst, callee);
        }
        if self.does_more_than_settle(function)
            && let Some(code) = runs_on_after_calling_back(self.cx, &call)
        {
            return refusal(RefusalCode::CalleeRunsOn, code);
        }
        let callback = self.callback(function)?;
        let items = self.enter(function, bound)?;
        let is_known = builtin(self.cx, unparenthesized(callee)).is_some();
        let promised = self.promised(&call)?;
        let mut out = Vec::new();
        if let Some(on_failure) = self.tells_whether_it_failed(&items, callback.error) {
            self.assume_reports(callee);
            out.extend(promised.setup.clone());
            out.push(probe(on_failure, &promised, self.caught(callback.error, &[])));
            return Ok(out);
        }
        let outcome = self.split(&items, &callback, is_known)?;
        self.check_error_uses(&callback, &outcome)?;
        self.check_failure_without_result(&call, &callback)?;
        let place = Place { hangs: is_async(function), guarded: false, flows: false, after: outcome.after_success };
        let success = self.settling(&outcome.success, function, place)?;
        let is_plain = self.is_plain_rejection(&outcome.failure, callback.error);
        for comment in outcome.comments_kept(is_plain) {
            self.comment(comment, None, &mut out);
        }
        if is_plain {
            self.assume_left(&outcome);
        }
        out.extend(promised.setup.clone());
        if !is_plain {
            self.assume_reports(callee);
        }
        let needed = result_asked_for(self.cx, &callback, &outcome.failure).is_some();
        let target = self.target(&callback.results, &promised, node)?;
        let step = Step { target, promised, blank: outcome.blank, needed };
        if is_plain {
            self.plain_step(step, success, &mut out);
            return Ok(out);
        }
        let place = Place { after: outcome.after_failure, ..place };
        let failure = self.settling(&outcome.failure, function, place)?;
        let catch = Catch { parameter: self.caught(callback.error, &outcome.failure), body: failure };
        handled_step(step, success, catch, &mut self.renames, &mut out);
        Ok(out)
    }

    /// What the call throws at once never reached its callback; in a `try` it reaches the handler.
    fn assume_reports(&mut self, callee: Node<'_>) {
        let name = short(self.cx.text(callee));
        self.assume(format!("`{name}` reports every failure to its callback and does not throw."));
    }

    /// `if (err) reject(err);` without a `return`: what follows runs on failure as well.
    fn assume_left(&mut self, outcome: &Outcome<'a>) {
        let leaves = outcome.failure.iter().any(|s| is_expression(*s) || !completes(*s));
        if !leaves && outcome.after_failure == After::Code {
            self.assume("What follows `reject` should not run on failure; a `return` seems to be missing.");
        }
    }

    fn callback_of(&self, node: Node<'a>, arguments: &[Node<'a>]) -> Result<(Node<'a>, bool), Refusal> {
        if let Some(direct) = arguments.iter().find(|a| self.settlers.named(self.cx, **a).is_some()) {
            return refusal(RefusalCode::DroppedError, *direct);
        }
        let settling = arguments.iter().position(|a| self.is_mentioned_in(*a));
        let Some(index) = settling else { return refusal(RefusalCode::RealPromiseConstructor, node) };
        let Some((function, bound)) = callback_literal(arguments[index]) else {
            return refusal(RefusalCode::CallbackNotInPlace, arguments[index]);
        };
        if index + 1 != arguments.len() {
            return refusal(RefusalCode::CallbackNotLast, arguments[index + 1]);
        }
        Ok((function, bound))
    }

    fn callback(&self, function: Node<'a>) -> Result<Callback<'a>, Refusal> {
        let mut parameters = parameters(function).into_iter();
        let Some(first) = parameters.next() else { return refusal(RefusalCode::DroppedError, function) };
        let name = first.child_by_field_name("pattern").unwrap_or(first);
        let binding = self.cx.names.declared_at(name.start_byte()).filter(|_| name.kind() == "identifier");
        let Some(error) = binding else { return refusal(RefusalCode::UnusualErrorCheck, first) };
        if self.cx.names.is_reassigned(error) {
            return refusal(RefusalCode::UnusualErrorCheck, first);
        }
        if self.cx.names.binding(error).references.is_empty() {
            return refusal(RefusalCode::DroppedError, first);
        }
        Ok(Callback { function, error, results: parameters.collect() })
    }

    pub(super) fn promised(&mut self, call: &Call<'a>) -> Result<Promised, Refusal> {
        let promised = match self.tasks(call) {
            Some(promised) => promised,
            None => self.called(call)?,
        };
        if promised.is_untold {
            let name = short(self.cx.text(call.callee));
            self.assume(format!("TypeScript knows one signature of `{name}`, which says what its callback gets."));
        }
        self.awaitable.push(promised.text.clone());
        self.prompt.extend((promised.quiet && promised.setup.is_none()).then(|| promised.text.clone()));
        let written = self.cx.text(call.callee);
        let has_own_name = call.callee.kind() == "member_expression" && !promised.text.as_str().contains(written);
        if has_own_name || promised.keys.is_some() {
            self.looked_up.push(short(written));
        }
        if promised.keys.is_some() && is_replaced(self.cx, call.callee) {
            // What is put in its place knows nothing of its own promise form.
            self.assume(format!("`{}` is not replaced by another function while the program runs.", short(written)));
        }
        self.assume_says_nothing_yet(call);
        let is_partial = hands_over_partial_results(self.cx, call.callee) && self.looks_at_partial_results(call.node);
        if is_partial || is_expected_to_hand_both(self.cx, call.callee) {
            self.assume("Nobody looks at a result that is handed over along with an error.");
        }
        Ok(promised)
    }

    /// What Node hands over says nothing before the callback has returned.
    fn assume_says_nothing_yet(&mut self, call: &Call<'a>) {
        let callback = call_parts(call.node).and_then(|(_, all)| callback_literal(*all.last()?));
        let heard = callback.and_then(|(function, _)| listened_to(self.cx, function));
        if let Some(name) = heard.filter(|_| builtin(self.cx, unparenthesized(call.callee)).is_none()) {
            self.assume(format!("`{name}` says nothing before the promise has brought it."));
        }
    }

    fn called(&mut self, call: &Call<'a>) -> Result<Promised, Refusal> {
        self.kept.push(call.callee.byte_range());
        if let (Some(first), Some(last)) = (call.arguments.first(), call.arguments.last()) {
            self.kept.push(first.start_byte()..last.end_byte());
        }
        let callee = called_function(self.cx, call.callee).filter(|f| adapter(self.cx, *f).is_none());
        self.callees.extend(callee.map(|f| f.byte_range()));
        let own = self.promise_form.clone();
        let mut promisifier =
            Promisifier { cx: self.cx, additions: &mut self.additions, renames: &mut self.renames, own };
        match promisifier.promised(call) {
            Err(refusal) => match promisifier.named_receiver(call) {
                Some((setup, promised)) => Ok(Promised { setup: Some(setup), ..promised }),
                None => Err(refusal),
            },
            promised => promised,
        }
    }

    /// Tells failure from success by the check that the callback starts with.
    pub(super) fn split(
        &mut self,
        items: &[Node<'a>],
        callback: &Callback<'a>,
        is_known: bool,
    ) -> Result<Outcome<'a>, Refusal> {
        let Some(start) = items.iter().position(|n| !is_comment(*n)) else {
            return refusal(RefusalCode::NeverSettles, callback.function);
        };
        // A declaration without a value does nothing: `var result; if (err) return callback(err);`.
        let is_idle = |n: &&Node<'_>| is_comment(**n) || declares_only(**n);
        let declared = items[start..].iter().take_while(is_idle).count();
        let at = if start + declared < items.len() { start + declared } else { start };
        let declarations = &items[start..at];
        let (first, rest) = (items[at], &items[at + 1..]);
        let unusual = || Refusal::new(RefusalCode::UnusualErrorCheck, first.byte_range());
        let check = match first.kind() {
            "if_statement" => first,
            "expression_statement" | "return_statement" => {
                named_children(first).first().map(|e| unparenthesized(*e)).ok_or_else(unusual)?
            }
            _ => unparenthesized(first),
        };
        let part = |field| check.child_by_field_name(field);
        let (Some(condition), Some(then)) = (part("condition"), part("consequence")) else { return Err(unusual()) };
        let fails = self.error_test(condition, callback.error, is_known).ok_or_else(unusual)?;
        let alternative = part("alternative").and_then(|e| match e.kind() {
            "else_clause" => named_children(e).first().copied(),
            _ => Some(e),
        });
        let same_line =
            |n: &&Node<'a>| is_comment(**n) && !self.cx.slice(first.end_byte()..n.start_byte()).contains('\n');
        let behind = if alternative.is_none() { rest.iter().take_while(same_line).count() } else { 0 };
        let rest = &rest[behind..];
        let mut comments = items[..start].to_vec();
        comments.extend_from_slice(&items[at + 1..at + 1 + behind]);
        let mut otherwise = alternative.map(branch_items).unwrap_or_default();
        otherwise.extend_from_slice(rest);
        let after = self.after_branch(rest);
        let then_items = branch_items(then);
        let blank = alternative.is_none()
            && rest.first().is_some_and(|n| {
                let start = rest_start(items, at, behind);
                self.cx.slice(start..n.start_byte()).matches('\n').count() > 1
            });
        let failing = if fails { &then_items } else { &otherwise };
        if declarations.iter().any(|d| failing.iter().any(|s| uses(self.cx, *s, &[*d]))) {
            return Err(Refusal::new(RefusalCode::UnusualErrorCheck, items[start].byte_range()));
        }
        let declared_first = |success: Vec<Node<'a>>| [declarations, &success].concat();
        let flat = if fails { alternative } else { Some(then) };
        if let Some(block) = flat {
            self.dissolve(block);
        }
        Ok(if fails {
            let (failure, success) = (then_items, declared_first(otherwise));
            let is_open = alternative.is_none();
            Outcome { comments, failure, after_failure: after, success, after_success: After::Nothing, blank, is_open }
        } else {
            let (failure, success) = (otherwise, declared_first(then_items));
            let (blank, is_open) = (false, false);
            Outcome { comments, failure, after_failure: After::Nothing, success, after_success: after, blank, is_open }
        })
    }

    fn after_branch(&self, rest: &[Node<'a>]) -> After {
        let nothing = Place { hangs: false, guarded: false, flows: false, after: After::Nothing };
        self.after(rest, nothing)
    }

    /// Whether a condition asks for the error (`true`) or for its absence (`false`). Where the callee is known to
    /// pass an `Error` or nothing, comparisons with `null` ask the same.
    pub(super) fn error_test(&self, condition: Node<'a>, error: BindingId, is_known: bool) -> Option<bool> {
        let condition = unparenthesized(condition);
        match condition.kind() {
            "identifier" => {
                let reference = self.cx.names.reference_at(condition.start_byte())?;
                (reference.binding == Some(error)).then_some(true)
            }
            "unary_expression" if has_token(condition, "!") => {
                let argument = condition.child_by_field_name("argument")?;
                self.error_test(argument, error, is_known).map(|t| !t)
            }
            "binary_expression" if is_known => {
                let part = |field| condition.child_by_field_name(field);
                let (left, operator, right) = (part("left")?, part("operator")?, part("right")?);
                let asks = self.error_test(left, error, false)?;
                match (operator.kind(), self.cx.text(right)) {
                    ("!=", "null" | "undefined") | ("instanceof", "Error") => Some(asks),
                    ("==", "null" | "undefined") => Some(!asks),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// On success there is no error, so nothing there may look at it.
    fn check_error_uses(&self, callback: &Callback<'a>, outcome: &Outcome<'a>) -> Result<(), Refusal> {
        for item in &outcome.success {
            let references = self.cx.names.references_in(&item.byte_range());
            if let Some(used) = references.iter().find(|r| r.binding == Some(callback.error)) {
                return Err(Refusal::new(RefusalCode::UnusualErrorCheck, used.range.clone()));
            }
        }
        Ok(())
    }

    pub(super) fn is_used(&self, parameter: Node<'a>) -> bool {
        let pattern = parameter.child_by_field_name("pattern").unwrap_or(parameter);
        let bindings = self.cx.names.declared_in(&pattern.byte_range());
        pattern.kind() != "identifier" || bindings.iter().any(|b| !self.cx.names.binding(*b).references.is_empty())
    }

    /// The parameter of a `catch` clause.
    pub(super) fn caught(&self, error: BindingId, used_in: &[Node<'a>]) -> Text {
        let name = self.renames.name_of(self.cx, error);
        format!("{name}{}", self.type_of_caught(error, used_in)).into()
    }

    /// The type of what is caught: TypeScript takes it for `unknown`, where the callback's parameter had a type. That makes no
    /// difference where it is only asked for and thrown.
    pub(super) fn type_of_caught(&self, error: BindingId, used_in: &[Node<'a>]) -> &'static str {
        let needs_type = self.cx.names.binding(error).references.iter().any(|r| {
            let range = &self.cx.names.reference(*r).range;
            let inside = used_in.iter().any(|n| n.start_byte() <= range.start && range.end <= n.end_byte());
            let node = self.cx.file.root().descendant_for_byte_range(range.start, range.end);
            inside && node.and_then(|n| n.parent()).is_some_and(|p| self.asks_for_type(p))
        });
        if needs_type { error_type(self.cx) } else { "" }
    }

    /// Whether something of `unknown` type can't stand in a place: a property is taken of it, or it is an argument of anything
    /// but the callback itself and what logs.
    fn asks_for_type(&self, parent: Node<'a>) -> bool {
        let call = parent.parent().filter(|_| parent.kind() == "arguments");
        match (parent.kind(), call) {
            ("member_expression", _) => true,
            ("arguments", Some(call)) => {
                let is_console =
                    call.child_by_field_name("function").is_some_and(|f| self.cx.text(f).starts_with("console."));
                let settle = self.settling_call(call).map(|(settle, _)| settle);
                !is_console && (self.is_open || settle != Some(super::Settle::Callback))
            }
            _ => false,
        }
    }

    /// A step whose failure is the function's failure.
    pub(super) fn plain_step(&mut self, step: Step, success: Vec<Stmt>, out: &mut Vec<Stmt>) {
        let Step { target, promised, blank, .. } = step;
        if let Some(InPlace { statements, value }) = promised.in_place {
            out.extend(statements);
            if target.is_returned_by(&success) {
                out.push(Stmt::Return(value));
                return;
            }
            match target {
                Target::Nothing => {}
                target => out.push(target.bind(value.unwrap_or_else(|| "undefined".into()))),
            }
            out.extend(blank.then(Stmt::blank));
            out.extend(success);
            return;
        }
        let is_value = target.is_returned_by(&success);
        let is_void = promised.void && matches!(success.as_slice(), [Stmt::Return(None)]);
        if is_value || is_void {
            self.direct = Some(Direct { text: promised.text.clone(), quiet: promised.quiet, assumption: None });
            out.push(Stmt::Return(Some(promised.text)));
            return;
        }
        out.push(target.bind(awaited(&promised.text)));
        out.extend(blank.then(Stmt::blank));
        out.extend(success);
    }
}

/// A call in its promise form, and what its result is bound to.
pub(super) struct Step {
    pub(super) target: Target,
    pub(super) promised: Promised,
    /// Whether an empty line follows it.
    pub(super) blank: bool,
    /// Whether the code for a failure looks at the result too, so that it needs a variable.
    pub(super) needed: bool,
}

pub(super) fn annotated(mut name: Text, annotation: Option<Text>) -> Text {
    if let Some(annotation) = annotation {
        name.push(&annotation);
    }
    name
}

pub(super) fn awaited(text: &Text) -> Text {
    let mut out = Text::from("await ");
    out.push(text);
    out
}

/// A step whose failure is handled: the `try` holds the `await` and nothing that may throw on its own account.
pub(super) fn handled_step(step: Step, success: Vec<Stmt>, catch: Catch, renames: &mut Renames, out: &mut Vec<Stmt>) {
    let Step { target, promised, blank, needed } = step;
    let wait = awaited(&promised.text);
    if matches!(catch.body.as_slice(), [Stmt::Throw(error)] if *error == catch.parameter) {
        // Without a clause the error goes the same way.
        if target.is_returned_by(&success) {
            out.push(Stmt::Return(Some(promised.text)));
            return;
        }
        out.push(target.bind(wait));
        out.extend(blank.then(Stmt::blank));
        out.extend(success);
        return;
    }
    let attempt = |body| Stmt::Try { body, catch: Some(catch), finally: None };
    if target.is_returned_by(&success) && !needed {
        out.push(attempt(vec![Stmt::Return(Some(wait))]));
        return;
    }
    match target {
        Target::Nothing => {
            if let [Stmt::Return(Some(value))] = success.as_slice()
                && matches!(value.as_str(), "true" | "false" | "null")
            {
                out.push(attempt(vec![Stmt::Expression(wait), success[0].clone()]));
                return;
            }
            out.push(attempt(vec![Stmt::Expression(wait)]));
        }
        Target::Name { name, annotation, is_plain: true, types, .. } => {
            let annotation = annotation.or_else(|| types.captured.then(|| ": any".into()));
            out.push(Stmt::Declare { keyword: Keyword::Let, target: annotated(name.clone(), annotation) });
            out.push(attempt(vec![Stmt::Assign { target: name, value: wait }]));
        }
        target @ Target::Name { .. } => {
            // A pattern can't be declared without a value, so the result gets a name first.
            let result = Text::from(renames.fresh("result"));
            out.push(Stmt::Declare { keyword: Keyword::Let, target: result.clone() });
            out.push(attempt(vec![Stmt::Assign { target: result.clone(), value: wait }]));
            out.push(target.bind(result));
        }
    }
    out.extend(blank.then(Stmt::blank));
    out.extend(success);
}

/// The statements of a `catch` clause, those in a block of their own that start with a declaration of its parameter's
/// name: a step in the clause has an error of the same name, and all that follows it is in its callback.
pub(super) fn shadowing_apart(parameter: &str, mut statements: Vec<Stmt>) -> Vec<Stmt> {
    let declares = |s: &Stmt| match s {
        // `[err, value]`: a list of what the callback was handed has the error among others.
        Stmt::Bind { target, .. } | Stmt::Declare { target, .. } => {
            target.as_str().split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').any(|name| name == parameter)
        }
        _ => false,
    };
    if let Some(at) = statements.iter().position(declares) {
        let apart = statements.split_off(at);
        statements.push(Stmt::Block(apart));
    }
    statements
}

/// Results that are taken apart are not there yet where a failure is handled, so nothing may ask for them there.
pub(super) fn check_failure(
    cx: &Context<'_>,
    target: &Target,
    callback: &Callback<'_>,
    outcome: &Outcome<'_>,
) -> Result<(), Refusal> {
    if !matches!(target, Target::Name { is_plain: false, .. }) {
        return Ok(());
    }
    let asked = result_asked_for(cx, callback, &outcome.failure);
    asked.map_or(Ok(()), |range| Err(Refusal::new(RefusalCode::ManyResults, range)))
}

/// Where statements look at a result of a callback.
pub(super) fn result_asked_for(
    cx: &Context<'_>,
    callback: &Callback<'_>,
    statements: &[Node<'_>],
) -> Option<Range<usize>> {
    let results: Vec<_> = callback.results.iter().flat_map(|r| cx.names.declared_in(&r.byte_range())).collect();
    let mut used = statements.iter().flat_map(|item| cx.names.references_in(&item.byte_range()));
    used.find(|r| r.binding.is_some_and(|b| results.contains(&b))).map(|r| r.range.clone())
}

/// `var first, second;`
fn declares_only(statement: Node<'_>) -> bool {
    matches!(statement.kind(), "variable_declaration" | "lexical_declaration")
        && named_children(statement).iter().all(|d| d.child_by_field_name("value").is_none())
}

/// Where the check ends, the comments on its line with it.
fn rest_start(items: &[Node<'_>], check: usize, comments: usize) -> usize {
    items[check + comments].end_byte()
}

pub(super) fn enclosed(open: &str, inner: &Text, close: &str) -> Text {
    let mut text = Text::from(open);
    text.push(inner);
    text.push_str(close);
    text
}

/// A rest parameter, or a default beside a type: refused rather than rebuilt.
pub(super) fn is_special(parameter: Node<'_>) -> bool {
    let pattern = parameter.child_by_field_name("pattern").unwrap_or(parameter);
    pattern.kind() == "rest_pattern" || parameter.child_by_field_name("value").is_some()
}
