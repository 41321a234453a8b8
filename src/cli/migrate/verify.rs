//! Running the command that the user verifies a migration with.

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;

use crate::plan::Verdict;

/// How often the command is asked whether it is done.
const POLL: Duration = Duration::from_millis(20);

/// How long a command that is told to end may take before it is made to.
const GRACE: Duration = Duration::from_secs(3);

/// Whether somebody has asked for the program to end.
#[derive(Clone, Debug, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

/// Somebody has.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub(super) struct Interrupted;

impl Interrupt {
    /// From now on a signal to end is noted rather than obeyed, so that the files can be put back first. A second one
    /// is obeyed.
    pub(super) fn watch() -> anyhow::Result<Self> {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in signals() {
            let second = signal_hook::flag::register_conditional_shutdown(*signal, 2, Arc::clone(&flag));
            second
                .and_then(|_| signal_hook::flag::register(*signal, Arc::clone(&flag)))
                .context("listening for signals")?;
        }
        Ok(Self(flag))
    }

    /// # Errors
    /// When somebody has asked for the program to end.
    pub(super) fn check(&self) -> Result<(), Interrupted> {
        if self.0.load(Ordering::Relaxed) { Err(Interrupted) } else { Ok(()) }
    }
}

#[cfg(unix)]
fn signals() -> &'static [std::ffi::c_int] {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    &[SIGINT, SIGTERM, SIGHUP]
}

#[cfg(not(unix))]
fn signals() -> &'static [std::ffi::c_int] {
    use signal_hook::consts::{SIGINT, SIGTERM};
    &[SIGINT, SIGTERM]
}

/// The user's command.
#[derive(Debug)]
pub(super) struct Verifier<'a> {
    /// As it was typed. A shell reads it.
    pub(super) command: &'a str,
    /// The folder to run it in.
    pub(super) root: PathBuf,
    /// What ends it early.
    pub(super) interrupt: Interrupt,
}

impl Verifier<'_> {
    /// Runs the command to its end. What it says goes to standard error.
    ///
    /// # Errors
    /// When it can't be started, or the program is asked to end meanwhile; the command has ended then, too.
    pub(super) fn run(&self) -> anyhow::Result<Verdict> {
        self.interrupt.check()?;
        let mut command = shell(self.command);
        command.current_dir(&self.root).stdin(Stdio::null()).stdout(std::io::stderr()).stderr(Stdio::inherit());
        apart(&mut command);
        let mut child = command.spawn().with_context(|| format!("can't run `{}`", self.command))?;
        loop {
            if let Some(status) = child.try_wait().context("waiting for the command")? {
                self.interrupt.check()?;
                return Ok(if status.success() { Verdict::Passes } else { Verdict::Fails });
            }
            if let Err(interrupted) = self.interrupt.check() {
                end(&mut child);
                return Err(interrupted.into());
            }
            std::thread::sleep(POLL);
        }
    }
}

#[cfg(unix)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]);
    shell
}

#[cfg(not(unix))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd");
    shell.args(["/C", command]);
    shell
}

/// Puts a command into a process group of its own, so that all that it starts can be ended with it.
#[cfg(unix)]
fn apart(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(not(unix))]
fn apart(_command: &mut Command) {}

/// Ends a command: asks first.
fn end(child: &mut Child) {
    tell(child, false);
    let mut waited = Duration::ZERO;
    while waited < GRACE && matches!(child.try_wait(), Ok(None)) {
        std::thread::sleep(POLL);
        waited += POLL;
    }
    // Also if the shell is gone: what it started may not be.
    tell(child, true);
    child.wait().ok();
}

#[cfg(unix)]
fn tell(child: &mut Child, now: bool) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let signal = if now { Signal::KILL } else { Signal::TERM };
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // There may be nobody left to be told.
        kill_process_group(group, signal).ok();
    }
}

#[cfg(not(unix))]
fn tell(child: &mut Child, _now: bool) {
    child.kill().ok();
}
