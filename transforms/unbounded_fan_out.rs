//! `unbounded-fan-out`: `Promise.all` over a list whose length nobody bounds.
//!
//! All calls are started at once. With ten items that is what was meant, with ten thousand it is as many sockets, files
//! or connections of a pool, and whatever is at the other end. With a bound the same calls are made, a few at a time,
//! and the results come in the same order.
//!
//! ```js
//! return Promise.all(ids.map((id) => getUser(id)));        return mapLimit(ids, 8, async (id) => getUser(id));
//! ```

use tree_sitter::Node;

use crate::{
    context::Context,
    edit::{Edit, Refusal, RefusalCode},
    effects::of_node,
    flow::{
        Stmt, Text,
        chain::parameters,
        classify::{initializer, is_array},
        imports::Additions,
        limiter::{Mapper, mapped},
        print::print,
        rounds::head::short,
    },
    schedule::{Cost, Rounds, Schedule, Wait},
    syntax::{
        PatternQuery,
        node::{
            ancestors, call_parts, enclosing_function, is_async, is_function, member_parts, named_children,
            unparenthesized, walk, walk_own_code,
        },
    },
    transform::{Change, Finding, Meta, Transform},
};

/// The pattern `unbounded-fan-out`.
#[derive(Debug)]
pub struct UnboundedFanOut;

static META: Meta = Meta {
    id: "unbounded-fan-out",
    summary: "As many calls are started at once as a list has items.",
    why: "Every call holds something while it is under way: a socket, a file, a connection of a pool, memory for its \
          answer. A list of ten works, a list of ten thousand does not, and the code does not say which one it will get.",
    before: "async function load(ids) {
  return Promise.all(ids.map((id) => getUser(id)));
}
",
    after: "const { mapLimit } = require('./map-limit');

async function load(ids) {
  return mapLimit(ids, 8, async (id) => getUser(id));
}
",
    safety: "The same calls are made for the same items, and the results are in the same order; but an item has to wait for \
             its turn, so none may need another one to be under way. After a failure no further item is started. The bound \
             comes from the package's own `p-map` or `p-limit`, or from a small helper that is written once. A list in the \
             code, a slice with a length and a batch are bounded already. `Promise.allSettled` is explained only.",
};

static QUERY: PatternQuery = PatternQuery::new(include_str!("../queries/ecma/unbounded_fan_out.scm"));

impl Transform for UnboundedFanOut {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn query(&self) -> &PatternQuery {
        &QUERY
    }

    fn needles(&self) -> &'static [&'static str] {
        &["Promise"]
    }

    fn needs_effects(&self) -> bool {
        true
    }

    fn judge(&self, cx: &Context<'_>, candidate: Node<'_>) -> Option<Finding> {
        // It is taken out of a tree of this file, and so lives as long as that.
        let node = cx.file.root().descendant_for_byte_range(candidate.start_byte(), candidate.end_byte())?;
        let node = std::iter::successors(Some(node), |n| n.parent()).find(|n| n.id() == candidate.id())?;
        let fan = FanOut::parse(cx, node).filter(|fan| !fan.is_bounded(cx) && fan.reaches_out(cx))?;
        let message = format!("as many calls at once as `{}` has items", short(cx, fan.list));
        let outcome = if fan.settles {
            Err(Refusal::new(RefusalCode::SettledResults, node.byte_range()))
        } else {
            bound(cx, &fan)
        };
        let after = outcome.is_ok().then(|| fan.schedule(cx, Some(cx.tuning.at_once)));
        let cost = Cost { before: fan.schedule(cx, None), after, grounds: None };
        Some(Finding::new(META.id, candidate.byte_range(), message, outcome).costing(cost))
    }
}

/// `Promise.all(list.map(mapper))`
struct FanOut<'t> {
    node: Node<'t>,
    list: Node<'t>,
    mapper: Node<'t>,
    settles: bool,
}

impl<'t> FanOut<'t> {
    fn parse(cx: &Context<'_>, node: Node<'t>) -> Option<Self> {
        let (callee, arguments) = call_parts(node)?;
        let settles = cx.text(member_parts(callee)?.1) == "allSettled";
        let [promises] = arguments.as_slice() else { return None };
        let (callee, arguments) = call_parts(unparenthesized(*promises))?;
        let (list, method) = member_parts(callee)?;
        let [mapper] = arguments.as_slice() else { return None };
        let is_mapper = is_function(*mapper) || matches!(mapper.kind(), "identifier" | "member_expression");
        (cx.text(method) == "map" && is_mapper).then_some(Self { node, list, mapper: *mapper, settles })
    }

