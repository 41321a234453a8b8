//! How the async function of a converted function is called, and where it is declared.

use tree_sitter::Node;

use super::{exports, split};
use crate::{
    context::Context,
    flow::{
        chain::{own_this, parameters},
        imports::is_name_used,
    },
    project::{FileFacts, Project},
    semantic::BindingId,
    syntax::node::{has_token, member_parts, walk_own_code, with_parentheses},
};

/// Where the async function goes, and how it is reached.
pub(super) struct Named<'t> {
    /// Its name.
    pub(super) name: String,
    /// What stands between `async ` and the parameters: `function loadAsync `, or `loadAsync` for a method.
    pub(super) head: String,
    /// What stands in front of `async`: `exports.loadAsync = `, `static `, or nothing.
    pub(super) lead: String,
    /// What ends it: a semicolon, or nothing.
    pub(super) end: &'static str,
    /// The expression that stands for it in the adapter.
    pub(super) target: String,
    /// Behind what it is declared.
    pub(super) after: Node<'t>,
    /// The binding of the old name, where there is one to export beside.
    pub(super) binding: Option<BindingId>,
}

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
    let in_front: Vec<_> = split.prologue.iter().flat_map(|s| cx.names.declared_in(&s.byte_range())).collect();
    for statement in &split.body {
        let references = cx.names.references_in(&statement.byte_range());
        if references.iter().any(|r| r.binding.is_some_and(|b| in_front.contains(&b)) || r.name == "arguments") {
            return None;
        }
    }
    let named = placed(cx, function)?;
    let is_promisified =
        is_word_in(cx, "promisifyAll") || cx.forms.is_some_and(|f| f.may_be_promisified(cx.file.source.path()));
    let is_taken = is_name_used(cx, &named.name) || is_word_in(cx, &named.name) || is_promisified;
    let old = named.name.strip_suffix("Async").unwrap_or(&named.name);
    (!is_taken && !is_crowded(cx, old) && !is_found_by_start(cx, &named.name)).then_some(named)
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

/// Where a function is defined, by the form of its definition.
fn placed<'t>(cx: &Context<'_>, function: Node<'t>) -> Option<Named<'t>> {
    let method = |name: &str| format!("{name}Async");
    if function.kind() == "function_declaration" {
        let name = function.child_by_field_name("name")?;
        let new = method(cx.text(name));
        let export = function.parent().filter(|p| p.kind() == "export_statement");
        let is_default = export.is_some_and(|e| has_token(e, "default"));
        return Some(Named {
            head: format!("function {new}"),
            lead: if export.is_some() && !is_default { "export ".into() } else { String::new() },
            end: "",
            target: new.clone(),
            name: new,
            after: export.unwrap_or(function),
            binding: cx.names.declared_at(name.start_byte()),
        });
    }
    if function.kind() == "method_definition" {
        return placed_method(cx, function);
    }
    let outer = with_parentheses(function);
    let parent = outer.parent()?;
    let statement = parent.parent()?;
    if parent.kind() == "variable_declarator" {
        let name = parent.child_by_field_name("name").filter(|n| n.kind() == "identifier")?;
        let is_block = statement.parent().is_some_and(|p| matches!(p.kind(), "program" | "statement_block"));
        let uses_outer_this = function.kind() == "arrow_function" && own_this(cx, function, false).is_some();
        let new = method(cx.text(name));
        let binding = cx.names.declared_at(name.start_byte());
        let is_stable = binding.is_some_and(|b| !cx.names.is_reassigned(b));
        return (is_block && is_stable && !uses_outer_this).then(|| Named {
            head: format!("function {new}"),
            lead: String::new(),
            end: "",
            target: new.clone(),
            name: new,
            after: statement,
            binding,
        });
    }
    let (object, property) = member_parts(parent.child_by_field_name("left")?)?;
    let is_whole = parent.kind() == "assignment_expression" && statement.kind() == "expression_statement";
    let is_home =
        exports::is_exports(cx, object) || cx.text(object).ends_with(".prototype") || is_prototype(cx, object);
    let is_block = statement.parent().is_some_and(|p| matches!(p.kind(), "program" | "statement_block"));
    if !(is_whole && is_home && is_block) || function.kind() != "function_expression" || cx.text(property) == "exports"
    {
        return None;
    }
    let new = method(cx.text(property));
    let target = format!("{}.{new}", cx.text(object));
    Some(Named {
        head: "function".into(),
        lead: format!("{target} = "),
        end: if cx.style.semicolons { ";" } else { "" },
        target,
        name: new,
        after: statement,
        binding: None,
    })
}

/// `var proto = Thing.prototype;`
fn is_prototype(cx: &Context<'_>, object: Node<'_>) -> bool {
    let binding = cx.names.reference_at(object.start_byte()).filter(|_| object.kind() == "identifier");
    let value = binding.and_then(|r| r.binding).and_then(|b| crate::flow::classify::initializer(cx, b));
    value.is_some_and(|v| cx.text(v).ends_with(".prototype"))
}

fn placed_method<'t>(cx: &Context<'_>, function: Node<'t>) -> Option<Named<'t>> {
    let name = function.child_by_field_name("name").filter(|n| n.kind() == "property_identifier")?;
    let class = function.parent().filter(|p| p.kind() == "class_body")?.parent()?;
    let class_name = class.child_by_field_name("name")?;
    let is_special = has_token(function, "get") || has_token(function, "set") || cx.text(name) == "constructor";
    if is_special || class.kind() != "class_declaration" {
        return None;
    }
    let is_static = has_token(function, "static");
    let new = format!("{}Async", cx.text(name));
    let holder = if is_static { cx.text(class_name).to_owned() } else { format!("{}.prototype", cx.text(class_name)) };
    Some(Named {
        head: new.clone(),
        lead: if is_static { "static ".into() } else { String::new() },
        end: "",
        target: format!("{holder}.{new}"),
        name: new,
        after: function,
        binding: None,
    })
}
