//! What a commit of a migration says.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    plan::{Carried, Step},
    report::{counted, terminal::escaped},
};

/// How wide a message is set.
const WIDTH: usize = 72;

/// How many functions a message names before it only counts them.
const NAMED: usize = 200;

/// The message for a step: what was done, why, and to which functions.
pub(super) fn text(step: Step, carried: &[Carried], verified: Option<&str>) -> String {
    let functions: BTreeSet<_> = carried.iter().map(|c| &c.key).collect();
    let mut title = step.title().to_owned();
    title[..1].make_ascii_uppercase();
    let to = if step == Step::Adapters { "" } else { " to async/await" };
    let mut out = format!("{title}: {}{to}\n\n{}\n", counted(functions.len(), "function"), filled(step.reason()));
    let mut patterns: BTreeMap<&str, usize> = BTreeMap::new();
    for one in carried {
        *patterns.entry(one.pattern).or_default() += one.places;
    }
    let counts: Vec<_> = patterns.iter().map(|(pattern, count)| format!("{pattern} {count}")).collect();
    out += &format!("\nConverted: {}\n", counts.join(", "));
    if let Some(command) = verified {
        out += &format!("Verified with: {}\n", one_line(command));
    }
    let mut by_file: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for key in functions.iter().take(NAMED) {
        by_file.entry(&key.path).or_default().push(one_line(&key.name));
    }
    out.push('\n');
    for (path, names) in by_file {
        let line = format!("- {}: {}", one_line(&path.to_string_lossy()), names.join(", "));
        out += &filled(&line);
        out.push('\n');
    }
    if functions.len() > NAMED {
        out += &format!("- and {} more\n", functions.len() - NAMED);
    }
    out
}

/// A text on one line, with nothing in it that a terminal would act on: `git log` shows it on one.
fn one_line(text: &str) -> String {
    escaped(&text.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned()
}

/// Prose, broken into lines; a list's lines are indented behind its mark.
fn filled(text: &str) -> String {
    let indent = if text.starts_with("- ") { "  " } else { "" };
    let mut out = String::new();
    let mut width = 0;
    for word in text.split_whitespace() {
        if width > 0 && width + 1 + word.chars().count() > WIDTH {
            out.push('\n');
            out.push_str(indent);
            width = indent.len();
        } else if width > 0 {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += word.chars().count();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Key;

    #[test]
    fn a_message_says_what_and_why_in_lines_that_fit() {
        let carried = |path: &str, name: &str| Carried {
            id: "1".into(),
            pattern: "callback-pyramid",
            key: Key { path: path.into(), name: name.into() },
            line: 1,
            wave: 1,
            places: 1,
        };
        let many: Vec<_> = (0..20).map(|n| carried("lib/a.js", &format!("function{n:02}"))).collect();
        let text =
            text(Step::Leaves, &[many, vec![carried("b.js", "x"), carried("b.js", "x")]].concat(), Some("npm  test"));
        assert!(
            text.starts_with("Promisify the leaves: 21 functions to async/await\n\nThese functions wait"),
            "{text}"
        );
        assert!(text.contains(
            "\nConverted: callback-pyramid 22\nVerified with: npm test\n\n- b.js: x\n- lib/a.js: function00,"
        ));
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
    }
}
