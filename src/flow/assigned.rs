//! Whether a variable certainly has a value by the time some code runs.

use tree_sitter::Node;

use super::{classify::declaration_node, known::binding_of};
use crate::{
    context::Context,
    semantic::BindingId,
    syntax::node::{ancestors, is_function, named_children, unparenthesized},
};

/// Whether a name stands for a variable that is declared without a value in the function around, and that some path to
/// the name may leave so: `let found; if (a) found = load(a); return found.then(…)`.
///
/// TypeScript asks for that itself, and knows more of it.
pub fn may_be_unset(cx: &Context<'_>, name: Node<'_>) -> bool {
    let binding =
        binding_of(cx, name).filter(|_| name.kind() == "identifier" && !cx.file.source.language().has_types());
    let Some((binding, declaration)) = binding.and_then(|b| Some((b, declared_without_value(cx, b)?))) else {
        return false;
    };
    let Some(list) = declaration.parent() else { return false };
    let mut child = name;
    for around in ancestors(name).take_while(|a| !is_function(*a)) {
        let before = |s: &Node<'_>| {
            s.end_byte() <= child.start_byte() && (around != list || s.start_byte() > declaration.start_byte())
        };
        if matches!(around.kind(), "program" | "statement_block" | "switch_case" | "switch_default")
            && named_children(around).iter().filter(|s| before(s)).any(|s| gives_or_leaves(cx, *s, binding))
        {
            return false;
        }
        let condition = around.child_by_field_name("condition").or(around.child_by_field_name("left"));
        if around == list {
            return true;
        }
        // Whoever asks for it first knows that it may be unset.
        if condition.is_some_and(|c| c != child && asks_for(cx, c, binding)) {
            return false;
        }
        child = around;
    }
    // It is another function's, which may have given it a value at any time.
    false
}

/// The statement `let name;` of a variable.
fn declared_without_value<'a>(cx: &Context<'a>, binding: BindingId) -> Option<Node<'a>> {
    let declarator = declaration_node(cx, binding)?.parent().filter(|p| p.kind() == "variable_declarator")?;
    let is_single = cx.names.binding(binding).declarations.len() == 1;
    let is_bare = is_single && declarator.child_by_field_name("value").is_none();
    declarator.parent().filter(|p| is_bare && p.kind() != "for_in_statement")
}

/// Whether a variable has a value once a statement has ended, or the statement never ends so that what follows runs.
fn gives_or_leaves(cx: &Context<'_>, statement: Node<'_>, binding: BindingId) -> bool {
    let part = |field| statement.child_by_field_name(field);
    let does = |part: Option<Node<'_>>| part.is_some_and(|p| gives_or_leaves(cx, p, binding));
    match statement.kind() {
        "return_statement" | "throw_statement" | "continue_statement" => true,
        "expression_statement" => named_children(statement).iter().any(|e| gives(cx, *e, binding)),
        "statement_block" | "else_clause" => named_children(statement).iter().any(|s| gives_or_leaves(cx, *s, binding)),
        "if_statement" => {
            let asks = || part("condition").is_some_and(|c| asks_for(cx, c, binding));
            does(part("consequence")) && (does(part("alternative")) || asks())
        }
        "switch_statement" => part("body").is_some_and(|body| {
            let cases = named_children(body);
            let has_default = cases.iter().any(|c| c.kind() == "switch_default");
            has_default && cases.iter().all(|case| case_gives(cx, *case, binding))
        }),
        "try_statement" => {
            let handler = part("handler").map(|h| h.child_by_field_name("body"));
            let both = does(part("body")) && handler.is_none_or(does);
            both || does(part("finalizer").and_then(|f| f.child_by_field_name("body")))
        }
        "do_statement" | "labeled_statement" => does(part("body")),
        _ => false,
    }
}

fn asks_for(cx: &Context<'_>, condition: Node<'_>, binding: BindingId) -> bool {
    cx.names.references_in(&condition.byte_range()).iter().any(|r| r.binding == Some(binding))
}

/// One case of a `switch`; a case without statements goes on in the next one.
fn case_gives(cx: &Context<'_>, case: Node<'_>, binding: BindingId) -> bool {
    let value = case.child_by_field_name("value");
    let statements: Vec<_> = named_children(case).into_iter().filter(|s| Some(*s) != value).collect();
    let is_empty = statements.is_empty() && case.next_named_sibling().is_some();
    is_empty || statements.iter().any(|s| gives_or_leaves(cx, *s, binding))
}

/// `name = value`, or `other = name = value`.
fn gives(cx: &Context<'_>, expression: Node<'_>, binding: BindingId) -> bool {
    let mut expression = unparenthesized(expression);
    while expression.kind() == "assignment_expression" {
        let part = |field| expression.child_by_field_name(field);
        if part("left").and_then(|left| binding_of(cx, left)) == Some(binding) {
            return true;
        }
        let Some(right) = part("right") else { return false };
        expression = unparenthesized(right);
    }
    expression.kind() == "sequence_expression" && named_children(expression).iter().any(|e| gives(cx, *e, binding))
}
