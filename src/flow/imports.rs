//! Names that a rewrite needs at the top of the file: an import in the file's own module style, added once, and
//! helpers declared once below the imports.

use tree_sitter::Node;

use super::{
    classify::{declaration_node, initializer, required_package},
    elsewhere::{Brought, import_edits},
    top::{is_hoisted, is_in_time, runs_own_code},
};
use crate::{
    apis::plain,
    context::Context,
    edit::Edit,
    semantic::BindingId,
    syntax::{
        node::{call_parts, is_comment, is_function, member_parts, named_children, unparenthesized, walk},
        statement::{LINE_ENDS, leading_trivia, may_continue},
    },
};

/// How a file is put together with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modules {
    /// `import` and `export`.
    Esm,
    /// `require` and `module.exports`.
    CommonJs,
}

/// The module style of a file: by its extension, then by what it uses. A file that uses neither is CommonJS in
/// JavaScript and ESM in TypeScript.
pub fn modules(cx: &Context<'_>) -> Modules {
    let extension = cx.file.source.path().extension().and_then(|e| e.to_str()).unwrap_or_default();
    match extension {
        "mjs" | "mts" => return Modules::Esm,
        "cjs" | "cts" => return Modules::CommonJs,
        _ => {}
    }
    let top = named_children(cx.file.root());
    // TypeScript's `import x = require('x')` says nothing: it is allowed in both.
    let is_esm = |n: &Node<'_>| match n.kind() {
        "import_statement" => n.child_by_field_name("source").is_some(),
        kind => kind == "export_statement",
    };
    if top.iter().any(is_esm) {
        return Modules::Esm;
    }
    let commonjs = cx
        .names
        .references()
        .iter()
        .any(|r| r.binding.is_none() && matches!(r.name.as_str(), "require" | "module" | "exports"));
    if commonjs || !cx.file.source.language().has_types() { Modules::CommonJs } else { Modules::Esm }
}

/// A name of a module's export: how a file's own import makes it available.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imported<'a> {
    /// The module, as it is written.
    pub module: &'a str,
    /// The name the module exports it by; `None` for the module as a whole.
    pub export: Option<&'a str>,
}

/// What a name stands for if it comes from another module and is never reassigned: `import …`,
/// `const name = require('m')`, `const { a: name } = require('m')`, `const name = require('m').a`, and the same with
/// `await import('m')`.
pub fn imported<'a>(cx: &Context<'a>, binding: BindingId) -> Option<Imported<'a>> {
    if cx.names.is_reassigned(binding) || cx.names.binding(binding).declarations.len() != 1 {
        return None;
    }
    let name = declaration_node(cx, binding)?;
    let parent = name.parent()?;
    match parent.kind() {
        "import_clause" | "namespace_import" | "import_specifier" | "import_require_clause" => from_import(cx, name),
        "variable_declarator" => {
            let value = initializer(cx, binding)?;
            if let Some(module) = loaded_package(cx, value) {
                return Some(Imported { module, export: None });
            }
            let (object, property) = member_parts(unparenthesized(value))?;
            Some(Imported { module: loaded_package(cx, object)?, export: Some(cx.text(property)) })
        }
        "object_pattern" => from_pattern(cx, parent, cx.text(name)),
        "pair_pattern" => from_pattern(cx, parent.parent()?, cx.text(parent.child_by_field_name("key")?)),
        _ => None,
    }
}

fn from_pattern<'a>(cx: &Context<'a>, pattern: Node<'_>, export: &'a str) -> Option<Imported<'a>> {
    let declarator = pattern.parent().filter(|p| p.kind() == "variable_declarator")?;
    let module = loaded_package(cx, declarator.child_by_field_name("value")?)?;
    Some(Imported { module, export: Some(export) })
}

/// The module that an expression loads: `require('m')`, or `await import('m')`.
fn loaded_package<'a>(cx: &Context<'a>, expression: Node<'_>) -> Option<&'a str> {
    let expression = unparenthesized(expression);
    if expression.kind() != "await_expression" {
        return required_package(cx, expression);
    }
    let (callee, arguments) = call_parts(unparenthesized(*named_children(expression).first()?))?;
    let [package] = arguments.as_slice() else { return None };
    (callee.kind() == "import" && package.kind() == "string").then(|| cx.text(*package).trim_matches(['\'', '"']))
}

