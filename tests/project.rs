//! The picture of a project: what modules give, what calls call, what can be reached from outside.

use std::{ops::Range, path::PathBuf};

use assert_fs::{TempDir, prelude::*};
use unpyramid::{
    project::{self, CallSite, Callee, Definition, FileFacts, FunctionId, Loaded, Project, UseKind},
    semantic::Names,
    syntax::Parsed,
};

/// A project in a folder of its own.
struct Tree {
    folder: TempDir,
    project: Project,
}

/// Makes a project of files; what is no code lies beside it. The root of the project is the folder.
fn tree(files: &[(&str, &str)]) -> Tree {
    let folder = TempDir::new().unwrap();
    folder.child(".git").create_dir_all().unwrap();
    for (name, text) in files {
        folder.child(name).write_str(text).unwrap();
    }
    let project = link(&folder);
    Tree { folder, project }
}

fn link(folder: &TempDir) -> Project {
    let files = project::collect(&[folder.path().to_owned()]).unwrap();
    let facts = files.entries.iter().map(|entry| {
        let Loaded::Source(source) = project::load(entry).unwrap() else { panic!("foreign: {entry:?}") };
        let parsed = Parsed::new(&source);
        FileFacts::of(&parsed, &Names::new(&parsed))
    });
    Project::link(facts.collect())
}

impl Tree {
    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn text(&self, file: &str) -> String {
        std::fs::read_to_string(self.path(file)).unwrap()
    }

    /// The id of the function that starts with a text.
    fn function(&self, file: &str, start: &str) -> FunctionId {
        let at = self.text(file).find(start).unwrap_or_else(|| panic!("{start} is in {file}"));
        self.project.function_at(&self.path(file), at).unwrap_or_else(|| panic!("a function starts at {start}"))
    }

    /// The range of the last call whose text is the one given.
    fn call(&self, file: &str, code: &str) -> Range<usize> {
        let at = self.text(file).rfind(code).unwrap_or_else(|| panic!("{code} is in {file}"));
        at..at + code.len()
    }

    /// What the last call with a text calls: `file:line` of a function, `module export`, `global name`, or `?`.
    fn callee(&self, file: &str, code: &str) -> String {
        match self.project.callee(&self.path(file), &self.call(file, code)) {
            Callee::Function(id) => {
                let function = self.project.function(*id);
                let path = function.path.strip_prefix(self.folder.path()).unwrap();
                format!("{}:{}", path.display(), function.line)
            }
            Callee::External { module, export } => format!("{module} {}", export.as_deref().unwrap_or("*")),
            Callee::Global { name } => format!("global {name}"),
            Callee::Unknown => "?".to_owned(),
        }
    }

    fn is_reachable(&self, file: &str, start: &str) -> bool {
        self.project.is_reachable_from_outside(self.function(file, start))
    }

    fn definition(&self, file: &str, start: &str) -> Definition {
        self.project.function(self.function(file, start)).definition.clone()
    }

    fn export(&self, from: &str, specifier: &str, name: Option<&str>) -> Option<usize> {
        self.project.export(&self.path(from), specifier, name).map(|id| self.project.function(id).line)
    }
}

/// What `code`, the last line of `main.js`, calls when it requires `lib.js`.
fn required(lib: &str, main: &str, code: &str) -> String {
    tree(&[("lib.js", lib), ("main.js", &format!("{main};\n{code};\n"))]).callee("main.js", code)
}

#[test]
fn the_forms_of_commonjs_exports() {
    let main = "const lib = require('./lib')";
    for lib in [
        "exports.load = function () {}",
        "exports['load'] = () => {}",
        "module.exports.load = function load () {}",
        "module.exports = { load: function () {} }",
        "module.exports = { load () {} }",
        "module.exports = { load }; function load () {}",
        "module.exports = { 'load': load }; function load () {}",
        "const load = () => {}; module.exports = { load }",
        "module.exports = main; module.exports.load = load; function main () {} function load () {}",
        "exports = module.exports = main; exports.load = load; function main () {} function load () {}",
        "var lib = exports = module.exports = {}; lib.load = function () {}",
        "var lib = module.exports; lib.load = function () {}",
        "var api = { load: load }; function load () {} module.exports = api",
        "var api = {}; api.load = function () {}; module.exports = api",
        "var load; load = function () {}; exports.load = load",
        "var load = exports.other = function () {}; exports.load = load; exports.load = load",
        "Object.assign(exports, { load: function () {} })",
        "module.exports = Object.assign({}, { load: function () {} }, { other: 1 })",
        "module.exports = { ...{ load () {} }, other: 1 }",
        "module.exports = Object.freeze({ load () {} })",
        "module.exports = createServer(); module.exports.load = function () {}",
        "this.load = function () {}",
    ] {
        assert_eq!(required(lib, main, "lib.load(1)"), "lib.js:1", "{lib}");
    }
}

