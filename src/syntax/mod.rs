//! tree-sitter behind one door: parsing, queries, and questions about nodes.
//!
//! Queries find candidates and judge nothing; the questions that Rust asks of a node stand in
//! [`node`]. Every walk here is a loop with a cursor: input nested a hundred thousand deep costs memory, never
//! the stack.

pub mod node;
mod parse;
mod query;
pub mod statement;
mod style;

pub(crate) use parse::grammar;
pub use parse::{Parsed, SyntaxError};
pub use query::PatternQuery;
pub use tree_sitter::Node;
