//! 检验预约日历: when a station inspects, and how many vehicles.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Time, Weekday, time},
};
use lingminban::moment::BEIJING;

use super::working_days::WorkingCalendar;

/// When the slots of a day begin; each is an hour long. Stations publish hours of their own: a parameter.
const BEGINNINGS: [Time; 8] = [
    time(8, 0, 0, 0),
    time(9, 0, 0, 0),
    time(10, 0, 0, 0),
    time(11, 0, 0, 0),
    time(13, 0, 0, 0),
    time(14, 0, 0, 0),
    time(15, 0, 0, 0),
    time(16, 0, 0, 0),
];

/// Vehicles a station inspects a day, by the city's report 50 to 60: which station how many is a
/// parameter.
const A_DAY: std::ops::RangeInclusive<u32> = 50..=60;

/// How far ahead a calendar is open: the longest window before a due date (R164 Art 54), so that whoever is
/// in it can book any day of it. Stations open calendars of their own: a parameter, told in the description
/// of `list_inspection_slots`.
const MONTHS_AHEAD: i64 = 3;

/// The last day of every calendar that is open on a day.
#[must_use]
pub fn last_day(today: Date) -> Date {
    today.saturating_add(MONTHS_AHEAD.months())
}

/// One slot of a station's calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// 开始时间.
    pub starts_at: Timestamp,
    /// 结束时间.
    pub ends_at: Timestamp,
    /// 可检数量.
    pub capacity: u32,
}

/// The slots of a day of the station with that place in the directory; none on a day on which it is
/// closed.
pub fn slots(station: u16, date: Date, calendar: &WorkingCalendar) -> impl Iterator<Item = Slot> {
    let beginnings: &[Time] = if is_open(date, calendar) {
        &BEGINNINGS
    } else {
        &[]
    };
    let capacities = capacities(station);
    let slots = beginnings.iter().zip(capacities);
    slots.filter_map(move |(beginning, capacity)| {
        let starts_at = BEIJING.to_timestamp(date.to_datetime(*beginning)).ok()?;
        Some(Slot {
            starts_at,
            ends_at: starts_at.checked_add(1.hour()).ok()?,
            capacity,
        })
    })
}

/// Stations work on working days and on Saturdays that are no holiday: a parameter.
fn is_open(date: Date, calendar: &WorkingCalendar) -> bool {
    let saturday = date.weekday() == Weekday::Saturday && !calendar.is_holiday(date);
    calendar.is_working_day(date) || saturday
}

/// A day's vehicles, spread over its slots, the first ones getting what does not divide.
fn capacities(station: u16) -> impl Iterator<Item = u32> {
    let kinds = A_DAY.end() - A_DAY.start() + 1;
    let a_day = A_DAY.start() + u32::from(station) % kinds;
    (0..BEGINNINGS.len() as u32).map(move |slot| {
        let slots = BEGINNINGS.len() as u32;
        a_day / slots + u32::from(slot < a_day % slots)
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const CALENDAR: WorkingCalendar = WorkingCalendar::new();

    fn capacity(station: u16, date: Date) -> u32 {
        slots(station, date, &CALENDAR)
            .map(|slot| slot.capacity)
            .sum()
    }

    #[test]
    fn a_station_inspects_fifty_to_sixty_vehicles_a_day() {
        let monday = date(2026, 3, 2);
        let capacities: Vec<u32> = (0..83).map(|station| capacity(station, monday)).collect();
        assert_eq!(capacities.iter().min(), Some(&50));
        assert_eq!(capacities.iter().max(), Some(&60));
    }

    #[test]
    fn it_is_open_on_saturdays_and_never_on_sundays_or_holidays() {
        for (day, open) in [
            (date(2026, 3, 2), true),
            (date(2026, 3, 7), true),
            (date(2026, 3, 8), false),
            // 清明节 is on Sunday the 5th: Monday is off, and so is Saturday.
            (date(2026, 4, 4), false),
            (date(2026, 4, 6), false),
            // 调休: a Sunday that is worked.
            (date(2026, 1, 4), true),
        ] {
            assert_eq!(capacity(0, day) > 0, open, "{day}");
        }
    }

    #[test]
    fn slots_are_hours() {
        let day = date(2026, 3, 2);
        let all: Vec<Slot> = slots(3, day, &CALENDAR).collect();
        assert_eq!(all.len(), 8);
        assert_eq!(all[0].starts_at.to_string(), "2026-03-02T00:00:00Z");
        for slot in &all {
            assert_eq!(slot.ends_at, slot.starts_at + 1.hour());
        }
    }
}
