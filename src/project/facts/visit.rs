//! The walk that reads the facts off a tree.
//!
//! One pass with a cursor: no recursion over the tree, and no search upwards, which would start at the root each time.
//! What a node is to its parent is handed down in a stack of frames.

use std::collections::HashMap;

use tree_sitter::{Node, TreeCursor};

use super::{FileFacts, FunctionFact, Name, Place, This, Value, ValueId};
use crate::{
    semantic::{BindingId, Names},
    syntax::{
        Parsed,
        node::{has_token, is_comment, is_function, named_children},
    },
};

/// What has been seen of a name's life.
#[derive(Debug, Default)]
pub(super) struct Declared {
    /// Its declarations that are understood.
    pub(super) declarations: usize,
    /// The assignments that are understood.
    pub(super) writes: usize,
    pub(super) values: Vec<ValueId>,
}

/// The facts of a file in the making.
pub(super) struct Reader<'f> {
    pub(super) file: &'f Parsed<'f>,
    pub(super) names: &'f Names,
    pub(super) facts: FileFacts,
    /// The values of expressions, by the ids of their nodes.
    pub(super) memo: HashMap<usize, ValueId>,
    /// Classes and object literals by where they start.
    pub(super) classes: HashMap<usize, u32>,
    pub(super) objects: HashMap<usize, u32>,
    /// Modules that are loaded by names that are worked out, by the ids of those names' nodes.
    pub(super) loads: HashMap<usize, u32>,
    /// The functions whose parameters names are, with the indices of those, by the indices of the bindings.
    pub(super) parameters: HashMap<u32, (u32, u32)>,
    pub(super) declared: HashMap<u32, Declared>,
    /// Whose `this` it is where the walk is.
    pub(super) this: This,
    /// How deep the expression that is being understood is nested.
    pub(super) depth: usize,
}

/// A node that the cursor is inside of.
#[derive(Clone, Debug)]
struct Frame<'f> {
    node: Node<'f>,
    /// What the node is to its parent.
    place: Place,
    /// What its value-giving child is to it.
    inner: Place,
    /// The function whose code this is.
    function: Option<u32>,
    this: This,
    /// How many children that count have been met.
    count: usize,
    /// The index of the class or object literal.
    index: u32,
}

/// Reads the facts off a file.
pub(super) fn read(file: &Parsed<'_>, names: &Names) -> FileFacts {
    let mut reader = Reader {
        file,
        names,
        facts: FileFacts {
            path: file.source.path().to_owned(),
            values: vec![Value::Unknown, Value::Inert],
            ..FileFacts::default()
        },
        memo: HashMap::new(),
        classes: HashMap::new(),
        objects: HashMap::new(),
        loads: HashMap::new(),
        parameters: HashMap::new(),
        declared: HashMap::new(),
        this: This::Module,
        depth: 0,
    };
    reader.run();
    reader.finish()
}

impl<'f> Reader<'f> {
    fn run(&mut self) {
        let mut cursor = self.file.root().walk();
        let mut stack: Vec<Frame<'f>> = Vec::new();
        loop {
            if let Some(frame) = self.visit(&cursor, stack.last_mut())
                && cursor.goto_first_child()
            {
                stack.push(frame);
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
                stack.pop();
            }
        }
    }

