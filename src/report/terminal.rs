//! What a terminal needs: colours where they are wanted, and no way for a file's name or content to steer it.

use std::{borrow::Cow, fmt::Display};

use anstyle::{AnsiColor, Style};

/// Red: removed lines, errors, what can't be done.
pub const RED: Style = AnsiColor::Red.on_default();
/// Green: added lines, what is safe.
pub const GREEN: Style = AnsiColor::Green.on_default();
/// Yellow: what wants a look.
pub const YELLOW: Style = AnsiColor::Yellow.on_default();
/// Cyan: places in a file.
pub const CYAN: Style = AnsiColor::Cyan.on_default();
/// Bold: headings.
pub const BOLD: Style = Style::new().bold();
/// Dim: what is there to be copied rather than read.
pub const DIM: Style = Style::new().dimmed();

/// Whether to colour.
#[derive(Clone, Copy, Debug, Default)]
pub struct Paint(pub bool);

impl Paint {
    /// A text in a style, or as it is.
    pub fn with(self, style: Style, text: impl Display) -> String {
        if self.0 { format!("{style}{text}{style:#}") } else { text.to_string() }
    }
}

/// A text with everything made visible that a terminal would act on: control characters, and the marks that turn
/// the direction of writing around. Line ends and tabs are control characters too.
pub fn escaped(text: &str) -> Cow<'_, str> {
    escape_except(text, |_| false)
}

/// Like [`escaped`], but tabs and line ends stay: for source text that spans lines.
pub fn escaped_source(text: &str) -> Cow<'_, str> {
    escape_except(text, |c| matches!(c, '\n' | '\t'))
}

/// Whether a terminal would act on a character rather than show it.
pub(super) fn steers(c: char) -> bool {
    // The last ones end lines for some programs and not for others.
    c.is_control()
        || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{61C}')
        || matches!(c, '\u{2028}' | '\u{2029}')
}

fn escape_except(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    let steers = |c: char| !keep(c) && steers(c);
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    text.chars().map(|c| if steers(c) { c.escape_default().to_string() } else { c.to_string() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_that_steers_it() {
        assert_eq!(escaped("a\x1b[31m\u{202E}\u{9b}b\n"), "a\\u{1b}[31m\\u{202e}\\u{9b}b\\n");
        assert_eq!(escaped_source("a\tb\r\n"), "a\tb\\r\n");
        assert!(matches!(escaped("ünïcode 😀"), Cow::Borrowed(_)));
    }

    #[test]
    fn colour_is_off_unless_wanted() {
        assert_eq!(Paint(false).with(RED, "x"), "x");
        assert_eq!(Paint(true).with(RED, "x"), "\x1b[31mx\x1b[0m");
    }
}
