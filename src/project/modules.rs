//! Which file a module's name means, and which files a package shows to the outside.
//!
//! Nothing is read but `package.json` and `tsconfig.json`, and nothing outside the project's root.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
};

use oxc_resolver::{
    FileMetadata, FileSystem, FileSystemOs, ResolveError, ResolveOptions, ResolverGeneric, TsconfigDiscovery,
};
use serde_json::Value as Json;

use super::{
    facts::{FileFacts, Specifier},
    own::read_own,
};

/// The modules of Node itself, without those that only `node:` names and without their sub-modules.
const BUILTINS: &[&str] = &[
    "assert",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "domain",
    "events",
    "fs",
    "http",
    "http2",
    "https",
    "inspector",
    "module",
    "net",
    "os",
    "path",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "repl",
    "stream",
    "string_decoder",
    "sys",
    "timers",
    "tls",
    "trace_events",
    "tty",
    "url",
    "util",
    "v8",
    "vm",
    "wasi",
    "worker_threads",
    "zlib",
];

/// Whether a module is one of Node's own, by its name.
pub fn is_builtin(specifier: &str) -> bool {
    let top = specifier.split('/').next().unwrap_or(specifier);
    specifier.starts_with("node:") || BUILTINS.contains(&top)
}

/// Node's modules that have the names of what was there for browsers as well.
const ELSEWHERE_TOO: [&str; 9] =
    ["assert", "buffer", "constants", "events", "process", "punycode", "querystring", "url", "util"];

/// Whether a module is one of Node's that nothing stands for in browsers, so that what imports it runs in Node.
pub fn is_only_in_node(specifier: &str) -> bool {
    is_builtin(specifier) && !ELSEWHERE_TOO.contains(&specifier)
}

/// What a module's name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Module {
    /// A file of the project, by its index.
    File(usize),
    /// A module of Node, without `node:`, or a package, as it is named.
    External(String),
    /// A file that is not looked at, or one that does not exist.
    Unknown,
}

/// Finds the files that modules' names mean.
pub(super) struct Modules {
    /// The files of the project by their real paths.
    files: HashMap<PathBuf, usize>,
    real: Vec<PathBuf>,
    root: PathBuf,
    /// By whether the importing file may have types and whether it imports rather than requires.
    resolvers: [[ResolverGeneric<Confined>; 2]; 2],
}

/// The folder that a path lies in: as far up as the version control goes, else as the nearest package.
///
/// `paths` are real paths. Without version control and package it is the folder that holds them all.
pub(super) fn root_of(paths: &[PathBuf]) -> PathBuf {
    let mut common = paths.first().and_then(|p| p.parent()).map(Path::to_owned).unwrap_or_default();
    for path in paths {
        while !path.starts_with(&common) && common.pop() {}
    }
    let holds = |name: &'static str| common.ancestors().find(|folder| folder.join(name).exists());
    holds(".git").or_else(|| holds("package.json")).map_or_else(|| common.clone(), Path::to_owned)
}

impl Modules {
    /// Gets ready for the files at some paths.
    pub(super) fn new(paths: &[PathBuf]) -> Self {
        let real: Vec<_> = paths.iter().map(|path| real_path(path)).collect();
        let root = root_of(&real);
        let files = real.iter().cloned().enumerate().map(|(index, path)| (path, index)).collect();
        let first = ResolverGeneric::new_with_file_system(Confined { root: root.clone() }, options(false, false));
        let of = |typed, import| first.clone_with_options(options(typed, import));
        let resolvers = [[of(false, false), of(false, true)], [of(true, false), of(true, true)]];
        Self { files, real, root, resolvers }
    }

    /// For each file, whether it holds tests.
    pub(super) fn tests(&self) -> Vec<bool> {
        let below = |path: &PathBuf| path.strip_prefix(&self.root).map_or_else(|_| path.clone(), Path::to_owned);
        self.real.iter().map(|path| is_test(&below(path))).collect()
    }

