//! What expressions lead to: objects by the ways to them, and the kinds of values.

use std::{cell::RefCell, collections::HashMap};

use tree_sitter::Node;

use super::parts::Part;
use crate::{
    apis::effects::{Effect, GLOBALS, Kind},
    context::Context,
    flow::{
        classify::{declaration_node, initializer},
        imports::imported,
        known::export_of,
    },
    project::effects::{Key, Object, Root},
    semantic::{BindingId, BindingKind, ScopeKind},
    syntax::node::{call_parts, is_function, named_children, unparenthesized, walk},
};

/// How many variables, and calls in calls, are followed to what a value begins with.
const MAX_STEPS: usize = 12;

/// How deep objects within objects that are written in place are looked into.
const MAX_HELD_DEPTH: usize = 4;

/// How many objects within one that is written in place are told apart.
const MAX_HELD: usize = 200;

/// Classes of the language and of the platform, with the kind of their instances. Making one changes nothing else.
const CLASSES: &[(&str, Kind)] = &[
    ("AbortController", Kind::Object),
    ("AggregateError", Kind::Object),
    ("Array", Kind::List),
    ("ArrayBuffer", Kind::List),
    ("Blob", Kind::Object),
    ("DataView", Kind::Object),
    ("Date", Kind::Value),
    ("Error", Kind::Object),
    ("EvalError", Kind::Object),
    ("FormData", Kind::Object),
    ("Headers", Kind::Object),
    ("Map", Kind::Map),
    ("Object", Kind::Object),
    ("RangeError", Kind::Object),
    ("ReferenceError", Kind::Object),
    ("RegExp", Kind::Value),
    ("Request", Kind::Object),
    ("Set", Kind::Map),
    ("SyntaxError", Kind::Object),
    ("TextDecoder", Kind::Object),
    ("TextEncoder", Kind::Object),
    ("TypeError", Kind::Object),
    ("URIError", Kind::Object),
    ("URL", Kind::Value),
    ("URLSearchParams", Kind::Map),
    ("Uint16Array", Kind::List),
    ("Uint32Array", Kind::List),
    ("Uint8Array", Kind::List),
    ("WeakMap", Kind::Map),
    ("WeakSet", Kind::Map),
];

/// What is known of the values in a file, worked out when it is first asked for.
pub(super) struct Objects<'c, 'a> {
    pub(super) cx: &'c Context<'a>,
    /// Variables that hold something else in each round of a loop.
    pub(super) own: Vec<BindingId>,
    initializers: RefCell<HashMap<BindingId, Option<Node<'c>>>>,
    imports: RefCell<HashMap<BindingId, Option<String>>>,
    /// What the table knows of calls, by the ids of their nodes.
    effects: RefCell<HashMap<usize, Option<&'a Effect>>>,
    exported: RefCell<HashMap<BindingId, bool>>,
    parts: RefCell<HashMap<BindingId, Option<Part<'c>>>>,
}

impl<'c, 'a> Objects<'c, 'a> {
    pub(super) fn new(cx: &'c Context<'a>) -> Self {
        let (initializers, imports, exported) = (RefCell::default(), RefCell::default(), RefCell::default());
        Self {
            cx,
            own: Vec::new(),
            initializers,
            imports,
            exported,
            effects: RefCell::default(),
            parts: RefCell::default(),
        }
    }

    /// Finds the expressions that all variables of the file are declared with in one walk, which is less than looking for one
    /// after the other.
    pub(super) fn find_initializers(&self) {
        let mut found = self.initializers.borrow_mut();
        // What is not declared with one has none, and need not be looked for again.
        found.extend(self.cx.names.bindings().map(|(binding, _)| (binding, None)));
        walk(self.cx.file.root(), |node| {
            if node.kind() == "variable_declarator"
                && let Some(name) = node.child_by_field_name("name").filter(|n| n.kind() == "identifier")
                && let Some(binding) = self.cx.names.declared_at(name.start_byte())
            {
                let is_only = self.cx.names.binding(binding).declarations.len() == 1;
                let is_fixed = is_only && !self.cx.names.is_reassigned(binding);
                found.insert(binding, node.child_by_field_name("value").filter(|_| is_fixed));
            }
            true
        });
    }

