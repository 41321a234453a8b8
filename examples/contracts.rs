//! Prints how every function of some files hands its result over, one line of JSON a function that has a parameter.
//!
//! ```sh
//! cargo run --release --example contracts -- FILE_OR_DIRECTORY…
//! ```
//!
//! Each argument is one project: what a callback is handed may be told by another file of it.
//!
//! `line` and `column` count from 1 and are those of the function's first token. What can't be told is `null`, or
//! `"unknown"` where it is one of several words. `because` is the code behind an answer other than `once`, by its line.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use unpyramid::{
    apis::Apis,
    context::Context,
    contract::{Calls, Contract, FileOracle, Kind, NamedUses, Sync},
    engine::{Asked, Engine, Selection},
    project::{CallbackFunctions, LibraryUses},
    semantic::Names,
    source::{Language, SourceFile},
    syntax::{
        Node, Parsed,
        node::{is_function, named_children, walk},
    },
    transforms::ALL,
};

fn main() {
    for argument in std::env::args_os().skip(1) {
        let sources: Vec<_> = files(Path::new(&argument)).filter_map(|path| read(&path)).collect();
        let engine = Engine::new(ALL, Selection::default()).expect("no pattern is named");
        let mut callbacks = CallbackFunctions::default();
        for source in &sources {
            callbacks.extend(engine.read(source, Asked::default()).others.callbacks);
        }
        let mut named = NamedUses::default();
        for source in &sources {
            named.extend(with_context(source, &callbacks, NamedUses::of_file));
        }
        sources.iter().for_each(|source| with_context(source, &callbacks, |cx| print(cx, &named)));
    }
}

fn with_context<T>(source: &SourceFile, callbacks: &CallbackFunctions, ask: impl FnOnce(&Context<'_>) -> T) -> T {
    let file = Parsed::new(source);
    let (names, style, library) = (Names::new(&file), file.style(), LibraryUses::of(&file));
    ask(&Context::new(&file, &names, &style, Apis::builtin(), &library, callbacks))
}

fn read(path: &Path) -> Option<SourceFile> {
    match std::fs::read(path).map(|bytes| SourceFile::new(path, bytes)) {
        Ok(Ok(source)) => return Some(source),
        Ok(Err(error)) => eprintln!("{}: {error}", path.display()),
        Err(error) => eprintln!("{}: {error}", path.display()),
    }
    None
}

/// The scripts below a path, sorted, without those of installed packages.
fn files(path: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = walkdir::WalkDir::new(path).sort_by_file_name().into_iter();
    let entries = entries.filter_entry(|e| e.file_name() != "node_modules").filter_map(Result::ok);
    entries
        .filter(|e| e.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .filter(|p| p.extension().and_then(|e| e.to_str()).and_then(Language::from_extension).is_some())
}

fn print(cx: &Context<'_>, named: &NamedUses) {
    let oracle = FileOracle::new(named);
    walk(cx.file.root(), |node| {
        if is_function(node) && has_parameter(node) {
            let source = cx.file.source;
            let line = match oracle.contract_of(cx, node) {
                Some(contract) => line(cx, node, &contract),
                None => json!({ "path": source.path(), "line": source.position(node.start_byte()).line }),
            };
            println!("{line}");
        }
        true
    });
}

fn has_parameter(function: Node<'_>) -> bool {
    function.child_by_field_name("parameter").is_some()
        || function.child_by_field_name("parameters").is_some_and(|p| !named_children(p).is_empty())
}

fn line(cx: &Context<'_>, function: Node<'_>, contract: &Contract) -> Value {
    let source = cx.file.source;
    let place = source.position(function.start_byte());
    let callback = contract.kind.callback();
    let line_of = |range: &std::ops::Range<usize>| source.position(range.start).line;
    let (calls, because) = match callback.map(|c| &c.calls) {
        None => (Value::Null, Value::Null),
        Some(Calls::Once) => (json!("once"), Value::Null),
        Some(Calls::NeverOnSomePath(end)) => (json!("never-on-some-path"), json!([line_of(end)])),
        Some(Calls::TwiceOnSomePath(first, second)) => {
            (json!("twice-on-some-path"), json!([line_of(first), line_of(second)]))
        }
        Some(Calls::Unknown(code)) => (json!("unknown"), json!([line_of(code)])),
    };
    json!({
        "path": source.path(),
        "line": place.line,
        "column": place.column,
        "name": name(cx, function),
        "kind": match contract.kind {
            Kind::Plain => "plain",
            Kind::Callback(_) => "callback",
            Kind::Promise => "promise",
            Kind::Async => "async",
            Kind::Mixed(_) => "mixed",
        },
        "callback_index": callback.map(|c| c.index),
        "error_first": callback.and_then(|c| c.error_first),
        "results": callback.and_then(|c| c.results),
        "optional": callback.map(|c| c.optional),
        "shifted": callback.map(|c| c.shifted),
        "calls": calls,
        "because": because,
        "sync": match contract.sync {
            Sync::Always => "always",
            Sync::Sometimes => "sometimes",
            Sync::Never => "never",
            Sync::Unknown => "unknown",
        },
    })
}

/// The name that a function is declared with or assigned to.
fn name<'a>(cx: &Context<'a>, function: Node<'_>) -> Option<&'a str> {
    let parent = function.parent();
    let field = |node: Node<'_>, field| node.child_by_field_name(field).map(|n| cx.text(n));
    field(function, "name").or_else(|| {
        let parent = parent?;
        field(parent, "left").or_else(|| field(parent, "key")).or_else(|| field(parent, "name"))
    })
}
