//! Which properties the code of all files puts where.
//!
//! To know where a value is put, one has to know what it is put on, which may be a property in turn. So the tables are
//! made in rounds, each with what the round before has found out, until nothing is added.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{
    facts::{Call, Effect, FileFacts, Name, Part, Value, ValueId},
    link::{Entity, Linker, Target},
    modules::Module,
};

/// How many rounds are made at most: properties of properties of properties are rare.
const MAX_ROUNDS: usize = 5;

/// What a class is derived from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parent {
    Known(Entity),
    /// A class of another package.
    Foreign,
    Unknown,
}

/// Where an object has further properties from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Entity(Entity),
    Value(u32, ValueId),
}

/// The properties of everything.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// The values that are assigned to the properties of an entity, with the files they stand in.
    writes: HashMap<Entity, HashMap<Name, Vec<(u32, ValueId)>>>,
    /// Whose properties an entity is given.
    pub(super) sources: HashMap<Entity, Vec<Source>>,
    /// The entities that have properties nobody can name.
    pub(super) open: HashSet<Entity>,
    pub(super) parents: HashMap<Entity, Parent>,
    /// The object literals that are prototypes, with the functions whose prototypes they are.
    pub(super) prototypes: HashMap<Entity, Entity>,
    /// What a function is a property of; `None` where that is more than one thing.
    pub(super) homes: HashMap<Entity, Option<Entity>>,
    /// The functions that make objects.
    pub(super) constructors: HashSet<Entity>,
    /// The names of properties that are assigned on objects that are not known.
    pub(super) wild: HashSet<Name>,
    /// What is handed to functions that may put its properties elsewhere.
    pub(super) given: HashSet<Entity>,
    /// The classes whose instances have a property, by its name.
    pub(super) defining: HashMap<Name, Vec<Entity>>,
    /// The classes whose instances have properties nobody can name.
    pub(super) open_classes: Vec<Entity>,
}

impl Tables {
    /// The values that are assigned to a property.
    pub(super) fn written(&self, entity: Entity, name: &str) -> &[(u32, ValueId)] {
        self.writes.get(&entity).and_then(|names| names.get(name)).map_or(&[], Vec::as_slice)
    }

    /// The names that are assigned on an entity, sorted.
    pub(super) fn names(&self, entity: Entity) -> BTreeSet<Name> {
        self.writes.get(&entity).map(|names| names.keys().cloned().collect()).unwrap_or_default()
    }

    /// A number that tells whether a round has found more than the one before.
    fn size(&self) -> [usize; 7] {
        let writes = self.writes.values().flat_map(HashMap::values).map(Vec::len).sum();
        let sources = self.sources.values().map(Vec::len).sum();
        let homes = self.homes.len();
        [writes, sources, self.open.len(), self.parents.len(), homes, self.wild.len(), self.constructors.len()]
    }
}

/// Makes the tables, and a linker that knows them.
///
/// `tests` says of each file whether it holds tests.
pub(super) fn link<'a>(files: &'a [FileFacts], modules: &'a [Vec<Module>], tests: &[bool]) -> Linker<'a> {
    let mut linker = Linker::new(files, modules, Tables::default());
    for _ in 0..MAX_ROUNDS {
        let tables = Round { linker: &linker, tests, tables: Tables::default() }.run();
        let is_done = tables.size() == linker.tables.size();
        linker = Linker::new(files, modules, tables);
        if is_done {
            break;
        }
    }
    linker
}

struct Round<'r, 'a> {
    linker: &'r Linker<'a>,
    tests: &'r [bool],
    tables: Tables,
}

impl Round<'_, '_> {
    fn run(mut self) -> Tables {
        for (file, facts) in self.linker.files.iter().enumerate() {
            let file = file as u32;
            self.classes(file, facts);
            self.objects(file, facts);
            for write in &facts.writes {
                self.write(file, write.object, write.name.as_ref(), write.value);
            }
            for effect in &facts.effects {
                self.effect(file, effect);
            }
            self.calls(file, facts);
        }
        self.definitions();
        self.tables
    }

    fn classes(&mut self, file: u32, facts: &FileFacts) {
        for (index, class) in facts.classes.iter().enumerate() {
            let entity = Entity::Class(file, index as u32);
            let prototype = Entity::ClassPrototype(file, index as u32);
            for member in &class.members {
                self.put(if member.is_static { entity } else { prototype }, &member.name, file, member.value);
            }
            if class.is_open {
                self.tables.open.extend([entity, prototype]);
            }
            if let Some(parent) = class.parent {
                self.inherit(entity, self.linker.eval(file, parent));
            }
        }
    }

