//! Functions of other files that are exported in two forms: how a call with a callback goes to the promise form.

use tree_sitter::Node;

use super::{
    callback::{is_exports, is_no_function},
    classify::{declaration_node, initializer, required_package},
    imports::{Additions, Imported, imported, is_name_used},
    known::binding_of,
    removal,
};
use crate::{
    context::Context,
    edit::Edit,
    project::{PromiseForm, Way},
    semantic::BindingId,
    syntax::node::{ancestors, member_parts, named_children, unparenthesized},
};

/// A function of another file, as a file reaches it.
#[derive(Clone, Debug)]
pub struct Elsewhere<'a> {
    /// Its promise form.
    pub form: &'a PromiseForm,
    access: Access<'a>,
}

#[derive(Clone, Debug)]
enum Access<'a> {
    /// As a member of an expression that stands for the module: `users.load`.
    Member(Node<'a>),
    /// By a name that is imported: `load`.
    Name { binding: BindingId, import: Imported<'a> },
}

/// What an expression stands for, if it is a function of another file, or an export of this one, that has a promise form.
pub fn elsewhere<'a>(cx: &Context<'a>, callee: Node<'a>) -> Option<Elsewhere<'a>> {
    let forms = cx.forms?;
    let (path, callee) = (cx.file.source.path(), unparenthesized(callee));
    if let Some((object, property)) = member_parts(callee) {
        let (object, name) = (unparenthesized(object), cx.text(property));
        let form = if let Some(module) = required_package(cx, object) {
            forms.form(path, module, name, Way::Named)?
        } else if is_exports(cx, object) {
            let root = member_parts(object).map_or(object, |(root, _)| root);
            let is_global = cx.names.reference_at(root.start_byte())?.binding.is_none();
            forms.own(path, name, root == object).filter(|_| is_global)?
        } else {
            let binding = binding_of(cx, object)?;
            let import = imported(cx, binding).filter(|i| i.export.is_none())?;
            forms.form(path, import.module, name, way(cx, binding))?
        };
        return Some(Elsewhere { form, access: Access::Member(object) });
    }
    let binding = binding_of(cx, callee)?;
    let import = brought_in(cx, binding)?;
    let Some(name) = import.export else {
        // What is the module itself has its promise form as a member, and is not called as one.
        let form = forms.form(path, import.module, "", way(cx, binding)).filter(|f| !f.binds_this)?;
        return Some(Elsewhere { form, access: Access::Member(callee) });
    };
    let form = forms.form(path, import.module, name, Way::Named)?;
    Some(Elsewhere { form, access: Access::Name { binding, import } })
}

/// What a name is imported as; `const users = require('./users'); const load = users.load` imports `load` as well.
pub(super) fn brought_in<'a>(cx: &Context<'a>, binding: BindingId) -> Option<Imported<'a>> {
    if let Some(import) = imported(cx, binding) {
        return Some(import);
    }
    if cx.names.is_reassigned(binding) {
        return None;
    }
    let (object, property) = member_parts(unparenthesized(initializer(cx, binding)?))?;
    let module = binding_of(cx, object).filter(|module| way(cx, *module) == Way::Named)?;
    let whole = imported(cx, module).filter(|i| i.export.is_none())?;
    Some(Imported { module: whole.module, export: Some(cx.text(property)) })
}

/// The promise form of what a name is imported as, where it is a function of another file that has one.
pub fn form_of_name<'a>(cx: &Context<'a>, binding: BindingId) -> Option<&'a PromiseForm> {
    let import = brought_in(cx, binding)?;
    cx.forms?.form(cx.file.source.path(), import.module, import.export?, Way::Named)
}

fn way(cx: &Context<'_>, binding: BindingId) -> Way {
    let parent = declaration_node(cx, binding).and_then(|n| n.parent());
    if parent.is_some_and(|p| p.kind() == "import_clause") { Way::OfDefault } else { Way::Named }
}

impl<'a> Elsewhere<'a> {
    /// Whether the promise form does with some arguments what the callback form does with them and a callback.
    pub fn takes(&self, cx: &Context<'_>, arguments: &[Node<'_>]) -> bool {
        arguments.len() == self.form.arguments
            && arguments.iter().all(|a| a.kind() != "spread_element")
            && self.form.no_functions.iter().all(|index| is_no_function(cx, arguments[*index]))
    }

    /// The expression that stands for the module whose member is called, if there is one.
    pub fn module(&self) -> Option<Node<'a>> {
        match self.access {
            Access::Member(object) => Some(object),
            Access::Name { .. } => None,
        }
    }

    /// The name by which the promise form is reached at a place in the file, where it is no member: that of an import
    /// that is there, or of one that is arranged for. `None` where no name is free.
    pub fn name(&self, cx: &Context<'a>, additions: &mut Additions, at: usize) -> Option<String> {
        let Access::Name { binding, import } = &self.access else { return None };
        if let Some(existing) = self.existing(cx, import, at) {
            additions.leave(*binding);
            return Some(existing);
        }
        let old = &cx.names.binding(*binding).name;
        let is_same = import.export == Some(old);
        let name = if is_same { self.form.name.clone() } else { format!("{old}Async") };
        let is_free = !is_name_used(cx, &name) && !additions.is_reserved(&name);
        if !additions.brings(&name) && !is_free {
            return None;
        }
        self.bring(cx, additions, &name).then_some(name)
    }

    /// Arranges for an import of the promise form under a name. `false` where the old import is not at the top of the
    /// file, or is written in a way that can't be added to.
    pub fn bring(&self, cx: &Context<'a>, additions: &mut Additions, name: &str) -> bool {
        let Access::Name { binding, .. } = &self.access else { return false };
        let Some(brought) = Brought::of(cx, *binding, &self.form.name, name) else { return false };
        additions.bring(brought);
        true
    }

    fn existing(&self, cx: &Context<'a>, import: &Imported<'_>, at: usize) -> Option<String> {
        let here = cx.names.scope_at(at);
        let is_it = |id: BindingId| {
            brought_in(cx, id).is_some_and(|i| i.module == import.module && i.export == Some(&self.form.name))
        };
        let mut all = cx.names.bindings().filter(|(_, b)| cx.names.scope(b.scope).parent.is_none());
        let found = all.find(|(id, b)| is_it(*id) && cx.names.resolve(&b.name, here) == Some(*id));
        found.map(|(_, b)| b.name.clone())
    }
}

