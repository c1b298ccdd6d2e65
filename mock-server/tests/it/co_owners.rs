//! A vehicle that several own is registered for another of them.

use jiff::civil::Date;
use lingminban::{
    Submission,
    api::{
        Application, ApplicationStatus as Status, BundleRequest, BundleStatus,
        CoOwnerChangeRequest, ContactChangeRequest, OutletKind, PlateDrawRequest,
        SubmitCoOwnerChange, SubmitContactChange, SubmitMortgage,
    },
    codes::VehicleStatusFlag as Flag,
};
use serde_json::{Value, json};

use crate::support::{Judged, agent, asked, decoded, errors, example, found, put_all, sandbox};

const POST: OutletKind = OutletKind::PostOffice;
const SQUADRON: OutletKind = OutletKind::TownshipSquadron;
const PATH: &str = "/v1/co-owner-changes";

fn spouses() -> Value {
    example::<SubmitCoOwnerChange>("standard")
}

/// The same of two who are no spouses.
fn friends() -> Value {
    let mut body = spouses();
    body["co_ownership_proof"] = json!({ "kind": "notarised", "issued_on": "2026-02-25" });
    body["keep_plate_number"] = json!(false);
    body
}

async fn filed(sandbox: &Judged, body: Value) -> Application {
    sandbox.file::<CoOwnerChangeRequest>(POST, body).await
}

/// 取得日期 of the owner on record.
fn acquired_on(sandbox: &Judged) -> Date {
    let vin = decoded(spouses()["vehicle"]["vin"].clone());
    let engine = sandbox.engine();
    let record = engine.change_vehicle(engine.home(), vin, |_| {});
    let registration = record.expect("on record").registration;
    registration.expect("registered").acquired_on
}

#[tokio::test]
async fn a_spouse_becomes_the_owner_and_keeps_the_number() {
    let sandbox = sandbox().await;
    let before = acquired_on(&sandbox);
    let done = filed(&sandbox, spouses()).await;
    assert_eq!(done.status, Status::Completed, "{:?}", done.findings);
    assert_eq!(
        asked(&done),
        [
            "identity_proof",
            "registration_certificate",
            "driving_permit",
            "marriage_proof",
        ]
    );
    let result = done.result.expect("completed");
    let body = spouses();
    assert_eq!(json!(result.plate_number), body["vehicle"]["plate_number"]);
    assert_eq!(
        json!(result.registration_certificate_number),
        body["registration_certificate_number"]
    );
    let today = sandbox.clock().now().date();
    assert!(before < today);
    assert_eq!(acquired_on(&sandbox), today);

    // The one is no owner any more, the other is.
    let mut contact = example::<SubmitContactChange>("standard");
    let refused = sandbox
        .file::<ContactChangeRequest>(POST, contact.clone())
        .await;
    assert_eq!(refused.status, Status::Refused);
    contact["owner"] = body["co_owner"].clone();
    contact["partner_reference"] = json!("OF-THE-SPOUSE");
    let done = sandbox.file::<ContactChangeRequest>(POST, contact).await;
    assert_eq!(done.status, Status::Completed);
}

#[tokio::test]
async fn others_get_a_new_number_on_a_deed() {
    let sandbox = sandbox().await;
    let post = sandbox.sdk(POST);
    let mut body = friends();
    let kind = decoded(body["vehicle"]["plate_kind"].clone());
    let request = PlateDrawRequest::builder().plate_kind(kind).build();
    let draw = post.draw_plates(&Submission::new(request)).await;
    let draw = draw.expect("the post gives such numbers");
    let chosen = draw.plate_numbers[0];
    body["plate_choice"] = json!({
        "method": "draw",
        "plate_draw_id": draw.plate_draw_id,
        "plate_number": chosen,
    });
    let waiting = filed(&sandbox, body).await;
    assert_eq!(waiting.status, Status::Received);
    let missing: Vec<&str> = waiting
        .missing_materials()
        .map(|kind| kind.as_str())
        .collect();
    assert_eq!(missing, ["co_ownership_proof"]);
    put_all(&post, &waiting.application_id).await;
    sandbox.settle();
    let done = post
        .get_application(&waiting.application_id)
        .await
        .expect("own");
    assert_eq!(done.status, Status::Completed);
    let result = done.result.expect("completed");
    assert_eq!(result.plate_number, chosen);
    // The old number is nobody's.
    let old = decoded(spouses()["vehicle"]["plate_number"].clone());
    let nobody = post
        .find_vehicle(lingminban::codes::PlateKind::SmallVehicle, &old)
        .await;
    assert_eq!(nobody.expect("asked"), None);
}

#[tokio::test]
async fn a_number_is_kept_after_a_year_of_marriage_to_the_day() {
    let sandbox = sandbox().await;
    for (married_on, kept) in [("2025-03-02", true), ("2025-03-03", false)] {
        let mut body = spouses();
        body["co_ownership_proof"]["issued_on"] = json!(married_on);
        let request: CoOwnerChangeRequest = decoded(body.clone());
        let assessed = sandbox.sdk(POST).validate(&request).await;
        assert_eq!(assessed.is_ok(), kept, "{married_on}");
        if !kept {
            let wrong = errors(&[("/keep_plate_number", "number_not_kept")]);
            assert_eq!(sandbox.refusal(POST, PATH, &body).await, wrong);
        }
    }
    let mut deed = friends();
    deed["keep_plate_number"] = json!(true);
    deed["plate_choice"] = json!({ "method": "random" });
    let wrong = errors(&[
        ("/keep_plate_number", "number_not_kept"),
        ("/plate_choice", "plate_choice_contradictory"),
    ]);
    assert_eq!(sandbox.refusal(POST, PATH, &deed).await, wrong);
}

