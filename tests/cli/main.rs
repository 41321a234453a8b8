//! The command line as scripts see it: exit codes, streams, files.
//!
//! The tests lean on one pattern, `then-chain`, and only on what cannot change about it: a returned chain is
//! rewritten, a chain that nobody waits for is refused.

mod apply;
mod bundles;
mod choice;
mod circles;
mod compilers;
mod config;
mod crowded;
mod detours;
mod drivers;
mod events;
mod explain;
mod fakes;
#[path = "../support/folder.rs"]
mod folder;
mod forms;
mod git;
mod json;
mod libraries;
mod members;
mod migrate;
mod patch;
mod plan;
mod reached;
mod stdin;
mod waits;
mod walk;

use std::process::Output;

use folder::{Folder, SAFE};

/// A file with one finding that is refused: nobody waits for the chain.
const DETACHED: &str =
    "function log(id) {\n  load(id).then(x => { save(x); });\n  return 1;\n}\nmodule.exports = log;\n";

/// A file without findings.
const CLEAN: &str = "const one = 1;\n";

/// A folder with files, and the program run in it.
struct Project(Folder);

impl std::ops::Deref for Project {
    type Target = Folder;

    fn deref(&self) -> &Folder {
        &self.0
    }
}

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        Self(Folder::new(files))
    }

    fn command(&self, arguments: &[&str]) -> assert_cmd::Command {
        assert_cmd::Command::from_std(self.0.command(arguments))
    }

    fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }

    fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Run {
        Run::of(self.command(arguments).write_stdin(input).output().unwrap())
    }
}

/// What a run of the program came to.
#[derive(Debug)]
struct Run {
    code: i32,
    out: Vec<u8>,
    err: String,
}

impl Run {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().expect("the program ends by itself"),
            out: output.stdout,
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn text(&self) -> String {
        String::from_utf8(self.out.clone()).unwrap()
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.out).unwrap()
    }

    /// The paths of the findings in a JSON document.
    fn paths(&self) -> Vec<String> {
        let document = self.json();
        let findings = document["findings"].as_array().unwrap();
        findings.iter().map(|f| f["path"].as_str().unwrap().to_owned()).collect()
    }

    fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", String::from_utf8_lossy(&self.out), self.err);
        self
    }
}

#[test]
fn scan_and_diff_exit_with_one_when_there_is_something_and_zero_when_not() {
    let project = Project::new(&[("safe.js", SAFE), ("detached.js", DETACHED), ("clean.js", CLEAN)]);
    for (command, file, code) in [
        ("scan", "safe.js", 1),
        ("scan", "detached.js", 1),
        ("scan", "clean.js", 0),
        ("diff", "safe.js", 1),
        ("diff", "detached.js", 0),
        ("diff", "clean.js", 0),
    ] {
        let run = project.run(&[command, file]).expect(code);
        assert_eq!(run.err, "", "{command} {file}");
    }
    assert_eq!(project.text("safe.js"), SAFE, "scan and diff write nothing");
}

#[test]
fn scan_names_place_pattern_level_and_reason() {
    let project = Project::new(&[("lib/safe.js", SAFE), ("lib/detached.js", DETACHED)]);
    let text = project.run(&["scan"]).expect(1).text();
    assert!(text.contains("lib/safe.js:2:10: safe: then-chain: "), "{text}");
    assert!(text.contains("lib/detached.js:2:3: manual: then-chain: "), "{text}");
    assert!(text.contains("detached-chain at 2:3: Nobody waits for this chain."), "{text}");
    assert!(text.contains("2 findings in 2 of 2 files"), "{text}");
    let quiet = project.run(&["scan", "-q"]).expect(1).text();
    assert!(!quiet.contains("2 findings"), "{quiet}");
}

