//! A call whose error and result are put into variables, behind which the callback's code goes on as it is.

use tree_sitter::Node;

use super::{
    error_first::{Callback, Step, awaited},
    lower::{Lowerer, Place, refusal},
    quiet::throws_at_once,
    target::Target,
};
use crate::{
    edit::{Refusal, RefusalCode},
    flow::{
        Catch, Keyword, Stmt, Text,
        promisify::{Call, Promised},
    },
};

impl<'a> Lowerer<'a, '_> {
    /// Error and result in variables, and the body as it is: for whatever the callback asks of its error.
    pub(super) fn put_in_variables(
        &mut self,
        call: &Call<'a>,
        callback: &Callback<'a>,
        items: &[Node<'a>],
        promised: Promised,
        place: Place,
    ) -> Result<Vec<Stmt>, Refusal> {
        if let Some(throw) = throws_at_once(self.cx, call.callee) {
            return refusal(RefusalCode::CalleeThrows, throw);
        }
        self.keep_apart(callback.function, &[], &callback.results);
        let pending = self.pending(call, &promised)?;
        let body = self.settling(items, callback.function, place)?;
        let target = self.target(&callback.results, &promised, call.node)?;
        let error = Text::from(self.renames.name_of(self.cx, callback.error));
        let caught = self.renames.fresh_in(self.cx, &callback.function.byte_range(), "error");
        let mut declared = error.clone();
        declared.push_str(self.type_of_caught(callback.error, items));
        let mut out = vec![Stmt::Bind { keyword: Keyword::Let, target: declared, value: "null".into() }];
        let kept = Stmt::Assign { target: error, value: caught.as_str().into() };
        let catch = Catch { parameter: caught.into(), body: vec![kept] };
        let promised = self.started(pending, promised, &catch, &mut out);
        rejoining_step(Step { target, promised, blank: true, needed: false }, body, catch, &mut out)
            .map_err(|()| Refusal::new(RefusalCode::UnusualErrorCheck, callback.function.byte_range()))?;
        Ok(out)
    }
}

/// A step behind whose failure the code goes on: the result is a variable that stays `undefined` then. `Err` where the
/// result is taken apart, which can't be done to `undefined`.
pub(super) fn rejoining_step(step: Step, after: Vec<Stmt>, catch: Catch, out: &mut Vec<Stmt>) -> Result<(), ()> {
    let Step { target, promised, blank, .. } = step;
    let wait = awaited(&promised.text);
    let waiting = match target {
        Target::Nothing => Stmt::Expression(wait),
        Target::Name { name, annotation, is_plain: true, types, .. } => {
            let mut declared = name.clone();
            match annotation {
                // Whether it has a value, TypeScript can't tell from the error.
                Some(annotation) => {
                    declared.push_str("!");
                    declared.push(&annotation);
                }
                None => declared.push_str(if types.has { ": any" } else { "" }),
            }
            out.push(Stmt::Declare { keyword: Keyword::Let, target: declared });
            Stmt::Assign { target: name, value: wait }
        }
        Target::Name { .. } => return Err(()),
    };
    out.push(Stmt::Try { body: vec![waiting], catch: Some(catch), finally: None });
    out.extend(blank.then(Stmt::blank));
    out.extend(after);
    Ok(())
}
