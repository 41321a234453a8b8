//! Uncommitted changes.

use super::{CLEAN, Project, SAFE};

#[test]
fn a_file_outside_a_repository_is_written() {
    let project = Project::new(&[("a.js", SAFE)]);
    project.run(&["apply"]).expect(0);
    assert_ne!(project.text("a.js"), SAFE);
}

#[test]
fn a_committed_file_is_written() {
    let project = Project::new(&[("a.js", SAFE), ("b.js", CLEAN)]);
    project.commit_all();
    // A change to a file that is not touched is nobody's business.
    project.write("b.js", b"const two = 2;\n");
    project.run(&["apply"]).expect(0);
    assert_ne!(project.text("a.js"), SAFE);
}

#[test]
fn uncommitted_changes_stop_the_run_unless_allowed() {
    let project = Project::new(&[("a.js", SAFE), ("sub/b c.js", SAFE)]);
    project.commit_all();
    let changed = format!("{SAFE}// mine\n");
    project.write("sub/b c.js", changed.as_bytes());
    let run = project.run(&["apply"]).expect(2);
    assert!(run.err.contains("uncommitted changes") && run.err.contains("b c.js"), "{}", run.err);
    assert_eq!((project.text("a.js"), project.text("sub/b c.js")), (SAFE.to_owned(), changed.clone()));
    project.run(&["diff"]).expect(1);
    project.run(&["apply", "--allow-dirty"]).expect(0);
    assert_ne!(project.text("a.js"), SAFE);
    assert_ne!(project.text("sub/b c.js"), changed);
}

#[test]
fn staged_and_new_files_count_as_uncommitted() {
    let project = Project::new(&[("a.js", CLEAN)]);
    project.commit_all();
    project.write("new.js", SAFE.as_bytes());
    project.run(&["apply"]).expect(2);
    project.git(&["add", "new.js"]);
    project.run(&["apply"]).expect(2);
    project.git(&["commit", "-q", "-m", "new"]);
    project.run(&["apply"]).expect(0);
}

#[test]
fn a_name_that_looks_like_a_pattern_is_taken_literally() {
    let project = Project::new(&[("[a].js", SAFE), ("a.js", CLEAN)]);
    project.commit_all();
    project.write("a.js", b"const other = 1;\n");
    project.run(&["apply"]).expect(0);
    assert_ne!(project.text("[a].js"), SAFE);
}
