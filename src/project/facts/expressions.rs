//! Where the value of an expression comes from.

use tree_sitter::Node;

use super::{ClassFact, ClassMember, Name, ObjectFact, Part, Specifier, This, Value, ValueId, visit::Reader};
use crate::syntax::node::{has_token, is_function, named_children};

/// How deep an expression may be nested and still be understood.
const MAX_DEPTH: usize = 64;

impl<'f> Reader<'f> {
    /// The value of an expression.
    pub(super) fn value(&mut self, node: Node<'f>) -> ValueId {
        if let Some(known) = self.memo.get(&node.id()) {
            return *known;
        }
        if self.depth >= MAX_DEPTH {
            return self.unknown();
        }
        self.depth += 1;
        let value = self.form(node);
        self.depth -= 1;
        let id = match value {
            Ok(value) => self.add(value),
            Err(id) => id,
        };
        self.memo.insert(node.id(), id);
        id
    }

    /// Keeps a value.
    pub(super) fn add(&mut self, value: Value) -> ValueId {
        match value {
            Value::Unknown => ValueId(0),
            Value::Inert => ValueId(1),
            value => {
                self.facts.values.push(value);
                ValueId(self.facts.values.len() as u32 - 1)
            }
        }
    }

    /// The value of which nothing is known.
    pub(super) fn unknown(&self) -> ValueId {
        ValueId(0)
    }

    /// The value of an expression by its form, or the value of another expression that it is the same as.
    fn form(&mut self, node: Node<'f>) -> Result<Value, ValueId> {
        let value = match node.kind() {
            "identifier" | "shorthand_property_identifier" | "undefined" => self.named(node),
            "this" => Value::This(self.this),
            _ if is_function(node) => Value::Function(node.start_byte() as u32),
            "class" | "class_declaration" | "abstract_class_declaration" => Value::Class(self.class_at(node)),
            "object" => Value::Object(self.object_at(node)),
            "member_expression" | "subscript_expression" => self.member(node),
            "call_expression" => return self.call_value(node),
            "new_expression" => match node.child_by_field_name("constructor") {
                Some(constructor) => Value::New(self.value(constructor)),
                None => Value::Unknown,
            },
            "assignment_expression" => return self.value_of_field(node, "right"),
            "parenthesized_expression" | "non_null_expression" | "as_expression" | "satisfies_expression" => {
                return Err(named_children(node).first().map_or(self.unknown(), |inner| self.value(*inner)));
            }
            "sequence_expression" | "type_assertion" => {
                return Err(named_children(node).last().map_or(self.unknown(), |inner| self.value(*inner)));
            }
            "ternary_expression" => self.one_of(
                ["consequence", "alternative"].iter().filter_map(|f| node.child_by_field_name(f)).collect::<Vec<_>>(),
            ),
            "binary_expression" if has_token(node, "||") || has_token(node, "&&") || has_token(node, "??") => {
                self.one_of(["left", "right"].iter().filter_map(|f| node.child_by_field_name(f)).collect::<Vec<_>>())
            }
            "await_expression" => self.awaited(node),
            "array" => self.list(node),
            "binary_expression" | "unary_expression" | "update_expression" | "string" | "template_string"
            | "number" | "regex" | "true" | "false" | "null" => Value::Inert,
            _ => Value::Unknown,
        };
        Ok(value)
    }

    fn value_of_field(&mut self, node: Node<'f>, field: &str) -> Result<Value, ValueId> {
        Err(node.child_by_field_name(field).map_or(self.unknown(), |inner| self.value(inner)))
    }

    /// One of the values of some expressions; those that can't be called don't count.
    pub(super) fn one_of(&mut self, nodes: impl IntoIterator<Item = Node<'f>>) -> Value {
        let values: Vec<_> = nodes.into_iter().map(|n| self.value(n)).filter(|v| v.0 > 1).collect();
        if values.is_empty() { Value::Unknown } else { Value::OneOf(values.into()) }
    }

    /// A list can't be called, but what is in it may be.
    fn list(&mut self, node: Node<'f>) -> Value {
        match self.one_of(named_children(node)) {
            Value::Unknown => Value::Inert,
            some => some,
        }
    }

    fn named(&mut self, node: Node<'f>) -> Value {
        let name = self.file.text(node);
        match self.names.reference_at(node.start_byte()).and_then(|r| r.binding) {
            Some(binding) => Value::Binding(binding.0),
            None if name == "undefined" => Value::Inert,
            None if name == "exports" => Value::Exports,
            None => Value::Global(name.into()),
        }
    }

