//! The names by which other files know a function: those that it is declared, assigned and exported by, and those that a
//! call may reach it by.

use std::path::Path;

use tree_sitter::Node;

use crate::{
    context::Context,
    flow::{
        classify::{initializer, member_name},
        imports::imported,
    },
    syntax::node::{call_parts, member_parts, named_children, unparenthesized, with_parentheses},
};

/// The names that a function is called by. What a file exports as a whole goes by the name of the file, with `./` in front
/// of it.
pub fn names<'a>(cx: &Context<'a>, function: Node<'a>) -> Vec<String> {
    let mut names: Vec<&str> = member_name(cx, function).into_iter().collect();
    let own = function.child_by_field_name("name").filter(|_| function.kind() != "method_definition");
    let mut around = with_parentheses(function).parent();
    let variable = around.filter(|p| p.kind() == "variable_declarator").and_then(|p| p.child_by_field_name("name"));
    let mut is_whole = around.is_some_and(is_default);
    names.extend([own, variable].into_iter().flatten().map(|n| cx.text(n)));
    // `exports.a = exports.b = function…`
    while let Some(assignment) = around.filter(|p| p.kind() == "assignment_expression") {
        let left = assignment.child_by_field_name("left");
        is_whole |= left.is_some_and(|l| is_module(cx, l));
        names.extend(left.and_then(member_parts).map(|(_, property)| cx.text(property)));
        around = assignment.parent();
    }
    // `function load(…) {…}  exports.read = load;`
    let binding = own.or(variable).and_then(|n| cx.names.declared_at(n.start_byte()));
    for reference in binding.iter().flat_map(|b| &cx.names.binding(*b).references) {
        let range = &cx.names.reference(*reference).range;
        let Some(used) = cx.file.root().descendant_for_byte_range(range.start, range.end) else { continue };
        let Some(parent) = used.parent() else { continue };
        match parent.kind() {
            "pair" => names.extend(named_children(parent).first().map(|key| cx.text(*key))),
            "export_specifier" => names.extend(parent.child_by_field_name("alias").map(|alias| cx.text(alias))),
            "assignment_expression" => {
                let left = parent.child_by_field_name("left");
                is_whole |= left.is_some_and(|l| is_module(cx, l));
                names.extend(left.and_then(member_parts).map(|(_, property)| cx.text(property)));
            }
            _ => is_whole |= is_default(parent),
        }
    }
    names.sort_unstable();
    names.dedup();
    let whole = is_whole.then(|| file_name(cx.file.source.path())).flatten();
    names.into_iter().map(str::to_owned).chain(whole).collect()
}

/// The names by which the functions that a call may reach are known, the best first. None where it can't be told.
pub fn called_names(cx: &Context<'_>, callee: Node<'_>) -> Vec<String> {
    let mut callee = unparenthesized(callee);
    // `read.call(store, …)`
    if let Some((object, _)) = member_parts(callee).filter(|(_, property)| cx.text(*property) == "call") {
        callee = unparenthesized(object);
    }
    if let Some((_, property)) = member_parts(callee) {
        return vec![cx.text(property).to_owned()];
    }
    if let Some(whole) = crate::flow::classify::required_package(cx, callee) {
        return required_name(whole).into_iter().collect();
    }
    if callee.kind() != "identifier" {
        return Vec::new();
    }
    let own = cx.text(callee).to_owned();
    let Some(binding) = cx.names.reference_at(callee.start_byte()).and_then(|r| r.binding) else { return vec![own] };
    if let Some(import) = imported(cx, binding) {
        return match import.export.filter(|export| *export != "default") {
            Some(export) => vec![export.to_owned()],
            None => required_name(import.module).into_iter().chain([own]).collect(),
        };
    }
    // `const read = store.read.bind(store)`
    let mut value = initializer(cx, binding).filter(|_| !cx.names.is_reassigned(binding)).map(unparenthesized);
    if let Some((bind, _)) = value.and_then(call_parts)
        && let Some((object, property)) = member_parts(bind)
        && cx.text(property) == "bind"
    {
        value = Some(unparenthesized(object));
    }
    match value.and_then(member_parts) {
        Some((_, property)) => vec![cx.text(property).to_owned(), own],
        None => vec![own],
    }
}

/// `module.exports`
fn is_module(cx: &Context<'_>, target: Node<'_>) -> bool {
    member_parts(target).is_some_and(|(object, property)| {
        (cx.text(object), cx.text(property)) == ("module", "exports") || cx.text(property) == "default"
    })
}

/// `export default load`
fn is_default(node: Node<'_>) -> bool {
    node.kind() == "export_statement" && crate::syntax::node::has_token(node, "default")
}

/// What a file is required by, its folder left out: `./load` for `lib/load.js` and for `lib/load/index.js`.
fn file_name(path: &Path) -> Option<String> {
    let stem = path.file_stem()?.to_str()?;
    if stem != "index" {
        return Some(format!("./{stem}"));
    }
    let folder = path.parent()?.file_name()?.to_str()?;
    Some(format!("./{folder}"))
}

/// The same for a file of the project that is required. `require('..')` does not tell a name.
fn required_name(module: &str) -> Option<String> {
    let path = module.strip_prefix('.')?;
    let mut parts = path.rsplit('/').map(|part| {
        let is_extension = |e: &str| matches!(e, "js" | "cjs" | "mjs" | "jsx" | "ts" | "cts" | "mts" | "tsx");
        part.rsplit_once('.').filter(|(_, extension)| is_extension(extension)).map_or(part, |(stem, _)| stem)
    });
    let name = parts.find(|part| !matches!(*part, "" | "index"))?;
    (!matches!(name, "." | "..")).then(|| format!("./{name}"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{file_name, required_name};

    #[test]
    fn a_file_and_what_requires_it_have_one_name() {
        for (path, required) in [
            ("lib/load.js", "./load"),
            ("lib/load.ts", "../lib/load.js"),
            ("lib/load/index.js", "./load"),
            ("lib/load/index.js", "../lib/load/"),
            ("lib/load/index.js", "./load/index"),
        ] {
            assert_eq!(file_name(Path::new(path)), required_name(required), "{path} {required}");
        }
        assert_eq!(required_name("load"), None, "a package");
        assert_eq!(required_name(".."), None);
        assert_eq!(required_name("./v1.2"), Some("./v1.2".to_owned()));
    }
}
