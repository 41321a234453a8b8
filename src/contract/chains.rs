//! The paths through promise chains, of which exactly one of two ways is taken at every link.

use tree_sitter::Node;

use crate::{
    flow::classify::{Promise, promise},
    syntax::node::{is_function, named_children, unparenthesized},
};

use super::{
    Timing,
    calls::member,
    interpreter::{Interpreter, Task},
    paths::Paths,
    values::Callable,
};

/// The paths on which a promise has been settled.
#[derive(Debug, Default)]
pub(super) struct Settled {
    pub(super) fulfilled: Paths,
    pub(super) rejected: Paths,
    /// The paths on which a handler has thrown, which rejects the promise, too.
    thrown: Paths,
}

impl Settled {
    fn add(&mut self, other: Self) {
        self.fulfilled.add(other.fulfilled);
        self.rejected.add(other.rejected);
        self.thrown.add(other.thrown);
    }
}

/// How many links of a chain are followed.
const MAX_LINKS: usize = 40;

impl<'a> Interpreter<'_, 'a> {
    /// The method, the object and the arguments of a call that may be a link of a promise chain.
    fn link(&self, call: Node<'a>) -> Option<(&'a str, Node<'a>, Vec<Node<'a>>)> {
        let (object, property) = member(unparenthesized(call.child_by_field_name("function")?))?;
        let arguments = call.child_by_field_name("arguments").filter(|a| a.kind() == "arguments")?;
        let name = self.cx.text(property);
        let is_link = matches!(
            name,
            "then" | "catch" | "finally" | "asCallback" | "nodeify" | "tap" | "spread" | "done" | "fail"
        );
        is_link.then(|| (name, unparenthesized(object), named_children(arguments)))
    }

    /// Whether a call is a link of a promise chain that has to do with the callback. `done` and `fail` are so only
    /// behind another link.
    pub(super) fn is_chain(&self, call: Node<'a>) -> bool {
        match self.link(call) {
            Some(("done" | "fail", object, _)) => self.link(object).is_some(),
            Some(_) => true,
            None => false,
        }
    }

    /// A chain as it is built: its base is evaluated now, its links are run later.
    pub(super) fn chain(&mut self, call: Node<'a>, paths: Paths) -> Paths {
        let base = self.links(call).0;
        let paths = self.evaluate(base, paths);
        self.throw(&paths);
        self.defer(Task::Chain(call), Timing::Later, paths)
    }

    /// The base of a chain, and its links from left to right.
    fn links(&self, call: Node<'a>) -> (Node<'a>, Vec<Node<'a>>) {
        let mut links = Vec::new();
        let mut node = call;
        while let Some((_, object, _)) = self.link(node) {
            links.push(node);
            node = object;
        }
        links.reverse();
        (node, links)
    }

    /// The links of a chain, one after the other.
    pub(super) fn run_chain(&mut self, call: Node<'a>, paths: Paths) -> Settled {
        let (base, links) = self.links(call);
        let is_rejected = self.cx.text(base).starts_with("Promise.reject");
        let fulfilled = if is_rejected { Paths::default() } else { paths.clone() };
        let mut settled = Settled { fulfilled, rejected: paths, thrown: Paths::default() };
        if links.len() > MAX_LINKS {
            self.lose(call, &settled.rejected);
            return settled;
        }
        for link in links {
            settled = self.run_link(link, settled);
        }
        settled
    }

    fn run_link(&mut self, link: Node<'a>, before: Settled) -> Settled {
        let Some((name, _, arguments)) = self.link(link) else { return before };
        let handler = |index: usize| arguments.get(index).copied().filter(|h| !is_nothing(*h));
        match name {
            "then" | "done" | "spread" => {
                let mut after = match handler(0) {
                    Some(handler) => self.run_handler(link, handler, before.fulfilled),
                    None => Settled { fulfilled: before.fulfilled, ..Settled::default() },
                };
                match handler(1) {
                    Some(handler) => {
                        let failed = before.rejected.and(before.thrown);
                        after.add(self.run_handler(link, handler, failed));
                    }
                    None => after.add(Settled { fulfilled: Paths::default(), ..before }),
                }
                after
            }
            "catch" | "fail" => {
                let Some(handler) = arguments.last() else { return before };
                // A class in front of the handler says which errors it is for.
                let missed = if arguments.len() > 1 { before.rejected.clone() } else { Paths::default() };
                let failed = before.rejected.and(before.thrown);
                let mut after = self.run_handler(link, *handler, failed);
                after.add(Settled { fulfilled: before.fulfilled, rejected: missed, thrown: Paths::default() });
                after
            }
            "asCallback" | "nodeify" => match handler(0).and_then(|h| self.callable(h)) {
                Some(callable) => {
                    let settled = before.fulfilled.and(before.rejected).and(before.thrown);
                    Settled { fulfilled: self.invoke(callable, link, settled), ..Settled::default() }
                }
                None => before,
            },
            _ => {
                let Some(handler) = handler(0) else { return before };
                let mut after = self.run_handler(link, handler, before.fulfilled);
                if name == "tap" {
                    after.add(Settled { fulfilled: Paths::default(), ..before });
                    return after;
                }
                let rejected = self.run_handler(link, handler, before.rejected);
                let thrown = self.run_handler(link, handler, before.thrown);
                after.rejected.add(rejected.fulfilled.and(rejected.rejected));
                after.thrown.add(rejected.thrown.and(thrown.fulfilled).and(thrown.rejected).and(thrown.thrown));
                after
            }
        }
    }

    /// A handler of a link: what it throws, and what the promise that it returns is rejected with, goes on as a
    /// rejection.
    fn run_handler(&mut self, link: Node<'a>, handler: Node<'a>, paths: Paths) -> Settled {
        let handler = unparenthesized(handler);
        match self.callable(handler) {
            Some(Callable::Callback) => {
                Settled { fulfilled: self.hit(link, Timing::Sync, paths), ..Settled::default() }
            }
            Some(Callable::Function(function)) => {
                self.thrown.push(Paths::default());
                self.rejected.push(Paths::default());
                self.waiting = true;
                let fulfilled = self.run_function(function, paths);
                self.waiting = false;
                let rejected = self.rejected.pop().unwrap_or_default();
                let thrown = self.thrown.pop().unwrap_or_default();
                Settled { fulfilled, rejected, thrown }
            }
            None => {
                if !is_function(handler) {
                    self.lost_in(handler, paths.clone());
                }
                Settled { fulfilled: paths.clone(), rejected: Paths::default(), thrown: paths }
            }
        }
    }

    /// What a function that a promise waits for returns is rejected.
    fn reject(&mut self, paths: Paths) {
        if let Some(frame) = self.rejected.last_mut() {
            frame.add(paths);
        }
    }

    /// What a function returns. Where a promise waits for the function, it waits for what that returns, too.
    pub(super) fn returned_value(&mut self, value: Option<Node<'a>>, paths: Paths) -> Paths {
        let Some(value) = value.map(unparenthesized) else { return paths };
        if self.awaited.last() != Some(&true) {
            return self.evaluate(value, paths);
        }
        if self.is_chain(value) {
            let base = self.links(value).0;
            let paths = self.evaluate(base, paths);
            let settled = self.run_chain(value, paths);
            self.throw(&settled.thrown);
            self.reject(settled.rejected);
            return settled.fulfilled;
        }
        let paths = self.evaluate(value, paths);
        let callee = value.child_by_field_name("function");
        let is_other_call = value.kind() == "call_expression" && callee.is_some_and(|c| self.callable(c).is_none());
        if is_other_call && !self.handles.are_in(value) || promise(self.cx, value) == Promise::Yes {
            self.reject(paths.clone());
        }
        paths
    }
}

fn is_nothing(handler: Node<'_>) -> bool {
    matches!(unparenthesized(handler).kind(), "null" | "undefined")
}