/// An import that is added beside another one of the same module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Brought {
    /// The name that is imported already.
    binding: BindingId,
    /// The name that is added.
    pub(super) name: String,
    /// What is written behind the old one.
    beside: Edit,
    /// What is written in its place, where nothing uses it any more.
    instead: Edit,
}

impl Brought {
    fn of(cx: &Context<'_>, binding: BindingId, export: &str, name: &str) -> Option<Self> {
        let is_at_top = cx.names.scope(cx.names.binding(binding).scope).parent.is_none();
        let declared = declaration_node(cx, binding).filter(|_| is_at_top)?;
        let parent = declared.parent()?;
        let (part, text) = match parent.kind() {
            "import_specifier" if export == name => (parent, name.to_owned()),
            "import_specifier" => (parent, format!("{export} as {name}")),
            "object_pattern" if export == name => (declared, name.to_owned()),
            "object_pattern" => (declared, format!("{export}: {name}")),
            "pair_pattern" if export == name => (parent, name.to_owned()),
            "pair_pattern" => (parent, format!("{export}: {name}")),
            "variable_declarator" => return Self::declared(cx, binding, parent, export, name),
            _ => return None,
        };
        let list = part.parent()?;
        let starts_line = cx.file.source.is_first_on_line(part.start_byte());
        let is_one_line_each = starts_line && named_children(list).len() > 1;
        let indent = cx.file.source.indent_at(part.start_byte());
        let gap = if is_one_line_each { format!("{}{indent}", cx.style.newline) } else { " ".to_owned() };
        let beside = Edit::insert(part.end_byte(), format!(",{gap}{text}"));
        Some(Self { binding, name: name.to_owned(), beside, instead: Edit::new(part.byte_range(), text) })
    }

    /// `const load = require('./users').load`
    fn declared(cx: &Context<'_>, binding: BindingId, declarator: Node<'_>, export: &str, name: &str) -> Option<Self> {
        let value = declarator.child_by_field_name("value")?;
        let (object, _) = member_parts(unparenthesized(value))?;
        let text = format!("{name} = {}.{export}", cx.text(object));
        let statement = declarator.parent()?;
        let is_only = named_children(statement).len() == 1;
        let (at, added) = if is_only {
            let keyword = cx.text(statement).split_whitespace().next()?;
            let end = if cx.text(statement).ends_with(';') { ";" } else { "" };
            (statement.end_byte(), format!("{}{keyword} {text}{end}", cx.style.newline))
        } else {
            (declarator.end_byte(), format!(", {text}"))
        };
        let instead = Edit::new(declarator.byte_range(), text);
        Some(Self { binding, name: name.to_owned(), beside: Edit::insert(at, added), instead })
    }
}

/// The edits of imports that a change needs: what is brought, and what is left behind by it. `others` are the other edits
/// of the change.
pub(super) fn import_edits(cx: &Context<'_>, brought: &[Brought], left: &[BindingId], others: &[Edit]) -> Vec<Edit> {
    let mut edits = Vec::new();
    for one in brought {
        // Two names may be brought for one.
        let is_last = brought.iter().filter(|b| b.binding == one.binding).count() == 1;
        let is_gone = is_last && is_unused(cx, one.binding, others);
        edits.push(if is_gone { one.instead.clone() } else { one.beside.clone() });
    }
    let left = left.iter().filter(|b| !brought.iter().any(|one| one.binding == **b));
    let gone = left.filter(|b| is_unused(cx, **b, others));
    edits.extend(gone.filter_map(|b| removal::declaration(cx, *b)));
    edits
}

/// Whether all uses of a name are in code that other code takes the place of, and that does not use it.
fn is_unused(cx: &Context<'_>, binding: BindingId, edits: &[Edit]) -> bool {
    let name = &cx.names.binding(binding).name;
    let mut uses = cx.names.binding(binding).references.iter().map(|r| &cx.names.reference(*r).range);
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    let has_word = |text: &str| text.split(|c: char| !is_part(c)).any(|word| word == name);
    uses.all(|used| edits.iter().any(|e| e.range.start <= used.start && used.end <= e.range.end))
        && !edits.iter().any(|e| has_word(&e.text))
        && !is_exported_as_declared(cx, binding)
}

/// `export const load = require('./users').load`
fn is_exported_as_declared(cx: &Context<'_>, binding: BindingId) -> bool {
    let name = declaration_node(cx, binding);
    name.is_some_and(|n| ancestors(n).any(|a| a.kind() == "export_statement"))
}
