//! Whole files: the functions that outsiders call, in every form in which one can be written and exported.

use super::{Family, Generator, callbacks::may_throw};
use crate::programs::{
    Program,
    print::{Semicolons, Style},
    scope::Holds,
    tree::{Layout, Node, Sort},
};

/// What is known of the stubs, for the behaviour test.
const STUBS: &str = "\
// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
";

/// How the functions of a file go out of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Exports {
    /// `exports.f = f`
    Each,
    /// `module.exports = { f }`
    Together,
    /// `export { f }`
    Module,
}

/// How a function is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Declaration,
    Constant,
    Arrow,
    Export,
    Prototype,
    Class,
    Object,
}

/// The program that belongs to a seed, of a family if it has to be one.
pub(crate) fn program(seed: u64, family: Option<Family>) -> Program {
    let mut generator = Generator::new(seed, family);
    let style = generator.style();
    let exports = generator.dice.pick(&[Exports::Each, Exports::Each, Exports::Together, Exports::Module]);
    Program { seed, root: generator.file(exports), style, is_module: exports == Exports::Module }
}

impl Generator {
    fn style(&mut self) -> Style {
        Style {
            types: self.dice.chance(20),
            semicolons: match self.dice.percent() {
                0..65 => Semicolons::All,
                65..85 => Semicolons::None,
                _ => Semicolons::Mixed,
            },
            indent: self.dice.pick(&["  ", "  ", "  ", "    ", "\t"]),
            crlf: self.dice.chance(6),
            double_quotes: self.dice.chance(15),
            braces_below: self.dice.chance(6),
            dots_behind: self.dice.chance(6),
            oddness: if self.dice.chance(30) { 1 + self.dice.below(1000) as u64 } else { 0 },
        }
    }

    fn file(&mut self, exports: Exports) -> Node {
        self.scopes.enter_function(Some(false));
        let mut items = Vec::new();
        if self.dice.chance(10) {
            items.push(Node::new(Sort::Item, "directive").text("'use strict'").end());
        }
        items.extend(self.imports(exports));
        items.extend(self.file_variables());
        let count = match self.family {
            Family::Callbacks => self.dice.pick(&[1, 1, 2]),
            _ => 1,
        };
        let mut names = Vec::new();
        for at in 0..count {
            let name = format!("f{}", 5 + at);
            let known = self.functions.len();
            let (item, exported) = self.function(&name, exports);
            items.push(self.commented(item));
            // One that another function can call may stay inside.
            if self.functions.len() == known || self.dice.chance(60) {
                names.extend(exported);
            }
            self.fuel = self.fuel.max(10);
        }
        if self.family == Family::Callbacks && self.dice.chance(25) {
            self.family = Family::Chains;
            let (item, exported) = self.function("f8", exports);
            items.push(self.commented(item));
            names.extend(exported);
            self.family = Family::Callbacks;
        }
        let part = |name: &String| Node::new(Sort::Part, "exported name").text(name.clone());
        match exports {
            Exports::Each => items.extend(
                names.iter().map(|name| Node::new(Sort::Item, "export").text(format!("exports.{name} = {name}")).end()),
            ),
            Exports::Together => {
                let list = names.iter().map(part).collect();
                items.push(
                    Node::new(Sort::Item, "exports")
                        .text("module.exports = { ")
                        .list(list, Layout::Commas, 0)
                        .text(" }")
                        .end(),
                );
            }
            Exports::Module => {
                let list = names.iter().map(part).collect();
                items.push(
                    Node::new(Sort::Item, "exports of a module")
                        .text("export { ")
                        .list(list, Layout::Commas, 0)
                        .text(" }")
                        .end(),
                );
            }
        }
        let steady = match self.dice.percent() {
            _ if self.is_steady => "*",
            0..40 => "*",
            40..75 => "s1, s2, lib.format, lib.later, log, wrapError, noop, cb, callback, done, next",
            _ => "noop, cb, callback, done, next",
        };
        let head = format!("{STUBS}// behaviour: steady {steady}\n");
        Node::new(Sort::File, "file").text(head).list(items, Layout::Lines, 1)
    }

