//! What a promise chain is made of.

use std::ops::Range;

use tree_sitter::Node;

use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    syntax::node::{self, call_parts, has_token, member_parts, named_children, optional_chain, unparenthesized},
};

/// A chain: a promise, and the calls of `then`, `catch` and `finally` on it.
#[derive(Debug, Clone)]
pub struct Chain<'t> {
    /// The whole expression.
    pub node: Node<'t>,
    /// The promise that the first link hangs on.
    pub base: Node<'t>,
    /// The links, first to last.
    pub links: Vec<Link<'t>>,
}

/// One call of `then`, `catch` or `finally`.
#[derive(Debug, Clone)]
pub struct Link<'t> {
    /// The call expression, with everything before it.
    pub call: Node<'t>,
    /// From behind the link (or base) before it to the closing parenthesis of its arguments.
    pub range: Range<usize>,
    /// What it does.
    pub kind: LinkKind<'t>,
}

impl<'t> Link<'t> {
    /// What makes the link something else than a step, and where.
    pub fn opaque(&self) -> Option<(RefusalCode, Node<'t>)> {
        match self.kind {
            LinkKind::Opaque(code, node) => Some((code, node)),
            _ => None,
        }
    }

    /// The name of the method.
    pub fn method(&self) -> Option<Node<'t>> {
        link_parts(self.call).map(|(_, property)| property)
    }

    /// The expression that the link is called on.
    pub fn receiver(&self) -> Option<Node<'t>> {
        link_parts(self.call).map(|(receiver, _)| unparenthesized(receiver))
    }
}

