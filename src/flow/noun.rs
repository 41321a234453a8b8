//! What the result of a call may be called, by the name of what is called.

use tree_sitter::Node;

use crate::{
    context::Context,
    semantic::is_reserved_word,
    syntax::node::{call_parts, member_parts},
};

/// Verbs that a function which hands something over is named with.
const VERBS: &[&str] = &["get", "fetch", "load", "find", "read", "create", "make", "build", "query", "request"];

/// What a call is named to hand over: `user` for `getUser(…)`, `api.fetchUser(…)`.
pub fn callee_noun(cx: &Context<'_>, base: Node<'_>) -> Option<String> {
    let (callee, _) = call_parts(base)?;
    let name = cx.text(member_parts(callee).map_or(callee, |(_, property)| property));
    let noun = VERBS.iter().find_map(|verb| name.strip_prefix(verb))?;
    let first = noun.chars().next().filter(char::is_ascii_uppercase)?;
    let is_word = noun.chars().all(|c| c.is_ascii_alphanumeric()) && noun.chars().any(|c| c.is_ascii_lowercase());
    is_word.then(|| format!("{}{}", first.to_ascii_lowercase(), &noun[1..])).filter(|n| !is_no_name(n))
}

/// Whether a word is reserved, or would be in some code.
fn is_no_name(word: &str) -> bool {
    is_reserved_word(word)
        || matches!(word, "arguments" | "await" | "eval" | "interface" | "let" | "package" | "static" | "yield")
}
