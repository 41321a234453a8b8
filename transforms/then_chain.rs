//! `then-chain`: steps of a promise chain, one `.then` after the other.
//!
//! A chain may be rewritten where its function returns it or awaits it, and where that function may become async
//! ([`become_async`]): then each step becomes a few statements, its parameter a `const`, a `catch` or `finally` the
//! clause of a `try`. A chain that nobody waits for, or that is stored or passed on as a promise, stays as it is. One
//! without any `then` has no step, only something to be done about the outcome (`main().catch(report)`): that is no
//! anti-pattern, and nothing is said about it. `.then(null, report)` looks like a step, and is refused for not being one.
//!
//! A `return` of a promise leaves what is around it at once, and an `await` in its place does not: a `try` (`inside-try`), a loop
//! whose source is closed by that (`return-in-loop`), a block with `using` (`disposal`).
//!
//! ```js
//! function total(id) {                        async function total(id) {
//!   return getCart(id)                          const cart = await getCart(id);
//!     .then(cart => priceOf(cart))              return priceOf(cart);
//! }                                           }
//! ```

use std::ops::Range;

use tree_sitter::Node;

use crate::{
    context::Context,
    edit::{Edit, Refusal, RefusalCode, Safety},
    flow::{
        Keyword, Stmt, Text,
        assigned::may_be_unset,
        asyncness::{Becoming, become_async, declared_to_return, is_in_parameters, library_use, promise_library},
        body::{completes, is_in_tail_position, returned},
        chain::{Chain, Link, LinkKind, next_link, short_circuit},
        classify::is_sometimes_no_promise,
        lower::{Lowered, Sink, lower},
        narrowing::seen_otherwise,
        noun::callee_noun,
        print::{print, print_block},
        scope::{Destination, Moved, plan},
        site::{Shape, Site, enclosing_try, left_too_late, may_be_closed, site},
        thenable::not_a_promise,
        typed::passes_for_declared,
    },
    syntax::{
        PatternQuery,
        node::{ancestors, is_comment, named_children, unparenthesized},
    },
    transform::{Change, Finding, Meta, Transform},
};

/// The pattern `then-chain`.
#[derive(Debug)]
pub struct ThenChain;

pub(super) const SAFETY: &str = "The chain has to be returned or awaited, every other path of its function has to \
    return a promise, and every handler has to be movable. A handler's error goes where it went before: the two \
    handlers of `.then(f, g)` stay apart, `finally` never changes the outcome, and what the first call throws at once \
    is not caught by a handler that did not see it.";

static META: Meta = Meta {
    id: "then-chain",
    summary: "Steps that follow each other are written as handlers of a promise chain.",
    why: "Every step is a function of its own: a value that a later step needs has to be handed on or kept in a \
          variable outside, an early exit has to be expressed as a value, and a stack trace shows none of it.",
    before: "function total(id) {
  return getCart(id)
    .then(cart => priceOf(cart))
    .then(price => price * 1.2);
}
",
    after: "async function total(id) {
  const cart = await getCart(id);
  const price = await priceOf(cart);
  return price * 1.2;
}
",
    safety: SAFETY,
};

static QUERY: PatternQuery = PatternQuery::new(include_str!("../queries/ecma/then_chain.scm"));

impl Transform for ThenChain {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn query(&self) -> &PatternQuery {
        &QUERY
    }

    fn needles(&self) -> &'static [&'static str] {
        &["then"]
    }

    fn judge(&self, cx: &Context<'_>, candidate: Node<'_>) -> Option<Finding> {
        judge(cx, candidate, &META, false)
    }
}

/// Judges a candidate for either of the two chain patterns; `nested` says which of them asks.
pub(super) fn judge(cx: &Context<'_>, candidate: Node<'_>, meta: &'static Meta, nested: bool) -> Option<Finding> {
    if next_link(cx, candidate).is_some() {
        return None;
    }
    let Some(chain) = Chain::parse(cx, candidate) else {
        let method = candidate.child_by_field_name("function").and_then(|f| f.child_by_field_name("property"));
        let is_then = method.is_some_and(|m| cx.text(m) == "then");
        return (is_then && !nested).then(|| optional_call(meta, candidate));
    };
    if !chain.has_then() || is_nested(cx, &chain) != nested {
        return None;
    }
    let steps = chain.links.len();
    let message = match (nested, steps) {
        (true, _) => "a handler of this promise chain returns another chain".to_owned(),
        (false, 1) => "a step is written as the handler of a promise".to_owned(),
        (false, _) => format!("{steps} steps are written as handlers of a promise chain"),
    };
    Some(Finding::new(meta.id, candidate.byte_range(), message, convert(cx, &chain)))
}

