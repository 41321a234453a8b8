//! From a chain to the lowered form.
//!
//! The links are taken from left to right. Between them travels a [`Value`]: the expression that the step before
//! came to, not awaited yet. A `then` binds it to its parameter and goes through its body, which comes to the next
//! value. A `catch` or `finally` wraps what the links before it came to in a `try`; the value then leaves through a
//! variable declared in front of it.

use std::ops::Range;

use tree_sitter::Node;

use super::{
    Catch, Keyword, Stmt, Text, Value,
    chain::{Chain, Handler, Link, LinkKind, check_movable, parameters},
    classify::{self, Promise, cannot_throw},
    parameter,
    scope::Renames,
};
use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    semantic::BindingId,
    syntax::node::{call_parts, member_parts, unparenthesized},
};

/// How deep handlers may be nested; the lowering follows them with the stack.
pub const MAX_DEPTH: usize = 100;

/// What becomes of the value that a list of steps comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sink {
    /// It is the function's.
    Return {
        /// A `try` is around, so that a promise has to be awaited before the function is left.
        in_try: bool,
        /// Code follows, so that the function has to be left even where there is no value.
        must_exit: bool,
    },
    /// It is awaited and dropped.
    Discard,
    /// It is bound to a new name or pattern.
    Bind {
        /// `const`, `let` or `var`.
        keyword: Keyword,
        /// The name or pattern.
        target: Text,
        /// Its type annotation with the colon, or nothing.
        annotation: Text,
        /// Whether the target is a plain name.
        is_name: bool,
    },
    /// It is assigned.
    Assign {
        /// What it is assigned to.
        target: Text,
        /// Whether the target was declared just before and is still `undefined`.
        fresh: bool,
    },
    /// A further step takes it.
    Pending {
        /// The name and type annotation that the next step gives it, for the case that a variable is needed to get
        /// it out of a block.
        hint: Option<(String, Text)>,
        /// The annotation of the type that the value is declared to have, or nothing.
        declared: Text,
    },
}

/// What a chain was lowered to.
#[derive(Debug)]
pub struct Lowered {
    /// The statements that take the place of the chain's statement.
    pub statements: Vec<Stmt>,
    /// Chains inside that were carried out along with it.
    pub consumed: Vec<Range<usize>>,
    /// What has to hold that the file does not show.
    pub assumptions: Vec<String>,
    /// The promise that the first lowered link hung on, as an expression.
    pub base: Text,
    /// The type that the last handler was declared to return, where its value is what the function returns.
    pub returns: Option<Text>,
}

/// Why a chain could not be lowered.
#[derive(Debug)]
pub struct Blocked {
    /// The reason.
    pub refusal: Refusal,
    /// The index of the link that it lies in.
    pub link: usize,
}

/// Lowers the links of a chain from the index `first` on; those before it stay an expression. With `held`, the promise
/// that the first lowered link hangs on is in the variable of that name already.
///
/// # Errors
/// The reason why a link can't be lowered, and which it is: those behind it may still be.
pub fn lower(
    cx: &Context<'_>,
    chain: &Chain<'_>,
    first: usize,
    sink: &Sink,
    renames: Renames,
    held: Option<&str>,
) -> Result<Lowered, Blocked> {
    let calls = chain.links.iter().map(|l| l.call.id()).collect();
    let mut lowerer = Lowerer {
        cx,
        renames,
        consumed: Vec::new(),
        assumptions: Vec::new(),
        depth: 0,
        branching: 0,
        calls,
        blamed: first,
    };
    let mut statements = Vec::new();
    let base = lowerer.value(chain.receiver_of(first));
    let lowered = match held {
        Some(name) => {
            let input = Value { pure: true, ..Value::unknown(name) };
            let typed = lowerer.typed_sink(sink.clone(), &chain.links[first..]);
            typed.and_then(|sink| lowerer.links(input, &chain.links[first..], &sink, &mut statements))
        }
        None => lowerer.chain_from(chain, first, sink, &mut statements),
    };
    let returns = lowerer.returned_type(sink, &chain.links[first..]);
    let Lowerer { consumed, assumptions, blamed, .. } = lowerer;
    match lowered {
        Ok(_) => Ok(Lowered { statements, consumed, assumptions, base: base.text, returns }),
        Err(refusal) => Err(Blocked { refusal, link: blamed }),
    }
}

