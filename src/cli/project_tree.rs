//! All files of a project at once, for the commands that look at how they hang together.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use rayon::prelude::*;

use super::{notes, options::Global};
use crate::{
    plan::Tree,
    project::{self, Files, Loaded},
    source::Position,
    syntax::Parsed,
};

/// The files of a project, read.
pub(super) struct LoadedTree {
    /// The files by what they are called.
    pub(super) tree: Tree,
    /// Where each of them is on disk.
    pub(super) on_disk: BTreeMap<PathBuf, PathBuf>,
    /// Whether a file that was asked for by name could not be read.
    pub(super) failed: bool,
}

impl LoadedTree {
    /// Where a file is on disk.
    pub(super) fn place<'a>(&'a self, shown: &'a Path) -> &'a Path {
        self.on_disk.get(shown).map_or(shown, PathBuf::as_path)
    }
}

/// Reads the files, and says what could not be read or understood unless that `was_said` before.
pub(super) fn load(files: &Files, global: &Global, was_said: bool) -> anyhow::Result<LoadedTree> {
    let read = |entry: &project::Entry| {
        let loaded = project::load(entry);
        let error = match &loaded {
            Ok(Loaded::Source(source)) => first_error(&Parsed::new(source)),
            _ => None,
        };
        (loaded, error)
    };
    let read: Vec<_> = global.pool()?.install(|| files.entries.par_iter().map(read).collect());
    let say = |error: &str| {
        if !was_said {
            notes::error(global, error);
        }
    };
    files.errors.iter().for_each(|error| say(&format!("{}: {}", notes::shown(&error.shown), error.message)));
    let (mut sources, mut on_disk, mut failed) = (Vec::new(), BTreeMap::new(), false);
    for (entry, (loaded, syntax)) in files.entries.iter().zip(read) {
        let shown = notes::shown(&entry.shown);
        match loaded {
            Ok(Loaded::Source(source)) => {
                if let Some(Position { line, column, .. }) = syntax {
                    say(&format!("{shown}: syntax error at {line}:{column}"));
                }
                on_disk.insert(entry.shown.clone(), entry.path.clone());
                sources.push(source);
            }
            Ok(Loaded::Foreign(_)) if was_said => {}
            Ok(Loaded::Foreign(kind)) => notes::note(global, &format!("{shown}: left out ({})", kind.reason())),
            Err(error) => {
                failed |= entry.named;
                say(&format!("{shown}: {error}"));
            }
        }
    }
    Ok(LoadedTree { tree: Tree::new(sources), on_disk, failed })
}

fn first_error(file: &Parsed<'_>) -> Option<Position> {
    file.errors().first().map(|error| file.source.position(error.range.start))
}

/// Says which files a fault of ours has kept out.
pub(super) fn about_faulty(paths: &BTreeSet<PathBuf>, global: &Global) {
    for path in paths {
        let what = "internal error: this is a fault in unpyramid; please report it";
        notes::error(global, &format!("{}: {what}", notes::shown(path)));
    }
}
