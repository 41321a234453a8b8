//! The grammar: async functions as people write them, over everything that the transforms handle and much that they
//! have to leave alone. What stands where follows the names in scope, so that nearly every program parses.

mod asynclib;
mod callbacks;
mod chains;
mod executors;
mod files;
mod settle;
mod statements;
mod tails;
mod values;
mod waits;

use crate::programs::{dice::Dice, scope::Scopes, tree::Node};

pub(crate) use files::program;

/// What a program is mostly made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// Promise chains.
    Chains,
    /// Calls with error-first callbacks, in a function with a callback or in the executor of a promise.
    Callbacks,
    /// Runs and loops of `await`.
    Waits,
}

/// How one author writes, in percent where it is a number.
#[derive(Debug)]
struct Habits {
    comments: usize,
    arrows: usize,
    shadowing: usize,
    /// Whether there are `let` and `const`.
    modern: bool,
    /// How often a path forgets its callback, calls it twice, or goes on after it.
    faults: usize,
    this: usize,
}

/// Where a statement stands.
#[derive(Clone, Debug, Default)]
struct Place {
    /// Whether it may return from the function around it.
    may_return: bool,
    /// Whether what the function returns has to be a promise.
    returns_promise: bool,
    is_async: bool,
    /// How deep the chain or the callback is that it stands in.
    depth: usize,
    /// Whether no `throw` may stand here.
    throws_nothing: bool,
}

/// A program being written.
#[derive(Debug)]
struct Generator {
    dice: Dice,
    scopes: Scopes,
    family: Family,
    habits: Habits,
    /// What is left to be written; when it is used up, the plainest production is taken everywhere.
    fuel: i32,
    comments: u32,
    serial: u32,
    /// Whether no stub throws at once.
    is_steady: bool,
    /// Functions of the file that take so many values and a callback.
    functions: Vec<(String, usize)>,
    /// Of those, the ones that throw nothing in a callback, and call no other that does.
    quiet: Vec<String>,
    /// Of those, the ones that take what is a function in the place of their options for the callback.
    shifting: Vec<String>,
    /// Whether the function at hand does so.
    shifts: bool,
    /// Whether the function at hand calls one that may throw in a callback.
    calls_loud: bool,
    /// Whether the callback of the function at hand may be missing, or be called before the end, so that nobody may see what it
    /// fails with.
    drops_errors: bool,
    /// One of that sort that the next call is of.
    next_callee: Option<(String, usize)>,
    /// Whether the file has `util`.
    has_util: bool,
}

/// Names for what programs work with. There are few, so that they meet.
const POOL: &[&str] = &["a", "b", "x", "value", "user", "data"];

impl Generator {
    fn new(seed: u64, family: Option<Family>) -> Self {
        let mut dice = Dice::new(seed);
        let any = match dice.percent() {
            0..43 => Family::Chains,
            43..90 => Family::Callbacks,
            _ => Family::Waits,
        };
        let family = family.unwrap_or(any);
        let habits = Habits {
            comments: dice.pick(&[0, 0, 5, 12]),
            arrows: dice.pick(&[0, 30, 80, 100]),
            shadowing: dice.pick(&[0, 20, 50]),
            modern: dice.chance(65),
            faults: dice.pick(&[0, 0, 2, 8]),
            this: dice.pick(&[0, 0, 20]),
        };
        let fuel = 8 + i32::try_from(dice.below(20)).expect("a small number");
        Self {
            dice,
            scopes: Scopes::default(),
            family,
            habits,
            fuel,
            comments: 0,
            serial: 0,
            is_steady: false,
            functions: Vec::new(),
            quiet: Vec::new(),
            shifting: Vec::new(),
            shifts: false,
            calls_loud: false,
            drops_errors: false,
            next_callee: None,
            has_util: false,
        }
    }

    /// A number for a comment, if there is to be one.
    fn remark(&mut self, percent: usize) -> Option<u32> {
        let density = self.habits.comments * percent / 100;
        self.dice.chance(density).then(|| {
            self.comments += 1;
            self.comments
        })
    }

    /// A statement or an item with comments above and behind it, where there are to be some.
    fn commented(&mut self, node: Node) -> Node {
        let above = self.remark(100);
        let behind = self.remark(60);
        node.comments(above, behind)
    }

    fn serial(&mut self, stem: &str) -> String {
        self.serial += 1;
        format!("{stem}{}", self.serial)
    }

    /// A name for a local: any, or where the author does not shadow, one that is new.
    fn fresh_name(&mut self, taken: &[String]) -> String {
        let name = self.dice.pick(POOL).to_owned();
        let clashes = |name: &str, this: &Self| taken.iter().any(|t| t == name) || this.scopes.knows(name);
        if taken.contains(&name) || (!self.dice.chance(self.habits.shadowing) && self.scopes.knows(&name)) {
            let free = POOL.iter().find(|other| !clashes(other, self));
            return free.map_or_else(|| self.serial("item"), |other| (*other).to_owned());
        }
        name
    }

    fn in_block<T>(&mut self, write: impl FnOnce(&mut Self) -> T) -> T {
        self.scopes.enter_block();
        let out = write(self);
        self.scopes.leave();
        out
    }

    fn in_function<T>(&mut self, this: Option<bool>, write: impl FnOnce(&mut Self) -> T) -> T {
        self.scopes.enter_function(this);
        let out = write(self);
        self.scopes.leave();
        out
    }
}
