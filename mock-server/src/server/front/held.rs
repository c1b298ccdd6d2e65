//! Answers held back on purpose ([`Reply::delay`](crate::server::Reply::delay)), here and not in the core.
//!
//! Held back in the core, each would keep one of the turns all clients share, for as long as whoever asked
//! for the delay likes. Here it keeps only a place among its own kind.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::{HeaderMap, HeaderName};
use tokio::{
    sync::oneshot,
    time::{Instant, sleep_until},
};

use super::Rejection;
use crate::server::{Answer, Call, Reply};

/// By which the core tells the front how long to hold an answer back, in nanoseconds. No client sees it.
const HEADER: HeaderName = HeaderName::from_static("lingminban-held-back");
/// Longer than any server runs, and still a time that can be added to any other.
const FOR_EVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Answers at once, and leaves holding back to the front.
pub(in crate::server) struct Prompt(pub(in crate::server) Arc<dyn Answer>);

impl Answer for Prompt {
    fn answer(&self, call: &Call<'_>) -> Option<Reply> {
        self.0.answer(call).map(prompt)
    }

    fn panicked(&self, call: &Call<'_>) -> Reply {
        prompt(self.0.panicked(call))
    }

    fn turned_away(&self, call: &Call<'_>, why: Rejection) -> Reply {
        self.0.turned_away(call, why)
    }
}

fn prompt(mut reply: Reply) -> Reply {
    if !reply.delay.is_zero() {
        let nanos = reply.delay.min(FOR_EVER).as_nanos();
        reply.delay = Duration::ZERO;
        reply
            .headers
            .insert(HEADER, u64::try_from(nanos).unwrap_or(u64::MAX).into());
    }
    reply
}

/// Takes from an answer how long it is to be held back.
pub(super) fn delay(headers: &mut HeaderMap) -> Option<Duration> {
    let nanos = headers.remove(HEADER)?;
    let nanos = nanos.to_str().ok()?.parse().ok()?;
    Some(Duration::from_nanos(nanos).min(FOR_EVER))
}

/// All answers held back at a time, by when each is due.
pub(super) struct Held {
    most: usize,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    due: BTreeMap<Due, oneshot::Sender<()>>,
    /// How many there have been: tells apart those due at once.
    count: u64,
}

type Due = (Instant, u64);

/// An answer held back; it ends when this is dropped.
struct Holding<'a> {
    held: &'a Held,
    due: Due,
}

impl Held {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            waiting: Mutex::default(),
        }
    }

    /// Ends after `delay`, or when one more than may be is held back and this one is due last: who has
    /// answers held back for long pays for it, and not who is content with a second.
    pub(super) async fn hold(&self, delay: Duration) {
        let (hurry, hurried) = oneshot::channel();
        let holding = self.enter(Instant::now() + delay, hurry);
        tokio::select! {
            () = sleep_until(holding.due.0) => {}
            _ = hurried => {}
        }
    }

    fn enter(&self, at: Instant, hurry: oneshot::Sender<()>) -> Holding<'_> {
        let mut waiting = self.lock();
        waiting.count += 1;
        let due = (at, waiting.count);
        waiting.due.insert(due, hurry);
        if waiting.due.len() > self.most {
            // Dropping its end tells it.
            waiting.due.pop_last();
        }
        Holding { held: self, due }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Holding<'_> {
    fn drop(&mut self) {
        self.held.lock().due.remove(&self.due);
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, StatusCode};

    use super::*;

    #[test]
    fn a_delay_is_told_and_taken_once() {
        let answer = |delay| {
            let mut reply = Reply::new(StatusCode::OK, HeaderMap::new(), "");
            reply.delay = delay;
            prompt(reply)
        };
        let mut told = answer(Duration::from_micros(1_500));
        assert_eq!(told.delay, Duration::ZERO);
        let taken = delay(&mut told.headers);
        assert_eq!(taken, Some(Duration::from_micros(1_500)));
        assert!(told.headers.is_empty());
        assert!(answer(Duration::ZERO).headers.is_empty());
        let endless = delay(&mut answer(Duration::MAX).headers);
        assert_eq!(endless, Some(FOR_EVER));
        let mut wrong = HeaderMap::from_iter([(HEADER, HeaderValue::from_static("soon"))]);
        assert_eq!(delay(&mut wrong), None);
    }

    #[tokio::test(start_paused = true)]
    async fn of_too_many_the_one_due_last_goes_first() {
        let (held, begun) = (Held::new(2), Instant::now());
        let secs = Duration::from_secs;
        let hold = async |delay| {
            held.hold(secs(delay)).await;
            (delay, begun.elapsed().as_secs())
        };
        // The third and the fourth find no place, and the endless ones give way.
        let ended = tokio::join!(hold(600), hold(5), hold(600), hold(7));
        assert_eq!(ended, ((600, 0), (5, 5), (600, 0), (7, 7)));
        assert!(held.lock().due.is_empty());
        // One given up makes room.
        let given_up = tokio::time::timeout(secs(1), hold(600));
        assert!(given_up.await.is_err());
        assert!(held.lock().due.is_empty());
    }
}
