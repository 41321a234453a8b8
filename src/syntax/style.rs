//! The style a file is written in, read off its tree and its lines.

use std::collections::BTreeMap;

use tree_sitter::Node;

use super::{node, parse::Parsed, statement::takes_end};
use crate::source::Style;

/// Measures a file's style. Where the file shows nothing (no string, no indented line), the default holds.
pub(super) fn measure(file: &Parsed<'_>) -> Style {
    let mut tally = Tally::default();
    node::walk(file.root(), |n| {
        tally.count(file, n);
        true
    });
    let text = file.source.text();
    let crlf = text.matches("\r\n").count();
    let default = Style::default();
    // Lists and literals are indented like blocks by most people; they have a say where there are no blocks.
    let steps = if tally.blocks.is_empty() { &tally.lists } else { &tally.blocks };
    let most = steps.iter().max_by_key(|(_, count)| **count).map(|(unit, _)| (*unit).to_owned());
    Style {
        indent: most.unwrap_or(default.indent),
        quote: if tally.double > tally.single { '"' } else { default.quote },
        semicolons: tally.with_semicolon >= tally.without_semicolon,
        newline: if crlf * 2 > text.matches('\n').count() { "\r\n" } else { default.newline },
        width: width(text),
        trailing_comma: tally.with_comma > tally.without_comma,
        keyword_space: tally.before_brackets.usual().map_or(default.keyword_space, |gap| gap == " "),
        block_space: tally.before_blocks.usual().map_or(default.block_space, |gap| gap == " "),
        before_else: tally.before_else.usual().unwrap_or(default.before_else),
    }
}

/// Widths that people set their formatters to.
const WIDTHS: [usize; 3] = [80, 100, 120];

/// One line in so many may be longer than the width that a file is written for.
const LONG_LINES: usize = 33;

/// The width that a text keeps to, some lines left out that can't be broken.
fn width(text: &str) -> usize {
    let lengths: Vec<usize> = text.lines().map(|line| line.trim_end().chars().count()).collect();
    let fits = |width: &&usize| lengths.iter().filter(|length| *length > *width).count() * LONG_LINES <= lengths.len();
    WIDTHS.iter().find(fits).copied().unwrap_or(WIDTHS[WIDTHS.len() - 1])
}

/// What the nodes of a file say about its style.
#[derive(Default)]
struct Tally<'s> {
    single: isize,
    double: isize,
    with_semicolon: usize,
    without_semicolon: usize,
    blocks: BTreeMap<&'s str, usize>,
    lists: BTreeMap<&'s str, usize>,
    with_comma: usize,
    without_comma: usize,
    before_brackets: Gaps,
    before_blocks: Gaps,
    before_else: Gaps,
}

/// What stands between two parts of a statement, and how often.
#[derive(Default)]
struct Gaps {
    spaces: usize,
    none: usize,
    breaks: usize,
}

impl Gaps {
    fn add(&mut self, gap: &str) {
        match gap {
            " " => self.spaces += 1,
            "" => self.none += 1,
            _ if gap.trim().is_empty() && gap.contains('\n') => self.breaks += 1,
            _ => {}
        }
    }

    /// The one that there is more of than of any other.
    fn usual(&self) -> Option<&'static str> {
        let all = [(self.spaces, " "), (self.none, ""), (self.breaks, "\n")];
        let (most, usual) = all.into_iter().max()?;
        (all.iter().filter(|(count, _)| *count == most).count() == 1).then_some(usual)
    }
}

impl<'s> Tally<'s> {
    fn count(&mut self, file: &Parsed<'s>, n: Node<'_>) {
        self.comma(n);
        self.gaps(file, n);
        match n.kind() {
            "string" => self.string(file.text(n), 1),
            // Attributes have double quotes by convention; the string inside is about to be counted as any other.
            "jsx_attribute" => {
                let mut cursor = n.walk();
                for value in n.children(&mut cursor).filter(|c| c.kind() == "string") {
                    self.string(file.text(value), -1);
                }
            }
            "statement_block" | "class_body" | "switch_body" => {
                if let Some(unit) = indent_step(file, n) {
                    *self.blocks.entry(unit).or_default() += 1;
                }
            }
            "object" | "array" | "arguments" | "interface_body" | "object_type" | "enum_body" | "named_imports" => {
                if let Some(unit) = indent_step(file, n) {
                    *self.lists.entry(unit).or_default() += 1;
                }
            }
            _ if may_end_in_semicolon(n) => self.statement(file, n),
            _ => {}
        }
    }

    /// Whether a list whose closing bracket is on a line of its own ends in a comma.
    fn comma(&mut self, n: Node<'_>) {
        let is_list = matches!(n.kind(), "array" | "object" | "array_pattern" | "object_pattern" | "named_imports");
        if !is_list || n.start_position().row == n.end_position().row {
            return;
        }
        let mut cursor = n.walk();
        let mut members = n.children(&mut cursor).filter(|c| !node::is_comment(*c)).collect::<Vec<_>>();
        let Some((bracket, last)) = members.pop().zip(members.pop()) else { return };
        if members.is_empty() || last.end_position().row == bracket.start_position().row {
            return;
        }
        if last.kind() == "," { self.with_comma += 1 } else { self.without_comma += 1 }
    }

