//! Writes that are stopped at every call to the system in turn.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
};

use super::{recovery::recover_watched, *};

mod ended;

fn content<'a>(path: &'a Path, before: &'a [u8], after: &'a [u8]) -> NewContent<'a> {
    NewContent { path, before: Some(before), after }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// What the program suffers at one of its calls.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// It is gone from one moment to the next, and a test goes on without it.
    Killed,
    /// It is gone, and the process with it.
    Ended,
    /// The system refuses the call.
    Refused,
    /// The system refuses the call and all that follow.
    Forsaken,
    /// The system refuses the call, and the program is gone so many calls later.
    RefusedAndKilled(usize),
}

/// Counts calls, and strikes at one of them.
struct Fault {
    at: Option<usize>,
    fate: Fate,
    seen: Cell<usize>,
}

impl Fault {
    fn at(call: Option<usize>, fate: Fate) -> Self {
        Self { at: call, fate, seen: Cell::new(0) }
    }
}

impl Watch for Fault {
    fn before_call(&self) -> io::Result<()> {
        let call = self.seen.replace(self.seen.get() + 1);
        let Some(past) = self.at.and_then(|at| call.checked_sub(at)) else { return Ok(()) };
        match self.fate {
            Fate::Killed if past == 0 => std::panic::panic_any("killed"),
            Fate::RefusedAndKilled(later) if past == later => std::panic::panic_any("killed"),
            Fate::Ended if past == 0 => ended::end(),
            Fate::Refused | Fate::RefusedAndKilled(_) if past == 0 => Err(io::Error::other("refused")),
            Fate::Forsaken => Err(io::Error::other("refused")),
            _ => Ok(()),
        }
    }

    /// Few enough for every line of the journal, and every file, to be cut in two somewhere.
    fn most_at_once(&self) -> usize {
        60
    }
}

/// Three files in two folders of a project. A write makes a fourth.
struct Trio {
    folder: Folder,
    files: [PathBuf; 3],
}

/// The project's folder: one of this test, or one that belongs to the process which has started this one.
enum Folder {
    Own(tempfile::TempDir),
    Lent(PathBuf),
}

impl Folder {
    fn path(&self) -> &Path {
        match self {
            Self::Own(folder) => folder.path(),
            Self::Lent(path) => path,
        }
    }
}

const OLD: [&[u8]; 3] = [b"1", b"2", b"3"];
const MADE: &[u8] = b"made";
/// The second takes several calls.
const NEW: [&[u8]; 3] = [b"one", &[b'2'; 150], b"three"];

/// The ways in which the program goes about a write.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// All at once, as `apply` does.
    AtOnce,
    /// All, then a part of it, which is kept: a migration whose command fails with all.
    InPart,
    /// All, then nothing of it: a migration whose command fails with any.
    TakenBack,
}

const WAYS: [Way; 3] = [Way::AtOnce, Way::InPart, Way::TakenBack];

impl Trio {
    fn new() -> Self {
        let trio = Self::of(Folder::Own(tempfile::tempdir().unwrap()));
        fs::write(trio.folder.path().join("package.json"), "{}").unwrap();
        fs::create_dir(trio.folder.path().join("lib")).unwrap();
        trio.files.iter().zip(OLD).for_each(|(file, text)| fs::write(file, text).unwrap());
        trio
    }

    /// Those that are there already.
    fn within(folder: &Path) -> Self {
        Self::of(Folder::Lent(folder.to_owned()))
    }

    fn of(folder: Folder) -> Self {
        let files = ["a.js", "lib/b.js", "lib/c.js"].map(|name| folder.path().join(name));
        Self { folder, files }
    }

    fn before(&self) -> Vec<(&Path, Option<&'static [u8]>)> {
        self.files.iter().map(PathBuf::as_path).zip(OLD.map(Some)).collect()
    }

    fn made(&self) -> PathBuf {
        self.folder.path().join("lib/made.js")
    }

    /// Whether everything is as it was, or else everything as it was to be.
    fn is_whole(&self, way: Way) -> bool {
        let made = fs::read(self.made()).ok();
        made.is_none() && self.now() == OLD || self.is_done(way)
    }

    /// Whether everything is as it was to be.
    fn is_done(&self, way: Way) -> bool {
        let made = fs::read(self.made()).ok();
        match way {
            Way::AtOnce => self.now() == NEW && made.as_deref() == Some(MADE),
            Way::InPart => self.now() == [NEW[0], OLD[1], NEW[2]] && made.as_deref() == Some(MADE),
            Way::TakenBack => self.now() == OLD && made.is_none(),
        }
    }

