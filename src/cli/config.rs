//! What a project says about itself: `unpyramid.toml`, and the versions in its `package.json`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{notes::shown, options::Paths};
use crate::{
    apis::{Apis, Versions},
    project::read_own,
    tuning::Tuning,
};

/// The name of the configuration file.
const FILE: &str = "unpyramid.toml";

/// What a project says about itself.
pub(super) struct Config {
    /// The table of known APIs: the built-in one, the rows of the configuration over it, and the promise forms that the
    /// versions of the project's packages have.
    pub(super) apis: Apis,
    /// What it says about waiting.
    pub(super) tuning: Tuning,
}

/// The configuration for the given paths.
///
/// # Errors
/// When the configuration can't be read, or says something that makes no sense.
pub(super) fn read(paths: &Paths) -> anyhow::Result<Config> {
    let start = start(paths);
    let config = paths.config.clone().or_else(|| nearest(&start, FILE));
    let (apis, tuning) = match config {
        None => (Apis::builtin().clone(), Tuning::default()),
        Some(path) => {
            // One that is named may lie anywhere; one that is found has come with the project.
            let read = if paths.config.is_some() { std::fs::read_to_string } else { read_own };
            let text = read(&path).with_context(|| shown(&path))?;
            let apis = Apis::load(&text).with_context(|| shown(&path))?;
            (apis, Tuning::load(&text).with_context(|| shown(&path))?)
        }
    };
    // A package.json that can't be read says nothing about versions, which is the cautious answer.
    let package = nearest(&start, "package.json").and_then(|path| read_own(&path).ok());
    let versions = package.map(|text| Versions::of_package_json(&text)).unwrap_or_default();
    Ok(Config { apis: apis.for_versions(&versions), tuning })
}

/// The folder where the search begins: that of the first path.
fn start(paths: &Paths) -> PathBuf {
    let stdin = paths.stdin_filepath.as_deref();
    let first = stdin.or(paths.paths.first().map(PathBuf::as_path)).unwrap_or(Path::new("."));
    let first = std::path::absolute(first).unwrap_or_else(|_| first.to_owned());
    if first.is_dir() { first } else { first.parent().map_or_else(|| first.clone(), Path::to_owned) }
}

/// The nearest file of that name, in a folder or in one above it.
fn nearest(folder: &Path, name: &str) -> Option<PathBuf> {
    folder.ancestors().map(|above| above.join(name)).find(|path| path.is_file())
}
