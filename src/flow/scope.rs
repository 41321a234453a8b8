//! What happens to names when a handler's body moves into the function around it.
//!
//! A handler's parameters and locals then live beside the function's own. A name is changed only where it would
//! otherwise mean something else, by binding and not by text.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    ops::Range,
};

use tree_sitter::Node;

use crate::{
    context::Context,
    edit::{Edit, Refusal, RefusalCode},
    semantic::{BindingId, BindingKind, ScopeId, ScopeKind, is_reserved_word},
    syntax::node::{ancestors, is_function},
};

/// A handler whose body moves; or a block that is dissolved into the one around it.
#[derive(Clone, Debug)]
pub struct Moved<'t> {
    /// The function literal.
    pub function: Node<'t>,
    /// Whether its names end up in the target block itself, rather than in a block of their own as those of a
    /// `catch` do.
    pub flat: bool,
    /// Where its chain stands.
    pub place: usize,
    /// A name to prefer over a number if its parameter has to be renamed: made from the callee.
    pub hint: Option<String>,
    /// Names that do not end up beside the others: nobody uses them, or they become the parameter of a `catch`.
    pub apart: Vec<BindingId>,
    /// The parameters of `catch` clauses that its code ends up in and that may not be hidden there.
    pub caught: Vec<BindingId>,
}

/// The names that have to change, and those that are taken.
#[derive(Debug, Default)]
pub struct Renames {
    names: HashMap<BindingId, String>,
    /// One edit for each declaration and use of a renamed binding, sorted.
    edits: Vec<Edit>,
    taken: HashSet<String>,
    /// Those of them that were chosen anew, in that order.
    chosen: Vec<String>,
    /// Assignments that become declarations.
    declared: Vec<Declared>,
}

/// An assignment to a name that becomes the declaration of a variable of the same name.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The name, as it was declared so far.
    pub binding: BindingId,
    /// From the assignment to the end of its block.
    pub scope: Range<usize>,
    /// Whether the variable is assigned once more.
    pub is_reassigned: bool,
}

impl Renames {
    /// What a binding is called after the move.
    pub fn name_of(&self, cx: &Context<'_>, binding: BindingId) -> String {
        self.names.get(&binding).cloned().unwrap_or_else(|| cx.names.binding(binding).name.clone())
    }

