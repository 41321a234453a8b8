//! Changes are carried out in memory and the result is looked at before anybody may have it.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use super::{
    Dropped,
    boundary::merged_statement,
    merge::{self, Moved},
    pass::{Found, Pass},
};
use crate::{
    edit::{self, Edit, Refusal, RefusalCode},
    semantic::{Names, early_errors},
    source::SourceFile,
    syntax::Parsed,
    transform::Change,
};

/// What is wrong with a result.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    code: RefusalCode,
    detail: String,
}

impl Fault {
    fn broken(detail: impl Into<String>) -> Self {
        Self { code: RefusalCode::BrokenRewrite, detail: detail.into() }
    }

    pub(super) fn refusal(&self, range: Range<usize>) -> Refusal {
        Refusal::new(self.code, range)
    }

    pub(super) fn dropped(&self, found: &Found, source: &SourceFile) -> Dropped {
        Dropped {
            id: found.id.clone(),
            pattern: found.finding.pattern,
            position: source.position(found.finding.range.start),
            code: self.code,
            detail: self.detail.clone(),
        }
    }
}

/// What became of the changes of a pass; indices are those of the pass's findings.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// What was carried out.
    pub(super) accepted: Vec<usize>,
    /// What is wrong on its own.
    pub(super) faults: Vec<(usize, Fault)>,
    /// The edits of all that was carried out.
    pub(super) edits: Vec<Edit>,
    /// The file with all of them; empty when there are none.
    pub(super) bytes: Vec<u8>,
}

/// Carries out as many of the chosen changes as stand up to being checked.
///
/// When they do not all stand up together, they are halved until the culprit is alone. One that is wrong on its own
/// is a fault; one that is wrong only beside the others waits, because the next pass will judge it with the others
/// in place.
pub(super) fn settle(pass: &Pass<'_>, found: &[Found], chosen: &[usize]) -> Settled {
    let mut settled = Settled::default();
    let mut stack = vec![chosen];
    while let Some(some) = stack.pop() {
        if some.is_empty() {
            continue;
        }
        let together: Vec<usize> = settled.accepted.iter().chain(some).copied().collect();
        match check(pass, found, &together) {
            Ok((edits, bytes)) => settled = Settled { accepted: together, faults: settled.faults, edits, bytes },
            Err(_) if some.len() > 1 => {
                let (first, second) = some.split_at(some.len() / 2);
                stack.extend([second, first]);
            }
            Err(fault) if settled.accepted.is_empty() => settled.faults.push((some[0], fault)),
            Err(_) => settled.faults.extend(check(pass, found, some).err().map(|fault| (some[0], fault))),
        }
    }
    settled
}

/// Checks every change that a pass has found, whether or not it is selected, and turns those that do not stand up
/// into refusals. The faults themselves are returned.
pub(super) fn verify_all(pass: &Pass<'_>, found: &mut [Found]) -> Vec<Dropped> {
    let mut dropped = Vec::new();
    let mut waiting: BTreeSet<usize> = (0..found.len()).filter(|i| found[*i].finding.outcome.is_ok()).collect();
    while !waiting.is_empty() {
        let round = merge::disjoint(found, waiting.iter().copied());
        for (index, fault) in settle(pass, found, &round).faults {
            dropped.push(fault.dropped(&found[index], pass.file.source));
            let finding = &mut found[index].finding;
            finding.outcome = Err(fault.refusal(finding.range.clone()));
        }
        let round: BTreeSet<usize> = round.into_iter().collect();
        waiting.retain(|index| !round.contains(index));
    }
    dropped
}

/// Applies the changes with the given indices and holds the result against the file.
fn check(pass: &Pass<'_>, found: &[Found], indices: &[usize]) -> Result<(Vec<Edit>, Vec<u8>), Fault> {
    let changes = || indices.iter().filter_map(|i| found[*i].finding.outcome.as_ref().ok());
    changes().try_for_each(|change| is_change(pass, change))?;
    let mut edits: Vec<Edit> = changes().flat_map(|c| c.edits.iter().cloned()).collect();
    // Changes are disjoint, so sorting their edits keeps each one's own order; a change whose own edits are out of
    // order has been turned away above.
    edits.sort_by_key(|e| (e.range.start, e.range.end));
    // Several changes may need the same import.
    edits.dedup();
    let before = pass.file.source;
    let bytes = edit::apply(before.bytes(), &edits).map_err(|e| Fault::broken(e.to_string()))?;
    if before.is_utf8(0..before.bytes().len()) && std::str::from_utf8(&bytes).is_err() {
        return Err(Fault::broken("an edit cuts a character in two"));
    }
    let after = SourceFile::new(before.path(), bytes).map_err(|e| Fault::broken(e.to_string()))?;
    let parsed = Parsed::new(&after);
    same_syntax_errors(pass.file, &parsed, &edits)?;
    same_comments(pass.file, &parsed)?;
    same_statements(pass.file, &parsed, &edits)?;
    let names = Names::new(&parsed);
    no_new_early_errors(pass, &parsed, &names)?;
    no_name_is_lost(pass, &parsed, &names)?;
    drop(parsed);
    Ok((edits, after.bytes().to_vec()))
}

