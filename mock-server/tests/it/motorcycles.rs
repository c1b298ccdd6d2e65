//! Motorcycles: registered where they are sold, handled at the base afterwards.

use lingminban::{
    api::{
        Application, ApplicationStatus as Status, OutletKind, PlateDrawRequest,
        RegistrationRequest, SubmitRegistration, TransferRequest,
    },
    codes::{PlateKind, VehicleType},
};
use serde_json::{Value, json};

use crate::support::{Judged, asked, decoded, example, put_vin, sandbox, transfer_after, vin};

const SELLER: OutletKind = OutletKind::MotorcycleDealer;
const REGISTRATIONS: &str = "/v1/registrations";

/// The document's motorcycle, one for each number.
fn motorcycle(number: u32) -> Value {
    let mut body = example::<SubmitRegistration>("motorcycle");
    put_vin(&mut body, vin(number));
    body["partner_reference"] = json!(format!("MOTO-{number}"));
    body
}

async fn registered(sandbox: &Judged, body: Value) -> Application {
    sandbox.file::<RegistrationRequest>(SELLER, body).await
}

#[tokio::test]
async fn a_motorcycle_leaves_its_seller_with_its_plates() {
    let sandbox = sandbox().await;
    let done = registered(&sandbox, motorcycle(1)).await;
    assert_eq!(done.status, Status::Completed);
    // Up to 150 ml: no purchase tax, and no certificate of it. Neither tested nor shown.
    assert_eq!(
        asked(&done),
        [
            "identity_proof",
            "origin_proof",
            "conformity_certificate",
            "compulsory_insurance",
            "vehicle_tax"
        ]
    );
    let seller = sandbox.sdk(SELLER);
    let timeline = seller.get_timeline(&done.application_id).await;
    let states = timeline.expect("own").items;
    assert!(
        states
            .iter()
            .all(|entry| entry.status != Status::VehicleCheck)
    );
    let result = done.result.expect("completed");
    assert_eq!(result.plate_kind, PlateKind::Motorcycle);
    let handed_out = result.plates_handed_out_on.map(|day| day.to_string());
    assert_eq!(handed_out.as_deref(), Some("2026-03-02"));
    // 摩托车: every two years at first.
    assert_eq!(result.inspection_due_on.to_string(), "2028-03-31");
    let vehicle = seller.get_vehicle(&vin(1)).await.expect("registered");
    assert_eq!(vehicle.vehicle_type, VehicleType::M21);
}

/// A small car that is not operated is registered without proof of where its owner lives (R164 Art 89);
/// a motorcycle is not.
#[tokio::test]
async fn who_lives_elsewhere_shows_a_residence_permit() {
    let sandbox = sandbox().await;
    let mut body = motorcycle(1);
    body["owner"]["address"]["region_code"] = json!("370102");
    let seller = sandbox.caller(SELLER).await;
    let got = seller.post(REGISTRATIONS, &body).await;
    let told = ("/owner/address/region_code", "address_outside_city");
    assert_eq!(got.errors(), [(told.0.to_owned(), told.1.to_owned())]);
    body["owner"]["address"]["residence_permit_region_code"] = json!("370303");
    let done = registered(&sandbox, body).await;
    assert_eq!(done.status, Status::Completed);
    assert_eq!(asked(&done).last(), Some(&"residence_permit"));

    let mut car = crate::support::registration(2);
    car["owner"]["address"]["region_code"] = json!("370102");
    assert_eq!(sandbox.register(car).await.status, Status::Completed);
}

#[tokio::test]
async fn a_car_s_plates_do_not_lie_at_its_dealer() {
    let sandbox = sandbox().await;
    let done = sandbox.register(crate::support::registration(1)).await;
    assert!(asked(&done).contains(&"purchase_tax"));
    let result = done.result.expect("completed");
    assert_eq!(result.plates_handed_out_on, None);
}