    /// The edits that lie within a range.
    pub fn edits_in(&self, range: &Range<usize>) -> Cow<'_, [Edit]> {
        let from = self.edits.partition_point(|e| e.range.start < range.start);
        let to = self.edits.partition_point(|e| e.range.end <= range.end).max(from);
        let mut declared = self.declared.iter().filter(|d| range.contains(&d.scope.start)).peekable();
        if declared.peek().is_none() {
            return Cow::Borrowed(&self.edits[from..to]);
        }
        let keyword = |d: &Declared| if d.is_reassigned { "let " } else { "const " };
        let mut all: Vec<_> = declared.map(|d| Edit::insert(d.scope.start, keyword(d))).collect();
        all.extend_from_slice(&self.edits[from..to]);
        all.sort_by_key(|e| (e.range.start, e.range.end));
        Cow::Owned(all)
    }

    /// How many assignments become declarations.
    pub fn declared_count(&self) -> usize {
        self.declared.len()
    }

    /// The assignments that become declarations, those added last at the end.
    pub fn declared(&mut self) -> &mut Vec<Declared> {
        &mut self.declared
    }

    /// The assignment that becomes the declaration of what a name stands for at an offset, where there is one.
    pub fn declared_at(&self, binding: BindingId, offset: usize) -> Option<&Declared> {
        self.declared.iter().find(|d| d.binding == binding && d.scope.contains(&offset))
    }

    /// Gives a binding another name, whatever it was called so far.
    pub fn rename_to(&mut self, cx: &Context<'_>, id: BindingId, name: String) {
        let binding = cx.names.binding(id);
        let uses = binding.references.iter().map(|r| cx.names.reference(*r)).map(|r| (r.range.clone(), r.shorthand));
        let declarations = binding.declarations.iter().map(|range| {
            let node = cx.file.root().descendant_for_byte_range(range.start, range.end);
            (range.clone(), node.is_some_and(|n| n.kind().starts_with("shorthand_property_identifier")))
        });
        let places: Vec<_> = declarations.chain(uses).collect();
        self.edits.retain(|e| !places.iter().any(|(range, _)| *range == e.range));
        if name != binding.name {
            self.edits.extend(places.iter().map(|(range, short)| rename_edit(range, &binding.name, &name, *short)));
            self.edits.sort_by_key(|e| e.range.start);
        }
        self.names.insert(id, name);
    }

    /// Plans the names of a move within a function that stays one, beside those that are planned for the code around it.
    ///
    /// # Errors
    /// As for [`plan`].
    pub fn plan_inside(&mut self, cx: &Context<'_>, to: &Destination<'_>, moved: &[Moved<'_>]) -> Result<(), Refusal> {
        let taken = std::mem::take(&mut self.taken);
        self.absorb(plan_beside(cx, to, moved, taken)?);
        Ok(())
    }

    /// Takes over the names of a plan for other functions. No binding is in both.
    fn absorb(&mut self, other: Self) {
        self.names.extend(other.names);
        self.edits.extend(other.edits);
        self.edits.sort_by_key(|e| e.range.start);
        self.taken.extend(other.taken);
    }

    /// A name for something that only the code in `range` sees: a name that is used elsewhere is free here.
    pub fn fresh_in(&mut self, cx: &Context<'_>, range: &Range<usize>, base: &str) -> String {
        let moved = self.names.values().any(|name| name == base);
        if moved || names_in(cx, range).contains(base) { self.fresh(base) } else { base.to_owned() }
    }

    /// A name that nothing in the function uses: `base`, `base2`, … It counts as used from now on.
    pub fn fresh(&mut self, base: &str) -> String {
        let base = if is_reserved_word(base) { "result" } else { base };
        // `err2` is followed by `err3`, and not by `err22`.
        let stem = base.trim_end_matches(|c: char| c.is_ascii_digit());
        let stem = if stem.is_empty() { base } else { stem };
        let numbered = (2..).map(|n| format!("{stem}{n}"));
        let free = std::iter::once(base.to_owned()).chain(numbered).find(|n| !self.taken.contains(n));
        let name = free.expect("numbers do not run out");
        self.taken.insert(name.clone());
        self.chosen.push(name.clone());
        name
    }

    /// How many names have been chosen anew so far.
    pub fn chosen_count(&self) -> usize {
        self.chosen.len()
    }

    /// Frees the names that were chosen since there were so many: what they were chosen for has been given up.
    pub fn free_chosen_since(&mut self, count: usize) {
        for name in self.chosen.split_off(count.min(self.chosen.len())) {
            self.taken.remove(&name);
        }
    }
}

/// Where handlers move to.
#[derive(Clone, Debug)]
pub struct Destination<'n> {
    /// A byte in the block that takes their statements.
    pub place: usize,
    /// The function around it; the whole file at the top level.
    pub function: Range<usize>,
    /// Whether the place is in a loop of the function.
    pub in_loop: bool,
    /// A name that the move brings along itself.
    pub reserved: Option<&'n str>,
    /// The names that the outcome is assigned to, from wherever in the moved code it comes.
    pub assigned: Vec<&'n str>,
}

