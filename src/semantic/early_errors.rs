//! Errors that a parser of ECMAScript reports though the grammar of the tree does not.
use super::Names;
use crate::syntax::Parsed;
use std::ops::Range;
/// Stand-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlyError {
    /// The bytes at fault.
    pub range: Range<usize>,
    /// What is wrong, in a few words.
    pub message: String,
}
/// Stand-in.
pub fn early_errors(_file: &Parsed<'_>, _names: &Names) -> Vec<EarlyError> {
    Vec::new()
}
