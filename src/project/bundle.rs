//! What a `package.json` says of a bundle for browsers, by its [`browser`
//! field](https://github.com/defunctzombie/package-browser-field-spec).

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// What is different where a package is part of a bundle.
#[derive(Debug, Default)]
pub(super) struct Bundle {
    /// The modules that there is an empty object for: `"browser": { "fs": false }`.
    left_out: BTreeSet<String>,
    /// The files that stand for others, relative to the package: `"browser": { "./a.js": "./b.js" }`.
    instead: BTreeSet<PathBuf>,
}

impl Bundle {
    /// `None` for a package that says nothing of bundles.
    pub(super) fn of(package_json: &str) -> Option<Self> {
        let package: Value = serde_json::from_str(package_json).ok()?;
        let modules = match package.get("browser")? {
            Value::Object(modules) => modules,
            _ => return Some(Self::default()),
        };
        let left_out = modules.iter().filter(|(_, instead)| **instead == Value::Bool(false));
        let instead = modules.values().filter_map(|instead| instead.as_str()?.strip_prefix("./"));
        Some(Self {
            left_out: left_out.map(|(name, _)| name.clone()).collect(),
            instead: instead.map(PathBuf::from).collect(),
        })
    }

    /// Whether a module is an empty object there.
    pub(super) fn leaves_out(&self, module: &str) -> bool {
        self.left_out.contains(module)
    }

    /// Whether a file, relative to the package, is only there for a bundle.
    pub(super) fn is_made_for(&self, file: &Path) -> bool {
        self.instead.iter().any(|path| path == file || path.with_extension("") == file.with_extension(""))
    }
}
