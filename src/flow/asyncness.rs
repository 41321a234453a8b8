//! Whether a function may become async, and the edit that makes it so.

use tree_sitter::Node;

use super::{
    body::returned,
    callback::is_call_back_name,
    chain::{Chain, parameters},
    classify::{Promise, promise, required_package},
    constructor::may_construct,
    early::{early_throw, wrong_argument},
    known::builtin,
    promisify::has_error_parameter,
    stringified::stringified_around,
    thenable::not_a_promise,
};
use crate::{
    context::Context,
    edit::{Edit, Refusal, RefusalCode},
    project::names_of,
    semantic::{BindingId, BindingKind, Reference},
    syntax::node::{
        ancestors, call_parts, has_token, is_async, is_function, member_parts, named_children, with_parentheses,
    },
};

/// What it takes to make a function async.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Becoming {
    /// The insertion of `async`; nothing where the function is async already.
    pub edit: Option<Edit>,
    /// What has to hold that the file does not show, in one sentence.
    pub assumption: Option<String>,
}

/// What the code that a function is handed to does with its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Consumer {
    /// It takes a promise and a plain value alike, as `then` does.
    Adopts,
    /// It does not wait: the result is used at once, or not at all.
    Synchronous(RefusalCode),
    /// Nothing is known of it; the function's own contract counts.
    Unknown,
}

