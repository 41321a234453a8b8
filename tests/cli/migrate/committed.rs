//! One commit a step.

use super::*;

fn subjects(project: &Project) -> Vec<String> {
    let log = project.git(&["log", "--reverse", "--format=%s"]).stdout;
    String::from_utf8(log).unwrap().lines().map(str::to_owned).collect()
}

fn commit(project: &Project, arguments: &[&str]) -> Run {
    let arguments = [&["migrate", "--pattern", "then-chain", "--commit"], arguments].concat();
    let mut command = project.command(&arguments);
    for (name, value) in [("NAME", "t"), ("EMAIL", "t@example.org")] {
        command.env(format!("GIT_AUTHOR_{name}"), value).env(format!("GIT_COMMITTER_{name}"), value);
    }
    Run::of(command.env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap())
}

#[test]
fn each_step_is_a_commit_that_says_what_and_why() {
    let project = Project::new(&[("lib/a b.js", SAFE), ("go.js", COMMAND), ("c.js", CLEAN), ("d.js", CLEAN)]);
    project.commit_all();
    project.write("c.js", b"const staged = 1;\n");
    project.git(&["add", "c.js"]);
    project.write("d.js", b"const changed = 1;\n");
    project.write("new.txt", b"new\n");
    commit(&project, &["--verify", "true"]).expect(0);
    assert_eq!(
        subjects(&project),
        [
            "start",
            "Promisify the leaves: 1 function to async/await",
            "Convert the entry points: 1 function to async/await"
        ]
    );
    let body = String::from_utf8(project.git(&["show", "-s", "--format=%b", "HEAD~1"]).stdout).unwrap();
    assert!(body.contains("Converted: then-chain 1\nVerified with: true\n\n- lib/a b.js: total\n"), "{body}");
    let files = project.git(&["show", "--name-only", "--format=", "HEAD~1"]).stdout;
    assert_eq!(String::from_utf8(files).unwrap(), "lib/a b.js\n");
    let status = String::from_utf8(project.git(&["status", "--porcelain"]).stdout).unwrap();
    assert_eq!(status, "M  c.js\n M d.js\n?? new.txt\n", "what else there is stays as it was");
}

#[test]
fn a_file_that_two_steps_touch_is_committed_twice() {
    let project = Project::new(&[("a.js", &(SAFE.to_owned() + COMMAND))]);
    project.commit_all();
    commit(&project, &[]).expect(0);
    assert_eq!(subjects(&project).len(), 3);
    let project = Project::new(&[("a.js", &(SAFE.to_owned() + COMMAND))]);
    project.commit_all();
    migrate(&project, &[]).expect(0);
    assert!(is_new(&project, "a.js"), "what the first step has written is no reason to stop the second");
}

#[test]
fn uncommitted_changes_stop_the_run() {
    let project = Project::new(&[("a.js", SAFE), ("b.js", CLEAN)]);
    project.commit_all();
    project.write("b.js", b"const mine = 1;\n");
    let changed = format!("{SAFE}// mine\n");
    project.write("a.js", changed.as_bytes());
    for run in [commit(&project, &[]), migrate(&project, &[])] {
        let run = run.expect(2);
        assert!(run.err.contains("uncommitted changes") && !run.err.contains("b.js"), "{}", run.err);
        assert_eq!(project.text("a.js"), changed);
    }
    migrate(&project, &["--allow-dirty"]).expect(0);
    assert!(is_new(&project, "a.js"));
}

#[test]
fn no_commit_is_made_where_it_would_be_lost_or_mixed_up() {
    let project = Project::new(&[("a.js", SAFE)]);
    project.commit_all();
    project.git(&["checkout", "-q", "--detach"]);
    let run = commit(&project, &[]).expect(2);
    assert!(run.err.contains("HEAD is detached"), "{}", run.err);
    project.git(&["checkout", "-q", "-b", "work"]);
    let head = String::from_utf8(project.git(&["rev-parse", "HEAD"]).stdout).unwrap();
    project.write(".git/MERGE_HEAD", head.as_bytes());
    let run = commit(&project, &[]).expect(2);
    assert!(run.err.contains("a merge is in progress"), "{}", run.err);
    std::fs::remove_file(project.path(".git/MERGE_HEAD")).unwrap();
    assert_eq!(project.text("a.js"), SAFE);
    commit(&project, &[]).expect(0);
}

#[cfg(unix)]
#[test]
fn a_commit_that_is_refused_is_said_and_the_step_stays() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new(&[("a.js", SAFE)]);
    project.commit_all();
    project.write(".git/hooks/pre-commit", b"#!/bin/sh\necho not today >&2\nexit 1\n");
    let hook = project.path(".git/hooks/pre-commit");
    std::fs::set_permissions(hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    let run = commit(&project, &[]).expect(2);
    assert!(
        run.err.contains("step leaves is written but not committed") && run.err.contains("not today"),
        "{}",
        run.err
    );
    assert!(is_new(&project, "a.js"));
    assert_eq!(subjects(&project), ["start"]);
}
