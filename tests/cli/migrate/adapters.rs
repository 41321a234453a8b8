//! Functions with callbacks, and what becomes of them when nobody passes one any more.

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
    assert!(after.contains("async function loadAsync(file) {") && !after.contains("callbackify(loadAsync)"), "{after}");
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
