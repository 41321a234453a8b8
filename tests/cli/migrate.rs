//! `migrate`: steps on disk, verified, narrowed down, committed, interrupted.
//!
//! Chains stand in for callbacks where the steps themselves are what is tested.

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

/// Functions with callbacks, and what becomes of them when nobody passes one any more.
mod adapters {
    use super::*;

    const LOAD: &str = "\
const fs = require('fs')

function load(file, callback) {
  fs.readFile(file, 'utf8', function (err, text) {
    if (err) return callback(err)
    callback(null, JSON.parse(text))
  })
}
";

    const SHOW: &str = "\
exports.show = function (file, done) {
  load(file, function (err, user) {
    if (err) return done(err)
    done(null, user.name)
  })
}
";

    #[test]
    fn a_private_function_ends_without_one_and_under_its_plain_name() {
        let project = Project::new(&[("a.js", &format!("{LOAD}\n{SHOW}"))]);
        let run = project.run(&["migrate"]).expect(0);
        assert!(run.err.contains("adapters: 1 rewrite in 1 function of 1 file"), "{}", run.err);
        let text = project.text("a.js");
        assert!(text.contains("async function load(file) {") && text.contains("await load(file)"), "{text}");
        assert!(!text.contains("loadAsync") && text.matches("callbackify").count() == 1, "{text}");
        assert!(text.contains("exports.show = function (file, done) {"), "anybody may call it: {text}");
        let again = project.run(&["migrate"]).expect(0);
        assert!(again.err.contains("adapters: nothing to do"), "{}", again.err);
        assert_eq!(project.text("a.js"), text);
    }

    const LIBRARY: &str = "\
const util = require('util')

/** Reads a user. */
function load(file, callback) {
  util.callbackify(loadAsync)(file, callback)
}

async function loadAsync(file) {
  return JSON.parse(await read(file))
}

// Writes a user.
exports.save = function (file, callback) {
  util.callbackify(exports.saveAsync)(file, callback)
}

exports.saveAsync = async function (file) {
  return await write(file)
}

