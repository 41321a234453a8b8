//! Calls of the `async` library's functions, as awaits.
//!
//! Tasks that run one after the other become statements in a row, a function for each of several items a loop, and
//! what runs at once a `Promise.all` of async functions. Each task is lowered like a function with a callback of its
//! own.

use tree_sitter::Node;

use super::{
    Settle, Settlers,
    error_first::{awaited, is_special},
    lower::{After, Lowerer, Place, code, items, refusal},
    target::Target,
};
use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    flow::{
        Keyword, Stmt, Text,
        asynclib::{AsyncCall, Order, Run, Task, Work, async_call},
        body::completes,
        chain::{block_body, check_movable, parameters},
        classify::{declaration_node, is_array},
        print::print_block,
        promisify::{Call, Promised, callback_literal},
        scope::{Destination, Moved},
    },
    syntax::node::{call_parts, enclosing_function, has_token, member_parts, unparenthesized, walk},
};

/// Statements that come to the same as awaiting a promise.
#[derive(Clone, Debug)]
pub struct InPlace {
    /// What runs in front.
    pub statements: Vec<Stmt>,
    /// The value, complete; `None` where there is none.
    pub value: Option<Text>,
}

/// A function whose names are planned by themselves, because its code stays a function.
pub(super) struct Nested<'a> {
    pub(super) to: Destination<'static>,
    pub(super) moved: Vec<Moved<'a>>,
}

/// A task's code.
struct TaskBody {
    statements: Vec<Stmt>,
    /// Whether source in it that was taken over as it stands holds a `return` or a `throw`.
    leaves_early: bool,
}

const NO_PLACE: Place = Place { hangs: false, guarded: false, flows: false, after: After::Nothing };

