//! What the uses of a variable say: whether a result goes to it, whether an error comes first, how many values follow.

use tree_sitter::Node;

use crate::{
    context::Context,
    flow::wrapper::{called_name, is_wrapper},
    syntax::node::{
        ancestors, call_parts, has_optional_chain, is_function, member_parts, named_children, unparenthesized,
        walk_own_code,
    },
};

use super::{
    CallbackUse, Oracle, Times,
    handles::Handles,
    parameter::{
        has_callback_name, is_call_or_apply, is_error, is_in_callback, is_in_returned_function, is_repeated,
        is_value_used,
    },
    values,
};

/// What the first argument of a call looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    /// There is none.
    Missing,
    /// `null`, `undefined`.
    Nothing,
    /// A name of an error, or one that is made here.
    Error,
    /// A name or an expression.
    Value,
    /// A boolean, a number, an object, a list, a function.
    Literal,
    /// Not to be told.
    Unknown,
}

/// What is done with a callback.
#[derive(Clone, Debug, Default)]
pub(super) struct Uses {
    /// The calls: the first argument, and how many values there are.
    pub(super) calls: Vec<(First, Option<usize>)>,
    /// What the callees it is handed on to call it with: an error first, and how many values.
    pub(super) handed: Vec<(Option<bool>, Option<usize>)>,
    /// Whether a callee that it is handed on to is known to call it with an error first.
    hands_error: bool,
    /// How often it is handed on as a last argument to callees of which nothing is known.
    presumed: usize,
    /// How often a callee that is known to call it back once gets it.
    known: usize,
    /// How often it is kept in a property or a list.
    stored: usize,
    /// How often it is handed to an iterator.
    iterated: usize,
    /// How often it is handed to a listener, or to a callee that may do anything with it.
    astray: usize,
    /// How many of its calls are in loops and iterators.
    repeated: usize,
    /// How many of its calls have a value that is used.
    valued: usize,
    /// How many of its calls are in a callback.
    nested: usize,
    /// Whether it is called with a function, as something that has to be done.
    is_task: bool,
    /// How many of its uses are in a function that is returned, or hand it to a callee that does no more with it.
    returned: usize,
    /// How many of its uses are of the latter kind.
    put_by: usize,
    /// How many of its uses were counted.
    total: usize,
    /// Whether the function looks if there is one.
    pub(super) is_tested: bool,
    /// Whether it is given the value of another parameter.
    pub(super) is_shifted: bool,
    /// Whether it is named like a callback.
    pub(super) has_name: bool,
    /// Whether a promise is settled beside it.
    pub(super) settles_a_promise: bool,
}

/// What a function's code does with a callback, by any of its names.
pub(super) fn uses<'a>(cx: &Context<'a>, handles: &Handles<'a>, oracle: &dyn Oracle) -> Uses {
    let mut uses = Uses::default();
    for binding in &handles.callbacks {
        for reference in &cx.names.binding(*binding).references {
            let reference = cx.names.reference(*reference);
            let range = reference.range.clone();
            if let Some(node) = cx.file.root().descendant_for_byte_range(range.start, range.end) {
                uses.take(cx, handles, oracle, node, reference.writes);
            }
        }
        uses.is_tested |= has_default(cx, handles, *binding);
    }
    if has_callback_name_last(cx, handles) && hands_on_arguments(cx, handles) {
        uses.presumed += 1;
        uses.total += 1;
        uses.handed.push((None, None));
    }
    for (binding, range) in &handles.shifted {
        for reference in cx.names.references_in(range).iter().filter(|r| r.binding == Some(*binding)) {
            let range = &reference.range;
            if let Some(node) = cx.file.root().descendant_for_byte_range(range.start, range.end) {
                uses.take(cx, handles, oracle, node, false);
            }
        }
    }
    uses
}

/// Whether the callback is the last parameter, and named like one.
fn has_callback_name_last(cx: &Context<'_>, handles: &Handles<'_>) -> bool {
    let last = super::named_parameters(handles.function).pop().flatten();
    let declared = last.and_then(|name| cx.names.declared_at(name.start_byte()));
    last.is_some_and(|name| has_callback_name(cx.text(name)))
        && declared.is_some_and(|b| handles.callbacks.contains(&b))
}

