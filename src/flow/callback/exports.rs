//! Where a function of a module is exported, so that its promise form can be exported beside it, or the function taken
//! out.

use std::ops::Range;

use tree_sitter::Node;

use crate::{
    context::Context,
    edit::{Edit, Refusal, RefusalCode},
    flow::removal::{self, comment_behind},
    semantic::BindingId,
    syntax::node::{
        ancestors, has_token, is_comment, is_function, member_parts, named_children, walk, with_parentheses,
    },
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
pub(in crate::flow) fn is_exports(cx: &Context<'_>, object: Node<'_>) -> bool {
    matches!(cx.text(object), "exports" | "module.exports")
}

/// The name of a member of the object that a module exports, and nothing else in its place: `module.exports = { load(id) { … } }`.
/// `None` for one without a plain name.
pub(super) fn name_of_member<'a>(cx: &Context<'_>, member: Node<'a>) -> Option<Node<'a>> {
    let name = match member.kind() {
        "pair" => member.child_by_field_name("key"),
        "method_definition" if !has_token(member, "get") && !has_token(member, "set") => {
            member.child_by_field_name("name")
        }
        _ => None,
    };
    let name = name.filter(|n| n.kind() == "property_identifier")?;
    let object = member.parent().filter(|object| object.kind() == "object")?;
    let assignment = object.parent().filter(|p| p.kind() == "assignment_expression")?;
    let is_whole = |n: Node<'_>| {
        let left = n.child_by_field_name("left").filter(|_| n.kind() == "assignment_expression");
        left.is_some_and(|left| cx.text(left) == "module.exports")
    };
    if !is_whole(assignment) || ancestors(assignment).any(is_function) {
        return None;
    }
    // What is assigned elsewhere may come later.
    let text = cx.text(cx.file.root());
    let assigned = text.match_indices("module.exports").filter(|(at, word)| {
        let rest = text[at + word.len()..].trim_start();
        rest.starts_with('=') && !rest.starts_with("==")
    });
    (assigned.count() == 1).then_some(name)
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

/// Whether a use of a name exports it: `exports.a = name`, `module.exports = { name }`, `export { name }`.
pub(super) fn is_exported(cx: &Context<'_>, range: &Range<usize>) -> bool {
    let Some(node) = cx.file.root().descendant_for_byte_range(range.start, range.end) else { return false };
    let Some(parent) = node.parent() else { return false };
    match parent.kind() {
        "export_specifier" | "export_statement" => true,
        "pair" | "object" => {
            let object = ancestors(node).find(|a| a.kind() == "object");
            object.and_then(|o| o.parent()).is_some_and(|p| assigns_exports(cx, p))
        }
        "assignment_expression" => assigns_exports(cx, parent),
        _ => false,
    }
}

fn assigns_exports(cx: &Context<'_>, assignment: Node<'_>) -> bool {
    let left = assignment.child_by_field_name("left").filter(|_| assignment.kind() == "assignment_expression");
    left.is_some_and(|l| is_exports(cx, l) || member_parts(l).is_some_and(|(o, _)| is_exports(cx, o)))
}

/// A place that exports a function by a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    /// The name.
    pub(super) name: Node<'a>,
    /// The member of a list, or the statement, that does nothing else.
    whole: Node<'a>,
}

/// Takes apart what a use of a name exports; `None` where it is not by a name, or not by itself.
pub(super) fn entry<'a>(cx: &Context<'a>, range: &Range<usize>) -> Option<Entry<'a>> {
    let node = cx.file.root().descendant_for_byte_range(range.start, range.end)?;
    let parent = node.parent()?;
    match parent.kind() {
        "object" => Some(Entry { name: node, whole: node }),
        "pair" => {
            let name = parent.child_by_field_name("key").filter(|k| k.kind() == "property_identifier")?;
            Some(Entry { name, whole: parent })
        }
        "export_specifier" => {
            let name = parent.child_by_field_name("alias").unwrap_or(node);
            Some(Entry { name, whole: parent })
        }
        "assignment_expression" => {
            let (object, name) = member_parts(parent.child_by_field_name("left")?)?;
            let statement = parent.parent().filter(|p| p.kind() == "expression_statement")?;
            (is_exports(cx, object) && cx.text(name) != "exports").then_some(Entry { name, whole: statement })
        }
        _ => None,
    }
}

