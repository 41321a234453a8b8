//! An awaited call as an element of the array that is waited for.

use super::{
    promptly::{Dereferenced, may_throw_at_once},
    run::Await,
};
use crate::{context::Context, flow::Text};

/// The code that starts a call and yields its promise. `known` has what was asked for a property up to here.
///
/// A call that waits for something itself before it starts, and a call behind others that may throw at once, is put into
/// an async function: the others' promises must not be left to nobody.
pub(super) fn item<'s>(cx: &Context<'s>, awaited: &Await<'_>, is_first: bool, known: &mut Dereferenced<'s>) -> Text {
    let operand = awaited.operand;
    let text = Text::moved(cx.file, awaited.code(), &[]).trimmed();
    let waits = !awaited.inner(cx).is_empty();
    if !waits && (is_first || !may_throw_at_once(cx, operand, known)) {
        known.add_expression(cx, operand);
        return text;
    }
    let is_object = text.as_str().starts_with('{');
    let mut item = Text::from(if is_object { "(async () => (" } else { "(async () => " });
    item.push(&text);
    item.push_str(if is_object { "))()" } else { ")()" });
    item
}
