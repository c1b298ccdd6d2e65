//! 期限: by when the authority acts, and the applicant.

use jiff::{SignedDuration, civil::Date};
use lingminban::{
    api::{ApplicationStatus, Service, TransferKind},
    services,
};

use super::working_days::WorkingCalendar;

/// 期限 of one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How long.
    pub period: Period,
    /// From when.
    pub runs_from: RunsFrom,
    /// 依据: the article, or that there is none.
    pub rule: &'static str,
}

/// Length of a [`Limit`]; the day that sets it running does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// 工作日 (R164 Art 92).
    WorkingDays(u32),
    /// 自然日.
    CalendarDays(u32),
}

/// What sets a [`Limit`] running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunsFrom {
    /// The state's own beginning.
    ThisState,
    /// 受理: the acceptance, however many states lie between.
    Acceptance,
}

impl Limit {
    /// The last day of the limit that `from` sets running. The authority's periods, in working days,
    /// begin on `clock_starts_on` at the earliest (起算日, see
    /// [`opening_hours`](super::opening_hours)); the applicant's are his own.
    #[must_use]
    pub fn last_day(&self, from: Date, clock_starts_on: Date, calendar: &WorkingCalendar) -> Date {
        self.period
            .last_day(self.beginning(from, clock_starts_on), calendar)
    }

    /// The days over which it is counted, where that takes a calendar of working days: from the one that
    /// sets it running to its last.
    #[must_use]
    pub fn counted(
        &self,
        from: Date,
        clock_starts_on: Date,
        calendar: &WorkingCalendar,
    ) -> Option<(Date, Date)> {
        matches!(self.period, Period::WorkingDays(_)).then(|| {
            (
                self.beginning(from, clock_starts_on),
                self.last_day(from, clock_starts_on, calendar),
            )
        })
    }

    /// The day that sets the limit running.
    #[must_use]
    pub fn beginning(&self, from: Date, clock_starts_on: Date) -> Date {
        match self.period {
            Period::WorkingDays(_) => from.max(clock_starts_on),
            Period::CalendarDays(_) => from,
        }
    }
}

impl Period {
    /// The last day of the period that `from` sets running; the calendar's last day where it
    /// reaches beyond.
    #[must_use]
    pub fn last_day(self, from: Date, calendar: &WorkingCalendar) -> Date {
        match self {
            Self::WorkingDays(days) => calendar.add(from, days),
            Self::CalendarDays(days) => {
                from.saturating_add(SignedDuration::from_hours(i64::from(days) * 24))
            }
        }
    }
}

/// 补正期限: calendar days within which a supplement notice is to be answered. The law fixes no
/// such period, so a space may set its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SupplementWindow(pub u32);

impl Default for SupplementWindow {
    fn default() -> Self {
        Self(30)
    }
}

/// The limit of a state; none once nothing can follow. What is no transfer counts as a local one.
#[must_use]
pub const fn limit(
    service: Service,
    kind: TransferKind,
    status: ApplicationStatus,
    supplement: SupplementWindow,
) -> Option<Limit> {
    use ApplicationStatus as S;
    match status {
        // Without a notice by then the application counts as accepted on receipt.
        S::Received => Some(Limit {
            period: Period::WorkingDays(5),
            runs_from: RunsFrom::ThisState,
            rule: "XKF Art 32",
        }),
        S::SupplementRequired => Some(Limit {
            period: Period::CalendarDays(supplement.0),
            runs_from: RunsFrom::ThisState,
            rule: "平台约定，法律未定期限 (set by the platform, no article)",
        }),
        S::Accepted | S::VehicleCheck | S::InReview | S::Approved => {
            let (working_days, rule) = services::time_limit(service, kind);
            Some(Limit {
                period: Period::WorkingDays(working_days),
                runs_from: RunsFrom::Acceptance,
                rule,
            })
        }
        S::NotAccepted | S::Completed | S::Refused | S::Withdrawn | S::Lapsed => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const CALENDAR: WorkingCalendar = WorkingCalendar::new();

    #[test]
    fn every_state_that_is_not_the_end_has_a_limit_with_its_source() {
        for service in Service::ALL {
            for status in ApplicationStatus::ALL {
                let window = SupplementWindow::default();
                let limit = limit(*service, TransferKind::Local, *status, window);
                assert_eq!(limit.is_none(), status.is_terminal(), "{service} {status}");
                assert!(
                    limit.is_none_or(|limit| !limit.rule.is_empty()),
                    "{service} {status}"
                );
            }
        }
    }

    #[test]
    fn what_follows_acceptance_shares_the_service_s_limit() {
        use ApplicationStatus::{Accepted, Approved, InReview, VehicleCheck};
        use TransferKind::{Inbound, Local, Outbound};
        for (service, kind, days, rule) in [
            (Service::Registration, Local, 2, "R164 Art 10"),
            (Service::Transfer, Local, 1, "R164 Art 25"),
            (Service::Transfer, Outbound, 3, "R164 Art 27"),
            (Service::Transfer, Inbound, 3, "R164 Art 27"),
        ] {
            for status in [Accepted, VehicleCheck, InReview, Approved] {
                let expected = Limit {
                    period: Period::WorkingDays(days),
                    runs_from: RunsFrom::Acceptance,
                    rule,
                };
                let limit = limit(service, kind, status, SupplementWindow::default());
                assert_eq!(limit, Some(expected), "{service} {status}");
            }
        }
    }

    #[test]
    fn the_authority_answers_in_working_days_and_the_applicant_in_calendar_days() {
        let period = |status, window| {
            limit(Service::Registration, TransferKind::Local, status, window)
                .expect("not the end")
                .period
        };
        let start = date(2026, 2, 12);
        let received = period(ApplicationStatus::Received, SupplementWindow::default());
        assert_eq!(received.last_day(start, &CALENDAR), date(2026, 2, 26));
        let supplement = period(
            ApplicationStatus::SupplementRequired,
            SupplementWindow::default(),
        );
        assert_eq!(supplement.last_day(start, &CALENDAR), date(2026, 3, 14));
        let short = period(ApplicationStatus::SupplementRequired, SupplementWindow(10));
        assert_eq!(short.last_day(start, &CALENDAR), date(2026, 2, 22));
    }

    #[test]
    fn a_period_beyond_the_calendar_ends_with_it() {
        assert_eq!(
            Period::CalendarDays(u32::MAX).last_day(Date::MIN, &CALENDAR),
            Date::MAX
        );
    }
}
