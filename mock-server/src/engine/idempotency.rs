//! 幂等: a request repeated under its `Idempotency-Key` gets the first answer, once only.

use std::collections::{HashMap, VecDeque};

use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use lingminban::api::{Place, ProblemCode, Repeat};

use super::{decode::BodyDigest, directory::PartnerIndex, refusal::Refusal};

/// The header's name.
pub const HEADER: &str = "Idempotency-Key";
/// A key lives for 24 hours of the space's clock.
const LIFE: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

/// What a key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// Operation, path and query.
    pub target: u128,
    /// Canonical body.
    pub body: BodyDigest,
}

/// An answer kept for repetitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Status of the answer.
    pub status: StatusCode,
    /// Body of the answer.
    pub body: Box<[u8]>,
}

/// The keys of a space.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    kept: HashMap<(PartnerIndex, Box<str>), (Fingerprint, Kept)>,
    expiry: VecDeque<(Timestamp, PartnerIndex, Box<str>)>,
}

impl Keys {
    /// The answer kept under this key, if the request is the same.
    ///
    /// # Errors
    /// When the key belongs to a different request.
    pub fn find(
        &self,
        partner: PartnerIndex,
        key: &str,
        fingerprint: Fingerprint,
    ) -> Result<Option<&Kept>, Refusal> {
        match self.kept.get(&(partner, key.into())) {
            None => Ok(None),
            Some((same, kept)) if *same == fingerprint => Ok(Some(kept)),
            Some(_) => Err(Refusal::at(
                ProblemCode::IdempotencyKeyReused,
                Place::Header(HEADER),
            )),
        }
    }

    /// Keeps an answer.
    pub fn keep(
        &mut self,
        partner: PartnerIndex,
        key: &str,
        fingerprint: Fingerprint,
        kept: Kept,
        now: Timestamp,
    ) {
        self.expiry
            .push_back((super::world::later(now, LIFE), partner, key.into()));
        self.kept.insert((partner, key.into()), (fingerprint, kept));
    }

    /// Forgets what has expired.
    pub fn expire(&mut self, now: Timestamp) {
        while self.expiry.front().is_some_and(|(at, ..)| *at <= now) {
            if let Some((_, partner, key)) = self.expiry.pop_front() {
                self.kept.remove(&(partner, key));
            }
        }
    }
}

/// The key a request carries, when the operation takes one.
///
/// # Errors
/// When it is required and missing, repeated, or not 8 to 255 visible ASCII characters.
pub fn key(headers: &HeaderMap, repeat: Repeat) -> Result<Option<&str>, Refusal> {
    if repeat == Repeat::Safe {
        return Ok(None);
    }
    let mut values = headers.get_all(HEADER).iter();
    let Some(value) = values.next() else {
        return match repeat {
            Repeat::KeyRequired => Err(Refusal::at(
                ProblemCode::MissingIdempotencyKey,
                Place::Header(HEADER),
            )),
            _ => Ok(None),
        };
    };
    let visible = |key: &&str| {
        (8..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    match value.to_str().ok().filter(visible) {
        Some(key) if values.next().is_none() => Ok(Some(key)),
        _ => Err(Refusal::at(
            ProblemCode::InvalidIdempotencyKey,
            Place::Header(HEADER),
        )),
    }
}
