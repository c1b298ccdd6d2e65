//! 幂等: a request repeated under its `Idempotency-Key` gets the first answer, once only.

use std::collections::{HashMap, VecDeque};

use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use lingminban::api::{Place, ProblemCode, Repeat};
use serde::{Deserialize, Serialize};

use super::{
    decode::BodyDigest,
    directory::PartnerIndex,
    refusal::Refusal,
    store::{
        rows::{Damaged, Reader, Writer},
        tracked::Tracked,
    },
};

/// The header's name.
pub const HEADER: &str = "Idempotency-Key";
/// A key lives for 24 hours of the space's clock.
const LIFE: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

/// What a key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Operation, path and query.
    pub target: u128,
    /// Canonical body.
    pub body: BodyDigest,
}

/// An answer kept for repetitions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Status of the answer.
    #[serde(with = "as_number")]
    pub status: StatusCode,
    /// Body of the answer.
    #[serde(with = "as_text")]
    pub body: Box<[u8]>,
}

/// What a key is bound to.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Bound {
    fingerprint: Fingerprint,
    answer: Kept,
    until: Timestamp,
}

/// Their rows in the store.
const ROWS: &str = "key";

/// The keys of a space.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    kept: Tracked<HashMap<(PartnerIndex, Box<str>), Bound>>,
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
            Some(bound) if bound.fingerprint == fingerprint => Ok(Some(&bound.answer)),
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
        answer: Kept,
        now: Timestamp,
    ) {
        let until = super::world::later(now, LIFE);
        let bound = Bound {
            fingerprint,
            answer,
            until,
        };
        self.expiry.push_back((until, partner, key.into()));
        self.kept.insert((partner, key.into()), bound);
    }

    /// Hands its rows to the store.
    pub fn save(&mut self, writer: &mut Writer) {
        writer.table(ROWS, &mut self.kept);
    }

    /// What was handed to the store. The order of expiry follows from the keys.
    ///
    /// # Errors
    /// When it makes no sense.
    pub fn load(reader: &mut Reader) -> Result<Self, Damaged> {
        let mut rows: Vec<((PartnerIndex, Box<str>), Bound)> = reader.table(ROWS)?;
        rows.sort_by(|one, other| (one.1.until, &one.0).cmp(&(other.1.until, &other.0)));
        let mut keys = Self::default();
        for ((partner, key), bound) in rows {
            keys.expiry.push_back((bound.until, partner, key.clone()));
            keys.kept.insert((partner, key), bound);
        }
        keys.kept.watch();
        Ok(keys)
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

mod as_number {
    use http::StatusCode;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(
        status: &StatusCode,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(status.as_u16())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<StatusCode, D::Error> {
        let number = u16::deserialize(deserializer)?;
        StatusCode::from_u16(number).map_err(|_| de::Error::custom("no status code"))
    }
}

/// Bodies of answers are JSON, so they are text.
mod as_text {
    use serde::{Deserialize, Deserializer, Serializer, ser};

    pub(super) fn serialize<S: Serializer>(body: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        let text = std::str::from_utf8(body).map_err(|_| ser::Error::custom("not text"))?;
        serializer.serialize_str(text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Box<[u8]>, D::Error> {
        let text = Box::<str>::deserialize(deserializer)?;
        Ok(text.into_boxed_bytes())
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