/// `promise.then?.(f)`: whether there are any steps is found out when it runs.
fn optional_call(meta: &'static Meta, candidate: Node<'_>) -> Finding {
    let message = "a step is written as the handler of what may be a promise".to_owned();
    let refusal = Refusal::new(RefusalCode::ReturnsNonPromise, candidate.byte_range());
    Finding::new(meta.id, candidate.byte_range(), message, Err(refusal))
}

/// Whether a handler of the chain returns another chain.
fn is_nested(cx: &Context<'_>, chain: &Chain<'_>) -> bool {
    handlers(chain).any(|function| !chains_returned(cx, function).is_empty())
}

fn handlers<'t>(chain: &Chain<'t>) -> impl Iterator<Item = Node<'t>> {
    chain
        .links
        .iter()
        .flat_map(|link| match &link.kind {
            LinkKind::Then(h) | LinkKind::Catch(h) | LinkKind::Finally(h) => vec![h.literal()],
            LinkKind::ThenBoth(f, g) => vec![f.literal(), g.literal()],
            LinkKind::Nothing | LinkKind::Opaque(..) => Vec::new(),
        })
        .flatten()
}

fn chains_returned<'t>(cx: &Context<'_>, function: Node<'t>) -> Vec<Chain<'t>> {
    let values = returned(function).values.into_iter().filter_map(|r| r.expression);
    let inner = values.map(unparenthesized);
    inner.filter_map(|e| Chain::parse(cx, e)).filter(Chain::has_then).collect()
}

/// The change that turns a chain into statements.
fn convert(cx: &Context<'_>, chain: &Chain<'_>) -> Result<Change, Refusal> {
    check_file(cx, chain)?;
    let site = site(cx, chain.node)?;
    check_site(cx, &site, chain)?;
    let becoming = match site.function {
        Some(function) => become_async(cx, function, &[chain.node, site.node])?,
        None => Becoming::default(),
    };
    let (mut edits, lowered) = match site.leaves {
        Some(guard) => out_of_try(cx, &site, chain, guard)?,
        None => in_place(cx, &site, chain)?,
    };
    edits.extend(becoming.edit);
    let returns = lowered.returns.as_ref().zip(site.function).filter(|_| matches!(site.sink, Sink::Return { .. }));
    edits.extend(returns.and_then(|(returns, function)| declared_to_return(cx, function, returns.as_str())));
    edits.sort_by_key(|e| e.range.start);
    let of_any_type = returns.filter(|(returns, _)| returns.as_str() == "any");
    let declared = of_any_type.and_then(|(_, function)| passes_for_declared(cx, function));
    let mut assumptions: Vec<_> = becoming.assumption.into_iter().chain(lowered.assumptions).chain(declared).collect();
    if is_sometimes_no_promise(cx, chain.base) || may_be_unset(cx, chain.base) {
        // A `.then` on nothing throws; an `await` of nothing goes on.
        assumptions.push(format!("`{}` is a promise whenever this runs.", cx.text(chain.base)));
    }
    let closed = may_be_closed(cx, site.node, site.function)
        .filter(|_| matches!(site.sink, Sink::Return { .. }) && !site.awaited);
    if let Some(list) = closed {
        assumptions.push(format!("`{}` has nothing to close that must not wait for this.", cx.text(list)));
    }
    assumptions.dedup();
    let safety = if assumptions.is_empty() { Safety::Safe } else { Safety::Review };
    let assumption = (!assumptions.is_empty()).then(|| assumptions.join(" "));
    Ok(Change {
        title: "convert to async/await",
        safety,
        assumption,
        edits,
        scope: scope(cx, &site),
        consumed: lowered.consumed,
        waits_for: Vec::new(),
        creates: None,
    })
}

