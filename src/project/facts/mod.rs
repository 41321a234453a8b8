//! What one file contributes to the project: its functions, and which values go where, as owned data.
//!
//! The facts are read in one walk over the tree, need no other file and no disk, and say nothing about what a name of
//! another module means: that is worked out when the files are linked.

mod expressions;
mod listings;
mod loads;
mod statements;
mod visit;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    ops::Range,
    path::PathBuf,
    sync::Arc,
};

use crate::{semantic::Names, syntax::Parsed};

/// How many steps a value is followed within its file.
const MAX_STEPS: usize = 100;

/// What one file contributes to a [`Project`](super::Project).
#[derive(Debug, Default)]
pub struct FileFacts {
    /// The path as it was given.
    pub(super) path: PathBuf,
    /// Whether it has `import` or `export` statements.
    pub(super) is_esm: bool,
    /// Its functions, in source order.
    pub(super) functions: Vec<FunctionFact>,
    pub(super) classes: Vec<ClassFact>,
    pub(super) objects: Vec<ObjectFact>,
    pub(super) values: Vec<Value>,
    /// The value of each name that has exactly one in all its life, by the index of its binding.
    pub(super) bindings: HashMap<u32, ValueId>,
    /// The values that are known of the other names.
    pub(super) choices: HashMap<u32, Vec<ValueId>>,
    pub(super) writes: Vec<Write>,
    /// The values that `module.exports` is given.
    pub(super) module_writes: Vec<ValueId>,
    /// The values that the name `exports` is given.
    pub(super) exports_writes: Vec<ValueId>,
    /// Values that are stored where any code can find them.
    pub(super) globals: Vec<ValueId>,
    pub(super) calls: Vec<Call>,
    pub(super) effects: Vec<Effect>,
    pub(super) uses: Vec<Use>,
    pub(super) exports: Vec<Export>,
    /// The modules that are named in the file.
    pub(super) specifiers: Vec<Specifier>,
    /// The modules that are loaded by names worked out as the program runs: what the name certainly starts with, as a
    /// path from the file's folder; empty where that is unknown.
    pub(super) loads: Vec<String>,
    /// The values whose members are listed by name.
    pub(super) listings: Vec<Listing>,
    /// The functions that list the members of what they are given, by index, with the indices of the parameters.
    pub(super) listing_functions: HashSet<(u32, u32)>,
    /// What functions return, sorted by the index of the function.
    pub(super) returns: Vec<(u32, ValueId)>,
}

impl FileFacts {
    /// Reads the facts off a file.
    pub fn of(file: &Parsed<'_>, names: &Names) -> Self {
        visit::read(file, names)
    }

    /// Whether the file may notice a name that is put beside another one: it goes over the members of something that is
    /// not nothing but data, or has names like those of promise forms.
    pub fn may_notice_names(&self) -> bool {
        let is_like = |name: &Name| name.ends_with("Async");
        !self.listings.is_empty()
            || !self.listing_functions.is_empty()
            || self.writes.iter().any(|write| write.name.as_ref().is_some_and(is_like))
            || self.classes.iter().any(|class| class.members.iter().any(|member| is_like(&member.name)))
            || self.exports.iter().any(|export| matches!(export, Export::Named(name, _) if is_like(name)))
            || self.objects.iter().flat_map(|o| &o.parts).any(|p| matches!(p, Part::Member(name, _) if is_like(name)))
    }

    /// The modules whose members the file goes over, copies, or exports all of, by the names that it gives them.
    pub fn listed_modules(&self) -> BTreeSet<&str> {
        let spread = self.objects.iter().flat_map(|object| &object.parts).filter_map(|part| match part {
            Part::Spread(value) => Some(*value),
            Part::Member(..) | Part::Open => None,
        });
        let listed = self.listings.iter().map(|listing| listing.value).chain(spread);
        let listings = listed.filter_map(|value| self.module_of(value));
        let exports = self.exports.iter().filter_map(|export| match export {
            Export::All(specifier) => Some(*specifier),
            Export::Named(..) => None,
        });
        listings.chain(exports).map(|specifier| self.specifiers[specifier as usize].text.as_str()).collect()
    }

    /// The module that a value is, or that has the class whose prototype or instance it is.
    fn module_of(&self, mut value: ValueId) -> Option<u32> {
        let mut is_of_class = false;
        for _ in 0..MAX_STEPS {
            value = match self.value(value) {
                Value::Module(specifier) => return Some(*specifier),
                Value::Import(specifier, name) => {
                    return (is_of_class || matches!(&**name, "*" | "default")).then_some(*specifier);
                }
                Value::Member(class, name) if is_of_class || &**name == "prototype" => {
                    is_of_class = true;
                    *class
                }
                Value::New(class) => {
                    is_of_class = true;
                    *class
                }
                Value::Binding(binding) => *self.bindings.get(binding)?,
                _ => return None,
            };
        }
        None
    }

