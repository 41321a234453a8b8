//! Programs as a strategy of proptest: made from a seed, and shrunk production by production.

use proptest::{
    prelude::Rng as _,
    strategy::{NewTree, Strategy, ValueTree},
    test_runner::TestRunner,
};

use super::{
    Program,
    grammar::{self, Family},
    tree::Node,
};

/// Every program of the grammar.
#[derive(Debug, Default)]
pub(crate) struct Programs {
    /// Only those of a family.
    pub(crate) family: Option<Family>,
}

/// A program that fails, and the simpler ones that are tried instead.
#[derive(Debug)]
pub(crate) struct ProgramTree {
    /// The simplest that is known to fail.
    failing: Program,
    tried: Option<Program>,
    simpler: Option<Vec<Program>>,
    next: usize,
    /// Whether one was simplified since the last beginning of the list.
    progress: bool,
}

impl Strategy for Programs {
    type Tree = ProgramTree;
    type Value = Program;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let failing = grammar::program(runner.rng().next_u64(), self.family);
        Ok(ProgramTree { failing, tried: None, simpler: None, next: 0, progress: false })
    }
}

impl ProgramTree {
    /// Takes the next simpler program, if there is one.
    fn advance(&mut self) -> bool {
        loop {
            let simpler = self.simpler.get_or_insert_with(|| simpler(&self.failing));
            if let Some(next) = simpler.get(self.next) {
                self.next += 1;
                self.tried = Some(next.clone());
                return true;
            }
            if !std::mem::take(&mut self.progress) {
                self.tried = None;
                return false;
            }
            self.next = 0;
        }
    }
}

impl ValueTree for ProgramTree {
    type Value = Program;

    fn current(&self) -> Program {
        self.tried.clone().unwrap_or_else(|| self.failing.clone())
    }

    fn simplify(&mut self) -> bool {
        if let Some(tried) = self.tried.take() {
            self.failing = tried;
            self.progress = true;
            self.simpler = None;
            // What came before in the list has just been tried on nearly the same program.
            self.next = self.next.saturating_sub(1);
        }
        self.advance()
    }

    fn complicate(&mut self) -> bool {
        self.tried = None;
        self.advance()
    }
}

fn simpler(program: &Program) -> Vec<Program> {
    let mut out = Vec::new();
    out.extend(program.style.simpler().into_iter().map(|style| Program { style, ..program.clone() }));
    out.extend(program.root.simpler().into_iter().map(|root: Node| Program { root, ..program.clone() }));
    out
}
