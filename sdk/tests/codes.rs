//! The code tables.
#![allow(clippy::unwrap_used)] // In helpers too, which the lint does not take for tests.

use std::{collections::BTreeSet, fmt::Debug, str::FromStr};

use lingminban::codes::{
    AcquisitionMethod, BodyColor, Fuel, LenderKind, PlateKind, UseCharacter, VehicleStatusFlag,
    VehicleType,
};
use serde::{Serialize, de::DeserializeOwned};

fn sound<T>(all: &[T], wire: fn(T) -> &'static str, ga: fn(T) -> &'static str)
where
    T: Copy + PartialEq + Debug + FromStr + Serialize + DeserializeOwned,
    T::Err: Debug,
{
    for each in all.iter().copied() {
        let text = wire(each);
        assert_eq!(text.parse::<T>().unwrap(), each);
        assert_eq!(serde_json::to_value(each).unwrap(), text);
        assert_eq!(serde_json::from_value::<T>(text.into()).unwrap(), each);
    }
    let distinct: BTreeSet<_> = all.iter().copied().map(ga).collect();
    assert_eq!(distinct.len(), all.len(), "two entries share a code");
    // What serde's derive would let through.
    for odd in [r#"{"A":null}"#, "null", "1", r#""""#] {
        assert!(serde_json::from_str::<T>(odd).is_err(), "{odd}");
    }
}

#[test]
fn tables_round_trip_and_have_no_code_twice() {
    sound(PlateKind::ALL, PlateKind::as_str, PlateKind::ga_code);
    sound(VehicleType::ALL, VehicleType::as_str, VehicleType::ga_code);
    sound(
        UseCharacter::ALL,
        UseCharacter::as_str,
        UseCharacter::ga_code,
    );
    sound(Fuel::ALL, Fuel::as_str, Fuel::ga_code);
    sound(BodyColor::ALL, BodyColor::as_str, BodyColor::ga_code);
    sound(LenderKind::ALL, LenderKind::as_str, LenderKind::ga_code);
    sound(
        AcquisitionMethod::ALL,
        AcquisitionMethod::as_str,
        AcquisitionMethod::ga_code,
    );
    sound(
        VehicleStatusFlag::ALL,
        VehicleStatusFlag::as_str,
        VehicleStatusFlag::ga_code,
    );
}

#[test]
fn words_and_letters_are_those_of_the_tables() {
    assert_eq!(UseCharacter::ReservedTaxi.as_str(), "reserved_taxi");
    assert_eq!(UseCharacter::ReservedTaxi.ga_code(), "T");
    assert_eq!(PlateKind::LargeNewEnergy.ga_code(), "51");
    assert_eq!(PlateKind::SmallNewEnergy.chinese_name(), "小型新能源");
    assert_eq!(VehicleType::K39.chinese_name(), "小型面包车");
    assert_eq!(VehicleStatusFlag::InspectionOverdue.ga_code(), "Q");
    let error = "K99".parse::<VehicleType>().unwrap_err();
    assert!(error.to_string().contains("no word"), "{error}");
    assert!(!error.to_string().contains("K99"));
}

#[test]
fn vehicle_types_know_their_class() {
    use VehicleType as V;
    assert!(V::K33.is_small_or_micro_passenger() && V::K49.is_small_or_micro_passenger());
    assert!(!V::K21.is_small_or_micro_passenger() && V::K21.is_large_or_medium_passenger());
    assert!(V::K39.is_van() && V::K49.is_van() && !V::K31.is_van());
    assert!(
        V::M22.is_motorcycle() && V::M22.is_light_motorcycle() && !V::M21.is_light_motorcycle()
    );
    assert!(V::H31.is_truck() && V::Q11.is_truck() && !V::Z51.is_truck());
    assert!(V::B11.is_trailer() && V::G38.is_trailer());
    assert_eq!((V::H55.class_letter(), V::H55.size_digit()), ('H', 5));
}

#[test]
fn a_vehicle_gets_the_plate_of_its_type_and_energy() {
    use VehicleType as V;
    for (vehicle, conventional, new_energy) in [
        (V::K33, "02", "52"),
        (V::K49, "02", "52"),
        (V::K21, "01", "51"),
        (V::H11, "01", "51"),
        (V::H32, "02", "52"),
        (V::Z51, "01", "51"),
        (V::Z71, "02", "52"),
        (V::Q31, "01", "51"),
        (V::M21, "07", "07"),
        (V::M22, "08", "08"),
        (V::B11, "15", "15"),
        (V::H51, "13", "13"),
    ] {
        let kind = |new_energy| {
            PlateKind::for_vehicle(vehicle, new_energy)
                .unwrap()
                .as_str()
        };
        assert_eq!(
            (kind(false), kind(true)),
            (conventional, new_energy),
            "{vehicle}"
        );
    }
    assert_eq!(PlateKind::for_vehicle(V::T11, false), None);
    assert_eq!(PlateKind::for_vehicle(V::X99, true), None);
}

#[cfg(feature = "schema")]
#[test]
fn a_table_documents_itself() {
    use utoipa::PartialSchema;
    let schema = serde_json::to_value(PlateKind::schema()).unwrap();
    assert_eq!(schema["type"], "string");
    assert_eq!(schema["enum"][1], "02");
    assert!(
        schema["description"]
            .as_str()
            .unwrap()
            .contains("`52` 小型新能源")
    );
}
