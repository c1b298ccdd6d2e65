//! What an owner files when his telephone number or his name has changed.

use lingminban::api::{
    Application, ApplicationStatus as Status, Assessment, ContactChangeRequest, CorrectionRequest,
    IdentityChangeRequest, OutletKind, OwnerNameChangeRequest, SubmitContactChange,
    SubmitCorrection, SubmitIdentityChange, SubmitOwnerNameChange,
};
use lingminban::codes::VehicleStatusFlag as Flag;
use serde_json::{Value, json};

use crate::support::{
    Judged, agent, asked, decoded, errors, example, found, party, put_all, sandbox,
};

const POST: OutletKind = OutletKind::PostOffice;

fn contact_change() -> Value {
    example::<SubmitContactChange>("standard")
}

fn name_change() -> Value {
    example::<SubmitOwnerNameChange>("standard")
}

async fn contact_changed(sandbox: &Judged, body: Value) -> Application {
    sandbox.file::<ContactChangeRequest>(POST, body).await
}

async fn name_changed(sandbox: &Judged, body: Value) -> Application {
    sandbox.file::<OwnerNameChangeRequest>(POST, body).await
}

#[tokio::test]
async fn new_contact_details_take_the_proof_of_identity_alone() {
    let sandbox = sandbox().await;
    let post = sandbox.sdk(POST);
    let before = post
        .get_vehicle(&decoded(contact_change()["vehicle"]["vin"].clone()))
        .await
        .expect("registered");
    let done = contact_changed(&sandbox, contact_change()).await;
    assert_eq!(done.status, Status::Completed);
    assert_eq!(asked(&done), ["identity_proof"]);
    assert!(done.warnings.is_empty());
    let after = post.get_vehicle(&before.vin).await.expect("registered");
    assert_eq!(after, before);
}

#[tokio::test]
async fn an_agent_brings_a_power_of_attorney() {
    let sandbox = sandbox().await;
    let mut body = contact_change();
    body["agent"] = agent();
    let filed = contact_changed(&sandbox, body).await;
    assert_eq!(filed.status, Status::Received);
    let post = sandbox.sdk(POST);
    let missing: Vec<&str> = filed
        .missing_materials()
        .map(|kind| kind.as_str())
        .collect();
    assert_eq!(missing, ["power_of_attorney"]);
    put_all(&post, &filed.application_id).await;
    sandbox.settle();
    let done = post.get_application(&filed.application_id).await;
    assert_eq!(done.expect("own").status, Status::Completed);
}

#[tokio::test]
async fn late_is_a_warning_and_no_refusal() {
    let sandbox = sandbox().await;
    for (changed_on, late) in [("2026-01-31", false), ("2026-01-30", true)] {
        let mut body = contact_change();
        body["changed_on"] = json!(changed_on);
        body["partner_reference"] = json!(changed_on);
        let done = contact_changed(&sandbox, body).await;
        assert_eq!(done.status, Status::Completed);
        let told: Vec<_> = done
            .warnings
            .iter()
            .map(|warning| (warning.code.as_str(), warning.rule.as_str()))
            .collect();
        let expected = [("change_filed_late", "R164 Art 23")];
        assert_eq!(told, expected[usize::from(!late)..], "{changed_on}");
    }
}

#[tokio::test]
async fn what_the_submission_shows_is_told_at_once() {
    let sandbox = sandbox().await;
    let post = sandbox.caller(POST).await;
    let mut body = name_change();
    body["changed_on"] = json!("2026-03-03");
    // The separators of a name do not make another.
    body["new_name"] = json!("李·样本");
    body["vehicle"]["plate_kind"] = json!("52");
    body["owner"]["kind"] = json!("organisation");
    let mut expired = agent();
    expired["power_of_attorney_until"] = json!("2026-03-01");
    body["agent"] = expired;
    let got = post.post("/v1/owner-name-changes", &body).await;
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
            ("/changed_on", "date_in_future"),
            ("/new_name", "nothing_changes"),
            ("/owner/identity_number", "identity_number_not_of_kind"),
            ("/vehicle/plate_number", "plate_kind"),
        ]
    );
}

#[tokio::test]
async fn a_new_name_is_on_record_and_the_certificate_keeps_its_number() {
    let sandbox = sandbox().await;
    let body = name_change();
    let done = name_changed(&sandbox, body.clone()).await;
    assert_eq!(done.status, Status::Completed);
    assert_eq!(
        asked(&done),
        [
            "identity_proof",
            "name_change_proof",
            "registration_certificate",
            "driving_permit",
        ]
    );
    let result = done.result.expect("completed");
    assert_eq!(json!(result.plate_number), body["vehicle"]["plate_number"]);
    assert_eq!(
        json!(result.registration_certificate_number),
        body["registration_certificate_number"]
    );

    // Under the old name there is nobody any more, under the new one there is.
    let mut under_the_old = contact_change();
    let refused = contact_changed(&sandbox, under_the_old.clone()).await;
    assert_eq!(refused.status, Status::Refused);
    assert_eq!(
        found(&refused),
        [("record_mismatch", "/owner/name", "R164 Art 29(1)")]
    );
    under_the_old["owner"]["name"] = body["new_name"].clone();
    under_the_old["partner_reference"] = json!("UNDER-THE-NEW");
    let done = contact_changed(&sandbox, under_the_old).await;
    assert_eq!(done.status, Status::Completed);
}

