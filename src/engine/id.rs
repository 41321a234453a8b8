//! Ids of findings.

use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

/// Of longer code than twice this, only so many bytes of its start and its end count, and its length. Where calls are
/// nested, every one holds all those within it, and hashing each in full would take the square of their number.
const SAMPLE: usize = 8192;

/// What makes a finding the one that it is, in its file: its pattern and its code.
pub(super) fn fingerprint(pattern: &str, code: &[u8]) -> u64 {
    let mut hash = Hash::default();
    hash.part(pattern.as_bytes());
    if code.len() <= 2 * SAMPLE {
        hash.part(code);
    } else {
        hash.part(&code[..SAMPLE]);
        hash.part(&code[code.len() - SAMPLE..]);
        hash.part(&(code.len() as u64).to_le_bytes());
    }
    hash.0.digest()
}

/// The id of a finding: twelve hex digits made from its fingerprint, its path and its number among the findings of
/// the same fingerprint in the file.
///
/// Nothing in it depends on what else is in the file, so an edit elsewhere leaves it as it is. The path counts as
/// it is shown, with `/` on every system.
pub(super) fn finding_id(fingerprint: u64, path: &Path, ordinal: usize) -> String {
    let path = path.to_string_lossy();
    let path = if std::path::MAIN_SEPARATOR == '/' { path } else { path.replace('\\', "/").into() };
    let mut hash = Hash::default();
    hash.part(&fingerprint.to_le_bytes());
    hash.part(path.as_bytes());
    hash.part(&(ordinal as u64).to_le_bytes());
    format!("{:012x}", hash.0.digest() >> 16)
}

#[derive(Default)]
struct Hash(Xxh3);

impl Hash {
    fn part(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
        // A byte that stands in no text, so that no two lists of parts run together into the same bytes.
        self.0.update(&[0xFF]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(pattern: &str, path: &str, code: &[u8], ordinal: usize) -> String {
        finding_id(fingerprint(pattern, code), Path::new(path), ordinal)
    }

    #[test]
    fn ids_are_the_same_forever() {
        // People keep ids in files for `--only @file`; this value must never change.
        assert_eq!(id("then-chain", "a/b.js", b"x.then(y)", 0), "1f5a39715b39");
    }

    #[test]
    fn every_part_counts() {
        let base = id("p", "a.js", b"x", 0);
        assert_ne!(base, id("q", "a.js", b"x", 0));
        assert_ne!(base, id("p", "b.js", b"x", 0));
        assert_ne!(base, id("p", "a.js", b"y", 0));
        assert_ne!(base, id("p", "a.js", b"x", 1));
        let long = |middle: u8| [vec![1; SAMPLE], vec![middle; 9], vec![2; SAMPLE]].concat();
        assert_eq!(id("p", "a.js", &long(3), 0), id("p", "a.js", &long(4), 0));
        assert_ne!(id("p", "a.js", &long(3), 0), id("p", "a.js", &long(3)[1..], 0));
    }
}
