//! Who relies on the promises of a library: calls such as `loadUser(id).tap(…)`, whose receiver native promises would
//! break.
//!
//! The function that is called may live in another file and be reached through any number of names, so it is known by
//! its name alone: a function that shares it is left as it is, which costs a rewrite and never a caller. A promise goes from
//! hand to hand: what is used of `service.get()` is used of `repository.find()`, if that is what the one returns.

use std::collections::{HashMap, HashSet};

use tree_sitter::Node;

use crate::syntax::{
    Parsed,
    node::{
        call_parts, enclosing_function, has_token, is_async, member_parts, named_children, unparenthesized, walk,
        with_parentheses,
    },
};

/// Methods of library promises that native ones lack, by words that mean nothing else.
pub const LIBRARY_METHODS: &[&str] = &[
    "tap",
    "spread",
    "fail",
    "fin",
    "always",
    "asCallback",
    "nodeify",
    "return",
    "thenReturn",
    "delay",
    "timeout",
    "reflect",
    "isFulfilled",
    "isPending",
    "isRejected",
    "done",
    "tapCatch",
    "finallyCall",
    "catchReturn",
];

/// Methods of Bluebird's promises that other objects have as well, arrays above all. They count where promises may be
/// Bluebird's.
const EVERYDAY_METHODS: &[&str] = &[
    "all",
    "any",
    "bind",
    "call",
    "cancel",
    "each",
    "error",
    "filter",
    "get",
    "join",
    "lastly",
    "map",
    "mapSeries",
    "props",
    "race",
    "reason",
    "reduce",
    "some",
    "throw",
    "value",
];

/// The name of all functions that are called, or kept, by a name that is put together: `store[method](id)`.
const COMPUTED: &str = "[]";

/// The functions whose results are used as a library's promises somewhere, by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LibraryUses {
    /// Those of whose results a method is called that only promises of libraries have.
    certain: HashSet<String>,
    /// Those of whose results a method is called that these and other objects have.
    possible: HashSet<String>,
    /// Who returns what a function returns.
    returned_by: HashMap<String, HashSet<String>>,
}

impl LibraryUses {
    /// The uses in a file.
    pub fn of(file: &Parsed<'_>) -> Self {
        let mut reading = Reading { file, given: HashMap::new(), uses: Self::default() };
        walk(file.root(), |n| {
            reading.note_value(n);
            true
        });
        walk(file.root(), |n| {
            // Each question about what is around a node takes its time there.
            let is_shallow = file.too_deep(&n.byte_range()).is_none();
            if is_shallow {
                reading.note_use(n);
                reading.note_return(n);
                reading.note_other_name(n);
            }
            is_shallow
        });
        reading.uses
    }

    /// Whether nothing has been read.
    pub fn is_empty(&self) -> bool {
        self.certain.is_empty() && self.possible.is_empty() && self.returned_by.is_empty()
    }

    /// Adds what another file uses.
    pub fn extend(&mut self, other: Self) {
        self.certain.extend(other.certain);
        self.possible.extend(other.possible);
        for (name, by) in other.returned_by {
            self.returned_by.entry(name).or_default().extend(by);
        }
    }

    /// Whether the result of a function of that name is used as a library's promise, by itself or by way of functions that
    /// return it. Where it `may_be_bluebird`, methods count that other objects have as well.
    pub fn contains(&self, name: &str, may_be_bluebird: bool) -> bool {
        // Any may be meant by a name that is put together, and what is kept by one may be meant by any.
        let is_meant = if name == COMPUTED { !self.certain.is_empty() } else { self.certain.contains(COMPUTED) };
        if may_be_bluebird && is_meant {
            return true;
        }
        let mut seen = HashSet::from([name]);
        let mut left = vec![name];
        while let Some(name) = left.pop() {
            if self.certain.contains(name) || may_be_bluebird && self.possible.contains(name) {
                return true;
            }
            left.extend(
                self.returned_by.get(name).into_iter().flatten().map(String::as_str).filter(|by| seen.insert(by)),
            );
        }
        false
    }
}

/// A file that is being read.
struct Reading<'a, 't> {
    file: &'a Parsed<'t>,
    /// What variables are given, by their names.
    given: HashMap<&'a str, Vec<Node<'a>>>,
    uses: LibraryUses,
}

