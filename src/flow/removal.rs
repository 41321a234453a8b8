//! Taking declarations out of a file: statements, single variables, imports, with the blank lines around them.

use std::ops::Range;

use tree_sitter::Node;

use super::classify::declaration_node;
use crate::{
    context::Context,
    edit::Edit,
    semantic::BindingId,
    syntax::{
        node::{ancestors, is_comment, named_children},
        statement::{ends_open, may_continue},
    },
};

/// The comments that stand right above a statement, each on lines of its own, from the first to the last.
pub fn comments_above<'t>(cx: &Context<'_>, statement: Node<'t>) -> Vec<Node<'t>> {
    let mut found = Vec::new();
    let mut below = statement;
    while let Some(comment) = below.prev_named_sibling().filter(|n| is_comment(*n)) {
        let gap = cx.slice(comment.end_byte()..below.start_byte());
        if gap.matches('\n').count() != 1 || !cx.file.source.is_first_on_line(comment.start_byte()) {
            break;
        }
        found.push(comment);
        below = comment;
    }
    found.reverse();
    found
}

/// The comment behind a statement on its last line.
pub fn comment_behind<'t>(cx: &Context<'_>, statement: Node<'t>) -> Option<Node<'t>> {
    let next = statement.next_named_sibling().filter(|n| is_comment(*n))?;
    let is_same_line = !cx.slice(statement.end_byte()..next.start_byte()).contains('\n');
    is_same_line.then_some(next)
}

/// The edit that takes out a statement, and what stands above it from `first` on. Of the blank lines in front and
/// behind, the more stay; none do where nothing is left on one side.
pub fn statement(cx: &Context<'_>, first: Node<'_>, statement: Node<'_>) -> Edit {
    let (before, after) = (first.prev_named_sibling(), statement.next_named_sibling());
    let lines = |range: Range<usize>| cx.slice(range).matches('\n').count();
    let range = match (before, after) {
        (Some(before), Some(after))
            if !cx.file.source.is_first_on_line(first.start_byte())
                || lines(before.end_byte()..first.start_byte()) < lines(statement.end_byte()..after.start_byte()) =>
        {
            before.end_byte()..statement.end_byte()
        }
        (_, Some(after)) => first.start_byte()..after.start_byte(),
        (Some(before), None) => before.end_byte()..statement.end_byte(),
        (None, None) => first.start_byte()..statement.end_byte(),
    };
    Edit::new(range, if would_run_together(cx, before, after) { ";" } else { "" })
}

/// Sorts edits and makes one of those removals that overlap, so that they can be carried out together.
pub fn joined(cx: &Context<'_>, mut edits: Vec<Edit>) -> Vec<Edit> {
    edits.sort_by_key(|e| (e.range.start, e.range.end));
    let mut out: Vec<Edit> = Vec::new();
    for edit in edits {
        match out.last_mut().filter(|last| edit.range.start < last.range.end && last.text == edit.text) {
            Some(last) => {
                // Both gave up their own side of the blank lines between them: what stands in front keeps its own.
                let end = last.range.end.max(edit.range.end);
                let rest = cx.slice(end..cx.file.source.bytes().len());
                let is_first = cx.file.source.is_first_on_line(last.range.start);
                last.range.end = if is_first { end + rest.len() - rest.trim_start().len() } else { end };
            }
            None => out.push(edit),
        }
    }
    out
}

/// Whether two statements become one when what stands between them is gone, since the first has no semicolon.
fn would_run_together(cx: &Context<'_>, before: Option<Node<'_>>, after: Option<Node<'_>>) -> bool {
    let (Some(before), Some(after)) = (before.and_then(|n| code(n, true)), after.and_then(|n| code(n, false))) else {
        return false;
    };
    ends_open(before) && may_continue(cx.text(after))
}

/// The first node at or on one side of a node that is no comment.
fn code(node: Node<'_>, backwards: bool) -> Option<Node<'_>> {
    let next = if backwards { Node::prev_named_sibling } else { Node::next_named_sibling };
    std::iter::successors(Some(node), next).find(|n| !is_comment(*n))
}

/// The edit that takes one of several members out of a list, with the comma that sets it off.
pub fn member(member: Node<'_>, siblings: &[Node<'_>]) -> Option<Edit> {
    let at = siblings.iter().position(|s| *s == member)?;
    let range: Range<usize> = match (siblings.get(at + 1), at.checked_sub(1).map(|before| siblings[before])) {
        (Some(next), None) => member.start_byte()..next.start_byte(),
        (_, Some(before)) => before.end_byte()..member.end_byte(),
        (None, None) => return None,
    };
    Some(Edit::new(range, ""))
}

/// The edit that takes out the declaration of a name: an import of it, or `const name = …`. `None` where it is declared
/// in any other way, or where a comment would go with it or be left without what it speaks of.
pub fn declaration(cx: &Context<'_>, binding: BindingId) -> Option<Edit> {
    let [_] = cx.names.binding(binding).declarations.as_slice() else { return None };
    let name = declaration_node(cx, binding)?;
    let statement = ancestors(name).find(|n| {
        matches!(n.kind(), "import_statement" | "lexical_declaration" | "variable_declaration" | "export_statement")
    })?;
    let is_in_list = statement.parent().is_some_and(|p| matches!(p.kind(), "program" | "statement_block"));
    if !is_in_list || statement.kind() == "export_statement" {
        return None;
    }
    let edit = within(name, statement)
        .map_or_else(|| whole(cx, name, statement), |(one, all)| member(one, &all).filter(|_| is_plain(name)))?;
    cx.file.comments_in(&edit.range).is_empty().then_some(edit)
}

/// Whether a declared name stands in a list in a form that goes as a whole.
fn is_plain(name: Node<'_>) -> bool {
    name.parent().is_some_and(|p| {
        matches!(p.kind(), "variable_declarator" | "import_specifier" | "object_pattern" | "pair_pattern")
    })
}

/// The member of a list that declares a name along with others, and all members of the list.
fn within<'t>(name: Node<'t>, statement: Node<'t>) -> Option<(Node<'t>, Vec<Node<'t>>)> {
    let mut child = name;
    for list in ancestors(name).take_while(|n| *n != statement.parent().unwrap_or(*n)) {
        let is_list = matches!(
            list.kind(),
            "object_pattern" | "named_imports" | "import_clause" | "lexical_declaration" | "variable_declaration"
        );
        let members = if is_list { named_children(list) } else { Vec::new() };
        // `import util, { inspect } from 'util'` has a list in a list.
        if members.len() > 1 && list.kind() != "import_clause" {
            return Some((child, members));
        }
        if members.len() > 1 {
            return Some((list, Vec::new()));
        }
        child = list;
    }
    None
}

/// The edit that takes out a statement that declares one name and nothing else.
fn whole(cx: &Context<'_>, name: Node<'_>, node: Node<'_>) -> Option<Edit> {
    let is_only = name.parent().is_some_and(|p| {
        matches!(
            p.kind(),
            "variable_declarator"
                | "import_specifier"
                | "import_clause"
                | "namespace_import"
                | "object_pattern"
                | "pair_pattern"
        )
    });
    // A comment at the top of the file speaks of the file.
    let above = comments_above(cx, node).first().copied();
    let is_alone = above.is_none_or(|c| c.prev_named_sibling().is_none()) && comment_behind(cx, node).is_none();
    (is_only && is_alone).then(|| statement(cx, node, node))
}
