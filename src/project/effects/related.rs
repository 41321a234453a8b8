//! Which files have to do with each other: those of one package, and those of packages that load one another's files.
//!
//! Beyond that, that two functions have one name says nothing. Two programs that happen to be looked at in one run do not
//! call each other.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use super::super::Project;

/// For each of some files, by its position, the number of the group that it belongs to; and how many groups there are.
///
/// A package is the nearest folder with a `package.json`; files without one are a group of their own.
pub(super) fn groups(project: &Project, paths: &[&Path]) -> (Vec<usize>, usize) {
    let mut packages: HashMap<Option<PathBuf>, usize> = HashMap::new();
    let mut folders: HashMap<PathBuf, usize> = HashMap::new();
    let mut of_file = Vec::with_capacity(paths.len());
    for path in paths {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let package = *folders.entry(folder).or_insert_with_key(|folder| {
            let count = packages.len();
            *packages.entry(package_of(folder)).or_insert(count)
        });
        of_file.push(package);
    }
    let position: HashMap<&Path, usize> = paths.iter().zip(&of_file).map(|(path, package)| (*path, *package)).collect();
    let mut leads: Vec<usize> = (0..packages.len()).collect();
    for (path, package) in paths.iter().zip(&of_file) {
        for (_, loaded) in project.modules(path) {
            let Some(other) = position.get(loaded) else { continue };
            let (one, other) = (first(&leads, *package), first(&leads, *other));
            leads[one.max(other)] = one.min(other);
        }
    }
    (of_file.into_iter().map(|package| first(&leads, package)).collect(), packages.len())
}

/// The package that stands for all that one is related to.
fn first(leads: &[usize], mut package: usize) -> usize {
    while leads[package] != package {
        package = leads[package];
    }
    package
}

fn package_of(folder: &Path) -> Option<PathBuf> {
    let folder = std::path::absolute(folder).ok()?;
    folder.ancestors().find(|above| above.join("package.json").is_file()).map(Path::to_owned)
}
