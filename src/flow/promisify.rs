//! The promise form of a call that takes an error-first callback.

use tree_sitter::Node;

use super::{
    Keyword, Stmt, Text,
    callback::{adapter, is_no_function, leaves_with_first, takes_callback},
    chain::parameters,
    classify::{called_function, cannot_throw, declaration_node, initializer},
    descriptor::may_be_descriptor,
    elsewhere::elsewhere,
    imports::{Additions, imported},
    known::{binding_of, builtin, export_of},
    scope::Renames,
    settle::{InPlace, OwnForm},
    signature::may_be_untold,
};
use crate::{
    apis::{Api, Form},
    context::Context,
    edit::{Refusal, RefusalCode},
    project::{FormResult, is_builtin},
    semantic::{BindingId, BindingKind},
    syntax::node::{
        ancestors, call_parts, has_token, is_function, member_parts, named_children, unparenthesized, walk,
        with_parentheses,
    },
};

/// A call with an error-first callback, taken apart.
#[derive(Clone, Debug)]
pub struct Call<'t> {
    /// The call.
    pub node: Node<'t>,
    /// What is called.
    pub callee: Node<'t>,
    /// The arguments in front of the callback.
    pub arguments: Vec<Node<'t>>,
}

/// The promise form of a call.
#[derive(Clone, Debug)]
pub struct Promised {
    /// What has to be evaluated before it: a receiver that is used twice.
    pub setup: Option<Stmt>,
    /// The expression.
    pub text: Text,
    /// Whether evaluating it can't throw, so that every failure is a rejection.
    pub quiet: bool,
    /// Whether it is fulfilled with `undefined`.
    pub void: bool,
    /// Where it is fulfilled with an object of several results: their names.
    pub keys: Option<Vec<String>>,
    /// Whether its value is nothing that the callback gets.
    pub drops: bool,
    /// Statements that do the same, where they can stand in front.
    pub in_place: Option<InPlace>,
    /// Whether it is fulfilled with a list of the results.
    pub is_list: bool,
    /// Whether the call stands in the executor of a promise, which takes what its arguments throw for a failure.
    pub in_executor: bool,
    /// Whether TypeScript may not know its type.
    pub is_untold: bool,
}

impl Promised {
    /// A promise of one result, of which nothing else is known.
    pub fn of(text: Text) -> Self {
        Self {
            setup: None,
            text,
            quiet: false,
            void: false,
            keys: None,
            drops: false,
            in_place: None,
            is_list: false,
            in_executor: false,
            is_untold: false,
        }
    }
}

/// Whether the first parameter of a callback is named like an error.
pub fn is_error_name(name: &str) -> bool {
    let name = name.trim_start_matches('_').trim_end_matches(|c: char| c.is_ascii_digit());
    let lower = name.to_ascii_lowercase();
    matches!(lower.as_str(), "e" | "er" | "ex" | "err" | "error" | "exception")
        || (name.ends_with("Err") || name.ends_with("Error") || name.starts_with("err") || name.starts_with("error"))
            && !lower.starts_with("errors")
}

/// Whether a function's first parameter is named like an error, or certainly treated as one.
pub fn has_error_parameter(cx: &Context<'_>, function: Node<'_>) -> bool {
    let Some(first) = parameters(function).first().copied() else { return false };
    let name = first.child_by_field_name("pattern").unwrap_or(first);
    name.kind() == "identifier" && (is_error_name(cx.text(name)) || leaves_with_first(cx, function))
}

/// Whether a call with these arguments in front of its callback hands over no result.
pub fn hands_nothing(cx: &Context<'_>, api: &Api, arguments: &[Node<'_>]) -> bool {
    let Some(option) = &api.result_with else { return api.void };
    // Options behind the first argument: nothing, a mode, or an object in which all can be seen.
    arguments.iter().skip(1).all(|argument| match argument.kind() {
        "number" | "string" => true,
        "object" => named_children(*argument).iter().all(|member| {
            let name = member.child_by_field_name("key").unwrap_or(*member);
            is_plain_name(name) && cx.text(name) != option
        }),
        _ => false,
    })
}

