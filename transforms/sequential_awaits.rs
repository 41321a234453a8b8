//! `sequential-awaits`: calls that are waited for one after the other, though none needs the other's result.
//!
//! The awaits of a statement list, and what stands between them and can be moved, are a run. Which of them need the
//! result of another is told by names; what else keeps two of them apart, by their effects. The run is split into the
//! fewest waves, each of which is waited for with one `Promise.all`. The calls are started in the order in which they are
//! written, with the same arguments.
//!
//! ```js
//! const user = await getUser(id);          const [user, orders] = await Promise.all([
//! const orders = await getOrders(id);        getUser(id),
//!                                            getOrders(id),
//!                                          ]);
//! ```
//!
//! It is never safe: a call is started though an earlier one is about to fail, and of several failures the first in time
//! is the one that is seen. Everything else stays as it was.
//!
//! - A failure is never left to nobody. `const p = f(); …; await p` would do that if something in between throws, and so
//!   would `Promise.all([f(), g()])` if `g` throws at once. That `g` hands over all its failures in its promise is stated
//!   where it is not known; a call whose arguments may throw is started inside an async function: `(async () => g(x.y))()`.
//! - What is assigned before a later call fails, and can be seen then, is assigned before that call as it was.
//! - A chain of awaits of which each needs the one before is no finding.
//! - A statement that calls something without waiting, branches or jumps ends a run, and the next await starts another. What
//!   stands on both sides of it is not compared: whether the later call is made, and with what, is decided there.

use tree_sitter::Node;

use crate::{
    awaits::{self, Links, Rewritten, Run, Target, Unit, Wave, run_at, script_around, within_at},
    context::Context,
    edit::{Refusal, RefusalCode},
    flow::{rounds::head::short, transaction::transaction},
    schedule::{Cost, Schedule, Wait},
    syntax::{
        PatternQuery,
        node::{call_parts, enclosing_function, member_parts},
    },
    transform::{Change, Finding, Meta, Transform},
};

/// The pattern `sequential-awaits`.
#[derive(Debug)]
pub struct SequentialAwaits;

static META: Meta = Meta {
    id: "sequential-awaits",
    summary: "Calls are waited for one after the other, though they do not need each other's results.",
    why: "Each call starts only when the one before has ended, so the function takes as long as all of them together. \
          Started together, they take as long as the slowest.",
    before: "async function page(id) {
  const user = await getUser(id);
  const orders = await findOrders(user.id);
  const prices = await loadPrices(user.plan);
  return render(user, orders, prices);
}
",
    after: "async function page(id) {
  const user = await getUser(id);
  const [orders, prices] = await Promise.all([
    findOrders(user.id),
    loadPrices(user.plan)
  ]);
  return render(user, orders, prices);
}
",
    safety: "It is at level `review`: a call starts though an earlier one may fail, and of several failures the first in \
             time is seen. The finding says what it takes for granted: that none of the calls changes what another reads. \
             Calls start in the order in which they are written. That a callee throws nothing before it hands over its promise \
             is stated where it is not known; where an argument might, the call is started in an async function, so that no \
             rejection is left unhandled. Calls that change something, \
             tests, transactions and objects with a state of their own stay in order. Awaits are compared as far as they \
             follow each other: a statement in between that calls something without waiting, branches or jumps ends a run, \
             and what stands behind it is another.",
};

static QUERY: PatternQuery = PatternQuery::new(include_str!("../queries/ecma/sequential_awaits.scm"));

impl Transform for SequentialAwaits {
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
        let (run, obstacle) = match run_at(cx, candidate) {
            Some(run) => (run, None),
            None => within_at(cx, candidate).map(|within| (within.run, within.obstacle))?,
        };
        let links = awaits::links(cx, &run);
        let awaits: Vec<usize> = (0..run.units.len()).filter(|i| run.units[*i].awaited().is_some()).collect();
        let independent = independent_pair(&links, &awaits)?;
        let waits: Vec<Vec<Wait>> = run.units.iter().map(|unit| waits(cx, unit)).collect();
        let waves = obstacle.map_or_else(|| waves(cx, &run, &links, &waits), Err);
        let outcome = waves.as_ref().map_err(Refusal::clone).and_then(|waves| change(cx, &run, &links, waves));
        let cost = cost(&run, &waits, &awaits, waves.ok().filter(|_| outcome.is_ok()).as_ref());
        let range = run.units[0].statement.start_byte()..run.units[run.units.len() - 1].statement.end_byte();
        let (count, [one, other]) = (awaits.len(), independent.map(|unit| name(&waits[unit])));
        let message = match count {
            2 => format!(
                "`{one}` and `{other}` are waited for one after the other, and neither needs the other's result"
            ),
            _ => format!("{count} calls are waited for one after the other, though `{other}` does not need `{one}`"),
        };
        Some(Finding::new(META.id, range, message, outcome).costing(cost))
    }
}

/// The first two awaits of which the later does not need the earlier.
fn independent_pair(links: &Links<'_, '_>, awaits: &[usize]) -> Option<[usize; 2]> {
    let pairs = awaits.iter().flat_map(|earlier| awaits.iter().map(move |later| [*earlier, *later]));
    pairs.into_iter().find(|[earlier, later]| earlier < later && !links.needs().reaches(*later, *earlier))
}

