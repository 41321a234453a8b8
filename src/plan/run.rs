//! One step of the migration, carried out in memory.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
};

use rayon::prelude::*;

use super::{Key, Settings, Site, Step, Survey, Tree, map::guarded, survey::engine};
use crate::{
    edit::Safety,
    engine::{Dropped, Rewritten},
    source::SourceFile,
};

/// How often a step looks at the code again before it gives up. Every look converts all functions that wait for
/// nothing else, so only a longer line of callers needs more, or patterns that undo each other's work.
const MAX_WAVES: usize = 200;

/// What a step may not do.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// When there, only findings with these ids are rewritten.
    pub allowed: Option<BTreeSet<String>>,
    /// Findings with these ids are not rewritten.
    pub barred: BTreeSet<String>,
    /// Functions that earlier steps of the same migration have converted.
    pub touched: BTreeSet<Key>,
    /// The earlier steps of the same migration.
    pub done: BTreeSet<Step>,
    /// Functions whose rewrites in earlier steps were undone.
    pub undone: BTreeSet<Key>,
}

/// A change that a step carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The id of its finding, in the wave that it was found in.
    pub id: String,
    /// Its pattern.
    pub pattern: &'static str,
    /// The function that it belongs to.
    pub key: Key,
    /// The line that the finding started in, from 1, in the file as the wave found it.
    pub line: usize,
    /// The wave within the step, from 1.
    pub wave: usize,
    /// How many places in the code it converts.
    pub places: usize,
}

/// What a step comes to.
#[derive(Debug)]
pub struct StepRun {
    /// The step.
    pub step: Step,
    /// The code after it.
    pub tree: Tree,
    /// The changes, in the order in which they were carried out.
    pub carried: Vec<Carried>,
    /// Changes that were thrown away because their result did not stand up to being checked.
    pub dropped: Vec<(PathBuf, Dropped)>,
    /// Whether there may be more to do because the step was gone through too often.
    pub unfinished: bool,
    /// Files that could not be worked on through a fault of ours. They are as they were.
    pub faulty: BTreeSet<PathBuf>,
}

impl StepRun {
    /// The functions that this step and those before it have converted.
    pub fn touched(&self, limits: &Limits) -> BTreeSet<Key> {
        let now = self.carried.iter().map(|c| c.key.original());
        limits.touched.iter().cloned().chain(now).collect()
    }
}

/// Carries one step out on a copy of the tree, wave by wave. The same arguments give the same result.
pub fn run_step(settings: &Settings<'_>, tree: &Tree, step: Step, limits: &Limits) -> StepRun {
    let mut run = StepRun {
        step,
        tree: tree.clone(),
        carried: Vec::new(),
        dropped: Vec::new(),
        unfinished: false,
        faulty: BTreeSet::new(),
    };
    let leading = settings.leading(step);
    let members = Members::of(settings, tree, step, &leading, limits);
    run.waves(settings, &leading, limits, |site| members.has(site));
    let touched = run.touched(limits);
    run.waves(settings, &settings.following(step), limits, |site| touched.contains(&site.key.original()));
    run
}

/// Which functions a step is about. It is settled before the first wave: with its callees converted, a function
/// between looks like a leaf.
struct Members {
    step: Step,
    steps: HashMap<Key, Step>,
    ids: HashMap<String, Step>,
}

impl Members {
    fn of(settings: &Settings<'_>, tree: &Tree, step: Step, patterns: &[String], limits: &Limits) -> Self {
        let survey = Survey::of(settings, tree, patterns, step == Step::Adapters);
        // What stands above converted functions is a leaf by now, and was a function between before. What is a leaf although
        // all leaves have been converted has become one by that.
        let is_left =
            |site: &Site| !limits.done.contains(&Step::Leaves) || limits.undone.contains(&site.key.original());
        let own = |site: &Site| {
            let is_leaf = site.step == Step::Leaves && is_left(site) && !site.is_above;
            if step == Step::Layers && site.step == Step::Leaves && !is_leaf { Step::Layers } else { site.step }
        };
        let steps = survey.sites.iter().map(|site| (site.key.clone(), own(site))).collect();
        let ids = survey.sites.iter().map(|site| (site.id.clone(), own(site))).collect();
        Self { step, steps, ids }
    }