fn from_import<'a>(cx: &Context<'a>, name: Node<'_>) -> Option<Imported<'a>> {
    let parent = name.parent()?;
    let statement = crate::syntax::node::ancestors(name).find(|n| n.kind() == "import_statement")?;
    let in_clause = parent.kind() == "import_require_clause";
    let source = if in_clause { parent } else { statement }.child_by_field_name("source")?;
    let module = cx.text(source).trim_matches(['\'', '"']);
    let export = match parent.kind() {
        "import_specifier" => Some(cx.text(parent.child_by_field_name("name")?)),
        _ => None,
    };
    Some(Imported { module, export: export.filter(|e| *e != "default") })
}

/// What a rewrite adds to the top of its file.
#[derive(Clone, Debug, Default)]
pub struct Additions {
    /// Lines to add below the imports, each a statement without its end.
    lines: Vec<String>,
    /// An edit of an import that is there already.
    extended: Option<Edit>,
    /// A name that the code is going to declare itself.
    reserved: Option<String>,
    /// Imports that are added beside others of the same module.
    brought: Vec<Brought>,
    /// Imported names that the code uses less, perhaps no more.
    left: Vec<BindingId>,
    /// The expressions that stand for functions of `util`, by name, once they are known.
    util: Vec<(&'static str, String)>,
}

impl Additions {
    /// Whether the code needs anything from the top of the file.
    pub fn reach_out(&self) -> bool {
        !self.util.is_empty() || !self.lines.is_empty() || self.extended.is_some() || !self.brought.is_empty()
    }

    /// Whether the code calls a function of `util`, by way of the file's imports.
    pub fn uses_util(&self, function: &str) -> bool {
        self.util.iter().any(|(name, _)| *name == function)
    }

    /// Keeps a name free that the code is going to declare itself.
    pub fn reserve(&mut self, name: &str) {
        self.reserved = Some(name.to_owned());
    }

    /// Whether a name is kept free.
    pub(super) fn is_reserved(&self, name: &str) -> bool {
        self.reserved.as_deref() == Some(name)
    }

    /// Whether an import of that name is added beside another one.
    pub(super) fn brings(&self, name: &str) -> bool {
        self.brought.iter().any(|b| b.name == name)
    }

    /// Adds an import beside another one of the same module, once.
    pub(super) fn bring(&mut self, brought: Brought) {
        if !self.brought.contains(&brought) {
            self.brought.push(brought);
        }
    }

    /// Notes that the code goes by another name than an imported one.
    pub(super) fn leave(&mut self, binding: BindingId) {
        self.left.push(binding);
    }

    /// The expression for `util.promisify` at a place in the file.
    pub fn promisify(&mut self, cx: &Context<'_>, at: usize) -> Option<String> {
        self.util(cx, "promisify", at)
    }

    /// The expression for a function of `util` at a place in the file; arranges for the import if there is none.
    /// `None` where no free name is left for it.
    pub fn util(&mut self, cx: &Context<'_>, function: &'static str, at: usize) -> Option<String> {
        if let Some((_, known)) = self.util.iter().find(|(name, _)| *name == function) {
            return Some(known.clone());
        }
        let whole = self.util.iter().find_map(|(name, text)| text.strip_suffix(name)?.strip_suffix('.'));
        let expression = whole
            .map(|whole| format!("{whole}.{function}"))
            .or_else(|| existing(cx, function, at))
            .or_else(|| self.extend_import(cx, function))
            .or_else(|| self.add_import(cx, function))?;
        self.util.push((function, expression.clone()));
        Some(expression)
    }

    /// The name of a helper `const name = expression` at the top of the file; an existing one is used again. `None`
    /// where the name is taken, or where what the expression needs is declared (at `declared`) below the imports.
    pub fn helper(&mut self, cx: &Context<'_>, name: &str, expression: &str, declared: usize) -> Option<String> {
        if let Some(existing) = declared_as(cx, expression) {
            return Some(existing);
        }
        let imported = last_import(cx).map_or(0, |n| n.end_byte());
        // What it is made by may have been imported further down: `util.promisify(fs.open)`.
        let maker =
            expression.split(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '$')).next().unwrap_or_default();
        let maker = top_binding(cx, maker).and_then(|binding| import_statement(cx, binding));
        if declared > imported || maker.is_some_and(|import| !is_hoisted(import) && import.start_byte() > imported) {
            return None;
        }
        let line = format!("{} {name} = {expression}", keyword(cx));
        if self.lines.contains(&line) {
            return Some(name.to_owned());
        }
        if is_name_used(cx, name) || self.reserved.as_deref() == Some(name) {
            return None;
        }
        self.lines.push(line);
        Some(name.to_owned())
    }

