//! Rules on the people and organisations of a submission.

use jiff::civil::Date;
use lingminban::{
    api::{FindingCode, PartyKind},
    identifiers::{IdentityKind, IdentityNumber, RegionCode},
};

use super::situation::Situation;
use crate::engine::{
    Fault,
    docket::Ground,
    filing::{Field, Filing},
};

/// 身份证明 (R164 Art 89): a person has a resident identity number, an organisation a unified
/// social credit code, and nobody is born after today.
#[must_use]
pub fn identity<S>(
    filing: &Filing<'_, S>,
    today: Date,
    kind: Field<S, PartyKind>,
    number: Field<S, IdentityNumber>,
) -> Vec<Fault> {
    let Some(identity) = filing.get(number) else {
        return Vec::new();
    };
    let mut faults = born(today, &identity, number.pointer);
    let expected = filing.get(kind).map(|kind| match *kind {
        PartyKind::NaturalPerson => IdentityKind::Resident,
        PartyKind::Organisation => IdentityKind::Organisation,
    });
    if expected.is_some_and(|expected| expected != identity.kind()) {
        faults.push(Fault::finding(
            FindingCode::IdentityNumberNotOfKind,
            number.pointer,
        ));
    }
    faults
}

/// 代理人: nobody is born after today.
#[must_use]
pub fn agent<S>(
    filing: &Filing<'_, S>,
    today: Date,
    number: Field<S, IdentityNumber>,
) -> Vec<Fault> {
    filing
        .get(number)
        .map_or_else(Vec::new, |identity| born(today, &identity, number.pointer))
}

fn born(today: Date, identity: &IdentityNumber, pointer: &'static str) -> Vec<Fault> {
    let unborn = identity
        .as_resident()
        .is_some_and(|resident| resident.birth_date() > today);
    unborn
        .then(|| Fault::finding(FindingCode::DateInFuture, pointer))
        .into_iter()
        .collect()
}

/// 限制申请 (R164 Art 80, 81): false papers bar a person from applying for one or three years. People
/// come with their place in the submission; an agent who is not there bars nobody.
pub fn barred<'a>(
    situation: &'a Situation<'_>,
    people: impl IntoIterator<Item = (&'static str, Option<&'a IdentityNumber>)> + 'a,
) -> impl Iterator<Item = Ground> + 'a {
    let is_barred = |identity| {
        let mut records = situation.register.person_records(identity);
        records.any(|person| {
            person
                .barred_until
                .is_some_and(|last| last >= situation.today)
        })
    };
    people
        .into_iter()
        .filter(move |(_, identity)| identity.is_some_and(is_barred))
        .map(|(pointer, _)| Ground::from((pointer, FindingCode::ApplicantBarred)))
}

/// 住所: where somebody may have a vehicle registered, by card or residence permit (R164 Art 89).
pub struct Domicile {
    /// In the city.
    pub here: bool,
    /// Outside of it.
    pub elsewhere: bool,
}

/// None where it cannot be read; a permit that cannot is taken for either.
#[must_use]
pub fn domicile<S>(
    filing: &Filing<'_, S>,
    home: Field<S, RegionCode>,
    permit: Field<S, RegionCode>,
) -> Option<Domicile> {
    let home = filing.get(home)?;
    let permitted = filing.get(permit).map(|permit| permit.is_in_zibo());
    let undecided = filing.has(permit) && permitted.is_none();
    Some(Domicile {
        here: undecided || home.is_in_zibo() || permitted == Some(true),
        elsewhere: undecided || !home.is_in_zibo() || permitted == Some(false),
    })
}

/// 住所 lies in the city. Blames the identity document's region.
#[must_use]
pub fn lives_here<S>(
    filing: &Filing<'_, S>,
    home: Field<S, RegionCode>,
    permit: Field<S, RegionCode>,
    code: FindingCode,
) -> Vec<Fault> {
    let outside = domicile(filing, home, permit).is_some_and(|domicile| !domicile.here);
    outside
        .then(|| Fault::finding(code, home.pointer))
        .into_iter()
        .collect()
}