#[tokio::test]
async fn light_ones_have_plates_of_their_own_kind() {
    let sandbox = sandbox().await;
    let mut light = motorcycle(1);
    light["vehicle"]["vehicle_type"] = json!("M22");
    let seller = sandbox.caller(SELLER).await;
    let got = seller.post(REGISTRATIONS, &light).await;
    got.refused(422, "validation_failed");
    assert_eq!(
        got.errors(),
        [(
            "/vehicle/displacement_ml".into(),
            "displacement_not_of_class".into()
        )]
    );
    light["vehicle"]["displacement_ml"] = json!(49);
    let done = registered(&sandbox, light).await;
    let result = done.result.expect("completed");
    assert_eq!(result.plate_kind, PlateKind::LightMotorcycle);
    // 电动: its plates are no new-energy ones, and it has no displacement.
    let mut electric = motorcycle(2);
    electric["vehicle"]["fuel"] = json!("electric");
    let vehicle = electric["vehicle"].as_object_mut().expect("a vehicle");
    vehicle.remove("displacement_ml");
    let done = registered(&sandbox, electric).await;
    assert!(!asked(&done).contains(&"purchase_tax"));
    let result = done.result.expect("completed");
    assert_eq!(result.plate_kind, PlateKind::Motorcycle);
}

#[tokio::test]
async fn seats_masses_and_tax_are_a_motorcycle_s() {
    let sandbox = sandbox().await;
    let seller = sandbox.caller(SELLER).await;
    for (vehicle_type, most) in [("M21", 2), ("M11", 3), ("M13", 3), ("M15", 3)] {
        let mut body = motorcycle(1);
        body["vehicle"]["vehicle_type"] = json!(vehicle_type);
        body["vehicle"]["seats"] = json!(most + 1);
        body["vehicle"]["kerb_mass_kg"] = json!(300);
        let got = seller.post(REGISTRATIONS, &body).await;
        assert_eq!(
            got.errors(),
            [
                ("/vehicle/kerb_mass_kg".into(), "masses_out_of_order".into()),
                ("/vehicle/seats".into(), "seats_not_of_class".into()),
            ],
            "{vehicle_type}"
        );
        body["vehicle"]["seats"] = json!(most);
        body["vehicle"]["kerb_mass_kg"] = json!(128);
        let path = format!("{REGISTRATIONS}?validate_only=true");
        seller.post(&path, &body).await.ok(200);
    }
    for (displacement, taxed) in [(150, false), (151, true)] {
        let mut body = motorcycle(displacement);
        body["vehicle"]["displacement_ml"] = json!(displacement);
        let done = registered(&sandbox, body).await;
        let asks = asked(&done).contains(&"purchase_tax");
        assert_eq!(asks, taxed, "{displacement} ml");
    }
}

#[tokio::test]
async fn one_that_left_the_factory_long_ago_is_tested_first() {
    let sandbox = sandbox().await;
    let mut old = motorcycle(1);
    old["vehicle"]["manufactured_on"] = json!("2024-03-01");
    let filed = registered(&sandbox, old).await;
    assert!(asked(&filed).contains(&"safety_inspection"));
}

