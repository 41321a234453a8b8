//! The engine of `unpyramid`, a codemod that rewrites async anti-patterns in JavaScript and TypeScript.
//!
//! Data passes through the modules in this order; each may use those before it and none after
//! (`tests/layering.rs` reads the line and holds it). ARCHITECTURE.md tells the same story at more length.
//!
//! `source -> syntax -> semantic -> apis -> tuning -> project -> edit -> schedule -> context -> flow -> contract -> effects -> awaits ->
//! transform -> transforms -> engine -> plan -> report -> write -> cli`

pub mod apis;
pub mod awaits;
pub mod cli;
pub mod context;
pub mod contract;
pub mod edit;
pub mod effects;
pub mod engine;
pub mod flow;
pub mod plan;
pub mod project;
pub mod report;
pub mod schedule;
pub mod semantic;
pub mod source;
pub mod syntax;
pub mod transform;
#[path = "../transforms/mod.rs"]
pub mod transforms;
pub mod tuning;
pub mod write;
