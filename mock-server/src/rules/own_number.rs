//! 使用原号牌号码 (R164 Art 44, 45): who may have a number again, and who may keep it.

use jiff::{ToSpan, civil::Date};
use lingminban::{
    api::{FindingCode, TransferKind, TransferRequest},
    codes::VehicleStatusFlag as Flag,
    identifiers::IdentityNumber,
};

use super::{papers, situation::Situation};
use crate::engine::{
    Fault,
    filing::{Field, Filing},
    register::{GivenUp, Plate, VehicleRecord, plate_of},
};
use crate::field;

/// 两年内: so long after it was given up a number may be asked for again, on the last day too. Nobody
/// else gets it meanwhile; the article does not say so, but would be empty otherwise: a parameter.
const REUSED_WITHIN_YEARS: i64 = 2;

/// 一年以上: so long the owner must have had vehicle and number. A number to which nobody has a claim
/// is free at once.
const USED_FOR_YEARS: i64 = 1;

/// 一年: so long husband and wife must have been married to keep the number on the car.
const MARRIED_FOR_YEARS: i64 = 1;

/// The number that a change of the record takes from the vehicle.
#[must_use]
pub fn given_up(
    before: &VehicleRecord,
    after: &VehicleRecord,
    today: Date,
) -> Option<(Plate, GivenUp)> {
    let registration = before.registration.as_ref()?;
    let lost = plate_of(before).filter(|plate| plate_of(after) != Some(*plate))?;
    // What another authority gave is its own to give again.
    (!registration.elsewhere).then(|| {
        let given_up = GivenUp {
            owner: registration.owner_identity,
            vin: before.vin,
            used_since: registration
                .numbered_on
                .unwrap_or(registration.acquired_on)
                .max(registration.acquired_on),
            given_up_on: today,
        };
        (lost, given_up)
    })
}

/// Whether the former owner has a claim to the number.
///
/// # Errors
/// Why not.
pub fn claim(given_up: &GivenUp, today: Date) -> Result<(), FindingCode> {
    let used_long_enough = given_up.used_since.saturating_add(USED_FOR_YEARS.years());
    let last_day = given_up
        .given_up_on
        .saturating_add(REUSED_WITHIN_YEARS.years());
    if given_up.given_up_on < used_long_enough {
        Err(FindingCode::OldNumberUsedTooShort)
    } else if today > last_day {
        Err(FindingCode::OldNumberTooLate)
    } else {
        Ok(())
    }
}

/// Why somebody cannot have a number again, if so.
#[must_use]
pub fn refuse(
    situation: &Situation<'_>,
    plate: &Plate,
    applicant: &IdentityNumber,
) -> Option<FindingCode> {
    let register = situation.register;
    let own = register
        .given_up(plate)
        .filter(|given_up| register.is_same_person(applicant, &given_up.owner));
    let Some(given_up) = own else {
        return Some(FindingCode::OldNumberNotOnRecord);
    };
    if let Err(code) = claim(given_up, situation.today) {
        return Some(code);
    }
    let unsettled = register.vehicle(given_up.vin).is_some_and(|vehicle| {
        let open = [Flag::ViolationPending, Flag::AccidentPending];
        open.into_iter().any(|flag| vehicle.flags.contains(flag))
    });
    if unsettled {
        return Some(FindingCode::OldNumberUnsettled);
    }
    (!register.is_unused(plate)).then_some(FindingCode::PlateTaken)
}

/// Whether husband and wife may keep the number on the car, on the anniversary too (R164 Art 45).
#[must_use]
pub fn are_married_long_enough(married_on: Date, today: Date) -> bool {
    married_on.saturating_add(MARRIED_FOR_YEARS.years()) <= today
}

/// 夫妻间转让 (R164 Art 45): two people, married long enough, and a car that stays in the city with
/// plates.
#[must_use]
pub fn examine_spouse(
    filing: &Filing<'_, TransferRequest>,
    situation: &Situation<'_>,
) -> Vec<Fault> {
    use lingminban::api::PartyKind;
    let spouse: Field<TransferRequest, _> = field!(spouse?);
    let married_on: Field<TransferRequest, Date> = field!(spouse?.married_on);
    if !filing.has(spouse) {
        return Vec::new();
    }
    let is_organisation = |kind: Field<TransferRequest, PartyKind>| {
        filing.get(kind).as_deref() == Some(&PartyKind::Organisation)
    };
    let kind = filing.get(field!(transfer_kind?));
    let not_applicable = is_organisation(field!(seller.kind))
        || is_organisation(field!(buyer.kind))
        || kind.is_some_and(|kind| *kind != TransferKind::Local)
        || filing.get(field!(into_stock)).as_deref() == Some(&true);
    let today = situation.today;
    let mut faults = papers::not_in_future(filing, today, &[married_on]);
    if not_applicable {
        faults.push(Fault::finding(FindingCode::NotApplicable, spouse.pointer));
    }
    let too_short = filing
        .get(married_on)
        .is_some_and(|married| *married <= today && !are_married_long_enough(*married, today));
    if too_short {
        let code = FindingCode::MarriedTooShort;
        faults.push(Fault::finding(code, married_on.pointer));
    }
    faults
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_claim_needs_a_year_of_use_and_ends_after_two() {
        let given_up = |used_since| GivenUp {
            owner: "370399199003070016".parse().unwrap(),
            vin: "LGXC16AF7N0000037".parse().unwrap(),
            used_since,
            given_up_on: date(2026, 3, 2),
        };
        let long = given_up(date(2025, 3, 2));
        assert_eq!(claim(&long, date(2026, 3, 2)), Ok(()));
        assert_eq!(claim(&long, date(2028, 3, 2)), Ok(()));
        let late = Err(FindingCode::OldNumberTooLate);
        assert_eq!(claim(&long, date(2028, 3, 3)), late);
        let short = given_up(date(2025, 3, 3));
        let too_short = Err(FindingCode::OldNumberUsedTooShort);
        assert_eq!(claim(&short, date(2026, 3, 2)), too_short);
    }
}
