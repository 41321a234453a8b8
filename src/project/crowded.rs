//! Functions beside which no new name should be put: code goes over all members of what they are a member of, and would
//! meet the new one, or somebody else has that name where both come together.

use std::collections::HashSet;

use super::{
    exports::{self, names},
    facts::{Export, Listing, ObjectFact, Part, Value, ValueId},
    link::{Entity, Linker, Target},
    tables::{Parent, Source},
};

/// What the promise form of a function is called, behind the function's own name.
const ENDING: &str = "Async";

/// How many classes stand, one derived from the next, behind one that is looked at.
const MAX_ANCESTORS: usize = 100;

/// The functions that should get no name beside them, by their files and the names by which they are members. `loaded` says of each file which files it may
/// mean by each of its [`loads`](super::facts::FileFacts::loads).
pub(super) fn crowded(linker: &Linker<'_>, loaded: &[Vec<Vec<usize>>]) -> HashSet<(u32, String)> {
    let mut crowded = Crowded { linker, loaded, functions: HashSet::new(), seen: HashSet::new() };
    for (file, facts) in linker.files.iter().enumerate() {
        let file = file as u32;
        facts.listings.iter().for_each(|listing| crowded.list(file, listing));
        crowded.listed_by_callees(file);
        crowded.rivals_in_exports(file);
    }
    crowded.rivals();
    crowded.functions
}

struct Crowded<'l, 'a> {
    linker: &'l Linker<'a>,
    loaded: &'l [Vec<Vec<usize>>],
    functions: HashSet<(u32, String)>,
    /// The things whose members have been taken in.
    seen: HashSet<Entity>,
}

impl Crowded<'_, '_> {
    /// Takes in the members of what is listed.
    fn list(&mut self, file: u32, listing: &Listing) {
        // What is put into something known is met where the members of that are gone over.
        if listing.into.is_some_and(|into| self.targets(file, into).into_iter().any(is_own)) {
            return;
        }
        for target in self.targets(file, listing.value) {
            match target {
                Target::Thing { entity, .. } => self.members(entity),
                Target::Instance { class, .. } if listing.is_inherited => {
                    class.prototype().into_iter().for_each(|prototype| self.members(prototype));
                }
                Target::Instance { .. } | Target::Unknown => {}
            }
        }
    }

    /// Takes in the members of what is handed to functions that list them.
    fn listed_by_callees(&mut self, file: u32) {
        for call in &self.linker.facts(file).calls {
            let Some(Entity::Function(other, index)) = self.linker.eval(file, call.callee).entity() else { continue };
            let lists = |position: u32| self.linker.facts(other).listing_functions.contains(&(index, position));
            for (_, value) in call.handed.iter().filter(|(position, _)| lists(*position)) {
                self.list(file, &Listing { value: *value, is_inherited: true, into: None });
            }
        }
    }

    /// What a value may be, where it may be more than one thing.
    fn targets(&self, file: u32, value: ValueId) -> Vec<Target> {
        let mut targets = Vec::new();
        let mut seen = HashSet::new();
        let mut pending = vec![(file, value)];
        while let Some((file, value)) = pending.pop() {
            if !seen.insert((file, value)) {
                continue;
            }
            match self.linker.eval(file, value) {
                Target::Unknown => self.choices(file, value, &mut pending, &mut targets),
                target => targets.push(target),
            }
        }
        targets
    }

    fn choices(&self, file: u32, value: ValueId, pending: &mut Vec<(u32, ValueId)>, targets: &mut Vec<Target>) {
        let facts = self.linker.facts(file);
        match facts.value(value) {
            Value::OneOf(values) => pending.extend(values.iter().map(|v| (file, *v))),
            Value::Binding(binding) => {
                let choices = facts.choices.get(binding).into_iter().flatten();
                pending.extend(facts.bindings.get(binding).into_iter().chain(choices).map(|v| (file, *v)));
            }
            Value::New(class) => pending.push((file, *class)),
            Value::Member(class, name) if &**name == "prototype" => pending.push((file, *class)),
            Value::ModuleExports | Value::Exports => targets.extend(whole(file)),
            Value::Module(specifier) | Value::Import(specifier, _) => {
                targets.extend(self.linker.file_of(file, *specifier).into_iter().flat_map(whole));
            }
            Value::Loaded(load) => {
                let files = &self.loaded[file as usize][*load as usize];
                targets.extend(files.iter().map(|other| self.linker.module_value(*other as u32, 0)));
            }
            _ => {}
        }
    }

    /// Takes in the functions among the members of a thing, those included that it has from elsewhere.
    fn members(&mut self, entity: Entity) {
        let mut pending = vec![entity];
        while let Some(entity) = pending.pop() {
            if !self.seen.insert(entity) {
                continue;
            }
            self.functions.extend(self.own_functions(entity));
            pending.extend(self.sources(entity));
            pending.extend(self.ancestors(entity));
        }
    }

