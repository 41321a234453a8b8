//! Writes that are stopped at every operation in turn.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
};

use super::{recovery::recover_watched, *};

fn content<'a>(path: &'a Path, before: &'a [u8], after: &'a [u8]) -> NewContent<'a> {
    NewContent { path, before: Some(before), after }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// What the program suffers at one of its operations.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// It is gone from one moment to the next.
    Killed,
    /// The system refuses the operation.
    Refused,
}

/// Counts operations, and strikes at one of them.
struct Fault {
    left: Cell<Option<usize>>,
    fate: Fate,
    seen: Cell<usize>,
}

impl Fault {
    fn at(operation: Option<usize>, fate: Fate) -> Self {
        Self { left: Cell::new(operation), fate, seen: Cell::new(0) }
    }
}

impl Watch for Fault {
    fn before_operation(&self) -> io::Result<()> {
        self.seen.set(self.seen.get() + 1);
        match (self.left.get(), self.fate) {
            (Some(0), Fate::Killed) => std::panic::panic_any("killed"),
            (Some(0), Fate::Refused) => {
                self.left.set(None);
                Err(io::Error::other("refused"))
            }
            (left, _) => {
                self.left.set(left.map(|n| n - 1));
                Ok(())
            }
        }
    }
}

/// Three files in two folders of a project. A write makes a fourth.
struct Trio {
    folder: tempfile::TempDir,
    files: [PathBuf; 3],
}

const OLD: [&[u8]; 3] = [b"1", b"2", b"3"];
const MADE: &[u8] = b"made";
const NEW: [&[u8]; 3] = [b"one", b"two", b"three"];

impl Trio {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("package.json"), "{}").unwrap();
        fs::create_dir(folder.path().join("lib")).unwrap();
        let files = ["a.js", "lib/b.js", "lib/c.js"].map(|name| folder.path().join(name));
        files.iter().zip(OLD).for_each(|(file, text)| fs::write(file, text).unwrap());
        Self { folder, files }
    }

    fn before(&self) -> Vec<(&Path, Option<&'static [u8]>)> {
        self.files.iter().map(PathBuf::as_path).zip(OLD.map(Some)).collect()
    }

    fn made(&self) -> PathBuf {
        self.folder.path().join("lib/made.js")
    }

    /// Whether everything is as it was, or else everything as it was to be.
    fn is_whole(&self) -> bool {
        let made = fs::read(self.made()).ok();
        match made.as_deref() {
            None => self.now() == OLD,
            Some(made) => self.now() == NEW && made == MADE,
        }
    }

    fn write(&self, watch: &dyn Watch) -> Result<(), WriteError> {
        let mut files: Vec<_> =
            self.files.iter().zip(OLD.into_iter().zip(NEW)).map(|(p, (old, new))| content(p, old, new)).collect();
        let made = self.made();
        files.insert(1, NewContent { path: &made, before: None, after: MADE });
        write_all_watched(&files, watch)
    }

    fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(PathBuf::as_path)
    }

    fn now(&self) -> Vec<Vec<u8>> {
        self.files.iter().map(|file| fs::read(file).unwrap()).collect()
    }

    fn is_clean(&self) -> bool {
        names(self.folder.path()) == ["a.js", "lib", "package.json"]
            && names(&self.folder.path().join("lib")).iter().all(|n| ["b.js", "c.js", "made.js"].contains(&n.as_str()))
    }
}

/// Runs something that is killed on the way, without the message that a panic leaves.
fn killed(run: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(run)).is_err_and(|what| what.downcast_ref() == Some(&"killed"))
}

fn operations_of_a_write() -> usize {
    let trio = Trio::new();
    let fault = Fault::at(None, Fate::Killed);
    trio.write(&fault).unwrap();
    fault.seen.get()
}

#[test]
fn all_files_are_written_and_nothing_is_left_behind() {
    let trio = Trio::new();
    trio.write(&Unwatched).unwrap();
    assert_eq!(trio.now(), NEW);
    assert!(trio.is_clean());
    assert_eq!(recover(trio.paths()).unwrap(), []);
    write_all(&[]).unwrap();
}

