//! `plan`: the leaf-first plan.

use std::sync::Arc;

use super::{
    Status, config, input, notes,
    options::{Global, Paths, Patterns, PlanFormat},
    project_tree,
};
use crate::{
    plan::{self, Memo, Step},
    project::Packages,
    report::plan as report,
    transform::Transform,
};

/// Show the leaf-first plan of a migration; writes nothing.
///
/// The migration is carried out in memory. What is shown are its steps, the waves within them, callee before caller,
/// and of each function how many of its places would be converted, what the others are blocked by, and the risk.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    paths: Paths,
    #[command(flatten)]
    patterns: Patterns,
    /// The form of the output.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: PlanFormat,
}

pub(super) fn run(registry: &[&dyn Transform], args: &Args, global: &Global) -> anyhow::Result<Status> {
    let apis = config::read(&args.paths)?.apis;
    let memo = Memo::default();
    let files = input::only_files(&args.paths)?;
    let packages = Arc::new(Packages::of(&files.entries));
    let settings = args.patterns.settings(registry, &apis, &packages, &memo)?;
    let loaded = project_tree::load(&files, global, false)?;
    let plan = global.pool()?.install(|| plan::forecast(&settings, &loaded.tree));
    project_tree::about_faulty(&plan.faulty, global);
    if plan.unfinished {
        notes::warning(global, "the migration did not come to an end; what is shown is a part of it");
    }
    let mut out = Vec::new();
    match args.format {
        PlanFormat::Human => report::human(&plan, &Step::ALL, global.paint_out(), &mut out)?,
        PlanFormat::Json => report::document(&plan, &Step::ALL, &mut out)?,
    }
    notes::results(&out)?;
    Ok(if loaded.failed || !plan.faulty.is_empty() { Status::Failed } else { Status::Clean })
}
