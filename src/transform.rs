//! What a pattern has to bring, and what it gets to look at.

use std::ops::Range;

use tree_sitter::Node;

pub use crate::context::Context;
use crate::{
    edit::{Edit, NewFile, Refusal, Rewrite, Safety},
    schedule::Cost,
    syntax::PatternQuery,
};

/// A pattern's identity and its page for `unpyramid explain`.
#[derive(Debug)]
pub struct Meta {
    /// The stable id in kebab case: what is wrong, never the remedy.
    pub id: &'static str,
    /// What is wrong, in one sentence.
    pub summary: &'static str,
    /// Why it hurts, in a short paragraph.
    pub why: &'static str,
    /// An example as it is found.
    pub before: &'static str,
    /// The same after the rewrite, exactly as the tool writes it.
    pub after: &'static str,
    /// What makes the rewrite right, and when it is refused.
    pub safety: &'static str,
}

/// A pattern: what to look for and what to make of it.
pub trait Transform: Sync {
    /// Who it is.
    fn meta(&self) -> &'static Meta;

    /// The query that finds candidates. It is broad and judges nothing.
    fn query(&self) -> &PatternQuery;

    /// Strings of which at least one stands in every file that holds a candidate, so that a file without any of
    /// them need not be parsed. Empty, the default, when there is no such string.
    fn needles(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether it is looked for only by whoever names it: what it finds is no mistake, and changing it a decision.
    fn is_on_request(&self) -> bool {
        false
    }

    /// Whether it asks what code reads and writes ([`effects`](crate::effects)), so that the functions of all files of a
    /// run have to be gone through first.
    fn needs_effects(&self) -> bool {
        false
    }

    /// Judges one candidate. `None` says that this is not what the pattern is about, or that it is a part of
    /// another candidate; everything else ends in a rewrite or a refusal.
    fn judge(&self, cx: &Context<'_>, candidate: Node<'_>) -> Option<Finding>;
}

/// A candidate that was judged: where it is, what is wrong there, and what became of it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The pattern's id.
    pub pattern: &'static str,
    /// The candidate's bytes.
    pub range: Range<usize>,
    /// What is wrong here, in one sentence without a full stop.
    pub message: String,
    /// A change, or the reason why there is none.
    pub outcome: Result<Change, Refusal>,
    /// What it costs in waiting, for the patterns that are about that.
    pub cost: Option<Cost>,
}

impl Finding {
    /// What a pattern makes of a candidate.
    pub fn new(
        pattern: &'static str,
        range: Range<usize>,
        message: impl Into<String>,
        outcome: Result<Change, Refusal>,
    ) -> Self {
        Self { pattern, range, message: message.into(), outcome, cost: None }
    }

    /// The same finding with what it costs in waiting.
    #[must_use]
    pub fn costing(self, cost: Cost) -> Self {
        Self { cost: Some(cost), ..self }
    }

    /// The level of the finding.
    pub fn safety(&self) -> Safety {
        self.outcome.as_ref().map_or(Safety::Manual, |change| change.safety)
    }
}

/// A change to the file at hand: a rewrite before the engine has put the file's path to it.
#[derive(Clone, Debug)]
pub struct Change {
    /// What it does, in a few words.
    pub title: &'static str,
    /// What it promises.
    pub safety: Safety,
    /// At [`Safety::Review`], what has to hold.
    pub assumption: Option<String>,
    /// Sorted, disjoint edits.
    pub edits: Vec<Edit>,
    /// The code that the judgement looked at, usually the function around: new names were chosen to be free in it,
    /// so nothing else may change there in the same pass.
    pub scope: Range<usize>,
    /// Candidates that this change carries out along with its own: they are no findings of their own.
    pub consumed: Vec<Range<usize>>,
    /// The scopes of other changes in this file after which this one looks better: it waits for those of them that are
    /// carried out as well.
    pub waits_for: Vec<Range<usize>>,
    /// A file that has to be made for it, unless another change makes the same.
    pub creates: Option<NewFile>,
}

impl Change {
    /// A change at [`Safety::Review`] that stands by itself: what it does, what has to hold, and the code that was looked at
    /// for it.
    pub fn to_review(title: &'static str, assumption: String, edits: Vec<Edit>, scope: Range<usize>) -> Self {
        Self {
            title,
            safety: Safety::Review,
            assumption: Some(assumption),
            edits,
            scope,
            consumed: Vec::new(),
            waits_for: Vec::new(),
            creates: None,
        }
    }

    /// The change as a rewrite of the file at `path`.
    pub fn into_rewrite(self, path: &std::path::Path) -> Rewrite {
        Rewrite {
            title: self.title.to_owned(),
            safety: self.safety,
            assumption: self.assumption,
            files: vec![crate::edit::FileEdits { path: path.to_owned(), edits: self.edits }],
        }
    }
}
