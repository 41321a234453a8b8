//! `buffered-stream`: a whole file or answer is taken into memory only to be passed on, or gone through piece by piece.
//!
//! Found and explained, never rewritten: a stream fails in the middle, where something has been passed on already, and
//! whether that may happen is for a person to say.

use tree_sitter::Node;

use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    flow::{known::export_of, rounds::head::short},
    syntax::{
        PatternQuery,
        node::{call_parts, member_parts, with_parentheses},
    },
    transform::{Finding, Meta, Transform},
};

/// The pattern `buffered-stream`.
#[derive(Debug)]
pub struct BufferedStream;

static META: Meta = Meta {
    id: "buffered-stream",
    summary: "Something is taken into memory as a whole, only to be passed on or gone through line by line.",
    why: "The first byte goes out when the last one has come in, and each request holds all of it in memory. A stream \
          passes on what is there: `pipeline(createReadStream(path), res)`, `for await (const line of \
          readline.createInterface({ input }))`, `fs.copyFile(from, to)`.",
    before: "const fs = require('fs');

async function send(path, res) {
  const data = await fs.promises.readFile(path);
  res.end(data);
}
",
    after: "const fs = require('fs');
const { pipeline } = require('stream/promises');

async function send(path, res) {
  await pipeline(fs.createReadStream(path), res);
}
",
    safety: "There is no rewrite: a stream may fail when a part of it has been passed on already, after the status of an \
             answer has been sent, and its length is not known in front.",
};

static QUERY: PatternQuery = PatternQuery::new(include_str!("../queries/ecma/buffered_stream.scm"));

impl Transform for BufferedStream {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn query(&self) -> &PatternQuery {
        &QUERY
    }

    fn needles(&self) -> &'static [&'static str] {
        &["readFile", "text", "arrayBuffer", "buffer", "blob", "bytes"]
    }

    fn judge(&self, cx: &Context<'_>, candidate: Node<'_>) -> Option<Finding> {
        let node = cx.own(candidate);
        let (callee, arguments) = call_parts(node)?;
        let name = member_parts(callee).map_or(callee, |(_, p)| p);
        let is_file = cx.text(name).starts_with("readFile");
        let is_sync = cx.text(name).ends_with("Sync");
        let known = if is_file { reads_file(cx, callee) } else { arguments.is_empty() && is_answer(cx, callee) };
        let outer = with_parentheses(node);
        let value =
            if is_sync { outer } else { with_parentheses(outer.parent().filter(|p| p.kind() == "await_expression")?) };
        let passed_on = known.then(|| only_use(cx, value)).flatten()?;
        let message = format!("`{}` takes in as a whole what is only {}", short(cx, callee), passed_on.words());
        let refusal = Refusal::new(RefusalCode::StreamInstead, node.byte_range());
        Some(Finding::new(META.id, candidate.byte_range(), message, Err(refusal)))
    }
}

/// Whether a callee is one of Node's functions that read a file.
fn reads_file(cx: &Context<'_>, callee: Node<'_>) -> bool {
    export_of(cx, callee)
        .is_some_and(|(module, _)| matches!(module.trim_start_matches("node:"), "fs" | "fs/promises" | "fs-extra"))
}

/// Whether a callee is a method of what `fetch` has answered.
fn is_answer(cx: &Context<'_>, callee: Node<'_>) -> bool {
    let Some((object, _)) = member_parts(callee) else { return false };
    let binding = cx.names.reference_at(object.start_byte()).and_then(|r| r.binding);
    let value =
        binding.filter(|_| object.kind() == "identifier").and_then(|b| crate::flow::classify::initializer(cx, b));
    value.is_some_and(|v| cx.text(v).starts_with("await fetch("))
}

/// What becomes of a thing that was taken in as a whole.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PassedOn {
    /// It is written somewhere else.
    Written,
    /// It is gone through line by line.
    Lines,
}

impl PassedOn {
    fn words(self) -> &'static str {
        match self {
            Self::Written => "passed on",
            Self::Lines => "gone through line by line",
        }
    }
}

/// What the value is used for, if that is all: in place, or by the only use of the variable that holds it.
fn only_use(cx: &Context<'_>, value: Node<'_>) -> Option<PassedOn> {
    let parent = value.parent()?;
    if parent.kind() != "variable_declarator" {
        return passed_on(cx, value);
    }
    let name = parent.child_by_field_name("name").filter(|n| n.kind() == "identifier")?;
    let binding = cx.names.binding(cx.names.declared_at(name.start_byte())?);
    let [only] = binding.references.as_slice() else { return None };
    let range = &cx.names.reference(*only).range;
    passed_on(cx, cx.file.root().descendant_for_byte_range(range.start, range.end)?)
}

fn passed_on(cx: &Context<'_>, mut value: Node<'_>) -> Option<PassedOn> {
    // `text.toString().split('\n')`
    for _ in 0..3 {
        value = with_parentheses(value);
        let parent = value.parent()?;
        if parent.kind() == "arguments" {
            return written(cx, parent, value).then_some(PassedOn::Written);
        }
        let (_, method) = member_parts(parent).filter(|(o, _)| *o == value)?;
        let call = parent.parent().filter(|c| c.kind() == "call_expression")?;
        let (_, arguments) = call_parts(call)?;
        match cx.text(method) {
            "toString" | "trim" | "trimEnd" => value = call,
            "split" => {
                let by_line = arguments.first().is_some_and(|a| cx.text(*a).contains("\\n"));
                return (by_line && is_gone_through(cx, call)).then_some(PassedOn::Lines);
            }
            _ => return None,
        }
    }
    None
}

/// Whether lines are gone through where they are split: `for (const line of …)`, `….forEach(…)`.
fn is_gone_through(cx: &Context<'_>, lines: Node<'_>) -> bool {
    let outer = with_parentheses(lines);
    let Some(parent) = outer.parent() else { return false };
    let in_head = parent.kind() == "for_in_statement" && parent.child_by_field_name("right") == Some(outer);
    in_head || member_parts(parent).is_some_and(|(o, p)| o == outer && cx.text(p) == "forEach")
}

/// Whether a call writes an argument somewhere else: `res.end(data)`, `fs.writeFile(path, data)`.
fn written(cx: &Context<'_>, arguments: Node<'_>, value: Node<'_>) -> bool {
    let Some((callee, all)) = arguments.parent().and_then(call_parts) else { return false };
    let Some((object, method)) = member_parts(callee) else {
        return all.get(1) == Some(&value) && cx.text(callee).starts_with("writeFile");
    };
    let at = all.iter().position(|a| *a == value);
    let receiver = cx.text(object).rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_response =
        matches!(receiver.as_str(), "res" | "response" | "reply" | "socket" | "stdout" | "out" | "output" | "stream");
    match cx.text(method) {
        "end" | "send" | "write" => at == Some(0) && is_response,
        "writeFile" | "writeFileSync" | "appendFile" => at == Some(1),
        _ => false,
    }
}
