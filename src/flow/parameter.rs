//! How a handler gets its value: parameters become bindings.

use std::ops::Range;

use tree_sitter::Node;

use super::{Keyword, Stmt, Text, Value, chain::parameters, classify, lower::Lowerer, scope::Renames};
use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    semantic::{BindingId, BindingKind, ReferenceId},
    syntax::node::{ancestors, is_comment, is_function, member_parts, named_children, walk},
};

/// A parameter taken apart.
struct Parameter<'t> {
    /// The name or pattern; for a rest parameter, what is behind the dots.
    pattern: Node<'t>,
    /// The type annotation with its colon.
    annotation: Option<Node<'t>>,
    /// The default.
    default: Option<Node<'t>>,
    is_rest: bool,
}

impl<'t> Parameter<'t> {
    fn of(node: Node<'t>) -> Self {
        let mut parameter = Self { pattern: node, annotation: None, default: None, is_rest: false };
        if matches!(node.kind(), "required_parameter" | "optional_parameter") {
            parameter.annotation = node.child_by_field_name("type");
            parameter.default = node.child_by_field_name("value");
            parameter.pattern = node.child_by_field_name("pattern").unwrap_or(node);
        }
        if parameter.pattern.kind() == "assignment_pattern" {
            parameter.default = parameter.pattern.child_by_field_name("right");
            parameter.pattern = parameter.pattern.child_by_field_name("left").unwrap_or(node);
        }
        if parameter.pattern.kind() == "rest_pattern" {
            parameter.is_rest = true;
            parameter.pattern = named_children(parameter.pattern).first().copied().unwrap_or(node);
        }
        parameter
    }

    fn is_plain_name(&self) -> bool {
        self.pattern.kind() == "identifier" && self.default.is_none() && !self.is_rest
    }
}

/// The name and type that a plain parameter gives its value; `None` for a pattern, a default, a rest parameter.
pub(super) fn simple_name(cx: &Context<'_>, renames: &Renames, parameter: Node<'_>) -> Option<(String, Text)> {
    let taken = Some(Parameter::of(parameter)).filter(Parameter::is_plain_name)?;
    let binding = cx.names.declared_at(taken.pattern.start_byte())?;
    let mut annotation = taken.annotation.map(|a| Text::from(cx.text(a))).unwrap_or_default();
    if parameter.kind() == "optional_parameter" && !annotation.is_empty() {
        annotation.push_str(" | undefined");
    }
    Some((renames.name_of(cx, binding), annotation))
}

impl Lowerer<'_, '_> {
    /// Whether anything that a parameter declares is used, or the parameter does something by being bound.
    pub(super) fn is_used(&self, node: Node<'_>) -> bool {
        let parameter = Parameter::of(node);
        // Taking a value apart may throw, and a default may run code.
        parameter.pattern.kind() != "identifier"
            || parameter.default.is_some_and(|d| !classify::is_pure(d))
            || self.bindings_of(node).iter().any(|b| !self.cx.names.binding(*b).references.is_empty())
    }

    fn bindings_of(&self, node: Node<'_>) -> Vec<BindingId> {
        self.cx.names.declared_in(&node.byte_range())
    }

    fn keyword_for(&self, node: Node<'_>) -> Keyword {
        let reassigned = self.bindings_of(node).into_iter().any(|b| self.cx.names.is_reassigned(b));
        if reassigned { Keyword::Let } else { Keyword::Const }
    }

    /// Binds a handler's first parameter to the value, and declares the others, which never get one.
    pub(super) fn enter(&mut self, function: Node<'_>, input: Value, out: &mut Vec<Stmt>) -> Result<(), Refusal> {
        let parameters = parameters(function);
        let mut rest = parameters.iter();
        match rest.next() {
            Some(first) if self.is_used(*first) => self.bind(*first, input, out),
            _ => Self::discard(input, out),
        }
        match rest.find(|p| self.is_used(**p)) {
            Some(extra) => Err(Refusal::new(RefusalCode::ExtraParameter, extra.byte_range())),
            None => Ok(()),
        }
    }

    /// Lets a parameter's name be the variable that it would only be another name for. `false` where it can't be.
    fn alias(&mut self, id: BindingId, input: &Value) -> bool {
        let names = self.cx.names;
        let (Some(source), false) = (input.alias, input.may_be_promise) else { return false };
        let name = &names.binding(source).name;
        let seen = |reference: &ReferenceId| {
            let meant = names.resolve(name, names.reference(*reference).scope);
            meant == Some(source) || meant == Some(id)
        };
        let binding = names.binding(id);
        if names.is_reassigned(id) || binding.declarations.len() > 1 || !binding.references.iter().all(seen) {
            return false;
        }
        let name = self.renames.name_of(self.cx, source);
        self.renames.rename_to(self.cx, id, name);
        true
    }

