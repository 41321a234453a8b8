//! The statements of a run and what each of them does with what it waits for.

use std::ops::Range;

use tree_sitter::Node;

use super::harmless::{is_harmless_pattern, is_stable, weigh, weigh_around};
use crate::{
    context::Context,
    flow::{
        Keyword,
        classify::{Promise, promise},
    },
    syntax::node::{
        ancestors, call_parts, has_optional_chain, is_comment, is_function, member_parts, named_children,
        unparenthesized, walk, walk_own_code, with_parentheses,
    },
};

/// Units that a run holds at most; a list that goes on is taken to pieces of this length.
const MAX_UNITS: usize = 60;

/// A stretch of a statement list: whole statements, of which the first and the last wait for something.
#[derive(Clone, Debug)]
pub struct Run<'t> {
    /// Awaits, and what stands between them and can be moved.
    pub units: Vec<Unit<'t>>,
    /// The expression that all its awaits stand in, where there are several in one.
    pub whole: Option<Node<'t>>,
}

/// A statement of a run, or one declarator of a declaration.
#[derive(Clone, Copy, Debug)]
pub struct Unit<'t> {
    /// The declarator; the whole statement where it is no declaration of variables.
    pub node: Node<'t>,
    /// The statement.
    pub statement: Node<'t>,
    /// What declares its variables.
    pub keyword: Option<Keyword>,
    /// What it does.
    pub content: Content<'t>,
}

/// What a unit does.
#[derive(Clone, Copy, Debug)]
pub enum Content<'t> {
    /// It waits for a call.
    Await(Await<'t>),
    /// It declares something, calls nothing, and can be moved; `throws` says whether it might.
    Plain {
        /// Whether it could throw, as the property of `undefined` does.
        throws: bool,
    },
}

/// A call that is waited for, and what becomes of its result.
#[derive(Clone, Copy, Debug)]
pub struct Await<'t> {
    /// The `await` with the parentheses around it.
    pub expression: Node<'t>,
    /// What is awaited. Where the grammar takes `await (f()).g()` for calls of a function `await`, all of that.
    pub operand: Node<'t>,
    /// The bytes of what is awaited, without the word.
    pub code: (usize, usize),
    /// Where the result goes.
    pub target: Target<'t>,
    /// What is done with it on the way.
    pub rest: Rest<'t>,
    /// Whether it waits only for one of the ways through the expression: `known ? await load(id) : null`.
    pub is_choice: bool,
}

/// Where a result goes.
#[derive(Clone, Copy, Debug)]
pub enum Target<'t> {
    /// `const pattern: annotation = …`
    Declared(Node<'t>, Option<Node<'t>>),
    /// `target = …`
    Assigned(Node<'t>),
    /// Nowhere: the await is a statement.
    Nothing,
    /// It is returned.
    Returned,
    /// Into an expression that is a statement of its own: `render(await load())`.
    Expression,
}

/// What is done with a result before it goes where it goes.
#[derive(Clone, Copy, Debug)]
pub enum Rest<'t> {
    /// Nothing.
    Nothing,
    /// Something that calls nothing and changes nothing: the outermost expression, from `(await f()).data || []`.
    Harmless(Node<'t>),
    /// Something that may call or change something.
    Other(Node<'t>),
}

impl<'t> Unit<'t> {
    /// The await, if it is one.
    pub fn awaited(&self) -> Option<&Await<'t>> {
        match &self.content {
            Content::Await(awaited) => Some(awaited),
            Content::Plain { .. } => None,
        }
    }
}

impl<'t> Await<'t> {
    /// The bytes of what is awaited, without the word.
    pub fn code(&self) -> Range<usize> {
        self.code.0..self.code.1
    }

