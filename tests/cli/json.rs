//! The JSON that scripts read. A change here is a change of the public interface.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{DETACHED, Project, SAFE};

/// Checks that a value is an object with exactly these fields, each of one of these types.
fn shape(what: &str, value: &Value, fields: &[(&str, &str)]) {
    let object = value.as_object().unwrap_or_else(|| panic!("{what} is an object: {value}"));
    let kind = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(n) if n.is_u64() => "count",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let expected: BTreeMap<&str, &str> = fields.iter().copied().collect();
    let names: BTreeSet<&str> = object.keys().map(String::as_str).collect();
    assert_eq!(names, expected.keys().copied().collect());
    for (name, value) in object {
        let kinds = expected[name.as_str()];
        assert!(kinds.split('|').any(|k| k == kind(value)), "{what}.{name} is {kinds}: {value}");
    }
}

fn range(what: &str, value: &Value) {
    shape(what, value, &[("start", "object"), ("end", "object")]);
    for end in ["start", "end"] {
        shape(what, &value[end], &[("byte", "count"), ("line", "count"), ("column", "count")]);
    }
}

fn finding(value: &Value) {
    let fields = [
        ("id", "string"),
        ("pattern", "string"),
        ("level", "string"),
        ("path", "string"),
        ("range", "object"),
        ("message", "string"),
        ("assumption", "string|null"),
        ("refusal", "object|null"),
        ("rewrite", "object|null"),
    ];
    shape("finding", value, &fields);
    range("finding.range", &value["range"]);
    assert!(["safe", "review", "manual"].contains(&value["level"].as_str().unwrap()));
    let manual = value["level"] == "manual";
    assert_eq!((value["refusal"].is_null(), value["rewrite"].is_null()), (!manual, manual));
    if manual {
        shape("refusal", &value["refusal"], &[("code", "string"), ("message", "string"), ("range", "object")]);
        range("refusal.range", &value["refusal"]["range"]);
        return;
    }
    shape("rewrite", &value["rewrite"], &[("title", "string"), ("edits", "array")]);
    for edit in value["rewrite"]["edits"].as_array().unwrap() {
        shape("edit", edit, &[("path", "string"), ("start", "count"), ("end", "count"), ("text", "string")]);
    }
}

fn summary_fields() -> Vec<(&'static str, &'static str)> {
    let counts = ["files", "parsed", "bytes", "findings"].map(|name| (name, "count"));
    let maps = ["by_level", "by_pattern", "refusals"].map(|name| (name, "object"));
    [counts.as_slice(), &maps].concat()
}

fn project() -> Project {
    Project::new(&[
        ("a.js", SAFE),
        ("b.js", DETACHED),
        ("bad.js", "function f() { return a().then(b => b; }\n"),
        ("v.min.js", SAFE),
        ("no-then-here.js", "x = 1;\n"),
    ])
}

#[test]
fn the_document_has_every_field_with_its_type() {
    let run = project().run(&["scan", "--format", "json"]).expect(1);
    let document = run.json();
    let fields = [
        ("schema", "count"),
        ("tool", "string"),
        ("version", "string"),
        ("findings", "array"),
        ("skipped", "array"),
        ("errors", "array"),
        ("summary", "object"),
    ];
    shape("document", &document, &fields);
    assert_eq!(document["schema"], 1);
    assert_eq!(document["tool"], "unpyramid");
    assert_eq!(document["version"], env!("CARGO_PKG_VERSION"));
    document["findings"].as_array().unwrap().iter().for_each(finding);
    assert_eq!(document["skipped"], serde_json::json!([{ "path": "v.min.js", "reason": "minified" }]));
    let errors = document["errors"].as_array().unwrap();
    shape("error", &errors[0], &[("path", "string"), ("message", "string")]);
    assert_eq!((errors.len(), errors[0]["path"].as_str()), (1, Some("bad.js")));
    assert!(errors[0]["message"].as_str().unwrap().starts_with("syntax error at 1:"));
    let summary = &document["summary"];
    shape("summary", summary, &summary_fields());
    shape("by_level", &summary["by_level"], &[("safe", "count"), ("review", "count"), ("manual", "count")]);
    assert_eq!(summary["files"], 4);
    assert_eq!(summary["findings"].as_u64().unwrap(), document["findings"].as_array().unwrap().len() as u64);
    assert_eq!(summary["refusals"]["detached-chain"], 1);
}

#[test]
fn places_are_bytes_lines_and_utf16_columns_of_the_file_on_disk() {
    let project = Project::new(&[]);
    let text = "\u{FEFF}const f = (\u{1F600}a) => load().then(x => x + 1);\r\n".replace('\u{1F600}', "/*\u{1F600}*/");
    project.write("a.js", text.as_bytes());
    let document = project.run(&["scan", "--format", "json"]).expect(1).json();
    let start = &document["findings"][0]["range"]["start"];
    let byte = text.find("load()").unwrap();
    let column = text[3..byte].encode_utf16().count() + 1;
    assert_eq!(*start, serde_json::json!({ "byte": byte, "line": 1, "column": column }));
}

#[test]
fn the_edits_of_a_finding_make_the_rewrite() {
    let project = Project::new(&[("a.js", SAFE)]);
    let document = project.run(&["scan", "--format", "json"]).expect(1).json();
    let mut text = SAFE.to_owned();
    let edits = document["findings"][0]["rewrite"]["edits"].as_array().unwrap();
    for edit in edits.iter().rev() {
        let at = |name: &str| edit[name].as_u64().unwrap() as usize;
        text.replace_range(at("start")..at("end"), edit["text"].as_str().unwrap());
    }
    project.run(&["apply"]).expect(0);
    assert_eq!(project.text("a.js"), text);
}

#[test]
fn lines_are_objects_with_a_type_and_end_in_a_summary() {
    let run = project().run(&["scan", "--format", "jsonl"]).expect(1);
    let lines: Vec<Value> = run.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = lines.iter().map(|l| l["type"].as_str().unwrap()).collect();
    assert!(kinds.starts_with(&["finding", "finding"]), "{kinds:?}");
    assert!(kinds.ends_with(&["skipped", "error", "summary"]), "{kinds:?}");
    let head = [("type", "string"), ("schema", "count"), ("tool", "string"), ("version", "string")];
    shape("summary", lines.last().unwrap(), &[head.as_slice(), &summary_fields()].concat());
    let mut first = lines[0].clone();
    first.as_object_mut().unwrap().remove("type");
    finding(&first);
}

#[test]
fn a_diff_in_json_has_the_patches_as_well() {
    let project = project();
    let document = project.run(&["diff", "--format", "json"]).expect(1).json();
    let patch = project.run(&["diff"]).text();
    let files = document["files"].as_array().unwrap();
    shape("file", &files[0], &[("path", "string"), ("diff", "string")]);
    assert_eq!(files.iter().map(|f| f["diff"].as_str().unwrap()).collect::<String>(), patch);
}
