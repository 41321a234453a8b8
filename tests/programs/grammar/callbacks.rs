//! Error-first callbacks: pyramids, with every way of treating an error and of going on.

use super::{
    Generator, Place,
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

impl Generator {
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
    pub(super) fn call_with(&mut self, handler: Node, must_end: bool) -> Node {
        let callee = self.callee();
        self.call_of(callee, handler, must_end)
    }

    /// A call of something with a callback.
    pub(super) fn call_of(&mut self, (callee, known): (String, Option<usize>), handler: Node, must_end: bool) -> Node {
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
    pub(super) fn callee(&mut self) -> (String, Option<usize>) {
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
    pub(super) fn body_behind_check(&mut self, error: &str, how: &Settling, depth: usize) -> Vec<Node> {
        let name = match &how.settler {
            Settler::Callback(name) | Settler::Promise { reject: name, .. } => name.clone(),
        };
        let place = how.place(depth);
        let check = Node::statement("error passed on").text(format!("if ({error}) return {name}({error})")).end();
        let mut out = vec![self.commented(check).kept()];
        let count = if self.dice.chance(50) { self.dice.below(3) } else { 0 };
        out.extend(self.statements(count, &place));
        out.extend(self.tail(how, depth + 1, false));
        out
    }

    fn callback_body(&mut self, error: &str, names: &[String], how: &Settling, depth: usize) -> Vec<Node> {
        let place = how.place(depth);
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
    pub(super) fn error_check(&mut self, error: &str, how: &Settling, depth: usize) -> Vec<Node> {
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
