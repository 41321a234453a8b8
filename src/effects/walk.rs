//! From code to what it touches.

use std::ops::Range;

use tree_sitter::Node;

use super::{
    model::{Effects, Key, Object, Place, Resource, Root, Touch},
    verbs::{Verb, is_stateful, verb},
};
use crate::{
    context::Context,
    flow::classify::initializer,
    semantic::BindingId,
    syntax::node::{call_parts, named_children, unparenthesized, walk},
};

/// How many variables are followed to the values they are given.
const MAX_STEPS: usize = 8;

/// Gathers the effects of one piece of code. Functions inside it are taken as if they were called.
pub(super) struct Walk<'c, 'a> {
    cx: &'c Context<'a>,
    effects: Effects,
}

impl<'c, 'a> Walk<'c, 'a> {
    pub(super) fn over(cx: &'c Context<'a>, node: Node<'_>) -> Effects {
        let mut this = Self { cx, effects: Effects::default() };
        walk(node, |n| {
            this.enter(n);
            true
        });
        this.effects
    }

    fn enter(&mut self, node: Node<'_>) {
        match node.kind() {
            "identifier" | "shorthand_property_identifier" | "shorthand_property_identifier_pattern" => self.name(node),
            "member_expression" | "subscript_expression" => self.property(node),
            "call_expression" | "new_expression" => self.call(node),
            "throw_statement" | "await_expression" => self.effects.can_fail = true,
            "yield_expression" => self.effects.unknown.push(node.byte_range()),
            "for_in_statement" if node.children(&mut node.walk()).any(|c| c.kind() == "await") => {
                self.effects.unknown.push(node.byte_range());
            }
            _ => {}
        }
    }

    fn read(&mut self, place: Place, range: Range<usize>) {
        self.effects.reads.push(Touch { place, range });
    }

    fn write(&mut self, place: Place, range: Range<usize>) {
        self.effects.writes.push(Touch { place, range });
    }

    fn name(&mut self, name: Node<'_>) {
        let range = name.byte_range();
        if let Some(binding) = self.cx.names.declared_at(range.start) {
            self.write(Place::Variable(Root::Binding(binding)), range);
        } else if let Some(reference) = self.cx.names.reference_at(range.start).filter(|r| !r.in_type) {
            let root = reference.binding.map_or_else(|| Root::Global(reference.name.clone()), Root::Binding);
            let (reads, writes) = (reference.reads, reference.writes);
            if reads {
                self.read(Place::Variable(root.clone()), range.clone());
            }
            if writes {
                self.write(Place::Variable(root), range);
            }
        }
    }

    fn property(&mut self, member: Node<'_>) {
        let Some(object) = member.child_by_field_name("object") else { return };
        self.effects.can_fail = true;
        let place = Place::Property(self.object(object), self.key(member));
        let range = member.byte_range();
        match target_of(member) {
            Target::Written => self.write(place, range),
            Target::Updated => {
                self.read(place.clone(), range.clone());
                self.write(place, range);
            }
            Target::Read => self.read(place, range),
        }
    }

    fn key(&self, member: Node<'_>) -> Key {
        match member.child_by_field_name("property") {
            Some(property) => Key::Name(self.cx.text(property).to_owned()),
            None => match member.child_by_field_name("index").map(|i| (i, self.cx.text(i))) {
                Some((index, text)) if index.kind() == "string" && !text.contains('\\') => {
                    Key::Name(text[1..text.len() - 1].to_owned())
                }
                _ => Key::Any,
            },
        }
    }

