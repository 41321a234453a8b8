//! Queries over trees, compiled once a language.

use std::sync::OnceLock;

use tree_sitter::{Node, Query, QueryCursor, StreamingIterator};

use super::parse::{MAX_DEPTH, Parsed, grammar};
use crate::source::Language;

/// The query of one pattern: text in the query language, compiled for a language when it is first asked there.
///
/// Every match marks what it found with the capture `@candidate`.
#[derive(Debug)]
pub struct PatternQuery {
    text: &'static str,
    compiled: [OnceLock<Query>; Language::ALL.len()],
}

impl PatternQuery {
    /// A query from its text, usually `include_str!` of a file under `queries/`.
    pub const fn new(text: &'static str) -> Self {
        Self { text, compiled: [const { OnceLock::new() }; Language::ALL.len()] }
    }

    /// The candidates in a file, in source order, outer before inner. A file that one syntax error has swallowed has
    /// none: nothing in it could be rewritten, and looking for it could take very long. Of candidates in or around the
    /// same [subtree that is too deep](Parsed::deep_part), the first speaks for all.
    ///
    /// # Panics
    /// When the text is not a query of the tree's grammar; `tests/stems.rs` compiles each for every language.
    pub fn candidates<'t>(&self, file: &'t Parsed<'_>) -> Vec<Node<'t>> {
        if file.is_shattered() {
            return Vec::new();
        }
        let language = file.grammar();
        let query = self.compiled[language as usize]
            .get_or_init(|| Query::new(&grammar(language), self.text).unwrap_or_else(|e| panic!("{e}\n{}", self.text)));
        let candidate = query.capture_index_for_name("candidate").expect("a query captures @candidate");
        let mut cursor = QueryCursor::new();
        // The cursor counts levels in sixteen bits, and is lost in a tree that has more.
        cursor.set_max_start_depth(Some(2 * MAX_DEPTH));
        let mut matches = cursor.matches(query, file.root(), file.source.bytes());
        let mut found = Vec::new();
        while let Some(one) = matches.next() {
            found.extend(one.captures().iter().filter(|c| c.index == candidate).map(|c| c.node));
        }
        found.sort_by_key(|n| (n.start_byte(), usize::MAX - n.end_byte()));
        found.dedup();
        let mut last = None;
        found.retain(|node| {
            let deep = file.deep_part(&node.byte_range());
            deep.is_none() || std::mem::replace(&mut last, deep) != deep
        });
        found
    }
}
