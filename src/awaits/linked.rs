//! What keeps two units of a run apart beside the need for a result.

use std::ops::Range;

use tree_sitter::Node;

use super::{
    needs::Needs,
    run::{Content, Rest, Run, Target, Unit},
};
use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    effects::{self, Effects},
    flow::{Keyword, site::is_in_loop},
    schedule::Grounds,
    semantic::{BindingId, BindingKind},
    syntax::node::{ancestors, enclosing_function, is_function, member_parts, named_children},
};

/// The relations between the units of a run.
#[derive(Debug)]
pub struct Links<'r, 't> {
    run: &'r Run<'t>,
    needs: Needs,
    /// What each unit touches, from its start to its end.
    effects: Vec<Effects>,
    /// What each touches from its start on until its call has ended. What is done with the result comes when all calls have
    /// ended, as it did for the last of them.
    starts: Vec<Effects>,
}

/// Works out what there is to know of a run before its units are held against each other.
pub fn links<'r, 't>(cx: &Context<'_>, run: &'r Run<'t>) -> Links<'r, 't> {
    let effects = run.units.iter().map(|unit| effects::of_node(cx, unit.node)).collect();
    let started = run.units.iter().map(|unit| unit.awaited().map_or(unit.node, |awaited| awaited.operand));
    let starts = started.map(|node| effects::of_node(cx, node)).collect();
    Links { run, needs: Needs::of(cx, run), effects, starts }
}

impl Links<'_, '_> {
    /// What the units need of each other.
    pub fn needs(&self) -> &Needs {
        &self.needs
    }

    /// Whether an await may be started before an earlier one has ended, which it does not need.
    ///
    /// # Errors
    /// When something else keeps them apart.
    pub fn together(&self, cx: &Context<'_>, earlier: usize, later: usize) -> Result<Grounds, Refusal> {
        self.is_left_alone(cx, earlier, later)?;
        let independence = effects::may_overlap(cx, &self.effects[earlier], &self.starts[later])?;
        if independence.grounds == Grounds::Presumed
            && let Some(captured) = self.captured(cx, earlier, later)
        {
            return Err(Refusal::new(RefusalCode::OrderedEffects, captured));
        }
        Ok(independence.grounds)
    }

    /// Whether the result of an await may be dealt with after later calls have ended, and not at all if one of them
    /// fails.
    fn is_left_alone(&self, cx: &Context<'_>, unit: usize, later: usize) -> Result<(), Refusal> {
        let unit = &self.run.units[unit];
        let later = &self.run.units[later];
        let Some(awaited) = unit.awaited() else { return Ok(()) };
        if let Rest::Other(node) = awaited.rest {
            return Err(Refusal::new(RefusalCode::UsedAtOnce, node.byte_range()));
        }
        let targets = match awaited.target {
            Target::Assigned(left) => vec![left],
            Target::Declared(pattern, _) if unit.keyword == Some(Keyword::Var) => vec![pattern],
            _ => Vec::new(),
        };
        match targets.into_iter().find(|target| self.is_seen(cx, unit, *target, later)) {
            Some(target) => Err(Refusal::new(RefusalCode::SeenOnFailure, target.byte_range())),
            None => Ok(()),
        }
    }

    /// Whether somebody can see what is assigned to a target when a later call fails, or that call itself.
    fn is_seen(&self, cx: &Context<'_>, unit: &Unit<'_>, target: Node<'_>, later: &Unit<'_>) -> bool {
        let mut pending = vec![target];
        while let Some(node) = pending.pop() {
            match node.kind() {
                "identifier" | "shorthand_property_identifier_pattern" => {
                    let place = node.start_byte();
                    let binding =
                        cx.names.reference_at(place).and_then(|r| r.binding).or_else(|| cx.names.declared_at(place));
                    if binding.is_none_or(|b| self.is_seen_variable(cx, unit, b)) {
                        return true;
                    }
                }
                "member_expression" if is_property_of_local(cx, unit, node, later) => {}
                _ if member_parts(node).is_some() || node.kind() == "subscript_expression" => return true,
                "assignment_pattern" | "object_assignment_pattern" => pending.extend(node.child_by_field_name("left")),
                "pair_pattern" => pending.extend(node.child_by_field_name("value")),
                _ => pending.extend(named_children(node)),
            }
        }
        false
    }

    /// The same for a variable. A function that captured it counts if it is there by then: one that stands behind the run is
    /// there in the next round of a loop.
    fn is_seen_variable(&self, cx: &Context<'_>, unit: &Unit<'_>, binding: BindingId) -> bool {
        let until = self.run.units[self.run.units.len() - 1].statement.end_byte();
        let in_loop = is_in_loop(unit.statement, enclosing_function(unit.statement));
        let is_captured = |range: &Range<usize>| {
            function_around(cx, unit, range).is_some_and(|f| in_loop || self.is_callable_before(cx, f, until))
        };
        is_seen_on_failure(cx, binding, unit.statement, is_captured)
    }

    /// A function that uses what an await hands over, and that somebody may call before a later await has started.
    fn captured(&self, cx: &Context<'_>, earlier: usize, later: usize) -> Option<Range<usize>> {
        let unit = &self.run.units[earlier];
        let until = self.run.units[later].node.end_byte();
        self.needs.given(earlier).find_map(|binding| {
            let references = cx.names.binding(binding).references.iter().map(|r| cx.names.reference(*r));
            references.filter(|r| !r.in_type).find_map(|reference| {
                let function = function_around(cx, unit, &reference.range)?;
                self.is_callable_before(cx, function, until).then(|| reference.range.clone())
            })
        })
    }