    /// Binds each name of a pattern to its part of a literal that has exactly those: `([a, b]) => …` to `[first, second]`.
    /// `None` where the literal has to be made and taken apart.
    fn bind_parts(&mut self, pattern: Node<'_>, input: &Value, out: &mut Vec<Stmt>) -> Option<()> {
        let range = input.literal.clone().filter(|_| !input.may_be_promise)?;
        let literal = self.cx.file.root().descendant_for_byte_range(range.start, range.end)?;
        let has_comments = |n: Node<'_>| !self.cx.file.comments_in(&n.byte_range()).is_empty();
        if literal.byte_range() != range || has_comments(literal) || has_comments(pattern) {
            return None;
        }
        let pairs = match (pattern.kind(), literal.kind()) {
            ("array_pattern", "array") => items(pattern, literal)?,
            ("object_pattern", "object") => members(self.cx, pattern, literal)?,
            _ => return None,
        };
        let names = self.cx.names;
        let ids: Vec<_> = pairs.iter().map(|(name, _)| names.declared_at(name.start_byte())).collect::<Option<_>>()?;
        for (id, (_, part)) in ids.into_iter().zip(pairs) {
            // What is in a list or an object is not waited for.
            let value = self.part(part);
            if !self.alias(id, &value) {
                let keyword = if names.is_reassigned(id) { Keyword::Let } else { Keyword::Const };
                let target = self.renames.name_of(self.cx, id).into();
                out.push(Stmt::Bind { keyword, target, value: value.text });
            }
        }
        Some(())
    }

    /// Gives the literal of an object a name before it is taken apart: TypeScript complains of members that a pattern next to it
    /// does not take.
    pub(super) fn named_object(&mut self, value: Value, out: &mut Vec<Stmt>) -> Value {
        let is_object = |literal: &Range<usize>| self.cx.slice(literal.clone()).starts_with('{');
        if !value.literal.as_ref().is_some_and(is_object) {
            return value;
        }
        let name = self.renames.fresh("value");
        out.push(Stmt::Bind { keyword: Keyword::Const, target: name.as_str().into(), value: value.awaited() });
        Value { declared: value.declared, ..Value::plain(name) }
    }

    /// A part of a literal: what is in a list or an object is not waited for.
    fn part(&self, part: Node<'_>) -> Value {
        let value = if part.kind() == "shorthand_property_identifier" {
            let named = self.cx.names.reference_at(part.start_byte()).and_then(|r| r.binding);
            let name = named.map_or_else(|| self.cx.text(part).to_owned(), |b| self.renames.name_of(self.cx, b));
            Value { alias: named.filter(|b| !self.cx.names.is_reassigned(*b)), ..Value::plain(name) }
        } else {
            self.value(part)
        };
        Value { may_be_promise: false, ..value }
    }

    fn bind(&mut self, node: Node<'_>, mut input: Value, out: &mut Vec<Stmt>) {
        let parameter = Parameter::of(node);
        let is_any = |annotation: &str| annotation.trim_start_matches(':').trim() == "any";
        if is_any(input.declared.as_str()) && parameter.annotation.is_some_and(|a| !is_any(self.cx.text(a))) {
            // What may be anything may be taken for something else; what it is made of may not.
            let name = self.renames.fresh("value");
            let (keyword, value) = (Keyword::Const, input.awaited());
            let target = format!("{name}{}", input.declared.as_str()).into();
            out.push(Stmt::Bind { keyword, target, value });
            input = Value::plain(name);
        }
        let is_typed = parameter.annotation.is_some() || !input.declared.is_empty();
        if !is_typed && parameter.default.is_none() && !parameter.is_rest {
            let id = self.cx.names.declared_at(parameter.pattern.start_byte()).filter(|_| parameter.is_plain_name());
            let is_bound = id.is_some_and(|id| self.alias(id, &input));
            if is_bound || self.bind_parts(parameter.pattern, &input, out).is_some() {
                return;
            }
        }
        let mut target = self.text(parameter.pattern.byte_range());
        if parameter.is_plain_name() && input.pure && !input.may_be_promise && input.text == target {
            // The value left its block under this name already.
            return;
        }
        if let Some(annotation) = parameter.annotation {
            target.push(&self.text(annotation.byte_range()));
            if node.kind() == "optional_parameter" {
                target.push_str(" | undefined");
            }
        } else if !input.declared.is_empty() && parameter.default.is_none() && !parameter.is_rest {
            target.push(&input.declared);
        }
        let is_apart =
            parameter.pattern.kind() == "object_pattern" && parameter.default.is_none() && !parameter.is_rest;
        let input = if is_apart { self.named_object(input, out) } else { input };
        let mut value = input.awaited();
        if parameter.is_rest {
            value = wrapped("[", &value, "]");
        }
        if let Some(default) = parameter.default {
            // An array pattern applies a default to `undefined` and nothing else, exactly as a parameter does.
            let mut pattern = self.text(parameter.pattern.byte_range());
            pattern.push_str(" = ");
            pattern.push(&self.text(default.byte_range()));
            target = wrapped("[", &pattern, "]");
            if let Some(annotation) = parameter.annotation {
                let mut tuple = Text::from(": [");
                tuple.push_str(self.cx.text(annotation).trim_start_matches(':').trim());
                tuple.push_str(" | undefined]");
                target.push(&tuple);
            }
            value = wrapped("[", &value, "]");
        }
        let is_wrapped = parameter.default.is_some() || parameter.is_rest;
        if is_wrapped && parameter.annotation.is_none() && !input.declared.is_empty() {
            target.push_str(&format!(": [{}]", input.declared.as_str().trim_start_matches(':').trim()));
        }
        out.push(Stmt::Bind { keyword: self.keyword_for(node), target, value });
    }

