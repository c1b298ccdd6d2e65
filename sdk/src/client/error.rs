//! What went wrong, and what is known about the world afterwards.

use std::{fmt, time::Duration};

use http::StatusCode;

use crate::api::{Application, Open, Problem, TokenErrorCode};

/// What a call gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What is known about the world after a failure.
///
/// | happened | outcome |
/// |---|---|
/// | no token; no connection; the request could not be written | `NotSent` |
/// | no answer in time; connection broken; 3xx; 5xx | `Unknown` |
/// | 409 `request_in_progress`: an earlier attempt is still at work | `Unknown` |
/// | 4xx; 503 `service_unavailable`, which the platform answers before it acts | `Refused` |
/// | 2xx whose body was cut off or cannot be read | `Accepted` |
///
/// A call of several attempts gives the most that any of them may have done: once one was
/// `Unknown`, only a refusal that the platform decides after looking the `Idempotency-Key` up
/// makes the whole `Refused`. For a read, which leaves nothing behind, the last attempt counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// 未发出: the platform saw nothing.
    NotSent,
    /// 已拒绝: the platform answered no, and changed nothing.
    Refused,
    /// 未知: the platform may have acted.
    Unknown,
    /// 已办理: the platform acted, but its answer could not be read. Look the result up; do not
    /// file again under a new key.
    Accepted,
}

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request could not be written, or one of its parts cannot travel.
    Request,
    /// No access token could be had; see [`Error::token_error`] where the platform said why.
    Token,
    /// No connection: name lookup, TCP, proxy or the time for connecting.
    Connect,
    /// No connection that can be trusted.
    Tls,
    /// No answer in time.
    Timeout,
    /// The connection broke before the answer was there.
    Broken,
    /// An answer that points elsewhere. The platform sends none: something else answered.
    Redirect,
    /// The platform's own refusal; see [`Error::problem`].
    Problem,
    /// A status that is no success, without the platform's words; something in between answered.
    Status,
    /// A success whose body broke off on the way.
    CutOff,
    /// A success whose body is not what the contract promises.
    Unreadable,
    /// [`Client::wait`](super::Client::wait) reached its deadline; see [`Error::last_seen`].
    NotYet,
    /// A blocking call was made inside an async runtime.
    AsyncContext,
}

/// A call failed. Text and `Debug` show what the SDK itself knows to be harmless: operation,
/// status, codes, places, request id; never bodies, headers, personal data or secrets.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
pub(super) struct Inner {
    pub(super) operation: &'static str,
    /// Whether the operation changes anything; advice differs.
    pub(super) reads: bool,
    pub(super) kind: ErrorKind,
    pub(super) outcome: Outcome,
    pub(super) status: Option<StatusCode>,
    pub(super) request_id: Option<Box<str>>,
    pub(super) problem: Option<Problem>,
    pub(super) token_error: Option<Open<TokenErrorCode>>,
    pub(super) retry_after: Option<Duration>,
    pub(super) attempts: u32,
    pub(super) stopped: Option<Stopped>,
    pub(super) cause: Option<Cause>,
    pub(super) last_seen: Option<Application>,
}

/// Why a failure that could have been repeated was not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stopped {
    /// All attempts of the policy were made.
    Attempts,
    /// The client's retry budget is used up: too many calls fail.
    Budget,
    /// The whole timeout left no time for another attempt.
    Deadline,
}

/// A technical cause, in words that are known to be harmless.
#[derive(Clone, Debug)]
pub(super) struct Cause(Box<str>);

impl Cause {
    pub(super) fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Cause {}

impl Error {
    pub(crate) fn new(operation: &'static str, kind: ErrorKind, outcome: Outcome) -> Self {
        Self(Box::new(Inner {
            operation,
            reads: false,
            kind,
            outcome,
            status: None,
            request_id: None,
            problem: None,
            token_error: None,
            retry_after: None,
            attempts: 0,
            stopped: None,
            cause: None,
            last_seen: None,
        }))
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.0
    }

    pub(super) fn inner_mut(&mut self) -> &mut Inner {
        &mut self.0
    }

    pub(super) fn caused_by(mut self, cause: impl Into<Box<str>>) -> Self {
        self.0.cause = Some(Cause::new(cause));
        self
    }

    /// The operation id, such as `submit_registration`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// What is known about the world.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.0.outcome
    }

    /// What kind of thing went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// 问题说明: the platform's refusal, every fault in it.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        self.0.problem.as_ref()
    }

    /// The token endpoint's word (RFC 6749 §5.2), when it refused the credential.
    #[must_use]
    pub fn token_error(&self) -> Option<&Open<TokenErrorCode>> {
        self.0.token_error.as_ref()
    }

    /// The HTTP status, when there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status.map(|status| status.as_u16())
    }

    /// 请求编号: of the answer, or the one sent when there was no answer. Tell it to the
    /// platform's support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long the platform asks to wait before the next attempt.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How many attempts were made.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Why there was no further attempt, where one would have made sense.
    #[must_use]
    pub fn stopped(&self) -> Option<Stopped> {
        self.0.stopped
    }

    /// The application as it stood when waiting for it ended.
    #[must_use]
    pub fn last_seen(&self) -> Option<&Application> {
        self.0.last_seen.as_ref()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.cause.as_ref().map(|cause| cause as _)
    }
}
