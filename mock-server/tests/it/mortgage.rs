//! Banks mortgage, release and pledge vehicles.

use lingminban::{
    Submission,
    api::{
        Application, ApplicationStatus as Status, FilingRequest, OutletKind, Service,
        SubmitMortgage, SubmitMortgageRelease, SubmitPledge, SubmitPledgeRelease, Vehicle,
    },
    codes::VehicleStatusFlag as Flag,
    identifiers::Vin,
};
use serde_json::{Value, json};

use crate::support::{Judged, decoded, example, put_all, put_vin, sandbox, transfer, vin};

const BANK: OutletKind = OutletKind::Bank;
const ANOTHER_LENDER: &str = "91370399MA7QAB120J";

fn mortgage() -> Value {
    example::<SubmitMortgage>("standard")
}

/// The release of the standard mortgage.
fn release() -> Value {
    of_standard(example::<SubmitMortgageRelease>("standard"))
}

/// The same body of the clean car's owner.
fn of_standard(mut body: Value) -> Value {
    let of = mortgage();
    for member in ["owner", "vehicle", "registration_certificate_number"] {
        body[member] = of[member].clone();
    }
    body
}

fn clean() -> Vin {
    decoded(mortgage()["vehicle"]["vin"].clone())
}

/// Files and lets it run to where it rests.
async fn filed<R: FilingRequest>(sandbox: &Judged, body: Value) -> Application {
    let bank = sandbox.sdk(BANK);
    let request: R = decoded(body);
    let filed = bank.submit(&Submission::new(request)).await.expect("filed");
    sandbox.settle();
    let id = &filed.application_id;
    bank.get_application(id).await.expect("own")
}

async fn mortgaged(sandbox: &Judged, body: Value) -> Application {
    filed::<lingminban::api::MortgageRequest>(sandbox, body).await
}

async fn released(sandbox: &Judged, body: Value) -> Application {
    filed::<lingminban::api::MortgageReleaseRequest>(sandbox, body).await
}

async fn vehicle(sandbox: &Judged) -> Vehicle {
    let found = sandbox.sdk(BANK).get_vehicle(&clean()).await;
    found.expect("registered")
}

/// What was found, where, and by which article.
fn told(application: &Application) -> Vec<(&str, &str, &str)> {
    let findings = application.findings.iter().map(|finding| {
        let pointer = finding.pointer.as_deref().unwrap_or_default();
        (finding.code.as_str(), pointer, finding.rule.as_str())
    });
    findings.collect()
}

#[tokio::test]
async fn a_bank_mortgages_and_releases_and_then_the_market_sells() {
    let sandbox = sandbox().await;
    let before = vehicle(&sandbox).await;
    let done = mortgaged(&sandbox, mortgage()).await;
    assert_eq!(done.status, Status::Completed, "{:?}", told(&done));
    let result = done.result.expect("registered");
    let today = sandbox.clock().now().date();
    assert_eq!(result.public_on, Some(today));
    let now = vehicle(&sandbox).await;
    assert!(now.mortgaged && !now.mortgages[0].pledged);
    assert_eq!(now.mortgages[0].registered_on, today);
    // Nothing else changes with it.
    assert_eq!(now.plate_number, before.plate_number);
    assert_eq!(now.inspection_due_on, before.inspection_due_on);

    let mut early = transfer();
    early["partner_reference"] = json!("EARLY");
    let refused = sandbox.transfer(early).await;
    assert_eq!(
        told(&refused),
        [(
            "mortgagee_consent_missing",
            "/mortgagee_consent",
            "R164 Art 26"
        )]
    );

    let done = released(&sandbox, release()).await;
    assert_eq!(done.status, Status::Completed, "{:?}", told(&done));
    assert_eq!(done.result.expect("released").public_on, Some(today));
    assert_eq!(vehicle(&sandbox).await, before);
    let sold = sandbox.transfer(transfer()).await;
    assert_eq!(sold.status, Status::Completed);
    assert_eq!(sold.result.expect("issued").public_on, None);
}

#[tokio::test]
async fn a_mortgaged_car_goes_on_under_the_contract_of_the_consent() {
    let sandbox = sandbox().await;
    mortgaged(&sandbox, mortgage()).await;
    let mut sale = transfer();
    sale["mortgagee_consent"] = json!({
        "mortgagee_name": mortgage()["mortgagee"]["name"],
        "mortgagee_credit_code": mortgage()["mortgagee"]["credit_code"],
        "contract_number": "DY-OF-THE-BUYER",
        "signed_on": "2026-03-01",
    });
    let sold = sandbox.transfer(sale.clone()).await;
    assert_eq!(sold.status, Status::Completed, "{:?}", told(&sold));

    let mut body = release();
    body["owner"] = sale["buyer"].clone();
    body["vehicle"]["plate_number"] = json!(sold.result.expect("issued").plate_number);
    let refused = released(&sandbox, body.clone()).await;
    assert_eq!(
        told(&refused),
        [("contract_mismatch", "/contract_number", "R164 Art 33")]
    );
    body["contract_number"] = json!("DY-OF-THE-BUYER");
    body["partner_reference"] = json!("OF-THE-BUYER");
    assert_eq!(released(&sandbox, body).await.status, Status::Completed);
    assert!(!vehicle(&sandbox).await.mortgaged);
}