    /// What a `catch` clause binds for a handler, and the statements that are needed to get from there to the
    /// handler's parameter.
    pub(super) fn catch_parameter(&mut self, function: Node<'_>, out: &mut Vec<Stmt>) -> Result<Text, Refusal> {
        let parameters = parameters(function);
        if let Some(extra) = parameters.iter().skip(1).find(|p| self.is_used(**p)) {
            return Err(Refusal::new(RefusalCode::ExtraParameter, extra.byte_range()));
        }
        let range = function.byte_range();
        let Some(first) = parameters.first() else { return Ok(self.renames.fresh_in(self.cx, &range, "err").into()) };
        let parameter = Parameter::of(*first);
        let annotation = parameter.annotation.map(|a| self.cx.text(a).trim_start_matches(':').trim());
        let is_declarable = matches!(annotation, None | Some("any" | "unknown"));
        if !parameter.is_rest && parameter.default.is_none() && is_declarable {
            let mut target = self.text(parameter.pattern.byte_range());
            if let Some(comment) = types_in_comment(*first).filter(|c| self.cx.text(*c).starts_with("/*:")) {
                target.push_str(" ");
                target.push(&self.text(comment.byte_range()));
            }
            return Ok(match parameter.annotation {
                Some(_) if error_type(self.cx).is_empty() => target,
                Some(annotation) => {
                    target.push(&self.text(annotation.byte_range()));
                    target
                }
                None if self.is_used(*first) => self.untyped(target),
                None => target,
            });
        }
        // A `catch` clause takes neither a default nor a rest element, and no type but `any` and `unknown`.
        let error = self.renames.fresh_in(self.cx, &range, "error");
        self.bind(*first, Value::plain(error.as_str()), out);
        Ok(self.untyped(error.into()))
    }

    /// The name of a caught error, with the type that a handler's untyped parameter had.
    pub(super) fn untyped(&self, mut name: Text) -> Text {
        name.push_str(error_type(self.cx));
        name
    }

    /// Whether a function passed by name may be called by that name when its step is reached.
    pub(super) fn check_callee(&mut self, callee: Node<'_>, is_first: bool) -> Result<(), Refusal> {
        if let Some((object, property)) = member_parts(callee) {
            self.check_object(object)?;
            return self.check_property(property);
        }
        let binding = self.cx.names.reference_at(callee.start_byte()).and_then(|r| r.binding);
        let Some(id) = binding else { return Ok(()) };
        let binding = self.cx.names.binding(id);
        if self.cx.names.is_reassigned(id) && !is_first {
            return Err(Refusal::new(RefusalCode::ReassignedHandler, callee.byte_range()));
        }
        if !self.is_surely_function(id, binding.kind) {
            self.assumptions.push(format!("`{}` is a function.", binding.name));
        }
        Ok(())
    }

    /// The object of a bound method has to be the same when the step is reached.
    fn check_object(&self, object: Node<'_>) -> Result<(), Refusal> {
        let mut root = object;
        while let Some((inner, property)) = member_parts(root) {
            self.check_property(property)?;
            root = inner;
        }
        let binding = self.cx.names.reference_at(root.start_byte()).and_then(|r| r.binding);
        match binding.filter(|b| self.cx.names.is_reassigned(*b)) {
            Some(_) => Err(Refusal::new(RefusalCode::ReassignedHandler, root.byte_range())),
            None => Ok(()),
        }
    }

