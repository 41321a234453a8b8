//! Functions with calls that are handed a callback, and no callback of their own: a web framework's handlers, and code
//! that starts something and goes on.
//!
//! A handler becomes an async function whose errors go to `next`, as the framework's own do. Elsewhere the statement
//! that makes the call becomes an async function that is called at once, so that the code around it goes on as before.

use std::ops::Range;

use tree_sitter::Node;

use super::{
    form::{check, check_await_is_free},
    writing::{Converted, lost_comment},
};
use crate::{
    apis::Handler,
    context::Context,
    edit::{Edit, Refusal, RefusalCode, Safety},
    flow::{
        Catch, Stmt, Text,
        asyncness::async_position,
        chain::{block_body, parameters},
        imports::specifiers,
        print::{print, print_block},
        scope::Destination,
        settle::{Body, Lowered, Settlers, lower},
    },
    semantic::BindingId,
    syntax::node::{block_items, enclosing_function, with_parentheses},
};

/// Converts the function, or the statement, of a site that no callback waits for.
///
/// # Errors
/// The reason why it has to stay.
pub(super) fn convert<'a>(cx: &Context<'a>, function: Option<Node<'a>>, site: Node<'a>) -> Result<Converted, Refusal> {
    let names: Vec<_> = function.map(parameters).unwrap_or_default().into_iter().map(|p| cx.text(p)).collect();
    match (function, cx.apis.handler(&names)) {
        (Some(function), Some(handler)) if !crate::syntax::node::is_async(function) => {
            handler_function(cx, function, handler)
        }
        _ => called_at_once(cx, site),
    }
}

fn open_body<'a>(function: Node<'a>, items: Vec<Node<'a>>, next: Option<BindingId>) -> Body<'a> {
    Body {
        function,
        items: Some(items),
        settlers: Settlers::default(),
        locals: Vec::new(),
        hangs: false,
        is_open: true,
        next,
        returned: None,
        promise_form: None,
        in_full: None,
        trusts_callees: true,
    }
}

fn handler_function<'a>(cx: &Context<'a>, function: Node<'a>, handler: Handler) -> Result<Converted, Refusal> {
    let refuse = |code| Refusal::new(code, function.start_byte()..function.start_byte() + 1);
    check(cx, function)?;
    let block = block_body(function).ok_or_else(|| refuse(RefusalCode::DetachedCallback))?;
    let is_directive = |n: &Node<'_>| n.named_child(0).is_some_and(|e| e.kind() == "string");
    let items: Vec<_> = block_items(block).into_iter().skip_while(is_directive).collect();
    let next = handler.next.and_then(|index| {
        let name = parameters(function).get(index).map(|p| p.child_by_field_name("pattern").unwrap_or(*p));
        name.and_then(|n| cx.names.declared_at(n.start_byte()))
    });
    let to = Destination {
        place: block.start_byte() + 1,
        function: function.byte_range(),
        in_loop: false,
        reserved: None,
        assigned: Vec::new(),
    };
    let (first, last) = (items.first().copied(), items.last().copied());
    let lowered = lower(cx, &open_body(function, items, next), &to)?;
    let (Some(first), Some(last)) = (first, last) else { return Err(refuse(RefusalCode::DetachedCallback)) };
    let replaced = first.start_byte()..last.end_byte();
    lost_comment(cx, &replaced, &lowered)?;
    let indent = cx.file.source.indent_at(first.start_byte());
    let mut statements = lowered.statements.clone();
    Stmt::drop_last_return(&mut statements);
    let mut assumptions = Vec::new();
    if let Some(next) = next {
        let next = &cx.names.binding(next).name;
        if is_word_of(next, &print(&statements, "", cx.style)) && !is_next_caught(cx, function) {
            // What `next` throws comes back out of it into the `try`, and it would be called once more.
            assumptions
                .push(format!("`{next}` throws nothing; Express, for one, catches what the code behind it throws."));
        }
        let error = ["err", "error", "failure"].into_iter().find(|name| !is_used(cx, &function.byte_range(), name));
        let error = error.unwrap_or("unexpected");
        let body = vec![Stmt::Expression(format!("{next}({error})").into())];
        let catch = Catch { parameter: error.into(), body };
        statements = vec![Stmt::Try { body: statements, catch: Some(catch), finally: None }];
    }
    let text = print(&statements, indent, cx.style);
    let edits = vec![Edit::insert(async_position(function), "async "), Edit::new(replaced, text.as_str())];
    if next.is_none() {
        let unhandled = "An error that is thrown in the handler may end the process as an unhandled rejection.";
        assumptions.push(unhandled.to_owned());
    } else if with_parentheses(function).parent().is_none_or(|p| p.kind() != "arguments") {
        // One that is written where it is registered is seen by nobody but the framework.
        assumptions.push("Nobody looks at whether the handler is an async function.".to_owned());
    }
    Ok(converted(cx, edits, lowered, assumptions, function.byte_range()))
}

