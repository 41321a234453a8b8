//! Error-first callbacks: pyramids, with every way of treating an error and of going on.

use super::{
    Generator, POOL, Place,
    settle::{Settler, Settling},
};
use crate::programs::{
    scope::Holds,
    tree::{Layout, Node, Sort},
};

/// Functions that take a callback last: stubs, and parts of Node.
const CALLEES: &[&str] =
    &["db.get", "db.put", "api.send", "fs.readFile", "fs.stat", "fs.writeFile", "run", "this.db.query", "dns.lookup"];

/// Whether a callee is a part of Node, which asks for its callback.
fn is_of_node(callee: &str) -> bool {
    callee.starts_with("fs.") || callee.starts_with("dns.")
}

/// What may throw as soon as it is run.
const THROWING: &[&str] = &["throw in front", "property", "property of a result", "parse", "destructuring"];

/// What may throw beside that.
const THROWS: &[&str] = &["error thrown", "throw", "throw at the end", "throw on"];

/// Whether something may be thrown in some code, or in what it hands to calls.
pub(super) fn may_throw(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| node.holds(THROWING) || node.holds(THROWS))
}

/// Where code that settles stands. What is thrown in a callback within an executor, handlers behind it may swallow by A3.
fn place_of(how: &Settling, depth: usize) -> Place {
    let throws_nothing = matches!(how.settler, Settler::Promise { .. });
    Place { depth, throws_nothing, ..Place::default() }
}

impl Generator {
    /// The body of an executor.
    ///
    /// What a function of the file throws in a callback is its failure afterwards (A3), which handlers behind the executor may
    /// swallow, so it calls none that may; nor one that takes values, since what stands around the executor may hold promises,
    /// which nobody hands to a callback.
    pub(super) fn executor(&mut self, settlers: (&str, &str), depth: usize, is_async: bool) -> Vec<Node> {
        let all = self.functions.clone();
        self.functions.retain(|(name, count)| *count == 0 && self.quiet.contains(name));
        let body = self.executor_body(settlers, depth, is_async);
        self.functions = all;
        body
    }

    fn executor_body(&mut self, (resolve, reject): (&str, &str), depth: usize, is_async: bool) -> Vec<Node> {
        let settler = Settler::Promise { resolve: resolve.to_owned(), reject: reject.to_owned() };
        let how = Settling { settler, error: None, optional: false };
        let place = Place { is_async, depth, ..Place::default() };
        if is_async {
            return self.async_executor(&how, &place);
        }
        if self.dice.chance(20) {
            return vec![self.promise_handed_on(&how, false)];
        }
        let count = self.dice.pick(&[0, 0, 0, 1]);
        let mut out = self.statements(count, &place);
        if depth > 1 || self.dice.chance(60) {
            out.extend(self.waiting_call(&how, depth + 1, false));
        } else {
            out.extend(self.tail(&how, depth + 1, false));
        }
        out
    }

    fn async_executor(&mut self, how: &Settling, place: &Place) -> Vec<Node> {
        let Settler::Promise { resolve, reject } = &how.settler else { return Vec::new() };
        let (resolve, reject) = (resolve.clone(), reject.clone());
        let guarded = self.dice.chance(60);
        let body = self.in_block(|this| {
            let mut out = Vec::new();
            let load = this.load();
            let name = this.fresh_name(&[]);
            let keyword = if this.habits.modern && this.scopes.may_declare(&name) { "const" } else { "var" };
            if keyword == "const" || this.scopes.may_declare_var(&name) {
                if keyword == "const" {
                    this.scopes.declare(&name, Holds::Value)
                } else {
                    this.scopes.declare_var(&name)
                }
                out.push(
                    Node::statement("await into a name").text(format!("{keyword} {name} = await ")).child(load).end(),
                );
            } else {
                out.push(Node::statement("await").text("await ").child(load).end());
            }
            let count = this.dice.below(2);
            out.extend(this.statements(count, place));
            if this.dice.chance(25) {
                let (test, error) = (this.condition(), this.error_value());
                out.push(
                    Node::statement("if that returns")
                        .text("if (")
                        .child(test)
                        .text(format!(") return {reject}("))
                        .child(error)
                        .text(")")
                        .end(),
                );
            }
            let value = this.value();
            out.push(Node::statement("settling").text(format!("{resolve}(")).child(value).text(")").end());
            out
        });
        if !guarded {
            return body;
        }
        let handler = vec![Node::statement("settling").text(format!("{reject}(failure)")).end()];
        vec![Node::statement("try").text("try ").block(body).text(" catch (failure) ").block(handler)]
    }