#[tokio::test]
async fn its_seller_draws_numbers_of_its_kinds_and_a_dealer_does_not() {
    let sandbox = sandbox().await;
    let draw = |kind| PlateDrawRequest::builder().plate_kind(kind).build();
    let seller = sandbox.sdk(SELLER);
    for kind in [PlateKind::Motorcycle, PlateKind::LightMotorcycle] {
        let submission = lingminban::Submission::new(draw(kind));
        let drawn = seller.draw_plates(&submission).await.expect("drawn");
        assert_eq!(drawn.plate_numbers.len(), 50);
        assert_eq!(drawn.plate_kind, kind);
        if kind == PlateKind::Motorcycle {
            let mut body = motorcycle(1);
            body["plate_choice"] = json!({
                "method": "draw",
                "plate_draw_id": drawn.plate_draw_id,
                "plate_number": drawn.plate_numbers[7],
            });
            let done = registered(&sandbox, body).await;
            let result = done.result.expect("completed");
            assert_eq!(result.plate_number, drawn.plate_numbers[7]);
        }
    }
    for (outlet, kind) in [
        (SELLER, "02"),
        (SELLER, "52"),
        (OutletKind::Dealer, "07"),
        (OutletKind::UsedCarMarket, "08"),
    ] {
        let caller = sandbox.caller(outlet).await;
        let body = json!({ "plate_kind": kind });
        let got = caller.post("/v1/plate-draws", &body).await;
        got.refused(403, "vehicle_class_not_entrusted");
    }
    let squadron = sandbox.caller(OutletKind::TownshipSquadron).await;
    for kind in ["02", "52", "07", "08"] {
        let body = json!({ "plate_kind": kind });
        squadron.post("/v1/plate-draws", &body).await.ok(201);
    }
}

#[tokio::test]
async fn a_motorcycle_changes_hands_at_a_squadron_and_not_at_a_market() {
    let sandbox = sandbox().await;
    let registration = motorcycle(1);
    let registered = registered(&sandbox, registration.clone()).await;
    let mut sale = transfer_after(&registration, &registered);
    let market = sandbox.caller(OutletKind::UsedCarMarket).await;
    let got = market.post("/v1/transfers", &sale).await;
    got.refused(403, "vehicle_class_not_entrusted");
    let squadron = OutletKind::TownshipSquadron;
    sale["operator_id"] = json!(sandbox.operator(squadron));
    let done = sandbox.file::<TransferRequest>(squadron, sale).await;
    assert_eq!(done.status, Status::Completed);
    let result = done.result.expect("completed");
    assert_eq!(result.plate_kind, PlateKind::Motorcycle);
    assert_ne!(
        Some(result.plate_number),
        registered.result.map(|before| before.plate_number)
    );
}

#[tokio::test]
async fn a_motorcycle_may_bear_a_car_s_number() {
    let sandbox = sandbox().await;
    let mut body = motorcycle(1);
    // The catalogue's first car has it, as a number of kind 02.
    body["plate_choice"] = json!({ "method": "self_composed", "plate_number": "鲁C8K9M2" });
    let done = registered(&sandbox, body).await;
    assert_eq!(
        done.result.expect("completed").plate_number.to_string(),
        "鲁C8K9M2"
    );
    let seller = sandbox.sdk(SELLER);
    let number = "鲁C8K9M2".parse().expect("a number");
    for (kind, vehicle_type) in [
        (PlateKind::SmallVehicle, VehicleType::K33),
        (PlateKind::Motorcycle, VehicleType::M21),
    ] {
        let found = seller.find_vehicle(kind, &number).await.expect("asked");
        assert_eq!(found.expect("one").vehicle_type, vehicle_type);
    }
}

#[tokio::test]
async fn the_list_tells_what_a_motorcycle_s_plates_cost() {
    let sandbox = sandbox().await;
    let seller = sandbox.sdk(SELLER);
    let list = seller.list_services().await.expect("listed");
    let fees = |word: &str| -> Vec<(u32, Option<u32>)> {
        let row = list.items.iter().find(|row| row.service.as_str() == word);
        let row = row.expect("listed");
        let of_motorcycles = row
            .mandates
            .iter()
            .filter(|mandate| mandate.vehicle_types.contains(&VehicleType::M21.into()));
        of_motorcycles
            .map(|mandate| (row.fee_fen, mandate.fee_fen))
            .collect()
    };
    assert_eq!(fees("registration"), [(12_500, Some(9_500))]);
    assert_eq!(fees("plate_replacement"), [(10_000, Some(7_000))]);
    assert_eq!(fees("contact_change"), [(0, None)]);
    let _: RegistrationRequest = decoded(motorcycle(1));
}
