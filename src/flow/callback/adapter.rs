//! Recognising adapters: functions that do nothing but reach an async function by way of `util.callbackify`.

use tree_sitter::Node;

use crate::{
    context::Context,
    flow::chain::{block_body, parameters},
    syntax::node::{call_parts, member_parts, named_children, unparenthesized},
};

/// A function that callers with a callback reach an async function by.
#[derive(Clone, Copy, Debug)]
pub struct Adapter<'t> {
    /// What makes the callback form of the async function: `util.callbackify`.
    pub made_by: Node<'t>,
    /// The expression that stands for the async function: a name, or a property.
    pub target: Node<'t>,
    /// Whether the target is handed `this`.
    pub binds_this: bool,
    /// Whether the adapter hands its arguments over as they come, and does nothing else.
    pub is_plain: bool,
    /// Whether the callback is among the arguments as it is. Wrapped, it may be handed something else than the result.
    pub hands_callback: bool,
    /// How many parameters it has, the callback included.
    pub parameters: usize,
}

/// Takes a function apart as an adapter.
pub fn adapter<'t>(cx: &Context<'_>, function: Node<'t>) -> Option<Adapter<'t>> {
    let statements = named_children(block_body(function)?);
    let last = statements.iter().rev().find(|s| s.kind() == "expression_statement")?;
    let (callee, arguments) = call_parts(named_children(*last).first().copied()?)?;
    let (made_by, made_of) = call_parts(unparenthesized(callee))?;
    let name = member_parts(made_by).map_or(made_by, |(_, property)| property);
    let [target] = made_of.as_slice() else { return None };
    if cx.text(name) != "callbackify" {
        return None;
    }
    let bound = call_parts(*target).and_then(|(c, a)| member_parts(c).map(|(o, p)| (o, p, a)));
    let (target, binds_this) = match bound {
        Some((object, property, arguments)) if cx.text(property) == "bind" => {
            (object, arguments.first().is_some_and(|a| a.kind() == "this"))
        }
        _ => (*target, false),
    };
    if !matches!(target.kind(), "identifier" | "member_expression") {
        return None;
    }
    let parameters = parameters(function);
    let names = |nodes: &[Node<'_>]| nodes.iter().map(|n| cx.text(*n).to_owned()).collect::<Vec<_>>();
    let own: Vec<_> = parameters.iter().map(|p| p.child_by_field_name("pattern").unwrap_or(*p)).collect();
    // The callback may be wrapped: `err => callback(err)`, `callback || noop`.
    let (own, arguments) = (names(&own), names(&arguments));
    let same_before = own.len() == arguments.len() && own.iter().rev().skip(1).eq(arguments.iter().rev().skip(1));
    let same_callback = own.last().zip(arguments.last()).is_some_and(|(name, argument)| argument.contains(name));
    let is_plain = statements.len() == 1 && same_before && same_callback;
    let hands_callback = own.last() == arguments.last();
    Some(Adapter { made_by, target, binds_this, is_plain, hands_callback, parameters: parameters.len() })
}
