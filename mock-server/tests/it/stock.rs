//! 反向开票、单独签注: dealers buy used cars, hold them without plates and sell them.

use lingminban::{
    Submission,
    api::{
        Application, ApplicationStatus as Status, BundleRequest, CoOwnerChangeRequest,
        ContactChangeRequest, DeregistrationRequest, FilingRequest, MortgageReleaseRequest,
        MortgageRequest, OutletKind, PlateExchangeRequest, PlateReplacementRequest,
        PledgeReleaseRequest, PledgeRequest, RegistrationCertificateReplacementRequest,
        SubmitBundle, SubmitCoOwnerChange, SubmitContactChange, SubmitDeregistration,
        SubmitMortgage, SubmitMortgageRelease, SubmitPlateExchange, SubmitPlateReplacement,
        SubmitPledge, SubmitPledgeRelease, SubmitRegistrationCertificateReplacement,
        SubmitTemporaryPlate, SubmitTransfer, TemporaryPlateRequest, TransferRequest,
    },
    codes::{PlateKind, VehicleType},
    identifiers::{PlateNumber, Vin},
};
use serde_json::{Value, json};

use crate::support::{Judged, decoded, example, found, put_all, sandbox};

const MARKET: OutletKind = OutletKind::UsedCarMarket;
const PATH: &str = "/v1/transfers";

fn bought() -> Value {
    example::<SubmitTransfer>("dealer_stock")
}

/// The sale of what the dealer has bought.
fn sold(bought: &Value) -> Value {
    let mut body = example::<SubmitTransfer>("from_stock");
    crate::support::put_vin(&mut body, decoded(bought["vehicle"]["vin"].clone()));
    body["registration_certificate_number"] = bought["registration_certificate_number"].clone();
    body
}

fn completed(application: &Application) {
    assert_eq!(
        application.status,
        Status::Completed,
        "{:?}",
        found(application)
    );
}

#[tokio::test]
async fn a_dealer_holds_a_car_without_plates_and_sells_it_with_new_ones() {
    let sandbox = sandbox().await;
    let market = sandbox.sdk(MARKET);
    let body = bought();
    let old: PlateNumber = decoded(body["vehicle"]["plate_number"].clone());
    let vin: Vin = decoded(body["vehicle"]["vin"].clone());
    let done = sandbox.transfer(body.clone()).await;
    completed(&done);
    assert!(done.result.expect("issued").plates_collected);

    let held = market.get_vehicle(&vin).await.expect("on record");
    assert_eq!(held.plate_kind, PlateKind::Unplated);
    assert_eq!(held.plate_number, None);
    let awaiting = held.awaiting_sale.expect("in stock");
    assert_eq!(awaiting.remark, "二手车待销售");
    assert_eq!(awaiting.since.to_string(), "2026-03-02");
    assert_eq!(awaiting.temporary_plates, 0);
    let kind = PlateKind::SmallVehicle;
    let by_plate = market.find_vehicle(kind, &old).await.expect("asked");
    assert!(by_plate.is_none());

    let done = sandbox.transfer(sold(&body)).await;
    completed(&done);
    let result = done.result.expect("issued");
    assert!(!result.plates_collected);
    assert_ne!(result.plate_number, old);
    let now = market.get_vehicle(&vin).await.expect("on record");
    assert_eq!(now.plate_number, Some(result.plate_number));
    assert!(now.awaiting_sale.is_none());
}

/// Whether the car bears plates by then is judged as if the sale had been completed.
#[tokio::test]
async fn plates_are_replaced_after_a_sale_out_of_stock_and_not_after_one_into_it() {
    let sandbox = sandbox().await;
    let squadron = sandbox.sdk(OutletKind::TownshipSquadron);
    for (name, told) in [("from_stock", None), ("dealer_stock", Some("no_plates"))] {
        let mut sale = example::<SubmitTransfer>(name);
        let mut plates = example::<SubmitPlateReplacement>("standard");
        plates["owner"] = sale["buyer"].clone();
        plates["vehicle"] = sale["vehicle"].clone();
        for part in [&mut sale, &mut plates] {
            part["operator_id"] = json!(sandbox.operator(OutletKind::TownshipSquadron));
        }
        let body = json!({ "transfer": sale, "plate_replacement": plates });
        let request: BundleRequest = decoded(body);
        let assessed = squadron.validate_bundle(&request).await.expect("assessed");
        assert_eq!(assessed.parts[0].findings, [], "{name}");
        let found = assessed.parts[1].findings.first();
        assert_eq!(found.map(|found| found.code.as_str()), told, "{name}");
    }
}

