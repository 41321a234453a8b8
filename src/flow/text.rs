//! Source text on the move: it can be indented anew without touching what must not change.

use std::ops::Range;

use tree_sitter::Node;

use crate::{
    edit::Edit,
    syntax::{Parsed, node},
};

/// A piece of code whose lines, from the second on, are indented relative to the first.
///
/// Lines that start inside a template literal or another literal that spans lines are frozen: their indentation
/// is content, and no printer may change it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    string: String,
    /// Offsets into `string` of the line starts that are frozen, ascending.
    frozen: Vec<usize>,
}

impl Text {
    /// The text of a range of a file after some edits in it, with the indentation of the range's first line taken
    /// off the others. The edits are sorted and disjoint and lie within the range; their own lines are indented as
    /// the file is around them.
    pub fn moved(file: &Parsed<'_>, range: Range<usize>, edits: &[(Range<usize>, Self)]) -> Self {
        let mut text = Self::default();
        let frozen = frozen_lines(file, &range);
        let source = file.source.text();
        let mut done = range.start;
        for (place, replacement) in edits {
            text.push_source(source, done..place.start, &frozen);
            text.push(replacement);
            done = place.end;
        }
        text.push_source(source, done..range.end, &frozen);
        text.outdented(file.source.indent_at(range.start))
    }

    /// The text of a range of a file after edits that replace single words.
    pub fn renamed(file: &Parsed<'_>, range: Range<usize>, edits: &[Edit]) -> Self {
        let edits: Vec<_> = edits.iter().map(|e| (e.range.clone(), Self::from(e.text.as_str()))).collect();
        Self::moved(file, range, &edits)
    }

    /// The text as a string.
    pub fn as_str(&self) -> &str {
        &self.string
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.string.is_empty()
    }

    /// Whether the text is a name, a string, a member or a call of one, so that an operator in front of it takes all of
    /// it. Told by its characters, so what may be a comment, a pattern or a template counts as something else.
    pub fn is_postfix(&self) -> bool {
        let (mut depth, mut quote) = (0_usize, None);
        let mut rest = self.string.chars().peekable();
        while let Some(c) = rest.next() {
            match (c, quote) {
                ('\\', Some(_)) => drop(rest.next()),
                (_, Some(open)) if c == open => quote = None,
                (_, Some(_)) => {}
                ('\'' | '"', None) => quote = Some(c),
                ('/' | '`', None) => return false,
                ('(' | '[' | '{', None) => depth += 1,
                (')' | ']' | '}', None) => depth = depth.saturating_sub(1),
                ('?', None) if depth == 0 => {
                    let is_member = rest.next_if_eq(&'.').is_some() && !rest.peek().is_some_and(char::is_ascii_digit);
                    if !is_member {
                        return false;
                    }
                }
                _ if depth > 0 || c.is_alphanumeric() || matches!(c, '_' | '$' | '.') => {}
                _ => return false,
            }
        }
        !self.string.starts_with('{')
    }

    /// Appends another text as it is.
    pub fn push(&mut self, other: &Self) {
        let offset = self.string.len();
        self.frozen.extend(other.frozen.iter().map(|at| at + offset));
        self.string.push_str(&other.string);
    }

    /// Appends a string; none of its lines is frozen.
    pub fn push_str(&mut self, other: &str) {
        self.string.push_str(other);
    }

    fn push_source(&mut self, source: &str, range: Range<usize>, frozen: &[usize]) {
        let offset = self.string.len();
        let inside = frozen.iter().filter(|at| range.start <= **at && **at < range.end);
        self.frozen.extend(inside.map(|at| at - range.start + offset));
        self.string.push_str(&source[range]);
    }

    /// Maps every line from the second on that is not frozen; blank lines stay blank. Where nothing comes of a line, it is frozen.
    fn map_lines(&self, map: impl Fn(&str) -> Option<String>) -> Self {
        let mut out = Self::default();
        let mut at = 0;
        for line in self.string.split_inclusive('\n') {
            let stays = at == 0 || line.trim().is_empty();
            let mapped = if stays { Some(line.to_owned()) } else { map(line) };
            match mapped.filter(|_| !self.frozen.contains(&at)) {
                Some(mapped) => out.string.push_str(&mapped),
                None => {
                    out.frozen.push(out.string.len());
                    out.string.push_str(line);
                }
            }
            at += line.len();
        }
        out
    }

