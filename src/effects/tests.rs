//! From source text to effects.

mod objects;

use super::*;
use crate::{
    apis::Apis,
    edit::RefusalCode,
    project::{CallbackFunctions, LibraryUses},
    schedule::Grounds,
    semantic::Names,
    source::SourceFile,
    syntax::{
        Parsed,
        node::{named_children, walk},
    },
};

/// Hands the context of a text to a question.
fn with<T>(text: &str, ask: impl FnOnce(&Context<'_>) -> T) -> T {
    let source = SourceFile::new("a.ts", text.into()).expect("a known extension");
    let file = Parsed::new(&source);
    assert!(file.errors().is_empty(), "{text}");
    let names = Names::new(&file);
    let (style, library, callbacks) = (file.style(), LibraryUses::default(), CallbackFunctions::default());
    ask(&Context::new(&file, &names, &style, Apis::builtin(), &library, &callbacks))
}

/// Whether the last statement of the first function in a text may overlap with the one before: the grounds, or the code
/// of the refusal and the text at fault.
fn overlap(text: &str) -> Result<Grounds, (RefusalCode, String)> {
    with(text, |cx| {
        let body = first(cx, "statement_block");
        let statements = named_children(body);
        let [.., earlier, later] = statements.as_slice() else { panic!("two statements") };
        let answer = may_overlap(cx, &of_node(cx, *earlier), &of_node(cx, *later));
        answer.map(|i| i.grounds).map_err(|r| (r.code, cx.slice(r.range).to_owned()))
    })
}

/// The same for the rounds of the first loop of a text.
fn rounds(text: &str) -> Result<Grounds, (RefusalCode, String)> {
    with(text, |cx| {
        let head = first(cx, "for_in_statement");
        let body = head.child_by_field_name("body").expect("a body");
        let own = cx.names.declared_in(&(head.start_byte()..body.start_byte()));
        let answer = rounds_may_overlap(cx, body, &own);
        answer.map(|i| i.grounds).map_err(|r| (r.code, cx.slice(r.range).to_owned()))
    })
}

fn first<'t>(cx: &Context<'t>, kind: &str) -> Node<'t> {
    let mut found = None;
    walk(cx.file.root(), |n| {
        found = found.or((n.kind() == kind).then_some(n));
        found.is_none()
    });
    found.expect("a node of the kind")
}

fn ordered(text: &str) -> Result<Grounds, (RefusalCode, String)> {
    Err((RefusalCode::OrderedEffects, text.to_owned()))
}

fn unknown(text: &str) -> Result<Grounds, (RefusalCode, String)> {
    Err((RefusalCode::UnknownEffects, text.to_owned()))
}

/// What a statement does, in short: `reads`, `writes`, `unknown`, and the grounds.
fn alone(text: &str) -> String {
    with(text, |cx| {
        let body = first(cx, "statement_block");
        let effects = of_node(cx, *named_children(body).last().expect("a statement"));
        let world = |touches: &[Touch]| touches.iter().any(|t| matches!(t.place, Place::World(_)));
        let what = match () {
            () if !effects.unknown.is_empty() => "unknown",
            () if world(&effects.writes) => "writes",
            () if world(&effects.reads) => "reads",
            () => "inner",
        };
        format!("{what} {}", effects.grounds().as_str())
    })
}

const PROVEN: Result<Grounds, (RefusalCode, String)> = Ok(Grounds::Proven);
const PRESUMED: Result<Grounds, (RefusalCode, String)> = Ok(Grounds::Presumed);

#[test]
fn verbs_presume() {
    assert_eq!(overlap("async (x) => { const a = await x.getA(); const b = await x.findB(); }"), PRESUMED);
    assert_eq!(overlap("async (x) => { const a = await x.getA(); const b = await x.saveB(); }"), ordered("x.saveB()"));
    assert_eq!(overlap("async (x) => { const a = await x.saveA(); const b = await x.getB(); }"), ordered("x.getB()"));
    assert_eq!(overlap("async (x) => { const a = await x.getA(); const b = await x.frob(); }"), unknown("x.frob()"));
    let made = "async (x) => { const a = await getA(x); const b = await x.createUser(); }";
    assert_eq!(overlap(made), ordered("x.createUser()"));
    assert_eq!(overlap(&made.replace("User", "Url")), PRESUMED);
}