    /// The expression that a variable is declared with, if it never gets another value.
    pub(super) fn initializer(&self, binding: BindingId) -> Option<Node<'c>> {
        *self
            .initializers
            .borrow_mut()
            .entry(binding)
            .or_insert_with(|| if self.cx.names.is_reassigned(binding) { None } else { initializer(self.cx, binding) })
    }

    /// What a variable is a part of. An item of a list is another one in each round.
    fn part(&self, binding: BindingId) -> Option<Part<'c>> {
        self.any_part(binding).filter(|(_, way)| !self.own.contains(&binding) || !way.contains(&Key::Any))
    }

    fn any_part(&self, binding: BindingId) -> Option<Part<'c>> {
        self.parts.borrow_mut().entry(binding).or_insert_with(|| self.part_of(binding)).clone()
    }

    /// Whether a variable holds what a property of an item does, which other items may have as well:
    /// `for (const { customer } of orders)`.
    pub(super) fn is_held(&self, binding: BindingId) -> bool {
        let is_named = |key: &Key| matches!(key, Key::Name(_));
        self.any_part(binding).is_some_and(|(_, way)| way.iter().any(is_named))
    }

    /// The name that an imported variable is exported by.
    pub(super) fn import(&self, binding: BindingId) -> Option<String> {
        let is_import = self.cx.names.binding(binding).kind == BindingKind::Import;
        let find = || {
            imported(self.cx, binding).filter(|i| i.module.starts_with('.')).and_then(|i| i.export.map(str::to_owned))
        };
        is_import.then(|| self.imports.borrow_mut().entry(binding).or_insert_with(find).clone())?
    }

    /// Whether a variable stands at the top level of a module that exports by statements.
    pub(super) fn is_exported(&self, binding: BindingId) -> bool {
        *self.exported.borrow_mut().entry(binding).or_insert_with(|| {
            let scope = self.cx.names.scope(self.cx.names.binding(binding).scope);
            scope.kind == ScopeKind::Module
        })
    }

    /// The property of a member access.
    pub(super) fn key(&self, member: Node<'_>) -> Key {
        match member.child_by_field_name("property") {
            Some(property) => Key::Name(self.cx.text(property).into()),
            None => match member.child_by_field_name("index").map(|i| (i, self.cx.text(i))) {
                Some((index, text)) if index.kind() == "string" && !text.contains('\\') && text.len() > 1 => {
                    Key::Name(text[1..text.len() - 1].into())
                }
                _ => Key::Any,
            },
        }
    }

    /// The object that an expression leads to.
    pub(super) fn object(&self, expression: Node<'c>) -> Object {
        let mut node = expression;
        let mut path = Vec::new();
        let mut steps = 0;
        let root = loop {
            node = plain(node);
            match node.kind() {
                "member_expression" | "subscript_expression" => {
                    path.push(self.key(node));
                    match node.child_by_field_name("object") {
                        Some(object) => node = object,
                        None => break Root::Unknown,
                    }
                }
                "this" | "super" => break Root::This,
                "identifier" | "shorthand_property_identifier" => {
                    match self.cx.names.reference_at(node.start_byte()).map(|r| r.binding) {
                        Some(Some(binding)) => {
                            let value = self.initializer(binding).map(plain).filter(|v| leads_on(*v));
                            // `const item = items[i]` is another one in each round.
                            let is_own = self.own.contains(&binding);
                            let value = value.filter(|v| v.kind() != "subscript_expression" || !is_own);
                            steps += 1;
                            if steps > MAX_STEPS {
                                break Root::Binding(binding);
                            }
                            match value.map(|value| (value, Vec::new())).or_else(|| self.part(binding)) {
                                Some((value, way)) => {
                                    node = value;
                                    path.extend(way.into_iter().rev());
                                }
                                None => break Root::Binding(binding),
                            }
                        }
                        Some(None) if self.cx.text(node) == "arguments" => break Root::Unknown,
                        Some(None) => break Root::Global(self.cx.text(node).into()),
                        None => break Root::Unknown,
                    }
                }
                _ if self.makes_fresh(node, 0) => break Root::Fresh(node.start_byte()),
                _ => break Root::Unknown,
            }
        };
        path.reverse();
        Object::of(root).then(&path)
    }

    /// Whether a variable holds an object that was made for it.
    pub(super) fn holds_fresh(&self, binding: BindingId) -> bool {
        self.initializer(binding).is_some_and(|value| self.makes_fresh(value, 0))
    }

    /// Whether a variable holds an object that was made for it with `new`.
    pub(super) fn holds_new(&self, binding: BindingId) -> bool {
        self.initializer(binding).is_some_and(|value| plain(value).kind() == "new_expression")
    }

    /// What an object or a list holds that is written in place, or that a variable is declared with: the ways within it,
    /// and the objects that they lead to.
    pub(super) fn held(&self, expression: Node<'c>) -> Vec<(Vec<Key>, Object)> {
        let binding = self.cx.names.reference_at(expression.start_byte()).and_then(|r| r.binding);
        let declared = binding.filter(|_| expression.kind() == "identifier").and_then(|b| self.initializer(b));
        let mut out = Vec::new();
        let mut pending = vec![(plain(declared.unwrap_or(expression)), Vec::new())];
        while let Some((node, way)) = pending.pop() {
            if !matches!(node.kind(), "object" | "array") || way.len() > MAX_HELD_DEPTH || out.len() > MAX_HELD {
                continue;
            }
            for part in named_children(node) {
                let (key, value) = match part.kind() {
                    "pair" => (part.child_by_field_name("key"), part.child_by_field_name("value")),
                    "shorthand_property_identifier" => (Some(part), Some(part)),
                    "spread_element" => (None, named_children(part).first().copied()),
                    _ => (None, Some(part)),
                };
                let Some(value) = value.map(plain) else { continue };
                let mut inner = way.clone();
                inner.extend(match key.map(|k| (k.kind(), self.cx.text(k))) {
                    Some(("property_identifier" | "shorthand_property_identifier", name)) => {
                        Some(Key::Name(name.into()))
                    }
                    None if node.kind() == "object" => None,
                    _ => Some(Key::Any),
                });
                match value.kind() {
                    "object" | "array" => pending.push((value, inner)),
                    "identifier"
                    | "shorthand_property_identifier"
                    | "member_expression"
                    | "subscript_expression"
                    | "this" => out.push((inner, self.object(value))),
                    _ => {}
                }
            }
        }
        out
    }

    /// Whether an expression makes an object that nothing else leads to.
    pub(super) fn makes_fresh(&self, node: Node<'c>, steps: usize) -> bool {
        let node = plain(node);
        match node.kind() {
            "object" | "array" | "regex" => true,
            "await_expression" => named_children(node)
                .first()
                .is_some_and(|inner| plain(*inner).kind() == "call_expression" && self.makes_fresh(*inner, steps + 1)),
            "new_expression" => self.class_kind(node).is_some(),
            "call_expression" if self.awaited_as_call(node).is_some() => {
                self.awaited_as_call(node).is_some_and(|inner| steps < MAX_STEPS && self.makes_fresh(inner, steps + 1))
            }
            "call_expression" => {
                let makes = self.effect_of(node, steps).and_then(|e| e.makes);
                makes.is_some_and(|kind| !matches!(kind, Kind::Text | Kind::Promise | Kind::Any))
            }
            _ => is_function(node),
        }
    }

    /// What is awaited in `await (f())` where the grammar takes that for a call of a function `await`.
    fn awaited_as_call(&self, call: Node<'c>) -> Option<Node<'c>> {
        let callee = call.child_by_field_name("function").filter(|f| f.kind() == "identifier")?;
        let is_operator = self.cx.text(callee) == "await" && self.cx.names.reference_at(callee.start_byte()).is_none();
        named_children(call.child_by_field_name("arguments").filter(|_| is_operator)?).first().copied()
    }

    /// The kind of value that `new` makes, for the classes of the language.
    pub(super) fn class_kind(&self, new: Node<'_>) -> Option<Kind> {
        let class = new.child_by_field_name("constructor")?;
        let name = self.cx.text(class);
        if class.kind() != "identifier" || self.cx.names.reference_at(class.start_byte())?.binding.is_some() {
            return None;
        }
        CLASSES.iter().find(|(class, _)| *class == name).map(|(_, kind)| *kind)
    }

    /// What kind of value an expression has, where that is certain.
    pub(super) fn kind(&self, expression: Node<'c>) -> Option<Kind> {
        self.kind_within(expression, 0)
    }

    fn kind_within(&self, expression: Node<'c>, steps: usize) -> Option<Kind> {
        let node = plain(expression);
        if steps > MAX_STEPS {
            return None;
        }
        match node.kind() {
            "string" | "template_string" | "number" | "true" | "false" | "null" | "undefined" => Some(Kind::Text),
            "unary_expression" | "update_expression" => Some(Kind::Text),
            "binary_expression" => {
                let operator = node.child_by_field_name("operator").map_or("", |o| o.kind());
                (!matches!(operator, "&&" | "||" | "??")).then_some(Kind::Text)
            }
            "array" => Some(Kind::List),
            "regex" => Some(Kind::Value),
            "new_expression" => self.class_kind(node),
            "await_expression" => {
                self.kind_within(*named_children(node).first()?, steps + 1).filter(|kind| *kind != Kind::Promise)
            }
            "call_expression" if self.awaited_as_call(node).is_some() => {
                self.kind_within(self.awaited_as_call(node)?, steps + 1).filter(|kind| *kind != Kind::Promise)
            }
            "call_expression" => {
                let kind = self.effect_of(node, steps + 1)?.makes?;
                Some(kind)
            }
            "identifier" => {
                let binding = self.cx.names.reference_at(node.start_byte())?.binding?;
                match self.initializer(binding) {
                    Some(value) => self.kind_within(value, steps + 1),
                    None => self.annotated(binding),
                }
            }
            _ => None,
        }
    }

    /// The kind that the type of a variable names.
    fn annotated(&self, binding: BindingId) -> Option<Kind> {
        if !self.cx.file.source.language().has_types() {
            return None;
        }
        let parent = declaration_node(self.cx, binding)?.parent()?;
        let annotation = parent.child_by_field_name("type")?;
        let written = self.cx.text(annotation).trim_start_matches(':').trim();
        match written {
            "string" | "number" | "boolean" | "bigint" => Some(Kind::Text),
            "Date" | "URL" | "RegExp" => Some(Kind::Value),
            _ if written.ends_with("[]") || written.starts_with("Array<") => Some(Kind::List),
            _ if written.starts_with("Map<") || written.starts_with("Set<") => Some(Kind::Map),
            _ => None,
        }
    }

    /// What the table knows of a call, by its callee or by the kind of value that it is made on.
    pub(super) fn effect_of(&self, call: Node<'c>, steps: usize) -> Option<&'a Effect> {
        if steps > MAX_STEPS {
            return None;
        }
        if let Some(known) = self.effects.borrow().get(&call.id()) {
            return *known;
        }
        let effect = self.find_effect(call, steps);
        // Deep inside something else, the search may have been given up early.
        if steps == 0 || effect.is_some() {
            self.effects.borrow_mut().insert(call.id(), effect);
        }
        effect
    }

    fn find_effect(&self, call: Node<'c>, steps: usize) -> Option<&'a Effect> {
        let callee = plain(call.child_by_field_name("function")?);
        let effects = self.cx.apis.effects();
        if let Some(effect) = self.exported_effect(callee) {
            return Some(effect);
        }
        let object = callee.child_by_field_name("object")?;
        let name = self.cx.text(callee.child_by_field_name("property")?);
        if let Some(kind) = self.kind_within(object, steps + 1) {
            // What a file holds is a text or bytes.
            let others = [kind, Kind::Text, Kind::List, Kind::Object];
            return others.into_iter().find_map(|kind| effects.method(kind, name));
        }
        self.made_effect(object, name).or_else(|| effects.method(Kind::Any, name))
    }

    /// What the table knows of a function that a module exports, or that is global.
    pub(super) fn exported_effect(&self, callee: Node<'c>) -> Option<&'a Effect> {
        let effects = self.cx.apis.effects();
        if let Some((module, export)) = export_of(self.cx, callee)
            && let Some(effect) = effects.function(module, &export)
        {
            return Some(effect);
        }
        if let Some(promisified) = self.promisified(callee) {
            let (module, export) = export_of(self.cx, promisified)?;
            return effects.function(module, &export);
        }
        effects.function(GLOBALS, &self.global_path(callee)?)
    }

    /// The function that a callee is the promise form of: `const readFile = promisify(fs.readFile)`.
    fn promisified(&self, callee: Node<'c>) -> Option<Node<'c>> {
        let made = match callee.kind() {
            "identifier" => {
                let binding = self.cx.names.reference_at(callee.start_byte())?.binding?;
                plain(self.initializer(binding)?)
            }
            _ => callee,
        };
        let (maker, arguments) = call_parts(made)?;
        let maker = maker.child_by_field_name("property").unwrap_or(maker);
        let is_maker = matches!(self.cx.text(maker), "fromCallback" | "pify" | "promisify");
        arguments.first().map(|n| plain(*n)).filter(|_| is_maker)
    }

    /// The text of a callee that begins with a global: `Math.max`.
    fn global_path(&self, callee: Node<'c>) -> Option<String> {
        let mut node = callee;
        let mut steps = 0;
        while node.kind() == "member_expression" && steps < MAX_STEPS {
            node = node.child_by_field_name("object")?;
            steps += 1;
        }
        let is_global = node.kind() == "identifier" && self.cx.names.reference_at(node.start_byte())?.binding.is_none();
        is_global.then(|| text_of(self.cx, callee))
    }

    /// What the table knows of a method of what an export has made: `const pool = new Pool()`.
    fn made_effect(&self, object: Node<'c>, name: &str) -> Option<&'a Effect> {
        let object = plain(object);
        let value = match object.kind() {
            "identifier" => {
                let binding = self.cx.names.reference_at(object.start_byte())?.binding?;
                plain(self.initializer(binding)?)
            }
            _ => object,
        };
        let maker = value.child_by_field_name("constructor").or_else(|| call_parts(value).map(|(callee, _)| callee))?;
        let (module, export) = export_of(self.cx, plain(maker))?;
        self.cx.apis.effects().method_of_made(module, &export, name)
    }

    /// The function that a callee was bound from: `const load = read.bind(store)`.
    pub(super) fn bound(&self, callee: Node<'c>) -> Option<Node<'c>> {
        let binding =
            self.cx.names.reference_at(callee.start_byte()).filter(|_| callee.kind() == "identifier")?.binding?;
        let (made, _) = call_parts(plain(self.initializer(binding)?))?;
        let method = made.child_by_field_name("property").filter(|p| self.cx.text(*p) == "bind");
        let function = method.and_then(|_| made.child_by_field_name("object")).map(plain)?;
        matches!(function.kind(), "identifier" | "member_expression").then_some(function)
    }

    /// Whether a member access belongs to the language and is never replaced: `Math.max`, `JSON.parse`.
    pub(super) fn is_settled(&self, member: Node<'c>) -> bool {
        let Some(object) = member.child_by_field_name("object") else { return false };
        object.kind() == "identifier"
            && matches!(
                self.cx.text(object),
                "Array"
                    | "Buffer"
                    | "Date"
                    | "JSON"
                    | "Math"
                    | "Number"
                    | "Object"
                    | "Promise"
                    | "Reflect"
                    | "String"
                    | "console"
                    | "process"
            )
            && self.cx.names.reference_at(object.start_byte()).is_some_and(|r| r.binding.is_none())
    }

    /// The parameters of a function, and the names that they are taken apart into, with the ways to what is handed in. Those
    /// that may hold something else are left out.
    pub(super) fn parameters(&self, function: Node<'c>) -> Vec<(BindingId, Object)> {
        let mut out = Vec::new();
        let single = function.child_by_field_name("parameter");
        let list = function.child_by_field_name("parameters").map(named_children).unwrap_or_default();
        let is_this = |p: &Node<'_>| p.child_by_field_name("pattern").is_some_and(|n| n.kind() == "this");
        for (index, parameter) in single.into_iter().chain(list).filter(|p| !is_this(p)).enumerate() {
            let handed = Object::of(Root::Parameter(index));
            let default = parameter.child_by_field_name("value").or_else(|| parameter.child_by_field_name("right"));
            if default.is_some_and(|d| !is_plain_default(d)) {
                continue;
            }
            let pattern = parameter.child_by_field_name("pattern").or_else(|| parameter.child_by_field_name("left"));
            self.pattern(pattern.unwrap_or(parameter), &handed, &mut out);
        }
        out
    }

    fn pattern(&self, pattern: Node<'c>, handed: &Object, out: &mut Vec<(BindingId, Object)>) {
        let mut add = |name: Node<'_>, object: Object| {
            let binding = self.cx.names.declared_at(name.start_byte());
            out.extend(binding.filter(|b| !self.cx.names.is_reassigned(*b)).map(|b| (b, object)));
        };
        match pattern.kind() {
            "identifier" => add(pattern, handed.clone()),
            "object_pattern" => {
                for part in named_children(pattern) {
                    let way = |key: Node<'_>| handed.then(&[Key::Name(self.cx.text(key).into())]);
                    match part.kind() {
                        "shorthand_property_identifier_pattern" => add(part, way(part)),
                        "object_assignment_pattern" => {
                            let value = part.child_by_field_name("right");
                            if let Some(left) = part.child_by_field_name("left")
                                && value.is_some_and(is_plain_default)
                            {
                                add(left, way(left));
                            }
                        }
                        "pair_pattern" => {
                            let parts = part.child_by_field_name("key").zip(part.child_by_field_name("value"));
                            if let Some((key, value)) = parts.filter(|(_, value)| value.kind() == "identifier") {
                                add(value, way(key));
                            }
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}

/// Whether a default value is made anew each time it is needed.
fn is_plain_default(value: Node<'_>) -> bool {
    matches!(
        value.kind(),
        "object" | "array" | "string" | "number" | "true" | "false" | "null" | "undefined" | "template_string"
    )
}

/// An expression without what does not change its value: parentheses and types.
pub(super) fn plain(mut node: Node<'_>) -> Node<'_> {
    loop {
        node = unparenthesized(node);
        match node.kind() {
            "as_expression" | "satisfies_expression" | "non_null_expression" => match named_children(node).first() {
                Some(inner) => node = *inner,
                None => return node,
            },
            _ => return node,
        }
    }
}

/// Whether the value of an expression is an object that another name already leads to.
pub(super) fn leads_on(value: Node<'_>) -> bool {
    matches!(value.kind(), "identifier" | "member_expression" | "subscript_expression" | "this")
}

/// The text of a callee without blanks and question marks.
pub(super) fn text_of(cx: &Context<'_>, callee: Node<'_>) -> String {
    cx.text(callee).chars().filter(|c| !c.is_whitespace() && *c != '?').collect()
}
