//! Stations: calendars, bookings, tests, and the one stop.

use std::time::Duration;

use lingminban::{
    Submission,
    api::{
        ApplicationStatus, BookInspection, Cancellation, CheckIn, InspectAtOneStop, Inspection,
        InspectionBooking, InspectionFilter, InspectionItem, InspectionResult, InspectionSlot,
        InspectionStatus as Status, OneStopRequest, OutletId, OutletKind, ProblemCode, Rebooking,
        RecordInspectionResult, SlotFilter,
        control::{MessageFilter, SpaceId},
    },
    codes::VehicleStatusFlag as Flag,
    identifiers::Vin,
    inspection::DueKind,
};
use lingminban_sandbox::{Pace, engine::register::VehicleRecord};
use serde_json::{Value, json};

use crate::support::{Got, Judged, decoded, example, found, sandbox, sandbox_at, vin};

const STATION: OutletKind = OutletKind::InspectionStation;
const HOUR: Duration = Duration::from_secs(3_600);

fn booking() -> Value {
    example::<BookInspection>("standard")
}

/// What is not named is told to be missing, and not to be something else.
#[tokio::test]
async fn a_number_that_is_not_named_is_told_once() {
    let sandbox = sandbox().await;
    let mut body = walk_in();
    let vehicle = body["vehicle"].as_object_mut().expect("an object");
    vehicle.remove("plate_number");
    let told = sandbox.refusal(STATION, "/v1/inspections", &body).await;
    assert_eq!(
        told,
        [("/vehicle/plate_number".to_owned(), "required".to_owned())]
    );
}

fn walk_in() -> Value {
    example::<BookInspection>("walk_in")
}

fn one_stop() -> Value {
    example::<InspectAtOneStop>("standard")
}

fn passed() -> Value {
    example::<RecordInspectionResult>("passed")
}

fn failed() -> Value {
    example::<RecordInspectionResult>("failed")
}

fn station_id() -> OutletId {
    "zb-station-001".parse().expect("an id")
}

async fn booked(sandbox: &Judged, body: Value) -> Inspection {
    let submission = Submission::<InspectionBooking>::new(decoded(body));
    let station = sandbox.sdk(STATION);
    station.book_inspection(&submission).await.expect("booked")
}

async fn slots(sandbox: &Judged, from: &str, to: &str) -> Vec<InspectionSlot> {
    let filter = SlotFilter::builder()
        .from(from.parse().expect("a date"))
        .to(to.parse().expect("a date"))
        .build();
    let station = sandbox.sdk(STATION);
    let calendar = station.list_inspection_slots(&station_id(), &filter).await;
    calendar.expect("listed").slots
}

/// Vehicles that can be booked, all of one owner and each with a plate of its own.
fn put_due_cars(sandbox: &Judged, count: u32) -> Vec<Value> {
    let engine = sandbox.engine();
    let home = engine.home();
    let known: Vin = decoded(booking()["vehicle"]["vin"].clone());
    let mut due = engine.change_vehicle(home, known, |_| {}).expect("known");
    (0..count)
        .map(|number| {
            let vin = vin(10_000 + number);
            let plate = format!("鲁C5{number:04}");
            due.vin = vin;
            if let Some(registration) = &mut due.registration {
                registration.plate_number = plate.parse().expect("a number");
            }
            let record = due.clone();
            let put = engine.change_vehicle(home, vin, |unknown| *unknown = record.clone());
            put.expect("put");
            let mut body = booking();
            body["vehicle"]["vin"] = json!(vin);
            body["vehicle"]["plate_number"] = json!(plate);
            body["partner_reference"] = json!(format!("CAR-{number}"));
            body
        })
        .collect()
}

#[tokio::test]
async fn a_station_shows_a_week_of_slots_with_room_for_fifty_to_sixty_a_day() {
    let sandbox = sandbox().await;
    let station = sandbox.sdk(STATION);
    let calendar = station
        .list_inspection_slots(&station_id(), &SlotFilter::default())
        .await
        .expect("listed");
    // Monday to Saturday; the Sunday has none.
    assert_eq!(calendar.slots.len(), 6 * 8);
    let tuesday = slots(&sandbox, "2026-03-03", "2026-03-03").await;
    let capacity: u32 = tuesday.iter().map(|slot| slot.capacity).sum();
    assert!((50..=60).contains(&capacity), "{capacity}");
    assert!(tuesday.iter().all(|slot| slot.free == slot.capacity));
    // At nine o'clock the first hour of the day is over.
    assert_eq!(calendar.slots[0].free, 0);
    assert!(calendar.slots[1].free > 0);

    let caller = sandbox.caller(OutletKind::Dealer).await;
    let path = "/v1/outlets/zb-station-002/inspection-slots";
    let anothers = caller.get(path).await.ok(200);
    assert_eq!(anothers["slots"].as_array().expect("a list").len(), 48);
    let none = caller.get("/v1/outlets/zb-bank-001/inspection-slots").await;
    assert_eq!(none.ok(200)["slots"], json!([]));
    let unknown = caller.get("/v1/outlets/zb-bank-999/inspection-slots").await;
    unknown.refused(404, "outlet_not_found");
    for range in [
        "from=2026-03-03&to=2026-03-02",
        "from=2026-03-01&to=2026-04-01",
    ] {
        let got = caller.get(&format!("{path}?{range}")).await;
        got.refused(400, "invalid_parameter");
        assert_eq!(got.errors(), [("to".into(), "out_of_range".into())]);
    }
}

