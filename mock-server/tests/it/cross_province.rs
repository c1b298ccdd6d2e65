//! 跨省通办: transfers out of the city and into it, and never in a third place.

use std::time::Duration;

use lingminban::{
    Submission,
    api::{
        Application, ApplicationStatus as Status, Assessment, BundleRequest, BundleStatus,
        ContactChangeRequest, InspectionMarkReplacementRequest, MoveInRequest, OutletKind,
        SubmitBundle, SubmitMoveIn, SubmitTemporaryPlate, SubmitTransfer, TemporaryPlateRequest,
        TransferRequest,
    },
    codes::{PlateKind, VehicleStatusFlag},
    identifiers::Vin,
};
use lingminban_sandbox::Pace;
use serde_json::{Value, json};

use crate::support::{
    Judged, decoded, example, found, put_all, registration, sandbox, sandbox_at, transfer,
    transfer_of,
};

const MARKET: OutletKind = OutletKind::UsedCarMarket;

fn outbound() -> Value {
    example::<SubmitTransfer>("outbound")
}

fn inbound() -> Value {
    example::<SubmitTransfer>("inbound")
}

fn plate(body: &Value) -> lingminban::identifiers::PlateNumber {
    decoded(body["vehicle"]["plate_number"].clone())
}

/// Files a transfer that must not be filed; gives place, code and article of each fault.
async fn wrong(sandbox: &Judged, body: &Value) -> Vec<(String, String, String)> {
    let got = sandbox
        .caller(MARKET)
        .await
        .post("/v1/transfers", body)
        .await;
    got.refused(422, "validation_failed");
    let told = got.json();
    let errors = told["errors"].as_array().expect("a list").iter();
    let text = |error: &Value, member| error[member].as_str().unwrap_or_default().to_owned();
    errors
        .map(|error| {
            (
                text(error, "pointer"),
                text(error, "code"),
                text(error, "rule"),
            )
        })
        .collect()
}

fn states(application: &Value) -> Vec<String> {
    let items = application["items"].as_array().expect("a list").iter();
    items
        .map(|item| item["status"].as_str().expect("a word").to_owned())
        .collect()
}

async fn timeline(sandbox: &Judged, application: &Application) -> Value {
    let caller = sandbox.caller(MARKET).await;
    let path = format!("/v1/applications/{}/timeline", application.application_id);
    caller.get(&path).await.ok(200)
}

#[tokio::test]
async fn a_car_sold_to_a_buyer_elsewhere_leaves_with_a_temporary_plate() {
    let sandbox = sandbox().await;
    let body = outbound();
    let done = sandbox.transfer(body.clone()).await;
    assert_eq!(done.status, Status::Completed, "{:?}", found(&done));
    // It is shown at the buyer's place.
    assert!(!states(&timeline(&sandbox, &done).await).contains(&"vehicle_check".to_owned()));
    let temporary = done.temporary_plate.expect("issued");
    assert_eq!(temporary.valid_until.to_string(), "2026-04-01");
    let result = done.result.expect("issued");
    assert!(result.plates_collected);
    assert_eq!(result.plate_number, plate(&body));

    let market = sandbox.sdk(MARKET);
    let vin: Vin = decoded(body["vehicle"]["vin"].clone());
    let left = market.get_vehicle(&vin).await.expect("on record");
    let flags: Vec<_> = left.status_flags.iter().map(ToString::to_string).collect();
    assert_eq!(flags, ["transferred_out"]);
    let kind = PlateKind::SmallVehicle;
    let by_plate = market.find_vehicle(kind, &plate(&body)).await;
    assert!(by_plate.expect("asked").is_none());

    // Nothing is done here any more.
    let mut again = body;
    again["partner_reference"] = json!("AGAIN");
    again["seller"] = outbound()["buyer"].clone();
    again["buyer"] = outbound()["seller"].clone();
    again["transfer_kind"] = json!("local");
    let refused = sandbox.transfer(again).await;
    assert_eq!(
        found(&refused),
        [(
            "deregistered_or_moved_out",
            "/vehicle/vin",
            "R164 Art 29(1)"
        )]
    );
}

/// Its sale by the buyer elsewhere back to the seller here, under the plates that the car got there.
fn back(left: &Value, number: &str) -> Value {
    let mut body = inbound();
    crate::support::put_vin(&mut body, decoded(left["vehicle"]["vin"].clone()));
    body["partner_reference"] = json!(format!("BACK-{}", &number["鲁".len()..]));
    body["seller"] = left["buyer"].clone();
    body["buyer"] = left["seller"].clone();
    body["vehicle"]["plate_number"] = json!(number);
    body["registration_certificate_number"] = left["registration_certificate_number"].clone();
    body
}

