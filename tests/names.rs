//! The names of small programs, held against those that `oxc_semantic` finds.

mod oracle;

use std::{path::Path, time::Instant};

use oracle::Comparison;
use unpyramid::{
    semantic::{Names, early_errors},
    source::SourceFile,
    syntax::Parsed,
};

const JAVASCRIPT: &[&str] = &[
    "use(late); var late = 1; use(late);",
    "function outer() { return inner(); function inner() { return outer; } }",
    "{ let a = 1; { let a = 2; use(a); } use(a); } use(a);",
    "for (let i = 0, n = i; i < n; i++) { let i = n; use(i); } use(i);",
    "for (var i = 0; i < 3; i++) use(i); use(i);",
    "for (const k in k2) use(k); let k2; use(k);",
    "for (const { a, b: [c = a] } of list) use(a, b, c); var list;",
    "let x, o; for (x of [1]) use(x); for ({ x } of [o]) use(x); for (o.x in o) use(o);",
    "const f = function self(n) { return n ? self(n - 1) : f; }; self();",
    "const f = function self(self) { return self; };",
    "const f = function self() { var self = 1; return self; };",
    "const C = class Inner { m() { return Inner; } static s = C; }; Inner;",
    "class A extends A.B { constructor() { super(); A; } } new A();",
    "class A { static { var v = 1; let w = v; use(v, w); } m() { return v; } } use(v);",
    "class A { static x = 1; y = x + A.x; [x] = x; ['z']() { return x; } } let x;",
    "class A { [key](key) { return key; } get [key]() { return key; } static async *[key]() {} } const key = 1;",
    "class A { #p = 1; m(o) { return #p in o && o.#p; } }",
    "try { a(); } catch (e) { let f = e; use(f); } finally { use(e); } let e;",
    "try { a(); } catch ({ message, cause: { code = message } }) { use(message, cause, code); }",
    "try { a(); } catch { use(e); } var e;",
    "function f(a, b = a, { c, d = b } = {}, [e, ...g] = c, ...h) { return [a, b, c, d, e, g, h]; }",
    "var x = 1; function f(a = () => x) { var x = 2; return a() + x; }",
    "var x = 1; function f(a = x) { let y = x; function x() {} return y; }",
    "function f(a, b = () => a) { var a; return a; }",
    "const f = (a, b = a) => { const c = b; return (c2 => c2 + c + d)(a); }; let d;",
    "const f = async x => await x; const g = async (x) => { await x; };",
    "async function f() { await (0, g.h)(f); const r = await (x => x)(1); return r; }",
    "function f() { arguments; this; new.target; return undefined; }",
    "if (true) { function b() {} } b();",
    "'use strict'; if (true) { function b() {} b(); } b();",
    "function f() { 'use strict'; { function b() {} b(); } b(); }",
    "{ function b() { 1; } b(); } { function b() { 2; } b(); } b();",
    "{ function b() { 1; } function b() { 2; } b(); } b();",
    "let b; { function b() {} b(); } b();",
    "function f(b) { { function b() {} b(); } return b; }",
    "{ async function b() {} b(); } { function* g() {} g(); } b(); g();",
    "switch (x) { case 1: let y = x; function z() {} break; default: use(y, z); } use(y, z); var x;",
    "let a, b, c, rest; ({ a, b: c = a, ...rest } = [a, b, ...rest] = c);",
    "let a, o; [a, o.p, o[a], ...o.rest] = a; [[a = o], { p: [a] }] = o;",
    "let a; a = a; a += 1; a ||= a; a++; --a; (a) = 1; delete a.b; typeof a;",
    "let a; (a, [a]) => a; const { [a]: b, c: d = b } = a;",
    "loop: for (;;) { break loop; } loop; var loop;",
    "a: { b: { break a; } } const o = { a, b: 1, ['c' + a]: b, get a() { return a; }, async b() { return b; } };",
    "const \\u0061b = 1; use(ab, \\u{61}b, a\\u0062);",
    "const ünïcode = 1, $ = 2, _ = 3; use(ünïcode, $, _, ünicode);",
    "tag`a ${x} b ${() => { let x; return `${x}`; }}`; var x; function tag() {}",
    "import a, { b as c, default as d } from 'm'; import * as e from 'n'; use(a, b, c, d, e); import 'o';",
    "import { x } from 'm'; export { x, x as y, x as default }; export { z } from 'o'; export * as w from 'p';",
    "export default function named() { return named; } export const q = named, [r] = q;",
    "export default class { m() { return Foo; } }; export class Foo {}",
    "const x = 1; export default x; export { x as 'string name' };",
    "import.meta.url; import('./a.js').then(m => m.x);",
    "var a = <Foo.Bar a={b} {...c}><div x=\"1\">{d}<e-f/><g:h/></div></Foo.Bar>; var Foo, b, c, d, div, e, g;",
    "const App = () => <><Item key={k} on={() => App}/><_x/><$y/><item/></>; let k, Item, item, _x, $y;",
    "with (o) { use(p); var q = o; } var o, p;",
    "function* g() { const x = yield y; yield* x; } var y;",
    "var f = function () { return g; function g() { return f; } }(), h = new (class { })(f);",
    "var v = v; let { w = w } = {}; const [z = () => z] = [];",
    "label: function g() {} g();",
    "for await (const x of xs) use(x); const xs = await y; export {};",
    "a?.b?.[c]?.(d); let a, c, d; b;",
    // Read with the grammar of TSX, because that of JavaScript has no such attribute.
    "const a = 1; function f(b) { var g = <label for=\"x\" class={a}>{b}</label>; { function h() {} } return h(g); }",
    "try {} catch (e) { for (const e of []) use(e); (function e() { e; })(); e => e; }",
];