#[tokio::test]
async fn whoever_is_not_on_record_changes_nothing() {
    let sandbox = sandbox().await;
    let mut body = name_change();
    body["owner"] = party("周旁人", "37039919661207001", "13500000005");
    body["vehicle"]["plate_number"] = json!("鲁C00000");
    body["registration_certificate_number"] = json!("370399999999");
    let refused = name_changed(&sandbox, body).await;
    assert_eq!(refused.status, Status::Refused);
    let places: Vec<_> = found(&refused)
        .into_iter()
        .map(|(code, pointer, _)| (code, pointer))
        .collect();
    assert_eq!(
        places,
        [
            ("record_mismatch", "/owner/identity_number"),
            ("record_mismatch", "/owner/name"),
            ("record_mismatch", "/registration_certificate_number"),
            ("record_mismatch", "/vehicle/plate_number"),
        ]
    );
}

#[tokio::test]
async fn a_sealed_car_keeps_its_owner_s_name_but_not_his_telephone_number() {
    let sandbox = sandbox().await;
    let body = contact_change();
    let vin = decoded(body["vehicle"]["vin"].clone());
    for flag in [Flag::Sealed, Flag::ViolationPending, Flag::ScrapAnnounced] {
        sandbox.flag(vin, flag, true);
    }
    let done = contact_changed(&sandbox, body).await;
    assert_eq!(done.status, Status::Completed);
    let refused = name_changed(&sandbox, name_change()).await;
    assert_eq!(refused.status, Status::Refused);
    let codes: Vec<_> = found(&refused).into_iter().map(|(code, ..)| code).collect();
    assert_eq!(codes, ["scrap_standard_reached", "sealed_or_detained"]);
    assert_eq!(refused.findings[1].rule, "R164 Art 21, 15(8)");

    sandbox.flag(vin, Flag::Stolen, true);
    let mut stolen = contact_change();
    stolen["partner_reference"] = json!("STOLEN");
    let refused = contact_changed(&sandbox, stolen).await;
    assert_eq!(
        found(&refused),
        [("stolen_or_defrauded", "/vehicle/vin", "R164 Art 76")]
    );
}

#[tokio::test]
async fn a_change_does_not_renew_an_inspection() {
    let sandbox = sandbox().await;
    let body = contact_change();
    let vin = decoded(body["vehicle"]["vin"].clone());
    // Months after it was due.
    sandbox
        .clock()
        .advance(std::time::Duration::from_secs(400 * 24 * 3_600));
    let client = sandbox.sdk(POST);
    let before = client.get_vehicle(&vin).await.expect("registered");
    assert!(before.inspection_due_on < sandbox.clock().now().date());
    let assessed: Assessment = client
        .validate(&decoded::<ContactChangeRequest>(body.clone()))
        .await
        .expect("assessed");
    assert!(assessed.findings.is_empty());
    sandbox.flag(vin, Flag::InspectionOverdue, true);
    let done = contact_changed(&sandbox, body).await;
    assert_eq!(done.status, Status::Completed);
    let after = client.get_vehicle(&vin).await.expect("registered");
    assert_eq!(after.inspection_due_on, before.inspection_due_on);
    assert_eq!(after.status_flags, [Flag::InspectionOverdue]);
}

fn identity_change() -> Value {
    example::<SubmitIdentityChange>("standard")
}

fn correction() -> Value {
    example::<SubmitCorrection>("standard")
}

#[tokio::test]
async fn an_owner_is_known_by_the_new_number_and_by_no_other() {
    let sandbox = sandbox().await;
    let body = identity_change();
    let done = sandbox
        .file::<IdentityChangeRequest>(POST, body.clone())
        .await;
    assert_eq!(done.status, Status::Completed, "{:?}", done.findings);
    assert_eq!(asked(&done), ["identity_proof", "registration_certificate"]);
    let refused = contact_changed(&sandbox, contact_change()).await;
    assert_eq!(
        found(&refused),
        [(
            "record_mismatch",
            "/owner/identity_number",
            "R164 Art 29(1)"
        )]
    );
    let mut under_the_new = contact_change();
    under_the_new["owner"]["identity_number"] = body["new_identity_number"].clone();
    under_the_new["partner_reference"] = json!("UNDER-THE-NEW");
    let done = contact_changed(&sandbox, under_the_new).await;
    assert_eq!(done.status, Status::Completed);
}

