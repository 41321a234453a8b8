//! The bodies of handlers: statements that move, and their `return`s.
//!
//! Where the value becomes the function's own, the body moves as it is and its `return`s stay. Where a step follows,
//! a `return` hands the value on: at the end of the body it is simply the value, before the end it becomes a branch.

use std::ops::Range;

use tree_sitter::Node;

use super::{
    Stmt, Text, Value,
    body::{ReturnSite, completes, is_in_tail_position, returns_in},
    chain::{Chain, Handler, Link, LinkKind, block_body, parameters},
    classify::{self, Promise},
    lines::{Gap, own_lines},
    lower::{Exit, Lowerer, MAX_DEPTH, Sink},
    parameter::types_in_comment,
    print::{print, print_block},
    site::{left_at_once, left_too_late, may_be_closed},
    thenable::not_a_promise,
};
use crate::{
    edit::{Refusal, RefusalCode},
    semantic::{BindingKind, Reference},
    syntax::node::{between_braces, call_parts, is_comment, member_parts, named_children, unparenthesized},
};

/// A statement of a block with what stands around it.
struct Segment<'t> {
    node: Node<'t>,
    /// From behind the segment before: blank lines and comments in front of the statement.
    lead: Range<usize>,
    /// Behind the statement on its last line: a comment, or nothing.
    trail: Range<usize>,
}

impl Lowerer<'_, '_> {
    /// Lowers the body of a handler whose parameters are bound.
    pub(super) fn body(&mut self, function: Node<'_>, sink: &Sink, out: &mut Vec<Stmt>) -> Result<Value, Refusal> {
        let Some(block) = block_body(function) else {
            let Some(expression) = function.child_by_field_name("body") else { return Ok(Value::nothing()) };
            return self.result(expression, sink, out);
        };
        if let Sink::Return { in_try, must_exit } = *sink {
            self.returning_body(function, block, in_try, must_exit, out)?;
            return Ok(Value::nothing());
        }
        let (segments, tail) = self.segments(block);
        let is_straight = returns_in(block).iter().all(|r| segments.last().is_some_and(|s| s.node == r.node));
        if is_straight || matches!(sink, Sink::Discard | Sink::Assign { .. }) {
            return self.list(&segments, tail, sink, out);
        }
        let Exit { inner, value, declare, finish } = self.exit(sink, false);
        out.extend(declare);
        self.list(&segments, tail, &inner, out)?;
        out.extend(finish);
        Ok(value)
    }

    /// What a `return` or an expression body hands over: a value, or a chain whose steps join the others.
    fn result(&mut self, expression: Node<'_>, sink: &Sink, out: &mut Vec<Stmt>) -> Result<Value, Refusal> {
        if let Some(value) = self.inner_chain(expression, sink, out) {
            return Ok(value);
        }
        // In the middle of a list, what follows could never be reached.
        let may_throw = match sink {
            Sink::Return { in_try, .. } => *in_try,
            Sink::Assign { .. } => true,
            Sink::Discard => self.branching > 0,
            Sink::Bind { .. } | Sink::Pending { .. } => false,
        };
        if let Some(reason) = self.rejection(expression).filter(|_| may_throw) {
            out.push(Stmt::Throw(reason));
            return Ok(Value::nothing());
        }
        let mut value = self.value(expression);
        let inner = unparenthesized(expression);
        if matches!(sink, Sink::Return { in_try, .. } if !(*in_try && value.may_be_promise))
            && matches!(inner.kind(), "assignment_expression" | "augmented_assignment_expression")
            && let Some(parentheses) = inner.parent().filter(|_| value.text == self.text(inner.byte_range()))
            && inner != expression
        {
            // They say that the assignment is no comparison gone wrong, and linters ask for them.
            value.text = self.text(parentheses.byte_range());
        }
        Ok(self.feed(value, sink, out))
    }

