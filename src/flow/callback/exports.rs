//! Where a function of a module is exported, so that its promise form can be exported beside it.

use tree_sitter::Node;

use crate::{
    context::Context,
    edit::Edit,
    semantic::BindingId,
    syntax::node::{member_parts, named_children},
};

/// The edits that export a new name beside an old one, wherever the old one is exported by its own name.
pub(super) fn beside(cx: &Context<'_>, binding: BindingId, new: &str) -> Vec<Edit> {
    let old = &cx.names.binding(binding).name;
    let references = cx.names.binding(binding).references.iter().map(|r| &cx.names.reference(*r).range);
    references
        .filter_map(|range| cx.file.root().descendant_for_byte_range(range.start, range.end))
        .filter_map(|use_| export_at(cx, use_, old, new))
        .collect()
}

fn export_at(cx: &Context<'_>, use_: Node<'_>, old: &str, new: &str) -> Option<Edit> {
    let parent = use_.parent()?;
    match (use_.kind(), parent.kind()) {
        // `module.exports = { load, save: save }`
        ("shorthand_property_identifier", "object") => in_object(cx, parent, use_, new),
        ("identifier", "pair") => {
            let is_same = parent.child_by_field_name("key").is_some_and(|k| cx.text(k) == old);
            let object = parent.parent().filter(|_| is_same && parent.child_by_field_name("value") == Some(use_))?;
            in_object(cx, object, parent, new)
        }
        // `exports.load = load;`
        ("identifier", "assignment_expression") if parent.child_by_field_name("right") == Some(use_) => {
            let (object, property) = member_parts(parent.child_by_field_name("left")?)?;
            let statement = parent.parent().filter(|p| p.kind() == "expression_statement")?;
            if !is_exports(cx, object) || cx.text(property) != old {
                return None;
            }
            let indent = cx.file.source.indent_at(statement.start_byte());
            let end = if cx.style.semicolons { ";" } else { "" };
            let text = format!("{}{indent}{}.{new} = {new}{end}", cx.style.newline, cx.text(object));
            Some(Edit::insert(statement.end_byte(), text))
        }
        // `export { load }`
        ("identifier", "export_specifier") if parent.child_by_field_name("alias").is_none() => {
            Some(Edit::insert(parent.end_byte(), format!(", {new}")))
        }
        _ => None,
    }
}

/// `exports`, `module.exports`
pub(super) fn is_exports(cx: &Context<'_>, object: Node<'_>) -> bool {
    matches!(cx.text(object), "exports" | "module.exports")
}

/// A member behind another one of an object that is the module's exports.
fn in_object(cx: &Context<'_>, object: Node<'_>, member: Node<'_>, new: &str) -> Option<Edit> {
    let assignment = object.parent().filter(|p| p.kind() == "assignment_expression")?;
    if !is_exports(cx, assignment.child_by_field_name("left")?) {
        return None;
    }
    let is_spread_over_lines = cx.text(object).contains('\n');
    let starts_line =
        cx.slice(object.start_byte()..member.start_byte()).lines().last().is_some_and(|l| l.trim().is_empty());
    let is_one_line_each = is_spread_over_lines && starts_line && !named_children(object).is_empty();
    let text = if is_one_line_each {
        format!(",{}{}{new}", cx.style.newline, cx.file.source.indent_at(member.start_byte()))
    } else {
        format!(", {new}")
    };
    Some(Edit::insert(member.end_byte(), text))
}
