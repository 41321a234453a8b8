//! Source that moves as it is: the comments and blank lines in front of it, and statements that shared a line, which get
//! one each once they stand in a block over several.

use std::ops::Range;

use tree_sitter::Node;

use super::{Stmt, Text, lower::Lowerer};
use crate::{
    context::Context,
    syntax::{
        node::{is_comment, named_children},
        statement::{ends_open, is_list, last_token, leading_trivia, may_continue, takes_end},
    },
};

impl Lowerer<'_, '_> {
    /// Takes over the comments that source starts with, where code follows on lines of its own that is indented otherwise:
    /// it goes by its own indentation, and not by that of a line with a comment. Returns the rest.
    pub(super) fn behind_comments(&self, mut range: Range<usize>, out: &mut Vec<Stmt>) -> Range<usize> {
        let source = self.cx.file.source;
        let code = range.start + leading_trivia(self.cx.slice(range.clone()));
        for comment in self.cx.file.comments_in(&(range.start..code)).to_vec() {
            let before = self.cx.slice(range.start..comment.start);
            let rest = self.cx.slice(comment.end..range.end);
            let (is_first, is_line) = (!before.contains('\n'), !self.cx.slice(comment.clone()).contains('\n'));
            let differs = if is_first { is_line } else { source.indent_at(comment.start) != source.indent_at(code) };
            if !differs || code == range.end || !rest.trim_start_matches([' ', '\t', '\r']).starts_with('\n') {
                break;
            }
            out.extend(before.blank_lines_in_front());
            out.push(Stmt::Source(self.text(comment.clone())));
            range.start = comment.end;
        }
        out.extend(self.cx.slice(range.clone()).blank_lines_in_front());
        range
    }

    /// The text of whole statements with the renames carried out, each on a line of its own.
    fn lines(&self, range: Range<usize>) -> Text {
        let mut edits = own_lines(self.cx, &range);
        let renames = self.renames.edits_in(&range);
        edits.extend(renames.iter().map(|e| (e.range.clone(), Text::from(e.text.as_str()))));
        edits.sort_by_key(|(r, _)| (r.start, r.end));
        Text::moved(self.cx.file, range, &edits)
    }

    /// Takes source over as it is, with a blank line in front where it has one.
    pub(super) fn source(&self, range: Range<usize>, out: &mut Vec<Stmt>) {
        let range = self.behind_comments(range, out);
        let text = self.cx.slice(range.clone());
        let content = text.trim();
        if content.is_empty() {
            out.extend(text.blank_lines_in_front());
            return;
        }
        let start = range.start + text.len() - text.trim_start().len();
        out.extend(text.blank_lines_in_front());
        out.push(Stmt::Source(self.lines(start..start + content.len())));
        let end = start + content.len();
        out.extend(self.cx.slice(end..range.end).blank_lines_in_front());
    }

    /// A comment at the end of a line goes to the end of the line that was written last.
    pub(super) fn trailing(&self, range: Range<usize>, out: &mut Vec<Stmt>) {
        let text = self.cx.slice(range).trim();
        if text.is_empty() {
            return;
        }
        let has_line = out.iter().any(|s| !matches!(s, Stmt::Blank(_)));
        out.push(if has_line && !text.contains('\n') {
            Stmt::Trailing(text.to_owned())
        } else {
            Stmt::Source(text.into())
        });
    }
}

/// Questions about the space between statements.
pub(super) trait Gap {
    /// Whether an empty line comes before anything else.
    fn starts_with_blank_line(&self) -> bool;

    /// The empty lines that come before anything else.
    fn blank_lines_in_front(&self) -> Option<Stmt>;
}

impl Gap for str {
    fn starts_with_blank_line(&self) -> bool {
        self[..self.len() - self.trim_start().len()].matches('\n').count() > 1
    }

    fn blank_lines_in_front(&self) -> Option<Stmt> {
        // What stands in front may be written anew, so that blanks behind it on its line are none of its.
        let space = self[..self.len() - self.trim_start().len()].trim_start_matches([' ', '\t']);
        Stmt::gap(space).filter(|_| self.starts_with_blank_line())
    }
}