#[tokio::test]
async fn a_car_that_left_comes_back_with_a_new_buyer() {
    let sandbox = sandbox().await;
    let left = outbound();
    assert_eq!(
        sandbox.transfer(left.clone()).await.status,
        Status::Completed
    );
    // Under a number of this city it did not leave with.
    let refused = sandbox.transfer(back(&left, "鲁C77777")).await;
    assert_eq!(
        found(&refused),
        [("record_mismatch", "/vehicle/plate_number", "R164 Art 29(1)")]
    );
    let mut body = back(&left, "鲁A77777");
    // The very number that the seller gave up then.
    body["plate_choice"] =
        json!({ "method": "reuse", "plate_number": left["vehicle"]["plate_number"] });
    let done = sandbox.transfer(body).await;
    assert_eq!(done.status, Status::Completed, "{:?}", found(&done));
    let result = done.result.expect("issued");
    assert_eq!(result.plate_number, plate(&left));
    let market = sandbox.sdk(MARKET);
    let kind = PlateKind::SmallVehicle;
    let here = market.find_vehicle(kind, &result.plate_number).await;
    let here = here.expect("asked").expect("on record");
    assert!(here.status_flags.is_empty());
    // It is this office's again.
    let mut contact = example::<lingminban::api::SubmitContactChange>("standard");
    contact["owner"] = left["seller"].clone();
    contact["vehicle"] = left["vehicle"].clone();
    let post = OutletKind::PostOffice;
    contact["operator_id"] = json!(sandbox.operator(post));
    let done = sandbox.file::<ContactChangeRequest>(post, contact).await;
    assert_eq!(done.status, Status::Completed, "{:?}", found(&done));
}

#[tokio::test]
async fn a_car_that_left_follows_its_owner_back() {
    let sandbox = sandbox().await;
    let left = outbound();
    assert_eq!(
        sandbox.transfer(left.clone()).await.status,
        Status::Completed
    );
    let mut body = example::<SubmitMoveIn>("standard");
    for (member, from) in [("vehicle", "vehicle"), ("owner", "buyer")] {
        body[member] = left[from].clone();
    }
    body["owner"]["address"] = left["seller"]["address"].clone();
    body["vehicle"]["plate_number"] = json!("鲁A77777");
    body["registration_certificate_number"] = left["registration_certificate_number"].clone();
    let moved = sandbox.file::<MoveInRequest>(MARKET, body).await;
    assert_eq!(moved.status, Status::Completed, "{:?}", found(&moved));
    let vin: Vin = decoded(left["vehicle"]["vin"].clone());
    let market = sandbox.sdk(MARKET);
    let here = market.get_vehicle(&vin).await.expect("on record");
    assert!(here.status_flags.is_empty());
    assert_eq!(
        here.plate_number,
        Some(moved.result.expect("issued").plate_number)
    );
}

/// The number that it is to get is nobody else's from the filing on.
#[tokio::test]
async fn a_car_on_its_way_back_keeps_the_number_it_chose() {
    let sandbox = sandbox().await;
    let market = sandbox.sdk(MARKET);
    let mut moving = example::<SubmitMoveIn>("standard");
    let sold = transfer();
    for (member, from) in [("vehicle", "vehicle"), ("owner", "seller")] {
        moving[member] = sold[from].clone();
    }
    moving["registration_certificate_number"] = sold["registration_certificate_number"].clone();
    moving["vehicle"]["plate_number"] = json!("鲁A77777");
    moving["plate_choice"] = json!({ "method": "self_composed", "plate_number": "鲁C5X5X5" });
    let vin: Vin = decoded(sold["vehicle"]["vin"].clone());
    sandbox.flag(vin, VehicleStatusFlag::TransferredOut, true);
    let request: MoveInRequest = decoded(moving);
    let under_way = market.submit(&Submission::new(request)).await;
    let under_way = under_way.expect("filed").application_id;

    let mut new = registration(1);
    new["plate_choice"] = json!({ "method": "self_composed", "plate_number": "鲁C5X5X5" });
    let taken = (
        "/plate_choice/plate_number".to_owned(),
        "plate_taken".to_owned(),
    );
    let told = sandbox.refusal(OutletKind::Dealer, "/v1/registrations", &new);
    assert_eq!(told.await, [taken]);
    let withdrawn = market
        .withdraw_application(&under_way, &Default::default())
        .await;
    withdrawn.expect("withdrawn");
    assert_eq!(sandbox.register(new).await.status, Status::Completed);
}