    fn write(&self, way: Way, watch: &dyn Watch) -> Result<(), WriteError> {
        let made = self.made();
        let mut before = self.before();
        before.insert(1, (&made, None));
        let all = [NEW[0], MADE, NEW[1], NEW[2]];
        if let Way::AtOnce = way {
            let pairs = before.iter().zip(all);
            let files: Vec<_> =
                pairs.map(|((path, before), after)| NewContent { path, before: *before, after }).collect();
            return write_all_watched(&files, watch);
        }
        let mut transaction = Transaction::begin_watched(&before, watch)?;
        let part = [NEW[0], MADE, OLD[1], NEW[2]];
        let put = match (transaction.put(&all), way) {
            (Ok(()), Way::InPart) => transaction.put(&part),
            (put, _) => put,
        };
        match (put, way) {
            (Err(error), _) => Err(transaction.fail(error)),
            (Ok(()), Way::TakenBack) => transaction.restore(),
            (Ok(()), _) => transaction.keep(),
        }
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

fn calls_of(way: Way) -> usize {
    let trio = Trio::new();
    let fault = Fault::at(None, Fate::Killed);
    trio.write(way, &fault).unwrap();
    assert!(trio.is_done(way));
    fault.seen.get()
}

/// Has what was left taken back. Another test may just be starting a process, which holds all files that are open, and
/// so the lock of a write that is gone, until it is another program.
fn patiently(recover: impl Fn() -> Result<Vec<Recovered>, RecoverError>) -> Result<Vec<Recovered>, RecoverError> {
    for _ in 0..2000 {
        match recover() {
            Err(RecoverError::Busy(_)) => std::thread::sleep(std::time::Duration::from_millis(1)),
            other => return other,
        }
    }
    recover()
}

fn recovered(trio: &Trio) -> Result<Vec<Recovered>, RecoverError> {
    patiently(|| recover(trio.paths()))
}

/// Has the next run find what was left, and checks that all is well then; whether that write had come to its end.
fn goes_on(trio: &Trio, way: Way, what: &str) -> bool {
    let recovered = recovered(trio).unwrap_or_else(|e| panic!("{what}: {e}"));
    let now = trio.now();
    assert!(trio.is_whole(way), "{what}: {now:?}");
    assert!(trio.is_clean(), "{what}: {:?}", names(trio.folder.path()));
    let is_done = trio.is_done(way);
    match (recovered.as_slice(), way) {
        ([], _) | (_, Way::TakenBack) => {}
        ([one], _) => assert_eq!(one.kept, is_done, "{what}"),
        _ => panic!("{what}: more than one journal"),
    }
    // The next run goes on from whichever it was.
    if !is_done {
        trio.write(way, &Unwatched).unwrap();
    }
    assert!(trio.is_done(way) && trio.is_clean(), "{what}");
    is_done
}

#[test]
fn all_files_are_written_and_nothing_is_left_behind() {
    for way in WAYS {
        let trio = Trio::new();
        trio.write(way, &Unwatched).unwrap();
        assert!(trio.is_done(way) && trio.is_clean(), "{way:?}");
        assert_eq!(recover(trio.paths()).unwrap(), []);
    }
    write_all(&[]).unwrap();
}

#[test]
fn a_write_that_is_killed_at_any_call_is_taken_back_or_had_come_to_its_end() {
    for way in WAYS {
        let calls = calls_of(way);
        assert!(calls > 40, "{way:?}: {calls}");
        let mut kept = 0;
        for at in 0..calls {
            let trio = Trio::new();
            let what = format!("{way:?}, call {at}");
            assert!(killed(|| trio.write(way, &Fault::at(Some(at), Fate::Killed)).unwrap()), "{what}");
            kept += usize::from(goes_on(&trio, way, &what));
        }
        assert!(kept > 0 && kept < calls || matches!(way, Way::TakenBack), "{way:?}: {kept}");
    }
}

#[test]
fn a_recovery_that_is_killed_at_any_call_is_finished_by_the_next() {
    let way = Way::AtOnce;
    // At every call of the recovery, for some of those at which the write may have been killed.
    for at in (0..calls_of(way)).step_by(3) {
        for again in 0.. {
            let trio = Trio::new();
            assert!(killed(|| trio.write(way, &Fault::at(Some(at), Fate::Killed)).unwrap()));
            let fault = Fault::at(Some(again), Fate::Killed);
            let struck = killed(|| {
                let count = || {
                    fault.seen.set(0);
                    recover_watched(trio.paths(), &fault)
                };
                patiently(count).unwrap();
            });
            goes_on(&trio, way, &format!("calls {at} and {again}"));
            if !struck {
                break;
            }
        }
    }
}

#[test]
fn a_call_that_the_system_refuses_takes_everything_back_at_once() {
    for way in WAYS {
        for at in 0..calls_of(way) {
            let (trio, what) = (Trio::new(), format!("{way:?}, call {at}"));
            match trio.write(way, &Fault::at(Some(at), Fate::Refused)) {
                Ok(()) => assert!(trio.is_done(way), "{what}"),
                // What would not go back was said, and the next run sees to it.
                Err(error) if matches!(way, Way::TakenBack) => {
                    assert!(error.not_restored.len() < 4, "{what}: {error:?}")
                }
                Err(error) => {
                    assert_eq!(trio.now(), OLD, "{what}");
                    assert!(error.not_restored.is_empty(), "{what}: {error:?}");
                }
            }
            goes_on(&trio, way, &what);
        }
    }
}

#[test]
fn a_disk_that_takes_nothing_more_loses_nothing() {
    for way in WAYS {
        for at in 0..calls_of(way) {
            let (trio, what) = (Trio::new(), format!("{way:?}, from call {at}"));
            let result = trio.write(way, &Fault::at(Some(at), Fate::Forsaken));
            let as_said = result.is_ok_and(|()| trio.is_done(way)) || trio.now() == OLD;
            // Those that could not be put back are named; the next run does it.
            if !as_said {
                let trio = Trio::new();
                let error = trio.write(way, &Fault::at(Some(at), Fate::Forsaken)).unwrap_err();
                let changed: Vec<_> =
                    trio.files.iter().zip(OLD).filter(|(f, old)| fs::read(f).unwrap() != *old).collect();
                assert!(changed.iter().all(|(f, _)| error.not_restored.contains(f)), "{what}: {error:?}");
            }
            goes_on(&trio, way, &what);
        }
    }
}

#[test]
fn a_write_that_is_killed_while_it_is_taken_back_is_taken_back() {
    for way in WAYS {
        for at in 0..calls_of(way) {
            for later in [1, 2, 5] {
                let trio = Trio::new();
                let fault = Fault::at(Some(at), Fate::RefusedAndKilled(later));
                let struck = killed(|| drop(trio.write(way, &fault)));
                assert!(struck || fault.seen.get() <= at + later, "{way:?}");
                goes_on(&trio, way, &format!("{way:?}, call {at} and {later} later"));
            }
        }
    }
}

#[test]
fn a_file_that_is_to_be_made_must_not_be_there_and_goes_when_the_rest_goes_back() {
    let trio = Trio::new();
    let made = trio.made();
    fs::write(&made, "mine").unwrap();
    let error = trio.write(Way::AtOnce, &Unwatched).unwrap_err();
    assert!(matches!(error.cause, Cause::Changed) && error.path == made);
    assert_eq!((trio.now(), fs::read(&made).unwrap()), (OLD.map(<[u8]>::to_vec).to_vec(), b"mine".to_vec()));
    fs::remove_file(&made).unwrap();
    let mut transaction = Transaction::begin(&[(&trio.files[0], Some(OLD[0])), (&made, None)]).unwrap();
    transaction.put(&[NEW[0], MADE]).unwrap();
    drop(transaction);
    fs::write(&made, "mine").unwrap();
    let error = recovered(&trio).unwrap_err();
    assert!(error.to_string().contains("made.js"), "{error}");
    fs::write(&made, MADE).unwrap();
    recovered(&trio).unwrap();
    assert!(trio.is_whole(Way::AtOnce) && trio.is_clean() && !made.exists());
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
    let recovered = recovered(&trio).unwrap();
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
    let error = recovered(&trio).unwrap_err();
    assert!(error.to_string().contains("b.js") && !error.to_string().contains("c.js"), "{error}");
    assert_eq!(
        trio.now(),
        [b"one".to_vec(), b"mine".to_vec(), b"three".to_vec()],
        "no file goes back without the rest"
    );
    fs::write(&trio.files[1], NEW[1]).unwrap();
    recovered(&trio).unwrap();
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
    let error = trio.write(Way::AtOnce, &Unwatched).unwrap_err();
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
    patiently(|| recover([path.as_path()])).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"1");
}