/// The code that names have to be free in: the function around, or the file.
fn scope(cx: &Context<'_>, site: &Site<'_>) -> Range<usize> {
    site.function.map_or(0..cx.file.source.bytes().len(), |f| f.byte_range())
}

/// Where the steps of a chain go that are put at a place of the site's function.
fn destination<'n>(cx: &Context<'_>, site: &'n Site<'_>, place: usize, reserved: Option<&'n str>) -> Destination<'n> {
    let target = match &site.sink {
        Sink::Bind { target, .. } | Sink::Assign { target, .. } => target.as_str(),
        Sink::Return { .. } | Sink::Discard | Sink::Pending { .. } => "",
    };
    let assigned = target.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$'))).collect();
    Destination { place, function: scope(cx, site), in_loop: site.in_loop, reserved, assigned }
}

/// Lowers as many links of a chain as can be. The promise that the first of them hangs on is in the reserved variable,
/// if there is one. A link that can't be lowered stays
/// in the awaited expression together with those before it, if a `then` remains behind it.
fn lowered(cx: &Context<'_>, chain: &Chain<'_>, to: &Destination<'_>, sink: &Sink) -> Result<Lowered, Refusal> {
    let mut first = 0;
    let mut reason = None;
    while chain.links[first..].iter().any(|l| matches!(l.kind, LinkKind::Then(_) | LinkKind::ThenBoth(..))) {
        let moved = moved_handlers(cx, &chain.links[first..]);
        let renames = plan(cx, to, &moved)?;
        match lower(cx, chain, first, sink, renames, to.reserved) {
            Ok(mut lowered) => {
                let functions: Vec<_> = moved.iter().map(|m| m.function).collect();
                lowered.assumptions.extend(seen_otherwise(cx, to, &functions));
                return Ok(lowered);
            }
            Err(blocked) => {
                reason.get_or_insert(blocked.refusal);
                first = blocked.link + 1;
            }
        }
    }
    let opaque = || match chain.links.iter().find_map(Link::opaque) {
        Some((code, node)) => Refusal::new(code, node.byte_range()),
        None => Refusal::new(RefusalCode::OnlyRecovers, chain.node.byte_range()),
    };
    Err(reason.unwrap_or_else(opaque))
}

/// The steps in the place of the chain's statement.
fn in_place(cx: &Context<'_>, site: &Site<'_>, chain: &Chain<'_>) -> Result<(Vec<Edit>, Lowered), Refusal> {
    let mut lowered = lowered(cx, chain, &destination(cx, site, chain.node.start_byte(), None), &site.sink)?;
    keep_declaration(site, &mut lowered.statements)?;
    Ok((vec![replacement(cx, site, &lowered)], lowered))
}

/// The name that a statement declared stays declared, even where the last step always throws and it never gets a value.
fn keep_declaration(site: &Site<'_>, statements: &mut Vec<Stmt>) -> Result<(), Refusal> {
    let Sink::Bind { keyword, target, annotation, is_name } = &site.sink else { return Ok(()) };
    let declares = |statement: &Stmt| match statement {
        Stmt::Bind { target: other, .. } | Stmt::Declare { target: other, .. } => {
            // One that had no type may have got that of the last handler.
            let typed = other.as_str().strip_prefix(target.as_str());
            typed.is_some_and(|t| t == annotation.as_str() || annotation.is_empty() && t.starts_with(':'))
        }
        _ => false,
    };
    if statements.iter().any(declares) {
        return Ok(());
    }
    if !is_name {
        return Err(Refusal::new(RefusalCode::NameClash, site.range.clone()));
    }
    let keyword = if *keyword == Keyword::Var { Keyword::Var } else { Keyword::Let };
    let declared = Text::from(format!("{}{}", target.as_str(), annotation.as_str()));
    statements.insert(0, Stmt::Declare { keyword, target: declared });
    Ok(())
}

