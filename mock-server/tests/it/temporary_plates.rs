//! Temporary plates: every case, how long and how often.

use std::time::Duration;

use lingminban::{
    Submission,
    api::{
        Application, ApplicationStatus as Status, CoOwnerChangeRequest, FilingRequest, OutletKind,
        PlateReplacementRequest, SubmitCoOwnerChange, SubmitPlateReplacement, SubmitTemporaryPlate,
        SubmitTransfer, TemporaryPlateCase as Case, TemporaryPlateRequest, TransferRequest,
    },
    codes::{UseCharacter, VehicleStatusFlag as Flag, VehicleType},
    identifiers::Vin,
};
use lingminban_sandbox::{
    Pace,
    engine::register::{IssuedTemporaryPlate, Registration},
};
use serde_json::{Value, json};

use crate::support::{
    Judged, agent, decoded, errors, example, found, party, put_all, put_vin, registration,
    registration_of, sandbox, supplement, transfer, vin,
};

const PLATES: &str = "/v1/temporary-plates";
const DEALER: OutletKind = OutletKind::Dealer;
const POST: OutletKind = OutletKind::PostOffice;
const STATION: OutletKind = OutletKind::TrafficStation;
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// A new car, bought and not registered.
fn of_new() -> Value {
    example::<SubmitTemporaryPlate>("standard")
}

/// A car that has moved out.
fn of_registered() -> Value {
    example::<SubmitTemporaryPlate>("transfer_out")
}

/// The same of the catalogue's first car, which has no occasion for any.
fn of_clean(case: Case) -> Value {
    let mut body = of_registered();
    body["case"] = json!(case);
    body["owner"] = transfer()["seller"].clone();
    body["vehicle"] = transfer()["vehicle"].clone();
    body
}

/// What a case of the first car rests on comes about. What makes its plates waits for a paper.
async fn occasion(sandbox: &Judged, case: Case) -> Value {
    let mut body = of_case(case);
    match case {
        Case::DealerStock => hold(sandbox, true),
        Case::UsedExport => {
            body["owner"]["kind"] = json!("organisation");
            body["owner"]["identity_number"] = json!("91370399MA00A0028W");
            change(sandbox, |registration| {
                registration.owner_identity = "91370399MA00A0028W".parse().expect("a code");
            });
        }
        Case::PlateRemaking => {
            let mut made = example::<SubmitPlateReplacement>("standard");
            made["agent"] = agent();
            sandbox.file::<PlateReplacementRequest>(POST, made).await;
        }
        Case::PlateMakingDelay => {
            let mut sold = transfer();
            sold["agent"] = agent();
            body["owner"] = sold["buyer"].clone();
            sandbox.transfer(sold).await;
        }
        _ => {}
    }
    body
}

fn remove(body: &mut Value, members: &[&str]) {
    for member in members {
        let removed = body.as_object_mut().expect("an object").remove(*member);
        removed.expect("was there");
    }
}

/// A body that a case takes, without a last day asked for.
fn of_case(case: Case) -> Value {
    use Case::{AcquiredUnregistered, OversizeSpecial, Unsold};
    let registered = [
        Case::PlateMakingDelay,
        Case::PlateRemaking,
        Case::UsedExport,
        Case::DealerStock,
    ];
    if case == Case::TransferOut {
        return of_registered();
    }
    if registered.contains(&case) {
        let mut body = of_clean(case);
        if case == Case::DealerStock {
            remove(&mut body["vehicle"], &["plate_kind", "plate_number"]);
        }
        return body;
    }
    let mut body = of_new();
    body["case"] = json!(case);
    remove(&mut body, &["valid_until"]);
    if case != AcquiredUnregistered {
        remove(&mut body, &["origin_proof"]);
    }
    if !matches!(case, Unsold | AcquiredUnregistered | OversizeSpecial) {
        remove(&mut body, &["conformity_certificate"]);
    }
    if case == OversizeSpecial {
        body["vehicle"]["vehicle_type"] = json!("Z51");
        body["vehicle"]["use_character"] = json!("other");
    }
    if case == Case::ConnectedTest {
        body["test_permit"] = json!({ "number": "CS-1", "valid_until": "2026-12-31" });
    }
    body
}

/// Files at an outlet of a kind, under a reference.
async fn filed(sandbox: &Judged, kind: OutletKind, mut body: Value, name: &str) -> Application {
    body["operator_id"] = json!(sandbox.operator(kind));
    body["partner_reference"] = json!(name);
    sandbox.file::<TemporaryPlateRequest>(kind, body).await
}

