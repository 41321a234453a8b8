//! Callers in other files go to the promise form that a converted function is exported in.

use super::Project;

/// What a program prints.
pub(super) fn printed(project: &Project, program: &str) -> String {
    let output = std::process::Command::new("node").arg(program).current_dir(project.folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Migrates a project whose `run.js` or `run.mjs` prints the same before and after.
pub(super) fn migrated(files: &[(&str, &str)], arguments: &[&str]) -> Project {
    let project = Project::new(files);
    let program = files.iter().map(|(path, _)| *path).find(|path| path.starts_with("run.")).unwrap();
    let before = printed(&project, program);
    assert!(!before.is_empty());
    project.run(&[&["migrate"], arguments].concat()).expect(0);
    assert_eq!(printed(&project, program), before, "{}", everything(&project, files));
    let after: Vec<_> = files.iter().map(|(path, _)| project.read(path)).collect();
    project.run(&[&["migrate"], arguments].concat()).expect(0);
    let again: Vec<_> = files.iter().map(|(path, _)| project.read(path)).collect();
    assert_eq!(after, again, "a second time there is nothing to do");
    project
}

fn everything(project: &Project, files: &[(&str, &str)]) -> String {
    files.iter().map(|(path, _)| format!("// {path}\n{}\n", project.text(path))).collect()
}

pub(super) fn has(project: &Project, path: &str, parts: &[&str]) {
    let text = project.text(path);
    for part in parts {
        assert!(text.contains(part), "{path} lacks {part}\n{text}");
    }
}

pub(super) fn lacks(project: &Project, path: &str, parts: &[&str]) {
    let text = project.text(path);
    for part in parts {
        assert!(!text.contains(part), "{path} has {part}\n{text}");
    }
}

pub(super) const PACKAGE: (&str, &str) = ("package.json", "{ \"main\": \"index.js\" }");

const USERS: &str = "\
const fs = require('fs')

function load (file, callback) {
  fs.readFile(file, 'utf8', function (err, text) {
    if (err) return callback(err)
    callback(null, JSON.parse(text).main)
  })
}

function weigh (file, callback) {
  fs.stat(file, function (err, stat) {
    if (err) return callback(err)
    callback(null, stat.size > 0)
  })
}

module.exports = { load, weigh }
";

/// Prints what a function of the project calls back with, with a file that is there and one that is not.
pub(super) const RUN: &str = "\
const { show } = require('./index')
show('package.json', (err, shown) => {
  console.log(err, shown)
  show('missing', (err) => console.log(err.code))
})
";

const SHOW: &str = "\
exports.show = function (file, callback) {
  load(file, function (err, main) {
    if (err) return callback(err)
    callback(null, { main })
  })
}
";

/// What becomes of an `index.js` beside `users.js`.
fn shown(import: &str, callee: &str) -> Project {
    let index = format!("{import}\n{}", SHOW.replace("load(", &format!("{callee}(")));
    migrated(&[PACKAGE, ("users.js", USERS), ("index.js", &index), ("run.js", RUN)], &[])
}

#[test]
fn a_caller_awaits_the_promise_form_and_the_adapter_goes() {
    let project = shown("const { load } = require('./users')\n", "load");
    has(&project, "index.js", &["const { loadAsync } = require('./users')", "await loadAsync(file)"]);
    lacks(&project, "index.js", &["promisify"]);
    has(&project, "users.js", &["async function loadAsync (file) {", "module.exports = { loadAsync, weighAsync }"]);
    lacks(&project, "users.js", &["callbackify"]);
}

#[test]
fn each_form_of_import_leads_there() {
    let cases = [
        ("const users = require('./users')", "users.load", "await users.loadAsync(file)", ""),
        ("", "require('./users').load", "await require('./users').loadAsync(file)", ""),
        (
            "const { load: read } = require('./users.js')",
            "read",
            "await readAsync(file)",
            "const { loadAsync: readAsync } = require('./users.js')",
        ),
        (
            "const load = require('./users').load",
            "load",
            "await loadAsync(file)",
            "const loadAsync = require('./users').loadAsync",
        ),
        (
            "const users = require('./users')\nconst load = users.load",
            "load",
            "await loadAsync(file)",
            "const loadAsync = users.loadAsync",
        ),
        (
            "var fs = require('fs'), load = require('./users').load, x = fs",
            "load",
            "await loadAsync(file)",
            ", loadAsync = require('./users').loadAsync, x = fs",
        ),
    ];
    for (import, callee, call, new_import) in cases {
        let project = shown(import, callee);
        has(&project, "index.js", &[call, new_import]);
        lacks(&project, "index.js", &["promisify"]);
    }
}

#[test]
fn an_import_that_is_still_used_stays_and_one_on_lines_of_its_own_is_added_to() {
    let index = "\
const {
  load,
  weigh
} = require('./users')

exports.again = load
exports.weigh = weigh

";
    let files = [PACKAGE, ("users.js", USERS), ("index.js", &format!("{index}{SHOW}")), ("run.js", RUN)];
    let project = migrated(&files, &[]);
    has(&project, "index.js", &["const {\n  load,\n  loadAsync,\n  weigh\n} = require('./users')"]);
    has(&project, "users.js", &["util.callbackify(loadAsync)(file, callback)"]);
}

