//! Code whose outcome nobody waits for: a web framework's handler, which answers in its own way.
//!
//! Nothing has to be settled, so the code may end anywhere and may call what it likes. A call with a callback is awaited
//! where nothing follows it, so that the code in the callback still comes last; any other stays as it is.

use tree_sitter::Node;

use super::{
    list::{List, is_expression},
    lower::{After, Lowerer, Place, code},
};
use crate::{
    edit::Refusal,
    flow::{
        Stmt,
        body::{completes, returns_in},
        callback::is_site,
    },
    semantic::BindingId,
    syntax::node::{call_parts, named_children, unparenthesized, walk_own_code},
};

impl<'a> Lowerer<'a, '_> {
    /// Whether the code that a node runs itself makes a call with a callback.
    pub(super) fn holds_site(&self, node: Node<'_>) -> bool {
        let mut found = false;
        walk_own_code(node, |n| {
            found |= n.kind() == "call_expression" && is_site(self.cx, n);
            !found
        });
        found
    }

    /// A statement of open code that stays as it is: one without a call that is awaited. `None` where there is one.
    pub(super) fn open_statement(
        &mut self,
        node: Node<'a>,
        rest: &[Node<'a>],
        place: Place,
        out: &mut List,
    ) -> Option<Result<bool, Refusal>> {
        if !self.is_open || self.holds_site(node) && self.is_last(node, rest, place) {
            return None;
        }
        let text = self.text(node.byte_range());
        if is_expression(node) {
            out.statements.push(Stmt::Expression(text));
            return Some(Ok(false));
        }
        out.statements.push(if node.kind() == "if_statement" { Stmt::Branch(text) } else { Stmt::Source(text) });
        Some(Ok(!completes(node)))
    }

    /// Whether a statement is of a kind whose call can be awaited, and nothing that does something follows it.
    fn is_last(&self, node: Node<'a>, rest: &[Node<'a>], place: Place) -> bool {
        let follows = code(rest);
        let nothing_follows = follows.is_empty() || follows.len() == 1 && self.is_bare_return(follows[0]);
        let leaves = node.kind() == "return_statement" || !follows.is_empty();
        let is_call = match node.kind() {
            "expression_statement" | "return_statement" => {
                named_children(node).first().is_some_and(|e| is_site(self.cx, unparenthesized(*e)))
            }
            // What follows an `if` is for the branches to look at.
            "if_statement" => {
                return !returns_in(node).is_empty() || follows.is_empty() && place.after == After::Nothing;
            }
            _ => is_expression(node) && is_site(self.cx, unparenthesized(node)),
        };
        is_call && nothing_follows && (leaves || place.after == After::Nothing)
    }

    /// `next(err);` or `throw err;` and nothing else, of the error that a name holds: what an error does by itself.
    pub(super) fn hands_error_to_next(&self, items: &[Node<'a>], error: BindingId) -> bool {
        let statements = code(items);
        let first = match statements.as_slice() {
            [first] => *first,
            [first, last] if self.is_bare_return(*last) => *first,
            _ => return false,
        };
        let means = |name: Node<'_>, binding: BindingId| {
            let reference = self.cx.names.reference_at(name.start_byte()).filter(|_| name.kind() == "identifier");
            reference.and_then(|r| r.binding) == Some(binding)
        };
        let inner = named_children(first).first().map_or(first, |e| unparenthesized(*e));
        if first.kind() == "throw_statement" {
            return means(inner, error);
        }
        let (Some(next), Some((callee, arguments))) = (self.next, call_parts(inner)) else { return false };
        means(callee, next) && matches!(arguments.as_slice(), [only] if means(*only, error))
    }
}