    /// What is awaited before this call is started, for its arguments or for the object of its method; outer before inner.
    pub fn inner(&self, cx: &Context<'_>) -> Vec<Node<'t>> {
        let mut found: Vec<Node<'t>> = Vec::new();
        let chosen = self.chosen(cx);
        walk_own_code(self.operand, |n| {
            let start = n.start_byte();
            let is_own = start == self.operand.start_byte() && is_typed_call_of_await(self.operand);
            if n.kind() == "await_expression" && !is_own && !chosen.contains(&n) {
                found.extend(n.named_child(0).map(unparenthesized));
            } else if is_taken_for_call(cx, n) && start != self.operand.start_byte() {
                // Each link of the chain looks the same from its start.
                let known = found.iter().any(|other| other.start_byte() == start);
                found.extend(Some(n).filter(|_| !known));
            }
            true
        });
        found
    }

    /// The awaits of which there is one in each way through a choice.
    fn chosen(&self, cx: &Context<'_>) -> Vec<Node<'t>> {
        if self.is_choice { own_awaits(cx, self.operand) } else { Vec::new() }
    }

    /// What it may come to, in a choice, that is not waited for, and that might be a promise.
    pub fn unawaited(&self, cx: &Context<'_>) -> Vec<Node<'t>> {
        let others = ["left", "right", "consequence", "alternative"];
        let others = others.iter().filter_map(|way| self.operand.child_by_field_name(way)).map(unparenthesized);
        let may_be = |n: &Node<'t>| n.kind() != "await_expression" && promise(cx, *n) != Promise::No;
        if self.is_choice { others.filter(may_be).collect() } else { Vec::new() }
    }

    /// The words `await` within what is awaited, with the parentheses around them, that go when its promise is wanted.
    pub fn words(&self, cx: &Context<'_>) -> Vec<Range<usize>> {
        let around = |n: Node<'t>| {
            let (outer, inner) = (with_parentheses(n), *named_children(n).first()?);
            Some([outer.start_byte()..inner.start_byte(), inner.end_byte()..outer.end_byte()])
        };
        self.chosen(cx).into_iter().filter_map(around).flatten().collect()
    }

    /// The function that is called, without the word `await` where the grammar takes that for a part of it.
    pub fn callee(&self, cx: &Context<'_>) -> Option<Node<'t>> {
        let chosen = self.chosen(cx).first().and_then(|n| n.named_child(0)).map(unparenthesized);
        let (callee, _) = call_parts(chosen.unwrap_or(self.operand))?;
        Some(if is_typed_call_of_await(self.operand) { callee.named_child(0)? } else { callee })
    }

    /// Whether a candidate is this await, or the first of those that it chooses from: its expression, or what the grammar takes for a call of `await`.
    fn is_written_as(&self, cx: &Context<'_>, candidate: Node<'_>) -> bool {
        let is_grammars = candidate.kind() == "call_expression" || is_typed_call_of_await(self.operand);
        self.expression == with_parentheses(candidate)
            || self.chosen(cx).first() == Some(&candidate)
            || is_grammars && candidate.start_byte() == self.operand.start_byte()
    }
}

/// The run that starts with a given `await` expression; `None` where that is not the first of a run of at least two.
pub fn run_at<'t>(cx: &Context<'_>, await_expression: Node<'t>) -> Option<Run<'t>> {
    let statement = statement_of(await_expression)?;
    let own = units_of(cx, statement)?;
    let first = own.iter().position(|u| u.awaited().is_some())?;
    let is_first = own[first].awaited().is_some_and(|a| a.is_written_as(cx, await_expression));
    if !is_first || follows_await(cx, statement) {
        return None;
    }
    let mut units = own;
    let mut next = statement.next_named_sibling();
    while let Some(statement) = next.filter(|_| units.len() < MAX_UNITS && !is_returned(&units)) {
        next = statement.next_named_sibling();
        if is_comment(statement) {
            continue;
        }
        match units_of(cx, statement) {
            Some(more) => units.extend(more),
            None => break,
        }
    }
    let last = units.iter().rfind(|u| u.awaited().is_some())?.statement;
    units.truncate(units.iter().rposition(|u| u.statement == last)? + 1);
    let awaits = units.iter().filter(|u| u.awaited().is_some()).count();
    (awaits > 1).then_some(Run { units, whole: None })
}

fn is_returned(units: &[Unit<'_>]) -> bool {
    units.last().and_then(Unit::awaited).is_some_and(|a| matches!(a.target, Target::Returned))
}

/// The statement of a list that an expression belongs to.
pub(super) fn statement_of(expression: Node<'_>) -> Option<Node<'_>> {
    let in_list = |n: &Node<'_>| is_in_list(*n);
    std::iter::once(expression).chain(ancestors(expression)).take_while(|n| !is_function(*n)).find(in_list)
}

/// Whether a node is one of the statements of a block, of a file or of a `case`.
pub(super) fn is_in_list(node: Node<'_>) -> bool {
    node.parent().is_some_and(|list| match list.kind() {
        "statement_block" | "program" | "switch_default" => true,
        "switch_case" => list.child_by_field_name("value") != Some(node),
        _ => false,
    })
}

/// Whether an await in front of a statement belongs to the same run.
fn follows_await(cx: &Context<'_>, statement: Node<'_>) -> bool {
    let mut previous = statement.prev_named_sibling();
    for _ in 0..MAX_UNITS {
        let Some(statement) = previous else { return false };
        previous = statement.prev_named_sibling();
        if is_comment(statement) {
            continue;
        }
        match units_of(cx, statement) {
            None => return false,
            Some(units) if units.iter().any(|u| u.awaited().is_some()) => return !is_returned(&units),
            Some(_) => {}
        }
    }
    false
}

/// A statement as units of a run; `None` for one that ends it.
fn units_of<'t>(cx: &Context<'_>, statement: Node<'t>) -> Option<Vec<Unit<'t>>> {
    let plain = |throws| Unit { node: statement, statement, keyword: None, content: Content::Plain { throws } };
    match statement.kind() {
        "lexical_declaration" | "variable_declaration" => declared(cx, statement),
        "function_declaration"
        | "generator_function_declaration"
        | "type_alias_declaration"
        | "interface_declaration" => Some(vec![plain(false)]),
        "expression_statement" => {
            let expression = *named_children(statement).first()?;
            let awaited = expression_statement(cx, unparenthesized(expression), expression)?;
            Some(vec![Unit { node: statement, statement, keyword: None, content: Content::Await(awaited) }])
        }
        "return_statement" => {
            let awaited = awaited(cx, *named_children(statement).first()?, Target::Returned)?;
            Some(vec![Unit { node: statement, statement, keyword: None, content: Content::Await(awaited) }])
        }
        _ => None,
    }
}

fn declared<'t>(cx: &Context<'_>, statement: Node<'t>) -> Option<Vec<Unit<'t>>> {
    let keyword = match statement.child(0)?.kind() {
        "const" => Keyword::Const,
        "let" => Keyword::Let,
        "var" => Keyword::Var,
        _ => return None,
    };
    let unit = |node: Node<'t>| {
        let content = declarator(cx, node)?;
        Some(Unit { node, statement, keyword: Some(keyword), content })
    };
    named_children(statement).into_iter().map(unit).collect()
}

fn declarator<'t>(cx: &Context<'_>, node: Node<'t>) -> Option<Content<'t>> {
    let pattern = node.child_by_field_name("name").filter(|_| node.kind() == "variable_declarator")?;
    let Some(value) = node.child_by_field_name("value") else { return Some(Content::Plain { throws: false }) };
    if own_awaits(cx, value).is_empty() {
        let weight = weigh(cx, value)?;
        let pattern_throws = pattern.kind() != "identifier";
        return is_harmless_pattern(cx, pattern).then_some(Content::Plain { throws: weight.throws || pattern_throws });
    }
    let annotation = node.child_by_field_name("type");
    let awaited = awaited(cx, value, Target::Declared(pattern, annotation))?;
    Some(Content::Await(with_pattern(cx, awaited, pattern, node)))
}

/// An await whose result goes into a pattern: a default in it may be a call, and so something that is done with it.
fn with_pattern<'t>(cx: &Context<'_>, awaited: Await<'t>, pattern: Node<'t>, whole: Node<'t>) -> Await<'t> {
    if is_harmless_pattern(cx, pattern) { awaited } else { Await { rest: Rest::Other(whole), ..awaited } }
}

fn expression_statement<'t>(cx: &Context<'_>, expression: Node<'t>, outer: Node<'t>) -> Option<Await<'t>> {
    if expression.kind() != "assignment_expression" {
        return awaited(cx, outer, Target::Expression);
    }
    let left = expression.child_by_field_name("left")?;
    let right = expression.child_by_field_name("right")?;
    if !is_stable_target(cx, left) {
        return None;
    }
    Some(with_pattern(cx, awaited(cx, right, Target::Assigned(left))?, left, expression))
}

/// Whether an assignment goes to the same place before and after the awaits: to a name, to a property of a name that
/// always means the same, or of `this`; or to a pattern of those.
fn is_stable_target(cx: &Context<'_>, left: Node<'_>) -> bool {
    match left.kind() {
        "identifier" => true,
        "member_expression" => member_parts(left).is_some_and(|(object, _)| is_stable(cx, object)),
        "object_pattern" | "array_pattern" => {
            let mut stable = true;
            walk_own_code(left, |n| {
                stable &= !matches!(n.kind(), "member_expression" | "subscript_expression");
                stable
            });
            stable
        }
        _ => false,
    }
}

/// The one await of an expression that is evaluated whatever happens, if there is exactly one; or a choice between awaits.
fn awaited<'t>(cx: &Context<'_>, whole: Node<'t>, target: Target<'t>) -> Option<Await<'t>> {
    let awaits = own_awaits(cx, whole);
    if let Some(choice) = choice(cx, whole, &awaits, target) {
        return Some(choice);
    }
    let [awaiting] = awaits.as_slice() else { return None };
    let (operand, code) = parts(cx, *awaiting)?;
    let expression = with_parentheses(*awaiting);
    let plain = unparenthesized(whole) == *awaiting;
    if has_yield(whole) || !is_unconditional(*awaiting, whole) {
        return None;
    }
    if plain {
        let target = if matches!(target, Target::Expression) { Target::Nothing } else { target };
        return Some(Await { expression, operand, code, target, rest: Rest::Nothing, is_choice: false });
    }
    if !is_stable_before(cx, whole, expression) {
        return None;
    }
    let harmless = !matches!(target, Target::Expression) && weigh_around(cx, whole, Some(expression)).is_some();
    let rest = if harmless { Rest::Harmless(whole) } else { Rest::Other(whole) };
    Some(Await { expression, operand, code, target, rest, is_choice: false })
}

