//! What the compilers that a package's code goes through make of it, as far as its settings tell.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use super::{modules::is_test, own::read_own};
use crate::apis::Versions;

/// What new code has to go by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compilers {
    /// The lowest major version of TypeScript that may compile it, if that is known.
    pub typescript: Option<u64>,
    /// The lowest major version of Node's types that it may be checked with, if that is known.
    pub node_types: Option<u64>,
    /// Whether TypeScript asks that a function which returns a value does so on each of its paths (`noImplicitReturns`).
    pub asks_for_all_returns: bool,
    /// Whether async functions are compiled to calls of helpers.
    pub compiles_async: bool,
    /// Whether they are compiled to calls of `regeneratorRuntime`, which nothing shows to be there.
    pub lacks_regenerator: bool,
    /// Whether Bublé compiles it, which takes no async functions unless it is told to leave them as they are.
    pub takes_no_async: bool,
}

/// Where Babel looks for what to do with a package.
const SETTINGS: [&str; 7] = [
    ".babelrc",
    ".babelrc.js",
    ".babelrc.cjs",
    ".babelrc.json",
    "babel.config.js",
    "babel.config.cjs",
    "babel.config.json",
];

/// Presets and plugins that turn async functions into generators, and those into calls of a runtime.
const COMPILE_AWAY: [&str; 10] = [
    "\"env\"",
    "'env'",
    "preset-env",
    "\"es2015\"",
    "'es2015'",
    "preset-es2015",
    "\"latest\"",
    "'latest'",
    "preset-latest",
    "transform-regenerator",
];

/// Packages that bring the runtime along, or compile async functions without it.
const RUNTIMES: [&str; 9] = [
    "babel-polyfill",
    "@babel/polyfill",
    "regenerator-runtime",
    "babel-plugin-transform-runtime",
    "@babel/plugin-transform-runtime",
    "babel-runtime",
    "@babel/runtime",
    "fast-async",
    "babel-plugin-transform-async-to-promises",
];

/// Where an app or an addon of Ember says what its compiler is to bring along.
const EMBER_SETTINGS: [&str; 3] = ["ember-cli-build.js", "Brocfile.js", "index.js"];

/// What an addon of Ember brings the runtime with, beside [`RUNTIMES`].
const EMBER_RUNTIME: &str = "ember-maybe-import-regenerator";

/// The names that Bublé goes by.
const BUBLE: [&str; 4] = ["buble", "rollup-plugin-buble", "@rollup/plugin-buble", "buble-loader"];

/// Where a package says what Bublé is to do.
const BUBLE_SETTINGS: [&str; 6] = [
    "package.json",
    "rollup.config.js",
    "rollup.config.mjs",
    "rollup.config.ts",
    "webpack.config.js",
    "webpack.config.babel.js",
];

/// Packages that compile async functions before Bublé gets to see them.
const IN_FRONT_OF_BUBLE: [&str; 4] =
    ["nodent", "rollup-plugin-nodent", "fast-async", "babel-plugin-transform-async-to-promises"];

/// Where a package says what TypeScript is to do, and what is said elsewhere for all of them is commonly called.
const TYPESCRIPT_SETTINGS: [&str; 6] = [
    "tsconfig.json",
    "tsconfig.base.json",
    "tsconfig.app.json",
    "tsconfig.build.json",
    "tsconfig.common.json",
    "tsconfig.settings.json",
];

/// What TypeScript calls the question for a value on each path.
const ALL_RETURNS: &str = "noImplicitReturns";

/// How many files are read to see whether the package has async functions already.
const SAMPLE: usize = 300;

impl Compilers {
    /// Those of a package with its files, by its folder. The versions that it does not name itself are those of the
    /// packages around it, up to the repository.
    pub(super) fn of(folder: &Path, files: &[impl AsRef<Path>]) -> Self {
        let packages: Vec<_> = around(folder).filter_map(|above| read_own(&above.join("package.json")).ok()).collect();
        let major = |name| packages.iter().find_map(|text| Versions::of_package_json(text).major(name));
        let (typescript, node_types) = (major("typescript"), major("@types/node"));
        // Before version 6 Babel had no presets, and took no async functions unless it was told to.
        let is_old = ["babel", "babel-core"].into_iter().any(|name| major(name).is_some_and(|version| version < 6));
        let packages = Listed::of(folder, &packages);
        let away = packages.compile_async_away();
        let lacks_regenerator = is_old || away == Away::WithoutRuntime;
        let takes_no_async = packages.take_no_async();
        let is_used = (lacks_regenerator || takes_no_async) && files.iter().take(SAMPLE).any(has_async);
        Self {
            typescript,
            node_types,
            asks_for_all_returns: turns_on(&packages.settings(&TYPESCRIPT_SETTINGS), ALL_RETURNS)
                || folders_below(folder, files)
                    .iter()
                    .any(|below| read_own(&below.join("tsconfig.json")).is_ok_and(|text| turns_on(&text, ALL_RETURNS))),
            compiles_async: is_old || away != Away::Not,
            lacks_regenerator: lacks_regenerator && !is_used,
            takes_no_async: takes_no_async && !is_used,
        }
    }
}

