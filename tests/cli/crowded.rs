//! The name of a promise form is put beside no name where other code would meet it.

use super::{Project, forms::printed};

const PACKAGE: (&str, &str) = ("package.json", "{ \"main\": \"run.js\" }");

/// Converts a project whose `run.js` prints the same before and after; gives all of its code.
fn applied(files: &[(&str, &str)]) -> String {
    applied_to(files, &[])
}

/// The same of some of its files.
fn applied_to(files: &[(&str, &str)], paths: &[&str]) -> String {
    let project = Project::new(files);
    let before = printed(&project, "run.js");
    assert!(!before.is_empty());
    project.run(&[&["apply"], paths].concat()).expect(0);
    let texts: Vec<_> = files.iter().map(|(path, _)| format!("// {path}\n{}\n", project.text(path))).collect();
    assert_eq!(printed(&project, "run.js"), before, "{}", texts.concat());
    project.run(&[&["apply"], paths].concat()).expect(0);
    let again: Vec<_> = files.iter().map(|(path, _)| format!("// {path}\n{}\n", project.text(path))).collect();
    assert_eq!(texts, again, "a second time there is nothing to do");
    texts.concat()
}

/// A function that calls back with a word.
fn function(start: &str, word: &str) -> String {
    format!(
        "{start}(done) {{\n  fs.access(__filename, (err) => {{\n    if (err) return done(err)\n    done(null, '{word}')\n  \
         }})\n}}\n"
    )
}

/// A module with two tasks.
fn tasks(prefix: &str) -> String {
    let head = "const fs = require('fs')\n".to_owned();
    head + &function(&format!("{prefix}.build = function "), "built")
        + &function(&format!("{prefix}.clean = function "), "cleaned")
}

/// Code that calls all of some tasks and says what they came to when the last is done, whichever that is.
fn all(list: &str) -> String {
    format!(
        "let left = 0\nconst words = []\nfunction each (task) {{\n  left++\n  task((err, word) => {{\n    \
         words.push(String(err || word))\n    if (--left === 0) console.log(words.sort().join())\n  }})\n}}\n{list}\n"
    )
}

#[test]
fn who_goes_over_the_members_of_a_module_meets_no_new_ones() {
    for list in [
        "const tasks = require('./tasks')\nObject.keys(tasks).forEach((name) => each(tasks[name]))",
        "const tasks = require('./tasks')\nfor (const name in tasks) each(tasks[name])",
        "Object.values(require('./tasks')).forEach(each)",
        "const found = {}\nObject.assign(found, require('./tasks'))\nObject.keys(found).forEach((n) => each(found[n]))",
        "const found = { ...require('./tasks') }\nfor (const [, task] of Object.entries(found)) each(task)",
        "const { build, ...others } = require('./tasks')\neach(build)\nfor (const n in others) each(others[n])",
        "for (const f of ['tasks']) {\n  const found = require('./' + f)\n  Reflect.ownKeys(found).forEach((n) => \
         each(found[n]))\n}",
        "const run = (tasks) => { for (const name in tasks) each(tasks[name]) }\nrun(require('./tasks'))",
        "const load = (path) => { const found = module.require(path); Object.keys(found).forEach((n) => each(found[n])) \
         }\nload(require.resolve('./tasks'))",
        "const tasks = require('./tasks')\nfunction run ({ log }, tasks = {}) {\n  Object.keys(tasks).forEach((n) => \
         each(tasks[n]))\n}\nrun(console, tasks)",
        "import('./tasks.js').then(() => 0)\nconst _ = { each: (o, f) => Object.keys(o).map((n) => f(o[n])) }\n\
         _.each(require('./tasks'), each)",
    ] {
        let code = applied(&[PACKAGE, ("tasks.js", &tasks("exports")), ("run.js", &all(list))]);
        assert!(!code.contains("buildAsync") && code.contains("callbackify(async () => {"), "{list}\n{code}");
    }
}

