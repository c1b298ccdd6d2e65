//! The conventions of HTTP, and bad input that must get an answer all the same.

use std::{collections::BTreeSet, time::Duration};

use ::http::Method;
use lingminban::api::{Access, Operation, OutletKind};
use lingminban_sandbox::Settings;
use serde_json::{Value, json};

use crate::support::{Caller, Got, fresh_key, registration, sandbox, sandbox_with};

const DEALER: OutletKind = OutletKind::Dealer;

macro_rules! need_a_token {
    ($($operation:ty),+ $(,)?) => {
        /// How many operations need a token.
        fn need_a_token() -> usize {
            let all = [$( <$operation>::ACCESS ),+].into_iter();
            all.filter(|access| matches!(access, Access::Token(_))).count()
        }
    };
}
lingminban::for_each_operation!(need_a_token);

fn method(name: &str) -> Method {
    name.to_uppercase().parse().expect("a method")
}

/// Every path of the document with values put in, and its methods.
fn paths() -> Vec<(String, Vec<String>)> {
    let document = lingminban_openapi::document();
    let paths = document["paths"].as_object().expect("paths").iter();
    paths
        .map(|(template, methods)| {
            let path = template
                .replace("{outlet_id}", "zb-dealer-001")
                .replace("{application_id}", "9465000000001")
                .replace("{inspection_id}", "insp-000001")
                .replace("{bundle_id}", "B9465000000001")
                .replace("{kind}", "origin_proof")
                .replace("{vin}", "LGXC16AF7N0000037")
                .replace("{webhook_id}", "wh-000001")
                .replace("{delivery_id}", "dlv-000001");
            assert!(!path.contains('{'), "a value for {template}");
            let methods = methods.as_object().expect("methods").keys();
            (path, methods.map(|name| name.to_uppercase()).collect())
        })
        .collect()
}

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    for path in [
        "/",
        "/v1",
        "/v1/",
        "/v1/registration",
        "/v1/outlets/",
        "/v1/applications/1/2",
        "/v1//outlets",
        "/docsx",
        "/V1/outlets",
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let got = caller.send(caller.request(method, path)).await;
            got.refused(404, "unknown_path");
        }
    }
    // Whether one has a token or not.
    sandbox
        .stranger()
        .get("/v1/nothing")
        .await
        .refused(404, "unknown_path");
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    for (path, known) in paths() {
        for name in [
            "GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW",
        ] {
            if known.iter().any(|known| known == name) {
                continue;
            }
            let got = caller.send(caller.request(method(name), &path)).await;
            got.refused(405, "method_not_allowed");
            let allow: BTreeSet<&str> = got.header("allow").expect("Allow").split(", ").collect();
            assert_eq!(allow, known.iter().map(String::as_str).collect(), "{path}");
        }
    }
}

#[tokio::test]
async fn no_operation_is_served_without_a_token_but_the_open_ones() {
    let sandbox = sandbox().await;
    let stranger = sandbox.stranger();
    let mut asked = 0;
    for (path, methods) in paths() {
        if ["/oauth2/token", "/sandbox/v1/catalogue"].contains(&path.as_str()) {
            continue;
        }
        for name in methods {
            let got = stranger.send(stranger.request(method(&name), &path)).await;
            got.refused(401, "missing_token");
            assert_eq!(
                got.header("www-authenticate"),
                Some("Bearer realm=\"lingminban\"")
            );
            asked += 1;
        }
    }
    assert_eq!(asked, need_a_token());
}

