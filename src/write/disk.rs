//! The calls by which a write changes the disk. Each goes through here, so that a test can stop it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

/// Hears of every call to the system that changes the disk before it is made, and may have it fail. Tests stop a write
/// at each of them in turn.
pub(super) trait Watch {
    /// The next call is about to be made.
    fn before_call(&self) -> io::Result<()>;

    /// How many bytes go to a file in one call. A system may take fewer than it is given.
    fn most_at_once(&self) -> usize {
        usize::MAX
    }
}

/// Nobody listens.
pub(super) struct Unwatched;

impl Watch for Unwatched {
    fn before_call(&self) -> io::Result<()> {
        Ok(())
    }
}

/// The disk as a write uses it. Nothing else in this module changes a file, a folder or what they are called.
#[derive(Clone, Copy)]
pub(super) struct Disk<'w> {
    watch: &'w dyn Watch,
}

impl std::fmt::Debug for Disk<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Disk")
    }
}

impl<'w> Disk<'w> {
    pub(super) fn new(watch: &'w dyn Watch) -> Self {
        Self { watch }
    }

    /// Makes another change to what is on the disk, in one call.
    pub(super) fn change<T, E: From<io::Error>>(self, call: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.watch.before_call()?;
        call()
    }

    /// Makes a file that is not there yet.
    pub(super) fn create(self, path: &Path, options: &OpenOptions) -> io::Result<File> {
        self.change(|| options.open(path))
    }

    /// Writes all bytes to a file.
    pub(super) fn write(self, mut file: &File, bytes: &[u8]) -> io::Result<()> {
        bytes.chunks(self.watch.most_at_once()).try_for_each(|piece| self.change(|| file.write_all(piece)))
    }

    /// Waits until what a file holds would outlast a crash.
    pub(super) fn flush(self, file: &File) -> io::Result<()> {
        self.change(|| file.sync_all())
    }

    /// Flushes a folder's entries. Not every file system can; a file is safe either way, as the old one or the new.
    pub(super) fn flush_folder(self, folder: &Path) {
        if let Ok(handle) = File::open(folder) {
            self.flush(&handle).ok();
        }
    }

    /// Gives a file a second name.
    pub(super) fn link(self, file: &Path, name: &Path) -> io::Result<()> {
        self.change(|| fs::hard_link(file, name))
    }

    /// Puts a file in the place of another.
    pub(super) fn rename(self, file: &Path, over: &Path) -> io::Result<()> {
        self.change(|| fs::rename(file, over))
    }

    /// Takes a file away.
    pub(super) fn remove(self, path: &Path) -> io::Result<()> {
        self.change(|| fs::remove_file(path))
    }

    /// Takes a file away that need not be there.
    pub(super) fn remove_if_there(self, path: &Path) -> io::Result<()> {
        match self.remove(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}
