//! Where source comes from: files and folders, or standard input.

use std::{
    io::Read,
    path::{Component, Path, PathBuf},
};

use anyhow::Context as _;

use super::{
    notes,
    options::{Global, Paths},
};
use crate::{
    project::{self, Files, Missing},
    report::counted,
    source::SourceFile,
    write,
};

/// The source to work on.
#[derive(Debug)]
pub(super) enum Input {
    /// Files on disk.
    Files(Files),
    /// One file that came through a pipe.
    Stdin(SourceFile),
}

/// Finds the files, or reads standard input.
pub(super) fn gather(args: &Paths) -> anyhow::Result<Input> {
    let dash = Path::new("-");
    if !args.paths.iter().any(|p| p == dash) {
        anyhow::ensure!(args.stdin_filepath.is_none(), "--stdin-filepath goes with the path `-`");
        let found = project::collect(&args.paths);
        let missing = |Missing { path, error }| anyhow::anyhow!("{}: {error}", notes::shown(&path));
        return Ok(Input::Files(found.map_err(missing)?));
    }
    anyhow::ensure!(args.paths.len() == 1, "`-` can't be mixed with other paths");
    let name = args.stdin_filepath.as_ref().context("`-` needs --stdin-filepath NAME, to know the language")?;
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).context("standard input")?;
    // The name as a walk would show it, so that ids are the same in both ways.
    let here = std::env::current_dir().ok();
    let below = here.as_deref().and_then(|here| name.strip_prefix(here).ok()).unwrap_or(name);
    let shown: PathBuf = below.components().filter(|c| *c != Component::CurDir).collect();
    let source = SourceFile::new(&shown, bytes).with_context(|| notes::shown(&shown))?;
    Ok(Input::Stdin(source))
}

/// Finds the files of a command that looks at all of them at once.
pub(super) fn only_files(args: &Paths) -> anyhow::Result<Files> {
    match gather(args)? {
        Input::Files(files) => Ok(files),
        Input::Stdin(_) => anyhow::bail!("one file from standard input is no project; name files or folders"),
    }
}

/// Takes back what an interrupted run has left half done among the files, and says so. Called by every command that
/// writes, before it reads.
pub(super) fn settle(files: &Files, global: &Global) -> anyhow::Result<()> {
    for one in write::recover(files.entries.iter().map(|e| e.path.as_path()))? {
        let root = notes::shown(&one.root);
        let message = match (one.kept, one.put_back.len()) {
            (true, _) => format!("{root}: an earlier run was interrupted; what it had written was complete and stays"),
            (false, 0) => format!("{root}: an earlier run was interrupted before it had written anything"),
            (false, count) => format!(
                "{root}: an earlier run was interrupted; {} that it had written {} as before",
                counted(count, "file"),
                if count == 1 { "is" } else { "are" },
            ),
        };
        notes::warning(global, &message);
    }
    Ok(())
}
