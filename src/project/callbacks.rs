//! How the functions of a project call back, by the functions' names: how many results they hand over, whether somebody
//! relies on their doing so at once, and whether they go on after it.
//!
//! A method may be reached through any number of objects, so it is known by its name alone: of all functions that share
//! one, the most counts. That costs a rewrite and never a result.

use std::{
    collections::{HashMap, HashSet},
    sync::OnceLock,
};

/// How many names are followed from one to the next.
const MAX_STEPS: usize = 64;

/// The name of all functions that some call may reach without naming them: what is handed to a call, or kept in a list.
pub const UNNAMED: &str = "";

/// What one function hands to its callback.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Results {
    /// The most results behind the error in a call of the callback.
    pub most: usize,
    /// The names of the functions that the callback is handed on to.
    pub handed_to: Vec<String>,
    /// Whether the function itself calls back with success, or may.
    pub succeeds: bool,
    /// The names of the functions that it is handed on to of which the names alone tell how many results they hand over.
    pub guessed: Vec<String>,
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
    /// Those of which the code behind the call uses what the callback has put somewhere: they do call back at once.
    used_at_once: HashSet<String>,
    /// The names of functions that are handed a callback which begins to listen to something: what that says before is lost.
    listened_behind: HashSet<String>,
    /// The names of functions of which a caller catches what they throw before they return, or their callback does.
    caught_at_once: HashSet<String>,
    /// The names of the functions that functions of a name call with a callback.
    calls: HashMap<String, HashSet<String>>,
    /// Those of `at_once`, and all that they call; worked out when all files are known.
    relied_on: OnceLock<HashSet<String>>,
    /// The names of functions that go on after they have called back.
    going_on: HashSet<String>,
    /// Those of `going_on`, and all that do so with them; worked out when all files are known.
    running_on: OnceLock<HashSet<String>>,
    /// The names of functions that go on after they have called a function which they are handed, and which takes no error.
    going_on_behind_values: HashSet<String>,
    /// The names of functions that catch what their callback throws.
    catching: HashSet<String>,
    /// Those of `catching`, and all that have it caught by them; worked out when all files are known.
    catching_for: OnceLock<HashSet<String>>,
    /// The names of the functions in whose stead functions of a name call back.
    in_stead_of: HashMap<String, HashSet<String>>,
    /// Whether all functions of a name return something truthy on each of their paths.
    errors: HashMap<String, bool>,
    /// The names of functions that return a promise on each of their paths, though they take a callback.
    promising: HashSet<String>,
    /// Whether all functions of a name return a promise on each of their paths.
    promises: HashMap<String, bool>,
    /// The names of functions that always call back before they return.
    prompt: HashSet<String>,
    /// The names of functions that may hand a result over beside an error.
    with_results_beside_errors: HashSet<String>,
    /// Those, and all in whose stead they call back; worked out when all files are known.
    handing_both: OnceLock<HashSet<String>>,
    /// The names of functions that are handed a callback which looks at a result where it has an error.
    looked_at_beside_errors: HashSet<String>,
    /// The names of the functions that functions of a name have their error and result from.
    answered_by: HashMap<String, HashSet<String>>,
    /// Those of `looked_at_beside_errors`, and all that they have both from; worked out when all files are known.
    expected_both: OnceLock<HashSet<String>>,
    /// The names of functions that are called without a callback, or handed to somebody who may do that.
    lacking: HashSet<String>,
    /// The names of members, and of modules, that something else is put in the place of.
    replaced: HashSet<String>,
    /// The names of functions that are handed a callback which counts what it gets.
    counted: HashSet<String>,
    /// Those, and all that they hand their callback on to; worked out when all files are known.
    counted_behind: OnceLock<HashSet<String>>,
    /// The names of functions that call back as something tells of an event.
    listening: HashSet<String>,
    /// Those of which the event is one of many, so that the next may be told of in the same turn.
    told_by_events: HashSet<String>,
    /// The names of functions that are handed a callback which listens for the next event itself.
    listened_next: HashSet<String>,
    /// The names of the functions that are called by callbacks which functions of a name are handed.
    followed_by: HashMap<String, HashSet<String>>,
    /// The names of functions behind which the next event would be missed; worked out when all files are known.
    missed_behind: OnceLock<HashSet<String>>,
}

