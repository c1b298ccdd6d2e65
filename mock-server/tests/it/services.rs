//! 业务目录: what is listed is what is judged by.

use std::collections::BTreeSet;

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use lingminban::{
    api::{Application, Assessment, FilingRequest, Operation, OutletKind, Service, ServiceList},
    codes::VehicleType,
    for_each_filing,
    services::{self, Mandate, ServiceRule},
};
use lingminban_sandbox::{
    Credential,
    engine::Engine,
    server::{Answer, Call},
};
use serde_json::{Value, json};

use crate::support::{Caller, decoded, registration, registration_of, sandbox};

macro_rules! filings {
    ($($operation:ty, $request:ty, $chinese:literal, $submit:ident, $validate:ident;)+) => {
        /// Of every service: where it is filed, and the body that shows it.
        fn filings() -> Vec<(Service, &'static str, Value)> {
            vec![$( (
                <$request>::SERVICE,
                <$operation>::PATH,
                serde_json::from_str(<$operation>::EXAMPLES[0].json).expect("examples are JSON"),
            ) ),+]
        }
    };
}
for_each_filing!(filings);

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Asks with no network between: there are thousands of cells.
fn assess(engine: &Engine, token: &str, path: &str, body: &Value) -> (u16, Value) {
    let bearer = HeaderValue::from_str(&format!("Bearer {token}")).expect("a header");
    let headers = HeaderMap::from_iter([
        (header::AUTHORIZATION, bearer),
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        ),
        // Assessing binds no key.
        (IDEMPOTENCY_KEY, HeaderValue::from_static("assessed-only")),
    ]);
    let body = body.to_string();
    let call = Call {
        method: &Method::POST,
        path,
        query: Some("validate_only=true"),
        headers: &headers,
        body: body.as_bytes(),
    };
    let reply = engine.answer(&call).expect("an answer");
    let told = serde_json::from_slice(&reply.body).expect("JSON");
    (reply.status.as_u16(), told)
}

/// The standard body as an outlet files it, of a vehicle of some type.
fn body_of(standard: &Value, credential: &Credential, vehicle_type: VehicleType) -> Value {
    let mut body = standard.clone();
    body["outlet_id"] = json!(credential.outlet_id);
    body["operator_id"] = json!(credential.operator_id);
    if let Some(named) = body.pointer_mut("/vehicle/vehicle_type") {
        *named = json!(vehicle_type);
    }
    if vehicle_type.is_motorcycle() && body.pointer("/vehicle/seats").is_some() {
        body["vehicle"]["seats"] = json!(2);
        body["vehicle"]["displacement_ml"] = json!(49);
    }
    body
}

/// 车辆类型 for which a kind has a service; for which anybody has it, where the kind does not.
fn listed(row: &ServiceRule, kind: OutletKind) -> BTreeSet<VehicleType> {
    let of_kind = |mandate: &&Mandate| {
        let kinds = [mandate.outlet_kinds, mandate.granted_kinds].concat();
        kinds.contains(&kind)
    };
    let own: Vec<&Mandate> = row.mandates.iter().filter(of_kind).collect();
    let mandates = if own.is_empty() {
        row.mandates.iter().collect()
    } else {
        own
    };
    let types = mandates.iter().flat_map(|mandate| mandate.vehicle_types);
    types.copied().collect()
}

/// Services that ask in which district somebody lives.
fn asks_where(service: Service) -> bool {
    matches!(service, Service::Transfer | Service::MoveIn)
}

