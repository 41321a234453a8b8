//! From what each function does by itself to what it does with all that it calls.

use std::{
    collections::{BTreeSet, HashMap, HashSet, hash_map::Entry},
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    super::{Callee, Definition, FunctionId, Project, graph},
    Argument, Call, FileCode, FunctionCode, Key, Object, Place, Root, Summary,
    related::groups,
};

/// How many functions of one name are looked at for a method of an object that is not known.
const MAX_NAMESAKES: usize = 5;

/// How often a group of functions that call one another is gone over before it is given up.
const MAX_ROUNDS: usize = 12;

/// Names of methods that so many kinds of objects have that a function of the project of that name tells nothing.
const COMMON: &[&str] = &[
    "acquire", "add", "apply", "at", "bind", "call", "catch", "clear", "concat", "create", "delete", "end", "entries",
    "every", "exec", "filter", "finally", "find", "forEach", "get", "has", "includes", "indexOf", "join", "keys",
    "lock", "log", "map", "match", "on", "once", "pop", "push", "reduce", "replace", "set", "shift", "slice", "some",
    "sort", "splice", "split", "test", "then", "toJSON", "toString", "trim", "unshift", "update", "values", "write",
];

/// What a call may lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// One of these functions of the project, certainly.
    Known(Vec<u32>),
    /// A method of an object that is not known, and these functions have its name.
    Namesakes(Vec<u32>),
    /// Nothing of the project that is known.
    Elsewhere,
}

/// What the functions of a project do.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Summaries {
    summaries: Vec<Summary>,
    /// For each function, whether it is an async one.
    is_async: Vec<bool>,
    /// What names lead to, by file, class around, and the text of the name: `this.load`. Empty where that varies.
    names: HashMap<PathBuf, HashMap<(String, String), Vec<u32>>>,
    /// For each file, by its path, the number of the group of files that have to do with each other.
    groups: HashMap<PathBuf, usize>,
    by_name: Vec<ByName>,
}

/// The functions that a name alone may mean, among files that have to do with each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct ByName {
    methods: HashMap<String, Vec<u32>>,
    accessors: HashMap<Arc<str>, Vec<u32>>,
    /// Properties that hold what was made for them, wherever something is put there.
    owned: HashSet<Arc<str>>,
}

impl Summaries {
    /// Works out what the functions of some files do.
    pub fn link(files: Vec<FileCode>) -> Self {
        let (mut facts, mut code) = (Vec::with_capacity(files.len()), Vec::with_capacity(files.len()));
        for file in files {
            let path = file.facts.path.clone();
            facts.push(file.facts);
            let shown: Arc<str> = path.to_string_lossy().into();
            let FileCode { functions, variables, owned, handed, .. } = file;
            code.push(Source { path, shown, functions, variables, owned, handed });
        }
        let derived = facts.iter().flat_map(|f| &f.classes).filter(|c| c.parent.is_some());
        let derived = derived.filter_map(|c| c.name.clone()).collect();
        let project = Project::link(facts);
        Linking::new(&project, &code, derived).finish()
    }

    /// Whether a file was among those that were linked.
    pub fn knows(&self, path: &Path) -> bool {
        self.names.contains_key(path)
    }

    /// What a call in a file may lead to; `class` is the name of the class around it.
    pub fn target(&self, path: &Path, class: &str, call: &Call) -> Target {
        if call.is_settled {
            return Target::Elsewhere;
        }
        match self.named(path, class, &call.callee) {
            Some(known) => Target::Known(known.to_vec()),
            None => self.by_name(path).map_or(Target::Elsewhere, |by_name| namesakes(&by_name.methods, call)),
        }
    }

    fn by_name(&self, path: &Path) -> Option<&ByName> {
        self.groups.get(path).map(|group| &self.by_name[*group])
    }

    /// What a name in a file certainly leads to.
    fn named(&self, path: &Path, class: &str, text: &str) -> Option<&[u32]> {
        let key = (class.to_owned(), text.to_owned());
        self.names.get(path)?.get(&key).filter(|units| !units.is_empty()).map(Vec::as_slice)
    }

    /// Whether a callee leads to async functions of the project and to no others; a method of an object that is not known,
    /// whether all methods of that name are.
    pub fn is_async(&self, path: &Path, class: &str, callee: &str, method: Option<&str>) -> bool {
        let known = self.named(path, class, callee);
        let namesakes = || self.by_name(path)?.methods.get(method.filter(|name| COMMON.binary_search(name).is_err())?);
        let units = known.or_else(|| namesakes().map(Vec::as_slice)).unwrap_or_default();
        !units.is_empty() && units.iter().all(|unit| self.is_async[*unit as usize])
    }

