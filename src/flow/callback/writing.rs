//! The text of an async function and of its adapter, once it is known what moves.

use std::ops::Range;

use tree_sitter::Node;

use super::{
    bare,
    error_type::{around, needs_result},
    exports,
    gaps::{blank_lines_around, has_space_before_parameters},
    given::{self, is_always_given},
    lossy,
    placed::{Head, Named},
    result_type::{Promised, promised},
    site::is_site,
};
use crate::{
    context::Context,
    edit::{Edit, Refusal, RefusalCode, Safety},
    flow::{
        Stmt, Text,
        chain::{own_this, parameters},
        print::print_block,
        recursion::{ENDS, may_go_on_for_ever},
        scope::check_declared_once,
        settle::{Lowered, Successes},
    },
    semantic::BindingId,
    syntax::node::{call_parts, member_parts},
};

/// A function that was converted.
#[derive(Debug)]
pub struct Converted {
    /// Sorted, disjoint edits.
    pub edits: Vec<Edit>,
    /// The level of the change.
    pub safety: Safety,
    /// What has to hold that the file does not show.
    pub assumption: Option<String>,
    /// The code in which new names were chosen to be free.
    pub scope: Range<usize>,
    /// The sites that were carried out.
    pub sites: Vec<Range<usize>>,
    /// Promise chains that were carried out along with them.
    pub chains: Vec<Range<usize>>,
    /// The name of the promise form, if it has one.
    pub name: Option<String>,
    /// The functions of this file that it calls and that may have a promise form themselves one day.
    pub callees: Vec<Range<usize>>,
    /// Whether the function returns today what a call returns that is handed its callback.
    pub drops_returned: bool,
    /// Whether all that it rests on is what TypeScript makes of its result.
    pub rests_on_type: bool,
}

/// A function of which it is known what becomes of its code.
pub(super) struct Writing<'a, 'c> {
    pub(super) cx: &'c Context<'a>,
    pub(super) function: Node<'a>,
    pub(super) callback: BindingId,
    /// The statements and comments that become the async function's.
    pub(super) moved: Vec<Node<'a>>,
    /// Whether the code calls the callback itself.
    pub(super) in_full: bool,
}

