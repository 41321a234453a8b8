//! Comments that silence findings.
//!
//! `// unpyramid-ignore PATTERN: reason` silences what starts on the next line of code, or in the statement that
//! starts there; `unpyramid-ignore-file`, among the comments at the top of a file, the whole file. Several
//! patterns stand side by side, with commas or blanks between; without any, every pattern is meant.

use crate::{
    source::Position,
    syntax::{Parsed, node},
};

/// A silencing comment that names a pattern which does not exist, so that it silences nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownSilence {
    /// Where the comment stands.
    pub position: Position,
    /// The name.
    pub pattern: String,
}

/// The silencing comments of one file.
#[derive(Debug, Default)]
pub(super) struct Silences {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    comment: usize,
    /// The line that is silenced; `None` for the whole file.
    line: Option<usize>,
    /// The patterns; every one when empty.
    patterns: Vec<String>,
}

impl Entry {
    fn names(&self, pattern: &str) -> bool {
        self.patterns.is_empty() || self.patterns.iter().any(|p| p == pattern)
    }
}

impl Silences {
    /// Reads the comments of a file.
    pub(super) fn read(file: &Parsed<'_>) -> Self {
        if memchr::memmem::find(file.source.bytes(), b"unpyramid-ignore").is_none() {
            return Self::default();
        }
        let top = top_end(file);
        let comments = file.comments();
        let entries = comments.iter().enumerate().filter_map(|(index, comment)| {
            let (whole_file, patterns) = directive(&file.source.text()[comment.clone()])?;
            if whole_file && comment.start >= top {
                return None;
            }
            let line = (!whole_file).then(|| line_after(file, index));
            Some(Entry { comment: comment.start, line, patterns })
        });
        Self { entries: entries.collect() }
    }

    /// Whether a finding of `pattern` that starts at `byte` is silenced.
    pub(super) fn covers(&self, pattern: &str, file: &Parsed<'_>, byte: usize) -> bool {
        let mut entries = self.entries.iter().filter(|e| e.names(pattern)).peekable();
        if entries.peek().is_none() {
            return false;
        }
        let lines = [file.source.position(byte).line, statement_line(file, byte)];
        entries.any(|e| e.line.is_none_or(|line| lines.contains(&line)))
    }

    /// The names that are no pattern's.
    pub(super) fn unknown(&self, known: &[&str], file: &Parsed<'_>) -> Vec<UnknownSilence> {
        let names = self.entries.iter().flat_map(|e| e.patterns.iter().map(move |p| (e.comment, p)));
        names
            .filter(|(_, p)| !known.contains(&p.as_str()))
            .map(|(at, p)| UnknownSilence { position: file.source.position(at), pattern: p.clone() })
            .collect()
    }
}

/// What a comment says: whether it speaks for the whole file, and of which patterns.
fn directive(comment: &str) -> Option<(bool, Vec<String>)> {
    let inner = comment.trim_start_matches(['/', '*']).trim_end_matches("*/").trim();
    let rest = inner.strip_prefix("unpyramid-ignore")?;
    let (whole_file, rest) = match rest.strip_prefix("-file") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    // `unpyramid-ignored` or `unpyramid-ignore-block` is not ours.
    if !rest.is_empty() && !rest.starts_with([':', ' ', '\t', '\r', '\n', ',']) {
        return None;
    }
    let list = rest.split([':', '\n']).next().unwrap_or_default();
    let patterns = list.split([',', ' ', '\t', '\r']).filter(|p| !p.is_empty()).map(str::to_owned).collect();
    Some((whole_file, patterns))
}

/// The line that a comment stands above. Further comments in between are passed over, so that two of them can be
/// stacked.
fn line_after(file: &Parsed<'_>, index: usize) -> usize {
    let line_of = |byte| file.source.position(byte).line;
    let mut next = line_of(file.comments()[index].end) + 1;
    for comment in &file.comments()[index + 1..] {
        if line_of(comment.start) != next || !file.source.is_first_on_line(comment.start) {
            break;
        }
        let end = line_of(comment.end);
        // A comment with code after it on its line is a part of the line that is meant.
        let rest = file.source.text()[comment.end..].split('\n').next().unwrap_or_default();
        if !rest.trim().is_empty() {
            break;
        }
        next = end + 1;
    }
    next
}

