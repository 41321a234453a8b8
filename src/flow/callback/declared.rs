//! What TypeScript is told that a callback gets: by a function type that stands in place, or by one that the file has a name
//! for, `type Done<T> = (err: Error | null, value?: T) => void`.

use tree_sitter::Node;

use crate::{
    context::Context,
    flow::chain::parameters,
    semantic::BindingId,
    syntax::node::{ancestors, named_children, walk, with_parentheses},
};

/// How many names are followed from one type to the next.
const MAX_DEPTH: usize = 8;

/// The type of a callback.
pub(super) enum Declared<'a> {
    /// It asks nothing of what the callback gets: there is none, or it is `any`.
    Anything,
    /// `Function`
    AnyFunction,
    /// It is declared in another file, or where the function is used. If it stands at the parameter, that is the type.
    Elsewhere(Option<Node<'a>>),
    /// A function type.
    Signature(Signature<'a>),
}

/// The parameters of a function type.
pub(super) struct Signature<'a> {
    parameters: Vec<Node<'a>>,
    /// What the type parameters stand for that the parameters may mention.
    given: Given,
}

/// Type parameters, each with the type that it is given.
type Given = Vec<(String, String)>;

/// What a parameter of a callback is declared to be.
pub(super) struct Told<'a> {
    /// The type; `None` where there is none, which is `any`.
    pub(super) node: Option<Node<'a>>,
    /// The type as it is written, type parameters replaced.
    pub(super) text: String,
    /// `value?: T`
    pub(super) is_optional: bool,
}

impl<'a> Signature<'a> {
    /// What the parameter at a place is declared to be. `None` where there is none, or it takes the rest, or what it is
    /// declared to be can't be said elsewhere.
    pub(super) fn told(&self, cx: &Context<'a>, at: usize) -> Option<Told<'a>> {
        let parameter = *self.parameters.get(at)?;
        if parameter.child_by_field_name("pattern")?.kind() == "rest_pattern" {
            return None;
        }
        let is_optional = parameter.kind() == "optional_parameter";
        let node = annotated(parameter);
        let text = node.map_or(Some("any".to_owned()), |node| replaced(cx, node, &self.given))?;
        Some(Told { node, text, is_optional })
    }
}

/// What the callback of a function is declared to be.
pub(super) fn declared<'a>(cx: &Context<'a>, function: Node<'a>, callback: BindingId) -> Declared<'a> {
    let is_it = |p: &Node<'a>| {
        let name = p.child_by_field_name("pattern").unwrap_or(*p);
        cx.names.declared_at(name.start_byte()) == Some(callback)
    };
    let Some(parameter) = parameters(function).into_iter().find(is_it) else { return Declared::Anything };
    match annotated(parameter) {
        Some(declared) => follow(cx, function, declared, &Vec::new(), MAX_DEPTH).unwrap_or_else(|| {
            let is_named = matches!(declared.kind(), "type_identifier" | "generic_type" | "nested_type_identifier");
            Declared::Elsewhere(Some(declared).filter(|_| is_named))
        }),
        None if is_told_by_use(cx, function) => Declared::Elsewhere(None),
        None => Declared::Anything,
    }
}

/// Whether a function may get the types of its parameters from where it is used.
fn is_told_by_use(cx: &Context<'_>, function: Node<'_>) -> bool {
    let Some(parent) = with_parentheses(function).parent() else { return false };
    match (function.kind(), parent.kind()) {
        ("function_declaration" | "generator_function_declaration", _) | ("method_definition", "class_body") => false,
        (_, "variable_declarator" | "public_field_definition") => parent.child_by_field_name("type").is_some(),
        (_, "assignment_expression") => {
            let target = parent.child_by_field_name("left").map_or("", |left| cx.text(left));
            !target.starts_with("exports.") && !target.starts_with("module.exports.")
        }
        _ => true,
    }
}

/// The type in an annotation.
fn annotated(parameter: Node<'_>) -> Option<Node<'_>> {
    named_children(parameter.child_by_field_name("type")?).first().copied()
}

/// The function type that a type is or stands for. `None` where this file does not tell.
fn follow<'a>(
    cx: &Context<'a>,
    function: Node<'a>,
    declared: Node<'a>,
    given: &Given,
    depth: usize,
) -> Option<Declared<'a>> {
    let depth = depth.checked_sub(1)?;
    match declared.kind() {
        "parenthesized_type" => follow(cx, function, *named_children(declared).first()?, given, depth),
        "union_type" => match *alternatives(cx, declared) {
            [only] => follow(cx, function, only, given, depth),
            _ => None,
        },
        "function_type" => signature(declared, given),
        "object_type" | "interface_body" => {
            let is_call = |member: &Node<'_>| member.kind() == "call_signature";
            let calls: Vec<_> = named_children(declared).into_iter().filter(is_call).collect();
            calls.first().filter(|_| calls.len() == 1).and_then(|call| signature(*call, given))
        }
        "predefined_type" => Some(Declared::Anything),
        "type_identifier" if cx.text(declared) == "Function" => Some(Declared::AnyFunction),
        "type_identifier" => {
            let (value, own) = named_type(cx, function, cx.text(declared))?;
            follow(cx, function, value, &given_to(cx, &own, &[])?, depth)
        }
        "generic_type" => {
            let (value, own) = named_type(cx, function, cx.text(declared.child_by_field_name("name")?))?;
            let arguments = named_children(declared.child_by_field_name("type_arguments")?);
            let arguments: Option<Vec<_>> = arguments.into_iter().map(|a| replaced(cx, a, given)).collect();
            follow(cx, function, value, &given_to(cx, &own, &arguments?)?, depth)
        }
        _ => None,
    }
}

