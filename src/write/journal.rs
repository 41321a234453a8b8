//! The journal of a write: what a later run needs to take back one that was killed.
//!
//! It is a file of JSON lines in the project's own folder rather than in a folder of the user: whoever works on the
//! tree next finds it there, as another user or from within a container, and it goes away with the tree. Its paths are
//! relative to it, so the tree may have moved. A line counts once it ends in a line end; each is flushed before
//! anything is done that relies on it.
//!
//! The writer holds a lock on it, so that a journal under work is told apart from one that was left behind.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs::{self, File, TryLockError},
    io::{self, Read as _, Seek as _, SeekFrom},
    path::{Component, Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use super::disk::Disk;

/// What the journal is called, in the project's folder.
pub(super) const NAME: &str = ".unpyramid-journal";

/// The content of a file, as the journal names it.
pub(super) fn hash(content: &[u8]) -> String {
    format!("{:032x}", xxh3_128(content))
}

/// A file that is to be written, and what it holds; nothing where it is to be made.
pub(super) type Old<'a> = (PathBuf, Option<&'a [u8]>);

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    /// The first: what is about to be written, and what the names of the files beside it are made from.
    Begin { version: u32, id: String, files: Vec<Named> },
    /// Every file has its backup; from here on files may be replaced.
    Armed,
    /// The contents that are about to be renamed over the files, by their hashes.
    Put(Vec<String>),
    /// The files stay as they are now.
    Done,
}

/// A file in the first line.
#[derive(Debug, Serialize, Deserialize)]
struct Named {
    path: Name,
    /// The hash of its content; nothing for a file that is to be made.
    before: Option<String>,
}

/// A path as JSON can hold it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Name {
    Text(String),
    Bytes(Vec<u8>),
}

impl Name {
    fn of(path: &Path) -> Self {
        match path.to_str() {
            Some(text) => Self::Text(text.to_owned()),
            None => Self::Bytes(path.as_os_str().as_encoded_bytes().to_vec()),
        }
    }

    /// The path, if it is one that leads from the journal's folder down into it.
    fn path(self) -> Option<PathBuf> {
        let path = match self {
            Self::Text(text) => PathBuf::from(text),
            Self::Bytes(bytes) => PathBuf::from(os_string(bytes)?),
        };
        let down = path.components().all(|c| matches!(c, Component::Normal(_)));
        (down && path.file_name().is_some()).then_some(path)
    }
}

#[cfg(unix)]
fn os_string(bytes: Vec<u8>) -> Option<OsString> {
    Some(std::os::unix::ffi::OsStringExt::from_vec(bytes))
}

#[cfg(not(unix))]
fn os_string(bytes: Vec<u8>) -> Option<OsString> {
    String::from_utf8(bytes).ok().map(OsString::from)
}

/// A file that the journal is about, and the two beside it.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The file itself, links resolved.
    pub(super) target: PathBuf,
    /// Where its old content is kept.
    pub(super) backup: PathBuf,
    /// Where its new content is prepared.
    pub(super) temporary: PathBuf,
    /// The hash of its old content; `None` for a file that was made.
    pub(super) before: Option<String>,
}

impl Place {
    fn new(target: PathBuf, before: Option<String>, id: &str, number: usize) -> Self {
        let beside = |ending: &str| target.with_file_name(format!(".unpyramid-{id}-{number}.{ending}"));
        Self { backup: beside("old"), temporary: beside("new"), before, target }
    }

    /// Puts back what was there before: the old content, or nothing.
    pub(super) fn put_back(&self, disk: Disk<'_>) -> io::Result<()> {
        match self.before {
            Some(_) => disk.rename(&self.backup, &self.target),
            None => disk.remove(&self.target),
        }
    }
}

/// A journal that is being written, and locked for as long as this value lives.
#[derive(Debug)]
pub(super) struct Journal<'w> {
    path: PathBuf,
    file: File,
    disk: Disk<'w>,
}

impl<'w> Journal<'w> {
    /// Starts a journal in `root` for files with the given old contents, all of them below `root`.
    pub(super) fn begin(disk: Disk<'w>, root: &Path, files: &[Old<'_>]) -> io::Result<(Self, Vec<Place>)> {
        let id = new_id();
        let hashes: Vec<_> = files.iter().map(|(_, before)| before.map(hash)).collect();
        let named = |((target, _), before): (&Old<'_>, &Option<String>)| {
            let path = target.strip_prefix(root).map_err(io::Error::other)?;
            Ok(Named { path: Name::of(path), before: before.clone() })
        };
        let list = files.iter().zip(&hashes).map(named).collect::<io::Result<Vec<_>>>()?;
        let path = root.join(NAME);
        let options = File::options().read(true).write(true).create_new(true).clone();
        let file = disk.create(&path, &options).map_err(busy_if_there)?;
        lock(&file)?;
        let mut journal = Self { path, file, disk };
        if let Err(error) = journal.line(&Line::Begin { version: 1, id: id.clone(), files: list }) {
            // A journal that is cut short is removed by whoever finds it.
            journal.remove().ok();
            return Err(error);
        }
        // Before the lock was there, another run may have taken the empty file for a remnant.
        if !journal.path.exists() {
            return Err(busy());
        }
        disk.flush_folder(root);
        let place = |(n, ((target, _), before)): (usize, (&Old<'_>, Option<String>))| {
            Place::new(target.clone(), before, &id, n)
        };
        Ok((journal, files.iter().zip(hashes).enumerate().map(place).collect()))
    }

    /// Where it lies.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Notes that every file has its backup.
    pub(super) fn armed(&mut self) -> io::Result<()> {
        self.line(&Line::Armed)
    }

    /// Notes what is about to be put in place.
    pub(super) fn put(&mut self, hashes: &[String]) -> io::Result<()> {
        self.line(&Line::Put(hashes.to_vec()))
    }

    /// Notes that the files stay as they are.
    pub(super) fn done(&mut self) -> io::Result<()> {
        self.line(&Line::Done)
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        let end = self.file.metadata()?.len();
        let written = self.disk.write(&self.file, &text).and_then(|()| self.disk.flush(&self.file));
        if written.is_err() {
            // The next line must not begin within a part of this one.
            self.disk.change(|| self.file.set_len(end)).ok();
            self.file.seek(SeekFrom::Start(end))?;
        }
        written
    }

    /// Removes it: there is nothing left to take back.
    pub(super) fn remove(self) -> io::Result<()> {
        self.disk.remove(&self.path)?;
        if let Some(root) = self.path.parent() {
            self.disk.flush_folder(root);
        }
        Ok(())
    }
}

