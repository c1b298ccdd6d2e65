//! 幂等: a request sent twice is acted on once.

use std::time::Duration;

use http::Method;
use lingminban::api::{ApplicationFilter, OutletKind};
use serde_json::{Value, json};

use crate::support::{Caller, Got, Judged, registration, sandbox, supplement};

const PATH: &str = "/v1/registrations";
const KEY: &str = "one-key-of-mine";
const DEALER: OutletKind = OutletKind::Dealer;

async fn filed(sandbox: &Judged) -> usize {
    let list = sandbox
        .sdk(DEALER)
        .list_applications(ApplicationFilter::default());
    list.try_collect().await.expect("a list").len()
}

async fn with_headers(caller: &Caller, keys: &[&[u8]]) -> Got {
    let mut request = caller.request(Method::POST, PATH).json(&registration(1));
    for key in keys {
        request = request.header("Idempotency-Key", *key);
    }
    caller.send(request).await
}

#[tokio::test]
async fn a_key_is_required_and_eight_to_255_visible_ascii_characters() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let missing = ("Idempotency-Key", "missing_idempotency_key");
    for path in [PATH, "/v1/transfers", "/v1/plate-draws"] {
        let got = caller
            .send(caller.request(Method::POST, path).json(&json!({})))
            .await;
        got.refused(400, "missing_idempotency_key");
        let errors = got.errors();
        let told: Vec<(&str, &str)> = errors
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        assert_eq!(told, [missing], "{path}");
    }
    let long = "k".repeat(256);
    for key in [
        "",
        "1234567",
        "with space",
        "键键键键键键键键",
        "tab\there",
        long.as_str(),
    ] {
        let got = with_headers(&caller, &[key.as_bytes()]).await;
        got.refused(400, "invalid_idempotency_key");
        assert_eq!(got.errors()[0].0, "Idempotency-Key", "{key:?}");
    }
    with_headers(&caller, &[b"latin-1-\xe9"])
        .await
        .refused(400, "invalid_idempotency_key");
    with_headers(&caller, &[b"one-of-two", b"two-of-two"])
        .await
        .refused(400, "invalid_idempotency_key");
    assert_eq!(filed(&sandbox).await, 0);
    with_headers(&caller, &[b"!eight!~"]).await.ok(201);
    caller
        .post_keyed(PATH, &long[1..], &registration(2))
        .await
        .ok(201);
}

#[tokio::test]
async fn a_repetition_gets_the_first_answer_byte_for_byte() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let first = caller.post_keyed(PATH, KEY, &registration(1)).await;
    first.ok(201);
    assert_eq!(first.header("idempotency-replayed"), None);
    // Though the application has moved on meanwhile.
    sandbox.settle();
    let again = caller.post_keyed(PATH, KEY, &registration(1)).await;
    assert_eq!(again.status, 201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.bytes, first.bytes);
    assert_eq!(filed(&sandbox).await, 1);
}

/// The same JSON in other words: members backwards, blanks, letters escaped.
fn in_other_words(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let backwards = members.iter().rev();
            let members = backwards.map(|(name, value)| {
                format!(
                    "{} :\n{}",
                    in_other_words(&json!(name)),
                    in_other_words(value)
                )
            });
            format!("{{\t{}\r\n}}", members.collect::<Vec<_>>().join(" , "))
        }
        Value::String(text) => {
            let letters = text.encode_utf16().map(|unit| format!("\\u{unit:04X}"));
            format!("\"{}\"", letters.collect::<String>())
        }
        other => other.to_string(),
    }
}

#[tokio::test]
async fn the_same_json_in_other_words_is_the_same() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let first = caller.post_keyed(PATH, KEY, &registration(1)).await;
    let text = in_other_words(&registration(1));
    assert_ne!(text, registration(1).to_string());
    let request = caller
        .request(Method::POST, PATH)
        .header("Idempotency-Key", KEY)
        .header("Content-Type", "application/json")
        .body(text);
    let again = caller.send(request).await;
    assert_eq!(
        again.header("idempotency-replayed"),
        Some("true"),
        "{}",
        again.text()
    );
    assert_eq!(again.bytes, first.bytes);
}

#[tokio::test]
async fn a_key_of_another_request_is_refused() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    caller.post_keyed(PATH, KEY, &registration(1)).await.ok(201);
    let mut other_body = registration(1);
    other_body["vehicle"]["color"] = json!("black");
    for (path, body) in [
        (PATH, &other_body),
        ("/v1/plate-draws", &json!({"plate_kind": "02"})),
        ("/v1/registrations?validate_only=true", &registration(1)),
    ] {
        let got = caller.post_keyed(path, KEY, body).await;
        got.refused(422, "idempotency_key_reused");
        assert_eq!(got.errors()[0].0, "Idempotency-Key", "{path}");
    }
    assert_eq!(filed(&sandbox).await, 1);
    // Other partners choose their keys without asking.
    let chain = sandbox.caller_of("zb-dealer-2").await;
    let mut theirs = registration(2);
    theirs["outlet_id"] = json!("zb-dealer-002");
    theirs["operator_id"] = json!("zb-dealer-002-op1");
    let got = chain.post_keyed(PATH, KEY, &theirs).await;
    got.ok(201);
    assert_eq!(got.header("idempotency-replayed"), None);
}

