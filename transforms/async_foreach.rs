//! `async-foreach`: an async function in the hands of an array method that does not wait.
//!
//! `forEach` drops the promises, so what follows runs before the work is done, and a failure is an unhandled rejection.
//! `map` hands an array of promises on, which is taken for one of values; to `filter` and its like every promise is
//! true. `reduce` does wait, in a way that reads like anything but a loop.
//!
//! ```js
//! users.forEach(async (user) => {            await Promise.all(users.map(async (user) => {
//!   await notify(user);                        await notify(user);
//! });                                        }));
//! ```
//!
//! The functions run beside each other today, and go on doing so; where what one does has to come after what another
//! has done, they are put in a row with `for … of`. What changes is that the function around waits, and that it fails
//! when one of them does. That is what was meant, nearly always, and for a person to say.

use tree_sitter::Node;

use crate::{
    context::Context,
    edit::{Edit, Refusal, RefusalCode},
    effects::rounds_may_overlap,
    flow::{
        body::returns_in,
        chain::parameters,
        classify::is_array,
        rounds::{awaits, head::short, is_loop, reduce},
    },
    semantic::BindingKind,
    syntax::{
        PatternQuery,
        node::{
            ancestors, call_parts, code_range, enclosing_function, is_async, member_parts, named_children,
            unparenthesized, walk_own_code, with_parentheses,
        },
    },
    transform::{Change, Finding, Meta, Transform},
};

/// The pattern `async-foreach`.
#[derive(Debug)]
pub struct AsyncForeach;

static META: Meta = Meta {
    id: "async-foreach",
    summary: "An array method is handed an async function and does not wait for it.",
    why: "`forEach` throws the promises away: the code goes on before the work is done, and a failure ends the process \
          as an unhandled rejection. `map` gives an array of promises where values were meant, and to `filter`, `some` and \
          `find` every promise is true.",
    before: "async function withOrders(users) {
  users.forEach(async (user) => {
    user.orders = await getOrders(user.id);
  });
  return users;
}
",
    after: "async function withOrders(users) {
  await Promise.all(users.map(async (user) => {
    user.orders = await getOrders(user.id);
  }));
  return users;
}
",
    safety: "The function around has to be async already. It waits where it did not, and fails where it did not notice, \
             so this is always for review. Functions that may run beside each other go on doing so; else they are put in \
             a row. A `reduce` that waits for what it was handed before it does anything is a loop already; only its \
             first round starts a turn later than that of a loop. `filter(async …)` and its like are explained only.",
};

static QUERY: PatternQuery = PatternQuery::new(include_str!("../queries/ecma/async_foreach.scm"));

impl Transform for AsyncForeach {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn query(&self) -> &PatternQuery {
        &QUERY
    }

    fn needles(&self) -> &'static [&'static str] {
        &["async"]
    }

    fn needs_effects(&self) -> bool {
        true
    }

    fn judge(&self, cx: &Context<'_>, candidate: Node<'_>) -> Option<Finding> {
        let node = cx.own(candidate);
        let callee = node.child_by_field_name("function").filter(|callee| callee.kind() == "member_expression")?;
        let (list, method) = (callee.child_by_field_name("object")?, callee.child_by_field_name("property")?);
        let function = *named_children(node.child_by_field_name("arguments")?).first()?;
        if !matches!(function.kind(), "arrow_function" | "function_expression") || !is_async(function) {
            return None;
        }
        let call = Call { node, list, method: cx.text(method), method_node: method, function };
        let idle = || waits_for_nothing(function).then(|| Err(call.refusal(RefusalCode::WaitsForNothing)));
        // What is said of a list need not hold where there may be none.
        let is_certain = call_parts(node).is_some_and(|(callee, _)| member_parts(callee).is_some());
        let (message, outcome) = match call.method {
            "forEach" | "map" | "flatMap" if idle().is_some() => ("an async function that waits for nothing", idle()?),
            "forEach" => ("nobody waits for the async function that `forEach` calls", each(cx, &call)?),
            "map" | "flatMap" => ("promises are used as if they were values", mapped(cx, &call)?),
            "reduce" | "reduceRight" => ("a `reduce` with an async function is a loop", reduced(cx, &call)?),
            "sort" => ("`sort` takes a promise for a number", Err(call.refusal(RefusalCode::PromiseAsCondition))),
            _ => ("a promise is always true", Err(call.refusal(RefusalCode::PromiseAsCondition))),
        };
        let outcome = if is_certain { outcome } else { Err(call.refusal(RefusalCode::ComplexCallee)) };
        Some(Finding::new(META.id, candidate.byte_range(), message, outcome))
    }
}

