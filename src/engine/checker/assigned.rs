//! Variables that are read where they may not have been assigned yet: `let user: User;` without a value.
//!
//! The rules are those of definite assignment in TypeScript's binder: both branches of an `if`, every clause of a `switch` that
//! has a `default`, and whatever may fail in a `try` leaves its `catch` and `finally` with what was assigned in front of it.

use std::ops::Range;

use tree_sitter::Node;

use super::Place;
use crate::{
    semantic::{BindingId, Names},
    syntax::{
        Parsed,
        node::{ancestors, enclosing_function, has_token, is_function, named_children},
    },
};

/// The names of the variables that code reads in the function that declares them, where they may not be assigned yet; each as often as
/// that happens.
pub(super) fn read_early(file: &Parsed<'_>, names: &Names, place: &Place<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let look = |n: Node<'_>| {
        if let Some(binding) = without_value(file, names, n) {
            let early = Reading::of(file, names, n, binding).early;
            found.extend(std::iter::repeat_n(names.binding(binding).name.clone(), early));
        }
    };
    place.walk(look, |_| {});
    found
}

/// The variable that a declarator declares without a value, if TypeScript asks that it be assigned before it is read.
fn without_value(file: &Parsed<'_>, names: &Names, declarator: Node<'_>) -> Option<BindingId> {
    if declarator.kind() != "variable_declarator" || declarator.child_by_field_name("value").is_some() {
        return None;
    }
    let declared = named_children(declarator.child_by_field_name("type")?).first().copied()?;
    let name = declarator.child_by_field_name("name")?;
    (!has_token(declarator, "!") && !takes_undefined(file, declared)).then_some(())?;
    names.declared_at(name.start_byte())
}

/// Whether a variable of a type may be read without ever having been assigned.
fn takes_undefined(file: &Parsed<'_>, declared: Node<'_>) -> bool {
    let mut pending = vec![declared];
    while let Some(part) = pending.pop() {
        match part.kind() {
            "union_type" | "parenthesized_type" => pending.extend(named_children(part)),
            _ if matches!(file.text(part), "any" | "undefined" | "unknown" | "void") => return true,
            _ => {}
        }
    }
    false
}

/// What may be left with a jump.
struct Target {
    /// Whether a `break` without a label leaves it: a loop or a `switch`, and no labelled block.
    is_plain: bool,
    /// Whether the variable is assigned wherever it is left by a jump.
    assigned: bool,
}

/// The statements behind a declaration, followed from one to the next with the question whether the variable is assigned. Where
/// nothing gets to, it counts as assigned.
struct Reading {
    /// The reads of the variable in the function that declares it.
    reads: Vec<Range<usize>>,
    /// Each assignment to it: where it takes effect, and where it is certain to have been made, if that is a part of an
    /// expression only (`flag && (user = found)`).
    writes: Vec<(usize, Option<Range<usize>>)>,
    targets: Vec<Target>,
    /// How many reads come too early.
    early: usize,
}

impl Reading {
    fn of(file: &Parsed<'_>, names: &Names, declarator: Node<'_>, binding: BindingId) -> Self {
        let around = enclosing_function(declarator);
        let (mut reads, mut writes) = (Vec::new(), Vec::new());
        for reference in names.binding(binding).references.iter().map(|r| names.reference(*r)) {
            let node = file.root().descendant_for_byte_range(reference.range.start, reference.range.end);
            let Some(node) = node.filter(|n| !reference.in_type && enclosing_function(*n) == around) else { continue };
            let is_sworn = node.parent().is_some_and(|p| p.kind() == "non_null_expression");
            if reference.reads && !is_sworn {
                reads.push(reference.range.clone());
            }
            if reference.writes {
                writes.push(assignment(node));
            }
        }
        let mut reading = Self { reads, writes, targets: Vec::new(), early: 0 };
        let mut assigned = false;
        let mut next = declarator.parent().and_then(|declaration| declaration.next_named_sibling());
        while let Some(statement) = next {
            assigned = reading.statement(statement, assigned);
            next = statement.next_named_sibling();
        }
        reading
    }

    /// Whether the variable is assigned behind a statement, if it is or is not in front of it.
    fn statement(&mut self, node: Node<'_>, assigned: bool) -> bool {
        let part = |field| node.child_by_field_name(field);
        match node.kind() {
            "statement_block" | "else_clause" => self.list(&named_children(node), assigned),
            "if_statement" => {
                let assigned = self.part(part("condition"), assigned);
                let then = self.branch(part("consequence"), assigned);
                self.branch(part("alternative"), assigned) && then
            }
            "try_statement" => {
                let body = self.branch(part("body"), assigned);
                let clause = |name| part(name).and_then(|c| c.child_by_field_name("body"));
                let handler = part("handler").is_none() || self.branch(clause("handler"), assigned);
                let finalizer = self.branch(clause("finalizer"), assigned);
                body && handler || finalizer
            }
            "while_statement" | "for_statement" | "for_in_statement" | "do_statement" | "switch_statement" => {
                self.targets.push(Target { is_plain: true, assigned: true });
                let end = if node.kind() == "switch_statement" {
                    self.clauses(node, assigned)
                } else {
                    self.rounds(node, assigned)
                };
                self.targets.pop().is_none_or(|t| t.assigned) && end
            }
            "labeled_statement" => {
                self.targets.push(Target { is_plain: false, assigned: true });
                let end = self.branch(part("body"), assigned);
                self.targets.pop().is_none_or(|t| t.assigned) && end
            }
            "break_statement" | "continue_statement" => {
                self.jump(node, assigned);
                true
            }
            "return_statement" | "throw_statement" => {
                self.expression(node, assigned);
                true
            }
            _ if is_function(node) => assigned,
            _ => self.expression(node, assigned),
        }
    }

