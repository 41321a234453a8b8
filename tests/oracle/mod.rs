//! Holds the names of a file against those that `oxc_semantic` finds.
//!
//! Shared by `tests/names.rs` and `examples/names_agreement.rs`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use oxc_allocator::Allocator;
use oxc_ast::ast::{IdentifierReference, TSTypePredicate, TSTypePredicateName};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::Parser;
use oxc_semantic::{Scoping, SemanticBuilder};
use oxc_span::SourceType;
use unpyramid::{semantic::Names, source::SourceFile, syntax::Parsed};

/// For every use of a name, by the byte it starts at, where what it means is first declared.
pub(crate) type Meanings = BTreeMap<usize, Option<usize>>;

/// One file as both see it.
#[derive(Debug)]
pub(crate) struct Comparison {
    /// What the builder under test says.
    pub(crate) ours: Meanings,
    /// What `oxc_semantic` says.
    pub(crate) oracle: Meanings,
}

/// How the two differ about one use of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Difference {
    /// A use only for us.
    OnlyOurs,
    /// A use only for the oracle.
    OnlyOracle,
    /// Resolved only by us.
    ResolvedByUs,
    /// Resolved only by the oracle.
    ResolvedByOracle,
    /// Both resolve it, to different declarations.
    OtherDeclaration,
}

/// Why a file can't be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Skipped {
    /// It is not ours to read.
    NotText,
    /// `tree-sitter` finds a syntax error.
    TreeSitter,
    /// The oracle's parser does.
    Oracle,
}

impl Comparison {
    /// Reads a file both ways.
    pub(crate) fn new(path: &Path, bytes: Vec<u8>) -> Result<Self, Skipped> {
        let source = SourceFile::new(path, bytes).map_err(|_| Skipped::NotText)?;
        let (oracle, predicates) = oracle(path, source.text()).ok_or(Skipped::Oracle)?;
        let parsed = Parsed::new(&source);
        if !parsed.errors().is_empty() {
            return Err(Skipped::TreeSitter);
        }
        let mut ours = ours(&Names::new(&parsed));
        ours.retain(|start, _| !predicates.contains(start));
        Ok(Self { ours, oracle })
    }

    /// All differences, by where they are.
    pub(crate) fn differences(&self) -> Vec<(usize, Difference)> {
        let only_ours = self.ours.keys().filter(|k| !self.oracle.contains_key(k)).map(|k| (*k, Difference::OnlyOurs));
        let others = self.oracle.iter().filter_map(|(start, theirs)| {
            let difference = match (self.ours.get(start), theirs) {
                (None, _) => Difference::OnlyOracle,
                (Some(ours), theirs) if ours == theirs => return None,
                (Some(Some(_)), None) => Difference::ResolvedByUs,
                (Some(None), _) => Difference::ResolvedByOracle,
                (Some(Some(_)), Some(_)) => Difference::OtherDeclaration,
            };
            Some((*start, difference))
        });
        let mut all: Vec<_> = only_ours.chain(others).collect();
        all.sort_unstable();
        all
    }
}

fn ours(names: &Names) -> Meanings {
    let declared_at = |id| names.binding(id).declarations.iter().map(|d| d.start).min();
    names.references().iter().map(|r| (r.range.start, r.binding.and_then(declared_at))).collect()
}

/// What the oracle says of a text, `None` where it can't parse it.
///
/// Beside that, where a type predicate names a parameter (`x is T`, `asserts x`). That is a use for us, because a
/// rename has to reach it, and none for the oracle.
fn oracle(path: &Path, text: &str) -> Option<(Meanings, BTreeSet<usize>)> {
    let allocator = Allocator::default();
    let kind = SourceType::from_path(path).ok()?;
    // Whether a script or a module is for the text to show, unless its name does.
    let by_content = kind.is_javascript() && !matches!(path.extension()?.to_str()?, "mjs" | "cjs");
    let kind = if by_content { kind.with_unambiguous(true).with_jsx(true) } else { kind };
    let parsed = Parser::new(&allocator, text, kind).parse();
    if parsed.panicked || !parsed.diagnostics.is_empty() {
        return None;
    }
    let semantic = SemanticBuilder::new().build(&parsed.program).semantic;
    let mut collect = Collect { scoping: semantic.scoping(), found: Meanings::new(), predicates: BTreeSet::new() };
    collect.visit_program(&parsed.program);
    Some((collect.found, collect.predicates))
}

struct Collect<'s> {
    scoping: &'s Scoping,
    found: Meanings,
    predicates: BTreeSet<usize>,
}

impl<'a> Visit<'a> for Collect<'_> {
    fn visit_identifier_reference(&mut self, identifier: &IdentifierReference<'a>) {
        if identifier.name == "const" {
            // `as const` names no type; the oracle's tree has one of that name there.
            return;
        }
        let reference = identifier.reference_id.get().map(|id| self.scoping.get_reference(id));
        let symbol = reference.and_then(|r| r.symbol_id());
        let declared = symbol.map(|id| self.scoping.symbol_span(id).start as usize);
        self.found.insert(identifier.span.start as usize, declared);
    }

    fn visit_ts_type_predicate(&mut self, predicate: &TSTypePredicate<'a>) {
        if let TSTypePredicateName::Identifier(name) = &predicate.parameter_name {
            self.predicates.insert(name.span.start as usize);
        }
        walk::walk_ts_type_predicate(self, predicate);
    }
}
