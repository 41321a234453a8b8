//! What a migration would do: it is carried out in memory, and what became of each function is noted.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    path::PathBuf,
};

use super::{
    Callers, Carried, Entry, Key, Limits, Map, Settings, Site, Step, Survey, Tree, contracts::contracts, run_step,
};
use crate::{
    contract::Contract,
    edit::{RefusalCode, Safety},
    source::Position,
};

/// How much can go wrong with a function's conversion that the tests of the project may not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// The function keeps its form for everybody else.
    Low,
    /// Somebody outside the project's own calls sees when and how it fails.
    Medium,
    /// It rests on something that the code does not show.
    High,
}

impl Plan {
    /// How many sites there are, and how many of them would be converted.
    pub fn sites(&self) -> (usize, usize) {
        self.functions.iter().fold((0, 0), |(sites, done), f| (sites + f.sites, done + f.converted))
    }

    /// How many sites wait for an assumption to be taken to hold.
    pub fn held_back(&self) -> usize {
        self.functions.iter().map(|f| f.held_back).sum()
    }

    /// How often each reason blocks a site, by its code.
    pub fn refusals(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for blocker in self.functions.iter().flat_map(|f| &f.blockers) {
            *counts.entry(blocker.code.code()).or_default() += 1;
        }
        counts
    }
}

impl Risk {
    /// Its name for people and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// Why a site is left as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// The kind of reason.
    pub code: RefusalCode,
    /// Where the code is that is to blame, in the file as it is now.
    pub place: Position,
}

/// A function in a plan.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The function.
    pub key: Key,
    /// The line that it starts in, from 1.
    pub line: usize,
    /// The step that it belongs to.
    pub step: Step,
    /// The wave within the step, from 1; `None` if nothing in it can be converted.
    pub wave: Option<usize>,
    /// What calls it from outside.
    pub entry: Option<Entry>,
    /// How it hands over its result; `None` at the top level.
    pub contract: Option<Contract>,
    /// How many places in it there are to convert.
    pub sites: usize,
    /// How many of them would be converted.
    pub converted: usize,
    /// How many of them could be converted if the assumptions of their rewrites were taken to hold.
    pub held_back: usize,
    /// What the changes rest on, those that rest on anything.
    pub assumptions: Vec<String>,
    /// Why the others would not.
    pub blockers: Vec<Blocker>,
    /// Who would still call it in the form that it has now, as far as that can be told.
    pub callers_left: Callers,
    /// How much can go wrong.
    pub risk: Risk,
    /// Why it is that much, in one sentence.
    pub why: &'static str,
}

/// What a migration would do.
#[derive(Debug, Default)]
pub struct Plan {
    /// The functions with something to convert in them: by step, wave, file and line. Those that are blocked stand at
    /// the end of their step.
    pub functions: Vec<Planned>,
    /// Adapters that would be removed, by the name of their function.
    pub adapters: Vec<Key>,
    /// Files that could not be worked on through a fault of ours.
    pub faulty: BTreeSet<PathBuf>,
    /// Whether the migration was broken off because it went on too long.
    pub unfinished: bool,
}

