//! What is a finding of a pattern and what is none: how many there are in a text, why they are refused, and what they take
//! for granted.

use std::path::Path;

use unpyramid::{
    engine::{Engine, Selection},
    project::{Entry, Packages},
    source::SourceFile,
    transform::Finding,
    transforms::ALL,
};

/// The findings of one pattern in a text, in the order of the code. The text belongs to the package of the fixtures.
fn findings(pattern: &str, text: &str) -> Vec<Finding> {
    let selection = Selection { patterns: vec![pattern.to_owned()], ..Selection::default() };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/a.js");
    let entry = Entry { path, shown: "a.js".into(), named: true };
    let engine = Engine::new(ALL, selection).expect("a known pattern").within(Packages::of([&entry]));
    let source = SourceFile::new("a.js", text.as_bytes().to_vec()).expect("a text");
    engine.scan(&source).findings.into_iter().map(|found| found.finding).collect()
}

/// The code of each refusal, and the assumption of each change; `safe` for a change without one.
fn found(pattern: &str, text: &str) -> Vec<String> {
    let outcome = |finding: Finding| match finding.outcome {
        Ok(change) => change.assumption.unwrap_or_else(|| "safe".to_owned()),
        Err(refusal) => refusal.code.code().to_owned(),
    };
    findings(pattern, text).into_iter().map(outcome).collect()
}

const NOTHING: [String; 0] = [];

#[test]
fn a_run_of_awaits_is_found_once() {
    let three =
        "async function f(id) { const a = await getA(id); const b = await getB(id); const c = await getC(id); }";
    assert_eq!(found("sequential-awaits", three).len(), 1);
    let commented = three.replace("const b", "/* then */ const b");
    assert_eq!(found("sequential-awaits", &commented).len(), 1);
    let members = "async function f(id) { return { a: await getA(id), b: await getB(id), c: await getC(id) }; }";
    assert_eq!(found("sequential-awaits", members).len(), 1);
    let one = "async function f(id) { const a = await getA(id); log(a); const b = await getB(id); }";
    assert_eq!(found("sequential-awaits", one), NOTHING);
    // The second of the two is only asked for on one way.
    let either = "async function f(id) { return [await getA(id), id && (await getB(id))]; }";
    assert_eq!(found("sequential-awaits", either), NOTHING);
    // Where there is no `store`, neither is asked for.
    let optional = "async function f(store, id) { return store?.put(await getA(id), await getB(id)); }";
    assert_eq!(found("sequential-awaits", optional), NOTHING);
}

#[test]
fn only_callees_that_are_not_known_are_trusted_to_throw_nothing_at_once() {
    let trusted = |call: &str| {
        let text = format!(
            "import {{ readFile }} from 'fs/promises';
            const shelf = {{ async getBook(id) {{ return id; }} }};
            async function getOwn(id) {{ return id; }}
            class Store {{
              async getKnown(id) {{ return id; }}
              async f(id) {{
                const getInner = async (id) => id;
                const one = await getFirst(id); const two = await {call}; const three = await getLast(id);
                return [one, two, three];
              }}
            }}"
        );
        let [only] = found("sequential-awaits", &text).try_into().expect("one finding");
        only.split("Nothing is thrown at once where ").nth(1).unwrap_or(&only).to_owned()
    };
    assert!(trusted("getMore(id)").starts_with("`getMore` and `getLast` are called"));
    for known in [
        "getOwn(id)",
        "fetch('https://shop.example')",
        "this.getKnown(id)",
        "readFile(id)",
        "import('./more.js')",
        "shelf.getBook(id)",
        "getInner(id)",
    ] {
        assert!(trusted(known).starts_with("`getLast` is called"), "{known}: {}", trusted(known));
    }
}

#[test]
fn what_may_be_no_chain_is_found_by_one_of_the_two_patterns() {
    let optional = "function f(p) { return p.then?.((x) => g(x)); }";
    assert_eq!(found("then-chain", optional), ["returns-non-promise"]);
    assert_eq!(found("nested-then", optional), NOTHING);
    assert_eq!(found("then-chain", "function f(p) { return p.catch?.((e) => g(e)); }"), NOTHING);
}

