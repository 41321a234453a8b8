//! A bound for a fan-out: how many of a list's items are worked on at once.
//!
//! Which code does that is the package's decision, if it has made one: `p-map`, then `p-limit`. Else it is a small
//! function that is written once a package, where the package keeps such functions.
//!
//! `p-map` and the helper start no further item after a failure. `p-limit` does: what is queued is started all the
//! same.

mod helper;
mod place;

use super::{
    Text,
    form::Stmt,
    imports::{Additions, Modules, modules},
};
use crate::{
    context::Context,
    edit::{NewFile, Refusal, RefusalCode},
};

/// What is done with each item.
#[derive(Clone, Debug)]
pub enum Mapper {
    /// A function by its name or another expression: `load`.
    Reference(Text),
    /// An async function in place.
    Inline {
        /// Its parameters, the item first and its index second, without the parentheses.
        parameters: Text,
        /// Its body, an expression or a block in braces.
        body: Text,
    },
}

impl Mapper {
    /// The mapper as an argument.
    pub fn text(&self) -> Text {
        match self {
            Self::Reference(text) => text.clone(),
            Self::Inline { parameters, body } => {
                let mut text = Text::from("async (");
                text.push(parameters);
                text.push_str(") => ");
                text.push(body);
                text
            }
        }
    }
}

/// A fan-out with a bound.
#[derive(Clone, Debug)]
pub struct Mapped {
    /// What has to stand in front.
    pub before: Vec<Stmt>,
    /// The promise of the results in the order of the items; not awaited.
    pub value: Text,
    /// A file that has to be made.
    pub creates: Option<NewFile>,
    /// Whether items that wait for their turn are started although another one has failed.
    pub goes_on: bool,
}

/// A call that maps `items`, an expression for an array, with at most `at_once` of them under way. What it needs at
/// the top of the file goes to `additions`. `at` is a byte where the code will stand: names have to be free there.
///
/// # Errors
/// `no-limiter` where the package has no such function and none can be made for this file.
pub fn mapped(
    cx: &Context<'_>,
    additions: &mut Additions,
    items: &Text,
    mapper: &Mapper,
    at_once: usize,
    at: std::ops::Range<usize>,
) -> Result<Mapped, Refusal> {
    let refuse = || Refusal::new(RefusalCode::NoLimiter, at.clone());
    let (package, path) = cx.package.filter(|_| !is_browser_script(cx)).ok_or_else(refuse)?;
    if let Some(name) = place::of_package(cx, package, "p-map", 5).and_then(|name| additions.whole(cx, "p-map", name)) {
        let value = call(&name, &[items.clone(), mapper.text(), format!("{{ concurrency: {at_once} }}").into()]);
        return Ok(Mapped { before: Vec::new(), value, creates: None, goes_on: false });
    }
    if let Some(name) =
        place::of_package(cx, package, "p-limit", 4).and_then(|name| additions.whole(cx, "p-limit", name))
        && let Some(limit) = free_name(cx, &["limit", "limiter", "atOnce"])
    {
        let limiter = call(&name, &[at_once.to_string().into()]);
        let target = limit.into();
        let before = vec![Stmt::Bind { keyword: super::form::Keyword::Const, target, value: limiter }];
        return Ok(Mapped { before, value: queued(items, mapper, limit), creates: None, goes_on: true });
    }
    let place = place::of_helper(cx, package, path).ok_or_else(refuse)?;
    let name = additions.named(cx, &place.specifier, helper::NAME, &["mapWithLimit"]).ok_or_else(refuse)?;
    let value = call(&name, &[items.clone(), at_once.to_string().into(), mapper.text()]);
    Ok(Mapped { before: Vec::new(), value, creates: place.creates, goes_on: false })
}

/// `Promise.all(items.map((item) => limit(async () => …)))`
fn queued(items: &Text, mapper: &Mapper, limit: &str) -> Text {
    let mut map = items.clone();
    match mapper {
        Mapper::Reference(function) => {
            map.push_str(&format!(".map((item, index) => {limit}("));
            map.push(function);
            map.push_str(", item, index))");
        }
        Mapper::Inline { parameters, body } => {
            map.push_str(".map((");
            map.push(parameters);
            map.push_str(&format!(") => {limit}(async () => "));
            map.push(body);
            map.push_str("))");
        }
    }
    call("Promise.all", &[map])
}

fn call(callee: &str, arguments: &[Text]) -> Text {
    let mut text = Text::from(format!("{callee}("));
    for (number, argument) in arguments.iter().enumerate() {
        text.push_str(if number == 0 { "" } else { ", " });
        text.push(argument);
    }
    text.push_str(")");
    text
}

/// Whether a file is a script of a browser's page, which can't import anything: it shows no sign of a module, and uses
/// the page.
fn is_browser_script(cx: &Context<'_>) -> bool {
    let global =
        |names: &[&str]| cx.names.references().iter().any(|r| r.binding.is_none() && names.contains(&r.name.as_str()));
    let is_module = modules(cx) == Modules::Esm || global(&["require", "module", "exports"]);
    !is_module && global(&["document", "window"])
}

fn free_name<'n>(cx: &Context<'_>, names: &[&'n str]) -> Option<&'n str> {
    names.iter().copied().find(|name| !super::imports::is_name_used(cx, name))
}

#[cfg(test)]
mod tests;
