//! Locks: what makes others wait for their turn.

use tree_sitter::Node;

use super::{
    calls::short,
    objects::{plain, text_of},
    read::Reader,
    verbs::words,
};
use crate::{
    project::effects::{Call, Knowledge, Place, Resource},
    syntax::node::is_function,
};

/// What a lock is called, by the last word.
const LOCKS: &[&str] = &["lock", "mutex", "semaphore"];

/// Methods that take a lock.
const TAKES: &[&str] = &["acquire", "acquireAsync", "lock"];

/// Methods that give it back.
const GIVES: &[&str] = &["release", "unlock"];

impl<'c> Reader<'c, '_> {
    /// What a call does that hands a function to a lock, or that takes or gives back a lock in a function that does both.
    pub(super) fn locked(&self, callee: Node<'c>, nodes: &[Node<'c>], one: &Call) -> Option<Knowledge> {
        if is_exclusive(nodes, one) {
            let presumed = format!("`{}` only calls what it is handed, when its turn comes", short(&one.callee));
            let calls_back = vec![nodes.len() - 1];
            return Some(Knowledge { calls_back, presumed: Some(presumed), ..Knowledge::default() });
        }
        let lock = self.given_back(callee, one)?;
        Some(Knowledge {
            touches: vec![(Place::World(Resource::Clock), false)],
            presumed: Some(format!("`{}` is given back by whoever takes it", short(&lock))),
            ..Knowledge::default()
        })
    }

    /// The lock that a call takes or gives back within a function that does both. Only where functions are read by
    /// themselves: between two awaits, a lock may well be held.
    pub(super) fn given_back(&self, callee: Node<'c>, one: &Call) -> Option<String> {
        let is_used = TAKES.contains(&one.name.as_str()) || GIVES.contains(&one.name.as_str());
        let object = callee.child_by_field_name("object").filter(|_| is_used && self.is_apart()).map(plain)?;
        let name = object.child_by_field_name("property").unwrap_or(object);
        let last = words(self.cx().text(name)).pop()?;
        LOCKS.contains(&last.as_str()).then_some(())?;
        let lock = text_of(self.cx(), object);
        // Arrow functions within it are a part of what it does: `.finally(() => lock.release())`.
        let mut functions = (0..).map_while(|level| self.around(level)).filter(|n| is_function(*n));
        let mut whole = functions.next()?;
        while whole.kind() == "arrow_function" {
            match functions.next() {
                Some(outer) => whole = outer,
                None => break,
            }
        }
        let code = text_of(self.cx(), whole);
        let uses = |methods: &[&str]| methods.iter().any(|method| code.contains(&format!("{lock}.{method}(")));
        (uses(TAKES) && uses(GIVES)).then_some(lock)
    }
}

/// Whether a call hands a function to a lock, which calls it when nobody else holds the lock.
pub(super) fn is_exclusive(nodes: &[Node<'_>], one: &Call) -> bool {
    let is_lock = matches!(one.name.as_str(), "acquire" | "lock" | "runExclusive" | "withLock");
    is_lock
        && nodes.last().is_some_and(|last| is_function(plain(*last)) || last.kind() == "identifier" && nodes.len() > 1)
}
