//! Calls of the `async` library's functions, taken apart: `async.series([…], callback)`, `async.each(items, iteratee,
//! callback)` and their like.
//!
//! Only what is written in place can be taken apart: a literal list of tasks, an iteratee that is a function literal.
//! Of the rest a refusal says what is in the way.

use std::borrow::Cow;

use tree_sitter::Node;

use super::{chain::parameters, known::export_of, promisify::callback_literal};
use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    semantic::BindingId,
    syntax::node::{
        ancestors, call_parts, has_token, is_async, is_comment, is_function, named_children, unparenthesized,
        with_parentheses,
    },
};

/// What a function of the library does with its tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Runs functions; the results are a list, or an object with the tasks' keys.
    Tasks,
    /// Runs functions, each with the results of the one before; the last one's results are the result.
    Waterfall,
    /// Calls a function for each of several items, and drops the results.
    Each,
    /// Calls a function for each of several items; the results are a list.
    Map,
}

/// How many tasks run at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order<'t> {
    /// Each begins when the one before has ended.
    InTurn,
    /// All begin at once.
    Together,
    /// As many at once as an expression says.
    Limited(Node<'t>),
}

/// A function that the library calls.
#[derive(Clone, Debug)]
pub struct Task<'t> {
    /// The name that its result goes by, where the tasks are an object: an identifier or a string.
    pub key: Option<Node<'t>>,
    /// The function literal.
    pub function: Node<'t>,
    /// Whether it is written with `.bind(this)` behind it.
    pub is_bound: bool,
    /// The parameters in front of its callback.
    pub parameters: Vec<Node<'t>>,
    /// Its callback, an identifier.
    pub callback: BindingId,
    /// The comments on lines in front of it, in a list of tasks.
    pub comments: Vec<Node<'t>>,
}

/// What is run.
#[derive(Clone, Debug)]
pub enum Run<'t> {
    /// Functions of their own.
    Tasks {
        /// In the order in which they are written.
        tasks: Vec<Task<'t>>,
        /// Whether they are members of an object.
        keyed: bool,
    },
    /// One function for each of several items.
    Items {
        /// The expression for the items: an array, or anything else that the library goes over.
        items: Node<'t>,
        /// The function. It has one parameter in front of its callback.
        iteratee: Task<'t>,
    },
}

/// A call, taken apart.
#[derive(Clone, Debug)]
pub struct AsyncCall<'t> {
    /// The call.
    pub node: Node<'t>,
    /// What it does.
    pub work: Work,
    /// How many run at once.
    pub order: Order<'t>,
    /// What is run.
    pub run: Run<'t>,
    /// What is called at the end; `None` where nobody is told.
    pub callback: Option<Node<'t>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum OrderName {
    InTurn,
    Together,
    Limited,
}

/// The functions that are taken apart, with the other names that they go by.
fn function_named(name: &str) -> Option<(Work, OrderName)> {
    Some(match name {
        "series" => (Work::Tasks, OrderName::InTurn),
        "parallel" => (Work::Tasks, OrderName::Together),
        "parallelLimit" => (Work::Tasks, OrderName::Limited),
        "waterfall" => (Work::Waterfall, OrderName::InTurn),
        "each" | "forEach" => (Work::Each, OrderName::Together),
        "eachSeries" | "forEachSeries" => (Work::Each, OrderName::InTurn),
        "eachLimit" | "forEachLimit" => (Work::Each, OrderName::Limited),
        "map" => (Work::Map, OrderName::Together),
        "mapSeries" => (Work::Map, OrderName::InTurn),
        "mapLimit" => (Work::Map, OrderName::Limited),
        _ => return None,
    })
}

/// Takes a call apart. `None` if it is no call of one of these functions.
///
/// # Errors
/// What is in the way, if its tasks are not plain functions that are written in place.
pub fn async_call<'t>(cx: &Context<'_>, call: Node<'t>) -> Option<Result<AsyncCall<'t>, Refusal>> {
    let (callee, arguments) = call_parts(call)?;
    let (work, order) = function_called(cx, callee)?;
    Some(taken_apart(cx, call, &arguments, work, order))
}

/// Whether a callee is one of these functions, which call what they are handed before they return.
pub fn calls_tasks(cx: &Context<'_>, callee: Node<'_>) -> bool {
    function_called(cx, callee).is_some()
}

/// The last task of a waterfall that is written in place: what it hands over is what the callback behind them gets.
pub fn last_of_waterfall<'a>(cx: &Context<'a>, call: Node<'a>) -> Option<Node<'a>> {
    let (callee, arguments) = call_parts(call)?;
    function_called(cx, callee).filter(|(work, _)| *work == Work::Waterfall)?;
    let tasks = arguments.first().filter(|list| list.kind() == "array")?;
    named_children(*tasks).last().copied().filter(|task| is_function(*task))
}

