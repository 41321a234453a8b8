//! What settles a promise: the calls and registrations that are handed `resolve` or `reject`.

use tree_sitter::Node;

use super::Executor;
use crate::{
    context::Context,
    flow::{
        chain::link_name,
        classify::{Promise, promise},
        known::{builtin, is_registration},
        promisify::{callback_literal, has_error_parameter},
    },
    syntax::node::{ancestors, call_parts, is_function},
};

/// A place from which a promise is settled.
#[derive(Clone, Copy, Debug)]
pub enum Source<'t> {
    /// A call with an error-first callback.
    ErrorFirst(Node<'t>),
    /// A promise: handlers in its chain, or `resolve(promise)`.
    Chain(Node<'t>),
    /// A listener, a timer, a stored settler, a function that is called later.
    Other(Node<'t>),
}

impl<'t> Source<'t> {
    /// The code of the source.
    pub fn node(self) -> Node<'t> {
        match self {
            Self::ErrorFirst(node) | Self::Chain(node) | Self::Other(node) => node,
        }
    }
}

/// Everything in an executor that settles its promise, other than direct calls in the executor's own code.
pub fn sources<'t>(cx: &Context<'_>, executor: &Executor<'t>) -> Vec<Source<'t>> {
    let settlers = &executor.settlers;
    let mut found: Vec<Source<'t>> = Vec::new();
    let Some(body) = executor.function.child_by_field_name("body") else { return found };
    let references = cx.names.references_in(&body.byte_range());
    for reference in references.iter().filter(|r| r.binding.is_some_and(|b| settlers.which(b).is_some())) {
        let Some(name) = body.descendant_for_byte_range(reference.range.start, reference.range.end) else { continue };
        if let Some(source) = source_of(cx, executor, name)
            && !found.iter().any(|s| s.node() == source.node())
        {
            found.push(source);
        }
    }
    found
}

/// The source that a use of a settler belongs to: the innermost call that is handed the function it stands in.
/// `None` for a call in the executor's own code.
fn source_of<'t>(cx: &Context<'_>, executor: &Executor<'t>, name: Node<'t>) -> Option<Source<'t>> {
    let call = name.parent().and_then(|p| executor.settlers.called(cx, p).map(|(_, arguments)| (p, arguments)));
    let handed_over = match &call {
        Some((call, arguments)) => {
            let resolves_promise = arguments.first().is_some_and(|a| promise(cx, *a) == Promise::Yes);
            let function = ancestors(*call).find(|n| is_function(*n))?;
            if function == executor.function {
                return resolves_promise.then_some(Source::Chain(*call));
            }
            function
        }
        None => name,
    };
    Some(taker(cx, handed_over, executor))
}

/// What a function, or a settler itself, is handed to.
fn taker<'t>(cx: &Context<'_>, value: Node<'t>, executor: &Executor<'t>) -> Source<'t> {
    let call = ancestors(value)
        .take_while(|n| *n != executor.function)
        .find(|n| n.kind() == "call_expression" && !is_bind(cx, *n));
    let Some(call) = call.filter(|c| c.end_byte() >= value.end_byte()) else { return Source::Other(value) };
    if link_name(cx, call).is_some() {
        return Source::Chain(call);
    }
    let Some((callee, arguments)) = call_parts(call) else {
        // `api.get?.(key, callback)`
        let takes_error = is_function(value) && has_error_parameter(cx, value);
        return if takes_error { Source::ErrorFirst(call) } else { Source::Other(call) };
    };
    if is_registration(cx, callee, arguments.len()) {
        return Source::Other(call);
    }
    let literal = arguments.iter().filter_map(|a| callback_literal(*a)).map(|(f, _)| f);
    let takes_error = literal.into_iter().any(|f| f == value && has_error_parameter(cx, f));
    let is_known = is_builtin_call(cx, call);
    // `fs.stat(path, settleWith(resolve, reject))`: the callback is made elsewhere.
    let around = ancestors(call).take_while(|n| !is_function(*n)).find(|n| is_builtin_call(cx, *n));
    match around {
        _ if takes_error || is_known => Source::ErrorFirst(call),
        Some(outer) => Source::ErrorFirst(outer),
        None => Source::Other(call),
    }
}

fn is_builtin_call(cx: &Context<'_>, node: Node<'_>) -> bool {
    call_parts(node).is_some_and(|(callee, _)| builtin(cx, callee).is_some())
}

fn is_bind(cx: &Context<'_>, call: Node<'_>) -> bool {
    callback_literal(call).is_some_and(|(_, bound)| bound && !cx.text(call).is_empty())
}