    /// What a name means to a file.
    pub(super) fn resolve(&self, from: usize, specifier: &Specifier) -> Module {
        let name = specifier.text.strip_prefix("node:").unwrap_or(&specifier.text);
        if is_builtin(&specifier.text) {
            return Module::External(name.to_owned());
        }
        let path = &self.real[from];
        let typed = path.extension().and_then(|e| e.to_str()).is_some_and(|e| e.contains("ts"));
        let resolver = &self.resolvers[usize::from(typed)][usize::from(specifier.is_import)];
        // A `tsconfig.json` that can't be understood leaves the rules of Node.
        let found = resolver.resolve_file(path, name).or_else(|_| match path.parent() {
            Some(folder) => resolver.resolve(folder, name),
            None => Err(ResolveError::NotFound(name.to_owned())),
        });
        let file = found.ok().and_then(|found| self.files.get(found.path()).copied());
        match file {
            Some(file) => Module::File(file),
            None if name.starts_with(['.', '/', '#']) => Module::Unknown,
            None => Module::External(name.to_owned()),
        }
    }

    /// For each file, whether its exports can be used from outside the project.
    ///
    /// A package shows what its `package.json` names as `main`, `exports` and `bin`, else its `index.js`. One that names
    /// files that are not there, because they are built first, or that has no entry at all and is not private, shows
    /// everything, as do files that belong to no package. Where a package loads modules by names that are worked out as
    /// it runs, those count that no file names, and those whose path starts as that of a module to be loaded.
    ///
    /// `meant` is what the specifiers of each file mean, `tests` says of each file whether it holds tests.
    pub(super) fn entries(&self, files: &[FileFacts], meant: &[Vec<Module>], tests: &[bool]) -> Vec<bool> {
        let mut packages: HashMap<PathBuf, Option<Vec<usize>>> = HashMap::new();
        let mut shown = vec![false; self.real.len()];
        for (index, path) in self.real.iter().enumerate() {
            let Some(folder) = self.package_of(path) else {
                shown[index] = true;
                continue;
            };
            let entries = packages.entry(folder.clone()).or_insert_with(|| self.entries_of(&folder));
            shown[index] |= entries.is_none();
            if let Some(entries) = entries.as_ref().filter(|e| !e.is_empty()) {
                entries.iter().for_each(|entry| shown[*entry] = true);
            }
        }
        self.loaded(files, meant, tests, &mut shown);
        shown
    }

    /// Adds the files that may be loaded by names nobody can read off the code.
    fn loaded(&self, files: &[FileFacts], meant: &[Vec<Module>], tests: &[bool], shown: &mut [bool]) {
        let code = || (0..files.len()).filter(|file| !tests[*file]);
        let mut named = vec![false; files.len()];
        for module in code().flat_map(|file| &meant[file]) {
            if let Module::File(other) = module {
                named[*other] = true;
            }
        }
        for file in code().filter(|file| !files[*file].loads.is_empty()) {
            let package = self.package_of(&self.real[file]);
            let folder = self.real[file].parent().unwrap_or(&self.root);
            let starts: Vec<_> = files[file].loads.iter().filter_map(|start| start_of(folder, start)).collect();
            for other in code() {
                let path = &self.real[other];
                let is_orphan = !named[other] && package.as_ref().is_none_or(|package| path.starts_with(package));
                let fits =
                    path.to_str().is_some_and(|path| starts.iter().any(|start| path.starts_with(start.as_str())));
                shown[other] |= is_orphan || fits;
            }
        }
    }

    /// For each file, the files that each of its [`loads`](FileFacts::loads) may mean: all of its package where nothing of
    /// the name is known. Tests are loaded by none.
    pub(super) fn loaded_by_worked_out_names(&self, files: &[FileFacts]) -> Vec<Vec<Vec<usize>>> {
        let tests = if files.iter().any(|file| !file.loads.is_empty()) { self.tests() } else { Vec::new() };
        let of_file = |(index, file): (usize, &FileFacts)| {
            let folder = self.real[index].parent().unwrap_or(&self.root);
            let of_load = |load: &String| {
                let start = start_of(folder, load);
                let package = if start.is_none() { self.package_of(&self.real[index]) } else { None };
                let fits = |path: &Path| match &start {
                    Some(start) => path.to_str().is_some_and(|path| path.starts_with(start.as_str())),
                    None => package.as_ref().is_none_or(|package| path.starts_with(package)),
                };
                (0..files.len()).filter(|other| *other != index && !tests[*other] && fits(&self.real[*other])).collect()
            };
            file.loads.iter().map(of_load).collect()
        };
        files.iter().enumerate().map(of_file).collect()
    }

