//! 一次告知: one answer names everything that is wrong, in the words of whoever asks.

use lingminban::api::{OperatorFilter, OperatorState, OutletKind};
use serde_json::{Value, json};

use crate::support::{Got, errors, filings, registration, sandbox, transfer, vin};

const REGISTRATIONS: &str = "/v1/registrations";

fn remove(value: &mut Value, member: &str) {
    value
        .as_object_mut()
        .expect("an object")
        .remove(member)
        .expect("was there");
}

#[tokio::test]
async fn what_is_not_json_is_told_with_line_and_column() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    for (text, place) in [
        (
            "{\"operator_id\": \"a\",\n  \"owner\": }",
            "line 2, column 12",
        ),
        ("", "line 1, column 0"),
        ("{} {}", "line 1, column 4"),
        ("{\n\n\"a\": 01}", "line 3, column 7"),
    ] {
        let got = caller.post_text(REGISTRATIONS, text).await;
        got.refused(400, "malformed_json");
        assert_eq!(got.errors(), errors(&[("", "malformed_json")]), "{text:?}");
        let told = got.json()["errors"][0]["message"].to_string();
        assert!(told.contains(place), "{text:?}: {told}");
    }
}

#[tokio::test]
async fn schema_identifiers_and_rules_are_told_together_in_the_order_of_their_places() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    let mut body = registration(1);
    // Schema: type, list, range, missing, unknown.
    body["vehicle"]["seats"] = json!("five");
    body["vehicle"]["color"] = json!("invisible");
    body["vehicle"]["length_mm"] = json!(0);
    remove(&mut body["vehicle"], "engine_number");
    body["vehicle"]["wings"] = json!(2);
    // Identifiers: a wrong check symbol, no such day.
    body["owner"]["identity_number"] = json!("370399199003070017");
    body["origin_proof"]["invoice"]["issued_on"] = json!("2026-02-30");
    // Rules: another vehicle's policy that has ended, proof of the wrong origin.
    body["compulsory_insurance"]["vin"] = json!(vin(2));
    body["compulsory_insurance"]["valid_from"] = json!("2025-02-01");
    body["compulsory_insurance"]["valid_until"] = json!("2026-01-31");
    remove(&mut body, "conformity_certificate");
    let got = caller.post(REGISTRATIONS, &body).await;
    got.refused(422, "validation_failed");
    assert_eq!(
        got.errors(),
        errors(&[
            ("/compulsory_insurance/valid_until", "insurance_expired"),
            ("/compulsory_insurance/vin", "vin_mismatch"),
            ("/conformity_certificate", "conformity_certificate_missing"),
            ("/origin_proof/invoice/issued_on", "wrong_format"),
            ("/owner/identity_number", "check_digit"),
            ("/vehicle/color", "not_in_list"),
            ("/vehicle/engine_number", "required"),
            ("/vehicle/length_mm", "out_of_range"),
            ("/vehicle/seats", "wrong_type"),
            ("/vehicle/wings", "unknown_member"),
        ])
    );
}

#[tokio::test]
async fn a_rule_says_nothing_of_what_it_could_not_read() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    let mut body = registration(1);
    body["vehicle"]["vin"] = json!("NOT A VIN");
    body["compulsory_insurance"]["valid_until"] = json!("yesterday");
    let places: Vec<String> = caller
        .post(REGISTRATIONS, &body)
        .await
        .errors()
        .into_iter()
        .map(|(place, _)| place)
        .collect();
    assert_eq!(
        places,
        ["/compulsory_insurance/valid_until", "/vehicle/vin"]
    );
}