#[test]
fn what_depends_is_ordered() {
    assert_eq!(overlap("async (x) => { const a = await x.getA(); const b = await x.findB(a); }"), ordered("a"));
    assert_eq!(overlap("async (x) => { x.id = await getA(); const b = await getB(x.id); }"), ordered("x.id"));
    assert_eq!(overlap("async (x) => { ({ a } = await getA()); const b = await getB(a); }"), ordered("a"));
}

#[test]
fn guards_are_waited_for() {
    for guard in ["checkAccess(x)", "sleep(5)", "login()", "loadModels()", "new Promise(r => setTimeout(r, 5))"] {
        let text = format!("async (x) => {{ await {guard}; const b = await readB(); }}");
        assert_eq!(overlap(&text), ordered(guard));
    }
    assert_eq!(overlap("async (x) => { const a = await checkA(x); const b = await readB(); }"), PRESUMED);
    assert!(overlap("async (x) => { const a = await validate(x); const b = await readB(); }").is_err());
}

#[test]
fn stateful_objects_are_used_in_turn() {
    assert!(overlap("async (x) => { const a = await getA({ trx }); const b = await getB({ trx }); }").is_err());
    assert!(overlap("async (c) => { const a = await c.cursor.read(); const b = await c.cursor.read(); }").is_err());
    assert_eq!(overlap("async () => { const a = await page.getTitle(); const b = await page.getUrl(); }"), PRESUMED);
    assert!(overlap("async () => { const a = await page.getTitle(); const b = await page.click('b'); }").is_err());
}

#[test]
fn a_lock_calls_what_it_is_handed() {
    let functions = "
        const locks = new AsyncLock();
        let total = 0;
        async function one(k) { return locks.acquire(k, async () => k); }
        async function two(k) { return locks.acquire(k, async () => { total += 1; }); }";
    let check = |statements: &str| overlap(&format!("async (x) => {{ {statements} }};{functions}"));
    assert_eq!(check("const a = await one('a'); const b = await one('b');"), PRESUMED);
    assert!(check("const a = await two('a'); const b = await two('b');").is_err());
}

#[test]
fn requests_say_what_they_ask_for() {
    let check =
        |second: &str| overlap(&format!("async (p) => {{ const a = await p.get(); const b = await {second}; }}"));
    assert_eq!(check("p.request('CloudFormation', 'describeStacks')"), PRESUMED);
    assert!(check("p.request('CloudFormation', 'executeChangeSet')").is_err());
    assert!(check("p.request('/users', { method: 'POST' })").is_err());
}

#[test]
fn tests_assert_in_order() {
    assert!(overlap("async (t) => { t.is(await getA(), 1); t.is(await getB(), 2); }").is_err());
}

#[test]
fn bodies_prove() {
    let functions = "
        import { readFile, writeFile } from 'node:fs/promises';
        async function one(p) { const text = await readFile(p, 'utf8'); return JSON.parse(text); }
        const two = async (p) => (await readFile(p)).toString().trim();
        async function put(p, v) { await writeFile(p, JSON.stringify(v)); }
        async function viaPut(p) { return put(p, 1); }
        async function loop(n) { return n ? loop(n - 1) : one('x'); }
        async function odd(n) { return mystery(n); }";
    let check = |statements: &str| overlap(&format!("async (x) => {{ {statements} }};{functions}"));
    assert_eq!(check("const a = await one('a'); const b = await two('b');"), PROVEN);
    assert_eq!(check("const a = await loop(3); const b = await two('b');"), PROVEN);
    assert_eq!(check("const a = await one('a'); const b = await viaPut('b');"), ordered("viaPut('b')"));
    assert_eq!(check("const a = await viaPut('a'); const b = await one('b');"), ordered("one('b')"));
    assert_eq!(check("const a = await one('a'); const b = await odd(1);"), unknown("odd(1)"));
}

