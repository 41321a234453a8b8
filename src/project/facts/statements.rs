//! What declarations, assignments, imports, exports and calls say.

use tree_sitter::Node;

use super::{Call, Effect, Export, Place, Use, Value, ValueId, Write, visit::Reader};
use crate::{
    semantic::BindingId,
    syntax::node::{has_token, named_children},
};

/// How deep patterns may be nested in one another and still be understood.
const MAX_PATTERN_DEPTH: usize = 16;

/// The globals whose properties are globals.
const GLOBAL_OBJECTS: [&str; 5] = ["global", "globalThis", "window", "self", "root"];

/// Functions that put the properties of their later arguments into the first, by the names they mostly have.
pub(super) const EXTENDING: [&str; 8] = ["assign", "extend", "merge", "mixin", "defaults", "assignIn", "copy", "mix"];

impl<'f> Reader<'f> {
    /// Takes note that an identifier is declared, with the value it is given there.
    pub(super) fn declare(&mut self, name: Node<'f>, value: Option<ValueId>) {
        let Some(binding) = self.names.declared_at(name.start_byte()) else { return };
        let known = self.declared.entry(binding.0).or_default();
        known.declarations += 1;
        known.values.extend(value);
    }

    /// `name = value` in a declaration.
    pub(super) fn declarator(&mut self, node: Node<'f>) -> Place {
        let Some(name) = node.child_by_field_name("name") else { return Place::Elsewhere };
        let value = node.child_by_field_name("value").map(|v| self.value(v));
        if name.kind() == "identifier" {
            self.declare(name, value);
            return Place::Variable(self.file.text(name).to_owned());
        }
        if let Some(value) = value {
            self.pattern(name, value);
        }
        Place::Elsewhere
    }

