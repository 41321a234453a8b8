//! `n-plus-one`: a list is fetched from a database, and then one more query is made for each of its items.
//!
//! Found and explained, never rewritten: which query asks for all of them at once only the schema can tell. What is
//! reported is the query itself, not the loop around it, so that the loop has a finding of its own; to run the queries
//! beside each other is the second-best remedy.

use tree_sitter::Node;

use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    effects::{Place, Resource, of_node},
    flow::{
        chain::parameters,
        classify::initializer,
        rounds::{head::short, is_for_await, is_loop},
    },
    schedule::{Cost, Rounds, Schedule, Wait},
    semantic::BindingId,
    syntax::{
        PatternQuery,
        node::{ancestors, call_parts, is_function, member_parts, named_children, unparenthesized, with_parentheses},
    },
    transform::{Finding, Meta, Transform},
};

/// The pattern `n-plus-one`.
#[derive(Debug)]
pub struct NPlusOne;

static META: Meta = Meta {
    id: "n-plus-one",
    summary: "A list is fetched, and then one query is made for each of its items.",
    why: "A hundred orders cost a hundred and one round trips to the database, whether they are made one after the other \
          or at once. One query for all items costs a single one: `WHERE id IN (…)`, `findMany({ where: { id: { in: ids } } })`, \
          a join, or a DataLoader that gathers the ids of one turn.",
    before: "async function withUsers(db) {
  const orders = await db.query('SELECT * FROM orders');
  for (const order of orders) {
    order.user = await db.query('SELECT * FROM users WHERE id = $1', [order.userId]);
  }
  return orders;
}
",
    after: "async function withUsers(db) {
  const orders = await db.query('SELECT * FROM orders');
  const ids = orders.map((order) => order.userId);
  const users = await db.query('SELECT * FROM users WHERE id = ANY($1)', [ids]);
  const byId = new Map(users.map((user) => [user.id, user]));
  for (const order of orders) {
    order.user = byId.get(order.userId);
  }
  return orders;
}
",
    safety: "There is no rewrite: what the query for many items looks like depends on the schema and on the library. The \
             loop around it is a finding of `await-in-loop` as well, with a rewrite of its own where there can be one.",
};

static QUERY: PatternQuery = PatternQuery::new(include_str!("../queries/ecma/n_plus_one.scm"));

impl Transform for NPlusOne {
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
        let node = cx.own(candidate);
        let (callee, arguments) = call_parts(node)?;
        let used = with_parentheses(node).parent()?;
        if !matches!(used.kind(), "await_expression" | "return_statement" | "arrow_function") {
            return None;
        }
        let round = Round::around(cx, node)?;
        let asks_for_item = arguments.iter().any(|a| {
            let mut names = cx.names.references_in(&a.byte_range()).iter();
            names.any(|r| r.binding.is_some_and(|b| round.item.contains(&b)))
        });
        if !asks_for_item || !is_fetched(cx, round.list) || !asks_database(cx, node) {
            return None;
        }
        let call = short(cx, callee);
        let message =
            format!("one query of `{call}` for each item of `{}`, which was fetched as well", short(cx, round.list));
        let refusal = Refusal::new(RefusalCode::BatchQuery, node.byte_range());
        let wait = Wait { range: node.byte_range(), milliseconds: cx.tuning.latency_of(&call), call };
        let rounds = Some(Rounds { count: None, at_once: round.is_loop.then_some(1) });
        let before = Schedule { waves: vec![vec![wait.clone()]], rounds };
        let after = Some(Schedule { waves: vec![vec![wait]], rounds: None });
        let cost = Cost { before, after, grounds: None };
        Some(Finding::new(META.id, candidate.byte_range(), message, Err(refusal)).costing(cost))
    }
}

/// The loop, or the function that is called for each item, which a call stands in.
struct Round<'t> {
    list: Node<'t>,
    item: Vec<BindingId>,
    is_loop: bool,
}

impl<'t> Round<'t> {
    fn around(cx: &Context<'_>, call: Node<'t>) -> Option<Self> {
        for node in ancestors(call) {
            if is_function(node) {
                return Self::of_mapper(cx, node);
            }
            if is_loop(node) && !is_for_await(node) {
                return Self::of_loop(cx, node);
            }
        }
        None
    }

