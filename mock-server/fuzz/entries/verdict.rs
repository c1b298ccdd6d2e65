//! What must hold for every answer.

use http::header;
use lingminban_sandbox::server::Reply;
use serde_json::Value;

use crate::request::{Contract, Known, Made};

/// Judges an answer; a breach is a panic that says what was broken.
pub(crate) fn judge(contract: &Contract, made: &Made, reply: &Reply) {
    let status = reply.status.as_u16();
    let at = format!("{} {} answered {status}", made.method, made.path);
    assert_ne!(status, 500, "{at}");
    assert!(
        reply.headers.contains_key("x-request-id"),
        "{at}: no request id"
    );
    assert!(reply.headers.contains_key(header::DATE), "{at}: no date");
    if is_page(&made.path) {
        assert!(matches!(status, 200 | 303 | 404 | 405), "{at}");
        return;
    }
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    assert!(body.is_object(), "{at}: no JSON object");
    let oauth = match contract.find(&made.method, &made.path) {
        (Some(known), _) => {
            assert!(known.statuses.contains(&status), "{at}: not documented");
            is_oauth(known, status)
        }
        (None, true) => {
            assert_eq!(status, 405, "{at}");
            assert!(reply.headers.contains_key(header::ALLOW), "{at}: no Allow");
            false
        }
        (None, false) => {
            assert_eq!(status, 404, "{at}");
            assert_eq!(body["code"], "unknown_path", "{at}");
            false
        }
    };
    let content_type = reply.headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    if oauth || reply.status.is_success() {
        assert_eq!(content_type, Some("application/json"), "{at}");
    } else {
        assert_eq!(content_type, Some("application/problem+json"), "{at}");
        judge_problem(&body, status, &at);
    }
    if status == 401 {
        assert!(
            reply.headers.contains_key(header::WWW_AUTHENTICATE),
            "{at}: no challenge"
        );
    }
    if oauth {
        assert!(body["error"].is_string(), "{at}: no OAuth error");
    }
}

/// Health, the document and its pages answer for themselves.
fn is_page(path: &str) -> bool {
    matches!(path, "/healthz" | "/openapi.json" | "/docs") || path.starts_with("/docs/")
}

fn is_oauth(known: &Known, status: u16) -> bool {
    known.oauth && matches!(status, 400 | 401)
}

/// RFC 9457, with each error at exactly one place.
fn judge_problem(problem: &Value, status: u16, at: &str) {
    assert_eq!(problem["status"], status, "{at}");
    for member in ["type", "title", "detail", "instance", "code", "request_id"] {
        let told = problem[member].as_str().unwrap_or_default();
        assert!(!told.is_empty(), "{at}: {member} is missing");
    }
    let errors = problem["errors"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    if matches!(status, 400 | 401 | 409 | 413 | 415 | 422) {
        assert!(!errors.is_empty(), "{at}: no place is blamed");
    }
    for error in errors {
        let places = ["pointer", "parameter", "header"];
        let named = places.iter().filter(|place| error[**place].is_string());
        assert_eq!(named.count(), 1, "{at}: {error}");
        for member in ["code", "message"] {
            let told = error[member].as_str().unwrap_or_default();
            assert!(!told.is_empty(), "{at}: {member} is missing");
        }
        let pointer = error["pointer"].as_str().unwrap_or_default();
        assert!(
            pointer.is_empty() || pointer.starts_with('/'),
            "{at}: {pointer}"
        );
    }
    let pointers: Vec<&str> = errors
        .iter()
        .filter_map(|error| error["pointer"].as_str())
        .collect();
    assert!(pointers.is_sorted(), "{at}: errors are not sorted");
}

/// The application an answer names.
pub(crate) fn application_id(reply: &Reply) -> Option<String> {
    let body: Value = serde_json::from_slice(&reply.body).ok()?;
    body["application_id"].as_str().map(str::to_owned)
}

/// Whether the request must from now on be answered with this very answer.
pub(crate) fn binds_its_key(contract: &Contract, made: &Made, reply: &Reply) -> bool {
    let (known, _) = contract.find(&made.method, &made.path);
    let dry = made
        .query
        .as_deref()
        .unwrap_or_default()
        .contains("validate_only");
    let once = made.headers.get_all("idempotency-key").iter().count() == 1;
    known.is_some_and(|known| known.keyed) && reply.status.is_success() && once && !dry
}

/// Whether the second answer is the first, told again.
pub(crate) fn is_replay(first: &Reply, second: &Reply) -> bool {
    first.status == second.status
        && first.body == second.body
        && second.headers.contains_key("idempotency-replayed")
}
