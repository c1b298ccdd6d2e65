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
    /// The first day on which a test counts for a mark issued now: a test serves the due point in whose
    /// window it was passed, or a late one the point that had gone by, and no later one. So it is the
    /// opening of the window of the last test that was due by today, of the date on the papers where none
    /// has been due since. Reaching the next window alone takes nothing from a test: the mark of the
    /// period that still runs may rest on it.
    pub tests_count_from: Date,
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
    let window_opens_on = cycle::window_before(profile, due_on, parameters);
    let mut outstanding = Outstanding {
        kind: first.kind,
        window_opens_on,
        tests_count_from: window_opens_on,
        rule: first.rule,
        missed_cycles: 0,
    };
    let later = std::iter::once(first).chain(dues);
    for due in later
        .skip_while(|due| due.due_on <= due_on)
        .take_while(|due| due.due_on <= today)
    {
        if due.kind == DueKind::Test {
            if outstanding.kind == DueKind::Mark {
                (outstanding.kind, outstanding.rule) = (due.kind, due.rule);
            }
            outstanding.tests_count_from = due.window_opens_on;
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
