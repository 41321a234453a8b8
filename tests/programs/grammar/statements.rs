//! Statements that wait for nothing.

use super::{Family, Generator, POOL, Place};
use crate::programs::{scope::Holds, tree::Node};

impl Generator {
    /// So many statements.
    pub(super) fn statements(&mut self, count: usize, place: &Place) -> Vec<Node> {
        (0..count).map(|_| self.statement(place)).collect()
    }

    /// A statement and the comments beside it.
    pub(super) fn statement(&mut self, place: &Place) -> Node {
        self.fuel -= 1;
        let node = self.plain_statement(place);
        self.commented(node)
    }

    fn call_statement(&mut self) -> Node {
        let call = self.call();
        Node::statement("call as a statement").child(call).end()
    }

    fn plain_statement(&mut self, place: &Place) -> Node {
        if self.fuel < 0 {
            return self.call_statement();
        }
        match self.dice.percent() {
            0..25 => self.call_statement(),
            25..53 => self.declaration(place),
            53..60 => self.assignment(),
            60..70 if place.may_return => self.branch_that_returns(place),
            70..74 if !place.throws_nothing && (self.family != Family::Callbacks || place.depth > 0) => {
                let test = self.condition();
                let error = self.error_value();
                Node::statement("throw").text("if (").child(test).text(") throw ").child(error).end()
            }
            74..80 => self.branch(place),
            80..86 => self.loop_statement(place),
            86..91 => self.try_statement(place),
            91..94 => {
                let body = self.block(2, &Place { may_return: false, ..place.clone() });
                Node::statement("block").block(body)
            }
            94..96 if self.scopes.has_this() => {
                let atom = self.atom();
                Node::statement("assignment to this").text("this.k = ").child(atom).end()
            }
            _ => self.call_statement(),
        }
    }

    /// What is thrown.
    pub(super) fn error_value(&mut self) -> Node {
        if self.dice.chance(70) {
            Node::value("new error").text(format!("new Error('e{}')", self.dice.below(3)))
        } else {
            self.atom()
        }
    }

    fn assignment(&mut self) -> Node {
        let Some(variable) = self.variable() else { return self.call_statement() };
        let value = self.value();
        let operator = if self.dice.chance(85) { " = " } else { " += " };
        Node::statement("assignment to a variable").text(variable).text(operator).child(value).end()
    }

    /// A declaration in the innermost scope; a call where no name is free.
    pub(super) fn declaration(&mut self, place: &Place) -> Node {
        let name = if self.dice.chance(self.habits.shadowing) {
            self.dice.pick(POOL).to_owned()
        } else {
            self.fresh_name(&[])
        };
        let roll = self.dice.percent();
        // What the new name is set to may use an outer one of the same name, and then it can't be declared.
        let waits = place.is_async && self.dice.chance(25);
        let value = if waits && self.family == Family::Waits {
            // What takes no turn is over sooner or later within one, as the promises around it are joined.
            self.load()
        } else if self.dice.chance(60) {
            self.call()
        } else {
            self.atom()
        };
        let keyword = match roll {
            0..35 if self.habits.modern && self.scopes.may_declare(&name) => "const",
            35..58 if self.habits.modern && self.scopes.may_declare(&name) => "let",
            58..65 if self.habits.modern => return self.pattern_declaration(value),
            65..76 if self.scopes.is_at_top_of_function() && self.scopes.may_declare(&name) => {
                return self.function_declaration(name);
            }
            _ if self.scopes.may_declare_var(&name) => "var",
            _ => return Node::statement("call as a statement").child(value).end(),
        };
        match keyword {
            "const" => self.scopes.declare(&name, Holds::Value),
            "let" => self.scopes.declare(&name, Holds::Variable),
            _ => self.scopes.declare_var(&name),
        }
        let shape = match keyword {
            "const" => "const",
            "let" => "let",
            _ => "var",
        };
        let node = Node::statement(shape).text(format!("{keyword} {name}"));
        let node = if self.dice.chance(30) { node.typed(": any") } else { node };
        if keyword != "const" && self.dice.chance(12) {
            return node.end();
        }
        let node = node.text(" = ");
        if waits { node.text("await ").operand(value).end() } else { node.child(value).end() }
    }

