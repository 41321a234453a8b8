//! Places that code reads and writes.

use std::sync::Arc;

use crate::semantic::BindingId;

/// How many properties a way is followed; what lies behind is any property.
const MAX_PATH: usize = 3;

/// Where the way to an object begins.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Root {
    /// A variable of the file at hand.
    Binding(BindingId),
    /// A variable of a file, by the file and its name. Variables of one name in one file are taken for one.
    Named(Arc<str>, Arc<str>),
    /// A variable that no file declares.
    Global(Arc<str>),
    /// `this` of the function at hand.
    This,
    /// What is handed to the function at hand, by its position.
    Parameter(usize),
    /// An object that the code at a byte of the file at hand makes.
    Fresh(usize),
    /// Some object that is not known.
    Unknown,
}

impl Root {
    /// A variable that some file exports by a name. What files there are by that name is not asked.
    pub fn exported(name: &str) -> Self {
        Self::Named("".into(), name.into())
    }
}

/// A property.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// By its name.
    Name(Arc<str>),
    /// By a name that is worked out as the program runs.
    Any,
}

/// Whether two things are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meets {
    /// Certainly not.
    No,
    /// Presumably not: they are reached by different names.
    Hardly,
    /// They may be.
    Maybe,
}

impl Key {
    /// Whether both may be the same property. One that is worked out is presumably not one that has a name in the code.
    pub fn meets(&self, other: &Self) -> Meets {
        match (self, other) {
            (Self::Name(a), Self::Name(b)) if a != b => Meets::No,
            (Self::Name(_), Self::Any) | (Self::Any, Self::Name(_)) => Meets::Hardly,
            _ => Meets::Maybe,
        }
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

impl Object {
    /// The object that a root itself stands for.
    pub fn of(root: Root) -> Self {
        Self { root, path: Vec::new() }
    }

    /// The object that a way leads to which goes on from here. Long ways are cut.
    #[must_use]
    pub fn then(&self, path: &[Key]) -> Self {
        let mut all: Vec<Key> = self.path.iter().chain(path).cloned().collect();
        if all.len() > MAX_PATH {
            all.truncate(MAX_PATH);
            all.push(Key::Any);
        }
        Self { root: self.root.clone(), path: all }
    }

    /// Whether two ways may lead to the same object: presumably only if they are the same way.
    pub fn meets(&self, other: &Self) -> Meets {
        if let (Root::Fresh(a), Root::Fresh(b)) = (&self.root, &other.root)
            && a != b
            && self.path.is_empty()
            && other.path.is_empty()
        {
            return Meets::No;
        }
        if self.root != other.root || self.root == Root::Unknown {
            return Meets::Hardly;
        }
        for pair in self.path.iter().zip(&other.path) {
            match pair {
                (Key::Name(a), Key::Name(b)) if a == b => {}
                (Key::Name(_), Key::Name(_)) => return Meets::Hardly,
                _ => return Meets::Maybe,
            }
        }
        if self.path.len() == other.path.len() { Meets::Maybe } else { Meets::Hardly }
    }

    /// Whether one is reached by going on from the other, or may be the other.
    pub fn leads_to(&self, other: &Self) -> Meets {
        let prefix = other.path.len().min(self.path.len());
        let start = Self { root: other.root.clone(), path: other.path[..prefix].to_vec() };
        self.meets(&start)
    }

    /// The last name on the way.
    pub fn last_name(&self) -> Option<&str> {
        match (self.path.last(), &self.root) {
            (Some(Key::Name(name)), _) | (None, Root::Named(_, name) | Root::Global(name)) => Some(name),
            _ => None,
        }
    }
}

/// A part of the world outside the program's memory.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Resource {
    /// The files, or one of them by the name that is written in the code.
    Files(Option<Arc<str>>),
    /// Other machines, or one of them.
    Network(Option<Arc<str>>),
    /// A database.
    Database,
    /// The process itself, its environment, its folder, other processes.
    Process,
    /// The page of a browser.
    Page,
    /// The current time, and chance.
    Clock,
    /// What the program prints.
    Console,
    /// What it notes for those who run it.
    Log,
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
    /// All that can be reached from an object.
    Inside(Object),
    /// The state of an object behind its methods: a page of a browser, a cursor.
    State(Object),
    /// Something outside the program's memory.
    World(Resource),
    /// A place that is given a value once, by whoever needs it first, and that this code reads only then:
    /// `if (!pool) pool = new Pool()`. Who comes first does not matter.
    Once(Box<Place>),
}

impl Place {
    /// The object whose part it is.
    pub fn object(&self) -> Option<&Object> {
        match self {
            Self::Property(object, _) | Self::Inside(object) | Self::State(object) => Some(object),
            Self::Once(place) => place.object(),
            Self::Variable(_) | Self::World(_) => None,
        }
    }

    /// The variable that it is.
    pub fn variable(&self) -> Option<&Root> {
        match self {
            Self::Variable(root) => Some(root),
            Self::Once(place) => place.variable(),
            _ => None,
        }
    }

    /// The same for another variable.
    #[must_use]
    pub fn of_variable(&self, root: Root) -> Self {
        match self {
            Self::Once(place) => Self::Once(Box::new(place.of_variable(root))),
            _ => Self::Variable(root),
        }
    }

    /// The same place of another object.
    #[must_use]
    pub fn on(&self, object: Object) -> Self {
        match self {
            Self::Property(_, key) => Self::Property(object, key.clone()),
            Self::Inside(_) => Self::Inside(object),
            Self::State(_) => Self::State(object),
            Self::Once(place) => Self::Once(Box::new(place.on(object))),
            Self::Variable(_) | Self::World(_) => self.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(root: Root, path: &[&str]) -> Object {
        Object { root, path: path.iter().map(|k| Key::Name((*k).into())).collect() }
    }

    #[test]
    fn only_the_same_way_leads_to_the_same_object() {
        let this = |path: &[&str]| object(Root::This, path);
        assert_eq!(this(&["a"]).meets(&this(&["b"])), Meets::Hardly);
        assert_eq!(this(&["a"]).meets(&this(&["a"])), Meets::Maybe);
        assert_eq!(this(&["a"]).meets(&this(&["a", "b"])), Meets::Hardly);
        assert_eq!(this(&["a"]).leads_to(&this(&["a", "b"])), Meets::Maybe);
        assert_eq!(this(&["a"]).meets(&object(Root::Parameter(0), &["a"])), Meets::Hardly);
        assert_eq!(object(Root::Fresh(1), &[]).meets(&object(Root::Fresh(2), &[])), Meets::No);
        assert_eq!(object(Root::Fresh(1), &["a"]).meets(&object(Root::Fresh(2), &[])), Meets::Hardly);
        assert_eq!(object(Root::Unknown, &["a"]).meets(&object(Root::Unknown, &["a"])), Meets::Hardly);
    }

    #[test]
    fn long_ways_are_cut() {
        let long = object(Root::This, &["a", "b"]).then(&object(Root::This, &["c", "d"]).path);
        assert_eq!(long.path.last(), Some(&Key::Any));
        assert_eq!(long.path.len(), MAX_PATH + 1);
        assert_eq!(long.then(&[Key::Any]).path.len(), MAX_PATH + 1);
    }
}
