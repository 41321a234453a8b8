//! Adapters that nothing uses any more, and taking them out.

use std::ops::Range;

use tree_sitter::Node;

use super::{
    Adapter, adapter,
    exports::{self, is_exported, is_exports},
};
use crate::{
    apis::plain,
    context::Context,
    edit::{Edit, Refusal, RefusalCode},
    flow::{
        classify::declaration_node,
        imports::imported,
        known::{binding_of, export_of},
        removal::{self, comment_behind, comments_above},
        scope::Renames,
    },
    semantic::BindingId,
    syntax::node::{ancestors, member_parts, named_children, unparenthesized, with_parentheses},
};

/// An adapter, and what it takes to do without it.
#[derive(Debug)]
pub struct Unused<'a> {
    /// What it is called.
    pub name: &'a str,
    /// The expression that stands for its async function.
    pub target: &'a str,
    /// Sorted, disjoint edits that take it out, or the reason why it has to stay.
    pub edits: Result<Vec<Edit>, Refusal>,
}

/// Where an adapter is defined.
enum Place<'t> {
    /// By a statement of its own, which declares its name.
    Declared { binding: BindingId, name: Node<'t>, statement: Node<'t> },
    /// As a member of the exports, by a statement of its own or in the object that they are.
    Exported { name: Node<'t>, statement: Node<'t> },
    /// As a member of something else.
    Member { name: Node<'t> },
}

/// Judges a function; `None` where it is no adapter, or one that is written where it is used.
pub fn unused<'a>(cx: &Context<'a>, function: Node<'a>) -> Option<Unused<'a>> {
    let adapter = adapter(cx, function).filter(|a| is_of_util(cx, a.made_by, "callbackify"))?;
    let target = cx.text(adapter.target);
    let (name, edits) = match place(cx, function)? {
        Place::Declared { binding, name, statement } => {
            (name, Removal { cx, function, adapter, binding: Some(binding), name, statement }.edits())
        }
        Place::Exported { name, statement } => {
            (name, Removal { cx, function, adapter, binding: None, name, statement }.edits())
        }
        Place::Member { name } => (name, Err(Refusal::new(RefusalCode::ReachableFromOutside, name.byte_range()))),
    };
    Some(Unused { name: cx.text(name), target, edits })
}

/// Whether a callee is a function of Node's `util`.
pub(super) fn is_of_util(cx: &Context<'_>, callee: Node<'_>, function: &str) -> bool {
    export_of(cx, callee).is_some_and(|(module, export)| plain(module) == "util" && export == function)
}

/// The edit that takes out the import of `util` that a callee goes by, where all uses of it are in removed code.
pub(super) fn import_of(cx: &Context<'_>, callee: Node<'_>, removed: &[Range<usize>]) -> Option<Edit> {
    let mut root = unparenthesized(callee);
    while let Some((object, _)) = member_parts(root) {
        root = unparenthesized(object);
    }
    let binding = binding_of(cx, root)?;
    imported(cx, binding)?;
    let mut references = cx.names.binding(binding).references.iter().map(|r| &cx.names.reference(*r).range);
    let is_gone = |range: &Range<usize>| removed.iter().any(|r| r.start <= range.start && range.end <= r.end);
    references.all(is_gone).then(|| removal::declaration(cx, binding))?
}

fn place<'t>(cx: &Context<'_>, function: Node<'t>) -> Option<Place<'t>> {
    let whole =
        |statement: Node<'t>| statement.parent().filter(|p| p.kind() == "export_statement").unwrap_or(statement);
    if function.kind() == "function_declaration" {
        let name = function.child_by_field_name("name")?;
        let binding = cx.names.declared_at(name.start_byte())?;
        return Some(Place::Declared { binding, name, statement: whole(function) });
    }
    let parent = with_parentheses(function).parent()?;
    let member = if function.kind() == "method_definition" { function } else { parent };
    if let Some(name) = exports::name_of_member(cx, member) {
        return Some(Place::Exported { name, statement: member });
    }
    if function.kind() == "method_definition" {
        return Some(Place::Member { name: function.child_by_field_name("name")? });
    }
    match parent.kind() {
        "variable_declarator" => {
            let name = parent.child_by_field_name("name").filter(|n| n.kind() == "identifier")?;
            let statement = parent.parent()?;
            let binding = cx.names.declared_at(name.start_byte())?;
            let is_only = named_children(statement).len() == 1;
            is_only.then(|| Place::Declared { binding, name, statement: whole(statement) })
        }
        "assignment_expression" => {
            let left = parent.child_by_field_name("left")?;
            let statement = parent.parent().filter(|p| p.kind() == "expression_statement");
            let exported = member_parts(left).filter(|(object, _)| is_exports(cx, *object));
            Some(match exported.zip(statement) {
                Some(((_, name), statement)) => Place::Exported { name, statement },
                None => Place::Member { name: left },
            })
        }
        "pair" => Some(Place::Member { name: parent.child_by_field_name("key")? }),
        "field_definition" => Some(Place::Member { name: parent.child_by_field_name("property")? }),
        "public_field_definition" => Some(Place::Member { name: parent.child_by_field_name("name")? }),
        _ => None,
    }
}

