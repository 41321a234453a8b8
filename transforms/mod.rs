//! The registry of patterns: one file each, listed once, here.

pub mod nested_then;
pub mod then_chain;

use crate::transform::Transform;

/// Every pattern, in the order in which they are tried on a file and listed to people.
pub static ALL: &[&dyn Transform] = &[&nested_then::NestedThen, &then_chain::ThenChain];
