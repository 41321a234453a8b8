//! The only place that writes to disk.
//!
//! Files are written together or not at all, and that holds if the program is killed at any moment. A
//! [`Transaction`] first notes in a journal which files it is about to touch and keeps the old content of each beside
//! it. Then every new content is written to a file beside its target and flushed, and only when that has worked for
//! all of them are they renamed over the old. When the files are to stay as they are, that is noted, and what was kept
//! is removed. A journal that is still there without that note belongs to a run that did not get to its end;
//! [`recover`] puts back what it had replaced.
//!
//! Between the two the files may be replaced as often as need be: to try a part of the changes, then another.

mod attributes;
mod disk;
mod journal;
mod recovery;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use attributes::{Attributes, privately};
use disk::{Disk, Unwatched, Watch};
use journal::{Journal, Place, hash};
pub use recovery::{RecoverError, Recovered, recover};

use crate::{project, report::terminal::escaped};

/// The new content of one file.
#[derive(Clone, Copy, Debug)]
pub struct NewContent<'a> {
    /// The file. A symbolic link stays one; what it points to is written.
    pub path: &'a Path,
    /// The bytes that the change was made from, `None` for a file that is to be made. The file is left alone if it
    /// holds others by now.
    pub before: Option<&'a [u8]>,
    /// The bytes to write.
    pub after: &'a [u8],
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {cause}", escaped(&path.to_string_lossy()))]
pub struct WriteError {
    /// The file at fault.
    pub path: PathBuf,
    /// What is wrong with it.
    pub cause: Cause,
    /// Files that had been written by then and could not be put back as they were. The next run tries again.
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
    /// Two of the paths lead to it.
    #[error("the file is to be written twice")]
    Twice,
    /// The system would not.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Writes all files or none. Mode, owner, group and marks are kept; a hard link becomes a file of its own.
///
/// # Errors
/// When a file is read-only, has changed since it was read, or the system refuses. Nothing is written then; should
/// a file that was written before the error not go back to what it was, the error says so.
pub fn write_all(files: &[NewContent<'_>]) -> Result<(), WriteError> {
    write_all_watched(files, &Unwatched)
}

fn write_all_watched(files: &[NewContent<'_>], watch: &dyn Watch) -> Result<(), WriteError> {
    if files.is_empty() {
        return Ok(());
    }
    let before: Vec<_> = files.iter().map(|f| (f.path, f.before)).collect();
    let mut transaction = Transaction::begin_watched(&before, watch)?;
    let after: Vec<_> = files.iter().map(|f| f.after).collect();
    match transaction.put(&after) {
        Ok(()) => transaction.keep(),
        Err(error) => Err(transaction.fail(error)),
    }
}

/// Files that are written together, and can be put back as they were until [`keep`](Self::keep) is called.
///
/// Dropping it without a word leaves the files as they are and the journal behind, just as being killed would.
pub struct Transaction<'w> {
    journal: Journal<'w>,
    files: Vec<Held>,
    disk: Disk<'w>,
}

impl std::fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transaction").field("journal", &self.journal).field("files", &self.files).finish()
    }
}

/// A file of a transaction.
#[derive(Debug)]
struct Held {
    /// As the caller calls it.
    path: PathBuf,
    place: Place,
    /// What it keeps; `None` for a file that is new, which gets what any new file gets.
    attributes: Option<Attributes>,
    /// The hash of what it holds; `None` while there is no such file.
    now: Option<String>,
}

impl Transaction<'static> {
    /// Gets ready to write the given files, which hold the given bytes; those without do not exist yet. There must be at
    /// least one.
    ///
    /// # Errors
    /// When a file is read-only or holds something else, when another run is at work with the same project, or when
    /// the system refuses. No file has been changed then.
    pub fn begin(files: &[(&Path, Option<&[u8]>)]) -> Result<Self, WriteError> {
        Self::begin_watched(files, &Unwatched)
    }
}

