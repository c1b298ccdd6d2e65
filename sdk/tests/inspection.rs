//! Due dates by law and date.
#![allow(clippy::unwrap_used)] // In helpers too, which the lint does not take for tests.

use jiff::{
    ToSpan,
    civil::{Date, date},
};
use lingminban::{
    api::{InspectionForecast, InspectionForecastRequest},
    codes::{UseCharacter, VehicleType},
    inspection::{
        DueKind, InspectionClass, InspectionDue, MISSED_CYCLES_TO_SCRAP, Parameters,
        VehicleProfile, WindowReading, class_of, forecast, marked_until, next_due, outstanding,
        scrap_due_on,
    },
};
use proptest::prelude::*;
use serde::Deserialize;

fn profile(
    vehicle_type: VehicleType,
    use_character: UseCharacter,
    registered: Date,
) -> VehicleProfile {
    VehicleProfile::builder()
        .vehicle_type(vehicle_type)
        .use_character(use_character)
        .seats(5)
        .first_registered_on(registered)
        .build()
}

fn sedan(registered: Date) -> VehicleProfile {
    profile(VehicleType::K33, UseCharacter::NonOperating, registered)
}

fn listed(dues: &[InspectionDue]) -> String {
    let one = |due: &InspectionDue| {
        let kind = match due.kind {
            DueKind::Test => 'T',
            DueKind::Mark => 'M',
        };
        format!("{}{kind}", &due.due_on.to_string()[..7])
    };
    dues.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn years_listed(profile: &VehicleProfile, from: i16, to: i16) -> String {
    let dues = forecast(profile, 40, &Parameters::default());
    let within = |due: &InspectionDue| (from..=to).contains(&due.due_on.year());
    listed(&dues.into_iter().filter(within).collect::<Vec<_>>())
}

#[derive(Deserialize)]
struct Case {
    case: String,
    vehicle_class: String,
    seats: u16,
    first_registered: Date,
    old_cycle_from: Option<Date>,
    due: Vec<Expected>,
    years: u32,
}

#[derive(Deserialize)]
struct Expected {
    date: Date,
    kind: String,
}

#[test]
fn worked_examples_come_out_as_listed() {
    use {UseCharacter as U, VehicleType as V};
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("data/inspection_vectors.json")).unwrap();
    assert_eq!(cases.len(), 11);
    for case in cases {
        let (vehicle_type, use_character) = match (case.vehicle_class.as_str(), case.seats) {
            ("P", _) => (V::K33, U::NonOperating),
            ("V", _) => (V::K39, U::NonOperating),
            ("MC", _) => (V::M21, U::NonOperating),
            ("OP", _) => (V::K33, U::Taxi),
            ("TR", 40) => (V::K11, U::NonOperating),
            ("TR", _) => (V::H31, U::Freight),
            ("SB", _) => (V::K18, U::PrimarySchoolBus),
            other => panic!("unknown class {other:?}"),
        };
        let vehicle = VehicleProfile::builder()
            .vehicle_type(vehicle_type)
            .use_character(use_character)
            .seats(case.seats)
            .first_registered_on(case.first_registered)
            .maybe_old_cycle_from(case.old_cycle_from)
            .build();
        let got: Vec<_> = forecast(&vehicle, case.years, &Parameters::default())
            .iter()
            .map(|due| (due.due_on, due.kind == DueKind::Mark))
            .collect();
        let expected: Vec<_> = case
            .due
            .iter()
            .map(|due| (due.date, due.kind == "mark"))
            .collect();
        assert_eq!(got, expected, "{}", case.case);
    }
}

