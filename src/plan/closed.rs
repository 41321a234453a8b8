//! Which functions nothing outside a tree can reach.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    path::{Path, PathBuf},
};

use super::{Map, Tree};
use crate::project::{self, Loaded, Mentions};

/// Notes the functions of a tree that nothing outside it can reach: none where the tree is only a part of its project.
pub(super) fn close(tree: &Tree, mentions: &mut Mentions) {
    if !is_whole(tree) {
        return;
    }
    for (path, name) in closed(&Map::of(tree)) {
        mentions.close(&path, &name);
    }
}

/// The functions, by file and name, of files that other files load. A file that none does may be loaded by a tool.
fn closed(map: &Map) -> BTreeSet<(PathBuf, String)> {
    let mut open: BTreeMap<(PathBuf, String), bool> = BTreeMap::new();
    let imported: HashSet<&Path> = map.project().imported().collect();
    for (id, function) in map.project().functions().filter(|(_, f)| imported.contains(f.path.as_path())) {
        let Some(name) = function.name.clone() else { continue };
        *open.entry((function.path.clone(), name)).or_default() |= map.project().is_reachable_from_outside(id);
    }
    open.into_iter().filter(|(_, is_open)| !is_open).map(|(key, _)| key).collect()
}

/// Whether a tree holds all source files of its project that people have written.
fn is_whole(tree: &Tree) -> bool {
    let real: Result<HashSet<PathBuf>, _> = tree.files().map(|f| f.path().canonicalize()).collect();
    let Ok(real) = real else { return false };
    let root = project::root(real.iter().filter_map(|path| path.parent()));
    let Ok(all) = project::collect(&[root]) else { return false };
    let is_known = |entry: &project::Entry| {
        let real_entry = entry.path.canonicalize();
        real_entry.is_ok_and(|path| real.contains(&path)) || matches!(project::load(entry), Ok(Loaded::Foreign(_)))
    };
    all.errors.is_empty() && all.entries.iter().all(is_known)
}
