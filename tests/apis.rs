//! The rows about Node's own modules are held against the Node that is installed: `tests/apis.js` looks each function
//! up, looks its promise form up, and calls both where a call costs nothing.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::json;
use unpyramid::apis::{Api, Apis, Calls, Class, Form, Sync};

/// A row as the script reads it.
fn row(module: &str, name: &str, api: &Api) -> serde_json::Value {
    let (form, keys) = match &api.form {
        Form::Promises => ("promises", None),
        Form::Promisify => ("promisify", None),
        Form::Object(keys) => ("object", Some(keys)),
        Form::Itself => ("itself", None),
        Form::Named(_) => ("named", None),
        Form::None => ("none", None),
    };
    json!({
        "module": module,
        "name": name,
        "form": form,
        "keys": keys,
        "results": api.results,
        "void": api.void,
        "errorFirst": api.error_first,
        "once": api.calls == Calls::Once,
        "neverSync": api.sync == Sync::Never,
        "returnsValue": api.returns_value,
    })
}

/// What the script prints for rows and classes.
fn judged(rows: &[serde_json::Value], classes: &[serde_json::Value]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/apis.js");
    let mut node = Command::new("node")
        .arg("--no-deprecation")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Node is installed");
    node.stdin.take().unwrap().write_all(json!({ "rows": rows, "classes": classes }).to_string().as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

fn rows() -> Vec<serde_json::Value> {
    Apis::builtin().functions().into_iter().map(|(module, name, api)| row(module, name, api)).collect()
}

fn classes() -> Vec<serde_json::Value> {
    let class = |class: &Class| {
        let makers: Vec<_> = class.makers().collect();
        json!({ "module": class.module, "name": class.name, "makers": makers, "methods": class.methods() })
    };
    Apis::builtin().classes().iter().map(class).collect()
}

#[test]
fn the_rows_about_node_are_true() {
    let said = judged(&rows(), &classes());
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines.len() == 1 && lines[0].starts_with("checked "), "{said}");
}

#[test]
fn rows_that_are_not_true_are_noticed() {
    let mut rows = rows();
    let mut change = |module: &str, name: &str, key: &str, value: serde_json::Value| {
        let row = rows.iter_mut().find(|row| row["module"] == module && row["name"] == name);
        row.expect("the row is there")[key] = value;
    };
    change("fs", "stat", "void", json!(true));
    change("fs", "unlink", "void", json!(false));
    change("fs", "unlink", "results", json!(1));
    change("fs", "read", "keys", json!(["read", "buffer"]));
    change("fs", "fstat", "form", json!("promises"));
    change("fs", "lstat", "name", json!("lstatus"));
    change("dns", "lookup", "results", json!(1));
    change("zlib", "gzip", "errorFirst", json!(false));
    let mut classes = classes();
    let server = classes.iter_mut().find(|class| class["name"] == "Server").expect("the class is there");
    server["methods"] = json!(["close", "shut"]);
    server["makers"] = json!([["net", "serve"]]);
    let said = judged(&rows, &classes);
    assert!(said.contains("net.Server: no method shut") && said.contains("by the name net.serve"), "{said}");
    let starts = |line: &str, name: &str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([':', ' ']));
    for name in ["fs.stat", "fs.unlink", "fs.read", "fs.fstat", "fs.lstatus", "fs.lstat", "dns.lookup", "zlib.gzip"] {
        assert!(said.lines().any(|line| starts(line, name)), "{name}\n{said}");
    }
}
