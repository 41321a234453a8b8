//! The copy of the package in which guards can be turned off, and what is built of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::instrument::{Checks, Guard, find_checks, instrument};

/// The switch that each guard asks.
const SWITCH: &str = include_str!("switch.rs");

/// This program.
const WORKER: &str = "guards";

/// How often the copy is built anew without guards that can't have a switch.
const ATTEMPTS: usize = 8;

/// The tests inside the library go by its name.
const LIBRARY: &str = "unpyramid";

/// Test programs that are asked about guards that no fixture notices. The others look at something else than what the
/// guards decide, or take too long.
const ASKED: &[&str] =
    &["unpyramid", "contract", "findings", "names", "other_files", "project", "rounds", "executors", "programs", "cli"];

/// A test program of the copy.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// The test's name; the package's for the tests inside the library.
    pub(crate) name: String,
    /// Where it was built.
    pub(crate) path: PathBuf,
}

impl Program {
    /// The program, ready to be run. No guard has a part in writing to the disk, whose tests take long.
    pub(crate) fn command(&self, root: &Path) -> Command {
        let mut command = Command::new(&self.path);
        command.current_dir(root).args(["--skip", "write::"]);
        if self.name == "programs" {
            // The others make programs anew, which takes long and tells little of one guard.
            command.arg("programs_that_failed_once");
        }
        command
    }
}

/// The copy.
#[derive(Debug)]
pub(crate) struct Copy {
    /// Where it stands.
    pub(crate) root: PathBuf,
    /// The guards, each at its number.
    pub(crate) guards: Vec<Guard>,
    /// The lines that could not be given a switch, as `file:line`.
    pub(crate) without: Vec<String>,
}

impl Copy {
    /// Copies the package to `root` and gives the guards of the named folders a switch.
    pub(crate) fn make(package: &Path, root: &Path, folders: &[String]) -> Self {
        let mut without: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        let files = copied(package, root);
        for _ in 0..ATTEMPTS {
            let guards = write(package, root, &files, folders, &without);
            let errors = errors(root);
            if errors.is_empty() {
                let lines = without.iter().flat_map(|(file, lines)| lines.iter().map(move |l| format!("{file}:{l}")));
                return Self { root: root.to_owned(), guards, without: lines.collect() };
            }
            for (file, line) in errors {
                println!("no switch can be put at {file}:{line}");
                without.entry(file).or_default().insert(line);
            }
        }
        panic!("the copy can't be built");
    }

    /// Builds this program in the copy, where it says what becomes of the fixtures.
    pub(crate) fn worker(&self) -> PathBuf {
        let built = artifacts(&self.root, &["build", "--lib", "--example", WORKER]);
        built.into_iter().find(|program| program.name == WORKER).expect("this program was built").path
    }

    /// Builds the test programs that are named, or all that have something to say.
    pub(crate) fn programs(&self, named: Option<&[String]>) -> Vec<Program> {
        let is_named = |name: &&&str| named.is_none_or(|named| named.iter().any(|n| n == **name));
        let asked: Vec<&str> = ASKED.iter().filter(is_named).copied().collect();
        if asked.is_empty() {
            return Vec::new();
        }
        let tests = asked.iter().flat_map(|name| if *name == LIBRARY { ["--lib", "--lib"] } else { ["--test", name] });
        let mut arguments = vec!["test", "--no-run"];
        arguments.extend(tests);
        arguments.dedup();
        let built = artifacts(&self.root, &arguments);
        asked.iter().filter_map(|name| built.iter().find(|program| program.name == *name).cloned()).collect()
    }
}

/// Copies the package's files as they are; their paths.
fn copied(package: &Path, root: &Path) -> Vec<PathBuf> {
    let is_ours = |e: &walkdir::DirEntry| {
        e.depth() != 1 || !matches!(e.file_name().to_str(), Some("target" | ".git" | "node_modules"))
    };
    let walk = walkdir::WalkDir::new(package).sort_by_file_name().into_iter().filter_entry(is_ours);
    let files: Vec<PathBuf> = walk
        .map(|entry| entry.expect("a readable folder").into_path())
        .filter(|path| path.is_file())
        .map(|path| path.strip_prefix(package).expect("a path in the package").to_owned())
        .collect();
    for file in &files {
        let is_source = file.extension().is_some_and(|e| e == "rs") || file == Path::new("Cargo.toml");
        if !is_source {
            put(&root.join(file), &fs::read(package.join(file)).expect("a readable file"));
        }
    }
    files
}

