//! The promises of the sandbox, each file one of them, over the wire.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail like tests"
)]

#[path = "../support/mod.rs"]
mod support;

mod alterations;
mod base;
mod bundles;
mod catalogue;
mod changes;
mod co_owners;
mod control;
mod crosstalk;
mod deregistration;
mod determinism;
mod events;
mod faults;
mod given_up;
mod http;
mod idempotency;
mod inspection;
mod journal;
mod judge;
mod lifecycle;
mod listing;
mod matrix;
mod messages;
mod mortgage;
mod one_answer;
mod pushes;
mod registration;
mod replacements;
mod serve;
mod services;
mod store;
mod survival;
mod transfer;
mod webhooks;
