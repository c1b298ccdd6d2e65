use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    num::NonZeroUsize,
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use crate::api::EventId;

/// Why a store could not be asked; the store's own words.
pub type StoreError = Box<dyn std::error::Error + Send + Sync>;

/// 防重放: remembers which messages have come. Shared by all machines that receive for one
/// subscription, or a message counts once on each.
///
/// With a database, `claim` is an insert under a unique key. A store that must be awaited is asked
/// after [`Verifier::verify`](super::Verifier::verify) with the delivery's `message_id`.
pub trait ReplayStore {
    /// Remembers the message until `until`; `true` when it was not known. Of two who claim one
    /// message at the same time, one is told `true`.
    ///
    /// # Errors
    /// When the store cannot be asked; the message is then refused with
    /// [`VerifyError::Store`](super::VerifyError::Store), and sent again.
    fn claim(&self, id: &EventId, now: SystemTime, until: SystemTime) -> Result<bool, StoreError>;

    /// Forgets a message whose handling failed, so that its next attempt is not taken for a replay.
    ///
    /// # Errors
    /// When the store cannot be asked.
    fn release(&self, id: &EventId) -> Result<(), StoreError>;
}

impl<S: ReplayStore + ?Sized> ReplayStore for &S {
    fn claim(&self, id: &EventId, now: SystemTime, until: SystemTime) -> Result<bool, StoreError> {
        (**self).claim(id, now, until)
    }

    fn release(&self, id: &EventId) -> Result<(), StoreError> {
        (**self).release(id)
    }
}

/// A store in the memory of one process: bounded, and empty after a restart.
///
/// When it is full, the message that would be forgotten first makes room.
pub struct MemoryReplayStore {
    capacity: NonZeroUsize,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    until: HashMap<EventId, SystemTime>,
    by_time: BTreeSet<(SystemTime, EventId)>,
}

impl MemoryReplayStore {
    /// A store of so many messages, about 200 bytes each. It must hold what comes within twice the
    /// tolerance, or a replay goes unnoticed.
    #[must_use]
    pub fn new(capacity: NonZeroUsize) -> Self {
        Self {
            capacity,
            known: Mutex::default(),
        }
    }

    /// Every change is whole when it is made, so a panic elsewhere spoils nothing.
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ReplayStore for MemoryReplayStore {
    fn claim(&self, id: &EventId, now: SystemTime, until: SystemTime) -> Result<bool, StoreError> {
        let mut known = self.lock();
        known.forget_before(now);
        if known.until.contains_key(id) {
            return Ok(false);
        }
        if known.until.len() >= self.capacity.get() {
            known.forget_first();
        }
        known.until.insert(id.clone(), until);
        known.by_time.insert((until, id.clone()));
        Ok(true)
    }

    fn release(&self, id: &EventId) -> Result<(), StoreError> {
        let mut known = self.lock();
        if let Some(until) = known.until.remove(id) {
            known.by_time.remove(&(until, id.clone()));
        }
        Ok(())
    }
}

impl Known {
    fn forget_before(&mut self, now: SystemTime) {
        while self.by_time.first().is_some_and(|(until, _)| *until < now) {
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        if let Some((_, id)) = self.by_time.pop_first() {
            self.until.remove(&id);
        }
    }
}

impl fmt::Debug for MemoryReplayStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryReplayStore")
            .field("capacity", &self.capacity)
            .field("known", &self.lock().until.len())
            .finish()
    }
}
