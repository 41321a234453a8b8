//! Waves as code: one `await Promise.all([…])` for each that has more than one call.

use std::ops::Range;

use tree_sitter::Node;

use super::{
    comments::{Comments, Notes, end_of},
    item::{Starts, elements},
    layout,
    run::{Await, Content, Rest, Run, Target, Unit},
    waves::Wave,
    within,
};
use crate::{
    context::Context,
    edit::{Edit, Refusal},
    flow::{
        Keyword, Stmt, Text,
        noun::callee_noun,
        print::print,
        scope::{Destination, Renames, plan},
        site::is_in_loop,
    },
    syntax::{
        node::{enclosing_function, is_comment, member_parts, unparenthesized},
        statement::may_continue,
    },
};

/// Code that waits for several calls together.
#[derive(Debug)]
pub struct Rewritten {
    /// The edits.
    pub edits: Vec<Edit>,
    /// The callees that are taken to hand over their failures in their promises, rather than to throw at once.
    pub trusted: Vec<String>,
}

/// The edits that have the awaits of each wave waited for together. Statements that are in no wave of several stay.
///
/// # Errors
/// When no names can be found for results that have none.
pub fn rewrite(cx: &Context<'_>, run: &Run<'_>, waves: &[Wave]) -> Result<Rewritten, Refusal> {
    if let Some(whole) = run.whole {
        return within::rewrite(cx, run, whole, waves);
    }
    let function = enclosing_function(run.units[0].statement);
    let to = Destination {
        place: run.units[0].statement.start_byte(),
        function: function.map_or(0..cx.file.source.bytes().len(), |f| f.byte_range()),
        in_loop: is_in_loop(run.units[0].statement, function),
        reserved: None,
        assigned: Vec::new(),
    };
    let mut writer = Writer { cx, run, names: plan(cx, &to, &[])?, trusted: Vec::new() };
    let blocks = blocks(run, waves);
    let edits = blocks.into_iter().map(|(units, waves)| writer.block(units, waves)).collect();
    Ok(Rewritten { edits, trusted: writer.trusted })
}

/// The stretches of a run that are written anew, each with its waves: waves of several awaits, with all that shares a
/// statement with them.
fn blocks<'w>(run: &Run<'_>, waves: &'w [Wave]) -> Vec<(Range<usize>, &'w [Wave])> {
    let statement = |unit: usize| run.units[unit].statement;
    let ends = |wave: &Wave| (wave.awaits[0], wave.awaits[wave.awaits.len() - 1]);
    let mut blocks = Vec::new();
    let mut start = 0;
    while start < waves.len() {
        let mut end = start + 1;
        while end < waves.len() && statement(ends(&waves[end - 1]).1) == statement(ends(&waves[end]).0) {
            end += 1;
        }
        let (mut first, mut last) = (ends(&waves[start]).0, ends(&waves[end - 1]).1);
        while first > 0 && statement(first - 1) == statement(first) {
            first -= 1;
        }
        while last + 1 < run.units.len() && statement(last + 1) == statement(last) {
            last += 1;
        }
        if waves[start..end].iter().any(|wave| wave.awaits.len() > 1) {
            blocks.push((first..last + 1, &waves[start..end]));
        }
        start = end;
    }
    blocks
}

struct Writer<'w, 'a, 't> {
    cx: &'w Context<'a>,
    run: &'w Run<'t>,
    names: Renames,
    /// The callees that are taken to hand over their failures in their promises.
    trusted: Vec<String>,
}

/// How the result of an await is taken out of the array.
enum Place {
    /// Nobody looks at it.
    Hole,
    /// By a pattern, with its type where it has one.
    Pattern { text: Text, annotation: Option<Text> },
    /// By a new name, which a statement behind the wave uses.
    Later { name: String, statement: Stmt },
}

impl<'t> Writer<'_, '_, 't> {
    fn block(&mut self, units: Range<usize>, waves: &[Wave]) -> Edit {
        let nodes: Vec<_> = self.run.units[units.clone()].to_vec();
        let comments = Comments::of(self.cx, &nodes);
        let range = comments.range.clone();
        let mut out = Vec::new();
        for unit in units.clone() {
            let wave = waves.iter().find(|w| w.awaits.len() > 1 && w.awaits.contains(&unit));
            let in_wave = waves.iter().any(|w| w.before.contains(&unit) || w.after.contains(&unit));
            let is_next = wave.map_or(!in_wave, |wave| wave.awaits[0] == unit);
            if is_next && !out.is_empty() && follows_blank(self.cx, self.run.units[unit].statement) {
                out.push(Stmt::blank());
            }
            match wave {
                Some(wave) if wave.awaits[0] == unit => self.wave(wave, &comments, units.start, &mut out),
                None if !in_wave => self.alone(unit, &comments, units.start, &mut out),
                _ => {}
            }
        }
        let indent = self.cx.file.source.indent_at(range.start);
        let code = print(&out, indent, self.cx.style);
        let end = self.end(nodes[nodes.len() - 1].statement, code.as_str(), indent);
        Edit::new(range, format!("{}{end}", code.as_str()))
    }

