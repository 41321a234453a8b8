//! What is special about an error-first callback as a settler: its first argument tells failure from success, it may
//! be missing, a timer may call it, and functions declared inside may call it for the code around them.

use std::{iter::successors, ops::Range};

use tree_sitter::Node;

use super::{
    Settle,
    list::{List, is_caught_within},
    lower::{Lowerer, Place, bare_value, branch_items, code, refusal},
};
use crate::{
    edit::{Refusal, RefusalCode},
    flow::{
        Stmt, Text,
        callback::{gets_nothing, makes_error, may_speak_at_once, names_error, results::is_promise, truths},
        classify::{initializer, is_pure},
        promisify::is_error_name,
    },
    semantic::{BindingId, Reference},
    syntax::node::{
        ancestors, call_parts, enclosing_function, has_token, is_comment, is_function, member_parts, named_children,
        unparenthesized, untyped, walk, walk_own_code,
    },
};

/// A function declared inside the code that settles at the end of each of its paths.
#[derive(Clone, Copy, Debug)]
pub struct Local<'t> {
    /// Its name.
    pub binding: BindingId,
    /// The function.
    pub function: Node<'t>,
    /// The statement that declares it.
    pub statement: Node<'t>,
    /// Whether it is used once, as the callback of a call, so that its body goes where the call is.
    pub is_inlined: bool,
}

/// What is known of a name where its value has been tested, or where a callback was handed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// The name.
    pub name: BindingId,
    /// Whether its value is truthy.
    pub is_truthy: bool,
    /// The byte offset from which on this holds, until the name is given another value.
    pub since: usize,
}

/// Statements that may run their body again.
pub(in crate::flow) const LOOPS: &[&str] = &["for_statement", "for_in_statement", "while_statement", "do_statement"];

/// How many assignments are followed back from a use of a name; each may be made of several names.
const MAX_ASSIGNMENTS: usize = 8;

/// How a callback is told of success.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Successes {
    /// `callback()`
    pub bare: bool,
    /// `callback(null)`
    pub alone: bool,
    /// `callback(null, value)`
    pub with_value: bool,
    /// By a function that it is handed on to, of which all that are in sight hand over nothing.
    pub by_others: bool,
    /// By a function that it is handed on to, of which it is not known for certain with how many results that calls back.
    pub is_guess: bool,
    /// `callback(undefined, value)`, as opposed to `null`, which a callback may tell from it.
    pub says_undefined: bool,
    /// `callback(null, value)`, or by a function that it is handed on to.
    pub says_null: bool,
}

/// A result that the callback is handed.
#[derive(Clone, Debug)]
pub struct Handed {
    /// The bytes of the expression.
    pub value: Range<usize>,
    /// Whether the code returns it itself, and no function inside.
    pub is_own: bool,
}