/// Decides whether a function may become async. `known` are expressions that it returns and that the caller knows
/// to be promises.
///
/// # Errors
/// The reason against it (section 3 of the behaviour contract: kind of function, consumer, every return path).
pub fn become_async(cx: &Context<'_>, function: Node<'_>, known: &[Node<'_>]) -> Result<Becoming, Refusal> {
    if is_async(function) {
        return Ok(Becoming::default());
    }
    check_kind(cx, function)?;
    check_text(cx, function)?;
    let consumer = consumer(cx, function);
    if let Consumer::Synchronous(code) = consumer {
        return Err(Refusal::new(code, head_range(function)));
    }
    let mut assumption = None;
    if consumer == Consumer::Unknown {
        assumption = check_returns(cx, function, known)?
            .or_else(|| early_throw(cx, function))
            .or_else(|| wrong_argument(cx, function))
            .or_else(|| route_handler(cx, function))
            .or_else(|| handed_a_callback(cx, function));
    }
    Ok(Becoming { edit: Some(Edit::insert(async_position(function), "async ")), assumption })
}

/// Where `async` is written: before `function`, before an arrow function's parameters, before a method's name.
pub fn async_position(function: Node<'_>) -> usize {
    match function.kind() {
        "method_definition" => function.child_by_field_name("name").unwrap_or(function).start_byte(),
        _ => function.start_byte(),
    }
}

/// The part of a function before its body, to point at.
fn head_range(function: Node<'_>) -> std::ops::Range<usize> {
    let end = function.child_by_field_name("body").map_or(function.end_byte(), |b| b.start_byte());
    function.start_byte()..end
}

fn check_kind(cx: &Context<'_>, function: Node<'_>) -> Result<(), Refusal> {
    let refuse = |code| Err(Refusal::new(code, head_range(function)));
    if has_token(function, "*") {
        return refuse(RefusalCode::Generator);
    }
    let name = function.child_by_field_name("name");
    if function.kind() == "method_definition" {
        if has_token(function, "get") || has_token(function, "set") {
            return refuse(RefusalCode::Accessor);
        }
        if name.is_some_and(|n| cx.text(n) == "constructor") && in_class(function) {
            return refuse(RefusalCode::Constructor);
        }
    }
    if may_construct(cx, function) {
        return refuse(RefusalCode::Constructor);
    }
    if is_seen_outside_its_block(cx, function) {
        return refuse(RefusalCode::NameClash);
    }
    Ok(())
}

/// Whether a function declared in a block is used outside of it, which works in sloppy code for plain functions and
/// for no others (ECMA-262, Annex B.3.2).
fn is_seen_outside_its_block(cx: &Context<'_>, function: Node<'_>) -> bool {
    let block = function.parent().filter(|p| matches!(p.kind(), "statement_block" | "switch_case" | "switch_default"));
    let (Some(block), Some(name)) = (block, function.child_by_field_name("name")) else { return false };
    if function.kind() != "function_declaration" || block.parent().is_some_and(is_function) {
        return false;
    }
    let (own, name, inside) = (cx.names.declared_at(name.start_byte()), cx.text(name), block.byte_range());
    let outside = |r: &&Reference| r.range.start < inside.start || r.range.start >= inside.end;
    let mut uses = cx.names.references().iter().filter(|r| r.name == name).filter(outside);
    uses.any(|r| r.binding.is_none() || r.binding == own)
}

fn in_class(method: Node<'_>) -> bool {
    method.parent().is_some_and(|p| p.kind() == "class_body")
}

/// The names by which a function can be called: its own, and the variable it is assigned to where it is declared.
pub(super) fn own_bindings(cx: &Context<'_>, function: Node<'_>) -> Vec<BindingId> {
    let own = function.child_by_field_name("name").filter(|_| function.kind() != "method_definition");
    let variable = with_parentheses(function).parent().filter(|p| p.kind() == "variable_declarator");
    let variable = variable.and_then(|v| v.child_by_field_name("name"));
    [own, variable].into_iter().flatten().filter_map(|n| cx.names.declared_at(n.start_byte())).collect()
}

/// What stands in the function's text: a declared return type, `await` as a name, code that does not parse; and whether that text
/// runs elsewhere, where the helpers are not that an async function is compiled to.
fn check_text(cx: &Context<'_>, function: Node<'_>) -> Result<(), Refusal> {
    let range = function.byte_range();
    let is_compiled = cx.file.source.language().has_types()
        || cx.package.is_some_and(|(package, _)| package.compilers().compiles_async);
    let body = function.child_by_field_name("body").filter(|_| is_compiled);
    if let Some(sent) = body.and_then(|body| stringified_around(cx, body)) {
        return Err(Refusal::new(RefusalCode::Stringified, sent.byte_range()));
    }
    let declared = function.child_by_field_name("return_type");
    if let Some(other) = declared.filter(|d| promised_type(cx, *d).is_none()) {
        return Err(Refusal::new(RefusalCode::ReturnType, other.byte_range()));
    }
    let names = cx.names.references_in(&range).iter().find(|r| r.name == "await").map(|r| r.range.clone());
    let declared = || {
        let bindings = cx.names.declared_in(&range);
        bindings.into_iter().map(|b| cx.names.binding(b)).find(|b| b.name == "await").map(|b| b.declarations[0].clone())
    };
    match names.or_else(declared) {
        Some(range) => Err(Refusal::new(RefusalCode::AwaitIsAName, range)),
        None => Ok(()),
    }
}

/// What a type annotation promises: the `T` of `: Promise<T>`. An async function can be declared to return nothing else
/// (TS1064), and no union with it either.
pub(super) fn promised_type<'t>(cx: &Context<'_>, annotation: Node<'t>) -> Option<Node<'t>> {
    let types = named_children(annotation);
    let [declared] = types.as_slice() else { return None };
    let name = declared.child_by_field_name("name").filter(|_| declared.kind() == "generic_type")?;
    let arguments = named_children(declared.child_by_field_name("type_arguments")?);
    let [promised] = arguments.as_slice() else { return None };
    (cx.text(name) == "Promise").then_some(*promised)
}

/// The edit that declares what an async function promises, where it has one `return` and nothing says it yet.
pub fn declared_to_return(cx: &Context<'_>, function: Node<'_>, promised: &str) -> Option<Edit> {
    let is_typed = function.child_by_field_name("return_type").is_some()
        || with_parentheses(function).parent().is_some_and(|p| p.child_by_field_name("type").is_some());
    if is_typed || returned(function).values.len() != 1 {
        return None;
    }
    let annotation = format!(": Promise<{promised}>");
    if let Some(parameter) = function.child_by_field_name("parameter") {
        return Some(Edit::new(parameter.byte_range(), format!("({}){annotation}", cx.text(parameter))));
    }
    let parameters = function.child_by_field_name("parameters")?;
    Some(Edit::insert(parameters.end_byte(), annotation))
}

/// What has to hold of a handler of Connect's or Express's kind, `(req, res, …)`: those call it without looking at what
/// it returns, so an error thrown at once would no longer become a response.
fn route_handler(cx: &Context<'_>, function: Node<'_>) -> Option<String> {
    let names: Vec<_> = parameters(function).into_iter().map(|p| cx.text(p)).collect();
    let is_handler = matches!(names.as_slice(), ["req" | "request" | "_req" | "_", "res" | "response", ..]);
    is_handler.then(|| "What calls this handler looks at the promise that it returns.".to_owned())
}

/// What has to hold of a function that calls a callback as well, where others call it: the `async` library hands none to
/// a function that is async, and Fastify takes none with so many parameters.
fn handed_a_callback(cx: &Context<'_>, function: Node<'_>) -> Option<String> {
    let last = parameters(function).last().map(|p| p.child_by_field_name("pattern").unwrap_or(*p))?;
    let callback = cx.names.declared_at(last.start_byte()).filter(|_| is_call_back_name(cx.text(last)))?;
    let is_used = !cx.names.binding(callback).references.is_empty();
    let is_handed_on =
        |node: Node<'_>| node.parent().is_some_and(|p| matches!(p.kind(), "arguments" | "array" | "pair"));
    let uses = own_bindings(cx, function).into_iter().flat_map(|b| &cx.names.binding(b).references);
    let mut uses = uses.filter_map(|r| {
        let range = &cx.names.reference(*r).range;
        cx.file.root().descendant_for_byte_range(range.start, range.end)
    });
    let goes_elsewhere = is_handed_on(with_parentheses(function)) || uses.any(is_handed_on);
    (is_used && goes_elsewhere)
        .then(|| "What calls this function hands it its callback also where the function is async.".to_owned())
}

/// Every path has to return a promise. Where that can't be seen, the answer is what has to be assumed.
fn check_returns(cx: &Context<'_>, function: Node<'_>, known: &[Node<'_>]) -> Result<Option<String>, Refusal> {
    let returned = returned(function);
    let mut assumption = None;
    for value in &returned.values {
        let Some(expression) = value.expression else {
            return Err(Refusal::new(RefusalCode::ReturnsNonPromise, value.node.byte_range()));
        };
        if known.contains(&expression) {
            continue;
        }
        match promise(cx, expression) {
            Promise::Yes => {}
            Promise::No => return Err(Refusal::new(RefusalCode::ReturnsNonPromise, value.node.byte_range())),
            Promise::Unknown => {
                let text = cx.text(expression);
                let short: String = text.lines().next().unwrap_or_default().chars().take(60).collect();
                let dots = if short.len() < text.len() { "…" } else { "" };
                let mut said = format!("`{short}{dots}` is a promise, as the other paths return one.");
                if let Some(library) = PROMISE_LIBRARIES.iter().find(|l| is_installed(cx, l)) {
                    said.push_str(&format!(
                        " No caller uses what promises of `{library}` can do: the function returns a native one."
                    ));
                }
                assumption.get_or_insert(said);
            }
        }
    }
    if returned.falls_through {
        return Err(Refusal::new(RefusalCode::ReturnsNonPromise, head_range(function)));
    }
    Ok(assumption)
}

/// Methods that call back at once and do something with the result that a promise does not fit, or nothing.
const SYNCHRONOUS_METHODS: &[&str] = &[
    "sort",
    "filter",
    "some",
    "every",
    "find",
    "findIndex",
    "findLast",
    "findLastIndex",
    "forEach",
    "each",
    "reject",
    "sortBy",
    "partition",
    "groupBy",
    "keyBy",
    "uniqBy",
    "pickBy",
    "omitBy",
    "times",
    "on",
    "once",
    "addListener",
    "prependListener",
    "addEventListener",
    "subscribe",
    "nextTick",
    "ready",
    "done",
    "fail",
    "always",
    "success",
    "error",
];

/// Functions of the same kind that are called by name: timers, React's effects, test suites.
const SYNCHRONOUS_FUNCTIONS: &[&str] = &[
    "setTimeout",
    "setInterval",
    "setImmediate",
    "queueMicrotask",
    "requestAnimationFrame",
    "useEffect",
    "useLayoutEffect",
    "useInsertionEffect",
    "useMemo",
    "describe",
    "context",
    "suite",
    "$",
    "jQuery",
];

/// What handlers are called that jQuery and its like are given among their options. Before version 3.3 jQuery took no async
/// function for a function.
const HANDLER_OPTIONS: &[&str] = &["beforeSend", "success", "error", "complete"];

/// Functions that take a test or a hook, which is given `done` if it has a parameter.
const TEST_FUNCTIONS: &[&str] =
    &["it", "test", "specify", "before", "after", "beforeEach", "afterEach", "beforeAll", "afterAll"];

/// Whether a function is a test, or a hook of one, that takes `done`.
pub fn is_test_with_done(cx: &Context<'_>, function: Node<'_>) -> bool {
    consumer(cx, function) == Consumer::Synchronous(RefusalCode::TestDone)
}

fn consumer(cx: &Context<'_>, function: Node<'_>) -> Consumer {
    if is_error_handler(cx, function) || is_listener_property(cx, function) || is_handler_option(cx, function) {
        return Consumer::Synchronous(RefusalCode::SyncConsumer);
    }
    let Some(call) = with_parentheses(function).parent().filter(|p| p.kind() == "arguments").and_then(|a| a.parent())
    else {
        return Consumer::Unknown;
    };
    if call.kind() == "new_expression" {
        return Consumer::Synchronous(RefusalCode::SyncConsumer);
    }
    let Some((callee, _)) = call_parts(call) else { return Consumer::Unknown };
    // Node's own functions do nothing with what a callback returns, and what it throws is no rejection.
    if builtin(cx, callee).is_some() && has_error_parameter(cx, function) {
        return Consumer::Synchronous(RefusalCode::SyncConsumer);
    }
    if let Some((_, property)) = member_parts(callee) {
        let name = cx.text(property);
        return match name {
            "then" | "catch" | "finally" => match Chain::parse(cx, call).and_then(|c| not_a_promise(cx, c.base)) {
                Some(_) => Consumer::Synchronous(RefusalCode::NotAPromise),
                None => Consumer::Adopts,
            },
            _ if SYNCHRONOUS_METHODS.contains(&name) || SYNCHRONOUS_FUNCTIONS.contains(&name) => {
                Consumer::Synchronous(RefusalCode::SyncConsumer)
            }
            _ => Consumer::Unknown,
        };
    }
    let name = cx.text(callee);
    // RequireJS calls nothing that says of itself to be an `[object AsyncFunction]`.
    let is_amd = matches!(name, "define" | "require" | "requirejs");
    if is_amd || SYNCHRONOUS_FUNCTIONS.contains(&name) {
        return Consumer::Synchronous(RefusalCode::SyncConsumer);
    }
    if TEST_FUNCTIONS.contains(&name) && !parameters(function).is_empty() {
        return Consumer::Synchronous(RefusalCode::TestDone);
    }
    Consumer::Unknown
}

/// Express's `(err, req, res, next)`.
fn is_error_handler(cx: &Context<'_>, function: Node<'_>) -> bool {
    let names: Vec<_> = parameters(function).into_iter().map(|p| cx.text(p)).collect();
    matches!(names.as_slice(), ["err" | "error" | "e", _, _, "next"])
}

/// `$.ajax({ success: function… })`
fn is_handler_option(cx: &Context<'_>, function: Node<'_>) -> bool {
    let pair = with_parentheses(function).parent().filter(|p| p.kind() == "pair");
    let is_argument = || pair?.parent()?.parent().filter(|p| p.kind() == "arguments");
    let key = pair.and_then(|p| p.child_by_field_name("key"));
    key.is_some_and(|key| HANDLER_OPTIONS.contains(&cx.text(key))) && is_argument().is_some()
}

/// `element.onclick = function…`
fn is_listener_property(cx: &Context<'_>, function: Node<'_>) -> bool {
    let assignment = with_parentheses(function).parent().filter(|p| p.kind() == "assignment_expression");
    let target = assignment.and_then(|a| a.child_by_field_name("left")).and_then(member_parts);
    target.is_some_and(|(_, p)| {
        let name = cx.text(p);
        name.len() > 2 && name.starts_with("on") && name.chars().all(|c| c.is_ascii_lowercase())
    })
}

/// Packages whose promises have methods that native ones lack.
const PROMISE_LIBRARIES: &[&str] = &[
    "bluebird",
    "q",
    "when",
    "rsvp",
    "promise",
    "es6-promise",
    "native-or-bluebird",
    "any-promise",
    "jquery",
    "kew",
    "vow",
    "lie",
    "pinkie-promise",
    "promish",
    "request-promise",
    "bluebird-lst",
    "core-js/library/fn/promise",
    "deferred",
];

/// Packages whose own functions return promises of Bluebird, or did for years.
const ON_BLUEBIRD: &[&str] = &[
    "amqplib",
    "bookshelf",
    "bull",
    "fs-extra-promise",
    "hexo",
    "ioredis",
    "knex",
    "loopback",
    "massive",
    "mongoose",
    "objection",
    "pg-promise",
    "promise-mysql",
    "rethinkdb",
    "rethinkdbdash",
    "sails",
    "sequelize",
    "thinky",
    "waterline",
];

/// Whether the package at hand depends on another one.
fn is_installed(cx: &Context<'_>, package: &str) -> bool {
    cx.package.is_some_and(|(own, _)| own.dependency(package).is_some())
}

/// Where a file shows that its promises are not the native ones, or not only: the import of a promise library, a
/// promise class that is handed in (`new this.Promise(…)`, `Body.Promise = …`), a method added to all promises.
pub fn promise_library(cx: &Context<'_>) -> Option<std::ops::Range<usize>> {
    let sign =
        || imported_library(cx).or_else(|| injected_class(cx)).or_else(|| of_angular(cx)).map(|n| n.byte_range());
    cx.foreign_promises.get_or_init(sign).clone()
}

/// A promise class that is a property of something else than the global object, one that the file gives the name of the
/// native one, or a change to that.
fn injected_class<'a>(cx: &Context<'a>) -> Option<Node<'a>> {
    let text = cx.file.source.text();
    if !PROMISE_CLASSES.iter().any(|name| text.contains(name)) && !text.contains("reject") {
        return None;
    }
    let is_used = |class: BindingId| {
        let class = cx.names.binding(class);
        class.kind != BindingKind::Parameter || !class.references.is_empty()
    };
    let is_class = |node: Node<'_>| {
        let member = member_parts(node).filter(|(_, property)| PROMISE_CLASSES.contains(&cx.text(*property)));
        member.is_some_and(|(object, _)| !is_global_object(cx, object))
    };
    let is_extended = |node: Node<'_>| {
        let (object, _) = member_parts(node).unwrap_or((node, node));
        cx.text(object) == "Promise.prototype"
    };
    let is_static = |call: Node<'_>| {
        let member = call_parts(call).and_then(|(callee, _)| member_parts(callee));
        member.is_some_and(|(object, property)| is_class(object) && PROMISE_STATICS.contains(&cx.text(property)))
    };
    let mut found = None;
    crate::syntax::node::walk(cx.file.root(), |n| {
        let part = |field| n.child_by_field_name(field);
        let is_sign = match n.kind() {
            "new_expression" => part("constructor").is_some_and(is_class) || is_made_like_a_promise(cx, n),
            "assignment_expression" => part("left").is_some_and(|left| is_class(left) || is_extended(left)),
            "call_expression" => is_static(n),
            // A parameter that nobody uses is a habit: `exports.up = function (knex, Promise) {…}`.
            "identifier" => cx.text(n) == "Promise" && cx.names.declared_at(n.start_byte()).is_some_and(is_used),
            _ => false,
        };
        if is_sign && found.is_none() {
            found = Some(n);
        }
        found.is_none()
    });
    found
}

