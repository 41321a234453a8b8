//! The machine's form: schema 1.
//!
//! Lines and columns count from 1, columns in UTF-16 units; bytes are offsets into the file on disk. Paths that are
//! not UTF-8 have their odd bytes replaced.

use std::{collections::BTreeMap, io, path::Path};

use serde::Serialize;

use super::{Report, level_name, terminal};
use crate::{
    edit::Safety,
    engine::Located,
    schedule::{Grounds, Schedule, Wait},
    source::Position,
};

/// The version of the form. It changes when a field goes away or changes its meaning, not when one is added.
pub const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    tool: &'static str,
    version: &'static str,
    findings: Vec<JsonFinding<'a>>,
    skipped: Vec<JsonSkipped>,
    errors: Vec<JsonError<'a>>,
    summary: JsonSummary,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<JsonDiff>>,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    id: &'a str,
    pattern: &'a str,
    level: &'static str,
    path: String,
    range: JsonRange,
    message: &'a str,
    assumption: Option<&'a str>,
    refusal: Option<JsonRefusal>,
    rewrite: Option<JsonRewrite<'a>>,
    #[serde(flatten)]
    cost: Option<JsonCost<'a>>,
}

/// What a finding of a pattern about waiting has beside the rest.
#[derive(Serialize)]
struct JsonCost<'a> {
    cost: String,
    grounds: Option<&'static str>,
    schedule: JsonSchedules<'a>,
}

#[derive(Serialize)]
struct JsonSchedules<'a> {
    before: JsonSchedule<'a>,
    after: Option<JsonSchedule<'a>>,
}

#[derive(Serialize)]
struct JsonSchedule<'a> {
    waves: Vec<Vec<JsonWait<'a>>>,
    rounds: Option<JsonRounds>,
    milliseconds: Option<f64>,
}

#[derive(Serialize)]
struct JsonWait<'a> {
    call: &'a str,
    start: Position,
    end: Position,
    milliseconds: Option<f64>,
}

#[derive(Serialize)]
struct JsonRounds {
    count: Option<usize>,
    at_once: Option<usize>,
}

#[derive(Serialize)]
struct JsonRange {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct JsonRefusal {
    code: &'static str,
    message: &'static str,
    range: JsonRange,
}

#[derive(Serialize)]
struct JsonRewrite<'a> {
    title: &'a str,
    edits: Vec<JsonEdit<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    creates: Option<JsonNewFile<'a>>,
}

#[derive(Serialize)]
struct JsonNewFile<'a> {
    path: String,
    text: &'a str,
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    path: String,
    start: usize,
    end: usize,
    text: &'a str,
}

#[derive(Serialize)]
struct JsonSkipped {
    path: String,
    reason: &'static str,
}

#[derive(Serialize)]
struct JsonError<'a> {
    path: String,
    message: &'a str,
}

#[derive(Serialize)]
struct JsonSummary {
    files: usize,
    parsed: usize,
    bytes: usize,
    findings: usize,
    by_level: BTreeMap<&'static str, usize>,
    by_pattern: BTreeMap<&'static str, usize>,
    refusals: BTreeMap<&'static str, usize>,
}

#[derive(Serialize)]
struct JsonDiff {
    path: String,
    diff: String,
}

#[derive(Serialize)]
struct Line<'a, T> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(flatten)]
    value: &'a T,
}

#[derive(Serialize)]
struct SummaryLine {
    schema: u32,
    tool: &'static str,
    version: &'static str,
    #[serde(flatten)]
    summary: JsonSummary,
}

/// A changed file and its unified diff, for `diff --format json`.
pub type FileDiff<'a> = (&'a Path, &'a [u8]);

