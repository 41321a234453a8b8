use super::*;
use crate::{
    apis::Apis,
    project::{CallbackFunctions, LibraryUses},
    semantic::Names,
    source::SourceFile,
    syntax::{Parsed, node::walk},
};

/// What is made of every call in a text, from the first on.
fn with_calls<T>(text: &str, mut look: impl FnMut(&Context<'_>, Node<'_>) -> Option<T>) -> Vec<T> {
    let source = SourceFile::new("a.mjs", text.as_bytes().to_vec()).unwrap();
    let file = Parsed::new(&source);
    let (names, style, library) = (Names::new(&file), file.style(), LibraryUses::default());
    let callbacks = CallbackFunctions::default();
    let cx = Context::new(&file, &names, &style, Apis::builtin(), &library, &callbacks);
    let mut found = Vec::new();
    walk(file.root(), |node| {
        found.extend(look(&cx, node));
        true
    });
    found
}

/// A call in a line: what it does, in which order, what is run, and whether somebody is told.
fn told(text: &str) -> Vec<String> {
    with_calls(text, |cx, node| {
        Some(match async_call(cx, node)? {
            Err(refusal) => format!("{} {}", refusal.code.code(), cx.slice(refusal.range)),
            Ok(AsyncCall { work, order, run, callback, .. }) => {
                let order = match order {
                    Order::InTurn => "in turn".to_owned(),
                    Order::Together => "together".to_owned(),
                    Order::Limited(limit) => format!("{} at once", cx.text(limit)),
                };
                let task = |task: &Task<'_>| {
                    let mut names: Vec<_> = task.key.iter().map(|k| format!("{}:", cx.text(*k))).collect();
                    names.extend(task.parameters.iter().map(|p| cx.text(*p).to_owned()));
                    names.push(cx.names.binding(task.callback).name.clone());
                    names.join(" ")
                };
                let run = match &run {
                    Run::Tasks { tasks, .. } => tasks.iter().map(task).collect::<Vec<_>>().join(", "),
                    Run::Items { items, iteratee } => format!("{} of {}", task(iteratee), cx.text(*items)),
                };
                format!("{work:?} {order} [{run}] {}", callback.map_or("-", |c| cx.text(c)))
            }
        })
    })
}

#[test]
fn each_function_is_taken_apart() {
    let lines = told(
        "const async = require('async')
        async.series([function (cb) { f(cb) }, cb => g(cb)], done)
        async.waterfall([function (cb) { f(cb) }, function (a, b, next) { g(a, next) }.bind(this)], done)
        async.parallel({ a: function (cb) {}, 'b-c': (cb) => f(cb) }, (err, results) => {})
        async.parallelLimit([f => f()], 2, done)
        async.each(list, function (item, cb) {}, done)
        async.forEachSeries(list.items, ({ a }, cb) => {})
        async.eachLimit(list, n, (x, cb) => {}, done)
        async.mapSeries([1, 2,], (x, cb) => {}, done)
        async.mapLimit(list, 3, (x, cb) => {}, done)
        async.series([], done)",
    );
    assert_eq!(
        lines,
        [
            "Tasks in turn [cb, cb] done",
            "Waterfall in turn [cb, a b next] done",
            "Tasks together [a: cb, 'b-c': cb] (err, results) => {}",
            "Tasks 2 at once [f] done",
            "Each together [item cb of list] done",
            "Each in turn [{ a } cb of list.items] -",
            "Each n at once [x cb of list] done",
            "Map in turn [x cb of [1, 2,]] done",
            "Map 3 at once [x cb of list] done",
            "Tasks in turn [] done",
        ]
    );
}

#[test]
fn the_library_is_known_by_its_import() {
    for import in ["import async from 'async'", "import * as async from 'async'", "const async = require('async')"] {
        assert_eq!(told(&format!("{import}\nasync.map(a, (x, cb) => {{}}, done)")).len(), 1, "{import}");
    }
    for import in
        ["import { map } from 'async'", "const { map } = require('async')", "const map = require('async').map"]
    {
        assert_eq!(told(&format!("{import}\nmap(a, (x, cb) => {{}}, done)")).len(), 1, "{import}");
    }
    assert_eq!(told("import { map as m } from 'async'\nm(a, (x, cb) => {}, done)").len(), 1);
    assert_eq!(told("const m = require('async/map')\nm(a, (x, cb) => {}, done)").len(), 1);
    assert_eq!(told("require('async').map(a, (x, cb) => {}, done)").len(), 1);
    for other in ["", "import async from 'other'", "let async = require('async'); async = 1", "function f(async) {"] {
        assert!(told(&format!("{other}\nasync.map(a, (x, cb) => {{}}, done)")).is_empty(), "{other}");
    }
    assert!(told("import async from 'async'\nasync.auto({}, done)\nasync.map\n").is_empty());
}

#[test]
fn what_is_not_written_in_place_is_refused() {
    let refused = |call: &str| told(&format!("import async from 'async'\n{call}")).remove(0);
    for (call, blamed) in [
        ("async.series(tasks, done)", "tasks"),
        ("async.series([f, g], done)", "f"),
        ("async.series([cb => {}, ...more], done)", "...more"),
        ("async.series([cb => {}, , cb => {}], done)", "[cb => {}, , cb => {}]"),
        ("async.series([,], done)", "[,]"),
        ("async.series([function () {}], done)", "function () {}"),
        ("async.series([(a, cb) => {}], done)", "(a, cb) => {}"),
        ("async.series([async () => {}], done)", "async () => {}"),
        ("async.series([function* (cb) {}], done)", "function* (cb) {}"),
        ("async.series([(...rest) => {}], done)", "(...rest) => {}"),
        ("async.series([cb => { cb = once(cb) }], done)", "cb"),
        ("async.waterfall([(a, cb) => {}], done)", "(a, cb) => {}"),
        ("async.waterfall({ a: cb => {} }, done)", "{ a: cb => {} }"),
        ("async.parallel({ a(cb) {} }, done)", "a(cb) {}"),
        ("async.parallel({ 1: cb => {} }, done)", "1: cb => {}"),
        ("async.parallel({ '2': cb => {} }, done)", "'2': cb => {}"),
        ("async.parallel({ __proto__: cb => {} }, done)", "__proto__: cb => {}"),
        ("async.parallel({ [a]: cb => {} }, done)", "[a]: cb => {}"),
        ("async.parallel({ a }, done)", "a"),
        ("async.each(list, work, done)", "work"),
        ("async.each(list, cb => {}, done)", "cb => {}"),
        ("async.map(list, (x, i, cb) => {}, done)", "(x, i, cb) => {}"),
        ("async.map(list, (x, cb) => {}, done, more)", "more"),
        ("async.map(...all)", "...all"),
        ("async.map(list)", "async.map(list)"),
        ("async.mapLimit(list, 2)", "async.mapLimit(list, 2)"),
    ] {
        assert_eq!(refused(call), format!("tasks-not-plain {blamed}"), "{call}");
    }
}

#[test]
fn the_call_of_a_task_is_found() {
    let text = "import async from 'async'
        async.series({ a: function (cb) { f(x => {}) }.bind(this) }, done)
        async.each(list, (function (item, cb) { g(function () {}) }), function (err) {})
        async.map(list, pick(function (item, cb) {}), done)";
    let tasks = with_calls(text, |cx, node| {
        is_function(node).then(|| call_of_task(cx, node).map(|call| format!("{:?}", call.work)))
    });
    assert_eq!(tasks, [Some("Tasks".into()), None, Some("Each".into()), None, None, None]);
}
