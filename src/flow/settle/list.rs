//! Lists of statements in which a promise is settled.

use std::ops::Range;

use tree_sitter::Node;

use super::{
    Settle,
    attempt::finalizers_behind,
    callback::Known,
    lower::{After, Lowerer, MAX_DEPTH, Place, code, is_hoisted_name, items, refusal, short},
};
use crate::{
    edit::{Refusal, RefusalCode},
    flow::{
        Stmt, Text,
        body::{completes, returns_in},
        callback::{bound, made_of},
        chain::link_name,
        classify::is_pure,
        known::{builtin, is_registration},
        promisify::{callback_literal, has_error_parameter},
    },
    syntax::node::{ancestors, call_parts, is_comment, is_function, named_children, unparenthesized, untyped},
};

/// A lowered list.
#[derive(Debug, Default)]
pub(super) struct List {
    pub(super) statements: Vec<Stmt>,
    /// Whether the promise is settled at its end, or the function left.
    pub(super) ends: bool,
}

impl<'a> Lowerer<'a, '_> {
    /// Lowers a list of statements and comments.
    pub(super) fn list(&mut self, items: &[Node<'a>], place: Place) -> Result<List, Refusal> {
        self.depth += 1;
        if let Some(first) = items.first().filter(|_| self.depth > MAX_DEPTH) {
            return refusal(RefusalCode::TooDeep, *first);
        }
        let known = self.known.len();
        let list = self.items(items, place);
        self.known.truncate(known);
        self.depth -= 1;
        list
    }

    fn items(&mut self, items: &[Node<'a>], place: Place) -> Result<List, Refusal> {
        let mut list = List::default();
        let mut previous: Option<Node<'a>> = None;
        let mut written = 0;
        for (index, item) in items.iter().enumerate() {
            if let Some(previous) = previous {
                let stays = list.statements.len() > written;
                self.space(previous, stays, *item, &mut list.statements);
            }
            previous = Some(*item);
            written = list.statements.len();
            if is_comment(*item) {
                if !self.is_inlined(*item) {
                    self.comment(*item, items.get(index.wrapping_sub(1)).copied(), &mut list.statements);
                }
                continue;
            }
            let rest = &items[index + 1..];
            if self.statement(*item, rest, place, &mut list)? {
                list.ends = true;
                self.trailing(*item, rest, &mut list.statements)?;
                return Ok(list);
            }
        }
        Ok(list)
    }

    /// The empty lines between two items stay as they are, and so do the blanks behind the first if that does.
    fn space(&self, before: Node<'_>, stays: bool, after: Node<'_>, out: &mut Vec<Stmt>) {
        let gap = self.cx.slice(before.end_byte()..after.start_byte());
        let gap = if stays && matches!(out.last(), Some(Stmt::Source(_))) {
            gap
        } else {
            gap.trim_start_matches([' ', '\t'])
        };
        if !matches!(out.last(), None | Some(Stmt::Blank(_))) {
            out.extend(Stmt::gap(gap));
        }
    }

    pub(super) fn comment(&mut self, comment: Node<'a>, before: Option<Node<'a>>, out: &mut Vec<Stmt>) {
        if self.is_placed(comment) {
            return;
        }
        let text = self.text(comment.byte_range());
        let same_line = before.is_some_and(|b| !self.cx.slice(b.end_byte()..comment.start_byte()).contains('\n'));
        if same_line && matches!(out.last(), Some(last) if !matches!(last, Stmt::Blank(_))) {
            out.push(Stmt::Trailing(text.as_str().to_owned()));
        } else {
            out.push(Stmt::Source(text));
        }
    }

    /// The comments and functions behind the statement that settles.
    fn trailing(&mut self, statement: Node<'a>, rest: &[Node<'a>], out: &mut Vec<Stmt>) -> Result<(), Refusal> {
        let mut before = statement;
        for item in rest {
            if self.is_inlined(*item) {
                continue;
            }
            if is_comment(*item) {
                self.space(before, true, *item, out);
                self.comment(*item, Some(before), out);
            } else if is_hoisted_name(*item) {
                self.space(before, true, *item, out);
                out.push(Stmt::Source(self.text(item.byte_range())));
            } else if item.kind() == "function_declaration" {
                self.space(before, true, *item, out);
                let text = match self.local_declared_by(*item) {
                    Some(function) => self.local_function(*item, function)?,
                    None => self.text(item.byte_range()),
                };
                out.push(Stmt::Source(text));
            }
            before = *item;
        }
        Ok(())
    }

    /// Lowers a statement. Says whether it settles the promise on all of its paths, so that nothing follows.
    fn statement(&mut self, node: Node<'a>, rest: &[Node<'a>], place: Place, out: &mut List) -> Result<bool, Refusal> {
        // The second half of `};` behind a block does nothing, and on a line of its own it looks as if it did.
        if self.is_inlined(node) || node.kind() == "empty_statement" {
            return Ok(false);
        }
        if let Some(function) = self.local_declared_by(node) {
            let text = self.local_function(node, function)?;
            out.statements.push(Stmt::Source(text));
            return Ok(false);
        }
        if let Some(done) = self.open_statement(node, rest, place, out) {
            return done;
        }
        if !self.is_mentioned_in(node) {
            return self.other_statement(node, rest, place, out);
        }
        match node.kind() {
            "return_statement" => match named_children(node).first() {
                Some(expression) => self.expression(*expression, true, rest, place, out),
                None => refusal(RefusalCode::NeverSettles, node),
            },
            "expression_statement" => match named_children(node).first() {
                Some(expression) => self.expression(*expression, false, rest, place, out),
                None => refusal(RefusalCode::NeverSettles, node),
            },
            "if_statement" => self.branches(node, rest, place, out),
            "try_statement" => self.attempt(node, rest, place, out),
            "statement_block" | "for_statement" | "for_in_statement" | "while_statement" | "do_statement"
            | "switch_statement" | "labeled_statement" => self.embedded_or_refuse(node, rest, place, out),
            "lexical_declaration" | "variable_declaration" if self.names_locals(node) => {
                out.statements.push(Stmt::Source(self.text(node.byte_range())));
                Ok(false)
            }
            "lexical_declaration" | "variable_declaration" => refusal(self.declared(node), node),
            // The body of an arrow function without braces.
            _ if is_expression(node) => self.expression(node, true, rest, place, out),
            _ => refusal(RefusalCode::RealPromiseConstructor, node),
        }
    }

    /// What is wrong with a declaration that hands a settler on: `const child = exec(…, (err, out) => …)`.
    fn declared(&self, declaration: Node<'a>) -> RefusalCode {
        let values = named_children(declaration).into_iter().filter_map(|d| d.child_by_field_name("value"));
        let mut calls = values.filter_map(|v| call_parts(unparenthesized(v)));
        let is_call = calls.any(|(callee, arguments)| {
            let mut callbacks = arguments.iter().filter_map(|a| callback_literal(*a));
            !is_registration(self.cx, callee, arguments.len())
                && callbacks.any(|(f, _)| has_error_parameter(self.cx, f))
        });
        if is_call { RefusalCode::CallResultUsed } else { RefusalCode::RealPromiseConstructor }
    }

    /// A statement that does not settle the promise.
    fn other_statement(
        &mut self,
        node: Node<'a>,
        rest: &[Node<'a>],
        place: Place,
        out: &mut List,
    ) -> Result<bool, Refusal> {
        if let Some(leaving) = returns_in(node).first().filter(|_| !is_expression(node)) {
            return refusal(RefusalCode::NeverSettles, leaving.node);
        }
        self.check_hang(node, place);
        let text = self.text(node.start_byte()..self.end_on_own_line(node));
        out.statements.push(Stmt::Source(text));
        let throws = node.kind() == "throw_statement";
        if throws && let Some(dead) = code(rest).first() {
            return refusal(RefusalCode::RunsAfterSettling, *dead);
        }
        Ok(throws)
    }

    /// Where a statement ends that gets a line of its own: in a file without semicolons, one that only kept it apart from
    /// what stood behind it on the line goes.
    fn end_on_own_line(&self, node: Node<'a>) -> usize {
        let follows = |n: &Node<'_>| n.start_position().row == node.end_position().row && !is_comment(*n);
        let is_shared = node.next_sibling().is_some_and(|n| follows(&n)) && node.kind() != "empty_statement";
        // It may stand on the next line, in front of what a line must not start with: `const a = b` above `;[a].map(f)`.
        let apart = self.cx.text(node).strip_suffix(';').filter(|_| is_shared && !self.cx.style.semicolons);
        apart.map_or(node.end_byte(), |text| node.start_byte() + text.trim_end().len())
    }

    /// An expression statement, or what a `return` returns.
    fn expression(
        &mut self,
        node: Node<'a>,
        returned: bool,
        rest: &[Node<'a>],
        place: Place,
        out: &mut List,
    ) -> Result<bool, Refusal> {
        let mut node = unparenthesized(node);
        if let Some((settle, arguments)) = self.settling_call(node) {
            self.check_after(node, returned, rest, place)?;
            let statements = self.settle(settle, node, &arguments, place)?;
            out.statements.extend(statements);
            return Ok(true);
        }
        if self.is_applied(node) && !place.guarded {
            self.check_after(node, returned, rest, place)?;
            let called = self.apply_in_full(node);
            out.statements.push(called);
            return Ok(true);
        }
        if node.kind() == "ternary_expression" {
            return self.ternary(node, returned, rest, place, out);
        }
        if let Some(guarded) = self.behind_presence_test(node) {
            return self.expression(guarded, returned, rest, place, out);
        }
        if node.kind() == "await_expression" {
            node = named_children(node).first().map_or(node, |n| unparenthesized(*n));
        }
        self.check_behind(node, returned, rest, place)?;
        let ends = self.call_with_directives(node, returned, rest, place, out)?;
        if !self.is_open {
            return Ok(ends);
        }
        // The callback's code may end anywhere, and the function is left with the call that it returns.
        if returned && place.after != After::Nothing && Stmt::list_completes(&out.statements) {
            Stmt::drop_last_return(&mut out.statements);
            out.statements.push(Stmt::Return(None));
        }
        Ok(!Stmt::list_completes(&out.statements))
    }

    /// Checks what runs behind a call that settles later.
    fn check_behind(&self, node: Node<'a>, returned: bool, rest: &[Node<'a>], place: Place) -> Result<(), Refusal> {
        let rest = code(rest);
        let follows = rest.first().copied();
        if let Some(next) = follows.filter(|n| !(self.is_bare_return(*n) && rest.len() == 1)) {
            let code = if returned { RefusalCode::RunsAfterSettling } else { RefusalCode::StatementsAfterCall };
            return refusal(code, next);
        }
        if !returned && follows.is_none() && place.after != After::Nothing {
            return refusal(RefusalCode::StatementsAfterCall, node);
        }
        Ok(())
    }

    /// A call that settles later, by what it is handed.
    pub(super) fn call(
        &mut self,
        node: Node<'a>,
        returned: bool,
        place: Place,
        out: &mut List,
    ) -> Result<bool, Refusal> {
        let Some((callee, arguments)) = call_parts(node) else {
            let is_call = node.kind() == "call_expression";
            let code = if is_call { RefusalCode::ComplexCallee } else { RefusalCode::RealPromiseConstructor };
            return refusal(code, node);
        };
        if let Some(timer) = self.timer(callee, &arguments) {
            if returned && timer.returns_handle() {
                self.assume_result_unused(callee);
            }
            let statements = self.timed(timer, place)?;
            out.statements.extend(statements);
            return Ok(true);
        }
        if is_registration(self.cx, callee, arguments.len()) {
            return refusal(RefusalCode::RealPromiseConstructor, node);
        }
        if place.guarded {
            return refusal(RefusalCode::InsideTry, node);
        }
        let steps = if link_name(self.cx, node).is_some() {
            self.chain_step(node, returned, place)?
        } else if let Some(callback) =
            self.value_callback(callee, &arguments).filter(|_| self.is_handed_beside(&arguments))
        {
            // It is often called in the middle of something that somebody else is waiting for to begin.
            let name = short(self.cx.text(callee));
            self.assume(format!("Nobody relies on `{name}` calling back at once."));
            self.value_step(node, callback)?
        } else if self.takes_callback(callee, &arguments) {
            self.check_hang(node, place);
            if self.calls_back() || self.is_open {
                self.callback_step(node, callee, &arguments, returned)?
            } else {
                self.error_first(node, callee, &arguments)?
            }
        } else if let Some(callback) = self.value_callback(callee, &arguments) {
            out.statements.extend(self.value_step(node, callback)?);
            return Ok(true);
        } else {
            return refusal(RefusalCode::RealPromiseConstructor, node);
        };
        self.consumed.push(node.byte_range());
        out.statements.extend(steps);
        Ok(true)
    }

    /// Whether the callback itself is the last argument.
    fn is_handed_beside(&self, arguments: &[Node<'a>]) -> bool {
        arguments.last().is_some_and(|last| self.is_named_in_full(*last))
    }

    fn takes_callback(&self, callee: Node<'_>, arguments: &[Node<'_>]) -> bool {
        let mut literals = arguments.iter().filter_map(|a| callback_literal(*a));
        literals.any(|(f, _)| has_error_parameter(self.cx, f))
            || builtin(self.cx, callee).is_some()
            || (self.calls_back() && (self.hands_callback_on(arguments) || self.binds_callback(arguments)))
    }

    /// `read(path, callback.bind(null, …))`, `read(path, callback || noop)`, or a function that is bound to another `this`.
    fn binds_callback(&self, arguments: &[Node<'_>]) -> bool {
        let Some(last) = arguments.last().copied() else { return false };
        let settles = made_of(self.cx, last).is_some_and(|name| self.settlers.named(self.cx, name).is_some());
        settles || bound(self.cx, last).is_some_and(|(function, _)| is_function(function))
    }

    /// Checks what runs behind a call of a settler.
    pub(super) fn check_after(
        &self,
        node: Node<'a>,
        returned: bool,
        rest: &[Node<'a>],
        place: Place,
    ) -> Result<(), Refusal> {
        let rest = code(rest);
        let Some(next) = rest.first().copied() else {
            let goes_on = !returned && place.after == After::Code;
            return if goes_on { refusal(RefusalCode::RunsAfterSettling, node) } else { Ok(()) };
        };
        if !returned && self.is_bare_return(next) && rest.len() == 1 {
            return Ok(());
        }
        let ignored = !returned && place.after != After::Code && rest.iter().all(|s| self.is_ignored_settle(*s));
        match ignored {
            true => Ok(()),
            false if self.is_mentioned_in(next) => refusal(RefusalCode::SettlesTwice, next),
            false => refusal(RefusalCode::RunsAfterSettling, next),
        }
    }

    /// What runs behind a branch, given what follows it in its list.
    pub(super) fn after(&self, rest: &[Node<'a>], place: Place) -> After {
        let rest = code(rest);
        if rest.is_empty() {
            return place.after;
        }
        if (self.calls_back() || self.is_open) && self.is_bare_return(rest[0]) {
            return After::Nothing;
        }
        let ignored = place.after != After::Code && rest.iter().all(|s| self.is_ignored_settle(*s));
        if ignored { After::Settles } else { After::Code }
    }

    /// A further call of a settler whose argument does nothing: it counts for nothing once the promise is settled.
    pub(super) fn is_ignored_settle(&self, statement: Node<'a>) -> bool {
        if self.is_bare_return(statement) {
            return true;
        }
        if self.calls_back() {
            // A promise is settled once; a callback that is called twice runs twice.
            return false;
        }
        let inner = match statement.kind() {
            "expression_statement" | "return_statement" => named_children(statement).first().copied(),
            _ => None,
        };
        let call = inner.and_then(|e| self.settlers.called(self.cx, e));
        call.is_some_and(|(_, arguments)| arguments.iter().all(|a| is_pure(*a)))
    }

    fn embedded_or_refuse(
        &mut self,
        node: Node<'a>,
        rest: &[Node<'a>],
        place: Place,
        out: &mut List,
    ) -> Result<bool, Refusal> {
        if let Some(text) = self.embedded(node, place)? {
            out.statements.push(Stmt::Source(text));
            return Ok(!completes(node));
        }
        if node.kind() == "statement_block" {
            let list = self.list(&items(node), Place { after: After::Code, ..place })?;
            out.statements.push(Stmt::Block(list.statements));
            return Ok(list.ends);
        }
        let own = self.settlers.own_calls(self.cx, node);
        if node.kind() == "switch_statement" && self.calls_back() && self.after(rest, place) == After::Nothing {
            return refusal(RefusalCode::InsideSwitch, own.first().copied().unwrap_or(node));
        }
        let all_own = own.len() == self.settlers.count_in(self.cx, &node.byte_range());
        let code = if all_own { RefusalCode::RunsAfterSettling } else { RefusalCode::RealPromiseConstructor };
        refusal(code, own.first().copied().unwrap_or(node))
    }

    /// A statement in which every call of a settler leaves the function at once, with those calls written as `return`
    /// and `throw` where they stand. `None` where that is not all there is to it.
    pub(super) fn embedded(&mut self, node: Node<'a>, place: Place) -> Result<Option<Text>, Refusal> {
        let settles = self.settlers.own_calls(self.cx, node);
        if settles.len() != self.settlers.count_in(self.cx, &node.byte_range()) || self.holds_idle_try(node) {
            return Ok(None);
        }
        let finalizers: Vec<_> = settles.iter().flat_map(|call| finalizers_behind(*call, node)).collect();
        if finalizers.iter().any(|f| self.is_mentioned_in(*f)) {
            return Ok(None);
        }
        let mut edits: Vec<(Range<usize>, Stmt)> = Vec::new();
        let mut leaving = Vec::new();
        for call in settles {
            let Some((range, statement)) = leaving_statement(call) else { return Ok(None) };
            let in_try = is_caught_within(call, node);
            let Some((settle, arguments)) = self.settlers.called(self.cx, call) else { return Ok(None) };
            if in_try && settle == Settle::Reject {
                return Ok(None);
            }
            leaving.push(statement);
            let tests = self.tests_around(call, node);
            let place = Place { guarded: place.guarded || in_try, ..place };
            let lowered = self.knowing(&tests, |l| l.settle(settle, call, &arguments, place))?;
            let [lowered] = lowered.as_slice() else { return Ok(None) };
            edits.push((range, lowered.clone()));
        }
        let stray = returns_in(node).into_iter().find(|r| !leaving.contains(&r.node));
        if let Some(stray) = stray {
            return refusal(RefusalCode::NeverSettles, stray.node);
        }
        if place.hangs {
            self.check_hang(node, place);
        }
        finalizers.into_iter().for_each(|finalizer| self.assume_of_finalizer(finalizer));
        self.kept.push(node.byte_range());
        self.leaves_early = true;
        Ok(Some(self.written(node.byte_range(), edits)))
    }

    /// What the conditions between a place and the statement around it say of names.
    fn tests_around(&self, place: Node<'a>, statement: Node<'a>) -> Vec<Known> {
        let mut tests = Vec::new();
        let mut child = place;
        for parent in ancestors(place) {
            if let (true, Some(condition)) = (parent.kind() == "if_statement", parent.child_by_field_name("condition"))
                && condition != child
            {
                let outcome = parent.child_by_field_name("consequence") == Some(child);
                tests.extend(self.truths(condition, outcome));
            }
            if parent == statement {
                break;
            }
            child = parent;
        }
        tests
    }

    /// The text of a range in which some statements are replaced. Their values are taken from the renamed source.
    fn written(&self, range: Range<usize>, edits: Vec<(Range<usize>, Stmt)>) -> Text {
        let mut all: Vec<(Range<usize>, Text)> = Vec::new();
        for (place, statement) in edits {
            let (word, value) = match statement {
                Stmt::Throw(value) => ("throw", Some(value)),
                Stmt::Return(value) => ("return", value),
                _ => continue,
            };
            let mut text = Text::from(word);
            if let Some(value) = value {
                text.push_str(" ");
                // The value comes without the indentation of its first line; the file has it there.
                text.push(&value.indented(self.cx.file.source.indent_at(place.start)));
            }
            all.push((place, text));
        }
        for edit in &*self.renames.edits_in(&range) {
            if !all.iter().any(|(r, _)| r.start <= edit.range.start && edit.range.end <= r.end) {
                all.push((edit.range.clone(), edit.text.as_str().into()));
            }
        }
        all.sort_by_key(|(r, _)| r.start);
        Text::moved(self.cx.file, range, &all)
    }

    /// Notes that the names of a block come to live in the block around it.
    pub(super) fn dissolve(&mut self, block: Node<'a>) {
        if block.kind() == "statement_block" {
            self.moves(block, Vec::new());
        }
    }

    /// `reject(error)` or `throw error`, and nothing else, of the error that a name holds.
    pub(super) fn is_plain_rejection(&self, items: &[Node<'a>], error: crate::semantic::BindingId) -> bool {
        if self.is_open {
            return self.hands_error_to_next(items, error);
        }
        let is_error = |node: Node<'a>| {
            let name = untyped(node);
            let reference = self.cx.names.reference_at(name.start_byte());
            name.kind() == "identifier" && reference.is_some_and(|r| r.binding == Some(error))
        };
        let statements = code(items);
        let first = match statements.as_slice() {
            [first] => *first,
            [first, last] if self.is_bare_return(*last) => *first,
            _ => return false,
        };
        let inner = match first.kind() {
            "expression_statement" | "return_statement" => named_children(first).first().copied(),
            "throw_statement" => return named_children(first).first().is_some_and(|e| is_error(*e)),
            _ if is_expression(first) => Some(first),
            _ => None,
        };
        let call = inner.and_then(|e| self.settlers.called(self.cx, e).or_else(|| self.settled_soon(e)));
        call.is_some_and(|(settle, arguments)| match arguments.as_slice() {
            [e] => matches!(settle, Settle::Reject | Settle::Callback) && is_error(*e),
            [e, rest @ ..] => settle == Settle::Callback && is_error(*e) && rest.iter().all(|a| self.is_no_result(*a)),
            [] => false,
        })
    }
}

/// Whether a node of a list is an expression: the body of an arrow function without braces, a side of `? :`.
pub(super) fn is_expression(node: Node<'_>) -> bool {
    !is_comment(node)
        && !node.kind().ends_with("_statement")
        && !node.kind().ends_with("_declaration")
        && node.kind() != "statement_block"
}

/// `return;`
pub(super) fn is_bare_return(node: Node<'_>) -> bool {
    node.kind() == "return_statement" && named_children(node).is_empty()
}

/// Whether a `try` inside a statement would catch what is thrown at a place.
pub(super) fn is_caught_within(place: Node<'_>, statement: Node<'_>) -> bool {
    let mut child = place;
    for parent in ancestors(place) {
        if parent.kind() == "try_statement"
            && parent.child_by_field_name("body") == Some(child)
            && parent.child_by_field_name("handler").is_some()
        {
            return true;
        }
        if parent == statement {
            return false;
        }
        child = parent;
    }
    false
}

/// The code to replace where a call of a settler leaves the function at once: `return resolve(v)`, or `resolve(v);
/// return`, and the `return` statement.
fn leaving_statement(call: Node<'_>) -> Option<(Range<usize>, Node<'_>)> {
    let outer = crate::syntax::node::with_parentheses(call);
    let statement = outer.parent()?;
    if statement.kind() == "return_statement" {
        return Some((statement.start_byte()..outer.end_byte(), statement));
    }
    let next = statement.next_named_sibling().filter(|_| statement.kind() == "expression_statement")?;
    if !is_bare_return(next) {
        return None;
    }
    let end = next.child(0)?.end_byte();
    Some((statement.start_byte()..end, next))
}