    /// A promise whose outcome is handed to what settles.
    fn promise_handed_on(&mut self, how: &Settling, must_end: bool) -> Node {
        let load = self.load();
        let returns = if must_end || self.dice.chance(40) { "return " } else { "" };
        let node = Node::statement("promise handed on").text(returns).child(load);
        let node = match &how.settler {
            Settler::Callback(callback) if self.dice.chance(50) => {
                node.text(format!(".then(function (v) {{ {callback}(null, v); }}, {callback})"))
            }
            Settler::Callback(callback) => node.text(format!(".then(v => {callback}(null, v)).catch({callback})")),
            Settler::Promise { resolve, reject } => match self.dice.below(3) {
                0 => node.text(format!(".then({resolve}, {reject})")),
                1 => node.text(format!(".then({resolve}).catch({reject})")),
                _ => {
                    let value = self.in_function(None, |this| {
                        this.scopes.declare_parameter("v", Holds::Value);
                        this.value()
                    });
                    node.text(format!(".then(v => {resolve}(")).child(value).text(format!("), {reject})"))
                }
            },
        };
        node.end()
    }

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
        let place = place_of(how, depth);
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

    /// The last statement of a path.
    pub(super) fn last(&mut self, how: &Settling, must_end: bool) -> Node {
        match self.dice.percent() {
            0..55 => {
                let success = self.success(how);
                self.settled(success, must_end)
            }
            55..70 => {
                let failure = self.failure(how, how.error.as_deref());
                self.settled(failure, must_end)
            }
            70..92 => match how.handed_on() {
                Some(name) => {
                    let handler = Node::new(Sort::Handler, "callback handed on").text(name.to_owned());
                    let mut callee = self.callee();
                    if how.optional && (callee.1.is_some() || is_of_node(&callee.0)) {
                        // What needs its callback would fail without one sooner than it did, or, as Node itself does,
                        // throw where a stub doesn't.
                        callee = ("db.get".to_owned(), None);
                    }
                    self.call_of(callee, handler, must_end)
                }
                None => {
                    let success = self.success(how);
                    self.settled(success, must_end)
                }
            },
            _ if !must_end => {
                let (name, success, failure) =
                    (self.name(), self.success(how), self.failure(how, how.error.as_deref()));
                // What the callback would do with what it throws here, no run before the rewrite shows: it asks for something else.
                if success.text_of_calls().contains("JSON.parse") {
                    return self.settled(success, must_end);
                }
                Node::statement("conditional ends")
                    .text(format!("{name} ? "))
                    .child(success)
                    .text(" : ")
                    .child(failure)
                    .end()
            }
            _ => {
                let success = self.success(how);
                self.settled(success, must_end)
            }
        }
    }

    /// A call of something that takes a callback.
    fn call_with(&mut self, handler: Node, must_end: bool) -> Node {
        let callee = self.callee();
        self.call_of(callee, handler, must_end)
    }

    /// A call of something with a callback.
    fn call_of(&mut self, (callee, known): (String, Option<usize>), handler: Node, must_end: bool) -> Node {
        let any = self.dice.pick(&[0, 1, 1, 1, 1, 2]);
        let count = known.unwrap_or(if callee.starts_with("fs.") { any.max(1) } else { any });
        let mut arguments: Vec<_> = (0..count).map(|_| self.atom()).collect();
        if let Some(options) = arguments.last_mut().filter(|_| self.shifting.contains(&callee)) {
            // A stub is a function, and would be taken for the callback.
            *options = Node::value("options").text("{ id: 1 }");
        }
        arguments.push(if known.is_some() { handler.kept() } else { handler });
        // A function of the file finds its callback by its place.
        let least = known.map_or(1, |_| arguments.len());
        let returns = if must_end || self.dice.chance(10) { "return " } else { "" };
        let remark = self.remark(40);
        let node = Node::statement("call with a callback").text(returns).remark(remark).text(callee).text("(");
        let node = node.list(arguments, Layout::Commas, least).text(")").end();
        self.commented(node)
    }

