//! `reduce` with an async function: each round waits for the one before by awaiting what it was handed, so it is a loop.

use std::ops::Range;

use tree_sitter::Node;

use super::{awaits, statements};
use crate::{
    context::Context,
    edit::{Edit, Refusal, RefusalCode},
    flow::{Text, body::returns_in, chain::parameters, promisify::has_await},
    semantic::BindingKind,
    syntax::node::{
        ancestors, call_parts, enclosing_function, is_async, member_parts, named_children, unparenthesized, walk,
        walk_own_code, with_parentheses,
    },
};

/// A call `list.reduce(async (all, item) => …, start)`.
#[derive(Debug)]
struct Reduce<'t> {
    list: Node<'t>,
    function: Node<'t>,
    body: Node<'t>,
    item: Node<'t>,
    start: Node<'t>,
    /// `await all`
    wait: Node<'t>,
    /// Whether that is a statement of its own, so that no round looks at what the one in front has come to.
    bare: bool,
}

/// What becomes of the result.
struct Place<'t> {
    /// The statement that is replaced.
    statement: Node<'t>,
    /// The name that the result goes by.
    name: String,
    /// Whether it is returned.
    returned: bool,
    /// Whether nobody looks at it.
    dropped: bool,
}

/// The loop that a `reduce` with an async function stands for.
///
/// # Errors
/// With `rounds-overlap` where a round does something before it waits for the one in front, with `loop-form` where the
/// call is of another shape, with `await-in-expression` where its result is a part of something.
pub fn as_loop(cx: &Context<'_>, call: Node<'_>) -> Result<Edit, Refusal> {
    let form = || Refusal::new(RefusalCode::LoopForm, call.byte_range());
    let reduce = parse(cx, call)?.ok_or_else(form)?;
    let place = place(cx, call)?;
    check_variables(cx, &reduce)?;
    let edits = edits(cx, &reduce, &place)?;
    let (style, newline) = (cx.style, cx.style.newline);
    let end = if style.semicolons { ";" } else { "" };
    let mut text = Text::default();
    let start = start_value(cx, reduce.start);
    if start.as_str().starts_with("await ") && !super::head::is_path(unparenthesized(reduce.list)) {
        // The list would be worked out after the wait.
        return Err(Refusal::new(RefusalCode::LoopForm, reduce.start.byte_range()));
    }
    if !is_dropped(&reduce, &place) {
        text.push_str(&format!("let {} = ", place.name));
        text.push(&start);
        text.push_str(&format!("{end}{newline}"));
    } else if start.as_str().starts_with("await ") {
        text.push(&start);
        text.push_str(&format!("{end}{newline}"));
    }
    text.push_str(if is_assigned(cx, reduce.item) { "for (let " } else { "for (const " });
    text.push(&Text::moved(cx.file, reduce.item.byte_range(), &[]));
    text.push_str(" of ");
    text.push(&Text::moved(cx.file, reduce.list.byte_range(), &[]));
    text.push_str(") ");
    if reduce.body.kind() == "statement_block" {
        text.push(&Text::moved(cx.file, reduce.body.byte_range(), &edits));
    } else {
        text.push_str(&format!("{{{newline}{}{} = ", style.indent, place.name));
        text.push(&Text::moved(cx.file, unparenthesized(reduce.body).byte_range(), &edits).indented(&style.indent));
        text.push_str(&format!("{end}{newline}}}"));
    }
    if place.returned {
        text.push_str(&format!("{newline}return {}{end}", place.name));
    }
    let range = place.statement.byte_range();
    let text = text.indented(cx.file.source.indent_at(range.start));
    Ok(Edit::new(range, text.as_str()))
}

