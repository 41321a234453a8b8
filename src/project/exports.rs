//! The functions that files export, by name.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{
    facts::{Export, Name, Part},
    link::{Entity, Found, Linker, Target},
    tables::Source,
};

/// What a file exports: each name, with the function that it is, by file and index. The whole module is under the empty
/// name.
pub(super) type Exports = BTreeMap<String, (u32, u32)>;

/// The functions that a file exports.
pub(super) fn exports(linker: &Linker<'_>, file: u32) -> Exports {
    let mut exports = Exports::new();
    let whole = linker.module_value(file, 0);
    let Target::Thing { entity, .. } = whole else { return exports };
    if let Entity::Function(file, index) = entity {
        exports.insert(String::new(), (file, index));
    }
    for name in names(linker, entity) {
        if let Found::One(Target::Thing { entity: Entity::Function(file, index), .. }) = linker.find(entity, &name, 0) {
            exports.insert(name.to_string(), (file, index));
        }
    }
    exports
}

/// The names that may be found on an entity.
pub(super) fn names(linker: &Linker<'_>, entity: Entity) -> BTreeSet<Name> {
    let mut names = BTreeSet::new();
    let mut seen = HashSet::from([entity]);
    let mut pending = vec![entity];
    while let Some(entity) = pending.pop() {
        names.extend(linker.tables.names(entity));
        let mut more = Vec::new();
        for source in linker.tables.sources.get(&entity).into_iter().flatten() {
            match *source {
                Source::Entity(entity) => more.push(entity),
                Source::Value(file, value) => more.extend(linker.eval(file, value).entity()),
            }
        }
        match entity {
            Entity::Object(file, index) => parts(linker, file, index, &mut names, &mut more),
            Entity::Namespace(file) => named_exports(linker, file, &mut names, &mut more),
            _ => {}
        }
        pending.extend(more.into_iter().filter(|entity| seen.insert(*entity)));
    }
    names
}

fn parts(linker: &Linker<'_>, file: u32, index: u32, names: &mut BTreeSet<Name>, more: &mut Vec<Entity>) {
    for part in &linker.facts(file).objects[index as usize].parts {
        match part {
            Part::Member(name, _) => {
                names.insert(name.clone());
            }
            Part::Spread(value) => more.extend(linker.eval(file, *value).entity()),
            Part::Open => {}
        }
    }
}

fn named_exports(linker: &Linker<'_>, file: u32, names: &mut BTreeSet<Name>, more: &mut Vec<Entity>) {
    for export in &linker.facts(file).exports {
        match export {
            Export::Named(name, _) => {
                names.insert(name.clone());
            }
            Export::All(specifier) => more.extend(linker.whole(file, *specifier).entity()),
        }
    }
}
