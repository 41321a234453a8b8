//! Programs as trees of their productions, so that printing and shrinking know nothing of the grammar.

use std::{borrow::Cow, collections::BTreeMap};

/// What a node is; one may stand where another of its sort stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// A whole file.
    File,
    /// An item of the top level: a function that outsiders call, or its export.
    Item,
    /// A statement.
    Statement,
    /// An expression, as wide as an assignment.
    Value,
    /// An expression that is a promise: a call, a chain, a construction. It is a [`Value`](Self::Value) too.
    Promise,
    /// A link of a chain: `.then(…)`.
    Link,
    /// What is handed to a link or a call.
    Handler,
    /// A name, a case or another part that only its own kind of parent can hold.
    Part,
}

/// How the nodes of a list are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// In braces, one a line, indented.
    Block,
    /// One a line, indented no further.
    Lines,
    /// One after another with commas.
    Commas,
    /// Links of a chain on one line.
    Joined,
    /// Links of a chain on a line each.
    Chain,
}

/// Brackets that an expression may need where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hug {
    /// None.
    Loose,
    /// The body of an arrow function: an object needs them.
    Body,
    /// An operand: all but calls need them.
    Tight,
}

/// A piece of a production.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    /// Text as it stands.
    Text(Cow<'static, str>),
    /// A type, which only TypeScript has.
    Type(&'static str),
    /// The end of a statement.
    Semicolon,
    /// A comment inside a line, by its number.
    Remark(u32),
    /// A node.
    One(Box<Node>, Hug),
    /// A list of nodes, of which so many have to be left.
    Many(Vec<Node>, Layout, usize),
}

/// A production.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// What it is.
    pub(crate) sort: Sort,
    /// The name of the production, for counting.
    pub(crate) shape: &'static str,
    /// What it is written with.
    pub(crate) pieces: Vec<Piece>,
    /// The number of a comment on the line above.
    pub(crate) above: Option<u32>,
    /// The number of a comment behind it on its line.
    pub(crate) behind: Option<u32>,
    /// Whether a program without it would be one that the grammar does not write: its parts are made simpler only.
    pub(crate) is_kept: bool,
}

impl Node {
    /// A production without pieces.
    pub(crate) fn new(sort: Sort, shape: &'static str) -> Self {
        Self { sort, shape, pieces: Vec::new(), above: None, behind: None, is_kept: false }
    }

    /// A statement.
    pub(crate) fn statement(shape: &'static str) -> Self {
        Self::new(Sort::Statement, shape)
    }

    /// An expression.
    pub(crate) fn value(shape: &'static str) -> Self {
        Self::new(Sort::Value, shape)
    }

    fn with(mut self, piece: Piece) -> Self {
        self.pieces.push(piece);
        self
    }

    /// The same with a text behind it.
    pub(crate) fn text(self, text: impl Into<Cow<'static, str>>) -> Self {
        self.with(Piece::Text(text.into()))
    }

    /// The same with a type behind it.
    pub(crate) fn typed(self, text: &'static str) -> Self {
        self.with(Piece::Type(text))
    }

    /// The same with its end behind it.
    pub(crate) fn end(self) -> Self {
        self.with(Piece::Semicolon)
    }

    /// The same with a comment behind it, if there is one.
    pub(crate) fn remark(self, number: Option<u32>) -> Self {
        match number {
            Some(number) => self.with(Piece::Remark(number)),
            None => self,
        }
    }

    /// The same with a node behind it.
    pub(crate) fn child(self, node: Node) -> Self {
        self.with(Piece::One(Box::new(node), Hug::Loose))
    }

    /// The same with the body of an arrow function behind it.
    pub(crate) fn body(self, node: Node) -> Self {
        self.with(Piece::One(Box::new(node), Hug::Body))
    }

    /// The same with an operand behind it.
    pub(crate) fn operand(self, node: Node) -> Self {
        self.with(Piece::One(Box::new(node), Hug::Tight))
    }

    /// The same with a block of statements behind it.
    pub(crate) fn block(self, nodes: Vec<Node>) -> Self {
        self.with(Piece::Many(nodes, Layout::Block, 0))
    }

    /// The same with a list behind it, of which at least so many nodes have to be left.
    pub(crate) fn list(self, nodes: Vec<Node>, layout: Layout, least: usize) -> Self {
        self.with(Piece::Many(nodes, layout, least))
    }

    /// The same with these comments beside it, and no others.
    pub(crate) fn comments(self, above: Option<u32>, behind: Option<u32>) -> Self {
        Self { above, behind, ..self }
    }

    /// The same for a place where nothing else may stand.
    pub(crate) fn kept(self) -> Self {
        Self { is_kept: true, ..self }
    }

    /// Counts the productions by name.
    pub(crate) fn count(&self, counts: &mut BTreeMap<&'static str, usize>) {
        *counts.entry(self.shape).or_default() += 1;
        for piece in &self.pieces {
            match piece {
                Piece::One(node, _) => node.count(counts),
                Piece::Many(nodes, ..) => nodes.iter().for_each(|node| node.count(counts)),
                _ => {}
            }
        }
    }

    /// Whether one of some productions is in it, but for what is handed to links and calls.
    pub(crate) fn holds_at_once(&self, shapes: &[&str]) -> bool {
        let holds = |node: &Node| node.sort != Sort::Handler && node.holds_at_once(shapes);
        shapes.contains(&self.shape)
            || self.pieces.iter().any(|piece| match piece {
                Piece::One(node, _) => holds(node),
                Piece::Many(nodes, ..) => nodes.iter().any(holds),
                _ => false,
            })
    }

