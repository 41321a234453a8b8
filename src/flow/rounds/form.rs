//! The code that takes the place of a loop: a fan-out, and what is done in order with its results.

use std::ops::Range;

use tree_sitter::Node;

use super::{
    captured::{Captured, captured},
    exits::end_in_place_of,
    head::{Head, free_name},
    outer::{Collect, How},
    parts::{bracketed, declared_before, is_in_function, line_of, merged, singular},
    split::{Split, is_stable},
};
use crate::{
    context::Context,
    edit::{Edit, NewFile, Refusal, RefusalCode},
    flow::{
        Keyword, Stmt, Text,
        body::completes,
        imports::Additions,
        limiter::{Mapped, Mapper, mapped},
        print::print,
    },
    semantic::{BindingId, BindingKind},
    syntax::node::{code_range, enclosing_function, named_children, unparenthesized},
};

/// How deep blocks and branches are followed to find out whether a round comes to its end.
const MAX_DEPTH: usize = 100;

/// A loop with all that is known of it.
#[derive(Debug)]
pub struct Loop<'l, 't> {
    /// The statement.
    pub node: Node<'t>,
    /// Its body.
    pub body: Node<'t>,
    /// What its rounds are.
    pub head: &'l Head<'t>,
    /// Its body, taken apart.
    pub split: &'l Split<'t>,
    /// The `continue` statements of its rounds.
    pub continues: &'l [Node<'t>],
    /// Whether all rounds may be under way at once, whatever the bound.
    pub together: bool,
}

/// What a loop becomes.
#[derive(Debug)]
pub struct Written {
    /// The edits, sorted.
    pub edits: Vec<Edit>,
    /// A file that has to be made.
    pub creates: Option<NewFile>,
    /// Whether items that wait for their turn are started although another one has failed.
    pub goes_on: bool,
    /// Whether what has been put off until all results are there can be seen when one fails.
    pub is_put_off: bool,
}

/// Writes the fan-out.
///
/// # Errors
/// With `no-limiter` where the package has none, with `name-clash` and `carried-value` where names stand against it.
pub fn write(cx: &Context<'_>, this: &Loop<'_, '_>) -> Result<Written, Refusal> {
    check_parameters(cx, this)?;
    let plan = Plan::new(cx, this)?;
    let mut additions = Additions::default();
    let mapper = Mapper::Inline { parameters: this.head.parameters.clone(), body: plan.body(cx)? };
    let fan = fan_out(cx, &mut additions, this, &mapper)?;
    let mut statements: Vec<Stmt> = plan.captured.iter().map(Captured::declared).collect();
    statements.extend(fan.before);
    let mut value = Text::from("await ");
    value.push(&fan.value);
    if plan.is_sparse {
        value = Text::from("(");
        value.push_str("await ");
        value.push(&fan.value);
        value.push_str(").flat()");
    }
    let direct = plan.direct(cx);
    let is_put_off = !plan.after.is_empty() && direct.is_none();
    let mut edits = Vec::new();
    match (&direct, plan.after.is_empty()) {
        (Some(list), _) => {
            statements.push(Stmt::Bind { keyword: list.keyword, target: list.target.clone(), value });
            edits.push(Edit::new(list.range.clone(), ""));
        }
        (None, true) => statements.push(Stmt::Expression(value)),
        (None, false) => {
            let function = enclosing_function(this.node).map_or(0..cx.file.source.bytes().len(), |f| f.byte_range());
            let results = free_name(cx, &function, &["results", "all", "results"]);
            statements.push(Stmt::Bind { keyword: Keyword::Const, target: results.clone().into(), value });
            statements.push(Stmt::Source(plan.afterwards(cx, &results)));
        }
    }
    let range = code_range(this.node);
    let in_list = this.node.parent().is_some_and(|p| matches!(p.kind(), "statement_block" | "program"));
    if !in_list && statements.len() > 1 {
        statements = vec![Stmt::Block(statements)];
    }
    let text = print(&statements, cx.file.source.indent_at(range.start), cx.style);
    edits.push(Edit::new(range, text.as_str()));
    let added = additions.edits(cx, &edits);
    edits.extend(added);
    edits.sort_by_key(|e| (e.range.start, e.range.end));
    Ok(Written { edits, creates: fan.creates, goes_on: fan.goes_on, is_put_off })
}

