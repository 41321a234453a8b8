//! Names that look like those of a promise form of another file, and do not lead there.

use super::forms::{PACKAGE, RUN, has, lacks, migrated};

const USERS: &str = "\
const fs = require('fs')

exports.load = function (file, callback) {
  fs.readFile(file, 'utf8', function (err, text) {
    if (err) return callback(err)
    callback(null, JSON.parse(text).main)
  })
}

// Of the same name, and another function.
exports.inner = {
  load: (file, callback) => fs.readFile(file, 'utf8', (err) => callback(err, 'inner'))
}
";

/// What becomes of an `index.js` with such a body around a call of `callee`.
fn index(front: &str, inside: &str, callee: &str) -> super::Project {
    let index = format!(
        "{front}\nexports.show = function (file, callback) {{\n{inside}  {callee}(file, function (err, main) {{\n    if (err) return \
         callback(err)\n    callback(null, {{ main }})\n  }})\n}}\n"
    );
    migrated(&[PACKAGE, ("users.js", USERS), ("index.js", &index), ("run.js", RUN)], &[])
}

#[test]
fn a_member_of_a_member_is_no_member_of_the_module() {
    let project = index("const users = require('./users')\n", "", "users.inner.load");
    lacks(&project, "index.js", &["loadAsync"]);
}

#[test]
fn a_variable_that_is_assigned_again_is_no_import() {
    let front = "const users = require('./users')\nlet load = users.load\nload = users.inner.load\n";
    lacks(&index(front, "", "load"), "index.js", &["users.loadAsync", "const loadAsync = users"]);
}

#[test]
fn a_name_that_is_taken_is_not_imported_again() {
    let front = "const { load } = require('./users')\nconst loadAsync = 'mine'\nexports.mine = loadAsync\n";
    let project = index(front, "", "load");
    has(&project, "index.js", &["const { load } = require('./users')", "await util.promisify(load)(file)"]);
}

#[test]
fn what_is_imported_within_a_function_is_not_added_to() {
    let project = index("", "  const { load } = require('./users')\n", "load");
    has(&project, "index.js", &["const { load } = require('./users')"]);
    lacks(&project, "index.js", &["loadAsync(file)"]);
}
