//! 使用原号牌号码: a number that is asked for again, and one that stays between spouses.

use std::time::Duration;

use lingminban::{
    api::{
        ApplicationStatus as Status, OutletKind, PlateDraw, PlateExchangeRequest,
        SubmitPlateExchange, SubmitTransfer,
    },
    codes::{PlateKind, VehicleStatusFlag},
    identifiers::{PlateNumber, Vin},
};
use serde_json::{Value, json};

use crate::support::{
    Judged, decoded, example, found, put_all, registration, sandbox, transfer, transfer_of,
};

const MARKET: OutletKind = OutletKind::UsedCarMarket;
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// The number of the document's car, which 李样本 has had since 2022.
const OLD: &str = "鲁C8K9M2";

/// A new car of a person who asks for a number again.
fn reusing(number: u32, owner: &Value, plate: &str) -> Value {
    let mut body = registration(number);
    body["owner"] = owner.clone();
    body["plate_choice"] = json!({ "method": "reuse", "plate_number": plate });
    body
}

async fn refused(sandbox: &Judged, body: &Value) -> Vec<(String, String)> {
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    let got = dealer.post("/v1/registrations", body).await;
    got.refused(422, "validation_failed");
    got.errors()
}

fn told(code: &str) -> [(String, String); 1] {
    [("/plate_choice/plate_number".to_owned(), code.to_owned())]
}

async fn sell(sandbox: &Judged) -> Value {
    let body = transfer();
    assert_eq!(
        sandbox.transfer(body.clone()).await.status,
        Status::Completed
    );
    body["seller"].clone()
}

#[tokio::test]
async fn who_sold_a_car_puts_its_number_on_the_next_and_nobody_else_does() {
    let sandbox = sandbox().await;
    let seller = sell(&sandbox).await;
    let stranger = registration(1)["owner"].clone();
    let mut composed = reusing(1, &stranger, OLD);
    assert_eq!(
        refused(&sandbox, &composed).await,
        told("old_number_not_on_record")
    );
    composed["plate_choice"]["method"] = json!("self_composed");
    assert_eq!(refused(&sandbox, &composed).await, told("plate_taken"));
    let done = sandbox.register(reusing(2, &seller, OLD)).await;
    assert_eq!(done.status, Status::Completed, "{:?}", found(&done));
    assert_eq!(done.result.expect("issued").plate_number.as_str(), OLD);
    // Once.
    assert_eq!(
        refused(&sandbox, &reusing(3, &seller, OLD)).await,
        told("old_number_not_on_record")
    );
}

#[tokio::test]
async fn it_is_promised_to_one_application_only() {
    let sandbox = sandbox().await;
    let seller = sell(&sandbox).await;
    sandbox.set_pace(lingminban_sandbox::Pace::Manual);
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    let first = reusing(2, &seller, OLD);
    dealer.post("/v1/registrations", &first).await.ok(201);
    assert_eq!(
        refused(&sandbox, &reusing(3, &seller, OLD)).await,
        told("plate_taken")
    );
}

#[tokio::test]
async fn a_transfer_takes_the_buyer_s_old_number_too() {
    let sandbox = sandbox().await;
    let seller = sell(&sandbox).await;
    let mut next = sandbox.of_catalogue("buyer_with_residence_permit").await;
    next["buyer"] = seller;
    next["plate_choice"] = json!({ "method": "reuse", "plate_number": OLD });
    let done = sandbox.transfer(next).await;
    assert_eq!(done.status, Status::Completed, "{:?}", found(&done));
    assert_eq!(done.result.expect("issued").plate_number.as_str(), OLD);
}

#[tokio::test]
async fn it_is_asked_for_within_two_years_and_free_after_them() {
    let sandbox = sandbox().await;
    let seller = sell(&sandbox).await;
    let in_time = |number| {
        let mut body = reusing(number, &seller, OLD);
        // On 2028-03-02 the first operator's certificate has lapsed, and the example's policy.
        body["operator_id"] = json!("zb-dealer-001-op2");
        body["compulsory_insurance"]["valid_from"] = json!("2028-02-28");
        body["compulsory_insurance"]["valid_until"] = json!("2029-02-27");
        body
    };
    let assess = "/v1/registrations?validate_only=true";
    // 2028 has a 29 February: 731 days.
    sandbox.clock().advance(DAY * 731);
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    dealer.post(assess, &in_time(1)).await.ok(200);
    sandbox.clock().advance(DAY);
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    let late = dealer.post(assess, &in_time(1)).await;
    assert_eq!(late.errors(), told("old_number_too_late"));
    let mut composed = in_time(1);
    composed["plate_choice"]["method"] = json!("self_composed");
    dealer.post(assess, &composed).await.ok(200);
}

#[tokio::test]
async fn who_had_a_number_for_less_than_a_year_has_no_claim_and_it_is_free() {
    let sandbox = sandbox().await;
    let registered = sandbox.register(registration(1)).await;
    let mut sale = crate::support::transfer_after(&registration(1), &registered);
    sale["transfer_proof"]["invoice"]["issued_on"] = json!("2026-03-02");
    sale["transfer_proof"]["delivered_on"] = json!("2026-03-02");
    let owner = sale["seller"].clone();
    let plate: PlateNumber = decoded(sale["vehicle"]["plate_number"].clone());
    assert_eq!(sandbox.transfer(sale).await.status, Status::Completed);
    assert_eq!(
        refused(&sandbox, &reusing(2, &owner, plate.as_str())).await,
        told("old_number_used_too_short")
    );
    let mut composed = reusing(2, &owner, plate.as_str());
    composed["plate_choice"]["method"] = json!("self_composed");
    let done = sandbox.register(composed).await;
    assert_eq!(done.result.expect("issued").plate_number, plate);
}

