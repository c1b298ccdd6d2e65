use std::{fmt, time::Duration};

use http::{HeaderName, StatusCode};

use super::StoreError;

/// Why a message is not taken. It quotes nothing of the message.
#[derive(Debug)]
#[non_exhaustive]
pub enum VerifyError {
    /// A header is not there.
    MissingHeader(HeaderName),
    /// A header is there twice, or has not the form it must have.
    MalformedHeader(HeaderName),
    /// No signature of a version this SDK knows.
    UnknownScheme,
    /// None of the secrets has made one of the signatures over these bytes.
    WrongSignature,
    /// Signed, but too long ago.
    TooOld {
        /// How long ago, in whole seconds.
        by: Duration,
    },
    /// Signed, but in the future.
    FromTheFuture {
        /// How far, in whole seconds.
        by: Duration,
    },
    /// Signed just now, but no event.
    Unreadable {
        /// Line of the body, from 1.
        line: usize,
        /// Column of the line.
        column: usize,
    },
    /// Seen before.
    Replayed,
    /// The store of seen messages could not be asked.
    Store(StoreError),
}

impl VerifyError {
    /// What to answer the platform. A success ends the attempts; anything else brings another.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Replayed => StatusCode::NO_CONTENT,
            Self::Unreadable { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::MissingHeader(_)
            | Self::MalformedHeader(_)
            | Self::UnknownScheme
            | Self::WrongSignature
            | Self::TooOld { .. }
            | Self::FromTheFuture { .. } => StatusCode::BAD_REQUEST,
        }
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingHeader(name) => write!(
                f,
                "请求缺少 {name}：可能不是平台发来的，或被代理删除；请检查接收地址前的代理。 / \
                 the header {name} is missing: the platform did not send this, or a proxy removed it; \
                 check the proxies in front of the receiver."
            ),
            Self::MalformedHeader(name) => write!(
                f,
                "{name} 格式不正确或重复：请勿处理此请求，并检查接收地址前的代理。 / \
                 the header {name} has a wrong form or is there twice: do not act on this request, and \
                 check the proxies in front of the receiver."
            ),
            Self::UnknownScheme => f.write_str(
                "签名中没有 v1：平台可能已更换签名方式，请升级 SDK。 / \
                 there is no v1 signature: the platform may sign in a new way; upgrade the SDK.",
            ),
            Self::WrongSignature => f.write_str(
                "签名不符：请核对该订阅的密钥（轮换后需加入新密钥），并确认传入的是未经解析的原始请求体。 / \
                 the signature does not match: check the secret of this subscription, after a rotation \
                 the new one, and hand over the body as it came, not parsed and written again.",
            ),
            Self::TooOld { by } => write!(
                f,
                "推送时间早于本机 {0} 秒：可能是重放，或本机时钟偏快；请核对时钟。 / \
                 sent {0} seconds ago by this machine's clock: a replay, or the clock is fast; check it.",
                by.as_secs()
            ),
            Self::FromTheFuture { by } => write!(
                f,
                "推送时间晚于本机 {0} 秒：本机时钟偏慢；请核对时钟。 / \
                 sent {0} seconds from now by this machine's clock: the clock is slow; check it.",
                by.as_secs()
            ),
            Self::Unreadable { line, column } => write!(
                f,
                "签名正确，但第 {line} 行第 {column} 列不是本版本能读的事件：请升级 SDK，并从事件列表补读。 / \
                 signed by the platform, but no event this version can read, at line {line} column \
                 {column}: upgrade the SDK, and read the event from the feed."
            ),
            Self::Replayed => f.write_str(
                "该推送已收到过：无需再处理，按成功应答即可。 / \
                 this message has come before: do nothing, and answer as for a success.",
            ),
            Self::Store(_) => f.write_str(
                "防重放存储不可用：此推送未处理，平台将重新推送；请检查该存储。 / \
                 the store of seen messages cannot be asked: nothing was done, and the platform will \
                 send again; check the store.",
            ),
        }
    }
}

impl std::error::Error for VerifyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => Some(error.as_ref()),
            _ => None,
        }
    }
}

/// Why a text is no secret. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongSecret {
    /// It does not begin with `whsec_`.
    #[error(
        "推送密钥须以 whsec_ 开头，请填写订阅创建或轮换时给出的完整密钥 / \
         a webhook secret begins with whsec_; use the whole secret that creation or rotation told"
    )]
    Prefix,
    /// What follows is not Base64.
    #[error(
        "推送密钥 whsec_ 之后须为 Base64，可能复制不完整 / \
         what follows whsec_ must be Base64; the secret may have been copied in part"
    )]
    Base64,
    /// It is not 24 to 64 bytes.
    #[error(
        "推送密钥解码后须为 24 至 64 字节，可能复制不完整 / \
         a webhook secret holds 24 to 64 bytes; it may have been copied in part"
    )]
    Length,
}
