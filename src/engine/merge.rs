//! Which changes go together, and where code ends up when they have been carried out.

use std::{collections::HashSet, ops::Range};

use super::pass::Found;
use crate::{edit::Edit, transform::Change};

/// Of the given findings, those that can be carried out together, as indices: outer before inner, each unless it
/// touches one taken before. The others wait for the next pass.
///
/// A change claims its scope, everything from its first edit to its last and the whole candidate. What another change would
/// do in between was judged on code that is about to look different, so it is judged again.
pub(super) fn disjoint(found: &[Found], selected: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let claimed =
        |index: usize| Some((claim(&found[index].finding.range, found[index].finding.outcome.as_ref().ok()?), index));
    let mut order: Vec<_> = selected.into_iter().filter_map(claimed).collect();
    order.sort_by_key(|(claim, index)| (claim.start, usize::MAX - claim.end, *index));
    let mut taken = Vec::new();
    let mut end = None;
    for (claim, index) in order {
        if end.is_none_or(|end| claim.start > end) {
            end = Some(claim.end);
            taken.push(index);
        }
    }
    taken
}

/// The selected findings without those that another selected one carries out along with its own.
pub(super) fn leaders(found: &[Found], selected: impl Fn(&Found) -> bool) -> Vec<usize> {
    let mut consumed: HashSet<&Range<usize>> = HashSet::new();
    let mut out = Vec::new();
    for (index, one) in found.iter().enumerate() {
        let Ok(change) = &one.finding.outcome else { continue };
        if !consumed.contains(&one.finding.range) && selected(one) {
            consumed.extend(&change.consumed);
            out.push(index);
        }
    }
    out
}

/// All that a change lays claim to.
fn claim(candidate: &Range<usize>, change: &Change) -> Range<usize> {
    let edits = change.edits.iter().map(|e| &e.range);
    let (start, end) = edits.chain([candidate]).fold((change.scope.start, change.scope.end), |(start, end), range| {
        (start.min(range.start), end.max(range.end))
    });
    start..end
}

/// Of each finding, whether it is one of its own: not carried out along with another that promises as much.
///
/// A finding that promises more than the one that would carry it along stays: it may be wanted when the other
/// is not.
pub(super) fn not_consumed(found: &[Found]) -> Vec<bool> {
    let mut shown = vec![true; found.len()];
    for index in 0..found.len() {
        let one = &found[index].finding;
        let Ok(change) = &one.outcome else { continue };
        if !shown[index] || change.consumed.is_empty() {
            continue;
        }
        for (other, shown) in found.iter().zip(&mut shown) {
            let finding = &other.finding;
            if change.consumed.contains(&finding.range)
                && finding.safety() <= one.safety()
                && finding.range != one.range
            {
                *shown = false;
            }
        }
    }
    shown
}

/// Where a range is after edits.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Moved {
    /// No edit touched it; here it is now.
    Intact(Range<usize>),
    /// Edits reached into it; this is where they and it are now.
    Written(Range<usize>),
}

/// Follows a range through sorted, disjoint edits.
pub(super) fn moved(range: &Range<usize>, edits: &[Edit]) -> Moved {
    let mut shift = 0isize;
    let mut hull = range.clone();
    let mut growth = 0isize;
    let mut touched = false;
    for edit in edits {
        let delta = edit.text.len() as isize - edit.range.len() as isize;
        if edit.range.end <= range.start {
            shift += delta;
        } else if edit.range.start < range.end {
            touched = true;
            hull = hull.start.min(edit.range.start)..hull.end.max(edit.range.end);
            growth += delta;
        }
    }
    let start = hull.start.saturating_add_signed(shift);
    let end = hull.end.saturating_add_signed(shift + growth);
    if touched { Moved::Written(start..end) } else { Moved::Intact(start..end) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_follow_the_edits_before_them() {
        let edits = [Edit::insert(0, "async "), Edit::new(10..20, "x"), Edit::insert(40, "later")];
        assert_eq!(moved(&(2..8), &edits), Moved::Intact(8..14));
        assert_eq!(moved(&(20..30), &edits), Moved::Intact(17..27));
        assert_eq!(moved(&(15..30), &edits), Moved::Written(16..27));
        assert_eq!(moved(&(0..5), &edits), Moved::Intact(6..11));
    }
}
