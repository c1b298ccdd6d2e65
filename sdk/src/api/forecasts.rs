use bon::Builder;
use http::Method;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    Access, ForecastYears, Found, Json, NoParams, Open, Operation, OutOfRange, ProblemCode, Repeat,
    Scope, Seats, Tag, inspections,
    operation::{Example, sealed::Sealed},
};
use crate::{
    codes::{UseCharacter, VehicleType},
    inspection::{self, DueKind, InspectionDue, Parameters, VehicleProfile},
};

/// Forecasts when a vehicle is due for inspection.
pub struct ForecastInspections;

impl Sealed for ForecastInspections {}

impl Operation for ForecastInspections {
    const ID: &'static str = "forecast_inspections";
    const SUMMARY: &'static str = "检验周期预测 · Forecast inspection dates";
    const DESCRIPTION: &'static str = "Every inspection (检验) a vehicle is due for, from its first registration, past ones \
        included, up to and with the anniversary `years` later. The rule in force on a due date decides \
        whether the vehicle is tested on the line or only applies for its mark (《道路交通安全法实施条例》 \
        Art 16; reforms of 2014, 2020 and 2022). The answer follows from the request alone: no record is \
        read, nothing is filed, and the day it is asked on plays no part, so a car may be asked about before \
        it is registered. The SDK's `inspection::forecast` computes the same without a network. It is a \
        forecast: the date on the driving permit binds.";
    const TAG: Tag = inspections::TAG;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/inspection-forecasts";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Token(Scope::Vehicles);
    const PROBLEMS: &'static [ProblemCode] = &[];
    const EXAMPLES: &'static [Example] = &[
        Example {
            name: "standard",
            summary: "个人小型轿车，跨越 2022 年改革 · A private small car across the reform of 2022",
            json: include_str!("examples/inspection_forecast.standard.json"),
        },
        Example {
            name: "old_cycle",
            summary: "出厂日期已知，发生致人伤亡事故后恢复原检验周期 · Its making is known; after an accident with injuries the old cycle returns",
            json: include_str!("examples/inspection_forecast.old_cycle.json"),
        },
    ];

    type Path = NoParams;
    type Query = NoParams;
    type Body = Json<InspectionForecastRequest>;
    type Output = Found<InspectionForecast>;
}

/// 检验周期预测: what the inspection cycle of a vehicle depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InspectionForecastRequest {
    /// 车辆类型 (GA field `cllx`).
    pub vehicle_type: VehicleType,
    /// 使用性质 (GA field `syxz`).
    pub use_character: UseCharacter,
    /// 核定载客, the driver included (GA field `hdzk`), 0 of trailers; small cars of more than nine seats
    /// follow the old cycle.
    pub seats: Seats,
    /// 初次登记日期 (GA field `ccdjrq`), from 1901 on; may lie in the future.
    #[serde(deserialize_with = "crate::moment::deserialize_date")]
    pub first_registered_on: Date,
    /// 出厂日期 (GA field `ccrq`), when known, not after the first registration: a car registered more than
    /// four years later is never exempt from the line.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::moment::deserialize_optional_date"
    )]
    pub manufactured_on: Option<Date>,
    /// 恢复原检验周期之日: of an accident with injuries (致人伤亡事故) or a punished illegal modification
    /// (非法改装), not before the first registration; due dates from then on follow the old cycle.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::moment::deserialize_optional_date"
    )]
    pub old_cycle_from: Option<Date>,
    /// 预测年数, counted from the first registration.
    pub years: ForecastYears,
}

/// 检验周期预测结果.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InspectionForecast {
    /// Every inspection, in order, as if the vehicle were never scrapped.
    pub items: Vec<InspectionForecastItem>,
    /// 强制报废期止 (GA field `qzbfqz`), of classes that have one; it does not cut `items` short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scrap_due_on: Option<Date>,
}

/// One inspection the vehicle is due for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InspectionForecastItem {
    /// 检验有效期止 (GA field `yxqz`): the last day for it, always the last of a month.
    pub due_on: Date,
    /// What has to be done.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub kind: Open<DueKind>,
    /// 可检验之日: the first day on which it can be done (R164 Art 54).
    pub window_opens_on: Date,
    /// 依据: the rule in force on the due date.
    pub rule: String,
}

impl InspectionForecast {
    /// The answer to a request, with the readings of [`Parameters::default`], as the platform gives it;
    /// needs no network.
    #[must_use]
    pub fn of(request: &InspectionForecastRequest) -> Self {
        let profile = VehicleProfile::from(request);
        let parameters = Parameters::default();
        let dues = inspection::forecast(&profile, u32::from(request.years.get()), &parameters);
        Self {
            items: dues.into_iter().map(Into::into).collect(),
            scrap_due_on: inspection::scrap_due_on(&profile, &parameters),
        }
    }
}

impl From<InspectionDue> for InspectionForecastItem {
    fn from(due: InspectionDue) -> Self {
        Self {
            due_on: due.due_on,
            kind: due.kind.into(),
            window_opens_on: due.window_opens_on,
            rule: due.rule.to_owned(),
        }
    }
}

impl From<&InspectionForecastRequest> for VehicleProfile {
    fn from(request: &InspectionForecastRequest) -> Self {
        Self {
            vehicle_type: request.vehicle_type,
            use_character: request.use_character,
            seats: request.seats.get(),
            first_registered_on: request.first_registered_on,
            manufactured_on: request.manufactured_on,
            old_cycle_from: request.old_cycle_from,
        }
    }
}

/// A vehicle and the years to look ahead, where the contract has both in range.
impl TryFrom<(&VehicleProfile, u32)> for InspectionForecastRequest {
    type Error = OutOfRange;

    fn try_from((profile, years): (&VehicleProfile, u32)) -> Result<Self, OutOfRange> {
        if profile.seats == 0 && !profile.vehicle_type.is_trailer() {
            return Err(OutOfRange::new(1, Seats::MAX.into()));
        }
        Ok(Self {
            vehicle_type: profile.vehicle_type,
            use_character: profile.use_character,
            seats: u64::from(profile.seats).try_into()?,
            first_registered_on: profile.first_registered_on,
            manufactured_on: profile.manufactured_on,
            old_cycle_from: profile.old_cycle_from,
            years: u64::from(years).try_into()?,
        })
    }
}
