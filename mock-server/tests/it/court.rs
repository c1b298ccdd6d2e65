//! 法院判决、继承和赠予: transfers that no invoice proves.

use lingminban::{
    api::{Application, ApplicationStatus as Status, OutletKind, SubmitTransfer},
    codes::AcquisitionMethod,
};
use serde_json::{Value, json};

use crate::support::{Judged, example, found, put_all, sandbox, transfer, transfer_of};

const MARKET: OutletKind = OutletKind::UsedCarMarket;
const PATH: &str = "/v1/transfers";

fn court() -> Value {
    example::<SubmitTransfer>("court")
}

fn without(mut body: Value, place: &str) -> Value {
    let (parent, name) = place.rsplit_once('/').expect("a member");
    let parent = body.pointer_mut(parent).expect("a parent");
    parent.as_object_mut().expect("an object").remove(name);
    body
}

/// Files it, says what is asked for, hands everything in.
async fn handed_in(sandbox: &Judged, body: Value) -> (Vec<String>, Application) {
    let market = sandbox.sdk(MARKET);
    let filed = market.submit_transfer(&transfer_of(body)).await;
    let id = filed.expect("filed").application_id;
    let asked = put_all(&market, &id).await;
    sandbox.settle();
    let done = market.get_application(&id).await.expect("own");
    (asked.iter().map(ToString::to_string).collect(), done)
}

fn only(pointer: &str, code: &str) -> [(String, String); 1] {
    [(pointer.to_owned(), code.to_owned())]
}

#[tokio::test]
async fn a_judgment_transfers_without_the_certificate_and_issues_a_new_one() {
    let sandbox = sandbox().await;
    let (asked, done) = handed_in(&sandbox, court()).await;
    assert_eq!(asked, ["transfer_proof", "enforcement_notice"]);
    assert_eq!(done.status, Status::Completed, "{:?}", found(&done));
    let result = done.result.expect("issued");
    let number = result.registration_certificate_number;
    assert!(number.as_str().starts_with("3799"), "{number}");
}

#[tokio::test]
async fn a_judgment_with_the_certificate_leaves_it_as_it_is() {
    let sandbox = sandbox().await;
    let mut body = without(
        court(),
        "/transfer_proof/court_document/enforcement_notice_number",
    );
    body["registration_certificate_number"] = json!("370399000544");
    let (asked, done) = handed_in(&sandbox, body).await;
    assert_eq!(asked, ["transfer_proof"]);
    assert_eq!(done.status, Status::Completed, "{:?}", found(&done));
    let result = done.result.expect("issued");
    assert_eq!(
        result.registration_certificate_number.as_str(),
        "370399000544"
    );
}

#[tokio::test]
async fn without_a_notice_the_certificate_is_needed() {
    let sandbox = sandbox().await;
    let place = "/transfer_proof/court_document/enforcement_notice_number";
    let expected = only("/registration_certificate_number", "certificate_not_named");
    assert_eq!(
        sandbox
            .refusal(MARKET, PATH, &without(court(), place))
            .await,
        expected
    );
    let sale = without(transfer(), "/registration_certificate_number");
    assert_eq!(sandbox.refusal(MARKET, PATH, &sale).await, expected);
}

#[tokio::test]
async fn each_way_of_acquiring_has_its_own_proof() {
    let sandbox = sandbox().await;
    let invoice = transfer()["transfer_proof"]["invoice"].clone();
    let document = court()["transfer_proof"]["court_document"].clone();
    let deed = json!({ "issuer": "示例公证处", "number": "GZ-1", "issued_on": "2026-03-01" });
    let papers = [
        ("invoice", invoice),
        ("court_document", document),
        ("deed", deed),
    ];
    for acquisition in AcquisitionMethod::ALL {
        let wanted = match acquisition.ga_code() {
            "A" => "invoice",
            "D" | "H" | "K" | "L" => "court_document",
            _ => "deed",
        };
        for (paper, value) in &papers {
            let mut body = transfer();
            body["transfer_proof"] = json!({
                "acquisition": acquisition,
                "delivered_on": "2026-03-01",
                *paper: value,
            });
            if *paper == wanted {
                let caller = sandbox.caller(MARKET).await;
                let path = "/v1/transfers?validate_only=true";
                caller.post(path, &body).await.ok(200);
                continue;
            }
            let mut expected = [
                (
                    format!("/transfer_proof/{paper}"),
                    "proof_not_of_acquisition".to_owned(),
                ),
                (
                    format!("/transfer_proof/{wanted}"),
                    "transfer_proof_missing".to_owned(),
                ),
            ];
            expected.sort();
            assert_eq!(
                sandbox.refusal(MARKET, PATH, &body).await,
                expected,
                "{acquisition}"
            );
        }
    }
}

#[tokio::test]
async fn papers_are_not_dated_after_today() {
    let sandbox = sandbox().await;
    let mut body = court();
    let place = "/transfer_proof/court_document/effective_on";
    *body.pointer_mut(place).expect("there") = json!("2026-03-03");
    assert_eq!(
        sandbox.refusal(MARKET, PATH, &body).await,
        only(place, "date_in_future")
    );
    let mut body = example::<SubmitTransfer>("inheritance");
    let place = "/transfer_proof/deed/issued_on";
    *body.pointer_mut(place).expect("there") = json!("2026-03-03");
    assert_eq!(
        sandbox.refusal(MARKET, PATH, &body).await,
        only(place, "date_in_future")
    );
}

#[tokio::test]
async fn what_is_inherited_given_or_awarded_is_no_sale() {
    let sandbox = sandbox().await;
    let seller = sandbox.of_catalogue("third_sale_of_the_year").await;
    let inherited = example::<SubmitTransfer>("inheritance")["transfer_proof"].clone();
    let awarded = court()["transfer_proof"].clone();
    let mut given = inherited.clone();
    given["acquisition"] = json!("gift");
    for proof in [inherited, awarded, given] {
        let mut body = seller.clone();
        body["transfer_proof"] = proof;
        let caller = sandbox.caller(MARKET).await;
        let assessed = caller
            .post("/v1/transfers?validate_only=true", &body)
            .await
            .ok(200);
        let findings = assessed["findings"].as_array().expect("a list").iter();
        let codes: Vec<&Value> = findings.map(|finding| &finding["code"]).collect();
        assert!(
            codes.iter().all(|code| *code == "material_missing"),
            "{codes:?}"
        );
    }
    let (_, done) = handed_in(&sandbox, {
        let mut body = seller.clone();
        body["transfer_proof"] = example::<SubmitTransfer>("inheritance")["transfer_proof"].clone();
        body
    })
    .await;
    assert_eq!(done.status, Status::Completed, "{:?}", found(&done));
}

#[tokio::test]
async fn a_seal_and_a_mortgage_are_as_in_any_other_transfer() {
    let sandbox = sandbox().await;
    let mut sealed = sandbox.of_catalogue("sealed").await;
    sealed["transfer_proof"] = court()["transfer_proof"].clone();
    let (_, refused) = handed_in(&sandbox, sealed).await;
    assert_eq!(
        found(&refused),
        [("sealed_or_detained", "/vehicle/vin", "R164 Art 29, 15(8)")]
    );
    let mut mortgaged = sandbox.of_catalogue("mortgaged_without_consent").await;
    mortgaged["transfer_proof"] = court()["transfer_proof"].clone();
    let (_, refused) = handed_in(&sandbox, mortgaged).await;
    assert_eq!(
        found(&refused),
        [(
            "mortgagee_consent_missing",
            "/mortgagee_consent",
            "R164 Art 26"
        )]
    );
}