fn parse<'t>(cx: &Context<'t>, call: Node<'t>) -> Result<Option<Reduce<'t>>, Refusal> {
    let Some((callee, arguments)) = call_parts(call) else { return Ok(None) };
    let Some((list, method)) = member_parts(callee) else { return Ok(None) };
    let [function, start] = arguments.as_slice() else { return Ok(None) };
    let taken = parameters(*function);
    let ([all, item], "reduce") = (taken.as_slice(), cx.text(method)) else { return Ok(None) };
    let plain = |n: Node<'t>| n.child_by_field_name("pattern").unwrap_or(n);
    let (all, item) = (plain(*all), plain(*item));
    let Some(body) = function.child_by_field_name("body") else { return Ok(None) };
    if all.kind() != "identifier" || matches!(item.kind(), "assignment_pattern" | "rest_pattern") {
        return Ok(None);
    }
    if function.kind() == "function_expression" {
        let mut own = None;
        walk_own_code(body, |n| {
            if n.kind() == "this" || n.kind() == "identifier" && cx.text(n) == "arguments" {
                own.get_or_insert(n.byte_range());
            }
            own.is_none()
        });
        if let Some(range) = own {
            return Err(Refusal::new(RefusalCode::UsesThis, range));
        }
    }
    let binding = cx.names.declared_at(all.start_byte());
    let uses: Vec<_> = cx.names.references_in(&body.byte_range()).iter().filter(|r| r.binding == binding).collect();
    let overlap = |range: Range<usize>| Refusal::new(RefusalCode::RoundsOverlap, range);
    let [only] = uses.as_slice() else { return Err(overlap(all.byte_range())) };
    let node = cx.file.root().descendant_for_byte_range(only.range.start, only.range.end);
    let wait = node.and_then(|n| n.parent()).filter(|p| p.kind() == "await_expression");
    let Some(wait) = wait.filter(|w| awaits(body).first() == Some(w)) else { return Err(overlap(only.range.clone())) };
    if let Some(early) = runs_before(body, wait) {
        return Err(overlap(early.byte_range()));
    }
    let bare =
        with_parentheses(wait).parent().is_some_and(|p| p.kind() == "expression_statement" && p.parent() == Some(body));
    Ok(Some(Reduce { list, function: *function, body, item, start: *start, wait, bare }))
}

/// What a round does in front of its first wait.
fn runs_before<'t>(body: Node<'t>, wait: Node<'t>) -> Option<Node<'t>> {
    let mut found = None;
    walk_own_code(body, |n| {
        let acts = matches!(
            n.kind(),
            "call_expression"
                | "new_expression"
                | "assignment_expression"
                | "update_expression"
                | "if_statement"
                | "for_statement"
                | "for_in_statement"
                | "while_statement"
                | "try_statement"
                | "switch_statement"
                | "augmented_assignment_expression"
                | "return_statement"
                | "throw_statement"
        );
        // A statement with a branch may not come to the wait at all.
        let around = n.start_byte() <= wait.start_byte() && wait.end_byte() <= n.end_byte();
        let branches = around
            && matches!(n.kind(), "if_statement" | "try_statement" | "ternary_expression" | "binary_expression")
            && n.child(0)
                .is_none_or(|first| !(first.start_byte() <= wait.start_byte() && wait.end_byte() <= first.end_byte()));
        if found.is_none() && (acts && n.end_byte() <= wait.start_byte() || branches) {
            found = Some(n);
        }
        found.is_none()
    });
    found
}

