//! The end of a registration, for each of its four causes.

use lingminban::{
    api::{
        Application, ApplicationStatus as Status, DeregistrationCause as Cause,
        DeregistrationRequest, OutletKind, SubmitDeregistration, Withdrawal,
    },
    codes::{PlateKind, VehicleStatusFlag as Flag},
    identifiers::{PlateNumber, Vin},
};
use serde_json::{Value, json};

use crate::support::{
    Judged, agent, decoded, example, found, put_all, registration, sandbox, transfer,
};

const POST: OutletKind = OutletKind::PostOffice;

fn deregistration(cause: Cause) -> Value {
    let mut body = example::<SubmitDeregistration>("standard");
    body["operator_id"] = json!("zb-post-001-op1");
    body["cause"] = json!(cause);
    body["partner_reference"] = json!(format!("DEREGISTER-{cause}"));
    body
}

fn vin() -> Vin {
    decoded(deregistration(Cause::Scrapped)["vehicle"]["vin"].clone())
}

async fn deregistered(sandbox: &Judged, body: Value) -> Application {
    sandbox.file::<DeregistrationRequest>(POST, body).await
}

#[tokio::test]
async fn each_cause_asks_for_its_own_proof_and_ends_the_registration() {
    let cases: [(Cause, &str, &[&str]); 4] = [
        (Cause::Scrapped, "recycling_proof", &[]),
        (Cause::Lost, "loss_pledge", &["loss_pledge"]),
        (Cause::TakenAbroad, "exit_proof", &[]),
        (Cause::ReturnedToMaker, "return_proof", &["return_proof"]),
    ];
    for (cause, proof, on_paper) in cases {
        let sandbox = sandbox().await;
        let post = sandbox.sdk(POST);
        let filed = deregistered(&sandbox, deregistration(cause)).await;
        let asked: Vec<&str> = filed
            .required_materials
            .iter()
            .map(|material| material.kind.as_str())
            .collect();
        let expected = [
            "identity_proof",
            "registration_certificate",
            "driving_permit",
            proof,
        ];
        assert_eq!(asked, expected, "{cause}");
        let put = put_all(&post, &filed.application_id).await;
        let put: Vec<&str> = put.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(put, on_paper, "{cause}");
        sandbox.settle();
        let done = post.get_application(&filed.application_id).await;
        let done = done.expect("own");
        assert_eq!(done.status, Status::Completed, "{cause}");
        let result = done.result.expect("completed");
        let number = result.deregistration_certificate_number.expect("issued");
        assert!(number.starts_with("ZX"), "{number}");
        let record = post.get_vehicle(&vin()).await.expect("on file");
        assert_eq!(record.status_flags, [Flag::Deregistered], "{cause}");
    }
}

#[tokio::test]
async fn the_number_is_free_for_the_next_car_and_the_file_is_closed() {
    let sandbox = sandbox().await;
    let post = sandbox.sdk(POST);
    let body = deregistration(Cause::Scrapped);
    let number: PlateNumber = decoded(body["vehicle"]["plate_number"].clone());
    let composed = || {
        let mut next = registration(1);
        next["plate_choice"] = json!({"method": "self_composed", "plate_number": number});
        next
    };
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    let taken = dealer.post("/v1/registrations", &composed()).await;
    assert_eq!(
        taken.errors(),
        [("/plate_choice/plate_number".into(), "plate_taken".into())]
    );

    let done = deregistered(&sandbox, body.clone()).await;
    assert_eq!(done.status, Status::Completed);
    let found_by_plate = || post.find_vehicle(PlateKind::SmallVehicle, &number);
    assert_eq!(found_by_plate().await.expect("asked"), None);
    // Kept for who had it, and nobody else.
    let kept = dealer.post("/v1/registrations", &composed()).await;
    assert_eq!(kept.errors(), taken.errors());
    let mut again = composed();
    again["owner"] = body["owner"].clone();
    again["plate_choice"]["method"] = json!("reuse");
    let next = sandbox.register(again).await;
    let next = next.result.expect("issued");
    assert_eq!(next.plate_number, number);
    assert_eq!(next.deregistration_certificate_number, None);

    // Whatever becomes of the old car's papers, the number is the new car's.
    for refused in [
        deregistered(&sandbox, {
            let mut again = body;
            again["partner_reference"] = json!("AGAIN");
            again
        })
        .await,
        sandbox.transfer(transfer()).await,
    ] {
        assert_eq!(refused.status, Status::Refused);
        let (code, place, _) = found(&refused)[0];
        assert_eq!((code, place), ("deregistered_or_moved_out", "/vehicle/vin"));
    }
    let holder = found_by_plate().await.expect("asked").expect("found");
    assert_eq!(holder.vin, crate::support::vin(1));
}

