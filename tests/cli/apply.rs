//! `apply` and what it does to files.

use super::{CLEAN, DETACHED, Project, SAFE};

#[test]
fn rewrites_are_carried_out_and_a_second_time_there_is_nothing_to_do() {
    let project = Project::new(&[("a.js", SAFE), ("b.js", DETACHED), ("c.js", CLEAN)]);
    let run = project.run(&["apply"]).expect(0);
    assert!(run.text().contains("a.js: then-chain 1\n1 rewrite in 1 file\n"), "{}", run.text());
    assert!(run.text().contains("left: 0 at level review, 1 at level manual"), "{}", run.text());
    let after = project.text("a.js");
    assert!(after.starts_with("async function total(id) {"), "{after}");
    assert_eq!((project.text("b.js").as_str(), project.text("c.js").as_str()), (DETACHED, CLEAN));
    let run = project.run(&["apply"]).expect(0);
    assert!(run.text().starts_with("0 rewrites in 0 files\n"), "{}", run.text());
    assert_eq!(project.text("a.js"), after);
    assert_eq!(project.run(&["diff"]).expect(0).out, b"");
}

#[test]
fn bytes_that_are_not_rewritten_are_kept() {
    let cases: [(&str, Vec<u8>); 6] = [
        ("crlf.js", SAFE.replace('\n', "\r\n").into_bytes()),
        ("bom.js", [b"\xEF\xBB\xBF", SAFE.as_bytes()].concat()),
        ("no-end.js", SAFE.trim_end().as_bytes().to_vec()),
        ("latin1.js", [b"// \xE9t\xE9\n", SAFE.as_bytes(), b"// \xFC\n"].concat()),
        ("lone-cr.js", [b"// a\rb = 1;\n".as_slice(), SAFE.as_bytes()].concat()),
        ("mixed.js", [b"a();\r\nb();\n".as_slice(), SAFE.as_bytes(), b"c();\r\n"].concat()),
    ];
    for (name, before) in cases {
        let project = Project::new(&[]);
        project.write(name, &before);
        project.run(&["apply"]).expect(0);
        let after = project.read(name);
        assert_ne!(after, before, "{name}");
        // What stands before and after the function is the same.
        let find = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).position(|w| w == what).unwrap();
        let head = &before[..find(&before, b"function total")];
        assert!(after.starts_with(head), "{name}: {:?}", String::from_utf8_lossy(&after));
        let tail_of = |bytes: &[u8]| bytes[bytes.iter().rposition(|b| *b == b'}').unwrap()..].to_vec();
        assert_eq!(tail_of(&after), tail_of(&before), "{name}");
        if name == "crlf.js" {
            let lone = after.windows(2).filter(|w| w[1] == b'\n' && w[0] != b'\r').count();
            assert_eq!(lone, 0, "{:?}", String::from_utf8_lossy(&after));
        }
    }
}

#[cfg(unix)]
#[test]
fn modes_and_links_are_kept() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let project = Project::new(&[("real/a.js", SAFE)]);
    std::fs::set_permissions(project.path("real/a.js"), std::fs::Permissions::from_mode(0o750)).unwrap();
    symlink("real/a.js", project.path("link.js")).unwrap();
    project.run(&["apply", "link.js"]).expect(0);
    assert_ne!(project.text("real/a.js"), SAFE);
    assert_eq!(std::fs::metadata(project.path("real/a.js")).unwrap().permissions().mode() & 0o777, 0o750);
    assert!(std::fs::symlink_metadata(project.path("link.js")).unwrap().is_symlink());
}

#[cfg(unix)]
#[test]
fn a_read_only_file_stops_the_run_before_anything_is_written() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new(&[("a.js", SAFE), ("b.js", SAFE)]);
    std::fs::set_permissions(project.path("b.js"), std::fs::Permissions::from_mode(0o444)).unwrap();
    let run = project.run(&["apply"]).expect(2);
    assert!(run.err.contains("b.js: the file is read-only; nothing was written"), "{}", run.err);
    assert_eq!((project.text("a.js").as_str(), project.text("b.js").as_str()), (SAFE, SAFE));
    assert_eq!(std::fs::read_dir(project.folder.path()).unwrap().count(), 2, "no temporary file is left");
}

/// A function that calls back before it returns, a caller that counts on it, and what it goes on with in another file.
const AT_ONCE: [(&str, &str); 3] = [
    ("package.json", "{}"),
    (
        "cache.js",
        "const list = require('./list');\nexports.get = function (key, k) {\n  list.read(key, (e, value) => {\n    if (e) \
         return k(e);\n    k(null, value.name);\n  });\n};\n",
    ),
    ("list.js", "exports.read = function (key, k) {\n  k(0, { name: key });\n};\n"),
];

#[test]
fn what_the_rest_of_a_project_relies_on_counts_for_a_part_of_it() {
    let relies = "const cache = require('./cache');\nlet value;\nexports.now = function (key, k) {\n  cache.get(key, (e, x) => { \
                  value = x; });\n  k(value);\n  return value;\n};\n";
    for (caller, is_rewritten) in [(relies, false), ("require('./cache').get('a', console.log);\n", true)] {
        let project = Project::new(&[&AT_ONCE[..], &[("caller.js", caller)]].concat());
        project.run(&["apply", "--pattern", "callback-pyramid", "cache.js"]).expect(0);
        assert_eq!(project.text("cache.js").contains("async"), is_rewritten, "{}", project.text("cache.js"));
    }
}

#[test]
fn a_callback_may_have_any_name_in_another_file() {
    let list = |behind: &str| {
        format!(
            "exports.read = function (key, k) {{\n  load(key, (e, item) => {{\n    if (e) {{\n      k(e);\n    }} else {{\n      \
             k(0, item);{behind}\n    }}\n  }});\n}};\n"
        )
    };
    for (list, is_rewritten) in [(list(" count++;"), false), (list(""), true)] {
        let project = Project::new(&[AT_ONCE[0], AT_ONCE[1], ("list.js", &list)]);
        project.run(&["apply", "--pattern", "callback-pyramid", "."]).expect(0);
        assert_eq!(project.text("cache.js").contains("async"), is_rewritten, "{}", project.text("cache.js"));
    }
}

#[test]
fn what_another_function_disposes_of_holds_nothing_up() {
    let chain = "return read(id).then((text) => once(text)).then((value) => value.name);";
    let text = format!(
        "function load(id) {{\n  const once = () => {{\n    using lock = take(id);\n  }};\n  {chain}\n}}\nmodule.exports = load;\n"
    );
    for (file, text, is_rewritten) in [
        ("a.js", text.as_str(), true),
        ("b.js", &text.replace("const once", "using lock = take(id);\n  const once"), false),
        ("c.ts", &text.replacen("(id)", "(id: string)", 1), true),
    ] {
        let project = Project::new(&[(file, text)]);
        project.run(&["apply"]);
        assert_eq!(project.text(file).contains("await read(id"), is_rewritten, "{file}");
    }
}