/// A call of an array method with an async function.
struct Call<'t> {
    node: Node<'t>,
    list: Node<'t>,
    method: &'t str,
    method_node: Node<'t>,
    function: Node<'t>,
}

impl<'t> Call<'t> {
    fn refusal(&self, code: RefusalCode) -> Refusal {
        Refusal::new(code, self.node.byte_range())
    }

    /// The call with the parentheses around it, and what it is a part of.
    fn place(&self) -> Option<(Node<'t>, Node<'t>)> {
        let outer = with_parentheses(self.node);
        Some((outer, outer.parent()?))
    }

    fn change(&self, title: &'static str, assumption: String, edits: Vec<Edit>) -> Change {
        let function = enclosing_function(self.node);
        Change::to_review(title, assumption, edits, function.unwrap_or(self.node).byte_range())
    }
}

/// Whether code may wait where it stands: in an async function, or at the top level of a module.
fn may_wait(cx: &Context<'_>, node: Node<'_>) -> bool {
    match enclosing_function(node) {
        Some(function) => is_async(function) && !in_parameters(function, node),
        None => {
            let in_class = ancestors(node).any(|a| matches!(a.kind(), "class_body"));
            !in_class && crate::flow::imports::modules(cx) == crate::flow::imports::Modules::Esm
        }
    }
}

/// Whether an async function is done when it returns: nothing in it is waited for, and it hands nothing on.
fn waits_for_nothing(function: Node<'_>) -> bool {
    let Some(body) = function.child_by_field_name("body").filter(|b| b.kind() == "statement_block") else {
        return false;
    };
    awaits(body).is_empty() && returns_in(body).iter().all(|site| site.expression.is_none())
}

fn in_parameters(function: Node<'_>, node: Node<'_>) -> bool {
    function.child_by_field_name("body").is_none_or(|b| node.start_byte() < b.start_byte())
}

/// What has to be assumed of the list, if it is not certainly an array.
///
/// # Errors
/// When it is certainly something else, or probably is.
fn list_assumption(cx: &Context<'_>, call: &Call<'_>, awaited: bool) -> Result<String, Refusal> {
    if is_array(cx, call.list) {
        return Ok(String::new());
    }
    let list = unparenthesized(call.list);
    let binding = cx.names.reference_at(list.start_byte()).and_then(|r| r.binding);
    let value = binding.filter(|_| list.kind() == "identifier").and_then(|b| crate::flow::classify::initializer(cx, b));
    // A stream or a database's cursor waits for what its `forEach` is handed.
    let other =
        value.map(unparenthesized).is_some_and(|v| v.kind() == "new_expression") || list.kind() == "new_expression";
    let takes_key = matches!(parameters(call.function).len(), 2..) && call.method == "forEach" && other;
    if awaited || other || takes_key {
        return Err(Refusal::new(RefusalCode::NotAnArray, call.list.byte_range()));
    }
    Ok(format!(" `{}` is an array.", short(cx, call.list)))
}

fn each(cx: &Context<'_>, call: &Call<'_>) -> Option<Result<Change, Refusal>> {
    let (outer, parent) = call.place()?;
    let awaited = parent.kind() == "await_expression";
    let statement = if awaited { with_parentheses(parent).parent()? } else { parent };
    if statement.kind() != "expression_statement" {
        return Some(Err(call.refusal(RefusalCode::CallResultUsed)));
    }
    if !may_wait(cx, call.node) {
        return Some(Err(call.refusal(RefusalCode::NotInAsyncFunction)));
    }
    let list = match list_assumption(cx, call, awaited) {
        Ok(list) => list,
        Err(refusal) => return Some(Err(refusal)),
    };
    let body = call.function.child_by_field_name("body")?;
    let own: Vec<_> = parameters(call.function).iter().flat_map(|p| cx.names.declared_in(&p.byte_range())).collect();
    if let Err(refusal) = rounds_may_overlap(cx, body, &own)
        && refusal.code == RefusalCode::OrderedEffects
    {
        return Some(in_a_row(cx, call, statement, &list));
    }
    let assumption = format!("The code behind it is meant to wait for all of them, and to fail when one does.{list}");
    let mut edits = Vec::new();
    let start = if awaited { "Promise.all(" } else { "await Promise.all(" };
    edits.push(Edit::insert(outer.start_byte(), start));
    edits.push(Edit::new(call.method_node.byte_range(), "map"));
    edits.push(Edit::insert(outer.end_byte(), ")"));
    Some(Ok(call.change("wait for all of them", assumption, edits)))
}

