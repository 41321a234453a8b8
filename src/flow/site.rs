//! Where a chain stands in its function, and so what becomes of its outcome.

use std::ops::Range;

use tree_sitter::Node;

use super::{
    Keyword, asyncness,
    body::is_in_tail_position,
    classify::{called_function, declaration_node, is_array},
    known::binding_of,
    lower::Sink,
};
use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    syntax::node::{
        ancestors, call_parts, code_range, has_token, is_async, is_function, member_parts, named_children,
        unparenthesized, with_parentheses,
    },
};

/// The statement, or arrow function body, that a chain's steps take the place of.
#[derive(Debug)]
pub struct Site<'t> {
    /// The bytes to replace.
    pub range: Range<usize>,
    /// The function whose code it is; `None` at the top level of a module.
    pub function: Option<Node<'t>>,
    /// What becomes of the chain's outcome.
    pub sink: Sink,
    /// What the replacement has to look like.
    pub shape: Shape,
    /// Whether the chain is awaited or returned as it is.
    pub awaited: bool,
    /// What a `return` of the chain leaves before the chain has ended: a `try` whose clauses must not see its rejection, a loop
    /// whose source is closed.
    pub leaves: Option<Node<'t>>,
    /// Whether the site is in a loop of its function.
    pub in_loop: bool,
    /// The statement, or the chain itself in an arrow function without braces.
    pub node: Node<'t>,
}

impl<'t> Site<'t> {
    /// The block that the site is alone in, if all of it stands on one line: `{ return …; }`.
    pub fn block_on_one_line(&self, cx: &Context<'_>) -> Option<Node<'t>> {
        let block = self.node.parent().filter(|p| p.kind() == "statement_block" && self.shape == Shape::Statements)?;
        let before = cx.slice(block.start_byte()..self.node.start_byte());
        let after = cx.slice(self.node.end_byte()..code_range(block).end);
        (before.trim_end() == "{" && after.trim_start() == "}" && !before.contains('\n')).then_some(block)
    }
}

/// What the replacement of a site looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A list of statements.
    Statements,
    /// A list of statements in a `switch` clause, which needs braces around declarations.
    Clause,
    /// The one statement of an `if`, `else` or loop without braces.
    Single,
    /// The body of an arrow function.
    ArrowBody,
}

/// Finds the site of a chain.
///
/// # Errors
/// When the chain's value is used in a way that statements can't express.
pub fn site<'t>(cx: &Context<'_>, chain: Node<'t>) -> Result<Site<'t>, Refusal> {
    let outer = with_parentheses(chain);
    let refuse = |code| Err(Refusal::new(code, chain.byte_range()));
    let Some(parent) = outer.parent() else { return refuse(RefusalCode::PromiseAsValue) };
    match parent.kind() {
        "return_statement" => Ok(statement_site(cx, parent, returning(parent, false), false)),
        "arrow_function" if parent.child_by_field_name("body") == Some(outer) => Ok(arrow_site(cx, parent, outer)),
        "expression_statement" => refuse(RefusalCode::DetachedChain),
        "yield_expression" => refuse(RefusalCode::Generator),
        "await_expression" => awaited_site(cx, chain, with_parentheses(parent)),
        "unary_expression" if has_token(parent, "void") => refuse(RefusalCode::DetachedChain),
        _ => refuse(RefusalCode::PromiseAsValue),
    }
}

fn awaited_site<'t>(cx: &Context<'_>, chain: Node<'t>, awaited: Node<'t>) -> Result<Site<'t>, Refusal> {
    let in_expression = || Refusal::new(RefusalCode::AwaitInExpression, chain.byte_range());
    let parent = awaited.parent().ok_or_else(in_expression)?;
    match parent.kind() {
        "expression_statement" => Ok(statement_site(cx, parent, Sink::Discard, true)),
        "return_statement" => Ok(statement_site(cx, parent, returning(parent, true), true)),
        "arrow_function" => Ok(Site { awaited: true, ..arrow_site(cx, parent, awaited) }),
        "variable_declarator" => {
            let declaration = parent.parent().ok_or_else(in_expression)?;
            let sink = declared_sink(cx, parent, declaration).ok_or_else(in_expression)?;
            let used = used_before_declared(cx, parent).filter(|_| !has_token(declaration, "var"));
            if let Some(used) = used {
                return Err(Refusal::new(RefusalCode::NameClash, used));
            }
            Ok(statement_site(cx, declaration, sink, true))
        }
        "assignment_expression" => {
            let statement = parent.parent().filter(|p| p.kind() == "expression_statement").ok_or_else(in_expression)?;
            let left = parent.child_by_field_name("left").filter(|l| is_stable_target(*l)).ok_or_else(in_expression)?;
            Ok(statement_site(cx, statement, Sink::Assign { target: cx.text(left).into(), fresh: false }, true))
        }
        _ => Err(in_expression()),
    }
}

