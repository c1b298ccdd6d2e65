//! 迁入: a vehicle follows its owner into the city.

use lingminban::{
    api::{
        Application, ApplicationStatus as Status, Assessment, MoveInRequest, Operation, OutletKind,
        SubmitMoveIn,
    },
    codes::VehicleStatusFlag,
    identifiers::Vin,
};
use lingminban_sandbox::engine::register::Mortgage;
use serde_json::{Value, json};

use crate::support::{Judged, decoded, example, found, put_all, sandbox, transfer};

const MARKET: OutletKind = OutletKind::UsedCarMarket;
const PATH: &str = SubmitMoveIn::PATH;

fn move_in() -> Value {
    example::<SubmitMoveIn>("standard")
}

fn vin_of(body: &Value) -> Vin {
    decoded(body["vehicle"]["vin"].clone())
}

async fn filed(sandbox: &Judged, body: Value) -> Application {
    sandbox.file::<MoveInRequest>(MARKET, body).await
}

fn mortgaged(sandbox: &Judged, vin: Vin) {
    let engine = sandbox.engine();
    let changed = engine.change_vehicle(engine.home(), vin, |record| {
        let registration = record.registration.as_mut().expect("registered");
        registration.mortgages.push(Mortgage {
            lender: "91370399MA3TEA0100".parse().expect("a code"),
            lender_name: None,
            contract_number: None,
            registered_on: None,
            pledged: false,
        });
    });
    changed.expect("changed");
}

#[tokio::test]
async fn a_car_gets_a_number_of_the_city_and_keeps_owner_and_certificate() {
    let sandbox = sandbox().await;
    let body = move_in();
    let done = filed(&sandbox, body.clone()).await;
    assert_eq!(done.status, Status::Completed, "{:?}", found(&done));
    assert!(done.warnings.is_empty());
    let result = done.result.expect("issued");
    assert_eq!(result.plate_number.issuing_authority(), Some("鲁C"));
    assert_eq!(
        json!(result.registration_certificate_number),
        body["registration_certificate_number"]
    );
    // From now on it is sold like any other car of the city, by the owner it has had all along.
    let mut sale = transfer();
    crate::support::put_vin(&mut sale, vin_of(&body));
    sale["seller"] = body["owner"].clone();
    sale["vehicle"]["plate_number"] = json!(result.plate_number);
    sale["registration_certificate_number"] = body["registration_certificate_number"].clone();
    let sold = sandbox.transfer(sale).await;
    assert_eq!(sold.status, Status::Completed, "{:?}", found(&sold));
}

#[tokio::test]
async fn it_takes_three_working_days_and_the_car_is_shown() {
    let sandbox = sandbox().await;
    let market = sandbox.sdk(MARKET);
    let request: MoveInRequest = decoded(move_in());
    let assessed: Assessment = market.validate_move_in(&request).await.expect("assessed");
    let check = assessed
        .deadlines
        .iter()
        .find(|deadline| deadline.status.as_str() == "vehicle_check")
        .expect("listed");
    assert_eq!(
        (check.working_days, check.rule.as_str()),
        (3, "R164 Art 18")
    );
    let done = filed(&sandbox, move_in()).await;
    let timeline = market.get_timeline(&done.application_id).await;
    let items = timeline.expect("own").items;
    assert!(items.iter().any(|item| item.status == Status::VehicleCheck));
}

#[tokio::test]
async fn the_owner_lives_here_and_the_car_is_registered_elsewhere() {
    let sandbox = sandbox().await;
    let mut away = move_in();
    away["owner"]["address"]["region_code"] = json!("370102");
    let place = "/owner/address/region_code".to_owned();
    assert_eq!(
        sandbox.refusal(MARKET, PATH, &away).await,
        [(place, "owner_address_elsewhere".to_owned())]
    );
    away["owner"]["address"]["residence_permit_region_code"] = json!("370303");
    let done = filed(&sandbox, away).await;
    assert_eq!(done.status, Status::Completed, "{:?}", found(&done));
    let local = sandbox.of_catalogue("move_in_of_local").await;
    assert_eq!(
        sandbox.refusal(MARKET, PATH, &local).await,
        [("/vehicle/vin".to_owned(), "registered_here".to_owned())]
    );
}

