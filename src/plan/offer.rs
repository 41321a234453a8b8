//! What keeps a code base where a migration has brought it: lint rules, and a handler for rejections that nobody
//! handles. They are offered, never applied: which rules a project lives by is for its people to say.

use crate::{
    source::{SourceFile, Style},
    syntax::{
        Node, Parsed,
        node::{call_parts, member_parts, named_children, unparenthesized},
    },
};

/// A rule of ESLint, and the plugin that has to be there for it.
#[derive(Clone, Copy, Debug)]
struct Rule {
    id: &'static str,
    /// What a configuration mentions that uses the plugin; nothing for ESLint's own rules.
    plugin: &'static [&'static str],
}

/// How a configuration names the plugin of rules about promises.
const PROMISE: &[&str] = &["plugin:promise/", "eslint-plugin-promise", "'promise'", "\"promise\""];

/// The rules that find what a migration has removed.
const RULES: [Rule; 4] = [
    Rule { id: "no-async-promise-executor", plugin: &[] },
    Rule { id: "@typescript-eslint/no-floating-promises", plugin: &["typescript-eslint"] },
    Rule { id: "promise/prefer-await-to-callbacks", plugin: PROMISE },
    Rule { id: "promise/prefer-await-to-then", plugin: PROMISE },
];

/// The rule that is worth a plugin where a project has none.
pub const FLOATING: &str = "@typescript-eslint/no-floating-promises";

/// The names of the files that ESLint is configured by and that can be changed here, the newest form first.
pub const LINT_CONFIGS: [&str; 8] = [
    "eslint.config.js",
    "eslint.config.mjs",
    "eslint.config.cjs",
    "eslint.config.ts",
    ".eslintrc.js",
    ".eslintrc.cjs",
    ".eslintrc.json",
    ".eslintrc",
];

/// A configuration of ESLint with the rules that fit it and that it does not mention yet; `None` if there are none, or
/// if the file has a form that is not understood.
///
/// `text` is JavaScript, TypeScript or JSON with or without comments, as `name` says.
pub fn lint_rules(name: &str, text: &str) -> Option<String> {
    let is_json = name == ".eslintrc" || name.ends_with(".json");
    // An object stands for a value only where one is expected.
    let (before, after) = if is_json { ("(", ")") } else { ("", "") };
    let code = format!("{before}{text}{after}");
    let source = SourceFile::new("config.ts", code.into_bytes()).ok()?;
    let file = Parsed::new(&source);
    if !file.errors().is_empty() {
        return None;
    }
    let fits = |rule: &&Rule| {
        (rule.plugin.is_empty() || rule.plugin.iter().any(|name| text.contains(name))) && !text.contains(rule.id)
    };
    let rules: Vec<&str> = RULES.iter().filter(fits).map(|rule| rule.id).collect();
    if rules.is_empty() {
        return None;
    }
    let value = configuration(&file)?;
    let style = Style { quote: if is_json { '"' } else { file.style().quote }, ..file.style() };
    let (at, new) = match value.kind() {
        "array" => in_list(&file, value, &rules, &style)?,
        "object" => in_object(&file, value, &rules, &style, is_json)?,
        _ => return None,
    };
    let at = at - before.len();
    Some(format!("{}{new}{}", &text[..at], &text[at..]))
}

/// The value that a file exports, or is: an object, or a list of them, also through a function that takes such a list.
fn configuration<'t>(file: &'t Parsed<'_>) -> Option<Node<'t>> {
    let value = named_children(file.root()).into_iter().rev().find_map(|statement| match statement.kind() {
        "export_statement" => statement.child_by_field_name("value"),
        "expression_statement" => {
            let expression = *named_children(statement).first()?;
            if expression.kind() != "assignment_expression" {
                return (expression.kind() == "parenthesized_expression").then(|| unparenthesized(expression));
            }
            let left = expression.child_by_field_name("left")?;
            (file.text(left) == "module.exports").then(|| expression.child_by_field_name("right"))?
        }
        _ => None,
    })?;
    let value = unparenthesized(value);
    match call_parts(value) {
        Some((_, arguments)) => arguments.first().copied().filter(|a| a.kind() == "array"),
        None => Some(value),
    }
}

