//! Functions declared inside a function that call its callback on behalf of the code around them.

use tree_sitter::Node;

use super::site::site_of_callback;
use crate::{
    context::Context,
    flow::{
        chain::parameters,
        classify::{declaration_node, initializer},
        settle::{Local, Settle, Settlers},
    },
    semantic::BindingId,
    syntax::node::{ancestors, call_parts, is_function, named_children, unparenthesized, walk},
};

/// How many callbacks a call is looked for behind, one in the other.
const MAX_CALLBACKS: usize = 50;

/// The function that a name stands for: a declaration, or the one value of a variable.
pub(super) fn function_of<'a>(cx: &Context<'a>, binding: BindingId) -> Option<Node<'a>> {
    if cx.names.is_reassigned(binding) || cx.names.binding(binding).declarations.len() != 1 {
        return None;
    }
    let name = declaration_node(cx, binding)?;
    if let Some(parent) = name.parent().filter(|p| p.kind() == "function_declaration") {
        return Some(parent);
    }
    initializer(cx, binding).map(unparenthesized).filter(|v| is_function(*v))
}

/// Adds to the settlers the functions declared in a stretch of code that use one of them.
pub(super) fn find<'a>(cx: &Context<'a>, root: Node<'a>, settlers: &mut Settlers) -> Vec<Local<'a>> {
    let mut candidates = Vec::new();
    walk(root, |n| {
        if n != root && is_function(n) {
            candidates.extend(declared(cx, n));
        }
        true
    });
    let mut locals: Vec<Local<'a>> = Vec::new();
    loop {
        let found = candidates.iter().find(|c| {
            let is_new = settlers.which(c.binding).is_none();
            is_new && settlers.are_in(cx, &c.function.byte_range()) && !takes_settler(cx, c, settlers)
        });
        let Some(found) = found.copied() else {
            add_aliases(cx, root, settlers);
            return locals;
        };
        settlers.add(found.binding, Settle::Local);
        locals.push(found);
    }
}

/// Adds the variables that stand for one of those functions, or for one of two: `const done = quiet ? finish : report;`.
fn add_aliases(cx: &Context<'_>, root: Node<'_>, settlers: &mut Settlers) {
    // What a variable stands for is declared in front of it, or is a function.
    walk(root, |n| {
        let name = n.child_by_field_name("name").filter(|_| n.kind() == "variable_declarator");
        let binding = name.and_then(|name| cx.names.declared_at(name.start_byte()));
        let is_stable = |b: &BindingId| !cx.names.is_reassigned(*b) && cx.names.binding(*b).declarations.len() == 1;
        let is_alias = n.child_by_field_name("value").is_some_and(|value| settlers.is_choice_of_locals(cx, value));
        if let Some(binding) = binding.filter(|b| is_alias && is_stable(b)) {
            settlers.add(binding, Settle::Local);
        }
        true
    });
}

/// Whether a function is handed the settler anew whenever it is called, so that it is one of its own kind.
fn takes_settler(cx: &Context<'_>, local: &Local<'_>, settlers: &Settlers) -> bool {
    super::site::own_callback(cx, local.function).is_some_and(|own| settlers.which(own).is_none())
}

fn declared<'a>(cx: &Context<'a>, function: Node<'a>) -> Option<Local<'a>> {
    let (name, statement) = if function.kind() == "function_declaration" {
        (function.child_by_field_name("name")?, function)
    } else {
        let declarator = function.parent().filter(|p| p.kind() == "variable_declarator")?;
        let statement = declarator.parent()?;
        let is_only = named_children(statement).len() == 1;
        (declarator.child_by_field_name("name").filter(|n| is_only && n.kind() == "identifier")?, statement)
    };
    let binding = cx.names.declared_at(name.start_byte())?;
    let is_one = !cx.names.is_reassigned(binding) && cx.names.binding(binding).declarations.len() == 1;
    let is_inlined = function.kind() == "function_declaration" && is_only_a_callback(cx, binding, function);
    is_one.then_some(Local { binding, function, statement, is_inlined })
}

/// Whether a function is used once, as the last argument of a call in the block that declares it, or in a callback there.
fn is_only_a_callback(cx: &Context<'_>, binding: BindingId, function: Node<'_>) -> bool {
    let Some(call) = only_call_handed(cx, binding) else { return false };
    super::site::is_site(cx, call) && !parameters(function).is_empty() && runs_behind(cx, call, function)
}

/// The call whose last argument is the only use of a name.
fn only_call_handed<'a>(cx: &Context<'a>, binding: BindingId) -> Option<Node<'a>> {
    let [only] = cx.names.binding(binding).references.as_slice() else { return None };
    let range = &cx.names.reference(*only).range;
    let node = cx.file.root().descendant_for_byte_range(range.start, range.end)?;
    let call = node.parent().filter(|p| p.kind() == "arguments")?.parent()?;
    call_parts(call).filter(|(_, arguments)| arguments.last() == Some(&node)).map(|_| call)
}

/// Whether a call stands in the block that declares a function, in a branch there, or in that of a callback whose call
/// does: one that is written in place, or that is such a function itself.
fn runs_behind(cx: &Context<'_>, call: Node<'_>, function: Node<'_>) -> bool {
    let mut call = call;
    for _ in 0..MAX_CALLBACKS {
        let is_branch = |b: &Node<'_>| b.parent().is_some_and(|p| matches!(p.kind(), "if_statement" | "else_clause"));
        let mut blocks = ancestors(call).filter(|a| a.kind() == "statement_block");
        let Some(block) = blocks.find(|b| Some(*b) == function.parent() || !is_branch(b)) else { return false };
        if Some(block) == function.parent() {
            return true;
        }
        let Some(around) = block.parent().filter(|f| is_function(*f) && *f != function) else { return false };
        let name = around.child_by_field_name("name").filter(|_| around.kind() == "function_declaration");
        let outer = match name.and_then(|n| cx.names.declared_at(n.start_byte())) {
            Some(binding) => only_call_handed(cx, binding),
            None => site_of_callback(cx, around),
        };
        match outer {
            Some(outer) => call = outer,
            None => return false,
        }
    }
    false
}
