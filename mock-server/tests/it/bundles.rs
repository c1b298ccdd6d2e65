//! 一窗通办: several services for one person and one vehicle, filed as one.

use std::time::Duration;

use lingminban::{
    Client, Submission,
    api::{
        ApplicationId, ApplicationStatus as Status, Bundle, BundleRequest, BundleStatus,
        MortgageRequest, OutletKind, SubmitBundle, SubmitDrivingPermitReplacement,
        SubmitExemptMark, SubmitMortgage, SubmitMortgageRelease, SubmitPlateReplacement,
        SupplementAnswer,
    },
    codes::VehicleStatusFlag as Flag,
};
use lingminban_sandbox::Pace;
use serde_json::{Value, json};

use crate::support::{Judged, agent, decoded, example, found, put_all, sandbox, sandbox_at};

const MARKET: OutletKind = OutletKind::UsedCarMarket;
const SQUADRON: OutletKind = OutletKind::TownshipSquadron;
const BANK: OutletKind = OutletKind::Bank;

/// A transfer, the buyer's contact details and his new driving permit.
fn three() -> Value {
    let mut body = example::<SubmitBundle>("standard");
    let mut permit = body["contact_change"].clone();
    let members = permit.as_object_mut().expect("an object");
    members.remove("new_contact");
    members.remove("changed_on");
    permit["cause"] = json!("damaged");
    permit["partner_reference"] = json!("UCM-2026-000004");
    body["driving_permit_replacement"] = permit;
    body
}

async fn filed(client: &Client, body: &Value) -> Bundle {
    let request: BundleRequest = decoded(body.clone());
    let filed = client.bundles().submit(&Submission::new(request)).await;
    filed.expect("filed")
}

async fn settled(sandbox: &Judged, client: &Client, bundle: &Bundle) -> Bundle {
    sandbox.settle();
    let settled = client.bundles().get(&bundle.bundle_id).await;
    settled.expect("own")
}

/// Commands the authority; what it does not do is told by its code.
async fn decide(sandbox: &Judged, id: &ApplicationId, command: Value) -> Result<(), String> {
    let control = sandbox.control().expect("a client");
    let spaces = control.list_spaces(&Default::default()).await;
    let space = spaces.expect("listed").items[0].space_id.clone();
    let decided = control.decide(&space, id, decoded(command)).await;
    decided
        .map(drop)
        .map_err(|refused| refused.problem().expect("a problem").code.to_string())
}

fn statuses(bundle: &Bundle) -> Vec<Status> {
    let parts = bundle.parts.iter();
    parts
        .map(|part| part.status.known().expect("a known state"))
        .collect()
}

#[tokio::test]
async fn parts_are_handled_one_after_the_other_and_build_on_each_other() {
    let sandbox = sandbox().await;
    let market = sandbox.sdk(MARKET);
    let body = three();
    let bundle = filed(&market, &body).await;
    assert_eq!(bundle.status, BundleStatus::Received);
    let services: Vec<_> = bundle
        .parts
        .iter()
        .map(|part| part.service.as_str())
        .collect();
    assert_eq!(
        services,
        ["transfer", "contact_change", "driving_permit_replacement"]
    );
    for part in &bundle.parts {
        assert_eq!(part.bundle_id.as_ref(), Some(&bundle.bundle_id));
    }

    let done = settled(&sandbox, &market, &bundle).await;
    assert_eq!(statuses(&done), [Status::Completed; 3]);
    assert_eq!(done.status, BundleStatus::Completed);
    let since: Vec<_> = done.parts.iter().map(|part| part.status_since).collect();
    assert!(since.is_sorted(), "{since:?}");

    // What came last has not undone what came first.
    let vin = decoded(body["transfer"]["vehicle"]["vin"].clone());
    let vehicle = market.get_vehicle(&vin).await.expect("registered");
    let issued = done.parts[0].result.as_ref().expect("completed");
    assert_ne!(
        json!(issued.plate_number),
        body["transfer"]["vehicle"]["plate_number"]
    );
    assert_eq!(vehicle.plate_number, Some(issued.plate_number));
    for part in &done.parts {
        let result = part.result.as_ref().expect("completed");
        assert_eq!(result.plate_number, issued.plate_number);
    }
    // The buyer is the owner now: what he files by himself is not refused.
    let mut again = body["contact_change"].clone();
    again["vehicle"]["plate_number"] = json!(issued.plate_number);
    again["partner_reference"] = json!("UCM-2026-000005");
    let own = sandbox
        .file::<lingminban::api::ContactChangeRequest>(MARKET, again)
        .await;
    assert_eq!(own.status, Status::Completed, "{:?}", own.findings);
}