#[test]
fn variables_that_functions_share_are_seen() {
    let functions = "
        let count = 0;
        async function next() { count += 1; return 1; }
        async function last() { return count; }
        async function other() { let count = 0; count += 1; return count; }";
    let check = |statements: &str| overlap(&format!("async (x) => {{ {statements} }};{functions}"));
    assert_eq!(check("const a = await next(); const b = await last();"), ordered("last()"));
    assert_eq!(check("const a = await next(); const b = await next();"), ordered("next()"));
    assert_eq!(check("const a = await last(); const b = await last();"), PROVEN);
    assert_eq!(check("const a = await other(); const b = await other();"), PROVEN);
}

#[test]
fn parameters_stand_for_what_is_handed_in() {
    let functions = "
        async function fill(o) { o.size = 1; return 2; }
        async function ask(o) { return o.size; }";
    let check = |statements: &str| overlap(&format!("async (p, q) => {{ {statements} }};{functions}"));
    assert_eq!(check("const a = await fill(p); const b = await ask(p);"), ordered("ask(p)"));
    assert_eq!(check("const a = await fill(p); const b = await ask(q);"), PRESUMED);
    assert_eq!(check("const a = await fill({}); const b = await ask({});"), PROVEN);
    assert_eq!(check("const o = { a: 1 }; const a = await fill(o); const b = await ask(p);"), PRESUMED);
}

#[test]
fn this_is_the_receiver() {
    let text = "class Store {
        async run() { const a = await this.put(1); const b = await this.get(); }
        async put(v) { this.value = v; return v; }
        async get() { return this.value; }
    }";
    assert_eq!(overlap(text), ordered("this.get()"));
    let read = text.replace("await this.put(1)", "await this.get()");
    assert_eq!(overlap(&read), PROVEN);
    let derived = format!("{read} class Sub extends Store {{ async get() {{ this.value = 2; return 1; }} }}");
    assert_ne!(overlap(&derived), PROVEN, "a derived class may put its own method in its place");
}

#[test]
fn getters_with_effects_are_no_plain_reads() {
    let text = "async (x) => { const a = await one(x.total); const b = await one(x.total); };
        async function one(v) { return v; }
        class A { get total() { this.n += 1; return this.n; } }";
    assert!(overlap(text).is_err());
}

#[test]
fn requests_and_queries_are_known_by_what_they_are_handed() {
    for (statement, expected) in [
        ("await fetch('https://a.example')", "reads proven"),
        ("await fetch('https://a.example', { headers: {} })", "reads proven"),
        ("await fetch('https://a.example', { method: 'POST' })", "writes proven"),
        ("await fetch('https://a.example', options)", "writes proven"),
        ("await pool.query('SELECT a FROM b')", "reads proven"),
        ("await pool.query('DELETE FROM b')", "writes proven"),
        ("await run('git', ['rev-parse', 'HEAD'])", "reads proven"),
        ("await run('git', ['push'])", "writes proven"),
        ("await run('node', ['--version'])", "reads proven"),
        ("await run('which', ['node'])", "reads proven"),
        ("await run('node', ['build.js'])", "writes proven"),
        ("await read('a.txt')", "reads proven"),
        ("await sql`DELETE FROM a`", "unknown proven"),
    ] {
        let text = format!(
            "async (options) => {{ const r = {statement}; }};
            const {{ Pool }} = require('pg'); const pool = new Pool(); const {{ promisify }} = require('util');
            const run = require('execa'); const read = promisify(require('fs').readFile);"
        );
        assert_eq!(alone(&text), expected, "{statement}");
    }
}

