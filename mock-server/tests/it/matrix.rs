//! The block matrix in answers: each service meets each condition of a vehicle.

use std::collections::BTreeSet;

use jiff::civil::date;
use lingminban::{
    api::{Assessment, Operation, OutletKind, Service, SubmitInspectionMark},
    codes::VehicleStatusFlag as Flag,
    identifiers::Vin,
};
use lingminban_sandbox::engine::register::{Mortgage, VehicleRecord};
use serde_json::{Value, json};

use crate::support::{Caller, Judged, decoded, errors, example, filed_by, filings, sandbox};

/// A lender who is none of the examples'.
const LENDER: &str = "91370399MA7QAB120J";

/// What may be the matter with a vehicle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Matter {
    Flagged(Flag),
    Mortgaged,
    NearScrapping,
    OriginAltered,
    ModelNotAnnounced,
    BelowStandard,
}
use Matter::{BelowStandard, Flagged, ModelNotAnnounced, Mortgaged, NearScrapping, OriginAltered};

/// Whether such a vehicle can be in it: one that is not registered is neither mortgaged nor has it a
/// day on which it must be scrapped.
fn put(record: &mut VehicleRecord, matter: Matter) -> bool {
    match (matter, &mut record.registration) {
        (Flagged(flag), _) => record.flags.insert(flag),
        (OriginAltered, _) => record.defects.origin_altered = true,
        (ModelNotAnnounced, _) => record.defects.model_not_announced = true,
        (BelowStandard, _) => record.defects.below_standard = true,
        (Mortgaged, Some(registration)) => registration.mortgages.push(Mortgage {
            lender: LENDER.parse().expect("a code"),
            lender_name: None,
            contract_number: None,
            registered_on: None,
            pledged: false,
        }),
        (NearScrapping, Some(registration)) => {
            registration.scrap_due_on = Some(date(2026, 9, 30));
        }
        (Mortgaged | NearScrapping, None) => return false,
    }
    true
}

/// 变更登记, and what the certificate is signed over for as well.
const ALTERING: &[Service] = &[
    Service::OwnerNameChange,
    Service::PlateExchange,
    Service::MoveIn,
    Service::Alteration,
    Service::CoOwnerChange,
    Service::IdentityChange,
];
/// The same of what stays in the city.
const ALTERING_HERE: &[Service] = &[
    Service::OwnerNameChange,
    Service::PlateExchange,
    Service::Alteration,
    Service::CoOwnerChange,
    Service::IdentityChange,
];
const SECURING: &[Service] = &[Service::Mortgage, Service::Pledge];
const RELEASING: &[Service] = &[Service::MortgageRelease, Service::PledgeRelease];
const MARKING: &[Service] = &[Service::InspectionMark, Service::ExemptMark];

/// 补换领, and what else asks for nothing but the proof of identity.
const WITH_IDENTITY_ALONE: &[Service] = &[
    Service::ContactChange,
    Service::PlateReplacement,
    Service::DrivingPermitReplacement,
    Service::RegistrationCertificateReplacement,
    Service::InspectionMarkReplacement,
    Service::TemporaryPlate,
    Service::AddressChange,
    Service::Correction,
];

/// Vehicles in any of these conditions, what is told of them, and by which article of which services.
type Row = (
    &'static [Matter],
    &'static str,
    &'static [(&'static str, &'static [Service])],
);

