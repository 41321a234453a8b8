//! Which changes go together, and where code ends up when they have been carried out.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use super::pass::Found;
use crate::{edit::Edit, transform::Change};

/// Of the given findings, those that can be carried out together, as indices: outer before inner, each unless it
/// touches one taken before. The others wait for the next pass.
///
/// A change claims its scope, all its edits in and around that, and the whole candidate. What another change would do
/// there was judged on code that is about to look different, so it is judged again. An edit elsewhere, such as an
/// import at the top of the file, claims its own place; two changes may make the same one.
pub(super) fn disjoint(found: &[Found], selected: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let claimed = |index: usize| {
        Some((Claim::of(&found[index].finding.range, found[index].finding.outcome.as_ref().ok()?), index))
    };
    let mut order: Vec<_> = selected.into_iter().filter_map(claimed).collect();
    order.sort_by_key(|(claim, index)| (claim.whole.start, usize::MAX - claim.whole.end, *index));
    let mut taken: Vec<(Claim<'_>, usize)> = Vec::new();
    for (claim, index) in order {
        if !taken.iter().any(|(other, _)| claim.touches(other)) {
            taken.push((claim, index));
        }
    }
    taken.into_iter().map(|(_, index)| index).collect()
}

/// Of the selected findings, those that need not wait for another one of them. Where all wait for each other, the first
/// goes ahead.
pub(super) fn unblocked(found: &[Found], selected: Vec<usize>) -> Vec<usize> {
    let scopes: HashMap<&Range<usize>, usize> =
        selected.iter().filter_map(|i| Some((&found[*i].finding.outcome.as_ref().ok()?.scope, *i))).collect();
    let waits = |index: &usize| {
        let change = found[*index].finding.outcome.as_ref().ok();
        change.is_some_and(|c| c.waits_for.iter().any(|range| scopes.get(range).is_some_and(|other| other != index)))
    };
    let free: Vec<usize> = selected.iter().copied().filter(|i| !waits(i)).collect();
    if free.is_empty() { selected.into_iter().take(1).collect() } else { free }
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
struct Claim<'f> {
    /// The scope, with what is edited around it.
    whole: Range<usize>,
    /// Edits elsewhere.
    elsewhere: Vec<&'f Edit>,
}

impl<'f> Claim<'f> {
    fn of(candidate: &Range<usize>, change: &'f Change) -> Self {
        let scope = change.scope.start.min(candidate.start)..change.scope.end.max(candidate.end);
        // What follows the scope directly, such as a declaration behind it, belongs to it.
        let is_near = |e: &&Edit| e.range.start <= scope.end + NEAR && e.range.end + NEAR >= scope.start;
        let (near, elsewhere): (Vec<_>, Vec<_>) = change.edits.iter().partition(is_near);
        let start = near.iter().fold(scope.start, |start, e| start.min(e.range.start));
        let end = near.iter().fold(scope.end, |end, e| end.max(e.range.end));
        Self { whole: start..end, elsewhere }
    }

    fn touches(&self, other: &Self) -> bool {
        let meets = |a: &Range<usize>, b: &Range<usize>| a.start <= b.end && b.start <= a.end;
        meets(&self.whole, &other.whole)
            || self.elsewhere.iter().any(|e| meets(&e.range, &other.whole))
            || other.elsewhere.iter().any(|e| meets(&e.range, &self.whole))
            || self.elsewhere.iter().any(|e| other.elsewhere.iter().any(|o| meets(&e.range, &o.range) && e != o))
    }
}

/// How far behind a scope an edit still counts as one of its own: the end of the statement.
const NEAR: usize = 2;

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

/// What the changes lay claim to that were carried out: code that one of them has written over is somewhere in there.
pub(super) fn claims(found: &[Found], accepted: &[usize]) -> Vec<Range<usize>> {
    let finding = |index: &usize| &found[*index].finding;
    let whole = |index| Some(Claim::of(&finding(index).range, finding(index).outcome.as_ref().ok()?).whole);
    accepted.iter().filter_map(whole).collect()
}

/// Follows a range through sorted, disjoint edits, which belong to changes with the given claims.
pub(super) fn moved(range: &Range<usize>, edits: &[Edit], claims: &[Range<usize>]) -> Moved {
    let delta = |e: &Edit| e.text.len() as isize - e.range.len() as isize;
    let touching = || edits.iter().map(|e| &e.range).filter(|e| e.end > range.start && e.start < range.end);
    if touching().next().is_none() {
        let shift: isize = edits.iter().filter(|e| e.range.end <= range.start).map(delta).sum();
        return Moved::Intact(range.start.saturating_add_signed(shift)..range.end.saturating_add_signed(shift));
    }
    // What a function held may be in a new one behind it by now.
    let around = claims.iter().filter(|c| c.start < range.end && range.start < c.end);
    let hull = touching().chain(around).fold(range.clone(), |hull, c| hull.start.min(c.start)..hull.end.max(c.end));
    let in_front: isize = edits.iter().filter(|e| e.range.start < hull.start).map(delta).sum();
    let up_to_end: isize = edits.iter().filter(|e| e.range.start <= hull.end).map(delta).sum();
    Moved::Written(hull.start.saturating_add_signed(in_front)..hull.end.saturating_add_signed(up_to_end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_follow_the_edits_before_them() {
        let edits = [Edit::insert(0, "async "), Edit::new(10..20, "x"), Edit::insert(40, "later")];
        assert_eq!(moved(&(2..8), &edits, &[]), Moved::Intact(8..14));
        assert_eq!(moved(&(20..30), &edits, &[]), Moved::Intact(17..27));
        assert_eq!(moved(&(8..30), &edits, &[]), Moved::Written(14..27));
        assert_eq!(moved(&(15..30), &edits, &[]), Moved::Written(16..27));
        assert_eq!(moved(&(0..5), &edits, &[]), Moved::Intact(6..11));
    }

    #[test]
    fn what_was_written_over_is_followed_to_where_its_function_went() {
        let edits = [
            Edit::insert(0, "async "),
            Edit::new(10..20, "x"),
            Edit::insert(22, "function later"),
            Edit::insert(40, "z"),
        ];
        assert_eq!(moved(&(12..15), &edits, std::slice::from_ref(&(5..22))), Moved::Written(11..33));
        assert_eq!(moved(&(12..15), &edits, &[25..30, 5..22]), Moved::Written(11..33));
    }
}
