//! What a forecast of inspection dates costs: one vehicle, and all cars of the city that the reform of
//! 2022 touched, on one core.

use std::{hint::black_box, time::Instant};

use jiff::{
    ToSpan,
    civil::{Date, date},
};
use lingminban::{
    codes::{UseCharacter, VehicleType},
    inspection::{InspectionDue, Parameters, VehicleProfile, forecast},
};

use crate::machine::{median, verdict};

const YEARS: u32 = 20;
/// The figure of the city's own report.
const CARS: u32 = 580_000;
/// Measurements of one vehicle, each of so many forecasts.
const ROUNDS: usize = 41;
const FORECASTS: u32 = 1_000;
const MOST_MICROS: f64 = 5.0;
const MOST_SECONDS: f64 = 5.0;

pub(crate) fn measure() {
    println!("one vehicle, {YEARS} years    µs   times its bare dates");
    let mut slowest: f64 = 0.0;
    for vehicle_type in [
        VehicleType::K33,
        VehicleType::K39,
        VehicleType::M21,
        VehicleType::H31,
        VehicleType::K18,
    ] {
        let vehicle = vehicle(vehicle_type, date(2006, 10, 10));
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            times[0].push(micros(|| forecast_of(black_box(&vehicle)).len()));
            let registered = vehicle.first_registered_on;
            times[1].push(micros(|| bare_dates(black_box(registered)).len()));
        }
        let [ours, bare] = times.map(|mut times| median(&mut times));
        let name = vehicle_type.chinese_name();
        println!("{vehicle_type} {ours:24.2} {:9.1}   {name}", ours / bare);
        slowest = slowest.max(ours);
    }
    println!("{}", verdict(slowest <= MOST_MICROS, "≤ 5 µs"));
    all_cars(slowest);
}

fn all_cars(slowest: f64) {
    let start = Instant::now();
    let dues: usize = (0..CARS)
        .map(|number| forecast_of(&car(number)).len())
        .sum();
    let seconds = start.elapsed().as_secs_f64();
    let ratio = seconds * 1e6 / f64::from(CARS) / slowest;
    println!(
        "{CARS} cars, {dues} dates: {seconds:.2} s, a car {ratio:.2} times the slowest vehicle   {}",
        verdict(seconds <= MOST_SECONDS, "≤ 5 s")
    );
}

fn forecast_of(vehicle: &VehicleProfile) -> Vec<InspectionDue> {
    forecast(vehicle, YEARS, &Parameters::default())
}

/// The yardstick: the last day of every sixth month of the same years, and nothing decided.
fn bare_dates(registered: Date) -> Vec<Date> {
    let months = (1..=2 * i32::try_from(YEARS).unwrap()).map(|half_years| 6 * half_years);
    let month = registered.first_of_month();
    months
        .map(|after| month.saturating_add(after.months()).last_of_month())
        .collect()
}

/// Small cars, some of them with seven seats, some vans, first registered in the years 2000 to 2025.
fn car(number: u32) -> VehicleProfile {
    let of = |count: u32| i8::try_from(number % count).unwrap();
    let registered = date(2000 + i16::from(of(26)), 1 + of(12), 1 + of(28));
    let vehicle_type = match number % 20 {
        0 => VehicleType::K39,
        1..=4 => VehicleType::K31,
        _ => VehicleType::K33,
    };
    let mut car = vehicle(vehicle_type, registered);
    if vehicle_type != VehicleType::K33 {
        car.seats = 7;
    }
    car
}

fn vehicle(vehicle_type: VehicleType, registered: Date) -> VehicleProfile {
    VehicleProfile::builder()
        .vehicle_type(vehicle_type)
        .use_character(UseCharacter::NonOperating)
        .seats(5)
        .first_registered_on(registered)
        .build()
}

fn micros(mut once: impl FnMut() -> usize) -> f64 {
    let start = Instant::now();
    for _ in 0..FORECASTS {
        black_box(once());
    }
    start.elapsed().as_secs_f64() * 1e6 / f64::from(FORECASTS)
}