impl<'w> Transaction<'w> {
    fn begin_watched(files: &[(&Path, Option<&[u8]>)], watch: &'w dyn Watch) -> Result<Self, WriteError> {
        let mut targets = Vec::with_capacity(files.len());
        let mut attributes = Vec::with_capacity(files.len());
        let mut seen = BTreeSet::new();
        for (path, before) in files {
            let checked = writable(path, *before).map_err(|cause| failed(path, cause))?;
            if !seen.insert(checked.0.clone()) {
                return Err(failed(path, Cause::Twice));
            }
            targets.push(checked.0);
            attributes.push(checked.1);
        }
        let root = project::root(targets.iter().filter_map(|target| target.parent()));
        let contents: Vec<_> = targets.into_iter().zip(files.iter().map(|(_, before)| *before)).collect();
        let disk = Disk::new(watch);
        let (journal, places) =
            Journal::begin(disk, &root, &contents).map_err(|error| failed(&root.join(journal::NAME), error.into()))?;
        let held = files.iter().zip(places).zip(attributes).map(|(((path, _), place), attributes)| Held {
            path: (*path).to_owned(),
            now: place.before.clone(),
            place,
            attributes,
        });
        let mut transaction = Self { journal, files: held.collect(), disk };
        match transaction.back_up() {
            Ok(()) => Ok(transaction),
            Err(error) => Err(transaction.fail(error)),
        }
    }

    /// Keeps the old content of every file beside it.
    fn back_up(&mut self) -> Result<(), WriteError> {
        for held in &self.files {
            back_up(self.disk, held).map_err(|error| failed(&held.path, error.into()))?;
        }
        self.sync_folders();
        self.journal.armed().map_err(|error| failed(self.journal.path(), error.into()))
    }

    /// Gives each file the content that stands in its place in `contents`. Files that hold it already are not touched.
    ///
    /// # Errors
    /// When a file was changed by somebody else meanwhile, or the system refuses. Some of the files may have been
    /// written by then: [`restore`](Self::restore) puts them back.
    pub fn put(&mut self, contents: &[&[u8]]) -> Result<(), WriteError> {
        debug_assert_eq!(contents.len(), self.files.len(), "one content for each file");
        let hashes: Vec<_> = contents.iter().map(|content| hash(content)).collect();
        for ((held, content), hash) in self.files.iter().zip(contents).zip(&hashes) {
            if held.now.as_ref() != Some(hash) {
                prepare(self.disk, held, content, hash).map_err(|error| failed(&held.path, error.into()))?;
            }
        }
        self.journal.put(&hashes).map_err(|error| failed(self.journal.path(), error.into()))?;
        for (held, hash) in self.files.iter_mut().zip(&hashes) {
            if held.now.as_ref() != Some(hash) {
                replace(self.disk, held).map_err(|cause| failed(&held.path, cause))?;
                held.now = Some(hash.clone());
            }
        }
        self.sync_folders();
        Ok(())
    }

    /// Ends the transaction; the files stay as they are.
    ///
    /// # Errors
    /// When the system does not let the end be noted; the files are put back as they were, then.
    pub fn keep(mut self) -> Result<(), WriteError> {
        if let Err(error) = self.journal.done() {
            let error = failed(self.journal.path(), error.into());
            // It may have reached the disk all the same, and must not count while the files go back.
            self.journal.armed().ok();
            return Err(self.fail(error));
        }
        self.clean_up();
        Ok(())
    }

    /// Puts every file back as it was.
    ///
    /// # Errors
    /// When a file was changed by somebody else meanwhile, or the system refuses. The journal stays, so that the next
    /// run tries again.
    pub fn restore(self) -> Result<(), WriteError> {
        let mut first = None;
        let mut not_restored = Vec::new();
        for held in &self.files {
            if let Err(cause) = take_back(self.disk, held) {
                first.get_or_insert((held.path.clone(), cause));
                not_restored.push(held.path.clone());
            }
        }
        self.sync_folders();
        match first {
            Some((path, cause)) => Err(WriteError { path, cause, not_restored }),
            None => {
                self.clean_up();
                Ok(())
            }
        }
    }

    /// Puts every file back and adds to the error what could not be.
    fn fail(self, error: WriteError) -> WriteError {
        match self.restore() {
            Ok(()) => error,
            Err(WriteError { not_restored, .. }) => WriteError { not_restored, ..error },
        }
    }