impl<'a> Reading<'a, '_> {
    /// Notes `promise = load(id)`.
    fn note_value(&mut self, node: Node<'a>) {
        let (name, value) = match node.kind() {
            "variable_declarator" => ("name", "value"),
            "assignment_expression" => ("left", "right"),
            _ => return,
        };
        let part = |field| node.child_by_field_name(field);
        let (Some(name), Some(value)) = (part(name).filter(|n| n.kind() == "identifier"), part(value)) else { return };
        self.given.entry(self.file.text(name)).or_default().push(value);
    }

    /// Notes what a call says of its receiver: `a.load(id).then(…).tap(…)` uses `load`.
    fn note_use(&mut self, call: Node<'a>) {
        let Some((callee, arguments)) = call_parts(call) else { return };
        let Some((receiver, method)) = member_parts(callee) else { return };
        let method = self.file.text(method);
        let is_everyday = EVERYDAY_METHODS.contains(&method);
        let step = call_parts(unparenthesized(receiver)).and_then(|(callee, _)| member_parts(callee));
        let is_promise = step.is_some_and(|(_, name)| is_native(self.file.text(name)));
        // `catch` takes a filter in front of the handler.
        let is_filtering = method == "catch" && arguments.len() > 1;
        let is_certain = LIBRARY_METHODS.contains(&method) || is_filtering || is_everyday && is_promise;
        if !is_certain && !is_everyday {
            return;
        }
        let names = self.makers(receiver);
        if is_certain {
            self.uses.certain.extend(names);
        } else {
            // Lists that are found by a name are everywhere.
            self.uses.possible.extend(names.into_iter().filter(|name| name != COMPUTED));
        }
    }

    /// Notes that a function returns what another one does. An async function makes a promise of its own.
    fn note_return(&mut self, node: Node<'a>) {
        let (value, function) = match node.kind() {
            "return_statement" => (named_children(node).first().copied(), enclosing_function(node)),
            "arrow_function" => {
                (node.child_by_field_name("body").filter(|b| b.kind() != "statement_block"), Some(node))
            }
            _ => return,
        };
        let Some((value, function)) = value.zip(function) else { return };
        if is_async(function) || has_token(function, "*") {
            return;
        }
        let names = names_of(self.file, function);
        for maker in self.makers(value) {
            self.uses.returned_by.entry(maker).or_default().extend(names.iter().map(|n| (*n).to_owned()));
        }
    }

    /// Notes that a function goes by another name as well: `exports.first = users.one`.
    fn note_other_name(&mut self, node: Node<'a>) {
        let (name, value) = match node.kind() {
            "assignment_expression" => ("left", "right"),
            "pair" => ("key", "value"),
            "variable_declarator" => ("name", "value"),
            _ => return,
        };
        let word = |field| {
            let node = unparenthesized(node.child_by_field_name(field)?);
            let name = member_parts(node).map_or(node, |(_, name)| name);
            name.kind().ends_with("identifier").then(|| self.file.text(name))
        };
        let (Some(name), Some(value)) = (word(name), word(value)) else { return };
        if name != value {
            self.uses.returned_by.entry(value.to_owned()).or_default().insert(name.to_owned());
        }
    }

    /// `load.call(store, id)`
    fn is_caller(&self, method: Node<'_>) -> bool {
        matches!(self.file.text(method), "apply" | "call")
    }

    /// The names of the functions that an expression may be the result of.
    fn makers(&self, expression: Node<'a>) -> HashSet<String> {
        let mut found = HashSet::new();
        let (mut left, mut seen) = (vec![expression], HashSet::new());
        while let Some(node) = left.pop().map(unparenthesized) {
            let part = |field| node.child_by_field_name(field);
            match node.kind() {
                "ternary_expression" => left.extend([part("consequence"), part("alternative")].into_iter().flatten()),
                "binary_expression" => left.extend([part("left"), part("right")].into_iter().flatten()),
                "identifier" if seen.insert(self.file.text(node)) => {
                    left.extend(self.given.get(self.file.text(node)).into_iter().flatten());
                }
                _ => {}
            }
            let Some((mut callee, _)) = call_parts(node) else { continue };
            if let Some((inner, _)) = member_parts(callee).filter(|(_, name)| self.is_caller(*name)) {
                callee = unparenthesized(inner);
            }
            let Some((object, property)) = member_parts(callee) else {
                found.insert(word_of(self.file, callee).to_owned());
                continue;
            };
            let name = self.file.text(property);
            let is_step = is_native(name) || LIBRARY_METHODS.contains(&name);
            if !is_step {
                found.insert(name.to_owned());
            }
            // A call in front may be what makes the promise, and this one a method of it.
            if is_step || call_parts(unparenthesized(object)).is_some() {
                left.push(object);
            }
        }
        found
    }
}

/// What a callee or a target goes by that is no member.
fn word_of<'a>(file: &'a Parsed<'_>, node: Node<'_>) -> &'a str {
    if node.kind() == "subscript_expression" { COMPUTED } else { file.text(node) }
}

fn is_native(method: &str) -> bool {
    matches!(method, "then" | "catch" | "finally")
}

/// What a function is called: its own name, and that of what it is assigned to.
pub fn names_of<'a>(file: &'a Parsed<'_>, function: Node<'_>) -> Vec<&'a str> {
    let given = with_parentheses(function).parent().and_then(|p| match p.kind() {
        "assignment_expression" => p.child_by_field_name("left").map(|l| member_parts(l).map_or(l, |(_, name)| name)),
        "variable_declarator" | "field_definition" | "public_field_definition" => {
            p.child_by_field_name("name").or_else(|| p.child_by_field_name("property"))
        }
        "pair" => p.child_by_field_name("key"),
        _ => None,
    });
    [function.child_by_field_name("name"), given].into_iter().flatten().map(|name| word_of(file, name)).collect()
}