    fn pattern_declaration(&mut self, value: Node) -> Node {
        let (first, second) = (self.dice.pick(POOL), self.dice.pick(POOL));
        let free = first != second && self.scopes.may_declare(first) && self.scopes.may_declare(second);
        if !free {
            return Node::statement("call as a statement").child(value).end();
        }
        self.scopes.declare(first, Holds::Value);
        self.scopes.declare(second, Holds::Value);
        let second = if self.dice.chance(30) { format!("k: {second}") } else { second.to_owned() };
        Node::statement("destructuring").text(format!("const {{ {first}, {second} }} = ")).operand(value).end()
    }

    fn function_declaration(&mut self, name: String) -> Node {
        // It does not call itself, which would never end.
        self.scopes.declare(&name, Holds::Callback);
        let parameter = self.dice.chance(50).then(|| self.dice.pick(POOL));
        let value = self.in_function(Some(false), |this| {
            if let Some(parameter) = parameter {
                this.scopes.declare_parameter(parameter, Holds::Variable);
            }
            this.call()
        });
        let node =
            Node::statement("function declaration").text(format!("function {name}({}", parameter.unwrap_or_default()));
        let node = if parameter.is_some() { node.typed("?: any") } else { node };
        node.text(") { return ").child(value).text("; }")
    }

    /// Statements in a scope of their own, a `return` at their end where there may be one.
    pub(super) fn block(&mut self, bound: usize, place: &Place) -> Vec<Node> {
        let count = 1 + self.dice.below(bound);
        self.in_block(|this| {
            let mut out = this.statements(count, place);
            if place.may_return && this.dice.chance(40) {
                out.push(this.return_statement(place));
            }
            out
        })
    }

    fn branch(&mut self, place: &Place) -> Node {
        let inner = Place { may_return: false, ..place.clone() };
        let test = self.condition();
        let body = self.block(2, &inner);
        let node = Node::statement("if").text("if (").child(test).text(") ").block(body);
        if self.dice.chance(40) {
            let other = self.block(1, &inner);
            return node.text(" else ").block(other);
        }
        node
    }

    /// An `if` of which a branch returns.
    pub(super) fn branch_that_returns(&mut self, place: &Place) -> Node {
        let test = self.condition();
        let node = Node::statement("if that returns").text("if (").child(test).text(") ");
        let quiet = Place { may_return: false, ..place.clone() };
        match self.dice.percent() {
            0..30 => {
                let last = self.return_statement(place);
                node.child(last.comments(None, None))
            }
            30..55 => {
                let body = self.returning_block(place);
                node.block(body)
            }
            55..70 => {
                let (body, other) = (self.returning_block(place), self.block(2, &quiet));
                node.block(body).text(" else ").block(other)
            }
            70..80 => {
                let (body, other) = (self.block(2, &quiet), self.returning_block(place));
                node.block(body).text(" else ").block(other)
            }
            _ => {
                let (body, other) = (self.returning_block(place), self.condition());
                let (second, third) = (self.returning_block(place), self.block(2, place));
                let node = node.block(body).text(" else if (").child(other).text(") ").block(second);
                if self.dice.chance(50) { node.text(" else ").block(third) } else { node }
            }
        }
    }

    fn returning_block(&mut self, place: &Place) -> Vec<Node> {
        let count = self.dice.below(2);
        let inner = Place { may_return: place.may_return && self.dice.chance(30), ..place.clone() };
        self.in_block(|this| {
            let mut out = this.statements(count, &inner);
            out.push(this.return_statement(place));
            out
        })
    }

