//! 变更备案 (R164 Art 23, 24).

use jiff::{ToSpan, civil::Date};
use lingminban::{
    api::{
        AddressChangeRequest, ContactChangeRequest, Corrected, CorrectionRequest, FindingCode,
        IdentityChangeRequest, OwnerNameChangeRequest, PartyAddress,
    },
    identifiers::{IdentityNumber, PersonName},
};

use super::{on_record, papers, parties, situation::Situation};
use crate::engine::{
    Fault,
    docket::Ground,
    filing::{Field, Filing},
    register::VehicleRecord,
};
use crate::field;

/// 三十日: within so many days of the change the owner files it (R164 Art 23).
const FILED_WITHIN_DAYS: i64 = 30;

/// What a change of contact details alone shows to be wrong.
#[must_use]
pub fn examine_contact(
    filing: &Filing<'_, ContactChangeRequest>,
    situation: &Situation<'_>,
) -> Vec<Fault> {
    papers::not_in_future(filing, situation.today, &[field!(changed_on)])
}

/// What a change of name alone shows to be wrong.
#[must_use]
pub fn examine_name(
    filing: &Filing<'_, OwnerNameChangeRequest>,
    situation: &Situation<'_>,
) -> Vec<Fault> {
    let mut faults = papers::not_in_future(filing, situation.today, &[field!(changed_on)]);
    let new_name: Field<OwnerNameChangeRequest, _> = field!(new_name);
    let names = (filing.get(field!(owner.name)), filing.get(new_name));
    if let (Some(old), Some(new)) = names
        && on_record::same_name(&old, &new)
    {
        faults.push(Fault::finding(
            FindingCode::NothingChanges,
            new_name.pointer,
        ));
    }
    faults
}

/// What a change of address alone shows to be wrong.
#[must_use]
pub fn examine_address(
    filing: &Filing<'_, AddressChangeRequest>,
    situation: &Situation<'_>,
) -> Vec<Fault> {
    let mut faults = papers::not_in_future(filing, situation.today, &[field!(changed_on)]);
    faults.extend(parties::lives_here(
        filing,
        field!(new_address.region_code),
        field!(new_address.residence_permit_region_code?),
        FindingCode::AddressOutsideCity,
    ));
    let new_address: Field<AddressChangeRequest, PartyAddress> = field!(new_address);
    let addresses = (filing.get(field!(owner.address)), filing.get(new_address));
    if let (Some(old), Some(new)) = addresses
        && old == new
    {
        faults.push(Fault::finding(
            FindingCode::NothingChanges,
            new_address.pointer,
        ));
    }
    faults
}

/// What a change of identity number alone shows to be wrong.
#[must_use]
pub fn examine_identity(
    filing: &Filing<'_, IdentityChangeRequest>,
    situation: &Situation<'_>,
) -> Vec<Fault> {
    let new: Field<IdentityChangeRequest, IdentityNumber> = field!(new_identity_number);
    let mut faults = papers::not_in_future(filing, situation.today, &[field!(changed_on)]);
    faults.extend(parties::identity(
        filing,
        situation.today,
        field!(owner.kind),
        new,
    ));
    let numbers = (filing.get(field!(owner.identity_number)), filing.get(new));
    if let (Some(old), Some(other)) = numbers
        && old == other
    {
        faults.push(Fault::finding(FindingCode::NothingChanges, new.pointer));
    }
    faults
}

/// Who is barred under one number is so under the other (R164 Art 80, 81).
pub fn identity_grounds(request: &IdentityChangeRequest, situation: &Situation<'_>) -> Vec<Ground> {
    let new = ("/new_identity_number", Some(&request.new_identity_number));
    parties::barred(situation, [new]).collect()
}

/// What a correction alone shows to be wrong.
#[must_use]
pub fn examine_correction(
    filing: &Filing<'_, CorrectionRequest>,
    situation: &Situation<'_>,
) -> Vec<Fault> {
    let corrected: Field<CorrectionRequest, Corrected> = field!(corrected);
    let name: Field<CorrectionRequest, PersonName> = field!(corrected.owner_name?);
    let mut faults = papers::not_in_future(
        filing,
        situation.today,
        &[field!(corrected.first_registered_on?)],
    );
    if filing
        .get(corrected)
        .is_some_and(|it| *it == Corrected::default())
    {
        faults.push(Fault::finding(
            FindingCode::NothingCorrected,
            corrected.pointer,
        ));
    }
    // To the letter: a separator may be just what was entered wrongly.
    let names = (filing.get(field!(owner.name)), filing.get(name));
    if let (Some(wrong), Some(right)) = names
        && wrong == right
    {
        faults.push(Fault::finding(FindingCode::NothingChanges, name.pointer));
    }
    faults
}

/// What the record shows to be wrong with a correction: no vehicle is registered before it is made.
#[must_use]
pub fn correction_grounds(request: &CorrectionRequest, vehicle: &VehicleRecord) -> Vec<Ground> {
    let corrected = request.corrected.first_registered_on;
    let too_early = corrected.zip(vehicle.manufactured_on);
    too_early
        .filter(|(registered, made)| registered < made)
        .map(|_| Ground {
            pointer: "/corrected/first_registered_on".into(),
            code: FindingCode::DatesOutOfOrder,
        })
        .into_iter()
        .collect()
}

/// 逾期备案.
#[must_use]
pub fn warnings(changed_on: Date, today: Date) -> Vec<Ground> {
    let last_day = changed_on.saturating_add(FILED_WITHIN_DAYS.days());
    Vec::from_iter(papers::late(
        last_day,
        today,
        "/changed_on",
        FindingCode::ChangeFiledLate,
    ))
}
