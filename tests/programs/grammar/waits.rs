//! Runs of `await` one after the other, and loops that wait for each of their rounds.

use super::{Generator, POOL, Place};
use crate::programs::{
    scope::Holds,
    tree::{Layout, Node, Sort},
};

/// How often a round is written anew.
const MAX_TRIES: usize = 6;

/// Whether code calls something twice. The test numbers the calls of one name in the order in which they are made, which
/// is another one where rounds overlap.
fn calls_twice(round: &[Node]) -> bool {
    let mut callees: Vec<_> = round.iter().flat_map(Node::callees).filter(|name| !name.ends_with(".push")).collect();
    let count = callees.len();
    callees.sort_unstable();
    callees.dedup();
    callees.len() < count
}

/// Whether a round waits for one thing behind another, and calls that do not tell which round they are of. The second calls of
/// the rounds are made as the first ones end, so nothing would tell them apart.
fn waits_twice(round: &[Node], item: &str) -> bool {
    let text: String = round.iter().map(Node::text_of_calls).collect();
    let awaited: Vec<_> = text.split("await ").skip(1).collect();
    let tells = |call: &&&str| {
        let given = call.split_once('(').and_then(|(_, given)| given.strip_prefix(item));
        given.is_some_and(|rest| rest.starts_with([',', ')']))
    };
    awaited.len() > 1 && awaited.iter().filter(tells).count() < awaited.len()
}

impl Generator {
    /// A body of runs and loops.
    pub(super) fn waiting_function(&mut self) -> Vec<Node> {
        let place = Place { is_async: true, ..Place::default() };
        let mut out = Vec::new();
        if self.dice.chance(30) {
            out.push(self.declaration(&place));
        }
        let mut looped = Vec::new();
        for _ in 0..1 + self.dice.below(2) {
            if self.dice.chance(55) {
                out.extend(self.run_of_awaits(&place))
            } else {
                looped = self.loop_of_awaits(&place, &looped);
                out.extend(looped.iter().cloned())
            }
        }
        let value = if self.dice.chance(70) { self.atom() } else { self.value() };
        out.push(Node::statement("return").text("return ").child(value).end());
        out
    }

    fn run_of_awaits(&mut self, place: &Place) -> Vec<Node> {
        let count = 2 + self.dice.below(3);
        let mut out = Vec::new();
        for _ in 0..count {
            let load = self.load();
            let name = self.fresh_name(&[]);
            let node = match self.dice.percent() {
                0..15 => Node::statement("await").text("await ").child(load).end(),
                15..25 if self.scopes.may_declare("id") && self.scopes.may_declare("list") => {
                    self.scopes.declare("id", Holds::Value);
                    self.scopes.declare("list", Holds::Value);
                    Node::statement("await into a pattern").text("const { id, list } = await ").child(load).end()
                }
                _ if self.scopes.may_declare(&name) => {
                    self.scopes.declare(&name, Holds::Value);
                    Node::statement("await into a name").text(format!("const {name} = await ")).child(load).end()
                }
                _ => Node::statement("await").text("await ").child(load).end(),
            };
            out.push(self.commented(node));
            if self.dice.chance(15) {
                out.push(self.statement(place));
            }
        }
        out
    }

    /// A loop behind another one, if there is one.
    fn loop_of_awaits(&mut self, place: &Place, earlier: &[Node]) -> Vec<Node> {
        let item = self.fresh_name(&[]);
        let list = match self.dice.below(3) {
            0 => "[1, 2]".to_owned(),
            1 => format!("[{}, 3]", self.name()),
            _ => "lib.items".to_owned(),
        };
        let sink = self.serial("out");
        let collects = self.dice.below(4);
        let mut out = vec![match collects {
            0 | 1 => Node::statement("collected").text(format!("const {sink} = []")).end(),
            2 => Node::statement("summed").text(format!("let {sink} = 0")).end(),
            _ => Node::statement("by key").text(format!("const {sink} = {{}}")).end(),
        }];
        let shape = self.dice.below(8);
        let round = |this: &mut Self| this.round(place, &item, &sink, collects, shape == 0);
        // What two loops call alike may be made together, and then in another order.
        let is_told_apart = |body: &[Node]| !calls_twice(&[earlier, body].concat()) && !waits_twice(body, &item);
        let mut body = round(self);
        for _ in 0..MAX_TRIES {
            if is_told_apart(&body) {
                break;
            }
            body = round(self);
        }
        if !is_told_apart(&body) {
            body.clear();
        }
        // What the code behind a `forEach` finds in it depends on how long the rounds take, whether they are rewritten or not.
        if shape != 0 {
            self.scopes.declare(&sink, Holds::Value);
        }
        out.push(match shape {
            0 => Node::statement("forEach with async")
                .text(format!("{list}.forEach(async {item} => "))
                .block(body)
                .text(")")
                .end(),
            1 => Node::statement("for-in of awaits").text(format!("for (const {item} in {list}) ")).block(body),
            _ => Node::statement("for-of of awaits").text(format!("for (const {item} of {list}) ")).block(body),
        });
        if self.dice.chance(20) {
            out.push(self.fan_out());
            // What the two call alike may be made together, and then in another order.
            if calls_twice(&out) {
                out.pop();
            }
        }
        out
    }

    /// What a round does.
    fn round(&mut self, place: &Place, item: &str, sink: &str, collects: usize, is_callback: bool) -> Vec<Node> {
        self.in_block(|this| {
            this.scopes.declare(item, Holds::Value);
            let mut body = Vec::new();
            if this.dice.chance(25) && !is_callback {
                let test = this.condition();
                let word = this.dice.pick(&["continue", "continue", "break"]);
                body.push(Node::statement("jump").text("if (").child(test).text(format!(") {word}")).end());
            }
            if this.dice.chance(20) {
                body.push(this.statement(place));
            }
            if this.dice.chance(25) {
                let (load, name) = (this.load_with(item), this.fresh_name(&[]));
                if this.scopes.may_declare(&name) {
                    this.scopes.declare(&name, Holds::Value);
                    body.push(
                        Node::statement("await into a name").text(format!("const {name} = await ")).child(load).end(),
                    );
                }
            }
            let load = if this.dice.chance(60) { this.load_with(item) } else { this.load() };
            body.push(match collects {
                0 | 1 => Node::statement("await that is collected")
                    .text(format!("{sink}.push(await "))
                    .child(load)
                    .text(")")
                    .end(),
                2 => Node::statement("await that is summed").text(format!("{sink} += await ")).child(load).end(),
                _ => Node::statement("await by key").text(format!("{sink}[{item}] = await ")).child(load).end(),
            });
            body
        })
    }

    fn fan_out(&mut self) -> Node {
        let name = self.dice.pick(POOL);
        let load = self.in_function(None, |this| {
            this.scopes.declare_parameter(name, Holds::Value);
            this.load()
        });
        let handler = Node::new(Sort::Handler, "mapper").text(format!("{name} => ")).child(load);
        Node::statement("fan-out")
            .text("await Promise.all(lib.items.map(")
            .list(vec![handler], Layout::Commas, 1)
            .text("))")
            .end()
    }
}
