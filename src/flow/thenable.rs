//! What has a `then` and is no promise: commands of test drivers, jQuery's deferreds, AngularJS's services.

use std::iter::successors;

use tree_sitter::Node;

use super::{
    asyncness::promise_library,
    chain::link_name,
    classify::{called_function, initializer, package_of},
    imports::specifiers,
    known::{binding_of, export_of},
};
use crate::{
    context::{Context, Driver},
    syntax::node::{call_parts, enclosing_function, is_async, member_parts, unparenthesized, untyped},
};

/// Objects with a `then` that are no promises: Cypress commands, WebdriverIO and Protractor, jQuery.
const NOT_PROMISES: &[&str] = &["cy", "Cypress", "$", "jQuery"];

/// The object that a chain hangs on if it is known to be no promise, or stands where commands of a test driver do and is not
/// known to be one.
pub fn not_a_promise<'t>(cx: &Context<'_>, base: Node<'t>) -> Option<Node<'t>> {
    let mut node = base;
    while let Some(inner) = call_parts(node).map(|(c, _)| c).or_else(|| member_parts(node).map(|(o, _)| o)) {
        node = inner;
    }
    if base.kind() == "this" && promise_library(cx).is_none() {
        // What has a `then` of its own makes with it whatever it likes.
        return Some(base);
    }
    let is_called = node != base;
    let binding = cx.names.reference_at(node.start_byte()).and_then(|r| r.binding);
    let name = cx.text(node);
    match name {
        // AngularJS runs a digest after its own promises and after no others.
        "$http" | "$q" | "$timeout" | "$interval" => Some(node),
        // Everyday names for other things; only the globals of a test driver are meant.
        "browser" | "element" => (binding.is_none() && is_called && !is_of_extension(cx, node)).then_some(node),
        _ if NOT_PROMISES.contains(&name) && node.kind() == "identifier" => match binding {
            None => Some(node),
            Some(b) => matches!(package_of(cx, b), Some("jquery" | "cypress" | "webdriverio")).then_some(node),
        },
        _ => may_be_queued(cx, base).then_some(node),
    }
}

/// Whether a chain may hang on a command of a test driver: the file drives one, and the chain does not begin with what is
/// certainly a native promise.
fn may_be_queued(cx: &Context<'_>, base: Node<'_>) -> bool {
    match *cx.driver.get_or_init(|| driver(cx)) {
        None => false,
        Some(Driver::Cypress) => !is_native(cx, base) || issues_commands(cx, base),
        Some(Driver::Webdriver) => !is_native(cx, base),
    }
}

/// The globals of Protractor.
const PROTRACTOR: [&str; 4] = ["browser", "by", "element", "protractor"];

/// What shows in the text of a file that it hands on commands of Protractor, or of what it drives a browser with.
const OF_PAGE_OBJECTS: [&str; 5] = ["element(by.", "element.all(", "browser.get(", "findElement(", "protractor"];

/// The test driver whose commands a file issues, by the globals that it names, what it imports, and where it lies: helpers and
/// page objects may name none.
fn driver(cx: &Context<'_>) -> Option<Driver> {
    let names = |globals: &[&str]| {
        cx.names.references().iter().any(|r| r.binding.is_none() && globals.contains(&r.name.as_str()))
    };
    let below = match cx.package {
        Some((package, path)) => package.below(path),
        None => cx.file.source.path(),
    };
    let lies_in =
        |folders: &[&str]| below.parent().is_some_and(|p| p.iter().any(|part| folders.iter().any(|f| part == *f)));
    // Plugins of Cypress run in Node.
    if names(&["cy", "Cypress"]) || lies_in(&["cypress"]) && !lies_in(&["plugins"]) {
        return Some(Driver::Cypress);
    }
    let (package, path) = cx.package?;
    let has_queue = package.listed("protractor").is_some()
        || package.listed("selenium-webdriver").flatten().is_some_and(|version| version < 4);
    if !has_queue {
        return None;
    }
    let imports = || {
        specifiers(cx).into_iter().any(|specifier| {
            let hands_on = |text: String| OF_PAGE_OBJECTS.iter().any(|sign| text.contains(sign));
            matches!(specifier, "protractor" | "selenium-webdriver")
                || package.neighbour(path, specifier).is_some_and(hands_on)
        })
    };
    let name = below.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let is_named = [".po.", ".e2e", "-e2e"].iter().any(|sign| name.contains(sign));
    let lies_there = lies_in(&["e2e", "protractor", "page-objects", "page_objects", "pageobjects", "pageObjects"]);
    (is_named || lies_there || names(&PROTRACTOR) || imports()).then_some(Driver::Webdriver)
}

