//! Promise wrappers and async executors, rewritten as text: what their pages show, how imports are added, and how the
//! file's own way of writing is kept.

use unpyramid::{
    edit::Safety,
    engine::{Engine, Selection},
    source::SourceFile,
    transforms::ALL,
};

/// Rewrites a text with the two patterns, at every level.
fn rewrite(name: &str, text: &str) -> String {
    let patterns = ["promise-wrapper", "async-executor"].map(str::to_owned).into_iter().collect();
    let selection = Selection { patterns, review: true, ..Selection::default() };
    let engine = Engine::new(ALL, selection).unwrap();
    let source = SourceFile::new(name, text.as_bytes().to_vec()).unwrap();
    let out = engine.rewrite(&source).bytes.map(|b| String::from_utf8(b).unwrap());
    out.unwrap_or_else(|| text.to_owned())
}

/// The level of the only finding in a text, and its refusal if it has one.
fn level(text: &str) -> (Safety, Option<&'static str>) {
    let engine = Engine::new(ALL, Selection::default()).unwrap();
    let source = SourceFile::new("a.js", text.as_bytes().to_vec()).unwrap();
    let scan = engine.scan(&source);
    let own = |p: &str| matches!(p, "promise-wrapper" | "async-executor");
    let mut found = scan.findings.iter().map(|f| &f.finding).filter(|f| own(f.pattern));
    let finding = found.next().expect("something is found");
    assert!(found.next().is_none(), "only one finding is expected");
    (finding.safety(), finding.outcome.as_ref().err().map(|r| r.code.code()))
}

/// An executor around a call of `api.get`, with the callback's body.
fn wrapper(body: &str) -> String {
    format!("const f = (k) => new Promise((resolve, reject) => {{ api.get(k, (err, v) => {{ {body} }}); }});\n")
}

#[test]
fn the_pages_show_what_happens() {
    for transform in ALL {
        let meta = transform.meta();
        if matches!(meta.id, "promise-wrapper" | "async-executor") {
            assert_eq!(rewrite("a.js", meta.before), meta.after, "{}", meta.id);
        }
    }
}

#[test]
fn an_import_joins_the_others_in_the_files_own_style() {
    let call = "api.get(k, (e, v) => e ? reject(e) : resolve(v))";
    let function = format!("exports.f = k => new Promise((resolve, reject) => {call})");
    let semicolons = rewrite("a.js", &format!("var api = require(\"./api\"); // ours\n\n{function};\n"));
    assert!(
        semicolons.starts_with("var api = require(\"./api\"); // ours\nvar util = require(\"util\");\n\nexports.f")
    );
    let prefixed =
        rewrite("a.js", &format!("const fs = require('node:fs')\nconst api = require('./api')\n{function}\n"));
    assert!(prefixed.contains("require('./api')\nconst util = require('node:util')\nexports.f"), "{prefixed}");
    let header = rewrite("a.js", &format!("#!/usr/bin/env node\n/* Licence. */\n\n'use strict';\n\n{function};\n"));
    assert!(header.contains("'use strict';\n\nconst util = require('util');\n\nexports.f"), "{header}");
    let licence = rewrite("a.js", &format!("/* Licence. */\n\n// Gets.\n{function};\n"));
    assert!(licence.starts_with("/* Licence. */\n\nconst util = require('util');\n\n// Gets.\n"), "{licence}");
    let module =
        rewrite("a.mjs", "export const f = (k) => new Promise((res, rej) => k.get((e, v) => e ? rej(e) : res(v)));\n");
    assert!(module.starts_with("import { promisify } from 'util';\n\nexport const f"), "{module}");
}

#[test]
fn an_import_is_used_again_and_added_once() {
    let two = "const a = (k) => new Promise((res, rej) => k.get((e, v) => (e ? rej(e) : res(v))));\n\
               const b = (k) => new Promise((res, rej) => k.put((e, v) => (e ? rej(e) : res(v))));\n";
    assert_eq!(rewrite("a.js", two).matches("require('util')").count(), 1);
    let renamed = rewrite("a.js", &format!("const {{ promisify: later }} = require('util');\n{two}"));
    assert!(renamed.contains("later(k.get.bind(k))()") && renamed.matches("require").count() == 1, "{renamed}");
    // A parameter named like the import hides it.
    let hidden = rewrite("a.js", &format!("const util = require('util');\n{}", two.replace("(k)", "(k, util)")));
    assert!(hidden.contains("nodeUtil = require('util')") && hidden.contains("nodeUtil.promisify("), "{hidden}");
}

