//! Runs that end where nobody wants them to: killed, without room on the disk. Afterwards each file is as it was or as
//! it was to be, and the next run comes to the end.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{CALLBACK, Run, SAFE, Tree, is_root};

/// Files enough for several of them to be written in one step.
fn project() -> Tree {
    let tree = Tree::new(&[("package.json", "{}")]);
    for n in 0..8 {
        tree.write(format!("d{}/f{n}.js", n % 3), format!("{CALLBACK}// {n}\n").as_bytes());
    }
    tree
}

fn code(tree: &Tree) -> Vec<(PathBuf, Vec<u8>)> {
    tree.contents().into_iter().filter(|(path, _)| path.extension().is_some_and(|e| e == "js")).collect()
}

/// What the files are when a migration has come to its end.
fn migrated() -> Vec<Vec<u8>> {
    let tree = project();
    tree.run(&["migrate"]).expect(0);
    code(&tree).into_iter().map(|(_, bytes)| bytes).collect()
}

fn left_beside(tree: &Tree) -> Vec<PathBuf> {
    let ours = |path: &PathBuf| path.to_string_lossy().contains(".unpyramid");
    tree.contents().into_iter().map(|(path, _)| path).filter(ours).collect()
}

/// Checks that every file is whole, old or new; how many are new.
fn whole(tree: &Tree, new: &[Vec<u8>]) -> usize {
    let old: Vec<_> = code(&project()).into_iter().map(|(_, bytes)| bytes).collect();
    let files = code(tree);
    assert_eq!(files.len(), new.len());
    let wrong = files.iter().zip(old.iter().zip(new)).find(|((_, now), (old, new))| now != *old && now != *new);
    assert!(wrong.is_none(), "{wrong:?}");
    files.iter().zip(new).filter(|((_, now), new)| now == *new).count()
}

/// Lets the command that verifies a migration end the program at its `n`-th run, counted in a file.
fn killing(tree: &Tree, n: usize, otherwise: &str) -> (PathBuf, String) {
    let count = tree.path("count");
    let count_it = format!("echo >> {0}; [ $(wc -l < {0}) -eq {n} ] && kill -9 $PPID; {otherwise}", count.display());
    (count, count_it)
}

#[test]
fn a_migration_killed_at_any_run_of_its_command_is_taken_back_and_goes_on() {
    let new = migrated();
    // A command that likes everything, and one that has the rewrite at fault looked for.
    for otherwise in ["true", "! grep -q await d1/f4.js"] {
        for n in 1..7 {
            let tree = project();
            let (count, command) = killing(&tree, n, otherwise);
            let run = tree.run(&["migrate", "--verify", &command]);
            if run.code.is_some() {
                // There were fewer runs.
                assert!(n > 2, "run {n}: {}", run.said());
                break;
            }
            // While the command runs, the step is in place or about to be, as the journal knows.
            whole(&tree, &new);
            fs::remove_file(count).unwrap();
            let again = tree.run(&["migrate", "--verify", otherwise]).sound();
            assert_eq!(again.code, Some(i32::from(otherwise != "true")), "{}", again.said());
            if n > 1 {
                assert!(again.err().contains("an earlier run was interrupted"), "run {n}: {}", again.err());
            }
            assert_eq!(whole(&tree, &new), if otherwise == "true" { 8 } else { 7 }, "run {n}");
            assert_eq!(left_beside(&tree), [] as [PathBuf; 0]);
        }
    }
}

#[test]
fn a_migration_killed_within_a_commit_has_lost_nothing() {
    let new = migrated();
    for hook in ["pre-commit", "commit-msg", "post-commit"] {
        let tree = project();
        tree.commit_all();
        tree.git(&["config", "user.name", "t"]);
        tree.git(&["config", "user.email", "t@example.org"]);
        // The hook's parent is git, whose parent is the program.
        let script = "#!/bin/sh\nkill -9 $(sed 's/.*) . \\([0-9]*\\).*/\\1/' /proc/$PPID/stat)\n";
        let path = tree.path(".git/hooks").join(hook);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let run = tree.run(&["migrate", "--commit"]);
        assert_eq!(run.code, None, "{hook}: {}", run.said());
        fs::remove_file(&path).unwrap();
        assert_eq!(whole(&tree, &new), 8, "what was to be committed is there");
        assert_eq!(left_beside(&tree), [] as [PathBuf; 0]);
        // git goes on without us, and ends what it was at.
        let committed = (0..500).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            tree.git(&["log", "--format=%s"]).contains("Promisify") && !tree.path(".git/index.lock").exists()
        });
        assert!(committed, "{hook}");
        assert_eq!(tree.git(&["status", "--porcelain"]), "");
        tree.run(&["migrate", "--commit"]).expect(0);
    }
}

/// Runs the program with files of at most so many blocks of 512 bytes, as on a disk that is nearly full.
fn run_within(tree: &Tree, arguments: &[&str], blocks: usize, killed: bool) -> Run {
    let program = assert_cmd::cargo::cargo_bin!("unpyramid");
    // Without the signal, the system refuses to write on; with it, the program is gone.
    let signal = if killed { "" } else { "trap '' XFSZ; " };
    let mut command = Command::new("sh");
    let script = format!("{signal}ulimit -f {blocks}; exec \"$0\" \"$@\"");
    command.arg("-c").arg(script).arg(program).args(arguments).current_dir(tree.folder.path());
    Run::of(command)
}

