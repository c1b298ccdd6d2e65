//! 工作日: the working days that the law counts its periods in (R164 Art 92, XKF Art 82).

use jiff::{
    Timestamp,
    civil::{Date, Weekday},
};
use lingminban::moment::BEIJING;

/// What one yearly notice of the State Council General Office
/// (国务院办公厅关于节假日安排的通知) changes in a plain Monday-to-Friday year.
/// Days are written as month × 100 + day.
#[derive(Debug)]
struct Notice {
    year: i16,
    /// 放假: Mondays to Fridays that are off.
    off: &'static [u16],
    /// 调休上班: Saturdays and Sundays that are worked.
    worked: &'static [u16],
}

/// One row a year without a gap, the first year first. A new notice is a new row.
const NOTICES: &[Notice] = &[
    Notice {
        year: 2018,
        off: &[
            101, 215, 216, 219, 220, 221, 405, 406, 430, 501, 618, 924, 1001, 1002, 1003, 1004,
            1005, 1231,
        ],
        worked: &[211, 224, 408, 428, 929, 930, 1229],
    },
    Notice {
        year: 2019,
        off: &[
            101, 204, 205, 206, 207, 208, 405, 501, 502, 503, 607, 913, 1001, 1002, 1003, 1004,
            1007,
        ],
        worked: &[202, 203, 428, 505, 929, 1012],
    },
    Notice {
        year: 2020,
        off: &[
            101, 124, 127, 128, 129, 130, 131, 406, 501, 504, 505, 625, 626, 1001, 1002, 1005,
            1006, 1007, 1008,
        ],
        worked: &[119, 426, 509, 628, 927, 1010],
    },
    Notice {
        year: 2021,
        off: &[
            101, 211, 212, 215, 216, 217, 405, 503, 504, 505, 614, 920, 921, 1001, 1004, 1005,
            1006, 1007,
        ],
        worked: &[207, 220, 425, 508, 918, 926, 1009],
    },
    Notice {
        year: 2022,
        off: &[
            103, 131, 201, 202, 203, 204, 404, 405, 502, 503, 504, 603, 912, 1003, 1004, 1005,
            1006, 1007,
        ],
        worked: &[129, 130, 402, 424, 507, 1008, 1009],
    },
    Notice {
        year: 2023,
        off: &[
            102, 123, 124, 125, 126, 127, 405, 501, 502, 503, 622, 623, 929, 1002, 1003, 1004,
            1005, 1006,
        ],
        worked: &[128, 129, 423, 506, 625, 1007, 1008],
    },
    Notice {
        year: 2024,
        off: &[
            101, 212, 213, 214, 215, 216, 404, 405, 501, 502, 503, 610, 916, 917, 1001, 1002, 1003,
            1004, 1007,
        ],
        worked: &[204, 218, 407, 428, 511, 914, 929, 1012],
    },
    Notice {
        year: 2025,
        off: &[
            101, 128, 129, 130, 131, 203, 204, 404, 501, 502, 505, 602, 1001, 1002, 1003, 1006,
            1007, 1008,
        ],
        worked: &[126, 208, 427, 928, 1011],
    },
    Notice {
        year: 2026,
        off: &[
            101, 102, 216, 217, 218, 219, 220, 223, 406, 501, 504, 505, 619, 925, 1001, 1002, 1005,
            1006, 1007,
        ],
        worked: &[104, 214, 228, 509, 920, 1010],
    },
];

/// 工作日历: Monday to Friday, changed by the State Council's notices of 2018 to 2026.
///
/// Years without a notice count Monday to Friday; [`is_announced`](Self::is_announced) tells
/// whether what was counted rests on one. Where the calendar ends (years −9999 and 9999) results stop at
/// its last day.
#[derive(Clone, Copy, Debug)]
pub struct WorkingCalendar {
    notices: &'static [Notice],
}

