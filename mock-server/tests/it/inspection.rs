//! 检验周期预测: the platform answers what the SDK computes, and names what contradicts itself.

use std::time::Duration;

use http::{HeaderMap, Method};
use lingminban::{
    api::{ForecastInspections, InspectionForecast, InspectionForecastRequest, OutletKind},
    codes::{UseCharacter, VehicleType},
};
use lingminban_sandbox::server::{Answer, Call};
use serde_json::{Value, json};

use crate::support::{Caller, Got, decoded, example, sandbox};

const FORECASTS: &str = "/v1/inspection-forecasts";

/// Asks as partners do: without a key.
async fn ask(caller: &Caller, body: &Value) -> Got {
    caller
        .send(caller.request(Method::POST, FORECASTS).json(body))
        .await
}

fn sedan(first_registered_on: &str) -> Value {
    let mut body = example::<ForecastInspections>("standard");
    body["first_registered_on"] = json!(first_registered_on);
    body
}

fn with(mut body: Value, members: &[(&str, Value)]) -> Value {
    for (name, value) in members {
        body[*name] = value.clone();
    }
    body
}

/// A vehicle of the class a worked example names.
fn vehicle_of(case: &Value) -> (&'static str, &'static str) {
    match case["vehicle_class"].as_str().expect("a class") {
        "P" => ("K33", "non_operating"),
        "V" => ("K39", "non_operating"),
        "MC" => ("M21", "non_operating"),
        "OP" => ("K33", "taxi"),
        "TR" if case["seats"] == 40 => ("K11", "non_operating"),
        "TR" => ("H31", "freight"),
        "SB" => ("K18", "primary_school_bus"),
        other => panic!("unknown class {other}"),
    }
}

#[tokio::test]
async fn the_worked_examples_come_out_as_listed() {
    let sandbox = sandbox().await;
    let station = sandbox.caller(OutletKind::InspectionStation).await;
    let text = include_str!("../../../sdk/tests/data/inspection_vectors.json");
    let cases: Vec<Value> = serde_json::from_str(text).expect("JSON");
    assert_eq!(cases.len(), 11);
    for case in cases {
        let (vehicle_type, use_character) = vehicle_of(&case);
        let mut body = json!({
            "vehicle_type": vehicle_type,
            "use_character": use_character,
            "seats": case["seats"],
            "first_registered_on": case["first_registered"],
            "years": case["years"],
        });
        if case["old_cycle_from"].is_string() {
            body["old_cycle_from"] = case["old_cycle_from"].clone();
        }
        let told = ask(&station, &body).await.ok(200);
        let items = told["items"].as_array().expect("a list");
        let dues: Vec<Value> = items
            .iter()
            .map(|item| json!({ "date": item["due_on"], "kind": item["kind"] }))
            .collect();
        assert_eq!(json!(dues), case["due"], "{}", case["case"]);
    }
}

#[tokio::test]
async fn every_kind_of_outlet_is_told_the_same_at_any_time() {
    let sandbox = sandbox().await;
    let body = example::<ForecastInspections>("old_cycle");
    let expected = InspectionForecast::of(&decoded(body.clone()));
    for kind in OutletKind::ALL {
        let Some(credential) = sandbox.credential(*kind) else {
            continue;
        };
        let caller = Caller::of(sandbox.base_url(), &credential).await;
        let told: InspectionForecast = decoded(ask(&caller, &body).await.ok(200));
        assert_eq!(told, expected, "{kind}");
        sandbox.clock().advance(Duration::from_secs(400 * 86_400));
    }
    let request: InspectionForecastRequest = decoded(body.clone());
    let bank = sandbox.sdk(OutletKind::Bank);
    assert_eq!(bank.forecast_inspections(&request).await.unwrap(), expected);
    // The key that nobody asks for binds nothing.
    let bank = sandbox.caller(OutletKind::Bank).await;
    bank.post_keyed(FORECASTS, "one-key-for-all", &body)
        .await
        .ok(200);
    let other = sedan("2020-01-01");
    bank.post_keyed(FORECASTS, "one-key-for-all", &other)
        .await
        .ok(200);
}