    fn has(&self, site: &Site) -> bool {
        let known = self.ids.get(&site.id).or_else(|| self.steps.get(&site.key));
        // A function that was converted has its code under another name now.
        let known = known.or_else(|| self.steps.get(&site.key.original()));
        known.copied().unwrap_or(site.step) == self.step
    }
}

impl StepRun {
    /// Converts what `belongs` says, callee before caller, until there is nothing left.
    fn waves(
        &mut self,
        settings: &Settings<'_>,
        patterns: &[String],
        limits: &Limits,
        belongs: impl Fn(&Site) -> bool,
    ) {
        if patterns.is_empty() {
            return;
        }
        let wanted = if settings.review { Safety::Review } else { Safety::Safe };
        let mut tried: BTreeSet<String> = BTreeSet::new();
        let first = self.carried.iter().map(|c| c.wave).max().unwrap_or(0);
        for wave in 1..=MAX_WAVES + 1 {
            let survey = Survey::of(settings, &self.tree, patterns, self.step == Step::Adapters);
            self.faulty.extend(survey.faulty.iter().cloned());
            let mut sites: Vec<Site> = survey.sites.clone();
            sites.retain(|site| {
                site.level >= wanted
                    && !tried.contains(&site.id)
                    && !limits.barred.contains(&site.id)
                    && limits.allowed.as_ref().is_none_or(|ids| ids.contains(&site.id))
                    && belongs(site)
            });
            let Some(lowest) = sites.iter().map(|site| site.rank).min() else { return };
            if wave > MAX_WAVES {
                self.unfinished = true;
                return;
            }
            sites.retain(|site| site.rank == lowest);
            tried.extend(sites.iter().map(|site| site.id.clone()));
            self.wave(settings, patterns, &sites, first + wave);
        }
    }