    fn list(&mut self, statements: &[Node<'_>], assigned: bool) -> bool {
        statements.iter().fold(assigned, |assigned, statement| self.statement(*statement, assigned))
    }

    /// The same of a statement that need not be there.
    fn branch(&mut self, statement: Option<Node<'_>>, assigned: bool) -> bool {
        statement.map_or(assigned, |s| self.statement(s, assigned))
    }

    /// The same of an expression that need not be there.
    fn part(&mut self, expression: Option<Node<'_>>, assigned: bool) -> bool {
        expression.map_or(assigned, |e| self.expression(e, assigned))
    }

    /// A loop, but for its `break`s.
    fn rounds(&mut self, node: Node<'_>, assigned: bool) -> bool {
        let part = |field| node.child_by_field_name(field);
        if node.kind() == "do_statement" {
            let assigned = self.branch(part("body"), assigned);
            return self.part(part("condition"), assigned);
        }
        // `for (x of list)` assigns in each round, and there may be none.
        if node.kind() == "for_in_statement" {
            let listed = self.part(part("right"), assigned);
            let in_round = self.part(part("left"), listed);
            self.branch(part("body"), in_round);
            return listed;
        }
        let assigned = self.branch(part("initializer"), assigned);
        let condition = part("condition");
        let assigned = self.part(condition, assigned);
        let in_round = self.branch(part("body"), assigned);
        self.part(part("increment"), in_round);
        let is_endless = match condition {
            Some(c) if c.kind() == "parenthesized_expression" => named_children(c).iter().any(|e| e.kind() == "true"),
            Some(c) => c.kind() == "empty_statement",
            None => true,
        };
        is_endless || assigned
    }

    /// A `switch`, but for its `break`s.
    fn clauses(&mut self, node: Node<'_>, assigned: bool) -> bool {
        let assigned = self.part(node.child_by_field_name("value"), assigned);
        let clauses = node.child_by_field_name("body").map(named_children).unwrap_or_default();
        let mut end = assigned;
        for clause in &clauses {
            let mut cursor = clause.walk();
            let body: Vec<_> = clause.children_by_field_name("body", &mut cursor).collect();
            self.part(clause.child_by_field_name("value"), assigned);
            // One clause may run into the next, which the `switch` may also jump to.
            end = self.list(&body, assigned);
        }
        let has_default = clauses.iter().any(|c| c.kind() == "switch_default");
        end && (has_default || assigned)
    }

    /// A `break` or `continue`. With a label it may go anywhere around, and a `continue` to where a loop's condition is asked.
    fn jump(&mut self, node: Node<'_>, assigned: bool) {
        let goes_far = node.kind() == "continue_statement" || node.child_by_field_name("label").is_some();
        for target in self.targets.iter_mut().rev() {
            if goes_far || target.is_plain {
                target.assigned &= assigned;
            }
            if target.is_plain && !goes_far {
                return;
            }
        }
    }

    /// An expression, or a statement that is made of expressions alone.
    fn expression(&mut self, node: Node<'_>, assigned: bool) -> bool {
        let range = node.byte_range();
        let made: Vec<_> = self.writes.iter().filter(|(end, _)| range.start < *end && *end <= range.end).collect();
        let is_made = |at: usize| {
            let holds = |w: &(usize, Option<Range<usize>>)| w.0 <= at && w.1.as_ref().is_none_or(|r| r.contains(&at));
            made.iter().copied().any(holds)
        };
        let early = |r: &&Range<usize>| range.start <= r.start && r.end <= range.end && !is_made(r.start);
        if !assigned {
            self.early += self.reads.iter().filter(early).count();
        }
        assigned || made.iter().any(|w| w.1.is_none())
    }
}

/// Where an assignment to a name takes effect, and the part of an expression that it is made in, if that need not be run.
fn assignment(name: Node<'_>) -> (usize, Option<Range<usize>>) {
    let is_assignment = |n: &Node<'_>| {
        matches!(n.kind(), "assignment_expression" | "augmented_assignment_expression" | "update_expression")
    };
    let assignment = ancestors(name).take_while(|n| !n.kind().ends_with("_statement")).find(is_assignment);
    let mut child = assignment.unwrap_or(name);
    let end = child.end_byte();
    while let Some(parent) = child.parent().filter(|p| !p.kind().ends_with("_statement") && !is_function(*p)) {
        let is = |field| parent.child_by_field_name(field) == Some(child);
        let may_be_left_out = match parent.kind() {
            "binary_expression" => {
                let operator = parent.child_by_field_name("operator").map(|o| o.kind());
                is("right") && matches!(operator, Some("&&" | "||" | "??"))
            }
            "augmented_assignment_expression" => is("right"),
            "ternary_expression" => !is("condition"),
            _ => false,
        };
        if may_be_left_out {
            return (end, Some(child.byte_range()));
        }
        child = parent;
    }
    (end, None)
}
