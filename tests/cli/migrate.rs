//! `migrate`: steps on disk, verified, narrowed down, committed, interrupted.
//!
//! Chains stand in for callbacks where the steps themselves are what is tested.

mod adapters;
mod callbacks;
mod committed;
#[cfg(unix)]
mod interrupted;
#[cfg(unix)]
mod verify;

use super::{CLEAN, DETACHED, Project, Run, SAFE};

const COMMAND: &str = "function go(id) {\n  return load(id).then(x => x + 1);\n}\nprogram.action(go);\n";

fn chain(name: &str) -> String {
    SAFE.replace("total", name)
}

fn migrate(project: &Project, arguments: &[&str]) -> Run {
    project.run(&[&["migrate", "--pattern", "then-chain"], arguments].concat())
}

fn is_new(project: &Project, path: &str) -> bool {
    !project.text(path).contains(".then(")
}

fn hidden(project: &Project) -> Vec<String> {
    let names = std::fs::read_dir(project.folder.path()).unwrap().map(|e| e.unwrap().file_name());
    names.map(|name| name.into_string().unwrap()).filter(|name| name.starts_with(".unpyramid")).collect()
}

#[test]
fn every_step_is_carried_out_and_a_second_time_there_is_nothing_to_do() {
    let project = Project::new(&[("a.js", SAFE), ("b.js", DETACHED), ("go.js", COMMAND), ("c.js", CLEAN)]);
    let run = migrate(&project, &[]).expect(0);
    assert!(run.err.contains("leaves: 1 rewrite in 1 function of 1 file"), "{}", run.err);
    assert!(run.err.contains("entries: 1 rewrite in 1 function of 1 file"), "{}", run.err);
    assert!(run.err.contains("layers: nothing to do"), "{}", run.err);
    let rows: Vec<Vec<String>> =
        run.text().lines().map(|l| l.split_whitespace().take(3).map(str::to_owned).collect()).collect();
    let expected = [vec!["sites", "found", "3"], vec!["converted", "2"], vec!["refused", "1"]];
    assert_eq!(rows[..3], expected.map(|row| row.into_iter().map(str::to_owned).collect::<Vec<_>>()), "{}", run.text());
    assert!(run.text().contains("  detached-chain           1  Nobody waits for this chain."), "{}", run.text());
    assert!(is_new(&project, "a.js") && is_new(&project, "go.js"));
    assert_eq!((project.text("b.js").as_str(), project.text("c.js").as_str()), (DETACHED, CLEAN));
    let after = project.text("a.js");
    migrate(&project, &[]).expect(0);
    assert_eq!(project.text("a.js"), after);
    assert_eq!(hidden(&project), [""; 0]);
}

#[test]
fn a_step_can_be_taken_by_itself() {
    let project = Project::new(&[("a.js", SAFE), ("go.js", COMMAND)]);
    migrate(&project, &["--step", "entries"]).expect(0);
    assert!(!is_new(&project, "a.js") && is_new(&project, "go.js"));
    migrate(&project, &["--step", "layers", "--step", "adapters"]).expect(0);
    assert!(!is_new(&project, "a.js"));
    migrate(&project, &["--step", "leaves"]).expect(0);
    assert!(is_new(&project, "a.js"));
}
