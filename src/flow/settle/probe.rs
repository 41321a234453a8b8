//! A call that is made to see whether it fails: `fs.access(path, err => callback(null, !err))`.

use tree_sitter::Node;

use super::{
    Settle,
    error_first::{Callback, awaited},
    list::is_expression,
    lower::{Lowerer, code, refusal},
    quiet::throws_at_once,
};
use crate::{
    edit::{Refusal, RefusalCode},
    flow::{
        Catch, Stmt, Text,
        promisify::{Call, Promised},
    },
    semantic::BindingId,
    syntax::node::{is_comment, named_children, unparenthesized},
};

impl<'a> Lowerer<'a, '_> {
    /// `err => resolve(!err)`, `err => callback(null, !err)`, which tell whether a call failed and nothing else: what they
    /// tell if it did.
    pub(super) fn tells_whether_it_failed(&self, items: &[Node<'a>], error: BindingId) -> Option<bool> {
        let [only] = code(items)[..] else { return None };
        let (settle, arguments) = self.told_by(only)?;
        let argument = match (settle, arguments.as_slice()) {
            (Settle::Resolve, [argument]) => *argument,
            (Settle::Callback, [no_error, argument]) if self.truth(*no_error) == Some(false) => *argument,
            _ => return None,
        };
        let test = self.error_test(argument, error, false)?;
        (unparenthesized(argument).kind() == "unary_expression").then_some(test)
    }

    /// What a callback of one statement, or one expression, settles, and with what.
    fn told_by(&self, only: Node<'a>) -> Option<(Settle, Vec<Node<'a>>)> {
        let inner = match only.kind() {
            "expression_statement" | "return_statement" => named_children(only).first().copied()?,
            _ => Some(only).filter(|n| is_expression(*n))?,
        };
        self.settlers.called(self.cx, inner)
    }

    /// A call whose callback tells whether it failed.
    pub(super) fn probed(
        &mut self,
        call: &Call<'a>,
        callback: &Callback<'a>,
        items: &[Node<'a>],
        on_failure: bool,
        promised: Promised,
    ) -> Result<Vec<Stmt>, Refusal> {
        if self.called_in_full().is_some() {
            return refusal(RefusalCode::UnusualErrorCheck, callback.function);
        }
        if let Some(throw) = throws_at_once(self.cx, call.callee) {
            return refusal(RefusalCode::CalleeThrows, throw);
        }
        self.successes.with_value = true;
        if let Some((Settle::Callback, told)) = code(items).first().and_then(|only| self.told_by(*only)) {
            told.first().into_iter().for_each(|no_error| self.note_told(*no_error));
        }
        let mut out = Vec::new();
        for comment in items.iter().filter(|n| is_comment(**n)) {
            self.comment(*comment, None, &mut out);
        }
        let name = self.caught(callback.error, &[]);
        let catch = Catch { parameter: name.clone(), body: Vec::new() };
        let pending = self.pending(call, &promised)?;
        let promised = self.started(pending, promised, &catch, &mut out);
        out.push(probe(on_failure, &promised, name));
        Ok(out)
    }
}

/// `try { await call; return true; } catch (err) { return false; }`
pub(super) fn probe(on_failure: bool, promised: &Promised, error: Text) -> Stmt {
    let value = |v: bool| Stmt::Return(Some(if v { "true" } else { "false" }.into()));
    Stmt::Try {
        body: vec![Stmt::Expression(awaited(&promised.text)), value(!on_failure)],
        catch: Some(Catch { parameter: error, body: vec![value(on_failure)] }),
        finally: None,
    }
}