    /// The reason in `Promise.reject(reason)`.
    fn rejection(&self, expression: Node<'_>) -> Option<Text> {
        let (callee, arguments) = call_parts(unparenthesized(expression))?;
        let (object, property) = member_parts(callee)?;
        let [reason] = arguments.as_slice() else { return None };
        let is_rejection = self.cx.text(object) == "Promise" && self.cx.text(property) == "reject";
        let comments = self.cx.file.comments_in(&expression.byte_range());
        (is_rejection && comments.is_empty()).then(|| self.text(reason.byte_range()))
    }

    /// Lowers a chain that a handler returns. `None` where it is none, or has to stay one.
    fn inner_chain(&mut self, expression: Node<'_>, sink: &Sink, out: &mut Vec<Stmt>) -> Option<Value> {
        let node = unparenthesized(expression);
        let chain = Chain::parse(self.cx, node).filter(Chain::has_then)?;
        if self.depth >= MAX_DEPTH || not_a_promise(self.cx, chain.base).is_some() {
            return None;
        }
        let (consumed, assumptions) = (self.consumed.len(), self.assumptions.len());
        let (depth, branching) = (self.depth, self.branching);
        let mut statements = Vec::new();
        self.depth += 1;
        let result = self.chain_from(&chain, 0, sink, &mut statements);
        (self.depth, self.branching) = (depth, branching);
        match result {
            Ok(value) => {
                self.consumed.push(node.byte_range());
                out.extend(statements);
                Some(value)
            }
            Err(_) => {
                // It stays an expression, and a candidate of its own.
                self.consumed.truncate(consumed);
                self.assumptions.truncate(assumptions);
                None
            }
        }
    }

    /// A body that becomes the end of the function: it moves as it is.
    fn returning_body(
        &mut self,
        function: Node<'_>,
        block: Node<'_>,
        in_try: bool,
        must_exit: bool,
        out: &mut Vec<Stmt>,
    ) -> Result<(), Refusal> {
        let inside = self.behind_comments(between_braces(block), out);
        let text = self.cx.slice(inside.clone());
        let start = inside.start + text.len() - text.trim_start().len();
        let range = start..start + text.trim().len();
        let mut edits: Vec<(Range<usize>, Text)> = Vec::new();
        for site in returns_in(block) {
            self.edit_return(function, site, in_try, must_exit, &mut edits)?;
        }
        let is_replaced = |at: usize| edits.iter().any(|(e, _)| !e.is_empty() && e.start <= at && at <= e.end);
        let lines = own_lines(self.cx, &range).into_iter().filter(|(r, _)| !is_replaced(r.start));
        let lines: Vec<_> = lines.collect();
        let renames = self.renames.edits_in(&range);
        let free = |r: &Range<usize>| !edits.iter().any(|(e, _)| e.start <= r.start && r.end <= e.end);
        let renames: Vec<_> =
            renames.iter().filter(|e| free(&e.range)).map(|e| (e.range.clone(), Text::from(e.text.as_str()))).collect();
        edits.extend(renames);
        edits.extend(lines);
        edits.sort_by_key(|(r, _)| (r.start, r.end));
        if !range.is_empty() {
            out.push(Stmt::Source(Text::moved(self.cx.file, range, &edits)));
        }
        if must_exit && completes(block) {
            out.push(Stmt::Return(None));
        }
        Ok(())
    }

