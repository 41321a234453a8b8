//! What has to hold of a program and what the engine makes of it.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;
use unpyramid::{
    edit::RefusalCode,
    engine::{Engine, Rewritten, Selection},
    source::SourceFile,
    syntax::Parsed,
    transforms::ALL,
};

use super::{
    node::{Comparer, Request},
    strip,
};

/// Which changes are carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// Those that an observer can't see: they are compared.
    Safe,
    /// Those too that rest on an assumption. They are compared where it is known what they may change, and checked.
    Review,
}

/// A kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The engine panicked.
    Panic,
    /// The engine took a change back.
    Dropped,
    /// The result does not parse, or has an early error.
    Broken,
    /// A second pass changes more.
    Unstable,
    /// A comment is gone, or is there twice.
    Comments,
    /// The result behaves otherwise.
    Different,
    /// The behaviour can't be compared.
    Uncomparable,
}

/// Patterns whose changes have calls waited for together: what that may change is known, all else is compared.
const TOGETHER: [&str; 2] = ["sequential-awaits", "await-in-loop"];

impl Failure {
    /// Whether another failure is of the same kind: one behaviour takes the place of another one in the same way.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.fault == other.fault && self.signature() == other.signature()
    }

    /// The kinds of the two events of a difference, without what they are about.
    fn signature(&self) -> Option<(String, String)> {
        if self.fault != Fault::Different {
            return None;
        }
        let first = self.message.lines().next().unwrap_or_default();
        let (before, after) = first.split_once(" became ")?;
        let before = before.split_once(": ").map_or(before, |(_, rest)| rest);
        let word = |text: &str| text.split_whitespace().next().unwrap_or_default().to_owned();
        Some((word(before), word(after)))
    }
}

/// What is wrong with a result.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// Its kind.
    pub(crate) fault: Fault,
    /// What was seen, with the schedule.
    pub(crate) message: String,
    /// The text after the rewrite.
    pub(crate) after: String,
}

/// What came of a program that is sound.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Changes that were carried out, by pattern.
    pub(crate) patterns: BTreeMap<&'static str, usize>,
    /// Refusals, by code.
    pub(crate) refusals: BTreeMap<&'static str, usize>,
    /// How many schedules were compared.
    pub(crate) schedules: usize,
}

/// The answer on one program.
pub(crate) type Verdict = Result<Outcome, Failure>;

/// Everything that programs are checked with: an engine, and a process that runs them.
#[derive(Debug)]
pub(crate) struct Checker {
    engine: Engine<'static>,
    level: Level,
    comparer: Comparer,
    /// Schedules that are compared for one entry at most.
    schedules: usize,
}

impl Checker {
    /// A checker at a level, with so many schedules for each entry at most.
    pub(crate) fn new(level: Level, schedules: usize) -> Self {
        let selection = Selection { review: level == Level::Review, ..Selection::default() };
        let engine = Engine::new(ALL, selection).expect("no pattern is named");
        Self { engine, level, comparer: Comparer::new(), schedules }
    }

    /// Whether a text is a program at all: it parses and has no early error.
    pub(crate) fn is_program(extension: &str, text: &str) -> bool {
        early_errors(&path_for(extension), text).is_empty()
    }

