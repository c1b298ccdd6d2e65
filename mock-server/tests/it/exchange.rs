//! Two vehicles of one owner exchange their numbers.

use std::time::Duration;

use lingminban::{
    api::{
        Application, ApplicationFilter, ApplicationStatus as Status, IdentityChangeRequest,
        OutletKind, PlateExchangeRequest, SubmitIdentityChange, SubmitPlateExchange,
    },
    codes::{PlateKind, UseCharacter, VehicleStatusFlag as Flag},
    identifiers::Vin,
};
use lingminban_sandbox::{Pace, engine::register::VehicleRecord};
use serde_json::{Value, json};

use crate::support::{
    Judged, decoded, example, found, registration, sandbox, transfer, vin as vin_of,
};

const POST: OutletKind = OutletKind::PostOffice;
const EXCHANGES: &str = "/v1/plate-exchanges";
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// The catalogue's first car, and its owner's other one.
fn body(name: &str) -> Value {
    let mut body = example::<SubmitPlateExchange>("standard");
    body["partner_reference"] = json!(name);
    body
}

fn vins(body: &Value) -> [Vin; 2] {
    let other = &body["other"]["vehicle"]["vin"];
    [&body["vehicle"]["vin"], other].map(|vin| decoded(vin.clone()))
}

/// Both are one person's, whichever number stands in whose papers.
#[tokio::test]
async fn an_owner_with_two_numbers_exchanges_all_the_same() {
    let sandbox = sandbox().await;
    let exchange = body("TWO-NUMBERS");
    let mut change = example::<SubmitIdentityChange>("standard");
    change["owner"] = exchange["owner"].clone();
    for member in ["vehicle", "registration_certificate_number"] {
        change[member] = exchange["other"][member].clone();
    }
    let done = sandbox.file::<IdentityChangeRequest>(POST, change).await;
    assert_eq!(done.status, Status::Completed, "{:?}", found(&done));
    let done = filed(&sandbox, exchange).await;
    assert_eq!(done.status, Status::Completed, "{:?}", found(&done));
}

/// The same after the exchange, to exchange back.
fn body_back(name: &str) -> Value {
    let mut back = body(name);
    let numbers = [
        back["vehicle"]["plate_number"].clone(),
        back["other"]["vehicle"]["plate_number"].clone(),
    ];
    let [first, second] = numbers;
    back["vehicle"]["plate_number"] = second;
    back["other"]["vehicle"]["plate_number"] = first;
    back
}

async fn filed(sandbox: &Judged, body: Value) -> Application {
    sandbox.file::<PlateExchangeRequest>(POST, body).await
}

/// What a registration with that number composed is told.
async fn taken(sandbox: &Judged, number: &str) -> Vec<(String, String)> {
    let mut body = registration(1);
    body["plate_choice"] = json!({ "method": "self_composed", "plate_number": number });
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    let got = dealer.post("/v1/registrations", &body).await;
    got.refused(422, "validation_failed");
    got.errors()
}

#[tokio::test]
async fn each_gets_the_other_s_number_and_neither_is_ever_free() {
    let sandbox = sandbox().await;
    sandbox.set_pace(Pace::Manual);
    let post = sandbox.sdk(POST);
    let [one, other] = vins(&body("ONE"));
    let number = async |vin| {
        let vehicle = post.get_vehicle(&vin).await.expect("registered");
        vehicle.plate_number.expect("plates").to_string()
    };
    let is_taken = [("/plate_choice/plate_number".into(), "plate_taken".into())];
    let before = [number(one).await, number(other).await];
    assert_eq!(before, ["鲁C8K9M2", "鲁C90600"]);
    let running = filed(&sandbox, body("ONE")).await;
    for number in &before {
        assert_eq!(taken(&sandbox, number).await, is_taken);
    }
    while sandbox.step(&running.application_id) {}
    let done = post.get_application(&running.application_id).await;
    let done = done.expect("own");
    assert_eq!(done.status, Status::Completed);
    let result = done.result.expect("completed");
    assert_eq!(result.plate_number.to_string(), "鲁C90600");
    let given = result.other_plate_number.map(|number| number.to_string());
    assert_eq!(given.as_deref(), Some("鲁C8K9M2"));
    assert_eq!([number(other).await, number(one).await], before);
    for (number, vin) in before.iter().zip([other, one]) {
        assert_eq!(taken(&sandbox, number).await, is_taken);
        let number = number.parse().expect("a number");
        let found = post.find_vehicle(PlateKind::SmallVehicle, &number);
        let found = found.await.expect("asked");
        assert_eq!(found.map(|vehicle| vehicle.vin), Some(vin));
    }
}