/// Each part names it as it is on file when the bundle is filed.
#[tokio::test]
async fn a_car_comes_back_and_is_mortgaged_in_one_errand() {
    let sandbox = sandbox().await;
    let squadron = sandbox.sdk(OutletKind::TownshipSquadron);
    let mut body = example::<SubmitBundle>("financed");
    let vin: Vin = decoded(body["transfer"]["vehicle"]["vin"].clone());
    sandbox.flag(vin, VehicleStatusFlag::TransferredOut, true);
    body["transfer"]["transfer_kind"] = json!("inbound");
    for part in ["transfer", "mortgage"] {
        body[part]["vehicle"]["plate_number"] = json!("鲁A77777");
    }
    let request: BundleRequest = decoded(body);
    let bundle = squadron.submit_bundle(&Submission::new(request)).await;
    let bundle = bundle.expect("filed").bundle_id;
    sandbox.settle();
    let done = squadron.get_bundle(&bundle).await.expect("own");
    assert_eq!(done.status, BundleStatus::Completed, "{:?}", done.parts);
    assert!(squadron.get_vehicle(&vin).await.expect("here").mortgaged);
}

/// Its plates are made here, and until they are it drives on a temporary one.
#[tokio::test]
async fn a_car_on_its_way_here_waits_for_its_plates_on_a_temporary_one() {
    let sandbox = sandbox().await;
    let market = sandbox.sdk(MARKET);
    let mut sold = transfer();
    let vin: Vin = decoded(sold["vehicle"]["vin"].clone());
    sandbox.flag(vin, VehicleStatusFlag::TransferredOut, true);
    sold["transfer_kind"] = json!("inbound");
    sold["vehicle"]["plate_number"] = json!("鲁A77777");
    let request: TransferRequest = decoded(sold.clone());
    let under_way = market.submit(&Submission::new(request)).await;
    under_way.expect("filed");
    let mut waiting = example::<SubmitTemporaryPlate>("transfer_out");
    waiting["operator_id"] = json!(sandbox.operator(MARKET));
    waiting["case"] = json!("plate_making_delay");
    waiting["owner"] = sold["buyer"].clone();
    waiting["vehicle"] = sold["vehicle"].clone();
    let request: TemporaryPlateRequest = decoded(waiting);
    let assessed = market.validate(&request).await.expect("assessed");
    assert_eq!(assessed.findings, []);
}

#[tokio::test]
async fn the_temporary_plate_never_outlives_the_insurance() {
    let sandbox = sandbox().await;
    let body = outbound();
    let vin: Vin = decoded(body["vehicle"]["vin"].clone());
    let engine = sandbox.engine();
    let insured = |until| {
        let changed = engine.change_vehicle(engine.home(), vin, |record| {
            let registration = record.registration.as_mut().expect("registered");
            registration.insured_until = Some(until);
        });
        changed.expect("changed");
    };
    insured(jiff::civil::date(2026, 3, 12));
    let done = sandbox.transfer(body).await;
    let temporary = done.temporary_plate.expect("issued");
    assert_eq!(temporary.valid_until.to_string(), "2026-03-12");
}

#[tokio::test]
async fn a_car_from_elsewhere_gets_a_number_of_the_city() {
    let sandbox = sandbox().await;
    let body = inbound();
    let done = sandbox.transfer(body.clone()).await;
    assert_eq!(done.status, Status::Completed, "{:?}", found(&done));
    assert!(states(&timeline(&sandbox, &done).await).contains(&"vehicle_check".to_owned()));
    assert!(done.temporary_plate.is_none());
    let archive = done
        .required_materials
        .iter()
        .find(|material| material.kind.as_str() == "vehicle_archive")
        .expect("asked for");
    assert_eq!(archive.state.as_str(), "exempted");
    let result = done.result.expect("issued");
    assert!(!result.plates_collected);
    assert_eq!(result.plate_number.issuing_authority(), Some("鲁C"));
    assert_eq!(
        json!(result.registration_certificate_number),
        body["registration_certificate_number"]
    );
    // It is this office's now: the buyer sells it on like any other car.
    let mut on = transfer();
    crate::support::put_vin(&mut on, decoded(body["vehicle"]["vin"].clone()));
    on["partner_reference"] = json!("SOLD-ON");
    on["seller"] = body["buyer"].clone();
    on["buyer"] = body["seller"].clone();
    on["buyer"]["address"] = body["buyer"]["address"].clone();
    on["vehicle"]["plate_number"] = json!(result.plate_number);
    on["registration_certificate_number"] = body["registration_certificate_number"].clone();
    let sold = sandbox.transfer(on).await;
    assert_eq!(sold.status, Status::Completed, "{:?}", found(&sold));
}

