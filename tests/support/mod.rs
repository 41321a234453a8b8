//! The fixtures, and what the engine makes of them; shared by the fixture test and the behaviour test.

use std::{
    fs,
    path::{Path, PathBuf},
};

use unpyramid::{
    engine::{Engine, Rewritten, Selection},
    project::{Entry, Packages},
    source::SourceFile,
    transforms::ALL,
};

/// Where the package stands.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file under `tests/fixtures/STEM/KIND/`.
pub(crate) struct Fixture {
    /// The pattern's stem.
    pub(crate) stem: String,
    /// `STEM/KIND/NAME`, for messages.
    pub(crate) name: String,
    /// The file itself.
    pub(crate) source: SourceFile,
}

impl Fixture {
    /// The fixture at a path.
    pub(crate) fn at(path: &Path) -> Self {
        let name = path.strip_prefix(root().join("tests/fixtures")).expect("a path under tests/fixtures");
        let stem = name.iter().next().expect("a folder for the pattern").to_str().expect("a name in UTF-8");
        let bytes = fs::read(path).expect("a readable fixture");
        // The engine is given the name without the folders above: ids and refusals must not depend on them.
        let source = SourceFile::new(name, bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        Self { stem: stem.to_owned(), name: name.display().to_string(), source }
    }

    /// The id of the pattern that the fixture belongs to.
    pub(crate) fn pattern(&self) -> String {
        self.stem.replace('_', "-")
    }

    /// What the fixture's own pattern makes of it.
    pub(crate) fn rewrite(&self, review: bool) -> Rewritten {
        rewrite(&self.source, Selection { patterns: vec![self.pattern()], review, ..Selection::default() })
    }
}

/// The engine's work on one file.
pub(crate) fn rewrite(source: &SourceFile, selection: Selection) -> Rewritten {
    let entry =
        Entry { path: root().join("tests/fixtures").join(source.path()), shown: source.path().to_owned(), named: true };
    Engine::new(ALL, selection).unwrap_or_else(|e| panic!("{e}")).within(Packages::of([&entry])).rewrite(source)
}

/// The fixtures of one kind (`rewrite`, `review`, `refuse`), sorted.
pub(crate) fn fixtures(kind: &str) -> Vec<Fixture> {
    let mut paths: Vec<PathBuf> = walkdir::WalkDir::new(root().join("tests/fixtures"))
        .into_iter()
        .map(|entry| entry.expect("a readable folder").into_path())
        .filter(|path| path.is_file() && path.parent().is_some_and(|folder| folder.ends_with(kind)))
        .collect();
    paths.sort();
    paths.iter().map(|path| Fixture::at(path)).collect()
}
