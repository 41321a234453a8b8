//! The functions of one file as a plan speaks of them: by name, and by whether something outside calls them.

use std::ops::Range;

use crate::syntax::{
    Node, Parsed,
    node::{ancestors, call_parts, is_function, member_parts, named_children, unparenthesized, walk, with_parentheses},
};

/// What calls a function from outside the code that it is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entry {
    /// A request: the function handles a route, or is middleware.
    Request,
    /// A command that somebody typed.
    Command,
    /// An event or a timer.
    Event,
    /// Nobody: the code at the top of a file runs when the file is loaded.
    Load,
}

/// A function that has a name to speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The bytes of the function.
    pub range: Range<usize>,
    /// The line that it starts in, from 1.
    pub line: usize,
    /// What to call it: its name with that of its class or object, or the call that registers it.
    pub name: String,
    /// What calls it from outside, if that can be told from the file.
    pub entry: Option<Entry>,
}

/// The functions of a file, in source order.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    functions: Vec<Named>,
    /// The calls that register something, by where they start and end.
    registrations: Vec<(Range<usize>, Entry)>,
    /// The calls by which adapters reach async functions.
    adapters: Vec<Range<usize>>,
}

/// The name for code that stands in no function.
pub const TOP_LEVEL: &str = "(top level)";

/// How many characters of a route are shown in a name.
const SHOWN_ROUTE: usize = 40;

impl Outline {
    /// The outline of a file.
    pub fn of(file: &Parsed<'_>) -> Self {
        let mut out = Self::default();
        walk(file.root(), |node| {
            if file.too_deep(&node.byte_range()).is_some() {
                return false;
            }
            if is_function(node)
                && let Some((name, entry)) = describe(file, node)
            {
                let line = file.source.position(node.start_byte()).line;
                out.functions.push(Named { range: node.byte_range(), line, name, entry });
            }
            if let Some((entry, _)) = registration(file, node) {
                out.registrations.push((node.byte_range(), entry));
            }
            if is_callbackified(file, node) {
                out.adapters.push(node.byte_range());
            }
            true
        });
        out
    }

    /// What the call with a range registers, if it is one that does.
    pub fn registers(&self, call: &Range<usize>) -> Option<Entry> {
        self.registrations.iter().find(|(range, _)| range == call).map(|(_, entry)| *entry)
    }

    /// The functions, in source order.
    pub fn functions(&self) -> &[Named] {
        &self.functions
    }

    /// The functions that are adapters: their code is in an async function by now.
    pub fn adapters(&self) -> impl Iterator<Item = &Named> {
        self.adapters.iter().filter_map(|range| self.owner(range))
    }

    /// The function that a range belongs to: the innermost around it that has a name. `None` at the top level.
    pub fn owner(&self, range: &Range<usize>) -> Option<&Named> {
        let until = self.functions.partition_point(|f| f.range.start <= range.start);
        self.functions[..until].iter().rev().find(|f| f.range.end >= range.end)
    }
}

/// `util.callbackify(f)`, of which adapters are made.
fn is_callbackified(file: &Parsed<'_>, node: Node<'_>) -> bool {
    call_parts(node).is_some_and(|(callee, _)| {
        let name = member_parts(callee).map_or(callee, |(_, property)| property);
        file.text(name) == "callbackify"
    })
}

/// The name of a function, and what calls it; `None` for one that is only a part of the function around it.
fn describe(file: &Parsed<'_>, function: Node<'_>) -> Option<(String, Option<Entry>)> {
    let outer = with_parentheses(function);
    let parent = outer.parent()?;
    if parent.kind() == "arguments" {
        let call = parent.parent()?;
        let (entry, _) = registration(file, call)?;
        return is_handler(file, function, entry).then(|| (registered_name(file, call), Some(entry)));
    }
    let name = own_name(file, function, outer, parent)?;
    let by_parameters = takes_a_request(file, function).then_some(Entry::Request);
    Some((name, by_parameters))
}

fn own_name(file: &Parsed<'_>, function: Node<'_>, outer: Node<'_>, parent: Node<'_>) -> Option<String> {
    let text = |node: Option<Node<'_>>| node.map(|n| file.text(n).to_owned());
    match function.kind() {
        "function_declaration" | "generator_function_declaration" => {
            return text(function.child_by_field_name("name")).or_else(|| Some("default".to_owned()));
        }
        "method_definition" => {
            let method = file.text(function.child_by_field_name("name")?);
            return Some(match class_name(file, function) {
                Some(class) => format!("{class}.{method}"),
                None => method.to_owned(),
            });
        }
        _ => {}
    }
    match parent.kind() {
        "variable_declarator" => text(parent.child_by_field_name("name").filter(|n| n.kind() == "identifier")),
        "assignment_expression" if parent.child_by_field_name("right") == Some(outer) => {
            assigned_name(file, parent.child_by_field_name("left")?)
        }
        "pair" => text(parent.child_by_field_name("key")).map(|key| key.trim_matches(['\'', '"']).to_owned()),
        "field_definition" | "public_field_definition" => {
            let field = file.text(parent.child_by_field_name("property").or(parent.child_by_field_name("name"))?);
            Some(class_name(file, parent).map_or_else(|| field.to_owned(), |class| format!("{class}.{field}")))
        }
        "export_statement" => Some("default".to_owned()),
        _ => None,
    }
}

