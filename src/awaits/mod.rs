//! Runs of awaits: which of them need the result of another, which have to keep their order for other reasons, in how
//! many waves they can be waited for, and how that is written.
//!
//! A run ([`Run`]) is a stretch of one statement list in which every statement waits for one call, or can be moved, or all
//! that one expression waits for ([`Within`]).
//! Calls are started in the order in which they are written, so a wave ([`waves`]) is always a stretch of the run.

mod comments;
mod harmless;
mod item;
mod layout;
mod linked;
mod needs;
mod promptly;
mod rewrite;
mod run;
mod scripted;
mod waves;
mod within;

pub use linked::{Links, links};
pub use needs::Needs;
pub use rewrite::{Rewritten, rewrite};
pub use run::{Await, Content, Rest, Run, Target, Unit, run_at};
pub use scripted::script_around;
pub use waves::{Wave, waves};
pub use within::{Within, within_at};