#[tokio::test]
async fn of_every_vehicle_the_answer_is_the_offline_one() {
    let sandbox = sandbox().await;
    let station = sandbox.caller(OutletKind::InspectionStation).await;
    let mut headers = HeaderMap::new();
    let bearer = format!("Bearer {}", station.bearer());
    headers.insert("authorization", bearer.parse().unwrap());
    headers.insert("content-type", "application/json".parse().unwrap());
    let asked = VehicleType::ALL
        .iter()
        .flat_map(|vehicle| UseCharacter::ALL.iter().map(move |used| (vehicle, used)));
    for (number, (vehicle_type, use_character)) in asked.enumerate() {
        let body = with(
            sedan(["1998-02-28", "2013-12-05", "2027-10-31"][number % 3]),
            &[
                ("vehicle_type", json!(vehicle_type)),
                ("use_character", json!(use_character)),
                ("seats", json!([2, 5, 7, 9, 10, 45][number % 6])),
                ("years", json!(number % 50 + 1)),
            ],
        );
        let text = body.to_string();
        // With no network between: there are thousands.
        let call = Call {
            method: &Method::POST,
            path: FORECASTS,
            query: None,
            headers: &headers,
            body: text.as_bytes(),
        };
        let reply = sandbox.engine().answer(&call).unwrap();
        let told: Value = serde_json::from_slice(&reply.body).unwrap();
        let offline = InspectionForecast::of(&decoded(body));
        assert_eq!(told, json!(offline), "{text}");
    }
}

#[tokio::test]
async fn a_forecast_goes_on_to_the_ends_of_the_calendar() {
    let sandbox = sandbox().await;
    let station = sandbox.caller(OutletKind::InspectionStation).await;
    let taxi = |registered: &str| {
        let changes = [
            ("use_character", json!("taxi")),
            ("old_cycle_from", json!("9999-12-31")),
            ("years", json!(50)),
        ];
        with(sedan(registered), &changes)
    };
    let dues = async |registered: &str| {
        let told = ask(&station, &taxi(registered)).await.ok(200);
        told["items"].as_array().expect("a list").len()
    };
    assert_eq!(dues("9999-12-31").await, 0);
    assert_eq!(dues("9999-06-30").await, 0);
    assert_eq!(dues("9998-01-01").await, 1);
    // Yearly for five years, half-yearly for the others.
    assert_eq!(dues("1901-01-01").await, 5 + 2 * 45);
}

#[tokio::test]
async fn every_fault_has_its_place() {
    let sandbox = sandbox().await;
    let station = sandbox.caller(OutletKind::InspectionStation).await;
    let registered = "2020-04-20";
    let refusals: [(&str, Value, &str); 23] = [
        ("vehicle_type", json!("K99"), "not_in_list"),
        ("vehicle_type", json!(33), "wrong_type"),
        ("use_character", json!("A"), "not_in_list"),
        ("seats", json!(0), "seats_not_of_class"),
        ("seats", json!(-1), "out_of_range"),
        ("seats", json!(201), "out_of_range"),
        ("seats", json!(4.5), "wrong_type"),
        ("years", json!(0), "out_of_range"),
        ("years", json!(51), "out_of_range"),
        ("years", json!(-1), "out_of_range"),
        ("years", json!("20"), "wrong_type"),
        ("first_registered_on", json!("2020-02-30"), "wrong_format"),
        ("first_registered_on", json!("2020-4-20"), "wrong_format"),
        ("first_registered_on", json!("10000-01-01"), "wrong_format"),
        ("first_registered_on", json!("1900-12-31"), "out_of_range"),
        ("first_registered_on", json!("0000-01-01"), "out_of_range"),
        ("manufactured_on", Value::Null, "wrong_type"),
        ("manufactured_on", json!("2020-04-21"), "dates_out_of_order"),
        ("manufactured_on", json!("0202-04-01"), "out_of_range"),
        ("old_cycle_from", Value::Null, "wrong_type"),
        ("old_cycle_from", json!("2020-04-19"), "dates_out_of_order"),
        ("old_cycle_from", json!(""), "wrong_format"),
        ("plate_number", json!("鲁C12345"), "unknown_member"),
    ];
    for (member, value, code) in refusals {
        let body = with(sedan(registered), &[(member, value.clone())]);
        let got = ask(&station, &body).await;
        got.refused(422, "validation_failed");
        let expected = [(format!("/{member}"), code.to_owned())];
        assert_eq!(got.errors(), expected, "{member} {value}");
    }
    for member in sedan(registered).as_object().expect("members").keys() {
        let mut body = sedan(registered);
        body.as_object_mut().expect("members").remove(member);
        let got = ask(&station, &body).await;
        got.refused(422, "validation_failed");
        assert_eq!(
            got.errors(),
            [(format!("/{member}"), "required".to_owned())]
        );
    }
    // What is on the day itself is in order.
    let same_day = [
        ("manufactured_on", json!(registered)),
        ("old_cycle_from", json!(registered)),
    ];
    let body = with(sedan(registered), &same_day);
    ask(&station, &body).await.ok(200);
}

