//! Turns off the guards of the transforms and of the analysis, one at a time, and says which of them no test misses.
//!
//! `cargo run --release --example guards -- [--in transforms,src/flow] [--kinds refuse,review] [--list]`; README.md in
//! `benches/guards` says what is a guard, how it is turned off, and how to read what comes out.

mod instrument;
#[path = "../../tests/support/mod.rs"]
mod support;
mod tree;
mod worker;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use instrument::Guard;
use serde::Deserialize;
use tree::{Copy, Program};

/// Where guards are looked for, if it is not said.
const FOLDERS: &[&str] = &["transforms", "src/flow", "src/awaits", "src/effects", "src/contract", "src/engine"];

/// How long the fixtures may take with a guard off: one that stops something from going on for ever is missed.
const PATIENCE: Duration = Duration::from_secs(30);

/// A guard whose absence no test can notice, and why that is right.
#[derive(Debug, Deserialize)]
struct Explained {
    file: String,
    function: String,
    code: String,
    #[allow(dead_code)]
    why: String,
}

#[derive(Debug, Deserialize)]
struct ExplainedList {
    #[serde(default)]
    guard: Vec<Explained>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("outcomes") => return worker::print_outcomes(&arguments[1..]),
        Some("compare") => return worker::compare(),
        _ => {}
    }
    let list = |name: &str| -> Option<Vec<String>> {
        let at = arguments.iter().position(|a| a == name)?;
        Some(arguments.get(at + 1)?.split(',').map(str::to_owned).collect())
    };
    let package = support::root();
    let folders = list("--in").unwrap_or_else(|| FOLDERS.iter().map(|f| (*f).to_owned()).collect());
    let copy = Copy::make(package, &package.join("target/guards/tree"), &folders);
    let kinds = list("--kinds");
    let chosen: Vec<usize> = (0..copy.guards.len())
        .filter(|n| kinds.as_ref().is_none_or(|kinds| kinds.contains(&copy.guards[*n].kind.to_string())))
        .collect();
    println!("{} guards, {} of them to be turned off", copy.guards.len(), chosen.len());
    let numbered = copy.guards.iter().enumerate().map(|(n, guard)| format!("{n} {}\n", line_of(guard, true)));
    fs::write(package.join("target/guards/numbers.txt"), numbered.collect::<String>())
        .expect("a file that can be written");
    if !copy.without.is_empty() {
        println!("lines whose guards can't have a switch: {}", copy.without.join(", "));
    }
    let is_given = |name: &str| arguments.iter().any(|a| a == name);
    if is_given("--list") {
        chosen.iter().for_each(|n| println!("{n} {}", line_of(&copy.guards[*n], true)));
        return ExitCode::SUCCESS;
    }
    let programs = if is_given("--fixtures") { Some(Vec::new()) } else { list("--programs") };
    let left = survivors(&copy, &chosen, programs.as_deref());
    report(package, &copy, &chosen, &left)
}

/// The guards that nothing misses, with whether any test comes to where they say something. Those that no fixture misses
/// are tried on the test programs that are `asked`, or on all.
fn survivors(copy: &Copy, chosen: &[usize], asked: Option<&[String]>) -> BTreeMap<usize, bool> {
    let worker = copy.worker();
    let start = Instant::now();
    let baseline = Baseline::of(copy, &worker);
    println!("{} fixtures gone over in {:?}", baseline.fixtures.len(), start.elapsed());
    let start = Instant::now();
    let mut left: Vec<usize> = in_parallel(chosen, |n| !baseline.misses(&worker, *n));
    println!("{} of {} left by the fixtures after {:?}", left.len(), chosen.len(), start.elapsed());
    let mut reached: BTreeSet<usize> = left.iter().copied().filter(|n| baseline.sees(*n)).collect();
    let programs = copy.programs(asked);
    for program in &programs {
        let start = Instant::now();
        let Some(seen) = seen_by(copy, program) else {
            println!("{} fails by itself", program.name);
            continue;
        };
        let took = start.elapsed();
        let asked: Vec<usize> = left.iter().copied().filter(|n| seen.contains(n)).collect();
        reached.extend(&asked);
        let kept: BTreeSet<usize> = in_parallel(&asked, |n| {
            let mut command = program.command(&copy.root);
            command.env("GUARDS_OFF", n.to_string());
            ends_well(&mut command, took * 5 + PATIENCE, None)
        })
        .into_iter()
        .collect();
        left.retain(|n| kept.contains(n) || !seen.contains(n));
        println!("{}: {} asked, {} left, {:?}", program.name, asked.len(), left.len(), start.elapsed());
    }
    left.into_iter().map(|n| (n, reached.contains(&n))).collect()
}

/// What the fixtures come to with all guards on, and which guards have something to say in each.
struct Baseline {
    fixtures: Vec<(String, String, BTreeSet<usize>)>,
}

