//! 限流: requests a credential may send, counted in windows of the space's clock.

use std::collections::HashMap;

use http::{HeaderValue, header};
use jiff::Timestamp;
use lingminban::api::ProblemCode;
use serde::{Deserialize, Serialize};

use super::{directory::PartnerIndex, refusal::Refusal};

/// So many requests in so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateLimit {
    /// Requests allowed in one window.
    pub requests: u32,
    /// Length of a window in seconds of the space's clock.
    pub seconds: u32,
}

/// Requests counted in the present window.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Windows {
    limit: Option<RateLimit>,
    counted: HashMap<PartnerIndex, (i64, u32)>,
}

impl Windows {
    /// Counts against `limit`; with none it counts nothing.
    #[must_use]
    pub fn new(limit: Option<RateLimit>) -> Self {
        Self {
            limit,
            counted: HashMap::new(),
        }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// 429 with the seconds until the next window.
    pub fn admit(&mut self, partner: PartnerIndex, now: Timestamp) -> Result<(), Refusal> {
        let Some(limit) = self.limit else {
            return Ok(());
        };
        let length = i64::from(limit.seconds.max(1));
        let window = now.as_second().div_euclid(length);
        let counted = self.counted.entry(partner).or_insert((window, 0));
        if counted.0 != window {
            *counted = (window, 0);
        }
        if counted.1 < limit.requests {
            counted.1 += 1;
            return Ok(());
        }
        let wait = length - now.as_second().rem_euclid(length);
        Err(Refusal::new(ProblemCode::RateLimited)
            .with_header(header::RETRY_AFTER, HeaderValue::from(wait)))
    }
}
