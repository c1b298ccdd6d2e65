use bon::Builder;
use http::Method;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use super::{COMMANDS, Space, SpacePath};
use crate::{
    api::{
        Access, Found, Json, NoParams, Operation, ProblemCode, Repeat, Tag,
        operation::{Example, sealed::Sealed},
        quantity::quantity,
    },
    moment::{BEIJING, Moment},
    wire_enum::wire_enum,
};

/// Moves, stops or starts the clock of a space.
pub struct SetClock;

impl Sealed for SetClock {}

impl Operation for SetClock {
    const ID: &'static str = "set_clock";
    const SUMMARY: &'static str = "拨动时钟 · Move, stop or start a space's clock";
    const DESCRIPTION: &'static str = "Exactly one member. Everything that falls due on the way has happened when the answer comes: \
        progress, deadlines, tokens, keys, draws, rate windows, due events. The clock never runs \
        backwards.";
    const TAG: Tag = COMMANDS;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/sandbox/v1/spaces/{space_id}/clock";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Admin;
    const PROBLEMS: &'static [ProblemCode] =
        &[ProblemCode::SpaceNotFound, ProblemCode::ClockBackwards];
    const EXAMPLES: &'static [Example] = &[
        example("advance", "Thirty days on", r#"{"advance":"P30D"}"#),
        example(
            "advance_working_days",
            "Two working days on, to the same time of day",
            r#"{"advance_working_days":2}"#,
        ),
        example("freeze", "Stand still", r#"{"frozen":true}"#),
        example("rate", "A minute a second", r#"{"rate":60}"#),
        example(
            "set",
            "To an instant",
            r#"{"set":"2026-12-01T09:00:00+08:00"}"#,
        ),
    ];

    type Path = SpacePath;
    type Query = NoParams;
    type Body = Json<ClockCommand>;
    type Output = Found<ClockState>;
}

const fn example(name: &'static str, summary: &'static str, json: &'static str) -> Example {
    Example {
        name,
        summary,
        json,
    }
}

/// Changes how fast the authority works.
pub struct SetPace;

impl Sealed for SetPace {}

impl Operation for SetPace {
    const ID: &'static str = "set_pace";
    const SUMMARY: &'static str = "设定办理速度 · Change how fast the authority works";
    const DESCRIPTION: &'static str = "From now on, for what is filed already too.";
    const TAG: Tag = COMMANDS;
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/sandbox/v1/spaces/{space_id}/pace";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Admin;
    const PROBLEMS: &'static [ProblemCode] = &[ProblemCode::SpaceNotFound];

    type Path = SpacePath;
    type Query = NoParams;
    type Body = Json<PaceCommand>;
    type Output = Found<Space>;
}

wire_enum! {
    /// 办理速度: how fast the authority works.
    pub enum Pace {
        Quick = "quick", "每步四十毫秒";
        Statutory = "statutory", "按法定期限，工作日办理";
        Manual = "manual", "仅按指令办理";
        AfterPolls = "after_polls", "每查询若干次办理一步";
    }
}

quantity! {
    /// How many times an application is read before it moves on.
    Polls(u32), 1..=1_000;
    /// 工作日: working days of mainland China (R164 Art 92).
    WorkingDays(u16), 1..=2_500;
}

/// 办理速度 asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PaceCommand {
    /// 办理速度.
    pub pace: Pace,
    /// With `after_polls`, and only then: how many times an application is read before it moves on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub polls: Option<Polls>,
}

/// 时钟指令: exactly one member.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ClockCommand {
    /// Moves forward by a duration (ISO 8601; days, months and years are those of the calendar).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advance: Option<Period>,
    /// Moves forward by working days, to the same time of day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advance_working_days: Option<WorkingDays>,
    /// Moves forward to an instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<Moment>,
    /// Stands still, or runs again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frozen: Option<bool>,
    /// Runs, at so many seconds of the clock a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
}

/// What a clock can be told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ClockMove {
    /// Forward by a duration.
    Advance(Period),
    /// Forward by working days, to the same time of day.
    AdvanceWorkingDays(WorkingDays),
    /// Forward to an instant.
    Set(Moment),
    /// To stand still, or to run again.
    Frozen(bool),
    /// To run, at so many seconds of the clock a second.
    Rate(Rate),
}

impl From<ClockMove> for ClockCommand {
    fn from(to: ClockMove) -> Self {
        let mut command = Self::default();
        match to {
            ClockMove::Advance(period) => command.advance = Some(period),
            ClockMove::AdvanceWorkingDays(days) => command.advance_working_days = Some(days),
            ClockMove::Set(instant) => command.set = Some(instant),
            ClockMove::Frozen(frozen) => command.frozen = Some(frozen),
            ClockMove::Rate(rate) => command.rate = Some(rate),
        }
        command
    }
}

impl ClockCommand {
    /// The one thing that is asked; `None` when it is none or several.
    #[must_use]
    pub fn only(&self) -> Option<ClockMove> {
        let moves = [
            self.advance.map(ClockMove::Advance),
            self.advance_working_days.map(ClockMove::AdvanceWorkingDays),
            self.set.map(ClockMove::Set),
            self.frozen.map(ClockMove::Frozen),
            self.rate.map(ClockMove::Rate),
        ];
        let mut asked = moves.into_iter().flatten();
        asked.next().filter(|_| asked.next().is_none())
    }
}