impl<'a> Writing<'a, '_> {
    /// The edits, and what they rest on.
    ///
    /// # Errors
    /// Where a name is not free, or a comment has no place.
    pub(super) fn write(&self, named: Option<Named<'_>>, mut lowered: Lowered) -> Result<Converted, Refusal> {
        let name_clash = || Refusal::new(RefusalCode::NameClash, self.function.byte_range());
        let callbackify = match self.in_full {
            true => String::new(),
            false => {
                lowered.additions.util(self.cx, "callbackify", self.function.start_byte()).ok_or_else(name_clash)?
            }
        };
        let replaced = self.replaced();
        lost_comment(self.cx, &replaced, &lowered)?;
        if named.is_none() {
            check_declared_once(self.cx, &replaced)?;
        }
        Stmt::drop_last_return(&mut lowered.statements);
        if self.in_full && (lowered.optional || is_shadowed(self.cx, "process", self.function)) {
            return Err(name_clash());
        }
        let name = named.as_ref().map(|n| n.name.clone());
        let promised =
            if self.in_full { Promised::default() } else { promised(self.cx, self.function, self.callback, &lowered) };
        lowered.assumptions.extend(promised.assumption.clone());
        let mut edits = match named {
            None if self.in_full => vec![self.called_in_full(&mut lowered, replaced)],
            Some(named) => self.named(&named, &callbackify, &promised, &lowered, replaced),
            None => vec![self.closure(&callbackify, &promised, &lowered, replaced)],
        };
        let additions = lowered.additions.edits(self.cx, &edits);
        edits.extend(additions);
        edits.sort_by_key(|e| (e.range.start, e.range.end));
        self.assume(&mut lowered);
        let rests_on_type = promised.assumption.is_some() && lowered.assumptions.len() == 1;
        let assumption = (!lowered.assumptions.is_empty()).then(|| lowered.assumptions.join(" "));
        let safety = if assumption.is_some() { Safety::Review } else { Safety::Safe };
        let (sites, chains) = sites_and_chains(self.cx, lowered.consumed);
        Ok(Converted {
            edits,
            safety,
            assumption,
            scope: self.function.byte_range(),
            sites,
            chains,
            name,
            callees: lowered.callees,
            drops_returned: lowered.drops_returned,
            rests_on_type,
        })
    }

    /// Notes what has to hold of those that call the function.
    fn assume(&self, lowered: &mut Lowered) {
        let is_given = !lowered.optional && given::is_given_wherever_seen(self.cx, self.function, self.callback);
        let may_be_lost = self.may_be_missing(lowered) && !is_given;
        if may_be_lost || lossy::may_lose_errors(self.cx, self.function) {
            let assumption = "Whoever passes no callback does not rely on an error that is thrown at once.";
            lowered.assumptions.push(assumption.to_owned());
        }
        if lowered.optional && lowered.hands_on && self.may_be_missing(lowered) {
            let assumption = "Those that the callback is handed on to do nothing else where there is none.";
            lowered.assumptions.push(assumption.to_owned());
        }
        if self.gets_nothing() && bare::may_call_back_at_once(self.cx, self.function) {
            lowered.assumptions.push("No caller relies on being called back before the function returns.".to_owned());
        }
        if may_go_on_for_ever(self.cx, self.function) {
            lowered.assumptions.push(ENDS.to_owned());
        }
        if self.receivers() == (true, true) {
            lowered
                .assumptions
                .push("Nobody minds what `this` is where the callback is called without any.".to_owned());
        }
    }

    /// The code that the adapter's call takes the place of.
    fn replaced(&self) -> Range<usize> {
        let (first, last) = (self.moved.first(), self.moved.last());
        match (first, last) {
            (Some(first), Some(last)) => first.start_byte()..last.end_byte(),
            _ => self.function.byte_range(),
        }
    }

    /// Whether the function may be called without a callback: it looks after that itself, or hands what it was given on to
    /// a function that may.
    fn may_be_missing(&self, lowered: &Lowered) -> bool {
        if lowered.optional {
            return !given::has_default_of_its_own(self.cx, self.function, self.callback);
        }
        lowered.hands_on && !is_always_given(self.cx, self.function, self.callback)
    }

    /// The callback's name where the adapter hands it over.
    fn callback_name(&self, lowered: &Lowered) -> String {
        let name = &self.cx.names.binding(self.callback).name;
        let may_be_missing = self.may_be_missing(lowered);
        let Successes { bare, alone, with_value, by_others, says_undefined, says_null, .. } = lowered.successes;
        let with_this = self.receivers().0;
        let called = |arguments: &str| match (with_this, arguments) {
            (false, _) => format!("{name}({arguments})"),
            (true, "") => format!("{name}.call(this)"),
            (true, _) => format!("{name}.call(this, {arguments})"),
        };
        if self.gets_nothing() {
            let end = if self.cx.style.semicolons { ";" } else { "" };
            let thrown = format!("err => {{ if (err) throw err; {}{end} }}", called(""));
            return if may_be_missing { format!("{name} ? {thrown} : () => {{}}") } else { self.wrapped(&thrown) };
        }
        let around = around(self.cx, self.function, self.callback);
        let typed = |text: String| match text.strip_prefix("(err, value)").or(text.strip_prefix("err")) {
            Some(rest) if around.is_some_and(|a| a.is_any_error) => {
                let second = if text.starts_with('(') { ", value" } else { "" };
                format!("(err: any{second}){rest}")
            }
            _ => text,
        };
        if by_others && !with_value {
            let counted =
                typed(format!("(err, value) => value === undefined ? {} : {}", called("err"), called("err, value")));
            return if may_be_missing { format!("{name} ? {counted} : () => {{}}") } else { self.wrapped(&counted) };
        }
        let exact = match (with_value, alone, bare) {
            // `util.callbackify` says `null`, and some ask whether it is `undefined`.
            (true, ..) if says_undefined && !says_null => {
                let needs_result = needs_result(self.cx, self.function, self.callback);
                let failed = called(if needs_result { "err, value" } else { "err" });
                Some(format!("(err, value) => err ? {failed} : {}", called("undefined, value")))
            }
            (false, ..) if says_undefined && !says_null => {
                Some(format!("err => err ? {} : {}", called("err"), called("undefined")))
            }
            // `util.callbackify` calls back with two arguments, and a callback may count them.
            (false, true, _) => Some(format!("err => {}", called("err"))),
            (false, false, true) => Some(format!("err => err ? {} : {}", called("err"), called(""))),
            _ => around.map(|around| format!("(err, value) => {}", around.body(called))),
        };
        let exact = exact.map(typed);
        match exact {
            Some(exact) if may_be_missing && exact.contains(" ? ") => format!("{name} ? ({exact}) : () => {{}}"),
            Some(exact) if may_be_missing => format!("{name} ? {exact} : () => {{}}"),
            Some(exact) => self.wrapped(&exact),
            None if may_be_missing => format!("{name} || (() => {{}})"),
            None => name.clone(),
        }
    }

    /// What an adapter's function is called with. `util.callbackify` calls both the function and the callback with the `this`
    /// that it is called with itself.
    fn handed(&self, arguments: &str) -> String {
        if self.receivers().0 { format!(".call(this, {arguments})") } else { format!("({arguments})") }
    }

    /// Whether the code that moves calls the callback with its own `this`, and whether it calls it, or has it called, without.
    fn receivers(&self) -> (bool, bool) {
        let cx = self.cx;
        let (mut with, mut without) = (false, false);
        let moved = |range: &Range<usize>| self.moved.iter().any(|n| n.byte_range().contains(&range.start));
        let references = cx.names.binding(self.callback).references.iter().map(|r| &cx.names.reference(*r).range);
        for range in references.filter(|range| moved(range)) {
            let name = cx.file.root().descendant_for_byte_range(range.start, range.end);
            let Some((name, parent)) = name.and_then(|name| Some((name, name.parent()?))) else { continue };
            let method = member_parts(parent).filter(|(object, _)| *object == name).and_then(|_| parent.parent());
            match method.and_then(call_parts) {
                Some((_, arguments)) if arguments.first().is_some_and(|a| a.kind() == "this") => with = true,
                Some(_) => without = true,
                None => without |= matches!(parent.kind(), "call_expression" | "arguments"),
            }
        }
        (with, without)
    }

    /// Whether the callback never gets anything, so that an error would be lost on it.
    fn gets_nothing(&self) -> bool {
        bare::gets_nothing(self.cx, self.function)
    }

    /// A function around the callback, where there is one: `util.callbackify` complains at once where there is none.
    fn wrapped(&self, function: &str) -> String {
        let name = &self.cx.names.binding(self.callback).name;
        let is_given = is_always_given(self.cx, self.function, self.callback);
        if is_given { function.to_owned() } else { format!("{name} && ({function})") }
    }

    fn is_expression_body(&self) -> bool {
        self.function.child_by_field_name("body").is_some_and(|b| b.kind() != "statement_block")
    }

    /// One statement in the place of the code that moves.
    fn statement_in_place(&self, text: &Text, replaced: Range<usize>) -> Edit {
        let indent = self.cx.file.source.indent_at(replaced.start);
        if !self.is_expression_body() {
            let end = if self.cx.style.semicolons { ";" } else { "" };
            return Edit::new(replaced, format!("{}{end}", text.indented(indent).as_str()));
        }
        let block = print_block(&[Stmt::Expression(text.clone())], indent, self.cx.style);
        Edit::new(replaced, block.as_str())
    }

    /// An async function that calls the callback itself, with all that it is handed; an error that leaves the function is
    /// handed over behind it.
    fn called_in_full(&self, lowered: &mut Lowered, replaced: Range<usize>) -> Edit {
        // What an async function of the code fails with is to be caught as well, so its call stays in the `return`.
        if let Some(Stmt::Return(Some(call))) = lowered.statements.last().cloned()
            && call.as_str().starts_with("process.nextTick(")
        {
            lowered.statements.pop();
            lowered.statements.push(Stmt::Expression(call));
        }
        let callback = &self.cx.names.binding(self.callback).name;
        let error = if callback == "err" { "error" } else { "err" };
        let mut text = Text::from("(async () => ");
        text.push(&print_block(&lowered.statements, "", self.cx.style));
        text.push_str(&format!(")().catch({error} => process.nextTick({callback}, {error}))"));
        self.statement_in_place(&text, replaced)
    }

    fn closure(&self, callbackify: &str, promised: &Promised, lowered: &Lowered, replaced: Range<usize>) -> Edit {
        let mut text = Text::from(format!("{callbackify}(async (){} => ", promised.annotation()));
        text.push(&print_block(&lowered.statements, "", self.cx.style));
        text.push_str(&format!("){}", self.handed(&self.callback_name(lowered))));
        self.statement_in_place(&text, replaced)
    }

    fn named(
        &self,
        named: &Named<'_>,
        callbackify: &str,
        promised: &Promised,
        lowered: &Lowered,
        replaced: Range<usize>,
    ) -> Vec<Edit> {
        let (cx, style) = (self.cx, self.cx.style);
        let uses_this = self.moved.iter().any(|n| own_this(cx, *n, false).is_some());
        let bind = if uses_this && !self.receivers().0 { ".bind(this)" } else { "" };
        let callback = &cx.names.binding(self.callback).name;
        let mut arguments = Vec::new();
        let mut kept = Vec::new();
        for parameter in parameters(self.function) {
            let name = cx.text(parameter.child_by_field_name("pattern").unwrap_or(parameter));
            if name == callback {
                continue;
            }
            arguments.push(name.to_owned());
            kept.push(cx.text(parameter));
        }
        arguments.push(self.callback_name(lowered));
        let call = format!("{callbackify}({}{bind}){}", named.target, self.handed(&arguments.join(", ")));
        let mut edits = vec![self.statement_in_place(&call.into(), replaced)];
        edits.extend(blank_lines_around(cx, self.function, edits[0].range.clone()));
        let indent = cx.file.source.indent_at(named.beside.start_byte());
        let space = if self.has_space_before_parameters(named) { " " } else { "" };
        let value = match lowered.statements.as_slice() {
            [Stmt::Return(Some(value))] if named.head == Head::Arrow && self.is_expression_body() => Some(value),
            _ => None,
        };
        let value = value.filter(|value| !value.as_str().starts_with('{'));
        let body = value.map_or_else(|| print_block(&lowered.statements, indent, style), |v| v.indented(indent));
        // TypeScript can't work out what a function returns that returns what itself does.
        let calls_itself = body.as_str().contains(&format!("{}(", named.name));
        let returned = match promised.annotation() {
            none if none.is_empty() && calls_itself && cx.file.source.language().has_types() => {
                ": Promise<any>".to_owned()
            }
            annotation => annotation,
        };
        let in_front = self.function.child_by_field_name("body").map_or("", |b| cx.slice(0..b.start_byte()));
        let gap = match named.head {
            Head::Arrow if in_front.ends_with('>') => "=>",
            Head::Arrow => " => ",
            _ if in_front.ends_with(')') => "",
            _ => " ",
        };
        let parameters = format!("{space}({}){returned}{gap}", kept.join(", "));
        edits.push(Edit::insert(named.place, named.written(&parameters, &body).as_str()));
        edits.extend(named.binding.iter().flat_map(|b| exports::beside(cx, *b, &named.name)));
        edits
    }

    /// Whether the parameters of a new function are set off from what stands in front: as they are in the function beside it,
    /// or, where one of the two has a name and the other has none, in most functions of the file.
    fn has_space_before_parameters(&self, named: &Named<'_>) -> bool {
        let part = |field| self.function.child_by_field_name(field);
        if named.head == Head::Arrow {
            return false;
        }
        let is_anonymous = named.head == Head::Expression;
        let is_like = self.function.kind() == "method_definition"
            || self.function.kind() != "arrow_function" && part("name").is_none() == is_anonymous;
        match part("parameters").filter(|_| is_like) {
            Some(list) => self.cx.slice(0..list.start_byte()).ends_with(' '),
            None => has_space_before_parameters(self.cx, is_anonymous),
        }
    }
}

