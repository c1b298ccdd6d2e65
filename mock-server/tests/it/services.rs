//! 业务目录: what is listed is what is judged by.

use std::{cell::Cell, collections::BTreeSet};

use lingminban::{
    api::{
        Application, Assessment, BookInspection, InspectAtOneStop, OutletKind, Service,
        ServiceList, SubmitBundle,
    },
    codes::{PlateKind, UseCharacter, VehicleType},
    services,
};
use lingminban_sandbox::{Credential, engine::register::VehicleRecord};
use serde_json::{Value, json};

use crate::support::{
    Caller, decoded, errors, example, filed_by, filings, put_vin, registration, registration_of,
    sandbox, vin,
};

/// The standard body as an outlet files it, of a vehicle of some class.
fn body_of(
    standard: &Value,
    credential: &Credential,
    (vehicle_type, used): (VehicleType, UseCharacter),
) -> Value {
    let mut body = filed_by(credential, standard.clone());
    if names_its_class(&body) {
        body["vehicle"]["vehicle_type"] = json!(vehicle_type);
        body["vehicle"]["use_character"] = json!(used);
    }
    if vehicle_type.is_motorcycle() && body.pointer("/vehicle/seats").is_some() {
        body["vehicle"]["seats"] = json!(2);
        body["vehicle"]["displacement_ml"] = json!(49);
    }
    body
}

/// Of a vehicle that is not registered the body says what it is, of others the register does.
fn names_its_class(body: &Value) -> bool {
    body.pointer("/vehicle/vehicle_type").is_some()
}

/// 单独委托 of the outlets whose credentials the sandbox gives.
fn granted(outlet: &str) -> &'static [Service] {
    match outlet {
        "zb-station-001" => &[Service::InspectionMarkReplacement, Service::ExemptMark],
        "zb-station-002" => &[
            Service::Registration,
            Service::InspectionMarkReplacement,
            Service::ExemptMark,
        ],
        _ => &[],
    }
}

/// Where it is said that a district is not served, of services that ask in which somebody lives. The
/// examples' people live in 张店, where the one market that serves its own district alone does not stand.
fn district_refused(service: Service, outlet: &str) -> Option<&'static str> {
    match service {
        _ if outlet != "zb-market-002" => None,
        Service::Transfer => Some("/buyer/address/region_code"),
        Service::MoveIn => Some("/owner/address/region_code"),
        _ => None,
    }
}

/// A car, a bus, a motorcycle, a taxi.
const A_CLASS_OF_EACH_SORT: [(VehicleType, UseCharacter); 4] = [
    (VehicleType::K33, UseCharacter::NonOperating),
    (VehicleType::K11, UseCharacter::NonOperating),
    (VehicleType::M21, UseCharacter::NonOperating),
    (VehicleType::K33, UseCharacter::Taxi),
];

/// What an answer refuses, place by place; each on the article of entrustments.
fn refused(status: u16, told: &Value) -> BTreeSet<(String, String)> {
    let errors = told["errors"].as_array().into_iter().flatten();
    let errors: BTreeSet<_> = errors
        .map(|error| {
            assert_eq!(error["rule"], "R164 Art 69", "{told}");
            let place = error.get("pointer").or(error.get("header"));
            let place = place.and_then(Value::as_str).expect("a place");
            let code = error["code"].as_str().expect("a code");
            (place.to_owned(), code.to_owned())
        })
        .collect();
    assert_eq!(status, if errors.is_empty() { 200 } else { 403 }, "{told}");
    errors
}

