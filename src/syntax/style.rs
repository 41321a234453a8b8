//! The style a file is written in, read off its tree and its lines.

use std::collections::BTreeMap;

use tree_sitter::Node;

use super::{node, parse::Parsed};
use crate::source::Style;

/// Measures a file's style. Where the file shows nothing (no string, no indented line), the default holds.
pub(super) fn measure(file: &Parsed<'_>) -> Style {
    let mut style = Style::default();
    let text = file.source.text();
    let crlf = text.matches("\r\n").count();
    if crlf * 2 > text.matches('\n').count() {
        style.newline = "\r\n";
    }
    let mut single = 0usize;
    let mut double = 0usize;
    let mut with_semicolon = 0usize;
    let mut statements = 0usize;
    let mut indents: BTreeMap<&str, usize> = BTreeMap::new();
    node::walk(file.root(), |n| {
        match n.kind() {
            // TypeScript's keyword `string` is a node of the same kind, but not a named one.
            "string" if n.is_named() => match file.source.bytes()[n.start_byte()] {
                b'\'' => single += 1,
                _ => double += 1,
            },
            "expression_statement" | "lexical_declaration" | "variable_declaration" | "return_statement" => {
                statements += 1;
                with_semicolon += usize::from(file.text(n).ends_with(';'));
            }
            "statement_block" | "class_body" => {
                if let Some(unit) = indent_step(file, n) {
                    *indents.entry(unit).or_default() += 1;
                }
            }
            _ => {}
        }
        true
    });
    if double > single {
        style.quote = '"';
    }
    if statements > 0 {
        style.semicolons = with_semicolon * 2 >= statements;
    }
    if let Some((unit, _)) = indents.into_iter().max_by_key(|(_, count)| *count) {
        style.indent = unit.to_owned();
    }
    style
}

/// What the first line in a block is indented by, beyond the line that the block's end stands on.
fn indent_step<'s>(file: &Parsed<'s>, block: Node<'_>) -> Option<&'s str> {
    let first = block.named_child(0)?;
    let (inner, outer) = (first.start_byte(), block.end_byte() - 1);
    if !file.source.is_first_on_line(inner) || !file.source.is_first_on_line(outer) {
        return None;
    }
    let source: &'s _ = file.source;
    let unit = source.indent_at(inner).strip_prefix(source.indent_at(outer))?;
    (!unit.is_empty()).then_some(unit)
}