#[test]
fn exports_with_more_than_one_value_are_unknown() {
    let main = "const lib = require('./lib')";
    for lib in [
        "exports.load = function () {}; exports.load = function () {}",
        "exports.load = a || function () {}",
        "if (x) exports.load = function () {}; else exports.load = function () {}",
        "module.exports = { load: wrap(function () {}) }",
        "exports.load = function () {}; names.forEach(name => { exports[name] = other })",
        "module.exports = { load () {}, [name]: other }",
        "module.exports = { load () {}, ...others }",
        "module.exports = { get load () { return other } }",
        "let load = function () {}; load = wrap(load); exports.load = load",
        "function load () {} function load () {} exports.load = load",
        "module.exports = x ? { load () {} } : {}",
        "module.exports = { load () {} }; module.exports = other",
        "module.exports = {}; exports.load = function () {}",
        "exports.load = function () {}; mixin(exports)",
        "exports.load = function () {}; extend(exports, require('other'))",
        "Object.defineProperty(exports, 'load', { get: function () { return other } })",
        "exports.load ||= function () {}",
        "exports.load = function () {}; [exports.load] = others",
    ] {
        assert_eq!(required(lib, main, "lib.load(1)"), "?", "{lib}");
    }
}

#[test]
fn the_forms_of_require() {
    let lib = "module.exports = { load () {}, inner: { deep () {} } }";
    for (main, code) in [
        ("const { load } = require('./lib')", "load(1)"),
        ("const { load: get } = require('./lib')", "get(1)"),
        ("const { inner: { deep } } = require('./lib.js')", "deep(1)"),
        ("var load = require('./lib').load", "load(1)"),
        ("var lib = require('./lib'), load = lib.load", "load(1)"),
        ("var lib; lib = require('./lib')", "lib.load(1)"),
        ("", "require('./lib').load(1)"),
        ("var lib = require('./lib')", "lib.inner.deep(1)"),
        ("var lib = require('./lib')", "(0, lib.load)(1)"),
        ("var lib = require('./lib')", "lib['load'](1)"),
        ("var lib = require('./lib')", "lib.load?.(1)"),
        ("import lib from './lib.js'", "lib.load(1)"),
        ("import * as lib from './lib.js'", "lib.load(1)"),
        ("import { load as get } from './lib.js'", "get(1)"),
    ] {
        assert_eq!(required(lib, main, code), "lib.js:1", "{main}; {code}");
    }
}

#[test]
fn names_with_more_than_one_value_are_unknown() {
    let lib = "module.exports = { load () {} }";
    for (main, code) in [
        ("let lib = require('./lib'); lib = other", "lib.load(1)"),
        ("let lib; try { lib = require('./lib') } catch (e) { lib = {} }", "lib.load(1)"),
        ("const { load = other } = require('./lib')", "load(1)"),
        ("const { ...lib } = require('./lib')", "lib.load(1)"),
        ("const [lib] = [require('./lib')]", "lib.load(1)"),
        ("var lib = require('./lib'); [lib] = others", "lib.load(1)"),
        ("var lib = require('./lib'); for (lib of libs);", "lib.load(1)"),
        ("var lib = require('./lib'); lib.load = other", "lib.load(1)"),
        ("var lib = require('./lib'); lib[name] = other", "lib.load(1)"),
        ("const require = other; const lib = require('./lib')", "lib.load(1)"),
        ("const lib = require('./lib' + x)", "lib.load(1)"),
        ("const lib = require('./missing')", "lib.load(1)"),
        ("const lib = require('./lib')", "lib[name](1)"),
        ("const lib = require('./lib')", "lib.missing(1)"),
    ] {
        assert_eq!(required(lib, main, code), "?", "{main}; {code}");
    }
}

#[test]
fn a_parameter_hides_a_function() {
    let project = tree(&[("a.js", "function load () {}\nfunction f (load) { load(1) }\nload(2)\n")]);
    assert_eq!(project.callee("a.js", "load(1)"), "?");
    assert_eq!(project.callee("a.js", "load(2)"), "a.js:1");
}

#[test]
fn a_module_hands_on_what_others_export() {
    let a = ("a.js", "\nexports.load = function () {}");
    let main = |text: &str| format!("const lib = require('./lib')\n{text};\n");
    for lib in [
        "module.exports = require('./a')",
        "exports.load = require('./a').load",
        "exports.inner = require('./a'); exports.load = exports.inner.load",
        "module.exports = Object.assign({}, require('./a'), require('./b'))",
        "module.exports = { ...require('./a') }",
        "Object.assign(exports, require('./b'), require('./a'))",
        "const { load } = require('./a'); module.exports = { load }",
    ] {
        let files = [a, ("b.js", "exports.save = function () {}"), ("lib.js", lib), ("main.js", &main("lib.load(1)"))];
        assert_eq!(tree(&files).callee("main.js", "lib.load(1)"), "a.js:2", "{lib}");
    }
    let later = "module.exports = Object.assign({}, require('./a'), require('./other'))";
    let files = [a, ("lib.js", later), ("main.js", &main("lib.load(1)"))];
    assert_eq!(tree(&files).callee("main.js", "lib.load(1)"), "?");
}

