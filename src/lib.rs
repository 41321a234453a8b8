//! The engine of `unpyramid`, a codemod that rewrites async anti-patterns in JavaScript and TypeScript.
//!
//! The modules stand in the order in which data passes through them; each may use those above it and none
//! below (`tests/layering.rs` holds that). ARCHITECTURE.md tells the same story at more length.

pub mod cli;
pub mod context;
pub mod edit;
pub mod engine;
pub mod flow;
pub mod project;
pub mod report;
pub mod semantic;
pub mod source;
pub mod syntax;
pub mod transform;
#[path = "../transforms/mod.rs"]
pub mod transforms;
pub mod write;
