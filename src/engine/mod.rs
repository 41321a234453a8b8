//! Find, select, merge, check, repeat: what is done with one file.
//!
//! A *pass* parses the file, lets every pattern judge its candidates and takes as many of the selected changes as
//! do not touch each other, outer before inner. The result is parsed and checked before the next pass looks at
//! it; what does not stand up is dropped and said so. Passes end when nothing is left to change.
//!
//! Findings are those of the first pass over the file as it is on disk; a rewrite is the result of all passes.

mod boundary;
mod checker;
mod id;
mod merge;
mod others;
mod pass;
mod silence;
mod surroundings;
mod taint;
mod verify;

use std::{collections::BTreeSet, ops::Range, sync::Arc};

pub use others::{Asked, Read};
pub use silence::UnknownSilence;

use crate::{
    apis::Apis,
    edit::{Edit, NewFile, RefusalCode, Safety},
    project::{OtherFiles, Packages},
    schedule::Cost,
    source::{Position, SourceFile},
    syntax::Parsed,
    transform::{Finding, Transform},
    tuning::Tuning,
};
use pass::{Found, Knowledge, Pass};

/// How often a file is gone over before giving up. Every pass takes all changes that do not touch each other, so
/// only code nested deeper than this needs more, or two patterns that undo each other's work.
const MAX_PASSES: usize = 500;

/// Which findings are listed and which are rewritten.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only these patterns; when empty, all but those that are looked for on request.
    pub patterns: Vec<String>,
    /// Not these patterns.
    pub skip: Vec<String>,
    /// Also rewrites at level [`Safety::Review`].
    pub review: bool,
    /// Only the findings with these ids, at whatever level they are.
    ///
    /// Later passes carry out what is left of the same selection and nothing else: a selected finding that had to
    /// wait is followed to where it moved, and where another selected change has written over it, the findings of
    /// its pattern within the written text take its place.
    pub only: Option<BTreeSet<String>>,
}

/// A pattern was named that does not exist.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no pattern `{0}`")]
pub struct UnknownPattern(pub String);

/// A finding with its id and its place in lines and columns.
#[derive(Clone, Debug)]
pub struct Located {
    /// Stable under edits elsewhere in the file: it is made from the pattern, the path, the code itself and its
    /// number among findings of equal code.
    pub id: String,
    /// Where it starts.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
    /// What the pattern said.
    pub finding: Finding,
    /// Where the code starts and ends that a refusal blames; `None` where there is a change.
    pub blamed: Option<(Position, Position)>,
    /// Where the calls of the finding's [`Cost`] start and end, in the order of
    /// [`Cost::waits`](crate::schedule::Cost::waits).
    pub waits: Vec<(Position, Position)>,
}

/// What was found in a file.
#[derive(Debug, Default)]
pub struct Scan {
    /// Whether the file held anything worth parsing it for.
    pub parsed: bool,
    /// The findings, in source order, outer before inner.
    pub findings: Vec<Located>,
    /// Where the file does not fit the grammar.
    pub syntax_errors: Vec<Position>,
    /// How many findings a comment silenced.
    pub silenced: usize,
    /// Comments that mean to silence a pattern that does not exist.
    pub unknown_silences: Vec<UnknownSilence>,
    /// From [`Engine::scan`]: why changes are listed as refused that the pattern had thought right.
    pub dropped: Vec<Dropped>,
}

/// A change that was selected and thrown away, because its result did not stand up to being checked.
#[derive(Clone, Debug)]
pub struct Dropped {
    /// The id of its finding; of a later pass, so it need not be among the ids of the first.
    pub id: String,
    /// Its pattern.
    pub pattern: &'static str,
    /// Where it stood, in the text of its pass.
    pub position: Position,
    /// The kind of fault.
    pub code: RefusalCode,
    /// The fault itself: the error and the line it is in.
    pub detail: String,
}

