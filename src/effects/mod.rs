//! What code may read and write, and whether two pieces of it may be under way at the same time.
//!
//! [`of_node`] gathers what evaluating a piece of code touches: variables, properties, and the world outside. What a
//! called function does is known from its body, else from the table of known APIs, else presumed from the verb of its
//! name, else unknown. [`may_overlap`] and [`rounds_may_overlap`] decide on that.
//!
//! Two pieces of code that only read never conflict. What they may not do beside each other:
//!
//! - one writes what the other touches;
//! - the later one changes the world, while the earlier one may yet fail: as it stands, the change is not made then;
//! - the earlier one is a *guard*: a check, a lock, a pause, or a call whose result nobody looks at, so that it is there
//!   for its failing;
//! - both use an object with a state of its own: a page of a browser, a cursor, a transaction.
//!
//! A write to the world outside is also seen by any later read of it, whatever it is: what a command, a server or a
//! database does may show in a file. What a log and the clock say is the exception.
//!
//! Functions of other files are known by [`Summaries`], which are worked out once for
//! all files and reached by the text of a callee, so that they outlive edits. Without them, the file at hand is all there is.
//! A whole body counts, whether it is run before the first `await` or after: both parts may run beside the other call.

mod arguments;
mod calls;
mod filled;
mod locks;
mod model;
mod objects;
mod overlap;
mod owned;
mod parts;
mod read;
pub mod verbs;

use std::ops::Range;

use tree_sitter::Node;

pub use model::{Effects, Independence, Touch};
pub use overlap::{conflict, may_overlap};
pub use read::of_file;

pub use crate::project::effects::{Key, Object, Place, Resource, Root};
use crate::{
    context::Context,
    edit::Refusal,
    project::effects::{Code, Summaries, Summary},
    semantic::BindingId,
    syntax::node::{ancestors, call_parts},
};

/// What evaluating an expression, a statement or a block may touch, as seen from the function around it. What it declares
/// counts as written. Functions that are written inside it count as if they were called.
pub fn of_node(cx: &Context<'_>, node: Node<'_>) -> Effects {
    of_code(cx, node, &[])
}

fn of_code(cx: &Context<'_>, node: Node<'_>, own: &[BindingId]) -> Effects {
    let class = class_around(cx, node);
    let code = read::of_code(cx, node, &class, own);
    resolve(cx, &class, code)
}

/// Whether several rounds of a loop's body may be under way at the same time. Variables that the body declares, those of
/// `per_round` (the loop's own), and the properties of the objects they hold are taken to be others in each round; what
/// those objects hold in turn is not.
///
/// # Errors
/// As for [`may_overlap`], with a round of the body in place of both pieces of code.
pub fn rounds_may_overlap(cx: &Context<'_>, body: Node<'_>, per_round: &[BindingId]) -> Result<Independence, Refusal> {
    rounds_may_overlap_but(cx, body, per_round, &InOrder::default())
}

/// What is taken care of in the rounds of a loop that is to be rewritten.
#[derive(Clone, Debug, Default)]
pub struct InOrder {
    /// The bytes of code that reads or changes what is filled in the order of the rounds, or may be in any.
    pub apart: Vec<Range<usize>>,
    /// The bytes of what is done for one round after the other when all of them have ended.
    pub afterwards: Range<usize>,
}

/// The same, where a rewrite takes care of a part of it.
///
/// # Errors
/// As for [`rounds_may_overlap`].
pub fn rounds_may_overlap_but(
    cx: &Context<'_>,
    body: Node<'_>,
    per_round: &[BindingId],
    but: &InOrder,
) -> Result<Independence, Refusal> {
    let mut own = cx.names.declared_in(&body.byte_range());
    own.extend_from_slice(per_round);
    let mut effects = of_code(cx, body, &own);
    let is_kept = |range: &Range<usize>| !but.apart.contains(range);
    effects.reads.retain(|t| is_kept(&t.range));
    effects.writes.retain(|t| is_kept(&t.range));
    effects.unknown.retain(is_kept);
    let changes_world =
        |t: &Touch| matches!(&t.place, Place::World(r) if !matches!(r, Resource::Clock | Resource::Log));
    if !effects.writes.iter().any(changes_world) {
        // A check guards what it stands in front of. A round in which nothing is done does not count on others' checks.
        effects.guards.retain(|range| !is_check(cx, range));
    }
    let (together, afterwards) = effects.parted(&but.afterwards);
    let pair = overlap::Pair { cx, objects: objects::Objects::new(cx), own: &own };
    let independence = pair.check(&together, &together)?;
    // What was done at the end of a round comes after the calls of later ones.
    match but.afterwards.is_empty() {
        true => Ok(independence),
        false => Ok(independence.and(pair.check(&afterwards, &together)?)),
    }
}

