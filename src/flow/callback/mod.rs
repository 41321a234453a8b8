//! Functions that hand their result to an error-first callback, as async functions.
//!
//! A *site* is a call that is handed an error-first callback. `site` finds the function that it belongs to, its
//! *root*: the callbacks of other sites on the way out belong to the code around them. The root's code is taken apart
//! (`split`): what has to stay where it is, and what becomes the body of an async function ([`settle`](super::settle)
//! lowers it). `form` writes the async function, and the adapter by which callers with a callback still reach it.

mod adapter;
mod bare;
mod beside;
mod checks;
mod declared;
mod detour;
mod detour_elsewhere;
mod emitters;
mod error_type;
mod errors;
mod events;
mod exports;
mod form;
pub mod forms;
mod gaps;
mod given;
mod handler;
mod leftover;
mod locals;
mod lossy;
mod names;
mod naming;
mod placed;
mod relied;
mod replaced;
mod result_type;
pub mod results;
mod runs_on;
mod shift;
mod site;
mod spied;
mod split;
mod thenable;
mod unfollowed;
mod unnamed;
mod unused;
mod writing;

pub use adapter::{Adapter, adapter, is_adapted};
pub use bare::gets_nothing;
pub use beside::{
    hands_both_on, hands_one_or_the_other, is_called_with_both, is_expected_to_hand_both, may_hand_result_beside_error,
};
pub use checks::{error_at, truths};
pub use detour::{Detour, detour};
pub use emitters::{listened_to, may_speak_at_once};
pub use errors::{makes_error, names_error, tells_undefined_from_null};
pub use events::{asks_for_event, listens_next};
pub(super) use exports::is_exports;
pub use form::convert;
pub use leftover::{Leftover, leftover};
pub use names::{called_names, names};
pub use relied::is_heard_at_once;
pub use runs_on::{catches_what_is_thrown, runs_on_after_calling_back, runs_on_behind_value};
pub(super) use shift::is_no_function;
pub use site::{
    Root, bound, is_call_back_name, is_site, leaves_with_first, made_of, root_of, site_of_callback, sites_of_callback,
    takes_callback, takes_it_elsewhere,
};
pub use split::uses;
pub use unfollowed::unfollowed;
pub use unused::{Unused, unused};
pub use writing::Converted;
