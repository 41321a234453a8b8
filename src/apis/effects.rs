//! What known functions read and write: the rows of `effects.toml`, and those of a project's `unpyramid.toml`.

use std::collections::HashMap;

use serde::Deserialize;

use super::plain;

/// The name under which the table has what belongs to no module: `JSON.parse`.
pub const GLOBALS: &str = "global";

/// What a function does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Does {
    /// It works something out, and touches at most its arguments.
    Pure,
    /// It looks at something.
    Reads,
    /// It changes something.
    Writes,
    /// It looks at something and fails where that is not as it should be, or puts something in order for what follows.
    Guards,
}

/// What a function does it to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Nothing outside its arguments.
    #[default]
    Nothing,
    /// Files.
    Files,
    /// Other machines.
    Network,
    /// A database.
    Database,
    /// The process, its environment, other processes.
    Process,
    /// The page of a browser.
    Page,
    /// The current time, and chance.
    Clock,
    /// What the program prints.
    Console,
    /// What it notes for those who run it.
    Log,
    /// The object that it is called on.
    Receiver,
    /// Its first argument.
    Argument,
    /// Something that is not known more closely.
    Anything,
}

/// What decides, besides the function, whether a call reads or writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The method of a request, in an object of options: it reads without one, or with GET or HEAD.
    Http,
    /// The first word of a text in SQL: it reads if that is SELECT.
    Sql,
    /// The command of a shell: it reads if that is known to look only, such as `git rev-parse`.
    Shell,
    /// The name of the command that is handed to it: `send(new GetItemCommand(…))`.
    Command,
}

/// What kind of value it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A text, a number, a truth value: it has no properties to change.
    Text,
    /// A list, or bytes.
    List,
    /// A map or a set.
    Map,
    /// A date, a regular expression, an address.
    Value,
    /// A promise.
    Promise,
    /// An object that was made by the call.
    Object,
    /// Anything: for methods whose names only one kind has.
    Any,
}

/// What is known of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// What it does.
    pub does: Does,
    /// To what.
    pub what: What,
    /// The argument that names it, from 0.
    pub named_by: Option<usize>,
    /// What decides between reading and writing.
    pub rule: Option<Rule>,
    /// The arguments that it calls, from 0, if they are functions.
    pub calls_back: Vec<usize>,
    /// What its result, or what its promise is fulfilled with, is.
    pub makes: Option<Kind>,
    /// Whether it can't fail.
    pub never_fails: bool,
    /// Whether it is the user who says so.
    pub by_user: bool,
}

/// The functions whose effects are known.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    functions: HashMap<String, HashMap<String, Effect>>,
    methods: HashMap<Kind, HashMap<String, Effect>>,
    /// Methods of what an export makes: `pg:Pool`.
    made: HashMap<String, HashMap<String, Effect>>,
    callees: Vec<(String, Effect)>,
}

impl Effects {
    /// An export of a module, with or without `node:`.
    pub fn function(&self, module: &str, export: &str) -> Option<&Effect> {
        let names = self.functions.get(plain(module))?;
        names.get(export).or_else(|| names.get("*"))
    }

    /// A method of a kind of value.
    pub fn method(&self, kind: Kind, name: &str) -> Option<&Effect> {
        self.methods.get(&kind)?.get(name)
    }

    /// A method of what an export of a module makes.
    pub fn method_of_made(&self, module: &str, export: &str, name: &str) -> Option<&Effect> {
        self.made.get(&format!("{}:{export}", plain(module)))?.get(name)
    }

    /// What the user says of a callee (its text, as in `this.db.query`): the longest of the names that it ends with
    /// counts, and `db.*` is any member of `db`.
    pub fn callee(&self, callee: &str) -> Option<&Effect> {
        let object = callee.rsplit_once('.').map(|(object, _)| object);
        let ends = |text: &str, name: &str| {
            text.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('.'))
        };
        let fits = |name: &str| match name.strip_suffix(".*") {
            Some(owner) => object.is_some_and(|object| ends(object, owner)),
            None => ends(callee, name),
        };
        let known = self.callees.iter().rev().filter(|(name, _)| fits(name));
        known.max_by_key(|(name, _)| name.len()).map(|(_, effect)| effect)
    }

    /// All exports of modules that are known, each with its module.
    pub fn functions(&self) -> impl Iterator<Item = (&str, &str, &Effect)> {
        self.functions.iter().flat_map(|(m, names)| names.iter().map(move |(n, e)| (m.as_str(), n.as_str(), e)))
    }

    /// Lays a row over the table.
    ///
    /// # Errors
    /// When the row does not say whose functions it means, or says it twice.
    pub(super) fn add(&mut self, row: EffectRow, by_user: bool) -> Result<(), String> {
        let said = [!row.modules.is_empty(), row.kind.is_some(), !row.made_by.is_empty(), !row.callees.is_empty()];
        if said.iter().filter(|s| **s).count() != 1 {
            return Err("one of `modules`, `kind`, `made-by` and `callees` says whose functions they are".into());
        }
        if row.callees.is_empty() == row.names.is_empty() {
            return Err("`names` says which functions they are".into());
        }
        let effect = Effect {
            does: row.does,
            what: row.what,
            named_by: row.named_by,
            rule: row.rule,
            calls_back: row.calls_back.clone(),
            makes: row.makes,
            never_fails: row.never_fails,
            by_user,
        };
        for name in &row.names {
            let mut spellings: Vec<String> = row.prefixes.iter().map(|prefix| format!("{prefix}{name}")).collect();
            spellings.push(name.clone());
            if row.sync {
                spellings.push(format!("{name}Sync"));
            }
            for spelling in spellings {
                for module in &row.modules {
                    let names = self.functions.entry(plain(module).to_owned()).or_default();
                    names.insert(spelling.clone(), effect.clone());
                }
                for maker in &row.made_by {
                    self.made.entry(maker.clone()).or_default().insert(spelling.clone(), effect.clone());
                }
                if let Some(kind) = row.kind {
                    self.methods.entry(kind).or_default().insert(spelling, effect.clone());
                }
            }
        }
        self.callees.extend(row.callees.into_iter().map(|callee| (callee, effect.clone())));
        Ok(())
    }
}

/// A row as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct EffectRow {
    /// The modules that export the functions; `global` for what belongs to none.
    #[serde(default)]
    modules: Vec<String>,
    /// The kind of value whose methods they are.
    kind: Option<Kind>,
    /// The exports that make the objects whose methods they are, as in `pg:Pool`.
    #[serde(default)]
    made_by: Vec<String>,
    /// The ends of callees as they are written, as in `db.query`.
    #[serde(default)]
    callees: Vec<String>,
    #[serde(default)]
    names: Vec<String>,
    /// What may stand before the names: `promises.`.
    #[serde(default)]
    prefixes: Vec<String>,
    /// Whether there is one more of each name with `Sync` behind it.
    #[serde(default)]
    sync: bool,
    does: Does,
    #[serde(default)]
    what: What,
    named_by: Option<usize>,
    rule: Option<Rule>,
    #[serde(default)]
    calls_back: Vec<usize>,
    makes: Option<Kind>,
    #[serde(default)]
    never_fails: bool,
}
