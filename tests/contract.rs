//! Contracts of small functions, each with the answer that is expected in a comment in front of it:
//!
//! ```js
//! // expect: callback 1 once error-first results=1 sync=never
//! function load(path, cb) { … }
//! ```
//!
//! The first word is the kind; a callback is followed by its index and by how often it is called (`once`, `never`,
//! `twice`, `unknown`). What else is to be checked follows: `error-first`, `value-first`, `error-unknown`,
//! `results=2`, `results=unknown`, `sync=always`, `optional`, `shifted`, `presumed=1` (calls of functions of which
//! nothing is known), and `blames=text` for the start of the code at fault, without its spaces.

use std::{fs, path::Path};

use unpyramid::{
    apis::Apis,
    context::Context,
    contract::{Callback, CallbackUse, Calls, Contract, FileOracle, Kind, NamedUses, Oracle, Sync, Times, contract},
    project::{CallbackFunctions, LibraryUses},
    semantic::Names,
    source::SourceFile,
    syntax::{
        Node, Parsed,
        node::{is_function, walk},
    },
};

/// A file's text with what a judgement may look at.
fn with_context<T>(path: &Path, text: &str, look: impl FnOnce(&Context<'_>) -> T) -> T {
    let source = SourceFile::new(path, text.as_bytes().to_vec()).unwrap();
    let file = Parsed::new(&source);
    let (names, style, library) = (Names::new(&file), file.style(), LibraryUses::of(&file));
    let callbacks = CallbackFunctions::default();
    look(&Context::new(&file, &names, &style, Apis::builtin(), &library, &callbacks))
}

/// The first function that starts behind a byte.
fn function_behind<'a>(cx: &Context<'a>, byte: usize) -> Node<'a> {
    let mut found = None;
    walk(cx.file.root(), |n| {
        if found.is_none() && is_function(n) && n.start_byte() >= byte {
            found = Some(n);
        }
        found.is_none()
    });
    found.expect("a function follows")
}

fn calls(callback: &Callback) -> &'static str {
    match callback.calls {
        Calls::Once => "once",
        Calls::NeverOnSomePath(_) => "never",
        Calls::TwiceOnSomePath(..) => "twice",
        Calls::Unknown(_) => "unknown",
    }
}

fn head(kind: &Kind) -> String {
    match kind {
        Kind::Plain => "plain".into(),
        Kind::Promise => "promise".into(),
        Kind::Async => "async".into(),
        Kind::Callback(c) => format!("callback {} {}", c.index, calls(c)),
        Kind::Mixed(c) => format!("mixed {} {}", c.index, calls(c)),
    }
}

/// The words that hold of a contract, beside its head.
fn details(cx: &Context<'_>, contract: &Contract) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(callback) = contract.kind.callback() {
        words.push(match callback.error_first {
            Some(true) => "error-first".into(),
            Some(false) => "value-first".into(),
            None => "error-unknown".into(),
        });
        words.push(callback.results.map_or("results=unknown".into(), |r| format!("results={r}")));
        words.extend(callback.optional.then(|| "optional".into()));
        words.extend(callback.shifted.then(|| "shifted".into()));
        words.push(format!("presumed={}", contract.evidence.presumed.len()));
        if let Calls::NeverOnSomePath(range) | Calls::TwiceOnSomePath(_, range) | Calls::Unknown(range) =
            &callback.calls
        {
            words.push(format!("blames={}", cx.slice(range.clone()).replace(char::is_whitespace, "")));
        }
    }
    words.push(match contract.sync {
        Sync::Always => "sync=always".into(),
        Sync::Sometimes => "sync=sometimes".into(),
        Sync::Never => "sync=never".into(),
        Sync::Unknown => "sync=unknown".into(),
    });
    words
}

/// Checks one directive; `Err` says what is wrong.
fn check(cx: &Context<'_>, directive: &str, contract: &Contract) -> Result<(), String> {
    let words: Vec<_> = directive.split_whitespace().collect();
    let kind = head(&contract.kind);
    let length = kind.split(' ').count().max(if matches!(words[0], "callback" | "mixed") { 3 } else { 1 });
    let details = details(cx, contract);
    let expected = words.get(..length).map(|w| w.join(" "));
    if expected.as_deref() != Some(kind.as_str()) {
        return Err(format!("is {kind} {details:?}"));
    }
    for word in &words[length..] {
        let holds = details.iter().any(|d| d == word || word.starts_with("blames=") && d.starts_with(word));
        if !holds {
            return Err(format!("`{word}` does not hold of {kind} {details:?}"));
        }
    }
    Ok(())
}