#[tokio::test]
async fn a_calendar_is_open_for_three_months() {
    let sandbox = sandbox().await;
    let shown = slots(&sandbox, "2026-05-31", "2026-06-20").await;
    let days: Vec<String> = shown
        .iter()
        .step_by(8)
        .map(|slot| slot.starts_at.to_string()[..10].to_owned())
        .collect();
    assert_eq!(days, ["2026-06-01", "2026-06-02"]);
    let mut body = booking();
    body["starts_at"] = json!("2026-06-02T16:00:00+08:00");
    booked(&sandbox, body).await;
}

/// What the calendar shows of a slot that has begun is for those who are there.
#[tokio::test]
async fn the_places_of_a_slot_under_way_are_for_who_is_there() {
    let sandbox = sandbox().await;
    let free = async || slots(&sandbox, "2026-03-02", "2026-03-02").await[1].free;
    let before = free().await;
    let mut body = booking();
    body["starts_at"] = json!("2026-03-02T09:00:00+08:00");
    let caller = sandbox.caller(STATION).await;
    let got = caller.post("/v1/inspections", &body).await;
    assert_eq!(got.errors(), [("/starts_at".into(), "slot_unknown".into())]);
    body.as_object_mut().expect("a body").remove("starts_at");
    booked(&sandbox, body).await;
    assert_eq!(free().await, before - 1);
}

#[tokio::test]
async fn a_booking_is_moved_and_cancelled_and_its_place_comes_back() {
    let sandbox = sandbox().await;
    let station = sandbox.sdk(STATION);
    let inspection = booked(&sandbox, booking()).await;
    assert_eq!(inspection.status, Status::Booked);
    assert!(!inspection.walk_in && !inspection.overdue);
    assert_eq!(inspection.due_kind, DueKind::Test);
    assert_eq!(inspection.due_on.to_string(), "2026-04-30");
    let free = async |nth: usize| {
        let day = slots(&sandbox, "2026-03-03", "2026-03-03").await;
        day[nth].capacity - day[nth].free
    };
    assert_eq!((free(1).await, free(2).await), (1, 0));

    let later = Rebooking {
        starts_at: "2026-03-03T10:00:00+08:00".parse().expect("a time"),
    };
    let id = &inspection.inspection_id;
    let moved = station.rebook_inspection(id, &later).await.expect("moved");
    assert_eq!(moved.starts_at, later.starts_at);
    assert_eq!((free(1).await, free(2).await), (0, 1));

    let reason = Cancellation {
        reason: Some("车主临时有事".parse().expect("a text")),
    };
    let cancelled = station.cancel_inspection(id, &reason).await;
    assert_eq!(cancelled.expect("cancelled").status, Status::Cancelled);
    assert_eq!(free(2).await, 0);

    // The vehicle is free for another booking, the reference is not.
    let caller = sandbox.caller(STATION).await;
    let got = caller.post("/v1/inspections", &booking()).await;
    got.refused(409, "reference_used");
    assert_eq!(got.json()["inspection_id"], json!(id));
    let mut again = booking();
    again["partner_reference"] = json!("AGAIN");
    booked(&sandbox, again).await;

    for (step, body) in [
        (
            "rebooking",
            json!({ "starts_at": "2026-03-04T10:00:00+08:00" }),
        ),
        ("cancellation", json!({})),
        ("check-in", json!({ "operator_id": "zb-station-001-op1" })),
        ("results", passed()),
    ] {
        let got = caller
            .post(&format!("/v1/inspections/{id}/{step}"), &body)
            .await;
        got.refused(409, "inspection_wrong_state");
    }
}

#[tokio::test]
async fn a_vehicle_has_one_inspection_at_a_time_wherever_it_is() {
    let sandbox = sandbox().await;
    let first = booked(&sandbox, booking()).await;
    let mut body = walk_in();
    body["partner_reference"] = json!("TWICE");
    let own = sandbox.caller(STATION).await;
    let got = own.post("/v1/inspections", &body).await;
    got.refused(409, "vehicle_has_inspection");
    assert_eq!(got.json()["inspection_id"], json!(first.inspection_id));

    let another = sandbox.caller_of("zb-station-2").await;
    body["operator_id"] = json!("zb-station-002-op1");
    let got = another.post("/v1/inspections", &body).await;
    got.refused(409, "vehicle_has_inspection");
    assert_eq!(got.json()["inspection_id"], Value::Null);
    let path = format!("/v1/inspections/{}", first.inspection_id);
    another
        .get(&path)
        .await
        .refused(404, "inspection_not_found");
}

