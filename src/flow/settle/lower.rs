//! From code that calls settlers to the statements of an async function.

use std::{cell::RefCell, collections::HashMap, ops::Range};

use tree_sitter::Node;

use super::{
    Settle, Settlers,
    callback::{Handed, Known, Local, Successes, is_handed_this},
    in_full::InFull,
    quiet::is_quiet,
    tasks::Nested,
};
use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    flow::{
        Stmt, Text,
        chain::{block_body, check_movable},
        classify::{Promise, cannot_throw, is_pure, promise},
        imports::Additions,
        narrowing::seen_otherwise,
        scope::{Destination, Moved, Renames, own_bindings, plan},
    },
    semantic::{BindingId, BindingKind},
    syntax::node::{call_parts, is_comment, member_parts, named_children, unparenthesized},
};

/// How deep steps may be nested; the lowering follows them with the stack.
pub(super) const MAX_DEPTH: usize = 50;

/// Functions and methods that return no promise.
const SYNCHRONOUS: &[&str] = &[
    "parse",
    "stringify",
    "toString",
    "String",
    "Number",
    "parseInt",
    "parseFloat",
    "Boolean",
    "trim",
    "split",
    "join",
    "replace",
    "slice",
    "concat",
    "toLowerCase",
    "toUpperCase",
    "filter",
    "keys",
    "values",
    "entries",
    "from",
];

/// A piece of code to lower.
#[derive(Clone, Debug)]
pub struct Body<'t> {
    /// The function whose code it is.
    pub function: Node<'t>,
    /// The statements and comments to lower, which stay in their function; `None` for the whole body of a function that
    /// is dissolved.
    pub items: Option<Vec<Node<'t>>>,
    /// What it hands its outcome to.
    pub settlers: Settlers,
    /// Functions declared inside that settle it.
    pub locals: Vec<Local<'t>>,
    /// Whether a throw leaves a promise pending today, where afterwards it would reject it.
    pub hangs: bool,
    /// Whether nobody waits for an outcome, as with a web framework's handler: then the code may end anywhere, and only
    /// calls that nothing follows are awaited.
    pub is_open: bool,
    /// For such code: what is called with an error to hand it on.
    pub next: Option<BindingId>,
    /// What the function returns at once, whatever the outcome; a `return` of it only leaves the function.
    pub returned: Option<String>,
    /// The async function that the code becomes, where calls of itself may go there: nothing in front does anything but
    /// look for the callback.
    pub promise_form: Option<OwnForm>,
    /// The callback that the code goes on calling itself, where it is handed more than a promise can hold.
    pub in_full: Option<InFull>,
    /// Whether a callee that is not known is trusted to hand over a result or an error, and never both, where a callback may
    /// look at a result beside an error. That is an assumption then; otherwise the call is awaited as a list of all it gives.
    pub trusts_callees: bool,
}

/// The async function that a function's code becomes, for calls of itself.
#[derive(Clone, Debug)]
pub struct OwnForm {
    /// The name of the function.
    pub binding: BindingId,
    /// The name of the async function.
    pub name: String,
    /// The indices of the arguments in whose place the function takes another one for the callback.
    pub no_functions: Vec<usize>,
}

/// What a piece of code was lowered to.
#[derive(Debug)]
pub struct Lowered {
    /// The statements of an async function that does the same.
    pub statements: Vec<Stmt>,
    /// Where the statements are nothing but the `return` of a promise: what is known of it.
    pub direct: Option<Direct>,
    /// What has to hold that the file does not show.
    pub assumptions: Vec<String>,
    /// What the top of the file has to gain.
    pub additions: Additions,
    /// Calls that were carried out along with it.
    pub consumed: Vec<Range<usize>>,
    /// The stretches of source that the statements contain.
    pub kept: Vec<Range<usize>>,
    /// Whether source that was taken over as it stands holds a `return`.
    pub leaves_early: bool,
    /// Values that may be promises, so that a step that goes on with them has to await them.
    pub promises: Vec<Text>,
    /// Whether the code does without the callback where none was given.
    pub optional: bool,
    /// Whether the callback is handed on to code that may do without it.
    pub hands_on: bool,
    /// How the callback is told of success.
    pub successes: Successes,
    /// The results that the callback is handed by the code itself.
    pub handed: Vec<Handed>,
    /// The functions of this file that are called by way of `util.promisify`, by their bytes.
    pub callees: Vec<Range<usize>>,
    /// Whether the function returns today what a call returns that is handed its callback.
    pub drops_returned: bool,
    /// Why a promise had to be made by hand for a call, if one had.
    pub listed: Option<Refusal>,
}