/// It drives there on a temporary plate, and is named as what it is: without any.
#[tokio::test]
async fn a_car_goes_from_stock_to_another_city_without_plates() {
    let sandbox = sandbox().await;
    let market = sandbox.sdk(MARKET);
    let mut sale = example::<SubmitTransfer>("from_stock");
    sale["transfer_kind"] = json!("outbound");
    sale["buyer"]["address"]["region_code"] = json!("370102");
    sale.as_object_mut().expect("a body").remove("plate_choice");
    let done = sandbox.transfer(sale.clone()).await;
    completed(&done);
    let vin: Vin = decoded(sale["vehicle"]["vin"].clone());
    let left = market.get_vehicle(&vin).await.expect("on record");
    assert_eq!(
        (left.plate_kind.to_string(), left.plate_number),
        (PlateKind::Unplated.ga_code().to_owned(), None)
    );
    assert!(left.awaiting_sale.is_none());
    // The one that came with the sale holds first.
    sandbox
        .clock()
        .advance(std::time::Duration::from_secs(40 * 24 * 3_600));
    let mut plate = example::<SubmitTemporaryPlate>("transfer_out");
    plate["operator_id"] = json!(sandbox.operator(MARKET));
    plate["owner"] = sale["buyer"].clone();
    plate["vehicle"] = json!({ "vin": vin, "plate_kind": "02" });
    let place = "/vehicle/plate_number".to_owned();
    assert_eq!(
        sandbox
            .refusal(MARKET, "/v1/temporary-plates", &plate)
            .await,
        [(place, "required".to_owned())]
    );
    plate["vehicle"]["plate_kind"] = json!("41");
    let request: TemporaryPlateRequest = decoded(plate);
    let assessed = market.validate(&request).await.expect("assessed");
    assert_eq!(assessed.findings, []);
}

#[tokio::test]
async fn a_buyer_chooses_a_number_for_a_car_out_of_stock() {
    let sandbox = sandbox().await;
    let mut body = example::<SubmitTransfer>("from_stock");
    body["plate_choice"] = json!({ "method": "self_composed", "plate_number": "鲁C7K777" });
    let done = sandbox.transfer(body).await;
    completed(&done);
    let number = done.result.expect("issued").plate_number;
    assert_eq!(number.as_str(), "鲁C7K777");
}

#[tokio::test]
async fn a_car_in_stock_is_named_without_a_plate_and_no_other_is() {
    let sandbox = sandbox().await;
    let mut named = example::<SubmitTransfer>("from_stock");
    named["vehicle"]["plate_number"] = json!("鲁C90512");
    let place = "/vehicle/plate_number".to_owned();
    assert_eq!(
        sandbox.refusal(MARKET, PATH, &named).await,
        [(place.clone(), "plate_kind".to_owned())]
    );
    let mut unnamed = bought();
    unnamed["vehicle"]
        .as_object_mut()
        .expect("an object")
        .remove("plate_number");
    assert_eq!(
        sandbox.refusal(MARKET, PATH, &unnamed).await,
        [(place, "required".to_owned())]
    );
    named["vehicle"]["plate_kind"] = json!("02");
    let refused = sandbox.transfer(named).await;
    let mismatch = |place| ("record_mismatch", place, "R164 Art 29(1)");
    assert_eq!(
        found(&refused),
        [
            mismatch("/vehicle/plate_kind"),
            mismatch("/vehicle/plate_number")
        ]
    );
    unnamed["vehicle"]["plate_kind"] = json!("41");
    let refused = sandbox.transfer(unnamed).await;
    assert_eq!(
        found(&refused),
        [
            mismatch("/vehicle/plate_kind"),
            mismatch("/vehicle/plate_number")
        ]
    );
}

#[tokio::test]
async fn only_a_filed_dealer_buys_so_and_only_from_a_person() {
    let sandbox = sandbox().await;
    for member in ["into_stock", "reverse_invoice"] {
        // One of the two alone is under the same rules.
        let alone = |mut body: Value| {
            if member == "into_stock" {
                body["transfer_proof"]["reverse_invoice"] = json!(false);
            } else {
                body["into_stock"] = json!(false);
            }
            body["partner_reference"] = json!(member);
            body
        };
        let mut unlisted = alone(bought());
        unlisted["buyer"]["identity_number"] = json!("91370399MA7QAB120J");
        let refused = sandbox.transfer(unlisted).await;
        assert_eq!(
            found(&refused),
            [(
                "dealer_not_filed",
                "/buyer/identity_number",
                "商消费发〔2022〕92号"
            )],
            "{member}"
        );
        let mut wrong = alone(bought());
        wrong["partner_reference"] = json!(format!("{member}-wrong"));
        wrong["seller"]["kind"] = json!("organisation");
        wrong["seller"]["identity_number"] = json!("91370399MA3TEA0100");
        wrong["buyer"]["kind"] = json!("natural_person");
        wrong["buyer"]["identity_number"] = json!("370399199003070016");
        wrong["transfer_proof"]["acquisition"] = json!("debt_settlement");
        wrong["transfer_proof"]["deed"] =
            json!({ "issuer": "示例公证处", "number": "GZ-1", "issued_on": "2026-03-01" });
        wrong["transfer_proof"]
            .as_object_mut()
            .expect("an object")
            .remove("invoice");
        let expected = [
            ("/buyer/kind", "buyer_not_organisation"),
            ("/seller/kind", "seller_not_natural_person"),
            ("/transfer_proof/acquisition", "not_bought"),
        ];
        let expected = expected.map(|(place, code)| (place.to_owned(), code.to_owned()));
        assert_eq!(
            sandbox.refusal(MARKET, PATH, &wrong).await,
            expected,
            "{member}"
        );
    }
}