const TYPESCRIPT: &[&str] = &[
    "enum E { A, B = A, C = B << 1, 'D' = 4 } use(E.A, A); let e: E = E.B; type T = E.C;",
    "const enum E { A = 1 } declare enum F { B = E.A } let x: F.B;",
    "namespace N { export const a = 1; const b = a; namespace M { use(a, b); } } use(N.a, a);",
    "namespace A.B.C { export type T = A.B.U; use(A, B, C); } let x: A.B.C.T;",
    "function f() {} namespace f { export const g = f; } f.g;",
    "class K {} namespace K { export interface I {} } let k: K.I = new K();",
    "interface I { a: I } const I = 1; let i: I = I; type J = typeof I;",
    "class P { constructor(private a: A, public readonly b = a, protected c?: B) { use(a, b, c); } } type A = 1; type B = 2;",
    "import type { T } from 'm'; import { type U, V } from 'n'; import type W from 'o'; let x: [T, U, V, W];",
    "export type { T }; export { type T as T2, v }; type T = 1; const v = 1;",
    "type A<T, U extends T = T> = { [K in keyof T as `x${K & string}`]: T[K] | U }; type K = A<K>;",
    "type R<T> = T extends (infer U extends string)[] ? U : U; type U = 1;",
    "type D<T> = T extends [infer H, ...infer R] ? H | D<R> : T extends (a: infer A) => infer B ? A & B : never;",
    "interface I<T> extends Base<T>, N.Other<I<T>> { <U>(u: U, t: T): U; new (t: T): I<T>; m<U>(this: I<U>, u: U): T; [k: string]: T } interface Base<T> { t: T } import * as N from 'n';",
    "type F = <T>(a: T, ...rest: T[]) => a is string; type G = new <T>(a: T) => typeof a; declare const a: F;",
    "function is<T>(x: unknown, y: T): x is T; function is(x: any, y: any) { return x === y; } is(1, 2);",
    "function assert(c: unknown): asserts c; function assert(c: unknown): asserts c is true { use(c); }",
    "declare function d<T>(a: T): T; declare const c: ReturnType<typeof d>; declare let l, m: typeof c; d(l);",
    "declare module 'm' { export const inner: Outer; interface Own { o: Own } } interface Outer { inner: typeof inner }",
    "declare global { interface Window { w: Local } var g: Window } interface Local {} use(g); export {};",
    "import r = require('r'); import q = N.M; namespace N { export namespace M { export type T = 1 } } let x: q.T, y: typeof r;",
    "export import e = N.x; namespace N { export const x = 1 } e;",
    "abstract class A<T> implements I<T> { abstract m(t: T): void; abstract get p(): T; declare d: T; static s?: A<any>; x!: I<T>; } interface I<T> { p: T }",
    "const x = y as unknown as Y; let y = <Y>x; let z = x satisfies Y; type Y = typeof z; let w = y!; (y as any) = w!; y! += 1;",
    "@dec @ns.dec2(arg) class C { @dec p = 1; @dec m(@dec a: C, @dec2 b = a) {} @ns.dec get g() { return C; } } declare const dec: any, ns: any, arg: any, dec2: any;",
    "class C { @dec(C) static m() {} constructor(@inject(a.KEY) private a: number) {} } declare const dec: any, inject: any, a: any;",
    "function f<T extends keyof U, U>(this: Foo, t: T, u?: U): U[T] { type T2 = T; let v: T2; return u![t]; } class Foo {}",
    "const g = <T,>(t: T): T => t; const h = async <T>(t: T) => g<T>(t); new Map<string, typeof g>();",
    "type Rec = { a: Rec; b(): Rec; c: (rec: Rec) => void; get d(): Rec; set d(v: Rec) }; type Tup = [first: Rec, second?: Tup, ...rest: first[]]; type first = 1;",
    "let u: unique_t | (readonly string[]) | undefined | null | bigint; type unique_t = typeof u;",
    "function over(a: A): void; function over(a: B): void; function over(a: A | B) {} type A = 1; type B = 2; over;",
    "type X = import('m').Y; type Z = typeof import('n'); let i: X | Z;",
    "const f = function <T>(this: T, a: typeof b, b: T) { return a; };",
    "interface Sym { [key]: 1; [key2.x](): 2; 'a': 3 } declare const key: unique symbol, key2: any;",
    "export default interface Def { d: Def } let d: Def;",
    "export = thing; declare namespace thing { const a: number } declare function thing(): void;",
    "export as namespace Lib; export const Lib2 = 1;",
    "type G<T> = (x: T) => asserts x is G<T>; function c<const U>(u: U): U { return u; }",
    "let o = { m<T>(t: T) { type T3 = T; let q: T3; return q; }, async *g(): AsyncGenerator<typeof o> {} };",
    "type Body = 2; function f(x: Body) { type Body = 1; let y: Body; }",
    "type T = 1; { type T = 2; let t: T; } let t: T; function s() { interface T {} let t: T; const T = 1; T; }",
    "for (const x of xs as X[]) use(x); type X = 1; let xs: X[]; try {} catch (e: unknown) { use(e as X); }",
    "const enum Big { A = 1n as any } type Tm = `a${Big}-${infer_}`; type infer_ = 1;",
    "class Q<T> { static m<T>(t: T): T { return t; } n(): T { return this.x; } x: T; y = (t: T) => t; }",
];

