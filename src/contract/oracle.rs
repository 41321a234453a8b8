//! What is known of the functions that are called.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
};

use tree_sitter::Node;

use crate::{
    context::Context,
    flow::{
        callback::{called_names, is_adapted, names},
        chain::parameters,
        classify::{called_function, is_global},
        known::{builtin, is_registration},
        promisify::callback_literal,
    },
    syntax::node::{call_parts, member_parts, named_children, unparenthesized},
};

use super::{
    Contract, Kind, Sync, can_be_read, contract,
    named::{Named, NamedUses},
    parameter::{called_once, has_callback_name, is_error, not_called},
    parameter_name,
};

/// How often a callee calls a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// Exactly once.
    Once,
    /// Once, or not at all where another callback is called instead.
    AtMostOnce,
    /// Any number of times: an iterator's callback.
    Many,
    /// Once where the value of the call is truthy, and not at all where it is falsy; or the other way round.
    When(bool),
    /// Not at all.
    Never,
    /// It can't be told: a listener, a callback that is kept.
    Unknown,
}

/// When a callee calls a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// Before it returns.
    Sync,
    /// After it has returned.
    Later,
    /// Either.
    Unknown,
}

/// What a callee does with one of its arguments, a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallbackUse {
    /// How often it is called.
    pub times: Times,
    /// When.
    pub timing: Timing,
    /// Whether with an error first; `None` where that can't be told.
    pub error_first: Option<bool>,
    /// With how many values at most, the error left out; `None` where that can't be told.
    pub results: Option<usize>,
    /// Whether that rests on what functions are presumed to do of which nothing is known.
    pub is_presumed: bool,
    /// Whether the callee is known by nothing but its name.
    pub is_by_name: bool,
}

impl CallbackUse {
    /// A use of which only the number of calls and their time are known.
    pub fn new(times: Times, timing: Timing) -> Self {
        Self { times, timing, error_first: None, results: None, is_presumed: false, is_by_name: false }
    }

    /// A use of which nothing is known.
    pub fn unknown() -> Self {
        Self::new(Times::Unknown, Timing::Unknown)
    }
}

/// What is known of the functions that are called.
pub trait Oracle {
    /// What the callee of a call expression does with one of its arguments (counted from 0), a callback. `None` where
    /// nothing is known of the callee; it is then presumed to call a callback that is its last argument once.
    fn of_call<'a>(&self, cx: &Context<'a>, call: Node<'a>, argument: usize) -> Option<CallbackUse>;

    /// What the callee of a call expression does with several functions that it is handed as arguments (counted from 0), if
    /// that is to call one of them and no other.
    fn of_call_with<'a>(&self, _cx: &Context<'a>, _call: Node<'a>, _arguments: &[usize]) -> Option<CallbackUse> {
        None
    }

    /// Whether the callee of a call expression is known to return a promise where it is not given the callback that it
    /// takes as one of its arguments (counted from 0).
    fn promises<'a>(&self, _cx: &Context<'a>, _call: Node<'a>, _argument: usize) -> bool {
        false
    }
}

/// How many functions of the same file are followed one into the other.
const MAX_DEPTH: usize = 12;

/// What one file says of itself, with what is known of Node's own modules and of the methods of the language, and of the
/// functions of the project that may be reached by a name.
#[derive(Debug)]
pub struct FileOracle<'p> {
    /// The contracts of the functions of the file, by where they start and end. `None` while one is being worked out.
    known: RefCell<HashMap<(usize, usize), Option<Contract>>>,
    /// What they do with parameters that are not the callback of their contract, or with several of them, by where they
    /// start and the parameters.
    parameters: RefCell<HashMap<(usize, Vec<usize>), CallbackUse>>,
    /// The names of the functions that are being asked about, with the parameters.
    asked: RefCell<Vec<(Vec<String>, Vec<usize>)>>,
    depth: Cell<usize>,
    project: &'p NamedUses,
}

/// Functions that call the function they are given once, later.
const TIMERS: &[&str] = &["nextTick", "queueMicrotask", "setImmediate", "setTimeout"];

/// Methods that call their first argument for each of several things, before they return.
const ITERATORS: &[&str] = &[
    "each",
    "every",
    "filter",
    "find",
    "findIndex",
    "findLast",
    "findLastIndex",
    "flatMap",
    "forEach",
    "map",
    "reduce",
    "reduceRight",
    "replace",
    "some",
    "sort",
];

/// Functions of collection libraries that take the collection first and what to do with each item behind it.
const COLLECTION_LIBRARIES: &[&str] = &["_", "lodash", "underscore", "$", "jQuery"];

/// Callees by name that call their callback again and again, or at some event.
const LISTENERS: &[&str] = &["listen", "setInterval"];

