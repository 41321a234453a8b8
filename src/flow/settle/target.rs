//! What the result of a call is bound to: a name, or a pattern.

use std::ops::Range;

use tree_sitter::Node;

use super::{
    error_first::{annotated, enclosed, is_special},
    lower::{Lowerer, refusal},
};
use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    flow::{Keyword, Stmt, Text, callback::site_of_callback, promisify::Promised},
    semantic::BindingId,
    syntax::node::{call_parts, enclosing_function, named_children, unparenthesized},
};

/// What a result is bound to.
pub(super) enum Target {
    /// Nobody looks at it.
    Nothing,
    /// A name or a pattern.
    Name { name: Text, annotation: Option<Text>, keyword: Keyword, is_plain: bool, has_default: bool, types: Types },
}

/// What TypeScript has to be told of a name that is declared without a value.
#[derive(Clone, Copy, Default)]
pub(super) struct Types {
    /// Whether the file has types at all.
    pub(super) has: bool,
    /// Whether a function uses the name, which TypeScript takes for one of any value then.
    pub(super) captured: bool,
}

impl Target {
    /// A constant of its own.
    pub(super) fn constant(name: Text) -> Self {
        Self::Name {
            name,
            annotation: None,
            keyword: Keyword::Const,
            is_plain: true,
            has_default: false,
            types: Types::default(),
        }
    }

    /// Whether statements are nothing but the `return` of the result.
    pub(super) fn is_returned_by(&self, statements: &[Stmt]) -> bool {
        match (self, statements) {
            (Self::Name { name, is_plain: true, .. }, [Stmt::Return(Some(value))]) => value == name,
            _ => false,
        }
    }

    /// `const name = value;`, or `value;` where nobody looks at it.
    pub(super) fn bind(self, value: Text) -> Stmt {
        match self {
            Self::Nothing => Stmt::Expression(value),
            Self::Name { name, annotation, keyword, has_default, .. } => {
                let value = if has_default { enclosed("[", &value, "]") } else { value };
                Stmt::Bind { keyword, target: annotated(name, annotation), value }
            }
        }
    }
}

impl<'a> Lowerer<'a, '_> {
    /// What the result is bound to.
    pub(super) fn target(
        &mut self,
        results: &[Node<'a>],
        promised: &Promised,
        call: Node<'a>,
    ) -> Result<Target, Refusal> {
        if promised.is_list {
            return self.list_target(results);
        }
        let used: Vec<usize> = (0..results.len()).filter(|i| self.is_used(results[*i])).collect();
        if let Some(bad) = results.iter().find(|p| is_special(**p)) {
            return refusal(RefusalCode::ManyResults, *bad);
        }
        if let Some(first) = used.first().filter(|_| promised.drops) {
            return refusal(RefusalCode::ManyResults, results[*first]);
        }
        match &promised.keys {
            Some(keys) if !used.is_empty() => self.object_target(results, keys, &used, call),
            _ => match used.as_slice() {
                [] => Ok(Target::Nothing),
                [0] => Ok(self.name_target(results[0])),
                [.., last] => refusal(RefusalCode::ManyResults, results[*last]),
            },
        }
    }

    pub(super) fn name_target(&mut self, parameter: Node<'a>) -> Target {
        let pattern = parameter.child_by_field_name("pattern").unwrap_or(parameter);
        let annotation = parameter.child_by_field_name("type").map(|t| self.text(t.byte_range()));
        let mut name = self.text(pattern.byte_range());
        let has_default = pattern.kind() == "assignment_pattern";
        if has_default {
            // An array pattern applies a default to `undefined` and nothing else, exactly as a parameter does.
            name = enclosed("[", &name, "]");
        }
        let bindings = self.cx.names.declared_in(&pattern.byte_range());
        let keyword =
            if bindings.iter().any(|b| self.cx.names.is_reassigned(*b)) { Keyword::Let } else { Keyword::Const };
        let has = self.cx.file.source.language().has_types();
        let types = Types { has, captured: has && bindings.iter().any(|b| self.is_captured(*b)) };
        Target::Name { name, annotation, keyword, is_plain: pattern.kind() == "identifier", has_default, types }
    }

    /// Whether a function uses a parameter of a callback, other than callbacks whose code comes to stand beside its own.
    fn is_captured(&self, parameter: BindingId) -> bool {
        let node = |range: &Range<usize>| self.cx.file.root().descendant_for_byte_range(range.start, range.end);
        let binding = self.cx.names.binding(parameter);
        let owner = binding.declarations.first().and_then(node).and_then(enclosing_function);
        let mut uses = binding.references.iter().filter_map(|r| node(&self.cx.names.reference(*r).range));
        uses.any(|used| {
            let mut around = std::iter::successors(enclosing_function(used), |f| enclosing_function(*f));
            around.by_ref().take_while(|f| Some(*f) != owner).any(|f| site_of_callback(self.cx, f).is_none())
        })
    }

    /// `const { stdout } = …`
    fn object_target(
        &mut self,
        results: &[Node<'a>],
        keys: &[String],
        used: &[usize],
        call: Node<'a>,
    ) -> Result<Target, Refusal> {
        let (mut parts, mut is_reassigned) = (Vec::new(), false);
        for index in used {
            let parameter = results[*index];
            let pattern = parameter.child_by_field_name("pattern").unwrap_or(parameter);
            let Some(key) = keys.get(*index).filter(|_| pattern.kind() == "identifier") else {
                return refusal(RefusalCode::ManyResults, parameter);
            };
            let declared = self.cx.names.declared_in(&pattern.byte_range());
            is_reassigned |= declared.iter().any(|b| self.cx.names.is_reassigned(*b));
            let name = self.text(pattern.byte_range());
            parts.push(if name.as_str() == key { key.clone() } else { format!("{key}: {}", name.as_str()) });
        }
        if keys.iter().any(|key| key == "address") && may_ask_for_all(self.cx, call) {
            // `dns.lookup(host, { all: true }, …)` gives a list.
            return refusal(RefusalCode::ManyResults, call);
        }
        if keys.iter().any(|key| key == "stdout") {
            self.assume("The error may carry `stdout` and `stderr` as properties.");
        }
        let name = Text::from(format!("{{ {} }}", parts.join(", ")));
        let keyword = if is_reassigned { Keyword::Let } else { Keyword::Const };
        Ok(Target::Name {
            name,
            annotation: None,
            keyword,
            is_plain: false,
            has_default: false,
            types: Types::default(),
        })
    }
}

/// Whether the options of a call, which stand between its first argument and its callback, may have `all` among them.
fn may_ask_for_all(cx: &Context<'_>, call: Node<'_>) -> bool {
    let Some((_, arguments)) = call_parts(call) else { return true };
    let options = arguments.get(1..arguments.len().saturating_sub(1)).unwrap_or_default();
    options.iter().map(|option| unparenthesized(*option)).any(|option| match option.kind() {
        "number" | "null" | "undefined" => false,
        "object" => named_children(option).iter().any(|member| {
            let key = member.child_by_field_name("key");
            key.is_none_or(|key| key.kind() != "property_identifier" || cx.text(key) == "all")
        }),
        _ => true,
    })
}
