//! What becomes of every fixture: rewritten as its snapshot says, parsed again, changed no further by a second pass,
//! with all its comments; or refused for the reason that its first line names, and not touched.
//!
//! New snapshots are written with `INSTA_UPDATE=always cargo test --test fixtures` and read before they are committed.

mod support;

use std::{collections::BTreeSet, path::Path};

use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;
use support::{Fixture, fixtures, root};
use unpyramid::{engine::Rewritten, source::SourceFile, syntax::Parsed};

#[test]
fn rewritten_fixtures_are_as_their_snapshots_say() {
    insta::glob!("fixtures", "*/rewrite/*", |path| check(path, false));
}

#[test]
fn reviewed_fixtures_are_as_their_snapshots_say() {
    insta::glob!("fixtures", "*/review/*", |path| check(path, true));
}

#[test]
fn refused_fixtures_are_refused_for_the_reason_they_name() {
    let complaints: Vec<_> = fixtures("refuse").iter().filter_map(|f| complaint_about_refusal(f).err()).collect();
    assert!(complaints.is_empty(), "{} fixtures:\n{}", complaints.len(), complaints.join("\n"));
}

fn check(path: &Path, review: bool) {
    let fixture = Fixture::at(path);
    let rewritten = fixture.rewrite(review);
    if review {
        assert_eq!(fixture.rewrite(false).bytes, None, "{}: rewritten without review", fixture.name);
    }
    let after = sound(&fixture, &rewritten, review);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("snapshots").join(&fixture.stem));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.remove_snapshot_suffix();
    let kind = if review { "review" } else { "rewrite" };
    let file = path.file_name().expect("a file").to_str().expect("a name in UTF-8");
    settings.bind(|| insta::assert_snapshot!(format!("{kind}@{file}"), visible(&after)));
}

/// What holds of every rewrite, whatever it looks like. Returns the result.
fn sound(fixture: &Fixture, rewritten: &Rewritten, review: bool) -> Vec<u8> {
    let name = &fixture.name;
    assert!(rewritten.dropped.is_empty(), "{name}: a change did not stand up: {:?}", rewritten.dropped);
    let bytes = rewritten.bytes.clone().unwrap_or_else(|| panic!("{name}: nothing is rewritten"));
    let source = SourceFile::new(fixture.source.path(), bytes.clone()).expect("still a text");
    let after = Fixture { stem: fixture.stem.clone(), name: fixture.name.clone(), source };
    assert_eq!(after.rewrite(review).bytes, None, "{name}: a second pass changes more");
    assert_parses(&after);
    assert_comments_kept(fixture, &after);
    bytes
}

/// Parses with the parser that the engine does not use, early errors included.
fn assert_parses(fixture: &Fixture) {
    let allocator = Allocator::default();
    let source_type = SourceType::from_path(fixture.source.path()).expect("a known extension");
    let parsed = Parser::new(&allocator, fixture.source.text(), source_type).parse();
    let semantic = SemanticBuilder::new().with_check_syntax_error(true).build(&parsed.program);
    let errors: Vec<_> = parsed.diagnostics.into_iter().chain(semantic.diagnostics).collect();
    assert!(errors.is_empty(), "{}: {errors:?}\n{}", fixture.name, fixture.source.text());
}

fn assert_comments_kept(before: &Fixture, after: &Fixture) {
    let kept = after.source.text();
    let parsed = Parsed::new(&before.source);
    for range in parsed.comments() {
        // A comment over several lines may be indented anew.
        for line in before.source.text()[range.clone()].lines().map(str::trim) {
            assert!(kept.contains(line), "{}: the comment is lost: {line}\n{kept}", before.name);
        }
    }
}

/// A file as it can be read in a snapshot, which would else leave out what only bytes show.
fn visible(bytes: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(bytes).replace('\u{FEFF}', "<BOM>").replace('\r', "<CR>");
    if !text.ends_with('\n') {
        text.push_str("<no newline at the end>");
    }
    text
}

/// Whether a fixture is left alone, for exactly the reasons that its first line names.
fn complaint_about_refusal(fixture: &Fixture) -> Result<(), String> {
    let name = &fixture.name;
    let first = fixture.source.text().lines().next().unwrap_or_default();
    let codes =
        first.strip_prefix("// refuse: ").ok_or_else(|| format!("{name}: no `// refuse: CODE` in the first line"))?;
    let expected: BTreeSet<_> = codes.split([',', ' ']).filter(|code| !code.is_empty()).collect();
    let rewritten = fixture.rewrite(true);
    if rewritten.bytes.is_some() {
        return Err(format!("{name}: rewritten"));
    }
    if let Some(dropped) = rewritten.dropped.first() {
        return Err(format!("{name}: rewritten, and taken back: {}", dropped.detail));
    }
    let own = rewritten.scan.findings.iter().filter(|found| found.finding.pattern == fixture.pattern());
    let codes: BTreeSet<_> =
        own.filter_map(|found| found.finding.outcome.as_ref().err()).map(|r| r.code.code()).collect();
    if codes != expected {
        return Err(format!("{name}: refused for {codes:?}"));
    }
    Ok(())
}
