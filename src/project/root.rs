//! The folder that a project is in.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use super::{Entry, collect};

/// The folder of the project that some folders belong to, given by their real paths: of the folders that hold all of
/// them, the nearest with a `package.json` or a `.git` in it, else the deepest.
pub fn root<'a>(folders: impl IntoIterator<Item = &'a Path>) -> PathBuf {
    let mut folders = folders.into_iter();
    let mut common = folders.next().unwrap_or(Path::new(".")).to_owned();
    for folder in folders {
        while !folder.starts_with(&common) && common.pop() {}
    }
    common.ancestors().find(|folder| is_marked(folder)).map_or_else(|| common.clone(), Path::to_owned)
}

fn is_marked(folder: &Path) -> bool {
    ["package.json", ".git"].iter().any(|name| folder.join(name).exists())
}

/// The files of the project that some files belong to which are not among them. There are none where nothing marks the
/// project: the folder may hold anything. `None` where a folder can't be looked into.
pub fn rest(paths: &[&Path]) -> Option<Vec<Entry>> {
    let real: HashSet<PathBuf> = paths.iter().filter_map(|path| path.canonicalize().ok()).collect();
    let root = root(real.iter().filter_map(|path| path.parent()));
    if real.is_empty() || !is_marked(&root) {
        return Some(Vec::new());
    }
    let all = collect(&[root]).ok().filter(|all| all.errors.is_empty())?;
    let is_other = |entry: &Entry| entry.path.canonicalize().is_ok_and(|path| !real.contains(&path));
    Some(all.entries.into_iter().filter(is_other).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_around_all_files_and_marked_if_it_can_be() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(real.join("a/lib/x")).unwrap();
        let folders = [real.join("a/lib/x"), real.join("a/lib")];
        let of = |folders: &[PathBuf]| root(folders.iter().map(PathBuf::as_path));
        assert_eq!(of(&folders), real.join("a/lib"));
        std::fs::write(real.join("a/package.json"), "{}").unwrap();
        assert_eq!(of(&folders), real.join("a"));
        assert_eq!(of(&[real.join("a"), real.clone()]), real);
    }
}