    /// What is called, and how many values it takes if that is known.
    fn callee(&mut self) -> (String, Option<usize>) {
        if let Some((name, count)) = self.next_callee.take() {
            return (name, Some(count));
        }
        if !self.functions.is_empty() && !self.drops_errors && self.dice.chance(25) {
            // What a callee of a callee throws at once has more ways out than a test can tell apart.
            self.is_steady = true;
            let (name, count) = self.functions[self.dice.below(self.functions.len())].clone();
            self.calls_loud |= !self.quiet.contains(&name);
            return (name, Some(count));
        }
        if let Some(receiver) = self.receiver() {
            return (format!("{receiver}.db.query"), None);
        }
        let callee = self.dice.pick(CALLEES);
        if callee.starts_with("this") && !(self.scopes.has_this() && self.dice.chance(50)) {
            return ("db.query".to_owned(), None);
        }
        (callee.to_owned(), None)
    }

    /// A call that is waited for, with the rest of the path in its callback.
    pub(super) fn waiting_call(&mut self, how: &Settling, depth: usize, must_end: bool) -> Vec<Node> {
        let arrow = self.dice.chance(self.habits.arrows);
        let error = self.dice.pick(&["err", "err", "err", "err", "e", "error"]);
        let callee = self.callee();
        // Node's functions hand over no more than they do, and one of the file may end with one of Node's.
        let is_narrow = callee.0.starts_with("fs.") || callee.1.is_some();
        let mut names = Vec::new();
        for _ in 0..self.dice.pick(&[0, 0, 1, 1, 1, 1, 1, 1, 1, if is_narrow { 1 } else { 2 }]) {
            names.push(self.fresh_name(&names));
        }
        // The behaviour test knows a bound callback by its parameters being several.
        let bound = !arrow && !names.is_empty() && self.scopes.has_this() && self.dice.chance(30);
        let this = if arrow { None } else { Some(bound || self.dice.chance(2)) };
        let body = self.in_function(this, |this| {
            let holds = if callee.1.is_some() { Holds::Check } else { Holds::Error };
            this.scopes.declare_parameter(error, holds);
            for name in &names {
                let holds = if this.dice.chance(30) { Holds::Variable } else { Holds::Value };
                this.scopes.declare_parameter(name, holds);
            }
            if callee.1.is_some() {
                // What a function of the file throws in a callback is its failure afterwards (A3), which may not get lost.
                this.body_behind_check(error, &how.with_error(None), depth)
            } else {
                this.callback_body(error, &names, &how.with_error(None), depth)
            }
        });
        let shape = if arrow { "arrow callback" } else { "function callback" };
        let node = Node::new(Sort::Handler, shape);
        let node = if arrow {
            node.text("(")
        } else {
            node.text(if self.dice.chance(10) { "function onDone(" } else { "function (" })
        };
        let mut node = node.text(error).typed(": any");
        for name in &names {
            node = node.text(format!(", {name}")).typed("?: any");
        }
        let node =
            node.text(if arrow { ") => " } else { ") " }).block(body).text(if bound { ".bind(this)" } else { "" });
        let mut out = vec![self.call_of(callee, node, must_end)];
        if self.dice.chance(self.habits.faults) && !must_end {
            let call = self.help();
            out.push(Node::statement("code behind a call").child(call).end());
        }
        out
    }

    /// The body of a callback that passes each error on as it came.
    fn body_behind_check(&mut self, error: &str, how: &Settling, depth: usize) -> Vec<Node> {
        let name = match &how.settler {
            Settler::Callback(name) | Settler::Promise { reject: name, .. } => name.clone(),
        };
        let place = place_of(how, depth);
        let check = Node::statement("error passed on").text(format!("if ({error}) return {name}({error})")).end();
        let mut out = vec![self.commented(check).kept()];
        let count = if self.dice.chance(50) { self.dice.below(3) } else { 0 };
        out.extend(self.statements(count, &place));
        out.extend(self.tail(how, depth + 1, false));
        out
    }