#[test]
fn a_file_goes_to_its_own_exports_as_well_unless_they_are_replaced() {
    let index = |exports: &str, end: &str| {
        let weigh = "exports.weigh = function (file, callback) {\n  require('fs').stat(file, (err, stat) => {\n    if (err) \
                     return callback(err)\n    callback(null, stat.size > 0)\n  })\n}\n";
        let show = "exports.show = function (file, callback) {\n  exports.weigh(file, (err, main) => {\n    if (err) return \
                    callback(err)\n    callback(null, { main })\n  })\n}\n";
        format!("{exports}{weigh}\n{show}{end}")
    };
    let cases = [
        ("", "", true),
        ("exports = module.exports = {}\n", "", false),
        ("", "module.exports = { show: exports.show, weigh: exports.weigh, weighAsync: exports.weighAsync }\n", false),
    ];
    for (exports, end, over) in cases {
        let project = migrated(&[PACKAGE, ("index.js", &index(exports, end)), ("run.js", RUN)], &[]);
        let text = project.text("index.js");
        assert_eq!(text.contains("await exports.weighAsync(file)"), over, "{text}");
    }
}

#[test]
fn two_callers_of_one_function_leave_no_import_behind() {
    let more = SHOW.replace("show", "other");
    let index = format!("const {{ load }} = require('./users')\n\n{SHOW}\n{more}");
    let project = migrated(&[PACKAGE, ("users.js", USERS), ("index.js", &index), ("run.js", RUN)], &[]);
    has(&project, "index.js", &["const { loadAsync } = require('./users')"]);
}

#[test]
fn what_goes_by_the_same_name_elsewhere_keeps_no_adapter() {
    let orders = USERS.replace("JSON.parse(text).main", "text.length");
    let index = "\
const users = require('./users')
const orders = require('./orders')
const fs = require('fs')

exports.load = function (file, callback) {
  users.load(file, function (err, main) {
    if (err) return callback(err)
    callback(null, { main })
  })
}

exports.lengths = function (file, list) {
  orders.load(file, list)
}

exports.show = (file, callback) => exports.load(file, callback)
exports.store = { load: 1, weigh () {} }
";
    let files = [PACKAGE, ("users.js", USERS), ("orders.js", &orders), ("index.js", index), ("run.js", RUN)];
    let project = migrated(&files, &[]);
    has(&project, "index.js", &["await users.loadAsync(file)", "orders.load(file, list)"]);
    lacks(&project, "users.js", &["callbackify"]);
    has(&project, "orders.js", &["util.callbackify(loadAsync)(file, callback)"]);
    lacks(&project, "orders.js", &["callbackify(weighAsync)"]);
    // A name that is worked out may be that of any module.
    let anything = [("any.js", "module.exports = (name) => require(name)\n")];
    let project = migrated(&[&files[..], &anything].concat(), &[]);
    has(&project, "users.js", &["util.callbackify(loadAsync)(file, callback)"]);
}

#[test]
fn ecmascript_modules_are_imported_from_alike() {
    let users = USERS
        .replace("const fs = require('fs')", "import fs from 'node:fs'")
        .replace("function load", "export function load")
        .replace("module.exports = { load, weigh }", "export { weigh }");
    let index = format!(
        "import {{ load }} from './users.mjs'\nimport * as users from './users.mjs'\n\n{}\n{}",
        SHOW.replace("exports.show = function", "export function show"),
        SHOW.replace("exports.show = function", "export function other").replace("load(", "users.weigh("),
    );
    let run = RUN.replace("const { show } = require('./index')", "import { show } from './index.mjs'");
    let files = [("package.json", "{ \"main\": \"index.mjs\" }"), ("users.mjs", &*users), ("index.mjs", &*index)];
    let project = migrated(&[&files[..], &[("run.mjs", &run)]].concat(), &[]);
    has(
        &project,
        "index.mjs",
        &["import { loadAsync } from './users.mjs'", "await loadAsync(file)", "await users.weighAsync(file)"],
    );
    lacks(&project, "users.mjs", &["callbackify"]);
}

