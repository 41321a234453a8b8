//! What waiting costs: which calls are waited for one after the other, and which together.

use std::ops::Range;

/// A call that is waited for.
#[derive(Clone, Debug, PartialEq)]
pub struct Wait {
    /// Its bytes in the file as it is on disk.
    pub range: Range<usize>,
    /// The callee, as it is written: `db.query`.
    pub call: String,
    /// What it takes, in milliseconds, where that is known.
    pub milliseconds: Option<f64>,
}

/// How often a stretch of code is gone through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounds {
    /// How many times; `None` where only a run of the code can tell.
    pub count: Option<usize>,
    /// How many of them are under way at the same time; `None` without a bound.
    pub at_once: Option<usize>,
}

/// A stretch of code seen as what it waits for: each wave is started when all of the one before it have ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// The waves; the calls of one are waited for together.
    pub waves: Vec<Vec<Wait>>,
    /// For a loop, how often the waves are gone through.
    pub rounds: Option<Rounds>,
}

impl Schedule {
    /// How long it takes in milliseconds: the sum over the waves of the longest of each, and for a loop that times the
    /// number of rounds that can't overlap. `None` where a latency or the number of rounds is not known.
    pub fn milliseconds(&self) -> Option<f64> {
        let longest = |wave: &Vec<Wait>| wave.iter().try_fold(0.0_f64, |most, wait| Some(most.max(wait.milliseconds?)));
        let once = self.waves.iter().map(longest).sum::<Option<f64>>()?;
        match self.rounds {
            None => Some(once),
            Some(rounds) => {
                let count = rounds.count?;
                let in_a_row = rounds.at_once.map_or(count.min(1), |at_once| count.div_ceil(at_once.max(1)));
                Some(once * in_a_row as f64)
            }
        }
    }
}

/// What an analysis of effects rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grounds {
    /// On what functions are called, or on the word of the user.
    Presumed,
    /// On the bodies of functions and on tables of known APIs alone.
    Proven,
}

impl Grounds {
    /// The word for people and scripts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Presumed => "presumed",
            Self::Proven => "proven",
        }
    }
}

/// What a finding says about waiting.
#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    /// How the code waits as it is.
    pub before: Schedule,
    /// How it would wait after the rewrite, or could; `None` where nothing better is known.
    pub after: Option<Schedule>,
    /// What the claim that calls do not affect each other rests on; `None` where it is not made.
    pub grounds: Option<Grounds>,
}

impl Cost {
    /// All calls of both schedules, first those of the one before.
    pub fn waits(&self) -> impl Iterator<Item = &Wait> {
        [Some(&self.before), self.after.as_ref()].into_iter().flatten().flat_map(|s| s.waves.iter().flatten())
    }

    /// The cost in words: `5 waits one after the other -> 2`, with milliseconds where they are known.
    pub fn words(&self) -> String {
        let mut words = match self.before.rounds {
            None => match self.before.waves.len() {
                1 => "1 wait".to_owned(),
                n => format!("{n} waits one after the other"),
            },
            Some(rounds) => {
                let count = rounds.count.map_or("N".to_owned(), |n| n.to_string());
                match rounds.at_once {
                    Some(1) => format!("{count} rounds one after the other"),
                    Some(n) => format!("{count} rounds, {n} at a time"),
                    None => format!("{count} rounds at once"),
                }
            }
        };
        let Some(after) = &self.after else { return words + &milliseconds(&self.before) };
        match after.rounds {
            None => words.push_str(&format!(" -> {}", after.waves.len())),
            Some(Rounds { at_once: None, .. }) => words.push_str(" -> all at once"),
            Some(Rounds { at_once: Some(n), .. }) => words.push_str(&format!(" -> {n} at a time")),
        }
        match (self.before.milliseconds(), after.milliseconds()) {
            (Some(before), Some(after)) => words + &format!(" ({before} ms -> {after} ms)"),
            _ => words,
        }
    }
}

fn milliseconds(schedule: &Schedule) -> String {
    schedule.milliseconds().map(|ms| format!(" ({ms} ms)")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(milliseconds: Option<f64>) -> Wait {
        Wait { range: 0..1, call: "f".into(), milliseconds }
    }

    #[test]
    fn waves_take_as_long_as_their_longest_call() {
        let before = Schedule { waves: [10.0, 30.0, 20.0].map(|ms| vec![wait(Some(ms))]).to_vec(), rounds: None };
        let together = vec![wait(Some(10.0)), wait(Some(30.0))];
        let after = Schedule { waves: vec![together, vec![wait(Some(20.0))]], rounds: None };
        let cost = Cost { before, after: Some(after), grounds: Some(Grounds::Proven) };
        assert_eq!(cost.words(), "3 waits one after the other -> 2 (60 ms -> 50 ms)");
    }

    #[test]
    fn rounds_overlap_up_to_their_bound() {
        let rounds =
            |count, at_once| Schedule { waves: vec![vec![wait(Some(5.0))]], rounds: Some(Rounds { count, at_once }) };
        assert_eq!(rounds(Some(10), Some(1)).milliseconds(), Some(50.0));
        assert_eq!(rounds(Some(10), Some(4)).milliseconds(), Some(15.0));
        assert_eq!(rounds(Some(10), None).milliseconds(), Some(5.0));
        assert_eq!(rounds(None, Some(4)).milliseconds(), None);
        let cost = Cost { before: rounds(None, Some(1)), after: Some(rounds(None, Some(8))), grounds: None };
        assert_eq!(cost.words(), "N rounds one after the other -> 8 at a time");
        let cost = Cost { before: rounds(None, None), after: Some(rounds(None, Some(8))), grounds: None };
        assert_eq!(cost.words(), "N rounds at once -> 8 at a time");
    }

    #[test]
    fn what_is_not_known_is_not_added_up() {
        let unknown = Schedule { waves: vec![vec![wait(None)], vec![wait(Some(1.0))]], rounds: None };
        assert_eq!(unknown.milliseconds(), None);
    }
}
