//! A transfer from sale to new plate.

use std::time::Duration;

use lingminban::{
    api::{Application, ApplicationStatus as Status, FindingCode, OutletKind},
    codes::{PlateKind, VehicleStatusFlag},
};
use lingminban_sandbox::Pace;
use serde_json::{Value, json};

use crate::support::{
    Judged, decoded, party, put_all, registration, sandbox, sandbox_at, transfer, transfer_after,
    transfer_of, vin,
};

const MARKET: OutletKind = OutletKind::UsedCarMarket;

fn codes(application: &Application) -> Vec<&str> {
    application
        .findings
        .iter()
        .map(|finding| finding.code.as_str())
        .collect()
}

/// Registers a car of the space and gives the body that sells it.
async fn sale_of(sandbox: &Judged, body: &Value) -> Value {
    let registered = sandbox.register(body.clone()).await;
    assert_eq!(registered.status, Status::Completed);
    let mut sale = transfer_after(body, &registered);
    sale["transfer_proof"]["invoice"]["issued_on"] = json!(sandbox.clock().now().date());
    sale["transfer_proof"]["delivered_on"] = json!(sandbox.clock().now().date());
    sale
}

/// Another resident of the unassigned county.
fn person(number: u32) -> Value {
    party(
        "周卖方",
        &format!("37039919661207{number:03}"),
        "13500000005",
    )
}

/// Files a transfer with every paper that it asks for.
async fn accepted(sandbox: &Judged, body: Value) -> Application {
    let market = sandbox.sdk(MARKET);
    let filed = market.submit_transfer(&transfer_of(body)).await;
    let id = filed.expect("filed").application_id;
    put_all(&market, &id).await;
    sandbox.settle();
    market.get_application(&id).await.expect("own")
}

#[tokio::test]
async fn the_standard_one_goes_through_once() {
    let sandbox = sandbox().await;
    let market = sandbox.sdk(MARKET);
    let filed = market
        .submit_transfer(&transfer_of(transfer()))
        .await
        .expect("filed");
    assert_eq!(filed.missing_materials().count(), 0);
    let mut again = transfer();
    again["partner_reference"] = json!("AGAIN");
    let caller = sandbox.caller(MARKET).await;
    caller
        .post("/v1/transfers", &again)
        .await
        .refused(409, "vehicle_in_process");
    sandbox.settle();
    let done = market
        .get_application(&filed.application_id)
        .await
        .expect("own");
    assert_eq!(done.status, Status::Completed);

    // Sold: the seller is no longer on record, nor is the plate.
    let refused = sandbox.transfer(again).await;
    assert_eq!(refused.status, Status::Refused);
    let places: Vec<_> = refused
        .findings
        .iter()
        .filter_map(|finding| finding.pointer.as_deref())
        .collect();
    assert!(
        codes(&refused)
            .iter()
            .all(|code| *code == "record_mismatch"),
        "{:?}",
        codes(&refused)
    );
    assert_eq!(
        places,
        [
            "/seller/identity_number",
            "/seller/name",
            "/vehicle/plate_number"
        ]
    );
}

#[tokio::test]
async fn a_car_of_the_space_is_sold_and_its_old_number_is_free_again() {
    let sandbox = sandbox().await;
    let sale = sale_of(&sandbox, &registration(1)).await;
    let done = sandbox.transfer(sale.clone()).await;
    assert_eq!(done.status, Status::Completed, "{:?}", codes(&done));
    let result = done.result.expect("issued");
    let old: lingminban::identifiers::PlateNumber =
        decoded(sale["vehicle"]["plate_number"].clone());
    assert_ne!(result.plate_number, old);
    assert_eq!(
        json!(result.registration_certificate_number),
        sale["registration_certificate_number"]
    );

    let market = sandbox.sdk(MARKET);
    let kind = PlateKind::SmallVehicle;
    assert!(
        market
            .find_vehicle(kind, &old)
            .await
            .expect("asked")
            .is_none()
    );
    let new = market
        .find_vehicle(kind, &result.plate_number)
        .await
        .expect("asked")
        .expect("found");
    assert_eq!(new.vin, vin(1));
    assert_eq!(new.first_registered_on.to_string(), "2026-03-02");
    // Somebody else may have the old number now.
    let mut next = registration(2);
    next["plate_choice"] = json!({"method": "self_composed", "plate_number": old});
    let next = sandbox.register(next).await;
    assert_eq!(next.result.expect("issued").plate_number, old);
}

