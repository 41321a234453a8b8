//! The walk that finds what a file declares and uses.
//!
//! One pass with a cursor over the tree: no recursion, and no search upwards. The parent says what a child is
//! ([`Role`]) and in which scope it stands; a leaf then declares or uses a name. Uses are resolved when the walk
//! is over, because a declaration holds for the whole of its scope: `var` and functions are hoisted (ECMA-262
//! §10.2.11, §16.1.7), and `let`, `const` and `class` shadow from the start of their block (§14.2.3).

use tree_sitter::{Node, TreeCursor};

use super::{
    Names, ScopeId, ScopeKind,
    kinds::{Field, Kind, Tables},
    model::{Declares, Model, Use},
};
use crate::{source::Language, syntax::Parsed};

/// What a node is for its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// An expression or statement: names in it are read.
    Read,
    /// The target of an assignment, or a pattern in one.
    Write { reads: bool },
    /// A pattern or name that is declared.
    Declare(Declares),
    /// A type.
    Type,
    /// A value that a type speaks of: `typeof x`, `x is T`, the `[x]` of an interface.
    Typeof,
    /// What stands before a dot in a type, or gets another name by `import a = b.c`.
    Qualifier,
    /// What `export { x }` and `export default x` name: a value, a type, or both.
    Export,
    /// What `export type { T }` names.
    ExportType,
    /// Braces whose scope is open already: those of a function, namespace or static block.
    Body,
    /// A name that is neither declared nor used here, such as a property or a foreign export.
    Foreign,
}

/// A node that the cursor is inside of.
#[derive(Clone, Copy, Debug)]
struct Frame {
    kind: Kind,
    role: Role,
    /// The scope of what is inside.
    scope: ScopeId,
    /// The scope the node stands in. For parameters, the one around the function: decorators are run there.
    outer: ScopeId,
    /// What the keyword at the head of a declaration declares.
    declares: Declares,
    /// Something that a child has shown about the children after it; what, depends on the kind.
    flag: bool,
}

/// Builds the names of a file.
pub(super) fn build(file: &Parsed<'_>) -> Names {
    // The tree may follow another grammar than that of the file's language, and numbers its kinds by that.
    let tables = Tables::of(file.grammar());
    let is_module = is_module(file.root());
    let strict = is_module || has_use_strict(file, file.root());
    let model =
        Model::new(file.source.bytes().len(), is_module, strict, file.source.language() == Language::JavaScript);
    let mut walk = Walk { file, tables, model, stack: Vec::new(), functions: Vec::new() };
    walk.run();
    walk.model.finish()
}

struct Walk<'f, 's> {
    file: &'f Parsed<'s>,
    tables: &'static Tables,
    model: Model<'s>,
    stack: Vec<Frame>,
    /// Where in the stack the functions are whose parameters are being walked.
    functions: Vec<usize>,
}

