//! What a bundler makes of rewritten code.

use super::{
    Project,
    forms::{has, migrated},
};

const CLEAN: &str = "\
const fs = require('fs')
const remove = require('remove')

exports.clean = function (path, callback) {
  if (!remove.length) return callback(null, path)
  remove(path, function (err) {
    if (err) return callback(err)
    callback(null, path)
  })
}

exports.head = function (path, callback) {
  if (!fs.open) return callback(null, path)
  fs.open(path, 'r', function (err, fd) {
    if (err) return callback(err)
    callback(null, typeof fd)
  })
}
";

/// Loads the file as a bundle would.
const RUN: &str = "\
const Module = require('module')
const load = Module._load
Module._load = (name, ...rest) => (name === 'fs' || name === 'remove' ? {} : load(name, ...rest))
const { clean, head } = require('./index')
clean('a', (err, path) => console.log('clean', err, path))
head('a', (err, path) => console.log('head', err, path))
";

#[test]
fn nothing_is_made_of_modules_that_a_bundle_leaves_out_as_it_is_loaded() {
    let package = r#"{ "dependencies": { "remove": "1" }, "browser": { "remove": false, "fs": false } }"#;
    let project = migrated(&[("package.json", package), ("index.js", CLEAN), ("run.js", RUN)], &[]);
    has(&project, "index.js", &["await util.promisify(remove)(path)", "await util.promisify(fs.open)(path, 'r')"]);
}

const PRIMES: &str = "\
var api = require('./api')

api.find = function (bits, callback) {
  api.ask(bits, function (err, num) {
    if (err) return callback(err)
    callback(null, num * 2)
  })
}
";

fn migrated_text(files: &[(&str, &str)], arguments: &[&str]) -> String {
    let project = Project::new(files);
    project.run(&[&["migrate"], arguments].concat()).expect(0);
    String::from_utf8(project.read("primes.js")).unwrap()
}

const DISK: &str = "\
var fs = require('fs')

exports.size = function (path, callback) {
  fs.stat(path, function (err, stats) {
    if (err) return callback(err)
    callback(null, stats.size + 1)
  })
}
";

/// Whether a package's `primes.js` is made to import `util`.
fn imports_util(package: &str, other: &str, arguments: &[&str]) -> bool {
    let files =
        [("package.json", package), ("api.js", "module.exports = {}\n"), ("primes.js", PRIMES), ("o.js", other)];
    migrated_text(&files, arguments).contains("require('util')")
}

#[test]
fn a_package_that_is_bundled_is_not_made_to_import_util() {
    let bundled = r#"{ "browser": { "crypto": false } }"#;
    assert!(!imports_util(bundled, "", &[]));
    assert!(imports_util(bundled, "", &["--unsafe"]));
    assert!(!imports_util(r#"{ "browser": "dist/primes.js" }"#, "", &[]));
    assert!(imports_util("{}", "", &[]));
    // What is bundled finds `util` where another file of it has imported that all along.
    assert!(imports_util(bundled, "var util = require('util')\nutil.inherits(A, B)\n", &[]));
    assert!(!imports_util(r#"{ "browser": { "util": false } }"#, "var util = require('util')\n", &[]));
    assert!(!imports_util(r#"{ "browser": { "./o.js": "./primes.js" } }"#, "require('util')\n", &[]));
}

#[test]
fn what_runs_in_node_says_nothing_of_a_bundle() {
    let package = ("package.json", r#"{ "browser": { "fs": false } }"#);
    let files = [package, ("api.js", "module.exports = {}\n"), ("primes.js", PRIMES), ("disk.js", DISK)];
    let project = Project::new(&files);
    for _ in 0..2 {
        project.run(&["migrate"]).expect(0);
        assert!(project.text("disk.js").contains("require('util')"));
        assert_eq!(project.text("primes.js"), PRIMES);
    }
    // Nor do tests, and what there are packages for says nothing of Node.
    let text = format!("var events = require('events')\n{PRIMES}");
    let test = ("test/primes.js", "var util = require('util')\nutil.inspect(1)\n");
    assert_eq!(migrated_text(&[package, test, ("primes.js", &text)], &[]), text);
}

#[test]
fn workers_and_stores_of_browsers_have_no_util() {
    for line in
        ["var worker = new Worker('ask.js')\n", "var store = require('localforage')\n", "var read = new FileReader()\n"]
    {
        let text = format!("{line}{PRIMES}");
        assert_eq!(migrated_text(&[("package.json", "{}"), ("primes.js", &text)], &[]), text);
    }
}

/// It hands on an error along with results, so that the callback is called by hand.
const PAGE: &str = "\
exports.list = function (store, callback) {
  store.all(function (err, docs) {
    store.count(function (err2, count) {
      callback(err || err2, docs, count)
    })
  })
}
";

#[test]
fn what_may_run_in_a_browser_is_not_given_a_process() {
    let is_kept = |text: &str| {
        let project = Project::new(&[("page.js", text)]);
        project.run(&["migrate"]).expect(0);
        project.text("page.js") == text
    };
    assert!(is_kept(&format!("{PAGE}document.title = 'list'\n")));
    assert!(!is_kept(PAGE));
}
