//! Which versions of its packages a project asks for.

use std::collections::HashMap;

/// The lowest major version of each package that a `package.json` allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    majors: HashMap<String, u64>,
}

impl Versions {
    /// The versions in the text of a `package.json`. A package whose range says nothing (`*`, `latest`, an address) is
    /// left out, and so is everything in a text that is no JSON.
    pub fn of_package_json(text: &str) -> Self {
        let mut majors = HashMap::new();
        let Ok(package) = serde_json::from_str::<serde_json::Value>(text) else { return Self::default() };
        for list in ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"] {
            let Some(list) = package.get(list).and_then(serde_json::Value::as_object) else { continue };
            for (name, range) in list {
                if let Some(major) = range.as_str().and_then(lowest_major) {
                    majors.entry(name.clone()).and_modify(|m: &mut u64| *m = major.min(*m)).or_insert(major);
                }
            }
        }
        Self { majors }
    }

    /// The lowest major version of a package that may be installed, if that is known.
    pub fn major(&self, package: &str) -> Option<u64> {
        self.majors.get(package).copied()
    }
}

/// The lowest major version that a range of npm allows: `^1.2.3`, `~2`, `>=3.1 <5`, `1.x || 2.x`.
pub(crate) fn lowest_major(range: &str) -> Option<u64> {
    range
        .split("||")
        .map(|alternative| {
            // Of `>=1.2 <3` and `1.2 - 2.3` the first comparator is the lower bound; a range that starts with `<` has none.
            let version = alternative.trim().trim_start_matches(['^', '~', '>', '=', 'v', ' ']);
            let digits = version.len() - version.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let rest = &version[digits..];
            let ends = rest.is_empty() || rest.starts_with(['.', ' ', '-']);
            if ends { version[..digits].parse().ok() } else { None }
        })
        .try_fold(u64::MAX, |lowest, major: Option<u64>| major.map(|m| lowest.min(m)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lower_bound_of_a_range_counts() {
        for (range, major) in [
            ("1.2.3", Some(1)),
            ("^0.30.0", Some(0)),
            ("~2", Some(2)),
            (">= 3.1 <5", Some(3)),
            ("4.x", Some(4)),
            ("1.2 - 2.3", Some(1)),
            ("^3 || ^2.1", Some(2)),
            ("v10", Some(10)),
            ("<3", None),
            ("*", None),
            ("^3 || *", None),
            ("latest", None),
            ("2fast", None),
            ("github:a/b#1", None),
            ("", None),
        ] {
            assert_eq!(lowest_major(range), major, "{range}");
        }
    }

    #[test]
    fn of_two_lists_the_lower_one_counts() {
        let text = r#"{"dependencies": {"pg": "^8", "redis": "*"}, "peerDependencies": {"pg": ">=6"}}"#;
        let versions = Versions::of_package_json(text);
        assert_eq!((versions.major("pg"), versions.major("redis")), (Some(6), None));
        assert_eq!(Versions::of_package_json("{"), Versions::default());
    }
}