    /// The index of the function that starts at a byte.
    pub(super) fn function_at(&self, start: u32) -> Option<usize> {
        self.functions.binary_search_by_key(&(start as usize), |f| f.range.start).ok()
    }

    /// What a function returns.
    pub(super) fn returned(&self, function: u32) -> impl Iterator<Item = ValueId> {
        let first = self.returns.partition_point(|(other, _)| *other < function);
        self.returns[first..].iter().take_while(move |(other, _)| *other == function).map(|(_, value)| *value)
    }

    pub(super) fn value(&self, id: ValueId) -> &Value {
        &self.values[id.0 as usize]
    }
}

/// The name of a property, a module or an export.
pub(super) type Name = Arc<str>;

/// Index into [`FileFacts::values`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ValueId(pub(super) u32);

/// Where an expression's value comes from, as far as its form tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Unknown,
    /// Certainly nothing that can be called: a number, a string, a list.
    Inert,
    /// A function, by the byte it starts at.
    Function(u32),
    Class(u32),
    Object(u32),
    /// A name, by the index of its binding.
    Binding(u32),
    /// A name that no file declares.
    Global(Name),
    /// `require('m')`, by the index of the specifier.
    Module(u32),
    /// `import`: the name is `default`, `*`, or the one that the module exports.
    Import(u32, Name),
    ModuleExports,
    Exports,
    This(This),
    Member(ValueId, Name),
    /// `new F()`.
    New(ValueId),
    /// `Object.create(x)`.
    Create(ValueId),
    /// A module whose name is worked out as the program runs, by index into [`FileFacts::loads`].
    Loaded(u32),
    /// One of several values.
    OneOf(Box<[ValueId]>),
}

/// Whose `this` it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum This {
    /// That of the file's top level.
    Module,
    /// That of the function that starts at a byte and is no arrow function.
    Function(u32),
    /// That of a class's field or static block.
    Class { class: u32, is_static: bool },
}

/// A function as its file shows it.
#[derive(Clone, Debug)]
pub(super) struct FunctionFact {
    pub(super) range: Range<usize>,
    pub(super) line: usize,
    /// The name written in the function itself.
    pub(super) own_name: Option<String>,
    pub(super) parameters: usize,
    pub(super) is_async: bool,
    pub(super) is_generator: bool,
    /// Whether it is a getter or setter.
    pub(super) is_accessor: bool,
    /// The function around it.
    pub(super) enclosing: Option<u32>,
    pub(super) place: Place,
}

/// Where a function literal stands, or a use of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A function declaration.
    Declaration,
    /// The value of a name.
    Variable(String),
    /// The value of a property, by index into [`FileFacts::writes`].
    Write(u32),
    /// The value of a property of an object literal.
    Member { object: u32, name: Option<Name> },
    /// A member of a class body.
    Class { class: u32, name: Option<Name>, is_static: bool },
    /// `module.exports = …`, or a default export.
    Module,
    /// An argument of a call, with the call's range.
    Argument { call: Range<usize>, index: usize },
    /// What a function returns.
    Returned,
    /// `f.call`, `f.apply`, `f.bind`.
    Bound,
    /// Called.
    Callee,
    /// The left side of an assignment.
    Assigned,
    /// Another target: in a pattern, in the head of a loop.
    Target,
    /// The object of a property.
    Object,
    /// Only looked at: compared, tested, evaluated for nothing.
    Looked,
    /// Anywhere else.
    Elsewhere,
}

/// A class.
#[derive(Clone, Debug)]
pub(super) struct ClassFact {
    pub(super) name: Option<String>,
    /// What stands behind `extends`.
    pub(super) parent: Option<ValueId>,
    pub(super) members: Vec<ClassMember>,
    /// Whether it has members with computed names.
    pub(super) is_open: bool,
}

/// A method or field.
#[derive(Clone, Debug)]
pub(super) struct ClassMember {
    pub(super) name: Name,
    pub(super) is_static: bool,
    pub(super) value: ValueId,
}

/// An object literal, or `Object.assign({}, …)`.
#[derive(Clone, Debug)]
pub(super) struct ObjectFact {
    pub(super) parts: Vec<Part>,
}

/// A part of an object literal.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Member(Name, ValueId),
    Spread(ValueId),
    /// A computed name.
    Open,
}

/// An assignment to a property.
#[derive(Clone, Debug)]
pub(super) struct Write {
    pub(super) object: ValueId,
    /// `None` for a computed name.
    pub(super) name: Option<Name>,
    pub(super) value: ValueId,
}

/// A call, with or without `new`.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) range: Range<usize>,
    pub(super) callee: ValueId,
    pub(super) is_new: bool,
    pub(super) inside: Option<u32>,
    /// The last name of the callee, also where its value is unknown.
    pub(super) name: Option<Name>,
    /// The arguments that may be functions or objects of this project, function literals left out.
    pub(super) arguments: Vec<ValueId>,
    /// The same arguments and those that are modules, with their indices.
    pub(super) handed: Vec<(u32, ValueId)>,
}

