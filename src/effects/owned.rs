//! Which properties hold something of their own: all that is put there was made for it, as in `this.users = new Map()`.

use tree_sitter::Node;

use super::read::Reader;
use crate::{
    apis::effects::Kind,
    syntax::node::{has_token, named_children},
};

impl<'c> Reader<'c, '_> {
    /// Notes what is put into a property by its name, where that is written out.
    pub(super) fn given(&mut self, node: Node<'c>) {
        let field = |name| node.child_by_field_name(name);
        let (name, value) = match node.kind() {
            "assignment_expression" | "augmented_assignment_expression" => {
                let left = field("left");
                let part = |name| left.and_then(|left| left.child_by_field_name(name));
                let index = part("index").filter(|index| index.kind() == "string");
                (part("property").or(index), field("right"))
            }
            "field_definition" => (field("property"), field("value")),
            "public_field_definition" => (field("name"), field("value")),
            "pair" => (field("key"), field("value")),
            "shorthand_property_identifier" => return self.handed(node),
            "method_definition" if has_token(node, "get") => {
                return field("name").into_iter().for_each(|n| self.handed(n));
            }
            // `constructor(private users: Users)`
            "required_parameter" | "optional_parameter" => {
                let is_property = named_children(node).iter().any(|n| n.kind() == "accessibility_modifier");
                return field("pattern").filter(|_| is_property).into_iter().for_each(|n| self.handed(n));
            }
            _ => return,
        };
        let Some((name, value)) = name.zip(value) else { return };
        if self.objects.makes_fresh(value, 0) {
            let name = self.plain_name(name).into();
            self.made.insert(name);
        } else if self.objects.kind(value) != Some(Kind::Text) {
            self.handed(name);
        }
    }

    /// Notes that something is put into a property that may be reached otherwise.
    pub(super) fn handed(&mut self, name: Node<'c>) {
        let name = self.plain_name(name).into();
        self.handed.insert(name);
    }

    fn plain_name(&self, name: Node<'c>) -> &'c str {
        self.cx().text(name).trim_matches(['\'', '"'])
    }
}
