//! What the program is made of: where its packages come from, under which licences, and what they can do. It asks
//! `cargo metadata` about the lock file and needs no other tool, and a network once, for the packages that only other
//! platforms build; known vulnerabilities are for whoever keeps a list of them.

use std::{collections::BTreeSet, process::Command};

use serde_json::Value;

/// Licences under which a package may be used in this one without asking anything of those who use it.
const LICENCES: [&str; 9] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSL-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// The only place that packages come from.
const SOURCE: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Words in the names of packages that open connections or speak the protocols of the net.
const NETWORK: [&str; 13] = [
    "async-std",
    "curl",
    "h2",
    "http",
    "hyper",
    "isahc",
    "mio",
    "openssl",
    "quinn",
    "reqwest",
    "rustls",
    "tokio",
    "ureq",
];

/// The packages of the lock file, with the features that are asked for. Those of other platforms no build has downloaded, so
/// cargo does it the first time.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn text<'v>(package: &'v Value, field: &str) -> &'v str {
    package[field].as_str().unwrap_or_default()
}

/// Whether an expression of licences can be met by those of the list: each part of an `AND`, one part of an `OR`.
fn is_allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    let parts: Vec<&str> = split_outside(&expression, " AND ");
    if parts.len() > 1 {
        return parts.into_iter().all(is_allowed);
    }
    let parts: Vec<&str> = split_outside(&expression, " OR ");
    if parts.len() > 1 {
        return parts.into_iter().any(is_allowed);
    }
    let one = expression.trim();
    match one.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => is_allowed(inner),
        None => LICENCES.contains(&one),
    }
}

/// Splits a text at a word that stands in no parentheses.
fn split_outside<'t>(text: &'t str, word: &str) -> Vec<&'t str> {
    let mut out = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(word) {
        let open = text[..at].matches('(').count() - text[..at].matches(')').count();
        if open == 0 && at >= start {
            out.push(&text[start..at]);
            start = at + word.len();
        }
    }
    out.push(&text[start..]);
    out
}

#[test]
fn every_package_has_a_licence_that_asks_for_nothing() {
    let all = packages();
    assert!(all.len() > 50);
    let wrong =
        all.iter().filter(|p| !is_allowed(text(p, "license"))).map(|p| format!("{} {}", p["name"], p["license"]));
    assert_eq!(wrong.collect::<Vec<_>>(), [] as [String; 0]);
}

#[test]
fn every_package_comes_from_the_registry_but_this_one() {
    let others: BTreeSet<_> =
        packages().iter().filter(|p| text(p, "source") != SOURCE).map(|p| text(p, "name").to_owned()).collect();
    assert_eq!(others, [env!("CARGO_PKG_NAME").to_owned()].into());
}

#[test]
fn no_package_reaches_the_network() {
    let reaches = |name: &str| name.split(['-', '_']).any(|word| NETWORK.contains(&word)) || NETWORK.contains(&name);
    let all = packages();
    let found: Vec<_> = all.iter().map(|p| text(p, "name")).filter(|name| reaches(name)).collect();
    assert_eq!(found, [] as [&str; 0]);
}

#[test]
fn licences_are_read_as_they_are_meant() {
    for good in
        ["MIT", "MIT OR GPL-3.0", "(MIT OR Apache-2.0) AND Unicode-3.0", "Unlicense/MIT", "MIT AND (GPL-3.0 OR ISC)"]
    {
        assert!(is_allowed(good), "{good}");
    }
    for bad in ["GPL-3.0", "", "MIT AND GPL-3.0", "(MIT OR Apache-2.0) AND GPL-3.0", "MIT-0"] {
        assert!(!is_allowed(bad), "{bad}");
    }
}