/// Whether the name of a global means something else in a function.
fn is_shadowed(cx: &Context<'_>, name: &str, function: Node<'_>) -> bool {
    let inside = cx.names.declared_in(&function.byte_range());
    let around = cx.names.resolve(name, cx.names.scope_at(function.start_byte()));
    around.is_some() || inside.iter().any(|b| cx.names.binding(*b).name == name)
}

/// Tells the sites among the calls that were carried out from the promise chains.
pub(super) fn sites_and_chains(
    cx: &Context<'_>,
    consumed: Vec<Range<usize>>,
) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
    consumed.into_iter().partition(|range| {
        let node = cx.file.root().descendant_for_byte_range(range.start, range.end);
        node.is_some_and(|n| is_site(cx, n))
    })
}

/// Refuses where a comment of the code that is replaced is in none of the new statements.
pub(super) fn lost_comment(cx: &Context<'_>, replaced: &Range<usize>, lowered: &Lowered) -> Result<(), Refusal> {
    let comments = cx.file.comments_in(replaced);
    let lost = comments.iter().find(|c| !lowered.kept.iter().any(|k| k.start <= c.start && c.end <= k.end));
    match lost {
        Some(lost) => Err(Refusal::new(RefusalCode::CommentWouldBeLost, lost.clone())),
        None => Ok(()),
    }
}
