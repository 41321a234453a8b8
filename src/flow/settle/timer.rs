//! Timers that call the callback, or the rest of the code: `process.nextTick(cb, null, value)`, `setTimeout(() => { … }, 100)`.

use tree_sitter::Node;

use super::{
    Settle,
    callback::{is_fixed, is_text},
    error_first::awaited,
    lower::{After, Lowerer, Place, branch_items, code, refusal},
};
use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    flow::{
        Keyword, Stmt, Text,
        classify::is_global,
        promisify::{callback_literal, has_await},
    },
    syntax::node::{call_parts, has_token, is_function, member_parts, named_children, unparenthesized, walk},
};

/// A timer that is handed a function to call once.
pub(super) struct Timer<'t> {
    /// The code of the timer.
    callee: Node<'t>,
    /// What it calls.
    called: Node<'t>,
    /// What it hands over, or the delay in front of that.
    rest: Vec<Node<'t>>,
    kind: TimerKind,
}

impl Timer<'_> {
    /// Whether it returns something by which it can be cleared.
    pub(super) fn returns_handle(&self) -> bool {
        self.kind != TimerKind::Soon
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum TimerKind {
    /// `process.nextTick`, `queueMicrotask`: as soon as the code has run.
    Soon,
    /// `setImmediate`: after what is being waited for had its turn.
    Immediate,
    /// `setTimeout` with a delay in front of what it hands over.
    Delayed,
}

impl<'a> Lowerer<'a, '_> {
    /// A timer that is handed a function to call once.
    pub(super) fn timer(&self, callee: Node<'a>, arguments: &[Node<'a>]) -> Option<Timer<'a>> {
        if !self.calls_back() {
            return None;
        }
        let kind = match self.cx.text(callee) {
            "process.nextTick" | "queueMicrotask" => TimerKind::Soon,
            "setImmediate" => TimerKind::Immediate,
            "setTimeout" => TimerKind::Delayed,
            _ => return None,
        };
        let name = member_parts(callee).map_or(callee, |(object, _)| object);
        let (called, rest) = arguments.split_first()?;
        is_global(self.cx, name).then(|| Timer { callee, called: *called, rest: rest.to_vec(), kind })
    }

    /// `process.nextTick(callback, err)`, `process.nextTick(() => { callback(err); })`: the callback and what it is handed as
    /// soon as the code has run, which is when an async function hands it over.
    pub(super) fn settled_soon(&self, node: Node<'a>) -> Option<(Settle, Vec<Node<'a>>)> {
        let (callee, arguments) = call_parts(unparenthesized(node))?;
        let timer = self.timer(callee, &arguments).filter(|timer| timer.kind == TimerKind::Soon)?;
        if let Some(settle) = self.settlers.named(self.cx, timer.called) {
            return Some((settle, timer.rest));
        }
        let (function, _) = callback_literal(timer.called).filter(|_| timer.rest.is_empty())?;
        let body = function.child_by_field_name("body")?;
        let [only] = branch_items(body)[..] else { return None };
        let inner = if only.kind() == "expression_statement" { named_children(only).first().copied()? } else { only };
        self.settlers.called(self.cx, inner)
    }

    /// What a timer calls, behind the wait for it.
    pub(super) fn timed(&mut self, timer: Timer<'a>, place: Place) -> Result<Vec<Stmt>, Refusal> {
        if place.guarded {
            return refusal(RefusalCode::InsideTry, timer.called);
        }
        let (delay, handed) = match timer.kind {
            TimerKind::Delayed => (timer.rest.first().copied(), timer.rest.get(1..).unwrap_or_default().to_vec()),
            _ => (None, timer.rest.clone()),
        };
        let mut out = Vec::new();
        let after = Place { after: After::Nothing, ..place };
        if let Some(settle) = self.settlers.named(self.cx, timer.called).filter(|s| *s == Settle::Callback) {
            let settled = self.settle(settle, timer.called, &handed, after)?;
            return self.settled_by(&timer, delay, &handed, settled);
        }
        let is_local = self.settlers.named(self.cx, timer.called) == Some(Settle::Local);
        if is_local && !handed.iter().any(|a| a.kind() == "spread_element" || self.is_mentioned_in(*a)) {
            let mut list = Text::default();
            for (index, argument) in handed.iter().enumerate() {
                list.push_str(if index > 0 { ", " } else { "" });
                list.push(&self.text(argument.byte_range()));
            }
            if !handed.iter().all(|a| is_fixed(self.cx, *a)) {
                // What is handed over is worked out now, and not when the timer is through.
                let name = self.renames.fresh("handed");
                let mut value = Text::from("[");
                value.push(&list);
                value.push_str("]");
                out.push(Stmt::Bind { keyword: Keyword::Const, target: name.as_str().into(), value });
                list = format!("...{name}").into();
            }
            self.wait_for(&timer, delay, true, &mut out)?;
            let mut call = self.text(timer.called.byte_range());
            call.push_str("(");
            call.push(&list);
            call.push_str(")");
            out.push(Stmt::Return(Some(call)));
            return Ok(out);
        }
        let Some((function, bound)) = callback_literal(timer.called).filter(|_| handed.is_empty()) else {
            return refusal(RefusalCode::CallbackNotInPlace, timer.called);
        };
        let items = self.enter(function, bound)?;
        // What stands in front of the call of the callback has to run later; the callback does so anyway.
        let only_settles = code(&items).first().is_some_and(|s| self.calls_callback(*s));
        self.wait_for(&timer, delay, timer.kind != TimerKind::Soon || !only_settles, &mut out)?;
        out.extend(self.settling(&items, function, after)?);
        Ok(out)
    }

    /// What calls the callback itself a little later. What is handed over is worked out now, and not when the timer is through.
    fn settled_by(
        &mut self,
        timer: &Timer<'a>,
        delay: Option<Node<'a>>,
        handed: &[Node<'a>],
        mut settled: Vec<Stmt>,
    ) -> Result<Vec<Stmt>, Refusal> {
        let is_waited_for = timer.kind != TimerKind::Soon;
        let mut out = Vec::new();
        if is_waited_for && !handed.iter().all(|a| self.is_same_later(*a)) {
            match settled.as_mut_slice() {
                // Elsewhere the callback is called by this statement itself.
                [Stmt::Return(Some(value))] if self.called_in_full().is_none() => {
                    let value = std::mem::take(value);
                    let later = self.timer_call(timer, delay, Some((value, handed)))?;
                    self.awaitable.push(later.clone());
                    return Ok(vec![Stmt::Return(Some(later))]);
                }
                [Stmt::Throw(error)] if delay.is_none_or(|d| is_fixed(self.cx, d)) => {
                    let name = Text::from(self.renames.fresh("error"));
                    let value = std::mem::replace(error, name.clone());
                    out.push(Stmt::Bind { keyword: Keyword::Const, target: name, value });
                }
                _ => return refusal(RefusalCode::CallbackNotInPlace, timer.called),
            }
        }
        self.wait_for(timer, delay, is_waited_for, &mut out)?;
        out.extend(settled);
        Ok(out)
    }

    /// Whether an expression comes to the same before a timer is through and behind it, however much happens meanwhile: it is
    /// made of literals and of names that are never assigned anew, and reads no property.
    fn is_same_later(&self, value: Node<'a>) -> bool {
        let mut same = true;
        walk(value, |n| {
            let is_own = !is_function(n);
            same &= !is_own || !n.is_named() || self.is_part_of_same(n);
            same && is_own
        });
        same
    }

    fn is_part_of_same(&self, node: Node<'a>) -> bool {
        let of_error = |n: Node<'a>| n.parent().is_some_and(|p| makes_error_of_its_own(self.cx, p));
        match node.kind() {
            "identifier" | "shorthand_property_identifier" => is_fixed(self.cx, node) || of_error(node),
            "arguments" => of_error(node),
            "new_expression" => makes_error_of_its_own(self.cx, node),
            // What else is added up or compared may be asked for its value.
            "binary_expression" => {
                has_token(node, "===") || has_token(node, "!==") || is_logical(node) || is_text(node)
            }
            "unary_expression" => !has_token(node, "delete"),
            "comment"
            | "computed_property_name"
            | "escape_sequence"
            | "pair"
            | "property_identifier"
            | "string_fragment"
            | "template_substitution" => true,
            "array"
            | "object"
            | "parenthesized_expression"
            | "regex"
            | "regex_flags"
            | "regex_pattern"
            | "template_string"
            | "ternary_expression" => true,
            _ => is_fixed(self.cx, node),
        }
    }

    /// Whether a statement does nothing but call the callback, with what comes to the same a little earlier.
    fn calls_callback(&self, statement: Node<'a>) -> bool {
        let inner = match statement.kind() {
            "expression_statement" | "return_statement" => named_children(statement).first().copied(),
            _ => Some(statement),
        };
        let called = inner.and_then(|e| self.settling_call(e));
        called.is_some_and(|(settle, arguments)| {
            settle == Settle::Callback && arguments.iter().all(|a| self.is_same_later(*a))
        })
    }

    /// `await new Promise(resolve => setTimeout(resolve, delay));`
    fn wait_for(
        &mut self,
        timer: &Timer<'a>,
        delay: Option<Node<'a>>,
        is_needed: bool,
        out: &mut Vec<Stmt>,
    ) -> Result<(), Refusal> {
        if is_needed {
            out.push(Stmt::Expression(awaited(&self.timer_call(timer, delay, None)?)));
        }
        Ok(())
    }

    /// `new Promise(resolve => setTimeout(resolve, delay, value))`, a promise that is fulfilled with the value. What tests put in
    /// the place of a timer is called as it was, and may have no form for `util.promisify`.
    fn timer_call(
        &mut self,
        timer: &Timer<'a>,
        delay: Option<Node<'a>>,
        value: Option<(Text, &[Node<'a>])>,
    ) -> Result<Text, Refusal> {
        self.check_promise_is_native(timer.callee)?;
        let (value, handed) = value.map_or((None, &[][..]), |(value, handed)| (Some(value), handed));
        if delay.iter().chain(handed).any(|n| has_await(*n)) {
            return refusal(RefusalCode::AwaitInExpression, timer.callee);
        }
        let range = timer.called.end_byte()..timer.rest.last().unwrap_or(&timer.called).end_byte();
        let resolve = self.renames.fresh_in(self.cx, &range, "resolve");
        // A promise of nothing is one of `unknown` to TypeScript.
        let of = if self.cx.file.source.language().has_types() && value.is_none() { "<void>" } else { "" };
        let mut text = Text::from(format!("new Promise{of}({resolve} => {}({resolve}", self.cx.text(timer.callee)));
        for argument in delay.map(|d| self.text(d.byte_range())).into_iter().chain(value) {
            text.push_str(", ");
            text.push(&argument);
        }
        text.push_str("))");
        Ok(text)
    }
}

/// `new Error(message)`: making it a little earlier makes no difference.
fn makes_error_of_its_own(cx: &Context<'_>, node: Node<'_>) -> bool {
    let class = node.child_by_field_name("constructor").filter(|_| node.kind() == "new_expression");
    class.is_some_and(|c| c.kind() == "identifier" && cx.text(c).ends_with("Error"))
}

fn is_logical(node: Node<'_>) -> bool {
    ["&&", "||", "??"].into_iter().any(|operator| has_token(node, operator))
}
