//! What is asked of git, and told to it.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use anyhow::Context as _;

use super::notes::shown;

/// What the environment of a hook says of the repository that it belongs to, which need not be ours.
const ANOTHER_REPOSITORY: [&str; 9] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_WORK_TREE",
];

/// Settings under which git does what it is asked and starts no program that the repository names.
const QUIET: [&str; 4] =
    ["core.fsmonitor=false", "core.hooksPath=/dev/null", "core.pager=cat", "safe.bareRepository=explicit"];

/// git, to be run in a folder, as somebody who types the command would run it, hooks and all. Names may hold `*`.
fn plain(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).arg("--literal-pathspecs");
    for name in ANOTHER_REPOSITORY {
        command.env_remove(name);
    }
    command
}

/// git, to be asked something in a folder: it locks nothing, fetches nothing, and runs neither hooks nor a monitor.
/// What would still run are [filters](without_filters).
fn asking(folder: &Path) -> Command {
    let mut command = plain(folder);
    command.args(["--no-optional-locks", "--no-pager"]);
    for setting in QUIET {
        command.args(["-c", setting]);
    }
    // A repository that is only partly there would be completed over the network.
    command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "none").env("GIT_TERMINAL_PROMPT", "0");
    command
}

/// git, to be asked about the content of files in a folder.
///
/// To compare a file with what is committed, git sends it through the filters that `.gitattributes` asks for: programs
/// that the settings name, those of the repository among them. All are turned off. A file that one of them changes can
/// then pass for changed, which is the safe mistake.
pub(super) fn without_filters(folder: &Path) -> anyhow::Result<Command> {
    let list = ["config", "--null", "--name-only", "--get-regexp", r"^filter\..*\.(clean|smudge|process|required)$"];
    let output = run(asking(folder).args(list))?;
    // 1 says that there is none.
    anyhow::ensure!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr).trim());
    let mut command = asking(folder);
    for name in output.stdout.split(|b| *b == 0).filter(|name| !name.is_empty()) {
        let name = std::str::from_utf8(name).ok().filter(|name| !name.contains('='));
        // On the command line, the name ends at the first `=`.
        let name = name.context("a filter in git's settings has a name that it can't be turned off by")?;
        let nothing = if name.ends_with(".required") { "false" } else { "" };
        command.arg("-c").arg(format!("{name}={nothing}"));
    }
    Ok(command)
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
    let head = run(asking(root).args(["symbolic-ref", "-q", "HEAD"]))?;
    anyhow::ensure!(
        head.status.success(),
        "--commit: {} is not on a branch (its HEAD is detached); a commit there would be lost",
        shown(root)
    );
    for (name, what) in UNDER_WAY {
        let path = run(asking(root).args(["rev-parse", "--git-path", name]))?;
        let path = root.join(String::from_utf8_lossy(&path.stdout).trim_end());
        anyhow::ensure!(!path.exists(), "--commit: {what} is in progress in {}; finish it first", shown(root));
    }
    Ok(())
}

/// Commits the given files, by their real paths, and nothing else; what else is staged stays so. Hooks, filters and
/// signing are those of any commit that the user makes there.
pub(super) fn commit(root: &Path, files: &[PathBuf], message: &str) -> anyhow::Result<()> {
    // Through standard input: there may be more files than a command line holds.
    let list: Vec<u8> = files.iter().flat_map(|file| [file.as_os_str().as_encoded_bytes(), b"\0"].concat()).collect();
    let from_stdin = ["--pathspec-from-file=-", "--pathspec-file-nul"];
    done(with_input(plain(root).arg("add").args(from_stdin), &list)?, "git add")?;
    let mut commit = plain(root);
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