#[tokio::test]
async fn the_buyer_may_sell_on() {
    let sandbox = sandbox().await;
    let sale = sale_of(&sandbox, &registration(1)).await;
    let first = sandbox.transfer(sale.clone()).await;
    let result = first.result.expect("issued");
    let mut on = sale.clone();
    on["partner_reference"] = json!("SOLD-ON");
    on["seller"] = sale["buyer"].clone();
    on["buyer"] = person(7);
    on["vehicle"]["plate_number"] = json!(result.plate_number);
    assert_eq!(sandbox.transfer(on).await.status, Status::Completed);
}

#[tokio::test]
async fn a_mortgaged_car_is_sold_by_three_parties_and_stays_mortgaged() {
    let sandbox = sandbox().await;
    let market = sandbox.sdk(MARKET);
    let with = sandbox.of_catalogue("mortgaged_with_consent").await;
    let vin = decoded(with["vehicle"]["vin"].clone());
    assert!(
        market
            .get_vehicle(&vin)
            .await
            .expect("registered")
            .mortgaged
    );

    let mut without = with.clone();
    without["partner_reference"] = json!("WITHOUT");
    without
        .as_object_mut()
        .expect("a body")
        .remove("mortgagee_consent");
    let refused = sandbox.transfer(without).await;
    assert_eq!(refused.status, Status::Refused);
    assert_eq!(codes(&refused), ["mortgagee_consent_missing"]);
    assert_eq!(
        refused.findings[0].pointer.as_deref(),
        Some("/mortgagee_consent")
    );
    assert_eq!(refused.findings[0].rule, "R164 Art 26");

    let mut another = with.clone();
    another["partner_reference"] = json!("ANOTHER");
    another["mortgagee_consent"]["mortgagee_credit_code"] = json!("91370399MA7QAB120J");
    let refused = sandbox.transfer(another).await;
    assert_eq!(codes(&refused), ["mortgagee_mismatch"]);

    assert_eq!(sandbox.transfer(with).await.status, Status::Completed);
    assert!(
        market
            .get_vehicle(&vin)
            .await
            .expect("registered")
            .mortgaged
    );
}

#[tokio::test]
async fn the_third_sale_of_a_year_is_refused() {
    let sandbox = sandbox().await;
    let seller = person(1);
    let mut sales = Vec::new();
    for number in 1..=4 {
        let mut body = registration(number);
        body["owner"] = seller.clone();
        sales.push(sale_of(&sandbox, &body).await);
    }
    assert_eq!(
        sandbox.transfer(sales[0].clone()).await.status,
        Status::Completed
    );
    assert_eq!(
        sandbox.transfer(sales[1].clone()).await.status,
        Status::Completed
    );
    let third = sandbox.transfer(sales[2].clone()).await;
    assert_eq!(third.status, Status::Refused);
    assert_eq!(codes(&third), ["three_sales_in_year"]);
    assert_eq!(third.findings[0].rule, "商消费发〔2022〕92号");

    // What is given away is no sale.
    let mut gift = sales[2].clone();
    gift["partner_reference"] = json!("GIFT");
    gift["transfer_proof"] = json!({
        "acquisition": "gift",
        "deed": { "issuer": "示例公证处", "number": "GZ-1", "issued_on": "2026-03-01" },
        "delivered_on": "2026-03-02",
    });
    assert_eq!(accepted(&sandbox, gift).await.status, Status::Completed);
    // The next calendar year counts anew, though the car is held for less than a year.
    sandbox
        .clock()
        .advance(std::time::Duration::from_secs(310 * 24 * 3_600));
    let mut next_year = sales[3].clone();
    next_year["transfer_proof"]["invoice"]["issued_on"] = json!("2027-01-05");
    next_year["transfer_proof"]["invoice"]["number"] = json!("27372000000087654321");
    let done = sandbox.transfer(next_year).await;
    assert_eq!(done.status, Status::Completed, "{:?}", codes(&done));
}

