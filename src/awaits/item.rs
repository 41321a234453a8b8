//! An awaited call as an element of the array that is waited for.

use tree_sitter::Node;

use super::{
    promptly::{Dereferenced, Failing, failing},
    run::{Await, Rest, Target},
};
use crate::{
    context::Context,
    flow::{Text, classify::is_global},
    syntax::node::{call_parts, is_comment, member_parts},
};

/// How the calls of a wave are started.
pub(super) struct Starts<'s> {
    /// What was asked for a property up to here.
    known: Dereferenced<'s>,
    /// The callees, behind the first call, that are taken to hand over their failures in their promises.
    pub(super) trusted: Vec<&'s str>,
    count: usize,
}

impl<'s> Starts<'s> {
    /// For the wave whose first call stands in a statement.
    pub(super) fn new(cx: &Context<'s>, statement: Node<'_>) -> Self {
        Self { known: Dereferenced::before(cx, statement), trusted: Vec::new(), count: 0 }
    }

    /// The code that starts the next call and yields its promise.
    ///
    /// A call that waits for something itself before it starts, and a call behind others whose arguments may throw, is put
    /// into an async function: the others' promises must not be left to nobody.
    pub(super) fn item(&mut self, cx: &Context<'s>, awaited: &Await<'_>) -> Text {
        let words: Vec<_> = awaited.words(cx).into_iter().map(|word| (word, Text::default())).collect();
        let text = Text::moved(cx.file, awaited.code(), &words).trimmed();
        self.started(cx, awaited.operand, text, !awaited.inner(cx).is_empty())
    }

    /// The same for an element of an array that was waited for.
    pub(super) fn element(&mut self, cx: &Context<'s>, call: Node<'_>) -> Text {
        self.started(cx, call, Text::moved(cx.file, call.byte_range(), &[]), false)
    }

    fn started(&mut self, cx: &Context<'s>, operand: Node<'_>, text: Text, waits: bool) -> Text {
        let is_first = self.count == 0;
        self.count += 1;
        let failing = if is_first { Failing::InPromise(Vec::new()) } else { failing(cx, operand, &self.known) };
        let Failing::InPromise(trusted) = failing else { return in_function(&text) };
        if waits {
            return in_function(&text);
        }
        self.trusted.extend(trusted.into_iter().map(|callee| cx.text(callee).trim_start_matches("await ")));
        self.known.add_expression(cx, operand);
        text
    }
}

/// `(async () => call)()`
fn in_function(text: &Text) -> Text {
    let is_object = text.as_str().starts_with('{');
    let mut item = Text::from(if is_object { "(async () => (" } else { "(async () => " });
    item.push(text);
    item.push_str(if is_object { "))()" } else { ")()" });
    item
}

/// The elements of `const [a, b] = await Promise.all([f(), g()])`, each with its pattern, if it is as plain as that.
pub(super) fn elements<'t>(cx: &Context<'_>, awaited: &Await<'t>) -> Option<Vec<(Node<'t>, Node<'t>)>> {
    let (Target::Declared(pattern, None), Rest::Nothing) = (awaited.target, awaited.rest) else { return None };
    let (callee, arguments) = call_parts(awaited.operand)?;
    let (object, property) = member_parts(callee)?;
    let is_all = cx.text(object) == "Promise" && cx.text(property) == "all" && is_global(cx, object);
    let [list] = arguments.as_slice() else { return None };
    if !is_all || list.kind() != "array" || pattern.kind() != "array_pattern" || !awaited.inner(cx).is_empty() {
        return None;
    }
    let (patterns, calls) = (plain_members(pattern)?, plain_members(*list)?);
    (patterns.len() == calls.len()).then(|| calls.into_iter().zip(patterns).collect())
}

/// The members of an array or its pattern, unless there are comments, holes or dots among them.
fn plain_members(list: Node<'_>) -> Option<Vec<Node<'_>>> {
    let mut cursor = list.walk();
    let children: Vec<Node<'_>> = list.children(&mut cursor).collect();
    let is_odd = |n: &Node<'_>| is_comment(*n) || matches!(n.kind(), "spread_element" | "rest_pattern");
    let members: Vec<Node<'_>> = children.iter().copied().filter(Node::is_named).collect();
    (!has_hole(list) && !members.is_empty() && !members.iter().any(is_odd)).then_some(members)
}

/// Whether an item is left out between the commas of an array or its pattern.
pub(super) fn has_hole(list: Node<'_>) -> bool {
    let mut cursor = list.walk();
    let tokens: Vec<&str> = list.children(&mut cursor).map(|n| n.kind()).collect();
    tokens.windows(2).any(|pair| matches!(pair[0], "[" | ",") && pair[1] == ",")
}
