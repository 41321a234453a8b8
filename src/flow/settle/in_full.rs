//! Callbacks that hand over more than a promise can hold: several results, a result beside an error, no argument at all.
//!
//! Two things are done about them. A call whose callback takes more than one result is awaited as the list of what the
//! callback gets. And where a function's own callback is handed more than a promise could be fulfilled with, the code
//! goes on calling it, on a turn of its own, so that what it throws is not taken for a failure of the code.

use tree_sitter::Node;

use super::{
    InPlace, Settle,
    callback::is_fixed,
    error_first::awaited,
    lower::{Lowerer, Place, refusal},
    target::{Target, Types},
};
use crate::{
    edit::{Refusal, RefusalCode},
    flow::{
        Keyword, Stmt, Text,
        chain::parameters,
        known::{builtin, known},
        promisify::{Call, Promised},
    },
    semantic::BindingId,
    syntax::node::{call_parts, member_parts, unparenthesized, untyped, walk},
};

/// How many callbacks are lowered anew in one function: each such try goes over all that is inside.
pub(super) const MAX_RETRIES: usize = 128;

/// A callback that the code goes on calling itself.
#[derive(Clone, Copy, Debug)]
pub struct InFull {
    /// Its name.
    pub callback: BindingId,
    /// Whether every caller passes one.
    pub is_always_given: bool,
}

