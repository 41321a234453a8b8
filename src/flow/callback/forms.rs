//! What a file says about promise forms: which of its functions are callback forms of which others, what code may put
//! in the place of something else while the program runs, and what `promisifyAll` is handed.

use std::collections::HashMap;

use tree_sitter::Node;

use super::{
    adapter::{Adapter, adapter},
    exports::{is_exports, name_of_member},
    locals::function_of,
    replaced::{Named, QUOTES, REPLACING, constant_text, named_by},
    unused::is_of_util,
};
use crate::{
    apis::plain,
    context::Context,
    flow::{
        body::returned,
        chain::own_this,
        classify::{initializer, required_package},
        imports::imported,
        known::binding_of,
    },
    project::{Adapted, FileFacts, FormFacts, FormResult},
    syntax::node::{call_parts, is_async, is_function, member_parts, unparenthesized, walk},
};

/// How far a receiver is followed to what it begins with.
const MAX_DEPTH: usize = 64;

/// What loads modules, and may be given other code that hands out something else (Node, "Modules: `node:module` API").
const LOADERS: &[&str] = &["._load", "._resolveFilename", ".prototype.require"];

/// Functions that give properties to an object, which only linking tells the name of.
const GIVING: &[&str] = &["assign", "defineProperties", "defineProperty", "extend", "merge", "mixin"];

/// What a file says. Of a file that is not `linked` with the others, it is not known what the objects are that it gives
/// properties to, so that any of them may be a module.
pub fn of_file(cx: &Context<'_>, linked: bool) -> FormFacts {
    let mut facts = FormFacts::default();
    let mut adapters = Vec::new();
    let mut members: HashMap<&str, Vec<Node<'_>>> = HashMap::new();
    walk(cx.file.root(), |node| {
        if is_function(node) {
            adapters.extend(adapter(cx, node).map(|adapter| (node, adapter)));
        }
        match node.kind() {
            "call_expression" => call(cx, node, linked, &mut facts),
            "pair" => {
                pair(cx, node, &mut facts);
                member(cx, node, node.child_by_field_name("value"), &mut members);
            }
            "method_definition" => member(cx, node, Some(node), &mut members),
            "assignment_expression" => assignment(cx, node, linked, &mut members, &mut facts),
            _ => {}
        }
        true
    });
    let adapted = adapters.into_iter().filter_map(|(function, adapter)| adapted(cx, function, adapter, &members));
    let path = cx.file.source.path();
    facts.adapt(path, adapted.collect());
    if !linked {
        let read = FileFacts::of(cx.file, cx.names);
        read.listed_modules().into_iter().for_each(|module| facts.list(path, module));
    }
    facts
}

/// Whether a text may say that the members of something are gone over.
pub fn may_list(text: &[u8]) -> bool {
    const SIGNS: &[&str] = &[
        "Object.",
        "Reflect.",
        " in ",
        "export *",
        "...",
        "_.",
        "assign",
        "extend",
        "mixin",
        "merge",
        "require.resolve",
    ];
    SIGNS.iter().any(|sign| memchr::memmem::find(text, sign.as_bytes()).is_some())
}

/// Whether a text may say anything about promise forms, so that it is worth parsing.
pub fn may_be_in(text: &str) -> bool {
    let bytes = text.as_bytes();
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    has("callbackify") || adds_forms_in(bytes) || replaces_in(text)
}

/// Whether a text may say that promise forms are added to all functions of something: by `promisifyAll`, or by names that are put
/// together, `users[name + 'Async'] = …`.
pub fn adds_forms_in(text: &[u8]) -> bool {
    const SIGNS: &[&str] = &["promisifyAll", "'Async'", "\"Async\"", "}Async`"];
    SIGNS.iter().any(|sign| memchr::memmem::find(text, sign.as_bytes()).is_some())
}

/// Whether a text may say that something is put in the place of something else.
pub fn replaces_in(text: &str) -> bool {
    let words = ["mock", "stub", "spy", "replace", "rewire", "__set__", "proxyquire", "require.cache", "sinon", "fake"];
    words.iter().chain(LOADERS).any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
}

/// Whether a text may say that something else is loaded in the place of modules, whichever they are.
pub fn replaces_modules_in(text: &[u8]) -> bool {
    LOADERS.iter().chain(&["require.cache"]).any(|sign| memchr::memmem::find(text, sign.as_bytes()).is_some())
}