#[test]
fn contracts_are_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contracts");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    let (mut count, mut wrong) = (0, Vec::new());
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        with_context(&path, &text, |cx| {
            assert!(cx.file.errors().is_empty(), "{} parses", path.display());
            for (at, _) in text.match_indices("// expect: ") {
                let line = text[at..].lines().next().unwrap();
                let function = function_behind(cx, at + line.len());
                let contract = contract(cx, function, &FileOracle::new(&NamedUses::default()));
                count += 1;
                if let Err(problem) = check(cx, &line["// expect: ".len()..], &contract) {
                    let number = text[..at].lines().count() + 1;
                    wrong.push(format!("{}:{number}: {line}\n    {problem}", path.display()));
                }
            }
        });
    }
    assert!(count >= 80, "only {count} cases were found");
    assert!(wrong.is_empty(), "{} of {count} are wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn an_oracle_of_the_callers_own_is_asked() {
    #[derive(Debug)]
    struct Listener;
    impl Oracle for Listener {
        fn of_call<'a>(&self, cx: &Context<'a>, call: Node<'a>, argument: usize) -> Option<CallbackUse> {
            assert_eq!(cx.text(call), "store.watchKey(key, cb)");
            (argument == 1).then(CallbackUse::unknown)
        }
    }
    let text = "function load(key, cb) { store.watchKey(key, cb); if (!key) cb(null); }";
    with_context(Path::new("a.js"), text, |cx| {
        let found = contract(cx, function_behind(cx, 0), &Listener);
        assert_eq!(head(&found.kind), "callback 1 unknown");
    });
}

#[test]
fn a_function_that_answers_whether_it_called_back_says_so() {
    let text =
        "function missing(key, cb) { if (key) return false; process.nextTick(cb, new Error('no key')); return true; }";
    with_context(Path::new("a.js"), text, |cx| {
        let nothing = NamedUses::default();
        let oracle = FileOracle::new(&nothing);
        let found = contract(cx, function_behind(cx, 0), &oracle);
        assert_eq!(found.evidence.returns_when_called, Some(true));
        assert_ne!(Times::When(true), Times::Once);
    });
}

#[test]
fn deep_nesting_ends_in_what_can_not_be_told() {
    for depth in [60, 130, 5_000] {
        let text = format!("function f(cb) {{ {}cb(null);{} }}", "if (a) {".repeat(depth), "}".repeat(depth));
        with_context(Path::new("a.js"), &text, |cx| {
            let found = contract(cx, function_behind(cx, 0), &FileOracle::new(&NamedUses::default()));
            assert!(!matches!(found.kind.callback().map(|c| &c.calls), Some(Calls::Once)), "{found:?}");
        });
    }
}

#[test]
fn code_that_is_nested_too_deeply_to_be_followed_tells_nothing() {
    let contract_of = |body: &str| {
        let text = format!("function f(cb) {{ {body} }}");
        with_context(Path::new("a.js"), &text, |cx| {
            head(&contract(cx, function_behind(cx, 0), &FileOracle::new(&NamedUses::default())).kind)
        })
    };
    let calls = |depth: usize| format!("{}cb(null){};", "log(".repeat(depth), ")".repeat(depth));
    assert_eq!(contract_of(&calls(5)), "callback 0 once");
    assert_eq!(contract_of(&calls(130)), "callback 0 unknown");
    let questions = |depth: usize| format!("if ({}cb) cb(null);", "!".repeat(depth));
    assert_eq!(contract_of(&questions(4)), "callback 0 once");
    assert_eq!(contract_of(&questions(130)), "callback 0 unknown");
    let blocks = |depth: usize| format!("if (a) {}return;{} cb(null);", "{".repeat(depth), "}".repeat(depth));
    assert_eq!(contract_of(&blocks(5)), "callback 0 never");
    assert_eq!(contract_of(&blocks(130)), "callback 0 unknown");
    let links = |count: usize| format!("load(){}.then(() => cb(null), cb);", ".then(check)".repeat(count));
    assert_eq!(contract_of(&links(5)), "callback 0 once");
    assert_eq!(contract_of(&links(41)), "callback 0 unknown");
    let sum = |count: usize| format!("cb(null, {}1);", "1 + ".repeat(count));
    assert_eq!(contract_of(&sum(5)), "callback 0 once");
    assert_eq!(contract_of(&sum(700)), "plain");
}