/// The block matrix, by services: what is not in it is not told. Each is filed as its standard example
/// has it; of what a service makes depend on more than that, see [`CONDITIONAL`].
const TOLD: &[Row] = &[
    (
        &[Flagged(Flag::ViolationPending)],
        "open_violations",
        &[
            ("R164 Art 25", &[Service::Transfer]),
            ("R164 Art 18", &[Service::MoveIn]),
            ("R164 Art 20", &[Service::PlateExchange]),
            ("R164 Art 54", MARKING),
        ],
    ),
    (
        &[Flagged(Flag::AccidentPending)],
        "open_accident",
        &[
            ("R164 Art 25", &[Service::Transfer]),
            ("R164 Art 18", &[Service::MoveIn]),
            ("R164 Art 20", &[Service::PlateExchange]),
            ("R164 Art 54", MARKING),
        ],
    ),
    // 注册登记前发生事故: the safety inspection.
    (
        &[Flagged(Flag::AccidentPending)],
        "material_missing",
        &[("R164 Art 3", &[Service::Registration])],
    ),
    (
        &[Flagged(Flag::Sealed), Flagged(Flag::Detained)],
        "sealed_or_detained",
        &[
            ("R164 Art 15(8)", &[Service::Registration]),
            ("R164 Art 29, 15(8)", &[Service::Transfer]),
            ("R164 Art 21, 15(8)", ALTERING),
            ("R164 Art 36, 15(8)", SECURING),
            ("R164 Art 36", RELEASING),
            ("R164 Art 42, 15(8)", &[Service::Deregistration]),
        ],
    ),
    (
        &[Flagged(Flag::Stolen)],
        "stolen_or_defrauded",
        &[
            ("R164 Art 15(9)", &[Service::Registration]),
            ("R164 Art 29, 15(9)", &[Service::Transfer]),
            ("R164 Art 21, 15(9)", ALTERING),
            ("R164 Art 36, 15(9)", SECURING),
            ("R164 Art 42, 15(9)", &[Service::Deregistration]),
            ("R164 Art 76", RELEASING),
            ("R164 Art 76", MARKING),
            ("R164 Art 76", WITH_IDENTITY_ALONE),
        ],
    ),
    (
        &[Flagged(Flag::CustomsSupervised)],
        "customs_supervised",
        &[
            ("R164 Art 29(2)", &[Service::Transfer]),
            ("R164 Art 36, 29(2)", SECURING),
        ],
    ),
    (
        &[Flagged(Flag::CustomsSupervised)],
        "material_missing",
        &[("R164 Art 37", &[Service::Deregistration])],
    ),
    (
        &[Mortgaged],
        "mortgagee_consent_missing",
        &[
            ("R164 Art 26", &[Service::Transfer]),
            (
                "R164 Art 32",
                &[
                    Service::MoveIn,
                    Service::CoOwnerChange,
                    Service::RegistrationCertificateReplacement,
                ],
            ),
            ("R164 Art 32", SECURING),
        ],
    ),
    (
        &[Mortgaged],
        "mortgaged_or_pledged",
        &[("R164 Art 42", &[Service::Deregistration])],
    ),
    (
        &[NearScrapping],
        "within_one_year_of_scrap",
        &[
            ("R164 Art 29(3)", &[Service::Transfer]),
            ("R164 Art 21", &[Service::MoveIn]),
        ],
    ),
    (
        &[
            Flagged(Flag::ForciblyDeregistered),
            Flagged(Flag::ScrapAnnounced),
        ],
        "scrap_standard_reached",
        &[
            ("R164 Art 15(7)", &[Service::Registration]),
            ("R164 Art 29, 15(7)", &[Service::Transfer]),
            ("R164 Art 21, 15(7)", ALTERING),
            ("R164 Art 36, 15(7)", SECURING),
            ("R164 Art 15(7)", MARKING),
        ],
    ),
    (
        &[Flagged(Flag::InspectionOverdue)],
        "material_missing",
        &[
            ("R164 Art 25", &[Service::Transfer]),
            ("R164 Art 18", &[Service::MoveIn]),
        ],
    ),
    (
        &[Flagged(Flag::Deregistered), Flagged(Flag::TransferredOut)],
        "deregistered_or_moved_out",
        &[
            (
                "R164 Art 29(1)",
                &[Service::Registration, Service::Transfer],
            ),
            ("R164 Art 29(1)", ALTERING_HERE),
            ("R164 Art 29(1)", SECURING),
            ("R164 Art 29(1)", RELEASING),
            ("R164 Art 29(1)", MARKING),
            ("R164 Art 29(1)", WITH_IDENTITY_ALONE),
            ("R164 Art 42, 29(1)", &[Service::Deregistration]),
        ],
    ),
    // What has moved out may move in again.
    (
        &[Flagged(Flag::Deregistered)],
        "deregistered_or_moved_out",
        &[("R164 Art 29(1)", &[Service::MoveIn])],
    ),
    (
        &[
            Flagged(Flag::Suspect),
            Flagged(Flag::Locked),
            Flagged(Flag::HitAndRun),
        ],
        "under_investigation",
        &[("R164 Art 74", Service::ALL)],
    ),
    (
        &[OriginAltered],
        "origin_altered",
        &[
            ("R164 Art 15(2)", &[Service::Registration]),
            ("R164 Art 29, 15(2)", &[Service::Transfer]),
        ],
    ),
    (
        &[ModelNotAnnounced],
        "model_not_announced",
        &[("R164 Art 15(5)", &[Service::Registration])],
    ),
    (
        &[BelowStandard],
        "below_standard",
        &[("R164 Art 15(6)", &[Service::Registration])],
    ),
];