/// A further entry of a list of configurations.
fn in_list(file: &Parsed<'_>, list: Node<'_>, rules: &[&str], style: &Style) -> Option<(usize, String)> {
    let last = *named_children(list).last()?;
    let indent = file.source.indent_at(last.start_byte());
    let Style { indent: step, newline, .. } = style;
    let inner = format!("{indent}{step}{step}");
    let lines = lines(rules, &inner, style);
    let text = format!(
        ",{newline}{indent}{{{newline}{indent}{step}rules: {{{newline}{lines}{newline}{indent}{step}}}{newline}{indent}}}"
    );
    Some((last.end_byte(), text))
}

/// Rules in a configuration's `rules`, which are made where there are none.
fn in_object(
    file: &Parsed<'_>,
    object: Node<'_>,
    rules: &[&str],
    style: &Style,
    is_json: bool,
) -> Option<(usize, String)> {
    let members = named_children(object);
    let key = |node: &Node<'_>| node.child_by_field_name("key").map(|k| file.text(k).trim_matches(['"', '\'']));
    let own = members.iter().find(|m| m.kind() == "pair" && key(m) == Some("rules"));
    let Style { indent: step, newline, .. } = style;
    let Some(own) = own else {
        let last = *members.last()?;
        let indent = file.source.indent_at(last.start_byte());
        let name = if is_json { "\"rules\"" } else { "rules" };
        let lines = lines(rules, &format!("{indent}{step}"), style);
        return Some((last.end_byte(), format!(",{newline}{indent}{name}: {{{newline}{lines}{newline}{indent}}}")));
    };
    let value = own.child_by_field_name("value").filter(|v| v.kind() == "object")?;
    match named_children(value).last() {
        Some(last) => {
            let lines = lines(rules, file.source.indent_at(last.start_byte()), style);
            Some((last.end_byte(), format!(",{newline}{lines}")))
        }
        None => {
            let indent = file.source.indent_at(own.start_byte());
            let lines = lines(rules, &format!("{indent}{step}"), style);
            Some((value.start_byte() + 1, format!("{newline}{lines}{newline}{indent}")))
        }
    }
}

fn lines(rules: &[&str], indent: &str, style: &Style) -> String {
    let quote = style.quote;
    let line = |rule: &&str| format!("{indent}{quote}{rule}{quote}: {quote}error{quote}");
    rules.iter().map(line).collect::<Vec<_>>().join(&format!(",{}", style.newline))
}

/// The file that a program starts with, with a handler for rejections that nobody handles in front of its code; `None`
/// if it has one, or can't be read.
pub fn rejection_handler(source: &SourceFile) -> Option<Vec<u8>> {
    if source.text().contains("unhandledRejection") {
        return None;
    }
    let file = Parsed::new(source);
    if !file.errors().is_empty() {
        return None;
    }
    let mut first = None;
    let mut after = None;
    for statement in named_children(file.root()) {
        match statement.kind() {
            "hash_bang_line" | "import_statement" => after = Some(statement),
            "expression_statement" if is_directive(statement) => after = Some(statement),
            _ if is_require(&file, statement) => after = Some(statement),
            _ => {
                first = Some(statement);
                break;
            }
        }
    }
    first.or(after)?;
    let Style { indent, quote, semicolons, newline, .. } = file.style();
    let end = if semicolons { ";" } else { "" };
    let handler = format!(
        "process.on({quote}unhandledRejection{quote}, error => {{{newline}{indent}console.error(error){end}{newline}\
         {indent}process.exit(1){end}{newline}}}){end}{newline}"
    );
    let text = source.bytes();
    let at = match after {
        Some(node) => {
            text[node.end_byte()..].iter().position(|b| *b == b'\n').map_or(text.len(), |n| node.end_byte() + n + 1)
        }
        None => 0,
    };
    let gap = if at == 0 { "" } else { newline };
    Some(
        [&text[..at], gap.as_bytes(), handler.as_bytes(), if at == 0 { newline.as_bytes() } else { b"" }, &text[at..]]
            .concat(),
    )
}

fn is_directive(statement: Node<'_>) -> bool {
    named_children(statement).first().is_some_and(|e| e.kind() == "string")
}

