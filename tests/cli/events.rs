//! Callbacks that are called as something tells of an event, with what Node itself does then.

use super::forms::{PACKAGE, has, lacks, migrated};

const ASK: (&str, &str) = (
    "ask.js",
    "exports.ask = function (rl, question, cb) {\n  rl.once('line', (line) => {\n    if (!line) return cb(new Error('no ' + \
     question))\n    cb(null, line)\n  })\n}\n",
);

/// Asks for lines that all arrive together.
const RUN: (&str, &str) = (
    "run.js",
    "const { PassThrough } = require('stream')\nconst readline = require('readline')\nconst { register } = require('./index')\n\
     const input = new PassThrough()\nconst rl = readline.createInterface({ input })\nregister(rl, (err, user) => \
     console.log(err && err.message, user))\ninput.end('ann\\n7\\nshed\\n')\nconsole.log('asked')\n",
);

#[test]
fn the_next_line_is_not_missed() {
    let asks = |ask: &str| {
        format!(
            "const {{ ask }} = require('./ask')\n\nexports.register = function (rl, cb) {{\n  {ask}(rl, 'name', (err, name) => {{\n    \
             if (err) return cb(err)\n    {ask}(rl, 'age', (err, age) => {{\n      if (err) return cb(err)\n      cb(null, {{ name, age \
             }})\n    }})\n  }})\n}}\n"
        )
    };
    let trimming = "\nfunction askTrimmed (rl, question, cb) {\n  ask(rl, question, (err, line) => {\n    if (err) return \
                    cb(err)\n    cb(null, line.trim())\n  })\n}\n";
    let asking = "exports.register = function (rl, cb) {\n  rl.question('name', (name) => {\n    rl.question('age', (age) => {\n      \
                  require('fs').stat('.', (err) => {\n        if (err) return cb(err)\n        cb(null, { name, age })\n      })\n    \
                  })\n  })\n}\n";
    for index in [asks("ask"), asks("askTrimmed") + trimming, asking.to_owned()] {
        let project = migrated(&[PACKAGE, ASK, ("index.js", &index), RUN], &[]);
        lacks(&project, "index.js", &["await", "callbackify"]);
    }
}

#[test]
fn what_is_told_of_once_can_be_waited_for() {
    let index = "\
const { ask } = require('./ask')
const fs = require('fs')

exports.register = function (rl, cb) {
  ask(rl, 'name', (err, name) => {
    if (err) return cb(err)
    measured('.', (err, age) => {
      if (err) return cb(err)
      closed(fs.createReadStream('index.js'), (err) => {
        if (err) return cb(err)
        cb(null, { name, age })
      })
    })
  })
}

function closed (stream, cb) {
  stream.once('close', () => cb(null))
  stream.destroy()
}

function measured (path, cb) {
  const stream = fs.createReadStream('index.js')
  stream.once('data', () => {
    stream.destroy()
    fs.stat(path, (err, stat) => cb(err, stat && stat.isDirectory()))
  })
}
";
    let all = migrated(&[PACKAGE, ASK, ("index.js", index), RUN], &[]);
    // The last line may be followed by the end of all lines in the same turn.
    lacks(&all, "index.js", &["promisify(ask)"]);
    let later = index.replace("    measured('.', (err, age) => {", "    fs.stat('.', (err, age) => {");
    let later = later.replace("closed(fs.createReadStream('index.js'), (err)", "measured('.', (err, age)");
    let project = migrated(&[PACKAGE, ASK, ("index.js", &later), RUN], &[]);
    has(&project, "index.js", &["const name = await util.promisify(ask)(rl, 'name')"]);
}