/// What calls of well-known functions do to objects.
#[derive(Clone, Debug)]
pub(super) enum Effect {
    /// `Object.assign(target, …sources)`. It is uncertain what a function of such a name does that is not this one.
    Extend { target: ValueId, sources: Vec<ValueId>, certain: bool },
    /// `util.inherits(class, parent)`.
    Inherit { class: ValueId, parent: ValueId },
    /// `Object.setPrototypeOf(object, prototype)`.
    SetPrototype { object: ValueId, prototype: ValueId },
    /// `exports`, or a prototype, given away to be filled.
    Open(ValueId),
}

/// A place where code asks an object which members it has, or takes all of them: a name that is added to it is met there.
#[derive(Clone, Debug)]
pub(super) struct Listing {
    pub(super) value: ValueId,
    /// Whether members count that an object has from its prototypes.
    pub(super) is_inherited: bool,
    /// What the members are put into.
    pub(super) into: Option<ValueId>,
}

/// A place where a value is read and not called.
#[derive(Clone, Debug)]
pub(super) struct Use {
    pub(super) range: Range<usize>,
    pub(super) value: ValueId,
    pub(super) inside: Option<u32>,
    pub(super) place: Place,
}

/// An export of an ECMAScript module.
#[derive(Clone, Debug)]
pub(super) enum Export {
    Named(Name, ValueId),
    /// `export * from`, by the index of the specifier.
    All(u32),
}

/// A module as the file names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Specifier {
    pub(super) text: String,
    /// Whether it is imported, rather than required: packages may answer the two differently.
    pub(super) is_import: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;

    fn facts(text: &str) -> FileFacts {
        let source = SourceFile::new("a.ts", text.into()).unwrap();
        let parsed = Parsed::new(&source);
        FileFacts::of(&parsed, &Names::new(&parsed))
    }

    /// The values that the last call is known to have as its arguments, and its callee.
    fn callee(facts: &FileFacts) -> &Value {
        let mut value = facts.value(facts.calls.last().expect("a call").callee);
        while let Value::Binding(binding) = value {
            match facts.bindings.get(binding) {
                Some(next) => value = facts.value(*next),
                None => return &Value::Unknown,
            }
        }
        value
    }

    #[test]
    fn a_name_has_a_value_if_it_has_only_one() {
        assert_eq!(*callee(&facts("function f() {} f()")), Value::Function(0));
        assert_eq!(*callee(&facts("let f; f = () => {}; f()")), Value::Function(11));
        assert_eq!(*callee(&facts("f(); var f = () => {}; f()")), Value::Function(13));
        for text in [
            "function f() {} f = g; f()",
            "var f = () => {}; var f; f++; f()",
            "var f = () => {}; ({ f } = g); f()",
            "for (var f of g) f()",
            "function g(f = () => {}) { f() }",
            "try {} catch (f) { f() }",
            "enum f {} f()",
        ] {
            assert_eq!(*callee(&facts(text)), Value::Unknown, "{text}");
        }
    }

    #[test]
    fn types_do_not_hide_values() {
        for text in [
            "function f() {} f!()",
            "function f() {} (f as any)()",
            "function f() {} (<any>f)()",
            "function f() {} f<T>()",
        ] {
            assert_eq!(*callee(&facts(text)), Value::Function(0), "{text}");
        }
    }

    #[test]
    fn this_is_that_of_the_nearest_function_or_class() {
        let this = |text| match callee(&facts(text)).clone() {
            Value::Member(object, _) => facts(text).value(object).clone(),
            other => other,
        };
        assert_eq!(this("this.f()"), Value::This(This::Module));
        assert_eq!(this("() => this.f()"), Value::This(This::Module));
        assert_eq!(this("function a() { () => this.f() }"), Value::This(This::Function(0)));
        let field = This::Class { class: 0, is_static: false };
        assert_eq!(this("class A { a = () => this.f() }"), Value::This(field));
        let fixed = This::Class { class: 0, is_static: true };
        assert_eq!(this("class A { static { this.f() } }"), Value::This(fixed));
        assert_eq!(this("class A { static a = this.f() }"), Value::This(fixed));
    }

    #[test]
    fn functions_know_where_they_stand() {
        let text = "f(1, () => {}); const a = x ? b : function () {}; return () => {}; exports.g = (h, i) => {}";
        let facts = facts(text);
        let places: Vec<_> = facts.functions.iter().map(|f| f.place.clone()).collect();
        assert_eq!(
            places,
            [Place::Argument { call: 0..14, index: 1 }, Place::Variable("a".into()), Place::Returned, Place::Write(0)]
        );
        assert_eq!(facts.functions[3].parameters, 2);
    }

    #[test]
    fn what_functions_return_is_found_by_function() {
        let facts = facts("function a() { function b() { return x } return y } const c = () => z");
        let counts: Vec<_> = (0..3).map(|function| facts.returned(function).count()).collect();
        assert_eq!(counts, [1, 1, 1]);
    }
}
