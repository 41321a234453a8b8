//! What TypeScript makes of `util.promisify`. Of several signatures it sees one, mostly the last, and of that one what stands
//! in front of the last parameter and what a callback is declared to get: with another signature the call has too many
//! arguments or too few, and where nothing is declared, the result is `unknown`.
//! (TypeScript Handbook, "Inferring Within Conditional Types": inference from an overloaded type is from the last signature.)

use tree_sitter::Node;

use super::{
    chain::parameters,
    classify::{called_function, declaration_node, initializer, required_package},
    known::{Evidence, binding_of, known},
    promisify::Call,
};
use crate::{
    context::Context,
    syntax::node::{ancestors, member_parts, named_children, unparenthesized, walk},
};

/// Whether TypeScript may not know what the promise form of a call takes and gives. Of JavaScript it asks for no types.
pub(super) fn may_be_untold(cx: &Context<'_>, call: &Call<'_>) -> bool {
    let callee = unparenthesized(call.callee);
    let is_told = !cx.file.source.language().has_types()
        || known(cx, callee).is_some_and(|known| known.by != Evidence::Name && !known.api.overloaded)
        || is_anything(cx, callee)
        || signatures(cx, callee).is_some_and(|all| says_what_it_takes(cx, &all, call.arguments.len()));
    !is_told
}

/// Whether a callee belongs to something of type `any`: what `require` brings, or what is declared so.
fn is_anything(cx: &Context<'_>, callee: Node<'_>) -> bool {
    let mut part = callee;
    loop {
        if declared_type(cx, part).is_some_and(|declared| cx.text(declared) == "any") {
            return true;
        }
        let Some((object, _)) = member_parts(part) else { break };
        part = unparenthesized(object);
    }
    let value = binding_of(cx, part).and_then(|binding| initializer(cx, binding));
    value.is_some_and(|value| required_package(cx, value).is_some())
}

/// Whether there is one signature, with so many parameters in front of its callback, and with the callback's type.
fn says_what_it_takes(cx: &Context<'_>, signatures: &[Node<'_>], arguments: usize) -> bool {
    let [signature] = signatures else { return false };
    let parameters = parameters(*signature);
    let callback = parameters.last().filter(|_| parameters.len() == arguments + 1);
    let declared = callback.and_then(|callback| type_of(*callback));
    declared.is_some_and(|declared| match declared.kind() {
        "function_type" | "generic_type" | "nested_type_identifier" => true,
        "type_identifier" => cx.text(declared) != "Function",
        _ => false,
    })
}

/// All signatures that the file has for what is called.
fn signatures<'a>(cx: &Context<'a>, callee: Node<'a>) -> Option<Vec<Node<'a>>> {
    if let Some(function) = called_function(cx, callee) {
        // An exported function stands within its `export`, and so does each of its signatures.
        let outer = function.parent().filter(|p| p.kind() == "export_statement").unwrap_or(function);
        let name = function.child_by_field_name("name");
        let others = outer.parent().zip(name).map(|(around, name)| members(cx, around, cx.text(name)));
        return Some(others.filter(|all| !all.is_empty()).unwrap_or_else(|| vec![function]));
    }
    let (object, property) = member_parts(callee)?;
    let made = binding_of(cx, object).and_then(|binding| initializer(cx, binding));
    let class = made.filter(|m| m.kind() == "new_expression").and_then(|m| m.child_by_field_name("constructor"));
    let declared = declared_type(cx, object).or(class)?;
    if declared.kind() == "object_type" {
        return Some(members(cx, declared, cx.text(property)));
    }
    let mut found = Vec::new();
    walk(cx.file.root(), |n| {
        let is_it = n.child_by_field_name("name").is_some_and(|name| cx.text(name) == cx.text(declared));
        let body = n.child_by_field_name("body").or_else(|| n.child_by_field_name("value"));
        if let Some(body) = body.filter(|_| is_it && DECLARATIONS.contains(&n.kind())) {
            found.extend(members(cx, body, cx.text(property)));
        }
        true
    });
    Some(found)
}

/// What declares a type with members.
const DECLARATIONS: &[&str] =
    &["interface_declaration", "class_declaration", "abstract_class_declaration", "type_alias_declaration"];

/// The functions of a name among the statements of a file or the members of a type: declared, or of a type that tells.
fn members<'a>(cx: &Context<'_>, around: Node<'a>, name: &str) -> Vec<Node<'a>> {
    let declared = named_children(around).into_iter().map(|n| n.child_by_field_name("declaration").unwrap_or(n));
    let of_name = declared.filter(|n| n.child_by_field_name("name").is_some_and(|own| cx.text(own) == name));
    of_name.map(|n| type_of(n).or_else(|| n.child_by_field_name("value")).unwrap_or(n)).collect()
}

/// The type that a variable, a parameter or a property of `this` is declared with.
fn declared_type<'a>(cx: &Context<'a>, expression: Node<'a>) -> Option<Node<'a>> {
    if let Some((object, property)) = member_parts(expression).filter(|(object, _)| object.kind() == "this") {
        let class = ancestors(object).find(|n| n.kind() == "class_body")?;
        let mut found = None;
        walk(class, |n| {
            let name = n.child_by_field_name("name").or_else(|| n.child_by_field_name("pattern"));
            let is_parameter = n.kind() == "required_parameter"
                && named_children(n).iter().any(|part| part.kind() == "accessibility_modifier");
            let is_it = is_parameter || n.kind() == "public_field_definition";
            if is_it && name.is_some_and(|name| cx.text(name) == cx.text(property)) {
                found = found.or(type_of(n));
            }
            found.is_none()
        });
        return found;
    }
    let declared = declaration_node(cx, binding_of(cx, expression)?)?;
    declared
        .parent()
        .filter(|p| p.child_by_field_name("pattern") == Some(declared) || p.kind() == "variable_declarator")
        .and_then(type_of)
}

/// The type in the annotation of a parameter, a variable or a property.
fn type_of(declared: Node<'_>) -> Option<Node<'_>> {
    let annotation = declared.child_by_field_name("type")?;
    named_children(annotation).first().copied()
}
