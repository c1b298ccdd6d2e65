//! The block matrix in answers: each service meets each condition of a vehicle.

use lingminban::{
    api::{Assessment, FilingRequest, FindingCode, Operation, Service},
    codes::VehicleStatusFlag as Flag,
    for_each_filing,
    identifiers::Vin,
    services,
};
use lingminban_sandbox::{
    engine::register::{Mortgage, VehicleRecord},
    rules::standing::{Cell, Condition},
};
use serde_json::Value;

use crate::support::{Caller, decoded, sandbox};

macro_rules! filings {
    ($($operation:ty, $request:ty, $chinese:literal, $submit:ident, $validate:ident;)+) => {
        /// Of every service: where it is filed, and the body that shows it.
        fn filings() -> Vec<(Service, &'static str, Value)> {
            vec![$( (
                <$request>::SERVICE,
                <$operation>::PATH,
                serde_json::from_str(<$operation>::EXAMPLES[0].json).expect("JSON"),
            ) ),+]
        }
    };
}
for_each_filing!(filings);

/// Every flag, and each condition that no flag shows.
fn conditions() -> Vec<(Option<Flag>, Condition)> {
    let flags = Flag::ALL.iter().copied();
    let of_flags = flags.filter_map(|flag| Some((Some(flag), Condition::of(flag)?)));
    let others = [
        Condition::Mortgaged,
        Condition::NearScrapping,
        Condition::OriginAltered,
        Condition::ModelNotAnnounced,
        Condition::BelowStandard,
    ];
    let all: Vec<_> = of_flags.chain(others.map(|other| (None, other))).collect();
    for condition in Condition::ALL {
        assert!(all.iter().any(|(_, listed)| *listed == condition));
    }
    all
}

/// Puts a vehicle into a condition; `false` where such a vehicle cannot be in it.
fn put(record: &mut VehicleRecord, flag: Option<Flag>, condition: Condition) -> bool {
    if let Some(flag) = flag {
        record.flags.insert(flag);
        return true;
    }
    match (condition, &mut record.registration) {
        (Condition::Mortgaged, Some(registration)) => registration.mortgages.push(Mortgage {
            lender: "91370399MA7QAB120J".parse().expect("a code"),
            lender_name: None,
            contract_number: None,
            registered_on: None,
            pledged: false,
        }),
        (Condition::NearScrapping, Some(registration)) => {
            registration.scrap_due_on = Some(jiff::civil::date(2026, 9, 30));
        }
        (Condition::OriginAltered, _) => record.defects.origin_altered = true,
        (Condition::ModelNotAnnounced, _) => record.defects.model_not_announced = true,
        (Condition::BelowStandard, _) => record.defects.below_standard = true,
        _ => return false,
    }
    true
}

/// Asked, with the article told, what stands in the way; papers still to come aside.
async fn told(caller: &Caller, path: &str, body: &Value) -> Vec<(String, String)> {
    let path = format!("{path}?validate_only=true");
    let assessed: Assessment = decoded(caller.post(&path, body).await.ok(200));
    let findings = assessed.findings.into_iter();
    findings
        .map(|finding| (finding.code.to_string(), finding.rule))
        .filter(|(code, _)| code != FindingCode::MaterialMissing.as_str())
        .collect()
}

#[tokio::test]
async fn every_service_tells_every_condition_by_its_cell_s_article() {
    let sandbox = sandbox().await;
    let engine = sandbox.engine();
    let mut refused = 0;
    for (service, path, body) in filings() {
        let kind = services::rule(service).outlet_kinds().next().expect("one");
        let caller = sandbox.caller(kind).await;
        let vin: Vin = decoded(body["vehicle"]["vin"].clone());
        let change = |change: &mut dyn FnMut(&mut VehicleRecord)| {
            let changed = engine.change_vehicle(engine.home(), vin, |record| change(record));
            changed.expect("changed")
        };
        let clean = change(&mut |_| {});
        assert_eq!(told(&caller, path, &body).await, [], "{service}");
        for (flag, condition) in conditions() {
            let mut possible = false;
            change(&mut |record| possible = put(record, flag, condition));
            if !possible {
                continue;
            }
            let told = told(&caller, path, &body).await;
            let cell = condition.cell_of(service);
            let own = cell.ground();
            let own = own.map(|(code, rule)| (code.to_string(), rule.to_owned()));
            match cell {
                Cell::Free | Cell::Called(_) => assert_eq!(told, [], "{service} {condition:?}"),
                Cell::Refused(..) | Cell::Investigated(..) => {
                    assert_eq!(told, own.as_slice(), "{service} {condition:?}");
                    refused += 1;
                }
                // Told where what must be added is missing.
                Cell::Conditional(..) => assert!(
                    told.is_empty() || told == own.as_slice(),
                    "{service} {condition:?}: {told:?}"
                ),
            }
            change(&mut |record| *record = clean.clone());
        }
    }
    assert!(refused > 60, "{refused} cells");
}
