//! Names that stand for a part of something else: `const { list } = state`, `for (const item of list)`,
//! `list.forEach((item) => …)`.

use tree_sitter::Node;

use super::objects::{Objects, leads_on, plain};
use crate::{
    flow::classify::declaration_node,
    project::effects::Key,
    semantic::BindingId,
    syntax::node::{call_parts, has_token, is_function, member_parts, named_children},
};

/// What something is a part of: an expression, and the way from there.
pub(super) type Part<'c> = (Node<'c>, Vec<Key>);

/// How deep patterns are followed.
const MAX_PATTERNS: usize = 4;

/// Methods of lists that call a function with one item after the other.
const EACH: &[&str] = &["every", "filter", "find", "findIndex", "flatMap", "forEach", "map", "some"];

impl<'c> Objects<'c, '_> {
    /// What a variable is a part of, if it never gets another value: the expression, and the way from there.
    pub(super) fn part_of(&self, binding: BindingId) -> Option<Part<'c>> {
        if self.cx.names.is_reassigned(binding) || self.cx.names.binding(binding).declarations.len() != 1 {
            return None;
        }
        let mut node = declaration_node(self.cx, binding)?;
        let mut way = Vec::new();
        for _ in 0..MAX_PATTERNS {
            let parent = node.parent()?;
            let field = |name| parent.child_by_field_name(name);
            match parent.kind() {
                "object_pattern" if node.kind() == "shorthand_property_identifier_pattern" => {
                    way.push(Key::Name(self.cx.text(node).into()));
                }
                "object_pattern" if node.kind() == "pair_pattern" => {
                    let key = node.child_by_field_name("key").filter(|key| key.kind() == "property_identifier");
                    way.push(key.map_or(Key::Any, |key| Key::Name(self.cx.text(key).into())));
                }
                "array_pattern" if node.kind() != "rest_pattern" => way.push(Key::Any),
                "pair_pattern" if field("value") == Some(node) => {}
                "variable_declarator" if !way.is_empty() => return self.led(field("value")?, way),
                "for_in_statement" if field("left") == Some(node) && has_token(parent, "of") => {
                    way.push(Key::Any);
                    return self.led(field("right")?, way);
                }
                "formal_parameters" | "arrow_function" | "required_parameter" => {
                    way.push(Key::Any);
                    return self.led(gone_through(self, node)?, way);
                }
                _ => return None,
            }
            node = parent;
        }
        None
    }

    fn led(&self, value: Node<'c>, mut way: Vec<Key>) -> Option<Part<'c>> {
        way.reverse();
        leads_on(plain(value)).then_some((value, way))
    }
}

/// The list whose items a function is called with, one after the other, if a node is its first parameter.
fn gone_through<'c>(objects: &Objects<'c, '_>, parameter: Node<'c>) -> Option<Node<'c>> {
    let function = std::iter::successors(parameter.parent(), Node::parent).take(3).find(|n| is_function(*n))?;
    let first = match function.child_by_field_name("parameter") {
        Some(only) => only,
        None => named_children(function.child_by_field_name("parameters")?).first().copied()?,
    };
    let is_first = first.start_byte() <= parameter.start_byte() && parameter.end_byte() <= first.end_byte();
    let call = function.parent().filter(|p| is_first && p.kind() == "arguments")?.parent()?;
    let (list, method) = member_parts(call_parts(call)?.0)?;
    EACH.contains(&objects.cx.text(method)).then_some(list)
}
