//! What the table of known APIs says about a call in a file: which module or object a callee belongs to.

use std::borrow::Cow;

use tree_sitter::Node;

use super::{
    classify::{initializer, required_package},
    imports::imported,
};
use crate::{
    apis::{Api, Class},
    context::Context,
    semantic::BindingId,
    syntax::node::{call_parts, member_parts, unparenthesized},
};

/// How far calls and members are followed to what they begin with.
const MAX_DEPTH: usize = 64;

/// What a known API is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// It is an export of a module that the file imports, or a global of the platform.
    Module,
    /// It is a method of an object that a known function has made.
    Instance,
    /// Its receiver has a name that such objects are commonly given. This tells the shape of a call and is no proof.
    Name,
}

/// A function that the table knows.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// What is known of it.
    pub api: &'a Api,
    /// What it is known by.
    pub by: Evidence,
}

/// What the table says about a callee.
pub fn known<'a>(cx: &Context<'a>, callee: Node<'_>) -> Option<Known<'a>> {
    let callee = unparenthesized(callee);
    if let Some((module, export)) = export_of(cx, callee) {
        let api = cx.apis.function(module, &export)?;
        return Some(Known { api, by: Evidence::Module });
    }
    let (object, property) = member_parts(callee)?;
    let method = cx.text(property);
    if let Some(class) = class_of(cx, object) {
        return Some(Known { api: class.method(method)?, by: Evidence::Instance });
    }
    let api = cx.apis.method(&receiver_name(cx, object)?, method)?;
    Some(Known { api, by: Evidence::Name })
}

/// An exported function of a module whose functions do not look at `this`, if it can be awaited.
pub fn builtin<'a>(cx: &Context<'a>, callee: Node<'_>) -> Option<&'a Api> {
    let (module, export) = export_of(cx, callee)?;
    let api = cx.apis.function(module, &export).filter(|api| api.is_awaitable())?;
    cx.apis.is_detached(module).then_some(api)
}

/// Whether a callee registers a callback rather than calling it with a result. `arguments` is how many it takes.
pub fn is_registration(cx: &Context<'_>, callee: Node<'_>, arguments: usize) -> bool {
    let callee = unparenthesized(callee);
    if let Some(Known { api, by: Evidence::Module | Evidence::Instance }) = known(cx, callee) {
        return api.is_registration();
    }
    let (receiver, name) = called_on(cx, callee);
    cx.apis.is_registration_on(receiver.as_deref(), name, arguments)
}

/// Whether a callee keeps the callback that it is handed for somebody else to call. `arguments` is how many it takes.
pub fn keeps(cx: &Context<'_>, callee: Node<'_>, arguments: usize) -> bool {
    let (receiver, name) = called_on(cx, unparenthesized(callee));
    cx.apis.keeps(receiver.as_deref(), name, arguments)
}

/// What the receiver of a callee is called, if it has one, and the name of the function.
fn called_on<'a>(cx: &Context<'a>, callee: Node<'_>) -> (Option<String>, &'a str) {
    match member_parts(callee) {
        Some((object, property)) => (Some(receiver_name(cx, object).unwrap_or_default()), cx.text(property)),
        None => (None, cx.text(callee)),
    }
}

/// The module that a callee belongs to, and its name there: `fs.readFile`, `readFile` from an import,
/// `require('fs').readFile`, `process.nextTick`. A longer path keeps its dots, and the module itself is `default`.
pub fn export_of<'a>(cx: &Context<'a>, callee: Node<'_>) -> Option<(&'a str, Cow<'a, str>)> {
    let mut names = Vec::new();
    let mut node = unparenthesized(callee);
    while let Some((object, property)) = member_parts(node) {
        if names.len() == MAX_DEPTH {
            return None;
        }
        names.push(cx.text(property));
        node = unparenthesized(object);
    }
    let module = match required_package(cx, node) {
        Some(module) => module,
        None if node.kind() != "identifier" => return None,
        None => match binding_of(cx, node) {
            Some(binding) => {
                let import = imported(cx, binding)?;
                names.extend(import.export);
                import.module
            }
            None => global(cx, node, &mut names)?,
        },
    };
    if names.last() == Some(&"default") && names.len() > 1 {
        names.pop();
    }
    names.reverse();
    let export = match names.as_slice() {
        [] => Cow::Borrowed("default"),
        [name] => Cow::Borrowed(*name),
        _ => Cow::Owned(names.join(".")),
    };
    Some((module, export))
}

/// The module that a name without a declaration stands for.
fn global<'a>(cx: &Context<'a>, name: Node<'_>, names: &mut Vec<&'a str>) -> Option<&'static str> {
    // A name that nothing resolves is a global; one that could not be looked up is not.
    cx.names.reference_at(name.start_byte())?;
    match cx.text(name) {
        "process" if !names.is_empty() => Some("process"),
        timer @ ("setImmediate" | "setInterval" | "setTimeout") if names.is_empty() => {
            names.push(timer);
            Some("timers")
        }
        _ => None,
    }
}

/// The class of an object, if a known function has made it: `const client = redis.createClient()`,
/// `db.collection('users')`, `new Pool()`.
pub fn class_of<'a>(cx: &Context<'a>, object: Node<'_>) -> Option<&'a Class> {
    // The calls from the object back to what made the first of them, outermost first.
    let mut methods = Vec::new();
    let mut node = unparenthesized(object);
    let mut steps = 0;
    let mut class = loop {
        // A variable whose value begins with itself would be followed for ever.
        steps += 1;
        if steps > MAX_DEPTH {
            return None;
        }
        if node.kind() == "identifier" {
            let binding = binding_of(cx, node).filter(|b| is_fixed(cx, *b))?;
            node = unparenthesized(initializer(cx, binding)?);
            continue;
        }
        let maker = match node.kind() {
            "new_expression" => node.child_by_field_name("constructor")?,
            _ => call_parts(node)?.0,
        };
        let maker = unparenthesized(maker);
        if let Some((module, export)) = export_of(cx, maker) {
            break cx.apis.made_by(module, &export)?;
        }
        let (receiver, property) = member_parts(maker)?;
        methods.push(cx.text(property));
        node = unparenthesized(receiver);
    };
    for method in methods.into_iter().rev() {
        let made = cx.apis.made_by(&class.module, &format!("{}.{method}", class.name));
        class = made.or_else(|| class.fluent.then_some(class))?;
    }
    Some(class)
}

/// What a receiver is called: `client`, `client` for `this.client`, `collection()` for `db.collection('users')`.
fn receiver_name(cx: &Context<'_>, object: Node<'_>) -> Option<String> {
    let object = unparenthesized(object);
    if let Some((_, property)) = member_parts(object) {
        return Some(cx.text(property).to_owned());
    }
    if let Some((callee, _)) = call_parts(object) {
        let callee = unparenthesized(callee);
        return Some(format!("{}()", cx.text(member_parts(callee).map_or(callee, |(_, p)| p))));
    }
    (object.kind() == "identifier").then(|| cx.text(object).to_owned())
}

fn is_fixed(cx: &Context<'_>, binding: BindingId) -> bool {
    !cx.names.is_reassigned(binding) && cx.names.binding(binding).declarations.len() == 1
}

/// The binding that an identifier stands for.
pub(super) fn binding_of(cx: &Context<'_>, identifier: Node<'_>) -> Option<BindingId> {
    (identifier.kind() == "identifier").then(|| cx.names.reference_at(identifier.start_byte()))??.binding
}
