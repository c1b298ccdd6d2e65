//! The spaces of an engine.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU32, Ordering},
    },
};

use super::space::{Space, SpaceId};

/// Spaces alive at once. One takes a kilobyte; a run that never deletes its own is told in time.
const MOST_SPACES: usize = 100_000;

/// All spaces, the first among them, which is always there.
#[derive(Debug)]
pub struct Spaces {
    home: Arc<Space>,
    others: RwLock<BTreeMap<SpaceId, Arc<Space>>>,
    /// Numbers are never given twice: a client id that once worked must not open another's space.
    next: AtomicU32,
}

impl Spaces {
    /// The first space alone.
    #[must_use]
    pub fn new(home: Space) -> Self {
        let next = SpaceId(home.id.0 + 1);
        Self::restored(home, Vec::new(), next)
    }

    /// The spaces there were, and the number the next one gets.
    #[must_use]
    pub fn restored(home: Space, others: Vec<Space>, next: SpaceId) -> Self {
        let others = others.into_iter().map(|space| (space.id, Arc::new(space)));
        Self {
            home: Arc::new(home),
            others: RwLock::new(others.collect()),
            next: AtomicU32::new(next.0),
        }
    }

    /// The first space.
    #[must_use]
    pub fn home(&self) -> &Arc<Space> {
        &self.home
    }

    /// A space.
    #[must_use]
    pub fn get(&self, id: SpaceId) -> Option<Arc<Space>> {
        if id == self.home.id {
            return Some(Arc::clone(&self.home));
        }
        let others = self.others.read().unwrap_or_else(PoisonError::into_inner);
        others.get(&id).cloned()
    }

    /// Adds a space; `None` when there are as many as there may be.
    pub fn add(&self, make: impl FnOnce(SpaceId) -> Space) -> Option<Arc<Space>> {
        let mut others = self.others.write().unwrap_or_else(PoisonError::into_inner);
        if others.len() + 1 >= MOST_SPACES {
            return None;
        }
        let id = SpaceId(self.next.fetch_add(1, Ordering::Relaxed));
        let space = Arc::new(make(id));
        others.insert(id, Arc::clone(&space));
        Some(space)
    }

    /// Removes a space; `false` when there is none. The first stays.
    pub fn remove(&self, id: SpaceId) -> bool {
        let mut others = self.others.write().unwrap_or_else(PoisonError::into_inner);
        others.remove(&id).is_some()
    }

    /// The spaces from number `from` on, in the order of their numbers, at most `limit`.
    #[must_use]
    pub fn from(&self, from: SpaceId, limit: usize) -> Vec<Arc<Space>> {
        let others = self.others.read().unwrap_or_else(PoisonError::into_inner);
        let home = (from <= self.home.id).then_some(&self.home);
        home.into_iter()
            .chain(others.range(from..).map(|(_, space)| space))
            .take(limit)
            .cloned()
            .collect()
    }
}
