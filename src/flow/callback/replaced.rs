//! Members that something else is put in the place of while the program runs, as tests do: `sinon.stub(fs, 'readFile')`,
//! `fs.close = failing`. Whoever looks such a member up once, or calls its promise form, calls what was there before.

use tree_sitter::Node;

use crate::{
    apis::plain,
    context::Context,
    flow::{
        classify::{initializer, required_package},
        imports::imported,
        known::binding_of,
    },
    project::CallbackFunctions,
    syntax::node::{call_parts, member_parts, named_children, unparenthesized},
};

/// Functions that put something in the place of a method, which they are told the name of, or of a module.
pub(super) const REPLACING: &[&str] = &[
    "__set__",
    "__with__",
    "doMock",
    "expects",
    "fake",
    "method",
    "mock",
    "mm",
    "mockModule",
    "module",
    "muk",
    "registerMock",
    "registerSubstitute",
    "replace",
    "setMock",
    "spy",
    "spyOn",
    "stub",
    "unstable_mockModule",
    "wrap",
];

/// Functions that load a file with other modules in the place of those that it imports: `proxyquire('./a', { fs: … })`.
const LOADING: &[&str] = &["esmock", "injectr", "load", "proxyquire", "requireInject"];

/// Functions that give members to what they are handed first.
const GIVING: &[&str] = &["assign", "defineProperties", "defineProperty"];

/// Notes the members, and the modules, that a call or an assignment replaces.
pub(super) fn note_replaced<'a>(cx: &Context<'a>, node: Node<'a>, functions: &mut CallbackFunctions) {
    if node.kind() == "assignment_expression" {
        let member = node.child_by_field_name("left").and_then(member_parts);
        let module = |object: Node<'_>| binding_of(cx, object).and_then(|b| imported(cx, b));
        if let Some((_, property)) = member.filter(|(object, _)| module(*object).is_some_and(|i| i.export.is_none())) {
            functions.replace(cx.text(property));
        }
        // `Store.prototype.get = …`, of a class that another file declares.
        let holder =
            member.and_then(|(object, _)| member_parts(object)).filter(|(_, name)| cx.text(*name) == "prototype");
        let class = holder.map(|(class, _)| member_parts(class).map_or(class, |(module, _)| module));
        if let Some((_, property)) = member.filter(|_| class.and_then(module).is_some()) {
            functions.replace(cx.text(property));
        }
        // `fs[name] = retried(fs[name])` may be any of them.
        let computed = node.child_by_field_name("left").filter(|left| left.kind() == "subscript_expression");
        let object = computed.and_then(|left| left.child_by_field_name("object"));
        if let Some(import) = object.and_then(module).filter(|i| i.export.is_none()) {
            functions.replace(plain(import.module));
        }
        return;
    }
    let Some((callee, arguments)) = call_parts(node) else { return };
    let name = cx.text(member_parts(callee).map_or(callee, |(_, property)| property));
    if name == "gracefulify" {
        arguments.iter().filter_map(|a| module_of(cx, *a)).for_each(|module| functions.replace(plain(module)));
    }
    // `Object.assign(fs, { readFile })`, `Object.defineProperty(fs, 'readFile', …)`, where the members of the module are meant.
    if let (true, Some((first, rest))) = (GIVING.contains(&name), arguments.split_first())
        && module_of(cx, *first).is_some()
    {
        for argument in rest {
            constant_text(cx, *argument).into_iter().for_each(|member| functions.replace(member));
            keys(cx, *argument).into_iter().for_each(|member| functions.replace(member));
        }
    }
    // `mm.error(fs, 'readFile', 'failed')`
    let is_of_mm = member_parts(callee).is_some_and(|(object, _)| cx.text(object) == "mm");
    if is_of_mm || REPLACING.contains(&name) {
        for named in named_by(cx, &arguments) {
            let (Named::Text(name) | Named::Key(name) | Named::Module(name)) = named;
            functions.replace(plain(name));
        }
    }
    // `require('proxyquire')('./lib', { fs })`
    let loader = required_package(cx, callee).unwrap_or(name);
    if LOADING.contains(&loader) {
        arguments.iter().flat_map(|a| keys(cx, *a)).for_each(|module| functions.replace(plain(module)));
    }
    if name == "require" {
        // `SandboxedModule.require('./lib', { requires: { fs } })`
        let options = arguments.iter().skip(1).flat_map(|options| named_children(*options));
        let requires = options.filter(|o| o.child_by_field_name("key").is_some_and(|k| cx.text(k) == "requires"));
        let modules = requires.filter_map(|option| option.child_by_field_name("value"));
        modules.flat_map(|value| keys(cx, value)).for_each(|module| functions.replace(plain(module)));
    }
}

/// The names of an object literal's members.
fn keys<'a>(cx: &Context<'a>, object: Node<'a>) -> Vec<&'a str> {
    let members = if object.kind() == "object" { named_children(object) } else { Vec::new() };
    let names = members.into_iter().map(|member| member.child_by_field_name("key").unwrap_or(member));
    names.map(|name| cx.text(name).trim_matches(QUOTES)).collect()
}

/// The module that an expression is, all of it: a name that it is imported as, or `require('fs')`.
fn module_of<'a>(cx: &Context<'a>, expression: Node<'a>) -> Option<&'a str> {
    let import = binding_of(cx, expression).and_then(|b| imported(cx, b)).filter(|i| i.export.is_none());
    import.map(|i| i.module).or_else(|| required_package(cx, expression))
}

/// What a call names that puts something else in the place of it.
pub(super) enum Named<'a> {
    /// A method or a module, by a text: `stub(fs, 'close')`, `mock('fs')`.
    Text(&'a str),
    /// A module, all of it, by what it is imported as: `stub(fs)`.
    Module(&'a str),
    /// A method or a variable, by a key: `__set__({ load: fake })`.
    Key(&'a str),
}

/// What the arguments of such a call name.
pub(super) fn named_by<'a>(cx: &Context<'a>, arguments: &[Node<'_>]) -> Vec<Named<'a>> {
    let mut named = Vec::new();
    for argument in arguments {
        if let Some(text) = constant_text(cx, *argument) {
            named.push(Named::Text(text));
            continue;
        }
        match argument.kind() {
            // `sinon.stub(users)`, `sinon.stub(users, name)`
            "identifier" if arguments.get(1).is_none_or(|name| constant_text(cx, *name).is_none()) => {
                let module = binding_of(cx, *argument).and_then(|b| imported(cx, b));
                named.extend(module.map(|import| Named::Module(import.module)));
            }
            "object" => named.extend(named_children(*argument).into_iter().map(|member| {
                let key = member.child_by_field_name("key").or_else(|| member.child_by_field_name("name"));
                Named::Key(cx.text(key.unwrap_or(member)).trim_matches(QUOTES))
            })),
            _ => {}
        }
    }
    named
}

/// What stands around a text.
pub(super) const QUOTES: [char; 3] = ['\'', '"', '`'];

/// The text that an expression certainly is: it is written there, or where the name is declared that stands there.
pub(super) fn constant_text<'a>(cx: &Context<'a>, node: Node<'_>) -> Option<&'a str> {
    let node = unparenthesized(node);
    let value = match node.kind() {
        "identifier" => {
            let binding = binding_of(cx, node).filter(|b| !cx.names.is_reassigned(*b))?;
            unparenthesized(initializer(cx, binding)?)
        }
        _ => node,
    };
    let is_plain = value.kind() == "string"
        || value.kind() == "template_string" && named_children(value).iter().all(|c| c.kind() == "string_fragment");
    is_plain.then(|| cx.text(value).trim_matches(QUOTES))
}
