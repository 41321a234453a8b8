//! Which promise forms the files of a run export.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use rayon::prelude::*;

use super::map::guarded;
use crate::{
    engine::Engine,
    flow::callback::forms::{adds_forms_in, may_list, replaces_modules_in},
    project::{self, CallbackFunctions, FileFacts, FormFacts, Loaded, Project, PromiseForms},
};

/// Works out what the facts of a run's files come to, which are at some paths; `linked` is what it takes to link them. The
/// rest of the project is looked at as well: a test that is not in the run may put something
/// else in the place of what the run's files export, or have promise forms added to all of it.
pub fn promise_forms(engine: &Engine<'_>, paths: &[&Path], facts: &FormFacts, linked: Vec<FileFacts>) -> PromiseForms {
    if facts.is_empty() && !linked.iter().any(FileFacts::may_notice_names) {
        // There is no promise form yet, and none may come where one would clash.
        let outside = outside(engine, paths, &BTreeSet::new());
        if outside.as_ref().is_some_and(FormFacts::is_empty) {
            return PromiseForms::default();
        }
    }
    let project = Project::link(linked);
    // Only a file that names one of them can stand in the way.
    let alone = PromiseForms::link(facts, &FormFacts::default(), &project);
    match outside(engine, paths, &alone.words()) {
        Some(outside) => PromiseForms::link(facts, &outside, &project),
        None => alone.without_forms(),
    }
}

/// How the functions of the project's other files call back, and are called, that are not in a run of files at some paths.
/// A file of those that can't be read is left out.
pub fn callbacks_of_rest(engine: &Engine<'_>, paths: &[&Path]) -> CallbackFunctions {
    let others = project::rest(paths).unwrap_or_default();
    let of = |entry: &project::Entry| match project::load(entry).ok()? {
        Loaded::Source(source) => guarded(|| engine.outside_callbacks(&source)),
        Loaded::Foreign(_) => None,
    };
    let mut all = CallbackFunctions::default();
    others.par_iter().filter_map(of).collect::<Vec<_>>().into_iter().for_each(|one| all.extend(one));
    all
}

/// What the files of the project say that are not in the run, as far as they hold one of some words; `None` where one
/// can't be read.
fn outside(engine: &Engine<'_>, paths: &[&Path], words: &BTreeSet<&str>) -> Option<FormFacts> {
    let others = project::rest(paths)?;
    let ends = module_ends(paths);
    let of = |entry: &project::Entry| {
        let text = std::fs::read(&entry.path).ok()?;
        let has = |word: &str| memchr::memmem::find(&text, word.as_bytes()).is_some();
        let lists = may_list(&text) && ends.iter().any(|end| has(end));
        if !adds_forms_in(&text) && !replaces_modules_in(&text) && !lists && !words.iter().any(|word| has(word)) {
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

/// What the names of modules end in that mean one of some files.
fn module_ends(paths: &[&Path]) -> Vec<String> {
    let name = |path: &Path| Some(format!("/{}", path.file_stem()?.to_str()?));
    let of = |path: PathBuf| {
        let own = name(&path);
        let folder = path.parent().and_then(name).filter(|_| own.as_deref() == Some("/index"));
        // `require('.')`, `require('..')`
        let dots = folder.is_some().then(|| ["'.'", "'..'", "\".\"", "\"..\"", "/..", "./'"].map(str::to_owned));
        own.into_iter().chain(folder).chain(dots.into_iter().flatten())
    };
    let real = paths.iter().filter_map(|path| path.canonicalize().ok());
    let ends: BTreeSet<String> = real.flat_map(of).collect();
    ends.into_iter().collect()
}