/// What a call hands the results of one task to the next of, however the tasks are written. Each finds its callback behind as
/// many results as it gets.
pub fn counting_tasks<'a>(cx: &Context<'a>, call: Node<'a>) -> Vec<Node<'a>> {
    let Some((callee, arguments)) = call_parts(call) else { return Vec::new() };
    let is_counting = |(module, export): (&str, Cow<'_, str>)| match module.strip_prefix("async") {
        Some("") => COUNTING.contains(&export.as_ref()),
        Some(rest) => COUNTING.iter().any(|name| rest.strip_prefix('/') == Some(*name)),
        None => false,
    };
    if !export_of(cx, callee).is_some_and(is_counting) {
        return Vec::new();
    }
    match arguments.first() {
        Some(list) if list.kind() == "array" => named_children(*list),
        _ => arguments,
    }
}

/// Functions of the library that hand the results of one task to the next.
const COUNTING: [&str; 3] = ["waterfall", "seq", "compose"];

/// Whether a callee is one of these functions that hand no results over.
pub fn hands_over_nothing(cx: &Context<'_>, callee: Node<'_>) -> bool {
    function_called(cx, callee).is_some_and(|(work, _)| work == Work::Each)
}

/// Whether a callee is one of these functions whose callback gets, along with an error, the results that there are so
/// far.
pub fn hands_over_partial_results(cx: &Context<'_>, callee: Node<'_>) -> bool {
    function_called(cx, callee).is_some_and(|(work, _)| matches!(work, Work::Tasks | Work::Map))
}

/// The place at which the library hands its callback to what stands at an argument of a call: to each function of a list of
/// tasks, or to the function for each of several items. `None` where it is neither, and for a waterfall, where the place
/// depends on the results.
pub fn place_of_callback(cx: &Context<'_>, call: Node<'_>, argument: Node<'_>) -> Option<usize> {
    let (callee, arguments) = call_parts(call)?;
    let (work, order) = function_called(cx, callee)?;
    let index = arguments.iter().position(|a| *a == argument)?;
    let of_iteratee = if order == OrderName::Limited { 2 } else { 1 };
    match work {
        _ if arguments[..index].iter().any(|a| a.kind() == "spread_element") => None,
        Work::Tasks => (index == 0).then_some(0),
        Work::Each | Work::Map => (index == of_iteratee).then_some(1),
        Work::Waterfall => None,
    }
}

/// The call whose task or iteratee a function is, if that can be taken apart.
pub fn call_of_task<'t>(cx: &Context<'_>, function: Node<'t>) -> Option<AsyncCall<'t>> {
    // The function, `.bind(this)`, a pair or the list of tasks, the arguments, the call.
    let outermost = with_parentheses(function);
    let call = ancestors(outermost)
        .take(8)
        .take_while(|a| !is_function(*a))
        .find(|a| call_parts(*a).is_some_and(|(callee, _)| function_called(cx, callee).is_some()))?;
    let taken = async_call(cx, call)?.ok()?;
    let is_task = match &taken.run {
        Run::Tasks { tasks, .. } => tasks.iter().any(|t| t.function == function),
        Run::Items { iteratee, .. } => iteratee.function == function,
    };
    is_task.then_some(taken)
}

fn function_called(cx: &Context<'_>, callee: Node<'_>) -> Option<(Work, OrderName)> {
    let (module, export) = export_of(cx, callee)?;
    match module.strip_prefix("async") {
        Some("") => function_named(&export),
        // `require('async/each')`
        Some(rest) if export == "default" => function_named(rest.strip_prefix('/')?.trim_end_matches(".js")),
        _ => None,
    }
}

fn not_plain<T>(node: Node<'_>) -> Result<T, Refusal> {
    Err(Refusal::new(RefusalCode::TasksNotPlain, node.byte_range()))
}

fn taken_apart<'t>(
    cx: &Context<'_>,
    call: Node<'t>,
    arguments: &[Node<'t>],
    work: Work,
    order: OrderName,
) -> Result<AsyncCall<'t>, Refusal> {
    if let Some(spread) = arguments.iter().find(|a| a.kind() == "spread_element") {
        return not_plain(*spread);
    }
    let mut rest = arguments.iter().copied();
    let mut next = || rest.next().ok_or_else(|| Refusal::new(RefusalCode::TasksNotPlain, call.byte_range()));
    let first = next()?;
    let order = match order {
        OrderName::InTurn => Order::InTurn,
        OrderName::Together => Order::Together,
        OrderName::Limited => Order::Limited(next()?),
    };
    let run = match work {
        Work::Tasks | Work::Waterfall => tasks(cx, first, work)?,
        Work::Each | Work::Map => Run::Items { items: first, iteratee: iteratee(cx, next()?)? },
    };
    let callback = rest.next();
    match rest.next() {
        Some(extra) => not_plain(extra),
        None => Ok(AsyncCall { node: call, work, order, run, callback }),
    }
}