/// The name of a member, as it is written where it is neither worked out nor spread.
fn is_plain_name(name: Node<'_>) -> bool {
    matches!(name.kind(), "property_identifier" | "shorthand_property_identifier")
}

/// Whether a function of this file that is called calls its callback with something else than an error first.
pub fn is_contradicted(cx: &Context<'_>, call: &Call<'_>) -> bool {
    let Some(function) = called_function(cx, call.callee) else { return false };
    let Some(parameter) = parameters(function).get(call.arguments.len()).copied() else { return false };
    let name = parameter.child_by_field_name("pattern").unwrap_or(parameter);
    let Some(binding) = cx.names.declared_at(name.start_byte()) else { return false };
    cx.names.binding(binding).references.iter().any(|r| {
        let range = &cx.names.reference(*r).range;
        let Some(node) = cx.file.root().descendant_for_byte_range(range.start, range.end) else { return false };
        let called = node.parent().and_then(call_parts).filter(|(callee, _)| *callee == node);
        called.and_then(|(_, arguments)| arguments.first().copied()).is_some_and(|first| {
            matches!(
                first.kind(),
                "string" | "template_string" | "number" | "true" | "false" | "object" | "array" | "arrow_function"
            )
        })
    })
}

/// Whether a call hands a request, its answer and `next` to something that handles requests. That says more by `next` than
/// whether it failed: `next('route')` (Express, "Using middleware"), `next(false)` (restify, "Handler chains").
pub fn calls_request_handler(cx: &Context<'_>, call: &Call<'_>) -> bool {
    let is = |node: &Node<'_>, names: [&str; 2]| names.contains(&cx.text(*node));
    let [.., request, answer] = call.arguments.as_slice() else { return false };
    let handed = is(request, ["req", "request"]) && is(answer, ["res", "response"]);
    let last = call_parts(call.node).and_then(|(_, arguments)| arguments.last().copied());
    let name = last.map(|last| last.child_by_field_name("name").unwrap_or(last));
    handed && name.is_some_and(|n| cx.text(n) == "next") && called_function(cx, call.callee).is_none()
}

/// Whether something else may be put in the place of a module's function while the program runs.
pub fn is_replaced(cx: &Context<'_>, callee: Node<'_>) -> bool {
    export_of(cx, callee).is_some_and(|(module, export)| cx.callbacks.is_replaced(module, &export))
}

/// Writes a call in its promise form.
pub struct Promisifier<'a, 'c> {
    /// The file.
    pub cx: &'c Context<'a>,
    /// What the file's top has to gain.
    pub additions: &'c mut Additions,
    /// The names that change.
    pub renames: &'c mut Renames,
    /// The function whose code the call stands in, and the name of its promise form, for a call of itself.
    pub own: Option<OwnForm>,
}

