//! How fan-outs are bounded in packages of different kinds, and the helper at work.

use std::{fs, process::Command};

use super::*;
use crate::{
    apis::Apis,
    edit::apply,
    project::{CallbackFunctions, LibraryUses, Packages, collect},
    source::{SourceFile, Style},
    syntax::Parsed,
};

/// A package of one file, and what becomes of `CALL` in it.
fn bounded(package_json: &str, file: &str, text: &str) -> (String, Option<NewFile>) {
    bounded_beside(&[("package.json", package_json)], file, text)
}

/// What becomes of `CALL` in a file of a package, and the others.
fn bounded_beside(others: &[(&str, &str)], file: &str, text: &str) -> (String, Option<NewFile>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file);
    for (path, text) in others.iter().chain(&[(file, text)]) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let packages = Packages::of(&collect(&[folder.path().to_owned()]).unwrap().entries);
    let source = SourceFile::new(&path, text.into()).unwrap();
    let parsed = Parsed::new(&source);
    let (names, style) = (crate::semantic::Names::new(&parsed), parsed.style());
    let (library, callbacks) = (LibraryUses::default(), CallbackFunctions::default());
    let mut cx = Context::new(&parsed, &names, &style, Apis::builtin(), &library, &callbacks);
    cx.package = packages.of_file(&path);
    let at = text.find("CALL").unwrap();
    let mapper = Mapper::Inline { parameters: "x".into(), body: "f(x)".into() };
    let mut additions = Additions::default();
    let mapped = match mapped(&cx, &mut additions, &"xs".into(), &mapper, 8, at..at + 4) {
        Ok(mapped) => mapped,
        Err(refusal) => return (refusal.code.code().to_owned(), None),
    };
    let mut edits = additions.edits(&cx, &[]);
    let before: String = mapped
        .before
        .iter()
        .map(|s| match s {
            Stmt::Bind { target, value, .. } => format!("const {} = {};\n", target.as_str(), value.as_str()),
            _ => unreachable!("only a limiter stands in front"),
        })
        .collect();
    edits.push(crate::edit::Edit::new(at..at + 4, format!("{before}{}", mapped.value.as_str())));
    edits.sort_by_key(|e| e.range.start);
    let text = String::from_utf8(apply(text.as_bytes(), &edits).unwrap()).unwrap();
    let shorten = |new: NewFile| NewFile { path: new.path.strip_prefix(folder.path()).unwrap().to_owned(), ..new };
    (text, mapped.creates.map(shorten))
}

