//! What a bundler makes of rewritten code.

use super::forms::{has, migrated};

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
