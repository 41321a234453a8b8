//! Runs a function's code on sets of paths, and what it leaves to be run later after it.

use std::{cell::Cell, collections::BTreeSet, ops::Range};

use tree_sitter::Node;

use crate::context::Context;

use super::{
    Calls, Oracle, Sync, Timing,
    handles::Handles,
    paths::{Deferred, Paths, Witness},
    values::Callable,
};

/// How deep statements, expressions and calls of local functions may be nested, those of the functions that an oracle
/// asks for in between included.
const MAX_DEPTH: usize = 120;

thread_local! {
    /// How deep the interpreters of this thread are. One may be started by the oracle of another.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// How many statements and expressions are run before it is given up.
const MAX_STEPS: usize = 60_000;

/// How many pieces of code may be left to be run for all their orders to be followed.
const MAX_ORDERED: usize = 4;

/// Code that is run after the code that leaves it: a callback, or the links of a promise chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task<'a> {
    /// A function that a callee calls.
    Function(Node<'a>),
    /// A promise chain: its outermost call.
    Chain(Node<'a>),
}

/// The abstract interpreter of one function and one callback.
pub(super) struct Interpreter<'c, 'a> {
    pub(super) cx: &'c Context<'a>,
    pub(super) oracle: &'c dyn Oracle,
    pub(super) handles: &'c Handles<'a>,
    /// For each `try` that is being run, and for each function that is run later, the paths on which it is left by
    /// an exception.
    pub(super) thrown: Vec<Paths>,
    /// For each function that a promise waits for, the paths on which what it returns is rejected.
    pub(super) rejected: Vec<Paths>,
    /// For each function that is being run, whether a promise waits for what it returns.
    pub(super) awaited: Vec<bool>,
    /// Whether the function that is run next is one that a promise waits for.
    pub(super) waiting: bool,
    /// The functions that are being run, to stop at recursion.
    pub(super) stack: Vec<Node<'a>>,
    /// What was left to be run, with when that will be.
    tasks: Vec<(Task<'a>, Timing)>,
    /// When the code at hand runs, as seen from the start of the function.
    pub(super) now: Timing,
    /// When the callback is called.
    times: [bool; 3],
    /// Code because of which nothing can be said.
    lost: Option<Range<usize>>,
    /// A condition that asks for a count that several callbacks share.
    pub(super) counter: Option<Range<usize>>,
    /// Calls of functions of which nothing is known.
    pub(super) presumed: BTreeSet<(usize, usize)>,
    /// How many calls have been run, or passed over.
    pub(super) calls_seen: usize,
    /// Whether paths were merged.
    is_coarse: bool,
    steps: usize,
}

/// What came out.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) calls: Calls,
    pub(super) sync: Sync,
    pub(super) presumed: Vec<Range<usize>>,
    pub(super) returns_when_called: Option<bool>,
}

impl<'c, 'a> Interpreter<'c, 'a> {
    pub(super) fn new(cx: &'c Context<'a>, oracle: &'c dyn Oracle, handles: &'c Handles<'a>) -> Self {
        Self {
            cx,
            oracle,
            handles,
            thrown: Vec::new(),
            rejected: Vec::new(),
            awaited: Vec::new(),
            waiting: false,
            stack: Vec::new(),
            tasks: Vec::new(),
            now: Timing::Sync,
            times: [false; 3],
            lost: None,
            counter: None,
            presumed: BTreeSet::new(),
            calls_seen: 0,
            is_coarse: false,
            steps: 0,
        }
    }

    /// Runs the function and all that it leaves behind.
    pub(super) fn run(mut self) -> Outcome {
        let function = self.handles.function;
        self.thrown.push(Paths::default());
        let first = self.run_function(function, Paths::start());
        self.thrown.pop();
        let ended = self.drain(first);
        let calls = self.verdict(&ended, function);
        let sync = self.sync();
        let returns_when_called = self.lost.is_none().then(|| correlation(&ended)).flatten();
        Outcome {
            calls,
            sync,
            returns_when_called,
            presumed: self.presumed.into_iter().map(|(start, end)| start..end).collect(),
        }
    }

    /// Runs what each path has left until nothing is left, in any order as long as that is not too much. A path that comes
    /// to where it has been before goes round for ever and has no end.
    fn drain(&mut self, paths: Paths) -> Paths {
        let mut ended = Paths::default();
        let mut current = paths;
        let mut seen = BTreeSet::new();
        while !current.is_empty() && self.lost.is_none() {
            let mut next = Paths::default();
            for (path, witness) in current.iter() {
                if path.pending.is_empty() {
                    ended.add(Paths::one(path.clone(), witness.clone()));
                    continue;
                }
                if !seen.insert(path.clone()) || self.is_spent(self.handles.function) {
                    continue;
                }
                let is_any_order = path.pending.len() <= MAX_ORDERED;
                for index in 0..if is_any_order { path.pending.len() } else { 1 } {
                    let mut left = path.clone();
                    let task = left.pending.remove(index);
                    next.add(self.run_task(task, Paths::one(left, witness.clone())));
                }
            }
            current = self.bound(next);
        }
        ended
    }

    fn run_task(&mut self, task: Deferred, paths: Paths) -> Paths {
        let (task, timing) = self.tasks[task.0];
        let before = std::mem::replace(&mut self.now, timing);
        self.thrown.push(Paths::default());
        let paths = self.forget_properties(paths);
        let after = match task {
            Task::Function(function) => self.run_function(function, paths),
            Task::Chain(chain) => {
                let settled = self.run_chain(chain, paths);
                // Nobody takes a rejection that no link of the chain handles: the callback never learns of it. What a
                // handler throws itself ends the path like any other exception.
                let end = chain.byte_range();
                settled.fulfilled.and(settled.rejected.map(|path, witness| {
                    if path.count == 0 {
                        witness.end = Some(end.clone());
                    }
                }))
            }
        };
        self.thrown.pop();
        self.now = before;
        after
    }

    /// Leaves code to be run later.
    pub(super) fn defer(&mut self, task: Task<'a>, timing: Timing, paths: Paths) -> Paths {
        let timing = match (self.now, timing) {
            (Timing::Later, _) | (_, Timing::Later) => Timing::Later,
            (Timing::Sync, Timing::Sync) => Timing::Sync,
            _ => Timing::Unknown,
        };
        let known = self.tasks.iter().position(|t| *t == (task, timing));
        let index = known.unwrap_or_else(|| {
            self.tasks.push((task, timing));
            self.tasks.len() - 1
        });
        paths.map(|path, _| path.pending.push(Deferred(index)))
    }

    /// The callback is called by `call`, `timing` after the code at hand.
    pub(super) fn hit(&mut self, call: Node<'_>, timing: Timing, paths: Paths) -> Paths {
        if paths.is_empty() {
            return paths;
        }
        let time = match (self.now, timing) {
            (Timing::Later, _) | (_, Timing::Later) => 1,
            (Timing::Sync, Timing::Sync) => 0,
            _ => 2,
        };
        self.times[time] = true;
        let range = call.byte_range();
        paths.map(|path, witness| {
            if let Some(slot) = witness.calls.get_mut(usize::from(path.count)) {
                *slot = Some(range.clone());
            }
            path.count = (path.count + 1).min(2);
        })
    }

    /// The callback gets to where it can't be followed.
    pub(super) fn lose(&mut self, node: Node<'_>, paths: &Paths) {
        if !paths.is_empty() {
            self.lost.get_or_insert(node.byte_range());
        }
    }

    /// Runs what is one level deeper.
    pub(super) fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        DEPTH.set(DEPTH.get() + 1);
        let result = run(self);
        DEPTH.set(DEPTH.get() - 1);
        result
    }

    /// Counts a step; says whether there have been too many, or too deep.
    pub(super) fn is_spent(&mut self, node: Node<'_>) -> bool {
        self.steps += 1;
        let is_spent = self.steps > MAX_STEPS || DEPTH.get() > MAX_DEPTH;
        if is_spent {
            self.lost.get_or_insert(node.byte_range());
        }
        is_spent
    }

    /// Keeps the number of paths within bounds.
    pub(super) fn bound(&mut self, paths: Paths) -> Paths {
        let (paths, is_coarse) = paths.bounded();
        self.is_coarse |= is_coarse;
        paths
    }

    /// An exception may be thrown here, or is.
    pub(super) fn throw(&mut self, paths: &Paths) {
        if let Some(frame) = self.thrown.last_mut() {
            frame.add(paths.clone());
        }
    }

    /// Runs a callable now.
    pub(super) fn invoke(&mut self, callable: Callable<'a>, call: Node<'a>, paths: Paths) -> Paths {
        match callable {
            Callable::Callback => self.hit(call, Timing::Sync, paths),
            Callable::Function(function) => self.run_function(function, paths),
        }
    }

    fn verdict(&self, ended: &Paths, function: Node<'_>) -> Calls {
        if let Some(range) = &self.lost {
            return Calls::Unknown(range.clone());
        }
        let all_once = ended.iter().all(|(path, _)| path.count == 1);
        if all_once && !ended.is_empty() && !self.is_coarse {
            return Calls::Once;
        }
        if ended.is_empty() || self.is_coarse {
            return Calls::Unknown(function.byte_range());
        }
        let certain = |count| ended.iter().find(|(path, _)| path.count == count && !path.counted);
        if let Some((_, Witness { calls: [Some(first), Some(second)], .. })) = certain(2) {
            return Calls::TwiceOnSomePath(first.clone(), second.clone());
        }
        if let Some((_, witness)) = certain(0) {
            let end = function.end_byte();
            return Calls::NeverOnSomePath(witness.end.clone().unwrap_or(end.saturating_sub(1)..end));
        }
        Calls::Unknown(self.counter.clone().unwrap_or_else(|| function.byte_range()))
    }

    fn sync(&self) -> Sync {
        match self.times {
            _ if self.lost.is_some() => Sync::Unknown,
            [true, false, false] => Sync::Always,
            [true, ..] => Sync::Sometimes,
            [false, true, false] => Sync::Never,
            _ => Sync::Unknown,
        }
    }
}

/// Whether the callback is called exactly where the function returns something truthy, or where it does not.
fn correlation(ended: &Paths) -> Option<bool> {
    let answers = ended.iter().map(|(path, _)| match (path.count, path.returned) {
        (1, Some(truth)) => Some(truth),
        (0, Some(truth)) => Some(!truth),
        _ => None,
    });
    let all: Option<Vec<_>> = answers.collect();
    let all = all?;
    let first = *all.first()?;
    let both = ended.iter().any(|(path, _)| path.count == 0) && ended.iter().any(|(path, _)| path.count == 1);
    (both && all.iter().all(|a| *a == first)).then_some(first)
}
