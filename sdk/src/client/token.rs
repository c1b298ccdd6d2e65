//! Access tokens: fetched once for all callers, renewed before they end.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use tracing::Instrument;

use super::{
    context::CallContext,
    error::{Error, ErrorKind, Outcome, Result},
    request::{Base, Prepared},
    runtime::Runtime,
    trace,
    transport::{Effort, Transport},
};
use crate::api::{Body, Form, Found, IssueToken, NoParams, Output, TokenRequest, TokenResponse};

/// A token as it travels. The number tells a rejected token from its successor.
#[derive(Clone)]
pub(super) struct Bearer {
    pub(super) header: HeaderValue,
    number: u64,
}

struct Token {
    bearer: Bearer,
    /// From then on the next caller fetches another one, while others go on with this.
    renew_at: Duration,
    /// From then on it is of no use.
    ends_at: Duration,
}

#[derive(Default)]
struct Slot {
    token: Option<Token>,
    /// Fetches that have ended, well or badly.
    fetches: u64,
    /// How the last one failed, for those who waited for it.
    failure: Option<Error>,
}

enum Held {
    Fresh(Bearer),
    Ageing(Bearer),
    Nothing { fetches: u64 },
}

/// The tokens of a client.
pub(super) struct Tokens {
    /// `Basic …`, marked as sensitive.
    credential: HeaderValue,
    /// The secret itself as a token, marked as sensitive; `None` for an empty secret.
    own: Option<HeaderValue>,
    slot: Mutex<Slot>,
    /// Held by the one caller who fetches.
    turn: tokio::sync::Mutex<()>,
}

