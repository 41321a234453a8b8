//! The head of a loop: which list it goes through, and what a round gets of it.

use std::ops::Range;

use tree_sitter::Node;

use super::statements;
use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    flow::{
        Text,
        classify::{called_function, declaration_node, initializer, is_array},
    },
    semantic::{BindingId, BindingKind},
    syntax::node::{call_parts, enclosing_function, has_token, member_parts, named_children, unparenthesized, walk},
};

/// What the rounds of a loop are.
#[derive(Clone, Debug)]
pub struct Head<'t> {
    /// The list, as an expression.
    pub items: Text,
    /// Whether that is certainly an array.
    pub is_array: bool,
    /// The parameters of a function that is called with each item and its index, without parentheses.
    pub parameters: Text,
    /// The names that every round has of its own.
    pub own: Vec<BindingId>,
    /// Of those, the one that counts the rounds, so that no two have the same.
    pub index: Option<BindingId>,
    /// How many rounds there are, if the code says it.
    pub count: Option<usize>,
    /// A statement of the body that the parameters make superfluous: `const item = list[i];`.
    pub replaced: Option<Node<'t>>,
    /// What has to hold of the list, in a sentence.
    pub assumption: Option<String>,
}

/// Reads the head of a loop.
///
/// # Errors
/// When it does not say what the rounds are (`loop-form`), when the list may grow on the way (`work-list`), when it is
/// filled on the way (`lazy-source`).
pub fn head<'t>(cx: &Context<'t>, node: Node<'t>, body: Node<'t>) -> Result<Head<'t>, Refusal> {
    match node.kind() {
        "for_in_statement" if has_token(node, "of") => for_of(cx, node, body),
        "for_in_statement" => for_in(cx, node, body),
        "for_statement" => counted(cx, node, body),
        _ => Err(form(node)),
    }
}

fn form(node: Node<'_>) -> Refusal {
    let end = node.child_by_field_name("body").map_or(node.end_byte(), |b| b.start_byte());
    Refusal::new(RefusalCode::LoopForm, node.start_byte()..end)
}

/// The pattern that a `for … of` or `for … in` declares, and its names.
fn declared(cx: &Context<'_>, node: Node<'_>) -> Result<(Text, Vec<BindingId>), Refusal> {
    let left = node.child_by_field_name("left").ok_or_else(|| form(node))?;
    if node.child_by_field_name("kind").is_none() {
        // The variable lives on behind the loop.
        return Err(Refusal::new(RefusalCode::CarriedValue, left.byte_range()));
    }
    let own = cx.names.declared_in(&left.byte_range());
    outlives(cx, &own, node)?;
    Ok((Text::moved(cx.file, left.byte_range(), &[]), own))
}

/// Refuses variables of a round that are used outside the rounds: behind the loop (`var`), or in the list, where they
/// have no value yet. Also those that are declared elsewhere as well.
fn outlives(cx: &Context<'_>, own: &[BindingId], node: Node<'_>) -> Result<(), Refusal> {
    let list = node.child_by_field_name("right").map_or(0..0, |right| right.byte_range());
    let in_list = |r: &Range<usize>| list.start <= r.start && r.end <= list.end;
    let inside = |r: &Range<usize>| node.start_byte() <= r.start && r.end <= node.end_byte() && !in_list(r);
    for id in own {
        let binding = cx.names.binding(*id);
        let used = binding.references.iter().map(|r| &cx.names.reference(*r).range);
        if let Some(outside) = used.chain(&binding.declarations).find(|r| !inside(r)) {
            return Err(Refusal::new(RefusalCode::CarriedValue, outside.clone()));
        }
        // All functions that a loop makes see one and the same `var`.
        let is_kept = |r: &Range<usize>| {
            let used = cx.file.root().descendant_for_byte_range(r.start, r.end);
            used.is_some_and(|n| enclosing_function(n) != enclosing_function(node))
        };
        let mut used = binding.references.iter().map(|r| &cx.names.reference(*r).range);
        if let Some(kept) = used.find(|r| is_kept(r)).filter(|_| binding.kind == BindingKind::Var) {
            return Err(Refusal::new(RefusalCode::CarriedValue, kept.clone()));
        }
    }
    Ok(())
}

fn for_of<'t>(cx: &Context<'t>, node: Node<'t>, body: Node<'t>) -> Result<Head<'t>, Refusal> {
    let (parameters, own) = declared(cx, node)?;
    let right = node.child_by_field_name("right").ok_or_else(|| form(node))?;
    check_list(cx, right, body)?;
    let is_array = is_list(cx, right);
    let text = Text::moved(cx.file, right.byte_range(), &[]);
    let assumption =
        (!is_array).then(|| format!("`{}` is a list, and none that is filled on the way.", short(cx, right)));
    Ok(Head {
        items: text,
        is_array,
        parameters,
        own,
        index: None,
        count: literal_length(cx, right),
        replaced: None,
        assumption,
    })
}

