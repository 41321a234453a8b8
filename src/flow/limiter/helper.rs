//! The function that is written for packages that have none of their own.

use crate::{project::Home, source::Style};

/// What it is called.
pub(super) const NAME: &str = "mapLimit";

/// What the file is called, word by word.
pub(super) const WORDS: &[&str] = &["map", "limit"];

/// The first words of the file, by which it is known again.
const INTRODUCTION: &str = "Maps `items` with an async function, at most `limit` of them at a time.";

/// Two spaces are one level, `'` is the quote, and every statement ends in a semicolon; `text` adapts that. There is
/// one place each for the types.
const BODY: &str = r"/**
 * INTRODUCTION
 * The results are in the order of the items. After a failure no further item is started, and the promise is
 * rejected with the first error; items that are under way then run to their end.
 */
EXPORTasync function mapLimitGENERICS(itemsITEMS, limitLIMIT, mapperMAPPER)RETURNS {
  const list = Array.from(items);
  const resultsRESULTS = new Array(list.length);
  let next = 0;
  let failed = false;
  const work = async () => {
    while (!failed && next < list.length) {
      const index = next;
      next += 1;
      try {
        // unpyramid-ignore await-in-loop: each worker takes one item after the other
        results[index] = await mapper(list[index], index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, list.length) }, work));
  return results;
}
";

/// The text of the file.
pub(super) fn text(home: &Home) -> String {
    let types = [
        ("GENERICS", "<T, R>"),
        ("ITEMS", ": Iterable<T>"),
        ("LIMIT", ": number"),
        ("MAPPER", ": (item: T, index: number) => R | Promise<R>"),
        ("RETURNS", ": Promise<R[]>"),
        ("RESULTS", ": R[]"),
    ];
    let mut text = BODY.replace("INTRODUCTION", INTRODUCTION);
    for (place, annotation) in types {
        text = text.replace(place, if home.typescript { annotation } else { "" });
    }
    text = text.replace("EXPORT", if home.esm { "export " } else { "" });
    if !home.esm {
        text = format!("'use strict';\n\n{text}\nmodule.exports = {{ {NAME} }};\n");
    }
    styled(&text, &home.style)
}

/// Whether a file's text is one that was written before, whatever its formatting is by now.
pub(super) fn is_ours(text: &str) -> bool {
    text.contains(INTRODUCTION) && text.contains(NAME)
}

fn styled(text: &str, style: &Style) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let code = line.trim_start();
        let is_comment = code.starts_with('*') || code.starts_with("//") || code.starts_with("/*");
        let depth = if is_comment && !code.starts_with("//") { 0 } else { (line.len() - code.len()) / 2 };
        out.push_str(&style.indent.repeat(depth));
        if is_comment && code.starts_with('*') {
            out.push(' ');
        }
        let code = if style.semicolons || is_comment { code } else { code.strip_suffix(';').unwrap_or(code) };
        out.push_str(&if is_comment { code.to_owned() } else { code.replace('\'', &style.quote.to_string()) });
        out.push_str(style.newline);
    }
    out
}
