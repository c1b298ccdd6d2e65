//! A space's state as rows, and back.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rows::{Change, Damaged, Reader, Unwritable, Writer};
use crate::engine::{
    city::City,
    docket::Docket,
    draws::Draws,
    events::{Counts, Events},
    faults::Script,
    idempotency::Keys,
    inspections::Inspections,
    limits::Windows,
    lineage::Lineage,
    register::Register,
    space::{Pace, Serials, State},
    statistics::Statistics,
    world::{Chance, Clock, ClockFace, HostClock},
};

/// The row of everything that is one number or two.
const REST: &str = "rest";

/// Requests without an id are counted, and most of them only read: so that reading writes nothing,
/// the store is told of so many in advance. After a restart the count goes on behind them.
const REQUESTS_IN_ADVANCE: u64 = 4_096;

/// What the store has of a state.
#[derive(Debug, Default)]
pub enum Kept {
    /// Nothing: the next time all of it is written.
    #[default]
    Nothing,
    /// All but what changed since.
    All(Small),
    /// Less than what is here, which is worth nothing: the store failed, or somebody panicked.
    Less,
}

impl Kept {
    /// What changed since is not to be stored.
    pub fn doubt(&mut self) {
        if matches!(self, Self::All(_)) {
            *self = Self::Less;
        }
    }
}

/// The store does not know what was copied from what it knows.
impl Clone for Kept {
    fn clone(&self) -> Self {
        Self::Nothing
    }
}

/// What is written when it differs from what was written last.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Small {
    clock: Clock,
    chance: Chance,
    pace: Pace,
    tokens: u32,
    certificates: u64,
    draws: u64,
    events: Counts,
    /// Written before they are reached.
    requests: u64,
}

/// The small things as they are stored.
#[derive(Serialize, Deserialize)]
struct Rest {
    clock: ClockFace,
    /// The time of day outside when the clock showed that; none where the clock waits until the
    /// state is fetched.
    wall: Option<Timestamp>,
    chance: Chance,
    pace: Pace,
    tokens: u32,
    certificates: u64,
    draws: u64,
    events: Counts,
    /// No request has a number above this.
    requests: u64,
    /// Counted anew with every request, so stored only when something else is: whoever is killed
    /// forgets at most that a partner has read much in this window.
    windows: Windows,
}

/// Rows to be stored.
#[derive(Debug)]
pub struct Saved {
    /// Whether these are all rows there are.
    pub whole: bool,
    /// The rows; none when nothing changed.
    pub rows: Vec<Change>,
}

/// When a state is saved.
#[derive(Clone, Copy, Debug)]
pub struct Moments {
    elapsed: Duration,
    wall: Option<Timestamp>,
}

impl Moments {
    /// Now, of a state that lives on.
    #[must_use]
    pub fn now(host: &dyn HostClock) -> Self {
        // The time of day first: rather a moment too much is made up for after a restart than a
        // moment shown twice.
        let wall = Some(host.wall());
        let elapsed = host.elapsed();
        Self { elapsed, wall }
    }

    /// The host's time at which a state was put away.
    #[must_use]
    pub fn put_away(elapsed: Duration) -> Self {
        Self {
            elapsed,
            wall: None,
        }
    }
}

impl State {
    /// What the store does not have yet. It is taken to have it from then on: whoever cannot store
    /// it must [load](Self::load) what is there.
    ///
    /// # Errors
    /// When something cannot be written as JSON.
    pub fn save(&mut self, moments: Moments) -> Result<Saved, Unwritable> {
        let mut writer = match self.kept {
            Kept::All(_) => Writer::of_changes(),
            Kept::Nothing | Kept::Less => Writer::of_everything(),
        };
        let whole = writer.is_whole();
        self.docket.save(&mut writer);
        self.register.save(&mut writer);
        self.draws.save(&mut writer);
        self.events.save(&mut writer);
        self.inspections.save(&mut writer);
        self.statistics.save(&mut writer);
        self.script.save(&mut writer);
        self.keys.save(&mut writer);
        self.lineage.save(&mut writer);
        if whole || !writer.is_empty() || !self.is_known() {
            let small = self.small(self.serial.requests.saturating_add(REQUESTS_IN_ADVANCE));
            writer.single(REST, &self.rest(&small, moments));
            self.kept = Kept::All(small);
        }
        let rows = writer.finish()?;
        Ok(Saved { whole, rows })
    }

    fn is_known(&self) -> bool {
        let Kept::All(known) = self.kept else {
            return false;
        };
        let small = self.small(known.requests);
        known == small && self.serial.requests <= known.requests
    }

    fn small(&self, requests: u64) -> Small {
        Small {
            clock: self.clock,
            chance: self.chance,
            pace: self.pace,
            tokens: self.serial.tokens,
            certificates: self.serial.certificates,
            draws: self.draws.count(),
            events: self.events.counts(),
            requests,
        }
    }

    fn rest(&self, small: &Small, moments: Moments) -> Rest {
        Rest {
            clock: small.clock.face(moments.elapsed),
            wall: moments.wall,
            chance: small.chance,
            pace: small.pace,
            tokens: small.tokens,
            certificates: small.certificates,
            draws: small.draws,
            events: small.events,
            requests: small.requests,
            windows: self.windows.clone(),
        }
    }

    /// The state of its rows. A clock that ran has gone on meanwhile, so that nothing is shown
    /// twice; one that stood still, and one of a state put away, shows what it showed.
    ///
    /// # Errors
    /// When they make no sense.
    pub fn load(city: &City, mut reader: Reader, host: &dyn HostClock) -> Result<Self, Damaged> {
        let rest: Rest = reader.single(REST)?;
        let mut state = Self {
            docket: Docket::load(&mut reader)?,
            register: Register::load(Arc::clone(&city.base), &mut reader)?,
            draws: Draws::load(rest.draws, &mut reader)?,
            events: Events::load(rest.events, &mut reader)?,
            inspections: Inspections::load(&mut reader)?,
            statistics: Statistics::load(&mut reader)?,
            script: Script::load(&mut reader)?,
            keys: Keys::load(&mut reader)?,
            lineage: Lineage::load(&mut reader)?,
            clock: rest.clock(host),
            chance: rest.chance,
            pace: rest.pace,
            serial: Serials {
                tokens: rest.tokens,
                requests: rest.requests,
                certificates: rest.certificates,
            },
            windows: rest.windows,
            kept: Kept::Nothing,
        };
        reader.finish()?;
        state.kept = Kept::All(state.small(rest.requests));
        Ok(state)
    }

    /// Goes back to what was stored. What is counted without being stored each time goes on.
    pub fn go_back(&mut self, stored: Self) {
        let serial = Serials {
            requests: self.serial.requests,
            ..stored.serial
        };
        let windows = self.windows.clone();
        *self = Self {
            serial,
            windows,
            ..stored
        };
    }
}

impl Rest {
    fn clock(&self, host: &dyn HostClock) -> Clock {
        let elapsed = host.elapsed();
        // A time of day that was set back in the meantime gives no time that passed.
        let away = self
            .wall
            .and_then(|wall| host.wall().duration_since(wall).try_into().ok());
        self.clock.go_on(away.unwrap_or_default(), elapsed)
    }
}