#[tokio::test]
async fn what_the_record_says_refuses_by_the_articles_of_deregistration() {
    let cases: [(Flag, Option<(&str, &str)>); 6] = [
        (
            Flag::Sealed,
            Some(("sealed_or_detained", "R164 Art 42, 15(8)")),
        ),
        (
            Flag::Detained,
            Some(("sealed_or_detained", "R164 Art 42, 15(8)")),
        ),
        (
            Flag::Stolen,
            Some(("stolen_or_defrauded", "R164 Art 42, 15(9)")),
        ),
        (Flag::ScrapAnnounced, None),
        (Flag::InspectionOverdue, None),
        (Flag::ViolationPending, None),
    ];
    for (flag, expected) in cases {
        let sandbox = sandbox().await;
        sandbox.flag(vin(), flag, true);
        let rests = deregistered(&sandbox, deregistration(Cause::Scrapped)).await;
        match expected {
            None => assert_eq!(rests.status, Status::Completed, "{flag}"),
            Some((code, rule)) => assert_eq!(found(&rests), [(code, "/vehicle/vin", rule)]),
        }
    }
}

#[tokio::test]
async fn a_mortgaged_car_is_not_deregistered() {
    let sandbox = sandbox().await;
    let mut body = sandbox.of_catalogue("scrapped_mortgaged").await;
    body["operator_id"] = json!("zb-post-001-op1");
    let refused = deregistered(&sandbox, body).await;
    assert_eq!(refused.status, Status::Refused);
    assert_eq!(
        found(&refused),
        [("mortgaged_or_pledged", "/vehicle/vin", "R164 Art 42")]
    );
    assert!(refused.result.is_none());
}

#[tokio::test]
async fn violations_and_accidents_are_settled_before_a_car_goes_abroad_or_back() {
    for cause in [Cause::TakenAbroad, Cause::ReturnedToMaker] {
        let sandbox = sandbox().await;
        let post = sandbox.sdk(POST);
        sandbox.flag(vin(), Flag::AccidentPending, true);
        sandbox.flag(vin(), Flag::ViolationPending, true);
        let filed = deregistered(&sandbox, deregistration(cause)).await;
        put_all(&post, &filed.application_id).await;
        sandbox.settle();
        let refused = post.get_application(&filed.application_id).await;
        let refused = refused.expect("own");
        assert_eq!(
            found(&refused),
            [
                ("open_violations", "/vehicle/vin", "R164 Art 37"),
                ("open_accident", "/vehicle/vin", "R164 Art 37"),
            ],
            "{cause}"
        );
    }
}

/// What is on record when the authority looks decides, not what was when it was filed.
#[tokio::test]
async fn a_violation_settled_meanwhile_does_not_count() {
    let sandbox = sandbox().await;
    sandbox.set_pace(lingminban_sandbox::Pace::Manual);
    sandbox.flag(vin(), Flag::ViolationPending, true);
    let filed = deregistered(&sandbox, deregistration(Cause::TakenAbroad)).await;
    sandbox.flag(vin(), Flag::ViolationPending, false);
    while sandbox.step(&filed.application_id) {}
    let post = sandbox.sdk(POST);
    let done = post.get_application(&filed.application_id).await;
    assert_eq!(done.expect("own").status, Status::Completed);
}

#[tokio::test]
async fn a_supervised_car_needs_its_release_unless_it_leaves_with_an_exit_proof() {
    let sandbox = sandbox().await;
    sandbox.flag(vin(), Flag::CustomsSupervised, true);
    let filed = deregistered(&sandbox, deregistration(Cause::Scrapped)).await;
    let missing: Vec<&str> = filed
        .missing_materials()
        .map(|kind| kind.as_str())
        .collect();
    assert_eq!(missing, ["customs_release"]);
    let post = sandbox.sdk(POST);
    post.withdraw_application(&filed.application_id, &Withdrawal::default())
        .await
        .expect("withdrawn");
    let abroad = deregistered(&sandbox, deregistration(Cause::TakenAbroad)).await;
    assert_eq!(abroad.status, Status::Completed);
}

#[tokio::test]
async fn an_agent_deregisters_what_is_scrapped_and_not_what_is_lost() {
    let sandbox = sandbox().await;
    let with_agent = |cause| {
        let mut body = deregistration(cause);
        body["agent"] = agent();
        body
    };
    let post = sandbox.caller(POST).await;
    let got = post
        .post("/v1/deregistrations", &with_agent(Cause::Lost))
        .await;
    assert_eq!(
        got.errors(),
        [("/agent".into(), "agent_not_allowed".into())]
    );
    assert_eq!(got.json()["errors"][0]["rule"], "R164 Art 86");

    let filed = deregistered(&sandbox, with_agent(Cause::Scrapped)).await;
    let client = sandbox.sdk(POST);
    put_all(&client, &filed.application_id).await;
    sandbox.settle();
    let done = client.get_application(&filed.application_id).await;
    assert_eq!(done.expect("own").status, Status::Completed);
}

#[tokio::test]
async fn the_certificate_must_be_the_one_on_record() {
    let sandbox = sandbox().await;
    let mut body = deregistration(Cause::Scrapped);
    body["registration_certificate_number"] = json!("370399999999");
    let refused = deregistered(&sandbox, body).await;
    assert_eq!(
        found(&refused),
        [(
            "record_mismatch",
            "/registration_certificate_number",
            "R164 Art 42, 29(1)"
        )]
    );
}
