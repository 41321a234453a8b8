//! Whether pieces of code may be under way at the same time.

use std::ops::Range;

use super::{
    model::{Effects, Independence, Object, Place, Resource, Root, Touch},
    walk::is_fresh,
};
use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    schedule::Grounds,
    semantic::BindingId,
};

/// Whether `later` may be started before `earlier` has ended, where it is started right behind it.
///
/// # Errors
/// With `unknown-effects` when a call is not known, with `ordered-effects` when one needs the other to have ended.
pub fn may_overlap(cx: &Context<'_>, earlier: &Effects, later: &Effects) -> Result<Independence, Refusal> {
    check(cx, earlier, later, &[])
}

pub(super) fn check(
    cx: &Context<'_>,
    earlier: &Effects,
    later: &Effects,
    own: &[BindingId],
) -> Result<Independence, Refusal> {
    let ordered = |range: &Range<usize>| Err(Refusal::new(RefusalCode::OrderedEffects, range.clone()));
    if let Some(guard) = earlier.guards.first() {
        return ordered(guard);
    }
    if let Some(touch) = later.writes.iter().find(|t| matches!(t.place, Place::World(_)))
        && earlier.can_fail
    {
        return ordered(&touch.range);
    }
    let meets = |a: &Touch, b: &Touch| places_meet(cx, &a.place, &b.place, own);
    for (ones, others) in
        [(&earlier.writes, &later.reads), (&earlier.writes, &later.writes), (&earlier.reads, &later.writes)]
    {
        if let Some(other) = others.iter().find(|other| ones.iter().any(|one| meets(one, other))) {
            return ordered(&other.range);
        }
    }
    if let Some(range) = earlier.unknown.iter().chain(&later.unknown).next() {
        return Err(Refusal::new(RefusalCode::UnknownEffects, range.clone()));
    }
    let grounds = earlier.grounds().min(later.grounds());
    Ok(Independence { grounds, because: because(grounds, earlier, later) })
}

fn because(grounds: Grounds, earlier: &Effects, later: &Effects) -> String {
    if grounds == Grounds::Proven {
        return "By their code, none of them touches what another changes.".to_owned();
    }
    let mut clauses: Vec<&str> = Vec::new();
    for clause in earlier.presumed.iter().chain(&later.presumed) {
        if !clauses.contains(&clause.as_str()) {
            clauses.push(clause);
        }
    }
    format!("None of them changes what another reads: {}.", clauses.join("; "))
}

/// Whether two places may be the same. `own` are variables that stand for something else on each side.
fn places_meet(cx: &Context<'_>, a: &Place, b: &Place, own: &[BindingId]) -> bool {
    let is_own = |root: &Root| matches!(root, Root::Binding(binding) if own.contains(binding));
    match (a, b) {
        (Place::Variable(a), Place::Variable(b)) => a == b && !is_own(a),
        (Place::Property(o, k), Place::Property(p, l)) => {
            let both_own = |o: &Object| o.path.is_empty() && (is_own(&o.root) || matches!(o.root, Root::Fresh(_)));
            k.meets(l) && may_alias(cx, o, p) && !(o == p && both_own(o))
        }
        // Objects with a state of their own are often parts of one another.
        (Place::State(_), Place::State(_)) => true,
        // What the time is, everybody may ask.
        (Place::World(a), Place::World(b)) => *a != Resource::Clock && *b != Resource::Clock,
        _ => false,
    }
}

/// Whether two ways may lead to the same object.
fn may_alias(cx: &Context<'_>, a: &Object, b: &Object) -> bool {
    let fresh = |o: &Object| {
        o.path.is_empty()
            && match o.root {
                Root::Fresh(_) => true,
                Root::Binding(binding) => is_fresh(cx, binding),
                _ => false,
            }
    };
    a == b || !(fresh(a) && fresh(b))
}
