//! `diff`: the rewrites as a patch.

use std::{io::IsTerminal, path::Path};

use super::{
    Status, files, input, notes,
    options::{Choice, Format, FormatOption, Global, Paths},
};
use crate::{
    engine::Rewritten,
    report::{diff, json},
    transform::Transform,
};

/// Print the rewrites as one unified diff; writes nothing.
///
/// `git apply` takes the diff, run from the same folder. Exit code 1 says that there are differences. With a format
/// other than `human` the findings come with it.
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
    let engine = args.choice.engine(registry)?;
    let input = input::gather(&args.paths)?;
    let outcome = files::over(&input, global, |source| {
        let mut rewritten = engine.rewrite(source);
        let diff = rewritten.bytes.take().map(|after| diff::unified(source.path(), source.bytes(), &after));
        (std::mem::take(&mut rewritten.scan), (diff, rewritten))
    })?;
    files::all_found(args.choice.only()?.as_ref(), &outcome.report)?;
    for (path, (_, rewritten)) in &outcome.made {
        let Rewritten { dropped, unfinished, .. } = rewritten;
        notes::about_dropped(path, dropped, *unfinished, global);
    }
    let diffs: Vec<(&Path, &[u8])> =
        outcome.made.iter().filter_map(|(path, (diff, _))| Some((path.as_path(), diff.as_deref()?))).collect();
    let mut out = Vec::new();
    match args.format.format {
        Format::Human => patch(&diffs, global, &mut out)?,
        Format::Json => json::document(&outcome.report, Some(&diffs), &mut out)?,
        Format::Jsonl => json::lines(&outcome.report, Some(&diffs), &mut out)?,
    }
    notes::results(&out)?;
    Ok(if outcome.failed { Status::Failed } else { Status::found(!diffs.is_empty()) })
}

/// The patch itself; for a terminal, coloured and with nothing in it that a terminal would act on.
fn patch(diffs: &[(&Path, &[u8])], global: &Global, out: &mut Vec<u8>) -> anyhow::Result<()> {
    let paint = global.paint_out();
    let for_people = paint.0 || std::io::stdout().is_terminal();
    for (_, diff) in diffs {
        if for_people {
            diff::coloured(diff, paint, out)?;
        } else {
            out.extend_from_slice(diff);
        }
    }
    Ok(())
}
