//! What the compilers of a package make of rewritten code.

use super::Project;

const CHAIN: &str =
    "export function name(id) {\n  return load(id).catch((err) => fallback(err.code)).then((user) => user.name);\n}\n";

/// What writes code. A migration that is not told which patterns begins with callbacks.
const COMMANDS: [&[&str]; 2] = [&["apply"], &["migrate", "--pattern", "then-chain", "--pattern", "promise-wrapper"]];

fn rewritten(file: &str, files: &[(&str, &str)], arguments: &[&str]) -> String {
    let project = Project::new(&[files, &[(file, CHAIN)]].concat());
    project.run(arguments);
    String::from_utf8(project.read(file)).unwrap()
}

#[test]
fn async_functions_that_would_need_a_runtime_are_for_review() {
    let package = ("package.json", r#"{"devDependencies": {"babel-preset-env": "1"}}"#);
    let babel = (".babelrc", r#"{"presets": ["env"]}"#);
    let for_node = (".babelrc", r#"{"presets": [["env", {"targets": {"node": "current"}}]]}"#);
    for command in COMMANDS {
        assert_eq!(rewritten("src/a.js", &[package, babel], command), CHAIN);
        assert!(
            rewritten("src/a.js", &[package, babel], &[command, &["--unsafe"]].concat())
                .contains("export async function")
        );
        assert!(rewritten("src/a.js", &[package, for_node], command).contains("export async function"));
    }
    let project = Project::new(&[package, babel, ("src/a.js", CHAIN)]);
    let said = String::from_utf8(project.run(&["scan"]).out).unwrap();
    assert!(said.contains("assumes: What Babel compiles async functions to has the runtime"), "{said}");
}

#[test]
fn compilers_by_other_names_are_asked_about_async_functions() {
    let said = |package: &str| {
        let project = Project::new(&[("package.json", package), ("app/a.js", CHAIN)]);
        project.run(&["apply"]);
        assert_eq!(project.read("app/a.js"), CHAIN.as_bytes(), "{package}");
        String::from_utf8(project.run(&["scan"]).out).unwrap()
    };
    let ember = said(r#"{"devDependencies": {"ember-cli-babel": "^7.1.2"}}"#);
    assert!(ember.contains("assumes: What Babel compiles async functions to has the runtime"), "{ember}");
    let buble = said(r#"{"devDependencies": {"rollup-plugin-buble": "^0.19.0"}}"#);
    assert!(buble.contains("assumes: Bublé, which takes no async functions"), "{buble}");
}

#[test]
fn an_old_typescript_is_not_told_the_type_of_an_error() {
    let version = |range: &str| format!(r#"{{"devDependencies": {{"typescript": "{range}"}}}}"#);
    for (range, expected) in [("^2.7.0", "catch (err)"), ("^4.0.2", "catch (err: any)"), ("latest", "catch (err: any)")]
    {
        for command in COMMANDS {
            let code = rewritten("src/a.ts", &[("package.json", &version(range))], command);
            assert!(code.contains(expected), "{command:?} {range}: {code}");
        }
    }
}

#[test]
fn types_of_an_old_node_lack_its_promise_forms() {
    let code = "import * as fs from 'fs';\nexport function read(path: string): Promise<Buffer> {\n  return new Promise((resolve, \
                reject) => fs.readFile(path, (err, data) => (err ? reject(err) : resolve(data))));\n}\n";
    let version = |range: &str| format!(r#"{{"devDependencies": {{"@types/node": "{range}"}}}}"#);
    for (range, rewritten) in [("^7.0.12", false), ("^9.4.0", false), ("^10.1.0", true), ("*", true)] {
        for command in COMMANDS {
            let project = Project::new(&[("package.json", &version(range)), ("src/a.ts", code)]);
            project.run(command);
            assert_eq!(project.read("src/a.ts") != code.as_bytes(), rewritten, "{command:?} {range}");
        }
    }
}

#[test]
fn what_does_not_follow_an_await_makes_one_for_review() {
    let callbacks = "const db = require('./db');\nexports.count = function (done) {\n  db.load('a', function (err, rows) {\n    \
                     if (err) return done(err);\n    done(null, rows.length);\n  });\n};\n";
    for (list, name, rewritten) in [
        ("dependencies", "continuation-local-storage", false),
        ("dependencies", "cls-bluebird", false),
        ("devDependencies", "async-listener", false),
        ("dependencies", "cls-hooked", true),
    ] {
        let package = format!(r#"{{"{list}": {{"{name}": "*"}}}}"#);
        for code in [CHAIN, callbacks] {
            let project = Project::new(&[("package.json", &package), ("src/a.js", code)]);
            project.run(&["apply"]);
            assert_eq!(project.read("src/a.js") != code.as_bytes(), rewritten, "{name} {code}");
            let said = String::from_utf8(project.run(&["scan"]).out).unwrap();
            assert_eq!(said.contains("assumes: Nothing behind an `await`"), !rewritten, "{name} {said}");
        }
    }
}

const HANDLER: &str = "\
declare const load: any;

router.get('/users/:id', (req, res, next) => {
  load(req.params.id, (err, user) => {
    if (err) return next(err);
    if (!user) return res.status(404).end();
    res.json(user);
  });
});

export function nameOf(id: string, cb: (err: Error | null, name?: string) => void): void {
  load(id, (err, user) => {
    if (err) return cb(err);
    cb(null, user.name);
  });
}
";

#[test]
fn a_value_on_some_paths_only_is_for_review_where_typescript_asks_for_all() {
    let with = |settings: &str, arguments: &[&str]| {
        let settings = ("tsconfig.json", settings);
        let project = Project::new(&[("package.json", "{}"), settings, ("app.ts", HANDLER)]);
        project.run(&[&["migrate", "--pattern", "callback-pyramid"], arguments].concat());
        let code = String::from_utf8(project.read("app.ts")).unwrap();
        (code.contains("async (req, res, next)"), code.contains("async function nameOfAsync"))
    };
    let asking = "{\n  \"compilerOptions\": {\n    \"noImplicitReturns\": true\n  }\n}\n";
    assert_eq!(with(asking, &[]), (false, true));
    assert_eq!(with(asking, &["--unsafe"]), (true, true));
    assert_eq!(with(&asking.replace("    \"no", "    // \"no"), &[]), (true, true));
    assert_eq!(with(&asking.replace("true", "false"), &[]), (true, true));
    // A part of a package may have settings of its own.
    for (settings, expected) in
        [("server/tsconfig.json", false), ("server/api/tsconfig.json", false), ("web/tsconfig.json", true)]
    {
        let file = "server/api/app.ts";
        let project = Project::new(&[("package.json", "{}"), (settings, asking), (file, HANDLER), ("web/a.js", "1;")]);
        project.run(&["migrate", "--pattern", "callback-pyramid"]);
        assert_eq!(project.text(file).contains("async (req, res, next)"), expected, "{settings}");
    }
}

#[test]
fn typescript_asks_for_no_value_in_other_code_and_where_none_is_declared() {
    let settings = ("tsconfig.json", "{ \"compilerOptions\": {\n\"noImplicitReturns\": true } }\n");
    let becomes_async = |file: &str, text: &str| {
        let project = Project::new(&[("package.json", "{}"), settings, (file, text)]);
        project.run(&["apply"]);
        String::from_utf8(project.read(file)).unwrap().contains("async ")
    };
    let text = "export function show(id) {\n  return load(id).then((user) => {\n    if (user) return draw(user);\n    clear();\n  });\n}\n";
    assert!(becomes_async("a.js", text));
    assert!(!becomes_async("a.ts", text));
    assert!(becomes_async("a.ts", &text.replace("(id) {", "(id): Promise<any> {")));
    assert!(becomes_async("a.ts", &text.replace("(id) {", "(id): Promise<void> {")));
    assert!(!becomes_async("a.ts", &text.replace("(id) {", "(id): Promise<Company | undefined> {")));
}
