//! Functions that are members of the object that a module exports.

use super::forms::{PACKAGE, RUN, has, lacks, migrated};

/// The same functions as members of the object that is exported, and as arrow functions.
const MEMBERS: &str = "\
const fs = require('fs')

module.exports = {
  kind: 'main',

  // Loads what a package is about.
  load (file, callback) {
    fs.readFile(file, 'utf8', (err, text) => {
      if (err) return callback(err)
      callback(null, JSON.parse(text)[this.kind])
    })
  },

  weigh: (file, callback) => {
    fs.stat(file, (err, stat) => {
      if (err) return callback(err)
      callback(null, stat.size > 0)
    })
  }
}
";

#[test]
fn members_of_the_exported_object_are_awaited_in_their_promise_form() {
    let index = "\
const users = require('./users')
const { weigh } = require('./users')

exports.show = (file, callback) => {
  users.load(file, (err, main) => {
    if (err) return callback(err)
    weigh(file, (err, heavy) => {
      if (err) return callback(err)
      callback(null, { main, heavy })
    })
  })
}
";
    let files = [PACKAGE, ("users.js", MEMBERS), ("index.js", index), ("run.js", RUN)];
    let project = migrated(&files, &[]);
    has(&project, "index.js", &["exports.showAsync = async (file) => {", "await users.loadAsync(file)"]);
    has(&project, "index.js", &["const { weighAsync } = require('./users')", "await weighAsync(file)"]);
    has(&project, "users.js", &["  // Loads what a package is about.\n  async loadAsync (file) {\n"]);
    has(&project, "users.js", &["  },\n\n  weighAsync: async (file) => {\n"]);
    lacks(&project, "users.js", &["callbackify", "load (file", "weigh:"]);
}

#[test]
fn a_member_that_is_still_used_keeps_its_adapter() {
    let index = "\
const users = require('./users')

exports.show = users.load.bind(users)
exports.weigh = (file) => users.weighAsync(file)
";
    let files = [PACKAGE, ("users.js", MEMBERS), ("index.js", index), ("run.js", RUN)];
    let project = migrated(&files, &[]);
    has(&project, "users.js", &["util.callbackify(module.exports.loadAsync.bind(this))(file, callback)"]);
}

#[test]
fn a_helper_that_is_made_of_a_bound_member_stays_bound() {
    let users = "\
const util = require('util')
const fs = require('fs')

module.exports = {
  kind: 'main',

  load (file, callback) {
    util.callbackify(module.exports.loadAsync.bind(this))(file, callback)
  },

  async loadAsync (file) {
    return JSON.parse(await fs.promises.readFile(file, 'utf8'))[this.kind]
  }
}
";
    let index = "\
const util = require('util')
const users = require('./users')
const read = util.promisify(users.load.bind(users))

exports.show = function (file, cb) {
  util.callbackify(exports.showAsync)(file, cb)
}

exports.showAsync = async function (file) {
  return { main: await read(file) }
}
";
    let files = [PACKAGE, ("users.js", users), ("index.js", index), ("run.js", RUN)];
    let project = migrated(&files, &["--step", "adapters"]);
    has(&project, "index.js", &["const read = users.loadAsync.bind(users)\n"]);
}