/// From when, until when, and which one of how many.
fn told(application: &Application) -> Option<(String, String, Option<u32>, Option<u32>)> {
    let plate = application.temporary_plate.as_ref()?;
    Some((
        plate.valid_from.to_string(),
        plate.valid_until.to_string(),
        plate.nth,
        plate.at_most,
    ))
}

fn until(application: &Application) -> Option<String> {
    told(application).map(|(_, until, ..)| until)
}

#[tokio::test]
async fn a_new_car_drives_until_the_day_asked_for() {
    let sandbox = sandbox().await;
    let done = filed(&sandbox, DEALER, of_new(), "FIRST").await;
    assert_eq!(done.status, Status::Completed);
    assert_eq!(
        told(&done),
        Some(("2026-03-02".into(), "2026-03-31".into(), Some(1), Some(3)))
    );
    let plate = done.temporary_plate.as_ref().expect("issued");
    assert_eq!(plate.case, Case::AcquiredUnregistered);
    assert_eq!(done.result, None);
    let asked: Vec<&str> = done
        .required_materials
        .iter()
        .map(|material| material.kind.as_str())
        .collect();
    assert_eq!(
        asked,
        [
            "identity_proof",
            "compulsory_insurance",
            "origin_proof",
            "conformity_certificate"
        ]
    );
}

#[tokio::test]
async fn every_case_holds_its_longest_when_no_day_is_asked_for() {
    for (case, last, at_most) in [
        (Case::Unsold, "2026-04-01", Some(3)),
        (Case::AcquiredUnregistered, "2026-04-01", Some(3)),
        (Case::NewExport, "2026-04-01", Some(1)),
        (Case::ResearchTest, "2026-09-02", None),
        (Case::OversizeSpecial, "2026-05-31", None),
        (Case::ConnectedTest, "2026-09-02", None),
        (Case::PlateMakingDelay, "2026-03-17", None),
        (Case::PlateRemaking, "2026-03-17", None),
        (Case::TransferOut, "2026-04-01", None),
        (Case::UsedExport, "2026-05-01", None),
        (Case::DealerStock, "2026-04-01", Some(3)),
    ] {
        let sandbox = sandbox().await;
        let body = occasion(&sandbox, case).await;
        let application = filed(&sandbox, STATION, body, "LONGEST").await;
        let station = sandbox.sdk(STATION);
        put_all(&station, &application.application_id).await;
        sandbox.settle();
        let done = station.get_application(&application.application_id).await;
        let done = done.expect("own");
        assert_eq!(done.status, Status::Completed, "{case}");
        let plate = done.temporary_plate.as_ref().expect("issued");
        assert_eq!(plate.case, case);
        assert_eq!(plate.valid_until.to_string(), last, "{case}");
        assert_eq!((plate.nth, plate.at_most), (Some(1), at_most), "{case}");
    }
}

/// Where the plates are not made after all, nothing drives the vehicle beside them.
#[tokio::test]
async fn none_is_issued_for_plates_that_are_not_made() {
    let sandbox = sandbox().await;
    let station = sandbox.sdk(STATION);
    let body = occasion(&sandbox, Case::PlateRemaking).await;
    let mut request = body.clone();
    request["operator_id"] = json!(sandbox.operator(STATION));
    let request: TemporaryPlateRequest = decoded(request);
    let filed = station.submit(&Submission::new(request)).await;
    let filed = filed.expect("filed").application_id;
    let status = async || {
        let read = station.get_application(&filed).await;
        read.expect("own").status
    };
    while status().await != Status::Approved {
        assert!(sandbox.step(&filed));
    }
    let post = sandbox.sdk(POST);
    let making = post.list_applications_page(&Default::default()).await;
    let making = making.expect("listed").items[0].application_id.clone();
    let withdrawn = post
        .withdraw_application(&making, &Default::default())
        .await;
    withdrawn.expect("withdrawn");
    assert!(sandbox.step(&filed));
    let done = station.get_application(&filed).await.expect("own");
    assert_eq!(done.status, Status::Completed);
    assert_eq!(done.temporary_plate, None);
}

#[tokio::test]
async fn each_case_asks_for_its_own_papers() {
    let sandbox = sandbox().await;
    for (case, papers) in [
        (Case::Unsold, &[][..]),
        (Case::NewExport, &["maker_safety_test", "export_proof"][..]),
        (
            Case::ResearchTest,
            &["written_request", "safety_inspection"],
        ),
        (Case::OversizeSpecial, &[]),
        (Case::ConnectedTest, &["safety_inspection", "test_permit"]),
        (Case::TransferOut, &[]),
    ] {
        let mut body = of_case(case);
        body["operator_id"] = json!(sandbox.operator(STATION));
        let caller = sandbox.caller(STATION).await;
        let path = format!("{PLATES}?validate_only=true");
        let assessed = caller.post(&path, &body).await.ok(200);
        let listed = assessed["required_materials"].as_array().expect("a list");
        let missing: Vec<&str> = listed
            .iter()
            .filter(|material| material["state"] == "required")
            .map(|material| material["kind"].as_str().expect("a word"))
            .collect();
        assert_eq!(missing, papers, "{case}");
    }
}

