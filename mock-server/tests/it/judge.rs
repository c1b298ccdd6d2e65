//! The judge of all other tests is judged itself: what it does not see, nobody sees.

use ::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use lingminban_sandbox::server::{Call, Reply};
use serde_json::{Value, json};

use crate::support::{Judge, registration, sandbox};

/// A request and an answer that are all right until a test spoils them.
struct Exchange {
    method: Method,
    path: &'static str,
    query: Option<&'static str>,
    request_headers: HeaderMap,
    request: Value,
    status: StatusCode,
    answer_headers: HeaderMap,
    answer: Value,
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        })
        .collect()
}

fn outlet() -> Exchange {
    Exchange {
        method: Method::GET,
        path: "/v1/outlets/zb-dealer-001",
        query: None,
        request_headers: HeaderMap::new(),
        request: Value::Null,
        status: StatusCode::OK,
        answer_headers: headers(&[
            ("content-type", "application/json"),
            ("x-request-id", "req-1"),
        ]),
        answer: json!({
            "outlet_id": "zb-dealer-001",
            "name": "示例店",
            "kind": "dealer",
            "district": "zhangdian",
            "services": ["registration"],
        }),
    }
}

fn filing() -> Exchange {
    Exchange {
        method: Method::POST,
        path: "/v1/registrations",
        request_headers: headers(&[
            ("content-type", "application/json"),
            ("idempotency-key", "a-key-of-mine"),
        ]),
        request: registration(1),
        status: StatusCode::CREATED,
        answer: json!({
            "application_id": "9465000000001",
            "service": "registration",
            "status": "received",
            "status_since": "2026-03-02T09:00:00+08:00",
            "partner_reference": "TEST-1",
            "outlet_id": "zb-dealer-001",
            "operator_id": "zb-dealer-001-op1",
            "created_at": "2026-03-02T09:00:00+08:00",
            "required_materials": [],
            "findings": [],
        }),
        ..outlet()
    }
}

fn problem(code: &str) -> Exchange {
    Exchange {
        status: StatusCode::NOT_FOUND,
        answer_headers: headers(&[
            ("content-type", "application/problem+json"),
            ("x-request-id", "req-1"),
        ]),
        answer: json!({
            "type": format!("urn:lingminban:problem:{code}"),
            "title": "没有",
            "status": 404,
            "detail": "没有",
            "instance": "/v1/outlets/zb-dealer-001",
            "code": code,
            "request_id": "req-1",
            "errors": [{"parameter": "outlet_id", "code": code, "message": "没有"}],
        }),
        ..outlet()
    }
}

fn look(judge: &Judge, exchange: &Exchange) {
    show(exchange, |call, reply| judge.look(call, reply));
}

