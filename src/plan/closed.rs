//! Which functions nothing outside a tree can reach.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    path::{Path, PathBuf},
};

use rayon::prelude::*;

use super::{Map, Tree};
use crate::project::{self, Loaded, Mentions};

/// Notes the functions of a tree that nothing outside it can reach: none where the tree is only a part of its project.
pub(super) fn close(tree: &Tree, mentions: &mut Mentions) {
    let Some((root, foreign)) = root_of_whole(tree) else { return };
    let closed = closed(&Map::of(tree));
    let names: BTreeSet<&str> = closed.iter().map(|(_, name)| name.as_str()).collect();
    let Some(named) = named_elsewhere(&root, foreign, &names) else { return };
    for (path, name) in closed.iter().filter(|(_, name)| !named.contains(name.as_str())) {
        mentions.close(path, name);
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

/// The root of a tree's project, if the tree holds all source files of it that people have written, and the others.
fn root_of_whole(tree: &Tree) -> Option<(PathBuf, Vec<PathBuf>)> {
    let real: Result<HashSet<PathBuf>, _> = tree.files().map(|f| f.path().canonicalize()).collect();
    let real = real.ok()?;
    let root = project::root(real.iter().filter_map(|path| path.parent()));
    let all = project::collect(std::slice::from_ref(&root)).ok()?;
    let is_known = |entry: &project::Entry| entry.path.canonicalize().is_ok_and(|path| real.contains(&path));
    let (foreign, unknown): (Vec<_>, Vec<_>) = (all.entries.into_iter().filter(|e| !is_known(e)))
        .partition(|entry| matches!(project::load(entry), Ok(Loaded::Foreign(_))));
    let is_whole = all.errors.is_empty() && unknown.is_empty();
    is_whole.then(|| (root, foreign.into_iter().map(|entry| entry.path).collect()))
}

/// Names that stand in a file of a project that nobody has read: a script without an extension, a template, a line of
/// `package.json`, a copy, a `foreign` file that a program has written. `None` where that can't be told.
fn named_elsewhere<'n>(root: &Path, foreign: Vec<PathBuf>, names: &BTreeSet<&'n str>) -> Option<BTreeSet<&'n str>> {
    if names.is_empty() {
        return Some(BTreeSet::new());
    }
    let others = project::other_files(root)?.into_iter().chain(foreign);
    let files: Vec<_> = others.filter(|path| !is_prose(path)).collect();
    let found = files.par_iter().map(|path| {
        let is_small = path.metadata().ok()?.len() <= MAX_BYTES;
        let text = is_small.then(|| std::fs::read(path).ok()).flatten()?;
        Some(names.iter().copied().filter(|name| has_word(&text, name)).collect::<BTreeSet<_>>())
    });
    found.try_reduce(BTreeSet::new, |mut all, one| {
        all.extend(one);
        Some(all)
    })
}

/// How large a file may be that is searched for names. One that is larger may hold any.
const MAX_BYTES: u64 = 64 << 20;

/// Whether a file is for people to read, or a list that a tool has written: neither calls anything.
fn is_prose(path: &Path) -> bool {
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_ascii_lowercase();
    let known = [
        ".md",
        ".markdown",
        ".txt",
        ".rst",
        ".css",
        ".scss",
        ".less",
        ".lock",
        ".map",
        ".svg",
        "-lock.json",
        "-lock.yaml",
    ];
    known.iter().any(|end| name.ends_with(end)) || ["license", "changelog"].iter().any(|start| name.starts_with(start))
}

fn has_word(text: &[u8], word: &str) -> bool {
    let is_part = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$'));
    memchr::memmem::find_iter(text, word.as_bytes()).any(|at| {
        let before = at.checked_sub(1).and_then(|at| text.get(at));
        !is_part(before) && !is_part(text.get(at + word.len()))
    })
}
