//! Whether an argument may be a file descriptor. `fs.readFile` and its like take one in place of a path, and their promise
//! forms in `fs.promises` do not.

use tree_sitter::Node;

use super::{
    asyncness::own_bindings,
    chain::parameters,
    classify::{declaration_node, initializer},
    known::binding_of,
};
use crate::{
    context::Context,
    semantic::BindingId,
    syntax::node::{call_parts, enclosing_function, has_token, untyped},
};

/// How many names are followed from one to the next: `const input = source`, `const source = file || 0`.
const MAX_DEPTH: usize = 6;

/// Whether a value may be a file descriptor, as far as the file shows: it is called one, it is a number, or it is a name, a choice
/// or a parameter that may stand for one of these.
pub(super) fn may_be_descriptor(cx: &Context<'_>, value: Node<'_>) -> bool {
    may_be(cx, value, MAX_DEPTH)
}

fn may_be(cx: &Context<'_>, value: Node<'_>, depth: usize) -> bool {
    let mut values = vec![value];
    while let Some(value) = values.pop().map(untyped) {
        let parts = |fields: &[&str]| fields.iter().filter_map(|f| value.child_by_field_name(f)).collect::<Vec<_>>();
        match value.kind() {
            "number" => return true,
            "ternary_expression" => values.extend(parts(&["consequence", "alternative"])),
            "binary_expression" if ["||", "??", "&&"].iter().any(|choice| has_token(value, choice)) => {
                values.extend(parts(&["left", "right"]));
            }
            "assignment_expression" => values.extend(parts(&["right"])),
            _ if is_called_one(cx.text(value)) => return true,
            "identifier" if depth > 0 && binding_of(cx, value).is_some_and(|b| holds_one(cx, b, depth - 1)) => {
                return true;
            }
            _ => {}
        }
    }
    false
}

/// `fd`, `STDIN_FD`, `process.stdin.fd`, `fileDescriptor`
fn is_called_one(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.ends_with("fd") || text.ends_with("descriptor")
}

/// Whether a variable or a parameter may stand for a descriptor: by its type, by what it is given, or by what the file
/// calls its function with.
fn holds_one(cx: &Context<'_>, variable: BindingId, depth: usize) -> bool {
    let Some(declared) = declaration_node(cx, variable) else { return false };
    let around = declared.parent();
    let annotation = around.and_then(|p| p.child_by_field_name("type")).map(|t| cx.text(t)).unwrap_or_default();
    if annotation.contains("number") || annotation.contains("FileDescriptor") {
        return true;
    }
    let node_at = |range: &std::ops::Range<usize>| cx.file.root().descendant_for_byte_range(range.start, range.end);
    let writes = cx.names.binding(variable).references.iter().map(|r| cx.names.reference(*r)).filter(|r| r.writes);
    let assigned = writes.filter_map(|r| node_at(&r.range)?.parent()?.child_by_field_name("right"));
    let by_default = around.and_then(|p| p.child_by_field_name("value").or_else(|| p.child_by_field_name("right")));
    let by_default = by_default.filter(|_| around.is_some_and(|p| p.kind() != "variable_declarator"));
    let mut values = assigned.chain(by_default).chain(initializer(cx, variable)).chain(given(cx, declared));
    values.any(|value| may_be(cx, value, depth))
}

/// What the file hands over for a parameter, where it calls the parameter's function by name.
fn given<'a>(cx: &Context<'a>, parameter: Node<'a>) -> Vec<Node<'a>> {
    let Some(function) = enclosing_function(parameter) else { return Vec::new() };
    let is_it = |p: &Node<'_>| p.byte_range().contains(&parameter.start_byte());
    let Some(at) = parameters(function).iter().position(is_it) else { return Vec::new() };
    let uses = own_bindings(cx, function).into_iter().flat_map(|b| &cx.names.binding(b).references);
    let argument = |range: &std::ops::Range<usize>| {
        let name = cx.file.root().descendant_for_byte_range(range.start, range.end)?;
        let (callee, arguments) = call_parts(name.parent()?)?;
        arguments.get(at).copied().filter(|_| callee == name)
    };
    uses.filter_map(|r| argument(&cx.names.reference(*r).range)).collect()
}
