//! Marks: after a passed test, and in the years without one.

use jiff::civil::date;
use lingminban::{
    api::{
        Application, ApplicationStatus as Status, ExemptMarkRequest, FilingRequest,
        InspectionMarkRequest, Lookup, MaterialState, OutletKind, SubmitExemptMark,
        SubmitInspectionMark, Vehicle,
    },
    codes::{UseCharacter, VehicleStatusFlag as Flag, VehicleType},
    identifiers::Vin,
    inspection::DueKind,
};
use lingminban_sandbox::{
    Credential, Pace, Settings,
    engine::{directory::client_secret, register::VehicleRecord},
};
use serde_json::{Value, json};

use crate::support::{Caller, Judged, decoded, example, found, sandbox, sandbox_at};

const STATION: OutletKind = OutletKind::InspectionStation;
const POST: OutletKind = OutletKind::PostOffice;

fn tested() -> Value {
    example::<SubmitInspectionMark>("standard")
}

fn exempt() -> Value {
    example::<SubmitExemptMark>("standard")
}

fn vin_of(body: &Value) -> Vin {
    decoded(body["vehicle"]["vin"].clone())
}

async fn vehicle(sandbox: &Judged, body: &Value) -> Vehicle {
    let post = sandbox.sdk(POST);
    post.get_vehicle(&vin_of(body)).await.expect("registered")
}

fn state_of(filed: &Application, kind: &str) -> MaterialState {
    let mut asked = filed.required_materials.iter();
    let found = asked.find(|asked| asked.kind.as_str() == kind);
    found.expect("asked for").state.known().expect("a state")
}

async fn filed_by<R: FilingRequest>(
    sandbox: &Judged,
    kind: OutletKind,
    body: Value,
) -> Application {
    sandbox.file::<R>(kind, body).await
}

#[tokio::test]
async fn a_passed_test_exempts_its_certificate_and_the_mark_runs_to_the_next_due_point() {
    let sandbox = sandbox().await;
    let before = vehicle(&sandbox, &tested()).await;
    assert_eq!(before.inspection_due_on.to_string(), "2026-04-30");
    assert_eq!(before.inspection_due_kind, DueKind::Test);
    assert_eq!(before.inspection_window_opens_on.to_string(), "2026-02-01");
    let done = filed_by::<InspectionMarkRequest>(&sandbox, STATION, tested()).await;
    assert_eq!(done.status, Status::Completed);
    assert_eq!(
        state_of(&done, "safety_inspection"),
        MaterialState::Exempted
    );
    let until = done.result.expect("completed").inspection_due_on;
    assert_eq!(until.to_string(), "2028-04-30");
    let after = vehicle(&sandbox, &tested()).await;
    assert_eq!(after.inspection_due_on, until);
    assert_eq!(after.inspection_due_kind, DueKind::Mark);
}

#[tokio::test]
async fn without_a_passed_test_its_certificate_is_asked_for() {
    let sandbox = sandbox().await;
    let body = sandbox.of_catalogue("inspection_due").await;
    let filed = filed_by::<InspectionMarkRequest>(&sandbox, STATION, body).await;
    assert_eq!(filed.status, Status::Received);
    assert_eq!(
        state_of(&filed, "safety_inspection"),
        MaterialState::Required
    );
}

/// Of a mark without a test the insurance is asked for always, and by no cell of an overdue one.
#[tokio::test]
async fn a_missing_policy_is_told_by_what_asks_for_it() {
    let sandbox = sandbox().await;
    let engine = sandbox.engine();
    let silent = engine.change_vehicle(engine.home(), vin_of(&exempt()), |known| {
        known.silent_lookups.insert(Lookup::InsurerPlatform);
    });
    silent.expect("on record");
    let request: ExemptMarkRequest = decoded(exempt());
    let assessed = sandbox.sdk(POST).validate(&request).await;
    let findings = assessed.expect("assessed").findings;
    let told: Vec<_> = findings
        .iter()
        .map(|found| (found.code.as_str(), found.rule.as_str()))
        .collect();
    assert_eq!(told, [("material_missing", "R164 Art 3")]);
}

