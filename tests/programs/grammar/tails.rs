//! What settles on each path: branches, loops, functions within, and paths that forget it.

use super::{
    Generator, POOL,
    settle::{Settler, Settling},
};
use crate::programs::{
    scope::Holds,
    tree::{Layout, Node, Sort},
};

impl Generator {
    /// The rest of a body, which settles on each path. `must_end`: whether nothing may follow it.
    pub(super) fn tail(&mut self, how: &Settling, depth: usize, must_end: bool) -> Vec<Node> {
        self.fuel -= 1;
        if self.dice.chance(self.habits.faults) {
            return self.faulty_tail(how, depth, must_end);
        }
        if self.fuel < 0 || depth > 3 {
            return vec![self.last(how, must_end)];
        }
        match self.dice.percent() {
            0..18 => vec![self.last(how, must_end)],
            18..56 => self.waiting_call(how, depth, must_end),
            56..66 => self.tail_behind_branch(how, depth, must_end),
            66..74 => {
                let test = self.condition();
                let one = self.in_block(|this| this.tail(how, depth + 1, must_end));
                let other = self.in_block(|this| this.tail(how, depth + 1, must_end));
                vec![
                    Node::statement("if of two ends")
                        .text("if (")
                        .child(test)
                        .text(") ")
                        .block(one)
                        .text(" else ")
                        .block(other),
                ]
            }
            74..79 => {
                let test = self.condition();
                let fails = self.dice.chance(50);
                let end = if fails { self.failure(how, None) } else { self.success(how) };
                let node =
                    Node::statement("early settling").text("if (").child(test).text(") return ").child(end).end();
                let mut out = vec![self.commented(node)];
                out.extend(self.tail(how, depth + 1, must_end));
                out
            }
            79..82 => vec![self.switch_of_ends(how, must_end)],
            82..87 => self.tail_behind_try(how, depth, must_end),
            87..92 => self.local_callback(how, depth, must_end),
            92..93 => self.stepping_function(how, must_end),
            93..94 => self.inner_function(how, depth, must_end),
            94..96 => vec![self.promise_handed_on(how, must_end)],
            96..98 if how.handed_on().is_some() => self.tasks(how, must_end),
            _ => vec![self.last(how, must_end)],
        }
    }

    /// What people get wrong: a path without a call, a second call, code behind the last one.
    fn faulty_tail(&mut self, how: &Settling, depth: usize, must_end: bool) -> Vec<Node> {
        let mut out = Vec::new();
        match self.dice.below(3) {
            0 => {
                let call = self.help();
                out.push(Node::statement("path without a call").child(call).end());
                return out;
            }
            1 => {
                let success = self.success(how);
                out.push(Node::statement("call before the last").child(success).end());
                out.push(self.last(how, must_end));
            }
            _ => {
                out.extend(self.waiting_call(how, depth.max(2), false));
                let call = self.help();
                out.push(Node::statement("code behind a call").child(call).end());
            }
        }
        out
    }

    fn tail_behind_branch(&mut self, how: &Settling, depth: usize, must_end: bool) -> Vec<Node> {
        let test = self.condition();
        let count = self.dice.below(2);
        let place = how.place(depth);
        let body = self.in_block(|this| {
            let mut out = this.statements(count, &place);
            out.extend(this.tail(how, depth + 1, true));
            out
        });
        let mut out = vec![Node::statement("if with an end").text("if (").child(test).text(") ").block(body)];
        if self.dice.chance(30) {
            out.push(self.statement(&place));
        }
        out.extend(self.tail(how, depth + 1, must_end));
        out
    }

    fn switch_of_ends(&mut self, how: &Settling, must_end: bool) -> Node {
        let name = self.name();
        let mut case = |head: String, must_end| {
            let last = self.in_block(|this| this.last(how, must_end));
            Node::new(Sort::Part, "case").text(head).list(vec![last], Layout::Block, 1)
        };
        let cases = vec![
            case("case 0: ".to_owned(), true),
            case("case 1: ".to_owned(), true),
            case("default: ".to_owned(), must_end),
        ];
        Node::statement("switch of ends").text(format!("switch ({name}) ")).list(cases, Layout::Block, 1)
    }

    fn tail_behind_try(&mut self, how: &Settling, depth: usize, must_end: bool) -> Vec<Node> {
        let name = self.fresh_name(&[]);
        if !self.scopes.may_declare_var(&name) {
            return vec![self.last(how, must_end)];
        }
        self.scopes.declare_var(&name);
        let value = if self.dice.chance(50) { self.help() } else { self.parse() };
        let failure = self.failure(how, Some("failure"));
        let body = vec![Node::statement("assignment to a variable").text(format!("{name} = ")).child(value).end()];
        let handler = vec![Node::statement("return that settles").text("return ").child(failure).end()];
        let mut out = vec![
            Node::statement("var").text(format!("var {name}")).end(),
            Node::statement("try that settles").text("try ").block(body).text(" catch (failure) ").block(handler),
        ];
        out.extend(self.tail(how, depth + 1, must_end));
        out
    }

