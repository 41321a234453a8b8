//! What there is to convert in a tree, and in which order: every finding with the function it belongs to, its step and
//! its rank.

use std::{
    collections::{BTreeSet, VecDeque},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock},
};

use rayon::prelude::*;

use super::{
    ADAPTERS, Entry, Settings, Step, Tree,
    closed::close,
    forms,
    graph::ranks,
    map::{Map, Owner, guarded},
};
use crate::{
    edit::{RefusalCode, Safety},
    engine::{Asked, Engine, Located, Read, Selection},
    project::{CallbackFunctions, OtherFiles},
    source::{Position, SourceFile},
};

/// A function, as it is spoken of across rewrites: bytes and lines move, names stay.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The file that it is in.
    pub path: PathBuf,
    /// Its name.
    pub name: String,
}

impl Key {
    /// The same function under the name that it had before its promise form got one of its own.
    #[must_use]
    pub fn original(&self) -> Self {
        let name = self.name.strip_suffix("Async").filter(|name| !name.is_empty()).unwrap_or(&self.name);
        Self { path: self.path.clone(), name: name.to_owned() }
    }
}

/// A finding of a migration's patterns.
#[derive(Clone, Debug)]
pub struct Site {
    /// The finding's id.
    pub id: String,
    /// Its pattern.
    pub pattern: &'static str,
    /// Where it starts.
    pub start: Position,
    /// What a rewrite promises; [`Safety::Manual`] where there is none.
    pub level: Safety,
    /// What the rewrite rests on, at [`Safety::Review`].
    pub assumption: Option<String>,
    /// Why there is no rewrite, and where the code is that is to blame.
    pub refusal: Option<(RefusalCode, Position)>,
    /// How many places in the code a rewrite converts, or a refusal leaves: a finding may speak for all calls of a
    /// function.
    pub places: usize,
    /// The function that it belongs to.
    pub key: Key,
    /// The line of that function, from 1.
    pub line: usize,
    /// What calls that function from outside.
    pub entry: Option<Entry>,
    /// The step that the function belongs to.
    pub step: Step,
    /// How many functions that are still to be converted stand, one calling the next, below it.
    pub rank: usize,
    /// Whether the function calls one of the project that has been converted.
    pub is_above: bool,
}

/// Everything that there is to convert in a tree.
#[derive(Debug, Default)]
pub struct Survey {
    /// The findings, by file and in source order.
    pub sites: Vec<Site>,
    /// Files that could not be looked at through a fault of ours.
    pub faulty: Vec<PathBuf>,
}

impl Survey {
    /// Looks at all files for findings of the given patterns. What a finding's step is follows from the code alone,
    /// except for [`Step::Adapters`], which is the patterns' own.
    pub fn of(settings: &Settings<'_>, tree: &Tree, patterns: &[String], adapters: bool) -> Arc<Self> {
        if patterns.is_empty() {
            return Arc::default();
        }
        if let Some(known) = settings.memo.find(tree, patterns, adapters) {
            return known;
        }
        let survey = Arc::new(Self::new(settings, tree, patterns, adapters));
        settings.memo.keep(tree, patterns, adapters, &survey);
        survey
    }

    fn new(settings: &Settings<'_>, tree: &Tree, patterns: &[String], adapters: bool) -> Self {
        let map = Map::of(tree);
        let engine = engine(settings, tree, patterns, None);
        let files: Vec<&Arc<SourceFile>> = tree.files().collect();
        let found: Vec<_> = files.par_iter().map(|file| guarded(|| engine.scan(file).findings)).collect();
        let mut survey = Self { faulty: map.faulty.clone(), ..Self::default() };
        for (file, found) in files.iter().zip(found) {
            match found {
                Some(found) => survey.sites.extend(found.into_iter().map(|one| site(one, &map, file.path()))),
                None => survey.faulty.push(file.path().to_owned()),
            }
        }
        if adapters {
            survey.sites.iter_mut().for_each(|site| site.step = Step::Adapters);
        } else {
            order(&mut survey.sites, &map);
        }
        survey
    }

    /// How many places in the code there are to convert.
    pub fn places(&self) -> usize {
        self.sites.iter().map(|site| site.places).sum()
    }
}

/// How many surveys are kept.
const KEPT: usize = 4;

