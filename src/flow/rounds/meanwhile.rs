//! What may change while something is waited for: variables that a function changes which was handed out in front.
//!
//! ```js
//! let token = 'a';
//! socket.on('token', (next) => { token = next; });
//! for (const id of ids) out.push(await load(id, token));
//! ```
//!
//! Each round reads what `token` is by then. Nothing in the function around says when that changes, so whatever reads such a
//! variable stays behind the waits that it stands behind.

use std::{collections::HashMap, ops::Range};

use tree_sitter::Node;

use super::{head::MUTATORS, is_loop};
use crate::{
    context::Context,
    semantic::{BindingId, Reference, ScopeKind},
    syntax::node::{
        ancestors, enclosing_function, has_token, is_async, is_function, member_parts, unparenthesized,
        with_parentheses,
    },
};

/// A variable; by its name where the file does not declare it.
type Variable<'c> = Result<BindingId, &'c str>;

/// The variables of a function that functions in it change, or what they hold.
#[derive(Debug)]
pub struct Meanwhile<'c> {
    /// Each with the byte behind which such a function may be called.
    changes: HashMap<Variable<'c>, usize>,
}

impl<'c> Meanwhile<'c> {
    /// What is changed by functions that stand in the function around some code.
    pub fn around(cx: &Context<'c>, code: Node<'_>) -> Self {
        let around = enclosing_function(code);
        let home = around.map_or(0..cx.file.source.bytes().len(), |f| f.byte_range());
        // What is handed out behind the code, in a loop around both, may be called when the code's turn comes again.
        let loops = ancestors(code).take_while(|n| Some(*n) != around).filter(|n| is_loop(*n));
        let outermost_loop = loops.last().map(|n| n.byte_range());
        let mut changes: HashMap<Variable<'c>, usize> = HashMap::new();
        for reference in cx.names.references_in(&home).iter().filter(|r| !r.in_type) {
            let is_outer =
                reference.binding.is_none_or(|b| covers(&cx.names.scope(cx.names.binding(b).scope).range, code));
            if !is_outer || !is_in_function(cx, reference, code) {
                continue;
            }
            let range = &reference.range;
            let name = cx.file.root().descendant_for_byte_range(range.start, range.end);
            let Some(name) = name.filter(|n| reference.writes || is_changed(cx, *n)) else { continue };
            let inside = ancestors(name).take_while(|n| Some(*n) != around);
            let functions: Vec<_> = inside.filter(|n| is_function(*n)).collect();
            let Some(outermost) = functions.last() else { continue };
            let from = known_from(cx, *outermost, functions.len() == 1);
            let is_beside = !code.byte_range().contains(&from);
            let again = outermost_loop.clone().filter(|all| is_beside && all.contains(&from));
            let from = again.map_or(from, |all| all.start);
            let known = changes.entry(variable(reference)).or_insert(from);
            *known = from.min(*known);
        }
        Self { changes }
    }

    /// Whether what a use stands for may have become something else by the time that code which begins at a byte has
    /// waited.
    pub fn may_change(&self, reference: &Reference, at: usize) -> bool {
        self.changes.get(&variable(reference)).is_some_and(|from| *from <= at)
    }
}

fn covers(range: &Range<usize>, code: Node<'_>) -> bool {
    range.start <= code.start_byte() && code.end_byte() <= range.end
}

/// Whether a use stands in a function that is not around some code.
fn is_in_function(cx: &Context<'_>, reference: &Reference, code: Node<'_>) -> bool {
    let around = std::iter::successors(Some(reference.scope), |scope| cx.names.scope(*scope).parent);
    let mut inside = around.map(|scope| cx.names.scope(scope)).take_while(|scope| !covers(&scope.range, code));
    inside.any(|scope| scope.kind == ScopeKind::Function)
}

fn variable(reference: &Reference) -> Variable<'_> {
    reference.binding.ok_or(reference.name.as_str())
}

/// The byte behind which somebody may call a function at any time. One that has a name is known to nobody before that is
/// used, and where it is called by the function around it, it does then what it does.
fn known_from(cx: &Context<'_>, function: Node<'_>, changes_itself: bool) -> usize {
    let home = enclosing_function(function);
    let is_done_at_once = changes_itself && !is_async(function) && !has_token(function, "*");
    let Some(binding) = name_of(cx, function) else { return function.end_byte() };
    let references = cx.names.binding(binding).references.iter().map(|r| cx.names.reference(*r));
    let handed = references.filter(|r| {
        let name = cx.file.root().descendant_for_byte_range(r.range.start, r.range.end);
        let is_called = name.is_some_and(|n| {
            let call = n.parent().filter(|p| p.kind() == "call_expression");
            call.is_some_and(|c| c.child_by_field_name("function") == Some(n)) && enclosing_function(n) == home
        });
        !(is_called && is_done_at_once)
    });
    handed.map(|r| r.range.start).min().unwrap_or(usize::MAX)
}

/// The variable that stands for a function at first. Where it is given something else, that is a use like others.
fn name_of(cx: &Context<'_>, function: Node<'_>) -> Option<BindingId> {
    let name = match function.kind() {
        "function_declaration" => function.child_by_field_name("name")?,
        _ => {
            let declarator = with_parentheses(function).parent().filter(|p| p.kind() == "variable_declarator")?;
            declarator.child_by_field_name("name").filter(|n| n.kind() == "identifier")?
        }
    };
    cx.names.declared_at(name.start_byte())
}

/// Whether what a variable holds is changed where its name stands: `list.push(x)`, `state.users[id] = user`.
fn is_changed(cx: &Context<'_>, name: Node<'_>) -> bool {
    let mut place = name;
    let mut is_part = false;
    while let Some(parent) = place.parent() {
        let is_object = parent.child_by_field_name("object") == Some(place);
        match parent.kind() {
            "member_expression" | "subscript_expression" if is_object => {
                let method = parent.parent().filter(|p| p.child_by_field_name("function") == Some(parent));
                let property = member_parts(parent).map(|(_, property)| cx.text(property));
                if method.is_some_and(|p| p.kind() == "call_expression") {
                    return property.is_some_and(|p| MUTATORS.contains(&p));
                }
                is_part = true;
            }
            "parenthesized_expression" | "non_null_expression" | "as_expression" => {}
            "assignment_expression" | "augmented_assignment_expression" => {
                return is_part
                    && parent.child_by_field_name("left").map(unparenthesized) == Some(unparenthesized(place));
            }
            "update_expression" => return is_part,
            "unary_expression" => return is_part && has_token(parent, "delete"),
            "array_pattern" | "pair_pattern" | "rest_pattern" => return is_part,
            _ => return false,
        }
        place = parent;
    }
    false
}
