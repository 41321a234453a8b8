//! Finds the guards in Rust sources and writes a switch beside each of them.
//!
//! Nothing is put on a line of its own, so a line of the copy is the line of the source.

use std::{collections::BTreeSet, fmt, ops::Range};

use tree_sitter::{Node, Parser};

/// What happens where a guard holds, which no longer does when it is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A refusal, with its reason.
    Refuse,
    /// An assumption, which a person has to look at.
    Review,
    /// `None`, `false`, `true`, "unknown": an answer to somebody who refuses or goes on by it.
    Answer,
    /// Something else is left out: another `return`, a `continue`, a `break`.
    Leave,
    /// What is left over by a `filter`.
    Filter,
    /// An operand of `&&` or `||`, which is taken out.
    Operand,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refuse => "refuse",
            Self::Review => "review",
            Self::Answer => "answer",
            Self::Leave => "leave",
            Self::Filter => "filter",
            Self::Operand => "operand",
        })
    }
}

/// A guard that can be turned off.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    /// The file, from the root of the package.
    pub(crate) file: String,
    /// Its line, from 1.
    pub(crate) line: usize,
    /// The function that it stands in; empty outside.
    pub(crate) function: String,
    /// What it leads to.
    pub(crate) kind: Kind,
    /// Its code on one line.
    pub(crate) code: String,
}

/// The functions that answer with nothing or a refusal, by name.
pub(crate) type Checks = BTreeSet<String>;

/// Adds the names of the functions of a file that return `Result<(), …>`.
pub(crate) fn find_checks(text: &str, checks: &mut Checks) {
    visit(parse(text).root_node(), &mut |node, entering| {
        let returned = node.child_by_field_name("return_type").map(|r| &text[r.byte_range()]);
        if entering && node.kind() == "function_item" && returned.is_some_and(|r| r.starts_with("Result<(),")) {
            let name = node.child_by_field_name("name").expect("a function has a name");
            checks.insert(text[name.byte_range()].to_owned());
        }
        true
    });
}

/// A file with a switch at each guard, and the guards; the first has the given number. Guards of lines in `without` are
/// left as they are.
pub(crate) fn instrument(
    file: &str,
    text: &str,
    checks: &Checks,
    without: &BTreeSet<usize>,
    first: usize,
) -> (String, Vec<Guard>) {
    let mut work =
        Work { file, text, checks, without, first, guards: Vec::new(), insertions: Vec::new(), open: Vec::new() };
    visit(parse(text).root_node(), &mut |node, entering| {
        if entering {
            work.enter(node)
        } else {
            work.leave(node);
            true
        }
    });
    let Work { mut insertions, guards, .. } = work;
    // Those of one place are in order: what is around opens first and closes last.
    insertions.sort_by_key(|(at, _)| *at);
    let mut out = String::new();
    let mut last = 0;
    for (at, inserted) in insertions {
        out.push_str(&text[last..at]);
        out.push_str(&inserted);
        last = at;
    }
    out.push_str(&text[last..]);
    (out, guards)
}

fn parse(text: &str) -> tree_sitter::Tree {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_rust::LANGUAGE.into()).expect("the grammar fits the library");
    parser.parse(text, None).expect("nothing stops the parser")
}

/// Goes over a tree; where the visitor says no on entering, not into the node.
fn visit<'t>(node: Node<'t>, visitor: &mut dyn FnMut(Node<'t>, bool) -> bool) {
    if visitor(node, true) {
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            visit(child, visitor);
        }
        visitor(node, false);
    }
}

struct Work<'w> {
    file: &'w str,
    text: &'w str,
    checks: &'w Checks,
    without: &'w BTreeSet<usize>,
    first: usize,
    guards: Vec<Guard>,
    insertions: Vec<(usize, String)>,
    /// What closes at the end of nodes that are open, by the node's range and kind.
    open: Vec<(usize, String)>,
}

