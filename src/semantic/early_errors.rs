//! Errors that ECMAScript reports before a program runs, though it fits the grammar.
//!
//! They are what moving code about may bring in: two declarations of one name, and `await` or `yield` outside the
//! functions that have them. The engine counts them by their message before and after a change, so a message holds
//! the name and no position.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use tree_sitter::Node;

use super::{
    BindingId, Names, ScopeId, ScopeKind,
    build::has_use_strict,
    model::{Declaration, Declares},
};
use crate::syntax::{Parsed, node};

/// An error that does not show in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlyError {
    /// The bytes at fault.
    pub range: Range<usize>,
    /// What is wrong, in a few words.
    pub message: String,
}

/// The early errors of a file, in source order.
pub fn early_errors(file: &Parsed<'_>, names: &Names) -> Vec<EarlyError> {
    let mut errors = Vec::new();
    duplicates(file, names, &mut errors);
    let is_value = |d: &&Declaration| is_value(d.what);
    let reserved = names.declarations.iter().filter(is_value).filter_map(|d| {
        let name = names.binding(d.binding).name.as_str();
        let message = format!("`{name}` is a reserved word");
        is_reserved_word(name).then(|| EarlyError { range: d.range.clone(), message })
    });
    errors.extend(reserved);
    // Most files have neither word, and are spared the walk.
    let has = |word: &str| memchr::memmem::find(file.source.bytes(), word.as_bytes()).is_some();
    if has("await") || has("yield") {
        Operators { file, names, errors: &mut errors, top_level: false }.walk();
    }
    errors.sort_by_key(|e| e.range.start);
    errors
}

/// Words that no variable may be called, in whatever code (ECMAScript, "Keywords and Reserved Words"). Those that depend
/// on where they stand, such as `await` and `static`, are not among them. The grammar takes some of them for names.
const RESERVED_WORDS: &[&str] = &[
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "import",
    "in",
    "instanceof",
    "new",
    "null",
    "return",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
];

/// Whether a word can't be the name of a variable.
pub fn is_reserved_word(word: &str) -> bool {
    RESERVED_WORDS.binary_search(&word).is_ok()
}

/// Names that are declared more often than they may be.
fn duplicates(file: &Parsed<'_>, names: &Names, errors: &mut Vec<EarlyError>) {
    let mut of_binding: Vec<Vec<&Declaration>> = vec![Vec::new(); names.bindings.len()];
    names.declarations.iter().for_each(|d| of_binding[d.binding.0 as usize].push(d));
    let table = Table::new(names, &of_binding);
    let mut passed = HashSet::new();
    for declarations in &of_binding {
        let mut earlier: Option<&Declaration> = None;
        for declaration in declarations.iter().copied().filter(|d| is_value(d.what)) {
            let beside = earlier.is_some_and(|e| clash(file, names, e, declaration));
            if beside || table.clashes_outside(declaration, &mut passed) {
                let name = &names.binding(declaration.binding).name;
                let message = format!("`{name}` is declared more than once in one scope");
                errors.push(EarlyError { range: declaration.range.clone(), message });
            }
            // The strictest declaration is the one to hold the others against.
            earlier = earlier.filter(|e| is_lexical(e)).or(Some(declaration));
        }
    }
}

/// Whether something is declared that may clash. Types do not; enums and namespaces merge with others of their kind,
/// and the rest of their rules are for TypeScript to check.
fn is_value(what: Declares) -> bool {
    !matches!(what, Declares::Nothing | Declares::Type | Declares::Namespace | Declares::Enum | Declares::EnumMember)
}

/// Whether a declaration bears no other of its name in its scope (ECMA-262 §14.2.1, §14.12.1, §15.2.1, §16.1.1).
/// The grammar can't say whether a script or a module is meant, so functions at the top level count as in a script.
fn is_lexical(declaration: &Declaration) -> bool {
    matches!(declaration.what, Declares::Let | Declares::Const | Declares::Class | Declares::Import)
}

