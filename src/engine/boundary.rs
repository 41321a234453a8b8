//! Statements stay apart: code that takes the place of a statement must not become part of the one in front of it, where
//! that ends without a semicolon, and no statement may be swallowed by what is written before it.

use tree_sitter::Node;

use crate::{
    edit::Edit,
    source::Style,
    syntax::{
        Parsed,
        node::is_comment,
        statement::{ends_open, leading_trivia, may_continue, statement_at, statement_before, statement_starts},
    },
};

/// Puts a semicolon in front of what takes the place of a statement, where it would otherwise go on with the statement
/// before it. Where a file is written without semicolons, one stands in front of every such line. One that set a statement
/// off from the next on its line stays.
pub(super) fn separate(file: &Parsed<'_>, style: &Style, edits: &mut [Edit]) {
    for edit in edits {
        leave_leading_semicolon(file, edit);
        if takes_last_semicolon(file, edit) {
            edit.text.push(';');
        }
        let at = leading_trivia(&edit.text);
        if !may_continue(&edit.text[at..]) {
            continue;
        }
        let Some(statement) = statement_at(file.root(), edit.range.start) else { continue };
        if !style.semicolons || statement_before(statement).is_some_and(ends_open) {
            edit.text.insert(at, ';');
        }
    }
}

/// Ends an edit in front of a semicolon that starts a line of code. The grammar has it end the statement before, and it is
/// there for the one behind: `;[1, 2].forEach(…)`.
fn leave_leading_semicolon(file: &Parsed<'_>, edit: &mut Edit) {
    let text = file.source.text();
    let at = edit.range.end;
    let goes_on = text.get(at..).and_then(|rest| rest.chars().find(|c| !matches!(c, ' ' | '\t')));
    // An edit that lies outside of the file is dropped later, for that.
    if !text.get(..at).is_some_and(|code| code.ends_with(';')) || goes_on.is_none_or(|c| matches!(c, '\r' | '\n')) {
        return;
    }
    let semicolon = file.root().descendant_for_byte_range(at - 1, at).filter(|n| n.kind() == ";");
    let mut before = std::iter::successors(semicolon.and_then(|n| n.prev_sibling()), Node::prev_sibling);
    let Some(code) = before.find(|n| !is_comment(*n)).map(|n| n.end_byte()) else { return };
    // A comment on the line of the code stays behind it.
    let Some((rest, _)) = text[code..at].split_once('\n') else { return };
    let end = code + rest.trim_end().len();
    if edit.range.start <= end || edit.range.is_empty() {
        edit.range = edit.range.start.min(end)..end;
    }
}

/// Whether an edit comes between code on a line and the semicolon that sets it off from more code there, be it by taking
/// that away.
fn takes_last_semicolon(file: &Parsed<'_>, edit: &Edit) -> bool {
    let text = file.source.text();
    let (Some(before), Some(rest)) = (text.get(..edit.range.end), text.get(edit.range.end..)) else { return false };
    let next = rest.trim_start_matches([' ', '\t']).chars().next();
    let goes_on = next.is_some_and(|c| !matches!(c, '\r' | '\n' | '}' | '/' | ';'));
    let written = edit.text.trim();
    // What is inserted behind a statement is one of its own, and may be an assignment of a function.
    let is_declaration = !edit.range.is_empty() || written.starts_with("async function");
    let is_closed = written.ends_with([';', '{']) || written.ends_with('}') && is_declaration;
    goes_on && before.ends_with(';') && !written.is_empty() && !is_closed
}

/// The first statement of the result, as a byte offset in it, that has become part of another one. Edits are sorted and
/// disjoint.
pub(super) fn merged_statement(before: &Parsed<'_>, after: &Parsed<'_>, edits: &[Edit]) -> Option<usize> {
    let kept = statement_starts(after.root());
    let is_kept = |byte: usize| kept.binary_search(&byte).is_ok();
    let mut edits = edits.iter().peekable();
    let mut shift = 0isize;
    for start in statement_starts(before.root()) {
        while let Some(edit) = edits.next_if(|e| e.range.end < start) {
            shift += growth(edit);
        }
        let mut now = start.saturating_add_signed(shift);
        // What is inserted in front of a statement may begin it, and what is written in its place does.
        let mut begins = false;
        while let Some(edit) = edits.next_if(|e| e.range.end == start) {
            let starts = edit.range.is_empty() && code_in(edit).is_some_and(|at| is_kept(now + at));
            // Statements of its own are followed by the one that was there.
            begins |= starts && !edit.text.trim_end().ends_with([';', '}']) && !edit.text.ends_with('\n');
            shift += growth(edit);
            now = start.saturating_add_signed(shift);
        }
        let stands = match edits.peek().filter(|e| e.range.start <= start) {
            None => begins || is_kept(now),
            Some(edit) if edit.range.start == start => code_in(edit).is_none_or(|at| begins || is_kept(now + at)),
            Some(_) => true,
        };
        // An empty statement may well become the end of the one in front of it.
        if !stands && before.source.text().as_bytes().get(start) != Some(&b';') {
            return Some(now);
        }
    }
    None
}

/// By how many bytes an edit moves what is behind it.
fn growth(edit: &Edit) -> isize {
    edit.text.len() as isize - edit.range.len() as isize
}

/// Where the code of an edit's text starts, if there is any that may start a statement.
fn code_in(edit: &Edit) -> Option<usize> {
    let mut code = &edit.text[leading_trivia(&edit.text)..];
    // An empty statement may have a comment behind it.
    while let Some(rest) = code.strip_prefix(';') {
        code = &rest[leading_trivia(rest)..];
    }
    (!code.is_empty() && !code.starts_with('}')).then_some(edit.text.len() - code.len())
}