#[tokio::test]
async fn members_that_do_not_go_with_the_case_are_told_all_at_once() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let mut of_new = of_new();
    of_new["case"] = json!("transfer_out");
    remove(&mut of_new, &["valid_until"]);
    let got = caller.post(PLATES, &of_new).await;
    got.refused(422, "validation_failed");
    assert_eq!(
        got.errors(),
        errors(&[
            ("/conformity_certificate", "not_applicable"),
            ("/origin_proof", "not_applicable"),
            ("/vehicle/origin", "not_applicable"),
            // Whether it has a number depends on the kind.
            ("/vehicle/plate_kind", "required"),
            ("/vehicle/use_character", "not_applicable"),
            ("/vehicle/vehicle_type", "not_applicable"),
            ("/vehicle/vin", "vehicle_not_registered"),
        ])
    );
    let mut registered = of_registered();
    registered["case"] = json!("connected_test");
    registered["operator_id"] = json!(sandbox.operator(DEALER));
    let got = caller.post(PLATES, &registered).await;
    assert_eq!(
        got.errors(),
        errors(&[
            ("/compulsory_insurance", "required"),
            ("/test_permit", "required"),
            ("/vehicle/origin", "required"),
            ("/vehicle/plate_kind", "not_applicable"),
            ("/vehicle/plate_number", "not_applicable"),
            ("/vehicle/use_character", "required"),
            ("/vehicle/vehicle_type", "required"),
        ])
    );
}

#[tokio::test]
async fn papers_are_the_vehicle_s_and_of_its_origin() {
    let sandbox = sandbox().await;
    let mut body = of_new();
    body["vehicle"]["origin"] = json!("imported");
    body["compulsory_insurance"]["vin"] = json!(vin(7));
    body["agent"] = agent();
    body["agent"]["power_of_attorney_until"] = json!("2026-03-01");
    let got = sandbox.caller(DEALER).await.post(PLATES, &body).await;
    assert_eq!(
        got.errors(),
        errors(&[
            (
                "/agent/power_of_attorney_until",
                "power_of_attorney_expired"
            ),
            ("/compulsory_insurance/vin", "vin_mismatch"),
            ("/conformity_certificate", "proof_not_of_origin"),
            ("/import_proof", "import_proof_missing"),
        ])
    );
}

#[tokio::test]
async fn a_day_beyond_the_limit_is_told_with_its_article() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(STATION).await;
    for (case, day, rule) in [
        (Case::Unsold, "2026-04-02", "R164 Art 47"),
        (Case::NewExport, "2026-04-02", "R164 Art 47"),
        (Case::ResearchTest, "2026-09-03", "R164 Art 47"),
        (Case::OversizeSpecial, "2026-06-01", "R164 Art 47"),
        (Case::ConnectedTest, "2026-09-03", "R164 Art 48"),
        (Case::PlateMakingDelay, "2026-03-18", "R164 Art 47"),
        (Case::PlateRemaking, "2026-03-18", "R164 Art 51"),
        (Case::TransferOut, "2026-04-02", "R164 Art 27"),
        (Case::UsedExport, "2026-05-02", "R164 Art 28"),
        (Case::DealerStock, "2026-04-02", "商消费发〔2022〕92号"),
    ] {
        let mut body = of_case(case);
        body["operator_id"] = json!(sandbox.operator(STATION));
        body["valid_until"] = json!(day);
        let got = caller.post(PLATES, &body).await;
        got.refused(422, "validation_failed");
        let expected = errors(&[("/valid_until", "temporary_plate_too_long")]);
        assert_eq!(got.errors(), expected, "{case}");
        assert_eq!(got.json()["errors"][0]["rule"], rule, "{case}");
    }
}

