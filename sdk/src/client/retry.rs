//! When a failure is worth another attempt, and how long to wait before it.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use bon::Builder;
use http::{HeaderMap, StatusCode, header};
use jiff::{Timestamp, civil::DateTime, fmt::rfc2822, tz::Offset};

use super::{
    error::{Error, ErrorKind, Outcome},
    runtime::Runtime,
};
use crate::api::ProblemCode;

/// When and how often to try again. Every operation may be repeated: reads by nature, writes by
/// the `Idempotency-Key` that goes with each attempt.
#[derive(Clone, Debug, Builder)]
pub struct RetryPolicy {
    /// Attempts in all, the first one included; 4 when left out, 1 means no repetition.
    #[builder(default = 4)]
    pub(super) max_attempts: u32,
    /// The longest pause before the second attempt, doubled for each further one; the actual
    /// pause is drawn evenly from zero to that (full jitter). 200 ms when left out.
    #[builder(default = Duration::from_millis(200))]
    pub(super) base_backoff: Duration,
    /// What the doubling stops at; 10 s when left out.
    #[builder(default = Duration::from_secs(10))]
    pub(super) max_backoff: Duration,
    /// Repetitions the client may make in a row while nothing succeeds; ten successes earn one
    /// back. Keeps a failing platform from being asked four times as much. 50 when left out.
    #[builder(default = 50)]
    pub(super) budget: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::builder().build()
    }
}

impl RetryPolicy {
    /// Every call is one attempt.
    #[must_use]
    pub fn never() -> Self {
        Self::builder().max_attempts(1).build()
    }

    /// The pause before attempt `attempt + 1`.
    pub(super) fn backoff(
        &self,
        attempt: u32,
        retry_after: Option<Duration>,
        runtime: &dyn Runtime,
    ) -> Duration {
        match retry_after {
            // What was asked for, and a little more, so that not everybody comes back at once.
            Some(asked) => asked.saturating_add(jitter(self.base_backoff, runtime)),
            None => {
                let doubled = 1_u32
                    .checked_shl(attempt.saturating_sub(1))
                    .unwrap_or(u32::MAX);
                let longest = self
                    .base_backoff
                    .saturating_mul(doubled)
                    .min(self.max_backoff);
                jitter(longest, runtime)
            }
        }
    }
}

/// Evenly from zero to `longest`.
fn jitter(longest: Duration, runtime: &dyn Runtime) -> Duration {
    let nanos = u64::try_from(longest.as_nanos()).unwrap_or(u64::MAX);
    let drawn = (u128::from(nanos) * u128::from(runtime.random())) >> 64;
    Duration::from_nanos(u64::try_from(drawn).unwrap_or(u64::MAX))
}

/// A retry budget in tenths of a repetition.
#[derive(Debug)]
pub(super) struct Budget {
    tenths: AtomicU32,
    full: u32,
}

impl Budget {
    pub(super) fn new(repetitions: u32) -> Self {
        let full = repetitions.saturating_mul(10);
        Self {
            tenths: AtomicU32::new(full),
            full,
        }
    }

    /// Takes one repetition, if there is one.
    pub(super) fn take(&self) -> bool {
        self.tenths
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tenths| {
                tenths.checked_sub(10)
            })
            .is_ok()
    }

    /// Gives back a tenth.
    pub(super) fn succeeded(&self) {
        // Most calls find the budget full and must not write to memory that all of them share.
        if self.tenths.load(Ordering::Relaxed) < self.full {
            let refill = |tenths: u32| (tenths < self.full).then_some(tenths + 1);
            let _ = self
                .tenths
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, refill);
        }
    }
}

/// What a status that is no success says about the world.
pub(super) fn outcome_of(status: StatusCode, code: Option<ProblemCode>) -> Outcome {
    match (status, code) {
        (StatusCode::SERVICE_UNAVAILABLE, Some(ProblemCode::ServiceUnavailable)) => {
            Outcome::Refused
        }
        (_, Some(ProblemCode::RequestInProgress)) => Outcome::Unknown,
        (status, _) if status.is_client_error() => Outcome::Refused,
        _ => Outcome::Unknown,
    }
}

/// Whether another attempt may end better.
pub(super) fn is_transient(error: &Error) -> bool {
    match error.kind() {
        // A success that was cut off as well: the same key gets the same answer again.
        ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Broken | ErrorKind::CutOff => true,
        // Why there is no token: refused, or merely not to be had now.
        ErrorKind::Token => error.token_error().is_none(),
        ErrorKind::Problem | ErrorKind::Status => {
            let code = error.problem().and_then(|problem| problem.code.known());
            code == Some(ProblemCode::RequestInProgress)
                || matches!(
                    error.status(),
                    Some(408 | 425 | 429 | 500 | 502 | 503 | 504)
                )
        }
        _ => false,
    }
}

/// Whether a refusal was decided after the `Idempotency-Key` had been looked up, and so proves
/// that no earlier attempt with the same key took effect.
pub(super) fn settles_earlier_attempts(error: &Error) -> bool {
    let Some(code) = error.problem().and_then(|problem| problem.code.known()) else {
        return false;
    };
    error.outcome() == Outcome::Refused
        && !matches!(
            code,
            ProblemCode::MissingToken
                | ProblemCode::InvalidToken
                | ProblemCode::ExpiredToken
                | ProblemCode::InsufficientScope
                | ProblemCode::RateLimited
                | ProblemCode::ServiceUnavailable
                | ProblemCode::UnknownPath
                | ProblemCode::MethodNotAllowed
        )
}

/// `Retry-After` in seconds or as a date; a date counts from the answer's own `Date`, for the two
/// clocks may differ.
pub(super) fn retry_after(
    headers: &HeaderMap,
    now: impl FnOnce() -> Timestamp,
) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = http_date(value)?;
    let date = headers
        .get(header::DATE)
        .and_then(|date| http_date(date.to_str().ok()?));
    let from = date.unwrap_or_else(now);
    Some(Duration::try_from(until.duration_since(from)).unwrap_or_default())
}

/// The three forms of RFC 9110 §5.6.7.
fn http_date(text: &str) -> Option<Timestamp> {
    if let Ok(zoned) = rfc2822::parse(text) {
        return Some(zoned.timestamp());
    }
    let obsolete = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    let civil = obsolete
        .iter()
        .find_map(|form| DateTime::strptime(form, text).ok())?;
    Offset::UTC.to_timestamp(civil).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_forms_of_a_date_are_read() {
        let expected: Timestamp = "1994-11-06T08:49:37Z".parse().unwrap();
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(http_date(text), Some(expected), "{text}");
        }
        assert_eq!(http_date("tomorrow"), None);
    }
}