/// The two members of a vehicle's class are varied one at a time: of what they come to together, the
/// catalogue's own tests see every combination.
#[tokio::test]
async fn every_cell_of_outlet_kind_service_and_vehicle_class_is_as_listed() {
    let sandbox = sandbox().await;
    let engine = sandbox.engine();
    let types = VehicleType::ALL.iter();
    let uses = UseCharacter::ALL.iter();
    let classes: Vec<(VehicleType, UseCharacter)> = types
        .map(|vehicle_type| (*vehicle_type, UseCharacter::NonOperating))
        .chain(uses.map(|used| (VehicleType::K33, *used)))
        .collect();
    let (mut kinds, mut cells) = (BTreeSet::new(), 0);
    let (mut entrusted, mut refused_outright) = (0, 0);
    for credential in sandbox.credentials() {
        let kind = credential.outlet_kind;
        let caller = Caller::of(sandbox.base_url(), &credential).await;
        let outlet = credential.outlet_id.as_str();
        let services: Vec<Service> = services::of_kind(kind)
            .chain(granted(outlet).iter().copied())
            .collect();
        let listed = engine.city().directory.outlet(outlet).unwrap();
        assert_eq!(*listed.services, *services, "{outlet}");
        for (service, path, standard) in filings() {
            let vin = decoded(standard["vehicle"]["vin"].clone());
            // Of what the outlet does not do at all, one class of each sort says as much.
            let classes = if services.contains(&service) {
                entrusted += 1;
                &classes[..]
            } else {
                refused_outright += 1;
                &A_CLASS_OF_EACH_SORT
            };
            for class in classes {
                let (vehicle_type, used) = *class;
                let body = body_of(&standard, &credential, *class);
                let mut places = ["/vehicle/vehicle_type", "/vehicle/use_character"];
                if !names_its_class(&body) {
                    places = ["/vehicle/vin"; 2];
                    let changed = engine.change_vehicle(engine.home(), vin, |record| {
                        record.vehicle_type = vehicle_type;
                        record.use_character = used;
                    });
                    changed.unwrap();
                }
                let of_class = services::rule(service).entrusted(kind, vehicle_type, used);
                let of_class = places.into_iter().zip(of_class);
                let of_class = of_class.filter(|(_, entrusted)| !entrusted);
                let of_class = of_class.map(|(place, _)| (place, "vehicle_class_not_entrusted"));
                let of_service = (!services.contains(&service))
                    .then_some(("Authorization", "service_not_entrusted"));
                let of_district = district_refused(service, outlet)
                    .map(|place| (place, "district_not_entrusted"));
                let expected: Vec<_> = of_class.chain(of_service).chain(of_district).collect();

                let (status, told) = sandbox.assess(caller.bearer(), path, &body);
                let expected = BTreeSet::from_iter(errors(&expected));
                assert_eq!(
                    refused(status, &told),
                    expected,
                    "{outlet} {service} {vehicle_type} {used}"
                );
                cells += 1;
            }
        }
        kinds.insert(kind);
    }
    // No outlet of the city is a driving school.
    let having = OutletKind::ALL.iter().copied();
    let having = having.filter(|kind| *kind != OutletKind::DrivingSchool);
    assert_eq!(kinds, having.collect());
    assert_eq!((entrusted, refused_outright), (153, 17 * 23 - 153));
    assert_eq!(cells, 153 * (151 + 22) + (17 * 23 - 153) * 4);
}

