//! What an attempt to lower code gathers, to go back to where it was if the attempt fails.

use super::{
    callback::Successes,
    lower::{Direct, Lowerer},
};
use crate::flow::imports::Additions;

/// How far a lowering had come.
pub(super) struct Snapshot {
    additions: Additions,
    lengths: [usize; 13],
    flags: (bool, bool, bool, usize),
    direct: Option<Direct>,
    successes: Successes,
}

impl Lowerer<'_, '_> {
    /// What has been gathered so far, to go back to if an attempt fails.
    pub(super) fn snapshot(&self) -> Snapshot {
        Snapshot {
            additions: self.additions.clone(),
            lengths: [
                self.moved.len(),
                self.assumptions.len(),
                self.consumed.len(),
                self.kept.len(),
                self.promises.len(),
                self.known.len(),
                self.placed_locals.len(),
                self.nested.len(),
                self.awaitable.len(),
                self.looked_up.len(),
                self.handed.len(),
                self.renames.declared_count(),
                self.renames.chosen_count(),
            ],
            flags: (self.leaves_early, self.optional, self.hands_on, self.depth),
            direct: self.direct.clone(),
            successes: self.successes,
        }
    }

    /// Goes back to a snapshot.
    pub(super) fn restore(&mut self, snapshot: Snapshot) {
        let Snapshot {
            additions,
            lengths:
                [
                    moved,
                    assumptions,
                    consumed,
                    kept,
                    promises,
                    known,
                    placed,
                    nested,
                    awaitable,
                    looked_up,
                    handed,
                    declared,
                    chosen,
                ],
            flags,
            direct,
            successes,
        } = snapshot;
        self.additions = additions;
        self.moved.truncate(moved);
        self.assumptions.truncate(assumptions);
        self.consumed.truncate(consumed);
        self.kept.truncate(kept);
        self.promises.truncate(promises);
        self.known.truncate(known);
        self.placed_locals.truncate(placed);
        self.nested.truncate(nested);
        self.awaitable.truncate(awaitable);
        self.looked_up.truncate(looked_up);
        self.handed.truncate(handed);
        self.renames.declared().truncate(declared);
        self.renames.free_chosen_since(chosen);
        self.successes = successes;
        (self.leaves_early, self.optional, self.hands_on, self.depth) = flags;
        self.direct = direct;
    }
}
