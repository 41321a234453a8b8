//! What is asked of git, and told to it.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use anyhow::Context as _;

/// git, to be run in a folder. A hook's environment names a repository of its own; names may hold `*`; asking should
/// neither lock the index nor start a program that the repository's settings name.
pub(super) fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(folder)
        .args(["--no-optional-locks", "--literal-pathspecs", "-c", "core.fsmonitor=false"])
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .env_remove("GIT_PREFIX");
    command
}

/// The repository that a file lies in, by its real path.
pub(super) fn repository(real: &Path) -> Option<PathBuf> {
    real.ancestors().skip(1).find(|folder| folder.join(".git").exists()).map(Path::to_owned)
}

/// What says, in the folder of a repository, that something is under way that a commit would be mixed up with.
const UNDER_WAY: [(&str, &str); 5] = [
    ("MERGE_HEAD", "a merge"),
    ("CHERRY_PICK_HEAD", "a cherry-pick"),
    ("REVERT_HEAD", "a revert"),
    ("rebase-merge", "a rebase"),
    ("rebase-apply", "a rebase"),
];

/// Says why no commit should be made in a repository now, if there is a reason.
pub(super) fn ready_for_a_commit(root: &Path) -> anyhow::Result<()> {
    let head = run(command(root).args(["symbolic-ref", "-q", "HEAD"]))?;
    anyhow::ensure!(
        head.status.success(),
        "--commit: {} is not on a branch (its HEAD is detached); a commit there would be lost",
        root.display()
    );
    for (name, what) in UNDER_WAY {
        let path = run(command(root).args(["rev-parse", "--git-path", name]))?;
        let path = root.join(String::from_utf8_lossy(&path.stdout).trim_end());
        anyhow::ensure!(!path.exists(), "--commit: {what} is in progress in {}; finish it first", root.display());
    }
    Ok(())
}

/// Commits the given files, by their real paths, and nothing else; what else is staged stays so.
pub(super) fn commit(root: &Path, files: &[PathBuf], message: &str) -> anyhow::Result<()> {
    // Through standard input: there may be more files than a command line holds.
    let list: Vec<u8> = files.iter().flat_map(|file| [file.as_os_str().as_encoded_bytes(), b"\0"].concat()).collect();
    let from_stdin = ["--pathspec-from-file=-", "--pathspec-file-nul"];
    done(with_input(command(root).arg("add").args(from_stdin), &list)?, "git add")?;
    let mut commit = command(root);
    commit.args(["commit", "--quiet", "--only", "-m", message]).args(from_stdin);
    done(with_input(&mut commit, &list)?, "git commit")
}

fn run(command: &mut Command) -> anyhow::Result<Output> {
    command.stdin(Stdio::null()).output().context("can't run git")
}

fn with_input(command: &mut Command, input: &[u8]) -> anyhow::Result<Output> {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().context("can't run git")?;
    // git may end before it has read everything; what it says then tells more than the broken pipe.
    child.stdin.take().map(|mut pipe| pipe.write_all(input));
    child.wait_with_output().context("can't run git")
}

fn done(output: Output, what: &str) -> anyhow::Result<()> {
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{what} failed: {}", said.trim());
    Ok(())
}
