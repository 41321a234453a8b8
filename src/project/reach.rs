//! What code outside the project can get hold of.
//!
//! From what the entry modules export, everything is followed that can be reached through properties, prototypes, and
//! results. Where more than one value is possible, all of them are followed.

use std::collections::HashSet;

use super::{
    facts::{Export, Part, Value, ValueId},
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

/// Finds what can be reached from outside; `entries` says of each file whether its exports are open to it.
pub(super) fn reach(linker: &Linker<'_>, entries: &[bool]) -> HashSet<(u32, u32)> {
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
        reach.handed_back(file);
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

    /// Objects that are handed to a callback go where its owner likes.
    fn handed_back(&mut self, file: u32) {
        let facts = self.linker.facts(file);
        for call in &facts.calls {
            let is_parameter = match facts.value(call.callee) {
                Value::Binding(_) => self.linker.eval(file, call.callee) == Target::Unknown,
                Value::Member(object, name) => {
                    matches!(&**name, "call" | "apply") && matches!(facts.value(*object), Value::Binding(_))
                }
                Value::Global(name) => matches!(&**name, "setImmediate" | "setTimeout"),
                _ => false,
            } || call.name.as_deref() == Some("nextTick");
            for argument in call.arguments.iter().filter(|_| is_parameter) {
                let is_object = match self.linker.eval(file, *argument) {
                    Target::Instance { .. } => true,
                    Target::Thing { entity, .. } => matches!(entity, Entity::Object(..) | Entity::Class(..)),
                    Target::Unknown => false,
                };
                if is_object {
                    self.push(file, &[*argument]);
                }
            }
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
