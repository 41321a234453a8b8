//! The files of a project as they stand in memory.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::source::SourceFile;

/// Files by path. A copy shares the files that are the same in both, so a tree can be kept while another goes on.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    files: BTreeMap<PathBuf, Arc<SourceFile>>,
}

/// A file that two trees hold different contents of.
#[derive(Clone, Copy, Debug)]
pub struct Difference<'a> {
    /// The file.
    pub path: &'a Path,
    /// What the earlier tree holds.
    pub before: &'a [u8],
    /// What the later tree holds.
    pub after: &'a [u8],
}

impl Tree {
    /// A tree of the given files, each under its own path.
    pub fn new(files: impl IntoIterator<Item = SourceFile>) -> Self {
        Self { files: files.into_iter().map(|file| (file.path().to_owned(), Arc::new(file))).collect() }
    }

    /// The files, sorted by path.
    pub fn files(&self) -> impl Iterator<Item = &Arc<SourceFile>> {
        self.files.values()
    }

    /// The file at a path.
    pub fn get(&self, path: &Path) -> Option<&Arc<SourceFile>> {
        self.files.get(path)
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Whether both hold the same files with the same contents.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let same = |(a, b): (&Arc<SourceFile>, &Arc<SourceFile>)| {
            Arc::ptr_eq(a, b) || a.path() == b.path() && a.bytes() == b.bytes()
        };
        self.files.len() == other.files.len() && self.files.values().zip(other.files.values()).all(same)
    }

    /// Puts a file in the place of the one at its path.
    pub(super) fn put(&mut self, file: SourceFile) {
        self.files.insert(file.path().to_owned(), Arc::new(file));
    }

    /// The files that differ between `earlier` and this tree. Both hold the same paths.
    pub fn changed_since<'a>(&'a self, earlier: &'a Self) -> Vec<Difference<'a>> {
        let pairs = self.files.iter().filter_map(|(path, file)| Some((path, earlier.files.get(path)?, file)));
        pairs
            .filter(|(_, old, new)| !Arc::ptr_eq(old, new) && old.bytes() != new.bytes())
            .map(|(path, old, new)| Difference { path, before: old.bytes(), after: new.bytes() })
            .collect()
    }
}
