//! The functions of a project and how they are tied to one another: a picture of the code, without any judgement.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    path::{Path, PathBuf},
};

use rayon::prelude::*;

use super::{
    calls::{self, CallSite, Callee, ValueUse},
    crowded,
    exports::{self, Exports},
    facts::{FileFacts, Name},
    functions::{self, Function, FunctionId},
    graph,
    link::{Entity, Linker, Target},
    modules::{Module, Modules},
    reach, tables,
};

/// The functions of a run's files, and the calls between them.
///
/// Made once from the facts of all files; a change to a file calls for a new one. What can't be told for certain is
/// [`Callee::Unknown`]: a call may then be one of any function.
///
/// A call of a method through `this` counts as one of the class that it stands in, although code outside the project may
/// derive a class from it and define the method anew; [`is_reachable_from_outside`](Self::is_reachable_from_outside)
/// says whether that can be.
#[derive(Debug, Default)]
pub struct Project {
    functions: Vec<Function>,
    files: Vec<Linked>,
    by_path: HashMap<PathBuf, usize>,
    callers: Vec<Vec<CallSite>>,
    uses: Vec<Vec<ValueUse>>,
    reachable: Vec<bool>,
    components: Vec<Vec<FunctionId>>,
    /// The calls that are unknown, by the last name of what they call.
    unknown: HashMap<Name, Vec<CallSite>>,
}

/// A file of the project.
#[derive(Debug, Default)]
struct Linked {
    path: PathBuf,
    /// The id of its first function; the others follow.
    first: u32,
    count: usize,
    /// What its calls call, sorted by where they start and end.
    calls: Vec<(Range<usize>, Callee)>,
    /// The files that its specifiers mean, by their text.
    modules: HashMap<String, usize>,
    exports: HashMap<String, FunctionId>,
    /// The names of its functions beside which no other should be put.
    crowded: HashSet<String>,
    /// Whether it has exports as ECMAScript modules do.
    is_esm: bool,
    /// Whether nothing is put in the place of `exports`.
    keeps_exports: bool,
    is_test: bool,
}

impl Project {
    /// Finds out what the files mean to one another.
    ///
    /// The root of the project is the folder of its version control above the files, else of the nearest package, else
    /// the folder that holds all files. Of what lies there, only `package.json` and `tsconfig.json` are read; what lies
    /// elsewhere is not looked at.
    pub fn link(files: Vec<FileFacts>) -> Self {
        let paths: Vec<_> = files.iter().map(|f| f.path.clone()).collect();
        let modules = Modules::new(&paths);
        let meant: Vec<Vec<Module>> = files
            .par_iter()
            .enumerate()
            .map(|(file, facts)| facts.specifiers.iter().map(|s| modules.resolve(file, s)).collect())
            .collect();
        let tests = modules.tests();
        let linker = tables::link(&files, &meant, &tests);
        let mut project = Self { by_path: paths.into_iter().zip(0..).collect(), ..Self::default() };
        project.add_functions(&linker, &tests);
        project.add_exports(&linker);
        project.add_calls(&linker);
        project.add_uses(&linker);
        let reached = reach::reach(&linker, &modules.entries(&files, &meant, &tests), &tests);
        project.reachable = vec![false; project.functions.len()];
        for (file, index) in reached {
            let id = project.id(file, index);
            project.reachable[id.0 as usize] = true;
        }
        let loaded = modules.loaded_by_worked_out_names(&files);
        for (file, name) in crowded::crowded(&linker, &loaded) {
            project.files[file as usize].crowded.insert(name);
        }
        project.components = graph::components(project.functions.len(), project.edges());
        project
    }

    /// All functions, file by file in the order that they were given, within a file in source order.
    pub fn functions(&self) -> impl Iterator<Item = (FunctionId, &Function)> {
        self.functions.iter().enumerate().map(|(index, function)| (FunctionId(index as u32), function))
    }

