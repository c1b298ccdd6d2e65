//! Which inspection cycle a vehicle belongs to.

use jiff::ToSpan;

use super::{Parameters, VehicleProfile};
use crate::codes::UseCharacter;

/// The classes of the inspection cycle (检验周期), Art 16 of the implementing regulation of the
/// Road Traffic Safety Law and its later relaxations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InspectionClass {
    /// Small or micro non-operating passenger car, up to nine seats, no van (小微型非营运载客汽车):
    /// the class the reforms of 2014, 2020 and 2022 relaxed.
    PrivateCar,
    /// Small or micro non-operating passenger car the reforms left out: vans (面包车), more than
    /// nine seats, registered more than four years after manufacture, use other than plain
    /// non-operating.
    UnrelaxedCar,
    /// Motorcycle (摩托车).
    Motorcycle,
    /// Operating passenger vehicle (营运载客汽车).
    OperatingPassenger,
    /// Truck (载货汽车), or large or medium non-operating passenger vehicle (大中型非营运载客汽车).
    TruckOrLargePassenger,
    /// School bus (校车), by build or by use.
    SchoolBus,
    /// Everything else: trailers, special-purpose vehicles, tractors, machinery (其他机动车).
    Other,
}

/// The class a vehicle belongs to when nothing has happened to it;
/// [`VehicleProfile::old_cycle_from`] comes on top.
#[must_use]
pub fn class_of(profile: &VehicleProfile, parameters: &Parameters) -> InspectionClass {
    let vehicle = profile.vehicle_type;
    if profile.use_character.is_school_bus() || vehicle.is_dedicated_school_bus() {
        return InspectionClass::SchoolBus;
    }
    if vehicle.is_motorcycle() {
        return InspectionClass::Motorcycle;
    }
    if vehicle.is_truck() {
        return InspectionClass::TruckOrLargePassenger;
    }
    // Trolleybuses and trams (D) carry passengers and are large.
    if !vehicle.is_passenger() && vehicle.class_letter() != 'D' {
        return InspectionClass::Other;
    }
    if carries_passengers_for_hire(profile.use_character, parameters) {
        return InspectionClass::OperatingPassenger;
    }
    if !vehicle.is_small_or_micro_passenger() {
        return InspectionClass::TruckOrLargePassenger;
    }
    if is_relaxed(profile, parameters) {
        InspectionClass::PrivateCar
    } else {
        InspectionClass::UnrelaxedCar
    }
}

const fn carries_passengers_for_hire(use_character: UseCharacter, parameters: &Parameters) -> bool {
    match use_character {
        UseCharacter::RoadPassenger
        | UseCharacter::CityBus
        | UseCharacter::Taxi
        | UseCharacter::Tourism
        | UseCharacter::ReservedTaxi => true,
        UseCharacter::Rental => parameters.rental_is_operating,
        _ => false,
    }
}

/// The conditions of the reforms: up to nine seats, no van, plainly non-operating, not kept in
/// stock for more than four years.
fn is_relaxed(profile: &VehicleProfile, parameters: &Parameters) -> bool {
    let use_character = profile.use_character;
    let private = match use_character {
        UseCharacter::NonOperating => true,
        // Reaches this only when it is not taken for operating.
        UseCharacter::Rental => true,
        _ => use_character.is_converted() && parameters.converted_cars_are_private,
    };
    let overstocked = profile
        .manufactured_on
        .is_some_and(|made| made.saturating_add(4.years()) < profile.first_registered_on);
    private && profile.seats <= 9 && !profile.vehicle_type.is_van() && !overstocked
}