/// The async function that a callback form may be gone round for, if there is one.
fn adapted<'a>(
    cx: &Context<'a>,
    function: Node<'a>,
    adapter: Adapter<'a>,
    members: &HashMap<&str, Vec<Node<'a>>>,
) -> Option<Adapted> {
    let no_functions = adapter.shifted.filter(|_| is_of_util(cx, adapter.made_by, "callbackify"))?;
    let target = match member_parts(adapter.target) {
        Some((object, property)) if is_exports(cx, object) => match members.get(cx.text(property))?.as_slice() {
            [one] => *one,
            _ => return None,
        },
        Some(_) => return None,
        None => function_of(cx, binding_of(cx, adapter.target)?)?,
    };
    // A function that is not async may throw at once, and one that asks who called it is told something else.
    let asks = own_this(cx, target.child_by_field_name("body")?, adapter.binds_this).is_some();
    if !is_async(target) || asks {
        return None;
    }
    let gives_nothing = returned(target).values.iter().all(|r| r.expression.is_none());
    let result = match adapter.hands_result {
        _ if gives_nothing => FormResult::Nothing,
        true => FormResult::Same,
        false => FormResult::Withheld,
    };
    Some(Adapted {
        adapter: function.start_byte(),
        target: target.start_byte(),
        arguments: adapter.parameters.checked_sub(1)?,
        no_functions,
        binds_this: adapter.binds_this,
        result,
    })
}

/// Notes what a call replaces, or promisifies.
fn call(cx: &Context<'_>, node: Node<'_>, linked: bool, facts: &mut FormFacts) {
    let Some((callee, arguments)) = call_parts(node) else { return };
    let name = cx.text(member_parts(callee).map_or(callee, |(_, property)| property));
    if name == "promisifyAll" {
        if let Some(first) = arguments.first() {
            promisified(cx, *first, facts);
        }
        return;
    }
    if REPLACING.contains(&name) || !linked && GIVING.contains(&name) {
        replaced(cx, name, &arguments, facts);
    }
}

/// Notes what the arguments of a call that replaces something name.
fn replaced(cx: &Context<'_>, function: &str, arguments: &[Node<'_>], facts: &mut FormFacts) {
    for named in named_by(cx, arguments) {
        match named {
            Named::Text(text) => {
                facts.replace(text);
                // `path.replace('/', '')` is something else.
                if function != "replace" || text.contains(char::is_alphanumeric) {
                    facts.mock(text);
                }
            }
            Named::Module(module) => facts.mock(module),
            Named::Key(key) => facts.replace(key),
        }
    }
}

/// `proxyquire('./show', { './users': … })`
fn pair(cx: &Context<'_>, node: Node<'_>, facts: &mut FormFacts) {
    let Some(key) = node.child_by_field_name("key") else { return };
    let key = if key.kind() == "computed_property_name" { key.named_child(0) } else { Some(key) };
    key.into_iter().for_each(|key| mocked_by_key(cx, key, facts));
}

/// Notes what a member of the object that the file exports stands for.
fn member<'a>(
    cx: &Context<'a>,
    node: Node<'a>,
    value: Option<Node<'a>>,
    members: &mut HashMap<&'a str, Vec<Node<'a>>>,
) {
    if let (Some(name), Some(value)) = (name_of_member(cx, node), value) {
        members.entry(cx.text(name)).or_default().push(unparenthesized(value));
    }
}

/// Notes the module that a key is the path of.
fn mocked_by_key(cx: &Context<'_>, key: Node<'_>, facts: &mut FormFacts) {
    let path = constant_text(cx, key).filter(|key| key.starts_with("./") || key.starts_with(".."));
    path.into_iter().for_each(|path| facts.mock(path));
}

fn assignment<'a>(
    cx: &Context<'a>,
    node: Node<'a>,
    linked: bool,
    members: &mut HashMap<&'a str, Vec<Node<'a>>>,
    facts: &mut FormFacts,
) {
    let (Some(left), Some(right)) = (node.child_by_field_name("left"), node.child_by_field_name("right")) else {
        return;
    };
    let target = cx.text(left);
    let is_cache = target.starts_with("require.cache");
    if is_cache && !names_module(cx, left) || is_loader(cx, left) {
        facts.mock_any();
    }
    if is_cache {
        cached(cx, facts);
    }
    if left.kind() == "subscript_expression" {
        // `stubs['./users'] = …`
        let index = left.child_by_field_name("index");
        index.into_iter().for_each(|index| mocked_by_key(cx, index, facts));
        let object = left.child_by_field_name("object").filter(|_| index.is_some_and(|i| is_name_of_form(cx, i)));
        object.into_iter().for_each(|object| promisified(cx, object, facts));
        if !linked {
            keyed(cx, left, facts);
        }
    }
    let Some((object, property)) = member_parts(left) else { return };
    if is_exports(cx, object) {
        members.entry(cx.text(property)).or_default().push(unparenthesized(right));
    } else if !linked && object.kind() != "this" && !cx.text(object).ends_with("prototype") {
        facts.replace(cx.text(property));
    }
}