#[tokio::test]
async fn the_bundle_is_supplemented_as_one_and_a_material_is_handed_in_once() {
    let sandbox = sandbox().await;
    let market = sandbox.sdk(MARKET);
    let mut body = three();
    body["transfer"]["agent"] = agent();
    body["contact_change"]["agent"] = agent();
    let bundle = filed(&market, &body).await;
    let waiting = settled(&sandbox, &market, &bundle).await;
    // The third part has everything, and waits for the others.
    assert_eq!(statuses(&waiting), [Status::Received; 3]);

    let second = &bundle.parts[1].application_id;
    let asked = market
        .hand_in_application(second, &Default::default())
        .await
        .expect("received");
    assert_eq!(asked.status, Status::SupplementRequired);
    let asked = market.get_bundle(&bundle.bundle_id).await.expect("own");
    assert_eq!(asked.status, BundleStatus::SupplementRequired);
    assert_eq!(statuses(&asked), [Status::SupplementRequired; 3]);

    // Not before everything is there, whichever part is named.
    let third = &bundle.parts[2].application_id;
    let answer = SupplementAnswer::default();
    let early = market.answer_supplement_notice(third, &answer).await;
    let early = early.expect_err("the power of attorney is missing");
    let told: Vec<_> = early
        .problem()
        .expect("a problem")
        .errors
        .iter()
        .map(|error| error.code.clone())
        .collect();
    // Once for all parts that ask for it.
    assert_eq!(told, ["material_missing"]);

    let first = &bundle.parts[0].application_id;
    assert_eq!(put_all(&market, first).await.len(), 1);
    let second = market.get_application(second).await.expect("own");
    assert_eq!(second.missing_materials().count(), 0);
    market
        .answer_supplement_notice(third, &answer)
        .await
        .expect("complete");
    let accepted = market.get_bundle(&bundle.bundle_id).await.expect("own");
    assert_eq!(statuses(&accepted), [Status::Accepted; 3]);
    assert_eq!(accepted.status, BundleStatus::InProgress);
    let done = settled(&sandbox, &market, &bundle).await;
    assert_eq!(done.status, BundleStatus::Completed);
}

#[tokio::test]
async fn what_follows_a_refused_part_is_refused_and_nothing_is_lost() {
    let sandbox = sandbox().await;
    let market = sandbox.sdk(MARKET);
    let mut body = three();
    body["transfer"]["registration_certificate_number"] = json!("370399999999");
    let bundle = filed(&market, &body).await;
    let done = settled(&sandbox, &market, &bundle).await;
    assert_eq!(statuses(&done), [Status::Refused; 3]);
    assert_eq!(done.status, BundleStatus::NotCompleted);
    let grounds: Vec<_> = done.parts.iter().map(found).collect();
    assert_eq!(grounds[0].len(), 1);
    assert_eq!(grounds[0][0].0, "record_mismatch");
    for ground in &grounds[1..] {
        assert_eq!(ground.len(), 1);
        assert_eq!(ground[0].0, "earlier_part_not_completed");
    }

    // The vehicle is nobody else's, and free for a new submission.
    let mut corrected = three();
    for part in ["transfer", "contact_change", "driving_permit_replacement"] {
        let reference = format!("AGAIN-{part}");
        corrected[part]["partner_reference"] = json!(reference);
    }
    let bundle = filed(&market, &corrected).await;
    let done = settled(&sandbox, &market, &bundle).await;
    assert_eq!(done.status, BundleStatus::Completed);
}

