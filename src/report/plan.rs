//! A plan for people and for machines.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde::Serialize;

use super::{
    counted, json,
    terminal::{BOLD, CYAN, DIM, GREEN, Paint, RED, YELLOW, escaped},
};
use crate::{
    edit::RefusalCode,
    plan::{
        Blocker, Entry, Plan, Planned, Risk, Step,
        contracts::{in_words, kind_name},
    },
    source::Position,
};

/// Writes a plan for people: steps, the waves within them, and what is blocked.
///
/// # Errors
/// When `out` has them.
pub fn human(plan: &Plan, steps: &[Step], paint: Paint, out: &mut impl Write) -> io::Result<()> {
    for step in steps {
        let functions: Vec<&Planned> = plan.functions.iter().filter(|f| f.step == *step).collect();
        let adapters = if *step == Step::Adapters { plan.adapters.as_slice() } else { &[] };
        if functions.is_empty() && adapters.is_empty() {
            continue;
        }
        let heading = format!("{}: {}", step.name(), step.title());
        writeln!(out, "{}", paint.with(BOLD, heading))?;
        for (wave, functions) in &waves(&functions) {
            writeln!(out, "  wave {wave}")?;
            functions.iter().try_for_each(|f| function(f, paint, out))?;
        }
        let blocked: Vec<_> = functions.iter().filter(|f| f.wave.is_none()).collect();
        if !blocked.is_empty() {
            writeln!(out, "  blocked")?;
            blocked.into_iter().try_for_each(|f| function(f, paint, out))?;
        }
        for key in adapters {
            let path = key.path.to_string_lossy();
            writeln!(out, "    {} {}", paint.with(CYAN, escaped(&path)), escaped(&key.name))?;
        }
        writeln!(out)?;
    }
    let (sites, converted) = plan.sites();
    match sites {
        0 => writeln!(out, "nothing to convert"),
        _ => writeln!(
            out,
            "{} in {}: {converted} to convert, {} at level review, {} refused",
            counted(sites, "site"),
            counted(plan.functions.len(), "function"),
            plan.held_back(),
            plan.refusals().values().sum::<usize>(),
        ),
    }
}

fn waves<'a>(functions: &[&'a Planned]) -> BTreeMap<usize, Vec<&'a Planned>> {
    let mut waves: BTreeMap<usize, Vec<&Planned>> = BTreeMap::new();
    for function in functions {
        if let Some(wave) = function.wave {
            waves.entry(wave).or_default().push(function);
        }
    }
    waves
}

fn function(one: &Planned, paint: Paint, out: &mut impl Write) -> io::Result<()> {
    let path = one.key.path.to_string_lossy();
    let place = format!("{}:{}", escaped(&path), one.line);
    let colour = match one.risk {
        Risk::Low => GREEN,
        Risk::Medium => YELLOW,
        Risk::High => RED,
    };
    writeln!(
        out,
        "    {} {}: {} of {}, risk {}: {}",
        paint.with(CYAN, place),
        paint.with(BOLD, escaped(&one.key.name)),
        one.converted,
        counted(one.sites, "site"),
        paint.with(colour, one.risk.name()),
        one.why,
    )?;
    if let Some(contract) = &one.contract {
        writeln!(out, "      contract: {}", in_words(contract))?;
    }
    let left = callers_left(one);
    if !left.is_empty() {
        writeln!(out, "      callers left: {}", escaped(&left))?;
    }
    for assumption in &one.assumptions {
        writeln!(out, "      assumes: {}", escaped(assumption))?;
    }
    for (blocker, count) in counted_blockers(one) {
        let Position { line, column, .. } = blocker.place;
        let code = paint.with(YELLOW, blocker.code.code());
        let times = if count > 1 { format!(" ({count} sites)") } else { String::new() };
        let place = format!("at {line}:{column}{times}: {}", blocker.code.message());
        writeln!(out, "      {code} {}", paint.with(DIM, place))?;
    }
    if one.held_back > 0 {
        writeln!(out, "      {} at level review, which --unsafe takes in", counted(one.held_back, "site"))?;
    }
    Ok(())
}

/// The reasons, each once with the number of sites that it blocks, in the order of the code.
fn counted_blockers(one: &Planned) -> Vec<(&Blocker, usize)> {
    let mut out: Vec<(&Blocker, usize)> = Vec::new();
    for blocker in &one.blockers {
        match out.iter_mut().find(|(known, _)| *known == blocker) {
            Some((_, count)) => *count += 1,
            None => out.push((blocker, 1)),
        }
    }
    out
}

/// How many callers are named before the others are only counted.
const NAMED_CALLERS: usize = 4;

fn callers_left(one: &Planned) -> String {
    let callers = &one.callers_left;
    let certain = callers.certain.iter().map(|(key, line)| format!("{} ({}:{line})", key.name, key.path.display()));
    let mut list: Vec<String> = certain.take(NAMED_CALLERS).collect();
    if callers.certain.len() > NAMED_CALLERS {
        list.push(format!("{} more", callers.certain.len() - NAMED_CALLERS));
    }
    if callers.from_outside {
        list.push("whoever uses the package".to_owned());
    }
    list.join(", ")
}