    /// The gaps between the parts of a statement with a block. They are asked of the statement: the way from a part to the
    /// one in front of it is as long as the tree is deep.
    fn gaps(&mut self, file: &Parsed<'s>, n: Node<'_>) {
        let keyword = match n.kind() {
            "if_statement" => "if",
            "while_statement" => "while",
            "try_statement" => "try",
            _ => return,
        };
        let part = |field| n.child_by_field_name(field);
        // Where a part is missing, the parser has put one there that has no bytes.
        let gap = |from: usize, to: usize| file.source.text().get(from..to).unwrap_or("?");
        let head = n.start_byte() + keyword.len();
        let condition = part("condition");
        if let Some(condition) = condition {
            self.before_brackets.add(gap(head, condition.start_byte()));
        }
        let block = part("consequence").or_else(|| part("body")).filter(|b| b.kind() == "statement_block");
        if let Some(block) = block {
            self.before_blocks.add(gap(condition.map_or(head, |c| c.end_byte()), block.start_byte()));
        }
        let mut before = block;
        for clause in ["alternative", "handler", "finalizer"].into_iter().filter_map(part) {
            if let Some(before) = before {
                self.before_else.add(gap(before.end_byte(), clause.start_byte()));
            }
            before = Some(clause);
        }
    }

    /// A string with a quote inside is written in the other kind by everybody, and shows no preference.
    fn string(&mut self, text: &str, weight: isize) {
        let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
        if inner.contains(['\'', '"']) {
            return;
        }
        match text.as_bytes().first() {
            Some(b'\'') => self.single += weight,
            Some(b'"') => self.double += weight,
            _ => {}
        }
    }

    /// A statement shows whether the file has semicolons if it ends its line: within one, they part statements.
    fn statement(&mut self, file: &Parsed<'_>, n: Node<'_>) {
        let text = file.source.text();
        let line = text[n.end_byte()..].split('\n').next().unwrap_or_default();
        let rest = line.trim_start().trim_start_matches(';').trim();
        if !rest.is_empty() && !rest.starts_with("//") && !rest.starts_with("/*") {
            return;
        }
        // The semicolon after a class field is a neighbour of it, not a part.
        if file.text(n).ends_with(';') || line.trim_start().starts_with(';') {
            self.with_semicolon += 1;
        } else {
            self.without_semicolon += 1;
        }
    }
}

/// Whether a node is a statement or member that takes a semicolon in the style that has them.
fn may_end_in_semicolon(n: Node<'_>) -> bool {
    match n.kind() {
        "import_statement" | "field_definition" | "public_field_definition" | "type_alias_declaration" => true,
        // `export function f() {}` takes none, and what is declared in `export const x` is counted by itself.
        "export_statement" => {
            n.child_by_field_name("declaration").is_none()
                && !n.child_by_field_name("value").is_some_and(|v| node::is_function(v) || v.kind() == "class")
        }
        kind => takes_end(kind),
    }
}