/// Whether all arguments are handed on as they are: `f.apply(this, arguments)`.
fn hands_on_arguments(cx: &Context<'_>, handles: &Handles<'_>) -> bool {
    let mut found = false;
    walk_own_code(handles.function, |n| {
        let callee = n.child_by_field_name("function").filter(|_| n.kind() == "call_expression");
        if let Some((callee, arguments)) = callee.and_then(|_| call_parts(n))
            && let Some((object, property)) = member_parts(callee)
        {
            let is_log = ["console", "debug", "log"].iter().any(|l| cx.text(object).starts_with(l));
            let all = arguments.last().is_some_and(|a| cx.text(*a) == "arguments");
            found |= cx.text(property) == "apply" && all && !is_log;
        }
        !found
    });
    found
}

/// Whether a callback is a parameter with a default.
fn has_default(cx: &Context<'_>, handles: &Handles<'_>, binding: crate::semantic::BindingId) -> bool {
    let declared = &cx.names.binding(binding).declarations;
    crate::flow::chain::parameters(handles.function).iter().any(|p| {
        let has = p.kind() == "assignment_pattern"
            || p.kind() == "optional_parameter"
            || p.child_by_field_name("value").is_some();
        has && declared.iter().any(|d| p.byte_range().contains(&d.start))
    })
}