/// A target that means the same before and after the steps have run: a name, or a property of `this`.
fn is_stable_target(left: Node<'_>) -> bool {
    left.kind() == "identifier"
        || left.kind() == "member_expression" && left.child_by_field_name("object").is_some_and(|o| o.kind() == "this")
}

/// Where the value of a declaration asks for what is declared. That throws for `let` and `const`, but not once the
/// declaration stands in front of the steps that give it a value.
fn used_before_declared(cx: &Context<'_>, declarator: Node<'_>) -> Option<Range<usize>> {
    let declared = cx.names.declared_in(&declarator.child_by_field_name("name")?.byte_range());
    let uses = cx.names.references_in(&declarator.child_by_field_name("value")?.byte_range());
    uses.iter().find(|r| r.binding.is_some_and(|b| declared.contains(&b))).map(|r| r.range.clone())
}

fn declared_sink(cx: &Context<'_>, declarator: Node<'_>, declaration: Node<'_>) -> Option<Sink> {
    let in_list = declaration.parent().is_some_and(|p| {
        matches!(p.kind(), "program" | "statement_block" | "switch_case" | "switch_default" | "class_static_block")
    });
    if !in_list || named_children(declaration).len() != 1 {
        return None;
    }
    let keyword = match declaration.child(0)?.kind() {
        "const" => Keyword::Const,
        "let" => Keyword::Let,
        "var" => Keyword::Var,
        _ => return None,
    };
    let name = declarator.child_by_field_name("name")?;
    let annotation = declarator.child_by_field_name("type").map(|t| cx.text(t)).unwrap_or_default();
    Some(Sink::Bind {
        keyword,
        target: cx.text(name).into(),
        annotation: annotation.into(),
        is_name: name.kind() == "identifier",
    })
}

fn returning(statement: Node<'_>, awaited: bool) -> Sink {
    let function = asyncness::function_around(statement);
    let in_try = awaited && enclosing_try(statement, function).is_some();
    let must_exit = !function.is_some_and(|f| is_in_tail_position(statement, f));
    Sink::Return { in_try, must_exit }
}

fn statement_site<'t>(cx: &Context<'_>, statement: Node<'t>, sink: Sink, awaited: bool) -> Site<'t> {
    let function = asyncness::function_around(statement);
    let shape = match statement.parent().map(|p| p.kind()) {
        Some("switch_case" | "switch_default") => Shape::Clause,
        Some("statement_block" | "program" | "class_static_block") => Shape::Statements,
        _ => Shape::Single,
    };
    let returns = matches!(sink, Sink::Return { .. });
    Site {
        range: statement.byte_range(),
        function,
        leaves: if returns && !awaited { left_at_once(cx, statement, function) } else { None },
        sink,
        shape,
        awaited,
        in_loop: is_in_loop(statement, function),
        node: statement,
    }
}

/// The end of an arrow function's body; with the line break in front of a closing parenthesis where the body began on a
/// line of its own, as the braces do that take its place.
fn arrow_end(cx: &Context<'_>, arrow: Node<'_>, body: Node<'_>) -> usize {
    let end = body.end_byte();
    let Some(list) = arrow.parent().filter(|p| p.kind() == "arguments") else { return end };
    let gap = cx.slice(end..list.end_byte() - 1);
    let head_row = arrow.start_position().row;
    let hangs = body.start_position().row > head_row && list.start_position().row == head_row;
    if hangs && gap.contains('\n') && gap.trim().is_empty() { end + gap.len() } else { end }
}

