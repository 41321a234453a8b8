//! How the functions of a tree hang together, under the names that a plan gives them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Arc,
};

use rayon::prelude::*;

use super::{Entry, Key, Named, Outline, TOP_LEVEL, Tree};
use crate::{
    project::{CallSite, FileFacts, FunctionId, Project, UseKind},
    semantic::Names,
    source::SourceFile,
    syntax::Parsed,
};

/// A function as a plan speaks of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// It, or the top level of its file.
    pub key: Key,
    /// The line that it starts in, from 1.
    pub line: usize,
    /// What calls it from outside.
    pub entry: Option<Entry>,
}

/// The functions of a tree.
#[derive(Debug)]
pub struct Map {
    project: Project,
    outlines: HashMap<PathBuf, Outline>,
    /// Functions that are handed to a registration by name, by file and start.
    registered: HashMap<(PathBuf, usize), Entry>,
    /// Files that could not be looked at through a fault of ours.
    pub(super) faulty: Vec<PathBuf>,
}

/// What is read off one file.
struct Read {
    facts: FileFacts,
    outline: Outline,
}

impl Map {
    /// The map of a tree.
    pub fn of(tree: &Tree) -> Self {
        let files: Vec<&Arc<SourceFile>> = tree.files().collect();
        let read: Vec<Option<Read>> = files.par_iter().map(|file| guarded(|| read(file))).collect();
        let (mut facts, mut outlines, mut faulty) = (Vec::new(), HashMap::new(), Vec::new());
        for (file, read) in files.iter().zip(read) {
            let Some(read) = read else {
                faulty.push(file.path().to_owned());
                continue;
            };
            facts.push(read.facts);
            outlines.insert(file.path().to_owned(), read.outline);
        }
        let project = Project::link(facts);
        let mut map = Self { project, outlines, registered: HashMap::new(), faulty };
        map.registered = map.find_registered();
        map
    }

    /// The picture that the map is drawn from.
    pub(super) fn project(&self) -> &Project {
        &self.project
    }

    /// Functions that stand in a registration by their name: `router.get('/', handlers.list)`.
    fn find_registered(&self) -> HashMap<(PathBuf, usize), Entry> {
        let mut found = HashMap::new();
        for (id, function) in self.project.functions() {
            let entry = self.project.uses_as_value(id).iter().find_map(|one| {
                let UseKind::Argument { call, .. } = &one.kind else { return None };
                self.outlines.get(&one.path)?.registers(call)
            });
            if let Some(entry) = entry {
                found.insert((function.path.clone(), function.range.start), entry);
            }
        }
        found
    }

    /// The function that a range of a file belongs to.
    pub fn owner(&self, path: &Path, range: &Range<usize>) -> Owner {
        let named = self.outlines.get(path).and_then(|outline| outline.owner(range));
        let Some(named) = named else {
            let key = Key { path: path.to_owned(), name: TOP_LEVEL.to_owned() };
            return Owner { key, line: 1, entry: Some(Entry::Load) };
        };
        let registered = || self.registered.get(&(path.to_owned(), named.range.start)).copied();
        let key = Key { path: path.to_owned(), name: named.name.clone() };
        Owner { key, line: named.line, entry: named.entry.or_else(registered) }
    }

    /// The functions that are adapters of async functions.
    pub(super) fn adapters(&self) -> BTreeSet<Key> {
        let key = |(path, name): (&PathBuf, &str)| Key { path: path.clone(), name: name.to_owned() };
        let all = self.outlines.iter().flat_map(|(path, outline)| outline.adapters().map(move |f| (path, &*f.name)));
        all.map(key).collect()
    }

    /// From callers to what they call or hand on, as far as that is certain. A function under several names, or
    /// several under one, are one here.
    pub(super) fn calls(&self) -> BTreeSet<(Key, Key)> {
        let mut out = BTreeSet::new();
        for (id, function) in self.project.functions() {
            let callee = self.owner(&function.path, &function.range).key;
            let uses = self.project.uses_as_value(id).iter().filter(|one| one.inside.is_some());
            let from = self.project.callers(id).iter().map(place).chain(uses.map(|one| (&*one.path, &one.range)));
            for (path, range) in from {
                let caller = self.owner(path, range).key;
                if caller != callee {
                    out.insert((caller, callee.clone()));
                }
            }
        }
        out
    }