/// Materials that a condition adds to what the service asks for.
const ASKED: &[(Matter, &[Service], &[&str])] = &[
    (
        Flagged(Flag::AccidentPending),
        &[Service::Registration],
        &["safety_inspection"],
    ),
    (
        Flagged(Flag::CustomsSupervised),
        &[Service::Deregistration],
        &["customs_release"],
    ),
    (
        Mortgaged,
        &[
            Service::Transfer,
            Service::MoveIn,
            Service::CoOwnerChange,
            Service::Mortgage,
            Service::Pledge,
        ],
        &["mortgagee_consent"],
    ),
    (
        Flagged(Flag::InspectionOverdue),
        &[Service::Transfer, Service::MoveIn],
        &["compulsory_insurance", "safety_inspection"],
    ),
];

/// What an assessment tells, with its article, and what it asks for.
#[derive(Debug, Default, PartialEq)]
struct Told {
    told: BTreeSet<(String, String)>,
    asked: BTreeSet<String>,
}

impl Told {
    /// As the tables have it.
    fn of(service: Service, matter: Matter) -> Self {
        let rows = TOLD
            .iter()
            .filter(|(matters, ..)| matters.contains(&matter));
        let told = rows.flat_map(|(_, code, articles)| {
            let concerned = articles
                .iter()
                .filter(|(_, services)| services.contains(&service));
            concerned.map(|(rule, _)| ((*code).to_owned(), (*rule).to_owned()))
        });
        let asked = ASKED
            .iter()
            .filter(|(other, services, _)| *other == matter && services.contains(&service));
        let asked = asked.flat_map(|(.., materials)| materials.iter());
        Self {
            told: told.collect(),
            asked: asked.map(|kind| (*kind).to_owned()).collect(),
        }
    }

    /// As it is answered.
    fn answered(sandbox: &Judged, token: &str, path: &str, body: &Value) -> Self {
        let (status, answer) = sandbox.assess(token, path, body);
        assert_eq!(status, 200, "{path}: {answer}");
        let assessed: Assessment = decoded(answer);
        let told = assessed.findings.into_iter();
        let asked = assessed.required_materials.iter();
        Self {
            told: told
                .map(|finding| (finding.code.to_string(), finding.rule))
                .collect(),
            asked: asked.map(|material| material.kind.to_string()).collect(),
        }
    }
}

fn matters() -> impl Iterator<Item = Matter> {
    let others = [
        Mortgaged,
        NearScrapping,
        OriginAltered,
        ModelNotAnnounced,
        BelowStandard,
    ];
    Flag::ALL.iter().copied().map(Flagged).chain(others)
}

#[tokio::test]
async fn every_service_tells_every_condition_by_its_cell_s_article() {
    let sandbox = sandbox().await;
    let engine = sandbox.engine();
    let mut cells = 0;
    // The examples are of cars, which sellers of motorcycles have nothing to do with.
    for kind in OutletKind::ALL
        .iter()
        .copied()
        .filter(|kind| *kind != OutletKind::MotorcycleDealer)
    {
        // No outlet of the city is a driving school.
        let Some(credential) = sandbox.credential(kind) else {
            continue;
        };
        let token = Caller::of(sandbox.base_url(), &credential).await;
        let outlet = engine
            .city()
            .directory
            .outlet(credential.outlet_id.as_str());
        let services = &outlet.expect("listed").services;
        let entrusted = filings()
            .into_iter()
            .filter(|(service, ..)| services.contains(service));
        for (service, path, standard) in entrusted {
            let body = filed_by(&credential, standard);
            let vin: Vin = decoded(body["vehicle"]["vin"].clone());
            let change = |change: &mut dyn FnMut(&mut VehicleRecord)| {
                let changed = engine.change_vehicle(engine.home(), vin, |record| change(record));
                changed.expect("changed")
            };
            let clean = change(&mut |_| {});
            let of_clean = Told::answered(&sandbox, token.bearer(), path, &body);
            assert_eq!(of_clean.told, BTreeSet::new(), "{kind} {service}");
            for matter in matters() {
                let mut possible = false;
                change(&mut |record| possible = put(record, matter));
                if possible {
                    let mut answered = Told::answered(&sandbox, token.bearer(), path, &body);
                    answered.asked.retain(|kind| !of_clean.asked.contains(kind));
                    let expected = Told::of(service, matter);
                    assert_eq!(answered, expected, "{kind} {service} {matter:?}");
                    cells += 1;
                }
                change(&mut |record| *record = clean.clone());
            }
        }
    }
    // 98 services at nine kinds, 20 conditions; nine of them are of vehicles that are not registered, which
    // cannot be in two.
    assert_eq!(cells, 98 * 20 - 9 * 2);
}