/// 挂车: yearly, and without a number of seats that is not true.
#[tokio::test]
async fn a_trailer_has_no_seats() {
    let sandbox = sandbox().await;
    let station = sandbox.caller(OutletKind::InspectionStation).await;
    for vehicle_type in ["B11", "G11"] {
        let members = [
            ("vehicle_type", json!(vehicle_type)),
            ("use_character", json!("freight")),
            ("seats", json!(0)),
            ("years", json!(12)),
        ];
        let body = with(sedan("2020-04-20"), &members);
        let told = ask(&station, &body).await.ok(200);
        assert_eq!(told["items"].as_array().expect("a list").len(), 12);
        let offline = InspectionForecast::of(&decoded(body));
        assert_eq!(told, json!(offline), "{vehicle_type}");
    }
}

#[tokio::test]
async fn form_and_dates_are_told_together_in_either_language() {
    let sandbox = sandbox().await;
    let station = sandbox.caller(OutletKind::InspectionStation).await;
    let wrong = [
        ("manufactured_on", json!("2021-01-01")),
        ("old_cycle_from", json!("1899-01-01")),
        ("seats", json!(0)),
        ("years", json!(99)),
    ];
    let body = with(sedan("2020-04-20"), &wrong);
    let told = async |language: &str| {
        let request = station.request(Method::POST, FORECASTS).json(&body);
        let got = station
            .send(request.header("Accept-Language", language))
            .await;
        got.refused(422, "validation_failed");
        let places: Vec<String> = got.errors().into_iter().map(|(place, _)| place).collect();
        assert_eq!(
            places,
            ["/manufactured_on", "/old_cycle_from", "/seats", "/years"]
        );
        let problem = got.json();
        let manufactured = &problem["errors"][0];
        assert!(manufactured.get("rule").is_none(), "{manufactured}");
        manufactured["message"].as_str().expect("text").to_owned()
    };
    assert_eq!(
        told("zh").await,
        "日期先后顺序不对；请核对 (≤ /first_registered_on)"
    );
    assert_eq!(
        told("en").await,
        "The dates are in the wrong order; check them. (≤ /first_registered_on)"
    );
}

#[tokio::test]
async fn who_may_not_read_vehicles_is_told_no_forecast() {
    let sandbox = sandbox().await;
    let body = sedan("2020-04-20");
    let stranger = sandbox.stranger();
    ask(&stranger, &body).await.refused(401, "missing_token");
    let credential = sandbox.credential(OutletKind::Bank).expect("a credential");
    let token = stranger.token(&credential, Some("outlets")).await.ok(200);
    let narrowed = stranger.with_token(token["access_token"].as_str().expect("a token"));
    ask(&narrowed, &body)
        .await
        .refused(403, "insufficient_scope");
}