#[tokio::test]
async fn everything_missing_is_named_by_its_own_pointer() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    let document = lingminban_openapi::document();
    for (_, path, _) in filings() {
        let post = &document["paths"][path]["post"];
        let schema = &post["requestBody"]["content"]["application/json"]["schema"];
        let named = schema["$ref"].as_str().and_then(|to| to.strip_prefix('#'));
        let schema = document.pointer(named.expect("a schema of the document"));
        let schema = schema.expect("a reference leads somewhere");
        let mut required: Vec<String> = schema["required"]
            .as_array()
            .expect("required members")
            .iter()
            .map(|name| format!("/{}", name.as_str().expect("a name")))
            .collect();
        required.sort();
        let got = caller.post(path, &json!({})).await;
        let told: Vec<String> = got.errors().into_iter().map(|(place, _)| place).collect();
        assert_eq!(told, required, "{path}");
        assert!(
            got.errors().iter().all(|(_, code)| code == "required"),
            "{}",
            got.text()
        );
    }
}

#[tokio::test]
async fn unknown_and_repeated_members_are_told_wherever_they_stand() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    let mut body = registration(1);
    body["a/b~c"] = json!(1);
    body["owner"]["address"]["planet"] = json!("Earth");
    let text = body.to_string();
    let seats = "\"seats\":5";
    assert_eq!(text.matches(seats).count(), 1);
    let repeated = text.replace(seats, "\"seats\":5,\"seats\":5");
    let got = caller.post_text(REGISTRATIONS, repeated).await;
    got.refused(422, "validation_failed");
    assert_eq!(
        got.errors(),
        errors(&[
            ("/a~1b~0c", "unknown_member"),
            ("/owner/address/planet", "unknown_member"),
            ("/vehicle/seats", "duplicate_member"),
        ])
    );
}

#[tokio::test]
async fn null_and_the_wrong_kind_of_value_are_no_way_around() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    let mut body = registration(1);
    body["agent"] = Value::Null;
    body["owner"] = json!([]);
    body["plate_choice"]["method"] = json!({"random": null});
    body["vehicle"]["power_kw"] = json!(118.5);
    let got = caller.post(REGISTRATIONS, &body).await;
    let places: Vec<String> = got.errors().into_iter().map(|(place, _)| place).collect();
    assert_eq!(
        places,
        [
            "/agent",
            "/owner",
            "/plate_choice/method",
            "/vehicle/power_kw"
        ]
    );
    for whole in ["null", "[]", "\"text\"", "1", "true"] {
        let got = caller.post_text(REGISTRATIONS, whole).await;
        got.refused(422, "validation_failed");
        assert_eq!(got.errors(), errors(&[("", "wrong_type")]), "{whole}");
    }
}

#[tokio::test]
async fn it_speaks_chinese_unless_english_is_preferred() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    let mut body = registration(1);
    body["compulsory_insurance"]["vin"] = json!(vin(2));
    body["owner"]["identity_number"] = json!("370399199003070017");
    body["vehicle"]["seats"] = json!("five");
    let told_in = async |language: Option<&str>| -> Vec<String> {
        let request = caller.request(http::Method::POST, REGISTRATIONS);
        let mut request = request
            .header("Idempotency-Key", "any-key-will-do")
            .json(&body);
        if let Some(language) = language {
            request = request.header("Accept-Language", language);
        }
        let problem = caller.send(request).await.json();
        let errors = problem["errors"].as_array().expect("errors").iter();
        let mut texts: Vec<String> = errors.map(|error| error["message"].to_string()).collect();
        assert_eq!(texts.len(), 3);
        texts.push(problem["title"].to_string());
        texts.push(problem["detail"].to_string());
        texts
    };
    let is_han = |text: &String| {
        text.chars()
            .any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter))
    };
    for language in [None, Some("zh-CN"), Some("fr"), Some("zh;q=0.9, en;q=0.8")] {
        let told = told_in(language).await;
        assert!(told.iter().all(is_han), "{language:?}: {told:?}");
    }
    for language in ["en", "en-GB, zh;q=0.5"] {
        let told = told_in(Some(language)).await;
        assert!(!told.iter().any(is_han), "{language}: {told:?}");
    }
}

