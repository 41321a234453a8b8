//! Whether the async function of a converted function can have a name of its own.

use tree_sitter::Node;

use super::{
    exports::is_exports,
    forms::adds_forms_in,
    placed::{Named, placed},
    shift, split,
};
use crate::{
    context::Context,
    flow::{
        chain::parameters,
        classify::{initializer, member_name},
        imports::{imported, is_name_used},
        known::binding_of,
    },
    project::{FileFacts, Project},
    semantic::BindingId,
    syntax::node::{member_parts, walk_own_code, with_parentheses},
};

/// How the async function is named and declared; `None` where the closure form has to do.
pub(super) fn named<'t>(
    cx: &Context<'_>,
    function: Node<'t>,
    callback: BindingId,
    split: &split::Split<'t>,
) -> Option<Named<'t>> {
    let body = function.child_by_field_name("body")?;
    let plain = parameters(function).into_iter().all(|p| {
        let name = p.child_by_field_name("pattern").unwrap_or(p);
        name.kind() == "identifier" && p.child_by_field_name("value").is_none()
    });
    let is_parameter = cx.names.binding(callback).declarations.first().is_some_and(|d| d.start < body.start_byte());
    if !plain || !is_parameter {
        return None;
    }
    // A promise form would do without what the prologue refuses, and without the function's own name.
    let leaves = |s: &Node<'_>| {
        let mut found = false;
        walk_own_code(*s, |n| {
            found |= matches!(n.kind(), "return_statement" | "throw_statement");
            !found
        });
        found
    };
    if split.prologue.iter().any(leaves) || names_itself(cx, function) {
        return None;
    }
    // What a declaration in TypeScript says besides its parameters would have to be said twice.
    let mut cursor = function.walk();
    let is_typed = |n: Node<'_>| matches!(n.kind(), "type_parameters" | "accessibility_modifier" | "override_modifier");
    if function.children(&mut cursor).any(is_typed) {
        return None;
    }
    let staying: Vec<_> = split.prologue.iter().chain(&split.behind).copied().collect();
    let names_arguments = |s: &Node<'_>| cx.names.references_in(&s.byte_range()).iter().any(|r| r.name == "arguments");
    if split.body.iter().any(|s| split::uses(cx, *s, &staying) || names_arguments(s)) {
        return None;
    }
    // Nor would it do what the prologue does besides looking for the callback: `calls += 1`, `options = options || {}`.
    if split.uses_in_front(cx, &split.body) || !shift::only_find_callback(cx, function, callback, &split.prologue) {
        return None;
    }
    let named = placed(cx, function)?;
    // What is put in the place of a function would take over the promise form that its adapter looks for.
    if is_one_of_several(cx, function) {
        return None;
    }
    let is_promisified =
        adds_forms_in(cx.file.source.bytes()) || cx.forms.is_some_and(|f| f.may_be_promisified(cx.file.source.path()));
    let is_taken = is_name_used(cx, &named.name) || is_word_in(cx, &named.name) || is_promisified;
    let old = named.name.strip_suffix("Async").unwrap_or(&named.name);
    (!is_taken && !is_crowded(cx, old) && !is_found_by_start(cx, &named.name)).then_some(named)
}

/// Whether a member is given a function more than once, as where one is wrapped in another, or is one of something that another
/// file declares: `const plain = Store.prototype.get; Store.prototype.get = function …`.
fn is_one_of_several(cx: &Context<'_>, function: Node<'_>) -> bool {
    let own = with_parentheses(function).parent().filter(|p| p.kind() == "assignment_expression");
    let own = own.and_then(|a| a.child_by_field_name("left"));
    let Some(key) = member_name(cx, function) else { return false };
    let owner = match own.and_then(member_parts) {
        Some((object, _)) => owner(cx, object),
        None => class_around(function).map_or("exports", |name| cx.text(name)),
    };
    let text = cx.text(cx.file.root());
    let is_again = |(dot, _): (usize, &str)| {
        let behind = text[dot + 1 + key.len()..].trim_start();
        let is_given = behind.starts_with('=') && !behind.starts_with("==") && !behind.starts_with("=>");
        let member = is_given.then(|| cx.file.root().descendant_for_byte_range(dot + 1, dot + 1)?.parent()).flatten();
        let member = member.filter(|m| Some(*m) != own);
        member.and_then(member_parts).is_some_and(|(object, _)| self::owner(cx, object) == owner)
    };
    text.match_indices(&format!(".{key}")).any(is_again) || is_of_another_file(cx, own)
}

