//! Where the lines of a `Promise.all` break, in the file's own manner.

use super::comments::Notes;
use crate::{
    flow::{Keyword, Text},
    source::Style,
};

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

/// `const [a, b]: [A, B]`, or its parts. An element that nobody looks at is a hole; those at the end go.
pub(super) fn head(
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
    let is_long = length + " = await Promise.all([".len() > style.width;
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
        if index < last || style.trailing_comma {
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
pub(super) fn all(items: &[Text], notes: &[Notes], before: usize, style: &Style) -> Text {
    let flat: Vec<&str> = items.iter().map(Text::as_str).collect();
    let line = format!("await Promise.all([{}])", flat.join(", "));
    let commented = notes.iter().any(|n| !n.is_empty());
    let broken = items.iter().any(|i| i.as_str().contains('\n'));
    if !commented && !broken && before + line.chars().count() < style.width {
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
        if index + 1 < items.len() || style.trailing_comma {
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