struct Removal<'a, 'c> {
    cx: &'c Context<'a>,
    function: Node<'a>,
    adapter: Adapter<'a>,
    /// The binding that it is declared by; `None` for a member of the exports.
    binding: Option<BindingId>,
    /// Its name, where it is defined.
    name: Node<'a>,
    /// The statement that defines it, with `export`, or the member of an object.
    statement: Node<'a>,
}

impl<'a> Removal<'a, '_> {
    fn edits(&self) -> Result<Vec<Edit>, Refusal> {
        let refuse = |code, range| Err(Refusal::new(code, range));
        if self.adapter.shifted.is_none() {
            return refuse(RefusalCode::AdapterDoesMore, self.name.byte_range());
        }
        let declarations = self.binding.map(|b| self.cx.names.binding(b).declarations.as_slice());
        if let Some([_, again, ..]) = declarations {
            return refuse(RefusalCode::DeclaredTwice, again.clone());
        }
        let exports = self.exports()?;
        if let Some(comment) = self.cx.file.comments_in(&self.function.byte_range()).first() {
            return refuse(RefusalCode::CommentWouldBeLost, comment.clone());
        }
        if let Some(comment) = comment_behind(self.cx, self.statement) {
            return refuse(RefusalCode::CommentWouldBeLost, comment.byte_range());
        }
        let mut edits = self.taken_out()?;
        edits.extend(exports);
        let removed: Vec<_> = edits.iter().filter(|e| !e.range.is_empty()).map(|e| e.range.clone()).collect();
        edits.extend(import_of(self.cx, self.adapter.made_by, &removed));
        let is_gone = |e: &Edit| removed.iter().any(|r| r.start <= e.range.start && e.range.end <= r.end);
        edits.extend(self.rename(&removed).into_iter().flatten().filter(|e| !is_gone(e)));
        Ok(removal::joined(self.cx, edits))
    }

    /// The edits that take it out of what the file exports. Refuses where anything still uses it, or may.
    fn exports(&self) -> Result<Vec<Edit>, Refusal> {
        let names = self.cx.names;
        let references = self.binding.map(|b| names.binding(b).references.as_slice()).unwrap_or_default();
        let references = references.iter().map(|r| names.reference(*r).range.clone());
        let (exports, uses): (Vec<_>, Vec<_>) = references.partition(|range| is_exported(self.cx, range));
        if let Some(used) = uses.first() {
            return Err(Refusal::new(RefusalCode::StillCalled, used.clone()));
        }
        // Code in a string sees all names.
        if let Some(eval) = names.references().iter().find(|r| r.name == "eval" && r.binding.is_none()) {
            return Err(Refusal::new(RefusalCode::StillCalled, eval.range.clone()));
        }
        if self.cx.mentions.is_some_and(|m| m.takes_out(self.cx.text(self.name))) {
            return Err(Refusal::new(RefusalCode::StillCalled, self.name.byte_range()));
        }
        let mut entries = Vec::new();
        for range in &exports {
            let entry = exports::entry(self.cx, range);
            entries.push(entry.ok_or_else(|| Refusal::new(RefusalCode::ReachableFromOutside, range.clone()))?);
        }
        let own = entries.iter().map(|e| e.name).chain(self.is_exported_in_place().then_some(self.name));
        for name in own {
            exports::check_unused(self.cx, self.cx.text(self.name), name)?;
        }
        entries.into_iter().map(|entry| entry.removal(self.cx)).collect()
    }

    fn is_exported_in_place(&self) -> bool {
        self.statement.kind() == "export_statement" || self.binding.is_none()
    }

    /// Takes the declaration out. The comments above it go to the async function, which they speak of as well.
    fn taken_out(&self) -> Result<Vec<Edit>, Refusal> {
        let cx = self.cx;
        let comments = comments_above(cx, self.statement);
        let is_member = exports::name_of_member(cx, self.statement).is_some();
        let (Some(first), Some(last)) = (comments.first(), comments.last()) else {
            let siblings = self.statement.parent().map(named_children).unwrap_or_default();
            let listed = removal::member(self.statement, &siblings).filter(|_| is_member);
            return Ok(vec![listed.unwrap_or_else(|| removal::statement(cx, self.statement, self.statement))]);
        };
        let text = first.start_byte()..last.end_byte();
        let Some(target) = self.target_statement() else {
            return Err(Refusal::new(RefusalCode::CommentWouldBeLost, text));
        };
        if self.statement.next_named_sibling() == Some(target) {
            return Ok(vec![Edit::new(self.statement.start_byte()..target.start_byte(), "")]);
        }
        let below = comments_above(cx, target).first().copied().unwrap_or(target);
        let indent_of = |node: Node<'_>| cx.file.source.indent_at(node.start_byte());
        let lines: Vec<_> = cx.slice(text).split(cx.style.newline).collect();
        let indented = |line: &&str| {
            line.strip_prefix(indent_of(*first)).map_or((*line).to_owned(), |l| indent_of(below).to_owned() + l)
        };
        let moved: Vec<_> =
            lines.iter().take(1).map(|l| (*l).to_owned()).chain(lines.iter().skip(1).map(indented)).collect();
        let moved = format!("{}{}{}", moved.join(cx.style.newline), cx.style.newline, indent_of(below));
        Ok(vec![removal::statement(cx, *first, self.statement), Edit::insert(below.start_byte(), moved)])
    }

    /// The statement of this file that declares the async function.
    fn target_statement(&self) -> Option<Node<'a>> {
        if self.binding.is_none() {
            return self.target_assignment();
        }
        let name = declaration_node(self.cx, self.target()?)?;
        let parent = name.parent().filter(|p| matches!(p.kind(), "function_declaration" | "variable_declarator"))?;
        let statement = if parent.kind() == "variable_declarator" { parent.parent()? } else { parent };
        let whole = statement.parent().filter(|p| p.kind() == "export_statement").unwrap_or(statement);
        self.cx.file.source.is_first_on_line(whole.start_byte()).then_some(whole)
    }

    /// The same for `exports.loadAsync = …`, or the member of that name, right below.
    fn target_assignment(&self) -> Option<Node<'a>> {
        let below = self.statement.next_named_sibling()?;
        if let Some(name) = exports::name_of_member(self.cx, below) {
            let is_it = member_parts(self.adapter.target).is_some_and(|(_, p)| self.cx.text(p) == self.cx.text(name));
            return Some(below).filter(|_| is_it);
        }
        let left = below.named_child(0)?.child_by_field_name("left")?;
        (self.cx.text(left) == self.cx.text(self.adapter.target)).then_some(below)
    }

    /// The binding of the async function, where it has one.
    fn target(&self) -> Option<BindingId> {
        let target = self.adapter.target;
        binding_of(self.cx, target).filter(|_| target.kind() == "identifier")
    }

    /// The edits by which the async function takes over the plain name, where it was given its own only beside the
    /// adapter's and nothing outside the file knows it.
    fn rename(&self, removed: &[Range<usize>]) -> Option<Vec<Edit>> {
        let names = self.cx.names;
        let (target, plain) = (self.target()?, self.cx.text(self.name));
        let binding = names.binding(target);
        let own = self.binding?;
        let statement = self.target_statement().filter(|s| s.kind() != "export_statement")?;
        let is_beside = binding.name == format!("{plain}Async") && binding.scope == names.binding(own).scope;
        if !is_beside || binding.declarations.len() != 1 || ancestors(statement).any(|a| a.kind() == "with_statement") {
            return None;
        }
        if self.cx.mentions.is_some_and(|m| m.takes_out(&binding.name)) {
            return None;
        }
        for reference in binding.references.iter().map(|r| names.reference(*r)) {
            let is_gone = removed.iter().any(|r| r.start <= reference.range.start && reference.range.end <= r.end);
            let means_it = names.resolve(plain, reference.scope) == Some(own);
            if !is_gone && (!means_it || is_exported(self.cx, &reference.range)) {
                return None;
            }
        }
        let mut renames = Renames::default();
        renames.rename_to(self.cx, target, plain.to_owned());
        Some(renames.edits_in(&(0..self.cx.file.source.bytes().len())).to_vec())
    }
}