/// Whose members an object has: those of `exports`, or of a class or constructor by its name.
fn owner<'a>(cx: &Context<'a>, object: Node<'a>) -> &'a str {
    let alias = binding_of(cx, object).and_then(|b| initializer(cx, b)).filter(|v| cx.text(*v).ends_with(".prototype"));
    let text = cx.text(alias.unwrap_or(object));
    if is_exports(cx, object) { "exports" } else { text.strip_suffix(".prototype").unwrap_or(text) }
}

fn class_around<'t>(method: Node<'t>) -> Option<Node<'t>> {
    let body = method.parent().filter(|p| p.kind() == "class_body")?;
    body.parent()?.child_by_field_name("name")
}

/// Whether a member is one of what the file imports.
fn is_of_another_file(cx: &Context<'_>, member: Option<Node<'_>>) -> bool {
    let mut object = member.and_then(member_parts).map(|(object, _)| object);
    while let Some(inner) = object.and_then(member_parts).map(|(inner, _)| inner) {
        object = Some(inner);
    }
    let binding = object.and_then(|o| binding_of(cx, o));
    let alias = binding.and_then(|b| initializer(cx, b)).and_then(member_parts).and_then(|(o, _)| binding_of(cx, o));
    [binding, alias].into_iter().flatten().any(|b| imported(cx, b).is_some())
}

/// Whether the file looks members up whose names start as one does: `this['handle_' + command]`. A new name that starts so
/// would be found as well.
fn is_found_by_start(cx: &Context<'_>, name: &str) -> bool {
    let text = cx.text(cx.file.root());
    text.match_indices('[').any(|(at, _)| {
        let key = text[at + 1..].trim_start();
        let Some(quote) = key.chars().next().filter(|c| matches!(c, '\'' | '"' | '`')) else { return false };
        let inner = &key[1..];
        let goes_on = if quote == '`' { "${" } else { "+" };
        let end = if quote == '`' { inner.find("${") } else { inner.find(quote) };
        let Some(end) = end.filter(|end| *end > 0) else { return false };
        let behind = if quote == '`' { &inner[end..] } else { inner[end + 1..].trim_start() };
        name.starts_with(&inner[..end]) && behind.starts_with(goes_on)
    })
}

/// Whether other code may notice a name beside that of a function: because it goes over all members of what the function
/// is a member of, or has that name itself.
fn is_crowded(cx: &Context<'_>, name: &str) -> bool {
    let path = cx.file.source.path();
    let alone = || {
        let project = Project::link(vec![FileFacts::of(cx.file, cx.names)]);
        project.crowded(path).cloned().unwrap_or_default()
    };
    let known = cx.forms.and_then(|forms| forms.is_crowded(path, name));
    known.unwrap_or_else(|| cx.own_crowded.get_or_init(alone).contains(name))
}

/// Whether a word stands anywhere in the file: a property of that name may be set in any of many ways, by
/// `promisifyAll` without its being written at all.
fn is_word_in(cx: &Context<'_>, word: &str) -> bool {
    let text = cx.text(cx.file.root());
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (text[..at].chars().next_back(), text[at + word.len()..].chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// Whether a function expression uses its own name, which nobody outside of it knows.
fn names_itself(cx: &Context<'_>, function: Node<'_>) -> bool {
    let name = function.child_by_field_name("name").filter(|_| function.kind() == "function_expression");
    let binding = name.and_then(|n| cx.names.declared_at(n.start_byte()));
    binding.is_some_and(|b| !cx.names.binding(b).references.is_empty())
}
