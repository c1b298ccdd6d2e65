//! What one connection is doing, and since when.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// The pulse of one connection. Clones share everything.
#[derive(Clone)]
pub(super) struct Pulse(Arc<Mutex<State>>);

struct State {
    /// Whether a request's head has ever been received.
    begun: bool,
    /// Bodies being received; several over HTTP/2.
    reading: usize,
    /// Requests the engine has not answered yet.
    waiting: usize,
    /// When the last of these ended, or the connection began.
    quiet_since: Instant,
}

/// Something a connection does; it ends when this is dropped.
pub(super) struct Doing {
    pulse: Pulse,
    count: fn(&mut State) -> &mut usize,
}

impl Pulse {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            begun: false,
            reading: 0,
            waiting: 0,
            quiet_since: Instant::now(),
        })))
    }

    /// A body begins to be received.
    pub(super) fn read(&self) -> Doing {
        self.begin(|state| &mut state.reading)
    }

    /// A request is passed on to the engine.
    pub(super) fn wait(&self) -> Doing {
        self.begin(|state| &mut state.waiting)
    }

    /// Whether a request's head has ever been received.
    pub(super) fn has_begun(&self) -> bool {
        self.lock().begun
    }

    /// Whether it is us the client waits for.
    pub(super) fn is_waiting(&self) -> bool {
        self.lock().waiting > 0
    }

    /// How long the connection may still do nothing: `first` until its first request, `next` until a
    /// later one; `None` while it does something.
    pub(super) fn patience(&self, first: Duration, next: Duration) -> Option<Duration> {
        let state = self.lock();
        let whole = if state.begun { next } else { first };
        let quiet = state.reading == 0 && state.waiting == 0;
        quiet.then(|| whole.saturating_sub(state.quiet_since.elapsed()))
    }

    fn begin(&self, count: fn(&mut State) -> &mut usize) -> Doing {
        let mut state = self.lock();
        state.begun = true;
        *count(&mut state) += 1;
        Doing {
            pulse: self.clone(),
            count,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Doing {
    fn drop(&mut self) {
        let mut state = self.pulse.lock();
        *(self.count)(&mut state) -= 1;
        state.quiet_since = Instant::now();
    }
}
