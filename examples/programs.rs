//! Generates programs, has them rewritten, and runs them before and after under faults and completion orders.
//!
//! ```sh
//! cargo run --release --example programs -- --programs 200000 --seed 7
//! ```
//!
//! | option | meaning |
//! | --- | --- |
//! | `--programs N` | how many; 10,000 if not said |
//! | `--seed S` | what they are made from; the time if not said |
//! | `--family F` | only `chains`, `callbacks` or `waits` |
//! | `--schedules N` | runs of an entry at most; 24 if not said |
//! | `--workers N` | how many are checked at a time, each with a process of its own; 1 if not said |
//! | `--unsafe` | changes at level `review` too, compared where it is known what they may change |
//! | `--out DIR` | where simplified failures are written, `target/programs` if not said |
//! | `--program NUMBER` | only the program of this number, as a failure names it, and not made simpler |
//! | `--keep-going N` | ends after so many failures; 20 if not said |
//!
//! Exits with 1 if a program failed.

#[path = "../tests/programs/mod.rs"]
mod programs;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

use programs::{
    check::Level,
    grammar::Family,
    run::{Found, Run, Summary},
};

struct Options {
    run: Run,
    /// The number of a single program.
    only: Option<u64>,
    out: PathBuf,
    most: usize,
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    if let Some(number) = options.only {
        return options.run.check_one(number).map_or(ExitCode::SUCCESS, |found| {
            println!("{found}");
            ExitCode::FAILURE
        });
    }
    println!("seed {}, {} programs", options.run.seed, options.run.programs);
    let mut failures = 0;
    let summary = options.run.make(|found| {
        failures += 1;
        println!("\n{found}\n");
        if let Err(error) = keep(&options.out, &found) {
            eprintln!("{}: {error}", options.out.display());
        }
        failures < options.most
    });
    print(&summary, failures);
    ExitCode::from(u8::from(failures > 0))
}

fn options() -> Result<Options, String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|e| e.to_string())?.as_secs();
    let run = Run { seed: now, programs: 10_000, family: None, level: Level::Safe, schedules: 24, workers: 1 };
    let mut options = Options { run, only: None, out: PathBuf::from("target/programs"), most: 20 };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        if name == "--unsafe" {
            options.run.level = Level::Review;
            continue;
        }
        let value = arguments.next().ok_or_else(|| format!("{name} has no value, or is unknown"))?;
        let number = || value.parse::<u64>().map_err(|e| format!("{name} {value}: {e}"));
        let count = || number().map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        match name.as_str() {
            "--programs" => options.run.programs = count()?,
            "--family" => options.run.family = Some(family(&value)?),
            "--seed" => options.run.seed = number()?,
            "--schedules" => options.run.schedules = count()?,
            "--workers" => options.run.workers = count()?,
            "--keep-going" => options.most = count()?,
            "--program" => {
                let digits = value.trim_start_matches("0x");
                options.only = Some(u64::from_str_radix(digits, 16).map_err(|e| format!("{name} {value}: {e}"))?);
            }
            "--out" => options.out = PathBuf::from(value),
            _ => return Err(format!("unknown option {name}")),
        }
    }
    Ok(options)
}

fn family(name: &str) -> Result<Family, String> {
    match name {
        "chains" => Ok(Family::Chains),
        "callbacks" => Ok(Family::Callbacks),
        "waits" => Ok(Family::Waits),
        _ => Err(format!("there is no family {name}")),
    }
}

/// Writes a failure beside the others: before, after, and what is wrong, under the number of its program.
fn keep(folder: &Path, found: &Found) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let name = format!("{:016x}", found.seed);
    fs::write(folder.join(format!("{name}.{}", found.extension)), &found.before)?;
    fs::write(folder.join(format!("{name}.after.{}", found.extension)), &found.failure.after)?;
    fs::write(folder.join(format!("{name}.txt")), format!("{:?}\n{}\n", found.failure.fault, found.failure.message))
}

fn print(summary: &Summary, failures: usize) {
    println!("programs    {} in {:.0} s", summary.programs, summary.time.as_secs_f64());
    println!("rewritten   {}", summary.rewritten);
    println!("schedules   {}", summary.schedules);
    println!("failures    {failures}");
    println!("no programs {}", summary.invalid);
    table("changes by pattern", &summary.patterns);
    table("refusals by code", &summary.refusals);
    println!(
        "\nshapes: {} of {} in programs that were rewritten",
        summary.rewritten_shapes.len(),
        summary.shapes.len()
    );
    for (shape, count) in &summary.shapes {
        println!("  {count:>9} {:>9}  {shape}", summary.rewritten_shapes.get(shape).unwrap_or(&0));
    }
}

fn table(title: &str, counts: &BTreeMap<&'static str, usize>) {
    println!("\n{title}");
    for (name, count) in counts {
        println!("  {count:>9}  {name}");
    }
}
