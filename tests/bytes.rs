//! Odd files: encodings, line ends, languages within languages, and depth. What no edit covers comes out as it went
//! in, and what the parser does not understand costs its own function and no more.

use unpyramid::{
    edit::RefusalCode,
    engine::{Engine, Rewritten, Scan, Selection},
    source::SourceFile,
    transforms::ALL,
};

const SAFE: &str = "function total(id) {\n  return load(id).then(function (x) { return x + 1; });\n}\n";

fn source(name: &str, bytes: &[u8]) -> SourceFile {
    SourceFile::new(name, bytes.to_vec()).unwrap()
}

fn rewrite(name: &str, bytes: &[u8]) -> Rewritten {
    Engine::new(ALL, Selection::default()).unwrap().rewrite(&source(name, bytes))
}

fn scan(name: &str, text: &str) -> Scan {
    Engine::new(ALL, Selection::default()).unwrap().scan(&source(name, text.as_bytes()))
}

/// The line of each finding with its refusal, if it has one.
fn lines(scan: &Scan) -> Vec<(usize, Option<RefusalCode>)> {
    scan.findings.iter().map(|f| (f.start.line, f.finding.outcome.as_ref().err().map(|r| r.code))).collect()
}

/// Rewrites `head + SAFE + tail` and checks that head and tail are kept byte for byte.
fn kept(head: &[u8], safe: &str, tail: &[u8]) -> Vec<u8> {
    let out = rewrite("a.js", &[head, safe.as_bytes(), tail].concat());
    assert!(out.dropped.is_empty(), "{:?}", out.dropped);
    let after = out.bytes.expect("there is something to rewrite");
    assert!(after.starts_with(&[head, b"async function total"].concat()), "{}", String::from_utf8_lossy(&after));
    assert!(after.ends_with(&[b"}", tail].concat()), "{}", String::from_utf8_lossy(&after));
    after
}

#[test]
fn a_byte_order_mark_stays_and_is_not_doubled() {
    let after = kept(b"\xEF\xBB\xBF", SAFE.trim_end(), b"\n");
    assert_eq!(after.windows(3).filter(|w| *w == b"\xEF\xBB\xBF").count(), 1);
}

#[test]
fn line_ends_stay_and_new_lines_get_those_of_the_file() {
    let crlf = SAFE.trim_end().replace('\n', "\r\n");
    let after = kept(b"a();\r\n", &crlf, b"\r\nb();\r\n");
    assert!(!after.windows(2).any(|w| w[0] != b'\r' && w[1] == b'\n'), "{:?}", String::from_utf8_lossy(&after));
    // Mixed ends stay mixed; the few at the top are outvoted.
    let after = kept(b"a();\r\n", SAFE.trim_end(), b"\r\nb();\n");
    assert_eq!(after.iter().filter(|b| **b == b'\r').count(), 2);
    let lone = kept(b"a();\rb();\r", SAFE.trim_end(), b"\rc();\r");
    assert_eq!(lone.iter().filter(|b| **b == b'\r').count(), 4);
}

#[test]
fn a_missing_last_line_end_stays_missing() {
    kept(b"", SAFE.trim_end(), b"");
}

#[test]
fn bytes_outside_utf8_stay() {
    kept(b"var s = '\xE9\xFF'; // \xFC\n", SAFE.trim_end(), b"\n// \xA9\n");
}

#[test]
fn text_that_would_have_to_move_with_bytes_outside_utf8_is_left_alone() {
    let bytes = b"function f() {\n  return load().then(x => x + '\xE9');\n}\n";
    let out = rewrite("a.js", bytes);
    assert!(out.bytes.is_none());
    assert_eq!(lines(&out.scan), [(2, Some(RefusalCode::NotUtf8))]);
}

#[test]
fn a_hash_bang_and_html_like_comments_stay() {
    kept(b"#!/usr/bin/env node\n'use strict';\n", SAFE.trim_end(), b"\n");
}

#[test]
fn jsx_in_a_plain_script_is_understood() {
    let text = format!("const view = <p title=\"a\">it's &nbsp; {{x}}</p>;\n{SAFE}");
    let found = scan("a.js", &text);
    assert!(found.syntax_errors.is_empty());
    assert_eq!(lines(&found), [(3, None)]);
}

#[test]
fn attributes_named_like_keywords_are_understood_in_a_plain_script() {
    let text = format!("const view = <label for=\"a\" class=\"b\"><Fade in={{x}} /></label>;\n{SAFE}");
    for name in ["a.js", "a.jsx", "a.tsx"] {
        let found = scan(name, &text);
        assert!(found.syntax_errors.is_empty(), "{name}");
        assert_eq!(lines(&found), [(3, None)], "{name}");
    }
}

#[test]
fn type_annotations_in_a_plain_script_are_read_like_those_of_typescript() {
    let text = "// @flow\nimport type { A } from 'a';\ntype Id = { a: number };\n\
                function typed(x: number): Promise<string> {\n  return load(x).then(y => y + 1);\n}\n";
    let found = scan("a.js", text);
    assert!(found.syntax_errors.is_empty());
    assert_eq!(lines(&found), [(5, None)]);
    let after = String::from_utf8(rewrite("a.js", text.as_bytes()).bytes.unwrap()).unwrap();
    assert!(after.contains("async function typed(x: number): Promise<string> {"), "{after}");
}

