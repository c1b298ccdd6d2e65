//! 委托: what outlets are entrusted with (R164 Art 69), and by when the authority acts.

use jiff::{SignedDuration, civil::Date};
use lingminban::{
    api::{ApplicationStatus, OutletKind, Service},
    codes::{UseCharacter, VehicleType},
};

use super::working_days::WorkingCalendar;

/// 小微型载客汽车 without school buses. What a county office may not register (R164 Art 2:
/// school buses, medium and large passenger vehicles, dangerous goods) lies outside it, so the
/// list holds at every outlet of the city, whatever its district.
const SMALL_PASSENGER: &[VehicleType] = &[
    VehicleType::K31,
    VehicleType::K32,
    VehicleType::K33,
    VehicleType::K34,
    VehicleType::K39,
    VehicleType::K41,
    VehicleType::K42,
    VehicleType::K43,
    VehicleType::K49,
];

/// 委托 of one service: to whom, and for which vehicles.
#[derive(Clone, Copy, Debug)]
pub struct Entrustment {
    /// 网点类型: kinds that have the service without a grant of their own.
    pub outlet_kinds: &'static [OutletKind],
    /// 车辆类型.
    pub vehicle_types: &'static [VehicleType],
    /// 使用性质.
    pub use_characters: &'static [UseCharacter],
    /// 办理期限 from acceptance, in working days.
    pub working_days: u32,
    /// 期限依据: the article behind `working_days`.
    pub limit_rule: &'static str,
}

/// 依据 of every entrustment.
pub const ENTRUSTMENT_RULE: &str = "R164 Art 69";

/// The table: one row a service. The regulation leaves scope to the authority's mandate; the
/// rows are the mandate of this city as far as it is published.
#[must_use]
pub const fn entrustment(service: Service) -> Entrustment {
    match service {
        // A new vehicle has no earlier use, so the converted ones do not arise.
        Service::Registration => Entrustment {
            outlet_kinds: &[OutletKind::Dealer],
            vehicle_types: SMALL_PASSENGER,
            use_characters: &[UseCharacter::NonOperating],
            working_days: 2,
            limit_rule: "R164 Art 10",
        },
        // 营转非 and its like are non-operating now. That the mandate takes them in is not
        // written down anywhere; narrow the row where it does not.
        Service::Transfer => Entrustment {
            outlet_kinds: &[OutletKind::UsedCarMarket],
            vehicle_types: SMALL_PASSENGER,
            use_characters: &[
                UseCharacter::NonOperating,
                UseCharacter::ConvertedFromOperating,
                UseCharacter::ConvertedFromTaxi,
                UseCharacter::ConvertedFromReservedTaxi,
            ],
            working_days: 1,
            limit_rule: "R164 Art 25",
        },
    }
}

/// Whether outlets may file this service for such a type and such a use at all; where either is not
/// entrusted, the vehicle goes to the authority's own windows.
#[must_use]
pub fn entrusted(
    service: Service,
    vehicle_type: VehicleType,
    use_character: UseCharacter,
) -> [bool; 2] {
    let row = entrustment(service);
    [
        row.vehicle_types.contains(&vehicle_type),
        row.use_characters.contains(&use_character),
    ]
}

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

/// The limit of a state; none once nothing can follow.
#[must_use]
pub const fn limit(
    service: Service,
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
            let row = entrustment(service);
            Some(Limit {
                period: Period::WorkingDays(row.working_days),
                runs_from: RunsFrom::Acceptance,
                rule: row.limit_rule,
            })
        }
        S::NotAccepted | S::Completed | S::Refused | S::Withdrawn | S::Lapsed => None,
    }
}

/// What outlets of this kind are entrusted with, leaving out what a single outlet was granted.
pub fn services_of(kind: OutletKind) -> impl Iterator<Item = Service> {
    Service::ALL
        .iter()
        .copied()
        .filter(move |service| entrustment(*service).outlet_kinds.contains(&kind))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const CALENDAR: WorkingCalendar = WorkingCalendar::new();

    #[test]
    fn each_kind_of_outlet_has_the_services_of_the_table() {
        for kind in OutletKind::ALL {
            let expected: &[Service] = match kind {
                OutletKind::Dealer => &[Service::Registration],
                OutletKind::UsedCarMarket => &[Service::Transfer],
                _ => &[],
            };
            assert_eq!(services_of(*kind).collect::<Vec<_>>(), expected, "{kind}");
        }
    }

    #[test]
    fn small_and_micro_cars_without_school_buses_are_entrusted() {
        let small_passenger =
            |code: &str| (code.starts_with("K3") || code.starts_with("K4")) && !code.ends_with('8');
        for service in Service::ALL {
            for vehicle_type in VehicleType::ALL {
                assert_eq!(
                    entrusted(*service, *vehicle_type, UseCharacter::NonOperating)[0],
                    small_passenger(vehicle_type.as_str()),
                    "{service} of {vehicle_type}"
                );
            }
        }
    }

    #[test]
    fn operating_vehicles_are_not_entrusted_and_converted_ones_only_for_transfer() {
        for use_character in UseCharacter::ALL {
            // 非营运 A; 营转非 L, 出租转非 M, 预约出租转非 U.
            let letter = use_character.ga_code();
            let of = |service| entrusted(service, VehicleType::K33, *use_character)[1];
            assert_eq!(of(Service::Registration), letter == "A", "{use_character}");
            assert_eq!(
                of(Service::Transfer),
                "ALMU".contains(letter),
                "{use_character}"
            );
        }
    }

    #[test]
    fn every_state_that_is_not_the_end_has_a_limit_with_its_source() {
        for service in Service::ALL {
            for status in ApplicationStatus::ALL {
                let limit = limit(*service, *status, SupplementWindow::default());
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
        for (service, days, rule) in [
            (Service::Registration, 2, "R164 Art 10"),
            (Service::Transfer, 1, "R164 Art 25"),
        ] {
            for status in [Accepted, VehicleCheck, InReview, Approved] {
                let expected = Limit {
                    period: Period::WorkingDays(days),
                    runs_from: RunsFrom::Acceptance,
                    rule,
                };
                let limit = limit(service, status, SupplementWindow::default());
                assert_eq!(limit, Some(expected), "{service} {status}");
            }
        }
    }

    #[test]
    fn the_authority_answers_in_working_days_and_the_applicant_in_calendar_days() {
        let period = |status, window| {
            limit(Service::Registration, status, window)
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
