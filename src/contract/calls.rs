//! The paths through calls: of the callback itself, of local functions around it, and of other functions that are
//! handed either.

use tree_sitter::Node;

use crate::{
    flow::{chain::parameters, wrapper::called_name},
    syntax::node::{is_async, is_function, named_children, unparenthesized},
};

use super::{
    CallbackUse, Times, Timing,
    handles::{Handles, owner},
    interpreter::{Interpreter, Task},
    parameter::{has_callback_name, is_error},
    parameter_name,
    paths::Paths,
    values::{self, Callable},
};

/// A call, taken apart: `f(a)`, `f?.(a)`, `f.call(this, a)`.
#[derive(Clone, Debug)]
pub(super) struct Parts<'a> {
    /// What is called, without parentheses; `f` in `f.call(…)` if that is known to be a function.
    pub(super) callee: Node<'a>,
    /// The arguments, without comments.
    pub(super) arguments: Vec<Node<'a>>,
}

impl<'a> Interpreter<'_, 'a> {
    fn parts(&self, call: Node<'a>) -> Option<Parts<'a>> {
        let arguments = call.child_by_field_name("arguments").filter(|a| a.kind() == "arguments")?;
        let callee = unparenthesized(call.child_by_field_name("function")?);
        Some(Parts { callee, arguments: named_children(arguments) })
    }

    pub(super) fn callable(&self, node: Node<'a>) -> Option<Callable<'a>> {
        values::callable(self.cx, self.handles, node)
    }

    /// Whether what a call calls is the callback, or a function around it.
    pub(super) fn calls_a_callable(&self, call: Node<'a>) -> bool {
        self.parts(call).is_some_and(|p| self.callable(p.callee).is_some())
    }

    /// A call of anything.
    pub(super) fn call(&mut self, node: Node<'a>, paths: Paths) -> Paths {
        let Some(parts) = self.parts(node) else { return self.lost_in(node, paths) };
        self.calls_seen += 1;
        if let Some(callable) = self.callable(parts.callee) {
            return self.direct_call(node, callable, &parts.arguments, paths);
        }
        if let Some(paths) = self.list_method(node, &parts, paths.clone()) {
            return paths;
        }
        if let Some((object, property)) = member(parts.callee) {
            let name = self.cx.text(property);
            if matches!(name, "call" | "apply")
                && let Some(callable) = self.callable(object)
            {
                return self.direct_call(node, callable, &parts.arguments, paths);
            }
            if name == "bind" && self.callable(object).is_some() {
                // A bound callback that comes up as a value.
                self.lose(node, &paths);
                return paths;
            }
            if self.is_chain(node) {
                return self.chain(node, paths);
            }
            if name == "apply" && self.is_own_arguments(&parts) {
                let paths = self.evaluate(object, paths);
                self.throw(&paths);
                return self.handed_last(node, Callable::Callback, paths);
            }
            if name == "apply" {
                return self.applied(node, &parts, paths);
            }
        }
        let paths = match member(parts.callee) {
            Some((object, property)) => {
                let paths = self.receiver(object, paths);
                if property.kind() == "property_identifier" { paths } else { self.evaluate(property, paths) }
            }
            None => self.evaluate(parts.callee, paths),
        };
        self.arguments(node, &parts, paths)
    }

    /// What a method is called on. `check(store, callback).save()`: where there is nothing, the call throws.
    fn receiver(&mut self, object: Node<'a>, paths: Paths) -> Paths {
        let object = unparenthesized(object);
        let arguments = self.parts(object).map(|p| p.arguments);
        let given = arguments.and_then(|a| a.iter().position(|a| self.callable(*a) == Some(Callable::Callback)));
        let known = given.and_then(|index| self.oracle.of_call(self.cx, object, index));
        if !matches!(known.map(|k| k.times), Some(Times::When(_))) {
            return self.evaluate(object, paths);
        }
        let (something, nothing) = self.condition(object, paths);
        self.throw(&nothing);
        something
    }

    /// A call of the callback, or of a local function around it.
    fn direct_call(
        &mut self,
        node: Node<'a>,
        callable: Callable<'a>,
        arguments: &[Node<'a>],
        mut paths: Paths,
    ) -> Paths {
        for argument in arguments {
            paths = match (callable, self.callable(*argument)) {
                (Callable::Function(function), Some(given)) if function != self.handles.function => {
                    let index = arguments.iter().position(|a| a == argument).unwrap_or(0);
                    self.handed(node, given, index, arguments, paths)
                }
                // The callback handed to itself.
                (_, Some(_)) => self.lost_in(*argument, paths),
                (_, None) => self.evaluate(*argument, paths),
            };
        }
        if let Callable::Function(function) = callable {
            if is_async(function) && self.now == Timing::Sync {
                self.now = Timing::Unknown;
                let after = self.run_function(function, paths);
                self.now = Timing::Sync;
                return after;
            }
            return self.run_function(function, paths);
        }
        // A callback that has been taken away is not called: what stands in its place does nothing.
        let callee = self.parts(node).map(|p| member(p.callee).map_or(p.callee, |(object, _)| object));
        let (given, taken) = match callee.map(unparenthesized).filter(|c| c.kind() == "identifier") {
            Some(name) => self.callback_is_given(name, paths),
            None => (paths, Paths::default()),
        };
        self.hit(node, Timing::Sync, given).and(taken)
    }

    /// The paths on which a name for the callback still stands for it.
    fn callback_is_given(&self, name: Node<'a>, paths: Paths) -> (Paths, Paths) {
        match Handles::binding_of(self.cx, name) {
            Some(binding) => paths.split(|path| Some(path.facts.get(&binding).copied().unwrap_or(true))),
            None => (paths, Paths::default()),
        }
    }

    /// `f.apply(this, [a, callback])`; with anything else as the list, its values are lost.
    fn applied(&mut self, node: Node<'a>, parts: &Parts<'a>, paths: Paths) -> Paths {
        let list = parts.arguments.get(1).map(|list| unparenthesized(*list));
        if let Some(paths) = list.and_then(|list| self.applied_list(node, list, paths.clone())) {
            return paths;
        }
        let list = parts.arguments.get(1).map(|a| unparenthesized(*a)).filter(|a| a.kind() == "array");
        let Some(list) = list else { return self.arguments(node, parts, paths) };
        let items = named_children(list);
        let mut paths = paths;
        for (index, item) in items.iter().enumerate() {
            paths = match self.callable(*item) {
                Some(given) if index + 1 == items.len() => self.handed_last(node, given, paths),
                Some(_) => self.lost_in(*item, paths),
                None => self.evaluate(*item, paths),
            };
        }
        self.throw(&paths);
        paths
    }

    /// Whether a call hands on all arguments of the function: `f.apply(this, arguments)`.
    fn is_own_arguments(&self, parts: &Parts<'a>) -> bool {
        let callee = self.cx.text(parts.callee);
        if callee.starts_with("console.") || callee.starts_with("debug") || callee.contains("log") {
            return false;
        }
        parts
            .arguments
            .last()
            .is_some_and(|list| self.cx.text(*list) == "arguments" && owner(*list) == Some(self.handles.function))
    }

    /// The arguments of a call: first what is evaluated, then what the callee does with those that it can call.
    fn arguments(&mut self, node: Node<'a>, parts: &Parts<'a>, mut paths: Paths) -> Paths {
        for argument in &parts.arguments {
            if self.callable(*argument).is_none() {
                paths = self.evaluate(*argument, paths);
            }
        }
        self.throw(&paths);
        if let Some(paths) = self.either(node, parts, &paths) {
            return paths;
        }
        for (index, argument) in parts.arguments.iter().enumerate() {
            if let Some(given) = self.callable(*argument) {
                paths = self.bound_arguments(*argument, paths);
                paths = self.handed(node, given, index, &parts.arguments, paths);
            }
        }
        paths
    }

    /// Several callables are handed to a callee that calls one of them.
    fn either(&mut self, node: Node<'a>, parts: &Parts<'a>, paths: &Paths) -> Option<Paths> {
        let given: Vec<_> = parts.arguments.iter().map(|a| self.callable(*a)).collect();
        let indices: Vec<_> = (0..given.len()).filter(|index| given[*index].is_some()).collect();
        let known = if indices.len() > 1 { self.oracle.of_call_with(self.cx, node, &indices) } else { None }?;
        if known.is_presumed {
            self.presumed.insert((node.start_byte(), node.end_byte()));
        }
        let mut out = Paths::default();
        for one in given.into_iter().flatten() {
            out.add(self.used(node, one, known, paths.clone()));
        }
        Some(out)
    }

    /// `callback.bind(null, f(x))`: what is bound is evaluated now.
    fn bound_arguments(&mut self, argument: Node<'a>, mut paths: Paths) -> Paths {
        let argument = unparenthesized(argument);
        let bound = self.parts(argument).filter(|p| called_name(self.cx, p.callee) == "bind");
        for value in bound.map(|p| p.arguments).unwrap_or_default() {
            if self.callable(value).is_none() {
                paths = self.evaluate(value, paths);
            }
        }
        paths
    }

    /// A callable is handed to a callee as one of its arguments.
    fn handed(
        &mut self,
        node: Node<'a>,
        given: Callable<'a>,
        index: usize,
        arguments: &[Node<'a>],
        paths: Paths,
    ) -> Paths {
        if self.is_cleared_timer(node) {
            self.lose(node, &paths);
            return paths;
        }
        match self.oracle.of_call(self.cx, node, index) {
            Some(known) => {
                if known.is_presumed {
                    self.presumed.insert((node.start_byte(), node.end_byte()));
                }
                self.used(node, given, known, paths)
            }
            None if index + 1 == arguments.len() || self.is_only_function(given, arguments) => {
                self.handed_last(node, given, paths)
            }
            None => {
                self.lose(node, &paths);
                paths
            }
        }
    }

    /// Whether a function that takes nothing, as no iterator's does, is the only one among the arguments of a call.
    fn is_only_function(&self, given: Callable<'a>, arguments: &[Node<'a>]) -> bool {
        let takes_nothing = matches!(given, Callable::Function(function) if parameters(function).is_empty());
        let others = arguments.iter().filter(|a| is_function(unparenthesized(**a)) || self.callable(**a).is_some());
        takes_nothing && others.count() == 1
    }

    /// A timer in a function that also stops timers: it may never run.
    fn is_cleared_timer(&self, call: Node<'a>) -> bool {
        let name = call.child_by_field_name("function").map(|callee| called_name(self.cx, callee));
        let is_timer = matches!(name, Some("setTimeout" | "setImmediate"));
        let code = self.cx.text(self.handles.function);
        is_timer && (code.contains("clearTimeout") || code.contains("clearImmediate"))
    }

    /// A callable is the last argument of a callee of which nothing is known: it is presumed to call it once, if it
    /// looks like a function that is called when something is done. One that takes something else than an error may be
    /// called for each of many things.
    pub(super) fn handed_last(&mut self, node: Node<'a>, given: Callable<'a>, paths: Paths) -> Paths {
        let callee = node.child_by_field_name("function");
        let is_iterated = callee.is_some_and(|c| self.cx.text(c).starts_with("async."));
        if let Callable::Function(function) = given
            && (!self.may_take_an_error(function) || is_iterated && self.is_task(function))
        {
            self.lose(node, &paths);
            return paths;
        }
        self.presumed.insert((node.start_byte(), node.end_byte()));
        self.used(node, given, CallbackUse::new(Times::Once, Timing::Unknown), paths)
    }

    /// Whether a function has no parameter, or a first one that is named like an error or not at all, or is a task.
    fn may_take_an_error(&self, function: Node<'a>) -> bool {
        let Some(first) = parameters(function).first().copied() else { return true };
        parameter_name(first).is_none_or(|name| {
            let text = self.cx.text(name);
            is_error(text) || text.starts_with('_') || self.is_task(function)
        })
    }

    /// Whether a function takes nothing but what it has to call when it is done.
    fn is_task(&self, function: Node<'a>) -> bool {
        let all = parameters(function);
        let name = all.first().copied().and_then(parameter_name).filter(|_| all.len() == 1);
        name.is_some_and(|n| has_callback_name(self.cx.text(n)))
    }

    fn used(&mut self, node: Node<'a>, given: Callable<'a>, known: CallbackUse, paths: Paths) -> Paths {
        match (known.times, given) {
            (Times::Never, _) => paths,
            (Times::AtMostOnce, _) => {
                let called = self.used(node, given, CallbackUse { times: Times::Once, ..known }, paths.clone());
                called.and(paths)
            }
            (Times::When(_), _) => {
                self.lose(node, &paths);
                paths
            }
            (Times::Once, Callable::Callback) => self.hit(node, known.timing, paths),
            (Times::Once, Callable::Function(function)) if known.timing == Timing::Sync => {
                self.run_function(function, paths)
            }
            (Times::Once, Callable::Function(function)) => self.defer(Task::Function(function), known.timing, paths),
            (Times::Many, _) if known.timing == Timing::Sync => self.repeatedly(given, node, paths),
            (Times::Many | Times::Unknown, _) => {
                self.lose(node, &paths);
                paths
            }
        }
    }

    /// `new Promise(executor)` runs its function at once; any other constructor keeps what it is given.
    pub(super) fn construction(&mut self, node: Node<'a>, mut paths: Paths) -> Paths {
        let is_promise = node.child_by_field_name("constructor").is_some_and(|c| self.cx.text(c).ends_with("Promise"));
        let arguments = node.child_by_field_name("arguments").map(named_children).unwrap_or_default();
        for argument in arguments {
            paths = match self.callable(argument) {
                Some(executor @ Callable::Function(_)) if is_promise => self.invoke(executor, node, paths),
                Some(_) => {
                    self.lose(node, &paths);
                    paths
                }
                None => self.evaluate(argument, paths),
            };
        }
        self.throw(&paths);
        paths
    }
}

/// A member expression, optional or not, split.
pub(super) fn member(node: Node<'_>) -> Option<(Node<'_>, Node<'_>)> {
    match node.kind() {
        "member_expression" => Some((node.child_by_field_name("object")?, node.child_by_field_name("property")?)),
        "subscript_expression" => Some((node.child_by_field_name("object")?, node.child_by_field_name("index")?)),
        _ => None,
    }
}
