//! The leaf-first migration, in memory: which functions are converted in which step and wave, and the loop that does
//! it.
//!
//! There is no state but the code. A step looks at the code as it stands, converts one wave of functions, callee before
//! caller, and looks again, until it finds nothing more to convert. The same start and the same choice of changes give
//! the same end, which is what undoing a change means here: the step is gone through again from its start without it.

mod closed;
pub mod contracts;
mod forecast;
mod forms;
mod graph;
mod map;
mod narrow;
pub mod offer;
mod outline;
mod run;
mod survey;
mod tree;

pub use forecast::{Blocker, Plan, Planned, Risk, forecast};
pub use forms::{callbacks_of_rest, promise_forms};
pub use map::{Callers, Map, Owner};
pub use narrow::{Narrowed, Verdict, narrow};
pub use outline::{Entry, Named, Outline, TOP_LEVEL};
pub use run::{Carried, Limits, StepRun, run_step};
pub use survey::{Key, Memo, Site, Survey};
pub use tree::{Difference, Tree};

use std::sync::Arc;

use crate::{apis::Apis, project::Packages, transform::Transform};

/// A step of the migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Functions that wait for nothing in the project that is still to be converted.
    Leaves,
    /// Functions that are called from outside: handlers, commands, listeners, the top level.
    Entries,
    /// The functions between.
    Layers,
    /// Adapters that nothing uses any more are removed.
    Adapters,
}

impl Step {
    /// The steps in the order in which they are taken.
    pub const ALL: [Self; 4] = [Self::Leaves, Self::Entries, Self::Layers, Self::Adapters];

    /// The step's name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Leaves => "leaves",
            Self::Entries => "entries",
            Self::Layers => "layers",
            Self::Adapters => "adapters",
        }
    }

    /// What the step does, as a title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Leaves => "promisify the leaves",
            Self::Entries => "convert the entry points",
            Self::Layers => "convert the layers between",
            Self::Adapters => "remove the adapters",
        }
    }

    /// Why the step is there and what it leaves as it is, in two sentences.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Leaves => {
                "These functions wait for nothing in the project that is still written with callbacks. Their callback \
                 form stays, as an adapter, for those who call it."
            }
            Self::Entries => {
                "These functions are called from outside: by a router, a command line, an event. Nothing in the \
                 project waits for them, so they can change before what they call does."
            }
            Self::Layers => {
                "These functions call others that had to be converted first. Their callback form stays, as an adapter, \
                 for those who call it."
            }
            Self::Adapters => {
                "Nothing in the project uses these callback forms any more, and nothing outside can reach them."
            }
        }
    }
}

/// The pattern that a migration is about.
const LEAD: &str = "callback-pyramid";

/// What is also put right in the functions that a migration has touched, all of it without a change of structure
/// that others see.
const FOLLOW: [&str; 4] = ["nested-then", "then-chain", "promise-wrapper", "async-executor"];

/// The pattern that removes adapters.
const ADAPTERS: &str = "unused-adapter";

/// What a migration works with.
#[derive(Clone, Copy)]
pub struct Settings<'r> {
    /// All patterns there are.
    pub registry: &'r [&'r dyn Transform],
    /// What is known of functions of other packages.
    pub apis: &'r Apis,
    /// The packages that the files belong to: what compiles them, and what they depend on.
    pub packages: &'r Arc<Packages>,
    /// What was found when the code was last looked at. It serves one choice of patterns and levels.
    pub memo: &'r Memo,
    /// Only these patterns; the migration's own when empty.
    pub patterns: &'r [String],
    /// Not these patterns.
    pub skip: &'r [String],
    /// Also rewrites that rest on a stated assumption.
    pub review: bool,
}

impl std::fmt::Debug for Settings<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("patterns", &self.patterns).field("skip", &self.skip).finish_non_exhaustive()
    }
}

impl Settings<'_> {
    /// The patterns whose findings a step is made of.
    pub fn leading(&self, step: Step) -> Vec<String> {
        match step {
            Step::Adapters => self.chosen(&[ADAPTERS]),
            _ if self.patterns.is_empty() => self.chosen(&[LEAD]),
            _ => self.patterns.iter().filter(|id| *id != ADAPTERS && !self.skip.contains(id)).cloned().collect(),
        }
    }

    /// The patterns that a step puts right in the functions that were touched.
    fn following(&self, step: Step) -> Vec<String> {
        if step == Step::Layers && self.patterns.is_empty() { self.chosen(&FOLLOW) } else { Vec::new() }
    }

    /// Those of the given patterns that exist and are wanted.
    fn chosen(&self, ids: &[&str]) -> Vec<String> {
        let exists = |id: &str| self.registry.iter().any(|t| t.meta().id == id);
        let named = |id: &str| self.patterns.is_empty() || self.patterns.iter().any(|p| p == id);
        let wanted = |id: &&&str| exists(id) && named(id) && !self.skip.iter().any(|s| s == **id);
        ids.iter().filter(wanted).map(|id| (*id).to_owned()).collect()
    }
}
