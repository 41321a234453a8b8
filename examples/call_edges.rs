//! What the calls of projects come to: `cargo run --release --example call_edges -- FOLDER…`
//!
//! For each folder: files, functions, how many calls lead to a function of the project, to another package, to a global,
//! and how many are unknown, and the time that reading and linking take.

use std::{path::PathBuf, time::Instant};

use rayon::prelude::*;
use unpyramid::{
    project::{self, Callee, FileFacts, Loaded, Project},
    semantic::Names,
    syntax::Parsed,
};

fn main() -> Result<(), project::Missing> {
    let verbose = std::env::args().any(|a| a == "-v");
    for folder in std::env::args().skip(1).filter(|a| a != "-v") {
        let start = Instant::now();
        let files = project::collect(&[PathBuf::from(&folder)])?;
        let facts: Vec<FileFacts> = files
            .entries
            .par_iter()
            .filter_map(|entry| match project::load(entry) {
                Ok(Loaded::Source(source)) => {
                    let parsed = Parsed::new(&source);
                    Some(FileFacts::of(&parsed, &Names::new(&parsed)))
                }
                _ => None,
            })
            .collect();
        let read = start.elapsed();
        let project = Project::link(facts);
        let linked = start.elapsed() - read;
        report(&folder, &project, &files, verbose);
        println!("  read in {read:.0?}, linked in {linked:.0?}");
    }
    Ok(())
}

fn report(folder: &str, project: &Project, files: &project::Files, verbose: bool) {
    let mut counts = [0; 4];
    for entry in &files.entries {
        for (range, callee) in project.calls(&entry.shown) {
            let index = match callee {
                Callee::Function(_) => 0,
                Callee::External { .. } => 1,
                Callee::Global { .. } => 2,
                Callee::Unknown => 3,
            };
            counts[index] += 1;
            if verbose {
                print_call(project, entry, range.start, callee);
            }
        }
    }
    let functions = project.functions().count();
    let reachable = project.functions().filter(|(id, _)| project.is_reachable_from_outside(*id)).count();
    let groups = project.components().iter().filter(|c| c.len() > 1).count();
    println!("{folder}: {} files, {functions} functions ({reachable} reachable, {groups} groups)", files.entries.len());
    let [own, external, global, unknown] = counts;
    println!("  calls: {own} own, {external} external, {global} global, {unknown} unknown");
}

fn print_call(project: &Project, entry: &project::Entry, start: usize, callee: &Callee) {
    let text = std::fs::read_to_string(&entry.path).unwrap_or_default();
    let line = text.get(..start).map_or(0, |t| t.matches('\n').count() + 1);
    let code: String = text.get(start..).unwrap_or_default().chars().take_while(|c| *c != '\n').take(50).collect();
    let meaning = match callee {
        Callee::Function(id) => {
            let function = project.function(*id);
            format!("-> {}:{} {:?}", function.path.display(), function.line, function.definition)
        }
        Callee::External { module, export } => format!("-> {module} {}", export.as_deref().unwrap_or("(whole)")),
        Callee::Global { name } => format!("-> global {name}"),
        Callee::Unknown => "?".to_owned(),
    };
    println!("{}:{line}: {code}  {meaning}", entry.shown.display());
}