impl WorkingCalendar {
    /// The calendar; costs nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { notices: NOTICES }
    }

    /// Whether the State Council's notice is known for every year from one day to another.
    #[must_use]
    pub fn is_announced(&self, from: Date, to: Date) -> bool {
        (from.year()..=to.year()).all(|year| self.notice(year).is_some())
    }

    /// Whether the authority works on that day.
    #[must_use]
    pub fn is_working_day(&self, date: Date) -> bool {
        let day = month_and_day(date);
        match self.notice(date.year()) {
            Some(notice) if is_weekend(date) => notice.worked.binary_search(&day).is_ok(),
            Some(notice) => notice.off.binary_search(&day).is_err(),
            None => !is_weekend(date),
        }
    }

    /// 调休上班: whether it is a Saturday or Sunday that is worked in exchange.
    #[must_use]
    pub fn is_make_up_day(&self, date: Date) -> bool {
        is_weekend(date) && self.is_working_day(date)
    }

    /// 法定节假日: whether it is a day of a public holiday. The notices are told here by the Mondays
    /// to Fridays that are off; a Saturday or Sunday without work that touches one belongs to the
    /// same holiday.
    #[must_use]
    pub fn is_holiday(&self, date: Date) -> bool {
        if !is_weekend(date) {
            return !self.is_working_day(date);
        }
        let step = |day: Date, forth: bool| {
            let next = if forth {
                day.tomorrow()
            } else {
                day.yesterday()
            };
            next.ok()
        };
        let touches = |forth| {
            let mut day = step(date, forth);
            while let Some(weekend) = day.filter(|day| is_weekend(*day)) {
                if self.is_working_day(weekend) {
                    return false;
                }
                day = step(weekend, forth);
            }
            day.is_some_and(|day| !self.is_working_day(day))
        };
        !self.is_working_day(date) && (touches(true) || touches(false))
    }

    /// The `n`th working day after `date`: the last day of a period of `n` working days that
    /// `date` sets running, for the day itself does not count (R164 Art 92). With `n` = 0 it is
    /// `date`, working day or not.
    #[must_use]
    pub fn add(&self, date: Date, n: u32) -> Date {
        let mut last = date;
        for _ in 0..n {
            let Ok(tomorrow) = last.tomorrow() else { break };
            last = self.next(tomorrow);
        }
        last
    }

    /// The same time of day on the `n`th working day after the instant's date in Beijing; `None`
    /// beyond the end of the calendar.
    #[must_use]
    pub fn later(&self, instant: Timestamp, n: u32) -> Option<Timestamp> {
        let local = BEIJING.to_datetime(instant);
        let then = self.add(local.date(), n).to_datetime(local.time());
        BEIJING.to_timestamp(then).ok()
    }

    /// The first working day on or after `date`.
    #[must_use]
    pub fn next(&self, date: Date) -> Date {
        let mut day = date;
        while !self.is_working_day(day) {
            let Ok(tomorrow) = day.tomorrow() else { break };
            day = tomorrow;
        }
        day
    }

    /// How many working days lie after `from` up to and including `to`, 0 when `to` is not
    /// later: what [`add`](Self::add) needs to get from the one to the other.
    #[must_use]
    pub fn count_between(&self, from: Date, to: Date) -> u32 {
        let mut count = 0;
        let mut day = from;
        while day < to {
            let Ok(tomorrow) = day.tomorrow() else { break };
            day = tomorrow;
            count += u32::from(self.is_working_day(day));
        }
        count
    }

    fn notice(&self, year: i16) -> Option<&Notice> {
        let offset = year.checked_sub(self.notices.first()?.year)?;
        self.notices.get(usize::try_from(offset).ok()?)
    }
}