/// `for (const item of list) { … }`
fn in_a_row(cx: &Context<'_>, call: &Call<'_>, statement: Node<'_>, list: &str) -> Result<Change, Refusal> {
    let taken = parameters(call.function);
    let refuse = |code, node: Node<'_>| Err(Refusal::new(code, node.byte_range()));
    let Some(body) = call.function.child_by_field_name("body") else {
        return refuse(RefusalCode::LoopForm, call.function);
    };
    let ([item] | [item, _]) = taken.as_slice() else { return refuse(RefusalCode::LoopForm, call.function) };
    if taken.iter().any(|p| {
        matches!(p.kind(), "assignment_pattern" | "rest_pattern" | "required_parameter" | "optional_parameter")
    }) {
        return refuse(RefusalCode::LoopForm, call.function);
    }
    if let Some(own) = own_this(cx, call.function, body) {
        return refuse(RefusalCode::UsesThis, own);
    }
    let declared = cx.names.declared_in(&body.byte_range());
    if let Some(var) = declared.iter().find(|b| cx.names.binding(**b).kind == BindingKind::Var) {
        return Err(Refusal::new(RefusalCode::NameClash, cx.names.binding(*var).declarations[0].clone()));
    }
    let mut edits = Vec::new();
    let head = match taken.get(1) {
        None => format!("for (const {} of {}) ", cx.text(*item), cx.text(call.list)),
        Some(index) => {
            format!("for (const [{}, {}] of {}.entries()) ", cx.text(*index), cx.text(*item), cx.text(call.list))
        }
    };
    if cx.file.comments_in(&(statement.start_byte()..body.start_byte())).iter().next().is_some() {
        return refuse(RefusalCode::CommentWouldBeLost, call.function);
    }
    if body.kind() != "statement_block" {
        let awaited = unparenthesized(body).kind() == "await_expression";
        let loose = crate::flow::classify::is_loose(body);
        let (open, close) = if loose && !awaited { ("(", ")") } else { ("", "") };
        let word = if awaited { "" } else { "await " };
        edits.push(Edit::new(statement.start_byte()..body.start_byte(), format!("{head}{word}{open}")));
        let end = if cx.style.semicolons { ";" } else { "" };
        edits.push(Edit::new(body.end_byte()..statement.end_byte(), format!("{close}{end}")));
        return Ok(call.change("put them in a row", in_a_row_assumption(list), edits));
    }
    edits.push(Edit::new(statement.start_byte()..body.start_byte(), head));
    for site in returns_in(body) {
        let in_loop =
            ancestors(site.node).take_while(|a| *a != body).any(|a| is_loop(a) || a.kind() == "switch_statement");
        if in_loop || site.expression.is_some() {
            return refuse(RefusalCode::ReturnInLoop, site.node);
        }
        edits.push(Edit::new(site.node.start_byte()..site.node.start_byte() + "return".len(), "continue"));
    }
    edits.push(Edit::new(code_range(body).end..statement.end_byte(), ""));
    Ok(call.change("put them in a row", in_a_row_assumption(list), edits))
}

fn in_a_row_assumption(list: &str) -> String {
    format!(
        "The code behind it is meant to wait for all of them, one after the other, and to fail when one does.{list}"
    )
}

/// `this` or `arguments` of a function that has its own.
fn own_this<'t>(cx: &Context<'_>, function: Node<'t>, body: Node<'t>) -> Option<Node<'t>> {
    let mut own = None;
    walk_own_code(body, |n| {
        let is_own = n.kind() == "this" || n.kind() == "identifier" && cx.text(n) == "arguments";
        if is_own && own.is_none() && function.kind() != "arrow_function" {
            own = Some(n);
        }
        own.is_none()
    });
    own
}

/// Methods that look at the values of an array.
const VALUE_METHODS: &[&str] = &[
    "filter",
    "find",
    "findIndex",
    "some",
    "every",
    "join",
    "includes",
    "indexOf",
    "sort",
    "flat",
    "reverse",
    "slice",
];

