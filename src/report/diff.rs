//! Unified diffs that `git apply` takes, byte for byte.

use std::{
    io::{self, Write},
    path::Path,
};

use similar::{Algorithm, ChangeTag, DiffOp, capture_diff_slices, group_diff_ops};

use super::terminal::{BOLD, CYAN, GREEN, Paint, RED, escaped_source};

/// Lines of context around a change.
const CONTEXT: usize = 3;

/// The unified diff between two contents of a file; empty where they are the same.
///
/// Lines end at `\n` and nowhere else: a lone carriage return is a byte like any other to `git`, too. The headers are
/// those of plain `diff -u`, which `git apply` reads relative to the current folder, as the path is.
pub fn unified(path: &Path, before: &[u8], after: &[u8]) -> Vec<u8> {
    let (old, new) = (lines(before), lines(after));
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    let groups = group_diff_ops(ops, CONTEXT);
    let mut out = Vec::new();
    if groups.iter().flatten().all(|op| matches!(op, DiffOp::Equal { .. })) {
        return out;
    }
    for (mark, side) in [("---", "a/"), ("+++", "b/")] {
        out.extend_from_slice(mark.as_bytes());
        out.push(b' ');
        out.extend(header_name(side, path));
        out.push(b'\n');
    }
    for group in &groups {
        hunk(group, &old, &new, &mut out);
    }
    out
}

/// A diff with the colours that people know, and with control characters made visible. No program should read it.
///
/// # Errors
/// When `out` has them.
pub fn coloured(diff: &[u8], paint: Paint, out: &mut impl Write) -> io::Result<()> {
    for line in lines(diff) {
        let text = String::from_utf8_lossy(line);
        let text = escaped_source(text.trim_end_matches('\n'));
        let text = match line.first() {
            Some(b'+') if line.starts_with(b"+++ ") => paint.with(BOLD, text),
            Some(b'-') if line.starts_with(b"--- ") => paint.with(BOLD, text),
            Some(b'+') => paint.with(GREEN, text),
            Some(b'-') => paint.with(RED, text),
            Some(b'@') => paint.with(CYAN, text),
            _ => text.into_owned(),
        };
        writeln!(out, "{text}")?;
    }
    Ok(())
}

fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|b| *b == b'\n').collect()
}

fn hunk(ops: &[DiffOp], old: &[&[u8]], new: &[&[u8]], out: &mut Vec<u8>) {
    let (Some(first), Some(last)) = (ops.first(), ops.last()) else { return };
    let span = |start: usize, end: usize| match end - start {
        // An empty side is named by the line before it.
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        n => format!("{},{n}", start + 1),
    };
    let removed = span(first.old_range().start, last.old_range().end);
    let added = span(first.new_range().start, last.new_range().end);
    out.extend(format!("@@ -{removed} +{added} @@\n").into_bytes());
    for change in ops.iter().flat_map(|op| op.iter_changes(old, new)) {
        let line: &[u8] = change.value();
        out.push(match change.tag() {
            ChangeTag::Equal => b' ',
            ChangeTag::Delete => b'-',
            ChangeTag::Insert => b'+',
        });
        out.extend_from_slice(line);
        if !line.ends_with(b"\n") {
            out.extend_from_slice(b"\n\\ No newline at end of file\n");
        }
    }
}

/// The name in a header, as `git` writes it: quoted like a string of C where it has to be, and followed by a tab
/// where a blank could be taken for the name's end.
fn header_name(side: &str, path: &Path) -> Vec<u8> {
    let path = path_bytes(path);
    // An absolute path would have two slashes after the side's letter.
    let path = path.strip_prefix(b"/").unwrap_or(&path);
    let name = [side.as_bytes(), path].concat();
    if name.iter().any(|b| *b < 0x20 || matches!(b, b'"' | b'\\' | 0x7F)) {
        let mut quoted = vec![b'"'];
        for byte in name {
            match byte {
                b'"' | b'\\' => quoted.extend([b'\\', byte]),
                0x20..=0x7E => quoted.push(byte),
                _ => quoted.extend(format!("\\{byte:03o}").into_bytes()),
            }
        }
        quoted.push(b'"');
        return quoted;
    }
    let tab: &[u8] = if name.contains(&b' ') { b"\t" } else { b"" };
    [&name, tab].concat()
}

#[cfg(unix)]
fn path_bytes(path: &Path) -> Vec<u8> {
    std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).to_vec()
}

#[cfg(not(unix))]
fn path_bytes(path: &Path) -> Vec<u8> {
    path.to_string_lossy().replace('\\', "/").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: &str, before: &[u8], after: &[u8]) -> String {
        String::from_utf8(unified(Path::new(path), before, after)).unwrap()
    }

    #[test]
    fn hunks_have_three_lines_of_context() {
        let before = b"1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let after = b"1\n2\n3\n4\nfive\n6\n7\n8\n9\n";
        assert_eq!(
            text("a.js", before, after),
            "--- a/a.js\n+++ b/a.js\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
        );
        assert_eq!(text("a.js", before, before), "");
    }

    #[test]
    fn a_missing_last_newline_is_said_and_a_lone_return_is_no_line_end() {
        assert_eq!(
            text("a.js", b"x\ry\nz", b"x\ry\nzz"),
            "--- a/a.js\n+++ b/a.js\n@@ -1,2 +1,2 @@\n x\ry\n-z\n\\ No newline at end of file\n+zz\n\\ No newline at end of file\n"
        );
        assert_eq!(text("a.js", b"", b"x\n"), "--- a/a.js\n+++ b/a.js\n@@ -0,0 +1 @@\n+x\n");
    }

    #[test]
    fn names_are_written_so_that_git_reads_them() {
        assert!(text("my file.js", b"1", b"2").starts_with("--- a/my file.js\t\n+++ b/my file.js\t\n"));
        assert!(text("a\"b\n.js", b"1", b"2").starts_with("--- \"a/a\\\"b\\012.js\"\n"));
        assert!(text("/tmp/x.js", b"1", b"2").starts_with("--- a/tmp/x.js\n"));
    }
}