/// Whether the framework that the file's handlers are written for is known to be one that catches what the code behind
/// `next` throws.
fn is_next_caught(cx: &Context<'_>, function: Node<'_>) -> bool {
    let names: Vec<_> = parameters(function).into_iter().map(|p| cx.text(p)).collect();
    let imported = specifiers(cx);
    cx.apis.next_is_caught_by(&names).iter().any(|framework| {
        let is_dependency = cx.package.is_some_and(|(package, _)| package.dependency(framework).is_some());
        is_dependency || imported.contains(&framework.as_str())
    })
}

/// Whether code has a name in it.
fn is_word_of(name: &str, code: &Text) -> bool {
    let is_end = |c: char| !(c.is_alphanumeric() || c == '_' || c == '$');
    code.as_str().split(is_end).any(|word| word == name)
}

/// Whether a name is used in a range for something that a `catch` parameter of that name would hide.
fn is_used(cx: &Context<'_>, range: &Range<usize>, name: &str) -> bool {
    cx.names.references_in(range).iter().any(|r| {
        let declared = r.binding.map(|b| cx.names.binding(b).declarations[0].start);
        r.name == name && !declared.is_some_and(|d| range.contains(&d))
    })
}

/// `(async () => { … })();` in the place of the statement that makes the call.
fn called_at_once<'a>(cx: &Context<'a>, site: Node<'a>) -> Result<Converted, Refusal> {
    let refused = || Refusal::new(RefusalCode::DetachedCallback, site.byte_range());
    let outermost = outermost_site(cx, site);
    let statement = outermost.parent().filter(|p| p.kind() == "expression_statement").ok_or_else(refused)?;
    check_await_is_free(cx, statement)?;
    let function = enclosing_function(statement);
    let scope = function.map_or(0..cx.file.source.bytes().len(), |f| f.byte_range());
    let to = Destination {
        place: statement.start_byte(),
        function: scope,
        in_loop: false,
        reserved: None,
        assigned: Vec::new(),
    };
    let around = function.unwrap_or_else(|| cx.file.root());
    let lowered = lower(cx, &open_body(around, vec![statement], None), &to)?;
    if lowered.consumed.len() < 2 {
        // A single level of callback is no harder to read than what it would become.
        return Err(refused());
    }
    let replaced = statement.byte_range();
    lost_comment(cx, &replaced, &lowered)?;
    let mut statements = lowered.statements.clone();
    Stmt::drop_last_return(&mut statements);
    let indent = cx.file.source.indent_at(replaced.start);
    let end = if cx.style.semicolons { ";" } else { "" };
    let mut text = Text::from("(async () => ");
    text.push(&print_block(&statements, indent, cx.style));
    text.push_str(&format!(")(){end}"));
    let edits = vec![Edit::new(replaced.clone(), text.as_str())];
    let assumption =
        "An error that nobody handles may end the process as an unhandled rejection, as it does today as an exception.";
    Ok(converted(cx, edits, lowered, vec![assumption.to_owned()], replaced))
}

/// The site around all others that this one is in the callback of.
fn outermost_site<'a>(cx: &Context<'a>, site: Node<'a>) -> Node<'a> {
    let mut outermost = site;
    while let Some(function) = enclosing_function(outermost) {
        match super::site::site_of_callback(cx, function) {
            Some(outer) => outermost = outer,
            None => break,
        }
    }
    outermost
}

fn converted(
    cx: &Context<'_>,
    mut edits: Vec<Edit>,
    mut lowered: Lowered,
    assumptions: Vec<String>,
    scope: Range<usize>,
) -> Converted {
    let additions = lowered.additions.edits(cx, &edits);
    edits.extend(additions);
    edits.sort_by_key(|e| (e.range.start, e.range.end));
    lowered.assumptions.extend(assumptions);
    let assumption = (!lowered.assumptions.is_empty()).then(|| lowered.assumptions.join(" "));
    let safety = if assumption.is_some() { Safety::Review } else { Safety::Safe };
    let (sites, chains) = super::writing::sites_and_chains(cx, lowered.consumed);
    Converted {
        edits,
        safety,
        assumption,
        scope,
        sites,
        chains,
        name: None,
        callees: lowered.callees,
        drops_returned: false,
        rests_on_type: false,
    }
}