/// The fan-out itself: all items at once where there are few, else with the bound.
fn fan_out(
    cx: &Context<'_>,
    additions: &mut Additions,
    this: &Loop<'_, '_>,
    mapper: &Mapper,
) -> Result<Mapped, Refusal> {
    let items = &this.head.items;
    if this.together {
        let mut value = Text::from("Promise.all(");
        value.push(items);
        value.push_str(".map(");
        value.push(&mapper.text());
        value.push_str("))");
        return Ok(Mapped { before: Vec::new(), value, creates: None, goes_on: true });
    }
    let at = this.node.byte_range();
    let mut first = additions.clone();
    let fan = mapped(cx, &mut first, items, mapper, cx.tuning.at_once, at.clone())?;
    if this.head.is_array || !fan.goes_on {
        *additions = first;
        return Ok(fan);
    }
    // Only an array has the `map` that goes with a queue.
    let mut list = Text::from("[...");
    list.push(items);
    list.push_str("]");
    mapped(cx, additions, &list, mapper, cx.tuning.at_once, at)
}

/// A function's parameters and its body are one scope, a loop's head and its body are two.
fn check_parameters(cx: &Context<'_>, this: &Loop<'_, '_>) -> Result<(), Refusal> {
    let body = this.body.byte_range();
    let own = this.head.own.iter().map(|b| cx.names.binding(*b));
    let names: Vec<_> = own.filter(|b| !body.contains(&b.declarations[0].start)).map(|b| &b.name).collect();
    let in_body = cx.names.declared_in(&body).into_iter().map(|b| cx.names.binding(b));
    let twice = in_body.filter(|b| cx.names.scope(b.scope).range == body).find(|b| names.contains(&&b.name));
    twice.map_or(Ok(()), |b| Err(Refusal::new(RefusalCode::NameClash, b.declarations[0].clone())))
}

/// Something that is added to what stands outside, by a name for its value.
struct Added<'t> {
    collect: Collect<'t>,
    /// The name that the value is kept under, where it has to be worked out with its item.
    value: Option<String>,
    /// The same for the key.
    key: Option<String>,
}

struct Plan<'l, 't> {
    this: &'l Loop<'l, 't>,
    added: Vec<Added<'t>>,
    /// The names of the key and the value that different ways through a round hand over.
    nested: Option<(Option<String>, String)>,
    /// The variables of a round that what comes afterwards needs.
    live: Vec<String>,
    /// Whether one of those is assigned there.
    is_assigned: bool,
    /// Whether a round may have no result.
    is_sparse: bool,
    /// The statements for each result.
    after: Vec<Text>,
    /// What the mapper has by another name than the code around it.
    captured: Vec<Captured>,
}

/// An empty list that is declared right in front of the loop, and only filled by it.
struct List {
    keyword: Keyword,
    target: Text,
    range: Range<usize>,
}

