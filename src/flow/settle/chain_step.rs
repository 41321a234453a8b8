//! A promise as a step: the chain in which `resolve` and `reject` are handlers, or are called by handlers.

use tree_sitter::Node;

use super::{
    Settle,
    error_first::{Step, awaited, handled_step, is_special},
    lower::{After, Lowerer, Place, direct, refusal, short},
    target::Target,
};
use crate::{
    edit::{Refusal, RefusalCode},
    flow::{
        Catch, Keyword, Stmt, Text,
        chain::{Chain, Handler, Link, LinkKind, parameters},
        classify::cannot_throw,
        promisify::Promised,
        thenable::not_a_promise,
    },
};

/// What happens with a promise's value or reason.
#[derive(Clone, Copy, Debug)]
enum Reaction<'t> {
    /// `resolve` or `reject` itself is the handler.
    Settle(Settle),
    /// A function that is written in place; `true` where `.bind(this)` gives it the `this` outside.
    Literal(Node<'t>, bool),
}

impl Reaction<'_> {
    /// Whether a reason that is handed over goes on as the outcome.
    fn is_rejecting(self) -> bool {
        matches!(self, Self::Settle(settle) if is_rejecting(settle))
    }
}

/// `reject`, and an error-first callback that is handed a reason.
fn is_rejecting(settle: Settle) -> bool {
    matches!(settle, Settle::Reject | Settle::Callback)
}

/// The links that settle the promise.
struct Ending<'t> {
    success: Reaction<'t>,
    failure: Option<Reaction<'t>>,
    /// Whether the failure handler sees what the success handler throws.
    sees_success: bool,
}

