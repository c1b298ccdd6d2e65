//! Compulsory scrapping by age (强制报废), 《机动车强制报废标准规定》(商务部令2012年第12号) Art 5, 6.

use jiff::{ToSpan, civil::Date};

use super::{Parameters, VehicleProfile};
use crate::codes::{UseCharacter as Use, VehicleType};

/// The date on which the vehicle's service life ends (强制报废期止, `qzbfqz`), counted from first
/// registration.
///
/// `None` where age alone does not end it (private small cars; reserved taxis, which go by
/// mileage) and where the type does not tell (low-speed trucks, special-purpose vehicles,
/// 营转非). Motorcycles follow [`Parameters::motorcycle_life_years`].
#[must_use]
pub fn scrap_due_on(profile: &VehicleProfile, parameters: &Parameters) -> Option<Date> {
    let years = life_years(profile, parameters)?;
    Some(
        profile
            .first_registered_on
            .saturating_add(i32::from(years).years()),
    )
}

fn life_years(profile: &VehicleProfile, parameters: &Parameters) -> Option<u8> {
    let (vehicle, use_character) = (profile.vehicle_type, profile.use_character);
    match vehicle.class_letter() {
        'M' => parameters.motorcycle_life_years,
        'K' => passenger(vehicle, use_character),
        'D' if use_character == Use::CityBus => Some(13),
        'H' | 'Q' | 'N' => truck(vehicle, use_character),
        'B' => Some(match vehicle {
            _ if use_character == Use::DangerousGoods => 10,
            VehicleType::B15 | VehicleType::B25 => 20,
            _ => 15,
        }),
        'G' => Some(10),
        _ => None,
    }
}

fn passenger(vehicle: VehicleType, use_character: Use) -> Option<u8> {
    // By size: small and micro, medium, large.
    let by_size = |small, medium, large| match vehicle.size_digit() {
        1 => Some(large),
        2 => Some(medium),
        _ => Some(small),
    };
    if vehicle.is_dedicated_school_bus() {
        return Some(15);
    }
    match use_character {
        // Art 6: once a taxi, scrapped as a taxi.
        Use::Taxi | Use::ConvertedFromTaxi => by_size(8, 10, 12),
        Use::Rental => Some(15),
        Use::CoachTraining => by_size(10, 12, 15),
        Use::CityBus => Some(13),
        Use::RoadPassenger | Use::Tourism => by_size(10, 15, 15),
        Use::NonOperating
            if vehicle.is_large_or_medium_passenger() && vehicle != VehicleType::K16 =>
        {
            Some(20)
        }
        _ => None,
    }
}

fn truck(vehicle: VehicleType, use_character: Use) -> Option<u8> {
    match (vehicle.class_letter(), vehicle.size_digit()) {
        ('N', _) => Some(9),
        // Nine or twelve years, by the number of cylinders, which the type does not tell.
        ('H', 5) => None,
        _ if use_character == Use::DangerousGoods => Some(10),
        ('H', 4) => Some(12),
        _ => Some(15),
    }
}