/// Whether a statement does nothing but take other modules in.
fn is_require(file: &Parsed<'_>, statement: Node<'_>) -> bool {
    if !matches!(statement.kind(), "lexical_declaration" | "variable_declaration") {
        return false;
    }
    named_children(statement).into_iter().all(|declarator| {
        let value = declarator.child_by_field_name("value").map(unparenthesized);
        let object = value.map(|v| member_parts(v).map_or(v, |(object, _)| object));
        object.and_then(call_parts).is_some_and(|(callee, _)| file.text(callee) == "require")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_go_into_the_rules_that_are_there() {
        let before = "{\n  // ours\n  \"plugins\": [\"promise\"],\n  \"rules\": {\n    \"semi\": 2\n  }\n}\n";
        let after = "{\n  // ours\n  \"plugins\": [\"promise\"],\n  \"rules\": {\n    \"semi\": 2,\n    \
                     \"no-async-promise-executor\": \"error\",\n    \
                     \"promise/prefer-await-to-callbacks\": \"error\",\n    \"promise/prefer-await-to-then\": \"error\"\n  }\n}\n";
        assert_eq!(lint_rules(".eslintrc.json", before).unwrap(), after);
        assert_eq!(lint_rules(".eslintrc", after), None, "a second time there is nothing to offer");
    }

    #[test]
    fn rules_are_made_where_there_are_none() {
        assert_eq!(
            lint_rules(".eslintrc.js", "module.exports = {\n    root: true\n}\n").unwrap(),
            "module.exports = {\n    root: true,\n    rules: {\n        'no-async-promise-executor': 'error'\n    }\n}\n"
        );
        let empty = "module.exports = {\n  rules: {}\n};\n";
        assert!(
            lint_rules(".eslintrc.cjs", empty)
                .unwrap()
                .contains("rules: {\n    'no-async-promise-executor': 'error'\n")
        );
    }

    #[test]
    fn a_list_of_configurations_gets_one_more() {
        let before = "import js from \"@eslint/js\";\nimport ts from \"typescript-eslint\";\n\nexport default \
                      defineConfig([\n  js.configs.recommended,\n  ts.configs.recommended,\n]);\n";
        let after = lint_rules("eslint.config.mjs", before).unwrap();
        let entry = "  ts.configs.recommended,\n  {\n    rules: {\n      \"no-async-promise-executor\": \"error\",\n      \"@typescript-eslint/no-floating-promises\": \
                     \"error\"\n    }\n  },\n]);\n";
        assert!(after.ends_with(entry), "{after}");
    }

    #[test]
    fn what_is_not_understood_is_left_alone() {
        for (name, text) in [
            ("eslint.config.js", "module.exports = make();\n"),
            ("eslint.config.js", "module.exports = [\n"),
            (".eslintrc", "root: true\nrules:\n  semi: 2\n"),
            (".eslintrc.json", "{}"),
        ] {
            assert_eq!(lint_rules(name, text), None, "{text}");
        }
    }

    fn handled(text: &str) -> Option<String> {
        let source = SourceFile::new("bin.js", text.as_bytes().to_vec()).unwrap();
        rejection_handler(&source).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn the_handler_stands_behind_the_imports_and_in_front_of_the_code() {
        let handler = "process.on('unhandledRejection', error => {\n  console.error(error);\n  process.exit(1);\n});\n";
        let head = "#!/usr/bin/env node\n'use strict';\n\nconst fs = require('fs');\n";
        let code = "\nmain();\n";
        assert_eq!(handled(&format!("{head}{code}")).unwrap(), format!("{head}\n{handler}{code}"));
        assert_eq!(handled("main();\n").unwrap(), format!("{handler}\nmain();\n"));
        assert!(handled("import x from 'x'\nx()\n").unwrap().starts_with("import x from 'x'\n\nprocess.on('unhandled"));
    }

    #[test]
    fn a_handler_that_is_there_is_enough() {
        assert_eq!(handled("process.once('unhandledRejection', fail);\n"), None);
        assert_eq!(handled("main(;\n"), None);
        assert_eq!(handled("// nothing\n"), None);
    }
}
