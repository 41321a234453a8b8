//! What the values of files mean, once the files are known to one another.
//!
//! A value is followed from name to assignment to module until it ends in something that code made: a function, a class,
//! an object, the exports of a file. Where there is more than one possibility it ends in nothing.

use std::{cell::RefCell, collections::HashMap};

use super::{
    facts::{Export, FileFacts, Name, Part, This, Value, ValueId},
    modules::Module,
    tables::{Parent, Source, Tables},
};

/// How many steps a value is followed.
const MAX_STEPS: usize = 100;

/// Something that code makes once and that has properties, by file and index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Entity {
    Function(u32, u32),
    Class(u32, u32),
    /// What the instances of a function share.
    FunctionPrototype(u32, u32),
    /// What the instances of a class share, and what they are given one by one.
    ClassPrototype(u32, u32),
    Object(u32, u32),
    /// The object that a CommonJS file starts with as its exports.
    Exports(u32),
    /// What a CommonJS file puts in its place, where that is unknown.
    Replaced(u32),
    /// The exports of an ECMAScript module.
    Namespace(u32),
    /// A part of another module, by index into [`Foreign`].
    External(u32),
    /// A global, by index into [`Foreign`].
    Global(u32),
}

impl Entity {
    /// What the instances of a function or class share.
    pub(super) fn prototype(self) -> Option<Self> {
        match self {
            Self::Function(file, index) => Some(Self::FunctionPrototype(file, index)),
            Self::Class(file, index) => Some(Self::ClassPrototype(file, index)),
            _ => None,
        }
    }

    /// The function or class whose instances share this.
    pub(super) fn constructor(self) -> Option<Self> {
        match self {
            Self::FunctionPrototype(file, index) => Some(Self::Function(file, index)),
            Self::ClassPrototype(file, index) => Some(Self::Class(file, index)),
            _ => None,
        }
    }
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Target {
    Unknown,
    Thing {
        entity: Entity,
        /// Whether it is known through `this`, which another object may stand for.
        via_this: bool,
    },
    /// An instance of a function or class.
    Instance {
        class: Entity,
        via_this: bool,
    },
}

impl Target {
    pub(super) fn thing(entity: Entity) -> Self {
        Self::Thing { entity, via_this: false }
    }

    /// The entity, if it is one.
    pub(super) fn entity(self) -> Option<Entity> {
        match self {
            Self::Thing { entity, .. } => Some(entity),
            _ => None,
        }
    }
}

/// What looking for a property comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It is not there.
    Absent,
    /// It may be there, or there is more than one value for it.
    Maybe,
    One(Target),
}

/// The names of what is not the project's own: a module, or nothing for globals, and a path of properties.
#[derive(Debug, Default)]
pub(super) struct Foreign {
    names: Vec<(String, Option<String>)>,
    indices: HashMap<(String, Option<String>), u32>,
}

impl Foreign {
    fn index(&mut self, name: (String, Option<String>)) -> u32 {
        let next = self.names.len() as u32;
        *self.indices.entry(name).or_insert_with_key(|name| {
            self.names.push(name.clone());
            next
        })
    }

    /// The module, or global, and the path below it.
    pub(super) fn name(&self, index: u32) -> &(String, Option<String>) {
        &self.names[index as usize]
    }

    /// A property of a foreign thing.
    fn member(&mut self, index: u32, name: &str) -> u32 {
        let (module, path) = self.name(index).clone();
        let path = path.map_or_else(|| name.to_owned(), |path| format!("{path}.{name}"));
        self.index((module, Some(path)))
    }
}

/// Follows values.
pub(super) struct Linker<'a> {
    pub(super) files: &'a [FileFacts],
    /// What the specifiers of each file mean.
    pub(super) modules: &'a [Vec<Module>],
    pub(super) tables: Tables,
    memo: RefCell<Vec<Vec<Memo>>>,
    pub(super) foreign: RefCell<Foreign>,
    found: RefCell<Search>,
}

/// The properties that were looked for.
#[derive(Debug, Default)]
struct Search {
    /// What was found; `None` while the search goes on.
    known: HashMap<Entity, HashMap<Name, Option<Found>>>,
    /// How many searches go on.
    open: usize,
    /// How often a search has come back to itself.
    circles: usize,
}