exports.load = load
exports.loadAsync = loadAsync
";

    /// A package that shows its `index.js`, and other files.
    fn package(index: &str, others: &[(&str, &str)]) -> Project {
        let own = [("package.json", "{ \"main\": \"index.js\" }"), ("index.js", index), ("lib/users.js", LIBRARY)];
        Project::new(&[&own[..], others].concat())
    }

    #[test]
    fn an_exported_one_goes_where_no_file_uses_it_and_nothing_outside_can() {
        let project = package("const { loadAsync } = require('./lib/users')\nloadAsync(1)\n", &[]);
        let run = project.run(&["migrate"]).expect(0);
        assert!(run.err.contains("adapters: 2 rewrites in 2 functions of 1 file"), "{}", run.err);
        let expected = "\
/** Reads a user. */
async function loadAsync(file) {
  return JSON.parse(await read(file))
}

// Writes a user.
exports.saveAsync = async function (file) {
  return await write(file)
}

exports.loadAsync = loadAsync
";
        assert_eq!(project.text("lib/users.js"), expected);
    }

    #[test]
    fn an_exported_one_stays_where_anything_may_reach_it() {
        let named = "const { loadAsync } = require('./lib/users')\nloadAsync(1)\n";
        let use_of = |text: &'static str| [("other.js", text)];
        let cases: [(&str, &[(&str, &str)]); 6] = [
            ("exports.users = require('./lib/users')\n", &[]),
            ("const users = require('./lib/users')\nmodule.exports = users\n", &[]),
            (named, &use_of("const users = require('./lib/users')\nusers.load(1, go)\nusers.save(1, go)\n")),
            (named, &use_of("const users = require('./lib/users')\nexports.run = (name) => users[name](1)\n")),
            (named, &use_of("run('lib/users#load')\nrun('lib/users#save')\n")),
            ("exports.nothing = 1\n", &[("package.json", "{ \"main\": \"index.js\", \"bin\": \"lib/users.js\" }")]),
        ];
        for (index, others) in cases {
            let project = package(index, others);
            project.run(&["migrate", "--step", "adapters"]).expect(0);
            assert_eq!(project.text("lib/users.js"), LIBRARY, "{index}{others:?}");
        }
    }

    #[test]
    fn an_exported_one_stays_where_a_file_names_it_that_is_no_source() {
        let index = "const { loadAsync } = require('./lib/users')\nloadAsync(1)\n";
        let call = "const users = require('../lib/users')\nusers.load('a.json', console.log)\n";
        let cases = [
            ("bin/users", format!("#!/usr/bin/env node\n{call}"), "load"),
            ("pages/users.vue", format!("<script>\n{call}</script>\n"), "load"),
            ("tasks.json", "{ \"task\": \"users.save\" }".to_owned(), "save"),
        ];
        for (path, text, kept) in cases {
            let project = package(index, &[(path, &text)]);
            project.run(&["migrate"]).expect(0);
            let users = project.text("lib/users.js");
            assert_eq!(users.contains("load(file, callback)"), kept == "load", "{path}\n{users}");
            assert_eq!(users.contains("exports.save = "), kept == "save", "{path}\n{users}");
        }
        // What is written for people keeps nothing.
        let project = package(index, &[("README.md", "Call `load` and `save`.\n")]);
        project.run(&["migrate"]).expect(0);
        assert!(!project.text("lib/users.js").contains("callback"));
    }

    #[test]
    fn one_that_a_test_takes_out_of_its_module_stays() {
        let text = format!("{LOAD}\n{SHOW}");
        let test = "const a = rewire('../a')\na.__get__('load')('x', done)\n";
        let project = Project::new(&[("a.js", &text), ("test/a.js", test)]);
        project.run(&["migrate"]).expect(0);
        assert!(project.text("a.js").contains("util.callbackify(loadAsync)(file, callback)"));
        // One that is known by the name of the promise form goes, and that keeps its name.
        let project = Project::new(&[("a.js", &text), ("test/a.js", &test.replace("'load'", "'loadAsync'"))]);
        project.run(&["migrate"]).expect(0);
        let after = project.text("a.js");
        assert!(
            after.contains("async function loadAsync(file) {") && !after.contains("callbackify(loadAsync)"),
            "{after}"
        );
    }

    #[test]
    fn one_that_is_all_that_a_module_gives_stays() {
        let library = LIBRARY.split("// Writes").next().unwrap().to_owned() + "module.exports = load\n";
        let other = [("lib/load.js", library.as_str())];
        let project = package("const load = require('./lib/load')\nload(1, console.log)\n", &other);
        project.run(&["migrate", "--step", "adapters"]).expect(0);
        assert_eq!(project.text("lib/load.js"), library);
    }

    #[test]
    fn one_stays_whose_comment_has_no_place() {
        let index = "const { loadAsync } = require('./lib/users')\nloadAsync(1)\n";
        let text = LIBRARY.replace("exports.saveAsync =", "exports.limit = 10\n\nexports.saveAsync =");
        let project = package(index, &[("lib/users.js", &text)]);
        project.run(&["migrate", "--step", "adapters"]).expect(0);
        let after = project.text("lib/users.js");
        assert!(after.contains("// Writes a user.\nexports.save = function (file, callback) {"), "{after}");
    }

    #[test]
    fn one_stays_whose_export_a_comment_speaks_of() {
        let index = "const { loadAsync } = require('./lib/users')\nloadAsync(1)\n";
        let text = LIBRARY.replace("exports.load = load\n", "exports.load = load // for those who call back\n");
        let project = package(index, &[("lib/users.js", &text)]);
        let run = project.run(&["migrate", "--step", "adapters"]).expect(0);
        assert!(!run.err.contains("was not rewritten"), "it is refused, and not taken back: {}", run.err);
        assert!(project.text("lib/users.js").contains("exports.load = load // for those who call back\n"));
    }

    #[test]
    fn a_part_of_a_project_does_not_tell_who_uses_what_it_exports() {
        let project = package("const { loadAsync } = require('./lib/users')\nloadAsync(1)\n", &[]);
        project.run(&["migrate", "lib"]).expect(0);
        assert_eq!(project.text("lib/users.js"), LIBRARY);
    }

    #[test]
    fn a_step_by_itself_removes_nothing_that_is_in_use() {
        let project = Project::new(&[("a.js", &format!("{LOAD}\n{SHOW}"))]);
        project.run(&["migrate", "--step", "leaves", "--step", "adapters"]).expect(0);
        assert!(project.text("a.js").contains("util.callbackify(loadAsync)(file, callback)"));
        project.run(&["migrate"]).expect(0);
        assert!(!project.text("a.js").contains("loadAsync"));
    }
}

#[cfg(unix)]
mod verify {
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
}

mod committed {
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
}

#[cfg(unix)]
mod interrupted {
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
}

/// A project of three layers, an entry and tests, written with callbacks.
mod callbacks {
    use super::*;

    const STORE: &str = "\
'use strict';
const fs = require('fs');

/** Reads a record. */
exports.load = function load(path, callback) {
  fs.readFile(path, 'utf8', function (err, text) {
    if (err) return callback(err);
    callback(null, JSON.parse(text));
  });
};
";

