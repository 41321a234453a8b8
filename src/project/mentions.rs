//! By which names the files of a run may reach what others export, and which functions nothing outside them can reach.
//!
//! A module that is kept or handed on as a whole may be asked for any name. One that is only ever taken apart, where it is
//! loaded, is asked for the names that are written there; modules are told apart by the last parts of their names, which
//! costs a removal and never a caller. Where a module is loaded by a name that is worked out as the program runs, it may
//! be any of them, and what a name belongs to is not asked: `user.load` keeps the `load` of every file.

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
    /// The names of members, wherever they stand.
    names: HashMap<String, Where>,
    /// The words in strings.
    strings: HashMap<String, Where>,
    /// The names of members that are taken from a module where it is loaded, by the last part of its name.
    members: HashSet<(String, String)>,
    /// Whether a module is loaded by a name that is worked out as the program runs.
    loads_any: bool,
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
        // The strings that are names of modules, by where they start; they are met behind the node that says so.
        let mut specifiers = HashSet::new();
        crate::syntax::node::walk(file.root(), |node| {
            specifiers.extend(specifiers_in(file, node));
            let is_string = matches!(node.kind(), "string" | "template_string");
            if !(is_string && specifiers.contains(&node.start_byte())) {
                mentions.note(file, node, &path);
            }
            mentions.note_module(file, names, node);
            mentions.note_inner(file, node);
            true
        });
        mentions
    }

    /// Adds what another file mentions.
    pub fn extend(&mut self, other: Self) {
        for (name, place) in other.names {
            add(&mut self.names, name, place);
        }
        for (name, place) in other.strings {
            add(&mut self.strings, name, place);
        }
        self.members.extend(other.members);
        self.loads_any |= other.loads_any;
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
        let is_elsewhere = |places: &HashMap<String, Where>| match places.get(name) {
            Some(Where::One(only)) => **only != *path,
            Some(Where::Several) => true,
            None => false,
        };
        let last = |path: &Path| path.file_stem().and_then(|s| s.to_str()).map(str::to_owned);
        let stem = last(path);
        // A folder stands for its `index`.
        let folder = path.parent().and_then(last).filter(|_| stem.as_deref() == Some("index"));
        let takes = |stem: String| self.whole.contains(&stem) || self.members.contains(&(stem, name.to_owned()));
        is_elsewhere(&self.strings)
            || self.loads_any && is_elsewhere(&self.names)
            || [stem, folder].into_iter().flatten().any(takes)
    }

    /// Whether a variable of that name is taken out of a module by a test, though nothing exports it.
    pub fn takes_out(&self, name: &str) -> bool {
        self.inner.contains(name)
    }

    /// Notes the names that stand at a node. What stands around it is not asked for: that takes long deep in a tree.
    fn note(&mut self, file: &Parsed<'_>, node: Node<'_>, path: &Arc<Path>) {
        let part = match node.kind() {
            "property_identifier" | "shorthand_property_identifier" | "shorthand_property_identifier_pattern" => {
                return self.note_words(file.text(node), false, path);
            }
            "string" | "template_string" => "string_fragment",
            "import_specifier" | "export_specifier" => "identifier",
            _ => return,
        };
        for name in named_children(node).into_iter().filter(|n| n.kind() == part) {
            self.note_words(file.text(name), part == "string_fragment", path);
        }
    }

    fn note_words(&mut self, text: &str, is_string: bool, path: &Arc<Path>) {
        // A text with blanks in it is for people.
        if !text.contains(char::is_whitespace) {
            let words = text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '$'));
            for word in words.filter(|w| !w.is_empty()) {
                let places = if is_string { &mut self.strings } else { &mut self.names };
                add(places, word.to_owned(), Where::One(Arc::clone(path)));
                if is_string {
                    add(&mut self.names, word.to_owned(), Where::One(Arc::clone(path)));
                }
            }
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

    /// Notes a module that is loaded, or named in a call that may do so: the names that are taken from it, or that it is
    /// used as a whole.
    fn note_module(&mut self, file: &Parsed<'_>, names: &Names, node: Node<'_>) {
        let (taken, specifiers) = match node.kind() {
            "call_expression" => {
                let Some((callee, arguments)) = call_parts(node) else { return };
                let is_require = file.text(callee) == "require";
                let is_text = |n: &Node<'_>| n.kind() == "string" || is_plain_template(*n);
                self.loads_any |= (is_require || callee.kind() == "import") && !arguments.first().is_some_and(is_text);
                let taken = if is_require { taken_from(file, names, node) } else { None };
                (taken, arguments.into_iter().filter(is_text).collect())
            }
            "import_statement" => (imported_names(file, names, node), source_of(node)),
            "export_statement" => (exported_names(file, node), source_of(node)),
            _ => return,
        };
        for stem in specifiers.into_iter().filter_map(|n| stem(file.text(n).trim_matches(['\'', '"', '`']))) {
            match &taken {
                Some(names) => self.members.extend(names.iter().map(|name| (stem.clone(), name.clone()))),
                None => drop(self.whole.insert(stem)),
            }
        }
    }
}

