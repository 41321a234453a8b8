//! The scopes, declarations and uses of a file while they are being collected.

use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry},
    ops::Range,
};

use super::{Binding, BindingId, BindingKind, Names, Reference, Scope, ScopeId, ScopeKind, resolve};

/// What a declaration declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declares {
    /// Nothing: there is no keyword.
    Nothing,
    Var,
    Let,
    Const,
    /// A function; `plain` when it is neither `async` nor a generator.
    Function {
        plain: bool,
    },
    /// An overload, or a function that is implemented elsewhere.
    Signature,
    Class,
    Parameter,
    /// The parameter of a `catch`; `simple` when it is no pattern.
    Catch {
        simple: bool,
    },
    Import,
    Enum,
    EnumMember,
    Namespace,
    /// A type alias, an interface, a type parameter.
    Type,
}

/// The name spaces of TypeScript, as a set of bits: a name may mean a value, a type and a namespace at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spaces(u8);

impl Spaces {
    const VALUE: Self = Self(1);
    const TYPE: Self = Self(2);
    /// What may stand before a dot in a type.
    const NAMESPACE: Self = Self(4);

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the two have a space in common.
    pub(super) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl Declares {
    fn kind(self) -> BindingKind {
        match self {
            Self::Var | Self::Nothing => BindingKind::Var,
            Self::Let => BindingKind::Let,
            Self::Const | Self::EnumMember => BindingKind::Const,
            Self::Function { .. } | Self::Signature => BindingKind::Function,
            Self::Class => BindingKind::Class,
            Self::Parameter => BindingKind::Parameter,
            Self::Catch { .. } => BindingKind::Catch,
            Self::Import => BindingKind::Import,
            Self::Enum | Self::Namespace => BindingKind::Namespace,
            Self::Type => BindingKind::Type,
        }
    }

    fn spaces(self) -> Spaces {
        let all = Spaces::VALUE.and(Spaces::TYPE).and(Spaces::NAMESPACE);
        match self {
            Self::Class | Self::EnumMember => Spaces::VALUE.and(Spaces::TYPE),
            Self::Import | Self::Enum | Self::Namespace => all,
            Self::Type => Spaces::TYPE,
            _ => Spaces::VALUE,
        }
    }
}

/// How a name is used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    pub(super) spaces: Spaces,
    reads: bool,
    writes: bool,
    in_type: bool,
}

impl Use {
    pub(super) const READ: Self = Self { spaces: Spaces::VALUE, reads: true, writes: false, in_type: false };
    pub(super) const WRITE: Self = Self { reads: false, writes: true, ..Self::READ };
    pub(super) const UPDATE: Self = Self { writes: true, ..Self::READ };
    pub(super) const EXPORT: Self = Self { spaces: Spaces::VALUE.and(Spaces::TYPE), ..Self::READ };
    pub(super) const TYPEOF: Self = Self { reads: false, in_type: true, ..Self::READ };
    pub(super) const TYPE: Self = Self { spaces: Spaces::TYPE, ..Self::TYPEOF };
    pub(super) const QUALIFIER: Self = Self { spaces: Spaces::NAMESPACE, ..Self::TYPEOF };
}

/// An identifier that declares a name.
#[derive(Clone, Debug)]
pub(super) struct Declaration {
    pub(super) range: Range<usize>,
    pub(super) binding: BindingId,
    pub(super) what: Declares,
    /// The scope it stands in, which for `var` need not be the binding's.
    pub(super) scope: ScopeId,
    /// Whether the code around it is strict.
    pub(super) strict: bool,
}

/// What is known of a scope beside what [`Scope`] tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    /// Where `var` goes from here.
    var_scope: ScopeId,
    /// The conditional type in which an `infer` here declares.
    conditional: Option<ScopeId>,
    strict: bool,
    /// Whether `await` is an operator here.
    pub(super) awaits: bool,
    /// Where a function's body starts. What the body declares is not seen before that.
    pub(super) body: usize,
}

/// Number of a distinct name.
pub(super) type NameId = u32;

/// The model of a file in the making.
#[derive(Debug)]
pub(super) struct Model<'s> {
    names: HashMap<Cow<'s, str>, NameId>,
    pub(super) scopes: Vec<Scope>,
    pub(super) extents: Vec<Extent>,
    pub(super) bindings: Vec<Binding>,
    /// For each binding, its name and the spaces it lives in.
    pub(super) meanings: Vec<(NameId, Spaces)>,
    pub(super) references: Vec<Reference>,
    /// For each reference, its name and the spaces it may mean something of.
    pub(super) wants: Vec<(NameId, Spaces)>,
    declarations: Vec<Declaration>,
    declared: HashMap<(ScopeId, NameId), BindingId>,
    /// The block of each function that stands in a block and was hoisted out of it.
    hoisted: HashMap<BindingId, ScopeId>,
    /// Whether functions in blocks are hoisted in sloppy code.
    hoists_functions: bool,
}