#[test]
fn the_rule_in_force_on_the_due_date_decides() {
    // Both marks of 2014 reach cars registered from 2012-09 on, one those from 2010-09 on.
    assert_eq!(
        years_listed(&sedan(date(2012, 8, 31)), 2012, 2016),
        "2014-08T 2016-08M"
    );
    assert_eq!(
        years_listed(&sedan(date(2012, 9, 1)), 2012, 2016),
        "2014-09M 2016-09M"
    );
    assert_eq!(
        years_listed(&sedan(date(2010, 9, 1)), 2010, 2016),
        "2012-09T 2014-09M 2016-09T"
    );
    // Seven seats join in 2020.
    let mut seven = sedan(date(2016, 6, 1));
    seven.seats = 7;
    assert_eq!(
        years_listed(&seven, 2016, 2022),
        "2018-06T 2020-06T 2022-06T"
    );
    seven.first_registered_on = date(2016, 11, 1);
    assert_eq!(
        years_listed(&seven, 2016, 2022),
        "2018-11T 2020-11M 2022-11T"
    );
    // Past year six before 2020-11-20: year seven if it falls before that day, else year eight.
    assert_eq!(
        years_listed(&sedan(date(2013, 10, 5)), 2019, 2022),
        "2019-10T 2020-10T 2021-10T"
    );
    assert_eq!(
        years_listed(&sedan(date(2013, 12, 5)), 2019, 2022),
        "2019-12T 2021-12T"
    );
    // Year eight needs a test until the reform of 2022, a mark from then on.
    assert_eq!(
        years_listed(&sedan(date(2014, 9, 1)), 2022, 2022),
        "2022-09T"
    );
    assert_eq!(
        years_listed(&sedan(date(2014, 10, 1)), 2022, 2022),
        "2022-10M"
    );
}

#[test]
fn each_due_names_its_rule() {
    let rules: Vec<_> = forecast(&sedan(date(2010, 6, 1)), 14, &Parameters::default())
        .iter()
        .map(|due| (due.due_on.year(), due.rule))
        .collect();
    assert_eq!(rules[0], (2012, "《道路交通安全法实施条例》第十六条"));
    assert!(rules.contains(&(2016, "机动车检验制度改革（2014-09-01起）")));
    assert!(rules.contains(&(2022, "机动车检验制度改革（2020-11-20起）")));
    assert!(rules.contains(&(2024, "机动车检验制度改革（2022-10-01起）")));
}

#[test]
fn a_printed_half_year_stands_once() {
    let old = sedan(date(2006, 5, 9));
    assert_eq!(
        years_listed(&old, 2021, 2024),
        "2021-05T 2021-11T 2022-05T 2022-11T 2023-05T 2024-05T"
    );
    let strict = Parameters::builder()
        .printed_half_years_stand(false)
        .build();
    let due = next_due(&old, date(2022, 6, 1), &strict).unwrap();
    assert_eq!(due.due_on, date(2023, 5, 31));
    // The anniversary in October 2022 already falls under the new rule: nothing printed after it.
    assert_eq!(
        years_listed(&sedan(date(2006, 10, 9)), 2022, 2023),
        "2022-04T 2022-10T 2023-10T"
    );
}

#[test]
fn motorcycles_between_the_reforms() {
    let motorcycle = profile(
        VehicleType::M21,
        UseCharacter::NonOperating,
        date(2012, 3, 1),
    );
    assert_eq!(
        years_listed(&motorcycle, 2012, 2024),
        "2014-03T 2016-03T 2017-03T 2018-03T 2019-03T 2020-03T 2021-03T 2022-03T 2023-03T 2024-03T"
    );
    let later = profile(
        VehicleType::M21,
        UseCharacter::NonOperating,
        date(2014, 12, 1),
    );
    assert_eq!(
        years_listed(&later, 2014, 2023),
        "2016-12T 2018-12M 2020-12T 2021-12T 2022-12M"
    );
}