#[test]
fn a_file_that_may_not_grow_leaves_all_as_they_were() {
    let big = format!("{SAFE}{}", "// so much\n".repeat(2000));
    for killed in [false, true] {
        let tree = Tree::new(&[("a.js", SAFE), ("b.js", &big), ("c.js", SAFE), ("package.json", "{}")]);
        let run = run_within(&tree, &["apply"], 20, killed);
        if killed {
            assert_eq!(run.code, None, "{}", run.said());
        } else {
            let run = run.expect(2);
            assert!(run.err().contains("nothing was written"), "{}", run.err());
            assert_eq!(left_beside(&tree), [] as [PathBuf; 0]);
        }
        assert_eq!([tree.text("a.js"), tree.text("b.js"), tree.text("c.js")], [SAFE, &big, SAFE]);
        let run = tree.run(&["apply"]).expect(0);
        assert_eq!(run.err().contains("interrupted before it had written anything"), killed, "{}", run.err());
        assert!(run.out().contains("3 rewrites in 3 files"), "{}", run.out());
        assert_eq!(left_beside(&tree), [] as [PathBuf; 0]);
    }
}

/// A disk of its own for a test, given back when it is over.
struct Disk(PathBuf);

impl Disk {
    /// A small one; `None` where no disk can be had.
    fn of(kilobytes: usize, at: &Path) -> Option<Self> {
        let size = format!("size={kilobytes}k,nr_inodes=2k");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "none"]).arg(at).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Self(at.to_owned()))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        Command::new("umount").arg(&self.0).status().unwrap();
    }
}

#[test]
fn a_full_disk_leaves_all_as_they_were_wherever_it_fills_up() {
    if !is_root() {
        println!("not root: no disk can be had; `a_file_that_may_not_grow…` stands for it");
        return;
    }
    let new = migrated();
    let place = Tree::new(&[]);
    let Some(_disk) = Disk::of(400, place.folder.path()) else {
        println!("nothing can be mounted here; `a_file_that_may_not_grow…` stands for it");
        return;
    };
    let (mut refused, mut done) = (0, 0);
    // Page by page, from no room at all to enough.
    for free in (0..40).step_by(5) {
        let source = project();
        for (path, bytes) in source.contents().iter().filter(|(path, _)| path.is_file()) {
            place.write(path.strip_prefix(source.folder.path()).unwrap(), bytes);
        }
        let filler = place.path("filler");
        let room = available(place.folder.path());
        fs::write(&filler, vec![0; room.saturating_sub(free * 4096)]).unwrap();
        for command in ["migrate", "apply"] {
            let run = place.run(&[command]).sound();
            match (run.code, whole(&place, &new)) {
                (Some(0), 8) => done += 1,
                (Some(2), 0) => {
                    refused += 1;
                    assert!(run.err().contains("No space left"), "{command} with {free}: {}", run.said());
                }
                (code, new) => panic!("{command} with {free} pages free: {code:?}, {new} new: {}", run.said()),
            }
            assert_eq!(left_beside(&place), [] as [PathBuf; 0], "{command} with {free}");
        }
        fs::remove_file(filler).unwrap();
        place.run(&["migrate"]).expect(0);
        assert_eq!(whole(&place, &new), 8);
    }
    assert!(refused > 2 && done > 2, "{refused} {done}");
}

/// How much room is left on a disk, in bytes.
fn available(path: &Path) -> usize {
    let all = rustix::fs::statvfs(path).unwrap();
    usize::try_from(all.f_bavail * all.f_frsize).unwrap()
}

#[test]
fn permission_that_is_taken_away_in_the_middle_leaves_all_as_they_were() {
    let new = migrated();
    // The command runs between the first look at the files and their being written, and again when they are. Whoever
    // may do everything is stopped by what no file on that disk may do.
    let tree = project();
    let folder = tree.path("d1");
    if is_root() {
        let immutable = Command::new("chattr").arg("+i").arg(&folder).output();
        if !immutable.is_ok_and(|output| output.status.success()) {
            println!("root, and no file can be made immutable here: nothing can be denied");
            return;
        }
    } else {
        fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o555)).unwrap();
    }
    let run = tree.run(&["migrate"]).expect(2);
    let said = run.err();
    allow(&folder);
    assert!(said.contains("d1/") && said.contains("nothing was written"), "{said}");
    assert_eq!(whole(&tree, &new), 0);
    assert_eq!(left_beside(&tree), [] as [PathBuf; 0]);
    // Taken away while the step is being verified: what was written can't go back, and the next run sees to it.
    let take = if is_root() { "chattr +i d1" } else { "chmod 555 d1" };
    let command = format!("grep -q await d1/f1.js || exit 0; {take}; exit 1");
    let run = tree.run(&["migrate", "--verify", &command]).expect(2);
    allow(&folder);
    assert!(run.err().contains("d1/"), "{}", run.err());
    whole(&tree, &new);
    let run = tree.run(&["migrate"]).expect(0);
    assert!(run.err().contains("an earlier run was interrupted"), "{}", run.err());
    assert_eq!(whole(&tree, &new), 8);
    assert_eq!(left_beside(&tree), [] as [PathBuf; 0]);
}

fn allow(folder: &Path) {
    if is_root() {
        Command::new("chattr").arg("-i").arg(folder).status().unwrap();
    } else {
        fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
}
