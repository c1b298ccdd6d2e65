//! Spans and events, in the names of OpenTelemetry's HTTP conventions.
//!
//! What may be shown is listed here: templates instead of paths, no query, no headers, no bodies.

use std::time::Duration;

use http::StatusCode;
use tracing::{Span, debug, field};

use super::{
    error::{Error, ErrorKind},
    request::{Base, Prepared},
};

/// One span per call, named after the operation.
pub(super) fn span(prepared: &Prepared, base: &Base) -> Span {
    let info = &prepared.info;
    tracing::info_span!(
        target: "lingminban",
        "call",
        "otel.name" = info.id,
        "otel.kind" = "client",
        "http.request.method" = info.method.as_str(),
        "url.template" = info.path,
        "server.address" = base.host,
        "server.port" = base.port,
        "lingminban.request_id" = prepared.request_id.to_str().unwrap_or_default(),
        "http.response.status_code" = field::Empty,
        "http.request.resend_count" = field::Empty,
        "error.type" = field::Empty,
    )
}

pub(super) fn answered(status: StatusCode, attempts: u32) {
    let span = Span::current();
    span.record("http.response.status_code", status.as_u16());
    span.record("http.request.resend_count", attempts.saturating_sub(1));
}

pub(super) fn repeated(error: &Error, attempt: u32, pause: Duration) {
    debug!(
        target: "lingminban",
        attempt,
        "http.response.status_code" = error.status(),
        "error.type" = error_type(error),
        pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
        "attempt failed, trying again"
    );
}

pub(super) fn failed(error: &Error, attempts: u32) {
    let span = Span::current();
    if let Some(status) = error.status() {
        span.record("http.response.status_code", status);
    }
    span.record("http.request.resend_count", attempts.saturating_sub(1));
    span.record("error.type", error_type(error));
}

/// A problem's code where this version knows it, otherwise the kind of failure.
fn error_type(error: &Error) -> &'static str {
    if let Some(code) = error.problem().and_then(|problem| problem.code.known()) {
        return code.as_str();
    }
    match error.kind() {
        ErrorKind::Request => "request",
        ErrorKind::Token => "token",
        ErrorKind::Connect => "connect",
        ErrorKind::Tls => "tls",
        ErrorKind::Timeout => "timeout",
        ErrorKind::Broken => "broken",
        ErrorKind::Redirect => "redirect",
        ErrorKind::Problem | ErrorKind::Status => "status",
        ErrorKind::CutOff => "cut_off",
        ErrorKind::Unreadable => "unreadable",
        ErrorKind::NotYet => "not_yet",
        ErrorKind::AsyncContext => "async_context",
    }
}
