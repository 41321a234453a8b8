//! Comparisons that TypeScript takes for a mistake because of what it found out before: behind `if (this.state === 'busy') return;`
//! the state is not `'busy'`, whatever the calls in between do, so it can't be compared with that again (TypeScript Handbook,
//! "Narrowing"). In a function of its own, the same comparison starts from the declared type.
//!
//! What is known of a variable or property is a [`Fact`] with the stretch of code that it holds in. Only a value that is written out is
//! looked at, or one that is named like a constant: to be the same as another variable says nothing of a type. What is tested for
//! truth may be tested for it again.

mod facts;

use std::{collections::HashMap, ops::Range};

use tree_sitter::Node;

use super::Place;
use crate::syntax::{
    Parsed,
    node::{is_function, named_children, unparenthesized},
};
use facts::Known;

/// Something known of a variable or property.
struct Fact {
    /// Of which: its code without spaces, `?` and `!`.
    subject: String,
    known: Known,
    /// Where it holds, unless something is assigned.
    holds: Range<usize>,
    /// The function whose own code that is, by its node.
    function: usize,
}

/// What a variable or property is used for that not every type is good for.
enum Use {
    /// To be compared with a value, given by its code.
    Comparison(String),
    /// To ask for a member of it.
    Member,
}

/// What the code of a file does with variables and properties.
#[derive(Default)]
struct Survey {
    facts: HashMap<String, Vec<Fact>>,
    uses: Vec<(String, Use, usize, usize)>,
    /// Assignments: to what, where, and in which function.
    writes: HashMap<String, Vec<(usize, usize)>>,
    loops: Vec<Range<usize>>,
    /// Whether all of a name's declarations are those of any string or number.
    plain: HashMap<String, bool>,
}

/// The variables and properties that are used in a way which does not go with what is known of them, each as often as that is so.
pub(super) fn misused(file: &Parsed<'_>, place: &Place<'_>) -> Vec<String> {
    let mut survey = Survey::default();
    // The functions around the node at hand. To ask each node for what stands around it would take long.
    let mut functions: Vec<(usize, usize)> = Vec::new();
    let mut fields = Vec::new();
    let look = |n: Node<'_>| {
        while functions.last().is_some_and(|(end, _)| *end <= n.start_byte()) {
            functions.pop();
        }
        let function = functions.last().map_or(0, |(_, id)| *id);
        for fact in facts::found_at(file, n, function) {
            survey.facts.entry(fact.subject.clone()).or_default().push(fact);
        }
        survey.note(file, n, function);
        if is_function(n) {
            functions.push((n.end_byte(), n.id()));
        }
    };
    place.walk(look, |n| fields.extend((n.kind() == "public_field_definition").then_some(n)));
    for field in fields {
        survey.declared(file, field);
    }
    let is_misused = |(subject, used, at, function): &&(String, Use, usize, usize)| {
        let facts = survey.facts.get(subject).map(Vec::as_slice).unwrap_or_default();
        let is_plain = survey.plain.get(subject).copied().unwrap_or(false);
        let mut against = facts.iter().filter(|f| f.function == *function && f.holds.contains(at));
        against.any(|f| rules_out(&f.known, used, is_plain) && !survey.is_assigned_since(f, *at))
    };
    survey.uses.iter().filter(is_misused).map(|(subject, ..)| subject.clone()).collect()
}

