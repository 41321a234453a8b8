//! Reading what a project brings along and nobody has named: settings, descriptions of packages.
//!
//! Whoever wrote the project wrote these, too, and may want to know what else is on the machine: a setting that is a
//! link to somebody's key would have its first line shown in a message. So they are read only where they are files,
//! and links only as far as the project reaches.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The text of a file that belongs to a project.
///
/// # Errors
/// `NotFound` when there is none; when it is not a regular file (a pipe would never end); when it is a link that leads
/// out of the repository that it lies in, or, without one, out of its folder; when it is not UTF-8.
pub fn read_own(path: &Path) -> io::Result<String> {
    fs::read_to_string(real(path)?)
}

/// Where a file of a project lies, by the rules of [`read_own`].
fn real(path: &Path) -> io::Result<PathBuf> {
    let real = path.canonicalize()?;
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new(".")).canonicalize()?;
    if !real.starts_with(reach(&folder)) {
        return Err(io::Error::other("it is a link that leads out of the project"));
    }
    if !fs::metadata(&real)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    Ok(real)
}

/// The folder that the things of a folder may lie in: the repository, or it itself.
fn reach(folder: &Path) -> &Path {
    folder.ancestors().find(|above| above.join(".git").exists()).unwrap_or(folder)
}

/// Whether a folder is there and lies within another, links followed.
pub(super) fn is_folder_within(folder: &Path, around: &Path) -> bool {
    match (folder.canonicalize(), around.canonicalize()) {
        (Ok(folder), Ok(around)) => folder.is_dir() && folder.starts_with(around),
        _ => false,
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_count_as_far_as_the_project_reaches() {
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (inner, secret) = (folder.path().join("p"), outside.path().join("secret"));
        fs::create_dir(&inner).unwrap();
        fs::write(folder.path().join("shared"), "shared").unwrap();
        fs::write(&secret, "secret").unwrap();
        symlink("../shared", inner.join("up")).unwrap();
        symlink(&secret, inner.join("out")).unwrap();
        assert!(read_own(&inner.join("up")).is_err());
        fs::create_dir(folder.path().join(".git")).unwrap();
        assert_eq!(read_own(&inner.join("up")).unwrap(), "shared");
        assert_eq!(read_own(&folder.path().join("shared")).unwrap(), "shared");
        assert!(read_own(&inner.join("out")).unwrap_err().to_string().contains("leads out of"));
        assert!(read_own(&inner).is_err());
        assert_eq!(read_own(&inner.join("none")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_link_to_a_folder_elsewhere_is_no_folder_of_the_project() {
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir(folder.path().join("lib")).unwrap();
        symlink(outside.path(), folder.path().join("utils")).unwrap();
        assert!(is_folder_within(&folder.path().join("lib"), folder.path()));
        assert!(!is_folder_within(&folder.path().join("utils"), folder.path()));
        assert!(!is_folder_within(&folder.path().join("none"), folder.path()));
    }
}
