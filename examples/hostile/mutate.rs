//! Source files that nobody would write, made from ones that somebody did: cut off, spliced, with bytes that mean
//! something put where they mean something else.
//!
//! Everything follows from a seed, so that a file that was too much for the engine can be made again.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use unpyramid::{
    edit,
    engine::{Engine, Selection},
    source::SourceFile,
    syntax::Parsed,
    transforms::ALL,
};

/// How long the engine may take for one mutated file of this program, most of which have a few kilobytes.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// Numbers that follow from a seed: `SplitMix64`, by Sebastiano Vigna.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("below a usize")
    }

    fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }

    /// Two places in a text of this length, in order, mostly near each other.
    fn range(&mut self, length: usize) -> (usize, usize) {
        let start = self.below(length + 1);
        let most = if self.below(4) == 0 { length } else { 40 };
        (start, (start + self.below(most + 1)).min(length))
    }
}

/// The files that mutants are made of: all fixtures, by what they are called.
pub(crate) fn originals() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let walk = walkdir::WalkDir::new(root).sort_by_file_name().into_iter().map(|e| e.expect("a readable folder"));
    let files = walk.filter(|e| e.file_type().is_file());
    files
        .map(|e| (e.file_name().to_string_lossy().into_owned(), fs::read(e.path()).expect("a readable file")))
        .collect()
}

/// What means something where it stands, or is easily taken for something that does.
const PIECES: &[&[u8]] = &[
    b"await ",
    b"async ",
    b"return ",
    b"yield ",
    b"function ",
    b"=> ",
    b"=>{",
    b"(",
    b")",
    b"{",
    b"}",
    b"[",
    b"]",
    b"`",
    b"${",
    b"'",
    b"\"",
    b"/",
    b"//",
    b"/*",
    b"*/",
    b"<!--",
    b"\n-->",
    b"#!",
    b"#",
    b"@",
    b";",
    b",",
    b":",
    b"?",
    b"?.",
    b"...",
    b"=",
    b".then(",
    b".catch(",
    b".finally(",
    b"new Promise(",
    b"resolve",
    b"reject",
    b"err",
    b"cb(",
    b"\\",
    b"</",
    b"<a>",
    b"/>",
    b"<",
    b">",
    b"\0",
    b"\r",
    b"\r\n",
    b"\n",
    b"\t",
    b"\x0C",
    b"\x1B[31m",
    b"\xEF\xBB\xBF",
    b"\xFF",
    b"\xC3",
    b"\xED\xA0\x80",
    b"\xF0\x9F\x98",
    "\u{2028}".as_bytes(),
    "\u{2029}".as_bytes(),
    "\u{A0}".as_bytes(),
    "\u{1D4D0}".as_bytes(),
    "\u{202E}".as_bytes(),
    b"\\u{61}wait ",
    b"this",
    b"arguments",
    b"super",
    b"class A{",
    b"if(",
    b"else ",
    b"for(",
    b"for await(",
    b"while(",
    b"switch(",
    b"case 1:",
    b"try{",
    b"catch(e){",
    b"finally{",
    b"throw ",
    b"break;",
    b"continue;",
    b"let ",
    b"const ",
    b"var ",
    b"using ",
    b"import ",
    b"export ",
    b"export default ",
    b"enum ",
    b"type ",
    b"as any",
    b"!",
    b"static ",
    b"get ",
    b"'use strict';",
    b"unpyramid-ignore",
    b"// unpyramid-ignore-file\n",
    b"with(",
    b"eval(",
    b"delete ",
    b"in ",
    b"of ",
    b"null",
    b"0",
    b"1n",
    b"/x/g",
    b"label:",
    b"debugger;",
];

const ENDINGS: &[&str] = &["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"];

/// A file that is made from the originals: what it is called, and its bytes.
pub(crate) fn mutant(numbers: &mut Numbers, originals: &[(String, Vec<u8>)]) -> (String, Vec<u8>) {
    let (name, bytes) = &originals[numbers.below(originals.len())];
    let mut bytes = bytes.clone();
    let times = [1, 1, 1, 2, 2, 3, 5][numbers.below(7)];
    for _ in 0..times {
        let other = &originals[numbers.below(originals.len())].1;
        bytes = mutated(numbers, bytes, other);
    }
    // Most keep their language.
    let name = if numbers.below(8) == 0 { format!("a.{}", numbers.pick(ENDINGS)) } else { name.clone() };
    (name, bytes)
}

/// The bytes with one thing about them changed.
fn mutated(numbers: &mut Numbers, mut bytes: Vec<u8>, other: &[u8]) -> Vec<u8> {
    let (mut start, mut end) = numbers.range(bytes.len());
    let (mut from, mut to) = numbers.range(other.len());
    if numbers.below(2) == 0 {
        // Whole lines, after which there is more often still something to rewrite.
        (start, end) = whole_lines(&bytes, start, end);
        (from, to) = whole_lines(other, from, to);
    }
    match numbers.below(14) {
        0 => bytes.truncate(start),
        1 => drop(bytes.drain(start..end)),
        2 => drop(bytes.drain(..start)),
        // Splices: a part of another file, or all of it.
        3 | 4 => drop(bytes.splice(start..end, other[from..to].iter().copied())),
        5 => drop(bytes.splice(start..start, other.iter().copied())),
        6 => {
            let again = bytes[start..end].to_vec();
            let times = 1 + numbers.below(30);
            drop(bytes.splice(start..start, again.repeat(times)));
        }
        7 if start < bytes.len() => bytes[start] = numbers.below(256) as u8,
        8 => {
            let piece = numbers.pick(PIECES);
            let times = if numbers.below(20) == 0 { 1 + numbers.below(2000) } else { 1 };
            drop(bytes.splice(start..start, piece.repeat(times)));
        }
        9 => bytes = line_ends(numbers, &bytes),
        10 => {
            let around: &[(&[u8], &[u8])] = &[
                (b"async function f() {", b"}"),
                (b"class A { async m() {", b"} }"),
                (b"(() => {", b"})();"),
                (b"function* g() {", b"}"),
                (b"x = <a b={() => {", b"}}/>;"),
                (b"`${(() => {", b"})()}`;"),
                (b"export default {", b"}"),
                (b"namespace N {", b"}"),
                (b"while (a) {", b"}"),
                (b"(", b")"),
            ];
            let (before, after) = around[numbers.below(around.len())];
            bytes = [before, &bytes, after].concat();
        }
        _ => drop(bytes.splice(start..end, numbers.pick(PIECES).iter().copied())),
    }
    bytes
}

