//! Where an executor's statements go, and the edits that put them there.

use std::ops::Range;

use tree_sitter::Node;

use super::Executor;
use crate::{
    context::Context,
    edit::{Edit, Refusal, RefusalCode, Safety},
    flow::{
        Stmt, Text,
        asyncness::{become_async, declared_to_return, library_use},
        chain::parameters,
        classify::cannot_throw,
        lower::Sink,
        print::{print, print_block},
        scope::Destination,
        settle::{Body, Direct, Lowered, lower},
        site::{Shape, Site, enclosing_try, is_in_loop, left_too_late, site},
        stringified::stringified_around,
        typed::{passes_for_declared, resolves_with_any},
    },
    syntax::node::{call_parts, enclosing_function, is_function, named_children, walk, with_parentheses},
};

/// The edits that replace an executor, and what they promise.
#[derive(Debug)]
pub struct Placed {
    /// Sorted, disjoint edits.
    pub edits: Vec<Edit>,
    /// The level of the change.
    pub safety: Safety,
    /// What has to hold that the file does not show.
    pub assumption: Option<String>,
    /// The code in which new names were chosen to be free.
    pub scope: Range<usize>,
    /// Calls that were carried out along with the executor.
    pub consumed: Vec<Range<usize>>,
}

/// Replaces `new Promise(executor)`.
///
/// # Errors
/// The reason why it has to stay.
pub fn replace(cx: &Context<'_>, executor: &Executor<'_>) -> Result<Placed, Refusal> {
    let node = executor.node;
    if !executor.is_native {
        let class = node.child_by_field_name("constructor").unwrap_or(node);
        return Err(Refusal::new(RefusalCode::LibraryPromise, class.byte_range()));
    }
    let site = match site(cx, node) {
        Ok(site) => Some(site),
        Err(r) if matches!(r.code, RefusalCode::PromiseAsValue | RefusalCode::AwaitInExpression) => None,
        Err(refusal) => return Err(refusal),
    };
    let function = enclosing_function(node);
    let scope = function.map_or(0..cx.file.source.bytes().len(), |f| f.byte_range());
    let in_loop = is_in_loop(node, function);
    let (place, function) = (node.start_byte(), scope.clone());
    let to = Destination { place, function, in_loop, reserved: None, assigned: Vec::new() };
    let body = Body {
        function: executor.function,
        items: None,
        settlers: executor.settlers.clone(),
        locals: Vec::new(),
        hangs: executor.is_async(),
        is_open: false,
        next: None,
        returned: None,
        promise_form: None,
        in_full: None,
        trusts_callees: true,
    };
    let lowered = lower(cx, &body, &to)?;
    if let Some(sent) = stringified_around(cx, node).filter(|_| lowered.additions.reach_out()) {
        return Err(Refusal::new(RefusalCode::Stringified, sent.byte_range()));
    }
    let (edits, assumptions) = (lowered.additions.edits(cx, &[]), lowered.assumptions.clone());
    Placing { cx, executor, edits, assumptions, scope }.place(site, lowered)
}

struct Placing<'a, 'c> {
    cx: &'c Context<'a>,
    executor: &'c Executor<'a>,
    edits: Vec<Edit>,
    assumptions: Vec<String>,
    /// The function around, or the file.
    scope: Range<usize>,
}

