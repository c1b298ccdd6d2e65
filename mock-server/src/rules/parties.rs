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
        .map(|(pointer, _)| Ground {
            pointer: pointer.into(),
            code: FindingCode::ApplicantBarred,
        })
}

/// 住所 lies in the city: by the identity document's region, or by the residence permit's (R164 Art 89).
/// Blames the document's region.
#[must_use]
pub fn lives_here<S>(
    filing: &Filing<'_, S>,
    home: Field<S, RegionCode>,
    permit: Field<S, RegionCode>,
) -> Vec<Fault> {
    let Some(region) = filing.get(home) else {
        return Vec::new();
    };
    let permitted = filing.get(permit);
    let undecided = filing.has(permit) && permitted.is_none();
    let here = region.is_in_zibo() || permitted.is_some_and(|permit| permit.is_in_zibo());
    if here || undecided {
        return Vec::new();
    }
    vec![Fault::finding(
        FindingCode::AddressOutsideCity,
        home.pointer,
    )]
}