    /// What has to be written behind a block: a semicolon where the statement behind it would else be read as a part of it,
    /// as in a file that mostly does without them.
    fn end(&self, last: Node<'t>, written: &str, indent: &str) -> String {
        let next = std::iter::successors(last.next_named_sibling(), Node::next_named_sibling).find(|n| !is_comment(*n));
        let continues = next.is_some_and(|n| may_continue(self.cx.text(n)));
        if !continues || written.ends_with(';') || end_of(self.cx, last) < last.end_byte() {
            return String::new();
        }
        let in_comment = written.lines().next_back().is_some_and(|line| line.contains("//"));
        if in_comment { format!("{}{indent};", self.cx.style.newline) } else { ";".to_owned() }
    }

    /// A unit by itself, with its comments.
    fn alone(&self, unit: usize, comments: &Comments, first: usize, out: &mut Vec<Stmt>) {
        let notes = comments.of_unit(unit - first);
        out.extend(notes.leading.iter().cloned().map(Stmt::Source));
        out.push(self.statement(&self.run.units[unit], &[]));
        out.extend(notes.trailing.iter().cloned().map(Stmt::Trailing));
    }

    /// The statement of a unit after edits in it.
    fn statement(&self, unit: &Unit<'t>, edits: &[(Range<usize>, Text)]) -> Stmt {
        let range = if unit.keyword.is_some() {
            unit.node.byte_range()
        } else {
            unit.node.start_byte()..end_of(self.cx, unit.node)
        };
        let mut text = Text::moved(self.cx.file, range, edits);
        // A value that was too long for its line when it was a call may fit now.
        if let Some((target, value)) = text.as_str().split_once("=").filter(|_| !edits.is_empty())
            && value.trim_start_matches([' ', '\t', '\r']).starts_with('\n')
            && !value.trim().contains('\n')
        {
            text = Text::from(format!("{target}= {}", value.trim()));
        }
        let Some(keyword) = unit.keyword else { return Stmt::Source(text) };
        let mut whole = Text::from(format!("{} ", keyword.as_str()));
        whole.push(&text);
        if self.cx.style.semicolons {
            whole.push_str(";");
        }
        Stmt::Source(whole)
    }

    fn wave(&mut self, wave: &Wave, comments: &Comments, first: usize, out: &mut Vec<Stmt>) {
        for unit in &wave.before {
            self.alone(*unit, comments, first, out);
        }
        let places = self.places(wave);
        let (keyword, annotated) = self.head(wave, &places);
        let (items, patterns, notes) = self.elements(wave, &places, |unit| comments.of_unit(unit - first));
        let indent = self.cx.file.source.indent_at(comments.range.start);
        let annotation = annotated.then(|| annotation(&places));
        let head = layout::head(keyword, &patterns, annotation.as_ref(), indent, self.cx.style);
        let value = layout::all(&items, &notes, head.last_line_length(indent), self.cx.style);
        out.push(match (head.target, keyword) {
            (None, _) => Stmt::Expression(value),
            (Some(target), Some(keyword)) => Stmt::Bind { keyword, target, value },
            (Some(target), None) => Stmt::Assign { target, value },
        });
        let mut behind: Vec<(usize, Vec<Stmt>)> = Vec::new();
        for (unit, place) in wave.awaits.iter().zip(places) {
            if let Place::Later { statement, .. } = place {
                behind.push((*unit, vec![statement]));
            }
        }
        for unit in &wave.after {
            let mut statements = Vec::new();
            self.alone(*unit, comments, first, &mut statements);
            behind.push((*unit, statements));
        }
        behind.sort_by_key(|(unit, _)| *unit);
        for (unit, statements) in behind {
            let is_apart = follows_blank(self.cx, self.run.units[unit].statement);
            out.extend(is_apart.then(Stmt::blank));
            out.extend(statements);
        }
    }

