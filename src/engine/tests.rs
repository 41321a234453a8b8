//! The engine against a pattern made for it, whose candidates say themselves what is to become of them.

use super::*;
use crate::{
    context::Context,
    edit::Refusal,
    syntax::{Node, PatternQuery, node},
    transform::{Change, Meta},
};

static META: Meta = Meta { id: "scripted", summary: "", why: "", before: "", after: "", safety: "" };
static QUERY: PatternQuery = PatternQuery::new("(call_expression) @candidate");
static REGISTRY: &[&dyn Transform] = &[&Scripted];

/// Calls of certain names are candidates; the name says what the change does.
struct Scripted;

impl Transform for Scripted {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn query(&self) -> &PatternQuery {
        &QUERY
    }

    fn needles(&self) -> &'static [&'static str] {
        &[
            "old", "maybe", "broken", "lossy", "never", "outer", "peel", "spin", "still", "bounds", "twice", "swallow",
            "wrap", "absorb", "block",
        ]
    }

    fn judge(&self, cx: &Context<'_>, candidate: Node<'_>) -> Option<Finding> {
        let (callee, arguments) = node::call_parts(candidate)?;
        let range = candidate.byte_range();
        let whole = |text: &str| vec![Edit::new(range.clone(), text)];
        let first = arguments.first().map_or("", |a| cx.text(*a));
        let (safety, edits) = match cx.text(callee) {
            "old" => (Safety::Safe, vec![Edit::new(callee.byte_range(), "fresh")]),
            "maybe" => (Safety::Review, vec![Edit::new(callee.byte_range(), "surely")]),
            "broken" => (Safety::Safe, whole("x = = 1")),
            "twice" => (Safety::Safe, whole("0; let x, x")),
            "swallow" => (Safety::Safe, vec![Edit::new(range.start..range.end + 1, "x")]),
            "block" => (Safety::Safe, vec![Edit::new(range.start..range.end + 1, "{ a: f() }")]),
            "absorb" => (Safety::Safe, vec![Edit::new(range.start..range.end + 1, "x +")]),
            "wrap" => (Safety::Safe, whole("(x)()")),
            "lossy" | "outer" => (Safety::Safe, whole("done()")),
            "peel" => (Safety::Safe, whole(first)),
            "spin" => (Safety::Safe, vec![Edit::insert(range.end - 1, " ")]),
            "still" => (Safety::Safe, vec![Edit::new(callee.byte_range(), "still")]),
            "bounds" => (Safety::Safe, vec![Edit::insert(1 << 40, "")]),
            "never" => {
                let outcome = Err(Refusal::new(RefusalCode::UsesThis, callee.byte_range()));
                return Some(Finding::new(META.id, range, "no", outcome));
            }
            _ => return None,
        };
        let assumption = (safety == Safety::Review).then(|| "it holds".to_owned());
        let consumed = match cx.text(callee) {
            "outer" => arguments.iter().map(|a| a.byte_range()).collect(),
            _ => Vec::new(),
        };
        let change = Change {
            title: "do it",
            safety,
            assumption,
            scope: candidate.byte_range(),
            edits,
            consumed,
            waits_for: Vec::new(),
            creates: None,
        };
        Some(Finding::new(META.id, range, "found", Ok(change)))
    }
}

fn source(text: &str) -> SourceFile {
    SourceFile::new("lib/a.js", text.as_bytes().to_vec()).unwrap()
}

fn rewrite_with(text: &str, selection: Selection) -> Rewritten {
    Engine::new(REGISTRY, selection).unwrap().rewrite(&source(text))
}

fn rewrite(text: &str) -> Rewritten {
    rewrite_with(text, Selection::default())
}

fn result(rewritten: &Rewritten) -> &str {
    std::str::from_utf8(rewritten.bytes.as_deref().unwrap_or(b"unchanged")).unwrap()
}

fn scan(text: &str) -> Scan {
    Engine::new(REGISTRY, Selection::default()).unwrap().scan(&source(text))
}

