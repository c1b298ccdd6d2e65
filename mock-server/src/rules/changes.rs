//! 变更备案 (R164 Art 23, 24).

use jiff::{ToSpan, civil::Date};
use lingminban::api::{
    AddressChangeRequest, ContactChangeRequest, FindingCode, OwnerNameChangeRequest, PartyAddress,
};

use super::{on_record, papers, parties, situation::Situation};
use crate::engine::{
    Fault,
    docket::Ground,
    filing::{Field, Filing},
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

/// A change that is filed late is filed all the same: the duty has a fine, and no refusal.
#[must_use]
pub fn warnings(changed_on: Date, today: Date) -> Vec<Ground> {
    let late = today > changed_on.saturating_add(FILED_WITHIN_DAYS.days());
    late.then(|| Ground {
        pointer: "/changed_on".into(),
        code: FindingCode::ChangeFiledLate,
    })
    .into_iter()
    .collect()
}