/// Filed together, before any of them is decided.
#[tokio::test]
async fn of_three_sales_under_way_at_once_the_third_is_refused() {
    let sandbox = sandbox().await;
    let market = sandbox.sdk(MARKET);
    let mut sales = Vec::new();
    for number in 1..=3 {
        let mut body = registration(number);
        body["owner"] = person(7);
        sales.push(sale_of(&sandbox, &body).await);
    }
    let mut ids = Vec::new();
    for sale in sales {
        let filed = market.submit_transfer(&transfer_of(sale)).await;
        ids.push(filed.expect("filed").application_id);
    }
    sandbox.settle();
    let mut statuses = Vec::new();
    for id in &ids {
        let done = market.get_application(id).await.expect("read");
        statuses.push(done.status.to_string());
    }
    assert_eq!(statuses, ["completed", "completed", "refused"]);
}

#[tokio::test]
async fn sales_of_cars_held_for_a_year_are_not_counted() {
    let sandbox = sandbox().await;
    let seller = person(2);
    let mut sales = Vec::new();
    for number in 1..=3 {
        let mut body = registration(number);
        body["owner"] = seller.clone();
        sales.push(sale_of(&sandbox, &body).await);
    }
    sandbox
        .clock()
        .advance(std::time::Duration::from_secs(365 * 24 * 3_600));
    for mut sale in sales {
        sale["transfer_proof"]["invoice"]["issued_on"] = json!("2027-03-02");
        sale["transfer_proof"]["invoice"]["number"] = json!("27372000000087654321");
        let done = sandbox.transfer(sale).await;
        assert_eq!(done.status, Status::Completed, "{:?}", codes(&done));
    }
}

#[tokio::test]
async fn a_buyer_lives_in_this_city_or_has_its_residence_permit() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(MARKET).await;
    let elsewhere = |permit: Option<&str>| {
        let mut body = transfer();
        body["buyer"]["address"]["region_code"] = json!("370102");
        if let Some(permit) = permit {
            body["buyer"]["address"]["residence_permit_region_code"] = json!(permit);
        }
        body
    };
    for permit in [None, Some("370103")] {
        let got = caller.post("/v1/transfers", &elsewhere(permit)).await;
        got.refused(422, "validation_failed");
        let place = "/buyer/address/region_code".to_owned();
        assert_eq!(
            got.errors(),
            [(place, "buyer_address_elsewhere".to_owned())],
            "{permit:?}"
        );
    }
    // A permit that cannot be read is told; what it would decide is not guessed.
    let unread = caller
        .post("/v1/transfers", &elsewhere(Some("nowhere")))
        .await;
    let places: Vec<String> = unread
        .errors()
        .into_iter()
        .map(|(place, _)| place)
        .collect();
    assert_eq!(places, ["/buyer/address/residence_permit_region_code"]);
    caller
        .post("/v1/transfers", &elsewhere(Some("370303")))
        .await
        .ok(201);
}

#[tokio::test]
async fn a_refusal_names_every_ground_with_its_article() {
    let sandbox = sandbox().await;
    let body = transfer();
    let vin = decoded(body["vehicle"]["vin"].clone());
    for flag in [
        VehicleStatusFlag::Stolen,
        VehicleStatusFlag::Sealed,
        VehicleStatusFlag::ViolationPending,
        VehicleStatusFlag::AccidentPending,
        VehicleStatusFlag::CustomsSupervised,
    ] {
        sandbox.flag(vin, flag, true);
    }
    let refused = sandbox.transfer(body).await;
    assert_eq!(refused.status, Status::Refused);
    let mut told: Vec<(&str, &str)> = refused
        .findings
        .iter()
        .map(|finding| (finding.code.as_str(), finding.rule.as_str()))
        .collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            ("customs_supervised", "R164 Art 29(2)"),
            ("open_accident", "R164 Art 25"),
            ("open_violations", "R164 Art 25"),
            ("sealed_or_detained", "R164 Art 29, 15(8)"),
            ("stolen_or_defrauded", "R164 Art 29, 15(9)"),
        ]
    );
    assert!(refused.result.is_none());
}

/// 数据共享: the station's own data shows the test.
#[tokio::test]
async fn of_a_test_just_passed_no_certificate_is_asked_for() {
    let sandbox = sandbox().await;
    let market = sandbox.sdk(MARKET);
    let body = sandbox.of_catalogue("insurance_ended").await;
    let vin = decoded(body["vehicle"]["vin"].clone());
    let engine = sandbox.engine();
    let today = sandbox.clock().now().date();
    let passed = engine.change_vehicle(engine.home(), vin, |known| known.passed_on = Some(today));
    passed.expect("on record");
    let filed = market.submit_transfer(&transfer_of(body)).await;
    let filed = filed.expect("filed");
    let asked: Vec<String> = filed.missing_materials().map(ToString::to_string).collect();
    assert_eq!(asked, ["compulsory_insurance"]);

    // It has served: no mark rests on it any more.
    put_all(&market, &filed.application_id).await;
    sandbox.settle();
    let done = market.get_application(&filed.application_id).await;
    assert_eq!(done.expect("own").status, Status::Completed);
    let known = engine.change_vehicle(engine.home(), vin, |_| {});
    assert_eq!(known.expect("on record").passed_on, None);
}

