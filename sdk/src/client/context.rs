//! What ties a call to the partner's own log and trace.

use http::HeaderValue;

/// Identifiers that go with every call of a client made by
/// [`Client::in_context`](super::Client::in_context).
///
/// ```
/// use lingminban::client::CallContext;
///
/// let context = CallContext::new()
///     .request_id("order-4711")?
///     .traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")?;
/// # Ok::<(), lingminban::client::WrongContext>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct CallContext {
    pub(super) request_id: Option<HeaderValue>,
    pub(super) traceparent: Option<HeaderValue>,
}

/// An identifier of a context has the wrong form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongContext {
    /// Not 1 to 128 visible ASCII characters.
    #[error(
        "请求编号须为 1 至 128 个可见 ASCII 字符 / a request id is 1 to 128 visible ASCII characters"
    )]
    RequestId,
    /// Not as W3C Trace Context has it.
    #[error(
        "traceparent 须符合 W3C Trace Context，如 00-<32 位>-<16 位>-01 / \
         a traceparent follows W3C Trace Context, such as 00-<32 digits>-<16 digits>-01"
    )]
    Traceparent,
}

impl CallContext {
    /// Nothing set: each call makes a request id of its own.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// 请求编号: sent as `X-Request-Id` with every attempt; the platform keeps it.
    ///
    /// # Errors
    /// When it is not 1 to 128 visible ASCII characters.
    pub fn request_id(mut self, id: &str) -> Result<Self, WrongContext> {
        let fits = is_request_id(id.as_bytes());
        let value = fits.then(|| HeaderValue::from_str(id).ok()).flatten();
        self.request_id = Some(value.ok_or(WrongContext::RequestId)?);
        Ok(self)
    }

    /// Sent as `traceparent` (W3C Trace Context): the partner's trace goes on at the platform.
    ///
    /// # Errors
    /// When it is not of that form.
    pub fn traceparent(mut self, value: &str) -> Result<Self, WrongContext> {
        let value = is_traceparent(value)
            .then(|| HeaderValue::from_str(value).ok())
            .flatten();
        self.traceparent = Some(value.ok_or(WrongContext::Traceparent)?);
        Ok(self)
    }
}

/// Whether an identifier, ours or the platform's, may stand in an error or a log.
pub(super) fn is_request_id(id: &[u8]) -> bool {
    (1..=128).contains(&id.len()) && id.iter().all(u8::is_ascii_graphic)
}

fn is_traceparent(value: &str) -> bool {
    let lower_hex = |part: &str| part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let mut parts = value.split('-');
    [2, 32, 16, 2].into_iter().all(|length| {
        parts
            .next()
            .is_some_and(|part| part.len() == length && lower_hex(part))
    }) && parts.next().is_none()
}