#[tokio::test]
async fn none_is_asked_for_beyond_permit_or_insurance_nor_before_today() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(STATION).await;
    let told = async |mut body: Value, day: &str| {
        body["operator_id"] = json!(sandbox.operator(STATION));
        body["valid_until"] = json!(day);
        caller.post(PLATES, &body).await.errors()
    };
    let mut permitted = of_case(Case::ConnectedTest);
    permitted["test_permit"]["valid_until"] = json!("2026-06-30");
    let too_long = errors(&[("/valid_until", "temporary_plate_too_long")]);
    assert_eq!(told(permitted.clone(), "2026-07-01").await, too_long);
    permitted["test_permit"]["valid_until"] = json!("2026-03-01");
    let ended = told(permitted, "2026-03-01").await;
    assert_eq!(
        ended,
        errors(&[
            ("/test_permit/valid_until", "test_permit_expired"),
            ("/valid_until", "dates_out_of_order"),
        ])
    );
    let mut insured = of_new();
    insured["compulsory_insurance"]["valid_until"] = json!("2026-03-20");
    let beyond = errors(&[("/valid_until", "temporary_plate_beyond_insurance")]);
    assert_eq!(told(insured, "2026-03-21").await, beyond);
    let before = errors(&[("/valid_until", "dates_out_of_order")]);
    assert_eq!(told(of_new(), "2026-03-01").await, before);
}

#[tokio::test]
async fn a_plate_begins_and_ends_with_its_insurance_and_permit() {
    let sandbox = sandbox().await;
    let mut body = of_case(Case::AcquiredUnregistered);
    body["compulsory_insurance"]["valid_from"] = json!("2026-03-10");
    let done = filed(&sandbox, DEALER, body, "LATER").await;
    assert_eq!(
        told(&done),
        Some(("2026-03-10".into(), "2026-04-09".into(), Some(1), Some(3)))
    );
    let mut body = of_case(Case::Unsold);
    put_vin(&mut body, vin(1));
    body["compulsory_insurance"]["valid_until"] = json!("2026-03-20");
    let done = filed(&sandbox, DEALER, body, "SHORT").await;
    assert_eq!(until(&done).as_deref(), Some("2026-03-20"));
    let mut body = example::<SubmitTemporaryPlate>("connected_test");
    put_vin(&mut body, vin(2));
    let filed = filed(&sandbox, STATION, body, "PERMIT").await;
    let station = sandbox.sdk(STATION);
    let put = put_all(&station, &filed.application_id).await;
    assert_eq!(put.len(), 2);
    sandbox.settle();
    let done = station.get_application(&filed.application_id).await;
    assert_eq!(until(&done.expect("own")).as_deref(), Some("2026-06-30"));
}

#[tokio::test]
async fn the_fourth_is_refused_until_another_has_the_car() {
    let sandbox = sandbox().await;
    for nth in 1..=3 {
        let done = filed(&sandbox, DEALER, of_new(), &format!("NO-{nth}")).await;
        assert_eq!(done.status, Status::Completed);
        let plate = done.temporary_plate.expect("issued");
        assert_eq!((plate.nth, plate.at_most), (Some(nth), Some(3)));
    }
    let refused = filed(&sandbox, DEALER, of_new(), "NO-4").await;
    assert_eq!(
        found(&refused),
        [("temporary_plates_used_up", "/case", "R164 Art 47")]
    );
    assert_eq!(refused.temporary_plate, None);
    let mut anothers = of_new();
    anothers["owner"] = party("王买方", "37039919770912001", "13600000004");
    let done = filed(&sandbox, DEALER, anothers, "ANOTHER").await;
    assert_eq!(done.temporary_plate.expect("issued").nth, Some(1));
}

#[tokio::test]
async fn a_new_car_for_export_has_one() {
    let sandbox = sandbox().await;
    let station = sandbox.sdk(STATION);
    for (name, status) in [("ONE", Status::Completed), ("TWO", Status::Refused)] {
        let filed = filed(&sandbox, STATION, of_case(Case::NewExport), name).await;
        put_all(&station, &filed.application_id).await;
        sandbox.settle();
        let done = station.get_application(&filed.application_id).await;
        let done = done.expect("own");
        assert_eq!(done.status, status);
        if status == Status::Refused {
            assert_eq!(
                found(&done),
                [("temporary_plates_used_up", "/case", "R164 Art 47")]
            );
        }
    }
}

/// Changes what is on record of the first car.
fn change(sandbox: &Judged, change: impl FnOnce(&mut Registration)) {
    let vin: Vin = decoded(transfer()["vehicle"]["vin"].clone());
    let engine = sandbox.engine();
    let changed = engine.change_vehicle(engine.home(), vin, |record| {
        change(record.registration.as_mut().expect("registered"));
    });
    changed.expect("changed");
}

/// Puts the first car into its owner's stock, or takes it out.
fn hold(sandbox: &Judged, held: bool) {
    change(sandbox, |registration| registration.in_stock = held);
}