/// What an await waits for, and the bytes of that without the word; `None` where it starts nothing.
pub(super) fn parts<'t>(cx: &Context<'_>, awaiting: Node<'t>) -> Option<(Node<'t>, (usize, usize))> {
    let is_plain = awaiting.kind() == "await_expression";
    debug_assert!(is_plain || is_taken_for_call(cx, awaiting));
    let operand = if is_plain { unparenthesized(*named_children(awaiting).first()?) } else { awaiting };
    let skipped = if is_plain { 0 } else { "await ".len() };
    starts_something(operand).then_some((operand, (operand.start_byte() + skipped, operand.end_byte())))
}

/// `known ? await load(id) : null`, `found || await load(id)`: the promise of it is what is chosen, without the word.
fn choice<'t>(cx: &Context<'_>, whole: Node<'t>, awaits: &[Node<'t>], target: Target<'t>) -> Option<Await<'t>> {
    let operand = unparenthesized(whole);
    let ways = match operand.kind() {
        "ternary_expression" => ["consequence", "alternative"].as_slice(),
        "binary_expression" => {
            let operator = operand.child_by_field_name("operator").map(|o| o.kind());
            matches!(operator, Some("&&" | "||" | "??")).then_some(["right"].as_slice())?
        }
        _ => return None,
    };
    let ways: Vec<Node<'t>> =
        ways.iter().filter_map(|way| operand.child_by_field_name(way)).map(unparenthesized).collect();
    let is_way = |n: &Node<'t>| n.kind() == "await_expression" && ways.contains(n) && parts(cx, *n).is_some();
    let is_kept = matches!(target, Target::Declared(..) | Target::Assigned(_) | Target::Returned);
    if awaits.is_empty() || !awaits.iter().all(is_way) || !is_kept || has_yield(whole) {
        return None;
    }
    let code = (operand.start_byte(), operand.end_byte());
    Some(Await { expression: whole, operand, code, target, rest: Rest::Nothing, is_choice: true })
}