fn add(places: &mut HashMap<String, Where>, name: String, place: Where) {
    match places.get_mut(&name) {
        Some(known) if *known == place => {}
        Some(known) => *known = Where::Several,
        None => drop(places.insert(name, place)),
    }
}

fn is_plain_template(node: Node<'_>) -> bool {
    node.kind() == "template_string" && !named_children(node).iter().any(|c| c.kind() == "template_substitution")
}

/// The name of the module of an `import` or `export`.
fn source_of(statement: Node<'_>) -> Vec<Node<'_>> {
    let clause = named_children(statement).into_iter().find(|c| c.kind() == "import_require_clause");
    clause.unwrap_or(statement).child_by_field_name("source").into_iter().collect()
}

/// The names that an `import` takes from a module; `None` where it may be all of them.
fn imported_names(file: &Parsed<'_>, names: &Names, statement: Node<'_>) -> Option<Vec<String>> {
    let mut taken = Vec::new();
    for clause in named_children(statement) {
        let parts = match clause.kind() {
            "import_clause" => named_children(clause),
            "import_require_clause" => {
                named_children(clause).into_iter().filter(|c| c.kind() == "identifier").collect()
            }
            _ => continue,
        };
        for part in parts {
            taken.extend(members_of(file, names, part)?);
        }
    }
    Some(taken)
}

/// The names that an `export … from` hands on; `None` where it may be all of them.
fn exported_names(file: &Parsed<'_>, statement: Node<'_>) -> Option<Vec<String>> {
    if statement.child_by_field_name("source").is_none() {
        return Some(Vec::new());
    }
    let clause = named_children(statement).into_iter().find(|c| c.kind() == "export_clause")?;
    let names = named_children(clause).into_iter().filter_map(|c| c.child_by_field_name("name"));
    Some(names.map(|n| file.text(n).to_owned()).collect())
}

/// Where the strings in a statement or call start that are the names of modules, which name nothing in them.
fn specifiers_in(file: &Parsed<'_>, node: Node<'_>) -> Vec<usize> {
    let around = match node.kind() {
        "import_statement" | "export_statement" => Some(node),
        "call_expression" => {
            let callee = node.child_by_field_name("function");
            let loads = callee.is_some_and(|c| matches!(file.text(c), "require" | "import"));
            node.child_by_field_name("arguments").filter(|_| loads)
        }
        _ => None,
    };
    let is_string = |n: &Node<'_>| matches!(n.kind(), "string" | "template_string");
    let strings = around.map(named_children).unwrap_or_default().into_iter().filter(is_string);
    strings.map(|n| n.start_byte()).collect()
}

/// The last part of a module's name, without an extension; `index` for a folder that is named by dots.
pub(super) fn stem(specifier: &str) -> Option<String> {
    let last = specifier.trim_end_matches('/').rsplit('/').next()?;
    if matches!(last, "" | "." | "..") {
        return Some("index".to_owned());
    }
    Path::new(last).file_stem().and_then(|s| s.to_str()).map(str::to_owned)
}

/// The names that are taken from what a `require(…)` gives; `None` where that is used in any other way.
fn taken_from(file: &Parsed<'_>, names: &Names, call: Node<'_>) -> Option<Vec<String>> {
    let parent = call.parent()?;
    match parent.kind() {
        "expression_statement" => Some(Vec::new()),
        "member_expression" => Some(vec![file.text(parent.child_by_field_name("property")?).to_owned()]),
        "variable_declarator" => members_of(file, names, parent.child_by_field_name("name")?),
        _ => None,
    }
}

/// The names of the members that a declared name, or a pattern, leads to; `None` where it may lead to any.
fn members_of(file: &Parsed<'_>, names: &Names, declared: Node<'_>) -> Option<Vec<String>> {
    match declared.kind() {
        "object_pattern" => pattern_names(file, declared),
        "named_imports" => {
            let specifiers = named_children(declared).into_iter().filter(|c| c.kind() == "import_specifier");
            specifiers.map(|c| Some(file.text(c.child_by_field_name("name")?).to_owned())).collect()
        }
        "namespace_import" => members_of(file, names, declared.named_child(0)?),
        "identifier" => {
            let binding = names.declared_at(declared.start_byte())?;
            let mut taken = vec!["default".to_owned()];
            for range in names.binding(binding).references.iter().map(|r| &names.reference(*r).range) {
                let node = file.root().descendant_for_byte_range(range.start, range.end)?;
                let parent = node.parent()?;
                match parent.kind() {
                    "member_expression" if parent.child_by_field_name("object") == Some(node) => {
                        taken.push(file.text(parent.child_by_field_name("property")?).to_owned());
                    }
                    "call_expression" if parent.child_by_field_name("function") == Some(node) => {}
                    _ => return None,
                }
            }
            Some(taken)
        }
        _ => None,
    }
}

/// The names that `const { … } = require(…)` takes.
fn pattern_names(file: &Parsed<'_>, pattern: Node<'_>) -> Option<Vec<String>> {
    let parts = named_children(pattern).into_iter();
    parts
        .map(|part| {
            let name = match part.kind() {
                "shorthand_property_identifier_pattern" => part,
                "pair_pattern" => part.child_by_field_name("key").filter(|k| k.kind() == "property_identifier")?,
                "object_assignment_pattern" => {
                    part.child_by_field_name("left").filter(|l| l.kind() == "shorthand_property_identifier_pattern")?
                }
                _ => return None,
            };
            Some(file.text(name).to_owned())
        })
        .collect()
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
        assert!(!all.may_reach(Path::new("a.js"), "save"), "what `store` is was not loaded from there");
        let anything =
            mentions(&[("a.js", "exports.save = save;"), ("b.js", "store.save(1);"), ("c.js", "require(x);")]);
        assert!(anything.may_reach(Path::new("a.js"), "save"), "`store` may be anything that is loaded");
        assert!(anything.may_reach(Path::new("b.js"), "save"));
        let named_so = mentions(&[("b.mjs", "const { save } = require('./load'); import { b } from './load';")]);
        assert!(!named_so.may_reach(Path::new("load.js"), "load"), "the file is called so");
    }

    #[test]
    fn names_in_patterns_imports_and_strings_count() {
        for text in [
            "const { load } = require('./a');",
            "const { load: read } = require('./a');",
            "const { load = 1 } = require('./a');",
            "const a = require('./a'); a.load(1); a?.load(1);",
            "const read = require(`./a`).load;",
            "import { load } from './a';",
            "import { load as read } from '../x/a.js';",
            "import a, { save } from './a'; a.load(1);",
            "import * as a from './a'; a.load(1);",
            "import a = require('./a'); a.load(1);",
            "export { load } from './a';",
            "a['load'](1);",
            "run('a.load');",
            "run(`load`);",
        ] {
            assert!(mentions(&[("b.mts", text)]).may_reach(Path::new("a.js"), "load"), "{text}");
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
            "const { [name]: one } = require('./lib/a');",
            "import a, { save } from './lib/a'; hand(a);",
            "import a = require('./lib/a'); hand(a);",
            "hand(require(`./lib/a`));",
        ] {
            assert!(mentions(&[("b.mts", text)]).may_reach(Path::new("lib/a.js"), "load"), "{text}");
        }
        for text in [
            "const a = require('./lib/a'); a.save(1);",
            "require('./lib/a').save(1);",
            "const { save } = require('./lib/a');",
            "import * as a from './lib/a'; a.save(1);",
            "import { save } from './lib/a';",
        ] {
            assert!(!mentions(&[("b.mts", text)]).may_reach(Path::new("lib/a.js"), "load"), "{text}");
        }
        assert!(mentions(&[("b.js", "hand(require('./lib'));")]).may_reach(Path::new("lib/index.js"), "load"));
    }
}