/// A test from before the window opened is none that the mark could rest on.
#[tokio::test]
async fn an_old_test_does_not_count() {
    let sandbox = sandbox().await;
    let engine = sandbox.engine();
    let changed = engine.change_vehicle(engine.home(), vin_of(&tested()), |record| {
        record.passed_on = Some(date(2026, 1, 31));
    });
    changed.expect("changed");
    let filed = filed_by::<InspectionMarkRequest>(&sandbox, STATION, tested()).await;
    assert_eq!(
        state_of(&filed, "safety_inspection"),
        MaterialState::Required
    );
}

/// A car that is tested every year, due on 2026-04-30.
fn yearly(sandbox: &Judged, change: impl FnOnce(&mut VehicleRecord)) {
    let engine = sandbox.engine();
    let changed = engine.change_vehicle(engine.home(), vin_of(&tested()), |record| {
        let registration = record.registration.as_mut().expect("registered");
        registration.first_registered_on = date(2012, 4, 15);
        registration.insured_until = Some(date(2030, 12, 31));
        change(record);
    });
    changed.expect("changed");
}

/// Passed in one cycle, its mark never filed for: late it is still that cycle's, but once the next due
/// point has gone by another test is asked for.
#[tokio::test]
async fn a_test_serves_no_later_cycle() {
    for (now, expected) in [
        ("2027-04-29T09:00:00+08:00", MaterialState::Exempted),
        ("2027-05-10T09:00:00+08:00", MaterialState::Required),
    ] {
        let sandbox = sandbox_at(Pace::Quick, now).await;
        yearly(&sandbox, |record| record.passed_on = Some(date(2026, 3, 2)));
        let filed = filed_by::<InspectionMarkRequest>(&sandbox, STATION, tested()).await;
        assert_eq!(state_of(&filed, "safety_inspection"), expected, "{now}");
    }
}

/// Half a year apart, a late test lies within the next window already: it is spent on the late mark.
#[tokio::test]
async fn a_test_serves_one_mark() {
    let sandbox = sandbox_at(Pace::Quick, "2026-08-15T09:00:00+08:00").await;
    yearly(&sandbox, |record| {
        record.vehicle_type = VehicleType::H31;
        record.use_character = UseCharacter::Freight;
        record.passed_on = Some(date(2026, 8, 15));
    });
    let done = filed_by::<InspectionMarkRequest>(&sandbox, STATION, tested()).await;
    let until = done.result.expect("completed").inspection_due_on;
    assert_eq!(until, date(2026, 10, 31));
    let mut again = tested();
    again["partner_reference"] = json!("AGAIN");
    let filed = filed_by::<InspectionMarkRequest>(&sandbox, STATION, again).await;
    assert_eq!(
        state_of(&filed, "safety_inspection"),
        MaterialState::Required
    );
}

#[tokio::test]
async fn six_years_long_the_mark_is_issued_without_a_test() {
    for kind in [POST, OutletKind::Bank, OutletKind::Insurer, STATION] {
        let sandbox = sandbox().await;
        let mut body = exempt();
        body["operator_id"] = json!(sandbox.operator(kind));
        let done = filed_by::<ExemptMarkRequest>(&sandbox, kind, body).await;
        assert_eq!(done.status, Status::Completed, "{kind}");
        let until = done.result.expect("completed").inspection_due_on;
        assert_eq!(until.to_string(), "2028-04-30", "{kind}");
    }
}

#[tokio::test]
async fn of_the_stations_those_with_a_registration_post_issue_marks_without_a_test() {
    let sandbox = sandbox().await;
    let mut body = exempt();
    for (number, entrusted) in [(68, true), (69, false)] {
        let client_id = format!("zb-station-{number}");
        let credential = Credential {
            outlet_kind: STATION,
            outlet_id: format!("zb-station-0{number}").parse().expect("an id"),
            operator_id: format!("zb-station-0{number}-op1").parse().expect("an id"),
            client_secret: client_secret(Settings::default().seed, &client_id),
            client_id: client_id.into(),
        };
        let caller = Caller::of(sandbox.base_url(), &credential).await;
        body["operator_id"] = json!(credential.operator_id);
        let got = caller
            .post("/v1/exempt-marks?validate_only=true", &body)
            .await;
        if entrusted {
            got.ok(200);
        } else {
            got.refused(403, "service_not_entrusted");
        }
    }
}

