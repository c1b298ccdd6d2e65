//! The catalogue says what its requests lead to, and they do.

use std::collections::BTreeSet;

use lingminban::{
    api::{ApplicationStatus, MaterialState, Operation, OutletKind, control::CatalogueRequest},
    codes::VehicleStatusFlag,
    for_each_filing,
    identifiers::Vin,
};
use serde_json::{Value, json};

use crate::support::{Got, Judged, sandbox};

macro_rules! paths {
    ($($operation:ty, $request:ty, $chinese:literal, $submit:ident, $validate:ident;)+) => {
        /// Where an operation is.
        fn path_of(operation: &str) -> Option<&'static str> {
            let all = [$( (<$operation>::ID, <$operation>::PATH) ),+];
            let found = all.into_iter().find(|(id, _)| *id == operation)?;
            Some(found.1)
        }
    };
}
for_each_filing!(paths);

/// Sends a request of the catalogue and compares what comes of it.
async fn walk(sandbox: &Judged, name: &str, request: &CatalogueRequest) {
    let kind = request.outlet_kind.known().expect("a known kind");
    let caller = sandbox.caller(kind).await;
    let path = path_of(&request.operation);
    let path = path.unwrap_or_else(|| panic!("{name}: no such operation"));
    let expect = &request.expect;
    let got = caller.post(path, &request.body).await;
    assert_eq!(got.status, expect.http_status, "{name}: {}", got.text());
    let Some(status) = &expect.application_status else {
        assert_code(
            name,
            &got,
            "errors",
            expect.code.as_deref(),
            expect.rule.as_deref(),
        );
        return;
    };
    let id = got.json()["application_id"]
        .as_str()
        .expect("filed")
        .to_owned();
    sandbox.settle();
    let rests = caller.get(&format!("/v1/applications/{id}")).await;
    let application = rests.json();
    assert_eq!(application["status"], json!(status), "{name}");
    assert_code(
        name,
        &rests,
        "findings",
        expect.code.as_deref(),
        expect.rule.as_deref(),
    );
    if *status == ApplicationStatus::Received {
        let waits = application["required_materials"]
            .as_array()
            .is_some_and(|all| {
                all.iter()
                    .any(|one| one["state"] == MaterialState::Required.as_str())
            });
        assert!(waits, "{name}: received, and nothing is asked for");
    }
}

/// The code is among the findings, under its article; where none is named there is nothing to find.
fn assert_code(name: &str, got: &Got, member: &str, code: Option<&str>, rule: Option<&str>) {
    let body = got.json();
    let found = body[member].as_array().expect("a list");
    let Some(code) = code else {
        assert!(found.is_empty(), "{name}: {found:?}");
        return;
    };
    let finding = found.iter().find(|finding| finding["code"] == code);
    let finding = finding.unwrap_or_else(|| panic!("{name}: no {code} in {found:?}"));
    assert_eq!(finding["rule"].as_str(), rule, "{name}");
}

#[tokio::test]
async fn every_request_leads_where_the_catalogue_says() {
    let first = sandbox().await;
    let catalogue = first.catalogue().await;
    for item in &catalogue.items {
        for request in &item.requests {
            // In a space of its own: one case must not stand on another.
            let sandbox = sandbox().await;
            walk(&sandbox, &item.name, request).await;
        }
    }
}

#[tokio::test]
async fn all_requests_together_lead_there_too_with_a_reference_of_ones_own() {
    let sandbox = sandbox().await;
    let catalogue = sandbox.catalogue().await;
    for (number, item) in catalogue.items.iter().enumerate() {
        for request in &item.requests {
            let mut request = request.clone();
            request.body["partner_reference"] = json!(format!("MINE/{number}"));
            // The second operator is certified as well.
            let operator = request.body["operator_id"]
                .as_str()
                .expect("named")
                .to_owned();
            request.body["operator_id"] = json!(operator.replace("-op1", "-op2"));
            walk(&sandbox, &item.name, &request).await;
        }
    }
}

