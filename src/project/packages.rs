//! The packages that files belong to: what they depend on, and where they keep functions that many files share.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock, PoisonError},
};

use super::{
    Entry,
    bundle::Bundle,
    compilers::{Compilers, around},
    modules::{is_only_in_node, is_test},
    own::{is_folder_within, read_own},
};
use crate::{
    apis::lowest_major,
    source::{SourceFile, Style},
    syntax::Parsed,
};

/// How many files of a package are read to find out how it is written.
const SAMPLE: usize = 20;

/// Folders for shared functions, the first that is there counts. The last resort is the folder that they are in.
const SHARED: &[&str] = &["utils", "util", "lib/utils", "lib/util", "helpers", "shared", "common", "lib"];

/// The packages of a run. Nothing but each `package.json` is read before somebody asks.
#[derive(Debug, Default)]
pub struct Packages {
    packages: Vec<Package>,
    /// By what a file is called: its package, and where it is on disk.
    files: HashMap<PathBuf, (usize, PathBuf)>,
}

/// A folder with a `package.json`, and the files of the run in it.
#[derive(Debug)]
pub struct Package {
    /// The folder, absolute.
    folder: PathBuf,
    /// What its code may import, with the lowest major version if that is known.
    dependencies: BTreeMap<String, Option<u64>>,
    /// All packages that it and those around it list, for whatever use.
    listed: OnceLock<BTreeMap<String, Option<u64>>>,
    /// What is different where it is part of a bundle for browsers, if it says something of that.
    bundle: Option<Bundle>,
    /// Whether something in that imports `util` already.
    uses_util: OnceLock<bool>,
    /// The files, absolute.
    files: Vec<PathBuf>,
    /// What stands before a file's path where it is called something shorter.
    base: PathBuf,
    compilers: OnceLock<Compilers>,
    home: OnceLock<Home>,
    /// The same for single folders in it.
    homes: Mutex<HashMap<PathBuf, Home>>,
}

/// Where a package keeps functions that many of its files share, and how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The folder, absolute.
    pub folder: PathBuf,
    /// Whether its files use `import` and `export`.
    pub esm: bool,
    /// Whether it is written in TypeScript.
    pub typescript: bool,
    /// The extension of its files, without the dot.
    pub extension: String,
    /// The naming of its files.
    pub naming: Naming,
    /// How its code is formatted.
    pub style: Style,
}

/// How the words of a file's name are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// `map-limit`
    Kebab,
    /// `mapLimit`
    Camel,
    /// `map_limit`
    Snake,
}

impl Naming {
    /// Words as a name.
    pub fn join(self, words: &[&str]) -> String {
        match self {
            Self::Kebab => words.join("-"),
            Self::Snake => words.join("_"),
            Self::Camel => {
                let capital = |word: &&str| format!("{}{}", word[..1].to_ascii_uppercase(), &word[1..]);
                words.first().copied().unwrap_or_default().to_owned()
                    + &words.iter().skip(1).map(capital).collect::<String>()
            }
        }
    }
}

impl Packages {
    /// The packages of the given files: each belongs to the nearest `package.json` in a folder around it. Files
    /// without one belong to none.
    pub fn of<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Self {
        let mut out = Self::default();
        let mut by_folder: HashMap<PathBuf, Option<usize>> = HashMap::new();
        for entry in entries {
            let Ok(path) = std::path::absolute(&entry.path) else { continue };
            let Some(folder) = path.parent().map(Path::to_owned) else { continue };
            let package = *by_folder.entry(folder).or_insert_with_key(|folder| out.around(folder, &path, &entry.shown));
            if let Some(index) = package {
                out.packages[index].files.push(path.clone());
                out.files.insert(entry.shown.clone(), (index, path));
            }
        }
        out.part_siblings();
        out
    }

    /// What one package has of another one of the run is code of the project, and nothing that is installed.
    fn part_siblings(&mut self) {
        let named = |package: &Package| name(&read_own(&package.folder.join("package.json")).ok()?);
        let names: BTreeSet<_> = match self.packages.as_slice() {
            [] | [_] => return,
            several => several.iter().filter_map(named).collect(),
        };
        for package in &mut self.packages {
            package.dependencies.retain(|name, _| !names.contains(name));
        }
    }

    /// The package of a file, by what the file is called, and where the file is on disk.
    pub fn of_file(&self, shown: &Path) -> Option<(&Package, &Path)> {
        let (index, path) = self.files.get(shown)?;
        Some((&self.packages[*index], path))
    }

