//! What an interrupted run leaves behind.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::*;

/// Passes at first, and then takes its time.
const SLOW: &str = "if grep -q async a.js b.js; then (sleep 60; touch survived) & touch started; sleep 60; fi";

fn start(project: &Project) -> Child {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("unpyramid"));
    command.args(["migrate", "--pattern", "then-chain", "--verify", SLOW]).current_dir(project.folder.path());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while !project.path("started").exists() {
        assert!(start.elapsed() < Duration::from_secs(60), "the command never runs");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

#[test]
fn a_signal_to_end_puts_the_step_back() {
    for signal in ["INT", "TERM"] {
        let project = Project::new(&[("a.js", SAFE), ("b.js", &chain("other"))]);
        let child = start(&project);
        assert!(is_new(&project, "a.js") && is_new(&project, "b.js"));
        let begun = Instant::now();
        Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(20), "the command is ended, too");
        let run = Run::of(output).expect(2);
        assert!(run.err.contains("interrupted: the step under way was undone"), "{}", run.err);
        assert_eq!((project.text("a.js"), project.text("b.js")), (SAFE.to_owned(), chain("other")));
        assert_eq!(hidden(&project), [""; 0]);
    }
}

#[test]
fn a_killed_run_is_put_back_by_the_next() {
    let project = Project::new(&[("a.js", SAFE), ("b.js", &chain("other"))]);
    let mut child = start(&project);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(is_new(&project, "a.js") && hidden(&project).contains(&".unpyramid-journal".to_owned()));
    let run = migrate(&project, &["--step", "entries"]).expect(0);
    assert!(
        run.err.contains("an earlier run was interrupted; 2 files that it had written are as before"),
        "{}",
        run.err
    );
    assert_eq!((project.text("a.js"), project.text("b.js")), (SAFE.to_owned(), chain("other")));
    assert_eq!(hidden(&project), [""; 0]);
}

#[test]
fn two_runs_do_not_get_in_each_others_way() {
    let project = Project::new(&[("a.js", SAFE), ("b.js", &chain("other"))]);
    let mut child = start(&project);
    let run = project.run(&["apply"]).expect(2);
    assert!(run.err.contains("another run is writing here"), "{}", run.err);
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    child.wait().unwrap();
    assert_eq!(project.text("a.js"), SAFE);
}