fn signature<'a>(node: Node<'a>, given: &Given) -> Option<Declared<'a>> {
    // What a function is asked for that has type parameters of its own nobody can write down outside of it.
    let is_plain = node.child_by_field_name("type_parameters").is_none();
    let parameters = named_children(node.child_by_field_name("parameters").filter(|_| is_plain)?);
    let is_this = |p: &Node<'_>| p.child_by_field_name("pattern").is_some_and(|name| name.kind() == "this");
    let parameters = parameters.into_iter().filter(|p| !is_this(p)).collect();
    Some(Declared::Signature(Signature { parameters, given: given.clone() }))
}

/// The alternatives of a type but for `null` and `undefined`.
pub(super) fn alternatives<'a>(cx: &Context<'_>, declared: Node<'a>) -> Vec<Node<'a>> {
    let mut found = Vec::new();
    walk(declared, |n| {
        if matches!(n.kind(), "union_type" | "parenthesized_type") {
            return true;
        }
        if n.is_named() && !matches!(cx.text(n), "null" | "undefined") {
            found.push(n);
        }
        false
    });
    found
}

/// What a name stands for that one declaration at the top of the file gives a type, and the type parameters of that.
fn named_type<'a>(cx: &Context<'a>, function: Node<'a>, name: &str) -> Option<(Node<'a>, Vec<Node<'a>>)> {
    let all = type_declarations(cx, name);
    let [only] = all.as_slice() else { return None };
    let outer = only.parent().filter(|p| p.kind() == "export_statement").unwrap_or(*only);
    let extends = named_children(*only).into_iter().any(|n| n.kind() == "extends_type_clause");
    if outer.parent().is_none_or(|p| p.kind() != "program") || extends {
        return None;
    }
    let value = match only.kind() {
        "type_alias_declaration" => only.child_by_field_name("value")?,
        "interface_declaration" => only.child_by_field_name("body")?,
        _ => return None,
    };
    let own = only.child_by_field_name("type_parameters").map(named_children).unwrap_or_default();
    // Around the function, a name may mean a type parameter.
    let around = std::iter::once(function).chain(ancestors(function));
    let shadowing = around.filter_map(|n| n.child_by_field_name("type_parameters")).flat_map(named_children);
    let shadowing: Vec<_> = shadowing.filter_map(|p| Some(cx.text(p.child_by_field_name("name")?))).collect();
    let is_own = |name: &str| own.iter().any(|p| p.child_by_field_name("name").is_some_and(|n| cx.text(n) == name));
    let is_other = names_in(cx, value).any(|name| shadowing.contains(&name) && !is_own(name));
    (!is_other).then_some((value, own))
}

/// The declarations of a type, anywhere in the file.
pub(super) fn type_declarations<'a>(cx: &Context<'a>, name: &str) -> Vec<Node<'a>> {
    let mut found = Vec::new();
    walk(cx.file.root(), |n| {
        let is_type = matches!(
            n.kind(),
            "type_alias_declaration"
                | "interface_declaration"
                | "class_declaration"
                | "abstract_class_declaration"
                | "enum_declaration"
        );
        if is_type && n.child_by_field_name("name").is_some_and(|own| cx.text(own) == name) {
            found.push(n);
        }
        true
    });
    found
}

/// The names of types that a type mentions.
pub(super) fn names_in<'a>(cx: &Context<'a>, declared: Node<'a>) -> impl Iterator<Item = &'a str> {
    let mut found = Vec::new();
    walk(declared, |n| {
        if n.kind() == "type_identifier" {
            found.push(n);
        }
        true
    });
    let texts: Vec<_> = found.into_iter().map(|n| cx.text(n)).collect();
    texts.into_iter()
}

/// Type parameters and what they are given, or what they stand for where they are given nothing.
fn given_to(cx: &Context<'_>, own: &[Node<'_>], arguments: &[String]) -> Option<Given> {
    let pairs = own.iter().enumerate().map(|(at, parameter)| {
        let name = cx.text(parameter.child_by_field_name("name")?).to_owned();
        let default = || {
            let value = named_children(parameter.child_by_field_name("value")?);
            value.first().map(|value| cx.text(*value).to_owned())
        };
        Some((name, arguments.get(at).cloned().or_else(default)?))
    });
    pairs.collect()
}

/// The text of a type with its type parameters replaced by what they are given.
fn replaced(cx: &Context<'_>, declared: Node<'_>, given: &Given) -> Option<String> {
    let (mut text, mut at, mut is_plain) = (String::new(), declared.start_byte(), true);
    walk(declared, |n| {
        is_plain &= !matches!(n.kind(), "type_parameters" | "infer_type" | "mapped_type_clause");
        let own = given.iter().find(|(name, _)| n.kind() == "type_identifier" && *name == cx.text(n));
        if let Some((_, argument)) = own {
            let is_word = argument.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '.'));
            text.push_str(cx.slice(at..n.start_byte()));
            // A list, an alternative or a part of another type binds more tightly than what it is given may.
            let is_set_off =
                n.parent().is_some_and(|p| matches!(p.kind(), "type_annotation" | "type_arguments" | "tuple_type"));
            text.push_str(&if is_word || is_set_off || n == declared {
                argument.clone()
            } else {
                format!("({argument})")
            });
            at = n.end_byte();
        }
        true
    });
    text.push_str(cx.slice(at..declared.end_byte()));
    (is_plain || given.is_empty()).then_some(text)
}