    /// A function inside that calls back, declared before or behind its use, perhaps called at once as well.
    fn local_callback(&mut self, how: &Settling, depth: usize, must_end: bool) -> Vec<Node> {
        if !self.scopes.is_at_top_of_function() {
            return vec![self.last(how, must_end)];
        }
        let stem = self.dice.pick(&["finish", "end", "after"]);
        let name = self.serial(stem);
        let parameter = self.dice.chance(70).then(|| self.dice.pick(POOL));
        let callee = self.callee();
        let body = self.in_function(Some(false), |this| {
            let holds = if callee.1.is_some() { Holds::Check } else { Holds::Error };
            this.scopes.declare_parameter("err", holds);
            if let Some(parameter) = parameter {
                this.scopes.declare_parameter(parameter, Holds::Variable);
            }
            let how = how.with_error(None);
            if callee.1.is_some() {
                return this.body_behind_check("err", &how, depth + 1);
            }
            let mut out = if this.dice.chance(80) { this.error_check("err", &how, depth + 2) } else { Vec::new() };
            out.extend(this.tail(&how, depth + 2, false));
            out
        });
        let list = parameter.map_or_else(|| "err".to_owned(), |p| format!("err, {p}"));
        let declaration = Node::statement("local callback").text(format!("function {name}({list}) ")).block(body);
        let by_name = Node::new(Sort::Handler, "callback by name").text(name.clone());
        let call = self.call_of(callee, by_name, must_end);
        match self.dice.percent() {
            0..40 => vec![declaration, call],
            40..76 => vec![call, declaration],
            _ => {
                let test = self.condition();
                let atom = self.atom();
                let early = Node::statement("local callback called")
                    .text("if (")
                    .child(test)
                    .text(format!(") return {name}(null, "))
                    .child(atom)
                    .text(")")
                    .end();
                vec![early, call, declaration]
            }
        }
    }

    /// A function inside that takes a callback of its own, and a call of it.
    fn inner_function(&mut self, how: &Settling, depth: usize, must_end: bool) -> Vec<Node> {
        // In an executor, handlers behind it see by A3 what is thrown in a callback, and what stands around it may hold promises, which
        // nobody hands to a callback.
        let is_in_executor = matches!(how.settler, Settler::Promise { .. });
        if is_in_executor || self.drops_errors || !self.scopes.is_at_top_of_function() {
            return vec![self.last(how, must_end)];
        }
        self.is_steady = true;
        let name = self.serial("load");
        let parameter = self.dice.pick(POOL);
        let callback = self.dice.pick(&["ready", "fn", "cb"]);
        let body = self.in_function(Some(false), |this| {
            this.scopes.declare_parameter(parameter, Holds::Variable);
            this.scopes.declare_parameter(callback, Holds::Callback);
            this.waiting_call(&Settling::callback(callback), depth + 2, false)
        });
        let declaration =
            Node::statement("inner function").text(format!("function {name}({parameter}, {callback}) ")).block(body);
        self.next_callee = Some((name, 1));
        let mut out = self.waiting_call(how, depth + 1, must_end);
        let at = if self.dice.chance(60) { 0 } else { out.len() };
        out.insert(at, declaration);
        out
    }

    /// A loop by a function that calls itself behind each call.
    fn stepping_function(&mut self, how: &Settling, must_end: bool) -> Vec<Node> {
        if !self.scopes.is_at_top_of_function() {
            return vec![self.last(how, must_end)];
        }
        let (name, index) = (self.serial("step"), self.serial("i"));
        let bound = 1 + self.dice.below(2);
        let how = how.with_error(None);
        let end = self.success(&how);
        let failure = self.failure(&how, Some("err"));
        let inner = vec![
            Node::statement("error passed on").text("if (err) return ").child(failure).end(),
            Node::statement("step again").text(format!("{name}()")).end(),
        ];
        let callback = Node::new(Sort::Handler, "callback").text("function (err) ").block(inner);
        let body = vec![
            Node::statement("last step").text(format!("if ({index} === {bound}) return ")).child(end).end(),
            Node::statement("count").text(format!("{index}++")).end(),
            self.call_with(callback, false),
        ];
        let keyword = if self.habits.modern { "let" } else { "var" };
        vec![
            Node::statement("counter").text(format!("{keyword} {index} = 0")).end(),
            Node::statement("first step").text(if must_end { "return " } else { "" }).text(format!("{name}()")).end(),
            Node::statement("stepping function").text(format!("function {name}() ")).block(body),
        ]
    }
}
