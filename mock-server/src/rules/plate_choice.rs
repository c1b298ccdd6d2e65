//! 选号 (R164 Art 43–44): at random, one of a draw, composed by the owner, or his own of before.

use lingminban::{
    api::{FindingCode, PlateDrawId, PlateMethod},
    codes::PlateKind,
    identifiers::{IdentityNumber, PlateNumber},
};

use super::{own_number, papers::identifier_fault, situation::Situation, territory};
use crate::engine::{
    Fault,
    filing::{Field, Filing},
};

/// The members of a plate choice.
pub struct Choice<S> {
    /// 取号方式.
    pub method: Field<S, PlateMethod>,
    /// 选号批次号.
    pub draw: Field<S, PlateDrawId>,
    /// 号码.
    pub number: Field<S, PlateNumber>,
    /// 证件号码 of who is to have it.
    pub owner: Field<S, IdentityNumber>,
}

/// Whether the choice is complete, free of contradiction, and to be had.
#[must_use]
pub fn check<S>(
    filing: &Filing<'_, S>,
    situation: &Situation<'_>,
    choice: &Choice<S>,
    kind: Option<PlateKind>,
    pure_electric: Option<bool>,
) -> Vec<Fault> {
    let Some(method) = filing.get(choice.method) else {
        return Vec::new();
    };
    let mut faults: Vec<Fault> = completeness(
        choice.draw.pointer,
        filing.has(choice.draw),
        *method == PlateMethod::Draw,
    )
    .into_iter()
    .collect();
    faults.extend(completeness(
        choice.number.pointer,
        filing.has(choice.number),
        *method != PlateMethod::Random,
    ));
    let (Some(number), Some(kind)) = (filing.get(choice.number), kind) else {
        return faults;
    };
    faults.extend(identifier_fault(choice.number.pointer, number.fits(kind)));
    if let (Some(class), Some(vehicle)) = (number.is_pure_electric(), pure_electric)
        && class != vehicle
    {
        let code = FindingCode::NewEnergyClassMismatch;
        faults.push(Fault::finding(code, choice.number.pointer));
    }
    let plate = (kind, number.into_owned());
    let draw = filing.get(choice.draw);
    let unavailable = match *method {
        PlateMethod::Random => None,
        PlateMethod::SelfComposed if !territory::is_of_city(plate.1) => {
            Some((choice.number.pointer, FindingCode::PlateNotLocal))
        }
        PlateMethod::SelfComposed => {
            (!situation.is_free(&plate)).then_some((choice.number.pointer, FindingCode::PlateTaken))
        }
        PlateMethod::Reuse => filing
            .get(choice.owner)
            .and_then(|owner| own_number::refuse(situation, &plate, &owner))
            .map(|code| (choice.number.pointer, code)),
        PlateMethod::Draw => draw.and_then(|draw| {
            match situation
                .draws
                .refuse(&draw, situation.partner, &plate, situation.now)
            {
                Some(code @ FindingCode::PlateDrawExpired) => Some((choice.draw.pointer, code)),
                Some(code) => Some((choice.number.pointer, code)),
                // A draw may be named again, each of its numbers only once.
                None => (!situation.register.is_free(&plate))
                    .then_some((choice.number.pointer, FindingCode::PlateTaken)),
            }
        }),
    };
    faults.extend(unavailable.map(|(pointer, code)| Fault::finding(code, pointer)));
    faults
}

fn completeness(pointer: &'static str, given: bool, wanted: bool) -> Option<Fault> {
    match (given, wanted) {
        (false, true) => Some(Fault::finding(FindingCode::PlateChoiceIncomplete, pointer)),
        (true, false) => Some(Fault::finding(
            FindingCode::PlateChoiceContradictory,
            pointer,
        )),
        _ => None,
    }
}
