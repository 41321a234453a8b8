//! Branches in which a promise is settled: `if` and `? :`.

use tree_sitter::Node;

use super::{
    list::List,
    lower::{Lowerer, Place, branch_items, code, refusal},
};
use crate::{
    edit::{Refusal, RefusalCode},
    flow::{Stmt, Text, body::completes},
    syntax::{node::named_children, statement::last_token},
};

impl<'a> Lowerer<'a, '_> {
    /// `condition ? resolve(a) : reject(b)`
    pub(super) fn ternary(
        &mut self,
        node: Node<'a>,
        returned: bool,
        rest: &[Node<'a>],
        place: Place,
        out: &mut List,
    ) -> Result<bool, Refusal> {
        let part = |field| node.child_by_field_name(field);
        let (Some(condition), Some(yes), Some(no)) = (part("condition"), part("consequence"), part("alternative"))
        else {
            return refusal(RefusalCode::RealPromiseConstructor, node);
        };
        if self.is_mentioned_in(condition) {
            return refusal(RefusalCode::RealPromiseConstructor, condition);
        }
        self.check_after(node, returned, rest, place)?;
        self.check_hang(condition, place);
        let condition = self.condition(condition);
        let then = self.settling(&[yes], yes, place)?;
        let otherwise = self.settling(&[no], no, place)?;
        out.statements.push(Stmt::If { condition, then, otherwise: Vec::new() });
        out.statements.extend(otherwise);
        Ok(true)
    }

    /// A condition with its parentheses.
    pub(super) fn condition(&mut self, node: Node<'a>) -> Text {
        if node.kind() == "parenthesized_expression" {
            return self.text(node.byte_range());
        }
        let mut text = Text::from("(");
        text.push(&self.text(node.byte_range()));
        text.push_str(")");
        text
    }

    /// An `if`.
    pub(super) fn branches(
        &mut self,
        node: Node<'a>,
        rest: &[Node<'a>],
        place: Place,
        out: &mut List,
    ) -> Result<bool, Refusal> {
        let part = |field| node.child_by_field_name(field);
        let (Some(condition), Some(then)) = (part("condition"), part("consequence")) else {
            return refusal(RefusalCode::RealPromiseConstructor, node);
        };
        if self.is_presence_test(condition) && part("alternative").is_none() {
            return self.with_callback(then, rest, place, out);
        }
        if self.is_mentioned_in(condition) && !self.looks_at_callback(condition) {
            return refusal(RefusalCode::RealPromiseConstructor, condition);
        }
        if !self.is_open
            && let Some(text) = self.embedded(node, place)?
        {
            // What it needs it for stands in front of the next line. The `;` of an empty statement is all of that.
            let is_empty = last_token(node).parent().is_some_and(|owner| owner.kind() == "empty_statement");
            let stays = self.cx.style.semicolons || is_empty;
            out.statements.push(Stmt::Branch(if stays { text } else { text.without_semicolon_below() }));
            if part("alternative").is_none() && !completes(then) {
                let otherwise = self.truths(condition, false);
                self.known.extend(otherwise);
            }
            return self.left_by(node, rest);
        }
        self.check_hang(condition, place);
        let inner = Place { after: self.after(rest, place), ..place };
        let alternative = part("alternative").and_then(|e| named_children(e).first().copied());
        let tests = (self.truths(condition, true), self.truths(condition, false));
        let condition = self.condition(condition);
        let then = self.knowing(&tests.0, |l| l.branch(then, rest, inner))?;
        let otherwise = match alternative {
            Some(branch) => self.knowing(&tests.1, |l| l.branch(branch, rest, inner))?,
            None => List::default(),
        };
        match (then.ends, otherwise.ends) {
            (true, false) => self.known.extend(tests.1),
            (false, true) => self.known.extend(tests.0),
            _ => {}
        }
        let ends = then.ends && otherwise.ends;
        out.statements.push(Stmt::If { condition, then: then.statements, otherwise: otherwise.statements });
        let dead = code(rest).into_iter().find(|s| ends && !self.is_ignored_settle(*s));
        dead.map_or(Ok(ends), |dead| refusal(RefusalCode::RunsAfterSettling, dead))
    }

    /// One branch of an `if`. Where it calls back and goes on to code that does so again, that is what is wrong.
    fn branch(&mut self, branch: Node<'a>, rest: &[Node<'a>], place: Place) -> Result<List, Refusal> {
        let again = code(rest).into_iter().find(|s| self.calls_back() && self.is_mentioned_in(*s));
        self.list(&branch_items(branch), place).map_err(|refusal| match again {
            Some(again)
                if refusal.code == RefusalCode::RunsAfterSettling
                    && branch.byte_range().contains(&refusal.range.start)
                    && completes(branch) =>
            {
                Refusal::new(RefusalCode::SettlesTwice, again.byte_range())
            }
            _ => refusal,
        })
    }

    /// Whether a statement whose settling `return`s were written in place leaves the function on all paths.
    fn left_by(&self, node: Node<'a>, rest: &[Node<'a>]) -> Result<bool, Refusal> {
        if completes(node) {
            return Ok(false);
        }
        code(rest).first().map_or(Ok(true), |dead| refusal(RefusalCode::RunsAfterSettling, *dead))
    }
}
