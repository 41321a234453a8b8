//! Known APIs: which functions take a callback, how they call it, and what their promise form is.
//!
//! The facts are data: the `.toml` files beside this one, and what a project adds in its
//! `unpyramid.toml`. `docs/known-apis.md` describes the schema. What is not in the table is unknown, never assumed.

pub mod effects;
mod pattern;
mod schema;
mod versions;

use std::{collections::HashMap, sync::LazyLock};

use pattern::Pattern;
pub use schema::ConfigError;
pub use versions::Versions;
pub(crate) use versions::lowest_major;

/// How a function hands its result over as a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// `module.promises.name(…)`, with the same arguments and the same value.
    Promises,
    /// `util.promisify(module.name)(…)`, with the first result as its value.
    Promisify,
    /// `util.promisify(module.name)(…)`, with an object of the results. These are the names of the first ones; one
    /// that has none here has no name to rely on.
    Object(Vec<String>),
    /// The function itself, called without a callback.
    Itself,
    /// Another export of the module, called without a callback.
    Named(String),
    /// There is none.
    None,
}

/// How often a function calls its callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calls {
    /// Exactly once, with an error or with results.
    Once,
    /// Once or not at all: a failure shows in another way.
    AtMostOnce,
    /// Any number of times.
    Many,
}

/// Whether a function calls its callback before it returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sync {
    /// It never does.
    Never,
    /// It may.
    Maybe,
}

/// What is known of a function that takes a callback as its last argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    /// Its promise form.
    pub form: Form,
    /// How many values the callback gets, an error not counted; `None` where that varies.
    pub results: Option<usize>,
    /// Whether there is no result, so that its promise is fulfilled with `undefined`.
    pub void: bool,
    /// Whether the callback's first parameter is an error.
    pub error_first: bool,
    /// How often the callback is called.
    pub calls: Calls,
    /// Whether it may be called before the function returns.
    pub sync: Sync,
    /// Whether the function also returns something that callers use.
    pub returns_value: bool,
    /// Whether it takes a file descriptor in place of a path, while its promise form does not.
    pub descriptor: bool,
    /// Whether TypeScript has several signatures for it and no promise form (`__promisify__`), so that `util.promisify` gets
    /// the types of one of them.
    pub overloaded: bool,
    /// Whether a failure comes with a result as well, which a promise has no room for.
    pub both: bool,
    /// The properties of the first result that hold the results after it, so that the first is all that is needed.
    pub from_first: Vec<String>,
    /// The option without which there is no result.
    pub result_with: Option<String>,
}

impl Api {
    /// Whether a call with a callback can become an awaited promise at all: one error-first answer, and a promise form.
    pub fn is_awaitable(&self) -> bool {
        self.error_first && self.calls == Calls::Once && self.form != Form::None
    }

    /// Whether it keeps or repeats its callback, or calls it for an event, so that its calls are never converted.
    pub fn is_registration(&self) -> bool {
        self.calls == Calls::Many || (!self.error_first && self.form == Form::None)
    }
}

/// A kind of object whose methods take callbacks: the client of a database, a server.
#[derive(Clone, Debug)]
pub struct Class {
    /// The module it comes from.
    pub module: String,
    /// Its name in the table.
    pub name: String,
    /// Whether its other methods return the object, or another of its kind, so that calls are chained.
    pub fluent: bool,
    made_by: Vec<(String, String)>,
    receivers: Vec<Pattern>,
    methods: HashMap<String, Entry>,
}

impl Class {
    /// One of its methods.
    pub fn method(&self, name: &str) -> Option<&Api> {
        self.methods.get(name).map(|entry| &entry.api)
    }

    /// The names of its methods, in alphabetical order.
    pub fn methods(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.methods.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// The exports that make its instances, each with its module.
    pub fn makers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.made_by.iter().map(|(module, export)| (module.as_str(), export.as_str()))
    }
}

/// A function and, where it has got a better promise form at some time, since which major version of its module.
#[derive(Clone, Debug)]
struct Entry {
    api: Api,
    module: String,
    since: Option<(u64, Form)>,
}