#[test]
fn what_is_safe_takes_nothing_for_granted() {
    let chain = "function f(id) { return getA(id).then((a) => getB(a)).then((b) => getC(b)); }";
    assert_eq!(found("then-chain", chain), ["safe"]);
    let wrapper = "const fs = require('fs');
        const f = (k) => new Promise((resolve, reject) => {
          fs.readFile(k, (err, v) => { if (err) reject(err); else resolve(v); });
        });";
    assert_eq!(found("promise-wrapper", wrapper), ["safe"]);
}

#[test]
fn executors_with_other_parameters_are_not_taken_apart() {
    let body = "{ api.get(k, (err, v) => { if (err) return reject(err); resolve(v); }); }";
    let of = |executor: &str| found("promise-wrapper", &format!("const f = (k) => new Promise({executor});"));
    assert_eq!(of(&format!("(resolve, reject) => {body}")).len(), 1);
    assert_eq!(of("run"), NOTHING);
    assert_eq!(of("(resolve) => resolve(k)"), NOTHING);
    assert_eq!(of(&format!("function* (resolve, reject) {body}")), NOTHING);
    assert_eq!(of(&format!("(resolve, reject, onCancel) => {body}")), NOTHING);
    assert_eq!(of(&format!("(resolve, ...[reject]) => {body}")), NOTHING);
    assert_eq!(of(&body.replacen("{ api", "(resolve, reject) => { resolve = once(resolve); api", 1)), NOTHING);
}

#[test]
fn loops_over_what_comes_one_after_the_other_are_no_findings() {
    let list = "async function f(list) { for (const x of list) { await save(x); } }";
    assert_eq!(found("await-in-loop", list).len(), 1);
    assert_eq!(found("await-in-loop", &list.replace("for (", "for await (")), NOTHING);
}

#[test]
fn rounds_that_start_together_have_no_bound() {
    let text = "async function f(shop) {
        const prices = [];
        for (const kind of ['apples', 'pears']) { prices.push(await shop.getPrice(kind)); }
        return prices;
    }";
    let [only] = findings("await-in-loop", text).try_into().expect("one finding");
    let after = only.cost.expect("a loop costs something").after.expect("it can be rewritten");
    assert_eq!(after.rounds.expect("there are rounds").at_once, None);
    let assumption = only.outcome.expect("it can be rewritten").assumption.expect("it is to be reviewed");
    assert!(!assumption.contains("at once"), "{assumption}");
}

#[test]
fn lists_that_are_in_sight_are_not_taken_for_granted() {
    let taken = |head: &str, item: &str, words: &str| {
        let text = format!(
            "async function f(shop, given) {{
              const kinds = ['apples', 'pears'];
              const out = [];
              for ({head}) {{ out.push(await shop.getPrice({item})); }}
              return out;
            }}"
        );
        let [only] = found("await-in-loop", &text).try_into().expect("one finding");
        assert!(only.starts_with("None of the calls") || only.contains(words), "{only}");
        only.contains(words)
    };
    assert!(taken("const x of given", "x", "is a list"));
    assert!(!taken("const x of kinds", "x", "is a list"));
    assert!(taken("const x in given", "x", "is an object"));
    assert!(!taken("const x in { apples: 1, pears: 2 }", "x", "is an object"));
    assert!(taken("let x = 0; x < given.length; x++", "given[x]", "is an array"));
    assert!(!taken("let x = 0; x < kinds.length; x++", "kinds[x]", "is an array"));
    assert!(taken("let x = 0; x < given; x++", "x", "whole number"));
    assert!(!taken("let x = 0; x < 3; x++", "x", "whole number"));
}

