//! What a transform answers: edits that belong together, or the reason why there are none.

mod apply;
mod refusal;

pub use apply::{ApplyError, apply};
pub use refusal::{Refusal, RefusalCode};

use std::{ops::Range, path::PathBuf};

use serde::Serialize;

/// The replacement of one range of a file, in byte offsets, by a text in UTF-8. An empty range inserts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Edit {
    /// The bytes to replace.
    pub range: Range<usize>,
    /// What takes their place.
    pub text: String,
}

impl Edit {
    /// The replacement of `range` by `text`.
    pub fn new(range: Range<usize>, text: impl Into<String>) -> Self {
        Self { range, text: text.into() }
    }

    /// The insertion of `text` at a byte offset.
    pub fn insert(at: usize, text: impl Into<String>) -> Self {
        Self::new(at..at, text)
    }
}

/// A file that a rewrite makes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NewFile {
    /// Where, as a walk would show it.
    pub path: PathBuf,
    /// What is in it.
    pub text: String,
}

/// How much a rewrite promises. Ordered, so that a filter is a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// Found and explained; there is no edit.
    Manual,
    /// Right if the assumption that the rewrite states holds.
    Review,
    /// An outside observer sees no difference but the accepted ones.
    Safe,
}

/// Edits that are carried out together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrite {
    /// What it does, in a few words without a full stop.
    pub title: String,
    /// What it promises.
    pub safety: Safety,
    /// At [`Safety::Review`], what has to hold, in one sentence.
    pub assumption: Option<String>,
    /// The edits by file, each file once; a file's edits are sorted and disjoint.
    pub files: Vec<FileEdits>,
}

/// The edits of one file, sorted and disjoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEdits {
    /// The file's path, as its source has it.
    pub path: PathBuf,
    /// The edits.
    pub edits: Vec<Edit>,
}
