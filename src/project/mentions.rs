//! By which names the files of a run may reach what others export, and which functions nothing outside them can reach.
//!
//! What a name belongs to is not asked: `user.load` keeps the `load` of every file. That costs a removal and never a
//! caller. A module that is kept or handed on as a whole may be asked for any name.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use tree_sitter::Node;

use crate::{
    semantic::Names,
    syntax::{
        Parsed,
        node::{call_parts, member_parts, named_children},
    },
};

/// The files that mention a name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Where {
    One(Arc<Path>),
    Several,
}

/// What the files of a run mention.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    names: HashMap<String, Where>,
    /// The last parts of the names of modules that are used as a whole, without an extension.
    whole: HashSet<String>,
    /// The names of variables inside modules that tests take out by them: `module.__get__('name')`.
    inner: HashSet<String>,
    /// The functions that nothing outside the run can reach, by file and name.
    closed: HashSet<(PathBuf, String)>,
}

impl Mentions {
    /// What a file mentions.
    pub fn of(file: &Parsed<'_>, names: &Names) -> Self {
        let mut mentions = Self::default();
        let path: Arc<Path> = file.source.path().into();
        crate::syntax::node::walk(file.root(), |node| {
            mentions.note(file, node, &path);
            mentions.note_module(file, names, node);
            mentions.note_inner(file, node);
            true
        });
        mentions
    }

    /// Adds what another file mentions.
    pub fn extend(&mut self, other: Self) {
        for (name, place) in other.names {
            self.add(name, place);
        }
        self.whole.extend(other.whole);
        self.inner.extend(other.inner);
        self.closed.extend(other.closed);
    }

    /// Notes that nothing outside the run can reach a function.
    pub fn close(&mut self, path: &Path, name: &str) {
        self.closed.insert((path.to_owned(), name.to_owned()));
    }

    /// Whether nothing outside the run can reach a function of a file.
    pub fn is_closed(&self, path: &Path, name: &str) -> bool {
        self.closed.contains(&(path.to_owned(), name.to_owned()))
    }

    /// Whether another file may reach what a file exports by a name.
    pub fn may_reach(&self, path: &Path, name: &str) -> bool {
        let is_mentioned = match self.names.get(name) {
            Some(Where::One(only)) => **only != *path,
            Some(Where::Several) => true,
            None => false,
        };
        let last = |path: &Path| path.file_stem().and_then(|s| s.to_str()).map(str::to_owned);
        let stem = last(path);
        // A folder stands for its `index`.
        let folder = path.parent().and_then(last).filter(|_| stem.as_deref() == Some("index"));
        is_mentioned || [stem, folder].into_iter().flatten().any(|stem| self.whole.contains(&stem))
    }

    /// Whether a variable of that name is taken out of a module by a test, though nothing exports it.
    pub fn takes_out(&self, name: &str) -> bool {
        self.inner.contains(name)
    }

    fn add(&mut self, name: String, place: Where) {
        match self.names.get_mut(&name) {
            Some(known) if *known == place => {}
            Some(known) => *known = Where::Several,
            None => drop(self.names.insert(name, place)),
        }
    }

    fn note(&mut self, file: &Parsed<'_>, node: Node<'_>, path: &Arc<Path>) {
        let is_name = match node.kind() {
            "property_identifier" | "shorthand_property_identifier" | "shorthand_property_identifier_pattern" => true,
            "string_fragment" => !is_specifier(file, node),
            "identifier" => node.parent().is_some_and(|p| matches!(p.kind(), "import_specifier" | "export_specifier")),
            _ => false,
        };
        let text = file.text(node);
        // A text with blanks in it is for people.
        if is_name && !text.contains(char::is_whitespace) {
            let words = text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '$'));
            words.filter(|w| !w.is_empty()).for_each(|w| self.add(w.to_owned(), Where::One(Arc::clone(path))));
        }
    }

    fn note_inner(&mut self, file: &Parsed<'_>, call: Node<'_>) {
        let Some((callee, arguments)) = call_parts(call) else { return };
        let method = member_parts(callee).map(|(_, property)| file.text(property));
        if matches!(method, Some("__get__" | "__set__" | "__with__")) {
            let strings = arguments.iter().take(1).filter(|a| a.kind() == "string");
            self.inner.extend(strings.map(|a| file.text(*a).trim_matches(['\'', '"']).to_owned()));
        }
    }

    /// Notes a module that is used as a whole.
    fn note_module(&mut self, file: &Parsed<'_>, names: &Names, node: Node<'_>) {
        let is_used_as_whole = match node.kind() {
            "call_expression" => call_parts(node)
                .is_some_and(|(callee, _)| file.text(callee) != "require" || !is_taken_apart(file, names, node)),
            "import_statement" => node
                .named_child(0)
                .filter(|c| c.kind() == "import_clause")
                .is_some_and(|clause| !named_children(clause).into_iter().all(|c| is_used_by_member(file, names, c))),
            "export_statement" => !named_children(node).iter().any(|c| c.kind() == "export_clause"),
            _ => return,
        };
        if !is_used_as_whole {
            return;
        }
        let source = node.child_by_field_name("source").into_iter();
        let arguments = call_parts(node).map(|(_, arguments)| arguments).unwrap_or_default();
        for text in source.chain(arguments).filter(|n| n.kind() == "string").map(|n| file.text(n)) {
            self.whole.extend(stem(text.trim_matches(['\'', '"'])));
        }
    }
}