/// What a journal says that was left behind.
#[derive(Debug)]
pub(super) struct Remnant<'w> {
    /// It, locked.
    pub(super) journal: Journal<'w>,
    /// The files that it is about.
    pub(super) places: Vec<Place>,
    /// Every content that was, or was about to be, put in the place of each file, by hash.
    pub(super) ours: Vec<BTreeSet<String>>,
    /// How far the write had come.
    pub(super) stage: Stage,
}

/// How far a write had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// No file had been touched.
    Untouched,
    /// Some files may have been replaced.
    Midway,
    /// All files were as they should be.
    Done,
}

/// Reads the journal in `root`; `None` if there is none.
///
/// # Errors
/// `WouldBlock` when another run is at work with it, `InvalidData` when it is not one of ours, `PermissionDenied` when
/// it is not to be trusted.
pub(super) fn read<'w>(disk: Disk<'w>, root: &Path) -> io::Result<Option<Remnant<'w>>> {
    let path = root.join(NAME);
    match fs::symlink_metadata(&path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        // A pipe would keep its reader waiting, and a link may lead anywhere.
        Ok(found) if !found.is_file() => {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it is not a file, and not this program's"));
        }
        other => is_trusted(root, &other?)?,
    }
    let mut file = File::options().read(true).write(true).open(&path)?;
    lock(&file)?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let invalid = || io::Error::new(io::ErrorKind::InvalidData, "it is not a journal of this program");
    let mut remnant = Remnant {
        journal: Journal { path, file, disk },
        places: Vec::new(),
        ours: Vec::new(),
        stage: Stage::Untouched,
    };
    for line in whole.lines() {
        match serde_json::from_str(line).map_err(|_| invalid())? {
            Line::Begin { version: 1, id, files } if remnant.places.is_empty() && is_id(&id) => {
                remnant.places = places(root, &id, files).ok_or_else(invalid)?;
                remnant.ours = vec![BTreeSet::new(); remnant.places.len()];
            }
            Line::Begin { .. } => return Err(invalid()),
            Line::Armed => remnant.stage = Stage::Midway,
            Line::Put(hashes) => {
                remnant.stage = Stage::Midway;
                for (known, hash) in remnant.ours.iter_mut().zip(hashes) {
                    known.insert(hash);
                }
            }
            Line::Done => remnant.stage = Stage::Done,
        }
    }
    Ok(Some(remnant))
}

/// Sees that a journal comes from somebody who may change the folder that it lies in anyway: the user, the folder's
/// owner, or root. Where everybody may put files, it could otherwise have other people's files taken away.
#[cfg(unix)]
fn is_trusted(root: &Path, journal: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let owner = journal.uid();
    if owner == 0 || owner == rustix::process::geteuid().as_raw() || owner == fs::metadata(root)?.uid() {
        return Ok(());
    }
    let message = "it belongs to somebody else and is not acted on; remove it, or have its owner run unpyramid again";
    Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
}

#[cfg(not(unix))]
fn is_trusted(_root: &Path, _journal: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// The files of a journal's first line. A journal may have come with somebody else's tree, so it must not lead out
/// of it.
fn places(root: &Path, id: &str, files: Vec<Named>) -> Option<Vec<Place>> {
    let real = root.canonicalize().ok()?;
    let place = |(number, Named { path, before }): (usize, Named)| {
        let target = root.join(path.path()?);
        let inside = target.parent()?.canonicalize().is_ok_and(|folder| folder.starts_with(&real));
        inside.then(|| Place::new(target, before, id, number))
    };
    files.into_iter().enumerate().map(place).collect()
}

fn lock(file: &File) -> io::Result<()> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(busy()),
        // Some file systems know no locks. A journal there is as good as one without.
        Err(TryLockError::Error(_)) | Ok(()) => Ok(()),
    }
}

fn busy_if_there(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::AlreadyExists { busy() } else { error }
}

fn busy() -> io::Error {
    io::Error::new(io::ErrorKind::WouldBlock, "another run is writing here")
}

/// An id that no two runs share: names made from it are created anew or not at all.
fn new_id() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    format!("{:x}-{:x}", now.as_nanos(), std::process::id())
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}