/// ○: where a cell depends on more than the service, what is told of each case.
#[tokio::test]
async fn a_conditional_cell_is_told_where_its_condition_is_not_met() {
    let sandbox = sandbox().await;
    let engine = sandbox.engine();
    let credential = sandbox.credential(OutletKind::TownshipSquadron);
    let credential = credential.expect("a credential");
    let caller = Caller::of(sandbox.base_url(), &credential).await;
    // What the body says beside its example, and what is told then of the condition.
    let told = |service, matter, more: Value, expected: &[(&str, &str)]| {
        let (_, path, standard) = filings()
            .into_iter()
            .find(|(listed, ..)| *listed == service)
            .expect("listed");
        let mut body = filed_by(&credential, standard);
        let members = body.as_object_mut().expect("an object");
        members.extend(more.as_object().expect("an object").clone());
        let vin: Vin = decoded(body["vehicle"]["vin"].clone());
        let change = |change: &mut dyn FnMut(&mut VehicleRecord)| {
            let changed = engine.change_vehicle(engine.home(), vin, |record| change(record));
            changed.expect("changed")
        };
        let clean = change(&mut |_| {});
        let before = Told::answered(&sandbox, caller.bearer(), path, &body);
        change(&mut |record| assert!(put(record, matter)));
        let after = Told::answered(&sandbox, caller.bearer(), path, &body);
        change(&mut |record| *record = clean.clone());
        let added: Vec<_> = after.told.difference(&before.told).cloned().collect();
        assert_eq!(added, errors(expected), "{service} {matter:?} {more}");
    };

    // What leaves for good is settled first; what is scrapped or lost is not held back.
    for (cause, settled) in [
        ("scrapped", false),
        ("lost", false),
        ("taken_abroad", true),
        ("returned_to_maker", true),
    ] {
        for (flag, code) in [
            (Flag::ViolationPending, "open_violations"),
            (Flag::AccidentPending, "open_accident"),
        ] {
            let expected = settled.then_some((code, "R164 Art 37"));
            let cause = json!({ "cause": cause });
            told(
                Service::Deregistration,
                Flagged(flag),
                cause,
                expected.as_slice(),
            );
        }
        // The proof of exit says that customs let it go.
        let released = (cause != "taken_abroad").then_some(("material_missing", "R164 Art 37"));
        told(
            Service::Deregistration,
            Flagged(Flag::CustomsSupervised),
            json!({ "cause": cause }),
            released.as_slice(),
        );
    }

    // Whose mortgagee agrees goes on.
    let consent = json!({ "mortgagee_consent": {
        "mortgagee_name": "示例汽车金融有限公司",
        "mortgagee_credit_code": LENDER,
        "contract_number": "DY-OF-THE-BUYER",
        "signed_on": "2026-03-01",
    } });
    told(Service::Transfer, Mortgaged, consent, &[]);
    let agreement = json!({ "mortgagee_agreement": {
        "mortgagee_name": "示例汽车金融有限公司",
        "mortgagee_credit_code": LENDER,
        "signed_on": "2026-03-01",
    } });
    for service in [
        Service::MoveIn,
        Service::CoOwnerChange,
        Service::RegistrationCertificateReplacement,
    ] {
        told(service, Mortgaged, agreement.clone(), &[]);
    }
    let earlier = json!({ "earlier_lender_consent": {
        "credit_code": LENDER,
        "signed_on": "2026-03-01",
    } });
    for service in SECURING {
        told(*service, Mortgaged, earlier.clone(), &[]);
    }
}

/// An overdue vehicle gets its mark on the test that it has passed, and on nothing else.
#[tokio::test]
async fn an_overdue_vehicle_is_tested_before_its_mark() {
    let sandbox = sandbox().await;
    let engine = sandbox.engine();
    let credential = sandbox.credential(OutletKind::InspectionStation);
    let credential = credential.expect("a credential");
    let caller = Caller::of(sandbox.base_url(), &credential).await;
    let body = example::<SubmitInspectionMark>("standard");
    let path = SubmitInspectionMark::PATH;
    let vin: Vin = decoded(body["vehicle"]["vin"].clone());
    for (passed_on, expected) in [
        (Some(date(2026, 3, 2)), &[][..]),
        (None, &[("material_missing", "R164 Art 54")]),
    ] {
        let changed = engine.change_vehicle(engine.home(), vin, |record| {
            record.flags.insert(Flag::InspectionOverdue);
            record.passed_on = passed_on;
        });
        changed.expect("changed");
        let answered = Told::answered(&sandbox, caller.bearer(), path, &body);
        assert_eq!(answered.told, BTreeSet::from_iter(errors(expected)));
        assert!(answered.asked.contains("safety_inspection"));
    }
}