/// The folders below another one that lead to files in TypeScript: a server and its pages may have settings of their own.
fn folders_below(folder: &Path, files: &[impl AsRef<Path>]) -> BTreeSet<PathBuf> {
    let in_typescript = files
        .iter()
        .map(AsRef::as_ref)
        .filter(|file| file.extension().is_some_and(|e| matches!(e.to_str(), Some("ts" | "tsx" | "mts" | "cts"))));
    let mut found = BTreeSet::new();
    for file in in_typescript {
        let above = file.ancestors().skip(1).take_while(|above| *above != folder && above.starts_with(folder));
        for below in above {
            if !found.insert(below.to_owned()) {
                break;
            }
        }
    }
    found
}

/// Whether settings in JSON turn something on, in a line that is no comment.
fn turns_on(settings: &str, option: &str) -> bool {
    let name = format!("\"{option}\"");
    settings.lines().map(str::trim_start).filter(|line| !line.starts_with("//")).any(|line| {
        let value = line.split_once(&name).and_then(|(_, rest)| rest.trim_start().strip_prefix(':'));
        value.is_some_and(|value| value.trim_start().starts_with("true"))
    })
}

/// A folder and those around it, up to the one of the repository.
pub(super) fn around(folder: &Path) -> impl Iterator<Item = &Path> {
    let top = folder.ancestors().position(|above| above.join(".git").exists());
    folder.ancestors().take(top.map_or(1, |n| n + 1))
}

/// Whether async functions are compiled to something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Away {
    Not,
    WithRuntime,
    /// To what needs a runtime that is no dependency.
    WithoutRuntime,
}

/// What a folder's `package.json` and those around it list.
struct Listed<'f> {
    folder: &'f Path,
    packages: Vec<serde_json::Value>,
}

impl<'f> Listed<'f> {
    fn of(folder: &'f Path, packages: &[String]) -> Self {
        Self { folder, packages: packages.iter().filter_map(|text| serde_json::from_str(text).ok()).collect() }
    }

    /// The names of all packages that are depended on in some way.
    fn names(&self) -> Vec<&str> {
        let lists = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];
        let listed = self.packages.iter().flat_map(|p| lists.iter().filter_map(|l| p.get(l)?.as_object()));
        listed.flat_map(|list| list.keys().map(String::as_str)).collect()
    }

    /// The text of those of some files that are there, in the nearest folder that has any.
    fn settings(&self, files: &[&str]) -> String {
        let of_folder =
            |above: &Path| -> String { files.iter().filter_map(|n| read_own(&above.join(n)).ok()).collect() };
        around(self.folder).map(of_folder).find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// Whether Babel is there and told to compile async functions to something else, or told by Ember.
    fn compile_async_away(&self) -> Away {
        let names = self.names();
        let has_runtime = names.iter().any(|name| RUNTIMES.contains(name));
        if names.contains(&"ember-cli-babel") {
            return match self.is_for_new_browsers() {
                true => Away::Not,
                false if has_runtime || self.brings_runtime() => Away::WithRuntime,
                false => Away::WithoutRuntime,
            };
        }
        if !names.iter().any(|name| name.starts_with("babel") || name.starts_with("@babel/")) {
            return Away::Not;
        }
        let mut settings = self.settings(&SETTINGS);
        settings.extend(self.packages.iter().filter_map(|p| p.get("babel")).map(ToString::to_string));
        let is_kept = settings.contains("exclude") && settings.contains("transform-regenerator");
        if !COMPILE_AWAY.iter().any(|sign| settings.contains(sign)) || is_kept || is_for_node_only(&settings) {
            return Away::Not;
        }
        if has_runtime || settings.contains("transform-runtime") { Away::WithRuntime } else { Away::WithoutRuntime }
    }

    /// Whether an app or an addon of Ember brings the runtime along that is no part of its compiler
    /// ([README](https://github.com/babel/ember-cli-babel#polyfill) of `ember-cli-babel`).
    fn brings_runtime(&self) -> bool {
        let settings = self.settings(&EMBER_SETTINGS);
        let asks = settings.match_indices("includePolyfill").any(|(at, word)| {
            let value = settings[at + word.len()..].trim_start_matches(['\'', '"', ':', ' ']);
            !value.starts_with("false")
        });
        asks || self.names().contains(&EMBER_RUNTIME)
    }

    /// Whether Ember is told to compile for new browsers only, each by its name: all of them have async functions.
    fn is_for_new_browsers(&self) -> bool {
        let targets = self.settings(&["config/targets.js"]).to_ascii_lowercase();
        let are_all =
            |last: &str| last.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ').starts_with("version");
        let are_old = ["'ie", "\"ie", "%", "android", "op_mini", "defaults"].iter().any(|sign| targets.contains(sign))
            || targets.split("last").skip(1).any(are_all);
        targets.contains("chrome") && !are_old
    }

    /// Whether Bublé is there and neither told to leave async functions as they are nor kept from seeing any.
    fn take_no_async(&self) -> bool {
        let names = self.names();
        if !names.iter().any(|name| BUBLE.contains(name)) || names.iter().any(|name| IN_FRONT_OF_BUBLE.contains(name)) {
            return false;
        }
        !self.settings(&BUBLE_SETTINGS).contains("asyncAwait")
    }
}

