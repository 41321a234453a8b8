//! What the code of a file goes through, or runs in: compilers, type checkers, bundlers, browsers.

use tree_sitter::Node;

use crate::{
    context::Context,
    edit::{self, Safety},
    flow::{body::returned, imports::specifiers},
    project::{is_builtin, is_only_in_node},
    semantic::Reference,
    source::SourceFile,
    syntax::{
        Parsed,
        node::{is_async, is_function, walk},
    },
    transform::Change,
};

/// What a file asks before it goes by a module system, or by none: it may be loaded by a browser, which has no `require`.
const ASKS_FOR_MODULES: [&str; 4] = ["typeof define", "typeof exports", "typeof module", "typeof require"];

/// Packages that keep a request's values by wrapping what is called back, the handlers of promises included. Nothing is
/// called back for an `await`, so behind one the values are gone
/// ([why](https://github.com/othiym23/node-continuation-local-storage/issues/98)). `cls-hooked` and `AsyncLocalStorage` follow it.
const KEPT_BY_CALLBACKS: [&str; 3] = ["continuation-local-storage", "cls-bluebird", "async-listener"];

/// Lets nothing new into code at level safe that what it goes through can't be relied on to take: an async function where
/// Babel makes calls of a runtime of it that may not be there, so that the file would no longer load, or where Bublé gives
/// up, or TypeScript asks for more `return`s; an `await` where a request's values do not follow it; functions of Node that the
/// types at hand do not have yet; `require` and `process` where the file is for browsers, too.
pub(super) fn hold_to_surroundings(cx: &Context<'_>, change: &mut Change) {
    let compilers = cx.package.map(|(package, _)| package.compilers()).unwrap_or_default();
    let text = cx.file.source.text();
    let adds = |word: &str| {
        let count = |text: &str| text.matches(word).count();
        change.edits.iter().any(|e| count(&e.text) > text.get(e.range.clone()).map_or(0, count))
    };
    let listed = |name| cx.package.is_some_and(|(package, _)| package.listed(name).is_some());
    let lacks = |since: u64| cx.file.source.language().has_types() && compilers.node_types.is_some_and(|is| is < since);
    let said = if compilers.lacks_regenerator && adds("async ") {
        "What Babel compiles async functions to has the runtime that it needs."
    } else if compilers.takes_no_async && adds("async ") {
        "Bublé, which takes no async functions, is told to leave them as they are, or does not compile this file."
    } else if adds("await ") && KEPT_BY_CALLBACKS.iter().any(|name| listed(name)) {
        "Nothing behind an `await` asks for what `continuation-local-storage` or its like keeps, which is lost there."
    } else if lacks(8) && (adds("promisify") || adds("callbackify")) || lacks(10) && adds(".promises") {
        "The types of Node that the code is checked with have the promise forms of its functions."
    } else if compilers.asks_for_all_returns && adds("async ") && leaves_paths_without_value(cx, change) {
        "TypeScript does not ask for a value on each path of a function (`noImplicitReturns`)."
    } else if adds("require(") && ASKS_FOR_MODULES.iter().any(|question| text.contains(question)) {
        "Whatever loads the file has `require`."
    } else if ["util'", "util\""].into_iter().any(adds) && may_lack_util(cx) {
        "Wherever the file runs, it can import `util`."
    } else if adds("process.") && may_lack_util(cx) {
        "Wherever the file runs, there is a `process` as in Node."
    } else {
        return;
    };
    change.assumption = Some(change.assumption.take().map_or(said.to_owned(), |a| format!("{a} {said}")));
    change.safety = Safety::Review;
}

/// Whether more async functions than before return a value on some of their paths only. What such a path went through before,
/// the call of a function that returns nothing (`return next(err)`), was enough for TypeScript.
fn leaves_paths_without_value(cx: &Context<'_>, change: &Change) -> bool {
    let before = cx.file.source;
    if !before.language().has_types() {
        return false;
    }
    let bytes = edit::apply(before.bytes(), &change.edits);
    let Some(after) = bytes.ok().and_then(|bytes| SourceFile::new(before.path(), bytes).ok()) else { return false };
    let mixed = |file: &Parsed<'_>| {
        let mut count = 0;
        walk(file.root(), |n| {
            count += usize::from(is_function(n) && is_async(n) && has_paths_without_value(file, n));
            true
        });
        count
    };
    mixed(&Parsed::new(&after)) > mixed(cx.file)
}

/// Whether a function returns a value on some of its paths only, and is not declared to return none.
fn has_paths_without_value(file: &Parsed<'_>, function: Node<'_>) -> bool {
    let declared = function.child_by_field_name("return_type").map_or("", |t| file.text(t));
    if declared.split(|c: char| !c.is_alphanumeric()).any(|word| matches!(word, "any" | "void")) {
        return false;
    }
    let is_value = |e: Node<'_>| e.kind() != "undefined" && !file.text(e).starts_with("void ");
    let returned = returned(function);
    let has_value = returned.values.iter().any(|site| site.expression.is_some_and(is_value));
    has_value && (returned.falls_through || returned.values.iter().any(|site| site.expression.is_none()))
}

/// Names that only browsers have a meaning for.
const OF_BROWSERS: [&str; 16] = [
    "FileReader",
    "HTMLElement",
    "Image",
    "Worker",
    "XMLHttpRequest",
    "alert",
    "chrome",
    "customElements",
    "document",
    "importScripts",
    "indexedDB",
    "localStorage",
    "navigator",
    "requestAnimationFrame",
    "sessionStorage",
    "window",
];

/// Packages that make pages, or keep what these store.
const OF_PAGES: [&str; 13] = [
    "@angular/core",
    "angular",
    "backbone",
    "dexie",
    "jquery",
    "localforage",
    "preact",
    "react-dom",
    "react-native",
    "solid-js",
    "svelte",
    "vue",
    "vue-router",
];

/// Packages that answer requests, which one that makes pages may depend on for another part of its code.
const OF_SERVERS: [&str; 7] = ["express", "fastify", "hapi", "@hapi/hapi", "koa", "@nestjs/core", "restify"];

/// Whether a file may run where there is no `util` of Node: in a browser, which it shows by what it uses or its package by what
/// that depends on, or in Deno, which knows the module by another name.
fn may_lack_util(cx: &Context<'_>) -> bool {
    let imports = specifiers(cx);
    let uses = |names: &[&str]| {
        let is_one = |r: &Reference| r.binding.is_none() && names.contains(&r.name.as_str());
        cx.names.references().iter().any(is_one)
    };
    let is_from_afar = |s: &&str| ["https://", "jsr:", "npm:"].iter().any(|start| s.starts_with(start));
    if uses(&["Deno"]) || imports.iter().any(is_from_afar) {
        return true;
    }
    let is_bundled = || cx.package.is_some_and(|(package, path)| package.is_bundled_without_util(path));
    if uses(&OF_BROWSERS) || is_bundled() {
        return !imports.iter().any(|s| is_only_in_node(s));
    }
    if imports.iter().any(|s| is_builtin(s)) {
        return false;
    }
    let depends = |names: &[&str]| {
        cx.package.is_some_and(|(package, _)| names.iter().any(|name| package.dependency(name).is_some()))
    };
    let is_defined = cx.file.source.text().contains("define(") && uses(&["define"]) && !uses(&["module", "exports"]);
    let is_for_pages = imports.iter().any(|s| OF_PAGES.contains(s) || *s == "react");
    is_defined || is_for_pages || depends(&OF_PAGES) && !depends(&OF_SERVERS)
}
