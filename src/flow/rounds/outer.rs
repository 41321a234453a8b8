//! What the rounds of a loop leave behind: writes to variables and collections that stand outside the loop.

use std::ops::Range;

use tree_sitter::Node;

use super::{awaits, head::MUTATORS};
use crate::{
    context::Context,
    semantic::BindingId,
    syntax::node::{call_parts, has_token, is_function, member_parts, named_children, unparenthesized, walk},
};

/// Where a value is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// In a variable, or in what it holds.
    Binding(BindingId),
    /// In `this`.
    This,
    /// In a variable that the file does not declare.
    Global,
}

/// A statement that adds something to what stands outside the loop.
#[derive(Clone, Debug)]
pub struct Collect<'t> {
    /// The statement.
    pub statement: Node<'t>,
    /// What is added to: `out`, `this.items`, `map[key]`.
    pub place: Node<'t>,
    /// Where that is kept.
    pub root: Root,
    /// The key that is evaluated in front of the value.
    pub key: Option<Node<'t>>,
    /// The value.
    pub value: Node<'t>,
    /// How it is added.
    pub how: How,
}

/// How a value is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// `place.push(value)`
    Push,
    /// `place.add(value)`, `place.set(key, value)`, `place[key] = value`, `place = value`, `place.push(...value)`
    Put,
    /// `place += value` and its like, which read the place before they evaluate the value.
    Update,
}

/// Reads a statement that adds to something which `own`, the names of a round, do not hold.
pub fn collect<'t>(cx: &Context<'_>, statement: Node<'t>, own: &dyn Fn(BindingId) -> bool) -> Option<Collect<'t>> {
    let expression = Some(statement).filter(|s| s.kind() == "expression_statement")?;
    let expression = unparenthesized(*named_children(expression).first()?);
    let (place, key, value, how) = match expression.kind() {
        "call_expression" => {
            let (callee, arguments) = call_parts(expression)?;
            let (object, property) = member_parts(callee)?;
            match (cx.text(property), arguments.as_slice()) {
                ("push", [value]) if value.kind() == "spread_element" => {
                    (object, None, *named_children(*value).first()?, How::Put)
                }
                _ if arguments.iter().any(|a| a.kind() == "spread_element") => return None,
                ("push", [value]) => (object, None, *value, How::Push),
                ("add", [value]) => (object, None, *value, How::Put),
                ("set", [key, value]) => (object, Some(*key), *value, How::Put),
                _ => return None,
            }
        }
        "assignment_expression" => {
            let (left, value) = (expression.child_by_field_name("left")?, expression.child_by_field_name("right")?);
            let key = left.child_by_field_name("index");
            (left, key, value, How::Put)
        }
        "augmented_assignment_expression" => {
            let (left, value) = (expression.child_by_field_name("left")?, expression.child_by_field_name("right")?);
            let operator = expression.child_by_field_name("operator").map(|o| o.kind());
            // `&&=`, `||=` and `??=` may not evaluate the value at all.
            let plain = !matches!(operator, Some("&&=" | "||=" | "??="));
            plain.then_some(())?;
            (left, left.child_by_field_name("index"), value, How::Update)
        }
        _ => return None,
    };
    let root = root(cx, place)?;
    let is_outer = !matches!(root, Root::Binding(id) if own(id));
    (is_outer && value.kind() != "assignment_expression").then_some(Collect { statement, place, root, key, value, how })
}

/// What a path of properties and keys starts from.
pub fn root(cx: &Context<'_>, place: Node<'_>) -> Option<Root> {
    let mut node = unparenthesized(place);
    loop {
        node = match node.kind() {
            "member_expression" | "subscript_expression" => unparenthesized(node.child_by_field_name("object")?),
            "non_null_expression" | "as_expression" => unparenthesized(node.named_child(0)?),
            "this" => return Some(Root::This),
            "identifier" => {
                let binding = cx.names.reference_at(node.start_byte()).and_then(|r| r.binding);
                return Some(binding.map_or(Root::Global, Root::Binding));
            }
            _ => return None,
        }
    }
}

/// A write to something outside the loop that is not known to be harmless.
#[derive(Clone, Debug)]
pub struct Write<'t> {
    /// The writing expression.
    pub node: Node<'t>,
    /// What is written.
    pub root: Root,
}