#[test]
fn functions_that_call_one_another_end() {
    let one = |n: usize| format!("function f{n}(cb) {{ {}f{}(cb){} }}\n", "{".repeat(40), (n + 1) % 60, "}".repeat(40));
    let text: String = (0..60).map(one).collect();
    with_context(Path::new("a.js"), &text, |cx| {
        let found = contract(cx, function_behind(cx, 0), &FileOracle::new(&NamedUses::default()));
        assert!(found.kind.callback().is_some(), "{found:?}");
    });
}

#[test]
fn many_branches_end_in_time() {
    let branches = "if (a()) x = 1; else y = 2;\nread(function (err) { if (err) log(err); });\n".repeat(400);
    let text = format!("function f(cb) {{ {branches} cb(null); }}");
    with_context(Path::new("a.js"), &text, |cx| {
        let found = contract(cx, function_behind(cx, 0), &FileOracle::new(&NamedUses::default()));
        assert_eq!(head(&found.kind), "callback 0 once");
    });
}

/// The contract of the first function of the last of some files, as a project that holds them all sees it.
fn contract_in_project(files: &[(&str, &str)]) -> Contract {
    let mut named = NamedUses::default();
    for (path, text) in files {
        named.extend(with_context(Path::new(path), text, NamedUses::of_file));
    }
    let (path, text) = files.last().unwrap();
    with_context(Path::new(path), text, |cx| contract(cx, function_behind(cx, 0), &FileOracle::new(&named)))
}

const SESSION: (&str, &str) = (
    "session.js",
    "Session.prototype.check = function (id, callback) { if (id) callback(true); else setImmediate(callback, false); };",
);

#[test]
fn a_method_of_another_file_is_known_by_its_name() {
    let caller = ("a.js", "function f(session, cb) { session.check(1, function (valid) { cb(null, valid); }); }");
    assert_eq!(head(&contract_in_project(&[caller]).kind), "callback 1 unknown");
    let found = contract_in_project(&[SESSION, caller]);
    assert_eq!(head(&found.kind), "callback 1 once");
    assert_eq!(found.sync, Sync::Unknown, "it may be the method of another object");
}

#[test]
fn all_methods_of_a_name_have_to_do_the_same() {
    let caller = ("a.js", "function f(session, cb) { session.check(1, function (valid) { cb(null, valid); }); }");
    let without = ("other.js", "class Other { check() { return true; } }");
    assert_eq!(head(&contract_in_project(&[SESSION, without, caller]).kind), "callback 1 once", "it takes no callback");
    let keeping = ("other.js", "class Other { check(id, listener) { this.listeners.set(id, listener); } }");
    assert_eq!(head(&contract_in_project(&[SESSION, keeping, caller]).kind), "callback 1 unknown");
    let all = ("other.js", "class Other { check() { return this.list.push(arguments); } }");
    assert_eq!(head(&contract_in_project(&[SESSION, all, caller]).kind), "callback 1 unknown");
    let rest = ("other.js", "class Other { check(...all) { return this.list.push(all); } }");
    assert_eq!(head(&contract_in_project(&[SESSION, rest, caller]).kind), "callback 1 unknown");
}

#[test]
fn a_method_of_a_package_or_a_global_is_none_of_the_project() {
    for start in ["const session = require('session'); ", "import session from 'session'; ", ""] {
        let caller = format!("{start}function f(cb) {{ session.check(1, function (valid) {{ cb(null, valid); }}); }}");
        let found = contract_in_project(&[SESSION, ("a.js", &caller)]);
        assert_eq!(head(&found.kind), "callback 0 unknown", "{caller}");
    }
    let own =
        "const session = require('./session'); function f(cb) { session.check(1, function (valid) { cb(valid); }); }";
    assert_eq!(head(&contract_in_project(&[SESSION, ("a.js", own)]).kind), "callback 0 once");
    let above = "class A extends B { check(id, cb) { super.check(1, function (valid) { cb(valid); }); } }";
    assert_eq!(head(&contract_in_project(&[SESSION, ("a.js", above)]).kind), "callback 1 unknown");
    let local = "function f(check, cb) { check(1, function (valid) { cb(null, valid); }); }";
    assert_eq!(head(&contract_in_project(&[SESSION, ("a.js", local)]).kind), "callback 1 unknown");
}