/// What the first line in brackets is indented by, beyond the line that the closing one stands on.
pub(super) fn indent_step<'s>(file: &Parsed<'s>, brackets: Node<'_>) -> Option<&'s str> {
    let first = brackets.named_child(0)?;
    let (inner, outer) = (first.start_byte(), brackets.end_byte() - 1);
    // Where the closing one is missing, anything may stand at the end.
    if !matches!(file.source.bytes()[outer], b'}' | b']' | b')') {
        return None;
    }
    if !file.source.is_first_on_line(inner) || !file.source.is_first_on_line(outer) {
        return None;
    }
    let source: &'s _ = file.source;
    let unit = source.indent_at(inner).strip_prefix(source.indent_at(outer))?;
    (!unit.is_empty()).then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;

    fn style(text: &str) -> Style {
        style_of("a.js", text)
    }

    fn style_of(name: &str, text: &str) -> Style {
        measure(&Parsed::new(&SourceFile::new(name, text.as_bytes().to_vec()).unwrap()))
    }

    #[test]
    fn a_file_that_shows_nothing_has_the_default() {
        assert_eq!(style(""), Style::default());
        assert_eq!(style("// only a comment\n"), Style::default());
    }

    #[test]
    fn lists_show_whether_their_last_comma_is_written() {
        assert!(style("const a = [\n  1,\n  2,\n];\n").trailing_comma);
        assert!(style("f({\n  a,\n  b, // last\n});\n").trailing_comma);
        assert!(!style("const a = [\n  1,\n  2\n];\nconst b = [1, 2,];\n").trailing_comma);
    }

    #[test]
    fn brackets_and_blocks_are_set_off_where_most_are() {
        let tight = style("if(a){\n  b();\n}\nwhile(c){\n  c();\n}\nif (d) {\n  e();\n}\n");
        assert!(!tight.keyword_space && !tight.block_space);
        let loose = style("while (a) {\n  b();\n}\nif(c) {\n  d();\n}\n");
        assert!(loose.keyword_space && loose.block_space);
        assert!(style("if(a) b();\n").block_space);
        assert!(!style("if(a) b();\n").keyword_space);
    }

    #[test]
    fn an_else_starts_a_line_where_most_do() {
        assert_eq!(style("if (a) {\n  b();\n}\nelse {\n  c();\n}\n").before_else, "\n");
        assert_eq!(style("try {\n  b();\n}\r\ncatch (e) {\n  c();\n}\n").before_else, "\n");
        assert_eq!(style("if(a){\n  b();\n}else{\n  c();\n}\n").before_else, "");
        assert_eq!(style("if (a) {\n  b();\n} else {\n  c();\n}\n").before_else, " ");
        // Behind what is no block it has to.
        assert_eq!(style("if (a) b();\nelse c();\n").before_else, " ");
    }

    #[test]
    fn the_width_is_the_least_that_nearly_all_lines_keep_to() {
        let lines = |count: usize, width: usize| format!("{}\n", "a".repeat(width)).repeat(count);
        assert_eq!(style(&lines(3, 80)).width, 80);
        assert_eq!(style(&lines(3, 90)).width, 100);
        assert_eq!(style(&(lines(99, 60) + &lines(2, 300))).width, 80);
        assert_eq!(style(&lines(3, 300)).width, 120);
    }

    #[test]
    fn the_indent_is_that_of_most_blocks() {
        assert_eq!(style("function f() {\n\treturn 1;\n}\n").indent, "\t");
        assert_eq!(style("function f() {\n    return 1;\n}\n").indent, "    ");
        assert_eq!(style("if (a) {\n   b();\n   if (c) {\n      d();\n   }\n}\n").indent, "   ");
        let mostly_four = "if (a) {\n    b();\n}\nif (a) {\n    b();\n}\nif (a) {\n  b();\n}\n";
        assert_eq!(style(mostly_four).indent, "    ");
    }

    #[test]
    fn blocks_that_are_not_the_first_thing_on_their_line_count_too() {
        assert_eq!(style("foo(function () {\n    bar();\n});\n").indent, "    ");
        assert_eq!(style("class A {\n\tm() {\n\t\treturn 1;\n\t}\n}\n").indent, "\t");
        assert_eq!(style("const o = {\n    a: 1,\n    b: 2,\n};\n").indent, "    ");
        assert_eq!(style("const a = [\n\t1,\n];\nf(\n\t1,\n);\n").indent, "\t");
        assert_eq!(style("switch (a) {\n    case 1:\n        b();\n}\n").indent, "    ");
        assert_eq!(style_of("a.ts", "interface A {\n    b: string;\n}\n").indent, "    ");
    }

    #[test]
    fn a_comment_at_the_head_of_a_block_is_indented_like_its_code() {
        assert_eq!(style("function f() {\n    // why\n    return 1;\n}\n").indent, "    ");
    }

    #[test]
    fn quotes_are_those_of_most_strings_whose_content_leaves_a_choice() {
        assert_eq!(style("a(\"x\", \"y\", 'z');").quote, '"');
        assert_eq!(style("a('x', 'y', \"z\");").quote, '\'');
        // A string that holds one kind of quote is written in the other by everybody.
        assert_eq!(style("a('x'); b(\"it's\"); c(\"don't\");").quote, '\'');
        // Attributes of JSX have double quotes whatever the rest has.
        assert_eq!(style("a('x'); const e = <p id=\"a\" class=\"b\" title=\"c\" />;").quote, '\'');
    }

    #[test]
    fn directives_and_module_names_are_strings_like_others() {
        assert_eq!(style("\"use strict\";\nimport a from \"a\";\n").quote, '"');
    }

    #[test]
    fn semicolons_are_there_when_most_statements_have_them() {
        assert!(style("a();\nb();\nc()\n").semicolons);
        assert!(!style("a()\nb()\nconst c = 1\nreturn\n").semicolons);
        assert!(!style("import a from 'a'\nexport default a\n").semicolons);
        // Statements on one line have to be parted by one, and say nothing.
        assert!(!style("let i = 0; let j = 1\na()\nb()\nc()\n").semicolons);
        assert!(!style("for (let i = 0; i < 1; i++) {}\na()\n").semicolons);
        assert!(!style("if (a) { b(); c() }\nd()\n;[1].map(e)\nf()\n").semicolons);
    }

    #[test]
    fn class_fields_and_throws_show_the_style_too() {
        assert!(!style("class A {\n  a = 1\n  b = 2\n}\nthrow x\n").semicolons);
    }

    #[test]
    fn new_lines_are_those_of_most_lines() {
        assert_eq!(style("a();\r\nb();\r\n").newline, "\r\n");
        assert_eq!(style("a();\r\nb();\nc();\n").newline, "\n");
        assert_eq!(style("a();\rb();\r").newline, "\n");
    }
}