#[tokio::test]
async fn it_is_as_wide_as_promised() {
    let sandbox = sandbox().await;
    let catalogue = sandbox.catalogue().await;
    let requests: Vec<_> = catalogue
        .items
        .iter()
        .flat_map(|item| &item.requests)
        .collect();
    assert!(requests.len() >= 15, "{} requests", requests.len());
    let codes: BTreeSet<_> = requests
        .iter()
        .filter_map(|request| request.expect.code.as_ref())
        .collect();
    assert!(codes.len() >= 12, "{codes:?}");
    let names: BTreeSet<_> = catalogue.items.iter().map(|item| &item.name).collect();
    assert_eq!(names.len(), catalogue.items.len(), "names are unique");
    let vins: BTreeSet<_> = catalogue
        .items
        .iter()
        .map(|item| item.vin.to_string())
        .collect();
    assert_eq!(
        vins.len(),
        catalogue.items.len(),
        "each has a vehicle of its own"
    );
    assert!(
        catalogue
            .items
            .iter()
            .all(|item| !item.about.is_empty() && !item.requests.is_empty())
    );
}

#[tokio::test]
async fn vehicles_are_valid_and_nobody_lives() {
    let sandbox = sandbox().await;
    let catalogue = sandbox.catalogue().await;
    let mut people = 0;
    for item in &catalogue.items {
        assert!(
            Vin::domestic(&item.vin.to_string()).is_ok(),
            "{}",
            item.name
        );
        for request in &item.requests {
            for party in ["owner", "seller", "buyer", "agent"] {
                let number = request.body[party]["identity_number"].as_str();
                let Some(number) = number else { continue };
                // Organisations have the county behind their own two digits.
                let county = number.strip_prefix("91").unwrap_or(number);
                assert!(county.starts_with("370399"), "{}: a real county", item.name);
                people += 1;
            }
        }
    }
    assert!(people >= catalogue.items.len());
}

#[tokio::test]
async fn registered_vehicles_are_found_under_the_plate_it_names_until_they_are_deregistered() {
    let sandbox = sandbox().await;
    let dealer = sandbox.sdk(OutletKind::Dealer);
    for item in sandbox.catalogue().await.items {
        let Some(kind) = item.plate_kind else {
            let caller = sandbox.caller(OutletKind::Dealer).await;
            let got = caller.get(&format!("/v1/vehicles/{}", item.vin)).await;
            got.refused(404, "vehicle_not_found");
            continue;
        };
        let kind = kind.known().expect("a known kind");
        let Some(number) = item.plate_number else {
            let in_stock = dealer.get_vehicle(&item.vin).await.expect("registered");
            assert!(in_stock.awaiting_sale.is_some(), "{}", item.name);
            continue;
        };
        let record = dealer.get_vehicle(&item.vin).await.expect("registered");
        let gone = record.status_flags.iter().any(|flag| {
            *flag == VehicleStatusFlag::Deregistered || *flag == VehicleStatusFlag::TransferredOut
        });
        let found = dealer.find_vehicle(kind, &number).await.expect("asked");
        assert_eq!(
            found.map(|vehicle| vehicle.vin),
            (!gone).then_some(item.vin),
            "{}",
            item.name
        );
    }
}

#[tokio::test]
async fn no_rule_looks_at_an_identity() {
    // The stolen car's flag lifted and the clean car's set: their requests change places.
    let sandbox = sandbox().await;
    let catalogue = sandbox.catalogue().await;
    let item = |name: &str| {
        catalogue
            .items
            .iter()
            .find(|item| item.name == name)
            .expect("listed")
    };
    let (clean, stolen) = (item("standard"), item("stolen"));
    let flag = lingminban::codes::VehicleStatusFlag::Stolen;
    sandbox.flag(stolen.vin, flag, false);
    sandbox.flag(clean.vin, flag, true);
    let body =
        |item: &lingminban::api::control::CatalogueItem| -> Value { item.requests[0].body.clone() };
    let now_clean = sandbox.transfer(body(stolen)).await;
    let now_stolen = sandbox.transfer(body(clean)).await;
    assert_eq!(now_clean.status, ApplicationStatus::Completed);
    assert_eq!(now_stolen.status, ApplicationStatus::Refused);
}