impl<'a> Lowerer<'a, '_> {
    /// The name of the callback, where it is one that the code at hand goes on calling itself. A task of the `async` library
    /// has another.
    pub(super) fn called_in_full(&self) -> Option<String> {
        let callback = self.in_full?.callback;
        let is_current = self.settlers.which(callback) == Some(Settle::Callback);
        is_current.then(|| self.renames.name_of(self.cx, callback))
    }

    /// Whether an expression is the name of the callback that the code goes on calling itself.
    pub(super) fn is_named_in_full(&self, expression: Node<'a>) -> bool {
        self.called_in_full().is_some() && self.settlers.named(self.cx, expression) == Some(Settle::Callback)
    }

    /// Whether a condition does no more with the callback than looking at a property of it: `callback.promise`.
    pub(super) fn looks_at_callback(&self, condition: Node<'a>) -> bool {
        let mut looks = self.called_in_full().is_some();
        walk(condition, |n| {
            if n.kind() == "identifier" && self.settlers.named(self.cx, n).is_some() {
                let member = n.parent().filter(|p| member_parts(*p).is_some_and(|(object, _)| object == n));
                let used = member.and_then(|m| m.parent());
                looks &=
                    self.is_named_in_full(n) && member.is_some() && used.is_none_or(|u| u.kind() != "call_expression");
            }
            looks
        });
        looks
    }

    /// `callback(…)` as `return process.nextTick(callback, …)`; an error by itself is thrown.
    pub(super) fn call_in_full(&mut self, name: &str, arguments: &[Node<'a>]) -> Vec<Stmt> {
        let (error, results) = (arguments.first().copied(), arguments.get(1..).unwrap_or_default());
        let truth = error.map_or(Some(false), |e| self.truth(e));
        let is_alone = results.iter().all(|r| self.is_no_result(*r));
        if let Some(error) = error.filter(|_| truth == Some(true) && is_alone) {
            return vec![Stmt::Throw(self.text(untyped(error).byte_range()))];
        }
        let mut text = Text::from(format!("process.nextTick({name}"));
        for (index, argument) in arguments.iter().enumerate() {
            text.push_str(", ");
            let is_name = unparenthesized(*argument).kind() == "identifier";
            if index == 0 && truth == Some(false) && is_name && self.cx.text(*argument) != "undefined" {
                // A name for the error that is known to be none: there is nothing by that name any more.
                self.kept.push(argument.byte_range());
                text.push_str("null");
                continue;
            }
            let value = if index == 0 { *argument } else { self.known_branch(*argument) };
            text.push(&self.text(value.byte_range()));
        }
        text.push_str(")");
        vec![Stmt::Return(Some(text))]
    }

    /// Whether an expression is `callback.apply(null, results)`, with a name for the results.
    pub(super) fn is_applied(&self, node: Node<'a>) -> bool {
        self.applied(node).is_some_and(|list| is_fixed(self.cx, list) && self.cx.text(list) != "arguments")
    }

    fn applied(&self, node: Node<'a>) -> Option<Node<'a>> {
        let (callee, arguments) = call_parts(unparenthesized(node))?;
        let (object, property) = member_parts(callee)?;
        let [receiver, list] = arguments.as_slice() else { return None };
        let is_callback = self.settlers.named(self.cx, object) == Some(Settle::Callback);
        let is_plain = matches!(self.cx.text(*receiver), "null" | "undefined");
        let is_apply = self.cx.text(property) == "apply";
        (self.called_in_full().is_some() && is_callback && is_plain && is_apply).then_some(*list)
    }

    /// `return process.nextTick(() => callback.apply(null, results));`: a list that is missing is no list of arguments to
    /// `nextTick`, but is one to `apply`.
    pub(super) fn apply_in_full(&mut self, node: Node<'a>) -> Stmt {
        let mut text = Text::from("process.nextTick(() => ");
        text.push(&self.text(unparenthesized(node).byte_range()));
        text.push_str(")");
        Stmt::Return(Some(text))
    }

    /// `read(path, callback)`, where the callback gets whatever `read` hands over.
    fn hand_on_in_full(&mut self, call: &Call<'a>, callback: Node<'a>, name: &str) -> Result<Vec<Stmt>, Refusal> {
        let list = awaited(&self.all_arguments(call, callback)?);
        if self.in_full.is_some_and(|f| f.is_always_given) {
            let mut text = Text::from(format!("process.nextTick({name}, ..."));
            text.push(&list);
            text.push_str(")");
            return Ok(vec![Stmt::Return(Some(text))]);
        }
        let results = self.renames.fresh("results");
        let called = Stmt::Expression(format!("process.nextTick({name}, ...{results})").into());
        Ok(vec![
            Stmt::Bind { keyword: Keyword::Const, target: results.into(), value: list },
            Stmt::If { condition: format!("({name})").into(), then: vec![called], otherwise: Vec::new() },
            Stmt::Return(None),
        ])
    }

    /// `read(path, callback)`, by the promise form of `read` where that is known to have all that `read` hands over.
    pub(super) fn handed_on_in_full(&mut self, call: &Call<'a>, name: &str) -> Result<Vec<Stmt>, Refusal> {
        let before = self.snapshot();
        let is_builtin = builtin(self.cx, unparenthesized(call.callee)).is_some();
        let may_be_missing = !is_builtin && !self.in_full.is_some_and(|f| f.is_always_given);
        let promised = self.promised(call);
        if let Ok(Promised { in_place: Some(InPlace { statements, value }), .. }) = &promised {
            let mut out = statements.clone();
            out.push(Self::hand_value_over(name, value.clone()));
            return Ok(out);
        }
        let is_whole = match &promised {
            Ok(promised) if may_be_missing || promised.keys.is_some() => false,
            Ok(promised) if promised.drops || promised.void => true,
            // The table knows; what else is known goes by names, and says how many there are at most.
            Ok(_) => known(self.cx, call.callee).is_some_and(|k| k.api.results == Some(1)),
            Err(_) => false,
        };
        if let (Ok(promised), true) = (promised, is_whole) {
            let value = awaited(&promised.text);
            let mut out: Vec<Stmt> = promised.setup.into_iter().collect();
            if promised.drops || promised.void {
                out.extend([Stmt::Expression(value), Self::hand_value_over(name, None)]);
            } else {
                out.push(Self::hand_value_over(name, Some(value)));
            }
            return Ok(out);
        }
        self.restore(before);
        match call_parts(call.node).and_then(|(_, arguments)| arguments.last().copied()) {
            Some(callback) => self.hand_on_in_full(call, callback, name),
            None => refusal(RefusalCode::ComplexCallee, call.node),
        }
    }

    /// What is promised, handed to the callback as its one result.
    fn hand_value_over(name: &str, value: Option<Text>) -> Stmt {
        let mut text = Text::from(format!("process.nextTick({name}, null"));
        if let Some(value) = value {
            text.push_str(", ");
            text.push(&value);
        }
        text.push_str(")");
        Stmt::Return(Some(text))
    }

    /// The list of what the callback of a call gets: `new Promise(resolve => read(path, (...results) => resolve(results)))`.
    pub(super) fn all_arguments(&mut self, call: &Call<'a>, callback: Node<'a>) -> Result<Text, Refusal> {
        let types = self.type_of_results(true);
        self.fulfilled_by(call.node, callback, types, |resolve| format!("(...results) => {resolve}(results)"))
    }

    /// A call as a promise of its one result, or of a list of all of them, where it has no promise form for that.
    pub(super) fn wrapped(&mut self, call: &Call<'a>, callback: Node<'a>, is_list: bool) -> Result<Promised, Refusal> {
        let range = call.node.byte_range();
        let resolve = self.renames.fresh_in(self.cx, &range, "resolve");
        let reject = self.renames.fresh_in(self.cx, &range, "reject");
        let (parameter, result) = if is_list { ("...results", "results") } else { ("result", "result") };
        let replacement = format!("(err, {parameter}) => err ? {reject}(err) : {resolve}({result})");
        let types = self.type_of_results(is_list);
        let mut text = Text::from(format!("new Promise{types}(({resolve}, {reject}) => "));
        text.push(&self.with_replaced(call.node, callback.byte_range(), &replacement)?);
        text.push_str(")");
        self.awaitable.push(text.clone());
        Ok(Promised { quiet: true, is_list, in_executor: true, ..Promised::of(text) })
    }

    /// The promise form of a call whose callback takes some results: of all of them, where it takes more than one.
    pub(super) fn promised_results(&mut self, call: &Call<'a>, results: &[Node<'a>]) -> Result<Promised, Refusal> {
        let before = self.snapshot();
        let is_many = results.iter().skip(1).any(|r| self.is_used(*r));
        let callback = call_parts(call.node).and_then(|(_, arguments)| arguments.last().copied());
        let promised = self.promised(call);
        let (Some(callback), true) = (callback, self.calls_back()) else { return promised };
        let is_short = match &promised {
            Ok(promised) => is_many && promised.keys.is_none() && !promised.drops && promised.in_place.is_none(),
            Err(refusal) => refusal.code == RefusalCode::ComplexCallee,
        };
        if !is_short {
            return promised;
        }
        self.restore(before);
        let code = if is_many { RefusalCode::ManyResults } else { RefusalCode::ComplexCallee };
        self.listed = Some(Refusal::new(code, call.callee.byte_range()));
        self.wrapped(call, callback, is_many)
    }

    fn type_of_results(&self, is_list: bool) -> &'static str {
        match (self.cx.file.source.language().has_types(), is_list) {
            (true, true) => "<any[]>",
            (true, false) => "<any>",
            (false, _) => "",
        }
    }

    /// `[stat, , path]`: the names of a list's members, up to the last that somebody looks at.
    pub(super) fn list_target(&mut self, parameters: &[Node<'a>]) -> Result<Target, Refusal> {
        if let Some(typed) = parameters.iter().find(|p| p.child_by_field_name("value").is_some()) {
            return refusal(RefusalCode::ManyResults, *typed);
        }
        let Some(last) = parameters.iter().rposition(|p| self.is_used(*p)) else { return Ok(Target::Nothing) };
        let mut parts = Vec::new();
        let mut is_reassigned = false;
        for parameter in &parameters[..=last] {
            let pattern = parameter.child_by_field_name("pattern").unwrap_or(*parameter);
            if !self.is_used(*parameter) {
                parts.push(String::new());
                continue;
            }
            let declared = self.cx.names.declared_in(&pattern.byte_range());
            is_reassigned |= declared.iter().any(|b| self.cx.names.is_reassigned(*b));
            parts.push(self.text(pattern.byte_range()).as_str().to_owned());
        }
        Ok(Target::Name {
            name: format!("[{}]", parts.join(", ")).into(),
            annotation: None,
            keyword: if is_reassigned { Keyword::Let } else { Keyword::Const },
            is_plain: false,
            has_default: false,
            types: Types::default(),
        })
    }

    /// Error and results just as the callee hands them over, and the callback's body as it is.
    pub(super) fn taken_as_it_comes(
        &mut self,
        call: &Call<'a>,
        function: Node<'a>,
        parameters: &[Node<'a>],
        items: &[Node<'a>],
        place: Place,
    ) -> Result<Vec<Stmt>, Refusal> {
        let Some((_, arguments)) = call_parts(call.node) else {
            return refusal(RefusalCode::ComplexCallee, call.node);
        };
        let Some(callback) = arguments.last().copied() else { return refusal(RefusalCode::ComplexCallee, call.node) };
        self.keep_apart(function, &[], parameters.get(1..).unwrap_or_default());
        let body = self.settling(items, function, place)?;
        let taken = match parameters {
            [error, results @ ..] if !results.iter().any(|r| self.is_used(*r)) && is_name(*error) => {
                // The error is all that the code looks at.
                let target = if self.is_used(*error) { self.name_target(*error) } else { Target::Nothing };
                let types = self.type_of_results(false);
                target.bind(awaited(&self.fulfilled_by(call.node, callback, types, str::to_owned)?))
            }
            _ => self.list_target(parameters)?.bind(awaited(&self.all_arguments(call, callback)?)),
        };
        let mut out = vec![taken];
        out.extend(body);
        Ok(out)
    }

    /// The last way to write a callback: nothing is asked of what it is handed. The reason why there is no plainer one is
    /// what is told where there is none at all.
    pub(super) fn taken_whole(
        &mut self,
        call: &Call<'a>,
        function: Node<'a>,
        items: &[Node<'a>],
        place: Place,
        reason: Refusal,
    ) -> Result<Vec<Stmt>, Refusal> {
        let is_about_results = matches!(
            reason.code,
            RefusalCode::UnusualErrorCheck
                | RefusalCode::ManyResults
                | RefusalCode::ErrorWithResult
                | RefusalCode::CalleeThrows
        );
        self.retries += 1;
        if !is_about_results || self.retries > MAX_RETRIES {
            return Err(reason);
        }
        let before = self.snapshot();
        let parameters = parameters(function);
        let taken = self.taken_as_it_comes(call, function, &parameters, items, place);
        if let Err(inside) = taken {
            self.restore(before);
            // That there may be a result is no reason any more where something else is in the way of all forms.
            return Err(if reason.code == RefusalCode::ErrorWithResult { inside } else { reason });
        }
        self.listed = Some(reason);
        taken
    }

    /// What is done with an error looks at no result: there is none in a `catch`, and there may be one today.
    pub(super) fn check_results_apart(&self, failure: &[Node<'a>], results: &[Node<'a>]) -> Result<(), Refusal> {
        let declared: Vec<_> = results.iter().flat_map(|r| self.cx.names.declared_in(&r.byte_range())).collect();
        let references = failure.iter().flat_map(|item| self.cx.names.references_in(&item.byte_range()));
        let mut used = references.filter(|r| r.binding.is_some_and(|b| declared.contains(&b)));
        match used.next() {
            Some(used) => Err(Refusal::new(RefusalCode::UnusualErrorCheck, used.range.clone())),
            None => Ok(()),
        }
    }
}

/// Whether a parameter is a name, and takes nothing apart.
fn is_name(parameter: Node<'_>) -> bool {
    parameter.child_by_field_name("pattern").unwrap_or(parameter).kind() == "identifier"
}
