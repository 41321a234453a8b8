//! Which part of a function stays as it is, and which becomes the body of an async function.

use std::ops::Range;

use tree_sitter::Node;

use super::site::made_of;
use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    flow::{
        body::{completes, returns_in},
        chain::block_body,
        settle::{Body, LOOPS, Settle, Settlers},
    },
    syntax::node::{
        ancestors, block_items, call_parts, is_comment, is_function, member_parts, named_children, unparenthesized,
        walk, walk_own_code,
    },
};

/// A function's statements and comments, taken apart.
#[derive(Debug)]
pub(super) struct Split<'t> {
    /// What has to run at once, in the function that callers call: it looks at the callback or at `arguments`, or throws.
    pub(super) prologue: Vec<Node<'t>>,
    /// What hands over the result.
    pub(super) body: Vec<Node<'t>>,
    /// What stays at the end: functions that what stays in front calls, and a `return` of what has nothing to do with the result.
    pub(super) behind: Vec<Node<'t>>,
    /// What the function returns at once in the end, whatever the result: `callback.promise`.
    pub(super) returned: Option<String>,
}

impl Split<'_> {
    /// Whether a loop in front calls back, or may: a promise form would do without it.
    pub(super) fn calls_back_in_loop(&self, cx: &Context<'_>, settlers: &Settlers) -> bool {
        let mut loops = self.prologue.iter().filter(|s| LOOPS.contains(&s.kind()));
        loops.any(|s| settlers.are_in(cx, &s.byte_range()))
    }

    /// Leaves functions where they are that what stays in front calls: `if (!isUser(user)) throw error;` above, and
    /// `function isUser(user) { … }` at the end.
    ///
    /// # Errors
    /// When one of them stands between statements that move, or hands over the result itself.
    fn leave_functions(&mut self, cx: &Context<'_>, settlers: &Settlers) -> Result<(), Refusal> {
        let is_inert = |s: &Node<'_>| is_comment(*s) || is_declaration(*s);
        while let Some(at) = self.body.iter().position(|s| is_declaration(*s) && self.uses_in_front(cx, &[*s])) {
            let declaration = self.body[at];
            let settles = settlers.are_in(cx, &declaration.byte_range());
            if settles || !(self.body[..at].iter().all(is_inert) || self.body[at..].iter().all(is_inert)) {
                return Err(Refusal::new(
                    RefusalCode::NameClash,
                    declaration.start_byte()..declaration.start_byte() + 1,
                ));
            }
            if self.body[..at].iter().all(is_inert) {
                self.prologue.extend(self.body.drain(..=at));
            } else {
                let at = at - comments_above(cx, &self.body[..at]);
                self.behind.splice(..0, self.body.split_off(at));
            }
        }
        Ok(())
    }

    /// Whether what stays uses something that some statements declare.
    pub(super) fn uses_in_front(&self, cx: &Context<'_>, declaring: &[Node<'_>]) -> bool {
        self.prologue.iter().chain(&self.behind).any(|s| uses(cx, *s, declaring))
    }
}

/// Whether a statement uses something that others declare, which are in source order.
pub fn uses(cx: &Context<'_>, statement: Node<'_>, declaring: &[Node<'_>]) -> bool {
    last_used(cx, statement, declaring).is_some()
}

/// The index of the last of some statements, in source order, that declares something which another one uses.
fn last_used(cx: &Context<'_>, statement: Node<'_>, declaring: &[Node<'_>]) -> Option<usize> {
    let declared_by = |at: &Range<usize>| {
        let index = declaring.partition_point(|s| s.end_byte() < at.end);
        declaring.get(index).filter(|s| s.start_byte() <= at.start).map(|_| index)
    };
    let references = cx.names.references_in(&statement.byte_range());
    let bindings = references.iter().filter_map(|r| r.binding);
    bindings.flat_map(|b| &cx.names.binding(b).declarations).filter_map(declared_by).max()
}

/// How many comments belong to the statement below them: a comment goes with it, but for one on the line of the statement in
/// front.
fn comments_above(cx: &Context<'_>, items: &[Node<'_>]) -> usize {
    let is_above = |s: &&Node<'_>| is_comment(**s) && cx.file.source.is_first_on_line(s.start_byte());
    items.iter().rev().take_while(is_above).count()
}

/// What becomes of a `return` of what a call returns that is handed the callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Returned {
    /// The call is awaited, and what it returns is lost.
    Moves,
    /// It stays in front as it is.
    Stays,
}