/// Where the result goes: `const name = await …`, `return …`, or nowhere.
fn place<'t>(cx: &Context<'_>, call: Node<'t>) -> Result<Place<'t>, Refusal> {
    let refuse = |code| Err(Refusal::new(code, call.byte_range()));
    let outer = with_parentheses(call);
    let Some(parent) = outer.parent() else { return refuse(RefusalCode::PromiseAsValue) };
    if !enclosing_function(call).map_or_else(|| true, is_async) {
        return refuse(RefusalCode::NotInAsyncFunction);
    }
    let (value, awaited) = match parent.kind() {
        "await_expression" => (with_parentheses(parent), true),
        _ => (outer, false),
    };
    let Some(user) = value.parent() else { return refuse(RefusalCode::PromiseAsValue) };
    let function = enclosing_function(call).map_or(0..cx.file.source.bytes().len(), |f| f.byte_range());
    let fresh = || super::head::free_name(cx, &function, &["result", "reduced", "value"]);
    let in_list = |s: Node<'_>| s.parent().is_some_and(|p| matches!(p.kind(), "statement_block" | "program"));
    let in_try =
        ancestors(call).take_while(|a| Some(*a) != enclosing_function(call)).any(|a| a.kind() == "try_statement");
    match user.kind() {
        // Outside of `await`, a `try` around does not see a failure today.
        "return_statement" if in_list(user) && (awaited || !in_try) => {
            Ok(Place { statement: user, name: fresh(), returned: true, dropped: false })
        }
        "expression_statement" if awaited && in_list(user) => {
            Ok(Place { statement: user, name: fresh(), returned: false, dropped: true })
        }
        "variable_declarator" if awaited => {
            let declaration = user.parent().filter(|d| named_children(*d).len() == 1 && in_list(*d));
            let name = user.child_by_field_name("name").filter(|n| n.kind() == "identifier");
            let typed = user.child_by_field_name("type").is_some();
            match (declaration, name) {
                (Some(statement), Some(name)) if !typed && statement.kind() == "lexical_declaration" => {
                    Ok(Place { statement, name: cx.text(name).to_owned(), returned: false, dropped: false })
                }
                _ => refuse(RefusalCode::AwaitInExpression),
            }
        }
        _ if awaited => refuse(RefusalCode::AwaitInExpression),
        _ => refuse(RefusalCode::PromiseAsValue),
    }
}

/// Refuses a `var` of the function that is not set anew in each call of it: in a loop it is one variable for all rounds,
/// and keeps its value from one to the next.
fn check_variables(cx: &Context<'_>, reduce: &Reduce<'_>) -> Result<(), Refusal> {
    let kept = cx.names.declared_in(&reduce.body.byte_range()).into_iter().find(|id| {
        let binding = cx.names.binding(*id);
        let declared = node_at(cx, binding.declarations[0].start);
        let is_own = declared.and_then(enclosing_function) == Some(reduce.function);
        is_own && binding.kind == BindingKind::Var && !super::split::is_set_first(cx, *id, reduce.body)
    });
    kept.map_or(Ok(()), |id| Err(Refusal::new(RefusalCode::CarriedValue, cx.names.binding(id).declarations[0].clone())))
}

fn node_at<'t>(cx: &Context<'t>, at: usize) -> Option<Node<'t>> {
    cx.file.root().descendant_for_byte_range(at, at)
}

/// Whether the function gives one of its own parameters another value.
fn is_assigned(cx: &Context<'_>, item: Node<'_>) -> bool {
    cx.names.declared_in(&item.byte_range()).into_iter().any(|id| cx.names.is_reassigned(id))
}

/// Whether nobody looks at the results: the rounds only wait for each other.
fn is_dropped(reduce: &Reduce<'_>, place: &Place<'_>) -> bool {
    place.dropped && reduce.bare
}

/// What the first round gets, awaited where it may be a promise.
fn start_value(cx: &Context<'_>, start: Node<'_>) -> Text {
    let resolved = call_parts(unparenthesized(start)).filter(|(callee, _)| cx.text(*callee) == "Promise.resolve");
    let value = match resolved.as_ref().map(|(_, arguments)| arguments.as_slice()) {
        Some([value]) => *value,
        Some([]) => return "undefined".into(),
        _ => start,
    };
    let text = Text::moved(cx.file, value.byte_range(), &[]);
    if is_plain(cx, value) {
        return text;
    }
    let loose = crate::flow::classify::is_loose(value);
    let mut awaited = Text::from(if loose { "await (" } else { "await " });
    awaited.push(&text);
    awaited.push_str(if loose { ")" } else { "" });
    awaited
}