    /// The package that a folder lies in, added if it is new.
    fn around(&mut self, folder: &Path, file: &Path, shown: &Path) -> Option<usize> {
        // A package.json above the repository is somebody else's.
        let top = folder.ancestors().position(|above| above.join(".git").exists()).map_or(usize::MAX, |n| n + 1);
        let root = folder.ancestors().take(top).find(|above| above.join("package.json").is_file())?;
        if let Some(index) = self.packages.iter().position(|p| p.folder == root) {
            return Some(index);
        }
        let text = read_own(&root.join("package.json")).unwrap_or_default();
        let base = file.ancestors().nth(shown.components().count()).filter(|base| base.join(shown) == file);
        self.packages.push(Package {
            folder: root.to_owned(),
            dependencies: dependencies(&text, &["dependencies", "peerDependencies"]),
            listed: OnceLock::new(),
            bundle: Bundle::of(&text),
            uses_util: OnceLock::new(),
            files: Vec::new(),
            base: base.unwrap_or(Path::new("")).to_owned(),
            compilers: OnceLock::new(),
            home: OnceLock::new(),
            homes: Mutex::default(),
        });
        Some(self.packages.len() - 1)
    }
}

/// The packages in some of the lists of a `package.json`. What code may import that is installed beside it is in two of them.
fn dependencies(package_json: &str, lists: &[&str]) -> BTreeMap<String, Option<u64>> {
    let Ok(package) = serde_json::from_str::<serde_json::Value>(package_json) else { return BTreeMap::new() };
    let lists = lists.iter().filter_map(|list| package.get(list)?.as_object());
    let rows = lists.flat_map(|list| list.iter());
    rows.map(|(name, range)| (name.clone(), range.as_str().and_then(lowest_major))).collect()
}

/// What a `package.json` calls its package.
fn name(package_json: &str) -> Option<String> {
    let package: serde_json::Value = serde_json::from_str(package_json).ok()?;
    package.get("name")?.as_str().map(str::to_owned)
}

impl Package {
    /// The lowest major version of a package that this one depends on: `Some(None)` where it depends on it and the
    /// version is not known.
    pub fn dependency(&self, name: &str) -> Option<Option<u64>> {
        self.dependencies.get(name).copied()
    }