#[tokio::test]
async fn whoever_comes_without_a_booking_gets_what_is_left_of_the_day() {
    let sandbox = sandbox().await;
    let cars = put_due_cars(&sandbox, 70);
    let caller = sandbox.caller(STATION).await;
    let mut taken = 0;
    for mut car in cars {
        car.as_object_mut().expect("a body").remove("starts_at");
        let got = caller.post("/v1/inspections", &car).await;
        if got.status == 409 {
            got.refused(409, "no_free_slot");
            continue;
        }
        let inspection: Inspection = decoded(got.ok(201));
        assert_eq!(inspection.status, Status::CheckedIn);
        assert!(inspection.walk_in);
        taken += 1;
    }
    let today = slots(&sandbox, "2026-03-02", "2026-03-02").await;
    // All but the hour that is over.
    let room: u32 = today[1..].iter().map(|slot| slot.capacity).sum();
    assert_eq!(taken, room);
    assert!(today.iter().all(|slot| slot.free == 0));
}

#[tokio::test]
async fn a_full_slot_takes_nobody_more() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(STATION).await;
    let capacity = slots(&sandbox, "2026-03-03", "2026-03-03").await[1].capacity;
    let cars = put_due_cars(&sandbox, capacity + 1);
    let (last, before) = cars.split_last().expect("cars");
    for car in before {
        booked(&sandbox, car.clone()).await;
    }
    let got = caller.post("/v1/inspections", last).await;
    got.refused(409, "no_free_slot");
    assert_eq!(got.errors(), [("/starts_at".into(), "no_free_slot".into())]);
    let mut elsewhere = last.clone();
    elsewhere["starts_at"] = json!("2026-03-03T10:00:00+08:00");
    let other = booked(&sandbox, elsewhere).await;
    let path = format!("/v1/inspections/{}/rebooking", other.inspection_id);
    let got = caller
        .post(&path, &json!({ "starts_at": last["starts_at"] }))
        .await;
    got.refused(409, "no_free_slot");
}

#[tokio::test]
async fn everything_wrong_with_a_booking_is_told_at_once() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(STATION).await;
    let errors = async |body: &Value| {
        let got = caller.post("/v1/inspections", body).await;
        got.refused(422, "validation_failed");
        let mut errors = got.errors();
        errors.sort();
        errors
    };
    let mut body = booking();
    body["starts_at"] = json!("2026-03-03T09:30:00+08:00");
    body["owner"]["name"] = json!("周旁人");
    body["vehicle"]["plate_number"] = json!("鲁C90203");
    body["surprise"] = json!(1);
    let expected = [
        ("/owner/name", "record_mismatch"),
        ("/starts_at", "slot_unknown"),
        ("/surprise", "unknown_member"),
        ("/vehicle/plate_number", "record_mismatch"),
    ];
    let expected = expected.map(|(place, code)| (place.to_owned(), code.to_owned()));
    assert_eq!(errors(&body).await, expected);

    for (starts_at, told) in [
        // Over, just begun, Sunday, between two slots, after the calendar, long after any.
        ("2026-03-02T08:00:00+08:00", "slot_unknown"),
        ("2026-03-02T09:00:00+08:00", "slot_unknown"),
        ("2026-03-08T09:00:00+08:00", "slot_unknown"),
        ("2026-03-03T12:00:00+08:00", "slot_unknown"),
        ("2026-06-03T09:00:00+08:00", "slot_unknown"),
        ("2046-03-05T09:00:00+08:00", "slot_unknown"),
        ("9999-12-31T23:59:59+08:00", "slot_unknown"),
    ] {
        let mut body = booking();
        body["starts_at"] = json!(starts_at);
        let errors = errors(&body).await;
        let here = errors.iter().find(|(place, _)| place == "/starts_at");
        assert_eq!(
            here.map(|(_, code)| code.as_str()),
            Some(told),
            "{starts_at}"
        );
    }

    let mut unknown = booking();
    unknown["vehicle"]["vin"] = json!(vin(1));
    assert_eq!(
        errors(&unknown).await,
        [(
            "/vehicle/vin".to_owned(),
            "vehicle_not_registered".to_owned()
        )]
    );
}

#[tokio::test]
async fn a_car_is_tested_when_it_is_due_and_not_where_its_mark_is_enough() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(STATION).await;
    for (case, told) in [
        ("exempt_mark", "test_not_needed"),
        ("inspection_not_due_yet", "inspection_window_not_open"),
    ] {
        let of_case = sandbox.of_catalogue(case).await;
        let mut body = walk_in();
        body["vehicle"] = of_case["vehicle"].clone();
        body["owner"] = of_case["owner"].clone();
        let got = caller.post("/v1/inspections", &body).await;
        assert_eq!(
            got.errors(),
            [("/vehicle/vin".into(), told.into())],
            "{case}"
        );
    }
    // Booked before its window, for a day within it.
    let sandbox = sandbox_at(Pace::Quick, "2026-01-30T09:00:00+08:00").await;
    let caller = sandbox.caller(STATION).await;
    let mut body = booking();
    body["starts_at"] = json!("2026-01-31T09:00:00+08:00");
    let got = caller.post("/v1/inspections", &body).await;
    assert_eq!(
        got.errors(),
        [("/vehicle/vin".into(), "inspection_window_not_open".into())]
    );
    body["starts_at"] = json!("2026-02-02T09:00:00+08:00");
    booked(&sandbox, body).await;
}

