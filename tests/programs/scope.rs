//! Which names a generated program may use and declare where it stands.

use std::collections::{BTreeMap, BTreeSet};

/// What a name holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// A value that is never assigned anew.
    Value,
    /// A value that may be assigned.
    Variable,
    /// A function that takes a value and returns one or a promise.
    Function,
    /// A promise.
    Promise,
    /// An error, or nothing.
    Error,
    /// The same, where an adapter may make one nothing of another, so that it is only asked for.
    Check,
    /// What `this` is further out. It is never handed to anyone: a stub would call its methods.
    Receiver,
    /// The function's own callback, or a settler.
    Callback,
}

#[derive(Debug, Default)]
struct Scope {
    is_function: bool,
    /// Whether `this` means something here; `None` where it is that of the code around.
    this: Option<bool>,
    /// Each with what it holds and whether it may be declared once only.
    names: BTreeMap<String, (Holds, bool)>,
    mentioned: BTreeSet<String>,
}

/// The scopes around the place where a program is being written, innermost last.
#[derive(Debug, Default)]
pub(crate) struct Scopes {
    stack: Vec<Scope>,
}

impl Scopes {
    /// Enters a block.
    pub(crate) fn enter_block(&mut self) {
        self.stack.push(Scope::default());
    }

    /// Enters a function. `this`: whether it has one that means something; `None` for arrow functions.
    pub(crate) fn enter_function(&mut self, this: Option<bool>) {
        self.stack.push(Scope { is_function: true, this, ..Scope::default() });
    }

    /// Leaves the innermost scope.
    pub(crate) fn leave(&mut self) {
        self.stack.pop();
    }

    /// Whether `this` means something.
    pub(crate) fn has_this(&self) -> bool {
        self.stack.iter().rev().find_map(|scope| scope.this).unwrap_or(false)
    }

    /// Whether the innermost scope is that of a function.
    pub(crate) fn is_at_top_of_function(&self) -> bool {
        self.stack.last().is_some_and(|scope| scope.is_function)
    }

    /// Whether a name is declared here or further out.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.stack.iter().any(|scope| scope.names.contains_key(name))
    }

    /// Notes that a name is used here, so that no declaration of it may come later between here and where it is from.
    pub(crate) fn mention(&mut self, name: &str) {
        for scope in self.stack.iter_mut().rev() {
            if scope.names.contains_key(name) {
                return;
            }
            scope.mentioned.insert(name.to_owned());
        }
    }

    /// The names that can be used here and hold one of some things.
    pub(crate) fn holding(&self, wanted: &[Holds]) -> Vec<String> {
        let mut seen: BTreeMap<&str, Holds> = BTreeMap::new();
        for scope in self.stack.iter().rev() {
            for (name, (holds, _)) in &scope.names {
                seen.entry(name).or_insert(*holds);
            }
        }
        seen.into_iter().filter(|(_, holds)| wanted.contains(holds)).map(|(name, _)| name.to_owned()).collect()
    }

    /// Whether `let`, `const`, `class` or, in a block, `function` may declare a name here.
    pub(crate) fn may_declare(&self, name: &str) -> bool {
        self.stack.last().is_some_and(|scope| !scope.names.contains_key(name) && !scope.mentioned.contains(name))
    }

    /// Whether `var` may declare a name here: no lexical declaration of it stands between here and the function, and
    /// nothing there means another of that name by it, which would be `undefined` then.
    pub(crate) fn may_declare_var(&self, name: &str) -> bool {
        for scope in self.stack.iter().rev() {
            if scope.names.get(name).is_some_and(|(_, lexical)| *lexical) || scope.mentioned.contains(name) {
                return false;
            }
            if scope.is_function {
                return true;
            }
        }
        false
    }

    /// Declares a name in the innermost scope.
    pub(crate) fn declare(&mut self, name: &str, holds: Holds) {
        if let Some(scope) = self.stack.last_mut() {
            scope.names.insert(name.to_owned(), (holds, true));
        }
    }

    /// Declares a parameter of the innermost function.
    pub(crate) fn declare_parameter(&mut self, name: &str, holds: Holds) {
        if let Some(scope) = self.stack.last_mut() {
            // A `let` beside a parameter of its name is an error, a `var` is none.
            scope.names.insert(name.to_owned(), (holds, false));
        }
    }

    /// Declares a `var`, in the innermost function and on the way there.
    pub(crate) fn declare_var(&mut self, name: &str) {
        for scope in self.stack.iter_mut().rev() {
            scope.names.insert(name.to_owned(), (Holds::Variable, false));
            if scope.is_function {
                return;
            }
        }
    }
}
