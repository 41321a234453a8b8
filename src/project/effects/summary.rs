//! What a function does with all that it calls.

use std::{collections::BTreeSet, sync::Arc};

use super::{Call, FunctionCode, Key, Knowledge, Object, Place, Root};
use crate::semantic::BindingId;

/// How many places a summary lists of a kind. What touches more may touch anything.
const MAX_PLACES: usize = 64;

/// How many variables and parts of the world it lists besides.
const MAX_VARIABLES: usize = 192;

/// How many clauses and callees a summary keeps.
const MAX_WORDS: usize = 4;

/// What calling a function may touch, seen from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// What may be read.
    pub reads: BTreeSet<Place>,
    /// What may be written.
    pub writes: BTreeSet<Place>,
    /// The functions handed in that it may call.
    pub calls: BTreeSet<Object>,
    /// The callees of which nothing is known, some of them.
    pub unknown: BTreeSet<String>,
    /// What is presumed, in clauses, some of them.
    pub presumed: BTreeSet<String>,
    /// Whether it may throw, or its promise be rejected.
    pub can_fail: bool,
}

impl Summary {
    /// Notes that a place is touched.
    pub fn touch(&mut self, place: Place, is_written: bool) {
        let set = if is_written { &mut self.writes } else { &mut self.reads };
        if set.len() < MAX_PLACES || set.contains(&place) {
            set.insert(place);
        } else if place.object().is_some() {
            set.insert(Place::Property(Object::of(Root::Unknown), Key::Any));
            self.doubt("more than can be told apart");
        } else if set.len() < MAX_PLACES + MAX_VARIABLES {
            set.insert(place);
        } else {
            self.doubt("more than can be told apart");
        }
    }

    /// Notes that something is presumed.
    pub fn presume(&mut self, clause: &str) {
        if self.presumed.len() < MAX_WORDS {
            self.presumed.insert(clause.to_owned());
        }
    }

    /// Notes that nothing is known of a callee.
    pub fn doubt(&mut self, callee: &str) {
        if self.unknown.len() < MAX_WORDS {
            self.unknown.insert(callee.to_owned());
        }
    }

    /// Notes what is known of a callee.
    pub fn know(&mut self, known: &Knowledge) {
        for (place, is_written) in &known.touches {
            self.touch(place.clone(), *is_written);
        }
        known.presumed.iter().for_each(|clause| self.presume(clause));
        self.can_fail |= !known.never_fails;
    }

    /// Adds what other code of the same function does.
    pub fn join(&mut self, other: Self) {
        for (places, is_written) in [(other.reads, false), (other.writes, true)] {
            places.into_iter().for_each(|place| self.touch(place, is_written));
        }
        self.calls.extend(other.calls);
        other.unknown.iter().for_each(|text| self.doubt(text));
        other.presumed.iter().for_each(|clause| self.presume(clause));
        self.can_fail |= other.can_fail;
    }

    /// Adds what a callee does that a call reaches.
    pub fn add_call(&mut self, call: &Call, callee: &Self) {
        for (places, is_written) in [(&callee.reads, false), (&callee.writes, true)] {
            for place in places {
                if let Some(place) = call.place(place) {
                    self.touch(place, is_written);
                }
            }
        }
        callee.unknown.iter().for_each(|text| self.doubt(text));
        callee.presumed.iter().for_each(|clause| self.presume(clause));
        self.can_fail |= callee.can_fail;
    }

    /// Adds what a function does that is called with nobody knows what.
    pub fn add_unseen(&mut self, callee: &Self, shares_this: bool) {
        let strange = |object: &Object| match object.root {
            Root::Parameter(_) => Object { root: Root::Unknown, path: object.path.clone() },
            Root::This if !shares_this => Object { root: Root::Unknown, path: object.path.clone() },
            _ => object.clone(),
        };
        for (places, is_written) in [(&callee.reads, false), (&callee.writes, true)] {
            for place in places {
                let place = place.object().map_or_else(|| place.clone(), |object| place.on(strange(object)));
                self.touch(place, is_written);
            }
        }
        callee.calls.iter().for_each(|_| self.doubt("a function that is handed in"));
        callee.unknown.iter().for_each(|text| self.doubt(text));
        callee.presumed.iter().for_each(|clause| self.presume(clause));
        self.can_fail |= callee.can_fail;
    }

