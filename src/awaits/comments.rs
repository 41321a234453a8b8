//! Which comment belongs to which unit of a block that is written anew.

use std::ops::Range;

use tree_sitter::Node;

use super::run::{Rest, Target, Unit};
use crate::{context::Context, flow::Text, syntax::node::is_comment};

/// The comments of one unit.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    /// Those that stand in front of it, each on lines of its own.
    pub(super) leading: Vec<Text>,
    /// Those that stand behind it on its last line.
    pub(super) trailing: Vec<String>,
}

impl Notes {
    pub(super) fn is_empty(&self) -> bool {
        self.leading.is_empty() && self.trailing.is_empty()
    }
}

/// The comments of a block, unit by unit.
#[derive(Debug)]
pub(super) struct Comments {
    /// The bytes of the block with those of its comments that stand around it.
    pub(super) range: Range<usize>,
    notes: Vec<Notes>,
}

impl Comments {
    /// Gathers the comments of a block of units.
    pub(super) fn of(cx: &Context<'_>, units: &[Unit<'_>]) -> Self {
        let (first, last) = (units[0].statement, units[units.len() - 1].statement);
        let mut range = first.start_byte()..end_of(cx, last);
        while let Some(comment) = next_on_line(cx, range.end) {
            range.end = comment.end;
        }
        let inner = range.start..range.end;
        // A comment above the block speaks of all of it, unless the others have comments of their own.
        let shares = cx.file.comments_in(&(first.end_byte()..range.end)).iter().any(|c| !is_kept(units, c));
        if shares {
            range.start = heading(cx, first.start_byte());
        }
        let mut all = Self { notes: vec![Notes::default(); units.len()], range: range.clone() };
        for comment in cx.file.comments_in(&range).iter().filter(|c| c.end <= inner.end && !is_kept(units, c)) {
            all.add(cx, units, comment);
        }
        all
    }

    /// The comments of a unit, by its number in the block.
    pub(super) fn of_unit(&self, unit: usize) -> &Notes {
        &self.notes[unit]
    }

    fn add(&mut self, cx: &Context<'_>, units: &[Unit<'_>], comment: &Range<usize>) {
        let text = cx.slice(comment.clone());
        let before = units.iter().rposition(|unit| unit.node.end_byte() <= comment.start);
        let same_line = |end: usize| !cx.slice(end..comment.start).contains('\n');
        match before.filter(|unit| same_line(units[*unit].node.end_byte())) {
            Some(unit) => self.notes[unit].trailing.push(text.to_owned()),
            None => {
                let unit =
                    units.iter().position(|unit| comment.start < unit.node.end_byte()).unwrap_or(units.len() - 1);
                self.notes[unit].leading.push(Text::moved(cx.file, comment.clone(), &[]));
            }
        }
    }
}

/// Where a statement ends. A `;` on a line of its own is there for the statement behind it: `;[1, 2].map(f)`.
pub(super) fn end_of(cx: &Context<'_>, statement: Node<'_>) -> usize {
    let text = cx.text(statement);
    let code = text.strip_suffix(';').unwrap_or(text);
    let kept = code.trim_end();
    if code[kept.len()..].contains('\n') { statement.start_byte() + kept.len() } else { statement.end_byte() }
}

/// The comment that starts on the line on which something ends.
fn next_on_line(cx: &Context<'_>, end: usize) -> Option<Range<usize>> {
    let line =
        end + cx.slice(end..cx.file.source.bytes().len()).find('\n').unwrap_or(cx.file.source.bytes().len() - end);
    let rest = cx.slice(end..line);
    let start = end + (rest.len() - rest.trim_start().len());
    let node = cx.file.root().descendant_for_byte_range(start, (start + 1).min(line.max(start)))?;
    (is_comment(node) && node.start_byte() == start && !rest.trim().is_empty()).then(|| node.byte_range())
}

/// Where the comments on the lines directly above a statement start; the statement itself without any.
fn heading(cx: &Context<'_>, statement: usize) -> usize {
    let source = cx.file.source;
    let mut start = statement;
    let comments = cx.file.comments();
    let mut index = comments.partition_point(|c| c.end <= statement);
    while index > 0 {
        let comment = &comments[index - 1];
        let gap = cx.slice(comment.end..start);
        if !gap.trim().is_empty() || gap.matches('\n').count() != 1 || !source.is_first_on_line(comment.start) {
            break;
        }
        start = comment.start;
        index -= 1;
    }
    start
}

/// Whether a comment stands in code that is taken over as it is.
fn is_kept(units: &[Unit<'_>], comment: &Range<usize>) -> bool {
    let within = |range: Range<usize>| range.start <= comment.start && comment.end <= range.end;
    units.iter().filter(|unit| within(unit.node.byte_range())).any(|unit| {
        let Some(awaited) = unit.awaited() else { return true };
        if within(awaited.operand.byte_range()) {
            return true;
        }
        match (awaited.target, awaited.rest) {
            (Target::Declared(pattern, annotation), Rest::Nothing) => {
                within(pattern.byte_range()) || annotation.is_some_and(|a| within(a.byte_range()))
            }
            (Target::Assigned(left), Rest::Nothing) => within(left.byte_range()),
            _ => !within(awaited.expression.byte_range()),
        }
    })
}
