//! The order among functions that are still to be converted.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::{algo::kosaraju_scc, graph::DiGraph};

use super::Key;

/// How many of `pending` stand below each of them, one calling the next. Functions that call each other in a circle
/// move together and have the same rank.
pub(super) fn ranks(pending: &BTreeSet<Key>, calls: &BTreeSet<(Key, Key)>) -> BTreeMap<Key, usize> {
    let mut graph = DiGraph::<&Key, ()>::new();
    let nodes: BTreeMap<&Key, _> = pending.iter().map(|key| (key, graph.add_node(key))).collect();
    for (caller, callee) in calls {
        if let (Some(caller), Some(callee)) = (nodes.get(caller), nodes.get(callee)) {
            graph.update_edge(*caller, *callee, ());
        }
    }
    let mut ranks = BTreeMap::new();
    // Components come callee before caller.
    for component in kosaraju_scc(&graph) {
        let below = component
            .iter()
            .flat_map(|node| graph.neighbors(*node))
            .filter(|callee| !component.contains(callee))
            .filter_map(|callee| ranks.get(graph[callee]).map(|rank: &usize| rank + 1));
        let rank = below.max().unwrap_or(0);
        ranks.extend(component.iter().map(|node| (graph[*node].clone(), rank)));
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        Key { path: "a.js".into(), name: name.into() }
    }

    fn ranked(pending: &[&str], calls: &[(&str, &str)]) -> Vec<(String, usize)> {
        let pending = pending.iter().map(|name| key(name)).collect();
        let calls = calls.iter().map(|(from, to)| (key(from), key(to))).collect();
        ranks(&pending, &calls).into_iter().map(|(key, rank)| (key.name, rank)).collect()
    }

    fn expect(ranks: &[(&str, usize)]) -> Vec<(String, usize)> {
        ranks.iter().map(|(name, rank)| ((*name).to_owned(), *rank)).collect()
    }

    #[test]
    fn a_caller_stands_above_all_that_it_calls() {
        let calls = [("a", "b"), ("b", "c"), ("a", "c"), ("d", "a")];
        assert_eq!(ranked(&["a", "b", "c", "d"], &calls), expect(&[("a", 2), ("b", 1), ("c", 0), ("d", 3)]));
    }

    #[test]
    fn functions_in_a_circle_move_together() {
        let calls = [("a", "b"), ("b", "a"), ("b", "c"), ("d", "a"), ("d", "d")];
        assert_eq!(ranked(&["a", "b", "c", "d"], &calls), expect(&[("a", 1), ("b", 1), ("c", 0), ("d", 2)]));
    }

    #[test]
    fn what_is_converted_already_holds_nobody_up() {
        assert_eq!(ranked(&["a"], &[("a", "b"), ("b", "c")]), expect(&[("a", 0)]));
    }
}
