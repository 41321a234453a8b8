//! Many programs in a row, what was seen on the way, and what failed.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use proptest::{
    strategy::{Strategy as _, ValueTree as _},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use super::{
    Program,
    check::{Checker, Failure, Level},
    grammar::Family,
    strategy::Programs,
};

/// Simpler programs that are tried for one that fails, at most.
const SHRINKS: usize = 3000;

/// A program that failed, made as simple as it could be.
#[derive(Debug)]
pub(crate) struct Found {
    /// The seed of the program that failed first.
    pub(crate) seed: u64,
    /// The extension of a file with it.
    pub(crate) extension: &'static str,
    /// The simplest program that fails in the same way.
    pub(crate) before: String,
    /// What is wrong.
    pub(crate) failure: Failure,
}

impl std::fmt::Display for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Failure { fault, message, after } = &self.failure;
        writeln!(f, "{fault:?} ({}, program {:#018x})\n{message}", self.extension, self.seed)?;
        write!(f, "---- before\n{}---- after\n{after}----", self.before)
    }
}

/// What a run has seen.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    /// Programs that were checked.
    pub(crate) programs: usize,
    /// Trees that were no program: the grammar is not perfect.
    pub(crate) invalid: usize,
    /// Programs in which something was rewritten.
    pub(crate) rewritten: usize,
    /// Schedules that were compared.
    pub(crate) schedules: usize,
    /// Changes by pattern.
    pub(crate) patterns: BTreeMap<&'static str, usize>,
    /// Refusals by code.
    pub(crate) refusals: BTreeMap<&'static str, usize>,
    /// Productions of the grammar, by name.
    pub(crate) shapes: BTreeMap<&'static str, usize>,
    /// The same in programs in which something was rewritten.
    pub(crate) rewritten_shapes: BTreeMap<&'static str, usize>,
    /// How long it took.
    pub(crate) time: Duration,
}

/// A run to be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    /// What the programs are made from.
    pub(crate) seed: u64,
    /// How many.
    pub(crate) programs: usize,
    /// Only programs of a family.
    pub(crate) family: Option<Family>,
    /// What is carried out.
    pub(crate) level: Level,
    /// Schedules that are compared for an entry, at most.
    pub(crate) schedules: usize,
}

impl Run {
    /// Makes the run. `found` is told of each failure, and says whether to go on.
    pub(crate) fn make(self, mut found: impl FnMut(Found) -> bool) -> Summary {
        let started = Instant::now();
        let mut checker = Checker::new(self.level, self.schedules);
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&self.seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let mut summary = Summary::default();
        while summary.programs < self.programs {
            let mut tree =
                Programs { family: self.family }.new_tree(&mut runner).expect("the strategy rejects nothing");
            let program = tree.current();
            let text = program.text();
            if !Checker::is_program(program.extension(), &text) {
                summary.invalid += 1;
                continue;
            }
            summary.programs += 1;
            let failure = match checker.check(program.extension(), &text) {
                Ok(outcome) => {
                    summary.note(&program, &outcome);
                    continue;
                }
                Err(failure) => failure,
            };
            if !found(shrink(&mut checker, &mut tree, failure)) {
                break;
            }
        }
        summary.time = started.elapsed();
        summary
    }
}

impl Summary {
    fn note(&mut self, program: &Program, outcome: &super::check::Outcome) {
        for (pattern, count) in &outcome.patterns {
            *self.patterns.entry(pattern).or_default() += count;
        }
        for (code, count) in &outcome.refusals {
            *self.refusals.entry(code).or_default() += count;
        }
        self.schedules += outcome.schedules;
        program.root.count(&mut self.shapes);
        if !outcome.patterns.is_empty() {
            self.rewritten += 1;
            program.root.count(&mut self.rewritten_shapes);
        }
    }
}

/// Makes a failing program as simple as it can be while it fails in the same way.
fn shrink(checker: &mut Checker, tree: &mut super::strategy::ProgramTree, first: Failure) -> Found {
    let seed = tree.current().seed;
    let mut best = (tree.current(), first);
    let mut more = tree.simplify();
    for _ in 0..SHRINKS {
        if !more {
            break;
        }
        let program = tree.current();
        let text = program.text();
        let verdict =
            Checker::is_program(program.extension(), &text).then(|| checker.check(program.extension(), &text));
        more = match verdict {
            Some(Err(failure)) if failure.is_like(&best.1) => {
                best = (program, failure);
                tree.simplify()
            }
            _ => tree.complicate(),
        };
    }
    let (program, failure) = best;
    Found { seed, extension: program.extension(), before: program.text(), failure }
}