impl<'a> Placing<'a, '_> {
    fn place(mut self, site: Option<Site<'a>>, lowered: Lowered) -> Result<Placed, Refusal> {
        let replaced = match &site {
            None => self.as_expression(&lowered),
            Some(site) if site.awaited => self.awaited(site, &lowered)?,
            Some(site) => self.returned(site, &lowered)?,
        };
        let comments = self.cx.file.comments_in(&replaced);
        let lost = comments.iter().find(|c| !lowered.kept.iter().any(|k| k.start <= c.start && c.end <= k.end));
        if let Some(lost) = lost {
            return Err(Refusal::new(RefusalCode::CommentWouldBeLost, lost.clone()));
        }
        self.assumptions.dedup();
        let safety = if self.assumptions.is_empty() { Safety::Safe } else { Safety::Review };
        let assumption = (!self.assumptions.is_empty()).then(|| self.assumptions.join(" "));
        // New names live in what is replaced, unless statements were put into the code around it.
        let is_within = replaced == self.executor.node.byte_range();
        let scope = if is_within { replaced } else { self.scope };
        Ok(Placed { edits: merged(self.edits), safety, assumption, scope, consumed: lowered.consumed })
    }

    /// `return new Promise(…)`, or the body of an arrow function.
    fn returned(&mut self, site: &Site<'a>, lowered: &Lowered) -> Result<Range<usize>, Refusal> {
        self.assume_type(site);
        if let Some(direct) = lowered.direct.as_ref().filter(|d| d.quiet) {
            self.annotate_function(site);
            return Ok(self.put(&direct.text));
        }
        let Some(function) = site.function else { return Ok(self.as_expression(lowered)) };
        if let Some(outer) = site.leaves {
            return Err(left_too_late(outer));
        }
        if let Some(used) = library_use(self.cx, function) {
            return Err(Refusal::new(RefusalCode::LibraryPromise, used));
        }
        let outer = with_parentheses(self.executor.node);
        let becoming = become_async(self.cx, function, &[self.executor.node, outer, site.node])?;
        self.edits.extend(becoming.edit);
        self.assumptions.extend(becoming.assumption);
        self.annotate_function(site);
        if let Some(direct) = &lowered.direct {
            return Ok(self.put(&direct.text));
        }
        self.check_result(function)?;
        self.statements(site, lowered.statements.clone())
    }

    /// `any` let a result of another type through.
    fn assume_type(&mut self, site: &Site<'a>) {
        let resolve = parameters(self.executor.function).first().copied();
        if resolves_with_any(self.cx, self.executor.type_argument, resolve) {
            self.assumptions.extend(site.function.and_then(|function| passes_for_declared(self.cx, function)));
        }
    }

    /// TypeScript used to let `resolve()` pass for any type, and does not let a function with such a type return nothing.
    fn check_result(&self, function: Node<'a>) -> Result<(), Refusal> {
        let declared = function.child_by_field_name("return_type").map(|t| self.cx.text(t));
        let declared = declared.and_then(|t| t.split_once('<')).and_then(|(_, t)| t.rsplit_once('>')).map(|(t, _)| t);
        let Some(result) = declared.or(self.executor.type_argument.map(|t| self.cx.text(t))) else { return Ok(()) };
        let takes_nothing = |part: &str| matches!(part.trim(), "void" | "any" | "undefined" | "unknown");
        if result.split('|').any(takes_nothing) {
            return Ok(());
        }
        let resolve = parameters(self.executor.function).first().map(|p| self.cx.text(*p)).unwrap_or_default();
        let mut bare = None;
        walk(self.executor.function, |n| {
            let call =
                call_parts(n).filter(|(callee, arguments)| arguments.is_empty() && self.cx.text(*callee) == resolve);
            bare = bare.or(call.map(|_| n));
            bare.is_none()
        });
        match bare {
            Some(call) => Err(Refusal::new(RefusalCode::ResultType, call.byte_range())),
            None => Ok(()),
        }
    }

    /// `await new Promise(…)`
    fn awaited(&mut self, site: &Site<'a>, lowered: &Lowered) -> Result<Range<usize>, Refusal> {
        if lowered.direct.is_some() {
            return Ok(self.as_expression(lowered));
        }
        let mut statements = lowered.statements.clone();
        if let Sink::Return { in_try, .. } = site.sink {
            return if in_try { Ok(self.as_expression(lowered)) } else { self.statements(site, statements) };
        }
        let last = statements.iter().rposition(|s| !matches!(s, Stmt::Trailing(_) | Stmt::Blank(_) | Stmt::Source(_)));
        let ends = last.filter(|at| matches!(statements[*at], Stmt::Return(_)));
        let Some(at) = ends.filter(|at| !lowered.leaves_early && !statements[..*at].iter().any(returns)) else {
            return Ok(self.as_expression(lowered));
        };
        let waits = statements[..at].iter().any(waits);
        let Stmt::Return(value) = statements.remove(at) else { return Ok(self.as_expression(lowered)) };
        // What follows runs on a later turn also where nothing in the executor waits.
        let waits = waits || value.as_ref().is_some_and(|v| lowered.promises.contains(v));
        let value = if waits { value } else { Some(awaited(&value.unwrap_or_else(|| "undefined".into()))) };
        if let Some(step) = arrival(&site.sink, value, &lowered.promises) {
            statements.insert(at, step);
        }
        self.assume_nothing_is_thrown_at_once();
        self.statements(site, statements)
    }

    /// What an executor throws rejects its promise. In a `try` without it, the `catch` would run in the same turn.
    fn assume_nothing_is_thrown_at_once(&mut self) {
        let is_caught = enclosing_try(self.executor.node, None).is_some();
        if is_caught && may_throw_at_once(self.cx, self.executor) {
            self.assumptions.push("Nothing in the executor throws before it waits.".to_owned());
        }
    }

    /// An expression in the place of the executor's: the promise itself, or an async function that is called at once.
    fn as_expression(&mut self, lowered: &Lowered) -> Range<usize> {
        self.annotate_variable();
        let is_awaited = with_parentheses(self.executor.node).parent().is_some_and(|p| p.kind() == "await_expression");
        match &lowered.direct {
            Some(Direct { text, quiet, assumption }) if *quiet || is_awaited || assumption.is_some() => {
                if !is_awaited {
                    self.assumptions.extend(assumption.clone());
                } else if !quiet {
                    self.assume_nothing_is_thrown_at_once();
                }
                self.put(text)
            }
            direct => {
                let text = self.called_at_once(lowered, direct.as_ref());
                self.put(&text)
            }
        }
    }

    /// `(async () => { … })()`
    fn called_at_once(&self, lowered: &Lowered, direct: Option<&Direct>) -> Text {
        let annotation = match self.executor.type_argument {
            Some(argument) if !self.is_annotatable_variable() => format!(": Promise<{}>", self.cx.text(argument)),
            _ => String::new(),
        };
        let mut text = Text::from(format!("(async (){annotation} => "));
        match direct {
            Some(direct) => text.push(&direct.text),
            None => {
                let mut statements = lowered.statements.clone();
                trim_return(&mut statements);
                text.push(&print_block(&statements, "", self.cx.style));
            }
        }
        text.push_str(")()");
        text
    }

    /// Puts a text in the place of the whole `new` expression.
    fn put(&mut self, text: &Text) -> Range<usize> {
        let node = self.executor.node;
        let range = node.byte_range();
        let indent = self.cx.file.source.indent_at(range.start);
        self.edits.push(Edit::new(range.clone(), text.indented(indent).as_str()));
        range
    }

    /// Puts statements in the place of a whole statement, or of an arrow function's body.
    fn statements(&mut self, site: &Site<'a>, mut statements: Vec<Stmt>) -> Result<Range<usize>, Refusal> {
        let exits = matches!(site.sink, Sink::Return { must_exit: true, .. });
        if !exits || site.shape == Shape::ArrowBody {
            trim_return(&mut statements);
        }
        let source = self.cx.file.source;
        let indent = source.indent_at(site.node.start_byte());
        let style = self.cx.style;
        if let Some(block) = site.block_on_one_line(self.cx) {
            self.edits.push(Edit::new(block.byte_range(), print_block(&statements, indent, style).as_str()));
            return Ok(block.byte_range());
        }
        let text = match site.shape {
            Shape::Statements => print(&statements, indent, style),
            Shape::Clause if !Stmt::list_declares(&statements) => print(&statements, indent, style),
            Shape::Clause | Shape::Single => print_block(&statements, indent, style),
            Shape::ArrowBody => {
                let start = site.function.map_or(site.range.start, |f| f.start_byte());
                let mut text = Text::from(" ");
                text.push(&print_block(&statements, source.indent_at(start), style));
                text
            }
        };
        self.edits.push(Edit::new(site.range.clone(), text.as_str()));
        Ok(site.range.clone())
    }

    /// `new Promise<T>` said what its function returns; now the function says it, where nothing else does.
    fn annotate_function(&mut self, site: &Site<'a>) {
        let (Some(function), Some(argument)) = (site.function, self.executor.type_argument) else { return };
        self.edits.extend(declared_to_return(self.cx, function, self.cx.text(argument)));
    }

    fn is_annotatable_variable(&self) -> bool {
        self.declarator().is_some_and(|(declarator, _)| {
            let is_name = declarator.child_by_field_name("name").is_some_and(|n| n.kind() == "identifier");
            is_name && declarator.child_by_field_name("type").is_none()
        })
    }

    /// The declaration that the promise, or its value, is the right side of.
    fn declarator(&self) -> Option<(Node<'a>, bool)> {
        let parent = with_parentheses(self.executor.node).parent()?;
        let is_awaited = parent.kind() == "await_expression";
        let declarator = if is_awaited { with_parentheses(parent).parent()? } else { parent };
        (declarator.kind() == "variable_declarator").then_some((declarator, is_awaited))
    }

    /// `const p = new Promise<T>(…)` said what type `p` has; now its declaration says it.
    fn annotate_variable(&mut self) {
        let Some(argument) = self.executor.type_argument.filter(|_| self.is_annotatable_variable()) else { return };
        let Some((declarator, is_awaited)) = self.declarator() else { return };
        let Some(name) = declarator.child_by_field_name("name") else { return };
        let argument = self.cx.text(argument);
        let annotation = if is_awaited { format!(": {argument}") } else { format!(": Promise<{argument}>") };
        self.edits.push(Edit::insert(name.end_byte(), annotation));
    }
}