#[tokio::test]
async fn what_the_law_finds_names_its_article_and_what_the_schema_finds_none() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    let mut body = registration(1);
    body["compulsory_insurance"]["vin"] = json!(vin(2));
    body["origin_proof"]["invoice"]["issued_on"] = json!("2026-03-03");
    body["owner"]["identity_number"] = json!("370399199003070017");
    body["vehicle"]["wings"] = json!(2);
    let got = caller.post(REGISTRATIONS, &body).await;
    let problem = got.json();
    let rules: Vec<(&str, Option<&str>)> = problem["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| {
            (
                error["code"].as_str().expect("a code"),
                error["rule"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        rules,
        [
            ("vin_mismatch", Some("R164 Art 15(3)")),
            ("date_in_future", Some("R164 Art 15(1)")),
            ("check_digit", Some("GB 11643-1999")),
            ("unknown_member", None),
        ]
    );
}

#[tokio::test]
async fn every_vin_in_a_body_is_the_vehicle_s() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    let mut body = registration(1);
    for paper in [
        "/origin_proof/invoice",
        "/conformity_certificate",
        "/compulsory_insurance",
    ] {
        body.pointer_mut(paper).expect("a paper")["vin"] = json!(vin(2));
    }
    assert_eq!(
        caller.post(REGISTRATIONS, &body).await.errors(),
        errors(&[
            ("/compulsory_insurance/vin", "vin_mismatch"),
            ("/conformity_certificate/vin", "vin_mismatch"),
            ("/origin_proof/invoice/vin", "vin_mismatch"),
        ])
    );
    let mut sale = transfer();
    sale["transfer_proof"]["invoice"]["vin"] = json!(vin(2));
    let market = sandbox.caller(OutletKind::UsedCarMarket).await;
    assert_eq!(
        market.post("/v1/transfers", &sale).await.errors(),
        errors(&[("/transfer_proof/invoice/vin", "vin_mismatch")])
    );
}

#[tokio::test]
async fn a_wrong_check_digit_is_an_error_for_domestic_vehicles_only() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    let mut body = registration(1);
    let right = vin(1).to_string();
    let digit = if right.as_bytes()[8] == b'0' {
        '1'
    } else {
        '0'
    };
    let wrong: String = right
        .chars()
        .enumerate()
        .map(|(at, letter)| if at == 8 { digit } else { letter })
        .collect();
    let text = body.to_string().replace(&right, &wrong);
    let got = caller.post_text(REGISTRATIONS, text.clone()).await;
    assert_eq!(got.errors().len(), 1, "{}", got.text());
    assert_eq!(got.errors()[0].0, "/vehicle/vin");
    body = serde_json::from_str(&text).expect("JSON");
    body["vehicle"]["origin"] = json!("imported");
    remove(&mut body, "conformity_certificate");
    body["import_proof"] = json!({
        "number": "420260000123456", "vin": wrong, "imported_on": "2026-02-01",
    });
    caller.post(REGISTRATIONS, &body).await.ok(201);
}

fn with_operator(operator: &str) -> Value {
    let mut body = registration(1);
    body["operator_id"] = json!(operator);
    body
}

fn forbidden(got: &Got, expected: &[(&str, &str)]) {
    got.refused(403, expected[0].1);
    let mut found = got.errors();
    found.sort();
    let mut expected = errors(expected);
    expected.sort();
    assert_eq!(found, expected);
    let problem = got.json();
    for error in problem["errors"].as_array().expect("errors") {
        assert_eq!(error["rule"], "R164 Art 69", "{error}");
    }
}

#[tokio::test]
async fn only_dealers_register_unless_an_outlet_was_granted_it() {
    let sandbox = sandbox().await;
    for kind in [
        OutletKind::UsedCarMarket,
        OutletKind::InspectionStation,
        OutletKind::Bank,
        OutletKind::Insurer,
        OutletKind::PostOffice,
        OutletKind::Other,
    ] {
        let caller = sandbox.caller(kind).await;
        let body = with_operator(&sandbox.operator(kind));
        forbidden(
            &caller.post(REGISTRATIONS, &body).await,
            &[("Authorization", "service_not_entrusted")],
        );
    }
    let station = sandbox.caller_of("zb-station-2").await;
    station
        .post(REGISTRATIONS, &with_operator("zb-station-002-op1"))
        .await
        .ok(201);
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    let mut sale = transfer();
    sale["operator_id"] = json!(sandbox.operator(OutletKind::Dealer));
    forbidden(
        &dealer.post("/v1/transfers", &sale).await,
        &[("Authorization", "service_not_entrusted")],
    );
    // The cheapest way in: a number drawn for a service one does not have.
    let bank = sandbox.caller(OutletKind::Bank).await;
    let drawn = bank
        .post("/v1/plate-draws", &json!({"plate_kind": "02"}))
        .await;
    drawn.refused(403, "service_not_entrusted");
}