    /// The object and the name of a property; no name where it is computed.
    pub(super) fn member_of(&mut self, node: Node<'f>) -> Option<(Node<'f>, Option<Name>)> {
        let object = node.child_by_field_name("object")?;
        let name = match node.kind() {
            "member_expression" => Some(self.file.text(node.child_by_field_name("property")?).into()),
            _ => self.string(node.child_by_field_name("index")?),
        };
        Some((object, name))
    }

    fn member(&mut self, node: Node<'f>) -> Value {
        let Some((object, name)) = self.member_of(node) else { return Value::Unknown };
        let object = self.value(object);
        // It may be any of the properties.
        let Some(name) = name else { return Value::OneOf([object].into()) };
        let is_module = |v: &Value| matches!(v, Value::Global(global) if &**global == "module");
        match self.facts.value(object) {
            Value::Unknown | Value::Inert => Value::Unknown,
            Value::OneOf(_) => Value::OneOf([object].into()),
            value if is_module(value) && &*name == "exports" => Value::ModuleExports,
            _ => Value::Member(object, name),
        }
    }

    /// The text of a string literal without escapes.
    pub(super) fn string(&self, node: Node<'f>) -> Option<Name> {
        let text = self.file.text(node);
        let inner = text.get(1..text.len().saturating_sub(1))?;
        (node.kind() == "string" && !inner.contains('\\')).then(|| inner.into())
    }

    /// What a call gives. Where that is unknown, it may be any of the arguments, or hold them.
    fn call_value(&mut self, node: Node<'f>) -> Result<Value, ValueId> {
        if let Some(specifier) = self.required(node) {
            return Ok(Value::Module(specifier));
        }
        if let Some(loaded) = self.loaded_by(node) {
            return Ok(loaded);
        }
        let Some(list) = node.child_by_field_name("arguments").filter(|a| a.kind() == "arguments") else {
            return Ok(Value::Unknown);
        };
        let arguments = named_children(list);
        match (self.object_function(node), arguments.first()) {
            (Some("assign"), Some(first)) if first.kind() == "object" => {
                let parts = arguments.iter().map(|a| Part::Spread(self.value(*a))).collect();
                self.facts.objects.push(ObjectFact { parts });
                Ok(Value::Object(self.facts.objects.len() as u32 - 1))
            }
            (Some("assign" | "freeze" | "seal" | "setPrototypeOf" | "defineProperty"), Some(first)) => {
                Err(self.value(*first))
            }
            (Some("create"), Some(first)) => Ok(Value::Create(self.value(*first))),
            _ => Ok(self.one_of(arguments)),
        }
    }

