//! The only place that writes to disk.
//!
//! All files of a run are prepared first: each is read again to see that nobody has changed it in the meantime, and
//! its new content is written to a temporary file beside it and flushed. Only when that has worked for every one
//! are the temporary files renamed over the old. A rename that fails after others have succeeded takes those back.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

/// The new content of one file.
#[derive(Clone, Copy, Debug)]
pub struct NewContent<'a> {
    /// The file. A symbolic link stays one; what it points to is written.
    pub path: &'a Path,
    /// The bytes that the change was made from. The file is left alone if it holds others by now.
    pub before: &'a [u8],
    /// The bytes to write.
    pub after: &'a [u8],
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {cause}", path.display())]
pub struct WriteError {
    /// The file at fault.
    pub path: PathBuf,
    /// What is wrong with it.
    pub cause: Cause,
    /// Files that had been written by then and could not be put back as they were.
    pub not_restored: Vec<PathBuf>,
}

/// What is wrong with a file that was to be written.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// Its content is not what the change was made from.
    #[error("the file has changed since it was read")]
    Changed,
    /// Its mode forbids writing. A rename would get around that, which is not what the mode says.
    #[error("the file is read-only")]
    ReadOnly,
    /// The system would not.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A file whose new content lies beside it, ready to be renamed.
struct Prepared<'a> {
    content: NewContent<'a>,
    /// The file itself, links resolved.
    target: PathBuf,
    temporary: NamedTempFile,
}

/// Writes all files or none. Permissions are kept; a hard link becomes a file of its own.
///
/// # Errors
/// When a file is read-only, has changed since it was read, or the system refuses. Nothing is written then; should
/// a file that was written before the error not go back to what it was, the error says so.
pub fn write_all(files: &[NewContent<'_>]) -> Result<(), WriteError> {
    let mut prepared = Vec::with_capacity(files.len());
    for content in files {
        let error = |cause| WriteError { path: content.path.to_owned(), cause, not_restored: Vec::new() };
        prepared.push(prepare(*content).map_err(error)?);
    }
    let mut done: Vec<(NewContent<'_>, PathBuf)> = Vec::with_capacity(prepared.len());
    for one in prepared {
        let (content, target) = (one.content, one.target.clone());
        if let Err(cause) = commit(one) {
            return Err(WriteError { path: content.path.to_owned(), cause, not_restored: take_back(&done) });
        }
        done.push((content, target));
    }
    Ok(())
}

fn prepare(content: NewContent<'_>) -> Result<Prepared<'_>, Cause> {
    let target = content.path.canonicalize()?;
    unchanged(&target, content.before)?;
    let permissions = fs::metadata(&target)?.permissions();
    if permissions.readonly() {
        return Err(Cause::ReadOnly);
    }
    let folder = target.parent().unwrap_or(Path::new("."));
    let mut temporary = tempfile::Builder::new().prefix(".unpyramid-").suffix(".tmp").tempfile_in(folder)?;
    temporary.write_all(content.after)?;
    temporary.as_file().set_permissions(permissions)?;
    temporary.as_file().sync_all()?;
    Ok(Prepared { content, target, temporary })
}

fn commit(one: Prepared<'_>) -> Result<(), Cause> {
    // Preparing many files takes a while; look once more just before it counts.
    unchanged(&one.target, one.content.before)?;
    one.temporary.persist(&one.target).map_err(|e| e.error)?;
    sync_folder(&one.target);
    Ok(())
}

fn unchanged(target: &Path, before: &[u8]) -> Result<(), Cause> {
    if fs::read(target)? == before { Ok(()) } else { Err(Cause::Changed) }
}

/// Flushes the folder entry, so that the rename outlasts a crash. Not every file system can; the file is safe
/// either way, as the old one or the new.
fn sync_folder(target: &Path) {
    if let Some(folder) = target.parent()
        && let Ok(handle) = fs::File::open(folder)
    {
        handle.sync_all().ok();
    }
}

/// Puts files back as they were, latest first, and names those for which that failed.
fn take_back(done: &[(NewContent<'_>, PathBuf)]) -> Vec<PathBuf> {
    let mut failed = Vec::new();
    for (content, target) in done.iter().rev() {
        let back = NewContent { path: target, before: content.after, after: content.before };
        if prepare(back).and_then(commit).is_err() {
            failed.push(content.path.to_owned());
        }
    }
    failed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content<'a>(path: &'a Path, before: &'a [u8], after: &'a [u8]) -> NewContent<'a> {
        NewContent { path, before, after }
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn all_files_are_written_and_nothing_is_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a.js"), folder.path().join("b.js"));
        fs::write(&a, "1").unwrap();
        fs::write(&b, "2").unwrap();
        write_all(&[content(&a, b"1", b"one"), content(&b, b"2", b"two")]).unwrap();
        assert_eq!((fs::read(&a).unwrap(), fs::read(&b).unwrap()), (b"one".to_vec(), b"two".to_vec()));
        assert_eq!(names(folder.path()), ["a.js", "b.js"]);
    }

    #[test]
    fn a_file_that_changed_in_the_meantime_stops_all_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a.js"), folder.path().join("b.js"));
        fs::write(&a, "1").unwrap();
        fs::write(&b, "new").unwrap();
        let error = write_all(&[content(&a, b"1", b"one"), content(&b, b"2", b"two")]).unwrap_err();
        assert!(matches!(error.cause, Cause::Changed));
        assert_eq!(error.path, b);
        assert_eq!((fs::read(&a).unwrap(), fs::read(&b).unwrap()), (b"1".to_vec(), b"new".to_vec()));
        assert_eq!(names(folder.path()), ["a.js", "b.js"]);
    }

    #[test]
    fn a_failure_between_the_renames_takes_back_what_was_done() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a.js"), folder.path().join("b.js"));
        fs::write(&a, "1").unwrap();
        fs::write(&b, "2").unwrap();
        // The same file twice: the second rename finds the first one's content.
        let error =
            write_all(&[content(&b, b"2", b"two"), content(&a, b"1", b"x"), content(&a, b"1", b"y")]).unwrap_err();
        assert!(matches!(error.cause, Cause::Changed));
        assert!(error.not_restored.is_empty());
        assert_eq!((fs::read(&a).unwrap(), fs::read(&b).unwrap()), (b"1".to_vec(), b"2".to_vec()));
    }

    #[cfg(unix)]
    #[test]
    fn modes_and_links_are_kept() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real.js"), folder.path().join("link.js"));
        fs::write(&real, "1").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o754)).unwrap();
        symlink("real.js", &link).unwrap();
        write_all(&[content(&link, b"1", b"2")]).unwrap();
        assert_eq!(fs::read(&real).unwrap(), b"2");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o7777, 0o754);
        assert_eq!(fs::read_link(&link).unwrap(), Path::new("real.js"));
    }

    #[cfg(unix)]
    #[test]
    fn a_read_only_file_is_respected() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.js");
        fs::write(&path, "1").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        let error = write_all(&[content(&path, b"1", b"2")]).unwrap_err();
        assert!(matches!(error.cause, Cause::ReadOnly));
        assert_eq!(fs::read(&path).unwrap(), b"1");
    }
}
