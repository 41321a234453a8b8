//! One file as it is on disk: its bytes, its language, its lines and the style it is written in.
//!
//! Nothing here is ever normalised. Offsets are byte offsets into the file on disk, a byte order mark and all,
//! so an edit made from them can be applied to the bytes themselves.

use std::{ops::Range, path::PathBuf};

/// The grammars that files are read with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// `.js`, `.mjs`, `.cjs`, `.jsx`: ECMAScript, JSX allowed.
    JavaScript,
    /// `.ts`, `.mts`, `.cts`: TypeScript, where `<T>x` is a type assertion.
    TypeScript,
    /// `.tsx`: TypeScript with JSX.
    Tsx,
}

impl Language {
    /// Every language, in the order of their discriminants.
    pub const ALL: [Self; 3] = [Self::JavaScript, Self::TypeScript, Self::Tsx];

    /// The language that a file extension (without the dot) stands for, `None` for a file that is not ours.
    pub fn from_extension(extension: &str) -> Option<Self> {
        match extension {
            "js" | "mjs" | "cjs" | "jsx" => Some(Self::JavaScript),
            "ts" | "mts" | "cts" => Some(Self::TypeScript),
            "tsx" => Some(Self::Tsx),
            _ => None,
        }
    }

    /// Whether types may be written in this language.
    pub fn has_types(self) -> bool {
        self != Self::JavaScript
    }
}

/// A place in a file as people and editors name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Position {
    /// Byte offset from the start of the file on disk.
    pub byte: usize,
    /// Line, from 1. Lines end at `\n`, as for `git` and `diff`; a lone `\r` does not end one.
    pub line: usize,
    /// Column, from 1, in UTF-16 code units.
    pub column: usize,
}

/// Why a file could not be taken in.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SourceError {
    /// The extension names no language that is handled.
    #[error("not a JavaScript or TypeScript file")]
    UnknownLanguage,
    /// A zero byte or a UTF-16 byte order mark: not a text in an ASCII superset.
    #[error("not a text file in UTF-8 or a single-byte encoding")]
    NotText,
}

/// A source file: bytes that never change, and a text view of them with the same offsets.
#[derive(Debug)]
pub struct SourceFile {
    path: PathBuf,
    /// The bytes as text; each byte that is not UTF-8 is one `_` here. It is kept rather than made when asked for:
    /// to check a whole file for UTF-8 whenever the text of a node is taken would cost the square of its size.
    text: String,
    /// The bytes where they are not those of the text.
    raw: Option<Vec<u8>>,
    language: Language,
    line_starts: Vec<usize>,
    /// Whether every byte is a character and a UTF-16 unit, so that columns need no counting.
    ascii: bool,
}

impl SourceFile {
    /// Takes in the bytes of the file at `path`; the extension of `path` picks the language.
    ///
    /// # Errors
    /// When the extension is not a known one, or the bytes are not a text.
    pub fn new(path: impl Into<PathBuf>, bytes: Vec<u8>) -> Result<Self, SourceError> {
        let path = path.into();
        let language = path
            .extension()
            .and_then(|e| e.to_str())
            .and_then(Language::from_extension)
            .ok_or(SourceError::UnknownLanguage)?;
        if bytes.contains(&0) || bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
            return Err(SourceError::NotText);
        }
        let ascii = bytes.is_ascii();
        let newlines = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(i, _)| i + 1);
        let line_starts = std::iter::once(0).chain(newlines).collect();
        let (text, raw) = match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => (same_length_text(error.as_bytes()), Some(error.into_bytes())),
        };
        Ok(Self { path, text, raw, language, line_starts, ascii })
    }

    /// The path the file was read from, as it was given.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// The bytes on disk.
    pub fn bytes(&self) -> &[u8] {
        self.raw.as_deref().unwrap_or(self.text.as_bytes())
    }

    /// The file as text, offset for offset the same as [`bytes`](Self::bytes). Bytes that are not UTF-8 read as
    /// `_`, so text taken from here may be written back only if [`is_utf8`](Self::is_utf8) holds for its range.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the bytes of a range are UTF-8, so that its text may be copied.
    pub fn is_utf8(&self, range: Range<usize>) -> bool {
        self.raw.as_ref().is_none_or(|raw| std::str::from_utf8(&raw[range]).is_ok())
    }

    /// The grammar to read the file with.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The position of a byte offset. An offset past the end is the end.
    pub fn position(&self, byte: usize) -> Position {
        let byte = byte.min(self.text.len());
        let line = self.line_starts.partition_point(|start| *start <= byte);
        let start = self.line_starts[line - 1];
        // A byte order mark is no column: editors do not show it.
        let start = if start == 0 && self.bytes().starts_with(BOM) { BOM.len().min(byte) } else { start };
        let units = match self.text().get(start..byte) {
            Some(text) if !self.ascii => text.encode_utf16().count(),
            _ => byte - start,
        };
        Position { byte, line, column: units + 1 }
    }

    /// The byte offset at which the line holding `byte` starts.
    pub fn line_start(&self, byte: usize) -> usize {
        self.line_starts[self.line_starts.partition_point(|start| *start <= byte) - 1]
    }

    /// The blanks and tabs that the line holding `byte` starts with.
    pub fn indent_at(&self, byte: usize) -> &str {
        let line = &self.text()[self.line_start(byte)..];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }

    /// What the line holding `byte` has before `byte` is nothing but blanks and tabs.
    pub fn is_first_on_line(&self, byte: usize) -> bool {
        self.text()[self.line_start(byte)..byte].trim_matches([' ', '\t', '\u{FEFF}']).is_empty()
    }
}

