//! `plan`: what it shows, and that it writes nothing.

use super::{CLEAN, DETACHED, Project, SAFE};

/// A function that is called from outside.
const COMMAND: &str = "function go(id) {\n  return load(id).then(x => x + 1);\n}\nprogram.action(go);\n";

fn project() -> Project {
    Project::new(&[("lib/a.js", SAFE), ("lib/b.js", DETACHED), ("bin/go.js", COMMAND), ("c.js", CLEAN)])
}

#[test]
fn a_plan_names_steps_waves_functions_risk_and_what_is_in_the_way() {
    let project = project();
    let text = project.run(&["plan", "--pattern", "then-chain"]).expect(0).text();
    let leaves = text.find("leaves: promisify the leaves\n  wave 1\n    lib/a.js:1 total: 1 of 1 site, risk low: ");
    let blocked = text.find("  blocked\n    lib/b.js:1 log: 0 of 1 site, risk low: ");
    let entries =
        text.find("entries: convert the entry points\n  wave 1\n    bin/go.js:1 go: 1 of 1 site, risk medium: ");
    assert!(leaves.is_some() && blocked > leaves && entries > blocked, "{text}");
    assert!(text.contains("      detached-chain at 2:3: Nobody waits for this chain.\n"), "{text}");
    assert!(text.ends_with("3 sites in 3 functions: 2 to convert, 0 at level review, 1 refused\n"), "{text}");
    assert_eq!(project.text("lib/a.js"), SAFE);
}

#[test]
fn a_plan_for_machines_has_the_same() {
    let document = project().run(&["plan", "--pattern", "then-chain", "--format", "json"]).expect(0).json();
    assert_eq!(document["schema"], 1);
    let steps: Vec<_> = document["steps"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
    assert_eq!(steps, ["leaves", "entries", "layers", "adapters"]);
    let leaf = &document["steps"][0]["waves"][0][0];
    assert_eq!((&leaf["path"], &leaf["line"], &leaf["name"]), (&"lib/a.js".into(), &1.into(), &"total".into()));
    assert_eq!((&leaf["sites"], &leaf["convertible"], &leaf["risk"]), (&1.into(), &1.into(), &"low".into()));
    let blocked = &document["steps"][0]["blocked"][0];
    assert_eq!(blocked["blockers"][0]["code"], "detached-chain");
    assert_eq!(blocked["blockers"][0]["place"]["line"], 2);
    assert_eq!(document["steps"][1]["waves"][0][0]["entry"], "command");
    let summary = &document["summary"];
    assert_eq!((&summary["functions"], &summary["sites"], &summary["convertible"]), (&3.into(), &3.into(), &2.into()));
    assert_eq!(summary["refusals"]["detached-chain"], 1);
}

#[test]
fn a_project_without_callbacks_has_an_empty_plan() {
    let project = Project::new(&[("c.js", CLEAN)]);
    assert_eq!(project.run(&["plan"]).expect(0).text(), "nothing to convert\n");
    let document = project.run(&["plan", "--format", "json"]).expect(0).json();
    assert_eq!(document["summary"]["sites"], 0);
}

#[test]
fn the_same_plan_comes_out_whatever_the_number_of_threads() {
    let project = project();
    let run = |threads| project.run(&["plan", "--pattern", "then-chain", "--threads", threads]).expect(0).text();
    assert_eq!(run("1"), run("7"));
}

/// A class whose static methods make what they are called on.
const SHELF: &str = "\
const fs = require('fs')

class Shelf {
  constructor(names) {
    this.names = names
  }

  static open(folder, done) {
    fs.readdir(folder, (err, names) => {
      if (err) return done(err)
      done(null, new this(names))
    })
  }

  static openBoth(one, other, done) {
    this.open(one, (err, first) => {
      if (err) return done(err)
      this.open(other, (err, second) => {
        if (err) return done(err)
        done(null, first.names.concat(second.names))
      })
    })
  }
}

module.exports = Shelf
";

#[test]
fn callers_of_static_methods_are_between_also_when_those_are_converted() {
    let project = Project::new(&[("shelf.js", SHELF), ("package.json", "{}")]);
    let text = project.run(&["plan"]).expect(0).text();
    assert!(
        text.contains("layers: convert the layers between\n  wave 1\n    shelf.js:15 Shelf.openBoth: 2 of 2 sites"),
        "{text}"
    );
    assert!(text.ends_with("3 sites in 2 functions: 3 to convert, 0 at level review, 0 refused\n"), "{text}");
    let summary = project.run(&["migrate"]).expect(0).text();
    let rows: Vec<String> =
        summary.lines().take(3).map(|l| l.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(rows, ["sites found 3", "converted 3", "refused 0"], "{summary}");
    let after = project.text("shelf.js");
    assert!(after.contains("static async openBothAsync("), "{after}");
    project.run(&["migrate"]).expect(0);
    assert_eq!(project.text("shelf.js"), after);
}

#[test]
fn a_migration_says_what_it_leaves_to_other_steps() {
    let project = Project::new(&[("shelf.js", SHELF), ("package.json", "{}")]);
    let summary = project.run(&["migrate", "--step", "leaves"]).expect(0).text();
    let rows: Vec<String> =
        summary.lines().take(4).map(|l| l.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(rows, ["sites found 3", "converted 1", "left to convert 2", "refused 0"], "{summary}");
    let summary = project.run(&["migrate", "--step", "layers"]).expect(0).text();
    assert!(project.text("shelf.js").contains("static async openBothAsync("), "{summary}");
}
