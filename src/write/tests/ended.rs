//! A write whose process is ended by the system at every call in turn: nothing of it runs on, no lock is given back, no
//! value is dropped.
//!
//! The process is this test program, which is started anew to run one test that writes and does not come back.

use std::process::Command;

use super::*;

/// Where the process that is to be ended finds its files.
const FOLDER: &str = "UNPYRAMID_TEST_FOLDER";

/// How it is to write, as a place in [`WAYS`], and the call at which it is ended.
const PLAN: &str = "UNPYRAMID_TEST_PLAN";

/// Ends this process, as SIGKILL does.
pub(super) fn end() -> ! {
    #[cfg(unix)]
    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL).unwrap();
    std::process::abort()
}

/// Writes, and is ended at the call that it was told.
#[test]
fn writes_until_it_is_ended() {
    let (Ok(folder), Ok(plan)) = (std::env::var(FOLDER), std::env::var(PLAN)) else {
        // It runs among the others as well, where it is told nothing and ends nothing.
        assert!(std::env::var_os(FOLDER).is_none());
        return;
    };
    let (way, at) = plan.split_once(' ').unwrap();
    let trio = Trio::within(Path::new(&folder));
    let fault = Fault::at(Some(at.parse().unwrap()), Fate::Ended);
    trio.write(WAYS[way.parse::<usize>().unwrap()], &fault).unwrap();
}

#[test]
fn a_write_whose_process_is_ended_at_any_call_is_taken_back_or_had_come_to_its_end() {
    for (number, way) in WAYS.into_iter().enumerate() {
        for at in 0..calls_of(way) {
            let trio = Trio::new();
            let output = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "write::tests::ended::writes_until_it_is_ended", "--test-threads", "1"])
                .env(FOLDER, trio.folder.path())
                .env(PLAN, format!("{number} {at}"))
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.code().is_none_or(|code| code != 0 && code != 101), "{way:?}, call {at}: {said}");
            goes_on(&trio, way, &format!("{way:?}, call {at}"));
        }
    }
}