impl<'w> Work<'w> {
    fn text(&self, node: Node<'_>) -> &'w str {
        &self.text[node.byte_range()]
    }

    fn enter(&mut self, node: Node<'_>) -> bool {
        if is_test(node, self.text) || matches!(node.kind(), "const_item" | "static_item" | "attribute_item") {
            return false;
        }
        if let Some(kind) = self.operand(node) {
            let (before, after) = match kind {
                "&&" => ("(", " || crate::switch::is_off(#))"),
                _ => ("(", " && crate::switch::is_on(#))"),
            };
            self.guard(Kind::Operand, node, node.byte_range(), before, after);
        }
        match self.parent_guard(node) {
            Some((kind, negated)) if matches!(node.kind(), "let_condition" | "let_chain") => {
                debug_assert!(!negated, "a pattern can't be made to match");
                self.guard(kind, node, node.byte_range(), "", " && crate::switch::is_on(#)");
            }
            Some((kind, false)) => self.guard(kind, node, node.byte_range(), "(", ") && crate::switch::is_on(#)"),
            Some((kind, true)) => self.guard(kind, node, node.byte_range(), "((", ") || crate::switch::is_off(#))"),
            None => {}
        }
        match node.kind() {
            "try_expression" => self.enter_check(node),
            "match_arm" => self.enter_arm(node),
            "call_expression" => self.enter_filter(node),
            _ => {}
        }
        true
    }

    fn leave(&mut self, node: Node<'_>) {
        while let Some((id, text)) = self.open.pop_if(|(id, _)| *id == node.id()) {
            debug_assert_eq!(id, node.id());
            self.insertions.push((node.end_byte(), text));
        }
    }

    /// Notes a guard around a node; `#` stands for its number.
    fn guard(&mut self, kind: Kind, node: Node<'_>, code: Range<usize>, before: &str, after: &str) {
        let line = node.start_position().row + 1;
        let last = node.end_position().row + 1;
        if self.without.range(line..=last).next().is_some() {
            return;
        }
        let number = (self.first + self.guards.len()).to_string();
        if !before.is_empty() {
            self.insertions.push((node.start_byte(), before.replace('#', &number)));
        }
        self.open.push((node.id(), after.replace('#', &number)));
        self.guards.push(Guard {
            file: self.file.to_owned(),
            line,
            function: self.function_around(node),
            kind,
            code: self.text[code].split_whitespace().collect::<Vec<_>>().join(" "),
        });
    }

    fn function_around(&self, node: Node<'_>) -> String {
        let function = std::iter::successors(Some(node), |n| n.parent()).find(|n| n.kind() == "function_item");
        let name = function.and_then(|f| f.child_by_field_name("name"));
        name.map(|n| self.text(n).to_owned()).unwrap_or_default()
    }

    /// Of which operator a node is an operand, if it can be done without.
    fn operand(&self, node: Node<'_>) -> Option<&'static str> {
        let parent = node.parent()?;
        if !node.is_named() || is_comment(node) || matches!(node.kind(), "let_condition" | "let_chain") {
            return None;
        }
        let operator = match parent.kind() {
            "let_chain" => "&&",
            "binary_expression" => match parent.child_by_field_name("operator")?.kind() {
                "&&" => "&&",
                "||" => "||",
                _ => return None,
            },
            _ => return None,
        };
        // `a && b` in `a && b && c` is not an operand but two.
        let own = node.child_by_field_name("operator").filter(|_| node.kind() == "binary_expression");
        (own.is_none_or(|own| own.kind() != operator)).then_some(operator)
    }

    /// What the condition of an `if` guards, or the value that `then` is called on; and whether that happens where it
    /// does not hold.
    fn parent_guard(&self, node: Node<'_>) -> Option<(Kind, bool)> {
        let parent = node.parent()?;
        match parent.kind() {
            "if_expression" if parent.child_by_field_name("condition") == Some(node) => {
                let taken = self.kind_of_block(parent.child_by_field_name("consequence")?);
                let otherwise = parent.child_by_field_name("alternative").and_then(|a| a.named_child(0));
                let has_pattern = matches!(node.kind(), "let_condition" | "let_chain");
                let otherwise = otherwise.filter(|_| !has_pattern).and_then(|block| self.kind_of_block(block));
                taken.map(|kind| (kind, false)).or(otherwise.map(|kind| (kind, true)))
            }
            "field_expression" if parent.child_by_field_name("value") == Some(node) => {
                let call = parent.parent().filter(|c| c.kind() == "call_expression")?;
                let is_callee = call.child_by_field_name("function") == Some(parent);
                let method = self.text(parent.child_by_field_name("field")?);
                (is_callee && matches!(method, "then" | "then_some")).then_some((Kind::Answer, true))
            }
            _ => None,
        }
    }

    /// What a block that is not entered leaves undone.
    fn kind_of_block(&self, block: Node<'_>) -> Option<Kind> {
        if block.kind() != "block" {
            return None;
        }
        let text = self.text(block);
        let mut cursor = block.walk();
        let last = block.named_children(&mut cursor).filter(|n| !is_comment(*n)).last()?;
        let kind = self.kind_of(last);
        if kind == Some(Kind::Refuse) || !(text.contains("assum") || text.contains("Review")) {
            return kind;
        }
        Some(Kind::Review)
    }

    /// What a statement or the value of an arm comes to.
    fn kind_of(&self, node: Node<'_>) -> Option<Kind> {
        let text = self.text(node).trim_end_matches(';');
        let (value, leaves) = match text.strip_prefix("return") {
            Some(value) => (value.trim(), true),
            None => (text, matches!(text, "continue" | "break") || text.starts_with("break ")),
        };
        let is_short = value.len() < 160;
        if value.starts_with("Err(") || value.starts_with("refusal(") || is_short && value.contains("Refusal::new") {
            return Some(Kind::Refuse);
        }
        if matches!(value, "None" | "false" | "true" | "Ok(None)" | "Ok(false)")
            || is_short && value.contains("Unknown")
        {
            return Some(Kind::Answer);
        }
        leaves.then_some(Kind::Leave)
    }

    /// `check(…)?;`
    fn enter_check(&mut self, node: Node<'_>) {
        let is_statement = node.parent().is_some_and(|p| p.kind() == "expression_statement");
        let Some(call) = node.named_child(0).filter(|c| is_statement && c.kind() == "call_expression") else { return };
        let Some(callee) = call.child_by_field_name("function") else { return };
        let name = callee.child_by_field_name("field").or(callee.child_by_field_name("name")).unwrap_or(callee);
        if self.checks.contains(self.text(name)) {
            self.guard(Kind::Refuse, call, node.byte_range(), "crate::switch::checked(#, ", ")");
        }
    }

    /// `PATTERN => refusal`, where a later arm takes what this one leaves.
    fn enter_arm(&mut self, node: Node<'_>) {
        let Some(value) = node.child_by_field_name("value") else { return };
        let kind = if value.kind() == "block" { self.kind_of_block(value) } else { self.kind_of(value) };
        let (Some(kind), Some(pattern)) = (kind, node.child_by_field_name("pattern")) else { return };
        let rest = std::iter::successors(node.next_named_sibling(), |n| n.next_named_sibling());
        let mut rest = rest.filter(|n| n.kind() == "match_arm");
        if !rest.any(|arm| self.takes_all(arm)) {
            return;
        }
        match pattern.child_by_field_name("condition") {
            Some(condition) => {
                let is_plain = !matches!(condition.kind(), "let_condition" | "let_chain");
                let (before, after) =
                    if is_plain { ("(", ") && crate::switch::is_on(#)") } else { ("", " && crate::switch::is_on(#)") };
                self.guard(kind, condition, pattern.byte_range(), before, after);
            }
            None => self.guard(kind, pattern, pattern.byte_range(), "", " if crate::switch::is_on(#)"),
        }
    }

    /// `_` or a name, without a condition.
    fn takes_all(&self, arm: Node<'_>) -> bool {
        let Some(pattern) = arm.child_by_field_name("pattern") else { return false };
        let text = self.text(pattern);
        let starts_small = text.starts_with(|c: char| c.is_lowercase() || c == '_');
        starts_small && text.chars().all(|c| c.is_alphanumeric() || c == '_') && !matches!(text, "true" | "false")
    }

    /// `.filter(|x| …)` and `.filter(is_that)`.
    fn enter_filter(&mut self, node: Node<'_>) {
        let method = node.child_by_field_name("function").and_then(|f| f.child_by_field_name("field"));
        if method.is_none_or(|m| self.text(m) != "filter") {
            return;
        }
        let arguments = node.child_by_field_name("arguments");
        let Some(argument) = arguments.and_then(|a| a.named_child(0)) else { return };
        match argument.kind() {
            "closure_expression" => {
                let Some(body) = argument.child_by_field_name("body") else { return };
                self.guard(Kind::Filter, body, argument.byte_range(), "(", ") || crate::switch::is_off(#)");
            }
            _ => {
                self.guard(Kind::Filter, argument, argument.byte_range(), "|it| (", ")(it) || crate::switch::is_off(#)")
            }
        }
    }
}

fn is_comment(node: Node<'_>) -> bool {
    matches!(node.kind(), "line_comment" | "block_comment")
}

/// Whether an item is there for tests alone.
fn is_test(node: Node<'_>, text: &str) -> bool {
    let attributes = std::iter::successors(node.prev_named_sibling(), |n| n.prev_named_sibling());
    let mut attributes = attributes.take_while(|n| n.kind() == "attribute_item" || is_comment(*n));
    matches!(node.kind(), "mod_item" | "function_item") && attributes.any(|a| text[a.byte_range()].contains("test"))
}
