//! Promise chains, with handlers of every shape, in every place where the result of one can go.

use super::{Family, Generator, POOL, Place};
use crate::programs::{
    scope::Holds,
    tree::{Layout, Node, Sort},
};

/// Which link a handler is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    Value,
    Error,
    Either,
}

impl Generator {
    /// A promise: a chain, mostly.
    pub(super) fn promise(&mut self, depth: usize) -> Node {
        if self.fuel < 0 || depth > 3 {
            return self.load();
        }
        match self.dice.percent() {
            0..80 => self.chain(depth),
            80..85 => self.construction(depth),
            85..90 => {
                let how = self.dice.pick(&["resolve", "reject"]);
                let atom = self.atom();
                Node::new(Sort::Promise, "settled promise").text(format!("Promise.{how}(")).child(atom).text(")")
            }
            _ => self.load(),
        }
    }

    /// A chain.
    pub(super) fn chain(&mut self, depth: usize) -> Node {
        self.fuel -= 2;
        let base = self.base(depth);
        let count = 1 + self.dice.below(if depth > 0 { 2 } else { 4 });
        let mut links = Vec::new();
        let mut has_then = false;
        let remark = self.remark(50);
        for at in 0..count {
            let (link, is_then) = match self.dice.percent() {
                0..66 => (self.then(depth, remark.filter(|_| at == 0)), true),
                66..75 => (self.then_with_both(depth), true),
                _ if at + 1 == count && !has_then => (self.then(depth, None), true),
                75..95 => (self.link("catch", ".catch(", For::Error, depth), false),
                _ => (self.link("finally", ".finally(", For::Either, depth), false),
            };
            has_then |= is_then;
            let (above, behind) = (self.remark(60), self.remark(40));
            links.push(link.comments(above, behind));
        }
        let layout = if self.dice.chance(60) { Layout::Chain } else { Layout::Joined };
        Node::new(Sort::Promise, "chain").operand(base).list(links, layout, 0)
    }

    fn base(&mut self, depth: usize) -> Node {
        match self.dice.percent() {
            0..12 => {
                let how = self.dice.pick(&["resolve", "resolve", "reject"]);
                let atom = self.atom();
                Node::new(Sort::Promise, "settled promise").text(format!("Promise.{how}(")).child(atom).text(")")
            }
            12..16 if depth < 2 => self.construction(depth + 1),
            16..20 => {
                let (one, other) = (self.load(), self.load());
                Node::new(Sort::Promise, "Promise.all")
                    .text("Promise.all([")
                    .list(vec![one, other], Layout::Commas, 0)
                    .text("])")
            }
            20..30 if self.has_util && !self.quiet.is_empty() => self.promisified(),
            20..30 => match self.promise_variable() {
                Some(name) => Node::new(Sort::Promise, "promise in a variable").text(name),
                None => self.load(),
            },
            _ => self.load(),
        }
    }

    /// The promise form, made on the spot, of a function of the file that takes a callback.
    fn promisified(&mut self) -> Node {
        self.is_steady = true;
        // What another one throws in a callback is its failure afterwards (A3), and a handler of the chain may swallow it.
        let name = self.quiet[self.dice.below(self.quiet.len())].clone();
        let count = self.functions.iter().find(|(other, _)| *other == name).map_or(0, |(_, count)| *count);
        let arguments: Vec<_> = (0..count).map(|_| self.atom()).collect();
        Node::new(Sort::Promise, "promisified")
            .text(format!("util.promisify({name})("))
            .list(arguments, Layout::Commas, count)
            .text(")")
    }

    fn then(&mut self, depth: usize, remark: Option<u32>) -> Node {
        let handler = self.handler(depth, For::Value);
        Node::new(Sort::Link, "then").text(".then(").remark(remark).child(handler).text(")")
    }

    fn then_with_both(&mut self, depth: usize) -> Node {
        let first = if self.dice.chance(20) {
            Node::new(Sort::Handler, "no handler").text("null")
        } else {
            self.handler(depth, For::Value)
        };
        let second = self.handler(depth, For::Error);
        Node::new(Sort::Link, "then with two handlers").text(".then(").child(first).text(", ").child(second).text(")")
    }

