//! `callback-pyramid`: a function that hands its result to an error-first callback.
//!
//! Each call inside waits in a callback of its own, so three calls are three levels deep, every level checks the error
//! anew, and what is thrown in one of them reaches nobody. As an async function the same code is a list of steps.
//!
//! ```js
//! const fs = require('fs')
//!
//! function loadOrder(id, callback) {
//!   fs.readFile(pathOf(id), 'utf8', function (err, text) {
//!     if (err) return callback(err)
//!     callback(null, JSON.parse(text))
//!   })
//! }
//! ```
//!
//! Callers that pass a callback go on doing so: the old name becomes an adapter.
//!
//! ```js
//! const fs = require('fs')
//! const util = require('util')
//!
//! function loadOrder(id, callback) {
//!   util.callbackify(loadOrderAsync)(id, callback)
//! }
//!
//! async function loadOrderAsync(id) {
//!   const text = await fs.promises.readFile(pathOf(id), 'utf8')
//!   return JSON.parse(text)
//! }
//! ```

use std::ops::Range;

use tree_sitter::Node;

use crate::{
    edit::{Refusal, RefusalCode},
    flow::callback::{Converted, Root, convert, is_site, root_of, unfollowed},
    syntax::PatternQuery,
    transform::{Change, Context, Finding, Meta, Transform},
};

/// The pattern.
#[derive(Debug)]
pub struct CallbackPyramid;

static META: Meta = Meta {
    id: "callback-pyramid",
    summary: "A function hands its result to an error-first callback.",
    why: "Every asynchronous call nests its callback one level deeper and checks the error anew. A path that forgets to \
          call back hangs its caller, one that calls twice runs it twice, and what a callback throws ends the process \
          instead of reaching whoever could handle it.",
    before: "\
const fs = require('fs')

function loadOrder(id, callback) {
  fs.readFile(pathOf(id), 'utf8', function (err, text) {
    if (err) return callback(err)
    callback(null, JSON.parse(text))
  })
}
",
    after: "\
const fs = require('fs')
const util = require('util')

function loadOrder(id, callback) {
  util.callbackify(loadOrderAsync)(id, callback)
}

async function loadOrderAsync(id) {
  const text = await fs.promises.readFile(pathOf(id), 'utf8')
  return JSON.parse(text)
}
",
    safety: "The old name keeps its signature: `util.callbackify` calls the callback, on a later turn. It is converted \
             only if the callback is called exactly once on every path, if each call inside takes an error-first \
             callback last, and if nothing else depends on when the callback runs. What has to happen at once (putting \
             optional arguments in order, a `throw` for a wrong argument) stays in front.",
};

static QUERY: PatternQuery = PatternQuery::new(include_str!("../queries/ecma/callback_pyramid.scm"));

impl Transform for CallbackPyramid {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn query(&self) -> &PatternQuery {
        &QUERY
    }

    fn judge(&self, cx: &Context<'_>, call: Node<'_>) -> Option<Finding> {
        if !is_site(cx, call) {
            let code = unfollowed(cx, call)?;
            let refused = Err(Refusal::new(code, call.byte_range()));
            return Some(Finding::new(META.id, call.byte_range(), message(cx, root_of(cx, call), call), refused));
        }
        let root = root_of(cx, call);
        let outcome = judge_site(cx, root, call)?;
        Some(Finding::new(META.id, call.byte_range(), message(cx, root, call), outcome))
    }
}

/// What becomes of a site; `None` where the first of its function's sites speaks for it.
fn judge_site(cx: &Context<'_>, root: Root<'_>, call: Node<'_>) -> Option<Result<Change, Refusal>> {
    let range = call.byte_range();
    // Each site of a function with a callback comes to the same conversion.
    let function = root.function.filter(|_| root.callback.is_some()).map(|f| f.id());
    let known = function.and_then(|f| cx.conversions.borrow().get(&f).cloned());
    let (sites, converted) = match known {
        Some(Ok(sites)) if !is_first_of(&sites, &range) => (sites, None),
        Some(Err(refusal)) => return Some(Err(refusal)),
        _ => {
            let converted = convert(cx, root, call);
            let outcome = converted.as_ref().map(|c| c.sites.clone()).map_err(Clone::clone);
            let noted = function.map(|f| (f, outcome.clone()));
            cx.conversions.borrow_mut().extend(noted);
            match outcome {
                Ok(sites) => (sites, converted.ok()),
                Err(refusal) => return Some(Err(refusal)),
            }
        }
    };
    if !sites.contains(&range) {
        let is_returned = call.parent().is_some_and(|p| p.kind() == "return_statement");
        let code = if is_returned { RefusalCode::ReturnsValue } else { RefusalCode::DetachedCallback };
        return Some(Err(Refusal::new(code, range)));
    }
    if !is_first_of(&sites, &range) {
        return None;
    }
    converted.map(|converted| Ok(change(converted)))
}

/// Whether a site is the first of those that are converted together.
fn is_first_of(sites: &[Range<usize>], site: &Range<usize>) -> bool {
    let first = sites.iter().map(|s| (s.start, usize::MAX - s.end)).min();
    first == Some((site.start, usize::MAX - site.end))
}

fn change(converted: Converted) -> Change {
    let Converted { edits, safety, assumption, scope, mut sites, chains, callees, .. } = converted;
    sites.extend(chains);
    let title = "convert to an async function";
    Change { title, safety, assumption, edits, scope, consumed: sites, waits_for: callees, creates: None }
}

fn message(cx: &Context<'_>, root: Root<'_>, call: Node<'_>) -> String {
    let callee = call.child_by_field_name("function").or_else(|| call.child_by_field_name("constructor"));
    let callee = callee.map_or("", |c| cx.text(c));
    let callee = callee.lines().next().unwrap_or_default();
    match root.callback {
        Some(callback) => {
            let callback = &cx.names.binding(callback).name;
            format!("the result of `{callee}` goes to a callback, and by way of `{callback}` to another one")
        }
        None => format!("the result of `{callee}` goes to a callback"),
    }
}