/// A change that was carried out.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The id of its finding, in its pass.
    pub id: String,
    /// Its pattern.
    pub pattern: &'static str,
    /// What it promises.
    pub safety: Safety,
    /// The pass that took it, from 1.
    pub pass: usize,
}

/// What became of a file.
#[derive(Debug, Default)]
pub struct Rewritten {
    /// The first pass's findings.
    pub scan: Scan,
    /// The new bytes; `None` when nothing changes.
    pub bytes: Option<Vec<u8>>,
    /// What was carried out, pass by pass.
    pub applied: Vec<Applied>,
    /// What was thrown away.
    pub dropped: Vec<Dropped>,
    /// The files that have to be made for what was carried out, each once.
    pub creates: BTreeSet<NewFile>,
    /// Whether the last allowed pass still changed something, so that there may be more to do.
    pub unfinished: bool,
}

/// The patterns and the selection to go over files with. It is shared between threads.
pub struct Engine<'r> {
    transforms: Vec<&'r dyn Transform>,
    known: Vec<&'static str>,
    selection: Selection,
    others: OtherFiles,
    /// The built-in table if there is none.
    apis: Option<Apis>,
    tuning: Tuning,
    packages: Arc<Packages>,
}

impl std::fmt::Debug for Engine<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("known", &self.known).field("selection", &self.selection).finish()
    }
}

