//! The form for people.

use std::{
    io::{self, Write},
    path::Path,
};

use super::{
    Counts, Report, counted, level_name,
    terminal::{BOLD, CYAN, DIM, GREEN, Paint, RED, YELLOW, escaped},
};
use crate::{
    edit::{RefusalCode, Safety},
    engine::Located,
};

/// Writes every finding.
///
/// # Errors
/// When `out` has them.
pub fn findings(report: &Report, paint: Paint, out: &mut impl Write) -> io::Result<()> {
    for (path, one) in report.findings() {
        finding(path, one, paint, out)?;
    }
    Ok(())
}

fn finding(path: &Path, one: &Located, paint: Paint, out: &mut impl Write) -> io::Result<()> {
    let path = path.to_string_lossy();
    let place = format!("{}:{}:{}", escaped(&path), one.start.line, one.start.column);
    let level = one.finding.safety();
    writeln!(
        out,
        "{}: {}: {}: {} {}",
        paint.with(BOLD, place),
        paint.with(level_style(level), level_name(level)),
        paint.with(CYAN, one.finding.pattern),
        escaped(&one.finding.message),
        paint.with(DIM, format_args!("[{}]", one.id)),
    )?;
    if let Some(cost) = &one.finding.cost {
        let grounds = cost.grounds.map(|grounds| format!(", {}", grounds.as_str())).unwrap_or_default();
        writeln!(out, "    costs: {}{grounds}", escaped(&cost.words()))?;
    }
    match &one.finding.outcome {
        Ok(change) => {
            if let Some(assumption) = &change.assumption {
                writeln!(out, "    assumes: {}", escaped(assumption))?;
            }
        }
        Err(refusal) => {
            let (start, _) = one.blamed.unwrap_or((one.start, one.end));
            let code = paint.with(YELLOW, refusal.code.code());
            writeln!(out, "    {code} at {}:{}: {}", start.line, start.column, refusal.code.message())?;
        }
    }
    Ok(())
}

fn level_style(level: Safety) -> anstyle::Style {
    match level {
        Safety::Safe => GREEN,
        Safety::Review => YELLOW,
        Safety::Manual => RED,
    }
}

/// Writes the summary: counts by pattern and level, refusals by reason, and what was left out.
///
/// # Errors
/// When `out` has them.
pub fn summary(report: &Report, paint: Paint, out: &mut impl Write) -> io::Result<()> {
    let counts = report.counts();
    let count = report.count();
    if count > 0 {
        writeln!(out)?;
        table(&counts, paint, out)?;
    }
    let holding = report.files.iter().filter(|f| !f.findings.is_empty()).count();
    let files = counted(report.taken, "file");
    match count {
        0 => writeln!(out, "no findings in {files}")?,
        _ => writeln!(out, "{} in {holding} of {files}", counted(count, "finding"))?,
    }
    for (what, n) in left_out(report) {
        writeln!(out, "{what}: {n}")?;
    }
    Ok(())
}

fn table(counts: &Counts, paint: Paint, out: &mut impl Write) -> io::Result<()> {
    let width = counts.by_pattern.keys().map(|p| p.len()).max().unwrap_or(0).max("pattern".len());
    let heading = format!("{:width$}  {:>6}  {:>6}  {:>6}", "pattern", "safe", "review", "manual");
    writeln!(out, "{}", paint.with(BOLD, heading))?;
    for (pattern, by_level) in &counts.by_pattern {
        let of = |level: Safety| by_level[level as usize];
        let (safe, review, manual) = (of(Safety::Safe), of(Safety::Review), of(Safety::Manual));
        writeln!(out, "{pattern:width$}  {safe:>6}  {review:>6}  {manual:>6}")?;
    }
    writeln!(out)?;
    if counts.refusals.is_empty() {
        return Ok(());
    }
    let width = counts.refusals.keys().map(|c| c.len()).max().unwrap_or(0).max("refused because".len());
    writeln!(out, "{}", paint.with(BOLD, "refused because"))?;
    for (code, n) in &counts.refusals {
        let message = RefusalCode::ALL.iter().find(|c| c.code() == *code).map_or("", |c| c.message());
        writeln!(out, "{code:width$}  {n:>6}  {message}")?;
    }
    writeln!(out)
}

/// The counts of what was not looked at or not understood, those that are zero left out.
fn left_out(report: &Report) -> Vec<(String, usize)> {
    let mut reasons: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for skipped in &report.skipped {
        *reasons.entry(skipped.reason).or_default() += 1;
    }
    let mut out: Vec<(String, usize)> =
        reasons.into_iter().map(|(reason, n)| (format!("left out ({reason})"), n)).collect();
    out.push(("silenced by comments".into(), report.silenced));
    out.push(("files with errors".into(), report.errors.len()));
    out.retain(|(_, n)| *n > 0);
    out
}