    /// What has to change about one `return` of a body that moves as it is.
    fn edit_return(
        &mut self,
        function: Node<'_>,
        site: ReturnSite<'_>,
        in_try: bool,
        must_exit: bool,
        edits: &mut Vec<(Range<usize>, Text)>,
    ) -> Result<(), Refusal> {
        let Some(expression) = site.expression else { return Ok(()) };
        let left = left_at_once(self.cx, site.node, Some(function))
            .or_else(|| may_be_closed(self.cx, site.node, Some(function)));
        let must_exit = must_exit || !is_in_tail_position(site.node, function);
        let mut statements = Vec::new();
        let sink = Sink::Return { in_try, must_exit };
        if left.is_none() && self.inner_chain(expression, &sink, &mut statements).is_some() {
            self.prepend_comments(site.node, &mut statements);
            edits.push((site.node.byte_range(), self.in_place(site.node, &statements)));
            return Ok(());
        }
        if !in_try || classify::promise(self.cx, expression) == Promise::No {
            return Ok(());
        }
        if let Some(guard) = left {
            return Err(left_too_late(guard));
        }
        if let Some(reason) = self.rejection(expression) {
            let thrown = self.in_place(site.node, &[Stmt::Throw(reason)]);
            edits.push((site.node.byte_range(), thrown));
            return Ok(());
        }
        let range = expression.byte_range();
        let loose = classify::is_loose(expression);
        edits.push((range.start..range.start, if loose { "await (" } else { "await " }.into()));
        if loose {
            edits.push((range.end..range.end, ")".into()));
        }
        Ok(())
    }

    /// Comments between `return` and its value have no place once the value is a list of statements.
    fn prepend_comments(&self, statement: Node<'_>, statements: &mut Vec<Stmt>) {
        let mut cursor = statement.walk();
        let comments: Vec<_> = statement.children(&mut cursor).filter(|c| is_comment(*c)).collect();
        let comments = comments.iter().map(|c| Stmt::Source(self.text(c.byte_range())));
        statements.splice(0..0, comments);
    }

    /// Statements in the place of one, as the code around it needs them.
    fn in_place(&self, statement: Node<'_>, statements: &[Stmt]) -> Text {
        let indent = self.cx.file.source.indent_at(statement.start_byte());
        match statement.parent().map(|p| p.kind()) {
            Some("statement_block") => print(statements, indent, self.cx.style),
            Some("switch_case" | "switch_default") if !Stmt::list_declares(statements) => {
                print(statements, indent, self.cx.style)
            }
            _ if statements.len() == 1 && !Stmt::list_declares(statements) => print(statements, indent, self.cx.style),
            _ => print_block(statements, indent, self.cx.style),
        }
    }

