//! What the measurements ask of the authority: the document's example, each time for another car.

use http::{HeaderMap, HeaderValue, Method, header};
use lingminban::{
    api::{Operation, OutletKind, SubmitRegistration},
    identifiers::Vin,
};
use lingminban_sandbox::{
    Credential,
    engine::Engine,
    server::{Answer, Call, Reply},
};

const EXAMPLE_VIN: &str = "LZZTEST10N1000001";
const EXAMPLE_REFERENCE: &str = "DMS-2026-000001";
const EXAMPLE_OPERATOR: &str = "zb-dealer-001-op1";

/// A valid VIN, one for each number below a million.
pub(crate) fn vin(number: u64) -> Vin {
    Vin::with_check_digit(&format!("LZZTEST10P2{:06}", number % 1_000_000)).unwrap()
}

/// The partner's reference of a number.
pub(crate) fn reference(number: u64) -> String {
    format!("BENCH-2026-{number:09}")
}

/// The document's standard registration of the car with a number, without what makes it readable.
pub(crate) fn registration(number: u64, operator: &str, outlet: Option<&str>) -> String {
    let example = SubmitRegistration::EXAMPLES
        .iter()
        .find(|example| example.name == "standard")
        .unwrap();
    let text = example
        .json
        .replace(EXAMPLE_VIN, vin(number).as_str())
        .replace(EXAMPLE_REFERENCE, &reference(number))
        .replace(EXAMPLE_OPERATOR, operator);
    match outlet {
        Some(outlet) => text.replacen('{', &format!("{{\"outlet_id\":\"{outlet}\","), 1),
        None => text,
    }
}

/// The first dealer's credential.
pub(crate) fn dealer(engine: &Engine) -> Credential {
    credentials(engine)
        .into_iter()
        .find(|credential| credential.outlet_kind == OutletKind::Dealer)
        .unwrap()
}

/// All credentials of the engine's first space.
pub(crate) fn credentials(engine: &Engine) -> Vec<Credential> {
    engine
        .city()
        .directory
        .credentials(engine.home().settings.seed)
}

/// A token of a credential.
pub(crate) fn token(engine: &Engine, credential: &Credential) -> String {
    let body = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        credential.client_id, credential.client_secret
    );
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, form)]);
    let reply = answered(engine, &Method::POST, "/oauth2/token", &headers, &body);
    let answer: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

/// Headers of a call with a token, and a key where one is wanted.
pub(crate) fn headers(token: &str, key: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let bearer = format!("Bearer {token}").parse().unwrap();
    headers.insert(header::AUTHORIZATION, bearer);
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    if let Some(key) = key {
        headers.insert("idempotency-key", key.parse().unwrap());
    }
    headers
}

/// Asks the engine, with no network between. Panics at an answer that is not 2xx.
pub(crate) fn answered(
    engine: &Engine,
    method: &Method,
    target: &str,
    headers: &HeaderMap,
    body: &str,
) -> Reply {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let call = Call {
        method,
        path,
        query,
        headers,
        body: body.as_bytes(),
    };
    let reply = engine.answer(&call).unwrap();
    assert!(
        reply.status.is_success(),
        "{target}: {}",
        String::from_utf8_lossy(&reply.body)
    );
    reply
}
