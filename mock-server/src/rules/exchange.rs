//! 互换号牌 (R164 Art 20): two vehicles of one owner exchange their numbers.

use std::iter;

use jiff::{ToSpan, civil::Date};
use lingminban::{
    api::{FindingCode, PlateExchangeRequest, Service},
    codes::PlateKind,
};

use super::{
    on_record::{self, Claim},
    situation::Situation,
    standing,
};
use crate::engine::{
    Fault,
    docket::Ground,
    filing::{Field, Filing},
    register::{Register, Registration, VehicleRecord},
};
use crate::field;

/// Where the two vehicles are named.
const VEHICLES_AT: [&str; 2] = ["/vehicle/vin", OTHER_AT];
const OTHER_AT: &str = "/other/vehicle/vin";

/// Everything the submission alone shows to be wrong.
#[must_use]
pub fn examine(filing: &Filing<'_, PlateExchangeRequest>, situation: &Situation<'_>) -> Vec<Fault> {
    let other = filing.within(field!(other), |other| {
        [
            on_record::registered(other, situation, field!(vehicle.vin)),
            on_record::named_plate(
                other,
                field!(vehicle.plate_number?),
                field!(vehicle.plate_kind),
            ),
        ]
        .concat()
    });
    [on_record::examine(filing, situation), other, pair(filing)].concat()
}

/// What does not let the two exchange numbers, as they are named.
fn pair(filing: &Filing<'_, PlateExchangeRequest>) -> Vec<Fault> {
    type Member<T> = Field<PlateExchangeRequest, T>;
    let vin: Member<_> = field!(other.vehicle.vin);
    let kind: Member<_> = field!(other.vehicle.plate_kind);
    let number: Member<_> = field!(other.vehicle.plate_number?);
    let (numbers, kinds, vins) = (
        filing
            .get(field!(vehicle.plate_number?))
            .zip(filing.get(number)),
        filing.get(field!(vehicle.plate_kind)).zip(filing.get(kind)),
        filing.get(field!(vehicle.vin)).zip(filing.get(vin)),
    );
    let of_two_places = numbers
        .as_ref()
        .is_some_and(|(one, other)| one.issuing_authority() != other.issuing_authority());
    // A pure electric car's number shows that it is one (GA 36).
    let of_two_energies = numbers
        .as_ref()
        .and_then(|(one, other)| one.is_pure_electric().zip(other.is_pure_electric()))
        .is_some_and(|(one, other)| one != other);
    let found = [
        (
            vins.is_some_and(|(one, other)| one == other),
            vin.pointer,
            FindingCode::ExchangeWithItself,
        ),
        (
            // Where one bears none, that is what the authority tells.
            kinds.is_some_and(|(one, other)| {
                one != other && ![*one, *other].contains(&PlateKind::Unplated)
            }),
            kind.pointer,
            FindingCode::PlateKindsDiffer,
        ),
        (
            of_two_places,
            number.pointer,
            FindingCode::PlatesOfTwoPlaces,
        ),
        (
            of_two_energies,
            number.pointer,
            FindingCode::NewEnergyClassMismatch,
        ),
    ];
    let found = found.into_iter().filter(|(holds, ..)| *holds);
    found
        .map(|(_, pointer, code)| Fault::finding(code, pointer))
        .collect()
}

/// Grounds that only the authority's records show.
#[must_use]
pub fn grounds(
    request: &PlateExchangeRequest,
    [one, other]: [(&VehicleRecord, &Registration); 2],
    situation: &Situation<'_>,
) -> Vec<Ground> {
    let claim = Claim {
        plate: (
            request.other.vehicle.plate_kind,
            request.other.vehicle.plate_number,
        ),
        certificate: Some(&request.other.registration_certificate_number),
        owner: &request.owner,
        owner_at: ["/owner/identity_number", "/owner/name"],
    };
    // Whose the other one is, the review tells.
    let mismatches = claim
        .mismatches(situation.register, other.0.vin, other.1)
        .filter(|(pointer, _)| !pointer.starts_with("/owner"))
        .map(|(pointer, code)| Ground {
            pointer: format!("/other{pointer}").into(),
            code,
        });
    on_record::grounds(request, one.0, one.1, situation)
        .into_iter()
        .chain(mismatches)
        .chain(reviewed(
            Some(one.0),
            Some(other.0),
            situation.register,
            situation.today,
        ))
        .collect()
}

