//! `new Promise(executor)`, and what the executor's code comes to once it is the code of an async function.
//!
//! [`Executor`] takes the expression apart, [`sources`] tells what settles it, [`settle`](super::settle) turns the
//! executor's body into statements, and [`place`] puts those where the expression stood.

pub mod place;
mod sources;

pub use sources::{Source, sources};

use tree_sitter::Node;

use super::{
    chain::parameters,
    settle::{Settle, Settlers},
};
use crate::{
    context::Context,
    semantic::BindingId,
    syntax::node::{has_token, is_async, named_children, unparenthesized},
};

/// How many levels of the tree an executor may hold.
const MAX_LEVELS: u32 = 400;

/// A `new Promise(…)` whose executor is written in place.
#[derive(Clone, Debug)]
pub struct Executor<'t> {
    /// The whole expression.
    pub node: Node<'t>,
    /// The executor.
    pub function: Node<'t>,
    /// The type between `<` and `>`, if the expression has one.
    pub type_argument: Option<Node<'t>>,
    /// The functions that settle the promise.
    pub settlers: Settlers,
    /// Whether the class is the one that every program has, rather than a library's.
    pub is_native: bool,
}

impl<'t> Executor<'t> {
    /// Takes a `new` expression apart. `None` where the executor is not written in place, or takes something else
    /// than one or two names.
    pub fn parse(cx: &Context<'_>, node: Node<'t>) -> Option<Self> {
        let constructor = node.child_by_field_name("constructor")?;
        let arguments = named_children(node.child_by_field_name("arguments")?);
        let [function] = arguments.as_slice() else { return None };
        let function = unparenthesized(*function);
        if !matches!(function.kind(), "arrow_function" | "function_expression") || has_token(function, "*") {
            return None;
        }
        let parameters = parameters(function);
        if parameters.len() > 2 {
            return None;
        }
        let binding = |index: usize| -> Option<Option<BindingId>> {
            let Some(parameter) = parameters.get(index).copied() else { return Some(None) };
            let name = parameter.child_by_field_name("pattern").unwrap_or(parameter);
            (name.kind() == "identifier").then(|| cx.names.declared_at(name.start_byte()))
        };
        let (resolve, reject) = (binding(0)?, binding(1)?);
        if resolve.into_iter().chain(reject).any(|b| cx.names.is_reassigned(b)) || resolve.is_none() {
            return None;
        }
        let settlers = Settlers::new(
            [(resolve, Settle::Resolve), (reject, Settle::Reject)].into_iter().filter_map(|(b, s)| Some((b?, s))),
        );
        let is_global = cx.names.reference_at(constructor.start_byte()).is_some_and(|r| r.binding.is_none());
        let type_arguments = node.child_by_field_name("type_arguments").map(named_children).unwrap_or_default();
        let type_argument = Some(type_arguments).filter(|t| t.len() == 1).and_then(|t| t.first().copied());
        let is_native = constructor.kind() == "identifier" && is_global;
        Some(Self { node, function, type_argument, settlers, is_native })
    }

    /// Whether the code inside is nested deeper than anybody writes it. What looks at it follows it with the stack, and
    /// weighs it anew for each executor around it.
    pub fn is_too_deep(&self) -> bool {
        let mut cursor = self.node.walk();
        loop {
            if cursor.depth() > MAX_LEVELS {
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

    /// Whether the executor is an async function.
    pub fn is_async(&self) -> bool {
        is_async(self.function)
    }
}
