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

/// How deep a tree may be for its nodes to be judged. People stay far below; programs that write long sums or chains
/// get this deep, and there every question about what stands around a node takes its time.
pub(super) const MAX_DEPTH: u32 = 500;

/// How many tokens in a row an error may hold for the file still to be queried: at each of them a query looks ahead
/// for the next node, so many of them take the square of their number.
const MAX_ERROR_TOKENS: usize = 10_000;

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
    language: Language,
    tree: Tree,
    survey: Survey,
}

/// What one walk over a tree finds.
#[derive(Debug, Default)]
struct Survey {
    errors: Vec<SyntaxError>,
    misreadings: Vec<Range<usize>>,
    comments: Vec<Range<usize>>,
    /// What is nested deeper than [`MAX_DEPTH`].
    deep: Vec<Range<usize>>,
    /// Whether there is an error with more than [`MAX_ERROR_TOKENS`].
    shattered: bool,
}

impl<'s> Parsed<'s> {
    /// Parses a file. There is always a tree; what does not fit the grammar is in [`errors`](Self::errors).
    ///
    /// A script that does not fit its own grammar is tried with that of TSX, and read with that if it fits without
    /// a single error. The grammar of JavaScript knows no attribute of JSX that is named like a keyword
    /// (`<label for="a" class="b">`), and none of the annotations of Flow, many of which are those of TypeScript.
    pub fn new(source: &'s SourceFile) -> Self {
        let first = Self::with_grammar(source, source.language());
        if first.errors().is_empty() || source.language() != Language::JavaScript {
            return first;
        }
        let second = Self::with_grammar(source, Language::Tsx);
        if second.errors().is_empty() { second } else { first }
    }

    fn with_grammar(source: &'s SourceFile, language: Language) -> Self {
        let tree = PARSER.with_borrow_mut(|parser| {
            parser.set_language(&grammar(language)).expect("the grammars fit the library they are built with");
            parser.reset();
            parser.parse(source.text(), None).expect("parsing ends: no timeout is set")
        });
        let survey = survey(&tree);
        Self { source, language, tree, survey }
    }

    /// The language whose grammar the tree follows. Mostly that of the file, but see [`new`](Self::new); what may be
    /// *written* into the file is a question to the file's own language.
    pub fn grammar(&self) -> Language {
        self.language
    }

    /// The node of the whole file.
    pub fn root(&self) -> Node<'_> {
        self.tree.root_node()
    }

    /// Everything that does not fit the grammar, in order.
    pub fn errors(&self) -> &[SyntaxError] {
        &self.survey.errors
    }

    /// The blocks that the grammar takes for an object, in order: `{ a: f() }` as a statement. No statement begins with an
    /// object (ECMA-262 14.5, the lookahead of ExpressionStatement), so what the tree says of them is wrong, though the file
    /// is not. The body of an arrow function is not among them: it is a single expression to the tree, and stays where it is.
    pub fn misreadings(&self) -> &[Range<usize>] {
        &self.survey.misreadings
    }

    /// Whether code that the tree does not tell the meaning of lies within, or touches, a range: a syntax error, or what is
    /// misread.
    pub fn has_error_in(&self, range: &Range<usize>) -> bool {
        let touches = |error: &Range<usize>| error.start <= range.end && error.end >= range.start;
        self.survey.errors.iter().any(|e| touches(&e.range)) || self.survey.misreadings.iter().any(touches)
    }

    /// The subtree around a range, if it lies so deep in the tree that nothing in it is judged.
    pub fn too_deep(&self, range: &Range<usize>) -> Option<&Range<usize>> {
        let next = self.survey.deep.partition_point(|d| d.start <= range.start);
        self.survey.deep[..next].last().filter(|d| range.end <= d.end)
    }

    /// A subtree that lies too deep in the tree, and that a range lies in or has in it. To judge code means to ask what
    /// stands in it and around it, and either takes very long there.
    pub fn deep_part(&self, range: &Range<usize>) -> Option<&Range<usize>> {
        let next = self.survey.deep.partition_point(|d| d.start < range.start);
        self.too_deep(range).or_else(|| self.survey.deep.get(next).filter(|d| d.end <= range.end))
    }

    /// Whether an error has swallowed so much of the file that a query over the rest would take too long.
    pub(super) fn is_shattered(&self) -> bool {
        self.survey.shattered
    }

    /// The ranges of all comments, in order.
    pub fn comments(&self) -> &[Range<usize>] {
        &self.survey.comments
    }

    /// The ranges of the comments that lie within a range.
    pub fn comments_in(&self, range: &Range<usize>) -> &[Range<usize>] {
        let from = self.survey.comments.partition_point(|c| c.start < range.start);
        let to = self.survey.comments.partition_point(|c| c.end <= range.end).max(from);
        &self.survey.comments[from..to]
    }

    /// The text of a node.
    pub fn text(&self, node: Node<'_>) -> &'s str {
        &self.source.text()[node.byte_range()]
    }

    /// What the code around a node is indented by from one level to the next, where a block around it shows that.
    pub fn indent_around(&self, node: Node<'_>) -> Option<&'s str> {
        let blocks = super::node::ancestors(node).filter(|n| n.kind() == "statement_block");
        blocks.filter_map(|block| style::indent_step(self, block)).next()
    }

    /// The style that the file is written in.
    pub fn style(&self) -> Style {
        style::measure(self)
    }
}

/// All that is to be known of a tree, in one walk over it.
fn survey(tree: &Tree) -> Survey {
    let mut found = Survey::default();
    let mut cursor = tree.walk();
    // Counted here because the cursor would count anew whenever it is asked.
    let mut depth = 0;
    // Where the last expression statement begins.
    let mut statement = None;
    'walk: loop {
        let node = cursor.node();
        match node.kind() {
            "expression_statement" => statement = Some(node.start_byte()),
            "object" if statement == Some(node.start_byte()) => found.misreadings.push(node.byte_range()),
            "comment" | "html_comment" => found.comments.push(node.byte_range()),
            _ => {}
        }
        if node.is_error() || node.is_missing() {
            found.errors.push(SyntaxError { range: node.byte_range() });
            found.shattered |= node.child_count() as usize > MAX_ERROR_TOKENS;
        }
        // A leaf is no subtree.
        if depth == MAX_DEPTH && node.child_count() > 0 {
            found.deep.push(node.byte_range());
        }
        if cursor.goto_first_child() {
            depth += 1;
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                break 'walk;
            }
            depth -= 1;
        }
    }
    found
}
