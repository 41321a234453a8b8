//! What is known of a property from one question to the next, as long as nothing runs in between that may change it:
//! `if (!this.connection) setImmediate(callback); return !!this.connection;`.

use std::collections::{HashMap, HashSet};

use tree_sitter::Node;

use crate::{
    context::Context,
    syntax::node::{is_function, unparenthesized, walk, walk_own_code},
};

use super::{
    calls::member, conditions::is_asked, handles::Handles, interpreter::Interpreter, oracle::is_timer, paths::Path,
    paths::Paths,
};

/// The properties of a function that are asked for more than once, as they are written.
pub(super) fn find_properties<'a>(cx: &Context<'a>, function: Node<'a>) -> HashSet<&'a str> {
    let mut asked: HashMap<&str, usize> = HashMap::new();
    walk(function, |node| {
        if is_property(cx, node) && (is_asked(node) || is_returned(node)) {
            *asked.entry(cx.text(node)).or_default() += 1;
        }
        true
    });
    asked.into_iter().filter(|(_, times)| *times > 1).map(|(text, _)| text).collect()
}

/// `this.a`, `options.a.b`, of variables that are never given another value.
fn is_property(cx: &Context<'_>, node: Node<'_>) -> bool {
    let mut object = node;
    while object.kind() == "member_expression" {
        match member(object) {
            Some((inner, property)) if property.kind() == "property_identifier" => object = inner,
            _ => return false,
        }
    }
    object != node
        && match Handles::binding_of(cx, object) {
            Some(binding) => !cx.names.is_reassigned(binding),
            None => object.kind() == "this",
        }
}

/// Whether a function returns a value, or its opposite.
pub(super) fn is_returned(node: Node<'_>) -> bool {
    let mut parent = node.parent();
    while let Some(around) = parent.filter(|p| matches!(p.kind(), "unary_expression" | "parenthesized_expression")) {
        parent = around.parent();
    }
    parent.is_some_and(|p| p.kind() == "return_statement")
}

impl<'a> Interpreter<'_, 'a> {
    /// The paths on which a property is truthy, and on which it is not, if that is worth to be known.
    pub(super) fn property(&self, node: Node<'a>, paths: &Paths) -> Option<(Paths, Paths)> {
        let text = self.cx.text(node);
        self.handles.properties.contains(text).then(|| {
            let (yes, no) = paths.clone().split(|path| path.properties.get(text).copied());
            let known = |paths: Paths, truth| {
                paths.map(|path, _| {
                    path.properties.insert(text.to_owned(), truth);
                })
            };
            (known(yes, true), known(no, false))
        })
    }

    /// Forgets what is known of properties, for something has run.
    pub(super) fn forget_properties(&self, paths: Paths) -> Paths {
        if self.handles.properties.is_empty() { paths } else { paths.map(|path, _| path.properties.clear()) }
    }

    /// The same behind a call, unless that only leaves something to be run.
    pub(super) fn forget_behind_call(&self, call: Node<'a>, paths: Paths) -> Paths {
        let callee = call.child_by_field_name("function").map(unparenthesized);
        let name = callee.map(|c| self.cx.text(member(c).map_or(c, |(_, property)| property)));
        let is_later = callee.zip(name).is_some_and(|(callee, name)| is_timer(self.cx, callee, name));
        if is_later { paths } else { self.forget_properties(paths) }
    }

    /// The same behind an expression that has nothing to do with the callback.
    pub(super) fn forget_behind(&self, node: Node<'a>, paths: Paths) -> Paths {
        let mut is_plain = true;
        walk_own_code(node, |n| {
            let kind = n.kind();
            is_plain &=
                !(kind.starts_with("assignment") || kind.starts_with("augmented") || kind.starts_with("update"));
            is_plain &= !matches!(kind, "call_expression" | "new_expression" | "await_expression" | "yield_expression");
            is_plain && !is_function(n)
        });
        if is_plain { paths } else { self.forget_properties(paths) }
    }

    /// Whether a value is truthy on a path: a literal, something that is known there, or the opposite of one.
    pub(super) fn truth_on(&self, path: &Path, value: Node<'a>) -> Option<bool> {
        let (mut node, mut is_same) = (unparenthesized(value), true);
        while let Some(argument) = node.child_by_field_name("argument").filter(|_| node.kind() == "unary_expression") {
            if node.child_by_field_name("operator").is_none_or(|o| o.kind() != "!") {
                return None;
            }
            (node, is_same) = (unparenthesized(argument), !is_same);
        }
        let known = match Handles::binding_of(self.cx, node) {
            Some(binding) => path.facts.get(&binding).copied(),
            None => path.properties.get(self.cx.text(node)).copied(),
        };
        known.or_else(|| self.literal_truth(node)).map(|truth| truth == is_same)
    }
}