#[tokio::test]
async fn what_was_completed_before_a_refusal_stands() {
    let sandbox = sandbox_at(Pace::Manual, "2026-03-02T09:00:00+08:00").await;
    let market = sandbox.sdk(MARKET);
    let body = three();
    let bundle = filed(&market, &body).await;
    let [first, second, third] = [0, 1, 2].map(|part| &bundle.parts[part].application_id);

    // Nobody decides what waits for its turn.
    decide(&sandbox, first, json!({ "decision": "accept" }))
        .await
        .expect("decided");
    for early in ["step", "approve", "complete"] {
        let decided = decide(&sandbox, second, json!({ "decision": early })).await;
        assert_eq!(decided, Err("wrong_state".to_owned()), "{early}");
    }
    decide(&sandbox, first, json!({ "decision": "complete" }))
        .await
        .expect("decided");
    let refusal = json!({ "decision": "refuse", "reasons": ["sealed_or_detained"] });
    decide(&sandbox, second, refusal).await.expect("decided");
    let waiting = market.get_application(third).await.expect("own");
    assert_eq!(waiting.status, Status::Accepted);
    assert!(sandbox.step(third) && sandbox.step(third));
    let done = market.get_bundle(&bundle.bundle_id).await.expect("own");
    assert_eq!(
        statuses(&done),
        [Status::Completed, Status::Refused, Status::Refused]
    );
    assert_eq!(done.status, BundleStatus::PartlyCompleted);
    let vin = decoded(body["transfer"]["vehicle"]["vin"].clone());
    let vehicle = market.get_vehicle(&vin).await.expect("registered");
    let issued = done.parts[0].result.as_ref().expect("completed");
    assert_eq!(vehicle.plate_number, Some(issued.plate_number));
}

#[tokio::test]
async fn whoever_withdraws_a_part_withdraws_what_follows_it() {
    let sandbox = sandbox_at(Pace::Manual, "2026-03-02T09:00:00+08:00").await;
    let market = sandbox.sdk(MARKET);
    let bundle = filed(&market, &three()).await;
    let second = &bundle.parts[1].application_id;
    market
        .withdraw_application(second, &Default::default())
        .await
        .expect("undecided");
    let left = market.get_bundle(&bundle.bundle_id).await.expect("own");
    assert_eq!(
        statuses(&left),
        [Status::Received, Status::Withdrawn, Status::Withdrawn]
    );
    assert_eq!(left.status, BundleStatus::InProgress);
    let first = &bundle.parts[0].application_id;
    market
        .withdraw_application(first, &Default::default())
        .await
        .expect("undecided");
    let left = market.get_bundle(&bundle.bundle_id).await.expect("own");
    assert_eq!(left.status, BundleStatus::NotCompleted);
}

#[tokio::test]
async fn a_part_s_period_begins_when_its_turn_comes() {
    // A Monday; the transfer takes one working day.
    let sandbox = sandbox_at(Pace::Statutory, "2026-03-02T09:00:00+08:00").await;
    let market = sandbox.sdk(MARKET);
    let bundle = filed(&market, &three()).await;
    sandbox.clock().advance(Duration::from_secs(27 * 3_600));
    let half = market.get_bundle(&bundle.bundle_id).await.expect("own");
    assert_eq!(half.parts[1].status, Status::Accepted);
    assert_eq!(half.parts[1].deadline_on, None);
    sandbox.clock().advance(Duration::from_secs(10 * 86_400));
    let done = market.get_bundle(&bundle.bundle_id).await.expect("own");
    assert_eq!(done.status, BundleStatus::Completed);
    for part in &done.parts {
        let timeline = market
            .get_timeline(&part.application_id)
            .await
            .expect("own");
        for entry in timeline.items {
            let late = entry
                .deadline_on
                .is_some_and(|last| entry.since.date() > last);
            assert!(!late, "{entry:?}");
        }
    }
}

