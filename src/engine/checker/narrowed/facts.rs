//! What code makes known of variables and properties, and where that holds.

use std::ops::Range;

use tree_sitter::Node;

use super::Fact;
use crate::{
    flow::body::completes,
    syntax::{
        Parsed,
        node::{has_token, named_children, unparenthesized, walk_own_code},
        statement::is_list,
    },
};

/// What is known.
pub(super) enum Known {
    /// That it is a value, given by its code.
    Is(String),
    /// That it is not one.
    IsNot(String),
    /// That it is not `false`, `null` or the like.
    Truthy,
    /// That it is.
    Falsy,
}

/// What a node makes known: the condition of an `if` or a loop in its branches and, where a branch leaves, behind it; the clauses
/// of a `switch`; a value that is assigned.
pub(super) fn found_at(file: &Parsed<'_>, node: Node<'_>, function: usize) -> Vec<Fact> {
    let mut found = Vec::new();
    let part = |field| node.child_by_field_name(field);
    let mut add = |known: Vec<(String, Known)>, holds: Option<Range<usize>>| {
        let Some(holds) = holds else { return };
        found.extend(known.into_iter().map(|(subject, known)| Fact { subject, known, holds: holds.clone(), function }));
    };
    let of =
        |condition: Option<Node<'_>>, holds: bool| condition.map(|c| conditions(file, c, holds)).unwrap_or_default();
    match node.kind() {
        "if_statement" | "ternary_expression" => {
            let (condition, then, otherwise) = (part("condition"), part("consequence"), part("alternative"));
            add(of(condition, true), then.map(|n| n.byte_range()));
            add(of(condition, false), otherwise.map(|n| n.byte_range()));
            if node.kind() == "if_statement" {
                let other = otherwise.and_then(|e| named_children(e).first().copied());
                add(of(condition, false), then.filter(|n| !completes(*n)).and_then(|_| behind(node)));
                add(of(condition, true), other.filter(|n| !completes(*n)).and_then(|_| behind(node)));
            }
        }
        "while_statement" => {
            add(of(part("condition"), true), part("body").map(|n| n.byte_range()));
            add(of(part("condition"), false), behind(node).filter(|_| !breaks(node)));
        }
        "switch_statement" => add(left_by_clauses(file, node), behind(node)),
        "assignment_expression" => {
            let known = part("left").and_then(|l| subject(file, l)).zip(part("right").and_then(|r| value(file, r)));
            let holds = node.parent().filter(|p| p.kind() == "expression_statement").and_then(behind);
            add(known.map(|(s, v)| (s, Known::Is(v))).into_iter().collect(), holds);
        }
        "variable_declarator" => {
            let known = initial(file, node).into_iter().collect();
            add(known, node.parent().and_then(behind));
        }
        _ => {}
    }
    found
}

/// The code behind a statement that is only come to by way of it: the rest of its list, and what follows a block or a `try` whose
/// list that is, unless a handler leads there as well.
fn behind(statement: Node<'_>) -> Option<Range<usize>> {
    let mut current = statement;
    let mut end = None;
    while let Some(list) = current.parent().filter(|p| is_list(*p)) {
        end = Some(list.end_byte());
        let Some(around) = list.parent() else { break };
        let handler = around.child_by_field_name("handler").and_then(|h| h.child_by_field_name("body"));
        let is_tried = around.kind() == "try_statement" && around.child_by_field_name("body") == Some(list);
        current = if is_tried && !handler.is_some_and(completes) { around } else { list };
    }
    end.map(|end| statement.end_byte()..end)
}

/// Whether a `break` leaves a statement, or one in it.
fn breaks(statement: Node<'_>) -> bool {
    let mut found = false;
    walk_own_code(statement, |n| {
        found |= n.kind() == "break_statement";
        !found
    });
    found
}

/// What holds if a condition does, or does not.
fn conditions(file: &Parsed<'_>, condition: Node<'_>, holds: bool) -> Vec<(String, Known)> {
    let mut found = Vec::new();
    let mut pending = vec![(condition, holds)];
    while let Some((node, holds)) = pending.pop() {
        let node = unparenthesized(node);
        let operator = node.child_by_field_name("operator").map(|o| o.kind());
        let sides = || [node.child_by_field_name("left"), node.child_by_field_name("right")].into_iter().flatten();
        match (node.kind(), operator) {
            ("unary_expression", Some("!")) => {
                pending.extend(node.child_by_field_name("argument").map(|inner| (inner, !holds)));
            }
            ("binary_expression", Some("&&")) if holds => pending.extend(sides().map(|side| (side, true))),
            ("binary_expression", Some("||")) if !holds => pending.extend(sides().map(|side| (side, false))),
            ("binary_expression", _) => found.extend(comparison(file, node).map(|(subject, value, is_equal)| {
                (subject, if is_equal == holds { Known::Is(value) } else { Known::IsNot(value) })
            })),
            _ => found.extend(subject(file, node).map(|s| (s, if holds { Known::Truthy } else { Known::Falsy }))),
        }
    }
    found
}

