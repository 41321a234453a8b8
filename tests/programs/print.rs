//! Trees as text, in the style of one author: tidy, or as files look that many have worked on.

use super::tree::{Hug, Layout, Node, Piece, Sort};

/// Which statements end in a semicolon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Semicolons {
    /// All.
    All,
    /// None.
    None,
    /// Some.
    Mixed,
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    /// Whether it is TypeScript.
    pub(crate) types: bool,
    /// Which statements end in semicolons.
    pub(crate) semicolons: Semicolons,
    /// One level of indentation.
    pub(crate) indent: &'static str,
    /// Whether lines end as on Windows.
    pub(crate) crlf: bool,
    /// Whether strings stand in double quotes.
    pub(crate) double_quotes: bool,
    /// Whether a brace that opens a block stands on a line of its own.
    pub(crate) braces_below: bool,
    /// Whether the dot of a link stands at the end of the line before it.
    pub(crate) dots_behind: bool,
    /// What decides where the layout is odd; 0 where it never is.
    pub(crate) oddness: u64,
}

impl Style {
    /// The style to shrink to.
    pub(crate) const PLAIN: Self = Self {
        types: false,
        semicolons: Semicolons::All,
        indent: "  ",
        crlf: false,
        double_quotes: false,
        braces_below: false,
        dots_behind: false,
        oddness: 0,
    };

    /// This style with one thing less that is not plain, each in its turn.
    pub(crate) fn simpler(self) -> Vec<Self> {
        let plain = Self::PLAIN;
        let all = [
            plain,
            Self { types: self.types, ..plain },
            Self { types: false, ..self },
            Self { semicolons: plain.semicolons, ..self },
            Self { indent: plain.indent, ..self },
            Self { crlf: false, ..self },
            Self { double_quotes: false, ..self },
            Self { braces_below: false, ..self },
            Self { dots_behind: false, ..self },
            Self { oddness: 0, ..self },
        ];
        all.into_iter().filter(|style| *style != self).collect()
    }
}

/// The text of a tree in a style.
pub(crate) fn print(node: &Node, style: Style) -> String {
    let mut printer = Printer { out: String::new(), style };
    printer.node(node, 0);
    let mut text = printer.out;
    if style.double_quotes {
        text = text.replace('\'', "\"");
    }
    if style.crlf {
        text = text.replace('\n', "\r\n");
    }
    text
}

/// What a line may not begin with where the statement in front of it has no semicolon.
const CONTINUES: [char; 6] = ['(', '[', '`', '/', '+', '-'];

struct Printer {
    out: String,
    style: Style,
}

impl Printer {
    fn node(&mut self, node: &Node, depth: usize) {
        for piece in &node.pieces {
            match piece {
                Piece::Text(text) => self.out.push_str(text),
                Piece::Type(text) if self.style.types => self.out.push_str(text),
                Piece::Type(_) => {}
                Piece::Semicolon => self.semicolon(),
                Piece::Remark(number) => self.out.push_str(&format!("/* c{number} */ ")),
                Piece::One(node, hug) => self.hugged(node, *hug, depth),
                Piece::Many(nodes, layout, _) => self.list(nodes, *layout, depth),
            }
        }
    }

    fn hugged(&mut self, node: &Node, hug: Hug, depth: usize) {
        let at = self.out.len();
        self.node(node, depth);
        let needs = match hug {
            Hug::Loose => false,
            Hug::Body => self.out[at..].starts_with('{'),
            Hug::Tight => {
                node.sort != Sort::Promise && !self.out[at..].chars().all(|c| c.is_alphanumeric() || c == '.')
            }
        };
        if needs {
            self.out.insert(at, '(');
            self.out.push(')');
        }
    }

    fn semicolon(&mut self) {
        let has_one = match self.style.semicolons {
            Semicolons::All => true,
            Semicolons::None => false,
            Semicolons::Mixed => hash(0, self.recent()).is_multiple_of(2),
        };
        if has_one {
            self.out.push(';');
        }
    }

    /// What was written last: enough to decide by, and not so much that every change elsewhere changes the decision.
    fn recent(&self) -> &str {
        let start = self.out.len().saturating_sub(12);
        self.out.get(start..).unwrap_or_default()
    }

    /// Whether a text is one of those that the layout is odd at: one of so many.
    fn is_odd(&self, text: &str, one_of: u64) -> bool {
        self.style.oddness != 0 && hash(self.style.oddness, text).is_multiple_of(one_of)
    }