#[tokio::test]
async fn a_dealer_has_three_while_it_holds_a_used_car() {
    let sandbox = sandbox().await;
    let market = OutletKind::UsedCarMarket;
    let body = of_case(Case::DealerStock);
    let early = filed(&sandbox, market, body.clone(), "NOT-HELD").await;
    assert_eq!(
        found(&early),
        [("not_in_stock", "/case", "商消费发〔2022〕92号")]
    );
    hold(&sandbox, true);
    for nth in 1..=3 {
        let done = filed(&sandbox, market, body.clone(), &format!("NO-{nth}")).await;
        assert_eq!(done.temporary_plate.expect("issued").nth, Some(nth));
    }
    let refused = filed(&sandbox, market, body.clone(), "NO-4").await;
    assert_eq!(
        found(&refused),
        [("stock_plates_used_up", "/case", "商消费发〔2022〕92号")]
    );
    let vin: Vin = decoded(body["vehicle"]["vin"].clone());
    let shown = sandbox.sdk(market).get_vehicle(&vin).await;
    let awaiting = shown.expect("registered").awaiting_sale.expect("in stock");
    assert_eq!(awaiting.temporary_plates, 3);
    // What it has for another reason does not count.
    hold(&sandbox, false);
    sandbox.flag(vin, Flag::TransferredOut, true);
    let leaving = of_clean(Case::TransferOut);
    let done = filed(&sandbox, market, leaving, "OUT").await;
    assert_eq!(done.status, Status::Completed);
    // A later holding of the same car counts anew.
    sandbox.flag(vin, Flag::TransferredOut, false);
    sandbox.clock().advance(DAY);
    let today = sandbox.clock().now().date();
    change(&sandbox, |registration| {
        registration.in_stock = true;
        registration.acquired_on = today;
    });
    let done = filed(&sandbox, market, body, "ANEW").await;
    assert_eq!(done.temporary_plate.expect("issued").nth, Some(1));
    let shown = sandbox.sdk(market).get_vehicle(&vin).await;
    let awaiting = shown.expect("registered").awaiting_sale.expect("in stock");
    assert_eq!(awaiting.temporary_plates, 1);
}

#[tokio::test]
async fn of_a_registered_car_the_record_says_whether_it_is_insured() {
    let sandbox = sandbox().await;
    // Insured until 2026-11-09.
    let vin: Vin = decoded(of_registered()["vehicle"]["vin"].clone());
    let done = filed(&sandbox, POST, of_registered(), "INSURED").await;
    assert_eq!(until(&done).as_deref(), Some("2026-04-01"));
    let insure = |last| {
        let engine = sandbox.engine();
        let changed = engine.change_vehicle(engine.home(), vin, |record| {
            let registration = record.registration.as_mut().expect("registered");
            registration.insured_until = Some(last);
            record.temporary_plates.clear();
        });
        changed.expect("changed");
    };
    insure(jiff::civil::date(2026, 3, 12));
    let done = filed(&sandbox, POST, of_registered(), "SHORTER").await;
    assert_eq!(until(&done).as_deref(), Some("2026-03-12"));
    insure(jiff::civil::date(2026, 3, 12));
    let mut longer = of_registered();
    longer["valid_until"] = json!("2026-03-13");
    let refused = filed(&sandbox, POST, longer, "LONGER").await;
    assert_eq!(
        found(&refused),
        [(
            "temporary_plate_beyond_insurance",
            "/valid_until",
            "R164 Art 47"
        )]
    );
    insure(jiff::civil::date(2026, 3, 1));
    let refused = filed(&sandbox, POST, of_registered(), "ENDED").await;
    assert_eq!(
        found(&refused),
        [("insurance_not_in_force", "/vehicle/vin", "R164 Art 47")]
    );
    let mut renewed = of_registered();
    renewed["compulsory_insurance"] = of_new()["compulsory_insurance"].clone();
    renewed["compulsory_insurance"]["vin"] = json!(vin);
    let done = filed(&sandbox, POST, renewed.clone(), "RENEWED").await;
    assert_eq!(until(&done).as_deref(), Some("2026-04-01"));

    // A policy that begins later leaves no gap behind one that holds so long, and opens one behind
    // one that does not.
    renewed["compulsory_insurance"]["valid_from"] = json!("2026-03-13");
    for (on_record, from, last) in [
        (jiff::civil::date(2026, 3, 13), "2026-03-02", "2026-04-01"),
        (jiff::civil::date(2026, 3, 11), "2026-03-13", "2026-04-12"),
    ] {
        insure(on_record);
        let done = filed(&sandbox, POST, renewed.clone(), &format!("TO-{last}")).await;
        let expected = (from.to_owned(), last.to_owned(), Some(1), None);
        let (from, until, _, most) = told(&done).expect("issued");
        assert_eq!((from, until, Some(1), most), expected);
    }
    // Of two policies the longer counts.
    insure(jiff::civil::date(2026, 3, 20));
    renewed["compulsory_insurance"]["valid_from"] = json!("2026-03-01");
    renewed["compulsory_insurance"]["valid_until"] = json!("2026-03-10");
    renewed["valid_until"] = json!("2026-03-20");
    let done = filed(&sandbox, POST, renewed.clone(), "TWO").await;
    assert_eq!(until(&done).as_deref(), Some("2026-03-20"));
    renewed["valid_until"] = json!("2026-03-21");
    let got = sandbox.caller(POST).await.post(PLATES, &renewed).await;
    let expected = errors(&[("/valid_until", "temporary_plate_beyond_insurance")]);
    assert_eq!(got.errors(), expected);
}

