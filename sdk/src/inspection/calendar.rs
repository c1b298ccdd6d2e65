//! Months without overflow.

use jiff::{ToSpan, civil::Date};

use super::WindowReading;

/// Months since the year 0, January being 0.
fn month_number(date: Date) -> i32 {
    i32::from(date.year()) * 12 + i32::from(date.month()) - 1
}

/// The first day of a month; `None` outside the calendar.
fn first_of(month_number: i32) -> Option<Date> {
    let year = i16::try_from(month_number.div_euclid(12)).ok()?;
    let month = i8::try_from(month_number.rem_euclid(12)).ok()? + 1;
    Date::new(year, month, 1).ok()
}

/// Whole calendar months from one date's month to the other's.
pub(super) fn months_between(from: Date, to: Date) -> i32 {
    month_number(to) - month_number(from)
}

/// The last day of the month `months` after that of `from`; `None` outside the calendar.
pub(super) fn month_end(from: Date, months: i32) -> Option<Date> {
    first_of(month_number(from).checked_add(months)?).map(Date::last_of_month)
}

/// The first day of the `months` before a due date, at the earliest the first of the calendar.
pub(super) fn window_opens_on(due_on: Date, months: i32, reading: WindowReading) -> Date {
    match reading {
        WindowReading::WholeMonths => {
            first_of(month_number(due_on) - (months - 1)).unwrap_or(Date::MIN)
        }
        WindowReading::DayExact => due_on
            .saturating_sub(months.months())
            .saturating_add(1.day()),
    }
}
