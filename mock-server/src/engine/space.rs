//! A space: one isolated authority with its own clock, chance, records and applications.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use lingminban::api::{ApplicationId, EventId, ProblemCode, control};
use serde::{Deserialize, Serialize};

use super::{
    city::City,
    docket::{Docket, Number},
    draws::Draws,
    events::{Events, feed::Position},
    faults::Script,
    idempotency::Keys,
    inspections::Inspections,
    journal::{self, Journal},
    limits::{RateLimit, Windows},
    lineage::Lineage,
    refusal::Refusal,
    register::Register,
    statistics::Statistics,
    store::Kept,
    tokens::Signer,
    world::{Chance, Clock},
};

/// Number of a space in its engine; the first is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpaceId(pub u32);

impl SpaceId {
    /// 空间编号, as the control interface has it.
    #[must_use]
    pub fn name(self) -> control::SpaceId {
        control::SpaceId::numbered(self.0)
    }

    /// The number in a name.
    #[must_use]
    pub fn read(name: &control::SpaceId) -> Option<Self> {
        name.number().map(Self)
    }
}

/// How fast the authority works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// A step every few hundredths of a second: for tests.
    #[default]
    Quick,
    /// As the law lets it: steps on working days, the decision on the last day it may take.
    Statutory,
    /// The authority moves only on command; the law's own deadlines still run.
    Manual,
    /// A step each time an application has been read so many times, which is one at least.
    AfterPolls(u32),
}

/// What a space is started with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Seed of chance, identifiers and secrets.
    pub seed: u64,
    /// What the clock shows first.
    pub start: Timestamp,
    /// Whether it stands still from the start.
    pub frozen: bool,
    /// How fast the authority works.
    pub pace: Pace,
    /// Requests allowed to each credential; unlimited by default.
    pub rate_limit: Option<RateLimit>,
    /// 日志容量 in bytes; 0 keeps no journal.
    pub journal_bytes: u32,
}

/// 2026-03-02, a Monday, 09:00 in Beijing.
pub const DEFAULT_START: Timestamp = Timestamp::constant(1_772_413_200, 0);
/// The seed whose credentials partners may check in.
pub const DEFAULT_SEED: u64 = 1;

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: DEFAULT_SEED,
            start: DEFAULT_START,
            frozen: false,
            pace: Pace::Quick,
            rate_limit: None,
            journal_bytes: journal::DEFAULT_BYTES,
        }
    }
}

/// A space. Its state stands behind one lock, held for microseconds, with no IO under it unless the
/// space is [kept](super::store).
#[derive(Debug)]
pub struct Space {
    /// Its number.
    pub id: SpaceId,
    /// What it was started with.
    pub settings: Settings,
    /// Signs its tokens.
    pub signer: Signer,
    state: Mutex<State>,
    snapshots: Mutex<Snapshots>,
    journal: Mutex<Journal>,
}

/// 快照 of a space.
#[derive(Debug, Default)]
pub(super) struct Snapshots {
    /// How many were taken, those that were thrown away among them.
    pub(super) taken: u32,
    /// By their numbers.
    pub(super) kept: BTreeMap<u32, Snapshot>,
}

/// A state put away.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) state: State,
    /// The space's time.
    pub(super) at: Timestamp,
    /// Host time, on which the state's clock goes.
    pub(super) host: Duration,
}

/// Snapshots of one space; each is a whole state.
const MOST_SNAPSHOTS: usize = 100;

/// Everything a space remembers.
#[derive(Clone, Debug)]
pub struct State {
    /// 时钟.
    pub clock: Clock,
    /// Chance.
    pub chance: Chance,
    /// How fast the authority works.
    pub pace: Pace,
    /// 机动车登记档案.
    pub register: Register,
    /// 业务.
    pub docket: Docket,
    /// 选号.
    pub draws: Draws,
    /// 检验.
    pub inspections: Inspections,
    /// 事件.
    pub events: Events,
    /// 业务统计.
    pub statistics: Statistics,
    /// 幂等.
    pub keys: Keys,
    /// Requests counted against the limit.
    pub windows: Windows,
    /// 故障脚本.
    pub script: Script,
    /// Numbers given so far: tokens, requests without an id, certificates.
    pub serial: Serials,
    /// 世系: which tokens, and which places in the feed, were given in this state's own past.
    pub lineage: Lineage,
    /// What the store has of it, if there is one.
    pub(super) kept: Kept,
}

/// Running numbers: identifiers come from these and the seed, never from time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Serials {
    /// Tokens issued.
    pub tokens: u32,
    /// Requests that brought no id.
    pub requests: u64,
    /// Registration certificates issued.
    pub certificates: u64,
}

impl State {
    /// The state of a fresh space.
    #[must_use]
    pub fn new(settings: &Settings, city: &City, host: Duration) -> Self {
        let mut clock = Clock::running(settings.start, host);
        if settings.frozen {
            clock.freeze(host);
        }
        Self {
            clock,
            chance: Chance::new(settings.seed),
            pace: settings.pace,
            register: Register::new(Arc::clone(&city.base)),
            docket: Docket::default(),
            draws: Draws::default(),
            inspections: Inspections::default(),
            events: Events::default(),
            statistics: Statistics::default(),
            keys: Keys::default(),
            windows: Windows::new(settings.rate_limit),
            script: Script::default(),
            serial: Serials::default(),
            lineage: Lineage::default(),
            kept: Kept::default(),
        }
    }
}