    /// The same of a package that this one or one around it lists for whatever use, its tests included. Reads the
    /// `package.json` of each when it is first asked.
    pub fn listed(&self, name: &str) -> Option<Option<u64>> {
        let all = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];
        let texts = || around(&self.folder).filter_map(|above| read_own(&above.join("package.json")).ok());
        // What the nearest one says comes last, and stays.
        let read = || texts().collect::<Vec<_>>().iter().rev().flat_map(|text| dependencies(text, &all)).collect();
        self.listed.get_or_init(read).get(name).copied()
    }

    /// The text of a file that another one imports by its path.
    pub fn neighbour(&self, file: &Path, specifier: &str) -> Option<String> {
        let path = file.parent()?.join(Some(specifier).filter(|s| s.starts_with('.'))?);
        let endings = ["", ".js", ".ts", "/index.js", "/index.ts"];
        let with = |ending: &&str| read_own(&PathBuf::from(format!("{}{ending}", path.display()))).ok();
        endings.iter().find_map(with)
    }

    /// Where a file lies in its folder.
    pub fn below<'p>(&self, file: &'p Path) -> &'p Path {
        file.strip_prefix(&self.folder).unwrap_or(file)
    }

    /// Whether a module is an empty object where a bundle is run: nothing is to be made of its members as files are loaded.
    pub fn leaves_out(&self, module: &str) -> bool {
        self.bundle.as_ref().is_some_and(|bundle| bundle.leaves_out(module))
    }

    /// Whether a file may be part of a bundle that has no `util`: one is made of the package, and nothing that may be in it has
    /// asked for the module yet. Reads the files when it is first asked.
    pub fn is_bundled_without_util(&self, file: &Path) -> bool {
        let asks = |file: &PathBuf| fs::read_to_string(file).is_ok_and(|text| asks_bundle_for_util(&text));
        let uses_util =
            || !self.leaves_out("util") && self.files.iter().any(|file| !is_test(self.below(file)) && asks(file));
        let Some(bundle) = &self.bundle else { return false };
        bundle.is_made_for(self.below(file)) || !*self.uses_util.get_or_init(uses_util)
    }

    /// What its code is compiled with. Reads its settings, and some of its files, when it is first asked.
    pub fn compilers(&self) -> Compilers {
        *self.compilers.get_or_init(|| Compilers::of(&self.folder, &self.files))
    }

    /// Where it keeps shared functions. Reads some of its files when it is first asked.
    pub fn home(&self) -> &Home {
        self.home.get_or_init(|| self.look(self.top()))
    }

    /// Where the part of it keeps shared functions that a file lies in: a server in JavaScript beside pages in TypeScript.
    /// `None` for a file that lies in no folder of the package, and for a test: every file in a folder of tests may be run as
    /// one.
    pub fn home_near(&self, file: &Path) -> Option<Home> {
        let below = file.strip_prefix(&self.folder).ok().filter(|below| below.components().count() > 1)?;
        if is_test(below) {
            return None;
        }
        let top = self.folder.join(below.components().next()?);
        let mut homes = self.homes.lock().unwrap_or_else(PoisonError::into_inner);
        Some(homes.entry(top).or_insert_with_key(|top| self.look(top.clone())).clone())
    }

    /// What a path is called, as a walk would show it.
    pub fn shown(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.base).unwrap_or(path).to_owned()
    }

    /// Reads some of the files below a folder of the package.
    fn look(&self, top: PathBuf) -> Home {
        // Declarations say nothing of how the code is written that they belong to.
        let is_code = |file: &&PathBuf| file.starts_with(&top) && !file.to_string_lossy().contains(".d.");
        let below: Vec<&PathBuf> = self.files.iter().filter(is_code).collect();
        let read = |path: &&PathBuf| SourceFile::new(path.as_path(), fs::read(path.as_path()).ok()?).ok();
        // Of many files some from every corner.
        let step = below.len().div_ceil(SAMPLE).max(1);
        let sample: Vec<SourceFile> = below.iter().step_by(step).filter_map(read).collect();
        let most = |count: usize| count * 2 > sample.len();
        let longest = sample.iter().max_by_key(|s| (s.text().len().min(20_000), s.path().to_owned()));
        // Files are made in it, so it must not be a link to somewhere else.
        let ours = |folder: &PathBuf| is_folder_within(folder, &self.folder);
        let folder = SHARED.iter().map(|name| top.join(name)).find(ours).unwrap_or(top);
        let typescript = most(sample.iter().filter(|s| s.language().has_types()).count());
        Home {
            extension: extension(sample.iter().filter(|s| s.language().has_types() == typescript)),
            naming: naming(&folder, &self.files),
            folder,
            esm: most(sample.iter().filter(|s| is_esm(s)).count()),
            typescript,
            style: longest.map(|source| Parsed::new(source).style()).unwrap_or_default(),
        }
    }

    /// The folder that holds the package's own code: `src` or `lib`, if the run has files there.
    fn top(&self) -> PathBuf {
        let tops: BTreeSet<PathBuf> = ["src", "lib"].iter().map(|name| self.folder.join(name)).collect();
        let has_files = |top: &&PathBuf| self.files.iter().any(|file| file.starts_with(top));
        tops.iter().rev().find(has_files).unwrap_or(&self.folder).clone()
    }
}

/// Whether a file imports `util` and nothing that there is in Node only, as far as its text tells: it may be part of a bundle.
/// A file of Node's says nothing of bundles, and may have been given the import by a rewrite.
fn asks_bundle_for_util(text: &str) -> bool {
    let behind = ["require(", "from ", "import "].into_iter().flat_map(|word| text.match_indices(word));
    let quoted = behind.filter_map(|(at, word)| {
        let rest = &text[at + word.len()..];
        let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        rest[1..].split(quote).next()
    });
    let imports: BTreeSet<&str> = quoted.collect();
    imports.contains("util") && !imports.iter().any(|module| is_only_in_node(module))
}

/// Whether a file uses `import` and `export`, as far as the starts of its lines tell.
fn is_esm(source: &SourceFile) -> bool {
    match source.path().extension().and_then(|e| e.to_str()) {
        Some("mjs" | "mts") => true,
        Some("cjs" | "cts") => false,
        _ => source.text().lines().any(|line| line.starts_with("import ") || line.starts_with("export ")),
    }
}

/// The extension that most of some files have; a component's is that of the language without JSX.
fn extension<'s>(sample: impl Iterator<Item = &'s SourceFile>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for source in sample {
        let plain = match source.path().extension().and_then(|e| e.to_str()) {
            Some("jsx") | None => "js",
            Some("tsx") => "ts",
            Some(other) => other,
        };
        *counts.entry(plain).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, n)| *n).map_or("js", |(extension, _)| extension).to_owned()
}

