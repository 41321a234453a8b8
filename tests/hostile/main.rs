//! Input that means harm, or looks as if it did: the program as a user runs it, on trees and files that nobody would
//! write. Whatever it is given, it ends in time, within its memory, with an answer, and has touched nothing that was
//! not its business.
//!
//! `cargo run --release --example hostile` goes on where the mutated files here end.

#[path = "../support/folder.rs"]
mod folder;
#[cfg(unix)]
mod interrupted;
mod mutants;
#[path = "../../examples/hostile/mutate.rs"]
mod mutate;
#[cfg(unix)]
mod ownership;
#[cfg(unix)]
mod secure;
mod shapes;
#[cfg(unix)]
mod trees;

use std::{
    fs::{self, File},
    io::{Read as _, Seek as _},
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use folder::{Folder, SAFE};
use tempfile::TempDir;

/// A file whose function with a callback a migration converts.
const CALLBACK: &str = "const fs = require('fs');\nfunction read(path, cb) {\n  fs.readFile(path, 'utf8', function \
                        (err, text) {\n    if (err) return cb(err);\n    cb(null, text.trim());\n  });\n}\n\
                        module.exports = read;\n";

/// How long one run may take, in a build without optimisation on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// A folder with files, and the program run in it.
struct Tree(Folder);

impl std::ops::Deref for Tree {
    type Target = Folder;

    fn deref(&self) -> &Folder {
        &self.0
    }
}

impl Tree {
    fn new(files: &[(&str, &str)]) -> Self {
        Self(Folder::new(files))
    }

    /// Runs the program to its end.
    fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments))
    }

    /// What git says.
    fn git(&self, arguments: &[&str]) -> String {
        String::from_utf8_lossy(&self.0.git(arguments).stdout).into_owned()
    }

    /// All files with their content, and whatever else there is with nothing, by path; git's own are left out.
    fn contents(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let walk = walkdir::WalkDir::new(self.folder.path()).sort_by_file_name();
        let walk = walk.into_iter().filter_entry(|e| e.file_name() != ".git").map(|e| e.unwrap());
        let content =
            |e: &walkdir::DirEntry| if e.file_type().is_file() { fs::read(e.path()).unwrap() } else { vec![] };
        walk.map(|e| (e.path().to_owned(), content(&e))).collect()
    }
}

/// What a run of the program came to.
#[derive(Debug)]
struct Run {
    /// Its exit code; `None` when a signal ended it.
    code: Option<i32>,
    out: Vec<u8>,
    err: Vec<u8>,
    took: Duration,
    /// The most memory it had at once, in bytes; 0 where the system does not say.
    peak: u64,
}

impl Run {
    /// Runs a command to its end. One that does not come to it in time fails the test.
    fn of(mut command: Command) -> Self {
        let (out, err) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
        command.stdin(Stdio::null()).stdout(out.try_clone().unwrap()).stderr(err.try_clone().unwrap());
        let start = Instant::now();
        let mut child = command.spawn().unwrap();
        let mut peak = 0;
        let status = loop {
            peak = peak.max(peak_of(child.id()));
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if start.elapsed() > LIMIT {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("{command:?} does not end:\n{}", String::from_utf8_lossy(&all(err)));
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        Self { code: status.code(), out: all(out), err: all(err), took: start.elapsed(), peak }
    }

    fn out(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }

    fn err(&self) -> String {
        String::from_utf8_lossy(&self.err).into_owned()
    }

    /// Everything that the program said.
    fn said(&self) -> String {
        self.out() + &self.err()
    }

    /// Checks that the program ended by itself and found no fault in itself.
    fn sound(self) -> Self {
        let said = self.said();
        assert!(matches!(self.code, Some(0..=2)), "{:?}\n{said}", self.code);
        assert!(!said.contains("internal error") && !said.contains("panicked at"), "{said}");
        self
    }

    fn expect(self, code: i32) -> Self {
        let run = self.sound();
        assert_eq!(run.code, Some(code), "{}", run.said());
        run
    }
}

fn all(mut file: File) -> Vec<u8> {
    let mut bytes = Vec::new();
    file.rewind().unwrap();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}

/// The most memory that a process has had, in bytes, as Linux tells.
fn peak_of(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1024
}

/// Whether the tests run as somebody to whom no permission is denied.
#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    let folder = TempDir::new().unwrap();
    fs::metadata(folder.path()).unwrap().uid() == 0
}