    /// Removes what lies beside the files, then the journal. The files are as they should be by now, so nothing has
    /// failed if something can't be removed; the journal stays then, and the next run sees to it.
    fn clean_up(self) {
        let beside = self.files.iter().flat_map(|held| [&held.place.backup, &held.place.temporary]);
        for path in beside {
            if self.disk.remove_if_there(path).is_err() {
                return;
            }
        }
        self.journal.remove().ok();
    }

    /// Flushes the entries of the folders, so that what was renamed outlasts a crash.
    fn sync_folders(&self) {
        let folders: BTreeSet<_> = self.files.iter().filter_map(|held| held.place.target.parent()).collect();
        folders.into_iter().for_each(|folder| self.disk.flush_folder(folder));
    }
}

fn failed(path: &Path, cause: Cause) -> WriteError {
    WriteError { path: path.to_owned(), cause, not_restored: Vec::new() }
}

/// The file behind a path and what it keeps, if it may be written and holds what is expected.
fn writable(path: &Path, before: Option<&[u8]>) -> Result<(PathBuf, Option<Attributes>), Cause> {
    let Some(before) = before else {
        let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        let target = folder.canonicalize()?.join(name);
        // Of a link that leads nowhere, too, it can be said that it is there.
        return if fs::symlink_metadata(&target).is_ok() { Err(Cause::Changed) } else { Ok((target, None)) };
    };
    let target = path.canonicalize()?;
    if read(&target)? != before {
        return Err(Cause::Changed);
    }
    let attributes = Attributes::of(&target)?;
    if attributes.read_only() {
        return Err(Cause::ReadOnly);
    }
    // A rename asks for nothing but the folder; that the file itself may be written is for us to see.
    File::options().write(true).open(&target)?;
    Ok((target, Some(attributes)))
}

/// What a file holds. What has taken its place since may be a pipe, which would be read for ever.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    if fs::metadata(path)?.is_file() { fs::read(path) } else { Err(io::Error::other("it is not a regular file")) }
}

/// The hash of what a file holds; `None` if there is no such file.
fn hash_now(path: &Path) -> io::Result<Option<String>> {
    match read(path) {
        Ok(content) => Ok(Some(hash(&content))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Keeps the old file under another name: the file itself where the file system has hard links, else a copy.
fn back_up(disk: Disk<'_>, held: &Held) -> io::Result<()> {
    if held.place.before.is_none() || disk.link(&held.place.target, &held.place.backup).is_ok() {
        return Ok(());
    }
    let content = fs::read(&held.place.target)?;
    create(disk, &held.place.backup, &content, held.attributes.as_ref())
}

/// Writes a new content beside the file. Where it is the old one, which was tried to be done without, the old file
/// itself comes back.
fn prepare(disk: Disk<'_>, held: &Held, content: &[u8], hash: &str) -> io::Result<()> {
    let Place { backup, temporary, before, .. } = &held.place;
    if before.as_deref() == Some(hash) && disk.link(backup, temporary).is_ok() {
        return Ok(());
    }
    create(disk, temporary, content, held.attributes.as_ref())
}

fn create(disk: Disk<'_>, path: &Path, content: &[u8], attributes: Option<&Attributes>) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    if attributes.is_some() {
        privately(&mut options);
    }
    let file = disk.create(path, &options)?;
    disk.write(&file, content)?;
    if let Some(attributes) = attributes {
        attributes.give(disk, &file)?;
    }
    disk.flush(&file)
}

/// Renames the new content over the file, unless somebody has changed it: preparing many files takes a while.
fn replace(disk: Disk<'_>, held: &Held) -> Result<(), Cause> {
    if hash_now(&held.place.target)? != held.now {
        return Err(Cause::Changed);
    }
    Ok(disk.rename(&held.place.temporary, &held.place.target)?)
}

/// Puts back what was there before, unless that is there already or somebody has changed what took its place.
fn take_back(disk: Disk<'_>, held: &Held) -> Result<(), Cause> {
    if held.now == held.place.before {
        return Ok(());
    }
    if hash_now(&held.place.target)? != held.now {
        return Err(Cause::Changed);
    }
    Ok(held.place.put_back(disk)?)
}