impl<'r> Engine<'r> {
    /// An engine for those of `registry` that the selection names.
    ///
    /// # Errors
    /// When the selection names a pattern that is not in the registry.
    pub fn new(registry: &'r [&'r dyn Transform], selection: Selection) -> Result<Self, UnknownPattern> {
        let known: Vec<_> = registry.iter().map(|t| t.meta().id).collect();
        if let Some(unknown) = selection.patterns.iter().chain(&selection.skip).find(|id| !known.contains(&id.as_str()))
        {
            return Err(UnknownPattern(unknown.clone()));
        }
        let named = |list: &[String], id: &str| list.iter().any(|other| other == id);
        let transforms = registry
            .iter()
            .copied()
            .filter(|t| match selection.patterns.as_slice() {
                [] => !t.is_on_request(),
                patterns => named(patterns, t.meta().id),
            })
            .filter(|t| !named(&selection.skip, t.meta().id))
            .collect();
        Ok(Self {
            transforms,
            known,
            selection,
            others: OtherFiles::default(),
            apis: None,
            tuning: Tuning::default(),
            packages: Arc::default(),
        })
    }

    /// The same engine, knowing what there is in the other files of the run.
    #[must_use]
    pub fn knowing(self, others: OtherFiles) -> Self {
        Self { others, ..self }
    }

    fn apis(&self) -> &Apis {
        self.apis.as_ref().unwrap_or_else(|| Apis::builtin())
    }

    /// The same engine with another table of known APIs than the built-in one.
    #[must_use]
    pub fn with_apis(self, apis: Apis) -> Self {
        Self { apis: Some(apis), ..self }
    }

    /// The same engine, knowing which packages the files of the run belong to. Without, nothing can be made for them
    /// all.
    #[must_use]
    pub fn within(self, packages: impl Into<Arc<Packages>>) -> Self {
        Self { packages: packages.into(), ..self }
    }

    /// The same engine with what the user decided about waiting.
    #[must_use]
    pub fn with_tuning(self, tuning: Tuning) -> Self {
        Self { tuning, ..self }
    }

    /// Lists what is in a file. Every change that is listed has been carried out in memory and has stood up to
    /// being checked; one that has not is listed as refused.
    pub fn scan(&self, source: &SourceFile) -> Scan {
        let wanted = self.needed(source);
        let mut scan = Scan::default();
        if wanted.is_empty() {
            return scan;
        }
        let file = Parsed::new(source);
        let pass = Pass::new(&file);
        let mut found = self.find(&pass, &wanted, &mut scan, true);
        scan.dropped = verify::verify_all(&pass, &mut found);
        self.list(source, found, &mut scan);
        scan
    }

    /// Carries the selected changes out in memory, pass after pass, until nothing is left to change.
    pub fn rewrite(&self, source: &SourceFile) -> Rewritten {
        let mut out = Rewritten::default();
        let mut follow = Follow::default();
        let mut current: Option<SourceFile> = None;
        for number in 1..=MAX_PASSES + 1 {
            let source_now = current.as_ref().unwrap_or(source);
            let Some(step) = self.step(source_now, number, &mut follow, &mut out) else { break };
            if number > MAX_PASSES {
                out.unfinished = step.is_some();
                break;
            }
            if let Some(bytes) = step {
                current = Some(
                    SourceFile::new(source.path(), bytes).expect("a text with a known extension, checked by the step"),
                );
            }
        }
        out.bytes = current.map(|c| c.bytes().to_vec()).filter(|b| b != source.bytes());
        out
    }

    /// One pass of [`rewrite`](Self::rewrite): `None` when there is nothing to change, else the new bytes, or
    /// `Some(None)` when everything that was to be changed had to be dropped.
    fn step(
        &self,
        source: &SourceFile,
        number: usize,
        follow: &mut Follow,
        out: &mut Rewritten,
    ) -> Option<Option<Vec<u8>>> {
        let wanted = self.needed(source);
        if wanted.is_empty() {
            return None;
        }
        let file = Parsed::new(source);
        let pass = Pass::new(&file);
        let mut found = self.find(&pass, &wanted, &mut out.scan, number == 1);
        if number == 1 {
            follow.pending = self
                .selection
                .only
                .as_ref()
                .map(|ids| found.iter().filter(|f| ids.contains(&f.id)).map(|f| Pending::of(&f.finding)).collect());
        }
        let leaders = merge::leaders(&found, |f| self.selects(f, follow));
        let chosen = merge::disjoint(&found, merge::unblocked(&found, leaders));
        let batch = verify::settle(&pass, &found, &chosen);
        for (index, fault) in &batch.faults {
            let one = &mut found[*index];
            out.dropped.push(fault.dropped(one, source));
            follow.dropped.push((one.finding.pattern, one.finding.range.clone()));
            if number == 1 {
                one.finding.outcome = Err(fault.refusal(one.finding.range.clone()));
            }
        }
        for index in &batch.accepted {
            let one = &found[*index];
            let finding = &one.finding;
            let applied =
                Applied { id: one.id.clone(), pattern: finding.pattern, safety: finding.safety(), pass: number };
            if number <= MAX_PASSES {
                out.applied.push(applied);
                out.creates.extend(finding.outcome.iter().filter_map(|change| change.creates.clone()));
            }
            follow.done(finding);
        }
        let claims = merge::claims(&found, &batch.accepted);
        if number == 1 {
            self.list(source, found, &mut out.scan);
        }
        follow.move_through(&batch.edits, &claims);
        if batch.accepted.is_empty() { (!batch.faults.is_empty()).then_some(None) } else { Some(Some(batch.bytes)) }
    }

    /// Whether a finding is to be rewritten.
    fn selects(&self, found: &Found, follow: &Follow) -> bool {
        let finding = &found.finding;
        if follow.dropped.iter().any(|(pattern, range)| *pattern == finding.pattern && *range == finding.range) {
            return false;
        }
        match &follow.pending {
            Some(pending) => pending.iter().any(|p| p.admits(finding)),
            None => finding.safety() >= if self.selection.review { Safety::Review } else { Safety::Safe },
        }
    }

    /// The patterns that a file may hold, by its bytes alone.
    fn needed(&self, source: &SourceFile) -> Vec<&'r dyn Transform> {
        let holds = |needle: &&str| memchr::memmem::find(source.bytes(), needle.as_bytes()).is_some();
        self.transforms.iter().copied().filter(|t| t.needles().is_empty() || t.needles().iter().any(holds)).collect()
    }

    /// Judges all candidates; on the first pass also notes what the scan says about the file as a whole.
    fn find(&self, pass: &Pass<'_>, wanted: &[&dyn Transform], scan: &mut Scan, first: bool) -> Vec<Found> {
        let known =
            Knowledge { apis: self.apis(), tuning: &self.tuning, packages: &self.packages, others: &self.others };
        let mut found = pass.judge(wanted, &known);
        let silences = silence::Silences::read(pass.file);
        let before = found.len();
        found.retain(|f| !silences.covers(f.finding.pattern, pass.file, f.finding.range.start));
        if first {
            scan.parsed = true;
            scan.silenced = before - found.len();
            scan.syntax_errors = pass.file.errors().iter().map(|e| pass.file.source.position(e.range.start)).collect();
            scan.unknown_silences = silences.unknown(&self.known, pass.file);
        }
        found
    }

    /// Puts findings into the scan, those left out that another one carries out along with its own.
    fn list(&self, source: &SourceFile, found: Vec<Found>, scan: &mut Scan) {
        let shown = merge::not_consumed(&found);
        let only = self.selection.only.as_ref();
        let listed = found.into_iter().zip(shown).filter(|(_, shown)| *shown).map(|(found, _)| found);
        scan.findings = listed
            .filter(|f| only.is_none_or(|ids| ids.contains(&f.id)))
            .map(|Found { id, finding }| Located {
                id,
                start: source.position(finding.range.start),
                end: source.position(finding.range.end),
                blamed: finding
                    .outcome
                    .as_ref()
                    .err()
                    .map(|r| (source.position(r.range.start), source.position(r.range.end))),
                waits: finding
                    .cost
                    .iter()
                    .flat_map(Cost::waits)
                    .map(|wait| (source.position(wait.range.start), source.position(wait.range.end)))
                    .collect(),
                finding,
            })
            .collect();
    }
}