    /// The name for the default export of a module, which is its whole in CommonJS: that of an import that is there, or
    /// of a new one. `None` where the name is taken.
    pub fn whole(&mut self, cx: &Context<'_>, module: &str, name: &str) -> Option<String> {
        if let Some(there) = imported_as(cx, module, None) {
            return Some(there);
        }
        let line = match modules(cx) {
            Modules::Esm => format!("import {name} from {}", quoted(cx, module)),
            Modules::CommonJs => format!("{} {name} = require({})", keyword(cx), quoted(cx, module)),
        };
        self.import_line(cx, name, line)
    }

    /// The name for an export of a module: that of an import that is there, or of a new one. Should the export's own
    /// name be taken, it is imported as the first of `others` that is not.
    pub fn named(&mut self, cx: &Context<'_>, module: &str, export: &str, others: &[&str]) -> Option<String> {
        if let Some(there) = imported_as(cx, module, Some(export)) {
            return Some(there);
        }
        [&[export], others].concat().into_iter().find_map(|name| {
            let source = quoted(cx, module);
            let line = match modules(cx) {
                Modules::Esm if name == export => format!("import {{ {export} }} from {source}"),
                Modules::Esm => format!("import {{ {export} as {name} }} from {source}"),
                Modules::CommonJs if name == export => format!("{} {{ {export} }} = require({source})", keyword(cx)),
                Modules::CommonJs => format!("{} {{ {export}: {name} }} = require({source})", keyword(cx)),
            };
            self.import_line(cx, name, line)
        })
    }

    fn import_line(&mut self, cx: &Context<'_>, name: &str, line: String) -> Option<String> {
        if !self.lines.contains(&line) {
            if is_name_used(cx, name) || self.reserved.as_deref() == Some(name) {
                return None;
            }
            self.lines.push(line);
        }
        Some(name.to_owned())
    }

    /// The edits that make the additions. `others` are the other edits of the change: an import that they leave without
    /// a use goes.
    pub fn edits(&self, cx: &Context<'_>, others: &[Edit]) -> Vec<Edit> {
        let mut edits: Vec<_> = self.extended.iter().cloned().collect();
        edits.extend(import_edits(cx, &self.brought, &self.left, others));
        if !self.lines.is_empty() {
            let lines = insertion(cx, &self.lines);
            // Both may go behind the same import.
            match edits.iter_mut().find(|e| e.range == lines.range && e.range.is_empty()) {
                Some(edit) => edit.text.push_str(&lines.text),
                None => edits.push(lines),
            }
        }
        edits
    }

    /// `import { inspect } from 'util'` -> `import { inspect, promisify } from 'util'`, and the same for `require`.
    fn extend_import(&mut self, cx: &Context<'_>, function: &'static str) -> Option<String> {
        if is_name_used(cx, function) {
            return None;
        }
        for statement in named_children(cx.file.root()) {
            let list = match statement.kind() {
                "import_statement" => import_list(cx, statement),
                "lexical_declaration" | "variable_declaration" => required_pattern(cx, statement),
                _ => None,
            };
            let Some(last) = list.and_then(|l| named_children(l).last().copied()) else { continue };
            if matches!(last.kind(), "rest_pattern") || !is_in_time(cx, statement) {
                continue;
            }
            match &mut self.extended {
                Some(edit) => edit.text.push_str(&format!(", {function}")),
                None => self.extended = Some(Edit::insert(last.end_byte(), format!(", {function}"))),
            }
            return Some(function.to_owned());
        }
        None
    }