    /// Rewrites a program and checks the result.
    pub(crate) fn check(&mut self, extension: &str, text: &str) -> Verdict {
        let path = path_for(extension);
        let rewritten = self.rewrite(&path, text)?;
        let mut outcome = Outcome::default();
        for applied in &rewritten.applied {
            *outcome.patterns.entry(applied.pattern).or_default() += 1;
        }
        for found in &rewritten.scan.findings {
            if let Err(refusal) = &found.finding.outcome {
                *outcome.refusals.entry(refusal.code.code()).or_default() += 1;
            }
        }
        // A change that would lose a comment is taken back and says so, as is one whose result the grammar would misread.
        // One that is taken back for another reason was thought right and was not.
        let named = [
            (RefusalCode::CommentWouldBeLost, "comment-would-be-lost (taken back)"),
            (RefusalCode::SyntaxError, "syntax-error (taken back)"),
        ];
        let is_named = |code: RefusalCode| named.iter().any(|(other, _)| *other == code);
        let broken: Vec<_> = rewritten.dropped.iter().filter(|dropped| !is_named(dropped.code)).collect();
        for (code, name) in named {
            let count = rewritten.dropped.iter().filter(|dropped| dropped.code == code).count();
            if count > 0 {
                outcome.refusals.insert(name, count);
            }
        }
        let after = rewritten.bytes.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        if !broken.is_empty() {
            let all: Vec<_> = broken.iter().map(|d| format!("{} {}: {}", d.pattern, d.code.code(), d.detail)).collect();
            let after = after.unwrap_or_else(|| text.to_owned());
            return Err(Failure { fault: Fault::Dropped, message: all.join("\n"), after });
        }
        let Some(after) = after else { return Ok(outcome) };
        let failure = |fault, message| Failure { fault, message, after: after.clone() };
        let errors = early_errors(&path, &after);
        if let Some(error) = errors.first() {
            return Err(failure(Fault::Broken, error.clone()));
        }
        if let Some(more) = self.rewrite(&path, &after)?.bytes {
            return Err(failure(
                Fault::Unstable,
                format!("a second pass makes of it:\n{}", String::from_utf8_lossy(&more)),
            ));
        }
        if let Some(message) = comments_amiss(&path, text, &after) {
            return Err(failure(Fault::Comments, message));
        }
        if self.level == Level::Safe {
            outcome.schedules = self.compare(&path, text, &after)?;
        } else if outcome.patterns.keys().all(|pattern| TOGETHER.contains(pattern)) {
            // The findings of `sequential-awaits` state that callees throw nothing at once.
            let is_steady = outcome.patterns.contains_key("sequential-awaits");
            let steady = if is_steady { "// behaviour: steady *\n" } else { "" };
            let text = format!("// behaviour: overlap\n{steady}{text}");
            outcome.schedules = self.compare(&path, &text, &after)?;
        }
        Ok(outcome)
    }

    fn rewrite(&self, path: &Path, text: &str) -> Result<Rewritten, Failure> {
        let source = SourceFile::new(path, text.as_bytes().to_vec()).expect("a text with a known extension");
        catch_unwind(AssertUnwindSafe(|| self.engine.rewrite(&source))).map_err(|panic| {
            let message = panic.downcast_ref::<String>().cloned();
            let message = message.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Failure { fault: Fault::Panic, message: message.unwrap_or_default(), after: text.to_owned() }
        })
    }

    fn compare(&mut self, path: &Path, before: &str, after: &str) -> Result<usize, Failure> {
        let failure = |fault, message| Failure { fault, message, after: after.to_owned() };
        let script = |text: &str| strip::to_javascript(path, text).map_err(|error| failure(Fault::Uncomparable, error));
        let (old, new) = (script(before)?, script(after)?);
        let module = if path.extension().is_some_and(|e| e == "mjs" || e == "mts") { "esm" } else { "auto" };
        let options = super::node::Options { schedules: self.schedules };
        let request = Request { id: "program", before: &old, after: &new, module, options: Some(options) };
        let answer = self.comparer.compare(&request);
        match (answer.verdict.as_str(), answer.difference) {
            ("same", _) => Ok(answer.schedules),
            (_, Some(difference)) => {
                let message = difference.to_string();
                // The functions of the grammar return promises on every path. One that throws before it gets there, on
                // each run, can't show it: for the comparer, A2 needs to have seen a promise.
                if message.contains("never returned a promise") {
                    return Ok(answer.schedules);
                }
                Err(failure(Fault::Different, message))
            }
            (_, None) => Err(failure(Fault::Uncomparable, answer.message.unwrap_or_default())),
        }
    }
}

fn path_for(extension: &str) -> PathBuf {
    Path::new("program").with_extension(extension)
}

/// What the parser that the engine does not use has to say of a text.
fn early_errors(path: &Path, text: &str) -> Vec<String> {
    let allocator = Allocator::default();
    let source_type = SourceType::from_path(path).expect("a known extension");
    let parsed = Parser::new(&allocator, text, source_type).parse();
    let semantic = SemanticBuilder::new().with_check_syntax_error(true).build(&parsed.program);
    parsed.diagnostics.into_iter().chain(semantic.diagnostics).map(|error| error.to_string()).collect()
}

/// Whether each comment is there afterwards, and once.
fn comments_amiss(path: &Path, before: &str, after: &str) -> Option<String> {
    let comments = |text: &str| -> BTreeMap<String, usize> {
        let source = SourceFile::new(path, text.as_bytes().to_vec()).expect("a text with a known extension");
        let mut counts = BTreeMap::new();
        for range in Parsed::new(&source).comments() {
            *counts.entry(source.text()[range.clone()].trim().to_owned()).or_default() += 1;
        }
        counts
    };
    let (old, new) = (comments(before), comments(after));
    let amiss = old.iter().find(|(text, count)| new.get(*text) != Some(count));
    amiss.map(|(text, count)| {
        format!("the comment `{text}` was there {count} times, and is {}", new.get(text).unwrap_or(&0))
    })
}