#[tokio::test]
async fn a_pledge_is_no_mortgage() {
    use lingminban::api::{PledgeReleaseRequest, PledgeRequest};
    let sandbox = sandbox().await;
    let pledge = of_standard(example::<SubmitPledge>("standard"));
    let done = filed::<PledgeRequest>(&sandbox, pledge).await;
    assert_eq!(done.status, Status::Completed, "{:?}", told(&done));
    let now = vehicle(&sandbox).await;
    assert!(now.mortgaged && now.mortgages[0].pledged);
    let refused = released(&sandbox, release()).await;
    assert_eq!(
        told(&refused),
        [("not_mortgaged", "/contract_number", "R164 Art 33")]
    );
    let release = of_standard(example::<SubmitPledgeRelease>("standard"));
    let done = filed::<PledgeReleaseRequest>(&sandbox, release).await;
    assert_eq!(done.status, Status::Completed, "{:?}", told(&done));
    assert!(done.result.expect("released").public_on.is_some());
    assert!(!vehicle(&sandbox).await.mortgaged);
}

#[tokio::test]
async fn a_second_lender_needs_the_first_one_s_consent() {
    let sandbox = sandbox().await;
    mortgaged(&sandbox, mortgage()).await;
    let mut again = mortgage();
    again["partner_reference"] = json!("AGAIN");
    let refused = mortgaged(&sandbox, again.clone()).await;
    assert_eq!(
        told(&refused),
        [(
            "already_mortgaged",
            "/contract/contract_number",
            "R164 Art 31"
        )]
    );

    // The same lender lends more: nobody else is concerned.
    again["partner_reference"] = json!("MORE");
    again["contract"]["contract_number"] = json!("DY-2026-0002");
    assert_eq!(mortgaged(&sandbox, again).await.status, Status::Completed);

    let mut other = mortgage();
    other["partner_reference"] = json!("OTHER-1");
    other["mortgagee"]["credit_code"] = json!(ANOTHER_LENDER);
    other["mortgagee"]["name"] = json!("样例汽车金融有限公司");
    other["mortgagee"]["kind"] = json!("auto_finance");
    let refused = mortgaged(&sandbox, other.clone()).await;
    assert_eq!(
        told(&refused),
        [(
            "mortgagee_consent_missing",
            "/earlier_lender_consent",
            "R164 Art 32"
        )]
    );
    other["partner_reference"] = json!("OTHER-2");
    other["earlier_lender_consent"] =
        json!({ "credit_code": ANOTHER_LENDER, "signed_on": "2026-03-01" });
    let refused = mortgaged(&sandbox, other.clone()).await;
    assert_eq!(
        told(&refused),
        [(
            "mortgagee_mismatch",
            "/earlier_lender_consent/credit_code",
            "R164 Art 32"
        )]
    );
    other["partner_reference"] = json!("OTHER-3");
    other["earlier_lender_consent"]["credit_code"] = mortgage()["mortgagee"]["credit_code"].clone();
    assert_eq!(mortgaged(&sandbox, other).await.status, Status::Completed);
    assert_eq!(vehicle(&sandbox).await.mortgages.len(), 3);

    // Each is released by itself.
    assert_eq!(
        released(&sandbox, release()).await.status,
        Status::Completed
    );
    assert_eq!(vehicle(&sandbox).await.mortgages.len(), 2);
}

