//! Promise forms that files export beside their callback forms: who calls `load` of another file with a callback may
//! await `loadAsync` instead.
//!
//! That the one does what the other does is read off the file that holds both; which names lead there is asked of the
//! [`Project`]. Where a test, or any other code, may put something else in the place of the callback form, callers have to
//! go on calling that.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    path::{Path, PathBuf},
};

use super::{Project, mentions::stem};

/// What the promise form of a callback form is fulfilled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormResult {
    /// With the result that callbacks are handed.
    Same,
    /// With nothing.
    Nothing,
    /// With something, perhaps, that callbacks are not handed.
    Withheld,
}

/// A callback form of a file that does nothing but hand over to an async function of the same file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adapted {
    /// The byte at which the callback form starts.
    pub adapter: usize,
    /// The byte at which the async function starts.
    pub target: usize,
    /// How many arguments stand in front of the callback.
    pub arguments: usize,
    /// The indices of those in whose place the callback form takes a function for the callback.
    pub no_functions: Vec<usize>,
    /// Whether it hands `this` over.
    pub binds_this: bool,
    /// What comes of the async function.
    pub result: FormResult,
}

/// What one file, or several, say about promise forms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormFacts {
    adapted: BTreeMap<PathBuf, Vec<Adapted>>,
    /// Names of members and variables that something else may be put in the place of while the program runs.
    replaced: HashSet<String>,
    /// The last parts of the names of modules that something else is put in the place of, without an extension.
    mocked: HashSet<String>,
    /// Whether something else is put in the place of modules that are not named.
    mocks_any: bool,
    /// The modules that `promisifyAll` adds promise forms to, as files name them.
    promisified: BTreeSet<(PathBuf, String)>,
    /// Whether `promisifyAll` is handed something that may be any module.
    promisifies_any: bool,
    /// The modules whose members are gone over, as files name them that are not linked with the others.
    listed: BTreeSet<(PathBuf, String)>,
}

impl FormFacts {
    /// Adds the callback forms of a file.
    pub fn adapt(&mut self, path: &Path, adapted: Vec<Adapted>) {
        if !adapted.is_empty() {
            self.adapted.entry(path.to_owned()).or_default().extend(adapted);
        }
    }

    /// Notes that a member or variable of that name may be replaced by something else.
    pub fn replace(&mut self, name: &str) {
        self.replaced.insert(name.to_owned());
    }

    /// Notes that a module, as a file names it, may be replaced by something else.
    pub fn mock(&mut self, specifier: &str) {
        self.mocked.extend(stem(specifier));
    }

    /// Notes that any module may be replaced by something else.
    pub fn mock_any(&mut self) {
        self.mocks_any = true;
    }

    /// Notes that `promisifyAll` is handed a module, as a file names it; `None` where it can't be told what it is handed.
    pub fn promisify_all(&mut self, path: &Path, specifier: Option<&str>) {
        match specifier {
            Some(specifier) => drop(self.promisified.insert((path.to_owned(), specifier.to_owned()))),
            None => self.promisifies_any = true,
        }
    }

    /// Notes that a file that is not linked with the others goes over the members of a module, as it names it.
    pub fn list(&mut self, path: &Path, specifier: &str) {
        self.listed.insert((path.to_owned(), specifier.to_owned()));
    }

    /// Adds what another file says.
    pub fn extend(&mut self, other: Self) {
        self.adapted.extend(other.adapted);
        self.replaced.extend(other.replaced);
        self.mocked.extend(other.mocked);
        self.promisified.extend(other.promisified);
        self.listed.extend(other.listed);
        self.promisifies_any |= other.promisifies_any;
        self.mocks_any |= other.mocks_any;
    }

    /// Whether there is no promise form, and nothing that forbids one.
    pub fn is_empty(&self) -> bool {
        self.adapted.is_empty() && self.promisified.is_empty() && self.listed.is_empty() && !self.promisifies_any
    }
}

/// The promise form of an exported function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromiseForm {
    /// The name that the same module exports it by.
    pub name: String,
    /// How many arguments it takes; the callback form takes a callback behind them.
    pub arguments: usize,
    /// The indices of those in whose place the callback form takes a function for the callback: given another, both do
    /// the same.
    pub no_functions: Vec<usize>,
    /// Whether it is handed the `this` of the callback form.
    pub binds_this: bool,
    /// What it is fulfilled with.
    pub result: FormResult,
}

/// The promise forms of a module's exports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct ModuleForms {
    /// Whether it is an ECMAScript module, whose default export is one of several.
    is_esm: bool,
    /// Whether what it exports is the object that it starts with, `exports`.
    keeps_exports: bool,
    by_name: HashMap<String, PromiseForm>,
}