    /// Whether each object has something of its own in a property, as far as can be seen from a file.
    pub fn is_owned(&self, path: &Path, property: &str) -> bool {
        self.by_name(path).is_some_and(|by_name| by_name.owned.contains(property))
    }

    /// What a call does, in terms of the code that it stands in.
    pub fn of_call(&self, path: &Path, class: &str, call: &Call) -> Summary {
        let reference = |text: &str, _: &Range<usize>| self.named(path, class, text).map(<[u32]>::to_vec);
        of_call(&|unit| &self.summaries[unit as usize], call, &self.target(path, class, call), &reference)
    }

    /// What reading or writing a place does besides in a file, if that runs a getter or setter.
    pub fn of_place(&self, path: &Path, place: &Place) -> Option<Summary> {
        of_place(&|unit| &self.summaries[unit as usize], &self.by_name(path)?.accessors, place)
    }
}

/// What finds the summary of a function.
type Look<'l> = &'l dyn Fn(u32) -> &'l Summary;

/// What finds the functions that an argument names, by its text or its bytes.
type Reference<'l> = &'l dyn Fn(&str, &Range<usize>) -> Option<Vec<u32>>;

/// A file that is being linked.
struct Source {
    path: PathBuf,
    shown: Arc<str>,
    functions: Vec<FunctionCode>,
    variables: Vec<String>,
    owned: BTreeSet<Arc<str>>,
    handed: BTreeSet<Arc<str>>,
}