#[test]
fn classes_follow_type_use_seats_and_age_at_registration() {
    use {InspectionClass as C, UseCharacter as U, VehicleType as V};
    let class = |vehicle, use_character| {
        class_of(
            &profile(vehicle, use_character, date(2022, 1, 1)),
            &Parameters::default(),
        )
    };
    assert_eq!(class(V::K31, U::NonOperating), C::PrivateCar);
    assert_eq!(class(V::K39, U::NonOperating), C::UnrelaxedCar);
    assert_eq!(class(V::K33, U::Police), C::UnrelaxedCar);
    assert_eq!(class(V::K33, U::ConvertedFromTaxi), C::UnrelaxedCar);
    assert_eq!(class(V::K33, U::Rental), C::OperatingPassenger);
    assert_eq!(class(V::K39, U::ReservedTaxi), C::OperatingPassenger);
    assert_eq!(class(V::K11, U::RoadPassenger), C::OperatingPassenger);
    assert_eq!(class(V::D11, U::CityBus), C::OperatingPassenger);
    assert_eq!(class(V::K21, U::NonOperating), C::TruckOrLargePassenger);
    assert_eq!(class(V::Q11, U::Freight), C::TruckOrLargePassenger);
    assert_eq!(class(V::K31, U::KindergartenSchoolBus), C::SchoolBus);
    assert_eq!(class(V::K28, U::NonOperating), C::SchoolBus);
    assert_eq!(class(V::B11, U::Freight), C::Other);
    assert_eq!(class(V::Z51, U::NonOperating), C::Other);

    let mut ten_seats = sedan(date(2022, 1, 1));
    ten_seats.seats = 10;
    assert_eq!(
        class_of(&ten_seats, &Parameters::default()),
        C::UnrelaxedCar
    );
    let mut stored = sedan(date(2022, 1, 1));
    stored.manufactured_on = Some(date(2018, 1, 1));
    assert_eq!(class_of(&stored, &Parameters::default()), C::PrivateCar);
    stored.manufactured_on = Some(date(2017, 12, 31));
    assert_eq!(class_of(&stored, &Parameters::default()), C::UnrelaxedCar);

    let lenient = Parameters::builder()
        .rental_is_operating(false)
        .converted_cars_are_private(true)
        .build();
    for use_character in [U::Rental, U::ConvertedFromOperating] {
        let car = profile(V::K33, use_character, date(2022, 1, 1));
        assert_eq!(class_of(&car, &lenient), C::PrivateCar);
    }
}

#[test]
fn windows_open_three_months_before_and_one_for_school_buses() {
    let window = |vehicle: &VehicleProfile, after, reading| {
        let parameters = Parameters::builder().window(reading).build();
        next_due(vehicle, after, &parameters)
            .unwrap()
            .window_opens_on
    };
    use WindowReading::{DayExact, WholeMonths};
    let car = sedan(date(2021, 2, 14));
    assert_eq!(
        window(&car, date(2021, 2, 14), WholeMonths),
        date(2022, 12, 1)
    );
    assert_eq!(
        window(&car, date(2021, 2, 14), DayExact),
        date(2022, 11, 29)
    );
    let bus = profile(
        VehicleType::K18,
        UseCharacter::PrimarySchoolBus,
        date(2022, 8, 31),
    );
    assert_eq!(
        window(&bus, date(2022, 9, 1), WholeMonths),
        date(2023, 2, 1)
    );
    assert_eq!(window(&bus, date(2022, 9, 1), DayExact), date(2023, 1, 29));
}

#[test]
fn the_next_due_is_later_than_the_day_asked() {
    let car = sedan(date(2016, 10, 10));
    let next = |after| next_due(&car, after, &Parameters::default()).map(|due| due.due_on);
    assert_eq!(next(date(2022, 10, 30)), Some(date(2022, 10, 31)));
    assert_eq!(next(date(2022, 10, 31)), Some(date(2024, 10, 31)));
    assert_eq!(next(date(1990, 1, 1)), Some(date(2018, 10, 31)));
    assert_eq!(next(Date::MIN), Some(date(2018, 10, 31)));
    assert_eq!(next(Date::MAX), None);
}

/// Kind, first day of the window and cycles missed, of a sedan registered on 2020-04-15.
fn standing(due_on: Date, today: Date) -> (DueKind, Date, u32) {
    let sedan = sedan(date(2020, 4, 15));
    let found = outstanding(&sedan, due_on, today, &Parameters::default()).unwrap();
    (found.kind, found.window_opens_on, found.missed_cycles)
}

