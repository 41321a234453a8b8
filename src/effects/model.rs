//! What evaluating code may read and write, as a value.

use std::ops::Range;

use crate::{project::effects::Place, schedule::Grounds};

/// A place and the code that touches it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    /// The place.
    pub place: Place,
    /// The bytes, in the file at hand, of the code: for what a called function does, those of the call.
    pub range: Range<usize>,
}

/// What evaluating code may read and write. Calls in it are included, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// What may be read.
    pub reads: Vec<Touch>,
    /// What may be written.
    pub writes: Vec<Touch>,
    /// The calls of which nothing is known, by their bytes in the file at hand.
    pub unknown: Vec<Range<usize>>,
    /// The callees that are to blame for that, some of them: those of the calls, or of calls in the functions called.
    pub strangers: Vec<String>,
    /// The calls after which nothing may start that counts on their success: checks, locks, pauses.
    pub guards: Vec<Range<usize>>,
    /// The calls that are waited for while nobody looks at their result.
    pub dropped: Vec<Range<usize>>,
    /// What is presumed, each in a clause without a full stop: `` `getUser` only reads, by its name ``.
    pub presumed: Vec<String>,
    /// Whether it may throw, or its promise be rejected.
    pub can_fail: bool,
}

impl Effects {
    /// What the knowledge rests on.
    pub fn grounds(&self) -> Grounds {
        if self.presumed.is_empty() { Grounds::Proven } else { Grounds::Presumed }
    }

    /// Adds what other code does.
    pub fn extend(&mut self, other: Self) {
        self.reads.extend(other.reads);
        self.writes.extend(other.writes);
        self.unknown.extend(other.unknown);
        self.strangers.extend(other.strangers);
        self.guards.extend(other.guards);
        self.dropped.extend(other.dropped);
        for clause in other.presumed {
            self.presume(clause);
        }
        self.can_fail |= other.can_fail;
    }

    /// What the code in a range of bytes does, behind what the rest does.
    pub(super) fn parted(mut self, range: &Range<usize>) -> (Self, Self) {
        let is_in = |inner: &Range<usize>| range.start <= inner.start && inner.end <= range.end;
        let touches = |all: &mut Vec<Touch>| all.extract_if(.., |t| is_in(&t.range)).collect();
        let places = |all: &mut Vec<Range<usize>>| all.extract_if(.., |r| is_in(r)).collect();
        let inner = Self {
            reads: touches(&mut self.reads),
            writes: touches(&mut self.writes),
            unknown: places(&mut self.unknown),
            guards: places(&mut self.guards),
            dropped: places(&mut self.dropped),
            strangers: self.strangers.clone(),
            presumed: self.presumed.clone(),
            can_fail: self.can_fail,
        };
        (self, inner)
    }

    /// Notes that something is presumed, once.
    pub fn presume(&mut self, clause: String) {
        if !self.presumed.contains(&clause) {
            self.presumed.push(clause);
        }
    }
}

impl Independence {
    /// Both claims as one.
    #[must_use]
    pub(super) fn and(self, other: Self) -> Self {
        match (self.grounds, other.grounds) {
            (Grounds::Presumed, Grounds::Presumed) if other.because != self.because => {
                Self { because: format!("{} {}", self.because, other.because), ..self }
            }
            (Grounds::Proven, Grounds::Presumed) => other,
            _ => self,
        }
    }
}

/// Why pieces of code do not affect each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Independence {
    /// What the claim rests on.
    pub grounds: Grounds,
    /// The claim in one sentence, for a finding's assumption.
    pub because: String,
}
