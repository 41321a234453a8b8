//! Where statements begin and end: what ECMAScript 12.10, "Automatic Semicolon Insertion", has to say of two that follow
//! each other.

use tree_sitter::Node;

use super::{
    Parsed,
    node::{is_comment, named_children, walk},
};
use crate::source::SourceFile;

/// Whether a node is a member of a list of statements: of a file, a block, or a case of a `switch`.
pub fn is_list(parent: Node<'_>) -> bool {
    matches!(parent.kind(), "program" | "statement_block" | "switch_case" | "switch_default" | "class_static_block")
}

/// The bytes at which the statements start that stand in lists of them, in source order.
pub fn statement_starts(root: Node<'_>) -> Vec<usize> {
    let mut starts = Vec::new();
    walk(root, |node| {
        if is_list(node) {
            let mut cursor = node.walk();
            let value = node.child_by_field_name("value");
            let members = node.named_children(&mut cursor).filter(|n| !is_comment(*n) && Some(*n) != value);
            starts.extend(members.map(|n| n.start_byte()));
        }
        true
    });
    starts.sort_unstable();
    starts
}

/// The statement in a list that starts at a byte.
pub fn statement_at(root: Node<'_>, byte: usize) -> Option<Node<'_>> {
    let mut node = root.descendant_for_byte_range(byte, byte)?;
    loop {
        let parent = node.parent()?;
        if is_list(parent) && parent.child_by_field_name("value") != Some(node) {
            return (node.start_byte() == byte).then_some(node);
        }
        node = parent;
    }
}

/// The statement in front of one in the same list.
pub fn statement_before(statement: Node<'_>) -> Option<Node<'_>> {
    let value = statement.parent()?.child_by_field_name("value");
    std::iter::successors(statement.prev_named_sibling(), Node::prev_named_sibling)
        .find(|n| !is_comment(*n))
        .filter(|n| Some(*n) != value)
}

/// Whether a statement of this kind ends in a semicolon or at the end of its line, wherever it stands in code.
pub fn takes_end(kind: &str) -> bool {
    matches!(
        kind,
        "expression_statement"
            | "lexical_declaration"
            | "variable_declaration"
            | "return_statement"
            | "throw_statement"
            | "break_statement"
            | "continue_statement"
    )
}

/// Whether what follows a statement may become part of it: it ends neither in a semicolon nor in a brace that closes a
/// block. Where the grammar of the language would end it anyway (`do … while (x)`), the answer is still yes.
pub fn ends_open(statement: Node<'_>) -> bool {
    let last = last_token(statement);
    match last.kind() {
        ";" => false,
        "}" => !last.parent().is_some_and(closes_statement),
        _ => true,
    }
}

/// The same of statements that stand in no file; of those that do not parse, the answer is yes.
pub fn text_ends_open(text: &str) -> bool {
    let Ok(source) = SourceFile::new("statements.tsx", text.as_bytes().to_vec()) else { return true };
    let parsed = Parsed::new(&source);
    let last = named_children(parsed.root()).into_iter().rfind(|n| !is_comment(*n));
    !parsed.errors().is_empty() || last.is_some_and(ends_open)
}

/// The last token of a statement. The grammar takes a comment behind it for a part of some.
pub fn last_token(statement: Node<'_>) -> Node<'_> {
    let mut last = statement;
    while let Some(child) = last.child(last.child_count().saturating_sub(1)) {
        let child = std::iter::successors(Some(child), Node::prev_sibling).find(|n| !is_comment(*n));
        let Some(child) = child else { break };
        last = child;
    }
    last
}

/// Whether a statement is over where this part of it ends in a brace.
fn closes_statement(braces: Node<'_>) -> bool {
    let owner = braces.parent().map_or("", |p| p.kind());
    match braces.kind() {
        "statement_block" => {
            !matches!(owner, "function_expression" | "generator_function" | "arrow_function" | "method_definition")
        }
        "class_body" => owner != "class",
        "switch_body" | "interface_body" | "enum_body" => true,
        _ => false,
    }
}

/// Whether a statement with this text would go on with what stands in front of it, where that ends without a semicolon.
/// The text starts with code.
pub fn may_continue(text: &str) -> bool {
    // A line that starts with `++` goes on with none (ECMA-262 12.10.1: no line end may stand in front of a postfix operator).
    text.starts_with(['(', '[', '`', '+', '-', '/', '*', '<', '.', ','])
        && !["//", "/*", "++", "--"].iter().any(|start| text.starts_with(start))
}

/// What a line may end in, and a comment with it (ECMA-262 12.3).
pub const LINE_ENDS: [char; 4] = ['\n', '\r', '\u{2028}', '\u{2029}'];

/// How many bytes of white space and comments a text starts with.
pub fn leading_trivia(text: &str) -> usize {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let end = match rest.get(..2) {
            Some("//") => rest.find(LINE_ENDS),
            Some("/*") => rest.find("*/").map(|at| at + 2),
            _ => return text.len() - rest.len(),
        };
        match end {
            Some(end) => rest = &rest[end..],
            None => return text.len(),
        }
    }
}
