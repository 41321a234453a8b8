//! In how many waves the awaits of a run can be waited for.

use super::{
    linked::Links,
    run::{Content, Run},
};
use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    schedule::Grounds,
};

/// Awaits that are waited for together.
#[derive(Clone, Debug, Default)]
pub struct Wave {
    /// The units of the awaits, in their order.
    pub awaits: Vec<usize>,
    /// The units between them that are moved in front of the wave.
    pub before: Vec<usize>,
    /// The units between them that are moved behind the wave.
    pub after: Vec<usize>,
    /// What the claim rests on that they may be under way together; `None` for a single await.
    pub grounds: Option<Grounds>,
}

/// Splits a run into the fewest waves that keep the order in which the calls are started. Of several ways the one that
/// takes the least time is taken, as far as that is known, and else the one in which calls are started later.
///
/// # Errors
/// When every await has to be waited for by itself: what keeps the first two apart that do not need each other's result.
pub fn waves(
    cx: &Context<'_>,
    run: &Run<'_>,
    links: &Links<'_, '_>,
    milliseconds: &[Option<f64>],
) -> Result<Vec<Wave>, Refusal> {
    let awaits: Vec<usize> =
        run.units.iter().enumerate().filter(|(_, u)| u.awaited().is_some()).map(|(i, _)| i).collect();
    let mut reason = None;
    // Of the ways to split the first awaits, the best: how many waves, how long they take, where the last one starts.
    let mut best: Vec<(usize, f64, usize)> = vec![(0, 0.0, 0)];
    let mut ending: Vec<Vec<Wave>> = Vec::new();
    for last in 0..awaits.len() {
        let found = ending_with(cx, run, links, &awaits[..=last], &mut reason);
        let cost = |wave: &Wave| {
            let first = last + 1 - wave.awaits.len();
            let longest =
                wave.awaits.iter().map(|unit| milliseconds[*unit]).try_fold(0.0, |most: f64, ms| Some(most.max(ms?)));
            let (count, time, _) = best[first];
            (count + 1, time + longest.unwrap_or_default(), first)
        };
        let costs = found.iter().map(cost);
        let least = costs.min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
        best.push(least.expect("an await alone is a wave"));
        ending.push(found);
    }
    let mut chosen = Vec::new();
    let mut end = awaits.len();
    while end > 0 {
        let first = best[end].2;
        chosen.push(ending[end - 1].swap_remove(end - 1 - first));
        end = first;
    }
    chosen.reverse();
    if chosen.len() == awaits.len() {
        let whole = run.units[0].node.start_byte()..run.units[run.units.len() - 1].node.end_byte();
        return Err(reason.unwrap_or(Refusal::new(RefusalCode::OrderedEffects, whole)));
    }
    Ok(chosen)
}

/// The waves that end with the last of the given awaits, from the one that is only it to the longest.
fn ending_with(
    cx: &Context<'_>,
    run: &Run<'_>,
    links: &Links<'_, '_>,
    awaits: &[usize],
    reason: &mut Option<Refusal>,
) -> Vec<Wave> {
    let last = awaits[awaits.len() - 1];
    let mut found = vec![Wave { awaits: vec![last], ..Wave::default() }];
    let mut grounds = Grounds::Proven;
    for first in awaits[..awaits.len() - 1].iter().rev().copied() {
        if (first + 1..=last).any(|later| run.units[later].awaited().is_some() && links.needs().reaches(later, first)) {
            break;
        }
        let inside: Vec<usize> = awaits.iter().copied().filter(|a| *a >= first).collect();
        let mut later = inside[1..].iter();
        let fits = later.try_fold(grounds, |weakest, later| Ok(weakest.min(links.together(cx, first, *later)?)));
        let fits = fits.and_then(|weakest| Ok((weakest, placed(cx, run, links, &inside)?)));
        match fits {
            Ok((weakest, (before, after))) => {
                grounds = weakest;
                found.push(Wave { awaits: inside, before, after, grounds: Some(grounds) });
            }
            Err(refusal) => {
                reason.get_or_insert(refusal);
                break;
            }
        }
    }
    found
}

/// Where the units between the awaits of a wave go: in front of it, or behind it.
fn placed(
    cx: &Context<'_>,
    run: &Run<'_>,
    links: &Links<'_, '_>,
    awaits: &[usize],
) -> Result<(Vec<usize>, Vec<usize>), Refusal> {
    let (first, last) = (awaits[0], awaits[awaits.len() - 1]);
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for unit in first + 1..last {
        let Content::Plain { throws } = run.units[unit].content else { continue };
        let passes = |other: &usize| links.may_swap(cx, *other, unit);
        let in_front = awaits.iter().filter(|a| **a < unit);
        if !throws && in_front.chain(&after).all(passes) {
            before.push(unit);
        } else if awaits.iter().filter(|a| **a > unit).all(|later| links.may_swap(cx, unit, *later)) {
            after.push(unit);
        } else {
            return Err(Refusal::new(RefusalCode::StatementBetween, run.units[unit].node.byte_range()));
        }
    }
    Ok((before, after))
}