fn arrow_site<'t>(cx: &Context<'_>, arrow: Node<'t>, body: Node<'t>) -> Site<'t> {
    let arrow_token = (0..arrow.child_count()).filter_map(|i| arrow.child(i)).find(|c| c.kind() == "=>");
    let start = arrow_token.map_or(body.start_byte(), |t| t.end_byte());
    Site {
        range: start..arrow_end(cx, arrow, body),
        function: Some(arrow),
        sink: Sink::Return { in_try: false, must_exit: false },
        shape: Shape::ArrowBody,
        awaited: false,
        leaves: None,
        in_loop: false,
        node: body,
    }
}

/// The innermost `try` of the function in whose guarded part a statement stands: its block, or its `catch` clause
/// where there is a `finally` too.
pub fn enclosing_try<'t>(statement: Node<'t>, function: Option<Node<'t>>) -> Option<Node<'t>> {
    let mut child = statement;
    for parent in ancestors(statement) {
        if Some(parent) == function || is_function(parent) {
            return None;
        }
        if parent.kind() == "try_statement" {
            let is_body = parent.child_by_field_name("body") == Some(child);
            let is_handler = parent.child_by_field_name("handler") == Some(child);
            let has_finally = parent.child_by_field_name("finalizer").is_some();
            if is_body || (is_handler && has_finally) || parent.child_by_field_name("finalizer") == Some(child) {
                return Some(parent);
            }
        }
        child = parent;
    }
    None
}

/// What a `return` of a promise leaves at once, and an `await` in its place only once that is settled: a `try`, or a loop whose
/// source is closed by it (ECMA-262, 7.4.11).
pub fn left_at_once<'t>(cx: &Context<'_>, statement: Node<'t>, function: Option<Node<'t>>) -> Option<Node<'t>> {
    let mut around = ancestors(statement).take_while(|a| Some(*a) != function && !is_function(*a));
    // Behind a `try` in such a loop is in the loop as well.
    let source = around.find(|a| a.kind() == "for_in_statement" && is_closed(cx, *a));
    source.or_else(|| enclosing_try(statement, function))
}

/// Whether what a loop goes through is certainly closed as the loop is left: something asynchronous, or a generator of the file.
fn is_closed(cx: &Context<'_>, head: Node<'_>) -> bool {
    let list = head.child_by_field_name("right").filter(|_| has_token(head, "of"));
    let callee = list.and_then(call_parts).map(|(callee, _)| callee);
    let declared = callee.and_then(|callee| declaration_node(cx, binding_of(cx, callee)?)?.parent());
    let generator = callee.and_then(|callee| called_function(cx, callee)).or(declared);
    list.is_some() && has_token(head, "await") || generator.is_some_and(|f| has_token(f, "*"))
}

/// The list of a loop around a statement that may have something to close as the loop is left: what a call has made that
/// is not known for arrays.
pub fn may_be_closed<'t>(cx: &Context<'_>, statement: Node<'t>, function: Option<Node<'t>>) -> Option<Node<'t>> {
    let mut around = ancestors(statement).take_while(|a| Some(*a) != function && !is_function(*a));
    around.find_map(|a| {
        let list = a.child_by_field_name("right").filter(|_| a.kind() == "for_in_statement" && has_token(a, "of"))?;
        let method =
            call_parts(unparenthesized(list)).map(|(callee, _)| member_parts(callee).map_or("", |(_, m)| cx.text(m)));
        let is_known = method.is_none_or(|m| OF_ARRAYS.contains(&m)) || is_array(cx, list);
        (!is_known).then_some(list)
    })
}

/// Methods that give arrays, or something else that has nothing to close.
const OF_ARRAYS: [&str; 8] = ["entries", "flatMap", "keys", "match", "matchAll", "querySelectorAll", "split", "values"];

/// Why a promise can't be waited for in the place of its `return`.
pub fn left_too_late(guard: Node<'_>) -> Refusal {
    let code = if guard.kind() == "try_statement" { RefusalCode::InsideTry } else { RefusalCode::ReturnInLoop };
    Refusal::new(code, guard.start_byte()..guard.start_byte() + "try".len())
}

/// Whether a statement stands in a loop of its function.
pub fn is_in_loop(statement: Node<'_>, function: Option<Node<'_>>) -> bool {
    ancestors(statement)
        .take_while(|a| Some(*a) != function && !is_function(*a))
        .any(|a| matches!(a.kind(), "for_statement" | "for_in_statement" | "while_statement" | "do_statement"))
}

/// Whether `await` may be written at a site already.
pub fn is_async_already(site: &Site<'_>) -> bool {
    site.function.map_or(site.awaited, is_async)
}