/// Whether a promise is certainly a native one: the platform makes it, or an async function of the file.
fn is_native(cx: &Context<'_>, expression: Node<'_>) -> bool {
    let expression = untyped(expression);
    if let Some(class) = expression.child_by_field_name("constructor") {
        return cx.text(class) == "Promise" && binding_of(cx, class).is_none();
    }
    let Some((callee, _)) = call_parts(expression) else { return false };
    let callee = unparenthesized(callee);
    let is_global = |name: &str| cx.text(callee) == name && binding_of(cx, callee).is_none();
    if is_global("fetch") || called_function(cx, callee).is_some_and(is_async) {
        return true;
    }
    let is_static = member_parts(callee)
        .is_some_and(|(object, _)| cx.text(object) == "Promise" && binding_of(cx, object).is_none());
    let is_of_node = |callee: Node<'_>| {
        export_of(cx, callee).is_some_and(|(module, export)| match module.strip_prefix("node:").unwrap_or(module) {
            "fs" => export.starts_with("promises."),
            module => matches!(module, "fs/promises" | "timers/promises"),
        })
    };
    is_static || is_of_node(callee) || is_promisified(cx, callee)
}

/// `util.promisify(load)`, or a name that stands for it.
fn is_promisified(cx: &Context<'_>, callee: Node<'_>) -> bool {
    let function = binding_of(cx, callee).filter(|b| !cx.names.is_reassigned(*b)).and_then(|b| initializer(cx, b));
    let made_by = call_parts(function.unwrap_or(callee)).and_then(|(maker, _)| export_of(cx, maker));
    made_by.is_some_and(|(module, export)| matches!(module, "util" | "node:util") && export == "promisify")
}

/// Whether the function that a chain stands in names `cy`; a handler of the chain's belongs to that function.
fn issues_commands(cx: &Context<'_>, base: Node<'_>) -> bool {
    let is_handler = |function: &Node<'_>| {
        let call = function.parent().filter(|p| p.kind() == "arguments").and_then(|a| a.parent());
        call.is_some_and(|call| link_name(cx, call).is_some())
    };
    let functions = successors(enclosing_function(base), |f| enclosing_function(*f).filter(|_| is_handler(f)));
    let all = functions.last().map_or(0..0, |function| function.byte_range());
    cx.names.references_in(&all).iter().any(|r| r.binding.is_none() && r.name == "cy")
}

/// Whether `browser` is the one that web extensions have, by what it is asked for: `browser.tabs.query(…)`.
fn is_of_extension(cx: &Context<'_>, browser: Node<'_>) -> bool {
    let area = browser.parent().and_then(member_parts).map(|(_, area)| cx.text(area));
    area.is_some_and(|area| EXTENSION_AREAS.contains(&area))
}

/// Parts of what web extensions can ask the browser for, whose functions return promises
/// ([MDN](https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/API)).
const EXTENSION_AREAS: [&str; 14] = [
    "bookmarks",
    "browserAction",
    "contextMenus",
    "contextualIdentities",
    "cookies",
    "downloads",
    "history",
    "notifications",
    "permissions",
    "runtime",
    "scripting",
    "storage",
    "tabs",
    "windows",
];
