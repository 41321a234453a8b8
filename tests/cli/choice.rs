//! Which findings: by pattern, by level, by id, by comment.

use super::{DETACHED, Project, SAFE};

fn ids(project: &Project, arguments: &[&str]) -> Vec<String> {
    let document = project.run(&[&["scan", "--format", "json"], arguments].concat()).json();
    document["findings"].as_array().unwrap().iter().map(|f| f["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn patterns_are_picked_and_left_out_by_id() {
    let project = Project::new(&[("a.js", SAFE)]);
    assert_eq!(ids(&project, &["--pattern", "then-chain"]).len(), 1);
    assert_eq!(ids(&project, &["--pattern", "nested-then"]).len(), 0);
    assert_eq!(ids(&project, &["--skip", "then-chain"]).len(), 0);
    project.run(&["apply", "--skip", "then-chain"]).expect(0);
    assert_eq!(project.text("a.js"), SAFE);
}

#[test]
fn a_finding_is_picked_by_its_id() {
    let two = format!("{SAFE}{}", SAFE.replace("total", "other"));
    let project = Project::new(&[("a.js", &two), ("b.js", SAFE), ("c.js", DETACHED)]);
    let all = ids(&project, &[]);
    assert_eq!(all.len(), 4);
    assert_eq!(ids(&project, &["--only", &all[1]]), [all[1].as_str()]);
    project.write("ids.txt", format!("# chosen\n{}  because\n\n{}\n", all[1], all[2]).as_bytes());
    project.run(&["apply", "--only", "@ids.txt"]).expect(0);
    let after = project.text("a.js");
    assert!(after.starts_with(SAFE) && after.contains("async function other"), "{after}");
    assert!(project.text("b.js").starts_with("async function"));
    // A finding that can't be rewritten is there, so it is no mistake to name it; there is nothing to do.
    project.run(&["apply", "--only", &all[3]]).expect(0);
    assert_eq!(project.text("c.js"), DETACHED);
}

#[test]
fn a_finding_in_a_function_that_gets_a_new_name_is_still_picked() {
    let code = r"exports.sizes = function (files, callback) {
  collect(files, (file, cb) => {
    fs.stat(file, (err, stat) => {
      if (err) return cb(err)
      cb(null, stat.size)
    })
  }, (err, sizes) => {
    if (err) return callback(err)
    callback(null, sizes.length)
  })
}
";
    let project = Project::new(&[("a.js", code)]);
    let all = ids(&project, &[]);
    assert_eq!(all.len(), 2);
    project.run(&["apply", "--only", &all[0], "--only", &all[1]]).expect(0);
    assert_eq!(ids(&project, &[]), [""; 0], "{}", project.text("a.js"));
}

#[test]
fn an_id_survives_edits_elsewhere_in_the_file() {
    let project = Project::new(&[("a.js", SAFE)]);
    let before = ids(&project, &[]);
    project.write("a.js", format!("// new\nvar q;\n\n{SAFE}\nfoo();\n").as_bytes());
    assert_eq!(ids(&project, &[]), before);
}

#[test]
fn comments_silence_findings() {
    let above = SAFE.replace("  return", "  // unpyramid-ignore then-chain: kept for the docs\n  return");
    let other = SAFE.replace("  return", "  // unpyramid-ignore nested-then: another one\n  return");
    let typo = SAFE.replace("  return", "  // unpyramid-ignore then-chian: oops\n  return");
    let file = format!("// unpyramid-ignore-file then-chain: old code\n{SAFE}");
    let project = Project::new(&[("above.js", &above), ("other.js", &other), ("typo.js", &typo), ("file.js", &file)]);
    let run = project.run(&["scan", "--format", "json"]).expect(1);
    assert_eq!(run.paths(), ["other.js", "typo.js"]);
    assert!(run.err.contains("typo.js:2:3: unpyramid-ignore names `then-chian`"), "{}", run.err);
    assert!(project.run(&["scan"]).text().contains("silenced by comments: 2"));
    project.run(&["apply"]).expect(0);
    assert_eq!((project.text("above.js"), project.text("file.js")), (above, file));
}

#[test]
fn a_function_that_another_file_calls_for_a_library_promise_is_left_alone() {
    let project = Project::new(&[
        ("load.js", SAFE),
        ("page.js", "const pages = require('./load');\nmodule.exports = id => pages.total(id).tap(show);\n"),
    ]);
    let scan = project.run(&["scan"]).expect(1);
    assert!(scan.text().contains("library-promise"), "{}", scan.text());
    // By itself it is rewritten.
    project.run(&["diff", "load.js"]).expect(1);
}