    /// The functions that call each function, and what can be told of who else does.
    pub(super) fn callers(&self) -> BTreeMap<Key, Callers> {
        let mut out: BTreeMap<Key, Callers> = BTreeMap::new();
        for (id, function) in self.project.functions() {
            let callee = self.owner(&function.path, &function.range);
            let entry = out.entry(callee.key.clone()).or_default();
            // A callback is a part of the function around it, and says nothing about it.
            if self.is_whole(id, callee.line) {
                entry.from_outside |= self.project.is_reachable_from_outside(id);
            }
            let callers = self.project.callers(id).iter().map(|site| self.owner(&site.path, &site.range));
            entry.certain.extend(callers.filter(|c| c.key != callee.key).map(|c| (c.key, c.line)));
        }
        out
    }

    /// A function; `None` if there is none of that name, at that line if one is given.
    pub(super) fn function(&self, key: &Key, line: Option<usize>) -> Option<&Named> {
        let mut functions = self.outlines.get(&key.path)?.functions().iter();
        functions.find(|f| f.name == key.name && line.is_none_or(|line| f.line == line))
    }

    fn is_whole(&self, id: FunctionId, line: usize) -> bool {
        self.project.function(id).line == line
    }
}

/// Who calls a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Callers {
    /// The functions of the project that certainly do, each with its line.
    pub certain: BTreeSet<(Key, usize)>,
    /// Whether code outside the project can.
    pub from_outside: bool,
}

fn place(site: &CallSite) -> (&Path, &Range<usize>) {
    (&site.path, &site.range)
}

fn read(file: &SourceFile) -> Read {
    let parsed = Parsed::new(file);
    let names = Names::new(&parsed);
    Read { facts: FileFacts::of(&parsed, &names), outline: Outline::of(&parsed) }
}

/// What `work` comes to; `None` if it panics, which is a fault of ours and should cost no more than one file.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A map of files in a folder of their own: what a name of a module means depends on the files on disk.
    fn map(files: &[(&str, &str)]) -> (tempfile::TempDir, Map) {
        let folder = tempfile::tempdir().unwrap();
        let source = |(name, text): &(&str, &str)| {
            std::fs::write(folder.path().join(name), text).unwrap();
            SourceFile::new(folder.path().join(name), text.as_bytes().to_vec()).unwrap()
        };
        let map = Map::of(&Tree::new(files.iter().map(source)));
        (folder, map)
    }

    #[test]
    fn calls_lead_from_the_function_around_them_also_to_other_files() {
        let (folder, map) = map(&[
            ("a.js", "exports.load = function (id, cb) { cb(null, id); };\n"),
            ("b.js", "const a = require('./a');\nfunction run(cb) { start(function () { a.load(1, cb); }); }\n"),
            ("c.js", "const { load } = require('./a');\nfunction all(cb) { each([1], load, cb); }\nload(1, x);\n"),
        ]);
        let calls: BTreeSet<_> = map.calls().into_iter().map(|(from, to)| (from.name, to.name)).collect();
        let expected = [("run", "load"), (TOP_LEVEL, "load"), ("all", "load")];
        assert_eq!(calls, expected.map(|(from, to)| (from.to_owned(), to.to_owned())).into());
        let load = &map.callers()[&Key { path: folder.path().join("a.js"), name: "load".into() }];
        let certain: Vec<_> = load.certain.iter().map(|(key, line)| (key.name.as_str(), *line)).collect();
        assert_eq!(certain, [("run", 2), (TOP_LEVEL, 1)]);
        assert!(load.from_outside);
    }

    #[test]
    fn a_handler_of_another_file_is_an_entry_where_it_is_registered() {
        let handlers = "exports.list = function (a, b) { show(a); };\nexports.other = function (a, b) { show(b); };\n";
        let (folder, map) = map(&[
            ("handlers.js", handlers),
            ("app.js", "const handlers = require('./handlers');\napp.get('/', handlers.list);\n"),
        ]);
        let owner = |code: &str| {
            let at = handlers.find(code).unwrap();
            let owner = map.owner(&folder.path().join("handlers.js"), &(at..at + code.len()));
            (owner.key.name, owner.entry)
        };
        assert_eq!(owner("show(a)"), ("list".to_owned(), Some(Entry::Request)));
        assert_eq!(owner("show(b)"), ("other".to_owned(), None));
    }
}
