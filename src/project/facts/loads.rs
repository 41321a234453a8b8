//! Modules that are loaded by names worked out as the program runs.

use tree_sitter::Node;

use super::{Value, visit::Reader};
use crate::syntax::node::{named_children, unparenthesized};

/// How many operands of a sum are looked at.
const MAX_OPERANDS: usize = 32;

impl<'f> Reader<'f> {
    /// Takes note of the module of `require(x)` and `import(x)`.
    pub(super) fn load(&mut self, call: Node<'f>) {
        let Some(callee) = call.child_by_field_name("function") else { return };
        let is_require = callee.kind() == "identifier"
            && self.file.text(callee) == "require"
            && self.names.reference_at(callee.start_byte()).is_none_or(|r| r.binding.is_none());
        let arguments = call.child_by_field_name("arguments").map(named_children).unwrap_or_default();
        let is_import = callee.kind() == "import";
        let Some(argument) = arguments.first().filter(|_| is_require || is_import) else { return };
        match self.string(*argument) {
            Some(text) => drop(self.specifier(&text, is_import)),
            None => drop(self.loaded(*argument)),
        }
    }

    /// The index of what is loaded by a name that is worked out as the program runs.
    fn loaded(&mut self, name: Node<'f>) -> u32 {
        if let Some(known) = self.loads.get(&name.id()) {
            return *known;
        }
        let start = self.start_of(name).unwrap_or_default();
        self.facts.loads.push(if start.starts_with('.') { start } else { String::new() });
        let index = self.facts.loads.len() as u32 - 1;
        self.loads.insert(name.id(), index);
        index
    }

    /// What `require(x)` gives, or `import(x)` in the end, where `x` is no plain text.
    pub(super) fn loaded_by(&mut self, call: Node<'f>) -> Option<Value> {
        let callee = call.child_by_field_name("function")?;
        let is_global = || self.names.reference_at(callee.start_byte()).is_none_or(|r| r.binding.is_none());
        let loads = callee.kind() == "import" || self.file.text(callee) == "require" && is_global();
        let name = named_children(call.child_by_field_name("arguments").filter(|_| loads)?).first().copied()?;
        self.string(name).is_none().then(|| Value::Loaded(self.loaded(name)))
    }

    /// What a path certainly starts with: `'./a/' + b`, `` `./a/${b}` ``, `__dirname + '/a/' + b`,
    /// `path.join(__dirname, 'a', b)`.
    fn start_of(&self, node: Node<'f>) -> Option<String> {
        let node = unparenthesized(node);
        match node.kind() {
            "string" => self.string(node).map(|s| s.to_string()),
            "template_string" => {
                let first = named_children(node).into_iter().next()?;
                (first.kind() == "string_fragment").then(|| self.file.text(first).to_owned())
            }
            "binary_expression" => self.start_of_sum(node),
            "call_expression" => {
                let arguments = named_children(node.child_by_field_name("arguments")?);
                let (first, rest) = arguments.split_first()?;
                let is_here = self.file.text(*first) == "__dirname";
                let parts = rest.iter().map_while(|part| self.string(*part));
                is_here.then(|| parts.fold(String::from("./"), |path, part| format!("{path}{part}/")))
            }
            _ => None,
        }
    }

    fn start_of_sum(&self, mut node: Node<'f>) -> Option<String> {
        let mut second = None;
        for _ in 0..MAX_OPERANDS {
            let left = unparenthesized(node.child_by_field_name("left")?);
            second = node.child_by_field_name("right");
            if left.kind() != "binary_expression" {
                let is_here = self.file.text(left) == "__dirname";
                let first = if is_here { second } else { Some(left) };
                let text = first.and_then(|n| self.string(n))?;
                return Some(if is_here { format!(".{text}") } else { text.to_string() });
            }
            node = left;
        }
        second.and(None)
    }
}