    fn add_import(&mut self, cx: &Context<'_>, function: &'static str) -> Option<String> {
        let quote = cx.style.quote;
        let prefix = if uses_node_prefix(cx) { "node:" } else { "" };
        let module = format!("{quote}{prefix}util{quote}");
        let free = |name: &&&str| !is_name_used(cx, name);
        if modules(cx) == Modules::Esm {
            let last = self.lines.iter_mut().find(|l| l.starts_with("import {") && l.ends_with(&module));
            if free(&&function) {
                match last {
                    Some(line) => *line = line.replace(" } from", &format!(", {function} }} from")),
                    None => self.lines.push(format!("import {{ {function} }} from {module}")),
                }
                return Some(function.to_owned());
            }
            let capital = format!("{}{}", function[..1].to_ascii_uppercase(), &function[1..]);
            let name = ["node", "util"].iter().map(|p| format!("{p}{capital}")).find(|n| !is_name_used(cx, n))?;
            match last {
                Some(line) => *line = line.replace(" } from", &format!(", {function} as {name} }} from")),
                None => self.lines.push(format!("import {{ {function} as {name} }} from {module}")),
            }
            return Some(name);
        }
        let name = ["util", "nodeUtil"].iter().find(free)?;
        self.lines.push(format!("{} {name} = require({module})", keyword(cx)));
        Some(format!("{name}.{function}"))
    }
}

fn quoted(cx: &Context<'_>, module: &str) -> String {
    format!("{0}{module}{0}", cx.style.quote)
}

/// The name by which a file imports an export at its top already; `None` as the export is the module's default.
fn imported_as(cx: &Context<'_>, module: &str, export: Option<&str>) -> Option<String> {
    let mut top = cx.names.bindings().filter(|(_, b)| cx.names.scope(b.scope).parent.is_none());
    let is_it = |import: Imported<'_>| import.module == module && import.export == export;
    top.find_map(|(id, binding)| imported(cx, id).filter(|i| is_it(*i)).map(|_| binding.name.clone()))
}

/// The modules that a file's top-level statements import, as they are written.
pub fn specifiers<'a>(cx: &Context<'a>) -> Vec<&'a str> {
    let mut out = Vec::new();
    for statement in named_children(cx.file.root()) {
        match statement.kind() {
            "import_statement" | "export_statement" => {
                out.extend(statement.child_by_field_name("source").map(|s| cx.text(s).trim_matches(['\'', '"'])));
            }
            "lexical_declaration" | "variable_declaration" => walk(statement, |n| {
                out.extend(required_package(cx, n));
                !crate::syntax::node::is_function(n)
            }),
            _ => {}
        }
    }
    out
}

/// Whether a name is declared or used anywhere in the file, so that a new one at the top would clash somewhere.
pub(super) fn is_name_used(cx: &Context<'_>, name: &str) -> bool {
    cx.names.references().iter().any(|r| r.name == name) || cx.names.bindings().any(|(_, b)| b.name == name)
}

