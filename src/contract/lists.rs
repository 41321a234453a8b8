//! Lists of arguments that the callback is put behind, to be handed on with them:
//! `args.push(callback); store.get.apply(store, args);`.

use tree_sitter::Node;

use crate::{
    context::Context,
    semantic::{BindingId, BindingKind},
    syntax::node::{call_parts, member_parts, walk},
};

use super::{
    calls::{Parts, member},
    handles::Handles,
    interpreter::Interpreter,
    paths::Paths,
    values,
};

/// The variables of a function that hold a list which something that has to do with the callback is put behind in one
/// place, with what is put there.
pub(super) fn find_lists<'a>(cx: &Context<'a>, handles: &Handles<'a>) -> Vec<(BindingId, Node<'a>)> {
    let mut found: Vec<(BindingId, Node<'a>)> = Vec::new();
    let mut twice = Vec::new();
    walk(handles.function, |node| {
        if let Some((list, item)) = pushed(cx, handles, node)
            && is_own_list(cx, handles, list)
        {
            twice.extend(found.iter().any(|(b, _)| *b == list).then_some(list));
            found.push((list, item));
        }
        true
    });
    found.retain(|(list, _)| !twice.contains(list));
    found
}

/// The list and the callable of `list.push(a, callable)`.
fn pushed<'a>(cx: &Context<'a>, handles: &Handles<'a>, call: Node<'a>) -> Option<(BindingId, Node<'a>)> {
    let (callee, arguments) = call_parts(call)?;
    let (object, _) = member_parts(callee).filter(|(_, p)| cx.text(*p) == "push")?;
    let item = *arguments.last()?;
    values::callable(cx, handles, item)?;
    Some((Handles::binding_of(cx, object)?, item))
}

/// Whether a variable is declared in the function, and applied there as a list of arguments.
fn is_own_list(cx: &Context<'_>, handles: &Handles<'_>, list: BindingId) -> bool {
    let binding = cx.names.binding(list);
    let is_variable = matches!(binding.kind, BindingKind::Const | BindingKind::Let | BindingKind::Var);
    let range = handles.function.byte_range();
    is_variable
        && binding.declarations.iter().all(|d| range.contains(&d.start))
        && binding.references.iter().any(|r| {
            let range = &cx.names.reference(*r).range;
            let used = cx.file.root().descendant_for_byte_range(range.start, range.end);
            let call = used.and_then(|u| u.parent()).filter(|p| p.kind() == "arguments").and_then(|p| p.parent());
            call.and_then(call_parts).is_some_and(|(callee, arguments)| {
                member_parts(callee).is_some_and(|(_, p)| cx.text(p) == "apply") && arguments.get(1).copied() == used
            })
        })
}

impl<'a> Interpreter<'_, 'a> {
    /// The list of arguments that a name stands for.
    pub(super) fn argument_list(&self, name: Node<'a>) -> Option<(BindingId, Node<'a>)> {
        let binding = Handles::binding_of(self.cx, name)?;
        self.handles.lists.iter().find(|(list, _)| *list == binding).copied()
    }

    /// A method of a list: the callback is put behind the others. What else is done with a list that holds it can't be
    /// followed.
    pub(super) fn list_method(&mut self, node: Node<'a>, parts: &Parts<'a>, paths: Paths) -> Option<Paths> {
        let (object, property) = member(parts.callee)?;
        let (list, item) = self.argument_list(object)?;
        let (held, free) = self.held(list, paths);
        self.lose(node, &held);
        let is_pushed = self.cx.text(property) == "push" && parts.arguments.last() == Some(&item);
        let others = parts.arguments.len() - usize::from(is_pushed);
        let mut paths = free;
        for argument in &parts.arguments[..others] {
            paths = self.evaluate(*argument, paths);
        }
        let held = |paths: Paths| {
            paths.map(|path, _| {
                path.facts.insert(list, true);
            })
        };
        Some(if is_pushed { held(paths) } else { paths })
    }

    /// `f.apply(this, list)`
    pub(super) fn applied_list(&mut self, node: Node<'a>, list: Node<'a>, paths: Paths) -> Option<Paths> {
        let (binding, item) = self.argument_list(list)?;
        let given = self.callable(item)?;
        self.throw(&paths);
        let (held, free) = self.held(binding, paths);
        Some(self.handed_last(node, given, held).and(free))
    }

    /// A list comes up as a value.
    pub(super) fn list_value(&mut self, name: Node<'a>, paths: Paths) -> Paths {
        let Some((list, _)) = self.argument_list(name) else { return paths };
        let is_looked_into = name.parent().is_some_and(|p| member(p).is_some_and(|(object, _)| object == name));
        let (held, _) = self.held(list, paths.clone());
        if !is_looked_into {
            self.lose(name, &held);
        }
        paths
    }

    /// The paths on which a list holds the callback, and the others.
    fn held(&self, list: BindingId, paths: Paths) -> (Paths, Paths) {
        paths.split(|path| Some(path.facts.get(&list).copied().unwrap_or(false)))
    }
}