#[test]
fn one_query_for_each_item_is_found_where_items_were_fetched_from_a_database() {
    let of = |before: &str, round: &str| {
        let text = format!("async function f(db, given) {{ {before} {round} }}");
        found("n-plus-one", &text)
    };
    let fetched = "const orders = await db.query('SELECT * FROM orders');";
    let query = "db.query('SELECT * FROM users WHERE id = $1', [order.userId])";
    let round = format!("for (const order of orders) {{ order.user = await {query}; }}");
    assert_eq!(of(fetched, &round), ["batch-query"]);
    // Nobody waits for it, or has it from the function that asks.
    assert_eq!(of(fetched, &format!("for (const order of orders) {{ pending.push({query}); }}")), NOTHING);
    // The list was there before.
    assert_eq!(of("const orders = given;", &round), NOTHING);
    // It is not about the item.
    assert_eq!(of(fetched, &round.replace("order.userId", "given")), NOTHING);
    // It is no database that is asked.
    assert_eq!(of(fetched, "for (const order of orders) { order.user = await describe(order.userId); }"), NOTHING);
}

#[test]
fn queries_of_a_loop_are_made_one_after_the_other() {
    let at_once = |round: &str| {
        let text = format!("async function f(db) {{ const orders = await db.query('SELECT * FROM orders'); {round} }}");
        let [only] = findings("n-plus-one", &text).try_into().expect("one finding");
        only.cost.expect("queries cost something").before.rounds.expect("there are rounds").at_once
    };
    let query = "db.query('SELECT * FROM users WHERE id = $1', [order.userId])";
    assert_eq!(at_once(&format!("for (const order of orders) {{ order.user = await {query}; }}")), Some(1));
    assert_eq!(at_once(&format!("await Promise.all(orders.map(async (order) => {query}));")), None);
}

#[test]
fn a_stream_would_do_where_a_file_or_an_answer_is_only_passed_on() {
    let of = |body: &str| {
        let text = format!("const fs = require('fs/promises'); async function f(from, to, res, db) {{ {body} }}");
        found("buffered-stream", &text)
    };
    assert_eq!(of("const data = await fs.readFile(from); await fs.writeFile(to, data);"), ["stream-instead"]);
    // It is looked into, or what reads it is no file.
    assert_eq!(of("const data = await fs.readFile(from); parse(data);"), NOTHING);
    assert_eq!(of("const data = await db.readFile(from); await fs.writeFile(to, data);"), NOTHING);
    let lines = "for (const line of (await fs.readFile(from, 'utf8')).split('\\n')) { count(line); }";
    assert_eq!(of(lines), ["stream-instead"]);
    assert_eq!(of(&lines.replace("\\n", ",")), NOTHING);
    assert_eq!(of("const lines = (await fs.readFile(from, 'utf8')).split('\\n'); return lines[3];"), NOTHING);
}

#[test]
fn async_functions_that_list_methods_call_are_found_where_values_are_meant() {
    let of = |code: &str| found("async-foreach", &format!("async function f(list) {{ {code} }}"));
    let call = "list.map(async (x) => getX(x))";
    assert_eq!(of(&format!("{call};")).len(), 1);
    assert_eq!(of(&format!("const text = {call}.join();")).len(), 1);
    // What has the promises may wait for them.
    assert_eq!(of(&format!("const text = {call}.concat(more);")), NOTHING);
    assert_eq!(of(&format!("const all = {call}; const text = all.join();")).len(), 1);
    assert_eq!(of(&format!("const all = {call}; return all.length;")), NOTHING);
    assert_eq!(of(&format!("const all = await {call}; return all;")).len(), 1);
    assert_eq!(of(&format!("take(await {call});")), NOTHING);
}

#[test]
fn what_can_not_be_rewritten_costs_nothing_else_afterwards() {
    let text = "async function f(ids) { return Promise.allSettled(ids.map((id) => fetch(id))); }";
    let [only] = findings("unbounded-fan-out", text).try_into().expect("one finding");
    assert!(only.cost.expect("a fan-out costs something").after.is_none());
}

