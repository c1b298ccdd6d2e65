//! 检验合格标志 (R164 Art 54, 55).

use jiff::civil::Date;
use lingminban::{
    api::{CompulsoryInsurance, FindingCode, Lookup, Service},
    identifiers::Vin,
    inspection::DueKind,
};

use super::{on_record::OwnersRequest, papers};
use crate::engine::{
    Fault,
    filing::{Field, Filing},
    register::{VehicleRecord, Words},
};

/// An application for a mark.
pub trait MarkRequest: OwnersRequest {
    /// 交强险, when the one on record has ended.
    fn insurance(&self) -> Option<&CompulsoryInsurance>;
}

/// What more than of every owner's application the submission alone shows to be wrong.
#[must_use]
pub fn examine<R: MarkRequest>(filing: &Filing<'_, R>, today: Date) -> Vec<Fault> {
    let vin: Field<R, Vin> = Field {
        pointer: "/vehicle/vin",
        read: |request| Some(&request.vehicle().vin),
    };
    let insured: Field<R, Vin> = Field {
        pointer: "/compulsory_insurance/vin",
        read: |request| request.insurance().map(|insurance| &insurance.vin),
    };
    let from: Field<R, Date> = Field {
        pointer: "/compulsory_insurance/valid_from",
        read: |request| request.insurance().map(|insurance| &insurance.valid_from),
    };
    let until: Field<R, Date> = Field {
        pointer: "/compulsory_insurance/valid_until",
        read: |request| request.insurance().map(|insurance| &insurance.valid_until),
    };
    [
        papers::same_vehicle(filing, vin, &[insured]),
        papers::insurance(filing, today, from, until),
    ]
    .concat()
}

/// Why the vehicle gets no such mark on that day, whatever else is the matter with it.
pub fn unmet(
    service: Service,
    vehicle: &VehicleRecord,
    today: Date,
) -> impl Iterator<Item = FindingCode> + use<> {
    let asked = matches!(service, Service::InspectionMark | Service::ExemptMark);
    let outstanding = asked.then(|| vehicle.outstanding(today)).flatten();
    let too_early = outstanding.is_some_and(|outstanding| today < outstanding.window_opens_on);
    let tested = outstanding.is_some_and(|outstanding| outstanding.kind == DueKind::Test);
    let findings = [
        (too_early, FindingCode::InspectionWindowNotOpen),
        (
            tested && service == Service::ExemptMark,
            FindingCode::TestRequired,
        ),
    ];
    findings
        .into_iter()
        .filter_map(|(unmet, code)| unmet.then_some(code))
}

/// Sources that have no answer of a registered vehicle: insurers where the policy has ended and no new one
/// is named, the stations where no test was passed that counts now.
#[must_use]
pub fn silent(
    insurance: Option<&CompulsoryInsurance>,
    vehicle: &VehicleRecord,
    today: Date,
) -> Words<Lookup> {
    let mut silent = vehicle.silent_lookups;
    let registration = vehicle.registration.as_ref();
    let insured = registration.is_some_and(|registration| registration.is_insured_on(today));
    if !insured && insurance.is_none() {
        silent.insert(Lookup::InsurerPlatform);
    }
    if !has_passed(vehicle, today) {
        silent.insert(Lookup::InspectionData);
    }
    silent
}

/// Whether the vehicle passed a test that a mark can rest on, and whatever else asks for one.
#[must_use]
pub fn has_passed(vehicle: &VehicleRecord, today: Date) -> bool {
    match (vehicle.passed_on, vehicle.outstanding(today)) {
        (Some(passed), Some(outstanding)) => passed >= outstanding.tests_count_from,
        _ => false,
    }
}