#[test]
fn a_name_alone_makes_no_callback_of_what_is_handed_over() {
    let reader = ("read.js", "exports.read = function (path, cb) { fs.readFile(path, cb); };");
    assert_eq!(
        head(&contract_in_project(&[reader, ("a.js", "function f(key) { store.read(1, key); }")]).kind),
        "plain"
    );
}

#[test]
fn a_function_of_another_file_that_makes_one_does_not_call_back() {
    let maker = "module.exports = function (server, complete) { return function (req) { complete(req); }; };";
    let caught = "module.exports = function (server, complete) { server.start(complete); };";
    let caller = "const make = require('./make'); function f(complete) { return make(this, complete); }";
    let kind = |maker| head(&contract_in_project(&[("lib/make.js", maker), ("lib/server.js", caller)]).kind);
    assert_eq!(kind(maker), "plain");
    assert_eq!(kind(caught), "callback 0 once");
}

#[test]
fn whoever_returns_what_is_callback_or_promise_is_so_as_well() {
    let model = "class Model { find(query, cb) { cb = cb || promiseCallback(); read(query, cb); return cb.promise; } }";
    let plain = "class Model { find(query, cb) { read(query, cb); } }";
    let returned = "function f(model, query, cb) { return model.find(query, cb); }";
    let kind = |model, caller| head(&contract_in_project(&[("model.js", model), ("a.js", caller)]).kind);
    assert_eq!(kind(model, returned), "mixed 2 once");
    assert_eq!(kind(plain, returned), "callback 2 once");
    assert_eq!(kind(model, "function f(model, query, cb) { model.find(query, cb); }"), "callback 2 once");
    let calls = "function f(model, query, cb) { if (!query) cb(null); else return model.find(query, cb); }";
    assert_eq!(kind(model, calls), "callback 2 once", "it can't do without a callback");
}

#[test]
fn an_override_does_what_the_function_does_that_it_overrides() {
    let base = "Base.prototype.around = function (work, data, callback) { \
                if (data) work.call(this); else callback(new Error('no data')); };";
    let over = "one.around = function (work, data, callback) { \
                before.call(this, work, data, callback); }; const before = one.around;";
    let caller = "function f(one, cb) { one.around(function () { cb(null); }, {}, cb); }";
    let kind = |all: &[(&str, &str)]| head(&contract_in_project(all).kind);
    assert_eq!(kind(&[("base.js", base), ("a.js", caller)]), "callback 1 once");
    assert_eq!(kind(&[("base.js", base), ("over.js", over), ("a.js", caller)]), "callback 1 once");
    let other = "one.around = function (work, data, callback) { later.call(this, work, data, callback); };";
    assert_eq!(kind(&[("base.js", base), ("over.js", other), ("a.js", caller)]), "callback 1 unknown");
}

#[test]
fn nothing_is_said_of_a_method_with_a_syntax_error_in_it() {
    let caller = ("a.js", "function f(session, cb) { session.check(1, function (valid) { cb(null, valid); }); }");
    let broken = ("session.js", "Session.prototype.check = function (id, listener) { listener(id); let = = 1; };");
    let whole = ("session.js", "Session.prototype.check = function (id, listener) { listener(id); };");
    assert_eq!(head(&contract_in_project(&[whole, caller]).kind), "callback 1 once");
    assert_eq!(head(&contract_in_project(&[broken, caller]).kind), "callback 1 unknown");
}

#[test]
fn methods_of_a_name_that_do_something_else_tell_nothing() {
    let caller = ("a.js", "function f(session, cb) { session.check(1, function (valid) { cb(null, valid); }); }");
    let other = ("other.js", "class Other { check(id, callback) { return true; } }");
    assert_eq!(head(&contract_in_project(&[SESSION, other, caller]).kind), "callback 1 unknown");
}

#[test]
fn paths_that_were_merged_tell_nothing() {
    let questions: String = (1..=8).map(|n| format!("if (a{n}) log(); if (a{n}) log();\n")).collect();
    let parameters: String = (0..=8).map(|n| format!("a{n}, ")).collect();
    let text = format!("function f({parameters}cb) {{ if (a0) cb(null);\n{questions} if (!a0) cb(null); }}");
    with_context(Path::new("a.js"), &text, |cx| {
        let found = contract(cx, function_behind(cx, 0), &FileOracle::new(&NamedUses::default()));
        assert_eq!(head(&found.kind), "callback 9 unknown");
    });
}
