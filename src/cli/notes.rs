//! What is said on standard error, and how results leave on standard output.

use std::{
    io::{self, Write},
    path::Path,
};

use super::options::Global;
use crate::{
    engine::{Dropped, Scan},
    report::{
        Report,
        terminal::{RED, YELLOW, escaped},
    },
    write::WriteError,
};

/// Writes a finished result to standard output. A reader that has gone away, like `head`, is no failure.
pub(super) fn results(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// A path as messages name it: on one line, and with nothing in it that a terminal would act on.
pub(super) fn shown(path: &Path) -> String {
    escaped(&path.to_string_lossy()).into_owned()
}

/// An error. It is said even when little is to be said.
pub(super) fn error(global: &Global, message: &str) {
    say(&global.paint_err().with(RED, "error"), message);
}

/// Something to know about the result.
pub(super) fn warning(global: &Global, message: &str) {
    say(&global.paint_err().with(YELLOW, "warning"), message);
}

/// Something for those who want to know more.
pub(super) fn note(global: &Global, message: &str) {
    if global.verbose {
        say("note", message);
    }
}

/// How far the work has come.
pub(super) fn progress(message: &str) {
    say("progress", message);
}

fn say(kind: &str, message: &str) {
    let lines: Vec<_> = message.split('\n').map(escaped).collect();
    // Nothing can be done about a standard error that does not take it.
    let _ = writeln!(io::stderr(), "{kind}: {}", lines.join("\n"));
}

/// What went wrong with files, and what was left out.
pub(super) fn about(report: &Report, global: &Global) {
    for one in &report.errors {
        error(global, &format!("{}: {}", shown(&one.path), one.message));
    }
    for one in &report.skipped {
        note(global, &format!("{}: left out ({})", shown(&one.shown), one.reason));
    }
}

/// Comments that silence nothing.
pub(super) fn about_silences(path: &Path, scan: &Scan, global: &Global) {
    if global.quiet {
        return;
    }
    for one in &scan.unknown_silences {
        let place = format!("{}:{}:{}", shown(path), one.position.line, one.position.column);
        warning(global, &format!("{place}: unpyramid-ignore names `{}`, which is no pattern", one.pattern));
    }
}

/// Changes that were thrown away.
pub(super) fn about_dropped(path: &Path, dropped: &[Dropped], unfinished: bool, global: &Global) {
    for one in dropped {
        let place = format!("{}:{}:{}", shown(path), one.position.line, one.position.column);
        let what = format!("{} [{}] was not rewritten: {}: {}", one.pattern, one.id, one.code.code(), one.detail);
        warning(global, &format!("{place}: {what}"));
    }
    if unfinished {
        warning(global, &format!("{}: there may be more to rewrite; run it again", shown(path)));
    }
}

/// What a write that failed comes to.
pub(super) fn not_written(error: &WriteError) -> anyhow::Error {
    if error.not_restored.is_empty() {
        return anyhow::anyhow!("{error}; nothing was written");
    }
    let not_restored: Vec<_> = error.not_restored.iter().map(|p| shown(p)).collect();
    anyhow::anyhow!("{error}; written and not put back: {}", not_restored.join(", "))
}
