//! What an owner files when he has moved within the city, and when his vehicle is altered.

use lingminban::{
    api::{
        AddressChangeRequest, AlterationRequest, Application, ApplicationStatus as Status,
        OutletKind, SubmitAddressChange, SubmitAlteration,
    },
    codes::VehicleStatusFlag as Flag,
};
use serde_json::{Value, json};

use crate::support::{Judged, agent, asked, decoded, example, found, put_all, sandbox};

const POST: OutletKind = OutletKind::PostOffice;
const SQUADRON: OutletKind = OutletKind::TownshipSquadron;

fn move_within() -> Value {
    example::<SubmitAddressChange>("standard")
}

fn alteration() -> Value {
    example::<SubmitAlteration>("standard")
}

/// The standard body with something else in one place, under a reference of its own.
fn with(mut body: Value, place: &str, value: Value) -> Value {
    let (parent, name) = place.rsplit_once('/').expect("a member");
    body.pointer_mut(parent).expect("a parent")[name] = value;
    body["partner_reference"] = json!(format!("WITH{}", place.replace('/', "-")));
    body
}

async fn moved(sandbox: &Judged, body: Value) -> Application {
    sandbox.file::<AddressChangeRequest>(POST, body).await
}

async fn altered(sandbox: &Judged, body: Value) -> Application {
    sandbox.file::<AlterationRequest>(SQUADRON, body).await
}

fn warned(application: &Application) -> Vec<(&str, &str)> {
    let warnings = application.warnings.iter();
    warnings
        .map(|warning| (warning.code.as_str(), warning.rule.as_str()))
        .collect()
}

#[tokio::test]
async fn a_move_within_the_city_takes_the_proof_of_identity_and_changes_no_vehicle() {
    let sandbox = sandbox().await;
    let post = sandbox.sdk(POST);
    let vin = decoded(move_within()["vehicle"]["vin"].clone());
    let before = post.get_vehicle(&vin).await.expect("registered");
    let done = moved(&sandbox, move_within()).await;
    assert_eq!(done.status, Status::Completed);
    assert_eq!(asked(&done), ["identity_proof"]);
    assert_eq!(warned(&done), []);
    assert_eq!(post.get_vehicle(&vin).await.expect("registered"), before);
}

#[tokio::test]
async fn whose_card_names_another_place_lives_here_by_his_residence_permit() {
    let sandbox = sandbox().await;
    let elsewhere = json!({
        "region_code": "370102",
        "detail": "历下区样本路1号",
        "residence_permit_region_code": "370304",
    });
    let done = moved(&sandbox, with(move_within(), "/new_address", elsewhere)).await;
    assert_eq!(done.status, Status::Completed);
    assert_eq!(asked(&done), ["identity_proof", "residence_permit"]);
}

#[tokio::test]
async fn who_moves_away_and_who_does_not_move_are_told_at_once() {
    let sandbox = sandbox().await;
    let post = sandbox.caller(POST).await;
    for away in [
        json!({ "region_code": "370102", "detail": "历下区样本路1号" }),
        json!({
            "region_code": "370102",
            "detail": "历下区样本路1号",
            "residence_permit_region_code": "370103",
        }),
    ] {
        let mut body = with(move_within(), "/new_address", away);
        body["changed_on"] = json!("2026-03-03");
        let got = post.post("/v1/address-changes", &body).await;
        assert_eq!(got.status, 422);
        let told = got.errors();
        let told: Vec<_> = told
            .iter()
            .map(|(pointer, code)| (pointer.as_str(), code.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("/changed_on", "date_in_future"),
                ("/new_address/region_code", "address_outside_city"),
            ]
        );
        assert_eq!(got.json()["errors"][1]["rule"], "R164 Art 18");
    }
    let same = move_within()["owner"]["address"].clone();
    let body = with(move_within(), "/new_address", same);
    let got = post.post("/v1/address-changes", &body).await;
    assert_eq!(
        got.errors(),
        [("/new_address".to_owned(), "nothing_changes".to_owned())]
    );
}

#[tokio::test]
async fn nothing_of_the_vehicle_stands_in_a_move_s_way_unless_it_is_stolen() {
    let sandbox = sandbox().await;
    let vin = decoded(move_within()["vehicle"]["vin"].clone());
    for flag in [
        Flag::Sealed,
        Flag::ViolationPending,
        Flag::InspectionOverdue,
    ] {
        sandbox.flag(vin, flag, true);
    }
    let done = moved(&sandbox, move_within()).await;
    assert_eq!(done.status, Status::Completed);
    sandbox.flag(vin, Flag::Stolen, true);
    let late = with(move_within(), "/changed_on", json!("2026-01-30"));
    let refused = moved(&sandbox, late).await;
    assert_eq!(
        found(&refused),
        [("stolen_or_defrauded", "/vehicle/vin", "R164 Art 76")]
    );
    assert_eq!(warned(&refused), [("change_filed_late", "R164 Art 23")]);
}