/// How a value gets out of a block.
pub(super) struct Exit {
    /// The sink inside the block.
    pub(super) inner: Sink,
    /// The value outside.
    pub(super) value: Value,
    /// What stands in front of the block.
    pub(super) declare: Option<Stmt>,
    /// What stands behind it.
    pub(super) finish: Option<Stmt>,
}

pub(super) struct Lowerer<'a, 'c> {
    pub(super) cx: &'c Context<'a>,
    pub(super) renames: Renames,
    pub(super) consumed: Vec<Range<usize>>,
    pub(super) assumptions: Vec<String>,
    pub(super) depth: usize,
    /// How many branches and `catch` clauses the list at hand lies in.
    pub(super) branching: usize,
    /// The links of the outermost chain, by the ids of their calls.
    calls: Vec<usize>,
    /// The link of the outermost chain that the last refusal came from.
    blamed: usize,
}

impl Lowerer<'_, '_> {
    /// The text of a range with the renames carried out.
    pub(super) fn text(&self, range: Range<usize>) -> Text {
        Text::renamed(self.cx.file, range.clone(), &self.renames.edits_in(&range))
    }

    /// An expression as a value.
    pub(super) fn value(&self, expression: Node<'_>) -> Value {
        let inner = unparenthesized(expression);
        // Parentheses go where nothing needs them, and stay where they hold a comment or stand on lines of their own.
        let keep = !self.cx.file.comments_in(&(expression.start_byte()..inner.start_byte())).is_empty()
            || !self.cx.file.comments_in(&(inner.end_byte()..expression.end_byte())).is_empty()
            || self.cx.slice(expression.start_byte()..inner.start_byte()).contains('\n')
            || inner.kind() == "sequence_expression";
        let node = if keep { expression } else { inner };
        Value {
            text: self.expression_text(node),
            may_be_promise: classify::promise(self.cx, node) != Promise::No,
            loose: classify::is_loose(node),
            pure: classify::is_pure(node),
            guard: self.guard(node),
            alias: self.stable_name(node),
            literal: matches!(node.kind(), "array" | "object").then(|| node.byte_range()),
            declared: Text::default(),
        }
    }

    /// The local variable that an expression names, if nothing ever assigns it.
    fn stable_name(&self, node: Node<'_>) -> Option<BindingId> {
        let binding = self.cx.names.reference_at(node.start_byte()).filter(|_| node.kind() == "identifier")?.binding?;
        (!self.cx.names.is_reassigned(binding)).then_some(binding)
    }

    /// `condition && call()`, split for the case that nobody wants the value.
    fn guard(&self, node: Node<'_>) -> Option<Box<(Text, Text)>> {
        let operator = node.child_by_field_name("operator").filter(|_| node.kind() == "binary_expression")?;
        let (left, right) = (node.child_by_field_name("left")?, node.child_by_field_name("right")?);
        let between = left.end_byte()..right.start_byte();
        if operator.kind() != "&&" || !self.cx.file.comments_in(&between).is_empty() {
            return None;
        }
        let mut condition = Text::from("(");
        condition.push(&self.text(unparenthesized(left).byte_range()));
        condition.push_str(")");
        Some(Box::new((condition, self.value(right).awaited())))
    }

    /// The text of an expression; `object⏎.method(…)` comes back on one line, since the break was there for the
    /// sake of the links that are gone.
    fn expression_text(&self, node: Node<'_>) -> Text {
        let range = node.byte_range();
        let joined = call_parts(node).and_then(|(callee, _)| member_parts(callee)).and_then(|(object, _)| {
            let text = self.cx.text(object);
            let gap = self.cx.slice(object.end_byte()..range.end).split('.').next()?;
            let splits = gap.contains('\n') && gap.trim().is_empty() && !text.contains('\n');
            splits.then_some((object, object.end_byte() + gap.len()))
        });
        let Some((object, dot)) = joined else { return self.text(range) };
        let mut text = self.text(object.byte_range());
        text.push(&self.text(dot..range.end));
        text
    }

    /// Whether a link is one of the outermost chain, and not of one that a handler returns.
    pub(super) fn is_outermost(&self, link: &Link<'_>) -> bool {
        self.calls.contains(&link.call.id())
    }

