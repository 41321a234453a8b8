//! Which promise forms the files of a run export.

use std::{
    collections::{BTreeSet, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use rayon::prelude::*;

use super::{Tree, map::guarded};
use crate::{
    engine::Engine,
    project::{self, FileFacts, FormFacts, Loaded, Project, PromiseForms},
    semantic::Names,
    source::SourceFile,
    syntax::Parsed,
};

/// Works out what the facts of a run's files come to, which are at some paths; `linked` reads what it takes to link them,
/// where that is needed. The rest of the project is looked at as well: a test that is not in the run may put something
/// else in the place of what the run's files export, or have promise forms added to all of it.
pub fn promise_forms(
    engine: &Engine<'_>,
    paths: &[&Path],
    facts: &FormFacts,
    linked: impl FnOnce() -> Vec<FileFacts>,
) -> PromiseForms {
    if facts.is_empty() {
        // There is no promise form yet, and none may come where one would clash.
        let outside = outside(engine, paths, &BTreeSet::new());
        if outside.as_ref().is_some_and(FormFacts::is_empty) {
            return PromiseForms::default();
        }
    }
    let project = Project::link(linked());
    // Only a file that names one of them can stand in the way.
    let alone = PromiseForms::link(facts, &FormFacts::default(), &project);
    match outside(engine, paths, &alone.words()) {
        Some(outside) => PromiseForms::link(facts, &outside, &project),
        None => alone.without_forms(),
    }
}

/// The same for the files of a tree.
pub(super) fn of_tree(engine: &Engine<'_>, tree: &Tree, facts: &FormFacts) -> PromiseForms {
    let files: Vec<&Arc<SourceFile>> = tree.files().collect();
    let paths: Vec<&Path> = files.iter().map(|file| file.path()).collect();
    let linked = || files.par_iter().filter_map(|file| file_facts(file)).collect();
    promise_forms(engine, &paths, facts, linked)
}

/// What it takes to link a file with others; `None` if reading it panics, which is a fault of ours.
pub fn file_facts(file: &SourceFile) -> Option<FileFacts> {
    guarded(|| {
        let parsed = Parsed::new(file);
        let names = Names::new(&parsed);
        FileFacts::of(&parsed, &names)
    })
}

/// What the files of the project say that are not in the run, as far as they hold one of some words; `None` where one
/// can't be read.
fn outside(engine: &Engine<'_>, paths: &[&Path], words: &BTreeSet<&str>) -> Option<FormFacts> {
    let real: HashSet<PathBuf> = paths.iter().filter_map(|path| path.canonicalize().ok()).collect();
    if real.is_empty() {
        return Some(FormFacts::default());
    }
    let root = project::root(real.iter().filter_map(|path| path.parent()));
    let all = project::collect(&[root]).ok().filter(|all| all.errors.is_empty())?;
    let others: Vec<_> =
        all.entries.iter().filter(|e| e.path.canonicalize().is_ok_and(|p| !real.contains(&p))).collect();
    let of = |entry: &&project::Entry| {
        let text = std::fs::read(&entry.path).ok()?;
        let has = |word: &str| memchr::memmem::find(&text, word.as_bytes()).is_some();
        if !has("promisifyAll") && !words.iter().any(|word| has(word)) {
            return Some(FormFacts::default());
        }
        match project::load(entry).ok()? {
            Loaded::Source(source) => guarded(|| engine.outside_facts(&source)),
            Loaded::Foreign(_) => Some(FormFacts::default()),
        }
    };
    others.par_iter().map(of).reduce(
        || Some(FormFacts::default()),
        |all, one| {
            let mut all = all?;
            all.extend(one?);
            Some(all)
        },
    )
}
