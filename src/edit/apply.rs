//! Edits applied in memory.

use super::Edit;

/// Why edits can't be applied.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ApplyError {
    /// Two edits claim the same bytes, or an edit is out of order.
    #[error("edits overlap at byte {0}")]
    Overlap(usize),
    /// An edit reaches past the end of the file.
    #[error("an edit ends past the end of the file, at byte {0}")]
    OutOfBounds(usize),
}

/// Applies sorted, disjoint edits to the bytes of a file. Bytes that no edit covers come out as they went in.
///
/// An insertion may stand where the next edit starts, and comes first. Two insertions at one place are an overlap: their
/// order would be chance.
///
/// # Errors
/// When the edits are not sorted and disjoint, or reach past the end.
pub fn apply(bytes: &[u8], edits: &[Edit]) -> Result<Vec<u8>, ApplyError> {
    let mut out = Vec::with_capacity(bytes.len() + edits.iter().map(|e| e.text.len()).sum::<usize>());
    let mut done = 0;
    let mut last_start = None;
    for edit in edits {
        let is_second = edit.range.is_empty() && last_start == Some(edit.range.start);
        if edit.range.start < done || is_second {
            return Err(ApplyError::Overlap(edit.range.start));
        }
        if edit.range.end > bytes.len() || edit.range.start > edit.range.end {
            return Err(ApplyError::OutOfBounds(edit.range.end));
        }
        out.extend_from_slice(&bytes[done..edit.range.start]);
        out.extend_from_slice(edit.text.as_bytes());
        done = edit.range.end;
        last_start = Some(edit.range.start);
    }
    out.extend_from_slice(&bytes[done..]);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_between_edits_are_untouched() {
        let out = apply(b"\xEF\xBB\xBFa\r\nb\xE9\rc", &[Edit::new(3..4, "long"), Edit::insert(6, "+")]).unwrap();
        assert_eq!(out, b"\xEF\xBB\xBFlong\r\n+b\xE9\rc");
    }

    #[test]
    fn an_insertion_comes_before_what_is_replaced_at_its_place() {
        let edits = [Edit::insert(0, "x"), Edit::new(0..2, "y")];
        assert_eq!(apply(b"abc", &edits).unwrap(), b"xyc");
        assert_eq!(apply(b"abc", &[edits[1].clone(), edits[0].clone()]), Err(ApplyError::Overlap(0)));
    }

    #[test]
    fn overlaps_and_excess_are_errors() {
        assert_eq!(apply(b"abc", &[Edit::new(0..2, ""), Edit::new(1..3, "")]), Err(ApplyError::Overlap(1)));
        assert_eq!(apply(b"abc", &[Edit::insert(1, "x"), Edit::insert(1, "y")]), Err(ApplyError::Overlap(1)));
        assert_eq!(apply(b"abc", &[Edit::new(2..4, "")]), Err(ApplyError::OutOfBounds(4)));
    }
}