    /// Remembers which link of the outermost chain a refusal came from.
    pub(super) fn blame(&mut self, link: &Link<'_>, refusal: Refusal) -> Refusal {
        if let Some(index) = self.calls.iter().position(|id| *id == link.call.id()) {
            self.blamed = index;
        }
        refusal
    }

    /// Lowers a chain from one of its links on; what stands before stays an expression.
    pub(super) fn chain_from(
        &mut self,
        chain: &Chain<'_>,
        first: usize,
        sink: &Sink,
        out: &mut Vec<Stmt>,
    ) -> Result<Value, Refusal> {
        let base = chain.receiver_of(first);
        let links = &chain.links[first..];
        let sink = &self.typed_sink(sink.clone(), links)?;
        // Whatever else is known of it: it has a `then`, and its handlers ran later.
        let mut input = Value { may_be_promise: true, pure: false, ..self.value(base) };
        let guarded = links.iter().any(|l| !matches!(l.kind, LinkKind::Then(_) | LinkKind::Nothing));
        if guarded && !cannot_throw(self.cx, base) {
            // What the first call throws at once was never seen by the handlers, so it stays out of the `try`.
            let name = self.renames.fresh("promise");
            let (keyword, value) = (Keyword::Const, input.text.clone());
            out.push(Stmt::Bind { keyword, target: name.as_str().into(), value });
            input = Value { pure: true, ..Value::unknown(name) };
        }
        self.links(input, links, sink, out)
    }

