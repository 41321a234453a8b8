//! One step on disk: written, verified, narrowed down, committed.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Migration, Undone, message};
use crate::{
    cli::{dirty, git, notes, project_tree::LoadedTree},
    plan::{Carried, Limits, Narrowed, Step, StepRun, Tree, Verdict, narrow, run_step},
    source::SourceFile,
    write::{Transaction, WriteError},
};

/// How often the user's command is run at most to find the rewrites at fault in one step.
const MAX_RUNS: usize = 64;

/// The files that a step writes, as a transaction wants them.
struct Target {
    shown: Vec<PathBuf>,
    on_disk: Vec<PathBuf>,
    before: Vec<Arc<SourceFile>>,
}

impl Target {
    fn of(loaded: &LoadedTree, run: &StepRun) -> Self {
        let changed = run.tree.changed_since(&loaded.tree);
        let shown: Vec<PathBuf> = changed.iter().map(|d| d.path.to_owned()).collect();
        let on_disk = shown.iter().map(|path| loaded.place(path).to_owned()).collect();
        let before = shown.iter().filter_map(|path| loaded.tree.get(path).cloned()).collect();
        Self { shown, on_disk, before }
    }

    fn begin(&self) -> Result<Transaction<'static>, WriteError> {
        let files: Vec<(&Path, Option<&[u8]>)> =
            self.on_disk.iter().zip(&self.before).map(|(path, file)| (path.as_path(), Some(file.bytes()))).collect();
        Transaction::begin(&files)
    }

    /// Puts what a tree holds of the files in their place.
    fn put(&self, transaction: &mut Transaction<'_>, tree: &Tree) -> Result<(), WriteError> {
        let now: Vec<_> = self.shown.iter().filter_map(|path| tree.get(path)).collect();
        transaction.put(&now.iter().map(|file| file.bytes()).collect::<Vec<_>>())
    }
}

