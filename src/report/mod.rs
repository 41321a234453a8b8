//! What is told about a run, and in which form.
//!
//! Everything here writes into a buffer or any other `Write`; who reads it is the command line's business. SARIF
//! and the annotations of GitHub would be two more files beside [`json`].

pub mod diff;
pub mod human;
pub mod json;
pub mod plan;
pub mod terminal;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::{edit::Safety, engine::Located, project::Skipped};

/// The findings of one file.
#[derive(Debug)]
pub struct FileFindings {
    /// What the file is called.
    pub path: PathBuf,
    /// Its findings in source order.
    pub findings: Vec<Located>,
}

/// A file that could not be read, or not all of it be understood.
#[derive(Clone, Debug)]
pub struct FileError {
    /// What the file is called.
    pub path: PathBuf,
    /// What is wrong, in one line.
    pub message: String,
}

/// A run over many files.
#[derive(Debug, Default)]
pub struct Report {
    /// The files with findings, sorted by path.
    pub files: Vec<FileFindings>,
    /// What was left out.
    pub skipped: Vec<Skipped>,
    /// What went wrong.
    pub errors: Vec<FileError>,
    /// How many files were taken in, those left out not counted.
    pub taken: usize,
    /// How many of them were parsed; the others hold no trace of any pattern.
    pub parsed: usize,
    /// How many bytes they hold together.
    pub bytes: usize,
    /// How many findings comments silenced.
    pub silenced: usize,
}

impl Report {
    /// All findings, each with the path of its file.
    pub fn findings(&self) -> impl Iterator<Item = (&Path, &Located)> {
        self.files.iter().flat_map(|f| f.findings.iter().map(|one| (f.path.as_path(), one)))
    }

    /// How many findings there are.
    pub fn count(&self) -> usize {
        self.files.iter().map(|f| f.findings.len()).sum()
    }

    /// The findings counted in the ways that summaries show.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for (_, one) in self.findings() {
            let level = one.finding.safety();
            counts.by_level[level as usize] += 1;
            counts.by_pattern.entry(one.finding.pattern).or_default()[level as usize] += 1;
            if let Err(refusal) = &one.finding.outcome {
                *counts.refusals.entry(refusal.code.code()).or_default() += 1;
            }
        }
        counts
    }
}

/// Findings, counted.
#[derive(Debug, Default)]
pub struct Counts {
    /// By [`Safety`], in the order of its variants.
    pub by_level: [usize; 3],
    /// By pattern, and there by [`Safety`].
    pub by_pattern: BTreeMap<&'static str, [usize; 3]>,
    /// By the code of the refusal.
    pub refusals: BTreeMap<&'static str, usize>,
}

/// The name of a level, as people and scripts read it.
pub fn level_name(level: Safety) -> &'static str {
    match level {
        Safety::Manual => "manual",
        Safety::Review => "review",
        Safety::Safe => "safe",
    }
}

/// Puts the plural `s` where a count asks for it.
pub(crate) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
