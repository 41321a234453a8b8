//! What the functions of a project read and write, as owned data: what each does by itself, and, once that is linked,
//! what it does with all that it calls.
//!
//! The code is read elsewhere; here is what it comes to. Nothing in a [`Summary`] points into a file, so that it outlives
//! edits.

mod link;
mod place;
mod related;
mod summary;

use std::{collections::BTreeSet, ops::Range, sync::Arc};

pub use link::{Summaries, Target};
pub use place::{Key, Meets, Object, Place, Resource, Root};
pub use summary::Summary;

use super::FileFacts;
use crate::semantic::BindingId;

/// What code touches by itself, and what it calls.
#[derive(Clone, Debug, Default)]
pub struct Code {
    /// The places that are touched, whether they are written, and the bytes that do it.
    pub touches: Vec<(Place, bool, Range<usize>)>,
    /// The calls.
    pub calls: Vec<Call>,
    /// What is presumed of it, in clauses.
    pub presumed: Vec<String>,
    /// What is not understood.
    pub unknown: Vec<Range<usize>>,
    /// Whether it may throw by itself, its calls left out.
    pub can_fail: bool,
}

/// What is handed to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Something that has no properties to change, or a function that is written in place: its code is among that of
    /// the code around it.
    Inert,
    /// An object, or a function by a name.
    Object {
        /// The way to it.
        object: Object,
        /// Its text on one line, shortened.
        text: String,
        /// Its bytes.
        range: Range<usize>,
        /// For an object or a list that is written in place: what it holds, by the properties that lead there. An object
        /// that is spread into it stands for all properties there.
        holds: Vec<(Vec<Key>, Object)>,
    },
}

impl Argument {
    /// What the callee gets hold of: the object, and what is put into it where it is written in place.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        let (object, holds) = match self {
            Self::Inert => (None, [].as_slice()),
            Self::Object { object, holds, .. } => (Some(object), holds.as_slice()),
        };
        object.into_iter().chain(holds.iter().map(|(_, held)| held))
    }

    /// The object that a way from the argument on leads to; `None` where it has no properties to change.
    pub fn object(&self, path: &[Key]) -> Option<Object> {
        let Self::Object { object, holds, .. } = self else { return None };
        let leads = |way: &[Key]| {
            let same = |(a, b): (&Key, &Key)| a == b || *a == Key::Any || *b == Key::Any;
            way.len() <= path.len() && way.iter().zip(path).all(same)
        };
        let held = holds.iter().filter(|(way, _)| leads(way)).max_by_key(|(way, _)| way.len());
        Some(held.map_or_else(|| object.then(path), |(way, held)| held.then(&path[way.len()..])))
    }
}

/// What a callee that is no function of the project does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Knowledge {
    /// What it touches.
    pub touches: Vec<(Place, bool)>,
    /// The arguments that it calls, from 0, if they are functions.
    pub calls_back: Vec<usize>,
    /// Whether its success is what the code behind it counts on.
    pub guards: bool,
    /// Why this is presumed, in a clause; `None` where it is known.
    pub presumed: Option<String>,
    /// Whether it can neither throw nor reject.
    pub never_fails: bool,
}

/// A call, by what it is known by.
#[derive(Clone, Debug)]
pub struct Call {
    /// The bytes of the call expression.
    pub range: Range<usize>,
    /// The callee without blanks.
    pub callee: String,
    /// The last name of the callee; empty where it has none.
    pub name: String,
    /// Whether it is called with `new`.
    pub is_new: bool,
    /// Whether the callee can be no function of the project: a method of a list, of a text.
    pub is_settled: bool,
    /// The bytes of the function itself, where it is called through its own `call` or `apply`.
    pub bound: Option<Range<usize>>,
    /// The callee itself, where it is a parameter or a property of one: a function that is handed in.
    pub handed_in: Option<Object>,
    /// What it is called on.
    pub receiver: Option<Object>,
    /// What it is handed; `None` where a spread makes that unknown.
    pub arguments: Option<Vec<Argument>>,
    /// The buffers that it is handed and may fill, where it is not known which function it leads to.
    pub filled: Vec<Object>,
    /// What is known, or presumed by its name, where it is no function of the project. `None` where nothing is.
    pub known: Option<Knowledge>,
    /// Whether it is waited for while nobody looks at its result. Only told of code that is asked about directly.
    pub is_bare: bool,
    /// Whether it is in no function inside the code that is asked about.
    pub is_outermost: bool,
}

/// A function with what it does by itself. Functions inside it are others.
#[derive(Clone, Debug)]
pub struct FunctionCode {
    /// Where it starts in its file; `None` for the code of the file itself.
    pub start: Option<usize>,
    /// Where it ends.
    pub end: usize,
    /// The name of the class that it is a part of; empty without one.
    pub class: String,
    /// Whether it has the `this` of the code around it.
    pub is_arrow: bool,
    /// Its parameters, and the names that they are taken apart into, with the ways to their values.
    pub parameters: Vec<(BindingId, Object)>,
    /// What it declares, sorted.
    pub declared: Vec<BindingId>,
    /// Those of its variables that hold an object which was made for them.
    pub fresh: Vec<BindingId>,
    /// Those of its variables that hold an object which was made for them with `new`, of whatever class.
    pub made: Vec<BindingId>,
    /// What it does.
    pub code: Code,
}

/// A file with what its functions do by themselves.
#[derive(Debug)]
pub struct FileCode {
    /// What the file contributes to the project.
    pub facts: FileFacts,
    /// Its functions.
    pub functions: Vec<FunctionCode>,
    /// The names of its variables, by the number of their binding.
    pub variables: Vec<String>,
    /// The names of properties into which the file puts nothing but what it makes for that.
    pub owned: BTreeSet<Arc<str>>,
    /// Those into which it puts something else.
    pub handed: BTreeSet<Arc<str>>,
}
