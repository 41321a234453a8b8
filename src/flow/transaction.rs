//! Whether code stands in a transaction.

use tree_sitter::Node;

use crate::{
    context::Context,
    syntax::node::{call_parts, enclosing_function, is_function, member_parts, walk_own_code},
};

/// Methods that run a function in a transaction; without one, they begin it.
const AROUND: [&str; 6] =
    ["$transaction", "inTransaction", "runInTransaction", "runTransaction", "transaction", "withTransaction"];

/// Methods whose first text is a message or the name of an event, whatever it says.
const SAYING: [&str; 13] =
    ["addListener", "debug", "emit", "error", "info", "log", "off", "on", "once", "time", "timeEnd", "trace", "warn"];

/// What code with a transaction does about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// It begins one.
    Begins,
    /// It runs a function in one.
    Around,
    /// It is in one.
    Within,
}

/// The sign that a loop, or awaits in a row, stand in a transaction: its connection works on one statement after the other,
/// and a failure undoes them all, so nothing may be under way any more by then. What begins behind the given byte counts for
/// nothing.
pub fn transaction<'t>(cx: &Context<'_>, this: Node<'t>, end: usize) -> Option<Node<'t>> {
    let mut inner = enclosing_function(this);
    while let Some(function) = inner {
        let around = function.parent().filter(|p| p.kind() == "arguments").and_then(|a| a.parent());
        if let Some(call) = around.filter(|call| sign(cx, *call).is_some()) {
            return Some(call);
        }
        let (mut begins, mut is_in) = (None, None);
        walk_own_code(function, |n| {
            match sign(cx, n) {
                Some(Sign::Begins) => begins = begins.or(Some(n)),
                Some(Sign::Within) => is_in = is_in.or(Some(n)),
                Some(Sign::Around) | None => {}
            }
            true
        });
        // What ends a transaction that was begun elsewhere is in it from the start.
        if let Some(sign) = begins.or(is_in).filter(|sign| begins.is_none() || sign.start_byte() < end) {
            return Some(sign);
        }
        inner = enclosing_function(function);
    }
    None
}

fn sign(cx: &Context<'_>, node: Node<'_>) -> Option<Sign> {
    if matches!(node.kind(), "string" | "template_string") {
        return of_sql(cx.text(node), false);
    }
    let (callee, arguments) = call_parts(node)?;
    let is_text = |a: &&Node<'_>| matches!(a.kind(), "string" | "template_string");
    let is_run = !member_parts(callee).is_some_and(|(_, method)| SAYING.contains(&cx.text(method)));
    let by_text = arguments.first().filter(is_text).and_then(|text| of_sql(cx.text(*text), is_run));
    let by_name = || match member_parts(callee).map(|(_, method)| cx.text(method))? {
        "beginTransaction" | "startTransaction" => Some(Sign::Begins),
        "rollback" => Some(Sign::Within),
        name if !AROUND.contains(&name) => None,
        _ if arguments.iter().any(|a| is_function(*a)) => Some(Sign::Around),
        _ => Some(Sign::Begins),
    };
    by_text.or_else(by_name)
}

/// What a text in SQL, with its quotes, does about a transaction. Of what may be another text, only the beginning counts, as
/// keywords are written: `'commit'` is a word of git's, and `'COMMIT'` may be a name for whatever is done.
fn of_sql(literal: &str, is_sql: bool) -> Option<Sign> {
    let text = literal.trim_matches(['\'', '"', '`', ' ', ';', '\n']);
    let upper = text.to_ascii_uppercase();
    let begins = ["START TRANSACTION", "BEGIN TRANSACTION", "SAVEPOINT "].iter().any(|sign| upper.starts_with(sign));
    match upper.as_str() {
        "BEGIN" if is_sql || text == upper => Some(Sign::Begins),
        "COMMIT" | "ROLLBACK" if is_sql => Some(Sign::Within),
        _ if begins && (is_sql || text.starts_with(&upper[..5])) => Some(Sign::Begins),
        _ if is_sql && upper.starts_with("BEGIN ") => Some(Sign::Begins),
        _ => None,
    }
}
