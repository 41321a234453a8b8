//! Which calls call which functions, and where functions are used without being called.

use std::{ops::Range, path::PathBuf};

use super::{
    facts::{Call, Place, Use, Value},
    functions::FunctionId,
    link::{Entity, Found, Linker, Target},
};

/// What a call calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Callee {
    /// A function of the project. For `new C()` it is the function, or the constructor of the class.
    Function(FunctionId),
    /// Something that another package or Node provides.
    External {
        /// The module as it is named, without `node:`.
        module: String,
        /// The name it exports, with dots where it is a property of one (`promises.readFile`); `None` for the module
        /// itself.
        export: Option<String>,
    },
    /// A global, or a property of one: `setTimeout`, `process.nextTick`.
    Global {
        /// The whole name.
        name: String,
    },
    /// Nothing that can be told for certain.
    Unknown,
}

/// A place where a function is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallSite {
    /// The file.
    pub path: PathBuf,
    /// The bytes of the call expression.
    pub range: Range<usize>,
    /// The function whose code the call stands in; `None` at the top level.
    pub inside: Option<FunctionId>,
    /// Whether it is called with `new`.
    pub is_new: bool,
}

/// A place where a function is read rather than called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueUse {
    /// The file.
    pub path: PathBuf,
    /// The bytes of the name or property that stands for the function.
    pub range: Range<usize>,
    /// The function whose code it stands in; `None` at the top level.
    pub inside: Option<FunctionId>,
    /// What is done with it.
    pub kind: UseKind,
}

/// What is done with a function that is not called where it is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UseKind {
    /// Handed to a call.
    Argument {
        /// The bytes of the call expression.
        call: Range<usize>,
        /// Which argument, from 0.
        index: usize,
    },
    /// `f.call`, `f.apply`, `f.bind`.
    Bound,
    /// Made available to other files.
    Exported,
    /// Kept under a name or as a property.
    Stored,
    /// Returned.
    Returned,
    /// Anything else.
    Other,
}

/// What a call of a file calls; functions by file and index.
pub(super) fn callee(linker: &Linker<'_>, file: u32, call: &Call, id: impl Fn(u32, u32) -> FunctionId) -> Callee {
    let foreign = |index| linker.foreign.borrow().name(index).clone();
    match linker.eval(file, call.callee) {
        Target::Thing { entity: Entity::Function(file, index), .. } => Callee::Function(id(file, index)),
        Target::Thing { entity: entity @ Entity::Class(..), .. } if call.is_new => {
            let constructor = entity.prototype().map(|p| linker.find(p, "constructor", 0));
            match constructor {
                Some(Found::One(Target::Thing { entity: Entity::Function(file, index), .. })) => {
                    Callee::Function(id(file, index))
                }
                _ => Callee::Unknown,
            }
        }
        Target::Thing { entity: Entity::External(index), .. } => {
            let (module, export) = foreign(index);
            Callee::External { module, export }
        }
        Target::Thing { entity: Entity::Global(index), .. } => {
            foreign(index).1.map_or(Callee::Unknown, |name| Callee::Global { name })
        }
        _ => Callee::Unknown,
    }
}

/// What is done with a value where it is used.
pub(super) fn use_kind(linker: &Linker<'_>, file: u32, one: &Use) -> UseKind {
    let exported_or_stored = |is_exported| if is_exported { UseKind::Exported } else { UseKind::Stored };
    match &one.place {
        Place::Argument { call, index } => UseKind::Argument { call: call.clone(), index: *index },
        Place::Bound => UseKind::Bound,
        Place::Module => UseKind::Exported,
        Place::Returned => UseKind::Returned,
        Place::Variable(_) | Place::Class { .. } => UseKind::Stored,
        Place::Write(index) => {
            let object = linker.facts(file).writes[*index as usize].object;
            let is_named = matches!(linker.facts(file).value(object), Value::Exports | Value::ModuleExports);
            let whole = linker.module_value(file, 0).entity();
            exported_or_stored(is_named || whole.is_some() && linker.eval(file, object).entity() == whole)
        }
        Place::Member { object, .. } => {
            let whole = linker.module_value(file, 0).entity();
            exported_or_stored(whole == Some(Entity::Object(file, *object)))
        }
        _ => UseKind::Other,
    }
}