#[test]
fn modules_are_functions_and_folders() {
    let project = tree(&[
        ("lib/index.js", "module.exports = load\nfunction load () {}\n"),
        ("main.js", "var load = require('./lib')\nload(1)\nvar helper = require('./lib/')\nhelper(2)\n"),
    ]);
    assert_eq!(project.callee("main.js", "load(1)"), "lib/index.js:2");
    assert_eq!(project.callee("main.js", "helper(2)"), "lib/index.js:2");
    assert_eq!(project.export("main.js", "./lib", None), Some(2));
    assert_eq!(project.export("main.js", "./lib", Some("load")), None);
    assert_eq!(project.export("main.js", "./elsewhere", None), None);
}

#[test]
fn the_forms_of_ecmascript_modules() {
    let lib = "export function load () {}\nexport default function () {}\nexport const save = () => {}\n\
               function inner () {}\nexport { inner as outer }\n";
    let files = |main: &'static str| tree(&[("lib.mjs", lib), ("main.mjs", main), ("barrel.mjs", BARREL)]);
    const BARREL: &str =
        "export * from './lib.mjs'\nexport { default as lib } from './lib.mjs'\nexport * as all from './lib.mjs'\n";
    for (main, code, line) in [
        ("import { load } from './lib.mjs'\nload(1)", "load(1)", 1),
        ("import { load as l } from './lib.mjs'\nl(1)", "l(1)", 1),
        ("import lib from './lib.mjs'\nlib(1)", "lib(1)", 2),
        ("import lib, { save } from './lib.mjs'\nsave(1)", "save(1)", 3),
        ("import * as lib from './lib.mjs'\nlib.outer(1)", "lib.outer(1)", 4),
        ("import { load } from './barrel.mjs'\nload(1)", "load(1)", 1),
        ("import { lib } from './barrel.mjs'\nlib(1)", "lib(1)", 2),
        ("import { all } from './barrel.mjs'\nall.save(1)", "all.save(1)", 3),
        ("const lib = await import('./lib.mjs')\nlib.load(1)", "lib.load(1)", 1),
    ] {
        assert_eq!(files(main).callee("main.mjs", code), format!("lib.mjs:{line}"), "{main}");
    }
    for (main, code) in [
        ("import { inner } from './lib.mjs'\ninner(1)", "inner(1)"),
        ("import lib from './barrel.mjs'\nlib(1)", "lib(1)"),
        ("import { load } from './none.mjs'\nload(1)", "load(1)"),
    ] {
        assert_eq!(files(main).callee("main.mjs", code), "?", "{main}");
    }
}

#[test]
fn modules_may_hand_on_one_another_in_a_circle() {
    let project = tree(&[
        ("a.mjs", "export * from './b.mjs'\nexport * from './c.mjs'\n"),
        ("b.mjs", "export * from './a.mjs'\nexport * from './c.mjs'\nexport function own () {}\n"),
        ("c.mjs", "export * from './a.mjs'\nexport * from './b.mjs'\nexport function load () {}\n"),
        ("main.mjs", "import { load, own, none } from './a.mjs'\nload(1)\nown(1)\nnone(1)\n"),
    ]);
    assert_eq!(project.callee("main.mjs", "load(1)"), "c.mjs:3");
    assert_eq!(project.callee("main.mjs", "own(1)"), "b.mjs:3");
    assert_eq!(project.callee("main.mjs", "none(1)"), "?");
}

#[test]
fn required_modules_may_go_in_a_circle() {
    let project = tree(&[
        ("a.js", "module.exports = require('./b')\n"),
        ("b.js", "module.exports = require('./a')\n"),
        ("main.js", "require('./a').load(1)\nvar x = y, y = x\nx(2)\n"),
    ]);
    assert_eq!(project.callee("main.js", "require('./a').load(1)"), "?");
    assert_eq!(project.callee("main.js", "x(2)"), "?");
}