#[tokio::test]
async fn everything_wrong_in_any_part_is_told_at_once_at_its_place() {
    let sandbox = sandbox().await;
    let market = sandbox.caller(MARKET).await;
    let mut body = three();
    body["transfer"]["vehicle"]["plate_kind"] = json!("52");
    body["contact_change"]["operator_id"] = json!("zb-market-001-op2");
    body["contact_change"]["changed_on"] = json!("2026-03-03");
    body["driving_permit_replacement"]["owner"] = body["transfer"]["seller"].clone();
    body["driving_permit_replacement"]["cause"] = json!("bored");
    let got = market.post("/v1/bundles", &body).await;
    let told = got.errors();
    let told: Vec<_> = told
        .iter()
        .map(|(pointer, code)| (pointer.as_str(), code.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("/contact_change/changed_on", "date_in_future"),
            ("/contact_change/operator_id", "differs_within_bundle"),
            ("/driving_permit_replacement/cause", "not_in_list"),
            (
                "/driving_permit_replacement/owner/identity_number",
                "differs_within_bundle"
            ),
            ("/transfer/vehicle/plate_number", "plate_kind"),
        ]
    );

    let single = json!({ "transfer": three()["transfer"] });
    for small in [json!({}), single] {
        let got = market.post("/v1/bundles", &small).await;
        assert_eq!(
            got.errors(),
            [(String::new(), "bundle_too_small".to_owned())]
        );
    }
}

#[tokio::test]
async fn a_part_that_the_outlet_may_not_file_is_told_with_its_place() {
    let sandbox = sandbox().await;
    let bank = sandbox.caller(OutletKind::Bank).await;
    let operator = sandbox.operator(OutletKind::Bank);
    let mut body = three();
    for part in ["transfer", "contact_change", "driving_permit_replacement"] {
        body[part]["operator_id"] = json!(operator);
    }
    let got = bank.post("/v1/bundles", &body).await;
    assert_eq!(got.status, 403);
    let not_entrusted = "service_not_entrusted".to_owned();
    assert_eq!(got.json()["code"], not_entrusted);
    assert_eq!(got.errors(), [("/transfer".to_owned(), not_entrusted)]);
}

#[tokio::test]
async fn nothing_is_filed_by_validating_or_by_half() {
    let sandbox = sandbox().await;
    let market = sandbox.sdk(MARKET);
    let request: BundleRequest = decoded(three());
    let assessed = market.validate_bundle(&request).await.expect("assessed");
    assert_eq!(assessed.parts.len(), 3);
    for part in &assessed.parts {
        assert_eq!(part.findings, [], "{}", part.service);
    }
    // Nothing of it is left: the seller is the owner.
    let seller = sandbox
        .file::<lingminban::api::PlateReplacementRequest>(MARKET, {
            let mut body = example::<SubmitPlateReplacement>("standard");
            body["operator_id"] = json!(sandbox.operator(MARKET));
            body
        })
        .await;
    assert_eq!(seller.status, Status::Completed, "{:?}", seller.findings);

    // References used before, each told: none of the parts is filed.
    let mut body = three();
    for part in ["contact_change", "driving_permit_replacement"] {
        body[part]["partner_reference"] = json!(seller.partner_reference);
    }
    let caller = sandbox.caller(MARKET).await;
    let got = caller.post("/v1/bundles", &body).await;
    assert_eq!(got.status, 409);
    assert_eq!(got.json()["code"], "already_submitted");
    assert_eq!(got.json()["application_id"], json!(seller.application_id));
    let places: Vec<String> = got.errors().into_iter().map(|(place, _)| place).collect();
    assert_eq!(
        places,
        [
            "/contact_change/partner_reference",
            "/driving_permit_replacement/partner_reference"
        ]
    );
    let listed = market.list_applications_page(&Default::default()).await;
    assert_eq!(listed.expect("own").items.len(), 1);
}