#[test]
fn type_annotations_that_only_flow_knows_cost_their_own_function_only() {
    let text = format!(
        "// @flow\nfunction typed(x: ?number) {{ return load((x: any)).then(y => y + 1); }}\n\
         opaque type Id = number;\n{SAFE}"
    );
    let found = scan("a.js", &text);
    assert!(!found.syntax_errors.is_empty());
    assert_eq!(lines(&found), [(2, Some(RefusalCode::SyntaxError)), (5, None)]);
    let out = rewrite("a.js", text.as_bytes());
    let after = String::from_utf8(out.bytes.unwrap()).unwrap();
    assert!(after.starts_with(&text[..text.find("function total").unwrap()]), "{after}");
}

#[test]
fn typescript_newer_than_the_grammar_costs_its_own_statement_only() {
    let news = [
        "export type * from './x';",
        "export type * as ns from './x';",
        "type A<in out T> = T;",
        "import defer * as x from './a';",
        "abstract class X { abstract accessor y: string; }",
        "class A { accessor x = 1; }",
        "using x = open();",
        "const f = <const T>(x: T) => x;",
        "let y = z satisfies Z;",
        "import d from './a.json' with { type: 'json' };",
        "enum E { A = 1 }",
    ];
    for new in news {
        for text in [format!("{new}\n{SAFE}"), format!("{SAFE}{new}\n")] {
            let found = scan("a.ts", &text);
            let codes: Vec<_> = found.findings.iter().map(|f| f.finding.outcome.as_ref().err()).collect();
            assert_eq!(codes, [None], "{text}");
            let after = rewrite("a.ts", text.as_bytes()).bytes.unwrap();
            assert!(String::from_utf8(after).unwrap().contains(new), "{text}");
        }
    }
}

#[test]
fn an_error_in_a_class_member_leaves_the_other_members() {
    let text = "class A {\n  one() { let = = 1; return a().then(x => x + 1); }\n  \
                two() { return a().then(x => x + 1); }\n}\n";
    let found = scan("a.js", text);
    assert_eq!(lines(&found), [(2, Some(RefusalCode::SyntaxError)), (3, None)]);
}

#[test]
fn a_file_that_is_all_wrong_is_left_alone() {
    for text in ["}}}} then ((((", "function f() { return a().then(x => {", "<<<<<<< HEAD\nthen\n=======\n>>>>>>> x\n"]
    {
        assert!(rewrite("a.js", text.as_bytes()).bytes.is_none(), "{text}");
        assert!(!scan("a.js", text).syntax_errors.is_empty(), "{text}");
    }
}

#[test]
fn depth_costs_neither_stack_nor_hours() {
    const DEPTH: usize = 100_000;
    let engine = Engine::new(ALL, Selection::default()).unwrap();
    let shapes = [("(", ")"), ("f(", ")"), ("()=>{", "}"), ("{", "")];
    for (open, close) in shapes {
        let text = format!("{SAFE}x = {}1{};\n", open.repeat(DEPTH), close.repeat(DEPTH));
        let file = source("a.js", text.as_bytes());
        let started = std::time::Instant::now();
        engine.rewrite(&file);
        // A second is plenty when built for speed; this is for a build without, on a busy machine.
        assert!(started.elapsed().as_secs() < 30, "{open}{close} took {:?}", started.elapsed());
    }
}

#[test]
fn candidates_nested_too_deeply_are_refused_and_not_judged() {
    let text = format!("{SAFE}x = {}1{};\n", "a.then(".repeat(20_000), ")".repeat(20_000));
    let found = scan("a.js", &text);
    assert_eq!(lines(&found)[0], (2, None));
    let deep = found.findings.iter().filter(|f| matches!(&f.finding.outcome, Err(r) if r.code == RefusalCode::TooDeep));
    let unjudged = deep.filter(|f| f.finding.message.contains("too deeply to be judged")).count();
    assert!((1..=ALL.len()).contains(&unjudged), "one for each pattern that looks for such calls: {unjudged}");
}

#[test]
fn an_empty_file_has_nothing_to_say() {
    for bytes in [&b""[..], b"\xEF\xBB\xBF", b"\n", b"\r\n"] {
        let out = rewrite("a.js", bytes);
        assert!(out.bytes.is_none() && out.scan.findings.is_empty());
    }
}

#[test]
fn a_script_with_flow_annotations_keeps_its_names() {
    let text = "// @flow\nfunction head(x: string) {\n  return net.get(x).then(answer => answer.head);\n}\n";
    let engine = Engine::new(ALL, Selection::default()).unwrap();
    let source = SourceFile::new("a.js", text.as_bytes().to_vec()).unwrap();
    let bytes = engine.rewrite(&source).bytes.expect("it is rewritten");
    let expected =
        "// @flow\nasync function head(x: string) {\n  const answer = await net.get(x);\n  return answer.head;\n}\n";
    assert_eq!(String::from_utf8(bytes).unwrap(), expected);
}