impl Survey {
    /// Takes down what a node does.
    fn note(&mut self, file: &Parsed<'_>, node: Node<'_>, function: usize) {
        match node.kind() {
            "binary_expression" => {
                if let Some((subject, value, _)) = facts::comparison(file, node) {
                    self.uses.push((subject, Use::Comparison(value), node.start_byte(), function));
                }
            }
            "switch_statement" => {
                for (subject, value, at) in facts::cases(file, node) {
                    self.uses.push((subject, Use::Comparison(value), at, function));
                }
            }
            "member_expression" => {
                let object = node.child_by_field_name("object").and_then(|o| facts::subject(file, o));
                if let Some(subject) = object.filter(|s| s != "this") {
                    self.uses.push((subject, Use::Member, node.start_byte(), function));
                }
            }
            "assignment_expression" | "augmented_assignment_expression" | "update_expression" => {
                let target = node.child_by_field_name("left").or_else(|| node.child_by_field_name("argument"));
                if let Some(subject) = target.and_then(|t| facts::subject(file, t)) {
                    self.writes.entry(subject).or_default().push((node.end_byte(), function));
                }
            }
            "while_statement" | "do_statement" | "for_statement" | "for_in_statement" => {
                self.loops.push(node.byte_range());
            }
            "variable_declarator" | "required_parameter" | "optional_parameter" | "public_field_definition" => {
                self.declared(file, node);
            }
            _ => {}
        }
    }

    /// Takes down whether what is declared has the type of all strings or numbers, of which no comparison leaves a part.
    fn declared(&mut self, file: &Parsed<'_>, node: Node<'_>) {
        let name = node.child_by_field_name("name").or_else(|| node.child_by_field_name("pattern"));
        let Some(name) = name.map(|n| file.text(n)) else { return };
        let is_const = node.parent().is_some_and(|p| file.text(p).starts_with("const"));
        let is_fixed = is_const || file.text(node).contains("readonly ");
        let value = node.child_by_field_name("value").map(|v| unparenthesized(v).kind());
        let is_plain = match node.child_by_field_name("type").and_then(|t| named_children(t).first().copied()) {
            Some(declared) => matches!(file.text(declared), "string" | "number"),
            None => !is_fixed && matches!(value, Some("string" | "number" | "template_string")),
        };
        let is_field = node.kind() == "public_field_definition";
        let subject = if is_field { format!("this.{name}") } else { name.to_owned() };
        *self.plain.entry(subject).or_insert(true) &= is_plain;
    }

    /// Whether something is assigned between the beginning of a fact and a place behind it, or later in a loop that has both in it.
    fn is_assigned_since(&self, fact: &Fact, at: usize) -> bool {
        let goes_round = |write: usize| {
            self.loops
                .iter()
                .any(|l| fact.holds.start <= l.start && l.contains(&at) && l.start < write && write <= l.end)
        };
        let since = |(write, function): &(usize, usize)| {
            *function == fact.function
                && fact.holds.start < *write
                && *write <= fact.holds.end
                && (*write <= at || goes_round(*write))
        };
        // What `job.state` is changes with `job`.
        let ends = fact.subject.match_indices('.').map(|(end, _)| end).chain([fact.subject.len()]);
        let mut subjects = ends.map(|end| &fact.subject[..end]);
        subjects.any(|subject| self.writes.get(subject).is_some_and(|writes| writes.iter().any(since)))
    }
}

/// Whether TypeScript objects to a use, given what is known. A subject is plain if its type is that of all strings or numbers.
fn rules_out(known: &Known, used: &Use, is_plain: bool) -> bool {
    let is_nothing = |value: &str| matches!(value, "null" | "undefined");
    let is_number = |value: &str| value.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    match (known, used) {
        // `null` and `undefined` can be compared with everything.
        (Known::Is(value), Use::Comparison(other)) => value != other && !is_nothing(value) && !is_nothing(other),
        (Known::IsNot(value), Use::Comparison(other)) => {
            // Most of what is compared with a number or an empty string may be any other as well.
            let is_open = is_plain || is_nothing(value) || is_number(value) || value.len() == 2;
            value == other && !is_open
        }
        (Known::Truthy, Use::Comparison(other)) => other == "false",
        (Known::Falsy, Use::Comparison(other)) => {
            let is_literal = other.starts_with(['\'', '"', '`']) || is_number(other);
            !is_plain && !is_literal && !is_nothing(other) && other != "false"
        }
        // What is left of an object or `null` has no members.
        (Known::Is(value), Use::Member) => is_nothing(value),
        (Known::Falsy, Use::Member) => !is_plain,
        (Known::IsNot(_) | Known::Truthy, Use::Member) => false,
    }
}
