//! Code that is a script by intention: a test goes through its steps one after the other.

use tree_sitter::Node;

use crate::{
    context::Context,
    syntax::node::{ancestors, call_parts, is_function, member_parts, with_parentheses},
};

/// Functions of test frameworks that are handed the code of a test, of a hook, or of a step.
const TEST_FUNCTIONS: &[&str] = &[
    "it",
    "test",
    "describe",
    "context",
    "suite",
    "specify",
    "before",
    "after",
    "beforeEach",
    "afterEach",
    "beforeAll",
    "afterAll",
    "setup",
    "teardown",
    "fit",
    "xit",
    "Scenario",
    "Before",
    "After",
    "BeforeSuite",
    "AfterSuite",
    "Given",
    "When",
    "Then",
];

/// The call of a test framework that is handed the function around a node, or one around that.
pub fn script_around<'t>(cx: &Context<'_>, node: Node<'t>) -> Option<Node<'t>> {
    ancestors(node).filter(|n| is_function(*n)).find_map(|function| {
        let call = with_parentheses(function).parent().filter(|p| p.kind() == "arguments")?.parent()?;
        let (callee, arguments) = call_parts(call)?;
        let is_titled = arguments.first().is_some_and(|a| matches!(a.kind(), "string" | "template_string"));
        is_test_function(cx, callee, is_titled).then_some(callee)
    })
}

/// `it`, `test.only`, `t.test('title', …)`, `it.each(table)`.
fn is_test_function(cx: &Context<'_>, callee: Node<'_>, is_titled: bool) -> bool {
    let mut node = callee;
    loop {
        if let Some((object, property)) = member_parts(node) {
            if is_titled && TEST_FUNCTIONS.contains(&cx.text(property)) {
                return true;
            }
            node = object;
        } else if let Some((inner, _)) = call_parts(node) {
            node = inner;
        } else {
            break;
        }
    }
    node.kind() == "identifier" && TEST_FUNCTIONS.contains(&cx.text(node)) && (is_titled || node == callee)
}
