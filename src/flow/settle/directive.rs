//! Comments that tell a tool to leave a line alone, `// eslint-disable-line`: they stay with the call that they speak of, which
//! may be one of several statements then.

use tree_sitter::Node;

use super::{
    list::List,
    lower::{Lowerer, Place, items},
};
use crate::{
    edit::Refusal,
    flow::{Stmt, promisify::callback_literal},
    syntax::node::{call_parts, is_comment, member_parts},
};

/// Whether a comment speaks of the code on its own line.
fn silences_its_line(comment: &str) -> bool {
    ["eslint-disable-line", "tslint:disable-line", "jshint ignore:line", "jscs:ignore", "biome-ignore-line"]
        .iter()
        .any(|directive| words(comment).starts_with(directive))
}

/// Whether a comment speaks of the code on the line below it.
fn silences_next_line(comment: &str) -> bool {
    ["eslint-disable-next-line", "tslint:disable-next-line", "@ts-ignore", "@ts-expect-error"]
        .iter()
        .any(|directive| words(comment).starts_with(directive))
}

/// What stands in a comment.
fn words(comment: &str) -> &str {
    comment.trim_start_matches(['/', '*', ' ', '\t'])
}

impl<'a> Lowerer<'a, '_> {
    /// Lowers a call that settles later, with the directives for its line.
    pub(super) fn call_with_directives(
        &mut self,
        node: Node<'a>,
        returned: bool,
        rest: &[Node<'a>],
        place: Place,
        out: &mut List,
    ) -> Result<bool, Refusal> {
        let Some((callee, arguments)) = call_parts(node) else { return self.call(node, returned, place, out) };
        let directives = self.directives_for(node, &arguments, rest);
        // They are in their place then, and pass over the one that other comments go to.
        self.kept.extend(directives.iter().map(Node::byte_range));
        let from = out.statements.len();
        let ends = self.call(node, returned, place, out)?;
        let name = self.cx.text(member_parts(callee).map_or(callee, |(_, property)| property));
        for directive in directives.iter().rev() {
            let comment = self.cx.text(*directive).to_owned();
            match with_call(&mut out.statements, from, name) {
                Some((list, at)) => list.insert(at + 1, Stmt::Trailing(comment)),
                // Nothing is left of the call. The comment is lost no more than others are.
                None => out.statements.insert(from, Stmt::Source(comment.as_str().into())),
            }
        }
        let above = from.checked_sub(1).and_then(|at| match &out.statements[at] {
            Stmt::Source(text) if silences_next_line(text.as_str()) => Some(out.statements[at].clone()),
            _ => None,
        });
        if let Some(above) = above
            && let Some((list, at)) = with_call(&mut out.statements, from, name)
        {
            list.insert(at, above);
            out.statements.remove(from - 1);
        }
        Ok(ends)
    }

    /// The directives for the line that a call stands on: behind it, or where its callback begins.
    fn directives_for(&self, node: Node<'a>, arguments: &[Node<'a>], rest: &[Node<'a>]) -> Vec<Node<'a>> {
        let body = arguments.last().and_then(|a| callback_literal(*a)?.0.child_by_field_name("body"));
        let inside = body.filter(|b| b.kind() == "statement_block").map(|b| (b.start_position().row, items(b)));
        let is_one_line = node.start_position().row == node.end_position().row;
        let behind = Some((node.end_position().row, rest.to_vec())).filter(|_| is_one_line);
        let mut directives = Vec::new();
        for (row, items) in inside.into_iter().chain(behind) {
            let beside = items.into_iter().take_while(|n| is_comment(*n) && n.start_position().row == row);
            directives.extend(beside.filter(|n| silences_its_line(self.cx.text(*n))));
        }
        directives
    }

    /// Whether a comment has found its place beside a call.
    pub(super) fn is_placed(&self, comment: Node<'a>) -> bool {
        silences_its_line(self.cx.text(comment)) && self.kept.contains(&comment.byte_range())
    }
}

/// The list and the place in it of the first statement, of those from an index on, that has a call of a name.
fn with_call<'l>(list: &'l mut Vec<Stmt>, from: usize, name: &str) -> Option<(&'l mut Vec<Stmt>, usize)> {
    // A block is at most as deep as the code that it was made of, and that has a bound.
    let at = list[from..].iter().position(|s| has_name(s, name))? + from;
    if !matches!(list[at], Stmt::Try { .. } | Stmt::Block(_)) {
        return Some((list, at));
    }
    match &mut list[at] {
        Stmt::Try { body, .. } | Stmt::Block(body) => with_call(body, 0, name),
        _ => None,
    }
}

fn has_name(statement: &Stmt, name: &str) -> bool {
    match statement {
        Stmt::Bind { value, .. } | Stmt::Assign { value, .. } | Stmt::Expression(value) | Stmt::Return(Some(value)) => {
            let mut words = value.as_str().split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
            words.any(|word| word == name)
        }
        Stmt::Try { body, .. } | Stmt::Block(body) => body.iter().any(|s| has_name(s, name)),
        _ => false,
    }
}