impl CallbackFunctions {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
            && self.taken.is_empty()
            && self.at_once.is_empty()
            && self.used_at_once.is_empty()
            && self.listened_behind.is_empty()
            && self.caught_at_once.is_empty()
            && self.going_on.is_empty()
            && self.going_on_behind_values.is_empty()
            && self.catching.is_empty()
            && self.errors.is_empty()
            && self.promising.is_empty()
            && self.prompt.is_empty()
            && self.with_results_beside_errors.is_empty()
            && self.looked_at_beside_errors.is_empty()
            && self.lacking.is_empty()
            && self.replaced.is_empty()
            && self.counted.is_empty()
            && self.listening.is_empty()
            && self.listened_next.is_empty()
            && self.followed_by.is_empty()
    }

    /// Notes that a function of a name is relied on to call back before it returns.
    pub fn rely(&mut self, name: &str) {
        self.at_once.insert(name.to_owned());
    }

    /// Notes that the code behind a call of a function of a name uses what the callback has put somewhere.
    pub fn use_at_once(&mut self, name: &str) {
        self.used_at_once.insert(name.to_owned());
    }

    /// Notes that a function of a name is handed a callback that begins to listen to something which was there before.
    pub fn listen_behind(&mut self, name: &str) {
        self.listened_behind.insert(name.to_owned());
    }

    /// Notes that a caller of a function of a name catches what that throws before it returns, or its callback does.
    pub fn catch_at_once(&mut self, name: &str) {
        self.caught_at_once.insert(name.to_owned());
    }

    /// Whether some caller of functions of a name catches what they throw before they return, or their callback does.
    pub fn is_caught_at_once(&self, name: &str) -> bool {
        self.caught_at_once.contains(name)
    }

    /// Notes that a function of a name calls another one with a callback.
    pub fn call(&mut self, name: &str, callee: &str) {
        self.calls.entry(name.to_owned()).or_default().insert(callee.to_owned());
    }

    /// Whether functions of a name are relied on to call back before they return, be it by way of others. What is said
    /// while one calls the other is a short time, so those that are listened behind do not pass it on.
    pub fn is_relied_on(&self, name: &str) -> bool {
        let is_needed = self.relied_on.get_or_init(|| self.all_relied_on()).contains(name);
        is_needed || self.listened_behind.contains(name)
    }

    /// A value that is returned at once may do without what functions make of it that are reached by no name. Where something
    /// is used at once, it was there; and a function that is none of the project's may call any that it has been handed.
    fn all_relied_on(&self) -> HashSet<String> {
        let named = self.calls.iter().filter(|(name, _)| *name != UNNAMED);
        let named: HashMap<String, HashSet<String>> = named.map(|(name, all)| (name.clone(), all.clone())).collect();
        let mut all = reached(&self.at_once, &named);
        all.remove(UNNAMED);
        let mut used = reached(&self.used_at_once, &self.calls);
        let is_known = |name: &String| self.by_name.contains_key(name) || self.calls.contains_key(name);
        if !used.iter().all(is_known) {
            used.insert(UNNAMED.to_owned());
            used = reached(&used, &self.calls);
        }
        all.extend(used);
        all
    }

    /// Notes that a function of a name goes on after it has called back.
    pub fn run_on(&mut self, name: &str) {
        self.going_on.insert(name.to_owned());
    }

    /// Notes that another function calls back in the stead of one of a name, which goes on if that does.
    pub fn call_back_by(&mut self, name: &str, other: &str) {
        self.in_stead_of.entry(other.to_owned()).or_default().insert(name.to_owned());
    }

    /// Whether a function of a name goes on after it has called back, be it by way of others.
    pub fn runs_on(&self, name: &str) -> bool {
        self.running_on.get_or_init(|| reached(&self.going_on, &self.in_stead_of)).contains(name)
    }

    /// Notes that a function of a name goes on after it has called a function that takes a value.
    pub fn run_on_behind_value(&mut self, name: &str) {
        self.going_on_behind_values.insert(name.to_owned());
    }

    /// Whether a function of a name goes on after it has called a function that takes a value.
    pub fn runs_on_behind_value(&self, name: &str) -> bool {
        self.going_on_behind_values.contains(name)
    }

    /// Notes that a function of a name catches what its callback throws.
    pub fn catch(&mut self, name: &str) {
        self.catching.insert(name.to_owned());
    }

    /// Whether what a callback throws that is handed to a function of a name is caught, be it by way of others.
    pub fn catches(&self, name: &str) -> bool {
        self.catching_for.get_or_init(|| reached(&self.catching, &self.in_stead_of)).contains(name)
    }

    /// Notes whether a function of a name returns something truthy on each of its paths, as functions do that make errors.
    pub fn make_error(&mut self, name: &str, always: bool) {
        *self.errors.entry(name.to_owned()).or_insert(true) &= always;
    }

    /// Whether functions of a name return something truthy on each of their paths; and there are some.
    pub fn makes_error(&self, name: &str) -> bool {
        self.errors.get(name).is_some_and(|always| *always)
    }

    /// Notes whether a function of a name returns a promise on each of its paths.
    pub fn return_promise(&mut self, name: &str, always: bool) {
        match self.promises.get_mut(name) {
            Some(all) => *all &= always,
            None => drop(self.promises.insert(name.to_owned(), always)),
        }
    }

    /// Whether functions of a name return a promise on each of their paths; and there are some.
    pub fn returns_promise(&self, name: &str) -> bool {
        self.promises.get(name).is_some_and(|always| *always)
    }

    /// Notes that a function of a name may hand a result over beside an error.
    pub fn hand_result_beside_error(&mut self, name: &str) {
        self.with_results_beside_errors.insert(name.to_owned());
    }

    /// Whether a function of a name may hand a result over beside an error, be it by way of others.
    pub fn hands_result_beside_error(&self, name: &str) -> bool {
        let both = || reached(&self.with_results_beside_errors, &self.in_stead_of);
        self.handing_both.get_or_init(both).contains(name)
    }

    /// Notes that a function of a name is handed a callback which looks at a result where it has an error.
    pub fn look_beside_error(&mut self, name: &str) {
        self.looked_at_beside_errors.insert(name.to_owned());
    }

    /// Notes that a function of a name hands on error and result of another one.
    pub fn answer_by(&mut self, name: &str, other: &str) {
        self.answered_by.entry(name.to_owned()).or_default().insert(other.to_owned());
    }

    /// Whether somebody expects a result beside an error from a function of a name, be it by way of others.
    pub fn is_expected_to_hand_both(&self, name: &str) -> bool {
        let expected = || reached(&self.looked_at_beside_errors, &self.answered_by);
        self.expected_both.get_or_init(expected).contains(name)
    }

    /// Notes that something else is put in the place of a member, or of a module, while the program runs.
    pub fn replace(&mut self, name: &str) {
        self.replaced.insert(name.to_owned());
    }

    /// Whether something else may be put in the place of a member of a module while the program runs.
    pub fn is_replaced(&self, module: &str, member: &str) -> bool {
        self.replaced.contains(member) || self.replaced.contains(module)
    }

    /// Notes that a function of a name is called without a callback, or handed to somebody who may do that.
    pub fn lack_callback(&mut self, name: &str) {
        if !self.lacking.contains(name) {
            self.lacking.insert(name.to_owned());
        }
    }

    /// Whether a function of a name is called without a callback somewhere, as far as can be seen.
    pub fn may_lack_callback(&self, name: &str) -> bool {
        self.lacking.contains(name)
    }

    /// Notes that a function of a name returns a promise on each of its paths, though it takes a callback.
    pub fn promise(&mut self, name: &str) {
        self.promising.insert(name.to_owned());
    }

    /// Whether a function of a name returns a promise on each of its paths, though it takes a callback.
    pub fn promises(&self, name: &str) -> bool {
        self.promising.contains(name)
    }

    /// Notes that a function of a name always calls back before it returns.
    pub fn call_back_at_once(&mut self, name: &str) {
        self.prompt.insert(name.to_owned());
    }

    /// Whether some function of a name always calls back before it returns.
    pub fn is_prompt(&self, name: &str) -> bool {
        self.prompt.contains(name)
    }

    /// Notes that a function of a name is handed a callback which counts what it gets.
    pub fn count(&mut self, name: &str) {
        self.counted.insert(name.to_owned());
    }

    /// Whether a function of a name is handed a callback which counts what it gets, be it by way of others.
    pub fn is_counted(&self, name: &str) -> bool {
        let all = || {
            let handed = |all: &Vec<Results>| all.iter().flat_map(|results| results.handed_to.clone()).collect();
            let handed_on: HashMap<_, _> = self.by_name.iter().map(|(name, all)| (name.clone(), handed(all))).collect();
            reached(&self.counted, &handed_on)
        };
        self.counted_behind.get_or_init(all).contains(name)
    }

    /// Notes that a function of a name calls back as something tells of an event, be it `one_of_many`.
    pub fn listen(&mut self, name: &str, one_of_many: bool) {
        self.listening.insert(name.to_owned());
        if one_of_many {
            self.told_by_events.insert(name.to_owned());
        }
    }

    /// Notes that a function of a name is handed a callback which listens for the next event.
    pub fn listen_next(&mut self, name: &str) {
        self.listened_next.insert(name.to_owned());
    }

    /// Notes that a function of a name is handed a callback which calls another one.
    pub fn follow(&mut self, name: &str, other: &str) {
        self.followed_by.entry(name.to_owned()).or_default().insert(other.to_owned());
    }

    /// Whether a function of a name listens for an event, be it by way of others.
    pub fn listens(&self, name: &str) -> bool {
        !self.listening.is_empty() && reached(&self.listening, &self.in_stead_of).contains(name)
    }

    /// Whether the next event would be missed if a function of a name called back any later: a callback that it is handed, or one
    /// that is called by way of it, listens for that.
    pub fn is_event_missed_behind(&self, name: &str) -> bool {
        self.missed_behind.get_or_init(|| self.all_missed_behind()).contains(name)
    }

    fn all_missed_behind(&self) -> HashSet<String> {
        let told = reached(&self.told_by_events, &self.in_stead_of);
        let listening = reached(&self.listening, &self.in_stead_of);
        let listens_next = |name: &&String| {
            let mut next = self.followed_by.get(*name).into_iter().flatten();
            self.listened_next.contains(*name) || next.any(|other| listening.contains(other))
        };
        let missed = told.iter().filter(listens_next).cloned().collect();
        let calls = self.calls.iter().map(|(name, all)| (name.clone(), all.intersection(&told).cloned().collect()));
        reached(&missed, &calls.collect())
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

    /// The most results that anybody takes who is called back by functions of a name, or by those that they hand their callback
    /// on to, from one to the next.
    pub fn taken_behind(&self, name: &str) -> Option<usize> {
        let (mut seen, mut next) = (vec![name], 0);
        while let Some(one) = seen.get(next).copied().filter(|_| next < MAX_STEPS) {
            let functions = self.by_name.get(one).into_iter().flatten();
            let all = functions.flat_map(|results| results.handed_to.iter().chain(&results.guessed));
            let new: Vec<&str> = all.map(String::as_str).filter(|name| !seen.contains(name)).collect();
            seen.extend(new);
            next += 1;
        }
        seen.into_iter().filter_map(|name| self.taken(name)).max()
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
        self.used_at_once.extend(other.used_at_once);
        self.listened_behind.extend(other.listened_behind);
        self.caught_at_once.extend(other.caught_at_once);
        for (name, callees) in other.calls {
            self.calls.entry(name).or_default().extend(callees);
        }
        self.going_on.extend(other.going_on);
        self.going_on_behind_values.extend(other.going_on_behind_values);
        self.catching.extend(other.catching);
        self.promising.extend(other.promising);
        self.prompt.extend(other.prompt);
        self.with_results_beside_errors.extend(other.with_results_beside_errors);
        self.looked_at_beside_errors.extend(other.looked_at_beside_errors);
        for (name, others) in other.answered_by {
            self.answered_by.entry(name).or_default().extend(others);
        }
        self.lacking.extend(other.lacking);
        self.replaced.extend(other.replaced);
        self.counted.extend(other.counted);
        self.listening.extend(other.listening);
        self.told_by_events.extend(other.told_by_events);
        self.listened_next.extend(other.listened_next);
        for (name, others) in other.followed_by {
            self.followed_by.entry(name).or_default().extend(others);
        }
        for (name, others) in other.in_stead_of {
            self.in_stead_of.entry(name).or_default().extend(others);
        }
        for (name, always) in other.errors {
            self.make_error(&name, always);
        }
        for (name, always) in other.promises {
            self.return_promise(&name, always);
        }
        self.relied_on = OnceLock::new();
        self.running_on = OnceLock::new();
        self.catching_for = OnceLock::new();
        self.handing_both = OnceLock::new();
        self.expected_both = OnceLock::new();
        self.counted_behind = OnceLock::new();
        self.missed_behind = OnceLock::new();
    }

    /// The most results that functions of a name hand over. `None` where there is no such function, where one hands its
    /// callback on to a function that is not of this project, and where all do nothing but hand it on to each other: what
    /// `get` calls on another object by that name may be no function of the project.
    pub fn results(&self, name: &str) -> Option<usize> {
        self.most(self.by_name.get(name)?.iter().collect())
    }

    /// The same for one function.
    pub fn results_within(&self, results: &Results) -> Option<usize> {
        self.most(vec![results])
    }

    fn most(&self, from: Vec<&Results>) -> Option<usize> {
        let (mut seen, mut next): (Vec<&String>, usize) = (Vec::new(), 0);
        let (mut most, mut pending) = (0, from.clone());
        loop {
            for results in std::mem::take(&mut pending) {
                // Somebody takes more than the name tells.
                let is_more = |name: &String| self.taken(name).is_some_and(|taken| taken > results.most.max(1));
                if results.guessed.iter().any(is_more) {
                    return None;
                }
                most = most.max(results.most);
                let new = results.handed_to.iter().filter(|name| !seen.contains(name)).collect::<Vec<_>>();
                seen.extend(new);
            }
            let Some(name) = seen.get(next).filter(|_| seen.len() <= MAX_STEPS) else { break };
            pending.extend(self.by_name.get(*name)?);
            next += 1;
        }
        let is_grounded = next == seen.len() && self.are_grounded(&from, &seen);
        is_grounded.then_some(most)
    }

    /// Whether each of some functions, and each of some names, has somebody in the end who calls back without handing the
    /// callback on.
    fn are_grounded(&self, functions: &[&Results], names: &[&String]) -> bool {
        let mut grounded: HashSet<&String> = HashSet::new();
        let is_grounded = |results: &Results, grounded: &HashSet<&String>| {
            results.succeeds
                || results.handed_to.is_empty()
                || results.handed_to.iter().any(|name| grounded.contains(name))
        };
        loop {
            let new: Vec<_> = names
                .iter()
                .filter(|name| !grounded.contains(**name))
                .filter(|name| self.by_name.get(**name).into_iter().flatten().any(|r| is_grounded(r, &grounded)))
                .collect();
            if new.is_empty() {
                break;
            }
            grounded.extend(new);
        }
        grounded.len() == names.len() && functions.iter().any(|r| is_grounded(r, &grounded))
    }
}

/// Some names, and all that steps lead to from them.
fn reached(from: &HashSet<String>, steps: &HashMap<String, HashSet<String>>) -> HashSet<String> {
    let mut reached = from.clone();
    let mut pending: Vec<&String> = from.iter().collect();
    while let Some(name) = pending.pop() {
        for next in steps.get(name).into_iter().flatten() {
            if reached.insert(next.clone()) {
                pending.push(next);
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests;