#[tokio::test]
async fn a_case_of_registered_cars_needs_its_occasion() {
    let sandbox = sandbox().await;
    for (case, code, rule) in [
        (
            Case::PlateMakingDelay,
            "no_plates_in_making",
            "R164 Art 47, 51",
        ),
        (
            Case::PlateRemaking,
            "no_plates_in_making",
            "R164 Art 47, 51",
        ),
        (Case::TransferOut, "not_moving_out", "R164 Art 27"),
        (Case::UsedExport, "not_bought_for_export", "R164 Art 28"),
    ] {
        let name = case.as_str().to_uppercase();
        let refused = filed(&sandbox, POST, of_clean(case), &name).await;
        assert_eq!(found(&refused), [(code, "/case", rule)], "{case}");
    }
    // Plates that are made again are no plates of a new number.
    occasion(&sandbox, Case::PlateRemaking).await;
    let mut body = of_case(Case::PlateMakingDelay);
    body["partner_reference"] = json!("BESIDE");
    let got = sandbox.caller(POST).await.post(PLATES, &body).await;
    got.refused(409, "vehicle_in_process");
}

#[tokio::test]
async fn one_follows_the_other_where_the_law_sets_no_number() {
    let sandbox = sandbox().await;
    let done = filed(&sandbox, POST, of_registered(), "FIRST").await;
    assert_eq!(until(&done).as_deref(), Some("2026-04-01"));
    sandbox.clock().advance(DAY * 30);
    let refused = filed(&sandbox, POST, of_registered(), "BESIDE").await;
    let codes: Vec<_> = found(&refused).iter().map(|found| found.0).collect();
    assert_eq!(codes, ["temporary_plate_in_force"]);
    sandbox.clock().advance(DAY);
    let done = filed(&sandbox, POST, of_registered(), "AFTER").await;
    assert_eq!(until(&done).as_deref(), Some("2026-05-02"));
}

#[tokio::test]
async fn plates_that_come_first_end_it_too() {
    let sandbox = sandbox().await;
    sandbox.set_pace(Pace::Manual);
    let made = example::<SubmitPlateReplacement>("standard");
    let made = sandbox.file::<PlateReplacementRequest>(POST, made).await;
    let body = of_case(Case::PlateRemaking);
    let waiting = filed(&sandbox, POST, body.clone(), "WAITING").await;
    for _ in 0..3 {
        assert!(sandbox.step(&waiting.application_id));
    }
    while sandbox.step(&made.application_id) {}
    while sandbox.step(&waiting.application_id) {}
    let post = sandbox.sdk(POST);
    let done = post.get_application(&waiting.application_id).await;
    let done = done.expect("own");
    assert_eq!(done.status, Status::Completed);
    assert_eq!(until(&done).as_deref(), Some("2026-03-05"));
}

#[tokio::test]
async fn a_car_whose_registration_is_under_way_has_one_and_keeps_it_on_record() {
    let sandbox = sandbox().await;
    let dealer = sandbox.sdk(DEALER);
    let registered = dealer
        .submit_registration(&registration_of(supplement(1)))
        .await
        .expect("filed");
    let mut body = of_clean(Case::PlateMakingDelay);
    body["owner"] = supplement(1)["owner"].clone();
    body["vehicle"] = json!({ "vin": vin(1) });
    let done = filed(&sandbox, DEALER, body, "DELAY").await;
    assert_eq!(done.status, Status::Completed, "{:?}", found(&done));
    assert_eq!(until(&done).as_deref(), Some("2026-03-17"));
    put_all(&dealer, &registered.application_id).await;
    sandbox.settle();
    let now = dealer.get_application(&registered.application_id).await;
    assert_eq!(now.expect("own").status, Status::Completed);
    let ended = dealer.get_application(&done.application_id).await;
    assert_eq!(until(&ended.expect("own")).as_deref(), Some("2026-03-05"));
}