impl<'a> Lowerer<'a, '_> {
    /// Whether the outcome goes to an error-first callback.
    pub(super) fn calls_back(&self) -> bool {
        self.settlers.has_callback()
    }

    /// Which settler an expression calls and with what, `callback.call(null, …)` and `callback.call(this, …)` included.
    pub(super) fn settling_call(&self, node: Node<'a>) -> Option<(Settle, Vec<Node<'a>>)> {
        if let Some(called) = self.settlers.called(self.cx, node) {
            return Some(called);
        }
        let (callee, mut arguments) = call_parts(unparenthesized(node))?;
        let (object, property) = member_parts(callee)?;
        let settle = self.settlers.named(self.cx, object)?;
        let receiver = arguments.first().map(|a| self.cx.text(*a))?;
        let is_call = self.cx.text(property) == "call" && matches!(receiver, "null" | "undefined" | "this");
        (settle == Settle::Callback && is_call).then(|| {
            arguments.remove(0);
            (settle, arguments)
        })
    }

    /// `callback(…)` as a `return` or a `throw`, or as a choice between the two.
    pub(super) fn call_back(&mut self, arguments: &[Node<'a>], place: Place) -> Result<Vec<Stmt>, Refusal> {
        let error = arguments.first().copied();
        let truth = error.map_or(Some(false), |e| self.truth(e));
        let results = arguments.get(1..).unwrap_or_default();
        if let Some(error) = error.filter(|_| truth != Some(false) && place.guarded) {
            return refusal(RefusalCode::ThrowInsideTry, error);
        }
        if truth != Some(true) {
            self.check_results(results)?;
            match arguments.len() {
                0 => self.successes.bare = true,
                1 => self.successes.alone = true,
                _ => self.successes.with_value = true,
            }
            error.into_iter().for_each(|error| self.note_told(error));
        }
        if let Some(emitter) = results.first().filter(|r| truth != Some(true) && may_speak_at_once(self.cx, **r)) {
            let name = super::lower::short(self.cx.text(*emitter));
            self.assume(format!("Whoever is handed `{name}` hears what it has to say, although a little later."));
        }
        if truth != Some(true) && error.is_some_and(|e| self.may_be_other_than_nothing(e)) {
            self.assume("Nobody tells the value that stands for no error from `null`.");
        }
        let value = results.first().map(|v| self.known_branch(*v));
        if let Some(value) = value.filter(|_| truth != Some(true)) {
            self.handed.push(Handed { value: value.byte_range(), is_own: self.functions == 0 });
        }
        let returned = value.map(|v| self.text(bare_value(v).byte_range())).filter(|t| t.as_str() != "undefined");
        let Some(error) = error.filter(|_| truth != Some(false)) else { return Ok(vec![Stmt::Return(returned)]) };
        if truth == Some(true) {
            if let Some(result) = results.iter().find(|r| self.loses_results(error, &[**r])) {
                if !is_pure(*result) {
                    return refusal(RefusalCode::ErrorWithResult, *result);
                }
                self.assume("Nobody looks at a result that is handed over along with an error.");
            }
            return Ok(vec![Stmt::Throw(self.text(untyped(error).byte_range()))]);
        }
        if let Some(evaluated) = value.filter(|v| runs_code(*v)) {
            // On failure its value was worked out too, and handed over beside the error.
            return refusal(RefusalCode::ErrorWithResult, evaluated);
        }
        self.assume_results_lost(error, results);
        let mut out = Vec::new();
        let mut tested = self.text(unparenthesized(error).byte_range());
        if runs_code(error) {
            let name = self.renames.fresh("error");
            out.push(Stmt::Bind { keyword: crate::flow::Keyword::Const, target: name.as_str().into(), value: tested });
            tested = name.into();
        }
        let mut condition = Text::from("(");
        condition.push(&tested);
        condition.push_str(")");
        out.push(Stmt::If { condition, then: vec![Stmt::Throw(tested)], otherwise: Vec::new() });
        out.push(Stmt::Return(returned));
        Ok(out)
    }

    /// `err ? null : value`, where it is known whether there is an error.
    pub(super) fn known_branch(&self, value: Node<'a>) -> Node<'a> {
        let node = unparenthesized(value);
        let part = |field| node.child_by_field_name(field).filter(|_| node.kind() == "ternary_expression");
        match part("condition").and_then(|c| self.truth(c)) {
            Some(true) => part("consequence").unwrap_or(value),
            Some(false) => part("alternative").unwrap_or(value),
            None => value,
        }
    }

    /// A `throw` that somebody wrote into a callback ends the process today, or reaches whoever called it. It still does where
    /// the function's own callback is never told of an error, as long as what is thrown is there: `util.callbackify` puts an
    /// error in the place of `undefined`.
    pub(super) fn assume_throws_are_failures(&mut self, statement: Node<'a>) {
        if !self.calls_back() {
            return;
        }
        let gets_nothing = self.function.is_some_and(|function| gets_nothing(self.cx, function));
        let is_error = |throw: Node<'a>| {
            let thrown = named_children(throw).first().map(|v| unparenthesized(*v));
            thrown.is_some_and(|v| {
                let text = self.cx.text(v);
                matches!(v.kind(), "new_expression" | "string") || is_error_name(text) || names_error(text)
            })
        };
        let mut found = None;
        walk_own_code(statement, |n| {
            let counts = n.kind() == "throw_statement" && !is_caught_within(n, statement);
            if counts && !(gets_nothing && is_error(n)) {
                found = Some(n);
            }
            found.is_none()
        });
        if let Some(found) = found {
            let line = found.start_position().row + 1;
            self.assume(match gets_nothing {
                true => format!("What line {line} throws is an error."),
                false => format!("The `throw` in line {line} may reach the callback, as a failure of the function."),
            });
        }
    }

    /// Notes what a callback is told in the place of an error where there is none.
    pub(super) fn note_told(&mut self, error: Node<'a>) {
        let is_undefined = matches!(self.cx.text(unparenthesized(error)), "undefined" | "void 0");
        self.successes.says_undefined |= is_undefined;
        self.successes.says_null |= !is_undefined;
    }

    /// A promise has one value, and is never fulfilled with a promise.
    fn check_results(&self, results: &[Node<'a>]) -> Result<(), Refusal> {
        if let Some(extra) = results.get(1..).and_then(|rest| rest.iter().find(|a| self.cx.text(**a) != "undefined")) {
            return refusal(RefusalCode::ManyResults, *extra);
        }
        match results.first().filter(|v| is_promise(self.cx, **v)) {
            Some(promise) => refusal(RefusalCode::PromiseAsResult, *promise),
            None => Ok(()),
        }
    }

    /// `null` or `undefined` behind an error.
    pub(super) fn is_no_result(&self, argument: Node<'a>) -> bool {
        let argument = unparenthesized(argument);
        matches!(argument.kind(), "null" | "undefined") || self.cx.text(argument) == "undefined"
    }

    /// Whether an expression is certainly truthy, or certainly falsy.
    pub(super) fn truth(&self, expression: Node<'a>) -> Option<bool> {
        let node = untyped(expression);
        let part = |field| node.child_by_field_name(field);
        match node.kind() {
            "null" | "undefined" | "false" => Some(false),
            "true" | "object" | "array" | "new_expression" | "arrow_function" | "function_expression" | "regex" => {
                Some(true)
            }
            "number" => self.cx.text(node).parse::<f64>().ok().map(|number| number != 0.0),
            "string" => Some(is_text(node)),
            "template_string" => is_text(node).then_some(true),
            "unary_expression" if has_token(node, "!") => self.truth(part("argument")?).map(|t| !t),
            "unary_expression" if has_token(node, "void") => Some(false),
            "binary_expression" => {
                let (left, right) = (self.truth(part("left")?), self.truth(part("right")?));
                match part("operator")?.kind() {
                    "||" if left == Some(true) || right == Some(true) => Some(true),
                    "||" => left.and(right),
                    "&&" if left == Some(false) || right == Some(false) => Some(false),
                    "&&" => left.and(right),
                    "+" => is_text(node).then_some(true),
                    _ => None,
                }
                .or_else(|| self.is_asked_around(node).then_some(true))
            }
            "assignment_expression" => self.truth(part("right")?),
            "identifier" => self.truth_of_name(node),
            "call_expression" => makes_error(self.cx, node).then_some(true),
            _ => None,
        }
    }

    /// Whether an `if` around an expression asks for the same, and nothing in it has changed since:
    /// `if (failure || error) return callback(failure || error)`.
    fn is_asked_around(&self, expression: Node<'a>) -> bool {
        let mut is_of_names = true;
        walk(expression, |n| {
            is_of_names &= match n.kind() {
                "binary_expression" => {
                    n.child_by_field_name("operator").is_some_and(|o| matches!(o.kind(), "||" | "&&" | "??"))
                }
                "identifier" | "parenthesized_expression" => true,
                _ => !n.is_named(),
            };
            is_of_names
        });
        if !is_of_names {
            return false;
        }
        let around = ancestors(expression).take_while(|a| !is_function(*a)).find_map(|a| {
            let branch = a.child_by_field_name("consequence").filter(|_| a.kind() == "if_statement")?;
            let condition = unparenthesized(a.child_by_field_name("condition")?);
            let is_same = self.cx.text(condition) == self.cx.text(expression);
            (is_same && branch.byte_range().contains(&expression.start_byte())).then_some(condition)
        });
        let Some(asked) = around else { return false };
        self.cx.names.references_in(&expression.byte_range()).iter().all(|r| {
            let name = self.cx.file.root().descendant_for_byte_range(r.range.start, r.range.end);
            let known = r.binding.map(|name| Known { name, is_truthy: true, since: asked.end_byte() });
            known.zip(name).is_some_and(|(known, name)| !self.is_written_since(&known, name))
        })
    }

    fn truth_of_name(&self, name: Node<'a>) -> Option<bool> {
        let binding = self.cx.names.reference_at(name.start_byte())?.binding?;
        let known = self.known.iter().rev().find(|known| known.name == binding);
        if let Some(known) = known.filter(|known| !self.is_written_since(known, name)) {
            return Some(known.is_truthy);
        }
        // All of what was caught, and not a part of it: `catch ({ code })`.
        let declared = &self.cx.names.binding(binding).declarations[0];
        let node = self.cx.file.root().descendant_for_byte_range(declared.start, declared.end);
        if node.and_then(|n| n.parent()).is_some_and(|p| p.kind() == "catch_clause") {
            return Some(true);
        }
        if self.cx.names.is_reassigned(binding) {
            return self.truth_of_what_was_assigned(binding, name);
        }
        let value = unparenthesized(initializer(self.cx, binding)?);
        (value.kind() == "new_expression" || value.kind() == "call_expression" && makes_error(self.cx, value))
            .then_some(true)
    }

    /// Whether what a name has been assigned is certainly truthy, or certainly falsy, where it is used. That may be made of
    /// the name itself, which tells nothing where it leads back to the same place: `err = err.cause || err`.
    fn truth_of_what_was_assigned(&self, binding: BindingId, name: Node<'a>) -> Option<bool> {
        let place = name.start_byte();
        if self.asked.borrow().len() >= MAX_ASSIGNMENTS || self.asked.borrow().contains(&place) {
            return None;
        }
        self.asked.borrow_mut().push(place);
        let assigned = self.assigned_just_before(binding, name).and_then(|value| self.truth(value));
        let truth = assigned.or_else(|| self.is_made_anew(binding, place).then_some(true));
        self.asked.borrow_mut().pop();
        truth
    }

    /// What a statement in front of the one that uses a name assigns to it, where those between the two do not:
    /// `err = new Error('empty'); err.code = 404; return done(err)`.
    fn assigned_just_before(&self, binding: BindingId, name: Node<'a>) -> Option<Node<'a>> {
        let is_statement = |n: &Node<'a>| n.parent().is_some_and(|p| matches!(p.kind(), "statement_block" | "program"));
        let statement = ancestors(name).take_while(|a| !is_function(*a)).find(is_statement)?;
        let writes = |n: &Node<'a>| {
            let inside = self.cx.names.references_in(&n.byte_range());
            inside.iter().any(|r| r.writes && r.binding == Some(binding))
        };
        let in_front = || successors(statement.prev_named_sibling(), |n| n.prev_named_sibling());
        let before = in_front().find(writes)?;
        let is_next = in_front().find(|n| !is_comment(*n)) == Some(before);
        if !is_next && !self.is_written_by_own_code(binding, name) {
            return None;
        }
        let assignment = before.named_child(0).filter(|_| before.kind() == "expression_statement")?;
        let left = assignment.child_by_field_name("left").filter(|_| assignment.kind() == "assignment_expression")?;
        let is_same = self.cx.names.reference_at(left.start_byte()).is_some_and(|r| r.binding == Some(binding));
        // The statement may assign it once more before it comes to the use.
        let is_kept = !writes(&statement);
        assignment.child_by_field_name("right").filter(|_| left.kind() == "identifier" && is_same && is_kept)
    }

    /// Whether all that assigns a name is the code of the function that a use of it stands in, so that no call does.
    fn is_written_by_own_code(&self, binding: BindingId, name: Node<'a>) -> bool {
        let references = self.cx.names.binding(binding).references.iter().map(|r| self.cx.names.reference(*r));
        let writes = references.filter(|r| r.writes).map(|r| r.range.clone());
        let mut places = writes.map(|range| self.cx.file.root().descendant_for_byte_range(range.start, range.end));
        places.all(|place| place.is_some_and(|place| enclosing_function(place) == enclosing_function(name)))
    }

    /// Whether a name may have been assigned since it was tested: between the test and a use, in a loop that leads back to
    /// the use and not to the test, or by another function.
    fn is_written_since(&self, known: &Known, name: Node<'a>) -> bool {
        let references = self.cx.names.binding(known.name).references.iter().map(|r| self.cx.names.reference(*r));
        let is_of_another = |write: &Reference| {
            let declared = self.renames.declared_at(known.name, write.range.start);
            declared.is_some_and(|declared| !declared.scope.contains(&name.start_byte()))
        };
        references.filter(|r| r.writes && !is_of_another(r)).any(|write| {
            let node = self.cx.file.root().descendant_for_byte_range(write.range.start, write.range.end);
            (known.since..name.start_byte()).contains(&write.range.start)
                || node.is_none_or(|n| {
                    let mut loops = ancestors(n).take_while(|a| !is_function(*a)).filter(|a| LOOPS.contains(&a.kind()));
                    enclosing_function(n) != enclosing_function(name)
                        || loops.any(|a| !a.byte_range().contains(&known.since))
                })
        })
    }

    /// What is known of names once a condition has come out true, or false.
    pub(super) fn truths(&self, condition: Node<'a>, outcome: bool) -> Vec<Known> {
        let found = truths(self.cx, condition, outcome, |n| self.truth(n) == Some(false));
        // The right side may speak of what the left side has assigned: `(err = check()) && err`.
        let since = condition.start_byte();
        found.into_iter().map(|(name, is_truthy)| Known { name, is_truthy, since }).collect()
    }

    /// Runs something with more known of some names.
    pub(super) fn knowing<T>(&mut self, truths: &[Known], run: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.known.len();
        self.known.extend_from_slice(truths);
        let result = run(self);
        self.known.truncate(before);
        result
    }

    /// Whether a condition asks if there is a callback, and nothing else.
    pub(super) fn is_presence_test(&mut self, condition: Node<'a>) -> bool {
        let asks = is_presence_test(self.cx, &self.settlers, condition);
        self.optional |= asks;
        asks
    }

    /// `callback && callback(…)`: the right side.
    pub(super) fn behind_presence_test(&mut self, node: Node<'a>) -> Option<Node<'a>> {
        let part = |field| node.child_by_field_name(field);
        let (left, right) = (part("left")?, part("right")?);
        let is_and = node.kind() == "binary_expression" && part("operator")?.kind() == "&&";
        (is_and && self.is_presence_test(left)).then_some(right)
    }

    /// `if (callback) …` without an `else`: with a callback, the branch is what happens.
    pub(super) fn with_callback(
        &mut self,
        branch: Node<'a>,
        rest: &[Node<'a>],
        place: Place,
        out: &mut List,
    ) -> Result<bool, Refusal> {
        self.dissolve(branch);
        let after = self.after(rest, place);
        let list = self.list(&branch_items(branch), Place { after, ..place })?;
        let dead = code(rest).first().copied().filter(|s| list.ends && !self.is_bare_return(*s));
        if let Some(dead) = dead {
            return refusal(RefusalCode::RunsAfterSettling, dead);
        }
        out.statements.extend(list.statements);
        Ok(list.ends)
    }

    /// Whether the last argument is the callback itself, or a function of the code that settles.
    pub(super) fn hands_callback_on(&self, arguments: &[Node<'a>]) -> bool {
        arguments.last().is_some_and(|a| self.settlers.named(self.cx, *a).is_some())
    }

    /// The local function that a statement declares, if it is one of those that settle and stays a function.
    pub(super) fn local_declared_by(&self, statement: Node<'a>) -> Option<Node<'a>> {
        self.locals.iter().find(|l| l.statement == statement && !l.is_inlined).map(|l| l.function)
    }

    /// Whether a declaration does nothing but give functions that settle another name.
    pub(super) fn names_locals(&self, declaration: Node<'a>) -> bool {
        let values = named_children(declaration).into_iter().map(|d| d.child_by_field_name("value"));
        values.into_iter().all(|value| value.is_some_and(|v| self.settlers.is_choice_of_locals(self.cx, v)))
    }
}

/// Whether a condition asks if there is a callback, and nothing else.
pub fn is_presence_test(cx: &crate::context::Context<'_>, settlers: &super::Settlers, condition: Node<'_>) -> bool {
    let mut node = unparenthesized(condition);
    while node.kind() == "unary_expression" && has_token(node, "!") {
        let Some(inner) = node.child_by_field_name("argument").map(unparenthesized) else { return false };
        let Some(innermost) = inner.child_by_field_name("argument").filter(|_| has_token(inner, "!")) else {
            return false;
        };
        node = unparenthesized(innermost);
    }
    let is_callback = |node: Node<'_>| settlers.named(cx, node) == Some(Settle::Callback);
    if is_callback(node) {
        return true;
    }
    let part = |field| node.child_by_field_name(field);
    let (Some(left), Some(operator), Some(right)) = (part("left"), part("operator"), part("right")) else {
        return false;
    };
    match operator.kind() {
        "===" | "==" => {
            let asked = named_children(left).first().copied().filter(|_| has_token(left, "typeof"));
            asked.is_some_and(is_callback) && cx.text(right).trim_matches(['\'', '"']) == "function"
        }
        "!=" | "!==" => is_callback(left) && matches!(cx.text(right), "null" | "undefined"),
        "&&" => is_callback(left) && is_presence_test_of(cx, settlers, right),
        _ => false,
    }
}

/// The second half of `callback && typeof callback === 'function'`, which is never nested further.
fn is_presence_test_of(cx: &crate::context::Context<'_>, settlers: &super::Settlers, node: Node<'_>) -> bool {
    let node = unparenthesized(node);
    let operator = node.child_by_field_name("operator").map(|o| o.kind());
    matches!(operator, Some("===" | "==")) && is_presence_test(cx, settlers, node)
}

/// `callback.call(this, …)`
pub(super) fn is_handed_this(cx: &crate::context::Context<'_>, call: Node<'_>) -> bool {
    call_parts(unparenthesized(call)).is_some_and(|(callee, arguments)| {
        let is_by_method = member_parts(callee).is_some_and(|(_, property)| cx.text(property) == "call");
        is_by_method && arguments.first().is_some_and(|receiver| receiver.kind() == "this")
    })
}

/// Whether an expression comes to the same a little later: a literal, or the name of what is never assigned anew.
pub(super) fn is_fixed(cx: &crate::context::Context<'_>, expression: Node<'_>) -> bool {
    let node = unparenthesized(expression);
    match node.kind() {
        "null" | "undefined" | "true" | "false" | "number" | "string" | "this" => true,
        "identifier" | "shorthand_property_identifier" => {
            let binding = cx.names.reference_at(node.start_byte()).and_then(|r| r.binding);
            binding.is_some_and(|b| !cx.names.is_reassigned(b)) || cx.text(node) == "undefined"
        }
        _ => false,
    }
}

/// Whether an expression is a text with something in it: a literal, or what a literal is joined with.
pub(super) fn is_text(expression: Node<'_>) -> bool {
    let node = unparenthesized(expression);
    match node.kind() {
        "string" => node.end_byte() - node.start_byte() > 2,
        "template_string" => named_children(node).iter().any(|part| part.kind() != "template_substitution"),
        "binary_expression" if has_token(node, "+") => {
            ["left", "right"].into_iter().filter_map(|side| node.child_by_field_name(side)).any(is_text)
        }
        _ => false,
    }
}

/// Whether working out an expression runs code that may have an effect, or throw.
pub(in crate::flow) fn runs_code(expression: Node<'_>) -> bool {
    let mut runs = false;
    walk_own_code(expression, |n| {
        runs |= matches!(
            n.kind(),
            "call_expression"
                | "new_expression"
                | "await_expression"
                | "yield_expression"
                | "assignment_expression"
                | "augmented_assignment_expression"
                | "update_expression"
        );
        !runs
    });
    runs
}