#[tokio::test]
async fn a_token_that_is_not_one_of_the_space_s_is_refused() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let foreign = sandbox_with(Settings {
        seed: 2,
        ..Settings::default()
    })
    .await;
    let of_another_seed = foreign.caller(DEALER).await;
    let own = caller.bearer().to_owned();
    let mut tampered = own.clone().into_bytes();
    tampered[12] = if tampered[12] == b'A' { b'B' } else { b'A' };
    let tampered = String::from_utf8(tampered).expect("ASCII");
    let long = "A".repeat(5_000);
    for token in [
        "garbage",
        "",
        &tampered,
        of_another_seed.bearer(),
        &own[1..],
        &format!("{own}A"),
        &long,
    ] {
        let got = caller.with_token(token).get("/v1/outlets").await;
        // An empty token is none.
        assert_eq!(got.status, 401, "{token}");
        assert!(
            got.header("www-authenticate")
                .expect("a challenge")
                .starts_with("Bearer ")
        );
        if !token.is_empty() {
            got.refused(401, "invalid_token");
            let challenge = got.header("www-authenticate").expect("a challenge");
            assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
        }
    }
    let stranger = sandbox.stranger();
    for scheme in ["Basic", "Digest", "Bearerx"] {
        let request = stranger.request(Method::GET, "/v1/outlets");
        let got = stranger
            .send(request.header("Authorization", format!("{scheme} {own}")))
            .await;
        got.refused(401, "missing_token");
    }
    let request = stranger.request(Method::GET, "/v1/outlets");
    let lower = stranger
        .send(request.header("Authorization", format!("bearer {own}")))
        .await;
    lower.ok(200);
    let twice = caller
        .request(Method::GET, "/v1/outlets")
        .header("Authorization", format!("Bearer {own}"));
    caller.send(twice).await.refused(401, "invalid_token");
}

#[tokio::test]
async fn a_token_lives_for_two_hours_of_the_space_s_clock() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    sandbox.clock().advance(Duration::from_millis(7_199_999));
    caller.get("/v1/outlets").await.ok(200);
    sandbox.clock().advance(Duration::from_millis(1));
    let got = caller.get("/v1/outlets").await;
    got.refused(401, "expired_token");
    let challenge = got.header("www-authenticate").expect("a challenge");
    assert!(challenge.contains("invalid_token"), "{challenge}");
    // The SDK's client fetches a new one by itself.
    let client = sandbox.sdk(DEALER);
    client
        .get_outlet(&"zb-dealer-001".parse().expect("an id"))
        .await
        .expect("served");
    sandbox.clock().advance(Duration::from_secs(7_200));
    client
        .get_outlet(&"zb-dealer-001".parse().expect("an id"))
        .await
        .expect("served again");
}

#[tokio::test]
async fn a_token_opens_what_its_scope_names() {
    let sandbox = sandbox().await;
    let stranger = sandbox.stranger();
    let credential = sandbox.credential(DEALER).expect("a credential");
    let granted = stranger
        .token(&credential, Some("outlets vehicles"))
        .await
        .ok(200);
    assert_eq!(granted["scope"], "outlets vehicles");
    let caller = stranger.with_token(granted["access_token"].as_str().expect("a token"));
    caller.get("/v1/outlets").await.ok(200);
    caller.get("/v1/vehicles/LGXC16AF7N0000037").await.ok(200);
    for path in [
        "/v1/applications",
        "/v1/applications/1",
        "/v1/applications/1/timeline",
    ] {
        let got = caller.get(path).await;
        got.refused(403, "insufficient_scope");
        let challenge = got.header("www-authenticate").expect("a challenge");
        assert!(challenge.contains("insufficient_scope"), "{challenge}");
    }
    for path in ["/v1/registrations", "/v1/transfers", "/v1/plate-draws"] {
        caller
            .post(path, &json!({}))
            .await
            .refused(403, "insufficient_scope");
    }
}

async fn token(caller: &Caller, form: &[(&str, &str)]) -> Got {
    caller
        .send(caller.request(Method::POST, "/oauth2/token").form(form))
        .await
}

