//! What the documentation shows is what the tool does.

use std::{fs, path::Path};

use unpyramid::{
    apis::{Apis, Form},
    edit::RefusalCode,
    engine::{Engine, Rewritten, Selection},
    project::{Entry, Packages},
    source::SourceFile,
    transform::Finding,
    transforms::ALL,
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rewritten(text: &str, selection: Selection) -> Rewritten {
    let source = SourceFile::new("example.js", text.as_bytes().to_vec()).unwrap();
    // A file of a package, so that a helper can be written for it.
    let path = root().join("tests/fixtures/example.js");
    let packages = Packages::of([&Entry { path, shown: "example.js".into(), named: true }]);
    Engine::new(ALL, selection).unwrap().within(packages).rewrite(&source)
}

fn rewrite(text: &str, patterns: Vec<String>) -> String {
    let selection = Selection { patterns, review: true, ..Selection::default() };
    let bytes = rewritten(text, selection).bytes.expect("the example is rewritten");
    String::from_utf8(bytes).unwrap()
}

/// What a pattern finds in a text.
fn found(text: &str, pattern: &str) -> Vec<Finding> {
    let selection = Selection { patterns: vec![pattern.to_owned()], review: false, ..Selection::default() };
    rewritten(text, selection)
        .scan
        .findings
        .into_iter()
        .map(|found| found.finding)
        .filter(|f| f.pattern == pattern)
        .collect()
}

/// The fenced blocks of a page, each with the words behind its backquotes.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let fenced = page.split("```").skip(1).step_by(2);
    fenced.filter_map(|block| block.split_once('\n')).collect()
}

#[test]
fn the_examples_that_explain_prints_are_what_the_rewrite_does() {
    for transform in ALL {
        let meta = transform.meta();
        if found(meta.before, meta.id).iter().all(|finding| finding.outcome.is_err()) {
            // What is only explained is found in the one, for a reason of its own, and not in the other.
            assert!(!found(meta.before, meta.id).is_empty() && found(meta.after, meta.id).is_empty(), "{}", meta.id);
            continue;
        }
        assert_eq!(rewrite(meta.before, vec![meta.id.to_owned()]), meta.after, "{}", meta.id);
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

/// What the page on callbacks says each of its examples starts with.
const IMPORTS: &str = "const fs = require('fs')\nconst util = require('util')\n\n";

/// A block may leave out what stands above an empty line, the adapter, and nothing else.
#[test]
fn the_page_on_callbacks_shows_what_becomes_of_its_examples() {
    let page = fs::read_to_string(root().join("docs/callbacks.md")).unwrap();
    let blocks = blocks(&page);
    let shown = blocks.windows(2).filter(|pair| pair[0].0 == "js before");
    for [(_, before), (kind, after)] in shown.map(|pair| [pair[0], pair[1]]) {
        let before = format!("{IMPORTS}{before}");
        let review = kind == "js review";
        assert!(review || kind == "js after", "{before}\nis followed by a block of {kind}");
        if review {
            assert_eq!(rewritten(&before, Selection::default()).bytes, None, "at level safe:\n{before}");
        }
        let selection = Selection { review, ..Selection::default() };
        let written = rewritten(&before, selection).bytes.unwrap_or_else(|| panic!("is not rewritten:\n{before}"));
        let written = String::from_utf8(written).unwrap();
        assert!(written.ends_with(&format!("\n\n{after}")), "the page shows\n{after}\nbut the tool writes\n{written}");
    }
}

#[test]
fn the_page_on_callbacks_shows_what_is_refused() {
    let page = fs::read_to_string(root().join("docs/callbacks.md")).unwrap();
    let refused = blocks(&page).into_iter().filter_map(|(kind, text)| Some((kind.strip_prefix("js refused ")?, text)));
    for (code, text) in refused {
        let rewritten = rewritten(&format!("{IMPORTS}{text}"), Selection { review: true, ..Selection::default() });
        let findings = rewritten.scan.findings.iter();
        let codes: Vec<_> =
            findings.filter_map(|f| f.finding.outcome.as_ref().err()).map(|refusal| refusal.code.code()).collect();
        assert_eq!((rewritten.bytes, codes), (None, vec![code]), "{text}");
    }
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let listed: Vec<_> = rows.map(|(code, _)| code).collect();
    assert!(listed.len() > 10 && listed.is_sorted(), "{listed:?}");
    let fixtures: Vec<_> = fs::read_dir(root().join("tests/fixtures/callback_pyramid/refuse"))
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    for code in listed {
        let first = format!("// refuse: {code}");
        assert!(fixtures.iter().any(|text| text.starts_with(&first)), "no fixture is refused for {code}");
    }
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

#[test]
fn the_page_on_effects_lists_the_verbs() {
    use unpyramid::effects::verbs;
    let page = fs::read_to_string(root().join("docs/effects.md")).unwrap();
    let listed: Vec<Vec<&str>> = page
        .split("\n\n")
        .filter(|part| part.starts_with('`'))
        .map(|part| part.split(',').map(|word| word.trim().trim_matches('`')).collect())
        .collect();
    let lists = [
        verbs::READS,
        verbs::WRITES,
        verbs::MAKES,
        verbs::CHECKS,
        verbs::WAITS,
        verbs::PREPARES,
        verbs::STATEFUL,
        verbs::VIEWED,
    ];
    assert_eq!(listed, lists);
}

#[test]
fn the_rows_that_the_page_on_effects_shows_are_taken() {
    let page = fs::read_to_string(root().join("docs/effects.md")).unwrap();
    let shown = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("rows are shown");
    let apis = Apis::load(shown).unwrap();
    let row = apis.effects().callee("this.repo.find").expect("the row is there");
    assert!(row.by_user && apis.effects().callee("repo.save").is_none());
    assert!(apis.effects().function("@acme/geo", "route").is_some());
}
