//! Where the async function of a converted function is declared, and how it is called.

use tree_sitter::Node;

use super::exports;
use crate::{
    context::Context,
    flow::{
        Text,
        chain::{own_this, parameters},
        classify::initializer,
        known::binding_of,
        removal::comment_behind,
    },
    semantic::BindingId,
    syntax::node::{has_token, member_parts, with_parentheses},
};

/// Where the async function goes, and how it is reached.
pub(super) struct Named<'t> {
    /// Its name.
    pub(super) name: String,
    /// What stands in front of `async`: `exports.loadAsync = `, `static `, or nothing.
    lead: String,
    /// What stands between `async ` and the parameters.
    pub(super) head: Head,
    /// What ends it: a semicolon, a comma, or nothing.
    end: &'static str,
    /// The expression that stands for it in the adapter.
    pub(super) target: String,
    /// What it is declared behind, and is indented like.
    pub(super) beside: Node<'t>,
    /// The byte at which it is written.
    pub(super) place: usize,
    /// What sets it off from what stands there.
    gap: String,
    /// The binding of the old name, where there is one to export beside.
    pub(super) binding: Option<BindingId>,
}

/// How an async function is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// `async function loadAsync(id) {`
    Declaration,
    /// `async function (id) {`
    Expression,
    /// `async (id) => {`
    Arrow,
    /// `async loadAsync(id) {`
    Method,
}

impl<'t> Named<'t> {
    /// A function of that name, behind a statement or a member of a class.
    fn behind(cx: &Context<'_>, name: String, head: Head, beside: Node<'t>) -> Self {
        let place = comment_behind(cx, beside).unwrap_or(beside).end_byte();
        let newline = cx.style.newline;
        // Where a file sets its functions off by nothing, this one is no exception.
        let is_alike = |n: &Node<'_>| n.kind() == beside.kind() && kind_inside(*n) == kind_inside(beside);
        let next = beside.next_named_sibling().filter(|n| n.start_byte() >= place).filter(is_alike);
        let is_tight = next.is_some_and(|n| cx.slice(place..n.start_byte()).matches('\n').count() == 1);
        let blank = if is_tight { "" } else { newline };
        let gap = format!("{newline}{blank}{}", cx.file.source.indent_at(beside.start_byte()));
        let target = name.clone();
        Self { name, lead: String::new(), head, end: "", target, beside, place, gap, binding: None }
    }

    /// The function, as it is written behind what it stands beside: `parameters` with what stands around them, and its body.
    pub(super) fn written(&self, parameters: &str, body: &Text) -> Text {
        let head = match self.head {
            Head::Declaration => format!("function {}", self.name),
            Head::Expression => "function".to_owned(),
            Head::Arrow => String::new(),
            Head::Method => self.name.clone(),
        };
        let mut text = Text::from(format!("{}{}async {head}{parameters}", self.gap, self.lead));
        text.push(body);
        text.push_str(self.end);
        text
    }
}

/// What a statement is made of.
fn kind_inside(statement: Node<'_>) -> Option<u16> {
    statement.named_child(0).map(|n| n.kind_id())
}

/// Where a function is defined, by the form of its definition.
pub(super) fn placed<'t>(cx: &Context<'_>, function: Node<'t>) -> Option<Named<'t>> {
    let outer = with_parentheses(function);
    let parent = outer.parent()?;
    match (function.kind(), parent.kind()) {
        ("function_declaration", _) => {
            let name = function.child_by_field_name("name")?;
            let export = function.parent().filter(|p| p.kind() == "export_statement");
            let is_default = export.is_some_and(|e| has_token(e, "default"));
            let named = declared(cx, name, export.unwrap_or(function));
            Some(if is_default { Named { lead: String::new(), ..named } } else { named })
        }
        ("method_definition", "class_body") => method(cx, function),
        ("method_definition", _) => member_of_exports(cx, function, function),
        (_, "pair") => member_of_exports(cx, function, parent),
        (_, "variable_declarator") => variable(cx, function, parent),
        (_, "assignment_expression") => assigned(cx, function, parent),
        _ => None,
    }
}

/// What test frameworks call for each test in a file, by these names among what it exports: nodeunit and mocha's `exports` interface
/// take the functions beside them for tests.
const HOOKS: &[&str] = &["after", "afterEach", "before", "beforeEach", "setUp", "tearDown"];

fn name_beside(cx: &Context<'_>, name: Node<'_>) -> String {
    format!("{}Async", cx.text(name))
}

/// What stands in front of an arrow function that takes its `this` from the code around it has to stand there as well.
fn takes_outer_this(cx: &Context<'_>, function: Node<'_>) -> bool {
    function.kind() == "arrow_function" && own_this(cx, function, false).is_some()
}

fn is_in_block(statement: Node<'_>) -> bool {
    statement.parent().is_some_and(|p| matches!(p.kind(), "program" | "statement_block"))
}

/// A function declaration beside a statement that declares a name, exported as that is.
fn declared<'t>(cx: &Context<'_>, name: Node<'_>, statement: Node<'t>) -> Named<'t> {
    let lead = if statement.kind() == "export_statement" { "export " } else { "" };
    let named = Named::behind(cx, name_beside(cx, name), Head::Declaration, statement);
    Named { lead: lead.to_owned(), binding: cx.names.declared_at(name.start_byte()), ..named }
}