/// The edits that make the body of the function that of a loop.
fn edits(cx: &Context<'_>, reduce: &Reduce<'_>, place: &Place<'_>) -> Result<Vec<(Range<usize>, Text)>, Refusal> {
    let Reduce { body, wait, .. } = reduce;
    if has_name_clash(cx, reduce, &place.name) {
        return Err(Refusal::new(RefusalCode::NameClash, reduce.function.byte_range()));
    }
    let end = if cx.style.semicolons { ";" } else { "" };
    let dropped = is_dropped(reduce, place);
    let outer = with_parentheses(*wait);
    let mut edits = match outer.parent() {
        Some(statement) if reduce.bare => vec![(super::parts::line_of(cx, statement), Text::default())],
        _ => vec![(outer.byte_range(), Text::from(place.name.as_str()))],
    };
    let last = statements(*body).last().copied();
    for site in returns_in(*body) {
        let refuse = |code| Err(Refusal::new(code, site.node.byte_range()));
        let mut around = ancestors(site.node).take_while(|a| a != body);
        if around.any(|a| super::is_loop(a) || matches!(a.kind(), "switch_statement" | "try_statement")) {
            return refuse(RefusalCode::ReturnInLoop);
        }
        let is_last = Some(site.node) == last;
        let single = !is_last && site.node.parent().is_some_and(|p| p.kind() != "statement_block");
        let (open, close) = if single { ("{ ", " }") } else { ("", "") };
        let indent = cx.file.source.indent_at(site.node.start_byte());
        let after = match (is_last, single) {
            (true, _) => end.to_owned(),
            (false, true) => format!("; continue{end}"),
            (false, false) => format!("{end}{}{indent}continue{end}", cx.style.newline),
        };
        let Some(value) = site.expression else {
            if !dropped || is_last {
                return refuse(RefusalCode::LoopForm);
            }
            edits.push((site.node.byte_range(), format!("continue{end}").into()));
            continue;
        };
        // A promise that an async function returns is waited for.
        let waited = if has_await(value) || is_plain(cx, value) { "" } else { "await " };
        let loose = crate::flow::classify::is_loose(value) && !waited.is_empty();
        let target = if dropped { String::new() } else { format!("{} = ", place.name) };
        let head = format!("{open}{target}{waited}{}", if loose { "(" } else { "" });
        edits.push((site.node.start_byte()..value.start_byte(), head.into()));
        let tail = format!("{}{after}{close}", if loose { ")" } else { "" });
        edits.push((value.end_byte()..site.node.end_byte(), tail.into()));
    }
    if !dropped && body.kind() == "statement_block" && last.is_none_or(crate::flow::body::completes) {
        // A round without a result hands `undefined` on.
        return Err(Refusal::new(RefusalCode::LoopForm, body.byte_range()));
    }
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    Ok(edits)
}

/// Whether a value is certainly no promise.
fn is_plain(cx: &Context<'_>, value: Node<'_>) -> bool {
    crate::flow::classify::promise(cx, value) == crate::flow::classify::Promise::No || {
        let node = unparenthesized(value);
        // What was awaited, under the name that it was given.
        let binding =
            cx.names.reference_at(node.start_byte()).filter(|_| node.kind() == "identifier").and_then(|r| r.binding);
        binding.and_then(|b| crate::flow::classify::initializer(cx, b)).is_some_and(|i| i.kind() == "await_expression")
    }
}

fn has_name_clash(cx: &Context<'_>, reduce: &Reduce<'_>, name: &str) -> bool {
    let inside = reduce.function.byte_range();
    let mut used = false;
    walk(reduce.function, |n| {
        used |= matches!(
            n.kind(),
            "identifier" | "shorthand_property_identifier" | "shorthand_property_identifier_pattern"
        ) && inside.contains(&n.start_byte())
            && cx.text(n) == name;
        !used
    });
    used || cx.text(reduce.list) == name
}