fn waves(cx: &Context<'_>, run: &Run<'_>, links: &Links<'_, '_>, waits: &[Vec<Wait>]) -> Result<Vec<Wave>, Refusal> {
    let first = run.units[0].node;
    if let Some(call) = script_around(cx, first) {
        return Err(Refusal::new(RefusalCode::TestScript, call.byte_range()));
    }
    let scope = cx.names.scope_at(first.start_byte());
    if let Some(binding) = cx.names.resolve("Promise", scope) {
        return Err(Refusal::new(RefusalCode::LibraryPromise, cx.names.binding(binding).declarations[0].clone()));
    }
    let total = |waits: &Vec<Wait>| waits.iter().map(|wait| wait.milliseconds).sum::<Option<f64>>();
    let milliseconds: Vec<Option<f64>> = waits.iter().map(total).collect();
    let waves = awaits::waves(cx, run, links, &milliseconds)?;
    match waves.iter().find_map(|wave| transaction_around(cx, run, wave)) {
        Some(sign) => Err(Refusal::new(RefusalCode::OrderedEffects, sign.byte_range())),
        None => Ok(waves),
    }
}

/// The sign that two calls of a wave stand in a transaction.
fn transaction_around<'t>(cx: &Context<'_>, run: &Run<'t>, wave: &Wave) -> Option<Node<'t>> {
    let last_but_one = wave.awaits.iter().rev().nth(1)?;
    transaction(cx, run.units[0].node, run.units[*last_but_one].node.start_byte())
}

/// What a unit waits for, the innermost first.
fn waits(cx: &Context<'_>, unit: &Unit<'_>) -> Vec<Wait> {
    let Some(awaited) = unit.awaited() else { return Vec::new() };
    let inner = awaited.inner(cx).into_iter().rev();
    let own = wait(cx, awaited.operand, awaited.callee(cx));
    inner.map(|operand| wait(cx, operand, call_parts(operand).map(|(callee, _)| callee))).chain([own]).collect()
}

/// The longest callee that is shown as it is written.
const LONGEST_NAME: usize = 60;

fn wait(cx: &Context<'_>, operand: Node<'_>, callee: Option<Node<'_>>) -> Wait {
    let callee = callee.unwrap_or(operand);
    let text = cx.text(callee);
    let is_short = text.len() <= LONGEST_NAME && !text.contains(['\n', '(']);
    let call = match member_parts(callee).filter(|_| !is_short) {
        Some((_, property)) => cx.text(property).to_owned(),
        None => text.chars().take_while(|c| *c != '\n').take(LONGEST_NAME).collect(),
    };
    Wait { range: operand.byte_range(), milliseconds: cx.tuning.latency_of(text), call }
}

fn name(waits: &[Wait]) -> &str {
    waits.last().map_or("", |wait| &wait.call)
}

/// How the run waits, and how it would. An await that waits for something else first takes two waves.
fn cost(run: &Run<'_>, waits: &[Vec<Wait>], awaits: &[usize], waves: Option<&Vec<Wave>>) -> Cost {
    let alone = |unit: &usize| waits[*unit].iter().map(|wait| vec![wait.clone()]).collect::<Vec<_>>();
    let before = Schedule { waves: awaits.iter().flat_map(alone).collect(), rounds: None };
    let together = |wave: &Wave| {
        let longest = wave.awaits.iter().map(|unit| waits[*unit].len()).max().unwrap_or(0);
        let step = |step: usize| wave.awaits.iter().filter_map(|unit| waits[*unit].get(step).cloned()).collect();
        (0..longest).map(step).collect::<Vec<Vec<Wait>>>()
    };
    debug_assert!(run.units.len() == waits.len());
    let after = waves.map(|waves| Schedule { waves: waves.iter().flat_map(together).collect(), rounds: None });
    let grounds = waves.and_then(|waves| waves.iter().filter_map(|wave| wave.grounds).min());
    Cost { before, after, grounds }
}

/// What is taken for granted of callees that are not known to be async functions.
fn trust(callees: &[String]) -> Option<String> {
    let is_short = |callee: &&String| callee.len() <= LONGEST_NAME && !callee.contains('\n');
    let mut named: Vec<String> = callees.iter().filter(is_short).map(|callee| format!("`{callee}`")).collect();
    if named.len() < callees.len() {
        named.push("others".to_owned());
    }
    let last = named.pop()?;
    let all = if named.is_empty() { format!("{last} is") } else { format!("{} and {last} are", named.join(", ")) };
    Some(format!("Nothing is thrown at once where {all} called: what fails there fails in the promise."))
}

fn change(cx: &Context<'_>, run: &Run<'_>, links: &Links<'_, '_>, waves: &[Wave]) -> Result<Change, Refusal> {
    let Rewritten { edits, trusted } = awaits::rewrite(cx, run, waves)?;
    let mut assumptions: Vec<String> = Vec::new();
    for claim in waves.iter().filter(|w| w.awaits.len() > 1).filter_map(|wave| links.because(cx, &wave.awaits)) {
        if !assumptions.contains(&claim) {
            assumptions.push(claim);
        }
    }
    let together = waves.iter().filter(|w| w.awaits.len() > 1).flat_map(|w| &w.awaits);
    let values = together.filter_map(|unit| run.units[*unit].awaited()).flat_map(|awaited| awaited.unawaited(cx));
    assumptions.extend(values.map(|value| format!("`{}` is no promise.", short(cx, value))));
    let behind = waves.iter().filter_map(|w| w.awaits.split_last()).flat_map(|(_, others)| others);
    let left = behind.filter_map(|unit| run.units[*unit].awaited()).filter_map(|awaited| match awaited.target {
        Target::Assigned(target) if target.kind() == "member_expression" => Some(target),
        _ => None,
    });
    assumptions.extend(left.map(|t| format!("Nobody looks at `{}` if a call behind it fails.", short(cx, t))));
    assumptions.extend(trust(&trusted));
    let function = enclosing_function(run.units[0].statement);
    let scope = function.map_or(0..cx.file.source.bytes().len(), |f| f.byte_range());
    Ok(Change::to_review("wait for the calls together", assumptions.join(" "), edits, scope))
}