    /// Looks at a node; gives the frame for its children if they are to be walked.
    fn visit(&mut self, cursor: &TreeCursor<'f>, parent: Option<&mut Frame<'f>>) -> Option<Frame<'f>> {
        let node = cursor.node();
        let kind = node.kind();
        if !node.is_named() || is_comment(node) {
            return None;
        }
        let Some(parent) = parent else {
            return Some(Frame::new(node, Place::Elsewhere, None, This::Module));
        };
        let place = self.place(parent, node, kind, cursor.field_name());
        if is_without_values(kind) {
            return None;
        }
        let mut frame = Frame::new(node, place, parent.function, parent.this);
        if matches!(parent.node.kind(), "field_definition" | "public_field_definition" | "class_static_block") {
            let is_static = parent.node.kind() == "class_static_block" || has_token(parent.node, "static");
            frame.this = This::Class { class: parent.index, is_static };
        }
        frame.index = parent.index;
        self.this = frame.this;
        self.enter(&mut frame, kind).then_some(frame)
    }

    /// Takes in what a node says; whether to walk its children.
    fn enter(&mut self, frame: &mut Frame<'f>, kind: &str) -> bool {
        let node = frame.node;
        match kind {
            "variable_declarator" => frame.inner = self.declarator(node),
            "assignment_expression" => frame.inner = self.assignment(node, true),
            "augmented_assignment_expression" => frame.inner = self.assignment(node, false),
            "call_expression" | "new_expression" => self.call(node, frame.function),
            "class" | "class_declaration" | "abstract_class_declaration" => {
                frame.index = self.class_at(node);
                let value = self.value(node);
                if let Some(name) = node.child_by_field_name("name") {
                    self.declare(name, Some(value));
                }
            }
            "object" => frame.index = self.object_at(node),
            "for_in_statement" => self.loop_over_names(node),
            "import_statement" => {
                self.import(node);
                self.facts.is_esm |= node.child_by_field_name("source").is_some();
                return false;
            }
            "export_statement" => {
                frame.inner = self.export(node);
                self.facts.is_esm |= !has_token(node, "=");
            }
            "return_statement" => self.returned(frame.function, named_children(node).first().copied()),
            "identifier" | "shorthand_property_identifier" => self.note_use(node, &frame.place, frame.function),
            "member_expression" | "subscript_expression" => self.enter_member(frame),
            "function_signature" => {
                node.child_by_field_name("name").into_iter().for_each(|name| self.declare(name, None));
                return false;
            }
            _ if is_function(node) => self.function(frame, kind),
            _ => {}
        }
        true
    }

    fn enter_member(&mut self, frame: &Frame<'f>) {
        let node = frame.node;
        if frame.place == Place::Target {
            self.write(node, ValueId(0));
            return;
        }
        let property = node.child_by_field_name("property").map(|p| self.file.text(p));
        if let (Some("call" | "apply" | "bind"), Some(object)) = (property, node.child_by_field_name("object")) {
            self.note_use(object, &Place::Bound, frame.function);
        }
        self.note_use(node, &frame.place, frame.function);
    }

    fn function(&mut self, frame: &mut Frame<'f>, kind: &str) {
        let node = frame.node;
        let name = node.child_by_field_name("name");
        if let Some(name) = name.filter(|_| kind != "method_definition") {
            let value = self.value(node);
            self.declare(name, Some(value));
        }
        let index = self.facts.functions.len() as u32;
        let single = node.child_by_field_name("parameter").map(|_| 1);
        let list = || node.child_by_field_name("parameters").map_or(0, |p| parameters(self.file, p));
        self.facts.functions.push(FunctionFact {
            range: node.byte_range(),
            line: self.file.source.position(node.start_byte()).line,
            own_name: name.filter(|_| kind != "method_definition").map(|n| self.file.text(n).to_owned()),
            parameters: single.unwrap_or_else(list),
            is_async: has_token(node, "async"),
            is_generator: has_token(node, "*"),
            is_accessor: has_token(node, "get") || has_token(node, "set"),
            enclosing: frame.function,
            place: if kind.ends_with("declaration") { Place::Declaration } else { frame.place.clone() },
        });
        frame.function = Some(index);
        self.note_parameters(node, index);
        if kind != "arrow_function" {
            frame.this = This::Function(node.start_byte() as u32);
        } else if let Some(body) = node.child_by_field_name("body").filter(|b| b.kind() != "statement_block") {
            self.returned(Some(index), Some(body));
        }
    }

    fn returned(&mut self, function: Option<u32>, value: Option<Node<'f>>) {
        let (Some(function), Some(value)) = (function, value) else { return };
        let value = self.value(value);
        if value.0 > 1 {
            self.facts.returns.push((function, value));
        }
    }

    /// Keeps the names whose whole life is understood and that have one value in it.
    fn finish(mut self) -> FileFacts {
        for (binding, life) in std::mem::take(&mut self.declared) {
            let known = self.names.binding(BindingId(binding));
            let writes = known.references.iter().filter(|r| self.names.reference(**r).writes).count();
            if let [value] = life.values.as_slice()
                && life.declarations == known.declarations.len()
                && life.writes == writes
            {
                self.facts.bindings.insert(binding, *value);
            } else {
                self.facts.choices.insert(binding, life.values);
            }
        }
        self.keep_listings_that_lead_somewhere();
        let facts = &mut self.facts;
        let (values, bindings) = (&facts.values, &facts.bindings);
        let is_hopeless = |mut value: ValueId| {
            loop {
                match &values[value.0 as usize] {
                    Value::Member(object, _) => value = *object,
                    Value::Binding(binding) => return !bindings.contains_key(binding),
                    other => return matches!(other, Value::Unknown | Value::Inert),
                }
            }
        };
        facts.returns.sort_by_key(|(function, _)| *function);
        facts.uses.retain(|u| !is_hopeless(u.value));
        facts.calls.iter_mut().for_each(|c| c.arguments.retain(|a| !is_hopeless(*a)));
        self.facts
    }

    /// What a node is to its parent.
    fn place(&self, parent: &mut Frame<'f>, node: Node<'f>, kind: &str, field: Option<&str>) -> Place {
        match (parent.node.kind(), field) {
            (
                "parenthesized_expression"
                | "non_null_expression"
                | "as_expression"
                | "satisfies_expression"
                | "type_assertion"
                | "sequence_expression",
                _,
            ) => parent.place.clone(),
            ("ternary_expression", Some("consequence" | "alternative")) => parent.place.clone(),
            ("binary_expression", _) if is_choice(parent.node) => parent.place.clone(),
            ("call_expression", Some("function")) | ("new_expression", Some("constructor")) => Place::Callee,
            ("call_expression" | "new_expression", Some("arguments")) => {
                Place::Argument { call: parent.node.byte_range(), index: 0 }
            }
            ("arguments", _) => argument(parent),
            ("member_expression" | "subscript_expression", Some("object")) => Place::Object,
            ("variable_declarator", Some("value")) => parent.inner.clone(),
            ("assignment_expression" | "augmented_assignment_expression", Some("right")) => parent.inner.clone(),
            ("assignment_expression" | "augmented_assignment_expression", Some("left")) => Place::Assigned,
            ("for_in_statement", Some("left")) | ("update_expression", _) => Place::Target,
            ("array_pattern" | "object_pattern" | "rest_pattern", _) => Place::Target,
            ("pair_pattern", Some("value")) | ("assignment_pattern", Some("left")) => Place::Target,
            ("pair", Some("value")) => parent.place.clone(),
            ("object", _) => Place::Member { object: parent.index, name: self.part_name(node, kind) },
            ("class_body", _) => self.class_place(parent.index, node, kind),
            ("field_definition" | "public_field_definition", Some("value")) => parent.place.clone(),
            ("return_statement", _) | ("arrow_function", Some("body")) => Place::Returned,
            ("export_statement" | "export_specifier" | "export_clause", _) => Place::Module,
            (
                "expression_statement" | "unary_expression" | "binary_expression" | "class_heritage" | "extends_clause",
                _,
            )
            | ("ternary_expression" | "if_statement" | "while_statement" | "do_statement", Some("condition")) => {
                Place::Looked
            }
            _ => Place::Elsewhere,
        }
    }

    /// The name of a part of an object literal.
    fn part_name(&self, node: Node<'f>, kind: &str) -> Option<Name> {
        match kind {
            "pair" => self.key(node, "key"),
            "method_definition" => self.key(node, "name"),
            "shorthand_property_identifier" => Some(self.file.text(node).into()),
            _ => None,
        }
    }

    fn class_place(&self, class: u32, node: Node<'f>, kind: &str) -> Place {
        let field = if kind == "field_definition" { "property" } else { "name" };
        Place::Class { class, name: self.key(node, field), is_static: has_token(node, "static") }
    }
}