    fn objects(&mut self, file: u32, facts: &FileFacts) {
        for (index, object) in facts.objects.iter().enumerate() {
            let entity = Entity::Object(file, index as u32);
            for part in &object.parts {
                match part {
                    Part::Member(_, value) => self.home(file, *value, entity),
                    Part::Spread(value) => self.give(file, *value),
                    Part::Open => {}
                }
            }
        }
    }

    /// Takes note that the properties of a value may be put elsewhere, where `this` is something else.
    fn give(&mut self, file: u32, value: ValueId) {
        let entity = self.linker.eval(file, value).entity();
        self.tables.given.extend(entity.filter(|e| !matches!(e, Entity::External(_) | Entity::Global(_))));
    }

    /// Takes note of where a function is a property.
    fn home(&mut self, file: u32, value: ValueId, home: Entity) {
        if let Some(function @ Entity::Function(..)) = self.linker.eval(file, value).entity() {
            let known = self.tables.homes.entry(function).or_insert(Some(home));
            if *known != Some(home) {
                *known = None;
            }
        }
    }

    fn put(&mut self, entity: Entity, name: &Name, file: u32, value: ValueId) {
        self.home(file, value, entity);
        if let Some(constructor @ Entity::Function(..)) = entity.constructor() {
            self.tables.constructors.insert(constructor);
        }
        let names = self.tables.writes.entry(entity).or_default();
        let values = names.entry(name.clone()).or_default();
        // One assignment that is written twice gives one value.
        if !values.contains(&(file, value)) {
            values.push((file, value));
        }
    }

    fn write(&mut self, file: u32, object: ValueId, name: Option<&Name>, value: ValueId) {
        let entity = match self.linker.eval(file, object) {
            // A global may be anything: tests keep the object that they test in one.
            Target::Unknown | Target::Thing { entity: Entity::Global(_), .. } => {
                let is_inert = *self.linker.facts(file).value(value) == Value::Inert;
                self.tables.wild.extend(name.filter(|_| !is_inert).cloned());
                return;
            }
            Target::Thing { entity: Entity::External(_), .. } => return,
            Target::Thing { entity, .. } => entity,
            Target::Instance { class, .. } => match class.prototype() {
                Some(prototype) => prototype,
                None => return,
            },
        };
        match name {
            None => {
                self.tables.open.insert(entity);
            }
            Some(name) if &**name == "prototype" && entity.prototype().is_some() => {
                self.prototype(file, entity, value);
            }
            Some(name) => self.put(entity, name, file, value),
        }
    }

    /// `Foo.prototype = value`.
    fn prototype(&mut self, file: u32, class: Entity, value: ValueId) {
        let Some(prototype) = class.prototype() else { return };
        self.tables.constructors.insert(class);
        let mut form = self.linker.facts(file).value(value);
        if let Value::Binding(binding) = form
            && let Some(value) = self.linker.facts(file).bindings.get(binding)
        {
            form = self.linker.facts(file).value(*value);
        }
        match (form, self.linker.eval(file, value)) {
            (Value::Create(parent), _) => self.derive(class, self.linker.eval(file, *parent)),
            (Value::New(parent), _) => self.inherit(class, self.linker.eval(file, *parent)),
            (_, Target::Thing { entity: object @ Entity::Object(..), .. }) => {
                self.tables.prototypes.insert(object, class);
                self.tables.sources.entry(prototype).or_default().push(Source::Entity(object));
            }
            (_, other) => {
                self.tables.open.insert(prototype);
                self.tables.open.extend(other.entity());
            }
        }
    }

    /// A class is derived from another.
    fn inherit(&mut self, class: Entity, parent: Target) {
        let parent = match parent.entity() {
            Some(parent @ (Entity::Function(..) | Entity::Class(..))) if parent != class => Parent::Known(parent),
            Some(Entity::External(_) | Entity::Global(_)) => Parent::Foreign,
            _ => Parent::Unknown,
        };
        let known = self.tables.parents.entry(class).or_insert(parent);
        if *known != parent {
            *known = Parent::Unknown;
        }
    }

    /// The instances of a class have a prototype.
    fn derive(&mut self, class: Entity, prototype: Target) {
        match prototype.entity() {
            Some(Entity::External(_) | Entity::Global(_)) => self.inherit(class, prototype),
            entity => self.inherit(class, entity.and_then(Entity::constructor).map_or(Target::Unknown, Target::thing)),
        }
    }