/// Takes the code of a function apart. What stays in front is not touched, so it may do what it likes with the callback,
/// as long as what follows calls it on its own account.
///
/// # Errors
/// When what is left leaves nothing to wait for, or the function returns a value that its callers may use at once.
pub(super) fn split<'t>(
    cx: &Context<'_>,
    function: Node<'t>,
    settlers: &Settlers,
    returned_calls: Returned,
) -> Result<Split<'t>, Refusal> {
    let Some(block) = block_body(function) else {
        let body = function.child_by_field_name("body").into_iter().collect();
        return Ok(Split { prologue: Vec::new(), body, behind: Vec::new(), returned: None });
    };
    let mut items = block_items(block);
    // A last `return` of a value that has nothing to do with the result stays where it is.
    let (mut returned, mut behind) = (None, Vec::new());
    if let Some(last) = items.last().copied().filter(|s| is_epilogue(cx, *s, settlers)) {
        if !is_promise_or_receiver(cx, last) {
            return Err(Refusal::new(RefusalCode::ReturnsValue, last.byte_range()));
        }
        returned = named_children(last).first().map(|v| cx.text(*v).to_owned());
        behind.extend(items.pop());
    }
    let count = items
        .iter()
        .rposition(|s| {
            let is_kept = || returned_calls == Returned::Stays && returns_call(cx, *s, settlers, returned.is_some());
            !is_comment(*s) && (stays(cx, *s, settlers, returned.as_deref()) || is_kept())
        })
        .map_or(0, |at| at + 1);
    check_returned(cx, &items[count..], settlers, returned.as_deref())?;
    if let Some(end) = items[..count].iter().find(|s| !is_comment(**s) && !completes(**s)) {
        return Err(Refusal::new(RefusalCode::CallbackEscapes, end.byte_range()));
    }
    let waiting = |s: &Node<'_>| !is_declaration(*s) && waits(cx, *s, settlers);
    if let Some(late) = items[..count].last().filter(|_| !items[count..].iter().any(waiting)) {
        return Err(Refusal::new(RefusalCode::CallbackEscapes, late.byte_range()));
    }
    let mut body = items.split_off(count);
    // A comment behind the `{` stays where it is.
    let is_behind = |n: &&Node<'_>| is_comment(**n) && !cx.file.source.is_first_on_line(n.start_byte());
    if count == 0 {
        body.drain(..body.iter().take_while(is_behind).count());
    }
    let mut split = Split { prologue: items, body, behind, returned };
    split.leave_functions(cx, settlers)?;
    Ok(split)
}

/// The name that a function's last statement returns, or returns a property of, where that has nothing to do with its
/// callback.
pub(super) fn returned_at_once<'t>(cx: &Context<'_>, function: Node<'t>) -> Option<Node<'t>> {
    let last = block_body(function).and_then(|b| named_children(b).last().copied())?;
    if !is_epilogue(cx, last, &Settlers::default()) || is_promise_or_receiver(cx, last) {
        return None;
    }
    let mut node = unparenthesized(*named_children(last).first()?);
    while let Some((object, _)) = member_parts(node) {
        node = unparenthesized(object);
    }
    Some(node)
}

