//! What code may read and write, and whether two pieces of it may be under way at the same time.
//!
//! [`of_node`] gathers what evaluating a piece of code touches: variables, properties, and the world outside. What a
//! called function does is known from its body, else from the table of known APIs, else presumed from the verb of its
//! name, else unknown. [`may_overlap`] and [`rounds_may_overlap`] decide on that.
//!
//! Read literally, two pieces of code that only read never conflict. What they may not do beside each other:
//!
//! - one writes what the other touches;
//! - the later one changes the world, while the earlier one may yet fail;
//! - the earlier one is a *guard*: a check, a lock, a pause, or a call whose result nobody looks at, so that it is there
//!   for its failing;
//! - both use an object with a state of its own: a page of a browser, a cursor, a transaction.

mod model;
mod overlap;
pub mod verbs;
mod walk;

use tree_sitter::Node;

pub use model::{Effects, Independence, Key, Object, Place, Resource, Root, Touch};
pub use overlap::may_overlap;

use crate::{context::Context, edit::Refusal, semantic::BindingId};

/// What evaluating an expression, a statement or a block may touch, as seen from the function around it. What it declares
/// counts as written. Functions that are written inside it count as if they were called.
pub fn of_node(cx: &Context<'_>, node: Node<'_>) -> Effects {
    walk::Walk::over(cx, node)
}

/// Whether several rounds of a loop's body may be under way at the same time. Variables that the body declares, those of
/// `per_round` (the loop's own), and the properties of the objects they hold are taken to be others in each round.
///
/// # Errors
/// As for [`may_overlap`], with a round of the body in place of both pieces of code.
pub fn rounds_may_overlap(cx: &Context<'_>, body: Node<'_>, per_round: &[BindingId]) -> Result<Independence, Refusal> {
    let effects = of_node(cx, body);
    let mut own = cx.names.declared_in(&body.byte_range());
    own.extend_from_slice(per_round);
    overlap::check(cx, &effects, &effects, &own)
}

#[cfg(test)]
mod tests;
