//! A call that is handed, in the place of a callback, a function of the code that settles.

use tree_sitter::Node;

use super::{
    error_first::{Callback, Step, awaited, handled_step},
    lower::{After, Lowerer, Place, branch_items, items, refusal},
    target::Target,
};
use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    flow::{
        Catch, Stmt, Text,
        callback::tells_undefined_from_null,
        chain::{block_body, parameters},
        known::builtin,
        parameter::error_type,
        print::print_block,
        promisify::{Call, has_error_parameter},
        recursion::{ENDS, may_go_on_for_ever},
    },
    syntax::node::{has_token, is_async, is_comment, named_children, unparenthesized},
};

/// The comments that speak of a declaration: those right above it, without an empty line.
pub(super) fn comments_above<'t>(cx: &Context<'_>, declaration: Node<'t>) -> Vec<Node<'t>> {
    let mut comments = Vec::new();
    let mut below = declaration;
    while let Some(above) = below.prev_sibling().filter(|n| is_comment(*n)) {
        let is_near = cx.slice(above.end_byte()..below.start_byte()).matches('\n').count() == 1;
        let has_own_line = above.prev_sibling().is_none_or(|n| n.end_position().row < above.start_position().row);
        if !(is_near && has_own_line) {
            break;
        }
        comments.insert(0, above);
        below = above;
    }
    comments
}

