//! One look at a file: its tree, and lazily its names and early errors; the judging of all candidates.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Range,
};

use super::{
    boundary::separate,
    checker::hold_to_type_checker,
    id::{finding_id, fingerprint},
    surroundings::hold_to_surroundings,
    taint::{Taint, disposals, taints, unseen_uses},
};
use crate::{
    apis::Apis,
    context::Context,
    edit::{Edit, Refusal, RefusalCode},
    flow::callback::results,
    project::{CallbackFunctions, LibraryUses, OtherFiles, Packages},
    semantic::{Names, early_errors},
    source::Style,
    syntax::{
        Node, Parsed,
        node::{ancestors, is_function},
    },
    transform::{Finding, Transform},
    tuning::Tuning,
};

/// What a pattern's query has found.
struct Candidate<'p, 't> {
    transform: &'p dyn Transform,
    node: Node<'t>,
    /// Whether it is nested too deeply to be judged, or something in it is.
    is_deep: bool,
    /// What the code around it is indented by, where that is not what most of the file is.
    indent: Option<&'t str>,
}

/// A finding and its id.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) id: String,
    pub(super) finding: Finding,
}

/// What is known from outside a file.
pub(super) struct Knowledge<'k> {
    /// Known APIs.
    pub(super) apis: &'k Apis,
    /// What the user decided about waiting.
    pub(super) tuning: &'k Tuning,
    /// The packages of the run.
    pub(super) packages: &'k Packages,
    /// What there is in the other files of the run.
    pub(super) others: &'k OtherFiles,
}

/// What is known of a file during a pass. What only some files need is made when it is first asked for.
pub(super) struct Pass<'a> {
    pub(super) file: &'a Parsed<'a>,
    names: OnceCell<Names>,
    early_errors: OnceCell<BTreeMap<String, usize>>,
}

impl<'a> Pass<'a> {
    pub(super) fn new(file: &'a Parsed<'a>) -> Self {
        Self { file, names: OnceCell::new(), early_errors: OnceCell::new() }
    }

    /// What the file's names mean.
    pub(super) fn names(&self) -> &Names {
        self.names.get_or_init(|| Names::new(self.file))
    }

    /// How often each early error occurs. Edits move code about, so errors are told apart by what they say.
    pub(super) fn early_errors(&self) -> &BTreeMap<String, usize> {
        self.early_errors.get_or_init(|| {
            let mut counts = BTreeMap::new();
            for error in early_errors(self.file, self.names()) {
                *counts.entry(error.message).or_default() += 1;
            }
            counts
        })
    }

    /// Judges the candidates of the given patterns: findings in source order, outer before inner, and in the
    /// order of the patterns where they cover the same code.
    pub(super) fn judge(&self, transforms: &[&dyn Transform], known: &Knowledge<'_>) -> Vec<Found> {
        let candidates: Vec<_> = transforms.iter().map(|t| (t, t.query().candidates(self.file))).collect();
        if candidates.iter().all(|(_, nodes)| nodes.is_empty()) {
            return Vec::new();
        }
        let style = self.file.style();
        // Old files are written by several hands: new code is indented as the code around it is.
        let indent_around = |node| self.file.indent_around(node).filter(|indent| *indent != style.indent);
        let candidates: Vec<_> = candidates
            .into_iter()
            .flat_map(|(transform, nodes)| nodes.into_iter().map(move |node| (*transform, node)))
            .map(|(transform, node)| match self.file.deep_part(&node.byte_range()) {
                Some(_) => Candidate { transform, node, is_deep: true, indent: None },
                None => Candidate { transform, node, is_deep: false, indent: indent_around(node) },
            })
            .collect();
        let indents: BTreeSet<&str> = candidates.iter().filter_map(|c| c.indent).collect();
        let others: Vec<_> = indents.iter().map(|i| Style { indent: (*i).to_owned(), ..style.clone() }).collect();
        // What is known of all files is known of this one.
        let alone = if known.others.library.is_empty() { LibraryUses::of(self.file) } else { LibraryUses::default() };
        let library = if known.others.library.is_empty() { &alone } else { &known.others.library };
        let mut own = CallbackFunctions::default();
        if known.others.callbacks.is_empty() {
            let alone = Context::new(self.file, self.names(), &style, known.apis, library, &own);
            let found = results::of_file(&alone);
            own = found;
        }
        let callbacks = if own.is_empty() { &known.others.callbacks } else { &own };
        let mut context = Context::new(self.file, self.names(), &style, known.apis, library, callbacks);
        context.tuning = known.tuning;
        context.package = known.packages.of_file(self.file.source.path());
        context.mentions = Some(&known.others.mentions);
        context.forms = Some(&known.others.forms);
        context.summaries = known.others.summaries.as_deref();
        let (taints, unseen) = (taints(self.file), unseen_uses(self.file, self.names()));
        let disposed = disposals(self.file);
        let mut findings: Vec<Finding> = Vec::new();
        for Candidate { transform, node, is_deep, indent } in candidates {
            if is_deep {
                findings.push(too_deep(transform.meta().id, node));
                continue;
            }
            context.style = others.iter().find(|style| Some(style.indent.as_str()) == indent).unwrap_or(&style);
            let Some(mut finding) = transform.judge(&context, node) else { continue };
            if let Ok(change) = &mut finding.outcome {
                separate(self.file, &style, &mut change.edits);
                hold_to_surroundings(&context, change);
                hold_to_type_checker(&context, change);
            }
            findings.push(self.guarded(left_to_dispose(finding, &disposed), &taints, &unseen));
        }
        findings.sort_by_key(|f| (f.range.start, usize::MAX - f.range.end));
        self.identified(findings)
    }

