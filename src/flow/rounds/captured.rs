//! Variables that a round's function would use while they are assigned again elsewhere.
//!
//! In TypeScript, what a check has told of such a variable holds for the code around the loop, and not inside a function:
//! `while ((name = names.shift()) !== undefined) { for (…) await load(name); }`. The function is given a constant then.

use std::ops::Range;

use tree_sitter::Node;

use super::form::Loop;
use crate::{
    context::Context,
    flow::{Keyword, Stmt, Text, classify::declaration_node},
    semantic::{BindingId, BindingKind, Reference},
    syntax::node::{ancestors, enclosing_function, is_function, unparenthesized},
};

/// A variable, and the constant that stands for it in the rounds.
#[derive(Debug)]
pub(super) struct Captured {
    binding: BindingId,
    variable: String,
    name: String,
}

impl Captured {
    /// The declaration of the constant.
    pub(super) fn declared(&self) -> Stmt {
        Stmt::Bind { keyword: Keyword::Const, target: self.name.as_str().into(), value: self.variable.as_str().into() }
    }

    /// The uses of the variable in some bytes, with what is written in their place.
    pub(super) fn uses(&self, cx: &Context<'_>, range: &Range<usize>) -> Vec<(Range<usize>, Text)> {
        let uses = cx.names.references_in(range).iter().filter(|r| r.binding == Some(self.binding) && !r.in_type);
        let renamed = uses.map(|r| {
            let node = cx.file.root().descendant_for_byte_range(r.range.start, r.range.end);
            let is_short = node.is_some_and(|n| n.kind() == "shorthand_property_identifier");
            let text = if is_short { format!("{}: {}", self.variable, self.name) } else { self.name.clone() };
            (r.range.clone(), text.into())
        });
        renamed.collect()
    }
}

/// The variables of the kind in the part of a loop's body that becomes a function; `fresh` finds a name by a first choice.
pub(super) fn captured(cx: &Context<'_>, this: &Loop<'_, '_>, fresh: &mut dyn FnMut(&str) -> String) -> Vec<Captured> {
    let mut found: Vec<Captured> = Vec::new();
    if !cx.file.source.language().has_types() {
        return found;
    }
    let body = this.body.byte_range();
    for statement in &this.split.head {
        for reference in cx.names.references_in(&statement.byte_range()).iter().filter(|r| !r.in_type) {
            let Some(binding) = reference.binding.filter(|b| found.iter().all(|f| f.binding != *b)) else { continue };
            let is_outer = !body.contains(&cx.names.binding(binding).declarations[0].start);
            if is_outer && !this.head.own.contains(&binding) && is_told(cx, binding, this) {
                let variable = cx.names.binding(binding).name.clone();
                let name = fresh(&current(&variable));
                found.push(Captured { binding, variable, name });
            }
        }
    }
    found
}

/// Whether a variable is assigned again, though not in a stretch of code, and the code around that has told more of it
/// than its type does.
fn is_told(cx: &Context<'_>, binding: BindingId, this: &Loop<'_, '_>) -> bool {
    let declared = cx.names.binding(binding);
    let body = this.body.byte_range();
    let uses = || declared.references.iter().map(|r| cx.names.reference(*r));
    let writes = || uses().filter(|r| r.writes);
    let around = enclosing_function(this.node).unwrap_or_else(|| cx.file.root());
    let tells = |r: &Reference| {
        let is_near = around.start_byte() <= r.range.start && r.range.end <= this.body.start_byte();
        is_near && (r.writes || is_in_condition(cx, &r.range, around))
    };
    matches!(declared.kind, BindingKind::Let | BindingKind::Var | BindingKind::Parameter)
        && writes().next().is_some()
        && !writes().any(|r| body.contains(&r.range.start))
        && uses().any(tells)
        && may_be_narrowed(cx, binding)
}

/// Whether a name is a part of what decides which way the code of a function goes on.
fn is_in_condition(cx: &Context<'_>, name: &Range<usize>, function: Node<'_>) -> bool {
    let Some(node) = cx.file.root().descendant_for_byte_range(name.start, name.end) else { return false };
    let mut inner = node;
    for outer in ancestors(node).take_while(|n| *n != function && !is_function(*n)) {
        if outer.child_by_field_name("condition") == Some(inner) {
            return true;
        }
        inner = outer;
    }
    false
}

/// Whether the type of a variable is one of several, as far as its declaration says.
fn may_be_narrowed(cx: &Context<'_>, binding: BindingId) -> bool {
    let Some(declaration) = declaration_node(cx, binding).and_then(|name| name.parent()) else { return true };
    if let Some(annotation) = declaration.child_by_field_name("type") {
        return declaration.kind() == "optional_parameter" || cx.text(annotation).contains('|');
    }
    let value = declaration.child_by_field_name("value").map(|v| unparenthesized(v).kind());
    !matches!(
        value,
        Some("number" | "string" | "template_string" | "true" | "false" | "array" | "new_expression" | "as_expression")
    )
}

/// A name for what a variable holds as the rounds begin: `currentPage` for `page`, `current` for `n`.
fn current(variable: &str) -> String {
    let mut letters = variable.chars();
    match letters.next().filter(|_| variable.len() > 1) {
        Some(first) => format!("current{}{}", first.to_uppercase(), letters.as_str()),
        None => "current".to_owned(),
    }
}