/// `var` where the file has no `const` or `let` at its top.
fn keyword(cx: &Context<'_>) -> &'static str {
    let top = named_children(cx.file.root());
    let has = |kind: &str| top.iter().any(|n| n.kind() == kind);
    if has("variable_declaration") && !has("lexical_declaration") { "var" } else { "const" }
}

fn uses_node_prefix(cx: &Context<'_>) -> bool {
    let mut found = false;
    for statement in named_children(cx.file.root()) {
        let is_import = matches!(statement.kind(), "import_statement" | "lexical_declaration" | "variable_declaration");
        found |= is_import && {
            let text = cx.text(statement);
            text.contains("'node:") || text.contains("\"node:")
        };
    }
    found
}

/// An expression that already stands for a function of `util` at a place: by an import whose name means itself there.
fn existing(cx: &Context<'_>, function: &str, at: usize) -> Option<String> {
    let here = cx.names.scope_at(at);
    let top: Vec<_> = cx.names.bindings().filter(|(_, b)| cx.names.scope(b.scope).parent.is_none()).collect();
    top.into_iter().find_map(|(id, binding)| {
        let import = imported(cx, id).filter(|i| plain(i.module) == "util")?;
        let means_itself = cx.names.resolve(&binding.name, here) == Some(id);
        if !means_itself || !import_statement(cx, id).is_some_and(|statement| is_in_time(cx, statement)) {
            return None;
        }
        match import.export {
            None => Some(format!("{}.{function}", binding.name)),
            Some(name) if name == function => Some(binding.name.clone()),
            Some(_) => None,
        }
    })
}

/// The braces of `import { … } from 'util'`; a type-only import has no values.
fn import_list<'a>(cx: &Context<'a>, statement: Node<'a>) -> Option<Node<'a>> {
    let source = statement.child_by_field_name("source")?;
    let is_util = plain(cx.text(source).trim_matches(['\'', '"'])) == "util";
    if !is_util || crate::syntax::node::has_token(statement, "type") {
        return None;
    }
    let clause = named_children(statement).into_iter().find(|c| c.kind() == "import_clause")?;
    named_children(clause).into_iter().find(|c| c.kind() == "named_imports")
}

/// The pattern of `const { … } = require('util')`.
fn required_pattern<'a>(cx: &Context<'a>, statement: Node<'a>) -> Option<Node<'a>> {
    named_children(statement).into_iter().find_map(|declarator| {
        let value = declarator.child_by_field_name("value")?;
        let pattern = declarator.child_by_field_name("name").filter(|n| n.kind() == "object_pattern")?;
        (plain(required_package(cx, value)?) == "util").then_some(pattern)
    })
}

/// A top-level name that is declared as an expression already: `const readFileAsync = promisify(readFile)`.
fn declared_as(cx: &Context<'_>, expression: &str) -> Option<String> {
    let mut bindings = cx.names.bindings().filter(|(_, b)| cx.names.scope(b.scope).parent.is_none());
    bindings.find_map(|(id, binding)| {
        if cx.names.is_reassigned(id) {
            return None;
        }
        let value = initializer(cx, id)?;
        let statement = value.parent()?.parent()?;
        let at_top = statement.parent().is_some_and(|p| p.kind() == "program");
        (at_top && cx.text(value) == expression).then(|| binding.name.clone())
    })
}

/// Whether a top-level statement brings in other modules: `import`, or a declaration that requires something.
fn is_import(cx: &Context<'_>, statement: Node<'_>) -> bool {
    match statement.kind() {
        "import_statement" => true,
        "lexical_declaration" | "variable_declaration" => {
            let mut found = false;
            walk(statement, |n| {
                found |= required_package(cx, n).is_some();
                !found && !is_function(n)
            });
            found
        }
        _ => false,
    }
}

/// The variable of a name at the top of the file.
fn top_binding(cx: &Context<'_>, name: &str) -> Option<BindingId> {
    let mut bindings = cx.names.bindings();
    bindings.find(|(_, b)| b.name == name && cx.names.scope(b.scope).parent.is_none()).map(|(id, _)| id)
}

/// The top-level statement that declares an imported name. `None` where that is done further in, and so perhaps not at
/// all.
fn import_statement<'a>(cx: &Context<'a>, binding: BindingId) -> Option<Node<'a>> {
    let declared = cx.names.binding(binding).declarations.first()?.start;
    let statement = named_children(cx.file.root()).into_iter().find(|s| s.byte_range().contains(&declared))?;
    is_import(cx, statement).then_some(statement)
}

/// The last import of those that open the file. Declarations may stand between them; behind the first function,
/// class or other code, what is added might come too late.
fn last_import<'a>(cx: &Context<'a>) -> Option<Node<'a>> {
    let opens = |n: &Node<'_>| match n.kind() {
        "hash_bang_line" | "import_statement" => true,
        "lexical_declaration" | "variable_declaration" => !runs_own_code(cx, *n),
        "expression_statement" => {
            n.named_child(0).is_some_and(|e| e.kind() == "string" || required_package(cx, e).is_some())
        }
        kind => kind.ends_with("alias_declaration") || kind == "interface_declaration",
    };
    let statements = named_children(cx.file.root());
    statements.into_iter().take_while(opens).filter(|s| is_import(cx, *s)).last()
}

