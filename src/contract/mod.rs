//! How one function hands its result over: by return, by a callback, or by a promise; and, for a callback, how often
//! it is called on the paths through the function, and whether that happens before the function returns.
//!
//! The answer comes from a small abstract interpretation of the function's code (`paths` is its state, `statements`,
//! `expressions` and `calls` its rules). It follows branches, loops, exceptions and promise chains, runs a callback
//! that is written in place where its callee is said to run it, and counts the calls on each path as none, one, or
//! more. What callees do with a callback comes from an [`Oracle`].

mod calls;
mod chains;
mod conditions;
mod expressions;
mod handles;
mod interpreter;
mod lists;
mod loops;
mod named;
mod oracle;
mod parameter;
mod paths;
mod properties;
mod shape;
mod statements;
mod values;

use std::ops::Range;

use tree_sitter::Node;

use crate::{
    context::Context,
    flow::callback::results,
    flow::{
        body::returned,
        chain::parameters,
        classify::{Promise, promise},
    },
    syntax::node::is_async,
};

pub use named::NamedUses;
pub use oracle::{CallbackUse, FileOracle, Oracle, Times, Timing};

/// How a function hands its result over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// By what means.
    pub kind: Kind,
    /// Whether the callback is called before the function returns. [`Sync::Never`] where there is no callback.
    pub sync: Sync,
    /// What the answer rests on.
    pub evidence: Evidence,
}

/// By what means a function hands its result over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// By return, or it has no result.
    Plain,
    /// By a callback.
    Callback(Callback),
    /// By a promise that it returns.
    Promise,
    /// It is an `async` function.
    Async,
    /// By its callback if there is one, else by a promise.
    Mixed(Callback),
}

impl Kind {
    /// The callback, where there is one.
    pub fn callback(&self) -> Option<&Callback> {
        match self {
            Self::Callback(callback) | Self::Mixed(callback) => Some(callback),
            _ => None,
        }
    }
}

/// A callback by which a function hands its result over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// Which parameter it is, counted from 0. A callback that is taken from `arguments` stands behind all parameters.
    pub index: usize,
    /// Whether its first argument is an error; `None` where that can't be told.
    pub error_first: Option<bool>,
    /// The most values that it is called with, the error left out; `None` where that can't be told.
    pub results: Option<usize>,
    /// Whether the function looks if there is one.
    pub optional: bool,
    /// Whether it may also be given in the place of an earlier parameter.
    pub shifted: bool,
    /// How often it is called.
    pub calls: Calls,
}

/// How often a callback is called on the paths through a function that do not end in a throw. Ranges are bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Calls {
    /// Exactly once on each, as long as the callees that are handed a callback keep to what [`Oracle`] and
    /// [`Evidence::presumed`] say of them.
    Once,
    /// Not at all on some path: the code at which it ends.
    NeverOnSomePath(Range<usize>),
    /// Twice or more on some path: the first two calls. They are the same code where that is run repeatedly.
    TwiceOnSomePath(Range<usize>, Range<usize>),
    /// It can't be told, because of this code.
    Unknown(Range<usize>),
}

/// Whether something happens before a function returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sync {
    /// On every path.
    Always,
    /// On some paths, and later on others.
    Sometimes,
    /// On no path.
    Never,
    /// It can't be told.
    Unknown,
}

/// What a contract rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The calls of functions of which nothing is known, and which are presumed to call back exactly once because a
    /// callback is their last argument. Byte ranges, sorted.
    pub presumed: Vec<Range<usize>>,
    /// Where the callback is called on exactly those paths on which the function returns something truthy, or on
    /// exactly the others: which. `if (isMissing(model, callback)) return;`
    pub returns_when_called: Option<bool>,
}

/// How many levels of the tree a function may hold to be looked at.
const MAX_LEVELS: u32 = 600;

/// How a function hands its result over. `function` is any kind of function. Nothing is looked for in code with a
/// syntax error in it, or nested too deeply: it is [`Kind::Plain`], like any function without a callback.
pub fn contract<'a>(cx: &Context<'a>, function: Node<'a>, oracle: &dyn Oracle) -> Contract {
    if !can_be_read(cx, function) {
        return Contract { kind: Kind::Plain, sync: Sync::Never, evidence: Evidence::default() };
    }
    let promised = hands_over_a_promise(cx, function);
    let Some(found) = parameter::completion(cx, function, oracle) else {
        let kind = match promised {
            _ if is_async(function) => Kind::Async,
            true => Kind::Promise,
            false => Kind::Plain,
        };
        return Contract { kind, sync: Sync::Never, evidence: Evidence::default() };
    };
    let mut found = found;
    if found.callback.results.is_none() && found.callback.error_first != Some(false) {
        // What it is handed on to may be a function of another file.
        found.callback.results = results::of_function(cx, function).and_then(|own| cx.callbacks.results_within(&own));
    }
    let optional = found.callback.optional;
    let is_mixed = optional && (promised || is_async(function) || found.settles_a_promise);
    let kind = if is_mixed { Kind::Mixed(found.callback) } else { Kind::Callback(found.callback) };
    Contract { kind, sync: found.sync, evidence: found.evidence }
}

/// Whether a function's code is free of syntax errors, and not nested too deeply to be looked at.
fn can_be_read(cx: &Context<'_>, function: Node<'_>) -> bool {
    let range = function.byte_range();
    !cx.file.has_error_in(&range) && cx.file.too_deep(&range).is_none() && !levels_exceed(function, MAX_LEVELS)
}

/// Whether a node holds more levels of the tree than it may.
fn levels_exceed(node: Node<'_>, limit: u32) -> bool {
    let mut cursor = node.walk();
    loop {
        if cursor.depth() > limit {
            return true;
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return false;
            }
        }
    }
}

/// Whether some `return` of a function hands over a promise.
fn hands_over_a_promise(cx: &Context<'_>, function: Node<'_>) -> bool {
    let is_constructor = function
        .child_by_field_name("name")
        .is_some_and(|n| function.kind() == "method_definition" && cx.text(n) == "constructor");
    !is_constructor
        && returned(function).values.iter().any(|v| v.expression.is_some_and(|e| promise(cx, e) == Promise::Yes))
}

/// The name that a parameter declares when it is a plain name, with or without a default or a type.
pub(crate) fn parameter_name(parameter: Node<'_>) -> Option<Node<'_>> {
    let mut node = parameter;
    for _ in 0..4 {
        node = match node.kind() {
            "identifier" => return Some(node),
            "required_parameter" | "optional_parameter" => node.child_by_field_name("pattern")?,
            "assignment_pattern" => node.child_by_field_name("left")?,
            _ => return None,
        };
    }
    None
}

/// The parameters of a function by name; what is a pattern has none.
pub(crate) fn named_parameters(function: Node<'_>) -> Vec<Option<Node<'_>>> {
    parameters(function).into_iter().map(parameter_name).collect()
}