    /// What the file imports. Chosen first of all, since what it has can be used.
    fn imports(&mut self, exports: Exports) -> Vec<Node> {
        let wanted = self.family == Family::Callbacks || self.dice.chance(30);
        self.has_util = wanted && self.dice.chance(25);
        let mut modules = if wanted { vec!["fs", "dns", "async"] } else { Vec::new() };
        modules.extend(self.has_util.then_some("util"));
        let line = |module| match exports {
            Exports::Module => format!("import {module} from '{module}'"),
            _ => format!("const {module} = require('{module}')"),
        };
        modules.into_iter().map(|module| Node::new(Sort::Item, "import").text(line(module)).end()).collect()
    }

    /// Variables and functions of the file, for the functions to use.
    fn file_variables(&mut self) -> Vec<Node> {
        let mut out = Vec::new();
        for _ in 0..self.dice.below(3) {
            let name = self.fresh_name(&[]);
            if !self.scopes.may_declare(&name) {
                continue;
            }
            let (holds, text) = match self.dice.percent() {
                0..40 => (Holds::Variable, format!("let {name} = {}", self.dice.below(3))),
                40..60 => (Holds::Value, format!("const {name} = {{ id: 1 }}")),
                60..80 => (Holds::Function, format!("const {name} = v => f1(v)")),
                _ => (Holds::Function, format!("async function {name}(v) {{ return f2(v) }}")),
            };
            self.scopes.declare(&name, holds);
            out.push(Node::new(Sort::Item, "variable of the file").text(text).end());
        }
        out
    }

    /// A function that is exported, and the names to export it by.
    fn function(&mut self, name: &str, exports: Exports) -> (Node, Vec<String>) {
        let forms: &[Form] = match exports {
            Exports::Module => {
                &[Form::Declaration, Form::Declaration, Form::Constant, Form::Arrow, Form::Class, Form::Object]
            }
            Exports::Each => &[
                Form::Declaration,
                Form::Declaration,
                Form::Constant,
                Form::Arrow,
                Form::Export,
                Form::Prototype,
                Form::Class,
                Form::Object,
            ],
            Exports::Together => {
                &[Form::Declaration, Form::Constant, Form::Arrow, Form::Prototype, Form::Class, Form::Object]
            }
        };
        let form = self.dice.pick(forms);
        let has_this = matches!(form, Form::Prototype | Form::Class | Form::Object);
        let this = if form == Form::Arrow { None } else { Some(has_this) };
        let is_async = match self.family {
            Family::Chains => self.dice.chance(50),
            Family::Callbacks => false,
            Family::Waits => true,
        };
        self.calls_loud = false;
        self.drops_errors = false;
        let (parameters, body, types, is_callable) =
            self.in_function(this, |g| g.signature_and_body(is_async, has_this));
        if is_callable && matches!(form, Form::Declaration | Form::Constant) {
            self.functions.push((name.to_owned(), parameters.len() - 1));
            self.shifting.extend(self.shifts.then(|| name.to_owned()));
            if !self.calls_loud && !may_throw(&body) {
                self.quiet.push(name.to_owned());
            }
        }
        let asynchronous = if is_async { "async " } else { "" };
        let head = |node: Node, text: String| {
            // Callers hand over a callback by its place.
            let least = if is_callable { parameters.len() } else { 0 };
            node.text(text).text("(").list(parameters.clone(), Layout::Commas, least).text(")").typed(types)
        };
        let own = vec![name.to_owned()];
        let item = |shape| Node::new(Sort::Item, shape);
        match form {
            Form::Declaration => {
                (head(item("function"), format!("{asynchronous}function {name}")).text(" ").block(body), own)
            }
            Form::Constant => (
                head(item("function in a constant"), format!("const {name} = {asynchronous}function "))
                    .text(" ")
                    .block(body)
                    .end(),
                own,
            ),
            Form::Arrow => (
                head(item("arrow function"), format!("const {name} = {asynchronous}")).text(" => ").block(body).end(),
                own,
            ),
            Form::Export => {
                let inner = if self.dice.chance(40) { format!(" {name}") } else { String::new() };
                let text = format!("exports.{name} = {asynchronous}function{inner} ");
                (head(item("exported function"), text).text(" ").block(body).end(), Vec::new())
            }
            Form::Prototype => {
                let class = format!("Store_{name}");
                let text = format!(
                    "function {class}(client) {{ this.client = client }}\n{class}.prototype.{name} = {asynchronous}function "
                );
                (head(item("method of a prototype"), text).text(" ").block(body).end(), vec![class])
            }
            Form::Class => {
                // The class itself has no `db`: such a method would fail in its first line.
                let has_db = body.iter().any(|n| n.text_of_calls().contains("this.db"));
                let is_static = if self.dice.chance(15) && !has_db { "static " } else { "" };
                let method = head(Node::new(Sort::Part, "method"), format!("{is_static}{asynchronous}{name}"))
                    .text(" ")
                    .block(body);
                let helper = Node::new(Sort::Part, "helper method")
                    .text(is_static)
                    .text("m0(v")
                    .typed(": any")
                    .text(") { return f3(v) }");
                let class = format!("K_{name}");
                let text = format!("class {class} ");
                (item("class").text(text).list(vec![helper, method], Layout::Block, 2), vec![class])
            }
            Form::Object => {
                let method = if self.dice.chance(50) {
                    head(Node::new(Sort::Part, "method"), format!("{asynchronous}{name}"))
                        .text(" ")
                        .block(body)
                        .text(",")
                } else {
                    head(Node::new(Sort::Part, "property"), format!("{name}: {asynchronous}function "))
                        .text(" ")
                        .block(body)
                        .text(",")
                };
                let helper =
                    Node::new(Sort::Part, "helper method").text("m0(v").typed(": any").text(") { return f3(v) },");
                let object = format!("store_{name}");
                let text = format!("const {object} = ");
                (item("object").text(text).list(vec![helper, method], Layout::Block, 2).end(), vec![object])
            }
        }
    }

