use std::{fmt, str::FromStr, time::SystemTime};

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;

use super::{ID, SIGNATURE, TIMESTAMP, VERSION, WrongSecret, verifier::seconds};
use crate::api::EventId;

/// What every secret begins with, so that scanners find one that was checked in.
const PREFIX: &str = "whsec_";
/// Bytes of a key, as Standard Webhooks has them.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// 推送密钥: the key of one subscription, as its creation or a rotation told it.
///
/// It shows in no `Debug` and no error, and its memory is cleared when it is dropped.
#[derive(Clone)]
pub struct Secret(SecretSlice<u8>);

impl Secret {
    /// The signature of one message, with its version: `v1,…`.
    #[must_use]
    pub fn signature(&self, id: &EventId, timestamp: u64, body: &[u8]) -> String {
        let code = self.code(id.as_str(), &timestamp.to_string(), body);
        let signature = BASE64_STANDARD.encode(code.finalize().into_bytes());
        format!("{VERSION},{signature}")
    }

    /// Whether this is the signature of the message; takes as long for a near miss as for any other.
    pub(super) fn signed(&self, id: &str, timestamp: &str, body: &[u8], signature: &[u8]) -> bool {
        self.code(id, timestamp, body)
            .verify_slice(signature)
            .is_ok()
    }

    fn code(&self, id: &str, timestamp: &str, body: &[u8]) -> Hmac<Sha256> {
        let mut code = Hmac::<Sha256>::new(&self.block().into());
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            code.update(part);
        }
        code
    }

    /// A key of one whole hash block, zeros at its end, is what HMAC makes of a shorter one; ours is
    /// never longer.
    fn block(&self) -> [u8; 64] {
        let mut block = [0; 64];
        for (slot, byte) in block.iter_mut().zip(self.0.expose_secret()) {
            *slot = *byte;
        }
        block
    }
}

impl FromStr for Secret {
    type Err = WrongSecret;

    fn from_str(text: &str) -> Result<Self, WrongSecret> {
        let encoded = text.strip_prefix(PREFIX).ok_or(WrongSecret::Prefix)?;
        let key = BASE64_STANDARD
            .decode(encoded)
            .map_err(|_| WrongSecret::Base64)?;
        if KEY_BYTES.contains(&key.len()) {
            Ok(Self(key.into()))
        } else {
            Err(WrongSecret::Length)
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The three headers of a message: for whoever plays the platform in a test.
///
/// Every secret signs, as the platform does while an old secret is still in force.
#[must_use]
pub fn sign(secrets: &[Secret], id: &EventId, at: SystemTime, body: &[u8]) -> HeaderMap {
    let timestamp = seconds(at);
    let signatures: Vec<String> = secrets
        .iter()
        .map(|secret| secret.signature(id, timestamp, body))
        .collect();
    HeaderMap::from_iter([
        (ID, value(id.as_str())),
        (TIMESTAMP, HeaderValue::from(timestamp)),
        (SIGNATURE, value(&signatures.join(" "))),
    ])
}

/// Ids and signatures are visible ASCII by construction; the empty value is never taken.
fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}