    fn link(&mut self, shape: &'static str, open: &'static str, purpose: For, depth: usize) -> Node {
        let handler = self.handler(depth, purpose);
        Node::new(Sort::Link, shape).text(open).child(handler).text(")")
    }

    fn handler(&mut self, depth: usize, purpose: For) -> Node {
        self.fuel -= 1;
        if self.dice.chance(8) {
            if self.dice.chance(50)
                && let Some(name) = self.local_function()
            {
                return Node::new(Sort::Handler, "handler by name").text(name);
            }
            let text = self.dice.pick(&["f1", "f2", "s1", "JSON.stringify", "api.save.bind(api)", "api.save"]);
            return Node::new(Sort::Handler, "handler by reference").text(text);
        }
        if self.dice.chance(2) && self.scopes.has_this() {
            return Node::new(Sort::Handler, "bound method as handler").text("this.m0.bind(this)");
        }
        let is_async = self.dice.chance(8);
        if self.dice.chance(self.habits.arrows.max(20)) {
            self.arrow_handler(depth, purpose, is_async)
        } else {
            self.function_handler(depth, purpose, is_async)
        }
    }

    fn arrow_handler(&mut self, depth: usize, purpose: For, is_async: bool) -> Node {
        self.in_function(None, |this| {
            let node = Node::new(Sort::Handler, "arrow handler").text(if is_async { "async " } else { "" });
            let node = this.handler_parameters(node, purpose, true).text(" => ");
            match this.dice.percent() {
                0..30 => {
                    let value = this.value();
                    node.body(value)
                }
                30..45 if depth < 3 && this.fuel > 0 => {
                    let chain = this.promise(depth + 1);
                    node.child(chain)
                }
                _ => {
                    let body = this.handler_body(depth, is_async);
                    node.block(body)
                }
            }
        })
    }

    fn function_handler(&mut self, depth: usize, purpose: For, is_async: bool) -> Node {
        let bound = self.scopes.has_this() && self.dice.chance(30);
        let named = self.dice.chance(10);
        self.in_function(Some(bound), |this| {
            let node = Node::new(Sort::Handler, if bound { "bound function handler" } else { "function handler" });
            let node = node.text(if is_async { "async function " } else { "function " });
            let node = this.handler_parameters(node.text(if named { "step" } else { "" }), purpose, false).text(" ");
            let body = this.handler_body(depth, is_async);
            node.block(body).text(if bound { ".bind(this)" } else { "" })
        })
    }

    /// A body: any statements, a `return` or not.
    fn handler_body(&mut self, depth: usize, is_async: bool) -> Vec<Node> {
        let place =
            Place { may_return: true, returns_promise: false, is_async, depth: depth + 1, throws_nothing: false };
        let count = self.dice.below(4);
        let mut out = self.statements(count, &place);
        if self.dice.chance(75) {
            out.push(self.return_statement(&place));
        } else if self.dice.chance(30) {
            out.push(self.branch_that_returns(&place));
        }
        out
    }

    fn declare_parameter(&mut self, name: &str) {
        let holds = if self.dice.chance(25) { Holds::Variable } else { Holds::Value };
        self.scopes.declare_parameter(name, holds);
    }

    fn handler_parameters(&mut self, node: Node, purpose: For, arrow: bool) -> Node {
        if purpose == For::Either {
            return node.text("()");
        }
        let name = self.fresh_name(&[]);
        let other = POOL.iter().find(|n| **n != name && self.dice.below(3) == 0).copied().unwrap_or("rest");
        match self.dice.percent() {
            0..12 => return node.text("()"),
            12..15 => return node.text(if arrow { "_" } else { "(_)" }),
            15..20 => {
                // The default is worked out before the parameter is there.
                let value = self.atom();
                self.declare_parameter(&name);
                return node.text(format!("({name} = ")).child(value).text(")");
            }
            20..23 => {
                self.declare_parameter(&name);
                return node.text(format!("(...{name}")).typed(": any[]").text(")");
            }
            23..33 => {
                self.declare_parameter(&name);
                let text = match self.dice.below(4) {
                    0 => format!("({{ {name}, {other} }}"),
                    1 => format!("({{ {name}, k: {other} = 1 }}"),
                    2 => format!("([{name}, {other}]"),
                    _ => format!("({{ {name}, id: {other} }} = {{}}"),
                };
                self.declare_parameter(other);
                return node.text(text).text(")");
            }
            33..36 => {
                self.declare_parameter(&name);
                self.declare_parameter(other);
                return node
                    .text(format!("({name}"))
                    .typed(": any")
                    .text(format!(", {other}"))
                    .typed("?: any")
                    .text(")");
            }
            _ => {}
        }
        self.declare_parameter(&name);
        if arrow && self.dice.chance(60) {
            return node.text(name);
        }
        node.text(format!("({name}")).typed(": any").text(")")
    }