    /// Whether a name certainly stands for a function: `then` lets anything else through unused.
    fn is_surely_function(&self, id: BindingId, kind: BindingKind) -> bool {
        match kind {
            BindingKind::Function | BindingKind::Import | BindingKind::Class => true,
            BindingKind::Var | BindingKind::Let | BindingKind::Const => {
                let value = classify::initializer(self.cx, id);
                let required = classify::declaration_node(self.cx, id)
                    .and_then(|d| ancestors(d).find(|a| a.kind() == "variable_declarator"))
                    .and_then(|d| d.child_by_field_name("value"))
                    .is_some_and(|v| {
                        let inner = member_parts(v).map_or(v, |(object, _)| object);
                        classify::required_package(self.cx, inner).is_some()
                    });
                required || value.is_some_and(is_function)
            }
            _ => false,
        }
    }

    /// A method bound to its object is looked up anew; that is the same unless the file assigns it somewhere.
    fn check_property(&self, property: Node<'_>) -> Result<(), Refusal> {
        let name = self.cx.text(property);
        let mut assigned = false;
        walk(self.cx.file.root(), |n| {
            if n.kind() == "assignment_expression" {
                let target = n.child_by_field_name("left").and_then(member_parts);
                assigned |= target.is_some_and(|(_, p)| self.cx.text(p) == name && !is_definition(n));
            }
            !assigned
        });
        if assigned {
            return Err(Refusal::new(RefusalCode::ReassignedHandler, property.byte_range()));
        }
        Ok(())
    }
}

/// The type that a `catch` clause gives its error where nothing may have to be known of it. Before 4.0, TypeScript took
/// every error for `any` and let nobody say so.
pub(super) fn error_type(cx: &Context<'_>) -> &'static str {
    let compiler = cx.package.and_then(|(package, _)| package.compilers().typescript);
    if cx.file.source.language().has_types() && compiler.is_none_or(|major| major >= 4) { ": any" } else { "" }
}

/// The comment right behind a parameter, where Flow has the type of what must stay plain JavaScript: `err /*: Error */`.
pub(super) fn types_in_comment(parameter: Node<'_>) -> Option<Node<'_>> {
    parameter.next_sibling().filter(|n| is_comment(*n))
}

/// The names of a list pattern, each with its item of a list literal. `None` unless there is one of the other for each,
/// with nothing left out and nothing spread.
fn items<'t>(pattern: Node<'t>, literal: Node<'t>) -> Option<Vec<(Node<'t>, Node<'t>)>> {
    let (names, parts) = (named_children(pattern), named_children(literal));
    let is_plain = names.iter().all(|n| n.kind() == "identifier") && parts.iter().all(|p| p.kind() != "spread_element");
    // Brackets, and a comma behind each but the last: where something is left out, there are more.
    let is_full = |n: Node<'_>, count: usize| usize::try_from(n.child_count()) == Ok(2 * count + 1);
    let fits = names.len() == parts.len() && is_full(pattern, names.len()) && is_full(literal, parts.len());
    (is_plain && fits).then(|| names.into_iter().zip(parts).collect())
}

/// The names of an object pattern, each with its value from an object literal, in the order of that. `None` unless the literal
/// has all its keys, once each, and nothing else that does anything.
fn members<'t>(cx: &Context<'_>, pattern: Node<'t>, literal: Node<'t>) -> Option<Vec<(Node<'t>, Node<'t>)>> {
    let mut names = named_children(pattern);
    let mut pairs: Vec<(Node<'t>, Node<'t>)> = Vec::new();
    // Of two members with one key the last counts, and a key may be written in several ways.
    let is_left_out = |pairs: &[(Node<'t>, Node<'t>)], key: Node<'t>| {
        key.kind().ends_with("identifier") && !pairs.iter().any(|(name, _)| cx.text(*name) == cx.text(key))
    };
    for member in named_children(literal) {
        let (key, value) = match member.kind() {
            "shorthand_property_identifier" => (member, member),
            "pair" => (member.child_by_field_name("key")?, member.child_by_field_name("value")?),
            _ => return None,
        };
        let is_it = |n: &Node<'_>| {
            n.kind() == "shorthand_property_identifier_pattern" && cx.text(*n) == cx.text(key) && key.kind() != "string"
        };
        match names.iter().position(is_it) {
            Some(at) => pairs.push((names.remove(at), value)),
            None if is_left_out(&pairs, key) && (value == member || classify::is_pure(value)) => {}
            None => return None,
        }
    }
    names.is_empty().then_some(pairs)
}

/// `object.method = function…`, which defines a method once.
fn is_definition(assignment: Node<'_>) -> bool {
    assignment.child_by_field_name("right").is_some_and(is_function)
}

fn wrapped(open: &str, inner: &Text, close: &str) -> Text {
    let mut text = Text::from(open);
    text.push(inner);
    text.push_str(close);
    text
}
