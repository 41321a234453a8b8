//! What names mean: scopes, bindings and references over the syntax tree of one file.
//!
//! The model is built once a file and only read afterwards. Ids are indices into arenas, ranges are byte ranges
//! of the tree that edits are made from. The rules are those of ECMA-262 (declaration instantiation, Annex B.3
//! for functions in blocks) and of TypeScript's binder for what it adds.

mod build;
mod early_errors;
mod kinds;
mod model;
mod resolve;

pub use early_errors::{EarlyError, early_errors, is_reserved_word};

use std::ops::Range;

use crate::syntax::Parsed;
use model::Declaration;

/// Index of a [`Scope`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScopeId(pub(crate) u32);

/// Index of a [`Binding`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BindingId(pub(crate) u32);

impl BindingId {
    /// The position among [`Names::bindings`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Index of a [`Reference`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReferenceId(pub(crate) u32);

/// What opens a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScopeKind {
    /// The whole file.
    Module,
    /// A function: its parameters, and the names of its body with them.
    Function,
    /// The body of a function with parameter expressions that make it a scope of its own.
    FunctionBody,
    /// The name of a function or class expression, seen only inside it.
    ExpressionName,
    /// Braces, a loop head, a `switch` body.
    Block,
    /// A `catch` clause.
    Catch,
    /// A class: its name and type parameters.
    Class,
    /// A static block or field initialiser: `var` stops here.
    ClassCode,
    /// A TypeScript namespace, enum, type alias, interface, conditional or mapped type.
    Type,
}

/// A stretch of code in which names are declared.
#[derive(Clone, Debug)]
pub struct Scope {
    /// What opens it.
    pub kind: ScopeKind,
    /// The scope around it; `None` for the file.
    pub parent: Option<ScopeId>,
    /// The bytes it covers.
    pub range: Range<usize>,
    /// What is declared in it, in source order of the first declaration.
    pub bindings: Vec<BindingId>,
}

/// How a name is declared. Of several declarations that merge, the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BindingKind {
    /// `var`.
    Var,
    /// `let`.
    Let,
    /// `const`, `using`.
    Const,
    /// A function declaration, or the own name of a function expression.
    Function,
    /// A class declaration, or the own name of a class expression.
    Class,
    /// A parameter.
    Parameter,
    /// The parameter of a `catch`.
    Catch,
    /// An imported name.
    Import,
    /// `enum` or `namespace`: a value in TypeScript.
    Namespace,
    /// A name that exists only in types.
    Type,
}

/// A declared name.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The name, escapes (`\u0061`) resolved.
    pub name: String,
    /// How it is declared.
    pub kind: BindingKind,
    /// Where it lives.
    pub scope: ScopeId,
    /// The identifiers that declare it.
    pub declarations: Vec<Range<usize>>,
    /// Every use, in source order. Declarations are no uses, though `var x = 1` writes.
    pub references: Vec<ReferenceId>,
}

/// A use of a name.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The name, escapes resolved.
    pub name: String,
    /// The identifier's bytes.
    pub range: Range<usize>,
    /// The scope it stands in.
    pub scope: ScopeId,
    /// What it means; `None` for a global, or a name declared elsewhere.
    pub binding: Option<BindingId>,
    /// Whether it reads the value.
    pub reads: bool,
    /// Whether it assigns: `x = …`, `x++`, a destructuring target, the head of `for (x of …)`.
    pub writes: bool,
    /// Whether it stands in a type, where nothing is run.
    pub in_type: bool,
    /// Whether it is the `x` of the shorthand `{ x }`, in an object or a pattern: a rename must write `x: y`.
    pub shorthand: bool,
}

/// All names of one file.
#[derive(Debug, Default)]
pub struct Names {
    scopes: Vec<Scope>,
    bindings: Vec<Binding>,
    references: Vec<Reference>,
    /// Every identifier that declares a name, in source order.
    declarations: Vec<Declaration>,
    /// For each scope the innermost one whose range is around its own. That is the parent, except for what stands
    /// in a function's range and is run outside: decorators and computed keys.
    around: Vec<u32>,
}

impl Names {
    /// Builds the model of a file.
    pub fn new(file: &Parsed<'_>) -> Self {
        build::build(file)
    }

    /// A scope by its id.
    pub fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.0 as usize]
    }

    /// A binding by its id.
    pub fn binding(&self, id: BindingId) -> &Binding {
        &self.bindings[id.0 as usize]
    }

    /// A reference by its id.
    pub fn reference(&self, id: ReferenceId) -> &Reference {
        &self.references[id.0 as usize]
    }

    /// All scopes, each before those inside it.
    pub fn scopes(&self) -> impl Iterator<Item = (ScopeId, &Scope)> {
        self.scopes.iter().enumerate().map(|(i, s)| (ScopeId(i as u32), s))
    }

    /// All bindings.
    pub fn bindings(&self) -> impl Iterator<Item = (BindingId, &Binding)> {
        self.bindings.iter().enumerate().map(|(i, b)| (BindingId(i as u32), b))
    }

    /// All references, sorted by where they stand.
    pub fn references(&self) -> &[Reference] {
        &self.references
    }

    /// The references that lie within a range, in source order.
    pub fn references_in(&self, range: &Range<usize>) -> &[Reference] {
        let from = self.references.partition_point(|r| r.range.start < range.start);
        let to = self.references.partition_point(|r| r.range.start < range.end).max(from);
        &self.references[from..to]
    }

    /// The reference whose identifier starts at a byte.
    pub fn reference_at(&self, start: usize) -> Option<&Reference> {
        let index = self.references.binary_search_by_key(&start, |r| r.range.start).ok()?;
        Some(&self.references[index])
    }

    /// The binding that an identifier starting at a byte declares.
    pub fn declared_at(&self, start: usize) -> Option<BindingId> {
        let index = self.declarations.binary_search_by_key(&start, |d| d.range.start).ok()?;
        Some(self.declarations[index].binding)
    }

    /// The bindings that have a declaration within a range.
    pub fn declared_in(&self, range: &Range<usize>) -> Vec<BindingId> {
        let from = self.declarations.partition_point(|d| d.range.start < range.start);
        let inside = self.declarations[from..].iter().take_while(|d| d.range.start < range.end);
        let mut bindings: Vec<_> = inside.filter(|d| d.range.end <= range.end).map(|d| d.binding).collect();
        bindings.sort_unstable();
        bindings.dedup();
        bindings
    }

    /// The innermost scope that covers a byte.
    pub fn scope_at(&self, byte: usize) -> ScopeId {
        // Scopes are sorted by where they start, outer before inner, and lie in one another like nodes: every scope
        // that covers the byte is around the last one that starts before it.
        let mut scope = self.scopes.partition_point(|s| s.range.start <= byte).saturating_sub(1);
        while scope > 0 && self.scopes[scope].range.end <= byte {
            scope = self.around[scope] as usize;
        }
        ScopeId(scope as u32)
    }

    /// What a name means to code standing in a scope.
    pub fn resolve(&self, name: &str, mut scope: ScopeId) -> Option<BindingId> {
        loop {
            let here = self.scope(scope);
            let found = here.bindings.iter().find(|b| self.binding(**b).name == name);
            if found.is_some() {
                return found.copied();
            }
            scope = here.parent?;
        }
    }

    /// Whether a binding is ever assigned after its declaration.
    pub fn is_reassigned(&self, binding: BindingId) -> bool {
        self.binding(binding).references.iter().any(|r| self.reference(*r).writes)
    }
}
