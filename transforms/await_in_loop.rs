//! `await-in-loop`: a loop whose rounds wait one after the other.
//!
//! Each round is started when the one before has ended, so the loop takes as long as all of its calls together. Where
//! no round needs another one, several may be under way at once: a few that the code names one by one all together,
//! any other number with a bound ([`limiter`](crate::flow::limiter)).
//!
//! ```js
//! const users = [];                              const users = await mapLimit(ids, 8, async (id) => getUser(id));
//! for (const id of ids) {
//!   users.push(await getUser(id));
//! }
//! ```
//!
//! What a round adds to something outside (a list, a sum, a map) is put off until all results are there, and done in
//! the order of the list. What changes, and makes this a rewrite to review: a round is started before the one in front
//! of it has ended. If one fails, up to as many others as the bound allows have been started, which run to their end
//! unseen; no more are started, and the first failure in time is the one that is thrown.

use std::ops::Range;

use tree_sitter::Node;

use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    effects::{InOrder, Independence, rounds_may_overlap_but},
    flow::{
        rounds::{
            awaits, exits,
            form::{Loop, Written, write},
            head::{Head, head},
            intent, is_for_await,
            meanwhile::Meanwhile,
            split::{Cut, Split, split},
        },
        transaction::transaction,
    },
    schedule::{Cost, Grounds, Rounds, Schedule, Wait},
    syntax::{
        PatternQuery,
        node::{ancestors, call_parts, enclosing_function, member_parts, named_children, unparenthesized},
    },
    transform::{Change, Finding, Meta, Transform},
};

/// The pattern `await-in-loop`.
#[derive(Debug)]
pub struct AwaitInLoop;

static META: Meta = Meta {
    id: "await-in-loop",
    summary: "The rounds of a loop wait one after the other.",
    why: "A loop with an `await` in it takes as long as all its calls together. If no round needs another one, they can \
          be under way at the same time, several at once.",
    before: "async function prices(shop) {
  const prices = [];
  for (const kind of ['apples', 'pears', 'plums']) {
    prices.push(await shop.getPrice(kind));
  }
  return prices;
}
",
    after: "async function prices(shop) {
  const prices = await Promise.all(['apples', 'pears', 'plums'].map(async (kind) => shop.getPrice(kind)));
  return prices;
}
",
    safety: "The rounds must not affect each other: none writes what another reads, none needs a value of another, and no \
             round ends the loop. A list in the code of at most as many items as the bound is started as a whole, any \
             other goes through the package's own `p-map` or `p-limit`, or a small helper that is written once. Sums and \
             lists are filled in the order of the list, after all rounds have ended. When a round fails, no further one is \
             started, those under way run to their end, and the first failure in time is thrown.",
};

static QUERY: PatternQuery = PatternQuery::new(include_str!("../queries/ecma/await_in_loop.scm"));

impl Transform for AwaitInLoop {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn query(&self) -> &PatternQuery {
        &QUERY
    }

    fn needles(&self) -> &'static [&'static str] {
        &["await"]
    }

    fn needs_effects(&self) -> bool {
        true
    }

    fn judge(&self, cx: &Context<'_>, candidate: Node<'_>) -> Option<Finding> {
        if is_for_await(candidate) {
            return None;
        }
        let node = cx.own(candidate);
        let body = node.child_by_field_name("body")?;
        let in_condition = node.child_by_field_name("condition").map(awaits).unwrap_or_default();
        let waits: Vec<_> = awaits(body).into_iter().chain(in_condition).collect();
        if waits.is_empty() {
            return None;
        }
        let message = "each round of this loop waits for the one before";
        let before = schedule(cx, &waits, Some(1), None);
        let (outcome, after, grounds) = match convert(cx, node, body) {
            Ok(converted) => {
                let after = schedule(cx, &waits, converted.at_once, converted.count);
                (Ok(converted.change), Some(after), Some(converted.grounds))
            }
            Err(refusal) => (Err(refusal), None, None),
        };
        let before = Schedule {
            rounds: before.rounds.map(|r| Rounds { count: after.as_ref().and_then(|a| a.rounds?.count), ..r }),
            ..before
        };
        Some(Finding::new(META.id, candidate.byte_range(), message, outcome).costing(Cost { before, after, grounds }))
    }
}

/// A loop with its change.
struct Converted {
    change: Change,
    at_once: Option<usize>,
    count: Option<usize>,
    grounds: Grounds,
}

fn convert<'t>(cx: &Context<'t>, node: Node<'t>, body: Node<'t>) -> Result<Converted, Refusal> {
    if let Some(refusal) = intent::refusal(cx, node, body) {
        return Err(refusal);
    }
    let continues = exits::continues(cx, node, body)?;
    let head = head(cx, node, body)?;
    if let Some(wait) = already_started(cx, body, &head.own) {
        return Err(Refusal::new(RefusalCode::AlreadyStarted, wait.byte_range()));
    }
    if let Some(call) = mapper_around(cx, node) {
        return Err(Refusal::new(RefusalCode::InnerLoop, call.byte_range()));
    }
    if let Some(sign) = transaction(cx, node, node.end_byte()) {
        return Err(Refusal::new(RefusalCode::OrderedEffects, sign.byte_range()));
    }
    if let Some(call) = handed_in(cx, body) {
        return Err(Refusal::new(RefusalCode::UnknownEffects, call.byte_range()));
    }
    if let Some(name) = changed_meanwhile(cx, node, body) {
        return Err(Refusal::new(RefusalCode::OrderedEffects, name));
    }
    let (split, independence) = parted(cx, node, body, &head, Cut::Late)
        .or_else(|first| parted(cx, node, body, &head, Cut::Early).map_err(|_| first))?;
    let together = head.count.is_some_and(|n| n <= cx.tuning.at_once);
    let this = Loop { node, body, head: &head, split: &split, continues: &continues, together };
    let written = write(cx, &this)?;
    let bound = if together { None } else { Some(cx.tuning.at_once) };
    let assumption = assumption(&independence.because, head.assumption.as_deref(), &written, bound);
    let function = enclosing_function(node).unwrap_or_else(|| cx.file.root());
    let title = if together { "start all rounds at once" } else { "have several rounds under way at once" };
    let change = Change::to_review(title, assumption, written.edits, function.byte_range());
    let change = Change { creates: written.creates, ..change };
    Ok(Converted { change, at_once: bound, count: head.count, grounds: independence.grounds })
}

