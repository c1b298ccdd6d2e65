//! The client: typed calls that say, when they fail, what is known about the world.
//!
//! ```no_run
//! use lingminban::{Client, Submission, api::PlateDrawRequest, codes::PlateKind};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::from_env()?;
//! let request = PlateDrawRequest::builder().plate_kind(PlateKind::SmallVehicle).build();
//! let draw = client.draw_plates(&Submission::new(request)).await?;
//! println!("{} numbers until {}", draw.plate_numbers.len(), draw.held_until);
//! # Ok(())
//! # }
//! ```
//!
//! - **Failures** carry an [`Outcome`]: not sent, refused, unknown, or done but unreadable.
//! - **Repetition** is decided by operation. A write carries the `Idempotency-Key` of its
//!   [`Submission`] with every attempt; the platform acts once.
//! - **Tokens** are fetched once for all callers, renewed early, and once more when refused.
//! - **Three timeouts** bound connecting, an attempt, and the call with everything in it.
//! - **Nothing personal** shows in `Debug`, errors or traces.

mod attempt;
mod calls;
mod config;
mod context;
mod env;
mod error;
mod error_text;
mod events;
mod group;
mod inspections;
mod pages;
mod request;
mod retry;
mod runtime;
mod submission;
mod tls;
mod token;
mod trace;
mod transport;
mod wait;
mod webhooks;

use std::{fmt, sync::Arc, time::Duration};

use http::{HeaderMap, HeaderValue, header};
use tracing::Instrument;

pub use config::{ClientIdentity, Config, ConfigBuilder, ConfigError, Proxy, Setting};
pub use context::{CallContext, WrongContext};
pub use error::{Error, ErrorKind, Outcome, Result, Stopped};
pub use events::{EventStream, Followed};
pub use group::Group;
#[cfg(feature = "blocking")]
pub(crate) use group::for_each_group_call;
pub use pages::{Listing, Pages};
pub use retry::RetryPolicy;
pub use runtime::{Pause, Runtime, SystemRuntime};
pub use submission::{IdempotencyKey, Submission, WrongKey};
pub use wait::WaitOptions;

use crate::{
    api::{Access, Body, Encoded, Operation, Output, ProblemCode},
    text::Language,
};
use request::{Base, Prepared};
use token::{Source, Tokens};
use transport::{Effort, Transport};

/// 客户端: connections, credential and rules for using them. Cheap to clone; clones share
/// connections, token and retry budget. It needs a tokio runtime to run in.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    context: CallContext,
}

struct Shared {
    transport: Transport,
    tokens: Tokens,
    base: Base,
    whole_timeout: Duration,
}

/// A success with what travelled around it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reply<T> {
    /// What the operation gives.
    pub output: T,
    /// The answer's `X-Request-Id`.
    pub request_id: Option<Box<str>>,
    /// Whether the platform had acted on an earlier attempt and repeats its answer
    /// (`Idempotency-Replayed`).
    pub replayed: bool,
}

impl Client {
    /// A client from settings; address and credential are required.
    pub fn builder() -> ConfigBuilder {
        Config::builder()
    }