    fn list(&mut self, nodes: &[Node], layout: Layout, depth: usize) {
        match layout {
            Layout::Block if nodes.is_empty() => self.out.push_str("{}"),
            Layout::Block => self.block(nodes, depth),
            Layout::Lines => nodes.iter().for_each(|node| self.line(node, depth)),
            Layout::Commas if nodes.len() > 1 && self.is_odd(self.recent(), 8) => {
                for (at, node) in nodes.iter().enumerate() {
                    self.out.push_str(if at > 0 { ",\n" } else { "\n" });
                    self.indent(depth + 1);
                    self.node(node, depth + 1);
                }
                self.out.push('\n');
                self.indent(depth);
            }
            Layout::Commas => {
                for (at, node) in nodes.iter().enumerate() {
                    self.out.push_str(if at > 0 { ", " } else { "" });
                    self.node(node, depth);
                }
            }
            Layout::Joined => nodes.iter().for_each(|node| self.node(node, depth)),
            Layout::Chain => self.chain(nodes, depth),
        }
    }

    fn block(&mut self, nodes: &[Node], depth: usize) {
        if self.style.braces_below && self.out.ends_with(' ') {
            self.out.pop();
            self.out.push('\n');
            self.indent(depth);
        }
        let at = self.out.len();
        self.out.push_str("{\n");
        nodes.iter().for_each(|node| self.line(node, depth + 1));
        let text = self.out[at + 1..].trim();
        if nodes.len() == 1 && !text.contains('\n') && !text.contains("//") && self.is_odd(text, 3) {
            let line = format!("{{ {text} }}");
            self.out.truncate(at);
            self.out.push_str(&line);
            return;
        }
        self.indent(depth);
        self.out.push('}');
    }

    fn chain(&mut self, nodes: &[Node], depth: usize) {
        for (at, node) in nodes.iter().enumerate() {
            let follows_comment = at > 0 && nodes[at - 1].behind.is_some();
            let dot_behind = self.style.dots_behind && node.above.is_none() && !follows_comment;
            self.out.push_str(if dot_behind { ".\n" } else { "\n" });
            if let Some(number) = node.above {
                self.comment(number, depth + 1);
            }
            self.indent(depth + 1);
            let start = self.out.len();
            self.node(node, depth + 1);
            if dot_behind && self.out[start..].starts_with('.') {
                self.out.remove(start);
            }
            // What ends the statement may stand behind the last link, so no comment does.
            if let Some(number) = node.behind.filter(|_| at + 1 < nodes.len()) {
                self.out.push_str(&format!(" // c{number}"));
            }
        }
    }

    /// A comment on a line of its own.
    fn comment(&mut self, number: u32, depth: usize) {
        self.indent(depth);
        let text = match number % 5 {
            3 if self.style.oddness != 0 => format!("/* c{number} */\n"),
            4 if self.style.oddness != 0 => format!("/** c{number} */\n"),
            _ => format!("// c{number}\n"),
        };
        self.out.push_str(&text);
    }

    fn line(&mut self, node: &Node, depth: usize) {
        let line = self.out.len();
        if let Some(number) = node.above {
            self.comment(number, depth);
        }
        self.indent(depth);
        let at = self.out.len();
        self.node(node, depth);
        let is_statement = node.sort == Sort::Statement;
        if self.style.semicolons != Semicolons::All && is_statement && self.out[at..].starts_with(CONTINUES) {
            self.out.insert(at, ';');
        }
        if is_statement && self.is_odd(&self.out[at..], 9) {
            self.out.insert(line, '\n');
        } else if is_statement && node.above.is_none() && self.is_odd(&self.out[at..], 8) {
            self.join(line, at);
        }
        if let Some(number) = node.behind {
            self.out.push_str(&format!(" // c{number}"));
        }
        self.out.push('\n');
    }

    /// Puts the statement that begins at `at` on the line before its own, where another one ends with a semicolon.
    fn join(&mut self, line: usize, at: usize) {
        if self.out[..line].ends_with(";\n") {
            self.out.replace_range(line - 1..at, " ");
        }
    }

    fn indent(&mut self, depth: usize) {
        self.out.extend(std::iter::repeat_n(self.style.indent, depth));
    }
}

/// FNV-1a (Fowler, Noll and Vo): the same with every compiler, as a seed has to stand for the same programs.
fn hash(seed: u64, text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    // Its lowest bits alone are too regular.
    text.bytes().fold(0xCBF2_9CE4_8422_2325 ^ seed, step) >> 7
}