impl Oracle for FileOracle<'_> {
    fn of_call<'a>(&self, cx: &Context<'a>, call: Node<'a>, argument: usize) -> Option<CallbackUse> {
        let callee = unparenthesized(call.child_by_field_name("function")?);
        let arguments = named_children(call.child_by_field_name("arguments")?);
        let name = cx.text(member_parts(callee).map_or(callee, |(_, property)| property));
        if argument + 1 == arguments.len() && is_adapted(cx, callee) {
            let times = CallbackUse::new(Times::Once, Timing::Later);
            return Some(CallbackUse { error_first: Some(true), results: Some(1), ..times });
        }
        if argument == 0 && is_timer(cx, callee, name) {
            return Some(CallbackUse::new(Times::Once, Timing::Later));
        }
        if let Some(known) = builtin(cx, callee).filter(|_| argument + 1 == arguments.len()) {
            let (times, timing) = (Times::Once, Timing::Later);
            let use_of = CallbackUse::new(times, timing);
            return Some(CallbackUse { error_first: Some(true), results: known.results, ..use_of });
        }
        if name == "exists" && member_parts(callee).is_some_and(|(o, _)| cx.text(o) == "fs") {
            let times = CallbackUse::new(Times::Once, Timing::Later);
            return Some(CallbackUse { error_first: Some(false), results: Some(1), ..times });
        }
        let is_once = arguments.get(argument).is_some_and(|a| takes_an_error(cx, *a));
        if !is_once && is_iterator(cx, callee, name, argument) {
            return Some(CallbackUse::new(Times::Many, Timing::Sync));
        }
        if !is_once && (is_registration(cx, callee, arguments.len()) || LISTENERS.contains(&name)) || is_keeper(name) {
            return Some(CallbackUse::unknown());
        }
        let (callee, before) = called(cx, callee);
        let (argument, arguments) = (argument.checked_sub(before)?, arguments.len() - before);
        match called_function(cx, callee) {
            Some(function) => self.of_function(cx, function, argument, arguments),
            None => self.project.of_callee(cx, callee, argument, arguments),
        }
    }

    fn of_call_with<'a>(&self, cx: &Context<'a>, call: Node<'a>, arguments: &[usize]) -> Option<CallbackUse> {
        let (callee, before) = called(cx, unparenthesized(call.child_by_field_name("function")?));
        let indices: Option<Vec<_>> = arguments.iter().map(|a| a.checked_sub(before)).collect();
        let indices = indices?;
        if let Some(function) = called_function(cx, callee) {
            return Some(self.of_parameters(cx, function, indices)).filter(|known| known.times == Times::Once);
        }
        // An override does what the function does that it overrides.
        let names = called_names(cx, callee);
        let is_override =
            |(own, asked): &(Vec<String>, Vec<usize>)| *asked == indices && own.iter().any(|name| names.contains(name));
        if self.asked.borrow().iter().any(is_override) {
            return Some(CallbackUse::new(Times::Once, Timing::Unknown));
        }
        self.project.of_callee_with(cx, callee, &indices)
    }

    fn promises<'a>(&self, cx: &Context<'a>, call: Node<'a>, argument: usize) -> bool {
        let Some((callee, arguments)) = call_parts(call) else { return false };
        let Some(function) = called_function(cx, callee) else {
            return self.project.promises(cx, callee, argument, arguments.len());
        };
        let callback = self.contract_of(cx, function).and_then(|contract| callback_of(&contract));
        callback.is_some_and(|c| c.promises && c.takes(argument, arguments.len()))
    }
}

/// What a callee calls, and how many arguments stand before those that it is called with: `work.call(store, callback)`.
fn called<'a>(cx: &Context<'a>, callee: Node<'a>) -> (Node<'a>, usize) {
    match member_parts(callee).filter(|(_, property)| cx.text(*property) == "call") {
        Some((object, _)) => (unparenthesized(object), 1),
        None => (callee, 0),
    }
}

/// Whether a method keeps what it is given, to call it whenever something happens.
pub(super) fn is_keeper(name: &str) -> bool {
    let listens = ["on", "once", "addListener", "addEventListener", "prependListener", "subscribe"];
    let keeps = ["add", "defer", "enqueue", "push", "register", "unshift"];
    listens.contains(&name) || keeps.contains(&name)
}

pub(super) fn is_timer(cx: &Context<'_>, callee: Node<'_>, name: &str) -> bool {
    if !TIMERS.contains(&name) {
        return false;
    }
    match member_parts(callee) {
        Some((object, _)) => {
            matches!(cx.text(object), "process" | "global" | "globalThis" | "window" | "timers")
                && is_global(cx, object)
        }
        None => callee.kind() == "identifier",
    }
}

fn is_iterator(cx: &Context<'_>, callee: Node<'_>, name: &str, argument: usize) -> bool {
    let Some((object, _)) = member_parts(callee) else { return false };
    let of_library = COLLECTION_LIBRARIES.contains(&cx.text(object));
    ITERATORS.contains(&name) && (argument == 0 || argument == 1 && (of_library || name == "replace"))
}

/// Whether a callback that is written in place names its first parameter like an error: an iterator's does not.
fn takes_an_error(cx: &Context<'_>, argument: Node<'_>) -> bool {
    let Some((function, _)) = callback_literal(argument) else { return false };
    let first = parameters(function).first().copied().and_then(parameter_name);
    first.is_some_and(|name| is_error(cx.text(name)))
}