    /// The names of what is called in it, each as often as it is called.
    pub(crate) fn callees(&self) -> Vec<String> {
        let text = self.text_of_calls();
        let is_part = |c: char| c.is_alphanumeric() || c == '.' || c == '_';
        let starts = text.match_indices('(').map(|(at, _)| &text[..at]);
        let names = starts.map(|before| before.rsplit(|c| !is_part(c)).next().unwrap_or_default().to_owned());
        names.filter(|name| !name.is_empty()).collect()
    }

    /// The node's text without what stands between the members of a list, layout and comments.
    pub(crate) fn text_of_calls(&self) -> String {
        let mut text = String::new();
        self.write_texts(&mut text);
        text
    }

    fn write_texts(&self, out: &mut String) {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::One(node, _) => node.write_texts(out),
                Piece::Many(nodes, ..) => nodes.iter().for_each(|node| node.write_texts(out)),
                _ => {}
            }
        }
    }

    /// Whether one of some productions is in it.
    pub(crate) fn holds(&self, shapes: &[&str]) -> bool {
        shapes.contains(&self.shape)
            || self.pieces.iter().any(|piece| match piece {
                Piece::One(node, _) => node.holds(shapes),
                Piece::Many(nodes, ..) => nodes.iter().any(|node| node.holds(shapes)),
                _ => false,
            })
    }

    /// Every tree that is one step simpler: the largest steps first.
    pub(crate) fn simpler(&self) -> Vec<Node> {
        let mut out: Vec<(usize, Node)> = Vec::new();
        let whole = self.size();
        for one in self.steps() {
            out.push((whole.saturating_sub(one.size()), one));
        }
        out.sort_by_key(|(saved, _)| std::cmp::Reverse(*saved));
        out.into_iter().map(|(_, node)| node).collect()
    }

    /// How many pieces and comments there are.
    fn size(&self) -> usize {
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::One(node, _) => node.size(),
            Piece::Many(nodes, ..) => nodes.iter().map(Node::size).sum(),
            _ => 1,
        });
        1 + usize::from(self.above.is_some()) + usize::from(self.behind.is_some()) + pieces.sum::<usize>()
    }

    fn steps(&self) -> Vec<Node> {
        let mut out = Vec::new();
        if self.above.is_some() || self.behind.is_some() {
            out.push(Node { above: None, behind: None, ..self.clone() });
        }
        for (at, piece) in self.pieces.iter().enumerate() {
            let mut put = |piece: Option<Piece>| {
                let mut pieces = self.pieces.clone();
                pieces.splice(at..=at, piece);
                out.push(Node { pieces, ..self.clone() });
            };
            match piece {
                Piece::Remark(_) => put(None),
                Piece::One(node, hug) => {
                    for other in node.replacements() {
                        put(Some(Piece::One(Box::new(other), *hug)));
                    }
                }
                Piece::Many(nodes, layout, least) => {
                    for other in simpler_lists(nodes, *least) {
                        put(Some(Piece::Many(other, *layout, *least)));
                    }
                }
                Piece::Text(_) | Piece::Type(_) | Piece::Semicolon => {}
            }
        }
        out
    }

    /// What may stand in this node's place: a part of it, the plainest of its sort, or itself made simpler.
    fn replacements(&self) -> Vec<Node> {
        if self.is_kept {
            return self.steps();
        }
        let mut out: Vec<Node> = self.parts_of_sort(self.sort).into_iter().cloned().collect();
        let plainest = match self.sort {
            Sort::Value => Some(("1", "number")),
            Sort::Promise => Some(("f0()", "call")),
            _ => None,
        };
        out.extend(
            plainest
                .filter(|(_, shape)| *shape != self.shape)
                .map(|(text, shape)| Node::new(self.sort, shape).text(text)),
        );
        out.extend(self.steps());
        out
    }

    /// The nearest parts of a sort, each on its way down.
    fn parts_of_sort(&self, sort: Sort) -> Vec<&Node> {
        let mut out = Vec::new();
        for piece in &self.pieces {
            let nodes: &[Node] = match piece {
                Piece::One(node, _) => std::slice::from_ref(node),
                Piece::Many(nodes, ..) => nodes,
                _ => &[],
            };
            for node in nodes {
                if node.sort == sort || (sort == Sort::Value && node.sort == Sort::Promise) {
                    out.push(node);
                } else {
                    out.extend(node.parts_of_sort(sort));
                }
            }
        }
        out
    }
}

/// Lists that are one step simpler: without a node, with the parts of a node in its place, with a simpler node.
fn simpler_lists(nodes: &[Node], least: usize) -> Vec<Vec<Node>> {
    let mut out = Vec::new();
    let mut put = |at: usize, other: Vec<Node>| {
        let mut list = nodes.to_vec();
        list.splice(at..=at, other);
        out.push(list);
    };
    for (at, node) in nodes.iter().enumerate() {
        // Without what it is to call, a call is no longer what it was.
        if nodes.len() > least && node.sort != Sort::Handler && !node.is_kept {
            put(at, Vec::new());
        }
        if node.sort == Sort::Statement && !node.is_kept {
            let parts: Vec<_> = node.parts_of_sort(Sort::Statement).into_iter().cloned().collect();
            if parts.len() > 1 {
                put(at, parts);
            }
        }
        for other in node.replacements() {
            put(at, vec![other]);
        }
    }
    out
}