impl<'a> Lowerer<'a, '_> {
    /// Lowers a chain that settles the promise. `returned` says that the function around it returns the chain.
    pub(super) fn chain_step(&mut self, node: Node<'a>, returned: bool, place: Place) -> Result<Vec<Stmt>, Refusal> {
        let Some(chain) = Chain::parse(self.cx, node) else {
            return refusal(RefusalCode::RealPromiseConstructor, node);
        };
        if let Some(object) = not_a_promise(self.cx, chain.base) {
            return refusal(RefusalCode::NotAPromise, object);
        }
        let settling = chain.links.iter().position(|l| self.settlers.are_in(self.cx, &l.range));
        let Some(first) = settling else { return refusal(RefusalCode::RealPromiseConstructor, node) };
        let base = if first == 0 { chain.base } else { chain.links[first - 1].call };
        if self.is_mentioned_in(base) {
            return refusal(RefusalCode::RealPromiseConstructor, base);
        }
        let ending = self.ending(&chain.links[first..], node)?;
        let is_plain = match ending.failure {
            None => true,
            Some(Reaction::Settle(settle)) => is_rejecting(settle),
            Some(Reaction::Literal(function, _)) => self.only_rejects_parameter(function),
        };
        if self.calls_back() {
            self.assume_of_chain(&ending, base, returned);
        }
        if ending.failure.is_none() && !(returned && place.flows) {
            let name = short(self.cx.text(base));
            self.assume(format!(
                "A failure of `{name}`, or of what is done with its result, should reject the promise, which stays \
                 pending today."
            ));
        }
        self.check_hang(base, place);
        if is_plain {
            if let Some(Reaction::Literal(function, bound)) = ending.failure {
                self.enter(function, bound)?;
            }
            return self.plain_chain(base, &ending, place);
        }
        self.handled_chain(base, &ending)
    }

    /// What has to hold where a chain calls an error-first callback.
    fn assume_of_chain(&mut self, ending: &Ending<'a>, base: Node<'a>, returned: bool) {
        if returned && self.callbacks == 0 {
            self.assume(format!("Nobody uses the promise of `{}` that is returned.", short(self.cx.text(base))));
        }
        let fails = ending.failure.is_some_and(|failure| match failure {
            Reaction::Settle(_) => true,
            Reaction::Literal(function, _) => self.is_mentioned_in(function),
        });
        if ending.sees_success && fails {
            self.assume("The callback does not throw; today the chain would call it again, with that error.");
        }
    }

    fn ending(&self, links: &[Link<'a>], node: Node<'a>) -> Result<Ending<'a>, Refusal> {
        let mut success = None;
        let mut failure = None;
        let mut sees_success = true;
        for link in links {
            match (&link.kind, success) {
                (LinkKind::Nothing, _) => {}
                (LinkKind::Opaque(code, node), _) => return refusal(*code, *node),
                (LinkKind::Then(f), None) if failure.is_none() => success = Some(self.reaction(f, link)?),
                (LinkKind::ThenBoth(f, g), None) if failure.is_none() => {
                    success = Some(self.reaction(f, link)?);
                    failure = Some(self.reaction(g, link)?);
                    sees_success = false;
                }
                (LinkKind::Catch(g), Some(_)) if failure.is_none() => failure = Some(self.reaction(g, link)?),
                // `.catch(reject).then(resolve)`: once it is rejected, `resolve(undefined)` counts for nothing.
                (LinkKind::Catch(g), None) if failure.is_none() => failure = Some(self.reaction(g, link)?),
                (LinkKind::Then(f), None) => {
                    let reaction = self.reaction(f, link)?;
                    let is_resolve = matches!(reaction, Reaction::Settle(Settle::Resolve));
                    if !is_resolve || !failure.is_some_and(|f| f.is_rejecting()) {
                        return refusal(RefusalCode::RunsAfterSettling, link.call);
                    }
                    success = Some(reaction);
                }
                (LinkKind::Catch(g), Some(_)) if !sees_success => {
                    // `.then(f, reject).catch(reject)`: both ways lead to `reject`.
                    let again = self.reaction(g, link)?;
                    let both = [failure, Some(again)];
                    if !both.iter().all(|r| r.is_some_and(|r| r.is_rejecting())) {
                        return refusal(RefusalCode::RunsAfterSettling, link.call);
                    }
                    sees_success = true;
                }
                _ => return refusal(RefusalCode::RunsAfterSettling, link.call),
            }
        }
        match success {
            // `.then(reject)`, and `.then(callback)`: the value would be taken for an error.
            Some(Reaction::Settle(settle)) if settle != Settle::Resolve => {
                refusal(RefusalCode::RealPromiseConstructor, node)
            }
            Some(success) => Ok(Ending { success, failure, sees_success }),
            None => refusal(RefusalCode::NeverSettles, node),
        }
    }

    fn reaction(&self, handler: &Handler<'a>, link: &Link<'a>) -> Result<Reaction<'a>, Refusal> {
        match handler {
            Handler::Literal { function, bound } => Ok(Reaction::Literal(*function, *bound)),
            Handler::Callee(name) => match self.settlers.named(self.cx, *name) {
                Some(Settle::Local) => refusal(RefusalCode::RealPromiseConstructor, *name),
                Some(settle) => Ok(Reaction::Settle(settle)),
                None => refusal(RefusalCode::NeverSettles, link.call),
            },
            Handler::Bound(node) => refusal(RefusalCode::NeverSettles, *node),
        }
    }

    /// `e => reject(e)`
    fn only_rejects_parameter(&self, function: Node<'a>) -> bool {
        let [parameter] = parameters(function)[..] else { return false };
        let name = parameter.child_by_field_name("pattern").unwrap_or(parameter);
        let Some(binding) = self.cx.names.declared_at(name.start_byte()).filter(|_| name.kind() == "identifier") else {
            return false;
        };
        let body = function.child_by_field_name("body");
        let items = match crate::flow::chain::block_body(function) {
            Some(block) => super::lower::items(block),
            None => body.into_iter().collect(),
        };
        self.is_plain_rejection(&items, binding)
    }

    /// A chain whose failure is the function's failure.
    fn plain_chain(&mut self, base: Node<'a>, ending: &Ending<'a>, place: Place) -> Result<Vec<Stmt>, Refusal> {
        let text = self.text(base.byte_range());
        let whole = direct(self.cx, base, text.clone());
        self.awaitable.push(text.clone());
        let Reaction::Literal(function, bound) = ending.success else {
            self.direct = Some(whole);
            return Ok(vec![Stmt::Return(Some(text))]);
        };
        let caught = ending.failure.is_some() && ending.sees_success;
        let flows = caught || (ending.failure.is_none() && place.flows);
        // Without a failure handler the one assumption speaks for both.
        let hangs = ending.failure.is_some() && !caught;
        let target = self.handler_target(function)?;
        let inside = Place { hangs, guarded: false, flows, after: After::Nothing };
        for parameter in parameters(function) {
            // Taking a value apart may throw.
            self.check_hang(parameter, inside);
        }
        let statements = self.body(function, bound, inside)?;
        if target.is_returned_by(&statements) {
            self.direct = Some(whole);
            return Ok(vec![Stmt::Return(Some(text))]);
        }
        let mut out = vec![target.bind(awaited(&text))];
        out.extend(statements);
        Ok(out)
    }

    /// A chain whose failure is handled.
    fn handled_chain(&mut self, base: Node<'a>, ending: &Ending<'a>) -> Result<Vec<Stmt>, Refusal> {
        let mut out = Vec::new();
        let mut text = self.text(base.byte_range());
        if !cannot_throw(self.cx, base) {
            // What the first call throws at once was never seen by the handler, so it stays out of the `try`.
            let name = self.renames.fresh("promise");
            out.push(Stmt::Bind { keyword: Keyword::Const, target: name.as_str().into(), value: text });
            text = name.into();
        }
        let catch = self.failure_clause(ending)?;
        let Reaction::Literal(function, bound) = ending.success else {
            out.push(Stmt::Try { body: vec![Stmt::Return(Some(awaited(&text)))], catch: Some(catch), finally: None });
            return Ok(out);
        };
        let target = self.handler_target(function)?;
        let (hangs, guarded) = (!ending.sees_success, ending.sees_success);
        let place = Place { hangs, guarded, flows: false, after: After::Nothing };
        for parameter in parameters(function) {
            self.check_hang(parameter, place);
        }
        let statements = self.body(function, bound, place)?;
        if ending.sees_success && !target.is_returned_by(&statements) {
            let mut body = vec![target.bind(awaited(&text))];
            body.extend(statements);
            out.push(Stmt::Try { body, catch: Some(catch), finally: None });
            return Ok(out);
        }
        let promised = Promised::of(text);
        handled_step(
            Step { target, promised, blank: false, needed: false },
            statements,
            catch,
            &mut self.renames,
            &mut out,
        );
        Ok(out)
    }

    fn failure_clause(&mut self, ending: &Ending<'a>) -> Result<Catch, Refusal> {
        let Some(Reaction::Literal(function, bound)) = ending.failure else {
            let name = self.renames.fresh("error");
            return Ok(Catch { parameter: name.as_str().into(), body: vec![Stmt::Return(Some(name.into()))] });
        };
        let parameters = parameters(function);
        let parameter: Text = match parameters.first() {
            Some(first) => {
                let pattern = first.child_by_field_name("pattern").unwrap_or(*first);
                match self.cx.names.declared_at(pattern.start_byte()).filter(|_| pattern.kind() == "identifier") {
                    Some(binding) => {
                        let body = function.child_by_field_name("body").into_iter().collect::<Vec<_>>();
                        self.caught(binding, &body)
                    }
                    None => return refusal(RefusalCode::ExtraParameter, *first),
                }
            }
            None => self.renames.fresh("error").into(),
        };
        let place = Place { hangs: true, guarded: false, flows: false, after: After::Nothing };
        let body = self.body(function, bound, place)?;
        if let Some(moved) = self.moved.iter_mut().find(|m| m.function == function) {
            // The clause is a block of its own.
            moved.flat = false;
        }
        Ok(Catch { parameter, body })
    }

    /// What a success handler's value is bound to.
    fn handler_target(&mut self, function: Node<'a>) -> Result<Target, Refusal> {
        let parameters = parameters(function);
        if let Some(extra) = parameters.get(1..).and_then(|rest| rest.iter().find(|p| self.is_used(**p))) {
            return refusal(RefusalCode::ExtraParameter, *extra);
        }
        let Some(first) = parameters.first().copied().filter(|p| self.is_used(*p)) else { return Ok(Target::Nothing) };
        if is_special(first) {
            return refusal(RefusalCode::ExtraParameter, first);
        }
        Ok(self.name_target(first))
    }
}