#[tokio::test]
async fn nobody_sheds_his_sales_with_his_number() {
    let sandbox = sandbox().await;
    // Who has sold two cars this year, and is to sell a third, has another number first.
    let mut sale = sandbox.of_catalogue("third_sale_of_the_year").await;
    let mut change = identity_change();
    for member in ["vehicle", "registration_certificate_number"] {
        change[member] = sale[member].clone();
    }
    change["owner"] = sale["seller"].clone();
    change["new_identity_number"] =
        party("某", "37039919661207001", "13500000005")["identity_number"].clone();
    let done = sandbox
        .file::<IdentityChangeRequest>(POST, change.clone())
        .await;
    assert_eq!(done.status, Status::Completed, "{:?}", done.findings);
    sale["seller"]["identity_number"] = change["new_identity_number"].clone();
    let refused = sandbox.transfer(sale).await;
    assert_eq!(refused.status, Status::Refused);
    let codes: Vec<_> = found(&refused).into_iter().map(|(code, ..)| code).collect();
    assert_eq!(codes, ["three_sales_in_year"]);
}

#[tokio::test]
async fn nobody_takes_the_number_of_somebody_barred() {
    let sandbox = sandbox().await;
    let barred = sandbox.of_catalogue("new_owner_barred").await;
    let mut change = identity_change();
    change["new_identity_number"] = barred["owner"]["identity_number"].clone();
    let refused = sandbox.file::<IdentityChangeRequest>(POST, change).await;
    assert_eq!(refused.status, Status::NotAccepted);
    assert_eq!(
        found(&refused),
        [("applicant_barred", "/new_identity_number", "R164 Art 80")]
    );
}

#[tokio::test]
async fn a_number_of_another_kind_and_no_other_number_are_told_at_once() {
    let sandbox = sandbox().await;
    let mut body = identity_change();
    body["new_identity_number"] = json!("91370399MA3TEA0100");
    body["changed_on"] = json!("2026-03-03");
    let wrong = errors(&[
        ("/changed_on", "date_in_future"),
        ("/new_identity_number", "identity_number_not_of_kind"),
    ]);
    assert_eq!(
        sandbox.refusal(POST, "/v1/identity-changes", &body).await,
        wrong
    );
    let mut body = identity_change();
    body["new_identity_number"] = body["owner"]["identity_number"].clone();
    let wrong = errors(&[("/new_identity_number", "nothing_changes")]);
    assert_eq!(
        sandbox.refusal(POST, "/v1/identity-changes", &body).await,
        wrong
    );
}

#[tokio::test]
async fn what_was_entered_wrongly_is_put_right() {
    let sandbox = sandbox().await;
    let post = sandbox.sdk(POST);
    let mut body = correction();
    body["corrected"]["first_registered_on"] = json!("2022-11-11");
    let request: CorrectionRequest = decoded(body.clone());
    let assessed = post.validate(&request).await.expect("assessed");
    let last = assessed
        .deadlines
        .iter()
        .find(|limit| limit.status == Status::Accepted);
    let last = last.expect("a limit");
    assert_eq!((last.working_days, last.rule.as_str()), (5, "R164 Art 53"));
    // Not even a seal is in the way of the truth.
    let vin = decoded(body["vehicle"]["vin"].clone());
    sandbox.flag(vin, Flag::Sealed, true);
    let done = sandbox.file::<CorrectionRequest>(POST, body.clone()).await;
    assert_eq!(done.status, Status::Completed, "{:?}", done.findings);
    let vehicle = post.get_vehicle(&vin).await.expect("registered");
    assert_eq!(
        json!(vehicle.first_registered_on),
        body["corrected"]["first_registered_on"]
    );
    let mut under_the_right = contact_change();
    under_the_right["owner"]["name"] = body["corrected"]["owner_name"].clone();
    let done = contact_changed(&sandbox, under_the_right).await;
    assert_eq!(done.status, Status::Completed);
}

#[tokio::test]
async fn a_correction_says_what_is_wrong() {
    let sandbox = sandbox().await;
    let mut body = correction();
    body["corrected"] = json!({});
    let wrong = errors(&[("/corrected", "nothing_corrected")]);
    assert_eq!(sandbox.refusal(POST, "/v1/corrections", &body).await, wrong);
    body["corrected"] = json!({
        "owner_name": body["owner"]["name"],
        "first_registered_on": "2026-03-03",
    });
    let wrong = errors(&[
        ("/corrected/first_registered_on", "date_in_future"),
        ("/corrected/owner_name", "nothing_changes"),
    ]);
    assert_eq!(sandbox.refusal(POST, "/v1/corrections", &body).await, wrong);
    let vin = decoded(body["vehicle"]["vin"].clone());
    let mut early = correction();
    early["partner_reference"] = json!("EARLY");
    early["corrected"]["first_registered_on"] = json!("1999-12-31");
    let refused = sandbox.file::<CorrectionRequest>(POST, early).await;
    assert_eq!(
        found(&refused),
        [(
            "dates_out_of_order",
            "/corrected/first_registered_on",
            "R164 Art 15(1)"
        )]
    );
    sandbox.flag(vin, Flag::Stolen, true);
    let refused = sandbox.file::<CorrectionRequest>(POST, correction()).await;
    assert_eq!(
        found(&refused),
        [("stolen_or_defrauded", "/vehicle/vin", "R164 Art 76")]
    );
}