    /// The calls of a wave as the elements of an array, with the patterns that take them out of it, and their comments. An
    /// array that was waited for is merged with it.
    fn elements<'n>(
        &mut self,
        wave: &Wave,
        places: &[Place],
        notes_of: impl Fn(usize) -> &'n Notes,
    ) -> (Vec<Text>, Vec<Option<Text>>, Vec<Notes>) {
        let mut starts = Starts::new(self.cx, self.run.units[wave.awaits[0]].statement);
        let (mut items, mut patterns, mut notes) = (Vec::new(), Vec::new(), Vec::new());
        for (unit, place) in wave.awaits.iter().zip(places) {
            let Some(awaited) = self.run.units[*unit].awaited() else { continue };
            let own = notes_of(*unit);
            let is_pattern = matches!(place, Place::Pattern { annotation: None, .. });
            let Some(inner) = elements(self.cx, awaited).filter(|_| is_pattern) else {
                items.push(starts.item(self.cx, awaited));
                patterns.push(place.pattern());
                notes.push(own.clone());
                continue;
            };
            let count = inner.len();
            for (index, (call, pattern)) in inner.into_iter().enumerate() {
                items.push(starts.element(self.cx, call));
                patterns.push(Some(Text::moved(self.cx.file, pattern.byte_range(), &[])));
                let leading = if index == 0 { own.leading.clone() } else { Vec::new() };
                let trailing = if index + 1 == count { own.trailing.clone() } else { Vec::new() };
                notes.push(Notes { leading, trailing });
            }
        }
        for callee in starts.trusted {
            if !self.trusted.iter().any(|other| other == callee) {
                self.trusted.push(callee.to_owned());
            }
        }
        (items, patterns, notes)
    }

    /// What becomes of each result, as far as the other results have no say in it.
    fn places(&mut self, wave: &Wave) -> Vec<Place> {
        let units: Vec<Unit<'t>> = wave.awaits.iter().map(|unit| self.run.units[*unit]).collect();
        let declares = |unit: &Unit<'_>| unit.awaited().is_some_and(|a| matches!(a.target, Target::Declared(..)));
        let only_var = units.iter().filter(|u| declares(u)).all(|u| u.keyword == Some(Keyword::Var));
        let annotated =
            |unit: &Unit<'_>| unit.awaited().is_some_and(|a| matches!(a.target, Target::Declared(_, Some(_))));
        let in_pattern: Vec<bool> =
            units.iter().map(|u| fits_pattern(self.cx, u) && (only_var || u.keyword != Some(Keyword::Var))).collect();
        let is_bare = |unit: &Unit<'_>| unit.awaited().is_some_and(|a| matches!(a.target, Target::Nothing));
        let all_annotated = units.iter().zip(&in_pattern).all(|(u, fits)| is_bare(u) || *fits && annotated(u));
        let needs_declaration = units.iter().zip(&in_pattern).any(|(u, fits)| !is_bare(u) && (declares(u) || !fits));
        let places = units.iter().zip(in_pattern).map(|(unit, fits)| {
            let assigned = unit.awaited().is_some_and(|a| matches!(a.target, Target::Assigned(_)));
            let fits = fits && (all_annotated || !annotated(unit)) && !(assigned && needs_declaration);
            if is_bare(unit) {
                Place::Hole
            } else if fits {
                self.in_pattern(unit)
            } else {
                self.later(unit)
            }
        });
        places.collect::<Vec<_>>()
    }

    fn in_pattern(&self, unit: &Unit<'t>) -> Place {
        let text = |node: Node<'_>| Text::moved(self.cx.file, node.byte_range(), &[]);
        let Some(awaited) = unit.awaited() else { return Place::Hole };
        match awaited.target {
            Target::Declared(pattern, annotation) => {
                let path = property_path(self.cx, awaited).unwrap_or_default();
                let pattern = path.into_iter().rev().fold(text(pattern), |inner, key| {
                    let short = inner.as_str() == key;
                    let mut text = Text::from(if short { "{ ".to_owned() } else { format!("{{ {key}: ") });
                    text.push(&inner);
                    text.push_str(" }");
                    text
                });
                let annotation = annotation.map(&text).map(|a| Text::from(a.as_str().trim_start_matches(':').trim()));
                Place::Pattern { text: pattern, annotation }
            }
            Target::Assigned(left) => Place::Pattern { text: text(left), annotation: None },
            Target::Nothing | Target::Returned | Target::Expression => Place::Hole,
        }
    }

    fn later(&mut self, unit: &Unit<'t>) -> Place {
        let Some(awaited) = unit.awaited() else { return Place::Hole };
        let name = self.names.fresh(&name_for(self.cx, awaited));
        // `{ prices: prices }` has a shorter form.
        let member = member_of(awaited).filter(|(_, key)| self.cx.text(*key) == name);
        let replaced = member.map_or(awaited.expression, |(pair, _)| pair).byte_range();
        let statement = self.statement(unit, &[(replaced, Text::from(name.as_str()))]);
        Place::Later { name, statement }
    }

    /// `let` is needed only where something is assigned later; beside a `const`, that matters.
    fn needed(&self, unit: usize, keyword: Keyword) -> Keyword {
        let declared = self.cx.names.declared_in(&self.run.units[unit].node.byte_range());
        let assigned = declared.into_iter().any(|binding| self.cx.names.is_reassigned(binding));
        if keyword == Keyword::Let && !assigned { Keyword::Const } else { keyword }
    }

    /// How the array is taken apart: the keyword, if anything is declared; and whether the types are written.
    fn head(&self, wave: &Wave, places: &[Place]) -> (Option<Keyword>, bool) {
        let keywords = wave.awaits.iter().zip(places.iter()).filter_map(|(unit, place)| match place {
            Place::Pattern { .. } => self.run.units[*unit].keyword.map(|keyword| self.needed(*unit, keyword)),
            Place::Later { .. } => Some(Keyword::Const),
            Place::Hole => None,
        });
        let keywords: Vec<Keyword> = keywords.collect();
        let mut units = wave.awaits.iter().map(|unit| &self.run.units[*unit]);
        let keyword = match keywords.first() {
            None => None,
            Some(_) if units.all(|unit| unit.keyword == Some(Keyword::Let)) => Some(Keyword::Let),
            // A `var` may be seen outside of the block.
            Some(_) if keywords.contains(&Keyword::Var) => Some(Keyword::Var),
            Some(_) if keywords.contains(&Keyword::Let) => Some(Keyword::Let),
            Some(_) => Some(Keyword::Const),
        };
        let annotated = places.iter().any(|p| matches!(p, Place::Pattern { annotation: Some(_), .. }));
        (keyword, annotated)
    }
}