#[tokio::test]
async fn a_car_is_not_over_size() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(STATION).await;
    for (vehicle_type, wrong) in [("K33", true), ("M21", true), ("H11", false)] {
        let mut body = of_case(Case::OversizeSpecial);
        body["operator_id"] = json!(sandbox.operator(STATION));
        body["vehicle"]["vehicle_type"] = json!(vehicle_type);
        let got = caller
            .post(&format!("{PLATES}?validate_only=true"), &body)
            .await;
        let expected: &[_] = if wrong {
            &[("/vehicle/vehicle_type", "not_special_vehicle")]
        } else {
            &[]
        };
        assert_eq!(got.errors(), errors(expected), "{vehicle_type}");
    }
}

#[tokio::test]
async fn none_ends_before_it_begins() {
    let sandbox = sandbox().await;
    sandbox.set_pace(Pace::Manual);
    let mut permitted = of_case(Case::ConnectedTest);
    permitted["test_permit"]["valid_until"] = json!("2026-03-05");
    put_vin(&mut permitted, vin(1));
    let mut asked = of_new();
    asked["valid_until"] = json!("2026-03-08");
    for (kind, body, ground) in [
        (
            STATION,
            permitted,
            (
                "test_permit_expired",
                "/test_permit/valid_until",
                "R164 Art 48",
            ),
        ),
        (
            DEALER,
            asked,
            ("temporary_plate_day_passed", "/valid_until", "R164 Art 47"),
        ),
    ] {
        let waiting = filed(&sandbox, kind, body, "IN-TIME").await;
        let outlet = sandbox.sdk(kind);
        put_all(&outlet, &waiting.application_id).await;
        sandbox.clock().advance(DAY * 4);
        while sandbox.step(&waiting.application_id) {}
        let refused = outlet.get_application(&waiting.application_id).await;
        let refused = refused.expect("own");
        assert_eq!(refused.status, Status::Refused);
        assert_eq!(found(&refused), [ground]);
        assert_eq!(refused.temporary_plate, None);
    }
}

#[tokio::test]
async fn formal_plates_end_it_after_three_days() {
    let sandbox = sandbox().await;
    let mut body = of_new();
    put_vin(&mut body, vin(1));
    let done = filed(&sandbox, DEALER, body, "MEANWHILE").await;
    assert_eq!(until(&done).as_deref(), Some("2026-03-31"));
    let registered = sandbox.register(registration(1)).await;
    assert_eq!(registered.status, Status::Completed);
    let dealer = sandbox.sdk(DEALER);
    let ended = dealer.get_application(&done.application_id).await;
    assert_eq!(until(&ended.expect("own")).as_deref(), Some("2026-03-05"));
    let mut again = of_new();
    put_vin(&mut again, vin(1));
    again["partner_reference"] = json!("AGAIN");
    let got = sandbox.caller(DEALER).await.post(PLATES, &again).await;
    got.refused(409, "vehicle_already_registered");
}

/// The last day of the one plate that a car has while an application runs to its end.
async fn last_day_after<R: FilingRequest>(kind: OutletKind, example: Value) -> String {
    let sandbox = sandbox().await;
    let vin: Vin = decoded(example["vehicle"]["vin"].clone());
    let engine = sandbox.engine();
    let owner = "370399199003070016".parse().expect("a number");
    let put = engine.change_vehicle(engine.home(), vin, |record| {
        record.temporary_plates.push(IssuedTemporaryPlate {
            plate_number: "鲁C临900001".to_owned(),
            case: Case::PlateMakingDelay,
            owner,
            valid_from: jiff::civil::date(2026, 3, 1),
            valid_until: jiff::civil::date(2026, 3, 16),
            nth: 1,
        });
    });
    put.expect("changed");
    let filed = sandbox.file::<R>(kind, example).await;
    let outlet = sandbox.sdk(kind);
    put_all(&outlet, &filed.application_id).await;
    sandbox.settle();
    let done = outlet.get_application(&filed.application_id).await;
    let done = done.expect("own");
    assert_eq!(done.status, Status::Completed, "{:?}", found(&done));
    let now = engine.change_vehicle(engine.home(), vin, |_| {});
    now.expect("on record").temporary_plates[0]
        .valid_until
        .to_string()
}

