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
/// those of `git`, for which `path` is relative to the top of the repository wherever it is run in there. (It reads
/// the plain ones of `diff -u` relative to the current folder, but guesses how much of them to strip, and gets it
/// wrong where a folder holds another of the same name.)
pub fn unified(path: &Path, before: &[u8], after: &[u8]) -> Vec<u8> {
    let (old, new) = (lines(before), lines(after));
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    let groups = group_diff_ops(ops, CONTEXT);
    let mut out = Vec::new();
    if groups.iter().flatten().all(|op| matches!(op, DiffOp::Equal { .. })) {
        return out;
    }
    let (from, to) = (header_name("a/", path), header_name("b/", path));
    // A tab after a name with a blank keeps other tools from taking the blank for its end.
    let end: &[u8] = if from.contains(&b' ') && !from.starts_with(b"\"") { b"\t\n" } else { b"\n" };
    let header: [&[u8]; 10] = [b"diff --git ", &from, b" ", &to, b"\n--- ", &from, end, b"+++ ", &to, end];
    out.extend(header.concat());
    for group in &groups {
        hunk(group, &old, &new, &mut out);
    }
    out
}

/// The diff that makes a new file, as [`unified`] writes that of a change.
pub fn made(path: &Path, content: &[u8]) -> Vec<u8> {
    let to = header_name("b/", path);
    let end: &[u8] = if to.contains(&b' ') && !to.starts_with(b"\"") { b"\t\n" } else { b"\n" };
    let from = header_name("a/", path);
    let parts: [&[u8]; 7] =
        [b"diff --git ", &from, b" ", &to, b"\nnew file mode 100644\n--- /dev/null\n+++ ", &to, end];
    let mut out = parts.concat();
    let new = lines(content);
    let ops = capture_diff_slices(Algorithm::Myers, &[], &new);
    group_diff_ops(ops, CONTEXT).iter().for_each(|group| hunk(group, &[], &new, &mut out));
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
            Some(b'd') => paint.with(BOLD, text),
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

/// The name in a header, as `git` writes it: quoted like a string of C where it has to be.
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
    name
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
            "diff --git a/a.js b/a.js\n--- a/a.js\n+++ b/a.js\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
        );
        assert_eq!(text("a.js", before, before), "");
    }

    #[test]
    fn a_missing_last_newline_is_said_and_a_lone_return_is_no_line_end() {
        assert_eq!(
            text("a.js", b"x\ry\nz", b"x\ry\nzz"),
            "diff --git a/a.js b/a.js\n--- a/a.js\n+++ b/a.js\n@@ -1,2 +1,2 @@\n x\ry\n-z\n\\ No newline at end of file\n+zz\n\\ No newline at end of file\n"
        );
        assert_eq!(text("a.js", b"", b"x\n"), "diff --git a/a.js b/a.js\n--- a/a.js\n+++ b/a.js\n@@ -0,0 +1 @@\n+x\n");
    }

    #[test]
    fn a_new_file_comes_from_nowhere() {
        assert_eq!(
            String::from_utf8(made(Path::new("lib/a.js"), b"x\ny\n")).unwrap(),
            "diff --git a/lib/a.js b/lib/a.js\nnew file mode 100644\n--- /dev/null\n+++ b/lib/a.js\n@@ -0,0 +1,2 @@\n+x\n+y\n"
        );
    }

    #[test]
    fn names_are_written_so_that_git_reads_them() {
        let header = |path| text(path, b"1", b"2").lines().take(3).collect::<Vec<_>>().join("\n");
        assert_eq!(
            header("my file.js"),
            "diff --git a/my file.js b/my file.js\n--- a/my file.js\t\n+++ b/my file.js\t"
        );
        let quoted = "\\\"b\\012 .js\"";
        assert_eq!(
            header("a\"b\n .js"),
            format!("diff --git \"a/a{quoted} \"b/a{quoted}\n--- \"a/a{quoted}\n+++ \"b/a{quoted}")
        );
        assert!(header("/tmp/x.js").contains("--- a/tmp/x.js\n"));
    }
}