/// Whether settings of Babel name Node as a target and no browser: every Node that is still about has generators.
fn is_for_node_only(settings: &str) -> bool {
    let names = |word: &str| {
        [format!("\"{word}\""), format!("'{word}'"), format!("{word}:")].iter().any(|n| settings.contains(n))
    };
    names("node") && !["browsers", "chrome", "firefox", "safari", "edge", "ie"].into_iter().any(names)
}

/// Whether a file that is no test has an async function, as far as a look at its text tells.
fn has_async(file: &impl AsRef<Path>) -> bool {
    let file = file.as_ref();
    let text = || fs::read_to_string(file).unwrap_or_default();
    !is_test(file) && ["async function", "async (", "= await "].iter().any(|sign| text().contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BABEL: (&str, &str) = ("package.json", r#"{"devDependencies": {"babel-core": "6"}}"#);

    fn of(files: &[(&str, &str)]) -> Compilers {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let code: Vec<_> = files.iter().map(|(n, _)| folder.path().join(n)).filter(|p| p.ends_with("a.js")).collect();
        Compilers::of(&folder.path().join("p"), &code)
    }

    #[test]
    fn async_functions_may_need_a_runtime() {
        let lacks = |config: &str, package: &str, code: &str| {
            of(&[("p/.babelrc", config), ("p/package.json", package), ("p/a.js", code), BABEL]).lacks_regenerator
        };
        for (expected, config, package, code) in [
            (true, r#"{"presets": ["env"]}"#, "{}", "load();"),
            (true, r#"{"presets": ["@babel/preset-env"]}"#, "{}", "load();"),
            (true, r#"{"presets": ["es2015"]}"#, "{}", "load();"),
            (true, r#"{"presets": [["env", {"targets": {"node": 4, "browsers": "ie 9"}}]]}"#, "{}", "load();"),
            (false, r#"{"presets": [["env", {"targets": {"node": 6}}]]}"#, "{}", "load();"),
            (false, r#"{"presets": ["env"]}"#, r#"{"dependencies": {"babel-polyfill": "6"}}"#, "load();"),
            (false, r#"{"presets": ["env"], "plugins": ["transform-runtime"]}"#, "{}", "load();"),
            (false, r#"{"presets": [["env", {"exclude": ["transform-regenerator"]}]]}"#, "{}", "load();"),
            (false, r#"{"presets": ["env"]}"#, "{}", "export async function a() {}"),
            (false, r#"{"presets": ["react"]}"#, "{}", "load();"),
        ] {
            assert_eq!(lacks(config, package, code), expected, "{config} {package} {code}");
        }
        let env = r#"{"presets": ["env"]}"#;
        assert!(of(&[("p/package.json", r#"{"babel": {"presets": ["env"]}}"#), BABEL]).lacks_regenerator);
        assert!(of(&[("babel.config.json", env), ("p/package.json", "{}"), BABEL]).lacks_regenerator);
        assert!(!of(&[("p/package.json", "{}"), BABEL]).lacks_regenerator);
        let old = |name: &str, version: &str| {
            let package = format!(r#"{{"devDependencies": {{"{name}": "{version}"}}}}"#);
            of(&[("p/package.json", &package)]).lacks_regenerator
        };
        assert!(old("babel", "4.7.3") && old("babel-core", "^5.8.0") && !old("babel-core", "^6.0.0"));
        // Settings that are left over from a time when there was a compiler.
        assert!(!of(&[("p/.babelrc", env), ("p/package.json", "{}")]).lacks_regenerator);
    }

    #[test]
    fn ember_brings_no_runtime_unless_it_is_told_to() {
        let lacks = |files: &[(&str, &str)]| {
            let ember = ("package.json", r#"{"devDependencies": {"ember-cli-babel": "^7.1.2"}}"#);
            of(&[files, &[ember, ("p/package.json", "{}")]].concat()).lacks_regenerator
        };
        let build = |options: &str| format!("new EmberApp(defaults, {{ 'ember-cli-babel': {{ {options} }} }});");
        assert!(lacks(&[]) && lacks(&[("p/ember-cli-build.js", &build("includePolyfill: false"))]));
        assert!(!lacks(&[("p/ember-cli-build.js", &build("includePolyfill: true"))]));
        assert!(!lacks(&[("p/index.js", &build("'includePolyfill': isProduction"))]));
        assert!(!lacks(&[("p/a.js", "export default async function load() {}")]));
        let targets =
            |list: &str| lacks(&[("p/config/targets.js", &format!("module.exports = {{ browsers: {list} }};"))]);
        assert!(targets("['last 1 Chrome versions', 'ie 11']") && targets("['last 2 versions']"));
        assert!(!targets("['last 1 Chrome versions', 'last 1 Safari versions']"));
        let runtime =
            r#"{"dependencies": {"ember-maybe-import-regenerator": "1"}, "devDependencies": {"ember-cli-babel": "7"}}"#;
        assert!(!of(&[("p/package.json", runtime)]).lacks_regenerator);
    }

    #[test]
    fn buble_takes_no_async_functions() {
        let takes_none = |package: &str, files: &[(&str, &str)]| {
            of(&[files, &[("p/package.json", package)]].concat()).takes_no_async
        };
        let rollup = r#"{"devDependencies": {"rollup-plugin-buble": "^0.19.0"}}"#;
        assert!(takes_none(rollup, &[("p/rollup.config.js", "export default { plugins: [buble()] };")]));
        let left = "export default { plugins: [buble({ transforms: { asyncAwait: false } })] };";
        assert!(!takes_none(rollup, &[("p/rollup.config.js", left)]));
        assert!(!takes_none(rollup, &[("p/a.js", "export async function load() {}")]));
        let script = r#"{"scripts": {"build": "buble src --no asyncAwait"}, "devDependencies": {"buble": "0.19"}}"#;
        assert!(!takes_none(script, &[]) && takes_none(r#"{"devDependencies": {"buble": "0.19"}}"#, &[]));
        let before = r#"{"devDependencies": {"@rollup/plugin-buble": "*", "rollup-plugin-nodent": "*"}}"#;
        assert!(!takes_none(before, &[]) && !takes_none("{}", &[]));
    }

    #[test]
    fn async_functions_may_need_helpers() {
        let compiles = |config: &str, package: &str| {
            of(&[("p/.babelrc", config), ("p/package.json", package), BABEL]).compiles_async
        };
        assert!(compiles(r#"{"presets": ["env"]}"#, r#"{"dependencies": {"babel-polyfill": "6"}}"#));
        assert!(!compiles(r#"{"presets": ["react"]}"#, r#"{"dependencies": {"babel-polyfill": "6"}}"#));
    }

    #[test]
    fn typescript_is_that_of_the_nearest_package_that_names_it() {
        let outer = r#"{"devDependencies": {"typescript": "^4.1.0"}}"#;
        let inner = r#"{"devDependencies": {"typescript": "~2.7.2"}}"#;
        assert_eq!(of(&[("package.json", outer), ("p/package.json", "{}")]).typescript, Some(4));
        assert_eq!(of(&[("package.json", outer), ("p/package.json", inner)]).typescript, Some(2));
        assert_eq!(of(&[("p/package.json", "{}")]).typescript, None);
    }
}