/// A chain that is returned from inside a `try`: its first promise is made there, and the steps stand behind, where
/// the clauses of the `try` see as little of them as they did before.
fn out_of_try(
    cx: &Context<'_>,
    site: &Site<'_>,
    chain: &Chain<'_>,
    guard: Node<'_>,
) -> Result<(Vec<Edit>, Lowered), Refusal> {
    if guard.kind() != "try_statement" || !can_leave_try(cx, site, chain, guard) {
        return Err(left_too_late(guard));
    }
    let promise = plan(cx, &destination(cx, site, guard.start_byte(), None), &[])?.fresh("promise");
    let must_exit = !site.function.is_some_and(|f| is_in_tail_position(guard, f));
    let sink = Sink::Return { in_try: false, must_exit };
    let lowered = lowered(cx, chain, &destination(cx, site, guard.start_byte(), Some(&promise)), &sink)?;
    let target = Text::from(promise.as_str());
    let held = Stmt::Assign { target: target.clone(), value: lowered.base.clone() };
    let print_at = |statements: &[Stmt], at: usize| print(statements, cx.file.source.indent_at(at), cx.style);
    let line = format!("{}{}", cx.style.newline, cx.file.source.indent_at(guard.start_byte()));
    let declare = print_at(&[Stmt::Declare { keyword: Keyword::Let, target }], guard.start_byte());
    let steps = print_at(&lowered.statements, guard.start_byte());
    let edits = vec![
        Edit::insert(guard.start_byte(), format!("{}{line}", declare.as_str())),
        Edit::new(site.range.clone(), print_at(&[held], site.range.start).as_str()),
        Edit::insert(guard.end_byte(), format!("{line}{}", steps.as_str())),
    ];
    Ok((edits, lowered))
}

/// Whether the steps can stand behind the `try`: the chain is the last thing its block does, its `catch` always leaves
/// the function, and no step needs a name of the block. A `finally` may throw or wait, and the steps would then not run,
/// or later than they did.
fn can_leave_try(cx: &Context<'_>, site: &Site<'_>, chain: &Chain<'_>, guard: Node<'_>) -> bool {
    let Some(block) = guard.child_by_field_name("body") else { return false };
    let clause = |field| guard.child_by_field_name(field).and_then(|c| c.child_by_field_name("body"));
    let in_list = guard.parent().is_some_and(|p| p.kind() == "statement_block");
    let block_range = block.byte_range();
    let steps = chain.base.end_byte()..chain.node.end_byte();
    let needs_block = cx.names.references_in(&steps).iter().filter_map(|r| r.binding).any(|b| {
        let scope = &cx.names.scope(cx.names.binding(b).scope).range;
        block_range.start <= scope.start && scope.end <= block_range.end && scope.end > steps.end
    });
    named_children(block).last() == Some(&site.node)
        && in_list
        && enclosing_try(guard, site.function).is_none()
        && !clause("handler").is_some_and(completes)
        && guard.child_by_field_name("finalizer").is_none()
        && !needs_block
}

/// What about the file or the receiver makes it something else than a promise chain.
fn check_file(cx: &Context<'_>, chain: &Chain<'_>) -> Result<(), Refusal> {
    if let Some(object) = not_a_promise(cx, chain.base) {
        return Err(Refusal::new(RefusalCode::NotAPromise, object.byte_range()));
    }
    if let Some(token) = short_circuit(chain.node) {
        return Err(Refusal::new(RefusalCode::ReturnsNonPromise, token.byte_range()));
    }
    if let Some((code @ RefusalCode::LibraryPromise, node)) = chain.links.iter().find_map(Link::opaque) {
        return Err(Refusal::new(code, node.byte_range()));
    }
    if let Some(import) = promise_library(cx) {
        return Err(Refusal::new(RefusalCode::LibraryPromise, import));
    }
    Ok(())
}

fn check_site(cx: &Context<'_>, site: &Site<'_>, chain: &Chain<'_>) -> Result<(), Refusal> {
    if let Some(comment) = comment_beside(site, chain) {
        return Err(Refusal::new(RefusalCode::CommentWouldBeLost, comment.byte_range()));
    }
    let Some(function) = site.function else {
        // At the top level only an awaited chain has a function around it that waits: the module.
        let detached = Refusal::new(RefusalCode::DetachedChain, chain.node.byte_range());
        return if site.awaited { Ok(()) } else { Err(detached) };
    };
    if is_in_parameters(chain.node, function) {
        return Err(Refusal::new(RefusalCode::AwaitInExpression, chain.node.byte_range()));
    }
    if let Some(used) = library_use(cx, function) {
        return Err(Refusal::new(RefusalCode::LibraryPromise, used));
    }
    Ok(())
}

