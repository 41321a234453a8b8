//! A call that is handed a callback which takes a value and no error: `user.isValid(function (valid) {…})`.
//!
//! No promise form of the call is known, so it gets one on the spot. That it calls back once is shown by the callback
//! itself: it settles at the end of each of its paths.

use std::ops::Range;

use tree_sitter::Node;

use super::{
    error_first::awaited,
    lower::{After, Lowerer, Place, refusal},
    target::Target,
};
use crate::{
    edit::{Refusal, RefusalCode},
    flow::{
        Stmt, Text,
        callback::{asks_for_event, listens_next, runs_on_behind_value},
        chain::parameters,
        promisify::{callback_literal, has_await},
    },
    syntax::node::{call_parts, has_token, member_parts},
};

impl<'a> Lowerer<'a, '_> {
    /// The one argument that is a function and settles, where none of the others has to do with that. A callback that the
    /// code goes on calling itself may be called by others as well, as it is today.
    pub(super) fn value_callback(&self, callee: Node<'a>, arguments: &[Node<'a>]) -> Option<Node<'a>> {
        let is_left_alone = |a: &Node<'a>| self.is_named_in_full(*a);
        let mut settling = arguments.iter().copied().filter(|a| self.is_mentioned_in(*a) && !is_left_alone(a));
        let only = settling.next().filter(|_| settling.next().is_none() && !self.is_mentioned_in(callee))?;
        let name = member_parts(callee).map_or(callee, |(_, property)| property);
        let is_iterator = self.cx.apis.is_iterator(self.cx.text(name));
        (self.calls_back() && !is_iterator && callback_literal(only).is_some()).then_some(only)
    }

    /// `const valid = await new Promise(resolve => user.isValid(resolve));`
    pub(super) fn value_step(&mut self, call: Node<'a>, callback: Node<'a>) -> Result<Vec<Stmt>, Refusal> {
        let Some((function, bound)) = callback_literal(callback).filter(|(f, _)| !has_token(*f, "*")) else {
            return refusal(RefusalCode::CallbackNotInPlace, callback);
        };
        if let Some((callee, arguments)) = call_parts(call) {
            let at = arguments.iter().position(|a| *a == callback).unwrap_or_default();
            if let Some(code) = runs_on_behind_value(self.cx, callee, at) {
                return refusal(RefusalCode::CalleeRunsOn, code);
            }
            if asks_for_event(self.cx, call) && listens_next(self.cx, call, function) {
                return refusal(RefusalCode::CalleeRunsOn, callee);
            }
        }
        let parameters = parameters(function);
        if let Some(extra) = parameters.iter().skip(1).find(|p| self.is_used(**p)) {
            return refusal(RefusalCode::ManyResults, *extra);
        }
        let items = self.enter(function, bound)?;
        self.assume_throws_are_failures(function);
        self.callbacks += 1;
        let place = Place { hangs: false, guarded: false, flows: false, after: After::Nothing };
        let settled = self.settling(&items, function, place);
        self.callbacks -= 1;
        let settled = settled?;
        let used = parameters.first().copied().filter(|p| self.is_used(*p));
        let target = used.map_or(Target::Nothing, |parameter| self.name_target(parameter));
        let promise = match used {
            _ if !self.cx.file.source.language().has_types() => self.fulfilled_by(call, callback, "", str::to_owned)?,
            Some(parameter) => {
                let declared =
                    parameter.child_by_field_name("type").map(|t| self.cx.text(t).trim_start_matches(':').trim());
                self.fulfilled_by(call, callback, &format!("<{}>", declared.unwrap_or("any")), str::to_owned)?
            }
            // What takes a value that nobody has a use for, TypeScript lets nobody hand over who has none.
            None => self.fulfilled_by(call, callback, "<void>", |resolve| format!("() => {resolve}()"))?,
        };
        let mut out = vec![target.bind(awaited(&promise))];
        out.extend(settled);
        Ok(out)
    }

    /// Where the code goes, `Promise` has to be the language's own: a class of the file or of a library may call what it is given when
    /// it likes, or something else by it.
    ///
    /// # Errors
    /// Where the name is declared.
    pub(super) fn check_promise_is_native(&self, place: Node<'a>) -> Result<(), Refusal> {
        match self.cx.names.resolve("Promise", self.cx.names.scope_at(place.start_byte())) {
            Some(_) => refusal(RefusalCode::LibraryPromise, place),
            None => Ok(()),
        }
    }

    /// `new Promise(resolve => read(path, resolve))`: a promise that a call fulfils. `handed` says by which callback, from the
    /// name of what fulfils it.
    ///
    /// # Errors
    /// As [`Self::with_replaced`] has them.
    pub(super) fn fulfilled_by(
        &mut self,
        call: Node<'a>,
        callback: Node<'a>,
        types: &str,
        handed: impl FnOnce(&str) -> String,
    ) -> Result<Text, Refusal> {
        let resolve = self.renames.fresh_in(self.cx, &call.byte_range(), "resolve");
        let mut promise = Text::from(format!("new Promise{types}({resolve} => "));
        promise.push(&self.with_replaced(call, callback.byte_range(), &handed(&resolve))?);
        promise.push_str(")");
        Ok(promise)
    }

    /// The text of a call with a part of it replaced and the renames carried out, for a function of its own.
    ///
    /// # Errors
    /// Where the call awaits something, which that function can't, and where `Promise` is something else than the language's own.
    pub(super) fn with_replaced(&mut self, call: Node<'a>, part: Range<usize>, by: &str) -> Result<Text, Refusal> {
        self.check_promise_is_native(call)?;
        if has_await(call) {
            return refusal(RefusalCode::AwaitInExpression, call);
        }
        let range = call.byte_range();
        self.kept.push(range.start..part.start);
        self.kept.push(part.end..range.end);
        let edits = self.renames.edits_in(&range);
        let outside = edits.iter().filter(|e| e.range.end <= part.start || e.range.start >= part.end);
        let mut edits: Vec<_> = outside.map(|e| (e.range.clone(), Text::from(e.text.as_str()))).collect();
        edits.push((part, by.into()));
        edits.sort_by_key(|(range, _)| range.start);
        Ok(Text::moved(self.cx.file, range, &edits))
    }
}
