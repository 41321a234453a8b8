//! What the type checker of TypeScript makes of code that was spread over several functions once it stands in one.
//!
//! In a function of its own, a variable of the code around counts as assigned, and has the type that it was declared with. Where
//! the code of the functions stands in a row, TypeScript follows it from statement to statement (TypeScript Handbook,
//! "Narrowing", control flow analysis), and may object to code that it took before. Each module here knows one thing that
//! it objects to. What counts is what the code has more of than before: what was there already did not keep it from compiling.

mod assigned;
mod lists;
mod narrowed;

use std::ops::Range;

use tree_sitter::Node;

use crate::{
    context::Context,
    edit::{self, Edit, Safety},
    semantic::Names,
    source::SourceFile,
    syntax::{Parsed, node::walk},
    transform::Change,
};

/// Asks for a look at a change that leaves code to which TypeScript may object.
pub(super) fn hold_to_type_checker(cx: &Context<'_>, change: &mut Change) {
    let before = cx.file.source;
    // Only where code of functions has moved into another one it stands in a row, and then something is awaited.
    if !before.language().has_types() || !change.edits.iter().any(|e| e.text.contains("await ")) {
        return;
    }
    let part = part_around(cx, change);
    let Some((source, old, within)) = rewritten(cx, change, &part.byte_range()) else { return };
    let after = Parsed::new(&source);
    // Statements are followed with the stack, and nobody writes them that deep.
    if after.deep_part(&after.root().byte_range()).or(cx.file.deep_part(&part.byte_range())).is_some() {
        return;
    }
    let names = Names::new(&after);
    let new = Place { part: after.root(), within };
    let old = Place { part, within: old };
    let early = more(assigned::read_early(cx.file, cx.names, &old), assigned::read_early(&after, &names, &new));
    if let Some(name) = early {
        look_at(change, &name, "may be read before it is assigned");
    }
    if let Some(name) = more(lists::of_anything(cx.file, cx.names, &old), lists::of_anything(&after, &names, &new)) {
        look_at(change, &name, "may be an empty list, which says nothing of its items");
    }
    if let Some(name) = more(narrowed::misused(cx.file, &old), narrowed::misused(&after, &new)) {
        look_at(change, &name, "may have changed since the code last looked at it");
    }
}

/// The statement of the file that a change is in. A file of many changes would take long if each were looked at with all of it.
fn part_around<'a>(cx: &Context<'a>, change: &Change) -> Node<'a> {
    let root = cx.file.root();
    let mut cursor = root.walk();
    let is_around = |n: &Node<'_>| n.start_byte() <= change.scope.start && change.scope.end <= n.end_byte();
    root.named_children(&mut cursor).find(is_around).unwrap_or(root)
}

/// A part of a file as a change leaves it; and where the code is that the change was judged on, in the file and in that part.
fn rewritten(
    cx: &Context<'_>,
    change: &Change,
    part: &Range<usize>,
) -> Option<(SourceFile, Range<usize>, Range<usize>)> {
    let inside = change.edits.iter().filter(|e| part.start <= e.range.start && e.range.end <= part.end);
    let moved = inside.map(|e| Edit::new(e.range.start - part.start..e.range.end - part.start, e.text.as_str()));
    let moved: Vec<_> = moved.collect();
    let bytes = cx.file.source.bytes().get(part.clone())?;
    let after = edit::apply(bytes, &moved).ok()?;
    let first = moved.first().map_or(bytes.len(), |e| e.range.start);
    let last = moved.last().map_or(0, |e| e.range.end);
    let start = first.min(change.scope.start.saturating_sub(part.start));
    let behind = bytes.len().saturating_sub(last.max(change.scope.end.saturating_sub(part.start)));
    let (old, within) = (part.start + start..part.end - behind, start..after.len().saturating_sub(behind));
    Some((SourceFile::new(cx.file.source.path(), after).ok()?, old, within))
}

/// The code to look at.
struct Place<'t> {
    /// A statement of the file, or all of it.
    part: Node<'t>,
    /// The bytes in that which the change was judged on.
    within: Range<usize>,
}

impl<'t> Place<'t> {
    /// Walks the nodes that have something of the code in them; of what is beside it, `beside` is told.
    fn walk(&self, mut enter: impl FnMut(Node<'t>), mut beside: impl FnMut(Node<'t>)) {
        walk(self.part, |n| {
            let touches = n.start_byte() < self.within.end && self.within.start < n.end_byte();
            if touches {
                enter(n);
            } else {
                beside(n);
            }
            touches
        });
    }
}

/// Says what TypeScript may object to about a variable, if nothing has been said of it yet.
fn look_at(change: &mut Change, name: &str, what: &str) {
    let begin = format!("TypeScript does not mind that `{name}`");
    let so_far = change.assumption.take().unwrap_or_default();
    let is_said = so_far.contains(&begin);
    change.assumption = Some(match so_far.as_str() {
        "" => format!("{begin} {what}."),
        _ if is_said => so_far,
        _ => format!("{so_far} {begin} {what}."),
    });
    change.safety = Safety::Review;
}

/// The first name that is in a list more often than it was.
fn more(mut before: Vec<String>, after: Vec<String>) -> Option<String> {
    after.into_iter().find(|name| match before.iter().position(|b| b == name) {
        Some(at) => {
            before.swap_remove(at);
            false
        }
        None => true,
    })
}