    /// Statements in a function that may be async, and whether the last of them ends it.
    pub(super) fn chain_function(&mut self, is_async: bool) -> Vec<Node> {
        let place = Place { may_return: false, returns_promise: !is_async, is_async, depth: 0, throws_nothing: false };
        let before = self.dice.below(3);
        let mut out = Vec::new();
        for _ in 0..before {
            let node = if self.dice.chance(60) { self.declaration(&place) } else { self.statement(&place) };
            out.push(node);
        }
        if self.dice.chance(8) {
            let name = self.serial("pending");
            let load = self.load();
            self.scopes.declare(&name, Holds::Promise);
            out.push(Node::statement("promise kept").text(format!("var {name} = ")).child(load).end());
        }
        out.extend(self.shaped(&place));
        if self.dice.chance(40) {
            out.push(self.statement(&place));
        }
        if !is_async || self.dice.chance(60) {
            let value = if !is_async || self.dice.chance(40) { self.promise(0) } else { self.atom() };
            out.push(Node::statement("return").text("return ").child(value).end());
        }
        out
    }

    /// Chains in a statement around them.
    fn shaped(&mut self, place: &Place) -> Vec<Node> {
        let returning = Place { may_return: true, ..place.clone() };
        match self.dice.percent() {
            0..50 => self.leaf(&returning),
            50..65 => {
                let test = self.condition();
                let (one, other) = (self.in_block(|g| g.leaf(&returning)), self.in_block(|g| g.leaf(&returning)));
                let node = Node::statement("if around chains").text("if (").child(test).text(") ").block(one);
                vec![if self.dice.chance(50) { node.text(" else ").block(other) } else { node }]
            }
            65..72 => {
                let (one, other) = (self.in_block(|g| g.leaf(&returning)), self.in_block(|g| g.leaf(&returning)));
                let case = |head: &'static str, body, is_async: bool| {
                    let node = Node::new(Sort::Part, "case").text(head).block(body);
                    if is_async { node.text(" break").end() } else { node }
                };
                let cases = vec![case("case 1: ", one, place.is_async), case("default: ", other, false)];
                let name = self.name();
                vec![Node::statement("switch around chains").text(format!("switch ({name}) ")).list(
                    cases,
                    Layout::Block,
                    1,
                )]
            }
            72..85 => {
                let name = self.dice.pick(POOL);
                let body = self.in_block(|this| {
                    this.scopes.declare(name, Holds::Value);
                    this.in_block(|g| g.leaf(&returning))
                });
                vec![Node::statement("loop around chains").text(format!("for (const {name} of [1, 2]) ")).block(body)]
            }
            _ => vec![self.try_around(&returning)],
        }
    }

    fn try_around(&mut self, place: &Place) -> Node {
        let body = self.in_block(|g| g.leaf(place));
        let handler = self.in_block(|this| {
            this.scopes.declare("failure", Holds::Error);
            let mut out = vec![this.statement(&Place { may_return: false, ..place.clone() })];
            if this.dice.chance(70) {
                let atom = this.atom();
                out.push(match this.dice.below(3) {
                    0 => Node::statement("throw on").text("throw failure").end(),
                    _ if place.is_async => Node::statement("return").text("return ").child(atom).end(),
                    _ => Node::statement("return").text("return Promise.resolve(").child(atom).text(")").end(),
                });
            }
            out
        });
        let node =
            Node::statement("try around chains").text("try ").block(body).text(" catch (failure) ").block(handler);
        if self.dice.chance(30) {
            let last = self.block(1, &Place { may_return: false, ..place.clone() });
            return node.text(" finally ").block(last);
        }
        node
    }

    /// A chain whose result goes somewhere, and what may follow it.
    fn leaf(&mut self, place: &Place) -> Vec<Node> {
        let mut out = Vec::new();
        if self.dice.chance(30) {
            out.push(self.declaration(place));
        }
        if !place.is_async || self.dice.chance(20) {
            if self.dice.chance(6) {
                // It waits for one turn of its own, and no chain within it for another, so that its microtasks and those of what
                // follows don't meet.
                let (load, link) = (self.load(), self.then(3, None));
                let chain = Node::new(Sort::Promise, "chain").child(load).list(vec![link], Layout::Joined, 0);
                out.push(Node::statement("detached chain").child(chain).end());
            }
            let chain = self.promise(0);
            out.push(Node::statement("return").text("return ").child(chain).end());
            return out;
        }
        out.push(self.awaited_chain(place));
        if self.dice.chance(50) {
            out.push(self.statement(&Place { may_return: false, ..place.clone() }));
        }
        if self.dice.chance(50) {
            let (name, closure) = (self.name(), self.closure());
            out.push(Node::statement("closure handed out").text(format!("f2({name}, ")).child(closure).text(")").end());
        }
        out
    }

    fn awaited_chain(&mut self, place: &Place) -> Node {
        let chain = self.promise(0);
        let name = self.fresh_name(&[]);
        match self.dice.percent() {
            20..55 => {
                let keyword = self.dice.pick(&["const", "let", "var"]);
                if keyword == "var" && self.scopes.may_declare_var(&name) {
                    self.scopes.declare_var(&name);
                } else if keyword != "var" && self.scopes.may_declare(&name) {
                    self.scopes.declare(&name, if keyword == "let" { Holds::Variable } else { Holds::Value });
                } else {
                    return Node::statement("await").text("await ").child(chain).end();
                }
                Node::statement("await into a name")
                    .text(format!("{keyword} {name}"))
                    .text(" = await ")
                    .child(chain)
                    .end()
            }
            55..75 => match self.variable() {
                Some(variable) => {
                    Node::statement("await into a variable").text(format!("{variable} = await ")).child(chain).end()
                }
                None => Node::statement("await").text("await ").child(chain).end(),
            },
            75..85 if place.may_return => Node::statement("return await").text("return await ").child(chain).end(),
            85..90 if self.scopes.has_this() => {
                Node::statement("await into this").text("this.v = await ").child(chain).end()
            }
            90..95 if place.may_return => Node::statement("return").text("return ").child(chain).end(),
            _ => Node::statement("await").text("await ").child(chain).end(),
        }
    }

    /// `new Promise` around callbacks or around another promise.
    pub(super) fn construction(&mut self, depth: usize) -> Node {
        let names = self.dice.pick(&[("resolve", "reject"), ("resolve", "reject"), ("ok", "fail"), ("yes", "no")]);
        let before = self.family;
        let is_async = self.dice.chance(12);
        let arrow = self.dice.chance(self.habits.arrows.max(50));
        let one = self.dice.chance(8);
        self.family = Family::Callbacks;
        let node = self.in_function(if arrow { None } else { Some(false) }, |this| {
            this.scopes.declare_parameter(names.0, Holds::Callback);
            this.scopes.declare_parameter(names.1, Holds::Callback);
            let body = this.executor(names, depth, is_async);
            let list = if one { names.0.to_owned() } else { format!("{}, {}", names.0, names.1) };
            let shape = if is_async { "async executor" } else { "new Promise" };
            let node = Node::new(Sort::Promise, shape).text("new Promise").typed("<any>").text("(");
            let node = node.text(if is_async { "async " } else { "" });
            let node =
                if arrow { node.text(format!("({list}) => ")) } else { node.text(format!("function ({list}) ")) };
            node.block(body).text(")")
        });
        self.family = before;
        node
    }
}