    /// The statements of a block, and what stands behind the last of them.
    fn segments<'t>(&self, block: Node<'t>) -> (Vec<Segment<'t>>, Range<usize>) {
        let inside = between_braces(block);
        let mut done = inside.start;
        let mut segments = Vec::new();
        let nodes = named_children(block);
        for (index, node) in nodes.iter().copied().enumerate() {
            // An empty statement behind another is its semicolon. A comment within the next statement is that one's.
            let limit = nodes.get(index + 1).map_or(inside.end, Node::start_byte);
            let end = self.trailing_comment(node.end_byte(), limit);
            segments.push(Segment { node, lead: done..node.start_byte(), trail: node.end_byte()..end });
            done = end;
        }
        (segments, done..inside.end)
    }

    /// The end of a comment that follows on the same line, or `from`.
    fn trailing_comment(&self, from: usize, limit: usize) -> usize {
        let comments = self.cx.file.comments_in(&(from..limit));
        match comments.first() {
            Some(first) if !self.cx.slice(from..first.start).contains('\n') => first.end,
            _ => from,
        }
    }

    /// Lowers a list of statements whose `return`s hand a value on.
    fn list(
        &mut self,
        segments: &[Segment<'_>],
        tail: Range<usize>,
        sink: &Sink,
        out: &mut Vec<Stmt>,
    ) -> Result<Value, Refusal> {
        let stop = segments.iter().position(|s| !returns_in(s.node).is_empty()).unwrap_or(segments.len());
        if stop > 0 {
            let (first, last) = (&segments[0], &segments[stop - 1]);
            let end = if stop == segments.len() { tail.end } else { last.trail.end };
            self.source(first.lead.start..end, out);
        }
        let Some(segment) = segments.get(stop) else {
            if stop == 0 {
                self.source(tail, out);
            }
            return Ok(match segments.last() {
                Some(last) if !completes(last.node) => Value::nothing(),
                _ => self.feed(Value::nothing(), sink, out),
            });
        };
        let rest = &segments[stop + 1..];
        self.source(segment.lead.clone(), out);
        match segment.node.kind() {
            "return_statement" => {
                if let Some(unreachable) = rest.first() {
                    return Err(Refusal::new(RefusalCode::ReturnInLoop, unreachable.node.byte_range()));
                }
                let expression = named_children(segment.node).first().copied();
                let mut comments = Vec::new();
                self.prepend_comments(segment.node, &mut comments);
                out.extend(comments);
                let value = match expression {
                    Some(expression) => self.result(expression, sink, out)?,
                    None => self.feed(Value::nothing(), sink, out),
                };
                self.trailing(segment.trail.clone(), out);
                self.source(tail, out);
                Ok(value)
            }
            "if_statement" => {
                self.branches(segment, rest, tail, sink, out)?;
                Ok(Value::nothing())
            }
            _ => Err(Refusal::new(RefusalCode::ReturnInLoop, segment.node.byte_range())),
        }
    }

    /// An `if` with a `return` in it: what follows moves into the branch that goes on.
    fn branches(
        &mut self,
        segment: &Segment<'_>,
        rest: &[Segment<'_>],
        tail: Range<usize>,
        sink: &Sink,
        out: &mut Vec<Stmt>,
    ) -> Result<(), Refusal> {
        let node = segment.node;
        let too_deep = || Refusal::new(RefusalCode::TooDeep, node.byte_range());
        let (Some(condition), Some(consequence)) =
            (node.child_by_field_name("condition"), node.child_by_field_name("consequence"))
        else {
            return Err(Refusal::new(RefusalCode::SyntaxError, node.byte_range()));
        };
        if self.depth >= MAX_DEPTH {
            return Err(too_deep());
        }
        let alternative = node.child_by_field_name("alternative").and_then(|e| named_children(e).first().copied());
        let then_goes_on = completes(consequence);
        let else_goes_on = alternative.is_none_or(completes);
        if then_goes_on && else_goes_on && !rest.is_empty() {
            return Err(Refusal::new(RefusalCode::ReturnInLoop, node.byte_range()));
        }
        self.check_used_before(segment, rest)?;
        self.depth += 1;
        self.branching += 1;
        let (mut then, mut otherwise) = self.branch_comments(node, condition, consequence, alternative);
        if then_goes_on {
            self.source(segment.trail.clone(), &mut then);
        } else {
            self.source(segment.trail.clone(), &mut otherwise);
        }
        self.branch(Some(consequence), if then_goes_on { rest } else { &[] }, sink, &mut then)?;
        self.branch(alternative, if then_goes_on { &[] } else { rest }, sink, &mut otherwise)?;
        self.branching -= 1;
        self.depth -= 1;
        if !tail.is_empty() {
            self.source(tail, if then_goes_on { &mut then } else { &mut otherwise });
        }
        let mut text = self.text(condition.byte_range());
        if then.is_empty() && !otherwise.is_empty() {
            text = self.negated(condition);
            std::mem::swap(&mut then, &mut otherwise);
        }
        out.push(Stmt::If { condition: text, then, otherwise });
        // The blank line that set apart what is in a branch now sets apart the branches.
        out.extend(rest.first().and_then(|s| self.cx.slice(s.lead.clone()).blank_lines_in_front()));
        Ok(())
    }

    /// What follows an `if` may not be needed in front of it once it stands in a branch: a function that is called
    /// earlier, a variable that a closure made earlier refers to.
    fn check_used_before(&self, segment: &Segment<'_>, rest: &[Segment<'_>]) -> Result<(), Refusal> {
        let (Some(first), Some(last)) = (rest.first(), rest.last()) else { return Ok(()) };
        let rest = first.lead.start..last.trail.end;
        let names = self.cx.names;
        for id in names.declared_in(&rest) {
            let binding = names.binding(id);
            let is_block_scoped = !matches!(binding.kind, BindingKind::Var | BindingKind::Parameter);
            let outside = |r: &&Reference| !(rest.start <= r.range.start && r.range.end <= rest.end);
            let mut uses = binding.references.iter().map(|r| names.reference(*r)).filter(outside);
            if let Some(used) = uses.next().filter(|_| is_block_scoped) {
                debug_assert!(used.range.start < segment.node.end_byte() || used.range.start >= rest.end);
                return Err(Refusal::new(RefusalCode::NameClash, used.range.clone()));
            }
        }
        Ok(())
    }

    /// Whether a block declares a name that the statements use or declare that are to follow in it.
    fn would_meet(&self, block: Node<'_>, rest: &[Segment<'_>]) -> bool {
        let (Some(first), Some(last)) = (rest.first(), rest.last()) else { return false };
        let rest = first.lead.start..last.trail.end;
        let names = self.cx.names;
        names.declared_in(&block.byte_range()).into_iter().map(|b| names.binding(b)).any(|local| {
            let used = names.references_in(&rest).iter().any(|r| r.name == local.name);
            used || names.declared_in(&rest).into_iter().any(|b| names.binding(b).name == local.name)
        })
    }

    /// The comments of an `if` that stand between its parts, as the beginnings of its branches.
    fn branch_comments(
        &self,
        node: Node<'_>,
        condition: Node<'_>,
        consequence: Node<'_>,
        alternative: Option<Node<'_>>,
    ) -> (Vec<Stmt>, Vec<Stmt>) {
        let between = |from: usize, to: usize| {
            let comments = self.cx.file.comments_in(&(from..to));
            comments.iter().map(|c| Stmt::Source(self.text(c.clone()))).collect()
        };
        let end = alternative.map_or(node.end_byte(), |a| a.start_byte());
        (between(condition.end_byte(), consequence.start_byte()), between(consequence.end_byte(), end))
    }

    /// The opposite of a condition in parentheses, in parentheses.
    fn negated(&self, condition: Node<'_>) -> Text {
        let inner = unparenthesized(condition);
        let is_negation = inner.kind() == "unary_expression"
            && inner.child_by_field_name("operator").is_some_and(|o| o.kind() == "!");
        if let Some(argument) = inner.child_by_field_name("argument").filter(|_| is_negation) {
            let mut text = Text::from("(");
            text.push(&self.text(unparenthesized(argument).byte_range()));
            text.push_str(")");
            return text;
        }
        let mut text = Text::from(if classify::is_loose(inner) { "(!(" } else { "(!" });
        text.push(&self.text(inner.byte_range()));
        text.push_str(if classify::is_loose(inner) { "))" } else { ")" });
        text
    }

    /// One branch of an `if`, with the statements that follow the `if` behind it.
    fn branch(
        &mut self,
        statement: Option<Node<'_>>,
        rest: &[Segment<'_>],
        sink: &Sink,
        out: &mut Vec<Stmt>,
    ) -> Result<(), Refusal> {
        let (mut segments, tail) = match statement {
            Some(block) if block.kind() == "statement_block" => self.segments(block),
            Some(single) => {
                let at = single.start_byte();
                let end = single.end_byte();
                (vec![Segment { node: single, lead: at..at, trail: end..end }], end..end)
            }
            None => (Vec::new(), 0..0),
        };
        if rest.is_empty() {
            self.list(&segments, tail, sink, out)?;
            return Ok(());
        }
        // Two lists from different places: each is a run of source of its own.
        let end = rest.last().map_or(0, |s| s.trail.end);
        let has_return = segments.iter().any(|s| !returns_in(s.node).is_empty());
        if has_return {
            let follows = rest.iter().map(|s| Segment { node: s.node, lead: s.lead.clone(), trail: s.trail.clone() });
            let meets = statement.is_some_and(|block| self.would_meet(block, rest));
            if meets || segments.last().is_some_and(|s| returns_in(s.node).is_empty()) || !tail_is_blank(self, &tail) {
                return Err(Refusal::new(RefusalCode::ReturnInLoop, segments[0].node.byte_range()));
            }
            segments.extend(follows);
            self.list(&segments, end..end, sink, out)?;
            return Ok(());
        }
        let start = segments.first().map_or(tail.start, |s| s.lead.start);
        let mut own = Vec::new();
        self.source(start..tail.end, &mut own);
        if statement.is_some_and(|block| self.would_meet(block, rest)) {
            out.push(Stmt::Block(own));
        } else {
            out.extend(own);
        }
        self.list(rest, end..end, sink, out)?;
        Ok(())
    }

    /// The comments and blank lines of a link that stand outside the code that moves: in front of `.then`, in the
    /// parentheses, beside the parameters. The first one on the line of the link before belongs to that.
    pub(super) fn comments(&self, link: &Link<'_>, handler: &Handler<'_>, out: &mut Vec<Stmt>) {
        let mut kept = kept_ranges(handler);
        let handles_failure = match &link.kind {
            LinkKind::ThenBoth(_, g) => g.node() == handler.node(),
            kind => matches!(kind, LinkKind::Catch(_)),
        };
        let typed = handler.literal().and_then(|f| types_in_comment(*parameters(f).first()?));
        // A `catch` clause keeps it beside the name of the error.
        kept.extend(typed.filter(|c| handles_failure && self.cx.text(*c).starts_with("/*:")).map(|c| c.byte_range()));
        // The two handlers of one `then` share its range: what stands behind the first belongs to the second.
        let share = match (&link.kind, handler.node()) {
            (LinkKind::ThenBoth(f, _), node) if f.node() == node => link.range.start..node.end_byte(),
            (LinkKind::ThenBoth(f, _), _) => f.node().end_byte()..link.range.end,
            _ => link.range.clone(),
        };
        let method = link.method().map_or(link.range.start, |m| m.start_byte());
        let gap = self.cx.slice(link.range.start..method).trim_end_matches(['.', '?']);
        let blank_before = gap.matches('\n').count() > 1 && gap.trim().is_empty();
        if blank_before {
            out.push(Stmt::blank());
        }
        let mut end_before = link.range.start;
        for comment in self.cx.file.comments_in(&share) {
            if kept.iter().any(|k| k.start <= comment.start && comment.end <= k.end) {
                continue;
            }
            let between = self.cx.slice(end_before..comment.start);
            let text = self.text(comment.clone());
            let is_trailing = end_before == link.range.start && !between.contains('\n') && !out.is_empty();
            if is_trailing && !text.as_str().contains('\n') {
                out.push(Stmt::Trailing(text.as_str().to_owned()));
            } else {
                if between.matches('\n').count() > 1 && comment.end <= method {
                    out.push(Stmt::blank());
                }
                out.push(Stmt::Source(text));
            }
            end_before = comment.end;
        }
    }
}

fn tail_is_blank(lowerer: &Lowerer<'_, '_>, tail: &Range<usize>) -> bool {
    lowerer.cx.slice(tail.clone()).trim().is_empty()
}

/// The parts of a link whose text moves with its comments.
fn kept_ranges(handler: &Handler<'_>) -> Vec<Range<usize>> {
    match handler {
        Handler::Literal { function, .. } => {
            let body = function.child_by_field_name("body").map(|b| b.byte_range());
            parameters(*function).iter().map(|p| p.byte_range()).chain(body).collect()
        }
        Handler::Callee(node) | Handler::Bound(node) => vec![node.byte_range()],
    }
}