/// Summaries in the making. Functions are counted over all files.
struct Linking<'p> {
    project: &'p Project,
    sources: &'p [Source],
    /// The names of classes that are derived from others.
    derived: HashSet<String>,
    units: Vec<(usize, &'p FunctionCode)>,
    unit_of: HashMap<FunctionId, u32>,
    /// The functions that stand in each.
    nested: Vec<Vec<u32>>,
    /// The group of each file among those that have to do with each other.
    groups: Vec<usize>,
    by_name: Vec<ByName>,
    /// The functions that are handed on by a name, by file and bytes.
    references: HashMap<(&'p Path, usize, usize), u32>,
    targets: Vec<Vec<Target>>,
    /// The names of the variables of each file.
    variables: Vec<Vec<Arc<str>>>,
    /// What each does, with the variables of its file by their numbers, and by their names.
    summaries: Vec<Summary>,
    lasting: Vec<Summary>,
}

impl<'p> Linking<'p> {
    fn new(project: &'p Project, sources: &'p [Source], derived: HashSet<String>) -> Self {
        let units: Vec<_> =
            sources.iter().enumerate().flat_map(|(file, s)| s.functions.iter().map(move |f| (file, f))).collect();
        let id_of =
            |(file, function): &(usize, &FunctionCode)| project.function_at(&sources[*file].path, function.start?);
        let unit_of: HashMap<_, _> = units.iter().zip(0..).filter_map(|(u, index)| Some((id_of(u)?, index))).collect();
        let paths: Vec<&Path> = sources.iter().map(|source| source.path.as_path()).collect();
        let (groups, count) = groups(project, &paths);
        let mut linking = Self {
            project,
            sources,
            derived,
            nested: vec![Vec::new(); units.len()],
            variables: sources.iter().map(|s| s.variables.iter().map(|v| v.as_str().into()).collect()).collect(),
            summaries: vec![Summary::default(); units.len()],
            lasting: vec![Summary::default(); units.len()],
            units,
            unit_of,
            groups,
            by_name: vec![ByName::default(); count],
            references: HashMap::new(),
            targets: Vec::new(),
        };
        linking.add_names();
        linking.targets = (0..linking.units.len()).map(|unit| linking.targets_of(unit)).collect();
        linking
    }

    /// Notes which functions stand in which, and by what names they are reached.
    fn add_names(&mut self) {
        let sources = self.sources;
        let paths: HashSet<&'p Path> = sources.iter().map(|s| s.path.as_path()).collect();
        for (source, group) in sources.iter().zip(&self.groups) {
            self.by_name[*group].owned.extend(source.owned.iter().cloned());
        }
        for (source, group) in sources.iter().zip(&self.groups) {
            self.by_name[*group].owned.retain(|name| !source.handed.contains(name));
        }
        for (id, function) in self.project.functions() {
            let Some(unit) = self.unit_of.get(&id).copied() else { continue };
            if let Some(around) = function.enclosing.and_then(|e| self.unit_of.get(&e)) {
                self.nested[*around as usize].push(unit);
            }
            let by_name = &mut self.by_name[self.groups[self.units[unit as usize].0]];
            match &function.definition {
                Definition::Accessor { name } => {
                    by_name.accessors.entry(name.as_str().into()).or_default().push(unit);
                }
                Definition::ExportsMember { name }
                | Definition::Prototype { name, .. }
                | Definition::Instance { name, .. }
                | Definition::Static { name, .. }
                | Definition::ClassMethod { name, .. }
                | Definition::ObjectMember { name } => by_name.methods.entry(name.clone()).or_default().push(unit),
                _ => {}
            }
            for one in self.project.uses_as_value(id) {
                if let Some(path) = paths.get(one.path.as_path()) {
                    self.references.insert((*path, one.range.start, one.range.end), unit);
                }
            }
        }
    }

    fn targets_of(&self, unit: usize) -> Vec<Target> {
        let (file, function) = self.units[unit];
        function.code.calls.iter().map(|call| self.target(file, call)).collect()
    }

    fn target(&self, file: usize, call: &Call) -> Target {
        if call.is_settled {
            return Target::Elsewhere;
        }
        if let Some(unit) = call.bound.as_ref().and_then(|range| self.reference(file, range)) {
            return Target::Known(self.with_overrides(unit, call));
        }
        let path = &self.sources[file].path;
        match self.project.callee(path, &call.range) {
            Callee::Function(id) => match self.unit_of.get(id) {
                Some(unit) => Target::Known(self.with_overrides(*unit, call)),
                None => Target::Elsewhere,
            },
            Callee::Unknown => namesakes(&self.by_name[self.groups[file]].methods, call),
            Callee::External { .. } | Callee::Global { .. } => Target::Elsewhere,
        }
    }

    /// A method that is called through `this`, and those of the project's derived classes that may stand in its place.
    fn with_overrides(&self, unit: u32, call: &Call) -> Vec<u32> {
        let mut units = vec![unit];
        let through_this = call.receiver.as_ref().is_some_and(|r| r.root == Root::This && r.path.is_empty());
        if through_this {
            let group = self.groups[self.units[unit as usize].0];
            let overrides = self.by_name[group].methods.get(&call.name).into_iter().flatten().copied();
            let is_derived = |u: &u32| self.derived.contains(&self.units[*u as usize].1.class);
            units.extend(overrides.filter(|u| *u != unit && is_derived(u)));
        }
        units
    }

    /// Goes over the functions, callees first, until nothing changes.
    fn solve(&mut self) {
        let mut edges = Vec::new();
        for unit in 0..self.units.len() {
            self.needs(unit, &mut |needed| edges.push((FunctionId(unit as u32), FunctionId(needed))));
        }
        edges.sort_unstable();
        edges.dedup();
        for component in graph::components(self.units.len(), edges) {
            let is_circle = component.len() > 1 || {
                let mut own = false;
                let unit = component[0].0;
                self.needs(unit as usize, &mut |needed| own |= needed == unit);
                own
            };
            let mut rounds = 0;
            loop {
                let mut changed = false;
                for id in &component {
                    let summary = self.evaluate(id.0 as usize);
                    if summary != self.summaries[id.0 as usize] {
                        changed = true;
                        self.put(id.0 as usize, summary);
                    }
                }
                rounds += 1;
                if !changed || !is_circle {
                    break;
                }
                if rounds == MAX_ROUNDS {
                    component
                        .iter()
                        .for_each(|id| self.summaries[id.0 as usize].doubt("functions that call one another"));
                    break;
                }
            }
        }
    }

    fn put(&mut self, unit: usize, summary: Summary) {
        let file = self.units[unit].0;
        self.lasting[unit] = summary.clone().lasting(&self.sources[file].shown, &self.variables[file]);
        self.summaries[unit] = summary;
    }

    /// The functions whose summaries go into that of one.
    fn needs(&self, unit: usize, note: &mut impl FnMut(u32)) {
        let (file, function) = self.units[unit];
        self.nested[unit].iter().for_each(|u| note(*u));
        for (call, target) in function.code.calls.iter().zip(&self.targets[unit]) {
            if let Target::Known(units) | Target::Namesakes(units) = target {
                units.iter().for_each(|u| note(*u));
            }
            for argument in call.arguments.iter().flatten() {
                if let Argument::Object { range, .. } = argument
                    && let Some(unit) = self.reference(file, range)
                {
                    note(unit);
                }
            }
        }
        for (place, ..) in &function.code.touches {
            if let Place::Property(_, Key::Name(name)) = place {
                self.by_name[self.groups[file]].accessors.get(name).into_iter().flatten().for_each(|u| note(*u));
            }
        }
    }

    fn reference(&self, file: usize, range: &Range<usize>) -> Option<u32> {
        self.references.get(&(self.sources[file].path.as_path(), range.start, range.end)).copied()
    }

    fn evaluate(&self, unit: usize) -> Summary {
        let (file, function) = self.units[unit];
        // The variables of another file are not those of this one, though they may be counted the same.
        let look: Look<'_> = &|callee: u32| {
            let is_near = self.units[callee as usize].0 == file;
            if is_near { &self.summaries[callee as usize] } else { &self.lasting[callee as usize] }
        };
        let mut summary = Summary { can_fail: function.code.can_fail, ..Summary::default() };
        function.code.unknown.iter().for_each(|_| summary.doubt("code that hands control away"));
        function.code.presumed.iter().for_each(|clause| summary.presume(clause));
        for (place, is_written, _) in &function.code.touches {
            summary.touch(place.clone(), *is_written);
            if let Some(more) = of_place(look, &self.by_name[self.groups[file]].accessors, place) {
                summary.join(more);
            }
        }
        let reference = |_: &str, range: &Range<usize>| self.reference(file, range).map(|unit| vec![unit]);
        for (call, target) in function.code.calls.iter().zip(&self.targets[unit]) {
            summary.join(of_call(look, call, target, &reference));
        }
        for nested in &self.nested[unit] {
            summary.add_unseen(look(*nested), self.units[*nested as usize].1.is_arrow);
        }
        summary.outside(function)
    }

    fn finish(mut self) -> Summaries {
        self.solve();
        let mut names = HashMap::new();
        for (file, source) in self.sources.iter().enumerate() {
            names.insert(source.path.clone(), self.names_of(file));
        }
        let mut is_async = vec![false; self.units.len()];
        for (id, function) in self.project.functions() {
            if let Some(unit) = self.unit_of.get(&id) {
                is_async[*unit as usize] = function.is_async && !function.is_generator;
            }
        }
        let paths = self.sources.iter().map(|source| source.path.clone());
        let groups = paths.zip(self.groups).collect();
        Summaries { summaries: self.lasting, is_async, names, groups, by_name: self.by_name }
    }

    /// What the names in a file lead to.
    fn names_of(&self, file: usize) -> HashMap<(String, String), Vec<u32>> {
        let mut names: HashMap<(String, String), Vec<u32>> = HashMap::new();
        let units = self.units.iter().zip(&self.targets).filter(|((of, _), _)| *of == file);
        for ((_, function), targets) in units {
            for (call, target) in function.code.calls.iter().zip(targets) {
                let known: &[u32] = if let Target::Known(units) = target { units } else { &[] };
                match names.entry((function.class.clone(), call.callee.clone())) {
                    Entry::Vacant(free) => drop(free.insert(known.to_vec())),
                    Entry::Occupied(mut there) if there.get() != known => there.get_mut().clear(),
                    Entry::Occupied(_) => {}
                }
            }
        }
        for (_, function) in self.units.iter().filter(|(of, _)| *of == file) {
            for argument in function.code.calls.iter().flat_map(|call| call.arguments.iter().flatten()) {
                if let Argument::Object { text, range, .. } = argument
                    && let Some(unit) = self.reference(file, range)
                {
                    let there = names.entry((function.class.clone(), text.clone())).or_insert_with(|| vec![unit]);
                    if *there != [unit] {
                        there.clear();
                    }
                }
            }
        }
        names
    }
}