#[tokio::test]
async fn a_car_had_for_years_lends_no_claim_to_the_number_it_got_today() {
    let sandbox = sandbox().await;
    let exchange = example::<SubmitPlateExchange>("standard");
    let post = OutletKind::PostOffice;
    let done = sandbox
        .file::<PlateExchangeRequest>(post, exchange.clone())
        .await;
    assert_eq!(done.status, Status::Completed, "{:?}", found(&done));
    let number = exchange["other"]["vehicle"]["plate_number"].clone();
    let mut sale = transfer();
    sale["vehicle"]["plate_number"] = number.clone();
    let seller = sale["seller"].clone();
    assert_eq!(sandbox.transfer(sale).await.status, Status::Completed);
    let number = number.as_str().expect("a number");
    assert_eq!(
        refused(&sandbox, &reusing(2, &seller, number)).await,
        told("old_number_used_too_short")
    );
}

#[tokio::test]
async fn what_the_old_car_is_guilty_of_is_settled_first() {
    let sandbox = sandbox().await;
    let seller = sell(&sandbox).await;
    let vin: Vin = decoded(transfer()["vehicle"]["vin"].clone());
    for flag in [
        VehicleStatusFlag::ViolationPending,
        VehicleStatusFlag::AccidentPending,
    ] {
        sandbox.flag(vin, flag, true);
        assert_eq!(
            refused(&sandbox, &reusing(2, &seller, OLD)).await,
            told("old_number_unsettled")
        );
        sandbox.flag(vin, flag, false);
    }
}

#[tokio::test]
async fn reuse_names_a_number_and_no_draw() {
    let sandbox = sandbox().await;
    let seller = sell(&sandbox).await;
    let mut body = reusing(2, &seller, OLD);
    body["plate_choice"] = json!({ "method": "reuse", "plate_draw_id": "draw-000001" });
    assert_eq!(
        refused(&sandbox, &body).await,
        [
            (
                "/plate_choice/plate_draw_id".to_owned(),
                "plate_choice_contradictory".to_owned()
            ),
            (
                "/plate_choice/plate_number".to_owned(),
                "plate_choice_incomplete".to_owned()
            ),
        ]
    );
}

#[tokio::test]
async fn spouses_keep_the_number_on_the_car() {
    let sandbox = sandbox().await;
    let market = sandbox.sdk(MARKET);
    let body = example::<SubmitTransfer>("spouse");
    let number: PlateNumber = decoded(body["vehicle"]["plate_number"].clone());
    let filed = market.submit_transfer(&transfer_of(body.clone())).await;
    let id = filed.expect("filed").application_id;
    let asked = put_all(&market, &id).await;
    let asked: Vec<String> = asked.iter().map(ToString::to_string).collect();
    assert_eq!(asked, ["marriage_certificate"]);
    sandbox.settle();
    let done = market.get_application(&id).await.expect("own");
    assert_eq!(done.status, Status::Completed, "{:?}", found(&done));
    assert_eq!(done.result.expect("issued").plate_number, number);
    // It has not been given up.
    let seller = body["seller"].clone();
    assert_eq!(
        refused(&sandbox, &reusing(2, &seller, number.as_str())).await,
        told("old_number_not_on_record")
    );
}

#[tokio::test]
async fn spouses_are_two_people_married_for_a_year() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(MARKET).await;
    let married = |on: &str| {
        let mut body = example::<SubmitTransfer>("spouse");
        body["spouse"]["married_on"] = json!(on);
        body
    };
    let place = "/spouse/married_on".to_owned();
    for (on, code) in [
        ("2025-03-03", Some("married_too_short")),
        ("2026-03-03", Some("date_in_future")),
        ("2025-03-02", None),
    ] {
        let path = "/v1/transfers?validate_only=true";
        let got = caller.post(path, &married(on)).await;
        let expected = code.map(|code| (place.clone(), code.to_owned()));
        assert_eq!(got.errors(), Vec::from_iter(expected), "{on}");
    }
    let mut firm = married("2020-05-20");
    firm["buyer"]["kind"] = json!("organisation");
    firm["buyer"]["identity_number"] = json!("91370399MA3TEA0100");
    firm["plate_choice"] = json!({ "method": "random" });
    let got = caller.post("/v1/transfers", &firm).await;
    assert_eq!(
        got.errors(),
        [
            ("/plate_choice".to_owned(), "no_number_given".to_owned()),
            ("/spouse".to_owned(), "not_applicable".to_owned()),
        ]
    );
}

/// The rules of drawing, beside which old numbers stand.
#[tokio::test]
async fn a_draw_is_of_fifty_held_for_three_minutes() {
    let sandbox = sandbox().await;
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    let drawn = dealer
        .post("/v1/plate-draws", &json!({ "plate_kind": "02" }))
        .await
        .ok(201);
    let drawn: PlateDraw = decoded(drawn);
    assert_eq!(drawn.plate_kind, PlateKind::SmallVehicle);
    assert_eq!(drawn.plate_numbers.len(), 50);
    let held =
        drawn.held_until.timestamp().as_second() - sandbox.clock().now().timestamp().as_second();
    assert_eq!(held, 180);
}
