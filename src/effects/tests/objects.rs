//! Which objects and values the names of some code may stand for, and who else reaches those.

use super::*;

#[test]
fn what_each_object_made_for_itself_is_its_own() {
    let is_own = |class: &str| {
        let put = "async function put(one, key) { one.seen.push(key); return one.seen.length; }";
        let code =
            format!("{class} async (all) => {{ for (const one of all) {{ const n = await put(one, 1); }} }}; {put}");
        rounds(&code).is_ok()
    };
    assert!(is_own("class A { constructor() { this.seen = []; } }"));
    assert!(is_own("class A { seen = [] }"));
    assert!(is_own("class A { constructor() { this.seen = []; this.seen = null; } }"));
    assert!(!is_own("class A { constructor(seen) { this.seen = seen; } }"));
    assert!(!is_own("class A { constructor(seen) { this.seen = []; this.seen = seen || []; } }"));
    assert!(!is_own("class A { constructor(seen) { this.seen = []; this['seen'] = seen; } }"));
    assert!(!is_own("class A { constructor() { this.seen = []; } } const seen = []; const other = { seen };"));
    assert!(!is_own("class A { constructor() { this.seen = []; } } const o = {}; [o.seen] = f();"));
    assert!(!is_own("class A { seen = [] } const o = { get seen() { return all; } };"));
    assert!(!is_own("class A {}"));
}

#[test]
fn names_for_parts_of_something_lead_there() {
    let changes = [
        "const { list } = state; list.push(1);",
        "const { list: all } = state; all.push(1);",
        "for (const item of state.list) item.n = 1;",
        "state.list.forEach((item) => { item.n = 1; });",
        "state.list.map(function ({ inner }) { inner.n = 1; });",
    ];
    for change in changes {
        let code = format!(
            "async () => {{ const a = await getA(); const b = await getB(); }};
            const state = {{ list: [] }};
            async function getA() {{ {change} return 1; }}
            async function getB() {{ return [state.list.length, state.list[0].n, state.list[0].inner.n]; }}"
        );
        assert!(overlap(&code).is_err(), "{change}");
    }
    let own = "async () => { const a = await getA([1]); const b = await getA([2]); };
        async function getA(list) { for (const item of list) item.n = 1; return 1; }";
    assert!(overlap(own).is_ok());
}

#[test]
fn what_properties_of_items_hold_may_be_one() {
    let code = |head: &str, body: &str| {
        rounds(&format!("class A {{ async f(orders) {{ for (const {head} of orders) {{ {body} }} }} }}"))
    };
    assert!(code("order", "order.last = await load(order.id);").is_ok());
    assert!(code("[id, order]", "order.last = await load(id);").is_ok());
    assert!(code("{ id, customer }", "customer.last = await load(id);").is_err());
    assert!(code("order", "const { customer } = order; customer.last = await load(order.id);").is_err());
    assert!(code("order", "const { totals } = this.stats; totals.n += await load(order.id);").is_err());
}

#[test]
fn a_bound_function_is_the_one_that_it_was_bound_from() {
    let code = "async () => { const a = await getBound(1); const b = await getBound(2); };
        const getBound = put.bind(null); let n = 0;
        async function put(k) { n = k; return n; }";
    assert!(overlap(code).is_err());
}

#[test]
fn what_is_only_made_of_something_does_not_act_on_it() {
    let code = "async (page) => { const a = await load(new Report(page)); const b = await load(new Report(page)); };
        async function load(k) { return k.n; }";
    assert!(overlap(code).is_ok());
}

#[test]
fn arguments_are_known_where_each_stands_in_its_place() {
    let functions = "
        async function fill(o) { o.size = 1; return 2; }
        async function second(a, o) { o.size = 1; return 2; }
        async function deep(o) { o.inner.size = 1; return 2; }
        async function ask(o) { return o.size; }
        async function askDeep(o) { return o.inner.size; }
        async function tell(v, resolve) { resolve(v); return v; }";
    let check = |statements: &str| overlap(&format!("async (p, q, h) => {{ {statements} }};{functions}"));
    assert_eq!(check("const a = await second(...p); const b = await ask(q);"), PRESUMED);
    assert_eq!(check("const a = await fill.call(); const b = await ask(q);"), PROVEN);
    assert_eq!(check("const a = await fill.call(null, p); const b = await ask(p);"), ordered("ask(p)"));
    assert_eq!(check("const a = await fill.call(null, p); const b = await ask(q);"), PRESUMED);
    // It is not the list that is filled, but one of its items.
    assert_eq!(check("const a = await fill.apply(null, p); const b = await ask(p);"), PRESUMED);
    assert_eq!(check("const a = await deep({ ...p }); const b = await askDeep(p);"), ordered("askDeep(p)"));
    assert_eq!(check("const a = await tell(1, h); const b = await tell(2, h);"), PRESUMED);
}