/// The body taken apart, and why the part in front may be under way for several items at once.
fn parted<'t>(
    cx: &Context<'t>,
    node: Node<'t>,
    body: Node<'t>,
    head: &Head<'t>,
    cut: Cut,
) -> Result<(Split<'t>, Independence), Refusal> {
    let split = split(cx, node, body, head, cut)?;
    let afterwards = split.tail_range(cx, body).unwrap_or_default();
    let but = InOrder { apart: split.apart(cx, body), afterwards };
    let independence = rounds_may_overlap_but(cx, body, &head.own, &but)?;
    Ok((split, independence))
}

/// What has to hold, in a few sentences.
fn assumption(because: &str, list: Option<&str>, written: &Written, bound: Option<usize>) -> String {
    let mut text = because.to_owned();
    if let Some(list) = list {
        text.push(' ');
        text.push_str(list);
    }
    text.push_str(match bound {
        Some(_) if !written.goes_on => " If a round fails, others may have been started by then.",
        _ => " If a round fails, the others run all the same.",
    });
    if written.is_put_off {
        text.push_str(" Nobody then looks at what the rounds in front of it would have left behind.");
    }
    text
}

/// Where a round only waits for its item: `for (const promise of promises) await promise`.
fn already_started<'t>(cx: &Context<'_>, body: Node<'t>, own: &[crate::semantic::BindingId]) -> Option<Node<'t>> {
    awaits(body).into_iter().find(|wait| {
        let value = named_children(*wait).first().map(|v| unparenthesized(*v));
        value.filter(|v| v.kind() == "identifier").is_some_and(|v| {
            cx.names.reference_at(v.start_byte()).and_then(|r| r.binding).is_some_and(|b| own.contains(&b))
        })
    })
}

/// A wait for a function that the caller has handed in, of which nothing can be known.
fn handed_in<'t>(cx: &Context<'_>, body: Node<'t>) -> Option<Node<'t>> {
    awaits(body).into_iter().find(|wait| {
        let call = named_children(*wait).first().and_then(|c| call_parts(unparenthesized(*c)));
        let binding = call.filter(|(callee, _)| callee.kind() == "identifier");
        let binding = binding.and_then(|(callee, _)| cx.names.reference_at(callee.start_byte())?.binding);
        binding.is_some_and(|b| cx.names.binding(b).kind == crate::semantic::BindingKind::Parameter)
    })
}

/// The use of a variable that may become something else from one round to the next, by a function that was handed out in
/// front of the loop.
fn changed_meanwhile(cx: &Context<'_>, node: Node<'_>, body: Node<'_>) -> Option<Range<usize>> {
    let meanwhile = Meanwhile::around(cx, node);
    let mut uses = cx.names.references_in(&body.byte_range()).iter().filter(|r| r.reads && !r.in_type);
    uses.find(|r| meanwhile.may_change(r, node.start_byte())).map(|r| r.range.clone())
}

/// The call that a loop's function is the mapper of, where that has several of its calls under way at once.
fn mapper_around<'t>(cx: &Context<'_>, node: Node<'t>) -> Option<Node<'t>> {
    let function = enclosing_function(node)?;
    let call = function.parent().filter(|p| p.kind() == "arguments")?.parent()?;
    let (callee, arguments) = call_parts(call)?;
    let name = member_parts(callee).map_or(cx.text(callee), |(_, p)| cx.text(p));
    let is_limiter = matches!(name, "mapLimit" | "mapWithLimit" | "pMap" | "limit" | "limiter" | "atOnce");
    if is_limiter && arguments.contains(&function) {
        return Some(call);
    }
    let is_mapped = matches!(name, "map" | "flatMap" | "from");
    let all = ancestors(call).take(4).filter_map(call_parts).any(|(c, _)| cx.text(c).starts_with("Promise.all"));
    (is_mapped && all).then_some(call)
}

/// The waits of a round, one after the other.
fn schedule(cx: &Context<'_>, waits: &[Node<'_>], at_once: Option<usize>, count: Option<usize>) -> Schedule {
    let wait = |node: &Node<'_>| {
        let value = named_children(*node).first().map(|v| unparenthesized(*v)).unwrap_or(*node);
        let callee = call_parts(value).map_or(value, |(callee, _)| callee);
        let call = crate::flow::rounds::head::short(cx, callee);
        vec![Wait { range: value.byte_range(), milliseconds: cx.tuning.latency_of(&call), call }]
    };
    Schedule { waves: waits.iter().map(wait).collect(), rounds: Some(Rounds { count, at_once }) }
}
