//! Who relies on the promises of a library: calls such as `loadUser(id).tap(…)`, whose receiver native promises would
//! break.
//!
//! The function that is called may live in another file and be reached through any number of names, so it is known by
//! its name alone: a function that shares it is left as it is, which costs a rewrite and never a caller.

use std::collections::HashSet;

use tree_sitter::Node;

use crate::syntax::{
    Parsed,
    node::{call_parts, member_parts, unparenthesized, walk},
};

/// Methods of library promises that native ones lack. Everyday words for other things (`map`, `each`, `bind`, `get`) are
/// left out: they are called on all kinds of results.
pub const LIBRARY_METHODS: &[&str] = &[
    "tap",
    "spread",
    "fail",
    "fin",
    "always",
    "asCallback",
    "nodeify",
    "return",
    "thenReturn",
    "delay",
    "timeout",
    "reflect",
    "isFulfilled",
    "isPending",
    "isRejected",
    "done",
    "tapCatch",
    "finallyCall",
    "catchReturn",
];

/// The names of functions whose results are used as a library's promises somewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LibraryUses {
    names: HashSet<String>,
}

impl LibraryUses {
    /// Whether a text may hold such a use, so that it is worth parsing.
    pub fn may_be_in(text: &str) -> bool {
        LIBRARY_METHODS.iter().any(|method| {
            memchr::memmem::find_iter(text.as_bytes(), method).any(|at| {
                let (before, after) = (&text.as_bytes()[..at], &text.as_bytes()[at + method.len()..]);
                before.last() == Some(&b'.') && after.first() == Some(&b'(')
            })
        })
    }

    /// The uses in a file.
    pub fn of(file: &Parsed<'_>) -> Self {
        let mut uses = Self::default();
        if Self::may_be_in(file.source.text()) {
            walk(file.root(), |n| {
                uses.note(file, n);
                true
            });
        }
        uses
    }

    /// Adds what another file uses.
    pub fn extend(&mut self, other: Self) {
        self.names.extend(other.names);
    }

    /// Whether the result of a function of that name is used as a library's promise.
    pub fn contains(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Notes the names of all calls that lead up to a library method: `a.load(id).then(…).tap(…)` uses `load`.
    fn note(&mut self, file: &Parsed<'_>, call: Node<'_>) {
        let method = call_parts(call).and_then(|(callee, _)| member_parts(callee));
        let Some((mut receiver, _)) = method.filter(|(_, name)| LIBRARY_METHODS.contains(&file.text(*name))) else {
            return;
        };
        loop {
            receiver = unparenthesized(receiver);
            let Some((callee, _)) = call_parts(receiver) else { return };
            let Some((object, property)) = member_parts(callee) else {
                self.names.insert(file.text(callee).to_owned());
                return;
            };
            let name = file.text(property);
            if !matches!(name, "then" | "catch" | "finally") && !LIBRARY_METHODS.contains(&name) {
                self.names.insert(name.to_owned());
            }
            receiver = object;
        }
    }
}
