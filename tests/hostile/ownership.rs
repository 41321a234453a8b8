//! What a file keeps that is written: see "What a written file keeps" in `docs/writing.md`.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::Path,
};

use super::{CALLBACK, Run, SAFE, Tree, is_root};

/// A user without rights of its own.
const NOBODY: u32 = 65534;

/// The mode of a file, without its kind.
fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Runs the program as another user, to whom permissions are denied; only root can.
fn run_as_nobody(tree: &Tree, arguments: &[&str]) -> Run {
    // Where the program was built, nobody else may be able to look.
    let place = tempfile::tempdir().unwrap();
    set_mode(place.path(), 0o755);
    let program = place.path().join("unpyramid");
    fs::copy(assert_cmd::cargo::cargo_bin!("unpyramid"), &program).unwrap();
    let mut command = std::process::Command::new(&program);
    command.args(arguments).current_dir(tree.folder.path()).uid(NOBODY).gid(NOBODY);
    Run::of(command)
}

/// Gives a whole tree to another user.
fn give(tree: &Tree, user: u32, group: u32) {
    for (path, _) in tree.contents() {
        chown(path, Some(user), Some(group)).unwrap();
    }
}

#[test]
fn mode_links_and_marks_of_a_file_are_kept_and_its_time_is_new() {
    let tree = Tree::new(&[("a.js", SAFE), ("b.js", CALLBACK)]);
    for (name, command) in [("a.js", "apply"), ("b.js", "migrate")] {
        let path = tree.path(name);
        set_mode(&path, 0o6751);
        let has_marks = rustix::fs::setxattr(&path, "user.mark", b"kept", rustix::fs::XattrFlags::empty()).is_ok();
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        tree.run(&[command, name]).expect(0);
        assert_eq!(mode(&path), 0o6751, "{command}");
        assert!(fs::metadata(&path).unwrap().mtime() > 0, "what goes by times sees that the file is new");
        if has_marks {
            let mut value = [0; 10];
            let length = rustix::fs::getxattr(&path, "user.mark", &mut value).unwrap();
            assert_eq!(&value[..length], b"kept", "{command}");
        }
    }
}

#[test]
fn another_name_of_a_file_keeps_the_old_content() {
    let tree = Tree::new(&[("a.js", SAFE)]);
    fs::hard_link(tree.path("a.js"), tree.path("other")).unwrap();
    tree.run(&["apply"]).expect(0);
    assert_ne!(tree.text("a.js"), SAFE);
    assert_eq!(tree.text("other"), SAFE);
}

#[test]
fn a_file_whose_rewrite_is_undone_is_the_same_file_as_before() {
    let tree = Tree::new(&[("a.js", CALLBACK), ("b.js", CALLBACK)]);
    fs::hard_link(tree.path("a.js"), tree.path("other")).unwrap();
    let before = fs::metadata(tree.path("a.js")).unwrap();
    // The command does not like what becomes of one of the two.
    let run = tree.run(&["migrate", "--verify", "! grep -q await a.js"]).expect(1);
    assert!(run.out().contains("undone: a.js"), "{}", run.said());
    assert_eq!(tree.text("a.js"), CALLBACK);
    assert_ne!(tree.text("b.js"), CALLBACK);
    let after = fs::metadata(tree.path("a.js")).unwrap();
    assert_eq!((after.ino(), after.mtime_nsec()), (before.ino(), before.mtime_nsec()));
}

#[test]
fn owner_and_group_are_kept_by_whoever_may_keep_them() {
    if !is_root() {
        println!("not root: no file can be given to somebody else");
        return;
    }
    let tree = Tree::new(&[("a.js", SAFE), ("b.js", CALLBACK)]);
    for (name, command) in [("a.js", "apply"), ("b.js", "migrate")] {
        let path = tree.path(name);
        chown(&path, Some(12345), Some(23456)).unwrap();
        set_mode(&path, 0o4750);
        tree.run(&[command, name]).expect(0);
        let now = fs::metadata(&path).unwrap();
        assert_eq!((now.uid(), now.gid(), mode(&path)), (12345, 23456, 0o4750), "{command}");
    }
}

#[test]
fn a_file_whose_group_cannot_be_kept_is_not_written() {
    if !is_root() {
        println!("not root: no file can be given to somebody else");
        return;
    }
    let tree = Tree::new(&[("a.js", SAFE), ("package.json", "{}")]);
    give(&tree, NOBODY, NOBODY);
    chown(tree.path("a.js"), None, Some(23456)).unwrap();
    let run = run_as_nobody(&tree, &["apply"]).expect(2);
    assert!(run.err().contains("group") && run.err().contains("nothing was written"), "{}", run.err());
    assert_eq!(tree.text("a.js"), SAFE);
}

#[test]
fn a_file_that_its_mode_denies_to_the_user_is_not_written_by_way_of_its_folder() {
    if !is_root() {
        println!("not root: nothing can be denied to somebody else");
        return;
    }
    let tree = Tree::new(&[("a.js", SAFE), ("package.json", "{}")]);
    give(&tree, NOBODY, NOBODY);
    chown(tree.path("a.js"), Some(0), None).unwrap();
    set_mode(&tree.path("a.js"), 0o644);
    let run = run_as_nobody(&tree, &["apply"]).expect(2);
    assert!(run.err().contains("nothing was written"), "{}", run.err());
    assert_eq!(tree.text("a.js"), SAFE);
}

#[test]
fn files_and_folders_that_are_shut_cost_nobody_else_anything() {
    if !is_root() {
        println!("not root: `what_cannot_be_read_does_not_stop_the_rest` in tests/cli has the same for oneself");
        return;
    }
    let names = ["open.js", "shut.js", "shut/a.js", "read-only/a.js", "unlisted/a.js", "package.json"];
    let tree = Tree::new(&names.map(|name| (name, if name == "package.json" { "{}" } else { SAFE })));
    give(&tree, NOBODY, NOBODY);
    for (path, mode) in [("shut.js", 0), ("shut", 0), ("unlisted", 0o100)] {
        set_mode(&tree.path(path), mode);
    }
    let run = run_as_nobody(&tree, &["scan"]).expect(1);
    for shut in ["shut.js: Permission", "shut: Permission", "unlisted: Permission"] {
        assert!(run.err().contains(shut), "{}", run.err());
    }
    assert!(run.out().contains("open.js:2"), "{}", run.out());
    // In a folder that nothing can be written to, nothing is, and then nowhere.
    set_mode(&tree.path("read-only"), 0o555);
    let run = run_as_nobody(&tree, &["apply"]).expect(2);
    assert!(run.err().contains("read-only/a.js"), "{}", run.err());
    for name in names {
        assert!(tree.text(name) == SAFE || name == "package.json", "{name}");
    }
    set_mode(&tree.path("read-only"), 0o755);
    run_as_nobody(&tree, &["apply"]).expect(0);
    assert_ne!(tree.text("open.js"), SAFE);
    assert!(!tree.contents().iter().any(|(path, _)| path.to_string_lossy().contains(".unpyramid")));
}
