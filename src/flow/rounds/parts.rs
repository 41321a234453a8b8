//! Small parts of the code that takes the place of a loop.

use std::ops::Range;

use tree_sitter::Node;

use crate::{
    context::Context,
    flow::Text,
    syntax::node::{enclosing_function, named_children},
};

/// A word for one of many: `user` for `users`, `this.users`; `value` where there is none.
pub(super) fn singular(place: &str) -> String {
    let last = place.rsplit('.').next().unwrap_or(place);
    let one = match last {
        _ if last.ends_with("ies") && last.len() > 4 => format!("{}y", &last[..last.len() - 3]),
        _ if last.ends_with("sses") || last.ends_with("xes") || last.ends_with("ches") => {
            last[..last.len() - 2].to_owned()
        }
        _ if last.ends_with('s') && !last.ends_with("ss") && last.len() > 2 => last[..last.len() - 1].to_owned(),
        _ => "value".to_owned(),
    };
    let reserved = ["this", "new", "clas", "cas", "thi", "alia", "result"];
    let plain = one.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$');
    if plain && !reserved.contains(&one.as_str()) { one } else { "value".to_owned() }
}

/// `[text]`
pub(super) fn bracketed(text: &Text) -> Text {
    let mut list = Text::from("[");
    list.push(text);
    list.push_str("]");
    list
}

/// The declaration right in front of a statement, comments apart.
pub(super) fn declared_before(statement: Node<'_>) -> Option<Node<'_>> {
    let siblings = named_children(statement.parent()?);
    let at = siblings.iter().position(|s| *s == statement)?;
    siblings.get(at.checked_sub(1)?).copied().filter(|s| s.kind() == "lexical_declaration")
}

/// A statement with the line break behind it, where it has lines of its own.
pub(super) fn line_of(cx: &Context<'_>, statement: Node<'_>) -> Range<usize> {
    let range = statement.byte_range();
    match statement.next_sibling() {
        Some(next) if !cx.slice(range.end..next.start_byte()).trim_start_matches([' ', '\t']).is_empty() => {
            range.start..next.start_byte()
        }
        _ => range,
    }
}

/// Edits that touch, as one.
pub(super) fn merged(mut edits: Vec<(Range<usize>, Text)>) -> Vec<(Range<usize>, Text)> {
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let mut out: Vec<(Range<usize>, Text)> = Vec::new();
    for (range, text) in edits {
        match out.last_mut() {
            Some((last, before)) if last.end > range.start || (last.end == range.start && range.is_empty()) => {
                last.end = last.end.max(range.end);
                before.push(&text);
            }
            _ => out.push((range, text)),
        }
    }
    out
}

/// Whether bytes lie in another function than a node.
pub(super) fn is_in_function(cx: &Context<'_>, range: &Range<usize>, this: Node<'_>) -> bool {
    let node = cx.file.root().descendant_for_byte_range(range.start, range.end);
    node.is_some_and(|n| enclosing_function(n) != enclosing_function(this))
}