/// What a link does with the outcome of the one before.
#[derive(Debug, Clone)]
pub enum LinkKind<'t> {
    /// `.then(f)`
    Then(Handler<'t>),
    /// `.then(f, g)`
    ThenBoth(Handler<'t>, Handler<'t>),
    /// `.catch(g)`, `.then(null, g)`
    Catch(Handler<'t>),
    /// `.finally(h)`
    Finally(Handler<'t>),
    /// A link that changes nothing: `.then()`, `.catch(undefined)`.
    Nothing,
    /// Arguments that make it something else.
    Opaque(RefusalCode, Node<'t>),
}

/// What is passed to a link.
#[derive(Debug, Clone)]
pub enum Handler<'t> {
    /// A function literal whose body can be looked into.
    Literal {
        /// The function.
        function: Node<'t>,
        /// Whether `.bind(this)` makes its `this` the one outside.
        bound: bool,
    },
    /// An expression that stands for a function, called with one argument: `render`, `JSON.parse`.
    Callee(Node<'t>),
    /// `method.bind(object)` without further arguments, called as `object.method`: the node is the member access.
    Bound(Node<'t>),
}

impl<'t> Handler<'t> {
    /// The expression that was passed.
    pub fn node(&self) -> Node<'t> {
        match self {
            Self::Literal { function: node, .. } | Self::Callee(node) | Self::Bound(node) => *node,
        }
    }

    /// The function literal, if it is one.
    pub fn literal(&self) -> Option<Node<'t>> {
        match self {
            Self::Literal { function, .. } => Some(*function),
            _ => None,
        }
    }
}

/// The name of the promise method that a call calls, if it is one of the three.
pub fn link_name<'a>(cx: &Context<'a>, call: Node<'_>) -> Option<&'a str> {
    let (_, property) = link_parts(call)?;
    Some(cx.text(property)).filter(|name| matches!(*name, "then" | "catch" | "finally"))
}

/// The receiver and the method's name of a method call, `a?.then(…)` included.
fn link_parts(call: Node<'_>) -> Option<(Node<'_>, Node<'_>)> {
    let (callee, _) = call_parts(call)?;
    let member = Some(callee).filter(|c| c.kind() == "member_expression")?;
    Some((member.child_by_field_name("object")?, member.child_by_field_name("property")?))
}

/// The `?.` that can end the evaluation of a chain early, with `undefined` for its value.
pub fn short_circuit(chain: Node<'_>) -> Option<Node<'_>> {
    let mut node = chain;
    loop {
        if let Some(token) = optional_chain(node) {
            return Some(token);
        }
        node = match node.kind() {
            "call_expression" => node.child_by_field_name("function")?,
            "member_expression" | "subscript_expression" => node.child_by_field_name("object")?,
            "non_null_expression" => node.named_child(0)?,
            _ => return None,
        };
    }
}

/// The call of a promise method that has `node` as its receiver, if there is one.
pub fn next_link<'t>(cx: &Context<'_>, node: Node<'t>) -> Option<Node<'t>> {
    let outer = node::with_parentheses(node);
    let call = outer.parent()?.parent()?;
    let (receiver, _) = link_parts(call)?;
    (receiver == outer && link_name(cx, call).is_some()).then_some(call)
}

impl<'t> Chain<'t> {
    /// Takes the chain apart whose last link is `call`. `None` if `call` is no link.
    pub fn parse(cx: &Context<'_>, call: Node<'t>) -> Option<Self> {
        link_name(cx, call)?;
        let mut links = Vec::new();
        let mut current = call;
        while let Some(name) = link_name(cx, current) {
            let (_, arguments) = call_parts(current)?;
            let (receiver, _) = link_parts(current)?;
            links.push(Link {
                call: current,
                range: receiver.end_byte()..current.end_byte(),
                kind: link_kind(cx, name, current, &arguments),
            });
            current = unparenthesized(receiver);
        }
        links.reverse();
        Some(Self { node: call, base: current, links })
    }

    /// The expression that the link of an index is called on.
    pub fn receiver_of(&self, link: usize) -> Node<'t> {
        link.checked_sub(1).map_or(self.base, |before| self.links[before].call)
    }

    /// Whether any link is a `then` that does something.
    pub fn has_then(&self) -> bool {
        self.links.iter().any(|l| matches!(link_callee_name(l.call), Some("then")))
    }
}

/// Whether a call is written `….then(…)`; the property's length tells the three names apart.
fn link_callee_name(call: Node<'_>) -> Option<&'static str> {
    let property = call.child_by_field_name("function")?.child_by_field_name("property")?;
    match property.end_byte() - property.start_byte() {
        4 => Some("then"),
        5 => Some("catch"),
        7 => Some("finally"),
        _ => None,
    }
}

fn link_kind<'t>(cx: &Context<'_>, name: &str, call: Node<'t>, arguments: &[Node<'t>]) -> LinkKind<'t> {
    if let Some(spread) = arguments.iter().find(|a| a.kind() == "spread_element") {
        return LinkKind::Opaque(RefusalCode::HandlerMayBeMissing, *spread);
    }
    let handler = |index: usize| -> Result<Option<Handler<'t>>, (RefusalCode, Node<'t>)> {
        match arguments.get(index).copied().map(unparenthesized) {
            None => Ok(None),
            Some(node) if is_nothing(cx, node) => Ok(None),
            Some(node) => handler_of(cx, node).map(Some),
        }
    };
    let kind = match name {
        // A third handler hears of progress, which only libraries' promises make.
        "then" if arguments.len() > 2 => Err((RefusalCode::LibraryPromise, call)),
        "then" => match (handler(0), handler(1)) {
            (Err(e), _) | (_, Err(e)) => Err(e),
            (Ok(None), Ok(None)) => Ok(LinkKind::Nothing),
            (Ok(Some(f)), Ok(None)) => Ok(LinkKind::Then(f)),
            (Ok(None), Ok(Some(g))) => Ok(LinkKind::Catch(g)),
            (Ok(Some(f)), Ok(Some(g))) => Ok(LinkKind::ThenBoth(f, g)),
        },
        // A filter before the handler, or anything behind it, means something to a library's promises only.
        "catch" | "finally" if arguments.len() > 1 => Err((RefusalCode::LibraryPromise, call)),
        "catch" => handler(0).map(|g| g.map_or(LinkKind::Nothing, LinkKind::Catch)),
        _ => handler(0).map(|h| h.map_or(LinkKind::Nothing, LinkKind::Finally)),
    };
    kind.unwrap_or_else(|(code, node)| LinkKind::Opaque(code, node))
}

fn is_nothing(cx: &Context<'_>, node: Node<'_>) -> bool {
    matches!(node.kind(), "null" | "undefined") || cx.text(node) == "undefined"
}

fn handler_of<'t>(cx: &Context<'_>, node: Node<'t>) -> Result<Handler<'t>, (RefusalCode, Node<'t>)> {
    match node.kind() {
        "arrow_function" | "function_expression" => Ok(Handler::Literal { function: node, bound: false }),
        "generator_function" => Err((RefusalCode::Generator, node)),
        // Called by its name, it sees the names around it (ECMA-262, 19.2.1.1).
        "identifier" if cx.text(node) == "eval" => Err((RefusalCode::NameClash, node)),
        "identifier" => Ok(Handler::Callee(node)),
        "member_expression" if is_free_of_this(cx, node) => Ok(Handler::Callee(node)),
        "member_expression" => Err((RefusalCode::UnboundMethod, node)),
        "call_expression" => bound_handler(cx, node).ok_or((RefusalCode::HandlerMayBeMissing, node)),
        _ => Err((RefusalCode::HandlerMayBeMissing, node)),
    }
}

