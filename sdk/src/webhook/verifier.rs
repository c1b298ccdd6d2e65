use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderName};
use jiff::Timestamp;

use super::{ID, ReplayStore, SIGNATURE, Secret, TIMESTAMP, VERSION, VerifyError};
use crate::{
    api::{Event, EventId},
    moment::Moment,
};

/// Checks messages against the secrets of one subscription.
///
/// While a secret is being rotated the platform signs with the old and the new one; a verifier that
/// knows either of them goes on, and [`Verifier::also`] adds the other.
#[derive(Clone, Debug)]
pub struct Verifier {
    secrets: Vec<Secret>,
    tolerance: Duration,
    memory: Duration,
}

/// 推送: an event that the platform has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// `webhook-id`: the event's own id.
    pub message_id: EventId,
    /// `webhook-timestamp`: when this attempt was made.
    pub sent_at: Moment,
    /// What happened.
    pub event: Event,
}

impl Verifier {
    /// A verifier with the secret of the subscription, a tolerance of five minutes, and a memory of
    /// seven days, which outlasts the last attempt.
    #[must_use]
    pub fn new(secret: Secret) -> Self {
        Self {
            secrets: vec![secret],
            tolerance: Duration::from_secs(5 * 60),
            memory: Duration::from_secs(7 * 24 * 60 * 60),
        }
    }

    /// Accepts another secret too: the old one while a rotation overlaps.
    #[must_use]
    pub fn also(mut self, secret: Secret) -> Self {
        self.secrets.push(secret);
        self
    }

    /// How far a message's time may lie before or after `now`; fractions of a second do not count.
    #[must_use]
    pub fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// For how long [`Verifier::verify_once`] has its store remember a message.
    #[must_use]
    pub fn remember_for(mut self, memory: Duration) -> Self {
        self.memory = memory;
        self
    }

    /// Checks signature and age of a message, and reads the event in it.
    ///
    /// `body` is the raw body, `now` the time of the machine.
    ///
    /// # Errors
    /// When the message is not one the platform has just sent; the error says what to do.
    pub fn verify(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: SystemTime,
    ) -> Result<Delivery, VerifyError> {
        let id = header(headers, &ID)?;
        let timestamp = header(headers, &TIMESTAMP)?;
        let signatures = header(headers, &SIGNATURE)?;
        // An id with a full stop could move the borders of what is signed.
        let message_id: EventId = id.parse().map_err(|_| VerifyError::MalformedHeader(ID))?;
        let sent = whole_seconds(timestamp).ok_or(VerifyError::MalformedHeader(TIMESTAMP))?;
        let sent_at = instant(sent).ok_or(VerifyError::MalformedHeader(TIMESTAMP))?;
        self.check_signature(id, timestamp, body, signatures)?;
        self.check_age(sent, seconds(now))?;
        let event = serde_json::from_slice(body).map_err(|error| VerifyError::Unreadable {
            line: error.line(),
            column: error.column(),
        })?;
        Ok(Delivery {
            message_id,
            sent_at,
            event,
        })
    }

    /// [`Verifier::verify`], and refuses what the store has seen.
    ///
    /// # Errors
    /// As [`Verifier::verify`]; [`VerifyError::Replayed`] for a message seen before, which is to be
    /// answered like a success.
    pub fn verify_once(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: SystemTime,
        store: &impl ReplayStore,
    ) -> Result<Delivery, VerifyError> {
        let delivery = self.verify(headers, body, now)?;
        // A message that is still young enough to be replayed is never forgotten.
        let memory = self.memory.max(self.tolerance.saturating_mul(2));
        let until = now.checked_add(memory).unwrap_or(now);
        let first = store
            .claim(&delivery.message_id, now, until)
            .map_err(VerifyError::Store)?;
        if first {
            Ok(delivery)
        } else {
            Err(VerifyError::Replayed)
        }
    }

    fn check_signature(
        &self,
        id: &str,
        timestamp: &str,
        body: &[u8],
        signatures: &str,
    ) -> Result<(), VerifyError> {
        let mut known = signatures
            .split(' ')
            .filter_map(|signature| signature.split_once(','))
            .filter(|(version, _)| *version == VERSION)
            .map(|(_, encoded)| encoded)
            .peekable();
        if known.peek().is_none() {
            return Err(VerifyError::UnknownScheme);
        }
        let signed = known
            .filter_map(|encoded| BASE64_STANDARD.decode(encoded).ok())
            .any(|signature| {
                let signed = |secret: &Secret| secret.signed(id, timestamp, body, &signature);
                self.secrets.iter().any(signed)
            });
        if signed {
            Ok(())
        } else {
            Err(VerifyError::WrongSignature)
        }
    }

    fn check_age(&self, sent: u64, now: u64) -> Result<(), VerifyError> {
        if sent.abs_diff(now) <= self.tolerance.as_secs() {
            Ok(())
        } else if sent < now {
            Err(VerifyError::TooOld {
                by: Duration::from_secs(now - sent),
            })
        } else {
            Err(VerifyError::FromTheFuture {
                by: Duration::from_secs(sent - now),
            })
        }
    }
}

/// A header that must be there once, in visible characters.
fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<&'a str, VerifyError> {
    let mut values = headers.get_all(name).iter();
    let value = values
        .next()
        .ok_or_else(|| VerifyError::MissingHeader(name.clone()))?;
    match (value.to_str(), values.next()) {
        (Ok(text), None) => Ok(text),
        _ => Err(VerifyError::MalformedHeader(name.clone())),
    }
}

/// Digits alone: `parse` would take a plus sign.
fn whole_seconds(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

fn instant(seconds: u64) -> Option<Moment> {
    let seconds = i64::try_from(seconds).ok()?;
    Timestamp::from_second(seconds).ok().map(Moment::new)
}

/// Whole seconds since 1970; a clock before that stands at its beginning.
pub(super) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
