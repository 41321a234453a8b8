//! Code that is deep, long or wide beyond anything that a person writes.

/// A file that nobody would write.
pub(crate) struct Shape {
    /// What is odd about it.
    pub(crate) name: &'static str,
    /// The file.
    pub(crate) text: String,
}

/// How much memory a run may take for each byte of a file that is nested, beyond [`BASE`].
pub(crate) const DEEP_MULTIPLE: u64 = 400;

/// How much memory a run may take for each byte of a large file of ordinary code, beyond [`BASE`].
pub(crate) const LARGE_MULTIPLE: u64 = 80;

/// What the program takes for nothing, with room for what differs between machines.
pub(crate) const BASE: u64 = 200 << 20;

/// Brackets in brackets, so many deep.
pub(crate) fn brackets(depth: usize) -> Vec<Shape> {
    let nested = |before: &str, open: &str, inner: &str, close: &str, after: &str| {
        [before, &open.repeat(depth), inner, &close.repeat(depth), after].concat()
    };
    let shape = |name, text| Shape { name, text };
    vec![
        shape("parentheses", nested("x = ", "(", "0", ")", ";\n")),
        shape("lists", nested("x = ", "[", "", "]", ";\n")),
        shape("blocks", nested("", "{", "", "}", "\n")),
        shape("lists in parentheses", nested("x = ", "[(", "0", ")]", ";\n")),
        shape("parentheses that never close", nested("x = ", "(", "", "", ";\n")),
        shape("blocks that never open", nested("", "", "", "}", "\n")),
        shape("templates in templates", nested("x = ", "`${", "0", "}`", ";\n")),
        shape("calls of calls", nested("x = ", "f(", "0", ")", ";\n")),
        shape("a path of members", nested("x = a", ".b", "", "", ";\n")),
        shape("a sum", nested("x = 0", " + a", "", "", ";\n")),
        shape("arrow functions", nested("x = ", "a => ", "0", "", ";\n")),
    ]
}

/// What the patterns are about, so often in itself or behind itself.
pub(crate) fn pyramids(depth: usize) -> Vec<Shape> {
    let nested = |before: &str, open: &str, inner: &str, close: &str, after: &str| {
        [before, &open.repeat(depth), inner, &close.repeat(depth), after].concat()
    };
    let shape = |name, text| Shape { name, text };
    let callback = "fs.readFile(p, (err, x) => { if (err) return cb(err);\n";
    let promise = "new Promise((res, rej) => { ";
    let settled = "g((e, x) => { if (e) return rej(e); res(x); });";
    vec![
        shape("a chain", nested("function f() {\n  return g()", ".then(a => h(a))", "", "", ";\n}\n")),
        shape("chains in handlers", nested("function f() {\n  return g()", ".then(a => h(a)", "", ")", ";\n}\n")),
        shape("callbacks in callbacks", nested("function f(cb) {\n", callback, "cb(null, 1);", "});", "\n}\n")),
        shape("promises in executors", nested("", promise, settled, "})", "\n")),
        shape("functions in functions", nested("", "function f() {", "", "}", "\n")),
        shape("awaits in a row", nested("async function f() {\n", "await g();\n", "", "", "}\n")),
        shape("loops", nested("async function f() {\n", "for (const a of b) {", "await g(a);", "}", "}\n")),
        shape("tries", nested("async function f() {\n", "try {", "await g();", "} catch {}", "}\n")),
        shape("else after else", nested("", "if (a) b(); else ", "c();", "", "\n")),
    ]
}

/// Variables that are given each other's values in turn, so many times: each is asked for twice to know the next.
pub(crate) fn assignments(times: usize) -> Shape {
    let before = "function f(p, cb) {\n  fs.readFile(p, (err, b) => {\n    if (err) return cb(err);\n    let a = p;\n";
    let text = [before, &"    a = b || b;\n    b = a || a;\n".repeat(times), "    cb(a);\n  });\n}\n"].concat();
    Shape { name: "names made of each other", text }
}

/// Ordinary code, much of it: in many lines and in a single one.
pub(crate) fn large(lines: usize, line: usize) -> Vec<Shape> {
    let function =
        |n: usize| format!("function f{n}(id) {{\n  return load(id).then(function (x) {{ return x + {n}; }});\n}}\n\n");
    let statement = |n: usize| format!("var v{n} = f(v{n}, 'a', [1, 2, {{ b: {n} }}]); ");
    let fill = |most: usize, part: &dyn Fn(usize) -> String| {
        let mut text = String::with_capacity(most + 200);
        (0..).map(part).find(|part| {
            text.push_str(part);
            text.len() >= most
        });
        text
    };
    vec![
        Shape { name: "many functions", text: fill(lines, &function) },
        Shape { name: "one line", text: fill(line, &statement) },
        Shape { name: "one string", text: format!("x = '{}';\n", "a".repeat(line)) },
        Shape { name: "one comment", text: format!("/*{}*/\n", "a\n".repeat(line / 2)) },
    ]
}
