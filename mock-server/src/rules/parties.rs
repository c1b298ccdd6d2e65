//! Rules on the people and organisations of a submission.

use jiff::civil::Date;
use lingminban::{
    api::{FindingCode, PartyKind},
    identifiers::{IdentityKind, IdentityNumber},
};

use crate::engine::{
    Fault,
    filing::{Field, Filing},
    register::Register,
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

/// 限制申请 (R164 Art 80, 81): false papers bar a person from applying for one or three years.
#[must_use]
pub fn is_barred(register: &Register, identity: &IdentityNumber, today: Date) -> bool {
    let until = register
        .person(identity)
        .and_then(|person| person.barred_until);
    until.is_some_and(|last| last >= today)
}
