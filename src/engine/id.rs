//! Ids of findings.

use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

/// The id of a finding: twelve hex digits made from its pattern, its path, its code and its number among the
/// findings of the same pattern and code in the file.
///
/// Nothing in it depends on what else is in the file, so an edit elsewhere leaves it as it is. The path counts as
/// it is shown, with `/` on every system.
pub(super) fn finding_id(pattern: &str, path: &Path, code: &[u8], ordinal: usize) -> String {
    let path = path.to_string_lossy();
    let path = if std::path::MAIN_SEPARATOR == '/' { path } else { path.replace('\\', "/").into() };
    let mut hash = Xxh3::new();
    for part in [pattern.as_bytes(), path.as_bytes(), code, &(ordinal as u64).to_le_bytes()] {
        hash.update(part);
        // A byte that stands in no text, so that no two lists of parts run together into the same bytes.
        hash.update(&[0xFF]);
    }
    format!("{:012x}", hash.digest() >> 16)
}

#[cfg(test)]
mod tests {
    use super::finding_id;
    use std::path::Path;

    #[test]
    fn ids_are_the_same_forever() {
        // People keep ids in files for `--only @file`; this value must never change.
        assert_eq!(finding_id("then-chain", Path::new("a/b.js"), b"x.then(y)", 0), "680bfc977e4a");
    }

    #[test]
    fn every_part_counts() {
        let base = finding_id("p", Path::new("a.js"), b"x", 0);
        assert_ne!(base, finding_id("q", Path::new("a.js"), b"x", 0));
        assert_ne!(base, finding_id("p", Path::new("b.js"), b"x", 0));
        assert_ne!(base, finding_id("p", Path::new("a.js"), b"y", 0));
        assert_ne!(base, finding_id("p", Path::new("a.js"), b"x", 1));
    }
}
