//! The same for a callback form of another file: `util.promisify(users.load)(id)`, where the file of `load` exports
//! `loadAsync` beside it.

use tree_sitter::Node;

use super::{
    detour::{Detour, comment_in_declaration, is_dropped},
    unused::import_of,
};
use crate::{
    context::Context,
    edit::{Edit, Refusal, RefusalCode},
    flow::{
        elsewhere::{Elsewhere, elsewhere},
        imports::Additions,
        removal,
    },
    project::FormResult,
    semantic::BindingId,
    syntax::node::{call_parts, member_parts, with_parentheses},
};

/// Judges `promisify(argument)`; `None` where the argument is no callback form of another file.
pub(super) fn detour<'a>(
    cx: &Context<'a>,
    call: Node<'a>,
    promisify: Node<'a>,
    argument: Node<'a>,
) -> Option<Detour<'a>> {
    let bound = bound_method(cx, argument);
    let callee = bound.unwrap_or(argument);
    let found = elsewhere(cx, callee)?;
    let (name, target) = (cx.text(callee), found.form.name.as_str());
    let edits = Direct { cx, call, promisify, found, is_bound: bound.is_some() }.edits();
    Some(Detour { name, target, edits })
}

/// `users.load` of `users.load.bind(users)`
fn bound_method<'a>(cx: &Context<'_>, node: Node<'a>) -> Option<Node<'a>> {
    let (bind, arguments) = call_parts(node)?;
    let (method, property) = member_parts(bind)?;
    let (object, _) = member_parts(method)?;
    let [this] = arguments.as_slice() else { return None };
    (cx.text(property) == "bind" && cx.text(*this) == cx.text(object)).then_some(method)
}

struct Direct<'a, 'c> {
    cx: &'c Context<'a>,
    /// `util.promisify(users.load)`
    call: Node<'a>,
    /// `util.promisify`
    promisify: Node<'a>,
    found: Elsewhere<'a>,
    is_bound: bool,
}

impl<'a> Direct<'a, '_> {
    fn edits(&self) -> Result<Vec<Edit>, Refusal> {
        if let Some(comment) = self.cx.file.comments_in(&self.call.byte_range()).first() {
            return Err(Refusal::new(RefusalCode::CommentWouldBeLost, comment.clone()));
        }
        let outer = with_parentheses(self.call);
        let mut additions = Additions::default();
        let mut edits = if self.is_call(outer) {
            vec![Edit::new(outer.byte_range(), self.expression(&mut additions)?)]
        } else {
            self.helper(outer, &mut additions)?
        };
        let imports = additions.edits(self.cx, &edits);
        edits.extend(imports);
        edits.extend(import_of(self.cx, self.promisify, &[self.call.byte_range()]));
        Ok(removal::joined(self.cx, edits))
    }

    /// Whether an expression is called with all arguments, and for nothing that the promise form does not give.
    fn is_call(&self, callee: Node<'_>) -> bool {
        let call = callee.parent().and_then(call_parts).filter(|(function, _)| *function == callee);
        call.is_some_and(|(_, arguments)| self.found.takes(self.cx, &arguments))
            && (self.found.form.result != FormResult::Withheld || is_dropped(callee))
    }

    /// The promise form, where it is called.
    fn expression(&self, additions: &mut Additions) -> Result<String, Refusal> {
        if let Some(module) = self.found.module() {
            return Ok(format!("{}.{}", self.cx.text(module), self.found.form.name));
        }
        let name = self.found.name(self.cx, additions, self.call.start_byte());
        name.ok_or_else(|| Refusal::new(RefusalCode::NameClash, self.call.byte_range()))
    }

    /// `const loadAsync = util.promisify(load)` becomes an import of that name, or another value for it.
    fn helper(&self, outer: Node<'a>, additions: &mut Additions) -> Result<Vec<Edit>, Refusal> {
        let cx = self.cx;
        let refuse = |code| Refusal::new(code, self.call.byte_range());
        let declared = outer.parent().filter(|p| p.kind() == "variable_declarator");
        let name = declared.and_then(|d| d.child_by_field_name("name")).filter(|n| n.kind() == "identifier");
        let helper = name.and_then(|n| cx.names.declared_at(n.start_byte()));
        let helper = helper.ok_or_else(|| refuse(RefusalCode::StillCalled))?;
        self.check_uses(helper)?;
        if self.found.module().is_some() {
            let mut text = self.expression(additions)?;
            if let Some(module) = self.found.module().filter(|_| self.is_bound && self.found.form.binds_this) {
                text.push_str(&format!(".bind({})", cx.text(module)));
            }
            return Ok(vec![Edit::new(outer.byte_range(), text)]);
        }
        let binding = cx.names.binding(helper);
        let is_at_top = cx.names.scope(binding.scope).parent.is_none();
        if is_at_top && comment_in_declaration(cx, self.call) {
            return Err(refuse(RefusalCode::CommentWouldBeLost));
        }
        let removed = removal::declaration(cx, helper).filter(|_| is_at_top);
        if let Some(removed) = removed.filter(|_| self.found.bring(cx, additions, &binding.name)) {
            return Ok(vec![removed]);
        }
        Ok(vec![Edit::new(outer.byte_range(), self.expression(additions)?)])
    }

    /// Refuses where a helper is used in another way than to be called with all arguments.
    fn check_uses(&self, helper: BindingId) -> Result<(), Refusal> {
        let cx = self.cx;
        for reference in cx.names.binding(helper).references.iter().map(|r| cx.names.reference(*r)) {
            let node = cx.file.root().descendant_for_byte_range(reference.range.start, reference.range.end);
            let node = node.filter(|n| !reference.writes && self.is_call(with_parentheses(*n)));
            node.ok_or_else(|| Refusal::new(RefusalCode::StillCalled, reference.range.clone()))?;
        }
        Ok(())
    }
}