    /// Whether the code says how long the list may be.
    fn is_bounded(&self, cx: &Context<'_>) -> bool {
        let list = unparenthesized(self.list);
        let is_literal =
            |n: Node<'_>| n.kind() == "array" && named_children(n).iter().all(|i| i.kind() != "spread_element");
        let is_slice = |n: Node<'_>| {
            let method = call_parts(n).and_then(|(callee, arguments)| Some((member_parts(callee)?.1, arguments.len())));
            method.is_some_and(|(name, n)| n == 2 && matches!(cx.text(name), "slice" | "splice"))
        };
        let binding = cx.names.reference_at(list.start_byte()).and_then(|r| r.binding);
        let value = binding.filter(|b| list.kind() == "identifier" && !cx.names.is_reassigned(*b));
        let value = value.and_then(|b| initializer(cx, b)).map(unparenthesized);
        let name = cx.text(list).rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        let is_batch = ["batch", "chunk", "page", "slice"].iter().any(|word| name.ends_with(word));
        // What is looked after by a queue is bounded by it.
        let mut is_queued = false;
        walk(self.mapper, |n| {
            let callee = call_parts(n).map(|(callee, _)| cx.text(callee).to_ascii_lowercase());
            is_queued |= callee.is_some_and(|c| {
                let last = c.rsplit('.').next().unwrap_or_default().to_owned();
                last.contains("limit")
                    || last.contains("throttle")
                    || c.contains("queue")
                    || c.contains("semaphore")
                    || c.contains("pool.")
            });
            !is_queued
        });
        [Some(list), value].into_iter().flatten().any(|n| is_literal(n) || is_slice(n)) || is_batch || is_queued
    }

    /// Whether what is done with an item has to do with the world outside, as far as is known.
    fn reaches_out(&self, cx: &Context<'_>) -> bool {
        let code = self.mapper.child_by_field_name("body").filter(|_| is_function(self.mapper));
        let Some(code) = code else {
            // Only a function that is known to be async counts.
            return crate::flow::classify::called_function(cx, self.mapper).is_none_or(is_async);
        };
        let mut calls = false;
        walk_own_code(code, |n| {
            calls |= n.kind() == "call_expression";
            !calls
        });
        let effects = of_node(cx, code);
        let world = |t: &crate::effects::Touch| matches!(t.place, crate::effects::Place::World(_));
        let known = effects.reads.iter().chain(&effects.writes).any(world);
        calls && (known || !effects.unknown.is_empty() || !effects.presumed.is_empty())
    }

    fn schedule(&self, cx: &Context<'_>, at_once: Option<usize>) -> Schedule {
        let mut calls = Vec::new();
        walk_own_code(self.mapper, |n| {
            let waits =
                n.kind() == "await_expression" || n.parent() == Some(self.mapper) && n.kind() == "call_expression";
            if waits {
                let call = named_children(n).first().copied().filter(|_| n.kind() == "await_expression").unwrap_or(n);
                calls.push(unparenthesized(call));
            }
            true
        });
        if calls.is_empty() {
            calls.push(self.mapper);
        }
        let wait = |n: &Node<'_>| {
            let call = short(cx, call_parts(*n).map_or(*n, |(callee, _)| callee));
            vec![Wait { range: n.byte_range(), milliseconds: cx.tuning.latency_of(&call), call }]
        };
        Schedule { waves: calls.iter().map(wait).collect(), rounds: Some(Rounds { count: None, at_once }) }
    }
}

fn bound(cx: &Context<'_>, fan: &FanOut<'_>) -> Result<Change, Refusal> {
    if let Some(around) = fan_out_around(cx, fan.node) {
        return Err(Refusal::new(RefusalCode::InnerLoop, around.byte_range()));
    }
    if let Some(call) = meets_others(cx, fan.mapper) {
        return Err(Refusal::new(RefusalCode::MayMeet, call.byte_range()));
    }
    let mapper = mapper(cx, fan)?;
    let list = Text::moved(cx.file, fan.list.byte_range(), &[]);
    let at = fan.node.byte_range();
    let mut additions = Additions::default();
    let written = mapped(cx, &mut additions, &list, &mapper, cx.tuning.at_once, at.clone())?;
    let mut edits = Vec::new();
    if !written.before.is_empty() {
        edits.push(in_front(cx, fan.node, &written.before)?);
    }
    let value = written.value.indented(cx.file.source.indent_at(at.start));
    edits.push(Edit::new(at, value.as_str()));
    let added = additions.edits(cx, &edits);
    edits.extend(added);
    edits.sort_by_key(|e| (e.range.start, e.range.end));
    let array = if is_array(cx, fan.list) { String::new() } else { format!(" `{}` is an array.", short(cx, fan.list)) };
    let failing = if written.goes_on { "" } else { " If one fails, those that wait for their turn are not started." };
    let scope = enclosing_function(fan.node).map_or(fan.node.byte_range(), |f| f.byte_range());
    let assumption = format!("No item needs another one to be under way.{array}{failing}");
    let change = Change::to_review("bound how many are under way at once", assumption, edits, scope);
    Ok(Change { creates: written.creates, ..change })
}

