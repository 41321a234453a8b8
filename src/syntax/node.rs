//! Questions about nodes that more than one module asks.

use std::ops::Range;

use tree_sitter::Node;

/// Whether a node is a function of any kind: declaration, expression, arrow, method, generator.
pub fn is_function(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "function_declaration"
            | "function_expression"
            | "arrow_function"
            | "method_definition"
            | "generator_function"
            | "generator_function_declaration"
    )
}

/// Whether a node starts a new `this`, `arguments` and `return` target that is no function node: a class body's
/// fields and static blocks.
fn is_class_code(node: Node<'_>) -> bool {
    matches!(node.kind(), "class_static_block" | "field_definition" | "public_field_definition")
}

/// A node's ancestors, nearest first, the node itself left out.
pub fn ancestors<'t>(node: Node<'t>) -> impl Iterator<Item = Node<'t>> {
    std::iter::successors(node.parent(), |n| n.parent())
}

/// The function whose body or parameters a node stands in. `None` at the top level, and in class fields and
/// static blocks, which belong to no function.
pub fn enclosing_function(node: Node<'_>) -> Option<Node<'_>> {
    ancestors(node).find(|n| is_function(*n) || is_class_code(*n)).filter(|n| is_function(*n))
}

/// Whether a node has the given keyword among its direct children (`async`, `static`, `*`, `get`, …).
pub fn has_token(node: Node<'_>, token: &str) -> bool {
    let mut cursor = node.walk();
    node.children(&mut cursor).any(|c| c.kind() == token)
}

/// Whether a call, a member access or a subscript is written with `?.`. The grammar of TypeScript has no node for that of a
/// call, only the token.
pub fn has_optional_chain(node: Node<'_>) -> bool {
    optional_chain(node).is_some()
}

/// The `?.` that a call, a member access or a subscript is written with.
pub fn optional_chain(node: Node<'_>) -> Option<Node<'_>> {
    let mut cursor = node.walk();
    node.children(&mut cursor).find(|c| matches!(c.kind(), "optional_chain" | "?."))
}

/// Whether a function is written with `async`.
pub fn is_async(function: Node<'_>) -> bool {
    has_token(function, "async")
}

/// A node's named children without comments.
pub fn named_children<'t>(node: Node<'t>) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|n| !is_comment(*n)).collect()
}

/// The range between the braces of a block. The grammar takes a comment behind the closing brace for a part of the block,
/// so a block need not end in its brace.
pub fn between_braces(block: Node<'_>) -> Range<usize> {
    let mut cursor = block.walk();
    let closing = block.children(&mut cursor).filter(|c| c.kind() == "}").last();
    let end = closing.map_or(block.end_byte(), |c| c.start_byte());
    block.start_byte() + 1..end
}

/// The range of a node without a comment behind the brace that closes it, which the grammar for TypeScript takes for a part of
/// the node.
pub fn code_range(node: Node<'_>) -> Range<usize> {
    let mut last = node;
    loop {
        let mut cursor = last.walk();
        match last.children(&mut cursor).filter(|c| !is_comment(*c) && !c.byte_range().is_empty()).last() {
            Some(child) => last = child,
            None => return node.start_byte()..last.end_byte(),
        }
    }
}

/// The statements and comments between the braces of a block.
pub fn block_items(block: Node<'_>) -> Vec<Node<'_>> {
    let end = between_braces(block).end;
    let mut cursor = block.walk();
    block.named_children(&mut cursor).filter(|n| n.start_byte() < end).collect()
}

/// Whether a node is a comment.
pub fn is_comment(node: Node<'_>) -> bool {
    matches!(node.kind(), "comment" | "html_comment")
}

/// The expression inside any number of parentheses.
pub fn unparenthesized(mut node: Node<'_>) -> Node<'_> {
    while node.kind() == "parenthesized_expression" {
        match named_children(node).first() {
            Some(inner) => node = *inner,
            None => break,
        }
    }
    node
}

/// What stands inside parentheses and inside what only says a type: `(error as Error)`, `error!`.
pub fn untyped(node: Node<'_>) -> Node<'_> {
    let mut node = unparenthesized(node);
    while matches!(node.kind(), "as_expression" | "satisfies_expression" | "non_null_expression") {
        match named_children(node).first() {
            Some(inner) => node = unparenthesized(*inner),
            None => break,
        }
    }
    node
}

/// The outermost parentheses around a node, or the node itself.
pub fn with_parentheses(mut node: Node<'_>) -> Node<'_> {
    while let Some(parent) = node.parent().filter(|p| p.kind() == "parenthesized_expression") {
        node = parent;
    }
    node
}

/// A call's callee, and its arguments without comments. `None` where the node is no call, or a call with a
/// template (`` tag`…` ``) or an optional call (`f?.()`).
pub fn call_parts(node: Node<'_>) -> Option<(Node<'_>, Vec<Node<'_>>)> {
    if node.kind() != "call_expression" || has_optional_chain(node) {
        return None;
    }
    let arguments = node.child_by_field_name("arguments").filter(|a| a.kind() == "arguments")?;
    Some((node.child_by_field_name("function")?, named_children(arguments)))
}

/// A member access `object.property`, split. `None` for `a?.b`, `a[b]` and everything else.
pub fn member_parts(node: Node<'_>) -> Option<(Node<'_>, Node<'_>)> {
    if node.kind() != "member_expression" || has_optional_chain(node) {
        return None;
    }
    Some((node.child_by_field_name("object")?, node.child_by_field_name("property")?))
}

/// Walks a node and all that is in it in source order. `enter` says of each node whether to go into it.
pub fn walk<'t>(root: Node<'t>, mut enter: impl FnMut(Node<'t>) -> bool) {
    let mut cursor = root.walk();
    loop {
        if enter(cursor.node()) && cursor.goto_first_child() {
            continue;
        }
        loop {
            if cursor.node() == root {
                return;
            }
            if cursor.goto_next_sibling() {
                break;
            }
            cursor.goto_parent();
        }
    }
}

/// Like [`walk`], but leaves out functions nested in `root`: the code that runs when `root` runs.
/// `root` itself may be a function; its parameters and body are then walked.
pub fn walk_own_code<'t>(root: Node<'t>, mut enter: impl FnMut(Node<'t>) -> bool) {
    walk(root, |node| {
        if node != root && is_function(node) {
            return false;
        }
        enter(node)
    });
}