impl Tokens {
    pub(super) fn new(client_id: &str, client_secret: &SecretString) -> Self {
        Self {
            credential: basic(client_id, client_secret.expose_secret()),
            own: Some(client_secret.expose_secret())
                .filter(|secret| !secret.is_empty())
                .and_then(bearer_header),
            slot: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// The secret in a token's place: what a sandbox's control interface takes.
    pub(super) fn own(&self) -> Option<&HeaderValue> {
        self.own.as_ref()
    }

    /// A token that has not ended. Its error is the token endpoint's; [`for_caller`] makes it the
    /// caller's.
    pub(super) async fn bearer(&self, source: &Source<'_>) -> Result<Bearer> {
        match self.held(source.runtime()) {
            Held::Fresh(bearer) => Ok(bearer),
            Held::Ageing(bearer) => Ok(self.renewed(source).await.unwrap_or(bearer)),
            Held::Nothing { fetches } => {
                let _turn = self.turn.lock().await;
                match self.held(source.runtime()) {
                    Held::Fresh(bearer) | Held::Ageing(bearer) => Ok(bearer),
                    // Those who waited for a fetch share its failure; one after the other they
                    // would only repeat it.
                    Held::Nothing { fetches: now } if now != fetches => match self.failure() {
                        Some(failure) => Err(failure),
                        None => self.fetch(source).await,
                    },
                    Held::Nothing { .. } => self.fetch(source).await,
                }
            }
        }
    }

    /// A successor for an ageing token, unless somebody is fetching it already or it fails.
    async fn renewed(&self, source: &Source<'_>) -> Option<Bearer> {
        let _turn = self.turn.try_lock().ok()?;
        match self.held(source.runtime()) {
            Held::Fresh(bearer) => Some(bearer),
            _ => self.fetch(&source.in_a_third_of_the_time()).await.ok(),
        }
    }

    /// Forgets a token that the platform does not accept, unless it has been replaced since.
    pub(super) fn reject(&self, bearer: &Bearer) {
        let mut slot = self.slot();
        if slot
            .token
            .as_ref()
            .is_some_and(|token| token.bearer.number == bearer.number)
        {
            slot.token = None;
        }
    }

    async fn fetch(&self, source: &Source<'_>) -> Result<Bearer> {
        let asked_at = source.runtime().elapsed();
        let fetched = source.fetch(&self.credential).await;
        let mut slot = self.slot();
        slot.fetches += 1;
        match fetched {
            Ok((header, life)) => {
                let bearer = Bearer {
                    header,
                    number: slot.fetches,
                };
                slot.failure = None;
                slot.token = Some(Token {
                    bearer: bearer.clone(),
                    renew_at: asked_at + life - life / 10,
                    ends_at: asked_at + life,
                });
                Ok(bearer)
            }
            Err(error) => {
                if let Some(token) = &mut slot.token {
                    // Not every caller until the end shall pay for another failing fetch.
                    let now = source.runtime().elapsed();
                    token.renew_at = now + token.ends_at.saturating_sub(now) / 2;
                }
                slot.failure = Some(error.clone());
                Err(error)
            }
        }
    }

    fn held(&self, runtime: &dyn Runtime) -> Held {
        let now = runtime.elapsed();
        let slot = self.slot();
        match &slot.token {
            Some(token) if now < token.renew_at => Held::Fresh(token.bearer.clone()),
            Some(token) if now < token.ends_at => Held::Ageing(token.bearer.clone()),
            _ => Held::Nothing {
                fetches: slot.fetches,
            },
        }
    }

    fn failure(&self) -> Option<Error> {
        self.slot().failure.clone()
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where tokens come from: the operation `issue_token`, over the same transport as everything.
pub(super) struct Source<'a> {
    pub(super) transport: &'a Transport,
    pub(super) base: &'a Base,
    pub(super) context: &'a CallContext,
    /// When the call that needs the token must have ended.
    pub(super) deadline: Duration,
}

impl Source<'_> {
    /// For a renewal that could wait: it must leave the call time to go on with the old token.
    fn in_a_third_of_the_time(&self) -> Self {
        let now = self.runtime().elapsed();
        let deadline = now + self.deadline.saturating_sub(now) / 3;
        Self { deadline, ..*self }
    }

    fn runtime(&self) -> &dyn Runtime {
        &*self.transport.runtime
    }

    async fn fetch(&self, credential: &HeaderValue) -> Result<(HeaderValue, Duration)> {
        let form = Form(TokenRequest {
            grant_type: "client_credentials".to_owned(),
            scope: None,
            client_id: None,
            client_secret: None,
        });
        let body = form
            .encode()
            .map_err(|_| Error::new("issue_token", ErrorKind::Request, Outcome::NotSent))?;
        let none = NoParams {};
        let context = CallContext {
            request_id: None,
            ..self.context.clone()
        };
        let prepared = Prepared::new::<IssueToken>(self.base, &none, &none, body)?.identified(
            &context,
            None,
            self.runtime(),
        );
        let span = trace::span(&prepared, self.base);
        let mut effort = Effort::until(self.deadline);
        let answer = self
            .transport
            .run(&prepared, Some(credential), &mut effort)
            .instrument(span);
        let success = match answer.await {
            Ok(success) => success,
            Err(error) => return Err(effort.conclude(&prepared.info, error)),
        };
        let unreadable = || {
            prepared
                .info
                .error(ErrorKind::Unreadable, Outcome::Accepted)
        };
        let Found(TokenResponse {
            access_token,
            token_type,
            expires_in,
            ..
        }) = Found::decode(success.status, &success.body).map_err(|_| unreadable())?;
        if !token_type.eq_ignore_ascii_case("bearer") {
            return Err(unreadable());
        }
        let header = bearer_header(&access_token).ok_or_else(unreadable)?;
        Ok((header, Duration::from_secs(expires_in.into())))
    }
}

/// A failed fetch as the failure of the call that needed the token: that call was not sent.
pub(super) fn for_caller(caller: Error, fetch: &Error) -> Error {
    let mut error = caller;
    let (fetched, inner) = (fetch.inner(), error.inner_mut());
    inner.status = fetched.status;
    inner.request_id.clone_from(&fetched.request_id);
    inner.problem.clone_from(&fetched.problem);
    inner.token_error.clone_from(&fetched.token_error);
    inner.retry_after = fetched.retry_after;
    inner.stopped = fetched.stopped;
    let kind = format!("issue_token {:?}", fetched.kind);
    error.caused_by(match &fetched.cause {
        Some(cause) => format!("{kind}, {cause}"),
        None => kind,
    })
}

/// HTTP Basic as RFC 6749 §2.3.1 has it: both parts form-encoded first.
/// `None` for what cannot stand in a header.
fn bearer_header(token: &str) -> Option<HeaderValue> {
    let mut header = HeaderValue::try_from(format!("Bearer {token}")).ok()?;
    header.set_sensitive(true);
    Some(header)
}

fn basic(client_id: &str, client_secret: &str) -> HeaderValue {
    let encode = |text: &str| {
        let pair = serde_urlencoded::to_string([("", text)]).unwrap_or_default();
        pair.trim_start_matches('=').to_owned()
    };
    let credential = format!("{}:{}", encode(client_id), encode(client_secret));
    let text = format!("Basic {}", BASE64_STANDARD.encode(credential));
    // Base64 is always a header value; the empty one is never taken.
    let mut header = HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
    header.set_sensitive(true);
    header
}
