//! Fixtures that were cut, spliced and sprinkled with what means something elsewhere. The engine does not fail on them,
//! its edits stay where they belong, its results parse as well as what they came from, and a second time there is
//! nothing to do.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Instant,
};

use super::mutate::{LIMIT, Numbers, Tally, check, mutant, originals};

/// How many files are made from each seed.
const FILES: u64 = 250;

/// Files that were too much once, by seed. What a seed makes changes with the fixtures, so each is here as it was.
const ONCE_TOO_MUCH: &[(&str, &str)] = &[(
    "a.js",
    "function onVisible(entry) {\n  void images.load(entry.src).then(image => image.decode(){.then(image => place(entry, \
     image));\n}\n",
)];

fn run(first: u64) -> Tally {
    let originals = originals();
    let mut tally = Tally::default();
    for seed in first..first + FILES {
        let (name, bytes) = mutant(&mut Numbers(seed), &originals);
        let outcome = catch_unwind(AssertUnwindSafe(|| check(&name, &bytes, &mut tally)));
        let text = String::from_utf8_lossy(&bytes);
        match outcome {
            Ok(outcome) => outcome.unwrap_or_else(|fault| panic!("seed {seed}, {name}: {fault}\n{text}")),
            Err(_) => panic!("seed {seed}, {name}: it panics on\n{text}"),
        }
    }
    tally
}

#[test]
fn mutants_of_a_fixed_seed_are_nothing_to_fail_on() {
    let tally = run(1);
    assert!(tally.slowest < LIMIT);
    // They are worth something as long as there is something to find and to rewrite in them.
    assert!(tally.with_errors > 50 && tally.findings > 200 && tally.rewritten > 20, "{tally:?}");
}

#[test]
fn what_was_too_much_once_is_so_no_longer() {
    for (name, text) in ONCE_TOO_MUCH {
        check(name, text.as_bytes(), &mut Tally::default()).unwrap_or_else(|fault| panic!("{text}: {fault}"));
    }
}

#[test]
fn every_byte_has_its_place_everywhere() {
    const TEXT: &str = "function f(a) {\n  return g(`x${a}`, 'y', /z/).then(b => <p>{b}</p>).then((c) => c); // d\n}\n";
    let mut tally = Tally::default();
    for byte in 0..=255 {
        for at in [0, 13, 31, 62] {
            let mut bytes = TEXT.as_bytes().to_vec();
            bytes.insert(at, byte);
            check("a.jsx", &bytes, &mut tally).unwrap_or_else(|fault| panic!("byte {byte:#x} at {at}: {fault}"));
        }
    }
    assert!(tally.rewritten > 300, "{tally:?}");
}

/// ECMA-262 12.3 has four ends of a line. A file with the rare ones is not laid out like any other, but is right.
#[test]
fn lines_may_end_in_each_way_that_the_language_has() {
    let mut tally = Tally::default();
    for (i, (name, bytes)) in originals().iter().enumerate() {
        let end = ["\r", "\r\n", "\u{2028}", "\u{2029}"][i % 4];
        let text = String::from_utf8_lossy(bytes).replace('\n', end);
        check(name, text.as_bytes(), &mut tally).unwrap_or_else(|fault| panic!("{name} with {end:?}: {fault}"));
    }
    assert!(tally.rewritten > 300, "{tally:?}");
}

#[test]
fn a_file_that_ends_anywhere_is_a_file() {
    let start = Instant::now();
    let originals = originals();
    let (name, bytes) = originals.iter().filter(|(_, b)| b.len() < 500).max_by_key(|(_, b)| b.len()).unwrap();
    for end in 0..bytes.len() {
        for part in [&bytes[..end], &bytes[end..]] {
            check(name, part, &mut Tally::default()).unwrap_or_else(|fault| panic!("{name} at {end}: {fault}"));
        }
    }
    assert!(start.elapsed() < 3 * LIMIT);
}
