//! 事件推送: checks that an event was sent by the platform, just now, and not seen before.
//!
//! The platform signs as Standard Webhooks prescribes: `webhook-signature` holds, for each secret
//! in force, the HMAC-SHA-256 of `webhook-id.webhook-timestamp.body`. Hand over the body as it came
//! off the wire: a body that was parsed and written again has other bytes.
//!
//! ```
//! use std::{num::NonZeroUsize, time::SystemTime};
//! use lingminban::webhook::{MemoryReplayStore, Secret, Verifier};
//!
//! # fn receive(headers: &http::HeaderMap, body: &[u8]) -> Result<http::StatusCode, Box<dyn std::error::Error>> {
//! let secret: Secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=".parse()?;
//! let verifier = Verifier::new(secret);
//! let seen = MemoryReplayStore::new(NonZeroUsize::new(100_000).unwrap());
//! // For each request, what to answer:
//! let status = match verifier.verify_once(headers, body, SystemTime::now(), &seen) {
//!     Ok(delivery) => {
//!         println!("{} {}", delivery.event.kind, delivery.event.event_id);
//!         http::StatusCode::NO_CONTENT
//!     }
//!     Err(error) => error.status(),
//! };
//! # Ok(status)
//! # }
//! ```
//!
//! An event that arrives twice has the same `event_id`, here and in the feed of events. When
//! handling one fails, [`ReplayStore::release`] it and answer 500: the platform sends it again.

mod error;
mod replay;
mod secret;
mod verifier;

pub use error::{VerifyError, WrongSecret};
pub use replay::{MemoryReplayStore, ReplayStore, StoreError};
pub use secret::{Secret, sign};
pub use verifier::{Delivery, Verifier};

use http::HeaderName;

/// 推送编号: the event's `event_id`, the same in every attempt.
pub const ID: HeaderName = HeaderName::from_static("webhook-id");
/// 推送时间: when this attempt was made, in whole seconds since 1970.
pub const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
/// 签名: `v1,` and the signature in Base64; several are separated by spaces.
pub const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// The version of the scheme that this module speaks.
const VERSION: &str = "v1";
