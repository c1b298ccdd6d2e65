//! Time and chance of one space: nothing else reads a clock or draws a number.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, civil::Date};
use lingminban::moment::Moment;

/// Where real time comes from.
pub trait HostClock: Send + Sync + 'static {
    /// Time since some fixed point; never runs backwards.
    fn elapsed(&self) -> Duration;
    /// The time of day, for `--start-time now`.
    fn wall(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock(std::time::Instant);

impl Default for SystemClock {
    fn default() -> Self {
        Self(std::time::Instant::now())
    }
}

impl HostClock for SystemClock {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn wall(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A space's clock: runs at real rate from its start time, or stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    shown: Timestamp,
    /// Host time at which `shown` was right; `None` while frozen.
    running_since: Option<Duration>,
}

impl Clock {
    /// Runs from `start`.
    #[must_use]
    pub fn running(start: Timestamp, host: Duration) -> Self {
        Self {
            shown: start,
            running_since: Some(host),
        }
    }

    /// The instant shown. Stops at the end of the calendar rather than overflowing.
    #[must_use]
    pub fn now(&self, host: Duration) -> Timestamp {
        let run = self
            .running_since
            .map_or(Duration::ZERO, |since| host.saturating_sub(since));
        later(self.shown, run)
    }

    /// Stands still from now on.
    pub fn freeze(&mut self, host: Duration) {
        *self = Self {
            shown: self.now(host),
            running_since: None,
        };
    }

    /// Runs again at real rate.
    pub fn resume(&mut self, host: Duration) {
        *self = Self {
            shown: self.now(host),
            running_since: Some(host),
        };
    }

    /// Moves forward; what a clock has shown it never shows again.
    pub fn advance(&mut self, by: Duration) {
        self.shown = later(self.shown, by);
    }
}

/// `by` after `start`, or the end of the calendar.
#[must_use]
pub fn later(start: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by)
        .ok()
        .and_then(|by| start.checked_add(by).ok())
        .unwrap_or(Timestamp::MAX)
}

/// The date in Beijing.
#[must_use]
pub fn date_of(instant: Timestamp) -> Date {
    Moment::new(instant).date()
}

/// Chance from a seed: the same seed draws the same numbers in the same order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chance {
    state: u64,
}

impl Chance {
    /// Starts a sequence.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number below `bound`; the bias of the remainder is below one in 2⁴⁰ for the
    /// bounds used here.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    /// SplitMix64: full period, no state but a counter, good enough for plates.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: Duration = Duration::from_secs(5);

    #[test]
    fn a_frozen_clock_stands_and_a_running_one_follows_the_host() {
        let start: Timestamp = "2026-03-02T01:00:00Z".parse().unwrap();
        let mut clock = Clock::running(start, HOST);
        assert_eq!(
            clock.now(HOST + Duration::from_secs(1)),
            later(start, Duration::from_secs(1))
        );
        clock.freeze(HOST + Duration::from_secs(2));
        assert_eq!(clock.now(HOST * 100), later(start, Duration::from_secs(2)));
        clock.advance(Duration::from_secs(60));
        clock.resume(HOST * 100);
        assert_eq!(
            clock.now(HOST * 100 + Duration::from_secs(3)),
            later(start, Duration::from_secs(65))
        );
    }

    #[test]
    fn the_end_of_the_calendar_is_no_overflow() {
        let mut clock = Clock::running(Timestamp::MAX, HOST);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(Duration::MAX), Timestamp::MAX);
    }

    #[test]
    fn equal_seeds_draw_equal_numbers() {
        let draw = |seed| {
            let mut chance = Chance::new(seed);
            [
                chance.below(1_000_000),
                chance.below(1_000_000),
                chance.below(1_000_000),
            ]
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