impl<'f> Walk<'f, '_> {
    fn run(&mut self) {
        let mut cursor = self.file.root().walk();
        loop {
            if self.visit(&cursor) && cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
                self.leave();
            }
        }
    }

    fn leave(&mut self) {
        let left = self.stack.pop();
        if left.is_some_and(|frame| frame.kind == Kind::Parameters) {
            self.functions.pop();
        }
    }

    /// Looks at a node; says whether its children are to be walked, for which it then pushes a frame.
    fn visit(&mut self, cursor: &TreeCursor<'f>) -> bool {
        let node = cursor.node();
        let kind = self.tables.kind(node.kind_id());
        if kind == Kind::Skip {
            return false;
        }
        if kind.is_token() {
            self.note(kind);
            return false;
        }
        let (role, scope) = match self.stack.last() {
            Some(parent) => self.place(*parent, kind, node, cursor),
            None => (Role::Read, ScopeId(0)),
        };
        if kind.is_leaf() {
            self.leaf(node, kind, role, scope);
            return false;
        }
        if node.child_count() == 0 {
            return false;
        }
        let frame = self.enter(node, kind, role, scope);
        self.stack.push(frame);
        true
    }

    /// Takes note of a keyword in its parent's frame.
    fn note(&mut self, token: Kind) {
        let Some(parent) = self.stack.last_mut() else { return };
        match (token, parent.kind) {
            (Kind::Var, _) => parent.declares = Declares::Var,
            (Kind::Let, _) => parent.declares = Declares::Let,
            (Kind::Const | Kind::Using, Kind::LexicalDeclaration | Kind::ForIn | Kind::Assignment) => {
                parent.declares = Declares::Const;
            }
            (Kind::TypeOnly, Kind::ExportStatement | Kind::ExportSpecifier) if parent.role == Role::Export => {
                parent.role = Role::ExportType;
            }
            // `export as namespace X` declares a global for scripts.
            (Kind::As, Kind::ExportStatement) => parent.role = Role::Foreign,
            (Kind::Async, _) => {
                parent.flag |= parent.kind == Kind::FunctionDeclaration;
                self.model.extent(parent.scope).awaits |= parent.kind.is_function();
            }
            (Kind::Global, Kind::Ambient) => parent.flag = true,
            _ => {}
        }
    }

    /// What a child is, and where it stands.
    fn place(&mut self, parent: Frame, kind: Kind, node: Node<'f>, cursor: &TreeCursor<'f>) -> (Role, ScopeId) {
        let tables = self.tables;
        let field = || tables.field(cursor.field_id());
        let inside = parent.scope;
        let role = match parent.kind {
            Kind::Other | Kind::For | Kind::Switch => match parent.role {
                Role::Type => Role::Type,
                _ => Role::Read,
            },
            Kind::Type | Kind::IndexSignature if kind == Kind::Identifier => Role::Foreign,
            Kind::Type | Kind::IndexSignature => Role::Type,
            Kind::FunctionDeclaration
            | Kind::FunctionExpression
            | Kind::Arrow
            | Kind::Method
            | Kind::Signature
            | Kind::MethodSignature
            | Kind::FunctionType => return self.place_in_function(parent, field(), node),
            Kind::ClassDeclaration | Kind::ClassExpression => match field() {
                Field::Name if parent.kind == Kind::ClassExpression => {
                    return (Role::Declare(Declares::Class), self.model.parent(inside));
                }
                Field::Name => return (Role::Declare(Declares::Class), parent.outer),
                Field::Decorator => return (Role::Read, parent.outer),
                _ => Role::Read,
            },
            Kind::Field if field() == Field::Value => {
                return (Role::Read, self.model.open_code(ScopeKind::ClassCode, node.byte_range(), inside));
            }
            Kind::Catch => match field() {
                Field::Parameter => Role::Declare(Declares::Catch { simple: kind == Kind::Identifier }),
                _ => Role::Read,
            },
            Kind::StaticBlock => Role::Body,
            Kind::Module => match field() {
                Field::Name => return (Role::Declare(Declares::Namespace), self.model.parent(inside)),
                _ => Role::Body,
            },
            Kind::Ambient if parent.flag && kind == Kind::Block => {
                return (Role::Body, self.model.open_code(ScopeKind::Type, node.byte_range(), inside));
            }
            Kind::TypeAlias => match field() {
                Field::Name => return (Role::Declare(Declares::Type), parent.outer),
                _ => Role::Type,
            },
            Kind::ConditionalType => match field() {
                Field::Left | Field::Alternative => return (Role::Type, parent.outer),
                _ => Role::Type,
            },
            _ => return self.place_in_pattern(parent, kind, node, field()),
        };
        (role, inside)
    }

    fn place_in_function(&mut self, parent: Frame, field: Field, node: Node<'f>) -> (Role, ScopeId) {
        match field {
            Field::Name => match parent.kind {
                Kind::FunctionDeclaration => {
                    let plain = !parent.flag;
                    (Role::Declare(Declares::Function { plain }), parent.outer)
                }
                Kind::Signature => (Role::Declare(Declares::Signature), parent.outer),
                Kind::FunctionExpression => {
                    (Role::Declare(Declares::Function { plain: false }), self.model.parent(parent.scope))
                }
                Kind::MethodSignature => (Role::Type, parent.outer),
                _ => (Role::Read, parent.outer),
            },
            Field::Decorator => (Role::Read, parent.outer),
            Field::Parameter => (Role::Declare(Declares::Parameter), parent.scope),
            Field::Body => {
                let block = self.tables.kind(node.kind_id()) == Kind::Block;
                let strict = block && has_use_strict(self.file, node);
                let scope = self.model.open_body(parent.scope, node.byte_range(), parent.flag, strict);
                (if block { Role::Body } else { Role::Read }, scope)
            }
            _ => (Role::Read, parent.scope),
        }
    }

    fn place_in_pattern(&mut self, parent: Frame, kind: Kind, node: Node<'f>, field: Field) -> (Role, ScopeId) {
        let role = match parent.kind {
            Kind::Parameters => Role::Declare(Declares::Parameter),
            Kind::Parameter => match field {
                Field::Pattern => Role::Declare(Declares::Parameter),
                Field::Name => Role::Foreign,
                Field::Decorator => return (Role::Read, parent.outer),
                Field::Value => {
                    self.note_parameter_expression();
                    Role::Read
                }
                _ => Role::Type,
            },
            Kind::VariableDeclaration | Kind::LexicalDeclaration => Role::Declare(parent.declares),
            Kind::Declarator if field == Field::Name => parent.role,
            Kind::Assignment if field == Field::Left && parent.declares == Declares::Const => {
                Role::Declare(Declares::Const)
            }
            Kind::Assignment if field == Field::Left => Role::Write { reads: false },
            Kind::ForIn if field == Field::Left => match parent.declares {
                Declares::Nothing => Role::Write { reads: false },
                declares => Role::Declare(declares),
            },
            Kind::AugmentedAssignment if field == Field::Left => Role::Write { reads: true },
            Kind::Update => Role::Write { reads: true },
            Kind::Pattern => parent.role,
            Kind::PairPattern if field == Field::Value => parent.role,
            Kind::DefaultPattern if field == Field::Left => parent.role,
            Kind::DefaultPattern => {
                if parent.role == Role::Declare(Declares::Parameter) {
                    self.note_parameter_expression();
                }
                Role::Read
            }
            Kind::Transparent => parent.role,
            Kind::ComputedName if parent.role == Role::Declare(Declares::Parameter) => {
                self.note_parameter_expression();
                Role::Read
            }
            _ => return self.place_elsewhere(parent, kind, node, field),
        };
        (role, parent.scope)
    }

    fn place_elsewhere(&mut self, parent: Frame, kind: Kind, node: Node<'f>, field: Field) -> (Role, ScopeId) {
        let role = match parent.kind {
            Kind::Member | Kind::NestedType => match (field, parent.role) {
                (Field::Object, Role::Declare(Declares::Namespace)) => {
                    return (parent.role, self.model.parent(parent.scope));
                }
                (_, Role::Declare(Declares::Namespace)) => parent.role,
                (Field::Object, Role::Typeof | Role::Qualifier) => parent.role,
                (Field::Object, _) if parent.kind == Kind::NestedType => Role::Qualifier,
                (Field::Name, _) if parent.kind == Kind::NestedType => Role::Foreign,
                _ => Role::Read,
            },
            Kind::ExportSpecifier if field == Field::Alias => Role::Foreign,
            Kind::ExportStatement | Kind::ExportClause | Kind::ExportSpecifier => parent.role,
            Kind::NamespaceExport => Role::Foreign,
            // The module of `import fs = require('fs')` is a text that happens to be spelt like the name.
            Kind::ImportClause if kind == Kind::PropertyName => Role::Foreign,
            Kind::ImportClause => Role::Declare(Declares::Import),
            Kind::ImportSpecifier if field == Field::Alias => Role::Declare(Declares::Import),
            Kind::ImportSpecifier if parent.flag => Role::Foreign,
            Kind::ImportSpecifier => Role::Declare(Declares::Import),
            Kind::ImportAlias => self.once(Role::Declare(Declares::Import), Role::Qualifier),
            Kind::Enum if field == Field::Name => Role::Declare(Declares::Enum),
            Kind::EnumBody | Kind::EnumAssignment if field == Field::Name => Role::Declare(Declares::EnumMember),
            Kind::JsxTag if field == Field::Name && kind == Kind::Identifier && is_intrinsic(self.file.text(node)) => {
                Role::Foreign
            }
            Kind::TypeParameter if field == Field::Name => Role::Declare(Declares::Type),
            Kind::MappedClause if field == Field::Name => Role::Declare(Declares::Type),
            Kind::Infer => match self.once(Role::Declare(Declares::Type), Role::Type) {
                role @ Role::Declare(_) => return (role, self.model.conditional_around(parent.scope)),
                role => role,
            },
            Kind::TypeQuery => Role::Typeof,
            Kind::TypePredicate if kind == Kind::Identifier => Role::Typeof,
            Kind::ComputedName if parent.role == Role::Type => Role::Typeof,
            Kind::TypeParameter | Kind::MappedClause | Kind::TypePredicate | Kind::Tuple => Role::Type,
            _ => Role::Read,
        };
        (role, parent.scope)
    }

    /// `first` for the first child of the innermost node that asks, `later` for the others.
    fn once(&mut self, first: Role, later: Role) -> Role {
        let Some(parent) = self.stack.last_mut() else { return later };
        if std::mem::replace(&mut parent.flag, true) { later } else { first }
    }

    /// The parameters that are being walked hold an expression, so the body is a scope of its own.
    fn note_parameter_expression(&mut self) {
        if let Some(function) = self.functions.last() {
            self.stack[*function].flag = true;
        }
    }

    /// The frame of a node, with the scope that it opens.
    fn enter(&mut self, node: Node<'f>, kind: Kind, role: Role, scope: ScopeId) -> Frame {
        let mut frame = Frame { kind, role, scope, outer: scope, declares: Declares::Nothing, flag: false };
        let range = || node.byte_range();
        match kind {
            Kind::FunctionDeclaration => {
                frame.flag = node.kind() == "generator_function_declaration";
                frame.scope = self.model.open_function(range(), scope);
            }
            Kind::Arrow | Kind::Method => frame.scope = self.model.open_function(range(), scope),
            Kind::FunctionExpression => {
                let around = self.open_expression_name(node, scope);
                frame.scope = self.model.open_function(range(), around);
            }
            Kind::ClassDeclaration => frame.scope = self.model.open_class(range(), scope),
            Kind::ClassExpression => {
                let around = self.open_expression_name(node, scope);
                frame.scope = self.model.open_class(range(), around);
            }
            Kind::StaticBlock => frame.scope = self.model.open_code(ScopeKind::ClassCode, range(), scope),
            Kind::Block if role != Role::Body => frame.scope = self.model.open(ScopeKind::Block, range(), scope),
            Kind::Switch | Kind::For | Kind::ForIn => frame.scope = self.model.open(ScopeKind::Block, range(), scope),
            Kind::Catch => frame.scope = self.model.open(ScopeKind::Catch, range(), scope),
            Kind::Module => self.enter_namespace(node, &mut frame),
            Kind::EnumBody
            | Kind::TypeAlias
            | Kind::IndexSignature
            | Kind::Signature
            | Kind::MethodSignature
            | Kind::FunctionType => frame.scope = self.model.open(ScopeKind::Type, range(), scope),
            Kind::ConditionalType => frame.scope = self.model.open_conditional(range(), scope),
            Kind::Parameters | Kind::Parameter => self.enter_parameters(kind, &mut frame),
            Kind::VariableDeclaration => frame.declares = Declares::Var,
            Kind::ImportSpecifier => frame.flag = node.child_by_field_id(self.tables.alias).is_some(),
            Kind::ExportStatement => {
                let foreign = node.child_by_field_id(self.tables.source).is_some();
                frame.role = if foreign { Role::Foreign } else { Role::Export };
            }
            _ => {}
        }
        frame
    }

    /// The name of a function or class expression is seen only inside it (ECMA-262 §15.2.5, §15.7.16).
    fn open_expression_name(&mut self, node: Node<'f>, scope: ScopeId) -> ScopeId {
        let named = node.child_by_field_id(self.tables.name).is_some();
        if named { self.model.open(ScopeKind::ExpressionName, node.byte_range(), scope) } else { scope }
    }

    fn enter_parameters(&mut self, kind: Kind, frame: &mut Frame) {
        if let Some(around) = self.stack.last() {
            frame.outer = around.outer;
        }
        if kind == Kind::Parameters {
            if let Some(function) = self.stack.last_mut() {
                function.flag = false;
            }
            self.functions.push(self.stack.len().saturating_sub(1));
        }
    }

    /// `namespace A.B.C { … }` is short for namespaces in one another: each name stands in the one before it.
    fn enter_namespace(&mut self, node: Node<'f>, frame: &mut Frame) {
        let mut names = 1;
        let mut name = node.child_by_field_id(self.tables.name);
        while let Some(dotted) = name.filter(|n| n.child_count() > 0) {
            names += 1;
            name = dotted.child(0);
        }
        for _ in 0..names {
            frame.scope = self.model.open_code(ScopeKind::Type, node.byte_range(), frame.scope);
        }
    }

    /// A name: declares it, uses it, or neither.
    fn leaf(&mut self, node: Node<'f>, kind: Kind, role: Role, scope: ScopeId) {
        let range = node.byte_range();
        if range.is_empty() {
            return;
        }
        let text = self.file.text(node);
        let shorthand = matches!(kind, Kind::ShorthandReference | Kind::ShorthandPattern);
        if kind == Kind::PropertyName {
            return match role {
                Role::Declare(Declares::Namespace) if text.starts_with(['"', '\'']) => {}
                Role::Declare(what) => self.model.declare(text.trim_matches(['"', '\'']), range, what, scope),
                _ => {}
            };
        }
        if kind == Kind::TypeIdentifier && matches!(text, "bigint" | "intrinsic") {
            // Types of the language that the grammar does not know as such; no type may be declared under the first.
            return;
        }
        if text == "await" && self.model.extent(scope).awaits && !matches!(role, Role::Declare(_)) {
            // In an async function `await (x)` is an operator, but the grammar sees a call where it could be one.
            return;
        }
        let how = match role {
            Role::Declare(what) => return self.model.declare(text, range, what, scope),
            Role::Foreign => return,
            _ if kind == Kind::TypeIdentifier => Use::TYPE,
            Role::Read | Role::Body => Use::READ,
            Role::Write { reads: false } => Use::WRITE,
            Role::Write { reads: true } => Use::UPDATE,
            Role::Type | Role::ExportType => Use::TYPE,
            Role::Typeof => Use::TYPEOF,
            Role::Qualifier => Use::QUALIFIER,
            Role::Export => Use::EXPORT,
        };
        self.model.refer(text, range, how, scope, shorthand);
    }
}

/// Whether a JSX tag names an element of the platform, and no component: it starts with a small letter, or has a
/// dash.
fn is_intrinsic(tag: &str) -> bool {
    tag.starts_with(|c: char| c.is_ascii_lowercase()) || tag.contains('-')
}

/// Whether a file is a module, which is always strict (ECMA-262 §11.2.2).
fn is_module(root: Node<'_>) -> bool {
    let mut cursor = root.walk();
    root.children(&mut cursor).any(|n| matches!(n.kind(), "import_statement" | "export_statement"))
}

/// Whether a block or file starts with directives of which one is `"use strict"` (ECMA-262 §11.2.1).
pub(super) fn has_use_strict(file: &Parsed<'_>, block: Node<'_>) -> bool {
    let mut cursor = block.walk();
    let mut directives =
        block.named_children(&mut cursor).filter(|n| !n.is_extra() && n.kind() != "hash_bang_line").map_while(|n| {
            let string = n.named_child(0).filter(|s| n.kind() == "expression_statement" && s.kind() == "string")?;
            Some(file.text(string))
        });
    directives.any(|text| matches!(text, "'use strict'" | "\"use strict\""))
}
