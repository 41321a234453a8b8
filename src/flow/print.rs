//! From the lowered form to code in a file's own style.

use super::{Catch, Stmt, Text};
use crate::{
    source::Style,
    syntax::statement::{leading_trivia, may_continue, text_ends_open},
};

/// Writes statements at an indentation. The first line is not indented, and there is no line end after the last:
/// the result takes the place of a statement.
pub fn print(statements: &[Stmt], indent: &str, style: &Style) -> Text {
    let mut printer = Printer { out: Text::default(), style, fresh: true, before: None, behind_brace: false };
    printer.list(statements, indent);
    printer.out
}

/// Writes a block with its braces; the closing brace stands at `indent`.
pub fn print_block(statements: &[Stmt], indent: &str, style: &Style) -> Text {
    let mut printer = Printer { out: Text::default(), style, fresh: true, before: None, behind_brace: false };
    printer.block(statements, indent);
    printer.out
}

struct Printer<'s> {
    out: Text,
    style: &'s Style,
    /// Nothing has been written in this list yet, or its first line is already begun.
    fresh: bool,
    /// What stands in front, where that came from the file and ends as it did there. Statements that are written anew end
    /// as the file's style has it.
    before: Option<Text>,
    /// Whether what stands in front is the brace of a block, behind which no line continues anything.
    behind_brace: bool,
}

