//! What the functions of a project do with the callbacks that they are handed, by the functions' names: a method may be
//! reached through any number of objects.

use std::collections::HashMap;

use tree_sitter::Node;

use crate::{
    context::Context,
    flow::{
        callback::{called_names, names},
        chain::parameters,
        classify::is_global,
        imports::imported,
    },
    syntax::node::{is_function, member_parts, unparenthesized, walk},
};

use super::{CallbackUse, FileOracle, Times, Timing, handles::Handles};

/// What one function does with one of its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// Which parameter it is, counted from 0.
    pub(super) index: usize,
    /// Whether it may also be given in the place of an earlier one.
    pub(super) shifted: bool,
    /// Whether a promise is returned where it is not given.
    pub(super) promises: bool,
    /// What is done with it.
    pub(super) known: CallbackUse,
}

impl Named {
    /// Whether an argument of a call goes to the parameter. `arguments` is how many there are.
    pub(super) fn takes(&self, argument: usize, arguments: usize) -> bool {
        self.index == argument || self.shifted && argument < self.index && argument + 1 == arguments
    }
}

/// What one function does with its parameters.
#[derive(Clone, Debug)]
struct Function {
    /// How many arguments it takes, as far as it says.
    takes: usize,
    /// The parameters of which it is known what it does with them.
    uses: Vec<Named>,
}

/// The functions of a project, by their names, with what they do with their parameters.
#[derive(Clone, Debug, Default)]
pub struct NamedUses {
    by_name: HashMap<String, Vec<Function>>,
}

impl NamedUses {
    /// What the functions of one file do, with nothing known of those of other files.
    pub fn of_file(cx: &Context<'_>) -> Self {
        let nothing = Self::default();
        let oracle = FileOracle::new(&nothing);
        let mut found = Self::default();
        walk(cx.file.root(), |node| {
            if cx.file.too_deep(&node.byte_range()).is_some() {
                return false;
            }
            if is_function(node) {
                let names = names(cx, node);
                let uses = if names.is_empty() { Vec::new() } else { oracle.uses_of(cx, node) };
                let function = Function { takes: taken(cx, node), uses };
                for name in names {
                    found.by_name.entry(name).or_default().push(function.clone());
                }
            }
            true
        });
        found
    }

    /// Adds what another file has.
    pub fn extend(&mut self, other: Self) {
        for (name, all) in other.by_name {
            self.by_name.entry(name).or_default().extend(all);
        }
    }

    /// What the functions that a callee may stand for do with an argument (counted from 0, of `arguments`), if all that
    /// have its name do the same.
    pub(super) fn of_callee(
        &self,
        cx: &Context<'_>,
        callee: Node<'_>,
        argument: usize,
        arguments: usize,
    ) -> Option<CallbackUse> {
        let one = |f: &Function| f.uses.iter().find(|u| u.takes(argument, arguments)).map(|u| u.known);
        let known = self.all(cx, callee, argument).map(one).reduce(|a, b| agreed(a?, b?))??;
        // Whether it does so at once is a matter of the object, which may be another one.
        Some(CallbackUse { is_by_name: true, timing: Timing::Unknown, ..known })
    }

    /// The same for several arguments, of which one is called and no other: the callback, and those that are called in
    /// its stead.
    pub(super) fn of_callee_with(&self, cx: &Context<'_>, callee: Node<'_>, indices: &[usize]) -> Option<CallbackUse> {
        let (last, others) = indices.split_last()?;
        let [other] = others else { return None };
        let one = |Function { uses, .. }: &Function| {
            let is_callback = uses.first().is_some_and(|callback| callback.index == *last);
            let instead = uses.iter().find(|u| u.index == *other && u.known.times == Times::AtMostOnce);
            instead.filter(|_| is_callback).map(|u| CallbackUse {
                times: Times::Once,
                timing: Timing::Unknown,
                ..u.known
            })
        };
        self.all(cx, callee, *last).map(one).reduce(|a, b| agreed(a?, b?))?
    }

    /// Whether some function that a callee may stand for returns a promise where it is not given an argument.
    pub(super) fn promises(&self, cx: &Context<'_>, callee: Node<'_>, argument: usize, arguments: usize) -> bool {
        self.all(cx, callee, argument).flat_map(|f| &f.uses).any(|u| u.promises && u.takes(argument, arguments))
    }

    /// The functions that a callee may stand for which is handed an argument (counted from 0): not those that have no
    /// parameter for it.
    fn all(&self, cx: &Context<'_>, callee: Node<'_>, argument: usize) -> impl Iterator<Item = &Function> {
        let may_be = !self.by_name.is_empty() && may_be_own(cx, callee);
        let names = if may_be { called_names(cx, callee) } else { Vec::new() };
        let found = names.into_iter().find_map(|name| self.by_name.get(&name));
        found.into_iter().flatten().filter(move |f| f.takes > argument)
    }
}

/// How many arguments a function takes; any number where it may reach them by `arguments`.
fn taken(cx: &Context<'_>, function: Node<'_>) -> usize {
    let all = parameters(function);
    let is_rest = all.last().is_some_and(|p| cx.text(*p).starts_with("..."));
    let takes_all = is_rest || cx.text(function).contains("arguments");
    if takes_all { usize::MAX } else { all.len() }
}

/// What holds of two uses, if they are alike.
fn agreed(a: CallbackUse, b: CallbackUse) -> Option<CallbackUse> {
    (a.times == b.times).then(|| CallbackUse {
        error_first: a.error_first.filter(|_| a.error_first == b.error_first),
        results: a.results.zip(b.results).map(|(a, b)| a.max(b)),
        is_presumed: a.is_presumed || b.is_presumed,
        ..a
    })
}

/// Whether a callee may be a function of the project: a method of something that comes from no package, or what another
/// file exports.
fn may_be_own(cx: &Context<'_>, callee: Node<'_>) -> bool {
    let mut node = unparenthesized(callee);
    let is_method = member_parts(node).is_some();
    while let Some((object, _)) = member_parts(node) {
        node = unparenthesized(object);
    }
    if node.kind() == "super" {
        return false;
    }
    match Handles::binding_of(cx, node) {
        Some(binding) => imported(cx, binding).map_or(is_method, |import| import.module.starts_with('.')),
        None => is_method && !(node.kind() == "identifier" && is_global(cx, node)),
    }
}
