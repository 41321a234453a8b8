//! Executors of promises, written by hand.

use super::{
    Generator, Place,
    settle::{Settler, Settling},
};
use crate::programs::{scope::Holds, tree::Node};

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
    pub(super) fn promise_handed_on(&mut self, how: &Settling, must_end: bool) -> Node {
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
}