#[tokio::test]
async fn what_stands_in_a_mark_s_way_is_told_with_its_article() {
    let sandbox = sandbox().await;
    for (case, expected) in [
        (
            "inspection_not_due_yet",
            [("inspection_window_not_open", "/vehicle/vin", "R164 Art 54")],
        ),
        (
            "exempt_mark_but_test_due",
            [("test_required", "/vehicle/vin", "R164 Art 55")],
        ),
        (
            "exempt_mark_of_van",
            [("test_required", "/vehicle/vin", "R164 Art 55")],
        ),
        (
            "exempt_mark_with_violations",
            [("open_violations", "/vehicle/vin", "R164 Art 54")],
        ),
    ] {
        let body = sandbox.of_catalogue(case).await;
        let refused = filed_by::<ExemptMarkRequest>(&sandbox, POST, body).await;
        assert_eq!(refused.status, Status::Refused, "{case}");
        assert_eq!(found(&refused), expected, "{case}");
    }
}

/// Punished for an illegal modification, a car is tested like in old times.
#[tokio::test]
async fn an_accident_with_injuries_ends_the_exemption() {
    let sandbox = sandbox().await;
    let engine = sandbox.engine();
    let changed = engine.change_vehicle(engine.home(), vin_of(&exempt()), |record| {
        record.defects.old_cycle_from = Some(date(2025, 2, 14));
    });
    changed.expect("changed");
    let refused = filed_by::<ExemptMarkRequest>(&sandbox, POST, exempt()).await;
    assert_eq!(
        found(&refused),
        [("test_required", "/vehicle/vin", "R164 Art 55")]
    );
}

#[tokio::test]
async fn the_window_opens_on_the_first_of_its_month() {
    for (now, refused) in [
        ("2026-01-31T10:00:00+08:00", true),
        ("2026-02-01T00:00:00+08:00", false),
    ] {
        let sandbox = sandbox_at(Pace::Manual, now).await;
        let post = sandbox.sdk(POST);
        let request: ExemptMarkRequest = decoded(exempt());
        let assessed = post.validate(&request).await.expect("assessed");
        let codes: Vec<String> = assessed
            .findings
            .iter()
            .map(|finding| finding.code.to_string())
            .collect();
        let expected: &[&str] = if refused {
            &["inspection_window_not_open"]
        } else {
            &[]
        };
        assert_eq!(codes, expected, "{now}");
    }
}

#[tokio::test]
async fn an_overdue_mark_is_issued_late_and_its_flag_goes() {
    let sandbox = sandbox().await;
    let body = sandbox.of_catalogue("exempt_mark_overdue").await;
    let overdue = |vehicle: &Vehicle| {
        let mut flags = vehicle.status_flags.iter();
        flags.any(|flag| *flag == Flag::InspectionOverdue)
    };
    assert!(overdue(&vehicle(&sandbox, &body).await));
    let done = filed_by::<ExemptMarkRequest>(&sandbox, POST, body.clone()).await;
    assert_eq!(done.status, Status::Completed);
    let after = vehicle(&sandbox, &body).await;
    // The anchor stays the month of registration.
    assert_eq!(after.inspection_due_on.to_string(), "2028-01-31");
    assert!(!overdue(&after));
}

#[tokio::test]
async fn three_cycles_without_a_mark_end_a_vehicle() {
    let sandbox = sandbox().await;
    let body = sandbox.of_catalogue("three_cycles_missed").await;
    let refused = filed_by::<InspectionMarkRequest>(&sandbox, STATION, body).await;
    assert_eq!(
        found(&refused),
        [("scrap_standard_reached", "/vehicle/vin", "R164 Art 15(7)")]
    );
}

