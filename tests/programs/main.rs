//! Generated programs, before and after, and every program that failed once.

#[path = "mod.rs"]
mod programs;

use std::{
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use programs::{
    check::{Checker, Level},
    grammar::Family,
    run::{Run, Summary},
    strategy::Programs,
};
use proptest::{
    strategy::{Strategy as _, ValueTree as _},
    test_runner::TestRunner,
};

#[test]
fn a_seed_stands_for_the_same_programs_always() {
    let texts = || {
        let mut runner = TestRunner::deterministic();
        let mut next = || Programs::default().new_tree(&mut runner).expect("a program").current().text();
        (0..50).map(|_| next()).collect::<Vec<_>>()
    };
    assert_eq!(texts(), texts());
}

/// A program that contains a word is shrunk to little more than the word.
#[test]
fn programs_are_shrunk() {
    let mut runner = TestRunner::deterministic();
    let is_wanted = |text: &str| text.contains(".finally(");
    let mut shrunk = 0;
    for _ in 0..500 {
        let mut tree = Programs::default().new_tree(&mut runner).expect("a program");
        if !is_wanted(&tree.current().text()) {
            continue;
        }
        let mut more = tree.simplify();
        while more {
            more = if is_wanted(&tree.current().text()) { tree.simplify() } else { tree.complicate() };
        }
        let text = tree.current().text();
        let code = text.lines().filter(|line| !line.starts_with("//") && !line.contains("require(")).count();
        assert!(is_wanted(&text) && code <= 12, "{code} lines are left:\n{text}");
        shrunk += 1;
    }
    assert!(shrunk > 10, "the word is in {shrunk} programs only");
}

#[test]
fn nearly_everything_that_is_generated_is_a_program() {
    let mut runner = TestRunner::deterministic();
    let mut next = || Programs::default().new_tree(&mut runner).expect("a program").current();
    let all: Vec<_> = (0..1000).map(|_| next()).collect();
    let unsound: Vec<_> = all.iter().filter(|p| !Checker::is_program(p.extension(), &p.text())).collect();
    let example = unsound.first().map(|p| p.text()).unwrap_or_default();
    assert!(unsound.len() < 20, "{} of {} are not, such as\n{example}", unsound.len(), all.len());
}

/// The counts that a run reports are those of what it did.
#[test]
fn a_run_counts_what_it_does() {
    let run = Run { seed: 1, programs: 10, family: None, level: Level::Review, schedules: 0, workers: 2 };
    let mut failures = 0;
    let summary = run.make(|_| {
        failures += 1;
        true
    });
    assert_eq!(summary.programs, 10);
    assert!(summary.rewritten + failures <= 10);
    assert_eq!(summary.schedules, 0, "none is asked for");
    assert!(summary.shapes["file"] + failures == 10);
}

/// A failure names the number of its program, by which that can be had again.
#[test]
fn a_program_can_be_had_by_its_number() {
    let run = Run { seed: 1, programs: 0, family: None, level: Level::Review, schedules: 0, workers: 1 };
    let mut runner = TestRunner::deterministic();
    for _ in 0..20 {
        let program = Programs::default().new_tree(&mut runner).expect("a program").current();
        assert_eq!(program.text(), programs::grammar::program(program.seed, None).text());
        let found = run.check_one(program.seed);
        assert!(found.is_none(), "{}", found.expect("a failure"));
    }
}

/// Schedules an entry: each single fault of a small program, and some pairs.
const SCHEDULES: usize = 12;

/// Makes a run, and fails with what it found.
fn assert_sound(seed: u64, programs: usize, family: Option<Family>, level: Level) -> Summary {
    println!("seed {seed}");
    let run = Run { seed, programs, family, level, schedules: SCHEDULES, workers: 1 };
    let mut all = Vec::new();
    let summary = run.make(|found| {
        all.push(found.to_string());
        false
    });
    assert!(all.is_empty(), "seed {seed}: {}", all.join("\n\n"));
    summary
}

fn fresh_seed() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    u64::from(now.subsec_nanos()) ^ now.as_secs()
}

#[test]
fn the_same_chains_as_ever_behave_as_before() {
    let summary = assert_sound(1, 1050, Some(Family::Chains), Level::Safe);
    // A grammar whose programs are all refused would prove nothing.
    assert!(summary.rewritten * 2 > summary.programs, "{} are rewritten", summary.rewritten);
    assert!(summary.invalid * 50 < summary.programs, "{} are no programs", summary.invalid);
    for pattern in ["then-chain", "nested-then", "promise-wrapper", "async-executor"] {
        assert!(summary.patterns.contains_key(pattern), "{pattern} never rewrites");
    }
}

#[test]
fn fresh_chains_behave_as_before() {
    assert_sound(fresh_seed(), 150, Some(Family::Chains), Level::Safe);
}

#[test]
fn the_same_callbacks_as_ever_behave_as_before() {
    let summary = assert_sound(1, 300, Some(Family::Callbacks), Level::Safe);
    assert!(summary.rewritten * 3 > summary.programs, "{} are rewritten", summary.rewritten);
    assert!(summary.patterns.contains_key("callback-pyramid"), "callback-pyramid never rewrites");
}

#[test]
fn fresh_callbacks_behave_as_before() {
    assert_sound(fresh_seed(), 50, Some(Family::Callbacks), Level::Safe);
}

/// Calls that are waited for together are made as before, whatever they come to.
#[test]
fn the_same_waits_as_ever_behave_as_before() {
    let summary = assert_sound(1, 450, Some(Family::Waits), Level::Review);
    for pattern in ["sequential-awaits", "await-in-loop"] {
        assert!(summary.patterns.contains_key(pattern), "{pattern} never rewrites");
    }
    assert!(summary.schedules > 0, "none is compared");
}

#[test]
fn fresh_waits_behave_as_before() {
    assert_sound(fresh_seed(), 50, Some(Family::Waits), Level::Review);
}

#[test]
fn programs_that_failed_once_behave_as_before() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs/regressions");
    let mut checker = Checker::new(Level::Safe, 300);
    let mut complaints = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(|entry| entry.expect("readable")) {
        let Some(extension) = entry.path().extension().and_then(|e| e.to_str()).filter(|e| *e != "md") else {
            continue;
        };
        let text = std::fs::read_to_string(entry.path()).expect("a readable program");
        if let Err(failure) = checker.check(extension, &text) {
            let name = entry.path().display();
            complaints.push(format!("{name}: {:?} {}\n{}", failure.fault, failure.message, failure.after));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n\n"));
}
