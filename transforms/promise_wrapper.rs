//! `promise-wrapper`: `new Promise` around something that can be had as a promise without it.
//!
//! Two kinds of code are wrapped by habit: a call with an error-first callback, which `util.promisify` (or a promise
//! form that the API has itself) does in one word, and a promise, which needs no wrapper at all. The executor is read
//! as the body of an async function: `resolve(v)` is its `return`, `reject(e)` its `throw`, the callback what follows
//! an `await`.
//!
//! ```js
//! function load(file) {                                    function load(file) {
//!   return new Promise((resolve, reject) => {                return fs.promises.readFile(file, 'utf8');
//!     fs.readFile(file, 'utf8', (err, text) => {           }
//!       if (err) return reject(err);
//!       resolve(text);
//!     });
//!   });
//! }
//! ```
//!
//! An executor turns whatever is thrown in it into a rejection. So the code may only stand where a throw becomes one
//! as well: in an async function, or nowhere if nothing in it can throw. Executors with listeners, timers or several
//! sources are what `new Promise` is for; those that only look like wrappers and would behave differently are refused
//! by name.

use tree_sitter::Node;

use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    flow::executor::{Executor, Source, place::replace, sources},
    syntax::PatternQuery,
    transform::{Change, Finding, Meta, Transform},
};

/// The pattern `promise-wrapper`.
#[derive(Debug)]
pub struct PromiseWrapper;

static META: Meta = Meta {
    id: "promise-wrapper",
    summary: "A promise is constructed by hand around a callback or around another promise.",
    why: "Every such wrapper has to get the same things right again: reject on each failure, settle once, return after \
          rejecting. What is thrown inside the callback escapes it. A promise form that exists already does all that.",
    before: "const fs = require('fs');

function load(file) {
  return new Promise((resolve, reject) => {
    fs.readFile(file, 'utf8', (err, text) => {
      if (err) return reject(err);
      resolve(text);
    });
  });
}
",
    after: "const fs = require('fs');

function load(file) {
  return fs.promises.readFile(file, 'utf8');
}
",
    safety: "Every path through the executor has to settle the promise once, the callback has to come last and check \
             its error first, and no more than one result may be used. What the executor throws rejects the promise, so \
             the code goes into an async function unless it can't throw.",
};

static QUERY: PatternQuery = PatternQuery::new(include_str!("../queries/ecma/promise_wrapper.scm"));

impl Transform for PromiseWrapper {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn query(&self) -> &PatternQuery {
        &QUERY
    }

    fn needles(&self) -> &'static [&'static str] {
        &["Promise"]
    }

    fn judge(&self, cx: &Context<'_>, candidate: Node<'_>) -> Option<Finding> {
        let executor = Executor::parse(cx, candidate).filter(|e| !e.is_async())?;
        if executor.is_too_deep() {
            let refusal = Refusal::new(RefusalCode::TooDeep, executor.node.byte_range());
            return Some(finding(&META, candidate, "a promise is constructed around very deep code", "", Err(refusal)));
        }
        let sources = sources(cx, &executor);
        let wrapped = sources.iter().find(|s| !matches!(s, Source::Other(_)))?;
        let message = match wrapped {
            Source::Chain(_) => "a promise is constructed around another promise",
            _ => "a promise is constructed by hand around an error-first callback",
        };
        let other = sources.iter().find(|s| matches!(s, Source::Other(_)));
        let outcome = match other {
            Some(other) => Err(Refusal::new(RefusalCode::RealPromiseConstructor, other.node().byte_range())),
            None => replace(cx, &executor),
        };
        let title = match wrapped {
            Source::Chain(_) => "use the promise itself",
            _ => "use the promise form of the call",
        };
        Some(finding(&META, candidate, message, title, outcome))
    }
}

/// A finding with its change.
pub(super) fn finding(
    meta: &'static Meta,
    candidate: Node<'_>,
    message: &str,
    title: &'static str,
    outcome: Result<crate::flow::executor::place::Placed, Refusal>,
) -> Finding {
    let outcome = outcome.map(|placed| Change {
        title,
        safety: placed.safety,
        assumption: placed.assumption,
        edits: placed.edits,
        scope: placed.scope,
        consumed: placed.consumed,
        waits_for: Vec::new(),
        creates: None,
    });
    Finding::new(meta.id, candidate.byte_range(), message, outcome)
}