/// Plans the names of a move.
///
/// # Errors
/// When a name can't be kept apart by renaming.
pub fn plan(cx: &Context<'_>, to: &Destination<'_>, moved: &[Moved<'_>]) -> Result<Renames, Refusal> {
    plan_beside(cx, to, moved, HashSet::new())
}

/// The same where some names are taken.
fn plan_beside(
    cx: &Context<'_>,
    to: &Destination<'_>,
    moved: &[Moved<'_>],
    taken: HashSet<String>,
) -> Result<Renames, Refusal> {
    let target = cx.names.scope_at(to.place);
    let function = &to.function;
    let mut renames = Renames { taken, ..Renames::default() };
    renames.taken.extend(names_in(cx, function));
    renames.taken.extend(to.reserved.map(str::to_owned));
    let mut here: HashMap<&str, Vec<Range<usize>>> = HashMap::new();
    let mut to_rename = Vec::new();
    let inner: Vec<_> = moved.iter().map(|m| (m.function.id(), nested_bindings(cx, m))).collect();
    for id in inner.iter().flat_map(|(_, ids)| ids) {
        // The outcome is assigned from inside a block that has a local by that name.
        if to.assigned.contains(&cx.names.binding(*id).name.as_str()) {
            to_rename.push((*id, None));
        }
    }
    if let Some(function) = moved.iter().zip(&inner).find_map(|(handler, (_, ids))| freed_function(cx, handler, ids)) {
        return Err(Refusal::new(RefusalCode::NameClash, cx.names.binding(function).declarations[0].clone()));
    }
    let gone: HashSet<BindingId> = moved.iter().flat_map(|m| m.apart.iter().copied()).collect();
    for handler in moved {
        let block = landing(cx, handler, target, moved);
        for id in own_bindings(cx, handler.function) {
            let binding = cx.names.binding(id);
            // The `var` moves also where the parameter goes.
            if is_both_parameter_and_variable(cx, id) {
                return Err(Refusal::new(RefusalCode::NameClash, binding.declarations[0].clone()));
            }
            if handler.apart.contains(&id) {
                continue;
            }
            // A function in a block is hoisted like a `var` in sloppy code (ECMA-262, Annex B.3.2).
            let hoisted = matches!(binding.kind, BindingKind::Var | BindingKind::Function);
            if binding.kind == BindingKind::Var && to.in_loop {
                return Err(Refusal::new(RefusalCode::NameClash, binding.declarations[0].clone()));
            }
            if !(handler.flat || hoisted) {
                continue;
            }
            let block = if hoisted { target } else { block };
            let region = if hoisted { function.clone() } else { cx.names.scope(block).range.clone() };
            let namesakes = here.entry(&binding.name).or_default();
            let twice = namesakes.iter().any(|other| other.start < region.end && region.start < other.end);
            namesakes.push(region.clone());
            // A step's value is assigned to the parameter of the next from inside the blocks of the step.
            let others = inner.iter().filter(|(function, _)| *function != handler.function.id());
            let is_namesake = |b: &BindingId| {
                let other = cx.names.binding(*b);
                other.name == binding.name && region.contains(&other.declarations[0].start)
            };
            let is_shadowed =
                binding.kind == BindingKind::Parameter && others.flat_map(|(_, ids)| ids).any(is_namesake);
            let is_same = |other: &BindingId| *other != id && cx.names.binding(*other).name == binding.name;
            let in_between =
                handler.caught.iter().any(is_same) || is_declared_between(cx, id, handler.place, block, &gone);
            // In a branch it would hide what the outcome is assigned to there.
            let hides_outcome = block != target && to.assigned.contains(&binding.name.as_str());
            if twice
                || hides_outcome
                || is_shadowed
                || in_between
                || is_declared_around(cx, id, block, hoisted)
                || is_captured(cx, id, &region, moved)
            {
                to_rename.push((id, handler.hint.as_deref()));
            }
        }
    }
    for (id, hint) in to_rename {
        rename(cx, &mut renames, id, hint);
    }
    Ok(renames)
}

/// The block that a handler's names come to live in: the innermost branch of an `if` around it that stays one. What stands in one
/// branch is not seen in the other.
fn landing(cx: &Context<'_>, handler: &Moved<'_>, target: ScopeId, moved: &[Moved<'_>]) -> ScopeId {
    let dissolves = |range: &Range<usize>| {
        let body = |m: &Moved<'_>| m.function.child_by_field_name("body").map(|b| b.byte_range());
        moved.iter().any(|m| m.function.byte_range() == *range || body(m).as_ref() == Some(range))
    };
    let mut scope = cx.names.scope_at(handler.place);
    while scope != target {
        let current = cx.names.scope(scope);
        let node = cx.file.root().descendant_for_byte_range(current.range.start, current.range.end);
        // What begins in a `try` may be waited for behind it.
        let is_branch = |n: Node<'_>| n.kind() == "statement_block" && n.parent().is_some_and(is_branching);
        let is_block = current.kind == ScopeKind::Block && node.is_some_and(is_branch);
        match current.parent {
            _ if is_block && !dissolves(&current.range) => return scope,
            Some(parent) => scope = parent,
            None => return target,
        }
    }
    target
}

/// Whether a node is an `if`, or its `else`.
fn is_branching(node: Node<'_>) -> bool {
    matches!(node.kind(), "if_statement" | "else_clause")
}

/// Every name that a stretch of code declares or uses.
fn names_in(cx: &Context<'_>, range: &Range<usize>) -> HashSet<String> {
    let used = cx.names.references_in(range).iter().map(|r| r.name.clone());
    let declared = cx.names.declared_in(range).into_iter().map(|b| cx.names.binding(b).name.clone());
    used.chain(declared).collect()
}

/// What a function literal declares for its whole body: parameters, and the names of the body's outermost block. For a
/// block, what it declares itself.
pub fn own_bindings(cx: &Context<'_>, function: Node<'_>) -> Vec<BindingId> {
    let range = function.byte_range();
    let body = function.child_by_field_name("body").map(|b| b.byte_range());
    let own_scope = |scope: ScopeId| {
        let scope = cx.names.scope(scope);
        let is_whole = scope.range == range || Some(&scope.range) == body.as_ref();
        match scope.kind {
            ScopeKind::Function | ScopeKind::FunctionBody => is_whole,
            // A block that is dissolved.
            ScopeKind::Block => scope.range == range,
            _ => false,
        }
    };
    let declared = cx.names.declared_in(&range);
    declared.into_iter().filter(|b| own_scope(cx.names.binding(*b).scope)).collect()
}

/// What a handler declares in blocks of its own body, and in its body where that becomes a block of its own.
fn nested_bindings(cx: &Context<'_>, handler: &Moved<'_>) -> Vec<BindingId> {
    let own = own_bindings(cx, handler.function);
    let declared = cx.names.declared_in(&handler.function.byte_range());
    let in_function = |id: &BindingId| {
        let place = cx.names.binding(*id).declarations[0].start;
        let node = cx.file.root().descendant_for_byte_range(place, place);
        // The name of a function declaration stands in the function, but belongs to the code around it.
        let is_around = |n: Node<'_>, a: &Node<'_>| is_function(*a) && a.child_by_field_name("name") != Some(n);
        node.and_then(|n| ancestors(n).find(|a| is_around(n, a))) == Some(handler.function)
    };
    declared.into_iter().filter(|id| !handler.flat || !own.contains(id)).filter(in_function).collect()
}

/// A function declared in a block of a handler that has a parameter or a `var` of the same name: the parameter keeps it
/// in that block, and the `var` takes its value from it (ECMA-262, Annex B.3.2). Neither tie survives a move.
fn freed_function(cx: &Context<'_>, handler: &Moved<'_>, inner: &[BindingId]) -> Option<BindingId> {
    let own = own_bindings(cx, handler.function);
    inner.iter().copied().find(|id| {
        let function = cx.names.binding(*id);
        let is_tied = |b: &BindingId| {
            let own = cx.names.binding(*b);
            matches!(own.kind, BindingKind::Parameter | BindingKind::Var) && own.name == function.name && b != id
        };
        function.kind == BindingKind::Function && own.iter().any(is_tied)
    })
}

/// Whether a block between the place of an inner chain and the target declares the name.
/// What is `gone` from there does not count.
fn is_declared_between(
    cx: &Context<'_>,
    id: BindingId,
    place: usize,
    target: ScopeId,
    gone: &HashSet<BindingId>,
) -> bool {
    let name = &cx.names.binding(id).name;
    let is_same = |b: &BindingId| *b != id && !gone.contains(b) && cx.names.binding(*b).name == *name;
    let outermost = &cx.names.scope(target).range;
    let mut scope = cx.names.scope_at(place);
    while scope != target && outermost.start <= cx.names.scope(scope).range.start {
        if cx.names.scope(scope).bindings.iter().any(is_same) {
            return true;
        }
        match cx.names.scope(scope).parent {
            Some(parent) => scope = parent,
            None => break,
        }
    }
    false
}

/// `function (x) { var x = …; }`: one binding, declared twice.
fn is_both_parameter_and_variable(cx: &Context<'_>, id: BindingId) -> bool {
    let binding = cx.names.binding(id);
    binding.kind == BindingKind::Parameter && binding.declarations.len() > 1
}

/// Whether the target scope declares the name already; for `var`, any scope from there to the function's.
fn is_declared_around(cx: &Context<'_>, id: BindingId, target: ScopeId, hoisted: bool) -> bool {
    let name = &cx.names.binding(id).name;
    if !hoisted && is_hoisted_from(cx, id, target) {
        return true;
    }
    let mut scope = target;
    loop {
        let current = cx.names.scope(scope);
        let declares = current.bindings.iter().any(|b| *b != id && cx.names.binding(*b).name == *name);
        if declares {
            return true;
        }
        let done = !hoisted || matches!(current.kind, ScopeKind::Function | ScopeKind::Module);
        // A function body that is a scope of its own may not declare what its parameters declare, nor the block of a
        // `catch` what the clause does.
        let in_catch = current.parent.is_some_and(|p| cx.names.scope(p).kind == ScopeKind::Catch);
        let goes_on = current.kind == ScopeKind::FunctionBody || in_catch || !done;
        match current.parent.filter(|_| goes_on) {
            Some(parent) => scope = parent,
            None => return false,
        }
    }
}

/// Whether a `var` or function of that name is declared in the target block and lives in a scope further out: the block
/// may not declare the name itself then.
fn is_hoisted_from(cx: &Context<'_>, id: BindingId, target: ScopeId) -> bool {
    let name = &cx.names.binding(id).name;
    let block = &cx.names.scope(target).range;
    let mut scope = cx.names.scope(target).parent;
    while let Some(current) = scope.map(|s| cx.names.scope(s)) {
        let hoisted = current.bindings.iter().filter(|b| **b != id).map(|b| cx.names.binding(*b));
        let mut same = hoisted.filter(|b| b.name == *name).flat_map(|b| &b.declarations);
        if same.any(|d| block.start <= d.start && d.end <= block.end) {
            return true;
        }
        scope = current.parent.filter(|_| !matches!(current.kind, ScopeKind::Function | ScopeKind::Module));
    }
    false
}

/// Whether code in the region uses the name for something that lives outside the region, or in another handler
/// that moves: it would mean the moved binding instead.
fn is_captured(cx: &Context<'_>, id: BindingId, region: &Range<usize>, moved: &[Moved<'_>]) -> bool {
    let name = &cx.names.binding(id).name;
    cx.names.references_in(region).iter().filter(|r| r.name == *name && r.binding != Some(id)).any(|reference| {
        let Some(other) = reference.binding else { return true };
        let scope = cx.names.scope(cx.names.binding(other).scope);
        let inside = region.start <= scope.range.start && scope.range.end <= region.end && scope.range != *region;
        // What is declared deeper inside still shadows the moved name, unless it moves as well: then the two are
        // told apart by the order in which they are met.
        let moves = moved.iter().any(|m| m.flat && own_bindings(cx, m.function).contains(&other));
        !inside && !moves
    })
}

fn rename(cx: &Context<'_>, renames: &mut Renames, id: BindingId, hint: Option<&str>) {
    let binding = cx.names.binding(id);
    let base = hint.filter(|h| binding.kind == BindingKind::Parameter && !renames.taken.contains(*h));
    let name = renames.fresh(base.unwrap_or(&binding.name));
    renames.rename_to(cx, id, name);
}

fn rename_edit(range: &Range<usize>, old: &str, new: &str, shorthand: bool) -> Edit {
    let text = if shorthand { format!("{old}: {new}") } else { new.to_owned() };
    Edit::new(range.clone(), text)
}

/// A variable that a stretch of code declares once more, by a `var` that does nothing today: in a function of its own, it
/// would hide the other one.
///
/// # Errors
/// When there is such a variable.
pub fn check_declared_once(cx: &Context<'_>, moved: &Range<usize>) -> Result<(), Refusal> {
    for id in cx.names.declared_in(moved) {
        let declarations = &cx.names.binding(id).declarations;
        let is_inside = |d: &&Range<usize>| moved.start <= d.start && d.end <= moved.end;
        if let Some(inner) = declarations.iter().find(is_inside).filter(|_| !declarations.iter().all(|d| is_inside(&d)))
        {
            return Err(Refusal::new(RefusalCode::NameClash, inner.clone()));
        }
    }
    Ok(())
}