/// 时钟: what a space's clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ClockState {
    /// The time, in Beijing.
    pub now: Moment,
    /// Whether it stands still.
    pub frozen: bool,
    /// Seconds of the clock a second, when it runs.
    pub rate: f64,
}

/// 时长: a duration of ISO 8601 that leads forward, such as `P30D` or `PT2H`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(try_from = "Box<str>", into = "String")]
pub struct Period(Span);

/// A text is no duration that leads forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("应为 ISO 8601 时长，如 P30D 或 PT2H / must be an ISO 8601 duration such as P30D or PT2H")]
pub struct NotAPeriod;

impl Period {
    /// Beside a length of three at least.
    #[cfg(feature = "schema")]
    const PATTERN: &'static str = concat!(
        "^P(?:[0-9]{1,4}Y)?(?:[0-9]{1,4}M)?(?:[0-9]{1,4}W)?(?:[0-9]{1,5}D)?",
        "(?:T(?:[0-9]{1,6}H(?:[0-9]{1,8}M)?(?:[0-9]{1,9}S)?|[0-9]{1,8}M(?:[0-9]{1,9}S)?|[0-9]{1,9}S))?$",
    );

    /// The instant this long after `start`, by Beijing's calendar; `None` beyond its end.
    #[must_use]
    pub fn after(self, start: Timestamp) -> Option<Timestamp> {
        let local = BEIJING.to_datetime(start);
        BEIJING.to_timestamp(local.checked_add(self.0).ok()?).ok()
    }
}

impl TryFrom<Box<str>> for Period {
    type Error = NotAPeriod;

    fn try_from(text: Box<str>) -> Result<Self, NotAPeriod> {
        text.parse()
    }
}

impl std::str::FromStr for Period {
    type Err = NotAPeriod;

    fn from_str(text: &str) -> Result<Self, NotAPeriod> {
        let span: Span = text.parse().map_err(|_| NotAPeriod)?;
        let iso = text.starts_with('P') && text.bytes().any(|byte| byte.is_ascii_digit());
        if iso && !span.is_negative() {
            Ok(Self(span))
        } else {
            Err(NotAPeriod)
        }
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.0.to_string()
    }
}

impl PartialEq for Period {
    fn eq(&self, other: &Self) -> bool {
        self.0.fieldwise() == other.0.fieldwise()
    }
}

/// Seconds of a clock a second: above 0, at most 1,000,000.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Rate(f64);

impl Rate {
    /// The fastest.
    pub const MAX: f64 = 1_000_000.0;

    /// The number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// A rate is zero, negative or too fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be above 0 and at most 1000000")]
pub struct WrongRate;

impl TryFrom<f64> for Rate {
    type Error = WrongRate;

    fn try_from(rate: f64) -> Result<Self, WrongRate> {
        if rate > 0.0 && rate <= Self::MAX {
            Ok(Self(rate))
        } else {
            Err(WrongRate)
        }
    }
}

impl From<Rate> for f64 {
    fn from(rate: Rate) -> Self {
        rate.0
    }
}

#[cfg(feature = "schema")]
mod schema {
    use std::borrow::Cow;

    use utoipa::openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    };

    use super::{Period, Rate};

    impl utoipa::PartialSchema for Period {
        fn schema() -> RefOr<Schema> {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .description(Some(
                    "时长: a duration of ISO 8601 that leads forward, such as `P30D` or `PT2H`.",
                ))
                .min_length(Some(3))
                .max_length(Some(64))
                .pattern(Some(Self::PATTERN))
                .examples(["P30D"])
                .into()
        }
    }

    impl utoipa::ToSchema for Period {
        fn name() -> Cow<'static, str> {
            "Period".into()
        }
    }

    impl utoipa::PartialSchema for Rate {
        fn schema() -> RefOr<Schema> {
            ObjectBuilder::new()
                .schema_type(Type::Number)
                .description(Some("Seconds of the clock a second."))
                .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(
                    utoipa::openapi::KnownFormat::Double,
                )))
                .exclusive_minimum(Some(0.0))
                .maximum(Some(Self::MAX))
                .examples([serde_json::json!(60)])
                .into()
        }
    }

    impl utoipa::ToSchema for Rate {
        fn name() -> Cow<'static, str> {
            "Rate".into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_iso_8601_and_leads_forward() {
        let start: Timestamp = "2026-01-31T01:00:00Z".parse().unwrap();
        for (text, end) in [
            ("P30D", "2026-03-02T01:00:00Z"),
            ("P1M", "2026-02-28T01:00:00Z"),
            ("PT36H", "2026-02-01T13:00:00Z"),
            ("PT0S", "2026-01-31T01:00:00Z"),
        ] {
            let period: Period = text.parse().unwrap();
            assert_eq!(period.after(start), Some(end.parse().unwrap()), "{text}");
        }
        for text in ["", "P", "PT", "30 days", "-P1D", "1D", "P1.5D", "p1d"] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
        let far: Period = "P9999Y".parse().unwrap();
        assert_eq!(far.after(start), None);
    }
}
