//! Do rewritten loops do what the loops did? Every reviewed fixture in JavaScript whose rounds overlap afterwards is run in
//! Node before and after, with lists of thirty, under many orders of completion and every failure.
//! `rounds/run.mjs` says what has to hold.

mod support;

use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use support::{fixtures, root};
use unpyramid::tuning::AT_ONCE;

/// Sends requests to Node and reads its answers.
fn ask(requests: &[Value]) -> Vec<Value> {
    let mut node = Command::new("node")
        .arg(root().join("tests/rounds/run.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Node is on the path");
    let mut input = node.stdin.take().expect("a pipe");
    for request in requests {
        writeln!(input, "{request}").expect("Node reads");
    }
    drop(input);
    let output = node.wait_with_output().expect("Node ends");
    let answers: Vec<Value> =
        String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), requests.len(), "Node answers every request");
    answers
}

/// The files that a fixture's pattern rewrites, before and after, with the helper in the place of its import.
fn rewritten(stem: &str) -> Vec<Value> {
    let all = fixtures("review").into_iter();
    let own = all.filter(|f| f.stem == stem && f.source.path().extension().is_some_and(|e| e == "js"));
    own.map(|fixture| {
        let rewritten = fixture.rewrite(true);
        let text = String::from_utf8(rewritten.bytes.expect("a rewrite")).unwrap();
        let code: String = text.lines().filter(|line| !line.contains("require('")).map(|l| format!("{l}\n")).collect();
        let helper = rewritten.creates.iter().flat_map(|f| f.text.lines()).filter(|l| !l.starts_with("module.exports"));
        let helper: String = helper.map(|l| format!("{l}\n")).collect();
        let before = fixture.source.text().to_owned();
        json!({ "name": fixture.name, "before": before, "after": helper + &code, "bound": AT_ONCE })
    })
    .collect()
}

fn assert_right(requests: &[Value]) {
    let answers = ask(requests);
    let wrong: Vec<_> = answers.iter().filter(|a| a["wrong"] != json!([])).map(ToString::to_string).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rewritten_loops_do_what_the_loops_did() {
    let requests = rewritten("await_in_loop");
    assert!(requests.len() > 10, "there are fixtures");
    assert_right(&requests);
}

#[test]
fn bounded_fan_outs_do_what_they_did() {
    assert_right(&rewritten("unbounded_fan_out"));
}

/// Wrong rewrites, each of which has to be told from the loop.
#[test]
fn wrong_rewrites_are_told() {
    let sum =
        "async function total(ids) { let total = 0; for (const id of ids) total += await getPrice(id); return total }";
    let list =
        "async function load(ids) { const out = []; for (const id of ids) out.push(await getUser(id)); return out }";
    let end = "\nmodule.exports = { f: FN }";
    let pairs = [
        (
            "reads the sum before it waits",
            sum,
            "async function total(ids) { let total = 0; await Promise.all(ids.map(async (id) => { total += await getPrice(id) })); return total }",
        ),
        (
            "in the order of completion",
            list,
            "async function load(ids) { const out = []; await Promise.all(ids.map(async (id) => { out.push(await getUser(id)) })); return out }",
        ),
        ("without a bound", list, "async function load(ids) { return Promise.all(ids.map((id) => getUser(id))) }"),
        (
            "nobody waits",
            list,
            "async function load(ids) { const out = []; ids.forEach(async (id) => { out.push(await getUser(id)) }); return out }",
        ),
        (
            "split",
            list,
            "async function load(ids) { const all = ids.map((id) => getUser(id)); const out = []; for (const one of all) out.push(await one); return out }",
        ),
        (
            "goes on after a failure",
            list,
            "async function load(ids) { const out = []; let i = 0; let bad; const work = async () => { while (i < ids.length) { const n = i++; try { out[n] = await getUser(ids[n]) } catch (e) { bad ??= e } } }; await Promise.all([work(), work()]); if (bad) throw bad; return out }",
        ),
        (
            "hides a failure",
            list,
            "async function load(ids) { const out = []; for (const id of ids) { try { out.push(await getUser(id)) } catch {} } return out }",
        ),
        (
            "skips one",
            list,
            "async function load(ids) { const out = []; for (const id of ids.slice(1)) out.push(await getUser(id)); return out }",
        ),
    ];
    let name = |code: &str| code.split(['(', ' ']).nth(2).unwrap().to_owned();
    let with_export = |code: &str| format!("{code}{}", end.replace("FN", &name(code)));
    let request = |(title, before, after): &(&str, &str, &str)| json!({ "name": title, "before": with_export(before), "after": with_export(after), "bound": AT_ONCE });
    let answers = ask(&pairs.iter().map(request).collect::<Vec<_>>());
    let missed: Vec<_> = answers.iter().filter(|a| a["wrong"] == json!([])).collect();
    let is_error = |a: &Value| a["wrong"][0].as_str().is_some_and(|w| w.starts_with("error: "));
    assert!(!answers.iter().any(is_error), "{answers:?}");
    assert!(missed.is_empty(), "not told to be wrong: {missed:?}");
    // And the loops themselves are right.
    let same: Vec<_> = [sum, list].iter().map(|code| request(&("itself", code, code))).collect();
    assert_right(&same);
}
