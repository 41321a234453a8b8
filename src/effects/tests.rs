//! From source text to effects.

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

#[test]
fn verbs_presume() {
    let presumed = Ok(Grounds::Presumed);
    assert_eq!(overlap("async (x) => { const a = await x.getA(); const b = await x.findB(); }"), presumed);
    assert_eq!(overlap("async (x) => { const a = await x.getA(); const b = await x.saveB(); }"), ordered("x.saveB()"));
    assert_eq!(overlap("async (x) => { const a = await x.saveA(); const b = await x.getB(); }"), ordered("x.getB()"));
    assert_eq!(overlap("async (x) => { const a = await x.getA(); const b = await x.frob(); }"), unknown("x.frob()"));
}

#[test]
fn what_depends_is_ordered() {
    assert_eq!(overlap("async (x) => { const a = await x.getA(); const b = await x.findB(a); }"), ordered("a"));
    assert_eq!(overlap("async (x) => { x.id = await getA(); const b = await getB(x.id); }"), ordered("x.id"));
}

#[test]
fn guards_are_waited_for() {
    for guard in ["checkAccess(x)", "sleep(5)", "login()", "loadModels()"] {
        let text = format!("async (x) => {{ await {guard}; const b = await readB(); }}");
        assert_eq!(overlap(&text), ordered(guard));
    }
}

#[test]
fn stateful_objects_are_used_in_turn() {
    assert!(overlap("async (p) => { const a = await page.getTitle(); const b = await page.getUrl(); }").is_err());
    assert!(overlap("async (x) => { const a = await getA({ trx }); const b = await getB({ trx }); }").is_err());
}

#[test]
fn rounds_with_variables_of_their_own_may_overlap() {
    assert_eq!(rounds("async () => { for (const u of us) { u.age = await getAge(u); } }"), Ok(Grounds::Presumed));
    assert_eq!(rounds("async () => { let n = 0; for (const u of us) { n += await getAge(u); } }"), ordered("n"));
    assert_eq!(
        rounds("async () => { for (const u of us) { u.group.age = await getAge(u); } }"),
        ordered("u.group.age")
    );
}