/// The insertion of lines behind the last import; at the top, below a licence comment and directives, where there
/// is none.
fn insertion(cx: &Context<'_>, lines: &[String]) -> Edit {
    let newline = cx.style.newline;
    let (imports, helpers): (Vec<&String>, Vec<&String>) = lines.iter().partition(|l| is_import_line(l));
    let first_is_import = !imports.is_empty();
    let blocks = |end: &str| {
        let join = |lines: &[&String]| lines.iter().map(|l| format!("{l}{end}")).collect::<Vec<_>>().join(newline);
        let blocks: Vec<_> = [&imports, &helpers].iter().filter(|b| !b.is_empty()).map(|b| join(b)).collect();
        blocks.join(&newline.repeat(2))
    };
    if let Some(import) = last_import(cx) {
        let helper = last_helper(cx, import);
        // An import joins the imports and a helper the helpers; the first helper is set off by an empty line.
        let (anchor, gap) = match helper.filter(|_| !first_is_import) {
            None if first_is_import => (import, newline.to_owned()),
            Some(helper) => (helper, newline.to_owned()),
            None => (import, newline.repeat(2)),
        };
        let at = line_end(cx, anchor.end_byte());
        // What follows is parted from the line in front as that line ends, whatever the rest of the file does.
        let is_ended = cx.text(anchor).strip_suffix(';').is_some_and(|line| line.trim_end() == line);
        let end = if is_ended { ";" } else { "" };
        return Edit::insert(at, format!("{gap}{}", blocks(end)));
    }
    let at = top(cx);
    let rest = cx.slice(at..cx.file.source.bytes().len());
    let may_go_on = may_continue(&rest[leading_trivia(rest)..]);
    let end = if cx.style.semicolons || may_go_on { ";" } else { "" };
    Edit::insert(at, format!("{}{}", blocks(end), newline.repeat(2)))
}

fn is_import_line(line: &str) -> bool {
    line.starts_with("import ") || line.contains(" = require(")
}

/// The last of the helpers that stand right below the imports.
fn last_helper<'a>(cx: &Context<'a>, import: Node<'a>) -> Option<Node<'a>> {
    let below = named_children(cx.file.root()).into_iter().filter(|n| n.start_byte() > import.start_byte());
    let is_helper = |statement: &Node<'_>| {
        named_children(*statement)
            .into_iter()
            .filter_map(|d| d.child_by_field_name("value"))
            .any(|v| call_parts(v).is_some_and(|(callee, _)| cx.text(callee).ends_with("promisify")))
    };
    below.take_while(is_helper).last()
}

/// The end of the line on which a statement ends, so that a comment behind it stays with it. Where another statement
/// follows on the same line, the end of the statement.
fn line_end(cx: &Context<'_>, end: usize) -> usize {
    let rest = cx.slice(end..cx.file.source.bytes().len());
    let line = rest.split(LINE_ENDS).next().unwrap_or(rest);
    let is_comment = line.trim().is_empty() || line.trim_start().starts_with("//");
    if is_comment { end + line.trim_end().len() } else { end }
}

/// Whether a comment says whose the file is, and what others may do with it; or what tools are to make of the whole file, which
/// some of them look for above all code.
fn is_licence(comment: &str) -> bool {
    let text = comment.to_ascii_lowercase();
    let signs = ["copyright", "@license", "@preserve", "licensed under", "mit license", "spdx-license"];
    let pragmas = ["@flow", "@noflow", "@ts-check", "@ts-nocheck", "@jest-environment", "@jsx", "@format"];
    let signs = signs.iter().chain(&pragmas);
    signs.copied().any(|sign| text.contains(sign))
}

/// Where a file's first own statement starts: below a `#!` line, the comment at the top and directives.
fn top(cx: &Context<'_>) -> usize {
    let mut cursor = cx.file.root().walk();
    let children: Vec<_> = cx.file.root().named_children(&mut cursor).collect();
    let is_directive =
        |n: &Node<'_>| n.kind() == "expression_statement" && n.named_child(0).is_some_and(|e| e.kind() == "string");
    let directives = children.iter().rposition(is_directive).map_or(0, |i| i + 1);
    let mut at = directives;
    if directives == 0 {
        while children.get(at).is_some_and(|n| n.kind() == "hash_bang_line") {
            at += 1;
        }
        let next_is_apart = |comment: &Node<'_>, next: Option<&Node<'_>>| {
            next.is_some_and(|n| cx.slice(comment.end_byte()..n.start_byte()).matches('\n').count() > 1)
        };
        // A comment right above a statement belongs to it; one that stands apart is the file's own, as a licence is.
        let comments = (at..children.len()).take_while(|i| is_comment(children[*i]));
        let is_last =
            |i: &usize| is_licence(cx.text(children[*i])) || next_is_apart(&children[*i], children.get(i + 1));
        if let Some(mut last) = comments.clone().filter(is_last).last() {
            // A licence in several comments, a line each.
            while comments.clone().any(|i| i == last + 1) && !next_is_apart(&children[last], children.get(last + 1)) {
                last += 1;
            }
            at = last + 1;
        }
    }
    children.get(at).map_or(cx.file.source.bytes().len(), |n| n.start_byte())
}