/// Whether a node is what the grammar makes of `await (f()).g()`: the method of a call of a function `await`, which it would
/// be outside async functions.
fn is_taken_for_call(cx: &Context<'_>, end: Node<'_>) -> bool {
    if is_typed_call_of_await(end) {
        return true;
    }
    let mut node = Some(end);
    while let Some(link) = node {
        if link.kind() == "identifier" {
            return link != end && cx.text(link) == "await" && cx.names.reference_at(link.start_byte()).is_none();
        }
        node = link.child_by_field_name("function").or_else(|| link.child_by_field_name("object"));
    }
    false
}

/// Whether a node is what the grammar makes of `await f<T>()`: the call of an awaited `f`.
fn is_typed_call_of_await(node: Node<'_>) -> bool {
    let callee = node.child_by_field_name("function").filter(|_| node.child_by_field_name("type_arguments").is_some());
    callee.is_some_and(|f| f.kind() == "await_expression")
}

/// The awaits of an expression's own code that are not part of another one.
pub(super) fn own_awaits<'t>(cx: &Context<'_>, whole: Node<'t>) -> Vec<Node<'t>> {
    let mut found = Vec::new();
    if is_function(whole) {
        return found;
    }
    walk_own_code(whole, |n| {
        let is_await = n.kind() == "await_expression" || is_taken_for_call(cx, n);
        if is_await {
            found.push(n);
        }
        !is_await
    });
    found
}