impl<'a> Promisifier<'a, '_> {
    /// The promise form of a call.
    ///
    /// # Errors
    /// Where the callee is written in a way that can't be bound to its receiver.
    pub fn promised(&mut self, call: &Call<'a>) -> Result<Promised, Refusal> {
        let callee = unparenthesized(call.callee);
        // `(f, ...all) => new Promise((resolve, reject) => f(...all, …))` makes promise forms itself.
        if is_handed(self.cx, callee) && call.arguments.iter().any(|a| a.kind() == "spread_element") {
            return Err(Refusal::new(RefusalCode::ComplexCallee, callee.byte_range()));
        }
        let known = builtin(self.cx, callee).filter(|api| !self.needs_descriptor(api, call));
        // What is put in the place of the callback form is not in that of the promise form.
        let is_looked_up = |api: &&Api| matches!(api.form, Form::Object(_)) || !is_replaced(self.cx, callee);
        let known = known.filter(is_looked_up);
        let quiet_arguments = call.arguments.iter().all(|a| cannot_throw(self.cx, *a));
        let migrated = self.migrated(callee, call).map(|text| (text, FormResult::Same));
        let migrated = migrated.or_else(|| self.migrated_elsewhere(callee, call));
        let result = migrated.as_ref().map(|(_, result)| *result);
        let is_promisified =
            migrated.is_none() && !matches!(known.map(|k| &k.form), Some(Form::Itself | Form::Promises));
        let (setup, function, quiet) = match known.map(|api| &api.form) {
            _ if migrated.is_some() => (None, migrated.map(|(text, _)| text).unwrap_or_default(), true),
            Some(Form::Itself) => (None, self.text(callee), false),
            Some(Form::Promises) => match member_parts(callee) {
                Some((object, property)) => {
                    let object_text = self.cx.text(object);
                    (None, format!("{object_text}.promises.{}", self.cx.text(property)).into(), true)
                }
                None => self.promisified(callee)?,
            },
            _ => {
                // The promise form of `load<User>(…)` would be one of `load`, of whatever type.
                if let Some(types) = call.node.child_by_field_name("type_arguments") {
                    return Err(Refusal::new(RefusalCode::ComplexCallee, types.byte_range()));
                }
                self.promisified(callee)?
            }
        };
        let mut text = function;
        text.push_str("(");
        text.push(&self.arguments(call));
        text.push_str(")");
        Ok(Promised {
            setup,
            quiet: quiet && quiet_arguments,
            void: known.is_some_and(|api| hands_nothing(self.cx, api, &call.arguments))
                || result == Some(FormResult::Nothing),
            keys: known.and_then(|api| match &api.form {
                Form::Object(keys) => Some(keys.clone()),
                _ => None,
            }),
            drops: result == Some(FormResult::Withheld),
            is_untold: is_promisified && may_be_untold(self.cx, call),
            ..Promised::of(text)
        })
    }

    /// The promise form of a function that is imported and that its own file exports in both forms, and what it is
    /// fulfilled with.
    fn migrated_elsewhere(&mut self, callee: Node<'a>, call: &Call<'a>) -> Option<(Text, FormResult)> {
        let found = elsewhere(self.cx, callee).filter(|found| found.takes(self.cx, &call.arguments))?;
        let form = found.form;
        let text = match found.module() {
            Some(module) => {
                let mut text = self.text(module);
                text.push_str(&format!(".{}", form.name));
                text
            }
            None => found.name(self.cx, self.additions, callee.start_byte())?.into(),
        };
        Some((text, form.result))
    }

    /// The promise form of a function of this file: of the function whose code this is, or of one that is an adapter
    /// for it already. With fewer arguments than it has parameters, the adapter may have to put them in order.
    fn migrated(&self, callee: Node<'a>, call: &Call<'a>) -> Option<Text> {
        let function = called_function(self.cx, callee).filter(|_| callee.kind() == "identifier")?;
        let is_whole = parameters(function).len() == call.arguments.len() + 1;
        let takes = |no_functions: &[usize]| {
            is_whole && no_functions.iter().all(|index| is_no_function(self.cx, call.arguments[*index]))
        };
        if let Some(own) = self.own.as_ref().filter(|own| binding_of(self.cx, callee) == Some(own.binding)) {
            return takes(&own.no_functions).then(|| own.name.as_str().into());
        }
        let adapter = adapter(self.cx, function).filter(|a| a.shifted.as_ref().is_some_and(|s| takes(s)))?;
        if adapter.binds_this {
            return None;
        }
        let target = self.cx.text(adapter.target);
        let here = self.cx.names.scope_at(callee.start_byte());
        let meant = self.cx.names.reference_at(adapter.target.start_byte())?.binding?;
        let is_same = adapter.target.kind() == "identifier" && self.cx.names.resolve(target, here) == Some(meant);
        is_same.then(|| target.into())
    }

    /// `fs.readFile(fd, …)`: the promise form takes no descriptor.
    fn needs_descriptor(&self, api: &Api, call: &Call<'_>) -> bool {
        let first = call.arguments.first().filter(|_| api.form == Form::Promises && api.descriptor);
        first.is_some_and(|first| may_be_descriptor(self.cx, *first))
    }

    /// The arguments in front of the callback, on lines of their own where they are now.
    fn arguments(&self, call: &Call<'a>) -> Text {
        let (Some(first), Some(last)) = (call.arguments.first(), call.arguments.last()) else { return Text::default() };
        let open = self.cx.slice(call.callee.end_byte()..first.start_byte());
        let start = open.rfind('(').map_or(first.start_byte(), |at| call.callee.end_byte() + at + 1);
        let has_comment = !self.cx.file.comments_in(&(start..first.start_byte())).is_empty();
        let start = if has_comment || !open.contains('\n') { first.start_byte() } else { start };
        let range = start..last.end_byte();
        let mut text = Text::renamed(self.cx.file, range.clone(), &self.renames.edits_in(&range));
        let inside = self.cx.slice(call.callee.end_byte()..call.node.end_byte()).trim_end_matches(')');
        if start < first.start_byte() && inside[inside.trim_end().len()..].contains('\n') {
            text.push_str(self.cx.style.newline);
        }
        text
    }

    fn text(&self, node: Node<'_>) -> Text {
        let range = node.byte_range();
        Text::renamed(self.cx.file, range.clone(), &self.renames.edits_in(&range))
    }

    /// `util.promisify(…)` of a callee, or the name of a helper that holds it. Says as well whether evaluating it
    /// can't throw.
    fn promisified(&mut self, callee: Node<'a>) -> Result<(Option<Stmt>, Text, bool), Refusal> {
        let refuse = |code| Refusal::new(code, callee.byte_range());
        let name_clash = || refuse(RefusalCode::NameClash);
        let promisify = self.additions.promisify(self.cx, callee.start_byte()).ok_or_else(name_clash)?;
        if let Some((object, property)) = member_parts(callee) {
            // The functions of Node's own modules do not look at `this`; of any other object nothing is known.
            let module = export_of(self.cx, callee).map(|(module, _)| module);
            if module.is_some_and(|m| self.cx.apis.is_detached(m)) && binding_of(self.cx, object).is_some() {
                let expression = format!("{promisify}({})", self.cx.text(callee));
                let declared = binding_of(self.cx, object).and_then(|b| declaration_node(self.cx, b));
                let listed = builtin(self.cx, callee).is_some();
                // What some versions of Node lack, or some systems, has no promise form there, and making one fails.
                let is_there = listed && !is_asked_for(self.cx, callee) && !RARE.contains(&self.cx.text(property));
                let is_late =
                    is_replaced(self.cx, callee) || !is_there || module.is_some_and(|m| is_left_out(self.cx, m));
                let helper = match is_late {
                    true => None,
                    false => self.helper(self.cx.text(property), &expression, declared),
                };
                return Ok((None, helper.unwrap_or(expression).into(), is_there));
            }
            return self.bound(&promisify, object, property);
        }
        if callee.kind() != "identifier" {
            return Err(refuse(RefusalCode::ComplexCallee));
        }
        let binding = binding_of(self.cx, callee);
        if binding.is_some_and(|b| may_be_builtin(self.cx, b)) || may_be_handed_builtin(self.cx, callee) {
            return Err(refuse(RefusalCode::ComplexCallee));
        }
        // What is handed over may be a function of Node's whose promise form is another function. A bound one has none.
        let plain = if is_handed(self.cx, callee) { ".bind(undefined)" } else { "" };
        let expression = format!("{promisify}({}{plain})", self.text(callee).as_str());
        // A function of this file that takes a callback may have a promise form by that name one day.
        let is_own = called_function(self.cx, callee).is_some_and(|f| takes_callback(self.cx, f));
        let stable = binding.filter(|b| !is_own && is_stable(self.cx, *b));
        // Files that load each other have nothing yet to make a promise form of when they are loaded.
        let from_afar = stable.filter(|b| {
            let module = imported(self.cx, *b).map(|i| i.module);
            !module.is_some_and(|m| is_of_project(self.cx, m) || is_left_out(self.cx, m))
        });
        let from_afar = from_afar.filter(|_| !is_asked_for(self.cx, callee));
        let helper = from_afar.and_then(|b| {
            let is_function = self.cx.names.binding(b).kind == BindingKind::Function;
            let declared = declaration_node(self.cx, b).filter(|_| !is_function);
            self.helper(self.cx.text(callee), &expression, declared)
        });
        let quiet = helper.is_some() || stable.is_some() && from_afar.is_none() && !is_asked_for(self.cx, callee);
        Ok((None, helper.unwrap_or(expression).into(), quiet))
    }

    fn helper(&mut self, name: &str, expression: &str, declared: Option<Node<'_>>) -> Option<String> {
        let stem = name.strip_suffix("Callback").or_else(|| name.strip_suffix("Cb")).unwrap_or(name);
        self.additions.helper(self.cx, &format!("{stem}Async"), expression, declared.map_or(0, |d| d.end_byte()))
    }

    /// `promisify(client.get.bind(client))`; a receiver that is more than a path of names is evaluated first.
    fn bound(
        &self,
        promisify: &str,
        object: Node<'a>,
        property: Node<'a>,
    ) -> Result<(Option<Stmt>, Text, bool), Refusal> {
        let method = self.cx.text(property);
        if object.kind() == "super" {
            return Ok((None, format!("{promisify}(super.{method}.bind(this))").into(), false));
        }
        if is_path(object) && !names_getter(self.cx, object) {
            let receiver = self.text(object);
            let receiver = receiver.as_str();
            return Ok((None, format!("{promisify}({receiver}.{method}.bind({receiver}))").into(), false));
        }
        Err(Refusal::new(RefusalCode::ComplexCallee, object.byte_range()))
    }

    /// Gives a receiver that is more than a path of names a name of its own: `const collection = db.collection('a');`.
    pub fn named_receiver(&mut self, call: &Call<'a>) -> Option<(Stmt, Promised)> {
        let has_types = call.node.child_by_field_name("type_arguments").is_some();
        let (object, property) = member_parts(unparenthesized(call.callee)).filter(|_| !has_types)?;
        let (inner, _) = call_parts(unparenthesized(object))?;
        let is_method = member_parts(inner).is_some();
        let called = self.cx.text(member_parts(inner).map_or(inner, |(_, p)| p));
        let promisify = self.additions.promisify(self.cx, object.start_byte())?;
        let name = self.renames.fresh(&receiver_name(called, is_method));
        let setup = Stmt::Bind { keyword: Keyword::Const, target: name.as_str().into(), value: self.text(object) };
        let mut text = Text::from(format!("{promisify}({name}.{}.bind({name}))(", self.cx.text(property)));
        text.push(&self.arguments(call));
        text.push_str(")");
        Some((setup, Promised { is_untold: may_be_untold(self.cx, call), ..Promised::of(text) }))
    }
}