    /// The folder of the package that a file belongs to.
    fn package_of(&self, path: &Path) -> Option<PathBuf> {
        let inside = path.ancestors().skip(1).take_while(|folder| folder.starts_with(&self.root));
        let mut packages = inside.filter(|folder| folder.join("package.json").is_file());
        packages.next().map(Path::to_owned)
    }

    /// The entry files of a package; `None` where it shows everything.
    fn entries_of(&self, folder: &Path) -> Option<Vec<usize>> {
        let text = read_own(&folder.join("package.json")).ok()?;
        let package: Json = serde_json::from_str(text.trim_start_matches('\u{FEFF}')).ok()?;
        let mut targets = Vec::new();
        for field in ["main", "module", "exports", "bin"] {
            package.get(field).into_iter().for_each(|value| strings(value, &mut targets));
        }
        let mut entries = Vec::new();
        for target in &targets {
            match self.targets(folder, target) {
                Some(found) => entries.extend(found),
                None => return None,
            }
        }
        if !["main", "exports"].iter().any(|field| package.get(field).is_some()) {
            entries.extend(self.file(&folder.join("index")));
        }
        let is_private = package.get("private").and_then(Json::as_bool).unwrap_or_default();
        (is_private || !entries.is_empty()).then_some(entries)
    }

    /// The files that a target of a `package.json` names; `None` where they are not among those of the project.
    fn targets(&self, folder: &Path, target: &str) -> Option<Vec<usize>> {
        if let Some((before, after)) = target.split_once('*') {
            let before = start_of(folder, before)?;
            let after = after.replace('*', "");
            let fits = |path: &&PathBuf| path.to_str().is_some_and(|p| p.starts_with(&before) && p.ends_with(&after));
            let found: Vec<_> = self.real.iter().filter(fits).filter_map(|p| self.files.get(p).copied()).collect();
            return Some(found).filter(|f| !f.is_empty());
        }
        let path = normal(&folder.join(target));
        if path.extension().is_some_and(|e| e == "json" || e == "css" || e == "node") {
            return Some(Vec::new());
        }
        self.file(&path).map(|file| vec![file])
    }

    /// The file that a path means, with an extension or as a folder if need be.
    fn file(&self, path: &Path) -> Option<usize> {
        let extended = |extension: &str| PathBuf::from(format!("{}.{extension}", path.display()));
        let endings = ["js", "cjs", "mjs", "ts", "cts", "mts", "tsx", "jsx"];
        let beside = endings.iter().map(|e| extended(e));
        let inside = endings.iter().map(|e| path.join(format!("index.{e}")));
        let mut all = std::iter::once(path.to_owned()).chain(beside).chain(inside);
        all.find_map(|path| self.files.get(&path).copied())
    }
}

/// Whether a file holds tests, by where it lies and what it is called.
pub(super) fn is_test(path: &Path) -> bool {
    let folders = ["test", "tests", "__tests__", "spec", "specs"];
    let is_folder = |part: &std::ffi::OsStr| folders.iter().any(|folder| part == *folder);
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let is_named = name.contains(".test.") || name.contains(".spec.") || name.starts_with("test.");
    is_named || path.parent().is_some_and(|parent| parent.iter().any(is_folder))
}

/// What the paths in a folder start with that start with a text; `None` for an empty text.
fn start_of(folder: &Path, text: &str) -> Option<String> {
    let start = normal(&folder.join(text)).to_str()?.to_owned();
    (!text.is_empty()).then(|| if text.ends_with('/') { start + "/" } else { start })
}