/// A range, grown to the starts of lines.
fn whole_lines(bytes: &[u8], start: usize, end: usize) -> (usize, usize) {
    let back = |at: usize| bytes[..at].iter().rposition(|b| *b == b'\n').map_or(0, |line| line + 1);
    (back(start), back(end).max(back(start)))
}

fn line_ends(numbers: &mut Numbers, bytes: &[u8]) -> Vec<u8> {
    let end = numbers.pick(&[&b"\r\n"[..], b"\r", b"\n\n", "\u{2028}".as_bytes(), b" ", b"\\\n"]);
    bytes.split(|b| *b == b'\n').collect::<Vec<_>>().join(end)
}

/// What the engine made of a file that it had nothing wrong with.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) files: usize,
    pub(crate) bytes: usize,
    pub(crate) not_text: usize,
    pub(crate) with_errors: usize,
    pub(crate) findings: usize,
    pub(crate) rewritten: usize,
    pub(crate) dropped: usize,
    pub(crate) edits: usize,
    pub(crate) slowest: Duration,
}

/// Goes over a file at both levels, and says what is wrong with what comes out.
pub(crate) fn check(name: &str, bytes: &[u8], tally: &mut Tally) -> Result<(), String> {
    tally.files += 1;
    tally.bytes += bytes.len();
    let Ok(source) = SourceFile::new(name, bytes.to_vec()) else {
        tally.not_text += 1;
        return Ok(());
    };
    if source.bytes() != bytes {
        return Err("the bytes are not those of the file".to_owned());
    }
    let errors = Parsed::new(&source).errors().len();
    tally.with_errors += usize::from(errors > 0);
    for review in [false, true] {
        let start = Instant::now();
        at_level(&source, errors, review, tally).map_err(|fault| format!("with review {review}: {fault}"))?;
        tally.slowest = tally.slowest.max(start.elapsed());
        if start.elapsed() > LIMIT {
            return Err(format!("it takes {:?}", start.elapsed()));
        }
    }
    Ok(())
}

fn at_level(source: &SourceFile, errors: usize, review: bool, tally: &mut Tally) -> Result<(), String> {
    let engine = Engine::new(ALL, Selection { review, ..Selection::default() }).expect("no pattern is named");
    let rewritten = engine.rewrite(source);
    tally.findings += rewritten.scan.findings.len();
    tally.dropped += rewritten.dropped.len();
    for one in &rewritten.scan.findings {
        let Ok(change) = &one.finding.outcome else { continue };
        tally.edits += change.edits.len();
        edits_are_sound(source, &change.edits)?;
    }
    let Some(after) = rewritten.bytes else { return Ok(()) };
    tally.rewritten += 1;
    if rewritten.applied.is_empty() {
        return Err("the file is another, and nothing was carried out".to_owned());
    }
    let again = SourceFile::new(source.path(), after).map_err(|error| format!("the result: {error}"))?;
    let now = Parsed::new(&again).errors().len();
    if now > errors {
        return Err(format!("{now} syntax errors instead of {errors}:\n{}", again.text()));
    }
    if let Some(third) = engine.rewrite(&again).bytes.filter(|_| !rewritten.unfinished) {
        let (second, third) = (again.text(), String::from_utf8_lossy(&third));
        return Err(format!("a second time changes it again, from\n{second}\nto\n{third}"));
    }
    Ok(())
}

/// Edits are in order, apart from each other, within the file and between its characters; and what they do not cover
/// comes out as it went in.
fn edits_are_sound(source: &SourceFile, edits: &[edit::Edit]) -> Result<(), String> {
    let mut last = 0;
    for one in edits {
        let (start, end) = (one.range.start, one.range.end);
        if start < last || end < start || end > source.bytes().len() {
            return Err(format!("an edit of {start}..{end} after one to {last}"));
        }
        if !source.text().is_char_boundary(start) || !source.text().is_char_boundary(end) {
            return Err(format!("an edit of {start}..{end} within a character"));
        }
        last = end;
    }
    let applied = edit::apply(source.bytes(), edits).map_err(|error| error.to_string())?;
    let (mut at, mut at_after) = (0, 0);
    for one in edits {
        let kept = one.range.start - at;
        if source.bytes()[at..at + kept] != applied[at_after..at_after + kept] {
            return Err(format!("bytes from {at} on are others"));
        }
        (at, at_after) = (one.range.end, at_after + kept + one.text.len());
    }
    if source.bytes()[at..] == applied[at_after..] { Ok(()) } else { Err("the end is another".to_owned()) }
}