    fn callback_body(&mut self, error: &str, names: &[String], how: &Settling, depth: usize) -> Vec<Node> {
        let place = place_of(how, depth);
        let mut out = Vec::new();
        if self.dice.chance(12) {
            out.push(self.statement(&place));
        }
        match self.dice.percent() {
            0..80 => out.extend(self.error_check(error, how, depth)),
            80..93 => {
                let rest = self.in_block(|this| this.tail(how, depth + 1, false));
                let with = how.with_error(Some(error));
                let last = self.in_block(|this| this.last(&with, false));
                let (negative, one, other) =
                    if self.dice.chance(50) { ("!", rest, vec![last]) } else { ("", vec![last], rest) };
                out.push(
                    Node::statement("error or result")
                        .text(format!("if ({negative}{error}) "))
                        .block(one)
                        .text(" else ")
                        .block(other),
                );
                return out;
            }
            93..96 => {
                if let Settler::Callback(callback) = &how.settler {
                    let callback = callback.clone();
                    let value = match names.first() {
                        Some(name) if self.dice.chance(50) => Node::value("name").text(name.clone()),
                        _ => self.value(),
                    };
                    out.push(
                        Node::statement("error and result handed on")
                            .text(format!("{callback}({error}, "))
                            .child(value)
                            .text(")")
                            .end(),
                    );
                    return out;
                }
            }
            _ => {}
        }
        let count = if self.dice.chance(50) { self.dice.below(3) } else { 0 };
        out.extend(self.statements(count, &place));
        if self.dice.chance(8) {
            out.push(self.error_made(error, how));
        }
        let with = if self.dice.chance(10) { how.with_error(Some(error)) } else { how.clone() };
        out.extend(self.tail(&with, depth + 1, false));
        out
    }

    /// An error of the code's own by the name of the one that the callback was handed.
    fn error_made(&mut self, error: &str, how: &Settling) -> Node {
        let condition = self.condition();
        let node = Node::statement("error made anew").text("if (").child(condition).text(") ");
        let made = format!("{error} = new Error('m{}')", self.dice.below(3));
        let mut body = vec![Node::statement("error assigned").text(made).end()];
        if self.dice.chance(40) {
            body.push(Node::statement("property of an error").text(format!("{error}.code = 'M'")).end());
        }
        if self.dice.chance(20) {
            let again = self.dice.pick(&["new TypeError('m')", "null"]);
            let condition = self.condition();
            let text = format!(") {error} = {again}");
            body.push(Node::statement("error assigned again").text("if (").child(condition).text(text).end());
        }
        if self.dice.chance(85) {
            let (Settler::Callback(name) | Settler::Promise { reject: name, .. }) = &how.settler;
            let guard = if how.optional { format!("{name} && ") } else { String::new() };
            body.push(Node::statement("error passed on").text(format!("return {guard}{name}({error})")).end());
        }
        node.block(body)
    }