fn is_global_object(cx: &Context<'_>, object: Node<'_>) -> bool {
    matches!(cx.text(object), "global" | "window" | "globalThis" | "self")
}

/// `new Deferred((resolve, reject) => …)`: what is made as promises are, of a class by another name.
fn is_made_like_a_promise(cx: &Context<'_>, construction: Node<'_>) -> bool {
    let named = construction.child_by_field_name("constructor").is_some_and(|class| {
        let (object, name) = member_parts(class).map_or((None, class), |(object, name)| (Some(object), name));
        cx.text(name) == "Promise" && object.is_none_or(|object| is_global_object(cx, object))
    });
    let arguments = construction.child_by_field_name("arguments").map(named_children).unwrap_or_default();
    let executor = arguments.first().copied().filter(|f| !named && is_function(*f));
    let names: Vec<_> = executor.map(parameters).unwrap_or_default().into_iter().map(|p| cx.text(p)).collect();
    let starts = |at: usize, word: &str| names.get(at).is_some_and(|n| n.trim_start_matches('_').starts_with(word));
    names.len() == 2 && starts(0, "res") && starts(1, "rej")
}

/// AngularJS updates its views when its own promises settle, and when no others do.
fn of_angular<'a>(cx: &Context<'a>) -> Option<Node<'a>> {
    let text = cx.file.source.text();
    if !["angular.module(", "$inject"].iter().any(|sign| text.contains(sign))
        && !ANGULAR_SERVICES.iter().any(|name| text.contains(name))
    {
        return None;
    }
    let mut found = None;
    crate::syntax::node::walk(cx.file.root(), |n| {
        let is_sign = match n.kind() {
            "call_expression" => call_parts(n).is_some_and(|(callee, _)| cx.text(callee) == "angular.module"),
            "identifier" => ANGULAR_SERVICES.contains(&cx.text(n)) && cx.names.declared_at(n.start_byte()).is_some(),
            "property_identifier" => cx.text(n) == "$inject",
            _ => false,
        };
        if is_sign && found.is_none() {
            found = Some(n);
        }
        found.is_none()
    });
    found
}