impl<'s> Model<'s> {
    /// An empty file of the given length.
    pub(super) fn new(length: usize, is_module: bool, strict: bool, hoists_functions: bool) -> Self {
        let file = Scope { kind: ScopeKind::Module, parent: None, range: 0..length, bindings: Vec::new() };
        let extent = Extent { var_scope: ScopeId(0), conditional: None, strict, awaits: is_module, body: 0 };
        Self {
            names: HashMap::new(),
            scopes: vec![file],
            extents: vec![extent],
            bindings: Vec::new(),
            meanings: Vec::new(),
            references: Vec::new(),
            wants: Vec::new(),
            declarations: Vec::new(),
            declared: HashMap::new(),
            hoisted: HashMap::new(),
            hoists_functions,
        }
    }

    /// Opens a scope inside another.
    pub(super) fn open(&mut self, kind: ScopeKind, range: Range<usize>, parent: ScopeId) -> ScopeId {
        let id = ScopeId(self.scopes.len() as u32);
        self.scopes.push(Scope { kind, parent: Some(parent), range, bindings: Vec::new() });
        self.extents.push(Extent { body: 0, ..self.extents[parent.0 as usize] });
        id
    }

    /// Opens a scope at which `var` stops.
    pub(super) fn open_code(&mut self, kind: ScopeKind, range: Range<usize>, parent: ScopeId) -> ScopeId {
        let id = self.open(kind, range, parent);
        self.extent(id).var_scope = id;
        id
    }

    /// Opens the scope of a function.
    pub(super) fn open_function(&mut self, range: Range<usize>, parent: ScopeId) -> ScopeId {
        let id = self.open_code(ScopeKind::Function, range, parent);
        self.extent(id).awaits = false;
        id
    }

    /// Opens the scope of a class, all of which is strict (ECMA-262 §11.2.2).
    pub(super) fn open_class(&mut self, range: Range<usize>, parent: ScopeId) -> ScopeId {
        let id = self.open(ScopeKind::Class, range, parent);
        self.extent(id).strict = true;
        id
    }

    /// Opens the scope of a conditional type.
    pub(super) fn open_conditional(&mut self, range: Range<usize>, parent: ScopeId) -> ScopeId {
        let id = self.open(ScopeKind::Type, range, parent);
        self.extent(id).conditional = Some(id);
        id
    }

    /// Comes to a function's body; opens a scope for it if it is to have its own.
    pub(super) fn open_body(&mut self, function: ScopeId, range: Range<usize>, own: bool, strict: bool) -> ScopeId {
        let extent = self.extent(function);
        extent.body = range.start;
        extent.strict |= strict;
        if own { self.open_code(ScopeKind::FunctionBody, range, function) } else { function }
    }

    pub(super) fn extent(&mut self, id: ScopeId) -> &mut Extent {
        &mut self.extents[id.0 as usize]
    }

    /// The scope around a scope; the file's is its own.
    pub(super) fn parent(&self, id: ScopeId) -> ScopeId {
        self.scopes[id.0 as usize].parent.unwrap_or(id)
    }

    /// Where an `infer` declares its name: in the conditional type around it.
    pub(super) fn conditional_around(&self, scope: ScopeId) -> ScopeId {
        self.extents[scope.0 as usize].conditional.unwrap_or(scope)
    }

    /// A name by its text, escapes resolved.
    fn name(&mut self, text: &'s str) -> (NameId, Cow<'s, str>) {
        let name = if text.contains('\\') { Cow::Owned(unescaped(text)) } else { Cow::Borrowed(text) };
        let next = self.names.len() as NameId;
        (*self.names.entry(name.clone()).or_insert(next), name)
    }

    /// Uses a name.
    pub(super) fn refer(&mut self, text: &'s str, range: Range<usize>, how: Use, scope: ScopeId, shorthand: bool) {
        let (id, name) = self.name(text);
        self.wants.push((id, how.spaces));
        let Use { reads, writes, in_type, .. } = how;
        let name = name.into_owned();
        self.references.push(Reference { name, range, scope, binding: None, reads, writes, in_type, shorthand });
    }

