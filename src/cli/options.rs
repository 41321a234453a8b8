//! Options that more than one command takes.

use std::{collections::BTreeSet, io::IsTerminal, path::PathBuf, sync::Arc};

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use super::config::Config;
use crate::{
    apis::Apis,
    engine::{Engine, Selection, UnknownPattern},
    plan::{Memo, Settings},
    project::Packages,
    report::terminal::Paint,
    transform::Transform,
    tuning::Tuning,
};

/// Options of every command.
#[derive(Debug, Args)]
pub(super) struct Global {
    /// Colour the output.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: Color,
    /// Say less: results and errors only.
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
    /// Say more: what was left out, and why.
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub(super) verbose: bool,
    /// Work on this many files at once [default: as many as there are cores].
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) threads: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

impl Global {
    /// Colours for standard output.
    pub(super) fn paint_out(&self) -> Paint {
        Paint(self.coloured(std::io::stdout().is_terminal()))
    }

    /// Colours for standard error.
    pub(super) fn paint_err(&self) -> Paint {
        Paint(self.coloured(std::io::stderr().is_terminal()))
    }

    /// The threads to work with.
    pub(super) fn pool(&self) -> anyhow::Result<rayon::ThreadPool> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.threads.map_or(0, usize::from));
        pool.build().context("starting threads")
    }

    fn coloured(&self, is_terminal: bool) -> bool {
        let says_no = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                is_terminal && !says_no("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
            }
        }
    }
}

/// Which files.
#[derive(Debug, Args)]
pub(super) struct Paths {
    /// Files and folders; `-` reads one file from standard input.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// What the file on standard input is called. The extension says which language it is in.
    #[arg(long, value_name = "NAME")]
    pub(super) stdin_filepath: Option<PathBuf>,
    /// Read this configuration [default: the nearest unpyramid.toml, from the first PATH upward].
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

/// Which patterns, and at which level.
#[derive(Debug, Args)]
pub(super) struct Patterns {
    /// Only this pattern (repeatable).
    #[arg(long, value_name = "ID")]
    pub(super) pattern: Vec<String>,
    /// Not this pattern (repeatable).
    #[arg(long, value_name = "ID")]
    pub(super) skip: Vec<String>,
    /// Also rewrite at level `review`: right if the assumption that the finding states holds.
    #[arg(long = "unsafe")]
    pub(super) review: bool,
}

impl Patterns {
    /// What a migration works with, for this choice.
    pub(super) fn settings<'r>(
        &'r self,
        registry: &'r [&'r dyn Transform],
        apis: &'r Apis,
        packages: &'r Arc<Packages>,
        memo: &'r Memo,
    ) -> anyhow::Result<Settings<'r>> {
        self.engine(registry, None)?;
        Ok(Settings { registry, apis, packages, memo, patterns: &self.pattern, skip: &self.skip, review: self.review })
    }

    fn engine<'r>(
        &self,
        registry: &'r [&'r dyn Transform],
        only: Option<BTreeSet<String>>,
    ) -> anyhow::Result<Engine<'r>> {
        let selection =
            Selection { patterns: self.pattern.clone(), skip: self.skip.clone(), review: self.review, only };
        Engine::new(registry, selection).map_err(|UnknownPattern(id)| {
            let near = near(&id, registry.iter().map(|t| t.meta().id));
            anyhow::anyhow!("there is no pattern `{id}`{near} (`unpyramid explain` lists them)")
        })
    }
}

/// Which findings.
#[derive(Debug, Args)]
pub(super) struct Choice {
    #[command(flatten)]
    patterns: Patterns,
    /// Only this finding, at whatever level (repeatable; `@FILE` reads ids, one a line).
    #[arg(long, value_name = "FINDING_ID")]
    only: Vec<String>,
    #[command(flatten)]
    pace: Pace,
}

/// How many calls a rewritten loop may have under way at once, and how long a call takes.
#[derive(Debug, Args)]
struct Pace {
    /// Have at most this many calls under way at once in a rewritten loop [default: 8].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), conflicts_with = "rate")]
    concurrency: Option<u16>,
    /// Have as many calls under way as it takes for this many a second; needs --latency.
    #[arg(long, value_name = "PER_SECOND", value_parser = positive, requires = "latency")]
    rate: Option<f64>,
    /// What a call takes, in milliseconds, where `unpyramid.toml` says nothing about it.
    #[arg(long, value_name = "MS", value_parser = positive)]
    latency: Option<f64>,
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => Ok(number),
        _ => Err("a number above 0 is expected".to_owned()),
    }
}

impl Pace {
    /// What the options say, over what the configuration says.
    fn over(&self, mut tuning: Tuning) -> Tuning {
        tuning.latency = self.latency.or(tuning.latency);
        if let Some(at_once) = self.concurrency {
            tuning.at_once = usize::from(at_once);
        } else if let (Some(rate), Some(latency)) = (self.rate, self.latency) {
            tuning.at_once = Tuning::at_once_for(rate, latency);
        }
        tuning
    }
}

impl Choice {
    /// An engine for this choice.
    pub(super) fn engine<'r>(&self, registry: &'r [&'r dyn Transform], config: Config) -> anyhow::Result<Engine<'r>> {
        let engine = self.patterns.engine(registry, self.only()?)?;
        Ok(engine.with_apis(config.apis).with_tuning(self.pace.over(config.tuning)))
    }

    /// The ids of `--only`, the files behind `@` read; `None` without the option.
    ///
    /// A line may hold more than an id: what follows the first blank, and lines that start with `#`, are for people.
    pub(super) fn only(&self) -> anyhow::Result<Option<BTreeSet<String>>> {
        if self.only.is_empty() {
            return Ok(None);
        }
        let mut ids = BTreeSet::new();
        for value in &self.only {
            let Some(path) = value.strip_prefix('@') else {
                ids.insert(value.clone());
                continue;
            };
            let text = std::fs::read_to_string(path).with_context(|| format!("--only: {path}"))?;
            let first_words = text.lines().filter_map(|line| line.split_whitespace().next());
            ids.extend(first_words.filter(|id| !id.starts_with('#')).map(str::to_owned));
        }
        anyhow::ensure!(!ids.is_empty(), "--only names no finding: the file is empty");
        Ok(Some(ids))
    }
}

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Human,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    Jsonl,
}

/// The form of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PlanFormat {
    /// For people.
    Human,
    /// One JSON document.
    Json,
}

/// The output's form, as an option.
#[derive(Debug, Args)]
pub(super) struct FormatOption {
    /// The form of the output.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: Format,
}

/// `; did you mean …?` where something is spelt alike, else nothing.
pub(super) fn near<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> String {
    let mut close: Vec<_> = names
        .map(|name| (strsim::jaro_winkler(wanted, name), name))
        .filter(|(likeness, name)| *likeness > 0.8 || name.contains(wanted))
        .collect();
    close.sort_by(|a, b| b.0.total_cmp(&a.0));
    let names: Vec<_> = close.iter().take(3).map(|(_, name)| format!("`{name}`")).collect();
    if names.is_empty() { String::new() } else { format!("; did you mean {}?", names.join(" or ")) }
}
