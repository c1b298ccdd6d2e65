//! Plates and papers issued again, on the proof of identity alone.

use std::time::Duration;

use lingminban::{
    api::{
        Application, ApplicationStatus as Status, DrivingPermitReplacementRequest,
        InspectionMarkReplacementRequest, OutletKind, PlateReplacementRequest,
        RegistrationCertificateReplacementRequest, SubmitDrivingPermitReplacement,
        SubmitInspectionMarkReplacement, SubmitPlateReplacement,
        SubmitRegistrationCertificateReplacement,
    },
    codes::VehicleStatusFlag as Flag,
};
use lingminban_sandbox::Pace;
use serde_json::{Value, json};

use crate::support::{
    Judged, agent, decoded, example, found, put_all, sandbox, sandbox_at, transfer,
};

const POST: OutletKind = OutletKind::PostOffice;
const PLATES: &str = "/v1/plate-replacements";
const PERMITS: &str = "/v1/driving-permit-replacements";
const CERTIFICATES: &str = "/v1/registration-certificate-replacements";
const MARKS: &str = "/v1/inspection-mark-replacements";

fn bodies() -> [(&'static str, Value); 4] {
    [
        (PLATES, example::<SubmitPlateReplacement>("standard")),
        (
            PERMITS,
            example::<SubmitDrivingPermitReplacement>("standard"),
        ),
        (
            CERTIFICATES,
            example::<SubmitRegistrationCertificateReplacement>("standard"),
        ),
        (
            MARKS,
            example::<SubmitInspectionMarkReplacement>("standard"),
        ),
    ]
}

fn body(path: &str) -> Value {
    let found = bodies().into_iter().find(|(other, _)| *other == path);
    found.expect("listed").1
}

async fn replaced(sandbox: &Judged, path: &str, body: Value) -> Application {
    match path {
        PLATES => sandbox.file::<PlateReplacementRequest>(POST, body).await,
        PERMITS => {
            sandbox
                .file::<DrivingPermitReplacementRequest>(POST, body)
                .await
        }
        CERTIFICATES => {
            sandbox
                .file::<RegistrationCertificateReplacementRequest>(POST, body)
                .await
        }
        _ => {
            sandbox
                .file::<InspectionMarkReplacementRequest>(POST, body)
                .await
        }
    }
}

#[tokio::test]
async fn each_takes_the_proof_of_identity_alone_and_is_done() {
    let sandbox = sandbox().await;
    let post = sandbox.sdk(POST);
    let vin = decoded(body(PLATES)["vehicle"]["vin"].clone());
    let before = post.get_vehicle(&vin).await.expect("registered");
    for (path, body) in bodies() {
        let done = replaced(&sandbox, path, body).await;
        assert_eq!(done.status, Status::Completed, "{path}");
        let asked: Vec<&str> = done
            .required_materials
            .iter()
            .map(|material| material.kind.as_str())
            .collect();
        assert_eq!(asked, ["identity_proof"], "{path}");
        let result = done.result.expect("completed");
        assert_eq!(Some(result.plate_number), before.plate_number, "{path}");
        assert_eq!(result.inspection_due_on, before.inspection_due_on, "{path}");
    }
    assert_eq!(post.get_vehicle(&vin).await.expect("registered"), before);
}

#[tokio::test]
async fn a_power_of_attorney_is_all_that_an_agent_brings() {
    for path in [PLATES, PERMITS, CERTIFICATES, MARKS] {
        let sandbox = sandbox().await;
        let post = sandbox.sdk(POST);
        let mut body = body(path);
        body["agent"] = agent();
        body["cause"] = json!("damaged");
        let filed = replaced(&sandbox, path, body).await;
        let put = put_all(&post, &filed.application_id).await;
        let put: Vec<&str> = put.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(put, ["power_of_attorney"], "{path}");
        sandbox.settle();
        let done = post.get_application(&filed.application_id).await;
        assert_eq!(done.expect("own").status, Status::Completed, "{path}");
    }
}

#[tokio::test]
async fn nobody_fetches_a_lost_certificate_for_its_owner() {
    let sandbox = sandbox().await;
    let post = sandbox.caller(POST).await;
    let mut body = body(CERTIFICATES);
    body["agent"] = agent();
    for cause in ["lost", "destroyed"] {
        body["cause"] = json!(cause);
        let got = post.post(CERTIFICATES, &body).await;
        assert_eq!(
            got.errors(),
            [("/agent".into(), "agent_not_allowed".into())]
        );
        assert_eq!(got.json()["errors"][0]["rule"], "R164 Art 86");
    }
}

#[tokio::test]
async fn a_new_certificate_has_a_new_number_and_the_old_one_is_void() {
    let sandbox = sandbox().await;
    let done = replaced(&sandbox, CERTIFICATES, body(CERTIFICATES)).await;
    let result = done.result.expect("completed");
    let mut sale = transfer();
    assert_ne!(
        json!(result.registration_certificate_number),
        sale["registration_certificate_number"]
    );
    let refused = sandbox.transfer(sale.clone()).await;
    assert_eq!(
        found(&refused),
        [(
            "record_mismatch",
            "/registration_certificate_number",
            "R164 Art 29(1)"
        )]
    );
    sale["registration_certificate_number"] = json!(result.registration_certificate_number);
    sale["partner_reference"] = json!("WITH-THE-NEW-ONE");
    assert_eq!(sandbox.transfer(sale).await.status, Status::Completed);
}

#[tokio::test]
async fn a_mortgaged_car_gets_a_certificate_with_its_mortgagee_and_plates_without() {
    let sandbox = sandbox().await;
    let mut body = sandbox.of_catalogue("certificate_lost_mortgaged").await;
    let refused = replaced(&sandbox, CERTIFICATES, body.clone()).await;
    assert_eq!(
        found(&refused),
        [(
            "mortgagee_consent_missing",
            "/mortgagee_agreement",
            "R164 Art 32"
        )]
    );

    let agreement = |credit_code| {
        json!({
            "mortgagee_name": "示例银行股份有限公司淄博分行",
            "mortgagee_credit_code": credit_code,
            "signed_on": "2026-03-01",
        })
    };
    body["partner_reference"] = json!("ANOTHER");
    body["mortgagee_agreement"] = agreement("91370399MA7QAB120J");
    let refused = replaced(&sandbox, CERTIFICATES, body.clone()).await;
    assert_eq!(
        found(&refused),
        [(
            "mortgagee_mismatch",
            "/mortgagee_agreement/mortgagee_credit_code",
            "R164 Art 32"
        )]
    );

    body["partner_reference"] = json!("TOGETHER");
    body["mortgagee_agreement"] = agreement("91370399MA3TEA0100");
    let done = replaced(&sandbox, CERTIFICATES, body.clone()).await;
    assert_eq!(done.status, Status::Completed);

    let mut plates = body;
    plates["partner_reference"] = json!("PLATES");
    plates
        .as_object_mut()
        .expect("a body")
        .remove("mortgagee_agreement");
    let done = replaced(&sandbox, PLATES, plates).await;
    assert_eq!(done.status, Status::Completed);
}

#[tokio::test]
async fn an_agreement_is_not_signed_tomorrow() {
    let sandbox = sandbox().await;
    let mut body = body(CERTIFICATES);
    body["mortgagee_agreement"] = json!({
        "mortgagee_name": "示例银行",
        "mortgagee_credit_code": "91370399MA3TEA0100",
        "signed_on": "2026-03-03",
    });
    let got = sandbox.caller(POST).await.post(CERTIFICATES, &body).await;
    assert_eq!(
        got.errors(),
        [(
            "/mortgagee_agreement/signed_on".into(),
            "date_in_future".into()
        )]
    );
}

#[tokio::test]
async fn a_mark_is_issued_again_while_the_insurance_is_in_force() {
    let sandbox = sandbox().await;
    let uninsured = sandbox.of_catalogue("mark_lost_uninsured").await;
    let refused = replaced(&sandbox, MARKS, uninsured).await;
    assert_eq!(
        found(&refused),
        [("insurance_not_in_force", "/vehicle/vin", "R164 Art 57")]
    );
    // The first catalogue vehicle's ends on 2026-11-09, when the authority looks and not before.
    sandbox.set_pace(Pace::Manual);
    let filed = replaced(&sandbox, MARKS, body(MARKS)).await;
    assert!(filed.findings.is_empty());
    sandbox
        .clock()
        .advance(Duration::from_secs(253 * 24 * 3_600));
    assert_eq!(sandbox.clock().now().date().to_string(), "2026-11-10");
    while sandbox.step(&filed.application_id) {}
    let post = sandbox.sdk(POST);
    let refused = post.get_application(&filed.application_id).await;
    assert_eq!(found(&refused.expect("own")).len(), 1);
}

#[tokio::test]
async fn a_temporary_plate_drives_the_car_while_its_plates_are_made() {
    let sandbox = sandbox_at(Pace::Statutory, "2026-03-02T01:00:00Z").await;
    let post = sandbox.sdk(POST);
    let filed = replaced(&sandbox, PLATES, body(PLATES)).await;
    assert_eq!(filed.status, Status::Received);
    assert_eq!(filed.temporary_plate, None);
    let day = Duration::from_secs(24 * 3_600);
    sandbox.clock().advance(2 * day);
    let read = || post.get_application(&filed.application_id);
    let making = read().await.expect("own");
    assert_eq!(making.status, Status::InReview);
    // Accepted on the third: 15 working days for the plates, 15 days for the temporary one.
    assert_eq!(
        making.deadline_on.map(|day| day.to_string()).as_deref(),
        Some("2026-03-24")
    );
    assert_eq!(making.deadline_rule.as_deref(), Some("R164 Art 51"));
    let temporary = making.temporary_plate.expect("given");
    assert_eq!(temporary.valid_until.to_string(), "2026-03-18");
    sandbox.clock().advance(30 * day);
    let done = read().await.expect("own");
    assert_eq!(done.status, Status::Completed);
    assert_eq!(done.temporary_plate, Some(temporary));
}

#[tokio::test]
async fn new_plates_end_a_temporary_one_and_nothing_else_has_any() {
    let sandbox = sandbox().await;
    for (path, body) in bodies() {
        let done = replaced(&sandbox, path, body).await;
        let until = done
            .temporary_plate
            .map(|plate| plate.valid_until.to_string());
        let expected = (path == PLATES).then_some("2026-03-05");
        assert_eq!(until.as_deref(), expected, "{path}");
    }
}

#[tokio::test]
async fn what_is_stolen_or_gone_gets_nothing_and_what_is_sealed_does() {
    for (path, body) in bodies() {
        let sandbox = sandbox().await;
        let vin = decoded(body["vehicle"]["vin"].clone());
        let named = |name: &str| {
            let mut body = body.clone();
            body["partner_reference"] = json!(name);
            body
        };
        for flag in [
            Flag::Sealed,
            Flag::ViolationPending,
            Flag::InspectionOverdue,
        ] {
            sandbox.flag(vin, flag, true);
        }
        let done = replaced(&sandbox, path, named("SEALED")).await;
        let status = done.status;
        assert_eq!(status, Status::Completed, "{path}");
        for (flag, code, rule) in [
            (Flag::Stolen, "stolen_or_defrauded", "R164 Art 76"),
            (
                Flag::Deregistered,
                "deregistered_or_moved_out",
                "R164 Art 29(1)",
            ),
        ] {
            sandbox.flag(vin, flag, true);
            let mut body = named(code);
            // The certificate's owner is asked for no number, so the new one does not matter.
            body["cause"] = json!("destroyed");
            let refused = replaced(&sandbox, path, body).await;
            assert_eq!(found(&refused), [(code, "/vehicle/vin", rule)], "{path}");
            assert_eq!(refused.temporary_plate, None);
            sandbox.flag(vin, flag, false);
        }
    }
}

#[tokio::test]
async fn nothing_is_issued_to_whoever_is_not_the_owner() {
    let sandbox = sandbox().await;
    for (path, mut body) in bodies() {
        body["owner"]["name"] = json!("周旁人");
        let refused = replaced(&sandbox, path, body).await;
        assert_eq!(
            found(&refused),
            [("record_mismatch", "/owner/name", "R164 Art 29(1)")],
            "{path}"
        );
    }
}
