//! What receivers are called.

/// A name, or `*End` for every name that ends like that, in whatever case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    text: String,
    is_end: bool,
}

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        match text.strip_prefix('*') {
            Some(end) => Self { text: end.to_ascii_lowercase(), is_end: true },
            None => Self { text: text.to_owned(), is_end: false },
        }
    }

    pub(super) fn matches(&self, name: &str) -> bool {
        let name = name.trim_start_matches(['_', '$', '#']);
        if self.is_end { name.to_ascii_lowercase().ends_with(&self.text) } else { name == self.text }
    }
}
