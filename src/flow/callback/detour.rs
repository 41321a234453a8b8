//! Calls that turn an adapter back into a promise form: `util.promisify(load)(id)`, where `load` does nothing but hand
//! over to `loadAsync`. They are left by callers that were converted before what they call.

use tree_sitter::Node;

use super::{
    adapter, detour_elsewhere, locals,
    shift::is_no_function,
    unused::{import_of, is_of_util},
};
use crate::{
    context::Context,
    edit::{Edit, Refusal, RefusalCode},
    flow::{
        known::binding_of,
        removal::{self, comment_behind, comments_above},
        scope::Renames,
    },
    semantic::BindingId,
    syntax::node::{ancestors, call_parts, is_async, with_parentheses},
};

/// A promise form of an adapter.
#[derive(Debug)]
pub struct Detour<'a> {
    /// What the adapter is called.
    pub name: &'a str,
    /// What its async function is called.
    pub target: &'a str,
    /// Sorted, disjoint edits that go to the async function directly, or the reason why that can't be.
    pub edits: Result<Vec<Edit>, Refusal>,
}

/// Judges a call; `None` where it is no `util.promisify` of an adapter of this file or of another.
pub fn detour<'a>(cx: &Context<'a>, call: Node<'a>) -> Option<Detour<'a>> {
    let (promisify, arguments) = call_parts(call)?;
    let [name] = arguments.as_slice() else { return None };
    if !is_of_util(cx, promisify, "promisify") {
        return None;
    }
    let own = binding_of(cx, *name).and_then(|binding| locals::function_of(cx, binding));
    let Some(function) = own else { return detour_elsewhere::detour(cx, call, promisify, *name) };
    let adapter = adapter(cx, function).filter(|a| is_of_util(cx, a.made_by, "callbackify"))?;
    let target = binding_of(cx, adapter.target).filter(|_| adapter.target.kind() == "identifier")?;
    // Of a function that is not async it is not known whether it throws at once.
    let is_async = locals::function_of(cx, target).is_some_and(is_async);
    // A callback that is wrapped gets no result; the async function may have one all the same.
    let same_result = adapter.hands_result || is_dropped(with_parentheses(call));
    let goes_round = same_result && !adapter.binds_this && is_async;
    let arguments = adapter.parameters.checked_sub(1)?;
    let edits = match adapter.shifted.filter(|_| goes_round) {
        Some(no_functions) => Direct { cx, call, promisify, target, arguments, no_functions }.edits(),
        None => Err(Refusal::new(RefusalCode::AdapterDoesMore, call.byte_range())),
    };
    Some(Detour { name: cx.text(*name), target: cx.text(adapter.target), edits })
}

/// `await util.promisify(load)(id);` as a statement, of which `callee` is what is called.
pub(super) fn is_dropped(callee: Node<'_>) -> bool {
    let awaited = callee.parent().and_then(|call| call.parent()).filter(|n| n.kind() == "await_expression");
    awaited.and_then(|a| a.parent()).is_some_and(|s| s.kind() == "expression_statement")
}

/// Whether a comment speaks of the declaration that a call stands in.
pub(super) fn comment_in_declaration(cx: &Context<'_>, call: Node<'_>) -> bool {
    let statement = ancestors(call).find(|n| n.kind().ends_with("_declaration"));
    statement.is_some_and(|s| !comments_above(cx, s).is_empty() || comment_behind(cx, s).is_some())
}

struct Direct<'a, 'c> {
    cx: &'c Context<'a>,
    /// `util.promisify(load)`
    call: Node<'a>,
    /// `util.promisify`
    promisify: Node<'a>,
    target: BindingId,
    /// How many arguments stand in front of the callback.
    arguments: usize,
    /// The indices of those that must be no functions.
    no_functions: Vec<usize>,
}

impl Direct<'_, '_> {
    fn edits(&self) -> Result<Vec<Edit>, Refusal> {
        if let Some(comment) = self.cx.file.comments_in(&self.call.byte_range()).first() {
            return Err(Refusal::new(RefusalCode::CommentWouldBeLost, comment.clone()));
        }
        let outer = with_parentheses(self.call);
        if self.is_call(outer) {
            self.means_target(outer)?;
            let edits = vec![Edit::new(outer.byte_range(), self.name())];
            return Ok(self.with_import(edits));
        }
        let helper =
            outer.parent().filter(|p| p.kind() == "variable_declarator").and_then(|d| d.child_by_field_name("name"));
        let helper =
            helper.filter(|n| n.kind() == "identifier").and_then(|n| self.cx.names.declared_at(n.start_byte()));
        let helper = helper.ok_or_else(|| Refusal::new(RefusalCode::StillCalled, self.call.byte_range()))?;
        self.without_helper(helper)
    }

    /// Whether an expression is called with as many arguments as stand in front of the callback: with others, the callback
    /// would be another argument than the last.
    fn is_call(&self, callee: Node<'_>) -> bool {
        let call = callee.parent().and_then(call_parts).filter(|(function, _)| *function == callee);
        call.is_some_and(|(_, arguments)| {
            arguments.len() == self.arguments
                && arguments.iter().all(|a| a.kind() != "spread_element")
                && self.no_functions.iter().all(|index| is_no_function(self.cx, arguments[*index]))
        })
    }

    fn name(&self) -> &str {
        &self.cx.names.binding(self.target).name
    }

    /// Refuses where the async function's name means something else.
    fn means_target(&self, place: Node<'_>) -> Result<(), Refusal> {
        let here = self.cx.names.scope_at(place.start_byte());
        if self.cx.names.resolve(self.name(), here) == Some(self.target) {
            return Ok(());
        }
        Err(Refusal::new(RefusalCode::NameClash, place.byte_range()))
    }

    /// `const loadPromise = util.promisify(load)`: whoever calls the helper calls the async function.
    fn without_helper(&self, helper: BindingId) -> Result<Vec<Edit>, Refusal> {
        let cx = self.cx;
        let refuse = |code| Refusal::new(code, self.call.byte_range());
        for reference in cx.names.binding(helper).references.iter().map(|r| cx.names.reference(*r)) {
            let node = cx.file.root().descendant_for_byte_range(reference.range.start, reference.range.end);
            let node = node.filter(|n| !reference.writes && self.is_call(with_parentheses(*n)));
            let node = node.ok_or_else(|| Refusal::new(RefusalCode::StillCalled, reference.range.clone()))?;
            self.means_target(node)?;
        }
        if comment_in_declaration(cx, self.call) {
            return Err(refuse(RefusalCode::CommentWouldBeLost));
        }
        let removed = removal::declaration(cx, helper).ok_or_else(|| refuse(RefusalCode::StillCalled))?;
        let mut renames = Renames::default();
        renames.rename_to(cx, helper, self.name().to_owned());
        let all = renames.edits_in(&(0..cx.file.source.bytes().len()));
        let is_gone = |e: &&Edit| removed.range.start <= e.range.start && e.range.end <= removed.range.end;
        let mut edits: Vec<_> = all.iter().filter(|e| !is_gone(e)).cloned().collect();
        edits.push(removed);
        Ok(self.with_import(edits))
    }

    fn with_import(&self, mut edits: Vec<Edit>) -> Vec<Edit> {
        edits.extend(import_of(self.cx, self.promisify, &[self.call.byte_range()]));
        removal::joined(self.cx, edits)
    }
}