impl<'l, 't> Plan<'l, 't> {
    fn new(cx: &Context<'_>, this: &'l Loop<'l, 't>) -> Result<Self, Refusal> {
        let function = enclosing_function(this.node).map_or(0..cx.file.source.bytes().len(), |f| f.byte_range());
        let mut taken: Vec<String> = Vec::new();
        let mut fresh = |base: &str| {
            let numbered: Vec<String> = (2..99).map(|n| format!("{base}{n}")).collect();
            let names: Vec<&str> = std::iter::once(base).chain(numbered.iter().map(String::as_str)).collect();
            let free: Vec<&str> = names.into_iter().filter(|n| !taken.iter().any(|t| t == n)).collect();
            let name = free_name(cx, &function, &free);
            taken.push(name.clone());
            name
        };
        let name_of = |c: &Collect<'_>| match c.how {
            How::Push => singular(cx.text(c.place)),
            _ => "value".to_owned(),
        };
        let added: Vec<_> = this
            .split
            .collects
            .iter()
            .map(|c| Added {
                collect: c.clone(),
                key: c.key.filter(|k| !is_stable(cx, *k)).map(|_| fresh("key")),
                value: (!is_kept_by_name(cx, this, c)).then(|| fresh(&name_of(c))),
            })
            .collect();
        let nested = this.split.nested.first().map(|c| (c.key.map(|_| fresh("key")), fresh(&name_of(c))));
        let captured = captured(cx, this, &mut fresh);
        let mut plan = Self {
            this,
            added,
            nested,
            live: Vec::new(),
            is_assigned: false,
            is_sparse: false,
            after: Vec::new(),
            captured,
        };
        if let Some((key, value)) = &plan.nested {
            plan.live.extend(key.iter().chain([value]).cloned());
            let first = this.split.nested.first();
            plan.after = first.map(|c| renamed(cx, c, key.as_deref(), Some(value))).into_iter().collect();
            let last = this.split.head.last();
            plan.is_sparse = !this.continues.is_empty() || last.is_none_or(|last| plan.falls_through(*last, MAX_DEPTH));
            return Ok(plan);
        }
        plan.find_live(cx)?;
        plan.after = plan.texts(cx);
        let tail = this.split.tail.first().map_or(usize::MAX, |t| t.start_byte());
        plan.is_sparse = !plan.after.is_empty() && this.continues.iter().any(|c| c.start_byte() < tail);
        Ok(plan)
    }

    /// The ranges of the code that runs afterwards.
    fn later(&self) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        for added in &self.added {
            let c = &added.collect;
            let mut at = c.statement.start_byte();
            for part in [added.key.as_ref().and(c.key), added.value.as_ref().map(|_| c.value)].into_iter().flatten() {
                ranges.push(at..part.start_byte());
                at = part.end_byte();
            }
            ranges.push(at..c.statement.end_byte());
        }
        ranges.extend(self.this.split.tail.iter().map(|s| s.byte_range()));
        ranges
    }

    /// The variables of a round that what comes afterwards needs, in the order of their declarations.
    fn find_live(&mut self, cx: &Context<'_>) -> Result<(), Refusal> {
        let (body, head) = (self.this.body.byte_range(), self.this.head);
        let later = self.later();
        let declared = cx.names.declared_in(&body);
        let in_later = |r: &Range<usize>| later.iter().any(|l| l.start <= r.start && r.end <= l.end);
        let is_own = |b: BindingId| {
            (head.own.contains(&b) || declared.contains(&b)) && !in_later(&cx.names.binding(b).declarations[0])
        };
        let mut found: Vec<BindingId> = Vec::new();
        for range in &later {
            for reference in cx.names.references_in(range) {
                let Some(binding) = reference.binding.filter(|b| is_own(*b)) else { continue };
                if !found.contains(&binding) {
                    found.push(binding);
                }
                if reference.writes {
                    self.is_assigned = true;
                    let elsewhere = cx.names.binding(binding).references.iter().map(|r| cx.names.reference(*r));
                    if elsewhere
                        .into_iter()
                        .any(|r| !in_later(&r.range) && is_in_function(cx, &r.range, self.this.node))
                    {
                        return Err(Refusal::new(RefusalCode::CarriedValue, reference.range.clone()));
                    }
                }
                if cx.names.binding(binding).kind == BindingKind::Function {
                    return Err(Refusal::new(RefusalCode::CarriedValue, reference.range.clone()));
                }
            }
        }
        found.sort_by_key(|b| cx.names.binding(*b).declarations[0].start);
        self.live = found.into_iter().map(|b| cx.names.binding(b).name.clone()).collect();
        for added in &self.added {
            self.live.extend(added.key.iter().chain(&added.value).cloned());
        }
        if self.live.is_empty() && !later.is_empty() {
            // What comes afterwards is the same for every item, and there is nothing to go through.
            return Err(Refusal::new(RefusalCode::CarriedValue, later[0].clone()));
        }
        Ok(())
    }

    /// The statements for each result, as they are written.
    fn texts(&self, cx: &Context<'_>) -> Vec<Text> {
        let mut texts = Vec::new();
        for added in &self.added {
            texts.push(renamed(cx, &added.collect, added.key.as_deref(), added.value.as_deref()));
        }
        texts.extend(self.this.split.tail_range(cx, self.this.body).map(|range| Text::moved(cx.file, range, &[])));
        texts
    }

    /// `for (const … of results) { … }`
    fn afterwards(&self, cx: &Context<'_>, results: &str) -> Text {
        let (style, newline) = (cx.style, cx.style.newline);
        let keyword = if self.is_assigned { "let" } else { "const" };
        let target = match self.live.as_slice() {
            [one] => one.clone(),
            many => format!("{{ {} }}", many.join(", ")),
        };
        let mut text = Text::from(format!("for ({keyword} {target} of {results}) {{"));
        for statement in &self.after {
            text.push_str(newline);
            text.push_str(&style.indent);
            text.push(&statement.indented(&style.indent));
        }
        text.push_str(newline);
        text.push_str("}");
        text
    }

    /// What a round hands over: `value`, `{ key, value }`; in brackets where another round may have nothing.
    fn result(&self, value: Option<&Text>) -> Text {
        let text = match (value, self.live.as_slice()) {
            (Some(value), _) => value.clone(),
            (None, [one]) => one.as_str().into(),
            (None, many) => format!("{{ {} }}", many.join(", ")).into(),
        };
        if self.is_sparse { bracketed(&text) } else { text }
    }

    /// The value of the last statement that stays in front, where that is all that comes of a round.
    fn only_value(&self, cx: &Context<'_>) -> Option<(Node<'t>, Text)> {
        let last = *self.this.split.head.last()?;
        let tail = self.this.split.tail_range(cx, self.this.body);
        if tail.is_some_and(|tail| !cx.file.comments_in(&(last.end_byte()..tail.start)).is_empty()) {
            return None;
        }
        let value = match self.added.as_slice() {
            [] => self.declared_last(cx, last)?,
            [added] => {
                let named = added.value.as_ref().filter(|_| self.live.len() == 1 && added.key.is_none());
                named.filter(|_| last == added.collect.statement)?;
                unparenthesized(added.collect.value)
            }
            _ => return None,
        };
        // A promise that an async function returns is waited for.
        let inner = Some(value).filter(|v| v.kind() == "await_expression" && !self.is_sparse);
        let inner = inner.and_then(|v| named_children(v).first().copied()).unwrap_or(value);
        Some((last, self.moved(cx, inner)))
    }

    /// What the last statement declares the one variable with that what comes afterwards needs.
    fn declared_last(&self, cx: &Context<'_>, last: Node<'t>) -> Option<Node<'t>> {
        let [live] = self.live.as_slice() else { return None };
        let parts = named_children(last);
        let [declarator] = parts.as_slice() else { return None };
        let is_plain = last.kind() == "lexical_declaration" && declarator.child_by_field_name("type").is_none();
        let name = declarator.child_by_field_name("name").filter(|n| is_plain && n.kind() == "identifier")?;
        let value = declarator.child_by_field_name("value").map(unparenthesized)?;
        let is_it = cx.text(name) == live && cx.file.comments_in(&last.byte_range()).is_empty();
        (is_it && self.nested.is_none() && !self.this.split.tail.is_empty()).then_some(value)
    }

    /// The body of the mapper.
    fn body(&self, cx: &Context<'_>) -> Result<Text, Refusal> {
        let body = self.this.body;
        let only = self.only_value(cx);
        let kept = self.this.split.head.len();
        let tail = self.this.split.tail_range(cx, body);
        let start = tail.as_ref().map_or(code_range(body).end, |tail| tail.start);
        let comments = cx.file.comments_in(&(body.start_byte()..start));
        if let Some((_, value)) = only.as_ref().filter(|_| kept == 1 && comments.is_empty()) {
            let mut value = self.result(Some(value));
            if value.as_str().starts_with('{') {
                let mut wrapped = Text::from("(");
                wrapped.push(&value);
                wrapped.push_str(")");
                value = wrapped;
            }
            return Ok(value);
        }
        let mut edits = self.edits(cx, only);
        let is_free = |range: &Range<usize>| !edits.iter().any(|(e, _)| e.start <= range.start && range.end <= e.end);
        let names: Vec<_> =
            self.names(cx, body.start_byte()..start).into_iter().filter(|(range, _)| is_free(range)).collect();
        edits.extend(names);
        edits.sort_by_key(|(range, _)| (range.start, range.end));
        if body.kind() == "statement_block" {
            return Ok(Text::moved(cx.file, code_range(body), &edits));
        }
        let mut text = Text::from(format!("{{{}{}", cx.style.newline, cx.style.indent));
        text.push(&Text::moved(cx.file, code_range(body), &edits).indented(&cx.style.indent));
        text.push_str(cx.style.newline);
        text.push_str("}");
        Ok(text)
    }

    /// Code of a round, with the names that the mapper has for what it uses.
    fn moved(&self, cx: &Context<'_>, node: Node<'_>) -> Text {
        Text::moved(cx.file, node.byte_range(), &self.names(cx, node.byte_range()))
    }

    fn names(&self, cx: &Context<'_>, range: Range<usize>) -> Vec<(Range<usize>, Text)> {
        self.captured.iter().flat_map(|one| one.uses(cx, &range)).collect()
    }

    fn edits(&self, cx: &Context<'_>, only: Option<(Node<'t>, Text)>) -> Vec<(Range<usize>, Text)> {
        let end = if cx.style.semicolons { ";" } else { "" };
        let returning = |value: &Text, end: &str| {
            let mut text = Text::from("return ");
            text.push(value);
            text.push_str(end);
            text
        };
        // Values over several lines are on the move, and are indented as the statement is that they come to stand in.
        let placed = |text: Text, at: Node<'_>| text.indented(cx.file.source.indent_at(at.start_byte()));
        let mut edits: Vec<(Range<usize>, Text)> = Vec::new();
        edits.extend(self.this.head.replaced.map(|s| (line_of(cx, s), Text::default())));
        let tail = self.this.split.tail_range(cx, self.this.body);
        let before_tail = |c: &&Node<'_>| tail.as_ref().is_none_or(|t| c.start_byte() < t.start);
        for jump in self.this.continues.iter().filter(before_tail) {
            let end = end_in_place_of(cx, *jump);
            let text = if self.is_sparse { format!("return []{end}") } else { format!("return{end}") };
            edits.push((jump.byte_range(), text.into()));
        }
        let last = self.this.split.head.last().copied();
        if let Some((key, _)) = &self.nested {
            for c in &self.this.split.nested {
                let text = returning(&self.handed_over(cx, c, key.as_deref()), end_in_place_of(cx, c.statement));
                edits.push((c.statement.byte_range(), placed(text, c.statement)));
            }
            if let Some(last) = last.filter(|l| self.is_sparse && self.falls_through(*l, MAX_DEPTH)) {
                let indent = cx.file.source.indent_at(last.start_byte());
                let text = format!("{}{indent}return []{end}", cx.style.newline);
                edits.push((last.end_byte()..last.end_byte(), text.into()));
            }
            return merged(edits);
        }
        let mut is_returned = only.is_some();
        if let Some((statement, value)) = &only {
            let text = returning(&self.result(Some(value)), end_in_place_of(cx, *statement));
            edits.push((statement.byte_range(), placed(text, *statement)));
            edits.extend(tail.as_ref().map(|tail| (statement.end_byte()..tail.end, Text::default())));
        }
        let added = if is_returned { &[] } else { self.added.as_slice() };
        for added in added {
            let statement = added.collect.statement;
            let text = self.kept(cx, added, end_in_place_of(cx, statement));
            if !text.is_empty() {
                edits.push((statement.byte_range(), text));
            } else if Some(statement) == last && tail.is_none() {
                edits.push((statement.byte_range(), returning(&self.result(None), end_in_place_of(cx, statement))));
                is_returned = true;
            } else {
                edits.push((line_of(cx, statement), Text::default()));
            }
        }
        if !self.live.is_empty() && !is_returned {
            let result = returning(&self.result(None), end);
            match (tail, last) {
                (Some(tail), _) => edits.push((tail, result)),
                (None, Some(last)) => {
                    let mut text =
                        Text::from(format!("{}{}", cx.style.newline, cx.file.source.indent_at(last.start_byte())));
                    text.push(&result);
                    edits.push((last.end_byte()..last.end_byte(), text));
                }
                (None, None) => {}
            }
        }
        merged(edits)
    }

    /// Whether a statement may come to its end without having handed anything over.
    fn falls_through(&self, statement: Node<'_>, depth: usize) -> bool {
        if self.this.split.nested.iter().any(|c| c.statement.byte_range() == statement.byte_range()) {
            return false;
        }
        let deeper = |n: Node<'_>| depth == 0 || self.falls_through(n, depth - 1);
        match statement.kind() {
            "statement_block" => named_children(statement).into_iter().all(deeper),
            "else_clause" => named_children(statement).into_iter().all(deeper),
            "if_statement" => {
                let otherwise = statement.child_by_field_name("alternative");
                otherwise.is_none_or(deeper) || statement.child_by_field_name("consequence").is_none_or(deeper)
            }
            _ => completes(statement),
        }
    }

    /// `value`, `{ key: …, value: … }`; in brackets where another round may have nothing.
    fn handed_over(&self, cx: &Context<'_>, c: &Collect<'_>, key: Option<&str>) -> Text {
        let inner = Some(unparenthesized(c.value)).filter(|v| v.kind() != "sequence_expression");
        let mut text = self.moved(cx, inner.unwrap_or(c.value));
        if let (Some((key_name, key)), Some((_, name))) = (key.zip(c.key), &self.nested) {
            let mut both = Text::from(format!("{{ {key_name}: "));
            both.push(&self.moved(cx, key));
            both.push_str(&format!(", {name}: "));
            both.push(&text);
            both.push_str(" }");
            text = both;
        }
        if self.is_sparse { bracketed(&text) } else { text }
    }

    /// `const key = …; const value = …;`
    fn kept(&self, cx: &Context<'_>, added: &Added<'_>, end: &str) -> Text {
        let c = &added.collect;
        let mut text = Text::default();
        let indent = cx.file.source.indent_at(c.statement.start_byte());
        for (name, node) in [(added.key.as_ref(), c.key), (added.value.as_ref(), Some(c.value))]
            .into_iter()
            .filter_map(|(n, v)| n.zip(v))
        {
            if !text.is_empty() {
                text.push_str(&format!("{}{indent}", cx.style.newline));
            }
            text.push_str(&format!("const {name} = "));
            text.push(&self.moved(cx, node).indented(indent));
            text.push_str(end);
        }
        text
    }

    /// The list that the results are, where the loop does nothing but fill it.
    fn direct(&self, cx: &Context<'_>) -> Option<List> {
        let collects: Vec<_> = self.added.iter().map(|a| &a.collect).chain(&self.this.split.nested).collect();
        let c = *collects.first().filter(|_| self.after.len() == 1)?;
        let is_all = c.how == How::Push && self.this.split.tail.is_empty() && self.live.len() == 1;
        let name = unparenthesized(c.place);
        let reference = cx.names.reference_at(name.start_byte()).filter(|_| is_all && name.kind() == "identifier")?;
        let binding = reference.binding?;
        let declaration = declared_before(self.this.node)?;
        let parts = named_children(declaration);
        let [declarator] = parts.as_slice() else { return None };
        let target = declarator.child_by_field_name("name")?;
        let value = declarator.child_by_field_name("value")?;
        let is_empty = value.kind() == "array" && named_children(value).is_empty();
        let is_it = cx.names.declared_at(target.start_byte()) == Some(binding) && target.kind() == "identifier";
        let comments = cx.file.comments_in(&declaration.byte_range());
        if !(is_empty && is_it && comments.is_empty() && cx.names.binding(binding).declarations.len() == 1) {
            return None;
        }
        let uses = cx.names.binding(binding).references.iter().map(|r| cx.names.reference(*r));
        let mut others = uses.filter(|r| !collects.iter().any(|c| unparenthesized(c.place).byte_range() == r.range));
        if others.any(|r| r.range.start < self.this.node.end_byte()) {
            return None;
        }
        let keyword = match cx.names.binding(binding).kind {
            BindingKind::Const => Keyword::Const,
            BindingKind::Let => Keyword::Let,
            _ => return None,
        };
        let end = declarator.child_by_field_name("type").map_or(target.end_byte(), |t| t.end_byte());
        let next = declaration.next_named_sibling()?;
        Some(List {
            keyword,
            target: Text::moved(cx.file, target.start_byte()..end, &[]),
            range: declaration.start_byte()..next.start_byte(),
        })
    }
}

/// A statement that adds something, with names in the place of the key and the value.
fn renamed(cx: &Context<'_>, c: &Collect<'_>, key: Option<&str>, value: Option<&str>) -> Text {
    let places = [key.zip(c.key), value.map(|name| (name, c.value))].into_iter().flatten();
    let edits: Vec<_> = places.map(|(name, node)| (node.byte_range(), Text::from(name))).collect();
    Text::moved(cx.file, c.statement.byte_range(), &edits)
}

/// Whether a value can be had by its own name afterwards.
fn is_kept_by_name(cx: &Context<'_>, this: &Loop<'_, '_>, c: &Collect<'_>) -> bool {
    if c.how != How::Push {
        return is_stable(cx, c.value);
    }
    let binding = cx.names.reference_at(c.value.start_byte()).and_then(|r| r.binding);
    let body = this.body.byte_range();
    c.value.kind() == "identifier"
        && binding.is_some_and(|b| {
            let is_own = this.head.own.contains(&b) || body.contains(&cx.names.binding(b).declarations[0].start);
            is_own && !cx.names.is_reassigned(b)
        })
}