#[test]
fn values_of_the_language_are_known() {
    for (statement, expected) in [
        ("const r = [1, 2].map(n => n * 2).join(',');", "inner proven"),
        ("const r = new Map([[1, 2]]).get(1);", "inner proven"),
        ("const r = x.map(n => n * 2);", "inner presumed"),
        ("const r = `${x}`.split(',').filter(Boolean);", "inner proven"),
        ("const r = x.map(f);", "unknown presumed"),
        ("const r = Math.max(1, Date.now());", "reads proven"),
        ("for (const y of x) y;", "inner presumed"),
        ("const r = new Promise((resolve) => resolve(1));", "inner proven"),
    ] {
        assert_eq!(alone(&format!("async (x, f) => {{ {statement} }}")), expected, "{statement}");
    }
}

#[test]
fn functions_that_are_handed_in_are_followed() {
    let functions = "
        async function each(list, f) { return f(list); }
        function put(v) { total = v; }
        let total;";
    let check = |statements: &str| overlap(&format!("async (x, h) => {{ {statements} }};{functions}"));
    assert_eq!(check("const a = await each('a', v => v); const b = await each('b', v => v);"), PROVEN);
    assert!(check("const a = await each('a', put); const b = await each('b', put);").is_err());
    assert_eq!(check("const a = await each('a', v => v); const b = await each('b', h);"), unknown("each('b', h)"));
}

#[test]
fn a_value_that_is_given_once_keeps_nobody_in_order() {
    let functions = "
        let pool;
        async function one() { if (!pool) pool = new Map(); return pool.size; }
        async function two() { pool ??= new Map(); return pool.size; }
        async function bare() { return pool.size; }";
    let check = |statements: &str| overlap(&format!("async (x) => {{ {statements} }};{functions}"));
    assert_eq!(check("const a = await one(); const b = await two();"), PROVEN);
    assert_eq!(check("const a = await one(); const b = await bare();"), ordered("bare()"));
}

#[test]
fn caches_may_be_filled_by_either() {
    let text = "class A {
        async run() { const a = await this.getA(1); const b = await this.getA(2); }
        async getA(k) { this.cache[k] ??= 1; this.cache[k] = await load(k); return this.cache[k]; }
    }";
    assert_eq!(overlap(text), PRESUMED);
    assert!(overlap(&text.replace("cache", "items")).is_err());
    let set = "async (x) => { const a = await getA(x.cache, 1); const b = await getA(x.cache, 2); };
        async function getA(cache, k) { const v = await load(k); await cache.set(k, v); return v; }";
    assert_eq!(overlap(set), PRESUMED);
    assert!(overlap(&set.replace("cache", "items")).is_err());
    assert!(overlap(&set.replace("cache.set(k, v)", "cache.delete(k)")).is_err());
    // What lies within a cache belongs to it.
    let within = text.replace("this.cache[k]", "this.cache.index[k].text");
    assert_eq!(overlap(&within), PRESUMED);
    assert!(overlap(&within.replace("cache", "items")).is_err());
}

#[test]
fn rounds_with_variables_of_their_own_may_overlap() {
    assert_eq!(rounds("async () => { for (const u of us) { u.age = await getAge(u); } }"), PRESUMED);
    assert_eq!(rounds("async () => { let n = 0; for (const u of us) { n += await getAge(u); } }"), ordered("n"));
    assert!(rounds("async () => { for (const u of us) { u.group.age = await getAge(u); } }").is_err());
    assert!(rounds("async () => { for (const u of us) { const a = await getAge(u); await sleep(5); } }").is_err());
    assert!(rounds("async () => { for (const u of us) { await saveUser(u); } }").is_err());
    assert!(rounds("async (last) => { for (const u of us) { last.id = await getId(last.id); } }").is_err());
}

#[test]
fn what_the_user_says_is_presumed() {
    let text = "async (x) => { const a = await x.frob(); const b = await x.frob(); }";
    let source = SourceFile::new("a.js", text.into()).unwrap();
    let file = Parsed::new(&source);
    let names = Names::new(&file);
    let (style, library, callbacks) = (file.style(), LibraryUses::default(), CallbackFunctions::default());
    let apis = Apis::load("[[effect]]\ncallees = [\"frob\"]\ndoes = \"reads\"\nwhat = \"database\"\n").unwrap();
    let cx = Context::new(&file, &names, &style, &apis, &library, &callbacks);
    let body = named_children(first(&cx, "statement_block"));
    let answer = may_overlap(&cx, &of_node(&cx, body[0]), &of_node(&cx, body[1])).unwrap();
    assert_eq!(answer.grounds, Grounds::Presumed);
    assert!(answer.because.contains("unpyramid.toml"), "{}", answer.because);
}

