//! The one place where the client touches clock, chance and timers.

use std::{
    future::Future,
    hash::BuildHasher,
    pin::Pin,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use uuid::Uuid;

/// A pause, boxed so that [`Runtime`] can be a trait object.
pub type Pause = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Time and chance, as the client sees them. Replace it in tests: nothing else in the client
/// reads a clock, sleeps or draws a number.
///
/// The timeout for connecting is the exception: it runs inside the transport, on tokio's timer.
pub trait Runtime: Send + Sync + 'static {
    /// The calendar time; read when an answer without a `Date` names a date in `Retry-After`, and
    /// put into identifiers.
    fn now(&self) -> Timestamp;

    /// Time since some fixed moment; never runs backwards.
    fn elapsed(&self) -> Duration;

    /// Lets time pass between two attempts or two polls.
    fn pause(&self, duration: Duration) -> Pause;

    /// Ends when an attempt has taken too long. Separate from [`Runtime::pause`] so that a test
    /// can skip pauses without every attempt timing out.
    fn deadline(&self, duration: Duration) -> Pause {
        self.pause(duration)
    }

    /// 64 random bits: jitter and identifiers.
    fn random(&self) -> u64;
}

/// The machine's own clock, timers and randomness.
#[derive(Clone, Copy, Debug)]
pub struct SystemRuntime {
    start: Instant,
}

impl Default for SystemRuntime {
    fn default() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl Runtime for SystemRuntime {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    fn pause(&self, duration: Duration) -> Pause {
        Box::pin(tokio::time::sleep(duration))
    }

    fn random(&self) -> u64 {
        // A machine that refuses randomness still gets distinct numbers from std's seeded hasher.
        getrandom::u64().unwrap_or_else(|_| std::hash::RandomState::new().hash_one(self.start))
    }
}

/// A UUIDv7: sorted by time, so that a partner's log and index stay in order.
pub(super) fn identifier(runtime: &dyn Runtime) -> Uuid {
    let millis = u64::try_from(runtime.now().as_millisecond()).unwrap_or_default();
    let mut random = [0; 10];
    random[..8].copy_from_slice(&runtime.random().to_be_bytes());
    random[8..].copy_from_slice(&runtime.random().to_be_bytes()[..2]);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}
