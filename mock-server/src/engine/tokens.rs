//! 访问令牌: signed, so that none needs to be stored.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue, header};
use jiff::Timestamp;
use lingminban::{
    api::{Place, ProblemCode, Scope},
    text::Text,
};
use sha2::Sha256;

use super::{
    directory::PartnerIndex, lineage::EraNumber, refusal::Refusal, register::Words, space::SpaceId,
};

/// A token lives for 7,200 seconds of the space's clock.
pub const LIFE_SECONDS: u32 = 7_200;

/// What a token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The space it opens.
    pub space: SpaceId,
    /// For whom.
    pub partner: PartnerIndex,
    /// For what.
    pub scopes: Words<Scope>,
    /// Until when, exclusive.
    pub expires_at: Timestamp,
    /// The era it was issued in.
    pub era: EraNumber,
    /// Number of the token in its line of time, from 1.
    pub serial: u32,
}

const CLAIMS: usize = 4 + 2 + 8 + 8 + 4 + 4;
const SIGNATURE: usize = 16;

/// Signs and checks tokens with a key of one space.
#[derive(Clone)]
pub struct Signer(Hmac<Sha256>);

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(…)")
    }
}

impl Signer {
    /// The key follows from the seed: the sandbox keeps no secrets, only strangers out.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut key = [0; 64];
        key[..8].copy_from_slice(&seed.to_be_bytes());
        key[8..24].copy_from_slice(b"lingminban token");
        Self(Hmac::new(&key.into()))
    }

    /// The token's text.
    #[must_use]
    pub fn sign(&self, claims: &Claims) -> String {
        let mut bytes = [0; CLAIMS + SIGNATURE];
        bytes[..CLAIMS].copy_from_slice(&write(claims));
        let signature = self.signature(&bytes[..CLAIMS]);
        bytes[CLAIMS..].copy_from_slice(&signature);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Whether the text was signed with this key.
    #[must_use]
    pub fn accepts(&self, token: &Unverified) -> bool {
        let mut mac = self.0.clone();
        mac.update(&token.bytes[..CLAIMS]);
        mac.verify_truncated_left(&token.bytes[CLAIMS..]).is_ok()
    }

    fn signature(&self, claims: &[u8]) -> [u8; SIGNATURE] {
        let mut mac = self.0.clone();
        mac.update(claims);
        let mut signature = [0; SIGNATURE];
        signature.copy_from_slice(&mac.finalize().into_bytes()[..SIGNATURE]);
        signature
    }
}

/// A token whose signature nobody has looked at yet.
#[derive(Debug)]
pub struct Unverified {
    bytes: [u8; CLAIMS + SIGNATURE],
    /// What it claims.
    pub claims: Claims,
}

/// The token a request carries.
///
/// # Errors
/// When there is none, more than one, or one that cannot be ours.
pub fn bearer(headers: &HeaderMap) -> Result<Unverified, Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Err(refused(ProblemCode::MissingToken));
    };
    let text = value.to_str().unwrap_or_default();
    let Some((scheme, token)) = text.split_once(' ') else {
        return Err(refused(ProblemCode::MissingToken));
    };
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(refused(ProblemCode::MissingToken));
    }
    if values.next().is_some() {
        return Err(refused(ProblemCode::InvalidToken));
    }
    read(token.trim()).ok_or_else(|| refused(ProblemCode::InvalidToken))
}

/// A 401, or a 403 for want of scope, with its challenge (RFC 6750 §3).
#[must_use]
pub fn refused(code: ProblemCode) -> Refusal {
    let challenge = match code {
        ProblemCode::MissingToken => "Bearer realm=\"lingminban\"",
        ProblemCode::InsufficientScope => {
            "Bearer realm=\"lingminban\", error=\"insufficient_scope\""
        }
        _ => "Bearer realm=\"lingminban\", error=\"invalid_token\"",
    };
    Refusal::at(code, Place::Header("Authorization")).with_header(
        header::WWW_AUTHENTICATE,
        HeaderValue::from_static(challenge),
    )
}

/// A token that was issued in a time which was given up.
#[must_use]
pub fn given_up() -> Refusal {
    refused(ProblemCode::InvalidToken).saying(Text::new(
        "访问令牌无效：签发之后，空间已重置或已恢复到更早的快照。请重新获取令牌。",
        "The space was reset, or an earlier snapshot restored, after this access token was issued; fetch a new one.",
    ))
}

fn write(claims: &Claims) -> [u8; CLAIMS] {
    let mut bytes = [0; CLAIMS];
    bytes[..4].copy_from_slice(&claims.space.0.to_be_bytes());
    bytes[4..6].copy_from_slice(&claims.partner.number().to_be_bytes());
    bytes[6..14].copy_from_slice(&claims.scopes.bits().to_be_bytes());
    bytes[14..22].copy_from_slice(&claims.expires_at.as_millisecond().to_be_bytes());
    bytes[22..26].copy_from_slice(&claims.era.to_be_bytes());
    bytes[26..30].copy_from_slice(&claims.serial.to_be_bytes());
    bytes
}

fn read(text: &str) -> Option<Unverified> {
    let mut bytes = [0; CLAIMS + SIGNATURE];
    let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
    if length != bytes.len() {
        return None;
    }
    let word = |from: usize| -> Option<[u8; 8]> { bytes.get(from..from + 8)?.try_into().ok() };
    let claims = Claims {
        space: SpaceId(u32::from_be_bytes(bytes[..4].try_into().ok()?)),
        partner: PartnerIndex::from_number(u16::from_be_bytes(bytes[4..6].try_into().ok()?)),
        scopes: Words::from_bits(u64::from_be_bytes(word(6)?)),
        // The last millisecond of the calendar is out of jiff's range, and a clock may stand there.
        expires_at: Timestamp::from_millisecond(i64::from_be_bytes(word(14)?))
            .unwrap_or(Timestamp::MAX),
        era: EraNumber::from_be_bytes(bytes[22..26].try_into().ok()?),
        serial: u32::from_be_bytes(bytes[26..30].try_into().ok()?),
    };
    Some(Unverified { bytes, claims })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Claims {
        Claims {
            space: SpaceId(7),
            partner: PartnerIndex::from_number(3),
            scopes: [Scope::Applications, Scope::Vehicles].into_iter().collect(),
            expires_at: "2026-03-02T03:00:00Z".parse().unwrap(),
            era: 2,
            serial: 12,
        }
    }

    #[test]
    fn a_token_is_read_back_and_believed_only_under_its_own_key() {
        let text = Signer::new(1).sign(&claims());
        let token = read(&text).unwrap();
        assert_eq!(token.claims, claims());
        assert!(Signer::new(1).accepts(&token));
        assert!(!Signer::new(2).accepts(&token));
    }

    #[test]
    fn a_token_that_never_expires_is_read_back() {
        let forever = Claims {
            expires_at: Timestamp::MAX,
            ..claims()
        };
        assert_eq!(
            read(&Signer::new(1).sign(&forever)).unwrap().claims,
            forever
        );
    }

    #[test]
    fn no_changed_character_goes_unnoticed() {
        let signer = Signer::new(1);
        let text = signer.sign(&claims());
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            let believed = read(&changed).is_some_and(|token| signer.accepts(&token));
            assert!(!believed || changed == text, "{at}");
        }
    }
}
