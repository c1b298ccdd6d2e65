//! 办公时间: when an outlet is open, and on which day the authority's clock starts for what comes in.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime, Time, Weekday},
};
use lingminban::moment::BEIJING;

use super::working_days::WorkingCalendar;

/// Days of the week on which an outlet is open from one time of day to another, in Beijing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpeningHours {
    /// 星期; never empty.
    pub days: &'static [Weekday],
    /// The first moment at which it is open.
    pub from: Time,
    /// The first moment at which it is closed again.
    pub to: Time,
}

/// Whether an outlet with these hours is open at that moment in Beijing.
///
/// It is closed on public holidays. On a Saturday or Sunday that is worked in exchange (调休上班) and
/// on which it is closed otherwise it keeps the hours of the first day listed.
#[must_use]
pub fn is_open(hours: &[OpeningHours], at: DateTime, calendar: &WorkingCalendar) -> bool {
    let time = at.time();
    on(hours, at.date(), calendar).any(|hours| hours.from <= time && time < hours.to)
}

/// 起算日: the day that sets the authority's periods running for what comes in at that instant.
///
/// While the outlet is open it is the day itself, as R164 Art 92 has it. Otherwise it is the next
/// working day on which the outlet opens: the same day before it opens on a working day, and a later
/// one once it has closed. Without any hours it is the day itself.
#[must_use]
pub fn clock_starts_on(hours: &[OpeningHours], at: Timestamp, calendar: &WorkingCalendar) -> Date {
    let at = BEIJING.to_datetime(at);
    let today = at.date();
    if hours.is_empty() || is_open(hours, at, calendar) {
        return today;
    }
    let opens = |day: Date, from: Time| {
        calendar.is_working_day(day) && on(hours, day, calendar).any(|hours| from <= hours.from)
    };
    if opens(today, at.time()) {
        return today;
    }
    let later = today.series(1.day()).skip(1).take(DAYS_LOOKED_AT);
    later
        .into_iter()
        .find(|day| opens(*day, Time::MIN))
        .unwrap_or(today)
}

/// Whoever opens on no working day of a month never does.
const DAYS_LOOKED_AT: usize = 31;

/// The hours kept on a day.
fn on<'a>(
    hours: &'a [OpeningHours],
    day: Date,
    calendar: &WorkingCalendar,
) -> impl Iterator<Item = &'a OpeningHours> {
    let of = move |weekday| move |hours: &&OpeningHours| hours.days.contains(&weekday);
    let weekday = day.weekday();
    let kept = if calendar.is_holiday(day) {
        None
    } else if calendar.is_make_up_day(day) && !hours.iter().any(|hours| of(weekday)(&hours)) {
        hours.first().and_then(|hours| hours.days.first()).copied()
    } else {
        Some(weekday)
    };
    hours
        .iter()
        .filter(move |hours| kept.is_some_and(|weekday| of(weekday)(hours)))
}

#[cfg(test)]
mod tests {
    use Weekday::{Friday, Monday, Saturday, Thursday, Tuesday, Wednesday};
    use jiff::civil::time;

    use super::*;

    const CALENDAR: WorkingCalendar = WorkingCalendar::new();

    const OFFICE: &[OpeningHours] = &[OpeningHours {
        days: &[Monday, Tuesday, Wednesday, Thursday, Friday],
        from: time(9, 0, 0, 0),
        to: time(17, 0, 0, 0),
    }];
    /// Closed on Mondays, with a break on Saturdays.
    const STAGGERED: &[OpeningHours] = &[
        OpeningHours {
            days: &[Tuesday, Wednesday, Thursday, Friday],
            from: time(11, 0, 0, 0),
            to: time(19, 0, 0, 0),
        },
        OpeningHours {
            days: &[Saturday],
            from: time(9, 0, 0, 0),
            to: time(12, 0, 0, 0),
        },
        OpeningHours {
            days: &[Saturday],
            from: time(13, 0, 0, 0),
            to: time(15, 0, 0, 0),
        },
    ];