impl<'a> Lowerer<'a, '_> {
    /// The promise form of a call of the `async` library whose tasks are written in place. `None` where the tasks stay as
    /// they are, and the library runs them.
    pub(super) fn tasks(&mut self, call: &Call<'a>) -> Option<Promised> {
        let taken = async_call(self.cx, call.node)?.ok()?;
        let (first, last) = (call.arguments.first()?, call.arguments.last()?);
        let before = self.snapshot();
        let kept = self.kept.len();
        let made = match (&taken.run, taken.order) {
            // How many run at once goes on being the library's business.
            (_, Order::Limited(_)) => return None,
            (Run::Tasks { tasks, keyed }, Order::Together) => self.together(tasks, *keyed),
            (Run::Tasks { tasks, keyed }, Order::InTurn) => self.in_turn(&taken, tasks, *keyed),
            (Run::Items { items, iteratee }, Order::Together) => self.for_all(*items, iteratee, taken.work),
            (Run::Items { items, iteratee }, Order::InTurn) => self.for_each_in_turn(*items, iteratee, taken.work),
        };
        let comments = self.cx.file.comments_in(&(first.start_byte()..last.end_byte()));
        let is_kept =
            |c: &std::ops::Range<usize>| self.kept[kept..].iter().any(|k| k.start <= c.start && c.end <= k.end);
        match made {
            Ok(promised) if comments.iter().all(is_kept) => {
                self.kept.push(call.callee.byte_range());
                Some(promised)
            }
            _ => {
                self.restore(before);
                None
            }
        }
    }

    /// `Promise.all([…])`
    fn together(&mut self, tasks: &[Task<'a>], keyed: bool) -> Result<Promised, Refusal> {
        let mut list = Vec::new();
        for task in tasks {
            self.check_promise_is_native(task.function)?;
            let body = self.nested(task, false)?;
            let mut text = Text::default();
            for comment in &task.comments {
                text.push(&self.text(comment.byte_range()));
                text.push_str(self.cx.style.newline);
            }
            match body.statements.as_slice() {
                [Stmt::Return(Some(value))] if self.prompt.contains(value) => text.push(value),
                statements => {
                    text.push_str("(");
                    text.push(&self.async_arrow("()", statements));
                    text.push_str(")()");
                }
            }
            list.push(text);
        }
        let mut text = joined("Promise.all([", &list, "])", self.cx.style);
        if keyed {
            let keys: Vec<_> = tasks.iter().filter_map(|t| t.key).map(|k| self.cx.text(k)).collect();
            let names: Vec<_> = (1..=keys.len()).map(|n| format!("value{n}")).collect();
            let members: Vec<_> = keys.iter().zip(&names).map(|(key, name)| format!("{key}: {name}")).collect();
            text.push_str(&format!(".then(([{}]) => ({{ {} }}))", names.join(", "), members.join(", ")));
        }
        Ok(Promised::of(text))
    }

    /// `Promise.all(items.map(async item => …))`
    fn for_all(&mut self, items: Node<'a>, iteratee: &Task<'a>, work: Work) -> Result<Promised, Refusal> {
        self.check_promise_is_native(iteratee.function)?;
        let list = self.list_of(items)?;
        let body = self.nested(iteratee, work == Work::Each)?;
        let parameter = self.parameter_list(iteratee);
        let mut text = Text::from("Promise.all(");
        text.push(&list);
        text.push_str(".map(");
        text.push(&self.async_arrow(&parameter, &body.statements));
        text.push_str("))");
        Ok(Promised { drops: work == Work::Each, ..Promised::of(text) })
    }

    /// `for (const item of items) { … }`
    fn for_each_in_turn(&mut self, items: Node<'a>, iteratee: &Task<'a>, work: Work) -> Result<Promised, Refusal> {
        let list = self.list_of(items)?;
        if self.may_grow(items, iteratee.function) {
            // A loop sees what is added to the list while it runs; the library does not.
            return refusal(RefusalCode::TasksNotPlain, iteratee.function);
        }
        let body = self.nested(iteratee, work == Work::Each)?;
        let [parameter] = iteratee.parameters.as_slice() else {
            return refusal(RefusalCode::TasksNotPlain, iteratee.function);
        };
        let results = (work == Work::Map).then(|| self.renames.fresh("results"));
        let mut statements = Vec::new();
        if let Some(results) = &results {
            let (target, value) = (results.as_str().into(), "[]".into());
            statements.push(Stmt::Bind { keyword: Keyword::Const, target, value });
        }
        let is_plain = !declares_for_function(iteratee.function);
        let flat = is_plain.then(|| self.without_return(&body)).flatten();
        let (head, body) = match flat {
            Some((mut body, value)) => {
                body.extend(self.kept_value(value, results.as_deref()));
                (self.text(parameter.byte_range()), body)
            }
            None => {
                let work = self.renames.fresh("work");
                let parameter = self.parameter_list(iteratee);
                let value = self.async_arrow(&parameter, &body.statements);
                let target = work.as_str().into();
                statements.push(Stmt::Bind { keyword: Keyword::Const, target, value });
                let item = self.renames.fresh("item");
                let wait = Some(format!("await {work}({item})").into());
                let body = self.kept_value(wait, results.as_deref());
                (item.into(), body.into_iter().collect())
            }
        };
        let mut text = Text::from("for (const ");
        text.push(&head);
        text.push_str(" of ");
        text.push(&list);
        text.push_str(") ");
        text.push(&print_block(&body, "", self.cx.style));
        statements.push(Stmt::Source(text));
        Ok(self.in_place(statements, results.map(Text::from)))
    }

    /// Whether a list may have more items, or fewer, by the time that those which it has are through: the code for an item uses
    /// it, or code that may run meanwhile changes it.
    fn may_grow(&self, items: Node<'a>, iteratee: Node<'a>) -> bool {
        let mut list = unparenthesized(items);
        // What `names.sort()` returns is the list itself.
        let is_itself = |method: &Node<'a>| matches!(self.cx.text(*method), "sort" | "reverse");
        while let Some((object, _)) =
            call_parts(list).and_then(|(callee, _)| member_parts(callee)).filter(|(_, method)| is_itself(method))
        {
            list = unparenthesized(object);
        }
        let binding = self.cx.names.reference_at(list.start_byte()).and_then(|r| r.binding);
        let Some(binding) = binding.filter(|_| list.kind() == "identifier") else { return false };
        let own = enclosing_function(list);
        let is_of_call = own.is_some() && declaration_node(self.cx, binding).and_then(enclosing_function) == own;
        let references = self.cx.names.binding(binding).references.iter().map(|r| &self.cx.names.reference(*r).range);
        let mut uses = references.filter_map(|r| self.cx.file.root().descendant_for_byte_range(r.start, r.end));
        uses.any(|used| {
            let is_before = is_of_call && enclosing_function(used) == own;
            iteratee.byte_range().contains(&used.start_byte()) || !is_before && changes_length(self.cx, used)
        })
    }

    /// Tasks as statements in a row.
    fn in_turn(&mut self, call: &AsyncCall<'a>, tasks: &[Task<'a>], keyed: bool) -> Result<Promised, Refusal> {
        let wants_list = call.work == Work::Tasks && self.looks_at_result(call.callback);
        let mut out = Vec::new();
        let mut previous: Option<Text> = None;
        let mut results = Vec::new();
        for (index, task) in tasks.iter().enumerate() {
            if call.work == Work::Waterfall && index > 0 {
                out.extend(self.handed_over(task, previous.take())?);
            }
            for comment in &task.comments {
                self.comment(*comment, None, &mut out);
            }
            let is_last = index + 1 == tasks.len();
            let body = self.flat(task, call.work == Work::Tasks && !wants_list)?;
            let (statements, value) = match self.without_return(&body) {
                Some(parts) => parts,
                None => {
                    let mut text = Text::from("await (");
                    text.push(&self.async_arrow("()", &body.statements));
                    text.push_str(")()");
                    (Vec::new(), Some(text))
                }
            };
            out.extend(statements);
            if wants_list {
                let name = self.renames.fresh("result");
                let value = value.unwrap_or_else(|| "undefined".into());
                out.push(Stmt::Bind { keyword: Keyword::Const, target: name.as_str().into(), value });
                results.push(match task.key {
                    Some(key) => format!("{}: {name}", self.cx.text(key)),
                    None => name,
                });
            } else if call.work == Work::Waterfall && (!is_last || self.looks_at_result(call.callback)) {
                previous = value;
            } else {
                out.extend(self.kept_value(value, None));
            }
        }
        let value = match (wants_list, keyed) {
            (false, _) => previous,
            (true, false) => Some(format!("[{}]", results.join(", ")).into()),
            (true, true) => Some(format!("{{ {} }}", results.join(", ")).into()),
        };
        Ok(self.in_place(out, value))
    }

    /// What a task of a waterfall gets from the one before.
    fn handed_over(&mut self, task: &Task<'a>, value: Option<Text>) -> Result<Option<Stmt>, Refusal> {
        match task.parameters.as_slice() {
            [] => Ok(self.kept_value(value, None)),
            [parameter] if !is_special(*parameter) => {
                let value = value.unwrap_or_else(|| "undefined".into());
                let target = if self.is_used(*parameter) { self.name_target(*parameter) } else { Target::Nothing };
                Ok(Some(target.bind(value)))
            }
            [.., extra] => refusal(RefusalCode::ManyResults, *extra),
        }
    }

    /// What is done with a value: it is added to a list, or only evaluated, if that does anything.
    fn kept_value(&mut self, value: Option<Text>, list: Option<&str>) -> Option<Stmt> {
        match list {
            Some(list) => {
                let mut text = Text::from(format!("{list}.push("));
                text.push(&value.unwrap_or_else(|| "undefined".into()));
                text.push_str(")");
                Some(Stmt::Expression(text))
            }
            None => value.filter(|v| !is_inert(v.as_str())).map(Stmt::Expression),
        }
    }

    /// Whether somebody looks at the result of a call: its callback has a parameter for it, or stands elsewhere.
    fn looks_at_result(&self, callback: Option<Node<'a>>) -> bool {
        let Some(callback) = callback else { return false };
        match callback_literal(callback) {
            Some((function, _)) => parameters(function).get(1).is_some_and(|p| self.is_used(*p)),
            None => !self.is_dropped_by(callback),
        }
    }

    /// Whether a callback is that of a task whose result nobody looks at.
    fn is_dropped_by(&self, callback: Node<'a>) -> bool {
        self.result_dropped && self.settlers.named(self.cx, callback) == Some(Settle::Callback)
    }

    /// Whether the callback of a call may look at results where there is an error too: it stands elsewhere, or does not
    /// begin by leaving on an error without looking at them.
    pub(super) fn looks_at_partial_results(&self, call: Node<'a>) -> bool {
        let Some(callback) = call_parts(call).and_then(|(_, arguments)| arguments.last().copied()) else {
            return false;
        };
        let Some((function, _)) = callback_literal(callback) else { return !self.is_dropped_by(callback) };
        let Some(results) = parameters(function).get(1).copied().filter(|p| self.is_used(*p)) else { return false };
        let body = code(&body_items(function));
        let leaves = body.first().filter(|s| s.kind() == "if_statement").and_then(|s| {
            let then = s.child_by_field_name("consequence")?;
            (s.child_by_field_name("alternative").is_none() && !completes(then)).then_some(then)
        });
        let Some(leaves) = leaves else { return true };
        let pattern = results.child_by_field_name("pattern").unwrap_or(results);
        let declared = self.cx.names.declared_in(&pattern.byte_range());
        let inside = self.cx.names.references_in(&leaves.byte_range());
        inside.iter().any(|r| r.binding.is_some_and(|b| declared.contains(&b)))
    }

    fn in_place(&mut self, statements: Vec<Stmt>, value: Option<Text>) -> Promised {
        let mut all = statements.clone();
        all.extend(value.clone().map(|v| Stmt::Return(Some(v))));
        let mut text = Text::from("(");
        text.push(&self.async_arrow("()", &all));
        text.push_str(")()");
        Promised { in_place: Some(InPlace { statements, value }), ..Promised::of(text) }
    }

    /// The statements of a task without the `return` at their end, and its value. `None` where they return elsewhere, so
    /// that they need a function around them.
    fn without_return(&self, body: &TaskBody) -> Option<(Vec<Stmt>, Option<Text>)> {
        let body = Some(&body.statements).filter(|_| !body.leaves_early)?;
        let at = body.iter().rposition(|s| !matches!(s, Stmt::Trailing(_) | Stmt::Blank(_)))?;
        let (last, rest) = (&body[at], &body[..at]);
        let plain = at + 1 == body.len() && !rest.iter().any(returns);
        match last {
            Stmt::Return(value) if plain => {
                let value = value.clone().map(|v| if self.awaitable.contains(&v) { awaited(&v) } else { v });
                let mut rest = rest.to_vec();
                while matches!(rest.last(), Some(Stmt::Blank(_))) {
                    rest.pop();
                }
                Some((rest, value))
            }
            _ => None,
        }
    }

    /// An array whose `map` may be called, or that may be gone over: one that certainly is an array.
    fn list_of(&mut self, items: Node<'a>) -> Result<Text, Refusal> {
        if !is_array(self.cx, items) || self.is_mentioned_in(items) {
            return refusal(RefusalCode::TasksNotPlain, items);
        }
        Ok(self.text(unparenthesized(items).byte_range()))
    }

    /// `item` or `({ id })`
    fn parameter_list(&mut self, task: &Task<'a>) -> String {
        let [only] = task.parameters.as_slice() else { return "()".into() };
        let text = self.text(only.byte_range());
        if only.kind() == "identifier" && !self.cx.file.source.language().has_types() {
            text.as_str().to_owned()
        } else {
            format!("({})", text.as_str())
        }
    }

    /// `async (…) => …`
    fn async_arrow(&self, parameters: &str, body: &[Stmt]) -> Text {
        let mut text = Text::from(format!("async {parameters} => "));
        match body {
            [Stmt::Return(Some(value))] if !value.as_str().starts_with('{') => text.push(value),
            [rest @ .., Stmt::Return(None)] => text.push(&print_block(rest, "", self.cx.style)),
            _ => text.push(&print_block(body, "", self.cx.style)),
        }
        text
    }

    /// The statements of a task that stays a function. Its result may be dropped, whatever it is.
    fn nested(&mut self, task: &Task<'a>, dropped: bool) -> Result<TaskBody, Refusal> {
        check_movable(self.cx, task.function, task.is_bound)?;
        self.within(task.function, |l| {
            l.with_callback_of(task, dropped, |l| l.settling(&body_items(task.function), task.function, NO_PLACE))
        })
    }

    /// Lowers the code of a function that stays one, whose names are planned by themselves.
    pub(super) fn within<T>(&mut self, function: Node<'a>, lower: impl FnOnce(&mut Self) -> T) -> T {
        let body = function.child_by_field_name("body").unwrap_or(function);
        let to = Destination {
            place: body.start_byte() + usize::from(body.kind() == "statement_block"),
            function: function.byte_range(),
            in_loop: false,
            reserved: None,
            assigned: Vec::new(),
        };
        let outer = std::mem::take(&mut self.moved);
        self.functions += 1;
        let made = lower(self);
        self.functions -= 1;
        let moved = std::mem::replace(&mut self.moved, outer);
        self.nested.push(Nested { to, moved });
        made
    }

    /// The statements of a task that is dissolved into the function around it.
    fn flat(&mut self, task: &Task<'a>, dropped: bool) -> Result<TaskBody, Refusal> {
        self.with_callback_of(task, dropped, |l| l.body(task.function, task.is_bound, NO_PLACE))
    }

    /// Lowers the code of a task, which hands its result to a callback of its own.
    fn with_callback_of(
        &mut self,
        task: &Task<'a>,
        dropped: bool,
        lower: impl FnOnce(&mut Self) -> Result<Vec<Stmt>, Refusal>,
    ) -> Result<TaskBody, Refusal> {
        if self.is_mentioned_in(task.function) {
            return refusal(RefusalCode::CallbackEscapes, task.function);
        }
        let own = Settlers::new([(task.callback, Settle::Callback)]);
        let settlers = std::mem::replace(&mut self.settlers, own);
        let locals = std::mem::take(&mut self.locals);
        let known = std::mem::take(&mut self.known);
        let (optional, hands_on, successes) = (self.optional, self.hands_on, self.successes);
        let handed = self.handed.len();
        let leaves_early = std::mem::take(&mut self.leaves_early);
        // The library drops what a task returns.
        self.callbacks += 1;
        let outer_dropped = std::mem::replace(&mut self.result_dropped, dropped);
        let made = lower(self);
        self.result_dropped = outer_dropped;
        let leaves_early = std::mem::replace(&mut self.leaves_early, leaves_early);
        (self.settlers, self.locals, self.known) = (settlers, locals, known);
        (self.optional, self.hands_on, self.successes) = (optional, hands_on, successes);
        self.handed.truncate(handed);
        self.callbacks -= 1;
        Ok(TaskBody { statements: made?, leaves_early })
    }
}

