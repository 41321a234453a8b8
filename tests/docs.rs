//! What the documentation shows is what the tool does.

use std::{fs, path::Path};

use unpyramid::{
    apis::{Apis, Form},
    edit::RefusalCode,
    engine::{Engine, Selection},
    source::SourceFile,
    transforms::ALL,
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rewrite(text: &str, patterns: Vec<String>) -> String {
    let engine = Engine::new(ALL, Selection { patterns, ..Selection::default() }).unwrap();
    let source = SourceFile::new("example.js", text.as_bytes().to_vec()).unwrap();
    let bytes = engine.rewrite(&source).bytes.expect("the example is rewritten");
    String::from_utf8(bytes).unwrap()
}

#[test]
fn the_examples_that_explain_prints_are_what_the_rewrite_does() {
    for transform in ALL {
        let meta = transform.meta();
        let named = if transform.is_on_request() { vec![meta.id.to_owned()] } else { Vec::new() };
        assert_eq!(rewrite(meta.before, named), meta.after, "{}", meta.id);
    }
}

#[test]
fn the_diff_in_the_readme_is_what_the_first_command_prints() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let shown = readme.split("```diff\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a diff is shown");
    let run =
        assert_cmd::Command::cargo_bin("unpyramid").unwrap().current_dir(root()).args(["diff", "example"]).output();
    let printed = String::from_utf8(run.unwrap().stdout).unwrap();
    assert!(printed.contains(shown), "the README shows\n{shown}\nbut the command prints\n{printed}");
}

#[test]
fn the_readme_lists_every_pattern() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for meta in ALL.iter().map(|t| t.meta()) {
        assert!(readme.contains(&format!("| `{}` |", meta.id)), "{}", meta.id);
    }
}

#[test]
fn explain_has_a_page_for_every_refusal() {
    for code in RefusalCode::ALL {
        let run = assert_cmd::Command::cargo_bin("unpyramid").unwrap().args(["explain", code.code()]).output().unwrap();
        let page = String::from_utf8(run.stdout).unwrap();
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
        assert!(run.status.success() && words(&page).contains(&words(code.explanation())), "{}: {page}", code.code());
    }
}

#[test]
fn the_configuration_that_the_manual_shows_is_one() {
    let manual = fs::read_to_string(root().join("docs/known-apis.md")).unwrap();
    let shown = manual.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("one is shown");
    let apis = Apis::load(shown).unwrap();
    assert_eq!(apis.function("@acme/store", "load").unwrap().form, Form::Named("loadAsync".into()));
    assert_eq!(apis.method("userStore", "get").unwrap().results, Some(2));
    assert!(apis.is_registration("whenReady", 1));
}