#[tokio::test]
async fn only_what_gets_plates_ends_temporary_ones() {
    let market = OutletKind::UsedCarMarket;
    for (name, ends) in [
        ("standard", true),
        ("from_stock", true),
        ("inbound", true),
        ("outbound", false),
        ("dealer_stock", false),
        ("spouse", false),
    ] {
        let body = example::<SubmitTransfer>(name);
        let last = last_day_after::<TransferRequest>(market, body).await;
        let expected = if ends { "2026-03-05" } else { "2026-03-16" };
        assert_eq!(last, expected, "{name}");
    }
    let kept = example::<SubmitCoOwnerChange>("standard");
    let mut changed = kept.clone();
    changed["keep_plate_number"] = json!(false);
    for (body, expected) in [(kept, "2026-03-16"), (changed, "2026-03-05")] {
        let last = last_day_after::<CoOwnerChangeRequest>(POST, body).await;
        assert_eq!(last, expected);
    }
}

#[tokio::test]
async fn what_befalls_the_car_before_the_decision_decides() {
    let sandbox = sandbox().await;
    sandbox.set_pace(Pace::Manual);
    let filed = filed(&sandbox, POST, of_registered(), "SLOW").await;
    let got = sandbox.caller(POST).await;
    let mut second = of_registered();
    second["partner_reference"] = json!("BESIDE");
    let beside = got.post(PLATES, &second).await;
    beside.refused(409, "vehicle_in_process");
    let vin = decoded(of_registered()["vehicle"]["vin"].clone());
    sandbox.flag(vin, Flag::Stolen, true);
    while sandbox.step(&filed.application_id) {}
    let post = sandbox.sdk(POST);
    let refused = post.get_application(&filed.application_id).await;
    assert_eq!(
        found(&refused.expect("own")),
        [("stolen_or_defrauded", "/vehicle/vin", "R164 Art 76")]
    );
}

#[tokio::test]
async fn only_the_owner_on_record_has_one_for_a_registered_car() {
    let sandbox = sandbox().await;
    let mut body = of_registered();
    body["owner"]["name"] = json!("周旁人");
    body["vehicle"]["plate_number"] = json!("鲁C8K9M3");
    let refused = filed(&sandbox, POST, body, "NOT-HIS").await;
    assert_eq!(
        found(&refused),
        [
            ("record_mismatch", "/owner/name", "R164 Art 29(1)"),
            ("record_mismatch", "/vehicle/plate_number", "R164 Art 29(1)"),
        ]
    );
}

#[tokio::test]
async fn what_moves_out_drives_there_and_what_is_deregistered_does_not() {
    let sandbox = sandbox().await;
    let vin = decoded(of_registered()["vehicle"]["vin"].clone());
    let gone = (
        "deregistered_or_moved_out",
        "/vehicle/vin",
        "R164 Art 29(1)",
    );
    sandbox.flag(vin, Flag::Deregistered, true);
    let refused = filed(&sandbox, POST, of_registered(), "SCRAPPED").await;
    assert_eq!(found(&refused), [gone]);
    sandbox.flag(vin, Flag::Deregistered, false);
    let done = filed(&sandbox, POST, of_registered(), "OUT").await;
    assert_eq!(done.status, Status::Completed);
    let mut here = of_registered();
    here["case"] = json!("plate_making_delay");
    let refused = filed(&sandbox, POST, here, "HERE").await;
    let unmade = ("no_plates_in_making", "/case", "R164 Art 47, 51");
    assert_eq!(found(&refused), [unmade, gone]);
}

#[tokio::test]
async fn special_vehicles_go_to_the_authority_s_own_posts() {
    let sandbox = sandbox().await;
    let mut special = of_case(Case::OversizeSpecial);
    special["vehicle"]["vehicle_type"] = json!("Z51");
    special["vehicle"]["use_character"] = json!("other");
    let got = sandbox.caller(DEALER).await.post(PLATES, &special).await;
    got.refused(403, "vehicle_class_not_entrusted");
    let class = "vehicle_class_not_entrusted";
    assert_eq!(
        got.errors(),
        errors(&[
            ("/vehicle/use_character", class),
            ("/vehicle/vehicle_type", class)
        ])
    );
    let done = filed(&sandbox, STATION, special, "SPECIAL").await;
    assert_eq!(until(&done).as_deref(), Some("2026-05-31"));

    let engine = sandbox.engine();
    let vin = decoded(of_registered()["vehicle"]["vin"].clone());
    let changed = engine.change_vehicle(engine.home(), vin, |record| {
        record.vehicle_type = VehicleType::H31;
        record.use_character = UseCharacter::Freight;
    });
    changed.expect("changed");
    let got = sandbox.caller(POST).await;
    let got = got.post(PLATES, &of_registered()).await;
    assert_eq!(got.errors(), errors(&[("/vehicle/vin", class)]));
    let bank = sandbox.caller(OutletKind::Bank).await;
    let mut body = of_registered();
    body["operator_id"] = json!(sandbox.operator(OutletKind::Bank));
    let got = bank.post(PLATES, &body).await;
    got.refused(403, "service_not_entrusted");
}
