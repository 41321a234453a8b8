//! Recognising adapters: functions that do nothing but reach an async function by way of `util.callbackify`.

use tree_sitter::Node;

use super::shift::shifted;
use crate::{
    context::Context,
    flow::{
        chain::{block_body, own_this, parameters},
        classify::called_function,
    },
    syntax::node::{call_parts, member_parts, named_children, unparenthesized},
};

/// A function that callers with a callback reach an async function by.
#[derive(Clone, Debug)]
pub struct Adapter<'t> {
    /// What makes the callback form of the async function: `util.callbackify`.
    pub made_by: Node<'t>,
    /// The expression that stands for the async function: a name, or a property.
    pub target: Node<'t>,
    /// Whether the target is handed `this`.
    pub binds_this: bool,
    /// Whether the adapter hands its arguments over as they come, and does nothing else.
    pub is_plain: bool,
    /// Where it does so, and what stands in front does nothing as long as all arguments are given: the indices of those
    /// that must be no functions.
    pub shifted: Option<Vec<usize>>,
    /// Whether callbacks are handed the result.
    pub hands_result: bool,
    /// How many parameters it has, the callback included.
    pub parameters: usize,
}

/// Takes a function apart as an adapter.
pub fn adapter<'t>(cx: &Context<'_>, function: Node<'t>) -> Option<Adapter<'t>> {
    let statements = named_children(block_body(function)?);
    let last = statements.iter().rev().find(|s| s.kind() == "expression_statement")?;
    let (callee, mut arguments) = call_parts(named_children(*last).first().copied()?)?;
    let (made_by, made_of) = made_of(cx, callee)?;
    let [target] = made_of.as_slice() else { return None };
    let hands_this = call_parts(unparenthesized(callee)).is_none();
    if hands_this && (arguments.is_empty() || arguments.remove(0).kind() != "this") {
        return None;
    }
    let bound = call_parts(*target).and_then(|(c, a)| member_parts(c).map(|(o, p)| (o, p, a)));
    let (target, binds_this) = match bound {
        Some((object, property, arguments)) if cx.text(property) == "bind" => {
            (object, arguments.first().is_some_and(|a| a.kind() == "this"))
        }
        _ => (*target, hands_this && !is_without_this(cx, *target)),
    };
    if !matches!(target.kind(), "identifier" | "member_expression") {
        return None;
    }
    let all = parameters(function);
    let names = |nodes: &[Node<'_>]| nodes.iter().map(|n| cx.text(*n).to_owned()).collect::<Vec<_>>();
    let own: Vec<_> = all.iter().map(|p| p.child_by_field_name("pattern").unwrap_or(*p)).collect();
    let (own, arguments) = (names(&own), names(&arguments));
    let same_before = own.len() == arguments.len() && own.iter().rev().skip(1).eq(arguments.iter().rev().skip(1));
    let handed = own.last().zip(arguments.last()).map(|(name, argument)| handed(name, argument));
    let hands_over = same_before && handed.is_some_and(|h| h != Handed::Otherwise);
    let is_plain = hands_over && statements.len() == 1;
    let in_front = statements.split_last().filter(|(end, _)| *end == last && hands_over).map(|(_, rest)| rest);
    let shifted = in_front.and_then(|statements| shifted(cx, &all, statements));
    let hands_result = matches!(handed, Some(Handed::AsIs | Handed::OrNothing));
    let parameters = all.len();
    Some(Adapter { made_by, target, binds_this, is_plain, shifted, hands_result, parameters })
}

/// What makes the function that an adapter calls, `util.callbackify`, and of what: `util.callbackify(load)(id, cb)`, or
/// `util.callbackify(load).call(this, id, cb)`, which hands `this` to the function and to the callback.
fn made_of<'t>(cx: &Context<'_>, callee: Node<'t>) -> Option<(Node<'t>, Vec<Node<'t>>)> {
    let callee = unparenthesized(callee);
    let called_with_this = member_parts(callee).filter(|(_, property)| cx.text(*property) == "call");
    let (made_by, made_of) = call_parts(unparenthesized(called_with_this.map_or(callee, |(object, _)| object)))?;
    let name = member_parts(made_by).map_or(made_by, |(_, property)| property);
    (cx.text(name) == "callbackify").then_some((made_by, made_of))
}

/// Whether a callee is what `util.callbackify` makes of a function: an adapter calls one.
pub fn is_adapted(cx: &Context<'_>, callee: Node<'_>) -> bool {
    made_of(cx, callee).is_some()
}

