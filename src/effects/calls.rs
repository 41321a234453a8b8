//! What is known of the calls in a piece of code.

use std::ops::Range;

use tree_sitter::Node;

use super::{
    arguments::is_dry_run,
    locks::is_exclusive,
    objects::{plain, text_of},
    read::Reader,
    verbs::{LEVELS, LOGS, Verb, is_cache, is_stateful, is_transaction, is_viewed, verb, words},
};
use crate::{
    apis::effects::{Does, Effect, Kind, What},
    project::effects::{Argument, Call, Key, Knowledge, Object, Place, Resource, Root},
    semantic::BindingKind,
    syntax::node::{is_function, named_children, walk},
};

/// Methods that change the list, map or set that they are called on, and what else has such methods may well be one.
const CHANGING: &[&str] =
    &["add", "clear", "delete", "fill", "pop", "push", "reverse", "set", "shift", "sort", "splice", "unshift"];

/// What the objects are called whose methods check what a test expects.
const ASSERTING: &[&str] = &["assert", "chai", "expect", "should", "t", "tap", "test"];

/// Nouns that methods go by which look at the page of a browser.
const LOOKED_AT: &[&str] =
    &["boundingBox", "cookies", "innerHTML", "innerText", "inputValue", "jsonValue", "nth", "textContent", "title"];

/// What functions that hand a result or a failure back are called.
const SETTLERS: &[&str] = &["callback", "cb", "done", "reject", "resolve"];

impl<'c, 'a> Reader<'c, 'a> {
    pub(super) fn call(&mut self, call: Node<'c>) {
        let range = call.byte_range();
        let Some((callee, nodes)) = parts(call) else {
            self.code().can_fail = true;
            self.tagged(call);
            return;
        };
        // The grammar reads `await f<T>()` as a call of `await f`.
        let mut bound = None;
        let callee = match plain(callee) {
            awaited if awaited.kind() == "await_expression" && call.child_by_field_name("type_arguments").is_some() => {
                let inner = named_children(awaited).first().map_or(awaited, |inner| plain(*inner));
                bound = Some(inner.byte_range());
                inner
            }
            callee => callee,
        };
        if self.cx().text(callee) == "await" && self.cx().names.reference_at(callee.start_byte()).is_none() {
            // `await (f()).g()`: the grammar takes the word for a function where it could be one.
            self.code().can_fail = true;
            return;
        }
        if is_function(callee) || self.is_read_along(callee) {
            self.code().can_fail = true;
            return;
        }
        let is_new = call.kind() == "new_expression";
        let is_member = matches!(callee.kind(), "member_expression" | "subscript_expression");
        let name = match callee.kind() {
            "identifier" | "super" | "import" => self.cx().text(callee),
            "member_expression" => callee.child_by_field_name("property").map_or("", |p| self.cx().text(p)),
            _ => "",
        };
        let spread = nodes.iter().any(|n| n.kind() == "spread_element");
        let arguments: Vec<Argument> = nodes.iter().map(|n| self.argument(*n)).collect();
        let receiver = callee.child_by_field_name("object").filter(|_| is_member).map(|o| self.object(o));
        let mut one = Call {
            range: range.clone(),
            callee: text_of(self.cx(), callee),
            name: name.to_owned(),
            is_new,
            is_settled: false,
            bound,
            handed_in: self.handed_in(callee),
            receiver,
            arguments: (!spread).then_some(arguments),
            filled: Vec::new(),
            known: None,
            is_bare: self.is_bare(),
            is_outermost: self.is_outermost(),
        };
        let callee = self.unbound(callee, &mut one);
        self.know(call, callee, &nodes, &mut one);
        one.filled = self.filled(&nodes, &one);
        // What is only made of something does not act on it yet.
        let only_looks = is_new || verb(&one.name) == Some(Verb::Reads) || one.name.starts_with('$');
        if !is_exclusive(&nodes, &one) && self.given_back(callee, &one).is_none() {
            self.stateful(callee, &nodes, only_looks, &range);
        }
        self.code().calls.push(one);
    }

