//! `diff`: the rewrites as a patch.

use std::{
    collections::BTreeSet,
    io::IsTerminal,
    path::{Component, Path, PathBuf},
};

use super::{
    Status, config, files, input, notes,
    options::{Choice, Format, FormatOption, Global, Paths},
};
use crate::{
    edit::NewFile,
    engine::Rewritten,
    report::{diff, json},
    transform::Transform,
};

/// Print the rewrites as one unified diff; writes nothing.
///
/// `git apply` takes the diff; names in it are relative to the top of the repository, as in those of `git diff`, or
/// to the current folder where there is none. Exit code 1 says that there are differences. With a format
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
    let engine = args.choice.engine(registry, config::read(&args.paths)?)?;
    let input = input::gather(&args.paths)?;
    let others = files::other_files(&input, &engine);
    let engine = engine.knowing(others).within(files::packages(&input));
    let names = Names::here();
    let outcome = files::over(&input, global, |source| {
        let mut rewritten = engine.rewrite(source);
        let diff = rewritten.bytes.take().map(|after| diff::unified(&names.of(source.path()), source.bytes(), &after));
        (std::mem::take(&mut rewritten.scan), (diff, rewritten))
    })?;
    files::all_found(args.choice.only()?.as_ref(), &outcome.report)?;
    for (path, (_, rewritten)) in &outcome.made {
        let Rewritten { dropped, unfinished, .. } = rewritten;
        notes::about_dropped(path, dropped, *unfinished, global);
    }
    let new: BTreeSet<&NewFile> = outcome.made.iter().flat_map(|(_, (_, rewritten))| &rewritten.creates).collect();
    let new: Vec<_> = new
        .into_iter()
        .map(|file| (file.path.as_path(), diff::made(&names.of(&file.path), file.text.as_bytes())))
        .collect();
    let changed = outcome.made.iter().filter_map(|(path, (diff, _))| Some((path.as_path(), diff.as_deref()?)));
    let diffs: Vec<(&Path, &[u8])> = changed.chain(new.iter().map(|(path, diff)| (*path, diff.as_slice()))).collect();
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

/// What files are called in a patch: relative to the top of the repository that the current folder lies in.
pub(super) struct Names {
    /// The current folder and the top of its repository.
    places: Option<(PathBuf, PathBuf)>,
}

impl Names {
    pub(super) fn here() -> Self {
        let places = std::env::current_dir().ok().and_then(|here| {
            let top = here.ancestors().find(|folder| folder.join(".git").exists())?.to_owned();
            Some((here, top))
        });
        Self { places }
    }

    /// The name of a file; what it is called everywhere else where it lies outside the repository.
    pub(super) fn of(&self, shown: &Path) -> PathBuf {
        let Some((here, top)) = &self.places else { return shown.to_owned() };
        let mut full = PathBuf::new();
        for component in here.join(shown).components() {
            match component {
                Component::ParentDir => _ = full.pop(),
                Component::CurDir => {}
                other => full.push(other),
            }
        }
        full.strip_prefix(top).map_or_else(|_| shown.to_owned(), Path::to_owned)
    }
}