impl Uses {
    fn take<'a>(&mut self, cx: &Context<'a>, handles: &Handles<'a>, oracle: &dyn Oracle, node: Node<'a>, writes: bool) {
        let mut node = outermost(cx, node);
        let Some(mut parent) = node.parent() else { return };
        if is_with_default(node, parent) {
            self.is_tested = true;
            (node, parent) = (parent, parent.parent().unwrap_or(parent));
        }
        if writes {
            self.take_write(cx, handles, parent);
            return;
        }
        let done = self.done();
        self.take_read(cx, handles, oracle, node, parent);
        if self.done() > done {
            self.total += 1;
            self.returned += usize::from(is_in_returned_function(node, handles.function));
        }
    }

    /// How many uses there are that do something.
    fn done(&self) -> usize {
        self.calls.len() + self.handed.len() + self.stored + self.astray + self.iterated + self.put_by
    }

    fn take_read<'a>(
        &mut self,
        cx: &Context<'a>,
        handles: &Handles<'a>,
        oracle: &dyn Oracle,
        node: Node<'a>,
        parent: Node<'a>,
    ) {
        self.is_tested |= has_optional_chain(parent);
        if parent.kind() == "call_expression" && parent.child_by_field_name("function") == Some(node) {
            let arguments = parent.child_by_field_name("arguments").map(named_children).unwrap_or_default();
            self.take_call(cx, handles, oracle, parent, &arguments);
        } else if is_call_or_apply(cx, parent) {
            let Some(call) = parent.parent().filter(|p| p.kind() == "call_expression") else { return };
            let arguments = call.child_by_field_name("arguments").map(named_children).unwrap_or_default();
            let is_apply = member_parts(parent).is_some_and(|(_, p)| cx.text(p) == "apply");
            let list = arguments.get(1).copied().filter(|_| is_apply);
            match list {
                Some(list) if list.kind() == "array" => {
                    self.take_call(cx, handles, oracle, call, &named_children(list));
                }
                Some(_) => {
                    self.take_call(cx, handles, oracle, call, &[]);
                    self.calls.pop();
                    self.calls.push((First::Unknown, None));
                }
                None => self.take_call(cx, handles, oracle, call, arguments.get(1..).unwrap_or_default()),
            }
        } else if parent.kind() == "arguments" {
            self.take_handed(cx, handles, oracle, node, parent);
        } else if is_test(node, parent) {
            self.is_tested = true;
        } else if matches!(parent.kind(), "pair" | "array" | "object" | "assignment_expression") {
            let is_value = parent.child_by_field_name("right").is_none_or(|r| r == node);
            let target = parent.child_by_field_name("left").filter(|l| l.kind() != "identifier");
            if is_value && (target.is_some() || parent.kind() != "assignment_expression") {
                self.stored += 1;
            }
        } else if member_parts(parent).is_some_and(|(_, p)| cx.text(p) == "promise") {
            self.settles_a_promise = true;
        } else if matches!(parent.kind(), "return_statement" | "ternary_expression") {
            self.astray += 1;
        }
    }

    fn take_write<'a>(&mut self, cx: &Context<'a>, handles: &Handles<'a>, parent: Node<'a>) {
        let Some((_, value)) = values::assigned(parent) else { return };
        let value = unparenthesized(value);
        let is_other = |n: Node<'_>| Handles::binding_of(cx, n).is_some_and(|b| handles.others.contains(&b));
        let sides = ["consequence", "alternative", "left", "right"].map(|f| value.child_by_field_name(f));
        self.is_shifted |= is_other(value) || sides.into_iter().flatten().any(is_other);
        self.is_shifted |= values::is_from_arguments(cx, value) || values::is_tested_around(cx, value);
        let under_a_test = ancestors(parent).take(4).any(|a| a.kind() == "if_statement");
        self.is_tested |= is_function(value) && under_a_test;
        let text = cx.text(value).to_ascii_lowercase();
        self.settles_a_promise |= value.kind() == "binary_expression" && text.contains("promise");
        self.settles_a_promise |= value.kind() == "call_expression" && text.contains("promisecallback");
    }

    fn take_call<'a>(
        &mut self,
        cx: &Context<'a>,
        handles: &Handles<'a>,
        oracle: &dyn Oracle,
        call: Node<'a>,
        arguments: &[Node<'a>],
    ) {
        let first = arguments.first().map_or(First::Missing, |a| first_argument(cx, *a));
        let spread = arguments.iter().any(|a| a.kind() == "spread_element");
        self.calls.push((first, (!spread).then_some(arguments.len())));
        self.is_task |= arguments.iter().any(|a| is_function(unparenthesized(*a)));
        self.repeated += usize::from(is_repeated(cx, call, handles.function, oracle));
        self.valued += usize::from(is_value_used(call));
        self.nested += usize::from(is_in_callback(call, handles.function));
    }

    fn take_handed<'a>(
        &mut self,
        cx: &Context<'a>,
        handles: &Handles<'a>,
        oracle: &dyn Oracle,
        node: Node<'a>,
        list: Node<'a>,
    ) {
        let Some(call) = list.parent() else { return };
        let arguments = named_children(list);
        let Some(index) = arguments.iter().position(|a| *a == node) else { return };
        if call.kind() == "new_expression" {
            self.stored += 1;
            return;
        }
        let Some(callee) = call.child_by_field_name("function") else { return };
        let name = called_name(cx, callee);
        let object = member_parts(callee).and_then(|(object, _)| Handles::binding_of(cx, object));
        if handles.lists.iter().any(|(list, _)| object == Some(*list)) {
            self.presumed += 1;
            self.handed.push((None, None));
            return;
        }
        if is_wrapper(cx, callee, &arguments) || name == "isFunction" {
            return;
        }
        if matches!(name, "asCallback" | "nodeify") {
            self.settles_a_promise = true;
            self.is_tested = true;
            self.known += 1;
            self.hands_error = true;
            self.handed.push((Some(true), Some(1)));
            return;
        }
        if member_parts(callee).is_some() && matches!(name, "then" | "catch" | "finally") {
            self.known += 1;
            self.take_handler(cx, node, name == "catch" || index == 1);
            return;
        }
        self.take_known(cx, handles, node, name, &arguments, oracle.of_call(cx, call, index));
        self.repeated += usize::from(is_repeated(cx, call, handles.function, oracle));
    }

    /// A handler of a promise: what is bound to it comes first.
    fn take_handler<'a>(&mut self, cx: &Context<'a>, node: Node<'a>, is_error: bool) {
        let settled = if is_error { First::Error } else { First::Value };
        let bound = bound_values(node).unwrap_or_default();
        let first = bound.first().map_or(settled, |a| first_argument(cx, *a));
        self.calls.push((first, Some(bound.len() + 1)));
    }

    /// An argument of a callee that does something with it, or of one of which nothing is known.
    fn take_known<'a>(
        &mut self,
        cx: &Context<'a>,
        handles: &Handles<'a>,
        node: Node<'a>,
        name: &str,
        arguments: &[Node<'a>],
        known: Option<CallbackUse>,
    ) {
        let is_first = arguments.first() == Some(&node);
        let is_last = arguments.last() == Some(&node);
        match known {
            // A name alone does not make a callback of what is handed over.
            Some(known) if known.is_by_name && known.times == Times::Once => {
                self.presumed += usize::from(is_last);
                self.astray += usize::from(!is_last);
                self.handed.push((known.error_first, known.results));
            }
            Some(known) if known.times == Times::Once => {
                self.known += 1;
                self.hands_error |= known.error_first == Some(true);
                if known.error_first.is_none() && is_first {
                    self.take_timer(cx, node, name, arguments);
                } else {
                    self.handed.push((known.error_first, known.results));
                }
            }
            Some(known) if known.times == Times::Many => self.iterated += 1,
            Some(known) if known.times == Times::Never => {
                self.put_by += 1;
                self.returned += usize::from(!is_in_returned_function(node, handles.function));
            }
            Some(_) => self.astray += 1,
            None if is_last => {
                self.presumed += 1;
                self.handed.push((None, None));
            }
            None if matches!(name, "push" | "unshift" | "set") => self.stored += 1,
            None => self.astray += 1,
        }
    }
}

