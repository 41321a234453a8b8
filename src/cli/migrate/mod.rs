//! `migrate`: carries the plan out, step by step.

mod message;
mod offer;
mod step;
mod verify;

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::{
    Status, config, git, input, notes,
    options::{Global, Paths, Patterns},
    project_tree,
};
use crate::{
    edit::Safety,
    plan::{Carried, Limits, Memo, Settings, Step, Survey},
    project::{self, Packages},
    report::{
        counted,
        plan::{self as report, Outcome},
        terminal::escaped,
    },
    transform::Transform,
};
use verify::{Interrupt, Interrupted, Verifier};

/// Carry the leaf-first plan out, step by step.
///
/// After each step the plan is made anew from the code as it stands. With --verify, a command that you name is run
/// before the first step and after each; when it fails, the rewrites at fault are looked for by halves, undone and
/// reported, and the rest stays. Whenever the run is interrupted, a step is there as a whole or not at all.
/// Exit code 1 says that rewrites were undone.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    paths: Paths,
    /// Only this step (repeatable); all four, in order, when not said.
    #[arg(long, value_name = "STEP", value_parser = step_names())]
    step: Vec<Step>,
    /// Run this command, in a shell in the project's folder, to see whether a step has broken anything.
    #[arg(long, value_name = "CMD")]
    verify: Option<String>,
    /// Make one commit for each step. The files that it touches must have no uncommitted changes.
    #[arg(long, conflicts_with = "allow_dirty")]
    commit: bool,
    /// Write over uncommitted changes.
    #[arg(long)]
    allow_dirty: bool,
    #[command(flatten)]
    patterns: Patterns,
}

fn step_names() -> impl TypedValueParser<Value = Step> {
    let names = PossibleValuesParser::new(Step::ALL.map(Step::name));
    names.map(|name| Step::ALL.into_iter().find(|step| step.name() == name).expect("the name is one of these"))
}

/// A migration under way.
struct Migration<'a> {
    settings: Settings<'a>,
    args: &'a Args,
    global: &'a Global,
    files: project::Files,
    root: PathBuf,
    verifier: Option<Verifier<'a>>,
    interrupt: Interrupt,
    /// The repository to commit to.
    repository: Option<PathBuf>,
    /// Whether the command has been seen to pass before anything was written.
    baseline: bool,
    /// What earlier steps have done.
    limits: Limits,
    /// Files that this run has written, by what they are called: that they have uncommitted changes is our own doing.
    written: BTreeSet<PathBuf>,
    carried: Vec<(Step, Carried)>,
    undone: Vec<Undone>,
    /// Files that a fault of ours has kept out.
    faulty: BTreeSet<PathBuf>,
    failed: bool,
}

/// A change that was taken back.
struct Undone {
    carried: Carried,
    /// Whether it was found to be at fault, rather than never looked at.
    at_fault: bool,
}

pub(super) fn run(registry: &[&dyn Transform], args: &Args, global: &Global) -> anyhow::Result<Status> {
    let apis = config::read(&args.paths)?.apis;
    let memo = Memo::default();
    let files = input::only_files(&args.paths)?;
    let packages = Arc::new(Packages::of(&files.entries));
    let settings = args.patterns.settings(registry, &apis, &packages, &memo)?;
    input::settle(&files, global)?;
    let real: Vec<PathBuf> = files.entries.iter().filter_map(|e| e.path.canonicalize().ok()).collect();
    let root = root(&args.paths.paths);
    let repository = if args.commit { Some(repository(&real)?) } else { None };
    let interrupt = Interrupt::watch()?;
    let verifier =
        args.verify.as_deref().map(|command| Verifier { command, root: root.clone(), interrupt: interrupt.clone() });
    let migration = Migration {
        settings,
        args,
        global,
        files,
        root,
        verifier,
        interrupt,
        repository,
        baseline: false,
        limits: Limits::default(),
        written: BTreeSet::new(),
        carried: Vec::new(),
        undone: Vec::new(),
        faulty: BTreeSet::new(),
        failed: false,
    };
    migration.run()
}

/// The folder of the project that was named.
fn root(paths: &[PathBuf]) -> PathBuf {
    let mut folders: Vec<PathBuf> = paths.iter().filter_map(|path| path.canonicalize().ok()).collect();
    for folder in folders.iter_mut().filter(|path| !path.is_dir()) {
        folder.pop();
    }
    project::root(folders.iter().map(PathBuf::as_path))
}

