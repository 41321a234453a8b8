//! The names under which a function's code gets hold of its callback: the parameter itself, other variables for it,
//! and local functions that call it.

use std::collections::{HashMap, HashSet};

use tree_sitter::Node;

use crate::{
    context::Context,
    flow::{chain::parameters, classify::declaration_node},
    semantic::{BindingId, BindingKind},
    syntax::node::{ancestors, call_parts, enclosing_function, is_function, unparenthesized, walk, walk_own_code},
};

use super::{named_parameters, values};

/// How many rounds of new names are looked for: a name for a name for a callback.
const MAX_ROUNDS: usize = 6;

/// The names of one function that have to do with one callback.
#[derive(Debug)]
pub(super) struct Handles<'a> {
    /// The function.
    pub(super) function: Node<'a>,
    /// The variables that stand for the callback.
    pub(super) callbacks: HashSet<BindingId>,
    /// A variable for the callback that is replaced by a function around it, with that function.
    pub(super) replaced: HashMap<BindingId, Node<'a>>,
    /// The other parameters.
    pub(super) others: HashSet<BindingId>,
    /// The local functions that have to do with the callback.
    pub(super) functions: HashMap<BindingId, Node<'a>>,
    /// Other parameters that stand for the callback in a stretch of code, in which the arguments are shifted.
    pub(super) shifted: Vec<(BindingId, std::ops::Range<usize>)>,
    /// Variables that hold what a callee which is handed all arguments returns, with the call.
    pub(super) delegations: HashMap<BindingId, Node<'a>>,
    /// Lists of arguments that something which has to do with the callback is put behind, with that.
    pub(super) lists: Vec<(BindingId, Node<'a>)>,
    /// Where the names above are used, sorted.
    uses: Vec<usize>,
    /// Variables whose truth is asked for and known at each point: it never changes, or only in code whose order is
    /// known.
    pub(super) tracked: HashSet<BindingId>,
    /// Properties whose truth is asked for more than once.
    pub(super) properties: HashSet<&'a str>,
    /// Variables of which callbacks count something.
    pub(super) counters: HashSet<BindingId>,
}

impl<'a> Handles<'a> {
    /// The names for the callback that a variable of a function holds; or for any of several.
    pub(super) fn new(cx: &Context<'a>, function: Node<'a>, callbacks: &[BindingId]) -> Self {
        let others = named_parameters(function).into_iter().flatten();
        let others = others.filter_map(|n| cx.names.declared_at(n.start_byte()));
        let others = others.filter(|b| !callbacks.contains(b)).collect();
        let mut handles = Self {
            function,
            callbacks: callbacks.iter().copied().collect(),
            replaced: HashMap::new(),
            others,
            functions: HashMap::new(),
            shifted: Vec::new(),
            delegations: HashMap::new(),
            lists: Vec::new(),
            uses: Vec::new(),
            tracked: HashSet::new(),
            properties: super::properties::find_properties(cx, function),
            counters: HashSet::new(),
        };
        handles.index(cx);
        for _ in 0..MAX_ROUNDS {
            let before = (handles.callbacks.len(), handles.functions.len(), handles.replaced.len());
            handles.find_aliases(cx);
            handles.find_functions(cx);
            handles.index(cx);
            if before == (handles.callbacks.len(), handles.functions.len(), handles.replaced.len()) {
                break;
            }
        }
        handles.find_shifted(cx);
        handles.find_delegations(cx);
        handles.lists = super::lists::find_lists(cx, &handles);
        handles.index(cx);
        super::conditions::find_tracked(cx, &mut handles);
        handles
    }

    /// Whether some name for the callback is used within a node.
    pub(super) fn are_in(&self, node: Node<'_>) -> bool {
        let from = self.uses.partition_point(|u| *u < node.start_byte());
        self.uses.get(from).is_some_and(|u| *u < node.end_byte())
    }

    /// The binding that an identifier of the function's code refers to.
    pub(super) fn binding_of(cx: &Context<'_>, identifier: Node<'_>) -> Option<BindingId> {
        let is_name = matches!(identifier.kind(), "identifier" | "shorthand_property_identifier");
        is_name.then(|| cx.names.reference_at(identifier.start_byte()))??.binding
    }

    /// Whether an identifier stands for the callback, whatever it may have been replaced by.
    pub(super) fn is_callback(&self, cx: &Context<'_>, identifier: Node<'_>) -> bool {
        let Some(binding) = Self::binding_of(cx, identifier) else { return false };
        let at = identifier.start_byte();
        self.callbacks.contains(&binding) || self.shifted.iter().any(|(b, range)| *b == binding && range.contains(&at))
    }

