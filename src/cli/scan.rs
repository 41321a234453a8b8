//! `scan`: lists findings.

use super::{
    Status, config, files, input, notes,
    options::{Choice, Format, FormatOption, Global, Paths},
};
use crate::{
    edit::RefusalCode,
    report::{human, json},
    transform::Transform,
};

/// List findings; writes nothing.
///
/// Each finding has its pattern, its place, its level and, where it can't be rewritten, the reason. Exit code 1 says
/// that there are findings.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    paths: Paths,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    format: FormatOption,
}

pub(super) fn run(registry: &[&dyn Transform], args: &Args, global: &Global) -> anyhow::Result<Status> {
    let engine = args.choice.engine(registry, config::read(&args.paths)?)?;
    let input = input::gather(&args.paths)?;
    let others = files::other_files(&input, &engine);
    let engine = engine.knowing(others).within(files::packages(&input));
    let outcome = files::over(&input, global, |source| {
        let mut scan = engine.scan(source);
        let mut dropped = std::mem::take(&mut scan.dropped);
        // A comment without a place is a reason like any other; the list says so. A broken result is news.
        dropped.retain(|d| d.code == RefusalCode::BrokenRewrite);
        (scan, dropped)
    })?;
    for (path, dropped) in &outcome.made {
        notes::about_dropped(path, dropped, false, global);
    }
    files::all_found(args.choice.only()?.as_ref(), &outcome.report)?;
    let mut out = Vec::new();
    match args.format.format {
        Format::Human => {
            let paint = global.paint_out();
            human::findings(&outcome.report, paint, &mut out)?;
            if !global.quiet {
                human::summary(&outcome.report, paint, &mut out)?;
            }
        }
        Format::Json => json::document(&outcome.report, None, &mut out)?,
        Format::Jsonl => json::lines(&outcome.report, None, &mut out)?,
    }
    notes::results(&out)?;
    Ok(if outcome.failed { Status::Failed } else { Status::found(outcome.report.count() > 0) })
}