/// Writes the whole report as one document. With `diffs`, the document also has `files`: each changed file with its
/// unified diff, bytes that are not UTF-8 replaced.
///
/// # Errors
/// When `out` has them.
pub fn document(report: &Report, diffs: Option<&[FileDiff<'_>]>, out: &mut impl io::Write) -> io::Result<()> {
    let document = Document {
        schema: SCHEMA,
        tool: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        findings: report.findings().map(|(path, one)| finding(path, one)).collect(),
        skipped: skipped(report),
        errors: errors(report),
        summary: summary(report),
        files: diffs.map(files),
    };
    write_document(&document, out)
}

/// Writes a value as a document of its own, over several lines.
///
/// # Errors
/// When `out` has them.
pub(super) fn write_document(value: &impl Serialize, out: &mut impl io::Write) -> io::Result<()> {
    out.write_all(inert(serde_json::to_string_pretty(value)?).as_bytes())?;
    writeln!(out)
}

/// JSON in which a terminal finds nothing to act on. What is below a blank is escaped in any JSON; what is not are the
/// other control characters, and the marks that turn the direction of writing around. They are only ever in strings.
fn inert(text: String) -> String {
    let steers = |c: char| c != '\n' && terminal::steers(c);
    if !text.contains(steers) {
        return text;
    }
    text.chars().map(|c| if steers(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() }).collect()
}

/// Writes the report as one object a line, each with a `type`: `finding`, `skipped`, `error`, with `diffs` also
/// `file`, and at the end one `summary`.
///
/// # Errors
/// When `out` has them.
pub fn lines(report: &Report, diffs: Option<&[FileDiff<'_>]>, out: &mut impl io::Write) -> io::Result<()> {
    for (path, one) in report.findings() {
        line("finding", &finding(path, one), out)?;
    }
    for one in diffs.map(files).iter().flatten() {
        line("file", one, out)?;
    }
    for one in &skipped(report) {
        line("skipped", one, out)?;
    }
    for one in &errors(report) {
        line("error", one, out)?;
    }
    let summary = SummaryLine {
        schema: SCHEMA,
        tool: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        summary: summary(report),
    };
    line("summary", &summary, out)
}

fn line<T: Serialize>(kind: &str, value: &T, out: &mut impl io::Write) -> io::Result<()> {
    out.write_all(inert(serde_json::to_string(&Line { kind, value })?).as_bytes())?;
    writeln!(out)
}

fn finding<'a>(path: &Path, one: &'a Located) -> JsonFinding<'a> {
    let change = one.finding.outcome.as_ref().ok();
    JsonFinding {
        id: &one.id,
        pattern: one.finding.pattern,
        level: level_name(one.finding.safety()),
        path: shown(path),
        range: JsonRange { start: one.start, end: one.end },
        message: &one.finding.message,
        assumption: change.and_then(|c| c.assumption.as_deref()),
        refusal: one.finding.outcome.as_ref().err().zip(one.blamed).map(|(refusal, (start, end))| JsonRefusal {
            code: refusal.code.code(),
            message: refusal.code.message(),
            range: JsonRange { start, end },
        }),
        rewrite: change.map(|c| JsonRewrite {
            title: c.title,
            edits: c
                .edits
                .iter()
                .map(|e| JsonEdit { path: shown(path), start: e.range.start, end: e.range.end, text: &e.text })
                .collect(),
            creates: c.creates.as_ref().map(|new| JsonNewFile { path: shown(&new.path), text: &new.text }),
        }),
        cost: cost(one),
    }
}

fn cost(one: &Located) -> Option<JsonCost<'_>> {
    let cost = one.finding.cost.as_ref()?;
    let mut places = one.waits.iter();
    let mut schedule = |schedule| json_schedule(schedule, &mut places);
    let before = schedule(&cost.before);
    let after = cost.after.as_ref().map(schedule);
    let grounds = cost.grounds.map(Grounds::as_str);
    Some(JsonCost { cost: cost.words(), grounds, schedule: JsonSchedules { before, after } })
}

fn json_schedule<'a>(
    schedule: &'a Schedule,
    places: &mut impl Iterator<Item = &'a (Position, Position)>,
) -> JsonSchedule<'a> {
    let mut wait = |wait: &'a Wait| {
        let (start, end) = *places.next().expect("a place for every wait");
        JsonWait { call: &wait.call, start, end, milliseconds: wait.milliseconds }
    };
    JsonSchedule {
        waves: schedule.waves.iter().map(|wave| wave.iter().map(&mut wait).collect()).collect(),
        rounds: schedule.rounds.map(|r| JsonRounds { count: r.count, at_once: r.at_once }),
        milliseconds: schedule.milliseconds(),
    }
}

fn skipped(report: &Report) -> Vec<JsonSkipped> {
    report.skipped.iter().map(|s| JsonSkipped { path: shown(&s.shown), reason: s.reason }).collect()
}

fn errors(report: &Report) -> Vec<JsonError<'_>> {
    report.errors.iter().map(|e| JsonError { path: shown(&e.path), message: &e.message }).collect()
}

fn files(diffs: &[FileDiff<'_>]) -> Vec<JsonDiff> {
    diffs
        .iter()
        .map(|(path, diff)| JsonDiff { path: shown(path), diff: String::from_utf8_lossy(diff).into_owned() })
        .collect()
}

fn summary(report: &Report) -> JsonSummary {
    let counts = report.counts();
    JsonSummary {
        files: report.taken,
        parsed: report.parsed,
        bytes: report.bytes,
        findings: report.count(),
        by_level: [Safety::Safe, Safety::Review, Safety::Manual]
            .map(|level| (level_name(level), counts.by_level[level as usize]))
            .into(),
        by_pattern: counts.by_pattern.iter().map(|(pattern, n)| (*pattern, n.iter().sum())).collect(),
        refusals: counts.refusals,
    }
}

/// A path with `/` on every system.
pub(super) fn shown(path: &Path) -> String {
    let path = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' { path.into_owned() } else { path.replace('\\', "/") }
}
