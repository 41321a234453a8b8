//! A folder with files, and the program and git in it; shared by the tests that use the program as a user does.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

/// A file with one safe finding.
pub(crate) const SAFE: &str = "function total(id) {\n  return load(id).then(function (x) { return x + 1; });\n}\n";

/// A folder that goes when the test is over.
pub(crate) struct Folder {
    pub(crate) folder: TempDir,
}

impl Folder {
    /// A folder with the given texts.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self { folder: TempDir::new().unwrap() };
        for (path, text) in files {
            folder.write(path, text.as_bytes());
        }
        folder
    }

    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn write(&self, path: impl AsRef<Path>, bytes: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn read(&self, path: impl AsRef<Path>) -> Vec<u8> {
        fs::read(self.path(path)).unwrap()
    }

    pub(crate) fn text(&self, path: impl AsRef<Path>) -> String {
        String::from_utf8(self.read(path)).unwrap()
    }

    /// The program with arguments, in the folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("unpyramid"));
        command.args(arguments).current_dir(self.folder.path()).env_remove("NO_COLOR").env_remove("GIT_DIR");
        command
    }

    /// Runs git, away from the settings of whoever runs the tests.
    pub(crate) fn git(&self, arguments: &[&str]) -> Output {
        let output = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "core.autocrlf=false"])
            .args(arguments)
            .current_dir(self.folder.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output
    }

    pub(crate) fn commit_all(&self) {
        self.git(&["init", "-q"]);
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "start"]);
    }
}