impl Space {
    /// A fresh space.
    #[must_use]
    pub fn new(id: SpaceId, settings: &Settings, city: &City, host: Duration) -> Self {
        Self::with(id, settings, State::new(settings, city, host))
    }

    /// A space that goes on from a state.
    #[must_use]
    pub fn with(id: SpaceId, settings: &Settings, state: State) -> Self {
        Self::restored(id, settings, state, Snapshots::default())
    }

    /// A space with the snapshots it had.
    pub(super) fn restored(
        id: SpaceId,
        settings: &Settings,
        state: State,
        snapshots: Snapshots,
    ) -> Self {
        Self {
            id,
            settings: *settings,
            signer: Signer::new(settings.seed),
            state: Mutex::new(state),
            snapshots: Mutex::new(snapshots),
            journal: Mutex::new(Journal::new(settings.journal_bytes)),
        }
    }

    /// Puts a state away once `keep` has, and gives its number.
    ///
    /// # Errors
    /// When `keep` fails, or there are as many as there may be.
    pub(super) fn put_away(
        &self,
        mut snapshot: Snapshot,
        keep: impl FnOnce(u32, &mut Snapshot) -> Result<(), Refusal>,
    ) -> Result<u32, Refusal> {
        let mut snapshots = self.snapshots();
        if snapshots.kept.len() >= MOST_SNAPSHOTS {
            return Err(Refusal::new(ProblemCode::LimitReached));
        }
        let number = snapshots.taken + 1;
        keep(number, &mut snapshot)?;
        snapshots.taken = number;
        snapshots.kept.insert(number, snapshot);
        Ok(number)
    }

    /// The state that was put away under a number, its clock going on from `host`.
    #[must_use]
    pub fn snapshot(&self, number: u32, host: Duration) -> Option<State> {
        let snapshots = self.snapshots();
        let snapshot = snapshots.kept.get(&number)?;
        let mut state = snapshot.state.clone();
        state.clock = state.clock.put_back(snapshot.host, host);
        Some(state)
    }

    /// Throws a snapshot away once `forget` has; `false` when there is none.
    ///
    /// # Errors
    /// When `forget` fails.
    pub(super) fn throw_away(
        &self,
        number: u32,
        forget: impl FnOnce() -> Result<(), Refusal>,
    ) -> Result<bool, Refusal> {
        let mut snapshots = self.snapshots();
        if !snapshots.kept.contains_key(&number) {
            return Ok(false);
        }
        forget()?;
        snapshots.kept.remove(&number);
        Ok(true)
    }

    /// Numbers and times of the snapshots kept, the oldest first.
    #[must_use]
    pub fn snapshots_kept(&self) -> Vec<(u32, Timestamp)> {
        let snapshots = self.snapshots();
        let kept = snapshots.kept.iter();
        kept.map(|(number, snapshot)| (*number, snapshot.at))
            .collect()
    }

    /// 请求日志. Who holds it may lock the state; who holds the state must not lock it.
    pub fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn snapshots(&self) -> MutexGuard<'_, Snapshots> {
        self.snapshots
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, as whoever held it last left it: a request that panicked changed nothing it had
    /// not finished, for effects come last. Where the space is kept, it goes back to what was stored
    /// all the same: no half of anything is ever written.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| {
            self.state.clear_poison();
            let mut state = poisoned.into_inner();
            state.kept.doubt();
            state
        })
    }

    /// What its clock shows.
    #[must_use]
    pub fn now(&self, host: Duration) -> Timestamp {
        self.lock().clock.now(host)
    }

    /// 业务流水号: four digits of the seed, nine of the sequence.
    #[must_use]
    pub fn application_id(&self, number: Number) -> ApplicationId {
        ApplicationId::of_digits(self.tag() * 1_000_000_000 + u64::from(number) + 1)
    }

    /// 事件编号: the same digits, of the number of the event at a place in the feed.
    #[must_use]
    pub fn event_id(&self, lineage: &Lineage, position: Position) -> EventId {
        let number = lineage.event_number(position.saturating_add(1));
        EventId::of_number(self.tag() * 1_000_000_000 + u64::from(number))
    }

    /// The number behind a 业务流水号 of this space.
    #[must_use]
    pub fn number_of(&self, id: &ApplicationId) -> Option<Number> {
        let (tag, number) = id.as_str().split_at_checked(4)?;
        let digits = number.len() == 9 && id.as_str().bytes().all(|byte| byte.is_ascii_digit());
        if !digits || tag.parse() != Ok(self.tag()) {
            return None;
        }
        number.parse::<Number>().ok()?.checked_sub(1)
    }

    /// Four digits that tell spaces of different seeds apart.
    fn tag(&self) -> u64 {
        1_000 + Chance::new(self.settings.seed).below(9_000)
    }
}
