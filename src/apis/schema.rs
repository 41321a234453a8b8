//! The tables as they are written: TOML in, rows of [`Apis`] out.

use serde::Deserialize;
use toml::Spanned;

use super::{
    Api, Apis, Calls, Class, Entry, Form, Handler, HandlerKind, HandlerShape, Pattern, Registration, Sync,
    effects::EffectRow, plain,
};

/// What is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct ConfigError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tables {
    #[serde(default)]
    module: Vec<Spanned<ModuleRow>>,
    #[serde(default)]
    class: Vec<Spanned<ClassRow>>,
    #[serde(default)]
    api: Vec<Spanned<ApiRow>>,
    #[serde(default)]
    registration: Vec<Spanned<RegistrationRow>>,
    #[serde(default)]
    iterator: Vec<Spanned<IteratorRow>>,
    #[serde(default)]
    handler: Vec<Spanned<HandlerRow>>,
    #[serde(default)]
    effect: Vec<Spanned<EffectRow>>,
    /// Read by `tuning`.
    #[serde(default, rename = "waits")]
    _waits: serde::de::IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ModuleRow {
    names: Vec<String>,
    detached: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ClassRow {
    module: String,
    name: String,
    #[serde(default)]
    made_by: Vec<String>,
    #[serde(default)]
    receivers: Vec<String>,
    #[serde(default)]
    fluent: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ApiRow {
    module: String,
    #[serde(default)]
    also: Vec<String>,
    class: Option<String>,
    names: Vec<String>,
    #[serde(default)]
    form: FormName,
    since: Option<u64>,
    keys: Option<Vec<String>>,
    promise: Option<String>,
    results: Option<usize>,
    #[serde(default)]
    results_vary: bool,
    #[serde(default)]
    void: bool,
    #[serde(default = "yes")]
    error_first: bool,
    #[serde(default)]
    calls: CallsName,
    #[serde(default)]
    sync: SyncName,
    #[serde(default)]
    returns_value: bool,
    #[serde(default)]
    descriptor: bool,
    #[serde(default)]
    overloaded: bool,
    #[serde(default)]
    both: bool,
    #[serde(default)]
    from_first: Vec<String>,
    result_with: Option<String>,
}

fn yes() -> bool {
    true
}

#[derive(Clone, Copy, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum FormName {
    Promises,
    #[default]
    Promisify,
    Object,
    Itself,
    Named,
    None,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum CallsName {
    #[default]
    Once,
    AtMostOnce,
    Many,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SyncName {
    Never,
    #[default]
    Maybe,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RegistrationRow {
    names: Vec<String>,
    #[serde(default)]
    receivers: Vec<String>,
    #[serde(default)]
    bare: bool,
    #[serde(default)]
    reported: bool,
    at_least: Option<usize>,
    at_most: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct IteratorRow {
    names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct HandlerRow {
    kind: HandlerKind,
    parameters: Vec<Vec<String>>,
    next: Option<usize>,
    #[serde(default)]
    caught_by: Vec<String>,
}

/// Lays the rows of a text over a table. What a user says of a function's effects is marked as such.
///
/// # Errors
/// When the text is no TOML, has a key that is unknown, or a value that makes no sense.
pub(super) fn extend(apis: &mut Apis, text: &str, by_user: bool) -> Result<(), ConfigError> {
    let tables: Tables = toml::from_str(text).map_err(|error| ConfigError {
        line: error.span().map_or(1, |span| line_at(text, span.start)),
        message: error.message().to_owned(),
    })?;
    let fault = |at: std::ops::Range<usize>, message: String| ConfigError { line: line_at(text, at.start), message };
    for row in tables.module {
        let row = row.into_inner();
        apis.detached.retain(|name| !row.names.contains(name));
        if row.detached {
            apis.detached.extend(row.names);
        }
    }
    for row in tables.class {
        add_class(apis, row.into_inner());
    }
    let mut seen = std::collections::HashSet::new();
    for row in tables.api {
        let at = row.span();
        let row = row.into_inner();
        for key in keys_of(&row) {
            if let Some(twice) = seen.replace(key.clone()) {
                return Err(fault(at, format!("`{}` has a row already", twice.2)));
            }
        }
        add_api(apis, row).map_err(|message| fault(at, message))?;
    }
    for row in tables.registration {
        let at = row.span();
        apis.registrations.push(registration(row.into_inner()).map_err(|message| fault(at, message))?);
    }
    apis.iterators.extend(tables.iterator.into_iter().flat_map(|row| row.into_inner().names));
    for row in tables.handler {
        let at = row.span();
        apis.handlers.push(handler(row.into_inner()).map_err(|message| fault(at, message))?);
    }
    for row in tables.effect {
        let at = row.span();
        apis.effects.add(row.into_inner(), by_user).map_err(|message| fault(at, message))?;
    }
    Ok(())
}

/// The number of the line that an offset lies on, counted from 1.
fn line_at(text: &str, offset: usize) -> usize {
    1 + text.as_bytes()[..offset.min(text.len())].iter().filter(|b| **b == b'\n').count()
}

fn add_class(apis: &mut Apis, row: ClassRow) {
    let module = plain(&row.module).to_owned();
    let made_by = row.made_by.iter().map(|maker| match maker.rsplit_once(':') {
        Some((module, export)) => (plain(module).to_owned(), export.to_owned()),
        None => (module.clone(), maker.clone()),
    });
    let made_by = made_by.collect();
    let receivers = row.receivers.iter().map(|r| Pattern::new(r)).collect();
    match apis.classes.iter_mut().find(|c| c.module == module && c.name == row.name) {
        Some(class) => (class.made_by, class.receivers, class.fluent) = (made_by, receivers, row.fluent),
        None => apis.classes.push(Class {
            module,
            name: row.name,
            fluent: row.fluent,
            made_by,
            receivers,
            methods: std::collections::HashMap::new(),
        }),
    }
}

/// Module, class and name of all that a row speaks about.
fn keys_of(row: &ApiRow) -> Vec<(String, Option<String>, String)> {
    let modules = std::iter::once(&row.module).chain(&row.also);
    let keys = modules
        .flat_map(|module| row.names.iter().map(|name| (plain(module).to_owned(), row.class.clone(), name.clone())));
    keys.collect()
}

fn add_api(apis: &mut Apis, row: ApiRow) -> Result<(), String> {
    if row.names.is_empty() {
        return Err("`names` is empty".into());
    }
    let keys = keys_of(&row);
    let form = form(&row)?;
    let api = Api {
        form: if row.since.is_some() { Form::Promisify } else { form.clone() },
        results: results(&row, &form)?,
        void: row.void,
        error_first: row.error_first,
        calls: match row.calls {
            CallsName::Once => Calls::Once,
            CallsName::AtMostOnce => Calls::AtMostOnce,
            CallsName::Many => Calls::Many,
        },
        sync: match row.sync {
            SyncName::Never => Sync::Never,
            SyncName::Maybe => Sync::Maybe,
        },
        returns_value: row.returns_value,
        descriptor: row.descriptor,
        overloaded: row.overloaded,
        both: row.both,
        from_first: row.from_first,
        result_with: row.result_with,
    };
    for (module, class, name) in keys {
        let entry = Entry { api: api.clone(), module: module.clone(), since: row.since.map(|v| (v, form.clone())) };
        let names = match &class {
            None => apis.functions.entry(module).or_default(),
            Some(class) => {
                let there = apis.classes.iter_mut().find(|c| c.module == module && c.name == *class);
                &mut there.ok_or_else(|| format!("there is no class `{class}` of `{module}`"))?.methods
            }
        };
        names.insert(name, entry);
    }
    Ok(())
}

fn form(row: &ApiRow) -> Result<Form, String> {
    if row.keys.is_some() != (row.form == FormName::Object) {
        return Err("`keys` goes with form \"object\"".into());
    }
    if row.promise.is_some() != (row.form == FormName::Named) {
        return Err("`promise` goes with form \"named\"".into());
    }
    if row.since.is_some() && !matches!(row.form, FormName::Itself | FormName::Named | FormName::Promises) {
        return Err("`since` goes with form \"itself\", \"named\" or \"promises\"".into());
    }
    Ok(match row.form {
        FormName::Promises => Form::Promises,
        FormName::Promisify => Form::Promisify,
        FormName::Object => Form::Object(row.keys.clone().unwrap_or_default()),
        FormName::Itself => Form::Itself,
        FormName::Named => Form::Named(row.promise.clone().unwrap_or_default()),
        FormName::None => Form::None,
    })
}

fn results(row: &ApiRow, form: &Form) -> Result<Option<usize>, String> {
    if row.results_vary && (row.results.is_some() || row.void) {
        return Err("`results-vary` goes with neither `results` nor `void`".into());
    }
    if row.void && row.results.is_some_and(|n| n > 0) {
        return Err("`void` says that there are no `results`".into());
    }
    let keys = if let Form::Object(keys) = form { keys.len() } else { 1 };
    let count = row.results.unwrap_or(if row.void { 0 } else { keys });
    if count < keys && matches!(form, Form::Object(_)) {
        return Err("there are more `keys` than `results`".into());
    }
    if !row.from_first.is_empty() && row.from_first.len() + 1 != count {
        return Err("`from-first` names a property for each result but the first".into());
    }
    Ok((!row.results_vary).then_some(count))
}

fn registration(row: RegistrationRow) -> Result<Registration, String> {
    let (at_least, at_most) = (row.at_least.unwrap_or(0), row.at_most.unwrap_or(usize::MAX));
    if at_least > at_most {
        return Err("`at-least` is more than `at-most`".into());
    }
    if row.bare && !row.receivers.is_empty() {
        return Err("what is `bare` has no `receivers`".into());
    }
    let receivers = row.receivers.iter().map(|r| Pattern::new(r)).collect();
    Ok(Registration { names: row.names, receivers, bare: row.bare, reported: row.reported, at_least, at_most })
}

fn handler(row: HandlerRow) -> Result<HandlerShape, String> {
    if row.next.is_some_and(|next| next >= row.parameters.len()) {
        return Err("`next` is the index of a parameter, counted from 0".into());
    }
    let handler = Handler { kind: row.kind, next: row.next };
    Ok(HandlerShape { handler, parameters: row.parameters, caught_by: row.caught_by })
}