/// `None` where the promises are waited for, or may be by code that is not in sight.
fn mapped(cx: &Context<'_>, call: &Call<'_>) -> Option<Result<Change, Refusal>> {
    let (outer, parent) = call.place()?;
    match parent.kind() {
        "expression_statement" => Some(wrapped(
            cx,
            call,
            outer,
            "The code behind it is meant to wait for all of them, and to fail when one does.",
        )),
        "member_expression" => {
            let (_, property) = member_parts(parent)?;
            let used = VALUE_METHODS.contains(&cx.text(property)) && hands_no_promises(cx, parent);
            used.then(|| wrapped(cx, call, outer, "What follows is meant to see the values, not promises."))
        }
        "variable_declarator" => {
            let name = parent.child_by_field_name("name").filter(|n| n.kind() == "identifier")?;
            let binding = cx.names.declared_at(name.start_byte())?;
            let uses = cx.names.binding(binding).references.iter().map(|r| cx.names.reference(*r));
            let mut as_values = false;
            for reference in uses {
                match use_of(cx, reference.range.start) {
                    Use::Values => as_values = true,
                    Use::Neutral => {}
                    Use::Promises => return None,
                }
            }
            as_values.then(|| wrapped(cx, call, outer, "What follows is meant to see the values, not promises."))
        }
        "await_expression" => {
            let used = with_parentheses(parent).parent().map(|p| p.kind());
            // `await [promise]` waits for nothing.
            let as_value = matches!(used, Some("variable_declarator" | "expression_statement" | "return_statement"));
            as_value.then(|| wrapped(cx, call, outer, "The code is meant to wait for all of them."))
        }
        _ => None,
    }
}

/// How an array of promises is used.
enum Use {
    /// As if it held values.
    Values,
    /// In a way that says nothing.
    Neutral,
    /// As what it is, or in a way that can't be followed.
    Promises,
}

fn use_of(cx: &Context<'_>, at: usize) -> Use {
    let Some(node) = cx.file.root().descendant_for_byte_range(at, at) else { return Use::Promises };
    let Some(parent) = node.parent() else { return Use::Promises };
    match parent.kind() {
        "member_expression" => match member_parts(parent).filter(|(o, _)| *o == node).map(|(_, p)| cx.text(p)) {
            Some("length") => Use::Neutral,
            Some(method) if VALUE_METHODS.contains(&method) && hands_no_promises(cx, parent) => Use::Values,
            _ => Use::Promises,
        },
        "arguments" => {
            let callee = parent.parent().and_then(|c| c.child_by_field_name("function")).map(|c| cx.text(c));
            if callee == Some("JSON.stringify") { Use::Values } else { Use::Promises }
        }
        _ => Use::Promises,
    }
}

/// Whether a method of an array of promises hands none of them to a function that waits for it, and its result is none.
fn hands_no_promises(cx: &Context<'_>, member: Node<'_>) -> bool {
    let Some(call) = member.parent().filter(|p| p.kind() == "call_expression") else { return false };
    let text = cx.text(call);
    let around: String = ancestors(call).take(4).map(|a| a.kind()).collect::<Vec<_>>().join(" ");
    let plain = !text.contains(".then") && !around.starts_with("arguments") && !around.starts_with("return_statement");
    plain && cx.text(member.child_by_field_name("property").unwrap_or(member)) != "slice"
}

/// `await Promise.all(list.map(async …))`
fn wrapped(cx: &Context<'_>, call: &Call<'_>, outer: Node<'_>, meant: &str) -> Result<Change, Refusal> {
    if !may_wait(cx, call.node) {
        return Err(call.refusal(RefusalCode::NotInAsyncFunction));
    }
    if call.method == "flatMap" {
        return Err(call.refusal(RefusalCode::PromiseAsValue));
    }
    let list = list_assumption(cx, call, false)?;
    let parent = outer.parent();
    let awaited = parent.is_some_and(|p| p.kind() == "await_expression");
    let is_object = parent.is_some_and(|p| p.kind() == "member_expression");
    let (start, end) = match (awaited, is_object) {
        (true, _) => ("Promise.all(", ")"),
        (false, true) => ("(await Promise.all(", "))"),
        (false, false) => ("await Promise.all(", ")"),
    };
    let edits = vec![Edit::insert(outer.start_byte(), start), Edit::insert(outer.end_byte(), end)];
    Ok(call.change("wait for all of them", format!("{meant}{list}"), edits))
}

fn reduced(cx: &Context<'_>, call: &Call<'_>) -> Option<Result<Change, Refusal>> {
    let list = unparenthesized(call.list);
    let binding =
        cx.names.reference_at(list.start_byte()).filter(|_| list.kind() == "identifier").and_then(|r| r.binding);
    // A list that nothing else has a name for stays as it is.
    let unseen = list.kind() == "call_expression" || binding.is_some_and(|b| cx.names.binding(b).references.len() == 1);
    let outcome = reduce::as_loop(cx, call.node).map(|edit| {
        let mut assumption = "Nobody relies on the first round being started a turn later.".to_owned();
        if !(is_array(cx, list) && unseen) {
            let list = short(cx, list);
            assumption.push_str(&format!(" `{list}` is an array that nobody changes while the loop goes through it."));
        }
        call.change("write it as a loop", assumption, vec![edit])
    });
    Some(outcome)
}
