//! Time and chance of one space: nothing else reads a clock or draws a number.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, civil::Date};
use lingminban::moment::Moment;
use serde::{Deserialize, Serialize};

/// Where real time comes from.
pub trait HostClock: Send + Sync + 'static {
    /// Time since some fixed point; never runs backwards.
    fn elapsed(&self) -> Duration;
    /// The time of day, for `--start-time now`.
    fn wall(&self) -> Timestamp;
}

/// Whether a clock may be started or set there: from 1970 on, and before the end of the
/// calendar, which stands for every instant after it.
#[must_use]
pub fn is_settable(instant: Moment) -> bool {
    instant.timestamp() >= Timestamp::UNIX_EPOCH && !instant.is_end()
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

/// A space's clock: runs from its start time, or stands still.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clock {
    shown: Timestamp,
    /// Host time at which `shown` was right; `None` while frozen.
    running_since: Option<Duration>,
    /// Seconds shown a second of the host, when it runs.
    rate: f64,
}

impl Clock {
    /// Runs from `start` at real rate.
    #[must_use]
    pub fn running(start: Timestamp, host: Duration) -> Self {
        Self {
            shown: start,
            running_since: Some(host),
            rate: 1.0,
        }
    }

    /// The instant shown. Stops at the end of the calendar rather than overflowing.
    #[must_use]
    pub fn now(&self, host: Duration) -> Timestamp {
        let run = self
            .running_since
            .map_or(Duration::ZERO, |since| host.saturating_sub(since));
        later(self.shown, faster(run, self.rate))
    }

    /// Whether it stands still.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        self.running_since.is_none()
    }

    /// Seconds shown a second of the host, when it runs.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// How much real time passes until an instant is shown; `None` while it stands still.
    #[must_use]
    pub fn until(&self, instant: Timestamp, host: Duration) -> Option<Duration> {
        self.running_since?;
        let shown = instant.duration_since(self.now(host));
        let shown = Duration::try_from(shown).unwrap_or_default();
        Some(Duration::try_from_secs_f64(shown.as_secs_f64() / self.rate).unwrap_or(Duration::MAX))
    }

    /// Stands still from now on.
    pub fn freeze(&mut self, host: Duration) {
        self.shown = self.now(host);
        self.running_since = None;
    }

    /// Runs again.
    pub fn resume(&mut self, host: Duration) {
        self.shown = self.now(host);
        self.running_since = Some(host);
    }

    /// Runs at so many seconds a second of the host, which must be more than none.
    pub fn run_at(&mut self, rate: f64, host: Duration) {
        self.resume(host);
        self.rate = rate;
    }

    /// Moves forward to an instant; what a clock has shown it never shows again, so an earlier one
    /// changes nothing.
    pub fn move_to(&mut self, instant: Timestamp, host: Duration) {
        let now = self.now(host);
        self.shown = instant.max(now);
        self.running_since = self.running_since.map(|_| host);
    }

    /// What is kept of it while its process is away.
    #[must_use]
    pub fn face(&self, host: Duration) -> ClockFace {
        ClockFace {
            shown: self.now(host),
            frozen: self.is_frozen(),
            rate: self.rate,
        }
    }

    /// The clock as it showed at `then`, going on from `now`: of a state that was put away.
    #[must_use]
    pub fn put_back(mut self, then: Duration, now: Duration) -> Self {
        self.shown = self.now(then);
        self.running_since = self.running_since.map(|_| now);
        self
    }
}

/// What is kept of a clock while its process is away.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClockFace {
    shown: Timestamp,
    frozen: bool,
    rate: f64,
}

impl ClockFace {
    /// The instant shown.
    #[must_use]
    pub fn shown(&self) -> Timestamp {
        self.shown
    }

    /// The clock goes on after its process was away for so long; one that stands still has not
    /// moved meanwhile.
    #[must_use]
    pub fn go_on(self, away: Duration, host: Duration) -> Clock {
        let run = if self.frozen { Duration::ZERO } else { away };
        Clock {
            shown: later(self.shown, faster(run, self.rate)),
            running_since: (!self.frozen).then_some(host),
            rate: self.rate,
        }
    }
}

fn faster(run: Duration, rate: f64) -> Duration {
    // Not through floating point where nothing is to be computed: 2⁵³ nanoseconds are 104 days.
    if (rate - 1.0).abs() < f64::EPSILON {
        return run;
    }
    Duration::try_from_secs_f64(run.as_secs_f64() * rate).unwrap_or(Duration::MAX)
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
        clock.move_to(later(start, Duration::from_secs(62)), HOST * 100);
        clock.resume(HOST * 100);
        assert_eq!(
            clock.now(HOST * 100 + Duration::from_secs(3)),
            later(start, Duration::from_secs(65))
        );
    }

    #[test]
    fn a_clock_runs_at_its_rate_and_never_backwards() {
        let start: Timestamp = "2026-03-02T01:00:00Z".parse().unwrap();
        let mut clock = Clock::running(start, HOST);
        clock.run_at(60.0, HOST + Duration::from_secs(10));
        let now = later(start, Duration::from_secs(10 + 120));
        assert_eq!(clock.now(HOST + Duration::from_secs(12)), now);
        clock.move_to(start, HOST + Duration::from_secs(12));
        assert_eq!(clock.now(HOST + Duration::from_secs(12)), now);
        clock.run_at(1e6, HOST);
        assert_eq!(clock.now(Duration::MAX), Timestamp::MAX);
    }

    #[test]
    fn a_clock_says_how_long_an_instant_takes_to_come() {
        let start: Timestamp = "2026-03-02T01:00:00Z".parse().unwrap();
        let mut clock = Clock::running(start, HOST);
        let minute = Duration::from_secs(60);
        assert_eq!(clock.until(later(start, minute), HOST), Some(minute));
        clock.run_at(60.0, HOST);
        let second = Some(Duration::from_secs(1));
        assert_eq!(clock.until(later(start, minute), HOST), second);
        assert_eq!(clock.until(start, HOST * 2), Some(Duration::ZERO));
        clock.freeze(HOST);
        assert_eq!(clock.until(later(start, minute), HOST), None);
    }

    #[test]
    fn a_clock_put_away_goes_on_where_it_was() {
        let start: Timestamp = "2026-03-02T01:00:00Z".parse().unwrap();
        let clock = Clock::running(start, HOST);
        let back = clock.put_back(HOST + Duration::from_secs(1), HOST * 100);
        assert_eq!(back.now(HOST * 100), later(start, Duration::from_secs(1)));
    }

    #[test]
    fn a_clock_whose_process_was_away_goes_on_at_its_rate_unless_it_stood_still() {
        let start: Timestamp = "2026-03-02T01:00:00Z".parse().unwrap();
        let mut clock = Clock::running(start, HOST);
        clock.run_at(60.0, HOST);
        let face = clock.face(HOST + Duration::from_secs(1));
        let away = Duration::from_secs(2);
        let again = face.go_on(away, HOST);
        assert_eq!(again.now(HOST), later(start, Duration::from_secs(180)));
        assert_eq!(
            again.now(HOST + Duration::from_secs(1)),
            later(start, Duration::from_secs(240))
        );
        clock.freeze(HOST);
        let again = clock.face(HOST).go_on(away, HOST);
        assert_eq!((again.now(HOST * 9), again.rate()), (start, 60.0));
        assert!(again.is_frozen());
    }

    #[test]
    fn the_end_of_the_calendar_is_no_overflow() {
        let clock = Clock::running(Timestamp::MAX, HOST);
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
