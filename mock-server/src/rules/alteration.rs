//! 变更登记 of colour, engine, body and frame (R164 Art 16, 17, 21).

use jiff::civil::Date;
use lingminban::{
    api::{AlterationRequest, Altered, FindingCode},
    services::MaterialCondition,
};

use super::{papers, situation::Situation, working_days::WorkingCalendar};
use crate::engine::{
    Fault,
    docket::Ground,
    filing::{Field, Filing},
};
use crate::field;

/// 十日: working days after the change within which the owner applies (R164 Art 16, 92).
const APPLIED_WITHIN_WORKING_DAYS: u32 = 10;

const CALENDAR: WorkingCalendar = WorkingCalendar::new();

/// What an alteration alone shows to be wrong.
#[must_use]
pub fn examine(filing: &Filing<'_, AlterationRequest>, situation: &Situation<'_>) -> Vec<Fault> {
    let mut faults = papers::not_in_future(filing, situation.today, &[field!(changed_on)]);
    let altered: Field<AlterationRequest, Altered> = field!(altered);
    if filing
        .get(altered)
        .is_some_and(|altered| *altered == Altered::default())
    {
        faults.push(Fault::finding(FindingCode::NothingAltered, altered.pointer));
    }
    faults
}

/// 安全技术检验 (R164 Art 17): asked for where another engine, body or frame is in the vehicle.
#[must_use]
pub fn asks(altered: &Altered, condition: MaterialCondition) -> bool {
    let replaced = altered.engine_number.is_some() || altered.replaced_structure.is_some();
    condition == MaterialCondition::EngineOrBodyReplaced && replaced
}

/// 逾期申请.
#[must_use]
pub fn warnings(changed_on: Date, today: Date) -> Vec<Ground> {
    let last_day = CALENDAR.add(changed_on, APPLIED_WITHIN_WORKING_DAYS);
    Vec::from_iter(papers::late(
        last_day,
        today,
        "/changed_on",
        FindingCode::AlterationFiledLate,
    ))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn ten_working_days_leave_out_the_spring_festival() {
        // 14 and 28 February are Saturdays that are worked; the holiday lies between.
        let changed_on = date(2026, 2, 12);
        let last = CALENDAR.add(changed_on, 10);
        assert_eq!(last, date(2026, 3, 4));
        assert_eq!(warnings(changed_on, last), []);
        let late = warnings(changed_on, date(2026, 3, 5));
        assert_eq!(late.len(), 1);
        assert_eq!(late[0].code, FindingCode::AlterationFiledLate);
    }

    #[test]
    fn a_colour_needs_no_safety_inspection() {
        let colour = Altered::builder()
            .color(lingminban::codes::BodyColor::Red)
            .build();
        let engine = Altered::builder()
            .engine_number("EA211-0002".parse().unwrap())
            .build();
        let asked = MaterialCondition::EngineOrBodyReplaced;
        assert!(!asks(&colour, asked));
        assert!(asks(&engine, asked));
        assert!(!asks(&engine, MaterialCondition::Mortgaged));
    }
}