/// A promise that takes the place of the whole executor.
#[derive(Clone, Debug)]
pub struct Direct {
    /// Its expression.
    pub text: Text,
    /// Whether evaluating it can't throw.
    pub quiet: bool,
    /// What has to hold for it to take the place of a promise where no async function is around it.
    pub assumption: Option<String>,
}

/// Lowers a piece of code, given where it goes.
///
/// # Errors
/// The reason why that can't be done.
pub fn lower(cx: &Context<'_>, body: &Body<'_>, to: &Destination<'_>) -> Result<Lowered, Refusal> {
    let first = run(cx, body, to, Renames::default())?;
    let mut renames = plan(cx, to, &first.moved)?;
    for nested in &first.nested {
        renames.plan_inside(cx, &nested.to, &nested.moved)?;
    }
    let mut lowerer = run(cx, body, to, renames)?;
    let dissolved = body.items.is_none().then_some(body.function);
    let moved: Vec<_> = first.moved.iter().map(|m| m.function).chain(dissolved).collect();
    lowerer.assumptions.extend(seen_otherwise(cx, to, &moved));
    let is_all = |d: &Direct| matches!(lowerer.statements.as_slice(), [Stmt::Return(Some(t))] if *t == d.text);
    let direct = lowerer.direct.filter(is_all);
    Ok(Lowered {
        statements: lowerer.statements,
        direct,
        assumptions: told(lowerer.assumptions, &lowerer.looked_up),
        additions: lowerer.additions,
        consumed: lowerer.consumed,
        kept: lowerer.kept,
        leaves_early: lowerer.leaves_early,
        promises: [lowerer.promises, lowerer.awaitable].concat(),
        optional: lowerer.optional,
        hands_on: lowerer.hands_on,
        successes: lowerer.successes,
        handed: lowerer.handed,
        callees: lowerer.callees,
        drops_returned: lowerer.drops_returned,
        listed: lowerer.listed,
    })
}

/// The assumptions, and what else holds where there are any: that functions which are looked up once, or by what they are,
/// stay the same is taken for granted, and said where there is something to be said.
fn told(mut assumptions: Vec<String>, looked_up: &[String]) -> Vec<String> {
    if assumptions.is_empty() {
        return assumptions;
    }
    for name in looked_up {
        let said = format!("`{name}` is not replaced by another function while the program runs.");
        if !assumptions.contains(&said) {
            assumptions.push(said);
        }
    }
    assumptions
}

fn run<'a, 'c>(
    cx: &'c Context<'a>,
    body: &Body<'a>,
    to: &Destination<'_>,
    renames: Renames,
) -> Result<Lowerer<'a, 'c>, Refusal>
where
    'a: 'c,
{
    let mut lowerer = Lowerer {
        cx,
        function: body.items.as_ref().map(|_| body.function),
        settlers: body.settlers.clone(),
        locals: body.locals.clone(),
        renames,
        additions: Additions::default(),
        moved: Vec::new(),
        statements: Vec::new(),
        direct: None,
        assumptions: Vec::new(),
        looked_up: Vec::new(),
        consumed: Vec::new(),
        kept: Vec::new(),
        leaves_early: false,
        promises: Vec::new(),
        nested: Vec::new(),
        awaitable: Vec::new(),
        prompt: Vec::new(),
        result_dropped: false,
        known: Vec::new(),
        asked: RefCell::default(),
        optional: false,
        hands_on: false,
        successes: Successes::default(),
        handed: Vec::new(),
        functions: 0,
        callees: Vec::new(),
        drops_returned: false,
        listed: None,
        is_open: body.is_open,
        next: body.next,
        returned: body.returned.clone(),
        promise_form: body.promise_form.clone(),
        in_full: body.in_full,
        trusts_callees: body.trusts_callees,
        retries: 0,
        failed: HashMap::new(),
        placed_locals: Vec::new(),
        callbacks: 0,
        depth: 0,
    };
    let own = body.promise_form.as_ref().map(|own| own.name.as_str());
    own.into_iter().chain(to.reserved).for_each(|name| lowerer.additions.reserve(name));
    let place = Place { hangs: body.hangs, guarded: false, flows: false, after: After::Nothing };
    lowerer.statements = match &body.items {
        None => lowerer.body(body.function, false, place)?,
        Some(items) => lowerer.settling(items, body.function, place)?,
    };
    if let Some(left) = body.locals.iter().find(|l| !lowerer.placed_locals.contains(&l.function.id())) {
        // It would go on calling what nobody listens to any more.
        return refusal(RefusalCode::RealPromiseConstructor, left.function);
    }
    Ok(lowerer)
}