/// What the function returns in the end, it will return on every path that moves; some return what the callback returns
/// today. That makes no difference where the value is made for callers without a callback: `callback.promise`.
fn check_returned(
    cx: &Context<'_>,
    moved: &[Node<'_>],
    settlers: &Settlers,
    returned: Option<&str>,
) -> Result<(), Refusal> {
    let Some(returned) = returned else { return Ok(()) };
    let is_of_callback = returned.strip_suffix(".promise").is_some_and(|owner| settlers.has_named(cx, owner));
    let others = moved.iter().flat_map(|s| returns_in(*s));
    let mut others = others.filter(|r| r.expression.is_none_or(|e| cx.text(e) != returned));
    match others.next().filter(|_| !is_of_callback) {
        Some(other) => Err(Refusal::new(RefusalCode::ReturnsValue, other.node.byte_range())),
        None => Ok(()),
    }
}

/// How many items may stay in front although they need not: all up to the first that waits for something, or that
/// declares a function which settles, or that calls a function which is declared behind that.
pub(super) fn longest_prologue(cx: &Context<'_>, split: &Split<'_>, body: &Body<'_>) -> usize {
    let is_local = |s: Node<'_>| body.locals.iter().any(|l| l.statement == s);
    let first = split.body.iter().position(|s| is_local(*s) || !is_declaration(*s) && waits(cx, *s, &body.settlers));
    let mut first = first.unwrap_or(0);
    let needed: Vec<_> = split.body[..first].iter().map(|s| last_used(cx, *s, &split.body)).collect();
    while let Some(earlier) = needed[..first].iter().position(|last| last.is_some_and(|last| last >= first)) {
        first = earlier;
    }
    first - comments_above(cx, &split.body[..first])
}

/// Function declarations are hoisted, so it does not matter where they stand.
fn is_declaration(statement: Node<'_>) -> bool {
    statement.kind() == "function_declaration"
}

/// `return this;`, `return promise;`: evaluating it runs nothing.
fn is_epilogue(cx: &Context<'_>, statement: Node<'_>, settlers: &Settlers) -> bool {
    let [value] = named_children(statement)[..] else { return false };
    let mut node = unparenthesized(value);
    while let Some((object, _)) = member_parts(node) {
        node = object;
    }
    let is_path = matches!(node.kind(), "identifier" | "this" | "null" | "undefined" | "true" | "false");
    let is_settler = settlers.named(cx, value).is_some();
    statement.kind() == "return_statement" && is_path && !is_settler
}

/// `return this;`, `return callback.promise;`: what else a function returns at once, its callers use at once.
fn is_promise_or_receiver(cx: &Context<'_>, statement: Node<'_>) -> bool {
    let Some(value) = named_children(statement).first().map(|v| unparenthesized(*v)) else { return true };
    let text = cx.text(value);
    let last = text.rsplit('.').next().unwrap_or(text).to_ascii_lowercase();
    let is_constant = matches!(value.kind(), "this" | "null" | "undefined" | "true" | "false");
    is_constant || last.ends_with("promise") || matches!(text, "self" | "that" | "_this" | "undefined")
}

/// Whether a statement has to stay in the function that is called.
fn stays(cx: &Context<'_>, statement: Node<'_>, settlers: &Settlers, returned: Option<&str>) -> bool {
    if is_declaration(statement) {
        return false;
    }
    // A loop may call back in one of its rounds, and return. There is no way to write that but the way it is written.
    let mut stays = LOOPS.contains(&statement.kind()) && settlers.are_in(cx, &statement.byte_range());
    walk_own_code(statement, |n| {
        stays |= match n.kind() {
            "throw_statement" => !is_caught(n, statement),
            "call_expression" => is_assertion(cx, n) && !is_caught(n, statement),
            "return_statement" => named_children(n)
                .first()
                .is_some_and(|v| Some(cx.text(*v)) != returned && !hands_over(cx, *v, settlers)),
            "identifier" => cx.text(n) == "arguments" || touches_callback(cx, n, settlers),
            "super" => true,
            _ => false,
        };
        !stays
    });
    stays
}

/// `assert(options)`, `assert.equal(a, b)`: it throws, or does nothing.
fn is_assertion(cx: &Context<'_>, call: Node<'_>) -> bool {
    call_parts(call).is_some_and(|(callee, _)| cx.text(callee).starts_with("assert"))
}

/// Whether a statement returns a call that is handed the callback, or what the callback itself returns, which is something else
/// than what the function returns in the end. What a function that it declares returns is another matter.
fn returns_call(cx: &Context<'_>, statement: Node<'_>, settlers: &Settlers, returns_other: bool) -> bool {
    if is_declaration(statement) {
        return false;
    }
    let is_callback = |n: Node<'_>| settlers.named(cx, n) == Some(Settle::Callback);
    let mut returns = false;
    walk_own_code(statement, |n| {
        let value = named_children(n).first().copied().filter(|_| n.kind() == "return_statement");
        let call = value.and_then(|v| call_parts(unparenthesized(v)));
        returns |=
            call.is_some_and(|(callee, all)| returns_other && is_callback(callee) || all.into_iter().any(is_callback));
        !returns
    });
    returns
}

/// Whether what a `return` returns calls the callback, or something that does: its value is lost today.
fn hands_over(cx: &Context<'_>, value: Node<'_>, settlers: &Settlers) -> bool {
    settlers.are_in(cx, &value.byte_range()) && member_parts(unparenthesized(value)).is_none()
}

/// Whether a name is the callback, used in a way that neither calls it nor hands it on: asked for, assigned, wrapped.
fn touches_callback(cx: &Context<'_>, name: Node<'_>, settlers: &Settlers) -> bool {
    if settlers.named(cx, name) != Some(Settle::Callback) {
        return false;
    }
    let Some(parent) = name.parent() else { return true };
    let statement_around = |node: Node<'_>| {
        let around = ancestors(node).find(|a| !matches!(a.kind(), "parenthesized_expression" | "await_expression"));
        around.is_some_and(|a| {
            matches!(
                a.kind(),
                "expression_statement"
                    | "return_statement"
                    | "arrow_function"
                    | "ternary_expression"
                    | "binary_expression"
            )
        })
    };
    if let Some((callee, _)) = call_parts(parent) {
        return callee != name;
    }
    if let Some((object, property)) = member_parts(parent).filter(|(o, _)| *o == name) {
        if is_handed_made(cx, name) {
            return false;
        }
        let is_call = matches!(cx.text(property), "call" | "apply") && object == name;
        // `return callback.promise;` is seen to where it stands.
        return !is_call && !ancestors(name).take(3).any(|a| a.kind() == "return_statement");
    }
    if parent.kind() == "arguments" {
        let call = parent.parent();
        return call.is_some_and(|call| is_assertion(cx, call)) || !call.is_some_and(statement_around);
    }
    if is_handed_made(cx, name) {
        return false;
    }
    // `if (callback) callback()` is a matter of the body, `if (!callback) callback = noop` is not.
    !is_guard(cx, name, settlers)
}

