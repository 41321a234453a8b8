//! The functions of a project: where they stand, what they are called, and what they are part of.

use std::{ops::Range, path::PathBuf};

use super::{
    facts::{FunctionFact, Name, Place, Value},
    link::{Entity, Linker, Target},
};

/// Index of a [`Function`] in its [`Project`](super::Project).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId(pub(super) u32);

/// A function of the project.
#[derive(Clone, Debug)]
pub struct Function {
    /// The file it stands in, as the file was named.
    pub path: PathBuf,
    /// The bytes of its node, decorators and `export` left out.
    pub range: Range<usize>,
    /// The line it starts on, from 1.
    pub line: usize,
    /// The name that people know it by: its own, or that of the variable or property that it is the value of.
    pub name: Option<String>,
    /// How it is defined.
    pub definition: Definition,
    /// How many parameters it declares; a rest parameter is one, TypeScript's `this` is none.
    pub parameters: usize,
    /// Whether it is written with `async`.
    pub is_async: bool,
    /// Whether it is a generator.
    pub is_generator: bool,
    /// The function in whose code it stands.
    pub enclosing: Option<FunctionId>,
    /// The names that its own file exports it by, sorted: `module.exports` for the module as a whole, `default` for a
    /// default export. Properties of what is exported are not named here.
    pub exported_as: Vec<String>,
}

/// How a function is defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Definition {
    /// `function f() {}`, exported or not.
    Declaration,
    /// `const f = …`, `f = …`.
    Variable,
    /// `exports.name = …`, or a member of the object that a file exports.
    ExportsMember {
        /// The member.
        name: String,
    },
    /// `module.exports = …`, `export default …`.
    ModuleExports,
    /// `Class.prototype.name = …`, in any form.
    Prototype {
        /// The name of the function that makes the objects; empty where it has none.
        class: String,
        /// The member.
        name: String,
    },
    /// `this.name = …` in a class or a function that makes objects.
    Instance {
        /// The name of the class or function; empty where it has none.
        class: String,
        /// The member.
        name: String,
    },
    /// `Class.name = …`.
    Static {
        /// The name of the class or function; empty where it has none.
        class: String,
        /// The member.
        name: String,
    },
    /// A method, or a field whose value is a function, in the body of a class.
    ClassMethod {
        /// The name of the class; empty where it has none.
        class: String,
        /// The member.
        name: String,
        /// Whether it belongs to the class rather than to its instances.
        is_static: bool,
    },
    /// A getter or setter.
    Accessor {
        /// The member.
        name: String,
    },
    /// A member of an object that is none of the above.
    ObjectMember {
        /// The member.
        name: String,
    },
    /// An argument of a call.
    Argument,
    /// Anything else: returned, called at once, a member with a computed name.
    Anonymous,
}

/// The functions of a file, without the names that it exports them by.
pub(super) fn functions(linker: &Linker<'_>, file: u32, first: u32) -> Vec<Function> {
    let facts = linker.facts(file);
    let one = |fact: &FunctionFact| {
        let definition = definition(linker, file, fact);
        Function {
            path: facts.path.clone(),
            range: fact.range.clone(),
            line: fact.line,
            name: name(fact, &definition),
            definition,
            parameters: fact.parameters,
            is_async: fact.is_async,
            is_generator: fact.is_generator,
            enclosing: fact.enclosing.map(|index| FunctionId(first + index)),
            exported_as: Vec::new(),
        }
    };
    facts.functions.iter().map(one).collect()
}

fn name(fact: &FunctionFact, definition: &Definition) -> Option<String> {
    let of_member = match definition {
        Definition::ExportsMember { name }
        | Definition::Prototype { name, .. }
        | Definition::Instance { name, .. }
        | Definition::Static { name, .. }
        | Definition::ClassMethod { name, .. }
        | Definition::Accessor { name }
        | Definition::ObjectMember { name } => Some(name),
        _ => None,
    };
    let of_variable = || match &fact.place {
        Place::Variable(name) => Some(name.clone()),
        _ => None,
    };
    fact.own_name.clone().or_else(|| of_member.cloned()).or_else(of_variable)
}

fn definition(linker: &Linker<'_>, file: u32, fact: &FunctionFact) -> Definition {
    match &fact.place {
        Place::Class { name: Some(name), .. } | Place::Member { name: Some(name), .. } if fact.is_accessor => {
            Definition::Accessor { name: name.to_string() }
        }
        Place::Declaration => Definition::Declaration,
        Place::Variable(_) => Definition::Variable,
        Place::Module => Definition::ModuleExports,
        Place::Write(index) => {
            let write = &linker.facts(file).writes[*index as usize];
            match &write.name {
                Some(name) => written(linker, file, write.object, name),
                None => Definition::Anonymous,
            }
        }
        Place::Member { object, name: Some(name) } => of_entity(linker, Entity::Object(file, *object), name),
        Place::Class { class, name: Some(name), is_static } => Definition::ClassMethod {
            class: class_name(linker, Entity::Class(file, *class)),
            name: name.to_string(),
            is_static: *is_static,
        },
        Place::Argument { .. } => Definition::Argument,
        _ => Definition::Anonymous,
    }
}

/// The definition by an assignment to a property.
fn written(linker: &Linker<'_>, file: u32, object: super::facts::ValueId, name: &Name) -> Definition {
    if matches!(linker.facts(file).value(object), Value::Exports | Value::ModuleExports) {
        return Definition::ExportsMember { name: name.to_string() };
    }
    match linker.eval(file, object) {
        Target::Thing { entity, .. } => of_entity(linker, entity, name),
        Target::Instance { class, .. } => {
            Definition::Instance { class: class_name(linker, class), name: name.to_string() }
        }
        Target::Unknown => Definition::ObjectMember { name: name.to_string() },
    }
}

fn of_entity(linker: &Linker<'_>, entity: Entity, name: &Name) -> Definition {
    let name = name.to_string();
    match entity {
        Entity::Exports(_) | Entity::Replaced(_) => Definition::ExportsMember { name },
        Entity::FunctionPrototype(..) | Entity::ClassPrototype(..) => {
            let class = entity.constructor().map(|class| class_name(linker, class)).unwrap_or_default();
            Definition::Prototype { class, name }
        }
        Entity::Function(..) | Entity::Class(..) => Definition::Static { class: class_name(linker, entity), name },
        Entity::Object(file, _) => match linker.tables.prototypes.get(&entity) {
            Some(class) => Definition::Prototype { class: class_name(linker, *class), name },
            None if linker.module_value(file, 0).entity() == Some(entity) => Definition::ExportsMember { name },
            None => Definition::ObjectMember { name },
        },
        Entity::Namespace(_) | Entity::External(_) | Entity::Global(_) => Definition::ObjectMember { name },
    }
}

/// The name of a class, or of a function that makes objects.
fn class_name(linker: &Linker<'_>, class: Entity) -> String {
    let name = match class {
        Entity::Class(file, index) => linker.facts(file).classes[index as usize].name.clone(),
        Entity::Function(file, index) => {
            let fact = &linker.facts(file).functions[index as usize];
            let variable = match &fact.place {
                Place::Variable(name) => Some(name.clone()),
                Place::Write(write) => {
                    linker.facts(file).writes[*write as usize].name.as_ref().map(ToString::to_string)
                }
                _ => None,
            };
            fact.own_name.clone().or(variable)
        }
        _ => None,
    };
    name.unwrap_or_default()
}
