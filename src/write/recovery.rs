//! Putting back what a run had replaced that did not get to its end.

use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
};

use super::{
    disk::{Disk, Unwatched, Watch},
    hash_now,
    journal::{self, Remnant, Stage},
};
use crate::report::terminal::escaped;

/// What became of a journal that was found.
#[derive(Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The folder that it lay in.
    pub root: PathBuf,
    /// The files that were put back. None if the run had come to the point of keeping them, or had not touched any.
    pub put_back: Vec<PathBuf>,
    /// Whether that run's changes were all in place and stay.
    pub kept: bool,
}

/// Why a journal could not be dealt with. No file has been changed because of it.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// The run that it belongs to is not over.
    #[error("{}: another run is writing here", shown(.0))]
    Busy(PathBuf),
    /// Files hold neither what they held before that run nor anything that it wrote.
    #[error(
        "a run that was interrupted has left {} behind, and these files were changed since: {}; put them back or \
         remove the journal to keep everything as it is",
        shown(journal),
        listed(files)
    )]
    Changed {
        /// The journal.
        journal: PathBuf,
        /// The files.
        files: Vec<PathBuf>,
    },
    /// The system would not, or the journal makes no sense.
    #[error("{}: {error}", shown(journal))]
    Io {
        /// The journal.
        journal: PathBuf,
        /// What is wrong.
        error: io::Error,
    },
}

fn shown(path: &Path) -> String {
    escaped(&path.to_string_lossy()).into_owned()
}

fn listed(files: &[PathBuf]) -> String {
    files.iter().map(|f| shown(f)).collect::<Vec<_>>().join(", ")
}

/// Looks for journals that were left behind in the folders around the given files, and takes back what those runs had
/// done. Either all files of a run go back or none is touched; being killed here does no harm either.
///
/// # Errors
/// When another run is at work, when files were changed since, or when the system refuses.
pub fn recover<'a>(files: impl IntoIterator<Item = &'a Path>) -> Result<Vec<Recovered>, RecoverError> {
    recover_watched(files, &Unwatched)
}

pub(super) fn recover_watched<'a>(
    files: impl IntoIterator<Item = &'a Path>,
    watch: &dyn Watch,
) -> Result<Vec<Recovered>, RecoverError> {
    let mut folders = BTreeSet::new();
    let near: BTreeSet<&Path> = files.into_iter().flat_map(|f| [Some(f), f.parent()]).flatten().collect();
    for folder in near {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        if let Ok(real) = folder.canonicalize() {
            folders.extend(real.ancestors().map(Path::to_owned));
        }
    }
    let disk = Disk::new(watch);
    let mut out = Vec::new();
    for root in folders {
        let error = |error: io::Error| match error.kind() {
            io::ErrorKind::WouldBlock => RecoverError::Busy(root.join(journal::NAME)),
            _ => RecoverError::Io { journal: root.join(journal::NAME), error },
        };
        if let Some(remnant) = journal::read(disk, &root).map_err(error)? {
            out.push(finish(&root, remnant, disk, error)?);
        }
    }
    Ok(out)
}

fn finish(
    root: &Path,
    remnant: Remnant<'_>,
    disk: Disk<'_>,
    error: impl Fn(io::Error) -> RecoverError,
) -> Result<Recovered, RecoverError> {
    let mut put_back = Vec::new();
    if remnant.stage == Stage::Midway {
        let (replaced, changed) = compare(&remnant).map_err(&error)?;
        if !changed.is_empty() {
            return Err(RecoverError::Changed { journal: remnant.journal.path().to_owned(), files: changed });
        }
        for index in replaced {
            let place = &remnant.places[index];
            place.put_back(disk).map_err(&error)?;
            put_back.push(place.target.clone());
        }
        let folders: BTreeSet<_> = remnant.places.iter().filter_map(|p| p.target.parent()).collect();
        folders.into_iter().for_each(|folder| disk.flush_folder(folder));
    }
    for path in remnant.places.iter().flat_map(|p| [&p.backup, &p.temporary]) {
        disk.remove_if_there(path).map_err(&error)?;
    }
    remnant.journal.remove().map_err(&error)?;
    Ok(Recovered { root: root.to_owned(), put_back, kept: remnant.stage == Stage::Done })
}

/// Which of the files hold something that the run wrote, by number, and which hold something that nobody knows of.
fn compare(remnant: &Remnant<'_>) -> io::Result<(Vec<usize>, Vec<PathBuf>)> {
    let (mut replaced, mut changed) = (Vec::new(), Vec::new());
    for (index, (place, ours)) in remnant.places.iter().zip(&remnant.ours).enumerate() {
        let kept = |old: &Option<String>| old.as_ref().is_none_or(|old| holds(&place.backup, old));
        match hash_now(&place.target)? {
            now if now == place.before => {}
            Some(now) if ours.contains(&now) && kept(&place.before) => replaced.push(index),
            _ => changed.push(place.target.clone()),
        }
    }
    Ok((replaced, changed))
}

fn holds(path: &Path, wanted: &str) -> bool {
    hash_now(path).is_ok_and(|now| now.as_deref() == Some(wanted))
}
