//! The gaps around what is written: in front of parameters, and blank lines where a body was.

use std::ops::Range;

use tree_sitter::Node;

use crate::{context::Context, edit::Edit};

/// Takes out the blank lines that set off the code that moves within its function: what stays is one statement.
pub(super) fn blank_lines_around(cx: &Context<'_>, function: Node<'_>, replaced: Range<usize>) -> Vec<Edit> {
    let body = function.child_by_field_name("body").filter(|b| b.kind() == "statement_block");
    let Some(inside) = body.map(|b| b.start_byte() + 1..b.end_byte() - 1) else { return Vec::new() };
    let (before, behind) = (inside.start..replaced.start, replaced.end..inside.end);
    let surplus = |gap: Range<usize>| {
        let text = cx.slice(gap.clone());
        // From the end of the first line to that of the last but one.
        let (first, last) = (text.find(['\r', '\n'])?, text.trim_end_matches([' ', '\t']).strip_suffix('\n')?);
        let last = last.strip_suffix('\r').unwrap_or(last).len();
        (text.trim().is_empty() && first < last).then(|| Edit::new(gap.start + first..gap.start + last, ""))
    };
    [before, behind].into_iter().filter_map(surplus).collect()
}

/// Whether the file writes `function (a)` rather than `function(a)`, or with a name, `function f (a)` rather than
/// `function f(a)`.
pub(super) fn has_space_before_parameters(cx: &Context<'_>, is_anonymous: bool) -> bool {
    let text = cx.file.source.text();
    let (mut with, mut without) = (0_usize, 0_usize);
    for (at, word) in text.match_indices("function").take(200) {
        let rest = &text[at + word.len()..];
        let name: usize =
            rest.trim_start().chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '$')).count();
        let behind = if name > 0 { rest.trim_start().get(name..).unwrap_or_default() } else { rest };
        if (name == 0) == is_anonymous {
            with += usize::from(behind.starts_with(" ("));
            without += usize::from(behind.starts_with('('));
        }
    }
    // Without an example: the common styles write `function (a)` and `function f(a)`.
    if with == without { is_anonymous } else { with > without }
}
