//! A loop's body in two parts: what may be under way for several items at once, and what is done in order afterwards.
//!
//! Whatever adds to something outside the loop (a list, a sum, a map) is put off until all results are there, and then
//! done item by item. The order in which it happens is that of the list, as before, whichever result came first.

use std::ops::Range;

use tree_sitter::Node;

use super::{
    awaits,
    head::{Head, MUTATORS, is_path},
    outer::{Collect, How, Root, collect, commutes, is_seen_elsewhere, root, waits, writes},
    statements,
};
use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    flow::{
        classify::{Promise, promise},
        removal::comments_above,
    },
    semantic::BindingId,
    syntax::node::{
        ancestors, block_items, call_parts, member_parts, named_children, unparenthesized, walk, walk_own_code,
    },
};

/// A body taken apart.
#[derive(Debug)]
pub struct Split<'t> {
    /// The statements that stay together for one item.
    pub head: Vec<Node<'t>>,
    /// What adds to something outside the loop, among those statements or as the only one behind them.
    pub collects: Vec<Collect<'t>>,
    /// What adds to something outside at the end of one or the other way through a round, deeper in its code: all of
    /// them the same but for the value.
    pub nested: Vec<Collect<'t>>,
    /// The statements at the end that are done in order afterwards.
    pub tail: Vec<Node<'t>>,
    /// The variables outside the loop that are written in an order that stays the same, or in any.
    pub ordered: Vec<BindingId>,
}

impl Split<'_> {
    /// The bytes of the statements at the end, with the comments above and behind them.
    pub fn tail_range(&self, cx: &Context<'_>, body: Node<'_>) -> Option<Range<usize>> {
        let first = *self.tail.first()?;
        let start = comments_above(cx, first).first().map_or(first.start_byte(), |c| c.start_byte());
        let end = block_items(body).last().map_or(first.end_byte(), |n| n.end_byte());
        Some(start..end)
    }

    /// The bytes of all code that reads or changes what is filled in order, or in any: the analysis of effects need not
    /// look at it again.
    pub fn apart(&self, cx: &Context<'_>, body: Node<'_>) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        walk(body, |n| {
            let place = match n.kind() {
                "call_expression" => {
                    let method = n.child_by_field_name("function").and_then(member_parts);
                    method.filter(|(_, name)| MUTATORS.contains(&cx.text(*name))).map(|(object, _)| object)
                }
                "assignment_expression" | "augmented_assignment_expression" => n.child_by_field_name("left"),
                "update_expression" => n.child_by_field_name("argument"),
                "member_expression" | "subscript_expression" | "identifier" => Some(n),
                _ => None,
            };
            let root = place.and_then(|p| root(cx, p)).and_then(|r| as_binding(&r));
            if root.is_some_and(|b| self.ordered.contains(&b)) {
                ranges.push(n.byte_range());
            }
            true
        });
        ranges
    }
}

/// Where the part begins that is done afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// In front of the first statement that has to do with what is written outside.
    Late,
    /// Right behind the last wait.
    Early,
}

