//! What a user decides and knows about waiting: how many calls may be under way at once, and how long they take.
//!
//! It comes from the command line and from the table `[waits]` of `unpyramid.toml`:
//!
//! ```toml
//! [waits]
//! concurrency = 16      # at once, in rewritten loops
//! latency = 20          # milliseconds, of every call that has no line of its own
//!
//! [waits.latencies]     # milliseconds by callee
//! "db.query" = 5
//! fetch = 120
//! ```

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::apis::ConfigError;

/// How many calls a rewritten loop has under way at once when nobody says anything. It is also the longest literal list
/// whose items are all started together.
pub const AT_ONCE: usize = 8;

/// Decisions and knowledge about waiting.
#[derive(Clone, Debug, PartialEq)]
pub struct Tuning {
    /// How many calls a rewritten loop may have under way at once; at least 1.
    pub at_once: usize,
    /// What a call takes of which nothing else is known, in milliseconds.
    pub latency: Option<f64>,
    /// What calls take in milliseconds, by callee: `db.query` is any `….db.query(…)`.
    pub latencies: BTreeMap<String, f64>,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { at_once: AT_ONCE, latency: None, latencies: BTreeMap::new() }
    }
}

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    waits: Waits,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Waits {
    concurrency: Option<u16>,
    latency: Option<f64>,
    #[serde(default)]
    latencies: BTreeMap<String, f64>,
}

impl Tuning {
    /// Reads the table `[waits]` of a configuration; the rest of it is somebody else's business.
    ///
    /// # Errors
    /// When it is no TOML, has a key that does not exist, or a number that makes no sense.
    pub fn load(text: &str) -> Result<Self, ConfigError> {
        let line = |at: usize| 1 + text[..at.min(text.len())].matches('\n').count();
        let config: Config = toml::from_str(text).map_err(|error| ConfigError {
            line: line(error.span().map_or(0, |span| span.start)),
            message: error.message().to_owned(),
        })?;
        let Waits { concurrency, latency, latencies } = config.waits;
        let nonsense =
            |what: &str| ConfigError { line: line(text.find("[waits").unwrap_or(0)), message: what.to_owned() };
        if concurrency == Some(0) {
            return Err(nonsense("`concurrency` has to be at least 1"));
        }
        if latency.iter().chain(latencies.values()).any(|ms| !ms.is_finite() || *ms < 0.0) {
            return Err(nonsense("a latency is a number of milliseconds, and not negative"));
        }
        Ok(Self { at_once: concurrency.map_or(AT_ONCE, usize::from), latency, latencies })
    }

    /// How many calls have to be under way at once for `rate` calls a second that take `latency` milliseconds each:
    /// Little's law, rounded up.
    pub fn at_once_for(rate: f64, latency: f64) -> usize {
        // The cast saturates, so that no rate is too high for it.
        ((rate * latency / 1000.0).ceil() as usize).max(1)
    }

    /// What a call of the given callee (its text, as in `this.db.query`) takes in milliseconds, if that is known: the
    /// longest key that it ends with counts.
    pub fn latency_of(&self, callee: &str) -> Option<f64> {
        let callee: String = callee.chars().filter(|c| !c.is_whitespace() && *c != '?').collect();
        let fits =
            |key: &str| callee.strip_suffix(key).is_some_and(|before| before.is_empty() || before.ends_with('.'));
        let known = self.latencies.iter().filter(|(key, _)| fits(key)).max_by_key(|(key, _)| key.len());
        known.map(|(_, ms)| *ms).or(self.latency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_and_checked() {
        let tuning =
            Tuning::load("[waits]\nconcurrency = 4\nlatency = 20\n[waits.latencies]\n\"db.query\" = 5\n").unwrap();
        assert_eq!(tuning.at_once, 4);
        assert_eq!(tuning.latency_of("this.db.query"), Some(5.0));
        assert_eq!(tuning.latency_of("mydb.query"), Some(20.0));
        assert_eq!(tuning.latency_of("db?.query"), Some(5.0));
        assert_eq!(Tuning::load("[waits]\nconcurrency = 0\n").unwrap_err().line, 1);
        assert_eq!(Tuning::load("\n[waits]\nlatency = -1.0\n").unwrap_err().line, 2);
        assert!(Tuning::load("[waits]\nspeed = 1\n").is_err());
        assert_eq!(Tuning::load("").unwrap(), Tuning::default());
    }

    #[test]
    fn little_s_law_rounds_up() {
        assert_eq!(Tuning::at_once_for(100.0, 45.0), 5);
        assert_eq!(Tuning::at_once_for(0.1, 1.0), 1);
    }
}