#[tokio::test]
async fn the_token_endpoint_speaks_rfc_6749() {
    let sandbox = sandbox().await;
    let caller = sandbox.stranger();
    let credential = sandbox.credential(DEALER).expect("a credential");
    let (id, secret) = (
        credential.client_id.to_string(),
        credential.client_secret.to_string(),
    );
    let grant = ("grant_type", "client_credentials");
    let (client, key) = (
        ("client_id", id.as_str()),
        ("client_secret", secret.as_str()),
    );
    let granted = token(&caller, &[grant, client, key]).await;
    let body = granted.ok(200);
    assert_eq!(
        (&body["token_type"], &body["expires_in"]),
        (&json!("Bearer"), &json!(7_200))
    );
    assert_eq!(granted.header("cache-control"), Some("no-store"));
    assert_eq!(granted.header("content-type"), Some("application/json"));

    let basic = caller
        .request(Method::POST, "/oauth2/token")
        .basic_auth(&id, Some(&secret));
    caller.send(basic.form(&[grant])).await.ok(200);
    // Unknown parameters are ignored (RFC 6749 §3.2).
    token(&caller, &[grant, client, key, ("audience", "x")])
        .await
        .ok(200);

    let wrong = ("client_secret", "sandbox-wrong");
    for (form, status, error) in [
        (vec![grant, client, wrong], 401, "invalid_client"),
        (
            vec![grant, ("client_id", "nobody"), key],
            401,
            "invalid_client",
        ),
        (vec![grant], 401, "invalid_client"),
        (vec![grant, client], 401, "invalid_client"),
        (vec![client, key], 400, "invalid_request"),
        (vec![], 400, "invalid_request"),
        (vec![grant, grant, client, key], 400, "invalid_request"),
        (
            vec![("grant_type", "password"), client, key],
            400,
            "unsupported_grant_type",
        ),
        (
            vec![grant, client, key, ("scope", "outlets everything")],
            400,
            "invalid_scope",
        ),
    ] {
        let got = token(&caller, &form).await;
        assert_eq!(
            (got.status, &got.json()["error"]),
            (status, &json!(error)),
            "{form:?}"
        );
        assert_eq!(got.header("content-type"), Some("application/json"));
        assert_eq!(got.header("cache-control"), Some("no-store"), "{form:?}");
        let challenged = got
            .header("www-authenticate")
            .is_some_and(|text| text.starts_with("Basic "));
        assert_eq!(challenged, status == 401, "{form:?}");
        let told = got.json()["error_description"].to_string();
        assert!(told.is_ascii() && !told.contains(&secret), "{told}");
    }
    let both = caller
        .request(Method::POST, "/oauth2/token")
        .basic_auth(&id, Some(&secret));
    let got = caller.send(both.form(&[grant, client, key])).await;
    assert_eq!(
        (got.status, &got.json()["error"]),
        (400, &json!("invalid_request"))
    );
    let request = caller.request(Method::POST, "/oauth2/token");
    let json = caller
        .send(request.json(&json!({"grant_type": "client_credentials"})))
        .await;
    assert_eq!(json.status, 415);
}

#[tokio::test]
async fn a_secret_with_reserved_letters_is_form_encoded_in_basic() {
    // RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
    let sandbox = sandbox().await;
    let caller = sandbox.stranger();
    let credential = sandbox.credential(DEALER).expect("a credential");
    let encoded = credential.client_id.replace('-', "%2D");
    let request = caller.request(Method::POST, "/oauth2/token");
    let request = request.basic_auth(encoded, Some(credential.client_secret.as_str()));
    caller
        .send(request.form(&[("grant_type", "client_credentials")]))
        .await
        .ok(200);
}

#[tokio::test]
async fn a_body_too_large_or_of_another_type_is_refused() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let mut large = registration(1).to_string();
    large.push_str(&" ".repeat((1 << 20) - large.len()));
    caller
        .post_text("/v1/registrations", large.clone())
        .await
        .ok(201);
    large.push(' ');
    caller
        .post_text("/v1/registrations", large)
        .await
        .refused(413, "payload_too_large");
    let of_type = async |media: Option<&str>| {
        let request = caller.request(Method::POST, "/v1/registrations");
        let mut request = request.header("Idempotency-Key", fresh_key());
        if let Some(media) = media {
            request = request.header("Content-Type", media);
        }
        caller.send(request.body(registration(2).to_string())).await
    };
    for media in [
        None,
        Some("text/plain"),
        Some("application/xml"),
        Some("application/jsonx"),
        Some("multipart/form-data"),
        Some(""),
    ] {
        of_type(media).await.refused(415, "unsupported_media_type");
    }
    of_type(Some("Application/JSON; charset=utf-8"))
        .await
        .ok(201);
}

