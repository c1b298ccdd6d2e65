//! What one connection is doing, and since when.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

/// The pulse of one connection. Clones share everything.
#[derive(Clone)]
pub(super) struct Pulse(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// Whether others need the connection's place.
    hurry: watch::Sender<bool>,
}

struct State {
    /// Whether a request's head has ever been received.
    begun: bool,
    /// Bodies being received; several over HTTP/2.
    reading: usize,
    /// Requests the engine has not answered yet.
    waiting: usize,
    /// When the last of these ended, or the connection began.
    quiet_since: Instant,
    /// Since when the socket takes nothing more.
    blocked_since: Option<Instant>,
    /// Answers the client has not taken whole, and when each was taken from last.
    untaken: BTreeMap<u64, Instant>,
    /// How many answers there have been.
    answers: u64,
    /// Whether the client was given up: nobody takes what is left to say.
    given_up: bool,
}

/// Something a connection does; it ends when this is dropped.
pub(super) struct Doing {
    pulse: Pulse,
    count: fn(&mut State) -> &mut usize,
}

impl Pulse {
    pub(super) fn new() -> Self {
        let state = State {
            begun: false,
            reading: 0,
            waiting: 0,
            quiet_since: Instant::now(),
            blocked_since: None,
            untaken: BTreeMap::new(),
            answers: 0,
            given_up: false,
        };
        Self(Arc::new(Shared {
            state: Mutex::new(state),
            hurry: watch::Sender::new(false),
        }))
    }

    /// Others need the place: nothing is held back any more.
    pub(super) fn hurry(&self) {
        self.0.hurry.send_replace(true);
    }

    /// Ends when others need the place.
    pub(super) async fn hurried(&self) {
        let mut hurry = self.0.hurry.subscribe();
        // Closed never: it is ours.
        hurry.wait_for(|hurry| *hurry).await.ok();
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

    /// Whether it is the client we wait for, to send the rest of a body.
    pub(super) fn is_reading(&self) -> bool {
        self.lock().reading > 0
    }

    /// How long the connection may still do nothing: `first` until its first request, `next` until a
    /// later one; `None` while it does something.
    pub(super) fn patience(&self, first: Duration, next: Duration) -> Option<Duration> {
        let state = self.lock();
        let whole = if state.begun { next } else { first };
        let quiet = state.reading == 0 && state.waiting == 0;
        quiet.then(|| whole.saturating_sub(state.quiet_since.elapsed()))
    }

    /// The socket took something, or takes nothing more.
    pub(super) fn wrote(&self, anything: bool) {
        let since = &mut self.lock().blocked_since;
        if anything {
            *since = None;
        } else {
            since.get_or_insert_with(Instant::now);
        }
    }

    /// Ends when something we have to say has found nobody to take it for so long.
    pub(super) async fn stuck(&self, patience: Duration) {
        loop {
            let waited = self.stuck_since().map(|since| since.elapsed());
            let left = patience.saturating_sub(waited.unwrap_or_default());
            if left.is_zero() {
                return;
            }
            sleep(left).await;
        }
    }

    fn stuck_since(&self) -> Option<Instant> {
        let state = self.lock();
        let oldest = state.untaken.values().min().copied();
        oldest.into_iter().chain(state.blocked_since).min()
    }

    /// Nothing that is left to say will be said.
    pub(super) fn give_up(&self) {
        self.lock().given_up = true;
    }

    /// Whether the client was given up.
    pub(super) fn is_given_up(&self) -> bool {
        self.lock().given_up
    }

    /// An answer begins to be taken.
    pub(super) fn take(&self) -> Taking {
        let mut state = self.lock();
        state.answers += 1;
        Taking {
            pulse: self.clone(),
            number: state.answers,
        }
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
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An answer the client is taking; it ends when this is dropped.
pub(super) struct Taking {
    pulse: Pulse,
    number: u64,
}

impl Taking {
    /// A piece is there, and is the client's to take from now on.
    pub(super) fn offer(&self) {
        let mut state = self.pulse.lock();
        state.untaken.insert(self.number, Instant::now());
    }

    /// It is not the client who is waited for.
    pub(super) fn pause(&self) {
        self.pulse.lock().untaken.remove(&self.number);
    }
}

impl Drop for Taking {
    fn drop(&mut self) {
        self.pause();
    }
}

impl Drop for Doing {
    fn drop(&mut self) {
        let mut state = self.pulse.lock();
        *(self.count)(&mut state) -= 1;
        state.quiet_since = Instant::now();
    }
}
