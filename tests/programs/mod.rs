//! Generated programs: is what the engine makes of them sound, and does it behave as before? Shared by the test, which
//! runs a few thousand, and by `examples/programs.rs`, which runs as many as it is told to.

pub(crate) mod check;
mod dice;
pub(crate) mod grammar;
#[path = "../behaviour/node.rs"]
mod node;
mod print;
pub(crate) mod run;
mod scope;
pub(crate) mod strategy;
#[path = "../behaviour/strip.rs"]
mod strip;
mod tree;

use print::Style;
use tree::Node;

/// A program and how it is written.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// What it was made from.
    pub(crate) seed: u64,
    root: Node,
    style: Style,
    is_module: bool,
}

impl Program {
    /// Its text.
    pub(crate) fn text(&self) -> String {
        print::print(&self.root, self.style)
    }

    /// The extension of a file with it.
    pub(crate) fn extension(&self) -> &'static str {
        match (self.style.types, self.is_module) {
            (false, false) => "js",
            (false, true) => "mjs",
            (true, false) => "ts",
            (true, true) => "mts",
        }
    }
}