    fn effect(&mut self, file: u32, effect: &Effect) {
        match effect {
            Effect::Extend { target, sources, certain } => {
                sources.iter().for_each(|value| self.give(file, *value));
                let Some(entity) = self.receiver(file, *target) else { return };
                if !*certain {
                    self.tables.open.insert(entity);
                }
                let sources = sources.iter().map(|value| Source::Value(file, *value));
                self.tables.sources.entry(entity).or_default().extend(sources);
            }
            Effect::Inherit { class, parent } => {
                let class = self.linker.eval(file, *class).entity();
                if let Some(class) = class.filter(|c| c.prototype().is_some()) {
                    self.tables.constructors.insert(class);
                    self.inherit(class, self.linker.eval(file, *parent));
                }
            }
            Effect::SetPrototype { object, prototype } => {
                let prototype = self.linker.eval(file, *prototype);
                match self.linker.eval(file, *object) {
                    Target::Thing { entity, .. } if entity.constructor().is_some() => {
                        entity.constructor().into_iter().for_each(|class| self.derive(class, prototype));
                    }
                    // The statics of a class come from the class that it is derived from.
                    Target::Thing { entity, .. } if entity.prototype().is_some() => self.inherit(entity, prototype),
                    Target::Thing { entity, .. } => {
                        self.tables.open.insert(entity);
                    }
                    Target::Instance { class, .. } => self.tables.open.extend(class.prototype()),
                    Target::Unknown => {}
                }
            }
            Effect::Open(value) => self.tables.open.extend(self.receiver(file, *value)),
        }
    }

    /// The entity that has the properties of a value, if they are the project's own.
    fn receiver(&self, file: u32, value: ValueId) -> Option<Entity> {
        let entity = match self.linker.eval(file, value) {
            Target::Unknown => None,
            Target::Thing { entity, .. } => Some(entity),
            Target::Instance { class, .. } => class.prototype(),
        };
        entity.filter(|e| !matches!(e, Entity::External(_) | Entity::Global(_)))
    }

    fn calls(&mut self, file: u32, facts: &FileFacts) {
        let is_test = self.tests[file as usize];
        for call in &facts.calls {
            if call.is_new
                && let Some(class @ Entity::Function(..)) = self.linker.eval(file, call.callee).entity()
            {
                self.tables.constructors.insert(class);
            }
            let keeps = call.name.as_deref().is_some_and(|name| matches!(name, "inherits" | "create" | "require"));
            if is_test || keeps {
                continue;
            }
            for argument in &call.arguments {
                if !self.is_own_this(file, call, *argument) {
                    self.give(file, *argument);
                }
            }
        }
    }

    /// Whether an argument is the `this` that a function is called or bound with that is a member of it:
    /// `Store.openAsync.bind(this)` in a static method of `Store`.
    fn is_own_this(&self, file: u32, call: &Call, argument: ValueId) -> bool {
        let facts = self.linker.facts(file);
        let binds = call.name.as_deref().is_some_and(|name| matches!(name, "apply" | "bind" | "call"));
        let (Value::Member(function, _), Value::This(_)) = (facts.value(call.callee), facts.value(argument)) else {
            return false;
        };
        let function = self.linker.eval(file, *function).entity();
        let home = function.and_then(|function| self.linker.tables.homes.get(&function).copied().flatten());
        binds && home.is_some() && self.linker.eval(file, argument).entity() == home
    }

    /// Which classes define which names.
    fn definitions(&mut self) {
        let classes = self.tables.constructors.iter().copied();
        let classes = classes.chain(self.tables.parents.keys().copied());
        let classes: BTreeSet<Entity> =
            classes.chain(self.tables.writes.keys().filter_map(|e| e.constructor())).collect();
        for class in classes {
            let sides = [Some(class), class.prototype()];
            for side in sides.into_iter().flatten() {
                let (names, is_all) = self.names(side);
                if !is_all {
                    self.tables.open_classes.push(class);
                }
                for name in names {
                    let known = self.tables.defining.entry(name).or_default();
                    if known.last() != Some(&class) {
                        known.push(class);
                    }
                }
            }
        }
    }

    /// The names of an entity's own properties, and whether that is all of them.
    fn names(&self, entity: Entity) -> (BTreeSet<Name>, bool) {
        let mut names = BTreeSet::new();
        let mut is_all = true;
        let mut seen = HashSet::from([entity]);
        let mut pending = vec![entity];
        while let Some(entity) = pending.pop() {
            is_all &= !self.tables.open.contains(&entity);
            names.extend(self.tables.names(entity));
            let mut sources = self.tables.sources.get(&entity).cloned().unwrap_or_default();
            if let Entity::Object(file, index) = entity {
                for part in &self.linker.facts(file).objects[index as usize].parts {
                    match part {
                        Part::Member(name, _) => {
                            names.insert(name.clone());
                        }
                        Part::Spread(value) => sources.push(Source::Value(file, *value)),
                        Part::Open => is_all = false,
                    }
                }
            }
            for source in sources {
                let inner = match source {
                    Source::Entity(entity) => Some(entity),
                    Source::Value(file, value) => self.receiver(file, value),
                };
                is_all &= inner.is_some();
                pending.extend(inner.filter(|inner| seen.insert(*inner)));
            }
        }
        (names, is_all)
    }
}