    /// The parameters, the body, the type of what is returned, and whether others may call it with a callback.
    fn signature_and_body(&mut self, is_async: bool, has_this: bool) -> (Vec<Node>, Vec<Node>, &'static str, bool) {
        let parameter = |text: &str| Node::new(Sort::Part, "parameter").text(text.to_owned()).typed(": any");
        if self.family == Family::Callbacks {
            let parameters = self.dice.pick(&[&["a"][..], &["a", "b"], &["id", "opts"], &["x"], &[]]);
            let callback = self.dice.pick(&["cb", "cb", "callback", "done", "next"]);
            let mut list: Vec<_> = parameters.iter().map(|name| parameter(name)).collect();
            list.push(parameter(callback));
            let (mut body, waits) = self.callback_function(parameters, callback, has_this);
            if self.dice.chance(3) {
                body.insert(0, Node::statement("directive").text("'use strict'").end());
            }
            return (list, body, "", waits);
        }
        let mut list = Vec::new();
        for name in super::POOL {
            if self.dice.chance(22) {
                let holds = if self.dice.chance(30) { Holds::Variable } else { Holds::Value };
                self.scopes.declare_parameter(name, holds);
                list.push(match self.dice.percent() {
                    0..6 => Node::new(Sort::Part, "parameter with a default").text(format!("{name} = 1")),
                    6..10 => Node::new(Sort::Part, "parameter that is taken apart").text(format!("{{ {name} }} = lib")),
                    _ => parameter(name),
                });
            }
        }
        let mut body =
            if self.family == Family::Waits { self.waiting_function() } else { self.chain_function(is_async) };
        // A directive is an error beside parameters that are not simple.
        if self.dice.chance(4) && list.iter().all(|node| node.shape == "parameter") {
            body.insert(0, Node::statement("directive").text("'use strict'").end());
        }
        (list, body, ": Promise<any>", false)
    }
}
