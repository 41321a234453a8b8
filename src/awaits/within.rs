//! Several awaits in one expression: `{ user: await getUser(id), orders: await getOrders(id) }`.
//!
//! They are a run of their own. Those that are waited for together are waited for in front of the statement, as is what
//! is waited for before them, and the expression takes the results by name. What stands between them is evaluated
//! afterwards then, so it has to be something for which that makes no difference.

use tree_sitter::Node;

use super::{
    harmless::is_stable,
    item::{Starts, has_hole},
    layout,
    rewrite::{Rewritten, name_for},
    run::{
        Await, Content, Rest, Run, Target, Unit, is_callee, is_in_list, is_unconditional, own_awaits, parts,
        statement_of,
    },
    waves::Wave,
};
use crate::{
    context::Context,
    edit::{Edit, Refusal, RefusalCode},
    flow::{
        Keyword, Stmt, Text,
        print::print,
        scope::{Destination, plan},
        site::is_in_loop,
    },
    syntax::node::{
        enclosing_function, is_comment, is_function, named_children, unparenthesized, walk, with_parentheses,
    },
};

/// The awaits of one expression, and what stands against waiting for them in front of it.
#[derive(Debug)]
pub struct Within<'t> {
    /// The awaits.
    pub run: Run<'t>,
    /// What is evaluated between them and might come to something else afterwards.
    pub obstacle: Option<Refusal>,
}

/// The awaits of the expression whose first one is given; `None` where there are not two that are reached in any case.
pub fn within_at<'t>(cx: &Context<'_>, await_expression: Node<'t>) -> Option<Within<'t>> {
    let (statement, whole) = match statement_of(await_expression) {
        Some(statement) => (statement, whole_of(statement)?),
        None => {
            let body = body_of_arrow(await_expression)?;
            (body, body)
        }
    };
    let awaits = own_awaits(cx, whole);
    if awaits.first()?.start_byte() != await_expression.start_byte() {
        return None;
    }
    let reached = awaits.iter().take_while(|a| is_unconditional(**a, whole));
    let units: Vec<Unit<'t>> = reached.map_while(|awaiting| unit(cx, *awaiting, statement)).collect();
    let last = units.last().filter(|_| units.len() > 1)?.node.start_byte();
    let obstacle = obstacle(cx, whole, &units, last).map(|n| Refusal::new(RefusalCode::UsedAtOnce, n.byte_range()));
    Some(Within { run: Run { units, whole: Some(whole) }, obstacle })
}

/// The expression around an await that is all there is to an arrow function.
fn body_of_arrow(await_expression: Node<'_>) -> Option<Node<'_>> {
    let arrow = enclosing_function(await_expression).filter(|f| f.kind() == "arrow_function")?;
    let body = arrow.child_by_field_name("body")?;
    (body.start_byte() <= await_expression.start_byte() && await_expression.end_byte() <= body.end_byte())
        .then_some(body)
}

/// The expression of a statement that is evaluated before anything else of it.
fn whole_of(statement: Node<'_>) -> Option<Node<'_>> {
    match statement.kind() {
        "expression_statement" | "return_statement" => named_children(statement).first().copied(),
        "if_statement" => statement.child_by_field_name("condition"),
        "lexical_declaration" | "variable_declaration" => match named_children(statement).as_slice() {
            [declarator] => declarator.child_by_field_name("value"),
            _ => None,
        },
        _ => None,
    }
}

fn unit<'t>(cx: &Context<'_>, awaiting: Node<'t>, statement: Node<'t>) -> Option<Unit<'t>> {
    let (operand, code) = parts(cx, awaiting)?;
    let expression = with_parentheses(awaiting);
    let awaited =
        Await { expression, operand, code, target: Target::Expression, rest: Rest::Nothing, is_choice: false };
    Some(Unit { node: expression, statement, keyword: None, content: Content::Await(awaited) })
}

/// Kinds of nodes that do nothing themselves with what is in them.
const CONTAINERS: &[&str] = &[
    "arguments",
    "array",
    "object",
    "pair",
    "parenthesized_expression",
    "template_string",
    "template_substitution",
    "as_expression",
    "satisfies_expression",
    "non_null_expression",
];

/// What is evaluated in front of the last await, and may not be evaluated behind it.
fn obstacle<'t>(cx: &Context<'_>, whole: Node<'t>, units: &[Unit<'_>], last: usize) -> Option<Node<'t>> {
    let mut found = None;
    walk(whole, |n| {
        let is_awaited = units.iter().any(|unit| unit.node.id() == n.id());
        if n.start_byte() >= last || is_awaited || found.is_some() {
            return false;
        }
        if n.end_byte() > last || CONTAINERS.contains(&n.kind()) {
            return true;
        }
        // `(await f()).name`, which is asked for its property a little later.
        let is_property = n.kind() == "member_expression"
            && n.child_by_field_name("object").is_some_and(|o| units.iter().any(|unit| unit.node.id() == o.id()));
        let is_fixed = !n.is_named()
            || is_comment(n)
            || is_property
            || is_function(n)
            || matches!(n.kind(), "property_identifier" | "string_fragment" | "escape_sequence")
            || is_stable(cx, n)
            || is_callee(cx, n);
        if !is_fixed {
            found = Some(n);
        }
        false
    });
    found
}