/// What stands beside the services: each is for those who have the service behind it.
#[tokio::test]
async fn every_kind_books_inspects_draws_and_bundles_as_its_services_let_it() {
    let sandbox = sandbox().await;
    let engine = sandbox.engine();
    let booking = example::<BookInspection>("standard");
    let one_stop = example::<InspectAtOneStop>("standard");
    let bundle = example::<SubmitBundle>("standard");
    let known = decoded(booking["vehicle"]["vin"].clone());
    let known = engine.change_vehicle(engine.home(), known, |_| {}).unwrap();
    // A vehicle is booked once: each body is of another like the example's.
    let numbers = Cell::new(0);
    let of_another = |body: &Value| {
        let vin = vin(numbers.replace(numbers.get() + 1));
        let record = VehicleRecord {
            vin,
            ..known.clone()
        };
        let put = engine.change_vehicle(engine.home(), vin, |it| *it = record.clone());
        put.unwrap();
        let mut body = body.clone();
        put_vin(&mut body, vin);
        body
    };
    for credential in sandbox.credentials() {
        let (kind, outlet) = (credential.outlet_kind, credential.outlet_id.as_str());
        let caller = Caller::of(sandbox.base_url(), &credential).await;
        let refusal = |refused: bool| {
            let told = refused.then_some(("Authorization", "service_not_entrusted"));
            errors(told.as_slice())
        };
        let filed = async |path: &str, body: &Value| {
            let got = caller.post(path, body).await;
            if got.status != 201 {
                assert_eq!(got.status, 403, "{outlet} {path}: {}", got.text());
                let problem = got.json();
                for error in problem["errors"].as_array().unwrap() {
                    assert_eq!(error["rule"], "R164 Art 69", "{outlet} {path}: {error}");
                }
            }
            got.errors()
        };

        let tests = kind == OutletKind::InspectionStation;
        let mut body = filed_by(&credential, of_another(&booking));
        body["partner_reference"] = json!(format!("YY-{outlet}"));
        let got = filed("/v1/inspections", &body).await;
        assert_eq!(got, refusal(!tests), "{outlet}");
        let mut body = of_another(&one_stop);
        body["mark"] = filed_by(&credential, body["mark"].take());
        body["mark"]["partner_reference"] = json!(format!("JC-{outlet}"));
        let got = filed("/v1/one-stop-inspections", &body).await;
        // Told where the mark stands, of the base too, which may file for marks and tests nothing.
        let told = (!tests).then_some(("/mark", "service_not_entrusted"));
        assert_eq!(got, errors(told.as_slice()), "{outlet}");

        use OutletKind as Kind;
        let cars = matches!(
            kind,
            Kind::Dealer
                | Kind::UsedCarMarket
                | Kind::PostOffice
                | Kind::TownshipSquadron
                | Kind::TrafficStation
        ) || outlet == "zb-station-002";
        let motorcycles = matches!(
            kind,
            Kind::MotorcycleDealer | Kind::TownshipSquadron | Kind::TrafficStation
        );
        for plate_kind in PlateKind::ALL {
            let draws = match plate_kind.ga_code() {
                "02" | "52" => cars,
                "07" | "08" => motorcycles,
                _ => false,
            };
            let expected = match (draws, cars || motorcycles) {
                (true, _) => Vec::new(),
                (false, true) => errors(&[("/plate_kind", "vehicle_class_not_entrusted")]),
                (false, false) => refusal(true),
            };
            let body = json!({ "plate_kind": plate_kind, "outlet_id": outlet });
            let got = filed("/v1/plate-draws", &body).await;
            assert_eq!(got, expected, "{outlet} {plate_kind}");
        }

        // Of a transfer and what every outlet files but those that nobody comes to with a car of his own.
        let mut body = bundle.clone();
        for part in ["transfer", "contact_change"] {
            body[part] = filed_by(&credential, body[part].take());
            body[part]["partner_reference"] = json!(format!("{outlet}-{part}"));
        }
        let transfers = kind.is_base_level() || kind == Kind::UsedCarMarket;
        let changes = !matches!(kind, Kind::Other | Kind::MotorcycleDealer);
        let (status, told) = sandbox.assess(caller.bearer(), "/v1/bundles", &body);
        let parts = [
            (!transfers).then_some(("/transfer", "service_not_entrusted")),
            (!changes).then_some(("/contact_change", "service_not_entrusted")),
            // As every transfer to 张店 through this one.
            (outlet == "zb-market-002").then_some((
                "/transfer/buyer/address/region_code",
                "district_not_entrusted",
            )),
        ];
        let expected: Vec<_> = parts.into_iter().flatten().collect();
        let expected = BTreeSet::from_iter(errors(&expected));
        assert_eq!(refused(status, &told), expected, "{outlet}");
    }
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
        let body = body_of(
            &standard,
            &credential,
            (VehicleType::K33, UseCharacter::NonOperating),
        );
        let caller = Caller::of(sandbox.base_url(), &credential).await;
        let (status, told) = sandbox.assess(caller.bearer(), path, &body);
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
