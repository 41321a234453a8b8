//! What a migration offers at its end, as a diff that is not applied.

use std::path::{Component, Path, PathBuf};

use crate::{
    cli::diff::Names,
    plan::offer,
    project::read_own,
    report::{
        diff,
        terminal::{BOLD, Paint},
    },
    source::SourceFile,
};

/// Writes the offers for the project in a folder; nothing if there are none.
pub(super) fn offers(root: &Path, paint: Paint, out: &mut Vec<u8>) -> anyhow::Result<()> {
    let (lint, advice) = lint_rules(root);
    let diffs: Vec<Vec<u8>> = lint.into_iter().chain(entries(root)).collect();
    if !diffs.is_empty() {
        out.extend(format!("\n{}\n\n", paint.with(BOLD, "offered, to keep it this way; not applied")).into_bytes());
    }
    for one in diffs {
        if paint.0 {
            diff::coloured(&one, paint, out)?;
        } else {
            out.extend(one);
        }
    }
    if let Some(advice) = advice {
        out.extend(format!("\n{advice}\n").into_bytes());
    }
    Ok(())
}

/// The lint rules as a diff where the project has a configuration that can be changed, and what is to be said besides.
fn lint_rules(root: &Path) -> (Option<Vec<u8>>, Option<String>) {
    let found = offer::LINT_CONFIGS.iter().find_map(|name| Some((name, read_own(&root.join(name)).ok()?)));
    let Some((name, text)) = found else {
        let rule = offer::FLOATING;
        return (None, Some(format!("ESLint's rule `{rule}` finds promises that nobody waits for.")));
    };
    let changed = offer::lint_rules(name, &text);
    let difference = changed.map(|changed| named_diff(&root.join(name), text.as_bytes(), changed.as_bytes()));
    let has_rule = text.contains(offer::FLOATING) || text.contains("typescript-eslint");
    let advice = (!has_rule).then(|| format!("`{}` would find promises that nobody waits for.", offer::FLOATING));
    (difference, advice)
}

/// The handler of rejections for each program that the package has, as diffs.
fn entries(root: &Path) -> Vec<Vec<u8>> {
    let package = read_own(&root.join("package.json")).ok().and_then(|text| serde_json::from_str(&text).ok());
    let package: serde_json::Value = package.unwrap_or_default();
    let mut programs: Vec<&str> = match &package["bin"] {
        serde_json::Value::String(one) => vec![one],
        serde_json::Value::Object(several) => several.values().filter_map(|v| v.as_str()).collect(),
        _ => Vec::new(),
    };
    programs.sort_unstable();
    programs.dedup();
    programs.into_iter().filter_map(|program| entry(root, program)).collect()
}

fn entry(root: &Path, program: &str) -> Option<Vec<u8>> {
    let inside = Path::new(program).components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
    let path = inside.then(|| root.join(program))?;
    let bytes = read_own(&path).ok()?.into_bytes();
    // A program often has no extension; what npm runs is JavaScript all the same.
    let name: PathBuf = if path.extension().is_some() { path.clone() } else { path.with_extension("js") };
    let source = SourceFile::new(name, bytes).ok()?;
    Some(named_diff(&path, source.bytes(), &offer::rejection_handler(&source)?))
}

fn named_diff(path: &Path, before: &[u8], after: &[u8]) -> Vec<u8> {
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
    let shown = path.strip_prefix(&here).unwrap_or(path);
    diff::unified(&Names::here().of(shown), before, after)
}