fn for_in<'t>(cx: &Context<'t>, node: Node<'t>, body: Node<'t>) -> Result<Head<'t>, Refusal> {
    let (parameters, own) = declared(cx, node)?;
    let right = node.child_by_field_name("right").ok_or_else(|| form(node))?;
    check_list(cx, right, body)?;
    let mut items = Text::from("Object.keys(");
    items.push(&Text::moved(cx.file, right.byte_range(), &[]));
    items.push_str(")");
    let value = only_value(cx, right).unwrap_or(right);
    let literal = unparenthesized(value).kind() == "object";
    let assumption =
        (!literal).then(|| format!("`{}` is an object that inherits nothing enumerable.", short(cx, right)));
    Ok(Head { items, is_array: true, parameters, own, index: None, count: None, replaced: None, assumption })
}

/// `for (let i = 0; i < list.length; i++)` and `for (let i = 0; i < n; i++)`.
fn counted<'t>(cx: &Context<'t>, node: Node<'t>, body: Node<'t>) -> Result<Head<'t>, Refusal> {
    let (name, index) = counter(cx, node).ok_or_else(|| form(node))?;
    let bound = bound(cx, node, name).ok_or_else(|| form(node))?;
    let increment = node.child_by_field_name("increment").ok_or_else(|| form(node))?;
    if !is_increment(cx, increment, name) {
        let is_step = increment.kind() == "augmented_assignment_expression";
        let code = if is_step { RefusalCode::BatchedLoop } else { RefusalCode::LoopForm };
        return Err(Refusal::new(code, increment.byte_range()));
    }
    outlives(cx, &[index], node)?;
    let in_body = cx.names.references_in(&body.byte_range()).iter();
    if let Some(write) = in_body.clone().find(|r| r.binding == Some(index) && r.writes) {
        return Err(Refusal::new(RefusalCode::CarriedValue, write.range.clone()));
    }
    let Some(list) = list_of(cx, bound) else { return up_to(cx, bound, name, index, body) };
    check_list(cx, list, body)?;
    let is_array = is_list(cx, list);
    let assumption = (!is_array).then(|| format!("`{}` is an array.", short(cx, list)));
    let mut head = Head {
        items: Text::moved(cx.file, list.byte_range(), &[]),
        is_array,
        parameters: Text::default(),
        own: vec![index],
        index: Some(index),
        count: literal_length(cx, list),
        replaced: None,
        assumption,
    };
    if let Some((statement, target)) = item_statement(cx, body, list, index) {
        head.own.extend(cx.names.declared_in(&target.byte_range()));
        let last = statement.end_byte();
        let others = in_body.filter(|r| r.binding == Some(index) && r.range.start >= last).count();
        head.parameters = Text::moved(cx.file, target.byte_range(), &[]);
        if others > 0 {
            head.parameters.push_str(&format!(", {}", cx.text(name)));
        }
        head.replaced = Some(statement);
    } else {
        head.parameters = second(cx, node, name);
    }
    Ok(head)
}

fn up_to<'t>(
    cx: &Context<'t>,
    bound: Node<'t>,
    name: Node<'t>,
    index: BindingId,
    body: Node<'t>,
) -> Result<Head<'t>, Refusal> {
    let count = cx.text(bound).parse::<usize>().ok();
    let fixed = |n: Node<'t>| match n.kind() {
        "number" => count.is_some(),
        "identifier" => {
            let binding = cx.names.reference_at(n.start_byte()).and_then(|r| r.binding);
            let body = body.byte_range();
            let written = |b: BindingId| {
                let mut uses = cx.names.binding(b).references.iter().map(|r| cx.names.reference(*r));
                uses.any(|r| r.writes && body.contains(&r.range.start))
            };
            binding.is_some_and(|b| !written(b))
        }
        "member_expression" => true,
        _ => false,
    };
    if !fixed(bound) {
        return Err(Refusal::new(RefusalCode::LoopForm, bound.byte_range()));
    }
    let text = cx.text(bound);
    Ok(Head {
        items: format!("Array.from({{ length: {text} }})").into(),
        is_array: true,
        parameters: second(cx, body, name),
        own: vec![index],
        index: Some(index),
        count,
        replaced: None,
        assumption: count.is_none().then(|| format!("`{text}` is a whole number and stays the same.")),
    })
}

/// The parameters of a function that looks at the index only.
fn second(cx: &Context<'_>, code: Node<'_>, name: Node<'_>) -> Text {
    let unused = free_name(cx, &code.byte_range(), &["_", "_item", "_unused"]);
    format!("{unused}, {}", cx.text(name)).into()
}

