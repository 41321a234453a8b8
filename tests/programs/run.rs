//! Many programs in a row, what was seen on the way, and what failed.

use std::{
    collections::BTreeMap,
    sync::Mutex,
    time::{Duration, Instant},
};

use proptest::{
    strategy::{Strategy as _, ValueTree as _},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use super::{
    Program,
    check::{Checker, Failure, Level},
    grammar::{self, Family},
    strategy::{ProgramTree, Programs},
};

/// Simpler programs that are tried for one that fails, at most.
const SHRINKS: usize = 3000;

/// A long run says how far it is whenever so many programs are done.
const PROGRESS: usize = 500;

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
    /// How many programs are checked at a time.
    pub(crate) workers: usize,
}

impl Run {
    /// Makes the run. `found` is told of each failure, and says whether to go on.
    pub(crate) fn make(self, found: impl FnMut(Found) -> bool + Send) -> Summary {
        let started = Instant::now();
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&self.seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let source = Mutex::new(Source {
            runner: TestRunner::new_with_rng(Config::default(), rng),
            left: self.programs,
            invalid: 0,
        });
        let found = Mutex::new(found);
        let mut summary = std::thread::scope(|scope| {
            let work = || self.work(&source, &found);
            let workers: Vec<_> = (0..self.workers.max(1)).map(|_| scope.spawn(work)).collect();
            let parts = workers.into_iter().map(|worker| worker.join().expect("no worker panics"));
            parts.reduce(Summary::and).expect("one worker at least")
        });
        summary.invalid = source.into_inner().expect("no worker panics").invalid;
        summary.time = started.elapsed();
        summary
    }

    /// Checks the program of a number, and gives it back as it is if it fails.
    pub(crate) fn check_one(self, number: u64) -> Option<Found> {
        let program = grammar::program(number, self.family);
        let (extension, before) = (program.extension(), program.text());
        let failure = Checker::new(self.level, self.schedules).check(extension, &before).err()?;
        Some(Found { seed: number, extension, before, failure })
    }

    /// Checks one program after the other, until none is left.
    fn work(&self, source: &Mutex<Source>, found: &Mutex<impl FnMut(Found) -> bool>) -> Summary {
        let mut checker = Checker::new(self.level, self.schedules);
        let mut summary = Summary::default();
        loop {
            // The lock is free again while the program is checked.
            let next = source.lock().expect("no worker panics").next(self.family);
            let Some(mut tree) = next else { return summary };
            let program = tree.current();
            summary.programs += 1;
            let failure = match checker.check(program.extension(), &program.text()) {
                Ok(outcome) => {
                    summary.note(&program, &outcome);
                    continue;
                }
                Err(failure) => failure,
            };
            let found_one = shrink(&mut checker, &mut tree, failure);
            if !(found.lock().expect("no worker panics"))(found_one) {
                source.lock().expect("no worker panics").left = 0;
            }
        }
    }
}

/// Where the workers of a run have their programs from. Which programs there are does not depend on how many ask.
struct Source {
    runner: TestRunner,
    left: usize,
    invalid: usize,
}

impl Source {
    fn next(&mut self, family: Option<Family>) -> Option<ProgramTree> {
        while self.left > 0 {
            let tree = Programs { family }.new_tree(&mut self.runner).expect("the strategy rejects nothing");
            let program = tree.current();
            if Checker::is_program(program.extension(), &program.text()) {
                self.left -= 1;
                if self.left.is_multiple_of(PROGRESS) && self.left > 0 {
                    eprintln!("{} programs to go", self.left);
                }
                return Some(tree);
            }
            self.invalid += 1;
        }
        None
    }
}

impl Summary {
    /// What two workers have seen together.
    fn and(mut self, other: Self) -> Self {
        self.programs += other.programs;
        self.rewritten += other.rewritten;
        self.schedules += other.schedules;
        let pairs = [
            (&mut self.patterns, other.patterns),
            (&mut self.refusals, other.refusals),
            (&mut self.shapes, other.shapes),
            (&mut self.rewritten_shapes, other.rewritten_shapes),
        ];
        for (mine, theirs) in pairs {
            for (name, count) in theirs {
                *mine.entry(name).or_default() += count;
            }
        }
        self
    }

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
fn shrink(checker: &mut Checker, tree: &mut ProgramTree, first: Failure) -> Found {
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