/// Writes the sources with switches.
fn write(
    package: &Path,
    root: &Path,
    files: &[PathBuf],
    folders: &[String],
    without: &BTreeMap<String, BTreeSet<usize>>,
) -> Vec<Guard> {
    let is_source = |file: &&PathBuf| file.extension().is_some_and(|e| e == "rs");
    let sources: Vec<(String, String)> = files
        .iter()
        .filter(is_source)
        .map(|file| {
            let text = fs::read_to_string(package.join(file)).expect("a source in UTF-8");
            (file.to_str().expect("a path in UTF-8").to_owned(), text)
        })
        .collect();
    let mut checks = Checks::new();
    sources.iter().for_each(|(_, text)| find_checks(text, &mut checks));
    let none = BTreeSet::new();
    let mut guards = Vec::new();
    for (file, text) in &sources {
        let is_asked = folders.iter().any(|folder| file.starts_with(folder.as_str())) && !file.ends_with("tests.rs");
        let mut written = text.clone();
        if is_asked {
            let (with, found) = instrument(file, text, &checks, without.get(file).unwrap_or(&none), guards.len());
            written = with;
            guards.extend(found);
        }
        if file == "src/lib.rs" {
            // Behind the documentation of the file, on a line that is there.
            written =
                written.replacen("pub mod apis;", "#![allow(warnings, clippy::all)] pub mod switch; pub mod apis;", 1);
        }
        put(&root.join(file), written.as_bytes());
    }
    put(&root.join("src/switch.rs"), SWITCH.as_bytes());
    let manifest = fs::read_to_string(package.join("Cargo.toml")).expect("a manifest");
    put(&root.join("Cargo.toml"), manifest.as_bytes());
    guards
}

/// Writes a file unless it holds that already: what is not touched is not built anew.
fn put(path: &Path, bytes: &[u8]) {
    if fs::read(path).ok().as_deref() != Some(bytes) {
        fs::create_dir_all(path.parent().expect("a file in a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file that can be written");
    }
}

fn cargo(root: &Path, arguments: &[&str]) -> Vec<serde_json::Value> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(arguments)
        .args(["--message-format", "json"])
        .current_dir(root)
        // Not the package's own: cargo tells packages apart by their place in the workspace, and the copy has the same.
        .env("CARGO_TARGET_DIR", root.with_file_name("build"))
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo runs");
    let lines = output.stdout.split(|b| *b == b'\n').filter(|line| !line.is_empty());
    lines.filter_map(|line| serde_json::from_slice(line).ok()).collect()
}

/// Where the copy does not compile: files and lines.
fn errors(root: &Path) -> BTreeSet<(String, usize)> {
    let messages = cargo(root, &["build", "--lib", "--example", WORKER]);
    let errors = messages.iter().map(|m| &m["message"]).filter(|m| m["level"] == "error");
    // What is moved in a condition is missed further down.
    let spans = errors.flat_map(|m| m["spans"].as_array().into_iter().flatten());
    let place = |span: &serde_json::Value| {
        Some((span["file_name"].as_str()?.to_owned(), usize::try_from(span["line_start"].as_u64()?).ok()?))
    };
    spans.filter_map(place).collect()
}

/// What cargo builds, by name.
fn artifacts(root: &Path, arguments: &[&str]) -> Vec<Program> {
    let messages = cargo(root, arguments);
    let built = messages.iter().filter_map(|m| {
        let path = m["executable"].as_str()?;
        Some(Program { name: m["target"]["name"].as_str()?.to_owned(), path: path.into() })
    });
    // The program itself has the name of its library, whose tests come later and are meant.
    built.filter(|p| p.path.to_string_lossy().contains("deps") || p.name == WORKER).collect()
}
