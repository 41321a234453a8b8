//! A callback that does not look at its error.
//!
//! A failure that the callee reports stays ignored. What is thrown at once never reached the callback, but whoever called
//! the function around it, and must not be ignored with the rest: neither what working out the arguments throws nor what
//! the callee does. `util.promisify` can't tell a throw from a report, so a callee that may throw is called with a
//! callback as before.

use tree_sitter::Node;

use super::{
    error_first::{Step, awaited},
    lower::{Lowerer, Place, refusal},
    quiet::is_quiet,
    target::Target,
    variables::rejoining_step,
};
use crate::{
    edit::{Refusal, RefusalCode},
    flow::{
        Catch, Stmt, Text,
        callback::adapter,
        chain::parameters,
        classify::called_function,
        elsewhere::elsewhere,
        known::builtin,
        promisify::{Call, Promised, has_await},
    },
    syntax::node::{is_async, named_children, unparenthesized},
};

impl<'a> Lowerer<'a, '_> {
    /// Lowers a call with a callback that does not look at its error. `items` are the statements of the callback.
    pub(super) fn ignored(
        &mut self,
        call: &Call<'a>,
        function: Node<'a>,
        items: &[Node<'a>],
        place: Place,
    ) -> Result<Vec<Stmt>, Refusal> {
        let results: Vec<_> = parameters(function).into_iter().skip(1).collect();
        let is_rest = |r: &&Node<'a>| r.child_by_field_name("pattern").unwrap_or(**r).kind() == "rest_pattern";
        if let Some(rest) = results.iter().find(is_rest) {
            return refusal(RefusalCode::ManyResults, *rest);
        }
        self.keep_apart(function, &[], &results);
        if let Some(promised) = self.tasks(call) {
            self.assume("The tasks report every failure to their callbacks and do not throw.");
            return self.caught_and_ignored(call, promised, &results, items, place);
        }
        if self.is_rejected_at_once(call) {
            let promised = self.promised(call)?;
            if call.arguments.iter().all(|a| is_quiet(self.cx, *a)) && !self.is_taken_apart(&results) {
                return self.caught_and_ignored(call, promised, &results, items, place);
            }
            let mut out: Vec<Stmt> = promised.setup.clone().into_iter().collect();
            let target = self.target(&results, &promised, call.node)?;
            let mut wait = awaited(&promised.text);
            // Results by name are taken from an object, which has to be there.
            wait.push_str(if promised.keys.is_some() { ".catch(() => ({}))" } else { ".catch(() => {})" });
            out.push(target.bind(wait));
            out.extend(self.settling(items, function, place)?);
            return Ok(out);
        }
        if has_await(call.node) {
            let name = super::lower::short(self.cx.text(call.callee));
            self.assume(format!("`{name}` reports every failure to its callback and does not throw."));
            let promised = self.promised(call)?;
            return self.caught_and_ignored(call, promised, &results, items, place);
        }
        self.called_with_callback(call, function, &results, items, place)
    }

    /// Whether the callee's promise form rejects where the callee throws, for a wrong argument at most: one of Node's own
    /// functions, or the async function that a function of this file, or of another, has become.
    fn is_rejected_at_once(&self, call: &Call<'a>) -> bool {
        let own = called_function(self.cx, call.callee);
        let is_own = self.promise_form.is_some() && own.is_some() && own == self.function;
        builtin(self.cx, unparenthesized(call.callee)).is_some()
            || is_own
            || own.is_some_and(|f| is_async(f) || adapter(self.cx, f).is_some_and(|a| a.is_plain))
            || elsewhere(self.cx, call.callee).is_some_and(|found| found.takes(self.cx, &call.arguments))
    }

    /// Whether a result is a pattern, which can't be declared without a value.
    fn is_taken_apart(&self, results: &[Node<'a>]) -> bool {
        results.iter().any(|r| r.child_by_field_name("pattern").unwrap_or(*r).kind() != "identifier")
    }

    /// `try { result = await … } catch (err) { }`
    fn caught_and_ignored(
        &mut self,
        call: &Call<'a>,
        promised: Promised,
        results: &[Node<'a>],
        items: &[Node<'a>],
        place: Place,
    ) -> Result<Vec<Stmt>, Refusal> {
        let success = self.settling(items, call.node, place)?;
        let mut out: Vec<Stmt> = promised.setup.clone().into_iter().collect();
        let target = self.target(results, &promised, call.node)?;
        let body = vec![Stmt::Source("// The error is ignored.".into())];
        let catch = Catch { parameter: "err".into(), body };
        rejoining_step(Step { target, promised, blank: false, needed: false }, success, catch, &mut out)
            .map_err(|()| Refusal::new(RefusalCode::ManyResults, call.node.byte_range()))?;
        Ok(out)
    }

    /// `const value = await new Promise(resolve => read(path, (err, value) => resolve(value)));`
    fn called_with_callback(
        &mut self,
        call: &Call<'a>,
        function: Node<'a>,
        results: &[Node<'a>],
        items: &[Node<'a>],
        place: Place,
    ) -> Result<Vec<Stmt>, Refusal> {
        // It may have a promise form one day, which is better.
        self.callees.extend(called_function(self.cx, call.callee).map(|f| f.byte_range()));
        if let Some(second) = results.iter().skip(1).find(|r| self.is_used(**r)) {
            return refusal(RefusalCode::ManyResults, *second);
        }
        let settled = self.settling(items, function, place)?;
        let target = match results.first().filter(|r| self.is_used(**r)) {
            Some(result) => self.name_target(*result),
            None => Target::Nothing,
        };
        let mut out = self.wait_with_callback(call, target)?;
        out.extend(settled);
        Ok(out)
    }

    /// The wait for a call that keeps a callback, which hands on the result and no error.
    fn wait_with_callback(&mut self, call: &Call<'a>, target: Target) -> Result<Vec<Stmt>, Refusal> {
        let has_types = self.cx.file.source.language().has_types();
        let arguments = call.node.child_by_field_name("arguments");
        let Some(last) = arguments.and_then(|a| named_children(a).last().copied()) else {
            return refusal(RefusalCode::ComplexCallee, call.node);
        };
        let of = match target {
            _ if !has_types => "",
            Target::Nothing => "<void>",
            Target::Name { .. } => "<any>",
        };
        let promise = self.fulfilled_by(call.node, last, of, |resolve| match target {
            Target::Nothing => format!("() => {resolve}()"),
            Target::Name { .. } => format!("(err, value) => {resolve}(value)"),
        })?;
        Ok(vec![target.bind(awaited(&promise))])
    }

    /// Whether a function of the code has an error for its first parameter that it does not look at.
    pub(super) fn has_no_use_for_errors(&self, function: Node<'a>) -> bool {
        parameters(function).first().is_none_or(|error| !self.is_used(*error))
    }

    /// `run(id, finish)`, where `finish` does not look at its error.
    pub(super) fn handed_to_careless(
        &mut self,
        call: &Call<'a>,
        local: Node<'a>,
        function: Node<'a>,
    ) -> Result<Vec<Stmt>, Refusal> {
        self.callees.extend(called_function(self.cx, call.callee).map(|f| f.byte_range()));
        self.kept.push(local.byte_range());
        let name = self.cx.text(local);
        let takes_result = parameters(function).get(1).is_some_and(|r| self.is_used(*r));
        if !takes_result {
            let mut out = self.wait_with_callback(call, Target::Nothing)?;
            out.push(Stmt::Return(Some(format!("{name}()").into())));
            return Ok(out);
        }
        let result = Text::from(self.renames.fresh("result"));
        let returned = format!("{name}(null, {})", result.as_str());
        let target = Target::constant(result);
        let mut out = self.wait_with_callback(call, target)?;
        out.push(Stmt::Return(Some(returned.into())));
        Ok(out)
    }
}
