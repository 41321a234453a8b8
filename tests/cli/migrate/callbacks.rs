//! A project of three layers, an entry and tests, written with callbacks.

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

const PROGRAM: &str = "#!/usr/bin/env node\n'use strict';\nconst { total } = require('../lib/orders');\n\nmain();\n";

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