/// A name for what a function returns: `getClient` gives a `client`, the method `collection` a `collection`. A
/// function without such a verb would give its own name, which is taken.
fn receiver_name(function: &str, is_method: bool) -> String {
    let rest = ["get", "create", "make", "open"].iter().find_map(|p| function.strip_prefix(p));
    let rest = rest.filter(|r| r.starts_with(|c: char| c.is_ascii_uppercase()));
    let mut name: String = rest.unwrap_or(if is_method { function } else { "" }).to_owned();
    if let Some(first) = name.get(..1).map(str::to_ascii_lowercase) {
        name.replace_range(..1, &first);
    }
    let is_word = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'));
    if is_word && !matches!(name.as_str(), "" | "default" | "new" | "in" | "of" | "this") {
        name
    } else {
        "target".into()
    }
}

/// `this`, a name, or `a.b.c` of them: reading it twice is as good as once.
fn is_path(node: Node<'_>) -> bool {
    let mut node = unparenthesized(node);
    while let Some((object, _)) = member_parts(node) {
        node = object;
    }
    matches!(node.kind(), "this" | "identifier")
}

/// Whether a path goes by a getter of the file, which may give another object each time, or open something.
fn names_getter(cx: &Context<'_>, path: Node<'_>) -> bool {
    let text = cx.text(cx.file.root());
    let mut node = unparenthesized(path);
    while let Some((object, property)) = member_parts(node) {
        let name = cx.text(property);
        let mut found = false;
        if text.contains(&format!("get {name}")) {
            walk(cx.file.root(), |n| {
                let getter =
                    n.child_by_field_name("name").filter(|_| n.kind() == "method_definition" && has_token(n, "get"));
                found |= getter.is_some_and(|getter| cx.text(getter) == name);
                !found
            });
        }
        if found {
            return true;
        }
        node = unparenthesized(object);
    }
    false
}

