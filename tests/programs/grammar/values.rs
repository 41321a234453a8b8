//! Expressions.

use super::{Family, Generator, POOL};
use crate::programs::{
    scope::Holds,
    tree::{Layout, Node, Sort},
};

/// Stubs that return promises.
const LOADERS: &[&str] = &["f1", "f2", "f3", "api.load", "getUser"];
/// Stubs that return plain values.
const HELPERS: &[&str] = &["s1", "s2", "lib.format"];

impl Generator {
    /// A name in scope that holds one of some things, which is used now.
    fn name_of(&mut self, wanted: &[Holds]) -> Option<String> {
        let names = self.scopes.holding(wanted);
        if names.is_empty() {
            return None;
        }
        let name = names[self.dice.below(names.len())].clone();
        self.scopes.mention(&name);
        Some(name)
    }

    /// A variable that may be assigned.
    pub(super) fn variable(&mut self) -> Option<String> {
        self.name_of(&[Holds::Variable])
    }

    /// A function of the program that takes a value.
    pub(super) fn local_function(&mut self) -> Option<String> {
        self.name_of(&[Holds::Function])
    }

    /// A promise in a variable.
    pub(super) fn promise_variable(&mut self) -> Option<String> {
        self.name_of(&[Holds::Promise])
    }

    /// The name that holds `this`, now and then.
    pub(super) fn receiver(&mut self) -> Option<String> {
        if self.dice.chance(30) { self.name_of(&[Holds::Receiver]) } else { None }
    }

    /// The name of some value, or a literal.
    pub(super) fn name(&mut self) -> String {
        if self.dice.chance(3) {
            // A global of the name of a local further in.
            let name = self.dice.pick(POOL);
            if !self.scopes.holding(&[Holds::Function, Holds::Callback, Holds::Promise]).iter().any(|n| n == name) {
                self.scopes.mention(name);
                return name.to_owned();
            }
        }
        let errors = if self.dice.chance(3) {
            &[Holds::Value, Holds::Variable, Holds::Error][..]
        } else {
            &[Holds::Value, Holds::Variable]
        };
        self.name_of(errors).unwrap_or_else(|| self.dice.pick(&["1", "'s'", "null"]).to_owned())
    }

    /// `JSON.parse` of something that is no error: where there is none, `null` can be parsed and `undefined` can't, and an adapter
    /// makes one of them.
    pub(super) fn parse(&mut self) -> Node {
        let name = self.name_of(&[Holds::Value, Holds::Variable]).unwrap_or_else(|| "'s'".to_owned());
        Node::value("parse").text(format!("JSON.parse({name})"))
    }

    /// A name of which a property can be read.
    fn object(&mut self) -> String {
        let name = self.name();
        if name.starts_with(|c: char| c.is_ascii_digit() || c == '\'') || name == "null" {
            "lib".to_owned()
        } else {
            name
        }
    }

    /// An expression that calls nothing.
    pub(super) fn atom(&mut self) -> Node {
        if let Some(receiver) = self.receiver() {
            return Node::value("property of self").text(format!("{receiver}.k"));
        }
        let node = |shape, text: String| Node::value(shape).text(text);
        match self.dice.percent() {
            0..54 => node("name", self.name()),
            54..61 => node("number", self.dice.below(4).to_string()),
            61..67 => node("string", format!("'k{}'", self.dice.below(3))),
            67..70 => node("null", "null".to_owned()),
            70..72 => node("undefined", "undefined".to_owned()),
            72..78 => {
                let key = self.dice.pick(&["id", "v"]);
                node("object", format!("{{ {key}: {} }}", self.name()))
            }
            78..81 => node("shorthand", format!("{{ {} }}", self.object())),
            81..90 => {
                let object = self.object();
                node("property", format!("{object}.{}", self.dice.pick(&["id", "label"])))
            }
            90..93 => node("array", format!("[{}]", self.name())),
            93..95 => node("template", format!("`t${{{}}}`", self.name())),
            95..97 if self.dice.chance(self.habits.this) && self.scopes.has_this() => node("this", "this.k".to_owned()),
            97..98 => {
                let name = self.object();
                Node::value("cast").text(name).typed(" as any")
            }
            98..99 => Node::value("non-null").text(self.object()).typed("!"),
            _ => node("name", self.name()),
        }
    }

    /// A function that closes over something.
    pub(super) fn closure(&mut self) -> Node {
        if self.dice.chance(30)
            && let Some(variable) = self.variable()
        {
            let value = self.dice.pick(&["1", "'z'", "{ id: 2 }"]);
            return Node::value("closure that assigns").text(format!("() => {{ {variable} = {value}; }}"));
        }
        if self.dice.chance(15) {
            let parameter = self.dice.pick(POOL);
            let body = self.in_function(None, |this| {
                this.scopes.declare_parameter(parameter, Holds::Value);
                this.name()
            });
            return Node::value("closure with a parameter").text(format!("{parameter} => {body}"));
        }
        Node::value("closure").text(format!("() => {}", self.name()))
    }

