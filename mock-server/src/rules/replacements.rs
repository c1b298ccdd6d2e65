//! 牌证补换领 (R164 Art 51, 52, 57).

use jiff::{ToSpan, civil::Date};
use lingminban::api::{FindingCode, MortgageeAgreement, RegistrationCertificateReplacementRequest};

use super::{papers, situation::Situation};
use crate::engine::{
    Fault,
    docket::Ground,
    filing::Filing,
    register::{Registration, VehicleRecord},
};
use crate::field;

/// 十五日: a temporary plate while plates are made again holds so long (R164 Art 51).
const TEMPORARY_PLATE_DAYS: i64 = 15;

/// 三日: and no longer than so many days after the new plates (R164 Art 47).
const BESIDE_NEW_PLATES_DAYS: i64 = 3;

/// What a replacement of the certificate alone shows to be wrong.
#[must_use]
pub fn examine_certificate(
    filing: &Filing<'_, RegistrationCertificateReplacementRequest>,
    situation: &Situation<'_>,
) -> Vec<Fault> {
    papers::not_in_future(
        filing,
        situation.today,
        &[field!(mortgagee_agreement?.signed_on)],
    )
}

/// 抵押 (R164 Art 32): while the vehicle is mortgaged, owner and mortgagee apply for a certificate
/// together.
#[must_use]
pub fn mortgagee(
    agreement: Option<&MortgageeAgreement>,
    registration: &Registration,
) -> Option<Ground> {
    let mortgages = registration.mortgages.as_slice();
    if mortgages.is_empty() {
        return None;
    }
    let differs = |code| mortgages.iter().any(|mortgage| mortgage.lender != code);
    let (pointer, code) = match agreement {
        None => ("/mortgagee_agreement", FindingCode::MortgageeConsentMissing),
        Some(agreement) if differs(agreement.mortgagee_credit_code) => (
            "/mortgagee_agreement/mortgagee_credit_code",
            FindingCode::MortgageeMismatch,
        ),
        Some(_) => return None,
    };
    Some(Ground {
        pointer: pointer.into(),
        code,
    })
}

/// 交强险 (R164 Art 57): a mark is issued again only while the insurance is in force, on its last
/// day too.
#[must_use]
pub fn uninsured(vehicle: &VehicleRecord, today: Date) -> Option<FindingCode> {
    let registration = vehicle.registration.as_ref()?;
    (!registration.is_insured_on(today)).then_some(FindingCode::InsuranceNotInForce)
}

/// 临时行驶车号牌 (R164 Art 46, 47, 51): the last day of the one that drives the vehicle while its
/// plates are made again. None where the vehicle is not insured.
#[must_use]
pub fn temporary_plate_until(
    accepted_on: Date,
    plates_made_on: Option<Date>,
    insured_until: Option<Date>,
) -> Option<Date> {
    let insured_until = insured_until.filter(|last| *last >= accepted_on)?;
    let longest = accepted_on
        .saturating_add(TEMPORARY_PLATE_DAYS.days())
        .min(insured_until);
    let beside = plates_made_on.map(|made| made.saturating_add(BESIDE_NEW_PLATES_DAYS.days()));
    Some(beside.map_or(longest, |beside| longest.min(beside)))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_temporary_plate_ends_with_the_first_of_its_limits() {
        let accepted = date(2026, 3, 2);
        let until = |made, insured| temporary_plate_until(accepted, made, insured);
        let insured = Some(date(2026, 11, 9));
        assert_eq!(until(None, insured), Some(date(2026, 3, 17)));
        assert_eq!(
            until(Some(date(2026, 3, 5)), insured),
            Some(date(2026, 3, 8))
        );
        assert_eq!(
            until(Some(date(2026, 3, 16)), insured),
            Some(date(2026, 3, 17))
        );
        assert_eq!(until(None, Some(date(2026, 3, 4))), Some(date(2026, 3, 4)));
        assert_eq!(until(None, Some(accepted)), Some(accepted));
        assert_eq!(until(None, Some(date(2026, 3, 1))), None);
        assert_eq!(until(None, None), None);
    }
}