    /// Whether a function is there, and known to somebody, before a place is reached. What stands in a unit that calls
    /// nothing is known to those only that name it.
    fn is_callable_before(&self, cx: &Context<'_>, function: Node<'_>, until: usize) -> bool {
        let in_plain = self.run.units.iter().any(|unit| {
            matches!(unit.content, Content::Plain { .. })
                && unit.node.start_byte() <= function.start_byte()
                && function.end_byte() <= unit.node.end_byte()
        });
        if in_plain {
            return false;
        }
        if function.start_byte() < until && function.kind() != "function_declaration" {
            return true;
        }
        let name = function.child_by_field_name("name").and_then(|n| cx.names.declared_at(n.start_byte()));
        let is_function = |b: &BindingId| cx.names.binding(*b).kind == BindingKind::Function;
        name.filter(is_function).is_some_and(|binding| {
            let mut references = cx.names.binding(binding).references.iter().map(|r| cx.names.reference(*r));
            references.any(|r| r.range.start < until)
        })
    }

    /// Why the awaits of a wave may be under way together, in one sentence.
    pub fn because(&self, cx: &Context<'_>, awaits: &[usize]) -> Option<String> {
        let (last, others) = awaits.split_last()?;
        let mut all = Effects::default();
        for unit in others {
            all.extend(self.effects[*unit].clone());
        }
        effects::may_overlap(cx, &all, &self.starts[*last]).ok().map(|independence| independence.because)
    }

    /// Whether a unit that is no await may be moved in front of an earlier await, or behind a later one.
    pub fn may_swap(&self, cx: &Context<'_>, earlier: usize, later: usize) -> bool {
        !self.needs.directly(later, earlier)
            && effects::may_overlap(cx, &without_guards(&self.effects[earlier]), &self.effects[later]).is_ok()
    }
}

/// Whether a target is a property of an object that the function has a name for, that is told nothing of the failure: it stands
/// in no `try`, and the later call is handed other properties of it at most.
fn is_property_of_local(cx: &Context<'_>, unit: &Unit<'_>, target: Node<'_>, later: &Unit<'_>) -> bool {
    let Some((object, property)) = member_parts(target).filter(|(object, _)| object.kind() == "identifier") else {
        return false;
    };
    let function = enclosing_function(unit.statement);
    let binding = cx.names.reference_at(object.start_byte()).and_then(|r| r.binding);
    let home = |b: BindingId| &cx.names.scope(cx.names.binding(b).scope).range;
    let Some(binding) = binding.filter(|b| function.is_some_and(|f| f.start_byte() <= home(*b).start)) else {
        return false;
    };
    let is_guarded =
        ancestors(unit.statement).take_while(|a| Some(*a) != function).any(|a| a.kind() == "try_statement");
    let mut uses = cx.names.references_in(&later.node.byte_range()).iter().filter(|r| r.binding == Some(binding));
    let is_apart = |range: &Range<usize>| {
        let node = cx.file.root().descendant_for_byte_range(range.start, range.end);
        let member = node.and_then(|n| n.parent()).and_then(member_parts);
        member.is_some_and(|(o, p)| o.byte_range() == *range && cx.text(p) != cx.text(property))
    };
    !is_guarded && !cx.names.is_reassigned(binding) && uses.all(|r| is_apart(&r.range))
}

/// Moving what calls nothing does not count on the success of anything.
fn without_guards(effects: &Effects) -> Effects {
    Effects { guards: Vec::new(), ..effects.clone() }
}

/// The outermost function around a use of a variable that is not around the unit.
fn function_around<'c>(cx: &Context<'c>, unit: &Unit<'_>, place: &Range<usize>) -> Option<Node<'c>> {
    let node = cx.file.root().descendant_for_byte_range(place.start, place.end)?;
    let is_around = |n: &Node<'_>| n.start_byte() <= unit.node.start_byte() && unit.node.end_byte() <= n.end_byte();
    ancestors(node).take_while(|n| !is_around(n)).filter(|n| is_function(*n)).last()
}

/// Whether anybody can see what a variable holds when a statement that assigns it fails: a function that captured it,
/// somebody outside the function, or code behind a `try` in which the statement stands.
fn is_seen_on_failure(
    cx: &Context<'_>,
    binding: BindingId,
    statement: Node<'_>,
    is_captured: impl Fn(&Range<usize>) -> bool,
) -> bool {
    let function = enclosing_function(statement);
    let scope = &cx.names.scope(cx.names.binding(binding).scope).range;
    let home = function.map_or(0..cx.file.source.bytes().len(), |f| f.byte_range());
    if scope.start < home.start || home.end < scope.end {
        return true;
    }
    let references = || cx.names.binding(binding).references.iter().map(|r| cx.names.reference(*r));
    if references().any(|r| is_captured(&r.range)) {
        return true;
    }
    let mut around = ancestors(statement).take_while(|a| Some(*a) != function && scope.start <= a.start_byte());
    around.any(|guard| {
        let body = guard.child_by_field_name("body").filter(|_| guard.kind() == "try_statement");
        body.is_some_and(|body| {
            let guards = body.start_byte() <= statement.start_byte() && statement.end_byte() <= body.end_byte();
            guards && (is_in_loop(guard, function) || references().any(|r| r.range.start > body.end_byte()))
        })
    })
}