#[test]
fn what_is_outstanding_follows_the_date_on_the_papers() {
    let (mark, test) = (date(2024, 4, 30), date(2026, 4, 30));
    let in_time = |due, today| standing(due, today);
    assert_eq!(
        in_time(mark, date(2024, 3, 1)),
        (DueKind::Mark, date(2024, 2, 1), 0)
    );
    assert_eq!(
        in_time(test, date(2026, 1, 31)),
        (DueKind::Test, date(2026, 2, 1), 0)
    );
    // The last day of a mark is no day too late, nor is it a cycle that has gone by.
    assert_eq!(standing(test, test), (DueKind::Test, date(2026, 2, 1), 0));
    // Overdue: a mark alone until the test falls due, then the test.
    assert_eq!(standing(mark, date(2026, 4, 29)).0, DueKind::Mark);
    assert_eq!(standing(mark, date(2026, 4, 30)).0, DueKind::Test);
    // A date that is no due point: the next one tells.
    assert_eq!(
        standing(date(2025, 9, 30), date(2025, 9, 1)),
        (DueKind::Test, date(2025, 7, 1), 0)
    );
}

#[test]
fn three_cycles_without_a_mark_are_counted() {
    let due_on = date(2026, 4, 30);
    for (today, missed) in [
        (date(2026, 5, 1), 0),
        (date(2028, 4, 30), 0),
        (date(2028, 5, 1), 1),
        (date(2030, 5, 1), 2),
        (date(2031, 4, 30), 2),
        (date(2031, 5, 1), MISSED_CYCLES_TO_SCRAP),
    ] {
        assert_eq!(standing(due_on, today).2, missed, "{today}");
    }
}

/// A car tested every year, and one whose next due points are a mark and then a test.
#[test]
fn a_test_serves_no_due_point_after_its_own() {
    let count_from = |first_registered_on, today| {
        let due_on = date(2026, 4, 30);
        let car = sedan(first_registered_on);
        let found = outstanding(&car, due_on, today, &Parameters::default());
        found.unwrap().tests_count_from
    };
    let yearly = date(2012, 4, 15);
    for (today, from) in [
        (date(2026, 1, 15), date(2026, 2, 1)),
        (date(2026, 4, 30), date(2026, 2, 1)),
        // Late, and even within the next window: the period is still that of the test.
        (date(2027, 4, 29), date(2026, 2, 1)),
        (date(2027, 4, 30), date(2027, 2, 1)),
        (date(2029, 1, 1), date(2028, 2, 1)),
    ] {
        assert_eq!(count_from(yearly, today), from, "{today}");
    }
    let in_its_sixth_year = date(2020, 4, 15);
    for (today, from) in [
        (date(2028, 5, 1), date(2026, 2, 1)),
        (date(2030, 5, 1), date(2030, 2, 1)),
    ] {
        assert_eq!(count_from(in_its_sixth_year, today), from, "{today}");
    }
}

#[test]
fn a_mark_runs_to_the_next_due_point_whenever_it_is_issued() {
    let sedan = sedan(date(2020, 4, 15));
    let parameters = Parameters::default();
    let until = |due_on, today| marked_until(&sedan, due_on, today, &parameters).unwrap();
    let due_on = date(2026, 4, 30);
    // Early and on the last day alike; late, but before the next; later than that.
    assert_eq!(until(due_on, date(2026, 2, 1)), date(2028, 4, 30));
    assert_eq!(until(due_on, due_on), date(2028, 4, 30));
    assert_eq!(until(due_on, date(2027, 12, 1)), date(2028, 4, 30));
    assert_eq!(until(due_on, date(2028, 4, 30)), date(2030, 4, 30));
}

