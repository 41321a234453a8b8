//! The types that TypeScript is told of a chain's values: the return type of a handler, the type arguments of `.then<T>`.
//! They go to the variable that the value is bound to.

use tree_sitter::Node;

use super::{
    Text,
    asyncness::promised_type,
    body::returned,
    chain::{Handler, Link, LinkKind},
    lower::{Lowerer, Sink, always_throws},
};
use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    syntax::node::{named_children, unparenthesized, walk},
};

/// The annotation of what may be anything.
const ANY: &str = ": any";

impl Lowerer<'_, '_> {
    /// Where the value of some links goes: to the next of those behind them that wants it, or to the sink behind all.
    ///
    /// # Errors
    /// A type that no annotation of a variable can stand for.
    pub(super) fn next_sink(&mut self, links: &[Link<'_>], behind: &[Link<'_>], last: &Sink) -> Result<Sink, Refusal> {
        if behind.is_empty() { Ok(last.clone()) } else { self.typed_sink(self.sink_for(behind), links) }
    }

    /// What the next link wants of the value before it.
    fn sink_for(&self, links: &[Link<'_>]) -> Sink {
        match links.iter().find(|l| !matches!(l.kind, LinkKind::Nothing)).map(|l| &l.kind) {
            Some(LinkKind::Then(handler) | LinkKind::ThenBoth(handler, _)) => self.sink_for_handler(handler),
            _ => Sink::Pending { hint: None, declared: Text::default() },
        }
    }

    /// A sink that knows which type the value of the links is declared to have.
    ///
    /// # Errors
    /// A type that no annotation of a variable can stand for.
    pub(super) fn typed_sink(&mut self, sink: Sink, links: &[Link<'_>]) -> Result<Sink, Refusal> {
        if !self.cx.file.source.language().has_types() || matches!(sink, Sink::Return { .. } | Sink::Discard) {
            return Ok(sink);
        }
        let is_annotated = match &sink {
            Sink::Bind { annotation, .. } | Sink::Pending { hint: Some((_, annotation)), .. } => !annotation.is_empty(),
            _ => false,
        };
        let declared = match self.declared_type(links) {
            Ok(Some(declared)) => declared,
            Err(refusal) if !is_annotated => {
                return Err(links.last().map_or(refusal.clone(), |link| self.blame(link, refusal)));
            }
            Ok(None) | Err(_) => return Ok(sink),
        };
        Ok(match sink {
            Sink::Bind { keyword, target, annotation, is_name } if annotation.is_empty() => {
                Sink::Bind { keyword, target, annotation: declared, is_name }
            }
            // What may be anything may be taken for something else; what it is made of may not.
            Sink::Bind { ref annotation, .. } if declared.as_str() == ANY && annotation.as_str() != ANY => {
                let Some(link) = links.last() else { return Ok(sink) };
                let refusal = Refusal::new(RefusalCode::ReturnType, link.range.clone());
                return Err(self.blame(link, refusal));
            }
            Sink::Pending { hint: Some((_, ref annotation)), .. }
                if declared.as_str() == ANY && !annotation.is_empty() && annotation.as_str() != ANY =>
            {
                Sink::Pending { hint: None, declared }
            }
            Sink::Pending { hint, declared: own } if own.is_empty() => Sink::Pending { hint, declared },
            _ => sink,
        })
    }

    /// Keeps a handler in the awaited expression that stands right behind the promise and hands over an empty list, where the
    /// variable for either outcome would have no type: what such a list holds TypeScript does not find out from the list that
    /// is assigned in its stead, while the two outcomes of a `catch` method are of one type.
    ///
    /// # Errors
    /// When that is so.
    pub(super) fn check_list_has_type(
        &mut self,
        before: &[Link<'_>],
        link: &Link<'_>,
        sink: &Sink,
    ) -> Result<(), Refusal> {
        let Sink::Pending { hint, declared } = sink else { return Ok(()) };
        let has_type = !declared.is_empty() || hint.as_ref().is_some_and(|(_, annotation)| !annotation.is_empty());
        let LinkKind::Catch(handler) = &link.kind else { return Ok(()) };
        let is_first = before.iter().all(|l| matches!(l.kind, LinkKind::Nothing)) && self.is_outermost(link);
        if !is_first || has_type || !self.cx.file.source.language().has_types() {
            return Ok(());
        }
        let values = handler.literal().map(|f| returned(f).values).unwrap_or_default();
        let is_list =
            |e: Node<'_>| unparenthesized(e).kind() == "array" && named_children(unparenthesized(e)).is_empty();
        if values.iter().any(|site| site.expression.is_some_and(is_list)) {
            return Err(self.blame(link, Refusal::new(RefusalCode::OnlyRecovers, link.call.byte_range())));
        }
        Ok(())
    }

    /// The type of what links come to, if it is declared and becomes the function's own.
    pub(super) fn returned_type(&self, sink: &Sink, links: &[Link<'_>]) -> Option<Text> {
        let has_types = self.cx.file.source.language().has_types() && matches!(sink, Sink::Return { .. });
        let declared = has_types.then(|| self.declared_type(links).ok().flatten()).flatten()?;
        Some(declared.as_str().trim_start_matches(':').trim().into())
    }

    /// The annotation for what links come to, if it is declared.
    fn declared_type(&self, links: &[Link<'_>]) -> Result<Option<Text>, Refusal> {
        let Some((link, before)) = links.split_last() else { return Ok(None) };
        let handler = match &link.kind {
            LinkKind::Then(handler) | LinkKind::ThenBoth(handler, _) => return self.type_of(link, handler),
            LinkKind::Catch(handler) => handler,
            LinkKind::Finally(_) | LinkKind::Nothing => return self.declared_type(before),
            LinkKind::Opaque(..) => return Ok(None),
        };
        let (success, failure) = (self.declared_type(before)?, self.type_of(link, handler)?);
        let is_any = |declared: &Option<Text>| declared.as_ref().is_some_and(|t| t.as_str() == ANY);
        if success == failure || handler.literal().is_some_and(always_throws) || is_any(&success) {
            return Ok(success);
        }
        if is_any(&failure) {
            return Ok(failure);
        }
        match (&success, &failure) {
            (Some(success), Some(failure)) => Ok(Some(either(success, failure))),
            _ => Err(Refusal::new(RefusalCode::ReturnType, link.range.clone())),
        }
    }

    /// The annotation for what a handler comes to.
    fn type_of(&self, link: &Link<'_>, handler: &Handler<'_>) -> Result<Option<Text>, Refusal> {
        let given = link.call.child_by_field_name("type_arguments").and_then(|a| named_children(a).first().copied());
        let annotation = || handler.literal()?.child_by_field_name("return_type");
        let declared = match (given, annotation().filter(|a| a.kind() == "type_annotation")) {
            (Some(given), _) => Some(given),
            (None, Some(annotation)) => {
                promised_type(self.cx, annotation).or_else(|| named_children(annotation).first().copied())
            }
            (None, None) => None,
        };
        declared.map(|declared| self.annotation(declared)).transpose()
    }

    /// An annotation with a type. What may be a promise as well as something else is awaited, and has no type that is
    /// written down.
    fn annotation(&self, declared: Node<'_>) -> Result<Text, Refusal> {
        let inner = named_children(declared).first().copied().filter(|_| declared.kind() == "parenthesized_type");
        let declared = inner.unwrap_or(declared);
        let text = self.cx.text(declared);
        let is_compound = matches!(declared.kind(), "union_type" | "intersection_type" | "generic_type");
        // What stands behind `typeof` need not be there yet where the variable is declared.
        if is_compound && text.contains("Promise") || text.contains("typeof ") {
            return Err(Refusal::new(RefusalCode::ReturnType, declared.byte_range()));
        }
        let mut annotation = Text::from(": ");
        annotation.push(&self.text(declared.byte_range()));
        Ok(annotation)
    }
}

/// What has to hold of a result of type `any`, which passes for whatever a function is declared to return: written without
/// that `any` it has a type of its own.
pub fn passes_for_declared(cx: &Context<'_>, function: Node<'_>) -> Option<String> {
    let promised = promised_type(cx, function.child_by_field_name("return_type")?).map(|t| cx.text(t))?;
    let takes_all = matches!(promised, "any" | "unknown" | "void");
    (!takes_all).then(|| format!("TypeScript takes the result, which is of type `any` today, for a `{promised}`."))
}

/// Whether the `resolve` of a constructed promise takes what may be anything: `new Promise<any>(…)`, `(resolve: any) =>`,
/// `(resolve: Function) =>`, `(resolve: (value: any) => void) =>`.
pub fn resolves_with_any(cx: &Context<'_>, type_argument: Option<Node<'_>>, resolve: Option<Node<'_>>) -> bool {
    let annotation = resolve.and_then(|parameter| parameter.child_by_field_name("type"));
    let mut takes_any = annotation.is_some_and(|a| cx.text(a).trim_start_matches(':').trim() == "Function");
    if let Some(annotation) = annotation {
        walk(annotation, |n| {
            takes_any |= n.kind() == "predefined_type" && cx.text(n) == "any";
            !takes_any
        });
    }
    takes_any || type_argument.is_some_and(|t| cx.text(t) == "any")
}

/// An annotation for what has either of two types.
fn either(success: &Text, failure: &Text) -> Text {
    let part = |annotation: &Text| {
        let declared = annotation.as_str().trim_start_matches(':').trim();
        if declared.contains("=>") { format!("({declared})") } else { declared.to_owned() }
    };
    format!(": {} | {}", part(success), part(failure)).into()
}
