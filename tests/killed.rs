//! The program killed in the middle of its work, for real.

#![cfg(unix)]

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const BEFORE: &str = "function total(id) {\n  return load(id).then(function (x) { return x + 1; });\n}\n";

/// Enough files for a write to take a while.
const FILES: usize = 150;

fn files(folder: &Path) -> Vec<String> {
    (0..FILES).map(|n| fs::read_to_string(folder.join(format!("d{}/f{n}.js", n % 5))).unwrap()).collect()
}

fn project() -> assert_fs::TempDir {
    let folder = assert_fs::TempDir::new().unwrap();
    fs::write(folder.path().join("package.json"), "{}").unwrap();
    for n in 0..FILES {
        let path = folder.path().join(format!("d{}/f{n}.js", n % 5));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, BEFORE).unwrap();
    }
    folder
}

fn program(folder: &Path) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("unpyramid"));
    command.current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn left_beside(folder: &Path) -> Vec<String> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(".unpyramid"))
        .collect()
}

/// Starts `apply`, waits until `now` says so and kills it. Whether it was killed before it was done.
fn kill_during_a_write(folder: &Path, now: impl Fn() -> bool) -> bool {
    let mut child = program(folder).arg("apply").spawn().unwrap();
    let start = Instant::now();
    while !now() {
        assert!(start.elapsed() < Duration::from_secs(60), "nothing happens");
        if child.try_wait().unwrap().is_some() {
            return false;
        }
    }
    // On Unix this is SIGKILL.
    child.kill().unwrap();
    child.wait().unwrap();
    folder.join(".unpyramid-journal").exists()
}

#[test]
fn a_killed_run_is_taken_back_by_the_next_one_that_writes() {
    let mut interrupted = 0;
    let mut midway = 0;
    for round in 0..30 {
        let folder = project();
        let folder = folder.path();
        let journal = folder.join(".unpyramid-journal");
        let start = Instant::now();
        let caught = match round % 3 {
            // A while after the journal was begun, or as soon as the first file is new.
            0 => kill_during_a_write(folder, || {
                journal.exists() && start.elapsed().subsec_micros() % 40_000 < 500 * (round + 1)
            }),
            _ => kill_during_a_write(folder, || fs::read(folder.join("d0/f0.js")).unwrap() != BEFORE.as_bytes()),
        };
        if !caught {
            continue;
        }
        interrupted += 1;
        let new = files(folder).iter().filter(|text| *text != BEFORE).count();
        midway += usize::from(new > 0 && new < FILES);
        // This run has nothing to write of its own.
        let output = program(folder)
            .args(["apply", "--pattern", "async-executor", "d1"])
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && said.contains("an earlier run was interrupted"), "{said}");
        let now = files(folder);
        assert!(now.iter().all(|text| text == &now[0]), "round {round}: {new} of {FILES} were new; all are one now");
        assert!(left_beside(folder).is_empty(), "{:?}", left_beside(folder));
        if midway >= 4 {
            break;
        }
    }
    assert!(interrupted > 0, "no run was caught while it wrote");
    println!("{interrupted} interrupted, {midway} of them between two renames");
}