/// Whether a name says nothing of what is got: `findOne`, `fetchAll`.
fn is_general(name: &str) -> bool {
    let rest = name.trim_start_matches(|c: char| !c.is_uppercase());
    matches!(rest, "All" | "ById" | "ByID" | "First" | "Last" | "List" | "Many" | "One" | "OneById" | "Page" | "Raw")
}

/// The functions that a call of a method may lead to by the method's name alone.
fn namesakes(methods: &HashMap<String, Vec<u32>>, call: &Call) -> Target {
    let is_common = COMMON.binary_search(&call.name.as_str()).is_ok() || is_general(&call.name);
    let is_telling = call.receiver.is_some() && !is_common;
    let is_presumed = call.known.as_ref().is_none_or(|known| known.presumed.is_some());
    // A verb alone, as in `read`, is what many things have that have nothing to do with one another.
    let is_verb = !call.name.chars().skip(1).any(|c| c.is_uppercase() || c == '_');
    let most = if is_verb { 1 } else { MAX_NAMESAKES };
    match methods.get(&call.name) {
        Some(units) if is_telling && is_presumed && units.len() <= most => Target::Namesakes(units.clone()),
        _ => Target::Elsewhere,
    }
}

/// What a call does, in terms of the code that it stands in. `reference` finds the functions that an argument names.
fn of_call(look: Look<'_>, call: &Call, target: &Target, reference: Reference<'_>) -> Summary {
    let mut out = Summary::default();
    if !matches!(target, Target::Known(_)) {
        let places = call.filled.iter().map(|buffer| Place::Property(buffer.clone(), Key::Any));
        places.for_each(|place| out.touch(place, true));
    }
    let units = match target {
        Target::Known(units) | Target::Namesakes(units) => units.as_slice(),
        Target::Elsewhere => {
            of_stranger(look, call, reference, &mut out);
            return out;
        }
    };
    for unit in units {
        let callee = look(*unit);
        out.add_call(call, callee);
        for handed_in in &callee.calls {
            call_back(look, call, handed_in, reference, &mut out);
        }
    }
    if call.is_new {
        // The fields of a class are given their values as well, and the class may be derived from another.
        out.presume(&format!("`new {}` runs no code but its constructor", call.callee));
    }
    if matches!(target, Target::Namesakes(_)) {
        out.presume(&format!("`{}` is the project's function of that name", call.callee));
    }
    if !out.unknown.is_empty()
        && let Some(known) = &call.known
        && known.presumed.is_some()
    {
        // Its own name says what the calls in it that are not known do not.
        out.unknown.clear();
        out.know(known);
    }
    out
}