/// Whether a call checks something, by its name.
fn is_check(cx: &Context<'_>, call: &Range<usize>) -> bool {
    let call = cx.file.root().descendant_for_byte_range(call.start, call.end);
    let callee = call.and_then(call_parts).map(|(callee, _)| callee);
    let name = callee.map(|callee| cx.text(callee.child_by_field_name("property").unwrap_or(callee)));
    name.is_some_and(|name| verbs::verb(name) == Some(verbs::Verb::Checks))
}

/// The name of the class that a node stands in; empty without one.
fn class_around(cx: &Context<'_>, node: Node<'_>) -> String {
    let is_class = |n: &Node<'_>| matches!(n.kind(), "class_declaration" | "class" | "abstract_class_declaration");
    let name = ancestors(node).find(is_class).and_then(|class| class.child_by_field_name("name"));
    name.map_or_else(String::new, |name| cx.text(name).to_owned())
}

/// Whether what a callee stands for is an async function of the project, so that calling it never throws at once. A method
/// of an object that is not known is told by its name.
pub fn is_async_callee(cx: &Context<'_>, callee: Node<'_>) -> bool {
    let method = callee.child_by_field_name("property").map(|property| cx.text(property));
    let class = class_around(cx, callee);
    summaries(cx).is_async(cx.file.source.path(), &class, &objects::text_of(cx, callee), method)
}

/// What is known of the functions that the file can reach.
fn summaries<'c>(cx: &'c Context<'_>) -> &'c Summaries {
    match cx.summaries.filter(|all| all.knows(cx.file.source.path())) {
        Some(all) => all,
        None => cx.own_summaries.get_or_init(|| Summaries::link(vec![read::of_file(cx)])),
    }
}

/// Follows the calls in a piece of code.
fn resolve(cx: &Context<'_>, class: &str, code: Code) -> Effects {
    let path = cx.file.source.path();
    let known = summaries(cx);
    let mut effects = Effects { unknown: code.unknown, can_fail: code.can_fail, ..Effects::default() };
    code.presumed.into_iter().for_each(|clause| effects.presume(clause));
    for (place, is_written, range) in code.touches {
        if let Some(more) = known.of_place(path, &place) {
            add(&mut effects, more, &range);
        }
        touch(&mut effects, place, is_written, range);
    }
    let mut presumed = Vec::new();
    for mut call in code.calls {
        call.handed_in = None;
        let summary = known.of_call(path, class, &call);
        if call.is_bare {
            effects.dropped.push(call.range.clone());
            if !summary.presumed.is_empty() {
                presumed.push(call.range.clone());
            }
        }
        if call.is_outermost && call.known.as_ref().is_some_and(|k| k.guards) {
            effects.guards.push(call.range.clone());
        }
        add(&mut effects, summary, &call.range);
    }
    // What changes nothing, while nobody looks at its result, is there for something else: it lets time pass, or does more
    // than its name says.
    let idle = |range: &&Range<usize>| {
        !effects.guards.contains(range)
            && !effects.writes.iter().any(|t| range.start <= t.range.start && t.range.end <= range.end)
    };
    let (doubted, waits): (Vec<_>, Vec<_>) =
        effects.dropped.iter().filter(idle).cloned().partition(|range| presumed.contains(range));
    effects.unknown.extend(doubted);
    effects.guards.extend(waits);
    effects
}

fn touch(effects: &mut Effects, place: Place, is_written: bool, range: Range<usize>) {
    let touches = if is_written { &mut effects.writes } else { &mut effects.reads };
    touches.push(Touch { place, range });
}

/// Adds what a call does to what the code around it does.
fn add(effects: &mut Effects, summary: Summary, range: &Range<usize>) {
    for (places, is_written) in [(summary.reads, false), (summary.writes, true)] {
        places.into_iter().for_each(|place| touch(effects, place, is_written, range.clone()));
    }
    if !summary.unknown.is_empty() || !summary.calls.is_empty() {
        effects.unknown.push(range.clone());
    }
    effects.strangers.extend(summary.unknown);
    summary.presumed.into_iter().for_each(|clause| effects.presume(clause));
    effects.can_fail |= summary.can_fail;
}

#[cfg(test)]
mod tests;