/// What is looked at anew when the authority decides, of both vehicles.
#[must_use]
pub fn reviewed(
    one: Option<&VehicleRecord>,
    other: Option<&VehicleRecord>,
    register: &Register,
    today: Date,
) -> Vec<Ground> {
    let pair = [one, other];
    let each = pair.into_iter().zip(VEHICLES_AT).flat_map(|(vehicle, at)| {
        let codes = vehicle.map(|vehicle| alone(vehicle, today));
        codes.into_iter().flatten().zip(iter::repeat(at))
    });
    let owners = pair.map(|vehicle| Some(&vehicle?.registration.as_ref()?.owner_identity));
    let same_owner = match owners {
        [Some(one), Some(other)] => register.is_same_person(one, other),
        _ => false,
    };
    let owners_differ = (!same_owner).then_some((FindingCode::OwnersDiffer, OTHER_AT));
    each.chain(owners_differ)
        .map(|(code, at)| Ground {
            pointer: at.into(),
            code,
        })
        .collect()
}

/// What stands in the way of one vehicle's exchange.
fn alone(vehicle: &VehicleRecord, today: Date) -> Vec<FindingCode> {
    let registration = vehicle.registration.as_ref();
    let exchanged_on = registration.and_then(|registration| registration.last_exchanged_on);
    let within_year =
        exchanged_on.is_some_and(|exchanged| exchanged.saturating_add(1.year()) > today);
    let own = [
        (
            vehicle.use_character.is_operated(),
            FindingCode::VehicleOperated,
        ),
        (within_year, FindingCode::ExchangedWithinYear),
    ];
    let own = own.into_iter().filter(|(holds, _)| *holds);
    standing::grounds(Service::PlateExchange, vehicle, today)
        .into_iter()
        .chain(on_record::without_plates(Service::PlateExchange, vehicle))
        .chain(own.map(|(_, code)| code))
        .collect()
}

/// The records that completion will write: each with the other's number.
#[must_use]
pub fn exchanged([one, other]: [&VehicleRecord; 2]) -> [VehicleRecord; 2] {
    let with_number_of = |vehicle: &VehicleRecord, giver: &VehicleRecord| {
        let mut vehicle = vehicle.clone();
        if let (Some(registration), Some(giver)) = (&mut vehicle.registration, &giver.registration)
        {
            registration.plate_number = giver.plate_number;
        }
        vehicle
    };
    [with_number_of(one, other), with_number_of(other, one)]
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use lingminban::codes::UseCharacter;

    use super::*;
    use crate::engine::catalogue;

    /// A clean registered car.
    fn car() -> VehicleRecord {
        let register = crate::engine::register::Register::new(catalogue::base_register().into());
        let vin = "LGXC16AF7N0000037".parse().unwrap();
        register.vehicle(vin).unwrap().clone()
    }

    #[test]
    fn a_number_is_exchanged_again_on_the_anniversary() {
        let mut car = car();
        let codes = |car: &VehicleRecord, today| alone(car, today);
        assert_eq!(codes(&car, date(2026, 3, 2)), []);
        let registration = car.registration.as_mut().unwrap();
        registration.last_exchanged_on = Some(date(2025, 3, 3));
        let within = [FindingCode::ExchangedWithinYear];
        assert_eq!(codes(&car, date(2026, 3, 2)), within);
        assert_eq!(codes(&car, date(2026, 3, 3)), []);
    }

    #[test]
    fn what_was_operated_once_exchanges_and_what_is_does_not() {
        for (used, expected) in [
            (UseCharacter::ConvertedFromTaxi, &[][..]),
            (UseCharacter::Taxi, &[FindingCode::VehicleOperated]),
        ] {
            let car = VehicleRecord {
                use_character: used,
                ..car()
            };
            assert_eq!(alone(&car, date(2026, 3, 2)), expected, "{used}");
        }
    }
}