    /// Rewrites the findings of one wave, each file by itself.
    fn wave(&mut self, settings: &Settings<'_>, patterns: &[String], sites: &[Site], wave: usize) {
        let mut by_file: BTreeMap<&Path, Vec<&Site>> = BTreeMap::new();
        for site in sites {
            by_file.entry(&site.key.path).or_default().push(site);
        }
        let ids: BTreeSet<String> = sites.iter().map(|site| site.id.clone()).collect();
        let engine = engine(settings, &self.tree, patterns, Some(ids));
        let files: Vec<_> = by_file.keys().filter_map(|path| self.tree.get(path).cloned()).collect();
        let rewritten: Vec<Option<Rewritten>> = files.par_iter().map(|file| guarded(|| engine.rewrite(file))).collect();
        for (file, rewritten) in files.iter().zip(rewritten) {
            let path = file.path();
            let Some(mut rewritten) = rewritten else {
                self.faulty.insert(path.to_owned());
                continue;
            };
            let dropped: BTreeSet<&str> = rewritten.dropped.iter().map(|d| d.id.as_str()).collect();
            if let Some(bytes) = rewritten.bytes.take() {
                let done = by_file[path].iter().filter(|site| !dropped.contains(site.id.as_str()));
                self.carried.extend(done.map(|site| Carried {
                    id: site.id.clone(),
                    pattern: site.pattern,
                    key: site.key.clone(),
                    line: site.start.line,
                    wave,
                    places: site.places,
                }));
                let file = SourceFile::new(path, bytes).expect("the engine hands a text on as a text");
                self.tree.put(file);
            }
            self.unfinished |= rewritten.unfinished;
            self.dropped.extend(rewritten.dropped.into_iter().map(|d| (path.to_owned(), d)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{apis::Apis, plan::Memo, transforms::ALL};

    fn tree(files: &[(&str, &str)]) -> Tree {
        Tree::new(files.iter().map(|(path, text)| SourceFile::new(*path, text.as_bytes().to_vec()).unwrap()))
    }

    fn chain(name: &str) -> String {
        format!("function {name}(id) {{\n  return load(id).then(function (x) {{ return x + 1; }});\n}}\n")
    }

    fn text<'a>(tree: &'a Tree, path: &str) -> &'a str {
        tree.get(Path::new(path)).unwrap().text()
    }

    fn step(tree: &Tree, step: Step, limits: &Limits) -> StepRun {
        let patterns = ["then-chain".to_owned()];
        let settings = Settings {
            registry: ALL,
            apis: Apis::builtin(),
            packages: &std::sync::Arc::default(),
            memo: &Memo::default(),
            patterns: &patterns,
            skip: &[],
            review: false,
        };
        run_step(&settings, tree, step, limits)
    }

    #[test]
    fn a_step_converts_its_own_functions_and_no_others() {
        let command = "function go(id) {\n  return load(id).then(x => x + 1);\n}\nprogram.action(go);\n";
        let start = tree(&[("a.js", &(chain("a") + command)), ("b.js", "var x = 1;\n")]);
        let leaves = step(&start, Step::Leaves, &Limits::default());
        assert!(text(&leaves.tree, "a.js").starts_with("async function a"));
        assert!(text(&leaves.tree, "a.js").ends_with(command));
        assert_eq!(
            leaves.carried.iter().map(|c| (c.key.name.as_str(), c.line, c.wave)).collect::<Vec<_>>(),
            [("a", 2, 1)]
        );
        let changed: Vec<_> = leaves.tree.changed_since(&start).iter().map(|d| d.path.to_owned()).collect();
        assert_eq!(changed, [Path::new("a.js")]);
        let entries = step(&leaves.tree, Step::Entries, &Limits::default());
        assert_eq!(entries.carried[0].key.name, "go");
        assert!(!text(&entries.tree, "a.js").contains(".then("), "{}", text(&entries.tree, "a.js"));
        assert!(step(&entries.tree, Step::Layers, &Limits::default()).carried.is_empty());
    }

    #[test]
    fn what_is_a_leaf_when_all_leaves_are_done_is_converted_between() {
        let start = tree(&[("a.js", &chain("a"))]);
        assert!(step(&start, Step::Layers, &Limits::default()).carried.is_empty());
        let limits = Limits { done: [Step::Leaves, Step::Entries].into(), ..Limits::default() };
        assert_eq!(step(&start, Step::Layers, &limits).carried.len(), 1);
        assert!(step(&start, Step::Entries, &limits).carried.is_empty());
        let key = Key { path: "a.js".into(), name: "a".to_owned() };
        let limits = Limits { undone: [key].into(), ..limits };
        assert!(step(&start, Step::Layers, &limits).carried.is_empty(), "what was undone is not tried again");
    }

    #[test]
    fn a_step_is_gone_through_again_with_fewer_changes() {
        let start = tree(&[("a.js", &(chain("a") + &chain("b"))), ("c.js", &chain("c"))]);
        let all = step(&start, Step::Leaves, &Limits::default());
        assert_eq!(all.carried.len(), 3);
        let ids: Vec<_> = all.carried.iter().map(|c| c.id.clone()).collect();
        let limits = Limits { allowed: Some([ids[0].clone(), ids[2].clone()].into()), ..Limits::default() };
        let some = step(&start, Step::Leaves, &limits);
        assert_eq!(some.carried.iter().map(|c| c.id.clone()).collect::<Vec<_>>(), [ids[0].clone(), ids[2].clone()]);
        assert!(text(&some.tree, "a.js").ends_with(&chain("b")), "{}", text(&some.tree, "a.js"));
        let limits = Limits { barred: [ids[0].clone()].into(), ..Limits::default() };
        let rest = step(&start, Step::Leaves, &limits);
        assert!(text(&rest.tree, "a.js").starts_with(&chain("a")));
        let limits = Limits { allowed: Some(BTreeSet::new()), ..Limits::default() };
        assert!(step(&start, Step::Leaves, &limits).tree.changed_since(&start).is_empty());
    }

    #[test]
    fn chains_within_chains_come_to_light_in_the_same_step() {
        let nested = "function a(id) {\n  return f(id).then(x => {\n    return g(x).then(y => y + x);\n  });\n}\n";
        let start = tree(&[("a.js", nested)]);
        let settings = Settings {
            registry: ALL,
            apis: Apis::builtin(),
            packages: &std::sync::Arc::default(),
            memo: &Memo::default(),
            patterns: &["nested-then".into(), "then-chain".into()],
            skip: &[],
            review: false,
        };
        let run = run_step(&settings, &start, Step::Leaves, &Limits::default());
        assert!(!text(&run.tree, "a.js").contains(".then("), "{}", text(&run.tree, "a.js"));
        assert!(!run.unfinished);
    }
}