/// Carries all steps out in memory and tells what became of each function.
pub fn forecast(settings: &Settings<'_>, tree: &Tree) -> Plan {
    let start = Survey::of(settings, tree, &settings.leading(Step::Leaves), false);
    if start.sites.is_empty() {
        return Plan { faulty: start.faulty.iter().cloned().collect(), ..Plan::default() };
    }
    let mut now = tree.clone();
    let mut limits = Limits::default();
    let mut plan = Plan::default();
    let mut carried: Vec<(Step, Carried)> = Vec::new();
    for step in Step::ALL {
        let run = run_step(settings, &now, step, &limits);
        limits.touched = run.touched(&limits);
        limits.done.insert(step);
        plan.unfinished |= run.unfinished;
        plan.faulty.extend(run.faulty);
        carried.extend(run.carried.into_iter().map(|c| (step, c)));
        now = run.tree;
    }
    let adapters = carried.iter().filter(|(step, _)| *step == Step::Adapters);
    plan.adapters = adapters.map(|(_, c)| c.key.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    let mut by_function: BTreeMap<(Key, usize), Vec<&Site>> = BTreeMap::new();
    for site in &start.sites {
        by_function.entry((site.key.clone(), site.line)).or_default().push(site);
    }
    let end = Survey::of(settings, &now, &settings.leading(Step::Leaves), false);
    let mut left: BTreeMap<Key, Vec<&Site>> = BTreeMap::new();
    for site in &end.sites {
        left.entry(site.key.original()).or_default().push(site);
    }
    let (first, mut callers) = (Map::of(tree), Map::of(&now).callers());
    // The lines that people see are those of the code as it is.
    let as_it_is = |(key, line): (Key, usize)| {
        let line = first.function(&key, None).map_or(line, |f| f.line);
        (key, line)
    };
    for ((key, line), sites) in by_function {
        let left = left.get(&key.original()).map_or(&[][..], Vec::as_slice);
        let mut one = planned(key, line, &sites, &carried, &Left { sites: left, review: settings.review });
        if let Some(Callers { certain, from_outside }) = callers.remove(&one.key) {
            let certain = certain.into_iter().map(as_it_is).collect();
            one.callers_left = Callers { certain, from_outside };
        }
        plan.functions.push(one);
    }
    add_contracts(settings, tree, &first, &mut plan.functions);
    plan.functions.sort_by(|a, b| place(a).cmp(&place(b)));
    plan
}

/// Works out how the functions hand over their results.
fn add_contracts(settings: &Settings<'_>, tree: &Tree, map: &Map, functions: &mut [Planned]) {
    let start = |one: &Planned| Some(map.function(&one.key, Some(one.line))?.range.clone());
    let mut places: BTreeMap<PathBuf, Vec<Range<usize>>> = BTreeMap::new();
    for one in functions.iter() {
        places.entry(one.key.path.clone()).or_default().extend(start(one));
    }
    let mut contracts = contracts(settings, tree, &places);
    for one in functions {
        one.contract = start(one).and_then(|range| contracts.remove(&(one.key.path.clone(), range.start)));
    }
}

/// What orders the functions of a plan.
fn place(one: &Planned) -> (Step, usize, &Key, usize) {
    (one.step, one.wave.unwrap_or(usize::MAX), &one.key, one.line)
}

/// What is left of a function.
struct Left<'s> {
    /// Its sites after all steps.
    sites: &'s [&'s Site],
    /// Whether assumptions were taken to hold.
    review: bool,
}

/// What becomes of a function.
fn planned(key: Key, line: usize, sites: &[&Site], carried: &[(Step, Carried)], left: &Left<'_>) -> Planned {
    let done = |site: &Site| carried.iter().find(|(_, c)| c.id == site.id);
    let (mut assumptions, mut blockers, mut waves) = (Vec::new(), Vec::new(), Vec::new());
    let (mut converted, mut held_back) = (0, 0);
    // What could not be converted before the code around it was has another id by the time it is.
    let is_later = |c: &&Carried| {
        let is_site = sites.iter().any(|site| site.id == c.id);
        c.key.original() == key.original() && !is_site && sites.iter().any(|site| site.pattern == c.pattern)
    };
    let mut later: usize = carried.iter().map(|(_, c)| c).filter(is_later).map(|c| c.places).sum();
    for site in sites {
        let is_left = left.sites.iter().any(|now| now.id == site.id);
        match (done(site), &site.refusal) {
            (None, Some(_)) if !is_left && later >= site.places => {
                later -= site.places;
                converted += site.places;
            }
            (Some((_, change)), _) => {
                waves.push(change.wave);
                converted += site.places;
                assumptions.extend(site.assumption.clone());
            }
            (None, Some((code, place))) => blockers.push(Blocker { code: *code, place: *place }),
            (None, None) => match fate(site, sites, left) {
                Fate::Converted => converted += site.places,
                Fate::HeldBack => held_back += site.places,
                Fate::Blocked(code) => blockers.push(Blocker { code, place: site.start }),
            },
        }
    }
    let (step, entry) = (sites[0].step, sites[0].entry);
    let (risk, why) = risk(step, entry, sites.iter().any(|site| site.level == Safety::Review));
    Planned {
        key,
        line,
        step,
        wave: waves.iter().min().copied(),
        entry,
        contract: None,
        sites: sites.iter().map(|site| site.places).sum(),
        converted,
        held_back,
        assumptions,
        blockers,
        callers_left: Callers::default(),
        risk,
        why,
    }
}

/// What became of one of a function's sites that could be converted and was not, as far as its id tells.
enum Fate {
    /// Along with something else, or when the code around it had changed.
    Converted,
    HeldBack,
    Blocked(RefusalCode),
}

fn fate(site: &Site, sites: &[&Site], left: &Left<'_>) -> Fate {
    if site.level == Safety::Review && !left.review {
        return Fate::HeldBack;
    }
    let same = left.sites.iter().find(|now| now.id == site.id);
    // With other code in it, a site has another id.
    let is_new = |now: &&&Site| !sites.iter().any(|before| before.id == now.id);
    let Some(now) = same.or_else(|| left.sites.iter().find(is_new)) else { return Fate::Converted };
    match &now.refusal {
        Some((code, _)) => Fate::Blocked(*code),
        None if now.level == Safety::Review && !left.review => Fate::HeldBack,
        // It was tried, and thrown away.
        None => Fate::Blocked(RefusalCode::BrokenRewrite),
    }
}