impl Place {
    fn pattern(&self) -> Option<Text> {
        match self {
            Self::Hole => None,
            Self::Pattern { text, .. } => Some(text.clone()),
            Self::Later { name, .. } => Some(Text::from(name.as_str())),
        }
    }
}

/// Whether there is a blank line in front of a statement and the comments above it.
fn follows_blank(cx: &Context<'_>, statement: Node<'_>) -> bool {
    let mut start = statement;
    while let Some(comment) = start.prev_sibling().filter(|n| is_comment(*n)) {
        start = comment;
    }
    let before = start.prev_sibling().map_or(start.start_byte(), |n| n.end_byte());
    cx.slice(before..start.start_byte()).matches('\n').count() > 1
}

/// A name for a result that has none of its own.
pub(super) fn name_for(cx: &Context<'_>, awaited: &Await<'_>) -> String {
    if let Some((_, key)) = member_of(awaited) {
        return cx.text(key).to_owned();
    }
    let noun = callee_noun(cx, awaited.operand);
    let given = match awaited.target {
        Target::Declared(node, _) | Target::Assigned(node) if node.kind() == "identifier" => Some(cx.text(node)),
        _ => None,
    };
    let own = given.map(|given| format!("{given}Result"));
    noun.filter(|noun| Some(noun.as_str()) != given).or(own).unwrap_or_else(|| "result".to_owned())
}

/// The member of an object literal that a result becomes, and its name.
fn member_of<'t>(awaited: &Await<'t>) -> Option<(Node<'t>, Node<'t>)> {
    let pair = awaited.expression.parent().filter(|p| p.kind() == "pair")?;
    let key = pair.child_by_field_name("key").filter(|k| k.kind() == "property_identifier")?;
    Some((pair, key))
}

/// The type of the array: one for each element.
fn annotation(places: &[Place]) -> Text {
    let mut text = Text::from(": [");
    for (index, place) in places.iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        match place {
            Place::Pattern { annotation: Some(annotation), .. } => text.push(annotation),
            _ => text.push_str("unknown"),
        }
    }
    text.push_str("]");
    text
}

/// Whether a result can go into a pattern as it comes out of the array.
fn fits_pattern(cx: &Context<'_>, unit: &Unit<'_>) -> bool {
    let Content::Await(awaited) = &unit.content else { return false };
    match (awaited.target, awaited.rest) {
        (Target::Declared(..) | Target::Assigned(_), Rest::Nothing) => true,
        (Target::Declared(_, None), Rest::Harmless(_)) => property_path(cx, awaited).is_some(),
        _ => false,
    }
}

/// The names of the properties that are read of a result, if that is all that is done with it: `(await f()).data.items`.
fn property_path(cx: &Context<'_>, awaited: &Await<'_>) -> Option<Vec<String>> {
    let Rest::Harmless(whole) = awaited.rest else { return None };
    let mut path = Vec::new();
    let mut node = unparenthesized(whole);
    while node != awaited.expression && node != unparenthesized(awaited.expression) {
        let (object, property) = member_parts(node).filter(|(_, p)| p.kind() == "property_identifier")?;
        path.push(cx.text(property).to_owned());
        node = unparenthesized(object);
    }
    path.reverse();
    Some(path)
}