    /// The functions that are put on a thing, by their files and the names that they have there.
    fn own_functions(&self, entity: Entity) -> Vec<(u32, String)> {
        let tables = &self.linker.tables;
        let mut values: Vec<(String, u32, ValueId)> = Vec::new();
        if matches!(entity, Entity::Object(..)) && !self.takes_names(entity) {
            return Vec::new();
        }
        for name in tables.names(entity) {
            values.extend(tables.written(entity, &name).iter().map(|(file, value)| (name.to_string(), *file, *value)));
        }
        match entity {
            Entity::Object(file, index) => {
                let parts = self.linker.facts(file).objects[index as usize].parts.iter();
                values.extend(parts.filter_map(|part| match part {
                    Part::Member(name, value) => Some((name.to_string(), file, *value)),
                    Part::Spread(_) | Part::Open => None,
                }));
            }
            Entity::Namespace(file) => {
                let exports = self.linker.facts(file).exports.iter();
                values.extend(exports.filter_map(|export| match export {
                    Export::Named(name, value) => Some((name.to_string(), file, *value)),
                    Export::All(_) => None,
                }));
            }
            _ => {}
        }
        let functions = values.into_iter().flat_map(|(name, file, value)| {
            let targets = self.targets(file, value).into_iter().filter_map(Target::entity);
            targets.filter_map(move |entity| match entity {
                Entity::Function(file, _) => Some((file, name.clone())),
                _ => None,
            })
        });
        functions.collect()
    }

    /// Whether promise forms are put into an object literal: into what a module exports, or a prototype.
    fn takes_names(&self, object: Entity) -> bool {
        let Entity::Object(file, _) = object else { return false };
        let is_prototype = self.linker.tables.prototypes.contains_key(&object);
        is_prototype || self.linker.module_value(file, 0).entity() == Some(object)
    }

    /// What a thing has its members from, besides those that are put on it.
    fn sources(&self, entity: Entity) -> Vec<Entity> {
        let all = self.linker.tables.sources.get(&entity).into_iter().flatten();
        let mut sources: Vec<Entity> = all
            .flat_map(|source| match *source {
                Source::Entity(entity) => vec![entity],
                Source::Value(file, value) => self.things(file, value),
            })
            .collect();
        match entity {
            Entity::Object(file, index) => {
                for part in &self.linker.facts(file).objects[index as usize].parts {
                    if let Part::Spread(value) = part {
                        sources.extend(self.things(file, *value));
                    }
                }
            }
            Entity::Namespace(file) => {
                for export in &self.linker.facts(file).exports {
                    if let Export::All(specifier) = export {
                        sources.extend(self.linker.whole(file, *specifier).entity());
                    }
                }
            }
            _ => {}
        }
        sources
    }

    fn things(&self, file: u32, value: ValueId) -> Vec<Entity> {
        self.targets(file, value).into_iter().filter_map(Target::entity).collect()
    }

    /// What a prototype, or a class, has further members from.
    fn ancestors(&self, entity: Entity) -> Vec<Entity> {
        let is_prototype = entity.constructor().is_some();
        let mut class = entity.constructor().unwrap_or(entity);
        let mut ancestors = Vec::new();
        while let Some(Parent::Known(parent)) = self.linker.tables.parents.get(&class) {
            ancestors.extend(if is_prototype { parent.prototype() } else { Some(*parent) });
            if ancestors.len() > MAX_ANCESTORS {
                break;
            }
            class = *parent;
        }
        ancestors
    }

    /// Functions that a module exports together with another's of the name that theirs would get.
    fn rivals_in_exports(&mut self, file: u32) {
        let Some(whole) = self.linker.module_value(file, 0).entity() else { return };
        let names = names(self.linker, whole);
        for (name, (file, _)) in exports::exports(self.linker, file) {
            if names.contains(format!("{name}{ENDING}").as_str()) {
                self.functions.insert((file, name));
            }
        }
    }

    /// Members of a thing that has further ones from elsewhere, a class or a mixin, where one of all has the name that theirs
    /// would get: the new one would take its place, or it that of the new one.
    fn rivals(&mut self) {
        let tables = &self.linker.tables;
        let derived = tables.parents.keys().flat_map(|class| [Some(*class), class.prototype()]);
        let objects = self.linker.files.iter().zip(0..).flat_map(|(facts, file)| {
            let spread = facts.objects.iter().zip(0..).filter(|(object, _)| is_spread(object));
            spread.map(move |(_, index)| Entity::Object(file, index))
        });
        let things: HashSet<Entity> = derived.flatten().chain(tables.sources.keys().copied()).chain(objects).collect();
        for entity in things {
            let mut others = self.sources(entity);
            let mut functions = self.own_functions(entity);
            functions.extend(others.iter().flat_map(|source| self.own_functions(*source)));
            others.extend(self.ancestors(entity));
            if others.is_empty() || functions.is_empty() {
                continue;
            }
            others.push(entity);
            let taken: HashSet<_> = others.into_iter().flat_map(|other| names(self.linker, other)).collect();
            let rivals = functions.into_iter().filter(|(_, name)| taken.contains(format!("{name}{ENDING}").as_str()));
            self.functions.extend(rivals);
        }
    }
}

/// Whether an object literal has members of other objects.
fn is_spread(object: &ObjectFact) -> bool {
    object.parts.iter().any(|part| matches!(part, Part::Spread(_)))
}

/// Whether something is of the project, so that its members are known.
fn is_own(target: Target) -> bool {
    match target {
        Target::Unknown => false,
        Target::Thing { entity, .. } => !matches!(entity, Entity::External(_) | Entity::Global(_)),
        Target::Instance { .. } => true,
    }
}

/// All that may be the exports of a file.
fn whole(file: u32) -> [Target; 3] {
    [Entity::Exports(file), Entity::Replaced(file), Entity::Namespace(file)].map(Target::thing)
}