#[tokio::test]
async fn an_archive_that_does_not_come_is_asked_for_on_paper() {
    let sandbox = sandbox().await;
    let market = sandbox.sdk(MARKET);
    let body = sandbox.of_catalogue("inbound_archive_missing").await;
    let filed = market.submit_transfer(&transfer_of(body)).await;
    let filed = filed.expect("filed");
    let asked: Vec<String> = filed.missing_materials().map(ToString::to_string).collect();
    assert_eq!(
        asked,
        [
            "registration_certificate",
            "driving_permit",
            "vehicle_archive"
        ]
    );
    put_all(&market, &filed.application_id).await;
    sandbox.settle();
    let done = market.get_application(&filed.application_id).await;
    assert_eq!(done.expect("own").status, Status::Completed);
}

#[tokio::test]
async fn a_kind_that_vehicle_and_buyer_do_not_make_is_told() {
    let sandbox = sandbox().await;
    let told = |pointer: &str, code: &str, rule: &str| {
        vec![(pointer.to_owned(), code.to_owned(), rule.to_owned())]
    };
    let mismatch = told("/transfer_kind", "transfer_kind_mismatch", "R164 Art 27");
    let rule = "商办消费函〔2021〕165号; R164 Art 27";
    let third = told("/buyer/address/region_code", "third_place_transfer", rule);
    let away = told(
        "/buyer/address/region_code",
        "buyer_address_elsewhere",
        rule,
    );
    let living = |mut body: Value, region: &str, kind: Option<&str>| {
        body["buyer"]["address"]["region_code"] = json!(region);
        match kind {
            Some(kind) => body["transfer_kind"] = json!(kind),
            None => {
                body.as_object_mut()
                    .expect("a body")
                    .remove("transfer_kind");
            }
        }
        // The city gives a number to what does not leave it.
        if kind == Some("outbound") {
            body.as_object_mut().expect("a body").remove("plate_choice");
        }
        body
    };
    let (here, there) = ("370303", "370102");
    for (body, region, kind, expected) in [
        (transfer(), there, None, &away),
        (transfer(), there, Some("local"), &away),
        (transfer(), here, Some("outbound"), &mismatch),
        (transfer(), here, Some("inbound"), &mismatch),
        (transfer(), there, Some("inbound"), &mismatch),
        (inbound(), here, None, &mismatch),
        (inbound(), here, Some("outbound"), &mismatch),
        (inbound(), there, None, &third),
        (inbound(), there, Some("inbound"), &third),
        (inbound(), there, Some("outbound"), &third),
    ] {
        let body = living(body, region, kind);
        assert_eq!(wrong(&sandbox, &body).await, *expected, "{region} {kind:?}");
    }
    // Whose card is from elsewhere and who has a permit here may have it registered in either place.
    let caller = sandbox.caller(MARKET).await;
    for (body, kind) in [
        (transfer(), "local"),
        (transfer(), "outbound"),
        (inbound(), "inbound"),
    ] {
        let mut body = living(body, there, Some(kind));
        body["buyer"]["address"]["residence_permit_region_code"] = json!(here);
        let path = "/v1/transfers?validate_only=true";
        caller.post(path, &body).await.ok(200);
    }
}

#[tokio::test]
async fn a_car_that_leaves_gets_no_number_of_the_city() {
    let sandbox = sandbox().await;
    let mut body = outbound();
    body["plate_choice"] = json!({ "method": "random" });
    let expected = (
        "/plate_choice".into(),
        "no_number_given".into(),
        "R164 Art 43".into(),
    );
    assert_eq!(wrong(&sandbox, &body).await, [expected]);
}