#[test]
fn typescript_paths_and_extensions() {
    let project = tree(&[
        ("tsconfig.json", r#"{ "compilerOptions": { "paths": { "@lib/*": ["./src/lib/*"] } } }"#),
        ("src/lib/store.ts", "export function load(): void {}\n"),
        (
            "src/main.ts",
            "import { load } from '@lib/store'\nimport { load as other } from './lib/store.js'\n\
             import store = require('./lib/store')\nload(1)\nother(2)\nstore.load(3)\nother!(4)\n",
        ),
    ]);
    for code in ["load(1)", "other(2)", "store.load(3)", "other!(4)"] {
        assert_eq!(project.callee("src/main.ts", code), "src/lib/store.ts:1", "{code}");
    }
}

#[test]
fn overloads_are_one_function() {
    let text = "function load(a: string): void\nfunction load(a: number): void\nfunction load(a: any) {}\nload(1)\n";
    let project = tree(&[("a.ts", text)]);
    assert_eq!(project.callee("a.ts", "load(1)"), "a.ts:3");
}

#[test]
fn other_packages_and_globals_are_named() {
    let project = tree(&[
        ("node_modules/fs/index.js", "exports.readFile = function () {}\n"),
        ("util.js", "exports.inspect = function () {}\n"),
        (
            "a.js",
            "const fs = require('node:fs'), { inspect } = require('util'), request = require('request')\n\
             const { promises: { stat } } = require('fs')\nimport axios, { get as fetched } from 'axios'\n\
             fs.readFile(1)\nfs.promises.readFile(1)\ninspect(1)\nrequest(1)\nrequest.get(1)\nstat(1)\naxios(1)\nfetched(1)\n\
             setTimeout(f)\nprocess.nextTick(f)\nfs()\nrequest(2)(3)\n",
        ),
    ]);
    for (code, callee) in [
        ("fs.readFile(1)", "fs readFile"),
        ("fs.promises.readFile(1)", "fs promises.readFile"),
        ("inspect(1)", "util inspect"),
        ("request(1)", "request *"),
        ("request.get(1)", "request get"),
        ("stat(1)", "fs promises.stat"),
        ("axios(1)", "axios *"),
        ("fetched(1)", "axios get"),
        ("setTimeout(f)", "global setTimeout"),
        ("process.nextTick(f)", "global process.nextTick"),
        ("fs()", "fs *"),
        ("request(2)(3)", "?"),
        ("request(2)", "request *"),
    ] {
        assert_eq!(project.callee("a.js", code), callee, "{code}");
    }
}

#[test]
fn methods_are_called_through_this() {
    for text in [
        "class Store { load () {} run () { this.load(1) } }",
        "class Store { load () {} run () { return [].map(() => this.load(1)) } }",
        "class Store { load () {} run () { const self = this; f(function () { self.load(1) }) } }",
        "class Store { load = () => {}; run () { this.load(1) } }",
        "class Store { static load () {} static run () { this.load(1) } }",
        "class Store { static load () {} static run () { this.load(1); f(Store.load.bind(this)) } }",
        "exports.load = function () {}; exports.run = function () { this.load(1); f(exports.load.bind(this)) }",
        "class Store { load () {} handler = () => this.load(1) }",
        "class Base { load () {} } class Store extends Base { run () { this.load(1) } }",
        "function Store () {} Store.prototype.load = function () {}; Store.prototype.run = function () { this.load(1) }",
        "function Store () { this.load(1) } Store.prototype.load = function () {}",
        "function Store () { var self = this; self.load = function () {}; self.run = function () { self.load(1) } } new Store()",
        "function Store () {} Store.prototype = { load () {}, run: function () { this.load(1) } }",
        "function Store () {} var proto = Store.prototype; proto.load = function () {}; proto.run = function () { this.load(1) }",
        "function Store () {} Object.assign(Store.prototype, { load () {} }); Store.prototype.run = function () { this.load(1) }",
        "function Store () {} Store.prototype.load = load; function load () {} Store.prototype.run = function () { this.load(1) }",
        "function Store () {} Store.load = function () {}; Store.run = function () { this.load(1) }",
        "function Base () {} Base.prototype.load = function () {}; function Store () {} util.inherits(Store, Base); Store.prototype.run = function () { this.load(1) }",
        "function Base () {} Base.prototype.load = function () {}; function Store () {} Store.prototype = Object.create(Base.prototype); Store.prototype.run = function () { this.load(1) }",
        "exports.load = function () {}; exports.run = function () { this.load(1) }",
        "module.exports = { load () {}, run () { this.load(1) } }",
        "class Store { load () {} } const store = new Store(); store.load(1)",
        "class Store { load () {} } new Store().load(1)",
        "function Store () { if (!(this instanceof Store)) return new Store() } Store.prototype.load = function () {}; new Store().load(1)",
    ] {
        let project = tree(&[("a.js", text)]);
        let code = if text.contains("self.load(1)") { "self.load(1)" } else { "this.load(1)" };
        let code = ["store.load(1)", "new Store().load(1)"].into_iter().find(|c| text.contains(c)).unwrap_or(code);
        let callee = project.project.callee(&project.path("a.js"), &project.call("a.js", code)).clone();
        let Callee::Function(id) = callee else { panic!("{text}: {callee:?}") };
        assert!(project.project.callers(id).len() == 1, "{text}");
    }
}

#[test]
fn methods_that_may_be_others_are_unknown() {
    let store = "class Store { load () {} run () { this.load(1) } }";
    for text in [
        "class Store { run () { this.load(1) } }",
        "class Store { load () {} run () { f(function () { this.load(1) }) } }",
        "class Store { load () {} static run () { this.load(1) } }",
        "class Store { get load () { return other } run () { this.load(1) } }",
        "class Store { load () {} [name] () {} run () { this.load(1) } }",
        "class Store { constructor (load) { this.load = load } load () {} run () { this.load(1) } }",
        "class Store { load () {} load () {} run () { this.load(1) } }",
        "class Store extends Other { run () { this.load(1) } }",
        "const EventEmitter = require('events'); class Store extends EventEmitter { run () { this.load(1) } }",
        &format!("{store} class File extends Store {{ load () {{}} }}"),
        &format!("{store} class File extends mixed(Store) {{ load () {{}} }}"),
        &format!("{store} Store.prototype.load = wrap(Store.prototype.load)"),
        &format!("{store} store.load = function () {{}}"),
        &format!("{store} Store.prototype[name] = function () {{}}"),
        &format!("{store} mixin(Store.prototype, others)"),
        &format!("{store} mixin(others, Store)"),
        "function Store () {} Store.prototype.load = function () {}; Store.prototype.run = function () { this.load(1) }; function File () {} util.inherits(File, Store); File.prototype.load = function () {}",
        "function Store () {} Store.prototype = others; Store.prototype.load = function () {}; Store.prototype.run = function () { this.load(1) }",
        "const helpers = { load () {}, run () { this.load(1) } }; mix(helpers)",
        "call({ load () {}, run () { this.load(1) } })",
        "function load () {} function run () { this.load(1) }",
        "const run = () => { this.load(1) }; class Store { load () {} }",
        "function Store () { return other } Store.prototype.load = function () {}; const s = new Store(); s.load(1)",
        "let self = this; self = other; self.load(1); this.load = function () {}",
    ] {
        let project = tree(&[("a.js", text)]);
        let code = ["self.load(1)", "s.load(1)"].into_iter().find(|c| text.contains(&format!(" {c}")));
        assert_eq!(project.callee("a.js", code.unwrap_or("this.load(1)")), "?", "{text}");
    }
}

#[test]
fn a_class_that_is_not_derived_from_it_does_not_hide_a_method() {
    let store = "class Store { load () {} run () { this.load(1) } }\n";
    for other in [
        "class Other { load () {} }",
        "class Base { load () {} }\nclass Other extends Base { load () {} }",
        "const E = require('events'); class Other extends E { load () {} }",
        "const Other = { load () {} }",
        "class Other { constructor () { this.load = 1 } }",
    ] {
        let project = tree(&[("a.js", &format!("{store}{other}"))]);
        assert_eq!(project.callee("a.js", "this.load(1)"), "a.js:1", "{other}");
    }
}

#[test]
fn a_stub_in_a_test_makes_the_call_unknown() {
    let files = [
        ("lib.js", "exports.load = function () {}\nexports.run = function () { exports.load(1) }\n"),
        ("test/lib.js", "const lib = require('../lib')\nlib.load = function () {}\n"),
    ];
    assert_eq!(tree(&files).callee("lib.js", "exports.load(1)"), "?");
    assert_eq!(tree(&files[..1]).callee("lib.js", "exports.load(1)"), "lib.js:1");
}

#[test]
fn calls_have_ranges() {
    let project = tree(&[("a.js", "function f () { return g }\nfunction g () {}\nf()();\n(function () {})(1)\n")]);
    assert_eq!(project.callee("a.js", "f()"), "a.js:1");
    assert_eq!(project.callee("a.js", "f()()"), "?");
    assert_eq!(project.callee("a.js", "(function () {})(1)"), "a.js:4");
    assert_eq!(project.project.calls(&project.path("a.js")).len(), 3);
}

#[test]
fn new_calls_the_constructor() {
    let text = "class A {\n  constructor () {}\n}\nclass B {}\nfunction C () {}\nnew A()\nnew B()\nnew C()\nclass D extends A {}\nnew D()\n";
    let project = tree(&[("a.js", text)]);
    assert_eq!(project.callee("a.js", "new A()"), "a.js:2");
    assert_eq!(project.callee("a.js", "new B()"), "?");
    assert_eq!(project.callee("a.js", "new C()"), "a.js:5");
    assert_eq!(project.callee("a.js", "new D()"), "a.js:2");
}

#[test]
fn functions_are_known_by_how_they_are_defined() {
    let text = "\
function declared (a, { b }, ...c) {}
const variable = a => {}
exports.member = async function () {}
module.exports.named = function own () {}
function Store () { this.instance = function () {} }
Store.prototype.method = function () {}
Store.prototype = { literal () {} }
Store.create = function () {}
class File { read () {} static open () {} get size () { return 1 } field = () => {} }
const object = { inner: function* () {} }
call(function () {})
x = [function () {}]
";
    let project = tree(&[("a.js", text)]);
    let store = |name: &str| ("Store".to_owned(), name.to_owned());
    let name = |name: &str| name.to_owned();
    let prototype = |(class, name)| Definition::Prototype { class, name };
    let method = |name: &str, is_static| Definition::ClassMethod { class: "File".into(), name: name.into(), is_static };
    for (start, definition) in [
        ("function declared", Definition::Declaration),
        ("a => {}", Definition::Variable),
        ("async function", Definition::ExportsMember { name: name("member") }),
        ("function own", Definition::ExportsMember { name: name("named") }),
        ("function () {} }", Definition::Instance { class: name("Store"), name: name("instance") }),
        ("function () {}\nStore.prototype = ", prototype(store("method"))),
        ("literal", prototype(store("literal"))),
        ("function () {}\nclass", Definition::Static { class: name("Store"), name: name("create") }),
        ("read", method("read", false)),
        ("static open", method("open", true)),
        ("get size", Definition::Accessor { name: name("size") }),
        ("() => {} }", method("field", false)),
        ("function* ()", Definition::ObjectMember { name: name("inner") }),
        ("function () {})", Definition::Argument),
        ("function () {}]", Definition::Anonymous),
    ] {
        assert_eq!(project.definition("a.js", start), definition, "{start}");
    }
    let declared = project.project.function(project.function("a.js", "function declared"));
    assert_eq!((declared.parameters, declared.line, declared.name.as_deref()), (3, 1, Some("declared")));
    let own = project.project.function(project.function("a.js", "function own"));
    assert_eq!((own.name.as_deref(), own.exported_as.as_slice()), (Some("own"), &["named".to_owned()][..]));
    assert!(project.project.function(project.function("a.js", "async function")).is_async);
    assert!(project.project.function(project.function("a.js", "function* ()")).is_generator);
}

#[test]
fn functions_are_exported_under_names() {
    let exported = |file: &str, text: &str, start: &str| {
        let project = tree(&[(file, text)]);
        let id = project.function(file, start);
        project.project.function(id).exported_as.clone()
    };
    assert_eq!(
        exported("a.js", "module.exports = load; load.two = load; function load () {}", "function"),
        ["module.exports", "two"]
    );
    assert_eq!(exported("a.js", "module.exports = { a: load, b: load }; function load () {}", "function"), ["a", "b"]);
    assert_eq!(exported("a.mjs", "export default function () {}", "function"), ["default"]);
    assert_eq!(exported("a.mjs", "export const load = () => {}", "() =>"), ["load"]);
    assert!(exported("a.js", "function load () {} exports.x = wrap(load)", "function").is_empty());
}

#[test]
fn callers_are_calls_in_functions_and_at_the_top() {
    let project = tree(&[
        ("lib.js", "exports.load = function () {}\n"),
        ("main.js", "const { load } = require('./lib')\nfunction run () { load(1) }\nload(2)\n"),
        ("test/lib.js", "require('../lib').load(3)\n"),
    ]);
    let callers = project.project.callers(project.function("lib.js", "function"));
    let run = project.function("main.js", "function run");
    let seen: Vec<_> = callers.iter().map(|c: &CallSite| (c.inside, project.project.is_test(&c.path))).collect();
    assert_eq!(seen, [(Some(run), false), (None, false), (None, true)]);
}

#[test]
fn functions_that_are_passed_or_kept_are_used_as_values() {
    let text = "\
function load () {}
async.each(list, load, done)
const later = load.bind(null)
const kept = { load }
function get () { return load }
module.exports = { load: load }
load()
if (load) x()
new load()
let y = ok ? load : null
";
    let project = tree(&[("a.js", text)]);
    let id = project.function("a.js", "function load");
    let uses = project.project.uses_as_value(id);
    let kinds: Vec<_> = uses.iter().map(|u| u.kind.clone()).collect();
    let call = project.call("a.js", "async.each(list, load, done)");
    assert_eq!(
        kinds,
        [
            UseKind::Argument { call, index: 1 },
            UseKind::Bound,
            UseKind::Stored,
            UseKind::Returned,
            UseKind::Exported,
            UseKind::Stored
        ]
    );
    assert_eq!(&text[uses[1].range.clone()], "load");
    assert_eq!(uses[3].inside, Some(project.function("a.js", "function get")));
    assert_eq!(project.project.callers(id).len(), 2);
}

#[test]
fn members_are_used_as_values() {
    let project = tree(&[
        ("lib.js", "exports.load = function () {}\n"),
        ("main.js", "const lib = require('./lib')\nrun(lib.load)\nlib.load.call(x)\n"),
    ]);
    let uses = project.project.uses_as_value(project.function("lib.js", "function"));
    let kinds: Vec<_> = uses.iter().map(|u| u.kind.clone()).collect();
    assert_eq!(kinds, [UseKind::Argument { call: project.call("main.js", "run(lib.load)"), index: 0 }, UseKind::Bound]);
}

#[test]
fn unknown_calls_are_found_by_name() {
    let project = tree(&[("a.js", "class A { load () {} }\nfunction f (x) { x.load(1); x.save(2) }\n")]);
    assert_eq!(project.project.unknown_calls("load").len(), 1);
    assert_eq!(project.project.unknown_calls("read").len(), 0);
}

const PACKAGE: (&str, &str) = ("package.json", r#"{ "name": "p", "main": "./lib" }"#);

#[test]
fn everything_is_reachable_without_a_package() {
    let project = tree(&[("lib/a.js", "exports.load = function () {}\nfunction inner () {}\n")]);
    assert!(project.is_reachable("lib/a.js", "function ()"));
    assert!(!project.is_reachable("lib/a.js", "function inner"));
}

#[test]
fn what_an_entry_module_exports_is_reachable() {
    let project = tree(&[
        PACKAGE,
        (
            "lib/index.js",
            "exports.load = function () {}\nexports.Store = require('./store')\nObject.assign(exports, require('./more'))\n",
        ),
        (
            "lib/store.js",
            "module.exports = class Store extends require('./base') { read () { helper() } }\nfunction helper () {}\n",
        ),
        ("lib/base.js", "module.exports = class Base { open () {} }\n"),
        ("lib/more.js", "exports.more = function () { return { get () {} } }\n"),
        ("lib/inner.js", "exports.inner = function () {}\n"),
        ("test/a.js", "require('../lib/inner').inner(function () {})\nexports.t = function t () {}\n"),
    ]);
    for (file, start) in [
        ("lib/index.js", "function ()"),
        ("lib/store.js", "read"),
        ("lib/base.js", "open"),
        ("lib/more.js", "function ()"),
        ("lib/more.js", "get"),
    ] {
        assert!(project.is_reachable(file, start), "{file} {start}");
    }
    for (file, start) in [
        ("lib/store.js", "function helper"),
        ("lib/inner.js", "function ()"),
        ("test/a.js", "function ()"),
        ("test/a.js", "function t"),
    ] {
        assert!(!project.is_reachable(file, start), "{file} {start}");
    }
}

#[test]
fn all_that_an_entry_module_may_export_is_reachable() {
    for text in [
        "module.exports = x ? load : other; function load () {}",
        "module.exports = { load: wrap(load) }; function load () {}",
        "let f; if (x) f = load; else f = other; exports.load = f; function load () {}",
        "exports.load = function () {}; exports.load = function load () {}",
        "exports[name] = 1; exports.a = { b: [load] }; function load () {}",
        "module.exports = table[name]; var table = { load: function load () {} }",
        "Object.defineProperty(exports, 'load', { get: function () { return load } }); function load () {}",
        "function Store () {} Store.prototype.load = function load () {}; module.exports = Store",
        "function Store () {} Store.prototype.load = function load () {}; module.exports = function () { return new Store() }",
        "function Store () {} Store.prototype.load = function load () {}; exports.open = function (cb) { cb(null, new Store()) }",
        "function Store () { this.load = function load () {} } module.exports = new Store()",
        "function Store () {} Store.prototype = { load: function load () {} }; module.exports = Store",
        "global.load = function load () {}",
        "Array.prototype.load = function load () {}",
        "load = function load () {}",
        "exports.api = { inner: { load: function load () {} } }",
    ] {
        let project = tree(&[PACKAGE, ("lib/index.js", text)]);
        assert!(project.is_reachable("lib/index.js", "function load"), "{text}");
    }
}

#[test]
fn modules_that_may_be_loaded_by_computed_names_are_reachable() {
    let file = |name: &'static str| (name, "exports.f = function () {}\n");
    let shown = |load: &'static str| {
        let index = format!("{load}\nrequire('./store/a')\nrequire('./cache/b')\n");
        let project = tree(&[
            PACKAGE,
            ("lib/index.js", &index),
            file("lib/store/a.js"),
            file("lib/cache/b.js"),
            file("lib/c.js"),
            file("test/d.js"),
        ]);
        let names = ["lib/store/a.js", "lib/cache/b.js", "lib/c.js", "test/d.js"];
        names.into_iter().filter(|name| project.is_reachable(name, "function")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(shown(""), "");
    assert_eq!(shown("require(name)"), "lib/c.js");
    for load in [
        "require('./store/' + name)",
        "require(`./store/${name}`)",
        "require(__dirname + '/store/' + name + '.js')",
        "require(path.join(__dirname, 'store', name))",
        "import('./store/' + name)",
    ] {
        assert_eq!(shown(load), "lib/store/a.js lib/c.js", "{load}");
    }
}

#[test]
fn what_is_handed_to_others_is_reachable() {
    for text in [
        "new (require('stream').Transform)({ transform: function load () {} })",
        "const it = { load: function load () {} }; require('other').use(it)",
        "class It { constructor () { this.load = function load () {} } } require('other').use(new It())",
        "function plugin (app) { app.load = function load () {} }",
        "function plugin (app) { app.add({ load: function load () {} }) }",
        "function open (cb) { setImmediate(cb, null, { load: function load () {} }) }",
    ] {
        let project = tree(&[PACKAGE, ("lib/index.js", ""), ("lib/a.js", text), ("test/a.js", text)]);
        assert!(project.is_reachable("lib/a.js", "function load"), "{text}");
        assert!(!project.is_reachable("test/a.js", "function load"), "{text}");
    }
    for text in [
        "const it = { load: function load () {} }; use(it); function use () {}",
        "const it = { load: function load () {} }; list.push(it)",
        "require('fs').readFile(p, load); function load () {}",
        "const it = { load: function load () {} }; it.load()",
    ] {
        let project = tree(&[PACKAGE, ("lib/index.js", ""), ("lib/a.js", text)]);
        assert!(!project.is_reachable("lib/a.js", "function load"), "{text}");
    }
}

#[test]
fn packages_name_their_entries() {
    let files = |package: &str| {
        let file = |name: &'static str| (name, "exports.f = function () {}\n");
        let all = [file("index.js"), file("lib/a.js"), file("lib/sub/b.js"), file("bin/run.js")];
        tree(&[&[("package.json", package)][..], &all].concat())
    };
    let shown = |package: &str| {
        let project = files(package);
        let names = ["index.js", "lib/a.js", "lib/sub/b.js", "bin/run.js"];
        names.into_iter().filter(|name| project.is_reachable(name, "function")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(shown("{}"), "index.js");
    assert_eq!(shown(r#"{ "main": "lib/a" }"#), "lib/a.js");
    assert_eq!(shown(r#"{ "bin": { "x": "bin/run.js" } }"#), "index.js bin/run.js");
    assert_eq!(shown(r#"{ "bin": "./bin/run.js", "main": "./lib/../lib/a.js" }"#), "lib/a.js bin/run.js");
    assert_eq!(
        shown(
            r#"{ "exports": { ".": { "require": "./lib/a.js", "import": "./index.js" }, "./package.json": "./package.json" } }"#
        ),
        "index.js lib/a.js"
    );
    assert_eq!(shown(r#"{ "exports": { "./*": "./lib/*.js" } }"#), "lib/a.js lib/sub/b.js");
    let all = "index.js lib/a.js lib/sub/b.js bin/run.js";
    assert_eq!(shown(r#"{ "main": "dist/index.js" }"#), all);
    assert_eq!(shown("no json"), all);
}

#[test]
fn a_private_package_without_an_entry_shows_nothing() {
    let server = ("server.js", "exports.f = function () {}\n");
    let private = tree(&[("package.json", r#"{ "private": true }"#), server]);
    assert!(!private.is_reachable("server.js", "function"));
    let public = tree(&[("package.json", "{}"), server]);
    assert!(public.is_reachable("server.js", "function"));
}

#[test]
fn packages_of_a_workspace_have_their_own_entries() {
    let project = tree(&[
        ("package.json", r#"{ "private": true }"#),
        ("packages/a/package.json", r#"{ "name": "a" }"#),
        ("packages/a/index.js", "exports.f = function () {}\n"),
        ("packages/a/lib.js", "exports.g = function () {}\n"),
        ("tool.js", "exports.h = function () {}\n"),
    ]);
    assert!(project.is_reachable("packages/a/index.js", "function"));
    assert!(!project.is_reachable("packages/a/lib.js", "function"));
    assert!(!project.is_reachable("tool.js", "function"));
}

#[test]
fn callees_come_before_callers_and_circles_together() {
    let project = tree(&[
        (
            "a.js",
            "const b = require('./b')\nfunction first () { fs.stat(p, function inner () { b.second() }) }\nfirst()\n",
        ),
        (
            "b.js",
            "exports.second = function () { ping() }\nfunction ping () { pong() }\nfunction pong () { ping(); leaf() }\nfunction leaf () {}\n",
        ),
    ]);
    let lines: Vec<Vec<String>> = project
        .project
        .components()
        .iter()
        .map(|group| group.iter().map(|id| project.project.function(*id).name.clone().unwrap()).collect())
        .collect();
    assert_eq!(lines, [vec!["leaf"], vec!["ping", "pong"], vec!["second"], vec!["inner"], vec!["first"]]);
}

#[test]
fn a_broken_file_is_read_as_far_as_it_goes() {
    let project = tree(&[("a.js", "function load () {}\nload(1)\nclass { = } (\n")]);
    assert_eq!(project.callee("a.js", "load(1)"), "a.js:1");
}

#[test]
fn deep_code_costs_no_stack() {
    let depth = 20_000;
    let nested = format!("x = {}1{};\n", "[".repeat(depth), "]".repeat(depth));
    let chain = format!("var y = x{};\n", ".a()".repeat(depth));
    let names: String = (1..depth).map(|i| format!("var v{i} = v{};\n", i - 1)).collect();
    let project = tree(&[("a.js", &format!("{nested}{chain}var v0 = load;\n{names}function load () {{}}\nv3(1);\n"))]);
    assert_eq!(project.callee("a.js", "v3(1)"), format!("a.js:{}", depth + 3));
}