/// The UTF-8 byte order mark.
const BOM: &[u8] = b"\xEF\xBB\xBF";

fn same_length_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '_'));
    }
    text
}

/// How a file is written, measured on the file itself, so that new code looks like the old.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style {
    /// One level of indentation.
    pub indent: String,
    /// The quote that string literals use: `'` or `"`.
    pub quote: char,
    /// Whether statements end in `;`.
    pub semicolons: bool,
    /// `"\n"` or `"\r\n"`, whichever ends more lines.
    pub newline: &'static str,
    /// How many characters a line has at most: the least of the usual widths that nearly all lines keep to.
    pub width: usize,
    /// Whether the last item of a list that is broken into lines has a comma behind it.
    pub trailing_comma: bool,
    /// Whether a keyword is set off from the bracket behind it: `if (a)` rather than `if(a)`.
    pub keyword_space: bool,
    /// Whether a block is set off from what it belongs to: `if (a) {` rather than `if (a){`.
    pub block_space: bool,
    /// What stands between a block and the `else`, `catch` or `finally` behind it: `" "`, `""`, or `"\n"` where they start a
    /// line of their own, whatever ends lines in the file.
    pub before_else: &'static str,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            indent: "  ".into(),
            quote: '\'',
            semicolons: true,
            newline: "\n",
            width: 80,
            trailing_comma: false,
            keyword_space: true,
            block_space: true,
            before_else: " ",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8]) -> SourceFile {
        SourceFile::new("a.js", bytes.to_vec()).unwrap()
    }

    #[test]
    fn columns_count_utf16_units_and_leave_out_the_byte_order_mark() {
        let source = file("\u{FEFF}ab\r\n\u{1F600}x".as_bytes());
        assert_eq!(source.position(3), Position { byte: 3, line: 1, column: 1 });
        assert_eq!(source.position(4), Position { byte: 4, line: 1, column: 2 });
        assert_eq!(source.position(11), Position { byte: 11, line: 2, column: 3 });
    }

    #[test]
    fn bytes_outside_utf8_keep_every_offset() {
        let source = file(b"var a = '\xE9\xE8'; // \xFC\nb");
        assert_eq!(source.text().len(), source.bytes().len());
        assert_eq!(source.text(), "var a = '__'; // _\nb");
        assert!(!source.is_utf8(8..12));
        assert!(source.is_utf8(0..8));
    }

    #[test]
    fn a_lone_carriage_return_ends_no_line() {
        assert_eq!(file(b"a\rb\nc").position(2).line, 1);
        assert_eq!(file(b"a\rb\nc").position(4).line, 2);
    }

    #[test]
    fn binary_and_utf16_files_are_turned_away() {
        assert_eq!(SourceFile::new("a.js", vec![0]).unwrap_err(), SourceError::NotText);
        assert_eq!(SourceFile::new("a.ts", vec![0xFF, 0xFE, 65]).unwrap_err(), SourceError::NotText);
        assert_eq!(SourceFile::new("a.py", vec![]).unwrap_err(), SourceError::UnknownLanguage);
    }
}