/// Whether the name of a module may mean a file of the project: it is a path, or nothing that the package depends on.
fn is_of_project(cx: &Context<'_>, module: &str) -> bool {
    if module.starts_with(['.', '/', '#', '~']) || module.starts_with("@/") {
        return true;
    }
    if cx.forms.is_some_and(|forms| forms.is_own(module)) {
        return true;
    }
    let parts = if module.starts_with('@') { 2 } else { 1 };
    let end = module.match_indices('/').nth(parts - 1).map_or(module.len(), |(at, _)| at);
    !is_builtin(module) && cx.package.is_some_and(|(package, _)| package.dependency(&module[..end]).is_none())
}

/// Whether a module is empty where the file is part of a bundle: making promise forms of its functions throws as that is loaded.
fn is_left_out(cx: &Context<'_>, module: &str) -> bool {
    cx.package.is_some_and(|(package, _)| package.leaves_out(module))
}

/// Whether a name of the module stands for one function from the start: an import, or a function declaration.
fn is_stable(cx: &Context<'_>, id: BindingId) -> bool {
    let binding = cx.names.binding(id);
    let at_top = cx.names.scope(binding.scope).parent.is_none();
    let is_function = binding.kind == BindingKind::Function && binding.declarations.len() == 1;
    at_top && !cx.names.is_reassigned(id) && (is_function || imported(cx, id).is_some())
}