#[test]
fn what_is_only_looked_into_is_not_given_away() {
    let check = |use_of: &str| {
        overlap(&format!(
            "async (p) => {{ const o = []; {use_of} o.push(1); const b = await ask(p); }};
            async function ask(o) {{ return o.size; }}"
        ))
    };
    assert_eq!(check("if (!p) return o;"), PROVEN);
    assert_eq!(check("const n = [...o, `${o}`, o + 1];"), PROVEN);
    assert_eq!(check("take(o);"), PRESUMED);
    // The name may stand for the part that it was declared as, or for something else.
    let part = |keyword: &str, other: &str| {
        overlap(&format!(
            "async (p, q) => {{ {keyword} {{ list }} = p; {other} list.push(1); const b = await ask(p.list); }};
            async function ask(o) {{ return o.length; }}"
        ))
    };
    assert_eq!(part("const", ""), ordered("ask(p.list)"));
    assert_eq!(part("let", "list = q;"), PRESUMED);
}

#[test]
fn kinds_of_values_are_known_of_what_keeps_its_value() {
    for (statements, expected) in [
        ("const m = []; const r = m.map(n => n * 2);", "inner proven"),
        ("let m = []; m = x; const r = m.map(n => n * 2);", "inner presumed"),
        ("const m = []; const r = (await m).map(n => n * 2);", "inner presumed"),
        ("class Map { get(k) { x.n = k; } } const r = new Map().get(1);", "inner presumed"),
        ("const r = Math.max(1, 2);", "inner proven"),
        ("const Math = x; const r = Math.max(1, 2);", "unknown proven"),
        ("const getA = make().bind(null); const r = await getA(1);", "reads presumed"),
        // What is handed on may be a promise of a client or a database.
        ("const r = x.find(1);", "inner presumed"),
        ("return x.find(1);", "reads presumed"),
    ] {
        assert_eq!(alone(&format!("async (x) => {{ {statements} }}")), expected, "{statements}");
    }
}

#[test]
fn only_what_makes_others_wait_is_a_lock() {
    let check = |code: &str| {
        overlap(&format!(
            "class A {{
                async run() {{ const a = await this.getA(1); const b = await this.getA(2); }}
                async getA(k) {{ {code} }}
            }}"
        ))
    };
    let taken = "await this.lock.acquire(); const v = await load(k);";
    let code = format!("{taken} this.lock.release(); return v;");
    assert_eq!(check(&code), PRESUMED);
    assert_eq!(check(&code.replace("lock", "queue")), ordered("this.getA(2)"));
    assert_eq!(check(&format!("{taken} return v;")), ordered("this.getA(2)"));
}

#[test]
fn a_value_is_given_once_where_nothing_else_is_done_with_it() {
    let check = |given: &str| {
        overlap(&format!(
            "async () => {{ const a = await one(); const b = await one(); }};
            let pool, opened;
            async function one() {{ if (!pool) {{ {given} }} return pool.size; }}"
        ))
    };
    assert_eq!(check("pool = new Map();"), PROVEN);
    assert_eq!(check("return pool = new Map();"), PROVEN);
    assert_eq!(check("return (pool = new Map()).size;"), ordered("one()"));
    assert_eq!(check("pool = new Map(); opened = true;"), ordered("one()"));
    assert_eq!(check("pool = new Map(); const size = 1;"), ordered("one()"));
}

#[test]
fn what_a_name_stands_for_is_read_where_it_may_change() {
    let check = |declaration: &str, change: &str, read: &str| {
        overlap(&format!(
            "async () => {{ const a = await put(); const b = await look(); }};
            {declaration}
            async function put() {{ {change}; return 1; }}
            async function look() {{ return {read}; }}"
        ))
    };
    assert_eq!(check("function load() { return 1; }", "load = null", "load()"), ordered("look()"));
    assert_eq!(check("class Load {}", "Load = null", "[Load]"), ordered("look()"));
    // A type is gone by then.
    assert_eq!(check("let n = 0;", "n += 1", "[(v: typeof n) => v].length"), PROVEN);
    // The first parameter of `reduce` is no item.
    let reduced = "list.reduce((out, item) => { out.n = item.n; return out; }, {})";
    let looked = "[list.length, list[0].n]";
    assert_eq!(check("const list = [{ n: 1 }];", &format!("const all = {reduced}"), looked), PRESUMED);
    with("const a = await getA(); const b = await getB(a);", |cx| {
        let body = named_children(cx.file.root());
        assert!(may_overlap(cx, &of_node(cx, body[0]), &of_node(cx, body[1])).is_err());
    });
}

#[test]
fn what_was_made_for_a_call_is_reached_by_no_other_way() {
    let rests_on_ways = |list: &str| {
        let text = format!(
            "async (list) => {{ const a = await fill({list}); const b = await keep(names); }};
            const names = {{}};
            async function fill(items) {{ items.push(...Object.keys(names)); }}
            async function keep(all) {{ return JSON.stringify(all).length; }}"
        );
        among(&[("a.js", &text)], |cx| {
            let body = named_children(first(cx, "statement_block"));
            let answer = may_overlap(cx, &of_node(cx, body[0]), &of_node(cx, body[1])).expect("they may overlap");
            answer.because.contains("different ways")
        })
    };
    assert!(!rests_on_ways("[]"));
    assert!(rests_on_ways("list"));
}