    /// The function that `f.call(x, …)` and `f.apply(x, …)` call, and `g()` behind `const g = f.bind(x)`.
    fn unbound(&mut self, callee: Node<'c>, one: &mut Call) -> Node<'c> {
        if let Some(function) = self.objects.bound(callee) {
            self.stands_for(function, one);
            (one.receiver, one.arguments) = (None, None);
            return function;
        }
        let object = callee.child_by_field_name("object").map(plain);
        let is_name = |n: &Node<'_>| matches!(n.kind(), "identifier" | "member_expression");
        let Some(function) = object.filter(is_name).filter(|_| matches!(one.name.as_str(), "apply" | "call")) else {
            return callee;
        };
        self.stands_for(function, one);
        let mut handed = one.arguments.take().unwrap_or_default();
        let this = (!handed.is_empty()).then(|| handed.remove(0));
        one.receiver = match this {
            Some(Argument::Object { object, .. }) => Some(object),
            _ => None,
        };
        let is_call = callee.child_by_field_name("property").is_some_and(|p| self.cx().text(p) == "call");
        one.arguments = is_call.then_some(handed);
        function
    }

    /// Has a call go by the function that it really calls.
    fn stands_for(&self, function: Node<'c>, one: &mut Call) {
        one.bound = Some(function.byte_range());
        one.callee = text_of(self.cx(), function);
        let name = function.child_by_field_name("property").unwrap_or(function);
        self.cx().text(name).clone_into(&mut one.name);
    }

    /// Whether nobody looks at what the call that is waited for comes to.
    fn is_bare(&self) -> bool {
        let kind = |level| self.around(level).map_or("", |n| n.kind());
        self.is_outermost() && kind(0) == "await_expression" && kind(1) == "expression_statement"
    }

    /// A template with a tag: the tag is called.
    fn tagged(&mut self, call: Node<'c>) {
        let tag = call.child_by_field_name("function").map_or("", |f| self.cx().text(f));
        match tag {
            "String.raw" => {}
            "css" | "dedent" | "gql" | "graphql" | "html" => {
                self.code().presumed.push(format!("`{tag}` only puts a text together"));
            }
            _ => self.code().unknown.push(call.byte_range()),
        }
    }

    fn argument(&mut self, node: Node<'c>) -> Argument {
        let value = plain(node);
        let is_inert = is_function(value)
            || self.objects.kind(value) == Some(Kind::Text)
            || value.kind() == "object" && holds_only_literals(value)
            || self.objects.exported_effect(value).is_some_and(|e| e.does == Does::Pure);
        if is_inert {
            return Argument::Inert;
        }
        let text = text_of(self.cx(), value);
        // A parameter may hold another function than the file knows by that name.
        let binding = self.cx().names.reference_at(value.start_byte()).and_then(|r| r.binding);
        let is_handed_in = value.kind() == "identifier" && binding.is_some_and(|b| self.is_parameter(b));
        let text = if is_handed_in { format!("what `{text}` is") } else { text };
        let holds = self.objects.held(value);
        Argument::Object { object: self.object(value), text, range: value.byte_range(), holds }
    }

    /// The way to a callee that is a parameter, or a property of one that has no verb for a name.
    fn handed_in(&mut self, callee: Node<'c>) -> Option<Object> {
        if callee.kind() != "identifier" {
            return None;
        }
        let binding = self.cx().names.reference_at(callee.start_byte())?.binding?;
        if SETTLERS.contains(&self.cx().text(callee)) {
            return None;
        }
        self.is_parameter(binding).then(|| Object::of(Root::Binding(binding)))
    }

    /// Finds out what is known of a callee that is no function of the project.
    fn know(&mut self, call: Node<'c>, callee: Node<'c>, nodes: &[Node<'c>], one: &mut Call) {
        let effects = self.cx().apis.effects();
        if let Some(effect) = effects.callee(&one.callee) {
            one.is_settled = true;
            one.known = Some(self.by_effect(effect, nodes, one));
            return;
        }
        let receiver = callee.child_by_field_name("object").map(|o| last_name(self.cx().text(plain(o))));
        if receiver.is_some_and(|r| r != "console") && is_log(receiver, &one.name) {
            one.is_settled = true;
            one.known = Some(noted(one));
            return;
        }
        if one.is_new {
            one.known = Some(self.made(call, callee, one));
            return;
        }
        if let Some(effect) = self.objects.effect_of(call, 0) {
            let receiver = callee.child_by_field_name("object");
            one.is_settled = receiver.is_some_and(|r| self.objects.kind(r).is_some());
            one.known = Some(self.by_effect(effect, nodes, one));
            return;
        }
        one.known = self.by_name(call, callee, nodes, one);
    }

    /// What a row of the table says about a call.
    fn by_effect(&mut self, effect: &Effect, nodes: &[Node<'c>], one: &Call) -> Knowledge {
        let (does, decided) = self.decided(effect, nodes);
        let by_user = effect.by_user.then(|| format!("`{}` is what `unpyramid.toml` says it is", one.callee));
        let mut known = Knowledge {
            calls_back: effect.calls_back.clone(),
            guards: does == Does::Guards,
            never_fails: effect.never_fails,
            presumed: by_user.or(decided),
            ..Knowledge::default()
        };
        let is_written = does == Does::Writes;
        let place = match effect.what {
            What::Nothing => None,
            What::Receiver => one.receiver.clone().map(|object| Place::Property(object, Key::Any)),
            What::Argument => first_object(one).map(|object| Place::Property(object, Key::Any)),
            what => Some(Place::World(self.resource(what, effect.named_by, nodes))),
        };
        if let Some(place) = place {
            known.touches.push((place.clone(), false));
            known.touches.extend(is_written.then_some((place, true)));
        } else if matches!(does, Does::Writes) {
            known.touches.push((Place::World(Resource::Anything), true));
        }
        let handed = one.arguments.iter().flatten().flat_map(Argument::objects);
        known.touches.extend(handed.map(|object| (Place::Inside(object.clone()), false)));
        known
    }

    /// What making an object does.
    fn made(&mut self, call: Node<'c>, callee: Node<'c>, one: &Call) -> Knowledge {
        let is_global = callee.kind() == "identifier"
            && self.cx().names.reference_at(callee.start_byte()).is_some_and(|r| r.binding.is_none());
        if is_global && one.callee == "Promise" {
            return Knowledge { calls_back: vec![0], ..Knowledge::default() };
        }
        let mut known = Knowledge::default();
        for argument in one.arguments.iter().flatten() {
            if let Argument::Object { object, .. } = argument {
                known.touches.push((Place::Property(object.clone(), Key::Any), false));
            }
        }
        if self.objects.class_kind(call).is_none() {
            known.presumed = Some(format!("`new {}` only makes an object", short(&one.callee)));
        }
        known
    }

    /// What a callee's name says.
    fn by_name(&mut self, call: Node<'c>, callee: Node<'c>, nodes: &[Node<'c>], one: &Call) -> Option<Knowledge> {
        let receiver = callee.child_by_field_name("object").map(|o| last_name(self.cx().text(plain(o))));
        match (callee.kind(), one.callee.as_str()) {
            ("import", _) | (_, "require" | "require.resolve") => {
                return Some(Knowledge {
                    touches: vec![(Place::World(Resource::Files(None)), false)],
                    presumed: Some(format!("loading `{}` changes nothing", short(self.cx().text(call)))),
                    ..Knowledge::default()
                });
            }
            ("super", _) => {
                return Some(Knowledge {
                    presumed: Some("`super` only makes an object".into()),
                    ..Knowledge::default()
                });
            }
            _ => {}
        }
        if receiver.is_none() && SETTLERS.contains(&one.name.as_str()) {
            return Some(self.settler(callee));
        }
        if is_log(receiver, &one.name) {
            return Some(noted(one));
        }
        if let Some(known) = self.locked(callee, nodes, one) {
            return Some(known);
        }
        let fills = receiver.is_some_and(is_cache) && matches!(one.name.as_str(), "add" | "put" | "set" | "store");
        if let Some(object) = one.receiver.clone().filter(|_| fills || self.is_changing_here(one)) {
            let place = Place::Property(object, Key::Any);
            return Some(Knowledge {
                touches: vec![(place.clone(), false), (place, true)],
                presumed: Some(format!(
                    "`{}` changes nothing but `{}`",
                    short(&one.callee),
                    short(receiver.unwrap_or_default())
                )),
                ..Knowledge::default()
            });
        }
        if let Some(known) = self.by_method(callee, one) {
            return Some(known);
        }
        if receiver.is_some_and(|r| ASSERTING.contains(&r)) {
            return Some(self.by_verb(Verb::Checks, one));
        }
        let looks = || LOOKED_AT.contains(&one.name.as_str()) || self.is_called_as_its_result(one);
        let verb = match verb(&one.name).or_else(|| looks().then_some(Verb::Reads))? {
            Verb::Writes | Verb::Makes | Verb::Prepares if is_dry_run(self.cx(), nodes) => return Some(tried(one)),
            Verb::Reads if one.name.to_lowercase().contains("request") && !self.is_asking(nodes) => Verb::Writes,
            verb => verb,
        };
        Some(self.by_verb(verb, one))
    }

    /// Whether a method goes by the noun that its result is called by: `const ownId = await own.id()`.
    fn is_called_as_its_result(&self, one: &Call) -> bool {
        let declarator = self.around(1).filter(|n| n.kind() == "variable_declarator");
        let is_awaited = self.around(0).is_some_and(|n| n.kind() == "await_expression");
        let target = declarator.and_then(|d| d.child_by_field_name("name")).filter(|n| n.kind() == "identifier");
        let asks = is_awaited && one.receiver.is_some() && one.arguments.as_ref().is_some_and(Vec::is_empty);
        target.filter(|_| asks).is_some_and(|target| words(self.cx().text(target)).ends_with(&words(&one.name)))
    }

    /// What a function does that hands a result back. One that is a parameter does nothing but that.
    fn settler(&self, callee: Node<'c>) -> Knowledge {
        let binding = self.cx().names.reference_at(callee.start_byte()).and_then(|r| r.binding);
        let is_parameter = binding.is_some_and(|b| self.cx().names.binding(b).kind == BindingKind::Parameter);
        let is_executor = is_parameter && self.around_executor(callee);
        Knowledge {
            never_fails: is_executor,
            presumed: (!is_executor).then(|| format!("`{}` only hands a result back", short(self.cx().text(callee)))),
            ..Knowledge::default()
        }
    }

    /// Whether a callee is a parameter of the function that is handed to `new Promise`.
    fn around_executor(&self, callee: Node<'c>) -> bool {
        // Where it takes long to look around, nothing is judged.
        if self.cx().file.too_deep(&callee.byte_range()).is_some() {
            return false;
        }
        let Some(binding) = self.cx().names.reference_at(callee.start_byte()).and_then(|r| r.binding) else {
            return false;
        };
        let Some(declared) = crate::flow::classify::declaration_node(self.cx(), binding) else { return false };
        let function = crate::syntax::node::ancestors(declared).find(|n| is_function(*n));
        let made = function.and_then(|f| f.parent()).and_then(|arguments| arguments.parent());
        made.is_some_and(|m| {
            m.kind() == "new_expression"
                && m.child_by_field_name("constructor").is_some_and(|c| self.cx().text(c) == "Promise")
        })
    }

    /// Whether a call is that of a method which changes its receiver and nothing else: a statement of its own that nobody
    /// waits for.
    fn is_changing_here(&self, one: &Call) -> bool {
        let is_statement = self.around(0).is_some_and(|p| p.kind() == "expression_statement");
        let is_list = matches!(one.name.as_str(), "push" | "unshift" | "pop" | "shift" | "splice" | "sort" | "reverse");
        let is_awaited = self.around(0).is_some_and(|p| p.kind() == "await_expression");
        CHANGING.contains(&one.name.as_str()) && (is_statement || is_list && !is_awaited)
    }

    /// What a method does that goes by a name which lists, texts and the like have for one of theirs. Nobody waits for those.
    fn by_method(&mut self, callee: Node<'c>, one: &Call) -> Option<Knowledge> {
        let is_awaited = self.around(0).is_some_and(|p| p.kind() == "await_expression");
        let is_step = matches!(one.name.as_str(), "catch" | "finally" | "then");
        let object = callee.child_by_field_name("object").filter(|_| !is_awaited || is_step)?;
        // What is handed on may be a promise, and what has these methods a client or a database.
        if self.is_kept() && matches!(one.name.as_str(), "entries" | "find" | "get" | "has" | "keys" | "values") {
            return None;
        }
        let effects = self.cx().apis.effects();
        let kinds = [Kind::List, Kind::Text, Kind::Map, Kind::Value, Kind::Promise];
        let effect =
            kinds.into_iter().find_map(|kind| effects.method(kind, &one.name)).filter(|e| e.does != Does::Writes)?;
        let what = short(self.cx().text(object));
        let mut known = self.by_effect(effect, &[], one);
        known.presumed = Some(format!("`{what}` is a list, a text or the like, whose `{}` changes nothing", one.name));
        Some(known)
    }

    /// Whether a call is waited for, or its result handed on to whoever may wait.
    fn is_kept(&self) -> bool {
        self.around(0).is_some_and(|p| matches!(p.kind(), "await_expression" | "return_statement" | "arrow_function"))
    }

    fn by_verb(&self, verb: Verb, one: &Call) -> Knowledge {
        let is_kept = self.is_kept();
        let anything = || Place::World(Resource::Anything);
        let (touches, says, guards) = match verb {
            Verb::Makes if !is_kept || makes_value(&one.name) => (Vec::new(), "only makes something", false),
            Verb::Reads => (vec![(anything(), false)], "only reads", false),
            Verb::Checks => (vec![(anything(), false)], "only checks", !asks(&one.name) || one.is_bare),
            Verb::Waits => (vec![(Place::World(Resource::Clock), false)], "only waits", true),
            Verb::Writes | Verb::Prepares if self.is_apart() && !is_kept && !goes_out(&one.name) => {
                let some = Place::Property(Object::of(Root::Unknown), Key::Any);
                (vec![(some.clone(), false), (some, true)], "changes something in memory", false)
            }
            Verb::Prepares => (vec![(anything(), false), (anything(), true)], "prepares something", true),
            Verb::Writes | Verb::Makes => (vec![(anything(), false), (anything(), true)], "writes", false),
        };
        let presumed = Some(format!("`{}` {says}, by its name", short(&one.callee)));
        Knowledge { touches, guards, presumed, ..Knowledge::default() }
    }

    /// Notes objects with a state of their own that a call is made on, or is handed.
    fn stateful(&mut self, callee: Node<'c>, arguments: &[Node<'c>], only_looks: bool, range: &Range<usize>) {
        let mut found = Vec::new();
        let mut holder = callee.child_by_field_name("object").map(plain);
        // `page.keyboard.press`, `cy.get('a').click`
        while let Some(node) = holder {
            let (name, next) = match node.kind() {
                "identifier" => (Some(node), None),
                "member_expression" => (node.child_by_field_name("property"), node.child_by_field_name("object")),
                "call_expression" => (None, node.child_by_field_name("function")),
                "new_expression" => {
                    // `new Blob(parts).stream().pipeThrough(…)`: what was made here is nobody else's.
                    found.clear();
                    (None, None)
                }
                _ => (None, None),
            };
            if name.is_some_and(|n| is_stateful(self.cx().text(n))) {
                found.push((node, name));
            }
            holder = next.map(plain);
        }
        for argument in arguments {
            let argument = plain(*argument);
            let parts = if argument.kind() == "object" { named_children(argument) } else { vec![argument] };
            for part in parts {
                let value = plain(part.child_by_field_name("value").unwrap_or(part));
                let name = match value.kind() {
                    "identifier" | "shorthand_property_identifier" => Some(value),
                    "member_expression" => value.child_by_field_name("property"),
                    _ => None,
                };
                // `find(id, { transaction: t })`
                let key =
                    part.child_by_field_name("key").filter(|k| name.is_some() && is_transaction(self.cx().text(*k)));
                if key.is_some() || name.is_some_and(|n| is_stateful(self.cx().text(n))) {
                    found.push((value, key.or(name)));
                }
            }
        }
        for (node, name) in found {
            let place = Place::State(self.object(node));
            if only_looks && name.is_some_and(|n| is_viewed(self.cx().text(n))) {
                self.read(place, range.clone());
            } else {
                self.write(place, range.clone());
            }
        }
    }
}

/// What a call does that notes something in a log.
fn noted(one: &Call) -> Knowledge {
    Knowledge {
        touches: vec![(Place::World(Resource::Log), true)],
        presumed: Some(format!("`{}` only notes something in a log", short(&one.callee))),
        ..Knowledge::default()
    }
}

/// What a call does that is asked to change nothing.
fn tried(one: &Call) -> Knowledge {
    Knowledge {
        touches: vec![(Place::World(Resource::Anything), false)],
        presumed: Some(format!("`{}` changes nothing, as it is only tried out", short(&one.callee))),
        ..Knowledge::default()
    }
}

/// A call's callee and its arguments, with `new` and `?.` or without.
fn parts(call: Node<'_>) -> Option<(Node<'_>, Vec<Node<'_>>)> {
    let callee = call.child_by_field_name("function").or_else(|| call.child_by_field_name("constructor"))?;
    match call.child_by_field_name("arguments") {
        Some(arguments) if arguments.kind() == "arguments" => Some((callee, named_children(arguments))),
        Some(_) => None,
        None => Some((callee, Vec::new())),
    }
}

/// Whether an object literal holds nothing that could be called but functions written in place.
fn holds_only_literals(object: Node<'_>) -> bool {
    let mut all = true;
    walk(object, |n| {
        if n != object && is_function(n) {
            return false;
        }
        let is_key = n.parent().is_some_and(|p| p.kind() == "pair" && p.child_by_field_name("key") == Some(n));
        all &= is_key
            || !matches!(
                n.kind(),
                "identifier"
                    | "shorthand_property_identifier"
                    | "member_expression"
                    | "subscript_expression"
                    | "call_expression"
                    | "spread_element"
                    | "new_expression"
            );
        all
    });
    all
}

fn first_object(call: &Call) -> Option<Object> {
    match call.arguments.as_ref().map(|all| all.first()) {
        Some(Some(Argument::Object { object, .. })) => Some(object.clone()),
        Some(_) => None,
        None => Some(Object::of(Root::Unknown)),
    }
}

/// The last name of an expression: `logger` for `this.logger`.
pub(super) fn last_name(text: &str) -> &str {
    let text = text.trim_end_matches(')').trim_end_matches('(');
    text.rsplit(['.', '?']).next().unwrap_or_default()
}

/// Whether a callee notes something in a log.
fn is_log(receiver: Option<&str>, name: &str) -> bool {
    match receiver {
        None => matches!(name, "debug" | "log" | "verbose" | "warn"),
        Some(receiver) => {
            let last = words(receiver).pop().unwrap_or_default();
            LOGS.contains(&last.as_str()) && LEVELS.contains(&name)
        }
    }
}

/// Whether a check answers rather than fails, so that it guards only where nobody looks at the answer.
fn asks(name: &str) -> bool {
    words(name).iter().any(|w| matches!(w.as_str(), "access" | "can" | "check" | "should"))
}

/// Whether what a function of that name makes is a value, and nothing that could be kept outside: `createUrl`.
fn makes_value(name: &str) -> bool {
    const VALUES: &[&str] = &["date", "error", "html", "message", "path", "regex", "string", "text", "uri", "url"];
    words(name).last().is_some_and(|last| VALUES.contains(&last.as_str()))
}

/// Whether what a function of that name does goes out of the program, also where nobody waits for it.
fn goes_out(name: &str) -> bool {
    const OUT: &[&str] = &[
        "broadcast",
        "charge",
        "chmod",
        "close",
        "commit",
        "connect",
        "copy",
        "deliver",
        "deploy",
        "destroy",
        "dispatch",
        "emit",
        "end",
        "exec",
        "execute",
        "flush",
        "kill",
        "login",
        "mkdir",
        "mkdirp",
        "move",
        "notify",
        "open",
        "pay",
        "post",
        "print",
        "publish",
        "rename",
        "rm",
        "rmdir",
        "rollback",
        "save",
        "send",
        "spawn",
        "start",
        "stop",
        "submit",
        "trigger",
        "unlink",
        "upload",
        "write",
    ];
    name.ends_with("Sync") || words(name).iter().any(|word| OUT.contains(&word.as_str()))
}

/// A callee in one short line.
pub(super) fn short(callee: &str) -> String {
    let line: String = callee.split_whitespace().collect();
    match line.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