#[tokio::test]
async fn a_vehicle_s_number_is_exchanged_once_a_year() {
    let sandbox = sandbox().await;
    assert_eq!(filed(&sandbox, body("ONE")).await.status, Status::Completed);
    let refused = filed(&sandbox, body_back("BACK")).await;
    assert_eq!(
        found(&refused),
        [
            ("exchanged_within_year", "/other/vehicle/vin", "R164 Art 20"),
            ("exchanged_within_year", "/vehicle/vin", "R164 Art 20"),
        ]
    );
    sandbox.clock().advance(364 * DAY);
    assert_eq!(sandbox.clock().now().date().to_string(), "2027-03-01");
    let refused = filed(&sandbox, body_back("EARLY")).await;
    assert_eq!(refused.status, Status::Refused);
    sandbox.clock().advance(DAY);
    let done = filed(&sandbox, body_back("YEAR-ON")).await;
    assert_eq!(done.status, Status::Completed);
}

#[tokio::test]
async fn while_it_runs_nothing_else_is_filed_for_either() {
    let sandbox = sandbox().await;
    sandbox.set_pace(Pace::Manual);
    let post = sandbox.sdk(POST);
    let running = filed(&sandbox, body("ONE")).await;
    let [one, other] = vins(&body("ONE"));
    for vin in [one, other] {
        let filter = ApplicationFilter::builder().vin(vin).build();
        let listed = post.list_applications_page(&filter).await.expect("asked");
        let ids: Vec<_> = listed.items.iter().map(|it| &it.application_id).collect();
        assert_eq!(ids, [&running.application_id], "{vin:?}");
    }
    let caller = sandbox.caller(POST).await;
    let mut plates = body("PLATES");
    plates["vehicle"] = plates["other"]["vehicle"].clone();
    plates["cause"] = json!("lost");
    for member in ["other", "registration_certificate_number"] {
        plates.as_object_mut().expect("a body").remove(member);
    }
    let got = caller.post("/v1/plate-replacements", &plates).await;
    got.refused(409, "vehicle_in_process");
    let market = sandbox.caller(OutletKind::UsedCarMarket).await;
    let got = market.post("/v1/transfers", &transfer()).await;
    got.refused(409, "vehicle_in_process");

    post.withdraw_application(&running.application_id, &Default::default())
        .await
        .expect("withdrawn");
    let got = caller.post("/v1/plate-replacements", &plates).await;
    got.ok(201);
    let got = caller.post(EXCHANGES, &body("TWO")).await;
    got.refused(409, "vehicle_in_process");
    assert_eq!(
        got.errors(),
        [("/other/vehicle/vin".into(), "vehicle_in_process".into())]
    );
}

