//! Which of many changes break the tests: narrowing down by halves.
//!
//! The changes are in the order in which they were made, callee before caller, and only beginnings of that order are
//! tried: a change is never there without those it was made on top of, unless they are at fault themselves. The
//! shortest beginning that fails ends in a change at fault. Without it, the search goes on behind it.

/// Whether the tests passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They did.
    Passes,
    /// They did not.
    Fails,
}

/// What the search came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrowed {
    /// The changes that stay, in order, by number. With them, and only them, the tests passed last.
    pub kept: Vec<usize>,
    /// The changes at fault, in the order in which they were found.
    pub at_fault: Vec<usize>,
    /// Changes that were taken back without having been looked at: the limit was reached before.
    pub not_tried: Vec<usize>,
    /// How often the tests were run.
    pub runs: usize,
}

/// Looks for the changes at fault among `count`, which fail together and pass with none of them. `test` is asked about
/// lists of changes that are to be there. After `limit` runs, the longest beginning that is known to pass stays.
///
/// # Errors
/// When `test` has one; it ends the search.
pub fn narrow<E>(
    count: usize,
    limit: usize,
    mut test: impl FnMut(&[usize]) -> Result<Verdict, E>,
) -> Result<Narrowed, E> {
    let mut suspects: Vec<usize> = (0..count).collect();
    let mut out = Narrowed::default();
    // The beginning of this length passes, and the whole fails.
    let mut passing = 0;
    loop {
        let mut failing = suspects.len();
        while failing - passing > 1 && out.runs < limit {
            let middle = passing + (failing - passing) / 2;
            out.runs += 1;
            match test(&suspects[..middle])? {
                Verdict::Passes => passing = middle,
                Verdict::Fails => failing = middle,
            }
        }
        if failing - passing > 1 {
            out.not_tried = suspects.split_off(passing);
            break;
        }
        out.at_fault.push(suspects.remove(passing));
        if passing == suspects.len() {
            break;
        }
        if out.runs >= limit {
            out.not_tried = suspects.split_off(passing);
            break;
        }
        out.runs += 1;
        if test(&suspects)? == Verdict::Passes {
            break;
        }
    }
    out.kept = suspects;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// Searches among `count` changes with a test that fails as `fails` says.
    fn search(count: usize, limit: usize, fails: impl Fn(&[usize]) -> bool) -> Narrowed {
        let test = |list: &[usize]| Ok::<_, Infallible>(if fails(list) { Verdict::Fails } else { Verdict::Passes });
        let Ok(out) = narrow(count, limit, test);
        assert!(out.runs <= limit);
        assert!(!fails(&out.kept), "{out:?}");
        let mut all = [out.kept.clone(), out.at_fault.clone(), out.not_tried.clone()].concat();
        all.sort_unstable();
        assert_eq!(all, (0..count).collect::<Vec<_>>(), "every change is accounted for once");
        out
    }

    #[test]
    fn one_change_at_fault_is_found_wherever_it_stands() {
        for count in 1..20 {
            for bad in 0..count {
                let out = search(count, 100, |list| list.contains(&bad));
                assert_eq!(out.at_fault, [bad], "{bad} of {count}");
                assert!(out.runs <= 6, "{out:?}");
            }
        }
    }

    #[test]
    fn several_changes_at_fault_are_found_and_the_rest_stays() {
        let out = search(30, 100, |list| list.iter().any(|n| [3, 4, 29].contains(n)));
        assert_eq!(out.at_fault, [3, 4, 29]);
        let out = search(5, 100, |list| !list.is_empty());
        assert_eq!((out.at_fault.len(), out.kept.len()), (5, 0));
    }

    #[test]
    fn of_two_that_fail_only_together_the_later_goes() {
        let out = search(10, 100, |list| list.contains(&2) && list.contains(&7));
        assert_eq!(out.at_fault, [7]);
    }

    #[test]
    fn the_search_ends_at_its_limit_with_a_beginning_that_passes() {
        let out = search(64, 4, |list| list.contains(&40));
        assert_eq!((out.runs, out.at_fault.len()), (4, 0));
        assert!(out.kept.len() >= 36 && !out.not_tried.is_empty(), "{out:?}");
        let out = search(64, 7, |list| list.iter().any(|n| [10, 50].contains(n)));
        assert_eq!(out.at_fault, [10]);
        assert!(!out.not_tried.is_empty());
    }

    #[test]
    fn an_error_ends_the_search() {
        assert_eq!(narrow(4, 10, |_| Err("interrupted")), Err("interrupted"));
    }
}