/// A comment in the chain's statement that is not in the chain: what is written in its place has no place for it.
fn comment_beside<'t>(site: &Site<'_>, chain: &Chain<'t>) -> Option<Node<'t>> {
    let around = ancestors(chain.node).take_while(|n| site.range.start <= n.start_byte());
    let parts = around.flat_map(|n| n.children(&mut n.walk()).collect::<Vec<_>>());
    parts.into_iter().find(|n| is_comment(*n))
}

/// The handlers whose bodies move into the function, those of inner chains included.
fn moved_handlers<'t>(cx: &Context<'t>, links: &[Link<'t>]) -> Vec<Moved<'t>> {
    let mut moved = Vec::new();
    let mut pending = vec![links.to_vec()];
    while let Some(links) = pending.pop() {
        for link in links {
            let hint = link.receiver().and_then(|receiver| callee_noun(cx, receiver));
            let both = match &link.kind {
                LinkKind::Then(f) => [Some((f, true)), None],
                LinkKind::ThenBoth(f, g) => [Some((f, true)), Some((g, false))],
                LinkKind::Catch(h) | LinkKind::Finally(h) => [Some((h, false)), None],
                LinkKind::Nothing | LinkKind::Opaque(..) => [None, None],
            };
            for (handler, flat) in both.into_iter().flatten() {
                let Some(function) = handler.literal() else { continue };
                let place = link.call.start_byte();
                let (apart, caught) = (Vec::new(), Vec::new());
                moved.push(Moved { function, flat, place, hint: hint.clone(), apart, caught });
                pending.extend(chains_returned(cx, function).into_iter().map(|c| c.links));
            }
        }
    }
    moved
}

/// The statements in the place of the chain's statement.
fn replacement(cx: &Context<'_>, site: &Site<'_>, lowered: &Lowered) -> Edit {
    let indent = cx.file.source.indent_at(site.node.start_byte());
    let statements = &lowered.statements;
    if let Some(colon) = clause_head(cx, site).filter(|_| needs_braces(site, statements)) {
        let indent = cx.file.source.indent_at(colon);
        let block = print_block(statements, indent, cx.style);
        return Edit::new(colon..site.range.end, format!(" {}", block.as_str()));
    }
    if let Some(block) = site.block_on_one_line(cx) {
        return Edit::new(block.byte_range(), print_block(statements, indent, cx.style).as_str());
    }
    let text = match site.shape {
        Shape::Statements => print(statements, indent, cx.style),
        Shape::Clause if !needs_braces(site, statements) => print(statements, indent, cx.style),
        Shape::Clause | Shape::Single => print_block(statements, indent, cx.style),
        Shape::ArrowBody => arrow_body(cx, site, statements),
    };
    Edit::new(site.range.clone(), text.as_str())
}

/// Whether statements in a `switch` clause need a block of their own. What the statement itself declares is for the
/// statements behind it to see.
fn needs_braces(site: &Site<'_>, statements: &[Stmt]) -> bool {
    site.shape == Shape::Clause && Stmt::list_declares(statements) && !matches!(site.sink, Sink::Bind { .. })
}

/// The end of `case value:`, if the site's statement is the first behind it.
fn clause_head(cx: &Context<'_>, site: &Site<'_>) -> Option<usize> {
    let clause = site.node.parent().filter(|_| site.shape == Shape::Clause)?;
    let mut cursor = clause.walk();
    let colon = clause.children(&mut cursor).find(|c| c.kind() == ":")?.end_byte();
    cx.slice(colon..site.range.start).trim().is_empty().then_some(colon)
}

fn arrow_body(cx: &Context<'_>, site: &Site<'_>, statements: &[Stmt]) -> Text {
    let function = site.function.map_or(site.range.start, |f| f.start_byte());
    let indent = cx.file.source.indent_at(function);
    let mut text = Text::from(" ");
    text.push(&print_block(statements, indent, cx.style));
    text
}