/// Whether a variable may hold one of Node's functions by another name: `const run = options.run || childProcess.exec`. By that name
/// nothing is known of it, and its promise form may be one of its own, with another result (`util.promisify.custom`).
fn may_be_builtin(cx: &Context<'_>, variable: BindingId) -> bool {
    let assigned = cx.names.binding(variable).references.iter().map(|r| cx.names.reference(*r)).filter(|r| r.writes);
    let assigned = assigned.filter_map(|r| cx.file.root().descendant_for_byte_range(r.range.start, r.range.end));
    let assigned = assigned.filter_map(|name| name.parent()?.child_by_field_name("right"));
    let values = assigned.chain(initializer(cx, variable));
    if imported(cx, variable).is_some() {
        return false;
    }
    let mut found = is_taken_out_of_module(cx, variable);
    for value in values {
        walk(value, |n| {
            let is_named = matches!(n.kind(), "member_expression" | "identifier");
            found |= is_named && builtin(cx, n).is_some();
            !found && !is_named && !is_function(n) && n.kind() != "call_expression"
        });
    }
    found
}

/// Whether a callee is a parameter.
fn is_handed(cx: &Context<'_>, callee: Node<'_>) -> bool {
    binding_of(cx, callee).is_some_and(|b| cx.names.binding(b).kind == BindingKind::Parameter)
}

/// Functions that Node has on macOS alone, or not before version 22.
const RARE: &[&str] = &["lchmod", "zstdCompress", "zstdDecompress"];