#[test]
fn tests_that_know_all_members_of_a_module_find_no_new_ones() {
    for known in [
        "expect(tasks).to.have.all.keys('build', 'clean')",
        "expect(tasks).toMatchSnapshot()",
        "expect(require('../tasks')).to.deep.equal({ build: tasks.build, clean: tasks.clean })",
        "tasks.should.have.keys(['build', 'clean'])",
        "assert.hasAllKeys(tasks, ['build', 'clean'])",
        "assert.deepEqual({ build: tasks.build, clean: tasks.clean }, tasks)",
    ] {
        let test = format!("const tasks = require('../tasks')\nit('has its tasks', () => {{\n  {known}\n}})\n");
        let run = all("const tasks = require('./tasks')\n;[tasks.build, tasks.clean].forEach(each)");
        let code = applied(&[PACKAGE, ("tasks.js", &tasks("exports")), ("test/tasks.js", &test), ("run.js", &run)]);
        assert!(!code.contains("buildAsync") && code.contains("callbackify(async () => {"), "{known}\n{code}");
    }
    let test =
        "const tasks = require('../tasks')\nit('builds', () => {\n  expect(tasks.build).to.be.a('function')\n})\n";
    let run = all("const tasks = require('./tasks')\n;[tasks.build, tasks.clean].forEach(each)");
    let code = applied(&[PACKAGE, ("tasks.js", &tasks("exports")), ("test/tasks.js", test), ("run.js", &run)]);
    assert!(code.contains("buildAsync"), "{code}");
}

#[test]
fn who_goes_over_the_members_of_his_own_exports_meets_no_new_ones() {
    let own =
        tasks("exports") + &all("exports.run = () => Object.keys(exports).slice(0, -1).map((n) => each(exports[n]))");
    let code = applied(&[PACKAGE, ("tasks.js", &own), ("run.js", "require('./tasks').run()\n")]);
    assert!(!code.contains("buildAsync"), "{code}");
}

#[test]
fn who_goes_over_the_methods_of_a_class_meets_no_new_ones() {
    let old = "function Tasks () {}\n".to_owned() + &tasks("Tasks.prototype") + "exports.Tasks = Tasks\n";
    let new = format!(
        "const fs = require('fs')\nclass Tasks {{\n{}{}}}\nexports.Tasks = Tasks\n",
        function("build ", "built"),
        function("clean ", "cleaned")
    );
    let load = "const { Tasks } = require('./tasks')\nconst tasks = new Tasks()\n";
    for (class, list) in [
        (&old, "for (const name in tasks) each(tasks[name])"),
        (&old, "Object.keys(Tasks.prototype).forEach((name) => each(tasks[name]))"),
        (&new, "Object.getOwnPropertyNames(Tasks.prototype).slice(1).forEach((name) => each(tasks[name]))"),
        (
            &new,
            "class More extends Tasks {}\nReflect.ownKeys(Object.getPrototypeOf(More.prototype)).slice(1).map((n) => \
          each(tasks[n]))",
        ),
    ] {
        let code = applied(&[PACKAGE, ("tasks.js", class), ("run.js", &all(&(load.to_owned() + list)))]);
        assert!(!code.contains("buildAsync") && code.contains("callbackify(async () => {"), "{list}\n{code}");
    }
}

#[test]
fn a_name_that_another_module_brings_along_stays_what_it_is() {
    let esm = |text: &str| text.replace("const fs = require('fs')", "import fs from 'fs'");
    let find = function("export function find ", "found").replace("__filename", "'/'");
    let other = "export const findAsync = async () => 'theirs'\n";
    let cases: [&[(&str, &str)]; 3] = [
        &[
            ("lib/a.mjs", &(esm("const fs = require('fs')\n") + &find)),
            ("lib/b.mjs", other),
            ("lib/index.mjs", "export * from './a.mjs'\nexport * from './b.mjs'\n"),
            (
                "run.js",
                "import('./lib/index.mjs').then(async (m) => console.log(Object.keys(m), await m.findAsync()))\n",
            ),
        ],
        &[
            ("a.js", &("const fs = require('fs')\n".to_owned() + &function("exports.find = function ", "found"))),
            ("b.js", "exports.findAsync = async () => 'theirs'\n"),
            ("lib.js", "module.exports = Object.assign({}, require('./b'), require('./a'))\n"),
            ("run.js", "require('./lib').findAsync().then(console.log)\n"),
        ],
        &[
            ("a.js", &("const fs = require('fs')\n".to_owned() + &function("exports.find = function ", "found"))),
            (
                "b.js",
                "class Store {\n  async findAsync () { return 'theirs' }\n}\nObject.assign(Store.prototype, \
                      require('./a'))\nmodule.exports = Store\n",
            ),
            ("run.js", "new (require('./b'))().findAsync().then(console.log)\n"),
        ],
    ];
    for files in cases {
        let code = applied(&[&[PACKAGE], files].concat());
        assert_eq!(
            code.matches("function findAsync").count() + code.matches("exports.findAsync = async function").count(),
            0,
            "{code}"
        );
        assert!(code.contains("callbackify(async () => {"), "{code}");
    }
}