    /// The text with an indentation taken off every line but the first; a line that has less loses what it has. One that has
    /// another, spaces among tabs, is frozen: nobody can tell how wide they are meant to be.
    pub fn outdented(&self, indent: &str) -> Self {
        self.map_lines(|line| {
            let shared = indent.bytes().zip(line.bytes()).take_while(|(a, b)| a == b).count();
            let is_other = shared < indent.len() && line[shared..].starts_with([' ', '\t']);
            (!is_other).then(|| line[shared..].to_owned())
        })
    }

    /// The text with an indentation put before every line but the first.
    pub fn indented(&self, indent: &str) -> Self {
        self.map_lines(|line| Some(format!("{indent}{line}")))
    }

    /// The text without a `;` that stands on a line of its own at the end: it keeps the next line from going on with this one,
    /// and has a place in front of what needs that.
    pub fn without_semicolon_below(&self) -> Self {
        let line = self.string.strip_suffix(';').map(|rest| rest.trim_end_matches([' ', '\t']));
        match line.filter(|rest| rest.ends_with('\n')) {
            Some(rest) => Self { string: rest.trim_end().to_owned(), frozen: self.frozen.clone() },
            None => self.clone(),
        }
    }

    /// The text without blank space around it.
    pub fn trimmed(&self) -> Self {
        let start = self.string.len() - self.string.trim_start().len();
        let string = self.string.trim().to_owned();
        let frozen = self.frozen.iter().filter(|at| **at >= start && **at <= start + string.len());
        Self { frozen: frozen.map(|at| at - start).collect(), string }
    }
}

impl From<&str> for Text {
    fn from(string: &str) -> Self {
        Self { string: string.to_owned(), frozen: Vec::new() }
    }
}

impl From<String> for Text {
    fn from(string: String) -> Self {
        Self { string, frozen: Vec::new() }
    }
}

/// The line starts in a range that lie inside a literal that spans lines.
fn frozen_lines(file: &Parsed<'_>, range: &Range<usize>) -> Vec<usize> {
    let source = file.source.text();
    let mut frozen = Vec::new();
    if !source[range.clone()].contains('\n') {
        return frozen;
    }
    let root = file.root().descendant_for_byte_range(range.start, range.end).unwrap_or_else(|| file.root());
    node::walk(root, |n: Node<'_>| {
        if n.start_byte() >= range.end || n.end_byte() <= range.start {
            return false;
        }
        if matches!(n.kind(), "string_fragment" | "string") {
            let inside = &source[n.byte_range()];
            frozen.extend(inside.match_indices('\n').map(|(at, _)| n.start_byte() + at + 1));
        }
        // The text of a template lies between its substitutions, and has no node of its own in every grammar.
        if n.kind() == "template_string" {
            frozen.extend(template_line_starts(n, source));
        }
        true
    });
    frozen.sort_unstable();
    frozen.dedup();
    frozen
}

fn template_line_starts(template: Node<'_>, source: &str) -> Vec<usize> {
    let mut cursor = template.walk();
    let holes: Vec<_> = template
        .children(&mut cursor)
        .filter(|c| c.kind() == "template_substitution")
        .map(|c| c.byte_range())
        .collect();
    let range = template.byte_range();
    let starts = source[range.clone()].match_indices('\n').map(|(at, _)| range.start + at + 1);
    starts.filter(|at| !holes.iter().any(|h| h.start < *at && *at < h.end)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;

    #[test]
    fn an_operator_in_front_takes_all_of_names_members_and_calls() {
        for text in ["load", "a.b", "a?.b(c ? d : e)", "'x ? y'.length", "load(1, [2])"] {
            assert!(Text::from(text).is_postfix(), "{text}");
        }
        for text in [
            "a ? b : c",
            "a ?.5 : c",
            "a ?? b",
            "a??b",
            "load(`a`)",
            "load(/a/)",
            "a + b",
            "`a`",
            "/a/",
            "a/b",
            "{ a }",
        ] {
            assert!(!Text::from(text).is_postfix(), "{text}");
        }
    }

    #[test]
    fn only_the_lines_of_literals_that_are_moved_stay_where_they_are() {
        let code = "const a = `x\ny`;\nf(`1\n2`,\n3);\nconst b = `x\ny`;\n";
        let source = SourceFile::new("a.js", code.into()).expect("a known extension");
        let file = Parsed::new(&source);
        let range = code.find(";\nf").expect("an end") + 1..code.find("\nconst b").expect("a start");
        let moved = Text::moved(&file, range, &[]).indented("  ");
        assert_eq!(moved.as_str(), "\n  f(`1\n2`,\n  3);");
    }
}
