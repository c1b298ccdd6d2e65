//! Instants as the platform writes them.

use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::Offset,
};
use serde::{Deserialize, Serialize};

/// 时间: an instant, written as RFC 3339 in `+08:00`, to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(Timestamp);

/// Beijing time: all legal dates are in it; no daylight saving.
pub const BEIJING: Offset = Offset::constant(8);

impl Moment {
    /// The instant, cut to the millisecond.
    #[must_use]
    pub fn new(timestamp: Timestamp) -> Self {
        Self(Timestamp::from_millisecond(timestamp.as_millisecond()).unwrap_or(timestamp))
    }

    /// The instant.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        self.0
    }

    /// Whether it is the end of the calendar, 9999-12-31T06:00 in Beijing. Every later instant is read
    /// as this one: fit to compare with, not to be a time that something happens at.
    #[must_use]
    pub fn is_end(self) -> bool {
        self >= Self::new(Timestamp::MAX)
    }

    /// 日期: the calendar date in Beijing.
    #[must_use]
    pub fn date(self) -> Date {
        BEIJING.to_datetime(self.0).date()
    }
}

/// RFC 3339 and nothing else, as JSON Schema's format `date-time` has it.
///
/// jiff's own reader takes `20260302T0900Z`, a blank for the `T` and a zone in brackets too, and
/// ends 26 hours before the year 9999 does: an instant in those hours counts as the last one.
impl std::str::FromStr for Moment {
    type Err = NotAMoment;

    fn from_str(text: &str) -> Result<Self, NotAMoment> {
        let parsed = if is_rfc3339(text) {
            text.parse().ok().or_else(|| past_the_end(text))
        } else {
            None
        };
        parsed.map(Self::new).ok_or(NotAMoment)
    }
}

fn past_the_end(text: &str) -> Option<Timestamp> {
    let (local, _) = text.split_at_checked(19)?;
    let last_days =
        local.starts_with("9999-12-3") && local.parse::<jiff::civil::DateTime>().is_ok();
    last_days.then_some(Timestamp::MAX)
}

/// A text is no instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "应为 RFC 3339 时间，如 2026-03-02T09:00:00+08:00，网址中的“+”写作 %2B / \
     must be an RFC 3339 time such as 2026-03-02T09:00:00+08:00, its + written %2B in a URL"
)]
pub struct NotAMoment;

/// Whether the text has the form `YYYY-MM-DDThh:mm:ss[.f…](Z|±hh:mm)`; jiff takes nine digits of fraction.
fn is_rfc3339(text: &str) -> bool {
    let Some((seconds, rest)) = text.as_bytes().split_at_checked(19) else {
        return false;
    };
    let fraction = rest.strip_prefix(b".").map_or(0, |digits| {
        1 + digits
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    });
    let offset = rest.get(fraction..).unwrap_or_default();
    has_form(seconds, b"0000-00-00T00:00:00")
        && fraction != 1
        && [&b"Z"[..], b"+00:00", b"-00:00"]
            .iter()
            .any(|form| has_form(offset, form))
}

/// Whether the text is the form with other digits; letters may be small.
fn has_form(text: &[u8], form: &[u8]) -> bool {
    text.len() == form.len()
        && text.iter().zip(form).all(|(byte, wanted)| match wanted {
            b'0' => byte.is_ascii_digit(),
            _ => byte.eq_ignore_ascii_case(wanted),
        })
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.display_with_offset(BEIJING))
    }
}

impl Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MomentVisitor;
        impl serde::de::Visitor<'_> for MomentVisitor {
            type Value = Moment;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an RFC 3339 time")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Moment, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(MomentVisitor)
    }
}

/// 时刻: a time of day in Beijing to the minute, written `HH:MM`, from `00:00` to `23:59`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(Time);

impl TimeOfDay {
    /// The time, cut to the minute.
    #[must_use]
    pub fn new(time: Time) -> Self {
        Self(jiff::civil::time(time.hour(), time.minute(), 0, 0))
    }

    /// The time.
    #[must_use]
    pub const fn time(self) -> Time {
        self.0
    }
}

/// A text is no time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("应为 HH:MM 时刻，如 09:00 / must be a time of day such as 09:00")]
pub struct NotATimeOfDay;

/// `HH:MM` and nothing else.
impl std::str::FromStr for TimeOfDay {
    type Err = NotATimeOfDay;