const TSX: &[&str] = &[
    "const A = <T,>(p: P<T>) => <B<T> x={p}>{(q: T) => <A {...q}/>}</B>; type P<T> = T; function B<T>(p: T) {}",
    "export function C({ a, b: { c } = a }: Props): JSX.Element { return <a.b c={c}><Props/></a.b>; } interface Props { a: any; b: any }",
    "const el = <div ref={r as Ref}>{list.map(i => <Row key={i}>{i!}</Row>)}</div>; type Ref = any; let r, list, Row;",
];

/// Where the oracle is not followed, and why.
const DISAGREEMENTS: &[(&str, &str, &str)] = &[
    (
        "a.js",
        "function f() { try {} catch (e) { var e = 1; } return e; }",
        "The oracle moves the catch parameter to the function; by ECMA-262 §B.3.4 there are two variables.",
    ),
    (
        "a.ts",
        "type T = 1; declare namespace N { function f(a: T): void; interface T {} }",
        "The oracle resolves the types of parameters at once: outside the namespace, when its own declaration follows.",
    ),
    (
        "a.ts",
        "function f(x: Body) { type Body = 1; let y: Body; } type Body = 2;",
        "The oracle lets the type of a parameter mean what the body declares, when the type outside follows.",
    ),
    (
        "a.ts",
        "interface I { [key.x](key: string): void } declare const key: any;",
        "The oracle sees a computed key inside the method's scope, though the parameters are not yet there.",
    ),
    (
        "a.js",
        "{ let b; { function b() {} } } b;",
        "The oracle hoists a function past a `let` of its name, which §B.3.3.1 forbids.",
    ),
];

fn compare(name: &str, text: &str) -> Comparison {
    Comparison::new(Path::new(name), text.into()).unwrap_or_else(|why| panic!("{why:?}: {text}"))
}

