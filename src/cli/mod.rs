//! The command line: arguments in, exit code out. One file a command.
//!
//! Results go to standard output, everything else to standard error.

mod apply;
mod config;
mod diff;
mod dirty;
mod explain;
mod files;
mod git;
mod input;
mod migrate;
mod notes;
mod options;
mod plan;
mod project_tree;
mod scan;

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::transform::Transform;
use options::Global;

/// What a run comes to. See the exit codes in the manual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    /// Nothing was found, or all is done.
    Clean,
    /// There are findings, or differences.
    Found,
    /// Something that was asked for could not be done.
    Failed,
}

impl Status {
    fn found(found: bool) -> Self {
        if found { Self::Found } else { Self::Clean }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Clean => 0,
            Status::Found => 1,
            Status::Failed => 2,
        })
    }
}

/// Rewrites async anti-patterns in JavaScript and TypeScript, and says why when it does not.
#[derive(Debug, Parser)]
#[command(name = "unpyramid", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

#[derive(Debug, Subcommand)]
enum Command {
    Scan(scan::Args),
    Diff(diff::Args),
    Apply(apply::Args),
    Plan(plan::Args),
    Migrate(migrate::Args),
    Explain(explain::Args),
}

/// Runs the program with the given arguments, the program's name first, for the patterns of `registry`.
pub fn run(registry: &[&dyn Transform], arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are results and go to standard output; a pipe that is closed early is no failure.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let outcome = match &cli.command {
        Command::Scan(args) => scan::run(registry, args, &cli.global),
        Command::Diff(args) => diff::run(registry, args, &cli.global),
        Command::Apply(args) => apply::run(registry, args, &cli.global),
        Command::Plan(args) => plan::run(registry, args, &cli.global),
        Command::Migrate(args) => migrate::run(registry, args, &cli.global),
        Command::Explain(args) => explain::run(registry, args, &cli.global),
    };
    match outcome {
        Ok(status) => status.into(),
        Err(error) => {
            notes::error(&cli.global, &format!("{error:#}"));
            Status::Failed.into()
        }
    }
}