/// The one repository that all files lie in, if a commit can be made there.
fn repository(real: &[PathBuf]) -> anyhow::Result<PathBuf> {
    let all: BTreeSet<Option<PathBuf>> = real.iter().map(|file| git::repository(file)).collect();
    match Vec::from_iter(all).as_slice() {
        [Some(root)] => {
            git::ready_for_a_commit(root)?;
            Ok(root.clone())
        }
        [] => anyhow::bail!("--commit: there is no file to migrate"),
        _ => anyhow::bail!("--commit: not all files lie in one git repository"),
    }
}

impl Migration<'_> {
    fn run(mut self) -> anyhow::Result<Status> {
        let first = self.load()?;
        let leading = self.settings.leading(Step::Leaves);
        let pool = self.global.pool()?;
        let found = pool.install(|| Survey::of(&self.settings, &first.tree, &leading, false)).places();
        drop(first);
        let steps = Step::ALL.into_iter().filter(|step| self.args.step.is_empty() || self.args.step.contains(step));
        for step in steps {
            if let Err(error) = self.step(step, &pool) {
                self.tell_progress(&error);
                return Err(error);
            }
        }
        let last = self.load()?;
        let survey = pool.install(|| Survey::of(&self.settings, &last.tree, &leading, false));
        self.failed |= last.failed;
        self.faulty.extend(survey.faulty.iter().cloned());
        project_tree::about_faulty(&self.faulty, self.global);
        self.summary(found, &survey)?;
        Ok(match (self.failed || !self.faulty.is_empty(), self.undone.is_empty()) {
            (true, _) => Status::Failed,
            (false, false) => Status::Found,
            (false, true) => Status::Clean,
        })
    }

    /// Reads the files as they are now: the user's command may have changed them, too.
    fn load(&self) -> anyhow::Result<project_tree::LoadedTree> {
        let quiet = !self.carried.is_empty() || !self.undone.is_empty();
        project_tree::load(&self.files, self.global, quiet)
    }

    /// When a run ends early, what stays.
    fn tell_progress(&self, error: &anyhow::Error) {
        if error.is::<Interrupted>() {
            notes::warning(self.global, "interrupted: the step under way was undone");
        }
        let steps: BTreeSet<_> = self.carried.iter().map(|(step, _)| step.name()).collect();
        if !steps.is_empty() {
            let steps: Vec<_> = steps.into_iter().collect();
            notes::warning(self.global, &format!("these steps were finished before and stay: {}", steps.join(", ")));
        }
    }

    fn summary(&self, found: usize, survey: &Survey) -> anyhow::Result<()> {
        let mut out = Vec::new();
        let paint = self.global.paint_out();
        for one in &self.undone {
            let Carried { id, pattern, key, line, .. } = &one.carried;
            let path = key.path.to_string_lossy();
            let why = if one.at_fault { "the command fails with it" } else { "not looked at before the limit of runs" };
            use std::io::Write as _;
            writeln!(out, "undone: {}:{line} {}: {pattern} [{id}]: {why}", escaped(&path), escaped(&key.name))?;
        }
        if !self.global.quiet {
            report::outcome(&self.outcome(found, survey), paint, &mut out)?;
        }
        let is_last = self.args.step.is_empty() || self.args.step.contains(&Step::Adapters);
        if is_last && !self.carried.is_empty() && !self.global.quiet {
            offer::offers(&self.root, paint, &mut out)?;
        }
        notes::results(&out)?;
        Ok(())
    }

    fn outcome(&self, found: usize, survey: &Survey) -> Outcome {
        let leading = self.settings.leading(Step::Leaves);
        let places = |all: &mut dyn Iterator<Item = &Carried>| {
            all.filter(|c| leading.iter().any(|id| id == c.pattern)).map(|c| c.places).sum()
        };
        let mut outcome = Outcome {
            found,
            converted: places(&mut self.carried.iter().map(|(_, c)| c)),
            undone: places(&mut self.undone.iter().map(|u| &u.carried)),
            ..Outcome::default()
        };
        for site in &survey.sites {
            match site.refusal {
                Some((code, _)) => *outcome.refusals.entry(code.code()).or_default() += 1,
                None if site.level == Safety::Review => outcome.held_back += site.places,
                None => outcome.left += site.places,
            }
        }
        outcome.left = outcome.left.saturating_sub(outcome.undone);
        outcome
    }

    fn say(&self, message: &str) {
        if !self.global.quiet {
            notes::progress(message);
        }
    }

    fn describe(&self, step: Step, carried: &[Carried]) -> String {
        let functions: BTreeSet<_> = carried.iter().map(|c| &c.key).collect();
        let files: BTreeSet<_> = carried.iter().map(|c| &c.key.path).collect();
        let changes = counted(carried.len(), "rewrite");
        let (functions, files) = (counted(functions.len(), "function"), counted(files.len(), "file"));
        format!("{}: {changes} in {functions} of {files}", step.name())
    }
}