#[test]
fn typescript_is_followed_by_its_paths_unless_it_goes_by_a_description() {
    let users = "\
import * as fs from 'fs'

export function load(file: string, callback: (err: Error | null, text?: string) => void): void {
  fs.readFile(file, 'utf8', (err, text) => {
    if (err) return callback(err)
    callback(null, text)
  })
}
";
    let index = "\
import { load } from '@/users'

export function show(file: string, callback: (err: Error | null, text?: string) => void): void {
  load(file, (err, text) => {
    if (err) return callback(err)
    callback(null, text + '!')
  })
}
";
    let config = "{ \"compilerOptions\": { \"baseUrl\": \".\", \"paths\": { \"@/*\": [\"src/*\"] } } }";
    let files = [("package.json", "{}"), ("tsconfig.json", config), ("src/users.ts", users), ("src/index.ts", index)];
    let project = Project::new(&files);
    project.run(&["migrate", "--unsafe"]).expect(0);
    has(&project, "src/index.ts", &["import { loadAsync } from '@/users'", "await loadAsync(file)"]);

    let plain = "export declare function load(file: string, callback: Function): void;\n";
    let others = [("src/users.d.ts", plain), ("src/users.js", USERS)];
    let project = Project::new(&[&files[..2], &[("src/index.ts", index)], &others].concat());
    project.run(&["migrate", "--unsafe"]).expect(0);
    lacks(&project, "src/index.ts", &["loadAsync } from"]);
}

/// Migrates an `index.js` that imports `load`, with more files; says whether it goes to the promise form.
fn goes_over(others: &[(&str, &str)], arguments: &[&str]) -> bool {
    let import = "const users = require('./lib/users')\nmodule.exports.users = users\n\n";
    let index = format!("{import}{}", SHOW.replace("load(", "users.load("));
    let own = [PACKAGE, ("lib/users.js", USERS), ("index.js", &index), ("run.js", RUN)];
    let all: Vec<_> = own.iter().filter(|(path, _)| !others.iter().any(|(p, _)| p == path)).copied().collect();
    let project = migrated(&[&all, others].concat(), arguments);
    let text = project.text("index.js");
    assert!(text.contains("async"), "{}", everything(&project, &[&all, others].concat()));
    text.contains("await users.loadAsync(file)") || text.contains("await users.promised(file)")
}

#[test]
fn what_tests_put_in_the_place_of_a_function_is_still_called() {
    let run = "require('../run.js')\n";
    let tests = [
        "const users = require('../lib/users')\nusers.load = function (file, cb) { cb(null, 1) }\n",
        "const users = require('../lib/users')\nObject.assign(users, { load: fake })\n",
        "sinon.stub(require('../lib/users'), 'load').yields(null, 1)\n",
        "const users = require('../lib/users')\nsinon.stub(users)\n",
        "jest.mock('../lib/users')\n",
        "const index = proxyquire('../index', { './lib/users': { load: fake } })\n",
        "require.cache[require.resolve('../lib/users')] = { exports: { load: fake } }\n",
        "const index = rewire('../index')\nindex.__set__('users', { load: fake })\n",
        "const users = require('../lib/users')\nusers['load'] = fake\n",
        "const users = require('../lib/users')\nfor (const name in users) users[name] = fake\n",
    ];
    assert!(goes_over(&[("test/a.js", run)], &[]));
    for test in tests {
        assert!(!goes_over(&[("test/a.js", test)], &[]), "{test}");
        assert!(!goes_over(&[("test/a.js", test)], &["index.js", "lib"]), "not in the run: {test}");
    }
    let harmless = "describe('load', () => sinon.stub(fs, 'readFile'))\n'a/users'.replace('/', '.')\nstub = { './other': 1 }\nthis.load = 1\n";
    assert!(goes_over(&[("test/a.js", harmless)], &[]));
    assert!(goes_over(&[("test/a.js", harmless)], &["index.js", "lib"]));
}

#[test]
fn what_tests_replace_by_a_name_that_is_kept_elsewhere_is_still_called() {
    for test in [
        "const index = proxyquire('../index', { [`./lib/users`]: { load: fake } })\n",
        "const stubs = {}\nstubs['./lib/users'] = { load: fake }\nconst index = proxyquire('../index', stubs)\n",
        "const users = require('../lib/users')\nconst name = 'load'\nsinon.stub(users, name).yields(null, 1)\n",
        "const users = require('../lib/users')\nfor (const name of ['load']) sinon.stub(users, name).yields(null, 1)\n",
        "const key = require.resolve('../lib/users')\nrequire.cache[key].exports = { load: fake }\n",
        "const key = join(__dirname, '../lib/users.js')\nrequire.cache[key].exports.load = fake\n",
    ] {
        assert!(!goes_over(&[("test/a.js", test)], &[]), "{test}");
    }
}