#[test]
fn a_write_that_is_killed_anywhere_is_taken_back_or_had_come_to_its_end() {
    let operations = operations_of_a_write();
    assert!(operations > 15, "{operations}");
    let mut kept = 0;
    for at in 0..operations {
        let trio = Trio::new();
        assert!(killed(|| trio.write(&Fault::at(Some(at), Fate::Killed)).unwrap()), "operation {at}");
        let recovered = recover(trio.paths()).unwrap();
        let now = trio.now();
        assert!(trio.is_whole(), "operation {at}: {now:?}");
        assert!(trio.is_clean(), "operation {at}");
        if let [one] = recovered.as_slice() {
            assert_eq!(one.kept, now == NEW, "operation {at}");
            kept += usize::from(one.kept);
        } else {
            assert_eq!((at, recovered.len()), (0, 0), "a journal is there from the first operation on");
        }
        // The next run goes on from whichever it was.
        if now == OLD {
            trio.write(&Unwatched).unwrap();
        }
        assert_eq!(trio.now(), NEW);
    }
    assert!(kept > 0 && kept < operations, "{kept}");
}

#[test]
fn a_recovery_that_is_killed_anywhere_is_finished_by_the_next() {
    for at in 0..operations_of_a_write() {
        for again in 0.. {
            let trio = Trio::new();
            assert!(killed(|| trio.write(&Fault::at(Some(at), Fate::Killed)).unwrap()));
            let fault = Fault::at(Some(again), Fate::Killed);
            let struck = killed(|| drop(recover_watched(trio.paths(), &fault).unwrap()));
            recover(trio.paths()).unwrap();
            let now = trio.now();
            assert!(trio.is_whole(), "operations {at} and {again}: {now:?}");
            assert!(trio.is_clean(), "operations {at} and {again}");
            if !struck {
                break;
            }
        }
    }
}

#[test]
fn an_operation_that_the_system_refuses_takes_everything_back_at_once() {
    for at in 0..operations_of_a_write() {
        let trio = Trio::new();
        let result = trio.write(&Fault::at(Some(at), Fate::Refused));
        match result {
            Ok(()) => assert_eq!(trio.now(), NEW, "operation {at}"),
            Err(error) => {
                assert_eq!(trio.now(), OLD, "operation {at}");
                assert!(error.not_restored.is_empty(), "operation {at}: {error:?}");
            }
        }
        recover(trio.paths()).unwrap();
        assert!(trio.is_whole() && trio.is_clean(), "operation {at}");
    }
}

#[test]
fn a_file_that_is_to_be_made_must_not_be_there_and_goes_when_the_rest_goes_back() {
    let trio = Trio::new();
    let made = trio.made();
    fs::write(&made, "mine").unwrap();
    let error = trio.write(&Unwatched).unwrap_err();
    assert!(matches!(error.cause, Cause::Changed) && error.path == made);
    assert_eq!((trio.now(), fs::read(&made).unwrap()), (OLD.map(<[u8]>::to_vec).to_vec(), b"mine".to_vec()));
    fs::remove_file(&made).unwrap();
    let mut transaction = Transaction::begin(&[(&trio.files[0], Some(OLD[0])), (&made, None)]).unwrap();
    transaction.put(&[NEW[0], MADE]).unwrap();
    drop(transaction);
    fs::write(&made, "mine").unwrap();
    let error = recover(trio.paths()).unwrap_err();
    assert!(error.to_string().contains("made.js"), "{error}");
    fs::write(&made, MADE).unwrap();
    recover(trio.paths()).unwrap();
    assert!(trio.is_whole() && trio.is_clean() && !made.exists());
}

#[test]
fn contents_are_tried_one_after_another_and_put_back() {
    let trio = Trio::new();
    let mut transaction = Transaction::begin(&trio.before()).unwrap();
    transaction.put(&NEW).unwrap();
    assert_eq!(trio.now(), NEW);
    transaction.put(&[b"1", b"two", b"3"]).unwrap();
    assert_eq!(trio.now(), [b"1".to_vec(), b"two".to_vec(), b"3".to_vec()]);
    transaction.restore().unwrap();
    assert_eq!(trio.now(), OLD);
    assert!(trio.is_clean());
}

#[test]
fn what_was_tried_goes_back_when_the_program_is_killed_and_stays_when_it_was_kept() {
    let trio = Trio::new();
    let mut transaction = Transaction::begin(&trio.before()).unwrap();
    transaction.put(&NEW).unwrap();
    transaction.put(&[b"1", b"two", b"3"]).unwrap();
    drop(transaction);
    let recovered = recover(trio.paths()).unwrap();
    assert_eq!(recovered[0].put_back, [trio.files[1].canonicalize().unwrap()]);
    assert_eq!(trio.now(), OLD);
    let mut transaction = Transaction::begin(&trio.before()).unwrap();
    transaction.put(&[b"1", b"two", b"3"]).unwrap();
    transaction.keep().unwrap();
    assert_eq!(trio.now()[1], b"two");
    assert!(trio.is_clean());
}