/// The line on which the statement or class member around a byte starts.
fn statement_line(file: &Parsed<'_>, byte: usize) -> usize {
    let mut start = byte;
    let mut cursor = file.root().walk();
    loop {
        let holder =
            matches!(cursor.node().kind(), "program" | "statement_block" | "class_body" | "switch_case" | "object");
        if cursor.goto_first_child_for_byte(byte).is_none() || cursor.node().start_byte() > byte {
            return file.source.position(start).line;
        }
        if holder && cursor.node().is_named() && !node::is_comment(cursor.node()) {
            start = cursor.node().start_byte();
        }
    }
}

/// Where the first statement that is no directive starts: comments before it stand at the top of the file.
fn top_end(file: &Parsed<'_>) -> usize {
    let mut cursor = file.root().walk();
    let is_directive = |n: &crate::syntax::Node<'_>| {
        n.kind() == "expression_statement" && n.named_child(0).is_some_and(|c| c.kind() == "string")
    };
    file.root()
        .named_children(&mut cursor)
        .find(|n| !node::is_comment(*n) && n.kind() != "hash_bang_line" && !is_directive(n))
        .map_or(usize::MAX, |n| n.start_byte())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;

    fn covered(text: &str, pattern: &str, needle: &str) -> bool {
        let source = SourceFile::new("a.js", text.as_bytes().to_vec()).unwrap();
        let file = Parsed::new(&source);
        Silences::read(&file).covers(pattern, &file, text.find(needle).unwrap())
    }

    #[test]
    fn the_line_above_silences_its_pattern_only() {
        let text = "// unpyramid-ignore zalgo: known\nreturn_it(here());\nthere();\n";
        assert!(covered(text, "zalgo", "here"));
        assert!(!covered(text, "then-chain", "here"));
        assert!(!covered(text, "zalgo", "there"));
    }

    #[test]
    fn comments_can_be_stacked_and_lists_be_given() {
        let text = "// unpyramid-ignore a, b: why\n/* unpyramid-ignore c */\nhere();\n";
        assert!(["a", "b", "c"].iter().all(|p| covered(text, p, "here")));
        assert!(!covered(text, "d", "here"));
        assert!(covered("// unpyramid-ignore\r\nhere();\r\n", "anything", "here"));
    }

    #[test]
    fn comments_further_down_and_beside_code_are_not_stacked() {
        let further = "// unpyramid-ignore a\nhere();\n// a remark\nthere();\n";
        let behind = "// unpyramid-ignore a\nhere(); // a remark\nthere();\n";
        let before = "// unpyramid-ignore a\n/* a remark */ here();\nthere();\n";
        for text in [further, behind, before] {
            assert!(covered(text, "a", "here"), "{text}");
            assert!(!covered(text, "a", "there"), "{text}");
        }
    }

    #[test]
    fn a_comment_above_a_statement_reaches_what_starts_on_its_later_lines() {
        let text = "function f() {\n  // unpyramid-ignore a\n  const x = 1 +\n    here();\n  there();\n}\n";
        assert!(covered(text, "a", "here"));
        assert!(!covered(text, "a", "there"));
    }

    #[test]
    fn the_file_comment_counts_at_the_top_only() {
        assert!(covered("#!/usr/bin/env node\n'use strict';\n// unpyramid-ignore-file a: old\nhere();", "a", "here"));
        assert!(covered("// unpyramid-ignore-file a: old\none();\nhere();", "a", "here"));
        assert!(!covered("one();\n// unpyramid-ignore-file a\nhere();", "a", "here"));
        assert!(!covered("// unpyramid-ignored a\nhere();", "a", "here"));
    }
}
