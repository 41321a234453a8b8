//! Which files the arguments stand for.

use std::{
    collections::{BTreeMap, HashSet},
    ffi::OsStr,
    path::{Component, Path, PathBuf},
};

use ignore::WalkBuilder;

use super::foreign;
use crate::source::Language;

/// A file to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where to read it.
    pub path: PathBuf,
    /// What to call it: relative to the current folder where it lies in there, without a leading `./`.
    pub shown: PathBuf,
    /// Whether the user named the file itself, rather than a folder around it.
    pub named: bool,
}

/// A file or folder that was left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Skipped {
    /// What to call it.
    pub shown: PathBuf,
    /// Why, in a word or two.
    pub reason: &'static str,
}

/// What could not be looked into on the way.
#[derive(Debug)]
pub struct WalkError {
    /// What to call it.
    pub shown: PathBuf,
    /// What the system said.
    pub message: String,
}

/// The files that arguments stand for, sorted by what they are called.
#[derive(Debug, Default)]
pub struct Files {
    /// The files to look at.
    pub entries: Vec<Entry>,
    /// What was left out.
    pub skipped: Vec<Skipped>,
    /// What could not be looked into.
    pub errors: Vec<WalkError>,
}

/// An argument that names nothing.
#[derive(Debug, thiserror::Error)]
#[error("{}: {error}", path.display())]
pub struct Missing {
    /// The argument.
    pub path: PathBuf,
    /// What the system said.
    pub error: std::io::Error,
}

/// Folders that hold no code of the project's own, whatever the ignore files say: what version control and
/// package managers keep there.
const FOREIGN_FOLDERS: [&str; 6] = ["node_modules", ".git", ".hg", ".svn", ".jj", ".yarn"];

/// Folders that hold other people's code, copied there, or what was made of the project's own.
const COPIED_FOLDERS: [(&str, &str); 7] = [
    ("bower_components", THIRD_PARTY),
    ("jspm_packages", THIRD_PARTY),
    ("third_party", THIRD_PARTY),
    ("vendor", THIRD_PARTY),
    ("web_modules", THIRD_PARTY),
    ("coverage", GENERATED),
    ("dist", GENERATED),
];

const THIRD_PARTY: &str = "third-party";
const GENERATED: &str = "generated";

/// What a folder of that name is a copy of.
fn copied(name: &OsStr) -> Option<&'static str> {
    COPIED_FOLDERS.iter().find(|(folder, _)| name == *folder).map(|(_, what)| *what)
}

/// The files that say what to ignore, in each folder.
const IGNORE_FILES: [&str; 3] = [".gitignore", ".ignore", ".git/info/exclude"];

/// The ignore file of a folder that can't be read like one: a pipe, whose reader would wait for ever, or a device. To
/// walk the folder without it might show what it was to hide.
fn blocking(folder: &Path) -> Option<&'static str> {
    let odd = |name: &&str| folder.join(name).metadata().is_ok_and(|found| !found.is_file() && !found.is_dir());
    IGNORE_FILES.into_iter().find(odd)
}