impl Baseline {
    fn of(copy: &Copy, worker: &Path) -> Self {
        let folder = copy.root.with_file_name("seen");
        fs::remove_dir_all(&folder).ok();
        fs::create_dir_all(&folder).expect("a folder");
        let names = worker::names();
        let numbers: Vec<usize> = (0..names.len()).collect();
        let found = Mutex::new(BTreeMap::new());
        in_parallel(&numbers, |n| {
            let file = folder.join(n.to_string());
            let output = Command::new(worker).args(["outcomes", &names[*n]]).env("GUARDS_SEEN", &file).output();
            let outcome = String::from_utf8(output.expect("the worker runs").stdout).expect("a number");
            found.lock().expect("nobody panics").insert(*n, (outcome.trim().to_owned(), read_numbers(&file)));
            true
        });
        let found = found.into_inner().expect("nobody panics");
        let fixtures = found.into_iter().map(|(n, (outcome, seen))| (names[n].clone(), outcome, seen)).collect();
        Self { fixtures }
    }

    fn sees(&self, guard: usize) -> bool {
        self.fixtures.iter().any(|(_, _, seen)| seen.contains(&guard))
    }

    /// Whether a fixture comes out otherwise with a guard off.
    fn misses(&self, worker: &Path, guard: usize) -> bool {
        let mut asked: Vec<_> = self.fixtures.iter().filter(|(_, _, seen)| seen.contains(&guard)).collect();
        // Where few guards have a say, each of them matters more.
        asked.sort_by_key(|(_, _, seen)| seen.len());
        let lines: String = asked.iter().map(|(name, outcome, _)| format!("{outcome} {name}\n")).collect();
        let mut command = Command::new(worker);
        command.arg("compare").env("GUARDS_OFF", guard.to_string());
        !asked.is_empty() && !ends_well(&mut command, PATIENCE, Some(lines))
    }
}

fn read_numbers(file: &Path) -> BTreeSet<usize> {
    fs::read_to_string(file).unwrap_or_default().lines().filter_map(|line| line.parse().ok()).collect()
}

/// The guards that have something to say in a test program; `None` if it fails with all of them on.
fn seen_by(copy: &Copy, program: &Program) -> Option<BTreeSet<usize>> {
    let file = copy.root.with_file_name("seen").join(&program.name);
    let mut command = program.command(&copy.root);
    command.env("GUARDS_SEEN", &file);
    ends_well(&mut command, Duration::from_secs(600), None).then(|| read_numbers(&file))
}

/// Runs a command; whether it ends in time and with success.
fn ends_well(command: &mut Command, patience: Duration, input: Option<String>) -> bool {
    let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
    command.stdin(stdin).stdout(Stdio::null()).stderr(Stdio::null()).env("INSTA_UPDATE", "no");
    let mut child = command.spawn().expect("the program runs");
    if let Some(input) = input {
        let mut pipe: std::process::ChildStdin = child.stdin.take().expect("a pipe");
        // It is through at the first difference, and need not have read all.
        std::thread::spawn(move || pipe.write_all(input.as_bytes()).is_ok());
    }
    let start = Instant::now();
    loop {
        match child.try_wait().expect("the program can be waited for") {
            Some(status) => return status.success(),
            None if start.elapsed() > patience => {
                child.kill().ok();
                child.wait().ok();
                return false;
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}

/// Those of the numbers that `keep` keeps, found with as many threads as there are cores.
fn in_parallel(numbers: &[usize], keep: impl Fn(&usize) -> bool + Sync) -> Vec<usize> {
    let (next, kept) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if keep(number) {
                        kept.lock().expect("nobody panics").push(*number);
                    }
                }
            });
        }
    });
    let mut kept = kept.into_inner().expect("nobody panics");
    kept.sort_unstable();
    kept
}

fn line_of(guard: &Guard, reached: bool) -> String {
    let reached = if reached { "" } else { "  (never reached)" };
    format!("{}:{} {} [{}] {}{reached}", guard.file, guard.line, guard.function, guard.kind, guard.code)
}

/// Prints what is left, without what is explained; and explanations that nothing is left for.
fn report(package: &Path, copy: &Copy, chosen: &[usize], left: &BTreeMap<usize, bool>) -> ExitCode {
    let path: PathBuf = package.join("benches/guards/explained.toml");
    let list: ExplainedList = toml::from_str(&fs::read_to_string(path).expect("a list")).expect("a list of guards");
    let is = |explained: &Explained, guard: &Guard| {
        explained.file == guard.file && explained.function == guard.function && explained.code == guard.code
    };
    let unexplained: Vec<String> = left
        .iter()
        .map(|(n, reached)| (&copy.guards[*n], *reached))
        .filter(|(guard, _)| !list.guard.iter().any(|explained| is(explained, guard)))
        .map(|(guard, reached)| line_of(guard, reached))
        .collect();
    let gone = |explained: &&Explained| {
        let is_asked = chosen.iter().any(|n| copy.guards[*n].file == explained.file);
        is_asked && !left.keys().any(|n| is(explained, &copy.guards[*n]))
    };
    let stale: Vec<String> =
        list.guard.iter().filter(gone).map(|e| format!("{} {}: {}", e.file, e.function, e.code)).collect();
    println!("\n{} guards that no test misses, {} of them explained", left.len(), left.len() - unexplained.len());
    unexplained.iter().for_each(|line| println!("{line}"));
    if !stale.is_empty() {
        println!("\n{} explanations for guards that a test misses, or that are gone", stale.len());
        stale.iter().for_each(|line| println!("{line}"));
    }
    let mut file = File::create(package.join("target/guards/left.txt")).expect("a file that can be written");
    writeln!(file, "{}", unexplained.join("\n")).expect("a file that can be written");
    if unexplained.is_empty() && stale.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
