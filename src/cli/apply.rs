//! `apply`: carries the rewrites out.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    path::{Path, PathBuf},
};

use super::{
    Status, config, dirty, files,
    input::{self, Input},
    notes,
    options::{Choice, Global, Paths},
};
use crate::{
    edit::{NewFile, Safety},
    engine::Rewritten,
    report::{Report, counted, terminal::escaped},
    source::SourceFile,
    transform::Transform,
    write::{self, NewContent},
};

/// Carry the rewrites out.
///
/// Files with uncommitted changes are not written unless --allow-dirty says so; then nothing is. With `-` the result
/// goes to standard output.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    paths: Paths,
    #[command(flatten)]
    choice: Choice,
    /// Write over uncommitted changes.
    #[arg(long)]
    allow_dirty: bool,
}

/// A file before and after.
struct Changed {
    before: Vec<u8>,
    after: Vec<u8>,
}

pub(super) fn run(registry: &[&dyn Transform], args: &Args, global: &Global) -> anyhow::Result<Status> {
    let engine = args.choice.engine(registry, config::read(&args.paths)?)?;
    let input = input::gather(&args.paths)?;
    if let Input::Files(found) = &input {
        input::settle(found, global)?;
    }
    let others = files::other_files(&input, &engine);
    let engine = engine.knowing(others).within(files::packages(&input));
    let outcome = files::over(&input, global, |source: &SourceFile| {
        let mut rewritten = engine.rewrite(source);
        let after = rewritten.bytes.take();
        let changed = after.map(|after| Changed { before: source.bytes().to_vec(), after });
        (std::mem::take(&mut rewritten.scan), (changed, rewritten))
    })?;
    files::all_found(args.choice.only()?.as_ref(), &outcome.report)?;
    for (path, (_, rewritten)) in &outcome.made {
        notes::about_dropped(path, &rewritten.dropped, rewritten.unfinished, global);
    }
    match &input {
        Input::Stdin(source) => {
            let changed = outcome.made.first().and_then(|(_, (changed, _))| changed.as_ref());
            notes::results(changed.map_or(source.bytes(), |c| &c.after))?;
        }
        Input::Files(found) => {
            let on_disk: BTreeMap<&Path, &Path> =
                found.entries.iter().map(|e| (e.shown.as_path(), e.path.as_path())).collect();
            write_files(&outcome.made, &on_disk, args.allow_dirty)?;
            summary(&outcome.report, &outcome.made, global)?;
        }
    }
    Ok(if outcome.failed { Status::Failed } else { Status::Clean })
}

type Made = [(PathBuf, (Option<Changed>, Rewritten))];

fn write_files(made: &Made, on_disk: &BTreeMap<&Path, &Path>, allow_dirty: bool) -> anyhow::Result<()> {
    let changed = made.iter().filter_map(|(path, (changed, _))| Some((path.as_path(), changed.as_ref()?)));
    let mut contents: Vec<NewContent<'_>> = changed
        .map(|(shown, c)| NewContent {
            path: on_disk.get(shown).copied().unwrap_or(shown),
            before: Some(&c.before),
            after: &c.after,
        })
        .collect();
    if !allow_dirty {
        let paths: Vec<&Path> = contents.iter().map(|c| c.path).collect();
        dirty::refuse(&paths)?;
    }
    let new = new_files(made);
    contents.extend(new.iter().map(|f| NewContent { path: &f.path, before: None, after: f.text.as_bytes() }));
    write::write_all(&contents).map_err(|error| notes::not_written(&error))
}

/// The files that are made, each once.
fn new_files(made: &Made) -> BTreeSet<&NewFile> {
    made.iter().flat_map(|(_, (_, rewritten))| &rewritten.creates).collect()
}

/// What was done, and what is left.
fn summary(report: &Report, made: &Made, global: &Global) -> anyhow::Result<()> {
    if global.quiet {
        return Ok(());
    }
    let mut out = Vec::new();
    let mut total = 0;
    let mut files = 0;
    for (path, (changed, rewritten)) in made {
        if changed.is_none() {
            continue;
        }
        let mut by_pattern: BTreeMap<&str, usize> = BTreeMap::new();
        for applied in &rewritten.applied {
            *by_pattern.entry(applied.pattern).or_default() += 1;
        }
        let what: Vec<_> = by_pattern.iter().map(|(pattern, n)| format!("{pattern} {n}")).collect();
        writeln!(out, "{}: {}", escaped(&path.to_string_lossy()), what.join(", "))?;
        total += rewritten.applied.len();
        files += 1;
    }
    for file in new_files(made) {
        writeln!(out, "{}: new", escaped(&file.path.to_string_lossy()))?;
    }
    writeln!(out, "{} in {}", counted(total, "rewrite"), counted(files, "file"))?;
    let carried: std::collections::BTreeSet<&str> =
        made.iter().flat_map(|(_, (_, r))| &r.applied).map(|a| a.id.as_str()).collect();
    let left = |level: Safety| {
        let still = |(_, one): &(_, &crate::engine::Located)| {
            one.finding.safety() == level && !carried.contains(one.id.as_str())
        };
        report.findings().filter(still).count()
    };
    let (review, manual) = (left(Safety::Review), left(Safety::Manual));
    if review + manual > 0 {
        writeln!(out, "left: {review} at level review, {manual} at level manual; `unpyramid scan` lists them")?;
    }
    notes::results(&out)?;
    Ok(())
}
