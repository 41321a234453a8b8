//! From a source file to a tree.

use std::{cell::RefCell, ops::Range};

use tree_sitter::{Node, Parser, Tree};

use super::style;
use crate::source::{Language, SourceFile, Style};

thread_local! {
    /// One parser a thread: making one is dear beside parsing a small file.
    static PARSER: RefCell<Parser> = RefCell::new(Parser::new());
}

/// The grammar of a language.
pub(crate) fn grammar(language: Language) -> tree_sitter::Language {
    match language {
        Language::JavaScript => tree_sitter_javascript::LANGUAGE.into(),
        Language::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
        Language::Tsx => tree_sitter_typescript::LANGUAGE_TSX.into(),
    }
}

/// A stretch of a file that does not fit the grammar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The bytes at fault; empty where something is missing.
    pub range: Range<usize>,
}

/// A source file with its tree.
#[derive(Debug)]
pub struct Parsed<'s> {
    /// The file that was parsed.
    pub source: &'s SourceFile,
    tree: Tree,
    errors: Vec<SyntaxError>,
    comments: Vec<Range<usize>>,
}

impl<'s> Parsed<'s> {
    /// Parses a file. There is always a tree; what does not fit the grammar is in [`errors`](Self::errors).
    pub fn new(source: &'s SourceFile) -> Self {
        let tree = PARSER.with_borrow_mut(|parser| {
            parser.set_language(&grammar(source.language())).expect("the grammars fit the library they are built with");
            parser.reset();
            parser.parse(source.text(), None).expect("parsing ends: no timeout is set")
        });
        let (errors, comments) = survey(&tree);
        Self { source, tree, errors, comments }
    }

    /// The node of the whole file.
    pub fn root(&self) -> Node<'_> {
        self.tree.root_node()
    }

    /// Everything that does not fit the grammar, in order.
    pub fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }

    /// Whether a syntax error lies within, or touches, a range.
    pub fn has_error_in(&self, range: &Range<usize>) -> bool {
        self.errors.iter().any(|e| e.range.start <= range.end && e.range.end >= range.start)
    }

    /// The ranges of all comments, in order.
    pub fn comments(&self) -> &[Range<usize>] {
        &self.comments
    }

    /// The ranges of the comments that lie within a range.
    pub fn comments_in(&self, range: &Range<usize>) -> &[Range<usize>] {
        let from = self.comments.partition_point(|c| c.start < range.start);
        let to = self.comments.partition_point(|c| c.end <= range.end).max(from);
        &self.comments[from..to]
    }

    /// The text of a node.
    pub fn text(&self, node: Node<'_>) -> &'s str {
        &self.source.text()[node.byte_range()]
    }

    /// The style that the file is written in.
    pub fn style(&self) -> Style {
        style::measure(self)
    }
}

/// Errors and comments, in one walk over the tree.
fn survey(tree: &Tree) -> (Vec<SyntaxError>, Vec<Range<usize>>) {
    let mut errors = Vec::new();
    let mut comments = Vec::new();
    let mut cursor = tree.walk();
    'walk: loop {
        let node = cursor.node();
        let outermost_error = node.is_error() || node.is_missing();
        if outermost_error {
            errors.push(SyntaxError { range: node.byte_range() });
        }
        if matches!(node.kind(), "comment" | "html_comment") {
            comments.push(node.byte_range());
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                break 'walk;
            }
        }
    }
    (errors, comments)
}
