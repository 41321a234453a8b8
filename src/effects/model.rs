//! What evaluating code may read and write, as a value.

use std::ops::Range;

use crate::{schedule::Grounds, semantic::BindingId};

/// Where the way to an object begins.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Root {
    /// A variable of the file at hand.
    Binding(BindingId),
    /// A variable that no file declares.
    Global(String),
    /// `this` of the function at hand.
    This,
    /// An object that the code at a byte of the file at hand makes.
    Fresh(usize),
    /// Some object that is not known.
    Unknown,
}

/// A property.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// By its name.
    Name(String),
    /// By a name that is worked out as the program runs.
    Any,
}

impl Key {
    /// Whether both may be the same property.
    pub fn meets(&self, other: &Self) -> bool {
        self == other || *self == Self::Any || *other == Self::Any
    }
}

/// An object, by a way that leads to it: `this.store.users`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Object {
    /// Where the way begins.
    pub root: Root,
    /// The properties that are gone through.
    pub path: Vec<Key>,
}

/// A part of the world outside the program's memory.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Resource {
    /// The current time.
    Clock,
    /// What the program prints.
    Console,
    /// Something that is not known more closely.
    Anything,
}

/// Something that can be read or written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// A variable itself.
    Variable(Root),
    /// A property of an object.
    Property(Object, Key),
    /// The state of an object behind its methods: a page of a browser, a cursor.
    State(Object),
    /// Something outside the program's memory.
    World(Resource),
}

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
    /// The calls after which nothing may start that counts on their success: checks, locks, pauses, and calls whose
    /// result is thrown away.
    pub guards: Vec<Range<usize>>,
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
        self.guards.extend(other.guards);
        for clause in other.presumed {
            self.presume(clause);
        }
        self.can_fail |= other.can_fail;
    }

    /// Notes that something is presumed, once.
    pub fn presume(&mut self, clause: String) {
        if !self.presumed.contains(&clause) {
            self.presumed.push(clause);
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
