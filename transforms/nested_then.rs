//! `nested-then`: a `.then` whose handler returns another chain.
//!
//! The inner chain can see the names of the outer handler, which is why it was put there; every step so gained costs
//! a level of indentation. In an async function the steps stand below each other and all names are in sight. How a
//! chain is taken apart, and when it may be, is the same as for [`super::then_chain`].

use tree_sitter::Node;

use super::then_chain;
use crate::{
    context::Context,
    syntax::PatternQuery,
    transform::{Finding, Meta, Transform},
};

/// The pattern `nested-then`.
#[derive(Debug)]
pub struct NestedThen;

static META: Meta = Meta {
    id: "nested-then",
    summary: "A handler of a promise chain returns another chain.",
    why: "Each level pushes the code further to the right, and an error handler covers the levels inside it but not \
          those outside: which errors it sees has to be worked out by counting parentheses.",
    before: "function load(id) {
  return getUser(id).then(user => {
    return getOrders(user).then(orders => render(user, orders));
  });
}
",
    after: "async function load(id) {
  const user = await getUser(id);
  const orders = await getOrders(user);
  return render(user, orders);
}
",
    safety: then_chain::SAFETY,
};

static QUERY: PatternQuery = PatternQuery::new(include_str!("../queries/ecma/nested_then.scm"));

impl Transform for NestedThen {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn query(&self) -> &PatternQuery {
        &QUERY
    }

    fn needles(&self) -> &'static [&'static str] {
        &["then"]
    }

    fn judge(&self, cx: &Context<'_>, candidate: Node<'_>) -> Option<Finding> {
        then_chain::judge(cx, candidate, &META, true)
    }
}
