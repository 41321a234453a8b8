//! `try` statements in which a promise is settled.
//!
//! A `catch` that does nothing but `reject(e)` is what an async function does by itself, so such a `try` goes away. Any
//! other stays, with two limits: a `reject` in its block would be caught as a `throw`, and so would the failure of a
//! step, which it does not see today.

use tree_sitter::Node;

use super::{
    callback::runs_code,
    list::List,
    lower::{After, Lowerer, Place, code, items, refusal},
    quiet::is_quiet,
};
use crate::{
    edit::{Refusal, RefusalCode},
    flow::{
        Catch, Stmt, Text,
        body::{completes, returns_in},
        promisify::has_await,
    },
    syntax::node::{ancestors, enclosing_function, is_comment, walk_own_code},
};

impl<'a> Lowerer<'a, '_> {
    /// Lowers a `try` in which the promise is settled.
    pub(super) fn attempt(
        &mut self,
        node: Node<'a>,
        rest: &[Node<'a>],
        place: Place,
        out: &mut List,
    ) -> Result<bool, Refusal> {
        let Some(body) = node.child_by_field_name("body") else { return refusal(RefusalCode::SyntaxError, node) };
        let handler = node.child_by_field_name("handler");
        let finalizer = node.child_by_field_name("finalizer").and_then(|f| f.child_by_field_name("body"));
        if let Some(handler) = handler.filter(|h| finalizer.is_none() && self.only_rejects(*h)) {
            return self.unwrapped(body, handler, rest, place, out);
        }
        let after = self.after(rest, place);
        let guarded = place.guarded || handler.is_some_and(|h| !self.only_rejects(h));
        let inside = Place { hangs: place.hangs && handler.is_none(), guarded, after, ..place };
        let plain = handler.filter(|h| self.only_rejects(*h));
        let inside = if plain.is_some() { Place { hangs: false, ..inside } } else { inside };
        let attempted = self.list(&items(body), inside)?;
        let mut ends = attempted.ends;
        let mut catch = None;
        if let Some(handler) = handler.filter(|_| plain.is_none()) {
            let caught = self.catch_clause(handler, Place { after, ..place })?;
            ends &= caught.1;
            catch = Some(caught.0);
        }
        let finally = finalizer.map(|f| self.finalizer(f, place)).transpose()?;
        out.statements.push(Stmt::Try { body: attempted.statements, catch, finally });
        let dead = code(rest).into_iter().find(|s| ends && !self.is_ignored_settle(*s));
        dead.map_or(Ok(ends), |dead| refusal(RefusalCode::RunsAfterSettling, dead))
    }

    fn catch_clause(&mut self, handler: Node<'a>, place: Place) -> Result<(Catch, bool), Refusal> {
        let Some(body) = handler.child_by_field_name("body") else { return refusal(RefusalCode::SyntaxError, handler) };
        let parameter = match handler.child_by_field_name("parameter") {
            Some(p) => {
                let end = handler.child_by_field_name("type").map_or(p.end_byte(), |t| t.end_byte());
                self.text(p.start_byte()..end)
            }
            None => Text::default(),
        };
        let list = self.list(&items(body), place)?;
        Ok((Catch { parameter, body: list.statements }, list.ends))
    }

    fn finalizer(&mut self, body: Node<'a>, place: Place) -> Result<Vec<Stmt>, Refusal> {
        if self.is_mentioned_in(body) || !returns_in(body).is_empty() {
            return refusal(RefusalCode::RunsAfterSettling, body);
        }
        self.assume_of_finalizer(body);
        Ok(self.list(&items(body), Place { hangs: false, after: After::Nothing, ..place })?.statements)
    }

    /// What has to hold where a `finally` block runs behind a call of a settler.
    pub(super) fn assume_of_finalizer(&mut self, body: Node<'a>) {
        if has_await(body) {
            self.assume("Whoever waits for the promise may wait for the `finally` block as well.");
        } else if self.calls_back() && runs_code(body) {
            self.assume("The `finally` block may run before the callback is called, and does not throw.");
        } else if !is_quiet(self.cx, body) {
            self.assume("The `finally` block does not throw; what it throws today is lost.");
        }
    }

    /// A `catch` clause that does nothing but `reject(e)`: what an async function does by itself.
    fn only_rejects(&self, handler: Node<'a>) -> bool {
        let Some(body) = handler.child_by_field_name("body") else { return false };
        let parameter = handler.child_by_field_name("parameter").filter(|p| p.kind() == "identifier");
        let binding = parameter.and_then(|p| self.cx.names.declared_at(p.start_byte()));
        binding.is_some_and(|b| self.is_plain_rejection(&items(body), b))
    }

    /// Whether a statement holds a `try` that an async function does without.
    pub(super) fn holds_idle_try(&self, statement: Node<'a>) -> bool {
        let mut found = false;
        walk_own_code(statement, |n| {
            found |= n.kind() == "catch_clause" && self.only_rejects(n);
            !found
        });
        self.calls_back() && found
    }

    /// Whether a block first assigns a variable that no function inside looks at, which the value could call before the variable is
    /// declared.
    fn is_assigned_unseen(&self, body: Node<'a>) -> bool {
        let first = code(&items(body)).first().and_then(|statement| statement.named_child(0));
        let Some(left) = first.and_then(|assignment| assignment.child_by_field_name("left")) else { return false };
        let Some(binding) = self.cx.names.reference_at(left.start_byte()).and_then(|r| r.binding) else { return false };
        let references = self.cx.names.binding(binding).references.iter().map(|r| self.cx.names.reference(*r));
        let mut nodes = references.map(|r| self.cx.file.root().descendant_for_byte_range(r.range.start, r.range.end));
        nodes.all(|node| node.is_some_and(|n| enclosing_function(n) == enclosing_function(left)))
    }

    /// `try { … } catch (e) { reject(e); }`: the block's statements stand without the `try`.
    fn unwrapped(
        &mut self,
        body: Node<'a>,
        handler: Node<'a>,
        rest: &[Node<'a>],
        place: Place,
        out: &mut List,
    ) -> Result<bool, Refusal> {
        let after = self.after(rest, place);
        let handler_items = handler.child_by_field_name("body").map(items).unwrap_or_default();
        let leaves = handler_items.iter().any(|s| !completes(*s));
        if after == After::Code && !leaves {
            return refusal(RefusalCode::RunsAfterSettling, handler);
        }
        if self.calls_back() && !self.settlers.own_calls(self.cx, body).is_empty() {
            self.assume("The callback does not throw; today the `catch` would call it again, with that error.");
        }
        self.dissolve(body);
        let mut list = self.list(&items(body), Place { hangs: false, after, ..place })?;
        if let (Some(Stmt::Source(declared)), Some(Stmt::Source(first))) =
            (out.statements.last(), list.statements.first())
            && let Some(declaration) = joined(declared, first).filter(|_| self.is_assigned_unseen(body))
        {
            out.statements.pop();
            list.statements[0] = Stmt::Source(declaration);
        }
        out.statements.extend(list.statements);
        for comment in handler_items.iter().filter(|n| is_comment(**n)) {
            self.comment(*comment, None, &mut out.statements);
        }
        let dead = code(rest).into_iter().find(|s| list.ends && !self.is_ignored_settle(*s));
        dead.map_or(Ok(list.ends), |dead| refusal(RefusalCode::RunsAfterSettling, dead))
    }
}

/// The `finally` blocks in a statement that run behind a call in it.
pub(super) fn finalizers_behind<'t>(call: Node<'t>, statement: Node<'t>) -> Vec<Node<'t>> {
    let around = ancestors(call).take_while(|a| *a != statement).chain([statement]);
    let finalizers = around.filter(|a| a.kind() == "try_statement").filter_map(|a| a.child_by_field_name("finalizer"));
    finalizers.filter_map(|f| f.child_by_field_name("body")).collect()
}

/// `let item` and `item = parse(text)` as one: the `try` between them was all that kept them apart.
fn joined(declared: &Text, first: &Text) -> Option<Text> {
    let (keyword, name) = declared.as_str().trim_end_matches(';').split_once(' ')?;
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    let is_declaration = matches!(keyword, "let" | "var") && !name.is_empty() && name.chars().all(is_part);
    let value = first.as_str().strip_prefix(name)?.strip_prefix(" = ").filter(|_| is_declaration)?;
    if value.split(|c: char| !is_part(c)).any(|word| word == name) {
        return None;
    }
    let mut text = Text::from(format!("{keyword} "));
    text.push(first);
    Some(text)
}