impl<'p> FileOracle<'p> {
    /// An oracle for one file of a project.
    pub fn new(project: &'p NamedUses) -> Self {
        let (known, parameters, asked) = (RefCell::default(), RefCell::default(), RefCell::default());
        Self { known, parameters, asked, depth: Cell::default(), project }
    }

    /// The contract of a function of the file.
    pub fn contract_of<'a>(&self, cx: &Context<'a>, function: Node<'a>) -> Option<Contract> {
        let key = (function.start_byte(), function.end_byte());
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        if self.depth.get() >= MAX_DEPTH {
            return None;
        }
        self.known.borrow_mut().insert(key, None);
        self.depth.set(self.depth.get() + 1);
        let found = contract(cx, function, self);
        self.depth.set(self.depth.get() - 1);
        self.known.borrow_mut().insert(key, Some(found.clone()));
        Some(found)
    }

    /// What a function of the file does with one of its parameters.
    fn of_function<'a>(
        &self,
        cx: &Context<'a>,
        function: Node<'a>,
        argument: usize,
        arguments: usize,
    ) -> Option<CallbackUse> {
        let parameter = parameters(function).get(argument).copied().and_then(parameter_name);
        let Some(contract) = self.contract_of(cx, function) else {
            // The function calls itself, perhaps by way of others.
            let is_named = parameter.is_some_and(|p| has_callback_name(cx.text(p)));
            return is_named.then(|| CallbackUse::new(Times::Once, Timing::Unknown));
        };
        if let Some(callback) = callback_of(&contract).filter(|c| c.takes(argument, arguments)) {
            return Some(callback.known);
        }
        // What is behind the named parameters may be reached through `arguments`.
        parameter.map(|_| self.alone_or_else(cx, function, argument, callback_of(&contract)))
    }

    /// What a function of the file does with a parameter that is not its callback: it may call one or the other.
    fn alone_or_else<'a>(
        &self,
        cx: &Context<'a>,
        function: Node<'a>,
        index: usize,
        callback: Option<Named>,
    ) -> CallbackUse {
        let alone = self.of_parameters(cx, function, vec![index]);
        let is_known = alone.times != Times::Unknown || alone.is_presumed;
        let Some(callback) = callback.filter(|c| !is_known && c.index > index) else { return alone };
        let either = self.of_parameters(cx, function, vec![index, callback.index]);
        if either.times == Times::Once { CallbackUse { times: Times::AtMostOnce, ..either } } else { alone }
    }

    /// What a function of the file does with a parameter that is not the callback of its contract, or with several
    /// parameters of which it calls one.
    fn of_parameters<'a>(&self, cx: &Context<'a>, function: Node<'a>, indices: Vec<usize>) -> CallbackUse {
        let key = (function.start_byte(), indices);
        if let Some(known) = self.parameters.borrow().get(&key) {
            return *known;
        }
        if self.depth.get() >= MAX_DEPTH || !can_be_read(cx, function) {
            return CallbackUse::unknown();
        }
        self.parameters.borrow_mut().insert(key.clone(), CallbackUse::unknown());
        self.asked.borrow_mut().push((names(cx, function), key.1.clone()));
        self.depth.set(self.depth.get() + 1);
        let found = called_once(cx, function, &key.1, self);
        let found = found.or_else(|| not_called(cx, function, &key.1, self)).unwrap_or_else(CallbackUse::unknown);
        self.depth.set(self.depth.get() - 1);
        self.asked.borrow_mut().pop();
        self.parameters.borrow_mut().insert(key, found);
        found
    }

    /// What a function of the file does with the parameters that it may call.
    pub(super) fn uses_of<'a>(&self, cx: &Context<'a>, function: Node<'a>) -> Vec<Named> {
        let callback = self.contract_of(cx, function).and_then(|contract| callback_of(&contract));
        let others = (0..parameters(function).len()).filter(|i| callback.is_none_or(|c| c.index != *i));
        let others = others.map(|index| {
            let known = self.alone_or_else(cx, function, index, callback);
            Named { index, shifted: false, promises: false, known }
        });
        let others: Vec<_> = others.filter(|one| one.known.times != Times::Unknown).collect();
        callback.into_iter().chain(others).collect()
    }
}

/// What a function does with the callback of its contract.
fn callback_of(contract: &Contract) -> Option<Named> {
    let callback = contract.kind.callback()?;
    let timing = match contract.sync {
        Sync::Always => Timing::Sync,
        Sync::Never => Timing::Later,
        Sync::Sometimes | Sync::Unknown => Timing::Unknown,
    };
    // How often it really calls back is a finding of its own, at that function.
    let (times, timing) = match contract.evidence.returns_when_called {
        Some(answer) => (Times::When(answer), Timing::Unknown),
        None => (Times::Once, timing),
    };
    let (error_first, results) = (callback.error_first, callback.results);
    let is_presumed = !contract.evidence.presumed.is_empty();
    let known = CallbackUse { error_first, results, is_presumed, ..CallbackUse::new(times, timing) };
    let promises = matches!(contract.kind, Kind::Mixed(_));
    Some(Named { index: callback.index, shifted: callback.shifted, promises, known })
}