#[tokio::test]
async fn a_release_is_the_lender_s_on_record_under_the_contract_on_record() {
    let sandbox = sandbox().await;
    let nothing = released(&sandbox, release()).await;
    assert_eq!(
        told(&nothing),
        [("not_mortgaged", "/contract_number", "R164 Art 33")]
    );
    mortgaged(&sandbox, mortgage()).await;
    for (place, value, expected) in [
        (
            "/mortgagee/credit_code",
            ANOTHER_LENDER,
            (
                "mortgagee_mismatch",
                "/mortgagee/credit_code",
                "R164 Art 33",
            ),
        ),
        (
            "/contract_number",
            "DY-2026-0002",
            ("contract_mismatch", "/contract_number", "R164 Art 33"),
        ),
        (
            "/mortgagee/name",
            "样例银行",
            ("record_mismatch", "/mortgagee/name", "R164 Art 36, 15(1)"),
        ),
        (
            "/registration_certificate_number",
            "370399999999",
            (
                "record_mismatch",
                "/registration_certificate_number",
                "R164 Art 36, 15(1)",
            ),
        ),
    ] {
        let mut body = release();
        *body.pointer_mut(place).expect("a member") = json!(value);
        body["partner_reference"] = json!(format!("WRONG{place}"));
        let refused = released(&sandbox, body).await;
        assert_eq!(told(&refused), [expected], "{place}");
    }
    assert!(vehicle(&sandbox).await.mortgaged);
}

#[tokio::test]
async fn both_parties_sign_and_everything_wrong_is_told_at_once() {
    let sandbox = sandbox().await;
    let bank = sandbox.caller(BANK).await;
    let mut body = mortgage();
    body["signatures"] = json!({
        "owner": { "signature_id": "E-1", "signed_at": "2026-03-02T09:00:01+08:00" },
    });
    body["contract"]["amount_fen"] = json!(0);
    body["contract"]["signed_on"] = json!("2026-03-03");
    body["owner"]["kind"] = json!("organisation");
    body["owner"]["identity_number"] = body["mortgagee"]["credit_code"].clone();
    put_vin(&mut body, vin(1));
    let got = bank.post("/v1/mortgages", &body).await;
    got.refused(422, "validation_failed");
    let mut errors = got.errors();
    errors.sort();
    let expected = [
        ("/contract/amount_fen", "out_of_range"),
        ("/contract/signed_on", "date_in_future"),
        ("/mortgagee/credit_code", "owner_is_lender"),
        ("/signatures/lender", "signature_missing"),
        ("/signatures/owner/signed_at", "date_in_future"),
        ("/vehicle/vin", "vehicle_not_registered"),
    ];
    let expected = expected.map(|(place, code)| (place.to_owned(), code.to_owned()));
    assert_eq!(errors, expected);
    let rule = |code: &str| {
        let errors = got.json()["errors"].clone();
        let all = errors.as_array().expect("a list").clone();
        let found = all.into_iter().find(|error| error["code"] == code);
        found.expect("told")["rule"].clone()
    };
    assert_eq!(rule("signature_missing"), "R164 Art 31");

    // What cannot be read is no signature that is missing.
    let mut unread = mortgage();
    unread["signatures"]["owner"]["signed_at"] = json!("yesterday");
    let got = bank.post("/v1/mortgages", &unread).await;
    let places: Vec<String> = got.errors().into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, ["/signatures/owner/signed_at"]);
    let mut none = mortgage();
    none["signatures"] = json!("none");
    let got = bank.post("/v1/mortgages", &none).await;
    let places: Vec<String> = got.errors().into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, ["/signatures"]);
}

#[tokio::test]
async fn each_party_signs_for_itself_after_the_contract() {
    let sandbox = sandbox().await;
    let bank = sandbox.caller(BANK).await;
    let mut body = mortgage();
    body["signatures"] = json!({
        "owner": { "signature_id": "E-1", "signed_at": "2026-02-27T23:59:59+08:00" },
        "lender": { "signature_id": "E-1", "signed_at": "2026-02-28T00:00:00+08:00" },
    });
    body["contract"]["signed_on"] = json!("2026-02-28");
    let got = bank.post("/v1/mortgages", &body).await;
    let expected = [
        ("/signatures/lender/signature_id", "signature_repeated"),
        ("/signatures/owner/signed_at", "dates_out_of_order"),
    ];
    let expected = expected.map(|(place, code)| (place.to_owned(), code.to_owned()));
    assert_eq!(got.errors(), expected);
}

/// The article is that of the service, though the code is one.
#[tokio::test]
async fn what_is_wrong_with_a_submission_cites_the_article_of_the_service() {
    let sandbox = sandbox().await;
    let bank = sandbox.caller(BANK).await;
    for (path, mut body, article) in [
        ("/v1/mortgages", mortgage(), "R164 Art 31"),
        ("/v1/mortgage-releases", release(), "R164 Art 33"),
        (
            "/v1/pledges",
            example::<SubmitPledge>("standard"),
            "R164 Art 34",
        ),
        (
            "/v1/pledge-releases",
            example::<SubmitPledgeRelease>("standard"),
            "R164 Art 34",
        ),
    ] {
        body["signatures"] = json!({ "owner": body["signatures"]["owner"] });
        put_vin(&mut body, vin(1));
        let got = bank.post(path, &body).await;
        let told = [
            ("/signatures/lender", "signature_missing"),
            ("/vehicle/vin", "vehicle_not_registered"),
        ];
        let told = told.map(|(place, code)| (place.to_owned(), code.to_owned()));
        assert_eq!(got.errors(), told, "{path}");
        for error in got.json()["errors"].as_array().expect("a list") {
            assert_eq!(error["rule"], article, "{path}");
        }
    }
}

