//! One function over many files: read, work, gather, in parallel and in order.

use std::{
    collections::BTreeSet,
    ops::BitOr,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Arc,
};

use rayon::prelude::*;

use super::{input::Input, notes, options::Global};
use crate::{
    engine::{Asked, Engine, Located, Scan},
    plan,
    project::{self, Entry, Files, LoadError, Loaded, OtherFiles, Packages, Skipped, effects::Summaries},
    report::{FileError, FileFindings, Report},
    source::SourceFile,
};

/// What one file came to.
struct Done<T> {
    shown: PathBuf,
    bytes: usize,
    outcome: Result<(Scan, T), Trouble>,
}

/// Why there is no result for a file.
enum Trouble {
    Foreign(project::Foreign),
    Unreadable {
        error: LoadError,
        named: bool,
    },
    /// Our own fault.
    Panicked,
}

/// Everything that a run came to.
pub(super) struct Outcome<T> {
    /// What there is to tell, findings and all.
    pub(super) report: Report,
    /// What the work made of each file, in order.
    pub(super) made: Vec<(PathBuf, T)>,
    /// Whether something that was asked for by name could not be done.
    pub(super) failed: bool,
}

/// Does `work` on every file of the input. The scan that it returns goes into the report; the order of the results
/// is that of the files, whatever the number of threads.
pub(super) fn over<T: Send>(
    input: &Input,
    global: &Global,
    work: impl Fn(&SourceFile) -> (Scan, T) + Sync,
) -> anyhow::Result<Outcome<T>> {
    let guarded = |source: &SourceFile| catch_unwind(AssertUnwindSafe(|| work(source))).map_err(|_| Trouble::Panicked);
    let empty = Files::default();
    let (files, done) = match input {
        Input::Stdin(source) => {
            let outcome = guarded(source);
            (&empty, vec![Done { shown: source.path().to_owned(), bytes: source.bytes().len(), outcome }])
        }
        Input::Files(files) => {
            let pool = global.pool()?;
            (files, pool.install(|| files.entries.par_iter().map(|entry| one(entry, &guarded)).collect()))
        }
    };
    let outcome = gather(files, done, global);
    notes::about(&outcome.report, global);
    Ok(outcome)
}

/// What a file has to know of the others. A file that can't be read, or that makes trouble, is reported when its turn
/// comes.
pub(super) fn other_files(input: &Input, engine: &Engine<'_>) -> OtherFiles {
    let Input::Files(files) = input else { return OtherFiles::default() };
    let source = |entry: &Entry| match project::load(entry) {
        Ok(Loaded::Source(source)) => Some(source),
        _ => None,
    };
    let asks = |entry: &Entry| source(entry).map(|source| engine.asks(&source)).unwrap_or_default();
    let asked = files.entries.par_iter().map(asks).reduce(Asked::default, Asked::bitor);
    let read = |entry: &Entry| {
        let source = source(entry)?;
        catch_unwind(AssertUnwindSafe(|| engine.read(&source, asked))).ok()
    };
    let mut others = OtherFiles::default();
    let (mut linked, mut code) = (Vec::new(), Vec::new());
    for one in files.entries.par_iter().filter_map(read).collect::<Vec<_>>() {
        others.extend(one.others);
        linked.extend(one.linked);
        code.extend(one.code);
    }
    if !others.form_facts.is_empty() || !others.callbacks.is_empty() {
        let paths: Vec<&Path> = files.entries.iter().map(|entry| &*entry.path).collect();
        others.callbacks.extend(plan::callbacks_of_rest(engine, &paths));
        others.forms = plan::promise_forms(engine, &paths, &others.form_facts, linked);
    }
    if asked.effects {
        others.summaries = Some(Arc::new(Summaries::link(code)));
    }
    others
}

/// The packages of the files. One file from standard input has no place where others could be made.
pub(super) fn packages(input: &Input) -> Packages {
    match input {
        Input::Files(files) => Packages::of(&files.entries),
        Input::Stdin(_) => Packages::default(),
    }
}

fn one<T>(entry: &Entry, work: &(impl Fn(&SourceFile) -> Result<(Scan, T), Trouble> + Sync)) -> Done<T> {
    let (bytes, outcome) = match project::load(entry) {
        Ok(Loaded::Source(source)) => (source.bytes().len(), work(&source)),
        Ok(Loaded::Foreign(kind)) => (0, Err(Trouble::Foreign(kind))),
        Err(error) => (0, Err(Trouble::Unreadable { error, named: entry.named })),
    };
    Done { shown: entry.shown.clone(), bytes, outcome }
}

fn gather<T>(files: &Files, done: Vec<Done<T>>, global: &Global) -> Outcome<T> {
    let mut report = Report { skipped: files.skipped.clone(), ..Report::default() };
    let walk_errors = files.errors.iter().map(|e| FileError { path: e.shown.clone(), message: e.message.clone() });
    report.errors.extend(walk_errors);
    let mut made = Vec::new();
    let mut failed = false;
    for Done { shown, bytes, outcome } in done {
        report.bytes += bytes;
        match outcome {
            Ok((scan, value)) => {
                report.taken += 1;
                take_scan(&mut report, &shown, scan, global);
                made.push((shown, value));
            }
            Err(Trouble::Foreign(kind)) => report.skipped.push(Skipped { shown, reason: kind.reason() }),
            Err(Trouble::Unreadable { error, named }) => {
                report.taken += 1;
                failed |= named;
                report.errors.push(FileError { path: shown, message: error.to_string() });
            }
            Err(Trouble::Panicked) => {
                report.taken += 1;
                failed = true;
                let message = "internal error: this is a fault in unpyramid; please report it".to_owned();
                report.errors.push(FileError { path: shown, message });
            }
        }
    }
    report.skipped.sort();
    report.errors.sort_by(|a, b| a.path.cmp(&b.path));
    Outcome { report, made, failed }
}

fn take_scan(report: &mut Report, shown: &Path, scan: Scan, global: &Global) {
    notes::about_silences(shown, &scan, global);
    report.parsed += usize::from(scan.parsed);
    report.silenced += scan.silenced;
    if let Some(first) = scan.syntax_errors.first() {
        let more = match scan.syntax_errors.len() {
            1 => String::new(),
            n => format!(" (and {} more)", n - 1),
        };
        let message = format!("syntax error at {}:{}{more}", first.line, first.column);
        report.errors.push(FileError { path: shown.to_owned(), message });
    }
    if !scan.findings.is_empty() {
        report.files.push(FileFindings { path: shown.to_owned(), findings: scan.findings });
    }
}

/// Complains about ids that no finding has.
pub(super) fn all_found(only: Option<&BTreeSet<String>>, report: &Report) -> anyhow::Result<()> {
    let Some(ids) = only else { return Ok(()) };
    let there: BTreeSet<&str> = report.findings().map(|(_, one): (_, &Located)| one.id.as_str()).collect();
    let missing: Vec<&str> = ids.iter().map(String::as_str).filter(|id| !there.contains(id)).collect();
    anyhow::ensure!(missing.is_empty(), "--only: no finding has the id {}", missing.join(", "));
    Ok(())
}
