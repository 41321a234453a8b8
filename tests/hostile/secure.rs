//! A project can't make the program run something, read what lies outside of it, or say something in its own voice.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::Command,
};

use super::{CALLBACK, LIMIT, Run, SAFE, Tree, is_root};

const COMMANDS: [&[&str]; 5] = [&["scan"], &["diff"], &["plan"], &["apply"], &["migrate"]];

/// A line that is a secret and no configuration.
const SECRET: &str = "{] hunter2-is-the-password";

fn script(path: &Path, text: &str) {
    fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn the_settings_of_a_repository_start_no_program() {
    let tree = Tree::new(&[("a.js", SAFE), ("b.js", CALLBACK), (".gitattributes", "*.js filter=evil=x diff=evil\n")]);
    tree.commit_all();
    let outside = tempfile::tempdir().unwrap();
    let (mark, program) = (outside.path().join("mark"), outside.path().join("program"));
    script(&program, &format!("echo \"$0 $*\" >> {}; cat", mark.display()));
    let program = program.to_str().unwrap();
    for filter in ["evil", "evil=x"] {
        for setting in ["clean", "smudge", "process"] {
            tree.git(&["config", &format!("filter.{filter}.{setting}"), program]);
        }
        tree.git(&["config", &format!("filter.{filter}.required"), "true"]);
    }
    for setting in ["core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "diff.external", "alias.status"] {
        tree.git(&["config", setting, program]);
    }
    tree.git(&["config", "diff.evil.textconv", program]);
    tree.git(&["config", "diff.evil.command", program]);
    tree.git(&["config", "pager.status", "true"]);
    for hook in ["post-index-change", "pre-commit", "fsmonitor-watchman", "post-checkout", "reference-transaction"] {
        script(&tree.path(".git/hooks").join(hook), &format!("echo {hook} >> {}", mark.display()));
    }
    for attributes in ["*.js filter=evil diff=evil\n", "*.js filter=evil=x\n"] {
        tree.write(".git/info/attributes", attributes.as_bytes());
        for arguments in COMMANDS {
            for name in ["a.js", "b.js"] {
                // The same content with another time: git has to read it to know.
                fs::write(tree.path(name), if name == "a.js" { SAFE } else { CALLBACK }).unwrap();
                let file = fs::File::options().write(true).open(tree.path(name)).unwrap();
                file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
            }
            tree.run(arguments).sound();
            let said = fs::read_to_string(&mark).unwrap_or_default();
            assert_eq!(said, "", "{arguments:?} with {attributes}");
        }
    }
    tree.run(&["apply"]).expect(2);
}

#[test]
fn a_submodule_and_a_bare_repository_in_the_tree_start_no_program() {
    let outside = tempfile::tempdir().unwrap();
    let (mark, program) = (outside.path().join("mark"), outside.path().join("program"));
    script(&program, &format!("echo \"$0\" >> {}; cat", mark.display()));
    let tree = Tree::new(&[("a.js", SAFE), ("sub/b.js", SAFE)]);
    tree.commit_all();
    // A folder that looks like a repository of its own, as a clone can bring one along.
    for (name, text) in [("HEAD", "ref: refs/heads/main\n"), ("objects/x", ""), ("refs/x", "")] {
        tree.write(Path::new("sub").join(name), text.as_bytes());
    }
    let config = format!("[core]\n\tbare = true\n\tfsmonitor = {0}\n\tpager = {0}\n", program.display());
    tree.write("sub/config", config.as_bytes());
    tree.git(&["add", "-A"]);
    tree.git(&["commit", "-q", "-m", "sub"]);
    tree.run(&["apply"]).expect(0);
    assert!(!mark.exists());
    assert_ne!(tree.text("sub/b.js"), SAFE);
}

#[test]
fn only_git_is_run_and_only_by_what_writes_and_the_command_only_as_typed() {
    let scripts = r#"{"scripts": {"test": "npm-test", "preinstall": "npm-test"}, "bin": "b.js", "main": "b.js"}"#;
    let config = "[[function]]\n";
    let tree = Tree::new(&[("a.js", SAFE), ("b.js", CALLBACK), ("package.json", scripts), (".eslintrc.js", config)]);
    tree.commit_all();
    let programs = tempfile::tempdir().unwrap();
    let log = programs.path().join("log");
    for name in ["git", "sh", "node", "npm", "npx", "eslint", "npm-test", "yarn", "tsc", "ssh", "curl", "less"] {
        let text = format!("echo \"{name} $*\" >> {}", log.display());
        // The real shell for what was typed.
        let rest = if name == "sh" { "\nexec /bin/sh \"$@\"" } else { "" };
        script(&programs.path().join(name), &(text + rest));
    }
    for (arguments, expected) in [
        (&["scan"][..], &[][..]),
        (&["diff"], &[]),
        (&["plan"], &[]),
        (&["explain"], &[]),
        (&["apply", "--allow-dirty"], &[]),
        (&["migrate", "--allow-dirty"], &[]),
        (&["apply"], &["git"]),
        (&["migrate", "--verify", "echo typed"], &["git", "sh -c echo typed"]),
    ] {
        fs::write(tree.path("a.js"), SAFE).unwrap();
        fs::write(tree.path("b.js"), CALLBACK).unwrap();
        fs::write(&log, "").unwrap();
        let mut command = tree.command(arguments);
        command.env("PATH", programs.path());
        Run::of(command).expect(if arguments[0] == "scan" || arguments[0] == "diff" { 1 } else { 0 });
        let said = fs::read_to_string(&log).unwrap();
        let unexpected = said.lines().find(|line| !expected.iter().any(|e| line.starts_with(e)));
        assert_eq!(unexpected, None, "{arguments:?}");
        assert_eq!(said.is_empty(), expected.is_empty(), "{arguments:?}");
    }
}

#[test]
fn settings_that_are_links_out_of_the_project_are_not_read() {
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("secret");
    fs::write(&secret, format!("module.exports = [ {SECRET}\n")).unwrap();
    for name in ["unpyramid.toml", "package.json", "tsconfig.json", "eslint.config.js", ".eslintrc.json", "bin/x.js"] {
        let tree = Tree::new(&[("a.ts", SAFE), ("lib/b.js", CALLBACK), ("bin/y.js", "")]);
        if name != "package.json" {
            tree.write("package.json", br#"{"bin": "bin/x.js"}"#);
        }
        symlink(&secret, tree.path(name)).unwrap();
        for arguments in [&["scan"][..], &["diff"], &["plan"], &["migrate"]] {
            let run = tree.run(arguments);
            assert!(!run.said().contains("hunter2"), "{arguments:?} reads {name}: {}", run.said());
            // Nothing is silently left out that the run would have gone by.
            if name == "unpyramid.toml" {
                assert!(run.code == Some(2) && run.err().contains("leads out of"), "{}", run.said());
            }
        }
    }
}

#[test]
fn settings_may_be_links_within_the_project() {
    let tree = Tree::new(&[("a.js", SAFE), (".git/x", ""), ("settings/all.toml", "[tuning]\n"), ("p/b.js", SAFE)]);
    symlink("../settings/all.toml", tree.path("p/unpyramid.toml")).unwrap();
    let said = tree.run(&["scan", "p"]).said();
    assert!(!said.contains("leads out of"), "{said}");
}

#[test]
fn a_tsconfig_reads_nothing_outside_and_goes_round_no_circle() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("base.json"), format!("{SECRET}\n")).unwrap();
    let extends = format!("{}/base.json", outside.path().display());
    let deep = format!("{{\"a\": {}", "[".repeat(100_000));
    let up = "../".repeat(40) + &extends;
    for text in [
        format!(r#"{{"extends": "{extends}", "compilerOptions": {{"baseUrl": "/", "paths": {{"*": ["/*"]}}}}}}"#),
        format!(r#"{{"extends": "{up}"}}"#),
        r#"{"extends": "./tsconfig.json"}"#.to_owned(),
        r#"{"extends": ["./tsconfig.other.json"], "references": [{"path": "."}, {"path": "../.."}]}"#.to_owned(),
        deep.clone(),
    ] {
        let tree = Tree::new(&[
            ("a.ts", "import {b} from 'etc/passwd';\nimport c from './c';\nc(b);\n"),
            ("c.ts", CALLBACK),
            ("tsconfig.other.json", r#"{"extends": "./tsconfig.json"}"#),
        ]);
        tree.write("package.json", if text == deep { text.as_bytes() } else { b"{}" });
        tree.write("tsconfig.json", text.as_bytes());
        for arguments in [&["scan"][..], &["plan"], &["migrate"]] {
            let run = tree.run(arguments).sound();
            assert!(!run.said().contains("hunter2"), "{}", run.said());
        }
    }
}

#[test]
fn pipes_in_the_place_of_settings_hold_nothing_up() {
    for name in [
        "unpyramid.toml",
        "package.json",
        "tsconfig.json",
        ".gitignore",
        ".ignore",
        "lib/.gitignore",
        ".git/info/exclude",
        ".eslintrc.json",
        ".unpyramid-journal",
        "lib/c.js",
    ] {
        let tree = Tree::new(&[("a.js", SAFE), ("lib/b.js", CALLBACK), (".git/info/x", "")]);
        fifo(&tree.path(name));
        for arguments in COMMANDS {
            let run =
                tree.run(&[arguments, &["--allow-dirty"][..usize::from(arguments[0] == "migrate")]].concat()).sound();
            // An ignore file that can't be read may be what keeps secrets out: its folder is left out, and that is said.
            if name.contains("ignore") || name.contains("exclude") {
                let file = name.strip_prefix("lib/").unwrap_or(name);
                assert!(run.err().contains(&format!("the {file} in it")), "{arguments:?} {name}: {}", run.said());
            }
        }
    }
}

#[test]
fn links_out_of_the_tree_are_neither_read_nor_written() {
    let outside = Tree::new(&[("a.js", SAFE), ("folder/b.js", CALLBACK)]);
    let tree = Tree::new(&[("own.js", SAFE), ("package.json", "{}")]);
    symlink(outside.path("a.js"), tree.path("a.js")).unwrap();
    symlink(outside.path("folder"), tree.path("folder")).unwrap();
    symlink("/dev/zero", tree.path("zero.js")).unwrap();
    symlink(".", tree.path("circle")).unwrap();
    symlink("two.js", tree.path("one.js")).unwrap();
    symlink("one.js", tree.path("two.js")).unwrap();
    symlink("nowhere.js", tree.path("nothing.js")).unwrap();
    let before = outside.contents();
    for arguments in COMMANDS {
        let run = tree.run(arguments).sound();
        // The device behind one of the links has no end.
        assert!(run.peak < 500 << 20 && run.took < LIMIT / 2, "{arguments:?}: {} bytes, {:?}", run.peak, run.took);
    }
    assert_eq!(outside.contents(), before);
    assert_ne!(tree.text("own.js"), SAFE);
    // What is named is wanted.
    tree.run(&["apply", "a.js"]).expect(0);
    assert_ne!(outside.text("a.js"), SAFE);
}

#[test]
fn a_journal_that_came_with_the_tree_does_no_harm() {
    let outside = Tree::new(&[("victim", "precious")]);
    let victim = outside.path("victim");
    let line = |path: &str| {
        format!("{{\"begin\":{{\"version\":1,\"id\":\"1-1\",\"files\":[{{\"path\":\"{path}\",\"before\":null}}]}}}}\n")
            + "\"armed\"\n{\"put\":[\"x\"]}\n"
    };
    for text in [
        line(victim.to_str().unwrap()),
        line("../victim"),
        line("link/victim"),
        "[".repeat(1_000_000) + "\n",
        "\0\0\n".to_owned(),
    ] {
        let tree = Tree::new(&[("a.js", SAFE), (".unpyramid-journal", &text)]);
        symlink(outside.folder.path(), tree.path("link")).unwrap();
        let run = tree.run(&["apply"]).expect(2);
        assert!(run.err().contains(".unpyramid-journal"), "{}", run.err());
        assert_eq!((outside.text("victim"), tree.text("a.js")), ("precious".to_owned(), SAFE.to_owned()));
    }
    let tree = Tree::new(&[("a.js", SAFE)]);
    symlink(&victim, tree.path(".unpyramid-journal")).unwrap();
    tree.run(&["apply"]).expect(2);
    assert_eq!(outside.text("victim"), "precious");
}

#[test]
fn a_journal_of_somebody_elses_is_not_acted_on() {
    if !is_root() {
        println!("not root: nobody else's journal can be made");
        return;
    }
    // In a folder that everybody may write to, like the one for temporary files.
    let shared = Tree::new(&[("project/a.js", SAFE), ("project/package.json", "{}")]);
    fs::set_permissions(shared.folder.path(), fs::Permissions::from_mode(0o1777)).unwrap();
    let hash = format!("{:032x}", xxhash_rust::xxh3::xxh3_128(SAFE.as_bytes()));
    let text = format!(
        "{{\"begin\":{{\"version\":1,\"id\":\"1-1\",\"files\":[{{\"path\":\"project/a.js\",\"before\":null}}]}}}}\n\
         \"armed\"\n{{\"put\":[\"{hash}\"]}}\n"
    );
    shared.write(".unpyramid-journal", text.as_bytes());
    std::os::unix::fs::chown(shared.path(".unpyramid-journal"), Some(12345), Some(12345)).unwrap();
    let run = shared.run(&["apply", "project"]).expect(2);
    assert!(run.err().contains("somebody else"), "{}", run.err());
    assert_eq!(shared.text("project/a.js"), SAFE);
}

/// Whether a text holds anything that a terminal acts on.
fn steers(text: &str) -> bool {
    text.contains(|c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{61C}')
    })
}

#[test]
fn nothing_in_a_tree_steers_the_terminal_or_speaks_in_the_programs_voice() {
    const EVIL: &str = "\x1b]0;evil\x07\u{9b}31m\u{202E}";
    let forged = "x\n::error::forged\nerror: forged";
    let code = format!(
        "app.get('/{EVIL}', function (req, res) {{\n  fs.readFile('{EVIL}', function (err, x) {{ // {EVIL}\n    if (err) \
         return res.send('{EVIL}');\n    res.send(x);\n  }});\n}});\nexports['{EVIL}'] = function (id) {{\n  return \
         load(id).then(function (x) {{ return x + '{EVIL}'; }});\n}};\n// unpyramid-ignore {EVIL}: {EVIL}\n"
    );
    let names =
        [format!("{EVIL}.js"), format!("{forged}.js"), format!("{forged}-binary.js"), format!("{forged}-bad.ts")];
    let tree = Tree::new(&[]);
    tree.write(&names[0], code.as_bytes());
    tree.write(&names[1], CALLBACK.as_bytes());
    tree.write(&names[2], b"a\0b");
    tree.write(&names[3], b"function (( {{ then =>");
    let toml = format!("[[{EVIL}\nerror: forged = {EVIL}\n");
    tree.write("other.toml", toml.as_bytes());
    tree.write(format!("{forged}.toml"), toml.as_bytes());
    tree.commit_all();
    let config = format!("--config={forged}.toml");
    let missing = format!("{forged}-missing.js");
    for arguments in [
        &["scan", "-v"][..],
        &["scan", "-v", "--format", "json"],
        &["scan", "--format", "jsonl"],
        &["scan", "--config=other.toml"],
        &["scan", &config],
        &["scan", &missing],
        &["scan", "--only", EVIL],
        &["explain", EVIL],
        &["diff", "--color", "always"],
        &["diff", "--format", "json"],
        &["plan", "-v"],
        &["plan", "--format", "json"],
        &["migrate", "-v", "--allow-dirty", "--verify", "exit 1"],
        &["migrate", "--commit", "--unsafe"],
        &["apply", "--unsafe", "-v"],
        &["apply", "--unsafe", "-v", "--allow-dirty"],
    ] {
        let run = tree.run(arguments).sound();
        let mut said = run.said();
        if arguments.contains(&"always") {
            for own in ["\x1b[0m", "\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[36m"] {
                said = said.replace(own, "");
            }
        }
        assert!(!steers(&said), "{arguments:?}: {said:?}");
        let spoofed = said.lines().find(|line| line.starts_with("error: forged") || line.starts_with("::"));
        assert_eq!(spoofed, None, "{arguments:?}: {said}");
    }
    let log = tree.git(&["log", "--format=%B"]);
    assert!(log.lines().count() > 3 && !steers(&log), "{log:?}");
}
