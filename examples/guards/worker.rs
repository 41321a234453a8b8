//! What the program with one guard off makes of the fixtures, by what their test looks at.

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io::BufRead as _,
    process::ExitCode,
};

use unpyramid::{engine::Rewritten, source::SourceFile};

use crate::support::{Fixture, fixtures, root};

/// The names of all fixtures.
pub(crate) fn names() -> Vec<String> {
    ["refuse", "review", "rewrite"].into_iter().flat_map(fixtures).map(|fixture| fixture.name).collect()
}

/// Prints what becomes of each fixture that is named.
pub(crate) fn print_outcomes(names: &[String]) -> ExitCode {
    for name in names {
        println!("{}", outcome(name));
    }
    ExitCode::SUCCESS
}

/// Reads lines of an outcome and a name, and fails at the first fixture with another outcome.
pub(crate) fn compare() -> ExitCode {
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("lines of text");
        let (expected, name) = line.split_once(' ').expect("an outcome and a name");
        if outcome(name).to_string() != expected {
            println!("{name}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// A number for what the test of fixtures sees of one.
fn outcome(name: &str) -> u64 {
    let fixture = Fixture::at(&root().join("tests/fixtures").join(name));
    let mut hasher = DefaultHasher::new();
    match name.split('/').nth(1) {
        Some("refuse") => {
            let rewritten = fixture.rewrite(true);
            (rewritten.bytes.is_some(), rewritten.dropped.is_empty()).hash(&mut hasher);
            refusals(&fixture, &rewritten).hash(&mut hasher);
        }
        kind => {
            let review = kind == Some("review");
            let rewritten = fixture.rewrite(review);
            rewritten.bytes.hash(&mut hasher);
            rewritten.dropped.is_empty().hash(&mut hasher);
            if review {
                fixture.rewrite(false).bytes.is_some().hash(&mut hasher);
            }
            let again = rewritten.bytes.map(|bytes| second_pass(&fixture, bytes, review));
            again.hash(&mut hasher);
        }
    }
    hasher.finish()
}

fn refusals(fixture: &Fixture, rewritten: &Rewritten) -> BTreeSet<&'static str> {
    let own = rewritten.scan.findings.iter().filter(|found| found.finding.pattern == fixture.pattern());
    own.filter_map(|found| found.finding.outcome.as_ref().err()).map(|refusal| refusal.code.code()).collect()
}

/// Whether a result is changed further.
fn second_pass(fixture: &Fixture, bytes: Vec<u8>, review: bool) -> bool {
    let Ok(source) = SourceFile::new(fixture.source.path(), bytes) else { return true };
    let after = Fixture { stem: fixture.stem.clone(), name: fixture.name.clone(), source };
    after.rewrite(review).bytes.is_some()
}
