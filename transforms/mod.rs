//! The registry of patterns: one file each, listed once, here.

pub mod async_executor;
pub mod async_foreach;
pub mod await_in_loop;
pub mod buffered_stream;
pub mod callback_pyramid;
pub mod n_plus_one;
pub mod nested_then;
pub mod promise_wrapper;
pub mod sequential_awaits;
pub mod then_chain;
pub mod unbounded_fan_out;
pub mod unused_adapter;

use crate::transform::Transform;

/// Every pattern, in the order in which they are tried on a file and listed to people.
pub static ALL: &[&dyn Transform] = &[
    &nested_then::NestedThen,
    &then_chain::ThenChain,
    &promise_wrapper::PromiseWrapper,
    &async_executor::AsyncExecutor,
    &callback_pyramid::CallbackPyramid,
    &async_foreach::AsyncForeach,
    &await_in_loop::AwaitInLoop,
    &sequential_awaits::SequentialAwaits,
    &unbounded_fan_out::UnboundedFanOut,
    &n_plus_one::NPlusOne,
    &buffered_stream::BufferedStream,
    &unused_adapter::UnusedAdapter,
];
