//! What is known of the calls that projects wait for: `cargo run --release --example effects -- [-v] FOLDER…`
//!
//! For each folder: how many awaited calls only read, write, or are unknown, on what grounds, how many pairs of neighbours
//! may overlap, and the time that it takes. With `-v`, one line for each call and each pair.

use std::{collections::BTreeMap, path::PathBuf, time::Instant};

use rayon::prelude::*;
use unpyramid::{
    apis::Apis,
    context::Context,
    effects::{self, Effects, Place, Resource},
    engine::{Asked, Engine, Selection},
    project::{self, CallbackFunctions, LibraryUses, Loaded, effects::Summaries},
    schedule::Grounds,
    semantic::Names,
    source::SourceFile,
    syntax::{
        Node, Parsed,
        node::{named_children, walk},
    },
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let verbose = std::env::args().any(|a| a == "-v");
    for folder in std::env::args().skip(1).filter(|a| a != "-v") {
        let start = Instant::now();
        let files = project::collect(&[PathBuf::from(&folder)])?;
        let load = |entry: &project::Entry| match project::load(entry) {
            Ok(Loaded::Source(source)) => Some(source),
            _ => None,
        };
        let sources: Vec<SourceFile> = files.entries.par_iter().filter_map(load).collect();
        let loaded = start.elapsed();
        let engine = Engine::new(&[], Selection::default())?;
        let asked = Asked { effects: true, ..Asked::default() };
        let code = sources.par_iter().filter_map(|source| engine.read(source, asked).code).collect();
        let read = start.elapsed();
        let summaries = Summaries::link(code);
        let linked = start.elapsed();
        let counts: Vec<_> = sources.par_iter().map(|source| judge(source, &summaries, verbose)).collect();
        let judged = start.elapsed();
        let mut all: BTreeMap<String, usize> = BTreeMap::new();
        for (lines, one) in counts {
            lines.iter().for_each(|line| println!("{line}"));
            one.into_iter().for_each(|(what, count)| *all.entry(what).or_default() += count);
        }
        println!("{folder}: {} files", sources.len());
        all.iter().for_each(|(what, count)| println!("  {count:5} {what}"));
        println!(
            "  loaded in {:.0?}, read in {:.0?}, linked in {:.0?}, judged in {:.0?}",
            loaded,
            read - loaded,
            linked - read,
            judged - linked
        );
    }
    Ok(())
}

fn judge(source: &SourceFile, summaries: &Summaries, verbose: bool) -> (Vec<String>, BTreeMap<String, usize>) {
    let file = Parsed::new(source);
    let names = Names::new(&file);
    let (style, library, callbacks) = (file.style(), LibraryUses::default(), CallbackFunctions::default());
    let mut cx = Context::new(&file, &names, &style, Apis::builtin(), &library, &callbacks);
    cx.summaries = Some(summaries);
    let (mut lines, mut counts) = (Vec::new(), BTreeMap::new());
    let mut note = |what: String, node: Node<'_>, more: String| {
        *counts.entry(what.clone()).or_default() += 1;
        if verbose {
            let text: String =
                cx.text(node).split_whitespace().collect::<Vec<_>>().join(" ").chars().take(90).collect();
            let line = node.start_position().row + 1;
            lines.push(format!("{}:{line}\t{what}\t{text}\t{more}", source.path().display()));
        }
    };
    walk(file.root(), |node| {
        if node.kind() == "await_expression"
            && named_children(node).first().is_some_and(|c| c.kind() == "call_expression")
        {
            let effects = effects::of_node(&cx, node);
            note(
                format!("call {}", sort(&effects)),
                node,
                format!("{} ? {}", effects.presumed.join("; "), effects.strangers.join(" ")),
            );
        }
        if matches!(node.kind(), "statement_block" | "program") {
            let statements = named_children(node);
            for (index, earlier) in statements.iter().enumerate() {
                for (distance, later) in statements.iter().skip(index + 1).take(if verbose { 8 } else { 1 }).enumerate()
                {
                    if waits(*earlier) && waits(*later) {
                        let kind = if distance == 0 { "pair" } else { "far pair" };
                        let (what, more) = pair(&cx, *earlier, *later);
                        let second = later.start_position().row + 1;
                        note(format!("{kind} {what}"), *earlier, format!("{second}\t{more}"));
                    }
                }
            }
        }
        if node.kind() == "for_in_statement"
            && let Some(body) = node.child_by_field_name("body")
            && waits_inside(body)
        {
            let own = cx.names.declared_in(&(node.start_byte()..body.start_byte()));
            let (what, more) = match effects::rounds_may_overlap(&cx, body, &own) {
                Ok(answer) => (format!("loop {}", answer.grounds.as_str()), answer.because),
                Err(refusal) => {
                    let text: String = cx.slice(refusal.range).chars().take(60).collect();
                    (format!("loop {}", refusal.code.code()), text.replace('\n', " "))
                }
            };
            note(what, node, more);
        }
        true
    });
    (lines, counts)
}

/// Whether two statements may overlap, and why.
fn pair(cx: &Context<'_>, earlier: Node<'_>, later: Node<'_>) -> (String, String) {
    let (a, b) = (effects::of_node(cx, earlier), effects::of_node(cx, later));
    match effects::may_overlap(cx, &a, &b) {
        Ok(answer) => (answer.grounds.as_str().to_owned(), answer.because),
        Err(refusal) => {
            let text: String = cx.slice(refusal.range).split_whitespace().collect::<Vec<_>>().join(" ");
            let places = effects::conflict(cx, &a, &b).map(|(x, y)| (&x.place, &y.place));
            let strangers = (&a.strangers, &b.strangers);
            (refusal.code.code().to_owned(), format!("{text} {places:?} {strangers:?}"))
        }
    }
}

/// Whether a statement waits for a call.
fn waits(statement: Node<'_>) -> bool {
    matches!(
        statement.kind(),
        "lexical_declaration" | "expression_statement" | "return_statement" | "variable_declaration"
    ) && waits_inside(statement)
}

fn waits_inside(node: Node<'_>) -> bool {
    let mut found = false;
    unpyramid::syntax::node::walk_own_code(node, |n| {
        found |= n.kind() == "await_expression";
        !found
    });
    found
}

/// What a call is, in words.
fn sort(effects: &Effects) -> String {
    let grounds = if effects.grounds() == Grounds::Proven { "proven" } else { "presumed" };
    let world = |place: &Place| matches!(place, Place::World(r) if !matches!(r, Resource::Clock | Resource::Log));
    // A call whose result nobody looks at counts as doubtful besides; here it is what is known of it that counts.
    let what = if !effects.strangers.is_empty() || !effects.unknown.is_empty() && effects.dropped.is_empty() {
        return "unknown".to_owned();
    } else if effects.writes.iter().any(|t| world(&t.place)) {
        "writes"
    } else if effects.writes.is_empty() {
        "reads"
    } else {
        "changes memory"
    };
    format!("{what}, {grounds}")
}
