//! What callers keep of the way that they went before: detours by `util.promisify`, comments on them, imports.

use super::{
    Project,
    forms::{PACKAGE, RUN, has, lacks, migrated},
};

#[test]
fn a_caller_that_was_converted_before_goes_to_the_promise_form() {
    let users = "\
const util = require('util')
const fs = require('fs')

function load (file, cb) {
  util.callbackify(loadAsync)(file, cb)
}

async function loadAsync (file) {
  return JSON.parse(await fs.promises.readFile(file, 'utf8')).main
}

module.exports = { load, loadAsync }
";
    let cases = [
        (
            "const { load } = require('./users')\nconst loadAsync = util.promisify(load)",
            "loadAsync(file)",
            "const { loadAsync } = require('./users')\n\n",
        ),
        (
            "const { load } = require('./users')\nconst read = util.promisify(load)",
            "read(file)",
            "const { loadAsync: read } = require('./users')\n\n",
        ),
        ("const { load } = require('./users')", "util.promisify(load)(file)", "await loadAsync(file)"),
        ("const users = require('./users')", "util.promisify(users.load)(file)", "await users.loadAsync(file)"),
        (
            "const users = require('./users')",
            "util.promisify(users.load.bind(users))(file)",
            "await users.loadAsync(file)",
        ),
        (
            "const users = require('./users')\nconst read = util.promisify(users.load)",
            "read(file)",
            "const read = users.loadAsync",
        ),
    ];
    for (import, call, expected) in cases {
        let index = format!(
            "const util = require('util')\n{import}\n\nexports.show = function (file, cb) {{\n  \
             util.callbackify(exports.showAsync)(file, cb)\n}}\n\nexports.showAsync = async function (file) {{\n  return \
             {{ main: await {call} }}\n}}\n"
        );
        let files = [PACKAGE, ("users.js", users), ("index.js", &*index), ("run.js", RUN)];
        let project = migrated(&files, &["--step", "adapters"]);
        has(&project, "index.js", &[expected]);
        lacks(&project, "index.js", &["promisify"]);
        lacks(&project, "users.js", &["callbackify"]);
    }
}

#[test]
fn a_comment_on_the_detour_stays_and_the_detour_with_it() {
    let users = "\
const util = require('util')

function load (file, cb) {
  util.callbackify(loadAsync)(file, cb)
}

async function loadAsync (file) {
  return file
}

module.exports = { load, loadAsync }
";
    let cases = [
        ("const { load } = require('./users')", "util.promisify(/* by hand */ load)(file)"),
        ("const { load } = require('./users')\n// By hand.\nconst read = util.promisify(load)", "read(file)"),
    ];
    for (import, call) in cases {
        let index = format!("const util = require('util')\n{import}\n\nexports.show = file => {call}\n");
        let files = [PACKAGE, ("users.js", users), ("index.js", &*index)];
        let project = Project::new(&files);
        let run = project.run(&["migrate", "--step", "adapters"]).expect(0);
        assert!(!run.err.contains("was not rewritten"), "it is refused, and not taken back: {}", run.err);
        assert_eq!(project.text("index.js"), index);
    }
}

#[test]
fn a_detour_that_leads_somewhere_else_stays() {
    let users = "\
const util = require('util')
const store = require('./store')

function load (file, cb) {
  util.callbackify(loadAsync)(file, cb)
}

async function loadAsync (file) {
  return store.read(file)
}

module.exports = { load, loadAsync }
";
    let throwing = users.replace("async function", "function").replace("return", "if (!file) throw file\n  return");
    let asking = users.replace("store.read", "this.read");
    let stored = asking.replace("callbackify(loadAsync)(", "callbackify(loadAsync).call(store, ");
    let cases = [
        // The method is called as one of something else.
        (users, "users = require('./users')", "util.promisify(users.load.bind(exports))(file)"),
        // The helper is handed on as well.
        (users, "users = require('./users'), load = exports.load = util.promisify(users.load)", "load(file)"),
        (users, "{ load } = require('./users')\nconst read = util.promisify(load)\nexports.read = read", "read(file)"),
        // What the promise form throws, it throws at once.
        (&throwing, "users = require('./users')", "util.promisify(users.load)(file)"),
        // The promise form is called with another `this` by its callback form.
        (&asking, "users = require('./users')", "util.promisify(users.load)(file)"),
        (&stored, "users = require('./users')", "util.promisify(users.load)(file)"),
    ];
    for (users, names, call) in cases {
        let index = format!("const util = require('util')\nconst {names}\n\nexports.show = file => {call}\n");
        unchanged("index.js", &index, ("users.js", users));
    }
}

/// Runs the step that goes round callback forms, which has to leave a file as it is.
fn unchanged(path: &str, text: &str, other: (&str, &str)) {
    let project = Project::new(&[PACKAGE, (path, text), other]);
    let run = project.run(&["migrate", "--step", "adapters"]).expect(0);
    assert!(!run.err.contains("was not rewritten"), "nothing is tried and taken back: {}\n{text}", run.err);
    assert_eq!(project.text(path), text, "beside\n{}", other.1);
}

#[test]
fn an_import_of_a_callback_form_stays_that_is_there_for_something() {
    let users = "\
const util = require('util')

exports.load = function (file, cb) {
  util.callbackify(exports.loadAsync)(file, cb)
}

exports.loadAsync = async function (file) {
  return file
}

exports.weigh = file => file.length
";
    for index in [
        // It is used.
        "const { load, weigh } = require('./users')\n\nexports.show = { load, weigh }\n",
        // It may be what the module is loaded by.
        "const { load } = require('./users')\n\nexports.show = 1\n",
    ] {
        not_found(&[("users.js", users), ("index.js", index)]);
    }
    // It is exported.
    let users = "\
import util from 'util'

export function load (file, cb) {
  util.callbackify(loadAsync)(file, cb)
}

export async function loadAsync (file) {
  return file
}
";
    let index = "import * as users from './users.mjs'\n\nexport const load = users.load\n";
    not_found(&[("users.mjs", users), ("index.mjs", index)]);
}

/// Looks for callback forms that go, of which the last of some files has none.
fn not_found(files: &[(&str, &str)]) {
    let (path, text) = files.last().unwrap();
    let run = Project::new(files).run(&["scan", "--pattern", "unused-adapter"]).expect(1);
    let found = String::from_utf8(run.out).unwrap();
    assert!(found.contains("users.") && !found.contains(path), "{text}\n{found}");
}