fn show(exchange: &Exchange, to: impl FnOnce(&Call<'_>, &Reply)) {
    let body = match &exchange.request {
        Value::Null => Vec::new(),
        body => body.to_string().into_bytes(),
    };
    let call = Call {
        method: &exchange.method,
        path: exchange.path,
        query: exchange.query,
        headers: &exchange.request_headers,
        body: &body,
    };
    let headers = exchange.answer_headers.clone();
    let reply = Reply::new(exchange.status, headers, exchange.answer.to_string());
    to(&call, &reply);
}

fn violations(exchange: &Exchange) -> String {
    let judge = Judge::default();
    look(&judge, exchange);
    judge.violations().join("\n")
}

#[track_caller]
fn assert_blamed(mut exchange: Exchange, spoil: impl FnOnce(&mut Exchange), what: &str) {
    assert_eq!(violations(&exchange), "", "all right at first");
    spoil(&mut exchange);
    let found = violations(&exchange);
    assert!(found.contains(what), "expected {what}, found: {found}");
}

#[test]
fn an_answer_is_one_that_the_operation_documents() {
    assert_blamed(
        outlet(),
        |it| it.status = StatusCode::IM_A_TEAPOT,
        "does not document this status",
    );
    assert_blamed(
        outlet(),
        |it| drop(it.answer_headers.remove("x-request-id")),
        "no X-Request-Id",
    );
    assert_blamed(
        outlet(),
        |it| drop(it.answer_headers.remove("content-type")),
        "not documented as",
    );
    assert_blamed(
        outlet(),
        |it| it.answer["kind"] = json!(7),
        "answered body /kind",
    );
    assert_blamed(
        outlet(),
        |it| drop(it.answer.as_object_mut().map(|all| all.remove("name"))),
        "answered body",
    );
    assert_blamed(
        filing(),
        |it| it.answer["created_at"] = json!("yesterday"),
        "answered body /created_at",
    );
    assert_blamed(outlet(), |it| it.path = "/v1/outlet", "expected 404");
    assert_blamed(outlet(), |it| it.method = Method::PUT, "expected 405");
}

#[test]
fn a_problem_is_one_that_the_operation_documents() {
    assert_blamed(
        problem("outlet_not_found"),
        |it| it.answer["code"] = json!("vehicle_not_found"),
        "does not document `vehicle_not_found`",
    );
    assert_blamed(
        problem("outlet_not_found"),
        |it| it.answer["status"] = json!(400),
        "another status",
    );
    assert_blamed(
        problem("outlet_not_found"),
        |it| it.answer["request_id"] = json!("x"),
        "another request id",
    );
    let two_places = |it: &mut Exchange| it.answer["errors"][0]["header"] = json!("Accept");
    assert_blamed(problem("outlet_not_found"), two_places, "exactly one place");
}

#[test]
fn what_is_accepted_is_what_the_document_describes() {
    assert_blamed(
        filing(),
        |it| drop(it.request_headers.remove("idempotency-key")),
        "without Idempotency-Key",
    );
    let short = |it: &mut Exchange| {
        drop(
            it.request_headers
                .insert("idempotency-key", HeaderValue::from_static("short")),
        )
    };
    assert_blamed(filing(), short, "accepted Idempotency-Key");
    assert_blamed(
        filing(),
        |it| it.query = Some("dry=true"),
        "unknown parameter dry",
    );
    assert_blamed(
        filing(),
        |it| it.query = Some("validate_only=maybe"),
        "accepted validate_only",
    );
    assert_blamed(
        filing(),
        |it| it.query = Some("validate_only=true&validate_only=true"),
        "validate_only is repeated",
    );
    assert_blamed(
        filing(),
        |it| it.request["wings"] = json!(2),
        "accepted body",
    );
    assert_blamed(
        filing(),
        |it| it.request["vehicle"]["vin"] = json!("LZZTEST10N1"),
        "accepted body /vehicle/vin",
    );
    let identity =
        |it: &mut Exchange| it.request["owner"]["identity_number"] = json!("370399199003070017");
    assert_blamed(filing(), identity, "accepted body /owner/identity_number");
    assert_blamed(filing(), |it| it.request = Value::Null, "without a body");
    let text = |it: &mut Exchange| {
        drop(
            it.request_headers
                .insert("content-type", HeaderValue::from_static("text/plain")),
        )
    };
    assert_blamed(filing(), text, "accepted a body of text/plain");
    assert_blamed(
        outlet(),
        |it| it.path = "/v1/outlets/%E5%BA%97",
        "accepted outlet_id",
    );
}

#[test]
fn no_answer_shows_a_number_that_a_request_brought_even_a_later_one() {
    for member in ["identity_number", "mobile_number"] {
        let filing = filing();
        let number = filing.request["owner"][member]
            .as_str()
            .expect("a number")
            .to_owned();
        let judge = Judge::default();
        look(&judge, &filing);
        assert_eq!(judge.violations(), Vec::<String>::new());
        let mut shown = outlet();
        shown.answer["name"] = json!(format!("店 {number}"));
        look(&judge, &shown);
        let found = judge.violations().join("\n");
        assert!(found.contains("unmasked"), "{found}");
        assert!(!found.contains(&number), "nor does the judge");
    }
}

#[test]
fn of_an_exchange_that_a_fault_struck_the_request_alone_is_judged() {
    let judge = Judge::default();
    let look = |exchange: &Exchange| {
        show(exchange, |call, reply| judge.look_at_request(call, reply));
        judge.violations().join("\n")
    };
    let mut spoilt = filing();
    spoilt.answer = json!("OK");
    assert_eq!(look(&spoilt), "");
    spoilt.request["colour"] = json!("red");
    assert!(look(&spoilt).contains("accepted body"));
    let mut outlet = outlet();
    outlet.status = StatusCode::IM_A_TEAPOT;
    assert_eq!(look(&outlet), "");
}

#[tokio::test]
#[should_panic(expected = "against the document")]
async fn what_was_found_fails_the_test_at_its_end() {
    let sandbox = sandbox().await;
    look(
        sandbox.judge(),
        &Exchange {
            status: StatusCode::IM_A_TEAPOT,
            ..outlet()
        },
    );
}