/// The writes in a piece of code to what `own` does not hold: assignments, `++`, `delete`, destructuring targets, and
/// calls of methods that change a collection where nobody waits for them. Functions written in it count as if they ran.
pub fn writes<'t>(cx: &Context<'_>, code: Node<'t>, own: &dyn Fn(BindingId) -> bool) -> Vec<Write<'t>> {
    let mut found = Vec::new();
    walk(code, |n| {
        let place = match n.kind() {
            "assignment_expression" | "augmented_assignment_expression" => n.child_by_field_name("left"),
            "update_expression" => n.child_by_field_name("argument"),
            "unary_expression" if has_token(n, "delete") => n.child_by_field_name("argument"),
            "call_expression" => collection(cx, n),
            "for_in_statement" if n.child_by_field_name("kind").is_none() => n.child_by_field_name("left"),
            _ => None,
        };
        let roots = match place {
            Some(place) if place.kind().ends_with("_pattern") => pattern_roots(cx, place),
            Some(place) => root(cx, place).into_iter().collect(),
            None => Vec::new(),
        };
        let outer = roots.into_iter().filter(|r| !matches!(r, Root::Binding(id) if own(*id)));
        found.extend(outer.map(|root| Write { node: n, root }));
        true
    });
    found
}

fn pattern_roots(cx: &Context<'_>, pattern: Node<'_>) -> Vec<Root> {
    let targets = cx.names.references_in(&pattern.byte_range()).iter().filter(|r| r.writes);
    let mut roots: Vec<_> = targets.map(|r| r.binding.map_or(Root::Global, Root::Binding)).collect();
    walk(pattern, |n| {
        if matches!(n.kind(), "member_expression" | "subscript_expression") {
            roots.extend(root(cx, n));
            return false;
        }
        true
    });
    roots
}

/// The collection that a call changes, where its result is not waited for.
fn collection<'t>(cx: &Context<'_>, call: Node<'t>) -> Option<Node<'t>> {
    let (object, property) = member_parts(call.child_by_field_name("function")?)?;
    let awaited = call.parent().is_some_and(|p| p.kind() == "await_expression");
    (MUTATORS.contains(&cx.text(property)) && !awaited).then_some(object)
}

/// Whether the writes to a variable in a piece of code give the same result in any order, and nothing in it reads the
/// variable: it is only counted up and down by literal numbers, or only ever set to one and the same literal.
pub fn commutes(cx: &Context<'_>, binding: BindingId, code: &Range<usize>) -> bool {
    let uses = cx.names.references_in(code).iter().filter(|r| r.binding == Some(binding));
    let mut kinds = uses.map(|r| {
        let node = cx.file.root().descendant_for_byte_range(r.range.start, r.range.end)?;
        commuting(cx, node)
    });
    let Some(first) = kinds.next().flatten() else { return false };
    kinds.all(|kind| kind.as_ref() == Some(&first))
}

/// Of a write that commutes with others like it, what they have to have in common.
fn commuting(cx: &Context<'_>, name: Node<'_>) -> Option<String> {
    let write = name.parent()?;
    (write.parent()?.kind() == "expression_statement").then_some(())?;
    let number = |n: Node<'_>| n.kind() == "number" && cx.text(n).parse::<u32>().is_ok();
    match write.kind() {
        "update_expression" => Some("count".to_owned()),
        "augmented_assignment_expression" => {
            let operator = write.child_by_field_name("operator")?.kind();
            let value = write.child_by_field_name("right").filter(|v| number(*v))?;
            (matches!(operator, "+=" | "-=") && value != name).then(|| "count".to_owned())
        }
        "assignment_expression" => {
            let value = write.child_by_field_name("right")?;
            let literal = matches!(value.kind(), "true" | "false" | "null" | "undefined" | "number" | "string");
            (literal && write.child_by_field_name("left") == Some(name)).then(|| format!("={}", cx.text(value)))
        }
        _ => None,
    }
}

/// Whether code that may run during the loop can see a variable by another way than through the body: a function that
/// uses it, and that is written in front of the loop's end or hoisted to there.
pub fn is_seen_elsewhere(cx: &Context<'_>, binding: BindingId, this: Node<'_>) -> bool {
    let home = &cx.names.scope(cx.names.binding(binding).scope).range;
    let uses = cx.names.binding(binding).references.iter().map(|r| cx.names.reference(*r));
    let this_function = crate::syntax::node::enclosing_function(this);
    uses.filter(|r| !(this.start_byte() <= r.range.start && r.range.end <= this.end_byte())).any(|r| {
        let node = cx.file.root().descendant_for_byte_range(r.range.start, r.range.end);
        let mut around = node.into_iter().flat_map(crate::syntax::node::ancestors);
        let function = around.find(|n| is_function(*n)).filter(|f| home.start <= f.start_byte());
        // What runs only after the loop has ended sees the same as before.
        function.is_some_and(|f| {
            Some(f) != this_function && (f.start_byte() < this.end_byte() || f.kind() == "function_declaration")
        })
    })
}

/// Whether code waits for something.
pub fn waits(code: Node<'_>) -> bool {
    !awaits(code).is_empty()
}