/// How the files of a folder are named; where that does not tell, those of the whole package.
fn naming(folder: &Path, files: &[PathBuf]) -> Naming {
    let near = files.iter().filter(|f| f.parent() == Some(folder));
    let of_file = |path: &PathBuf| {
        let stem = path.file_stem()?.to_str()?;
        let has = |wanted: char| stem.contains(wanted);
        let humps =
            stem.chars().zip(stem.chars().skip(1)).any(|(a, b)| a.is_ascii_lowercase() && b.is_ascii_uppercase());
        match () {
            () if has('-') => Some(Naming::Kebab),
            () if has('_') => Some(Naming::Snake),
            () if humps && stem.starts_with(|c: char| c.is_ascii_lowercase()) => Some(Naming::Camel),
            () => None,
        }
    };
    near.filter_map(of_file).next().or_else(|| files.iter().find_map(of_file)).unwrap_or(Naming::Kebab)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::collect;

    fn project(files: &[(&str, &str)]) -> (tempfile::TempDir, Packages) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let packages = Packages::of(&collect(&[folder.path().to_owned()]).unwrap().entries);
        (folder, packages)
    }

    #[test]
    fn shared_functions_live_where_the_package_keeps_them() {
        let (folder, packages) = project(&[
            ("package.json", r#"{"dependencies": {"p-limit": "^3.1.0"}, "devDependencies": {"p-map": "1"}}"#),
            ("src/a.ts", "import x from 'x';\nexport const a = x;\n"),
            ("src/utils/readAll.ts", "export const b = 1;\n"),
            ("test/c-d.js", "require('x')\n"),
        ]);
        let shown = folder.path().join("src/a.ts");
        let (package, path) = packages.of_file(&shown).unwrap();
        assert_eq!(path, shown);
        assert_eq!((package.dependency("p-limit"), package.dependency("p-map")), (Some(Some(3)), None));
        let home = package.home();
        assert_eq!(home.folder, folder.path().join("src/utils"));
        assert!(home.esm && home.typescript && home.style.semicolons);
        assert_eq!(home.naming.join(&["map", "limit"]), "mapLimit");
    }

    #[test]
    fn parts_of_a_package_may_be_written_in_another_language() {
        let (folder, packages) = project(&[
            ("package.json", "{}"),
            ("src/page.ts", "export const a = 1;\n"),
            ("server/utils/log.js", "require('x')\n"),
            ("server/index.js", "require('x')\n"),
            ("start.js", "require('x')\n"),
        ]);
        let (package, path) = packages.of_file(&folder.path().join("server/index.js")).unwrap();
        assert!(package.home().typescript);
        let near = package.home_near(path).unwrap();
        assert_eq!((near.folder, near.typescript), (folder.path().join("server/utils"), false));
        assert_eq!(package.home_near(&folder.path().join("start.js")), None);
        assert_eq!(package.home_near(&folder.path().join("test/a.js")), None);
    }

    #[test]
    fn extensions_tell_whether_a_package_uses_imports() {
        let is_esm = |files: &[(&str, &str)]| {
            let (folder, packages) = project(&[&[("package.json", "{}")], files].concat());
            packages.of_file(&folder.path().join(files[0].0)).unwrap().0.home().esm
        };
        assert!(is_esm(&[("run.mjs", "console.log(1);\n")]));
        assert!(is_esm(&[("run.mts", "console.log(1);\n")]));
        assert!(!is_esm(&[("run.cts", "import { a } from './a';\n")]));
        assert!(!is_esm(&[("run.cjs", "const text = `\nimport { a } from './a';\n`;\n")]));
        assert!(is_esm(&[("run.js", "import { a } from './a';\n")]));
        assert!(!is_esm(&[("run.js", "const { a } = require('./a');\n")]));
    }

    #[test]
    fn declarations_do_not_make_a_package_one_in_typescript() {
        let (folder, packages) = project(&[
            ("package.json", "{}"),
            ("lib/a.js", "require('x')\n"),
            ("lib/b.js", "require('x')\n"),
            ("lib/c.ts", "export const c = 1;\n"),
            ("lib/a.d.ts", "export const a: number;\n"),
            ("lib/b.d.ts", "export const b: number;\n"),
            ("lib/c.d.ts", "export const c: number;\n"),
        ]);
        let (package, _) = packages.of_file(&folder.path().join("lib/a.js")).unwrap();
        assert_eq!((package.home().typescript, package.home().extension.as_str()), (false, "js"));
    }

    #[test]
    fn a_package_within_another_is_one_of_its_own() {
        let (folder, packages) = project(&[
            ("package.json", "{}"),
            ("lib/a.js", "require('x')\n"),
            ("packages/b/package.json", "{}"),
            ("packages/b/index.js", "require('x')\n"),
        ]);
        let (package, _) = packages.of_file(&folder.path().join("packages/b/index.js")).unwrap();
        assert_eq!(package.home().folder, folder.path().join("packages/b"));
        assert!(!package.home().esm);
        let (package, _) = packages.of_file(&folder.path().join("lib/a.js")).unwrap();
        assert_eq!(package.home().folder, folder.path().join("lib"));
    }
}