#[tokio::test]
async fn other_outlets_and_other_operators_inspect_nothing() {
    let sandbox = sandbox().await;
    let mut body = walk_in();
    for (kind, code) in [
        (OutletKind::PostOffice, "service_not_entrusted"),
        (OutletKind::TownshipSquadron, "service_not_entrusted"),
    ] {
        let caller = sandbox.caller(kind).await;
        body["operator_id"] = json!(sandbox.operator(kind));
        caller
            .post("/v1/inspections", &body)
            .await
            .refused(403, code);
    }
    let caller = sandbox.caller(STATION).await;
    body["operator_id"] = json!("zb-station-001-op3");
    let got = caller.post("/v1/inspections", &body).await;
    got.refused(403, "operator_not_assessed");

    let inspection = booked(&sandbox, walk_in()).await;
    let mut result = passed();
    for (operator, code) in [
        ("zb-station-002-op1", "operator_not_of_outlet"),
        ("zb-station-001-op4", "operator_certificate_lapsed"),
    ] {
        result["operator_id"] = json!(operator);
        let path = format!("/v1/inspections/{}/results", inspection.inspection_id);
        caller.post(&path, &result).await.refused(403, code);
    }
}

#[tokio::test]
async fn a_failed_test_is_repeated_for_what_failed_and_then_the_mark_can_be_filed_for() {
    let sandbox = sandbox().await;
    let station = sandbox.sdk(STATION);
    let due = sandbox.of_catalogue("inspection_due").await;
    let mut body = walk_in();
    body["vehicle"] = due["vehicle"].clone();
    body["owner"] = due["owner"].clone();
    let inspection = booked(&sandbox, body).await;
    let id = &inspection.inspection_id;
    assert_eq!(inspection.items_due.len(), InspectionItem::ALL.len());

    let result: InspectionResult = decoded(failed());
    let told = station
        .record_inspection_result(id, &result)
        .await
        .expect("told");
    assert_eq!(told.status, Status::Failed);
    assert_eq!(told.items_due, [InspectionItem::Brakes]);
    let [test] = told.tests.as_slice() else {
        panic!("{told:?}")
    };
    assert!(!test.passed);
    assert_eq!(test.failed_items[0].item, InspectionItem::Brakes);
    assert_eq!(
        test.failed_items[0].finding.as_str(),
        "后轴制动不平衡率超限"
    );

    // The next day, repaired.
    sandbox.clock().advance(24 * HOUR);
    let check_in = CheckIn {
        operator_id: "zb-station-001-op2".parse().expect("an id"),
    };
    let again = station
        .check_in_inspection(id, &check_in)
        .await
        .expect("in");
    assert_eq!(again.status, Status::CheckedIn);
    let caller = sandbox.caller(STATION).await;
    let path = format!("/v1/inspections/{id}/results");
    let got = caller.post(&path, &passed()).await;
    got.refused(422, "validation_failed");
    let errors = got.errors();
    assert_eq!(errors.len(), InspectionItem::ALL.len() - 1);
    assert!(errors.iter().all(|(_, code)| code == "item_not_due"));
    let got = caller
        .post(
            &path,
            &json!({ "operator_id": "zb-station-001-op1", "items": [] }),
        )
        .await;
    assert_eq!(got.errors(), [("/items".into(), "item_missing".into())]);
    let repaired = json!({
        "operator_id": "zb-station-001-op1",
        "items": [{ "item": "brakes", "passed": true }],
    });
    let done: Inspection = decoded(caller.post(&path, &repaired).await.ok(200));
    assert_eq!(done.status, Status::Passed);
    assert!(done.items_due.is_empty());
    assert_eq!(done.tests.len(), 2);

    let marked = sandbox
        .file::<lingminban::api::InspectionMarkRequest>(STATION, due)
        .await;
    assert_eq!(marked.status, ApplicationStatus::Completed);
}

/// A car that was tested and failed, and the path of its inspection.
async fn failed_car(sandbox: &Judged) -> (Inspection, String) {
    let inspection = booked(sandbox, walk_in()).await;
    let station = sandbox.sdk(STATION);
    let told = station
        .record_inspection_result(&inspection.inspection_id, &decoded(failed()))
        .await;
    let path = format!("/v1/inspections/{}", inspection.inspection_id);
    (told.expect("told"), path)
}

async fn comes_again(sandbox: &Judged, path: &str) -> Got {
    let caller = sandbox.caller(STATION).await;
    let check_in = json!({ "operator_id": "zb-station-001-op1" });
    caller.post(&format!("{path}/check-in"), &check_in).await
}

/// Refused, with words of its own.
fn overtaken(got: &Got, says: &str) {
    got.refused(409, "inspection_wrong_state");
    let detail = got.json()["detail"].to_string();
    assert!(detail.contains(says), "{detail}");
}

#[tokio::test]
async fn a_re_test_has_its_time() {
    for (days, in_time) in [(20, true), (21, false)] {
        let sandbox = sandbox().await;
        let (_, path) = failed_car(&sandbox).await;
        sandbox.clock().advance(days * 24 * HOUR);
        let got = comes_again(&sandbox, &path).await;
        if in_time {
            got.ok(200);
        } else {
            overtaken(&got, "复检期限已过");
        }
    }
}