/// What is known of a value's meaning.
#[derive(Clone, Copy, Debug)]
enum Memo {
    New,
    /// Being worked out: a value that leads to itself is unknown.
    Open,
    Known(Target),
}

impl<'a> Linker<'a> {
    /// A linker that knows the properties that the tables tell of.
    pub(super) fn new(files: &'a [FileFacts], modules: &'a [Vec<Module>], tables: Tables) -> Self {
        let memo = files.iter().map(|f| vec![Memo::New; f.values.len()]).collect();
        Self {
            files,
            modules,
            tables,
            memo: RefCell::new(memo),
            foreign: RefCell::default(),
            found: RefCell::default(),
        }
    }

    pub(super) fn facts(&self, file: u32) -> &'a FileFacts {
        &self.files[file as usize]
    }

    /// What a value of a file is.
    pub(super) fn eval(&self, file: u32, value: ValueId) -> Target {
        self.follow(file, value, 0)
    }

    fn follow(&self, file: u32, value: ValueId, steps: usize) -> Target {
        let (f, v) = (file as usize, value.0 as usize);
        match self.memo.borrow()[f][v] {
            Memo::Known(target) => return target,
            Memo::Open => return Target::Unknown,
            Memo::New if steps > MAX_STEPS => return Target::Unknown,
            Memo::New => {}
        }
        self.memo.borrow_mut()[f][v] = Memo::Open;
        let target = self.meaning(file, value, steps + 1);
        self.memo.borrow_mut()[f][v] = Memo::Known(target);
        target
    }

    fn meaning(&self, file: u32, value: ValueId, steps: usize) -> Target {
        let facts = self.facts(file);
        match facts.value(value) {
            Value::Unknown | Value::Inert | Value::OneOf(_) | Value::Create(_) | Value::Loaded(_) => Target::Unknown,
            Value::Function(start) => match facts.function_at(*start) {
                Some(index) => Target::thing(Entity::Function(file, index as u32)),
                None => Target::Unknown,
            },
            Value::Class(index) => Target::thing(Entity::Class(file, *index)),
            Value::Object(index) => Target::thing(Entity::Object(file, *index)),
            Value::Binding(binding) => match facts.bindings.get(binding) {
                Some(value) => self.follow(file, *value, steps),
                None => Target::Unknown,
            },
            Value::Global(name) => {
                let index = self.foreign.borrow_mut().index((String::new(), Some(name.to_string())));
                Target::thing(Entity::Global(index))
            }
            Value::Module(specifier) => self.import(file, *specifier, None, steps),
            Value::Import(specifier, name) => self.import(file, *specifier, Some(name), steps),
            Value::ModuleExports => self.module_value(file, steps),
            Value::Exports => self.exports_value(file, steps),
            Value::This(this) => self.this(file, *this, steps),
            Value::Member(object, name) => {
                let object = self.follow(file, *object, steps);
                self.property(object, name, steps)
            }
            Value::New(class) => self.instance(self.follow(file, *class, steps)),
        }
    }

    /// What a module gives: as a whole for `require`, a name of it for `import`.
    fn import(&self, file: u32, specifier: u32, name: Option<&Name>, steps: usize) -> Target {
        let other = match &self.modules[file as usize][specifier as usize] {
            Module::Unknown => return Target::Unknown,
            Module::External(module) => {
                // How a package that is not the project's own is wrapped for `default` can't be seen from here.
                let name = name.filter(|n| !matches!(&***n, "default" | "*"));
                let index = self.foreign.borrow_mut().index((module.clone(), name.map(|n| n.to_string())));
                return Target::thing(Entity::External(index));
            }
            Module::File(other) => *other as u32,
        };
        let is_esm = !self.facts(other).exports.is_empty();
        match name.map(|n| &**n) {
            None | Some("*") if is_esm => Target::thing(Entity::Namespace(other)),
            None | Some("*" | "default") if !is_esm => self.module_value(other, steps),
            Some(name) if is_esm => self.one(self.find(Entity::Namespace(other), name, steps)),
            Some(name) => self.property(self.module_value(other, steps), name, steps),
            None => Target::Unknown,
        }
    }

    /// The whole of a module that a file names.
    pub(super) fn whole(&self, file: u32, specifier: u32) -> Target {
        self.import(file, specifier, None, 0)
    }

    /// The file that a specifier means.
    pub(super) fn file_of(&self, file: u32, specifier: u32) -> Option<u32> {
        match self.modules[file as usize][specifier as usize] {
            Module::File(other) => Some(other as u32),
            _ => None,
        }
    }

    fn one(&self, found: Found) -> Target {
        match found {
            Found::One(target) => target,
            Found::Absent | Found::Maybe => Target::Unknown,
        }
    }

    /// What `require` gives for a file.
    pub(super) fn module_value(&self, file: u32, steps: usize) -> Target {
        let facts = self.facts(file);
        match facts.module_writes.as_slice() {
            [] if !facts.exports.is_empty() => Target::thing(Entity::Namespace(file)),
            [] => Target::thing(Entity::Exports(file)),
            [value] => match self.follow(file, *value, steps) {
                Target::Unknown => Target::thing(Entity::Replaced(file)),
                target => target,
            },
            [first, rest @ ..] => {
                let target = self.follow(file, *first, steps);
                let is_same = rest.iter().all(|value| self.follow(file, *value, steps) == target);
                if is_same { target } else { Target::Unknown }
            }
        }
    }

    /// What the name `exports` means in a file.
    fn exports_value(&self, file: u32, steps: usize) -> Target {
        let facts = self.facts(file);
        match facts.exports_writes.as_slice() {
            [] => Target::thing(Entity::Exports(file)),
            [value] => match self.follow(file, *value, steps) {
                Target::Unknown if facts.module_writes == [*value] => Target::thing(Entity::Replaced(file)),
                target => target,
            },
            _ => Target::Unknown,
        }
    }

    fn this(&self, file: u32, this: This, steps: usize) -> Target {
        match this {
            This::Module if self.facts(file).is_esm => Target::Unknown,
            This::Module => self.exports_value(file, steps),
            This::Class { class, is_static: true } => {
                Target::Thing { entity: Entity::Class(file, class), via_this: true }
            }
            This::Class { class, is_static: false } => {
                Target::Instance { class: Entity::Class(file, class), via_this: true }
            }
            This::Function(start) => match self.facts(file).function_at(start) {
                Some(index) => self.this_of(Entity::Function(file, index as u32), steps),
                None => Target::Unknown,
            },
        }
    }

    /// What `this` is in a function that is called as the method that it is written as.
    fn this_of(&self, function: Entity, steps: usize) -> Target {
        if self.tables.constructors.contains(&function) {
            return Target::Instance { class: function, via_this: true };
        }
        let Some(Some(home)) = self.tables.homes.get(&function) else { return Target::Unknown };
        let thing = Target::Thing { entity: *home, via_this: true };
        match *home {
            Entity::FunctionPrototype(..) | Entity::ClassPrototype(..) => match home.constructor() {
                Some(class) => Target::Instance { class, via_this: true },
                None => Target::Unknown,
            },
            Entity::Object(file, _) => match self.tables.prototypes.get(home) {
                Some(class) => Target::Instance { class: *class, via_this: true },
                None if self.module_value(file, steps).entity() == Some(*home) => thing,
                None => Target::Unknown,
            },
            Entity::Function(..) | Entity::Class(..) | Entity::Exports(_) | Entity::Replaced(_) => thing,
            Entity::Namespace(_) | Entity::External(_) | Entity::Global(_) => Target::Unknown,
        }
    }

    /// What `new` makes of a function or class. A function may return something else than the new object.
    fn instance(&self, class: Target) -> Target {
        match class {
            Target::Thing { entity: entity @ Entity::Class(..), .. } => {
                Target::Instance { class: entity, via_this: false }
            }
            Target::Thing { entity: entity @ Entity::Function(file, index), .. } => {
                let facts = self.facts(file);
                let is_new = |v: &ValueId| matches!(facts.value(*v), Value::New(_) | Value::This(_));
                let returns_other = !facts.returned(index).all(|value| is_new(&value));
                if returns_other { Target::Unknown } else { Target::Instance { class: entity, via_this: false } }
            }
            _ => Target::Unknown,
        }
    }

    /// The property of a target.
    fn property(&self, target: Target, name: &str, steps: usize) -> Target {
        match target {
            Target::Unknown => Target::Unknown,
            Target::Thing { entity, via_this } => {
                if let Some(prototype) = entity.prototype().filter(|_| name == "prototype") {
                    return Target::thing(prototype);
                }
                if via_this && self.may_be_other(entity, name) {
                    return Target::Unknown;
                }
                self.one(self.find(entity, name, steps))
            }
            Target::Instance { class, via_this } => {
                let Some(prototype) = class.prototype() else { return Target::Unknown };
                if self.tables.wild.contains(name) || via_this && self.may_be_other(class, name) {
                    return Target::Unknown;
                }
                self.one(self.find(prototype, name, steps))
            }
        }
    }

    /// Whether `this` may have another property of that name: set on an object that is not known, or by a class that
    /// may be derived from this one, or mixed into who knows what.
    fn may_be_other(&self, class: Entity, name: &str) -> bool {
        self.tables.wild.contains(name)
            || self.tables.given.contains(&class)
            || class.prototype().is_some_and(|p| self.tables.given.contains(&p))
            || self.tables.defining.get(name).into_iter().flatten().any(|other| self.may_derive(*other, class))
            || self.tables.open_classes.iter().any(|other| self.may_derive(*other, class))
    }

    /// Whether a class may have another among those that it is derived from.
    fn may_derive(&self, mut class: Entity, from: Entity) -> bool {
        for _ in 0..MAX_STEPS {
            if class == from {
                return false;
            }
            match self.tables.parents.get(&class) {
                None | Some(Parent::Foreign) => return false,
                Some(Parent::Unknown) => return true,
                Some(Parent::Known(parent)) if *parent == from => return true,
                Some(Parent::Known(parent)) => class = *parent,
            }
        }
        true
    }

    /// Looks for a property.
    pub(super) fn find(&self, entity: Entity, name: &str, steps: usize) -> Found {
        if steps > MAX_STEPS {
            return Found::Maybe;
        }
        match entity {
            Entity::External(index) => {
                let member = self.foreign.borrow_mut().member(index, name);
                return Found::One(Target::thing(Entity::External(member)));
            }
            Entity::Global(index) => {
                let member = self.foreign.borrow_mut().member(index, name);
                return Found::One(Target::thing(Entity::Global(member)));
            }
            _ => {}
        }
        let circles = match self.begin(entity, name) {
            Ok(circles) => circles,
            Err(found) => return found,
        };
        let found = self.look(entity, name, steps + 1);
        self.end(entity, name, circles, found);
        found
    }

    /// Begins a search, unless its outcome is known or it goes on already.
    fn begin(&self, entity: Entity, name: &str) -> Result<usize, Found> {
        let mut search = self.found.borrow_mut();
        match search.known.get(&entity).and_then(|names| names.get(name)) {
            Some(Some(found)) => return Err(*found),
            Some(None) => {
                search.circles += 1;
                // Modules that hand on all of one another's exports are nothing unusual (ECMA-262 §16.2.1.7.2.2).
                return Err(if matches!(entity, Entity::Namespace(_)) { Found::Absent } else { Found::Maybe });
            }
            None => {}
        }
        search.known.entry(entity).or_default().insert(name.into(), None);
        search.open += 1;
        Ok(search.circles)
    }

    /// Ends a search. What was not found on the way round a circle may still be found from elsewhere.
    fn end(&self, entity: Entity, name: &str, circles: usize, found: Found) {
        let mut search = self.found.borrow_mut();
        search.open -= 1;
        let is_partial = search.circles > circles && search.open > 0 && found == Found::Absent;
        let known = if is_partial { Found::Maybe } else { found };
        search.known.entry(entity).or_default().insert(name.into(), Some(known));
    }

    fn look(&self, entity: Entity, name: &str, steps: usize) -> Found {
        if let Entity::Namespace(file) = entity {
            return self.find_export(file, name, steps);
        }
        match self.find_own(entity, name, steps + 1) {
            Found::Absent if matches!(entity, Entity::Replaced(_)) => Found::Maybe,
            Found::Absent => self.find_inherited(entity, name, steps + 1),
            found => found,
        }
    }

    fn find_own(&self, entity: Entity, name: &str, steps: usize) -> Found {
        if self.tables.open.contains(&entity) {
            return Found::Maybe;
        }
        let mut found = match entity {
            Entity::Object(file, index) => self.find_part(file, index, name, steps),
            _ => Found::Absent,
        };
        let written = self.tables.written(entity, name);
        let values = written.iter().map(|(file, value)| Found::One(self.follow(*file, *value, steps)));
        let sources = self.tables.sources.get(&entity).into_iter().flatten();
        for one in values.chain(sources.map(|source| self.find_in_source(*source, name, steps))) {
            match (found, one) {
                (_, Found::Absent) => {}
                (Found::Absent, one) => found = one,
                (Found::One(known), Found::One(same)) if known == same && known != Target::Unknown => {}
                _ => return Found::Maybe,
            }
        }
        found
    }

    fn find_in_source(&self, source: Source, name: &str, steps: usize) -> Found {
        let target = match source {
            Source::Entity(entity) => Target::thing(entity),
            Source::Value(file, value) => self.follow(file, value, steps),
        };
        match target {
            Target::Thing { entity: Entity::External(_) | Entity::Global(_), .. } => Found::Maybe,
            Target::Thing { entity, .. } => self.find(entity, name, steps),
            Target::Unknown | Target::Instance { .. } => Found::Maybe,
        }
    }

    /// The last part of an object literal that gives a property counts.
    fn find_part(&self, file: u32, index: u32, name: &str, steps: usize) -> Found {
        for part in self.facts(file).objects[index as usize].parts.iter().rev() {
            match part {
                Part::Member(own, value) if &**own == name => return Found::One(self.follow(file, *value, steps)),
                Part::Member(..) => {}
                Part::Open => return Found::Maybe,
                Part::Spread(value) => match self.find_in_source(Source::Value(file, *value), name, steps) {
                    Found::Absent => {}
                    found => return found,
                },
            }
        }
        Found::Absent
    }

    fn find_inherited(&self, entity: Entity, name: &str, steps: usize) -> Found {
        let class = match entity {
            Entity::Class(..) => entity,
            _ => match entity.constructor() {
                Some(class) => class,
                None => return Found::Absent,
            },
        };
        match self.tables.parents.get(&class) {
            None => Found::Absent,
            Some(Parent::Foreign | Parent::Unknown) => Found::Maybe,
            Some(Parent::Known(parent)) if class == entity => self.find(*parent, name, steps),
            Some(Parent::Known(parent)) => match parent.prototype() {
                Some(prototype) => self.find(prototype, name, steps),
                None => Found::Maybe,
            },
        }
    }

    /// A name that an ECMAScript module exports.
    fn find_export(&self, file: u32, name: &str, steps: usize) -> Found {
        let exports = &self.facts(file).exports;
        let own = exports.iter().find_map(|export| match export {
            Export::Named(own, value) if &**own == name => Some(*value),
            _ => None,
        });
        if let Some(value) = own {
            return Found::One(self.follow(file, value, steps));
        }
        let mut found = Found::Absent;
        for export in exports.iter().filter(|_| name != "default") {
            let Export::All(specifier) = export else { continue };
            match self.find_reexport(file, *specifier, name, steps) {
                Found::Absent => {}
                one if found == Found::Absent || found == one => found = one,
                _ => found = Found::Maybe,
            }
        }
        found
    }

    fn find_reexport(&self, file: u32, specifier: u32, name: &str, steps: usize) -> Found {
        match self.import(file, specifier, None, steps) {
            Target::Thing { entity: Entity::External(_), .. } | Target::Unknown | Target::Instance { .. } => {
                Found::Maybe
            }
            Target::Thing { entity, .. } if steps <= MAX_STEPS => self.find(entity, name, steps),
            Target::Thing { .. } => Found::Maybe,
        }
    }
}
