//! Whether TypeScript lets a callback be handed to what `util.callbackify` makes, which says that it calls back with an error of
//! Node's: a `NodeJS.ErrnoException`. A callback that is declared to get an error of the project's own, with members that
//! others lack, is called by a function around it that takes any.

use tree_sitter::Node;

use super::declared::{Declared, alternatives, declared, type_declarations};
use crate::{
    context::Context,
    semantic::BindingId,
    syntax::node::{has_token, named_children},
};

/// How many classes and interfaces are followed from one to what it extends.
const MAX_DEPTH: usize = 8;

/// Types that an error of Node's is of.
const WIDE: &[&str] = &["any", "unknown", "object", "Object", "{}", "Error", "NodeJS.ErrnoException"];

/// What every error has, and of which type.
const MEMBERS: &[(&str, &str)] = &[("message", "string"), ("name", "string")];

/// What an error of Node's may have.
const OPTIONAL: &[(&str, &str)] =
    &[("code", "string"), ("errno", "number"), ("path", "string"), ("stack", "string"), ("syscall", "string")];

/// How a function around a callback that TypeScript would not take calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Around {
    /// Whether the type of the error has to be said, since the callback takes errors of its own type only. Else it is any
    /// function.
    pub(super) is_any_error: bool,
    /// What stands for no error: `null`, or what there is.
    takes_null: bool,
    /// Whether the callback can't be called without a result.
    needs_result: bool,
}

impl Around {
    /// What the function does, given how the callback is called with some arguments.
    pub(super) fn body(self, called: impl Fn(&str) -> String) -> String {
        match self {
            Self { needs_result: true, .. } => called("err, value"),
            Self { takes_null: true, .. } => format!("err ? {} : {}", called("err"), called("null, value")),
            Self { .. } => format!("err ? {} : {}", called("err"), called("err, value")),
        }
    }
}

/// The function that has to be around a callback, if one has to be.
pub(super) fn around<'a>(cx: &Context<'a>, function: Node<'a>, callback: BindingId) -> Option<Around> {
    if !cx.file.source.language().has_types() {
        return None;
    }
    match declared(cx, function, callback) {
        Declared::AnyFunction => Some(Around { is_any_error: false, takes_null: true, needs_result: false }),
        Declared::Signature(signature) => {
            let told = signature.told(cx, 0)?;
            let takes_null = told.text.split('|').any(|part| part.trim() == "null");
            let all = alternatives(cx, told.node?);
            let needs_result = needs_result(cx, function, callback);
            let is_narrow = !all.iter().any(|one| is_wide(cx, *one, MAX_DEPTH));
            is_narrow.then_some(Around { is_any_error: true, takes_null, needs_result })
        }
        Declared::Anything | Declared::Elsewhere(_) => None,
    }
}

/// Whether TypeScript lets nobody call the callback without a result.
pub(super) fn needs_result<'a>(cx: &Context<'a>, function: Node<'a>, callback: BindingId) -> bool {
    let has_types = cx.file.source.language().has_types();
    match has_types.then(|| declared(cx, function, callback)) {
        Some(Declared::Signature(signature)) => signature.told(cx, 1).is_some_and(|told| !told.is_optional),
        _ => false,
    }
}

/// Whether an error of Node's is of a type.
fn is_wide(cx: &Context<'_>, declared: Node<'_>, depth: usize) -> bool {
    if WIDE.contains(&cx.text(declared)) {
        return true;
    }
    let Some(depth) = depth.checked_sub(1).filter(|_| declared.kind() == "type_identifier") else { return false };
    let all = type_declarations(cx, cx.text(declared));
    all.iter().all(|one| asks_for_no_more(cx, *one, depth)) && !all.is_empty()
}

/// Whether a declaration asks for nothing that an error of Node's lacks. A type that is declared in another file may.
fn asks_for_no_more(cx: &Context<'_>, declaration: Node<'_>, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let part = |field| declaration.child_by_field_name(field);
    if declaration.kind() == "type_alias_declaration" {
        return part("value").is_some_and(|value| alternatives(cx, value).iter().any(|one| is_wide(cx, *one, depth)));
    }
    let members = part("body").map(named_children).unwrap_or_default();
    let mut extended = Vec::new();
    for clause in named_children(declaration) {
        match clause.kind() {
            "extends_type_clause" => extended.extend(named_children(clause)),
            "class_heritage" => {
                let clauses = named_children(clause).into_iter().filter(|c| c.kind() == "extends_clause");
                extended.extend(clauses.filter_map(|c| c.child_by_field_name("value")));
            }
            _ => {}
        }
    }
    let is_base_wide = |base: &Node<'_>| {
        let all = type_declarations(cx, cx.text(*base));
        WIDE.contains(&cx.text(*base)) || !all.is_empty() && all.iter().all(|one| asks_for_no_more(cx, *one, depth))
    };
    members.iter().all(|member| is_no_more(cx, *member)) && extended.iter().all(is_base_wide)
}

/// Whether an error of Node's has a member of a class or an interface as well, or need not have it.
fn is_no_more(cx: &Context<'_>, member: Node<'_>) -> bool {
    let name = member.child_by_field_name("name").map_or("", |name| cx.text(name));
    if name == "constructor" {
        // `constructor(public status: number)` declares a member.
        let parameters = member.child_by_field_name("parameters").map(named_children).unwrap_or_default();
        let is_member = |p: &Node<'_>| {
            named_children(*p).iter().any(|part| part.kind() == "accessibility_modifier") || has_token(*p, "readonly")
        };
        return !parameters.iter().any(is_member);
    }
    let is_private = named_children(member).iter().any(|part| matches!(cx.text(*part), "private" | "protected"));
    let has = |known: &[(&str, &str)]| {
        let declared = member.child_by_field_name("type").map_or("", |t| cx.text(t).trim_start_matches(':').trim());
        known.iter().any(|(own, its)| *own == name && *its == declared)
    };
    let is_known = MEMBERS.iter().chain(OPTIONAL).any(|(own, _)| *own == name);
    if has_token(member, "static") {
        true
    } else if is_private || name.starts_with('#') {
        false
    } else if has_token(member, "?") {
        !is_known || has(MEMBERS) || has(OPTIONAL)
    } else {
        has(MEMBERS)
    }
}
