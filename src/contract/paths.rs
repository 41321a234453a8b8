//! The state of the abstract interpretation: sets of paths that have come to the same point.

use std::{collections::BTreeMap, ops::Range};

use crate::semantic::BindingId;

/// How many paths are kept apart at one point. Beyond that they are merged, and the answer loses its detail.
const MAX_PATHS: usize = 96;

/// Code that will be run after the code at hand: an index into the interpreter's list of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Deferred(pub(super) usize);

/// What is known of a path.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Path {
    /// How often the callback has been called: 0, 1, or 2 for more.
    pub(super) count: u8,
    /// Which variables are truthy, or falsy.
    pub(super) facts: BTreeMap<BindingId, bool>,
    /// Which properties are truthy, or falsy, as they are written.
    pub(super) properties: BTreeMap<String, bool>,
    /// What is left to run, in order.
    pub(super) pending: Vec<Deferred>,
    /// Whether the function has returned something truthy or falsy, where that is a literal.
    pub(super) returned: Option<bool>,
    /// Whether the path depends on a count of things that several callbacks share.
    pub(super) counted: bool,
}

/// What a report says of a path. It plays no part in telling paths apart.
#[derive(Clone, Debug, Default)]
pub(super) struct Witness {
    /// The first two calls.
    pub(super) calls: [Option<Range<usize>>; 2],
    /// Where the path ended without a call.
    pub(super) end: Option<Range<usize>>,
}

/// A set of paths.
#[derive(Clone, Debug, Default)]
pub(super) struct Paths(BTreeMap<Path, Witness>);

impl Paths {
    /// The one path into a function.
    pub(super) fn start() -> Self {
        Self(BTreeMap::from([(Path::default(), Witness::default())]))
    }

    /// One path.
    pub(super) fn one(path: Path, witness: Witness) -> Self {
        Self(BTreeMap::from([(path, witness)]))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Path, &Witness)> {
        self.0.iter()
    }

    /// Adds the paths of another set.
    pub(super) fn add(&mut self, other: Self) {
        for (path, witness) in other.0 {
            self.0.entry(path).or_insert(witness);
        }
    }

    /// The paths of both sets.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.add(other);
        self
    }

    /// The paths that are not in another set.
    pub(super) fn without(self, other: &Self) -> Self {
        Self(self.0.into_iter().filter(|(path, _)| !other.0.contains_key(path)).collect())
    }

    /// Changes each path.
    pub(super) fn map(self, mut change: impl FnMut(&mut Path, &mut Witness)) -> Self {
        let mut out = Self::default();
        for (mut path, mut witness) in self.0 {
            change(&mut path, &mut witness);
            out.0.entry(path).or_insert(witness);
        }
        out
    }

    /// Splits the paths by what a question says of each.
    pub(super) fn split(self, mut question: impl FnMut(&Path) -> Option<bool>) -> (Self, Self) {
        let (mut yes, mut no) = (Self::default(), Self::default());
        for (path, witness) in self.0 {
            let answer = question(&path);
            if answer != Some(false) {
                yes.0.insert(path.clone(), witness.clone());
            }
            if answer != Some(true) {
                no.0.insert(path, witness);
            }
        }
        (yes, no)
    }

    /// The paths, with no more of them than can be followed; says whether any detail was given up for that.
    pub(super) fn bounded(self) -> (Self, bool) {
        if self.0.len() <= MAX_PATHS {
            return (self, false);
        }
        let merged = self.map(|path, _| {
            path.facts.clear();
            path.properties.clear();
        });
        let mut kept = merged;
        while kept.0.len() > MAX_PATHS {
            kept.0.pop_last();
        }
        (kept, true)
    }
}

/// How the paths through a statement leave it.
#[derive(Clone, Debug, Default)]
pub(super) struct Flow<'a> {
    /// To the next statement.
    pub(super) next: Paths,
    /// Out of the function.
    pub(super) returned: Paths,
    /// By `break` and `continue`, each with its label.
    pub(super) jumps: Vec<(Jump<'a>, Paths)>,
}

/// A jump inside a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Jump<'a> {
    /// `break`, perhaps with a label.
    Break(Option<&'a str>),
    /// `continue`, perhaps with a label.
    Continue(Option<&'a str>),
}

impl<'a> Flow<'a> {
    /// Paths that go on.
    pub(super) fn next(next: Paths) -> Self {
        Self { next, ..Self::default() }
    }

    /// Adds the ways out of another statement.
    pub(super) fn add(&mut self, other: Self) {
        self.next.add(other.next);
        self.returned.add(other.returned);
        self.jumps.extend(other.jumps);
    }

    /// Takes the paths of the jumps that a statement answers to.
    pub(super) fn take(&mut self, mut is_taken: impl FnMut(Jump<'a>) -> bool) -> Paths {
        let mut taken = Paths::default();
        let jumps = std::mem::take(&mut self.jumps);
        for (jump, paths) in jumps {
            if is_taken(jump) {
                taken.add(paths);
            } else {
                self.jumps.push((jump, paths));
            }
        }
        taken
    }
}