/// Why a folder is not looked into.
enum LeftOut {
    /// It holds other people's packages; that is told.
    NodeModules,
    /// It holds copies of other people's code, or what was generated; that is told.
    Copied(&'static str),
    /// It holds nothing of the project's own.
    Foreign,
    /// What to ignore in it can't be read.
    Blocked(&'static str),
}

impl LeftOut {
    fn of(folder: &ignore::DirEntry) -> Option<Self> {
        if folder.file_name() == "node_modules" {
            return Some(Self::NodeModules);
        }
        if let Some(what) = copied(folder.file_name()) {
            return Some(Self::Copied(what));
        }
        if FOREIGN_FOLDERS.iter().any(|f| folder.file_name() == *f) {
            return Some(Self::Foreign);
        }
        blocking(folder.path()).map(Self::Blocked)
    }
}

/// Finds the files that the arguments stand for.
///
/// A file that is named is taken, whatever it is. A folder is walked: `.gitignore`, `.ignore` and
/// `.git/info/exclude` are honoured, within a repository and without, but not the settings of the user, so that
/// everybody gets the same files. Symbolic links that are met on the way are not followed, since what they point
/// to is either met at its own place or none of this project's business; a link that is named is followed.
///
/// # Errors
/// When an argument does not exist or can't be looked at.
pub fn collect(arguments: &[PathBuf]) -> Result<Files, Missing> {
    let mut walk = Walk { here: std::env::current_dir().ok(), ..Walk::default() };
    for argument in arguments {
        let real = argument.canonicalize().map_err(|error| Missing { path: argument.clone(), error })?;
        if real.is_dir() {
            walk.folder(argument, &real);
        } else {
            walk.take(argument, real, true);
        }
    }
    Ok(walk.finish())
}

/// The files in a folder, and in those below it, that are no sources by their names, as [`collect`] would walk it: scripts
/// without an extension, templates, settings; and all of the copies that it leaves out, which may use the project's code. `None` where a folder can't be looked into.
pub fn other_files(root: &Path) -> Option<Vec<PathBuf>> {
    if root.ancestors().any(|folder| blocking(folder).is_some()) {
        return None;
    }
    let mut builder = WalkBuilder::new(root);
    builder.hidden(false).require_git(false).git_global(false);
    builder.filter_entry(|entry| {
        let is_folder = entry.depth() > 0 && entry.file_type().is_some_and(|t| t.is_dir());
        !is_folder || !matches!(LeftOut::of(entry), Some(LeftOut::NodeModules | LeftOut::Foreign))
    });
    let mut found = Vec::new();
    for entry in builder.build() {
        let entry = entry.ok()?;
        let below = entry.path().strip_prefix(root).unwrap_or(entry.path());
        let is_copy = below.components().any(|part| copied(part.as_os_str()).is_some());
        let is_source = is_source(entry.path()) && !foreign::minified_name(entry.path()) && !is_copy;
        if entry.file_type().is_some_and(|t| t.is_dir()) {
            (entry.depth() == 0 || blocking(entry.path()).is_none()).then_some(())?;
        } else if entry.file_type().is_some_and(|t| t.is_file()) && !is_source {
            found.push(entry.into_path());
        }
    }
    Some(found)
}

fn is_source(path: &Path) -> bool {
    path.extension().and_then(|e| e.to_str()).and_then(Language::from_extension).is_some()
}

#[derive(Default)]
struct Walk {
    here: Option<PathBuf>,
    /// By real path, so that a file that is reached in two ways is looked at once.
    found: BTreeMap<PathBuf, Entry>,
    skipped: HashSet<Skipped>,
    errors: Vec<WalkError>,
}

impl Walk {
    fn folder(&mut self, root: &Path, real_root: &Path) {
        // The ignore files of the folders around it count, too.
        if let Some(blocking) = real_root.ancestors().find_map(blocking) {
            return self.errors.push(self.blocked(root, blocking));
        }
        let mut builder = WalkBuilder::new(root);
        builder.hidden(false).require_git(false).git_global(false);
        let (sender, left_out) = std::sync::mpsc::channel();
        let sender = std::sync::Mutex::new(sender);
        builder.filter_entry(move |entry| {
            let is_folder = entry.depth() > 0 && entry.file_type().is_some_and(|t| t.is_dir());
            let Some(why) = is_folder.then(|| LeftOut::of(entry)).flatten() else { return true };
            // The receiver lives as long as the walk, and a folder that is not counted does no harm.
            let _ = sender.lock().map(|s| s.send((entry.path().to_owned(), why)));
            false
        });
        for entry in builder.build() {
            match entry {
                Ok(entry) => self.entry(&entry, root, real_root),
                Err(error) => self.errors.push(self.error(root, &error)),
            }
        }
        for (folder, why) in left_out.try_iter() {
            match why {
                LeftOut::NodeModules => self.skip(&folder, "node_modules"),
                LeftOut::Copied(what) => self.skip(&folder, what),
                LeftOut::Foreign => {}
                LeftOut::Blocked(file) => self.errors.push(self.blocked(&folder, file)),
            }
        }
    }

    /// What is said of a folder that is left out because of one of its files.
    fn blocked(&self, folder: &Path, file: &str) -> WalkError {
        let what = "is not a regular file, so it can't say what to ignore";
        let message = format!("left out: the {file} in it or in a folder around it {what}");
        WalkError { shown: self.shown(folder), message }
    }

    fn entry(&mut self, entry: &ignore::DirEntry, root: &Path, real_root: &Path) {
        let path = entry.path();
        if !is_source(path) || entry.depth() == 0 || entry.file_type().is_none_or(|t| t.is_dir()) {
            return;
        }
        if entry.path_is_symlink() {
            self.skip(path, "symbolic link");
        } else if !entry.file_type().is_some_and(|t| t.is_file()) {
            self.skip(path, "not a regular file");
        } else if foreign::minified_name(path) {
            self.skip(path, foreign::Foreign::Minified.reason());
        } else {
            // Nothing below the root is a link, so the real path needs no further look at the disk.
            let real = path.strip_prefix(root).map_or_else(|_| path.to_owned(), |below| real_root.join(below));
            self.take(path, real, false);
        }
    }

    fn take(&mut self, path: &Path, real: PathBuf, named: bool) {
        let entry = Entry { path: path.to_owned(), shown: self.shown(path), named };
        let known = self.found.entry(real).or_insert_with(|| entry.clone());
        if named && !known.named {
            *known = entry;
        }
    }

    fn skip(&mut self, path: &Path, reason: &'static str) {
        self.skipped.insert(Skipped { shown: self.shown(path), reason });
    }

    /// The path to show: relative to the current folder where it can be, and without `./`.
    fn shown(&self, path: &Path) -> PathBuf {
        let below = self.here.as_deref().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path);
        let shown: PathBuf = below.components().filter(|c| *c != Component::CurDir).collect();
        if shown.as_os_str().is_empty() { PathBuf::from(".") } else { shown }
    }

    fn error(&self, root: &Path, error: &ignore::Error) -> WalkError {
        let mut path = root;
        let mut inner = error;
        loop {
            match inner {
                ignore::Error::WithPath { path: at, err } => (path, inner) = (at, err),
                ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => inner = err,
                _ => return WalkError { shown: self.shown(path), message: inner.to_string() },
            }
        }
    }

    fn finish(self) -> Files {
        let mut entries: Vec<_> = self.found.into_values().collect();
        let named: HashSet<_> = entries.iter().map(|e| e.shown.clone()).collect();
        entries.sort_by(|a, b| a.shown.cmp(&b.shown));
        let mut skipped: Vec<_> = self.skipped.into_iter().filter(|s| !named.contains(&s.shown)).collect();
        skipped.sort();
        let mut errors = self.errors;
        errors.sort_by(|a, b| a.shown.cmp(&b.shown));
        Files { entries, skipped, errors }
    }
}