/// The name that an assignment gives: `exports.load` is `load`, `Store.prototype.get` stays.
fn assigned_name(file: &Parsed<'_>, left: Node<'_>) -> Option<String> {
    if !matches!(left.kind(), "identifier" | "member_expression") {
        return None;
    }
    let text = file.text(left);
    if text == "module.exports" {
        return Some(text.to_owned());
    }
    let plain = text.strip_prefix("module.exports.").or_else(|| text.strip_prefix("exports.")).unwrap_or(text);
    let is_plain = plain.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '$' | '#'));
    is_plain.then(|| plain.to_owned())
}

fn class_name(file: &Parsed<'_>, member: Node<'_>) -> Option<String> {
    let class = ancestors(member).find(|n| matches!(n.kind(), "class_declaration" | "class" | "object"))?;
    if class.kind() == "object" {
        return None;
    }
    class.child_by_field_name("name").map(|name| file.text(name).to_owned())
}

/// The methods that register a handler of requests with a router.
const ROUTING: [&str; 11] = ["get", "post", "put", "delete", "del", "patch", "head", "options", "all", "use", "param"];

/// What a call registers, and its arguments; `None` if it is no call of that kind.
fn registration<'t>(file: &Parsed<'_>, node: Node<'t>) -> Option<(Entry, Vec<Node<'t>>)> {
    let (callee, arguments) = call_parts(node)?;
    let callee = unparenthesized(callee);
    if callee.kind() == "identifier" {
        let entry = matches!(file.text(callee), "setTimeout" | "setInterval" | "setImmediate").then_some(Entry::Event);
        return entry.map(|entry| (entry, arguments));
    }
    let (object, method) = member_parts(callee)?;
    let entry = match file.text(method) {
        method if ROUTING.contains(&method) && is_router(file, object) => Entry::Request,
        "createServer" => Entry::Request,
        "action" | "handler" => Entry::Command,
        "on" | "once" | "addListener" | "prependListener" | "addEventListener" => Entry::Event,
        _ => return None,
    };
    Some((entry, arguments))
}

/// Whether an expression is called like a router: `app`, `this.router`, `app.route('/x')`.
fn is_router(file: &Parsed<'_>, object: Node<'_>) -> bool {
    let mut object = unparenthesized(object);
    // `app.route('/x').get(…).post(…)`: every step of the chain is the route.
    while let Some((callee, _)) = call_parts(object)
        && let Some((inner, _)) = member_parts(callee)
    {
        object = unparenthesized(inner);
    }
    let name = member_parts(object).map_or(object, |(_, property)| property);
    let name = file.text(name).to_ascii_lowercase();
    ["app", "router", "routes", "server", "api", "route", "express"].iter().any(|word| name.ends_with(word))
}

/// Whether a function that is handed to a registration is what is registered, rather than a callback that tells how
/// the registration went.
fn is_handler(file: &Parsed<'_>, function: Node<'_>, entry: Entry) -> bool {
    let names = parameter_names(file, function);
    match entry {
        Entry::Request => !(names.len() < 3 && names.first().is_some_and(|name| is_error_name(name))),
        _ => true,
    }
}

/// Whether the parameters say that the function handles a request: `(req, res)`, `(err, req, res, next)`.
fn takes_a_request(file: &Parsed<'_>, function: Node<'_>) -> bool {
    let names = parameter_names(file, function);
    let names: Vec<_> = names.iter().map(|name| name.trim_start_matches('_')).collect();
    let is_pair = |pair: &[&str]| matches!(pair, ["req" | "request", "res" | "response"]);
    match names.as_slice() {
        [req, res] | [req, res, _] => is_pair(&[req, res]),
        [err, req, res, _] => is_error_name(err) && is_pair(&[req, res]),
        _ => false,
    }
}

fn parameter_names<'a>(file: &Parsed<'a>, function: Node<'_>) -> Vec<&'a str> {
    if let Some(only) = function.child_by_field_name("parameter") {
        return vec![file.text(only)];
    }
    let Some(list) = function.child_by_field_name("parameters") else { return Vec::new() };
    // In TypeScript a parameter is a pattern with a type beside it.
    let name = |node: Node<'_>| file.text(node.child_by_field_name("pattern").unwrap_or(node));
    named_children(list).into_iter().map(name).collect()
}