    fn from_str(text: &str) -> Result<Self, NotATimeOfDay> {
        if !has_form(text.as_bytes(), b"00:00") {
            return Err(NotATimeOfDay);
        }
        text.parse().map(Self).map_err(|_| NotATimeOfDay)
    }
}

impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0.hour(), self.0.minute())
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// 日期: reads `YYYY-MM-DD` and nothing else, as JSON Schema's format `date` has it.
///
/// jiff's own reader takes `20260302`, `2026-03-02T09:00` and years beyond four digits too.
///
/// ```
/// use lingminban::moment::calendar_date;
///
/// assert!(calendar_date("2024-02-29").is_some());
/// for other in ["2026-02-29", "20260302", "2026-03-02T09:00", "-002026-03-02", "２０２６-03-02"] {
///     assert!(calendar_date(other).is_none(), "{other}");
/// }
/// ```
#[must_use]
pub fn calendar_date(text: &str) -> Option<Date> {
    let in_form = text.len() == 10
        && text.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if in_form { text.parse().ok() } else { None }
}

/// Reads a date of a request, for `#[serde(deserialize_with)]`.
pub(crate) fn deserialize_date<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Date, D::Error> {
    struct DateVisitor;
    impl serde::de::Visitor<'_> for DateVisitor {
        type Value = Date;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a date, YYYY-MM-DD")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Date, E> {
            calendar_date(text).ok_or_else(|| E::custom("no date of the form YYYY-MM-DD"))
        }
    }
    deserializer.deserialize_str(DateVisitor)
}

/// The same of an optional member, with `#[serde(default)]`.
pub(crate) fn deserialize_optional_date<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Date>, D::Error> {
    deserialize_date(deserializer).map(Some)
}

#[cfg(feature = "schema")]
impl utoipa::PartialSchema for TimeOfDay {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some("^([01][0-9]|2[0-3]):[0-5][0-9]$"))
            .description(Some(
                "时刻: a time of day in Beijing, `HH:MM`, from `00:00` to `23:59`.",
            ))
            .examples(["09:00"])
            .into()
    }
}

#[cfg(feature = "schema")]
impl utoipa::ToSchema for TimeOfDay {
    fn name() -> std::borrow::Cow<'static, str> {
        "TimeOfDay".into()
    }
}

#[cfg(feature = "schema")]
impl utoipa::PartialSchema for Moment {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(
                utoipa::openapi::KnownFormat::DateTime,
            )))
            .examples(["2026-03-02T09:00:00+08:00"])
            .into()
    }
}

#[cfg(feature = "schema")]
impl utoipa::ToSchema for Moment {
    fn name() -> std::borrow::Cow<'static, str> {
        "Moment".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_read_to_the_minute_only() {
        for text in ["00:00", "09:05", "23:59"] {
            let time: TimeOfDay = text.parse().unwrap();
            assert_eq!(time.to_string(), text);
            assert_eq!(TimeOfDay::new(time.time()), time);
        }
        for text in [
            "", "9:00", "09:60", "24:00", "09:00:00", "0900", "T09:00", "０9:00",
        ] {
            assert_eq!(text.parse::<TimeOfDay>(), Err(NotATimeOfDay), "{text}");
        }
    }

    #[test]
    fn instants_are_read_in_rfc_3339_only() {
        let nine = Moment::new(Timestamp::constant(1_772_413_200, 0));
        for text in [
            "2026-03-02T09:00:00+08:00",
            "2026-03-02T01:00:00Z",
            "2026-03-02t01:00:00.000z",
            "2026-03-01T23:30:00.000000000-01:30",
        ] {
            assert_eq!(text.parse(), Ok(nine), "{text}");
        }
        for text in [
            "",
            "2026-03-02",
            "2026-03-02 09:00:00+08:00",
            "2026-03-02T09:00+08:00",
            "2026-03-02T09:00:00",
            "2026-03-02T09:00:00.+08:00",
            "2026-03-02T09:00:00+0800",
            "2026-03-02T09:00:00+08:00[Asia/Shanghai]",
            "20260302T010000Z",
            "2026-02-29T09:00:00+08:00",
            "2026-03-02T24:00:00+08:00",
            "0000-00-00T00:00:00Z",
            "-000001-01-01T00:00:00Z",
            "２026-03-02T09:00:00+08:00",
        ] {
            assert_eq!(text.parse::<Moment>(), Err(NotAMoment), "{text}");
        }
    }
}
