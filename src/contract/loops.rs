//! The paths through loops: any number of rounds, of which the first few tell what more can come of it.

use tree_sitter::Node;

use super::{
    interpreter::Interpreter,
    paths::{Flow, Jump, Paths},
    statements::forget,
    values::Callable,
};

/// How many rounds are followed. A callback called in two of them is called twice; a third changes nothing.
const ROUNDS: usize = 3;

impl<'a> Interpreter<'_, 'a> {
    /// A loop of any kind, perhaps with a label.
    pub(super) fn loop_statement(&mut self, node: Node<'a>, label: Option<&'a str>, paths: Paths) -> Flow<'a> {
        let child = |field| node.child_by_field_name(field);
        let Some(body) = child("body") else { return Flow::next(self.lost_in(node, paths)) };
        let mut current = paths;
        for part in ["initializer", "right"] {
            if let Some(part) = child(part) {
                current = self.evaluate(part, current);
            }
        }
        let own = self.cx.names.declared_in(&node.byte_range());
        let condition = child("condition");
        let mut out = Flow::default();
        let mut seen = Paths::default();
        for round in 0..ROUNDS {
            let (inside, outside) = if node.kind() == "do_statement" && round == 0 {
                (current, Paths::default())
            } else {
                self.loop_condition(node, condition, current)
            };
            out.next.add(outside);
            let inside = forget(inside, &own).without(&seen);
            if inside.is_empty() {
                break;
            }
            seen.add(inside.clone());
            let mut flow = self.statement(body, inside);
            let left = flow.take(|j| matches!(j, Jump::Break(l) if l.is_none() || l == label && label.is_some()));
            let again = flow.take(|j| matches!(j, Jump::Continue(l) if l.is_none() || l == label && label.is_some()));
            out.next.add(left);
            current = std::mem::take(&mut flow.next).and(again);
            out.add(flow);
            if let Some(update) = child("increment") {
                current = self.evaluate(update, current);
            }
            if round + 1 == ROUNDS {
                let (_, outside) = self.loop_condition(node, condition, std::mem::take(&mut current));
                out.next.add(outside);
            }
            current = self.bound(current);
        }
        out
    }

    /// The paths into a loop's body, and past it.
    fn loop_condition(&mut self, node: Node<'a>, condition: Option<Node<'a>>, paths: Paths) -> (Paths, Paths) {
        match condition {
            Some(c) if c.kind() == "empty_statement" => (paths, Paths::default()),
            Some(c) => self.condition(c, paths),
            None if node.kind() == "for_statement" => (paths, Paths::default()),
            None => (paths.clone(), paths),
        }
    }

    /// A function that is called any number of times, now.
    pub(super) fn repeatedly(&mut self, callable: Callable<'a>, call: Node<'a>, paths: Paths) -> Paths {
        let mut out = paths.clone();
        let mut current = paths;
        for _ in 0..ROUNDS {
            current = self.invoke(callable, call, current).without(&out);
            out.add(current.clone());
        }
        out
    }
}