/// What AngularJS hands to code by these names.
const ANGULAR_SERVICES: [&str; 7] = ["$http", "$interval", "$q", "$resource", "$rootScope", "$scope", "$timeout"];

/// What classes of promises are called where they are a property of something.
const PROMISE_CLASSES: [&str; 3] = ["Promise", "_Promise", "Promish"];

/// What a class of promises is asked for by its name.
const PROMISE_STATICS: [&str; 5] = ["all", "race", "reject", "resolve", "try"];

fn imported_library<'a>(cx: &Context<'a>) -> Option<Node<'a>> {
    let text = cx.file.source.text();
    if !PROMISE_LIBRARIES.iter().any(|l| text.contains(&format!("'{l}'")) || text.contains(&format!("\"{l}\""))) {
        return None;
    }
    let mut found = None;
    crate::syntax::node::walk(cx.file.root(), |n| {
        let package = match n.kind() {
            "call_expression" => required_package(cx, n),
            "import_require_clause" | "import_statement" => {
                n.child_by_field_name("source").map(|s| cx.text(s).trim_matches(['\'', '"']))
            }
            _ => None,
        };
        if found.is_none() && package.is_some_and(|p| PROMISE_LIBRARIES.contains(&p)) {
            found = Some(n);
        }
        found.is_none()
    });
    found
}

/// A function whose result some caller in the project uses as a library's promise: `load().tap(…)`. Callers are told by
/// the name that they call.
pub fn library_use(cx: &Context<'_>, function: Node<'_>) -> Option<std::ops::Range<usize>> {
    let may_be_bluebird = PROMISE_LIBRARIES.iter().chain(ON_BLUEBIRD).any(|package| is_installed(cx, package));
    let used = names_of(cx.file, function).iter().any(|name| cx.library.contains(name, may_be_bluebird));
    used.then(|| head_range(function))
}

/// The function around a node that an edit would make async, with the check that nothing between belongs to a
/// class field or static block. `None` at the top level.
pub fn function_around(node: Node<'_>) -> Option<Node<'_>> {
    crate::syntax::node::enclosing_function(node)
}

/// Whether a node stands among the parameters of its function, where `await` is not allowed.
pub fn is_in_parameters(node: Node<'_>, function: Node<'_>) -> bool {
    let in_list = ancestors(node).take_while(|a| *a != function).any(|a| a.kind() == "formal_parameters");
    in_list && !ancestors(node).take_while(|a| *a != function).any(is_function)
}
