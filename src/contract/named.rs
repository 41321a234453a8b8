//! What the functions of a project do with the callbacks that they are handed, by the functions' names: a method may be
//! reached through any number of objects.

use std::collections::HashMap;

use tree_sitter::Node;

use crate::{
    context::Context,
    flow::{
        callback::{called_names, names},
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

/// The functions of a project that take callbacks, by their names.
#[derive(Clone, Debug, Default)]
pub struct NamedUses {
    by_name: HashMap<String, Vec<Vec<Named>>>,
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
                for name in names {
                    found.by_name.entry(name).or_default().push(uses.clone());
                }
            }
            true
        });
        found.by_name.retain(|_, all| all.iter().any(|uses| !uses.is_empty()));
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
        let all = self.all(cx, callee)?;
        let one = |uses: &Vec<Named>| uses.iter().find(|u| u.takes(argument, arguments)).map(|u| u.known);
        let known = all.iter().map(one).reduce(|a, b| agreed(a?, b?))??;
        Some(CallbackUse { is_by_name: true, ..known })
    }

    /// The same for several arguments, of which one is called and no other: the callback, and those that are called in
    /// its stead.
    pub(super) fn of_callee_with(&self, cx: &Context<'_>, callee: Node<'_>, indices: &[usize]) -> Option<CallbackUse> {
        let (last, others) = indices.split_last()?;
        let [other] = others else { return None };
        let one = |uses: &Vec<Named>| {
            let is_callback = uses.first().is_some_and(|callback| callback.index == *last);
            let instead = uses.iter().find(|u| u.index == *other && u.known.times == Times::AtMostOnce);
            instead.filter(|_| is_callback).map(|u| CallbackUse { times: Times::Once, ..u.known })
        };
        self.all(cx, callee)?.iter().map(one).reduce(|a, b| agreed(a?, b?))?
    }

    /// Whether some function that a callee may stand for returns a promise where it is not given an argument.
    pub(super) fn promises(&self, cx: &Context<'_>, callee: Node<'_>, argument: usize, arguments: usize) -> bool {
        let mut uses = self.all(cx, callee).into_iter().flatten().flatten();
        uses.any(|u| u.promises && u.takes(argument, arguments))
    }

    /// The functions that a callee may stand for, each with what it does.
    fn all(&self, cx: &Context<'_>, callee: Node<'_>) -> Option<&Vec<Vec<Named>>> {
        if self.by_name.is_empty() || !may_be_own(cx, callee) {
            return None;
        }
        called_names(cx, callee).into_iter().find_map(|name| self.by_name.get(&name))
    }
}

/// What holds of two uses, if they are alike.
fn agreed(a: CallbackUse, b: CallbackUse) -> Option<CallbackUse> {
    (a.times == b.times).then(|| CallbackUse {
        timing: if a.timing == b.timing { a.timing } else { Timing::Unknown },
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
