//! Loops that wait on purpose: whose rounds are not there to get through a list, but to wait, to try again, or to find
//! the way from one page to the next.

use tree_sitter::Node;

use super::{awaits, outer::writes, statements};
use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    flow::body::returns_in,
    syntax::node::{call_parts, member_parts, named_children, unparenthesized, walk_own_code},
};

/// What a loop is for, where that is not to go through a list.
pub fn refusal(cx: &Context<'_>, this: Node<'_>, body: Node<'_>) -> Option<Refusal> {
    paced(cx, body).or_else(|| retry(cx, this, body)).or_else(|| conditional(cx, this, body))
}

/// Names of functions that do nothing but wait.
const PAUSES: &[&str] =
    &["sleep", "delay", "wait", "pause", "timeout", "setTimeout", "snooze", "waitFor", "nextTick", "tick"];

/// A pause between rounds: `await sleep(100)`, `await new Promise(r => setTimeout(r, 100))`.
fn paced(cx: &Context<'_>, body: Node<'_>) -> Option<Refusal> {
    let is_pause = |n: &Node<'_>| {
        let value = named_children(*n).first().map(|v| unparenthesized(*v));
        let Some(value) = value.filter(|_| n.kind() == "await_expression") else { return false };
        if value.kind() == "new_expression" {
            return cx.text(value).contains("setTimeout(");
        }
        let callee = call_parts(value).map(|(callee, _)| member_parts(callee).map_or(callee, |(_, p)| p));
        callee.is_some_and(|c| PAUSES.contains(&cx.text(c)))
    };
    let pause = awaits(body).into_iter().find(is_pause)?;
    Some(Refusal::new(RefusalCode::PacedLoop, pause.byte_range()))
}

/// `for (let attempt = 0; …) { try { return await f(); } catch { … } }`: the first success ends it.
fn retry(cx: &Context<'_>, this: Node<'_>, body: Node<'_>) -> Option<Refusal> {
    let end = body.start_byte();
    let head = cx.slice(this.start_byte()..end).to_ascii_lowercase();
    let named = ["attempt", "retr", "tries"].iter().any(|word| head.contains(word));
    let tries = statements(body).into_iter().filter(|s| s.kind() == "try_statement");
    let is_last_word = |t: &Node<'_>| {
        let block = t.child_by_field_name("body");
        let leaves = block.is_some_and(|b| {
            let mut jumps = false;
            walk_own_code(b, |n| {
                jumps |= n.kind() == "break_statement";
                !jumps
            });
            (jumps || !returns_in(b).is_empty()) && !awaits(b).is_empty()
        });
        leaves && t.child_by_field_name("handler").is_some()
    };
    let attempt = tries.into_iter().find(is_last_word);
    let counted = this.kind() != "for_in_statement";
    let range = attempt
        .filter(|_| counted)
        .map(|t| t.byte_range())
        .or_else(|| (named && counted).then(|| this.start_byte()..end))?;
    Some(Refusal::new(RefusalCode::RetryLoop, range))
}

/// `while`, `do … while`, and `for` without a list: each round decides whether there is another.
fn conditional(cx: &Context<'_>, this: Node<'_>, body: Node<'_>) -> Option<Refusal> {
    let condition = this.child_by_field_name("condition")?;
    if let Some(wait) = awaits(condition).first() {
        return Some(Refusal::new(RefusalCode::Polling, wait.byte_range()));
    }
    if this.kind() == "for_statement" {
        return None;
    }
    if let Some(taken) = taken_from_list(cx, this) {
        return Some(Refusal::new(RefusalCode::WorkList, taken.byte_range()));
    }
    let declared = cx.names.declared_in(&body.byte_range());
    let written = writes(cx, body, &|id| declared.contains(&id)).into_iter().next();
    let range = written.map_or(condition.byte_range(), |w| w.node.byte_range());
    Some(Refusal::new(RefusalCode::CarriedValue, range))
}

/// `queue.shift()` and its like, in the condition or the body.
fn taken_from_list<'t>(cx: &Context<'_>, this: Node<'t>) -> Option<Node<'t>> {
    let mut found = None;
    walk_own_code(this, |n| {
        let taken = n.child_by_field_name("function").filter(|_| n.kind() == "call_expression").and_then(member_parts);
        if taken.is_some_and(|(_, p)| matches!(cx.text(p), "shift" | "pop" | "dequeue" | "poll" | "splice" | "next")) {
            found.get_or_insert(n);
        }
        found.is_none()
    });
    found
}
