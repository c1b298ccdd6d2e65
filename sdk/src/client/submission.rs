//! A request and the key that makes its repetition safe.

use serde::{Deserialize, Serialize};

use super::runtime::{Runtime, SystemRuntime, identifier};

/// 提交: a request together with the `Idempotency-Key` under which the platform remembers it.
///
/// The key is made here, once, and not when the request is sent: store the submission before you
/// send it, and after a crash or a lost answer send the stored one again. The platform then acts
/// once, however often it is sent.
///
/// ```
/// use lingminban::{Submission, api::PlateDrawRequest, codes::PlateKind};
///
/// let request = PlateDrawRequest::builder().plate_kind(PlateKind::SmallVehicle).build();
/// let submission = Submission::new(request);
/// let stored = serde_json::to_string(&submission)?;
/// // … after a restart:
/// let again: Submission<PlateDrawRequest> = serde_json::from_str(&stored)?;
/// assert_eq!(again.key(), submission.key());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission<T> {
    idempotency_key: IdempotencyKey,
    request: T,
}

impl<T> Submission<T> {
    /// A submission under a new key.
    #[must_use]
    pub fn new(request: T) -> Self {
        Self::with_key(request, IdempotencyKey::random())
    }

    /// A submission under a key of the partner's own.
    #[must_use]
    pub fn with_key(request: T, key: IdempotencyKey) -> Self {
        Self {
            idempotency_key: key,
            request,
        }
    }

    /// The key that goes with every attempt.
    #[must_use]
    pub fn key(&self) -> &IdempotencyKey {
        &self.idempotency_key
    }

    /// The request.
    #[must_use]
    pub fn request(&self) -> &T {
        &self.request
    }

    /// The request again, without its key: changed, it needs a new submission.
    #[must_use]
    pub fn into_request(self) -> T {
        self.request
    }
}

/// 幂等键: names one submission for 24 hours; 8 to 255 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Box<str>")]
pub struct IdempotencyKey(Box<str>);

impl IdempotencyKey {
    /// A key nobody else has: a UUIDv7.
    #[must_use]
    pub fn random() -> Self {
        Self::made_by(&SystemRuntime::default())
    }

    pub(super) fn made_by(runtime: &dyn Runtime) -> Self {
        Self(identifier(runtime).to_string().into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text is not 8 to 255 visible ASCII characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "幂等键须为 8 至 255 个可见 ASCII 字符 / an idempotency key is 8 to 255 visible ASCII characters"
)]
pub struct WrongKey;

impl TryFrom<Box<str>> for IdempotencyKey {
    type Error = WrongKey;

    fn try_from(text: Box<str>) -> Result<Self, WrongKey> {
        let fits = (8..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if fits { Ok(Self(text)) } else { Err(WrongKey) }
    }
}

impl std::str::FromStr for IdempotencyKey {
    type Err = WrongKey;

    fn from_str(text: &str) -> Result<Self, WrongKey> {
        Box::<str>::from(text).try_into()
    }
}

impl std::fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