#[tokio::test]
async fn over_the_border_the_authority_has_three_working_days() {
    let sandbox = sandbox_at(Pace::Statutory, "2026-03-02T09:00:00+08:00").await;
    let market = sandbox.sdk(MARKET);
    for (body, days, rule) in [
        (transfer(), 1, "R164 Art 25"),
        (outbound(), 3, "R164 Art 27"),
        (inbound(), 3, "R164 Art 27"),
    ] {
        let assessed: Assessment = market
            .validate_transfer(&decoded(body.clone()))
            .await
            .expect("assessed");
        let review = assessed
            .deadlines
            .iter()
            .find(|deadline| deadline.status.as_str() == "in_review")
            .expect("listed");
        assert_eq!((review.working_days, review.rule.as_str()), (days, rule));
        let filed = market.submit_transfer(&transfer_of(body)).await;
        let filed = filed.expect("filed");
        // Accepted on the next working morning; a Tuesday.
        sandbox.clock().advance(Duration::from_secs(25 * 3_600));
        let accepted = market.get_application(&filed.application_id).await;
        let accepted = accepted.expect("own");
        assert_eq!(accepted.deadline_rule.as_deref(), Some(rule));
        let from = sandbox.clock().now().date();
        let last = accepted.deadline_on.expect("under way");
        assert_eq!((last - from).get_days(), days as i32, "{rule}");
        sandbox.clock().advance(Duration::from_secs(6 * 24 * 3_600));
        let done = market.get_application(&filed.application_id).await;
        assert_eq!(done.expect("own").status, Status::Completed);
    }
    let caller = sandbox.caller(MARKET).await;
    let services = caller.get("/v1/services").await.ok(200);
    let rows = services["items"].as_array().expect("a list").iter();
    let others: Vec<&Value> = rows.filter_map(|row| row.get("other_limits")).collect();
    assert_eq!(
        others,
        [&json!([
            { "transfer_kind": "outbound", "working_days": 3, "limit_rule": "R164 Art 27" },
            { "transfer_kind": "inbound", "working_days": 3, "limit_rule": "R164 Art 27" },
        ])]
    );
}

#[tokio::test]
async fn a_mortgage_goes_over_the_border_with_all_three() {
    let sandbox = sandbox().await;
    let engine = sandbox.engine();
    for (number, body) in [outbound(), inbound()].into_iter().enumerate() {
        let vin: Vin = decoded(body["vehicle"]["vin"].clone());
        let changed = engine.change_vehicle(engine.home(), vin, |record| {
            let registration = record.registration.as_mut().expect("registered");
            registration
                .mortgages
                .push(lingminban_sandbox::engine::register::Mortgage {
                    lender: "91370399MA3TEA0100".parse().expect("a code"),
                    lender_name: None,
                    contract_number: None,
                    registered_on: None,
                    pledged: false,
                });
        });
        changed.expect("changed");
        let mut without = body.clone();
        without["partner_reference"] = json!(format!("WITHOUT-{number}"));
        let refused = sandbox.transfer(without).await;
        assert_eq!(
            found(&refused),
            [(
                "mortgagee_consent_missing",
                "/mortgagee_consent",
                "R164 Art 26"
            )]
        );
        let mut with = body;
        with["mortgagee_consent"] = json!({
            "mortgagee_name": "示例银行股份有限公司淄博分行",
            "mortgagee_credit_code": "91370399MA3TEA0100",
            "contract_number": "DY-2026-0009",
            "signed_on": "2026-03-01",
        });
        let done = sandbox.transfer(with).await;
        assert_eq!(done.status, Status::Completed, "{:?}", found(&done));
        let record = sandbox.sdk(MARKET).get_vehicle(&vin).await;
        assert!(record.expect("on record").mortgaged);
    }
}

#[tokio::test]
async fn a_car_registered_elsewhere_is_not_this_office_s_to_change() {
    let sandbox = sandbox().await;
    let body = sandbox.of_catalogue("contact_changed_elsewhere").await;
    let refused = sandbox
        .file::<ContactChangeRequest>(OutletKind::PostOffice, body)
        .await;
    assert_eq!(
        found(&refused),
        [(
            "registered_elsewhere",
            "/vehicle/plate_number",
            "R164 Art 2"
        )]
    );
    // A mark may be asked for anywhere.
    let elsewhere = inbound();
    let mut mark = sandbox.of_catalogue("mark_lost_uninsured").await;
    mark["vehicle"] = elsewhere["vehicle"].clone();
    mark["owner"] = elsewhere["seller"].clone();
    let done = sandbox
        .file::<InspectionMarkReplacementRequest>(OutletKind::PostOffice, mark)
        .await;
    assert_eq!(done.status, Status::Completed, "{:?}", found(&done));
    // It is no new car either.
    let mut new = registration(1);
    crate::support::put_vin(&mut new, decoded(elsewhere["vehicle"]["vin"].clone()));
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    dealer
        .post("/v1/registrations", &new)
        .await
        .refused(409, "vehicle_already_registered");
}