#[tokio::test]
async fn an_altered_vehicle_is_shown_and_keeps_its_number() {
    let sandbox = sandbox().await;
    let squadron = sandbox.sdk(SQUADRON);
    let done = altered(&sandbox, alteration()).await;
    assert_eq!(done.status, Status::Completed);
    assert_eq!(
        asked(&done),
        [
            "identity_proof",
            "registration_certificate",
            "driving_permit"
        ]
    );
    let timeline = squadron.get_timeline(&done.application_id).await;
    let states: Vec<_> = timeline
        .expect("own")
        .items
        .into_iter()
        .map(|entry| entry.status)
        .collect();
    assert!(states.contains(&Status::VehicleCheck.into()), "{states:?}");
    let result = done.result.expect("completed");
    assert_eq!(
        json!(result.plate_number),
        alteration()["vehicle"]["plate_number"]
    );
    assert_eq!(
        json!(result.registration_certificate_number),
        alteration()["registration_certificate_number"]
    );
}

#[tokio::test]
async fn another_engine_or_frame_takes_a_safety_inspection() {
    let sandbox = sandbox().await;
    let squadron = sandbox.sdk(SQUADRON);
    for (place, value) in [
        ("/altered/engine_number", "EA211-0002"),
        ("/altered/replaced_structure", "frame"),
    ] {
        let body = with(alteration(), place, json!(value));
        let filed = altered(&sandbox, body).await;
        assert_eq!(filed.status, Status::Received);
        let missing: Vec<&str> = filed
            .missing_materials()
            .map(|kind| kind.as_str())
            .collect();
        assert_eq!(missing, ["safety_inspection"], "{place}");
        put_all(&squadron, &filed.application_id).await;
        sandbox.settle();
        let done = squadron.get_application(&filed.application_id).await;
        assert_eq!(done.expect("own").status, Status::Completed);
    }
}

#[tokio::test]
async fn what_an_alteration_shows_is_told_at_once() {
    let sandbox = sandbox().await;
    let squadron = sandbox.caller(SQUADRON).await;
    let mut body = with(alteration(), "/altered", json!({}));
    body["changed_on"] = json!("2026-03-03");
    let mut expired = agent();
    expired["power_of_attorney_until"] = json!("2026-03-01");
    body["agent"] = expired;
    let got = squadron.post("/v1/alterations", &body).await;
    let told = got.errors();
    let told: Vec<_> = told
        .iter()
        .map(|(pointer, code)| (pointer.as_str(), code.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (
                "/agent/power_of_attorney_until",
                "power_of_attorney_expired"
            ),
            ("/altered", "nothing_altered"),
            ("/changed_on", "date_in_future"),
        ]
    );
    // Brand, model and type of engine are no members: nobody can ask for what is refused.
    let body = with(alteration(), "/altered/model", json!("LX-2"));
    let got = squadron.post("/v1/alterations", &body).await;
    assert_eq!(
        got.errors(),
        [("/altered/model".to_owned(), "unknown_member".to_owned())]
    );
}

#[tokio::test]
async fn an_alteration_is_refused_by_its_own_articles_and_late_is_a_warning() {
    let sandbox = sandbox().await;
    // Today, 2 March, is the tenth working day after 10 February: the Spring Festival lies between.
    for (changed_on, late) in [("2026-02-10", false), ("2026-02-09", true)] {
        let mut body = with(alteration(), "/changed_on", json!(changed_on));
        body["partner_reference"] = json!(changed_on);
        let done = altered(&sandbox, body).await;
        assert_eq!(done.status, Status::Completed);
        let expected = [("alteration_filed_late", "R164 Art 16")];
        assert_eq!(
            warned(&done),
            expected[usize::from(!late)..],
            "{changed_on}"
        );
    }
    let vin = decoded(alteration()["vehicle"]["vin"].clone());
    // Not refused: violations are no matter of Art 21.
    for flag in [Flag::Sealed, Flag::ViolationPending, Flag::ScrapAnnounced] {
        sandbox.flag(vin, flag, true);
    }
    let mut body = alteration();
    body["registration_certificate_number"] = json!("370399999999");
    let refused = altered(&sandbox, body).await;
    assert_eq!(refused.status, Status::Refused);
    assert_eq!(
        found(&refused),
        [
            (
                "record_mismatch",
                "/registration_certificate_number",
                "R164 Art 21, 15(1)"
            ),
            (
                "scrap_standard_reached",
                "/vehicle/vin",
                "R164 Art 21, 15(7)"
            ),
            ("sealed_or_detained", "/vehicle/vin", "R164 Art 21, 15(8)"),
        ]
    );
}

#[tokio::test]
async fn a_partner_s_outlet_registers_no_alteration() {
    let sandbox = sandbox().await;
    let post = sandbox.caller(POST).await;
    let mut body = alteration();
    body["operator_id"] = json!(sandbox.operator(POST));
    let got = post.post("/v1/alterations", &body).await;
    got.refused(403, "service_not_entrusted");
    assert_eq!(got.json()["errors"][0]["rule"], "R164 Art 69");
}
