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
mod court;
mod cross_province;
mod crosstalk;
mod deregistration;
mod determinism;
mod events;
mod exchange;
mod faults;
mod given_up;
mod http;
mod idempotency;
mod inspection;
mod inspections;
mod journal;
mod judge;
mod lifecycle;
mod listing;
mod marks;
mod matrix;
mod messages;
mod mortgage;
mod motorcycles;
mod move_in;
mod one_answer;
mod own_number;
mod pushes;
mod registration;
mod replacements;
mod serve;
mod services;
mod stock;
mod store;
mod survival;
mod temporary_plates;
mod transfer;
mod webhooks;