/// What is around a list of statements.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// A throw here leaves the promise pending today, where afterwards it would reject it.
    pub(super) hangs: bool,
    /// A `try` of the result is around, whose `catch` must see neither a `reject` nor a step.
    pub(super) guarded: bool,
    /// A promise that is returned here hands its rejection on to `reject`.
    pub(super) flows: bool,
    /// What runs behind the list.
    pub(super) after: After,
}

/// What runs behind a list of statements in the same function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// Nothing.
    Nothing,
    /// Further calls of settlers, which count for nothing once the promise is settled.
    Settles,
    /// Anything else.
    Code,
}

pub(super) struct Lowerer<'a, 'c> {
    pub(super) cx: &'c Context<'a>,
    /// The function whose code stays its own.
    pub(super) function: Option<Node<'a>>,
    pub(super) settlers: Settlers,
    pub(super) renames: Renames,
    pub(super) additions: Additions,
    /// Functions whose body moves.
    pub(super) moved: Vec<Moved<'a>>,
    pub(super) statements: Vec<Stmt>,
    pub(super) direct: Option<Direct>,
    pub(super) assumptions: Vec<String>,
    /// Callees whose promise form is looked up once, or is another one than any function has.
    pub(super) looked_up: Vec<String>,
    pub(super) consumed: Vec<Range<usize>>,
    pub(super) kept: Vec<Range<usize>>,
    pub(super) leaves_early: bool,
    pub(super) promises: Vec<Text>,
    /// Functions inside whose names are planned by themselves.
    pub(super) nested: Vec<Nested<'a>>,
    /// Expressions that are promises, where they are returned.
    pub(super) awaitable: Vec<Text>,
    /// Those of them that can't throw before there is a promise.
    pub(super) prompt: Vec<Text>,
    /// Whether nobody looks at the result that the callback is handed.
    pub(super) result_dropped: bool,
    /// Functions declared inside that settle.
    pub(super) locals: Vec<Local<'a>>,
    /// Names of which it is known at this point whether they are truthy.
    pub(super) known: Vec<Known>,
    /// The places of names whose values are being judged, which others are made of.
    pub(super) asked: RefCell<Vec<usize>>,
    /// Whether the code asked if there is a callback.
    pub(super) optional: bool,
    /// The functions of this file that are called by way of `util.promisify`.
    pub(super) callees: Vec<Range<usize>>,
    /// Whether the function returns today what a call returns that is handed its callback.
    pub(super) drops_returned: bool,
    /// See [`Lowered::listed`].
    pub(super) listed: Option<Refusal>,
    /// How the callback is told of success.
    pub(super) successes: Successes,
    /// See [`Lowered::handed`].
    pub(super) handed: Vec<Handed>,
    /// How many functions are around that stay functions.
    pub(super) functions: usize,
    /// Whether the callback was handed on.
    pub(super) hands_on: bool,
    /// Whether nobody waits for an outcome.
    pub(super) is_open: bool,
    /// What is called with an error to hand it on.
    pub(super) next: Option<BindingId>,
    /// What the function returns at once.
    pub(super) returned: Option<String>,
    /// The function itself and what it is called as an async one.
    pub(super) promise_form: Option<OwnForm>,
    /// The callback that the code goes on calling itself.
    pub(super) in_full: Option<InFull>,
    /// See [`Body::trusts_callees`].
    pub(super) trusts_callees: bool,
    /// How often a callback was lowered anew because a plainer way had failed.
    pub(super) retries: usize,
    /// The callbacks that could be lowered in none of the ways there are, by their nodes, and why. What is around one of them
    /// is lowered in several ways too, and each would try it again.
    pub(super) failed: HashMap<usize, Refusal>,
    /// The local functions that have found their place, by the ids of their nodes.
    pub(super) placed_locals: Vec<usize>,
    /// How many callbacks of calls are around: what they return is lost.
    pub(super) callbacks: usize,
    /// How many lists are around.
    pub(super) depth: usize,
}

pub(super) fn refusal<T>(code: RefusalCode, node: Node<'_>) -> Result<T, Refusal> {
    Err(Refusal::new(code, node.byte_range()))
}

