//! The folder that a project is in.

use std::path::{Path, PathBuf};

/// The folder of the project that some folders belong to, given by their real paths: of the folders that hold all of
/// them, the nearest with a `package.json` or a `.git` in it, else the deepest.
pub fn root<'a>(folders: impl IntoIterator<Item = &'a Path>) -> PathBuf {
    let mut folders = folders.into_iter();
    let mut common = folders.next().unwrap_or(Path::new(".")).to_owned();
    for folder in folders {
        while !folder.starts_with(&common) && common.pop() {}
    }
    let is_root = |folder: &&Path| ["package.json", ".git"].iter().any(|name| folder.join(name).exists());
    common.ancestors().find(is_root).map_or_else(|| common.clone(), Path::to_owned)
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