/// Functions of Node whose promise form is fulfilled with an object, or is one of its own (`util.promisify.custom`).
const WITH_FORMS_OF_THEIR_OWN: &[&str] =
    &["exec", "execFile", "exists", "generateKeyPair", "lookup", "lookupService", "read", "readv", "write", "writev"];

/// Whether a name may stand for one of Node's functions that comes from somewhere else: a parameter, an option
/// (`const exec = this.exec`), or an export of another file of the project, by the name that it has in Node.
fn may_be_handed_builtin(cx: &Context<'_>, callee: Node<'_>) -> bool {
    let name = cx.text(callee);
    if called_function(cx, callee).is_some() {
        // `load[util.promisify.custom] = …`
        return cx.file.source.text().contains("promisify.custom");
    }
    if !WITH_FORMS_OF_THEIR_OWN.contains(&name) {
        return false;
    }
    match binding_of(cx, callee).and_then(|binding| imported(cx, binding)) {
        // `lookup` and `read` of a file of the project are most often its own.
        Some(import) => matches!(name, "exec" | "execFile" | "exists") && is_of_project(cx, import.module),
        None => true,
    }
}

/// Whether the file asks somewhere if a function is there: `if (!fs.lchmod) …`, `typeof zlib.zstdCompress === 'function'`.
fn is_asked_for(cx: &Context<'_>, callee: Node<'_>) -> bool {
    let root = member_parts(callee).map_or(callee, |(object, _)| object);
    let Some(binding) = binding_of(cx, root) else { return false };
    cx.names.binding(binding).references.iter().any(|reference| {
        let range = &cx.names.reference(*reference).range;
        let name = cx.file.root().descendant_for_byte_range(range.start, range.end);
        let node = if root == callee { name } else { name.and_then(|n| n.parent()) };
        let Some(node) = node.filter(|n| cx.text(*n) == cx.text(callee)) else { return false };
        let parent = with_parentheses(node).parent();
        parent.is_some_and(|parent| match parent.kind() {
            "unary_expression" | "binary_expression" | "if_statement" => true,
            "ternary_expression" => parent.child_by_field_name("condition") == Some(with_parentheses(node)),
            _ => false,
        })
    })
}

/// `const { exec } = childProcess`, where a name stands for one of Node's modules.
fn is_taken_out_of_module(cx: &Context<'_>, variable: BindingId) -> bool {
    let declaration = declaration_node(cx, variable);
    let declarator = declaration.and_then(|d| ancestors(d).find(|a| a.kind() == "variable_declarator"));
    let part = |field| declarator.and_then(|d| d.child_by_field_name(field));
    let is_pattern = part("name").is_some_and(|name| name.kind() == "object_pattern");
    let module = part("value").filter(|_| is_pattern).and_then(|value| export_of(cx, value));
    module.is_some_and(|(module, _)| cx.apis.is_detached(module))
}

/// Whether a function that is written in place is handed over as a callback, perhaps with `.bind(this)`. It may be a
/// generator, which can't be taken apart.
pub fn callback_literal(node: Node<'_>) -> Option<(Node<'_>, bool)> {
    let node = unparenthesized(node);
    if matches!(node.kind(), "arrow_function" | "function_expression" | "generator_function") {
        return Some((node, false));
    }
    let (callee, arguments) = call_parts(node)?;
    let (target, property) = member_parts(callee)?;
    let target = unparenthesized(target);
    let [this] = arguments.as_slice() else { return None };
    let is_bound = property.end_byte() - property.start_byte() == 4 && this.kind() == "this";
    (is_bound && target.kind() == "function_expression").then_some((target, true))
}

/// Whether code awaits something itself, functions in it left out.
pub fn has_await(node: Node<'_>) -> bool {
    let mut found = false;
    walk(node, |n| {
        found |= n.kind() == "await_expression";
        !found && (n == node || !crate::syntax::node::is_function(n))
    });
    found
}
