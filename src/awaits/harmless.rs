//! Expressions that call nothing and change nothing, so that it does not matter to anybody else when they are evaluated.

use tree_sitter::Node;

use crate::{
    context::Context,
    flow::classify::{is_global, is_plain_builtin},
    semantic::BindingKind,
    syntax::node::{call_parts, has_optional_chain, member_parts, named_children, unparenthesized, walk},
};

/// What is known of an expression that calls nothing and changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Weight {
    /// Whether it could throw, as the property of `undefined` does.
    pub(super) throws: bool,
}

/// Weighs an expression; `None` if it may call or change something.
pub(super) fn weigh(cx: &Context<'_>, expression: Node<'_>) -> Option<Weight> {
    weigh_around(cx, expression, None)
}

/// Weighs an expression without a part of it: the `await` that it is evaluated around. `None` if it may call or change
/// something.
pub(super) fn weigh_around(cx: &Context<'_>, expression: Node<'_>, without: Option<Node<'_>>) -> Option<Weight> {
    weigh_with(cx, expression, without, &|_| false)
}

/// The same, for a place where it is known of more expressions that they are neither `undefined` nor `null`.
pub(super) fn weigh_with(
    cx: &Context<'_>,
    expression: Node<'_>,
    without: Option<Node<'_>>,
    is_known: &dyn Fn(Node<'_>) -> bool,
) -> Option<Weight> {
    let mut throws = false;
    let mut pending = vec![expression];
    while let Some(node) = pending.pop() {
        if Some(node) == without {
            continue;
        }
        match node.kind() {
            "identifier" => throws |= is_global(cx, node) && !WELL_KNOWN.contains(&cx.text(node)),
            "this"
            | "string"
            | "number"
            | "true"
            | "false"
            | "null"
            | "undefined"
            | "regex"
            | "comment"
            | "arrow_function"
            | "function_expression"
            | "shorthand_property_identifier"
            | "method_definition"
            | "property_identifier"
            | "private_property_identifier"
            | "string_fragment"
            | "escape_sequence"
            | "meta_property"
            | "super" => {}
            "template_string" | "template_substitution" | "parenthesized_expression" | "array" | "object" => {
                throws |= has_spread_array(node);
                pending.extend(named_children(node));
            }
            "spread_element" | "ternary_expression" => pending.extend(named_children(node)),
            "as_expression" | "satisfies_expression" | "non_null_expression" => pending.extend(node.named_child(0)),
            "pair" => pending.extend(pair_parts(node)),
            "unary_expression" => {
                if node.child_by_field_name("operator").is_some_and(|o| o.kind() == "delete") {
                    return None;
                }
                pending.extend(node.child_by_field_name("argument"));
            }
            "binary_expression" => {
                throws |= node.child_by_field_name("operator").is_some_and(|o| matches!(o.kind(), "in" | "instanceof"));
                pending.extend(["left", "right"].into_iter().filter_map(|f| node.child_by_field_name(f)));
            }
            "member_expression" | "subscript_expression" => {
                let object = node.child_by_field_name("object")?;
                throws |= !(has_optional_chain(node)
                    || Some(object) != without && (is_object(cx, object) || is_known(object)));
                pending.push(object);
                pending.extend(node.child_by_field_name("index"));
            }
            "call_expression" => {
                let (callee, arguments) = call_parts(node)?;
                throws = true;
                if !is_plain_builtin(cx, callee) {
                    return None;
                }
                pending.extend(arguments);
            }
            "new_expression" => {
                let class = node.child_by_field_name("constructor")?;
                let arguments = node.child_by_field_name("arguments").map(named_children).unwrap_or_default();
                if !(PLAIN_CLASSES.contains(&cx.text(class)) && is_global(cx, class)) {
                    return None;
                }
                throws |= !arguments.is_empty();
                pending.extend(arguments);
            }
            _ => return None,
        }
    }
    Some(Weight { throws })
}

/// Classes of the language whose construction calls nothing.
const PLAIN_CLASSES: &[&str] =
    &["Map", "Set", "WeakMap", "WeakSet", "Date", "Array", "Error", "URL", "URLSearchParams"];

/// Global names that are there in every run.
const WELL_KNOWN: &[&str] = &[
    "undefined",
    "NaN",
    "Infinity",
    "globalThis",
    "process",
    "console",
    "Math",
    "JSON",
    "Object",
    "Array",
    "Number",
    "String",
    "Boolean",
    "Symbol",
    "Date",
    "Promise",
    "Buffer",
    "module",
    "exports",
    "require",
    "__dirname",
    "__filename",
];

fn has_spread_array(node: Node<'_>) -> bool {
    node.kind() == "array" && named_children(node).iter().any(|c| c.kind() == "spread_element")
}

/// What is evaluated of a member of an object literal.
fn pair_parts(pair: Node<'_>) -> Vec<Node<'_>> {
    let key = pair.child_by_field_name("key").filter(|k| k.kind() == "computed_property_name");
    let key = key.and_then(|k| k.named_child(0));
    key.into_iter().chain(pair.child_by_field_name("value")).collect()
}

/// Whether an expression is certainly neither `undefined` nor `null`, so that it may be asked for a property.
pub(super) fn is_object(cx: &Context<'_>, node: Node<'_>) -> bool {
    let node = unparenthesized(node);
    match node.kind() {
        "this"
        | "super"
        | "string"
        | "template_string"
        | "array"
        | "object"
        | "meta_property"
        | "new_expression"
        | "arrow_function"
        | "function_expression" => true,
        "identifier" => match cx.names.reference_at(node.start_byte()).and_then(|r| r.binding) {
            None => WELL_KNOWN.contains(&cx.text(node)),
            Some(binding) => {
                let kind = cx.names.binding(binding).kind;
                let fixed = matches!(kind, BindingKind::Import | BindingKind::Function | BindingKind::Class);
                fixed || is_declared_object(cx, binding)
            }
        },
        // What Node keeps there is always an object.
        "member_expression" => matches!(cx.text(node), "process.env" | "process.argv" | "module.exports"),
        _ => false,
    }
}

/// Whether a name is declared as an object, or as the module that is required, and never assigned.
fn is_declared_object(cx: &Context<'_>, binding: crate::semantic::BindingId) -> bool {
    use crate::flow::classify::{initializer, required_package};
    let value = initializer(cx, binding).filter(|_| !cx.names.is_reassigned(binding)).map(unparenthesized);
    value.is_some_and(|value| {
        let literal = matches!(
            value.kind(),
            "array" | "object" | "new_expression" | "arrow_function" | "function_expression" | "class"
        );
        literal || required_package(cx, value).is_some()
    })
}

/// Whether an expression comes to the same whenever it is evaluated: a literal, a name that is never assigned, `this`,
/// a property of `this` that is a receiver.
pub(super) fn is_stable(cx: &Context<'_>, node: Node<'_>) -> bool {
    let node = unparenthesized(node);
    match node.kind() {
        "this" | "super" | "string" | "number" | "true" | "false" | "null" | "undefined" | "regex" => true,
        "identifier" | "shorthand_property_identifier" => {
            match cx.names.reference_at(node.start_byte()).and_then(|r| r.binding) {
                None => true,
                Some(binding) => !cx.names.is_reassigned(binding),
            }
        }
        // `console.log(await f())`, `this.log.info(await f())`
        "member_expression" => {
            let called = node.parent().is_some_and(|p| p.kind() == "member_expression" && is_called(p));
            called && member_parts(node).is_some_and(|(object, _)| is_stable(cx, object))
        }
        _ => false,
    }
}

fn is_called(node: Node<'_>) -> bool {
    node.parent().is_some_and(|p| p.child_by_field_name("function") == Some(node))
}

/// Whether taking a value apart calls nothing of which is known: the defaults and computed keys of a pattern are
/// harmless.
pub(super) fn is_harmless_pattern(cx: &Context<'_>, pattern: Node<'_>) -> bool {
    let mut harmless = true;
    walk(pattern, |n| {
        let evaluated = match n.kind() {
            "assignment_pattern" | "object_assignment_pattern" => n.child_by_field_name("right"),
            "computed_property_name" => n.named_child(0),
            _ => None,
        };
        harmless &= evaluated.is_none_or(|e| weigh(cx, e).is_some());
        harmless
    });
    harmless
}