#[tokio::test]
async fn only_an_assessed_operator_of_the_outlet_files() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    let operators = sandbox
        .sdk(OutletKind::Dealer)
        .list_operators(OperatorFilter::default())
        .try_collect()
        .await
        .expect("own");
    let in_state = |state: OperatorState| {
        let found = operators.iter().find(|operator| operator.state == state);
        found.expect("every outlet has one").operator_id.to_string()
    };
    let place = "/operator_id";
    for (operator, code) in [
        (
            in_state(OperatorState::NotAssessed),
            "operator_not_assessed",
        ),
        (
            in_state(OperatorState::Lapsed),
            "operator_certificate_lapsed",
        ),
        ("zb-dealer-005-op1".to_owned(), "operator_not_of_outlet"),
        ("nobody".to_owned(), "operator_not_of_outlet"),
    ] {
        let got = caller.post(REGISTRATIONS, &with_operator(&operator)).await;
        forbidden(&got, &[(place, code)]);
    }
    caller
        .post(
            REGISTRATIONS,
            &with_operator(&in_state(OperatorState::Certified)),
        )
        .await
        .ok(201);
}

#[tokio::test]
async fn a_certificate_lapses_with_the_space_s_clock() {
    let sandbox =
        crate::support::sandbox_at(lingminban_sandbox::Pace::Quick, "2027-12-31T23:59:59+08:00")
            .await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    let mut body = registration(1);
    body["compulsory_insurance"]["valid_from"] = json!("2027-12-01");
    body["compulsory_insurance"]["valid_until"] = json!("2028-11-30");
    let dry = "/v1/registrations?validate_only=true";
    caller.post(dry, &body).await.ok(200);
    sandbox.clock().advance(std::time::Duration::from_secs(1));
    let got = caller.post(dry, &body).await;
    forbidden(&got, &[("/operator_id", "operator_certificate_lapsed")]);
}

#[tokio::test]
async fn every_reason_against_an_authority_is_told_at_once() {
    let sandbox = sandbox().await;
    let bank = sandbox.caller(OutletKind::Bank).await;
    let mut bus = with_operator("zb-dealer-001-op3");
    bus["vehicle"]["vehicle_type"] = json!("K11");
    forbidden(
        &bank.post(REGISTRATIONS, &bus).await,
        &[
            ("Authorization", "service_not_entrusted"),
            ("/operator_id", "operator_not_of_outlet"),
            ("/vehicle/vehicle_type", "vehicle_class_not_entrusted"),
        ],
    );
    // A class that is not entrusted: a use, a truck, a motorcycle.
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    for (vehicle_type, use_character, blamed) in [
        ("K33", "taxi", "/vehicle/use_character"),
        ("H31", "non_operating", "/vehicle/vehicle_type"),
        ("M21", "non_operating", "/vehicle/vehicle_type"),
    ] {
        let mut body = registration(1);
        body["vehicle"]["vehicle_type"] = json!(vehicle_type);
        body["vehicle"]["use_character"] = json!(use_character);
        let got = dealer.post(REGISTRATIONS, &body).await;
        forbidden(&got, &[(blamed, "vehicle_class_not_entrusted")]);
    }
}