    /// What is done with an error before the rest; nothing, now and then.
    fn error_check(&mut self, error: &str, how: &Settling, depth: usize) -> Vec<Node> {
        let passed = || match &how.settler {
            Settler::Callback(name) if how.optional => format!("{name} && {name}({error})"),
            Settler::Callback(name) | Settler::Promise { reject: name, .. } => format!("{name}({error})"),
        };
        let node = match self.dice.percent() {
            0..45 => {
                let text = passed();
                Node::statement("error passed on").text(format!("if ({error}) return {text}")).end()
            }
            45..53 => {
                let failure = self.failure(how, Some(error));
                let body = vec![
                    Node::statement("error logged").text(format!("log({error})")).end(),
                    Node::statement("return that settles").text("return ").child(failure).end(),
                ];
                Node::statement("error logged and passed on").text(format!("if ({error}) ")).block(body)
            }
            53..59 => {
                let failure = self.failure(how, Some(error));
                let body = vec![
                    Node::statement("settling").child(failure).end(),
                    Node::statement("return of nothing").text("return").end(),
                ];
                Node::statement("error passed on, then a return").text(format!("if ({error}) ")).block(body)
            }
            59..68 => {
                let failure = self.failure(how, Some(error));
                Node::statement("error treated").text(format!("if ({error}) return ")).child(failure).end()
            }
            68..73 => {
                let text = passed();
                Node::statement("some errors passed on")
                    .text(format!("if ({error} && {error}.code !== 'ENOENT') return {text}"))
                    .end()
            }
            73..77 => Node::statement("error only logged").text(format!("if ({error}) log({error})")).end(),
            77..80 => {
                let variable = self.variable().unwrap_or_else(|| "lib.z".to_owned());
                let atom = self.atom();
                Node::statement("error replaced by a value")
                    .text(format!("if ({error}) {variable} = "))
                    .child(atom)
                    .end()
            }
            // Handlers behind an executor may swallow what reaches them by A3.
            80..82 if matches!(how.settler, Settler::Callback(_)) => {
                Node::statement("error thrown").text(format!("if ({error}) throw {error}")).end()
            }
            82..86 => {
                let with = how.with_error(Some(error));
                let body = self.in_block(|this| this.tail(&with, depth.max(2), true));
                Node::statement("error with a path of its own").text(format!("if ({error}) ")).block(body)
            }
            86..89 => {
                let text = passed();
                let test = self.dice.pick(&["!== null", "!= null", "!== undefined", "instanceof Error"]);
                Node::statement("error asked for otherwise").text(format!("if ({error} {test}) return {text}")).end()
            }
            89..92 => {
                // Without a `return`, what follows runs on failure too. What a function of the file throws there at once, its own
                // callback would be told (A2), behind the failure.
                self.drops_errors = true;
                let text = passed();
                let call = self.call();
                let text = format!("if ({error}) {text}; else ");
                Node::statement("error told, and gone on").text(text).child(call).end()
            }
            _ => return Vec::new(),
        };
        vec![self.commented(node)]
    }

    /// The body of a function with a callback.
    ///
    /// With it comes whether it never calls back at once: then others may call it, since what is done at once behind
    /// such a call is done later afterwards (A1), and their order within a turn is too much to ask.
    pub(super) fn callback_function(
        &mut self,
        parameters: &[&str],
        callback: &str,
        is_method: bool,
    ) -> (Vec<Node>, bool) {
        for name in parameters {
            let holds = if self.dice.chance(30) { Holds::Variable } else { Holds::Value };
            self.scopes.declare_parameter(name, holds);
        }
        self.scopes.declare_parameter(callback, Holds::Callback);
        let mut how = Settling::callback(callback);
        let mut out = Vec::new();
        self.shifts = false;
        if let [_, options] = parameters
            && self.dice.chance(35)
        {
            self.shifts = true;
            let body = vec![
                Node::new(Sort::Part, "callback shifted").text(format!("{callback} = {options}")).end(),
                Node::new(Sort::Part, "options emptied").text(format!("{options} = {{}}")).end(),
            ];
            out.push(Node::statement("optional argument").text(format!("if (typeof {options} === 'function') ")).list(
                body,
                Layout::Block,
                2,
            ));
        }
        let presence = self.dice.percent();
        self.drops_errors = presence < 15;
        match presence {
            0..6 => out.push(
                Node::statement("callback by default")
                    .text(format!("{callback} = {callback} || function () {{}}"))
                    .end(),
            ),
            6..9 => out.push(
                Node::statement("callback if missing").text(format!("if (!{callback}) {callback} = () => {{}}")).end(),
            ),
            9..15 => how.optional = true,
            _ => {}
        }
        if let Some(first) = parameters.first()
            && self.dice.chance(8)
        {
            out.push(Node::statement("throw in front").text(format!("if (!{first}) throw new TypeError('t')")).end());
        }
        if is_method && self.dice.chance(30) {
            let keyword = if self.habits.modern { "const" } else { "var" };
            out.push(Node::statement("self").text(format!("{keyword} self = this")).end());
            self.scopes.declare("self", Holds::Receiver);
        }
        let count = if self.dice.chance(40) { self.dice.below(3) } else { 0 };
        out.extend(self.statements(count, &Place::default()));
        let waits = self.dice.chance(70);
        if waits {
            out.extend(self.waiting_call(&how, 0, false));
        } else {
            out.extend(self.tail(&how, 0, false));
        }
        if is_method && self.dice.chance(4) {
            out.push(Node::statement("return of this").text("return this").end());
        }
        // What it throws at once, another function throws as well, or fails with later (A2).
        let throws = out.iter().any(|node| node.holds_at_once(THROWING));
        (out, waits && !throws)
    }
}
