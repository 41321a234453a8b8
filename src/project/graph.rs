//! The order in which functions depend on one another.

use petgraph::{algo::kosaraju_scc, graph::DiGraph};

use super::functions::FunctionId;

/// The strongly connected components of a graph of functions, each after all that it depends on. `edges` lead from a
/// function to one that it depends on. Within a component functions are in the order of their ids.
pub(super) fn components(
    functions: usize,
    edges: impl IntoIterator<Item = (FunctionId, FunctionId)>,
) -> Vec<Vec<FunctionId>> {
    let mut graph = DiGraph::<(), ()>::with_capacity(functions, functions);
    let nodes: Vec<_> = (0..functions).map(|_| graph.add_node(())).collect();
    for (from, to) in edges {
        graph.add_edge(nodes[from.0 as usize], nodes[to.0 as usize], ());
    }
    // Tarjan's algorithm as it is offered goes down with the stack; this one does not.
    let sorted = |component: Vec<petgraph::graph::NodeIndex>| {
        let mut ids: Vec<_> = component.into_iter().map(|node| FunctionId(node.index() as u32)).collect();
        ids.sort_unstable();
        ids
    };
    kosaraju_scc(&graph).into_iter().map(sorted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(functions: usize, edges: &[(u32, u32)]) -> Vec<Vec<u32>> {
        let edges = edges.iter().map(|(from, to)| (FunctionId(*from), FunctionId(*to)));
        let ids = |component: &Vec<FunctionId>| component.iter().map(|id| id.0).collect();
        components(functions, edges).iter().map(ids).collect()
    }

    #[test]
    fn a_callee_comes_before_its_callers() {
        assert_eq!(of(3, &[(0, 1), (1, 2)]), [[2], [1], [0]]);
    }

    #[test]
    fn functions_that_call_one_another_are_together() {
        assert_eq!(of(4, &[(0, 1), (1, 2), (2, 1), (2, 3)]), [vec![3], vec![1, 2], vec![0]]);
    }

    #[test]
    fn a_long_chain_needs_no_stack() {
        let edges: Vec<_> = (0..200_000).map(|i| (i, i + 1)).collect();
        assert_eq!(of(200_001, &edges)[0], [200_000]);
    }
}
