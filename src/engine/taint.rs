//! Which code is off limits because the parser did not understand something in or around it.

use std::ops::Range;

use crate::{
    semantic::Names,
    syntax::{Node, Parsed, node},
};

/// A stretch of code in which nothing is rewritten, and the error that is to blame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Taint {
    pub(super) range: Range<usize>,
    pub(super) error: Range<usize>,
}

/// The stretches that errors make off limits: the outermost function around each, or, where there is none, the
/// statement or class member that holds it. The tree around an error is a guess, and a guess about a function is
/// a guess about everything in it.
pub(super) fn taints(file: &Parsed<'_>) -> Vec<Taint> {
    let mut out: Vec<Taint> = Vec::new();
    let mut errors: Vec<_> = file.errors().iter().map(|e| &e.range).chain(file.misreadings()).collect();
    errors.sort_by_key(|error| error.start);
    for error in errors {
        let covered = out.last().is_some_and(|t| t.range.start <= error.start && error.end <= t.range.end);
        if !covered {
            out.push(Taint { range: around(file.root(), error), error: error.clone() });
        }
    }
    out
}

/// The places whose code may mean any name around it without naming it: direct calls of `eval` (ECMA-262, 19.2.1.1), and `with`.
/// No name that they may mean can be left out, changed or moved.
pub(super) fn unseen_uses(file: &Parsed<'_>, names: &Names) -> Vec<Range<usize>> {
    let text = file.source.text();
    let mut uses = Vec::new();
    if text.contains("eval") || text.contains("with") {
        let is_direct = |callee: Node<'_>| {
            let reference = names.reference_at(callee.start_byte());
            file.text(callee) == "eval" && reference.is_some_and(|r| r.binding.is_none())
        };
        node::walk(file.root(), |n| {
            let callee = n.child_by_field_name("function").filter(|_| n.kind() == "call_expression");
            if n.kind() == "with_statement" || callee.is_some_and(is_direct) {
                uses.push(n.byte_range());
            }
            true
        });
    }
    uses
}

/// The blocks at whose end something is disposed of that `using` declares in them, and where that is declared. A wait in such a
/// block puts the end off, and its statements end with those among which they are moved.
pub(super) fn disposals<'t>(file: &'t Parsed<'_>) -> Vec<(Node<'t>, Range<usize>)> {
    let mut found = Vec::new();
    if file.source.text().contains("using") {
        node::walk(file.root(), |n| {
            // The grammar of TypeScript takes it for an assignment.
            let declares =
                n.kind() == "using_declaration" || n.kind() == "assignment_expression" && node::has_token(n, "using");
            let is_block =
                |a: &Node<'_>| matches!(a.kind(), "program" | "statement_block" | "switch_case" | "switch_default");
            if declares {
                found.extend(node::ancestors(n).find(is_block).map(|block| (block, n.byte_range())));
            }
            true
        });
    }
    found
}

/// Goes from the root down to the error. Asking every node for its parent instead would search the tree anew for
/// each step.
fn around(root: Node<'_>, error: &Range<usize>) -> Range<usize> {
    let mut cursor = root.walk();
    let mut statement = error.clone();
    loop {
        let holder = matches!(cursor.node().kind(), "program" | "statement_block" | "class_body");
        if !goto_child_around(&mut cursor, error) {
            return statement;
        }
        let here = cursor.node();
        if here.is_error() || here.is_missing() {
            return hull(&statement, &here.byte_range());
        }
        if node::is_function(here) {
            return here.byte_range();
        }
        if holder {
            statement = here.byte_range();
        }
    }
}

/// Steps to the first child that covers a range. At an error that is empty two of them may; it lies in the one that has an
/// error.
fn goto_child_around(cursor: &mut tree_sitter::TreeCursor<'_>, range: &Range<usize>) -> bool {
    if !cursor.goto_first_child() {
        return false;
    }
    loop {
        let here = cursor.node().byte_range();
        let covers = here.start <= range.start && range.end <= here.end;
        if covers && (!range.is_empty() || cursor.node().has_error()) {
            return true;
        }
        if !cursor.goto_next_sibling() {
            cursor.goto_parent();
            return false;
        }
    }
}

fn hull(a: &Range<usize>, b: &Range<usize>) -> Range<usize> {
    a.start.min(b.start)..a.end.max(b.end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;

    fn tainted(text: &str) -> Vec<String> {
        let source = SourceFile::new("a.ts", text.as_bytes().to_vec()).unwrap();
        let file = Parsed::new(&source);
        taints(&file).into_iter().map(|t| text[t.range].to_owned()).collect()
    }

    #[test]
    fn an_error_taints_the_outermost_function_around_it() {
        let text = "function a() { ok(); }\nfunction b() { function c() { x = = 1; } }\nfunction d() { ok(); }";
        assert_eq!(tainted(text), ["function b() { function c() { x = = 1; } }"]);
    }

    #[test]
    fn an_error_outside_functions_taints_its_statement() {
        assert_eq!(tainted("ok();\nlet x = = 1;\nok();"), ["let x = = 1;"]);
    }

    #[test]
    fn an_error_between_statements_taints_what_holds_them() {
        assert_eq!(tainted("ok();\nif (a) {\n  ok();\n  ] = ;\n}\nok();"), ["if (a) {\n  ok();\n  ] = ;\n}"]);
    }

    #[test]
    fn a_block_that_is_taken_for_an_object_taints_like_an_error() {
        let text = "function a() { { f()\n{ var x } } }\nfunction b() { return () => ({ f() {} }); }";
        assert_eq!(tainted(text), ["function a() { { f()\n{ var x } } }"]);
    }

    #[test]
    fn a_file_without_errors_has_no_taint() {
        assert!(tainted("function a() {}").is_empty());
    }
}
