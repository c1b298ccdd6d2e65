//! When a vehicle is due for inspection (机动车检验), by law and by date.
//!
//! Pure arithmetic, usable offline. The authority computes the binding date; what these
//! functions give is a forecast. Three principles hold throughout:
//!
//! - The anchor is the month of first registration (注册登记), never the day of the last test:
//!   a late test moves nothing. A mark is valid until the last day of its month.
//! - The rule in force on the due date decides, not the one in force today.
//! - Scrapping (强制报废) does not cut a forecast short; [`scrap_due_on`] tells its date.
//!
//! The platform answers `POST /v1/inspection-forecasts` with these functions and
//! [`Parameters::default`]; [`api::InspectionForecast::of`] gives that answer without it.
//!
//! [`api::InspectionForecast::of`]: crate::api::InspectionForecast::of
//!
//! ```
//! use jiff::civil::date;
//! use lingminban::{
//!     codes::{UseCharacter, VehicleType},
//!     inspection::{DueKind, Parameters, VehicleProfile, next_due},
//! };
//!
//! let sedan = VehicleProfile::builder()
//!     .vehicle_type(VehicleType::K33)
//!     .use_character(UseCharacter::NonOperating)
//!     .seats(5)
//!     .first_registered_on(date(2016, 10, 10))
//!     .build();
//! let due = next_due(&sedan, date(2021, 1, 1), &Parameters::default()).unwrap();
//! assert_eq!(due.due_on, date(2022, 10, 31));
//! assert_eq!(due.kind, DueKind::Test);
//! assert_eq!(due.window_opens_on, date(2022, 8, 1));
//! ```

mod calendar;
mod class;
mod cycle;
mod mark;
mod scrap;

use jiff::civil::Date;

use crate::{
    codes::{UseCharacter, VehicleType},
    wire_enum::wire_enum,
};

pub use class::{InspectionClass, class_of};
pub use mark::{MISSED_CYCLES_TO_SCRAP, Outstanding, marked_until, outstanding};
pub use scrap::scrap_due_on;

/// What the inspection cycle depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, bon::Builder)]
pub struct VehicleProfile {
    /// Type of vehicle (车辆类型, `cllx`).
    pub vehicle_type: VehicleType,
    /// Use character (使用性质, `syxz`).
    pub use_character: UseCharacter,
    /// Seats, the driver's included (核定载客, `hdzk`).
    pub seats: u16,
    /// Date of first registration (初次登记日期, `ccdjrq`).
    pub first_registered_on: Date,
    /// Date of manufacture (出厂日期, `ccrq`), if known: a car registered more than four years
    /// later is never exempt from the line.
    pub manufactured_on: Option<Date>,
    /// Date of an accident with injuries (致人伤亡事故) or of a punished illegal modification
    /// (非法改装被处罚): due dates from then on follow the old cycle.
    pub old_cycle_from: Option<Date>,
}

/// One inspection a vehicle is due for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InspectionDue {
    /// The last day the current mark is valid (检验有效期止, `yxqz`), always the last day of a
    /// month.
    pub due_on: Date,
    /// Whether the vehicle must be tested, or the mark is issued without.
    pub kind: DueKind,
    /// The first day on which the inspection can be done (机动车登记规定第五十四条).
    pub window_opens_on: Date,
    /// The rule that makes it due.
    pub rule: &'static str,
}

wire_enum! {
    /// What has to be done by a due date (检验方式): a test on the line and its mark, or the mark alone.
    pub enum DueKind {
        Test = "test", "上线检验并核发检验合格标志";
        Mark = "mark", "免上线检验，申领检验合格标志";
    }
}

/// How the inspection window before a due date is counted. The regulation says "within three
/// months before expiry" and leaves the day open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WindowReading {
    /// Whole months, the month of expiry included: due 2023-02-28, open from 2022-12-01.
    #[default]
    WholeMonths,
    /// To the day, expiry less three months plus one day: due 2023-02-28, open from 2022-11-29.
    DayExact,
}

/// What the sources leave open or a province decides, each with the reading taken here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, bon::Builder)]
pub struct Parameters {
    /// Whether rental cars (租赁) count as operating passenger vehicles. Default: yes.
    #[builder(default = true)]
    pub rental_is_operating: bool,
    /// Whether cars once operating and now not (营转非, 出租转非, 预约出租转非) follow the relaxed
    /// cycle of private cars. Default: no, the 2014 exemption left them out.
    #[builder(default = false)]
    pub converted_cars_are_private: bool,
    /// First due date on which motorcycles need only a mark in their first six years. Sources
    /// give the year 2018 only. Default: 2018-09-01.
    #[builder(default = Date::constant(2018, 9, 1))]
    pub motorcycle_marks_from: Date,
    /// Whether a half-year validity printed before 2022-10-01 on the papers of a private car
    /// older than 15 years still runs out on the printed date. Default: yes, yearly after it.
    #[builder(default = true)]
    pub printed_half_years_stand: bool,
    /// How the window before a due date is counted. Default: whole months.
    #[builder(default)]
    pub window: WindowReading,
    /// Years after which motorcycles are scrapped; provinces decide, not below 11. Default:
    /// none known.
    pub motorcycle_life_years: Option<u8>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self::builder().build()
    }
}

/// The first inspection due later than `after`; pass yesterday to include one due today.
///
/// `None` only where the calendar ends, in the year 9999.
#[must_use]
pub fn next_due(
    profile: &VehicleProfile,
    after: Date,
    parameters: &Parameters,
) -> Option<InspectionDue> {
    let elapsed = calendar::months_between(profile.first_registered_on, after);
    cycle::dues(profile, parameters, elapsed).find(|due| due.due_on > after)
}

/// Every inspection due from first registration up to and with the anniversary `years` later,
/// in order, as if the vehicle were never scrapped. Ends early where the calendar does.
#[must_use]
pub fn forecast(
    profile: &VehicleProfile,
    years: u32,
    parameters: &Parameters,
) -> Vec<InspectionDue> {
    let months = i32::try_from(years.saturating_mul(12)).unwrap_or(i32::MAX);
    let last = calendar::month_end(profile.first_registered_on, months).unwrap_or(Date::MAX);
    // Two a year at most; a life of half a century fits without growing.
    let mut dues = Vec::with_capacity(years.saturating_mul(2).min(100) as usize);
    dues.extend(cycle::dues(profile, parameters, 0).take_while(|due| due.due_on <= last));
    dues
}
