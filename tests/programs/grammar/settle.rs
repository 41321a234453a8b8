//! How code settles: by its callback, or by the settlers of the promise whose executor it is.

use super::{Generator, Place};
use crate::programs::tree::{Layout, Node};

/// What settles.
#[derive(Clone, Debug)]
pub(super) enum Settler {
    /// An error-first callback.
    Callback(String),
    /// The two functions that an executor is given.
    Promise { resolve: String, reject: String },
}

/// How the code at hand settles.
#[derive(Clone, Debug)]
pub(super) struct Settling {
    pub(super) settler: Settler,
    /// The variable in which a callee's error may be.
    pub(super) error: Option<String>,
    /// Whether the callback may be missing, so that each call of it asks first.
    pub(super) optional: bool,
}

impl Settling {
    /// Where code that settles so stands. What is thrown in a callback within an executor, handlers behind it may swallow by A3.
    pub(super) fn place(&self, depth: usize) -> Place {
        let throws_nothing = matches!(self.settler, Settler::Promise { .. });
        Place { depth, throws_nothing, ..Place::default() }
    }

    pub(super) fn callback(name: &str) -> Self {
        Self { settler: Settler::Callback(name.to_owned()), error: None, optional: false }
    }

    /// The same where a callee's error is in a variable, or in none.
    pub(super) fn with_error(&self, error: Option<&str>) -> Self {
        Self { error: error.map(str::to_owned), ..self.clone() }
    }

    /// A function that takes an error and a value as the settler does, to be handed on.
    pub(super) fn handed_on(&self) -> Option<&str> {
        match &self.settler {
            Settler::Callback(name) => Some(name),
            Settler::Promise { .. } => None,
        }
    }
}

impl Generator {
    /// An expression that settles with success.
    pub(super) fn success(&mut self, how: &Settling) -> Node {
        let value = self.value();
        let node = Node::value("success");
        let callback = match &how.settler {
            Settler::Callback(name) => name.clone(),
            Settler::Promise { resolve, .. } => {
                let empty = self.dice.chance(15);
                let values = if empty { Vec::new() } else { vec![value] };
                return node.text(format!("{resolve}(")).list(values, Layout::Commas, 0).text(")");
            }
        };
        // What throws in a function that is handed to a timer is nobody's failure: A3 says nothing of it.
        let atom = Node::value("name").text(self.name());
        let call = |shape, head: String| Node::value(shape).text(head).child(value.clone()).text(")");
        let later = |shape, head: String, tail| Node::value(shape).text(head).child(atom.clone()).text(tail);
        let percent = self.dice.percent();
        if how.optional {
            // One that is called without asking needs a callback, whoever else asks.
            return match percent {
                0..15 => Node::value("optional success").text(format!("{callback} && {callback}()")),
                _ => call("optional success", format!("{callback} && {callback}(null, ")),
            };
        }
        match percent {
            0..10 => node.text(format!("{callback}()")),
            10..18 => node.text(format!("{callback}(null)")),
            18..22 => call("success with undefined", format!("{callback}(undefined, ")),
            22..28 => later("success on the next tick", format!("process.nextTick({callback}, null, "), ")"),
            28..32 => later("success in a tick", format!("process.nextTick(function () {{ {callback}(null, "), "); })"),
            32..35 => later("success of an immediate", format!("setImmediate({callback}, null, "), ")"),
            35..37 => later("success in an immediate", format!("setImmediate(() => {callback}(null, "), "))"),
            37..39 => later("success after a while", format!("setTimeout(() => {callback}(null, "), "), 10)"),
            39..41 => call("success by call", format!("{callback}.call(null, null, ")),
            41..42 => later("success by apply", format!("{callback}.apply(null, [null, "), "])"),
            42..43 if self.dice.chance(self.habits.faults * 10) => Node::value("two results")
                .text(format!("{callback}(null, "))
                .child(value)
                .text(", ")
                .child(atom)
                .text(")"),
            43..47 => match &how.error {
                Some(error) => call("success with the error", format!("{callback}({error}, ")),
                None => call("success", format!("{callback}(null, ")),
            },
            _ => call("success", format!("{callback}(null, ")),
        }
    }

    /// An expression that settles with a failure: the error at hand, or another.
    pub(super) fn failure(&mut self, how: &Settling, error: Option<&str>) -> Node {
        let fresh = format!("new Error('f{}')", self.dice.below(3));
        let node = Node::value("failure");
        let callback = match &how.settler {
            Settler::Callback(name) => name.clone(),
            Settler::Promise { reject, .. } => {
                let text = match error {
                    Some(error) if self.dice.chance(80) => error.to_owned(),
                    Some(error) if self.dice.chance(50) => format!("wrapError({error})"),
                    _ => fresh,
                };
                return node.text(format!("{reject}({text})"));
            }
        };
        let Some(error) = error else {
            return match self.dice.percent() {
                _ if how.optional => Node::value("optional failure").text(format!("{callback} && {callback}({fresh})")),
                0..60 => node.text(format!("{callback}({fresh})")),
                _ => Node::value("failure on the next tick").text(format!("process.nextTick({callback}, {fresh})")),
            };
        };
        if how.optional {
            return Node::value("optional failure").text(format!("{callback} && {callback}({error})"));
        }
        let (value, atom) = (self.value(), self.atom());
        match self.dice.percent() {
            0..66 => node.text(format!("{callback}({error})")),
            66..76 => Node::value("failure with another error").text(format!("{callback}({fresh})")),
            76..81 => Node::value("failure with a wrapped error").text(format!("{callback}(wrapError({error}))")),
            81..86 => Node::value("fallback").text(format!("{callback}(null, ")).child(value).text(")"),
            86..89 => Node::value("error dropped").text(format!("{callback}()")),
            89..91 => Node::value("error beside a result").text(format!("{callback}({error}, ")).child(atom).text(")"),
            _ => Node::value("failure on the next tick").text(format!("process.nextTick({callback}, {error})")),
        }
    }

    /// `return` before what settles, always where it has to end the function.
    pub(super) fn settled(&mut self, node: Node, must_end: bool) -> Node {
        let returns = must_end || self.dice.chance(60);
        let statement =
            if returns { Node::statement("return that settles").text("return ") } else { Node::statement("settling") };
        let statement = statement.child(node).end();
        self.commented(statement)
    }
}
