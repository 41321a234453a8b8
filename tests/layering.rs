//! Holds the order of the modules that `src/lib.rs` states: imports point one way.

use std::{fs, path::Path};

/// The modules in the order that the documentation of `src/lib.rs` gives.
fn order(lib: &str) -> Vec<String> {
    let doc: String = lib.lines().filter_map(|line| line.strip_prefix("//!")).collect();
    let list = doc.split('`').find(|part| part.contains("->")).expect("src/lib.rs states the order");
    list.split("->").map(|name| name.trim().to_owned()).collect()
}

/// The top-level modules of the crate that a source text mentions: in `use crate::{…}` and in paths.
fn mentioned(text: &str) -> Vec<String> {
    let code: String =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect();
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let name_of = |text: &str| text.trim_start().chars().take_while(|c| is_name(*c)).collect::<String>();
    let mut out = Vec::new();
    for (at, start) in code.match_indices("crate::") {
        if code[..at].ends_with(|c: char| is_name(c) || c == '$') {
            continue;
        }
        let rest = &code[at + start.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            out.push(name_of(rest));
            continue;
        };
        let mut depth = 0usize;
        let mut item = 0;
        for (index, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth > 0 => depth -= 1,
                ',' | '}' if depth == 0 => {
                    out.push(name_of(&group[item..index]));
                    item = index + 1;
                    if c == '}' {
                        break;
                    }
                }
                _ => {}
            }
        }
    }
    out.retain(|name| !name.is_empty());
    out
}

/// Every Rust file below a folder with its module's name.
fn files(folder: &Path, fixed: Option<&str>) -> Vec<(String, std::path::PathBuf)> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.expect("the tree can be read").into_path())
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .map(|path| {
            let first = path.strip_prefix(folder).unwrap().components().next().unwrap();
            let first = first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
            (fixed.map_or(first, str::to_owned), path)
        })
        .filter(|(module, _)| !matches!(module.as_str(), "lib" | "main"))
        .collect()
}

#[test]
fn imports_point_one_way() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let order = order(&fs::read_to_string(root.join("src/lib.rs")).unwrap());
    let place = |module: &str| order.iter().position(|name| name == module);
    let all = [files(&root.join("src"), None), files(&root.join("transforms"), Some("transforms"))].concat();
    let mut wrong = Vec::new();
    for (module, path) in all {
        let Some(here) = place(&module) else {
            wrong.push(format!("{}: `{module}` is not in the order that src/lib.rs states", path.display()));
            continue;
        };
        for other in mentioned(&fs::read_to_string(&path).unwrap()) {
            match place(&other) {
                Some(there) if there <= here => {}
                Some(_) => wrong.push(format!("{}: `{module}` uses `{other}`, which comes after it", path.display())),
                None => wrong.push(format!("{}: uses unknown module `{other}`", path.display())),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_one_module_writes_to_disk() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let writing = [
        "fs::write",
        "File::create",
        "OpenOptions",
        "File::options",
        "fs::rename",
        "hard_link",
        "remove_file",
        "set_permissions",
    ];
    for (module, path) in files(&root.join("src"), None) {
        // A module's tests stand behind `#[cfg(test)]`, or in a file of their own.
        if path.file_name().is_some_and(|name| name == "tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let found: Vec<_> = writing.iter().filter(|call| code.contains(**call)).collect();
        assert!(module == "write" || found.is_empty(), "{} uses {found:?}", path.display());
    }
}

#[test]
fn the_reader_of_imports_reads_them() {
    let text = "use crate::{\n    a::{b, c},\n    d,\n};\n// crate::no\nfn f() { crate::e::g(); $crate::h(); }";
    assert_eq!(mentioned(text), ["a", "d", "e"]);
}