/// `function () { … }.bind(this)` and `object.method.bind(object)`.
fn bound_handler<'t>(cx: &Context<'_>, call: Node<'t>) -> Option<Handler<'t>> {
    let (callee, arguments) = call_parts(call)?;
    let (target, property) = member_parts(callee)?;
    let [this] = arguments.as_slice() else { return None };
    if cx.text(property) != "bind" {
        return None;
    }
    let target = unparenthesized(target);
    if matches!(target.kind(), "function_expression" | "arrow_function") && this.kind() == "this" {
        return Some(Handler::Literal { function: target, bound: true });
    }
    let (object, _) = member_parts(target)?;
    let simple = matches!(object.kind(), "this" | "identifier") || is_member_path(object);
    (simple && cx.text(object) == cx.text(*this)).then_some(Handler::Bound(target))
}

/// `a.b.c`, starting from a name or `this`.
fn is_member_path(node: Node<'_>) -> bool {
    let mut node = node;
    while let Some((object, _)) = member_parts(node) {
        node = object;
    }
    matches!(node.kind(), "this" | "identifier")
}

/// Objects whose methods do not look at `this`, so that `.then(JSON.parse)` and `JSON.parse(value)` are the same.
const OBJECTS_WITHOUT_THIS: &[&str] = &["JSON", "Math", "Object", "Number", "console"];

/// The packages whose functions do not look at `this` when they are called as methods of the package.
const PACKAGES_WITHOUT_THIS: &[&str] = &["lodash", "underscore", "ramda", "path", "node:path"];

fn is_free_of_this(cx: &Context<'_>, member: Node<'_>) -> bool {
    let Some((object, _)) = member_parts(member).filter(|(o, _)| o.kind() == "identifier") else { return false };
    match cx.names.reference_at(object.start_byte()).and_then(|r| r.binding) {
        None => OBJECTS_WITHOUT_THIS.contains(&cx.text(object)),
        Some(binding) => super::classify::package_of(cx, binding).is_some_and(|p| PACKAGES_WITHOUT_THIS.contains(&p)),
    }
}

/// Whether a handler literal has a body in braces.
pub fn block_body(function: Node<'_>) -> Option<Node<'_>> {
    function.child_by_field_name("body").filter(|b| b.kind() == "statement_block")
}

/// The parameters of a function literal, without comments: patterns, in order. TypeScript wraps each in a
/// `required_parameter` or `optional_parameter`.
pub fn parameters(function: Node<'_>) -> Vec<Node<'_>> {
    if let Some(single) = function.child_by_field_name("parameter") {
        return vec![single];
    }
    function.child_by_field_name("parameters").map(named_children).unwrap_or_default()
}

/// What keeps a handler literal's body from moving into the function around it, whatever its statements are.
///
/// # Errors
/// The refusal, with the code to blame.
pub fn check_movable(cx: &Context<'_>, function: Node<'_>, bound: bool) -> Result<(), Refusal> {
    if has_token(function, "*") {
        return Err(Refusal::new(RefusalCode::Generator, function.byte_range()));
    }
    if super::body::is_labelled_block(function) {
        return Err(Refusal::new(RefusalCode::LabelledBody, function.byte_range()));
    }
    if let Some(name) = function.child_by_field_name("name") {
        let own = cx.names.declared_at(name.start_byte());
        if let Some(reference) = own.and_then(|b| cx.names.binding(b).references.first()) {
            return Err(Refusal::new(RefusalCode::SelfReference, cx.names.reference(*reference).range.clone()));
        }
    }
    if function.kind() == "function_expression"
        && let Some(own) = own_this(cx, function, bound)
    {
        return Err(Refusal::new(RefusalCode::UsesThis, own.byte_range()));
    }
    let first = block_body(function).and_then(|b| named_children(b).first().copied());
    if let Some(directive) = first.filter(|s| is_directive(*s)) {
        return Err(Refusal::new(RefusalCode::Directive, directive.byte_range()));
    }
    Ok(())
}

fn is_directive(statement: Node<'_>) -> bool {
    statement.kind() == "expression_statement" && statement.named_child(0).is_some_and(|e| e.kind() == "string")
}

/// The first thing in a `function` that means this very function: `this`, `arguments`, `new.target`. Arrow functions
/// inside share it; `bound` says that `this` is the one outside anyway.
pub fn own_this<'t>(cx: &Context<'_>, function: Node<'t>, bound: bool) -> Option<Node<'t>> {
    let mut found = None;
    node::walk(function, |n| {
        if found.is_some() || (n != function && node::is_function(n) && n.kind() != "arrow_function") {
            return false;
        }
        let is_own = match n.kind() {
            "this" => !bound,
            "meta_property" | "super" => true,
            "identifier" => cx.text(n) == "arguments",
            _ => false,
        };
        if is_own {
            found = Some(n);
        }
        // Class bodies have a `this` of their own, but their computed names and `extends` do not; a use inside is
        // rare enough to refuse for.
        true
    });
    found
}