/// What a call does that leads to no function of the project.
fn of_stranger(look: Look<'_>, call: &Call, reference: Reference<'_>, out: &mut Summary) {
    match (&call.handed_in, &call.known) {
        (Some(object), _) => {
            out.can_fail = true;
            out.calls.insert(object.clone());
        }
        (None, Some(known)) => {
            out.know(known);
            for index in &known.calls_back {
                let handed_in = Object::of(Root::Parameter(*index));
                call_back(look, call, &handed_in, reference, out);
            }
        }
        (None, None) => {
            out.can_fail = true;
            out.doubt(&call.callee);
        }
    }
}

/// What it does that a callee calls a function it is handed.
fn call_back(look: Look<'_>, call: &Call, handed_in: &Object, reference: Reference<'_>, out: &mut Summary) {
    let Root::Parameter(index) = handed_in.root else { return };
    let Some(arguments) = &call.arguments else { return out.doubt(&call.callee) };
    // What is written in place counts with the code around it, and what is missing is not called.
    let Some(Argument::Object { object, text, range, .. }) = arguments.get(index) else { return };
    if let Root::Parameter(_) = object.root {
        out.calls.insert(object.then(&handed_in.path));
        return;
    }
    match reference(text, range).filter(|_| handed_in.path.is_empty()) {
        Some(units) => units.iter().for_each(|unit| out.add_unseen(look(*unit), false)),
        None => out.doubt(text),
    }
}

/// What getters and setters of a place's name do. Where many things have that name, or many getters, none is presumed to be
/// meant but those of `this`.
fn of_place(look: Look<'_>, accessors: &HashMap<Arc<str>, Vec<u32>>, place: &Place) -> Option<Summary> {
    let Place::Property(object, Key::Name(name)) = place else { return None };
    let units = accessors.get(name)?;
    let call = Call::of_accessor(name, object);
    let mut out = Summary::default();
    let tells_nothing = units.len() > 2 * MAX_NAMESAKES || COMMON.binary_search(&&**name).is_ok();
    if object.root != Root::This && tells_nothing {
        out.presume(&format!("no getter or setter `{name}` is meant but that of something else"));
        return Some(out);
    }
    units.iter().for_each(|unit| out.add_call(&call, look(*unit)));
    Some(out)
}
