//! A callback's error that is given one of the code's own, behind the check that there is none:
//! `if (!user) { err = new Error('nobody'); return done(err); }`. There it is a variable of that block.

use tree_sitter::Node;

use super::{LOOPS, error_first::Callback, is_presence_test, lower::Lowerer, outcome::Outcome};
use crate::{
    edit::{Refusal, RefusalCode},
    flow::{body::completes, scope::Declared},
    semantic::{BindingId, Reference},
    syntax::node::{ancestors, is_function, walk},
};

/// An assignment, and the block that the variable will be known in.
struct Made<'t> {
    declared: Declared,
    block: Node<'t>,
}

impl<'a> Lowerer<'a, '_> {
    /// The assignments to a callback's error that become declarations: all that there are, where nothing in front of them in
    /// their blocks speaks of the error that was handed over, and nothing behind those of the new one.
    ///
    /// # Errors
    /// The reason why the error has to be the variable that it is.
    pub(super) fn errors_made_anew(
        &self,
        callback: &Callback<'a>,
        outcome: &Outcome<'a>,
    ) -> Result<Vec<Declared>, Refusal> {
        let unusual = |r: &Reference| Refusal::new(RefusalCode::UnusualErrorCheck, r.range.clone());
        let references = self.cx.names.binding(callback.error).references.iter();
        let references: Vec<_> = references.map(|r| self.cx.names.reference(*r)).collect();
        let mut all: Vec<Made<'a>> = Vec::new();
        for write in references.iter().filter(|r| r.writes) {
            if let Some(made) = all.iter_mut().find(|made| made.declared.scope.contains(&write.range.start)) {
                made.declared.is_reassigned = true;
                continue;
            }
            // Of a branch of the check itself, the code goes where the call was, beside all that is declared there.
            let is_behind = outcome
                .success
                .iter()
                .any(|item| item.kind() != "expression_statement" && item.byte_range().contains(&write.range.start));
            all.push(self.made_by(write, callback).filter(|_| is_behind).ok_or_else(|| unusual(write))?);
        }
        let is_of_both = |r: &Reference, made: &Made<'a>| {
            let is_behind = r.range.start >= made.block.end_byte() && completes(made.block);
            let is_inside = made.block.byte_range().contains(&r.range.start);
            is_behind || is_inside && !made.declared.scope.contains(&r.range.start)
        };
        match references.iter().find(|r| all.iter().any(|made| is_of_both(r, made))) {
            Some(stray) => Err(unusual(stray)),
            None => Ok(all.into_iter().map(|made| made.declared).collect()),
        }
    }

    /// Whether a name at a place stands for an error made anew, whichever of the values that it is given there.
    pub(super) fn is_made_anew(&self, error: BindingId, place: usize) -> bool {
        let Some(declared) = self.renames.declared_at(error, place) else { return false };
        let references = self.cx.names.references_in(&declared.scope);
        references.iter().filter(|r| r.writes && r.binding == Some(error)).all(|write| {
            let name = self.cx.file.root().descendant_for_byte_range(write.range.start, write.range.end);
            let assignment = name.and_then(|n| n.parent()).filter(|p| p.kind() == "assignment_expression");
            let value = assignment.and_then(|a| a.child_by_field_name("right"));
            value.is_some_and(|value| self.truth(value) == Some(true))
        })
    }

    /// `err = …;` as a statement of a branch that holds no function, so that nobody sees the variable but the branch.
    fn made_by(&self, write: &Reference, callback: &Callback<'a>) -> Option<Made<'a>> {
        let name = self.cx.file.root().descendant_for_byte_range(write.range.start, write.range.end)?;
        let assignment = name.parent().filter(|p| p.kind() == "assignment_expression")?;
        let (left, right) = (assignment.child_by_field_name("left")?, assignment.child_by_field_name("right")?);
        let statement = assignment.parent().filter(|p| p.kind() == "expression_statement")?;
        let block = statement.parent().filter(|p| p.kind() == "statement_block")?;
        let branches = block.parent().filter(|p| matches!(p.kind(), "if_statement" | "else_clause"))?;
        // With a callback, the branch is all that there is, and its names go where the `if` stands.
        let condition = branches.child_by_field_name("condition");
        let is_branch = !condition.is_some_and(|c| is_presence_test(self.cx, &self.settlers, c));
        let mut around = ancestors(block).take_while(|a| *a != callback.function);
        let is_repeated = around.any(|a| LOOPS.contains(&a.kind()) || is_function(a));
        let mut holds_function = false;
        walk(block, |n| {
            holds_function |= is_function(n);
            !holds_function
        });
        let references = self.cx.names.references_in(&right.byte_range());
        let is_of_itself = references.iter().any(|r| r.binding == Some(callback.error));
        if left != name || !is_branch || is_repeated || holds_function || is_of_itself {
            return None;
        }
        let scope = statement.start_byte()..block.end_byte();
        Some(Made { declared: Declared { binding: callback.error, scope, is_reassigned: false }, block })
    }
}