/// Whether a function of this file makes no use of the `this` that it is called with.
fn is_without_this(cx: &Context<'_>, target: Node<'_>) -> bool {
    let body = called_function(cx, target).and_then(|f| f.child_by_field_name("body"));
    body.is_some_and(|body| own_this(cx, body, false).is_none())
}

/// How an adapter hands its callback over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Handed {
    AsIs,
    /// `callback || (() => {})`
    OrNothing,
    /// `err => callback(err)`, `err => err ? callback(err) : callback()`, `err => { if (err) throw err; callback() }`, perhaps
    /// where there is a callback, or `() => {}` where there is none.
    WithoutResult,
    /// In a way that may change what it is handed.
    Otherwise,
}

fn handed(name: &str, argument: &str) -> Handed {
    let text: String = argument.chars().filter(|c| !c.is_whitespace()).collect();
    if text == name {
        return Handed::AsIs;
    }
    if text.strip_prefix(name).is_some_and(|rest| rest.starts_with("||")) {
        return Handed::OrNothing;
    }
    let behind = text.strip_prefix(name).unwrap_or_default();
    let chosen = behind.strip_prefix('?').and_then(|rest| rest.strip_suffix(":()=>{}"));
    let guarded = behind.strip_prefix("&&").or(chosen).unwrap_or(&text);
    let Some((parameter, body)) = bare(guarded).split_once("=>") else { return Handed::Otherwise };
    // `(err: any, value) => …`
    let (parameter, body) = (bare(parameter).replace(":any", ""), bare(body));
    let called_with_this = body.replace(&format!("{name}.call(this,"), &format!("{name}("));
    let body = called_with_this.replace(&format!("{name}.call(this)"), &format!("{name}()"));
    // `(err, value) => err ? callback(err) : callback(undefined, value)`
    let is_whole = parameter.split_once(',').is_some_and(|(e, value)| {
        let of = |nothing: &str| format!("{e}?{name}({e}):{name}({nothing},{value})");
        let both = format!("{name}({e},{value})");
        let undefined = format!("{e}?{both}:{name}(undefined,{value})");
        [of("undefined"), of("null"), of(e), both, undefined].contains(&body)
    });
    if is_whole {
        return Handed::AsIs;
    }
    let failure = format!("{parameter}?{name}({parameter}):{name}");
    let thrown = format!("{{if({parameter})throw{parameter};{name}()}}");
    let error_only = [format!("{name}({parameter})"), format!("{failure}()"), format!("{failure}(undefined)"), thrown];
    if error_only.contains(&body.replace(";}", "}")) {
        return Handed::WithoutResult;
    }
    Handed::Otherwise
}

/// A text without the parentheses around all of it.
fn bare(text: &str) -> &str {
    let inner = text.strip_prefix('(').and_then(|t| t.strip_suffix(')'));
    inner
        .filter(|t| !t.starts_with(')') && t.find(')').is_none_or(|close| t.find('(').is_some_and(|o| o < close)))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_of_the_callback_is_read_off_its_form() {
        assert!(handed("cb", "cb") == Handed::AsIs);
        assert!(handed("cb", "cb || (() => {})") == Handed::OrNothing);
        assert!(handed("cb", "(err, value) => err ? cb(err) : cb(undefined, value)") == Handed::AsIs);
        assert!(handed("cb", "cb && ((err: any, value) => err ? cb(err) : cb(null, value))") == Handed::AsIs);
        assert!(handed("cb", "(err: any, value) => cb(err, value)") == Handed::AsIs);
        assert!(handed("cb", "(err: any) => cb(err)") == Handed::WithoutResult);
        assert!(handed("cb", "cb && ((err, value) => err ? cb(err) : cb(undefined, value))") == Handed::AsIs);
        for text in [
            "err => cb(err)",
            "(err) => cb(err)",
            "err => err ? cb(err) : cb()",
            "err => { if (err) throw err; cb() }",
            "cb && (err => { if (err) throw err; cb.call(this); })",
            "(err) => (err ? cb(err) : cb())",
            "cb && (err => cb(err))",
            "cb && (err => err ? cb(err) : cb())",
            "err => err ? cb.call(this, err) : cb.call(this)",
            "err => err ? cb(err) : cb(undefined)",
            "cb ? err => cb(err) : () => {}",
            "cb ? (err => err ? cb(err) : cb()) : () => {}",
        ] {
            assert!(handed("cb", text) == Handed::WithoutResult, "{text}");
        }
        for text in ["wrap(cb)", "err => cb(wrap(err))", "(err, x) => cb(err, x + 1)", "cb.bind(this)", "err => cb()"] {
            assert!(handed("cb", text) == Handed::Otherwise, "{text}");
        }
    }
}
