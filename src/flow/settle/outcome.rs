//! What the callback of a call does, by how the call ends.

use tree_sitter::Node;

use super::lower::After;
use crate::syntax::node::{is_comment, walk};

/// What a callback does on failure and on success.
pub(super) struct Outcome<'t> {
    /// Comments in front of the check.
    pub(super) comments: Vec<Node<'t>>,
    pub(super) failure: Vec<Node<'t>>,
    pub(super) after_failure: After,
    pub(super) success: Vec<Node<'t>>,
    pub(super) after_success: After,
    /// Whether an empty line sets the code for success off from the check.
    pub(super) blank: bool,
    /// Whether the check is an `if` without an `else`, so that what follows it is for both.
    pub(super) is_open: bool,
}

impl<'t> Outcome<'t> {
    /// The comments that go in front of the step, in source order; those in the check as well, where that goes.
    pub(super) fn comments_kept(&self, check_goes: bool) -> Vec<Node<'t>> {
        let mut comments = self.comments.clone();
        for item in self.failure.iter().filter(|_| check_goes) {
            // What stands behind a statement without a semicolon is a part of it.
            walk(*item, |n| {
                comments.extend(is_comment(n).then_some(n));
                true
            });
        }
        comments.sort_by_key(Node::start_byte);
        comments
    }
}