    /// The object that an expression leads to.
    fn object(&self, expression: Node<'_>) -> Object {
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
                "identifier" => match self.cx.names.reference_at(node.start_byte()).map(|r| r.binding) {
                    Some(Some(binding)) => {
                        let value = initializer(self.cx, binding).map(plain).filter(|v| leads_on(*v));
                        match value.filter(|_| steps < MAX_STEPS && !self.cx.names.is_reassigned(binding)) {
                            Some(value) => node = value,
                            None => break Root::Binding(binding),
                        }
                        steps += 1;
                    }
                    Some(None) => break Root::Global(self.cx.text(node).to_owned()),
                    None => break Root::Unknown,
                },
                _ if makes_object(node) => break Root::Fresh(node.start_byte()),
                _ => break Root::Unknown,
            }
        };
        path.reverse();
        Object { root, path }
    }

    fn call(&mut self, call: Node<'_>) {
        self.effects.can_fail = true;
        let range = call.byte_range();
        let Some((callee, arguments)) = parts(call) else {
            self.effects.unknown.push(range);
            return;
        };
        let callee = plain(callee);
        let name = match callee.kind() {
            "identifier" => self.cx.text(callee),
            "member_expression" => callee.child_by_field_name("property").map_or("", |p| self.cx.text(p)),
            _ => "",
        };
        if is_bare(call) && call.parent().is_some_and(|p| p.kind() == "await_expression") {
            self.effects.guards.push(range.clone());
        }
        self.stateful(callee, &arguments, &range);
        match verb(name).filter(|_| call.kind() == "call_expression") {
            None => self.effects.unknown.push(range),
            Some(said) => {
                let does = match said {
                    Verb::Reads => "only reads",
                    Verb::Writes => "writes",
                    Verb::Guards => "only checks",
                };
                self.effects.presume(format!("`{}` {does}, by its name", short(self.cx.text(callee))));
                self.read(Place::World(Resource::Anything), range.clone());
                match said {
                    Verb::Reads => {}
                    Verb::Writes => self.write(Place::World(Resource::Anything), range),
                    Verb::Guards => self.effects.guards.push(range),
                }
            }
        }
    }

    /// Notes objects with a state of their own that a call is made on, or is handed.
    fn stateful(&mut self, callee: Node<'_>, arguments: &[Node<'_>], range: &Range<usize>) {
        let receiver = callee.child_by_field_name("object");
        let mut found = Vec::new();
        for handed in receiver.iter().chain(arguments) {
            walk(*handed, |n| {
                let is_name =
                    matches!(n.kind(), "identifier" | "property_identifier" | "shorthand_property_identifier");
                if is_name && is_stateful(self.cx.text(n)) {
                    let holder = n.parent().filter(|p| p.kind() == "member_expression").unwrap_or(n);
                    found.push(self.object(holder));
                }
                true
            });
        }
        for object in found {
            self.write(Place::State(object), range.clone());
        }
    }
}

/// What is done with a property where it stands.
enum Target {
    Read,
    Written,
    Updated,
}

fn target_of(member: Node<'_>) -> Target {
    let Some(parent) = member.parent() else { return Target::Read };
    let is_left = |p: Node<'_>| p.child_by_field_name("left") == Some(member);
    match parent.kind() {
        "assignment_expression" if is_left(parent) => Target::Written,
        "for_in_statement" if is_left(parent) => Target::Written,
        "augmented_assignment_expression" if is_left(parent) => Target::Updated,
        "update_expression" => Target::Updated,
        "unary_expression" if parent.child(0).is_some_and(|c| c.kind() == "delete") => Target::Written,
        "array_pattern" | "rest_pattern" => Target::Written,
        "pair_pattern" if parent.child_by_field_name("value") == Some(member) => Target::Written,
        "assignment_pattern" if is_left(parent) => Target::Written,
        _ => Target::Read,
    }
}

/// An expression without what does not change its value: parentheses and types.
fn plain(mut node: Node<'_>) -> Node<'_> {
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
fn leads_on(value: Node<'_>) -> bool {
    matches!(value.kind(), "identifier" | "member_expression" | "subscript_expression" | "this")
}

/// Whether an expression makes an object that nothing else leads to.
fn makes_object(node: Node<'_>) -> bool {
    matches!(node.kind(), "object" | "array" | "regex") || crate::syntax::node::is_function(node)
}

/// A call's callee and its arguments, with `new` and `?.` or without.
fn parts(call: Node<'_>) -> Option<(Node<'_>, Vec<Node<'_>>)> {
    if let Some(parts) = call_parts(call) {
        return Some(parts);
    }
    let callee = call.child_by_field_name("function").or_else(|| call.child_by_field_name("constructor"))?;
    match call.child_by_field_name("arguments") {
        Some(arguments) if arguments.kind() == "arguments" => Some((callee, named_children(arguments))),
        Some(_) => None,
        None => Some((callee, Vec::new())),
    }
}

/// Whether nobody looks at what an expression, or the `await` of it, is.
fn is_bare(call: Node<'_>) -> bool {
    let mut node = call;
    while let Some(parent) = node.parent() {
        match parent.kind() {
            "await_expression" | "parenthesized_expression" => node = parent,
            kind => return kind == "expression_statement",
        }
    }
    false
}

/// A callee in one short line.
fn short(callee: &str) -> String {
    let line: String = callee.split_whitespace().collect();
    match line.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Whether a variable holds an object that was made for it alone.
pub(super) fn is_fresh(cx: &Context<'_>, binding: BindingId) -> bool {
    !cx.names.is_reassigned(binding) && initializer(cx, binding).map(plain).is_some_and(makes_object)
}