#[tokio::test]
async fn what_befalls_either_before_the_decision_decides() {
    type Change = fn(&mut VehicleRecord);
    let violations = |record: &mut VehicleRecord| record.flags.insert(Flag::ViolationPending);
    let accident = |record: &mut VehicleRecord| record.flags.insert(Flag::AccidentPending);
    let sealed = |record: &mut VehicleRecord| record.flags.insert(Flag::Sealed);
    let operated = |record: &mut VehicleRecord| record.use_character = UseCharacter::Taxi;
    let changes: [(Change, &str, &str); 4] = [
        (violations, "open_violations", "R164 Art 20"),
        (accident, "open_accident", "R164 Art 20"),
        (sealed, "sealed_or_detained", "R164 Art 21, 15(8)"),
        (operated, "vehicle_operated", "R164 Art 20"),
    ];
    for (change, code, rule) in changes {
        for (place, pointer) in ["/vehicle/vin", "/other/vehicle/vin"].iter().enumerate() {
            let sandbox = sandbox().await;
            sandbox.set_pace(Pace::Manual);
            let running = filed(&sandbox, body("ONE")).await;
            assert_eq!(running.status, Status::Received);
            let engine = sandbox.engine();
            let vin = vins(&body("ONE"))[place];
            let changed = engine.change_vehicle(engine.home(), vin, change);
            changed.expect("changed");
            while sandbox.step(&running.application_id) {}
            let refused = sandbox.sdk(POST);
            let refused = refused.get_application(&running.application_id).await;
            let refused = refused.expect("own");
            assert_eq!(found(&refused), [(code, *pointer, rule)]);
        }
    }
}

#[tokio::test]
async fn only_what_one_owner_has_in_one_place_is_exchanged() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(POST).await;
    let mut wrong = body("WRONG");
    wrong["other"]["vehicle"]["plate_kind"] = json!("52");
    wrong["other"]["vehicle"]["plate_number"] = json!("鲁AD12345");
    let got = caller.post(EXCHANGES, &wrong).await;
    got.refused(422, "validation_failed");
    assert_eq!(
        got.errors(),
        [
            (
                "/other/vehicle/plate_kind".into(),
                "plate_kinds_differ".into()
            ),
            (
                "/other/vehicle/plate_number".into(),
                "plates_of_two_places".into()
            ),
        ]
    );
    let mut itself = body("ITSELF");
    itself["other"]["vehicle"] = itself["vehicle"].clone();
    let got = caller.post(EXCHANGES, &itself).await;
    let expected = [("/other/vehicle/vin".into(), "exchange_with_itself".into())];
    assert_eq!(got.errors(), expected);
    let mut unknown = body("UNKNOWN");
    unknown["other"]["vehicle"]["vin"] = json!(vin_of(1));
    let got = caller.post(EXCHANGES, &unknown).await;
    let expected = [("/other/vehicle/vin".into(), "vehicle_not_registered".into())];
    assert_eq!(got.errors(), expected);
    // 纯电动 D, 非纯电动 F.
    let mut energies = body("ENERGIES");
    for (pointer, number) in [("/vehicle", "鲁CD12345"), ("/other/vehicle", "鲁CF12345")] {
        let vehicle = energies.pointer_mut(pointer).expect("a vehicle");
        vehicle["plate_kind"] = json!("52");
        vehicle["plate_number"] = json!(number);
    }
    let got = caller.post(EXCHANGES, &energies).await;
    let expected = [(
        "/other/vehicle/plate_number".into(),
        "new_energy_class_mismatch".into(),
    )];
    assert_eq!(got.errors(), expected);

    let anothers = sandbox.of_catalogue("exchange_with_another_s").await;
    let refused = filed(&sandbox, anothers).await;
    assert_eq!(
        found(&refused),
        [("owners_differ", "/other/vehicle/vin", "R164 Art 20")]
    );
    let mut mistaken = body("MISTAKEN");
    mistaken["other"]["registration_certificate_number"] = json!("370399999999");
    mistaken["other"]["vehicle"]["plate_number"] = json!("鲁C90601");
    let refused = filed(&sandbox, mistaken).await;
    let mismatch = "R164 Art 21, 15(1)";
    assert_eq!(
        found(&refused),
        [
            (
                "record_mismatch",
                "/other/registration_certificate_number",
                mismatch
            ),
            ("record_mismatch", "/other/vehicle/plate_number", mismatch),
        ]
    );
    // What was refused changed nothing.
    let [one, _] = vins(&body("ONE"));
    let vehicle = sandbox.sdk(POST).get_vehicle(&one).await;
    let number = vehicle
        .expect("registered")
        .plate_number
        .expect("plates")
        .to_string();
    assert_eq!(number, "鲁C8K9M2");
}
