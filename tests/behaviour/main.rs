//! Does a rewrite keep what an outside observer sees? Every fixture that is rewritten is run before and after, in
//! Node, under every small combination of success, failure, synchronous throw and completion order. README.md says
//! how, and what a fixture can say about its world.

mod node;
mod strip;
#[path = "../support/mod.rs"]
mod support;

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use node::{Answer, Comparer, Request};
use support::{Fixture, fixtures, root};
use unpyramid::engine::Selection;

/// Two versions of a file, and where they come from.
struct Case {
    name: String,
    extension: String,
    before: String,
    after: String,
}

/// Patterns whose rewrites have calls waited for together: all their fixtures are compared, by what that may change.
const OVERLAPPING: &[&str] = &["sequential_awaits"];

/// Compares all cases, two at a time, and returns the answers by name.
fn compare_all(cases: &[Case]) -> BTreeMap<String, Answer> {
    let next = AtomicUsize::new(0);
    let answers = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut comparer = Comparer::new();
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let answer = compare(&mut comparer, case);
                    answers.lock().unwrap().insert(case.name.clone(), answer);
                }
            });
        }
    });
    answers.into_inner().unwrap()
}

fn compare(comparer: &mut Comparer, case: &Case) -> Answer {
    let path = Path::new("fixture").with_extension(&case.extension);
    let strip = |text: &str| strip::to_javascript(&path, text);
    let (before, after) = match (strip(&case.before), strip(&case.after)) {
        (Ok(before), Ok(after)) => (before, after),
        (Err(message), _) | (_, Err(message)) => {
            return Answer { verdict: "error".into(), schedules: 0, difference: None, message: Some(message) };
        }
    };
    let module = if matches!(case.extension.as_str(), "mjs" | "mts") { "esm" } else { "auto" };
    comparer.compare(&Request { id: &case.name, before: &before, after: &after, module, options: None })
}

/// A report on every case whose verdict is not the expected one.
fn complaints(answers: &BTreeMap<String, Answer>, expected: &str) -> Vec<String> {
    let wrong = answers.iter().filter(|(_, answer)| answer.verdict != expected);
    wrong
        .map(|(name, answer)| {
            let why = answer.difference.as_ref().map(ToString::to_string).or_else(|| answer.message.clone());
            format!("{name}: {} after {} schedules\n  {}", answer.verdict, answer.schedules, why.unwrap_or_default())
        })
        .collect()
}

fn assert_all(answers: &BTreeMap<String, Answer>, expected: &str) {
    let complaints = complaints(answers, expected);
    assert!(
        complaints.is_empty(),
        "{} of {} are not {expected}:\n\n{}",
        complaints.len(),
        answers.len(),
        complaints.join("\n\n")
    );
}

/// The hand-written pairs of a folder.
fn pairs(kind: &str) -> Vec<Case> {
    let folder = root().join("tests/behaviour/pairs").join(kind);
    let mut folders: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
        .iter()
        .map(|folder| {
            let mut files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            let before = files.find(|path| path.file_stem().is_some_and(|stem| stem == "before")).expect("a before");
            let extension = before.extension().unwrap().to_str().unwrap().to_owned();
            let read = |path: &Path| fs::read_to_string(path).unwrap();
            Case {
                name: folder.file_name().unwrap().to_str().unwrap().to_owned(),
                before: read(&before),
                after: read(&before.with_file_name(format!("after.{extension}"))),
                extension,
            }
        })
        .collect()
}

#[test]
fn right_rewrites_are_told_to_be_right() {
    assert_all(&compare_all(&pairs("same")), "same");
}

#[test]
fn wrong_rewrites_are_told_to_be_wrong() {
    assert_all(&compare_all(&pairs("different")), "different");
}

/// A file that can't be told from itself, whatever is in it. This holds the harness to being deterministic.
#[test]
fn every_file_behaves_like_itself() {
    let all = pairs("same").into_iter().chain(pairs("different"));
    let cases: Vec<_> = all.map(|case| Case { after: case.before.clone(), ..case }).collect();
    assert_all(&compare_all(&cases), "same");
}

#[test]
fn rewritten_fixtures_behave_as_before() {
    let rewritten = fixtures("rewrite").into_iter().filter(|fixture| !says(fixture, "skip"));
    let is_compared = |f: &Fixture| says(f, "compare") || OVERLAPPING.contains(&f.stem.as_str()) && !says(f, "skip");
    let reviewed = fixtures("review").into_iter().filter(is_compared);
    let cases: Vec<_> =
        rewritten.flat_map(|f| versions(&f, false)).chain(reviewed.flat_map(|f| versions(&f, true))).collect();
    assert_all(&compare_all(&cases), "same");
}

/// Whether a fixture has a comment `// behaviour: KIND`.
fn says(fixture: &Fixture, kind: &str) -> bool {
    strip::directives(fixture.source.text()).any(|line| line.split_whitespace().nth(2) == Some(kind))
}

/// A fixture with what its own pattern makes of it, and with what all patterns do where that is another thing.
fn versions(fixture: &Fixture, review: bool) -> Vec<Case> {
    let all = support::rewrite(&fixture.source, Selection { review, ..Selection::default() });
    let own = fixture.rewrite(review);
    let mut versions = vec![(fixture.name.clone(), own.bytes)];
    // What other patterns change is not among what the overlapping ones may.
    if all.bytes != versions[0].1 && !OVERLAPPING.contains(&fixture.stem.as_str()) {
        versions.push((format!("{} by all patterns", fixture.name), all.bytes));
    }
    let extension = fixture.source.path().extension().unwrap().to_str().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let case = |(name, bytes): (String, Option<Vec<u8>>)| {
        let (mut before, after) = (text(fixture.source.bytes()), text(&bytes?));
        if OVERLAPPING.contains(&fixture.stem.as_str()) {
            before.insert_str(0, "// behaviour: overlap\n");
        }
        if fixture.stem == "sequential_awaits" {
            // Its findings state that callees throw nothing at once.
            before.insert_str(0, "// behaviour: steady *\n");
        }
        Some(Case { name, extension: extension.to_owned(), before, after })
    };
    // That something is rewritten at all is for the fixture test to see.
    versions.into_iter().filter_map(case).collect()
}