    /// A client from the process's environment; see [`Config::from_env`].
    ///
    /// # Errors
    /// When a variable is missing or cannot be used; the error names the variable.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::new(Config::from_env()?)
    }

    /// A client from a configuration. Nothing is sent yet.
    ///
    /// # Errors
    /// When a setting cannot work; the error names it.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        let address = config.checked_address()?;
        let shared = Shared {
            transport: Transport::new(&config, &address)?,
            tokens: Tokens::new(&config.client_id, &config.client_secret),
            base: Base::new(&address, constant_headers(&config)?),
            whole_timeout: config.whole_timeout,
        };
        Ok(Self {
            shared: Arc::new(shared),
            context: CallContext::new(),
        })
    }

    /// This client with identifiers of the partner's own on every call.
    #[must_use]
    pub fn in_context(&self, context: CallContext) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            context,
        }
    }

    /// Calls any operation. The methods named after the operations are all made of this, the only
    /// way out to the network.
    ///
    /// A write without a key gets one for this call; to repeat it safely after a failure, make
    /// the key yourself and keep it.
    ///
    /// # Errors
    /// As [`Error`] has them; [`Error::outcome`] says what is known about the world.
    pub async fn call<O: Operation>(
        &self,
        path: &O::Path,
        query: &O::Query,
        body: &O::Body,
        key: Option<&IdempotencyKey>,
    ) -> Result<Reply<O::Output>> {
        let unwritten = |_| Error::new(O::ID, ErrorKind::Request, Outcome::NotSent);
        self.send::<O>(
            path,
            query,
            body.encode().map_err(unwritten)?,
            key,
            HeaderMap::new(),
        )
        .await
    }

    /// [`Client::call`] with a body that is encoded already, and headers of its own.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn send<O: Operation>(
        &self,
        path: &O::Path,
        query: &O::Query,
        body: Encoded,
        key: Option<&IdempotencyKey>,
        headers: HeaderMap,
    ) -> Result<Reply<O::Output>> {
        let deadline = self.elapsed().saturating_add(self.shared.whole_timeout);
        self.send_until::<O>(path, query, body, key, headers, deadline)
            .await
    }

    async fn send_until<O: Operation>(
        &self,
        path: &O::Path,
        query: &O::Query,
        body: Encoded,
        key: Option<&IdempotencyKey>,
        headers: HeaderMap,
        deadline: Duration,
    ) -> Result<Reply<O::Output>> {
        let runtime = &*self.shared.transport.runtime;
        let mut prepared = Prepared::new::<O>(&self.shared.base, path, query, body)?.identified(
            &self.context,
            key,
            runtime,
        );
        prepared.headers.extend(headers);
        let span = trace::span(&prepared, &self.shared.base);
        let mut effort = Effort::until(deadline);
        let success = match self
            .exchange(&prepared, O::ACCESS, &mut effort)
            .instrument(span)
            .await
        {
            Ok(success) => success,
            Err(error) => return Err(effort.conclude(&prepared.info, error)),
        };
        decode::<O>(&prepared, &success, effort.attempts())
    }

    /// Sends the request, with a token where it needs one; renews a refused token once. Safe for
    /// every operation: a 401 is decided before anything else.
    async fn exchange(
        &self,
        prepared: &Prepared,
        access: Access,
        effort: &mut Effort,
    ) -> Result<attempt::Success> {
        let Shared {
            transport, tokens, ..
        } = &*self.shared;
        match access {
            Access::Token(_) => {}
            Access::Admin => return transport.run(prepared, tokens.own(), effort).await,
            Access::Anyone | Access::Credential => {
                return transport.run(prepared, None, effort).await;
            }
        }
        let bearer = self.bearer(prepared, effort).await?;
        match transport.run(prepared, Some(&bearer.header), effort).await {
            Err(error) if token_was_refused(&error) => {
                tokens.reject(&bearer);
                effort.note(error);
                let bearer = self.bearer(prepared, effort).await?;
                transport.run(prepared, Some(&bearer.header), effort).await
            }
            done => done,
        }
    }

    /// A token, before the call's own deadline.
    async fn bearer(&self, prepared: &Prepared, effort: &Effort) -> Result<token::Bearer> {
        let Shared {
            transport,
            tokens,
            base,
            ..
        } = &*self.shared;
        let caller = || prepared.info.error(ErrorKind::Token, Outcome::NotSent);
        let source = Source {
            transport,
            base,
            context: &self.context,
            deadline: effort.deadline,
        };
        tokio::select! {
            biased;
            bearer = tokens.bearer(&source) => {
                bearer.map_err(|error| token::for_caller(caller(), &error))
            }
            // Waiting for somebody else's fetch has no limit of its own.
            () = deadline(transport, effort) => {
                let mut error = caller().caused_by("issue_token Timeout");
                error.inner_mut().stopped = Some(Stopped::Deadline);
                Err(error)
            },
        }
    }

    fn elapsed(&self) -> Duration {
        self.shared.transport.runtime.elapsed()
    }
}

/// Ends with the call's deadline. The timer is made when first asked, which a token at hand never
/// does.
async fn deadline(transport: &Transport, effort: &Effort) {
    transport
        .runtime
        .deadline(transport.remaining(effort))
        .await;
}

fn token_was_refused(error: &Error) -> bool {
    let code = error.problem().and_then(|problem| problem.code.known());
    error.status() == Some(401)
        && matches!(
            code,
            Some(ProblemCode::ExpiredToken | ProblemCode::InvalidToken)
        )
}

fn decode<O: Operation>(
    prepared: &Prepared,
    success: &attempt::Success,
    attempts: u32,
) -> Result<Reply<O::Output>> {
    let request_id = attempt::answered_id(&success.headers, prepared);
    let promised = prepared
        .info
        .answers
        .iter()
        .any(|answer| answer.status == success.status);
    let decoded = promised.then(|| O::Output::decode(success.status, &success.body));
    let cause = match decoded {
        Some(Ok(output)) => {
            let replayed = success
                .headers
                .get("idempotency-replayed")
                .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"));
            return Ok(Reply {
                output,
                request_id,
                replayed,
            });
        }
        // The error's own text may quote the answer; place and kind cannot.
        Some(Err(error)) => format!(
            "JSON {:?} error at line {} column {}",
            error.classify(),
            error.line(),
            error.column()
        ),
        None => "a status the contract does not have".to_owned(),
    };
    let mut error = prepared
        .info
        .error(ErrorKind::Unreadable, Outcome::Accepted)
        .caused_by(cause);
    let inner = error.inner_mut();
    inner.status = Some(success.status);
    inner.request_id = request_id;
    inner.attempts = attempts;
    Err(error)
}

fn constant_headers(config: &Config) -> Result<HeaderMap, ConfigError> {
    let own = concat!("lingminban-rust/", env!("CARGO_PKG_VERSION"));
    let user_agent = match &config.user_agent {
        Some(partner) => HeaderValue::try_from(format!("{partner} {own}")).map_err(|_| {
            ConfigError::new(
                Setting::UserAgent,
                "只能使用可见 ASCII 字符",
                "must be visible ASCII characters",
            )
        })?,
        None => HeaderValue::from_static(own),
    };
    let language = match config.language {
        Language::Chinese => "zh-CN",
        Language::English => "en",
    };
    Ok(HeaderMap::from_iter([
        (header::USER_AGENT, user_agent),
        (
            header::ACCEPT,
            HeaderValue::from_static("application/json, application/problem+json"),
        ),
        (header::ACCEPT_LANGUAGE, HeaderValue::from_static(language)),
    ]))
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("host", &self.shared.base.host)
            .finish_non_exhaustive()
    }
}
