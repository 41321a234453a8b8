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
    plan::{Entry, Plan, Planned, Risk, Step},
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
            "{} in {}: {converted} to convert, {} refused",
            counted(sites, "site"),
            counted(plan.functions.len(), "function"),
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
    let left = callers_left(one);
    if !left.is_empty() {
        writeln!(out, "      callers left: {}", escaped(&left))?;
    }
    for assumption in &one.assumptions {
        writeln!(out, "      assumes: {}", escaped(assumption))?;
    }
    for blocker in &one.blockers {
        let Position { line, column, .. } = blocker.place;
        let code = paint.with(YELLOW, blocker.code.code());
        writeln!(
            out,
            "      {code} {}",
            paint.with(DIM, format_args!("at {line}:{column}: {}", blocker.code.message()))
        )?;
    }
    Ok(())
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

/// Writes what became of the sites: found, converted, undone, and refused by reason.
///
/// # Errors
/// When `out` has them.
pub fn outcome(
    found: usize,
    converted: usize,
    undone: usize,
    refusals: &BTreeMap<&'static str, usize>,
    paint: Paint,
    out: &mut impl Write,
) -> io::Result<()> {
    let width = refusals.keys().map(|code| code.len() + 2).max().unwrap_or(0).max("sites found".len());
    writeln!(out, "{}", paint.with(BOLD, format_args!("{:width$}  {found:>6}", "sites found")))?;
    writeln!(out, "{:width$}  {converted:>6}", "converted")?;
    if undone > 0 {
        writeln!(out, "{:width$}  {undone:>6}", "undone")?;
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
    sites: usize,
    convertible: usize,
    risk: &'static str,
    why: &'static str,
    callers_left: Vec<JsonPlace>,
    reachable_from_outside: bool,
    assumptions: Vec<String>,
    blockers: Vec<JsonBlocker>,
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
        summary: JsonSummary { functions: plan.functions.len(), sites, convertible, refusals: plan.refusals() },
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn json_function(one: &Planned) -> JsonFunction {
    JsonFunction {
        path: json::shown(&one.key.path),
        line: one.line,
        name: one.key.name.clone(),
        entry: one.entry.map(entry_name),
        sites: one.sites,
        convertible: one.converted,
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