#[tokio::test]
async fn who_passed_elsewhere_has_nothing_to_test_again() {
    let sandbox = sandbox().await;
    let (inspection, path) = failed_car(&sandbox).await;
    let mut elsewhere = one_stop();
    elsewhere["mark"]["operator_id"] = json!("zb-station-002-op1");
    let other = sandbox.caller_of("zb-station-2").await;
    sandbox.set_pace(Pace::Manual);
    other
        .post("/v1/one-stop-inspections", &elsewhere)
        .await
        .ok(201);
    overtaken(&comes_again(&sandbox, &path).await, "已在另一次检验中合格");
    let mut again = one_stop();
    again["inspection_id"] = json!(inspection.inspection_id);
    again["items"] = json!([{ "item": "brakes", "passed": true }]);
    let caller = sandbox.caller(STATION).await;
    let got = caller.post("/v1/one-stop-inspections", &again).await;
    overtaken(&got, "已在另一次检验中合格");
}

/// Marked on a certificate of its test, and a year later due again: neither then nor now is the old failure
/// all there is to test.
#[tokio::test]
async fn a_mark_settles_what_failed_before_it() {
    let sandbox = sandbox().await;
    let (inspection, path) = failed_car(&sandbox).await;
    let engine = sandbox.engine();
    let marked = engine.change_vehicle(engine.home(), inspection.vin, |record| {
        let registration = record.registration.as_mut().expect("registered");
        registration.first_registered_on = jiff::civil::date(2012, 4, 15);
        registration.inspection_due_on = jiff::civil::date(2027, 4, 30);
    });
    marked.expect("changed");
    overtaken(
        &comes_again(&sandbox, &path).await,
        "已另行核发检验合格标志",
    );
    sandbox.clock().advance(380 * 24 * HOUR);
    overtaken(
        &comes_again(&sandbox, &path).await,
        "已另行核发检验合格标志",
    );
}

#[tokio::test]
async fn a_re_test_waits_while_the_vehicle_is_booked() {
    let sandbox = sandbox().await;
    let (_, path) = failed_car(&sandbox).await;
    let mut anew = booking();
    anew["partner_reference"] = json!("ANEW");
    let anew = booked(&sandbox, anew).await;
    let got = comes_again(&sandbox, &path).await;
    got.refused(409, "vehicle_has_inspection");
    assert_eq!(got.json()["inspection_id"], json!(anew.inspection_id));
}

/// A check-in is good for its day: the vehicle is no longer kept from other stations.
#[tokio::test]
async fn who_was_not_tested_by_midnight_comes_again() {
    let sandbox = sandbox().await;
    let first = booked(&sandbox, walk_in()).await;
    sandbox.clock().advance(24 * HOUR);
    let station = sandbox.sdk(STATION);
    let left = station.get_inspection(&first.inspection_id).await;
    assert_eq!(left.expect("own").status, Status::Cancelled);

    let mut body = walk_in();
    body["partner_reference"] = json!("AGAIN");
    let second = booked(&sandbox, body).await;
    let id = &second.inspection_id;
    let told = station
        .record_inspection_result(id, &decoded(failed()))
        .await;
    assert_eq!(told.expect("told").status, Status::Failed);
    let path = format!("/v1/inspections/{id}");
    comes_again(&sandbox, &path).await.ok(200);
    sandbox.clock().advance(24 * HOUR);
    let left = station.get_inspection(id).await.expect("own");
    assert_eq!(left.status, Status::Failed);
    comes_again(&sandbox, &path).await.ok(200);
}

/// Makes a vehicle one that nobody tests; the ground and its article.
type Barred = (fn(&mut VehicleRecord), &'static str, &'static str);

/// By flag or by date.
fn barred() -> [Barred; 4] {
    [
        (
            |record| record.flags.insert(Flag::Stolen),
            "stolen_or_defrauded",
            "R164 Art 76",
        ),
        (
            |record| record.flags.insert(Flag::Deregistered),
            "deregistered_or_moved_out",
            "R164 Art 29(1)",
        ),
        (
            |record| record.flags.insert(Flag::TransferredOut),
            "deregistered_or_moved_out",
            "R164 Art 29(1)",
        ),
        (
            |record| {
                let registration = record.registration.as_mut().expect("registered");
                registration.scrap_due_on = Some(jiff::civil::date(2026, 3, 2));
            },
            "scrap_standard_reached",
            "R164 Art 15(7)",
        ),
    ]
}