#[tokio::test]
async fn every_answer_has_a_request_id_the_caller_s_own_if_it_sent_one() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let with = async |path: &str, id: Option<&str>| {
        let mut request = caller.request(Method::GET, path);
        if let Some(id) = id {
            request = request.header("X-Request-Id", id);
        }
        let got = caller.send(request).await;
        got.header("x-request-id").expect("an id").to_owned()
    };
    let longest = "i".repeat(128);
    for path in [
        "/v1/outlets",
        "/v1/nothing",
        "/v1/vehicles/1",
        "/healthz",
        "/docs",
    ] {
        for id in [
            "mine",
            "0199c2f0-6f0e-7c3a-9d1b-2f6a4c8e1b70",
            longest.as_str(),
        ] {
            assert_eq!(with(path, Some(id)).await, id);
        }
        let made: BTreeSet<String> = [
            with(path, None).await,
            with(path, Some("with space")).await,
            with(path, Some(&format!("{longest}i"))).await,
            with(path, Some("")).await,
        ]
        .into();
        assert_eq!(made.len(), 4, "each has its own: {made:?}");
        assert!(made.iter().all(|id| !id.contains("space") && id.len() < 64));
    }
}

#[tokio::test]
async fn the_date_is_the_space_s() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let got = caller.get("/v1/outlets").await;
    assert_eq!(got.header("date"), Some("Mon, 02 Mar 2026 01:00:00 GMT"));
    sandbox.clock().advance(Duration::from_secs(24 * 3_600));
    for path in ["/v1/outlets", "/v1/nothing", "/healthz", "/openapi.json"] {
        assert_eq!(
            caller.get(path).await.header("date"),
            Some("Tue, 03 Mar 2026 01:00:00 GMT")
        );
    }
}

#[tokio::test]
async fn a_page_token_belongs_to_its_list() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let other = sandbox.caller_of("zb-dealer-2").await;
    let first = caller
        .get("/v1/outlets?page_size=10&kind=bank")
        .await
        .ok(200);
    let token = first["next_page_token"]
        .as_str()
        .expect("eleven banks")
        .to_owned();
    let with = |path: &str| format!("{path}page_token={token}");
    let rest = caller.get(&with("/v1/outlets?kind=bank&")).await.ok(200);
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(rest.get("next_page_token"), None);
    for (asker, path) in [
        (&caller, with("/v1/outlets?")),
        (&caller, with("/v1/outlets?kind=insurer&")),
        (&caller, with("/v1/operators?")),
        (&caller, with("/v1/applications?")),
        (&other, with("/v1/outlets?kind=bank&")),
        (&caller, "/v1/outlets?page_token=garbage".to_owned()),
        (&caller, "/v1/outlets?page_token=".to_owned()),
        (&caller, "/v1/outlets?page_token=%F0%9F%9A%97".to_owned()),
        (
            &caller,
            format!("/v1/outlets?kind=bank&page_token={token}A"),
        ),
    ] {
        let got = asker.get(&path).await;
        got.refused(400, "invalid_page_token");
        assert_eq!(
            got.errors(),
            [("page_token".to_owned(), "invalid_page_token".to_owned())],
            "{path}"
        );
    }
    // Operators and applications list nothing in common with the same, empty filter.
    let mine = caller.get("/v1/operators?page_size=1").await.ok(200);
    let of_operators = mine["next_page_token"].as_str().expect("four operators");
    let crossed = caller
        .get(&format!("/v1/outlets?page_token={of_operators}"))
        .await;
    crossed.refused(400, "invalid_page_token");
}

