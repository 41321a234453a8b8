//! Where the lines of a `Promise.all` break, in the file's own manner.

use tree_sitter::Node;

use super::comments::Notes;
use crate::{
    context::Context,
    flow::{Keyword, Text},
    source::Style,
    syntax::node::{is_comment, walk},
};

/// Widths that people set their formatters to.
const WIDTHS: [usize; 3] = [80, 100, 120];

/// One line in so many may be longer than the width that a file is written for.
const LONG_LINES: usize = 33;

/// How a file breaks its lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// How many characters a line has at most.
    width: usize,
    /// Whether the last item of a list that is broken into lines has a comma behind it.
    trailing_comma: bool,
}

/// What the array is taken apart by.
pub(super) struct Head {
    /// The pattern with its type; `None` where nobody looks at a result.
    pub(super) target: Option<Text>,
    keyword_length: usize,
}

impl Head {
    /// How many characters stand in front of the `await`, the indentation included.
    pub(super) fn last_line_length(&self, indent: &str) -> usize {
        let Some(target) = &self.target else { return indent.chars().count() };
        let last = target.as_str().rsplit('\n').next().unwrap_or_default();
        let before = if target.as_str().contains('\n') { 0 } else { self.keyword_length };
        indent.chars().count() + before + last.chars().count() + " = ".len()
    }
}

/// What stands last in a list whose closing bracket is on a line of its own, comments left out.
fn closing(list: Node<'_>) -> Option<Node<'_>> {
    let mut cursor = list.walk();
    let mut children = list.children(&mut cursor).filter(|c| !is_comment(*c)).collect::<Vec<_>>();
    let bracket = children.pop()?;
    children.pop().filter(|last| last.end_position().row < bracket.start_position().row && last.kind() != "{")
}

impl Layout {
    /// Measures a file.
    pub(super) fn of(cx: &Context<'_>) -> Self {
        let text = cx.file.source.text();
        let lengths: Vec<usize> = text.lines().map(|line| line.trim_end().chars().count()).collect();
        let fits =
            |width: &&usize| lengths.iter().filter(|length| *length > width).count() * LONG_LINES <= lengths.len();
        let width = WIDTHS.iter().find(fits).copied().unwrap_or(WIDTHS[WIDTHS.len() - 1]);
        let (mut with, mut without) = (0, 0);
        walk(cx.file.root(), |n| {
            let is_list = matches!(n.kind(), "array" | "object" | "array_pattern" | "object_pattern" | "named_imports");
            if is_list && n.start_position().row < n.end_position().row {
                match closing(n).map(|last| last.kind() == ",") {
                    Some(true) => with += 1,
                    Some(false) => without += 1,
                    None => {}
                }
            }
            true
        });
        Self { width, trailing_comma: with > without }
    }

    /// `const [a, b]: [A, B]`, or its parts. An element that nobody looks at is a hole; those at the end go.
    pub(super) fn head(
        &self,
        keyword: Option<Keyword>,
        patterns: &[Option<Text>],
        annotation: Option<&Text>,
        indent: &str,
        style: &Style,
    ) -> Head {
        let keyword_length = keyword.map_or(0, |k| k.as_str().len() + 1);
        let Some(last) = patterns.iter().rposition(Option::is_some) else {
            return Head { target: None, keyword_length };
        };
        let mut flat = Text::from("[");
        for (index, pattern) in patterns[..=last].iter().enumerate() {
            if index > 0 {
                flat.push_str(", ");
            }
            if let Some(pattern) = pattern {
                flat.push(pattern);
            }
        }
        flat.push_str("]");
        if let Some(annotation) = annotation {
            flat.push(annotation);
        }
        let length = indent.chars().count() + keyword_length + flat.as_str().chars().count();
        let is_long = length + " = await Promise.all([".len() > self.width;
        if !is_long || flat.as_str().contains('\n') || last == 0 {
            return Head { target: Some(flat), keyword_length };
        }
        let mut broken = Text::from("[");
        for (index, pattern) in patterns[..=last].iter().enumerate() {
            broken.push_str(style.newline);
            broken.push_str(&style.indent);
            if let Some(pattern) = pattern {
                broken.push(&pattern.indented(&style.indent));
            }
            // A hole at the end would need a comma of its own, but there is none.
            if index < last || self.trailing_comma {
                broken.push_str(",");
            }
        }
        broken.push_str(style.newline);
        broken.push_str("]");
        if let Some(annotation) = annotation {
            broken.push(annotation);
        }
        Head { target: Some(broken), keyword_length }
    }

    /// `await Promise.all([f(), g()])`, on one line if that fits and there are no comments.
    pub(super) fn all(&self, items: &[Text], notes: &[Notes], before: usize, style: &Style) -> Text {
        let flat: Vec<&str> = items.iter().map(Text::as_str).collect();
        let line = format!("await Promise.all([{}])", flat.join(", "));
        let commented = notes.iter().any(|n| !n.is_empty());
        let broken = items.iter().any(|i| i.as_str().contains('\n'));
        if !commented && !broken && before + line.chars().count() < self.width {
            return Text::from(line);
        }
        let mut text = Text::from("await Promise.all([");
        for (index, (item, notes)) in items.iter().zip(notes).enumerate() {
            let start = |text: &mut Text| {
                text.push_str(style.newline);
                text.push_str(&style.indent);
            };
            for comment in &notes.leading {
                start(&mut text);
                text.push(&comment.indented(&style.indent));
            }
            start(&mut text);
            text.push(&item.indented(&style.indent));
            if index + 1 < items.len() || self.trailing_comma {
                text.push_str(",");
            }
            for comment in &notes.trailing {
                text.push_str(" ");
                text.push_str(comment);
            }
        }
        text.push_str(style.newline);
        text.push_str("])");
        text
    }
}