    /// Refuses what no pattern may touch, whatever it says itself: code with a syntax error in or around it, code in which
    /// names are used that nobody sees, and bytes that a text in UTF-8 can't stand for.
    fn guarded(&self, mut finding: Finding, taints: &[Taint], unseen: &[Range<usize>]) -> Finding {
        let touches = |a: &Range<usize>| {
            taints
                .iter()
                .find(|t| a.start < t.range.end.max(t.range.start + 1) && t.range.start < a.end.max(a.start + 1))
        };
        let edits = finding.outcome.as_ref().map(|change| change.edits.as_slice()).unwrap_or_default();
        let taint = touches(&finding.range).or_else(|| edits.iter().find_map(|e| touches(&e.range)));
        let scope = finding.outcome.as_ref().map(|change| change.scope.clone()).unwrap_or_default();
        let unseen = unseen.iter().find(|used| scope.start <= used.start && used.end <= scope.end);
        let length = self.file.source.bytes().len();
        if let Some(taint) = taint {
            finding.outcome = Err(Refusal::new(RefusalCode::SyntaxError, taint.error.clone()));
        } else if let Some(unseen) = unseen {
            finding.outcome = Err(Refusal::new(RefusalCode::NameClash, unseen.clone()));
        } else if let Some(edit) =
            edits.iter().find(|e| e.range.end <= length && !self.file.source.is_utf8(e.range.clone()))
        {
            finding.outcome = Err(Refusal::new(RefusalCode::NotUtf8, edit.range.clone()));
        }
        finding
    }

    fn identified(&self, findings: Vec<Finding>) -> Vec<Found> {
        let source = self.file.source;
        let mut seen: HashMap<u64, usize> = HashMap::new();
        let identify = |finding: Finding| {
            let fingerprint = fingerprint(finding.pattern, &source.bytes()[finding.range.clone()]);
            let ordinal = seen.entry(fingerprint).or_default();
            let id = finding_id(fingerprint, source.path(), *ordinal);
            *ordinal += 1;
            Found { id, finding }
        };
        findings.into_iter().map(identify).collect()
    }
}

/// Refuses a change in a block at whose end something is disposed of, or of code that declares it.
fn left_to_dispose(mut finding: Finding, disposed: &[(Node<'_>, Range<usize>)]) -> Finding {
    let Ok(change) = &finding.outcome else { return finding };
    let touches = |(block, declared): &&(Node<'_>, Range<usize>)| {
        // What is only inserted is `async`, or stands among the imports. A function in the block has an end of its own.
        let is_own = |e: &Edit| {
            let changed = block.descendant_for_byte_range(e.range.start, e.range.start);
            changed.is_some_and(|n| ancestors(n).take_while(|a| a != block).all(|a| !is_function(a)))
        };
        let covers = |e: &Edit| block.start_byte() < e.range.start && e.range.end <= block.end_byte();
        let is_in_it = |e: &Edit| !e.range.is_empty() && covers(e) && is_own(e);
        let moves_it = |e: &Edit| e.range.start <= declared.start && declared.end <= e.range.end;
        change.edits.iter().any(|e| is_in_it(e) || moves_it(e))
    };
    if let Some((_, declared)) = disposed.iter().find(touches) {
        finding.outcome = Err(Refusal::new(RefusalCode::Disposal, declared.clone()));
    }
    finding
}

/// The finding for a candidate that is not judged because of where it stands, or of what stands in it.
fn too_deep(pattern: &'static str, node: Node<'_>) -> Finding {
    let range = node.byte_range();
    let outcome = Err(Refusal::new(RefusalCode::TooDeep, range.clone()));
    Finding::new(pattern, range, "code that may be of this kind is nested too deeply to be judged", outcome)
}