#[tokio::test]
async fn wrong_parameters_are_all_told() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    for (query, expected) in [
        ("colour=red", vec![("colour", "unknown_member")]),
        ("kind=bank&kind=bank", vec![("kind", "duplicate_member")]),
        ("kind=Bank", vec![("kind", "wrong_format")]),
        ("kind=", vec![("kind", "wrong_format")]),
        ("page_size=0", vec![("page_size", "wrong_format")]),
        ("page_size=201", vec![("page_size", "wrong_format")]),
        ("page_size=-1", vec![("page_size", "wrong_format")]),
        ("page_size=%2B5", vec![("page_size", "wrong_format")]),
        (
            "page_size=99999999999999999999",
            vec![("page_size", "wrong_format")],
        ),
        ("page_size=5.0", vec![("page_size", "wrong_format")]),
        ("kind=%ff%fe", vec![("kind", "wrong_format")]),
        ("kind=%00", vec![("kind", "wrong_format")]),
        (
            "zebra=1&district=atlantis&page_size=none&apple",
            vec![
                ("apple", "unknown_member"),
                ("district", "wrong_format"),
                ("page_size", "wrong_format"),
                ("zebra", "unknown_member"),
            ],
        ),
    ] {
        let got = caller.get(&format!("/v1/outlets?{query}")).await;
        got.refused(400, "invalid_parameter");
        let expected: Vec<(String, String)> = expected
            .into_iter()
            .map(|(name, code)| (name.into(), code.into()))
            .collect();
        assert_eq!(got.errors(), expected, "{query}");
    }
    let none = caller.get("/v1/vehicles").await;
    none.refused(400, "invalid_parameter");
    let both = [("plate_kind", "required"), ("plate_number", "required")];
    assert_eq!(
        none.errors(),
        both.map(|(name, code)| (name.to_owned(), code.to_owned()))
    );
    for value in ["maybe", "1", "TRUE", ""] {
        let path = format!("/v1/registrations?validate_only={value}");
        caller
            .post(&path, &registration(1))
            .await
            .refused(400, "invalid_parameter");
    }
    caller.get("/v1/outlets?").await.ok(200);
    caller.get("/v1/outlets?page_size=200").await.ok(200);
}

#[tokio::test]
async fn wrong_path_values_are_told() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let long = "9".repeat(65);
    for (path, parameter) in [
        ("/v1/vehicles/NOT-A-VIN", "vin"),
        ("/v1/vehicles/%00", "vin"),
        ("/v1/vehicles/%F0%9F%9A%97", "vin"),
        ("/v1/applications/%ff", "application_id"),
        ("/v1/applications/a%2Fb", "application_id"),
        ("/v1/applications/a%20b/timeline", "application_id"),
        (&format!("/v1/applications/{long}"), "application_id"),
        ("/v1/outlets/%E5%BA%97", "outlet_id"),
    ] {
        let got = caller.get(path).await;
        got.refused(400, "invalid_parameter");
        assert_eq!(got.errors()[0].0, parameter, "{path}");
    }
    for id in [
        "1",
        "94650000000010",
        "9465000000000",
        "-465000000001",
        "99999999999999999999",
    ] {
        let got = caller.get(&format!("/v1/applications/{id}")).await;
        got.refused(404, "application_not_found");
    }
}

#[tokio::test]
async fn absurd_dates_are_told_and_harmless() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    for date in [
        "0000-00-00",
        "2026-02-30",
        "2025-02-29",
        "10000-01-01",
        "-0001-01-01",
        "20260301",
        "2026-3-1",
        "2026-03-01T00:00:00Z",
        "٢٠٢٦-٠٣-٠١",
        "",
    ] {
        let mut body = registration(1);
        body["vehicle"]["manufactured_on"] = json!(date);
        let got = caller.post("/v1/registrations", &body).await;
        got.refused(422, "validation_failed");
        assert_eq!(
            got.errors(),
            [("/vehicle/manufactured_on".into(), "wrong_format".into())],
            "{date}"
        );
    }
    for date in ["0000-01-01", "0001-01-01", "9999-12-31"] {
        let mut body = registration(1);
        for (parent, member) in [
            ("/vehicle", "manufactured_on"),
            ("/origin_proof/invoice", "issued_on"),
            ("/conformity_certificate", "issued_on"),
            ("/compulsory_insurance", "valid_from"),
            ("/compulsory_insurance", "valid_until"),
        ] {
            body.pointer_mut(parent).expect("a member")[member] = json!(date);
        }
        let got = caller.post("/v1/registrations", &body).await;
        got.refused(422, "validation_failed");
    }
    for (instant, status) in [
        ("9999-12-31T23:59:59Z", 200),
        ("0001-01-01T00:00:00Z", 200),
        ("2026-03-02T09:00:00%2B08:00", 200),
        ("2026-03-02", 400),
        ("2026-03-02T09Z", 400),
        ("2026-03-02+09:00:00Z", 400),
        ("2026-13-02T09:00:00Z", 400),
        ("99999-01-01T00:00:00Z", 400),
        ("now", 400),
    ] {
        for name in ["created_from", "created_before"] {
            let got = caller
                .get(&format!("/v1/applications?{name}={instant}"))
                .await;
            assert_eq!(got.status, status, "{name}={instant}: {}", got.text());
        }
    }
}

