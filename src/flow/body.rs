//! Where the code of a function ends: its `return`s, and whether it can run off its end.

use tree_sitter::Node;

use crate::syntax::node::{ancestors, is_function, named_children, walk_own_code};

/// A `return` of a function.
#[derive(Clone, Copy, Debug)]
pub struct ReturnSite<'t> {
    /// The statement; for an arrow function with an expression body, the expression.
    pub node: Node<'t>,
    /// What is returned, if anything.
    pub expression: Option<Node<'t>>,
}

/// All that a function returns.
#[derive(Clone, Debug)]
pub struct Returned<'t> {
    /// Its `return`s in source order.
    pub values: Vec<ReturnSite<'t>>,
    /// Whether it can run off its end, which returns `undefined`.
    pub falls_through: bool,
}

/// What a function returns. A function without a body (an overload, an abstract method) returns nothing and does
/// not run off its end.
pub fn returned(function: Node<'_>) -> Returned<'_> {
    let Some(body) = function.child_by_field_name("body") else {
        return Returned { values: Vec::new(), falls_through: false };
    };
    if is_labelled_block(function) {
        return Returned { values: Vec::new(), falls_through: true };
    }
    if body.kind() != "statement_block" {
        return Returned { values: vec![ReturnSite { node: body, expression: Some(body) }], falls_through: false };
    }
    Returned { values: returns_in(body), falls_through: completes(body) }
}

/// Whether what looks like an object literal behind an arrow is a block with a label: `=> { a: b }`. The grammar of the
/// tree takes it for an object, that of the language never does (ECMA-262, ConciseBody).
pub fn is_labelled_block(function: Node<'_>) -> bool {
    function.kind() == "arrow_function" && function.child_by_field_name("body").is_some_and(|b| b.kind() == "object")
}

/// The `return` statements of the code that a statement runs itself, functions nested in it left out.
pub fn returns_in(statement: Node<'_>) -> Vec<ReturnSite<'_>> {
    let mut found = Vec::new();
    if is_function(statement) {
        // A function declaration runs nothing by itself.
        return found;
    }
    walk_own_code(statement, |n| {
        if n.kind() == "return_statement" {
            found.push(ReturnSite { node: n, expression: named_children(n).first().copied() });
        }
        !is_expression_leaf(n)
    });
    found
}

fn is_expression_leaf(node: Node<'_>) -> bool {
    matches!(node.kind(), "string" | "template_string" | "number" | "comment")
}

/// Whether control can reach the point behind a statement. Errs towards yes.
///
/// Loops and `switch` count as able to complete, but for `while (true)` and `for (;;)` without a `break`.
pub fn completes(statement: Node<'_>) -> bool {
    match statement.kind() {
        "return_statement" | "throw_statement" | "break_statement" | "continue_statement" => false,
        "statement_block" => named_children(statement).into_iter().all(completes),
        "if_statement" => {
            let then = statement.child_by_field_name("consequence").is_none_or(completes);
            let otherwise = statement.child_by_field_name("alternative");
            // The alternative is an `else_clause` around its statement.
            let otherwise = otherwise.and_then(|e| named_children(e).first().copied());
            then || otherwise.is_none_or(completes)
        }
        "try_statement" => {
            let part = |field| statement.child_by_field_name(field);
            let finalizer = part("finalizer").and_then(|f| f.child_by_field_name("body"));
            if finalizer.is_some_and(|f| !completes(f)) {
                return false;
            }
            let handler = part("handler").and_then(|h| h.child_by_field_name("body"));
            part("body").is_none_or(completes) || handler.is_some_and(completes)
        }
        "switch_statement" => switch_completes(statement),
        "while_statement" | "for_statement" => !is_endless(statement),
        _ => true,
    }
}

/// A `switch` with a `default` whose last clause ends the function, without any `break`.
fn switch_completes(statement: Node<'_>) -> bool {
    let Some(body) = statement.child_by_field_name("body") else { return true };
    let clauses = named_children(body);
    let has_default = clauses.iter().any(|c| c.kind() == "switch_default");
    let last_ends = clauses.last().is_some_and(|c| {
        let mut cursor = c.walk();
        let mut statements = c.children_by_field_name("body", &mut cursor);
        statements.any(|s| !completes(s))
    });
    !has_default || !last_ends || has_break(statement)
}

fn has_break(statement: Node<'_>) -> bool {
    let mut found = false;
    walk_own_code(statement, |n| {
        found |= n.kind() == "break_statement";
        !found
    });
    found
}

/// `while (true)` and `for (;;)` that nothing breaks out of.
fn is_endless(statement: Node<'_>) -> bool {
    let condition = statement.child_by_field_name("condition");
    let always = match (statement.kind(), condition) {
        ("for_statement", Some(c)) => c.kind() == "empty_statement",
        (_, Some(c)) => named_children(c).first().is_some_and(|e| e.kind() == "true"),
        _ => false,
    };
    always && !has_break(statement)
}

/// Whether a statement is the last that its function runs: what follows it on the way out of `if`s and blocks is
/// nothing, up to the end of the function's body.
pub fn is_in_tail_position(statement: Node<'_>, function: Node<'_>) -> bool {
    let mut child = statement;
    for parent in ancestors(statement) {
        match parent.kind() {
            "statement_block" => {
                let is_last = named_children(parent).last() == Some(&child);
                if !is_last {
                    return false;
                }
                if parent.parent() == Some(function) {
                    return true;
                }
            }
            "if_statement" | "else_clause" => {}
            _ => return false,
        }
        child = parent;
    }
    false
}
