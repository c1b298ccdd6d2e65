//! The server over real sockets, without the authority: the adapter, what is mounted over the engine,
//! and the front.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail like tests"
)]

mod adapter;
mod front;
mod mount;
mod support;
