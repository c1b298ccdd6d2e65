//! The cycles as tables in time: is a vehicle of this class due at this age, and for what?
//!
//! Every due point is judged alone, by the rules in force on its date, so that a forecast that
//! crosses several reforms needs no state.

use jiff::civil::Date;

use super::{
    DueKind, InspectionClass, InspectionDue, Parameters, VehicleProfile,
    calendar::{month_end, window_opens_on},
    class_of,
};

/// Cars of up to six seats: marks only in the first six years.
const REFORM_2014: Date = Date::constant(2014, 9, 1);
/// Seven to nine seats join; every two years between the sixth and the tenth.
const REFORM_2020: Date = Date::constant(2020, 11, 20);
/// Tests in the sixth and tenth year only, yearly after, no half-years; motorcycles too.
const REFORM_2022: Date = Date::constant(2022, 10, 1);

const ARTICLE_16: &str = "《道路交通安全法实施条例》第十六条";
const SCHOOL_BUS: &str = "《机动车登记规定》第六十二条";
const RULE_2014: &str = "机动车检验制度改革（2014-09-01起）";
const RULE_MOTORCYCLE_MARKS: &str = "摩托车六年内免上线检验（2018年起）";
const RULE_2020: &str = "机动车检验制度改革（2020-11-20起）";
const RULE_2022: &str = "机动车检验制度改革（2022-10-01起）";

/// The finest grid any cycle uses, in months.
const STEP: i32 = 6;

/// Age in whole months since the month of first registration.
type Months = i32;
type Point = Option<(DueKind, &'static str)>;

/// The dues of a vehicle in order, from the last grid point not later than `elapsed` months
/// after first registration, until the calendar ends.
pub(super) fn dues(
    profile: &VehicleProfile,
    parameters: &Parameters,
    elapsed: Months,
) -> impl Iterator<Item = InspectionDue> {
    let class = class_of(profile, parameters);
    let first = (elapsed / STEP * STEP).max(STEP);
    (first..)
        .step_by(STEP as usize)
        .map_while(move |age| Some((age, month_end(profile.first_registered_on, age)?)))
        .filter_map(move |(age, due_on)| {
            let (kind, rule) = point(profile, parameters, class, age, due_on)?;
            Some(InspectionDue {
                due_on,
                kind,
                window_opens_on: window_opens_on(due_on, window_months(class), parameters.window),
                rule,
            })
        })
}

/// The first day of the window before a date, whether or not a due point falls on it.
pub(super) fn window_before(
    profile: &VehicleProfile,
    due_on: Date,
    parameters: &Parameters,
) -> Date {
    let class = class_of(profile, parameters);
    window_opens_on(due_on, window_months(class), parameters.window)
}

/// Three months (机动车登记规定第五十四条); of school buses one (第六十二条).
const fn window_months(class: InspectionClass) -> Months {
    match class {
        InspectionClass::SchoolBus => 1,
        _ => 3,
    }
}

fn point(
    profile: &VehicleProfile,
    parameters: &Parameters,
    class: InspectionClass,
    age: Months,
    due_on: Date,
) -> Point {
    let old_cycle = profile.old_cycle_from.is_some_and(|from| due_on >= from);
    match class {
        InspectionClass::PrivateCar if !old_cycle => private_car(profile, parameters, age, due_on),
        InspectionClass::Motorcycle if !old_cycle => motorcycle(parameters, age, due_on),
        InspectionClass::SchoolBus => Some((DueKind::Test, SCHOOL_BUS)),
        _ => test_when(is_due_by_article_16(class, age), ARTICLE_16),
    }
}

fn private_car(
    profile: &VehicleProfile,
    parameters: &Parameters,
    age: Months,
    due_on: Date,
) -> Point {
    let article_16 = is_due_by_article_16(InspectionClass::PrivateCar, age);
    if due_on >= REFORM_2022 {
        if parameters.printed_half_years_stand && was_printed_before_2022(profile, age) {
            return Some((DueKind::Test, ARTICLE_16));
        }
        return since_2022(age);
    }
    if due_on >= REFORM_2020 {
        let due = if age <= years(10) {
            every(years(2), age)
        } else {
            article_16
        };
        return mark_until_six(due, age, RULE_2020);
    }
    if due_on >= REFORM_2014 && profile.seats <= 6 {
        return mark_until_six(article_16, age, RULE_2014);
    }
    test_when(article_16, ARTICLE_16)
}

fn motorcycle(parameters: &Parameters, age: Months, due_on: Date) -> Point {
    let article_16 = is_due_by_article_16(InspectionClass::Motorcycle, age);
    if due_on >= REFORM_2022 {
        return since_2022(age);
    }
    if due_on >= parameters.motorcycle_marks_from {
        let due = if age <= years(6) {
            every(years(2), age)
        } else {
            article_16
        };
        return mark_until_six(due, age, RULE_MOTORCYCLE_MARKS);
    }
    test_when(article_16, ARTICLE_16)
}

/// Private cars and motorcycles alike.
const fn since_2022(age: Months) -> Point {
    if age > years(10) {
        return test_when(every(years(1), age), RULE_2022);
    }
    if !every(years(2), age) {
        return None;
    }
    let tested = age == years(6) || age == years(10);
    Some((
        if tested { DueKind::Test } else { DueKind::Mark },
        RULE_2022,
    ))
}

/// The half-year after an anniversary that passed before the reform of 2022: its date was
/// already printed on the papers. Ages below 15 years have no half-years to print.
fn was_printed_before_2022(profile: &VehicleProfile, age: Months) -> bool {
    let half_year = age > years(15) && !every(years(1), age);
    half_year
        && month_end(profile.first_registered_on, age - STEP)
            .is_some_and(|printed_at| printed_at < REFORM_2022)
}

/// Art 16 as it stands since 2004: the base every relaxation departs from.
const fn is_due_by_article_16(class: InspectionClass, age: Months) -> bool {
    let interval = match class {
        InspectionClass::SchoolBus => STEP,
        InspectionClass::OperatingPassenger if age <= years(5) => years(1),
        InspectionClass::OperatingPassenger => STEP,
        InspectionClass::TruckOrLargePassenger if age <= years(10) => years(1),
        InspectionClass::TruckOrLargePassenger => STEP,
        InspectionClass::PrivateCar | InspectionClass::UnrelaxedCar => match age {
            _ if age <= years(6) => years(2),
            _ if age <= years(15) => years(1),
            _ => STEP,
        },
        InspectionClass::Motorcycle if age <= years(4) => years(2),
        InspectionClass::Motorcycle | InspectionClass::Other => years(1),
    };
    every(interval, age)
}

const fn years(count: i32) -> Months {
    count * 12
}

const fn every(interval: Months, age: Months) -> bool {
    age % interval == 0
}

const fn test_when(due: bool, rule: &'static str) -> Point {
    if due {
        Some((DueKind::Test, rule))
    } else {
        None
    }
}

/// Before the sixth anniversary a mark is enough.
const fn mark_until_six(due: bool, age: Months, rule: &'static str) -> Point {
    if !due {
        None
    } else if age < years(6) {
        Some((DueKind::Mark, rule))
    } else {
        Some((DueKind::Test, rule))
    }
}
