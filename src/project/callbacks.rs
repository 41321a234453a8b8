//! How many results the functions of a project hand to their callbacks, by the functions' names.
//!
//! A method may be reached through any number of objects, so it is known by its name alone: of all functions that share
//! one, the most counts. That costs a rewrite and never a result.

use std::{
    collections::{HashMap, HashSet},
    sync::OnceLock,
};

/// How many names are followed from one to the next.
const MAX_STEPS: usize = 64;

/// What one function hands to its callback.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Results {
    /// The most results behind the error in a call of the callback.
    pub most: usize,
    /// The names of the functions that the callback is handed on to.
    pub handed_to: Vec<String>,
}

/// The functions of a project that take callbacks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallbackFunctions {
    by_name: HashMap<String, Vec<Results>>,
    /// The most results that callbacks written in place take, by the name of the function that they are handed to.
    taken: HashMap<String, usize>,
    /// The names of functions that are called, with a callback, by functions which return a value at once: those rely on
    /// what their callbacks do having been done by then.
    at_once: HashSet<String>,
    /// The names of the functions that functions of a name call with a callback.
    calls: HashMap<String, HashSet<String>>,
    /// Those of `at_once`, and all that they call; worked out when all files are known.
    relied_on: OnceLock<HashSet<String>>,
}

impl CallbackFunctions {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty() && self.taken.is_empty() && self.at_once.is_empty()
    }

    /// Notes that a function of a name is relied on to call back before it returns.
    pub fn rely(&mut self, name: &str) {
        self.at_once.insert(name.to_owned());
    }

    /// Notes that a function of a name calls another one with a callback.
    pub fn call(&mut self, name: &str, callee: &str) {
        self.calls.entry(name.to_owned()).or_default().insert(callee.to_owned());
    }

    /// Whether functions of a name are relied on to call back before they return, be it by way of others.
    pub fn is_relied_on(&self, name: &str) -> bool {
        let reach = || {
            let mut reached: HashSet<String> = self.at_once.clone();
            let mut pending: Vec<String> = self.at_once.iter().cloned().collect();
            while let Some(name) = pending.pop() {
                for callee in self.calls.get(&name).into_iter().flatten() {
                    if reached.insert(callee.clone()) {
                        pending.push(callee.clone());
                    }
                }
            }
            reached
        };
        self.relied_on.get_or_init(reach).contains(name)
    }

    /// Notes that a callback which takes some results is handed to a function of a name.
    pub fn take(&mut self, name: &str, results: usize) {
        let most = self.taken.entry(name.to_owned()).or_default();
        *most = results.max(*most);
    }

    /// The most results that anybody takes who is called back by functions of a name; `None` where nobody is seen to.
    pub fn taken(&self, name: &str) -> Option<usize> {
        self.taken.get(name).copied()
    }

    /// Adds a function by one of its names.
    pub fn add(&mut self, name: &str, results: Results) {
        self.by_name.entry(name.to_owned()).or_default().push(results);
    }

    /// Adds what another file has.
    pub fn extend(&mut self, other: Self) {
        for (name, results) in other.by_name {
            self.by_name.entry(name).or_default().extend(results);
        }
        for (name, results) in other.taken {
            self.take(&name, results);
        }
        self.at_once.extend(other.at_once);
        for (name, callees) in other.calls {
            self.calls.entry(name).or_default().extend(callees);
        }
        self.relied_on = OnceLock::new();
    }

    /// The most results that functions of a name hand over. `None` where there is no such function, or one hands its
    /// callback on to a function that is not of this project.
    pub fn results(&self, name: &str) -> Option<usize> {
        self.most(self.by_name.get(name)?.iter().collect())
    }

    /// The same for one function.
    pub fn results_within(&self, results: &Results) -> Option<usize> {
        self.most(vec![results])
    }

    fn most<'a>(&'a self, mut pending: Vec<&'a Results>) -> Option<usize> {
        let (mut most, mut seen) = (0, Vec::new());
        while let Some(results) = pending.pop() {
            most = most.max(results.most);
            for name in results.handed_to.iter().filter(|n| !seen.contains(n)).collect::<Vec<_>>() {
                if seen.len() == MAX_STEPS {
                    return None;
                }
                seen.push(name);
                pending.extend(self.by_name.get(name)?);
            }
        }
        Some(most)
    }
}

#[cfg(test)]
mod tests {
    use super::{CallbackFunctions, Results};

    fn functions(all: &[(&str, usize, &[&str])]) -> CallbackFunctions {
        let mut functions = CallbackFunctions::default();
        for (name, most, handed_to) in all {
            let handed_to = handed_to.iter().map(|n| (*n).to_owned()).collect();
            functions.add(name, Results { most: *most, handed_to });
        }
        functions
    }

    #[test]
    fn the_most_of_all_that_share_a_name_counts() {
        let functions = functions(&[("load", 1, &[]), ("load", 2, &[]), ("save", 0, &[])]);
        assert_eq!(functions.results("load"), Some(2));
        assert_eq!(functions.results("save"), Some(0));
    }

    #[test]
    fn what_is_relied_on_relies_on_what_it_calls() {
        let mut functions = CallbackFunctions::default();
        functions.rely("notify");
        functions.call("notify", "notifyBase");
        functions.call("notifyBase", "each");
        functions.call("save", "write");
        assert!(functions.is_relied_on("each"));
        assert!(!functions.is_relied_on("write"));
    }

    #[test]
    fn what_callbacks_take_is_the_most_of_all() {
        let mut functions = CallbackFunctions::default();
        let mut other = CallbackFunctions::default();
        functions.take("get", 1);
        other.take("get", 2);
        functions.extend(other);
        assert_eq!(functions.taken("get"), Some(2));
        assert_eq!(functions.taken("put"), None);
    }

    #[test]
    fn a_callback_is_followed_to_where_it_is_handed_on() {
        let functions = functions(&[("a", 0, &["b"]), ("b", 1, &["c"]), ("c", 2, &["a"]), ("d", 1, &["elsewhere"])]);
        assert_eq!(functions.results("a"), Some(2));
        assert_eq!(functions.results("d"), None, "nothing is known of `elsewhere`");
        assert_eq!(functions.results("missing"), None);
    }
}
