//! Members that something else is put in the place of while the program runs, as tests do: `sinon.stub(fs, 'readFile')`,
//! `fs.close = failing`. Whoever looks such a member up once, or calls its promise form, calls what was there before.

use tree_sitter::Node;

use super::forms::{QUOTES, REPLACING, constant_text};
use crate::{
    apis::plain,
    context::Context,
    flow::{imports::imported, known::binding_of},
    project::CallbackFunctions,
    syntax::node::{call_parts, member_parts, named_children},
};

/// Functions that load a file with other modules in the place of those that it imports: `proxyquire('./a', { fs: … })`.
const LOADING: &[&str] = &["esmock", "load", "proxyquire", "requireInject"];

/// Notes the members, and the modules, that a call or an assignment replaces.
pub(super) fn note_replaced(cx: &Context<'_>, node: Node<'_>, functions: &mut CallbackFunctions) {
    if node.kind() == "assignment_expression" {
        let member = node.child_by_field_name("left").and_then(member_parts);
        let module = |object: Node<'_>| binding_of(cx, object).and_then(|b| imported(cx, b));
        if let Some((_, property)) = member.filter(|(object, _)| module(*object).is_some_and(|i| i.export.is_none())) {
            functions.replace(cx.text(property));
        }
        return;
    }
    let Some((callee, arguments)) = call_parts(node) else { return };
    let name = cx.text(member_parts(callee).map_or(callee, |(_, property)| property));
    if REPLACING.contains(&name) {
        for text in arguments.iter().filter_map(|argument| constant_text(cx, *argument)) {
            functions.replace(plain(text));
        }
        // `sinon.stub(fs)`
        if let [argument] = arguments[..] {
            let module = binding_of(cx, argument).and_then(|b| imported(cx, b));
            module.into_iter().for_each(|import| functions.replace(plain(import.module)));
        }
    }
    if LOADING.contains(&name) {
        for pair in arguments.iter().filter(|a| a.kind() == "object").flat_map(|object| named_children(*object)) {
            let key = pair.child_by_field_name("key").unwrap_or(pair);
            functions.replace(plain(cx.text(key).trim_matches(QUOTES)));
        }
    }
}