/// A taxi of ten years, whose life ended after eight: no flag has to say so.
#[tokio::test]
async fn a_vehicle_past_its_scrap_date_gets_no_mark() {
    for (now, refused) in [
        ("2024-03-09T09:00:00+08:00", false),
        ("2024-03-10T09:00:00+08:00", true),
        ("2026-03-02T09:00:00+08:00", true),
    ] {
        let sandbox = sandbox_at(Pace::Quick, now).await;
        let engine = sandbox.engine();
        let changed = engine.change_vehicle(engine.home(), vin_of(&tested()), |record| {
            let today = now[..10].parse().expect("a date");
            record.use_character = UseCharacter::Taxi;
            record.manufactured_on = None;
            record.passed_on = Some(today);
            let registration = record.registration.as_mut().expect("registered");
            registration.first_registered_on = date(2016, 3, 10);
            registration.inspection_due_on = today.last_of_month();
        });
        changed.expect("changed");
        let filed = filed_by::<InspectionMarkRequest>(&sandbox, STATION, tested()).await;
        let expected: &[_] = if refused {
            &[("scrap_standard_reached", "/vehicle/vin", "R164 Art 15(7)")]
        } else {
            &[]
        };
        assert_eq!(found(&filed), expected, "{now}");
    }
}

#[tokio::test]
async fn an_ended_policy_is_asked_for_and_a_new_one_is_enough() {
    let sandbox = sandbox().await;
    let mut body = sandbox.of_catalogue("exempt_mark_uninsured").await;
    let post = sandbox.sdk(POST);
    let request: ExemptMarkRequest = decoded(body.clone());
    let assessed = post.validate(&request).await.expect("assessed");
    let missing: Vec<&str> = assessed
        .findings
        .iter()
        .filter_map(|finding| finding.material.as_ref())
        .map(|kind| kind.as_str())
        .collect();
    assert_eq!(missing, ["compulsory_insurance"]);

    body["compulsory_insurance"] = json!({
        "insurer": "示例财产保险股份有限公司",
        "policy_number": "PDZA202637030000000009",
        "vin": body["vehicle"]["vin"],
        "valid_from": "2026-03-01",
        "valid_until": "2027-02-28",
    });
    let done = filed_by::<ExemptMarkRequest>(&sandbox, POST, body.clone()).await;
    assert_eq!(done.status, Status::Completed);

    let caller = sandbox.caller(POST).await;
    body["partner_reference"] = json!("ANOTHER-POLICY");
    body["compulsory_insurance"]["vin"] = json!("LZZTEST10N1000001");
    body["compulsory_insurance"]["valid_until"] = json!("2026-02-28");
    let got = caller.post("/v1/exempt-marks", &body).await;
    let mut errors = got.errors();
    errors.sort();
    let expected = [
        ("/compulsory_insurance/valid_until", "insurance_expired"),
        (
            "/compulsory_insurance/valid_until",
            "insurance_period_wrong",
        ),
        ("/compulsory_insurance/vin", "vin_mismatch"),
    ];
    assert_eq!(
        errors,
        expected.map(|(place, code)| (place.to_owned(), code.to_owned()))
    );
}

/// Violations that arise while the mark is being handled stand in its way all the same.
#[tokio::test]
async fn a_review_sees_what_has_come_up() {
    let sandbox = sandbox_at(Pace::Manual, "2026-03-02T09:00:00+08:00").await;
    let filed = filed_by::<ExemptMarkRequest>(&sandbox, POST, exempt()).await;
    sandbox.flag(vin_of(&exempt()), Flag::ViolationPending, true);
    while sandbox.step(&filed.application_id) {}
    let refused = sandbox
        .sdk(POST)
        .get_application(&filed.application_id)
        .await;
    assert_eq!(
        found(&refused.expect("own")),
        [("open_violations", "/vehicle/vin", "R164 Art 54")]
    );
}

/// Stations test whatever drives; a school bus every six months, and within one month.
#[tokio::test]
async fn a_school_bus_has_one_month() {
    let sandbox = sandbox().await;
    let engine = sandbox.engine();
    let changed = engine.change_vehicle(engine.home(), vin_of(&tested()), |record| {
        record.vehicle_type = VehicleType::K38;
        record.use_character = UseCharacter::PrimarySchoolBus;
    });
    changed.expect("changed");
    let request: InspectionMarkRequest = decoded(tested());
    let assessed = sandbox.sdk(STATION).validate(&request).await;
    let codes: Vec<String> = assessed
        .expect("assessed")
        .findings
        .iter()
        .map(|finding| finding.code.to_string())
        .collect();
    // The test of the day before is none of this period's.
    assert_eq!(codes, ["inspection_window_not_open", "material_missing"]);
}