#[tokio::test]
async fn no_station_tests_what_is_stolen_gone_or_at_the_end_of_its_life() {
    for (change, code, rule) in barred() {
        let sandbox = sandbox().await;
        let caller = sandbox.caller(STATION).await;
        let early = booked(&sandbox, booking()).await;
        let engine = sandbox.engine();
        let changed = engine.change_vehicle(engine.home(), early.vin, change);
        changed.expect("changed");

        let path = format!("/v1/inspections/{}", early.inspection_id);
        let later = json!({ "starts_at": "2026-03-04T09:00:00+08:00" });
        let told = |got: &Got, place: &str| {
            let error = got.json()["errors"][0].clone();
            assert_eq!(error["code"], code);
            assert_eq!(error["rule"], rule);
            assert_eq!(error["pointer"], place);
        };
        let got = caller.post(&format!("{path}/rebooking"), &later).await;
        got.refused(422, "validation_failed");
        told(&got, "/starts_at");
        sandbox.clock().advance(24 * HOUR);
        let got = comes_again(&sandbox, &path).await;
        got.refused(409, "inspection_wrong_state");
        told(&got, "");
        let mut at_once = one_stop();
        at_once["inspection_id"] = json!(early.inspection_id);
        let caller = sandbox.caller(STATION).await;
        let got = caller.post("/v1/one-stop-inspections", &at_once).await;
        got.refused(409, "inspection_wrong_state");
        told(&got, "");
        caller
            .post(&format!("{path}/cancellation"), &json!({}))
            .await
            .ok(200);

        let mut anew = walk_in();
        anew["partner_reference"] = json!("ANEW");
        let got = caller.post("/v1/inspections", &anew).await;
        got.refused(422, "validation_failed");
        told(&got, "/vehicle/vin");
        let mut at_once = one_stop();
        at_once["mark"]["partner_reference"] = json!("AT-ONCE");
        let got = caller.post("/v1/one-stop-inspections", &at_once).await;
        got.refused(422, "validation_failed");
        told(&got, "/mark/vehicle/vin");
    }
}

/// Stolen while it is on the line: no result is put in.
#[tokio::test]
async fn what_comes_up_during_a_test_ends_it() {
    let sandbox = sandbox().await;
    let inspection = booked(&sandbox, walk_in()).await;
    sandbox.flag(inspection.vin, Flag::Stolen, true);
    let caller = sandbox.caller(STATION).await;
    let path = format!("/v1/inspections/{}/results", inspection.inspection_id);
    let got = caller.post(&path, &passed()).await;
    got.refused(409, "inspection_wrong_state");
    assert_eq!(
        got.errors(),
        [(String::new(), "stolen_or_defrauded".into())]
    );
}

/// Tested again before its mark was filed for, and failed: there is nothing the mark could rest on.
#[tokio::test]
async fn a_failed_test_takes_back_an_earlier_pass() {
    let sandbox = sandbox().await;
    let due = sandbox.of_catalogue("inspection_due").await;
    let mut body = walk_in();
    body["vehicle"] = due["vehicle"].clone();
    body["owner"] = due["owner"].clone();
    for (reference, result) in [("FIRST", passed()), ("SECOND", failed())] {
        body["partner_reference"] = json!(reference);
        let id = booked(&sandbox, body.clone()).await.inspection_id;
        let told = sandbox
            .sdk(STATION)
            .record_inspection_result(&id, &decoded(result))
            .await;
        told.expect("told");
    }
    let filed = sandbox
        .file::<lingminban::api::InspectionMarkRequest>(STATION, due)
        .await;
    assert_eq!(filed.status, ApplicationStatus::Received);
}

#[tokio::test]
async fn a_result_says_everything_once() {
    let sandbox = sandbox().await;
    let inspection = booked(&sandbox, walk_in()).await;
    let caller = sandbox.caller(STATION).await;
    let path = format!("/v1/inspections/{}/results", inspection.inspection_id);
    let mut result = failed();
    result["items"][0] = json!({ "item": "brakes", "passed": true, "finding": "无" });
    result["items"][7]
        .as_object_mut()
        .expect("an item")
        .remove("finding");
    let got = caller.post(&path, &result).await;
    let mut errors = got.errors();
    errors.sort();
    let expected = [
        ("/items/0/finding", "item_finding_contradictory"),
        ("/items/7/finding", "item_finding_missing"),
        ("/items/7/item", "item_twice"),
    ];
    assert_eq!(
        errors,
        expected.map(|(place, code)| (place.to_owned(), code.to_owned()))
    );
    assert_eq!(got.json()["errors"][0]["rule"], "GB 38900");
    result["items"] = json!([]);
    let got = caller.post(&path, &result).await;
    assert_eq!(got.errors().len(), InspectionItem::ALL.len());
}

#[tokio::test]
async fn who_does_not_come_on_the_day_has_not_come() {
    let sandbox = sandbox().await;
    let station = sandbox.sdk(STATION);
    let inspection = booked(&sandbox, booking()).await;
    let id = &inspection.inspection_id;
    let check_in = json!({ "operator_id": "zb-station-001-op1" });
    let caller = sandbox.caller(STATION).await;
    let path = format!("/v1/inspections/{id}/check-in");
    // A day early.
    caller
        .post(&path, &check_in)
        .await
        .refused(409, "inspection_wrong_state");
    sandbox.clock().advance(39 * HOUR);
    let caller = sandbox.caller(STATION).await;
    let missed = station.get_inspection(id).await.expect("own");
    assert_eq!(missed.status, Status::NoShow);
    assert_eq!(missed.status_since.to_string(), "2026-03-04T00:00:00+08:00");
    caller
        .post(&path, &check_in)
        .await
        .refused(409, "inspection_wrong_state");
    // Late on the day is early enough.
    let mut body = booking();
    body["partner_reference"] = json!("NEXT");
    body["starts_at"] = json!("2026-03-04T09:00:00+08:00");
    let next = booked(&sandbox, body).await;
    sandbox.clock().advance(23 * HOUR);
    let caller = sandbox.caller(STATION).await;
    let path = format!("/v1/inspections/{}/check-in", next.inspection_id);
    caller.post(&path, &check_in).await.ok(200);
}