#[tokio::test]
async fn the_dealer_with_three_outlets_names_one_and_files_through_each() {
    let sandbox = sandbox().await;
    let chain = sandbox.caller_of("zb-dealer-2").await;
    let through = |number: u32, outlet: Option<&str>, operator: &str| {
        let mut body = registration(number);
        body["operator_id"] = json!(operator);
        if let Some(outlet) = outlet {
            body["outlet_id"] = json!(outlet);
        }
        body
    };
    let unnamed = chain
        .post(REGISTRATIONS, &through(1, None, "zb-dealer-003-op1"))
        .await;
    unnamed.refused(422, "validation_failed");
    assert_eq!(unnamed.errors(), errors(&[("/outlet_id", "required")]));
    for (number, outlet) in [
        (1, "zb-dealer-002"),
        (2, "zb-dealer-003"),
        (3, "zb-dealer-004"),
    ] {
        let body = through(number, Some(outlet), &format!("{outlet}-op1"));
        let filed = chain.post(REGISTRATIONS, &body).await.ok(201);
        assert_eq!(filed["outlet_id"], outlet);
    }
    let foreign = chain
        .post(
            REGISTRATIONS,
            &through(4, Some("zb-dealer-001"), "zb-dealer-001-op1"),
        )
        .await;
    foreign.refused(403, "outlet_not_of_partner");
    assert_eq!(
        foreign.errors(),
        errors(&[("/outlet_id", "outlet_not_of_partner")])
    );
    let crossed = chain
        .post(
            REGISTRATIONS,
            &through(4, Some("zb-dealer-002"), "zb-dealer-003-op1"),
        )
        .await;
    forbidden(&crossed, &[("/operator_id", "operator_not_of_outlet")]);
    let unnamed = chain
        .post("/v1/plate-draws", &json!({"plate_kind": "02"}))
        .await;
    assert_eq!(unnamed.errors(), errors(&[("/outlet_id", "required")]));
    let named = json!({"plate_kind": "02", "outlet_id": "zb-dealer-003"});
    chain.post("/v1/plate-draws", &named).await.ok(201);
    // A single outlet may be named as well.
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    dealer
        .post(
            REGISTRATIONS,
            &through(4, Some("zb-dealer-001"), "zb-dealer-001-op1"),
        )
        .await
        .ok(201);
}

#[tokio::test]
async fn numbers_are_drawn_for_entrusted_kinds_only() {
    let sandbox = sandbox().await;
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    for kind in ["01", "07", "51"] {
        let got = dealer
            .post("/v1/plate-draws", &json!({"plate_kind": kind}))
            .await;
        got.refused(403, "vehicle_class_not_entrusted");
    }
    let got = dealer
        .post("/v1/plate-draws", &json!({"plate_kind": "2"}))
        .await;
    assert_eq!(got.errors(), errors(&[("/plate_kind", "not_in_list")]));
}

#[tokio::test]
async fn another_partner_s_application_does_not_exist() {
    let sandbox = sandbox().await;
    let owner = sandbox.caller(OutletKind::Dealer).await;
    let stranger = sandbox.caller_of("zb-dealer-2").await;
    let filed = owner.post(REGISTRATIONS, &registration(1)).await.ok(201);
    let id = filed["application_id"].as_str().expect("an id");
    let one = format!("/v1/applications/{id}");
    let nobody = "/v1/applications/9465999999999";
    for below in ["", "/timeline", "/materials"] {
        owner.get(&format!("{one}{below}")).await.ok(200);
        let theirs = stranger.get(&format!("{one}{below}")).await;
        theirs.refused(404, "application_not_found");
        let none = stranger.get(&format!("{nobody}{below}")).await;
        assert_eq!(
            theirs.errors(),
            none.errors(),
            "nothing tells the two apart"
        );
        assert_eq!(theirs.json()["detail"], none.json()["detail"]);
    }
    for below in ["/submission", "/supplements", "/withdrawal"] {
        stranger
            .post(&format!("{one}{below}"), &json!({}))
            .await
            .refused(404, "application_not_found");
    }
    let scan = stranger
        .request(http::Method::PUT, &format!("{one}/materials/origin_proof"))
        .header("Content-Type", "application/pdf")
        .body("scan");
    stranger
        .send(scan)
        .await
        .refused(404, "application_not_found");
}