#[tokio::test]
async fn a_reference_twice_in_one_bundle_is_found() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(MARKET).await;
    let mut body = three();
    body["contact_change"]["partner_reference"] = body["transfer"]["partner_reference"].clone();
    let got = caller.post("/v1/bundles", &body).await;
    assert_eq!(
        got.errors(),
        [(
            "/contact_change/partner_reference".to_owned(),
            "partner_reference_twice".to_owned()
        )]
    );
}

#[tokio::test]
async fn what_befalls_the_vehicle_meanwhile_stops_the_parts_that_are_left() {
    let sandbox = sandbox_at(Pace::Manual, "2026-03-02T09:00:00+08:00").await;
    let market = sandbox.sdk(MARKET);
    let body = three();
    let bundle = filed(&market, &body).await;
    let [first, second] = [0, 1].map(|part| &bundle.parts[part].application_id);
    decide(&sandbox, first, json!({ "decision": "complete" }))
        .await
        .expect("decided");
    let vin = decoded(body["transfer"]["vehicle"]["vin"].clone());
    sandbox.flag(vin, Flag::Stolen, true);
    assert!(sandbox.step(second) && sandbox.step(second));
    let second = market.get_application(second).await.expect("own");
    assert_eq!(second.status, Status::Refused);
    assert_eq!(found(&second)[0].0, "stolen_or_defrauded");
}

/// A used car bought on credit: the transfer and the buyer's mortgage.
fn financed() -> Value {
    example::<SubmitBundle>("financed")
}

/// The release of the seller's own mortgage, as a part of such a bundle.
fn release_by_seller() -> Value {
    let transfer = financed()["transfer"].clone();
    let mut release = example::<SubmitMortgageRelease>("standard");
    release["owner"] = transfer["seller"].clone();
    for member in ["operator_id", "vehicle", "registration_certificate_number"] {
        release[member] = transfer[member].clone();
    }
    release["partner_reference"] = json!("SQ-2026-RELEASE");
    release
}

/// The seller's car is mortgaged.
async fn mortgaged(sandbox: &Judged) {
    let body = example::<SubmitMortgage>("standard");
    let done = sandbox.file::<MortgageRequest>(BANK, body).await;
    assert_eq!(done.status, Status::Completed);
}

#[tokio::test]
async fn a_car_is_bought_on_credit_in_one_errand() {
    let sandbox = sandbox().await;
    let squadron = sandbox.sdk(SQUADRON);
    let body = financed();
    let request: BundleRequest = decoded(body.clone());
    let assessed = squadron.validate_bundle(&request).await.expect("assessed");
    let found: Vec<_> = assessed.parts.iter().map(|part| &part.findings).collect();
    assert_eq!(found, [&vec![], &vec![]]);

    let bundle = filed(&squadron, &body).await;
    let done = settled(&sandbox, &squadron, &bundle).await;
    assert_eq!(done.status, BundleStatus::Completed, "{:?}", done.parts);
    let [transfer, mortgage] = [0, 1].map(|part| done.parts[part].result.clone().expect("issued"));
    assert_ne!(
        json!(transfer.plate_number),
        body["transfer"]["vehicle"]["plate_number"]
    );
    assert_eq!(mortgage.plate_number, transfer.plate_number);
    assert_eq!(transfer.public_on, None);
    assert_eq!(mortgage.public_on, Some(sandbox.clock().now().date()));
    let vin = decoded(body["transfer"]["vehicle"]["vin"].clone());
    let vehicle = squadron.get_vehicle(&vin).await.expect("registered");
    assert_eq!(vehicle.plate_number, Some(transfer.plate_number));
    assert!(vehicle.mortgaged);
    assert_eq!(vehicle.mortgages.len(), 1);
}