#[test]
fn a_package_s_own_limiter_comes_first() {
    let text = "const a = require('a');\nCALL;\n";
    let (out, new) = bounded(r#"{"dependencies": {"p-map": "^4.0.0", "p-limit": "3"}}"#, "lib/a.js", text);
    assert_eq!(
        out,
        "const a = require('a');\nconst pMap = require('p-map');\npMap(xs, async (x) => f(x), { concurrency: 8 });\n"
    );
    assert_eq!(new, None);
    let (out, _) = bounded(r#"{"dependencies": {"p-limit": "3"}}"#, "lib/a.js", text);
    assert!(out.ends_with(
        "const pLimit = require('p-limit');\nconst limit = pLimit(8);\nPromise.all(xs.map((x) => limit(async () => f(x))));\n"
    ), "{out}");
}

#[test]
fn a_limiter_that_is_there_keeps_its_name() {
    let text = "const each = require('p-map');\nCALL;\n";
    let (out, new) = bounded(r#"{"dependencies": {"p-map": "^4.0.0"}}"#, "lib/a.js", text);
    assert_eq!(out, "const each = require('p-map');\neach(xs, async (x) => f(x), { concurrency: 8 });\n");
    assert_eq!(new, None);
}

#[test]
fn a_limiter_that_can_t_be_required_or_is_not_installed_for_users_is_none() {
    for package in [r#"{"dependencies": {"p-map": "^7.0.0"}}"#, r#"{"devDependencies": {"p-map": "^4"}}"#] {
        let (out, new) = bounded(package, "lib/a.js", "const a = require('a');\nCALL;\n");
        assert!(
            out.contains("const { mapLimit } = require('./map-limit');\nmapLimit(xs, 8, async (x) => f(x));"),
            "{out}"
        );
        assert_eq!(new.unwrap().path, std::path::Path::new("lib/map-limit.js"));
    }
    let esm = bounded(r#"{"dependencies": {"p-map": "^7.0.0"}}"#, "lib/a.mjs", "import a from 'a';\nCALL;\n").0;
    assert!(esm.contains("import pMap from 'p-map';"), "{esm}");
}

#[test]
fn the_helper_is_written_as_the_package_is() {
    let (out, new) = bounded("{}", "src/a.ts", "import a from \"a\"\nimport b from \"./b\"\nif (a) {\n    CALL\n}\n");
    assert!(out.contains("import { mapLimit } from \"./map-limit\"\n"), "{out}");
    let new = new.unwrap();
    assert_eq!(new.path, std::path::Path::new("src/map-limit.ts"));
    assert!(
        new.text.contains("export async function mapLimit<T, R>(items: Iterable<T>, limit: number,"),
        "{}",
        new.text
    );
    assert!(new.text.contains("\n    const list = Array.from(items)\n"), "{}", new.text);
    let source = SourceFile::new("a.ts", new.text.into_bytes()).unwrap();
    assert!(Parsed::new(&source).errors().is_empty());
}

#[test]
fn a_helper_in_another_language_is_none() {
    let package = ("package.json", "{}");
    let typed = [package, ("src/b.ts", "export const b = 1;\n"), ("src/c.ts", "export const c = 2;\n")];
    let (out, new) = bounded_beside(&typed, "scripts/a.js", "const a = require('a');\nCALL;\n");
    assert!(out.contains("const { mapLimit } = require('./map-limit');"), "{out}");
    assert_eq!(new.unwrap().path, std::path::Path::new("scripts/map-limit.js"));
    // Among them, one of its own would be the same.
    assert_eq!(bounded_beside(&typed, "src/a.js", "const a = require('a');\nCALL;\n").0, "no-limiter");
}

#[test]
fn a_taken_name_is_gone_around_and_no_package_is_a_reason() {
    let (out, _) = bounded("{}", "a.js", "const mapLimit = 1;\nCALL;\n");
    assert!(out.contains("const { mapLimit: mapWithLimit } = require('./map-limit');"), "{out}");
    assert!(out.contains("mapWithLimit(xs, 8,"), "{out}");
    let source = SourceFile::new("a.js", b"CALL".to_vec()).unwrap();
    let parsed = Parsed::new(&source);
    let (names, style) = (crate::semantic::Names::new(&parsed), Style::default());
    let (library, callbacks) = (LibraryUses::default(), CallbackFunctions::default());
    let cx = Context::new(&parsed, &names, &style, Apis::builtin(), &library, &callbacks);
    let mapper = Mapper::Reference("f".into());
    let refusal = mapped(&cx, &mut Additions::default(), &"xs".into(), &mapper, 8, 0..4).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::NoLimiter);
}

#[test]
fn the_helper_keeps_order_bound_and_the_first_error() {
    let folder = tempfile::tempdir().unwrap();
    let (_, new) = bounded("{}", "a.js", "require('a');\nCALL;\n");
    fs::write(folder.path().join("map-limit.js"), new.unwrap().text).unwrap();
    let script = r#"
const { mapLimit } = require('./map-limit');
const assert = require('assert');
process.on('unhandledRejection', (error) => { console.error('unhandled', error); process.exit(1); });
const after = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
(async () => {
  let running = 0, peak = 0;
  const started = [];
  const slowFirst = async (item, index) => {
    started.push(item);
    peak = Math.max(peak, ++running);
    await after(10 - item);
    running--;
    return [item, index];
  };
  assert.deepStrictEqual(await mapLimit(new Set([3, 1, 2, 0]), 2, slowFirst), [[3, 0], [1, 1], [2, 2], [0, 3]]);
  assert.strictEqual(peak, 2);
  assert.deepStrictEqual(started, [3, 1, 2, 0]);
  assert.deepStrictEqual(await mapLimit([], 2, slowFirst), []);
  assert.deepStrictEqual(await mapLimit([1], 8, (x) => x + 1), [2]);

  const begun = [];
  const failing = async (item) => { begun.push(item); await after(item); throw new Error(`failed ${item}`); };
  await assert.rejects(mapLimit([9, 3, 6, 1], 3, failing), /failed 3/);
  await after(30);
  assert.deepStrictEqual(begun, [9, 3, 6], 'nothing is started after a failure, and nothing goes unhandled');
  const thrown = mapLimit([1, 2], 2, (x) => { throw new Error(`thrown ${x}`); });
  await assert.rejects(thrown, /thrown 1/);
})().catch((error) => { console.error(error); process.exit(1); });
"#;
    fs::write(folder.path().join("test.js"), script).unwrap();
    let out = Command::new("node").arg("test.js").current_dir(folder.path()).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}