    fn arguments(&mut self, bound: usize) -> Vec<Node> {
        let count = self.dice.below(bound);
        // What comes of a closure that is handed to a call which used to be made later, or not at all, nobody can tell.
        let may_close = self.family != Family::Waits;
        (0..count).map(|_| if may_close && self.dice.chance(10) { self.closure() } else { self.atom() }).collect()
    }

    /// A call that returns a promise.
    pub(super) fn load(&mut self) -> Node {
        let node = Node::new(Sort::Promise, "call");
        if self.dice.chance(40)
            && self.family != Family::Callbacks
            && let Some(function) = self.local_function()
        {
            let arguments = if self.dice.chance(50) { vec![self.atom()] } else { Vec::new() };
            return node.text(function).text("(").list(arguments, Layout::Commas, 0).text(")");
        }
        let callee = self.dice.pick(LOADERS);
        let arguments = self.arguments(3);
        node.text(callee).text("(").list(arguments, Layout::Commas, 0).text(")")
    }

    /// A call that returns a promise and is handed something that tells it from others.
    pub(super) fn load_with(&mut self, first: &str) -> Node {
        let callee = self.dice.pick(LOADERS);
        let node = Node::new(Sort::Promise, "call").text(callee).text(format!("({first}"));
        if self.dice.chance(60) {
            return node.text(")");
        }
        node.text(", ").child(self.atom()).text(")")
    }

    /// A call that returns a plain value.
    pub(super) fn help(&mut self) -> Node {
        let callee = self.dice.pick(HELPERS);
        let mut arguments = vec![self.atom()];
        if self.dice.chance(20) {
            arguments.push(self.atom());
        }
        Node::value("plain call").text(callee).text("(").list(arguments, Layout::Commas, 0).text(")")
    }

    /// The call that is usual in this family of programs.
    pub(super) fn call(&mut self) -> Node {
        match self.family {
            Family::Callbacks => self.help(),
            _ if self.dice.chance(15) => self.help(),
            _ => self.load(),
        }
    }

    /// An expression.
    pub(super) fn value(&mut self) -> Node {
        self.fuel -= 1;
        match self.dice.percent() {
            0..34 => self.call(),
            34..64 => self.atom(),
            64..70 => self.binary("and", " && "),
            70..74 => self.binary("or", " || "),
            74..76 => self.binary("nullish", " ?? "),
            76..80 => {
                let (test, call, atom) = (self.name(), self.call(), self.atom());
                Node::value("conditional").text(format!("{test} ? ")).child(call).text(" : ").child(atom)
            }
            80..83 => Node::value("sum").text(format!("{} + {}", self.name(), self.dice.below(3))),
            83..85 => Node::value("not").text(format!("!{}", self.name())),
            85..87 => self.parse(),
            87..89 if self.family != Family::Callbacks => {
                let how = self.dice.pick(&["resolve", "reject"]);
                let atom = self.atom();
                Node::new(Sort::Promise, "settled promise").text(format!("Promise.{how}(")).child(atom).text(")")
            }
            89..90 => match self.variable() {
                Some(variable) => {
                    let call = self.call();
                    Node::value("assignment").text(format!("{variable} = ")).child(call)
                }
                None => self.atom(),
            },
            90..91 if self.scopes.has_this() => {
                let atom = self.atom();
                Node::value("method of this").text("this.m0(").child(atom).text(")")
            }
            91..96 => self.odd_value(),
            _ => self.call(),
        }
    }

    fn binary(&mut self, shape: &'static str, operator: &'static str) -> Node {
        let left = self.name();
        let right = if self.dice.chance(60) { self.call() } else { self.atom() };
        Node::value(shape).text(left).text(operator).operand(right)
    }

    fn odd_value(&mut self) -> Node {
        let call = self.call();
        let around = |shape, before: &'static str, after: &'static str| {
            Node::value(shape).text(before).child(call.clone()).text(after)
        };
        match self.dice.below(12) {
            0 => around("object in brackets", "({ k: ", " })"),
            1 => around("negative", "-", ""),
            2 => around("template over lines", "`t${", "}\n  m`"),
            3 => around("property of a result", "(", ").id"),
            4 => around("called at once", "(() => ", ")()"),
            5 => around("array of a call", "[", "].length"),
            6 => around("sequence", "(s1(), ", ")"),
            7 => around("async closure", "async () => ", ""),
            8 => around("typeof", "typeof ", ""),
            9 => around("optional property", "", "?.k"),
            10 if self.family != Family::Callbacks => {
                Node::new(Sort::Promise, "Promise.all").text("Promise.all([").child(call).text(", f3(1)])")
            }
            _ => around("void", "void ", ""),
        }
    }

    /// A condition.
    pub(super) fn condition(&mut self) -> Node {
        let name = self.name();
        match self.dice.percent() {
            0..45 => Node::value("test").text(name),
            45..65 => Node::value("test of not").text(format!("!{name}")),
            65..80 => Node::value("test of equality").text(format!("{name} === {}", self.dice.below(3))),
            80..90 => self.help(),
            _ => Node::value("test of both").text(format!("{name} && !{}", self.name())),
        }
    }
}
