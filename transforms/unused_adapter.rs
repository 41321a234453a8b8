//! `unused-adapter`: a callback form that does nothing but hand over to an async function, and that nobody needs.
//!
//! A function that was converted keeps its name, and its callback, for its callers. Once they await the async function
//! themselves, what is left is a detour, or code that nothing reaches.
//!
//! ```js
//! function load(id, callback) {                       async function load(id) {
//!   util.callbackify(loadAsync)(id, callback)           return parse(await read(id))
//! }                                                   }
//!
//! async function loadAsync(id) {
//!   return parse(await read(id))
//! }
//! ```
//!
//! It is looked for on request: a callback form that stands where the code was converted yesterday, or that somebody
//! has written by hand, is no mistake, and whether it is still wanted is a decision. Making a migration is one.

use tree_sitter::Node;

use crate::{
    edit::{Edit, Refusal, Safety},
    flow::callback::{detour, leftover, unused},
    syntax::PatternQuery,
    transform::{Change, Context, Finding, Meta, Transform},
};

/// The pattern.
#[derive(Debug)]
pub struct UnusedAdapter;

static META: Meta = Meta {
    id: "unused-adapter",
    summary: "A callback form of an async function is used by nobody.",
    why: "An adapter is there for callers that pass a callback. Without them it is a second way to do the same, which has \
          to be read, tested, and kept in step with the first.",
    before: "\
const util = require('util')

function load(id, callback) {
  util.callbackify(loadAsync)(id, callback)
}

async function loadAsync(id) {
  return parse(await read(id))
}

exports.show = async (id) => print(await util.promisify(load)(id))
",
    after: "\
async function load(id) {
  return parse(await read(id))
}

exports.show = async (id) => print(await load(id))
",
    safety: "The function does nothing but hand over its arguments, nothing in the file uses it, and nothing outside can \
             reach it. It is looked for in a migration, or when it is named with `--pattern`. The async function takes \
             over the plain name where nothing outside the file knows it by its own.",
};

static QUERY: PatternQuery = PatternQuery::new(include_str!("../queries/ecma/unused_adapter.scm"));

impl Transform for UnusedAdapter {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn query(&self) -> &PatternQuery {
        &QUERY
    }

    fn needles(&self) -> &'static [&'static str] {
        &["callbackify", "promisify", "require", "import"]
    }

    fn is_on_request(&self) -> bool {
        true
    }

    fn judge(&self, cx: &Context<'_>, candidate: Node<'_>) -> Option<Finding> {
        // It is taken out of a tree of this file, and so lives as long as that.
        let node = cx.file.root().descendant_for_byte_range(candidate.start_byte(), candidate.end_byte())?;
        let node = std::iter::successors(Some(node), |n| n.parent()).find(|n| n.id() == candidate.id())?;
        if node.kind() == "call_expression" {
            let found = detour(cx, node)?;
            let message = format!("`{}` is called by way of its callback form `{}`", found.target, found.name);
            return Some(finding(cx, node, message, "call the async function", found.edits));
        }
        if let Some(found) = leftover(cx, node) {
            let message =
                format!("`{}` is imported, the callback form of `{}`, and not used", found.name, found.target);
            return Some(finding(cx, node, message, "remove the import", found.edits));
        }
        let found = unused(cx, node)?;
        let message = format!("`{}` is only the callback form of `{}`", found.name, found.target);
        Some(finding(cx, node, message, "remove the callback form", found.edits))
    }
}

fn finding(
    cx: &Context<'_>,
    node: Node<'_>,
    message: String,
    title: &'static str,
    edits: Result<Vec<Edit>, Refusal>,
) -> Finding {
    let outcome = edits.map(|edits| Change {
        title,
        safety: Safety::Safe,
        assumption: None,
        edits,
        // Whether an import or a name is free depends on all of the file, so one goes at a time.
        scope: 0..cx.file.source.bytes().len(),
        consumed: Vec::new(),
        waits_for: Vec::new(),
        creates: None,
    });
    Finding::new(META.id, node.byte_range(), message, outcome)
}
