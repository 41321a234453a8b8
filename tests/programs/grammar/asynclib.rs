//! Calls of the `async` library.

use super::{
    Generator,
    callbacks::may_throw,
    settle::{Settler, Settling},
};
use crate::programs::{
    scope::Holds,
    tree::{Layout, Node, Sort},
};

/// What is thrown in a task behind the failure of another one is nobody's failure: A3 says nothing of it. So tasks that may
/// throw run one after the other.
fn one_by_one(together: &'static str, otherwise: &'static str, (tasks, calls_loud): (&[Node], bool)) -> &'static str {
    if calls_loud || may_throw(tasks) { otherwise } else { together }
}

impl Generator {
    /// Tasks that run one after the other or at the same time, and the rest of the path behind them.
    pub(super) fn tasks(&mut self, how: &Settling, must_end: bool) -> Vec<Node> {
        self.is_steady = true;
        let done = self.tasks_done(how);
        let returns = if must_end { "return " } else { "" };
        let node = Node::statement("tasks").text(returns);
        // A task that calls back twice brings the library to throw, and that races with what A1 puts off.
        let faults = std::mem::take(&mut self.habits.faults);
        let was_loud = std::mem::take(&mut self.calls_loud);
        let node = match self.dice.below(3) {
            0 => {
                let name = self.dice.pick(&["series", "parallel", "waterfall"]);
                // Each task of a waterfall is handed what the one before it came to, and so has to come to something.
                let first = if name == "waterfall" { self.handing_task() } else { self.task(false) };
                let tasks = vec![first, self.task(name == "waterfall")];
                let name =
                    if name == "parallel" { one_by_one(name, "series", (&tasks, self.calls_loud)) } else { name };
                node.text(format!("async.{name}([")).list(tasks, Layout::Commas, 1).text("], ")
            }
            1 => {
                let name = self.dice.pick(&["eachSeries", "each", "map", "mapSeries"]);
                let (list, worker) = (self.name(), self.task(true));
                let name = match name {
                    "each" => one_by_one(name, "eachSeries", (std::slice::from_ref(&worker), self.calls_loud)),
                    "map" => one_by_one(name, "mapSeries", (std::slice::from_ref(&worker), self.calls_loud)),
                    name => name,
                };
                node.text(format!("async.{name}([{list}, 2], ")).child(worker).text(", ")
            }
            _ => {
                let (list, worker) = (self.name(), self.task(true));
                let bound = one_by_one("2", "1", (std::slice::from_ref(&worker), self.calls_loud));
                node.text(format!("async.eachLimit([{list}, 2], {bound}, ")).child(worker).text(", ")
            }
        };
        self.habits.faults = faults;
        self.calls_loud |= was_loud;
        vec![node.child(done).text(")").end()]
    }

    fn handing_task(&mut self) -> Node {
        let atom = self.atom();
        // A callee may hand over no result at all, which would move those of the next task up.
        Node::new(Sort::Part, "handing task").text("next => db.get(").child(atom).text(", (err, v) => next(err, v))")
    }

    fn task(&mut self, takes_value: bool) -> Node {
        self.in_function(None, |this| {
            this.scopes.declare_parameter("next", Holds::Callback);
            let list = if takes_value { "(item, next)" } else { "(next)" };
            if takes_value {
                this.scopes.declare_parameter("item", Holds::Value);
            }
            // What calls back at once goes on at once, and on a later turn afterwards: A1, for which an order of calls
            // within one turn is too much to ask.
            let body = this.waiting_call(&Settling::callback("next"), 3, false);
            let body = body.into_iter().map(Node::kept).collect();
            Node::new(Sort::Part, "task").text(format!("{list} => ")).block(body)
        })
    }

    fn tasks_done(&mut self, how: &Settling) -> Node {
        let Settler::Callback(callback) = &how.settler else { return Node::new(Sort::Part, "no callback") };
        if self.dice.chance(30) {
            return Node::new(Sort::Part, "callback handed on").text(callback.clone());
        }
        self.in_function(None, |this| {
            this.scopes.declare_parameter("err", Holds::Error);
            this.scopes.declare_parameter("results", Holds::Value);
            let mut body =
                vec![Node::statement("error passed on").text(format!("if (err) return {callback}(err)")).end()];
            body.extend(this.tail(&how.with_error(None), 3, false));
            Node::new(Sort::Part, "callback behind tasks").text("(err, results) => ").block(body)
        })
    }
}
