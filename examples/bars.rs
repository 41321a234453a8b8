//! What the chain patterns leave and keep, measured on the files of real packages.
//!
//! ```sh
//! cargo run --release --example bars -- FOLDER…
//! ```
//!
//! Each folder is rewritten at level `safe`, in memory. The table has, before and after: calls of `then`, comments,
//! blank lines; then how many of the calls that are left have a refusal, how many files have a syntax or early error
//! that they did not have, and how many files a second pass would change. A blank line or comment counts as kept if the
//! file has at least as many with the same text as before. `benches/bars.sh` runs it on the packages of the bars.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    process::ExitCode,
};

use unpyramid::{
    engine::{Engine, Selection},
    project,
    semantic::{Names, early_errors},
    source::SourceFile,
    syntax::{Parsed, node},
    transforms,
};

/// What is counted of a file.
#[derive(Default)]
struct Counts {
    thens: usize,
    /// `.then(` as text, in strings and comments too.
    written_thens: usize,
    comments: HashMap<String, usize>,
    blank_lines: usize,
    errors: usize,
}

impl Counts {
    fn of(source: &SourceFile) -> Self {
        let file = Parsed::new(source);
        let names = Names::new(&file);
        let mut counts = Self { errors: file.errors().len() + early_errors(&file, &names).len(), ..Self::default() };
        node::walk(file.root(), |n| {
            let member = node::call_parts(n).and_then(|(callee, _)| node::member_parts(callee));
            counts.thens += usize::from(member.is_some_and(|(_, name)| file.text(name) == "then"));
            true
        });
        for range in file.comments() {
            // A comment that moves to another level of indentation is the same comment.
            let words: Vec<_> = source.text()[range.clone()].split_whitespace().collect();
            *counts.comments.entry(words.join(" ")).or_default() += 1;
        }
        counts.written_thens = source.text().matches(".then(").count();
        counts.blank_lines = source.text().lines().filter(|l| l.trim().is_empty()).count();
        counts
    }
}

/// The sums over a folder.
#[derive(Default)]
struct Sums {
    files: usize,
    rewritten: usize,
    thens: [usize; 2],
    written_thens: [usize; 2],
    comments: usize,
    lost_comments: usize,
    blank_lines: usize,
    lost_blank_lines: usize,
    unexplained: usize,
    new_errors: usize,
    second_changes: usize,
    refusals: BTreeMap<&'static str, usize>,
}

impl Sums {
    fn add(&mut self, engine: &Engine<'_>, source: &SourceFile) {
        self.files += 1;
        let before = Counts::of(source);
        let outcome = engine.rewrite(source);
        self.rewritten += usize::from(outcome.bytes.is_some());
        let bytes = outcome.bytes.unwrap_or_else(|| source.bytes().to_vec());
        let result = SourceFile::new(source.path(), bytes).expect("a rewrite is still a source file");
        let after = Counts::of(&result);
        for (index, counts) in [&before, &after].into_iter().enumerate() {
            self.thens[index] += counts.thens;
            self.written_thens[index] += counts.written_thens;
        }
        self.comments += before.comments.values().sum::<usize>();
        self.lost_comments +=
            before.comments.iter().map(|(text, n)| n.saturating_sub(after.count(text))).sum::<usize>();
        self.blank_lines += before.blank_lines;
        self.lost_blank_lines += before.blank_lines.saturating_sub(after.blank_lines);
        self.new_errors += usize::from(after.errors > before.errors);
        self.second_changes += usize::from(engine.rewrite(&result).bytes.is_some());
        self.explain(engine, &result);
    }

    /// Of the calls that are left, those that no finding accounts for.
    fn explain(&mut self, engine: &Engine<'_>, result: &SourceFile) {
        let findings = engine.scan(result).findings;
        for one in &findings {
            let code = one.finding.outcome.as_ref().err().map_or("needs review", |refusal| refusal.code.code());
            *self.refusals.entry(code).or_default() += 1;
        }
        let file = Parsed::new(result);
        node::walk(file.root(), |n| {
            let member = node::call_parts(n).and_then(|(callee, _)| node::member_parts(callee));
            let is_then = member.is_some_and(|(_, name)| file.text(name) == "then");
            let range = n.byte_range();
            let explained =
                findings.iter().any(|f| f.finding.range.start <= range.start && range.end <= f.finding.range.end);
            if is_then && !explained {
                self.unexplained += 1;
                let place = result.position(range.start);
                eprintln!("unexplained: {}:{}:{}", result.path().display(), place.line, place.column);
            }
            true
        });
    }

    fn print(&self, folder: &Path) {
        println!("{}: {} files, {} rewritten", folder.display(), self.files, self.rewritten);
        println!("  `.then(` in the text       {} -> {}", self.written_thens[0], self.written_thens[1]);
        println!("  calls of `then`            {} -> {}", self.thens[0], self.thens[1]);
        println!("  left without a reason      {}", self.unexplained);
        println!("  comments lost              {} of {}", self.lost_comments, self.comments);
        println!("  blank lines lost           {} of {}", self.lost_blank_lines, self.blank_lines);
        println!("  files with a new error     {}", self.new_errors);
        println!("  changed by a second apply  {}", self.second_changes);
        for (code, count) in &self.refusals {
            println!("  left because {code:<24} {count}");
        }
    }
}

impl Counts {
    fn count(&self, comment: &str) -> usize {
        self.comments.get(comment).copied().unwrap_or(0)
    }
}

fn main() -> ExitCode {
    let folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if folders.is_empty() {
        eprintln!("usage: bars FOLDER…");
        return ExitCode::from(2);
    }
    let engine = Engine::new(transforms::ALL, Selection::default()).expect("the selection names no pattern");
    for folder in folders {
        let files = match project::collect(std::slice::from_ref(&folder)) {
            Ok(files) => files,
            Err(missing) => {
                eprintln!("{missing}");
                return ExitCode::from(2);
            }
        };
        let mut sums = Sums::default();
        for entry in &files.entries {
            if let Ok(project::Loaded::Source(source)) = project::load(entry) {
                sums.add(&engine, &source);
            }
        }
        sums.print(&folder);
    }
    ExitCode::SUCCESS
}
