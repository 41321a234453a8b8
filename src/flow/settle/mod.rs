//! Code that hands its outcome to a function, turned into code that returns or throws it.
//!
//! The executor of a `new Promise` settles it by `resolve` and `reject`; a function with an error-first callback by
//! calling that. Both come down to lists of statements in which one of the *settlers* is called at the end of every
//! path. `Lowerer` goes over such a list: `resolve(v)` and `callback(null, v)` become `return v`, `reject(e)` and
//! `callback(e)` become `throw e`, a call that is handed a callback becomes an `await` with the callback's body behind
//! it, and a list with a path that settles nothing, or settles twice, is refused.

mod anew;
mod attempt;
mod beside;
mod branches;
mod callback;
mod chain_step;
mod directive;
mod error_first;
mod handed_on;
mod ignored;
mod in_full;
mod list;
mod local;
mod lower;
mod no_error;
mod open;
mod outcome;
mod probe;
mod quiet;
mod snapshot;
mod step;
mod target;
mod tasks;
mod timer;
mod value;
mod variables;

pub use callback::{Handed, Local, Successes, is_presence_test};
pub(super) use callback::{LOOPS, runs_code};
pub use in_full::InFull;
pub use lower::{Body, Direct, Lowered, OwnForm, lower};
pub use tasks::InPlace;

use std::ops::Range;

use tree_sitter::Node;

use crate::{
    context::Context,
    semantic::BindingId,
    syntax::node::{call_parts, is_function, unparenthesized, walk},
};

/// The functions that a piece of code hands its outcome to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settlers(Vec<(BindingId, Settle)>);

/// What calling a settler means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settle {
    /// `resolve`
    Resolve,
    /// `reject`
    Reject,
    /// An error-first callback: its first argument tells which of the two it is.
    Callback,
    /// A function declared inside that calls one of the others at the end of every path.
    Local,
}

impl Settlers {
    /// Settlers by the names that they have.
    pub fn new(settlers: impl IntoIterator<Item = (BindingId, Settle)>) -> Self {
        Self(settlers.into_iter().collect())
    }

    /// Adds one.
    pub fn add(&mut self, binding: BindingId, settle: Settle) {
        self.0.push((binding, settle));
    }

    /// Whether one of them is an error-first callback.
    pub fn has_callback(&self) -> bool {
        self.0.iter().any(|(_, settle)| *settle == Settle::Callback)
    }

    /// Whether one of them has a name.
    pub fn has_named(&self, cx: &Context<'_>, name: &str) -> bool {
        self.0.iter().any(|(binding, _)| cx.names.binding(*binding).name == name)
    }

    /// Whether a stretch of code uses one of them.
    pub fn are_in(&self, cx: &Context<'_>, range: &Range<usize>) -> bool {
        self.count_in(cx, range) > 0
    }

    /// How often a stretch of code uses one of them.
    pub fn count_in(&self, cx: &Context<'_>, range: &Range<usize>) -> usize {
        cx.names.references_in(range).iter().filter(|r| r.binding.is_some_and(|b| self.which(b).is_some())).count()
    }

    /// What a name's being called means, if it is one of them.
    pub fn which(&self, binding: BindingId) -> Option<Settle> {
        self.0.iter().find(|(b, _)| *b == binding).map(|(_, settle)| *settle)
    }

    /// Which settler an expression names.
    pub fn named(&self, cx: &Context<'_>, expression: Node<'_>) -> Option<Settle> {
        let name = unparenthesized(expression);
        if name.kind() != "identifier" {
            return None;
        }
        self.which(cx.names.reference_at(name.start_byte())?.binding?)
    }

    /// Whether an expression is the name of a function that settles for others, or a choice between two such names.
    pub fn is_choice_of_locals(&self, cx: &Context<'_>, expression: Node<'_>) -> bool {
        let node = unparenthesized(expression);
        let part = |field| node.child_by_field_name(field);
        let is_local = |n: Node<'_>| self.named(cx, n) == Some(Settle::Local);
        match (node.kind(), part("condition"), part("consequence"), part("alternative")) {
            ("ternary_expression", Some(condition), Some(yes), Some(no)) => {
                !self.are_in(cx, &condition.byte_range()) && is_local(yes) && is_local(no)
            }
            _ => is_local(node),
        }
    }

    /// Which settler an expression calls, and with what.
    pub fn called<'t>(&self, cx: &Context<'_>, expression: Node<'t>) -> Option<(Settle, Vec<Node<'t>>)> {
        let (callee, arguments) = call_parts(unparenthesized(expression))?;
        Some((self.named(cx, callee)?, arguments))
    }

    /// The calls of settlers in the code that a node runs itself.
    pub fn own_calls<'t>(&self, cx: &Context<'_>, node: Node<'t>) -> Vec<Node<'t>> {
        let mut found = Vec::new();
        walk(node, |n| {
            if n != node && is_function(n) {
                return false;
            }
            if n.kind() == "call_expression" && self.called(cx, n).is_some() {
                found.push(n);
            }
            true
        });
        found
    }
}