fn tasks<'t>(cx: &Context<'_>, list: Node<'t>, work: Work) -> Result<Run<'t>, Refusal> {
    let list = unparenthesized(list);
    match list.kind() {
        "array" => {
            if has_hole(list) {
                return not_plain(list);
            }
            let elements = named_children(list).into_iter().enumerate();
            let tasks = elements.map(|(index, element)| {
                let task = Task { comments: comments_above(cx, element), ..task(cx, element, None)? };
                let takes_results = work == Work::Waterfall && index > 0;
                if takes_results || task.parameters.is_empty() { Ok(task) } else { not_plain(task.function) }
            });
            Ok(Run::Tasks { tasks: tasks.collect::<Result<_, _>>()?, keyed: false })
        }
        "object" if work == Work::Tasks => {
            let tasks = named_children(list).into_iter().map(|member| member_task(cx, member));
            Ok(Run::Tasks { tasks: tasks.collect::<Result<_, _>>()?, keyed: true })
        }
        _ => not_plain(list),
    }
}

/// The comments between a member of a list and the one before it, if they stand on lines of their own.
fn comments_above<'t>(cx: &Context<'_>, member: Node<'t>) -> Vec<Node<'t>> {
    let mut comments = Vec::new();
    let mut before = member.prev_sibling();
    while let Some(comment) = before.filter(|n| is_comment(*n)) {
        comments.push(comment);
        before = comment.prev_sibling();
    }
    let first = comments.last().copied();
    let own_line = |c: Node<'_>| before.is_none_or(|b| cx.slice(b.end_byte()..c.start_byte()).contains('\n'));
    if !first.is_some_and(own_line) {
        return Vec::new();
    }
    comments.reverse();
    comments
}

/// `[first, , third]`: a task that is no function.
fn has_hole(array: Node<'_>) -> bool {
    let mut cursor = array.walk();
    let parts = array.children(&mut cursor).filter(|c| !is_comment(*c) && !matches!(c.kind(), "[" | "]"));
    let mut after_comma = true;
    parts.into_iter().any(|part| {
        let is_comma = part.kind() == ",";
        std::mem::replace(&mut after_comma, is_comma) && is_comma
    })
}

/// `name: function (callback) {…}`
fn member_task<'t>(cx: &Context<'_>, member: Node<'t>) -> Result<Task<'t>, Refusal> {
    let parts = (member.child_by_field_name("key"), member.child_by_field_name("value"));
    let (Some(key), Some(value)) = parts else { return not_plain(member) };
    // The order of numeric keys is not that in which they are written, and `__proto__` makes no member.
    let is_plain = match key.kind() {
        "property_identifier" => cx.text(key) != "__proto__",
        "string" => cx.text(key).trim_matches(['\'', '"']).starts_with(|c: char| c.is_ascii_alphabetic()),
        _ => false,
    };
    if member.kind() != "pair" || !is_plain {
        return not_plain(member);
    }
    let task = Task { comments: comments_above(cx, member), ..task(cx, value, Some(key))? };
    if task.parameters.is_empty() { Ok(task) } else { not_plain(task.function) }
}

fn iteratee<'t>(cx: &Context<'_>, argument: Node<'t>) -> Result<Task<'t>, Refusal> {
    let task = task(cx, argument, None)?;
    if task.parameters.len() == 1 { Ok(task) } else { not_plain(task.function) }
}

/// A function literal whose last parameter is its callback.
fn task<'t>(cx: &Context<'_>, argument: Node<'t>, key: Option<Node<'t>>) -> Result<Task<'t>, Refusal> {
    let Some((function, is_bound)) = callback_literal(argument) else { return not_plain(argument) };
    let mut parameters = parameters(function);
    let Some(last) = parameters.pop() else { return not_plain(function) };
    let name = last.child_by_field_name("pattern").unwrap_or(last);
    // An async function gets no callback: the library takes its promise.
    if is_async(function) || has_token(function, "*") || name.kind() != "identifier" {
        return not_plain(function);
    }
    let Some(callback) = cx.names.declared_at(name.start_byte()) else { return not_plain(name) };
    if cx.names.is_reassigned(callback) {
        return not_plain(name);
    }
    Ok(Task { key, function, is_bound, parameters, callback, comments: Vec::new() })
}

#[cfg(test)]
mod tests;