    /// Whether it is open then, and the day on which the clock starts.
    fn told(hours: &[OpeningHours], at: &str) -> (bool, String) {
        let at: DateTime = at.parse().expect("a time");
        let instant = BEIJING.to_timestamp(at).expect("in range");
        let start = clock_starts_on(hours, instant, &CALENDAR);
        (is_open(hours, at, &CALENDAR), start.to_string())
    }

    #[track_caller]
    fn check(hours: &[OpeningHours], cases: &[(&str, bool, &str)]) {
        for (at, open, start) in cases {
            assert_eq!(told(hours, at), (*open, (*start).to_owned()), "{at}");
        }
    }

    #[test]
    fn the_first_minute_is_open_and_the_last_is_not() {
        check(
            OFFICE,
            &[
                ("2026-03-02T00:00", false, "2026-03-02"),
                ("2026-03-02T08:59:59.999", false, "2026-03-02"),
                ("2026-03-02T09:00", true, "2026-03-02"),
                ("2026-03-02T16:59:59.999", true, "2026-03-02"),
                ("2026-03-02T17:00", false, "2026-03-03"),
                ("2026-03-06T23:59", false, "2026-03-09"),
                ("2026-03-07T10:00", false, "2026-03-09"),
                ("2026-03-08T10:00", false, "2026-03-09"),
            ],
        );
    }

    #[test]
    fn holidays_are_closed_and_exchanged_days_are_open() {
        check(
            OFFICE,
            &[
                // The Saturday before the Spring Festival of 2026 is worked, and so is the one after.
                ("2026-02-13T17:00", false, "2026-02-14"),
                ("2026-02-14T09:00", true, "2026-02-14"),
                ("2026-02-14T17:00", false, "2026-02-24"),
                ("2026-02-18T10:00", false, "2026-02-24"),
                ("2026-02-27T17:00", false, "2026-02-28"),
                ("2026-02-28T16:59", true, "2026-02-28"),
            ],
        );
        check(
            STAGGERED,
            &[
                // On a worked Saturday it keeps its Saturday's hours, on a worked Sunday Tuesday's.
                ("2026-02-14T09:00", true, "2026-02-14"),
                ("2026-02-14T12:30", false, "2026-02-14"),
                ("2026-02-14T15:00", false, "2026-02-24"),
                ("2026-01-04T10:59", false, "2026-01-04"),
                ("2026-01-04T11:00", true, "2026-01-04"),
                ("2026-01-04T19:00", false, "2026-01-06"),
                // Saturdays of a holiday.
                ("2026-02-21T10:00", false, "2026-02-24"),
                ("2026-01-03T10:00", false, "2026-01-04"),
            ],
        );
    }

    #[test]
    fn the_clock_starts_on_a_working_day_on_which_the_outlet_opens() {
        check(
            STAGGERED,
            &[
                ("2026-03-02T12:00", false, "2026-03-03"),
                ("2026-03-03T10:00", false, "2026-03-03"),
                ("2026-03-06T19:00", false, "2026-03-10"),
                // A Saturday is no working day, but what comes in while it is open is filed that day.
                ("2026-03-07T08:59", false, "2026-03-10"),
                ("2026-03-07T09:00", true, "2026-03-07"),
                ("2026-03-07T12:00", false, "2026-03-10"),
                ("2026-03-08T12:00", false, "2026-03-10"),
            ],
        );
    }

    #[test]
    fn without_hours_the_clock_starts_at_once() {
        check(&[], &[("2026-03-07T23:00", false, "2026-03-07")]);
        check(OFFICE, &[("9999-12-30T23:00", false, "9999-12-31")]);
        let end = clock_starts_on(OFFICE, Timestamp::MAX, &CALENDAR);
        assert_eq!(end.year(), 9999);
    }
}
