//! 检验周期预测: what a question for inspection dates must not contradict.
//!
//! The day of asking plays no part, so that the answer is the one the SDK computes offline: a date
//! in the future is a car not registered yet. Nor is how many seats there are held against the vehicle
//! type: nothing is registered, and the cycle itself knows small cars of more than nine seats. But only
//! a trailer has none.

use jiff::civil::Date;
use lingminban::api::{FindingCode, InspectionForecastRequest};

use super::papers;
use crate::engine::{
    Fault,
    filing::{Field, Filing},
};
use crate::field;

type Question<'a> = Filing<'a, InspectionForecastRequest>;
type DateOf = Field<InspectionForecastRequest, Date>;

/// The year the first motor cars came to China: an earlier date is mistyped, and as a date of
/// manufacture it would silently bring the old cycle.
const FIRST_CARS: Date = Date::constant(1901, 1, 1);

/// Everything that is wrong with the dates, and with seats that nobody sits on.
#[must_use]
pub fn examine(question: &Question<'_>) -> Vec<Fault> {
    let registered: DateOf = field!(first_registered_on);
    let made: DateOf = field!(manufactured_on?);
    let old_cycle: DateOf = field!(old_cycle_from?);
    [
        before_cars(question, registered),
        before_cars(question, made),
        // The date that all others are measured by is not the one to blame.
        out_of_order(question, made, "≤", |made, registered| made > registered),
        out_of_order(question, old_cycle, "≥", |from, registered| {
            from < registered
        }),
        papers::seats(question, field!(vehicle_type), field!(seats)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn before_cars(question: &Question<'_>, field: DateOf) -> Option<Fault> {
    let date = question.get(field)?;
    (*date < FIRST_CARS).then(|| {
        Fault::finding(FindingCode::OutOfRange, field.pointer)
            .with_detail(format!("≥ {FIRST_CARS}"))
    })
}

/// A date against that of the first registration; `relation` is the one it should have to it.
fn out_of_order(
    question: &Question<'_>,
    field: DateOf,
    relation: &str,
    is_wrong: fn(Date, Date) -> bool,
) -> Option<Fault> {
    let registered: DateOf = field!(first_registered_on);
    let (date, anchor) = (question.get(field)?, question.get(registered)?);
    is_wrong(*date, *anchor).then(|| Fault {
        // The finding's article is about papers that are handed in; here are none.
        rule: None,
        ..Fault::finding(FindingCode::DatesOutOfOrder, field.pointer)
            .with_detail(format!("{relation} {}", registered.pointer))
    })
}