    const ORDERS: &str = "\
'use strict';
const store = require('./store');

// The total of two orders.
function total(a, b, callback) {
  store.load(a, function (err, first) {
    if (err) return callback(err);
    store.load(b, function (err, second) {
      if (err) return callback(err);
      callback(null, first.price + second.price);
    });
  });
}

module.exports = { total: total };
";

    const TEST: &str = "\
const assert = require('assert');
const fs = require('fs');
const { total } = require('./lib/orders');
fs.writeFileSync('1.json', '{ \"price\": 1 }');
fs.writeFileSync('2.json', '{ \"price\": 2 }');
total('1.json', '2.json', function (err, sum) {
  assert.strictEqual(err, null);
  assert.strictEqual(sum, 3);
  total('1.json', 'missing.json', function (err, sum) {
    assert.strictEqual(err.code, 'ENOENT');
    assert.strictEqual(sum, undefined);
    console.log('all good');
  });
});
";

    const PROGRAM: &str =
        "#!/usr/bin/env node\n'use strict';\nconst { total } = require('../lib/orders');\n\nmain();\n";

    fn project() -> Project {
        Project::new(&[
            ("package.json", "{ \"name\": \"shop\", \"main\": \"lib/orders.js\", \"bin\": \"bin/shop\" }\n"),
            ("lib/store.js", STORE),
            ("lib/orders.js", ORDERS),
            ("bin/shop", PROGRAM),
            ("check.js", TEST),
            (".eslintrc.json", "{\n  \"rules\": {\n    \"semi\": 2\n  }\n}\n"),
        ])
    }

    #[test]
    fn layers_come_after_what_they_call() {
        let document = project().run(&["plan", "lib", "--format", "json"]).expect(0).json();
        let named = |step: usize| {
            let waves = document["steps"][step]["waves"].as_array().unwrap();
            let names = waves.iter().flat_map(|wave| wave.as_array().unwrap().iter());
            names.map(|f| f["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!((named(0), named(2)), (vec!["load".to_owned()], vec!["total".to_owned()]), "{document:#}");
        let load = &document["steps"][0]["waves"][0][0];
        assert_eq!((&load["path"], &load["line"]), (&"lib/store.js".into(), &5.into()));
        assert_eq!(load["contract"]["kind"], "callback");
        assert_eq!(load["contract"]["summary"], "error-first callback, parameter 2, 1 result, called once");
        let callers = &load["callers_left"];
        assert_eq!((callers.as_array().unwrap().len(), &callers[0]["name"]), (0, &serde_json::Value::Null));
        assert_eq!(document["steps"][2]["waves"][0][0]["reachable_from_outside"], true);
        assert_eq!(document["summary"]["sites"], 3);
    }

    #[test]
    fn the_tests_of_the_project_pass_after_each_step() {
        let project = project();
        project.commit_all();
        let run = project.run(&["migrate", "lib", "--verify", "node check.js"]).expect(0);
        assert_eq!(run.err.matches("all good").count(), 3, "before the first step and after two: {}", run.err);
        let table = run.text().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(table.starts_with("sites found 3 converted 3 refused 0 "), "{}", run.text());
        let (store, orders) = (project.text("lib/store.js"), project.text("lib/orders.js"));
        assert!(store.contains("await fs.promises.readFile(path, 'utf8')"), "{store}");
        assert!(
            orders.contains("async function totalAsync(a, b)") && orders.contains("// The total of two orders."),
            "{orders}"
        );
    }

    #[test]
    fn the_lint_rules_and_the_handler_are_offered_as_a_diff_and_not_applied() {
        let project = project();
        project.commit_all();
        let text = project.run(&["migrate", "lib"]).expect(0).text();
        let offered = text.split("offered, to keep it this way; not applied\n\n").nth(1).expect("there is an offer");
        assert!(offered.contains("+    \"no-async-promise-executor\": \"error\""), "{offered}");
        assert!(offered.contains("+process.on('unhandledRejection', error => {"), "{offered}");
        assert_eq!(project.text("bin/shop"), PROGRAM);
        let patch = offered.split("\n`@typescript").next().unwrap();
        project.write("offer.patch", patch.as_bytes());
        project.git(&["apply", "offer.patch"]);
        assert!(project.text("bin/shop").contains("require('../lib/orders');\n\nprocess.on('unhandledRejection'"));
        assert!(project.text(".eslintrc.json").contains("\"semi\": 2,\n"));
        // Where nothing was converted, nothing is offered.
        let again = project.run(&["migrate", "lib", "--allow-dirty"]).expect(0).text();
        assert!(!again.contains("offered"), "{again}");
    }
}
