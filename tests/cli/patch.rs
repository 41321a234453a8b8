//! The diff is a patch that `git apply` takes, and taking it comes to the same as `apply`.

use super::{Project, SAFE};

/// Files of every kind of line end and encoding, each with something to rewrite.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let latin1 = [b"var s = '\xE9';\n".as_slice(), SAFE.as_bytes(), b"// \xFC\n"].concat();
    vec![
        ("plain.js", SAFE.as_bytes().to_vec()),
        ("crlf.js", SAFE.replace('\n', "\r\n").into_bytes()),
        ("no-end.js", SAFE.trim_end().as_bytes().to_vec()),
        ("crlf-no-end.js", SAFE.trim_end().replace('\n', "\r\n").into_bytes()),
        ("bom.js", [b"\xEF\xBB\xBF", SAFE.as_bytes()].concat()),
        ("lone-cr.js", [b"// a\rb = 1;\n".as_slice(), SAFE.as_bytes(), b"c();\r"].concat()),
        ("latin1.js", latin1),
        ("sub dir/with blank.js", SAFE.as_bytes().to_vec()),
        ("sub dir/quo\"te.js", SAFE.as_bytes().to_vec()),
        ("ünï.js", SAFE.as_bytes().to_vec()),
        ("twice.ts", format!("{SAFE}\nconst a = 1;\nconst b = 2;\nconst c = 3;\nconst d = 4;\n\n{SAFE}").into_bytes()),
    ]
}

fn project() -> Project {
    let project = Project::new(&[]);
    for (name, bytes) in files() {
        project.write(name, &bytes);
    }
    project.commit_all();
    project
}

fn contents(project: &Project) -> Vec<(&'static str, Vec<u8>)> {
    files().into_iter().map(|(name, _)| (name, project.read(name))).collect()
}

#[test]
fn git_apply_takes_the_diff_and_comes_to_the_same_as_apply() {
    let applied = project();
    applied.run(&["apply"]).expect(0);
    let patched = project();
    let diff = patched.run(&["diff"]).expect(1);
    assert_eq!(diff.err, "");
    patched.write("patch.diff", &diff.out);
    patched.git(&["apply", "--whitespace=nowarn", "patch.diff"]);
    for ((name, one), (_, other)) in contents(&applied).into_iter().zip(contents(&patched)) {
        assert_eq!(String::from_utf8_lossy(&one), String::from_utf8_lossy(&other), "{name}");
        assert_eq!(one, other, "{name}");
        assert_ne!(Some(&one), files().iter().find(|f| f.0 == name).map(|f| &f.1), "{name} was rewritten");
    }
}

#[test]
fn git_apply_takes_the_diff_below_the_top_of_a_repository() {
    // A folder within one of the same name is what plain headers would go wrong on.
    let project = Project::new(&[("one/lib/a.js", SAFE), ("one/one/a.js", SAFE)]);
    project.commit_all();
    let below = project.path("one");
    let diff = project.command(&["diff"]).current_dir(&below).output().unwrap();
    project.write("patch.diff", &diff.stdout);
    let output =
        std::process::Command::new("git").args(["apply", "../patch.diff"]).current_dir(&below).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_ne!(project.text("one/lib/a.js"), SAFE);
    assert_ne!(project.text("one/one/a.js"), SAFE);
}

#[test]
fn absolute_and_dotted_arguments_give_the_same_patch() {
    let project = Project::new(&[("lib/a.js", SAFE)]);
    let plain = project.run(&["diff", "lib"]).expect(1).out;
    assert_eq!(project.run(&["diff", "./lib/a.js"]).expect(1).out, plain);
    // The program sees its folder by its real path.
    let absolute = project.path("lib").canonicalize().unwrap();
    assert_eq!(project.run(&["diff", absolute.to_str().unwrap()]).expect(1).out, plain);
}
