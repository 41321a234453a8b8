//! From uses to declarations.

use super::{Binding, BindingId, ReferenceId, Scope, ScopeId, model::Model};

/// No index.
const NONE: u32 = u32::MAX;

/// Gives every reference the binding that it means.
///
/// The scopes are walked as a tree, with the declarations of each name on a stack of its own, innermost on top. That
/// takes time in proportion to the file, however deep its scopes are nested.
pub(super) fn resolve(model: &mut Model<'_>) {
    let children = Lists::new(model.scopes.len(), model.scopes.iter().map(|s| s.parent.map_or(NONE, |p| p.0)));
    let uses = Lists::new(model.scopes.len(), model.references.iter().map(|r| r.scope.0));
    let mut seen = Seen { top: vec![NONE; model.name_count()], below: vec![NONE; model.bindings.len()] };
    let mut stack = vec![(0, false)];
    while let Some((scope, done)) = stack.pop() {
        let bindings = &model.scopes[scope as usize].bindings;
        if done {
            bindings.iter().for_each(|b| seen.pop(*b, model.meanings[b.0 as usize].0));
            continue;
        }
        bindings.iter().for_each(|b| seen.push(*b, model.meanings[b.0 as usize].0));
        for index in uses.of(scope) {
            model.references[index as usize].binding = seen.find(model, index as usize);
        }
        stack.push((scope, true));
        stack.extend(children.of(scope).map(|child| (child, false)));
    }
    for (index, reference) in model.references.iter().enumerate() {
        if let Some(binding) = reference.binding {
            model.bindings[binding.0 as usize].references.push(ReferenceId(index as u32));
        }
    }
}

/// The declarations that are in sight, as one linked stack a name.
struct Seen {
    top: Vec<u32>,
    below: Vec<u32>,
}

impl Seen {
    fn push(&mut self, binding: BindingId, name: u32) {
        self.below[binding.0 as usize] = std::mem::replace(&mut self.top[name as usize], binding.0);
    }

    fn pop(&mut self, binding: BindingId, name: u32) {
        self.top[name as usize] = self.below[binding.0 as usize];
    }

    /// The innermost declaration in sight of a reference that has a meaning of the kind it asks for.
    fn find(&self, model: &Model<'_>, reference: usize) -> Option<BindingId> {
        let (name, wanted) = model.wants[reference];
        let start = model.references[reference].range.start;
        let mut binding = self.top[name as usize];
        while binding != NONE {
            let index = binding as usize;
            if model.meanings[index].1.meets(wanted) && is_declared_for(model, &model.bindings[index], start) {
                return Some(BindingId(binding));
            }
            binding = self.below[index];
        }
        None
    }
}

/// What a function's body declares is not in sight of its parameters and of their types.
fn is_declared_for(model: &Model<'_>, binding: &Binding, start: usize) -> bool {
    let body = model.extents[binding.scope.0 as usize].body;
    start >= body || binding.declarations[0].start < body
}

/// The members of each of a number of groups.
struct Lists {
    first: Vec<u32>,
    next: Vec<u32>,
}

impl Lists {
    /// Sorts members into groups; one that is in no group has [`NONE`].
    fn new(groups: usize, group_of: impl Iterator<Item = u32>) -> Self {
        let mut lists = Self { first: vec![NONE; groups], next: Vec::new() };
        for (member, group) in group_of.enumerate() {
            let head = lists.first.get_mut(group as usize);
            lists.next.push(head.map_or(NONE, |head| std::mem::replace(head, member as u32)));
        }
        lists
    }

    fn of(&self, group: u32) -> impl Iterator<Item = u32> {
        let some = |index: u32| (index != NONE).then_some(index);
        std::iter::successors(some(self.first[group as usize]), move |i| some(self.next[*i as usize]))
    }
}

/// For each scope the innermost one whose range is around its own.
pub(super) fn around(scopes: &[Scope]) -> Vec<u32> {
    let mut open: Vec<ScopeId> = Vec::new();
    let mut around = Vec::with_capacity(scopes.len());
    for (index, scope) in scopes.iter().enumerate() {
        while open.last().is_some_and(|o| scopes[o.0 as usize].range.end < scope.range.end.max(scope.range.start + 1)) {
            open.pop();
        }
        around.push(open.last().map_or(0, |o| o.0));
        open.push(ScopeId(index as u32));
    }
    around
}