/// The place of an argument, counted.
fn argument(parent: &mut Frame<'_>) -> Place {
    let Place::Argument { call, .. } = &parent.place else { return Place::Elsewhere };
    let place = Place::Argument { call: call.clone(), index: parent.count };
    parent.count += 1;
    place
}

/// Whether an expression gives one of its operands.
fn is_choice(binary: Node<'_>) -> bool {
    binary.child_by_field_name("operator").is_some_and(|o| matches!(o.kind(), "||" | "&&" | "??"))
}

/// How many parameters a list has; `this` is none.
fn parameters(file: &Parsed<'_>, list: Node<'_>) -> usize {
    let is_this = |p: &Node<'_>| p.child_by_field_name("pattern").is_some_and(|n| file.text(n) == "this");
    named_children(list).iter().filter(|p| !is_this(p)).count()
}

impl<'f> Frame<'f> {
    fn new(node: Node<'f>, place: Place, function: Option<u32>, this: This) -> Self {
        Self { node, inner: Place::Elsewhere, place, function, this, count: 0, index: 0 }
    }
}

/// Types, literals and the like hold no values that matter.
fn is_without_values(kind: &str) -> bool {
    matches!(
        kind,
        "type_annotation"
            | "type_arguments"
            | "type_parameters"
            | "type_alias_declaration"
            | "interface_declaration"
            | "ambient_declaration"
            | "implements_clause"
            | "string"
            | "number"
            | "regex"
    )
}
