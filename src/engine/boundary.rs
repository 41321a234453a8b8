//! Statements stay apart: code that takes the place of a statement must not become part of the one in front of it, where
//! that ends without a semicolon, and no statement may be swallowed by what is written before it.

use tree_sitter::Node;

use crate::{
    edit::Edit,
    source::{SourceFile, Style},
    syntax::{
        Parsed,
        node::{ancestors, code_range, is_comment, named_children},
        statement::{
            LINE_ENDS, ends_open, last_token, leading_trivia, may_continue, statement_at, statement_before,
            statement_starts,
        },
    },
};

/// Puts a semicolon in front of what takes the place of a statement, where it would otherwise go on with the statement
/// before it. Where a file is written without semicolons, one stands in front of every such line. One that set a statement
/// off from the next on its line stays.
pub(super) fn separate(file: &Parsed<'_>, style: &Style, edits: &mut [Edit]) {
    for edit in edits {
        leave_leading_semicolon(file, edit);
        set_off(file, edit);
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

/// Ends an edit's text as the code behind it needs it: with a semicolon, where it takes the one that kept the two apart,
/// on one line or before a line that would go on with it; and with its line, where it ends in a comment and code follows.
fn set_off(file: &Parsed<'_>, edit: &mut Edit) {
    let text = file.source.text();
    let (Some(before), Some(rest)) = (text.get(..edit.range.end), text.get(edit.range.end..)) else { return };
    let rest = rest.trim_start_matches([' ', '\t']);
    let is_line = rest.is_empty() || rest.starts_with(LINE_ENDS);
    let would_go_on = before.ends_with(';') && may_continue(&rest[leading_trivia(rest)..]);
    if is_line && !would_go_on || edit.text.trim().is_empty() {
        return;
    }
    let ends = before.ends_with(';') || before.ends_with('}') && ends_in_block(file, edit);
    let is_statement = would_go_on || ends && !rest.starts_with(['}', '/', ';']);
    if !is_statement && !edit.text.contains("//") {
        return;
    }
    let Ok(written) = SourceFile::new(file.source.path(), edit.text.clone().into_bytes()) else { return };
    let written = Parsed::new(&written);
    let comment = written.comments().last().filter(|c| c.end == edit.text.trim_end().len());
    let ends_line = comment.is_some_and(|c| edit.text[c.start..].starts_with("//"));
    let last = named_children(written.root()).into_iter().rfind(|n| !is_comment(*n));
    let is_open = is_statement && (!ends_line || would_go_on);
    if let Some(open) = last.filter(|n| is_open && ends_open(*n)) {
        edit.text.insert(last_token(open).end_byte(), ';');
    }
    if ends_line && !is_line {
        let indent = file.source.indent_at(edit.range.start);
        edit.text.truncate(edit.text.trim_end().len());
        edit.range.end = text.len() - rest.len();
        edit.text.push_str(&format!("{}{indent}", file.style().newline));
    }
}

/// Whether an edit takes the place of a statement that ends in a brace, which needs no semicolon to be told from the next.
fn ends_in_block(file: &Parsed<'_>, edit: &Edit) -> bool {
    let range = &edit.range;
    let brace = file.root().descendant_for_byte_range(range.end.saturating_sub(1), range.end);
    let within = |n: &Node<'_>| range.start <= n.start_byte() && code_range(*n).end == range.end;
    brace.is_some_and(|brace| ancestors(brace).take_while(within).any(|n| n.kind().ends_with("_statement")))
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