/// Takes the body of a loop apart.
///
/// # Errors
/// With `carried-value` where a round needs what another one has left behind.
pub fn split<'t>(
    cx: &Context<'t>,
    this: Node<'t>,
    body: Node<'t>,
    head: &Head<'t>,
    cut: Cut,
) -> Result<Split<'t>, Refusal> {
    let declared = cx.names.declared_in(&body.byte_range());
    let own = |id: BindingId| head.own.contains(&id) || declared.contains(&id);
    check_variables(cx, &declared, body)?;
    let all: Vec<_> = statements(body).into_iter().filter(|s| Some(*s) != head.replaced).collect();
    let last = all.iter().rposition(|s| waits(*s)).unwrap_or(0);
    let harmless = |write: Node<'_>, root: Root| is_harmless(cx, write, root, body, head);
    let mut collects: Vec<Collect<'t>> = all[..=last.min(all.len().saturating_sub(1))]
        .iter()
        .filter_map(|s| collect(cx, *s, &own))
        .filter(|c| awaits(c.place).is_empty() && c.key.is_none_or(|k| awaits(k).is_empty()))
        .filter(|c| !harmless(c.place, c.root))
        .collect();
    let behind = &all[(last + 1).min(all.len())..];
    let writes_outside = |s: &Node<'t>| writes(cx, *s, &own).into_iter().any(|w| !harmless(w.node, w.root));
    let written = behind.iter().flat_map(|s| writes(cx, *s, &own)).filter(|w| !harmless(w.node, w.root));
    let mut roots: Vec<Root> = collects.iter().map(|c| c.root).chain(written.map(|w| w.root)).collect();
    // What reads what is written afterwards is done afterwards, too.
    let starts = |s: &Node<'t>| roots.iter().any(|r| is_touched(cx, s.byte_range(), *r)) || writes_outside(s);
    let late = behind.iter().position(starts).map_or(all.len(), |at| last + 1 + at);
    let cut = if cut == Cut::Early { (last + 1).min(all.len()) } else { late };
    let (first, tail) = all.split_at(cut);
    let (mut first, mut tail) = (first.to_vec(), tail.to_vec());
    if let ([only], true) = (tail.as_slice(), collects.is_empty())
        && let Some(one) = collect(cx, *only, &own).filter(|c| c.how == How::Push)
    {
        // A single value is worked out with the rest of its item.
        first.append(&mut tail);
        collects.push(one);
    }
    let nested =
        if collects.is_empty() && tail.is_empty() { nested(cx, body, &first, &own, &harmless) } else { Vec::new() };
    roots = collects.iter().chain(&nested).map(|c| c.root).collect();
    let in_tail = tail.iter().flat_map(|s| writes(cx, *s, &own)).filter(|w| !harmless(w.node, w.root));
    roots.extend(in_tail.map(|w| w.root));
    let split = Split { head: first, collects, nested, tail, ordered: Vec::new() };
    if let Some(exit) = split.tail.iter().find_map(|s| thrown(*s)) {
        // The rounds behind it would have been through by then.
        return Err(Refusal::new(RefusalCode::ExitsEarly, exit.byte_range()));
    }
    check_head(cx, &split, &own, &harmless)?;
    check_promises(cx, &split, body, &own)?;
    check_roots(cx, &split, &roots)?;
    let mut ordered: Vec<_> = roots.into_iter().filter_map(|r| as_binding(&r)).collect();
    let rest = split.head.iter().flat_map(|s| writes(cx, *s, &own));
    ordered.extend(rest.filter_map(|w| as_binding(&w.root)));
    ordered.sort_unstable();
    ordered.dedup();
    if let Some(seen) = ordered.iter().find(|b| is_seen_elsewhere(cx, **b, this)) {
        let used = cx.names.references_in(&body.byte_range()).iter().find(|r| r.binding == Some(*seen));
        return Err(carried(used.map_or(body.byte_range(), |r| r.range.clone())));
    }
    Ok(Split { ordered, ..split })
}

/// The statement that an expression stands in.
fn statement_of(node: Node<'_>) -> Node<'_> {
    ancestors(node).find(|a| a.kind() == "expression_statement").unwrap_or(node)
}

/// What adds to something outside deeper in the last statement of a round, if nothing comes after it there, and if it is
/// the same thing everywhere.
fn nested<'t>(
    cx: &Context<'_>,
    body: Node<'t>,
    head: &[Node<'t>],
    own: &dyn Fn(BindingId) -> bool,
    harmless: &dyn Fn(Node<'_>, Root) -> bool,
) -> Vec<Collect<'t>> {
    let mut found: Vec<Collect<'t>> = Vec::new();
    let Some(last) = head.last() else { return found };
    walk_own_code(*last, |n| {
        let collected = collect(cx, n, own).filter(|c| awaits(c.place).is_empty() && !harmless(c.place, c.root));
        found.extend(collected.filter(|_| ends_round(n, body)));
        true
    });
    let shape = |c: &Collect<'_>| {
        let to = c.key.unwrap_or(c.value).start_byte();
        (cx.slice(c.statement.start_byte()..to).trim().to_owned(), c.key.is_some())
    };
    let same = found.windows(2).all(|pair| shape(&pair[0]) == shape(&pair[1]));
    let needs_round = |c: &Collect<'_>| {
        cx.names.references_in(&c.place.byte_range()).iter().any(|r| {
            let in_key = c.key.is_some_and(|k| k.start_byte() <= r.range.start && r.range.end <= k.end_byte());
            !in_key && r.binding.is_some_and(own)
        })
    };
    if !same || found.iter().any(needs_round) {
        found.clear();
    }
    found
}

