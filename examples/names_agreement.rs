//! Compares the names of whole directories with those that `oxc_semantic` finds.
//!
//! ```sh
//! cargo run --release --example names_agreement -- DIRECTORY…
//! ```
//!
//! Both must say of every use of a name that it means the same declaration, or none in the file. Files that either
//! can't parse are skipped and counted. `SAMPLES=10` prints as many samples of each kind of difference, in place of
//! one.
//!
//! What a type predicate names (`x is T`) and the `const` of `as const` are left out: see `tests/oracle`. What then
//! remains on published packages, some sixteen uses in a million, has three causes:
//!
//! - `tree-sitter-typescript` reads some code differently, and finds no error. A template with type arguments
//!   (`` sql<Row>`…` ``) is two comparisons for it, in which an arrow function before it ends too early; in
//!   `x as A | undefined` the union can become a bitwise `or`; and in `new <A>() => B & C<A>` the intersection is
//!   outside the type of the constructor. The names cannot be better than the tree.
//! - The oracle resolves the types of parameters when it leaves the parameter list, to what is declared outside a
//!   namespace if the namespace's own declaration stands further down. TypeScript's declarations have no order.
//! - The oracle sees the computed key of a method signature inside the signature, beside the parameters.
//!
//! `tests/names.rs` holds a sample of each disagreement in which the oracle is not followed.

#[path = "../tests/oracle/mod.rs"]
mod oracle;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use oracle::{Comparison, Difference, Skipped};

fn main() {
    // The oracle's parser is recursive.
    let work = std::thread::Builder::new().stack_size(1 << 30).spawn(run).expect("a thread");
    work.join().expect("the comparison ends");
}

#[derive(Default)]
struct Totals {
    files: usize,
    bytes: usize,
    identifiers: usize,
    skipped: BTreeMap<Skipped, usize>,
    differences: BTreeMap<Difference, Vec<String>>,
}

fn run() {
    let mut totals = Totals::default();
    let mut seen = BTreeSet::new();
    for directory in std::env::args_os().skip(1) {
        for file in files(Path::new(&directory)) {
            let Ok(bytes) = std::fs::read(&file) else { continue };
            // The same file in two packages would count twice.
            if seen.insert(bytes.clone()) {
                totals.add(&file, bytes);
            }
        }
    }
    totals.print();
}

fn files(directory: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = walkdir::WalkDir::new(directory).sort_by_file_name().into_iter().filter_map(Result::ok);
    entries.filter(|e| e.file_type().is_file()).map(walkdir::DirEntry::into_path).filter(|p| {
        let extension = p.extension().and_then(|e| e.to_str());
        extension.and_then(unpyramid::source::Language::from_extension).is_some()
    })
}

impl Totals {
    fn add(&mut self, file: &Path, bytes: Vec<u8>) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let comparison = match Comparison::new(file, bytes) {
            Ok(comparison) => comparison,
            Err(why) => return *self.skipped.entry(why).or_default() += 1,
        };
        self.files += 1;
        self.bytes += text.len();
        self.identifiers += comparison.oracle.len();
        for (start, difference) in comparison.differences() {
            let before = &text[..start];
            let line = before.matches('\n').count() + 1;
            let from = before.rfind('\n').map_or(0, |i| i + 1);
            let shown: String =
                text[from.max(start.saturating_sub(60))..].lines().next().unwrap_or("").chars().take(120).collect();
            let name: String = text[start..].chars().take_while(|c| c.is_alphanumeric() || "_$".contains(*c)).collect();
            let sample = format!("{}:{line}: {name}: {}", file.display(), shown.trim());
            self.differences.entry(difference).or_default().push(sample);
        }
    }

    fn print(&self) {
        let different: usize = self.differences.values().map(Vec::len).sum();
        let agreement = 100.0 - 100.0 * different as f64 / self.identifiers.max(1) as f64;
        println!("files        {}", self.files);
        println!("skipped      {:?}", self.skipped);
        println!("megabytes    {:.2}", self.bytes as f64 / 1e6);
        println!("identifiers  {}", self.identifiers);
        println!("agreement    {agreement:.4} %");
        let shown: usize = std::env::var("SAMPLES").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
        for (difference, samples) in &self.differences {
            println!("\n{difference:?}: {}", samples.len());
            let step = samples.len().div_ceil(shown);
            samples.iter().step_by(step).for_each(|sample| println!("  {sample}"));
        }
    }
}
