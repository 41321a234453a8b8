//! Functions that have nothing more to do once they have called a function which they are handed.
//!
//! `item.trigger('save', work, callback)` may call `work` for each of many items, or in the middle of something. Where it is
//! the last that is done, code behind an `await` of the call comes when the code of `work` comes today.

use tree_sitter::Node;

use super::{names::called_names, runs_on::code_behind};
use crate::{
    context::Context,
    flow::chain::parameters,
    semantic::BindingId,
    syntax::node::{call_parts, enclosing_function, is_function, member_parts, walk, with_parentheses},
};

/// How many names a function that is handed over may go by.
const MAX_NAMES: usize = 16;

/// How many parameters are told apart where a function looks at all its arguments.
const MAX_PARAMETERS: usize = 8;

/// What is done with a function by one of its names.
enum Use {
    /// It is called and nothing follows, or it is only asked for.
    Last,
    /// It goes by another name as well, or is called by a function of a name.
    By(BindingId),
    /// It may be called at any time, or more often than once.
    Unknown,
}

/// Whether a function calls what it is handed last of all, for each of its parameters. What is never called counts as well.
pub(super) fn called_last(cx: &Context<'_>, function: Node<'_>, names: &[String]) -> Vec<bool> {
    let mut takes_all = false;
    walk(function, |n| {
        takes_all |= n.kind() == "identifier" && cx.text(n) == "arguments";
        n == function || !is_function(n) || n.kind() == "arrow_function"
    });
    if takes_all {
        return vec![false; MAX_PARAMETERS];
    }
    parameters(function).into_iter().map(|p| is_called_last(cx, function, p, names)).collect()
}

fn is_called_last(cx: &Context<'_>, function: Node<'_>, parameter: Node<'_>, own: &[String]) -> bool {
    let name = parameter.child_by_field_name("pattern").unwrap_or(parameter);
    let declared = cx.names.declared_at(name.start_byte()).filter(|_| name.kind() == "identifier");
    let Some(binding) = declared else { return false };
    let mut names = vec![binding];
    let mut next = 0;
    while let Some(name) = names.get(next).copied() {
        next += 1;
        for reference in &cx.names.binding(name).references {
            let range = &cx.names.reference(*reference).range;
            let used = cx.file.root().descendant_for_byte_range(range.start, range.end);
            match used.map_or(Use::Unknown, |used| use_of(cx, function, used, own)) {
                Use::Last => {}
                Use::By(other) if names.contains(&other) => {}
                Use::By(other) if names.len() < MAX_NAMES => names.push(other),
                Use::By(_) | Use::Unknown => return false,
            }
        }
    }
    true
}

fn use_of(cx: &Context<'_>, root: Node<'_>, used: Node<'_>, own: &[String]) -> Use {
    let Some(parent) = used.parent() else { return Use::Unknown };
    let is = |field: &str| parent.child_by_field_name(field) == Some(used);
    match parent.kind() {
        "unary_expression" => Use::Last,
        "parenthesized_expression" if parent.parent().is_some_and(|p| p.kind() == "if_statement") => Use::Last,
        "binary_expression" => {
            let operator = parent.child_by_field_name("operator").map_or("", |o| o.kind());
            let is_asked =
                matches!(operator, "===" | "!==" | "==" | "!=" | "instanceof") || operator == "&&" && is("left");
            if is_asked { Use::Last } else { Use::Unknown }
        }
        "assignment_expression" if is("left") => Use::Last,
        "variable_declarator" if is("value") => name_of(cx, parent),
        "call_expression" if is("function") => last(cx, root, parent),
        "member_expression" => {
            let is_called = member_parts(parent).is_some_and(|(_, method)| matches!(cx.text(method), "call" | "apply"));
            let call =
                parent.parent().filter(|c| is_called && call_parts(*c).is_some_and(|(callee, _)| callee == parent));
            call.map_or(Use::Unknown, |call| last(cx, root, call))
        }
        "arguments" => {
            // It calls itself, or the function of the same name that it stands in for.
            let call = parent.parent().filter(|c| {
                let callee = call_parts(*c).map(|(callee, _)| callee);
                callee.is_some_and(|callee| called_names(cx, callee).iter().any(|name| own.contains(name)))
            });
            call.map_or(Use::Unknown, |call| last(cx, root, call))
        }
        _ => Use::Unknown,
    }
}

/// The variable that a declarator declares.
fn name_of(cx: &Context<'_>, declarator: Node<'_>) -> Use {
    let name = declarator.child_by_field_name("name").filter(|n| n.kind() == "identifier");
    name.and_then(|n| cx.names.declared_at(n.start_byte())).map_or(Use::Unknown, Use::By)
}

/// Whether a call is the last that is done, in its function and in those around it.
fn last(cx: &Context<'_>, root: Node<'_>, call: Node<'_>) -> Use {
    let mut call = call;
    loop {
        if code_behind(call).is_some() {
            return Use::Unknown;
        }
        let Some(function) = enclosing_function(call) else { return Use::Unknown };
        if function == root {
            return Use::Last;
        }
        let argument = with_parentheses(function);
        let Some(parent) = argument.parent() else { return Use::Unknown };
        match parent.kind() {
            "arguments" => {
                let Some(outer) = parent.parent() else { return Use::Unknown };
                let callee = call_parts(outer).map(|(callee, _)| callee);
                let method = callee.map(|c| member_parts(c).map_or(c, |(_, property)| property));
                if method.is_none_or(|m| cx.apis.is_iterator(cx.text(m))) {
                    return Use::Unknown;
                }
                call = outer;
            }
            "variable_declarator" => return name_of(cx, parent),
            "assignment_expression" => {
                let left = parent.child_by_field_name("left").filter(|l| l.kind() == "identifier");
                let binding = left.and_then(|l| cx.names.reference_at(l.start_byte())).and_then(|r| r.binding);
                return binding.map_or(Use::Unknown, Use::By);
            }
            _ if function.kind() == "function_declaration" => {
                let name = function.child_by_field_name("name");
                return name.and_then(|n| cx.names.declared_at(n.start_byte())).map_or(Use::Unknown, Use::By);
            }
            _ => return Use::Unknown,
        }
    }
}
