//! Callbacks that are replaced by a function which does nothing where none is given: what is thrown at once reaches the
//! caller today, and would go to that function, and so be lost, once it is a rejection.

use std::collections::HashSet;

use tree_sitter::Node;

use super::{given::gives_default, site::own_callback};
use crate::{
    context::Context,
    flow::classify::called_function,
    semantic::BindingId,
    syntax::node::{call_parts, is_function, walk, walk_own_code},
};

/// How many functions of a file are followed from one to the next.
const MAX_FUNCTIONS: usize = 200;

/// Whether a function, or one that calls it, replaces a missing callback by one that does nothing. Of too many functions
/// it can't be told, so the answer is yes.
pub(super) fn may_lose_errors(cx: &Context<'_>, function: Node<'_>) -> bool {
    cx.losing_errors.get_or_init(|| losing_errors(cx)).as_ref().is_none_or(|some| some.contains(&function.id()))
}

/// The functions of the file whose errors may be lost so.
fn losing_errors(cx: &Context<'_>) -> Option<HashSet<usize>> {
    let mut reached: Vec<Node<'_>> = Vec::new();
    walk(cx.file.root(), |n| {
        if is_function(n) && own_callback(cx, n).is_some_and(|callback| defaults_to_nothing(cx, callback)) {
            reached.push(n);
        }
        true
    });
    let mut seen: HashSet<usize> = reached.iter().map(Node::id).collect();
    while let Some(current) = reached.pop() {
        if seen.len() > MAX_FUNCTIONS {
            return None;
        }
        // What a callback throws reaches nobody today, so only code that runs at once counts.
        walk_own_code(current, |n| {
            let called = call_parts(n).and_then(|(callee, _)| called_function(cx, callee));
            reached.extend(called.filter(|one| seen.insert(one.id())));
            true
        });
    }
    Some(seen)
}

fn defaults_to_nothing(cx: &Context<'_>, callback: BindingId) -> bool {
    let references = cx.names.binding(callback).references.iter();
    let mut ranges = references.map(|r| &cx.names.reference(*r).range).filter(|r| gives_default(cx, r));
    ranges.any(|range| {
        let name = cx.file.root().descendant_for_byte_range(range.start, range.end);
        let text = name.and_then(|n| n.parent()).map_or("", |assignment| cx.text(assignment));
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        text.ends_with("function(){}") || text.ends_with("=>{}") || text.to_ascii_lowercase().ends_with("noop")
    })
}