/// The edits that put each statement of a range on a line of its own, and end it as the file's style has it: a semicolon
/// that only kept it apart from what stood behind it goes, and one that the end of a block had spared is written. The
/// range is one of whole statements of a list, with the comments around them.
pub(super) fn own_lines(cx: &Context<'_>, range: &Range<usize>) -> Vec<(Range<usize>, Text)> {
    let Some(list) = list_around(cx, range) else { return Vec::new() };
    let is_inside = |n: &Node<'_>| range.start <= n.start_byte() && n.end_byte() <= range.end;
    let statements: Vec<_> = named_children(list).into_iter().filter(is_inside).collect();
    let mut edits = Vec::new();
    for (index, statement) in statements.iter().enumerate() {
        if !shares_line_behind(*statement) {
            continue;
        }
        let next = statements.get(index + 1).filter(|n| is_next_on_line(cx, *statement, **n));
        edits.extend(match next {
            Some(next) => Some(broken(cx, *statement, *next)),
            None => ended(cx, *statement),
        });
    }
    edits
}

/// The list of statements that a range lies in.
fn list_around<'t>(cx: &Context<'t>, range: &Range<usize>) -> Option<Node<'t>> {
    let found = cx.file.root().descendant_for_byte_range(range.start, range.end)?;
    let mut around = std::iter::successors(Some(found), Node::parent);
    around.find(|n| is_list(*n) && (n.start_byte() < range.start || n.end_byte() > range.end))
}

/// Whether something else than a comment stands behind a statement on its line.
fn shares_line_behind(statement: Node<'_>) -> bool {
    let row = statement.end_position().row;
    let follows = statement.next_sibling().is_some_and(|n| n.start_position().row == row && !is_comment(n));
    follows && statement.kind() != "empty_statement"
}

fn is_next_on_line(cx: &Context<'_>, statement: Node<'_>, next: Node<'_>) -> bool {
    let gap = cx.slice(statement.end_byte()..next.start_byte());
    gap.trim().is_empty() && !gap.contains('\n') && next.kind() != "empty_statement"
}

/// The line break between two statements.
fn broken(cx: &Context<'_>, statement: Node<'_>, next: Node<'_>) -> (Range<usize>, Text) {
    let goes_on = may_continue(cx.text(next));
    let (start, end) = match semicolon(statement) {
        Some(semicolon) if !cx.style.semicolons => (code_end(cx, semicolon), ""),
        None if cx.style.semicolons && takes_semicolon(statement) => (statement.end_byte(), ";"),
        _ => (statement.end_byte(), ""),
    };
    let guard = if goes_on && !cx.style.semicolons { ";" } else { "" };
    let indent = cx.file.source.indent_at(next.start_byte());
    (start..next.start_byte(), format!("{end}{}{indent}{guard}", cx.style.newline).into())
}

/// The end of a statement whose line goes on with what is written elsewhere: the end of the block, or a `return` that has
/// become something else.
fn ended(cx: &Context<'_>, statement: Node<'_>) -> Option<(Range<usize>, Text)> {
    let mut behind = std::iter::successors(statement.next_sibling(), Node::next_sibling);
    let goes_on = behind.find(|n| !is_comment(*n)).is_some_and(|n| may_continue(cx.text(n)));
    match semicolon(statement) {
        Some(semicolon) if !cx.style.semicolons && !goes_on => {
            Some((code_end(cx, semicolon)..semicolon.end_byte(), Text::default()))
        }
        None if cx.style.semicolons && takes_semicolon(statement) => {
            Some((statement.end_byte()..statement.end_byte(), ";".into()))
        }
        _ => None,
    }
}

/// The semicolon that a statement ends in, and could do without at the end of a line.
fn semicolon(statement: Node<'_>) -> Option<Node<'_>> {
    let last = last_token(statement);
    let owner = last.parent().map_or("", |p| p.kind());
    (last.kind() == ";" && takes_end(owner)).then_some(last)
}

fn takes_semicolon(statement: Node<'_>) -> bool {
    takes_end(statement.kind()) && ends_open(statement)
}

/// Where the code in front of a semicolon ends.
fn code_end(cx: &Context<'_>, semicolon: Node<'_>) -> usize {
    cx.file.source.text()[..semicolon.start_byte()].trim_end().len()
}
