//! `explain`: what a pattern or a refusal is about.

use std::io::Write;

use super::{Status, notes, options};
use crate::{
    edit::RefusalCode,
    report::terminal::{BOLD, CYAN, Paint},
    transform::{Meta, Transform},
};

/// Explain a pattern or the reason of a refusal; without a name, list them all.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The id of a pattern, or the code of a refusal.
    #[arg(value_name = "PATTERN or REFUSAL")]
    name: Option<String>,
}

/// How wide prose is set.
const WIDTH: usize = 80;

pub(super) fn run(registry: &[&dyn Transform], args: &Args, global: &options::Global) -> anyhow::Result<Status> {
    let paint = global.paint_out();
    let mut out = Vec::new();
    match &args.name {
        None => list(registry, paint, &mut out)?,
        Some(name) => {
            let meta = registry.iter().map(|t| t.meta()).find(|m| m.id == name);
            let refusal = RefusalCode::ALL.iter().find(|c| c.code() == name);
            match (meta, refusal) {
                (Some(meta), _) => pattern(meta, paint, &mut out)?,
                (None, Some(code)) => reason(*code, paint, &mut out)?,
                (None, None) => {
                    let names = registry.iter().map(|t| t.meta().id).chain(RefusalCode::ALL.iter().map(|c| c.code()));
                    anyhow::bail!(
                        "there is no pattern or refusal `{name}`{} (`unpyramid explain` lists them)",
                        options::near(name, names)
                    );
                }
            }
        }
    }
    notes::results(&out)?;
    Ok(Status::Clean)
}

fn list(registry: &[&dyn Transform], paint: Paint, out: &mut impl Write) -> anyhow::Result<()> {
    let patterns: Vec<_> = registry.iter().map(|t| (t.meta().id, t.meta().summary)).collect();
    let refusals: Vec<_> = RefusalCode::ALL.iter().map(|c| (c.code(), c.message())).collect();
    let width = patterns.iter().chain(&refusals).map(|(id, _)| id.len()).max().unwrap_or(0);
    for (index, (heading, rows)) in [("Patterns", patterns), ("Refusals", refusals)].into_iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", paint.with(BOLD, heading))?;
        for (id, text) in rows {
            writeln!(out, "  {}  {text}", paint.with(CYAN, format_args!("{id:width$}")))?;
        }
    }
    Ok(())
}

fn pattern(meta: &Meta, paint: Paint, out: &mut impl Write) -> anyhow::Result<()> {
    writeln!(out, "{}: {}", paint.with(BOLD, meta.id), meta.summary)?;
    let heading = |text: &str| paint.with(BOLD, text);
    writeln!(out, "\n{}\n{}", heading("Why it hurts"), filled(meta.why))?;
    writeln!(out, "\n{}\n{}", heading("Before"), indented(meta.before))?;
    writeln!(out, "\n{}\n{}", heading("After"), indented(meta.after))?;
    writeln!(out, "\n{}\n{}", heading("What is safe about it"), filled(meta.safety))?;
    Ok(())
}

fn reason(code: RefusalCode, paint: Paint, out: &mut impl Write) -> anyhow::Result<()> {
    writeln!(out, "{}: {}\n\n{}", paint.with(BOLD, code.code()), code.message(), filled(code.explanation()))?;
    Ok(())
}

/// Code, set off from the prose.
fn indented(code: &str) -> String {
    let lines: Vec<_> =
        code.lines().map(|line| if line.is_empty() { String::new() } else { format!("    {line}") }).collect();
    lines.join("\n")
}

/// Prose, broken into lines. A blank line parts paragraphs; line ends within one mean nothing.
fn filled(prose: &str) -> String {
    let fill = |paragraph: &str| {
        let mut lines = vec![String::new()];
        for word in paragraph.split_whitespace() {
            let line = lines.last_mut().expect("there is a line from the start");
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH - 2 {
                lines.push(word.to_owned());
            } else {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
        }
        lines.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
    };
    prose.split("\n\n").map(fill).collect::<Vec<_>>().join("\n\n")
}