/// Days that the authority takes are not the applicant's.
#[tokio::test]
async fn what_was_filed_before_the_date_is_not_overdue_when_it_is_decided() {
    let sandbox = sandbox_at(Pace::Statutory, "2026-03-02T15:00:00+08:00").await;
    let market = sandbox.sdk(MARKET);
    let body = transfer();
    let vin = decoded(body["vehicle"]["vin"].clone());
    let engine = sandbox.engine();
    let due_today = engine.change_vehicle(engine.home(), vin, |known| {
        let registration = known.registration.as_mut().expect("registered");
        registration.inspection_due_on = jiff::civil::date(2026, 3, 2);
    });
    due_today.expect("on record");
    let filed = market.submit_transfer(&transfer_of(body)).await;
    let filed = filed.expect("filed").application_id;
    sandbox
        .clock()
        .advance(Duration::from_secs(10 * 24 * 3_600));
    let done = market.get_application(&filed).await.expect("own");
    assert_eq!(done.status, Status::Completed, "{:?}", done.findings);
}

/// A test that has become due since is not waived because nobody asked for it.
#[tokio::test]
async fn what_the_vehicle_has_come_to_need_since_refuses_it() {
    let sandbox = sandbox().await;
    let market = sandbox.sdk(MARKET);
    let body = transfer();
    let vin = decoded(body["vehicle"]["vin"].clone());
    let filed = market.submit_transfer(&transfer_of(body)).await;
    let id = filed.expect("filed").application_id;
    sandbox.flag(vin, VehicleStatusFlag::InspectionOverdue, true);
    sandbox.settle();
    let refused = market.get_application(&id).await.expect("own");
    assert_eq!(refused.status, Status::Refused);
    assert_eq!(
        crate::support::found(&refused),
        [("material_needed_since", "/vehicle/vin", "R164 Art 25")]
    );
}

#[tokio::test]
async fn an_overdue_inspection_is_asked_for_and_ends_the_matter_when_it_comes() {
    let sandbox = sandbox().await;
    let market = sandbox.sdk(MARKET);
    let body = sandbox.of_catalogue("insurance_ended").await;
    let vin = decoded(body["vehicle"]["vin"].clone());
    let filed = market
        .submit_transfer(&transfer_of(body))
        .await
        .expect("filed");
    let asked: Vec<String> = filed.missing_materials().map(ToString::to_string).collect();
    assert_eq!(asked, ["safety_inspection", "compulsory_insurance"]);
    put_all(&market, &filed.application_id).await;
    sandbox.settle();
    let done = market
        .get_application(&filed.application_id)
        .await
        .expect("own");
    assert_eq!(done.status, Status::Completed);
    let record = market.get_vehicle(&vin).await.expect("registered");
    assert!(record.status_flags.is_empty(), "{:?}", record.status_flags);
    assert!(record.inspection_due_on > sandbox.clock().now().date());
}

#[tokio::test]
async fn a_wrong_plate_kind_takes_no_number_from_anybody() {
    let sandbox = sandbox().await;
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    let composed = |number| {
        let mut body = registration(number);
        body["plate_choice"] = json!({"method": "self_composed", "plate_number": "鲁C77777"});
        body
    };
    sandbox.set_pace(lingminban_sandbox::Pace::Manual);
    dealer.post("/v1/registrations", &composed(1)).await.ok(201);
    // Free among large vehicles' plates, promised among small ones'.
    let mut wrong = transfer();
    wrong["vehicle"]["plate_kind"] = json!("01");
    wrong["plate_choice"] = json!({"method": "self_composed", "plate_number": "鲁C77777"});
    let market = sandbox.sdk(MARKET);
    let filed = market
        .submit_transfer(&transfer_of(wrong))
        .await
        .expect("filed");
    while sandbox.step(&filed.application_id) {}
    let refused = market
        .get_application(&filed.application_id)
        .await
        .expect("own");
    assert_eq!(refused.findings[0].code, FindingCode::RecordMismatch);
    let still = dealer.post("/v1/registrations", &composed(2)).await;
    assert_eq!(
        still.errors(),
        [("/plate_choice/plate_number".into(), "plate_taken".into())]
    );
}