/// Whether two declarations of one binding clash.
fn clash(file: &Parsed<'_>, names: &Names, one: &Declaration, other: &Declaration) -> bool {
    use Declares::{Catch, Function, Parameter, Var};
    if is_lexical(one) || is_lexical(other) {
        return true;
    }
    let in_block = |d: &Declaration| matches!(names.scope(d.scope).kind, ScopeKind::Block);
    match (one.what, other.what) {
        // Sloppy code may have a function twice in one block (§B.3.3.4), strict code may not.
        (Function { plain: a }, Function { plain: b }) if one.scope == other.scope && in_block(one) => {
            other.strict || !a || !b
        }
        (Function { .. }, Var) | (Var, Function { .. }) => one.scope == other.scope && in_block(one),
        (Parameter, Parameter) => has_unique_parameters(file, names, other),
        (Catch { .. }, Catch { .. }) => true,
        _ => false,
    }
}

/// Whether a function may not have two parameters of one name: arrows, methods and strict functions (§15.1.1).
fn has_unique_parameters(file: &Parsed<'_>, names: &Names, parameter: &Declaration) -> bool {
    let scope = names.scope(parameter.scope);
    if scope.kind != ScopeKind::Function || parameter.strict {
        return scope.kind == ScopeKind::Function;
    }
    let Some(function) = file.root().descendant_for_byte_range(scope.range.start, scope.range.end) else {
        return false;
    };
    let is_strict = || function.child_by_field_name("body").is_some_and(|body| has_use_strict(file, body));
    matches!(function.kind(), "arrow_function" | "method_definition") || is_strict()
}

/// Who declares a name in a scope, for the names that are declared in more than one way.
struct Table<'n> {
    names: &'n Names,
    declared: HashMap<(ScopeId, &'n str), &'n Declaration>,
}

impl<'n> Table<'n> {
    fn new(names: &'n Names, of_binding: &[Vec<&'n Declaration>]) -> Self {
        let first = |index: usize| {
            let values = || of_binding[index].iter().copied().filter(|d| is_value(d.what));
            values().find(|d| is_lexical(d)).or_else(|| values().next())
        };
        let mut declared: HashMap<_, &Declaration> = HashMap::new();
        for index in 0..names.bindings.len() {
            let Some(declaration) = first(index) else { continue };
            let name = names.binding(BindingId(index as u32)).name.as_str();
            // A `var` that stands beside a `let` of its name is declared elsewhere, and hides nothing.
            let known = declared.entry((declaration.scope, name)).or_insert(declaration);
            if is_lexical(declaration) {
                *known = declaration;
            }
        }
        Self { names, declared }
    }

    fn get(&self, scope: ScopeId, name: &str) -> Option<Declares> {
        self.declared.get(&(scope, name)).map(|d| d.what)
    }

    /// Whether a declaration clashes with one in another scope: a `var` with what it is hoisted past, and the names
    /// of a body with the parameters.
    fn clashes_outside(&self, declaration: &Declaration, passed: &mut HashSet<(ScopeId, BindingId)>) -> bool {
        let binding = self.names.binding(declaration.binding);
        let scope = self.names.scope(declaration.scope);
        if declaration.what != Declares::Var {
            let function = matches!(declaration.what, Declares::Function { .. });
            let outer = scope.parent.and_then(|outer| self.get(outer, &binding.name));
            return match (scope.kind, outer) {
                (ScopeKind::FunctionBody, Some(Declares::Parameter)) => is_lexical(declaration),
                (ScopeKind::Block, Some(Declares::Catch { .. })) => is_lexical(declaration) || function,
                _ => false,
            };
        }
        let mut here = declaration.scope;
        // A scope that a declaration of the same `var` has passed is passed by this one like by that.
        while here != binding.scope && passed.insert((here, declaration.binding)) {
            let clashes = match self.get(here, &binding.name) {
                Some(Declares::Let | Declares::Const | Declares::Class | Declares::Function { .. }) => true,
                // §B.3.4: `catch (e) { var e }` is allowed, `catch ({ e }) { var e }` is not.
                Some(Declares::Catch { simple }) => !simple,
                _ => false,
            };
            if clashes {
                return true;
            }
            match self.names.scope(here).parent {
                Some(outer) => here = outer,
                None => return false,
            }
        }
        false
    }
}

