//! `async-executor`: `new Promise(async (resolve, reject) => …)`.
//!
//! An async function returns a promise already, and `new Promise` throws it away: what the executor throws rejects
//! that promise and not the one that everybody waits for, which stays pending. The executor is taken for what it is,
//! the body of an async function: `resolve(v)` becomes `return v`, `reject(e)` becomes `throw e`, and a `try` whose
//! `catch` does nothing but reject goes away.
//!
//! ```js
//! function load(id) {                                      async function load(id) {
//!   return new Promise(async (resolve, reject) => {          const user = await getUser(id);
//!     try {                                                  return user.name;
//!       const user = await getUser(id);                    }
//!       resolve(user.name);
//!     } catch (err) {
//!       reject(err);
//!     }
//!   });
//! }
//! ```
//!
//! Where all that can fail stands in such a `try`, nothing changes. Elsewhere a failure leaves the promise pending
//! today and rejects it afterwards: nearly always what was meant, but for a person to say.

use tree_sitter::Node;

use super::promise_wrapper::finding;
use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    flow::executor::{Executor, Source, place::replace, sources},
    syntax::PatternQuery,
    transform::{Finding, Meta, Transform},
};

/// The pattern `async-executor`.
#[derive(Debug)]
pub struct AsyncExecutor;

static META: Meta = Meta {
    id: "async-executor",
    summary: "The executor of a promise is an async function.",
    why: "What an async executor throws rejects a promise that nobody holds: the one that was constructed stays pending \
          for ever, and the process sees an unhandled rejection.",
    before: "function nameOf(id) {
  return new Promise(async (resolve, reject) => {
    try {
      const user = await getUser(id);
      resolve(user.name);
    } catch (err) {
      reject(err);
    }
  });
}
",
    after: "async function nameOf(id) {
  const user = await getUser(id);
  return user.name;
}
",
    safety: "Every path through the executor has to end with `resolve` or `reject`. It is safe where everything that can \
             fail stands in a `try` that rejects; elsewhere a failure rejects the promise that today stays pending.",
};

static QUERY: PatternQuery = PatternQuery::new(include_str!("../queries/ecma/async_executor.scm"));

impl Transform for AsyncExecutor {
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
        let executor = Executor::parse(cx, candidate).filter(Executor::is_async)?;
        let too_deep = executor.is_too_deep();
        let sources = if too_deep { Vec::new() } else { sources(cx, &executor) };
        let other = sources.into_iter().find(|s| matches!(s, Source::Other(_)));
        let outcome = match other {
            _ if too_deep => Err(Refusal::new(RefusalCode::TooDeep, candidate.byte_range())),
            Some(other) => Err(Refusal::new(RefusalCode::RealPromiseConstructor, other.node().byte_range())),
            None => replace(cx, &executor),
        };
        let message = "the executor of a promise is an async function, whose failures are lost";
        Some(finding(&META, candidate, message, "use the async function itself", outcome))
    }
}
