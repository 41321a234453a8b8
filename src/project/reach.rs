//! What code outside the project can get hold of.
//!
//! From what the entry modules export and from what is handed over, everything is followed that can be reached through
//! properties, prototypes, and results. Where more than one value is possible, all of them are followed.

use std::collections::HashSet;

use super::{
    facts::{Call, Export, Part, Value, ValueId},
    link::{Entity, Linker, Target},
    tables::{Parent, Source},
};

/// What can be reached.
pub(super) struct Reach<'l, 'a> {
    linker: &'l Linker<'a>,
    /// The functions, by file and index.
    pub(super) functions: HashSet<(u32, u32)>,
    seen: HashSet<Entity>,
    seen_values: HashSet<(u32, ValueId)>,
    pending: Vec<Source>,
}

/// Finds what can be reached from outside; `entries` says of each file whether its exports are open to it, `tests` whether
/// it holds tests, which are no way out.
pub(super) fn reach(linker: &Linker<'_>, entries: &[bool], tests: &[bool]) -> HashSet<(u32, u32)> {
    let mut reach = Reach {
        linker,
        functions: HashSet::new(),
        seen: HashSet::new(),
        seen_values: HashSet::new(),
        pending: Vec::new(),
    };
    for (file, is_entry) in entries.iter().enumerate() {
        let file = file as u32;
        let facts = linker.facts(file);
        reach.push(file, &facts.globals);
        if !tests[file as usize] {
            reach.put_away(file);
            reach.handed_over(file);
        }
        if *is_entry {
            reach.module(file);
        }
    }
    reach.run();
    reach.functions
}

impl Reach<'_, '_> {
    fn run(&mut self) {
        while let Some(next) = self.pending.pop() {
            match next {
                Source::Entity(entity) => self.entity(entity),
                Source::Value(file, value) => self.value(file, value),
            }
        }
    }

    fn push(&mut self, file: u32, values: &[ValueId]) {
        self.pending.extend(values.iter().map(|value| Source::Value(file, *value)));
    }

    /// All that a file may export.
    fn module(&mut self, file: u32) {
        let facts = self.linker.facts(file);
        self.push(file, &facts.module_writes);
        self.push(file, &facts.exports_writes);
        self.pending
            .extend([Entity::Exports(file), Entity::Replaced(file), Entity::Namespace(file)].map(Source::Entity));
    }

    /// Values that are put on objects nobody knows.
    fn put_away(&mut self, file: u32) {
        for write in &self.linker.facts(file).writes {
            if self.linker.eval(file, write.object) == Target::Unknown {
                self.push(file, &[write.value]);
            }
        }
    }

    /// Objects that are handed to another package or to a callback go where its owner likes, and so does what is written
    /// as an argument of any call that is not known. A known object may well be kept within the project by an unknown
    /// call, such as the `push` of a list.
    fn handed_over(&mut self, file: u32) {
        for call in &self.linker.facts(file).calls {
            let goes_outside = match self.linker.eval(file, call.callee) {
                Target::Thing { entity: Entity::External(_), .. } => true,
                Target::Unknown => self.is_callback(file, call),
                _ => matches!(call.name.as_deref(), Some("nextTick" | "setImmediate" | "setTimeout")),
            };
            let is_unknown = self.linker.eval(file, call.callee) == Target::Unknown;
            for argument in &call.arguments {
                let is_object = match self.linker.eval(file, *argument) {
                    Target::Instance { .. } => true,
                    Target::Thing { entity, .. } => matches!(entity, Entity::Object(..) | Entity::Class(..)),
                    Target::Unknown => false,
                };
                let is_literal = matches!(self.linker.facts(file).value(*argument), Value::Object(_));
                if is_object && (goes_outside || is_unknown && is_literal) {
                    self.push(file, &[*argument]);
                }
            }
        }
    }

    /// Whether a call that is not known calls a name, by itself or with `call` or `apply`.
    fn is_callback(&self, file: u32, call: &Call) -> bool {
        let facts = self.linker.facts(file);
        let is_name = |value| matches!(facts.value(value), Value::Binding(_));
        match facts.value(call.callee) {
            Value::Member(object, name) => matches!(&**name, "call" | "apply") && is_name(*object),
            _ => is_name(call.callee),
        }
    }

    fn value(&mut self, file: u32, value: ValueId) {
        if !self.seen_values.insert((file, value)) {
            return;
        }
        match self.linker.eval(file, value) {
            Target::Thing { entity, .. } => self.pending.push(Source::Entity(entity)),
            Target::Instance { class, .. } => self.pending.extend(class.prototype().map(Source::Entity)),
            Target::Unknown => self.unknown(file, value),
        }
    }

    /// A value that may be several things.
    fn unknown(&mut self, file: u32, value: ValueId) {
        let facts = self.linker.facts(file);
        match facts.value(value) {
            Value::OneOf(values) => self.push(file, values),
            Value::Binding(binding) => {
                let one = facts.bindings.get(binding).copied();
                self.pending.extend(one.map(|value| Source::Value(file, value)));
                facts.choices.get(binding).into_iter().for_each(|values| self.push(file, values));
            }
            Value::Member(inner, _) | Value::New(inner) | Value::Create(inner) => self.push(file, &[*inner]),
            Value::ModuleExports | Value::Exports => self.module(file),
            Value::Module(specifier) | Value::Import(specifier, _) => {
                if let Some(other) = self.linker.file_of(file, *specifier) {
                    self.module(other);
                }
            }
            _ => {}
        }
    }

    fn entity(&mut self, entity: Entity) {
        if !self.seen.insert(entity) {
            return;
        }
        let tables = &self.linker.tables;
        for name in tables.names(entity) {
            let written = tables.written(entity, &name);
            self.pending.extend(written.iter().map(|(file, value)| Source::Value(*file, *value)));
        }
        self.pending.extend(tables.sources.get(&entity).into_iter().flatten());
        self.pending.extend(entity.prototype().map(Source::Entity));
        if let Some(Parent::Known(parent)) = tables.parents.get(&entity) {
            self.pending.push(Source::Entity(*parent));
        }
        if let Some(class) = entity.constructor()
            && let Some(Parent::Known(parent)) = tables.parents.get(&class)
        {
            self.pending.extend(parent.prototype().map(Source::Entity));
        }
        self.content(entity);
    }

    /// What an entity holds by its own form.
    fn content(&mut self, entity: Entity) {
        match entity {
            Entity::Function(file, index) => {
                self.functions.insert((file, index));
                let returned = self.linker.facts(file).returned(index);
                self.pending.extend(returned.map(|value| Source::Value(file, value)));
            }
            Entity::Object(file, index) => {
                for part in &self.linker.facts(file).objects[index as usize].parts {
                    match part {
                        Part::Member(_, value) | Part::Spread(value) => self.push(file, &[*value]),
                        Part::Open => {}
                    }
                }
            }
            Entity::Namespace(file) => {
                for export in &self.linker.facts(file).exports {
                    match export {
                        Export::Named(_, value) => self.push(file, &[*value]),
                        Export::All(specifier) => {
                            self.linker.file_of(file, *specifier).into_iter().for_each(|other| self.module(other));
                        }
                    }
                }
            }
            _ => {}
        }
    }
}
