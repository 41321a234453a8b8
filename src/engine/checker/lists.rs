//! Variables without a type that are given an empty list: `let users; … users = [];`.
//!
//! TypeScript learns what is in such a list from what is pushed to it. Read as it is, next to a list whose items are known or alone, it
//! is one of `any`, which `strict` does not let pass (TypeScript 2.1, "Improved any inference"). As the value of a function, the same
//! empty list took the type of what stood beside it.

use tree_sitter::Node;

use super::Place;
use crate::{
    semantic::{Names, Reference},
    syntax::{
        Parsed,
        node::{enclosing_function, named_children, unparenthesized},
    },
};

/// The names of the variables that have no type of their own, hold an empty list on one of their paths, and are read as more than
/// something with a length.
pub(super) fn of_anything(file: &Parsed<'_>, names: &Names, place: &Place<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let look = |n: Node<'_>| {
        let is_untyped = n.kind() == "variable_declarator" && n.child_by_field_name("type").is_none();
        let name = n.child_by_field_name("name").filter(|name| is_untyped && name.kind() == "identifier");
        if let Some(name) = name.filter(|_| is_of_anything(file, names, n)) {
            found.push(file.text(name).to_owned());
        }
    };
    place.walk(look, |_| {});
    found
}

fn is_of_anything(file: &Parsed<'_>, names: &Names, declarator: Node<'_>) -> bool {
    let value = declarator.child_by_field_name("value");
    let name = declarator.child_by_field_name("name");
    let Some(binding) = name.and_then(|n| names.declared_at(n.start_byte())) else { return false };
    let around = enclosing_function(declarator);
    let node = |r: &Reference| file.root().descendant_for_byte_range(r.range.start, r.range.end);
    let uses: Vec<_> = names.binding(binding).references.iter().map(|r| names.reference(*r)).collect();
    // What another function reads has no type but `any` to begin with.
    let own = uses.into_iter().filter_map(|r| Some((node(r).filter(|n| enclosing_function(*n) == around)?, r)));
    let (mut is_given, mut is_filled, mut is_read) = (value.is_some_and(is_empty_list), false, false);
    for (name, reference) in own {
        match use_of(file, name) {
            _ if reference.writes => is_given |= value.is_none() && assigned(name).is_some_and(is_empty_list),
            Use::Fill => is_filled = true,
            Use::Length => {}
            Use::Other => is_read |= reference.reads,
        }
    }
    // What was pushed to a list that began empty says what is in it.
    is_given && is_read && !(is_filled && value.is_some())
}

/// What is done with a list.
enum Use {
    /// `list.push(…)`, `list[i] = …`
    Fill,
    /// `list.length`
    Length,
    Other,
}

fn use_of(file: &Parsed<'_>, name: Node<'_>) -> Use {
    let Some(around) = name.parent().filter(|p| p.child_by_field_name("object") == Some(name)) else {
        return Use::Other;
    };
    let is_target = || around.parent().is_some_and(|p| p.child_by_field_name("left") == Some(around));
    match around.child_by_field_name("property").map(|p| file.text(p)) {
        Some("length") => Use::Length,
        Some("push" | "unshift") => Use::Fill,
        None if is_target() => Use::Fill,
        _ => Use::Other,
    }
}

/// What a name is assigned.
fn assigned<'t>(name: Node<'t>) -> Option<Node<'t>> {
    let assignment = name.parent().filter(|p| p.kind() == "assignment_expression")?;
    assignment.child_by_field_name("right")
}

fn is_empty_list(value: Node<'_>) -> bool {
    let value = unparenthesized(value);
    value.kind() == "array" && named_children(value).is_empty()
}
