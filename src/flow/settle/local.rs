//! A call that is handed, in the place of a callback, a function of the code that settles.

use tree_sitter::Node;

use super::{
    error_first::{Callback, Step, Target, awaited, handled_step},
    lower::{Lowerer, refusal},
};
use crate::{
    edit::{Refusal, RefusalCode},
    flow::{
        Catch, Stmt, Text, callback::tells_undefined_from_null, chain::parameters, known::builtin, promisify::Call,
    },
    syntax::node::unparenthesized,
};

impl<'a> Lowerer<'a, '_> {
    /// `read(path, done)`, where `done` is a function of the code that settles.
    pub(super) fn handed_to_local(&mut self, call: &Call<'a>, local: Node<'a>) -> Result<Vec<Stmt>, Refusal> {
        let name = self.cx.text(local);
        let binding = self.cx.names.reference_at(local.start_byte()).and_then(|r| r.binding);
        let function = self.locals.iter().find(|l| Some(l.binding) == binding).map(|l| l.function);
        let count = function.map_or(0, |f| parameters(f).len());
        let beside =
            function.filter(|f| !self.has_no_use_for_errors(*f)).and_then(|f| self.wants_results_beside(call, f));
        if count > 2 || function.is_none() || beside.is_some() {
            self.listed = beside.or(self.listed.take());
            let mut text = Text::from(format!("{name}(..."));
            text.push(&awaited(&self.all_arguments(call, local)?));
            text.push_str(")");
            return Ok(vec![Stmt::Return(Some(text))]);
        }
        let is_told_null = builtin(self.cx, unparenthesized(call.callee)).is_some();
        if !is_told_null && function.is_some_and(|f| tells_undefined_from_null(self.cx, f)) {
            return refusal(RefusalCode::UnusualErrorCheck, local);
        }
        if let Some(function) = function.filter(|f| self.has_no_use_for_errors(*f)) {
            return self.handed_to_careless(call, local, function);
        }
        let promised = self.promised(call)?;
        if promised.keys.is_some() {
            return refusal(RefusalCode::ManyResults, call.node);
        }
        let error = self.renames.fresh_in(self.cx, &call.node.byte_range(), "err");
        let failed = Stmt::Return(Some(format!("{name}({error})").into()));
        let catch = Catch { parameter: error.into(), body: vec![failed] };
        let mut out = Vec::new();
        let pending = self.pending(call, &promised);
        let promised = self.started(pending, promised, &catch, &mut out);
        let (target, succeeded) = if count == 2 {
            let result = Text::from(self.renames.fresh("result"));
            let succeeded = format!("{name}(null, {})", result.as_str());
            let target = Target::constant(result);
            (target, succeeded)
        } else {
            (Target::Nothing, format!("{name}({})", if count == 1 { "null" } else { "" }))
        };
        if promised.drops && count == 2 {
            return refusal(RefusalCode::ManyResults, local);
        }
        let success = vec![Stmt::Return(Some(succeeded.into()))];
        handled_step(
            Step { target, promised, blank: false, needed: false },
            success,
            catch,
            &mut self.renames,
            &mut out,
        );
        Ok(out)
    }

    /// Where a function of the code looks at a result beside an error, if a call may hand over both.
    fn wants_results_beside(&mut self, call: &Call<'a>, function: Node<'a>) -> Option<Refusal> {
        let parameters = parameters(function);
        let first = parameters.first().map(|p| p.child_by_field_name("pattern").unwrap_or(*p))?;
        let error = self.cx.names.declared_at(first.start_byte())?;
        let results = parameters.get(1..).unwrap_or_default().to_vec();
        self.check_results_beside(call, &Callback { function, error, results }).err()
    }
}
