//! 注销登记 (R164 Art 37–42).

use lingminban::{
    api::{DeregistrationCause as Cause, DeregistrationRequest, FindingCode},
    codes::VehicleStatusFlag as Flag,
    services::MaterialCondition as When,
};

use super::{
    situation::Situation,
    standing::{self, Cell, Column},
};
use crate::engine::{
    Fault,
    filing::{Field, Filing},
    register::VehicleRecord,
};
use crate::field;

/// What a deregistration alone shows to be wrong: nobody deregisters what another has lost
/// (R164 Art 86).
#[must_use]
pub fn examine(filing: &Filing<'_, DeregistrationRequest>, _: &Situation<'_>) -> Vec<Fault> {
    let agent: Field<DeregistrationRequest, _> = field!(agent?);
    let lost = filing
        .get(field!(cause))
        .is_some_and(|cause| *cause == Cause::Lost);
    (lost && filing.has(agent))
        .then(|| Fault::finding(FindingCode::AgentNotAllowed, agent.pointer))
        .into_iter()
        .collect()
}

/// Whether a deregistration for that cause asks for what stands under that condition.
#[must_use]
pub fn asks(cause: Cause, vehicle: &VehicleRecord, condition: When) -> bool {
    match condition {
        When::Scrapped => cause == Cause::Scrapped,
        When::Lost => cause == Cause::Lost,
        When::TakenAbroad => cause == Cause::TakenAbroad,
        When::ReturnedToMaker => cause == Cause::ReturnedToMaker,
        // What goes abroad leaves with its exit proof.
        When::CustomsSupervised => {
            cause != Cause::TakenAbroad && vehicle.flags.contains(Flag::CustomsSupervised)
        }
        _ => false,
    }
}

/// What must be settled before a vehicle is out of the authority's reach, abroad or with its maker
/// (R164 Art 37). Customs supervision ends with a material, see [`asks`].
#[must_use]
pub fn unsettled(cause: Cause, vehicle: &VehicleRecord) -> Vec<FindingCode> {
    if matches!(cause, Cause::Scrapped | Cause::Lost) {
        return Vec::new();
    }
    let conditions = vehicle
        .flags
        .iter()
        .filter_map(standing::Condition::of)
        .filter_map(|condition| match condition.cell(Column::Deregistration) {
            Cell::Conditional(code, _) => Some(code),
            _ => None,
        });
    conditions
        .filter(|code| *code != FindingCode::CustomsSupervised)
        .collect()
}