/// A finding that was selected by its id and is still to be carried out.
#[derive(Debug)]
struct Pending {
    pattern: &'static str,
    range: Range<usize>,
    /// Whether another change has written over it, so that anything of its pattern within the range takes its place.
    written_over: bool,
}

impl Pending {
    fn of(finding: &Finding) -> Self {
        Self { pattern: finding.pattern, range: finding.range.clone(), written_over: false }
    }

    fn admits(&self, finding: &Finding) -> bool {
        let fits = if self.written_over {
            self.range.start <= finding.range.start && finding.range.end <= self.range.end
        } else {
            self.range == finding.range
        };
        fits && self.pattern == finding.pattern && finding.outcome.is_ok()
    }
}

/// What one pass has to tell the next.
#[derive(Debug, Default)]
struct Follow {
    /// With a selection by id: what is left of it.
    pending: Option<Vec<Pending>>,
    /// What was dropped and must not be tried again as long as its code is the same.
    dropped: Vec<(&'static str, Range<usize>)>,
}

impl Follow {
    /// Notes that a finding has been carried out.
    fn done(&mut self, finding: &Finding) {
        if let Some(pending) = &mut self.pending {
            pending.retain(|p| p.written_over || p.pattern != finding.pattern || p.range != finding.range);
        }
    }

    /// Follows every range to where the edits moved it, which belong to changes with the given claims.
    fn move_through(&mut self, edits: &[Edit], claims: &[Range<usize>]) {
        self.dropped.retain_mut(|(_, range)| match merge::moved(range, edits, claims) {
            merge::Moved::Intact(new) => {
                *range = new;
                true
            }
            merge::Moved::Written(_) => false,
        });
        for one in self.pending.iter_mut().flatten() {
            match merge::moved(&one.range, edits, claims) {
                merge::Moved::Intact(new) => one.range = new,
                merge::Moved::Written(new) => {
                    one.range = new;
                    one.written_over = true;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