#[tokio::test]
async fn a_loan_is_paid_off_by_the_seller_and_taken_out_by_the_buyer_in_one_errand() {
    let sandbox = sandbox().await;
    let squadron = sandbox.sdk(SQUADRON);
    mortgaged(&sandbox).await;
    // Without the release, seller and mortgagee are to be heard.
    let request: BundleRequest = decoded(financed());
    let assessed = squadron.validate_bundle(&request).await.expect("assessed");
    let codes: Vec<_> = assessed.parts[0]
        .findings
        .iter()
        .map(|found| found.code.as_str())
        .collect();
    assert_eq!(codes, ["mortgagee_consent_missing"]);

    let mut body = financed();
    body["mortgage_release"] = release_by_seller();
    let bundle = filed(&squadron, &body).await;
    let services: Vec<_> = bundle
        .parts
        .iter()
        .map(|part| part.service.as_str())
        .collect();
    assert_eq!(services, ["mortgage_release", "transfer", "mortgage"]);
    let done = settled(&sandbox, &squadron, &bundle).await;
    assert_eq!(statuses(&done), [Status::Completed; 3], "{:?}", done.parts);
    // The one mortgage on record is the buyer's: it is he who has it released.
    let mut release = release_by_seller();
    let issued = done.parts[1].result.as_ref().expect("issued");
    release["owner"] = body["transfer"]["buyer"].clone();
    release["vehicle"]["plate_number"] = json!(issued.plate_number);
    release["contract_number"] = body["mortgage"]["contract"]["contract_number"].clone();
    release["partner_reference"] = json!("SQ-2026-BUYER");
    let released = sandbox
        .file::<lingminban::api::MortgageReleaseRequest>(SQUADRON, release)
        .await;
    assert_eq!(
        released.status,
        Status::Completed,
        "{:?}",
        released.findings
    );
    let vin = decoded(body["transfer"]["vehicle"]["vin"].clone());
    let vehicle = squadron.get_vehicle(&vin).await.expect("registered");
    assert!(!vehicle.mortgaged);
}

#[tokio::test]
async fn no_mortgage_follows_a_transfer_that_is_refused() {
    let sandbox = sandbox().await;
    let squadron = sandbox.sdk(SQUADRON);
    let mut body = financed();
    // Not on record: nothing is released, so nothing is sold and nothing secured.
    body["mortgage_release"] = release_by_seller();
    let bundle = filed(&squadron, &body).await;
    let done = settled(&sandbox, &squadron, &bundle).await;
    assert_eq!(statuses(&done), [Status::Refused; 3]);
    assert_eq!(done.status, BundleStatus::NotCompleted);
    let grounds: Vec<_> = done.parts.iter().map(found).collect();
    assert_eq!(
        grounds[0],
        [("not_mortgaged", "/contract_number", "R164 Art 33")]
    );
    for ground in &grounds[1..] {
        assert_eq!(ground.len(), 1);
        assert_eq!(ground[0].0, "earlier_part_not_completed");
    }

    let vin = decoded(body["transfer"]["vehicle"]["vin"].clone());
    sandbox.flag(vin, Flag::ViolationPending, true);
    let mut body = financed();
    for part in ["transfer", "mortgage"] {
        body[part]["partner_reference"] = json!(format!("AGAIN-{part}"));
    }
    let bundle = filed(&squadron, &body).await;
    let done = settled(&sandbox, &squadron, &bundle).await;
    assert_eq!(statuses(&done), [Status::Refused; 2]);
    assert_eq!(
        found(&done.parts[0]),
        [("open_violations", "/vehicle/vin", "R164 Art 25")]
    );
    let codes: Vec<_> = found(&done.parts[1]).iter().map(|found| found.0).collect();
    assert_eq!(codes, ["earlier_part_not_completed"]);
}

