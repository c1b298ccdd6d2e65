//! A sandbox that behaves like the authority (沙箱): it knows the law's rules, remembers what was
//! filed, and moves its clock on command.
//!
//! [`Sandbox::start`] gives a server in a test; the program `lingminban-sandbox` serves everybody
//! else.

mod control;
pub mod engine;
mod options;
mod postman;
pub mod rules;
mod sandbox;
pub mod server;

pub use control::Control;
pub use engine::{
    RateLimit,
    directory::Credential,
    space::{Pace, Settings},
};
pub use options::WrongOption;
pub use sandbox::{ClientCredential, NoClient, Options, Sandbox, SpaceClock};
/// What [`Sandbox::mount`] takes its mocks from.
pub use wiremock;

/// The READMEs' programs compile and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[doc = include_str!("../../README.zh-CN.md")]
struct Readme;

/// So do those of the documentation's pages.
#[cfg(doctest)]
#[doc = include_str!("../docs/events.md")]
#[doc = include_str!("../docs/evidence.md")]
#[doc = include_str!("../docs/faults.md")]
#[doc = include_str!("../docs/server.md")]
#[doc = include_str!("../docs/spaces.md")]
struct Pages;