    /// Lowers links whose receiver came to `input`.
    fn links(&mut self, input: Value, links: &[Link<'_>], sink: &Sink, out: &mut Vec<Stmt>) -> Result<Value, Refusal> {
        let guard = links.iter().rposition(|l| !matches!(l.kind, LinkKind::Then(_) | LinkKind::Nothing));
        let Some(at) = guard else { return self.steps(input, links, sink, out) };
        let (before, link, after) = (&links[..at], &links[at], &links[at + 1..]);
        let outgoing = self.next_sink(&links[..=at], after, sink)?;
        self.check_list_has_type(before, link, &outgoing)?;
        let exit = match &link.kind {
            LinkKind::Opaque(code, node) => {
                return Err(self.blame(link, Refusal::new(*code, node.byte_range())));
            }
            LinkKind::ThenBoth(f, g) => return self.both(input, (before, link, after), (f, g), sink, out),
            // Until `finally` has run, nobody may see the value.
            LinkKind::Finally(_) if is_visible(&outgoing) => {
                self.exit(&Sink::Pending { hint: None, declared: Text::default() }, true)
            }
            _ => self.exit(&outgoing, true),
        };
        let mut body = Vec::new();
        self.links(input, before, &exit.inner, &mut body)?;
        let guarded = match &link.kind {
            LinkKind::Catch(handler) => {
                // Only the guarded block has to settle its value before it is left; the clause has not.
                let sink = if matches!(outgoing, Sink::Return { .. }) { &outgoing } else { &exit.inner };
                let catch = self.catch(link, handler, sink).map_err(|r| self.blame(link, r))?;
                Stmt::Try { body, catch: Some(catch), finally: None }
            }
            LinkKind::Finally(handler) => {
                let finally = self.finally(link, handler).map_err(|r| self.blame(link, r))?;
                with_finally(body, finally)
            }
            _ => unreachable!("the other kinds were dealt with above"),
        };
        out.extend(exit.declare);
        out.push(guarded);
        out.extend(exit.finish);
        match after {
            [] if matches!(link.kind, LinkKind::Finally(_)) => Ok(self.feed_settled(exit.value, &outgoing, out)),
            [] => Ok(exit.value),
            _ => self.links(exit.value, after, sink, out),
        }
    }

    /// Hands on what came out of a `finally`, if it has not gone where it belongs already.
    fn feed_settled(&mut self, value: Value, sink: &Sink, out: &mut Vec<Stmt>) -> Value {
        if is_visible(sink) { self.feed(value, sink, out) } else { value }
    }

    /// `.then(f, g)`: `g` handles what came before, `f` goes on behind the `try`, so that `g` does not see its errors.
    fn both(
        &mut self,
        input: Value,
        (before, link, after): (&[Link<'_>], &Link<'_>, &[Link<'_>]),
        (f, g): (&Handler<'_>, &Handler<'_>),
        sink: &Sink,
        out: &mut Vec<Stmt>,
    ) -> Result<Value, Refusal> {
        let success = self.typed_sink(self.sink_for_handler(f), before)?;
        let exit = self.exit(&success, true);
        let mut body = Vec::new();
        self.links(input, before, &exit.inner, &mut body)?;
        let failure = match sink {
            Sink::Return { in_try, .. } if after.is_empty() => Sink::Return { in_try: *in_try, must_exit: true },
            _ => Sink::Discard,
        };
        let catch = self.catch(link, g, &failure).map_err(|r| self.blame(link, r))?;
        if failure == Sink::Discard && Stmt::list_completes(&catch.body) && !g.literal().is_some_and(always_throws) {
            return Err(self.blame(link, Refusal::new(RefusalCode::HandlersRejoin, link.call.byte_range())));
        }
        out.extend(exit.declare);
        out.push(Stmt::Try { body, catch: Some(catch), finally: None });
        out.extend(exit.finish);
        let next = self.next_sink(std::slice::from_ref(link), after, sink)?;
        let value = self.step(link, f, exit.value, &next, out).map_err(|r| self.blame(link, r))?;
        if after.is_empty() { Ok(value) } else { self.links(value, after, sink, out) }
    }

    /// Links that only have success handlers.
    fn steps(&mut self, input: Value, links: &[Link<'_>], sink: &Sink, out: &mut Vec<Stmt>) -> Result<Value, Refusal> {
        let last = links.iter().rposition(|l| matches!(l.kind, LinkKind::Then(_)));
        let Some(last) = last else { return Ok(self.feed(input, sink, out)) };
        let mut value = input;
        for (index, link) in links.iter().enumerate() {
            let LinkKind::Then(handler) = &link.kind else { continue };
            let behind = if index == last { &[] } else { &links[index + 1..] };
            let next = self.next_sink(&links[index..=index], behind, sink)?;
            value = self.step(link, handler, value, &next, out).map_err(|r| self.blame(link, r))?;
        }
        Ok(value)
    }

    /// One success handler.
    fn step(
        &mut self,
        link: &Link<'_>,
        handler: &Handler<'_>,
        input: Value,
        sink: &Sink,
        out: &mut Vec<Stmt>,
    ) -> Result<Value, Refusal> {
        match handler {
            Handler::Literal { function, bound } => {
                check_movable(self.cx, *function, *bound)?;
                self.enter(*function, input, out)?;
                self.comments(link, handler, out);
                self.body(*function, sink, out)
            }
            Handler::Callee(callee) | Handler::Bound(callee) => {
                // A call looks its callee up before its arguments: the first step finds what the chain found, as long
                // as nothing was awaited before.
                let is_first = self.calls.first() == Some(&link.call.id()) && input.may_be_promise;
                self.check_callee(*callee, is_first)?;
                let call = if self.takes_nothing(*callee) {
                    Self::discard(input, out);
                    self.comments(link, handler, out);
                    self.call(*callee, None)
                } else {
                    let is_last = !matches!(sink, Sink::Pending { .. });
                    let input = self.readable_argument(*callee, input, is_last, out);
                    self.comments(link, handler, out);
                    self.call(*callee, Some(&input))
                };
                Ok(self.feed(call, sink, out))
            }
        }
    }

    /// Whether a callee is a function of this file that has no parameters and does not look for arguments either.
    fn takes_nothing(&self, callee: Node<'_>) -> bool {
        let function = Some(callee).filter(|c| c.kind() == "identifier" && self.stable_name(*c).is_some());
        let function = function.and_then(|c| classify::called_function(self.cx, c));
        function
            .is_some_and(|f| parameters(f).is_empty() && (f.kind() == "arrow_function" || !uses_arguments(self.cx, f)))
    }

    /// Gives an argument a name of its own where it would be hard to read inside a call: where it spans lines, awaits
    /// something itself, or is one of several steps.
    fn readable_argument(&mut self, callee: Node<'_>, input: Value, is_last: bool, out: &mut Vec<Stmt>) -> Value {
        let text = input.text.as_str();
        let is_hard = !is_last || text.contains('\n') || text.contains("await ");
        let stable = callee.kind() == "member_expression" || self.stable_name(callee).is_some() || {
            callee.kind() == "identifier" && classify::is_global(self.cx, callee)
        };
        if !(is_hard && stable && input.may_be_promise) {
            return input;
        }
        let name = self.renames.fresh("value");
        let (keyword, value) = (Keyword::Const, input.awaited());
        let mut target = Text::from(name.as_str());
        target.push(&input.declared);
        out.push(Stmt::Bind { keyword, target, value });
        Value::plain(name)
    }

    /// `callee(await input)`
    fn call(&self, callee: Node<'_>, input: Option<&Value>) -> Value {
        let mut text = self.text(callee.byte_range());
        text.push_str("(");
        if let Some(input) = input {
            text.push(&input.awaited());
        }
        text.push_str(")");
        Value { may_be_promise: !classify::is_plain_builtin(self.cx, callee), ..Value::unknown(text) }
    }

    fn catch(&mut self, link: &Link<'_>, handler: &Handler<'_>, sink: &Sink) -> Result<Catch, Refusal> {
        let mut body = Vec::new();
        self.comments(link, handler, &mut body);
        let parameter = match handler {
            Handler::Literal { function, bound } => {
                check_movable(self.cx, *function, *bound)?;
                let parameter = self.catch_parameter(*function, &mut body)?;
                self.branching += 1;
                self.body(*function, sink, &mut body)?;
                self.branching -= 1;
                parameter
            }
            Handler::Callee(callee) | Handler::Bound(callee) => {
                self.check_callee(*callee, false)?;
                if self.takes_nothing(*callee) {
                    let call = self.call(*callee, None);
                    self.feed(call, sink, &mut body);
                    return Ok(Catch {
                        parameter: self.renames.fresh_in(self.cx, &callee.byte_range(), "err").into(),
                        body,
                    });
                }
                let error = self.renames.fresh_in(self.cx, &callee.byte_range(), "err");
                let call = self.call(*callee, Some(&Value::plain(error.as_str())));
                self.feed(call, sink, &mut body);
                self.untyped(error.into())
            }
        };
        Ok(Catch { parameter, body })
    }

    fn finally(&mut self, link: &Link<'_>, handler: &Handler<'_>) -> Result<Vec<Stmt>, Refusal> {
        let mut body = Vec::new();
        self.comments(link, handler, &mut body);
        match handler {
            Handler::Literal { function, bound } => {
                check_movable(self.cx, *function, *bound)?;
                if let Some(parameter) = parameters(*function).first().filter(|p| self.is_used(**p)) {
                    return Err(Refusal::new(RefusalCode::ExtraParameter, parameter.byte_range()));
                }
                self.body(*function, &Sink::Discard, &mut body)?;
            }
            Handler::Callee(callee) | Handler::Bound(callee) => {
                self.check_callee(*callee, false)?;
                let call = self.call(*callee, None);
                self.feed(call, &Sink::Discard, &mut body);
            }
        }
        Ok(body)
    }

    /// What a handler wants of the value before it.
    pub(super) fn sink_for_handler(&self, handler: &Handler<'_>) -> Sink {
        if matches!(handler, Handler::Callee(callee) if self.takes_nothing(*callee)) {
            return Sink::Discard;
        }
        let Some(function) = handler.literal() else { return Sink::Pending { hint: None, declared: Text::default() } };
        match parameters(function).first() {
            None => Sink::Discard,
            Some(parameter) if !self.is_used(*parameter) => Sink::Discard,
            Some(parameter) => Sink::Pending {
                hint: parameter::simple_name(self.cx, &self.renames, *parameter),
                declared: Text::default(),
            },
        }
    }

    /// How a value gets out of a block: through the sink itself, or through a variable.
    pub(super) fn exit(&mut self, sink: &Sink, of_try: bool) -> Exit {
        let through = |target: Text, keyword, annotation: &Text| {
            let mut declared = target.clone();
            declared.push(annotation);
            // A `var` in a loop still has the value of the round before.
            let inner = Sink::Assign { target, fresh: keyword != Keyword::Var };
            let declare = Some(Stmt::Declare { keyword, target: declared });
            Exit { inner, value: Value::nothing(), declare, finish: None }
        };
        match sink {
            Sink::Return { in_try, must_exit } => Exit {
                inner: Sink::Return { in_try: *in_try || of_try, must_exit: *must_exit },
                value: Value::nothing(),
                declare: None,
                finish: None,
            },
            Sink::Discard | Sink::Assign { .. } => {
                Exit { inner: sink.clone(), value: Value::nothing(), declare: None, finish: None }
            }
            Sink::Bind { keyword, target, annotation, is_name: true } => {
                let keyword = if *keyword == Keyword::Var { Keyword::Var } else { Keyword::Let };
                through(target.clone(), keyword, annotation)
            }
            Sink::Bind { keyword, target, annotation, is_name: false } => {
                let name = self.renames.fresh("value");
                let mut bound = target.clone();
                bound.push(annotation);
                let finish = Stmt::Bind { keyword: *keyword, target: bound, value: name.as_str().into() };
                Exit { finish: Some(finish), ..through(name.into(), Keyword::Let, &Text::default()) }
            }
            Sink::Pending { hint, declared } => {
                let (name, annotation) = hint.clone().unwrap_or_else(|| (self.renames.fresh("value"), Text::default()));
                let annotation = if annotation.is_empty() { declared.clone() } else { annotation };
                let value = Value::plain(name.as_str());
                Exit { value, ..through(name.into(), Keyword::Let, &annotation) }
            }
        }
    }

    /// Hands a value to a sink. What comes back is the value for the step that follows, if one does.
    pub(super) fn feed(&mut self, value: Value, sink: &Sink, out: &mut Vec<Stmt>) -> Value {
        match sink {
            Sink::Pending { declared, .. } => return Value { declared: declared.clone(), ..value },
            Sink::Return { must_exit, .. } if value.is_nothing() => {
                if *must_exit {
                    out.push(Stmt::Return(None));
                }
            }
            Sink::Return { in_try, .. } => {
                out.push(Stmt::Return(Some(if *in_try { value.awaited() } else { value.text })));
            }
            Sink::Discard => Self::discard(value, out),
            Sink::Bind { keyword, target, annotation, .. } => {
                let value = if target.as_str().starts_with('{') { self.named_object(value, out) } else { value };
                let mut bound = target.clone();
                bound.push(annotation);
                out.push(Stmt::Bind { keyword: *keyword, target: bound, value: value.awaited() });
            }
            Sink::Assign { fresh: true, .. } if value.is_nothing() => {}
            Sink::Assign { target, .. } => {
                out.push(Stmt::Assign { target: target.clone(), value: value.awaited() });
            }
        }
        Value::nothing()
    }

    /// Runs an expression whose value nobody takes.
    pub(super) fn discard(value: Value, out: &mut Vec<Stmt>) {
        if let Some(guard) = value.guard {
            let (condition, then) = *guard;
            out.push(Stmt::If { condition, then: vec![Stmt::Expression(then)], otherwise: Vec::new() });
        } else if value.may_be_promise || !value.pure {
            out.push(Stmt::Expression(value.awaited()));
        }
    }
}

/// A `finally` block behind statements; one `try` serves where the statements are a `try … catch` alone.
fn with_finally(mut body: Vec<Stmt>, finally: Vec<Stmt>) -> Stmt {
    match body.as_mut_slice() {
        [Stmt::Try { body, catch: Some(catch), finally: none @ None }] => {
            debug_assert!(none.is_none());
            Stmt::Try {
                body: std::mem::take(body),
                catch: Some(Catch { parameter: catch.parameter.clone(), body: std::mem::take(&mut catch.body) }),
                finally: Some(finally),
            }
        }
        _ => Stmt::Try { body, catch: None, finally: Some(finally) },
    }
}

/// Whether code outside the steps can see a value as soon as the sink has it.
fn is_visible(sink: &Sink) -> bool {
    matches!(sink, Sink::Assign { .. } | Sink::Bind { keyword: Keyword::Var, .. })
}

/// Whether a function looks at its `arguments`.
fn uses_arguments(cx: &Context<'_>, function: Node<'_>) -> bool {
    super::chain::own_this(cx, function, true).is_some()
}

/// Whether a handler throws on every path: it ends in `throw`, and no `return` leaves it before.
pub(super) fn always_throws(function: Node<'_>) -> bool {
    let returned = super::body::returned(function);
    !returned.falls_through && returned.values.is_empty()
}