    /// A function by its id.
    pub fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.0 as usize]
    }

    /// The function of a file whose node starts at a byte.
    pub fn function_at(&self, path: &Path, start: usize) -> Option<FunctionId> {
        let file = &self.files[*self.by_path.get(path)?];
        let functions = &self.functions[file.first as usize..][..file.count];
        let index = functions.binary_search_by_key(&start, |f| f.range.start).ok()?;
        Some(FunctionId(file.first + index as u32))
    }

    /// What the call expression with a range of bytes calls.
    pub fn callee(&self, path: &Path, call: &Range<usize>) -> &Callee {
        let calls = self.by_path.get(path).map(|file| &self.files[*file].calls);
        let found = calls.and_then(|calls| {
            let index = calls.binary_search_by_key(&(call.start, call.end), |(r, _)| (r.start, r.end)).ok()?;
            Some(&calls[index].1)
        });
        found.unwrap_or(&Callee::Unknown)
    }

    /// All calls of a file in source order, with what they call.
    pub fn calls(&self, path: &Path) -> &[(Range<usize>, Callee)] {
        self.by_path.get(path).map_or(&[], |file| &self.files[*file].calls)
    }

    /// The calls that certainly call a function, in the order of the files.
    pub fn callers(&self, id: FunctionId) -> &[CallSite] {
        &self.callers[id.0 as usize]
    }

    /// The places that pass or keep a function rather than call it, its definition left out.
    pub fn uses_as_value(&self, id: FunctionId) -> &[ValueUse] {
        &self.uses[id.0 as usize]
    }

    /// The unknown calls that could be calls of a member of that name, or of a variable: `x.name()`, `name()`.
    pub fn unknown_calls(&self, name: &str) -> &[CallSite] {
        self.unknown.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether code outside the project can get hold of a function: it is a global, or an entry module of a package
    /// exports it, or something of which it is a property, a method or a result; or such a thing is handed to a callback
    /// or to another package, or put on an object that is not known.
    ///
    /// A function that is itself an argument of a call does not count: [`uses_as_value`](Self::uses_as_value) tells of
    /// it.
    pub fn is_reachable_from_outside(&self, id: FunctionId) -> bool {
        self.reachable[id.0 as usize]
    }

    /// The names of a file's functions beside which another, `loadAsync` beside `load`, may be noticed: by code that goes
    /// over all members of what the function is a member of, or because somebody else has that name where both come
    /// together.
    pub fn crowded(&self, path: &Path) -> Option<&HashSet<String>> {
        Some(&self.files[*self.by_path.get(path)?].crowded)
    }

    /// The files that other files load by their names.
    pub fn imported(&self) -> impl Iterator<Item = &Path> {
        let mut is_imported = vec![false; self.files.len()];
        for (index, file) in self.files.iter().enumerate() {
            file.modules.values().filter(|other| **other != index).for_each(|other| is_imported[*other] = true);
        }
        self.by_path.iter().filter(move |(_, index)| is_imported[**index]).map(|(path, _)| path.as_path())
    }

    /// Whether a file holds tests, by where it lies and what it is called.
    pub fn is_test(&self, path: &Path) -> bool {
        self.by_path.get(path).is_some_and(|file| self.files[*file].is_test)
    }

    /// The functions in groups that call one another, each group after those that it calls. A function counts as calling
    /// what the functions in its code call.
    pub fn components(&self) -> &[Vec<FunctionId>] {
        &self.components
    }

    /// The function that a module gives: its export of a name, or the module itself or its default export where no name
    /// is given. `specifier` is as it stands in the file `from`.
    pub fn export(&self, from: &Path, specifier: &str, name: Option<&str>) -> Option<FunctionId> {
        let file = self.files[*self.by_path.get(from)?].modules.get(specifier)?;
        let exports = &self.files[*file].exports;
        match name {
            Some(name) => exports.get(name).copied(),
            None => exports.get("").or_else(|| exports.get("default")).copied(),
        }
    }

    /// The files, in the order that they were given.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| &*file.path)
    }

    /// Whether a file is one of the project's.
    pub fn has(&self, path: &Path) -> bool {
        self.by_path.contains_key(path)
    }

    /// The files that a file loads, each with the name that it gives them.
    pub fn modules(&self, path: &Path) -> impl Iterator<Item = (&str, &Path)> {
        let file = self.by_path.get(path).map(|file| &self.files[*file]);
        let modules = file.into_iter().flat_map(|file| &file.modules);
        modules.map(|(name, other)| (name.as_str(), &*self.files[*other].path))
    }

    /// The functions that a file exports and that nothing replaces, by their names; the module itself has the empty name.
    pub fn exports(&self, path: &Path) -> impl Iterator<Item = (&str, FunctionId)> {
        let file = self.by_path.get(path).map(|file| &self.files[*file]);
        file.into_iter().flat_map(|file| &file.exports).map(|(name, id)| (name.as_str(), *id))
    }

    /// Whether a file exports by `export`.
    pub fn is_esm(&self, path: &Path) -> bool {
        self.by_path.get(path).is_some_and(|file| self.files[*file].is_esm)
    }

    /// Whether a file exports the object that it starts with, `exports`.
    pub fn keeps_exports(&self, path: &Path) -> bool {
        self.by_path.get(path).is_some_and(|file| self.files[*file].keeps_exports)
    }

    fn id(&self, file: u32, index: u32) -> FunctionId {
        FunctionId(self.files[file as usize].first + index)
    }

    fn add_functions(&mut self, linker: &Linker<'_>, tests: &[bool]) {
        for (file, facts) in linker.files.iter().enumerate() {
            let first = self.functions.len() as u32;
            let named = facts.specifiers.iter().zip(&linker.modules[file]);
            let modules = named.filter_map(|(specifier, module)| match module {
                Module::File(other) => Some((specifier.text.clone(), *other)),
                _ => None,
            });
            let count = facts.functions.len();
            self.files.push(Linked {
                path: facts.path.clone(),
                is_esm: !facts.exports.is_empty(),
                keeps_exports: facts.module_writes.is_empty() && facts.exports_writes.is_empty(),
                first,
                count,
                modules: modules.collect(),
                is_test: tests[file],
                ..Linked::default()
            });
            self.functions.extend(functions::functions(linker, file as u32, first));
        }
        self.callers = vec![Vec::new(); self.functions.len()];
        self.uses = vec![Vec::new(); self.functions.len()];
    }

    fn add_exports(&mut self, linker: &Linker<'_>) {
        for file in 0..linker.files.len() {
            let exports: Exports = exports::exports(linker, file as u32);
            for (name, (other, index)) in exports {
                let id = self.id(other, index);
                if other as usize == file {
                    let shown = if name.is_empty() { "module.exports" } else { &name };
                    self.functions[id.0 as usize].exported_as.push(shown.to_owned());
                }
                self.files[file].exports.insert(name, id);
            }
        }
        self.functions.iter_mut().for_each(|f| f.exported_as.sort());
    }

    fn add_calls(&mut self, linker: &Linker<'_>) {
        for (file, facts) in linker.files.iter().enumerate() {
            let mut callees = Vec::with_capacity(facts.calls.len());
            for call in &facts.calls {
                let callee = calls::callee(linker, file as u32, call, |file, index| self.id(file, index));
                let inside = call.inside.map(|index| self.id(file as u32, index));
                let site =
                    || CallSite { path: facts.path.clone(), range: call.range.clone(), inside, is_new: call.is_new };
                match (&callee, &call.name) {
                    (Callee::Function(id), _) => self.callers[id.0 as usize].push(site()),
                    (Callee::Unknown, Some(name)) => self.unknown.entry(name.clone()).or_default().push(site()),
                    _ => {}
                }
                callees.push((call.range.clone(), callee));
            }
            callees.sort_by_key(|(range, _)| (range.start, range.end));
            self.files[file].calls = callees;
        }
    }

    fn add_uses(&mut self, linker: &Linker<'_>) {
        for (file, facts) in linker.files.iter().enumerate() {
            for one in &facts.uses {
                let target = linker.eval(file as u32, one.value);
                let Target::Thing { entity: Entity::Function(other, index), .. } = target else { continue };
                let id = self.id(other, index);
                let kind = calls::use_kind(linker, file as u32, one);
                let inside = one.inside.map(|index| self.id(file as u32, index));
                let site = ValueUse { path: facts.path.clone(), range: one.range.clone(), inside, kind };
                self.uses[id.0 as usize].push(site);
            }
        }
    }

    /// From each function to those that it calls, and to those in its code.
    fn edges(&self) -> Vec<(FunctionId, FunctionId)> {
        let calls = self
            .functions()
            .flat_map(|(callee, _)| self.callers(callee).iter().filter_map(move |site| Some((site.inside?, callee))));
        let nested = self.functions().filter_map(|(id, function)| Some((function.enclosing?, id)));
        let mut edges: Vec<_> = calls.chain(nested).collect();
        edges.sort_unstable();
        edges.dedup();
        edges
    }
}
