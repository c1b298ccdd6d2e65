//! One attempt: a request out, an answer or an error back.

use std::{error::Error as StdError, future::Future, io, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{
    context::is_request_id,
    error::{Error, ErrorKind, Outcome, Result},
    request::{Prepared, REQUEST_ID},
    retry,
    runtime::{Pause, Runtime},
};
use crate::api::{Problem, TokenError, operation::Errors};

/// The longest answer that is read; the longest the contract knows, a page of 200 applications,
/// stays far below.
const ANSWER_LIMIT: usize = 16 << 20;

/// A success, not decoded yet.
pub(super) struct Success {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Sends the request once and reads the answer, all within `limit`.
pub(super) async fn attempt(
    http: &reqwest::Client,
    runtime: &dyn Runtime,
    prepared: &Prepared,
    authorization: Option<&HeaderValue>,
    limit: Duration,
) -> Result<Success> {
    let info = &prepared.info;
    let failed = |kind, outcome| {
        let mut error = info.error(kind, outcome);
        error.inner_mut().request_id = request_id(&prepared.request_id);
        error
    };
    if limit.is_zero() {
        return Err(failed(ErrorKind::Timeout, Outcome::NotSent));
    }
    let mut timer = runtime.deadline(limit);
    let sending = http.execute(request(prepared, authorization));
    let mut response = match within(sending, &mut timer).await {
        None => return Err(failed(ErrorKind::Timeout, Outcome::Unknown)),
        Some(Err(error)) => return Err(no_answer(&error, failed)),
        Some(Ok(response)) => response,
    };
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let body = match within(read(&mut response), &mut timer).await {
        Some(read) => read,
        None => Err(Unread::CutOff("timed out".into())),
    };
    match body {
        Ok(body) if status.is_success() => Ok(Success {
            status,
            headers,
            body,
        }),
        body => {
            let mut error = match (status.is_success(), body) {
                (true, Err(Unread::CutOff(cause))) => {
                    failed(ErrorKind::CutOff, Outcome::Accepted).caused_by(cause)
                }
                (true, _) => failed(ErrorKind::Unreadable, Outcome::Accepted)
                    .caused_by("the answer is too long"),
                // What little can be said of a refusal, its status says.
                (false, body) => refusal(prepared, status, &body.unwrap_or_default()),
            };
            let inner = error.inner_mut();
            inner.status = Some(status);
            inner.request_id = answered_id(&headers, prepared);
            inner.retry_after = retry::retry_after(&headers, || runtime.now());
            Err(error)
        }
    }
}

fn request(prepared: &Prepared, authorization: Option<&HeaderValue>) -> reqwest::Request {
    let mut request = reqwest::Request::new(prepared.info.method.clone(), prepared.url.clone());
    let mut headers = prepared.headers.clone();
    if let Some(authorization) = authorization {
        headers.insert(header::AUTHORIZATION, authorization.clone());
    }
    *request.headers_mut() = headers;
    if !prepared.body.is_empty() {
        *request.body_mut() = Some(prepared.body.clone().into());
    }
    request
}

/// `None` when the timer ends first.
async fn within<T>(work: impl Future<Output = T>, timer: &mut Pause) -> Option<T> {
    tokio::select! {
        biased;
        done = work => Some(done),
        () = timer => None,
    }
}

enum Unread {
    CutOff(Box<str>),
    TooLong,
}

async fn read(response: &mut reqwest::Response) -> Result<Bytes, Unread> {
    let cut_off = |error: reqwest::Error| Unread::CutOff(cause_of(&error));
    let Some(first) = response.chunk().await.map_err(cut_off)? else {
        return Ok(Bytes::new());
    };
    // Most answers are one chunk and are not copied.
    let Some(second) = response.chunk().await.map_err(cut_off)? else {
        return Ok(first);
    };
    let mut whole = BytesMut::from(first);
    whole.extend_from_slice(&second);
    while let Some(chunk) = response.chunk().await.map_err(cut_off)? {
        if whole.len() + chunk.len() > ANSWER_LIMIT {
            return Err(Unread::TooLong);
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.freeze())
}

/// The error of a request that got no answer. Only what happened before there was a connection is
/// known not to have been sent.
fn no_answer(error: &reqwest::Error, failed: impl Fn(ErrorKind, Outcome) -> Error) -> Error {
    let failure = if error.is_builder() {
        failed(ErrorKind::Request, Outcome::NotSent)
    } else if error.is_connect() {
        let kind = if is_tls(error) {
            ErrorKind::Tls
        } else {
            ErrorKind::Connect
        };
        failed(kind, Outcome::NotSent)
    } else {
        failed(ErrorKind::Broken, Outcome::Unknown)
    };
    failure.caused_by(cause_of(error))
}

/// Every error behind this one. An [`io::Error`] counts what it was made of as its source, for
/// its own `source` passes over that.
fn chain(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |link| behind(*link))
}

fn behind<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(made_of) => Some(made_of),
        None => error.source(),
    }
}

fn is_tls(error: &reqwest::Error) -> bool {
    chain(error).any(|link| link.is::<rustls::Error>())
}

/// The technical cause, taken from kinds of error whose words are known: neither addresses with
/// their parameters nor anything that travelled is among them.
fn cause_of(error: &reqwest::Error) -> Box<str> {
    if error.is_dns() {
        return "name lookup failed".into();
    }
    for link in chain(error) {
        if let Some(tls) = link.downcast_ref::<rustls::Error>() {
            return tls.to_string().into();
        }
        if let Some(io) = link.downcast_ref::<io::Error>()
            && io.get_ref().is_none()
        {
            return io.to_string().into();
        }
        // The proxy's refusal has a private type and fixed words.
        let text = link.to_string();
        if text.starts_with("tunnel error") {
            return text.into();
        }
    }
    if error.is_timeout() {
        "timed out".into()
    } else {
        "connection closed".into()
    }
}

/// An answer that is no success.
fn refusal(prepared: &Prepared, status: StatusCode, body: &[u8]) -> Error {
    let info = &prepared.info;
    if status.is_redirection() {
        return info.error(ErrorKind::Redirect, Outcome::Unknown);
    }
    if info.errors == Errors::OAuth
        && let Ok(TokenError { error: word, .. }) = serde_json::from_slice(body)
    {
        let mut error = info.error(ErrorKind::Token, Outcome::Refused);
        error.inner_mut().token_error = Some(word);
        return error;
    }
    let problem = serde_json::from_slice::<Problem>(body).ok();
    let code = problem.as_ref().and_then(|problem| problem.code.known());
    let kind = if problem.is_some() {
        ErrorKind::Problem
    } else {
        ErrorKind::Status
    };
    let mut error = info.error(kind, retry::outcome_of(status, code));
    error.inner_mut().problem = problem;
    error
}

/// The answer's `X-Request-Id`; the one sent where it has none.
pub(super) fn answered_id(headers: &HeaderMap, prepared: &Prepared) -> Option<Box<str>> {
    headers
        .get(REQUEST_ID)
        .and_then(request_id)
        .or_else(|| request_id(&prepared.request_id))
}

fn request_id(value: &HeaderValue) -> Option<Box<str>> {
    value
        .to_str()
        .ok()
        .filter(|id| is_request_id(id.as_bytes()))
        .map(Into::into)
}