#[tokio::test]
async fn one_power_of_attorney_serves_the_parts_of_one_person_only() {
    let sandbox = sandbox().await;
    let squadron = sandbox.sdk(SQUADRON);
    mortgaged(&sandbox).await;
    let mut body = financed();
    body["mortgage_release"] = release_by_seller();
    for part in ["mortgage_release", "transfer", "mortgage"] {
        body[part]["agent"] = agent();
    }
    let bundle = filed(&squadron, &body).await;
    let [release, transfer, mortgage] =
        [0, 1, 2].map(|part| bundle.parts[part].application_id.clone());
    let missing = async |id: &ApplicationId| {
        let application = squadron.get_application(id).await.expect("own");
        application.missing_materials().count()
    };
    put_all(&squadron, &transfer).await;
    assert_eq!(missing(&transfer).await, 0);
    assert_eq!(missing(&mortgage).await, 0);
    // The seller's agent shows what the seller signed.
    assert_eq!(missing(&release).await, 1);
    let waiting = settled(&sandbox, &squadron, &bundle).await;
    assert_eq!(statuses(&waiting), [Status::Received; 3]);
    put_all(&squadron, &release).await;
    let done = settled(&sandbox, &squadron, &bundle).await;
    assert_eq!(done.status, BundleStatus::Completed);
}

#[tokio::test]
async fn each_part_is_filed_for_whoever_has_the_vehicle_by_then() {
    let sandbox = sandbox().await;
    let squadron = sandbox.caller(SQUADRON).await;
    let buyer = financed()["transfer"]["buyer"].clone();
    let seller = financed()["transfer"]["seller"].clone();
    let mut of_seller = financed();
    of_seller["mortgage"]["owner"] = seller;
    let mut of_buyer = financed();
    of_buyer["mortgage_release"] = release_by_seller();
    of_buyer["mortgage_release"]["owner"] = buyer;
    for (body, place) in [
        (of_seller, "/mortgage/owner/identity_number"),
        (of_buyer, "/transfer/seller/identity_number"),
    ] {
        let got = squadron.post("/v1/bundles", &body).await;
        assert_eq!(
            got.errors(),
            [(place.to_owned(), "differs_within_bundle".to_owned())]
        );
    }
    // Of a buyer who cannot be read nothing is said but that.
    let mut unread = financed();
    unread["transfer"]["buyer"]["identity_number"] = json!("X");
    let got = squadron.post("/v1/bundles", &unread).await;
    let places: Vec<_> = got.errors().into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, ["/transfer/buyer/identity_number"]);
}

#[tokio::test]
async fn a_loan_is_paid_off_with_another_bank_s_at_the_bank() {
    let sandbox = sandbox().await;
    let bank = sandbox.sdk(BANK);
    mortgaged(&sandbox).await;
    let mut mortgage = example::<SubmitMortgage>("standard");
    mortgage["mortgagee"] = json!({
        "kind": "auto_finance",
        "name": "示例汽车金融有限公司",
        "credit_code": "91370399MA7QAB120J",
    });
    mortgage["contract"]["contract_number"] = json!("DY-OF-ANOTHER");
    mortgage["partner_reference"] = json!("BANK-2026-ANOTHER");
    let mut release = release_by_seller();
    release["operator_id"] = mortgage["operator_id"].clone();
    let body = json!({ "mortgage": mortgage, "mortgage_release": release });
    let bundle = filed(&bank, &body).await;
    let services: Vec<_> = bundle
        .parts
        .iter()
        .map(|part| part.service.as_str())
        .collect();
    assert_eq!(services, ["mortgage_release", "mortgage"]);
    // Nobody's consent is asked for: the earlier mortgage is gone by then.
    let done = settled(&sandbox, &bank, &bundle).await;
    assert_eq!(done.status, BundleStatus::Completed, "{:?}", done.parts);
}

/// A new permit and the mark of a year without a test.
fn permit_and_mark() -> Value {
    let mark = example::<SubmitExemptMark>("standard");
    let mut permit = example::<SubmitDrivingPermitReplacement>("standard");
    for member in ["operator_id", "owner", "vehicle"] {
        permit[member] = mark[member].clone();
    }
    json!({ "exempt_mark": mark, "driving_permit_replacement": permit })
}

