//! From the lowered form to code in a file's own style.

use super::{Catch, Stmt, Text};
use crate::{
    source::Style,
    syntax::statement::{leading_trivia, may_continue},
};

/// Writes statements at an indentation. The first line is not indented, and there is no line end after the last:
/// the result takes the place of a statement.
pub fn print(statements: &[Stmt], indent: &str, style: &Style) -> Text {
    let mut printer = Printer { out: Text::default(), style, fresh: true, open: false };
    printer.list(statements, indent);
    printer.out
}

/// Writes a block with its braces; the closing brace stands at `indent`.
pub fn print_block(statements: &[Stmt], indent: &str, style: &Style) -> Text {
    let mut printer = Printer { out: Text::default(), style, fresh: true, open: false };
    printer.block(statements, indent);
    printer.out
}

struct Printer<'s> {
    out: Text,
    style: &'s Style,
    /// Nothing has been written in this list yet, or its first line is already begun.
    fresh: bool,
    /// The statement before this one came from the file without a semicolon at its end.
    open: bool,
}

impl Printer<'_> {
    fn list(&mut self, statements: &[Stmt], indent: &str) {
        let mut blank = false;
        for statement in statements {
            match statement {
                Stmt::Blank => blank = !self.fresh,
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
                    if blank {
                        self.out.push_str(self.style.newline);
                    }
                    self.start_line(indent);
                    self.statement(statement, indent);
                    self.open = is_open(statement, self.open);
                    blank = false;
                }
            }
        }
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
            Stmt::Blank | Stmt::Trailing(_) => {}
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
        if may_continue(first.as_str()) && (self.open || !self.style.semicolons) {
            self.out.push_str(";");
        }
    }

    fn branches(&mut self, condition: &Text, then: &[Stmt], otherwise: &[Stmt], indent: &str) {
        self.out.push_str("if ");
        self.out.push(&condition.indented(indent));
        self.out.push_str(" ");
        self.block(then, indent);
        match otherwise {
            [] => {}
            [Stmt::Branch(text)] => {
                self.out.push_str(" else ");
                self.out.push(&text.indented(indent));
            }
            [Stmt::If { condition, then, otherwise }] => {
                self.out.push_str(" else ");
                self.branches(condition, then, otherwise, indent);
            }
            _ => {
                self.out.push_str(" else ");
                self.block(otherwise, indent);
            }
        }
    }

    fn attempt(&mut self, body: &[Stmt], catch: Option<&Catch>, finally: Option<&[Stmt]>, indent: &str) {
        self.out.push_str("try ");
        self.block(body, indent);
        if let Some(catch) = catch {
            self.out.push_str(" catch (");
            self.out.push(&catch.parameter.indented(indent));
            self.out.push_str(") ");
            self.block(&catch.body, indent);
        }
        if let Some(finally) = finally {
            self.out.push_str(" finally ");
            self.block(finally, indent);
        }
    }

    fn block(&mut self, statements: &[Stmt], indent: &str) {
        if statements.iter().all(|s| matches!(s, Stmt::Blank)) {
            self.out.push_str("{}");
            self.fresh = false;
            return;
        }
        let inner = format!("{indent}{}", self.style.indent);
        self.out.push_str("{");
        self.out.push_str(self.style.newline);
        self.out.push_str(&inner);
        self.fresh = true;
        self.open = false;
        self.list(statements, &inner);
        self.fresh = false;
        self.out.push_str(self.style.newline);
        self.out.push_str(indent);
        self.out.push_str("}");
    }
}

/// Whether an expression would be read as a block or a declaration at the start of a statement.
fn starts_statement(text: &str) -> bool {
    text.starts_with('{') || ["function", "class", "async function", "let ["].iter().any(|word| text.starts_with(word))
}

/// Whether what follows a statement may become part of it. Statements that are written anew end as the file's style has
/// it; those that come from the file end as they did there. A comment changes nothing.
fn is_open(statement: &Stmt, before: bool) -> bool {
    let (Stmt::Source(text) | Stmt::Branch(text)) = statement else { return false };
    let text = text.as_str();
    if leading_trivia(text) == text.len() {
        return before;
    }
    let is_closed = |code: &str| code.is_empty() || code.starts_with("//") || code.starts_with("/*");
    let is_quoted = text.ends_with(['\'', '"', '`']);
    let has_end = text.rfind(';').is_some_and(|at| is_closed(text[at + 1..].trim_start()) && !is_quoted);
    let code = &text[leading_trivia(text)..];
    let first = code.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let is_block = code.starts_with('{') || BLOCK_WORDS.contains(&first);
    !(has_end || text.ends_with('}') && is_block)
}

/// Words that start a statement which is over at a closing brace.
const BLOCK_WORDS: [&str; 9] = ["if", "for", "while", "switch", "try", "function", "class", "async", "with"];