impl Printer<'_> {
    fn list(&mut self, statements: &[Stmt], indent: &str) {
        let mut blank = None;
        for statement in statements {
            match statement {
                Stmt::Blank(lines) => blank = Some(lines).filter(|_| !self.fresh),
                Stmt::Trailing(comment) => {
                    // What follows a line's comment would be a part of it.
                    let line = self.out.as_str().rsplit('\n').next().unwrap_or_default();
                    if line.contains("//") {
                        self.out.push_str(self.style.newline);
                        self.out.push_str(indent);
                    } else {
                        self.out.push_str(" ");
                    }
                    self.out.push_str(comment);
                }
                _ => {
                    self.gap(blank);
                    self.start_line(indent);
                    self.statement(statement, indent);
                    self.remember(statement);
                    blank = None;
                }
            }
        }
    }

    /// The empty lines in front of a statement, but for the end of the last one.
    fn gap(&mut self, lines: Option<&String>) {
        let Some(lines) = lines else { return };
        let lines = if lines.is_empty() { [self.style.newline; 2].concat() } else { lines.clone() };
        let inside = lines.strip_suffix('\n').unwrap_or(&lines);
        self.out.push_str(inside.strip_suffix('\r').unwrap_or(inside));
    }

    fn start_line(&mut self, indent: &str) {
        if !self.fresh {
            self.out.push_str(self.style.newline);
            self.out.push_str(indent);
        }
        self.fresh = false;
    }

    fn statement(&mut self, statement: &Stmt, indent: &str) {
        match statement {
            Stmt::Blank(_) | Stmt::Trailing(_) => {}
            Stmt::Source(text) | Stmt::Branch(text) => {
                self.guard(text);
                self.out.push(&text.indented(indent));
            }
            Stmt::Bind { keyword, target, value } => {
                let head = format!("{} ", keyword.as_str());
                self.terminated(&[&head.into(), target, &" = ".into(), value], indent);
            }
            Stmt::Declare { keyword, target } => {
                self.terminated(&[&format!("{} ", keyword.as_str()).into(), target], indent);
            }
            Stmt::Assign { target, value } => self.guarded(&[target, &" = ".into(), value], indent),
            Stmt::Expression(value) if starts_statement(value.as_str()) => {
                self.guarded(&[&"(".into(), value, &")".into()], indent);
            }
            Stmt::Expression(value) => self.guarded(&[value], indent),
            Stmt::Return(None) => self.terminated(&[&"return".into()], indent),
            Stmt::Return(Some(value)) => self.terminated(&[&"return ".into(), value], indent),
            Stmt::Throw(value) => self.terminated(&[&"throw ".into(), value], indent),
            Stmt::If { condition, then, otherwise } => self.branches(condition, then, otherwise, indent),
            Stmt::Try { body, catch, finally } => self.attempt(body, catch.as_ref(), finally.as_deref(), indent),
            Stmt::Block(body) => self.block(body, indent),
        }
    }

    fn terminated(&mut self, parts: &[&Text], indent: &str) {
        for part in parts {
            self.out.push(&part.indented(indent));
        }
        if self.style.semicolons {
            self.out.push_str(";");
        }
    }

    /// Like `terminated`, for statements that may start with a character that would continue the line before
    /// where no semicolon ends it.
    fn guarded(&mut self, parts: &[&Text], indent: &str) {
        self.guard(parts[0]);
        self.terminated(parts, indent);
    }

    fn guard(&mut self, first: &Text) {
        if self.behind_brace {
            return;
        }
        let is_open = || self.before.as_ref().is_some_and(|before| text_ends_open(before.as_str()));
        if may_continue(first.as_str()) && (!self.style.semicolons || is_open()) {
            self.out.push_str(";");
        }
    }

    /// Keeps a statement for the one that follows it. A comment changes nothing.
    fn remember(&mut self, statement: &Stmt) {
        let last = last_part(statement);
        match last {
            Stmt::Source(text) | Stmt::Branch(text) if leading_trivia(text.as_str()) == text.as_str().len() => {}
            Stmt::Source(text) | Stmt::Branch(text) => {
                self.before = Some(text.clone());
                self.behind_brace = false;
            }
            _ => {
                self.before = None;
                self.behind_brace = matches!(last, Stmt::If { .. } | Stmt::Try { .. } | Stmt::Block(_));
            }
        }
    }

    fn branches(&mut self, condition: &Text, then: &[Stmt], otherwise: &[Stmt], indent: &str) {
        self.out.push_str(if self.style.keyword_space { "if " } else { "if" });
        self.out.push(&condition.indented(indent));
        self.before_block();
        self.block(then, indent);
        if otherwise.is_empty() {
            return;
        }
        self.behind_block(indent);
        match otherwise {
            [Stmt::Branch(text)] => {
                self.out.push_str("else ");
                self.out.push(&text.indented(indent));
            }
            [Stmt::If { condition, then, otherwise }] => {
                self.out.push_str("else ");
                self.branches(condition, then, otherwise, indent);
            }
            _ => {
                self.out.push_str("else");
                self.before_block();
                self.block(otherwise, indent);
            }
        }
    }

    fn attempt(&mut self, body: &[Stmt], catch: Option<&Catch>, finally: Option<&[Stmt]>, indent: &str) {
        self.out.push_str("try");
        self.before_block();
        self.block(body, indent);
        if let Some(catch) = catch {
            self.behind_block(indent);
            self.out.push_str(if self.style.keyword_space { "catch (" } else { "catch(" });
            self.out.push(&catch.parameter.indented(indent));
            self.out.push_str(")");
            self.before_block();
            self.block(&catch.body, indent);
        }
        if let Some(finally) = finally {
            self.behind_block(indent);
            self.out.push_str("finally");
            self.before_block();
            self.block(finally, indent);
        }
    }

    fn before_block(&mut self) {
        self.out.push_str(if self.style.block_space { " " } else { "" });
    }

    /// In front of an `else`, a `catch` or a `finally`.
    fn behind_block(&mut self, indent: &str) {
        match self.style.before_else {
            "\n" => {
                self.out.push_str(self.style.newline);
                self.out.push_str(indent);
            }
            gap => self.out.push_str(gap),
        }
    }

    fn block(&mut self, statements: &[Stmt], indent: &str) {
        if statements.iter().all(|s| matches!(s, Stmt::Blank(_))) {
            self.out.push_str("{}");
            self.fresh = false;
            return;
        }
        let inner = format!("{indent}{}", self.style.indent);
        self.out.push_str("{");
        self.out.push_str(self.style.newline);
        self.out.push_str(&inner);
        self.fresh = true;
        self.before = None;
        self.behind_brace = true;
        self.list(statements, &inner);
        self.fresh = false;
        self.out.push_str(self.style.newline);
        self.out.push_str(indent);
        self.out.push_str("}");
    }
}

/// What a statement ends with: its last `else if`, where that came from the file, or the statement itself.
fn last_part(statement: &Stmt) -> &Stmt {
    match statement {
        Stmt::If { otherwise, .. } => match otherwise.as_slice() {
            [branch @ (Stmt::Branch(_) | Stmt::If { .. })] => last_part(branch),
            _ => statement,
        },
        _ => statement,
    }
}

/// Whether an expression would be read as a block or a declaration at the start of a statement.
fn starts_statement(text: &str) -> bool {
    text.starts_with('{') || ["function", "class", "async function", "let ["].iter().any(|word| text.starts_with(word))
}