/// Words of calls that may end only when others of their kind are under way: servers that find each other, sides of a
/// connection, parties to a barrier.
const MEETINGS: &[&str] = &["start", "listen", "join", "ready", "barrier", "rendezvous", "accept", "elect"];

/// A call that may need the calls for other items to be under way.
fn meets_others<'t>(cx: &Context<'_>, mapper: Node<'t>) -> Option<Node<'t>> {
    let mut found = None;
    walk_own_code(mapper, |n| {
        let callee = call_parts(n).map(|(callee, _)| member_parts(callee).map_or(callee, |(_, p)| p));
        // `path.join('a', 'b')` and `list.join(',')` are of another kind.
        let is_bare = call_parts(n).is_some_and(|(_, arguments)| arguments.is_empty());
        let meets = callee.map(|c| cx.text(c)).is_some_and(|name| {
            is_bare && MEETINGS.contains(&name) || name.starts_with("waitFor") || name.starts_with("waitUntil")
        });
        if meets {
            found.get_or_insert(n);
        }
        found.is_none()
    });
    found
}

/// The mapper as the limiter takes it: with its parameters and its body where nothing else belongs to it.
fn mapper(cx: &Context<'_>, fan: &FanOut<'_>) -> Result<Mapper, Refusal> {
    let function = fan.mapper;
    let whole = || Text::moved(cx.file, function.byte_range(), &[]);
    if parameters(function).len() > 2 {
        return Err(Refusal::new(RefusalCode::ExtraParameter, function.byte_range()));
    }
    let is_typed = ["return_type", "type_parameters"].iter().any(|f| function.child_by_field_name(f).is_some());
    let (Some(body), "arrow_function", false) = (function.child_by_field_name("body"), function.kind(), is_typed)
    else {
        return Ok(Mapper::Reference(whole()));
    };
    let comments = cx.file.comments_in(&(function.start_byte()..body.start_byte()));
    if !comments.is_empty() {
        return Ok(Mapper::Reference(whole()));
    }
    let list = function.child_by_field_name("parameters").or_else(|| function.child_by_field_name("parameter"));
    let list = list.ok_or_else(|| Refusal::new(RefusalCode::LoopForm, function.byte_range()))?;
    let text = Text::moved(cx.file, list.byte_range(), &[]);
    let inner = text.as_str().strip_prefix('(').and_then(|t| t.strip_suffix(')')).unwrap_or(text.as_str());
    Ok(Mapper::Inline { parameters: inner.trim().into(), body: Text::moved(cx.file, body.byte_range(), &[]) })
}

/// Puts statements in front of the one that a node stands in.
fn in_front(cx: &Context<'_>, node: Node<'_>, statements: &[Stmt]) -> Result<Edit, Refusal> {
    let in_list = |n: &Node<'_>| n.parent().is_some_and(|p| matches!(p.kind(), "statement_block" | "program"));
    let function = enclosing_function(node);
    let mut around = ancestors(node).take_while(|a| Some(*a) != function);
    let statement = around.find(in_list).filter(|s| !is_function(*s));
    let statement = statement.ok_or_else(|| Refusal::new(RefusalCode::NoLimiter, node.byte_range()))?;
    let indent = cx.file.source.indent_at(statement.start_byte());
    let mut text = print(statements, indent, cx.style);
    text.push_str(&format!("{}{indent}", cx.style.newline));
    Ok(Edit::insert(statement.start_byte(), text.as_str()))
}

/// Another fan-out, or a bounded one, whose function this one stands in.
fn fan_out_around<'t>(cx: &Context<'_>, node: Node<'t>) -> Option<Node<'t>> {
    let mut inner = enclosing_function(node);
    while let Some(function) = inner {
        let call = function.parent().filter(|p| p.kind() == "arguments").and_then(|a| a.parent());
        let name = call
            .and_then(call_parts)
            .map(|(callee, _)| member_parts(callee).map_or(cx.text(callee), |(_, p)| cx.text(p)));
        if matches!(name, Some("mapLimit" | "mapWithLimit" | "pMap" | "limit" | "limiter" | "atOnce")) {
            return call;
        }
        inner = enclosing_function(function);
    }
    None
}