    /// The names of `{ a, b: c, d: { e } }`. Those of other patterns are not declared here, and so remain unknown.
    fn pattern(&mut self, pattern: Node<'f>, value: ValueId) {
        let mut pending = vec![(pattern, value, 0)];
        while let Some((pattern, value, depth)) = pending.pop() {
            if pattern.kind() != "object_pattern" || depth > MAX_PATTERN_DEPTH {
                continue;
            }
            self.list_rest(pattern, value);
            for child in named_children(pattern) {
                match child.kind() {
                    "shorthand_property_identifier_pattern" => {
                        let member = self.add(Value::Member(value, self.file.text(child).into()));
                        self.declare(child, Some(member));
                    }
                    "pair_pattern" => {
                        let Some(inner) = child.child_by_field_name("value") else { continue };
                        let Some(name) = self.key(child, "key") else { continue };
                        let member = self.add(Value::Member(value, name));
                        match inner.kind() {
                            "identifier" => self.declare(inner, Some(member)),
                            _ => pending.push((inner, member, depth + 1)),
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// `left = right`; says what place the right side stands in.
    pub(super) fn assignment(&mut self, node: Node<'f>, is_plain: bool) -> Place {
        let (Some(left), Some(right)) = (node.child_by_field_name("left"), node.child_by_field_name("right")) else {
            return Place::Elsewhere;
        };
        let mut value = self.value(right);
        if !is_plain {
            value = self.add(Value::OneOf([value].into()));
        }
        match left.kind() {
            "identifier" => self.assign_name(left, value),
            "member_expression" | "subscript_expression" => self.assign_member(left, value),
            _ => Place::Elsewhere,
        }
    }

    fn assign_name(&mut self, name: Node<'f>, value: ValueId) -> Place {
        let text = self.file.text(name);
        match self.names.reference_at(name.start_byte()).and_then(|r| r.binding) {
            Some(binding) => {
                let known = self.declared.entry(binding.0).or_default();
                known.writes += 1;
                known.values.push(value);
            }
            None if text == "exports" => {
                self.facts.exports_writes.push(value);
                return Place::Module;
            }
            None => self.facts.globals.push(value),
        }
        Place::Variable(text.to_owned())
    }

    fn assign_member(&mut self, target: Node<'f>, value: ValueId) -> Place {
        let written = self.value(target);
        if *self.facts.value(written) == Value::ModuleExports {
            self.facts.module_writes.push(value);
            return Place::Module;
        }
        self.write(target, value)
    }

    /// Takes note of a write to a property.
    pub(super) fn write(&mut self, target: Node<'f>, value: ValueId) -> Place {
        let Some((object, name)) = self.member_of(target) else { return Place::Elsewhere };
        let object = self.value(object);
        if self.is_global(object) {
            self.facts.globals.push(value);
        }
        if name.as_deref() == Some("__proto__") {
            self.facts.effects.push(Effect::SetPrototype { object, prototype: value });
            return Place::Elsewhere;
        }
        self.facts.writes.push(Write { object, name, value });
        Place::Write(self.facts.writes.len() as u32 - 1)
    }

    /// Whether a value is a global object, or a property of a global.
    fn is_global(&self, mut value: ValueId) -> bool {
        loop {
            match self.facts.value(value) {
                Value::Member(object, _) => value = *object,
                Value::Global(name) => {
                    return GLOBAL_OBJECTS.contains(&&**name)
                        || !matches!(&**name, "module" | "require" | "process" | "console");
                }
                _ => return false,
            }
        }
    }

    /// `import …`.
    pub(super) fn import(&mut self, statement: Node<'f>) {
        if let Some(source) = statement.child_by_field_name("source").and_then(|s| self.string(s)) {
            self.specifier(&source, true);
        }
        for clause in named_children(statement) {
            match clause.kind() {
                "import_clause" => self.import_clause(statement, clause),
                "import_require_clause" => {
                    let Some(source) = clause.child_by_field_name("source").and_then(|s| self.string(s)) else {
                        continue;
                    };
                    let specifier = self.specifier(&source, false);
                    let value = self.add(Value::Module(specifier));
                    if let Some(name) = named_children(clause).into_iter().find(|c| c.kind() == "identifier") {
                        self.declare(name, Some(value));
                    }
                }
                _ => {}
            }
        }
    }

    fn import_clause(&mut self, statement: Node<'f>, clause: Node<'f>) {
        let Some(source) = statement.child_by_field_name("source").and_then(|s| self.string(s)) else { return };
        let specifier = self.specifier(&source, true);
        for child in named_children(clause) {
            match child.kind() {
                "identifier" => {
                    let value = self.add(Value::Import(specifier, "default".into()));
                    self.declare(child, Some(value));
                }
                "namespace_import" => {
                    let value = self.add(Value::Import(specifier, "*".into()));
                    if let Some(name) = child.named_child(0) {
                        self.declare(name, Some(value));
                    }
                }
                "named_imports" => {
                    for one in named_children(child).into_iter().filter(|c| c.kind() == "import_specifier") {
                        let Some(name) = one.child_by_field_name("name") else { continue };
                        let exported = self.export_name(name);
                        let value = self.add(Value::Import(specifier, exported));
                        self.declare(one.child_by_field_name("alias").unwrap_or(name), Some(value));
                    }
                }
                _ => {}
            }
        }
    }

    fn export_name(&self, node: Node<'f>) -> super::Name {
        self.string(node).unwrap_or_else(|| self.file.text(node).into())
    }

    /// `export …`; says what place an exported expression stands in.
    pub(super) fn export(&mut self, statement: Node<'f>) -> Place {
        if has_token(statement, "type") {
            return Place::Elsewhere;
        }
        let source = statement.child_by_field_name("source").and_then(|s| self.string(s));
        let from = source.map(|text| self.specifier(&text, true));
        let children = named_children(statement);
        if let Some(value) = statement.child_by_field_name("value") {
            let value = self.value(value);
            self.facts.exports.push(Export::Named("default".into(), value));
        } else if has_token(statement, "=") {
            let value = children.first().map_or(self.unknown(), |v| self.value(*v));
            self.facts.module_writes.push(value);
        } else if let Some(declaration) = statement.child_by_field_name("declaration") {
            self.export_declaration(statement, declaration);
        } else if let Some(clause) = children.iter().find(|c| c.kind() == "export_clause") {
            self.export_clause(*clause, from);
        } else if let Some(from) = from {
            let namespace = children.iter().find(|c| c.kind() == "namespace_export").and_then(|n| n.named_child(0));
            match namespace {
                Some(name) => {
                    let value = self.add(Value::Import(from, "*".into()));
                    self.facts.exports.push(Export::Named(self.export_name(name), value));
                }
                None => self.facts.exports.push(Export::All(from)),
            }
        }
        Place::Module
    }

    fn export_declaration(&mut self, statement: Node<'f>, declaration: Node<'f>) {
        if has_token(statement, "default") {
            let value = match declaration.child_by_field_name("name") {
                Some(name) => self.declared_value(name),
                None => self.value(declaration),
            };
            self.facts.exports.push(Export::Named("default".into(), value));
            return;
        }
        let names = match declaration.kind() {
            "lexical_declaration" | "variable_declaration" => self.names.declared_in(&declaration.byte_range()),
            _ => {
                let name = declaration.child_by_field_name("name");
                name.and_then(|n| self.names.declared_at(n.start_byte())).into_iter().collect()
            }
        };
        self.export_bindings(names, statement);
    }

    fn export_bindings(&mut self, names: Vec<BindingId>, statement: Node<'f>) {
        let here = self.names.scope_at(statement.start_byte());
        for binding in names {
            let known = self.names.binding(binding);
            // What is declared in the function that is exported is not exported with it.
            if known.scope == here {
                let value = self.add(Value::Binding(binding.0));
                self.facts.exports.push(Export::Named(known.name.as_str().into(), value));
            }
        }
    }

    fn declared_value(&mut self, name: Node<'f>) -> ValueId {
        match self.names.declared_at(name.start_byte()) {
            Some(binding) => self.add(Value::Binding(binding.0)),
            None => self.unknown(),
        }
    }

    fn export_clause(&mut self, clause: Node<'f>, from: Option<u32>) {
        for one in named_children(clause).into_iter().filter(|c| c.kind() == "export_specifier") {
            let Some(name) = one.child_by_field_name("name") else { continue };
            let exported = self.export_name(one.child_by_field_name("alias").unwrap_or(name));
            let value = match from {
                Some(from) => {
                    let name = self.export_name(name);
                    self.add(Value::Import(from, name))
                }
                None => self.value(name),
            };
            self.facts.exports.push(Export::Named(exported, value));
        }
    }

    /// A call, with or without `new`.
    pub(super) fn call(&mut self, node: Node<'f>, inside: Option<u32>) {
        let is_new = node.kind() == "new_expression";
        let field = if is_new { "constructor" } else { "function" };
        let Some(target) = node.child_by_field_name(field) else { return };
        self.load(node);
        self.resolved_path(node);
        let callee = self.value(target);
        let name = self.last_name(target);
        let list = node.child_by_field_name("arguments").filter(|a| a.kind() == "arguments");
        let nodes = list.map(named_children).unwrap_or_default();
        let values: Vec<_> = nodes.iter().map(|a| self.value(*a)).collect();
        self.effects(node, name.as_deref(), &nodes, &values);
        self.listing_call(node, name.as_deref(), &values);
        let is_harmless = self.object_function(node).is_some();
        let is_ours = |v: &ValueId| match self.facts.value(*v) {
            Value::Binding(_) | Value::Member(..) | Value::New(_) | Value::Object(_) => true,
            other => matches!(other, Value::This(_)),
        };
        let is_module = |v: &ValueId| {
            let value = self.facts.value(*v);
            matches!(value, Value::Module(_) | Value::Loaded(_) | Value::Exports | Value::ModuleExports)
        };
        let handed = (0..).zip(values.iter().copied()).filter(|(_, v)| !is_harmless && (is_ours(v) || is_module(v)));
        let handed = handed.collect();
        let arguments = values.iter().copied().filter(|v| !is_harmless && is_ours(v)).collect();
        self.facts.calls.push(Call { range: node.byte_range(), callee, is_new, inside, name, arguments, handed });
    }

    /// The name that a callee ends in.
    fn last_name(&mut self, callee: Node<'f>) -> Option<super::Name> {
        match callee.kind() {
            "identifier" => Some(self.file.text(callee).into()),
            "member_expression" | "subscript_expression" => self.member_of(callee)?.1,
            _ => None,
        }
    }

    /// What a call does to the objects it is given.
    fn effects(&mut self, call: Node<'f>, name: Option<&str>, nodes: &[Node<'f>], values: &[ValueId]) {
        let of_object = self.object_function(call);
        match (of_object, name, values) {
            (Some("setPrototypeOf"), _, [object, prototype]) => {
                self.facts.effects.push(Effect::SetPrototype { object: *object, prototype: *prototype });
            }
            (Some("defineProperty"), _, [object, _, descriptor]) => {
                let name = self.string(nodes[1]);
                let value = self.add(Value::OneOf([*descriptor].into()));
                self.facts.writes.push(Write { object: *object, name, value });
            }
            (Some("defineProperties"), _, [object, rest @ ..]) => {
                let effect = Effect::Extend { target: *object, sources: rest.to_vec(), certain: false };
                self.facts.effects.push(effect);
            }
            (Some("assign"), _, [target, sources @ ..]) if nodes[0].kind() != "object" => {
                let effect = Effect::Extend { target: *target, sources: sources.to_vec(), certain: true };
                self.facts.effects.push(effect);
            }
            (Some(_), ..) => {}
            (None, Some("inherits"), [class, parent, ..]) => {
                self.facts.effects.push(Effect::Inherit { class: *class, parent: *parent });
            }
            (None, Some(name), [target, sources @ ..]) if EXTENDING.contains(&name) && !sources.is_empty() => {
                let effect = Effect::Extend { target: *target, sources: sources.to_vec(), certain: false };
                self.facts.effects.push(effect);
            }
            _ => self.given_away(values),
        }
    }

    /// `mixin(exports)` and `emitter(Foo.prototype)` put properties into what they are given.
    fn given_away(&mut self, values: &[ValueId]) {
        for value in values {
            let is_shared = match self.facts.value(*value) {
                Value::Exports | Value::ModuleExports => true,
                Value::Member(_, name) => &**name == "prototype",
                _ => false,
            };
            if is_shared {
                self.facts.effects.push(Effect::Open(*value));
            }
        }
    }

    /// A place where a value is read and not called.
    pub(super) fn note_use(&mut self, node: Node<'f>, place: &Place, inside: Option<u32>) {
        if matches!(place, Place::Callee | Place::Assigned | Place::Target | Place::Object | Place::Looked) {
            return;
        }
        if node.kind().ends_with("identifier") {
            let is_use = self.names.reference_at(node.start_byte()).is_some_and(|r| r.reads && !r.in_type);
            if !is_use {
                return;
            }
        }
        let value = self.value(node);
        if matches!(self.facts.value(value), Value::Binding(_) | Value::Member(..)) {
            self.facts.uses.push(Use { range: node.byte_range(), value, inside, place: place.clone() });
        }
    }
}
