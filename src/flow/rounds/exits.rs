//! How a round of a loop ends before its body does.

use tree_sitter::Node;

use super::is_loop;
use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    syntax::{
        node::{ancestors, walk_own_code},
        statement::{leading_trivia, may_continue},
    },
};

/// The `continue` statements of a loop's own rounds.
///
/// # Errors
/// When a round may end the loop (`exits-early`), when a jump has a label that stands outside the body
/// (`labelled-jump`), and when the loop hands values out as it goes (`yield-in-loop`).
pub fn continues<'t>(cx: &Context<'_>, this: Node<'t>, body: Node<'t>) -> Result<Vec<Node<'t>>, Refusal> {
    let mut found = Vec::new();
    let mut refusal = None;
    let is_labelled = this.parent().is_some_and(|p| p.kind() == "labeled_statement");
    walk_own_code(body, |n| {
        let code = match n.kind() {
            "return_statement" => Some(RefusalCode::ExitsEarly),
            "yield_expression" => Some(RefusalCode::YieldInLoop),
            "break_statement" | "continue_statement" => match target(cx, n, this) {
                Target::Inside => None,
                Target::This if n.kind() == "continue_statement" => {
                    found.push(n);
                    None
                }
                Target::This => Some(RefusalCode::ExitsEarly),
                Target::Label => Some(RefusalCode::LabelledJump),
            },
            _ => None,
        };
        if let Some(code) = code {
            refusal.get_or_insert(Refusal::new(code, n.byte_range()));
        }
        refusal.is_none()
    });
    if is_labelled && refusal.is_none() {
        refusal = Some(Refusal::new(RefusalCode::LabelledJump, this.start_byte()..body.start_byte()));
    }
    refusal.map_or(Ok(found), Err)
}

/// What ends a statement that takes the place of another: as the file's statements end, and by a semicolon where the other
/// has one, since the next may stand on its line, or where the next would go on with it.
pub(super) fn end_in_place_of(cx: &Context<'_>, statement: Node<'_>) -> &'static str {
    let rest = cx.slice(statement.end_byte()..cx.file.source.bytes().len());
    let goes_on = || may_continue(&rest[leading_trivia(rest)..]);
    if cx.style.semicolons || cx.text(statement).ends_with(';') || goes_on() { ";" } else { "" }
}

/// What a jump leaves.
enum Target {
    /// Something within the body.
    Inside,
    /// A round of the loop, or the loop.
    This,
    /// What a label outside the body stands at.
    Label,
}

fn target(cx: &Context<'_>, jump: Node<'_>, this: Node<'_>) -> Target {
    let around = ancestors(jump).take_while(|a| *a != this);
    if let Some(label) = jump.child_by_field_name("label") {
        let mut labels =
            around.filter(|a| a.kind() == "labeled_statement").filter_map(|a| a.child_by_field_name("label"));
        let is_inside = labels.any(|l| cx.text(l) == cx.text(label));
        return if is_inside { Target::Inside } else { Target::Label };
    }
    let takes = |a: Node<'_>| is_loop(a) || a.kind() == "switch_statement" && jump.kind() == "break_statement";
    if around.into_iter().any(takes) { Target::Inside } else { Target::This }
}
