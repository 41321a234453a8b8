//! A project: which files are looked at, and which functions they hold and call.
//!
//! [`FileFacts`] are read off each file by itself; [`Project::link`] makes one picture of them.

mod bundle;
mod callbacks;
mod calls;
mod compilers;
mod crowded;
pub mod effects;
mod exports;
mod facts;
mod foreign;
mod forms;
mod functions;
mod graph;
mod library;
mod link;
mod mentions;
mod model;
mod modules;
mod own;
mod packages;
mod reach;
mod root;
mod tables;
mod walk;

pub use callbacks::{CallbackFunctions, Results, UNNAMED};
pub use calls::{CallSite, Callee, UseKind, ValueUse};
pub use compilers::Compilers;
pub use facts::FileFacts;
pub use foreign::Foreign;
pub use forms::{Adapted, FormFacts, FormResult, PromiseForm, PromiseForms, Way};
pub use functions::{Definition, Function, FunctionId};
pub use library::{LIBRARY_METHODS, LibraryUses, names_of};
pub use mentions::Mentions;
pub use model::Project;
pub use modules::{is_builtin, is_only_in_node};
pub use own::read_own;
pub use packages::{Home, Naming, Package, Packages};
pub use root::{rest, root};
pub use walk::{Entry, Files, Missing, Skipped, WalkError, collect, other_files};

use std::sync::Arc;

use crate::source::{SourceError, SourceFile};

/// What a file has to know of the others of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OtherFiles {
    /// Which functions are called for a library's promise.
    pub library: LibraryUses,
    /// What functions hand to their callbacks.
    pub callbacks: CallbackFunctions,
    /// By which names they may reach what others export.
    pub mentions: Mentions,
    /// What they say about promise forms.
    pub form_facts: FormFacts,
    /// The promise forms that they export, once all files have been linked.
    pub forms: PromiseForms,
    /// What all functions of the run read and write, if a pattern asks for that.
    pub summaries: Option<Arc<effects::Summaries>>,
}

impl OtherFiles {
    /// Adds what another file has.
    pub fn extend(&mut self, other: Self) {
        self.library.extend(other.library);
        self.callbacks.extend(other.callbacks);
        self.mentions.extend(other.mentions);
        self.form_facts.extend(other.form_facts);
        self.summaries = self.summaries.take().or(other.summaries);
    }
}

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The system would not hand it over.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// It is not a text in a language that is handled.
    #[error("{0}")]
    Source(#[from] SourceError),
}

/// A file that was opened.
#[derive(Debug)]
pub enum Loaded {
    /// A source file to work on.
    Source(SourceFile),
    /// A file that no person wrote, so that nobody wants it rewritten.
    Foreign(Foreign),
}

/// Reads a file. One that was named by the user is taken as it is; one that was met on a walk is left out if it is
/// minified or generated.
///
/// # Errors
/// When it can't be read, or is not a text in a known language.
pub fn load(entry: &Entry) -> Result<Loaded, LoadError> {
    let bytes = std::fs::read(&entry.path)?;
    if !entry.named
        && let Some(kind) = foreign::recognise(&bytes)
    {
        return Ok(Loaded::Foreign(kind));
    }
    Ok(Loaded::Source(SourceFile::new(&entry.shown, bytes)?))
}
