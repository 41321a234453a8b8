//! Trees that are large or odd, and files that change while the program is at work.

use std::{
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt, fs::PermissionsExt},
    path::Path,
};

use super::{CALLBACK, LIMIT, Run, SAFE, Tree};

#[test]
fn ten_thousand_tiny_files_are_many_files_and_no_more() {
    let tree = Tree::new(&[("package.json", "{}")]);
    for n in 0..10_000 {
        tree.write(format!("d{}/e{}/f{n}.js", n % 10, n % 70), if n % 100 == 0 { SAFE } else { "x();\n" }.as_bytes());
    }
    for command in ["scan", "apply"] {
        let run = tree.run(&[command]).sound();
        println!("{command}: {:?}, {} MB", run.took, run.peak >> 20);
        assert!(run.peak < 300 << 20 && run.took < LIMIT / 2, "{command}: {} bytes, {:?}", run.peak, run.took);
    }
    assert_ne!(tree.text("d0/e0/f0.js"), SAFE);
    assert_eq!(tree.run(&["scan", "-q"]).expect(0).said(), "");
}

#[test]
fn a_folder_may_be_as_deep_as_the_system_lets_it() {
    let tree = Tree::new(&[("a.js", SAFE)]);
    let deep = "d/".repeat(1900);
    tree.write(format!("{deep}a.js"), SAFE.as_bytes());
    let run = tree.run(&["apply"]).expect(0);
    assert!(run.out().contains("2 rewrites in 2 files"), "{}", run.said());
}

#[test]
fn names_may_hold_every_byte_that_the_system_lets_them() {
    let tree = Tree::new(&[("package.json", "{}")]);
    let byte = |byte: u8| [&[b'a', byte][..], b".js"].concat();
    let names: Vec<Vec<u8>> = (1..=255).filter(|b| *b != b'/').map(byte).collect();
    for name in &names {
        tree.write(Path::new(OsStr::from_bytes(name)), SAFE.as_bytes());
    }
    tree.commit_all();
    let diff = tree.run(&["diff"]).expect(1);
    tree.run(&["plan"]).expect(0);
    tree.run(&["scan", "--format", "json"]).expect(1);
    let patch = tempfile::NamedTempFile::new().unwrap();
    fs::write(patch.path(), &diff.out).unwrap();
    tree.git(&["apply", "--check", patch.path().to_str().unwrap()]);
    let run = tree.run(&["apply"]).expect(0);
    assert!(run.out().contains(&format!("{0} rewrites in {0} files", names.len())), "{}", run.said());
    // What git makes of the patch is what the program makes of the files.
    let written = tree.contents();
    tree.git(&["checkout", "-q", "."]);
    tree.git(&["apply", patch.path().to_str().unwrap()]);
    assert_eq!(tree.contents(), written);
}

#[test]
fn names_like_options_and_patterns_are_names() {
    let names = ["-v.js", "--help.js", "[a].js", "*.js", ":(top)a.js", "@x.js", "~.js", "$(touch x).js", ";ls.js"];
    let tree = Tree::new(&[("package.json", "{}")]);
    names.iter().for_each(|name| tree.write(name, CALLBACK.as_bytes()));
    tree.commit_all();
    tree.git(&["config", "user.name", "t"]);
    tree.git(&["config", "user.email", "t@example.org"]);
    let run = tree.run(&["migrate", "--commit"]).expect(0);
    names.iter().for_each(|name| assert_ne!(tree.text(name), CALLBACK, "{name}: {}", run.said()));
    assert_eq!(tree.git(&["status", "--porcelain"]), "");
}

/// Runs `apply` with something that happens after the files were read and before any is written: while git is asked.
fn apply_while(tree: &Tree, happens: &str) -> Run {
    let programs = tempfile::tempdir().unwrap();
    let git = programs.path().join("git");
    // It is asked for the filters, then for the status.
    fs::write(&git, format!("#!/bin/sh\ncase \"$*\" in *status*) {happens};; esac\n")).unwrap();
    fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = tree.command(&["apply"]);
    command.env("PATH", format!("{}:{}", programs.path().display(), std::env::var("PATH").unwrap()));
    Run::of(command)
}

#[test]
fn what_changes_between_reading_and_writing_stops_the_write() {
    for (happens, said) in [
        ("echo 'mine();' >> b.js", "changed since it was read"),
        ("rm b.js", "No such file"),
        ("rm b.js; mkdir b.js", "b.js"),
        ("rm b.js; mkfifo b.js", "regular file"),
        ("rm b.js; ln -s nowhere b.js", "No such file"),
        ("rm b.js; ln -s b.js b.js", "symbolic link"),
        ("chmod 444 b.js", "read-only"),
        ("mv lib other", "No such file"),
        ("touch .unpyramid-journal", "another run is writing here"),
    ] {
        let tree =
            Tree::new(&[("a.js", SAFE), ("b.js", SAFE), ("lib/c.js", SAFE), ("package.json", "{}"), (".git/x", "")]);
        let run = apply_while(&tree, happens).expect(2);
        assert!(run.err().contains(said) && run.err().contains("nothing was written"), "{happens}: {}", run.err());
        assert_eq!(tree.text("a.js"), SAFE, "{happens}");
        assert!(!tree.path(".unpyramid-journal").exists() || happens.contains("journal"), "{happens}");
    }
}

#[test]
fn a_file_that_comes_to_the_same_is_written() {
    let tree = Tree::new(&[("a.js", SAFE), (".git/x", "")]);
    apply_while(&tree, "cp a.js x; rm a.js; mv x a.js").expect(0);
    assert_ne!(tree.text("a.js"), SAFE);
}

#[test]
fn a_command_that_changes_the_files_that_it_verifies_loses_nothing() {
    for (command, said) in [
        ("echo 'mine();' >> a.js", "changed since it was read"),
        ("rm -f a.js", "No such file"),
        ("grep -q await a.js && echo 'mine();' >> a.js && exit 1; exit 0", "a.js"),
        ("grep -q await a.js && rm a.js && exit 1; exit 0", "a.js"),
    ] {
        let tree = Tree::new(&[("a.js", CALLBACK), ("b.js", CALLBACK), ("package.json", "{}")]);
        let run = tree.run(&["migrate", "--verify", command]).sound();
        assert!(run.code != Some(0) && run.err().contains(said), "{command}: {}", run.said());
        if command.contains("mine") {
            assert!(tree.text("a.js").ends_with("mine();\n"), "{command}: {}", run.said());
        }
    }
}
