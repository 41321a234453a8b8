//! Imports of callback forms that nothing uses: they are left where two calls of one function went to its promise form
//! at a time, each of which saw the other one.

use tree_sitter::Node;

use crate::{
    context::Context,
    edit::{Edit, Refusal, RefusalCode},
    flow::{
        classify::declaration_node,
        elsewhere::{brought_in, form_of_name},
        imports::imported,
        removal::{self, comment_behind, comments_above},
    },
    syntax::node::ancestors,
};

/// An import that nothing uses.
#[derive(Debug)]
pub struct Leftover<'a> {
    /// The name that is imported.
    pub name: &'a str,
    /// What the promise form is exported as.
    pub target: &'a str,
    /// Sorted, disjoint edits that take it out, or the reason why it has to stay.
    pub edits: Result<Vec<Edit>, Refusal>,
}

/// Judges a part of an import; `None` where it is used, or is not a callback form of another file.
pub fn leftover<'a>(cx: &Context<'a>, part: Node<'a>) -> Option<Leftover<'a>> {
    let name = match part.kind() {
        "shorthand_property_identifier_pattern" => part,
        "import_specifier" => part.child_by_field_name("alias").or_else(|| part.child_by_field_name("name"))?,
        "pair_pattern" => part.child_by_field_name("value")?,
        "variable_declarator" => part.child_by_field_name("name").filter(|n| n.kind() == "identifier")?,
        _ => return None,
    };
    let binding = cx.names.declared_at(name.start_byte())?;
    if !cx.names.binding(binding).references.is_empty() || declaration_node(cx, binding) != Some(name) {
        return None;
    }
    let target = form_of_name(cx, binding)?.name.as_str();
    // To load the module may be all that the import is there for.
    let module = brought_in(cx, binding)?.module;
    let is_same = |id| id != binding && imported(cx, id).is_some_and(|i| i.module == module);
    if !cx.names.bindings().any(|(id, _)| is_same(id)) {
        return None;
    }
    let statement = ancestors(name).find(|n| n.kind().ends_with("_declaration") || n.kind().ends_with("_statement"))?;
    let is_exported = statement.parent().is_some_and(|p| p.kind() == "export_statement");
    if is_exported {
        return None;
    }
    let comment = comments_above(cx, statement).first().copied().or_else(|| comment_behind(cx, statement));
    let lost = Refusal::new(RefusalCode::CommentWouldBeLost, comment.unwrap_or(part).byte_range());
    let edits = removal::declaration(cx, binding).map(|edit| vec![edit]).ok_or(lost);
    Some(Leftover { name: cx.text(name), target, edits })
}