fn risk(step: Step, entry: Option<Entry>, assumes: bool) -> (Risk, &'static str) {
    if assumes {
        return (Risk::High, "it rests on an assumption that the code does not show");
    }
    match (step, entry) {
        (_, Some(Entry::Request)) => (Risk::Medium, "a request sees how an error in it ends"),
        (_, Some(Entry::Command)) => (Risk::Medium, "a command's exit code depends on how an error in it ends"),
        (_, Some(Entry::Event)) => (Risk::Medium, "nobody waits for it, so an error in it has nowhere to go"),
        (_, Some(Entry::Load)) => (Risk::Medium, "it runs while the file is loaded"),
        (Step::Layers, None) => (Risk::Medium, "it relies on functions that are converted before it"),
        (_, None) => (Risk::Low, "its callers keep the callback form"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(id: &str, level: Safety, code: Option<RefusalCode>) -> Site {
        let start = Position { byte: 0, line: 1, column: 1 };
        Site {
            id: id.to_owned(),
            pattern: "then-chain",
            start,
            level,
            assumption: None,
            refusal: code.map(|code| (code, start)),
            places: 2,
            key: Key { path: "a.js".into(), name: "load".to_owned() },
            line: 1,
            entry: None,
            step: Step::Leaves,
            rank: 0,
            is_above: false,
        }
    }

    /// What becomes of a site of a level, by numbers of sites converted and held back, and by reasons.
    fn outcome(level: Safety, left: &[&Site], review: bool) -> (usize, usize, Vec<RefusalCode>) {
        let one = site("1", level, None);
        let planned = planned(one.key.clone(), 1, &[&one], &[], &Left { sites: left, review });
        (planned.converted, planned.held_back, planned.blockers.iter().map(|b| b.code).collect())
    }

    /// What becomes of two sites, of which one was refused and is left.
    fn planned_with(refused: &Site) -> (usize, Vec<RefusalCode>) {
        let one = site("1", Safety::Safe, None);
        let left = Left { sites: &[refused], review: false };
        let planned = planned(one.key.clone(), 1, &[&one, refused], &[], &left);
        (planned.converted, planned.blockers.iter().map(|b| b.code).collect())
    }

    #[test]
    fn what_was_refused_and_then_carried_out_under_another_id_counts_as_converted() {
        let refused = site("1", Safety::Manual, Some(RefusalCode::DetachedCallback));
        let key = Key { name: "loadAsync".to_owned(), ..refused.key.clone() };
        let carried =
            |pattern, places| Carried { id: "2".to_owned(), pattern, key: key.clone(), line: 1, wave: 2, places };
        let fate = |change: Carried, left: &[&Site]| {
            let left = Left { sites: left, review: false };
            let planned = planned(refused.key.clone(), 1, &[&refused], &[(Step::Leaves, change)], &left);
            (planned.converted, planned.blockers.len())
        };
        assert_eq!(fate(carried("then-chain", 2), &[]), (2, 0));
        assert_eq!(fate(carried("then-chain", 1), &[]), (0, 1), "there is another one");
        assert_eq!(fate(carried("then-chain", 2), &[&refused]), (0, 1), "it is still there");
        assert_eq!(fate(carried("unused-adapter", 2), &[]), (0, 1), "that is no site");
    }

    #[test]
    fn what_was_not_carried_out_is_not_said_to_rest_on_an_assumption() {
        let (safe, review) = (site("1", Safety::Safe, None), site("2", Safety::Review, None));
        let refused = site("3", Safety::Manual, Some(RefusalCode::UsesThis));
        assert_eq!(outcome(Safety::Review, &[&safe], false), (0, 2, vec![]));
        assert_eq!(outcome(Safety::Safe, &[], false), (2, 0, vec![]), "it went along with another one");
        assert_eq!(outcome(Safety::Safe, &[&safe], false), (0, 0, vec![RefusalCode::BrokenRewrite]));
        assert_eq!(outcome(Safety::Safe, &[&review], false), (0, 2, vec![]), "it has become one that does");
        assert_eq!(outcome(Safety::Safe, &[&refused], false), (0, 0, vec![RefusalCode::UsesThis]));
        assert_eq!(outcome(Safety::Review, &[&review], true), (0, 0, vec![RefusalCode::BrokenRewrite]));
        assert_eq!(planned_with(&refused), (2, vec![RefusalCode::UsesThis]), "each has a reason of its own");
        assert_eq!(outcome(Safety::Safe, &[&refused, &safe], false), (0, 0, vec![RefusalCode::BrokenRewrite]));
    }
}
