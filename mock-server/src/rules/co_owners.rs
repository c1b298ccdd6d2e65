//! 共同所有人变更 (R164 Art 19, 32, 43–45).

use jiff::civil::Date;
use lingminban::{
    api::{CoOwnerChangeRequest, CoOwnershipProofKind as Kind, FindingCode, PartyKind},
    identifiers::IdentityNumber,
    services::MaterialCondition,
};

use super::{
    own_number::are_married_long_enough, papers, parties, plate_choice, situation::Situation,
};
use crate::engine::{
    Fault,
    filing::{Field, Filing},
    register::VehicleRecord,
};
use crate::field;

type Submission<'a> = Filing<'a, CoOwnerChangeRequest>;
type Member<T> = Field<CoOwnerChangeRequest, T>;

/// What more than of every owner's application the submission alone shows to be wrong.
#[must_use]
pub fn examine(filing: &Submission<'_>, situation: &Situation<'_>) -> Vec<Fault> {
    let today = situation.today;
    [
        parties::identity(
            filing,
            today,
            field!(co_owner.kind),
            field!(co_owner.identity_number),
        ),
        two_parties(filing),
        // Whose home is elsewhere moves the vehicle there (R164 Art 18), which is another service.
        parties::lives_here(
            filing,
            field!(co_owner.address.region_code),
            field!(co_owner.address.residence_permit_region_code?),
            FindingCode::AddressOutsideCity,
        ),
        papers::not_in_future(
            filing,
            today,
            &[
                field!(co_ownership_proof.issued_on),
                field!(mortgagee_agreement?.signed_on),
            ],
        ),
        spouses(filing),
        number_kept(filing, today),
        plate_choice::check(
            filing,
            situation,
            &plate_choice::Choice {
                method: field!(plate_choice?.method),
                draw: field!(plate_choice?.plate_draw_id?),
                number: field!(plate_choice?.plate_number?),
                owner: field!(co_owner.identity_number),
            },
            filing.get(field!(vehicle.plate_kind)).map(|kind| *kind),
            filing
                .get(field!(vehicle.plate_number?))
                .and_then(|old| old.is_pure_electric()),
        ),
    ]
    .concat()
}

fn two_parties(filing: &Submission<'_>) -> Vec<Fault> {
    let owner: Member<IdentityNumber> = field!(owner.identity_number);
    let co_owner: Member<IdentityNumber> = field!(co_owner.identity_number);
    match (filing.get(owner), filing.get(co_owner)) {
        (Some(owner), Some(other)) if owner == other => {
            vec![Fault::finding(
                FindingCode::CoOwnerIsOwner,
                co_owner.pointer,
            )]
        }
        _ => Vec::new(),
    }
}

/// Who is married is a person.
fn spouses(filing: &Submission<'_>) -> Vec<Fault> {
    let kind: Member<Kind> = field!(co_ownership_proof.kind);
    let organisation = |party: Member<PartyKind>| {
        filing
            .get(party)
            .is_some_and(|kind| *kind == PartyKind::Organisation)
    };
    let married = filing.get(kind).is_some_and(|kind| *kind == Kind::Marriage);
    (married && (organisation(field!(owner.kind)) || organisation(field!(co_owner.kind))))
        .then(|| Fault::finding(FindingCode::NotSpouses, kind.pointer))
        .into_iter()
        .collect()
}

/// 保留原号码 (R164 Art 43–45): by spouses married for a year; and who keeps a number chooses none.
fn number_kept(filing: &Submission<'_>, today: Date) -> Vec<Fault> {
    let keep: Member<bool> = field!(keep_plate_number);
    if !filing.get(keep).is_some_and(|keep| *keep) {
        return Vec::new();
    }
    let proof = (
        filing.get(field!(co_ownership_proof.kind)),
        filing.get(field!(co_ownership_proof.issued_on)),
    );
    let refused = match proof {
        (Some(kind), _) if *kind != Kind::Marriage => true,
        (Some(_), Some(since)) => !are_married_long_enough(*since, today),
        _ => false,
    };
    let choice: Member<_> = field!(plate_choice?);
    let found = [
        (refused, FindingCode::NumberNotKept, keep.pointer),
        (
            filing.has(choice),
            FindingCode::PlateChoiceContradictory,
            choice.pointer,
        ),
    ];
    found
        .into_iter()
        .filter(|(wrong, ..)| *wrong)
        .map(|(_, code, pointer)| Fault::finding(code, pointer))
        .collect()
}

/// Which proof is asked for, and whether somebody else is heard.
#[must_use]
pub fn asks(
    request: &CoOwnerChangeRequest,
    known: &VehicleRecord,
    condition: MaterialCondition,
) -> bool {
    let registration = known.registration.as_ref();
    let permit = &request.co_owner.address.residence_permit_region_code;
    match condition {
        MaterialCondition::Spouses => request.co_ownership_proof.kind == Kind::Marriage,
        MaterialCondition::CoOwners => request.co_ownership_proof.kind == Kind::Notarised,
        MaterialCondition::Mortgaged => registration.is_some_and(|it| !it.mortgages.is_empty()),
        MaterialCondition::ResidencePermit => permit.is_some(),
        _ => false,
    }
}