fn only(ids: &[&str]) -> Selection {
    Selection { only: Some(ids.iter().map(|id| (*id).to_owned()).collect()), ..Selection::default() }
}

fn codes(scan: &Scan) -> Vec<&'static str> {
    scan.findings.iter().map(|f| f.finding.outcome.as_ref().map_or_else(|r| r.code.code(), |c| c.title)).collect()
}

#[test]
fn changes_that_do_not_touch_go_together() {
    let out = rewrite("old(1);\nold(2);\n");
    assert_eq!(result(&out), "fresh(1);\nfresh(2);\n");
    assert!(out.applied.iter().all(|a| a.pass == 1));
}

#[test]
fn changes_that_touch_wait_for_the_next_pass_outer_first() {
    let out = rewrite("peel(peel(old(x)));");
    assert_eq!(result(&out), "fresh(x);");
    assert_eq!(out.applied.iter().map(|a| a.pass).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(!out.unfinished);
}

#[test]
fn what_is_carried_along_hides_nothing_by_itself() {
    assert_eq!(scan("outer(old(1));").findings.len(), 1);
    assert_eq!(scan("outer(outer(old(1)));").findings.len(), 2);
}

#[test]
fn only_safe_changes_are_made_unless_review_is_asked_for() {
    assert_eq!(result(&rewrite("old(maybe(1));")), "fresh(maybe(1));");
    let review = Selection { review: true, ..Selection::default() };
    assert_eq!(result(&rewrite_with("old(maybe(1));", review)), "fresh(surely(1));");
}

#[test]
fn a_result_that_does_not_parse_is_dropped_loudly_and_alone() {
    let out = rewrite("old(1);\nbroken();\nold(2);\nold(3);\n");
    assert_eq!(result(&out), "fresh(1);\nbroken();\nfresh(2);\nfresh(3);\n");
    assert_eq!(out.dropped.len(), 1);
    assert_eq!(out.dropped[0].code, RefusalCode::BrokenRewrite);
    assert!(out.dropped[0].detail.starts_with("the result does not parse at 2:"), "{}", out.dropped[0].detail);
    assert_eq!(out.dropped[0].position.line, 2);
    let scan = scan("old(1);\nbroken();\n");
    assert_eq!(codes(&scan), ["do it", "broken-rewrite"]);
    assert!(scan.dropped[0].detail.starts_with("the result does not parse at 2:"));
}

#[test]
fn a_result_whose_block_would_be_taken_for_an_object_is_dropped_and_says_so() {
    let out = rewrite("old(1);\nblock();\n");
    assert_eq!(result(&out), "fresh(1);\nblock();\n");
    assert_eq!(out.dropped.iter().map(|d| d.code).collect::<Vec<_>>(), [RefusalCode::SyntaxError]);
}

#[test]
fn a_result_with_a_new_early_error_is_dropped() {
    let out = rewrite("old(1);\ntwice();\n");
    assert_eq!(result(&out), "fresh(1);\ntwice();\n");
    assert_eq!(out.dropped.len(), 1);
    assert!(out.dropped[0].detail.contains("at 2:"), "{}", out.dropped[0].detail);
    // An error that was there before is nobody's fault.
    assert_eq!(result(&rewrite("let y, y; old(1);")), "let y, y; fresh(1);");
}

#[test]
fn a_dropped_change_is_not_tried_again_when_code_before_it_moves() {
    let out = rewrite("peel(peel(old(1)));\nbroken();\n");
    assert_eq!(result(&out), "fresh(1);\nbroken();\n");
    assert_eq!(out.dropped.len(), 1);
}

#[test]
fn a_change_that_loses_a_comment_is_refused() {
    let text = "lossy(/* why */ 1);\nold(1);\n";
    let out = rewrite(text);
    assert_eq!(result(&out), "lossy(/* why */ 1);\nfresh(1);\n");
    assert_eq!(out.dropped[0].code, RefusalCode::CommentWouldBeLost);
    assert_eq!(codes(&scan(text)), ["comment-would-be-lost", "do it"]);
    assert_eq!(codes(&out.scan), ["comment-would-be-lost", "do it"]);
}

#[test]
fn nothing_is_rewritten_in_or_around_a_syntax_error() {
    let text = "function a() { old(1); x = = 2; }\nfunction b() { old(3); }\n";
    let out = rewrite(text);
    assert_eq!(result(&out), "function a() { old(1); x = = 2; }\nfunction b() { fresh(3); }\n");
    assert_eq!(codes(&out.scan), ["syntax-error", "do it"]);
    assert_eq!(out.scan.syntax_errors.len(), 1);
}

#[test]
fn edits_that_replace_bytes_outside_utf8_are_refused() {
    let source = SourceFile::new("a.js", b"peel('\xE9');\nold('\xE9');".to_vec()).unwrap();
    let out = Engine::new(REGISTRY, Selection::default()).unwrap().rewrite(&source);
    assert_eq!(out.bytes.unwrap(), b"peel('\xE9');\nfresh('\xE9');");
    assert_eq!(codes(&out.scan), ["not-utf8", "do it"]);
}

#[test]
fn a_pattern_that_never_ends_is_stopped_and_said_so() {
    let out = rewrite("spin();");
    assert!(out.unfinished);
    assert_eq!(out.applied.len(), MAX_PASSES);
    assert_eq!(result(&out).len(), "spin();".len() + MAX_PASSES);
}

#[test]
fn a_change_that_breaks_the_rules_for_edits_is_dropped() {
    let out = rewrite("still(); bounds();");
    assert!(out.bytes.is_none());
    assert_eq!(out.dropped.iter().map(|d| d.code).collect::<Vec<_>>(), [RefusalCode::BrokenRewrite; 2]);
    assert!(!out.unfinished);
}

#[test]
fn a_candidate_that_another_carries_along_is_no_finding_of_its_own() {
    assert_eq!(scan("outer(old(1), never());").findings.len(), 1);
    // One that promises more than its carrier would stay; here the carrier is safe.
    assert_eq!(result(&rewrite("outer(old(1));")), "done()".to_owned() + ";");
}

#[test]
fn ids_survive_edits_elsewhere_and_count_equal_code() {
    let ids = |text: &str| scan(text).findings.into_iter().map(|f| f.id).collect::<Vec<_>>();
    let before = ids("old(1); old(1);");
    assert_ne!(before[0], before[1]);
    assert_eq!(ids("let x;\n\nold(1); never(); old(1);")[0], before[0]);
}

#[test]
fn a_selection_by_id_changes_that_finding_and_no_other() {
    let text = "old(1);\nmaybe(old(2));\nold(1);\n";
    let ids: Vec<String> = scan(text).findings.into_iter().map(|f| f.id).collect();
    let out = rewrite_with(text, only(&[&ids[3]]));
    assert_eq!(result(&out), "old(1);\nmaybe(old(2));\nfresh(1);\n");
    assert_eq!(out.scan.findings.len(), 1);
    // The first of two equal pieces of code is gone afterwards; the second must not take its place.
    assert_eq!(result(&rewrite_with(text, only(&[&ids[0]]))), "fresh(1);\nmaybe(old(2));\nold(1);\n");
    // A level `review` finding may be picked; one that overlaps it waits and is followed.
    assert_eq!(result(&rewrite_with(text, only(&[&ids[1], &ids[2]]))), "old(1);\nsurely(fresh(2));\nold(1);\n");
    assert_eq!(result(&rewrite_with(text, only(&[&ids[1]]))), "old(1);\nsurely(old(2));\nold(1);\n");
}

#[test]
fn a_selected_finding_is_followed_into_text_that_another_wrote() {
    let text = "peel(old(peel(1)));\nold(2);";
    let ids: Vec<String> = scan(text).findings.into_iter().map(|f| f.id).collect();
    let out = rewrite_with(text, only(&[&ids[0], &ids[1]]));
    assert_eq!(result(&out).lines().last(), Some("old(2);"));
    assert!(result(&out).starts_with("fresh("), "{}", result(&out));
}

#[test]
fn comments_silence_findings() {
    let out = rewrite("// unpyramid-ignore scripted: on purpose\nold(1);\nold(2);\n");
    assert_eq!(result(&out), "// unpyramid-ignore scripted: on purpose\nold(1);\nfresh(2);\n");
    assert_eq!(out.scan.silenced, 1);
    let scan = scan("// unpyramid-ignore scrpted: typo\nold(1);\n");
    assert_eq!(scan.findings.len(), 1);
    assert_eq!(scan.unknown_silences[0].pattern, "scrpted");
}

#[test]
fn a_file_without_any_needle_is_not_parsed() {
    assert!(!scan("nothing.here();").parsed);
    assert!(scan("'old'").parsed);
}

#[test]
fn unknown_patterns_are_errors_and_known_ones_select() {
    let named = |patterns: &[&str], skip: &[&str]| Selection {
        patterns: patterns.iter().map(|p| (*p).to_owned()).collect(),
        skip: skip.iter().map(|p| (*p).to_owned()).collect(),
        ..Selection::default()
    };
    assert_eq!(Engine::new(REGISTRY, named(&["nope"], &[])).unwrap_err(), UnknownPattern("nope".into()));
    assert_eq!(Engine::new(REGISTRY, named(&[], &["nope"])).unwrap_err(), UnknownPattern("nope".into()));
    assert!(rewrite_with("old();", named(&["scripted"], &["scripted"])).bytes.is_none());
    assert!(rewrite_with("old();", named(&["scripted"], &[])).bytes.is_some());
}

#[test]
fn bytes_that_no_edit_covers_come_out_as_they_went_in() {
    let bytes = b"\xEF\xBB\xBFold(1);\r\nx = '\xE9';\rold(2)";
    let source = SourceFile::new("a.js", bytes.to_vec()).unwrap();
    let out = Engine::new(REGISTRY, Selection::default()).unwrap().rewrite(&source);
    assert_eq!(out.bytes.unwrap(), b"\xEF\xBB\xBFfresh(1);\r\nx = '\xE9';\rfresh(2)");
}

#[test]
fn what_takes_the_place_of_a_statement_does_not_go_on_with_the_one_before() {
    assert_eq!(result(&rewrite("let a = b\n// why\nwrap();\n")), "let a = b\n// why\n;(x)();\n");
    assert_eq!(result(&rewrite("let a = b;\nwrap();\n")), "let a = b;\n(x)();\n");
    assert_eq!(result(&rewrite("if (a) {}\nwrap();\nlet b;\n")), "if (a) {}\n(x)();\nlet b;\n");
    assert_eq!(
        result(&rewrite("let f = function () {}\nwrap();\nlet b;\n")),
        "let f = function () {}\n;(x)();\nlet b;\n"
    );
    assert_eq!(result(&rewrite("let a = wrap();\n")), "let a = (x)();\n");
}

#[test]
fn a_change_that_swallows_the_next_statement_is_dropped() {
    let out = rewrite("absorb();\na.map(b);\n");
    assert_eq!(out.dropped[0].code, RefusalCode::BrokenRewrite);
    assert!(out.dropped[0].detail.contains("part of another"), "{}", out.dropped[0].detail);
    assert_eq!(result(&rewrite("swallow();\na.map(b);\n")), "x\na.map(b);\n");
}

#[test]
fn what_takes_the_semicolon_in_front_of_a_line_that_would_go_on_gets_one() {
    assert_eq!(result(&rewrite("swallow();\n[a].map(b);\n")), "x;\n[a].map(b);\n");
    assert_eq!(result(&rewrite("swallow(); // why\n(a || b)();\n")), "x; // why\n(a || b)();\n");
}