#[test]
fn names_mean_what_the_oracle_says() {
    let javascript = JAVASCRIPT.iter().map(|t| ("a.js", t));
    let typescript = TYPESCRIPT.iter().map(|t| ("a.ts", t));
    let tsx = TSX.iter().map(|t| ("a.tsx", t));
    let mut wrong = Vec::new();
    for (name, text) in javascript.chain(typescript).chain(tsx) {
        let compared = match Comparison::new(Path::new(name), text.as_bytes().to_vec()) {
            Ok(compared) => compared,
            Err(why) => {
                wrong.push(format!("{why:?}: {text}"));
                continue;
            }
        };
        for (start, difference) in compared.differences() {
            let (ours, theirs) = (compared.ours.get(&start), compared.oracle.get(&start));
            wrong.push(format!("{text}\n  {difference:?} at {}: {ours:?} {theirs:?}", &text[start..]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_oracle_is_still_wrong_where_it_is_not_followed() {
    for (name, text, reason) in DISAGREEMENTS {
        assert!(!compare(name, text).differences().is_empty(), "no longer so: {reason}\n{text}");
    }
}

fn with_names<R>(name: &str, text: &str, check: impl FnOnce(&Parsed<'_>, &Names) -> R) -> R {
    let source = SourceFile::new(name, text.into()).unwrap();
    let parsed = Parsed::new(&source);
    check(&parsed, &Names::new(&parsed))
}

/// The uses of `x`, each as a word: r(eads), w(rites), t(ype), s(horthand).
fn uses(name: &str, text: &str) -> Vec<String> {
    with_names(name, text, |_, names| {
        let of_x = names.references().iter().filter(|r| r.name == "x");
        let flags = of_x.map(|r| [(r.reads, 'r'), (r.writes, 'w'), (r.in_type, 't'), (r.shorthand, 's')]);
        flags.map(|f| f.into_iter().filter(|(on, _)| *on).map(|(_, c)| c).collect()).collect()
    })
}

#[test]
fn uses_say_whether_they_read_and_write() {
    assert_eq!(
        uses("a.js", "let x = 1; x; x = 2; x += 1; x++; ({ x }); ({ x } = y); [x = x] = x;"),
        ["r", "w", "rw", "rw", "rs", "ws", "w", "r", "r"]
    );
    assert_eq!(
        uses("a.js", "var x; for (x of y) {} for (var x in y) {} ({ a: x, ...x } = y); x.y = 1; x[0]++;"),
        ["w", "w", "w", "r", "r"]
    );
    assert_eq!(
        uses("a.js", "var x; ({ x = 1 } = y); (x) = 1; export { x }; const { [x]: z } = x;"),
        ["ws", "w", "r", "r", "r"]
    );
    assert_eq!(
        uses("a.ts", "let x: typeof x = x!; (x as any) = 1; type T = x.y; export type { x };"),
        ["t", "r", "w", "t", "t"]
    );
}

#[test]
fn function_scopes_are_as_large_as_their_functions() {
    let text = "class A { @d [(() => k)()](a) { { let b; } c; } } const f = function g(x = () => 1) { var y; };";
    with_names("a.js", text, |_, names| {
        let at = |what: &str| names.scope(names.scope_at(text.find(what).unwrap())).range.clone();
        assert_eq!(&text[at("c; }")], "@d [(() => k)()](a) { { let b; } c; }");
        assert_eq!(&text[at("let b")], "{ let b; }");
        assert_eq!(&text[at("k)")], "() => k");
        assert_eq!(&text[at("x =")], "function g(x = () => 1) { var y; }");
        assert_eq!(&text[at("var y")], "{ var y; }");
        assert_eq!(at("const f"), 0..text.len());
        let starts: Vec<_> = names.scopes().map(|(_, s)| (s.range.start, usize::MAX - s.range.end)).collect();
        assert!(starts.is_sorted());
        assert!(names.references().is_sorted_by_key(|r| r.range.start));
    });
}

#[test]
fn a_broken_file_has_names_all_the_same() {
    for text in
        ["function (a { let b = ; c(", "}}} import { from; x => {", "class { #; constructor(a b) {", "<T>() => {"]
    {
        for name in ["a.js", "a.ts", "a.tsx"] {
            with_names(name, text, |file, names| {
                let _ = early_errors(file, names);
                assert!(names.references().iter().all(|r| r.range.end <= text.len()));
            });
        }
    }
}

#[test]
fn depth_costs_neither_stack_nor_much_time() {
    const DEPTH: usize = 100_000;
    let nested =
        |open: &str, middle: &str, close: &str| [open.repeat(DEPTH), middle.to_owned(), close.repeat(DEPTH)].concat();
    let texts = [
        nested("(", "x", ")"),
        nested("[", "x", "]"),
        nested("{", "x", "}"),
        nested("{ x; var v;", "x", "}"),
        nested("{ x; let x; ", "x", "}"),
        nested("a(() => ", "x", ")"),
        nested("[", "x", ""),
        nested("{", "", ""),
        format!("let {} = x;", nested("[", "y", "]")),
        format!("({}) => {{}}", nested("{ a: ", "y = x", " = x }")),
    ];
    for text in texts {
        let source = SourceFile::new("a.js", text.clone().into_bytes()).unwrap();
        let parsed = Parsed::new(&source);
        let start = Instant::now();
        let names = Names::new(&parsed);
        let _ = early_errors(&parsed, &names);
        names.references().iter().for_each(|r| assert!(names.scope(names.scope_at(r.range.start)).range.end > 0));
        let took = start.elapsed();
        assert!(took.as_secs_f64() < 2.0, "{took:?} for {}…", &text[..20]);
    }
}

fn errors(name: &str, text: &str) -> Vec<String> {
    with_names(name, text, |file, names| early_errors(file, names).into_iter().map(|e| e.message).collect())
}

#[test]
fn a_name_may_be_declared_once_in_a_scope() {
    for text in [
        "let a; let a;",
        "const a = 1; var a;",
        "var a; class a {}",
        "let a; function a() {}",
        "import a from 'm'; let a;",
        "let a; { var a; }",
        "{ { var a; } let a; }",
        "{ let a; var a; }",
        "{ var a; const a = 1; }",
        "try {} catch { const a = 1; var a; }",
        "function f(a) { let a; }",
        "function f(a, b = 1) { const a = 1; }",
        "a => { let a; };",
        "try {} catch (a) { let a; }",
        "try {} catch (a) { function a() {} }",
        "try {} catch ({ a }) { var a; }",
        "{ function a() {} var a; }",
        "{ function a() {} let a; }",
        "'use strict'; { function a() {} function a() {} }",
        "{ async function a() {} function a() {} }",
        "(a, a) => 1;",
        "({ m(a, a) {} });",
        "function f(a, a) { 'use strict'; }",
        "class A { m() { function f(a, a) {} } }",
        "try {} catch ([a, a]) {}",
        "switch (1) { case 1: let a; default: let a; }",
        "for (let a of b) { var a; }",
        "const { a, b: [a] } = c;",
    ] {
        let expected = ["`a` is declared more than once in one scope"];
        assert!(errors("a.js", text) == expected, "{text}: {:?}", errors("a.js", text));
    }
}

#[test]
fn names_that_may_be_declared_twice_are_no_errors() {
    for text in [
        "var a; var a; function a() {} function a() {}",
        "function f(a) { var a; function a() {} { let a; } }",
        "function f(a, a) {}",
        "{ function a() {} function a() {} }",
        "let a; { let a; { let a; } } function f() { var a; }",
        "try {} catch (a) { var a; { let a; } }",
        "(function a() { let a; }); (class a { m() { let a; } });",
        "let a; { function a() {} }",
        "for (let a;;) { let a; }",
    ] {
        assert!(errors("a.js", text).is_empty(), "{text}: {:?}", errors("a.js", text));
    }
    for text in [
        "function a(): void; function a(x?: 1) {} namespace a {} interface a {}",
        "class a {} interface a {} namespace a {}",
        "enum a { x } enum a { y } namespace a {}",
        "type a = 1; const a = 1; import { b } from 'm';",
        "type F = (a: 1, b: (a: 2) => a is 3) => void;",
        "declare function a(b: 1): 1; declare function a(b: 2): 2;",
    ] {
        assert!(errors("a.ts", text).is_empty(), "{text}: {:?}", errors("a.ts", text));
    }
}

#[test]
fn await_and_yield_keep_to_their_functions() {
    let outside = "`await` outside an async function";
    for text in [
        "function f() { await x; }",
        "async function f() { return () => await x; }",
        "await x; await y;",
        "function f() { for await (const a of b) {} }",
        "export {}; function f() { await (x); }",
        "class A { static { await x; } }",
    ] {
        assert_eq!(errors("a.js", text), [outside], "{text}");
    }
    assert_eq!(errors("a.js", "function f() { yield 1; } function* g() { yield 1; () => { yield 2; }; }").len(), 2);
    for text in ["async () => { let await; }", "async function f(x) { g(await); }", "async () => ({ await });"] {
        assert_eq!(errors("a.js", text), ["`await` as a name in an async function"], "{text}");
    }
    for text in [
        "async () => { await x; await (x); await [x]; await (async () => {})(); for await (const a of b) {} }",
        "export {}; await x; await (y);",
        "import 'a'; for await (const a of b) {}",
        "function await(x) {} await(1); var o = { await: 1 }; o.await;",
        "class A { async m() { await this; } async *g() { yield await 1; } }",
    ] {
        assert!(errors("a.js", text).is_empty(), "{text}: {:?}", errors("a.js", text));
    }
    assert!(errors("a.mjs", "await x;").is_empty());
    assert_eq!(errors("a.cjs", "await x;"), [outside]);
}