/// A lender who is gone, or an owner who does not appear.
#[tokio::test]
async fn a_court_s_document_takes_the_place_of_one_party_in_a_release() {
    let sandbox = sandbox().await;
    mortgaged(&sandbox, mortgage()).await;
    let bank = sandbox.sdk(BANK);
    let mut body = release();
    let signatures = body["signatures"].clone();
    body["court_document"] = json!({
        "issuer": "淄博市张店区人民法院",
        "number": "（2026）鲁0303民初100号",
        "effective_on": "2026-02-20",
    });
    body["signatures"] = json!({});
    let got = sandbox
        .caller(BANK)
        .await
        .post("/v1/mortgage-releases", &body)
        .await;
    let both = ["/signatures/lender", "/signatures/owner"];
    let both = both.map(|place| (place.to_owned(), "signature_missing".to_owned()));
    assert_eq!(got.errors(), both);

    body["signatures"] = json!({ "owner": signatures["owner"] });
    let waiting = released(&sandbox, body).await;
    assert_eq!(waiting.status, Status::Received);
    let put = put_all(&bank, &waiting.application_id).await;
    let put: Vec<&str> = put.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(put, ["court_document"]);
    sandbox.settle();
    let done = bank.get_application(&waiting.application_id).await;
    assert_eq!(done.expect("own").status, Status::Completed);
    assert!(!vehicle(&sandbox).await.mortgaged);
}

/// Some cells in so many words, filed and refused.
#[tokio::test]
async fn a_refusal_cites_the_article_of_the_service() {
    let sandbox = sandbox().await;
    let mut findings = Vec::new();
    for flag in [
        Flag::Sealed,
        Flag::Stolen,
        Flag::CustomsSupervised,
        Flag::ScrapAnnounced,
    ] {
        sandbox.flag(clean(), flag, true);
        let mut body = mortgage();
        body["partner_reference"] = json!(format!("FLAG-{flag}"));
        let refused = mortgaged(&sandbox, body).await;
        assert_eq!(refused.status, Status::Refused);
        let [finding] = refused.findings.as_slice() else {
            panic!("{:?}", refused.findings)
        };
        findings.push((finding.code.to_string(), finding.rule.clone()));
        sandbox.flag(clean(), flag, false);
    }
    let expected = [
        ("sealed_or_detained", "R164 Art 36, 15(8)"),
        ("stolen_or_defrauded", "R164 Art 36, 15(9)"),
        ("customs_supervised", "R164 Art 36, 29(2)"),
        ("scrap_standard_reached", "R164 Art 36, 15(7)"),
    ];
    assert_eq!(
        findings,
        expected.map(|(code, rule)| (code.to_owned(), rule.to_owned()))
    );

    mortgaged(&sandbox, mortgage()).await;
    for (flag, rule) in [
        (Flag::Detained, "R164 Art 36"),
        (Flag::Stolen, "R164 Art 76"),
    ] {
        sandbox.flag(clean(), flag, true);
        let mut body = release();
        body["partner_reference"] = json!(format!("RELEASE-{flag}"));
        let refused = released(&sandbox, body).await;
        assert_eq!(refused.status, Status::Refused);
        assert_eq!(refused.findings[0].rule, rule);
        sandbox.flag(clean(), flag, false);
    }
    assert!(vehicle(&sandbox).await.mortgaged);
}

#[tokio::test]
async fn dealers_with_finance_and_post_offices_file_too() {
    let sandbox = sandbox().await;
    let engine = sandbox.engine();
    let directory = &engine.city().directory;
    let dealer = directory.outlet("zb-dealer-005").expect("listed");
    assert!(dealer.is_entrusted_with(Service::Pledge));
    let post = sandbox.sdk(OutletKind::PostOffice);
    let mut body = mortgage();
    body["operator_id"] = json!(sandbox.operator(OutletKind::PostOffice));
    let request: lingminban::api::MortgageRequest = decoded(body.clone());
    post.submit_mortgage(&Submission::new(request))
        .await
        .expect("filed");

    let dealer = sandbox.caller(OutletKind::Dealer).await;
    body["operator_id"] = json!(sandbox.operator(OutletKind::Dealer));
    let refused = dealer.post("/v1/mortgages", &body).await;
    refused.refused(403, "service_not_entrusted");
}