    fn of_loop(cx: &Context<'_>, node: Node<'t>) -> Option<Self> {
        let left = node.child_by_field_name("left").filter(|_| node.kind() == "for_in_statement")?;
        let list = node.child_by_field_name("right")?;
        Some(Self { list, item: with_derived(cx, node, cx.names.declared_in(&left.byte_range())), is_loop: true })
    }

    fn of_mapper(cx: &Context<'_>, function: Node<'t>) -> Option<Self> {
        let call = function.parent().filter(|p| p.kind() == "arguments")?.parent()?;
        let (callee, arguments) = call_parts(call)?;
        let list = match member_parts(callee) {
            Some((list, method)) if matches!(cx.text(method), "map" | "forEach" | "flatMap") => list,
            None if matches!(cx.text(callee), "mapLimit" | "pMap" | "mapWithLimit") => *arguments.first()?,
            _ => return None,
        };
        let item = parameters(function).first().map(|p| cx.names.declared_in(&p.byte_range()))?;
        Some(Self { list, item: with_derived(cx, function, item), is_loop: false })
    }
}

/// The names of an item, and those that are given a part of it.
fn with_derived(cx: &Context<'_>, round: Node<'_>, mut item: Vec<BindingId>) -> Vec<BindingId> {
    let first = item.clone();
    for binding in cx.names.declared_in(&round.byte_range()) {
        let value = initializer(cx, binding).filter(|v| !matches!(v.kind(), "await_expression"));
        let of_item = value.is_some_and(|v| {
            cx.names.references_in(&v.byte_range()).iter().any(|r| r.binding.is_some_and(|b| first.contains(&b)))
        });
        if of_item {
            item.push(binding);
        }
    }
    item
}

/// Whether a list was fetched: it, or what it is a part of, is what some call was awaited for.
fn is_fetched(cx: &Context<'_>, list: Node<'_>) -> bool {
    let mut node = unparenthesized(list);
    for _ in 0..8 {
        node = match node.kind() {
            "await_expression" => {
                return named_children(node).first().is_some_and(|call| call_parts(unparenthesized(*call)).is_some());
            }
            "member_expression" => match node.child_by_field_name("object") {
                Some(object) => unparenthesized(object),
                None => return false,
            },
            "call_expression" => match node.child_by_field_name("function").and_then(member_parts) {
                Some((object, _)) => unparenthesized(object),
                None => return false,
            },
            "identifier" => {
                let binding = cx.names.reference_at(node.start_byte()).and_then(|r| r.binding);
                let declarator = binding.and_then(|b| crate::flow::classify::declaration_node(cx, b));
                // `const { rows } = await …` and `const [rows] = await …` as well.
                let declarator = declarator.and_then(|d| ancestors(d).find(|a| a.kind() == "variable_declarator"));
                match declarator.and_then(|d| d.child_by_field_name("value")) {
                    Some(value) => unparenthesized(value),
                    None => return false,
                }
            }
            _ => return false,
        };
    }
    false
}

/// Methods by which the common mappers of objects to tables look one row up.
const LOOKUPS: &[&str] = &[
    "findOne",
    "findOneBy",
    "findOneOrFail",
    "findOneByOrFail",
    "findById",
    "findByPk",
    "findByPrimary",
    "findUnique",
    "findUniqueOrThrow",
    "findFirst",
    "findFirstOrThrow",
    "findMany",
    "findAll",
    "findBy",
    "findAndCountAll",
];

/// Whether a call asks a database: by what is known of its callee, by its text in SQL, by the name of its method.
fn asks_database(cx: &Context<'_>, call: Node<'_>) -> bool {
    let Some((callee, arguments)) = call_parts(call) else { return false };
    let sql = arguments.first().filter(|a| matches!(a.kind(), "string" | "template_string")).map(|a| cx.text(*a));
    let is_select = sql.is_some_and(|text| {
        let text = text.trim_start_matches(['\'', '"', '`']).trim_start();
        text.get(..7).is_some_and(|word| word.to_ascii_lowercase().trim_end() == "select")
    });
    let is_lookup = member_parts(callee).is_some_and(|(_, method)| LOOKUPS.contains(&cx.text(method)));
    is_select || is_lookup || of_node(cx, call).reads.iter().any(|t| t.place == Place::World(Resource::Database))
}