/// The strings in a value of a `package.json` that name files.
fn strings(value: &Json, out: &mut Vec<String>) {
    let mut pending = vec![value];
    while let Some(value) = pending.pop() {
        match value {
            Json::String(text) => out.push(text.clone()),
            Json::Array(all) => pending.extend(all),
            Json::Object(all) => pending.extend(all.values()),
            _ => {}
        }
    }
}

/// The real path of a file; of one that is not on disk, the absolute one.
fn real_path(path: &Path) -> PathBuf {
    let absolute = || std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    path.canonicalize().unwrap_or_else(|_| absolute())
}

/// A path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

fn options(typed: bool, import: bool) -> ResolveOptions {
    let strings = |all: &[&str]| all.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    let scripts = [".js", ".cjs", ".mjs", ".jsx", ".json"];
    let types = [".ts", ".tsx", ".cts", ".mts"];
    let extensions = if typed { [&types[..], &scripts[..]].concat() } else { [&scripts[..], &types[..]].concat() };
    let alias = |from: &str, to: &[&str]| (from.to_owned(), strings(to));
    let extension_alias =
        vec![alias(".js", &[".js", ".ts", ".tsx"]), alias(".mjs", &[".mjs", ".mts"]), alias(".cjs", &[".cjs", ".cts"])];
    ResolveOptions {
        extensions: strings(&extensions),
        extension_alias,
        condition_names: strings(if import { &["node", "import"] } else { &["node", "require"] }),
        main_fields: strings(&["main"]),
        tsconfig: Some(TsconfigDiscovery::Auto),
        node_path: false,
        ..ResolveOptions::default()
    }
}

/// The file system as far as the project reaches.
struct Confined {
    root: PathBuf,
}

impl Confined {
    fn check(&self, path: &Path) -> io::Result<()> {
        // A path may lead up on its way.
        if normal(path).starts_with(&self.root) { Ok(()) } else { Err(io::Error::from(io::ErrorKind::NotFound)) }
    }

    /// Where a file lies that may be read: within the root when links are followed, too, and a regular file.
    fn readable(&self, path: &Path) -> io::Result<PathBuf> {
        self.check(path)?;
        let real = path.canonicalize()?;
        self.check(&real)?;
        if fs::metadata(&real)?.is_file() { Ok(real) } else { Err(io::Error::from(io::ErrorKind::InvalidInput)) }
    }
}

impl FileSystem for Confined {
    fn new() -> Self {
        Self { root: PathBuf::from("/") }
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(self.readable(path)?)
    }

    fn read_to_string(&self, path: &Path) -> io::Result<String> {
        FileSystemOs::read_to_string(&self.readable(path)?)
    }

    fn metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        self.check(path)?;
        FileSystemOs::metadata(path)
    }

    fn symlink_metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        self.check(path)?;
        FileSystemOs::symlink_metadata(path)
    }

    fn read_link(&self, path: &Path) -> Result<PathBuf, ResolveError> {
        self.check(path)?;
        FileSystemOs::read_link(path)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.check(path)?;
        FileSystemOs::canonicalize(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_known_by_folder_or_name() {
        for path in ["test/a.js", "lib/__tests__/a.js", "lib/a.test.js", "a.spec.ts", "test.js"] {
            assert!(is_test(Path::new(path)), "{path}");
        }
        for path in ["lib/a.js", "testing/a.js", "lib/contest.js", "latest/a.js"] {
            assert!(!is_test(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn a_path_is_put_straight_without_the_disk() {
        assert_eq!(normal(Path::new("/a/./b/../c.js")), Path::new("/a/c.js"));
    }

    #[test]
    fn the_root_of_loose_files_is_the_folder_around_them() {
        let paths = ["/none/a/b/x.js", "/none/a/c/y.js"].map(PathBuf::from);
        assert!(Path::new("/none/a").starts_with(root_of(&paths)));
        assert_eq!(root_of(&[]), PathBuf::new());
    }
}