#[tokio::test]
async fn a_refusal_does_not_bind_the_key() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let mut wrong = registration(1);
    wrong["vehicle"]["seats"] = json!(0);
    let mut foreign = registration(1);
    foreign["operator_id"] = json!("nobody");
    caller
        .post_keyed(PATH, KEY, &wrong)
        .await
        .refused(422, "validation_failed");
    caller
        .post_keyed(PATH, KEY, &foreign)
        .await
        .refused(403, "operator_not_of_outlet");
    let mended = caller.post_keyed(PATH, KEY, &registration(1)).await;
    mended.ok(201);
    assert_eq!(mended.header("idempotency-replayed"), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_at_once_are_one_application_and_fifty_equal_answers() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let all: Vec<_> = (0..50)
        .map(|_| {
            let caller = caller.clone();
            tokio::spawn(async move { caller.post_keyed(PATH, KEY, &registration(1)).await })
        })
        .collect();
    let mut bodies = Vec::new();
    let mut replayed = 0;
    for one in all {
        let got = one.await.expect("no panic");
        got.ok(201);
        replayed += usize::from(got.header("idempotency-replayed") == Some("true"));
        bodies.push(got.bytes);
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    assert_eq!(replayed, 49);
    assert_eq!(filed(&sandbox).await, 1);
}

#[tokio::test]
async fn a_key_lives_for_a_day_of_the_space_s_clock() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let first = caller.post_keyed(PATH, KEY, &registration(1)).await;
    first.ok(201);
    let day = Duration::from_secs(24 * 3_600);
    let moment = Duration::from_millis(1);
    sandbox.clock().advance(day - moment);
    // Tokens live for two hours.
    let caller = sandbox.caller(DEALER).await;
    let again = caller.post_keyed(PATH, KEY, &registration(1)).await;
    assert_eq!(again.bytes, first.bytes);
    sandbox.clock().advance(moment);
    let late = caller.post_keyed(PATH, KEY, &registration(1)).await;
    late.refused(409, "already_submitted");
    assert_eq!(
        late.json()["application_id"],
        first.json()["application_id"]
    );
    caller.post_keyed(PATH, KEY, &registration(2)).await.ok(201);
}

#[tokio::test]
async fn a_reference_finds_the_application_when_the_key_is_gone() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let first = caller.post(PATH, &registration(1)).await.ok(201);
    let mut other = registration(2);
    other["partner_reference"] = first["partner_reference"].clone();
    let got = caller.post(PATH, &other).await;
    got.refused(409, "already_submitted");
    assert_eq!(got.json()["application_id"], first["application_id"]);
    assert_eq!(got.errors()[0].0, "/partner_reference");
    // For ever: also when the first one has ended.
    sandbox.settle();
    caller
        .post(PATH, &other)
        .await
        .refused(409, "already_submitted");
    // And for one partner: references are their own.
    let chain = sandbox.caller_of("zb-dealer-2").await;
    other["outlet_id"] = json!("zb-dealer-002");
    other["operator_id"] = json!("zb-dealer-002-op1");
    chain.post(PATH, &other).await.ok(201);
}

#[tokio::test]
async fn a_step_may_be_repeated_under_its_key() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let filed = caller.post(PATH, &supplement(1)).await.ok(201);
    let id = filed["application_id"].as_str().expect("an id");
    let path = format!("/v1/applications/{id}/withdrawal");
    let first = caller
        .post_keyed(&path, KEY, &json!({"reason": "客户取消"}))
        .await;
    first.ok(200);
    let again = caller
        .post_keyed(&path, KEY, &json!({"reason": "客户取消"}))
        .await;
    assert_eq!(again.bytes, first.bytes);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    caller
        .post(&path, &json!({}))
        .await
        .refused(409, "wrong_state");
    // Without a key, without a body: a step needs neither.
    let other = caller.post(PATH, &supplement(2)).await.ok(201);
    let id = other["application_id"].as_str().expect("an id");
    let path = format!("/v1/applications/{id}/withdrawal");
    caller
        .send(caller.request(Method::POST, &path))
        .await
        .ok(200);
}

#[tokio::test]
async fn a_draw_repeated_draws_nothing_new() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let body = json!({"plate_kind": "02"});
    let first = caller.post_keyed("/v1/plate-draws", KEY, &body).await;
    first.ok(201);
    let again = caller.post_keyed("/v1/plate-draws", KEY, &body).await;
    assert_eq!(again.bytes, first.bytes);
    let other = caller.post("/v1/plate-draws", &body).await;
    assert_ne!(other.bytes, first.bytes);
}