    /// The function of the global `Object` that a call calls.
    pub(super) fn object_function(&mut self, call: Node<'f>) -> Option<&'f str> {
        let callee = call.child_by_field_name("function").filter(|c| c.kind() == "member_expression")?;
        let object = callee.child_by_field_name("object").filter(|o| self.file.text(*o) == "Object")?;
        let is_global = self.names.reference_at(object.start_byte()).is_none_or(|r| r.binding.is_none());
        callee.child_by_field_name("property").filter(|_| is_global).map(|p| self.file.text(p))
    }

    /// The module of `require('module')`.
    fn required(&mut self, call: Node<'f>) -> Option<u32> {
        let callee = call.child_by_field_name("function").filter(|c| c.kind() == "identifier")?;
        let is_global = self.names.reference_at(callee.start_byte()).is_none_or(|r| r.binding.is_none());
        if self.file.text(callee) != "require" || !is_global {
            return None;
        }
        let arguments = named_children(call.child_by_field_name("arguments")?);
        let [module] = arguments.as_slice() else { return None };
        let text = self.string(*module)?;
        Some(self.specifier(&text, false))
    }

    /// `await import('module')` is the module; of other promises nothing is known.
    fn awaited(&mut self, node: Node<'f>) -> Value {
        let call = node.named_child(0).filter(|c| c.kind() == "call_expression");
        let is_import = |c: &Node<'f>| c.child_by_field_name("function").is_some_and(|f| f.kind() == "import");
        let arguments = call.filter(is_import).and_then(|c| c.child_by_field_name("arguments")).map(named_children);
        let Some(text) = arguments.and_then(|a| self.string(*a.first()?)) else {
            return call.and_then(|c| self.loaded_by(c)).unwrap_or(Value::Unknown);
        };
        let specifier = self.specifier(&text, true);
        Value::Import(specifier, "*".into())
    }

    /// The index of a module that is named.
    pub(super) fn specifier(&mut self, text: &str, is_import: bool) -> u32 {
        let specifier = Specifier { text: text.to_owned(), is_import };
        let known = self.facts.specifiers.iter().position(|s| *s == specifier);
        known.unwrap_or_else(|| {
            self.facts.specifiers.push(specifier);
            self.facts.specifiers.len() - 1
        }) as u32
    }

    /// The index of an object literal.
    pub(super) fn object_at(&mut self, node: Node<'f>) -> u32 {
        if let Some(known) = self.objects.get(&node.start_byte()) {
            return *known;
        }
        let index = self.facts.objects.len() as u32;
        self.facts.objects.push(ObjectFact { parts: Vec::new() });
        self.objects.insert(node.start_byte(), index);
        let parts = named_children(node).into_iter().map(|child| self.part(child)).collect();
        self.facts.objects[index as usize].parts = parts;
        index
    }

    fn part(&mut self, node: Node<'f>) -> Part {
        match node.kind() {
            "pair" => {
                let Some(value) = node.child_by_field_name("value") else { return Part::Open };
                let value = self.value(value);
                self.key(node, "key").map_or(Part::Open, |name| Part::Member(name, value))
            }
            "method_definition" => {
                let value = self.method(node);
                self.key(node, "name").map_or(Part::Open, |name| Part::Member(name, value))
            }
            "shorthand_property_identifier" => Part::Member(self.file.text(node).into(), self.value(node)),
            "spread_element" => match named_children(node).first() {
                Some(inner) => Part::Spread(self.value(*inner)),
                None => Part::Open,
            },
            _ => Part::Open,
        }
    }

    /// The value of a method's property: that of an accessor is what it returns.
    fn method(&mut self, node: Node<'f>) -> ValueId {
        if has_token(node, "get") || has_token(node, "set") {
            return self.unknown();
        }
        self.value(node)
    }

    /// The name of a property that is written as a key; `None` where it is computed.
    pub(super) fn key(&self, node: Node<'f>, field: &str) -> Option<Name> {
        let key = node.child_by_field_name(field)?;
        match key.kind() {
            "string" => self.string(key),
            "computed_property_name" => self.string(key.named_child(0)?),
            _ => Some(self.file.text(key).into()),
        }
    }

    /// The index of a class.
    pub(super) fn class_at(&mut self, node: Node<'f>) -> u32 {
        if let Some(known) = self.classes.get(&node.start_byte()) {
            return *known;
        }
        let index = self.facts.classes.len() as u32;
        let name = node.child_by_field_name("name").map(|n| self.file.text(n).to_owned());
        self.facts.classes.push(ClassFact { name, parent: None, members: Vec::new(), is_open: false });
        self.classes.insert(node.start_byte(), index);
        let parent = heritage(node).map(|h| self.value(h));
        self.facts.classes[index as usize].parent = parent;
        for member in node.child_by_field_name("body").map(named_children).unwrap_or_default() {
            self.class_member(member, index);
        }
        index
    }

    fn class_member(&mut self, node: Node<'f>, class: u32) {
        let is_static = has_token(node, "static");
        let (field, value) = match node.kind() {
            "method_definition" => ("name", self.method(node)),
            "field_definition" | "public_field_definition" => {
                let field = if node.kind() == "field_definition" { "property" } else { "name" };
                let outer = std::mem::replace(&mut self.this, This::Class { class, is_static });
                let value = node.child_by_field_name("value").map(|v| self.value(v));
                self.this = outer;
                // A field without a value is there for its type, or for what a constructor puts into it.
                let Some(value) = value else { return };
                (field, value)
            }
            _ => return,
        };
        let facts = match self.key(node, field) {
            Some(name) => {
                self.facts.classes[class as usize].members.push(ClassMember { name, is_static, value });
                return;
            }
            None => &mut self.facts.classes[class as usize],
        };
        let key = node.child_by_field_name(field).map(|k| &self.file.source.text()[k.byte_range()]);
        // `[Symbol.iterator]` names no other member.
        facts.is_open |= !key.is_some_and(|k| k.starts_with("[Symbol."));
    }
}

/// What stands behind a class's `extends`.
fn heritage(class: Node<'_>) -> Option<Node<'_>> {
    let heritage = named_children(class).into_iter().find(|c| c.kind() == "class_heritage")?;
    let inner = named_children(heritage);
    let clause = inner.iter().find(|c| c.kind() == "extends_clause");
    match clause {
        Some(clause) => clause.child_by_field_name("value"),
        None => inner.first().copied().filter(|c| c.kind() != "implements_clause"),
    }
}