/// `read(path, callback.bind(null, …))`, `read(path, callback || noop)`
fn is_handed_made(cx: &Context<'_>, name: Node<'_>) -> bool {
    let mut arguments = ancestors(name).take(4).filter(|a| a.kind() == "arguments");
    arguments.any(|a| named_children(a).last().is_some_and(|last| made_of(cx, *last) == Some(name)))
}

/// Whether the callback is asked for in order to call it.
fn is_guard(cx: &Context<'_>, name: Node<'_>, settlers: &Settlers) -> bool {
    let mut child = name;
    for parent in ancestors(name) {
        match parent.kind() {
            "if_statement" => {
                let then = parent.child_by_field_name("consequence");
                return parent
                    .child_by_field_name("condition")
                    .is_some_and(|c| crate::flow::settle::is_presence_test(cx, settlers, c))
                    && then.is_some_and(|t| {
                        !settlers.own_calls(cx, t).is_empty() || settlers.are_in(cx, &t.byte_range())
                    })
                    && !then.is_some_and(|t| writes(cx, t, settlers));
            }
            "binary_expression" if parent.child_by_field_name("operator").is_some_and(|o| o.kind() == "&&") => {
                let right = parent.child_by_field_name("right");
                if right != Some(child) && right.is_some_and(|r| settlers.called(cx, r).is_some()) {
                    return true;
                }
            }
            "parenthesized_expression" | "unary_expression" | "binary_expression" => {}
            _ => return false,
        }
        child = parent;
    }
    false
}

fn writes(cx: &Context<'_>, node: Node<'_>, settlers: &Settlers) -> bool {
    let references = cx.names.references_in(&node.byte_range());
    references.iter().any(|r| r.writes && r.binding.is_some_and(|b| settlers.which(b).is_some()))
}

fn is_caught(node: Node<'_>, within: Node<'_>) -> bool {
    let mut child = node;
    for parent in ancestors(node) {
        let is_body = parent.child_by_field_name("body") == Some(child);
        if parent.kind() == "try_statement" && is_body && parent.child_by_field_name("handler").is_some() {
            return true;
        }
        if parent == within {
            return false;
        }
        child = parent;
    }
    false
}

/// Whether a statement leaves the calling of the callback to something else: a function inside it, or what it is handed
/// to.
fn waits(cx: &Context<'_>, statement: Node<'_>, settlers: &Settlers) -> bool {
    let mut waits = false;
    walk(statement, |n| {
        if n != statement && is_function(n) {
            waits |= settlers.are_in(cx, &n.byte_range());
            return false;
        }
        if n.kind() == "identifier" && settlers.named(cx, n).is_some() {
            waits |= n.parent().is_some_and(|p| p.kind() == "arguments") && !touches_callback(cx, n, settlers)
                || is_handed_made(cx, n)
                || settlers.named(cx, n) == Some(Settle::Local);
        }
        !waits
    });
    waits
}
