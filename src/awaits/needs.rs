//! Which unit of a run needs what another one makes, by the names that they read and write.

use std::{collections::HashSet, ops::Range};

use super::run::{Await, Content, Run, Target, Unit};
use crate::{
    context::Context,
    flow::{
        classify::{declaration_node, initializer},
        rounds::meanwhile::Meanwhile,
    },
    semantic::{BindingId, BindingKind},
    syntax::node::{is_function, walk},
};

/// What the units of a run need of each other.
#[derive(Debug)]
pub struct Needs {
    names: Vec<Names>,
    /// For each unit and each before it, whether it can't start without the other.
    reaches: Vec<Vec<bool>>,
}

/// The variables that a unit uses.
#[derive(Debug, Default)]
struct Names {
    /// All that has to be there before its call starts, and what the functions use that are named there. What the pattern
    /// needs that takes the result apart is among it.
    mentioned: HashSet<BindingId>,
    /// Whether any of it may become something else at any time: a function that is called some time later changes it.
    is_loose: bool,
    /// What is read when its call has ended.
    late: HashSet<BindingId>,
    /// What its result goes into.
    given: HashSet<BindingId>,
    /// What else it assigns. What the functions assign that it mentions is an effect like others.
    assigned: HashSet<BindingId>,
}

impl Needs {
    /// Works out what the units of a run need.
    pub fn of(cx: &Context<'_>, run: &Run<'_>) -> Self {
        let meanwhile = Meanwhile::around(cx, run.units[0].node);
        let names: Vec<Names> = run.units.iter().map(|unit| names_of(cx, unit, &meanwhile)).collect();
        let mut reaches: Vec<Vec<bool>> = Vec::new();
        for later in 0..names.len() {
            let mut row = vec![false; later];
            for earlier in (0..later).rev() {
                let through = |between: usize| row[between] && reaches[between][earlier];
                let waits = run.units[earlier].awaited().is_some() && names[later].is_loose;
                row[earlier] = waits || needs(&names[later], &names[earlier]) || (earlier + 1..later).any(through);
            }
            reaches.push(row);
        }
        Self { names, reaches }
    }

    /// Whether a unit can't start without what an earlier one makes, be it by way of those between.
    pub fn reaches(&self, later: usize, earlier: usize) -> bool {
        self.reaches[later][earlier]
    }

    /// Whether one unit itself needs another that stands before it.
    pub fn directly(&self, later: usize, earlier: usize) -> bool {
        self.names[later].is_loose || needs(&self.names[later], &self.names[earlier])
    }

    /// The variables that the result of a unit goes into.
    pub fn given(&self, unit: usize) -> impl Iterator<Item = BindingId> + '_ {
        let mut given: Vec<_> = self.names[unit].given.iter().copied().collect();
        given.sort_unstable();
        given.into_iter()
    }
}

fn needs(later: &Names, earlier: &Names) -> bool {
    let meets = |a: &HashSet<BindingId>, b: &HashSet<BindingId>| !a.is_disjoint(b);
    let made = [&earlier.given, &earlier.assigned];
    let overwritten = [&later.given, &later.assigned];
    made.into_iter()
        .any(|made| meets(made, &later.mentioned) || overwritten.into_iter().any(|other| meets(made, other)))
        || meets(&later.assigned, &earlier.mentioned)
        || meets(&later.given, &earlier.late)
}

fn names_of(cx: &Context<'_>, unit: &Unit<'_>, meanwhile: &Meanwhile<'_>) -> Names {
    let mut names = Names::default();
    let whole = unit.node.byte_range();
    // What stands around the call is evaluated when all calls have ended; a unit without one is moved as a whole.
    let (before, pattern) = match &unit.content {
        Content::Await(awaited) => (awaited.operand.byte_range(), pattern_of(awaited)),
        Content::Plain { .. } => (whole.clone(), None),
    };
    let is_await = unit.awaited().is_some();
    names.given.extend(cx.names.declared_in(&whole).into_iter().filter(|b| is_declared_by(cx, *b, unit)));
    for reference in cx.names.references_in(&whole).iter().filter(|r| !r.in_type) {
        let is_in = |range: &Range<usize>| range.start <= reference.range.start && reference.range.end <= range.end;
        let is_early = is_in(&before) || pattern.as_ref().is_some_and(is_in);
        names.is_loose |= reference.reads && is_early && meanwhile.may_change(reference, unit.node.start_byte());
        let Some(binding) = reference.binding else { continue };
        let in_call = is_in(&before) && is_await;
        if reference.writes {
            let made = if in_call { &mut names.assigned } else { &mut names.given };
            made.insert(binding);
        }
        if reference.reads && is_early {
            names.mentioned.insert(binding);
        }
        if reference.reads && !in_call {
            names.late.insert(binding);
        }
    }
    follow(cx, &mut names);
    names
}

/// What takes a result apart.
fn pattern_of(awaited: &Await<'_>) -> Option<Range<usize>> {
    match awaited.target {
        Target::Declared(pattern, _) | Target::Assigned(pattern) => Some(pattern.byte_range()),
        Target::Nothing | Target::Returned | Target::Expression => None,
    }
}

/// Whether a unit declares a variable itself, rather than a function in it.
fn is_declared_by(cx: &Context<'_>, binding: BindingId, unit: &Unit<'_>) -> bool {
    let scope = &cx.names.scope(cx.names.binding(binding).scope).range;
    scope.start < unit.node.start_byte() || unit.node.end_byte() < scope.end
}

/// Adds what the functions use that are mentioned, and those that these mention.
fn follow(cx: &Context<'_>, names: &mut Names) {
    let mut pending: Vec<BindingId> = names.mentioned.iter().copied().collect();
    while let Some(binding) = pending.pop() {
        let Some(range) = code_of(cx, binding) else { continue };
        for reference in cx.names.references_in(&range).iter().filter(|r| !r.in_type) {
            let Some(other) = reference.binding else { continue };
            let home = &cx.names.scope(cx.names.binding(other).scope).range;
            let is_local = range.start <= home.start && home.end <= range.end;
            if !is_local && names.mentioned.insert(other) {
                pending.push(other);
            }
        }
    }
}

/// The code that a name stands for, if that is a function or has one in it.
fn code_of(cx: &Context<'_>, binding: BindingId) -> Option<Range<usize>> {
    let declared = cx.names.binding(binding);
    if matches!(declared.kind, BindingKind::Function | BindingKind::Class) {
        return declaration_node(cx, binding)?.parent().map(|p| p.byte_range());
    }
    let value = initializer(cx, binding)?;
    let mut has_function = false;
    walk(value, |n| {
        has_function |= is_function(n);
        !has_function
    });
    has_function.then(|| value.byte_range())
}