/// Names that register a callback.
#[derive(Clone, Debug)]
struct Registration {
    names: Vec<String>,
    receivers: Vec<Pattern>,
    bare: bool,
    /// Whether its calls are told to the user, though they are not converted.
    reported: bool,
    at_least: usize,
    at_most: usize,
}

/// What a web framework calls a function for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HandlerKind {
    /// It answers a request.
    Route,
    /// It answers a request or hands it on.
    Middleware,
    /// The same for a request that has failed. The framework knows it by its number of parameters.
    ErrorMiddleware,
}

/// A function that a web framework calls, known by the names of its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handler {
    /// What it is called for.
    pub kind: HandlerKind,
    /// The index of the parameter that hands the request on, or passes an error on.
    pub next: Option<usize>,
}

#[derive(Clone, Debug)]
struct HandlerShape {
    handler: Handler,
    parameters: Vec<Vec<String>>,
    caught_by: Vec<String>,
}

/// The table of known APIs.
#[derive(Clone, Debug, Default)]
pub struct Apis {
    functions: HashMap<String, HashMap<String, Entry>>,
    classes: Vec<Class>,
    registrations: Vec<Registration>,
    iterators: Vec<String>,
    handlers: Vec<HandlerShape>,
    detached: Vec<String>,
    effects: effects::Effects,
}

