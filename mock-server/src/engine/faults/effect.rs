//! What a rule does, once its members are known to go together.

use std::time::Duration;

use http::StatusCode;
use lingminban::api::{
    ProblemCode,
    control::{DeliveryEffect, FaultEffect, FaultRule, PercentilesMs, RetryAfterForm},
};

use crate::engine::world::Chance;

/// The longest an answer is held back by [`Effect::Slower`], in milliseconds.
const SLOWEST: u64 = 60_000;

/// 故障 with its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Status(Told),
    Delay(Spread),
    /// Milliseconds of the first time.
    Slower(u64),
    CloseBefore,
    LostAck,
    Truncate,
    NotJson,
    Html502,
    WrongContentType,
    UnknownEnum,
    ExtraFields,
    /// Seconds.
    SkewedDate(i64),
    ExpiredToken,
    Event(DeliveryEffect),
}

/// What is answered in the operation's stead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) status: StatusCode,
    pub(super) code: Option<ProblemCode>,
    /// Seconds, and how they are written.
    pub(super) retry_after: Option<(u32, RetryAfterForm)>,
}

/// How long answers are held back, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spread {
    Fixed(u64),
    Even(u64, u64),
    Percentiles(PercentilesMs),
}

impl Effect {
    /// `None` when a member is missing that the effect needs.
    pub(super) fn of(rule: &FaultRule) -> Option<Self> {
        Some(match rule.effect {
            FaultEffect::Status => Self::Status(Told::of(rule)?),
            FaultEffect::Delay => Self::Delay(Spread::of(rule)?),
            FaultEffect::Slower => Self::Slower(rule.ms?.into()),
            FaultEffect::CloseBefore => Self::CloseBefore,
            FaultEffect::LostAck => Self::LostAck,
            FaultEffect::Truncate => Self::Truncate,
            FaultEffect::NotJson => Self::NotJson,
            FaultEffect::Html502 => Self::Html502,
            FaultEffect::WrongContentType => Self::WrongContentType,
            FaultEffect::UnknownEnum => Self::UnknownEnum,
            FaultEffect::ExtraFields => Self::ExtraFields,
            FaultEffect::SkewedDate => Self::SkewedDate(rule.seconds.unwrap_or_default().get()),
            FaultEffect::ExpiredToken => Self::ExpiredToken,
            FaultEffect::DuplicateEvent => Self::Event(DeliveryEffect::Duplicate),
            FaultEffect::BadSignature => Self::Event(DeliveryEffect::BadSignature),
            FaultEffect::OutOfOrder => Self::Event(DeliveryEffect::OutOfOrder),
            FaultEffect::Never => Self::Event(DeliveryEffect::Never),
        })
    }

    /// How long this holds an answer back after it has acted `acted` times.
    pub(super) fn delay(self, acted: u64, chance: &mut Chance) -> Duration {
        let millis = match self {
            Self::Delay(spread) => spread.draw(chance),
            Self::Slower(first) => {
                let times = u32::try_from(acted).ok().and_then(|n| 1_u64.checked_shl(n));
                first.saturating_mul(times.unwrap_or(u64::MAX)).min(SLOWEST)
            }
            _ => 0,
        };
        Duration::from_millis(millis)
    }
}

impl Told {
    fn of(rule: &FaultRule) -> Option<Self> {
        let form = rule.retry_after_form.unwrap_or(RetryAfterForm::Seconds);
        Some(Self {
            status: StatusCode::from_u16(rule.status?.get()).ok()?,
            code: rule.code,
            retry_after: rule.retry_after.map(|seconds| (seconds.get(), form)),
        })
    }
}

impl Spread {
    fn of(rule: &FaultRule) -> Option<Self> {
        let fixed = rule.ms.map(|ms| Self::Fixed(ms.into()));
        let even = rule
            .range_ms
            .map(|range| Self::Even(range.0[0].into(), range.0[1].into()));
        fixed
            .or(even)
            .or(rule.percentiles_ms.map(Self::Percentiles))
    }

    fn draw(self, chance: &mut Chance) -> u64 {
        match self {
            Self::Fixed(millis) => millis,
            Self::Even(from, to) => from + chance.below(to.saturating_sub(from) + 1),
            Self::Percentiles(percentiles) => at(percentiles, chance.below(10_000)),
        }
    }
}

/// The delay of which `part` of 10,000 are shorter: straight lines between the percentiles, from zero
/// to `max`.
fn at(percentiles: PercentilesMs, part: u64) -> u64 {
    let PercentilesMs { p50, p95, p99, max } = percentiles;
    let points = [(5_000, p50), (9_500, p95), (9_900, p99), (10_000, max)];
    let mut lower = (0, 0);
    for (upto, millis) in points {
        let upper = (upto, u64::from(millis));
        if part < upto {
            let rise = upper.1.saturating_sub(lower.1);
            return lower.1 + rise * (part + 1 - lower.0) / (upper.0 - lower.0);
        }
        lower = upper;
    }
    lower.1
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn effect(mut rule: Value) -> Effect {
        rule["operation"] = json!("*");
        Effect::of(&serde_json::from_value(rule).unwrap()).unwrap()
    }

    fn millis(duration: Duration) -> u64 {
        u64::try_from(duration.as_millis()).unwrap()
    }

    #[test]
    fn answers_take_twice_as_long_each_time_and_a_minute_at_most() {
        let slower = effect(json!({ "effect": "slower", "ms": 20_000 }));
        let mut chance = Chance::new(1);
        let mut after = |acted| millis(slower.delay(acted, &mut chance));
        assert_eq!([after(0), after(1), after(2)], [20_000, 40_000, 60_000]);
        assert_eq!([after(63), after(64), after(u64::MAX)], [60_000; 3]);
    }

    #[test]
    fn a_range_is_drawn_evenly_with_both_its_ends() {
        let even = effect(json!({ "effect": "delay", "range_ms": [5, 7] }));
        let mut chance = Chance::new(1);
        let mut seen = [0; 8];
        for _ in 0..3_000 {
            seen[usize::try_from(millis(even.delay(0, &mut chance))).unwrap()] += 1;
        }
        assert_eq!(seen[..5], [0; 5]);
        assert!(
            seen[5..].iter().all(|count| (800..1_200).contains(count)),
            "{seen:?}"
        );
    }

    #[test]
    fn delays_have_the_percentiles_asked_for() {
        let percentiles = json!({ "p50": 100, "p95": 1_000, "p99": 4_000, "max": 10_000 });
        let delay = effect(json!({ "effect": "delay", "percentiles_ms": percentiles }));
        let mut chance = Chance::new(1);
        let mut drawn: Vec<u64> = (0..100_000)
            .map(|_| millis(delay.delay(0, &mut chance)))
            .collect();
        drawn.sort_unstable();
        for (part, wanted) in [(50_000, 100), (95_000, 1_000), (99_000, 4_000)] {
            let off = drawn[part].abs_diff(wanted);
            assert!(
                off * 20 <= wanted,
                "{part}: {} instead of {wanted}",
                drawn[part]
            );
        }
        assert_eq!(drawn[99_999], 10_000);
    }
}