#[test]
fn wrong_usage_exits_with_two() {
    let project = Project::new(&[("safe.js", SAFE)]);
    for arguments in [
        &["scan", "missing.js"][..],
        &["scan", "missing/"],
        &["scan", "--pattern", "then-chian"],
        &["scan", "--skip", "nope"],
        &["scan", "--only", "0123456789ab"],
        &["apply", "--only", "0123456789ab"],
        &["scan", "--only", "@missing.txt"],
        &["scan", "--format", "sarif"],
        &["scan", "--threads", "0"],
        &["scan", "-q", "-v"],
        &["scan", "-"],
        &["scan", "-", "safe.js", "--stdin-filepath", "a.js"],
        &["scan", "--stdin-filepath", "a.js"],
        &["frobnicate"],
        &["plan", "-", "--stdin-filepath", "a.js"],
        &["plan", "--format", "jsonl"],
        &["plan", "--pattern", "then-chian"],
        &["migrate", "missing"],
        &["migrate", "--step", "leafs"],
        &["migrate", "--pattern", "then-chian"],
        &["migrate", "--commit", "--allow-dirty"],
        &["migrate", "--commit"],
        &[],
    ] {
        let run = project.run(arguments).expect(2);
        assert!(run.out.is_empty() && !run.err.is_empty(), "{arguments:?}: {run:?}");
    }
    assert_eq!(project.text("safe.js"), SAFE);
    let run = project.run(&["scan", "--pattern", "then-chian"]);
    assert!(run.err.contains("did you mean `then-chain`?"), "{}", run.err);
}

#[test]
fn help_and_version_are_results() {
    let project = Project::new(&[]);
    for arguments in [["--help"], ["--version"]] {
        let run = project.run(&arguments).expect(0);
        assert!(!run.out.is_empty() && run.err.is_empty());
    }
}

#[test]
fn a_file_that_does_not_parse_is_reported_and_does_not_stop_the_rest() {
    let broken = "function bad() { return a().then(x => x); let = = 2; }\n";
    let project = Project::new(&[("a.js", broken), ("b.js", SAFE)]);
    let run = project.run(&["scan"]).expect(1);
    assert!(run.err.contains("error: a.js: syntax error at 1:"), "{}", run.err);
    assert!(run.text().contains("files with errors: 1"), "{}", run.text());
    project.run(&["apply"]).expect(0);
    assert_eq!(project.text("a.js"), broken);
    assert_ne!(project.text("b.js"), SAFE);
}

#[test]
fn the_same_findings_come_out_whatever_the_number_of_threads() {
    let names: Vec<String> = (0..40).map(|n| format!("d{}/f{n}.js", n % 7)).collect();
    let project = Project::new(&names.iter().map(|name| (name.as_str(), SAFE)).collect::<Vec<_>>());
    let one = project.run(&["scan", "--threads", "1"]).expect(1);
    let eight = project.run(&["scan", "--threads", "8"]).expect(1);
    assert_eq!(one.text(), eight.text());
    assert_eq!(project.run(&["diff", "--threads", "1"]).out, project.run(&["diff", "--threads", "8"]).out);
}

#[test]
fn colour_is_there_only_when_asked_for() {
    let project = Project::new(&[("a.js", SAFE)]);
    assert!(!project.run(&["scan"]).text().contains('\x1b'));
    assert!(project.run(&["scan", "--color", "always"]).text().contains("\x1b[32m"));
    assert!(project.run(&["diff", "--color", "always"]).text().contains("\x1b[31m-"));
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let names: Vec<String> = (0..2000).map(|n| format!("f{n}.js")).collect();
    let project = Project::new(&names.iter().map(|name| (name.as_str(), SAFE)).collect::<Vec<_>>());
    let binary = assert_cmd::cargo::cargo_bin!("unpyramid");
    let output = std::process::Command::new("sh")
        .args(["-c", "\"$0\" diff . | head -n 1", binary.to_str().unwrap()])
        .current_dir(project.folder.path())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.stdout, b"diff --git a/f0.js b/f0.js\n");
}

#[cfg(unix)]
#[test]
fn names_and_messages_cannot_steer_the_terminal() {
    let project = Project::new(&[("a\x1b[31m.js", SAFE)]);
    let run = project.run(&["scan"]).expect(1);
    assert!(run.text().contains("a\\u{1b}[31m.js:2:10"), "{}", run.text());
    let run = project.run(&["scan", "missing\x1b[31m.js"]).expect(2);
    assert!(!run.err.contains('\x1b'), "{}", run.err);
}