#[test]
fn a_form_that_takes_or_gives_something_else_is_not_gone_to() {
    let form = |adapter: &str, rest: &str| {
        format!(
            "const util = require('util')\nconst fs = require('fs')\n\n{adapter}\n\nasync function loadAsync (file) {{\n  \
             return JSON.parse(await fs.promises.readFile(file, 'utf8')).main\n}}\n\n{rest}\n"
        )
    };
    let exported = "module.exports = { load, loadAsync }";
    let plain = "function load (file, cb) {\n  util.callbackify(loadAsync)(file, cb)\n}";
    let cases = [
        (plain, exported, true),
        ("function load (file, cb) {\n  util.callbackify(loadAsync)(file, cb || (() => {}))\n}", exported, true),
        ("function load (file, cb) {\n  util.callbackify(loadAsync)(file + '', cb)\n}", exported, false),
        (
            "function load (file, cb) {\n  file = file || '.'\n  util.callbackify(loadAsync)(file, cb)\n}",
            exported,
            false,
        ),
        (
            "function load (file, cb) {\n  util.callbackify(loadAsync)(file, (err, x) => err ? cb(err) : cb(null, x))\n}",
            exported,
            false,
        ),
        ("function load (file, o, cb) {\n  util.callbackify(loadAsync)(file, o, cb)\n}", exported, false),
        (plain, "exports.load = load", false),
        (plain, "exports.load = load\nexports.loadAsync = async (file) => ({ file })", false),
        (
            plain,
            "exports.load = load\nexports.loadAsync = loadAsync\nexports.loadAsync = wrap\nfunction wrap () {}",
            false,
        ),
        (plain, "exports.load = load\nexports.promised = loadAsync", true),
    ];
    for (adapter, rest, expected) in cases {
        let text = form(adapter, rest);
        let run = if adapter.contains("o, cb") { "console.log(require('./index') && 1)\n" } else { RUN };
        let over = goes_over(
            &[("lib/users.js", &text), ("run.js", run)],
            &["--step", "leaves", "--step", "entries", "--step", "layers"],
        );
        assert_eq!(over, expected, "{text}");
    }
}

#[test]
fn with_all_arguments_it_does_not_matter_where_the_callback_is_looked_for() {
    let fronts = [
        "if (typeof options === 'function') {\n    cb = options\n    options = {}\n  }",
        "cb = typeof options === 'function' ? options : cb",
        "if (!cb) cb = options",
        "if ('function' == typeof options && !cb) {\n    return load(file, {}, options)\n  }\n  cb = cb || function () {}",
    ];
    for front in fronts {
        let users = format!(
            "const fs = require('fs')\n\nexports.load = function load (file, options, cb) {{\n  {front}\n  fs.readFile(file, \
             options, (err, text) => {{\n    if (err) return cb(err)\n    cb(null, JSON.parse(text).main)\n  }})\n}}\n"
        );
        let takes = !front.contains("return");
        // What is called, what stands in front of it, and whether a function can be in the place of the options.
        let cases = [
            ("users.load(file, { flag: 'r' }, ", "", true),
            ("users.load(file, 'utf8', ", "", true),
            ("users.load(file, options, ", "const options = { flag: 'r' }\n  ", true),
            ("users.load(file, options, ", "const options = choose()\n  ", false),
            ("users.load(file, ", "", false),
        ];
        for (call, above, over) in cases {
            let show = SHOW.replace("load(file, ", call).replace("  users", &format!("  {above}users"));
            let choose = "function choose () {\n  return 'utf8'\n}\n";
            let index = format!("const users = require('./users')\n\n{show}\n{choose}");
            // What is asked for there is only whether there is a callback.
            let is_asked = front.contains("typeof");
            if call == "users.load(file, " && !is_asked {
                continue;
            }
            let files = [PACKAGE, ("users.js", &*users), ("index.js", &*index), ("run.js", RUN)];
            let project = migrated(&files, &["--unsafe"]);
            let is_over = project.text("index.js").contains("await users.loadAsync(file, ");
            assert_eq!(is_over, (over || !is_asked) && takes, "{}", everything(&project, &files));
        }
    }
}