#[tokio::test]
async fn every_cell_of_outlet_kind_service_and_vehicle_class_is_as_listed() {
    let sandbox = sandbox().await;
    let engine = sandbox.engine();
    let mut cells = 0;
    for credential in sandbox.credentials() {
        let caller = Caller::of(sandbox.base_url(), &credential).await;
        let outlet = engine
            .city()
            .directory
            .outlet(credential.outlet_id.as_str());
        let outlet = outlet.unwrap();
        let entrusted = outlet.services.clone();
        for (service, path, standard) in filings() {
            let row = services::rule(service);
            let kind = credential.outlet_kind;
            assert!(
                entrusted.contains(&service) == row.outlet_kinds().any(|having| having == kind)
                    || row.granted_kinds().any(|granted| granted == kind),
                "{kind} {service}"
            );
            for vehicle_type in VehicleType::ALL {
                let body = body_of(&standard, &credential, *vehicle_type);
                if body.pointer("/vehicle/vehicle_type").is_none() {
                    let vin = body["vehicle"]["vin"].as_str().unwrap().parse().unwrap();
                    let space = engine.home();
                    let changed = engine
                        .change_vehicle(space, vin, |record| record.vehicle_type = *vehicle_type);
                    changed.unwrap();
                }
                let (status, told) = assess(engine, caller.bearer(), path, &body);
                let refused = [
                    (!entrusted.contains(&service), "service_not_entrusted"),
                    (
                        !listed(row, kind).contains(vehicle_type),
                        "vehicle_class_not_entrusted",
                    ),
                    // The examples' people live in 张店, that market stands elsewhere.
                    (
                        asks_where(service) && outlet.cross_district == Some(false),
                        "district_not_entrusted",
                    ),
                ];
                let expected: BTreeSet<&str> = refused
                    .iter()
                    .filter(|(refused, _)| *refused)
                    .map(|(_, code)| *code)
                    .collect();
                let errors = told["errors"].as_array().into_iter().flatten();
                assert_eq!(status, if expected.is_empty() { 200 } else { 403 });
                let codes: BTreeSet<&str> = errors
                    .filter(|_| status == 403)
                    .map(|error| {
                        assert_eq!(error["rule"], services::ENTRUSTMENT_RULE);
                        error["code"].as_str().unwrap()
                    })
                    .collect();
                assert_eq!(codes, expected, "{kind} {service} {vehicle_type}: {told}");
                cells += 1;
            }
        }
    }
    assert!(cells >= 7 * Service::ALL.len() * VehicleType::ALL.len());
}

#[tokio::test]
async fn the_list_is_the_one_that_materials_are_asked_by() {
    let sandbox = sandbox().await;
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    let listed: ServiceList = decoded(dealer.get("/v1/services").await.ok(200));
    assert_eq!(listed, ServiceList::published());
    assert_eq!(listed.named_exemptions.len(), 5);
    assert!(!listed.items.is_empty());
    for (service, path, standard) in filings() {
        let row = listed
            .items
            .iter()
            .find(|row| row.service == service)
            .unwrap();
        let kind = row.mandates[0].outlet_kinds[0].known().unwrap();
        let credential = sandbox.credential(kind).unwrap();
        let body = body_of(&standard, &credential, VehicleType::K33);
        let caller = Caller::of(sandbox.base_url(), &credential).await;
        let (status, told) = assess(sandbox.engine(), caller.bearer(), path, &body);
        assert_eq!(status, 200, "{told}");
        let assessed: Assessment = decoded(told);
        assert!(!assessed.required_materials.is_empty(), "{service}");
        for asked in &assessed.required_materials {
            let of_row = row
                .materials
                .iter()
                .find(|listed| listed.kind == asked.kind);
            assert_eq!(of_row.unwrap().lookup, asked.lookup, "{service}");
        }
        let always = row
            .materials
            .iter()
            .filter(|listed| listed.condition.as_str() == "always");
        for listed in always {
            let kinds = assessed.required_materials.iter().map(|asked| &asked.kind);
            assert!(
                kinds.clone().any(|kind| *kind == listed.kind),
                "{service} {}",
                listed.kind
            );
        }
    }
}

#[tokio::test]
async fn the_sdk_files_and_assesses_whatever_the_service() {
    let sandbox = sandbox().await;
    let client = sandbox.sdk(OutletKind::Dealer);
    let submission = registration_of(registration(1));
    let assessed: Assessment = client.validate(submission.request()).await.unwrap();
    assert_eq!(assessed.service, Service::Registration);
    let filed: Application = client.submit(&submission).await.unwrap();
    let again = client.submit_registration(&submission).await.unwrap();
    assert_eq!(filed.application_id, again.application_id);
    let group = client.registrations();
    let again = group.submit(&submission).await.unwrap();
    assert_eq!(filed.application_id, again.application_id);
    let another = registration_of(registration(2));
    let assessed = group.validate(another.request()).await.unwrap();
    assert_eq!(assessed.service, Service::Registration);
    assert_eq!(
        client.list_services().await.unwrap(),
        ServiceList::published()
    );
}

#[test]
fn both_readmes_name_every_service() {
    let readmes = [
        include_str!("../../../README.md"),
        include_str!("../../../README.zh-CN.md"),
    ];
    for (service, path, _) in filings() {
        let row = services::rule(service);
        let names = [row.english_name, service.chinese_name()];
        for (readme, name) in readmes.iter().zip(names) {
            let line = format!("| `{service}` | {name} | `POST {path}` | {} |", row.rule);
            assert!(readme.contains(&line), "{line}");
        }
    }
}