#[tokio::test]
async fn letters_of_every_plane_are_letters() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let mut body = registration(1);
    // A surname of plane 2.
    body["owner"]["name"] = json!("𠮷野测");
    body["vehicle"]["brand"] = json!("示例🚗");
    caller.post("/v1/registrations", &body).await.ok(201);
    let mut body = registration(2);
    body["partner_reference"] = json!("DMS-🚗");
    body["operator_id"] = json!("a\u{0}b");
    body["owner"]["name"] = json!("张\u{0}测");
    let got = caller.post("/v1/registrations", &body).await;
    got.refused(422, "validation_failed");
    let places: Vec<String> = got.errors().into_iter().map(|(place, _)| place).collect();
    assert_eq!(
        places,
        ["/operator_id", "/owner/name", "/partner_reference"]
    );
}

#[tokio::test]
async fn what_no_parser_likes_gets_an_answer() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let nested =
        |depth: usize| format!("{{\"vehicle\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    let bodies: [(Vec<u8>, u16); 12] = [
        (b"\0".to_vec(), 400),
        (b"{\"operator_id\":\"a\0b\"}".to_vec(), 400),
        (b"\xff\xfe{\0}\0".to_vec(), 400),
        (b"\xef\xbb\xbf{}".to_vec(), 400),
        (b"{\"operator_id\":\"\xff\"}".to_vec(), 400),
        (b"{\"operator_id\":\"\\ud800\"}".to_vec(), 400),
        (b"{\"vehicle\":{\"seats\":1e999}}".to_vec(), 400),
        (b"{\"vehicle\":{\"seats\":NaN}}".to_vec(), 400),
        (nested(100).into_bytes(), 422),
        (nested(200).into_bytes(), 400),
        (nested(500_000).into_bytes(), 400),
        (b"[".repeat(1_000_000), 400),
    ];
    for (body, status) in bodies {
        let start = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        let got = caller.post_text("/v1/registrations", body).await;
        assert_eq!(got.status, status, "{start:?}: {}", got.text());
        assert!(!got.json()["errors"].as_array().expect("errors").is_empty());
    }
    // It is still there.
    caller
        .post("/v1/registrations", &registration(1))
        .await
        .ok(201);
}

#[tokio::test]
async fn every_member_spoilt_in_turn_is_told_at_its_place() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let mut places = Vec::new();
    leaves(&registration(1), String::new(), &mut places);
    assert!(places.len() > 40);
    for place in places {
        for spoilt in [json!({"not": "this"}), Value::Null] {
            let mut body = registration(1);
            *body.pointer_mut(&place).expect("a member") = spoilt;
            let got = caller.post("/v1/registrations", &body).await;
            got.refused(422, "validation_failed");
            assert!(
                got.errors().iter().any(|(told, _)| *told == place),
                "{place}: {}",
                got.text()
            );
        }
    }
}

fn leaves(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                leaves(member, format!("{place}/{name}"), places);
            }
        }
        _ => places.push(place),
    }
}