/// `users['load'] = …`, `users[name] = …`
fn keyed(cx: &Context<'_>, target: Node<'_>, facts: &mut FormFacts) {
    let (object, index) = (target.child_by_field_name("object"), target.child_by_field_name("index"));
    match index.and_then(|index| constant_text(cx, index)) {
        Some(name) => facts.replace(name),
        None => {
            let import = object.and_then(|o| binding_of(cx, o)).and_then(|b| imported(cx, b));
            import.into_iter().for_each(|import| facts.mock(import.module));
        }
    }
}

/// Whether something is what Node loads modules with: `Module._load`, `require('module').prototype.require`.
fn is_loader(cx: &Context<'_>, target: Node<'_>) -> bool {
    let Some((object, _)) = member_parts(target).filter(|_| LOADERS.iter().any(|l| cx.text(target).ends_with(l)))
    else {
        return false;
    };
    let object =
        member_parts(object).filter(|(_, name)| cx.text(*name) == "prototype").map_or(object, |(class, _)| class);
    let imported = binding_of(cx, object).and_then(|b| imported(cx, b)).map(|import| import.module);
    let module = imported.or_else(|| required_package(cx, object)).map(plain);
    module == Some("module") || cx.text(object) == "module.constructor"
}

/// Whether a member of the cache of modules is one that the code around names: `require.cache[require.resolve('./users')]`. A
/// function that is told the name may be told any.
fn names_module(cx: &Context<'_>, member: Node<'_>) -> bool {
    let mut named = false;
    let mut pending = vec![member];
    for _ in 0..MAX_DEPTH {
        let Some(part) = pending.pop() else { break };
        walk(part, |n| {
            if n.kind() == "string" {
                let is_resolved = || {
                    let call = n.parent().and_then(|list| list.parent()).and_then(call_parts);
                    call.is_some_and(|(callee, _)| cx.text(callee) == "require.resolve")
                };
                named |= cx.text(n).contains('/') && cx.text(n).contains(char::is_alphanumeric) || is_resolved();
            } else if n.kind() == "identifier" {
                pending.extend(binding_of(cx, n).and_then(|b| initializer(cx, b)));
            }
            !named
        });
    }
    named
}

/// A file that puts modules into the cache, or changes those that are there, may do so with all that it names.
fn cached(cx: &Context<'_>, facts: &mut FormFacts) {
    walk(cx.file.root(), |n| {
        if matches!(n.kind(), "string" | "template_string") {
            facts.mock(cx.text(n).trim_matches(QUOTES));
        }
        true
    });
}

/// Whether a key is put together, and ends as the names of promise forms do: `name + 'Async'`.
fn is_name_of_form(cx: &Context<'_>, key: Node<'_>) -> bool {
    let key = unparenthesized(key);
    matches!(key.kind(), "binary_expression" | "template_string")
        && cx.text(key).trim_end_matches(QUOTES).ends_with("Async")
}

/// Notes the module that what is handed to `promisifyAll` comes from.
fn promisified(cx: &Context<'_>, argument: Node<'_>, facts: &mut FormFacts) {
    let path = cx.file.source.path();
    let mut node = argument;
    for _ in 0..MAX_DEPTH {
        node = unparenthesized(node);
        if let Some(module) = required_package(cx, node) {
            return facts.promisify_all(path, Some(module));
        }
        if let Some(binding) = binding_of(cx, node) {
            if let Some(import) = imported(cx, binding) {
                return facts.promisify_all(path, Some(import.module));
            }
            match initializer(cx, binding).filter(|_| !cx.names.is_reassigned(binding)) {
                Some(value) => node = value,
                None => break,
            }
            continue;
        }
        let inner = match node.kind() {
            "new_expression" => node.child_by_field_name("constructor"),
            "call_expression" => node.child_by_field_name("function"),
            "member_expression" => node.child_by_field_name("object"),
            _ => None,
        };
        match inner {
            Some(inner) => node = inner,
            None => break,
        }
    }
    facts.promisify_all(path, None);
}