#[tokio::test]
async fn what_is_not_on_record_cannot_be_sold() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(MARKET).await;
    let mut body = transfer();
    crate::support::put_vin(&mut body, vin(1));
    let got = caller.post("/v1/transfers", &body).await;
    assert_eq!(
        got.errors(),
        [("/vehicle/vin".into(), "vehicle_not_registered".into())]
    );
}

#[tokio::test]
async fn a_market_without_the_mandate_transfers_to_its_own_district_only() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller_of("zb-market-2").await;
    let to = |region: &str, permit: Option<&str>| {
        let mut body = transfer();
        body["operator_id"] = json!("zb-market-002-op1");
        body["buyer"]["address"]["region_code"] = json!(region);
        if let Some(permit) = permit {
            body["buyer"]["address"]["residence_permit_region_code"] = json!(permit);
        }
        body
    };
    // It stands in 临淄.
    for (region, permit) in [
        ("370303", None),
        ("370303", Some("370306")),
        ("370301", None),
        ("370102", None),
    ] {
        let got = caller.post("/v1/transfers", &to(region, permit)).await;
        got.refused(403, "district_not_entrusted");
        let told = got.json();
        let error = &told["errors"][0];
        assert_eq!(error["pointer"], "/buyer/address/region_code");
        assert_eq!(error["rule"], "R164 Art 69");
    }
    for (region, permit) in [("370305", None), ("370102", Some("370305"))] {
        let path = "/v1/transfers?validate_only=true";
        caller.post(path, &to(region, permit)).await.ok(200);
    }
    let across = sandbox.caller(OutletKind::TownshipSquadron).await;
    let mut body = to("370323", None);
    body["operator_id"] = json!(sandbox.operator(OutletKind::TownshipSquadron));
    across.post("/v1/transfers", &body).await.ok(201);
}

#[tokio::test]
async fn the_list_of_outlets_tells_who_serves_other_districts() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(MARKET).await;
    let markets = caller
        .get("/v1/outlets?kind=used_car_market&page_size=200")
        .await
        .ok(200);
    let items = markets["items"].as_array().expect("a page");
    let across = items.iter().filter(|item| item["cross_district"] == true);
    assert_eq!((items.len(), across.count()), (31, 28));
    let bank = caller.get("/v1/outlets/zb-bank-001").await.ok(200);
    assert!(bank.get("cross_district").is_none());
}

#[tokio::test]
async fn an_invoice_that_contradicts_itself_is_told_at_once() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::UsedCarMarket).await;
    let invoice = "/transfer_proof/invoice";
    for (member, value, expected) in [
        // Sold last year, by the date, and this year by the number.
        (
            "issued_on",
            json!("2025-12-31"),
            ("number", "invoice_year_mismatch"),
        ),
        ("price_fen", json!(0), ("price_fen", "out_of_range")),
    ] {
        let mut body = transfer();
        body["transfer_proof"]["invoice"][member] = value;
        let got = caller.post("/v1/transfers", &body).await;
        got.refused(422, "validation_failed");
        let (place, code) = expected;
        assert_eq!(
            got.errors(),
            [(format!("{invoice}/{place}"), code.to_owned())]
        );
    }
    // The car was first registered on 2022-11-10.
    for (day, wrong) in [("2022-11-09", true), ("2022-11-10", false)] {
        let mut body = transfer();
        body["transfer_proof"]["invoice"]["number"] = json!("22372000000087654321");
        body["transfer_proof"]["invoice"]["issued_on"] = json!(day);
        body["transfer_proof"]["delivered_on"] = json!(day);
        let path = "/v1/transfers?validate_only=true";
        let got = caller.post(path, &body).await;
        let places = [
            "/transfer_proof/delivered_on",
            "/transfer_proof/invoice/issued_on",
        ];
        let expected: Vec<_> = places
            .into_iter()
            .filter(|_| wrong)
            .map(|place| (place.to_owned(), "dates_out_of_order".to_owned()))
            .collect();
        assert_eq!(got.errors(), expected, "{day}");
    }
}
