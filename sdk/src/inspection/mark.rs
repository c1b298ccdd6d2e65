//! What is outstanding for a vehicle whose mark (检验合格标志) runs out, or ran out, on a date.

use jiff::civil::Date;

use super::{
    DueKind, InspectionDue, Parameters, VehicleProfile, calendar::months_between, cycle, next_due,
};

/// How a vehicle stands on a day with the date that its papers show (检验有效期止, `yxqz`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outstanding {
    /// What has to be done. Of an overdue vehicle a test, if any was due until that day.
    pub kind: DueKind,
    /// The first day on which it can be done (机动车登记规定第五十四条).
    pub window_opens_on: Date,
    /// The rule that makes it due.
    pub rule: &'static str,
    /// Cycles that have gone by without a mark since the date on the papers. Three in a row and the
    /// vehicle must be scrapped (《机动车强制报废标准规定》第四条第四项).
    pub missed_cycles: u32,
}

/// So many cycles without a mark after it has run out end a vehicle's life
/// (《机动车强制报废标准规定》第四条第四项).
pub const MISSED_CYCLES_TO_SCRAP: u32 = 3;

/// What is outstanding on `today` for a vehicle whose mark runs out on `due_on`. The date on the papers
/// binds: where no due point falls on it, the next one tells what has to be done.
///
/// `None` only where the calendar ends, in the year 9999.
#[must_use]
pub fn outstanding(
    profile: &VehicleProfile,
    due_on: Date,
    today: Date,
    parameters: &Parameters,
) -> Option<Outstanding> {
    let elapsed = months_between(profile.first_registered_on, due_on);
    let mut dues = cycle::dues(profile, parameters, elapsed)
        .skip_while(|due: &InspectionDue| due.due_on < due_on);
    let first = dues.next()?;
    let mut outstanding = Outstanding {
        kind: first.kind,
        window_opens_on: cycle::window_before(profile, due_on, parameters),
        rule: first.rule,
        missed_cycles: u32::from(first.due_on > due_on && first.due_on < today),
    };
    for due in dues.take_while(|due| due.due_on <= today) {
        if outstanding.kind == DueKind::Mark && due.kind == DueKind::Test {
            (outstanding.kind, outstanding.rule) = (due.kind, due.rule);
        }
        outstanding.missed_cycles += u32::from(due.due_on < today);
    }
    Some(outstanding)
}

/// The date that a mark issued on `today` shows, for a vehicle whose last one runs out on `due_on`: the
/// next due point after both, for neither an early nor a late mark moves the anchor.
///
/// `None` only where the calendar ends, in the year 9999.
#[must_use]
pub fn marked_until(
    profile: &VehicleProfile,
    due_on: Date,
    today: Date,
    parameters: &Parameters,
) -> Option<Date> {
    next_due(profile, due_on.max(today), parameters).map(|due| due.due_on)
}