#[test]
fn a_run_that_is_not_over_is_left_alone() {
    let trio = Trio::new();
    let mut transaction = Transaction::begin(&trio.before()).unwrap();
    transaction.put(&NEW).unwrap();
    assert!(matches!(recover(trio.paths()), Err(RecoverError::Busy(_))));
    let error = Transaction::begin(&[(&trio.files[0], Some(NEW[0]))]).unwrap_err();
    assert!(matches!(&error.cause, Cause::Io(e) if e.kind() == io::ErrorKind::WouldBlock), "{error}");
    transaction.keep().unwrap();
    assert_eq!(trio.now(), NEW);
}

#[test]
fn work_that_was_done_since_the_interruption_is_not_overwritten() {
    let trio = Trio::new();
    let mut transaction = Transaction::begin(&trio.before()).unwrap();
    transaction.put(&NEW).unwrap();
    drop(transaction);
    fs::write(&trio.files[1], "mine").unwrap();
    let error = recover(trio.paths()).unwrap_err();
    assert!(error.to_string().contains("b.js") && !error.to_string().contains("c.js"), "{error}");
    assert_eq!(
        trio.now(),
        [b"one".to_vec(), b"mine".to_vec(), b"three".to_vec()],
        "no file goes back without the rest"
    );
    fs::write(&trio.files[1], NEW[1]).unwrap();
    recover(trio.paths()).unwrap();
    assert_eq!(trio.now(), OLD);
}

#[test]
fn a_journal_that_leads_out_of_its_folder_is_refused() {
    let trio = Trio::new();
    let journal = trio.folder.path().join(journal::NAME);
    for path in ["../x.js", "/etc/x.js", "lib/../../x.js"] {
        let line = format!(r#"{{"begin":{{"version":1,"id":"1","files":[{{"path":"{path}","before":"0"}}]}}}}"#);
        fs::write(&journal, line + "\n\"armed\"\n").unwrap();
        assert!(matches!(recover(trio.paths()), Err(RecoverError::Io { .. })), "{path}");
    }
    fs::write(&journal, "not ours\n").unwrap();
    assert!(matches!(recover(trio.paths()), Err(RecoverError::Io { .. })));
    assert!(journal.exists());
}

#[test]
fn a_file_that_changed_in_the_meantime_stops_all_of_them() {
    let trio = Trio::new();
    fs::write(&trio.files[1], "new").unwrap();
    let error = trio.write(&Unwatched).unwrap_err();
    assert!(matches!(error.cause, Cause::Changed));
    assert_eq!(error.path, trio.files[1]);
    assert_eq!(trio.now(), [b"1".to_vec(), b"new".to_vec(), b"3".to_vec()]);
    assert!(trio.is_clean());
}

#[test]
fn a_file_that_is_changed_between_the_renames_is_kept_and_the_others_go_back() {
    let trio = Trio::new();
    let mut transaction = Transaction::begin(&trio.before()).unwrap();
    fs::remove_file(&trio.files[2]).unwrap();
    fs::write(&trio.files[2], "mine").unwrap();
    let error = transaction.put(&NEW).unwrap_err();
    assert!(matches!(error.cause, Cause::Changed) && error.path == trio.files[2]);
    transaction.restore().unwrap();
    assert_eq!(trio.now(), [b"1".to_vec(), b"2".to_vec(), b"mine".to_vec()]);
    assert!(trio.is_clean());
}

#[test]
fn a_file_that_is_named_twice_is_no_two_files() {
    let trio = Trio::new();
    let a = &trio.files[0];
    let error = write_all(&[content(a, b"1", b"x"), content(a, b"1", b"y")]).unwrap_err();
    assert!(matches!(error.cause, Cause::Twice));
    assert_eq!(trio.now(), OLD);
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
    let mut transaction = Transaction::begin(&[(&link, Some(b"2"))]).unwrap();
    transaction.put(&[b"3"]).unwrap();
    transaction.restore().unwrap();
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

#[cfg(unix)]
#[test]
fn a_name_that_is_no_text_is_recovered_too() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(std::ffi::OsStr::from_bytes(b"\xFF\"\n.js"));
    fs::write(&path, "1").unwrap();
    let mut transaction = Transaction::begin(&[(&path, Some(b"1"))]).unwrap();
    transaction.put(&[b"2"]).unwrap();
    drop(transaction);
    recover([path.as_path()]).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"1");
}
