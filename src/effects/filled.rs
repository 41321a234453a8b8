//! Buffers that a call is handed to put something into: `file.read(buffer, 0, 8, position)`. Its name says what it does outside,
//! and nothing of them.

use tree_sitter::Node;

use super::{calls::last_name, objects::plain, read::Reader, verbs::words};
use crate::{
    flow::classify::{declaration_node, initializer},
    project::effects::{Call, Object},
    syntax::node::{call_parts, named_children},
};

/// Verbs of what puts bytes into a buffer that it is handed.
const FILLING: [&str; 6] = ["fill", "peek", "pull", "read", "receive", "recv"];

/// What makes a buffer with nothing in it yet.
const EMPTY: [&str; 3] = ["Buffer.alloc", "Buffer.allocUnsafe", "Buffer.allocUnsafeSlow"];

/// Classes of buffers.
const BUFFERS: [&str; 14] = [
    "ArrayBuffer",
    "BigInt64Array",
    "BigUint64Array",
    "Buffer",
    "DataView",
    "Float32Array",
    "Float64Array",
    "Int16Array",
    "Int32Array",
    "Int8Array",
    "Uint16Array",
    "Uint32Array",
    "Uint8Array",
    "Uint8ClampedArray",
];

impl<'c> Reader<'c, '_> {
    /// The buffers among some arguments that the call may fill. One that was made with nothing in it is there to be filled, by
    /// whatever is not known better; one from elsewhere only where the call takes places in it as well, or says that it does.
    pub(super) fn filled(&mut self, nodes: &[Node<'c>], one: &Call) -> Vec<Object> {
        let name = words(if one.name.is_empty() { promisified(&one.callee) } else { &one.name });
        let says = name.iter().any(|word| matches!(word.as_str(), "fill" | "into"));
        let reads = name.first().is_some_and(|verb| FILLING.contains(&verb.as_str()));
        let is_known = one.known.as_ref().is_some_and(|known| known.presumed.is_none());
        let (mut certain, mut values): (Vec<Node<'c>>, Vec<(Node<'c>, bool)>) = (Vec::new(), Vec::new());
        for (index, node) in nodes.iter().map(|node| plain(*node)).enumerate() {
            match node.kind() {
                // `file.read({ buffer, position })`
                "object" => {
                    let parts = named_children(node).into_iter();
                    values.extend(parts.map(|p| (plain(p.child_by_field_name("value").unwrap_or(p)), reads)));
                }
                // The one of `fs`, by whatever name: `read(fd, target, 0, 8, 0)`.
                _ if is_known && reads && index == 1 && nodes.len() > 3 && is_variable(node) => certain.push(node),
                _ => values.push((node, says || reads && nodes.len() > 2)),
            }
        }
        values.retain(|(value, is_filled)| {
            *is_filled && (self.is_called_buffer(*value) || self.is_typed_buffer(*value))
                || (*is_filled || !is_known) && self.is_empty_buffer(*value)
        });
        certain.extend(values.into_iter().map(|(value, _)| value));
        certain.into_iter().map(|value| self.object(value)).collect()
    }

    /// `buffer`, `this.readBuf`
    fn is_called_buffer(&self, value: Node<'c>) -> bool {
        let is_name = is_variable(value) || value.kind() == "member_expression";
        let last = words(last_name(self.cx().text(value))).pop();
        is_name && last.is_some_and(|last| matches!(last.as_str(), "buf" | "buffer"))
    }

    /// Whether a variable is declared to be a buffer.
    fn is_typed_buffer(&self, value: Node<'c>) -> bool {
        let binding = self.cx().names.reference_at(value.start_byte()).and_then(|r| r.binding);
        let declared = binding.filter(|_| is_variable(value)).and_then(|b| declaration_node(self.cx(), b));
        let annotation = declared.and_then(|d| d.parent()?.child_by_field_name("type")).map(|t| self.cx().text(t));
        annotation.is_some_and(|text| BUFFERS.contains(&text.trim_start_matches(':').trim()))
    }

    /// Whether a variable is declared with a buffer in which there is nothing yet.
    fn is_empty_buffer(&self, value: Node<'c>) -> bool {
        let binding = self.cx().names.reference_at(value.start_byte()).and_then(|r| r.binding);
        let made = binding.filter(|_| is_variable(value)).and_then(|b| initializer(self.cx(), b)).map(plain);
        let Some(made) = made else { return false };
        if let Some(class) = made.child_by_field_name("constructor") {
            let size = made.child_by_field_name("arguments").and_then(|a| a.named_child(0)).map(|n| n.kind());
            let is_full = matches!(size, Some("array" | "string" | "template_string" | "spread_element"));
            return !is_full && BUFFERS.contains(&self.cx().text(class));
        }
        call_parts(made).is_some_and(|(callee, _)| EMPTY.contains(&self.cx().text(callee)))
    }
}

fn is_variable(value: Node<'_>) -> bool {
    matches!(value.kind(), "identifier" | "shorthand_property_identifier")
}

/// The name of the function whose promise form is called where it is made: `util.promisify(fs.read)(…)`.
fn promisified(callee: &str) -> &str {
    let inner = callee.rsplit_once('(').map_or("", |(_, inner)| inner.trim_end_matches(')'));
    last_name(inner)
}
