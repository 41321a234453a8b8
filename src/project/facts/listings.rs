//! Where code asks an object which members it has, or takes all of them.

use tree_sitter::Node;

use super::{Listing, Value, ValueId, statements::EXTENDING, visit::Reader};
use crate::syntax::node::{call_parts, member_parts, named_children, unparenthesized};

/// Functions of `Object` and `Reflect` that go over the members of what they are given.
const OF_OBJECT: &[&str] =
    &["entries", "getOwnPropertyDescriptors", "getOwnPropertyNames", "keys", "ownKeys", "values"];

/// Functions of libraries that do so with their first argument.
const OF_LIBRARIES: &[&str] = &[
    "bindAll",
    "each",
    "eachOf",
    "entries",
    "forEach",
    "forEachOf",
    "forIn",
    "forOwn",
    "functions",
    "functionsIn",
    "keys",
    "keysIn",
    "map",
    "mapObject",
    "mapValues",
    "methods",
    "toPairs",
    "values",
];

/// Assertions that compare all members of what they are given: `assert.hasAllKeys(users, ['load'])`.
const ASSERTIONS: &[&str] =
    &["deepEqual", "deepStrictEqual", "hasAllKeys", "matchSnapshot", "same", "snapshot", "strictSame"];

/// Assertions that do so behind what is expected: `expect(users).to.have.keys('load')`.
const EXPECTATIONS: &[&str] =
    &["eql", "equal", "keys", "toEqual", "toMatchInlineSnapshot", "toMatchSnapshot", "toStrictEqual"];

impl<'f> Reader<'f> {
    /// Takes note of what a test expects to have certain members, and no more.
    fn listing_assertion(&mut self, call: Node<'f>, name: &str, values: &[ValueId]) {
        if ASSERTIONS.contains(&name) {
            values.iter().take(2).for_each(|value| self.note_listing(*value, false, None));
        }
        if EXPECTATIONS.contains(&name)
            && let Some(subject) = self.expected(call)
        {
            let value = self.value(subject);
            self.note_listing(value, false, None);
        }
    }

    /// What is expected to be something: `users` of `expect(users).to.have.keys('load')`, and of `users.should.have.keys('load')`.
    fn expected(&self, call: Node<'f>) -> Option<Node<'f>> {
        let mut node = call.child_by_field_name("function")?;
        while let Some((object, property)) = member_parts(node) {
            if self.file.text(property) == "should" {
                return Some(object);
            }
            node = unparenthesized(object);
        }
        let (callee, arguments) = call_parts(node)?;
        (self.file.text(callee) == "expect").then(|| arguments.first().copied())?
    }

    /// Takes note of the arguments of a call whose members the callee goes over.
    pub(super) fn listing_call(&mut self, call: Node<'f>, name: Option<&str>, values: &[ValueId]) {
        let Some(name) = name else { return };
        self.listing_assertion(call, name, values);
        let of_object = self.object_function(call).is_some() || name == "ownKeys";
        match values {
            [target, sources @ ..] if EXTENDING.contains(&name) => {
                sources.iter().for_each(|value| self.note_listing(*value, false, Some(*target)));
            }
            [first, ..] if of_object && OF_OBJECT.contains(&name) => self.note_listing(*first, false, None),
            [first, ..] if !of_object && OF_LIBRARIES.contains(&name) => self.note_listing(*first, true, None),
            _ => {}
        }
    }

    /// `require.resolve('./tasks')`: whoever is handed the path loads the file in a way that nobody sees. A path that only finds a
    /// module in the cache loads nothing.
    pub(super) fn resolved_path(&mut self, call: Node<'f>) {
        let Some(callee) = call.child_by_field_name("function") else { return };
        // The way to a parent is as long as the tree is deep, so it is asked for last.
        let is_of_cache = || call.parent().is_some_and(|p| p.kind() == "subscript_expression");
        if self.file.text(callee) != "require.resolve" || is_of_cache() {
            return;
        }
        let argument = call.child_by_field_name("arguments").and_then(|list| named_children(list).first().copied());
        let path = argument.and_then(|argument| self.string(argument)).filter(|path| path.starts_with('.'));
        if let Some(path) = path {
            let specifier = self.specifier(&path, false);
            let value = self.add(Value::Module(specifier));
            self.note_listing(value, false, None);
        }
    }

    /// `for (const name in object)`
    pub(super) fn loop_over_names(&mut self, statement: Node<'f>) {
        let operator = statement.child_by_field_name("operator").map(|o| self.file.text(o));
        if let Some(right) = statement.child_by_field_name("right").filter(|_| operator == Some("in")) {
            let value = self.value(right);
            self.note_listing(value, true, None);
        }
    }

    /// `const { name, ...others } = object`
    pub(super) fn list_rest(&mut self, pattern: Node<'f>, value: ValueId) {
        if named_children(pattern).iter().any(|part| part.kind() == "rest_pattern") {
            self.note_listing(value, false, None);
        }
    }

    fn note_listing(&mut self, value: ValueId, is_inherited: bool, into: Option<ValueId>) {
        self.facts.listings.push(Listing { value, is_inherited, into });
    }

    /// Takes note of the names that are parameters of a function.
    pub(super) fn note_parameters(&mut self, function: Node<'f>, index: u32) {
        let single = function.child_by_field_name("parameter");
        let list = function.child_by_field_name("parameters").map(named_children).unwrap_or_default();
        for (position, parameter) in (0..).zip(single.into_iter().chain(list)) {
            let name = ["pattern", "left"].iter().find_map(|field| parameter.child_by_field_name(field));
            let binding = self.names.declared_at(name.unwrap_or(parameter).start_byte());
            self.parameters.extend(binding.map(|binding| (binding.0, (index, position))));
        }
    }

    /// Forgets the listings of what nothing is known of, and keeps in mind which functions list what they are given.
    pub(super) fn keep_listings_that_lead_somewhere(&mut self) {
        let facts = &mut self.facts;
        for listing in &facts.listings {
            if let Value::Binding(binding) = &facts.values[listing.value.0 as usize] {
                facts.listing_functions.extend(self.parameters.get(binding));
            }
        }
        let leads_nowhere = |mut value: ValueId| {
            loop {
                match &facts.values[value.0 as usize] {
                    Value::Member(object, _) => value = *object,
                    Value::Binding(binding) => {
                        let choices = facts.choices.get(binding).is_some_and(|c| !c.is_empty());
                        return !choices && !facts.bindings.contains_key(binding);
                    }
                    Value::Global(name) => return &**name != "module",
                    other => return matches!(other, Value::Unknown | Value::Inert),
                }
            }
        };
        facts.listings.retain(|listing| !leads_nowhere(listing.value));
    }
}