/// The promise forms that the files of a run export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PromiseForms {
    modules: HashMap<PathBuf, ModuleForms>,
    /// The modules with promise forms that each file names, by what it names them.
    named: HashMap<PathBuf, HashMap<String, PathBuf>>,
    /// The files whose exports `promisifyAll` may add promise forms to.
    promisified: HashSet<PathBuf>,
    promisifies_any: bool,
    /// The names without a path by which files of the run name others of it.
    own: HashSet<String>,
    /// The files whose exports code outside the run goes over.
    listed: HashSet<PathBuf>,
    /// For each file that is known, the names of functions beside which no other should be put.
    crowded: HashMap<PathBuf, HashSet<String>>,
}

/// How a name comes from a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By its own name, or as a member of all that the module exports.
    Named,
    /// As a member of what `import x from` gives.
    OfDefault,
}

impl PromiseForms {
    /// Works out what the facts of a run's files come to. `project` links the same files; of `outside`, files of the
    /// project that are not in the run, it knows nothing.
    pub fn link(facts: &FormFacts, outside: &FormFacts, project: &Project) -> Self {
        let mut forms = Self::default();
        for (path, specifier) in facts.promisified.iter().chain(&outside.promisified) {
            forms.promisify(project, path, specifier);
        }
        forms.promisifies_any |= facts.promisifies_any || outside.promisifies_any;
        let specifiers = project.paths().flat_map(|path| project.modules(path)).map(|(name, _)| name);
        forms.own = specifiers.filter(|name| !name.starts_with('.')).map(str::to_owned).collect();
        let crowded = |path: &Path| Some((path.to_owned(), project.crowded(path)?.clone()));
        forms.crowded = project.paths().filter_map(crowded).collect();
        for (from, specifier) in &outside.listed {
            meant(project, from, specifier).into_iter().for_each(|path| forms.list(project, path));
        }
        let mocks_any = facts.mocks_any || outside.mocks_any;
        let is_mocked =
            |path: &Path| mocks_any || stems(path).any(|s| facts.mocked.contains(s) || outside.mocked.contains(s));
        let is_replaced = |name: &str| facts.replaced.contains(name) || outside.replaced.contains(name);
        for path in project.paths().filter(|path| !is_mocked(path)) {
            let by_name = exported(facts, project, path, &is_replaced);
            if !by_name.is_empty() {
                let (is_esm, keeps_exports) = (project.is_esm(path), project.keeps_exports(path));
                forms.modules.insert(path.to_owned(), ModuleForms { is_esm, keeps_exports, by_name });
            }
        }
        for path in project.paths() {
            let shown = |other: &Path| forms.modules.contains_key(other) && !is_typed_apart(path, other);
            let named = project.modules(path).filter(|(_, other)| shown(other));
            let named: HashMap<_, _> = named.map(|(name, other)| (name.to_owned(), other.to_owned())).collect();
            if !named.is_empty() {
                forms.named.insert(path.to_owned(), named);
            }
        }
        forms
    }

    /// Notes that the members of a module are gone over, and with them those that it has from others.
    fn list(&mut self, project: &Project, path: PathBuf) {
        for (name, id) in project.exports(&path) {
            let names = self.crowded.entry(project.function(id).path.clone()).or_default();
            names.insert(name.to_owned());
        }
        self.listed.insert(path);
    }

    /// Notes that `promisifyAll` is handed a module, and with it perhaps all that the module has from others.
    fn promisify(&mut self, project: &Project, from: &Path, specifier: &str) {
        let mut pending = meant(project, from, specifier);
        self.promisifies_any |= pending.is_empty() && specifier.starts_with('.');
        while let Some(path) = pending.pop() {
            if self.promisified.insert(path.clone()) {
                pending.extend(project.modules(&path).map(|(_, other)| other.to_owned()));
            }
        }
    }

    /// The same for a project whose files can't all be read: no form is gone to, and none is added.
    #[must_use]
    pub fn without_forms(self) -> Self {
        Self { modules: HashMap::new(), named: HashMap::new(), promisifies_any: true, ..self }
    }

    /// The words of which one stands in every file that replaces a callback form: their names, and those of their modules.
    pub fn words(&self) -> BTreeSet<&str> {
        let names = self.modules.values().flat_map(|module| module.by_name.keys()).map(String::as_str);
        let words = names.chain(self.modules.keys().flat_map(|path| stems(path)));
        words.filter(|word| !word.is_empty()).collect()
    }