/// A change keeps the rules: its edits are sorted and disjoint, and they do change something.
fn is_change(pass: &Pass<'_>, change: &Change) -> Result<(), Fault> {
    let before = pass.file.source.bytes();
    let after = edit::apply(before, &change.edits).map_err(|e| Fault::broken(e.to_string()))?;
    if after == before { Err(Fault::broken("it changes nothing")) } else { Ok(()) }
}

/// The result has the syntax errors that the file had, and the misreadings, each where the edits moved it, and no other.
fn same_syntax_errors(before: &Parsed<'_>, after: &Parsed<'_>, edits: &[Edit]) -> Result<(), Fault> {
    fn ranges<'t>(file: &'t Parsed<'_>) -> impl Iterator<Item = &'t Range<usize>> {
        file.errors().iter().map(|e| &e.range).chain(file.misreadings())
    }
    let mut old = ranges(before).filter_map(|error| match merge::moved(error, edits, &[]) {
        Moved::Intact(range) => Some(range),
        Moved::Written(_) => None,
    });
    for error in ranges(after) {
        if old.next().as_ref() != Some(error) {
            let place = quoted(after.source, error.start);
            if after.misreadings().contains(error) {
                // The result may be right, but nobody can look at it any more.
                let detail = format!("a block would be taken for an object at {place}");
                return Err(Fault { code: RefusalCode::SyntaxError, detail });
            }
            return Err(Fault::broken(format!("the result does not parse at {place}")));
        }
    }
    Ok(())
}

/// No statement of the result has run together with its neighbour.
fn same_statements(before: &Parsed<'_>, after: &Parsed<'_>, edits: &[Edit]) -> Result<(), Fault> {
    match merged_statement(before, after, edits) {
        Some(place) => {
            Err(Fault::broken(format!("a statement became part of another one at {}", quoted(after.source, place))))
        }
        None => Ok(()),
    }
}

/// The result has no early error more than the file.
fn no_new_early_errors(pass: &Pass<'_>, after: &Parsed<'_>, names: &Names) -> Result<(), Fault> {
    let mut allowed = pass.early_errors().clone();
    for error in early_errors(after, names) {
        match allowed.get_mut(&error.message).filter(|n| **n > 0) {
            Some(left) => *left -= 1,
            None => {
                return Err(Fault::broken(format!("{} at {}", error.message, quoted(after.source, error.range.start))));
            }
        }
    }
    Ok(())
}

/// No name in the result means something outside the file that meant something in it before: a binding that went
/// missing on the way would be found only when the code runs. The `process` of a rewrite is a new one in a file where some
/// other function has one of its own, as long as all that meant that still does.
fn no_name_is_lost(pass: &Pass<'_>, after: &Parsed<'_>, names: &Names) -> Result<(), Fault> {
    let named = |names: &'_ Names, bound: bool| {
        let some = names.references().iter().filter(|r| r.binding.is_some() == bound && !r.in_type);
        some.map(|r| (r.name.clone(), r.range.start)).collect::<BTreeMap<_, _>>()
    };
    let (bound, free) = (named(pass.names(), true), named(pass.names(), false));
    let count = |names: &Names, name: &str| {
        names.references().iter().filter(|r| r.binding.is_some() && !r.in_type && r.name == name).count()
    };
    let is_new = |name: &str| name == "process" && count(names, name) == count(pass.names(), name);
    let mut lost =
        named(names, false).into_iter().filter(|(n, _)| bound.contains_key(n) && !free.contains_key(n) && !is_new(n));
    match lost.next() {
        Some((name, place)) => {
            Err(Fault::broken(format!("`{name}` is no longer declared at {}", quoted(after.source, place))))
        }
        None => Ok(()),
    }
}

/// Every comment of the file is in the result.
fn same_comments(before: &Parsed<'_>, after: &Parsed<'_>) -> Result<(), Fault> {
    let mut kept: BTreeMap<String, usize> = BTreeMap::new();
    for comment in after.comments() {
        *kept.entry(comment_text(after, comment)).or_default() += 1;
    }
    for comment in before.comments() {
        let text = comment_text(before, comment);
        match kept.get_mut(&text).filter(|n| **n > 0) {
            Some(left) => *left -= 1,
            None => {
                let place = quoted(before.source, comment.start);
                return Err(Fault { code: RefusalCode::CommentWouldBeLost, detail: format!("the comment at {place}") });
            }
        }
    }
    Ok(())
}

/// A comment without what a new indentation may change in it.
fn comment_text(file: &Parsed<'_>, range: &Range<usize>) -> String {
    let lines: Vec<&str> = file.source.text()[range.clone()].split('\n').map(str::trim).collect();
    lines.join("\n")
}

/// A place and the line it is in, cut to a length that fits a message.
fn quoted(source: &SourceFile, byte: usize) -> String {
    let position = source.position(byte);
    let line = source.text()[source.line_start(byte)..].split('\n').next().unwrap_or_default().trim();
    let short: String = line.chars().take(100).collect();
    format!("{}:{}: `{short}`", position.line, position.column)
}