#[tokio::test]
async fn what_the_submission_shows_is_told_at_once() {
    let sandbox = sandbox().await;
    let mut body = spouses();
    body["co_owner"] = body["owner"].clone();
    body["co_owner"]["address"]["region_code"] = json!("370102");
    body["co_ownership_proof"]["issued_on"] = json!("2026-03-03");
    let wrong = errors(&[
        ("/co_owner/address/region_code", "address_outside_city"),
        ("/co_owner/identity_number", "co_owner_is_owner"),
        ("/co_ownership_proof/issued_on", "date_in_future"),
        ("/keep_plate_number", "number_not_kept"),
    ]);
    assert_eq!(sandbox.refusal(POST, PATH, &body).await, wrong);

    let mut firm = spouses();
    firm["co_owner"]["kind"] = json!("organisation");
    firm["co_owner"]["identity_number"] = json!("91370399MA3TEA0100");
    // Nobody acts for either: there is no such member.
    firm["agent"] = agent();
    let wrong = errors(&[
        ("/agent", "unknown_member"),
        ("/co_ownership_proof/kind", "not_spouses"),
    ]);
    assert_eq!(sandbox.refusal(POST, PATH, &firm).await, wrong);
}

#[tokio::test]
async fn it_is_refused_as_an_alteration_and_waits_for_no_violation() {
    let sandbox = sandbox().await;
    let vin = decoded(spouses()["vehicle"]["vin"].clone());
    for flag in [
        Flag::Detained,
        Flag::ViolationPending,
        Flag::CustomsSupervised,
    ] {
        sandbox.flag(vin, flag, true);
    }
    let mut body = spouses();
    body["owner"]["name"] = json!("别的人");
    let refused = filed(&sandbox, body).await;
    assert_eq!(refused.status, Status::Refused);
    assert_eq!(
        found(&refused),
        [
            ("record_mismatch", "/owner/name", "R164 Art 21, 15(1)"),
            ("sealed_or_detained", "/vehicle/vin", "R164 Art 21, 15(8)"),
        ]
    );
}

#[tokio::test]
async fn of_a_mortgaged_car_the_mortgagee_applies_with_them() {
    let sandbox = sandbox().await;
    let loan = example::<SubmitMortgage>("standard");
    let done = sandbox
        .file::<lingminban::api::MortgageRequest>(OutletKind::Bank, loan.clone())
        .await;
    assert_eq!(done.status, Status::Completed);
    let refused = filed(&sandbox, spouses()).await;
    assert_eq!(
        found(&refused),
        [(
            "mortgagee_consent_missing",
            "/mortgagee_agreement",
            "R164 Art 32"
        )]
    );
    let mut body = spouses();
    body["partner_reference"] = json!("WITH-ANOTHER");
    body["mortgagee_agreement"] = json!({
        "mortgagee_name": "示例汽车金融有限公司",
        "mortgagee_credit_code": "91370399MA7QAB120J",
        "signed_on": "2026-03-01",
    });
    let refused = filed(&sandbox, body.clone()).await;
    assert_eq!(
        found(&refused),
        [(
            "mortgagee_mismatch",
            "/mortgagee_agreement/mortgagee_credit_code",
            "R164 Art 32"
        )]
    );
    body["partner_reference"] = json!("WITH-THE-BANK");
    body["mortgagee_agreement"]["mortgagee_credit_code"] = loan["mortgagee"]["credit_code"].clone();
    let done = filed(&sandbox, body).await;
    assert_eq!(done.status, Status::Completed, "{:?}", done.findings);
    let vin = decoded(spouses()["vehicle"]["vin"].clone());
    let vehicle = sandbox
        .sdk(POST)
        .get_vehicle(&vin)
        .await
        .expect("registered");
    assert!(vehicle.mortgaged);
}

#[tokio::test]
async fn what_follows_in_a_bundle_is_the_co_owner_s() {
    let sandbox = sandbox().await;
    let squadron = sandbox.sdk(SQUADRON);
    let mut change = spouses();
    let mut mortgage = example::<SubmitMortgage>("standard");
    for part in [&mut change, &mut mortgage] {
        part["operator_id"] = json!(sandbox.operator(SQUADRON));
    }
    let mut body = json!({ "co_owner_change": change, "mortgage": mortgage });
    let got = sandbox
        .caller(SQUADRON)
        .await
        .post("/v1/bundles", &body)
        .await;
    let wrong = errors(&[("/mortgage/owner/identity_number", "differs_within_bundle")]);
    assert_eq!(got.errors(), wrong);

    body["mortgage"]["owner"] = body["co_owner_change"]["co_owner"].clone();
    let request: BundleRequest = decoded(body);
    let bundle = squadron.submit_bundle(&Submission::new(request)).await;
    let bundle = bundle.expect("filed");
    sandbox.settle();
    let done = squadron.get_bundle(&bundle.bundle_id).await.expect("own");
    assert_eq!(done.status, BundleStatus::Completed, "{:?}", done.parts);
}