impl Entry<'_> {
    /// The edit that takes it out.
    ///
    /// # Errors
    /// Where a comment speaks of it, or nothing else is in its list.
    pub(super) fn removal(self, cx: &Context<'_>) -> Result<Edit, Refusal> {
        let lost = |node: Node<'_>| Refusal::new(RefusalCode::CommentWouldBeLost, node.byte_range());
        let comment = self.whole.prev_named_sibling().filter(|n| is_comment(*n)).into_iter();
        if let Some(comment) = comment.chain(comment_behind(cx, self.whole)).next() {
            return Err(lost(comment));
        }
        if self.whole.kind() == "expression_statement" {
            return Ok(removal::statement(cx, self.whole, self.whole));
        }
        let siblings = self.whole.parent().map(named_children).unwrap_or_default();
        let edit = removal::member(self.whole, &siblings).filter(|e| cx.file.comments_in(&e.range).is_empty());
        edit.ok_or_else(|| lost(self.whole))
    }
}

/// Refuses where anything but the export itself may reach what is exported by a name: another file, code outside the
/// project, the rest of this file by way of its exports.
pub(super) fn check_unused(cx: &Context<'_>, function: &str, name: Node<'_>) -> Result<(), Refusal> {
    let (path, exported) = (cx.file.source.path(), cx.text(name));
    let is_closed = cx.mentions.is_some_and(|m| m.is_closed(path, function));
    // Whoever imports a default gives it a name of his own.
    let is_default =
        exported == "default" || name.parent().and_then(|f| f.parent()).is_some_and(|e| has_token(e, "default"));
    if !is_closed || is_default {
        return Err(Refusal::new(RefusalCode::ReachableFromOutside, name.byte_range()));
    }
    if cx.mentions.is_some_and(|m| m.may_reach(path, exported)) {
        return Err(Refusal::new(RefusalCode::StillCalled, name.byte_range()));
    }
    let mut used = None;
    walk(cx.file.root(), |n| {
        let is_use = n != name && may_mean_export(cx, n, exported) || is_open(cx, n);
        if used.is_none() && is_use {
            used = Some(n);
        }
        used.is_none()
    });
    match used {
        Some(used) => Err(Refusal::new(RefusalCode::StillCalled, used.byte_range())),
        None => Ok(()),
    }
}

/// Whether a node names an export of the file from within: `exports.load`, `this.load`, a text.
fn may_mean_export(cx: &Context<'_>, node: Node<'_>, exported: &str) -> bool {
    let is_of_exports = || {
        let object = node.parent().and_then(|p| p.child_by_field_name("object"));
        object.is_some_and(|o| o.kind() == "this" || is_exports(cx, o))
    };
    match node.kind() {
        "string_fragment" => cx.text(node) == exported,
        "property_identifier" => cx.text(node) == exported && is_of_exports(),
        _ => false,
    }
}

/// Whether a node is the exports of the file, used as a whole: kept, handed on, asked for a name that is worked out.
fn is_open(cx: &Context<'_>, node: Node<'_>) -> bool {
    let is_global = |n: Node<'_>| cx.names.reference_at(n.start_byte()).is_some_and(|r| r.binding.is_none());
    let is_whole = match node.kind() {
        "identifier" => cx.text(node) == "exports" && is_global(node),
        "member_expression" => cx.text(node) == "module.exports" && is_global(node),
        "this" => is_exports_as_this(cx, node),
        _ => false,
    };
    let Some(parent) = node.parent().filter(|_| is_whole) else { return false };
    match parent.kind() {
        "member_expression" => false,
        "assignment_expression" => parent.child_by_field_name("left") != Some(node),
        _ => true,
    }
}

/// Whether `this` is the exports of the file: at its top level, or in a function that is called as a member of them.
fn is_exports_as_this(cx: &Context<'_>, this: Node<'_>) -> bool {
    let around = ancestors(this).find(|a| is_function(*a) && a.kind() != "arrow_function" || a.kind() == "class_body");
    let Some(function) = around else { return true };
    let outer = with_parentheses(function).parent();
    let left = outer.filter(|p| p.kind() == "assignment_expression").and_then(|p| p.child_by_field_name("left"));
    left.and_then(member_parts).is_some_and(|(object, _)| is_exports(cx, object))
}