    /// Declares a name.
    pub(super) fn declare(&mut self, text: &'s str, range: Range<usize>, what: Declares, scope: ScopeId) {
        if what == Declares::Nothing {
            return;
        }
        let (id, name) = self.name(text);
        let home = self.home(id, what, scope);
        let binding = match self.declared.entry((home, id)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let binding = BindingId(self.bindings.len() as u32);
                self.bindings.push(Binding {
                    name: name.into_owned(),
                    kind: what.kind(),
                    scope: home,
                    declarations: Vec::new(),
                    references: Vec::new(),
                });
                self.meanings.push((id, what.spaces()));
                *new.insert(binding)
            }
        };
        if home != scope && matches!(what, Declares::Function { .. }) {
            self.hoisted.insert(binding, scope);
            // A second function of the name in the same block is the same binding.
            self.declared.insert((scope, id), binding);
        }
        let spaces = &mut self.meanings[binding.0 as usize].1;
        *spaces = spaces.and(what.spaces());
        self.bindings[binding.0 as usize].declarations.push(range.clone());
        let strict = self.extents[scope.0 as usize].strict;
        self.declarations.push(Declaration { range, binding, what, scope, strict });
    }

    /// The scope in which a declaration takes effect.
    fn home(&mut self, name: NameId, what: Declares, scope: ScopeId) -> ScopeId {
        let var_scope = self.extents[scope.0 as usize].var_scope;
        match what {
            Declares::Var => self.shared_with_parameters(name, var_scope),
            Declares::Function { .. } | Declares::Signature if scope == var_scope => {
                self.shared_with_parameters(name, scope)
            }
            Declares::Function { plain: true } if self.is_hoisted_from(name, scope, var_scope) => var_scope,
            Declares::Let | Declares::Const | Declares::Class | Declares::Import => {
                self.take_back_hoisted(name, scope);
                scope
            }
            _ => scope,
        }
    }

    /// A `var` or function in a body that is a scope of its own starts out with the value of the parameter of its
    /// name (ECMA-262 §10.2.11, step 28). The two are told apart only by closures among the parameters; they are
    /// one binding here, because they can't be renamed but together.
    fn shared_with_parameters(&self, name: NameId, scope: ScopeId) -> ScopeId {
        let outer = self.parent(scope);
        let is_body = self.scopes[scope.0 as usize].kind == ScopeKind::FunctionBody;
        if is_body && self.declared.contains_key(&(outer, name)) { outer } else { scope }
    }

    /// Whether a function in a block also becomes a variable of the function around it (ECMA-262 §B.3.3.1): in
    /// sloppy code, unless a parameter or another declaration of the name is there, or in between.
    fn is_hoisted_from(&self, name: NameId, block: ScopeId, var_scope: ScopeId) -> bool {
        if !self.hoists_functions || self.extents[block.0 as usize].strict {
            return false;
        }
        if let Some(known) = self.declared.get(&(block, name)) {
            return self.hoisted.get(known) == Some(&block);
        }
        let mut scope = self.parent(block);
        while scope != var_scope {
            // The parameter of a `catch` does not keep a function in its block.
            let is_catch = self.scopes[scope.0 as usize].kind == ScopeKind::Catch;
            if !is_catch && self.declared.contains_key(&(scope, name)) {
                return false;
            }
            scope = self.parent(scope);
        }
        self.shared_with_parameters(name, var_scope) == var_scope && !self.declared.contains_key(&(var_scope, name))
    }

    /// A lexical declaration in the scope that a function was hoisted to keeps the function in its block.
    fn take_back_hoisted(&mut self, name: NameId, scope: ScopeId) {
        let Some(binding) = self.declared.get(&(scope, name)).copied() else { return };
        if let Some(block) = self.hoisted.get(&binding).copied()
            && block != scope
        {
            self.declared.remove(&(scope, name));
            self.bindings[binding.0 as usize].scope = block;
        }
    }

    /// Resolves what is used, and closes the model.
    pub(super) fn finish(mut self) -> Names {
        for (index, binding) in self.bindings.iter().enumerate() {
            self.scopes[binding.scope.0 as usize].bindings.push(BindingId(index as u32));
        }
        resolve::resolve(&mut self);
        let around = resolve::around(&self.scopes);
        Names {
            scopes: self.scopes,
            bindings: self.bindings,
            references: self.references,
            declarations: self.declarations,
            around,
        }
    }

    /// How many different names there are.
    pub(super) fn name_count(&self) -> usize {
        self.names.len()
    }
}

/// A name with its escapes `\u0061` and `\u{61}` resolved (ECMA-262 §12.7). What is no escape stays.
fn unescaped(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\u") {
        name.push_str(&rest[..at]);
        let code = &rest[at + 2..];
        let (digits, after) = match code.strip_prefix('{').and_then(|c| c.split_once('}')) {
            Some(parts) => parts,
            None => code.split_at_checked(4).unwrap_or((code, "")),
        };
        match u32::from_str_radix(digits, 16).ok().and_then(char::from_u32) {
            Some(c) => name.push(c),
            None => name.push_str(&rest[at..rest.len() - after.len()]),
        }
        rest = after;
    }
    name + rest
}