#[tokio::test]
async fn the_key_is_handed_over_once() {
    let sandbox = sandbox().await;
    let station = sandbox.sdk(STATION);
    let due = sandbox.of_catalogue("inspection_due").await;
    let mut body = one_stop();
    body["mark"] = due.clone();
    let submission = Submission::<OneStopRequest>::new(decoded(body.clone()));
    let done = station
        .inspect_at_one_stop(&submission)
        .await
        .expect("done");
    assert_eq!(done.inspection.status, Status::Passed);
    assert!(done.inspection.walk_in);
    let application = done.application.expect("filed");
    assert_eq!(application.status, ApplicationStatus::Received);
    sandbox.settle();
    let id = &application.application_id;
    let marked = station.get_application(id).await.expect("own");
    assert_eq!(marked.status, ApplicationStatus::Completed);
    let until = marked.result.expect("completed").inspection_due_on;
    assert_eq!(until.to_string(), "2028-04-30");

    // Sent again under its key it is the same; under another it is told so.
    let again = station
        .inspect_at_one_stop(&submission)
        .await
        .expect("done");
    assert_eq!(
        again.inspection.inspection_id,
        done.inspection.inspection_id
    );
    let caller = sandbox.caller(STATION).await;
    let got = caller.post("/v1/one-stop-inspections", &body).await;
    got.refused(409, "reference_used");
    assert_eq!(
        got.errors(),
        [("/mark/partner_reference".into(), "reference_used".into())]
    );
}

#[tokio::test]
async fn at_one_stop_a_failed_test_files_nothing_and_can_be_repeated() {
    let sandbox = sandbox().await;
    let station = sandbox.sdk(STATION);
    let mut body = one_stop();
    body["items"] = failed()["items"].clone();
    let submission = Submission::<OneStopRequest>::new(decoded(body.clone()));
    let first = station
        .inspect_at_one_stop(&submission)
        .await
        .expect("done");
    assert_eq!(first.inspection.status, Status::Failed);
    assert!(first.application.is_none());
    let listed = station.list_applications_page(&Default::default()).await;
    assert_eq!(listed.expect("listed").items, []);

    body["inspection_id"] = json!(first.inspection.inspection_id);
    body["items"] = json!([{ "item": "brakes", "passed": true }]);
    let submission = Submission::<OneStopRequest>::new(decoded(body));
    let second = station
        .inspect_at_one_stop(&submission)
        .await
        .expect("done");
    assert_eq!(
        second.inspection.inspection_id,
        first.inspection.inspection_id
    );
    assert_eq!(second.inspection.status, Status::Passed);
    assert!(second.application.is_some());
}

#[tokio::test]
async fn at_one_stop_everything_or_nothing_happens() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(STATION).await;
    let path = "/v1/one-stop-inspections";
    let mut wrong = one_stop();
    wrong["items"][0]["item"] = json!("brakes");
    wrong["mark"]["owner"]["identity_number"] = json!("370399199003070017");
    let got = caller.post(path, &wrong).await;
    let mut errors = got.errors();
    errors.sort();
    assert_eq!(
        errors,
        [
            ("/items/7/item".to_owned(), "item_twice".to_owned()),
            (
                "/mark/owner/identity_number".to_owned(),
                "check_digit".to_owned()
            ),
        ]
    );
    let mut missing = one_stop();
    missing["inspection_id"] = json!("insp-000009");
    let got = caller.post(path, &missing).await;
    got.refused(404, "inspection_not_found");
    let inspections = caller.get("/v1/inspections").await.ok(200);
    assert_eq!(inspections["items"], json!([]));

    // Another's plate and another's name: told at once, as to whoever books.
    let mut another = one_stop();
    another["mark"]["owner"]["name"] = json!("周旁人");
    another["mark"]["vehicle"]["plate_number"] = json!("鲁C90203");
    let got = caller.post(path, &another).await;
    got.refused(422, "validation_failed");
    let expected = ["/mark/owner/name", "/mark/vehicle/plate_number"];
    assert_eq!(
        got.errors(),
        expected.map(|place| (place.to_owned(), "record_mismatch".to_owned()))
    );

    // Under way in another application: the test is not put in either.
    let mark = one_stop()["mark"].clone();
    sandbox.set_pace(Pace::Manual);
    caller.post("/v1/inspection-marks", &mark).await.ok(201);
    let mut other = one_stop();
    other["mark"]["partner_reference"] = json!("OTHER");
    let got = caller.post(path, &other).await;
    got.refused(409, "vehicle_in_process");
    let inspections = caller.get("/v1/inspections").await.ok(200);
    assert_eq!(inspections["items"], json!([]));
}

