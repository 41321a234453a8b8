//! The process in Node that compares two versions of a file, and the talk with it.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use serde::{Deserialize, Serialize};

/// Longer than any comparison takes. Code under test can loop for ever without ever calling a stub.
const PATIENCE: Duration = Duration::from_secs(180);

/// Two versions of a file.
#[derive(Debug, Serialize)]
pub(crate) struct Request<'a> {
    pub(crate) id: &'a str,
    pub(crate) before: &'a str,
    pub(crate) after: &'a str,
    /// `auto`, `commonjs` or `esm`.
    pub(crate) module: &'a str,
    /// How thoroughly; as fits fixtures, if not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) options: Option<Options>,
}

/// How thoroughly two versions are compared.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Options {
    /// Schedules an entry, at most.
    pub(crate) schedules: usize,
}

/// What came of comparing them.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    /// `same`, `different` or `error`.
    pub(crate) verdict: String,
    /// How many schedules were run.
    pub(crate) schedules: usize,
    /// The first difference.
    pub(crate) difference: Option<Difference>,
    /// What went wrong.
    pub(crate) message: Option<String>,
}

/// A difference, with both runs.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Difference {
    entry: String,
    message: String,
    schedule: Vec<(String, serde_json::Value)>,
    before: Vec<String>,
    after: Vec<String>,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}: {}", self.entry, self.message)?;
        let schedule: Vec<_> = self.schedule.iter().map(|(key, answer)| format!("{key} -> {answer}")).collect();
        writeln!(f, "  schedule: {}", if schedule.is_empty() { "all goes well".into() } else { schedule.join("; ") })?;
        writeln!(f, "  before:\n    {}", self.before.join("\n    "))?;
        write!(f, "  after:\n    {}", self.after.join("\n    "))
    }
}

/// A running process, started anew after a request that it did not survive.
#[derive(Debug)]
pub(crate) struct Comparer {
    process: Option<(Child, ChildStdin, Receiver<String>)>,
}

impl Comparer {
    /// A comparer whose process starts with the first request.
    pub(crate) fn new() -> Self {
        Self { process: None }
    }

    /// Compares two versions of a file.
    pub(crate) fn compare(&mut self, request: &Request<'_>) -> Answer {
        let (_, input, answers) = self.process.get_or_insert_with(start);
        let mut line = serde_json::to_vec(request).expect("strings become JSON");
        line.push(b'\n');
        let sent = input.write_all(&line).and_then(|()| input.flush());
        match answers.recv_timeout(PATIENCE) {
            Ok(answer) if sent.is_ok() => serde_json::from_str(&answer).expect("the answer is JSON"),
            _ => {
                self.stop();
                let message = "no answer: the code runs for ever, or ended the process".to_owned();
                Answer { verdict: "error".to_owned(), schedules: 0, difference: None, message: Some(message) }
            }
        }
    }

    fn stop(&mut self) {
        if let Some((mut child, ..)) = self.process.take() {
            // It may have ended by itself; then there is nothing to kill.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Comparer {
    fn drop(&mut self) {
        self.stop();
    }
}

fn start() -> (Child, ChildStdin, Receiver<String>) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/behaviour/run.mjs");
    let mut child = Command::new("node")
        // Runs are short and leave much garbage: a larger nursery halves the work of collecting it.
        .arg("--max-semi-space-size=32")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Node 20 or later on the path");
    let input = child.stdin.take().expect("a pipe");
    let output = BufReader::new(child.stdout.take().expect("a pipe"));
    let (sender, answers) = channel();
    std::thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    (child, input, answers)
}