#[test]
fn line_ends_tabs_and_a_byte_order_mark_stay() {
    let before = "\u{FEFF}function f(k) {\r\n\treturn new Promise((resolve, reject) => {\r\n\t\tk.get((err, v) => {\r\n\t\t\t\
                  if (err) return reject(err);\r\n\r\n\t\t\tresolve(v.w);\r\n\t\t});\r\n\t});\r\n}\r\n";
    let after = "\u{FEFF}const util = require('util');\r\n\r\nasync function f(k) {\r\n\tconst v = await \
                 util.promisify(k.get.bind(k))();\r\n\r\n\treturn v.w;\r\n}\r\n";
    assert_eq!(rewrite("a.js", before), after);
}

#[test]
fn two_in_one_function_do_not_get_the_same_name() {
    let one = "await new Promise((resolve, reject) => api.get((e, data) => { if (e) throw e; resolve(data.n); }))";
    let out = rewrite(
        "a.js",
        &format!("async function f() {{\n  const a = {one};\n  const b = {one};\n  return a + b;\n}}\n"),
    );
    assert!(out.contains("const data = await") && out.contains("const data2 = await"), "{out}");
}

#[test]
fn plain_constructors_are_no_findings() {
    let scan = |text: &str| {
        let engine = Engine::new(ALL, Selection::default()).unwrap();
        engine.scan(&SourceFile::new("a.js", text.as_bytes().to_vec()).unwrap()).findings.len()
    };
    assert_eq!(scan("const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));\n"), 0);
    assert_eq!(scan("const loaded = (i) => new Promise((res, rej) => { i.onload = res; i.on('error', rej); });\n"), 0);
    assert_eq!(scan("const deferred = {}; deferred.promise = new Promise((r) => { deferred.resolve = r; });\n"), 0);
}

#[test]
fn what_is_not_certain_is_not_safe() {
    let level_of = |body: &str| level(&wrapper(body));
    assert_eq!(level_of("if (err) return reject(err); resolve(v);"), (Safety::Safe, None));
    assert_eq!(level_of("if (err) throw err; resolve(v);"), (Safety::Safe, None));
    assert_eq!(level_of("if (err) reject(err); resolve(v);"), (Safety::Safe, None));
    // Without the `return`, more than the second settle runs on failure.
    assert_eq!(level_of("if (err) reject(err); resolve(shape(v));").0, Safety::Review);
    assert_eq!(level_of("if (err) return reject(wrap(err)); resolve(v);").0, Safety::Review);
    assert_eq!(level_of("if (err != null) return reject(err); resolve(v);").1, Some("unusual-error-check"));
    assert_eq!(level_of("if (err) return; resolve(v);").1, Some("never-settles"));
    assert_eq!(level_of("resolve(v);").1, Some("dropped-error"));
    assert_eq!(level_of("if (err) return reject(err); later(() => resolve(v));").1, Some("real-promise-constructor"));
}

#[test]
fn depth_costs_neither_the_stack_nor_the_day() {
    for asynchronous in ["", "async "] {
        let body = format!("{}return resolve(1);{}", "if (k) {".repeat(5_000), "}".repeat(5_000));
        let text = format!(
            "const f = (k) => new Promise({asynchronous}(resolve, reject) => {{ {body} k.then(resolve); }});\n"
        );
        // What is too deep is not judged, so it may be of either kind.
        let source = SourceFile::new("a.js", text.into_bytes()).unwrap();
        let scan = Engine::new(ALL, Selection::default()).unwrap().scan(&source);
        let own = scan.findings.iter().filter(|f| matches!(f.finding.pattern, "promise-wrapper" | "async-executor"));
        let codes = own.map(|f| f.finding.outcome.as_ref().err().map(|r| r.code.code()));
        let codes: Vec<_> = codes.collect();
        assert!(!codes.is_empty() && codes.iter().all(|code| *code == Some("too-deep")), "{codes:?}");
    }
}