impl<'a> Lowerer<'a, '_> {
    /// Whether a statement declares a function whose body goes where its only call is, or is a comment that goes with it.
    pub(super) fn is_inlined(&self, item: Node<'a>) -> bool {
        self.locals
            .iter()
            .filter(|l| l.is_inlined)
            .any(|l| l.statement == item || is_comment(item) && comments_above(self.cx, l.statement).contains(&item))
    }

    /// `read(path, done)`, where `done` is a function of the code that settles.
    pub(super) fn handed_to_local(&mut self, call: &Call<'a>, local: Node<'a>) -> Result<Vec<Stmt>, Refusal> {
        let name = self.cx.text(local);
        let binding = self.cx.names.reference_at(local.start_byte()).and_then(|r| r.binding);
        let function = self.locals.iter().find(|l| Some(l.binding) == binding).map(|l| l.function);
        let count = function.map_or(0, |f| parameters(f).len());
        let is_of_node = builtin(self.cx, unparenthesized(call.callee)).is_some();
        let takes_value = |f: Node<'a>| !has_error_parameter(self.cx, f) && !self.has_no_use_for_errors(f);
        if !is_of_node && count > 0 && function.is_some_and(takes_value) {
            return refusal(RefusalCode::NotErrorFirst, local);
        }
        let beside =
            function.filter(|f| !self.has_no_use_for_errors(*f)).and_then(|f| self.wants_results_beside(call, f));
        if count > 2 || function.is_none() || beside.is_some() {
            self.listed = beside.or(self.listed.take());
            let mut text = Text::from(format!("{name}(..."));
            text.push(&awaited(&self.all_arguments(call, local)?));
            text.push_str(")");
            return Ok(vec![Stmt::Return(Some(text))]);
        }
        if !is_of_node && function.is_some_and(|f| tells_undefined_from_null(self.cx, f)) {
            return refusal(RefusalCode::UnusualErrorCheck, local);
        }
        if let Some(function) = function.filter(|f| self.has_no_use_for_errors(*f)) {
            return self.handed_to_careless(call, local, function);
        }
        let promised = self.promised(call)?;
        if promised.keys.is_some() {
            return refusal(RefusalCode::ManyResults, call.node);
        }
        if promised.drops && count == 2 {
            return refusal(RefusalCode::ManyResults, local);
        }
        if function.is_some_and(|f| self.passes_errors_on(f)) {
            let mut out: Vec<Stmt> = promised.setup.clone().into_iter().collect();
            let (target, success) = self.success_of_local(name, count);
            self.plain_step(Step { target, promised, blank: false, needed: false }, success, &mut out);
            return Ok(out);
        }
        let error = self.renames.fresh_in(self.cx, &call.node.byte_range(), "err");
        let failed = Stmt::Return(Some(format!("{name}({error})").into()));
        let parameter = format!("{error}{}", error_type(self.cx)).into();
        let catch = Catch { parameter, body: vec![failed] };
        let mut out = Vec::new();
        let pending = self.pending(call, &promised)?;
        let promised = self.started(pending, promised, &catch, &mut out);
        let (target, success) = self.success_of_local(name, count);
        handled_step(
            Step { target, promised, blank: false, needed: false },
            success,
            catch,
            &mut self.renames,
            &mut out,
        );
        Ok(out)
    }

    /// What the result is bound to, and the call of a function of the code with it.
    fn success_of_local(&mut self, name: &str, count: usize) -> (Target, Vec<Stmt>) {
        let (target, called) = if count == 2 {
            let result = Text::from(self.renames.fresh("result"));
            let called = format!("{name}(null, {})", result.as_str());
            (Target::constant(result), called)
        } else {
            (Target::Nothing, format!("{name}({})", if count == 1 { "null" } else { "" }))
        };
        (target, vec![Stmt::Return(Some(called.into()))])
    }

    /// Whether a function of the code starts by handing its error on untouched, so that it has no need to be called with one.
    fn passes_errors_on(&self, function: Node<'a>) -> bool {
        let parameters = parameters(function);
        let names: Vec<_> = parameters.iter().map(|p| p.child_by_field_name("pattern").unwrap_or(*p)).collect();
        let Some(error) = names.first().and_then(|n| self.cx.names.declared_at(n.start_byte())) else { return false };
        let is_plain = names.iter().all(|n| n.kind() == "identifier") && !self.cx.names.is_reassigned(error);
        let first = block_body(function).and_then(|b| named_children(b).first().copied());
        let Some(check) = first.filter(|s| is_plain && !self.is_open && s.kind() == "if_statement") else {
            return false;
        };
        let part = |field| check.child_by_field_name(field);
        let condition = part("condition").map(unparenthesized).filter(|c| c.kind() == "identifier");
        let asks = condition.and_then(|c| self.cx.names.reference_at(c.start_byte())?.binding) == Some(error);
        let then = part("consequence").map(branch_items).unwrap_or_default();
        asks && part("alternative").is_none() && self.is_plain_rejection(&then, error)
    }

    /// A local function that settles, as an async function.
    pub(super) fn local_function(&mut self, statement: Node<'a>, function: Node<'a>) -> Result<Text, Refusal> {
        if is_async(function) || has_token(function, "*") {
            return refusal(RefusalCode::Generator, function);
        }
        self.placed_locals.push(function.id());
        self.assume_throws_are_failures(function);
        if may_go_on_for_ever(self.cx, function) {
            self.assume(ENDS);
        }
        let Some(body) = function.child_by_field_name("body") else {
            return refusal(RefusalCode::SyntaxError, function);
        };
        let items = match block_body(function) {
            Some(block) => items(block),
            None => vec![body],
        };
        let known = std::mem::take(&mut self.known);
        let place = Place { hangs: false, guarded: false, flows: false, after: After::Nothing };
        let statements = self.within(function, |l| l.settling(&items, function, place));
        self.known = known;
        let mut statements = statements?;
        Stmt::drop_last_return(&mut statements);
        let mut text = self.text(statement.start_byte()..function.start_byte());
        text.push_str("async ");
        text.push(&self.head_with_promise(function, body));
        text.push(&print_block(&statements, "", self.cx.style));
        text.push(&self.text(body.end_byte()..statement.end_byte()));
        Ok(text)
    }

    /// What stands in front of the body of a function that returns a promise now. TypeScript works its type out, but for that
    /// of a function which calls itself.
    fn head_with_promise(&mut self, function: Node<'a>, body: Node<'a>) -> Text {
        let part = |field| function.child_by_field_name(field);
        let parameters = part("parameters").filter(|_| self.cx.file.source.language().has_types());
        let Some(parameters) = parameters else { return self.text(function.start_byte()..body.start_byte()) };
        let end = part("return_type").map_or(parameters.end_byte(), |r| r.end_byte());
        let mut text = self.text(function.start_byte()..parameters.end_byte());
        text.push_str(if self.reaches_itself(function) { ": Promise<any>" } else { "" });
        text.push(&self.text(end..body.start_byte()));
        text
    }

    /// Whether a function of the code calls itself, or another one that does.
    fn reaches_itself(&self, function: Node<'a>) -> bool {
        let (mut pending, mut seen) = (vec![function], Vec::new());
        while let Some(current) = pending.pop() {
            for reference in self.cx.names.references_in(&current.byte_range()) {
                let local = self.locals.iter().find(|l| Some(l.binding) == reference.binding && !l.is_inlined);
                let Some(local) = local else { continue };
                if local.function == function {
                    return true;
                }
                if !seen.contains(&local.function) {
                    seen.push(local.function);
                    pending.push(local.function);
                }
            }
        }
        false
    }

    /// Where a function of the code looks at a result beside an error, if a call may hand over both.
    fn wants_results_beside(&mut self, call: &Call<'a>, function: Node<'a>) -> Option<Refusal> {
        let parameters = parameters(function);
        let first = parameters.first().map(|p| p.child_by_field_name("pattern").unwrap_or(*p))?;
        let error = self.cx.names.declared_at(first.start_byte())?;
        let results = parameters.get(1..).unwrap_or_default().to_vec();
        self.check_results_beside(call, &Callback { function, error, results }).err()
    }
}