#[test]
fn scrapping_has_its_own_date() {
    use {UseCharacter as U, VehicleType as V};
    let scrap = |vehicle, use_character| {
        scrap_due_on(
            &profile(vehicle, use_character, date(2016, 2, 29)),
            &Parameters::default(),
        )
        .map(|date| date.year() - 2016)
    };
    for (vehicle, use_character, years) in [
        (V::K33, U::Taxi, Some(8)),
        (V::K21, U::Taxi, Some(10)),
        (V::K11, U::Taxi, Some(12)),
        (V::K33, U::Rental, Some(15)),
        (V::K33, U::CoachTraining, Some(10)),
        (V::K21, U::CoachTraining, Some(12)),
        (V::K11, U::CoachTraining, Some(15)),
        (V::K11, U::CityBus, Some(13)),
        (V::K43, U::Tourism, Some(10)),
        (V::K21, U::RoadPassenger, Some(15)),
        (V::K18, U::PrimarySchoolBus, Some(15)),
        (V::K33, U::NonOperating, None),
        (V::K39, U::NonOperating, None),
        (V::K11, U::NonOperating, Some(20)),
        (V::H31, U::Freight, Some(15)),
        (V::H41, U::Freight, Some(12)),
        (V::Q11, U::DangerousGoods, Some(10)),
        (V::B15, U::Freight, Some(20)),
        (V::M21, U::NonOperating, None),
    ] {
        assert_eq!(
            scrap(vehicle, use_character),
            years,
            "{vehicle} {use_character}"
        );
    }
    let taxi = profile(V::K33, U::Taxi, date(2019, 9, 12));
    assert_eq!(
        scrap_due_on(&taxi, &Parameters::default()),
        Some(date(2027, 9, 12))
    );
    let by_province = Parameters::builder().motorcycle_life_years(13).build();
    let motorcycle = profile(V::M21, U::NonOperating, date(2020, 2, 29));
    assert_eq!(
        scrap_due_on(&motorcycle, &by_province),
        Some(date(2033, 2, 28))
    );
}

#[test]
fn the_ends_of_the_calendar_are_no_cliff() {
    for vehicle in VehicleType::ALL.iter().copied() {
        for registered in [Date::MIN, Date::MAX, date(9998, 12, 31), date(0, 2, 29)] {
            let mut car = profile(vehicle, UseCharacter::Taxi, registered);
            car.manufactured_on = Some(Date::MAX);
            car.old_cycle_from = Some(Date::MIN);
            let exact = Parameters::builder()
                .window(WindowReading::DayExact)
                .build();
            for parameters in [Parameters::default(), exact] {
                let dues = forecast(&car, 3, &parameters);
                assert!(dues.iter().all(|due| due.due_on > registered));
                assert!(next_due(&car, Date::MAX, &parameters).is_none());
                let _ = next_due(&car, Date::MIN, &parameters);
                let _ = scrap_due_on(&car, &parameters);
            }
        }
    }
    // Asked for ever, the forecast of a car registered near the end stops with the calendar.
    let late = profile(VehicleType::K33, UseCharacter::Taxi, date(9990, 1, 1));
    let dues = forecast(&late, u32::MAX, &Parameters::default());
    assert_eq!(dues.last().unwrap().due_on, date(9999, 7, 31));
    assert!(forecast(&late, 0, &Parameters::default()).is_empty());
}

#[test]
fn a_vehicle_goes_over_the_wire_and_back() {
    let mut car = sedan(date(2016, 10, 10));
    car.manufactured_on = Some(date(2016, 8, 1));
    car.old_cycle_from = Some(date(2023, 2, 14));
    let request = InspectionForecastRequest::try_from((&car, 20)).unwrap();
    assert_eq!(VehicleProfile::from(&request), car);
    for years in [0, 51, u32::MAX] {
        assert!(InspectionForecastRequest::try_from((&car, years)).is_err());
    }
    for seats in [0, 201] {
        car.seats = seats;
        assert!(InspectionForecastRequest::try_from((&car, 20)).is_err());
    }
    let mut trailer = profile(VehicleType::B11, UseCharacter::Freight, date(2020, 4, 20));
    trailer.seats = 0;
    let request = InspectionForecastRequest::try_from((&trailer, 20)).unwrap();
    assert_eq!(VehicleProfile::from(&request), trailer);
}