fn is_error_name(name: &str) -> bool {
    let name = name.trim_start_matches('_').to_ascii_lowercase();
    matches!(name.as_str(), "e" | "er" | "ex" | "exc") || name.starts_with("err") || name.ends_with("error")
}

/// `app.get('/users')`: the call that registers a function, its route with it.
fn registered_name(file: &Parsed<'_>, call: Node<'_>) -> String {
    let Some((callee, arguments)) = call_parts(call) else { return TOP_LEVEL.to_owned() };
    let callee = match member_parts(unparenthesized(callee)) {
        // A chain of routes would fill the line.
        Some((object, method)) if object.kind() == "call_expression" => format!("….{}", file.text(method)),
        _ => file.text(callee).split_whitespace().collect(),
    };
    let is_text = |node: &&Node<'_>| matches!(node.kind(), "string" | "regex" | "template_string");
    match arguments.first().filter(is_text) {
        Some(route) => {
            let route: String = file.text(*route).chars().take(SHOWN_ROUTE).collect();
            format!("{callee}({route})")
        }
        None => format!("{callee}(…)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;

    fn read(text: &str) -> Outline {
        let source = SourceFile::new("a.ts", text.as_bytes().to_vec()).unwrap();
        Outline::of(&Parsed::new(&source))
    }

    fn outline(text: &str) -> Vec<(String, Option<Entry>)> {
        read(text).functions().iter().map(|f| (f.name.clone(), f.entry)).collect()
    }

    fn names(text: &str) -> Vec<String> {
        outline(text).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn functions_are_called_by_what_they_are_assigned_to() {
        assert_eq!(
            names(
                "function a() {} const b = () => 1; exports.c = function () {}; module.exports.d = async () => {};\n\
                 module.exports = function () {}; Store.prototype.get = function () {};\n\
                 class K { m() {} static f = () => 2; } const o = { p: function () {}, q() {}, 'r-s': () => 3 };\n\
                 x = ((y) => y); export default function () {}"
            ),
            [
                "a",
                "b",
                "c",
                "d",
                "module.exports",
                "Store.prototype.get",
                "K.m",
                "K.f",
                "p",
                "q",
                "r-s",
                "x",
                "default"
            ]
        );
    }

    #[test]
    fn a_callback_is_a_part_of_the_function_around_it() {
        let text = "function load(id, cb) { fs.readFile(id, function (err, text) { cb(err, text) }) }";
        let source = SourceFile::new("a.js", text.as_bytes().to_vec()).unwrap();
        let outline = Outline::of(&Parsed::new(&source));
        let at = text.find("cb(err").unwrap();
        assert_eq!(outline.owner(&(at..at + 5)).unwrap().name, "load");
        assert_eq!(outline.owner(&(0..text.len())).unwrap().name, "load");
        assert_eq!(Outline::default().owner(&(0..1)), None);
    }

    #[test]
    fn what_is_called_from_outside_is_an_entry() {
        let found = outline(
            "app.get('/users', function (req, res) {}); router.use((req, res, next) => {});\n\
             program.command('go').action(() => {}); socket.on('data', d => {}); setInterval(() => {}, 5);\n\
             http.createServer(function (a, b) {}); exports.show = function (req, res) {};\n\
             exports.failed = (err: Error, req: Request, res: Response, next: Next) => {};",
        );
        let found: Vec<_> = found.iter().map(|(name, entry)| (name.as_str(), entry.unwrap())).collect();
        assert_eq!(
            found,
            [
                ("app.get('/users')", Entry::Request),
                ("router.use(…)", Entry::Request),
                ("….action(…)", Entry::Command),
                ("socket.on('data')", Entry::Event),
                ("setInterval(…)", Entry::Event),
                ("http.createServer(…)", Entry::Request),
                ("show", Entry::Request),
                ("failed", Entry::Request),
            ]
        );
    }

    #[test]
    fn a_registration_is_known_by_its_call() {
        let text = "app.route('/x').post(handler);";
        assert_eq!(read(text).registers(&(0..text.len() - 1)), Some(Entry::Request));
        assert_eq!(read(text).registers(&(0..15)), None);
        assert_eq!(read("map.get(handler)").registers(&(0..16)), None);
    }

    #[test]
    fn what_only_looks_like_a_route_is_none() {
        assert_eq!(outline("cache.get('k', function (err, value) {}); map.get(x, () => {});"), []);
        assert_eq!(outline("api.get('/users', function (err, users) {});"), []);
        assert_eq!(outline("function plain(a, b) {}"), [("plain".to_owned(), None)]);
    }
}
