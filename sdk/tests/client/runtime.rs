//! Time and chance in the hands of a test.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use lingminban::client::{Pause, Runtime};
use tokio::sync::oneshot;

/// A clock that stands still until somebody pauses on it or [`TestRuntime::advance`]s it.
#[derive(Default)]
pub(crate) struct TestRuntime {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    elapsed: Duration,
    pauses: Vec<Duration>,
    deadlines: Vec<(Duration, oneshot::Sender<()>)>,
    random: Vec<u64>,
    drawn: u64,
}

impl TestRuntime {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// A clock whose next random numbers are these; later ones count upwards.
    pub(crate) fn with_random(random: impl IntoIterator<Item = u64>) -> Arc<Self> {
        let runtime = Self::new();
        let mut numbers: Vec<_> = random.into_iter().collect();
        numbers.reverse();
        runtime.state.lock().unwrap().random = numbers;
        runtime
    }

    /// Time passes; deadlines that lie behind it end.
    pub(crate) fn advance(&self, duration: Duration) {
        let mut state = self.state.lock().unwrap();
        state.elapsed += duration;
        let now = state.elapsed;
        for (at, ended) in std::mem::take(&mut state.deadlines) {
            if at <= now {
                let _ = ended.send(());
            } else {
                state.deadlines.push((at, ended));
            }
        }
    }

    /// Every pause so far, in order.
    pub(crate) fn pauses(&self) -> Vec<Duration> {
        self.state.lock().unwrap().pauses.clone()
    }
}

impl Runtime for TestRuntime {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-03-02T01:00:00Z".parse().unwrap();
        start + self.elapsed()
    }

    fn elapsed(&self) -> Duration {
        self.state.lock().unwrap().elapsed
    }

    fn pause(&self, duration: Duration) -> Pause {
        self.state.lock().unwrap().pauses.push(duration);
        self.advance(duration);
        Box::pin(std::future::ready(()))
    }

    fn deadline(&self, duration: Duration) -> Pause {
        let (ended, end) = oneshot::channel();
        let mut state = self.state.lock().unwrap();
        let at = state.elapsed + duration;
        state.deadlines.push((at, ended));
        Box::pin(async {
            let _ = end.await;
        })
    }

    fn random(&self) -> u64 {
        let mut state = self.state.lock().unwrap();
        state.drawn += 1;
        let count = state.drawn;
        state.random.pop().unwrap_or(count)
    }
}