#[tokio::test]
async fn the_owner_is_told_when_to_come_and_how_it_went() {
    let sandbox = sandbox().await;
    let station = sandbox.sdk(STATION);
    let id = booked(&sandbox, booking()).await.inspection_id;
    let later = Rebooking {
        starts_at: "2026-03-02T14:00:00+08:00".parse().expect("a time"),
    };
    station.rebook_inspection(&id, &later).await.expect("moved");
    let check_in = CheckIn {
        operator_id: "zb-station-001-op1".parse().expect("an id"),
    };
    station
        .check_in_inspection(&id, &check_in)
        .await
        .expect("in");
    let repaired = json!({ "operator_id": "zb-station-001-op1", "items": [{ "item": "brakes", "passed": true }] });
    for (result, comes_again) in [(failed(), true), (repaired, false)] {
        let result: InspectionResult = decoded(result);
        station
            .record_inspection_result(&id, &result)
            .await
            .expect("told");
        // What failed is tested again, what passed is not.
        let again = station.check_in_inspection(&id, &check_in).await;
        let refused = again.as_ref().err().and_then(|error| error.problem());
        assert_eq!(again.is_ok(), comes_again);
        assert_eq!(
            refused.map(|problem| problem.code.clone()),
            (!comes_again).then(|| ProblemCode::InspectionWrongState.into())
        );
    }
    let filter = MessageFilter::builder().inspection_id(id).build();
    let control = sandbox.control().expect("a client");
    let page = control.list_messages(&SpaceId::numbered(0), &filter).await;
    let messages = page.expect("listed").items;
    let told: Vec<&str> = messages.iter().map(|it| it.kind.as_str()).collect();
    assert_eq!(
        told,
        [
            "inspection.booked",
            "inspection.booked",
            "inspection.failed",
            "inspection.passed"
        ]
    );
    assert!(messages.iter().all(|it| it.to == "139****0002"));
    let moved = &messages[1].text;
    assert!(moved.contains("2026年3月2日14:00在淄博"), "{moved}");
    let other = MessageFilter::builder()
        .inspection_id("insp-000009".parse().expect("an id"))
        .build();
    let none = control.list_messages(&SpaceId::numbered(0), &other).await;
    assert!(none.expect("listed").items.is_empty());
}

/// What stands in the mark's way is the authority's to say: filed, and refused.
#[tokio::test]
async fn at_one_stop_a_car_with_violations_passes_and_gets_no_mark() {
    let sandbox = sandbox().await;
    let station = sandbox.sdk(STATION);
    let body = one_stop();
    let known: Vin = decoded(body["mark"]["vehicle"]["vin"].clone());
    sandbox.flag(known, Flag::ViolationPending, true);
    let submission = Submission::<OneStopRequest>::new(decoded(body));
    let done = station
        .inspect_at_one_stop(&submission)
        .await
        .expect("done");
    assert_eq!(done.inspection.status, Status::Passed);
    sandbox.settle();
    let id = done.application.expect("filed").application_id;
    let refused = station.get_application(&id).await.expect("own");
    assert_eq!(
        found(&refused),
        [("open_violations", "/vehicle/vin", "R164 Art 54")]
    );
}

#[tokio::test]
async fn inspections_are_listed_by_everything_a_station_asks_for() {
    let sandbox = sandbox().await;
    let station = sandbox.sdk(STATION);
    let cars = put_due_cars(&sandbox, 5);
    let mut booked_ids = Vec::new();
    for (number, mut car) in cars.into_iter().enumerate() {
        if number > 2 {
            car["starts_at"] = json!("2026-03-04T14:00:00+08:00");
        }
        booked_ids.push(booked(&sandbox, car).await.inspection_id);
    }
    let listed = async |filter: InspectionFilter| {
        let all = station.list_inspections(filter).try_collect().await;
        let all = all.expect("listed");
        all.into_iter()
            .map(|inspection| inspection.inspection_id)
            .collect::<Vec<_>>()
    };
    let paged = InspectionFilter::builder()
        .page_size(2.try_into().expect("a size"))
        .build();
    assert_eq!(listed(paged).await, booked_ids);
    let wednesday = InspectionFilter::builder()
        .on("2026-03-04".parse().expect("a date"))
        .build();
    assert_eq!(listed(wednesday).await, booked_ids[3..]);
    let one = InspectionFilter::builder().vin(vin(10_001)).build();
    assert_eq!(listed(one).await, booked_ids[1..2]);
    let named = InspectionFilter::builder()
        .partner_reference("CAR-2".parse().expect("a reference"))
        .build();
    assert_eq!(listed(named).await, booked_ids[2..3]);
    station
        .cancel_inspection(&booked_ids[0], &Cancellation::default())
        .await
        .expect("cancelled");
    let open = InspectionFilter::builder().status(Status::Booked).build();
    assert_eq!(listed(open).await, booked_ids[1..]);
    let elsewhere = InspectionFilter::builder()
        .outlet_id("zb-station-002".parse().expect("an id"))
        .build();
    assert_eq!(listed(elsewhere).await, []);
}