impl Uses {
    /// A timer calls back with what stands behind the callback and the delay, or with what is bound to the callback.
    fn take_timer<'a>(&mut self, cx: &Context<'a>, node: Node<'a>, timer: &str, arguments: &[Node<'a>]) {
        let bound = bound_values(node);
        let skipped = if timer == "setTimeout" { 2 } else { 1 };
        let values = bound.as_deref().or(arguments.get(skipped..)).unwrap_or_default();
        let first = values.first().map_or(First::Missing, |a| first_argument(cx, *a));
        self.calls.push((first, Some(values.len())));
    }
}

/// The parentheses and type assertions around a name, and a `.bind(…)` behind it.
fn outermost<'a>(cx: &Context<'a>, mut node: Node<'a>) -> Node<'a> {
    while let Some(parent) = node.parent() {
        let is_around = matches!(parent.kind(), "parenthesized_expression" | "non_null_expression" | "as_expression");
        if is_around {
            node = parent;
            continue;
        }
        let bind = member_parts(parent).filter(|(object, property)| *object == node && cx.text(*property) == "bind");
        let call = bind.and_then(|_| parent.parent()).filter(|c| call_parts(*c).is_some_and(|(f, _)| f == parent));
        match call {
            Some(call) => node = call,
            None => break,
        }
    }
    node
}