/// A comparison of a variable or property with a value: the two, and whether it asks for their being equal.
pub(super) fn comparison(file: &Parsed<'_>, node: Node<'_>) -> Option<(String, String, bool)> {
    let is_equal = match node.child_by_field_name("operator")?.kind() {
        "===" | "==" => true,
        "!==" | "!=" => false,
        _ => return None,
    };
    let (left, right) = (node.child_by_field_name("left")?, node.child_by_field_name("right")?);
    let pair = |a, b| Some((subject(file, a).filter(|_| value(file, a).is_none())?, value(file, b)?));
    let (subject, value) = pair(left, right).or_else(|| pair(right, left))?;
    Some((subject, value, is_equal))
}

/// The values that the clauses of a `switch` compare a variable or property with, and where.
pub(super) fn cases(file: &Parsed<'_>, switch: Node<'_>) -> Vec<(String, String, usize)> {
    let subject = switch.child_by_field_name("value").and_then(|v| subject(file, unparenthesized(v)));
    let clauses = switch.child_by_field_name("body").map(named_children).unwrap_or_default();
    let values = clauses.into_iter().filter_map(|c| c.child_by_field_name("value"));
    let of = |s: &String| values.filter_map(|v| Some((s.clone(), value(file, v)?, v.start_byte()))).collect();
    subject.as_ref().map(of).unwrap_or_default()
}

/// The values that what a `switch` asks for does not have behind it, since their clauses leave.
fn left_by_clauses(file: &Parsed<'_>, switch: Node<'_>) -> Vec<(String, Known)> {
    let Some(subject) = switch.child_by_field_name("value").and_then(|v| subject(file, unparenthesized(v))) else {
        return Vec::new();
    };
    let clauses = switch.child_by_field_name("body").map(named_children).unwrap_or_default();
    let mut found = Vec::new();
    let mut leaves = false;
    // A clause without statements does what the next one does.
    for clause in clauses.iter().rev() {
        let mut cursor = clause.walk();
        let body: Vec<_> = clause.children_by_field_name("body", &mut cursor).collect();
        leaves = if body.is_empty() { leaves } else { body.iter().any(|s| !completes(*s)) && !breaks(*clause) };
        let value = clause.child_by_field_name("value").filter(|_| leaves).and_then(|v| value(file, v));
        found.extend(value.map(|value| (subject.clone(), Known::IsNot(value))));
    }
    found
}

/// The value that a variable starts with, if TypeScript keeps that for its type. Of a `let` without a type it keeps `true` and `false`
/// alone.
fn initial(file: &Parsed<'_>, declarator: Node<'_>) -> Option<(String, Known)> {
    let name = declarator.child_by_field_name("name").filter(|n| n.kind() == "identifier")?;
    let value = value(file, declarator.child_by_field_name("value")?)?;
    let is_const = declarator.parent().is_some_and(|p| has_token(p, "const"));
    let declared = declarator.child_by_field_name("type").and_then(|t| named_children(t).first().copied());
    let is_kept = match declared {
        Some(declared) => declared.kind() != "predefined_type" || file.text(declared) == "boolean",
        None => is_const || matches!(value.as_str(), "true" | "false"),
    };
    is_kept.then(|| (file.text(name).to_owned(), Known::Is(value)))
}

/// A variable, or a property by way of names alone, as TypeScript takes two of them for the same.
pub(super) fn subject(file: &Parsed<'_>, node: Node<'_>) -> Option<String> {
    let mut inner = node;
    loop {
        inner = match inner.kind() {
            "parenthesized_expression" | "non_null_expression" => named_children(inner).first().copied()?,
            "member_expression" => inner.child_by_field_name("object")?,
            "identifier" | "this" => break,
            _ => return None,
        };
    }
    let is_part = |c: &char| !(c.is_whitespace() || matches!(c, '?' | '!' | '(' | ')'));
    Some(file.text(node).chars().filter(is_part).collect())
}

/// The code of a value that is written out, or that is named like a constant: `'busy'`, `State.Busy`, `BUSY`.
fn value(file: &Parsed<'_>, node: Node<'_>) -> Option<String> {
    let node = unparenthesized(node);
    let text = file.text(node);
    let is_upper =
        |name: &str| name.len() > 1 && name.chars().all(|c| c.is_ascii_uppercase() || matches!(c, '_' | '0'..='9'));
    let is_value = match node.kind() {
        "string" => return Some(format!("'{}'", &text[1..text.len() - 1])),
        "number" | "true" | "false" | "null" | "undefined" => true,
        "unary_expression" => node.child_by_field_name("argument").is_some_and(|a| a.kind() == "number"),
        "identifier" => is_upper(text),
        "member_expression" => {
            let object = node.child_by_field_name("object").filter(|o| o.kind() == "identifier");
            object.is_some_and(|o| file.text(o).starts_with(|c: char| c.is_ascii_uppercase()))
        }
        _ => false,
    };
    is_value.then(|| text.to_owned())
}
