//! Code that is deep, long or wide beyond anything that a person writes: each run ends in time, and with no more memory
//! than a stated multiple of the file. What takes long is left to `cargo run --release --example hostile -- --shapes`.

#[path = "../../examples/hostile/shapes.rs"]
mod all;

use all::{BASE, DEEP_MULTIPLE, LARGE_MULTIPLE, Shape, assignments, brackets, large, pyramids};

use super::{CALLBACK, LIMIT, SAFE, Tree};

/// Runs a command over a shape and two files of every day, and checks what it promises.
fn endured(shape: &Shape, command: &str, multiple: u64) {
    let (name, text) = (shape.name, &shape.text);
    let tree = Tree::new(&[("odd.js", text), ("safe.js", SAFE), ("callback.js", CALLBACK), ("package.json", "{}")]);
    // Named: what is met on the way and looks minified would be left out.
    let files = ["odd.js", "safe.js", "callback.js"];
    let run = tree.run(&[&[command], &files[..]].concat()).sound();
    let most = BASE + multiple * text.len() as u64;
    println!("{command}, {name}: {:?}, {} MB for {} kB", run.took, run.peak >> 20, text.len() >> 10);
    assert!(run.peak < most, "{command} takes {} bytes for {} of {name}", run.peak, text.len());
    assert!(run.took < LIMIT, "{command} takes {:?} for {name}", run.took);
    if command == "apply" {
        assert_ne!(tree.text("safe.js"), SAFE, "the other file is rewritten all the same: {name}");
        let again = tree.run(&[&[command], &files[..]].concat()).sound();
        assert!(again.out().contains("0 rewrites in 0 files"), "{name}: {}", again.out());
    }
    if command == "migrate" {
        assert_ne!(tree.text("callback.js"), CALLBACK, "the other file is migrated all the same: {name}");
    }
}

#[test]
fn brackets_may_be_as_deep_as_they_like() {
    brackets(100_000).iter().for_each(|shape| endured(shape, "scan", DEEP_MULTIPLE));
}

#[test]
fn what_is_too_deep_is_left_alone_and_the_rest_is_not() {
    for shape in brackets(1_000).iter().step_by(3).chain(pyramids(700).iter().step_by(2)) {
        endured(shape, "apply", DEEP_MULTIPLE);
        endured(shape, "migrate", DEEP_MULTIPLE);
    }
}

#[test]
fn pyramids_may_be_as_high_as_they_like() {
    pyramids(3_000).iter().for_each(|shape| endured(shape, "scan", DEEP_MULTIPLE));
}

#[test]
fn names_may_be_made_of_each_other() {
    endured(&assignments(100), "scan", DEEP_MULTIPLE);
}

#[test]
fn large_files_take_a_small_multiple_of_their_size() {
    large(128 << 10, 512 << 10).iter().for_each(|shape| endured(shape, "scan", LARGE_MULTIPLE));
}