    fn loop_statement(&mut self, place: &Place) -> Node {
        let counts = self.dice.chance(30);
        // A counter that the body could set would let the loop run for ever.
        let name = if counts { self.serial("i") } else { self.dice.pick(POOL).to_owned() };
        let keyword = match self.dice.pick(&["const", "let", "var"]) {
            _ if !self.habits.modern => "var",
            "const" if counts => "let",
            keyword => keyword,
        };
        if keyword == "var" && !self.scopes.may_declare_var(&name) {
            return self.call_statement();
        }
        let inner = Place { may_return: place.may_return && self.dice.chance(30), ..place.clone() };
        let body = self.in_block(|this| {
            match keyword {
                _ if counts => this.scopes.declare(&name, Holds::Value),
                "var" => this.scopes.declare_var(&name),
                "let" => this.scopes.declare(&name, Holds::Variable),
                _ => this.scopes.declare(&name, Holds::Value),
            }
            let mut body = this.block(2, &inner);
            if this.dice.chance(40) {
                let closure = this.in_block(Self::closure);
                body.push(Node::statement("closure in a loop").text("lib.later(").child(closure).text(")").end());
            }
            body
        });
        if counts {
            let head = format!("for ({keyword} {name} = 0; {name} < 2; {name}++) ");
            if self.dice.chance(15) {
                let (label, test) = (self.serial("again"), self.condition());
                let jump = self.dice.pick(&["continue", "break"]);
                let jump =
                    Node::statement("jump to a label").text("if (").child(test).text(format!(") {jump} {label}")).end();
                let body = std::iter::once(jump).chain(body).collect();
                return Node::statement("loop with a label").text(format!("{label}: {head}")).block(body);
            }
            Node::statement("for").text(head).block(body)
        } else if !self.habits.modern && self.dice.chance(30) {
            Node::statement("for-in").text(format!("for ({keyword} {name} in {{ id: 1, v: 2 }}) ")).block(body)
        } else {
            Node::statement("for-of").text(format!("for ({keyword} {name} of [1, 2]) ")).block(body)
        }
    }

    fn try_statement(&mut self, place: &Place) -> Node {
        let inner = Place { may_return: place.may_return && self.dice.chance(40), ..place.clone() };
        let body = self.block(2, &inner);
        if self.dice.chance(15) {
            let last = self.block(1, &Place { may_return: false, ..place.clone() });
            return Node::statement("try and finally").text("try ").block(body).text(" finally ").block(last);
        }
        let handler = self.in_block(|this| {
            this.scopes.declare("failure", Holds::Error);
            this.block(1, &inner)
        });
        let node = Node::statement("try").text("try ").block(body).text(" catch (failure) ").block(handler);
        if self.dice.chance(20) {
            let last = self.block(1, &Place { may_return: false, ..place.clone() });
            return node.text(" finally ").block(last);
        }
        node
    }

    /// A `return`, or a `throw` where one may stand for it.
    pub(super) fn return_statement(&mut self, place: &Place) -> Node {
        let node = Node::statement("return");
        if place.returns_promise {
            let value = self.promise(place.depth + 1);
            return node.text("return ").child(value).end();
        }
        if self.dice.chance(10) {
            return Node::statement("return of nothing").text("return").end();
        }
        if !place.throws_nothing && self.dice.chance(12) {
            let error = self.error_value();
            return Node::statement("throw at the end").text("throw ").child(error).end();
        }
        let value = self.returned(place.depth);
        if place.is_async && self.dice.chance(30) {
            return Node::statement("return await").text("return await ").operand(value).end();
        }
        let remark = self.remark(50);
        let node = node.text("return ").remark(remark).child(value).end();
        self.commented(node)
    }

    fn returned(&mut self, depth: usize) -> Node {
        if depth < 3 && self.fuel > 0 && self.family != Family::Callbacks && self.dice.chance(25) {
            return self.promise(depth + 1);
        }
        self.value()
    }
}
