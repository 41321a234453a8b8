//! Loops whose rounds wait one after the other, seen as a list and what is done with each of its items.
//!
//! [`head`] reads what the rounds are, [`exits`] how they end, [`outer`] what they leave behind outside the loop,
//! [`meanwhile`] what may change outside while they wait. [`split`] takes a body apart into what may be under way for several items at once and what has to be done in order
//! afterwards; [`form`] writes both. [`reduce`] is for loops that are written with that method.

mod captured;
pub mod exits;
pub mod form;
pub mod head;
pub mod intent;
pub mod meanwhile;
pub mod outer;
mod parts;
pub mod reduce;
pub mod split;

use tree_sitter::Node;

use crate::syntax::node::{is_comment, named_children, walk_own_code};

/// The statements of a loop's body, comments left out; a body without braces is its only statement.
pub fn statements(body: Node<'_>) -> Vec<Node<'_>> {
    if body.kind() == "statement_block" { named_children(body) } else { vec![body] }
}

/// The `await`s in a piece of code that run when it runs, in source order; `for await` counts as one.
pub fn awaits(code: Node<'_>) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    walk_own_code(code, |n| {
        if n.kind() == "await_expression" || is_for_await(n) {
            found.push(n);
        }
        !is_comment(n)
    });
    found
}

/// Whether a loop is a `for await`.
pub fn is_for_await(node: Node<'_>) -> bool {
    node.kind() == "for_in_statement" && crate::syntax::node::has_token(node, "await")
}

/// Whether a node is a loop of any kind.
pub fn is_loop(node: Node<'_>) -> bool {
    matches!(node.kind(), "for_statement" | "for_in_statement" | "while_statement" | "do_statement")
}
