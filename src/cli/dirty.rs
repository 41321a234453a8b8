//! Files with changes that no commit holds, so that writing over them could lose something.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{git, notes::shown};

/// How many paths are asked about at once: enough to be quick, few enough for every system's command line.
const PATHS_A_CALL: usize = 200;

/// Those of the files that `git status` lists: changed, staged, or never added. A file outside any repository, or
/// one that the repository ignores, has no committed state to differ from and is not among them.
fn dirty(files: &[&Path]) -> anyhow::Result<Vec<PathBuf>> {
    let mut by_repository: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for file in files {
        let real = file.canonicalize().with_context(|| shown(file))?;
        if let Some(root) = git::repository(&real) {
            by_repository.entry(root).or_default().push(real);
        }
    }
    let mut out = Vec::new();
    for (root, files) in &by_repository {
        for some in files.chunks(PATHS_A_CALL) {
            out.extend(status(root, some)?);
        }
    }
    out.sort();
    Ok(out)
}

/// Stops a command that is about to write the files if it could lose something.
pub(super) fn refuse(files: &[&Path]) -> anyhow::Result<()> {
    let dirty = dirty(files)?;
    let list: Vec<_> = dirty.iter().map(|p| format!("  {}", shown(p))).collect();
    anyhow::ensure!(
        dirty.is_empty(),
        "nothing was written: these files have uncommitted changes (--allow-dirty writes anyway)\n{}",
        list.join("\n")
    );
    Ok(())
}

fn status(root: &Path, files: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    const CANNOT_ASK: &str = "can't ask git about uncommitted changes (--allow-dirty does not ask)";
    let output = git::without_filters(root)
        .context(CANNOT_ASK)?
        .args(["status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=all", "--"])
        .args(files)
        .output()
        .context(CANNOT_ASK)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        anyhow::bail!(
            "git can't say whether there are uncommitted changes (--allow-dirty does not ask): {}",
            said.trim()
        );
    }
    // Each entry is two letters, a blank and a path relative to the repository.
    let entries = output.stdout.split(|b| *b == 0).filter_map(|entry| entry.get(3..));
    Ok(entries.filter(|path| !path.is_empty()).map(|path| root.join(os_path(path))).collect())
}

#[cfg(unix)]
fn os_path(bytes: &[u8]) -> PathBuf {
    <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn os_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}