/// `let i = 0`, with its name.
fn counter<'t>(cx: &Context<'t>, node: Node<'t>) -> Option<(Node<'t>, BindingId)> {
    let initializer = node.child_by_field_name("initializer")?;
    let parts = named_children(initializer);
    let [declarator] = parts.as_slice() else { return None };
    let name = declarator.child_by_field_name("name").filter(|n| n.kind() == "identifier")?;
    let value = declarator.child_by_field_name("value")?;
    (cx.text(value) == "0").then_some(())?;
    Some((name, cx.names.declared_at(name.start_byte())?))
}

/// What the counter stays below: `i < bound`.
fn bound<'t>(cx: &Context<'t>, node: Node<'t>, name: Node<'t>) -> Option<Node<'t>> {
    let mut condition = node.child_by_field_name("condition")?;
    if condition.kind() == "expression_statement" {
        condition = *named_children(condition).first()?;
    }
    let condition = unparenthesized(condition);
    let operator = condition.child_by_field_name("operator")?.kind();
    let (left, right) = (condition.child_by_field_name("left")?, condition.child_by_field_name("right")?);
    match operator {
        "<" | "!==" | "!=" if cx.text(left) == cx.text(name) => Some(right),
        ">" if cx.text(right) == cx.text(name) => Some(left),
        _ => None,
    }
}

/// `i++`, `++i`, `i += 1`.
fn is_increment(cx: &Context<'_>, node: Node<'_>, name: Node<'_>) -> bool {
    match node.kind() {
        "update_expression" => {
            has_token(node, "++") && node.child_by_field_name("argument").is_some_and(|a| cx.text(a) == cx.text(name))
        }
        "augmented_assignment_expression" => {
            let part = |field| node.child_by_field_name(field).map(|n| cx.text(n));
            part("left") == Some(cx.text(name)) && part("operator") == Some("+=") && part("right") == Some("1")
        }
        _ => false,
    }
}

/// The list whose length a bound is.
fn list_of<'t>(cx: &Context<'t>, bound: Node<'t>) -> Option<Node<'t>> {
    let (object, property) = member_parts(bound)?;
    (cx.text(property) == "length" && is_path(object)).then_some(object)
}

/// A name, or a chain of properties of one or of `this`.
pub(super) fn is_path(mut node: Node<'_>) -> bool {
    while let Some((object, _)) = member_parts(node) {
        node = object;
    }
    matches!(node.kind(), "identifier" | "this")
}

/// `const item = list[i];` as the first statement of the body, and what it declares.
fn item_statement<'t>(
    cx: &Context<'t>,
    body: Node<'t>,
    list: Node<'t>,
    index: BindingId,
) -> Option<(Node<'t>, Node<'t>)> {
    let first = *statements(body).first().filter(|_| body.kind() == "statement_block")?;
    if first.kind() != "lexical_declaration" {
        return None;
    }
    let parts = named_children(first);
    let [declarator] = parts.as_slice() else { return None };
    let typed = declarator.child_by_field_name("type").is_some();
    let value = unparenthesized(declarator.child_by_field_name("value")?);
    let target = declarator.child_by_field_name("name").filter(|_| !typed && value.kind() == "subscript_expression")?;
    let object = value.child_by_field_name("object").filter(|o| cx.text(*o) == cx.text(list))?;
    let key = value.child_by_field_name("index")?;
    let is_index = cx.names.reference_at(key.start_byte()).is_some_and(|r| r.binding == Some(index));
    (is_index && key.kind() == "identifier" && object.kind() == list.kind()).then_some((first, target))
}

/// Whether an expression is an array, by its value or by its declared type.
fn is_list(cx: &Context<'_>, list: Node<'_>) -> bool {
    is_array(cx, list) || is_declared_array(cx, list)
}

fn is_declared_array(cx: &Context<'_>, list: Node<'_>) -> bool {
    let list = unparenthesized(list);
    let binding = cx.names.reference_at(list.start_byte()).and_then(|r| r.binding);
    let Some(binding) = binding.filter(|_| list.kind() == "identifier") else { return false };
    let Some(name) = declaration_node(cx, binding) else { return false };
    let annotation = name.parent().and_then(|p| p.child_by_field_name("type"));
    let text = annotation.map(|a| cx.text(a).trim_start_matches(':').trim());
    text.is_some_and(|t| t.ends_with("[]") || t.starts_with("Array<") || t.starts_with("ReadonlyArray<"))
}

/// The length of a literal list, or of a variable that is given one and nothing else.
fn literal_length(cx: &Context<'_>, list: Node<'_>) -> Option<usize> {
    let value = only_value(cx, list).filter(|_| !is_mutated(cx, list)).unwrap_or(list);
    let value = unparenthesized(value);
    if value.kind() != "array" {
        return None;
    }
    let items = named_children(value);
    // A hole leaves no node.
    let holes = cx.slice(value.byte_range()).contains(",,");
    (!holes && items.iter().all(|i| i.kind() != "spread_element")).then_some(items.len())
}

