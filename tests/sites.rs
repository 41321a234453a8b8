//! What is handed a function that looks like an error-first callback, and is nothing to convert.

use unpyramid::{
    engine::{Engine, Selection},
    source::SourceFile,
    transforms::ALL,
};

/// The codes of the refusals in a file, or the levels of what is no refusal.
fn found(text: &str) -> Vec<String> {
    let patterns = vec!["callback-pyramid".to_owned()];
    let engine = Engine::new(ALL, Selection { patterns, ..Selection::default() }).expect("a known pattern");
    let file = SourceFile::new("a.js", text.as_bytes().to_vec()).expect("a text");
    let findings = engine.scan(&file).findings;
    findings
        .iter()
        .map(|f| f.finding.outcome.as_ref().map_or_else(|r| r.code.code().to_owned(), |_| "change".to_owned()))
        .collect()
}

#[test]
fn listeners_are_no_sites_however_they_are_registered() {
    for call in [
        "socket.on('error', (err) => { stop(err); });",
        "socket.on?.('error', (err) => { stop(err); });",
        "socket?.on?.('error', (err) => { stop(err); });",
        "socket.on.apply(socket, ['error', (err) => { stop(err); }]);",
        "socket.on('error', quiet ? (err) => { stop(err); } : report);",
        "new Promise((err, done) => { stop(err); });",
        "new Map([[1, (err) => { stop(err); }]]);",
        "new Server((request, response) => { response.end(); });",
        "list.map?.((item) => item.name);",
        "list.push(quiet ? first : second);",
        "exports.register = function (name, fn) { return new Tag(name, fn); };",
    ] {
        assert_eq!(found(call), Vec::<String>::new(), "{call}");
    }
}

#[test]
fn adapters_are_no_sites_however_they_hand_the_callback_over() {
    for callback in [
        "cb",
        "cb || (() => {})",
        "cb && (err => cb(err))",
        "err => err ? cb(err) : cb()",
        "cb ? (err, value) => value === undefined ? cb(err) : cb(err, value) : () => {}",
    ] {
        for of in ["loadAsync", "(async () => id)"] {
            let text = format!(
                "const util = require('util');\nexports.load = function (id, cb) {{\n  if (!id) return cb(null);\n  \
                 util.callbackify({of})(id, {callback});\n}};\n"
            );
            assert_eq!(found(&text), Vec::<String>::new(), "{text}");
        }
    }
}

#[test]
fn what_is_not_followed_is_refused_by_name() {
    let callback = "(err, x) => { if (err) return cb(err); cb(null, x); }";
    for (call, code) in [
        (format!("db.get?.(id, {callback});"), "complex-callee"),
        (format!("db?.get?.(id, {callback});"), "complex-callee"),
        ("db.get?.(id, cb);".to_owned(), "complex-callee"),
        (format!("db.get.apply(db, [id, {callback}]);"), "complex-callee"),
        (format!("db.get(id, fast ? {callback} : cb);"), "callback-not-in-place"),
        (format!("db.get(id, fast && ({callback}));"), "callback-not-in-place"),
        (format!("util.callbackify(loadAsync)(id, fast ? {callback} : cb);"), "callback-not-in-place"),
        (format!("new Query(id, {callback});"), "call-result-used"),
        (
            format!("const q = new Query(id, {callback}.bind(this));").replace("(err, x) =>", "function (err, x)"),
            "call-result-used",
        ),
    ] {
        let text = format!("exports.load = function (id, cb) {{ if (!id) return cb(null); {call} }};\n");
        assert!(found(&text).contains(&code.to_owned()), "{text}: {:?}", found(&text));
    }
}

#[test]
fn what_fails_inside_is_not_tried_again_by_all_that_is_around_it() {
    // Each level can be written in several ways, and each of them goes over all levels inside.
    for check in ["if (err) return cb(err);", "if (err && err.code) return cb(err);", "if (x.y) return cb(err);"] {
        let open = format!("  db.get(id, (err, x) => {{\n    {check}\n");
        let text = format!("exports.load = (id, cb) => {{\n{}log(id);\n{}}};\n", open.repeat(24), "});\n".repeat(24));
        assert_eq!(found(&text), vec!["path-never-calls-back"; 24], "{check}");
    }
}