#[test]
fn options_that_were_put_in_their_place_are_no_function() {
    let users = "\
const fs = require('fs')

exports.load = function (file, options, cb) {
  if (typeof options === 'function') {
    cb = options
    options = {}
  }
  fs.readFile(file, options, (err, text) => {
    if (err) return cb(err)
    cb(null, JSON.parse(text).main)
  })
}
";
    let cases = [
        ("if (typeof options === 'function') {\n    callback = options\n    options = null\n  }", true),
        ("callback = callback || options\n  options = typeof options === 'function' ? {} : options", true),
        ("if (typeof options === 'function') {\n    callback = options\n    options = choose()\n  }", false),
        (
            "if (typeof options === 'function' && options.x) {\n    options = {}\n  }\n  callback = callback || options",
            false,
        ),
        ("callback = callback || options\n  if (options.x) {\n    options = {}\n  }", false),
    ];
    for (front, over) in cases {
        let show = SHOW
            .replace("(file, callback)", "(file, options, callback)")
            .replace("  load(file, ", "  users.load(file, options, ");
        let show = show.replacen("{\n", &format!("{{\n  {front}\n"), 1);
        let index = format!("const users = require('./users')\n\n{show}\nfunction choose () {{\n  return null\n}}\n");
        let files = [PACKAGE, ("users.js", users), ("index.js", &*index), ("run.js", RUN)];
        let project = migrated(&files, &["--unsafe"]);
        let is_over = project.text("index.js").contains("await users.loadAsync(file, options)");
        assert_eq!(is_over, over, "{}", everything(&project, &files));
    }
}

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

#[test]
fn no_promise_form_is_exported_where_one_is_added_to_the_whole_module() {
    let library =
        "exports.promisifyAll = (o) => { for (const k of Object.keys(o)) { if (k + 'Async' in o) throw k } }\n";
    let all = |code: &str| format!("const bluebird = require('./bluebird')\n{code}\n");
    let cases = [
        ("bluebird.promisifyAll(require('./lib/users'))", false),
        ("const users = require('./lib/users')\nbluebird.promisifyAll(users)", false),
        ("const add = (o) => bluebird.promisifyAll(o)\nadd(require('./lib/users'))", false),
        ("bluebird.promisifyAll(require('./lib'))", false),
        ("bluebird.promisifyAll(require('fs').Stats.prototype)", true),
        ("bluebird.promisifyAll(require('./other'))", true),
        ("const other = require('./other')\nbluebird.promisifyAll(other)", true),
    ];
    for (code, expected) in cases {
        let run = all(code) + RUN;
        let others = [
            ("bluebird.js", library),
            ("other.js", "exports.x = 1\n"),
            ("lib/index.js", "module.exports = Object.assign({}, require('./users'))\n"),
            ("run.js", &run),
        ];
        assert_eq!(goes_over(&others, &[]), expected, "{code}");
        assert_eq!(goes_over(&others, &["index.js", "lib", "other.js"]), expected, "not in the run: {code}");
    }
}

#[test]
fn an_ignored_error_is_one_that_a_promise_form_can_have() {
    let users = |front: &str| {
        format!(
            "const util = require('util')\nconst fs = require('fs')\n\nfunction load (file, options, cb) {{\n  {front}\n  \
             util.callbackify(loadAsync)(file, options, cb)\n}}\n\nasync function loadAsync (file, options) {{\n  return \
             JSON.parse(await fs.promises.readFile(file, 'utf8')).main\n}}\n\nmodule.exports = {{ load, loadAsync }}\n"
        )
    };
    let index = "const users = require('./users')\nconst fs = require('fs')\n\nexports.show = function (file, done) {\n  \
                 fs.stat(file, (err, stat) => {\n    if (err) return done(err)\n    users.load(file, {}, (err, name) => {\n      \
                 done(null, name)\n    })\n  })\n}\n";
    let run = "require('./index').show('package.json', (err, name) => console.log(err, name))\n";
    let show = |front: &str, call: &str| {
        let index = index.replace("load(file, {}", call);
        migrated(
            &[PACKAGE, ("users.js", &users(front)), ("index.js", &index), ("run.js", run)],
            &["--step", "leaves", "--step", "entries"],
        )
    };
    let shifting = "if (typeof options === 'function') {\n    cb = options\n    options = {}\n  }";
    has(&show(shifting, "load(file, {}"), "index.js", &["await users.loadAsync(file, {})"]);
    // Without its options the callback form shifts, and what it throws in front of the promise form is no failure of that.
    let project = show(shifting, "load(file");
    has(&project, "index.js", &["new Promise(resolve => users.load(file, (err, value) => resolve(value)))"]);
    lacks(&project, "index.js", &[".catch("]);
}
