//! Goes over mutated files for as long as it is let, and says what the engine did with them.
//!
//! `cargo run --release --example hostile -- --seconds 600 --seed 1`; without a seed, a fresh one, which is printed. A
//! file that is too much for the engine is cut down to what it takes and shown. `tests/hostile` has a short run.
//!
//! `cargo build --release && cargo run --release --example hostile -- --shapes` has the program scan files of 50 MB, of
//! one line of 20 MB, and with whatever there is nested 100,000 deep, and says how long and how much memory that takes.

mod mutate;
mod shapes;

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    process::{Command, ExitCode, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use mutate::{LIMIT, Numbers, Tally, check, mutant, originals};

/// Faults of which kind were seen often enough.
const SHOWN: usize = 20;

/// How often a file is cut down at most.
const CUTS: usize = 3000;

/// The seed that is at work, and since when.
type Now = Arc<Mutex<(u64, Instant)>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|a| a == "--shapes") {
        return endure_shapes();
    }
    let number = |name: &str| {
        let at = arguments.iter().position(|a| a == name)?;
        arguments.get(at + 1)?.parse::<u64>().ok()
    };
    let fresh = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as u64;
    let (seconds, first) = (number("--seconds").unwrap_or(60), number("--seed").unwrap_or_else(fresh));
    println!("seed {first}, {seconds} seconds");
    std::panic::set_hook(Box::new(|_| {}));
    let now: Now = Arc::new(Mutex::new((first, Instant::now())));
    watch(Arc::clone(&now));
    let (originals, start) = (originals(), Instant::now());
    let (mut tally, mut faults, mut seed) = (Tally::default(), Vec::<String>::new(), first);
    while start.elapsed() < Duration::from_secs(seconds) {
        *now.lock().expect("nobody panics with it") = (seed, Instant::now());
        let (name, bytes) = mutant(&mut Numbers(seed), &originals);
        if let Err(fault) = guarded(&name, &bytes, &mut tally) {
            let kind = kind(&fault);
            faults.push(kind.clone());
            if faults.iter().filter(|known| **known == kind).count() <= 1 && faults.len() < SHOWN * SHOWN {
                let small = cut_down(&name, &bytes, &kind, &now);
                println!("--- seed {seed}, {name}: {fault}\n{}\n---", String::from_utf8_lossy(&small));
            }
        }
        seed = seed.wrapping_add(1);
    }
    let per_second = tally.files as f64 / start.elapsed().as_secs_f64();
    println!("{tally:#?}\n{per_second:.0} files a second, at most {} in memory", peak());
    println!("{} faults", faults.len());
    faults.sort();
    for same in faults.chunk_by(|a, b| a == b) {
        println!("{:6} {}", same.len(), same[0]);
    }
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How long a scan of any of the shapes may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Has the program beside this one scan each of the shapes.
fn endure_shapes() -> ExitCode {
    let program = std::env::current_exe().ok().and_then(|path| Some(path.parent()?.parent()?.join("unpyramid")));
    let program = program.filter(|path| path.exists()).expect("the program is built before: `cargo build --release`");
    let folder = std::env::temp_dir().join(format!("unpyramid-shapes-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let deep =
        shapes::brackets(100_000).into_iter().chain(shapes::pyramids(100_000)).chain([shapes::assignments(1_000)]);
    let deep = deep.map(|shape| (shape, shapes::DEEP_MULTIPLE));
    let large = shapes::large(50 << 20, 20 << 20).into_iter().map(|shape| (shape, shapes::LARGE_MULTIPLE));
    let mut all_well = true;
    for (shape, multiple) in deep.chain(large) {
        let file = folder.join("shape.js");
        fs::write(&file, &shape.text).expect("a file that can be written");
        let (ended, took, memory) = run(Command::new(&program).arg("scan").arg(&file));
        let most = shapes::BASE + multiple * shape.text.len() as u64;
        let is_well = ended && memory < most;
        all_well &= is_well;
        let times = memory as f64 / shape.text.len() as f64;
        let (size, memory) = (shape.text.len() >> 10, memory >> 20);
        let verdict = if is_well { "" } else { "  TOO MUCH" };
        println!("{:28} {size:6} kB {:7.2} s {memory:6} MB {times:6.0} times{verdict}", shape.name, took.as_secs_f64());
    }
    fs::remove_dir_all(&folder).expect("a folder that can be removed");
    if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs a command; whether it ends by itself in time, how long it takes, and the most memory that it has.
fn run(command: &mut Command) -> (bool, Duration, u64) {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs");
    let (start, mut memory) = (Instant::now(), 0);
    loop {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
        memory = memory.max(kilobytes.unwrap_or_default() * 1024);
        match child.try_wait().expect("the program can be waited for") {
            Some(status) => return (matches!(status.code(), Some(0..=2)), start.elapsed(), memory),
            None if start.elapsed() > PATIENCE => {
                child.kill().ok();
                child.wait().ok();
                return (false, start.elapsed(), memory);
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}

/// Ends the program with a word if a file takes too long: nothing else would be heard of it.
fn watch(now: Now) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_secs(1));
            let (seed, since) = *now.lock().expect("nobody panics with it");
            if since.elapsed() > 2 * LIMIT {
                println!("--- seed {seed} does not end");
                std::process::exit(3);
            }
        }
    });
}

/// What [`check`] says, a panic as a fault like any other.
fn guarded(name: &str, bytes: &[u8], tally: &mut Tally) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(|| check(name, bytes, tally))).unwrap_or_else(|what| {
        let text = what.downcast_ref::<String>().map(String::as_str).or(what.downcast_ref::<&str>().copied());
        Err(format!("panic: {}", text.unwrap_or("without a word")))
    })
}

/// A fault without what is different in each file: its first words.
fn kind(fault: &str) -> String {
    let line = fault.lines().next().unwrap_or_default();
    line.chars().filter(|c| !c.is_ascii_digit()).take(80).collect()
}

/// A smaller file with the same kind of fault: lines, then bytes are left out for as long as that can be done.
fn cut_down(name: &str, bytes: &[u8], wanted: &str, now: &Now) -> Vec<u8> {
    let mut pieces: Vec<Vec<u8>> = bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    let mut cuts = 0;
    for by_byte in [false, true] {
        if by_byte {
            pieces = pieces.concat().into_iter().map(|b| vec![b]).collect();
        }
        let mut size = pieces.len() / 2;
        while size > 0 && cuts < CUTS {
            let mut at = 0;
            while at < pieces.len() && cuts < CUTS {
                cuts += 1;
                now.lock().expect("nobody panics with it").1 = Instant::now();
                let end = (at + size).min(pieces.len());
                let rest = [&pieces[..at], &pieces[end..]].concat();
                match guarded(name, &rest.concat(), &mut Tally::default()) {
                    Err(fault) if kind(&fault) == wanted => pieces = rest,
                    _ => at = end,
                }
            }
            size /= 2;
        }
    }
    pieces.concat()
}

/// The most memory that this process has had, as Linux tells.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |line| line.trim().to_owned())
}
