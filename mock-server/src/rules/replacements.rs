//! 牌证补换领 (R164 Art 51, 52, 57).

use jiff::civil::Date;
use lingminban::api::{FindingCode, RegistrationCertificateReplacementRequest, ReplacementCause};

use super::{papers, situation::Situation};
use crate::engine::{
    Fault,
    filing::{Field, Filing},
    register::VehicleRecord,
};
use crate::field;

/// What a replacement of the certificate alone shows to be wrong.
#[must_use]
pub fn examine_certificate(
    filing: &Filing<'_, RegistrationCertificateReplacementRequest>,
    situation: &Situation<'_>,
) -> Vec<Fault> {
    let mut faults = papers::not_in_future(
        filing,
        situation.today,
        &[field!(mortgagee_agreement?.signed_on)],
    );
    // 补领 is what nobody does for another, 换领 is not (R164 Art 86).
    let agent: Field<RegistrationCertificateReplacementRequest, _> = field!(agent?);
    let gone = filing
        .get(field!(cause))
        .is_some_and(|cause| *cause != ReplacementCause::Damaged);
    if gone && filing.has(agent) {
        faults.push(Fault::finding(FindingCode::AgentNotAllowed, agent.pointer));
    }
    faults
}

/// 交强险 (R164 Art 57): a mark is issued again only while the insurance is in force, on its last
/// day too.
#[must_use]
pub fn uninsured(vehicle: &VehicleRecord, today: Date) -> Option<FindingCode> {
    let registration = vehicle.registration.as_ref()?;
    (!registration.is_insured_on(today)).then_some(FindingCode::InsuranceNotInForce)
}