#[tokio::test]
async fn a_permit_and_a_mark_are_fetched_in_one_errand() {
    let sandbox = sandbox().await;
    let post = sandbox.sdk(OutletKind::PostOffice);
    let bundle = filed(&post, &permit_and_mark()).await;
    let done = settled(&sandbox, &post, &bundle).await;
    assert_eq!(done.status, BundleStatus::Completed, "{:?}", done.parts);
    let marked = done.parts[1].result.as_ref().expect("issued");
    assert_eq!(marked.inspection_due_on.to_string(), "2028-04-30");

    // A second mark is refused; the permit, which comes first, is issued all the same.
    let mut again = permit_and_mark();
    for part in ["exempt_mark", "driving_permit_replacement"] {
        again[part]["partner_reference"] = json!(format!("AGAIN-{part}"));
    }
    let bundle = filed(&post, &again).await;
    let done = settled(&sandbox, &post, &bundle).await;
    assert_eq!(statuses(&done), [Status::Completed, Status::Refused]);
    assert_eq!(done.status, BundleStatus::PartlyCompleted);
    assert_eq!(
        found(&done.parts[1]),
        [("inspection_window_not_open", "/vehicle/vin", "R164 Art 54")]
    );
}

#[tokio::test]
async fn a_plate_drives_the_car_from_the_day_its_part_has_its_turn() {
    let sandbox = sandbox().await;
    sandbox.set_pace(Pace::Manual);
    let squadron = sandbox.sdk(SQUADRON);
    let mut body = financed();
    let mortgage = body.as_object_mut().expect("a bundle").remove("mortgage");
    let mortgage = mortgage.expect("was there");
    let mut plates = json!({ "cause": "lost", "partner_reference": "SQ-2026-PLATES" });
    for member in ["operator_id", "owner", "vehicle"] {
        plates[member] = mortgage[member].clone();
    }
    body["plate_replacement"] = plates;
    let bundle = filed(&squadron, &body).await;
    let [transfer, plates] = [0, 1].map(|part| bundle.parts[part].application_id.clone());
    // Both are accepted as one; the second waits.
    assert!(sandbox.step(&transfer));
    let waiting = squadron.get_application(&plates).await.expect("own");
    assert_eq!(waiting.status, Status::Accepted);
    assert_eq!(waiting.temporary_plate, None);
    sandbox.clock().advance(Duration::from_secs(24 * 3_600));
    while sandbox.step(&transfer) {}
    let handled = squadron.get_application(&plates).await.expect("own");
    let plate = handled.temporary_plate.expect("issued");
    assert_eq!(plate.valid_from.to_string(), "2026-03-03");
}

#[tokio::test]
async fn what_a_transfer_renews_serves_the_mark_behind_it() {
    let sandbox = sandbox().await;
    let squadron = sandbox.sdk(SQUADRON);
    let mut body = financed();
    let bundle = body.as_object_mut().expect("a bundle");
    let mortgage = bundle.remove("mortgage").expect("was there");
    let vin: lingminban::identifiers::Vin = decoded(mortgage["vehicle"]["vin"].clone());
    let engine = sandbox.engine();
    let uninsured = engine.change_vehicle(engine.home(), vin, |record| {
        let registration = record.registration.as_mut().expect("registered");
        registration.insured_until = Some(jiff::civil::date(2026, 2, 1));
    });
    uninsured.expect("changed");
    let mut policy = example::<lingminban::api::SubmitTemporaryPlate>("standard");
    policy["compulsory_insurance"]["vin"] = json!(vin);
    body["transfer"]["compulsory_insurance"] = policy["compulsory_insurance"].clone();
    let mut mark = json!({ "cause": "lost", "partner_reference": "SQ-2026-MARK" });
    for member in ["operator_id", "owner", "vehicle"] {
        mark[member] = mortgage[member].clone();
    }
    body["inspection_mark_replacement"] = mark;
    let bundle = filed(&squadron, &body).await;
    let done = settled(&sandbox, &squadron, &bundle).await;
    assert_eq!(done.status, BundleStatus::Completed, "{:?}", done.parts);
}