/// What became of the places that a migration found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many there were at the start.
    pub found: usize,
    /// How many were converted.
    pub converted: usize,
    /// How many were converted, and put back because of the user's command.
    pub undone: usize,
    /// How many are left whose rewrites rest on an assumption.
    pub held_back: usize,
    /// How many are left that could be converted: they belong to other steps, or were thrown away.
    pub left: usize,
    /// How many are left with a reason, by its code.
    pub refusals: BTreeMap<&'static str, usize>,
}

/// Writes what became of the sites as a table.
///
/// # Errors
/// When `out` has them.
pub fn outcome(outcome: &Outcome, paint: Paint, out: &mut impl Write) -> io::Result<()> {
    let Outcome { found, converted, undone, held_back, left, refusals } = outcome;
    let width = refusals.keys().map(|code| code.len() + 2).max().unwrap_or(0).max("left at level review".len());
    writeln!(out, "{}", paint.with(BOLD, format_args!("{:width$}  {found:>6}", "sites found")))?;
    writeln!(out, "{:width$}  {converted:>6}", "converted")?;
    for (what, count) in [("undone", undone), ("left at level review", held_back), ("left to convert", left)] {
        if *count > 0 {
            writeln!(out, "{what:width$}  {count:>6}")?;
        }
    }
    writeln!(out, "{:width$}  {:>6}", "refused", refusals.values().sum::<usize>())?;
    let inner = width - 2;
    for (code, count) in refusals {
        let message = RefusalCode::ALL.iter().find(|c| c.code() == *code).map_or("", |c| c.message());
        writeln!(out, "  {code:inner$}  {count:>6}  {message}")?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Document {
    schema: u32,
    tool: &'static str,
    version: &'static str,
    steps: Vec<JsonStep>,
    adapters: Vec<JsonName>,
    summary: JsonSummary,
}

#[derive(Serialize)]
struct JsonStep {
    name: &'static str,
    title: &'static str,
    waves: Vec<Vec<JsonFunction>>,
    blocked: Vec<JsonFunction>,
}

#[derive(Serialize)]
struct JsonName {
    path: String,
    name: String,
}

#[derive(Serialize)]
struct JsonFunction {
    path: String,
    line: usize,
    name: String,
    entry: Option<&'static str>,
    contract: Option<JsonContract>,
    sites: usize,
    convertible: usize,
    held_back: usize,
    risk: &'static str,
    why: &'static str,
    callers_left: Vec<JsonPlace>,
    reachable_from_outside: bool,
    assumptions: Vec<String>,
    blockers: Vec<JsonBlocker>,
}

#[derive(Serialize)]
struct JsonContract {
    kind: &'static str,
    summary: String,
}

#[derive(Serialize)]
struct JsonPlace {
    path: String,
    line: usize,
    name: String,
}

#[derive(Serialize)]
struct JsonBlocker {
    code: &'static str,
    message: &'static str,
    place: Position,
}

#[derive(Serialize)]
struct JsonSummary {
    functions: usize,
    sites: usize,
    convertible: usize,
    held_back: usize,
    refusals: BTreeMap<&'static str, usize>,
}

/// Writes a plan as one JSON document.
///
/// # Errors
/// When `out` has them.
pub fn document(plan: &Plan, steps: &[Step], out: &mut impl Write) -> io::Result<()> {
    let step = |step: &Step| {
        let functions: Vec<&Planned> = plan.functions.iter().filter(|f| f.step == *step).collect();
        JsonStep {
            name: step.name(),
            title: step.title(),
            waves: waves(&functions).into_values().map(|wave| wave.into_iter().map(json_function).collect()).collect(),
            blocked: functions.iter().filter(|f| f.wave.is_none()).map(|f| json_function(f)).collect(),
        }
    };
    let (sites, convertible) = plan.sites();
    let document = Document {
        schema: json::SCHEMA,
        tool: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        steps: steps.iter().map(step).collect(),
        adapters: plan
            .adapters
            .iter()
            .map(|key| JsonName { path: json::shown(&key.path), name: key.name.clone() })
            .collect(),
        summary: JsonSummary {
            functions: plan.functions.len(),
            sites,
            convertible,
            held_back: plan.held_back(),
            refusals: plan.refusals(),
        },
    };
    json::write_document(&document, out)
}

fn json_function(one: &Planned) -> JsonFunction {
    JsonFunction {
        path: json::shown(&one.key.path),
        line: one.line,
        name: one.key.name.clone(),
        entry: one.entry.map(entry_name),
        contract: one.contract.as_ref().map(|c| JsonContract { kind: kind_name(c), summary: in_words(c) }),
        sites: one.sites,
        convertible: one.converted,
        held_back: one.held_back,
        risk: one.risk.name(),
        why: one.why,
        callers_left: one
            .callers_left
            .certain
            .iter()
            .map(|(key, line)| JsonPlace { path: json::shown(&key.path), line: *line, name: key.name.clone() })
            .collect(),
        reachable_from_outside: one.callers_left.from_outside,
        assumptions: one.assumptions.clone(),
        blockers: one
            .blockers
            .iter()
            .map(|b| JsonBlocker { code: b.code.code(), message: b.code.message(), place: b.place })
            .collect(),
    }
}

fn entry_name(entry: Entry) -> &'static str {
    match entry {
        Entry::Request => "request",
        Entry::Command => "command",
        Entry::Event => "event",
        Entry::Load => "load",
    }
}