#[test]
fn a_method_does_not_take_the_place_of_an_inherited_one() {
    let base = "class Base {\n  async findAsync () { return 'base' }\n  show () { this.findAsync().then(console.log) }\n}\n\
                module.exports = Base\n";
    let store = format!(
        "const fs = require('fs')\nconst Base = require('./base')\nclass Store extends Base {{\n{}}}\nmodule.exports = Store\n",
        function("find ", "found")
    );
    let run = "const Store = require('./store')\nnew Store().show()\nnew Store().find(console.log)\n";
    let code = applied(&[PACKAGE, ("base.js", base), ("store.js", &store), ("run.js", run)]);
    assert!(code.contains("callbackify(async () => {"), "{code}");
}

#[test]
fn what_is_gone_over_elsewhere_keeps_no_name_from_anything() {
    for list in [
        "const tasks = require('./tasks')\nconst options = { a: 1 }\nfor (const n in options) each(tasks.build)",
        "const other = require('./other')\nObject.keys(other).forEach((n) => each(require('./tasks').build))",
        "const merged = Object.assign({}, require('./tasks'), require('./other'))\neach(merged.build)",
        "const go = (o) => Object.keys(o).length\nconsole.log(go(process.versions) > 0)\neach(require('./tasks').build)",
        "function run (tasks, options) {\n  for (const name in options) each(tasks[name])\n}\nrun(require('./tasks'), { build: 1 \
         })",
        "class Job extends require('events') {}\nfor (const n in new Job()) each.last = n\neach(require('./tasks').build)",
    ] {
        let other = ("other.js", "exports.cleanUpAsync = async () => 1\n");
        let code = applied(&[PACKAGE, ("tasks.js", &tasks("exports")), other, ("run.js", &all(list))]);
        assert!(code.contains("exports.buildAsync = async function"), "{list}\n{code}");
    }
}

#[test]
fn who_goes_over_members_need_not_be_in_the_run() {
    let here = all("const tasks = require('./lib/tasks')\nfor (const name in tasks) each(tasks[name])");
    let whole = all("Object.values(require('./lib')).forEach(each)");
    let other = all("const other = require('./lib/other')\nfor (const n in other) each(require('./lib/tasks').build)");
    for (run, is_listed) in [(&here, true), (&whole, true), (&other, false)] {
        let files = [
            PACKAGE,
            ("lib/tasks.js", &tasks("exports")),
            ("lib/index.js", "module.exports = require('./tasks')\n"),
            ("lib/other.js", "exports.one = 1\n"),
            ("run.js", run),
        ];
        let code = applied_to(&files, &["lib"]);
        assert_eq!(code.contains("exports.buildAsync = async function"), !is_listed, "{code}");
    }
    let run = "require('./index.js').cleanAsync().then(console.log)\n";
    let index = "module.exports = { cleanAsync: async () => 'theirs', ...require('./tasks') }\n";
    let code =
        applied_to(&[PACKAGE, ("tasks.js", &tasks("exports")), ("index.js", index), ("run.js", run)], &["tasks.js"]);
    assert!(!code.contains("exports.cleanAsync = async function"), "{code}");
}