#[test]
fn getters_of_common_names_are_presumed_to_be_those_of_something_else() {
    let text = "async (x) => { const a = await one(x.get('a')); const b = await one(x.get('b')); };
        async function one(v) { return v; }
        class A { get get() { this.n += 1; return this.n; } }";
    assert_eq!(overlap(text), Ok(Grounds::Presumed));
}

#[test]
fn what_is_handed_to_a_list_or_a_map_is_not_called() {
    for statement in ["known.set(x, one)", "known.has(x)", "list.push(x)", "list.includes(x)"] {
        let text = format!(
            "async (list, x) => {{ const known = new Map(); const a = await one({statement}); }};
            async function one(v) {{ return v; }}"
        );
        assert!(!alone(&text).contains("unknown"), "{text}");
    }
}

/// Asks about the first of several files, of which all in JavaScript are known.
fn among<T>(files: &[(&str, &str)], ask: impl FnOnce(&Context<'_>) -> T) -> T {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    let write = |(name, text): &(&str, &str)| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        SourceFile::new(path, (*text).into()).ok()
    };
    let sources: Vec<SourceFile> = files.iter().filter_map(write).collect();
    let parsed: Vec<Parsed<'_>> = sources.iter().map(Parsed::new).collect();
    let names: Vec<Names> = parsed.iter().map(Names::new).collect();
    let (library, callbacks) = (LibraryUses::default(), CallbackFunctions::default());
    let style = parsed[0].style();
    let context = |(file, names)| Context::new(file, names, &style, Apis::builtin(), &library, &callbacks);
    let all = Summaries::link(parsed.iter().zip(&names).map(|one| of_file(&context(one))).collect());
    ask(&Context { summaries: Some(&all), ..context((&parsed[0], &names[0])) })
}

#[test]
fn other_files_are_known_by_what_they_export() {
    let files = [
        (
            "a.js",
            "import { one, put } from './b.js';
            async () => { const a = await one(1); const b = await put(2); const c = await one(3); };",
        ),
        ("b.js", "let n = 0; export async function one(k) { return n + k; } export async function put(k) { n = k; }"),
    ];
    among(&files, |cx| {
        let body = named_children(first(cx, "statement_block"));
        let (one, put) = (of_node(cx, body[0]), of_node(cx, body[1]));
        assert_eq!(may_overlap(cx, &one, &put).unwrap_err().code, RefusalCode::OrderedEffects);
        let again = of_node(cx, body[2]);
        assert_eq!(may_overlap(cx, &one, &again).unwrap().grounds, Grounds::Proven);
    });
}

#[test]
fn names_say_nothing_of_a_package_that_has_nothing_to_do_with_it() {
    let code = "async (store) => { const a = await store.readUsers(1); const b = await store.readUsers(2); };";
    let other = "export class Other { async readUsers(k) { this.n = k; return this.n; } }";
    let overlaps = |loads: &str, packages: &[&str]| {
        let text = format!("{loads}{code}");
        let mut files = vec![("a/index.js", text.as_str()), ("b/index.js", other)];
        files.extend(packages.iter().map(|package| (*package, "{}")));
        among(&files, |cx| {
            let body = named_children(first(cx, "statement_block"));
            may_overlap(cx, &of_node(cx, body[0]), &of_node(cx, body[1])).is_ok()
        })
    };
    assert!(!overlaps("", &[]), "both belong to no package");
    assert!(!overlaps("", &["package.json"]), "both belong to one package");
    assert!(overlaps("", &["a/package.json", "b/package.json"]), "two packages");
    assert!(!overlaps("import '../b/index.js';", &["a/package.json", "b/package.json"]), "one loads the other");
}