    /// The promise form of what a module exports by a name, as far as it is reached from the file `from` by the name
    /// `specifier`. The empty name is the module itself.
    pub fn form(&self, from: &Path, specifier: &str, export: &str, way: Way) -> Option<&PromiseForm> {
        let module = self.modules.get(self.named.get(from)?.get(specifier)?)?;
        if way == Way::OfDefault && module.is_esm {
            return None;
        }
        module.by_name.get(export)
    }

    /// The promise form of what a file itself exports by a name, as a member of `module.exports`, or of the object that it
    /// starts with.
    pub fn own(&self, path: &Path, export: &str, as_started: bool) -> Option<&PromiseForm> {
        let module = self.modules.get(path).filter(|module| !as_started || module.keeps_exports)?;
        module.by_name.get(export)
    }

    /// Whether a name without a path means a file of the run: by a setting, or because its package is one of several in one
    /// project.
    pub fn is_own(&self, specifier: &str) -> bool {
        self.own.contains(specifier)
    }

    /// Whether a name that is put beside one of a file's functions may be noticed, as [`Project::crowded`] says; `None` for
    /// a file that nothing is known of.
    pub fn is_crowded(&self, path: &Path, name: &str) -> Option<bool> {
        Some(self.listed.contains(path) || self.crowded.get(path)?.contains(name))
    }

    /// Whether `promisifyAll` may add promise forms to what a file exports, which fails where there is one already.
    pub fn may_be_promisified(&self, path: &Path) -> bool {
        self.promisifies_any || self.promisified.contains(path)
    }
}

/// The files that a file may mean by the name of a module; of a file that is not linked with the others, by the last part
/// of the name.
fn meant(project: &Project, from: &Path, specifier: &str) -> Vec<PathBuf> {
    let known = project.modules(from).find(|(name, _)| *name == specifier).map(|(_, path)| path.to_owned());
    let mut meant: Vec<PathBuf> = known.into_iter().collect();
    if meant.is_empty() && specifier.starts_with('.') && !project.has(from) {
        let wanted = stem(specifier);
        let fits = |path: &&Path| stems(path).any(|s| Some(s) == wanted.as_deref());
        meant.extend(project.paths().filter(fits).map(Path::to_owned));
    }
    meant
}

/// The promise forms of what a file exports, by the names of the callback forms.
fn exported(
    facts: &FormFacts,
    project: &Project,
    path: &Path,
    is_replaced: &impl Fn(&str) -> bool,
) -> HashMap<String, PromiseForm> {
    let mut forms = HashMap::new();
    let exports: BTreeMap<&str, _> = project.exports(path).map(|(name, id)| (name, project.function(id))).collect();
    for (callback_form, function) in exports.iter().filter(|(name, _)| !is_replaced(name)) {
        let mut adapted = facts.adapted.get(&function.path).into_iter().flatten();
        let Some(adapted) = adapted.find(|a| a.adapter == function.range.start) else { continue };
        let is_target = |name: &&str| {
            let other = exports[*name];
            other.path == function.path && other.range.start == adapted.target && !name.is_empty() && !is_replaced(name)
        };
        let usual = format!("{callback_form}Async");
        let names: Vec<&str> = exports.keys().copied().filter(is_target).collect();
        let target = names.iter().copied().find(|n| *n == usual).or_else(|| names.first().copied());
        if let Some(target) = target.filter(|n| *n != "default") {
            let Adapted { arguments, binds_this, result, .. } = *adapted;
            let (name, no_functions) = (target.to_owned(), adapted.no_functions.clone());
            let form = PromiseForm { name, arguments, no_functions, binds_this, result };
            forms.insert((*callback_form).to_owned(), form);
        }
    }
    forms
}

/// Whether a file with types goes by a description of another one that was written by hand and says nothing of what is
/// added.
fn is_typed_apart(from: &Path, other: &Path) -> bool {
    let extension = |path: &Path| path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_owned();
    let is_typed = |path: &Path| matches!(&*extension(path), "ts" | "tsx" | "mts" | "cts");
    let described = ["d.ts", "d.mts", "d.cts"].map(|e| other.with_extension(e));
    is_typed(from) && !is_typed(other) && described.iter().any(|path| path.exists())
}

/// What the name of a module may end in that means a file. A folder stands for its `index`.
fn stems(path: &Path) -> impl Iterator<Item = &str> {
    let own = path.file_stem().and_then(|s| s.to_str());
    let folder = path.parent().and_then(|p| p.file_name()).and_then(|s| s.to_str());
    own.into_iter().chain(folder.filter(|_| own == Some("index")))
}