#[tokio::test]
async fn violations_and_accidents_are_settled_first() {
    let sandbox = sandbox().await;
    let body = move_in();
    for flag in [
        VehicleStatusFlag::ViolationPending,
        VehicleStatusFlag::AccidentPending,
    ] {
        sandbox.flag(vin_of(&body), flag, true);
    }
    let refused = filed(&sandbox, body).await;
    assert_eq!(
        found(&refused),
        [
            ("open_violations", "/vehicle/vin", "R164 Art 18"),
            ("open_accident", "/vehicle/vin", "R164 Art 18"),
        ]
    );
}

#[tokio::test]
async fn an_overdue_inspection_is_handed_in_and_the_due_date_moves_on() {
    let sandbox = sandbox().await;
    let market = sandbox.sdk(MARKET);
    let body = sandbox.of_catalogue("move_in_overdue").await;
    let vin = vin_of(&body);
    let received = filed(&sandbox, body).await;
    assert_eq!(received.status, Status::Received);
    let asked: Vec<String> = received
        .missing_materials()
        .map(ToString::to_string)
        .collect();
    assert_eq!(asked, ["safety_inspection"]);
    put_all(&market, &received.application_id).await;
    sandbox.settle();
    let done = market.get_application(&received.application_id).await;
    assert_eq!(done.expect("own").status, Status::Completed);
    let record = market.get_vehicle(&vin).await.expect("on record");
    assert!(record.inspection_due_on > sandbox.clock().now().date());
}

#[tokio::test]
async fn a_mortgagee_applies_too() {
    let sandbox = sandbox().await;
    let body = move_in();
    mortgaged(&sandbox, vin_of(&body));
    let refused = filed(&sandbox, body.clone()).await;
    assert_eq!(
        found(&refused),
        [(
            "mortgagee_consent_missing",
            "/mortgagee_agreement",
            "R164 Art 32"
        )]
    );
    let agreeing = |number: &str, credit_code: &str| {
        let mut body = body.clone();
        body["partner_reference"] = json!(format!("AGREED-{number}"));
        body["mortgagee_agreement"] = json!({
            "mortgagee_name": "示例银行股份有限公司淄博分行",
            "mortgagee_credit_code": credit_code,
            "signed_on": "2026-03-01",
        });
        body
    };
    let refused = filed(&sandbox, agreeing("1", "91370399MA7QAB120J")).await;
    assert_eq!(
        found(&refused),
        [(
            "mortgagee_mismatch",
            "/mortgagee_agreement/mortgagee_credit_code",
            "R164 Art 32"
        )]
    );
    let done = filed(&sandbox, agreeing("2", "91370399MA3TEA0100")).await;
    assert_eq!(done.status, Status::Completed, "{:?}", found(&done));
    let market = sandbox.sdk(MARKET);
    let record = market.get_vehicle(&vin_of(&body)).await;
    assert!(record.expect("on record").mortgaged);
}

#[tokio::test]
async fn a_late_move_is_a_warning() {
    let sandbox = sandbox().await;
    for (moved_on, late) in [("2026-01-31", false), ("2026-01-30", true)] {
        let mut body = move_in();
        body["moved_on"] = json!(moved_on);
        let caller = sandbox.caller(MARKET).await;
        let path = format!("{PATH}?validate_only=true");
        let assessed: Assessment = decoded(caller.post(&path, &body).await.ok(200));
        let told: Vec<_> = assessed
            .warnings
            .iter()
            .map(|warning| (warning.code.as_str(), warning.rule.as_str()))
            .collect();
        let expected = late.then_some(("move_filed_late", "R164 Art 18"));
        assert_eq!(told, Vec::from_iter(expected), "{moved_on}");
    }
    let mut ahead = move_in();
    ahead["moved_on"] = json!("2026-03-03");
    assert_eq!(
        sandbox.refusal(MARKET, PATH, &ahead).await,
        [("/moved_on".to_owned(), "date_in_future".to_owned())]
    );
}
