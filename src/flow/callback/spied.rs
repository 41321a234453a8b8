//! Callbacks that keep count of their calls, as the spies of tests do: `lib.load(id, spy); expect(spy.called)` relies on `load` to call
//! back before it returns.

use tree_sitter::Node;

use crate::{
    context::Context,
    flow::{
        classify::{called_function, initializer},
        known::{binding_of, is_registration},
    },
    syntax::node::{call_parts, member_parts, unparenthesized, walk_own_code},
};

/// The functions of test tools that make a function which keeps count of its calls (Sinon, Jest, Vitest, Jasmine, `node:test`).
const MAKING: &[&str] = &["createSpy", "fake", "fn", "mock", "spy", "stub"];

/// Whether a call is handed a callback by its name, last, and the code of the function behind the call looks at what has become of it:
/// at a member of it, or by handing a spy to an assertion.
pub(super) fn is_spied_behind(cx: &Context<'_>, function: Node<'_>, call: Node<'_>) -> bool {
    let Some((callee, arguments)) = call_parts(call) else { return false };
    let last = arguments.last().map(|last| unparenthesized(*last)).filter(|last| last.kind() == "identifier");
    let Some((last, binding)) = last.and_then(|last| Some((last, binding_of(cx, last)?))) else { return false };
    let is_spy = initializer(cx, binding).is_some_and(|value| is_made_to_spy(cx, value));
    if !is_spy && called_function(cx, last).is_none()
        || is_registration(cx, callee, arguments.len())
        || asserts(cx, callee)
    {
        return false;
    }
    let mut found = false;
    walk_own_code(function, |n| {
        let is_it = n.kind() == "identifier" && n.start_byte() >= call.end_byte() && binding_of(cx, n) == Some(binding);
        found |= is_it
            && n.parent().is_some_and(|parent| match member_parts(parent) {
                // `done.call(null)` is a call of it.
                Some((object, property)) => object == n && !matches!(cx.text(property), "apply" | "bind" | "call"),
                None => is_spy && parent.parent().and_then(call_parts).is_some_and(|(callee, _)| asserts(cx, callee)),
            });
        !found
    });
    found
}

/// `sinon.spy()`, `jest.fn(() => 1)`, `sinon.stub().returns(1)`
fn is_made_to_spy(cx: &Context<'_>, value: Node<'_>) -> bool {
    let mut value = unparenthesized(value);
    while let Some((callee, _)) = call_parts(value) {
        let member = member_parts(callee);
        if MAKING.contains(&cx.text(member.map_or(callee, |(_, property)| property))) {
            return true;
        }
        let Some((object, _)) = member else { return false };
        value = unparenthesized(object);
    }
    false
}

/// `expect(spy)`, `assert.calledOnce(spy)`, `sinon.assert.notCalled(spy)`
fn asserts(cx: &Context<'_>, callee: Node<'_>) -> bool {
    let text = cx.text(callee);
    text.starts_with("expect") || text.starts_with("assert") || text.contains(".assert") || text.starts_with("should")
}