    /// The function that a variable for the callback has been replaced by, as seen from a use of it.
    pub(super) fn replacement(&self, cx: &Context<'_>, identifier: Node<'_>) -> Option<Node<'a>> {
        let function = *self.replaced.get(&Self::binding_of(cx, identifier)?)?;
        (identifier.start_byte() >= function.end_byte()).then_some(function)
    }

    /// The local function that an identifier stands for, if it has to do with the callback.
    pub(super) fn function_of(&self, cx: &Context<'_>, identifier: Node<'_>) -> Option<Node<'a>> {
        self.functions.get(&Self::binding_of(cx, identifier)?).copied()
    }

    /// Variables that are given the callback, and functions that take the place of one.
    fn find_aliases(&mut self, cx: &Context<'a>) {
        let mut found = Vec::new();
        walk(self.function, |node| {
            if let Some((target, value)) = values::assigned(node) {
                found.push((target, value));
            }
            true
        });
        for (target, value) in found {
            let start = target.start_byte();
            let binding = cx.names.declared_at(start).or_else(|| Self::binding_of(cx, target));
            let Some(binding) = binding.filter(|b| !self.others.contains(b)) else { continue };
            let plain = unparenthesized(value);
            if self.callbacks.contains(&binding) {
                if is_function(plain) && self.are_in(plain) {
                    self.replaced.insert(binding, plain);
                }
            } else if self.is_own(cx, binding) && values::is_alias(cx, self, target, value) {
                self.callbacks.insert(binding);
            }
        }
    }

    /// Whether a binding is declared in the function.
    fn is_own(&self, cx: &Context<'_>, binding: BindingId) -> bool {
        let range = self.function.byte_range();
        cx.names.binding(binding).declarations.iter().all(|d| range.start <= d.start && d.end <= range.end)
    }

    /// Local functions in which the callback is used.
    fn find_functions(&mut self, cx: &Context<'a>) {
        for binding in cx.names.declared_in(&self.function.byte_range()) {
            if self.functions.contains_key(&binding) || self.callbacks.contains(&binding) {
                continue;
            }
            let Some(function) = local_function(cx, binding) else { continue };
            let is_inside = function != self.function && self.function.byte_range().contains(&function.start_byte());
            if is_inside && self.are_in(function) {
                self.functions.insert(binding, function);
            }
        }
    }

    /// `if (typeof options === 'function') return load(path, null, options)`: there the callback is what else is
    /// another parameter.
    fn find_shifted(&mut self, cx: &Context<'a>) {
        let mut found = Vec::new();
        walk(self.function, |node| {
            if matches!(node.kind(), "if_statement" | "ternary_expression")
                && let Some(condition) = node.child_by_field_name("condition")
                && let Some(body) = node.child_by_field_name("consequence")
                && let Some(binding) = values::tested_function(cx, condition).filter(|b| self.others.contains(b))
                && values::is_handed_on_only(cx, binding, body)
            {
                found.push((binding, body.byte_range()));
            }
            true
        });
        self.shifted = found;
    }

    /// `const started = whenReady(this, arguments); if (started) return started;`: what the function is called with,
    /// the callback included, is handed on as a whole.
    fn find_delegations(&mut self, cx: &Context<'a>) {
        let mut found = Vec::new();
        walk_own_code(self.function, |node| {
            if node.kind() == "variable_declarator"
                && let Some((target, value)) = values::assigned(node)
                && let Some((_, arguments)) = call_parts(unparenthesized(value))
                && arguments.last().is_some_and(|a| cx.text(*a) == "arguments")
                && let Some(binding) = cx.names.declared_at(target.start_byte())
                && !cx.names.is_reassigned(binding)
            {
                found.push((binding, value));
            }
            true
        });
        self.delegations.extend(found);
    }

    /// Sorts where the names are used.
    fn index(&mut self, cx: &Context<'_>) {
        let range = self.function.byte_range();
        let lists = self.lists.iter().map(|(list, _)| list);
        let names = self.callbacks.iter().chain(self.functions.keys()).chain(lists);
        let references = names.flat_map(|b| cx.names.binding(*b).references.iter());
        let mut uses: Vec<_> = references.map(|r| cx.names.reference(*r).range.start).collect();
        for (binding, part) in &self.shifted {
            let references = cx.names.binding(*binding).references.iter();
            uses.extend(references.map(|r| cx.names.reference(*r).range.start).filter(|at| part.contains(at)));
        }
        walk(self.function, |node| {
            if node.kind() == "identifier" && cx.text(node) == "arguments" && owner(node) == Some(self.function) {
                uses.push(node.start_byte());
            }
            true
        });
        uses.retain(|at| range.contains(at));
        uses.sort_unstable();
        self.uses = uses;
    }
}

/// The function whose `arguments` are meant at a node.
pub(super) fn owner(node: Node<'_>) -> Option<Node<'_>> {
    ancestors(node).find(|n| is_function(*n) && n.kind() != "arrow_function")
}

/// The function that a local name stands for: a declaration, the own name of an expression, or a variable that is
/// given a function in one place only.
fn local_function<'a>(cx: &Context<'a>, id: BindingId) -> Option<Node<'a>> {
    let binding = cx.names.binding(id);
    let declaration = declaration_node(cx, id)?;
    let parent = declaration.parent()?;
    let writes: Vec<_> = binding.references.iter().map(|r| cx.names.reference(*r)).filter(|r| r.writes).collect();
    if binding.declarations.len() != 1 || writes.len() > 1 {
        return None;
    }
    if binding.kind == BindingKind::Function {
        return (writes.is_empty() && is_function(parent)).then_some(parent);
    }
    let declarator = (parent.kind() == "variable_declarator").then_some(parent)?;
    let value = match (declarator.child_by_field_name("value"), writes.first()) {
        (Some(value), None) => value,
        (None, Some(write)) => {
            let target = cx.file.root().descendant_for_byte_range(write.range.start, write.range.end)?;
            let assignment = target.parent().filter(|p| p.kind() == "assignment_expression")?;
            assignment.child_by_field_name("right")?
        }
        _ => return None,
    };
    let value = values::unbound(cx, unparenthesized(value));
    is_function(value).then_some(value)
}

/// Whether a node is in another function than the one that declares a binding.
pub(super) fn is_captured(cx: &Context<'_>, binding: BindingId, node: Node<'_>) -> bool {
    let home = declaration_node(cx, binding).and_then(|declaration| {
        // A parameter belongs to the function that it is a parameter of.
        ancestors(declaration)
            .find(|n| is_function(*n))
            .filter(|f| parameters(*f).iter().all(|p| !p.byte_range().contains(&node.start_byte())))
    });
    enclosing_function(node) != home
}