#[test]
fn what_a_parameter_is_by_default_may_be_what_another_call_has() {
    let text = |default: &str| {
        format!(
            "const shared = {{}};
            async function load(id, store{default}) {{
              const row = await getRow(id, store.last);
              store.last = row.id;
              return row;
            }}
            async function page(id) {{
              const first = await load(id, {{ last: id }}); const second = await load(id, {{ last: id }});
              return [first, second];
            }}"
        )
    };
    let takes_apart = |default: &str| {
        let [only] = found("sequential-awaits", &text(default)).try_into().expect("one finding");
        only.contains("what is reached by different ways is not the same object")
    };
    assert!(!takes_apart(""));
    assert!(!takes_apart(" = {}"));
    assert!(takes_apart(" = shared"));
}

#[test]
fn variables_that_are_made_of_one_another_end() {
    let text = "async function f(id) {
      var first = second; var second = first;
      const one = await first.getOne(id); const two = await getTwo(id);
      return [one, two];
    }";
    assert_eq!(found("sequential-awaits", text).len(), 1);
}

#[test]
fn nobody_changes_a_text_or_what_the_language_brings_along() {
    let takes_apart = |argument: &str| {
        let text = format!(
            "async function nameIt(page, id) {{ const title = await getTitle(id); page.max = title; return title; }}
            async function fill(page, id) {{
              const one = await getOne({argument}); const two = await nameIt(page, id);
              return [one, two];
            }}"
        );
        let [only] = found("sequential-awaits", &text).try_into().expect("one finding");
        only.contains("what is reached by different ways is not the same object")
    };
    assert!(!takes_apart("Math.max(1, 2)"));
    assert!(!takes_apart("[...`${id}`]"));
    assert!(takes_apart("[...id]"));
    assert!(takes_apart("limits.max"));
}

#[test]
fn a_function_that_reads_the_first_result_needs_it() {
    let text = "async function f(id) {
      const user = await getUser(id); const text = await getText(describe);
      return [user, text];
      function describe() { return user.name; }
    }";
    assert_eq!(found("sequential-awaits", text), NOTHING);
    assert_eq!(found("sequential-awaits", &text.replace("return user.name", "return id.name")).len(), 1);
}

#[test]
fn a_log_only_takes_notes_whatever_methods_of_its_names_do() {
    let load = |note: &str| {
        let text = format!(
            "class Counter {{ info() {{ this.count = this.count + 1; }} }}
            async function load(ids, logger) {{
              const rows = [];
              for (const id of ids) {{
                const row = await getRow(id);
                {note};
                rows.push(row);
              }}
              return rows;
            }}"
        );
        let [only] = found("await-in-loop", &text).try_into().expect("one finding");
        only
    };
    for note in ["logger.info(row)", "verbose(row)"] {
        assert!(
            load(note).contains("only notes something in a log; the order of lines in a log does not matter"),
            "{note}"
        );
    }
    assert_eq!(load("wobble(row)"), "unknown-effects");
}

#[test]
fn the_constructor_of_a_class_elsewhere_is_taken_to_make_an_object() {
    let text = "const { Reader } = require('./reader');
      class UserReader extends Reader { constructor(id) { super(id); } }
      async function f(id) {
        const user = await getUser(new UserReader(id)); const orders = await getOrders(new UserReader(id));
        return [user, orders];
      }";
    let [only] = found("sequential-awaits", text).try_into().expect("one finding");
    assert!(only.contains("`super` only makes an object"), "{only}");
}

#[test]
fn those_that_a_callback_is_handed_on_to_do_nothing_else_where_there_is_none() {
    let said = |text: &str| found("callback-pyramid", text).join(" ").contains("do nothing else where there is none");
    assert!(said("exports.keep = function (id, cb) { log(id); if (cb) store(id, cb); };"));
    assert!(!said("exports.keep = function (id, cb) { store(id, (err) => { if (cb) cb(err); }); };"));
    assert!(!said("exports.keep = function (id, cb) { log(id); store(id, cb); };"));
}