#[tokio::test]
async fn only_small_cars_that_are_not_operated_are_bought_so() {
    let sandbox = sandbox().await;
    let squadron = OutletKind::TownshipSquadron;
    let mut body = bought();
    body["operator_id"] = json!(sandbox.operator(squadron));
    body["vehicle"]["plate_kind"] = json!("07");
    let vin: Vin = decoded(body["vehicle"]["vin"].clone());
    let engine = sandbox.engine();
    let put = engine.change_vehicle(engine.home(), vin, |record| {
        record.vehicle_type = VehicleType::M21;
        record.seats = 2;
        let registration = record.registration.as_mut().expect("registered");
        registration.plate_kind = PlateKind::Motorcycle;
    });
    put.expect("changed");
    for (held, place) in [
        (true, "/into_stock"),
        (false, "/transfer_proof/reverse_invoice"),
    ] {
        let mut body = body.clone();
        body["into_stock"] = json!(held);
        body["partner_reference"] = json!(format!("MOTORCYCLE-{held}"));
        let refused = sandbox.file::<TransferRequest>(squadron, body).await;
        assert_eq!(
            found(&refused),
            [("not_small_car", place, "商消费发〔2022〕92号")]
        );
    }
}

#[tokio::test]
async fn a_reverse_invoice_is_the_buyer_s_own() {
    let sandbox = sandbox().await;
    let mut body = bought();
    body["transfer_proof"]["invoice"]["issuer"] = json!("示例二手车交易市场有限公司");
    let place = "/transfer_proof/invoice/issuer".to_owned();
    assert_eq!(
        sandbox.refusal(MARKET, PATH, &body).await,
        [(place, "issuer_not_buyer".to_owned())]
    );
    // The market's invoice does for a dealer that issues none itself.
    body["transfer_proof"]["reverse_invoice"] = json!(false);
    completed(&sandbox.transfer(body).await);
}

#[tokio::test]
async fn a_car_into_stock_gets_no_number_and_does_not_leave() {
    let sandbox = sandbox().await;
    let mut body = bought();
    body["plate_choice"] = json!({ "method": "random" });
    assert_eq!(
        sandbox.refusal(MARKET, PATH, &body).await,
        [("/plate_choice".to_owned(), "no_number_given".to_owned())]
    );
    let mut body = bought();
    body["transfer_kind"] = json!("outbound");
    body["buyer"]["address"]["region_code"] = json!("370102");
    assert_eq!(
        sandbox.refusal(MARKET, PATH, &body).await,
        [("/into_stock".to_owned(), "not_applicable".to_owned())]
    );
}

#[tokio::test]
async fn what_a_dealer_sells_out_of_stock_is_no_person_s_sale() {
    let sandbox = sandbox().await;
    let engine = sandbox.engine();
    for number in 0..4 {
        let mut body = example::<SubmitTransfer>("from_stock");
        if number > 0 {
            // Three more of the dealer's.
            let vin = crate::support::vin(number);
            let first: Vin = decoded(body["vehicle"]["vin"].clone());
            let stocked = engine.change_vehicle(engine.home(), first, |_| {});
            let mut record = stocked.expect("on record");
            record.vin = vin;
            if let Some(registration) = &mut record.registration {
                registration.owner_identity = "91370399MA00A0028W".parse().expect("a code");
                registration.owner_name = "示例二手车经销有限公司".parse().expect("a name");
                registration.in_stock = true;
            }
            let put = engine.change_vehicle(engine.home(), vin, |known| *known = record.clone());
            put.expect("changed");
            crate::support::put_vin(&mut body, vin);
            body["partner_reference"] = json!(format!("STOCK-{number}"));
        }
        completed(&sandbox.transfer(body).await);
    }
}

