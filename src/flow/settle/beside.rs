//! Results that a callback looks at where there is, or may be, an error.
//!
//! A promise has one or the other, and what a callee hands over along with an error is lost. Most callees hand over nothing
//! then, but a callback that asks for a result in the code for a failure has been written for one that does.

use tree_sitter::Node;

use super::{Settle, error_first::Callback, lower::Lowerer};
use crate::{
    edit::{Refusal, RefusalCode},
    flow::{
        callback::{error_at, hands_one_or_the_other},
        promisify::Call,
    },
    syntax::node::{ancestors, is_function},
};

impl<'a> Lowerer<'a, '_> {
    /// Checks what a callback does with its results where they are not known to be all that it was handed.
    ///
    /// # Errors
    /// The use of a result in the code for a failure of a callee that may hand over both.
    pub(super) fn check_results_beside(&mut self, call: &Call<'a>, callback: &Callback<'a>) -> Result<(), Refusal> {
        let Some((has_error, used)) = self.result_beside(callback) else { return Ok(()) };
        if hands_one_or_the_other(self.cx, call.callee) {
            return Ok(());
        }
        if has_error || !self.trusts_callees {
            return Err(Refusal::new(RefusalCode::ErrorWithResult, used.byte_range()));
        }
        self.assume("Nobody looks at a result that is handed over along with an error.");
        Ok(())
    }

    /// The same where only the code for a failure counts: once a promise is rejected, it does not matter what follows.
    pub(super) fn check_failure_without_result(&self, call: &Call<'a>, callback: &Callback<'a>) -> Result<(), Refusal> {
        match self.result_beside(callback) {
            Some((true, used)) if !hands_one_or_the_other(self.cx, call.callee) => {
                Err(Refusal::new(RefusalCode::ErrorWithResult, used.byte_range()))
            }
            _ => Ok(()),
        }
    }

    /// A use of a result where there is an error, or else one where there may be, and whether there is one. What is handed to
    /// the function's own callback behind the error is seen to where that is called.
    fn result_beside(&self, callback: &Callback<'a>) -> Option<(bool, Node<'a>)> {
        let names = &self.cx.names;
        let results = callback.results.iter().flat_map(|r| names.declared_in(&r.byte_range()));
        let references = results.flat_map(|b| names.binding(b).references.clone());
        let ranges = references.map(|r| names.reference(r).range.clone());
        let uses = ranges.filter_map(|range| self.cx.file.root().descendant_for_byte_range(range.start, range.end));
        let mut doubtful = None;
        for used in uses.filter(|used| !self.is_handed_beside_error(*used)) {
            match error_at(self.cx, used, callback.error, callback.function) {
                Some(true) => return Some((true, used)),
                Some(false) => {}
                None => doubtful = doubtful.or(Some((false, used))),
            }
        }
        doubtful
    }

    /// Whether a name stands in what the function's own callback is handed behind what may be an error.
    fn is_handed_beside_error(&self, name: Node<'a>) -> bool {
        let mut child = name;
        for parent in ancestors(name).take_while(|a| !is_function(*a)) {
            if parent.kind() == "arguments"
                && let Some((Settle::Callback, handed)) = parent.parent().and_then(|call| self.settling_call(call))
            {
                let [error, results @ ..] = handed.as_slice() else { return false };
                return results.contains(&child) && self.truth(*error) != Some(false);
            }
            child = parent;
        }
        false
    }
}