fn is_typed(parameter: &Node<'_>) -> bool {
    parameter.child_by_field_name("type").is_some()
}

/// `const load = function (id, cb) { … }`
fn variable<'t>(cx: &Context<'_>, function: Node<'t>, declarator: Node<'t>) -> Option<Named<'t>> {
    let name = declarator.child_by_field_name("name").filter(|n| n.kind() == "identifier")?;
    let statement = declarator.parent()?;
    let whole = statement.parent().filter(|p| p.kind() == "export_statement").unwrap_or(statement);
    // `const load: Loader = (id, cb) => …` says of what type the parameters are, and another function would not.
    let is_told_types = declarator.child_by_field_name("type").is_some() && !parameters(function).iter().all(is_typed);
    let is_stable = cx.names.declared_at(name.start_byte()).is_some_and(|b| !cx.names.is_reassigned(b));
    let is_free = is_in_block(whole) && is_stable && !is_told_types && !takes_outer_this(cx, function);
    is_free.then(|| declared(cx, name, whole))
}

/// `exports.load = function (id, cb) { … }`, and the same of a prototype.
fn assigned<'t>(cx: &Context<'_>, function: Node<'t>, assignment: Node<'t>) -> Option<Named<'t>> {
    let (object, property) = member_parts(assignment.child_by_field_name("left")?)?;
    let statement = assignment.parent().filter(|s| s.kind() == "expression_statement" && is_in_block(*s))?;
    let is_home =
        exports::is_exports(cx, object) || cx.text(object).ends_with(".prototype") || is_prototype(cx, object);
    let is_hook = HOOKS.contains(&cx.text(property)) && exports::is_exports(cx, object);
    if !is_home || is_hook || cx.text(property) == "exports" {
        return None;
    }
    let head = expression_head(cx, function)?;
    let named = Named::behind(cx, name_beside(cx, property), head, statement);
    let target = format!("{}.{}", cx.text(object), named.name);
    let end = if cx.style.semicolons { ";" } else { "" };
    Some(Named { lead: format!("{target} = "), end, target, ..named })
}

fn expression_head(cx: &Context<'_>, function: Node<'_>) -> Option<Head> {
    match function.kind() {
        "function_expression" => Some(Head::Expression),
        "arrow_function" if !takes_outer_this(cx, function) => Some(Head::Arrow),
        _ => None,
    }
}

/// `var proto = Thing.prototype;`
fn is_prototype(cx: &Context<'_>, object: Node<'_>) -> bool {
    let value = binding_of(cx, object).and_then(|b| initializer(cx, b));
    value.is_some_and(|v| cx.text(v).ends_with(".prototype"))
}

/// `load(id, cb) { … }` in a class.
fn method<'t>(cx: &Context<'_>, function: Node<'t>) -> Option<Named<'t>> {
    let name = function.child_by_field_name("name").filter(|n| n.kind() == "property_identifier")?;
    let class = function.parent()?.parent().filter(|class| class.kind() == "class_declaration")?;
    let class_name = cx.text(class.child_by_field_name("name")?);
    if has_token(function, "get") || has_token(function, "set") || cx.text(name) == "constructor" {
        return None;
    }
    let is_static = has_token(function, "static");
    let named = Named::behind(cx, name_beside(cx, name), Head::Method, function);
    let holder = if is_static { class_name.to_owned() } else { format!("{class_name}.prototype") };
    let lead = if is_static { "static ".to_owned() } else { String::new() };
    Some(Named { lead, target: format!("{holder}.{}", named.name), ..named })
}

/// `module.exports = { load(id, cb) { … } }`, of which `member` is the whole member.
fn member_of_exports<'t>(cx: &Context<'_>, function: Node<'t>, member: Node<'t>) -> Option<Named<'t>> {
    let name = exports::name_of_member(cx, member).filter(|name| !HOOKS.contains(&cx.text(*name)))?;
    let head = match member.kind() {
        "pair" => expression_head(cx, function)?,
        _ => Head::Method,
    };
    if !cx.file.source.is_first_on_line(member.start_byte()) {
        return None;
    }
    let named = Named::behind(cx, name_beside(cx, name), head, member);
    let lead = if member.kind() == "pair" { format!("{}: ", named.name) } else { String::new() };
    let target = format!("module.exports.{}", named.name);
    let newline = cx.style.newline;
    let blank = if is_set_off(cx, member) { newline } else { "" };
    let gap = format!("{newline}{blank}{}", cx.file.source.indent_at(member.start_byte()));
    match comment_behind(cx, member) {
        None => Some(Named { lead, target, gap: format!(",{gap}"), ..named }),
        // Behind the comment, it brings the comma that the member has in front of that.
        Some(comment) => {
            let has_comma = cx.slice(member.end_byte()..comment.start_byte()).contains(',');
            has_comma.then_some(Named { lead, target, gap, end: ",", ..named })
        }
    }
}

/// Whether blank lines stand between a member of a list and the one in front of it or behind.
fn is_set_off(cx: &Context<'_>, member: Node<'_>) -> bool {
    let is_gap = |from: usize, to: usize| cx.slice(from..to).matches('\n').count() > 1;
    let before = member.prev_named_sibling().is_some_and(|n| is_gap(n.end_byte(), member.start_byte()));
    before || member.next_named_sibling().is_some_and(|n| is_gap(member.end_byte(), n.start_byte()))
}
