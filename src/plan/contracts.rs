//! How functions hand over their results, for a plan to tell.

use std::{collections::BTreeMap, ops::Range, path::PathBuf};

use super::{Settings, Tree, map::guarded};
use crate::{
    context::Context,
    contract::{Callback, Calls, Contract, FileOracle, Kind, NamedUses, Sync, contract},
    project::{CallbackFunctions, LibraryUses},
    semantic::Names,
    source::SourceFile,
    syntax::{Node, Parsed, node::is_function},
};

/// The contracts of the functions at the given places, by file and range. A place where no function stands is left out.
pub(super) fn contracts(
    settings: &Settings<'_>,
    tree: &Tree,
    places: &BTreeMap<PathBuf, Vec<Range<usize>>>,
) -> BTreeMap<(PathBuf, usize), Contract> {
    let mut out = BTreeMap::new();
    let mut named = NamedUses::default();
    for file in tree.files() {
        named.extend(guarded(|| with_context(settings, file, NamedUses::of_file)).unwrap_or_default());
    }
    for (path, ranges) in places {
        let Some(file) = tree.get(path) else { continue };
        let found = guarded(|| with_context(settings, file, |cx| of_file(cx, ranges, &named))).unwrap_or_default();
        out.extend(found.into_iter().map(|(start, contract)| ((path.clone(), start), contract)));
    }
    out
}

fn with_context<T>(settings: &Settings<'_>, source: &SourceFile, ask: impl FnOnce(&Context<'_>) -> T) -> T {
    let file = Parsed::new(source);
    let (names, style) = (Names::new(&file), file.style());
    let (library, callbacks) = (LibraryUses::default(), CallbackFunctions::default());
    ask(&Context::new(&file, &names, &style, settings.apis, &library, &callbacks))
}

fn of_file(cx: &Context<'_>, ranges: &[Range<usize>], named: &NamedUses) -> Vec<(usize, Contract)> {
    let oracle = FileOracle::new(named);
    let functions = ranges.iter().filter_map(|range| function(cx.file.root(), range));
    functions.map(|node| (node.start_byte(), contract(cx, node, &oracle))).collect()
}

/// The function with exactly this range.
fn function<'t>(root: Node<'t>, range: &Range<usize>) -> Option<Node<'t>> {
    let mut node = root.descendant_for_byte_range(range.start, range.end)?;
    while node.byte_range() == *range {
        if is_function(node) {
            return Some(node);
        }
        node = node.parent()?;
    }
    None
}

/// The kind of a contract, as scripts read it.
pub fn kind_name(contract: &Contract) -> &'static str {
    match contract.kind {
        Kind::Plain => "plain",
        Kind::Callback(_) => "callback",
        Kind::Promise => "promise",
        Kind::Async => "async",
        Kind::Mixed(_) => "mixed",
    }
}

/// A contract in words.
pub fn in_words(contract: &Contract) -> String {
    match &contract.kind {
        Kind::Plain => "hands over nothing later".to_owned(),
        Kind::Promise => "returns a promise".to_owned(),
        Kind::Async => "is async".to_owned(),
        Kind::Callback(callback) => callback_in_words(callback, contract.sync),
        Kind::Mixed(callback) => format!("{}, or returns a promise", callback_in_words(callback, contract.sync)),
    }
}

fn callback_in_words(callback: &Callback, sync: Sync) -> String {
    let form = match callback.error_first {
        Some(true) => "error-first callback",
        Some(false) => "callback without an error",
        None => "callback",
    };
    let mut out = format!("{form}, parameter {}", callback.index + 1);
    if let Some(results) = callback.results {
        out += &format!(", {results} result{}", if results == 1 { "" } else { "s" });
    }
    if callback.optional {
        out += ", optional";
    }
    if callback.shifted {
        out += ", may stand earlier";
    }
    out += match callback.calls {
        Calls::Once => ", called once",
        Calls::NeverOnSomePath(_) => ", not called on some path",
        Calls::TwiceOnSomePath(..) => ", called twice on some path",
        Calls::Unknown(_) => ", called nobody can tell how often",
    };
    out += match sync {
        Sync::Never => "",
        Sync::Always => ", before the function returns",
        Sync::Sometimes => ", sometimes before the function returns",
        Sync::Unknown => ", nobody can tell when",
    };
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{apis::Apis, plan::Memo, transforms::ALL};

    fn words(text: &str) -> String {
        let source = SourceFile::new("a.js", text.as_bytes().to_vec()).unwrap();
        let settings = Settings {
            registry: ALL,
            apis: Apis::builtin(),
            packages: &std::sync::Arc::default(),
            memo: &Memo::default(),
            patterns: &[],
            skip: &[],
            review: false,
        };
        let whole = Range { start: 0, end: text.len() };
        let places = [(PathBuf::from("a.js"), Vec::from([whole]))].into();
        let found = contracts(&settings, &Tree::new([source]), &places);
        found.get(&(PathBuf::from("a.js"), 0)).map(in_words).unwrap_or_default()
    }

    #[test]
    fn a_contract_is_told_in_words() {
        let once = "function load(path, cb) { fs.readFile(path, function (err, x) { if (err) return cb(err); cb(null, x); }); }";
        assert_eq!(words(once), "error-first callback, parameter 2, 1 result, called once, nobody can tell when");
        let never =
            "function f(cb) { fs.stat('x', function (err, x) { if (err) return cb(err); if (x) cb(null, x); }); }";
        assert!(words(never).contains(", not called on some path"), "{}", words(never));
        assert_eq!(words("async function f() { return 1; }"), "is async");
        assert_eq!(words("var nothing = 1;"), "");
    }
}