/// Whether code of an executor may throw before it waits: all but a single call that is handed what can't throw.
fn may_throw_at_once(cx: &Context<'_>, executor: &Executor<'_>) -> bool {
    let Some(body) = executor.function.child_by_field_name("body") else { return true };
    let statements = if body.kind() == "statement_block" { named_children(body) } else { vec![body] };
    let [only] = statements[..] else { return true };
    let call = match only.kind() {
        "expression_statement" | "return_statement" => named_children(only).first().copied(),
        _ => Some(only),
    };
    match call.and_then(call_parts) {
        Some((callee, arguments)) => {
            let mut calls = false;
            walk(callee, |n| {
                calls |= n.kind() == "call_expression";
                !calls
            });
            let takes_callback = arguments.iter().any(|a| is_function(*a));
            calls || !takes_callback || !arguments.iter().all(|a| cannot_throw(cx, *a))
        }
        None => true,
    }
}

/// Whether a statement waits whatever happens.
fn waits(statement: &Stmt) -> bool {
    match statement {
        Stmt::Bind { value, .. } | Stmt::Assign { value, .. } | Stmt::Expression(value) => {
            value.as_str().starts_with("await ")
        }
        _ => false,
    }
}

/// `await value`, in brackets where it may need them.
fn awaited(value: &Text) -> Text {
    let (open, close) = if value.is_postfix() { ("await ", "") } else { ("await (", ")") };
    let mut out = Text::from(open);
    out.push(value);
    out.push_str(close);
    out
}