static BUILTIN: LazyLock<Apis> = LazyLock::new(|| {
    let mut apis = Apis::default();
    for (name, text) in [
        ("node.toml", include_str!("node.toml")),
        ("packages.toml", include_str!("packages.toml")),
        ("databases.toml", include_str!("databases.toml")),
        ("names.toml", include_str!("names.toml")),
        ("effects.toml", include_str!("effects.toml")),
    ] {
        // The texts are part of the program; a unit test reads them all.
        schema::extend(&mut apis, text, false).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    apis
});

impl Apis {
    /// The table that comes with the program.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// The built-in table with rows of a configuration over it: a row takes the place of what was said before about
    /// the same function.
    ///
    /// # Errors
    /// When the text is no TOML, has a key that is unknown, or a value that makes no sense.
    pub fn load(text: &str) -> Result<Self, ConfigError> {
        let mut apis = Self::builtin().clone();
        schema::extend(&mut apis, text, true)?;
        Ok(apis)
    }

    /// The same table for a project that asks for these versions of its packages: where they are new enough, promise
    /// forms that older ones lack are taken.
    #[must_use]
    pub fn for_versions(mut self, versions: &Versions) -> Self {
        let functions = self.functions.values_mut().flat_map(HashMap::values_mut);
        let methods = self.classes.iter_mut().flat_map(|class| class.methods.values_mut());
        for entry in functions.chain(methods) {
            if let Some((since, form)) = &entry.since
                && versions.major(&entry.module).is_some_and(|major| major >= *since)
            {
                entry.api.form = form.clone();
            }
        }
        self
    }

    /// An exported function: `fs`, `readFile`; a path of names for an export's member: `mongodb`,
    /// `MongoClient.connect`; `default` for the module itself. With or without `node:`.
    pub fn function(&self, module: &str, export: &str) -> Option<&Api> {
        Some(&self.functions.get(plain(module))?.get(export)?.api)
    }

    /// The class whose instances an export makes when it is called: `redis`, `createClient`. A method of another class
    /// goes as `Class.method`.
    pub fn made_by(&self, module: &str, export: &str) -> Option<&Class> {
        let module = plain(module);
        self.classes.iter().find(|class| class.made_by.iter().any(|(m, e)| m == module && e == export))
    }

    /// A method, by what its receiver is conventionally called: `redisClient`, `get`; `collection()` is the result of
    /// calling something with that name. `None` where the classes that go by that name do not agree.
    ///
    /// A name is weak evidence: it tells the shape of a call that other signs already speak for.
    pub fn method(&self, receiver: &str, method: &str) -> Option<&Api> {
        let named = self.classes.iter().filter(|class| class.receivers.iter().any(|p| p.matches(receiver)));
        let mut found = named.filter_map(|class| class.method(method));
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    }

    /// Whether a name alone, called with that many arguments, says that a callback is registered.
    pub fn is_registration(&self, name: &str, arguments: usize) -> bool {
        self.registrations.iter().any(|r| !r.bare && r.receivers.is_empty() && r.names_call(name, arguments))
    }

    /// The same with the receiver's name, as for [`method`](Self::method): `app` in `app.get('/', handler)`; `None` for
    /// a function that is called by its name alone.
    pub fn is_registration_on(&self, receiver: Option<&str>, name: &str, arguments: usize) -> bool {
        self.registrations.iter().any(|r| !r.reported && r.fits(receiver, name, arguments))
    }

    /// Whether a call keeps the callback that it is handed, which is worth a word to whoever hands it over.
    pub fn keeps(&self, receiver: Option<&str>, name: &str, arguments: usize) -> bool {
        self.registrations.iter().any(|r| r.reported && r.fits(receiver, name, arguments))
    }

    /// Whether functions of that name call their callback any number of times before they return.
    pub fn is_iterator(&self, name: &str) -> bool {
        self.iterators.iter().any(|iterator| iterator == name)
    }

    /// What a function with parameters of these names is to a web framework. Leading underscores do not count.
    pub fn handler(&self, parameters: &[&str]) -> Option<Handler> {
        self.handler_shape(parameters).map(|shape| shape.handler)
    }

    /// The packages that never let `next` throw, where it is handed to a function with parameters of these names: they
    /// catch what the code behind it throws, and pass that on themselves.
    pub fn next_is_caught_by(&self, parameters: &[&str]) -> &[String] {
        self.handler_shape(parameters).map(|shape| &*shape.caught_by).unwrap_or_default()
    }

    fn handler_shape(&self, parameters: &[&str]) -> Option<&HandlerShape> {
        let fits = |shape: &&HandlerShape| {
            shape.parameters.len() == parameters.len()
                && shape.parameters.iter().zip(parameters).all(|(names, name)| {
                    let name = name.trim_start_matches('_');
                    names.iter().any(|n| n == name)
                })
        };
        self.handlers.iter().find(fits)
    }

    /// Whether the functions of a module do not look at `this`, so that they may be taken off the module.
    pub fn is_detached(&self, module: &str) -> bool {
        let module = plain(module);
        self.detached.iter().any(|name| name == module)
    }

    /// What known functions read and write.
    pub fn effects(&self) -> &effects::Effects {
        &self.effects
    }

    /// All classes.
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// All exported functions, each with its module and its name, in alphabetical order.
    pub fn functions(&self) -> Vec<(&str, &str, &Api)> {
        let mut all: Vec<_> = self
            .functions
            .iter()
            .flat_map(|(module, names)| names.iter().map(|(name, e)| (module.as_str(), name.as_str(), &e.api)))
            .collect();
        all.sort_by_key(|(module, name, _)| (*module, *name));
        all
    }
}

impl Registration {
    fn fits(&self, receiver: Option<&str>, name: &str, arguments: usize) -> bool {
        let is_its_own = match receiver {
            None => self.receivers.is_empty(),
            Some(_) if self.bare => false,
            Some(receiver) => self.receivers.is_empty() || self.receivers.iter().any(|p| p.matches(receiver)),
        };
        is_its_own && self.names_call(name, arguments)
    }

    fn names_call(&self, name: &str, arguments: usize) -> bool {
        (self.at_least..=self.at_most).contains(&arguments) && self.names.iter().any(|n| names_it(n, name))
    }
}

/// Whether a row's name is that of a function: the same, or with `*` behind it the word that it starts with.
fn names_it(row: &str, name: &str) -> bool {
    let Some(start) = row.strip_suffix('*') else { return row == name };
    name.strip_prefix(start).is_some_and(|rest| !rest.starts_with(|c: char| c.is_lowercase()))
}

/// A module's name without `node:`.
pub fn plain(module: &str) -> &str {
    module.strip_prefix("node:").unwrap_or(module)
}

#[cfg(test)]
mod tests;
