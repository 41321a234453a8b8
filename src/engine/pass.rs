//! One look at a file: its tree, and lazily its names and early errors; the judging of all candidates.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, HashMap},
};

use super::{
    boundary::separate,
    id::{finding_id, fingerprint},
    taint::{Taint, taints},
};
use crate::{
    apis::Apis,
    context::Context,
    edit::{Refusal, RefusalCode, Safety},
    flow::{callback::results, imports::specifiers},
    project::{CallbackFunctions, LibraryUses, OtherFiles, Packages, is_builtin},
    semantic::{Names, Reference, early_errors},
    syntax::{Node, Parsed},
    transform::{Change, Finding, Transform},
    tuning::Tuning,
};

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
        let mut library = LibraryUses::of(self.file);
        library.extend(known.others.library.clone());
        let mut own = CallbackFunctions::default();
        if known.others.callbacks.is_empty() {
            let alone = Context::new(self.file, self.names(), &style, known.apis, &library, &own);
            let found = results::of_file(&alone);
            own = found;
        }
        let callbacks = if own.is_empty() { &known.others.callbacks } else { &own };
        let mut context = Context::new(self.file, self.names(), &style, known.apis, &library, callbacks);
        context.tuning = known.tuning;
        context.package = known.packages.of_file(self.file.source.path());
        context.mentions = Some(&known.others.mentions);
        context.forms = Some(&known.others.forms);
        context.summaries = known.others.summaries.as_deref();
        let taints = taints(self.file);
        let mut findings: Vec<Finding> = Vec::new();
        for (transform, nodes) in candidates {
            let judge = |node: Node<'_>| match self.file.deep_part(&node.byte_range()) {
                Some(_) => Some(too_deep(transform.meta().id, node)),
                None => transform.judge(&context, node).map(|mut finding| {
                    if let Ok(change) = &mut finding.outcome {
                        separate(self.file, &style, &mut change.edits);
                        hold_to_surroundings(&context, change);
                    }
                    self.guarded(finding, &taints)
                }),
            };
            findings.extend(nodes.into_iter().filter_map(judge));
        }
        findings.sort_by_key(|f| (f.range.start, usize::MAX - f.range.end));
        self.identified(findings)
    }

    /// Refuses what no pattern may touch, whatever it says itself: code with a syntax error in or around it, and
    /// bytes that a text in UTF-8 can't stand for.
    fn guarded(&self, mut finding: Finding, taints: &[Taint]) -> Finding {
        let touches = |a: &std::ops::Range<usize>| {
            taints
                .iter()
                .find(|t| a.start < t.range.end.max(t.range.start + 1) && t.range.start < a.end.max(a.start + 1))
        };
        let edits = finding.outcome.as_ref().map(|change| change.edits.as_slice()).unwrap_or_default();
        let taint = touches(&finding.range).or_else(|| edits.iter().find_map(|e| touches(&e.range)));
        let length = self.file.source.bytes().len();
        if let Some(taint) = taint {
            finding.outcome = Err(Refusal::new(RefusalCode::SyntaxError, taint.error.clone()));
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

/// What a file asks before it goes by a module system, or by none: it may be loaded by a browser, which has no `require`.
const ASKS_FOR_MODULES: [&str; 4] = ["typeof define", "typeof exports", "typeof module", "typeof require"];

/// Lets nothing new into code at level safe that what it goes through can't be relied on to take: an async function where
/// Babel makes calls of a runtime of it that may not be there, so that the file would no longer load; functions of Node that
/// the types at hand do not have yet; `require` where the file is for browsers, too.
fn hold_to_surroundings(cx: &Context<'_>, change: &mut Change) {
    let compilers = cx.package.map(|(package, _)| package.compilers()).unwrap_or_default();
    let text = cx.file.source.text();
    let adds = |word: &str| {
        let count = |text: &str| text.matches(word).count();
        change.edits.iter().any(|e| count(&e.text) > text.get(e.range.clone()).map_or(0, count))
    };
    let lacks = |since: u64| cx.file.source.language().has_types() && compilers.node_types.is_some_and(|is| is < since);
    let said = if compilers.lacks_regenerator && adds("async ") {
        "What Babel compiles async functions to has the runtime that it needs."
    } else if lacks(8) && (adds("promisify") || adds("callbackify")) || lacks(10) && adds(".promises") {
        "The types of Node that the code is checked with have the promise forms of its functions."
    } else if adds("require(") && ASKS_FOR_MODULES.iter().any(|question| text.contains(question)) {
        "Whatever loads the file has `require`."
    } else if ["util'", "util\""].into_iter().any(adds) && may_run_in_browser(cx) {
        "Wherever the file runs, it can import `util`."
    } else {
        return;
    };
    change.assumption = Some(change.assumption.take().map_or(said.to_owned(), |a| format!("{a} {said}")));
    change.safety = Safety::Review;
}

/// Names that only browsers have a meaning for.
const OF_BROWSERS: [&str; 6] = ["XMLHttpRequest", "document", "localStorage", "navigator", "sessionStorage", "window"];

/// Whether a file uses what only browsers have, and imports nothing that only Node has.
fn may_run_in_browser(cx: &Context<'_>) -> bool {
    let is_of_browser = |r: &Reference| r.binding.is_none() && OF_BROWSERS.contains(&r.name.as_str());
    cx.names.references().iter().any(is_of_browser) && !specifiers(cx).into_iter().any(is_builtin)
}

/// The finding for a candidate that is not judged because of where it stands, or of what stands in it.
fn too_deep(pattern: &'static str, node: Node<'_>) -> Finding {
    let range = node.byte_range();
    let outcome = Err(Refusal::new(RefusalCode::TooDeep, range.clone()));
    Finding::new(pattern, range, "code that may be of this kind is nested too deeply to be judged", outcome)
}
