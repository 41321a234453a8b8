//! The lowered form that promise chains and callback pyramids share, and its printer.
//!
//! A chain and a pyramid are the same thing: steps, each with a value or an error to go on with. [`lower`] turns
//! them into [`Stmt`]s (bindings, branches, handlers), [`mod@print`] writes those as code in the file's own style.
//! What decides whether that may be done stands beside it: [`asyncness`] asks whether a function may become async,
//! [`scope`] where names would clash, [`classify`] what an expression may do.

pub mod assigned;
pub mod asynclib;
pub mod asyncness;
pub mod body;
pub mod callback;
pub mod chain;
pub mod classify;
pub mod constructor;
mod descriptor;
mod early;
pub mod elsewhere;
pub mod executor;
mod form;
pub mod imports;
pub mod known;
pub mod limiter;
mod lines;
pub mod lower;
pub mod narrowing;
pub mod noun;
mod parameter;
pub mod print;
pub mod promisify;
mod recursion;
pub mod removal;
pub mod rounds;
pub mod scope;
pub mod settle;
mod signature;
pub mod site;
mod steps;
pub mod stringified;
mod text;
pub mod thenable;
mod top;
pub mod transaction;
pub mod typed;
pub mod wrapper;

pub use form::{Catch, Keyword, Stmt, Value};
pub use text::Text;