/// What code may do, by the function it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Code {
    /// Where the function's node ends.
    end: usize,
    awaits: bool,
    yields: bool,
    /// Outside every function.
    top_level: bool,
}

/// Looks for `await` and `yield` where they are no operators, and for `await` as a name where it is one.
struct Operators<'a, 's> {
    file: &'a Parsed<'s>,
    names: &'a Names,
    errors: &'a mut Vec<EarlyError>,
    /// Whether an `await` at the top level of a script has been reported.
    top_level: bool,
}

impl<'a> Operators<'a, '_> {
    fn walk(&mut self) {
        let file = self.file;
        let is_module = is_module(file);
        let whole = Code { end: usize::MAX, awaits: is_module, yields: false, top_level: true };
        let mut code = vec![whole];
        node::walk(file.root(), |n| {
            while code.last().is_some_and(|c| c.end <= n.start_byte()) {
                code.pop();
            }
            let here = *code.last().unwrap_or(&whole);
            self.look(n, here);
            if node::is_function(n) {
                let yields = n.kind().starts_with("generator") || node::has_token(n, "*");
                code.push(Code { end: n.end_byte(), awaits: node::is_async(n), yields, top_level: false });
            } else if matches!(n.kind(), "class_static_block" | "field_definition" | "public_field_definition") {
                code.push(Code { end: n.end_byte(), awaits: false, yields: false, top_level: false });
            }
            true
        });
    }

    fn look(&mut self, n: Node<'a>, here: Code) {
        match n.kind() {
            "await_expression" => self.awaits(n, here),
            "for_in_statement" | "using_declaration" if node::has_token(n, "await") => self.awaits(n, here),
            "yield_expression" if !here.yields => self.report(n, "`yield` outside a generator"),
            "identifier" | "shorthand_property_identifier" | "shorthand_property_identifier_pattern"
                if self.file.text(n) == "await" =>
            {
                self.name(n, here);
            }
            _ => {}
        }
    }

    /// An `await`. At the top level of a script only the first is reported: a file that has one is run as a module,
    /// and may have more.
    fn awaits(&mut self, n: Node<'a>, here: Code) {
        let is_name = || self.names.resolve("await", self.names.scope_at(n.start_byte())).is_some();
        if here.awaits || is_name() || (here.top_level && std::mem::replace(&mut self.top_level, true)) {
            return;
        }
        self.report(n, "`await` outside an async function");
    }

    /// The identifier `await`. The grammar takes `await (x)`, `await [x]`, `await +x` and the like for a call, an
    /// access or a sum, which they are outside async functions only.
    fn name(&mut self, n: Node<'a>, here: Code) {
        let after = self.file.source.text()[n.end_byte()..].trim_start();
        let is_operator = n.kind() == "identifier" && after.starts_with(['(', '[', '+', '-', '/', '`']);
        let declared = self.names.declared_at(n.start_byte()).is_some();
        match (here.awaits, is_operator && !declared) {
            (true, false) => self.report(n, "`await` as a name in an async function"),
            (false, true) => self.awaits(n, here),
            _ => {}
        }
    }

    fn report(&mut self, n: Node<'a>, message: &str) {
        self.errors.push(EarlyError { range: n.byte_range(), message: message.into() });
    }
}

/// Whether a file is a module beyond doubt: by its extension, or because it imports or exports.
fn is_module(file: &Parsed<'_>) -> bool {
    let extension = file.source.path().extension().and_then(|e| e.to_str()).unwrap_or_default();
    match extension {
        "mjs" | "mts" => true,
        "cjs" | "cts" => false,
        _ => {
            let root = file.root();
            let mut cursor = root.walk();
            root.children(&mut cursor).any(|n| matches!(n.kind(), "import_statement" | "export_statement"))
        }
    }
}