    /// The same seen from outside the function: its own variables are gone.
    pub(super) fn outside(self, function: &FunctionCode) -> Self {
        let mut out =
            Self { unknown: self.unknown, presumed: self.presumed, can_fail: self.can_fail, ..Self::default() };
        for (places, is_written) in [(self.reads, false), (self.writes, true)] {
            for place in places {
                if let Some(place) = function.seen_outside(place) {
                    out.touch(place, is_written);
                }
            }
        }
        for handed_in in self.calls {
            let object = function.object_outside(&handed_in);
            match object.root {
                Root::Parameter(_) => drop(out.calls.insert(object)),
                _ => out.doubt("a function that is handed in"),
            }
        }
        out
    }

    /// The same with the variables of a file by their names, so that it outlives edits.
    pub(super) fn lasting(self, file: &Arc<str>, variables: &[Arc<str>]) -> Self {
        let named = |root: &Root| match root {
            Root::Binding(binding) => Root::Named(file.clone(), variables[binding.index()].clone()),
            other => other.clone(),
        };
        let place = |place: &Place| match place.variable() {
            Some(root) => place.of_variable(named(root)),
            None => match place.object() {
                Some(object) => place.on(Object { root: named(&object.root), path: object.path.clone() }),
                None => place.clone(),
            },
        };
        Self { reads: self.reads.iter().map(place).collect(), writes: self.writes.iter().map(place).collect(), ..self }
    }
}

impl Call {
    /// The call of a getter or setter of an object.
    pub(super) fn of_accessor(name: &str, object: &Object) -> Self {
        Self {
            range: 0..0,
            callee: name.to_owned(),
            name: name.to_owned(),
            is_new: false,
            is_settled: false,
            bound: None,
            handed_in: None,
            receiver: Some(object.clone()),
            arguments: None,
            filled: Vec::new(),
            known: None,
            is_bare: false,
            is_outermost: false,
        }
    }

    /// A place of the callee, seen from the caller. `None` where nobody else can see it.
    pub fn place(&self, place: &Place) -> Option<Place> {
        let Some(object) = place.object() else { return Some(place.clone()) };
        Some(place.on(self.object(object)?))
    }

    /// An object of the callee, seen from the caller. `None` where it has no properties to change, or where the call made
    /// it.
    pub fn object(&self, object: &Object) -> Option<Object> {
        let unknown = || Object { root: Root::Unknown, path: object.path.clone() };
        Some(match object.root {
            Root::Parameter(index) => match self.arguments.as_ref().map(|all| all.get(index)) {
                None => unknown(),
                Some(argument) => return argument?.object(&object.path),
            },
            Root::This if self.is_new && object.path.is_empty() => return None,
            Root::This if self.is_new => unknown(),
            Root::This => self.receiver.as_ref().map_or_else(unknown, |receiver| receiver.then(&object.path)),
            _ => object.clone(),
        })
    }
}

impl FunctionCode {
    /// Whether a variable is one of the function's own.
    pub(super) fn declares(&self, binding: BindingId) -> bool {
        self.declared.binary_search(&binding).is_ok()
    }

    /// A place that the function's code touches, seen from outside. `None` where nobody else can see it.
    fn seen_outside(&self, place: Place) -> Option<Place> {
        if let Some(Root::Binding(binding)) = place.variable() {
            return (!self.declares(*binding)).then_some(place);
        }
        let Some(object) = place.object() else { return Some(place) };
        let is_made_here = match object.root {
            Root::Fresh(_) => true,
            Root::Binding(binding) => self.fresh.contains(&binding),
            _ => false,
        };
        // Whoever sees what was made here has been given it, and that is noted. What has a state of its own may be a part of
        // something else that has one, unless it was made from nothing: `new Reader(bytes)`.
        let is_state = matches!(place, Place::State(_));
        let is_new = matches!(object.root, Root::Binding(binding) if self.made.contains(&binding));
        if object.path.is_empty() && (is_made_here && !is_state || is_new && is_state) {
            return None;
        }
        Some(place.on(self.object_outside(object)))
    }

    /// An object that the function's code names, seen from outside.
    fn object_outside(&self, object: &Object) -> Object {
        let unknown = || Object { root: Root::Unknown, path: object.path.clone() };
        match object.root {
            Root::Fresh(_) => unknown(),
            Root::Binding(binding) => match self.parameters.iter().find(|(parameter, _)| *parameter == binding) {
                Some((_, handed)) => handed.then(&object.path),
                None if self.declares(binding) => unknown(),
                None => object.clone(),
            },
            _ => object.clone(),
        }
    }
}