/// What the first car in stock is named by, and whose it is.
fn in_stock(mut body: Value, name: &str) -> Value {
    let sale = example::<SubmitTransfer>("from_stock");
    body["vehicle"] = sale["vehicle"].clone();
    body["owner"] = sale["seller"].clone();
    if let Some(number) = body.get_mut("registration_certificate_number") {
        *number = sale["registration_certificate_number"].clone();
    }
    body["partner_reference"] = json!(name);
    body
}

/// Files it and hands in what it asks for.
async fn done<R: FilingRequest>(
    sandbox: &Judged,
    kind: OutletKind,
    mut body: Value,
) -> Application {
    body["operator_id"] = json!(sandbox.operator(kind));
    let filed = sandbox.file::<R>(kind, body).await;
    let client = sandbox.sdk(kind);
    put_all(&client, &filed.application_id).await;
    sandbox.settle();
    let done = client.get_application(&filed.application_id).await;
    done.expect("own")
}

#[tokio::test]
async fn a_car_in_stock_is_secured_released_and_ended_without_a_plate() {
    let sandbox = sandbox().await;
    let (bank, post) = (OutletKind::Bank, OutletKind::PostOffice);
    let body = in_stock(example::<SubmitMortgage>("standard"), "MORTGAGE");
    completed(&done::<MortgageRequest>(&sandbox, bank, body).await);
    let body = in_stock(example::<SubmitMortgageRelease>("standard"), "RELEASE");
    completed(&done::<MortgageReleaseRequest>(&sandbox, bank, body).await);
    let body = in_stock(example::<SubmitPledge>("standard"), "PLEDGE");
    completed(&done::<PledgeRequest>(&sandbox, bank, body).await);
    let body = in_stock(example::<SubmitPledgeRelease>("standard"), "NO-PLEDGE");
    completed(&done::<PledgeReleaseRequest>(&sandbox, bank, body).await);
    let body = in_stock(example::<SubmitContactChange>("standard"), "CONTACT");
    completed(&done::<ContactChangeRequest>(&sandbox, post, body).await);
    let body = example::<SubmitRegistrationCertificateReplacement>("standard");
    let body = in_stock(body, "CERTIFICATE");
    let replaced = done::<RegistrationCertificateReplacementRequest>(&sandbox, post, body).await;
    completed(&replaced);
    let result = replaced.result.expect("issued");
    let mut body = in_stock(example::<SubmitDeregistration>("standard"), "END");
    body["registration_certificate_number"] = json!(result.registration_certificate_number);
    let squadron = OutletKind::TownshipSquadron;
    completed(&done::<DeregistrationRequest>(&sandbox, squadron, body).await);
}

#[tokio::test]
async fn what_is_about_plates_waits_until_the_car_is_sold() {
    let sandbox = sandbox().await;
    let post = OutletKind::PostOffice;
    let told = ("no_plates", "/vehicle/vin", "商消费发〔2022〕92号");
    let body = in_stock(example::<SubmitPlateReplacement>("standard"), "PLATES");
    let refused = done::<PlateReplacementRequest>(&sandbox, post, body).await;
    assert_eq!(found(&refused), [told]);
    let mut body = in_stock(example::<SubmitCoOwnerChange>("standard"), "NUMBER");
    body["keep_plate_number"] = json!(false);
    body["co_ownership_proof"]["kind"] = json!("notarised");
    let refused = done::<CoOwnerChangeRequest>(&sandbox, post, body).await;
    assert_eq!(found(&refused), [told]);
    let body = in_stock(example::<SubmitPlateExchange>("standard"), "EXCHANGE");
    let refused = done::<PlateExchangeRequest>(&sandbox, post, body).await;
    assert!(found(&refused).contains(&told), "{:?}", found(&refused));
}

#[tokio::test]
async fn every_part_names_a_car_as_it_is_on_record_at_first() {
    let sandbox = sandbox().await;
    let squadron = OutletKind::TownshipSquadron;
    let financed = |sale: &str| {
        let mut bundle = example::<SubmitBundle>("financed");
        let mut transfer = example::<SubmitTransfer>(sale);
        transfer["operator_id"] = bundle["transfer"]["operator_id"].clone();
        for member in ["vehicle", "registration_certificate_number"] {
            bundle["mortgage"][member] = transfer[member].clone();
        }
        bundle["mortgage"]["owner"] = transfer["buyer"].clone();
        bundle["mortgage"]["partner_reference"] = json!(format!("LOAN/{sale}"));
        bundle["transfer"] = transfer;
        bundle
    };
    // Out of a stock, and into it.
    for sale in ["from_stock", "dealer_stock"] {
        let request: BundleRequest = decoded(financed(sale));
        let client = sandbox.sdk(squadron);
        let filed = client.submit_bundle(&Submission::new(request)).await;
        let id = filed.expect("filed").bundle_id;
        sandbox.settle();
        let done = client.get_bundle(&id).await.expect("own");
        done.parts.iter().for_each(completed);
    }
}
