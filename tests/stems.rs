//! One stem everywhere: a pattern's code, its query, its fixtures and its snapshots carry the same name, and no
//! folder holds one that belongs to no pattern.

use std::{collections::BTreeSet, fs, path::Path};

use unpyramid::{
    source::{Language, SourceFile},
    syntax::Parsed,
    transforms::ALL,
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The registered patterns' stems.
fn stems() -> BTreeSet<String> {
    ALL.iter().map(|t| t.meta().id.replace('-', "_")).collect()
}

/// The names in a folder, without an extension. A name with a leading underscore is shared by several patterns.
fn names(folder: &str, extension: Option<&str>) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap_or_else(|e| panic!("{folder}: {e}"));
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| match extension {
            Some(extension) => path.extension().is_some_and(|e| e == extension),
            None => path.is_dir(),
        })
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| name != "mod" && !name.starts_with('_'))
        .collect()
}

#[test]
fn every_pattern_has_its_code_and_its_query_and_none_is_left_over() {
    assert_eq!(names("transforms", Some("rs")), stems(), "transforms/*.rs");
    assert_eq!(names("queries/ecma", Some("scm")), stems(), "queries/ecma/*.scm");
}

#[test]
fn every_pattern_has_fixtures_and_snapshots_and_none_is_left_over() {
    assert_eq!(names("tests/fixtures", None), stems(), "tests/fixtures/");
    // What is only explained has no result to show.
    let is_rewritten = |stem: &String| {
        ["rewrite", "review"].iter().any(|kind| root().join("tests/fixtures").join(stem).join(kind).is_dir())
    };
    assert_eq!(names("snapshots", None), stems().into_iter().filter(is_rewritten).collect(), "snapshots/");
}

#[test]
fn every_query_compiles_for_every_language() {
    for transform in ALL {
        for language in Language::ALL {
            let name = match language {
                Language::JavaScript => "a.js",
                Language::TypeScript => "a.ts",
                Language::Tsx => "a.tsx",
            };
            let source = SourceFile::new(name, Vec::new()).unwrap();
            // A query that does not compile panics here, and says where.
            assert!(transform.query().candidates(&Parsed::new(&source)).is_empty());
        }
    }
}

#[test]
fn ids_are_unique_and_in_kebab_case_and_every_page_is_written() {
    let mut seen = BTreeSet::new();
    for meta in ALL.iter().map(|t| t.meta()) {
        assert!(seen.insert(meta.id), "{} is there twice", meta.id);
        assert!(meta.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", meta.id);
        for text in [meta.summary, meta.why, meta.before, meta.after, meta.safety] {
            assert!(!text.trim().is_empty(), "{}: a part of its page is empty", meta.id);
        }
        assert!(meta.summary.ends_with('.'), "{}: the summary is a sentence", meta.id);
    }
}