/// Whether a statement is the last that a round does, on its way.
fn ends_round(statement: Node<'_>, body: Node<'_>) -> bool {
    let mut child = statement;
    while child != body {
        let Some(parent) = child.parent() else { return false };
        let goes_on = match parent.kind() {
            "statement_block" => named_children(parent).last() == Some(&child),
            "if_statement" | "else_clause" => true,
            "try_statement" => parent.child_by_field_name("finalizer").is_none(),
            "catch_clause" => true,
            _ => parent == body,
        };
        if !goes_on {
            return false;
        }
        child = parent;
    }
    true
}

/// A `throw` that a statement may come to.
fn thrown(statement: Node<'_>) -> Option<Node<'_>> {
    let mut found = None;
    walk_own_code(statement, |n| {
        if n.kind() == "throw_statement" {
            found.get_or_insert(n);
        }
        found.is_none()
    });
    found
}

fn as_binding(root: &Root) -> Option<BindingId> {
    match root {
        Root::Binding(id) => Some(*id),
        Root::This | Root::Global => None,
    }
}

fn carried(range: Range<usize>) -> Refusal {
    Refusal::new(RefusalCode::CarriedValue, range)
}

/// What the body declares has to be its own: a `var` is one variable for all rounds, and may be seen behind the loop.
fn check_variables(cx: &Context<'_>, declared: &[BindingId], body: Node<'_>) -> Result<(), Refusal> {
    let inside = |r: &Range<usize>| body.start_byte() <= r.start && r.end <= body.end_byte();
    for id in declared {
        let binding = cx.names.binding(*id);
        let used = binding.references.iter().map(|r| &cx.names.reference(*r).range);
        if let Some(outside) = used.clone().chain(&binding.declarations).find(|r| !inside(r)) {
            return Err(carried(outside.clone()));
        }
        if binding.kind == crate::semantic::BindingKind::Var && !is_set_first(cx, *id, body) {
            return Err(carried(binding.declarations[0].clone()));
        }
    }
    Ok(())
}

/// Whether a `var` is given its value by a statement of the body itself, in front of all uses, and by nothing else, and
/// no function holds on to it.
pub(super) fn is_set_first(cx: &Context<'_>, id: BindingId, body: Node<'_>) -> bool {
    let binding = cx.names.binding(id);
    let [declaration] = binding.declarations.as_slice() else { return false };
    let node = cx.file.root().descendant_for_byte_range(declaration.start, declaration.end);
    let Some(node) = node else { return false };
    let declarator = ancestors(node).find(|a| a.kind() == "variable_declarator");
    let Some(declarator) = declarator.filter(|d| d.child_by_field_name("value").is_some()) else { return false };
    let in_body = declarator.parent().and_then(|d| d.parent()) == Some(body);
    let function = crate::syntax::node::enclosing_function(body);
    let mut uses = binding.references.iter().map(|r| cx.names.reference(*r));
    in_body
        && uses.all(|r| {
            let place = cx.file.root().descendant_for_byte_range(r.range.start, r.range.end);
            !r.writes
                && r.range.start > declaration.start
                && place.is_some_and(|p| crate::syntax::node::enclosing_function(p) == function)
        })
}

/// Whether a write gives the same result in whichever order the rounds come to it.
fn is_harmless(cx: &Context<'_>, write: Node<'_>, root: Root, body: Node<'_>, head: &Head<'_>) -> bool {
    let Root::Binding(binding) = root else { return false };
    let place = match write.kind() {
        "assignment_expression" => write.child_by_field_name("left").unwrap_or(write),
        _ => write,
    };
    if place.kind() == "subscript_expression" {
        return is_by_index(cx, binding, body, head);
    }
    let is_plain =
        place.kind() == "identifier" || matches!(write.kind(), "update_expression" | "augmented_assignment_expression");
    is_plain && commutes(cx, binding, &body.byte_range())
}

/// Whether all that the body does with a list is to read or set the item of the round's own index.
fn is_by_index(cx: &Context<'_>, binding: BindingId, body: Node<'_>, head: &Head<'_>) -> bool {
    let Some(index) = head.index else { return false };
    let mut uses = cx.names.references_in(&body.byte_range()).iter().filter(|r| r.binding == Some(binding));
    uses.all(|r| {
        let node = cx.file.root().descendant_for_byte_range(r.range.start, r.range.end);
        let parent = node.and_then(|n| n.parent()).filter(|p| p.kind() == "subscript_expression");
        let key = parent.and_then(|p| p.child_by_field_name("index")).filter(|k| k.kind() == "identifier");
        key.is_some_and(|k| cx.names.reference_at(k.start_byte()).is_some_and(|r| r.binding == Some(index)))
    })
}

/// Whether code touches what a root stands for.
fn is_touched(cx: &Context<'_>, range: Range<usize>, root: Root) -> bool {
    match root {
        Root::Binding(id) => cx.names.references_in(&range).iter().any(|r| r.binding == Some(id)),
        Root::This | Root::Global => false,
    }
}

/// What stays together for one item may write nothing outside the loop but what is put off.
fn check_head(
    cx: &Context<'_>,
    split: &Split<'_>,
    own: &dyn Fn(BindingId) -> bool,
    harmless: &dyn Fn(Node<'_>, Root) -> bool,
) -> Result<(), Refusal> {
    for statement in &split.head {
        let put_off = split.collects.iter().find(|c| c.statement == *statement);
        let code = put_off.map_or(*statement, |c| c.value);
        let is_nested =
            |w: Node<'_>| split.nested.iter().any(|c| c.statement.byte_range() == statement_of(w).byte_range());
        if let Some(write) = writes(cx, code, own).into_iter().find(|w| !harmless(w.node, w.root) && !is_nested(w.node))
        {
            return Err(carried(write.node.byte_range()));
        }
    }
    Ok(())
}

/// A promise that a round starts and leaves to somebody outside: where another round fails, nobody may look at it any more,
/// and where the round itself hands it over, it would be waited for.
fn check_promises(
    cx: &Context<'_>,
    split: &Split<'_>,
    body: Node<'_>,
    own: &dyn Fn(BindingId) -> bool,
) -> Result<(), Refusal> {
    let mut values: Vec<Node<'_>> = split.collects.iter().chain(&split.nested).map(|c| c.value).collect();
    for statement in &split.head {
        let written = writes(cx, *statement, own).into_iter().filter(|w| w.node.kind() == "assignment_expression");
        values.extend(written.filter_map(|w| w.node.child_by_field_name("right")));
    }
    let under_way = values.into_iter().find(|v| awaits(*v).is_empty() && is_promise(cx, *v, body));
    under_way.map_or(Ok(()), |v| Err(Refusal::new(RefusalCode::PromiseAsValue, v.byte_range())))
}

/// Whether a value may well be a promise: it is known to be one, or a call has it that is waited for elsewhere in the
/// round, or a call that nobody knows, of nothing that the round has found out before.
fn is_promise(cx: &Context<'_>, value: Node<'_>, body: Node<'_>) -> bool {
    let callee = |n: Node<'_>| call_parts(unparenthesized(n)).map(|(callee, _)| cx.text(callee).to_owned());
    let waited_for = || awaits(body).into_iter().filter_map(|a| callee(a.named_child(0)?));
    let found = cx.names.declared_in(&body.byte_range());
    let takes_found =
        || cx.names.references_in(&value.byte_range()).iter().any(|r| r.binding.is_some_and(|b| found.contains(&b)));
    match (promise(cx, value), callee(value)) {
        (Promise::Yes, _) => true,
        (Promise::Unknown, Some(name)) => waited_for().any(|other| other == name) || !takes_found(),
        _ => false,
    }
}

/// What is put off may not be needed by what stays in front.
fn check_roots(cx: &Context<'_>, split: &Split<'_>, roots: &[Root]) -> Result<(), Refusal> {
    for statement in &split.head {
        let put_off = split.collects.iter().find(|c| c.statement == *statement);
        let code: Vec<_> = match put_off {
            Some(c) => c.key.into_iter().chain([c.value]).collect(),
            None => vec![*statement],
        };
        for root in roots {
            let all = || split.collects.iter().chain(&split.nested);
            let mut places = all().filter(|c| c.root == *root).map(|c| c.place);
            let in_tail = all().all(|c| c.root != *root);
            let first = places.next().filter(|_| !in_tail).and_then(|p| first_property(cx, p));
            let nested: Vec<_> = split.nested.iter().map(|c| c.place.byte_range()).collect();
            if let Some(range) = code.iter().find_map(|c| needed(cx, *c, *root, first, &nested)) {
                return Err(carried(range));
            }
        }
    }
    Ok(())
}

/// The property of a path that stands next to its root: `items` of `this.items.list`.
fn first_property<'a>(cx: &Context<'a>, place: Node<'_>) -> Option<&'a str> {
    let mut node = unparenthesized(place);
    let mut property = None;
    while let Some(object) = node.child_by_field_name("object") {
        property = member_parts(node).map(|(_, p)| cx.text(p));
        node = unparenthesized(object);
    }
    property
}

/// Where code uses a root, or where only one property of it is written, that property or the whole.
fn needed(
    cx: &Context<'_>,
    code: Node<'_>,
    root: Root,
    property: Option<&str>,
    but: &[Range<usize>],
) -> Option<Range<usize>> {
    let mut found = None;
    walk(code, |n| {
        if but.contains(&n.byte_range()) {
            return false;
        }
        let is_root = match (n.kind(), root) {
            ("this", Root::This) => true,
            ("identifier" | "shorthand_property_identifier", Root::Binding(id)) => {
                cx.names.reference_at(n.start_byte()).is_some_and(|r| r.binding == Some(id))
            }
            _ => false,
        };
        if is_root && found.is_none() {
            let other = n.parent().and_then(member_parts).filter(|(o, _)| *o == n).map(|(_, p)| cx.text(p));
            let apart = match (property, other) {
                (Some(written), Some(used)) => written != used,
                // `this` is handed on; what happens to it is for the analysis of effects to say.
                (_, _) => root == Root::This && other.is_none(),
            };
            if !apart {
                found = Some(n.byte_range());
            }
        }
        found.is_none()
    });
    found
}

/// Whether an expression means the same when it is evaluated after the round: a literal, a variable of the round that
/// is given one value, or a path of properties of one.
pub fn is_stable(cx: &Context<'_>, expression: Node<'_>) -> bool {
    let node = unparenthesized(expression);
    if matches!(node.kind(), "string" | "number" | "true" | "false" | "null" | "undefined") {
        return true;
    }
    let mut root = node;
    while let Some((object, _)) = member_parts(root) {
        root = object;
    }
    let binding = cx.names.reference_at(root.start_byte()).and_then(|r| r.binding);
    is_path(node) && root.kind() == "identifier" && binding.is_some_and(|b| !cx.names.is_reassigned(b))
}
