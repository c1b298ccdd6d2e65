//! Typed SDK for partner outlets (灵敏办网点) of the traffic police.
//!
//! Make a request, give it a key by making it a `Submission`, store it, send it:
#![cfg_attr(feature = "client", doc = "```no_run")]
#![cfg_attr(not(feature = "client"), doc = "```ignore")]
//! use lingminban::{Client, Outcome, Submission, api::RegistrationRequest};
//!
//! # async fn file(request: RegistrationRequest) -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::builder()
//!     .base_url("https://lmb.example.cn")
//!     .client_id("zb-dealer-001")
//!     .client_secret(std::env::var("LINGMINBAN_CLIENT_SECRET")?)
//!     .build()?;
//! let submission = Submission::new(request);
//! match client.submit_registration(&submission).await {
//!     Ok(application) => println!("受理 {}", application.application_id),
//!     // The platform may have acted: the same submission again is safe, a new one is not.
//!     Err(error) if error.outcome() == Outcome::Unknown => println!("再次提交 {error}"),
//!     Err(error) => println!("{error}"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Every service has a method of its own; `Client::submit` files them all, and the services of one
//! family stand together in a group: `client.mortgages()`, `client.inspections()`, … (`client::Group`).
//!
//! | feature | gives |
//! |---|---|
//! | `client` (default) | the async client, in module `client` |
//! | `webhook` (default) | checks what the platform sends, in module `webhook` |
//! | `blocking` | the same calls without async, in module `blocking` |
//! | `schema` | schemas of the wire types, for the generated document |
//! | none | the contract alone: types, rules of form, dates; no network |

pub mod api;
#[cfg(feature = "blocking")]
pub mod blocking;
#[cfg(feature = "client")]
pub mod client;
pub mod codes;
pub mod identifiers;
pub mod inspection;
pub mod moment;
#[cfg(doctest)]
mod must_not_compile;
pub mod services;
pub mod text;
#[cfg(feature = "webhook")]
pub mod webhook;
pub mod wire_enum;

#[cfg(feature = "client")]
pub use client::{Client, Error, Outcome, Submission};