#[test]
fn the_answer_to_a_request_is_the_forecast() {
    let taxi = profile(VehicleType::K33, UseCharacter::Taxi, date(2019, 9, 12));
    let request = InspectionForecastRequest::try_from((&taxi, 2)).unwrap();
    let answer = serde_json::to_value(InspectionForecast::of(&request)).unwrap();
    let rule = "《道路交通安全法实施条例》第十六条";
    let due = |due_on, window_opens_on| {
        serde_json::json!({
            "due_on": due_on, "kind": "test", "window_opens_on": window_opens_on, "rule": rule,
        })
    };
    let expected = serde_json::json!({
        "items": [due("2020-09-30", "2020-07-01"), due("2021-09-30", "2021-07-01")],
        "scrap_due_on": "2027-09-12",
    });
    assert_eq!(answer, expected);
    let request = InspectionForecastRequest::try_from((&sedan(date(2019, 9, 12)), 1)).unwrap();
    let answer = serde_json::to_value(InspectionForecast::of(&request)).unwrap();
    assert_eq!(answer, serde_json::json!({ "items": [] }));
}

/// One regime of private cars as the decision table has it: the ages in years at which a mark, and
/// at which a test is due, up to the tenth; after it yearly, and half-yearly beyond an age.
struct Regime {
    from: Date,
    most_seats: u16,
    marks: &'static [i32],
    tests: &'static [i32],
    half_yearly_after: Option<i32>,
}

/// The latest first.
const REGIMES: [Regime; 4] = [
    Regime {
        from: Date::constant(2022, 10, 1),
        most_seats: 9,
        marks: &[2, 4, 8],
        tests: &[6, 10],
        half_yearly_after: None,
    },
    Regime {
        from: Date::constant(2020, 11, 20),
        most_seats: 9,
        marks: &[2, 4],
        tests: &[6, 8, 10],
        half_yearly_after: Some(15),
    },
    Regime {
        from: Date::constant(2014, 9, 1),
        most_seats: 6,
        marks: &[2, 4],
        tests: &[6, 7, 8, 9, 10],
        half_yearly_after: Some(15),
    },
    Regime {
        from: Date::MIN,
        most_seats: 9,
        marks: &[],
        tests: &[2, 4, 6, 7, 8, 9, 10],
        half_yearly_after: Some(15),
    },
];

/// What a private car is due for so many half-years after its registration.
fn by_table(seats: u16, half_years: i32, due_on: Date) -> Option<DueKind> {
    let in_force = |regime: &&Regime| due_on >= regime.from && seats <= regime.most_seats;
    let regime = REGIMES.iter().find(in_force).unwrap();
    let (age, is_anniversary) = (half_years / 2, half_years % 2 == 0);
    let is_old = |limit| half_years > 2 * limit;
    match is_anniversary {
        true if regime.marks.contains(&age) => Some(DueKind::Mark),
        true if age > 10 || regime.tests.contains(&age) => Some(DueKind::Test),
        false if regime.half_yearly_after.is_some_and(is_old) => Some(DueKind::Test),
        _ => None,
    }
}

fn dates() -> impl Strategy<Value = Date> {
    (1990..2060_i16, 1..=12_i8, 1..=28_i8).prop_map(|(year, month, day)| date(year, month, day))
}

prop_compose! {
    fn profiles()(
        vehicle_type in proptest::sample::select(VehicleType::ALL),
        use_character in proptest::sample::select(UseCharacter::ALL),
        seats in 1..60_u16,
        first_registered_on in dates(),
        manufactured_on in proptest::option::of(dates()),
        old_cycle_from in proptest::option::of(dates()),
    ) -> VehicleProfile {
        VehicleProfile { vehicle_type, use_character, seats, first_registered_on, manufactured_on, old_cycle_from }
    }
}

