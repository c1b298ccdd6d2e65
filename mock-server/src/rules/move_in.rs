//! 迁入 (R164 Art 18): a vehicle follows its owner into the city.

use jiff::{ToSpan, civil::Date};
use lingminban::{
    api::{FindingCode, MoveInRequest, Service},
    services::MaterialCondition as When,
};

use super::{
    marks, materials, mortgage, on_record, papers, parties, plate_choice, situation::Situation,
    standing,
};
use crate::engine::{
    Fault,
    docket::{Ground, MaterialEntry},
    filing::{Field, Filing},
    register::{Registration, VehicleRecord},
};
use crate::field;

type Submission<'a> = Filing<'a, MoveInRequest>;
type Member<T> = Field<MoveInRequest, T>;

/// 三十日: within so many days of the move the owner applies.
const FILED_WITHIN_DAYS: i64 = 30;

/// Everything the submission alone shows to be wrong.
#[must_use]
pub fn examine(filing: &Submission<'_>, situation: &Situation<'_>) -> Vec<Fault> {
    let today = situation.today;
    [
        on_record::examine(filing, situation),
        registered_here(filing, situation),
        parties::lives_here(
            filing,
            field!(owner.address.region_code),
            field!(owner.address.residence_permit_region_code?),
            FindingCode::OwnerAddressElsewhere,
        ),
        papers::not_in_future(
            filing,
            today,
            &[field!(moved_on), field!(mortgagee_agreement?.signed_on)],
        ),
        papers::same_vehicle(
            filing,
            field!(vehicle.vin),
            &[field!(compulsory_insurance?.vin)],
        ),
        papers::insurance(
            filing,
            today,
            field!(compulsory_insurance?.valid_from),
            field!(compulsory_insurance?.valid_until),
        ),
        plate_choice::check(
            filing,
            situation,
            &plate_choice::Choice {
                method: field!(plate_choice?.method),
                draw: field!(plate_choice?.plate_draw_id?),
                number: field!(plate_choice?.plate_number?),
                owner: field!(owner.identity_number),
            },
            filing.get(field!(vehicle.plate_kind)).map(|kind| *kind),
            filing
                .get(field!(vehicle.plate_number?))
                .and_then(|old| old.is_pure_electric()),
        ),
    ]
    .concat()
}

/// What is here already does not move in.
fn registered_here(filing: &Submission<'_>, situation: &Situation<'_>) -> Vec<Fault> {
    let vin: Member<_> = field!(vehicle.vin);
    let known = filing
        .get(vin)
        .and_then(|vin| situation.register.vehicle(*vin));
    known
        .filter(|vehicle| !vehicle.has_moved_out())
        .and_then(|vehicle| vehicle.registration.as_ref())
        .filter(|registration| !registration.elsewhere)
        .map(|_| Fault::finding(FindingCode::RegisteredHere, vin.pointer))
        .into_iter()
        .collect()
}

/// Grounds that only the authority's records show; a mortgagee applies too (R164 Art 32).
#[must_use]
pub fn grounds(
    request: &MoveInRequest,
    vehicle: &VehicleRecord,
    registration: &Registration,
    situation: &Situation<'_>,
) -> Vec<Ground> {
    let mut grounds = on_record::grounds(request, vehicle, registration, situation);
    let agreement = request.mortgagee_agreement.as_ref();
    grounds.extend(mortgage::agreed(agreement, registration));
    grounds
}

/// 逾期申请.
#[must_use]
pub fn warnings(moved_on: Date, today: Date) -> Vec<Ground> {
    let last_day = moved_on.saturating_add(FILED_WITHIN_DAYS.days());
    Vec::from_iter(papers::late(
        last_day,
        today,
        "/moved_on",
        FindingCode::MoveFiledLate,
    ))
}

/// What a move asks for (R164 Art 18).
#[must_use]
pub fn materials(
    request: &MoveInRequest,
    vehicle: &VehicleRecord,
    registration: &Registration,
    today: Date,
) -> Vec<MaterialEntry> {
    let silent = marks::silent(request.compulsory_insurance.as_ref(), vehicle, today);
    let address = &request.owner.address;
    materials::required(Service::MoveIn, silent, |condition| match condition {
        When::Always => true,
        When::Agent => request.agent.is_some(),
        When::Mortgaged => !registration.mortgages.is_empty(),
        When::InspectionOverdue => standing::is_inspection_overdue(vehicle, today),
        When::ResidencePermit => address.residence_permit_region_code.is_some(),
        _ => false,
    })
}