/// The last surveys, and what the files say that are in no tree. A step begins where the one before it has ended, and is gone through again from its start to
/// narrow a failure down, so the same tree is looked at more than once.
#[derive(Debug, Default)]
pub struct Memo {
    surveys: Mutex<VecDeque<Kept>>,
    rest: OnceLock<CallbackFunctions>,
}

#[derive(Debug)]
struct Kept {
    tree: Tree,
    patterns: Vec<String>,
    adapters: bool,
    survey: Arc<Survey>,
}

impl Memo {
    fn find(&self, tree: &Tree, patterns: &[String], adapters: bool) -> Option<Arc<Survey>> {
        let kept = self.surveys.lock().ok()?;
        let same = |k: &&Kept| k.adapters == adapters && k.patterns == patterns && k.tree.is_same(tree);
        kept.iter().find(same).map(|k| Arc::clone(&k.survey))
    }

    /// What the files of the project say that are not in the tree, whose paths are these. No step changes them.
    fn rest(&self, engine: &Engine<'_>, paths: &[&Path]) -> CallbackFunctions {
        self.rest.get_or_init(|| forms::callbacks_of_rest(engine, paths)).clone()
    }

    fn keep(&self, tree: &Tree, patterns: &[String], adapters: bool, survey: &Arc<Survey>) {
        let Ok(mut kept) = self.surveys.lock() else { return };
        if kept.len() == KEPT {
            kept.pop_front();
        }
        let (tree, patterns, survey) = (tree.clone(), patterns.to_vec(), Arc::clone(survey));
        kept.push_back(Kept { tree, patterns, adapters, survey });
    }
}

/// An engine for some patterns, that knows what there is to know of the tree.
pub(super) fn engine<'r>(
    settings: &Settings<'r>,
    tree: &Tree,
    patterns: &[String],
    only: Option<BTreeSet<String>>,
) -> Engine<'r> {
    let selection = Selection { patterns: patterns.to_vec(), skip: Vec::new(), review: settings.review, only };
    let engine = Engine::new(settings.registry, selection).expect("only patterns of the registry are asked for");
    let engine = engine.with_apis(settings.apis.clone()).within(Arc::clone(settings.packages));
    let files: Vec<&Arc<SourceFile>> = tree.files().collect();
    // A file that makes trouble does so again when its turn comes.
    let asked = Asked { links: true, effects: false };
    let read: Vec<Read> = files.par_iter().filter_map(|file| guarded(|| engine.read(file, asked))).collect();
    let mut others = OtherFiles::default();
    let mut linked = Vec::new();
    for one in read {
        others.extend(one.others);
        linked.extend(one.linked);
    }
    if patterns.iter().any(|id| id == ADAPTERS) {
        close(tree, &mut others.mentions);
    }
    let paths: Vec<&Path> = files.iter().map(|file| file.path()).collect();
    others.callbacks.extend(settings.memo.rest(&engine, &paths));
    others.forms = forms::promise_forms(&engine, &paths, &others.form_facts, linked);
    engine.knowing(others)
}

fn site(found: Located, map: &Map, path: &Path) -> Site {
    let Owner { key, line, entry } = map.owner(path, &found.finding.range);
    let (assumption, refusal) = match found.finding.outcome.as_ref() {
        Ok(change) => (change.assumption.clone(), None),
        Err(refusal) => (None, Some((refusal.code, found.blamed.map_or(found.start, |(start, _)| start)))),
    };
    let places = found.finding.outcome.as_ref().map_or(1, |change| change.consumed.len().max(1));
    Site {
        places,
        pattern: found.finding.pattern,
        level: found.finding.safety(),
        id: found.id,
        start: found.start,
        assumption,
        refusal,
        key,
        line,
        entry,
        step: if entry.is_some() { Step::Entries } else { Step::Leaves },
        rank: 0,
        is_above: false,
    }
}

/// Gives each site its rank, and its step.
fn order(sites: &mut [Site], map: &Map) {
    let (calls, adapters) = (map.calls(), map.adapters());
    let ranks = ranks(&sites.iter().map(|site| site.key.clone()).collect(), &calls);
    let above: BTreeSet<&Key> =
        calls.iter().filter(|(_, callee)| adapters.contains(callee)).map(|(caller, _)| caller).collect();
    for site in sites {
        site.rank = ranks.get(&site.key).copied().unwrap_or(0);
        site.is_above = above.contains(&site.key);
        if site.rank > 0 && site.entry.is_none() {
            site.step = Step::Layers;
        }
    }
}