/// Whether a name stands for a list that is given items there, or loses some: `names.push(name)`, `names[2] = name`.
fn changes_length(cx: &Context<'_>, name: Node<'_>) -> bool {
    let Some(part) = name.parent().filter(|p| p.child_by_field_name("object") == Some(name)) else { return false };
    let user = part.parent();
    let is_called = user.is_some_and(|u| u.child_by_field_name("function") == Some(part));
    let is_written =
        user.is_some_and(|u| u.child_by_field_name("left") == Some(part) && u.kind().contains("assignment"));
    let method = part.child_by_field_name("property").map_or("", |p| cx.text(p));
    is_written || is_called && matches!(method, "push" | "pop" | "shift" | "unshift" | "splice")
}

fn body_items(function: Node<'_>) -> Vec<Node<'_>> {
    block_body(function).map_or_else(|| function.child_by_field_name("body").into_iter().collect(), items)
}

/// Whether a statement has a `return` anywhere in it.
fn returns(statement: &Stmt) -> bool {
    match statement {
        Stmt::Return(_) => true,
        Stmt::If { then, otherwise, .. } => then.iter().chain(otherwise).any(returns),
        Stmt::Try { body, catch, finally } => {
            let caught = catch.iter().flat_map(|c| &c.body);
            body.iter().chain(caught).chain(finally.iter().flatten()).any(returns)
        }
        Stmt::Block(body) => body.iter().any(returns),
        _ => false,
    }
}

/// Whether evaluating an expression does nothing: a name, a number, a literal without a hole.
fn is_inert(text: &str) -> bool {
    let is_word = text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$'));
    let quoted = ['\'', '"'].iter().any(|q| text.len() > 1 && text.starts_with(*q) && text.ends_with(*q));
    is_word || (quoted && text[1..text.len() - 1].chars().all(|c| c.is_alphanumeric() || c == ' '))
}

/// Whether a function, or a callback inside it, declares what lives as long as the function runs: in a loop it would
/// be shared by all rounds.
fn declares_for_function(function: Node<'_>) -> bool {
    let mut found = false;
    walk(function, |n| {
        found |= matches!(n.kind(), "variable_declaration" | "function_declaration" | "generator_function_declaration")
            || n.kind() == "for_in_statement" && has_token(n, "var");
        !found
    });
    found
}

/// Parts in brackets, on one line if none of them takes more.
fn joined(open: &str, parts: &[Text], close: &str, style: &crate::source::Style) -> Text {
    let is_long = parts.iter().any(|p| p.as_str().contains('\n'))
        || parts.iter().map(|p| p.as_str().len() + 2).sum::<usize>() > 80;
    let mut text = Text::from(open);
    for (index, part) in parts.iter().enumerate() {
        if is_long {
            text.push_str(style.newline);
            text.push_str(&style.indent);
            text.push(&part.indented(&style.indent));
            text.push_str(if index + 1 < parts.len() { "," } else { "" });
        } else {
            text.push_str(if index > 0 { ", " } else { "" });
            text.push(part);
        }
    }
    if is_long {
        text.push_str(style.newline);
    }
    text.push_str(close);
    text
}
