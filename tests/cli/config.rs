//! What a project says about itself: `unpyramid.toml`, `--config`, and the versions in `package.json`.

use super::Project;

/// A wrapper around a function that the table knows only in some versions of its package.
const WRAPPER: &str = "const fse = require('fs-extra');\nfunction read(path) {\n  return new Promise((resolve, reject) => {\n    \
    fse.readJson(path, (err, data) => {\n      if (err) return reject(err);\n      resolve(data);\n    });\n  });\n}\n\
    module.exports = read;\n";

/// A row that takes the promise form of the function in [`WRAPPER`] away from it.
const ROW: &str = "[[registration]]\nnames = [\"readJson\"]\n\n[[module]]\nnames = [\"fs-extra\"]\ndetached = false\n\n\
    [[api]]\nmodule = \"fs-extra\"\nnames = [\"readJson\"]\nform = \"none\"\ncalls = \"many\"\n";

fn diff(project: &Project, arguments: &[&str]) -> String {
    project.run(&[&["diff"], arguments].concat()).text()
}

#[test]
fn the_nearest_configuration_upward_is_taken() {
    let project = Project::new(&[("lib/deep/a.js", WRAPPER), ("other/a.js", WRAPPER), ("lib/unpyramid.toml", ROW)]);
    assert_eq!(diff(&project, &["lib/deep"]), "");
    assert_eq!(diff(&project, &["lib/deep/a.js"]), "");
    assert!(diff(&project, &["other"]).contains("+"));
    let by_stdin = project.run_with_input(&["diff", "-", "--stdin-filepath", "lib/deep/b.js"], WRAPPER.as_bytes());
    by_stdin.expect(0);
}

#[test]
fn a_named_configuration_is_taken_instead() {
    let project = Project::new(&[("a.js", WRAPPER), ("unpyramid.toml", ROW), ("empty.toml", "")]);
    assert_eq!(diff(&project, &["a.js"]), "");
    assert!(diff(&project, &["a.js", "--config", "empty.toml"]).contains("+"));
}

#[test]
fn a_broken_configuration_stops_every_command() {
    let broken = format!("{ROW}frm = \"none\"\n");
    let project = Project::new(&[("a.js", WRAPPER), ("unpyramid.toml", &broken)]);
    for command in ["scan", "diff", "apply"] {
        let message = project.run(&[command, "a.js"]).expect(2).err;
        assert!(message.contains("unpyramid.toml: line 13:") && message.contains("`frm`"), "{message}");
        project.run(&[command, "a.js", "--config", "missing.toml"]).expect(2);
    }
    assert_eq!(project.text("a.js"), WRAPPER);
}

#[test]
fn a_promise_form_is_taken_where_the_version_has_it() {
    let package = |range: &str| format!("{{\"dependencies\": {{\"fs-extra\": \"{range}\"}}}}");
    let project = Project::new(&[("new/lib/a.js", WRAPPER), ("old/lib/a.js", WRAPPER)]);
    project.write("new/package.json", package("^9.0.0").as_bytes());
    project.write("old/package.json", package("~0.26.0").as_bytes());
    let new = diff(&project, &["new/lib"]);
    assert!(new.contains("fse.readJson(path)") && !new.contains("promisify"), "{new}");
    let old = diff(&project, &["old/lib"]);
    assert!(old.contains("promisify(fse.readJson)"), "{old}");
}