/// Whether a statement may leave the function.
fn returns(statement: &Stmt) -> bool {
    match statement {
        Stmt::Return(_) => true,
        Stmt::If { then, otherwise, .. } => then.iter().chain(otherwise).any(returns),
        Stmt::Try { body, catch, finally } => {
            let caught = catch.as_ref().is_some_and(|c| c.body.iter().any(returns));
            body.iter().any(returns) || caught || finally.as_ref().is_some_and(|f| f.iter().any(returns))
        }
        Stmt::Block(body) => body.iter().any(returns),
        _ => false,
    }
}

/// What takes the place of the last `return` where the value is awaited by a statement.
fn arrival(sink: &Sink, value: Option<Text>, promises: &[Text]) -> Option<Stmt> {
    let value = value.map(|v| if promises.contains(&v) { awaited(&v) } else { v });
    let or_undefined = |value: Option<Text>| value.unwrap_or_else(|| "undefined".into());
    match sink {
        Sink::Bind { keyword, target, annotation, .. } => {
            let mut target = target.clone();
            target.push(annotation);
            Some(Stmt::Bind { keyword: *keyword, target, value: or_undefined(value) })
        }
        Sink::Assign { target, .. } => Some(Stmt::Assign { target: target.clone(), value: or_undefined(value) }),
        _ => value.filter(|v| v.as_str().contains(['(', '.', ' '])).map(Stmt::Expression),
    }
}

/// Takes off a last `return;` that the function's end says as well.
fn trim_return(statements: &mut Vec<Stmt>) {
    if let Some(at) = statements.iter().rposition(|s| !matches!(s, Stmt::Trailing(_)))
        && matches!(statements[at], Stmt::Return(None))
    {
        statements.remove(at);
    }
}

/// Edits in order; an insertion joins what follows it at the same place.
fn merged(mut edits: Vec<Edit>) -> Vec<Edit> {
    edits.sort_by_key(|e| (e.range.start, e.range.end));
    let mut out: Vec<Edit> = Vec::new();
    for edit in edits {
        match out.last_mut().filter(|last| last.range.start == edit.range.start) {
            Some(last) => {
                last.range.end = edit.range.end;
                last.text.push_str(&edit.text);
            }
            None => out.push(edit),
        }
    }
    out
}