impl Migration<'_> {
    /// Carries one step out.
    pub(super) fn step(&mut self, step: Step, pool: &rayon::ThreadPool) -> anyhow::Result<()> {
        self.run_step(step, pool)?;
        self.limits.done.insert(step);
        Ok(())
    }

    fn run_step(&mut self, step: Step, pool: &rayon::ThreadPool) -> anyhow::Result<()> {
        self.interrupt.check()?;
        let loaded = self.load()?;
        self.failed |= loaded.failed;
        let run = pool.install(|| run_step(&self.settings, &loaded.tree, step, &self.limits));
        self.interrupt.check()?;
        self.about(&run);
        let target = Target::of(&loaded, &run);
        if target.shown.is_empty() {
            self.say(&format!("{}: nothing to do", step.name()));
            return Ok(());
        }
        self.clean_enough(&target)?;
        self.baseline()?;
        let transaction = target.begin().map_err(|error| notes::not_written(&error))?;
        let run = self.carry_out(&loaded, run, &target, transaction, pool)?;
        self.limits.touched = run.touched(&self.limits);
        self.limits.barred.extend(self.undone.iter().map(|u| u.carried.id.clone()));
        self.limits.undone.extend(self.undone.iter().map(|u| u.carried.key.original()));
        self.say(&self.describe(step, &run.carried));
        self.commit(&loaded, &run)?;
        self.carried.extend(run.carried.into_iter().map(|c| (step, c)));
        Ok(())
    }

    fn about(&mut self, run: &StepRun) {
        for (path, dropped) in &run.dropped {
            notes::about_dropped(path, std::slice::from_ref(dropped), false, self.global);
        }
        if run.unfinished {
            let message = format!("{}: there may be more to do; run it again", run.step.name());
            notes::warning(self.global, &message);
        }
        self.faulty.extend(run.faulty.iter().cloned());
    }

    /// Stops before work would be overwritten that no commit holds.
    fn clean_enough(&self, target: &Target) -> anyhow::Result<()> {
        if self.args.allow_dirty {
            return Ok(());
        }
        // What this run has written itself is not the user's work.
        let others = target.shown.iter().zip(&target.on_disk).filter(|(shown, _)| !self.written.contains(*shown));
        dirty::refuse(&others.map(|(_, path)| path.as_path()).collect::<Vec<_>>())
    }

    /// Sees that the command passes as long as nothing has been changed: else its failing later would say nothing.
    fn baseline(&mut self) -> anyhow::Result<()> {
        let Some(verifier) = self.verifier.as_ref().filter(|_| !self.baseline) else { return Ok(()) };
        self.say(&format!("running `{}` before the first step", verifier.command));
        anyhow::ensure!(
            verifier.run()? == Verdict::Passes,
            "`{}` fails before anything was changed, so it can't tell whether a step breaks something; nothing was \
             written",
            verifier.command
        );
        self.baseline = true;
        Ok(())
    }

    /// Writes the step, verifies it and takes back what is at fault. The step as it stays comes back.
    fn carry_out(
        &mut self,
        loaded: &LoadedTree,
        run: StepRun,
        target: &Target,
        mut transaction: Transaction<'_>,
        pool: &rayon::ThreadPool,
    ) -> anyhow::Result<StepRun> {
        let tried = self.try_out(loaded, run, target, &mut transaction, pool);
        let (run, narrowed) = match tried {
            Ok(tried) => tried,
            Err(error) => {
                transaction.restore().map_err(|undo| notes::not_written(&undo).context(format!("{error:#}")))?;
                return Err(error);
            }
        };
        transaction.keep().map_err(|error| notes::not_written(&error))?;
        self.written.extend(run.tree.changed_since(&loaded.tree).iter().map(|d| d.path.to_owned()));
        self.undone.extend(narrowed);
        Ok(run)
    }

    fn try_out(
        &self,
        loaded: &LoadedTree,
        run: StepRun,
        target: &Target,
        transaction: &mut Transaction<'_>,
        pool: &rayon::ThreadPool,
    ) -> anyhow::Result<(StepRun, Vec<Undone>)> {
        target.put(transaction, &run.tree).map_err(anyhow::Error::new)?;
        let Some(verifier) = &self.verifier else {
            self.interrupt.check()?;
            return Ok((run, Vec::new()));
        };
        self.say(&format!("running `{}` after step {}", verifier.command, run.step.name()));
        if verifier.run()? == Verdict::Passes {
            return Ok((run, Vec::new()));
        }
        self.say(&format!("`{}` fails; looking for the rewrites at fault", verifier.command));
        let again = |numbers: &[usize]| {
            let allowed: BTreeSet<String> = numbers.iter().map(|n| run.carried[*n].id.clone()).collect();
            let limits = Limits { allowed: Some(allowed), ..self.limits.clone() };
            pool.install(|| run_step(&self.settings, &loaded.tree, run.step, &limits))
        };
        let narrowed = narrow(run.carried.len(), MAX_RUNS, |numbers| {
            target.put(transaction, &again(numbers).tree).map_err(anyhow::Error::new)?;
            self.say(&format!("with {} of {} rewrites:", numbers.len(), run.carried.len()));
            verifier.run()
        })?;
        let rest = again(&narrowed.kept);
        target.put(transaction, &rest.tree).map_err(anyhow::Error::new)?;
        self.tell(&narrowed);
        Ok((rest, undone(&run.carried, &narrowed)))
    }

    fn tell(&self, narrowed: &Narrowed) {
        let Narrowed { at_fault, not_tried, runs, .. } = narrowed;
        self.say(&format!("{} at fault, found in {runs} runs", at_fault.len()));
        if !not_tried.is_empty() {
            let message = format!(
                "the limit of {MAX_RUNS} runs is reached; {} more rewrites of this step are undone without having been \
                 looked at",
                not_tried.len()
            );
            notes::warning(self.global, &message);
        }
    }

    /// Commits what a step has written.
    fn commit(&mut self, loaded: &LoadedTree, run: &StepRun) -> anyhow::Result<()> {
        let Some(root) = &self.repository else { return Ok(()) };
        let changed = run.tree.changed_since(&loaded.tree);
        let files = changed.iter().map(|d| loaded.place(d.path).canonicalize()).collect::<Result<Vec<_>, _>>()?;
        if files.is_empty() {
            return Ok(());
        }
        let text = message::text(run.step, &run.carried, self.args.verify.as_deref());
        let committed = git::ready_for_a_commit(root).and_then(|()| git::commit(root, &files, &text));
        committed.map_err(|error| error.context(format!("step {} is written but not committed", run.step.name())))?;
        changed.iter().for_each(|d| _ = self.written.remove(d.path));
        Ok(())
    }
}

fn undone(carried: &[Carried], narrowed: &Narrowed) -> Vec<Undone> {
    let take = |numbers: &[usize], at_fault: bool| {
        numbers.iter().map(|n| Undone { carried: carried[*n].clone(), at_fault }).collect::<Vec<_>>()
    };
    [take(&narrowed.at_fault, true), take(&narrowed.not_tried, false)].into_iter().flatten().collect()
}
