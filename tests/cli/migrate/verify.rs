//! Steps that are kept or undone by what a command of the user says.

use super::*;

/// Passes as long as none of the given functions has become async.
fn none_of(names: &[&str]) -> String {
    let tests: Vec<_> = names.iter().map(|name| format!("! grep -q 'async function {name}(' lib/*.js")).collect();
    tests.join(" && ")
}

fn ten() -> Project {
    let project = Project::new(&[("package.json", "{}")]);
    for n in 0..10 {
        let text = chain(&format!("f{n}")) + &chain(&format!("g{n}"));
        project.write(format!("lib/{n}.js"), text.as_bytes());
    }
    project
}

#[test]
fn a_step_that_breaks_nothing_stays() {
    let project = ten();
    let run = migrate(&project, &["lib", "--verify", "echo out; echo err >&2; pwd; true"]).expect(0);
    let root = project.folder.path().canonicalize().unwrap();
    assert!(run.err.contains("out\nerr\n") && run.err.contains(root.to_str().unwrap()), "{}", run.err);
    assert!(!run.text().contains("out"), "what the command says is no result: {}", run.text());
    assert!((0..10).all(|n| is_new(&project, &format!("lib/{n}.js"))));
    assert_eq!(hidden(&project), [""; 0]);
}

#[test]
fn the_rewrite_at_fault_is_found_undone_and_reported_and_the_rest_stays() {
    let project = ten();
    let run = migrate(&project, &["lib", "--verify", &none_of(&["g3"])]).expect(1);
    let text = run.text();
    assert!(text.starts_with("undone: lib/3.js:5 g3: then-chain ["), "{text}");
    assert_eq!(text.lines().filter(|line| line.starts_with("undone:")).count(), 1, "{text}");
    assert!(text.contains("undone") && run.err.contains("1 at fault, found in"), "{text}\n{}", run.err);
    let three = project.text("lib/3.js");
    assert!(three.contains("async function f3(") && three.ends_with(&chain("g3")), "{three}");
    assert!((0..10).filter(|n| *n != 3).all(|n| is_new(&project, &format!("lib/{n}.js"))));
    assert_eq!(hidden(&project), [""; 0]);
}

#[test]
fn all_rewrites_at_fault_are_found() {
    let project = ten();
    let run = migrate(&project, &["lib", "--verify", &none_of(&["f0", "g4", "g9"])]).expect(1);
    let undone: Vec<_> =
        run.text().lines().filter_map(|l| Some(l.strip_prefix("undone: ")?[..12].to_owned())).collect();
    assert_eq!(undone, ["lib/0.js:2 f", "lib/4.js:5 g", "lib/9.js:5 g"], "{}", run.text());
    assert_eq!(project.text("lib/0.js").matches(".then(").count(), 1);
}

#[test]
fn a_step_whose_every_rewrite_is_at_fault_is_undone() {
    let project = Project::new(&[("lib/a.js", SAFE), ("lib/b.js", &chain("other"))]);
    project.commit_all();
    let run = migrate(&project, &["--verify", "! grep -q async lib/*.js", "--commit"]).expect(1);
    assert_eq!(project.text("lib/a.js"), SAFE);
    assert_eq!(run.text().lines().filter(|line| line.starts_with("undone:")).count(), 2, "{}", run.text());
    let log = project.git(&["log", "--oneline"]).stdout;
    assert_eq!(String::from_utf8(log).unwrap().lines().count(), 1, "there is nothing to commit");
}

#[test]
fn a_rewrite_that_was_undone_is_not_tried_again_in_a_later_step() {
    let project = Project::new(&[("lib/a.js", SAFE), ("lib/go.js", COMMAND)]);
    let run = migrate(&project, &["--verify", &none_of(&["total"])]).expect(1);
    assert_eq!(project.text("lib/a.js"), SAFE);
    assert!(is_new(&project, "lib/go.js"));
    assert_eq!(run.err.matches("fails; looking").count(), 1, "{}", run.err);
}

#[test]
fn a_command_that_fails_from_the_start_tells_nothing() {
    let project = ten();
    let run = migrate(&project, &["--verify", "exit 3"]).expect(2);
    assert!(run.err.contains("`exit 3` fails before anything was changed"), "{}", run.err);
    assert!((0..10).all(|n| !is_new(&project, &format!("lib/{n}.js"))));
    // Where there is nothing to do, there is nothing to verify.
    migrate(&project, &["--step", "layers", "--verify", "exit 3"]).expect(0);
}

#[test]
fn what_the_command_itself_changes_is_not_overwritten() {
    let project = Project::new(&[("lib/a.js", SAFE), ("lib/b.js", &chain("other"))]);
    let command = "if grep -q async lib/a.js; then echo '// mine' >> lib/b.js; exit 1; fi";
    let run = migrate(&project, &["--verify", command]).expect(2);
    assert!(run.err.contains("the file has changed since it was read"), "{}", run.err);
    assert!(project.text("lib/b.js").ends_with("// mine\n"));
    assert_eq!(project.text("lib/a.js"), SAFE);
}
