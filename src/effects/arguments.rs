//! What the arguments of a call say about it: the method of a request, the text of a query, the words of a command.

use std::sync::Arc;

use tree_sitter::Node;

use super::{
    calls::short,
    objects::plain,
    read::Reader,
    verbs::{Verb, verb, words},
};
use crate::{
    apis::effects::{Does, Effect, Kind, Rule, What},
    context::Context,
    project::effects::Resource,
    syntax::node::named_children,
};

/// Last words of what holds the address of a request, and not a request with a method of its own.
const ADDRESSES: &[&str] = &["address", "endpoint", "href", "link", "uri", "url"];

impl<'c> Reader<'c, '_> {
    /// What a call does where its arguments decide, and why that is presumed, in a clause, where it is.
    pub(super) fn decided(&self, effect: &Effect, nodes: &[Node<'c>]) -> (Does, Option<String>) {
        let reads = match effect.rule {
            None => return (effect.does, None),
            Some(Rule::Http) => match self.called_address(nodes) {
                Some(name) => return (Does::Reads, Some(format!("`{}` is an address", short(name)))),
                None => self.is_get(nodes),
            },
            Some(Rule::Sql) => nodes.first().is_some_and(|n| self.is_select(*n)),
            Some(Rule::Shell) => self.is_looking_command(nodes),
            Some(Rule::Command) => nodes.first().is_some_and(|n| self.is_reading_command(*n)),
        };
        (if reads { Does::Reads } else { Does::Writes }, None)
    }

    /// The only argument of a request, where nothing but its name says that it is the address: `fetch(url)`.
    fn called_address(&self, nodes: &[Node<'c>]) -> Option<&'c str> {
        let [only] = nodes else { return None };
        let only = plain(*only);
        let named = match only.kind() {
            "identifier" => only,
            "member_expression" => only.child_by_field_name("property")?,
            _ => return None,
        };
        let last = words(self.cx().text(named)).pop()?;
        let is_address = self.objects.kind(only).is_none() && ADDRESSES.contains(&last.as_str());
        is_address.then(|| self.cx().text(only))
    }

    /// Whether no argument of a request names a method that changes something.
    pub(super) fn is_asking(&self, nodes: &[Node<'c>]) -> bool {
        nodes.iter().all(|node| {
            let text = self.cx().text(*node).to_lowercase();
            let mut words = text.split(['\'', '"', '`']).skip(1).step_by(2);
            // `request('CloudFormation', 'executeChangeSet')` names what it asks for.
            let whole = self.cx().text(*node).trim_matches(['\'', '"', '`']);
            !words.any(|word| matches!(word, "delete" | "patch" | "post" | "put"))
                && !matches!(verb(whole), Some(Verb::Writes | Verb::Makes | Verb::Prepares))
        })
    }

    /// Whether a request has the method GET or HEAD, or none: its options are written in place.
    fn is_get(&self, nodes: &[Node<'c>]) -> bool {
        let options = match nodes {
            [] => return false,
            [only] => Some(plain(*only)).filter(|n| n.kind() == "object"),
            [_, options, ..] => Some(plain(*options)),
        };
        let Some(options) = options else {
            // `fetch(url)`, where the url may be a `Request` with a method of its own.
            let only = plain(nodes[0]);
            return matches!(only.kind(), "string" | "template_string" | "binary_expression")
                || matches!(self.objects.kind(only), Some(Kind::Text | Kind::Value));
        };
        if options.kind() != "object" {
            return false;
        }
        let mut reads = true;
        for part in named_children(options) {
            let key = part.child_by_field_name("key").map_or("", |k| self.cx().text(k));
            let value = part.child_by_field_name("value").map_or("", |v| self.cx().text(v));
            reads &= match part.kind() {
                "pair" if matches!(key, "method" | "'method'" | "\"method\"") => {
                    matches!(value.trim_matches(['\'', '"', '`']).to_uppercase().as_str(), "GET" | "HEAD" | "OPTIONS")
                }
                "pair" => true,
                "shorthand_property_identifier" => self.cx().text(part) != "method",
                _ => false,
            };
        }
        reads
    }

    fn is_select(&self, node: Node<'c>) -> bool {
        let node = plain(node);
        let text = match node.kind() {
            "string" | "template_string" => self.cx().text(node),
            "identifier" => {
                let binding = self.cx().names.reference_at(node.start_byte()).and_then(|r| r.binding);
                match binding.and_then(|b| self.objects.initializer(b)) {
                    Some(value) => self.cx().text(plain(value)),
                    None => return false,
                }
            }
            _ => return false,
        };
        is_select(text)
    }

    fn is_reading_command(&self, node: Node<'c>) -> bool {
        let node = plain(node);
        let class = node.child_by_field_name("constructor").map_or("", |c| self.cx().text(c));
        let name = class.rsplit('.').next().unwrap_or_default();
        matches!(
            words(name).first().map(String::as_str),
            Some("get" | "head" | "list" | "describe" | "query" | "scan" | "batchget")
        )
    }

    /// Whether a command of the shell only looks: the version of a program, or what git has.
    fn is_looking_command(&self, nodes: &[Node<'c>]) -> bool {
        let mut words: Vec<String> = Vec::new();
        for node in nodes.iter().take(2).map(|n| plain(*n)) {
            let parts = match node.kind() {
                "array" => named_children(node).into_iter().take(2).collect(),
                "string" | "template_string" => vec![node],
                _ => return is_looking(&words),
            };
            for part in parts.into_iter().filter(|p| p.kind() == "string" || p.kind() == "template_string") {
                let text = self.cx().text(part).trim_matches(['\'', '"', '`']);
                words.extend(text.split_whitespace().map(str::to_owned));
            }
        }
        is_looking(&words)
    }

    pub(super) fn resource(&self, what: What, named_by: Option<usize>, nodes: &[Node<'c>]) -> Resource {
        let literal = || -> Option<Arc<str>> {
            let node = plain(*nodes.get(named_by?)?);
            let text = self.cx().text(node);
            (node.kind() == "string" && text.len() > 2).then(|| text[1..text.len() - 1].into())
        };
        match what {
            What::Files => Resource::Files(literal()),
            What::Network => Resource::Network(literal().map(|url| host(&url).into())),
            What::Database => Resource::Database,
            What::Process => Resource::Process,
            What::Page => Resource::Page,
            What::Clock => Resource::Clock,
            What::Console => Resource::Console,
            What::Log => Resource::Log,
            What::Nothing | What::Receiver | What::Argument | What::Anything => Resource::Anything,
        }
    }
}

/// Whether the options of a call, written in place, say that nothing is to be changed: `{ dryRun: true }`.
pub(super) fn is_dry_run(cx: &Context<'_>, arguments: &[Node<'_>]) -> bool {
    let parts = arguments.iter().map(|n| plain(*n)).filter(|n| n.kind() == "object").flat_map(named_children);
    let text = |part: Node<'_>, field| part.child_by_field_name(field).map_or("", |n| cx.text(n));
    parts.filter(|part| part.kind() == "pair").any(|part| {
        let key = text(part, "key").trim_matches(['\'', '"']);
        matches!(key, "dry" | "dryRun" | "dry_run" | "DryRun") && text(part, "value") == "true"
    })
}

/// Whether a command, by its first words, only looks.
fn is_looking(words: &[String]) -> bool {
    const GIT: &[&str] = &[
        "cat-file",
        "describe",
        "diff",
        "log",
        "ls-files",
        "ls-remote",
        "ls-tree",
        "merge-base",
        "rev-list",
        "rev-parse",
        "show",
        "show-ref",
        "status",
    ];
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["git", command, rest @ ..] => GIT.contains(command) && !rest.contains(&";") && !rest.contains(&"&&"),
        [_, "--version" | "-v" | "-V"] => true,
        ["which" | "where" | "uname" | "whoami", ..] => true,
        _ => false,
    }
}

/// The host in an address.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Whether a text in SQL, with its quotes, only reads.
fn is_select(literal: &str) -> bool {
    let text = literal.trim_matches(['\'', '"', '`']).trim_start().to_lowercase();
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    // `SELECT … INTO`, `SELECT … FOR UPDATE` and calls of functions that change something are seldom, but there are.
    let first = words.next() == Some("select");
    first
        && !text.contains("${")
        && !words.any(|w| matches!(w, "into" | "update" | "nextval" | "share" | "lock"))
        && !text.trim_end_matches([';', ' ', '\n']).contains(';')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_select_reads() {
        assert!(is_select("'SELECT * FROM a WHERE b = ?'"));
        assert!(is_select("`\n  select a from b;\n`"));
        for text in ["'DELETE FROM a'", "'SELECT a INTO b FROM c'", "'SELECT a FROM b FOR UPDATE'", "`SELECT ${x}`"] {
            assert!(!is_select(text), "{text}");
        }
        assert!(!is_select("'SELECT 1; DROP TABLE a'"));
    }

    #[test]
    fn hosts_are_cut_out_of_addresses() {
        assert_eq!(host("https://a.example/b?c"), "a.example");
        assert_eq!(host("/api"), "");
    }
}