impl<'a> Lowerer<'a, '_> {
    /// The body of a function that settles the promise on each of its paths.
    pub(super) fn body(&mut self, function: Node<'a>, bound: bool, place: Place) -> Result<Vec<Stmt>, Refusal> {
        let items = self.enter(function, bound)?;
        self.settling(&items, function, place)
    }

    /// Notes that the body of a function moves, and gives its statements and comments. An expression body counts as
    /// one statement.
    pub(super) fn enter(&mut self, function: Node<'a>, bound: bool) -> Result<Vec<Node<'a>>, Refusal> {
        check_movable(self.cx, function, bound)?;
        self.moves(function, Vec::new());
        match block_body(function) {
            Some(block) => Ok(items(block)),
            None => Ok(function.child_by_field_name("body").into_iter().collect()),
        }
    }

    /// Notes that the names of a function, or of a block, come to live in the block around it, all but those `apart`.
    pub(super) fn moves(&mut self, function: Node<'a>, apart: Vec<BindingId>) {
        let place = function.start_byte();
        self.moved.push(Moved { function, flat: true, place, hint: None, apart, caught: Vec::new() });
    }

    /// A list that has to settle the promise before it ends.
    pub(super) fn settling(&mut self, items: &[Node<'a>], blame: Node<'a>, place: Place) -> Result<Vec<Stmt>, Refusal> {
        let list = self.list(items, place)?;
        if !list.ends && !self.is_open {
            return refusal(RefusalCode::NeverSettles, items.last().copied().unwrap_or(blame));
        }
        Ok(list.statements)
    }

    /// Whether a statement does nothing but leave the function.
    pub(super) fn is_bare_return(&self, node: Node<'_>) -> bool {
        let values = named_children(node);
        let is_other = |v: &Node<'_>| Some(self.cx.text(*v)) != self.returned.as_deref();
        node.kind() == "return_statement" && !values.first().is_some_and(is_other)
    }

    /// The text of a range with the renames carried out.
    pub(super) fn text(&mut self, range: Range<usize>) -> Text {
        self.kept.push(range.clone());
        Text::renamed(self.cx.file, range.clone(), &self.renames.edits_in(&range))
    }

    pub(super) fn is_mentioned_in(&self, node: Node<'_>) -> bool {
        if self.is_open {
            return self.holds_site(node);
        }
        self.settlers.are_in(self.cx, &node.byte_range())
    }

    /// `resolve(value)` as a `return`, `reject(error)` as a `throw`, a callback as one of the two.
    pub(super) fn settle(
        &mut self,
        settle: Settle,
        call: Node<'a>,
        arguments: &[Node<'a>],
        place: Place,
    ) -> Result<Vec<Stmt>, Refusal> {
        let in_full = self.called_in_full().filter(|_| settle == Settle::Callback);
        if let Some(spread) = arguments.iter().find(|a| a.kind() == "spread_element" && in_full.is_none()) {
            return refusal(RefusalCode::ManyResults, *spread);
        }
        for argument in arguments {
            if self.is_mentioned_in(*argument) {
                return refusal(RefusalCode::RealPromiseConstructor, *argument);
            }
            self.check_hang(*argument, place);
        }
        if let Some(name) = in_full {
            if place.guarded {
                // The handler of the `try` sees what the callback throws.
                return refusal(RefusalCode::ThrowInsideTry, call);
            }
            if is_handed_this(self.cx, call) {
                // A callback that is called by way of a tick gets none.
                return refusal(RefusalCode::UsesThis, call);
            }
            return Ok(self.call_in_full(&name, arguments));
        }
        match settle {
            Settle::Resolve | Settle::Reject => self.settle_promise(settle, arguments, place).map(|s| vec![s]),
            Settle::Callback => self.call_back(arguments, place),
            Settle::Local => Ok(vec![Stmt::Return(Some(self.text(call.byte_range())))]),
        }
    }

    fn settle_promise(&mut self, settle: Settle, arguments: &[Node<'a>], place: Place) -> Result<Stmt, Refusal> {
        let value = arguments.first().copied();
        if let Some(extra) = arguments.get(1..).and_then(|rest| rest.iter().find(|a| !is_pure(**a))) {
            return refusal(RefusalCode::ManyResults, *extra);
        }
        let text = value.map(|v| self.text(bare_value(v).byte_range()));
        if let Some(promise) = value.filter(|v| settle == Settle::Resolve && promise(self.cx, *v) == Promise::Yes) {
            self.direct = text.clone().map(|text| direct(self.cx, promise, text));
        }
        if value.is_some_and(|v| !self.is_settled_value(v)) {
            self.promises.extend(text.clone());
        }
        if settle == Settle::Resolve {
            return Ok(Stmt::Return(text.filter(|t| t.as_str() != "undefined")));
        }
        if place.guarded {
            return Err(Refusal::new(RefusalCode::ThrowInsideTry, value.map_or(0..0, |v| v.byte_range())));
        }
        Ok(Stmt::Throw(text.unwrap_or_else(|| "undefined".into())))
    }

    /// Whether a value is certainly no promise: a literal, what a step came to, the result of one of the everyday functions that return none.
    fn is_settled_value(&self, value: Node<'_>) -> bool {
        let value = unparenthesized(value);
        if promise(self.cx, value) == Promise::No {
            return true;
        }
        if member_parts(value).is_some_and(|(_, property)| self.cx.text(property) == "length") {
            return true;
        }
        // A promise is never fulfilled with a promise, so what a step came to is none; a property of it may be one.
        let binding = self.cx.names.reference_at(value.start_byte()).and_then(|r| r.binding);
        let is_parameter = |b| {
            self.cx.names.binding(b).kind == BindingKind::Parameter
                && self.moved.iter().any(|m| own_bindings(self.cx, m.function).contains(&b))
        };
        if value.kind() == "identifier" && binding.is_some_and(is_parameter) {
            return true;
        }
        let callee = call_parts(value).map(|(callee, _)| callee);
        let method = callee.map(|c| member_parts(c).map_or(c, |(_, property)| property));
        method.is_some_and(|m| SYNCHRONOUS.contains(&self.cx.text(m)))
    }

    /// Notes that a throw of this code leaves the promise pending today.
    pub(super) fn check_hang(&mut self, code: Node<'_>, place: Place) {
        if place.hangs && !is_quiet(self.cx, code) {
            self.assume("A failure that leaves the promise pending today should reject it.");
        }
    }

    pub(super) fn assume(&mut self, assumption: impl Into<String>) {
        let assumption = assumption.into();
        if !self.assumptions.contains(&assumption) {
            self.assumptions.push(assumption);
        }
    }
}

/// A promise that takes the place of the executor, as far as it is known to be one.
pub(super) fn direct(cx: &Context<'_>, node: Node<'_>, text: Text) -> Direct {
    let quiet = promise(cx, node) == Promise::Yes && cannot_throw(cx, node);
    let assumption = format!("`{}` returns a native promise and does not throw.", short(cx.text(node)));
    Direct { text, quiet, assumption: (!quiet).then_some(assumption) }
}

/// The first line of some code, for a sentence.
pub(super) fn short(code: &str) -> String {
    let first: String = code.lines().next().unwrap_or_default().chars().take(60).collect();
    if first.len() < code.len() { format!("{first}…") } else { first }
}

/// The statements and comments of a block, in order.
pub(super) fn items(block: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = block.walk();
    block.named_children(&mut cursor).collect()
}

/// The statements and comments of one branch: those of a block, or the one statement itself.
pub(super) fn branch_items(branch: Node<'_>) -> Vec<Node<'_>> {
    if branch.kind() == "statement_block" { items(branch) } else { vec![branch] }
}

/// The statements of a list that run, without its comments and functions.
pub(super) fn code<'t>(items: &[Node<'t>]) -> Vec<Node<'t>> {
    let is_idle = |n: &Node<'t>| matches!(n.kind(), "empty_statement" | "function_declaration") || is_hoisted_name(*n);
    items.iter().copied().filter(|n| !is_comment(*n) && !is_idle(n)).collect()
}

/// `var name;`, which does nothing where it stands.
pub(super) fn is_hoisted_name(statement: Node<'_>) -> bool {
    let has_value = |d: Node<'_>| d.child_by_field_name("value").is_some();
    statement.kind() == "variable_declaration" && !named_children(statement).into_iter().any(has_value)
}

/// A value without the parentheses around it, where it can do without them wherever a value is written: `(log(), 1)` can't, and
/// `return (a = b)` says that no comparison was meant.
pub(super) fn bare_value(value: Node<'_>) -> Node<'_> {
    let inner = unparenthesized(value);
    if matches!(inner.kind(), "sequence_expression" | "assignment_expression") { value } else { inner }
}