fn has_yield(whole: Node<'_>) -> bool {
    let mut found = false;
    walk_own_code(whole, |n| {
        found |= n.kind() == "yield_expression";
        !found
    });
    found
}

/// Whether evaluating an awaited expression starts something, rather than waiting for what was started before.
fn starts_something(operand: Node<'_>) -> bool {
    let mut found = false;
    if is_function(operand) {
        return false;
    }
    walk_own_code(operand, |n| {
        found |= matches!(n.kind(), "call_expression" | "new_expression");
        !found
    });
    found
}

/// Whether an await is reached whenever the expression that it is a part of is evaluated.
pub(super) fn is_unconditional(awaiting: Node<'_>, whole: Node<'_>) -> bool {
    let mut child = awaiting;
    for parent in ancestors(awaiting) {
        if child == whole {
            return true;
        }
        let is = |field| parent.child_by_field_name(field) == Some(child);
        let reached = match parent.kind() {
            "ternary_expression" => is("condition"),
            "binary_expression" => {
                let operator = parent.child_by_field_name("operator").map(|o| o.kind());
                !matches!(operator, Some("&&" | "||" | "??")) || is("left")
            }
            // `a?.b(await f())`: the chain may end before it comes to that.
            "arguments" => !parent.parent().is_some_and(has_optional),
            "subscript_expression" => is("object") || !has_optional(parent),
            "class_body" => false,
            _ => true,
        };
        if !reached {
            return false;
        }
        child = parent;
    }
    true
}

/// Whether there is a `?.` in a chain of calls and members up to a node.
fn has_optional(end: Node<'_>) -> bool {
    let mut node = Some(end);
    while let Some(link) = node {
        if has_optional_chain(link) {
            return true;
        }
        node = link.child_by_field_name("function").or_else(|| link.child_by_field_name("object"));
    }
    false
}

/// Whether what is evaluated in front of the await of an expression comes to the same behind it: names that always mean
/// the same, literals, and the methods that are about to be called.
fn is_stable_before(cx: &Context<'_>, whole: Node<'_>, awaiting: Node<'_>) -> bool {
    let mut stable = true;
    walk(whole, |n| {
        if n.start_byte() >= awaiting.start_byte() || !stable {
            return false;
        }
        if n.end_byte() > awaiting.start_byte() {
            return true;
        }
        stable = !n.is_named() || is_comment(n) || is_stable(cx, n) || is_callee(cx, n);
        false
    });
    stable
}

/// Whether a node says what is called: a method of something that always means the same, or a name.
pub(super) fn is_callee(cx: &Context<'_>, node: Node<'_>) -> bool {
    if matches!(node.kind(), "property_identifier" | "type_arguments") {
        return true;
    }
    let is_called = node.parent().is_some_and(|p| {
        p.child_by_field_name("function") == Some(node) || p.child_by_field_name("constructor") == Some(node)
    });
    is_called && member_parts(node).is_some_and(|(object, _)| is_stable(cx, object))
}
