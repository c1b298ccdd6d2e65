//! The client's promises, one module for each. Nothing here sleeps: pauses and deadlines run on a
//! clock of the test's own.
#![cfg(feature = "client")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[cfg(feature = "blocking")]
mod blocking;
mod calls;
mod config;
mod events;
mod fixtures;
mod headers;
mod outcomes;
mod pages;
mod retries;
mod runtime;
mod secrets;
mod server;
mod timeouts;
mod tls;
mod tokens;
mod traces;
mod wait;