#[tokio::test]
async fn health_and_document_are_open_to_all() {
    let sandbox = sandbox().await;
    let stranger = sandbox.stranger();
    assert_eq!(
        stranger.get("/healthz").await.ok(200),
        json!({"status": "ok"})
    );
    let served = stranger.get("/openapi.json").await.ok(200);
    assert_eq!(served, lingminban_openapi::document());
    let catalogue = stranger.get("/sandbox/v1/catalogue").await.ok(200);
    assert!(
        catalogue["items"]
            .as_array()
            .is_some_and(|items| items.len() > 15)
    );
}

#[tokio::test]
async fn the_document_names_the_address_others_reach_it_under() {
    let url = "https://sandbox.example:8443/lingminban";
    let options = lingminban_sandbox::Options {
        public_url: Some(url.to_owned()),
        ..lingminban_sandbox::Options::default()
    };
    let sandbox = lingminban_sandbox::Sandbox::start_with(options)
        .await
        .expect("a port");
    let served = Caller::stranger(sandbox.base_url())
        .get("/openapi.json")
        .await
        .ok(200);
    assert_eq!(served["servers"][0]["url"], url);
}

/// What a page makes a browser load: the values of `src` and `href`.
fn loaded(html: &str) -> Vec<&str> {
    let values = ["src=\"", "href=\""].into_iter().flat_map(|attribute| {
        let parts = html.split(attribute).skip(1);
        parts.filter_map(|rest| rest.split('"').next())
    });
    values.collect()
}

#[tokio::test]
async fn the_pages_for_people_need_no_other_host() {
    let sandbox = sandbox().await;
    let stranger = sandbox.stranger();
    let moved = stranger.get("/docs").await;
    assert_eq!(
        (moved.status, moved.header("location")),
        (303, Some("/docs/"))
    );
    let page = stranger.get("/docs/").await;
    assert_eq!(page.status, 200);
    assert!(
        page.header("content-type")
            .expect("a type")
            .starts_with("text/html")
    );
    let html = page.text();
    let files = loaded(&html);
    assert!(files.len() >= 3, "{html}");
    for file in files {
        assert!(!file.contains("//"), "{file} is elsewhere");
        let got = stranger
            .get(&format!("/docs/{}", file.trim_start_matches("./")))
            .await;
        assert_eq!(got.status, 200, "{file}");
        assert!(!got.bytes.is_empty(), "{file}");
    }
    let start = stranger.get("/docs/swagger-initializer.js").await.text();
    assert!(start.contains("/openapi.json"), "{start}");
    // Neither a validator's badge nor a petstore.
    assert!(
        !start.contains("http://") && !start.contains("https://"),
        "{start}"
    );
    let nothing = stranger.get("/docs/nothing.js").await;
    nothing.refused(404, "unknown_path");
    for page in ["/docs/", "/healthz", "/openapi.json"] {
        let got = stranger.send(stranger.request(Method::POST, page)).await;
        got.refused(405, "method_not_allowed");
    }
}

#[tokio::test]
async fn a_space_limits_requests_only_if_told_to() {
    let limit = lingminban_sandbox::RateLimit {
        requests: 3,
        seconds: 60,
    };
    let settings = Settings {
        rate_limit: Some(limit),
        ..Settings::default()
    };
    let sandbox = sandbox_with(settings).await;
    let caller = sandbox.caller(DEALER).await;
    let other = sandbox.caller(OutletKind::Bank).await;
    sandbox.clock().advance(Duration::from_secs(20));
    for _ in 0..3 {
        caller.get("/v1/outlets").await.ok(200);
    }
    let got = caller.post("/v1/registrations", &registration(1)).await;
    got.refused(429, "rate_limited");
    assert_eq!(got.header("retry-after"), Some("40"));
    other.get("/v1/outlets").await.ok(200);
    sandbox.clock().advance(Duration::from_secs(39));
    assert_eq!(
        caller.get("/v1/outlets").await.header("retry-after"),
        Some("1")
    );
    sandbox.clock().advance(Duration::from_secs(1));
    caller
        .post("/v1/registrations", &registration(1))
        .await
        .ok(201);
}