prop_compose! {
    fn parameters()(
        rental_is_operating: bool,
        converted_cars_are_private: bool,
        motorcycle_marks_from in dates(),
        printed_half_years_stand: bool,
        exact: bool,
    ) -> Parameters {
        Parameters::builder()
            .rental_is_operating(rental_is_operating)
            .converted_cars_are_private(converted_cars_are_private)
            .motorcycle_marks_from(motorcycle_marks_from)
            .printed_half_years_stand(printed_half_years_stand)
            .window(if exact { WindowReading::DayExact } else { WindowReading::WholeMonths })
            .build()
    }
}

fn month(date: Date) -> i32 {
    i32::from(date.year()) * 12 + i32::from(date.month())
}

proptest! {
    #[test]
    fn a_forecast_keeps_the_general_laws(vehicle in profiles(), parameters in parameters()) {
        let dues = forecast(&vehicle, 30, &parameters);
        let mut before = month(vehicle.first_registered_on);
        for due in &dues {
            prop_assert_eq!(due.due_on, due.due_on.last_of_month());
            let gap = month(due.due_on) - before;
            prop_assert!((6..=24).contains(&gap), "{} months before {:?}", gap, due);
            prop_assert!(due.window_opens_on < due.due_on);
            prop_assert!(month(due.due_on) - month(due.window_opens_on) <= 3);
            before = month(due.due_on);
        }
        // The anniversary itself is always due, at least from the tenth year on.
        prop_assert_eq!(before, month(vehicle.first_registered_on) + 30 * 12);
    }

    #[test]
    fn the_table_in_force_on_the_due_date_decides(registered in dates(), seats in 1..=9_u16) {
        let mut car = sedan(registered);
        car.seats = seats;
        // A printed half-year is the one exception to the law.
        let parameters = Parameters::builder().printed_half_years_stand(false).build();
        let got: Vec<_> = forecast(&car, 30, &parameters)
            .iter()
            .map(|due| (due.due_on, due.kind))
            .collect();
        let expected: Vec<_> = (1..=60)
            .filter_map(|half_years| {
                let month = registered.first_of_month().saturating_add((6 * half_years).months());
                let due_on = month.last_of_month();
                Some((due_on, by_table(seats, half_years, due_on)?))
            })
            .collect();
        prop_assert_eq!(got, expected);
    }

    #[test]
    fn what_changes_the_cycle_changes_no_due_date_before_it(
        vehicle in profiles(),
        parameters in parameters(),
        from in dates(),
    ) {
        let with = |old_cycle_from| {
            forecast(&VehicleProfile { old_cycle_from, ..vehicle }, 30, &parameters)
        };
        let (never, always) = (with(None), with(Some(Date::MIN)));
        let before = never.into_iter().filter(|due| due.due_on < from);
        let after = always.into_iter().filter(|due| due.due_on >= from);
        prop_assert_eq!(with(Some(from)), before.chain(after).collect::<Vec<_>>());
    }

    #[test]
    fn next_due_walks_through_the_forecast(vehicle in profiles(), parameters in parameters()) {
        let mut at = vehicle.first_registered_on;
        for due in forecast(&vehicle, 25, &parameters) {
            prop_assert_eq!(next_due(&vehicle, at, &parameters), Some(due));
            at = due.due_on;
        }
    }

    #[test]
    fn a_mark_is_only_for_private_cars_and_motorcycles_in_their_first_ten_years(
        vehicle in profiles(),
        parameters in parameters(),
    ) {
        let class = class_of(&vehicle, &parameters);
        for due in forecast(&vehicle, 30, &parameters) {
            if due.kind == DueKind::Mark {
                prop_assert!(matches!(class, InspectionClass::PrivateCar | InspectionClass::Motorcycle));
                prop_assert!(month(due.due_on) - month(vehicle.first_registered_on) < 120);
                prop_assert!(vehicle.old_cycle_from.is_none_or(|from| due.due_on < from));
            }
        }
    }
}