/// The value of a variable that is declared with one and never given another.
fn only_value<'t>(cx: &Context<'t>, name: Node<'_>) -> Option<Node<'t>> {
    let name = unparenthesized(name);
    let binding = cx.names.reference_at(name.start_byte()).filter(|_| name.kind() == "identifier")?.binding?;
    initializer(cx, binding).filter(|_| !cx.names.is_reassigned(binding))
}

/// Whether a variable is used as anything but a list to read from, so that the literal it was given may have grown.
fn is_mutated(cx: &Context<'_>, name: Node<'_>) -> bool {
    let Some(binding) = cx.names.reference_at(name.start_byte()).and_then(|r| r.binding) else { return false };
    let uses = &cx.names.binding(binding).references;
    uses.iter().any(|r| {
        let range = &cx.names.reference(*r).range;
        let node = cx.file.root().descendant_for_byte_range(range.start, range.end);
        let Some((node, parent)) = node.and_then(|n| Some((n, n.parent()?))) else { return true };
        let is_read = match parent.kind() {
            "for_in_statement" => parent.child_by_field_name("right") == Some(node),
            "member_expression" => {
                let property = parent.child_by_field_name("property").map(|p| cx.text(p));
                property.is_some_and(|p| matches!(p, "length" | "map" | "filter" | "forEach" | "includes" | "join"))
            }
            _ => false,
        };
        !is_read
    })
}

/// Methods that change a collection.
pub(super) const MUTATORS: &[&str] = &[
    "push",
    "pop",
    "shift",
    "unshift",
    "splice",
    "sort",
    "reverse",
    "fill",
    "copyWithin",
    "add",
    "delete",
    "set",
    "clear",
    "append",
];

/// Refuses a list that the body changes, and one that is filled as it is gone through.
fn check_list(cx: &Context<'_>, list: Node<'_>, body: Node<'_>) -> Result<(), Refusal> {
    let list = unparenthesized(list);
    if call_parts(list).is_some_and(|(callee, _)| is_generator(cx, callee)) {
        return Err(Refusal::new(RefusalCode::LazySource, list.byte_range()));
    }
    let text = cx.text(list);
    let mut change = None;
    walk(body, |n| {
        let place = match n.kind() {
            "call_expression" => n
                .child_by_field_name("function")
                .and_then(member_parts)
                .filter(|(_, property)| MUTATORS.contains(&cx.text(*property)))
                .map(|(object, _)| object),
            "assignment_expression" | "augmented_assignment_expression" => n.child_by_field_name("left").map(|left| {
                if left.kind() == "subscript_expression" { left } else { member_length(cx, left).unwrap_or(left) }
            }),
            _ => None,
        };
        // `list[i] = …` leaves the list as long as it is, and each round has an item of its own.
        if place.is_some_and(|p| cx.text(p) == text) {
            change.get_or_insert(n.byte_range());
        }
        change.is_none()
    });
    change.map_or(Ok(()), |range| Err(Refusal::new(RefusalCode::WorkList, range)))
}

fn is_generator(cx: &Context<'_>, callee: Node<'_>) -> bool {
    if called_function(cx, callee).is_some_and(|f| has_token(f, "*")) {
        return true;
    }
    let binding = cx.names.reference_at(callee.start_byte()).and_then(|r| r.binding);
    let declared = binding.and_then(|b| declaration_node(cx, b)).and_then(|n| n.parent());
    declared.is_some_and(|d| d.kind().starts_with("generator_function"))
}

/// The object of `object.length`.
fn member_length<'t>(cx: &Context<'_>, node: Node<'t>) -> Option<Node<'t>> {
    member_parts(node).filter(|(_, property)| cx.text(*property) == "length").map(|(object, _)| object)
}

/// The first line of an expression, cut to a length that fits a sentence.
pub fn short(cx: &Context<'_>, node: Node<'_>) -> String {
    let text = cx.text(node);
    let short: String = text.lines().next().unwrap_or_default().chars().take(60).collect();
    if short.len() < text.len() { short + "…" } else { short }
}

/// The first of some names that nothing in a stretch of code uses or declares; else the last one with a number.
pub fn free_name(cx: &Context<'_>, range: &Range<usize>, names: &[&str]) -> String {
    let used = |name: &str| {
        cx.names.references_in(range).iter().any(|r| r.name == name)
            || cx.names.declared_in(range).into_iter().any(|b| cx.names.binding(b).name == name)
    };
    let last = names.last().copied().unwrap_or("value");
    let numbered = (2..).map(|n| format!("{last}{n}"));
    let mut all = names.iter().map(|n| (*n).to_owned()).chain(numbered);
    all.find(|n| !used(n)).expect("numbers do not run out")
}