/// The edits that have the awaits of one expression waited for in waves.
///
/// # Errors
/// When no names can be found for the results, and where a comment would be lost.
pub(super) fn rewrite(cx: &Context<'_>, run: &Run<'_>, whole: Node<'_>, waves: &[Wave]) -> Result<Rewritten, Refusal> {
    let statement = run.units[0].statement;
    if let Some(comment) = run.units.iter().find_map(|unit| own_comment(cx, unit)) {
        return Err(Refusal::new(RefusalCode::CommentWouldBeLost, comment));
    }
    if let Some(rewritten) = as_list(cx, run, whole, waves) {
        return Ok(rewritten);
    }
    if !is_in_list(statement) {
        // There is no place in front of an expression that is all there is to a function.
        return Err(Refusal::new(RefusalCode::AwaitInExpression, statement.byte_range()));
    }
    let function = enclosing_function(statement);
    let to = Destination {
        place: statement.start_byte(),
        function: function.map_or(0..cx.file.source.bytes().len(), |f| f.byte_range()),
        in_loop: is_in_loop(statement, function),
        reserved: None,
        assigned: Vec::new(),
    };
    let mut names = plan(cx, &to, &[])?;
    let indent = cx.file.source.indent_at(statement.start_byte());
    let (mut edits, mut trusted, mut out) = (Vec::new(), Vec::new(), Vec::new());
    let last = waves.iter().rposition(|wave| wave.awaits.len() > 1).map_or(0, |at| at + 1);
    for wave in &waves[..last] {
        let mut starts = Starts::new(cx, statement);
        let (mut items, mut patterns) = (Vec::new(), Vec::new());
        for awaited in wave.awaits.iter().filter_map(|unit| run.units[*unit].awaited()) {
            let name = names.fresh(&name_for(cx, awaited));
            edits.push(taken(cx, awaited, &name));
            items.push(starts.item(cx, awaited));
            patterns.push(Some(Text::from(name.as_str())));
        }
        let (target, value) = match (items.as_slice(), patterns.as_slice()) {
            ([item], [Some(name)]) => {
                let mut value = Text::from("await ");
                value.push(item);
                (Some(name.clone()), value)
            }
            _ => {
                let head = layout::head(Some(Keyword::Const), &patterns, None, indent, cx.style);
                let notes = vec![Default::default(); items.len()];
                let value = layout::all(&items, &notes, head.last_line_length(indent), cx.style);
                (head.target, value)
            }
        };
        out.extend(target.map(|target| Stmt::Bind { keyword: Keyword::Const, target, value }));
        trusted.extend(starts.trusted.into_iter().map(str::to_owned));
    }
    let code = print(&out, indent, cx.style);
    edits.insert(0, Edit::insert(statement.start_byte(), format!("{}{}{indent}", code.as_str(), cx.style.newline)));
    Ok(Rewritten { edits, trusted })
}

/// A comment in an await that is not in what it waits for.
fn own_comment(cx: &Context<'_>, unit: &Unit<'_>) -> Option<std::ops::Range<usize>> {
    let awaited = unit.awaited()?;
    let code = awaited.code();
    let all = cx.file.comments_in(&awaited.expression.byte_range());
    all.iter().find(|c| c.start < code.start || code.end < c.end).cloned()
}

/// The result of an await in the place of the await: `orders` for `orders: await getOrders(id)`.
fn taken(cx: &Context<'_>, awaited: &Await<'_>, name: &str) -> Edit {
    let pair = awaited.expression.parent().filter(|p| p.kind() == "pair");
    let is_key = |pair: &Node<'_>| pair.child_by_field_name("key").is_some_and(|key| cx.text(key) == name);
    Edit::new(pair.filter(is_key).unwrap_or(awaited.expression).byte_range(), name)
}

/// `await Promise.all([f(), g()])` for `[await f(), await g()]`.
fn as_list(cx: &Context<'_>, run: &Run<'_>, whole: Node<'_>, waves: &[Wave]) -> Option<Rewritten> {
    let list = Some(unparenthesized(whole)).filter(|n| n.kind() == "array" && waves.len() == 1)?;
    let members = named_children(list);
    // Of a hole, `Promise.all` would make an item.
    let is_whole = !has_hole(list)
        && members.len() == run.units.len()
        && members.iter().zip(&run.units).all(|(m, unit)| *m == unit.node);
    if !is_whole || list.parent().is_some_and(|p| p.kind() == "expression_statement") {
        return None;
    }
    let mut starts = Starts::new(cx, run.units[0].statement);
    let mut edits = vec![Edit::insert(list.start_byte(), "await Promise.all(")];
    for unit in &run.units {
        let item = starts.item(cx, unit.awaited()?);
        let indent = cx.file.source.indent_at(unit.node.start_byte());
        edits.push(Edit::new(unit.node.byte_range(), item.indented(indent).as_str()));
    }
    edits.push(Edit::insert(list.end_byte(), ")"));
    Some(Rewritten { edits, trusted: starts.trusted.into_iter().map(str::to_owned).collect() })
}