/// Whether a text is the name of a module, which names nothing in it.
fn is_specifier(file: &Parsed<'_>, fragment: Node<'_>) -> bool {
    let Some(around) = fragment.parent().and_then(|string| string.parent()) else { return false };
    match around.kind() {
        "import_statement" | "export_statement" => true,
        "arguments" => {
            let callee = around.parent().and_then(|call| call.child_by_field_name("function"));
            callee.is_some_and(|c| matches!(file.text(c), "require" | "import"))
        }
        _ => false,
    }
}

/// The last part of a module's name, without an extension; `index` for a folder that is named by dots.
pub(super) fn stem(specifier: &str) -> Option<String> {
    let last = specifier.trim_end_matches('/').rsplit('/').next()?;
    if matches!(last, "" | "." | "..") {
        return Some("index".to_owned());
    }
    Path::new(last).file_stem().and_then(|s| s.to_str()).map(str::to_owned)
}

/// Whether all that is done with a `require(…)` is to take members of it by their names.
fn is_taken_apart(file: &Parsed<'_>, names: &Names, call: Node<'_>) -> bool {
    let Some(parent) = call.parent() else { return false };
    match parent.kind() {
        "expression_statement" => true,
        "member_expression" => true,
        "variable_declarator" => parent.child_by_field_name("name").is_some_and(|n| is_used_by_member(file, names, n)),
        _ => false,
    }
}

/// Whether a declared name, or a pattern, leads to members by their names and to nothing else.
fn is_used_by_member(file: &Parsed<'_>, names: &Names, declared: Node<'_>) -> bool {
    match declared.kind() {
        "object_pattern" => !named_children(declared).iter().any(|c| c.kind() == "rest_pattern"),
        "named_imports" => true,
        "namespace_import" => named_children(declared).iter().all(|n| is_used_by_member(file, names, *n)),
        "identifier" => {
            let Some(binding) = names.declared_at(declared.start_byte()) else { return false };
            names.binding(binding).references.iter().map(|r| &names.reference(*r).range).all(|range| {
                let node = file.root().descendant_for_byte_range(range.start, range.end);
                let parent = node.and_then(|n| n.parent());
                parent.is_some_and(|p| {
                    p.kind() == "member_expression" && p.child_by_field_name("object") == node
                        || p.kind() == "call_expression" && p.child_by_field_name("function") == node
                })
            })
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;

    fn mentions(files: &[(&str, &str)]) -> Mentions {
        let mut all = Mentions::default();
        for (path, text) in files {
            let source = SourceFile::new(*path, text.as_bytes().to_vec()).unwrap();
            let file = Parsed::new(&source);
            all.extend(Mentions::of(&file, &Names::new(&file)));
        }
        all
    }

    #[test]
    fn a_file_does_not_reach_its_own_exports_by_naming_them() {
        let all = mentions(&[("a.js", "exports.load = load; exports.save = save;"), ("b.js", "store.save(1);")]);
        assert!(!all.may_reach(Path::new("a.js"), "load"));
        assert!(all.may_reach(Path::new("a.js"), "save"));
        assert!(all.may_reach(Path::new("b.js"), "load"));
        let named_so = mentions(&[("b.mjs", "const { save } = require('./load'); import { b } from './load';")]);
        assert!(!named_so.may_reach(Path::new("load.js"), "load"), "the file is called so");
    }

    #[test]
    fn names_in_patterns_imports_and_strings_count() {
        for text in [
            "const { load } = require('./a');",
            "const { load: read } = require('./a');",
            "import { load } from './a';",
            "export { load } from './a';",
            "a['load'](1);",
            "run('a.load');",
            "run(`load`);",
        ] {
            assert!(mentions(&[("b.mjs", text)]).may_reach(Path::new("a.js"), "load"), "{text}");
        }
        assert!(!mentions(&[("b.js", "print('load it');")]).may_reach(Path::new("a.js"), "load"));
    }

    #[test]
    fn variables_that_tests_take_out_are_known() {
        let all = mentions(&[("test.js", "const a = rewire('./a'); a.__get__('load')(1); a.get('save');")]);
        assert!(all.takes_out("load") && !all.takes_out("save"));
    }

    #[test]
    fn a_module_that_is_used_as_a_whole_may_be_asked_for_any_name() {
        for text in [
            "const a = require('./lib/a'); a[name](1);",
            "const a = require('./lib/a.js'); hand(a);",
            "hand(require('./lib/a'));",
            "const { b, ...rest } = require('./lib/a');",
            "import * as a from './lib/a'; hand(a);",
            "export * from './lib/a';",
            "mock('./lib/a');",
            "import('./lib/a').then(hand);",
        ] {
            assert!(mentions(&[("b.mjs", text)]).may_reach(Path::new("lib/a.js"), "load"), "{text}");
        }
        for text in [
            "const a = require('./lib/a'); a.save(1);",
            "require('./lib/a').save(1);",
            "const { save } = require('./lib/a');",
            "import * as a from './lib/a'; a.save(1);",
            "import { save } from './lib/a';",
        ] {
            assert!(!mentions(&[("b.mjs", text)]).may_reach(Path::new("lib/a.js"), "load"), "{text}");
        }
        assert!(mentions(&[("b.js", "hand(require('./lib'));")]).may_reach(Path::new("lib/index.js"), "load"));
    }
}