impl Default for WorkingCalendar {
    fn default() -> Self {
        Self::new()
    }
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// The day as [`Notice`] writes it.
fn month_and_day(date: Date) -> u16 {
    u16::from(date.month().unsigned_abs()) * 100 + u16::from(date.day().unsigned_abs())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const CALENDAR: WorkingCalendar = WorkingCalendar::new();

    fn days(notice: &Notice, list: &[u16]) -> Vec<Date> {
        let day = |day: &u16| {
            let (month, day) = ((day / 100) as i8, (day % 100) as i8);
            Date::new(notice.year, month, day).expect("a day of the calendar")
        };
        list.iter().map(day).collect()
    }

    #[test]
    fn rows_stand_in_the_order_the_searches_rely_on() {
        for (notice, year) in NOTICES.iter().zip(2018..) {
            assert_eq!(notice.year, year);
            assert!(
                notice.off.is_sorted() && notice.worked.is_sorted(),
                "{year}"
            );
        }
    }

    /// A slip of the pen most often moves a holiday to a weekend or a make-up day off it.
    #[test]
    fn notices_change_only_what_a_plain_week_has_otherwise() {
        for notice in NOTICES {
            for day in days(notice, notice.off) {
                assert!(!is_weekend(day), "{day} is off anyway");
            }
            for day in days(notice, notice.worked) {
                assert!(is_weekend(day), "{day} is worked anyway");
            }
        }
    }

    #[test]
    fn years_have_the_working_days_of_their_notices() {
        let counts: Vec<u32> = (2018..=2026)
            .map(|year| CALENDAR.count_between(date(year - 1, 12, 31), date(year, 12, 31)))
            .collect();
        assert_eq!(counts, [250, 250, 249, 250, 249, 249, 251, 248, 248]);
    }

    #[test]
    fn a_period_runs_across_the_spring_festival_of_2026() {
        // Friday, then the Saturday that is worked, then nine days off.
        let friday = date(2026, 2, 13);
        assert_eq!(CALENDAR.add(friday, 1), date(2026, 2, 14));
        assert_eq!(CALENDAR.add(friday, 2), date(2026, 2, 24));
        assert_eq!(CALENDAR.add(friday, 5), date(2026, 2, 27));
        assert_eq!(
            CALENDAR.add(friday, 6),
            date(2026, 2, 28),
            "the Saturday after is worked too"
        );
        assert_eq!(CALENDAR.add(friday, 7), date(2026, 3, 2));
        assert_eq!(CALENDAR.next(date(2026, 2, 15)), date(2026, 2, 24));
        assert_eq!(CALENDAR.next(date(2026, 2, 14)), date(2026, 2, 14));
    }

    #[test]
    fn what_is_handed_in_on_a_day_off_counts_from_the_next_day() {
        assert_eq!(CALENDAR.add(date(2026, 3, 7), 1), date(2026, 3, 9));
        assert_eq!(CALENDAR.add(date(2026, 3, 7), 0), date(2026, 3, 7));
    }

    #[test]
    fn swapped_weekends_are_worked_and_their_holidays_are_not() {
        for worked in [
            date(2026, 1, 4),
            date(2026, 5, 9),
            date(2026, 9, 20),
            date(2025, 10, 11),
        ] {
            assert!(CALENDAR.is_working_day(worked), "{worked}");
        }
        for off in [
            date(2026, 1, 2),
            date(2026, 5, 5),
            date(2026, 9, 25),
            date(2025, 10, 8),
        ] {
            assert!(!CALENDAR.is_working_day(off), "{off}");
        }
    }

    #[test]
    fn a_holiday_takes_its_weekend_in() {
        let days = |from: Date, to: Date| {
            let span = from.series(jiff::Span::new().days(1));
            let days = span.take_while(|day| *day <= to);
            days.filter(|day| CALENDAR.is_holiday(*day))
                .map(|day| day.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            days(date(2025, 12, 20), date(2026, 1, 11)),
            ["2026-01-01", "2026-01-02", "2026-01-03"]
        );
        let spring = days(date(2026, 2, 1), date(2026, 3, 15));
        assert_eq!(
            (spring.len(), &*spring[0], &*spring[8]),
            (9, "2026-02-15", "2026-02-23")
        );
        assert_eq!(
            days(date(2026, 3, 28), date(2026, 4, 12)),
            ["2026-04-04", "2026-04-05", "2026-04-06"]
        );
        assert!(CALENDAR.is_make_up_day(date(2026, 2, 14)));
        assert!(!CALENDAR.is_make_up_day(date(2026, 2, 13)));
        assert!(!CALENDAR.is_make_up_day(date(2026, 2, 21)));
        assert!(!CALENDAR.is_holiday(date(2027, 10, 2)), "no notice");
        assert!(!CALENDAR.is_holiday(Date::MAX) && !CALENDAR.is_holiday(Date::MIN));
    }

    #[test]
    fn a_year_without_a_notice_counts_monday_to_friday() {
        let (first, last) = (date(2018, 1, 1), date(2026, 12, 31));
        assert!(CALENDAR.is_announced(first, last));
        for day in [Date::MIN, date(2017, 12, 31), date(2027, 1, 1), Date::MAX] {
            let (from, to) = (first.min(day), last.max(day));
            assert!(!CALENDAR.is_announced(from, to), "{day}");
            assert!(!CALENDAR.is_announced(day, day), "{day}");
        }
        assert!(
            CALENDAR.is_working_day(date(2027, 10, 1)),
            "National Day, a Friday"
        );
        assert!(!CALENDAR.is_working_day(date(2027, 10, 2)));
    }

    #[test]
    fn the_ends_of_the_calendar_hold() {
        // 9999-12-31 is a Friday, -9999-01-01 a Monday.
        assert_eq!(CALENDAR.add(Date::MAX, u32::MAX), Date::MAX);
        assert_eq!(CALENDAR.add(date(9999, 12, 29), 99), Date::MAX);
        assert_eq!(CALENDAR.next(Date::MAX), Date::MAX);
        assert_eq!(CALENDAR.count_between(date(9999, 12, 29), Date::MAX), 2);
        assert_eq!(CALENDAR.count_between(Date::MAX, Date::MIN), 0);
        assert_eq!(CALENDAR.next(Date::MIN), Date::MIN);
        assert_eq!(CALENDAR.add(Date::MIN, 1), date(-9999, 1, 2));
    }

    proptest! {
        #[test]
        fn counting_undoes_adding(start in -800i64..3000, n in 0u32..400) {
            let from = date(2019, 1, 1).checked_add(jiff::Span::new().days(start)).expect("in range");
            let to = CALENDAR.add(from, n);
            prop_assert_eq!(CALENDAR.count_between(from, to), n);
            prop_assert!(n == 0 || CALENDAR.is_working_day(to));
        }
    }
}