/// What is bound to a callback by `callback.bind(null, …)`.
fn bound_values(node: Node<'_>) -> Option<Vec<Node<'_>>> {
    let (callee, arguments) = call_parts(node)?;
    member_parts(callee)?;
    Some(arguments.into_iter().skip(1).collect())
}

/// `load(callback || noop)`: an argument that stands for the callback if there is one.
fn is_with_default(node: Node<'_>, parent: Node<'_>) -> bool {
    let operator = parent.child_by_field_name("operator").map_or("", |o| o.kind());
    parent.kind() == "binary_expression"
        && matches!(operator, "||" | "??")
        && parent.child_by_field_name("left") == Some(node)
        && parent.parent().is_some_and(|p| p.kind() == "arguments")
}

/// Whether a name is asked whether it is there.
fn is_test(node: Node<'_>, parent: Node<'_>) -> bool {
    match parent.kind() {
        "unary_expression" => true,
        "binary_expression" => {
            let operator = parent.child_by_field_name("operator").map_or("", |o| o.kind());
            let is_left = parent.child_by_field_name("left") == Some(node);
            !matches!(operator, "&&" | "||" | "??") || is_left || super::conditions::is_asked(node)
        }
        "if_statement" | "ternary_expression" => parent.child_by_field_name("condition") == Some(node),
        _ => {
            let grand = parent.parent();
            parent.kind() == "parenthesized_expression"
                && grand.is_some_and(|g| g.child_by_field_name("condition") == Some(parent))
        }
    }
}

fn first_argument(cx: &Context<'_>, argument: Node<'_>) -> First {
    let node = unparenthesized(argument);
    match node.kind() {
        "null" | "undefined" => First::Nothing,
        "identifier" if is_error(cx.text(node)) => First::Error,
        "identifier" | "this" | "subscript_expression" | "template_string" | "string" | "await_expression" => {
            First::Value
        }
        "new_expression" | "call_expression" => {
            let made = node.child_by_field_name("constructor").or_else(|| node.child_by_field_name("function"));
            let name = made.map_or("", |m| called_name(cx, m));
            // `new errors.NotFound(path)`
            let list = made.and_then(member_parts).map_or("", |(object, _)| called_name(cx, object));
            let is_error = list.to_ascii_lowercase().ends_with("errors")
                || name.ends_with("Error")
                || name.ends_with("Exception")
                || is_error(name);
            if is_error { First::Error } else { First::Value }
        }
        "member_expression" => {
            let property = node.child_by_field_name("property").map_or("", |p| cx.text(p));
            let is_error = is_error(property) || property.ends_with("Error");
            if is_error { First::Error } else { First::Value }
        }
        "binary_expression" | "ternary_expression" => {
            let sides = ["left", "right", "consequence", "alternative"].map(|f| node.child_by_field_name(f));
            let kinds: Vec<_> = sides
                .into_iter()
                .flatten()
                .map(|n| {
                    let n = unparenthesized(n);
                    let is_error = n.kind() == "identifier" && is_error(cx.text(n));
                    if is_error || n.kind() == "new_expression" {
                        First::Error
                    } else if n.kind() == "null" {
                        First::Nothing
                    } else {
                        First::Value
                    }
                })
                .collect();
            if kinds.iter().any(|k| *k != First::Value) { First::Error } else { First::Value }
        }
        "true" | "false" | "number" | "object" | "array" | "unary_expression" => First::Literal,
        _ if is_function(node) => First::Literal,
        _ => First::Unknown,
    }
}

/// How much speaks for a variable being the callback that a result goes to; `None` where it is something else: an
/// iterator's function, a predicate, a listener, a task.
pub(super) fn score(uses: &Uses) -> Option<u32> {
    let has_name = uses.has_name;
    let calls_error = uses.calls.iter().any(|(first, _)| matches!(first, First::Nothing | First::Error));
    let handed_error = uses.hands_error;
    let is_used = !uses.calls.is_empty() || uses.known + uses.presumed > 0;
    if uses.is_task && !calls_error && !has_name || uses.total > 0 && uses.returned == uses.total {
        return None;
    }
    let all_repeated = uses.repeated > 0 && uses.repeated == uses.calls.len() + uses.handed.len();
    if all_repeated && !calls_error && !handed_error {
        return None;
    }
    if uses.valued > 0 && !(has_name && calls_error) {
        return None;
    }
    let by_name = has_name && (is_used || uses.stored + uses.astray > 0);
    let by_nesting = uses.nested > 0 && uses.stored == 0 && uses.nested + uses.handed.len() >= uses.calls.len();
    if !(by_name || calls_error || handed_error || by_nesting) {
        return None;
    }
    if has_name && is_used {
        // Of two callbacks the last is the one: the other may be what a list holds.
        return Some(11);
    }
    Some(u32::from(has_name) * 4 + u32::from(calls_error) * 3 + u32::from(handed_error) * 2 + u32::from(is_used) * 2)
}

/// Whether a variable that something is done with is only used by functions that are made here, or by nobody.
pub(super) fn is_put_by(uses: &Uses) -> bool {
    uses.returned == uses.total && uses.stored == 0
}

/// Whether an error comes first.
pub(super) fn error_first(uses: &Uses) -> Option<bool> {
    let is_error = uses.calls.iter().any(|(first, _)| matches!(first, First::Nothing | First::Error));
    let is_literal = uses.calls.iter().any(|(first, _)| *first == First::Literal);
    let is_value = uses.calls.iter().any(|(first, _)| *first == First::Value);
    let handed = |answer| uses.handed.iter().any(|(error_first, _)| *error_first == answer);
    // What is handed a value here may get an error first from a function that is known by its name alone.
    let is_handed_error = uses.hands_error || handed(Some(true)) && !is_value;
    match (is_error || is_handed_error, is_literal || handed(Some(false))) {
        (true, true) => None,
        (true, false) => Some(true),
        (false, true) => Some(false),
        (false, false) if is_value => Some(false),
        // A function with the name of a callback that is never handed anything is told of no error.
        (false, false) => (uses.has_name || !uses.handed.is_empty()).then_some(true),
    }
}

/// The most values behind the error. What becomes of a callback that is kept can't be told.
pub(super) fn results(uses: &Uses) -> Option<usize> {
    if uses.stored > 0 {
        return None;
    }
    let error = usize::from(error_first(uses)?);
    let calls = uses.calls.iter().map(|(_, values)| values.map(|v| v.saturating_sub(error)));
    let handed = uses.handed.iter().map(|(_, values)| *values);
    calls.chain(handed).try_fold(0, |most, values| values.map(|v| most.max(v)))
}
